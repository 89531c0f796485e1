"""Reads the published views of a history row by row, with the same values from every database."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from backlinkbot.history.views import VIEWS, View, ViewColumn
from backlinkbot.items.columns import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

_AT_ONCE: Final = 10_000
"""Rows fetched at a time."""
_NAMED: Final = {view.name: view for view in VIEWS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Which rows of a view are read, and in which order."""

    equal: Mapping[str, str | float | bool] = field(default_factory=dict)
    """Columns and the values that they have."""
    words: str = ""
    """Text that one of ``searched`` contains; letters that differ in case only are the same."""
    searched: Sequence[str] = ()
    order: Sequence[str] = ()
    """Columns; with ``-`` before it, the largest first."""
    limit: int | None = None
    offset: int = 0
    """How many rows are passed over."""


def view_named(name: str) -> View:
    """Returns a published view."""
    return _NAMED[name]


def columns_of_view(name: str, names: Sequence[str] = ()) -> tuple[ViewColumn, ...]:
    """Returns the columns of a view with these names, in their order; without names, all."""
    known = {column.name: column for column in _NAMED[name].columns}
    return tuple(known[one] for one in names) if names else tuple(known.values())


def read_view(
    connection: Connection, name: str, names: Sequence[str] = (), rows: Rows | None = None
) -> Iterator[tuple[Any, ...]]:
    """Yields the rows of a view: texts, numbers, true/false, times as text, lists as tuples of texts; None where there is none.

    Args:
        connection: for reading.
        name: of the view.
        names: of its columns; without, all.
        rows: which; without, all.
    """
    columns = columns_of_view(name, names)
    wanted = ", ".join(f'"{column.name}"' for column in columns)
    clauses, values = _clauses(name, rows or Rows(), connection.dialect.name)
    # Names are those of the published schema, never a user's.
    query = text(f"SELECT {wanted} FROM {name}{clauses}")  # noqa: S608
    found = connection.execution_options(yield_per=_AT_ONCE).execute(query, values)
    changed = [(at, _READERS[column.kind]) for at, column in enumerate(columns) if column.kind in _READERS]
    for row in found:
        cells = list(row)
        for at, read in changed:
            if cells[at] is not None:
                cells[at] = read(cells[at])
        yield tuple(cells)


def _clauses(name: str, rows: Rows, dialect: str) -> tuple[str, dict[str, Any]]:
    """Returns what follows the name of the view, and the values of its parameters."""
    known = {column.name for column in _NAMED[name].columns}
    named = {*rows.equal, *rows.searched, *(column.removeprefix("-") for column in rows.order)}
    if not named <= known:
        raise KeyError(f"{name} has no column {', '.join(sorted(named - known))}")
    values: dict[str, Any] = {f"equal_{column}": value for column, value in rows.equal.items()}
    conditions = [f'"{column}" = :equal_{column}' for column in rows.equal]
    if rows.words:
        # SQLite's LIKE knows the case of ASCII letters only.
        forms = dict.fromkeys((rows.words, rows.words.lower(), rows.words.upper(), rows.words.title()))
        values |= {f"words_{at}": f"%{_LIKE.sub(_ESCAPED, form)}%" for at, form in enumerate(forms)}
        like = "ILIKE" if dialect == "postgresql" else "LIKE"
        tests = (f"\"{column}\" {like} :words_{at} ESCAPE '!'" for column in rows.searched for at in range(len(forms)))
        conditions.append(f"({' OR '.join(tests)})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    columns = (f'"{column.removeprefix("-")}"{" DESC" if column.startswith("-") else ""}' for column in rows.order)
    order = f" ORDER BY {', '.join(columns)}" if rows.order else ""
    if rows.limit is None:
        return where + order, values
    return f"{where}{order} LIMIT :limit OFFSET :offset", values | {"limit": rows.limit, "offset": rows.offset}


_LIKE: Final = re.compile("[!%_]")
_ESCAPED: Final = r"!\g<0>"


def _time(value: Any) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else str(value)


@lru_cache(maxsize=10_000)  # many rows have the same
def _list(value: str) -> tuple[str, ...]:
    return () if value in {"", "[]"} else tuple(json.loads(value))


_READERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.TIME: _time,
    Kind.FLAG: bool,
    Kind.LIST: _list,
    Kind.LINES: _list,
}
