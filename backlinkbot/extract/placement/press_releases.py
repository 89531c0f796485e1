"""Finds the press releases in a page by the dateline of a news wire, or by a line that calls the text one."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.placement.evidence import evidence_of
from backlinkbot.extract.placement.kind_words import PRESS_DATELINE, PRESS_LABEL, PRESS_STEMS, PRESS_WORDS
from backlinkbot.extract.placement.stems import holds_one_of

if TYPE_CHECKING:
    from backlinkbot.extract.placement.outline import Box, Outline

_ITEMS: Final = frozenset({"li", "article", "dd", "dt", "tr", "blockquote"})
"""Elements that may hold a release as one of several."""
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_DATELINE: Final = 100
"""The maximum number of characters of the place and the date in a release's first line."""
_LATEST_DATELINE: Final = 400
"""The maximum number of characters before it: those of a title and of what stands below it."""
_MOST_DATELINES: Final = 5
_QUOTED: Final = frozenset({"blockquote", "figure", "pre", "aside"})
_NO_LABELS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "nav", "header", "footer", "button", "option"})
"""Elements in which words for a release name a menu's entry, or are a heading, which is judged by itself."""


def releases_of(outline: Outline) -> tuple[tuple[int, int, str], ...]:
    """Returns for each press release in a page the offsets of its beginning and of its end, and the words that say so."""
    found = []
    for match in islice(PRESS_DATELINE.finditer(outline.text), _MOST_DATELINES):
        if not _is_dateline(outline.slice(match.start() - _DATELINE - 1, match.start())):
            continue
        around = _around(outline, match.start(), match.end())
        if around and (holder := _holder(around, match.start())) is not None:
            found.append((match.start(), _end_of_release(outline, match.start(), holder), f"text:{match[0]}"))
    labels = PRESS_LABEL.finditer(outline.text) if holds_one_of(PRESS_STEMS, outline.text) else iter(())
    for match in islice(labels, _MOST_DATELINES):
        around = _around(outline, match.start(), match.end())
        if not around or any(box.tag in _NO_LABELS for box in around):
            continue
        if (holder := _holder(around, match.start())) is not None:
            end = _end_below_label(outline, match.end(), holder)
            found.append((match.end(), end, evidence_of("text", PRESS_WORDS.search(match[0]))))
    return tuple(found)


def _around(outline: Outline, start: int, end: int) -> list[Box]:
    """Returns the blocks around a line, outermost first; none if it is quoted."""
    around = [box for box in outline.boxes.values() if box.is_block and box.start <= start and end <= box.end]
    return [] if any(box.tag in _QUOTED for box in around) else around


def _holder(around: list[Box], start: int) -> Box | None:
    """Returns the element that holds a release with its paragraphs; None if the line stands too far from its beginning."""
    is_item = around[-1].tag in _ITEMS
    articles = [box for box in around if box.tag == "article"]
    holder = around[-1] if is_item else (articles or around[-2:-1] or around)[-1]
    return holder if start - holder.start <= _LATEST_DATELINE else None


def _end_of_release(outline: Outline, start: int, holder: Box) -> int:
    """Returns the offset of the next heading that is as large as the one above a dateline, or of the end of its element."""
    above = bisect_right(outline.heading_starts, start)
    size = outline.headings[above - 1].tag if above else "h2"
    return next((one.start for one in outline.headings[above:] if one.tag <= size), holder.end)


def _end_below_label(outline: Outline, end: int, holder: Box) -> int:
    """Returns the same for a label, which may stand above the title of its release."""
    above = bisect_right(outline.heading_starts, end)
    title = next(iter(outline.headings[above : above + 1]), None)
    if title is None or title.start - end > _LATEST_DATELINE or (above and outline.headings[above - 1].tag < title.tag):
        return _end_of_release(outline, end, holder)
    return next((one.start for one in outline.headings[above + 1 :] if one.tag <= title.tag), holder.end)


def _is_dateline(text: str) -> bool:
    """True if the line at the end of a text is a place, with a date or without: it has hardly a word in small letters."""
    line = text.rpartition("\n")[2].strip(" -\u2013\u2014,")
    small = sum(word[:1].islower() and len(word) > len("del") for word in line.split())
    is_dated = _YEAR.search(line) is not None
    return 0 < len(line) <= _DATELINE and not line[0].islower() and line[0].isalpha() and small <= is_dated
