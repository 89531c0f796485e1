"""Reads what a page shows from its address, and writes the addresses of its links."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from backlinkbot.web.tables import Table

PAGE_SIZE: Final = 50
"""Rows of one page."""
_LONGEST: Final = 2_000
"""Most characters of a search text or a value that are read."""
_SEARCH, _SORT, _AFTER, _BEFORE = "q", "sort", "after", "before"
_RESERVED: Final = {"before": "before-value", "after": "after-value"}
"""Columns whose names are taken -> the name in the address."""


class QueryError(ValueError):
    """The address asks for what there is not; the message says what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableQuery:
    """What a page of a table shows."""

    table: Table
    filters: tuple[tuple[str, str], ...] = ()
    """Column and value, as text; several values of a column are alternatives."""
    search: str = ""
    sort: str = ""
    """A column; the order is that of the table where it is empty."""
    is_descending: bool = True
    after: int | None = None
    """The position in the order behind which the page begins."""
    before: int | None = None
    """The position in the order before which the page ends."""

    def with_filter(self, column: str, value: str) -> TableQuery:
        """Returns the first page with one more filter."""
        return replace(self, filters=(*self.filters, (column, value)), after=None, before=None)

    def without(self, column: str, value: str) -> TableQuery:
        """Returns the first page without a filter."""
        kept = tuple(one for one in self.filters if one != (column, value))
        return replace(self, filters=kept, after=None, before=None)

    def without_search(self) -> TableQuery:
        """Returns the first page without the search text."""
        return replace(self, search="", after=None, before=None)

    @staticmethod
    def parameter(column: str) -> str:
        """Returns the name of a column in the address."""
        return _RESERVED.get(column, column)

    def sorted_by(self, column: str) -> TableQuery:
        """Returns the first page in the order of a column; the other way round if that is the order now."""
        turned = not self.is_descending if column == self.sort else False
        return replace(self, sort=column, is_descending=turned, after=None, before=None)

    def page(self, *, after: int | None = None, before: int | None = None) -> TableQuery:
        """Returns another page of the same rows."""
        return replace(self, after=after, before=before)

    @property
    def href(self) -> str:
        """The address of the page."""
        return self.address("")

    @property
    def csv(self) -> str:
        """The address of all its rows as CSV."""
        return replace(self, after=None, before=None).address(".csv")

    def address(self, ending: str) -> str:
        """Returns the address, with an ending of its path."""
        words = [(_RESERVED.get(column, column), value) for column, value in self.filters]
        words += [(_SEARCH, self.search)] if self.search else []
        order = f"{'-' if self.is_descending else ''}{self.sort}"
        words += [(_SORT, order)] if order != self.table.sort else []
        words += [(_AFTER, str(self.after))] if self.after is not None else []
        words += [(_BEFORE, str(self.before))] if self.before is not None else []
        return f"/{self.table.name}{ending}{'?' if words else ''}{urlencode(words)}"


def read(table: Table, words: Iterable[tuple[str, str]]) -> TableQuery:
    """Returns what an address asks for.

    Raises:
        QueryError: there is no such column or order, or a position is no number.
    """
    sort, search = table.sort, ""
    filters: dict[tuple[str, str], None] = {}
    positions: dict[str, int] = {}
    columns = {_RESERVED.get(name, name): name for name in table.columns}
    for name, value in words:
        if name == _SEARCH:
            search = value[:_LONGEST].strip()
        elif name == _SORT:
            sort = value or table.sort
        elif name in {_AFTER, _BEFORE}:
            positions[name] = _number(name, value)
        elif name in columns:
            filters[columns[name], value[:_LONGEST]] = None
        else:
            raise QueryError(f"{table.name} has no column {name!r:.60}; it has {', '.join(columns)}")
    column = sort.removeprefix("-")
    if column not in table.shown:
        raise QueryError(f"{table.name} cannot be sorted by {column!r:.60}; it can by {', '.join(table.shown)}")
    return TableQuery(
        table=table,
        filters=tuple(filters),
        search=search,
        sort=column,
        is_descending=sort.startswith("-"),
        after=positions.get(_AFTER),
        before=positions.get(_BEFORE),
    )


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 12):
        raise QueryError(f"{name}={value!r:.60}: give a whole number")
    return int(value)


# Table -> the column by which the table of links is filtered for one of its rows.
_TO_LINKS: Final = {"domains": "source_domain", "anchors": "anchor", "pages": "target_url"}


def links_of(table: Table, row: Mapping[str, Any]) -> str:
    """Returns the address of the links that a row counts; empty if it counts none."""
    column = _TO_LINKS.get(table.name)
    if column is None:
        return ""
    return f"/links?{urlencode({'target': row['target'], column: row[column]})}"
