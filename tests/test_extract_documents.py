"""Documents that name pages: sitemaps, feeds, and the answers of search endpoints, of good and of bad authors."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.extract.documents import read_captures, read_feed, read_link_uses, read_search, read_sitemap
from backlinkbot.extract.documents.wikis import page_url
from tests.cost import cpu_seconds_at_most

FEED = "https://blog.example/feed.xml"
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def locations(body: str | bytes, charset: str = "") -> list[str]:
    return [entry.location for entry in read_sitemap(body if isinstance(body, bytes) else body.encode(), charset)]


def urlset(*entries: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {SITEMAP}>{"".join(entries)}</urlset>'


def page(location: str, rest: str = "") -> str:
    return f"<url><loc>{location}</loc>{rest}</url>"


# --- sitemaps ---


def test_a_sitemap_names_pages_with_their_dates() -> None:
    body = urlset(page("\n https://a.example/1\n", "<lastmod>2026-01-02</lastmod>"), page("https://a.example/2"))
    assert [(e.location, e.lastmod, e.is_sitemap) for e in read_sitemap(body.encode())] == [
        ("https://a.example/1", "2026-01-02", False),
        ("https://a.example/2", "", False),
    ]


def test_an_index_names_sitemaps() -> None:
    body = f"<sitemapindex {SITEMAP}><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>"
    assert [(e.location, e.is_sitemap) for e in read_sitemap(body.encode())] == [("https://a.example/s.xml", True)]


def test_images_and_translations_of_a_page_are_no_pages() -> None:
    rest = (
        '<image:image xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><image:loc>https://a.example/i.png'
        '</image:loc></image:image><xhtml:link xmlns:xhtml="http://www.w3.org/1999/xhtml" rel="alternate" hreflang="de" '
        'href="https://a.example/de"/>'
    )
    assert locations(urlset(f"<url>{rest}<loc>https://a.example/1</loc></url>")) == ["https://a.example/1"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("http://a.example/1\r\nhttps://a.example/2\n", ["http://a.example/1", "https://a.example/2"]),
        ("\ufeff\nhttps://a.example/1", ["https://a.example/1"]),
        (urlset(page("https://a.example/?a=1&amp;b=2")), ["https://a.example/?a=1&b=2"]),
        (urlset(page("https://a.example/?a=1&b=2")), ["https://a.example/?a=1&b=2"]),
        (urlset(page("<![CDATA[https://a.example/?a=1&b=2]]>")), ["https://a.example/?a=1&b=2"]),
        (urlset(page("https://a.example/1<!-- no -->")), ["https://a.example/1"]),
        (urlset(page("https://a.example/<b>1</b>"), page("https://a.example/2")), ["https://a.example/2"]),
        (urlset("<url><lastmod>2026</lastmod></url>"), []),
        ("<urlset><url><loc>https://a.example/1</loc></url></urlset>", ["https://a.example/1"]),
        (f'<s:urlset xmlns:s="x"><s:url><s:loc>{FEED}</s:loc></s:url></s:urlset>', [FEED]),
        ("<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.exam", ["https://a.example/1"]),
        ("<html><body><urlset><url><loc>https://a.example/1</loc></url></urlset></body></html>", []),
        ("", []),
        ("no sitemap", []),
        ("{}", []),
    ],
)
def test_what_a_sitemap_may_look_like(body: str, expected: list[str]) -> None:
    assert locations(body) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><urlset>{page("https://a.example/ü?a&amp;b")}</urlset>'.encode(
        encoding
    )
    assert locations(body) == ["https://a.example/ü?a&b"]


def test_the_header_counts_for_more_than_the_document_and_less_than_its_byte_order_mark() -> None:
    declared = '<?xml version="1.0" encoding="utf-8"?>'
    body = f"{declared}<urlset>{page('https://a.example/ü')}</urlset>"
    assert locations(body.encode("latin-1"), "iso-8859-1") == ["https://a.example/ü"]
    assert locations(body.encode("utf-8-sig"), "iso-8859-1") == ["https://a.example/ü"]
    assert locations(body, "no-such-charset") == ["https://a.example/ü"]


def test_packed_sitemaps() -> None:
    body = urlset(*(page(f"https://a.example/{n}") for n in range(5_000))).encode()
    packed = gzip.compress(body)
    assert len(locations(packed)) == 5_000
    assert 100 < len(locations(packed[: len(packed) // 2])) < 5_000
    assert locations(packed[:8] + b"\xff" * 50) == []
    assert list(read_sitemap(packed, max_size=len(body) - 1)) == []
    assert len(list(read_sitemap(packed, max_size=len(body)))) == 5_000


def test_no_entity_opens_a_file_or_grows() -> None:
    doctype = '<!DOCTYPE urlset [<!ENTITY word "lol"><!ENTITY file SYSTEM "file:///etc/passwd">]>'
    body = f"{doctype}<urlset>{page('&file;')}{page('https://a.example/&word;')}{page(FEED)}</urlset>"
    assert locations(body) == ["&file;", "https://a.example/&word;", FEED]  # names like any other
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    assert locations(f'<!DOCTYPE urlset [<!ENTITY l0 "lol">{lol}]><urlset>{page("&l9;")}</urlset>') == ["&l9;"]


@pytest.mark.slow
@pytest.mark.parametrize("inner", ["<a/>", "<a>", "<url>", "<url/>", "<![CDATA[", "&", "&a", "<!--", "<a b='"])
def test_a_hostile_document_costs_little(inner: str) -> None:
    body = f"<urlset>{page(FEED)}".encode() + inner.encode() * (2_000_000 // len(inner))
    tracemalloc.start()
    with cpu_seconds_at_most(40):  # most of them are tracemalloc's
        found = locations(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [FEED]
    assert peak < 60_000_000


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"<urlset>", b"<rss><channel><item>", b"<feed><entry>", b"\x1f\x8b"])
)
def test_no_bytes_raise(rest: bytes, start: bytes) -> None:
    for read in READERS:
        read(start + rest)


READERS: list[Callable[[bytes], Any]] = [
    lambda body: list(read_sitemap(body)),
    lambda body: list(read_feed(body, FEED)),
    read_captures,
    read_link_uses,
    read_search,
]


# --- feeds ---


def rss(*items: str) -> bytes:
    namespaces = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    )
    return f'<rss version="2.0" {namespaces}><channel>{"".join(items)}</channel></rss>'.encode()


def atom(*entries: str, base: str = "") -> bytes:
    attribute = f' xml:base="{base}"' if base else ""
    return f'<feed xmlns="http://www.w3.org/2005/Atom"{attribute}>{"".join(entries)}</feed>'.encode()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rss("<item><link>https://blog.example/1</link></item>"), ["https://blog.example/1"]),
        (rss("<item><link> /1 </link></item>"), ["https://blog.example/1"]),
        (rss("<item><guid>https://blog.example/1</guid></item>"), ["https://blog.example/1"]),
        (rss('<item><guid isPermaLink="false">https://blog.example/1</guid></item>'), [""]),
        (rss("<item><guid>tag:1</guid></item>"), [""]),
        (rss("<item><link>javascript:alert(1)</link></item>"), [""]),
        (
            rss("<item><link>https://feeds.example/~r/1</link><feedburner:origLink>/1</feedburner:origLink></item>"),
            ["https://blog.example/1"],
        ),
        (atom('<entry><link href="1"/></entry>'), ["https://blog.example/1"]),
        (atom('<entry><link href="1"/></entry>', base="/posts/"), ["https://blog.example/posts/1"]),
        (
            atom('<entry><link rel="self" href="/s"/><link rel="alternate" type="text/html" href="/1"/></entry>'),
            ["https://blog.example/1"],
        ),
        (atom('<entry><link rel="enclosure" href="/a.mp3"/><link type="application/json" href="/j"/></entry>'), [""]),
        (
            b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item><link>https://blog.example/1</link></item></r:RDF>',
            ["https://blog.example/1"],
        ),
        (rss("<item><link>/1</link></item>")[:-16], ["https://blog.example/1"]),
        (b"<html><link href=/1></html>", []),
        (b"", []),
    ],
)
def test_where_the_items_of_a_feed_lie(body: bytes, expected: list[str]) -> None:
    assert [item.url for item in read_feed(body, FEED)] == expected


@pytest.mark.parametrize(
    ("body", "html"),
    [
        (rss("<item><description>&lt;a href='/x'&gt;x&lt;/a&gt;</description></item>"), "<a href='/x'>x</a>"),
        (
            rss("<item><content:encoded><![CDATA[<a href='/x?a&b'>x</a>]]></content:encoded></item>"),
            "<a href='/x?a&b'>x</a>",
        ),
        (rss("<item><description>a&nbsp;<![CDATA[<a href='/x'>]]></description></item>"), "a&nbsp;<a href='/x'>"),
        (atom("<entry><content type='html'>&lt;b></content></entry>"), "<b>"),
        (atom("<entry><summary>s</summary><content>c</content></entry>"), "s\nc"),
        (
            atom(
                "<entry><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><a href='/x'>x</a>!</div>"
                "</content></entry>"
            ),
            '<div xmlns="http://www.w3.org/1999/xhtml"><a href="/x">x</a>!</div>',
        ),
        (rss("<item><title>t</title></item>"), ""),
    ],
)
def test_what_the_items_of_a_feed_say(body: bytes, html: str) -> None:
    assert [item.html for item in read_feed(body, FEED)] == [html]


def test_when_an_item_was_written() -> None:
    body = rss("<item><pubDate>Mon, 06 Sep 2021 00:01:00 +0000</pubDate></item><item/>")
    assert [item.updated for item in read_feed(body, FEED)] == ["Mon, 06 Sep 2021 00:01:00 +0000", ""]


# --- wikis ---


def test_the_answer_of_a_wiki() -> None:
    body = {
        "batchcomplete": True,
        "continue": {"eucontinue": "12345", "continue": "-||siteinfo"},
        "query": {
            "general": {"server": "//wiki.example", "articlepath": "/wiki/$1", "sitename": "A wiki"},
            "exturlusage": [
                {"pageid": 7, "ns": 0, "title": "Tide table", "url": "https://target.example/tides"},
                {"pageid": 8, "ns": 0, "title": ""},
                "no entry",
            ],
        },
    }
    answer = read_link_uses(json.dumps(body).encode())
    assert answer is not None
    assert [(use.title, use.url) for use in answer.uses] == [("Tide table", "https://target.example/tides")]
    assert dict(answer.onward) == {"eucontinue": "12345", "continue": "-||siteinfo"}
    assert answer.pages_at == "//wiki.example/wiki/$1"
    assert answer.error == ""


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"error":{"code":"maxlag","info":"Waiting for a database server: 7 seconds lagged.","lag":7}}', "maxlag"),
        (b'{"error":{"code":"readapidenied","info":"You need read permission."}}', "readapidenied"),
        (b'{"error":true}', "unknown"),
    ],
)
def test_the_errors_of_a_wiki(body: bytes, error: str) -> None:
    answer = read_link_uses(body)
    assert answer is not None
    assert (answer.error, answer.uses) == (error, ())


@pytest.mark.parametrize(
    "body",
    [b"", b"<!DOCTYPE html><title>Error</title>", b'{"query":{"exturlusage":[{"tit', b"[]", b'{"a":1}', b"[" * 100_000],
)
def test_what_is_no_answer(body: bytes) -> None:
    assert read_link_uses(body) is None
    assert read_search(body) in {None, ()}


def test_a_wiki_of_another_shape_says_nothing() -> None:
    for body in (b'{"query":[]}', b'{"query":{"exturlusage":{"a":1},"general":[]},"continue":3}'):
        answer = read_link_uses(body)
        assert answer is not None
        assert (answer.uses, answer.onward, answer.pages_at) == ((), (), "")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Tide table", "https://wiki.example/wiki/Tide_table"),
        ("AC/DC: live (1991)", "https://wiki.example/wiki/AC/DC:_live_(1991)"),
        ("100% öl?#", "https://wiki.example/wiki/100%25_%C3%B6l%3F%23"),
    ],
)
def test_where_a_page_of_a_wiki_lies(title: str, expected: str) -> None:
    assert page_url("https://wiki.example/wiki/$1", title) == expected


# --- WordPress and CDX ---


def test_the_answer_of_a_search() -> None:
    found = [{"id": 1, "url": "https://blog.example/1"}, {"link": "https://blog.example/2"}, {"id": 3}, {"url": 4}, "x"]
    assert read_search(json.dumps(found).encode()) == ("https://blog.example/1", "https://blog.example/2")
    assert read_search(b"\xef\xbb\xbf[]") == ()
    assert read_search(b'{"code":"rest_no_route","message":"No route","data":{"status":404}}') is None


@pytest.mark.parametrize(
    ("body", "found", "key"),
    [
        ("https://a.example/1\nhttp://a.example:80/2\n", ["https://a.example/1", "http://a.example:80/2"], ""),
        (
            "https://a.example/1\n\ncom%2Cexample%29%2F+20130908152542%21\n",
            ["https://a.example/1"],
            "com%2Cexample%29%2F+20130908152542%21",
        ),
        ("https://a.example/1\r\n\r\nkey\r\n\r\n", ["https://a.example/1"], "key"),
        ("", [], ""),
        ("\n\nkey\n", [], "key"),
    ],
)
def test_the_answer_of_an_archive(body: str, found: list[str], key: str) -> None:
    captures = read_captures(body.encode())
    assert captures is not None
    assert (list(captures.urls), captures.resume_key) == (found, key)


@pytest.mark.parametrize(
    "body",
    [
        "<html><head><title>429 Too Many Requests</title></head></html>",
        "org.archive.util.io.RuntimeIOException: AdministrativeAccessControlException: Blocked Site Error\n",
        "Internal server error",
    ],
)
def test_an_archive_that_answers_something_else(body: str) -> None:
    assert read_captures(body.encode()) is None
