"""The interface of a history: opens it, and records the visits of runs, unfinished crawls and tasks."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from backlinkbot.history import claims_table, crawls, pruning, queries, recording, todo_table
from backlinkbot.history.bulk_sql import insert_missing
from backlinkbot.history.crawl_commit import CrawlCommit
from backlinkbot.history.crawl_worker import CrawlWorker
from backlinkbot.history.database import connect, read_url, reading, shrink, translated_errors, writing
from backlinkbot.history.diff import RunScope
from backlinkbot.history.liveness import FileLocks, RunLocks, ServerLocks
from backlinkbot.history.observation import digest
from backlinkbot.history.pruning import Pruned
from backlinkbot.history.reader import HistoryReader
from backlinkbot.history.schema import runs, targets
from backlinkbot.history.showing import Showing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Self

    from sqlalchemy import Connection, Engine

    from backlinkbot.history.crawl_commit import OpenCrawl, SavedPart
    from backlinkbot.history.records import Recorded, TaskRecord, TaskStatus, TaskSubject
    from backlinkbot.items import Candidate, JudgedPage


class _Undone(Exception):  # noqa: N818 - nothing has gone wrong
    """Ends a transaction without effect."""


def now() -> str:
    """Returns the current time in the format of all times, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class History(HistoryReader):
    """An open history database. Not thread-safe; several processes may use one database."""

    def __init__(self, engine: Engine, locks: RunLocks) -> None:
        super().__init__(engine, locks)
        self._scopes: dict[int, RunScope] = {}
        self._target_ids: dict[int, dict[str, int]] = {}
        self._run_locks: dict[int, int] = {}
        self._showings: dict[int, Showing] = {}

    @classmethod
    def open(cls, url: str, *, create: bool = True) -> Self:
        """Opens the history at a URL, ``backlinks.db`` or ``postgresql://user@host/name``; migrates an older one.

        Raises:
            HistoryError: it is of a newer version, is no history, cannot be opened, or does not exist though ``create`` is
                false.
        """
        read = read_url(url)
        engine = connect(read, create=create)
        is_file = read.drivername == "sqlite"
        return cls(engine, FileLocks(Path(read.database or "").resolve()) if is_file else ServerLocks(engine))

    def close(self) -> None:
        """Closes the database; a run that was not ended counts as killed."""
        for run in list(self._run_locks):
            self._forget(run)
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- writing ---

    def begin_run(
        self,
        command: str,
        names: Sequence[str],
        *,
        arguments: Mapping[str, Any] | None = None,
        includes_own: bool = False,
        extras: Iterable[str] = (),
        started_at: str = "",
    ) -> int:
        """Begins a run that looks for these targets; returns its number.

        Args:
            command: ``discover``, ``verify``, …
            names: the names of the targets; only their backlinks are judged.
            arguments: of the run, for ``backlinkbot runs``; any JSON value.
            includes_own: whether links from a target's own pages count.
            extras: the optional kinds of links that the run looks for, of :data:`~backlinkbot.history.observation.EXTRAS`.
            started_at: the start; by default the current time.
        """
        lock = secrets.randbits(63)
        self._locks.take(lock)  # before another process can see the run
        try:
            with translated_errors(self._engine), writing(self._engine) as connection:
                values = {
                    "command": command,
                    "targets": json.dumps(list(names)),
                    "arguments": json.dumps(dict(arguments or {})),
                    "includes_own": includes_own,
                    "lock": lock,
                    "started_at": started_at or now(),
                    "is_reported": False,  # until the run has written its outputs
                }
                run: int = connection.execute(runs.insert().values(values).returning(runs.c.id)).scalar_one()
                named = ({"key": digest(name), "name": name, "first_run_id": run} for name in set(names))
                insert_missing(connection, targets, named)
                unreported = select(runs.c.id).where(runs.c.is_reported.is_(False))
                self._showings[run] = Showing(run=run, unreported=frozenset(connection.execute(unreported).scalars()))
                ids: dict[str, int] = {}
                first_time = set()
                for id_, name, first_run in connection.execute(
                    select(targets.c.id, targets.c.name, targets.c.first_run_id)
                ):
                    ids[name] = id_
                    if first_run == run:
                        first_time.add(name)
        except BaseException:
            self._locks.release(lock)
            raise
        self._run_locks[run] = lock
        self._target_ids[run] = ids
        self._scopes[run] = RunScope(
            run=run,
            targets=frozenset(names),
            includes_own=includes_own,
            first_time=frozenset(first_time),
            extras=frozenset(extras),
        )
        return run

    def record(
        self,
        run: int,
        pages: Sequence[JudgedPage],
        *,
        crawl: OpenCrawl | None = None,
        commits: list[CrawlCommit] | None = None,
    ) -> list[Recorded]:
        """Records visits in order, in one transaction: all are stored, or an error is raised and none is.

        Stores pages with backlinks, those of candidates, and all later visits of either.

        Args:
            run: the number of the run.
            pages: the visits.
            crawl: the unfinished crawl that the visits belong to.
            commits: what the visits add to it; written in the same transaction, and removed from the list then. If no visit
                needs to be stored, they stay in the list.

        Raises:
            OutputError: the database cannot be written.
        """
        if not pages:
            return []

        def add_to_crawl(connection: Connection, recorded: Sequence[Recorded]) -> None:
            if crawl is not None and commits is not None:
                crawls.write(connection, crawl, _joined(commits), [one.page for one in recorded])
                written.append(True)

        written: list[bool] = []
        with translated_errors(self._engine):
            scope, ids, showing = self._scopes[run], self._target_ids[run], self._showings[run]
            recorded = recording.record(self._engine, scope, pages, ids, showing, also=add_to_crawl)
        if written and commits is not None:
            commits.clear()
        return recorded

    def add_candidates(self, run: int, candidates: Iterable[Candidate]) -> int:
        """Adds candidates from files, with their claims, in one transaction; returns the number that name no page.

        Known pages stay as they are; a known claim is updated, and keeps its verdict if it says the same.

        Raises:
            OutputError: the database cannot be written.
        """
        with translated_errors(self._engine), writing(self._engine) as connection:
            return claims_table.add(connection, run, candidates, now())

    # --- unfinished crawls ---

    def begin_crawl(
        self, run: int, key: bytes, bounds: Mapping[str, int], *, fresh: bool = False, joins: bool = False
    ) -> OpenCrawl | None:
        """Resumes the unfinished crawl with this key, or begins one; None while another process is at work on it.

        Args:
            run: the number of this run.
            key: see :func:`~backlinkbot.history.crawl_commit.crawl_key`.
            bounds: of this run, by name; 0: none.
            fresh: whether an unfinished crawl is given up.
            joins: whether the crawl is shared with the workers that are at work on it. An unfinished crawl that was shared is
                resumed so in any case. PostgreSQL only.

        Raises:
            OutputError: the database cannot be written.
        """
        with translated_errors(self._engine), writing(self._engine) as connection:
            shares = joins or (not fresh and crawls.is_shared(connection, key))
            held = self._locks.is_held
            return crawls.begin(connection, key, run, bounds, now=now(), fresh=fresh, is_held=held, shares=shares)

    def worker_of(self, crawl: OpenCrawl) -> CrawlWorker:
        """Returns the worker of a run in a crawl that several machines share, with connections of its own."""
        return CrawlWorker(connect(self._engine.url, create=False), crawl)

    def save_crawl(self, crawl: OpenCrawl, commits: list[CrawlCommit]) -> None:
        """Adds to an unfinished crawl, in one transaction; empties the list.

        Raises:
            OutputError: the database cannot be written.
        """
        with translated_errors(self._engine), writing(self._engine) as connection:
            crawls.write(connection, crawl, _joined(commits))
        commits.clear()

    def crawl_parts(self, crawl: OpenCrawl) -> Iterator[SavedPart]:
        """Yields what was saved of a crawl, oldest first, without its waiting and reported pages, and without lessons."""
        with reading(self._engine) as connection:
            yield from crawls.read_parts(connection, crawl.id)

    def crawl_lessons(self, crawl: OpenCrawl, most: int) -> list[Any]:
        """Returns the latest lessons of the crawl order, about ``most``, oldest first."""
        with reading(self._engine) as connection:
            return crawls.read_lessons(connection, crawl.id, most)

    def waiting_pages(self, crawl: OpenCrawl) -> Iterator[tuple[int, bytes]]:
        """Yields the pages that waited when the crawl was resumed, each with its number, in the order in which they were found.

        No connection is held in between, so that it may take as long as the crawl.
        """
        after = 0
        while after < crawl.next_row:
            with reading(self._engine) as connection:
                rows = crawls.read_waiting(connection, crawl.id, after, crawl.next_row)
            if not rows:
                return
            yield from rows
            after = rows[-1][0]

    def reported_pages(self, crawl: OpenCrawl) -> Iterator[tuple[JudgedPage, bool]]:
        """Yields the pages with rows or checks of a crawl's earlier runs, and whether their run has written its outputs."""
        with reading(self._engine) as connection:
            yield from crawls.read_reported(connection, crawl.id)

    def pending(self) -> dict[int, int]:
        """Returns how many pages wait, by the number of the last run of each unfinished crawl."""
        with reading(self._engine) as connection:
            return crawls.pending(connection)

    def forget_crawl(self, run: int) -> int | None:
        """Deletes the unfinished crawl that a run belongs to; returns how many pages waited, None if there is none.

        Raises:
            OutputError: the database cannot be written.
        """
        with translated_errors(self._engine), writing(self._engine) as connection:
            return crawls.forget_run(connection, run)

    # --- the end of a run ---

    def end_run(
        self,
        run: int,
        *,
        outcome: str = "done",
        exit_status: int = 0,
        counts: Mapping[str, Any] | None = None,
        finished_at: str = "",
        is_reported: bool = True,
        crawl: OpenCrawl | None = None,
        bounds: Mapping[str, int] | None = None,
        is_over: bool = False,
    ) -> None:
        """Records the end of a run.

        Args:
            run: its number.
            outcome: in words.
            exit_status: of its process.
            counts: its stats; any JSON value.
            finished_at: the end; by default the current time.
            is_reported: whether all its outputs were written. If not, or if the run never ends, the next run that sees its
                backlinks reports their states again.
            crawl: the crawl that the run belongs to.
            bounds: of the run, by name; 0: none.
            is_over: whether nothing but a bound kept the crawl from going on; see :func:`backlinkbot.history.crawls.end`.
        """
        with translated_errors(self._engine), writing(self._engine) as connection:
            connection.execute(
                update(runs)
                .where(runs.c.id == run)
                .values(
                    outcome=outcome,
                    exit_status=exit_status,
                    changes=json.dumps(queries.count_changes(connection, run)),
                    counts=json.dumps(dict(counts or {})),
                    finished_at=finished_at or now(),
                    is_reported=is_reported,
                )
            )
            if crawl is not None:
                crawls.end(connection, crawl, bounds or {}, is_over=is_over, is_reported=is_reported)
        self._forget(run)

    def prune(self, *, before: str = "", targets: Sequence[str] = (), dry_run: bool = False) -> Pruned:
        """Removes visits before a time, and everything that is known of targets; returns how much.

        The states, first and last sightings and changes of all other backlinks stay, and so do the runs. A SQLite file is made
        smaller afterwards, for which as much must be free beside it as it still needs.

        Args:
            before: a time in ISO 8601; empty: visits stay.
            targets: the names of targets that are no longer wanted.
            dry_run: only count.

        Raises:
            HistoryError: a run is at work, or the history knows no such target.
            OutputError: the database cannot be written.
        """
        found = Pruned()
        with suppress(_Undone), translated_errors(self._engine), writing(self._engine) as connection:
            found = pruning.prune(connection, self._locks, before=before, names=targets)
            if dry_run:
                raise _Undone
        if not dry_run and self._engine.dialect.name == "sqlite":
            shrink(self._engine)
        return found

    def _forget(self, run: int) -> None:
        self._scopes.pop(run, None)
        self._target_ids.pop(run, None)
        self._showings.pop(run, None)
        self._locks.release(self._run_locks.pop(run))

    # --- tasks ---

    def number_tasks(self, subjects: Sequence[TaskSubject]) -> list[TaskRecord]:
        """Gives each task that has none the next number, in order; returns the records of all, in order.

        Raises:
            OutputError: the database cannot be written.
        """
        with translated_errors(self._engine), writing(self._engine) as connection:
            found = todo_table.number(connection, subjects, now())
        return [found[subject.key] for subject in subjects]

    def mark_tasks(
        self, numbers: Sequence[int], status: TaskStatus, *, note: str | None = None, at: str = ""
    ) -> list[TaskRecord]:
        """Changes the status of tasks, and their note unless it is None; returns them.

        Args:
            numbers: of the tasks.
            status: the new one.
            note: the new one.
            at: when; by default the current time.

        Raises:
            UsageError: no task has such a number; nothing is changed then.
            OutputError: the database cannot be written.
        """
        with translated_errors(self._engine), writing(self._engine) as connection:
            return todo_table.mark(connection, numbers, status, note=note, at=at or now())

    def tasks(self) -> dict[bytes, TaskRecord]:
        """Returns every task that was listed, by the key of its subject."""
        with reading(self._engine) as connection:
            return todo_table.read(connection)


def _joined(commits: Sequence[CrawlCommit]) -> CrawlCommit:
    joined = CrawlCommit()
    for commit in commits:
        joined.add(commit)
    return joined
