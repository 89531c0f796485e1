"""A worker of a crawl that several machines share: keeps its leases, reads the pages of its buckets, and closes the crawl."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select, text, update

from backlinkbot.history import bulk_sql, crawl_leases
from backlinkbot.history.buckets import BUCKETS
from backlinkbot.history.crawl_commit import HASHES, SavedPart, packed_json, unpacked_hashes, unpacked_json
from backlinkbot.history.crawl_leases import Closing
from backlinkbot.history.database import reading, translated_errors, writing
from backlinkbot.history.frontier_tables import crawl_commits, crawls, frontier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Engine

    from backlinkbot.history.crawl_commit import OpenCrawl

_AT_ONCE: Final = 1_000
_TAKE_LISTING: Final = "SELECT pg_try_advisory_xact_lock(:place, :crawl)"
_LISTING: Final = 0x6C697374
"""The class of the advisory lock of the worker that reads the user's lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a worker says with its heartbeat."""

    is_idle: bool = False
    pause: float = 0.0
    """The longest delay between two requests to a site, in seconds."""
    released: Collection[int] = ()
    """Buckets that it gives back: no request of theirs is under way, and all that was found in them is written."""
    leaving: Collection[int] = ()
    """Buckets that it was told to give back, and still holds: pages of theirs were passed over, so it does not keep them."""
    most_rows: int = _AT_ONCE
    """New pages that it takes, at most."""
    reason: str = ""
    """Why the crawl is to be closed; empty: it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a worker learns with its heartbeat."""

    held: frozenset[int] = frozenset()
    surplus: frozenset[int] = frozenset()
    """Buckets that it has to give back, because others have fewer."""
    rows: list[tuple[int, bytes]] = field(default_factory=list)
    """New pages of its buckets, each with its number."""
    parts: list[SavedPart] = field(default_factory=list)
    """What the other workers have written since."""
    is_listed: bool = True
    """True if the pages of the user's lists wait in their buckets."""
    closing: Closing | None = None
    elapsed: float = 0.0
    """Seconds since the first of the workers began."""


class CrawlWorker:
    """One worker; not thread-safe. All methods raise LeaseLostError if its leases have expired."""

    def __init__(self, engine: Engine, crawl: OpenCrawl) -> None:
        self._engine = engine
        self.crawl = crawl
        self._read: dict[int, int] = {}
        """By run, the number of the last commit that was read."""

    @property
    def number(self) -> int:
        """The number of the worker, which is the token of its leases."""
        return self.crawl.worker

    def close(self) -> None:
        """Closes its connections; its leases expire."""
        self._engine.dispose()

    def beat(self, beat: Beat) -> Turn:
        """Extends the leases, takes or gives back buckets, reads new pages, and learns what others have written."""
        crawl, worker = self.crawl.id, self.crawl.worker
        with translated_errors(self._engine), writing(self._engine) as connection:
            crawl_leases.renew(connection, worker, pause=beat.pause, is_idle=beat.is_idle)
            crawl_leases.expire(connection, crawl)
            if beat.released:
                crawl_leases.give_back(connection, worker, beat.released, beat.pause)
            share = ceil(BUCKETS / len(crawl_leases.live_workers(connection, crawl)))
            held = crawl_leases.held(connection, worker)
            if len(held) < share:
                held |= crawl_leases.acquire(connection, crawl, worker, share - len(held))
            surplus = frozenset(sorted(held)[share:]) | held.intersection(beat.leaving)
            rows = self._new_rows(connection, held - surplus, beat.most_rows)
            if rows and beat.is_idle:  # nobody may close the crawl while they are visited
                crawl_leases.renew(connection, worker, pause=beat.pause)
            state = connection.execute(
                select(crawls.c.is_listed, crawl_leases.now() - crawls.c.session_at).where(crawls.c.id == crawl)
            ).one()
            closing = self._closing(connection, beat, has_more=bool(rows) or not state[0])
        return Turn(
            held=frozenset(held) - surplus,
            surplus=surplus,
            rows=rows,
            parts=list(self.parts()),
            is_listed=bool(state[0]),
            closing=closing,
            elapsed=float(state[1]),
        )

    def _closing(self, connection: Connection, beat: Beat, *, has_more: bool) -> Closing | None:
        crawl, worker = self.crawl.id, self.crawl.worker
        reason = beat.reason
        if not reason and beat.is_idle and not has_more:
            # Workers write beside each other; the next one to read sees what this one has written.
            connection.execute(select(crawls.c.id).where(crawls.c.id == crawl).with_for_update(key_share=True))
            reason = "finished" if crawl_leases.is_exhausted(connection, crawl) else ""
        if reason:
            return crawl_leases.close(connection, crawl, worker, reason)
        return crawl_leases.closing(connection, crawl)

    def _new_rows(self, connection: Connection, buckets: set[int], most: int) -> list[tuple[int, bytes]]:
        if not buckets or most <= 0:
            return []
        new = (frontier.c.crawl_id == self.crawl.id, frontier.c.is_new)
        query = select(frontier.c.row, frontier.c.record).where(*new, frontier.c.bucket.in_(buckets))
        rows = [(row, bytes(record)) for row, record in connection.execute(query.order_by(frontier.c.row).limit(most))]
        if rows:
            read = frontier.c.row.in_([row for row, _ in rows])
            connection.execute(update(frontier).where(frontier.c.crawl_id == self.crawl.id, read).values(is_new=False))
        return rows

    def parts(self) -> Iterator[SavedPart]:
        """Yields what other runs have written since the last call, oldest first of each; at the first call, all."""
        with reading(self._engine) as connection:
            found = connection.execute(select(crawls.c.runs).where(crawls.c.id == self.crawl.id)).scalar()
            for run in json.loads(found or "[]"):
                if run != self.crawl.run:
                    yield from self._parts_of(connection, run)

    def _parts_of(self, connection: Connection, run: int) -> Iterator[SavedPart]:
        # Numbers of one run ascend in the order of its commits, those of several do not.
        columns = (crawl_commits.c[name] for name in ("id", *HASHES, "counts"))
        query = select(*columns).where(
            crawl_commits.c.crawl_id == self.crawl.id,
            crawl_commits.c.run_id == run,
            crawl_commits.c.id > self._read.get(run, 0),
        )
        for row in connection.execute(query.order_by(crawl_commits.c.id)).mappings():
            self._read[run] = row["id"]
            yield SavedPart(
                hashes={name: unpacked_hashes(row[name]) for name in HASHES if row[name]},
                counts=unpacked_json(row["counts"]),
            )

    # --- the user's lists ---

    def list_pages(self, pages: Iterable[tuple[int, int, bytes]], counts: Sequence[Sequence[object]] = ()) -> bool:
        """Lets the pages of the user's lists wait in their buckets, in one transaction; returns false if another worker does.

        Args:
            pages: the number of each, its bucket, and its record; not read if another worker does it or has done it.
            counts: see :class:`~backlinkbot.history.crawl_commit.SavedPart`; looked at after the pages, which may add to it.
        """
        crawl = self.crawl
        with translated_errors(self._engine), writing(self._engine) as connection:
            place = {"place": _LISTING, "crawl": crawl.id % (1 << 31)}
            if not connection.execute(text(_TAKE_LISTING), place).scalar_one():
                return False
            if connection.execute(select(crawls.c.is_listed).where(crawls.c.id == crawl.id)).scalar_one():
                return False
            batch: list[dict[str, object]] = []
            for row, bucket, record in pages:
                batch.append({"crawl_id": crawl.id, "row": row, "record": record, "bucket": bucket, "is_new": True})
                if len(batch) == _AT_ONCE:
                    bulk_sql.insert(connection, frontier, batch)
                    batch = []
            bulk_sql.insert(connection, frontier, batch)
            if counts:
                values = {"crawl_id": crawl.id, "run_id": crawl.run, "counts": packed_json(counts)}
                connection.execute(crawl_commits.insert(), values)
            connection.execute(delete(frontier).where(frontier.c.crawl_id == crawl.id, frontier.c.bucket.is_(None)))
            crawl_leases.check(connection, crawl.worker)
            connection.execute(update(crawls).where(crawls.c.id == crawl.id).values(is_listed=True))
        return True

    def unlisted(self) -> list[tuple[int, bytes]]:
        """Returns the waiting pages without a bucket: those of runs that had the crawl for themselves.

        :meth:`list_pages` deletes them; they have to be among its pages.
        """
        query = select(frontier.c.row, frontier.c.record).where(
            frontier.c.crawl_id == self.crawl.id, frontier.c.bucket.is_(None)
        )
        with reading(self._engine) as connection:
            return [(row, bytes(record)) for row, record in connection.execute(query)]

    # --- the end ---

    def leave(self, *, pause: float = 0.0) -> bool:
        """Gives back all buckets; returns false, and stays, if there is no other worker, so that this one closes the crawl."""
        with translated_errors(self._engine), writing(self._engine) as connection:
            connection.execute(select(crawls.c.id).where(crawls.c.id == self.crawl.id).with_for_update(key_share=True))
            crawl_leases.expire(connection, self.crawl.id)
            closing = crawl_leases.closing(connection, self.crawl.id)
            others = [one for one in crawl_leases.live_workers(connection, self.crawl.id) if one != self.crawl.worker]
            if not others or (closing is not None and closing.worker == self.crawl.worker):
                return False
            crawl_leases.leave(connection, self.crawl.worker, pause)
            return True

    def is_alone(self) -> bool:
        """Extends the leases; true if all other workers have left, or their leases have expired."""
        with translated_errors(self._engine), writing(self._engine) as connection:
            crawl_leases.renew(connection, self.crawl.worker)
            crawl_leases.expire(connection, self.crawl.id)
            return crawl_leases.live_workers(connection, self.crawl.id) == [self.crawl.worker]
