"""Reads and writes unfinished crawls: begins or resumes one, adds to it, ends it.

A waiting page is a row of ``frontier`` until its visit is recorded. Everything else that a resumed crawl needs is appended,
one row of ``crawl_commits`` for each transaction. Both go when the crawl is finished.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, func, select, text, update

from backlinkbot.history import bulk_sql, crawl_leases
from backlinkbot.history.crawl_commit import (
    HASHES,
    CrawlCommit,
    OpenCrawl,
    SavedPart,
    packed_hashes,
    packed_json,
    packed_pages,
    unpacked_hashes,
    unpacked_json,
    unpacked_pages,
)
from backlinkbot.history.frontier_tables import crawl_buckets, crawl_commits, crawl_workers, crawls, frontier
from backlinkbot.history.schema import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from backlinkbot.items import JudgedPage

AT_ONCE: Final = 1_000
"""Rows of one statement; SQLite takes at most 32,766 values."""
_DELETE: Final = delete(frontier).where(
    frontier.c.crawl_id == bindparam("crawl"), frontier.c.row.in_(bindparam("rows", expanding=True))
)


def begin(
    connection: Connection,
    key: bytes,
    run: int,
    bounds: Mapping[str, int],
    *,
    now: str,
    fresh: bool,
    is_held: Callable[[int], bool],
    shares: bool = False,
) -> OpenCrawl | None:
    """Resumes the unfinished crawl with this key, or begins one; None while another process is at work on it.

    Args:
        connection: in a transaction that writes.
        key: see :func:`~backlinkbot.history.crawl_commit.crawl_key`.
        run: the number of this run.
        bounds: of this run, by name; 0: none. A crawl that only its bounds kept from going on is resumed if one is higher.
        now: the time.
        fresh: True to delete an unfinished crawl and begin anew.
        is_held: whether a process holds the lock of a run.
        shares: True to join the workers of a crawl that several machines share, or to begin such one. While others are at
            work, ``fresh`` and the bounds of an earlier end do not matter.
    """
    if shares:  # two machines that start at once must not both begin it
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(key[:8], signed=True)})
    # Rows of the frontier refer to the crawl's; a worker that lists millions of them must not keep others from joining.
    found = connection.execute(select(crawls).where(crawls.c.key == key).with_for_update(key_share=True)).first()
    if found is not None:
        is_busy = _is_at_work(connection, found, is_held)
        if is_busy and not (shares and found.is_shared):
            return None
        if is_busy or (not fresh and (not found.bounds or _is_raised(json.loads(found.bounds), bounds))):
            crawl = _resume(connection, found, tuple(json.loads(found.runs)), run)
            if not shares:
                return crawl
            connection.execute(update(crawls).where(crawls.c.id == found.id).values(is_shared=True))
            return _entered(connection, crawl)
        forget(connection, found.id)
    values = {"key": key, "runs": json.dumps([run]), "begun_at": now, "is_shared": shares}
    number: int = connection.execute(crawls.insert().values(values).returning(crawls.c.id)).scalar_one()
    begun = OpenCrawl(id=number, run=run, begun_at=now)
    return _entered(connection, begun) if shares else begun


def _entered(connection: Connection, crawl: OpenCrawl) -> OpenCrawl:
    """Returns the crawl with a new worker."""
    return replace(crawl, worker=crawl_leases.enter(connection, crawl.id, crawl.run))


def _is_at_work(connection: Connection, found: Any, is_held: Callable[[int], bool]) -> bool:
    """True if a process is at work on a crawl; a worker is as long as its leases have not expired."""
    if found.is_shared:
        return bool(crawl_leases.live_workers(connection, found.id))
    locks = select(runs.c.lock).where(runs.c.id.in_(json.loads(found.runs)), runs.c.finished_at.is_(None))
    return any(map(is_held, connection.execute(locks).scalars()))


def is_shared(connection: Connection, key: bytes) -> bool:
    """True if the unfinished crawl with this key is one that several machines share."""
    return bool(connection.execute(select(crawls.c.is_shared).where(crawls.c.key == key)).scalar())


def _is_raised(before: Mapping[str, int], bounds: Mapping[str, int]) -> bool:
    """True if one of the bounds is higher than before; 0 is no bound."""
    return any(before.get(name) and (not bound or bound > before[name]) for name, bound in bounds.items())


def _resume(connection: Connection, found: Any, earlier: tuple[int, ...], run: int) -> OpenCrawl:
    connection.execute(
        update(crawls).where(crawls.c.id == found.id).values(runs=json.dumps([*earlier, run]), bounds="")
    )
    last = connection.execute(select(func.max(frontier.c.row)).where(frontier.c.crawl_id == found.id)).scalar()
    waiting, done = _numbers(connection, found.id)
    lengths = [func.coalesce(func.sum(func.length(crawl_commits.c[name])), 0).label(name) for name in HASHES]
    sizes = connection.execute(select(*lengths).where(crawl_commits.c.crawl_id == found.id)).mappings().one()
    return OpenCrawl(
        id=found.id,
        run=run,
        runs=earlier,
        begun_at=found.begun_at,
        next_row=(last or 0) + 1,
        waiting=waiting + max(found.listed - done, 0),
        done=done,
        sizes={name: int(length) // 8 for name, length in sizes.items()},
    )


def _numbers(connection: Connection, crawl: int) -> tuple[int, int]:
    """Returns how many pages wait in the frontier, and how many visits are recorded."""
    rows = select(func.count()).select_from(frontier).where(frontier.c.crawl_id == crawl)
    lengths = [func.coalesce(func.sum(func.length(crawl_commits.c[name])), 0) for name in ("visited", "answered")]
    visited, answered = connection.execute(select(*lengths).where(crawl_commits.c.crawl_id == crawl)).one()
    return connection.execute(rows).scalar_one(), int(max(visited, answered)) // 8


def write(connection: Connection, crawl: OpenCrawl, commit: CrawlCommit, reported: Iterable[JudgedPage] = ()) -> None:
    """Adds a commit to a crawl, in the transaction that records the visits whose rows are about to be reported.

    Raises:
        LeaseLostError: the leases of the worker have expired; the transaction must be rolled back.
    """
    if crawl.worker:
        crawl_leases.check(connection, crawl.worker)
    rows: list[dict[str, Any]] = [
        {"crawl_id": crawl.id, "row": row, "record": data} for row, data in commit.rows.items()
    ]
    if crawl.worker:
        for values in rows:
            number = values["row"]
            values |= {"bucket": commit.buckets[number], "is_new": number in commit.sent}
    bulk_sql.insert(connection, frontier, rows)
    done = iter(commit.done)
    while chunk := list(islice(done, AT_ONCE)):
        connection.execute(_DELETE, {"crawl": crawl.id, "rows": chunk})
    if commit.listed:
        connection.execute(update(crawls).where(crawls.c.id == crawl.id).values(listed=commit.listed))
    columns: dict[str, Any] = {
        name: packed_hashes(commit.hashes[name]) if name in commit.hashes else None for name in HASHES
    }
    counts = [[*what, number] for what, number in commit.counts.items()]
    for name, said in (("lessons", commit.lessons), ("counts", counts)):
        columns[name] = packed_json(said) if said else None
    columns["reported"] = packed_pages(reported)
    if any(value is not None for value in columns.values()):
        connection.execute(crawl_commits.insert(), {"crawl_id": crawl.id, "run_id": crawl.run, **columns})


def read_parts(connection: Connection, crawl: int) -> Iterator[SavedPart]:
    """Yields what each transaction has added, oldest first, without the pages that wait or were reported."""
    columns = (crawl_commits.c[name] for name in (*HASHES, "counts"))
    query = select(*columns).where(crawl_commits.c.crawl_id == crawl).order_by(crawl_commits.c.id)
    for row in connection.execution_options(yield_per=AT_ONCE).execute(query).mappings():
        yield SavedPart(
            hashes={name: unpacked_hashes(row[name]) for name in HASHES if row[name]},
            counts=unpacked_json(row["counts"]),
        )


def read_lessons(connection: Connection, crawl: int, most: int) -> list[Any]:
    """Returns the latest lessons, oldest first: ``most``, and those that were saved with the first of them."""
    query = (
        select(crawl_commits.c.lessons)
        .where(crawl_commits.c.crawl_id == crawl, crawl_commits.c.lessons.is_not(None))
        .order_by(crawl_commits.c.id.desc())
    )
    parts: list[list[Any]] = []
    for (data,) in connection.execution_options(yield_per=AT_ONCE).execute(query):
        parts.append(unpacked_json(data))
        most -= len(parts[-1])
        if most <= 0:
            break
    return [lesson for part in reversed(parts) for lesson in part]


def read_waiting(connection: Connection, crawl: int, after: int, before: int) -> list[tuple[int, bytes]]:
    """Returns the next of the pages that wait, with numbers between two; at most :data:`AT_ONCE`."""
    query = select(frontier.c.row, frontier.c.record).where(
        frontier.c.crawl_id == crawl, frontier.c.row > after, frontier.c.row < before
    )
    return [(row, bytes(record)) for row, record in connection.execute(query.order_by(frontier.c.row).limit(AT_ONCE))]


def read_reported(connection: Connection, crawl: int) -> Iterator[tuple[JudgedPage, bool]]:
    """Yields the pages with rows or checks, in the order of their recording, and whether their run has written its outputs."""
    query = (
        select(crawl_commits.c.reported, runs.c.is_reported)
        .join(runs, runs.c.id == crawl_commits.c.run_id)
        .where(crawl_commits.c.crawl_id == crawl, crawl_commits.c.reported.is_not(None))
        .order_by(crawl_commits.c.id)
    )
    for data, is_reported in connection.execution_options(yield_per=10).execute(query):
        for page in unpacked_pages(bytes(data)):
            yield page, is_reported


def end(
    connection: Connection, crawl: OpenCrawl, bounds: Mapping[str, int], *, is_over: bool, is_reported: bool
) -> None:
    """Ends the run of a crawl.

    A crawl that is over and has no waiting pages leaves nothing. One whose last pages wait beyond its bounds is resumed only
    with higher ones.

    Args:
        connection: in a transaction that writes.
        crawl: of this run.
        bounds: of this run.
        is_over: whether nothing but a bound kept the run from going on.
        is_reported: whether the run's outputs hold the rows of the earlier runs, too.
    """
    earlier = crawl.runs
    if crawl.worker:  # others may have joined since
        found = connection.execute(select(crawls.c.runs).where(crawls.c.id == crawl.id)).scalar()
        earlier = tuple(json.loads(found or "[]"))
        crawl_leases.leave(connection, crawl.worker)
    if is_reported and earlier:
        connection.execute(update(runs).where(runs.c.id.in_(earlier)).values(is_reported=True))
    if not is_over:
        return
    waits = connection.execute(select(frontier.c.row).where(frontier.c.crawl_id == crawl.id).limit(1)).first()
    if waits is None:
        forget(connection, crawl.id)
        return
    connection.execute(update(crawls).where(crawls.c.id == crawl.id).values(bounds=json.dumps(dict(bounds))))


def forget(connection: Connection, crawl: int) -> None:
    """Deletes an unfinished crawl; what its visits have recorded stays."""
    for table in (frontier, crawl_commits, crawl_buckets, crawl_workers):
        connection.execute(delete(table).where(table.c.crawl_id == crawl))
    connection.execute(delete(crawls).where(crawls.c.id == crawl))


def forget_run(connection: Connection, run: int) -> int | None:
    """Deletes the unfinished crawl that a run belongs to; returns how many pages waited, None if there is none."""
    for crawl, numbers, listed in connection.execute(select(crawls.c.id, crawls.c.runs, crawls.c.listed)).all():
        if run in json.loads(numbers):
            waiting, done = _numbers(connection, crawl)
            forget(connection, crawl)
            return waiting + max(int(listed) - done, 0)
    return None


def pending(connection: Connection) -> dict[int, int]:
    """Returns how many pages wait, by the number of the last run of each unfinished crawl."""
    found = {}
    for crawl, numbers, listed in connection.execute(select(crawls.c.id, crawls.c.runs, crawls.c.listed)).all():
        waiting, done = _numbers(connection, crawl)
        found[json.loads(numbers)[-1]] = waiting + max(listed - done, 0)
    return found
