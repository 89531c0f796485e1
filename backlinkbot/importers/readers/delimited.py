"""Reads CSV with any delimiter, tolerating broken quotes and oversized cells."""

from __future__ import annotations

import csv
from collections import deque
from typing import TYPE_CHECKING, Final

from backlinkbot.importers.outcomes import Fault
from backlinkbot.importers.readers.texts import MAX_LINE, CutLine
from backlinkbot.text.csv_escaping import allow_long_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.importers.readers.texts import Lines

DELIMITERS: Final = ",\t;|"
ONE_COLUMN: Final = "\x1f"
"""The delimiter of a table with one column, whose URLs may contain commas."""
MAX_RECORD: Final = 64
"""Most lines of one row; a quote that is open for longer was never closed."""


class _TooManyLinesError(Exception):
    pass


class _Feed:
    """Feeds lines to the csv module, and keeps those of the current row, to be read again if the row is invalid."""

    def __init__(self, lines: Lines) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self.number = 0
        self.record: list[str] = []
        self.is_over = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.record) > MAX_RECORD:
            raise _TooManyLinesError
        if self._again:
            line = self._again.popleft()
        else:
            try:
                line = next(self._lines)
            except StopIteration:
                self.is_over = True
                raise
        self.number += 1
        self.record.append(line)
        return line

    def begin(self) -> None:
        """Starts a new row."""
        self.record.clear()

    def give_back(self) -> None:
        """Returns all lines of this row but the first, to be read again."""
        again = self.record[1:]
        self._again.extendleft(reversed(again))
        self.number -= len(again)


def read_delimited(lines: Lines, delimiter: str, width: int) -> Iterator[tuple[int, list[str], Fault | None, str]]:
    """Yields line number, cells, fault and the faulty line of each row; blank rows are skipped.

    A quote that is never closed swallows the rows below. If a row of several lines never ends, or has not the ``width``
    of the header, its first line is a bad row and the others are read again.
    """
    allow_long_cells()
    feed = _Feed(lines)
    rows = csv.reader(feed, delimiter=delimiter)
    while True:
        feed.begin()
        first = feed.number + 1
        fault: Fault | None = None
        row: list[str] = []
        try:
            row = next(rows)
        except StopIteration:
            return
        except _TooManyLinesError:
            fault = Fault.OPEN_QUOTE
        except csv.Error:
            fault = Fault.OPEN_QUOTE
        if any(len(cell) > MAX_LINE for cell in row):
            fault = Fault.TOO_LONG if len(feed.record) == 1 else Fault.OPEN_QUOTE
        if len(feed.record) > 1 and fault is None and (len(row) != width or _is_odd(feed, delimiter)):
            fault = Fault.OPEN_QUOTE
        if isinstance(feed.record[0], CutLine):
            fault = Fault.TOO_LONG
        if fault is not None:
            feed.give_back()
            yield first, [], fault, feed.record[0]
        elif any(row) and any(map(str.strip, row)):
            yield first, row, None, ""


def _is_odd(feed: _Feed, delimiter: str) -> bool:
    """True if a row of several lines has a quote that ends within a cell, or is open at the end of the file."""
    if feed.is_over and sum(line.count('"') for line in feed.record) % 2 == 1:
        return True
    try:
        list(csv.reader(feed.record, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def sample_rows(lines: Iterable[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """Returns line number and cells of some lines; empty if they are no table with this delimiter."""
    allow_long_cells()
    rows = csv.reader(lines, delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for row in rows:
            if any(map(str.strip, row)):
                found.append((before + 1, row))
            before = rows.line_num
    except csv.Error:
        pass
    return found
