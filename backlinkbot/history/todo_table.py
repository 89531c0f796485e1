"""Reads and writes the tasks that were listed: their numbers, statuses and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, update

from backlinkbot.errors import UsageError
from backlinkbot.history.records import TaskRecord, TaskStatus, TaskSubject
from backlinkbot.history.schema import tasks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

_AT_ONCE: Final = 500
"""Keys or numbers in one query."""


def read(connection: Connection) -> dict[bytes, TaskRecord]:
    """Returns every task that was listed, by its key."""
    return {row.key: _record(row) for row in connection.execute(select(tasks).order_by(tasks.c.id))}


def number(connection: Connection, subjects: Sequence[TaskSubject], at: str) -> dict[bytes, TaskRecord]:
    """Gives each task that has no number the next one, in order; returns the records of all by their keys.

    Args:
        connection: in a transaction that writes.
        subjects: what the tasks are about.
        at: the current time.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.exec_driver_sql("LOCK TABLE _tasks IN SHARE ROW EXCLUSIVE MODE")
    wanted = {subject.key: subject for subject in subjects}
    known = _of(connection, "key", list(wanted))
    new = [
        {"key": key, "status": TaskStatus.OPEN.value, "listed_at": at, **{name: getattr(of, name) for name in _SUBJECT}}
        for key, of in wanted.items()
        if key not in known
    ]
    if new:
        connection.execute(tasks.insert(), new)
    return known | _of(connection, "key", [row["key"] for row in new])


def mark(
    connection: Connection, numbers: Sequence[int], status: TaskStatus, *, note: str | None, at: str
) -> list[TaskRecord]:
    """Changes the status of tasks, and their note unless it is None; returns them in the given order.

    Raises:
        UsageError: no task has such a number; nothing is changed then.
    """
    known = {record.number: record for record in _of(connection, "id", list(numbers)).values()}
    for one in numbers:
        if one not in known:
            raise UsageError(f"no task has the number {one}; backlinkbot todo lists them with their numbers")
    values: dict[str, Any] = {"status": status.value, "changed_at": at} | ({} if note is None else {"note": note})
    for part in _parts(list(known)):
        connection.execute(update(tasks).where(tasks.c.id.in_(part)).values(values))
    changed = {record.number: record for record in _of(connection, "id", list(known)).values()}
    return [changed[one] for one in dict.fromkeys(numbers)]


_SUBJECT: Final = ("kind", "target", "page", "target_url")


def _of(connection: Connection, name: str, values: Sequence[Any]) -> dict[bytes, TaskRecord]:
    found: dict[bytes, TaskRecord] = {}
    for part in _parts(values):
        rows = connection.execute(select(tasks).where(tasks.c[name].in_(part)))
        found |= {row.key: _record(row) for row in rows}
    return found


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[first : first + _AT_ONCE] for first in range(0, len(values), _AT_ONCE))


def _record(row: Any) -> TaskRecord:
    return TaskRecord(
        number=row.id,
        subject=TaskSubject(kind=row.kind, target=row.target, page=row.page, target_url=row.target_url),
        status=TaskStatus(row.status),
        note=row.note,
        changed_at=row.changed_at,
    )
