# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""The words around a link, and the heading above it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from backlinkbot.extract.placement.outline import Box, Outline
    from backlinkbot.extract.placement.placements import Placed

LONGEST: Final = 160
"""Characters of context on either side."""
LONGEST_HEADING: Final = 160
_GROWTH: Final = 3
"""So many blocks outwards is looked for words, where a link is all that its own block holds."""
_ENOUGH: Final = 3
"""Characters besides the link that make a block more than the link."""

_END: Final = r"(?:[.!?…][\"'”’»)\]]*(?=\s|$)|[。！？]|\n)"
_SENTENCE_END: Final = re.compile(_END)


def block_of(box: Box) -> Box:
    """The block that a link stands in: the nearest, or one around it where that holds nothing else."""
    block, growth, at = box, 0, box.around
    while at is not None and at.element.tag not in {"html", "body"}:
        if at.is_block:
            block = at
            if at.length - box.length >= _ENOUGH or growth == _GROWTH:
                break
            growth += 1
        at = at.around
    return block


def before(outline: Outline, block: Box, box: Box) -> str:
    """The words before a box in a block, 160 characters at most, from the beginning of a sentence where there is one."""
    start = max(block.start, box.start - LONGEST - 1)
    window = outline.slice(start, box.start)
    is_cut = start > block.start
    if is_cut and len(window.strip()) > LONGEST - 1:
        ends = [match.end() for match in _SENTENCE_END.finditer(window) if window[match.end() :].strip()]
        cut = ends[0] if ends else _first_word(window)
        window = window[cut:]
    return " ".join(window.split())[-LONGEST:]


def after(outline: Outline, block: Box, box: Box) -> str:
    """The words behind a box in a block, 160 characters at most, to the end of a sentence where there is one."""
    end = min(block.end, box.end + LONGEST + 1)
    window = outline.slice(box.end, end)
    if end < block.end and len(window.strip()) > LONGEST - 1:
        ends = [match.end() for match in _SENTENCE_END.finditer(window[:-1]) if window[: match.end()].strip(" .\n")]
        window = window[: ends[-1] if ends else _last_word(window)]
    return " ".join(window.split())[:LONGEST]


def _first_word(window: str) -> int:
    """Where the first whole word begins; 0 where it is all one word."""
    found = re.search(r"\s", window)
    return found.end() if found is not None and window[found.end() :].strip() else 0


def _last_word(window: str) -> int:
    found = re.search(r"\s(?=\S*\Z)", window)
    return found.start() if found is not None and window[: found.start()].strip() else len(window)


def heading(outline: Outline, box: Box, placed: Placed) -> str:
    """The heading above a box, within its place on the page; empty where there is none."""
    found = outline.heading_above(box)
    if found is None or (placed.zone is not None and placed.placement != "content" and found.start < placed.zone.start):
        return ""
    return " ".join(outline.slice(found.start, min(found.end, found.start + LONGEST_HEADING)).split())
