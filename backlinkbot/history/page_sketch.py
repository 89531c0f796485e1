"""What is remembered of a page to know it again: a few of its words, links and classes, as short numbers.

A page that comes back without its links may have lost them, or something else was sent in its place that nobody has a name for:
a wall, another customer's site. The second is told by what is left of the page, which must be next to nothing in every respect:
a page with a new title, half of its text gone or a new design is still that page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final, TypeVar
from zlib import crc32

from backlinkbot import urls

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from backlinkbot.extract.page import PageContent, Reference

T = TypeVar("T")

_SIZE: Final = 3
"""Bytes of a number: of a thousand words that another page has, one in 16,000 is taken for one of this page."""
_MASK: Final = (1 << 8 * _SIZE) - 1
_WORDS: Final = 24
_LINKS: Final = 12
_CLASSES: Final = 12
_READ: Final = 20_000
"""Characters of text that words are taken from."""
_BLOCKS: Final = ("div", "section", "main", "article", "table", "ul", "form", "nav", "header", "footer")
_MOST_BLOCKS: Final = 24
_MOST_PARAGRAPHS: Final = 24
_LONGEST_PARAGRAPH: Final = 400
"""Characters."""

# The most that may be left of a page, of each kind, where another stands in its place.
_TITLE_LEFT: Final = 0.34
_WORDS_LEFT: Final = 0.1
_LINKS_LEFT: Final = 0.1
_CLASSES_LEFT: Final = 0.25
_FEWEST_LINKS: Final = 5
"""Links of a page of which no more is known than their number, so that it says something when they are gone."""

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a history knows of a page."""

    title: str = ""
    links: int = 0
    """How many it had, to anywhere."""
    sketch: bytes = b""
    """Empty where it was last read before sketches were made."""


def sketch_of(content: PageContent, leads_to: Collection[str] = (), anchors: Iterable[str] = ()) -> bytes:
    """The sketch of a page that holds links to targets.

    Args:
        content: the page.
        leads_to: the addresses of those links, which are no mark of the page: they are what may go.
        anchors: their texts, likewise.
    """
    passing = {word for anchor in anchors for word in anchor.lower().split()}
    read = [pair for words in _paragraphs(content) for pair in pairwise(words)]
    if len(read) < 2 * _WORDS:
        read = list(pairwise(_words(content)))
    spread = [(one.lower(), other.lower()) for one, other in _spread(read, 2 * _WORDS)]
    kinds = (
        _spread([pair for pair in spread if passing.isdisjoint(pair)], _WORDS),
        [(url,) for url in _links(_spread(content.references, _LINKS), content) if url not in leads_to],
        _spread([(name,) for name in islice(_classes(content), _MOST_BLOCKS)], _CLASSES),
    )
    counts = bytes(map(len, kinds))
    return counts + b"".join(_number(words).to_bytes(_SIZE, "big") for kind in kinds for words in kind)


def is_another(known: Known, content: PageContent) -> bool:
    """Whether a page that holds no link any more is another than the one that is known; False where nobody can tell."""
    host = {*_WORD.findall(content.url.hostname)}  # which some walls have for a title
    before = {word for word in _WORD.findall(known.title.lower()) if len(word) > 2} - host
    if before and len(before & {*_WORD.findall(content.title.lower())}) > _TITLE_LEFT * len(before):
        return False
    if not known.sketch:
        links = sum(1 for _ in _links(content.references, content))
        return bool(before) and known.links >= _FEWEST_LINKS and links <= _LINKS_LEFT * known.links
    words, links_before, classes = _read(known.sketch)
    if not (words or links_before or (before and classes)):
        return False
    return (
        _left(words, _pairs(content)) <= _WORDS_LEFT
        and _left(links_before, ((url,) for url in _links(content.references, content))) <= _LINKS_LEFT
        and _left(classes, ((name,) for name in _classes(content))) <= _CLASSES_LEFT
    )


def _left(before: Collection[int], now: Iterable[tuple[str, ...]]) -> float:
    """The share of what was there that still is."""
    if not before:
        return 0.0
    found = {_number(words) for words in now}
    return sum(number in found for number in before) / len(before)


def _read(sketch: bytes) -> tuple[list[int], ...]:
    """The numbers of each kind."""
    kinds, start = [], 3
    for count in sketch[:3]:
        end = start + count * _SIZE
        kinds.append([int.from_bytes(sketch[at : at + _SIZE], "big") for at in range(start, end, _SIZE)])
        start = end
    return tuple(kinds)


def _number(words: tuple[str, ...]) -> int:
    return crc32(" ".join(words).encode("utf-8", "surrogatepass")) & _MASK


def _spread(items: Sequence[T], most: int) -> Sequence[T]:
    """So many of them, from all over the page."""
    return items if len(items) <= most else [items[at * len(items) // most] for at in range(most)]


def _paragraphs(content: PageContent) -> Iterator[list[str]]:
    """The words of the first paragraphs and headings: of many pages that is enough, at half the price of the whole text."""
    for element in islice(content.document.html_elements("p", "h1", "h2", "h3"), _MOST_PARAGRAPHS):
        yield element.text[:_LONGEST_PARAGRAPH].split()


def _words(content: PageContent) -> list[str]:
    """What stands between spaces, as written."""
    body = next(content.document.html_elements("body"), None)
    return body.text[:_READ].split() if body is not None else []


def _pairs(content: PageContent) -> Iterator[tuple[str, str]]:
    """Neighbouring words: any two texts share words, and few share two in a row."""
    return pairwise([word.lower() for word in _words(content)])


def _links(references: Iterable[Reference], content: PageContent) -> Iterator[str]:
    """Where these lead, but for the site's own first page, to which every wall leads as well."""
    for reference in references:
        url = reference.url
        if url is not None and urls.is_web(url) and (url.pathname != "/" or url.search or url.host != content.url.host):
            yield url.href.partition("#")[0]


def _classes(content: PageContent) -> Iterator[str]:
    """The classes of its blocks, as written, or their names where they have none."""
    for element in content.document.html_elements(*_BLOCKS):
        name = element.attr("class") or element.attr("id")
        if name:
            yield name
