"""Pages that are XML, by the rules of XML; what is expected is what Chromium shows of each."""

from __future__ import annotations

import pytest

from backlinkbot.extract.html import is_xml_page, parse_xhtml
from backlinkbot.extract.html.xhtml import MOST_DEPTH
from backlinkbot.extract.page import PageContent

PAGE = "https://page.example/dir/x"
NS = "http://www.w3.org/1999/xhtml"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:q="http://www.w3.org/1999/xlink">'
HEAD, END = f'<html xmlns="{NS}"><head><title>t</title></head><body>', "</body></html>"
ONE, TWO = '<a href="/1">one</a>', '<a href="/2">two</a>'
STRICT = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
BOTH = [("/1", "one"), ("/2", "two")]
FIRST = BOTH[:1]

# name -> the document, and its links as written, each with its words
WHOLE: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "nothing": ("", []),
    "empty title": (HEAD.replace("<title>t</title>", "<title/>") + ONE + END, FIRST),
    "empty script": (HEAD + '<script src="a.js"/>' + ONE + END, FIRST),
    "empty frame": (HEAD + '<iframe src="/x"/><textarea/>' + ONE + END, FIRST),
    "script": (HEAD + "<script>if (a &lt; b) x</script>" + ONE + END, FIRST),
    "prefixes": (f'<h:html xmlns:h="{NS}"><h:body><h:a href="/1">one</h:a></h:body></h:html>', FIRST),
    "a prefix that changes its meaning": (
        f'<p:html xmlns:p="{NS}"><p:a href="/1">one</p:a><p:b xmlns:p="urn:x"><p:a href="/no">x</p:a></p:b></p:html>',
        FIRST,
    ),
    "unknown prefix": (HEAD + ONE + '<z:a href="/z">z</z:a>' + TWO + END, BOTH),
    "CDATA": (HEAD + '<![CDATA[a > b <a href="/no">x</a>]]><a href="/1"><![CDATA[o<n]]>e</a>' + END, [("/1", "o<ne")]),
    "no namespace": (f"<html><body>{ONE}</body></html>", []),
    "upper case": (HEAD + '<A HREF="/1">x</A><a HREF="/2">y</a>' + END, []),
    "links in links": (HEAD + '<a href="/1">x<a href="/2">y</a></a>' + END, [("/1", "xy"), ("/2", "y")]),
    "template": (HEAD + f"<template>{ONE}</template>{TWO}" + END, BOTH[1:]),
    "no declarative shadow tree": (HEAD + f'<div><template shadowrootmode="open">{ONE}</template></div>' + END, []),
    "noscript": (HEAD + f"<noscript>{ONE}</noscript>" + END, FIRST),
    "xlink by another prefix": (HEAD + SVG + '<a q:href="/1"><text>one</text></a></svg>' + END, FIRST),
    "a drawing": (SVG + '<a href="/1"><text>one</text></a></svg>', FIRST),
    "white space before": (f" \n{HEAD}{ONE}{END}", FIRST),
    "instructions": (f'<?xml version="1.1"?><?xml-stylesheet href="x.xsl" type="text/xsl"?>{HEAD}{ONE}{END}', FIRST),
    "HTML's entities": (STRICT + HEAD + '<a href="/&eacute;">t&nbsp;&copy;</a>' + END, [("/é", "t ©")]),
    "entities of nobody knows what": (f'<!DOCTYPE html SYSTEM "x.dtd">{HEAD}<a href="/&a;1">o&b;ne</a>{END}', FIRST),
    "entities of its own": (
        f'<!DOCTYPE html [<!ENTITY u "/1"><!ENTITY l "&#60;a href=\'/2\'>two&#60;/a>">]>{HEAD}<a href="&u;">one</a>&l;{END}',
        BOTH,
    ),
    "files are not opened": (
        f'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]>{HEAD}<a href="/1">one&x;</a>{END}',
        FIRST,
    ),
    "deep": (HEAD + "<div>" * 700 + ONE + "</div>" * 700 + END, FIRST),
}
BROKEN: dict[str, str] = {
    "wrong end": "<b></p>",
    "bare ampersand": '<a href="?a&b=1">x</a>',
    "unknown entity": "a&nbsp;b",
    "two of an attribute": '<a href="/3" href="/4">x</a>',
    "no quotes": "<a href=/3>x</a>",
    "< in an attribute": '<a href="/<3">x</a>',
    "control character": "\x01",
    "NUL": "\0",
    "-- in a comment": "<!-- a -- b -->",
    "behind the end": END,
}


def links(body: bytes, charset: str = "") -> list[tuple[str, str]]:
    content = PageContent(body, PAGE, charset, parse_xhtml)
    return [(link.raw_href, link.anchor) for link in content.links()]


@pytest.mark.parametrize("name", WHOLE)
def test_documents(name: str) -> None:
    text, expected = WHOLE[name]
    assert links(text.encode()) == expected


@pytest.mark.parametrize("name", BROKEN)
def test_a_page_is_what_stands_before_its_first_mistake(name: str) -> None:
    assert links(f"{HEAD}{ONE}{BROKEN[name]}{TWO}{END}".encode()) == FIRST


def test_what_is_open_at_the_end_is_shown() -> None:
    assert links(f"{HEAD}{ONE}<p>{TWO}".encode()) == BOTH
    assert links(f'{HEAD}{ONE}<a href="/3">lost & gone'.encode()) == [*FIRST, ("/3", "")]
    assert links(f'\n<?xml version="1.0"?>{HEAD}{ONE}{END}'.encode()) == []  # a declaration has to come first


@pytest.mark.parametrize(
    ("declared", "charset", "written", "encoding"),
    [
        ("", "", "utf-8", "UTF-8"),
        ("windows-1251", "", "cp1251", "windows-1251"),
        ("windows-1251", "koi8-r", "koi8-r", "KOI8-R"),
        ("windows-1251", "nonsense", "cp1251", "windows-1251"),
        ("utf-16", "", "utf-8", "UTF-8"),
        ("nonsense", "", "utf-8", "UTF-8"),
        ("windows-1251", "", "utf-8-sig", "UTF-8"),
        ("utf-16", "", "utf-16", "UTF-16LE"),
        ("", "", "utf-16-le", "UTF-16LE"),
        ("", "", "utf-16-be", "UTF-16BE"),
    ],
)
def test_encodings(declared: str, charset: str, written: str, encoding: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = f'{declaration}{HEAD}<meta charset="gbk"/><a href="/?ф">ф</a>{END}'.encode(written)
    content = PageContent(body, PAGE, charset, parse_xhtml)
    assert (content.encoding, [link.anchor for link in content.links()]) == (encoding, ["ф"])


def test_bytes_that_are_no_utf_8_are_a_mistake() -> None:
    assert links(f"{HEAD}{ONE}".encode() + b"\xff" + TWO.encode()) == FIRST


def test_a_page_of_itself() -> None:
    base = f'<html xmlns="{NS}" xml:base="http://no.example/" xml:lang="de"><head><base href="/b/"/><title>t</title>'
    body = f'{base}<link rel="canonical" href="c"/><meta name="robots" content="none"/></head><body>{ONE}{SVG}<title>s</title></svg>{END}'
    content = PageContent(body.encode(), PAGE, "", parse_xhtml)
    assert (content.title, content.language, content.base_url.href) == ("t", "de", "https://page.example/b/")
    assert (content.canonical_url, content.metas) == ("https://page.example/b/c", (("robots", "none"),))
    ((link, _),) = content.links_to(lambda _: (True,))
    assert link.context.placement == "content"


def test_comments_and_frames_of_it_are_html() -> None:
    content = PageContent(f"{HEAD}{END}".encode(), PAGE, "", parse_xhtml)
    part = content.part("<p>a<p><a href=/1>one")
    assert [link.anchor for link in part.links()] == ["one"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (HEAD, True),
        (f'<x:html xmlns:x="{NS}">', True),
        (SVG, True),
        (f'<?xml version="1.0"?>\n<!-- c -->{STRICT}{HEAD}', True),
        ("<rss><channel>", False),
        ("<html>", False),
        ("<!doctype html><p>", False),
        ("", False),
        ("<" * 100_000, False),
    ],
)
def test_which_xml_is_a_page(body: str, expected: bool) -> None:  # noqa: FBT001
    assert is_xml_page(body.encode()) is expected


def test_hostile_documents_end() -> None:
    lol = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<!DOCTYPE html [<!ENTITY a0 "lollollol">{lol}]>{HEAD}{ONE}&a9;{TWO}{END}'
    content = PageContent(body.encode(), PAGE, "", parse_xhtml)
    assert content.is_cut or [link.raw_href for link in content.links()] == ["/1"]
    deep = f"{HEAD}{ONE}{'<div>' * (MOST_DEPTH + 10)}{TWO}"
    assert links(deep.encode()) == FIRST
