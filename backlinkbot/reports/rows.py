"""Converts rows of text, from a file or elsewhere, back into typed backlinks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.errors import OutputError
from backlinkbot.files.row_files import read_rows
from backlinkbot.items import Backlink
from backlinkbot.items.columns import Column, Kind, columns_of, partial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)


def _number(cell: Any) -> int:
    if isinstance(cell, bool) or (isinstance(cell, float) and not cell.is_integer()):
        raise ValueError(cell)
    return int(cell)


def _perhaps(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a reader for an optional column."""
    return lambda cell: None if cell is None or cell == "" else read(cell)


def _real(cell: Any) -> float:
    if isinstance(cell, bool):
        raise TypeError(cell)
    return float(cell)


def _truth(cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    return {"true": True, "false": False}[str(cell).lower()]  # pandas writes True


def _words(cell: Any) -> tuple[str, ...]:
    if isinstance(cell, list | tuple):
        return tuple(map(str, cell))
    return tuple(cell.split(",")) if cell else ()


def _lines(cell: Any) -> tuple[str, ...]:
    if isinstance(cell, list | tuple):
        return tuple(map(str, cell))
    return tuple(cell.split("\n")) if cell else ()


# Column kind -> the reader of a cell of CSV, JSON or Parquet.
_READERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.TEXT: _text,
    Kind.TIME: _text,
    Kind.NUMBER: _number,
    Kind.REAL: _real,
    Kind.FLAG: _truth,
    Kind.LIST: _words,
    Kind.LINES: _lines,
}


def _reader(column: Column) -> Callable[[Any], Any]:
    read = _READERS[column.kind]
    return _perhaps(read) if column.nothing is None else read


_COLUMNS: Final = {column.name: _reader(column) for column in columns_of(Backlink)}
_REQUIRED: Final = frozenset(column.name for column in columns_of(Backlink) if column.is_required)
_NEEDED: Final = ("source_url", "target_url")
"""The columns without which a row says nothing of a link."""
_DEFAULTS: Final = {field.name: field.default for field in fields(Backlink) if field.name not in _REQUIRED}


def read_backlinks(path: Path) -> Iterator[Backlink]:
    """Yields the backlinks of a row file (``.csv``, ``.jsonl``, ``.jl``, ``.json``, each also ``.gz``), in its order.

    A file may have been written with fewer columns: reading another column of its rows raises MissingColumnError.

    Raises:
        OutputError: it cannot be read, or is not a row file.
    """
    return typed(read_rows(path), str(path))


def columns_in(path: Path) -> frozenset[str] | None:
    """Returns the columns of backlinks that a row file holds, as its first row says; None if it has no rows.

    Raises:
        OutputError: it cannot be read, or is not a row file.
    """
    first = next(read_rows(path), None)
    if first is None:
        return None
    next(typed((first,), str(path)))
    return frozenset(name for name in _COLUMNS if name in first) | {"source_domain"}


def typed(rows: Iterable[Mapping[str, Any]], name: str = "rows") -> Iterator[Backlink]:
    """Converts the rows to backlinks; error messages call their origin ``name``.

    Columns of later versions may be missing and take their default; unknown columns are ignored. Reading any other column
    that is missing raises MissingColumnError.

    Raises:
        OutputError: a row does not tell the link's two ends, or a cell has an invalid value.
    """
    for number, row in enumerate(rows, start=1):
        yield _backlink(row, name, number)


def _backlink(row: Mapping[str, Any], file: str, number: int) -> Backlink:
    where = f"{file}: row {number}"
    missing = [name for name in _NEEDED if name not in row]
    if missing:
        raise OutputError(f"{where} has no {' and no '.join(missing)}; give rows of links, as backlinkbot writes them")
    given: dict[str, Any] = {}
    for name, read in _COLUMNS.items():
        if name in row:
            try:
                given[name] = read(row[name])
            except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
                raise OutputError(f"{where}: {row[name]!r:.60} is not a value of the column {name}") from error
    if given.keys() >= _REQUIRED:
        return Backlink(**given)
    if "source_domain" not in given:
        source = urls.parse(given["source_url"])
        given["source_domain"] = urls.registrable_domain(source.hostname) if source is not None else ""
    return partial(Backlink, _DEFAULTS | given, file)
