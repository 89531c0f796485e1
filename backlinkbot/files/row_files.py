"""Reads row files of this program: CSV, JSONL and JSON, gzipped or not."""

from __future__ import annotations

import csv
import gzip
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.errors import OutputError
from backlinkbot.files.inputs import lines_of, readable
from backlinkbot.text.csv_escaping import allow_long_cells, unguard
from backlinkbot.text.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_PIECE: Final = 256 * 1024
"""Characters that are read at once."""


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the rows of a file, whose ending tells the format; CSV cells are unescaped.

    Raises:
        OutputError: the file cannot be read.
    """
    is_packed = path.suffix == ".gz"
    kind = path.with_suffix("").suffix if is_packed else path.suffix
    try:
        with (gzip.open if is_packed else open)(readable(path), "rt", encoding="utf-8-sig", newline="") as file:
            if kind == ".json":
                yield from map(_object, _values(file))
            elif kind in {".jsonl", ".jl"}:
                yield from (_object(loads(line)) for line in lines_of(file))
            else:
                allow_long_cells()
                for row in csv.DictReader(lines_of(file)):
                    yield {name: unguard(cell or "") for name, cell in row.items() if name is not None}
    except (OSError, EOFError, ValueError, TypeError, csv.Error) as error:
        raise OutputError(f"{path}: {error}") from error


def _values(file: IO[str]) -> Iterator[Any]:
    """Yields the objects of an array."""
    from backlinkbot.files.json_reader import BrokenJSONError, values  # noqa: PLC0415 - used for JSON only

    try:
        yield from values(iter(lambda: file.read(_PIECE), ""))
    except BrokenJSONError as error:
        raise ValueError(f"invalid JSON at {str(error)[:60]!r}") from error


def _object(row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise TypeError(f"{row!r:.60} is not a row (an object)")
    return row
