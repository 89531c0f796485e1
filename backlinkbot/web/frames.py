"""Holds the rows of a view in memory, column by column: filters, counts, sorts and pages a million of them in milliseconds.

Only this module imports Polars.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from operator import and_, or_
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from backlinkbot.items.columns import Kind
from backlinkbot.web.queries import PAGE_SIZE, TableQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.history.views import ViewColumn
    from backlinkbot.web.tables import Table

_CHUNK: Final = 50_000
_MOST_VALUES: Final = 12
"""Values of a facet that are shown."""
_MOST_MASKS: Final = 64
"""Values of a column up to which the rows of each are kept as a mask, one bit for each row."""
_SEARCH: Final = "_search"
_TYPES: Final[dict[Kind, Any]] = {
    Kind.TEXT: pl.String,
    Kind.NUMBER: pl.Int64,
    Kind.REAL: pl.Float64,
    Kind.FLAG: pl.Boolean,
    Kind.LIST: pl.String,
    Kind.LINES: pl.String,
    Kind.TIME: pl.String,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of a facet."""

    text: str
    """As in the address; empty for nothing."""
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """The values of a column among the rows that a query finds."""

    column: str
    values: tuple[Value, ...]
    """The most frequent first."""
    others: int
    """The number of further values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePage:
    """The rows of one page, and the counts of all rows that the query finds."""

    rows: tuple[dict[str, Any], ...]
    total: int
    facets: tuple[Facet, ...]
    previous: int | None
    """The position before which the previous page ends; None if there is none."""
    next: int | None
    """The position behind which the next page begins; None if there is none."""


class Frame:
    """All rows of a table."""

    def __init__(self, table: Table, columns: Sequence[ViewColumn], rows: Iterable[Sequence[Any]]) -> None:
        self.table = table
        self.kinds = {column.name: column.kind for column in columns}
        self._frame = self._indexed(_read(columns, rows))
        self._orders = {name: _order(self._frame[name]) for name in table.shown}
        self._ranks = {name: order.arg_sort() for name, order in self._orders.items()}
        self._masks = {name: masks for name in table.facets if (masks := self._masks_of(name))}
        self._of_all = {name: self._count(name, None) for name in table.facets}

    def __len__(self) -> int:
        return self._frame.height

    def _indexed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Adds the column that is searched, and encodes the columns with few values."""
        texts = [name for name in self.table.facets if self.kinds[name] in {Kind.TEXT, Kind.LIST, Kind.LINES}]
        search = pl.concat_str(self.table.searched, separator="\n", ignore_nulls=True).str.to_lowercase()
        return frame.with_columns(search.alias(_SEARCH), *(pl.col(name).cast(pl.Categorical) for name in texts))

    # --- what is asked ---

    def page(self, query: TableQuery) -> TablePage:
        """Returns a page of the rows that a query finds, with the counts of all."""
        mask = self._mask(query)
        total = len(self) if mask is None else int(mask.sum())
        if mask is None:
            found, has_previous, has_next = _window_of_all(len(self), query)
        else:
            found, has_previous, has_next = _window(self._ranks[query.sort].filter(mask), query)
        rows = self._frame[self._orders[query.sort].gather(found)].drop(_SEARCH).to_dicts() if len(found) else []
        return TablePage(
            rows=tuple(rows),
            total=total,
            facets=tuple(self._facet(name, mask) for name in self.table.facets),
            previous=int(found[0]) if has_previous else None,
            next=int(found[-1]) if has_next else None,
        )

    def rows(self, query: TableQuery) -> Iterator[dict[str, Any]]:
        """Yields every row that a query finds, in its order."""
        mask, ranks = self._mask(query), self._ranks[query.sort]
        ranks = (ranks if mask is None else ranks.filter(mask)).sort(descending=query.is_descending)
        order = self._orders[query.sort]
        for first in range(0, len(ranks), _CHUNK):
            part = self._frame[order.gather(ranks[first : first + _CHUNK])].drop(_SEARCH)
            yield from part.iter_rows(named=True)

    def sum(self, name: str, *filters: tuple[str, str]) -> int:
        """Returns the sum of a column of numbers over the rows with these values, as the address writes them."""
        return int(self._values(name, filters).sum() or 0)

    def positive(self, name: str, *filters: tuple[str, str]) -> int:
        """Returns in how many of these rows a column of numbers is greater than 0."""
        return int((self._values(name, filters) > 0).sum() or 0)

    def facet(self, name: str, *filters: tuple[str, str]) -> Facet:
        """Returns the most frequent values of a column among these rows."""
        return self._facet(name, self._mask(TableQuery(table=self.table, filters=filters)))

    # --- how ---

    def _values(self, name: str, filters: tuple[tuple[str, str], ...]) -> pl.Series:
        mask = self._mask(TableQuery(table=self.table, filters=filters))
        return self._frame[name] if mask is None else self._frame[name].filter(mask)

    def _mask(self, query: TableQuery) -> pl.Series | None:
        wanted: dict[str, list[str]] = {}
        for column, value in query.filters:
            wanted.setdefault(column, []).append(value)
        masks = [reduce(or_, (self._is(column, value) for value in values)) for column, values in wanted.items()]
        if query.search:
            masks.append(self._frame[_SEARCH].str.contains(query.search.lower(), literal=True).fill_null(value=False))
        mask = reduce(and_, masks) if masks and len(self) else None
        return None if mask is None or mask.all() else mask

    def _is(self, column: str, text: str) -> pl.Series:
        """Returns which rows have a value, as the address writes it."""
        known = self._masks.get(column, {})
        if text in known:
            return known[text]
        kind, of = self.kinds[column], self._frame[column]
        nothing = pl.repeat(value=False, n=len(self), dtype=pl.Boolean, eager=True)
        if not text:
            return of.is_null() if kind in _NO_TEXT else (of.is_null() | (of == "").fill_null(value=False))
        if kind is Kind.FLAG:
            return nothing
        if kind in {Kind.NUMBER, Kind.REAL}:
            return (of == float(text)).fill_null(value=False) if _is_number(text) else nothing
        return (of == text).fill_null(value=False)

    def _masks_of(self, name: str) -> dict[str, pl.Series]:
        """Returns which rows have each value of a column; nothing if it has many values."""
        series = self._frame[name]
        values = series.unique()
        if len(values) > _MOST_MASKS or self.kinds[name] in {Kind.NUMBER, Kind.REAL}:
            return {}
        masks: dict[str, pl.Series] = {}
        for value in values.to_list():
            mask = series.is_null() if value is None else (series == value).fill_null(value=False)
            text = _written(value)
            masks[text] = masks[text] | mask if text in masks else mask
        return masks

    def _facet(self, name: str, mask: pl.Series | None) -> Facet:
        counts = self._of_all[name] if mask is None else self._count(name, mask)
        values = tuple(Value(text=text, rows=rows) for text, rows in counts[:_MOST_VALUES])
        return Facet(column=name, values=values, others=max(0, len(counts) - _MOST_VALUES))

    def _count(self, name: str, mask: pl.Series | None) -> list[tuple[str, int]]:
        """Returns the values of a column and their numbers of rows, the most frequent first."""
        if name in self._masks:
            masks = self._masks[name].items()
            counts = [(text, int((of if mask is None else of & mask).sum())) for text, of in masks]
            return sorted(((text, rows) for text, rows in counts if rows), key=lambda one: (-one[1], one[0]))
        series = self._frame[name] if mask is None else self._frame[name].filter(mask)
        found: Counter[str] = Counter()
        for value, rows in series.value_counts().iter_rows():
            found[_written(value)] += rows
        return found.most_common()


_NO_TEXT: Final = frozenset({Kind.NUMBER, Kind.REAL, Kind.FLAG})


def _read(columns: Sequence[ViewColumn], rows: Iterable[Sequence[Any]]) -> pl.DataFrame:
    schema = {column.name: _TYPES[column.kind] for column in columns}
    lists = [at for at, column in enumerate(columns) if column.kind in {Kind.LIST, Kind.LINES}]
    source = iter(rows)
    parts = [pl.DataFrame(schema=schema)]
    while chunk := list(islice(source, _CHUNK)):
        values = [list(of_column) for of_column in zip(*chunk, strict=True)]
        for at in lists:
            values[at] = [", ".join(value) if value else "" for value in values[at]]
        parts.append(pl.DataFrame(dict(zip(schema, values, strict=True)), schema=schema))
    return pl.concat(parts, rechunk=True)


def _order(series: pl.Series) -> pl.Series:
    """Returns the numbers of the rows in the order of a column, nothing first."""
    plain = series.cast(pl.String) if series.dtype == pl.Categorical else series
    return plain.arg_sort(nulls_last=False)


def _window_of_all(rows: int, query: TableQuery) -> tuple[pl.Series, bool, bool]:
    """As :func:`_window`, where a query finds every row: positions are then the numbers from 0 on."""
    is_back = query.before is not None
    cursor = query.before if is_back else query.after
    step = -1 if query.is_descending else 1
    first = (
        (rows - 1 if query.is_descending else 0) if cursor is None else (cursor - step if is_back else cursor + step)
    )
    way = range(first, -1 if (step == -1) != is_back else rows, -step if is_back else step)[: PAGE_SIZE + 1]
    inside = [number for number in way if 0 <= number < rows]
    has_more, found = len(inside) > PAGE_SIZE, inside[:PAGE_SIZE]
    if is_back:
        return pl.Series(found[::-1], dtype=pl.UInt32), has_more, True
    return pl.Series(found, dtype=pl.UInt32), cursor is not None and bool(found), has_more


def _window(ranks: pl.Series, query: TableQuery) -> tuple[pl.Series, bool, bool]:
    """Returns the positions of a page in its order, and whether there are pages before and behind it."""
    is_back = query.before is not None
    # "Behind" means larger positions in ascending order, smaller ones in descending order.
    to_larger = query.is_descending == is_back
    cursor = query.before if is_back else query.after
    beyond = ranks if cursor is None else ranks.filter(ranks > cursor if to_larger else ranks < cursor)
    near = beyond.bottom_k(PAGE_SIZE + 1) if to_larger else beyond.top_k(PAGE_SIZE + 1)
    near = near.sort(descending=not to_larger)
    has_more, found = len(near) > PAGE_SIZE, near.head(PAGE_SIZE)
    if is_back:
        return found.reverse(), has_more, True
    return found, cursor is not None and len(found) > 0, has_more


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _written(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
