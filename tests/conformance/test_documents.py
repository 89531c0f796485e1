"""Real sitemaps and feeds, and those that feedparser is tested with: read as the standard library's parser reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from backlinkbot.extract.documents import read_feed, read_sitemap
from tests.conformance.conftest import Numbers
from tests.conformance.shared_data import unpacked

BASE = "http://127.0.0.1:8097/"
"""Where feedparser's own tests find their feeds."""
LINK = re.compile(rb"Expect: .*entries\[0\]\['link'\] == '([^']+)'")
LOCATION = re.compile(rb"Header: *Content-Location: *(\S+)", re.IGNORECASE)
"""Where a feed says in a header that it lies; we go by its address, and so hand it that one."""


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def texts(element: ET.Element, name: str) -> list[str]:
    return [(child.text or "").strip() for child in element if local(child) == name]


def documents() -> Iterator[tuple[Path, ET.Element]]:
    for path in sorted(unpacked("little-web").rglob("*.xml")):
        yield path, ET.fromstring(path.read_bytes())


def test_the_sitemaps_of_the_little_web(numbers: Numbers) -> None:
    compared = 0
    for path, root in documents():
        if local(root) in {"urlset", "sitemapindex"}:
            entries = [child for child in root if local(child) in {"url", "sitemap"}]
            expected = [(texts(entry, "loc")[0], next(iter(texts(entry, "lastmod")), "")) for entry in entries]
            found = list(read_sitemap(path.read_bytes()))
            assert [(entry.location, entry.lastmod) for entry in found] == expected, path
            compared += len(expected)
    numbers.add("little web: entries of sitemaps", compared=compared, differences=0)
    assert compared > 400


def test_the_feeds_of_the_little_web(numbers: Numbers) -> None:
    compared = 0
    for path, root in documents():
        if local(root) in {"rss", "feed", "RDF"}:
            items = [element for element in root.iter() if local(element) in {"item", "entry"}]
            found = list(read_feed(path.read_bytes(), f"{BASE}{path.name}"))
            assert len(found) == len(items), path
            for item, element in zip(found, items, strict=True):
                links = texts(element, "link")
                said = (
                    [child.get("href", "") for child in element if local(child) == "link"] if not any(links) else links
                )
                assert item.url in {link if "://" in link else item.url for link in said}, (path, said)
                texts_of = [child.text or "" for child in element if local(child) in {"description", "encoded"}]
                assert all(text in item.html for text in texts_of)
            compared += len(items)
    numbers.add("little web: items of feeds", compared=compared, differences=0)
    assert compared > 1_000


def test_the_feeds_of_feedparser(numbers: Numbers) -> None:
    files = sorted((unpacked("conformance") / "feeds-feedparser" / "tests").rglob("*.xml"))
    with_link = 0
    for path in files:
        body = path.read_bytes()
        location = LOCATION.search(body)
        items = list(read_feed(body, location[1].decode() if location else BASE + path.name))
        assert list(read_sitemap(body)) == []
        expected = LINK.search(body)
        if expected is not None:
            with_link += 1
            assert items[0].url == expected[1].decode(), path
    numbers.add("feedparser: feeds read, none raises", compared=len(files), differences=0)
    assert len(files) > 200
    assert with_link == 2
