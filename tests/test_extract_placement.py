"""What stands around a link, on pages of every make: its place, its words, its kind; at a bounded cost."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.extract.html import DocumentLike, ElementLike, Parser, turbo
from backlinkbot.extract.page import PageContent
from backlinkbot.extract.placement import LinkContext
from backlinkbot.extract.placement.contexts import LONGEST
from backlinkbot.extract.placement.names import declared, named
from backlinkbot.extract.placement.place_words import ALONE, NAMES, PLACEMENTS
from backlinkbot.extract.placement.repeats import RepeatedBlocks
from backlinkbot.urls import URL
from tests.conftest import SLACK, CrawlFunction
from tests.fakeweb import FakeWeb
from tests.reference_parsers import lexbor

LINK = '<a href="https://target.example/">it</a>'
PROSE = "<p>" + "Many words of an article that somebody wrote with care and that nobody links. " * 6 + "</p>"
MENU = "<ul><li><a href=/1>One</a><li><a href=/2>Two</a><li><a href=/3>Three</a><li><a href=/4>Four</a></ul>"
COUNTRIES = "".join(
    f"<li><a href=https://brand.{ending}/>{ending}</a>"
    for ending in ["at", "be", "ch", "cz", "de", "dk", "es", "fi", "fr", "gr", "hu", "ie", "it", "nl", "pl", "pt"]
)
SITES = "".join(f"<li><a href=https://s{n}.example/>Site {n}</a>" for n in range(12))


def is_target(url: URL) -> tuple[bool, ...]:
    return (True,) if url.hostname == "target.example" else ()


def around(body: str, url: str = "https://page.example/", parse: Parser = turbo.Document) -> LinkContext:
    """Of the only link to the target."""
    [(link, _)] = PageContent(body.encode(), url, "utf-8", parse).links_to(is_target)
    return link.context


# --- placement ------------------------------------------------------------------------------------------------------------

# fmt: off
PLACES = [
    # landmarks and roles
    (f"{PROSE}<nav>{LINK}</nav>", "nav", "element:nav"),
    (f"<header>{LINK}</header>{PROSE}", "header", "element:header"),
    (f"<header><nav>{LINK}</nav></header>{PROSE}", "nav", "element:nav"),
    (f"{PROSE}<footer>{LINK}</footer>", "footer", "element:footer"),
    (f"{PROSE}<footer><nav>{LINK}</nav></footer>", "footer", "element:footer"),
    (f"{PROSE}<footer><div class=sidebar>{LINK}</div></footer>", "footer", "element:footer"),
    (f"{PROSE}<aside><article>{LINK}</article></aside>", "aside", "element:aside"),
    (f"<article><header>{LINK}</header>{PROSE}</article>", "content", "element:article"),
    (f"<article>{PROSE}<footer>{LINK}</footer></article>", "content", "element:article"),
    (f"<main>{PROSE}{LINK}</main>", "content", "element:main"),
    (f"<nav><main>{PROSE}{LINK}</main></nav>", "content", "element:main"),
    (f"<div class=sidebar><div role=main>{PROSE}{LINK}</div></div>", "content", "role:main"),
    (f"{PROSE}<div role=navigation>{LINK}</div>", "nav", "role:navigation"),
    (f"{PROSE}<div role=contentinfo>{LINK}</div>", "footer", "role:contentinfo"),
    (f"{PROSE}<div role=complementary>{LINK}</div>", "aside", "role:complementary"),
    (f"<div role=banner>{LINK}</div>{PROSE}", "header", "role:banner"),
    (f"<article class=comment>{LINK}</article>{PROSE}", "comment", "class:comment"),
    (f"{PROSE}<div itemscope itemtype=https://schema.org/Comment>{LINK}</div>", "comment", "itemtype:Comment"),
    # names, in many languages and systems
    (f"{PROSE}<div id=footer>{LINK}</div>", "footer", "id:footer"),
    (f"{PROSE}<div id=Fusszeile>{LINK}</div>", "footer", "id:Fusszeile"),
    (f"{PROSE}<div class='col pie-de-pagina'>{LINK}</div>", "footer", "class:pie-de-pagina"),
    (f"{PROSE}<div class=siteFooterLinks>{LINK}</div>", "footer", "class:siteFooterLinks"),
    (f"<div id=kopfzeile>{LINK}</div>{PROSE}", "header", "id:kopfzeile"),
    (f"<div class=main-header>{LINK}</div>{PROSE}", "header", "class:main-header"),
    (f"<div class=hauptmenue>{LINK}</div>{PROSE}", "nav", "class:hauptmenue"),
    (f"<div class=mainMenu>{LINK}</div>{PROSE}", "nav", "class:mainMenu"),
    (f"<p class=migas-de-pan>{LINK}</p>{PROSE}", "nav", "class:migas-de-pan"),
    (f"{PROSE}<div class=wp-pagenavi>{LINK}</div>", "nav", "class:wp-pagenavi"),
    (f"{PROSE}<ul id=blogroll>{LINK}</ul>", "aside", "id:blogroll"),
    (f"{PROSE}<div id=sidebar-left>{LINK}</div>", "aside", "id:sidebar-left"),
    (f"{PROSE}<div class=barra_lateral>{LINK}</div>", "aside", "class:barra_lateral"),
    (f"{PROSE}<div class='widget widget_recent_comments'>{LINK}</div>", "aside", "class:widget"),
    (f"{PROSE}<div id=recent-comments>{LINK}</div>", "aside", "id:recent-comments"),
    (f"{PROSE}<div class=related-posts>{LINK}</div>", "aside", "class:related-posts"),
    (f"{PROSE}<ol class=commentlist><li>{LINK}</ol>", "comment", "class:commentlist"),
    (f"{PROSE}<div id=kommentare>{LINK}</div>", "comment", "id:kommentare"),
    (f"<div class=postbody>{PROSE}{LINK}</div>", "comment", "class:postbody"),
    (f"<div class=entry-content>{PROSE}{LINK}</div>", "content", "class:entry-content"),
    # names that say something else
    (f"<div class=has-sidebar>{PROSE}{LINK}</div>", "content", "structure:prose"),
    (f"<div class=sidebar>{PROSE}{LINK}</div>", "content", "structure:prose"),
    (f"<div class=post><h2 class=post-header>{LINK}</h2>{PROSE}</div>", "content", "class:post"),
    (f"<div class=entry-content>{PROSE}<div class=card-footer>{LINK}</div></div>", "content", "class:entry-content"),
    (f"<body class='page comments-open sidebar-right'>{PROSE}{LINK}", "content", "structure:main text"),
    (f"<div class=footer>{LINK}</div><div>{PROSE}</div>", "header", "structure:beginning"),
    (f"{PROSE}{PROSE}<div class=entry-meta><span class=comments-link>{LINK}</span></div>", "content", "class:comments-link"),
    # bare pages
    (f"<div>{MENU}</div><div>{PROSE}</div><div>{LINK}</div>", "footer", "structure:end"),
    (f"<div>{MENU}<p>{LINK}</div><div>{PROSE}</div>", "nav", "structure:links before the text"),
    (f"<table><tr><td><ul>{SITES}<li>{LINK}</ul><td>{PROSE * 3}</table>", "aside", "structure:links to other sites"),
    (f"<div>{LINK}</div><div>{PROSE}</div>", "header", "structure:beginning"),
    (f"<div>{PROSE}</div><div>{LINK}<p>and</div><div>{'a word in the end ' * 12}</div>", "aside", "structure:after"),
    (f"<div>{PROSE}<p>Somebody wrote {LINK} and went on with much more of the same, as people do who are paid by the line, until there is no more to say.</div>", "content", "structure:prose"),
    (f"<div>{PROSE}</div><p>© 2024 by {LINK}</p>", "footer", "structure:copyright"),
    (f"<p>Home &gt; <a href=/x>X</a> &gt; {LINK}</p>{PROSE}", "nav", "structure:trail"),
    (f"{PROSE}<p><a href=/1>1</a> <a href=/2>2</a> {LINK.replace('it', '3')} <a href=/9>Next »</a></p>{PROSE}", "nav", "structure:page numbers"),
    (LINK, "content", "structure:main text"),
]
# fmt: on


@pytest.mark.parametrize(("body", "placement", "by"), PLACES)
def test_where_a_link_stands_and_what_says_so(body: str, placement: str, by: str, each_parser: Parser) -> None:
    found = around(body, parse=each_parser)
    assert (found.placement, found.placement_by) == (placement, by)


def test_a_link_in_a_shadow_tree_stands_where_its_host_does(each_parser: Parser) -> None:
    shadow = f"<template shadowrootmode=open><p>{LINK}</p></template>"
    found = around(f"{PROSE}<footer><x-links>{shadow}</x-links></footer>", parse=each_parser)
    assert (found.placement, found.placement_by) == ("footer", "element:footer")


def test_words_alone_are_words_of_the_table() -> None:
    assert {word for word in ALONE if (word,) not in NAMES} == set()
    assert set(NAMES.values()) == set(PLACEMENTS)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("side", ("aside", "side")),
        ("side-by-side", None),
        ("left-side", ("aside", "left-side")),
        ("no-sidebar", None),
        ("Sidebar2", ("aside", "Sidebar2")),
        ("elementor-widget elementor-widget-nav-menu", ("nav", "elementor-widget-nav-menu")),
        ("elementor-widget elementor-widget-text-editor", None),
        ("", None),
        ("-- __ 123 ÄÖ", None),
        ("x " * 5_000 + "footer", None),
    ],
)
def test_names(names: str, said: tuple[str, str] | None) -> None:
    assert named(names) == said


# --- the words around a link ----------------------------------------------------------------------------------------------

SENTENCE = "This is one sentence of forty letters. "  # 39 with its space


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        (f"<p>see {LINK}, please</p>", "see", ", please"),
        (f"<p>one</p><p>see\n  <b>what  {LINK}</b> is</p><p>two</p>", "see what", "is"),
        (f"<p>{SENTENCE * 6}See {LINK} now. {SENTENCE * 6}</p>", f"{SENTENCE * 4}See", f"now. {SENTENCE * 3}".strip()),
        (f"<p>{'word ' * 60}{LINK}{' word' * 60}</p>", ("word " * 32).strip(), ("word " * 32).strip()),
        (f"<p>{'x' * 500}{LINK}{'y' * 500}", "x" * 160, "y" * 160),
        (f"<p>{'語' * 100}。{'字' * 100}{LINK}", "字" * 100, ""),
        (f"<ul><li>first<li>{LINK}<li>third</ul>", "first", "third"),
        (f"<p>text</p>{'<div>' * 9}{LINK}{'</div>' * 9}", "", ""),
        (LINK, "", ""),
    ],
)
def test_context(body: str, before: str, after: str, each_parser: Parser) -> None:
    found = around(body, parse=each_parser)
    assert (found.context_before, found.context_after) == (before, after)


@given(
    st.lists(st.sampled_from(["word ", "End. ", "語。", "<p>", "</p>", "<br>", "\n", "x" * 170, "<div>"])),
    st.integers(0, 9),
)
def test_no_context_is_longer_than_said_and_none_begins_or_ends_with_space(parts: list[str], at: int) -> None:
    body = "".join([*parts[:at], LINK, *parts[at:]])
    found = around(body)
    assert found == around(body, parse=lexbor.Document)
    for text in (found.context_before, found.context_after):
        assert len(text) <= LONGEST
        assert text == " ".join(text.split())
    assert found.link_density is not None
    assert 0 <= found.link_density <= 1


@pytest.mark.parametrize(
    ("body", "heading"),
    [
        (f"<h1>Title</h1><h2> Part \n one </h2><p>{LINK}</p><h2>Part two</h2>", "Part one"),
        (f"<h2>Part <b>{LINK}</b></h2>", "Part it"),
        (f"<h2>One</h2><h3><img></h3>{LINK}", "One"),
        (f"{LINK}<h2>Below</h2>", ""),
        (f"<article><h2>Another's</h2>{PROSE}</article><footer>{LINK}</footer>", ""),
        (f"<article><h2>Another's</h2>{PROSE}</article><footer><h4>Its own</h4>{LINK}</footer>", "Its own"),
        (f"<h1>{'long ' * 100}</h1>{LINK}", ("long " * 32).strip()),
    ],
)
def test_the_heading_above(body: str, heading: str, each_parser: Parser) -> None:
    assert around(body, parse=each_parser).heading == heading


@pytest.mark.parametrize(
    ("body", "density"),
    [
        (f"<p>12345678 {LINK} </p>", 0.2),
        (f"<p>x <a href=/>12</a> {LINK}</p>", 0.8),
        (f"<p>{LINK}</p>", 1.0),
        (f"<p>{LINK.replace('it', '<img>')}</p>", 1.0),
        (f"<ul><li><a href=/>12345678</a></li><li>{LINK}</li></ul>", 1.0),
    ],
)
def test_the_density_of_links_in_the_block(body: str, density: float, each_parser: Parser) -> None:
    assert around(body, parse=each_parser).link_density == density


def test_the_position_among_the_links() -> None:
    assert around(f"<a href=/>1</a><a>none</a><area href=/2>{LINK}").position == 3


# --- kinds ----------------------------------------------------------------------------------------------------------------

UGC = LINK.replace(">", " rel='ugc nofollow'>", 1)
SPONSORED = LINK.replace(">", " rel=sponsored>", 1)

# fmt: off
KINDS = [
    (f"{PROSE}<ol id=comments><li>{LINK}</ol>", "/", "comment", "placement:comment"),
    (f"{PROSE}<p>{UGC}", "/", "comment", "rel:ugc"),
    (f"{PROSE}<div id=comments>{LINK.replace('it', 'Log in')}</div>", "/", None, ""),
    (f"{PROSE}<div id=comments>{LINK.replace('it', 'May 3, 2019 at 10:41 am')}</div>", "/", None, ""),
    (f"{PROSE}<div id=comments>{LINK.replace('it', 'comments powered by Disqus')}</div>", "/", None, ""),
    (f"{PROSE}<p>{LINK}", "/forum/viewtopic.php?t=1", "forum", "url:forum"),
    (f"{PROSE}<ul>{SITES}<li>{LINK}</ul>{PROSE}", "/", "directory", "list:13 items that link to other sites"),
    (f"{PROSE}<ul>{SITES[:200]}<li>{LINK}</ul>{PROSE}", "/my/links.html", "directory", "url:links"),
    (f"{PROSE}<ul>{SITES[:200]}<li>{LINK}</ul>{PROSE}", "/", None, ""),
    (f"{PROSE}<ul>{MENU}<li>{LINK}</ul>{PROSE}", "/links.html", None, ""),
    (f"{PROSE}<div>{SITES.replace('<li>', '<p>Some words of a text, which go on and on, about ')}<p>{LINK}</div>{PROSE}", "/", None, ""),
    (f"{PROSE}<ul class=references>{SITES}<li>{LINK}</ul>{PROSE}", "/", None, ""),
    (f"{PROSE}<ul>{COUNTRIES}<li>{LINK}</ul>{PROSE}", "/", None, ""),
    (f"{PROSE}<div class=author-box>Ann is fond of {LINK}.</div>", "/", "guest_post", "class:author-box"),
    (f"{PROSE}<p>This guest post is by Ann, who writes at {LINK}.</p>", "/", "guest_post", "text:This guest post"),
    (f"{PROSE}<div class=author-bio><b>Ann Lee</b> {LINK} is a writer of tales.</div>", "/", "guest_post", "class:author-bio"),
    (f"{PROSE}<div id=article-author>{LINK}</div>", "/", None, ""),
    (f"{PROSE}<div class=author-box>By {LINK}, 3 May</div>", "/", None, ""),
    (f"{PROSE}<p>A guest post by {LINK}.</p>", "/", "guest_post", "text:guest post by"),
    (f"{PROSE}<p>Gastbeitrag von {LINK}.</p>", "/", "guest_post", "text:Gastbeitrag von"),
    (f"{PROSE}<p>We accept guest posts, as {LINK} does.</p>", "/", None, ""),
    (f"{PROSE}<p>The patch was contributed by {LINK}.</p>", "/", None, ""),
    (f"{PROSE}<h3>Über die Autorin</h3><p>Sie schreibt auf {LINK} über alles.</p>{PROSE}", "/", "guest_post", "heading:Über die Autorin"),
    (f"<h1>A firm</h1>{PROSE}<p>{LINK}</p>{PROSE}", "/press-releases/7", "press_release", "url:press-releases"),
    (f"<h1>Press release: a firm</h1>{PROSE}<p>{LINK}</p>{PROSE}", "/7", "press_release", "heading:Press release"),
    (f"{PROSE}<p>{SPONSORED}", "/", "sponsored_label", "rel:sponsored"),
    (f"{PROSE}<div><p>Anzeige:</p><p>{LINK}</p></div>", "/", "sponsored_label", "label:Anzeige"),
    (f"{PROSE}<div><span>Advertisement</span></div><footer><ul><li>{LINK}</ul></footer>", "/", None, ""),
    (f"{PROSE}<div><span>Advertisement</span></div>{PROSE}<p>{LINK}</p>", "/", None, ""),
    (f"{PROSE}<section><div>Advertisement</div>{MENU}<p>{LINK}</p></section>", "/", None, ""),
    (f"{PROSE}<p>Sponsored by {LINK}</p>", "/", "sponsored_label", "label:Sponsored by"),
    (f"{PROSE}<div class=ad>{LINK}</div>", "/", None, ""),
    (f"{PROSE}<div class=ad>{LINK.replace('it', '<img>')}</div>", "/", "sponsored_label", "class:ad"),
    (f"{PROSE}<div class='ad-slot x'>{LINK}</div>", "/", "sponsored_label", "class:ad-slot"),
    (f"{PROSE}<div class='header adapter'>{LINK}</div>", "/", None, ""),
    (f"{PROSE}<p>They met a sponsor at {LINK}.</p>", "/", None, ""),
    (f"{PROSE}<footer>Proudly powered by {LINK}</footer>", "/", "badge", "text:Proudly powered by"),
    (f"{PROSE}<footer><p>Webdesign: {LINK}</footer>", "/", "badge", "text:Webdesign"),
    (f"{PROSE}<aside>{LINK.replace('it', '<img alt=award>')}</aside>", "/", "badge", "alt:award"),
    (f"{PROSE}<figure><img><figcaption>Ann, {LINK}</figcaption></figure>", "/", "image_credit", "element:figcaption"),
    (f"{PROSE}<p>Photo by {LINK}</p>", "/", "image_credit", "text:Photo by"),
    (f"{PROSE}<p>Foto: {LINK}</p>", "/", "image_credit", "text:Foto"),
    (f"{PROSE}<p>Olivia {LINK}</p>", "/", None, ""),
    (f"{PROSE}<p>{LINK}</p>", "/", None, ""),
]
# fmt: on


@pytest.mark.parametrize(("body", "path", "kind", "by"), KINDS)
def test_what_kind_of_link_it_may_be(body: str, path: str, kind: str | None, by: str, each_parser: Parser) -> None:
    found = around(body, f"https://page.example{path}", each_parser)
    assert dict(zip(found.kinds, found.kinds_by, strict=True)) == ({kind: by} if kind else {})


def test_pages_of_those_who_publish_press_releases() -> None:
    found = around(f"{PROSE}<p>{LINK}</p>{PROSE}", "https://www.prnewswire.com/news-releases/a-firm-302.html")
    assert (found.kinds, found.kinds_by) == (("press_release",), ("host:prnewswire.com",))


# --- blocks that a domain repeats -----------------------------------------------------------------------------------------


def seen(repeats: RepeatedBlocks, page: str, block: int = 1, domain: str = "a.example") -> str:
    found = repeats.resolve(domain, page, LinkContext(placement="content", block=block, if_repeated="aside"))
    return found.placement_by or found.placement


def test_a_block_on_many_pages_is_no_content() -> None:
    repeats = RepeatedBlocks(few=3)
    assert [seen(repeats, page) for page in "aabbcd"] == ["content"] * 4 + ["repeated:3 pages", "repeated:4 pages"]
    assert seen(repeats, "d", block=2) == "content"
    assert seen(repeats, "d", domain="b.example") == "content"
    assert repeats.resolve("a.example", "e", LinkContext(placement="content")) == LinkContext(placement="content")


def test_what_is_remembered_of_domains_is_bounded() -> None:
    repeats = RepeatedBlocks(few=2, domains=2, blocks=2)
    for domain in ("a.example", "b.example", "c.example"):
        seen(repeats, "1", domain=domain)
    assert [seen(repeats, "2", domain=domain) for domain in ("c.example", "b.example")] == ["repeated:2 pages"] * 2
    assert seen(repeats, "2", domain="a.example") == "content"
    for block in (1, 2, 3):
        seen(repeats, "1", block, "d.example")
    assert [seen(repeats, "2", block, "d.example") for block in (3, 2)] == ["repeated:2 pages"] * 2
    assert seen(repeats, "2", 1, "d.example") == "content"


def test_a_crawl_learns_what_a_domain_repeats(crawl: CrawlFunction, web: FakeWeb) -> None:
    pages = [f"https://a.example/{number}" for number in range(8)]
    for number, page in enumerate(pages):
        own = "".join(
            f"<p>Page {number} says in its own words what nobody else says, {word}.</p>" for word in PROSE.split()
        )
        friends = f"<p><b>Friends of ours</b> <a href=https://b.example/>B</a> {LINK}</p>"
        following = f"<p><a href=/{number + 1}>on</a></p>" if number < 7 else ""
        web.page(page, f"<div>{own}{friends}{own}{LINK.replace('it', 'own words')}{following}</div>")
    found = crawl("discover", seeds=pages[0])
    rows = {(row.source_url, row.anchor): row for row in found.rows}
    assert [rows[page, "it"].placement for page in pages] == ["content"] * 4 + ["aside"] * 4
    assert [rows[page, "it"].placement_by for page in pages[4:]] == [f"repeated:{n} pages" for n in (5, 6, 7, 8)]
    assert {rows[page, "own words"].placement for page in pages} == {"content"}
    assert found.stats["backlinks/pipelines/repeated_block"] == 4


# --- what a page may cost -------------------------------------------------------------------------------------------------

HOSTILE: dict[str, Callable[[int], str]] = {
    "links in one block": lambda size: f"<p>{f'words {LINK} '.join([''] * (size // 60))}",
    "links in blocks of their own": lambda size: "".join(f"<p class=menu-{n}>x {LINK}" for n in range(size // 70)),
    "links in a list": lambda size: f"<ul>{f'<li>{LINK}' * (size // 50)}",
    "links below many elements": lambda size: f"{'<div class=sidebar id=x>' * 500}{f'x {LINK} ' * (size // 50)}",
    "one block of text": lambda size: f"<p>{'some words. ' * (size // 24)}{LINK}{' some words.' * (size // 24)}",
    "one word": lambda size: f"<p>{'w' * (size // 2)}{LINK}{'w' * (size // 2)}",
    "headings": lambda size: f"<h2>x</h2>{LINK}" * (size // 60),
    "white space": lambda size: f"<p>a{' ' * (size // 2)}{LINK}{' ' * (size // 2)}b",
    "almost labels": lambda size: f"<p>photo by photo by photo powered by powered {LINK}</p>" * (size // 100),
}


def cost(body: str) -> float:
    content = PageContent(body.encode(), "https://page.example/", "utf-8")
    assert content.references
    begin = time.process_time()
    assert sum(1 for _ in content.links_to(is_target))
    return time.process_time() - begin


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_is_linear_in_the_page(name: str) -> None:
    def is_linear() -> bool:
        small, large = (min(cost(HOSTILE[name](size)) for _ in range(2)) for size in (30_000, 240_000))
        return large <= 8 * small * 2 + SLACK

    assert any(is_linear() for _ in range(5))  # a busy machine may disturb one measurement


def test_an_element_that_is_no_part_of_the_page_stands_nowhere() -> None:
    content = PageContent(b"<p>x", "https://page.example/")
    other: DocumentLike = turbo.Document(b"<a href=/>x</a>")
    stranger: ElementLike = next(other.elements("a"))
    assert content.layout.context_of(stranger) == LinkContext()


class Named:
    """An element with a class."""

    tag = "div"

    def __init__(self, names: str) -> None:
        self._names = names

    def attr(self, name: str) -> str | None:
        return self._names if name == "class" else None


def test_what_names_declare_is_remembered_without_their_length() -> None:
    """A hostile page has long names in every element; what is kept of them is bounded."""
    tracemalloc.start()
    try:
        for number in range(100):
            assert declared(Named(f"x{number} sidebar {'y' * 100_000}")) == ("aside", "class:sidebar")  # type: ignore[arg-type]
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000
