"""Writes the links of a history as CSV or JSONL, with the same bytes as ``tables``, many times as fast.

Links with the same values in all columns of few values share a template of their line; only the other columns are formatted for
each link.
"""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.history.schema import times_of
from backlinkbot.items.columns import Kind
from backlinkbot.reports.exports.link_table import Converted, texts
from backlinkbot.reports.exports.tables import CELLS, GUARDED
from backlinkbot.text.csv_escaping import guard, holds_any, needs_guard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backlinkbot.items.columns import Column
    from backlinkbot.reports.exports.link_table import LinkTable

_TEMPLATES: Final = 10_000
"""Most templates that are kept."""


def write_csv(file: IO[bytes], table: LinkTable) -> None:
    """Writes CSV as :func:`tables.write_csv` does."""
    is_only = len(table.columns) == 1  # an empty line would be no row
    end = "\r\n"
    file.write((",".join(column.name for column in table.columns) + end).encode())

    def cell(column: Column, value: Any) -> str:
        found = "" if value is None else CELLS[column.kind](value)
        return _quoted(guard(found) if column.kind in GUARDED else found, is_only=is_only)

    def template(cells: Sequence[str]) -> str:
        return ",".join(cells) + end

    _write(file, table, cell, template, _csv_cells(cell, is_only=is_only))


def write_jsonl(file: IO[bytes], table: LinkTable) -> None:
    """Writes JSON lines as :func:`tables.write_jsonl` does."""
    keys = [f"{_json(column.name)}: ".replace("%", "%%") for column in table.columns]

    def template(cells: Sequence[str]) -> str:
        return "{" + ", ".join(key + cell for key, cell in zip(keys, cells, strict=True)) + "}\n"

    _write(file, table, lambda _, value: _json(value), template, _json_cells())


_json: Final = json.JSONEncoder(ensure_ascii=False).encode
_Cells = dict[Kind, "Callable[[Column, Sequence[Any]], Sequence[Any]]"]


def _write(
    file: IO[bytes],
    table: LinkTable,
    cell: Callable[[Column, Any], str],
    template: Callable[[Sequence[str]], str],
    cells: _Cells,
) -> None:
    """Writes the lines.

    Args:
        file: for writing.
        table: the links.
        cell: formats one value.
        template: makes a line of cells.
        cells: formats the stored values of a column.
    """

    def made(few: str) -> str:
        values = table.few_values(few)
        return template(
            [
                cell(column, values[column.name]).replace("%", "%%") if column.name in values else "%s"
                for column in table.columns
            ]
        )

    templates = _Templates(made)
    for batch in table.batches():
        columns = [cells[column.kind](column, batch.many[column.name]) for column in table.many]
        of_links = map(templates.__getitem__, batch.few)
        if columns:
            lines = [line % of_link for line, of_link in zip(of_links, zip(*columns, strict=True), strict=True)]
        else:
            lines = [line % () for line in of_links]
        file.write("".join(lines).encode())


class _Templates(dict[str, str]):
    """The templates that were made last."""

    def __init__(self, made: Callable[[str], str]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, few: str) -> str:
        if len(self) >= _TEMPLATES:
            self.clear()
        self[few] = self._made(few)
        return self[few]


# --- CSV --------------------------------------------------------------------------------------------------------------

_TO_QUOTE: Final = '",\r\n'
_CHUNK: Final = 50
"""Cells that are searched at once for what must be escaped."""


def _quoted(cell: str, *, is_only: bool) -> str:
    """Quotes a cell as the csv module does by default; the only cell of a row also if it is empty."""
    return _in_quotes(cell) if holds_any(cell, _TO_QUOTE) or (is_only and not cell) else cell


def _in_quotes(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _csv_cells(cell: Callable[[Column, Any], str], *, is_only: bool) -> _Cells:
    written: dict[str, Converted] = {}

    def of_texts(_: Column, values: Sequence[str]) -> Sequence[str]:
        cells: list[str] = []
        values = texts(values)
        for first in range(0, len(values), _CHUNK):
            chunk = values[first : first + _CHUNK]
            if needs_guard(chunk):
                chunk = [guard(value) for value in chunk]
            if is_only:
                chunk = [_quoted(value, is_only=True) for value in chunk]
            elif holds_any("".join(chunk), _TO_QUOTE):
                # As `_quoted`, without a call for each cell: this runs for every text of an export.
                chunk = [
                    _in_quotes(value) if "," in value or '"' in value or "\n" in value or "\r" in value else value
                    for value in chunk
                ]
            cells += chunk
        return cells

    def of_lists(column: Column, values: Sequence[str]) -> Sequence[str]:
        if column.name not in written:
            written[column.name] = Converted(lambda found: cell(column, found))
        return list(map(written[column.name].__getitem__, values))

    def of_times(_: Column, values: Sequence[int | None]) -> Sequence[str]:
        return times_of(values, '""' if is_only else "")

    def others(column: Column, values: Sequence[Any]) -> Sequence[Any]:
        return [cell(column, value) for value in values] if is_only or None in values else values

    return {
        Kind.TEXT: of_texts,
        Kind.LIST: of_lists,
        Kind.LINES: of_lists,
        Kind.TIME: of_times,
        Kind.NUMBER: others,
        Kind.REAL: others,
        Kind.FLAG: lambda column, values: [cell(column, value) for value in values],
    }


# --- JSON -------------------------------------------------------------------------------------------------------------

_BETWEEN: Final = "\0"
"""Between the values of a list: JSON escapes it in texts."""
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(_BETWEEN, ": ")).encode


def _json_cells() -> _Cells:
    written = Converted(_json)

    def of_lists(_: Column, values: Sequence[str]) -> Sequence[str]:
        return list(map(written.__getitem__, values))

    def of_times(_: Column, values: Sequence[int | None]) -> Sequence[str]:
        return [f'"{time}"' if time else "null" for time in times_of(values)]

    return {
        Kind.TEXT: lambda _, values: _encoded(texts(values)),
        Kind.LIST: of_lists,
        Kind.LINES: of_lists,
        Kind.TIME: of_times,
        Kind.NUMBER: lambda _, values: _encoded(values),
        Kind.REAL: lambda _, values: _encoded(values),
        Kind.FLAG: lambda _, values: _encoded(values),
    }


def _encoded(values: Sequence[Any]) -> list[str]:
    """Encodes each value."""
    return _encode(values)[1:-1].split(_BETWEEN)
