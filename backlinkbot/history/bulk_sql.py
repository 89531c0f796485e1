"""Bulk statements: inserts or updates many rows of one table at once.

SQLite runs in the same process, so it takes row after row; the driver gets them directly, because SQLAlchemy would spend more
time on each than SQLite does. PostgreSQL gets all rows in one statement, as JSON, to save round trips.
"""

from __future__ import annotations

import json
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import TypeDecorator, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Table, TextClause

Values: TypeAlias = "dict[str, Any]"


def insert(connection: Connection, table: Table, rows: Sequence[Values]) -> None:
    """Inserts rows that all have the same columns."""
    if rows and connection.dialect.name == "sqlite":
        _run(connection, table, rows, _INTO)
    elif rows:
        _send(connection, table, rows, _INSERT)


def insert_missing(connection: Connection, table: Table, rows: Iterable[Values]) -> None:
    """Inserts the rows whose ``key`` is new, ordered by key, so that concurrent writers do not deadlock."""
    ordered = sorted(rows, key=itemgetter("key"))
    if ordered and connection.dialect.name == "sqlite":
        _run(connection, table, ordered, _INTO_MISSING)
    elif ordered:
        _send(connection, table, ordered, _INSERT_MISSING)


def update(connection: Connection, table: Table, rows: Iterable[Values]) -> None:
    """Updates rows by their ``id``; columns that a row does not name keep their values."""
    alike: dict[tuple[str, ...], list[Values]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    for same in alike.values():
        if connection.dialect.name == "sqlite":
            _run(connection, table, same, _SET, last="id")
        else:
            _send(connection, table, same, _UPDATE)


_INTO: Final = 'INSERT INTO "{table}" ({names}) VALUES ({marks})'
_INTO_MISSING: Final = _INTO + ' ON CONFLICT ("key") DO NOTHING'
_SET: Final = 'UPDATE "{table}" SET {marked} WHERE id = ?'


def _run(connection: Connection, table: Table, rows: Sequence[Values], statement: str, *, last: str = "") -> None:
    """Executes a statement once for each row, in SQLite; the column ``last`` is its last parameter."""
    names = tuple(name for name in rows[0] if name != last)
    columns = [_converted(connection, table, name, rows) for name in (*names, *filter(None, [last]))]
    connection.exec_driver_sql(_filled_marks(statement, table.name, names), list(zip(*columns, strict=True)))


def _converted(connection: Connection, table: Table, name: str, rows: Sequence[Values]) -> list[Any]:
    """Returns the values of one column as the database stores them."""
    kind = table.c[name].type
    if isinstance(kind, TypeDecorator):
        convert = kind.process_bind_param
        return [convert(row[name], connection.dialect) for row in rows]
    return [row[name] for row in rows]


@lru_cache(maxsize=100)
def _filled_marks(statement: str, table: str, names: tuple[str, ...]) -> str:
    return statement.format(
        table=table,
        names=", ".join(f'"{name}"' for name in names),
        marks=", ".join("?" for _ in names),
        marked=", ".join(f'"{name}" = ?' for name in names),
    )


_GIVEN: Final = 'json_populate_recordset(CAST(NULL AS "{table}"), CAST(:rows AS json)) AS given'
_INSERT: Final = 'INSERT INTO "{table}" ({names}) SELECT {values} FROM ' + _GIVEN  # noqa: S608 - names of ours
_INSERT_MISSING: Final = _INSERT + ' ON CONFLICT ("key") DO NOTHING'
_UPDATE: Final = 'UPDATE "{table}" SET {changes} FROM ' + _GIVEN + ' WHERE "{table}".id = given.id'  # noqa: S608 - so, too


def _send(connection: Connection, table: Table, rows: Sequence[Values], statement: str) -> None:
    names = tuple(rows[0])
    kinds = [(name, kind) for name in names if isinstance(kind := table.c[name].type, TypeDecorator)]
    written = []
    for row in rows:
        values = dict(row)
        for name, kind in kinds:
            values[name] = kind.process_bind_param(values[name], connection.dialect)
        written.append(values)
    connection.execute(_filled(statement, table.name, names), {"rows": json.dumps(written, default=_as_bytea)})


def _as_bytea(key: bytes) -> str:
    return f"\\x{key.hex()}"


@lru_cache(maxsize=100)
def _filled(statement: str, table: str, names: tuple[str, ...]) -> TextClause:
    return text(
        statement.format(
            table=table,
            names=", ".join(f'"{name}"' for name in names),
            values=", ".join(f'given."{name}"' for name in names),
            changes=", ".join(f'"{name}" = given."{name}"' for name in names if name != "id"),
        )
    )
