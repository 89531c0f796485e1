# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""Finds the text around a link, and the heading above it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from backlinkbot.extract.placement.outline import Box, Outline
    from backlinkbot.extract.placement.placement import Placement

LONGEST: Final = 160
"""The maximum number of characters of context on either side."""
LONGEST_HEADING: Final = 160
_GROWTH: Final = 3
"""The maximum number of enclosing blocks to try if the link is all that its own block holds."""
_ENOUGH: Final = 3
"""The minimum number of characters that a block must hold besides the link."""

_END: Final = r"(?:[.!?…][\"'”’»)\]]*(?=\s|$)|[。！？]|\n)"
_SENTENCE_END: Final = re.compile(_END)


def block_of(box: Box) -> Box:
    """Returns the block of a link: the nearest one, or an enclosing one if that holds nothing else."""
    block, growth, at = box, 0, box.enclosing
    while at is not None and at.tag not in {"html", "body"}:
        if at.is_block:
            block = at
            if at.length - box.length >= _ENOUGH or growth == _GROWTH:
                break
            growth += 1
        at = at.enclosing
    return block


def before(outline: Outline, block: Box, box: Box) -> str:
    """Returns the text before a box in its block, at most 160 characters, from the start of a sentence if possible."""
    start = max(block.start, box.start - LONGEST - 1)
    window = outline.slice(start, box.start)
    is_cut = start > block.start
    if is_cut and len(window.strip()) > LONGEST - 1:
        ends = [match.end() for match in _SENTENCE_END.finditer(window) if window[match.end() :].strip()]
        cut = ends[0] if ends else _first_word(window)
        window = window[cut:]
    return " ".join(window.split())[-LONGEST:]


def after(outline: Outline, block: Box, box: Box) -> str:
    """Returns the text after a box in its block, at most 160 characters, to the end of a sentence if possible."""
    end = min(block.end, box.end + LONGEST + 1)
    window = outline.slice(box.end, end)
    if end < block.end and len(window.strip()) > LONGEST - 1:
        ends = [match.end() for match in _SENTENCE_END.finditer(window[:-1]) if window[: match.end()].strip(" .\n")]
        window = window[: ends[-1] if ends else _last_word(window)]
    return " ".join(window.split())[:LONGEST]


def _first_word(window: str) -> int:
    """Returns the index of the first whole word; 0 if the text is a single word."""
    found = re.search(r"\s", window)
    return found.end() if found is not None and window[found.end() :].strip() else 0


def _last_word(window: str) -> int:
    found = re.search(r"\s(?=\S*\Z)", window)
    return found.start() if found is not None and window[: found.start()].strip() else len(window)


def heading(outline: Outline, box: Box, placed: Placement) -> str:
    """Returns the heading above a box within the same placement; empty if there is none."""
    found = outline.heading_above(box)
    if found is None or (placed.zone is not None and placed.placement != "content" and found.start < placed.zone.start):
        return ""
    return " ".join(outline.slice(found.start, min(found.end, found.start + LONGEST_HEADING)).split())
