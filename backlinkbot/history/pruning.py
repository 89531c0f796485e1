"""Removes old visits and unwanted targets from a history; what tells a link's state and first sighting stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, exists, select

from backlinkbot.errors import HistoryError
from backlinkbot.history.schema import backlinks, changes, claims, links, pages, runs, targets, tasks, visits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from backlinkbot.history.liveness import RunLocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How many rows were removed."""

    visits: int = 0
    backlinks: int = 0
    """Of unwanted targets, as are the changes."""
    changes: int = 0
    pages: int = 0
    """Pages that had backlinks to these targets, and have no others and no claims."""


def prune(connection: Connection, locks: RunLocks, *, before: str, names: Sequence[str]) -> Pruned:
    """Removes visits before a time, and everything that is known of targets; returns how much.

    Args:
        connection: in a transaction that writes.
        locks: of the history.
        before: a time; empty: visits stay.
        names: of targets.

    Raises:
        HistoryError: a run is at work, or the history knows no such target.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.exec_driver_sql("LOCK TABLE _runs IN SHARE ROW EXCLUSIVE MODE")
    _refuse_while_a_run_is_at_work(connection, locks)
    ids = _ids_of(connection, names)
    found = Pruned(visits=_deleted(connection, delete(visits).where(visits.c.at < before))) if before else Pruned()
    return _without_targets(connection, ids, found) if ids else found


def _refuse_while_a_run_is_at_work(connection: Connection, locks: RunLocks) -> None:
    unfinished = select(runs.c.id, runs.c.lock).where(runs.c.finished_at.is_(None)).order_by(runs.c.id)
    for id_, lock in connection.execute(unfinished).all():
        if locks.is_held(lock):
            raise HistoryError(f"run {id_} is at work in this history; prune it when the run has ended")


def _ids_of(connection: Connection, names: Sequence[str]) -> list[int]:
    known = {name: id_ for id_, name in connection.execute(select(targets.c.id, targets.c.name))}
    for name in names:
        if name not in known:
            raise HistoryError(f"the history knows no target {name!r}; it knows {', '.join(sorted(known)) or 'none'}")
    return [known[name] for name in dict.fromkeys(names)]


# Foreign keys are checked for each row that goes. Kept all the time, these indexes would make recording slower.
_INDEXES: Final = {"ix_prune_changes": "_changes (backlink_id)", "ix_prune_visits": "_visits (page_id)"}


def _without_targets(connection: Connection, ids: Sequence[int], found: Pruned) -> Pruned:
    for name, columns in _INDEXES.items():
        connection.exec_driver_sql(f"CREATE INDEX {name} ON {columns}")
    unwanted = select(backlinks.c.id).where(backlinks.c.target_id.in_(ids))
    is_kept = exists().where(backlinks.c.page_id == pages.c.id, backlinks.c.target_id.not_in(ids))
    is_claimed = exists().where(claims.c.page_id == pages.c.id)
    linked = select(backlinks.c.page_id).where(backlinks.c.target_id.in_(ids))
    alone = connection.execute(select(pages.c.id).where(pages.c.id.in_(linked), ~is_kept, ~is_claimed)).scalars().all()
    _deleted(connection, delete(links).where(links.c.backlink_id.in_(unwanted)))
    removed_changes = _deleted(connection, delete(changes).where(changes.c.backlink_id.in_(unwanted)))
    removed = _deleted(connection, delete(backlinks).where(backlinks.c.target_id.in_(ids)))
    removed_visits = _deleted_of(connection, visits.c.page_id, alone)
    _deleted_of(connection, pages.c.id, alone)
    dropped = select(targets.c.name).where(targets.c.id.in_(ids))
    connection.execute(delete(tasks).where(tasks.c.target.in_(dropped)))
    connection.execute(delete(targets).where(targets.c.id.in_(ids)))
    for name in _INDEXES:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    return Pruned(visits=found.visits + removed_visits, backlinks=removed, changes=removed_changes, pages=len(alone))


_AT_ONCE: Final = 500


def _deleted_of(connection: Connection, column: Any, ids: Sequence[int]) -> int:
    """Deletes the rows of a table whose column is one of many ids."""
    parts = (ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE))
    return sum(_deleted(connection, delete(column.table).where(column.in_(part))) for part in parts)


def _deleted(connection: Connection, statement: Any) -> int:
    return int(connection.execute(statement).rowcount)
