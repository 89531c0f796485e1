"""Writes the links of a history as CSV or JSONL, with the same bytes as ``tables``, many times as fast.

Links with the same values in all columns of few values share the parts of their lines between the other columns; only these are
formatted for each link.
"""

from __future__ import annotations

import json
from itertools import repeat
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.history.schema import times_of
from backlinkbot.items.columns import Kind
from backlinkbot.reports.exports.link_table import Converted, texts
from backlinkbot.reports.exports.tables import CELLS, GUARDED
from backlinkbot.text.csv_escaping import guard, holds_any, needs_guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from backlinkbot.items.columns import Column
    from backlinkbot.reports.exports.link_table import Batch, LinkTable

_KEPT: Final = 10_000
"""Most parts of lines, and most formatted values of ``seldom``, that are kept."""


def write_csv(file: IO[bytes], table: LinkTable) -> None:
    """Writes CSV as :func:`tables.write_csv` does."""
    is_only = len(table.columns) == 1  # an empty line would be no row
    end = "\r\n"
    file.write((",".join(column.name for column in table.columns) + end).encode())

    def cell(column: Column, value: Any) -> str:
        found = "" if value is None else CELLS[column.kind](value)
        return _quoted(guard(found) if column.kind in GUARDED else found, is_only=is_only)

    before = ["", *repeat(",", len(table.columns) - 1)]
    _write(file, _Lines(table, cell, _csv_cells(cell, is_only=is_only), before, end))


def write_jsonl(file: IO[bytes], table: LinkTable) -> None:
    """Writes JSON lines as :func:`tables.write_jsonl` does."""
    keys = [f"{_json(column.name)}: " for column in table.columns]
    before = ["{" + keys[0], *(", " + key for key in keys[1:])]
    _write(file, _Lines(table, lambda _, value: _json(value), _json_cells(), before, "}\n"))


_json: Final = json.JSONEncoder(ensure_ascii=False).encode
_Cells = dict[Kind, "Callable[[Column, Sequence[Any]], Sequence[Any]]"]


def _write(file: IO[bytes], lines: _Lines) -> None:
    for batch in lines.table.batches():
        file.write("".join(lines.of(batch)).encode())


class _Lines:
    """Makes the lines of links: a cell of each column of ``many``, and before, between and after these a part of the line.

    A part holds the cells of other columns. If it depends on a link, it is made once for all links with the same ``few`` and with
    nothing in ``seldom``, which are nearly all.
    """

    def __init__(
        self, table: LinkTable, cell: Callable[[Column, Any], str], cells: _Cells, before: Sequence[str], end: str
    ) -> None:
        """Prepares the lines.

        Args:
            table: the links.
            cell: formats one value.
            cells: formats the stored values of a column.
            before: for each column, the text before its cell.
            end: of a line.
        """
        self.table = table
        self._cell = cell
        self._cells = cells
        many, seldom = ({column.name for column in columns} for columns in (table.many, table.seldom))
        ends = [at for at, column in enumerate(table.columns) if column.name in many]
        bounds = list(zip([0, *(at + 1 for at in ends)], [*ends, len(table.columns)], strict=True))
        self._parts = [
            _Part(
                columns=table.columns[first:last],
                before=before[first:last],
                after=before[last] if last < len(before) else end,
            )
            for first, last in bounds
        ]
        self._linked = [part for part in self._parts if part.columns]
        """The parts with cells."""
        self._rare = [any(column.name in seldom for column in part.columns) for part in self._linked]
        self._blank = self._seldom(None)
        self._of_few = _Kept(lambda few: self._made(self._values(few), self._blank))
        self._of_seldom = _Kept(self._seldom)
        self._cells_of_few = _Kept(self._values)

    def of(self, batch: Batch) -> Iterator[str]:
        """Yields the line of each link."""
        formatted: dict[tuple[int, Kind], Sequence[str]] = {}
        cells = []
        for column in self.table.many:
            values = batch.many[column.name]
            key = (id(values), column.kind)  # columns that are always the same have the same list
            if key not in formatted:
                formatted[key] = self._formatted(column, values)
            cells.append(formatted[key])
        linked = iter(self._parts_of_links(batch))
        pieces: list[Iterable[str]] = []
        for at, part in enumerate(self._parts):
            pieces.append(next(linked) if part.columns else repeat(part.after))
            if at < len(cells):
                pieces.append(cells[at])
        return map("".join, zip(*pieces, strict=False))

    def _formatted(self, column: Column, values: Sequence[Any]) -> Sequence[str]:
        first = values[0]
        if values[-1] == first and values.count(first) == len(values):
            return list(self._cells[column.kind](column, values[:1])) * len(values)
        return self._cells[column.kind](column, values)

    def _parts_of_links(self, batch: Batch) -> Sequence[Sequence[str]]:
        """Returns, for each part with cells, its text for each link."""
        if batch.seldom is None:
            of_links = list(map(self._of_few.__getitem__, batch.few))
        else:
            of_links = [
                self._of_few[few] if rare is None else self._with_seldom(few, rare)
                for few, rare in zip(batch.few, batch.seldom, strict=True)
            ]
        return list(zip(*of_links, strict=True))

    def _with_seldom(self, few: str, rare: str) -> Sequence[str]:
        return self._made(self._cells_of_few[few], self._of_seldom[rare], self._of_few[few])

    def _made(
        self, few: Mapping[str, str], rare: Mapping[str, str], made: Sequence[str] | None = None
    ) -> Sequence[str]:
        """Returns the parts with cells; those without columns of ``seldom`` may be ``made`` already."""
        cells = {**few, **rare}
        return tuple(
            part.text(cells) if made is None or is_rare else made[at]
            for at, (part, is_rare) in enumerate(zip(self._linked, self._rare, strict=True))
        )

    def _values(self, few: str) -> dict[str, str]:
        """Returns the cells of the columns that are constant or of ``few``."""
        values = self.table.few_values(few)
        return {
            column.name: self._cell(column, values[column.name])
            for column in self.table.columns
            if column.name in values
        }

    def _seldom(self, rare: str | None) -> dict[str, str]:
        """Returns the cells of the columns of ``seldom``."""
        return {
            column.name: self._cells[column.kind](column, [value])[0]
            for column, value in zip(self.table.seldom, self.table.seldom_stored(rare), strict=True)
        }


class _Part:
    """A part of a line between two columns of ``many``."""

    def __init__(self, columns: Sequence[Column], before: Sequence[str], after: str) -> None:
        self.columns = columns
        self._named = [(text, column.name) for text, column in zip(before, columns, strict=True)]
        self.after = after
        """The text before the next cell, or the end of the line."""

    def text(self, cells: Mapping[str, str]) -> str:
        """Returns the part with these cells."""
        return "".join([before + cells[name] for before, name in self._named]) + self.after


class _Kept(dict[str, Any]):
    """What was made last."""

    def __init__(self, made: Callable[[str], Any]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, key: str) -> Any:
        if len(self) >= _KEPT:
            self.clear()
        self[key] = self._made(key)
        return self[key]


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
        return times_of(values, nothing)

    def others(_: Column, values: Sequence[Any]) -> Sequence[str]:
        return [nothing if value is None else str(value) for value in values]

    nothing = '""' if is_only else ""

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
