"""Reads the published views of a history row by row, with the same values from every database."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from backlinkbot.history.views import VIEWS, View, ViewColumn
from backlinkbot.items.columns import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

_AT_ONCE: Final = 10_000
"""Rows fetched at a time."""
_NAMED: Final = {view.name: view for view in VIEWS}


def view_named(name: str) -> View:
    """Returns a published view."""
    return _NAMED[name]


def columns_of_view(name: str, names: Sequence[str] = ()) -> tuple[ViewColumn, ...]:
    """Returns the columns of a view with these names, in their order; without names, all."""
    known = {column.name: column for column in _NAMED[name].columns}
    return tuple(known[one] for one in names) if names else tuple(known.values())


def read_view(
    connection: Connection, name: str, names: Sequence[str] = (), *, backlink_id: int | None = None
) -> Iterator[tuple[Any, ...]]:
    """Yields the rows of a view: texts, numbers, true/false, times as text, lists as tuples of texts; None where there is none.

    Args:
        connection: for reading.
        name: of the view.
        names: of its columns; without, all.
        backlink_id: only rows about this backlink.
    """
    columns = columns_of_view(name, names)
    wanted = ", ".join(f'"{column.name}"' for column in columns)
    where = "" if backlink_id is None else " WHERE backlink_id = :backlink_id"
    # Names are those of the published schema, never a user's.
    query = text(f"SELECT {wanted} FROM {name}{where}")  # noqa: S608
    found = connection.execution_options(yield_per=_AT_ONCE).execute(
        query, {} if backlink_id is None else {"backlink_id": backlink_id}
    )
    changed = [(at, _READERS[column.kind]) for at, column in enumerate(columns) if column.kind in _READERS]
    for row in found:
        values = list(row)
        for at, read in changed:
            if values[at] is not None:
                values[at] = read(values[at])
        yield tuple(values)


def _time(value: Any) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else str(value)


def _list(value: str) -> tuple[str, ...]:
    return () if value in {"", "[]"} else tuple(json.loads(value))


_READERS: Final[dict[Kind, Callable[[Any], Any]]] = {
    Kind.TIME: _time,
    Kind.FLAG: bool,
    Kind.LIST: _list,
    Kind.LINES: _list,
}
