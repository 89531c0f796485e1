"""Page sketches: some of a page's words, links and classes as short hashes, by which the page is recognised later.

A page without its links may have lost them, or something else is shown in its place, such as a wall of an unknown kind or
another customer's site. It counts as another page if next to nothing of the sketch is left in every respect; a new title,
half of the text or a new design leave enough.
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

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.page import PageContent
    from backlinkbot.extract.references import Reference

T = TypeVar("T")

_SIZE: Final = 3
"""Bytes of a hash; one in 16,000 words of another thousand-word page collides with one of this page."""
_MASK: Final = (1 << 8 * _SIZE) - 1
_WORDS: Final = 24
_LINKS: Final = 12
_CLASSES: Final = 12
_READ: Final = 20_000
"""Characters of text from which words are taken."""
_LARGE: Final = 1_000_000
"""The number of bytes of a page from which on whole texts of elements are not made."""
_BLOCKS: Final = ("div", "section", "main", "article", "table", "ul", "form", "nav", "header", "footer")
_MOST_BLOCKS: Final = 24
_MOST_PARAGRAPHS: Final = 24
_LONGEST_PARAGRAPH: Final = 400
"""Characters."""

# The highest shares of the sketch that may be left if the page is another one.
_TITLE_LEFT: Final = 0.34
_WORDS_LEFT: Final = 0.1
_LINKS_LEFT: Final = 0.1
_CLASSES_LEFT: Final = 0.25
_WORDS_OF_THE_SAME: Final = 0.8
"""The lowest share of the words that is left if the page is the same: menus and footers are most of a small page's words."""
_FEWEST_WORDS: Final = 8
"""The least number of pairs of words that show that."""
_FEWEST_LINKS: Final = 5
"""The least number of links of a page without a sketch for which their absence is a sign."""

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a history knows of a page."""

    title: str = ""
    links: int = 0
    """The number of its links, to anywhere."""
    sketch: bytes = b""
    """Empty if the page was last read before sketches existed."""


def sketch_of(content: PageContent, leads_to: Collection[str] = (), anchors: Iterable[str] = ()) -> bytes:
    """Returns the sketch of a page that holds links to targets.

    Args:
        content: the page.
        leads_to: the addresses of those links, which are left out because they may disappear.
        anchors: their texts, left out likewise.
    """
    passing = {word for anchor in anchors for word in anchor.lower().split()}
    texts = list(_paragraphs(content))
    if sum(len(words) - 1 for words in texts if words) < 2 * _WORDS:
        texts = [_words(content)]
    spread = [(one.lower(), other.lower()) for one, other in _spread_pairs(texts, 2 * _WORDS)]
    kinds = (
        _spread([pair for pair in spread if passing.isdisjoint(pair)], _WORDS),
        [(url,) for url in _links(content.spread_references(_LINKS), content) if url not in leads_to],
        _spread([(name,) for name in islice(_classes(content), _MOST_BLOCKS)], _CLASSES),
    )
    counts = bytes(map(len, kinds))
    return counts + b"".join(_number(words).to_bytes(_SIZE, "big") for kind in kinds for words in kind)


def is_another(known: Known, content: PageContent) -> bool:
    """True if a page without the links is a different page than the known one; False if this cannot be decided."""
    host = {*_WORD.findall(content.url.hostname)}  # some walls use it as their title
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


def is_same(known: Known, content: PageContent) -> bool:
    """True if a page has the title and most of the text that it had when it was known; False if this cannot be decided."""
    if not known.sketch or not known.title or known.title != content.title:
        return False
    words, _, _ = _read(known.sketch)
    return len(words) >= _FEWEST_WORDS and _left(words, _pairs(content)) >= _WORDS_OF_THE_SAME


def _left(before: Collection[int], now: Iterable[tuple[str, ...]]) -> float:
    """Returns the share of the old hashes that is still there."""
    if not before:
        return 0.0
    found = {_number(words) for words in now}
    return sum(number in found for number in before) / len(before)


def _read(sketch: bytes) -> tuple[list[int], ...]:
    """Parses a sketch into the hashes of each kind."""
    kinds, start = [], 3
    for count in sketch[:3]:
        end = start + count * _SIZE
        kinds.append([int.from_bytes(sketch[at : at + _SIZE], "big") for at in range(start, end, _SIZE)])
        start = end
    return tuple(kinds)


def _number(words: tuple[str, ...]) -> int:
    return crc32(" ".join(words).encode("utf-8", "surrogatepass")) & _MASK


def _spread(items: Sequence[T], most: int) -> Sequence[T]:
    """Returns at most so many items, spread evenly over the page."""
    return items if len(items) <= most else [items[at * len(items) // most] for at in range(most)]


def _spread_pairs(texts: Sequence[Sequence[str]], most: int) -> list[tuple[str, str]]:
    """Returns at most so many pairs of neighbouring words of the same text, spread evenly over all texts."""
    counts = [max(len(words) - 1, 0) for words in texts]
    left = iter(_spread(range(sum(counts)), most))
    found: list[tuple[str, str]] = []
    number, before = next(left, None), 0
    for words, count in zip(texts, counts, strict=True):
        while number is not None and number < before + count:
            found.append((words[number - before], words[number - before + 1]))
            number = next(left, None)
        before += count
    return found


def _paragraphs(content: PageContent) -> Iterator[list[str]]:
    """Yields the words of the first paragraphs and headings, at half the cost of the whole text."""
    for element in islice(content.document.html_elements("p", "h1", "h2", "h3"), _MOST_PARAGRAPHS):
        yield _beginning(element, _LONGEST_PARAGRAPH, content).split()


def _words(content: PageContent) -> list[str]:
    """Returns the words between spaces, as written."""
    body = next(content.document.html_elements("body"), None)
    return _beginning(body, _READ, content).split() if body is not None else []


def _beginning(element: ElementLike, most: int, content: PageContent) -> str:
    """Returns the beginning of an element's text; on a large page without making its whole text first."""
    return element.text[:most] if content.size < _LARGE else content.first_words_of(element, most)


def _pairs(content: PageContent) -> Iterator[tuple[str, str]]:
    """Yields pairs of neighbouring words: any two texts share words, and few share pairs."""
    return pairwise([word.lower() for word in _words(content)])


def _links(references: Iterable[Reference], content: PageContent) -> Iterator[str]:
    """Yields the addresses of these links, except the site's home page, to which most walls link."""
    for reference in references:
        url = reference.url
        if url is not None and urls.is_web(url) and (url.pathname != "/" or url.search or url.host != content.url.host):
            yield url.href.partition("#")[0]


def _classes(content: PageContent) -> Iterator[str]:
    """Yields the classes of the page's blocks; the element's name for a block without a class."""
    for element in content.document.html_elements(*_BLOCKS):
        name = element.attr("class") or element.attr("id")
        if name:
            yield name
