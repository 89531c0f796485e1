"""Tables with typed columns, and their writers for CSV and JSONL; Parquet and Excel have modules of their own."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.errors import OutputError
from backlinkbot.items.columns import Column, Kind
from backlinkbot.text.csv_escaping import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


_NO_CHARACTERS: Final = re.compile("[\ufffe\uffff]")

Row = list[Any]
"""The values of a row by their kinds: ``str``, ``int | None``, ``float | None``, ``bool | None``, ``list[str]``,
``datetime | None``."""


def values(rows: Iterable[Any], columns: Sequence[Column]) -> Iterator[Row]:
    """Yields the rows' values; replaces characters that some format cannot hold.

    Raises:
        OutputError: a time cannot be parsed.
    """
    readers = [(column.name, _VALUES.get(column.kind, _as_it_is)) for column in columns]
    for row in rows:
        yield [read(getattr(row, name)) for name, read in readers]


def _as_it_is(value: Any) -> Any:
    return value


def replace_characters(value: str) -> str:
    """Replaces lone surrogates, which have no encoding, and two characters that XML, and so Excel, does not allow."""
    if value.isascii():
        return value
    return _NO_CHARACTERS.sub("\ufffd", value.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _texts(value: Iterable[str]) -> list[str]:
    return [replace_characters(text) for text in value]


def _time(value: str) -> datetime | None:
    if not value:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError as error:
        raise OutputError(f"{value!r:.60} is not a time; expected 2026-01-31T12:00:00Z") from error
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


_VALUES: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.TEXT: replace_characters,
    Kind.LIST: _texts,
    Kind.LINES: _texts,
    Kind.TIME: _time,
}


def time_text(time: datetime) -> str:
    """Formats a time as in the rows of a crawl: ``2026-01-31T12:00:00Z``."""
    return time.isoformat().removesuffix("+00:00") + "Z"


# kind -> a value as the text of a cell, before escaping; None is empty in any kind.
CELLS: Final[dict[Kind, Callable[[Any], str]]] = {
    Kind.TEXT: str,
    Kind.NUMBER: str,
    Kind.REAL: str,
    Kind.FLAG: lambda value: str(value).lower(),
    Kind.LIST: ",".join,
    Kind.LINES: "\n".join,
    Kind.TIME: time_text,
}
GUARDED: Final = frozenset({Kind.TEXT, Kind.LIST, Kind.LINES})


def write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Writes CSV (RFC 4180, UTF-8) whose cells are escaped against formulas; see ``docs/rows.md``."""
    stream = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(stream)
    writer.writerow([column.name for column in columns])
    kinds = [(CELLS[column.kind], column.kind in GUARDED) for column in columns]
    for row in rows:
        cells = (
            ("" if value is None else cell(value), is_text) for value, (cell, is_text) in zip(row, kinds, strict=True)
        )
        writer.writerow([guard(text) if is_text else text for text, is_text in cells])
    stream.flush()
    stream.detach()


def write_jsonl(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Writes one JSON object per line; missing values are null."""
    names = [column.name for column in columns]
    for row in rows:
        line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=time_text)
        file.write(line.encode() + b"\n")
