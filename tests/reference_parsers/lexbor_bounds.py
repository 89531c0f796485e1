"""Computes upper bounds of what parsing a page with Lexbor costs, from its bytes.

Lexbor looks through its open elements for many a tag, compares each attribute with the others of its tag, and copies
the elements that it must open again: work and memory that grow with the square of a page. Few real pages could be as
bad (``tests/conformance/test_parsers_agree.py`` counts them), and ``tests/test_extract_html_parsers.py`` has those that are.

Every tag begins at a ``<`` and ends at a ``>``. What looks like a tag and is none, in a script say, is counted too. A
``>`` in a quoted value may end a tag or not, as the quote may be one or not: both are allowed for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 10 * 1024 * 1024
"""The maximum size of a page."""
MOST_STEPS: Final = 1_000_000_000
"""The maximum number of visits to open elements; takes a second."""
MOST_COPIED: Final = 500_000_000
"""The maximum number of bytes of elements that are reopened, as an unclosed ``<b>`` is in the next paragraph."""
MOST_COMPARED: Final = 100_000_000
"""The maximum number of comparisons of attributes within a tag; takes a fifth of a second."""

_ELEMENT: Final = 250
"""The number of bytes of an element without its attributes."""
_ATTRIBUTE: Final = 200
"""The number of bytes of an attribute without its text."""
_ADOPTION: Final = 30
"""Visits to each open element for the tag of a formatting element; one for other tags."""
_ADOPTED: Final = 32
"""Elements that the end of a formatting element may copy: eight rounds of the adoption agency, four in each."""
_ALIKE: Final = 3
"""The number of equal formatting elements that are reopened at most, however many there were."""

_MOST_RESCANS: Final = 4
"""The number of times that a page of 100 KB is searched for tags that begin in one another."""

_QUOTED_END: Final = re.compile(rb"=[\t\n\f\r ]*+(?:\"[^\">]*+>|'[^'>]*+>)")
_QUOTED: Final = re.compile(rb"=(?=[\t\n\f\r ]*+(?:\"([^\">]*+>[^\"]*+)|'([^'>]*+>[^']*+)))")
_UNCLOSED: Final = re.compile(rb"=[\t\n\f\r ]*+(?:\"[^\"]*+|'[^']*+)\Z")
_FORMATTING: Final = re.compile(  # without IGNORECASE for the whole, which is slower
    rb"<(/?(?:[aA]|[bB](?i:ig)?|[cC](?i:ode)|[eE][mM]|[fF](?i:ont)|[iI]|[nN](?i:obr)|[sS](?i:mall|trike|trong)?|[tT]{2}|[uU])"
    rb"(?=[\t\n\f\r />])[^>]*+)"
)
_LONG_TAG: Final = re.compile(rb"<[A-Za-z][^>]{200}[^>]*+")
_ATTRIBUTE_END: Final = re.compile(rb"[\t\n\f\r /\"']++")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The upper bounds of one page's cost."""

    size: int
    depth: int
    """The nesting depth of elements."""
    steps: int
    copied: int
    compared: int

    @property
    def is_within_limits(self) -> bool:
        """True if every bound is within its limit."""
        return (
            self.size <= MOST_BYTES
            and self.steps <= MOST_STEPS
            and self.copied <= MOST_COPIED
            and self.compared <= MOST_COMPARED
        )


def cost_of(page: bytes) -> Cost:
    """Returns the upper bounds for a page in UTF-8."""
    tags = page.count(b"<")
    # A tag opens one element, one that stands in a <table> two more; what is opened again was open before. And html, body.
    depth = 2 * (tags - page.count(b"</")) + 3
    merged = _without_quoted_ends(page)
    formatting, reopened, largest = _formatting(page, merged)
    return Cost(
        size=len(page),
        depth=depth,
        steps=depth * (tags + _ADOPTION * formatting),
        copied=tags * reopened + formatting * _ADOPTED * largest,
        compared=sum(len(_ATTRIBUTE_END.findall(tag)) ** 2 for tag in _LONG_TAG.findall(merged)),
    )


def _without_quoted_ends(page: bytes) -> bytes:
    """Returns the page without each ``>`` that may not end a tag: same length, its tags no shorter."""
    if _QUOTED_END.search(page) is None:
        return page
    merged = bytearray(page)
    for quoted in _QUOTED.finditer(page):
        start, end = quoted.span(quoted.lastindex or 0)
        merged[start:end] = merged[start:end].replace(b">", b"_")
    return bytes(merged)


def _formatting(page: bytes, merged: bytes) -> tuple[int, int, int]:
    """How many tags of formatting elements, how many bytes of these may be opened again at a time, and of the largest."""
    count = link = reopened = largest = looked_at = 0
    seen: set[bytes] = set()
    for found in _FORMATTING.finditer(page):
        count += 1
        tag = found[1]
        if tag[0] == ord("/"):
            continue
        if merged is not page and _UNCLOSED.search(tag) is not None:
            end = merged.find(b">", found.end())
            tag = page[found.start(1) : end if end >= 0 else len(page)]
            looked_at += len(tag)
            if looked_at > _MOST_RESCANS * len(page) + 100_000:  # tags in one another's quotes
                return count, len(page) * MOST_COPIED, 0
        if tag in seen:
            continue
        seen.add(tag)
        size = _ELEMENT + len(tag) + _ATTRIBUTE * len(_ATTRIBUTE_END.findall(tag))
        largest = max(largest, size)
        if tag[0] in b"aA":
            link = max(link, size)  # at most one is open
        else:
            reopened += _ALIKE * size
    return count, reopened + link, largest
