"""Reads runs, changes, backlinks, pages and visits from a history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, func, or_, select, text, type_coerce, union_all

from backlinkbot.extract.link import MENTION
from backlinkbot.history.observation import BRAND, VisitOutcome
from backlinkbot.history.page_sketch import Known
from backlinkbot.history.records import KnownPage, Run, RunState, Visit
from backlinkbot.history.schema import backlinks, changes, pages, runs, targets, time_of, visits
from backlinkbot.items import AWAY, Change, ChangeKind, Reason
from backlinkbot.items.columns import of_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from backlinkbot.history.liveness import RunLocks

_AT_ONCE = 2_000  # rows fetched at a time, so that a long result needs little memory


_AWAY = [state.value for state in AWAY]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Selects changes."""

    run: int | None = None
    """Only of this run."""
    after_run: int | None = None
    """Only of the runs that began after this one."""
    since: str = ""
    """Only of visits at this time or later."""
    targets: Sequence[str] | None = None
    """Only of these targets; None for all."""
    is_loss_or_return: bool = False
    """Only of links that were lost or restored, or lead to another address."""
    is_without_mentions: bool = False
    """Only of links, not of mentions."""
    newest: int | None = None
    """Only so many, the newest first; None for all, in the order of their recording."""


_IS_MENTION: Final = or_(backlinks.c.kind == MENTION, backlinks.c.kind.startswith(BRAND, autoescape=True))


def _stream(connection: Connection, query: Any) -> Iterator[Any]:
    return iter(connection.execution_options(yield_per=_AT_ONCE).execute(query))


def _of_targets(query: Any, names: Iterable[str] | None) -> Any:
    return query if names is None else query.where(targets.c.name.in_(list(names)))


def read_runs(connection: Connection, locks: RunLocks) -> list[Run]:
    """Returns every run, oldest first."""
    return [_run(connection, row, locks) for row in connection.execute(select(runs).order_by(runs.c.id)).all()]


def count_changes(connection: Connection, run: int) -> dict[str, int]:
    """Returns the number of changes that a run has found, by kind, without those of mentions."""
    mentions = select(backlinks.c.id).where(text("kind <> ''"), _IS_MENTION)  # as the index of kinds has them
    of_run = (changes.c.run_id == run, changes.c.backlink_id.not_in(mentions))
    kinds = select(changes.c.kind, func.count()).where(*of_run).group_by(changes.c.kind)
    return {kind: count for kind, count in connection.execute(kinds.order_by(changes.c.kind))}  # noqa: C416 - rows


def _run(connection: Connection, row: Any, locks: RunLocks) -> Run:
    state = RunState.ENDED if row.finished_at else RunState.RUNNING if locks.is_held(row.lock) else RunState.KILLED
    return Run(
        id=row.id,
        command=row.command,
        targets=tuple(json.loads(row.targets)),
        arguments=json.loads(row.arguments),
        started_at=row.started_at,
        finished_at=row.finished_at,
        state=state,
        outcome=row.outcome,
        exit_status=row.exit_status,
        changes=json.loads(row.changes) if row.changes else count_changes(connection, row.id),
        counts=json.loads(row.counts or "{}"),
    )


def read_changes(connection: Connection, wanted: ChangeFilter) -> Iterator[Change]:
    """Yields the selected changes, in the order in which they were recorded."""
    query: Any = (
        select(
            changes.c.id.label("number"),
            *(changes.c.kind, changes.c.reason, targets.c.name, pages.c.url, pages.c.domain, backlinks.c.target_url),
            *(backlinks.c.anchor, changes.c.before, changes.c.after),
            type_coerce(changes.c.at, BigInteger).label("at"),  # seconds: its text is made below, in less time
            changes.c.run_id,
            _IS_MENTION.label("is_mention"),
        )
        .join(backlinks, backlinks.c.id == changes.c.backlink_id)
        .join(pages, pages.c.id == backlinks.c.page_id)
        .join(targets, targets.c.id == backlinks.c.target_id)
    )
    if wanted.after_run is not None:
        query = query.where(changes.c.run_id > wanted.after_run)
    if wanted.since:
        query = query.where(changes.c.at >= wanted.since)
    query = _of_targets(query, wanted.targets)
    if wanted.run is not None:
        query = query.where(changes.c.run_id == wanted.run)
    if wanted.is_loss_or_return:
        is_loss_or_return = changes.c.kind.in_([ChangeKind.LOST.value, ChangeKind.RESTORED.value])
        query = query.where(is_loss_or_return | (changes.c.reason == Reason.TARGET_CHANGED.value))
    if wanted.is_without_mentions:
        query = query.where(~_IS_MENTION)
    if wanted.newest is not None:
        query = query.order_by(changes.c.at.desc(), changes.c.id).limit(wanted.newest)
    elif wanted.run is not None and connection.dialect.name == "sqlite":
        # The index of run and kind has each kind in order: SQLite merges them, where it would sort whole rows. PostgreSQL sorts
        # them faster than it looks them up one by one.
        query = union_all(*(query.where(changes.c.kind == kind.value) for kind in ChangeKind)).order_by("number")
    else:
        query = query.order_by(changes.c.id)
    for _, kind, reason, *texts, at, run, is_mention in _stream(connection, query):
        yield of_values(Change, (_KINDS[kind], _REASONS[reason], *texts, time_of(at), run, bool(is_mention)))


def count_all_changes(connection: Connection, names: Sequence[str] | None = None) -> int:
    """Returns the number of all changes of links, not of mentions; with names, of those of these targets."""
    query: Any = select(func.count(changes.c.id)).join(backlinks, backlinks.c.id == changes.c.backlink_id)
    query = query.where(~_IS_MENTION)
    if names is not None:
        query = _of_targets(query.join(targets, targets.c.id == backlinks.c.target_id), names)
    return int(connection.execute(query).scalar_one())


_KINDS: Final = {kind.value: kind for kind in ChangeKind}
_REASONS: Final = {reason.value: reason for reason in Reason}


def read_known_pages(connection: Connection, names: Iterable[str] | None = None) -> Iterator[KnownPage]:
    """Yields every visited page, oldest first; with names, those that have or had a backlink to these targets."""
    live = func.count(backlinks.c.id).filter(backlinks.c.state.not_in(_AWAY))
    columns = [pages.c[name] for name in KnownPage.__dataclass_fields__ if name != "live_backlinks"]
    query: Any = select(*columns, live.label("live_backlinks")).group_by(pages.c.id).order_by(pages.c.id)
    query = query.where(pages.c.last_visit_at.is_not(None))  # pages without visits are known from files
    if names is None:
        query = query.outerjoin(backlinks, backlinks.c.page_id == pages.c.id)
    else:
        query = query.join(backlinks, backlinks.c.page_id == pages.c.id)
        query = _of_targets(query.join(targets, targets.c.id == backlinks.c.target_id), names)
    for row in _stream(connection, query):
        yield KnownPage(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public API


def read_visits(connection: Connection, run: int | None = None) -> Iterator[Visit]:
    """Yields every visit, or those of one run, in the order in which they were recorded."""
    query = (
        select(*(visits.c[name] for name in ("run_id", "at", "outcome", "status", "reason")), pages.c.url)
        .join(pages, pages.c.id == visits.c.page_id)
        .order_by(visits.c.id)
    )
    if run is not None:
        query = query.where(visits.c.run_id == run)
    for run_id, at, outcome, status, reason, url in _stream(connection, query):
        yield Visit(run=run_id, url=url, at=at, outcome=VisitOutcome(outcome), status=status, reason=reason)


def read_page_numbers(connection: Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yields key and number of those pages that are known."""
    for first in range(0, len(keys), _KEYS_AT_ONCE):
        wanted = keys[first : first + _KEYS_AT_ONCE]
        rows = connection.execute(select(pages.c.key, pages.c.id).where(pages.c.key.in_(wanted)))
        yield from ((row.key, row.id) for row in rows)


_KEYS_AT_ONCE: Final = 500
"""Parameters of a statement; SQLite before 3.32 allows 999."""


def read_linking_keys(connection: Connection) -> Iterator[bytes]:
    """Yields the key of every page with a backlink that is not lost."""
    query = (
        select(pages.c.key).join(backlinks, backlinks.c.page_id == pages.c.id).where(backlinks.c.state.not_in(_AWAY))
    )
    for (key,) in _stream(connection, query):
        yield key


def read_known(connection: Connection, key: bytes) -> Known | None:
    """Returns what identifies a page; None if it was never visited."""
    columns = (pages.c[name] for name in ("title", "external_links", "internal_links", "sketch"))
    row = connection.execute(select(*columns).where(pages.c.key == key)).one_or_none()
    return Known(title=row[0], links=row[1] + row[2], sketch=row[3] or b"") if row is not None else None
