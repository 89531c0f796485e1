"""Fingerprints of a visited page: where it links to, and its words; two pages are alike only if both are."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING, Final
from zlib import crc32

from backlinkbot.frontier.shapes import pairs_of, without_path_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_LINKS: Final = 500
"""Links of a page that are compared."""
MAX_TEXT: Final = 20_000
"""Characters of a page's text that are compared."""
_SKETCH: Final = 48
"""Words that stand for a page's text: those with the smallest hashes (min-wise sampling, Broder 1997)."""
_ALIKE: Final = 0.85
"""The least share of such words that two pages have in common; the rest may be a date, an advertisement, a token."""
_WORD: Final = re.compile(r"[^\W\d_]+")


@dataclass(slots=True)
class _Queries:
    """The links of a page that have parameters, without those parameters that have one value on the whole page."""

    values: dict[str, set[str]] = field(default_factory=dict)
    links: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)

    def add(self, href: str) -> None:
        path, _, query = href.partition("#")[0].partition("?")
        path, parameters = without_path_parameters(path)
        pairs = pairs_of(query)
        if parameters:
            pairs += [(f";{name}", value) for name, value in pairs_of(parameters)]
        for name, value in pairs:
            self.values.setdefault(name, set()).add(value)
        self.links.append((path, pairs))

    def hashes(self) -> set[int]:
        constant = {name for name, values in self.values.items() if len(values) == 1}
        return {hash((path, *(pair for pair in pairs if pair[0] not in constant))) for path, pairs in self.links}


def links_fingerprint(own: str, origin: str, hrefs: Iterable[str]) -> int:
    """Returns a hash of the set of addresses that a page links to; equal only within one process.

    A parameter that has the same value in all links of the page is left out, as a session's number has; so are links to
    the page itself. Links on the page's own origin count without it, so that pages of two hosts can be alike.

    Args:
        own: the page's address.
        origin: the beginning of it: ``https://a.example``.
        hrefs: absolute addresses.
    """
    found: set[int] = set()
    queries: _Queries | None = None
    cut = len(origin)
    for number, href in enumerate(hrefs):
        if number == MAX_LINKS:
            break
        if href == own:
            continue
        if href.startswith(origin):
            href = href[cut:]  # noqa: PLW2901
        if "?" in href or ";" in href:
            queries = queries or _Queries()
            queries.add(href)
        else:
            found.add(hash(href.partition("#")[0]) if "#" in href else hash(href))
    if queries is not None:
        found |= queries.hashes()
    return hash(frozenset(found))


def sketch_of(text: str) -> array[int]:
    """Returns the words that stand for a text; digits are no words, since dates and counters differ on the same page."""
    words = {word.lower() for word in _WORD.findall(text[:MAX_TEXT])}
    return array("I", nsmallest(_SKETCH, (crc32(word.encode("utf-8", "surrogatepass")) for word in words)))


def are_alike(one: array[int], other: array[int]) -> bool:
    """True if two texts are the same but for a few words."""
    if one == other:
        return True
    first, second = set(one), set(other)
    return len(first & second) >= _ALIKE * len(first | second)


class PageMarks:
    """What a page is compared by."""

    def __init__(self, links: int, text: Callable[[], str]) -> None:
        """``links`` is of :func:`links_fingerprint`; ``text`` is called only if the words are needed."""
        self.links = links
        self._text = text

    @cached_property
    def sketch(self) -> array[int]:
        """The words that stand for the page's text."""
        return sketch_of(self._text())
