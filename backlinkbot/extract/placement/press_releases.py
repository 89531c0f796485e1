"""Finds the press releases in a page by the dateline of a news wire."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.placement.kind_words import PRESS_DATELINE

if TYPE_CHECKING:
    from backlinkbot.extract.placement.outline import Outline

_ITEMS: Final = frozenset({"li", "article", "dd", "dt", "tr", "blockquote"})
"""Elements that may hold a release as one of several."""
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_DATELINE: Final = 100
"""The maximum number of characters of the place and the date in a release's first line."""
_LATEST_DATELINE: Final = 400
"""The maximum number of characters before it: those of a title and of what stands below it."""
_MOST_DATELINES: Final = 5
_QUOTED: Final = frozenset({"blockquote", "figure", "pre", "aside"})


def releases_of(outline: Outline) -> tuple[tuple[int, int, str], ...]:
    """Returns for each press release in a page the offsets of its dateline and of its end, and the words of a news wire."""
    found = []
    for match in islice(PRESS_DATELINE.finditer(outline.text), _MOST_DATELINES):
        end = _end_of_release(outline, match.start(), match.end())
        if end is not None:
            found.append((match.start(), end, f"text:{match[0]}"))
    return tuple(found)


def _end_of_release(outline: Outline, start: int, end: int) -> int | None:
    """Returns where a release ends whose wire is named between two offsets; None if that is no dateline of one.

    A dateline begins its line with a place, near the beginning of an article or of the element that holds the paragraphs. The
    release ends with that element, or at the next heading that is as large as its own.
    """
    if not _is_dateline(outline.slice(start - _DATELINE - 1, start)):
        return None
    around = [box for box in outline.boxes.values() if box.is_block and box.start <= start and end <= box.end]
    if not around or any(box.tag in _QUOTED for box in around):
        return None
    is_item = around[-1].tag in _ITEMS
    articles = [box for box in around if box.tag == "article"]
    holder = around[-1] if is_item else (articles or around[-2:-1] or around)[-1]
    if start - holder.start > _LATEST_DATELINE:
        return None
    above = bisect_right(outline.heading_starts, start)
    size = outline.headings[above - 1].tag if above else "h2"
    return next((one.start for one in outline.headings[above:] if one.tag <= size), holder.end)


def _is_dateline(text: str) -> bool:
    """True if the line at the end of a text is a place, with a date or without: it has hardly a word in small letters."""
    line = text.rpartition("\n")[2].strip(" -\u2013\u2014,")
    small = sum(word[:1].islower() and len(word) > len("del") for word in line.split())
    is_dated = _YEAR.search(line) is not None
    return 0 < len(line) <= _DATELINE and not line[0].islower() and line[0].isalpha() and small <= is_dated
