"""Bytes in, links out: which links a page has, where they lead, what a reader sees on them, and whether they count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from backlinkbot.extract import page
from backlinkbot.extract.link import Link, collapse
from backlinkbot.extract.link_bound import MOST_OF_TARGET as MOST_ROWS
from backlinkbot.extract.page import PageContent, extract_links
from backlinkbot.extract.robots_directives import judge
from backlinkbot.targets import Targets
from backlinkbot.urls import URL
from tests.cost import cpu_seconds_at_most

pytestmark = pytest.mark.usefixtures("each_parser")

PAGE = "https://page.example/folder/page.html"
TARGET = "target.example"


def content_of(body: bytes | str, url: str = PAGE, charset: str = "utf-8") -> PageContent:
    return PageContent(body.encode() if isinstance(body, str) else body, url, charset)


def links_of(body: bytes | str, url: str = PAGE, charset: str = "utf-8") -> list[Link]:
    return list(content_of(body, url, charset).links())


def only(links: list[Link]) -> Link:
    [link] = links
    return link


# --- a page and the rows that are right for it --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Row:
    """What must be said of a link to the target; the rest is as in the plainest link."""

    url: str = "https://target.example/"
    anchor: str = "t"
    source: str = "text"
    link_type: str = "text"
    rel: tuple[str, ...] = ()
    nofollow_by: tuple[str, ...] = ()
    noindex_by: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


PLAIN = Row()
LINK = '<a href="https://target.example/">t</a>'


def rows(body: bytes | str, headers: tuple[str, ...] = (), charset: str = "utf-8", target: str = TARGET) -> list[Row]:
    """What the core says of the links of a page to the target."""
    content = content_of(body, charset=charset)
    page = judge(metas=content.metas, x_robots_tag=headers)
    found = []
    for link, _ in content.links_to(Targets.parse([target]).match):
        verdict = page.with_rel(link.rel)
        found.append(
            Row(
                url=link.url,
                anchor=link.anchor,
                source=link.anchor_source,
                link_type=link.link_type,
                rel=link.rel,
                nofollow_by=verdict.nofollow_by,
                noindex_by=verdict.noindex_by,
                flags=link.flags,
            )
        )
    return found


def meta(content: str, name: str = "robots") -> str:
    return f'<meta name="{name}" content="{content}">{LINK}'


def nofollow(*rel: str) -> Row:
    return Row(rel=rel, nofollow_by=tuple(f"rel:{token.lower()}" for token in rel))


# The cases that peers get wrong: twenty-three pages, each of which some other backlink tool, link checker or crawler
# reports wrongly. (what it is, the page, its X-Robots-Tag headers, the right rows)
THE_CASES_THAT_PEERS_GET_WRONG: list[tuple[str, str, tuple[str, ...], list[Row]]] = [
    ("01 plain link", LINK, (), [PLAIN]),
    ("02 rel=nofollow", "<a href=//target.example rel=nofollow>t</a>", (), [nofollow("nofollow")]),
    ("03 rel=NoFollow", "<a href=//target.example rel=NoFollow>t</a>", (), [nofollow("NoFollow")]),
    ("04 rel=ugc", "<a href=//target.example rel=ugc>t</a>", (), [nofollow("ugc")]),
    ("05 rel=sponsored", "<a href=//target.example rel=sponsored>t</a>", (), [nofollow("sponsored")]),
    ("06 rel=ugc,nofollow", '<a href=//target.example rel="ugc,nofollow">t</a>', (), [nofollow("ugc", "nofollow")]),
    ("07 meta robots nofollow", meta("nofollow"), (), [Row(nofollow_by=("meta:robots",))]),
    ("08 meta NONE", meta("NONE"), (), [Row(nofollow_by=("meta:robots",), noindex_by=("meta:robots",))]),
    ("09 meta googlebot nofollow", meta("nofollow", "googlebot"), (), [Row(nofollow_by=("meta:googlebot",))]),
    ("10 X-Robots-Tag: nofollow", LINK, ("nofollow",), [Row(nofollow_by=("header:robots",))]),
    ("11 X-Robots-Tag: googlebot:", LINK, ("googlebot: nofollow",), [Row(nofollow_by=("header:googlebot",))]),
    ("12 X-Robots-Tag: otherbot:", LINK, ("otherbot: nofollow",), [PLAIN]),
    (
        "13 image link: alt as anchor",
        '<a href=//target.example><img src=x alt="Our  logo"></a>',
        (),
        [Row(anchor="Our logo", source="alt", link_type="image")],
    ),
    (
        "14 two links, other anchor and rel",
        "<nav><a href=//target.example>one</a></nav><p><a href=//target.example rel=nofollow>two</a>",
        (),
        [Row(anchor="one"), Row(anchor="two", rel=("nofollow",), nofollow_by=("rel:nofollow",))],
    ),
    ("15 look-alike: nottarget.example", "<a href=https://nottarget.example/>t</a>", (), []),
    ("16 look-alike: target.example.evil.test", "<a href=https://target.example.evil.test/>t</a>", (), []),
    ("17 look-alike: in a query", "<a href=https://evil.test/?u=https://target.example/>t</a>", (), []),
    (
        "18 base href",
        "<base href=https://target.example/shop/><a href=a>t</a>",
        (),
        [Row(url="https://target.example/shop/a")],
    ),
    ("19 anchor with @@", "<a href=//target.example>a@@b@@</a>", (), [Row(anchor="a@@b@@")]),
    ("20 upper-case scheme and host", "<a href=HTTPS://TARGET.Example/>t</a>", (), [PLAIN]),
    ("21 link through an in-page redirect", "<a href=/go?to=https://target.example/>t</a>", (), []),
    ("22 iframe embed", "<iframe src=https://target.example/></iframe>", (), []),
    ("23 commented-out link", f"<!-- {LINK} -->", (), []),
]


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [pytest.param(*case, id=name) for name, *case in THE_CASES_THAT_PEERS_GET_WRONG],
)
def test_the_cases_that_peers_get_wrong(body: str, headers: tuple[str, ...], expected: list[Row]) -> None:
    assert rows(f"<!doctype html><title>case</title>{body}", headers) == expected


def test_they_are_twenty_three() -> None:
    assert len({body + str(headers) for _, body, headers, _ in THE_CASES_THAT_PEERS_GET_WRONG}) == 23


# Traps that the core decides: (what it is, the page, its X-Robots-Tag headers, the right rows). Those of the header's
# grammar, of rel and of hosts alone have their own tables in test_extract_robots_directives.py and test_targets.py.
BOTH = ("meta:robots",)
TRAPS: list[tuple[str, str | bytes, tuple[str, ...], list[Row]]] = [
    # directives
    (
        "header whose scope changes",
        LINK,
        ("noindex, googlebot: nofollow",),
        [Row(nofollow_by=("header:googlebot",), noindex_by=("header:robots",))],
    ),
    ("header of another bot", LINK, ("otherbot: nofollow",), [PLAIN]),
    (
        "two headers",
        LINK,
        ("noindex", "googlebot: nofollow"),
        [Row(nofollow_by=("header:googlebot",), noindex_by=("header:robots",))],
    ),
    ("header with a date alone", LINK, ("unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT",), [PLAIN]),
    (
        "header with a date and more",
        LINK,
        ("unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow",),
        [Row(nofollow_by=("header:robots",))],
    ),
    (
        "two metas",
        "<meta name=robots content=index><meta name=googlebot content=nofollow>" + LINK,
        (),
        [Row(nofollow_by=("meta:googlebot",))],
    ),
    ("meta in the body", f"<body><p>x{LINK}<meta name=robots content=nofollow>", (), [Row(nofollow_by=BOTH)]),
    ("meta behind the end", f"{LINK}</body></html>" + meta("nofollow"), (), [Row(nofollow_by=BOTH)] * 2),
    (
        "meta in noscript",
        f"<head><noscript><meta name=robots content=nofollow></noscript></head>{LINK}",
        (),
        [Row(nofollow_by=BOTH)],
    ),
    ("meta in a template", f"<template><meta name=robots content=none></template>{LINK}", (), [PLAIN]),
    ("meta in a comment", f"<!-- <meta name=robots content=none> -->{LINK}", (), [PLAIN]),
    ("meta in a script", f"<script>'<meta name=robots content=none>'</script>{LINK}", (), [PLAIN]),
    ("meta in upper case", f"<META NAME=ROBOTS CONTENT='NOFOLLOW'>{LINK}", (), [Row(nofollow_by=BOTH)]),
    ("meta with odd spaces", meta("NoFollow , NoIndex"), (), [Row(nofollow_by=BOTH, noindex_by=BOTH)]),
    ("meta in character references", meta("no&#102;ollow"), (), [Row(nofollow_by=BOTH)]),
    ("meta of another bot", meta("none", "bingbot"), (), [PLAIN]),
    ("meta property", f"<meta property=robots content=none>{LINK}", (), [PLAIN]),
    ("meta without content", f"<meta name=robots>{LINK}", (), [PLAIN]),
    # rel
    ("rel: comma", "<a href=//target.example rel=ugc,nofollow>t</a>", (), [nofollow("ugc", "nofollow")]),
    ("rel: upper case", "<a href=//target.example rel=NOFOLLOW>t</a>", (), [nofollow("NOFOLLOW")]),
    (
        "rel: tab and line break",
        "<a href=//target.example rel='nofollow\tugc\nsponsored'>t</a>",
        (),
        [nofollow("nofollow", "ugc", "sponsored")],
    ),
    ("rel: nofollownow", "<a href=//target.example rel=nofollownow>t</a>", (), [Row(rel=("nofollownow",))]),
    ("rel: twice the attribute", "<a href=//target.example rel=me rel=nofollow>t</a>", (), [Row(rel=("me",))]),
    ("rel: character reference", "<a href=//target.example rel=no&#x66;ollow>t</a>", (), [nofollow("nofollow")]),
    # hosts
    ("look-alike in front", "<a href=//nottarget.example>t</a>", (), []),
    ("look-alike behind", "<a href=//target.example.evil.test>t</a>", (), []),
    ("look-alike in a query", "<a href='//evil.test/?u=https://target.example'>t</a>", (), []),
    ("look-alike in a fragment", "<a href='#https://target.example/'>t</a>", (), []),
    ("look-alike in a path", "<a href=target.example/>t</a>", (), []),
    ("userinfo", "<a href=https://target.example@evil.test/>t</a>", (), []),
    (
        "userinfo of the target",
        "<a href=https://evil.test@target.example/>t</a>",
        (),
        [Row(url="https://evil.test@target.example/")],
    ),
    ("trailing dot", "<a href=https://target.example./>t</a>", (), [Row(url="https://target.example./")]),
    ("port", "<a href=https://target.example:8443/>t</a>", (), [Row(url="https://target.example:8443/")]),
    ("upper-case scheme", "<a href=HTTPS://target.example/>t</a>", (), [PLAIN]),
    ("scheme-relative", "<a href=//target.example/>t</a>", (), [PLAIN]),
    ("&amp;", "<a href='//target.example/?a&amp;b&#38;c'>t</a>", (), [Row(url="https://target.example/?a&b&c")]),
    ("host in character references", "<a href='//t&#97;rget&period;example/'>t</a>", (), [PLAIN]),
    ("backslashes", "<a href='\\\\target.example\\a'>t</a>", (), [Row(url="https://target.example/a")]),
    ("scheme and backslashes", "<a href='https:\\\\target.example'>t</a>", (), [PLAIN]),
    ("tabs inside", "<a href='https://tar\tget.exa\nmple/'>t</a>", (), [PLAIN]),
    ("references to tabs inside", "<a href='https://tar&Tab;get.exa&NewLine;mple/'>t</a>", (), [PLAIN]),
    ("white space around", "<a href='\n  https://target.example/ \t'>t</a>", (), [PLAIN]),
    ("escaped host", "<a href=https://t%61rget.example/>t</a>", (), [PLAIN]),
    ("soft hyphen in the host", "<a href=https://tar&shy;get.example/>t</a>", (), [PLAIN]),
    ("fullwidth host", "<a href=https://ｔａｒｇｅｔ。example/>t</a>", (), [PLAIN]),
    ("javascript", "<a href='javascript:location=\"https://target.example/\"'>t</a>", (), []),
    ("mailto", "<a href=mailto:info@target.example>t</a>", (), []),
    ("ftp", "<a href=ftp://target.example/>t</a>", (), []),
    ("no host", "<a href=https://>t</a>", (), []),
    # base
    ("base at the target", "<base href=//target.example><a href=a>t</a>", (), [Row(url="https://target.example/a")]),
    ("base: only the first", "<base href=//o.example><base href=//target.example><a href=a>t</a>", (), []),
    (
        "base: the first with an href",
        "<base target=_top><base href=//target.example/><a href=>t</a>",
        (),
        [PLAIN],
    ),
    ("base behind the link", "<a href=a>t</a><base href=//target.example>", (), [Row(url="https://target.example/a")]),
    ("base in the body", "<p><base href=//target.example><a href=/>t</a>", (), [PLAIN]),
    ("base in a template", "<template><base href=//target.example></template><a href=/>t</a>", (), []),
    ("base in SVG", "<svg><base href=//target.example /></svg><a href=/>t</a>", (), []),
    ("base is no link itself", "<base href=https://target.example/>", (), []),
    (
        "base and a fragment",
        "<base href=//target.example/><a href=#a>t</a>",
        (),
        [Row(url="https://target.example/#a")],
    ),
    ("base without effect", f"<base href=//o.example>{LINK}", (), [PLAIN]),
    ("base that is no URL", "<base href=https://><base href=//target.example><a href=/>t</a>", (), []),
    # what is a link
    (
        "area",
        "<img usemap=#m><map name=m><area href=//target.example alt=t></map>",
        (),
        [Row(source="alt", link_type="area")],
    ),
    ("link rel=canonical", "<link rel=canonical href=https://target.example/>", (), []),
    ("SVG xlink:href", "<svg><a xlink:href=//target.example><text>t</text></a></svg>", (), [PLAIN]),
    ("SVG href", "<svg><a href=//target.example><text>t</text></a></svg>", (), [PLAIN]),
    (
        "form, image, script",
        "<form action=//target.example><img src=//target.example><script src=//target.example>",
        (),
        [],
    ),
    ("span href and onclick", "<span href=//target.example onclick='location=\"//target.example\"'>t</span>", (), []),
    ("printed, not linked", "<p>https://target.example/", (), []),
    ("in a template", f"<template>{LINK}</template>", (), []),
    ("in noscript", f"<p><noscript>{LINK}</noscript>", (), [Row(flags=("noscript",))]),
    ("in the head's noscript, which any link ends", f"<head><noscript>{LINK}</noscript>", (), [PLAIN]),
    ("in a shadow tree", f"<p><template shadowrootmode=open>{LINK}</template></p>", (), [Row(flags=("shadow",))]),
    (
        "in a closed shadow tree",
        f"<p><template shadowrootmode=closed>{LINK}</template></p>",
        (),
        [Row(flags=("shadow",))],
    ),
    (
        "in noscript in a shadow tree",
        f"<p><template shadowrootmode=open><noscript>{LINK}</noscript></template></p>",
        (),
        [Row(flags=("noscript", "shadow"))],
    ),
    ("in a script", f"<script>document.write('{LINK}')</script>", (), []),
    ("in a textarea", f"<textarea>{LINK}</textarea>", (), []),
    # anchors
    ("anchor: the exporter's delimiters", "<a href=//target.example>a@@b</a>", (), [Row(anchor="a@@b")]),
    ("anchor: line break and tab", "<a href=//target.example>\n a\n\tb </a>", (), [Row(anchor="a b")]),
    *((f"anchor: leading {c}", f"<a href=//target.example>{c}1</a>", (), [Row(anchor=f"{c}1")]) for c in "=+-@"),
    ("anchor: quotes and commas", "<a href=//target.example>\"a\",'b'</a>", (), [Row(anchor="\"a\",'b'")]),
    # instances
    ("the same link twice", LINK * 2, (), [PLAIN, PLAIN]),
    (
        "nav and article",
        f"<nav>{LINK}</nav><article><a href=//target.example rel=ugc>other</a></article>",
        (),
        [PLAIN, Row(anchor="other", rel=("ugc",), nofollow_by=("rel:ugc",))],
    ),
    # broken pages
    ("unclosed tags", "<div><p><b><a href=//target.example>t", (), [PLAIN]),
    ("nested anchors", "<a href=/x>x<a href=//target.example>t</a></a>", (), [PLAIN]),
    ("an anchor around a block", "<a href=//target.example><div>t</div></a>", (), [PLAIN]),
    ("in a table's skeleton", f"<table><tr>{LINK}<td></table>", (), [PLAIN]),
    ("a very large page", "<p>lorem ipsum" * 200_000 + LINK, (), [PLAIN]),
    ("NUL bytes", f"\x00<p>\x00{LINK}\x00", (), [PLAIN]),
]


@pytest.mark.parametrize(("body", "headers", "expected"), [pytest.param(*case, id=name) for name, *case in TRAPS])
def test_traps(body: str | bytes, headers: tuple[str, ...], expected: list[Row]) -> None:
    assert rows(body, headers) == expected


@pytest.mark.parametrize(
    ("body", "charset", "expected"),
    [
        pytest.param("<a href=//target.example>é</a>".encode("latin-1"), "", "é", id="latin-1"),
        pytest.param(b"\xff\xfe" + "<a href=//target.example>é</a>".encode("utf-16-le"), "", "é", id="UTF-16"),
        pytest.param(
            "<meta charset=utf-8><a href=//target.example>é</a>".encode("latin-1"), "", "\ufffd", id="wrong meta"
        ),
        pytest.param("<meta charset=latin1><a href=//target.example>é</a>".encode(), "utf-8", "é", id="header wins"),
        pytest.param("<a href=//target.example>é</a>".encode(), "latin1", "Ã©", id="wrong header"),
    ],
)
def test_encodings_reach_the_anchor(body: bytes, charset: str, expected: str) -> None:
    assert [row.anchor for row in rows(body, charset=charset)] == [expected]


@pytest.mark.parametrize(
    "href",
    [
        "https://bücher.example/",
        "https://xn--bcher-kva.example/",
        "https://B%C3%9CCHER.example/",
        "//b&uuml;cher.example",
    ],
)
@pytest.mark.parametrize("target", ["bücher.example", "xn--bcher-kva.example"])
def test_punycode_and_unicode(href: str, target: str) -> None:
    [row] = rows(f"<a href={href}>t</a>", target=target)
    assert row.url == "https://xn--bcher-kva.example/"


# --- the anchor -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "anchor", "source"),
    [
        ("text", "text", "text"),
        (" a \n b\t c ", "a b c", "text"),
        ("a&nbsp;b\u3000c", "a b c", "text"),
        ("a<b>b</b> <i>c</i>", "ab c", "text"),
        ("a<br>b", "a b", "text"),
        ("&lt;b&gt;", "<b>", "text"),
        ("a<!-- b -->c", "ac", "text"),
        ("a<script>b</script>c", "ac", "text"),
        ("a<style>b{}</style>c", "ac", "text"),
        ("a<template>b</template>c", "ac", "text"),
        ("a<noscript>b</noscript>c", "abc", "text"),
        ("<svg><style>a</style><title>b</title></svg>", "b", "title"),
        ("<svg><title> </title></svg><svg><title>b</title></svg>", "b", "title"),
        ("<svg><title>a</title><text>b</text></svg>", "b", "text"),
        ("<svg><script>a</script><text>b</text></svg>", "b", "text"),
        ("<img alt=a>text", "text", "text"),
        ("<img alt=a>", "a", "alt"),
        ("<img alt=' a\n b '>", "a b", "alt"),
        ("<span> </span><img alt=a>", "a", "alt"),
        ("<img><img alt=''><img alt=' '><img alt=b><img alt=c>", "b", "alt"),
        ("<picture><source><img alt=a></picture>", "a", "alt"),
        ("<script>x</script><img alt=a>", "a", "alt"),
        ("<!-- x --><img alt=a>", "a", "alt"),
        ("<img title=a>", "", ""),
        ("<img>", "", ""),
        ("&nbsp;", "", ""),
        ("", "", ""),
    ],
)
def test_the_anchor(inside: str, anchor: str, source: str) -> None:
    link = only(links_of(f"<a href=/>{inside}</a>"))
    assert (link.anchor, link.anchor_source) == (anchor, source)


@pytest.mark.parametrize(
    ("attributes", "inside", "anchor", "source"),
    [
        ("aria-label=label title=title", "text", "text", "text"),
        ("aria-label=label title=title", "<img alt=alt>", "alt", "alt"),
        ("aria-label=label title=title", "<img>", "label", "aria-label"),
        ("aria-label='  a  b ' title=title", "", "a b", "aria-label"),
        ("aria-label='' title=title", "", "title", "title"),
        ("aria-label=' ' title=' t '", "<img alt=>", "t", "title"),
        ("title=''", "", "", ""),
    ],
)
def test_what_stands_in_for_a_text(attributes: str, inside: str, anchor: str, source: str) -> None:
    link = only(links_of(f"<a href=/ {attributes}>{inside}</a>"))
    assert (link.anchor, link.anchor_source) == (anchor, source)


@pytest.mark.parametrize(
    ("attributes", "anchor", "source"),
    [
        ("alt=alt aria-label=label title=title", "alt", "alt"),
        ("aria-label=label title=title", "label", "aria-label"),
        ("alt='' title=title", "title", "title"),
        ("", "", ""),
    ],
)
def test_the_anchor_of_an_area(attributes: str, anchor: str, source: str) -> None:
    link = only(links_of(f"<area href=/ {attributes}>"))
    assert (link.anchor, link.anchor_source, link.link_type) == (anchor, source, "area")


@pytest.mark.parametrize(
    ("inside", "link_type"),
    [
        ("text", "text"),
        ("<img alt=a>", "image"),
        ("<img>", "image"),
        ("<svg></svg>", "image"),
        ("<picture></picture>", "image"),
        ("<img alt=a>text", "text"),
        ("<b></b>", "text"),
        ("", "text"),
    ],
)
def test_the_type_of_a_link(inside: str, link_type: str) -> None:
    assert only(links_of(f"<a href=/>{inside}</a>")).link_type == link_type


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", ""), (" ", ""), ("a", "a"), ("\n a\t\r\f b\u00a0\u2003c ", "a b c"), ("a\u200bb", "a\u200bb")],
)
def test_collapse(text: str, expected: str) -> None:
    assert collapse(text) == expected


# --- what was written stays beside what was concluded -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "raw_href"),
    [
        ('href="HTTPS://Target.Example"', "HTTPS://Target.Example"),
        ('href=" /a "', " /a "),
        ('href="a&amp;b"', "a&b"),
        ('href="\n/a\tb"', "\n/a\tb"),
        ('href="/a\r\nb"', "/a\nb"),
        ('href="%7e"', "%7e"),
        ('href="ü"', "ü"),
        ("href=''", ""),
        ("href", ""),
        ('xlink:href="/x"', "/x"),
        ('href="/h" xlink:href="/x"', "/h"),
    ],
)
def test_the_raw_href(written: str, raw_href: str) -> None:
    assert only(links_of(f"<svg><a {written}>t</a></svg>")).raw_href == raw_href


def test_the_rel_as_written() -> None:
    assert only(links_of("<a href=/ rel=' NoFollow,UGC  me '>t</a>")).rel == ("NoFollow", "UGC", "me")


def test_the_fragment_of_a_link_stays() -> None:
    assert only(links_of("<a href=/a?b#c>t</a>")).url == "https://page.example/a?b#c"


def test_links_come_in_the_order_of_the_page() -> None:
    body = "<a href=1></a><map><area href=2></map><svg><a href=3></a></svg><a href=mailto:x></a><a href=4></a>"
    assert [link.raw_href for link in links_of(body)] == ["1", "2", "3", "4"]


def test_only_wanted_links_are_read() -> None:
    content = content_of("<a href=/a>a</a><a href=/b>b</a><a href=ftp://x.example>c</a><a href=https://>d</a>")
    assert [link.anchor for link in content.links(lambda url: url.pathname == "/b")] == ["b"]
    assert [link.anchor for link in content.links()] == ["a", "b"]
    assert [reference.raw_href for reference in content.references] == ["/a", "/b", "ftp://x.example", "https://"]
    assert [reference.url is None for reference in content.references] == [False, False, False, True]


def test_one_function_bytes_in_links_out() -> None:
    link = only(extract_links("<a href=/ü>ü</a>".encode("cp1252"), PAGE))
    assert link == Link(
        raw_href="/ü",
        url="https://page.example/%C3%BC",
        anchor="ü",
        anchor_source="text",
        link_type="text",
        rel=(),
        flags=(),
    )


@pytest.mark.parametrize("url", ["", "page.example", "/page", "https://"])
def test_a_page_lies_at_an_absolute_url(url: str) -> None:
    with pytest.raises(ValueError, match="no absolute URL"):
        PageContent(b"", url)


# --- where relative links lead ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "base"),
    [
        ("", PAGE),
        ("<base>", PAGE),
        ("<base href=''>", PAGE),
        ("<base href='  '>", PAGE),
        ("<base href=/x/>", "https://page.example/x/"),
        ("<base href=' /x/ '>", "https://page.example/x/"),
        ("<base href=sub/>", "https://page.example/folder/sub/"),
        ("<base href=//b.example>", "https://b.example/"),
        ("<base href=https://b.example/c#d>", "https://b.example/c#d"),
        ("<base href=1/><base href=2/>", "https://page.example/folder/1/"),
        ("<base target=_top><base href=2/>", "https://page.example/folder/2/"),
        ("<base href=https://>", PAGE),
        ("<base href=https://><base href=/x/>", PAGE),
        ("<base href=data:text/html,x><base href=/x/>", PAGE),
        ("<base href=javascript:void(0)><base href=/x/>", PAGE),
        ("<base href=ftp://b.example/>", "ftp://b.example/"),
        ("<noscript><base href=/x/></noscript>", "https://page.example/x/"),
        ("<template><base href=/x/></template>", PAGE),
        ("<p><template shadowrootmode=open><base href=/x/></template></p>", PAGE),
        ("<svg><base href=/x/></base></svg>", PAGE),
        (f"<base href=/{'x' * 3_000}/>", PAGE),
    ],
)
def test_the_base_url(body: str, base: str) -> None:
    assert content_of(body).base_url.href == base


def test_a_base_that_is_no_page_leads_relative_links_nowhere() -> None:
    assert links_of("<base href=mailto:x@y.example><a href=a>t</a>") == []
    assert only(links_of("<base href=mailto:x@y.example><a href=https://b.example/>t</a>")).url == "https://b.example/"


def test_the_query_of_a_link_is_in_the_pages_encoding() -> None:
    link = only(links_of("<meta charset=windows-1251><a href='/ж?q=ж#ж'>t</a>".encode("cp1251"), charset=""))
    assert link.url == "https://page.example/%D0%B6?q=%E6#%D0%B6"


def test_a_link_to_nothing_on_a_page_with_an_empty_query() -> None:
    assert only(links_of("<a href=#>t</a>", "https://page.example/a?")).url == "https://page.example/a?#"


# --- what the page says of itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribute", "body", "expected"),
    [
        ("title", "<title> a\n b </title>", "a b"),
        ("title", "<title>a</title><title>b</title>", "a"),
        ("title", "<title>a<b>&amp;</title>", "a<b>&"),
        ("title", "<svg><title>a</title></svg><title>b</title>", "b"),
        ("title", "<template><title>a</title></template>", ""),
        ("title", "<body><title>late</title>", "late"),
        ("title", "", ""),
        ("language", "<html lang=de>", "de"),
        ("language", "<html lang=' en-GB '>", "en-GB"),
        ("language", "<html lang=de><meta http-equiv=content-language content=fr>", "de"),
        ("language", "<html lang=''><meta http-equiv=Content-Language content=' fr '>", "fr"),
        ("language", "<html xml:lang=de>", "de"),
        ("language", "<body lang=de>", ""),
        ("language", "", ""),
        ("canonical_url", "<link rel=canonical href=/c>", "https://page.example/c"),
        ("canonical_url", "<link rel='x CANONICAL' href=/c>", "https://page.example/c"),
        ("canonical_url", "<link rel=canonical href=/c><link rel=canonical href=/d>", "https://page.example/c"),
        ("canonical_url", "<head><base href=//b.example><link rel=canonical href=c>", "https://b.example/c"),
        ("canonical_url", "<link rel=canonical><link rel=canonical href=/d>", "https://page.example/d"),
        ("canonical_url", "<link rel=canonical href=https://>", ""),
        ("canonical_url", "<link rel=canonicals href=/c>", ""),
        ("canonical_url", "<head><link rel=canonical href=https://t.example/c#d>", "https://t.example/c#d"),
        ("canonical_url", "<html><title>t</title><link rel=canonical href=//t.example>", "https://t.example/"),
        ("canonical_url", "<title>t</title><link rel=canonical href=//t.example><p>", ""),  # whose head would that be?
        ("canonical_url", "<title>t</title><link rel=canonical href=//www.page.example>", "https://www.page.example/"),
        ("canonical_url", "<head></head><body><link rel=canonical href=/c>", ""),
        (
            "canonical_url",
            "<head><p>a</p><link rel=canonical href=/c></head>",
            "",
        ),  # the first element of a body ends it
        (
            "canonical_url",
            "<head></head><link rel=canonical href=/c><body>",
            "https://page.example/c",
        ),  # put into the head
        ("canonical_url", "<p>a</p><section><link rel=canonical href=/c></section>", ""),
        ("canonical_url", "<head><img></head><link rel=canonical href=/c>", ""),
        ("canonical_url", "<head><noscript><link rel=canonical href=/c></noscript></head>", "https://page.example/c"),
        ("canonical_url", "<body><svg><head><link rel=canonical href=/c></head></svg>", ""),
        ("canonical_url", "<body><link rel=canonical href=/c><link rel=canonical href=/d>", ""),
        ("canonical_url", "", ""),
        (
            "metas",
            "<meta name=a content=b><meta name=c><meta content=d><meta name='' content=e>",
            (("a", "b"), ("c", "")),
        ),
        ("metas", "<body><p><meta name=a content=b>", (("a", "b"),)),
        ("metas", "<noscript><meta name=a content=b></noscript>", (("a", "b"),)),
        ("metas", "<template><meta name=a content=b></template>", ()),
        ("metas", "<svg><meta name=a content=b /></svg>", (("a", "b"),)),  # a browser breaks out of SVG for it
    ],
)
def test_a_page_of_itself(attribute: str, body: str, expected: Any) -> None:
    assert getattr(content_of(body), attribute) == expected


@pytest.mark.parametrize(
    ("body", "external", "internal"),
    [
        pytest.param("", 0, 0, id="none"),
        pytest.param("<a href=/a><a href=//www.page.example/><a href=#x>", 0, 3, id="its own domain"),
        pytest.param("<a href=//a.example><a href=//b.example/>", 2, 0, id="others"),
        pytest.param("<a href=//a.example><a href=//a.example>", 2, 0, id="each instance counts"),
        pytest.param("<a href=mailto:x@a.example><a href=javascript:x><a href=ftp://a.example>", 0, 0, id="no pages"),
        pytest.param("<a href=https://><a>", 0, 0, id="nowhere"),
        pytest.param("<area href=//a.example><svg><a href=//a.example></svg>", 2, 0, id="area and SVG"),
        pytest.param("<template><a href=//a.example></template>", 0, 0, id="inert"),
    ],
)
def test_how_many_links(body: str, external: int, internal: int) -> None:
    assert content_of(body).count_links() == (external, internal)


def test_links_between_neighbours_under_a_private_suffix_are_external() -> None:
    assert content_of("<a href=//b.github.io><a href=//a.github.io>", "https://a.github.io/").count_links() == (1, 1)


def test_linked_urls_are_each_way_of_writing_once() -> None:
    content = content_of("<a href=/a><a href=/a><a href=a/../../a><a href=mailto:x><a href=//b.example>")
    expected = ["https://page.example/a", "https://page.example/a", "https://b.example/"]
    assert [url.href for url in content.linked_urls] == expected
    assert [url.href for url in content.linked_urls] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<meta http-equiv=refresh content='0;url=/x'>", (0, "https://page.example/x")),
        ("<META HTTP-EQUIV=Refresh CONTENT='5, URL=\"/x\"y'>", (5, "https://page.example/x")),
        ("<meta http-equiv=refresh content='1.9;/x'>", (1, "https://page.example/x")),
        ("<meta http-equiv=refresh content='.5;/x'>", (0, "https://page.example/x")),
        ("<meta http-equiv=refresh content=x><meta http-equiv=refresh content=0;/y>", (0, "https://page.example/y")),
        ("<meta http-equiv=refresh content=0;/1><meta http-equiv=refresh content=0;/2>", (0, "https://page.example/1")),
        ("<base href=//b.example><meta http-equiv=refresh content=0;x>", (0, "https://b.example/x")),
        ("<body><meta http-equiv=refresh content=0;/x>", (0, "https://page.example/x")),
        ("<meta http-equiv=refresh content=30>", None),
        ("<base href=//b.example><meta http-equiv=refresh content=30>", None),
        ("<meta http-equiv=refresh content='0;url=#top'>", None),
        ("<meta http-equiv=refresh content='0;url=mailto:x'>", None),
        ("<meta http-equiv=refresh content='0;url=https://'>", None),
        ("<meta http-equiv=refresh content='-1;/x'>", None),
        ("<meta http-equiv=refresh content='1x;/x'>", None),
        ("<meta http-equiv=refresh>", None),
        ("<noscript><meta http-equiv=refresh content=0;/x></noscript>", None),
        ("<template><meta http-equiv=refresh content=0;/x></template>", None),
        ("<p><template shadowrootmode=open><meta http-equiv=refresh content=0;/x></template></p>", None),
        ("<meta name=refresh content=0;/x>", None),
        (f"<meta http-equiv=refresh content='{'1' * 1_000_000}x'>", None),
    ],
)
def test_where_a_page_sends_its_readers(body: str, expected: tuple[int, str] | None) -> None:
    refresh = content_of(body).refresh
    assert (refresh and (refresh.seconds, refresh.url.href)) == expected


def test_links_in_links_are_read_a_hundred_times_and_then_only_listed() -> None:
    nested = b"<svg>" + b'<a href="/x" rel="nofollow">' * 103 + b"word"
    found = extract_links(nested, "https://page.example/")
    assert [link.anchor for link in found] == ["word"] * 100 + [""] * 2 + ["word"]  # the innermost contains no link
    assert [link.flags for link in found] == [()] * 100 + [("unread",)] * 2 + [()]
    assert {link.rel for link in found} == {("nofollow",)}


def test_what_every_row_repeats_is_bounded() -> None:
    page = (
        b"<html lang=" + b"x" * 100_000 + b"><title>" + b"word " * 100_000 + b"</title>"
        b"<link rel=canonical href=/" + b"x" * 100_000 + b">"
    )
    content = PageContent(page, "https://page.example/")
    assert (len(content.title), len(content.language), content.canonical_url) == (1_000, 35, "")


# --- what a page says leads where -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<link rel=icon href=/i.png>", [(("icon",), "", "https://a.example/i.png")]),
        (
            "<link rel='Alternate  FEED' type='Application/RSS+xml; charset=utf-8' href=feed>",
            [(("alternate", "feed"), "application/rss+xml", "https://a.example/feed")],
        ),
        ("<base href=//b.example/x/><body><link rel=a href=y>", [(("a",), "", "https://b.example/x/y")]),
        ("<link rel=a><link href=/b><link rel='' href=/c><link rel=d href='data:,x'>", []),
        ("<template><link rel=a href=/b></template><svg><link rel=a href=/c></svg>", []),
    ],
)
def test_what_the_links_in_the_head_say(page: str, expected: list[tuple[tuple[str, ...], str, str]]) -> None:
    relations = PageContent(page.encode(), "https://a.example/").relations
    assert [(relation.rel, relation.media_type, relation.url.href) for relation in relations] == expected


# --- hidden ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "is_hidden"),
    [
        ("<a href=/ hidden>x</a>", True),
        ("<div hidden=until-found><p><a href=/>x</a></div>", True),
        ("<p style='color: red; DISPLAY : none'><a href=/>x</a>", True),
        ("<p style='display:none!important'><a href=/>x</a>", True),
        ("<a href=/ style='visibility:hidden'>x</a>", True),
        ("<map name=m><area href=/></map>", True),
        ("<map name=m hidden><area href=/ hidden></map><img usemap=#m>", False),
        ("<map name=m><area href=/></map><img usemap=#m style='display:none'>", True),
        ("<svg><a href=/ hidden>x</a></svg>", False),  # the attribute is HTML's
        ("<p style='display:nonesuch'><a href=/>x</a>", False),
        ("<p style='xdisplay:none'><a href=/>x</a>", False),
        ("<div hidden></div><a href=/>x</a>", False),
        ("<p class=hidden><a href=/>x</a>", False),
    ],
)
def test_a_link_that_its_page_hides_is_flagged(page: str, is_hidden: bool) -> None:  # noqa: FBT001
    (link,) = extract_links(page.encode(), "https://a.example/")
    assert ("hidden" in link.flags) is is_hidden


def test_hidden_boxes_in_hidden_boxes_are_walked_once() -> None:
    page = b"<div hidden>" * 20_000 + b"<a href=/>x</a>" * 1_000
    with cpu_seconds_at_most(10):
        assert all("hidden" in link.flags for link in extract_links(page, "https://a.example/"))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("0; url=/good", "https://page.example/good"),
        ("5", None),
        ("0;url='//b.example/'", "https://b.example/"),
        ("nonsense", "https://meta.example/"),
        ("", "https://meta.example/"),
        ("0; url=http://[", None),
    ],
)
def test_a_refresh_header_comes_before_the_pages_own(header: str, expected: str | None) -> None:
    body = b"<base href=https://base.example/><meta http-equiv=refresh content='0; url=https://meta.example/'>"
    refresh = PageContent(body, "https://page.example/x", refresh_header=header).refresh
    assert (refresh.url.href if refresh is not None else None) == expected


def test_links_to_one_target_beyond_the_bound_are_one_that_says_how_many() -> None:
    looked_at = []

    def match(url: URL) -> tuple[str, ...]:
        return (url.hostname,) if url.hostname != "other.example" else ()

    number = MOST_ROWS + 500
    body = "".join(f"<a href=//a.example/{n}>a{n}</a><a href=//other.example/{n}>o</a>" for n in range(number))
    content = PageContent(f"{body}<a href=//b.example/>b</a>".encode(), "https://page.example/")
    around = content.layout.context_of
    content.layout.context_of = lambda *given: looked_at.append(given) or around(*given)  # type: ignore[method-assign, func-returns-value, redundant-expr]
    found = list(content.links_to(match))
    assert len(looked_at) == MOST_ROWS + 1
    assert [link.anchor for link, _ in found[:MOST_ROWS]] == [f"a{n}" for n in range(MOST_ROWS)]
    assert [(link.url, link.number, link.flags) for link, _ in found[MOST_ROWS:]] == [
        ("https://b.example/", 1, ()),
        (f"https://a.example/{MOST_ROWS}", 500, ("more",)),
    ]
    assert len(extract_links(body.encode(), "https://page.example/")) == 2 * number


@pytest.mark.parametrize("depth", [100, 505, 509, 512, 520, 2_000])
@pytest.mark.parametrize(
    "box", ["<div>", "<b>", "<ul><li>", "<table><tr><td>", "<font color=red>", "<section class=x>"]
)
def test_links_of_deep_pages_keep_their_words(box: str, depth: int) -> None:
    body = f"<title>t</title>{box * depth}<p>see <a href=/x>go <i>on</i></a> now</p>"
    ((link, _),) = PageContent(body.encode(), "https://page.example/").links_to(lambda url: (url.hostname,))
    assert (link.anchor, link.context.placement, link.context.context_before) == ("go on", "content", "see")


def test_links_of_deep_pages_whose_boxes_end_keep_their_places() -> None:
    deep = "<div>" * 600 + "<a href=/1>one</a>" + "</div>" * 600
    content = PageContent(f"{deep}<footer><a href=/2>two</a></footer>".encode(), "https://page.example/")
    found = [(link.anchor, link.context.placement) for link, _ in content.links_to(lambda url: (url.hostname,))]
    assert found == [("one", "content"), ("two", "footer")]


def test_the_hosts_of_a_page_with_very_many_links_are_those_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"<a href=mailto:a@b.example>m</a>" + b"".join(b"<a href=//h%d.example/>x</a>" % n for n in range(9))
    assert len(PageContent(body, "https://page.example/").linked_hosts) == 9
    monkeypatch.setattr(page, "MOST_KEPT", 4)
    assert PageContent(body, "https://page.example/").linked_hosts == {"h0.example", "h1.example", "h2.example"}


@pytest.mark.parametrize("count", [3, 12, 13, 100])
def test_spread_references_of_a_page_with_very_many_links_are_those_that_are_kept(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    body = b"<a>no link</a>" + b"".join(b"<a href=/%d>x</a>" % n for n in range(count))
    kept = [one.raw_href for one in PageContent(body, "https://page.example/").spread_references(12)]
    monkeypatch.setattr(page, "MOST_KEPT", 2)
    content = PageContent(body, "https://page.example/")
    assert kept == [one.raw_href for one in content.spread_references(12)]
    assert kept == [f"/{at * count // min(count, 12)}" for at in range(min(count, 12))]
    assert [one.raw_href for one in content.references[-2:]] == [f"/{count - 2}", f"/{count - 1}"]
    assert content.references[1].raw_href == "/1"
    with pytest.raises(IndexError):
        content.references[count]
