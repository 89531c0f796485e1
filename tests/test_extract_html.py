"""Bytes become elements as in a browser without scripts: encodings, trees, and pages that are out to hurt."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest

from backlinkbot.extract.html import FALLBACK_ENCODING, Parser
from backlinkbot.extract.page import PageContent, extract_links
from tests.cost import cpu_seconds_at_most

pytestmark = pytest.mark.usefixtures("each_parser")

PAGE = "https://page.example/"
BOMS = {"UTF-8": b"\xef\xbb\xbf", "UTF-16LE": b"\xff\xfe", "UTF-16BE": b"\xfe\xff"}


def test_pages_are_read_by_the_parser_that_is_asked_for(each_parser: Parser) -> None:
    assert type(PageContent(b"", PAGE).document) is type(each_parser(b""))


def hrefs(body: bytes | str, charset: str = "") -> list[str]:
    data = body.encode() if isinstance(body, str) else body
    return [link.raw_href for link in extract_links(data, PAGE, charset)]


# --- the encoding: byte order mark, header, meta, windows-1252 ------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "charset", "encoding"),
    [
        # nothing declared
        pytest.param(b"", "", "windows-1252", id="empty"),
        pytest.param(b"<p>x", "", "windows-1252", id="ASCII"),
        pytest.param(b"<p>\xe9", "", "windows-1252", id="latin-1"),
        pytest.param("<p>é".encode(), "", "windows-1252", id="UTF-8 that does not say so is not guessed"),
        # meta
        pytest.param(b"<meta charset=utf-8>", "", "UTF-8", id="meta charset"),
        pytest.param(b"<META CHARSET = 'UTF-8' />", "", "UTF-8", id="meta charset, upper case and quotes"),
        pytest.param(b"<meta charset=utf8>", "", "UTF-8", id="a label"),
        pytest.param(b"<meta charset=iso-8859-1>", "", "windows-1252", id="latin-1 is windows-1252"),
        pytest.param(b"<meta charset=us-ascii>", "", "windows-1252", id="ASCII is windows-1252"),
        pytest.param(b"<meta charset=windows-1251>", "", "windows-1251", id="windows-1251"),
        pytest.param(b"<meta charset=gb2312>", "", "GBK", id="gb2312 is GBK"),
        pytest.param(b"<meta charset=ks_c_5601-1987>", "", "EUC-KR", id="ks_c_5601 is EUC-KR"),
        pytest.param(b"<meta charset=x-sjis>", "", "Shift_JIS", id="x-sjis is Shift_JIS"),
        pytest.param(b"<meta charset=utf-16>", "", "UTF-8", id="a meta cannot say UTF-16"),
        pytest.param(b"<meta charset=x-user-defined>", "", "windows-1252", id="a meta cannot say x-user-defined"),
        pytest.param(b"<meta charset=nonsense>", "", "windows-1252", id="nobody knows it"),
        pytest.param(b"<meta charset=utf-7>", "", "windows-1252", id="no browser knows utf-7"),
        pytest.param(b"<meta charset=nonsense><meta charset=utf-8>", "", "UTF-8", id="the next that is known"),
        pytest.param(b"<meta charset=koi8-r><meta charset=utf-8>", "", "KOI8-R", id="the first of two"),
        pytest.param(b'<meta http-equiv=content-type content="text/html; charset=koi8-r">', "", "KOI8-R", id="pragma"),
        pytest.param(b'<meta content="charset=koi8-r">', "", "windows-1252", id="no pragma"),
        pytest.param(b"<!-- <meta charset=koi8-r> -->", "", "windows-1252", id="in a comment"),
        pytest.param(b"<script><meta charset=koi8-r></script>", "", "windows-1252", id="in a script"),
        pytest.param(b" " * 2000 + b"<head><meta charset=koi8-r>", "", "KOI8-R", id="behind the first kilobyte"),
        # the XML declaration
        pytest.param(b'<?xml version="1.0" encoding="koi8-r"?><p>', "", "KOI8-R", id="XML declaration"),
        pytest.param(b"<?xml encoding = 'koi8-r'>", "", "KOI8-R", id="XML declaration, bare"),
        pytest.param(b'<?xml encoding="utf-8"?><p>', "", "UTF-8", id="XML declaration: UTF-8 that says so"),
        pytest.param(b'<?xml encoding="utf-16"?>', "", "UTF-8", id="an XML declaration in ASCII cannot say UTF-16"),
        pytest.param(b'<?xml encoding="ucs-2"?>', "", "UTF-8", id="nor by another label"),
        pytest.param(b'<?xml encoding="nonsense"?>', "", "windows-1252", id="XML declaration that nobody knows"),
        pytest.param(b'<?xml encoding="koi8-r"', "", "windows-1252", id="XML declaration without end"),
        pytest.param(b'<?xml encoding="koi8 r"?>', "", "windows-1252", id="XML declaration with a space in the name"),
        pytest.param(b'<?xml encoding encoding="koi8-r"?>', "", "windows-1252", id="its first encoding counts"),
        pytest.param(b'<?xml ?> encoding="koi8-r">', "", "windows-1252", id="behind the XML declaration"),
        pytest.param(b' <?xml encoding="koi8-r"?>', "", "windows-1252", id="XML declaration not at the start"),
        pytest.param(b'<?xml encoding="koi8-r"?><meta charset=gbk>', "", "GBK", id="meta over XML declaration"),
        pytest.param(b'<?xml encoding="koi8-r"?>', "gbk", "GBK", id="header over XML declaration"),
        pytest.param("<?xml?><p>".encode("utf-16-le"), "", "UTF-16LE", id="XML declaration in UTF-16LE"),
        pytest.param("<?xml?><p>".encode("utf-16-be"), "", "UTF-16BE", id="XML declaration in UTF-16BE"),
        pytest.param("<?xml?><p>".encode("utf-16-le"), "utf-8", "UTF-8", id="header over one in UTF-16LE"),
        # header over meta
        pytest.param(b"<meta charset=koi8-r>", "utf-8", "UTF-8", id="header over meta"),
        pytest.param(b"<p>", "UTF-8", "UTF-8", id="header alone"),
        pytest.param(b"<p>", " utf-8 ", "UTF-8", id="header with spaces"),
        pytest.param(b"<p>", "ISO-8859-1", "windows-1252", id="header: latin-1"),
        pytest.param(b"<p>", "cp1251", "windows-1251", id="header: a label"),
        pytest.param(b"<\x00p\x00>\x00", "utf-16", "UTF-16LE", id="header: UTF-16"),
        pytest.param(b"<meta charset=koi8-r>", "nonsense", "KOI8-R", id="header that nobody knows, then meta"),
        pytest.param(b"<p>", "nonsense", "windows-1252", id="header that nobody knows, then nothing"),
        pytest.param(b"<meta charset=koi8-r>", "utf-7", "KOI8-R", id="Python's encodings are not the web's"),
        pytest.param(b"<p>", "hex", "windows-1252", id="Python's codecs are not the web's"),
        pytest.param(b"<p>", "\u00fctf-8\ud800", "windows-1252", id="header that is no ASCII"),
        # byte order mark over all
        pytest.param(BOMS["UTF-8"] + b"<meta charset=koi8-r>", "", "UTF-8", id="BOM over meta"),
        pytest.param(BOMS["UTF-8"] + b"<p>", "koi8-r", "UTF-8", id="BOM over header"),
        pytest.param(BOMS["UTF-16LE"] + "<p>".encode("utf-16-le"), "utf-8", "UTF-16LE", id="UTF-16LE BOM over header"),
        pytest.param(BOMS["UTF-16BE"] + "<p>".encode("utf-16-be"), "utf-8", "UTF-16BE", id="UTF-16BE BOM over header"),
    ],
)
def test_the_encoding(body: bytes, charset: str, encoding: str, each_parser: Parser) -> None:
    assert each_parser(body, charset).encoding == encoding


def test_the_fallback_is_windows_1252() -> None:
    assert FALLBACK_ENCODING == "windows-1252"


@pytest.mark.parametrize(
    ("body", "charset", "anchor"),
    [
        pytest.param("<a href=/>Größe</a>".encode(), "utf-8", "Größe", id="utf-8"),
        pytest.param("<a href=/>Größe</a>".encode("latin-1"), "", "Größe", id="latin-1 by default"),
        pytest.param(b"<a href=/>\x80\x93</a>", "iso-8859-1", "€“", id="windows-1252 in latin-1's clothes"),
        pytest.param("<meta charset=windows-1251><a href=/>Слово</a>".encode("cp1251"), "", "Слово", id="windows-1251"),
        pytest.param("<meta charset=shift_jis><a href=/>日本</a>".encode("cp932"), "", "日本", id="shift_jis"),
        pytest.param("<meta charset=gbk><a href=/>中文</a>".encode("gbk"), "", "中文", id="gbk"),
        pytest.param(b"\xff\xfe" + "<a href=/>日本</a>".encode("utf-16-le"), "", "日本", id="utf-16 by BOM"),
        pytest.param("<a href=/>日本</a>".encode("utf-16-be"), "utf-16be", "日本", id="utf-16 by header"),
        pytest.param("<a href=/>Größe</a>".encode(), "", "GrÃ¶ÃŸe", id="utf-8 that does not say so"),
        pytest.param(
            "<meta charset=utf-8><a href=/>Größe</a>".encode("latin-1"), "", "Gr\ufffd\ufffde", id="a false meta"
        ),
        pytest.param(b"<a href=/>a\xc3</a>", "utf-8", "a\ufffd", id="a character that is cut off"),
        pytest.param(b"<a href=/>\xed\xa0\x80\xf5\xff</a>", "utf-8", "\ufffd" * 5, id="broken utf-8"),
    ],
)
def test_text_in_its_encoding(body: bytes, charset: str, anchor: str) -> None:
    [link] = extract_links(body, PAGE, charset)
    assert link.anchor == anchor


# --- the tree: what is an element and what is not ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("<a href=x>", ["x"], id="unclosed"),
        pytest.param("<A HREF=x>", ["x"], id="upper case"),
        pytest.param("<a\n href\n =\n x >", ["x"], id="white space"),
        pytest.param("<a href='x'>", ["x"], id="single quotes"),
        pytest.param('<a href="x>y">', ["x>y"], id="angle bracket in an attribute"),
        pytest.param("<a/href=x>", ["x"], id="slash for a space"),
        pytest.param("<a href=x href=y>", ["x"], id="the first of two attributes"),
        pytest.param("<a href>", [""], id="no value"),
        pytest.param("<a href=a&amp;b&#x2F;c&sect=1>", ["a&b/c&sect=1"], id="character references"),
        pytest.param("<a href=?a=1&sectionId=2>", ["?a=1&sectionId=2"], id="&sect without semicolon before a letter"),
        pytest.param("<a href=a\x00b>", ["a\ufffdb"], id="NUL"),
        pytest.param("<a href=&#0;&#xD800;&#x110000;>", ["\ufffd\ufffd\ufffd"], id="characters that are none"),
        pytest.param("<a href=1><a href=2>", ["1", "2"], id="nested"),
        pytest.param(
            "<a href=1><div><a href=2></div></a>", ["1", "1", "2"], id="nested in a block: split as in a browser"
        ),
        pytest.param("<table><a href=x>t</a><tr><td></table>", ["x"], id="in a table's skeleton"),
        pytest.param("<select><option><a href=x></select>", ["x"], id="in a select"),
        pytest.param("<p><a href=x></p><p>y", ["x", "x"], id="goes on in the next paragraph"),
        pytest.param("</body></html><a href=x>", ["x"], id="behind the end"),
        pytest.param("<head><title>t</title><a href=x>", ["x"], id="in the head"),
        pytest.param("<frameset><a href=x></frameset>", [], id="in a frameset"),
        pytest.param("<noframes><a href=x></noframes>", [], id="in noframes: text"),
        pytest.param("<iframe><a href=x></iframe>", [], id="in an iframe: text"),
        pytest.param("<textarea><a href=x></textarea>", [], id="in a textarea: text"),
        pytest.param("<title><a href=x></title>", [], id="in a title: text"),
        pytest.param("<xmp><a href=x></xmp>", [], id="in xmp: text"),
        pytest.param("<plaintext><a href=x>", [], id="behind plaintext: text"),
        pytest.param("<!-- <a href=x> -->", [], id="in a comment"),
        pytest.param("<!-- <a href=1> --!><a href=2>", ["2"], id="behind a comment that ends oddly"),
        pytest.param("<!--><a href=x>", ["x"], id="behind a comment that is empty"),
        pytest.param("<! <a href=1> ><a href=2>", ["2"], id="behind a bogus comment"),
        pytest.param("<?php <a href=1> ?><a href=2>", ["2"], id="behind a processing instruction"),
        pytest.param("<![CDATA[<a href=1>]]><a href=2>", ["2"], id="CDATA outside of SVG is a comment"),
        pytest.param("<svg><![CDATA[<a href=1>]]></svg><a href=2>", ["2"], id="CDATA in SVG is text"),
        pytest.param("<script><a href=x></script>", [], id="in a script"),
        pytest.param("<script>'</script><a href=x>'", ["x"], id="behind a script that ends too soon"),
        pytest.param("<script><!--<script></script><a href=1></script><a href=2>", ["2"], id="in a script's comment"),
        pytest.param("<style><a href=x></style>", [], id="in a style sheet"),
        pytest.param("<noscript><a href=x></noscript>", ["x"], id="in noscript"),
        pytest.param("<head><noscript><a href=x></noscript>", ["x"], id="in the head's noscript"),
        pytest.param("<template><a href=x></template>", [], id="in a template"),
        pytest.param("<template><p><template></template><a href=x></template>", [], id="in a template with a template"),
        pytest.param("<table><template><a href=x></template></table>", [], id="in a table's template"),
        pytest.param("<template><a href=1></template><a href=2>", ["2"], id="behind a template"),
        pytest.param("<svg><a href=x></svg>", ["x"], id="SVG"),
        pytest.param("<svg><a xlink:href=x></svg>", ["x"], id="SVG of old"),
        pytest.param("<svg><a href=1 xlink:href=2></svg>", ["1"], id="SVG, both"),
        pytest.param("<svg><g><text><a href=x>t</a></text></g></svg>", ["x"], id="SVG, deep"),
        pytest.param("<svg><style><a href=x></style></svg>", [], id="in SVG's style sheet"),
        pytest.param("<svg><foreignObject><a href=x></foreignObject></svg>", ["x"], id="HTML in SVG"),
        pytest.param("<math><mtext><a href=x></mtext></math>", ["x"], id="HTML in MathML"),
        pytest.param("<a name=x>", [], id="no href"),
        pytest.param("<link href=x><base><span href=x><button href=x>", [], id="href on other elements"),
        pytest.param("<abbr href=x><area-51 href=x><aa href=x>", [], id="names that begin so"),
        pytest.param("<map><area href=x></map>", ["x"], id="area"),
        pytest.param("<area href=x>", ["x"], id="area without a map"),
    ],
)
def test_which_elements_are_links(body: str, found: list[str]) -> None:
    assert hrefs(body, "utf-8") == found


SHADOW = (
    "<div><template shadowrootmode={}><a href=in>in</a></template><a href=light>light</a></div><a href=after>after</a>"
)


@pytest.mark.parametrize("mode", ["open", "closed", "OPEN", "'closed'"])
def test_declarative_shadow_trees_come_last(mode: str) -> None:
    assert hrefs(SHADOW.format(mode)) == ["light", "after", "in"]


@pytest.mark.parametrize("mode", ["nonsense", "''"])
def test_a_template_that_makes_no_shadow_tree_is_inert(mode: str) -> None:
    assert hrefs(SHADOW.format(mode)) == ["light", "after"]


def test_shadow_trees_within_shadow_trees() -> None:
    inner = "<p><template shadowrootmode=open><a href=inner></a></template></p>"
    assert hrefs(f"<div><template shadowrootmode=open><a href=outer></a>{inner}</template></div>") == ["outer", "inner"]


def test_templates_and_scripts_within_shadow_trees() -> None:
    inert = "<template><a href=1></a></template><script><a href=2></script>"
    assert hrefs(f"<div><template shadowrootmode=open>{inert}<a href=3></a></template></div>") == ["3"]


# --- pages that are out to hurt -----------------------------------------------------------------------------------------

LINK = b'<a href="https://target.example/">t</a>'


def many_fonts() -> bytes:
    fonts = "".join(f"<font size={number}>" for number in range(3_000))
    return LINK + fonts.encode() + b"<p>" * 3_000  # only the beginning is read: see test_extract_html_reopening.py


HOSTILE: dict[str, tuple[Callable[[], bytes], int]] = {
    # what it is: (the page, how many links it holds; -1: some)
    "200,000 nested div": (lambda: b"<div>" * 200_000 + LINK, 1),
    "50,000 nested b": (lambda: b"<b>" * 50_000 + LINK, 1),
    "100,000 nested links over 4 MB of text": (lambda: b"<svg>" + LINK[:-4] * 100_000 + b"x" * 4_000_000, 100_000),
    "50,000 nested noscripts with links": (lambda: (b"<noscript>" + LINK) * 50_000, 50_000),
    "50,000 links below 100,000 div": (lambda: b"<div>" * 100_000 + LINK * 50_000, 50_000),
    "20,000 empty refreshes below 50,000 div": (
        lambda: b"<div>" * 50_000 + b"<meta http-equiv=refresh content=x>" * 20_000 + LINK,
        1,
    ),
    "10,000 nested svg": (lambda: b"<svg><g>" * 5_000 + LINK, 1),
    "10,000 nested templates": (lambda: b"<template>" * 10_000 + b"</template>" * 10_000 + LINK, 1),
    "10,000 nested tables": (lambda: b"<table><tr><td>" * 10_000 + LINK, 1),
    "50,000 attributes": (lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(50_000)) + b">" + LINK, 1),
    "50,000 attributes on the link": (
        lambda: b"<a " + b" ".join(b"a%d=1" % n for n in range(50_000)) + b" href=https://target.example/>t</a>",
        1,
    ),
    "3,000 distinct unclosed font": (many_fonts, 1),
    "30,000 unclosed a in p": (lambda: b"<a href=/x><p>" * 30_000, -1),
    "20,000 shadow trees": (
        lambda: (b"<div><template shadowrootmode=open>" + LINK + b"</template></div>") * 20_000,
        20_000,
    ),
    "5,000 nested shadow trees": (
        lambda: b"<div><template shadowrootmode=closed>" * 5_000 + LINK + b"</template></div>" * 5_000,
        1,
    ),
    "100,000 div beside a shadow tree": (
        lambda: b"<div>" * 100_000 + b"<p><template shadowrootmode=open>" + LINK + b"</template></p>",
        1,
    ),
    "30,000 links": (lambda: LINK * 30_000, 30_000),
    "a link of 1 MB": (lambda: b'<a href="/' + b"x" * 1_000_000 + b'">t</a>' + LINK, 2),
    "5 MB of text": (lambda: b"lorem ipsum " * 420_000 + LINK, 1),
    "5 MB in one word": (lambda: b"x" * 5_000_000 + LINK, 1),
    "5 MB of angle brackets": (lambda: b"<" * 5_000_000 + LINK, 1),
    "5 MB of ampersands": (lambda: b"&" * 5_000_000 + LINK, 1),
    "1 MB of NUL": (lambda: b"\x00" * 1_000_000 + LINK, 1),
    "NUL in every place": (lambda: b"<a\x00 href=/x>t</a>" + LINK + b"\x00<\x00p\x00>", 1),
    "broken UTF-8": (lambda: b"\xff\xc3\xed\xa0\x80\xf4\x90" * 100_000 + LINK, 1),
    "references to lone surrogates": (lambda: b"<a href='/&#xD800;'>&#xDC00;&#xD83D;</a>" + LINK, 2),
    "references that never end": (lambda: b"&#" + b"9" * 1_000_000 + b";" + LINK, 1),
    "a comment that never ends": (lambda: LINK + b"<!--" + b"-" * 1_000_000, 1),
    "100,000 comments": (lambda: b"<!---->" * 100_000 + LINK, 1),
    "100,000 end tags": (lambda: b"</p></a></b></table>" * 25_000 + LINK, -1),
    "a tag that never ends": (lambda: LINK + b"<a href='" + b"x" * 1_000_000, 1),
    "a doctype that never ends": (lambda: b"<!doctype " + b"x" * 1_000_000, 0),
    "UTF-16 of an odd length": (lambda: b"\xff\xfe" + LINK.decode().encode("utf-16-le") + b"\x00", 1),
    "a lone byte order mark": (lambda: b"\xff\xfe", 0),
    "an empty body": (lambda: b"", 0),
    "one byte": (lambda: b"<", 0),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4_000, 0),
    "text in one link, 20,000 deep": (lambda: b"<a href=/x>" + b"<i>t" * 20_000, -1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_in_bounded_time(name: str) -> None:
    make, expected = HOSTILE[name]
    body = make()
    with cpu_seconds_at_most(30):
        content = PageContent(body, PAGE, "")
        found = list(content.links())
        _ = content.title, content.metas, content.language, content.canonical_url, content.base_url
        content.count_links()
    assert len(found) == expected or (expected == -1 and found)


def test_thousands_of_links_around_each_other_are_as_many_as_in_a_browser() -> None:
    assert len(hrefs("<a href=x><p>" * 1_000)) == 1_001  # the last <p> reopens the last link


@pytest.mark.slow
def test_a_page_is_freed_when_nobody_refers_to_it() -> None:
    """A reference cycle would keep the tree of each page until the next full garbage collection."""
    page = (
        b"<title>t</title><style>.a{color:red}</style><nav><a href=/x>a<b>c</b></a></nav><p>x <a class=a href=/y>y</a>"
    )
    gc.collect()
    gc.disable()
    try:
        content = PageContent(page, PAGE)
        _ = content.all_links(), list(content.links_to(lambda url: (url.href,))), content.metas, content.base_url
        freed = weakref.ref(content)
        del content
        assert freed() is None
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        assert not [found for found in gc.garbage if type(found).__module__.startswith(("backlinkbot", "turbohtml"))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
