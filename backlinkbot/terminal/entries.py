"""Formats entries for people: a number, a headline and paragraphs below it, wrapped to the width of a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backlinkbot.terminal.cells import READABLE_WIDTH, broken, cells, shorten_url
from backlinkbot.text.terminal_escaping import replaced
from backlinkbot.urls import readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.terminal.styles import Painter

_NUMBER: Final = 4
"""Cells of the number, right-aligned."""
_GAP: Final = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a list."""

    number: int | None = None
    headline: str
    """A URL or a name; shortened in its middle if it is too long."""
    paragraphs: tuple[str, ...] = ()


def entry_lines(entry: Entry, width: int, painter: Painter) -> Iterator[str]:
    """Yields the lines of an entry, none of them wider than the width."""
    before = _GAP if entry.number is None else f"{entry.number:>{_NUMBER}}{_GAP}"
    indent = " " * (len(before) if entry.number is not None else 2 * len(_GAP))
    headline = shorten_url(readable(entry.headline), max(width - len(before), 1))
    yield f"{before}{painter.paint(headline, 'bold')}"
    for paragraph in entry.paragraphs:
        for line in wrapped(paragraph, min(width, READABLE_WIDTH) - len(indent)):
            yield indent + line


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yields the words of untrusted text in lines of at most so many cells, and at least two, which every character fits in.

    A longer URL is shortened. Any other longer word goes on in the next line, such as a sentence in Chinese.
    """
    width, line = max(width, 2), ""
    for word in replaced(text).split():
        for number, part in enumerate([shorten_url(word, width)] if "://" in word else broken(word, width)):
            if line and (number or cells(line) + 1 + cells(part) > width):
                yield line
                line = part
            else:
                line = f"{line} {part}" if line else part
    if line:
        yield line
