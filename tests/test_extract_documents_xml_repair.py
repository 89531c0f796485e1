"""XML as strangers write it: what a crawl reads of it, an import reads, and nothing else."""

from __future__ import annotations

import io

import pytest

from backlinkbot.extract.documents import read_sitemap, xml_repair
from backlinkbot.extract.documents.xml_repair import RepairedXML, encoding_of
from backlinkbot.importers.formats.catalogue import BY_NAME
from backlinkbot.importers.readers.xmls import read_xml
from backlinkbot.items import Candidate

SITE = "https://a.example/"


def sitemap(*locations: str, before: str = "") -> str:
    return f"{before}<urlset>{''.join(f'<url><loc>{one}</loc></url>' for one in locations)}</urlset>"


# name -> the document, and its addresses
DOCUMENTS: dict[str, tuple[bytes, list[str]]] = {
    "plain": (sitemap(SITE).encode(), [SITE]),
    "UTF-8 that says UTF-16": (sitemap(SITE, before='<?xml version="1.0" encoding="utf-16"?>').encode(), [SITE]),
    "UTF-16": (sitemap(SITE, before='<?xml version="1.0" encoding="utf-16"?>').encode("utf-16"), [SITE]),
    "UTF-16 without a mark": (sitemap(SITE, before='<?xml version="1.0"?>').encode("utf-16-be"), [SITE]),
    "an unknown encoding": (
        sitemap(f"{SITE}é", before='<?xml version="1.0" encoding="x-no"?>').encode(),
        [f"{SITE}é"],
    ),
    "another encoding": (
        sitemap(f"{SITE}ф", before='<?xml version="1.0" encoding="windows-1251"?>').encode("cp1251"),
        [f"{SITE}ф"],
    ),
    "a label of HTML's": (
        sitemap(f"{SITE}–", before='<?xml version="1.0" encoding="iso-8859-1"?>').encode("cp1252"),
        [f"{SITE}–"],
    ),
    "a mark and blank lines": (
        b"\xef\xbb\xbf\r\n\n " + sitemap(SITE, before='<?xml version="1.0" encoding="UTF-8"?>').encode(),
        [SITE],
    ),
    "bare ampersands": (sitemap(f"{SITE}?a=1&b=2&amp;c=3&d").encode(), [f"{SITE}?a=1&b=2&c=3&d"]),
    "entities of HTML": (sitemap(f"{SITE}?x=1&copy;=2&nbsp;z").encode(), [f"{SITE}?x=1&copy;=2&nbsp;z"]),
    "entities of its own": (
        sitemap(f"{SITE}?x=&word;", before='<!DOCTYPE urlset [<!ENTITY word "lol">]>').encode(),
        [f"{SITE}?x=&word;"],
    ),
    "numbers": (sitemap(f"{SITE}&#x66;&#102;&#0;&#x1F;&#99999999999;&#xD800;").encode(), [f"{SITE}ff"]),
    "CDATA": (sitemap(f"<![CDATA[{SITE}?a=1&b=2]]>").encode(), [f"{SITE}?a=1&b=2"]),
    "characters that XML cannot hold": (sitemap(f"{SITE}a\x00b\x0bc\x1fd\ufffe").encode(), [f"{SITE}abcd"]),
    "broken off": (sitemap(SITE, f"{SITE}2").encode()[:-30], [SITE]),
}


@pytest.mark.parametrize("size", [1, 7, 65_536])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_crawl_and_an_import_read_the_same(name: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    body, expected = DOCUMENTS[name]
    if b"<?" not in body and b"<!D" not in body and not body.startswith((b"<\0", b"\0<", b"\xff")):
        monkeypatch.setattr(xml_repair, "CHUNK", size)  # by the first, encoding and outermost element are told
    imported = [one.url for one in read_xml(io.BytesIO(body), BY_NAME["sitemap"], "x") if isinstance(one, Candidate)]
    assert imported == expected
    assert [entry.location for entry in read_sitemap(body)] == expected


@pytest.mark.parametrize(
    ("start", "charset", "encoding"),
    [
        (b"<x>", "", "utf-8"),
        (b"<x>", "koi8-r", "koi8-r"),
        (b"<x>", "utf-16", "utf-8"),
        (b"<x>", "nonsense", "utf-8"),
        (b"\xef\xbb\xbf<x>", "koi8-r", "utf-8"),
        (b"<\0x\0", "", "utf-16le"),
        (b"<?xml encoding='koi8-r'?>", "", "koi8-r"),
        (b"\n<?xml encoding='koi8-r'?>", "", "koi8-r"),
        (b"<?xml encoding='koi8-r'?>", "windows-1251", "windows-1251"),
        (b"<?xml encoding='iso-2022-kr'?>", "", "utf-8"),
    ],
)
def test_the_encoding(start: bytes, charset: str, encoding: str) -> None:
    assert encoding_of(start, charset) == encoding


@pytest.mark.slow
@pytest.mark.parametrize("piece", [b"<![CDATA[", b"&", b"&#", b"]]>", b"<", b"<a>", b" ", b"<![CDATA[]]>"])
def test_what_it_costs_does_not_grow_with_the_square_of_a_document(piece: bytes) -> None:
    document = RepairedXML(io.BytesIO(b"<x>" + piece * (3_000_000 // len(piece))))
    total = 0
    while chunk := document.read(65_536):
        total += len(chunk)
    assert total >= 3
