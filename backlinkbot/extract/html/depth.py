"""Reduces the nesting of pages that are deeper than parsers build trees, so that links keep their text.

Parsers put what is more than 512 elements deep beside one another instead (Chromium's do, too), so that a link there holds
nothing. What a reader sees does not depend on how many boxes are around it.
"""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(slots=True)
class _Box:
    """An open element."""

    tag: str
    source: str
    position: int
    """The place of its start tag among the page's tokens."""
    is_left_out: bool


def flattened(page: bytes) -> bytes:
    """Returns the page without the boxes beyond the maximum depth; in any ASCII-compatible encoding."""
    kept: list[str] = []
    open_boxes: list[_Box] = []
    places: dict[str, list[int]] = {}
    for token in turbohtml.tokenize(page.decode("latin-1"), resolve_references=False, capture_source=True):
        source = token.source if token.source is not None else token.data or ""
        tag = token.tag or ""
        if token.type is TokenType.START_TAG and tag not in _UNCOUNTED:
            if (
                tag == "template" and open_boxes and open_boxes[-1].is_left_out
            ):  # it may become a shadow tree of the box
                kept[open_boxes[-1].position] = open_boxes[-1].source
                open_boxes[-1].is_left_out = False
            is_left_out = len(open_boxes) >= _KEPT and tag not in _UNTOUCHED
            places.setdefault(tag, []).append(len(open_boxes))
            open_boxes.append(_Box(tag, source, len(kept), is_left_out))
            source = "" if is_left_out else source
        elif token.type is TokenType.END_TAG and places.get(tag):
            start = places[tag][-1]
            if open_boxes[start].is_left_out:
                source = ""
            for box in open_boxes[start:]:
                places[box.tag].pop()
            del open_boxes[start:]
        kept.append(source)
    return "".join(kept).encode("latin-1")
