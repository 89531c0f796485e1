"""Reduces the nesting of pages that are deeper than parsers build trees, so that links keep their text.

Parsers put what is more than 512 elements deep beside one another instead (Chromium's do, too), so that a link there holds
nothing. What a reader sees does not depend on how many boxes are around it.
"""

from __future__ import annotations

from array import array
from typing import Final

import turbohtml
from turbohtml import TokenType

DEEPEST: Final = 512
"""The maximum depth of elements that a parser builds."""
_KEPT: Final = 120
"""The number of open boxes from which others are left out; each may be four elements, as a table with its cell is."""
# What never holds itself without one of the others between, or holds nothing: it adds no depth of its own.
_UNCOUNTED: Final = frozenset(
    """
    a area base basefont bgsound body br col dd dt embed head hr html img input keygen li link meta option p param rb rp rt
    script source style td textarea th title tr track wbr
    """.split()  # noqa: SIM905 - as a list it fills a page
)
_UNTOUCHED: Final = frozenset({"button", "frameset", "math", "select", "svg", "template"})
"""Elements whose end tags have a meaning of their own."""


_MOST_SHARED: Final = 1_000
"""The number of different pieces of markup that are kept once, however often a page repeats them."""


def flattened(page: bytes) -> bytes:
    """Returns the page without the boxes beyond the maximum depth; in any ASCII-compatible encoding."""
    kept: list[str] = []
    shared: dict[str, str] = {}
    places: dict[str, list[int]] = {}
    # The open elements, of which a page may have hundreds of thousands: what would be an object for each takes 50 MB more.
    tags: list[str] = []
    sources: list[str] = []
    positions = array("Q")  # of their start tags in what is kept
    left_out = bytearray()
    for token in turbohtml.tokenize(page.decode("latin-1"), resolve_references=False, capture_source=True):
        source = token.source if token.source is not None else token.data or ""
        source = shared.setdefault(source, source) if len(shared) < _MOST_SHARED else shared.get(source, source)
        tag = token.tag or ""
        if token.type is TokenType.START_TAG and tag not in _UNCOUNTED:
            if tag == "template" and left_out and left_out[-1]:  # it may become a shadow tree of the box
                kept[positions[-1]] = sources[-1]
                left_out[-1] = False
            is_left_out = len(tags) >= _KEPT and tag not in _UNTOUCHED
            places.setdefault(tag, []).append(len(tags))
            tags.append(tag)
            sources.append(source)
            positions.append(len(kept))
            left_out.append(is_left_out)
            source = "" if is_left_out else source
        elif token.type is TokenType.END_TAG and places.get(tag):
            start = places[tag][-1]
            if left_out[start]:
                source = ""
            for closed in tags[start:]:
                places[closed].pop()
            for column in (tags, sources, positions, left_out):
                del column[start:]
        kept.append(source)
    return "".join(kept).encode("latin-1")
