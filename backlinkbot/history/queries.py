"""Reads runs, changes, backlinks, pages and visits from a history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from backlinkbot.history.link_columns import LINK_NAMES
from backlinkbot.history.observation import VisitOutcome, digest, key_of
from backlinkbot.history.page_sketch import Known
from backlinkbot.history.records import KnownPage, Run, RunState, Visit
from backlinkbot.history.schema import backlinks, changes, links, pages, runs, targets, visits
from backlinkbot.items import AWAY, Backlink, Change, ChangeKind, LinkState, Reason

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


def _stream(connection: Connection, query: Any) -> Iterator[Any]:
    return iter(connection.execution_options(yield_per=_AT_ONCE).execute(query))


def _of_targets(query: Any, names: Iterable[str] | None) -> Any:
    return query if names is None else query.where(targets.c.name.in_(list(names)))


def read_runs(connection: Connection, locks: RunLocks) -> list[Run]:
    """Returns every run, oldest first."""
    return [_run(connection, row, locks) for row in connection.execute(select(runs).order_by(runs.c.id)).all()]


def count_changes(connection: Connection, run: int) -> dict[str, int]:
    """Returns the number of changes that a run has found, by kind."""
    kinds = select(changes.c.kind, func.count()).where(changes.c.run_id == run).group_by(changes.c.kind)
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
    query = (
        select(
            *(changes.c[name] for name in ("kind", "reason", "before", "after", "at", "run_id")),
            targets.c.name,
            pages.c.url,
            pages.c.domain,
            backlinks.c.target_url,
            backlinks.c.anchor,
        )
        .join(backlinks, backlinks.c.id == changes.c.backlink_id)
        .join(pages, pages.c.id == backlinks.c.page_id)
        .join(targets, targets.c.id == backlinks.c.target_id)
        .order_by(changes.c.id)
    )
    if wanted.run is not None:
        query = query.where(changes.c.run_id == wanted.run)
    if wanted.after_run is not None:
        query = query.where(changes.c.run_id > wanted.after_run)
    if wanted.since:
        query = query.where(changes.c.at >= wanted.since)
    for kind, reason, before, after, at, run, target, url, domain, target_url, anchor in _stream(
        connection, _of_targets(query, wanted.targets)
    ):
        yield Change(
            kind=ChangeKind(kind),
            reason=Reason(reason),
            target=target,
            source_url=url,
            source_domain=domain,
            target_url=target_url,
            anchor=anchor,
            before=before,
            after=after,
            at=at,
            run=run,
        )


def read_backlinks(
    connection: Connection,
    names: Iterable[str] | None = None,
    states: Iterable[LinkState] | None = None,
    page: str | None = None,
) -> Iterator[Backlink]:
    """Yields every link as a row, as the last visit that saw it found it; the rows of a page are adjacent.

    The former address of a moved link gives a row only if ``states`` select it, because the link has a row already.
    """
    query = (
        select(backlinks, pages, targets.c.name, links)
        .join(links, links.c.backlink_id == backlinks.c.id)
        .join(pages, pages.c.id == backlinks.c.page_id)
        .join(targets, targets.c.id == backlinks.c.target_id)
        .order_by(backlinks.c.page_id, backlinks.c.id, links.c.number)
    )
    wanted = states if states is not None else (state for state in LinkState if state is not LinkState.MOVED)
    query = query.where(backlinks.c.state.in_([state.value for state in wanted]))
    if page is not None:
        query = query.where(pages.c.key == digest(key_of(page)))
    query = _of_targets(query, names).with_only_columns(
        *(pages.c[name] for name in ("url", "domain", "title", "status", "language", "canonical_url")),
        *(pages.c[name] for name in ("external_links", "internal_links", "discovered_from", "depth", "last_read_at")),
        *(pages.c[name] for name in ("unchecked", "failing_since")),
        *(backlinks.c[name] for name in ("first_seen", "last_seen", "state", "lost_reason")),
        targets.c.name,
        *(links.c[name] for name in LINK_NAMES),
        maintain_column_froms=True,
    )
    for row in _stream(connection, query):
        url, domain, title, status, language, canonical, external, internal, discovered, depth, read_at = row[:11]
        unchecked, failing_since, first_seen, last_seen, state, lost_reason, target, *of_link = row[11:]
        seen = last_seen or read_at
        is_unconfirmed = (unchecked or failing_since) and state not in AWAY
        yield Backlink(
            target=target,
            source_url=url,
            source_domain=domain,
            source_title=title,
            source_status=status,
            source_language=language,
            canonical_url=canonical,
            external_links=external,
            internal_links=internal,
            discovered_from=discovered,
            depth=depth,
            fetched_at=seen,
            first_seen=first_seen,
            last_seen=seen,
            state=state,
            lost_reason=lost_reason,
            unconfirmed_since=seen if is_unconfirmed else "",
            **dict(zip(LINK_NAMES, of_link, strict=True)),
        )


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
