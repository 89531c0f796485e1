"""Reads the rows of SQL files: ``INSERT`` statements that name their columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.importers.columns import SHOWN, RowReader
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult
from backlinkbot.importers.readers.texts import CutLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_INSERT: Final = re.compile(r"\s*insert\s+into\s+\S+?\s*\(([^()']+)\)\s*values\s*\(", re.IGNORECASE)
_VALUE: Final = re.compile(r"\s*(?:'((?:[^']|'')*)'|([^,()']*))\s*([,)])")
_COMMENT: Final = ("--", "/*", "#")


def header_of(lines: Sequence[str]) -> tuple[str, ...]:
    """Returns the columns of the first statement, if the file begins with one; else none."""
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith(_COMMENT)), "")
    found = _INSERT.match(first)
    return _names(found[1]) if found is not None else ()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().strip('`"[]') for name in text.split(","))


def read(lines: Iterable[str], reader: RowReader, columns: Sequence[str], name: str) -> Iterator[RowResult]:
    """Yields the result of each statement, one a line; comments and blank lines are skipped."""
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith(_COMMENT):
            continue
        found = _INSERT.match(line)
        row = _values(line, found.end()) if found is not None and _names(found[1]) == tuple(columns) else None
        if row is None or len(row) != len(columns):
            reason = Fault.TOO_LONG if isinstance(line, CutLine) else Fault.NOT_OF_THE_FORMAT
            yield BadRow(file=name, row=number, reason=reason, text=line.strip()[:SHOWN])
        else:
            yield reader.read(number, row)


def _values(line: str, start: int) -> list[str] | None:
    """Parses the values up to the closing bracket; returns None if there is none."""
    values = []
    while found := _VALUE.match(line, start):
        text, bare, end = found.groups()
        values.append(
            text.replace("''", "'") if text is not None else "" if bare.strip().lower() == "null" else bare.strip()
        )
        if end == ")":
            return values
        start = found.end()
    return None
