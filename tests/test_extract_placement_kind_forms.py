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
    "a second sentence": f"<p>This guest post is contributed by <b>Ann Lee</b>, a gardener. Ann has been gardening in many places for ten years and has written a good many things about it; she runs {LINK}.</p>",
    "a list of guests": f"<p>Guest post by <a href=https://lee.example/>Ann Lee</a>, <a href=https://ray.example/>Bob Ray</a>, and {LINK}</p>",
    "a person": f"<p>Ann Lee is a guest author and works for {LINK}.</p>",
    "a label in the paragraph": f"<hr><p><strong>About the Author:</strong> Ann Lee works for {LINK} and likes to write.</p>",
    "a label above the paragraph": f"<p><strong>About the Author</strong></p><p>Ann Lee works for {LINK} and likes to write.</p>",
    "a contribution": f"<p><em>This article was contributed by Ann Lee, who works for {LINK}.</em></p>",
}
STAFF = {
    "a byline": "<div class=author-box>By <a href=https://target.example/authors/ann/>Ann Lee</a></div>",
    "a page of the author": "<div class=m-a-box><p>Ann Lee writes about gardens and tools, see <a href=https://target.example/authors/ann/>her other texts</a> as well.</p></div>",
    "other texts in Molongui's box": f"<div class='m-a-box-tab m-a-box-content m-a-box-related'><p>Ann Lee wrote about gardens, and about {LINK} as well.</p></div>",
    "another site's guest": f"<p>A site's guest post by Ann Lee of {LINK} said so.</p>",
    "another text": f"<p>There is also an overview, which is a guest post by Ann Lee of {LINK}.</p>",
    "an earlier text": f"<p>A while ago we published a guest post by {LINK} about it.</p>",
    "a call for guests": f"<p>Do you write? Become a guest author, as {LINK} did.</p>",
    "a book's author": f"<p>The book has words about the author: {LINK} tells who she is, and much besides.</p>",
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
    "a label above the title": (f"<p>FOR IMMEDIATE RELEASE<br>May 2, 2024</p><h2>Example Corp. is glad</h2>{PROSE}<p>{FIRM}</p>", "text:FOR IMMEDIATE RELEASE"),
    "a label below the title": (f"<p><b>Press release - May 2, 2024</b></p>{PROSE}<h2>More</h2>{PROSE}<p>{FIRM}</p>", "text:Press release"),
    "a German label": (f"<p>Pressemitteilung vom 2. Mai 2024</p>{PROSE}<p>{FIRM}</p>", "text:Pressemitteilung"),
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
    "a label late in the text": f"<article><h1>News</h1>{PROSE}<p>For immediate release</p><p>See {LINK}.</p></article>",
    "a label of another post": f"<main><p>Press release</p><h2>One</h2><p>{WIRE.partition('/')[0]}</p><h2>Two</h2>{PROSE}<p>See {LINK}.</p></main>",
    "an entry of a menu": f"<main><nav>Press release</nav><div>{PROSE}<p>See {LINK}.</p></div></main>",
    "somebody let go": f"<article><h1>News</h1><p>He was cleared for immediate release</p>{PROSE}<p>See {LINK}.</p></article>",
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


# fmt: off
COMMENTS = {
    "a list": f"<div class=comments-wrapper><ol><li><b>Ann</b> Look at {LINK}</li></ol></div>",
    "boxes": f"<div class=comments-container><div class=row><b>Ann</b> Look at {LINK}</div><div class=row>And so on.</div></div>",
    "one comment": f"<div class=comments><div class=comment-text><b>Ann</b> Look at {LINK}</div></div>",
    "wrappers for each": f"<div class=comments-wrapper><p>One</p></div><div class=comments-wrapper><p>Look at {LINK}</p></div>",
}
AROUND_COMMENTS = {
    "the rules of a comment system": f"<section id=story-comments><div class=comments-wrapper><div>By writing here you agree to what {LINK} says.</div></div></section>",
    "the rules above the comments": f"<div class=comments-area><p>By writing here you agree to what {LINK} says.</p><ol><li><b>Ann</b> Yes.</li></ol></div>",
    "the form": f"<div class=comment-form><p>Our words about it are on {LINK}</p></div>",
    "a menu whose name has a word for replies": f"<div id=respondMenuBeijing><ul><li>{LINK}</li></ul></div>",
    "the author's post": f"<div class=post-container><p>I write on {LINK} too.</p></div>",
}
SOURCES = "".join(f"<div class=card><h4><a href=/{n}>A title of many words, number {n}</a></h4><div class=sponsor><a href=https://s{n}.example/>Paper {n}</a></div></div>" for n in range(6))
PAID = {
    "a sponsor": f"<div class=sponsor>{LINK}</div>",
    "an account as an advertisement": "<div class=ads-top><a href=https://www.facebook.com/target><img></a></div>",
    "an advertisement of a network without a name": LINK.replace("target.example/", "ad.doubleclick.net/jump/site;sz=300x250").replace("it", "<img>"),
    "a list below a label": "<div><h4>Sponsored resources</h4><ul><li><a href=https://s1.example/>One</a><li><a href=https://s2.example/>Two</a></ul></div>",
    "a label in the link": LINK.replace("it", "Sponsored: build a house"),
    "an advertisement with its size": f"<div class=ad160x60>{LINK.replace('it', '<img>')}</div>",
    "an advertisement in the foot": f"<footer><p>Imprint and more</p><div class=adBox>{LINK.replace('/target.example/', '/target.example/?utm_source=x').replace('it', '<img>')}</div></footer>",
}
UNPAID = {
    "where a teaser comes from": f"{SOURCES}<div class=card><h4><a href=/7>A title of many words</a></h4><div class=sponsor>{LINK}</div></div>",
    "who places the advertisements": f"<div class=sponsored-links>{LINK.replace('it', 'Powered by Target')}</div>",
    "where to buy them": f"<div class=ad-slot>{LINK.replace('it', 'Advertising')}</div>",
    "a seal in the foot": f"<footer><p>Imprint and more</p><div class=adBox>{LINK.replace('it', '<img>')}</div></footer>",
    "who places them, in other words": f"<div class=trc-content-sponsored>{LINK.replace('it', 'by Target')}</div>",
    "what is said of them": f"<div class=ad-slot>{LINK.replace('target.example/', 'target.example/adfeedback/').replace('it', '<img>')}</div>",
    "the number of a button": f"<p><span class=hs-cta-38d2-ad8f-319c>{LINK.replace('it', '<img>')}</span></p>",
    "the firm's other site": f"<div class=ad-slot>{LINK.replace('target.example/', 'tower-page.example/').replace('it', '<img>')}</div>",
    "one of a project's sponsors": "<ul>" + "".join(f"<li class=sponsor-bronze><a href=https://s{n}.example/><img></a></li>" for n in range(4)) + "</ul>",
    "a list within the text below a label": f"<p>Sponsors</p><ul><li><a href=/1>One</a><li><a href=/2>Two</a><li><a href=/3>Three</a><li>{LINK}</ul>",
    "the site's own accounts": "<div class=advertisement><a href=https://www.facebook.com/target><img></a> <a href=https://twitter.com/target><img></a></div>",
}
TEASERS = "".join(f"<li><a href=/{n}>What one paper wrote</a> <a href=/{n}#c>4</a> <a href=https://s{n}.example/>Paper {n}</a></li>" for n in range(12))
ENTRIES = "".join(f"<li><a href=https://s{n}.example/>Paper {n}</a> <a href=/{n}>more</a> <a href=/{n}#c>4</a></li>" for n in range(12))
SITES = "".join(f"<li><a href=https://s{n}.example/>Paper {n}</a></li>" for n in range(12))
# fmt: on


@pytest.mark.parametrize("name", COMMENTS)
def test_links_in_comments(name: str) -> None:
    assert around(f"<main>{PROSE}</main>{COMMENTS[name]}").kinds == ("comment",)


@pytest.mark.parametrize("name", AROUND_COMMENTS)
def test_links_around_comments(name: str) -> None:
    assert "comment" not in around(f"<main>{PROSE}</main>{AROUND_COMMENTS[name]}").kinds


def first_kinds(body: str) -> tuple[str, ...]:
    """Of the first link to another site."""
    content = PageContent(body.encode(), "https://tower.example/", "utf-8")
    number, first = next((n, one) for n, one in enumerate(content.references, 1) if "//" in one.raw_href)
    return content.layout.context_of(first.element, number).kinds


def beside(box: str) -> str:
    """A page with a box beside its text, or with its footer."""
    return f"<main>{PROSE * 3}</main>{box if box.startswith('<footer>') else f'<aside>{box}</aside>'}"


@pytest.mark.parametrize("name", PAID)
def test_paid_links(name: str) -> None:
    assert first_kinds(beside(PAID[name])) == ("sponsored_label",)


@pytest.mark.parametrize("name", UNPAID)
def test_links_in_boxes_for_advertisements_that_nobody_paid_for(name: str) -> None:
    assert "sponsored_label" not in first_kinds(beside(UNPAID[name]))


def test_teasers_that_name_their_sources_are_no_directory() -> None:
    assert "directory" not in around(f"<main>{PROSE}</main><ul>{TEASERS}<li>{LINK}</ul>").kinds
    assert "directory" in around(f"<main>{PROSE}</main><ul>{ENTRIES}<li>{LINK}</ul>").kinds


def test_the_bar_of_a_publisher_s_sites_is_no_directory() -> None:
    bar = f"<div><ul>{SITES}<li>{LINK}</ul></div>"
    assert around(f"{bar}<div><h1>News</h1>{PROSE * 6}</div>").kinds == ()
    assert around(f"<main><h1>News</h1>{PROSE * 6}{bar}</main>").kinds == ("directory",)
    assert around(f"{bar}<p>Few words.</p>").kinds == ("directory",)


def test_a_link_in_a_list_is_no_item_of_the_lists_beside_it() -> None:
    sites = [[f"<li><a href=https://s{column}{n}.example/>Firm {n}</a>" for n in range(6)] for column in range(2)]
    columns = "".join(f"<ul>{''.join(column)}</ul>" for column in sites)
    last = "<ul><li><a href=https://t.example/1>A page</a><li><a href=https://t.example/2>Another</a></ul>"
    body = f"<main>{PROSE}<div>{columns}{last}</div>{PROSE}</main>"
    content = PageContent(body.encode(), "https://page.example/", "utf-8")
    found = [content.layout.context_of(one.element, n).kinds for n, one in enumerate(content.references, 1)]
    assert found == [("directory",)] * 12 + [()] * 2


def test_a_list_of_advertisements_is_no_directory() -> None:
    paid = "".join(f"<li><a href='https://s{n}.example/?utm_source=x'>A title {n}</a>" for n in range(12))
    assert "directory" not in around(f"<main>{PROSE}</main><ul>{paid}<li>{LINK}</ul>").kinds


def test_sentences_with_links_and_a_text_s_sources_are_no_directory() -> None:
    told = "".join(f"<li>Somebody told us on <a href=https://s{n}.example/>Site {n}</a> of it" for n in range(12))
    named = "".join(
        f"<li>{n}. <a href=https://s{n}.example/>Site {n}</a>, of which we hear good things" for n in range(12)
    )
    assert around(f"<main>{PROSE}<ul>{told}<li>Somebody told {LINK}</ul>{PROSE}</main>").kinds == ()
    assert around(f"<main>{PROSE}<ul>{named}<li>{LINK}</ul>{PROSE}</main>").kinds == ("directory",)
    assert around(f"<main>{PROSE}<h2>References</h2><ul>{named}<li>{LINK}</ul>{PROSE}</main>").kinds == ()
