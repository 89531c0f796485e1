"""Guest posts and press releases as blog systems and news wires publish them; there are none among the pages at hand."""

from __future__ import annotations

import pytest

from backlinkbot.extract.page import PageContent
from tests.test_extract_placement import LINK, PROSE, around

BIO = f"Ann Lee writes about gardens and tools. She runs {LINK} in her spare time."
# fmt: off
AUTHOR_BOXES = {
    "the block of WordPress": f"<div class=wp-block-post-author><div class=wp-block-post-author__content><p class=wp-block-post-author__name>Ann Lee</p><p class=wp-block-post-author__bio>{BIO}</p></div></div>",
    "the biography block": f"<div class=wp-block-post-author-biography>{BIO}</div>",
    "WordPress's themes": f"<div class=author-info><h2 class=author-title>Ann Lee</h2><p class=author-bio>{BIO}</p></div>",
    "Genesis": f"<section class=author-box><h4 class=author-box-title>Ann Lee</h4><div class=author-box-content><p>{BIO}</p></div></section>",
    "Simple Author Box": f"<div class=saboxplugin-wrap><div class=saboxplugin-authorname>Ann Lee</div><div class=saboxplugin-desc><div><p>{BIO}</p></div></div></div>",
    "Molongui": f"<div class=m-a-box><div class=m-a-box-content-middle><div class=m-a-box-bio><p>{BIO}</p></div></div></div>",
    "PublishPress": f"<div class=pp-multiple-authors-boxes-wrapper><ul><li><div class=pp-author-boxes-avatar-details><p class=pp-author-boxes-description>{BIO}</p></div></li></ul></div>",
    "Starbox": f"<div class=abh_box><section class=abh_about_tab><div class=abh_text><p>{BIO}</p></div></section></div>",
    "Fancier Author Box": f"<div class=ts-fab-wrapper><div class=ts-fab-text><p>{BIO}</p></div></div>",
    "Elementor": f"<div class=elementor-author-box><div class=elementor-author-box__bio><p>{BIO}</p></div></div>",
    "a heading": f"<h3>About the author</h3><p>{BIO}</p>",
    "an editor's note": f"<p><em>This is a guest post by Ann Lee of {LINK}.</em></p>",
    "a contribution": f"<p><em>This article was contributed by Ann Lee, who works for {LINK}.</em></p>",
}
STAFF = {
    "a byline": "<div class=author-box>By <a href=https://target.example/authors/ann/>Ann Lee</a></div>",
    "a page of the author": "<div class=m-a-box><p>Ann Lee writes about gardens and tools, see <a href=https://target.example/authors/ann/>her other texts</a> as well.</p></div>",
    "other texts in Molongui's box": f"<div class='m-a-box-tab m-a-box-content m-a-box-related'><p>Ann Lee wrote about gardens, and about {LINK} as well.</p></div>",
    "a text about guests": f"<p>Some blogs live on guest posts, as {LINK} does.</p>",
}
FIRM = f"Example Corp., of {LINK}, said so on Monday, and that it is glad of it."
RELEASES = {
    "PR Newswire": (f"<section class='release-body container'><p><span class=xn-location>NEW YORK</span>, <span class=xn-chron>May 2, 2024</span> /PRNewswire/ -- {FIRM}</p>{PROSE}</section>", "text:/PRNewswire/"),
    "PR Newswire Asia": (f"<p>HONG KONG, May 2, 2024 /PRNewswire-AsiaNet/ -- {FIRM}</p>{PROSE}", "text:/PRNewswire-AsiaNet/"),
    "Cision Canada": (f"<p>TORONTO, May 2, 2024 /CNW/ - {FIRM}</p>{PROSE}", "text:/CNW/"),
    "Business Wire": (f"<div class=bw-release-story><p>NEW YORK--(<a href=/>BUSINESS WIRE</a>)--{FIRM}</p>{PROSE}</div>", "text:(BUSINESS WIRE)"),
    "GlobeNewswire": (f"<div class=main-body-container><p>NEW YORK, May 02, 2024 (GLOBE NEWSWIRE) -- {FIRM}</p>{PROSE}</div>", "text:(GLOBE NEWSWIRE)"),
    "EIN Presswire": (f"<p>NEW YORK, NY, UNITED STATES, May 2, 2024 /EINPresswire.com/ -- {FIRM}</p>{PROSE}", "text:/EINPresswire.com/"),
    "Globe Newswire, by a reseller": (f"<p>NEW YORK, May 02, 2024 (GLOBE NEWSWIRE via COMTEX) -- {FIRM}</p>{PROSE}", "text:(GLOBE NEWSWIRE via COMTEX)"),
    "Business Wire in small letters": (f"<p>SAN JOSE, Calif.--(Business Wire)--{FIRM}</p>{PROSE}", "text:(Business Wire)"),
    "a Spanish date": (f"<p>MADRID, 2 de mayo de 2024 /PRNewswire/ -- {FIRM}</p>{PROSE}", "text:/PRNewswire/"),
    "ots": (f"<p>Berlin (ots) - {FIRM}</p>{PROSE}", ""),
}
# fmt: on


@pytest.mark.parametrize("name", AUTHOR_BOXES)
def test_boxes_about_guests(name: str) -> None:
    assert "guest_post" in around(f"<article><h1>Of gardens</h1>{PROSE}{AUTHOR_BOXES[name]}</article>").kinds


@pytest.mark.parametrize("name", STAFF)
def test_no_guests(name: str) -> None:
    assert "guest_post" not in around(f"<article><h1>Of gardens</h1>{PROSE}{STAFF[name]}</article>").kinds


@pytest.mark.parametrize("name", RELEASES)
def test_releases_on_sites_that_copy_them(name: str) -> None:
    body, by = RELEASES[name]
    found = around(f"<article><h1>Example Corp. is glad</h1>{body}</article>")
    assert (found.kinds, found.kinds_by) == ((("press_release",), (by,)) if by else ((), ()))


def test_what_stands_before_the_dateline_or_names_a_wire_is_no_release() -> None:
    wire = "<p>NEW YORK, May 2, 2024 /PRNewswire/ -- Another firm is glad.</p>"
    assert "press_release" not in around(f"<article><h1>News</h1>{PROSE}<p>See {LINK}.</p>{wire}</article>").kinds
    named = f"<p>Firms pay a wire (BUSINESS WIRE) for that, as {LINK} shows.</p>"
    assert "press_release" not in around(f"<article><h1>News</h1>{named}{PROSE}</article>").kinds


WIRE = (
    "NEW YORK, May 2, 2024 /PRNewswire/ -- Another firm is glad, and says so in many words, of which this is the last."
)
# fmt: off
NO_RELEASES = {
    "the next post": f"<article><h2>One</h2><p>{WIRE}</p></article><article><h2>Two</h2>{PROSE}<p>See {LINK}.</p></article>",
    "the next post in a box": f"<div class=post><h2>One</h2><p>{WIRE}</p></div><div class=post><h2>Two</h2>{PROSE}<p>See {LINK}.</p></div>",
    "the next post below a heading": f"<main><h2>One</h2><p>{WIRE}</p><h2>Two</h2>{PROSE}<p>See {LINK}.</p></main>",
    "the next item": f"<main>{PROSE}<ul><li>{WIRE}<li>A firm of ours, see {LINK}</ul></main>",
    "a quotation": f"<article><h1>News</h1><blockquote><p>{WIRE}</p></blockquote>{PROSE}<p>See {LINK}.</p></article>",
    "a release late in the text": f"<article><h1>News</h1>{PROSE}<p>{WIRE}</p><p>See {LINK}.</p></article>",
    "a text about releases": f"<article><h1>How to write a release</h1><p>A line such as NEW YORK, May 2, 2024 /PRNewswire/ -- begins it, as {LINK} shows.</p>{PROSE}</article>",
    "a railway": f"<article><h1>Trains</h1><p>Pictures /CNW/ in the railway's archive, as {LINK} shows.</p>{PROSE}</article>",
    "an address": f"<article><h1>Trains</h1><p>www.example.com/CNW/ - see {LINK}.</p>{PROSE}</article>",
}
# fmt: on


@pytest.mark.parametrize("name", NO_RELEASES)
def test_links_that_no_release_holds(name: str) -> None:
    assert "press_release" not in around(NO_RELEASES[name]).kinds


@pytest.mark.parametrize(("names", "heading"), [("sponsor-links", "Sponsored links"), ("sponsors", "Advertisements")])
def test_many_paid_links_are_a_directory_of_them(names: str, heading: str) -> None:
    others = "".join(f"<li><a href=https://s{n}.example/>Firm {n}</a>" for n in range(12))
    box = f"<div class={names}><h4>{heading}</h4><ul>{others}<li>{LINK}</ul></div>"
    assert around(f"<main>{PROSE}</main>{box}").kinds == ("directory", "sponsored_label")


def test_a_list_of_an_event_s_sponsors_is_a_directory() -> None:
    others = "".join(f"<li><a href=https://s{n}.example/>Firm {n}</a>" for n in range(12))
    names = f"<div class=sponsor-list><ul>{others}<li>{LINK}</ul></div>"
    assert around(f"<main>{PROSE}</main>{names}").kinds == ("directory",)
    assert around(f"<main>{PROSE}</main><div class=sponsor-list>{LINK}</div>").kinds == ("sponsored_label",)


def test_a_share_button_among_comments_is_no_reader_s() -> None:
    buttons = "<div class=comment><ul><li><a href='https://www.stumbleupon.com/submit?url=https://page.example/'>StumbleUpon</a></ul></div>"
    content = PageContent(f"<main>{PROSE}</main>{buttons}".encode(), "https://page.example/", "utf-8")
    assert content.layout.context_of(content.references[0].element, 1).kinds == ()
