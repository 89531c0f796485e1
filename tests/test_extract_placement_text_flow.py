"""Boxes before, between and behind the paragraphs of an article, on pages of every make."""

from __future__ import annotations

import pytest

from backlinkbot.extract.page import PageContent
from backlinkbot.extract.placement import LinkContext, page_leads
from backlinkbot.extract.placement.page_leads import is_account_url
from backlinkbot.urls import URL
from tests import cost
from tests.test_extract_placement import around

LINK = '<a href="https://target.example/page">Some words of a link</a>'
PARAGRAPHS = [
    f"<p>Paragraph {number} of an article that somebody wrote with care, of which each has its own words: {number * 7919}.</p>"
    for number in range(12)
]
TEXT = "".join(PARAGRAPHS)
TITLES = "".join(
    f"<div><a href=https://s{n}.example/>The title of another article, number {n}</a></div>" for n in range(4)
)
DIVS = [f"<div>{paragraph[3:-4]}</div>" for paragraph in PARAGRAPHS]
LONG = " ".join(paragraph[3:-4] for paragraph in PARAGRAPHS[:3])


def reply(text: str) -> str:
    return f"<li class=post><div class=entry><div class=txt>{text}</div></div>"


def article(*parts: str, href: str = "https://target.example/page", page: str = "https://page.example/") -> LinkContext:
    """The context of the only link to an address in an article."""
    content = PageContent(f"<div class=story-body>{''.join(parts)}</div>".encode(), page, "utf-8")
    [(number, element)] = [(n, one.element) for n, one in enumerate(content.references, 1) if one.raw_href == href]
    return content.layout.context_of(element, number)


# fmt: off
BESIDE = {
    "titles after the text": (TEXT, f"<div class=x1>{TITLES}<div>{LINK}</div></div>"),
    "titles after the text, in a box of their own": (f"<div>{TEXT}</div>", f"<div>{TITLES}<div>{LINK}</div></div>"),
    "a section between the paragraphs": (*PARAGRAPHS[:6], f"<section><h3>More</h3>{LINK}</section>", *PARAGRAPHS[6:]),
    "a newsletter between the paragraphs": (*PARAGRAPHS[:6], f"<div><b>Our letter</b> {LINK}</div>", *PARAGRAPHS[6:]),
    "a section with words beside its list": (TEXT, f"<section><h2>More</h2><ul><li><a href=/1>One</a></ul>{LINK}</section>", TEXT),
    "titles between the paragraphs": (TEXT, f"<div><h3>Popular</h3><ul><li>{LINK}<li><a href=/1>The title of another article</a></ul></div>", TEXT),
    "titles after paragraphs that are no p": (*DIVS, f"<div>{TITLES}<div>{LINK}</div></div>"),
    "a line of links behind the last paragraph that is no p": (*DIVS, f"<div>{LINK}</div>"),
    "a box like a few of the paragraphs": (*PARAGRAPHS, *DIVS[:2], f"<div>Our letter: {LINK}</div>", TEXT),
    "posts that the editor's block lists": (TEXT, f"<div class=wp-block-query><div>{LINK}</div></div>", TEXT),
    "lines of links behind the last paragraph": (TEXT, f"<p><b>{LINK}</b></p>"),
}
IN_TEXT = {
    "a paragraph": (*PARAGRAPHS[:6], f"<p>{LINK}</p>", *PARAGRAPHS[6:]),
    "a short paragraph": (*PARAGRAPHS[:6], f"<p>See {LINK} again.</p>", *PARAGRAPHS[6:]),
    "a list": (*PARAGRAPHS[:6], f"<ul><li>{LINK}<li><a href=/1>One</a><li><a href=/2>Two</a></ul>", *PARAGRAPHS[6:]),
    "a list at the end": (TEXT, f"<ul><li>{LINK}<li><a href=https://b.example/>One</a></ul>"),
    "a quotation": (*PARAGRAPHS[:6], f"<div><blockquote>Short. {LINK}</blockquote></div>", *PARAGRAPHS[6:]),
    "a post of a social network": (*PARAGRAPHS[:6], f"<div class=social-media-embed><blockquote><p>Short. {LINK}</p></blockquote></div>", *PARAGRAPHS[6:]),
    "a caption": (*PARAGRAPHS[:6], f"<div><figure><img src=/i><figcaption>{LINK}</figcaption></figure></div>", *PARAGRAPHS[6:]),
    "products that the text compares": (*(f"{paragraph}<div class=product><b>Number 1</b> <a href=https://shop.example/{n}>Buy it</a></div>" for n, paragraph in enumerate(PARAGRAPHS)), f"<div class=product>{LINK}</div>", TEXT),
    "no paragraphs": (*PARAGRAPHS, f"some words without an element and {LINK}", *PARAGRAPHS),
    "paragraphs in several elements": (*(f"<div class=part>{''.join(PARAGRAPHS[n:n + 3])}</div>" for n in (0, 3)), f"<div class=part><ul><li>{LINK}</ul></div>", *(f"<div class=part>{''.join(PARAGRAPHS[n:n + 3])}</div>" for n in (6, 9))),
    "a paragraph that is no p": (*DIVS, f"<div>See {LINK} too.</div>", *DIVS),
    "a link alone in a paragraph that is no p": (*DIVS, f"<div>{LINK}</div>", *DIVS),
    "a last paragraph that is no p": (*DIVS, f"<div>See {LINK} too.</div>"),
    "a section of references": (TEXT, f"<section><h2>References</h2><ol><li>{LINK}<li>Somebody: Another book</ol></section>"),
    "a section in a section": (TEXT, f"<section><h2>Notes</h2><section><h3>Links</h3><ul><li>{LINK}</ul></section></section>", TEXT),
    "references in a box of their own": (TEXT, f"<h2>References</h2><div class=x1><ol><li>{LINK}</ol></div>"),
    "a table in a box of its own": (TEXT, f"<div class=x1><table><tr><td>{LINK}<td>12</table></div>", TEXT),
    "a short reply": (*map(reply, [LONG] * 6), reply(f"See {LINK}."), *map(reply, [LONG] * 6)),
    "a short last reply": (*map(reply, [LONG] * 6), reply(f"See {LINK}.")),
    "a short reply of the same list": (*(f"<div class=entry><div class=txt>{text}</div></div>" for text in (LONG, LONG, LONG, f"See {LINK}.", LONG)),),
    "a button": (TEXT, f"<div class='wp-block-buttons is-layout-flex'><div class=wp-block-button>{LINK}</div></div>", TEXT),
    "a button alone": (TEXT, f"<div class=wp-block-button>{LINK}</div>", TEXT),
    "columns": (TEXT, f"<div class=wp-block-columns><div class=wp-block-column><p>{LINK}</p></div><div class=wp-block-column><p>Two</p></div></div>", TEXT),
    "an address": (TEXT, f"<address>A shop, Long Street 1, {LINK}</address>", TEXT),
    "a sentence about the author": (TEXT, f"<div>Somebody writes books about gardens and lives in the north of the country, see {LINK}.</div>"),
}
NO_TEXT = {
    "a short page": (*PARAGRAPHS[:2], f"<div>{TITLES}<div>{LINK}</div></div>"),
    "teasers": (*(f"<div class=t{n}><h3>Title</h3>{paragraph}</div>" for n, paragraph in enumerate(PARAGRAPHS[:8])), f"<div><h3>{LINK}</h3></div>"),
}
# fmt: on


@pytest.mark.parametrize("name", BESIDE)
def test_boxes_that_are_no_part_of_the_text(name: str) -> None:
    found = article(*BESIDE[name])
    assert found.placement == "aside"
    assert found.placement_by.startswith("structure:box")


@pytest.mark.parametrize("name", IN_TEXT)
def test_what_authors_put_into_their_text(name: str) -> None:
    assert article(*IN_TEXT[name]).placement == "content"


@pytest.mark.parametrize("name", NO_TEXT)
def test_pages_without_a_long_text_have_no_boxes_beside_it(name: str) -> None:
    assert article(*NO_TEXT[name]).placement == "content"


def test_links_into_the_site_stay_the_article_s() -> None:
    tags = f"<div>Tags: {LINK}</div>"
    assert article(TEXT, tags).placement == "aside"
    assert article(TEXT, tags, page="https://www.target.example/article").placement == "content"


ACCOUNT = "https://www.facebook.com/somebody"
OTHER = "<a href=https://twitter.com/somebody>@somebody</a>"


@pytest.mark.parametrize(
    ("parts", "href", "placement"),
    [
        ((f"<p>By S. Body, <a href={ACCOUNT}>on Facebook</a></p>", TEXT), ACCOUNT, "aside"),
        ((TEXT, f"<p>By S. Body, <a href={ACCOUNT}>on Facebook</a></p>"), ACCOUNT, "aside"),
        ((TEXT, f"<p>Read {OTHER} or <a href={ACCOUNT}>Facebook</a>.</p>", PARAGRAPHS[0]), ACCOUNT, "aside"),
        ((TEXT, f"<p>Somebody <a href={ACCOUNT}>wrote</a> so.</p>", PARAGRAPHS[0]), ACCOUNT, "content"),
        ((PARAGRAPHS[0], f"<p>Read {OTHER} or <a href={ACCOUNT}>Facebook</a>.</p>", TEXT), ACCOUNT, "content"),
        ((TEXT, f"<blockquote>Short. <a href={ACCOUNT}>Somebody</a></blockquote>"), ACCOUNT, "content"),
        ((TEXT, "<p>Short. <a href=https://twitter.com/x/status/1>A post</a></p>"), "https://twitter.com/x/status/1", "content"),
        ((TEXT, "<p>See <a href=https://books.google.com/books?id=1>a book</a></p>"), "https://books.google.com/books?id=1", "content"),
        ((TEXT, "<p>Me: <a href=https://plus.google.com/12>Plus</a></p>"), "https://plus.google.com/12", "aside"),
    ],
)  # fmt: skip
def test_accounts_of_the_author(parts: tuple[str, ...], href: str, placement: str) -> None:
    assert article(*parts, href=href).placement == placement


SHARE = "https://twitter.com/share?text=words"


@pytest.mark.parametrize(
    ("text", "placement"), [("Share it", "aside"), ("A whole sentence of the text, which readers may share with others", "content")]
)  # fmt: skip
def test_a_sentence_that_readers_may_share_is_text(text: str, placement: str) -> None:
    assert article(TEXT, f"<p><a href={SHARE}>{text}</a></p>", TEXT, href=SHARE).placement == placement


@pytest.mark.parametrize(
    ("heading", "placement"),
    [
        ("Related", "aside"),
        ("<a href=/x>Trending: a title of another article</a>", "content"),
        ("The most popular languages of the year, and what they have in common with each other", "content"),
    ],
)
def test_a_title_is_no_heading_of_related_links(heading: str, placement: str) -> None:
    assert around(f"<main>{TEXT}<h2>{heading}</h2><ul><li>{LINK}</ul></main>").placement == placement
    assert (
        around(f"<main>{TEXT}<h2>{heading}</h2><p>{PARAGRAPHS[0]}{PARAGRAPHS[1]}{LINK}</main>").placement == "content"
    )


def test_a_name_of_content_around_menus_and_all_is_not_believed() -> None:
    menu = "".join(f"<li><a href=/{n}>Entry {n} of it</a>" for n in range(80))
    body = f"<div class=sliderBox><div id=full-header><ul>{menu}<li>{LINK}</ul></div><div>{PARAGRAPHS[0]}</div></div>{PARAGRAPHS[1]}"
    assert around(body).placement in {"nav", "header", "aside"}


def test_the_contents_of_a_manual_are_a_menu() -> None:
    chapters = "".join(f"<li><a href=/{n}>{n}. Chapter of it</a>" for n in range(20))
    assert around(f"<div class=sidebar><ol>{chapters}<li>{LINK}</ol></div><main>{TEXT}</main>").placement == "nav"
    assert around(f"<main>{TEXT}</main><div class=sidebar><ol>{chapters}<li>{LINK}</ol></div>").placement == "aside"
    headed = f"<div class=sidebar><h3>Archives</h3><ol>{chapters}<li>{LINK}</ol></div><main>{TEXT}</main>"
    assert around(headed).placement == "aside"


@pytest.mark.parametrize(
    ("bar", "placement"),
    [
        (f"<div class=menu-bar><b>x</b><h1>A manual</h1>{LINK}</div>", "header"),
        (f"<header><nav><a href=/>Name</a> <div>Search all of it</div> {LINK}</nav></header>", "header"),
        (f"<header><nav><ul><li><a href=/>Name</a><li><a href=/a>A</a><li>{LINK}</ul></nav></header>", "nav"),
        (f"<div class=menu-bar><a href=/>Name</a> {LINK}</div>", "nav"),
    ],
)
def test_a_bar_with_the_title_is_the_head(bar: str, placement: str) -> None:
    assert around(f"{bar}<main>{TEXT}</main>").placement == placement


def test_a_sentence_by_which_readers_agree_is_no_legal_line() -> None:
    sentence = "<p>I have read and accept in the name of my firm <a href=/terms>the Terms of Service</a>, <a href=/privacy>the Privacy Policy of all</a>, <a href=https://target.example/>the other Terms</a>.</p>"
    assert around(f"<main>{TEXT}</main><form>{sentence}<input></form>{TEXT}").placement != "footer"


def test_the_work_is_linear_in_the_boxes_of_a_text() -> None:
    boxes = "".join(f"<div class=x{n}>x <a href=https://target.example/{n}>it</a></div>" for n in range(3_000))
    content = PageContent(f"<div>{TEXT}{boxes}{TEXT}</div>".encode(), "https://page.example/", "utf-8")
    with cost.cpu_seconds_at_most(5):
        places = {link.context.placement for link, _ in content.links_to(lambda _url: (True,))} - {""}
    assert places == {"aside"}


@pytest.mark.parametrize(
    ("body", "is_comment"),
    [
        ("<div id=comments><div>Read {}</div><ol><li>One</ol></div>", False),
        ("<div id=comments><p>The rules: {}</p></div>", False),
        ("<div id=comments><div>Rules of it</div><ol><li>One, see {}</ol></div>", True),
        ("<div id=comments><div class=x>One of them</div><div class=x>Two, see {}</div></div>", True),
        ("<div id=comments><div class=comment-body>One, see {}</div></div>", True),
        ("<div id=comment-12><p>One, see {}</p></div>", True),
        ("<div class=comment><p>One, see {}</p></div>", True),
        ("<div id=commentsMenu><p>One, see {}</p></div>", False),
    ],
)
def test_a_link_around_the_comments_is_no_reader_s(body: str, is_comment: bool) -> None:  # noqa: FBT001
    kinds = around(f"<main>{TEXT}</main>{body.format(LINK)}").kinds
    assert ("comment" in kinds) == is_comment


def test_a_message_at_the_beginning_is_the_site_s() -> None:
    notice = f"<div class=message-content>Your browser is old. {LINK}</div>"
    assert around(f"{notice}<main>{TEXT * 3}</main>").placement != "comment"
    assert (
        around(f"<main>{TEXT}</main><div class=message-content>An old one is fine. {LINK}</div>").placement == "comment"
    )


def test_an_entry_of_a_footer_about_its_advertisements_is_none() -> None:
    entry = f"<div class=ad>{LINK}</div>".replace("/page", "/?affiliateId=9")
    assert "sponsored_label" not in around(f"<main>{TEXT}</main><footer>{entry}</footer>").kinds
    assert "sponsored_label" in around(f"<main>{TEXT}</main>{entry}").kinds


@pytest.mark.parametrize(
    ("parts", "placement"),
    [
        ((f"<div>Tell us {LINK}</div><h1>A title</h1>", TEXT), "header"),
        ((f"<div><p>We use cookies, of which there are many sorts, for reasons of our own. {LINK}</p></div><h1>A title</h1>", TEXT), "content"),
        ((f"<ul>{'<li>An entry of a long menu' * 20}</ul><div>Tell us {LINK}</div><h1>A title</h1>", TEXT), "aside"),
        ((f"<figure><img src=/i><figcaption>A picture by {LINK}</figcaption></figure><h1>A title</h1>", TEXT), "content"),
        ((f"<h1>A title</h1><p>By {LINK}</p>", TEXT), "content"),
        ((f"<p>{PARAGRAPHS[0]} {LINK}</p><h1>A title</h1>", TEXT), "content"),
        ((TEXT, f"<p>Subscribe to {LINK}, our magazine.</p>", TEXT), "aside"),
        ((TEXT, f"<p>Sign up for the free newsletter of us all: {LINK}</p>", TEXT), "aside"),
        ((TEXT, f"<p>Subscribe to {LINK}, or to <a href=https://b.example/>that</a>.</p>", TEXT), "content"),
        ((TEXT, f"<p>{PARAGRAPHS[0]} {PARAGRAPHS[1]} {PARAGRAPHS[2]} Subscribe to {LINK}.</p>", TEXT), "content"),
        ((TEXT, f"<p>They subscribe to the view of {LINK}, they say.</p>", TEXT), "content"),
        ((TEXT, f"<p>This form is protected by reCAPTCHA; {LINK} applies.</p>", TEXT), "aside"),
        ((TEXT, f"<p>Comments powered by {LINK}.</p>"), "aside"),
        ((TEXT, "<div><a href=https://b.example/>Cheap things</a></div><div><a href=https://c.example/>Cheaper things</a></div>", f"<div>{LINK}</div>"), "aside"),
        ((f"<p>By S. Body <a href=https://twitter.com/body><img src=/i></a> for us</p>{TEXT}", f"<p>{LINK}</p>", TEXT), "content"),
    ],
)  # fmt: skip
def test_notices_invitations_and_lines_of_links_are_no_part_of_the_text(parts: tuple[str, ...], placement: str) -> None:
    assert article(*parts).placement == placement


# fmt: off
SENTENCES = [
    "<p>If you get a Netflix subscription abroad, {} explains what works and what does not, country by country.</p>",
    "<ul><li>Get a subscription for a year from {}</ul>",
    "<ul><li>Subscribe to {}<li>Read a book</ul>",
    "<p>We receive a dozen mails about our newsletter every day, and {} has measured that.</p>",
    "<p>Her interviews are wonderful. Subscribe to {}, it is worth it.</p>",
    "<p>Subscribe to a theory such as this one and you have to explain what {} found in the year after it.</p>",
    "<p>Gli abbonati sono cresciuti, dice {}.</p>",
    "<p>Decidió suscribirse a la convención, dice {}.</p>",
    "<p>许多读者订阅了 {} 的杂志。</p>",
    "<p>メルマガの歴史は {} にある。</p>",
    "<p>メルマガ登録者は {} によれば多い。</p>",
    "<p>Publishers joined the AdChoices programme in 2010, as {} reported.</p>",
    "<p>AdChoices began in 2010, as {} reported.</p>",
    "<p>Disqus offers comments powered by machine learning, as {} explains.</p>",
    "<p>Comments powered by machine learning, as {} explains, are rare.</p>",
    "<blockquote><p>Subscribe to {}</p></blockquote>",
    "<p>Sign up to win, wrote the newsletter of {}.</p>",
    "<p>Its forms are protected by reCAPTCHA, as {} found.</p>",
]
LINES = [
    "<p>Please subscribe to {}.</p>", "<p>Abonnez-vous : {}</p>", "<p>Подпишитесь на {}</p>", "<p>请订阅 {}</p>", "<p>メルマガ登録 {}</p>",
    "<p>Geschützt durch reCAPTCHA, es gilt {}</p>"
]
# fmt: on


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentences_about_subscriptions_and_services_are_text(sentence: str) -> None:
    assert article(TEXT, sentence.format(LINK), TEXT).placement == "content"


@pytest.mark.parametrize("line", LINES)
def test_lines_by_which_sites_win_subscribers(line: str) -> None:
    assert article(TEXT, line.format(LINK), TEXT).placement == "aside"


@pytest.mark.parametrize(
    "body",
    [
        "<article><p><em>See {}.</em></p><h1>A title</h1>{text}</article>",
        "<article><p class=kicker>Review of {}</p><h1>A title</h1>{text}</article>",
        "<main><div class=kicker>Review of {}</div><h1>A title</h1>{text}</main>",
        "<div><p class=kicker>Review of {}</p><h1>A title</h1>{text}</div>",
        "<article><h2>One</h2><p>See {}.</p></article><article><h1>A title</h1>{text}</article>",
        "<section><h2>One</h2><div>See {}.</div></section><section><h1>A title</h1>{text}</section>",
    ],
)
def test_lines_of_an_article_above_the_title_are_no_head_of_the_site(body: str) -> None:
    found = around(body.replace("{}", LINK).replace("{text}", TEXT))
    assert not found.placement_by.startswith("structure:box above")


def test_the_accounts_of_a_paragraph_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def count(url: URL) -> bool:
        nonlocal calls
        calls += 1
        return is_account_url(url)

    monkeypatch.setattr(page_leads, "is_account_url", count)
    accounts = "".join(f"<a href=https://twitter.com/body{n}><img></a>" for n in range(300))
    content = PageContent(
        f"<div>{TEXT}<p>{accounts}</p>{PARAGRAPHS[0]}</div>".encode(), "https://page.example/", "utf-8"
    )
    assert len(list(content.links_to(lambda _url: (True,)))) == 300
    assert calls <= 2 * 300


def test_an_account_of_the_author_may_be_a_picture() -> None:
    account = "https://twitter.com/body"
    byline = f"<p>By S. Body <a href={account}><img src=/i></a> for us</p>"
    assert article(byline, TEXT, href=account).placement == "aside"
    assert article(TEXT, byline, TEXT, TEXT, href=account).placement == "content"


def test_share_buttons_in_a_menu_and_the_last_line_of_the_page() -> None:
    button = f"<ul class=menu><li><a href={SHARE}>Tweet</a><li><a href=https://target.example/page>A site</a></ul>"
    content = PageContent(f"{button}<main>{TEXT}</main>".encode(), "https://page.example/", "utf-8")
    assert content.layout.context_of(content.references[0].element, 1).placement == "aside"
    assert around(f"{button}<main>{TEXT}</main>").placement == "nav"
    line = f"<ul id=navi_bottom><li>{LINK}<li>© 2015 The House of All the Gardens</ul>"
    assert around(f"<main>{TEXT}</main>{line}").placement == "footer"
    links = f"<div class=nav><a href=/>Home</a> · <a href=/about>About us</a> · {LINK} © 2015</div>"
    assert around(f"<main>{TEXT}</main>{links}").placement == "nav"
    assert around(f"<main>{TEXT}</main>{line.replace('©', 'Since')}").placement == "nav"
    assert around(f"{line}<main>{TEXT}</main>").placement == "nav"


def test_a_page_of_many_links_that_is_content_by_name_is_not_believed() -> None:
    menu = "".join(f"<li><a href=/{n}>Entry {n} of it</a>" for n in range(60))
    head = f"<div class=cabecera><ul>{menu}</ul><div>{LINK}</div></div>"
    assert around(f"<div id=content class=main>{head}{TEXT * 3}</div>").placement in {"header", "nav"}


def test_an_agreement_beside_a_box_to_tick_is_no_legal_line() -> None:
    tick = "<label><input type=checkbox> I accept <a href=/terms>the Terms of Service</a> and <a href=https://target.example/>the Privacy Policy</a></label>"
    assert around(f"<main>{PARAGRAPHS[0]}<form>{tick}</form></main>").placement == "content"
