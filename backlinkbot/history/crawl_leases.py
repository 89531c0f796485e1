"""Leases by which several machines share one crawl: each worker holds buckets of registrable domains for a limited time.

PostgreSQL only. A worker is a row with the time at which all its leases expire; its number is the fencing token. Every
transaction that records visits locks that row and is rolled back if the leases have expired
(https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html). All times are the database's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Float, cast, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql

from backlinkbot.errors import BacklinkbotError
from backlinkbot.history.buckets import BUCKETS
from backlinkbot.history.frontier_tables import crawl_buckets, crawl_workers, crawls, frontier

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection

LEASE_SECONDS: Final = 30.0
"""Seconds after its last heartbeat until a worker loses its buckets."""
_NOW: Final[ColumnElement[float]] = cast(func.extract("epoch", func.clock_timestamp()), Float)
"""The database's time within a transaction; ``now()`` is that of its beginning."""


class LeaseLostError(BacklinkbotError):
    """Raised if the leases of a worker have expired; what it has not written yet is not written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Which worker closes a crawl, and why it is closed."""

    worker: int
    reason: str


def now() -> ColumnElement[float]:
    """Returns the expression for the database's time, in seconds since 1970."""
    return _NOW


# --- workers ----------------------------------------------------------------------------------------------------------


def enter(connection: Connection, crawl: int, run: int, seconds: float = LEASE_SECONDS) -> int:
    """Adds a worker to a crawl; returns its number, the token of all its leases."""
    numbers = func.generate_series(0, BUCKETS - 1).table_valued("number").render_derived()
    buckets = select(literal(crawl), numbers.c.number)
    connection.execute(
        postgresql.insert(crawl_buckets).from_select(["crawl_id", "bucket"], buckets).on_conflict_do_nothing()
    )
    expire(connection, crawl)
    if not live_workers(connection, crawl):
        connection.execute(
            update(crawls).where(crawls.c.id == crawl).values(session_at=_NOW, closed_by=None, closed_for="")
        )
    values: dict[str, Any] = {"crawl_id": crawl, "run_id": run, "expires_at": _NOW + seconds}
    return int(connection.execute(insert(crawl_workers).values(values).returning(crawl_workers.c.id)).scalar_one())


def renew(
    connection: Connection, worker: int, *, seconds: float = LEASE_SECONDS, pause: float = 0.0, is_idle: bool = False
) -> None:
    """Extends the leases of a worker.

    Args:
        connection: in a transaction.
        worker: its number.
        seconds: the leases expire after so many.
        pause: the longest delay between two requests to a site, in seconds; if the worker is killed, nobody else sends a request
            to its sites sooner.
        is_idle: whether it has nothing to do until other workers find pages for it.

    Raises:
        LeaseLostError: the leases have expired.
    """
    renewed = connection.execute(
        update(crawl_workers)
        .where(crawl_workers.c.id == worker, crawl_workers.c.expires_at > _NOW)
        .values(expires_at=_NOW + seconds, pause=pause, is_idle=is_idle)
    )
    _check_found(renewed.rowcount)


def check(connection: Connection, worker: int) -> None:
    """Keeps the leases of a worker from being taken until the transaction ends.

    Raises:
        LeaseLostError: the leases have expired; the transaction must be rolled back.
    """
    held = (
        select(crawl_workers.c.id)
        .where(crawl_workers.c.id == worker, crawl_workers.c.expires_at > _NOW)
        .with_for_update(read=True)
    )
    _check_found(len(connection.execute(held).all()))


def _check_found(number: int) -> None:
    if not number:
        raise LeaseLostError("the leases of this worker have expired, so other workers may have its pages")


def live_workers(connection: Connection, crawl: int) -> list[int]:
    """Returns the numbers of the workers whose leases have not expired."""
    query = select(crawl_workers.c.id).where(crawl_workers.c.crawl_id == crawl, crawl_workers.c.expires_at > _NOW)
    return list(connection.execute(query.order_by(crawl_workers.c.id)).scalars())


def expire(connection: Connection, crawl: int) -> list[int]:
    """Removes the workers whose leases have expired, and frees their buckets; returns their numbers.

    A worker whose transaction is under way is left until that has ended.
    """
    expired = (
        select(crawl_workers.c.id, crawl_workers.c.pause)
        .where(crawl_workers.c.crawl_id == crawl, crawl_workers.c.expires_at <= _NOW)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(expired).all()
    for worker, pause in found:
        leave(connection, worker, pause)
    return [worker for worker, _ in found]


def leave(connection: Connection, worker: int, pause: float = 0.0) -> None:
    """Removes a worker; its buckets are free after a pause in seconds, and somebody else may close the crawl."""
    connection.execute(
        update(crawl_buckets).where(crawl_buckets.c.worker_id == worker).values(worker_id=None, free_at=_NOW + pause)
    )
    connection.execute(update(crawls).where(crawls.c.closed_by == worker).values(closed_by=None, closed_for=""))
    connection.execute(delete(crawl_workers).where(crawl_workers.c.id == worker))


# --- buckets ----------------------------------------------------------------------------------------------------------


def held(connection: Connection, worker: int) -> set[int]:
    """Returns the buckets that a worker holds."""
    query = select(crawl_buckets.c.bucket).where(crawl_buckets.c.worker_id == worker)
    return set(connection.execute(query).scalars())


def acquire(connection: Connection, crawl: int, worker: int, most: int = BUCKETS) -> set[int]:
    """Leases free buckets, ``most`` at most; returns them. All their pages count as new, for their next worker has read none.

    Raises:
        LeaseLostError: the worker's own leases have expired.
    """
    check(connection, worker)
    free = (
        select(crawl_buckets.c.bucket)
        .where(crawl_buckets.c.crawl_id == crawl, crawl_buckets.c.worker_id.is_(None), crawl_buckets.c.free_at <= _NOW)
        .order_by(crawl_buckets.c.bucket)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = set(connection.execute(free).scalars())
    if taken:
        of_them = (crawl_buckets.c.crawl_id == crawl, crawl_buckets.c.bucket.in_(taken))
        connection.execute(update(crawl_buckets).where(*of_them).values(worker_id=worker))
        read = (frontier.c.crawl_id == crawl, frontier.c.bucket.in_(taken), frontier.c.is_new.is_(False))
        connection.execute(update(frontier).where(*read).values(is_new=True))
    return taken


def give_back(connection: Connection, worker: int, buckets: Collection[int], pause: float = 0.0) -> None:
    """Frees some buckets of a worker after a pause in seconds; all that it has found there must be recorded."""
    connection.execute(
        update(crawl_buckets)
        .where(crawl_buckets.c.worker_id == worker, crawl_buckets.c.bucket.in_(buckets))
        .values(worker_id=None, free_at=_NOW + pause)
    )


# --- the end of a crawl -----------------------------------------------------------------------------------------------


def is_exhausted(connection: Connection, crawl: int) -> bool:
    """True if no worker has anything to do or to read: all workers are idle, and what waits is beyond their bounds."""
    busy = exists().where(
        crawl_workers.c.crawl_id == crawl, crawl_workers.c.expires_at > _NOW, crawl_workers.c.is_idle.is_(False)
    )
    new = exists().where(frontier.c.crawl_id == crawl, frontier.c.is_new)
    alive = select(crawl_workers.c.id).where(crawl_workers.c.expires_at > _NOW)
    ownerless = exists().where(
        frontier.c.crawl_id == crawl,
        crawl_buckets.c.crawl_id == crawl,
        crawl_buckets.c.bucket == frontier.c.bucket,
        or_(crawl_buckets.c.worker_id.is_(None), crawl_buckets.c.worker_id.not_in(alive)),
    )
    return not connection.execute(select(or_(busy, new, ownerless))).scalar_one()


def close(connection: Connection, crawl: int, worker: int, reason: str) -> Closing:
    """Makes a worker the one that closes the crawl, unless another is; returns who is, and the reason.

    Raises:
        LeaseLostError: the worker's leases have expired.
    """
    connection.execute(select(crawls.c.id).where(crawls.c.id == crawl).with_for_update(key_share=True))
    found = closing(connection, crawl)
    if found is not None:
        return found
    check(connection, worker)
    connection.execute(update(crawls).where(crawls.c.id == crawl).values(closed_by=worker, closed_for=reason))
    return Closing(worker=worker, reason=reason)


def closing(connection: Connection, crawl: int) -> Closing | None:
    """Returns who closes the crawl; None if it goes on."""
    query = select(crawls.c.closed_by, crawls.c.closed_for).where(crawls.c.id == crawl)
    found = connection.execute(query).first()
    if found is None or found.closed_by is None:
        return None
    return Closing(worker=found.closed_by, reason=found.closed_for)
