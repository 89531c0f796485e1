"""Reads candidates from XML files: sitemaps, feeds and OPML."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.extract.documents.elements import BrokenXMLError, events
from backlinkbot.importers.columns import SHOWN, RowReader
from backlinkbot.importers.formats.catalogue import BY_NAME
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult, Skip
from backlinkbot.importers.values import place
from backlinkbot.items import Candidate, Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.importers.formats.formats import Format

_UNFINISHED: Final = re.compile(r"Premature end of data in tag (?:\w+:)?(\w+)")
# root element -> (the entry, the elements that are rows)
ROOTS: Final = {
    "urlset": ("sitemap", "url"),
    "sitemapindex": ("sitemap-index", "sitemap"),
    "rss": ("rss", "item"),
    "RDF": ("rss", "item"),
    "feed": ("atom", "entry"),
    "opml": ("opml", "outline"),
    "linkchecker": ("linkchecker-xml", "urldata"),
    "testsuites": ("junit", "testcase"),
    "testsuite": ("junit", "testcase"),
}


def root_of(file: IO[bytes]) -> str:
    """Returns the name of the root element, without its namespace; empty if there is none."""
    try:
        for _, element in events(file, ("start",)):
            return local_name(element)
    except BrokenXMLError:
        pass
    return ""


def local_name(element: Any) -> str:
    """Returns an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def read_xml(file: IO[bytes], entry: Format, name: str) -> Iterator[RowResult]:
    """Yields the result of each row."""
    number = 0
    wanted = {row for known, row in ROOTS.values() if known == entry.name}
    parsing = events(file, ("end",))
    held: RowResult | None = None  # the last row may be cut off
    try:
        for _, element in parsing:
            if local_name(element) not in wanted or _is_media(element):
                continue
            if held is not None:
                yield held
            number += 1
            held = entry.skip or _read(element, number, entry, name)
            _forget(element)
    except BrokenXMLError as error:
        if held is not None:
            yield held
        yield BadRow(file=name, row=number + 1, reason=Fault.BROKEN, text=str(error.msg)[:SHOWN])
        return
    mistakes = [mistake for mistake in parsing.error_log if mistake.level_name == "FATAL"]
    if held is not None and not any(map(_breaks_a_row, mistakes)):
        yield held
        number += 1
    if mistakes:
        yield BadRow(file=name, row=max(number, 1), reason=Fault.BROKEN, text=mistakes[0].message[:SHOWN])


def _breaks_a_row(mistake: Any) -> bool:
    """True if the file ends within a row, not between rows."""
    found = _UNFINISHED.match(mistake.message)
    return found is not None and found[1] not in {*ROOTS, "channel", "body"}


def _is_media(element: Any) -> bool:
    """True for ``url`` elements of other vocabularies within one of the sitemap's own."""
    parent = element.getparent()
    return parent is not None and local_name(element) == "url" and local_name(parent) != "urlset"


def _forget(element: Any) -> None:
    """Frees the memory of a processed row and of those before it."""
    if local_name(element) in {"outline", "testcase"}:  # outlines are nested
        return
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _read(element: Any, number: int, entry: Format, name: str) -> RowResult:
    if entry.name in _LINK:
        reader = RowReader(entry, entry.reads, file=name)
        return reader.read(number, _LINK[entry.name](element))
    text, is_site = _ADDRESS[entry.name](element)
    if text is None:
        return Skip.FOLDER
    text = text.strip()
    found = place(text)
    if isinstance(found, Fault):
        return BadRow(file=name, row=number, reason=found, text=text[:SHOWN])
    url, is_domain = found
    claim = Claim(origin=entry.origin, file=name, row=number, confidence=entry.confidence)
    parsed = urls.parse(url)
    if is_site and parsed is not None:
        return Candidate(url=parsed.hostname, claims=(claim,), is_domain=True)
    return Candidate(url=url, claims=(claim,), is_domain=is_domain)


def _child(element: Any, *names: str) -> str:
    for wanted in names:
        for child in element:
            if (
                isinstance(child.tag, str)
                and local_name(child) == wanted
                and (text := "".join(child.itertext()).strip())
            ):
                return text
    return ""


def _sitemap_address(element: Any) -> tuple[str | None, bool]:
    return _child(element, "loc"), False


def _rss_address(element: Any) -> tuple[str | None, bool]:
    return _child(element, "link", "guid"), False


def _atom_address(element: Any) -> tuple[str | None, bool]:
    links = [child for child in element if isinstance(child.tag, str) and local_name(child) == "link"]
    chosen = [link for link in links if link.get("rel", "alternate") == "alternate"] or links
    return (chosen[0].get("href", "") if chosen else _child(element, "id")), False


def _opml_address(element: Any) -> tuple[str | None, bool]:
    attributes = {key.lower(): value for key, value in element.attrib.items()}
    site = attributes.get("htmlurl")
    if site is None:  # a feed declares its site, other formats do not
        return attributes.get("xmlurl") or attributes.get("url"), True
    parsed = urls.parse(site.strip())
    return site, parsed is not None and parsed.pathname == "/" and not parsed.search


def _checked_link(element: Any) -> list[str]:
    return [_child(element, "parent"), _child(element, "realurl"), _child(element, "url"), _child(element, "name")]


def _tested_link(element: Any) -> list[str]:
    suite = element.getparent()
    page = element.get("classname", "")
    is_page = page[:4].lower() == "http" or suite is None
    return [page if is_page else suite.get("name", ""), element.get("name", "")]


# format -> the cells of its rows, in the order of the columns that it reads
_LINK: Final[dict[str, Callable[[Any], list[str]]]] = {"linkchecker-xml": _checked_link, "junit": _tested_link}
# format -> where its rows have their URL, and true if that stands for a whole site
_ADDRESS: Final[dict[str, Callable[[Any], tuple[str | None, bool]]]] = {
    "sitemap": _sitemap_address,
    "rss": _rss_address,
    "atom": _atom_address,
    "opml": _opml_address,
}
FORMATS: Final = {root: BY_NAME[name] for root, (name, _) in ROOTS.items()}
