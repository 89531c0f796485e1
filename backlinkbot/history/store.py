"""The interface of a history: records the visits of runs and reads what was recorded."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, update

from backlinkbot.errors import HistoryError
from backlinkbot.history import claims_table, crawls, link_batches, pruning, queries, recording, todo_table, view_rows
from backlinkbot.history.bulk_sql import insert_missing
from backlinkbot.history.crawl_commit import CrawlCommit
from backlinkbot.history.crawl_worker import CrawlWorker
from backlinkbot.history.database import connect, read_url, reading, shrink, translated_errors, writing
from backlinkbot.history.diff import RunScope
from backlinkbot.history.liveness import FileLocks, RunLocks, ServerLocks
from backlinkbot.history.observation import digest
from backlinkbot.history.pruning import Pruned
from backlinkbot.history.schema import runs, targets
from backlinkbot.history.showing import Showing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Self

    from sqlalchemy import Connection, Engine

    from backlinkbot.history.crawl_commit import OpenCrawl, SavedPart
    from backlinkbot.history.link_batches import LinksWanted, RepeatedLink
    from backlinkbot.history.page_sketch import Known
    from backlinkbot.history.records import KnownPage, Recorded, Run, TaskRecord, TaskStatus, TaskSubject, Visit
    from backlinkbot.items import Backlink, Candidate, Change, CheckedClaim, JudgedPage, LinkState

IMPORT: Final = "import"
"""The command of a run that imports files and visits nothing."""


class _Undone(Exception):  # noqa: N818 - nothing has gone wrong
    """Ends a transaction without effect."""


def now() -> str:
    """Returns the current time in the format of all times, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class History:
    """An open history database. Not thread-safe; several processes may use one database."""

    def __init__(self, engine: Engine, locks: RunLocks) -> None:
        self._engine = engine
        self._locks = locks
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

    # --- reading ---

    def runs(self) -> list[Run]:
        """Returns every run, oldest first."""
        with reading(self._engine) as connection:
            return queries.read_runs(connection, self._locks)

    def last_run(self) -> int:
        """Returns the number of the last run that visited pages.

        Raises:
            HistoryError: there is none.
        """
        last = select(runs.c.id).where(runs.c.command != IMPORT).order_by(runs.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            found = connection.execute(last).scalar()
        if found is None:
            raise HistoryError("the history has no runs yet")
        return int(found)

    def changes(
        self,
        *,
        run: int | None = None,
        after_run: int | None = None,
        since: str = "",
        targets: Sequence[str] | None = None,
    ) -> Iterator[Change]:
        """Yields the changes of a run, of the runs after one, or of visits since a time, in the order of their recording."""
        wanted = queries.ChangeFilter(run=run, after_run=after_run, since=since, targets=targets)
        with reading(self._engine) as connection:
            yield from queries.read_changes(connection, wanted)

    def losses_and_returns(self, *, targets: Sequence[str] | None = None) -> Iterator[Change]:
        """Yields the changes by which links were lost, restored or moved, in the order of their recording."""
        with reading(self._engine) as connection:
            yield from queries.read_changes(connection, queries.ChangeFilter(targets=targets, is_loss_or_return=True))

    def newest_changes(self, limit: int, *, targets: Sequence[str] | None = None) -> tuple[list[Change], int]:
        """Returns the newest changes, the newest first, and the number of all; those of one time come as they were recorded."""
        with reading(self._engine) as connection:
            newest = queries.read_changes(connection, queries.ChangeFilter(targets=targets, newest=limit))
            return list(newest), queries.count_all_changes(connection, targets)

    def links_at(self, links: Sequence[tuple[int, int]]) -> list[Backlink]:
        """Returns some links as rows; see :func:`~backlinkbot.history.link_batches.read_links`."""
        with reading(self._engine) as connection:
            return link_batches.read_links(connection, links)

    def backlinks(
        self,
        *,
        targets: Iterable[str] | None = None,
        states: Iterable[LinkState] | None = None,
        page: str | None = None,
    ) -> Iterator[Backlink]:
        """Yields every link that was ever seen, as a row with the columns of the history.

        These are ``first_seen``, ``last_seen``, ``state``, ``lost_reason`` and ``unconfirmed_since``. Limited to some targets, some states, or the page at a URL; None: no limit.
        """
        with reading(self._engine) as connection:
            yield from link_batches.read_backlinks(connection, targets, states, page)

    def link_batches(self, wanted: LinksWanted, few: Sequence[str], many: Sequence[str]) -> Iterator[list[Any]]:
        """Yields links in batches as stored; see :func:`~backlinkbot.history.link_batches.read_link_batches`."""
        with reading(self._engine) as connection:
            yield from link_batches.read_link_batches(connection, wanted, few, many)

    def link_values(self, backlinks: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
        """Returns the links of some backlinks; see :func:`~backlinkbot.history.link_batches.read_link_values`."""
        with reading(self._engine) as connection:
            return link_batches.read_link_values(connection, backlinks)

    def repeated_links(self, wanted: LinksWanted, least: int) -> tuple[list[RepeatedLink], dict[tuple[str, str], int]]:
        """Returns the links on at least so many pages of a domain, and the pages with links of each such domain, by target."""
        with reading(self._engine) as connection:
            repeated = list(link_batches.read_repeated_links(connection, wanted, least))
            pages = link_batches.read_linking_pages_of_domains(connection, wanted, least) if repeated else {}
        return repeated, pages

    def known_pages(self, *, targets: Iterable[str] | None = None) -> Iterator[KnownPage]:
        """Yields every visited page; with targets, those that have or had a backlink to one of them."""
        with reading(self._engine) as connection:
            yield from queries.read_known_pages(connection, targets)

    def linking_pages(self) -> Iterator[bytes]:
        """Yields the key of every page with a backlink that is not lost; see :func:`~backlinkbot.history.schema.digest`."""
        with reading(self._engine) as connection:
            yield from queries.read_linking_keys(connection)

    def known_look(self, page: str) -> Known | None:
        """Returns what identifies the page with this :func:`~backlinkbot.history.observation.key_of`; None if never visited."""
        with reading(self._engine) as connection:
            return queries.read_known(connection, digest(page))

    def visits(self, *, run: int | None = None) -> Iterator[Visit]:
        """Yields every visit, or those of one run, in the order of their recording."""
        with reading(self._engine) as connection:
            yield from queries.read_visits(connection, run)

    def claims(self) -> Iterator[CheckedClaim]:
        """Yields every claim with its last verdict, in the order in which they were first stored."""
        with reading(self._engine) as connection:
            yield from claims_table.read(connection)

    def view(
        self, name: str, names: Sequence[str] = (), rows: view_rows.Rows | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """Yields the rows of a published view; see :func:`~backlinkbot.history.view_rows.read_view`."""
        with reading(self._engine) as connection:
            yield from view_rows.read_view(connection, name, names, rows)

    def last_change(self) -> tuple[int, str]:
        """Returns the number of the last run and the time at which a run ended last, by which a reader sees that it must read anew."""
        with reading(self._engine) as connection:
            last, ended = connection.execute(select(func.max(runs.c.id), func.max(runs.c.finished_at))).one()
        return int(last or 0), str(ended or "")

    def claimed_pages(self) -> Iterator[bytes]:
        """Yields the key of every page with claims; see :func:`~backlinkbot.history.schema.digest`."""
        with reading(self._engine) as connection:
            yield from claims_table.read_keys(connection)

    def claims_of(self, page: str) -> list[CheckedClaim]:
        """Returns the claims about the page with this :func:`~backlinkbot.history.observation.key_of`, with their verdicts."""
        with reading(self._engine) as connection:
            return claims_table.read_of(connection, digest(page))

    def unvisited(self) -> Iterator[list[Candidate]]:
        """Yields the candidates of each page that is known from files and was never visited; the most likely ones first."""
        with reading(self._engine) as connection:
            yield from claims_table.read_unvisited(connection)


def _joined(commits: Sequence[CrawlCommit]) -> CrawlCommit:
    joined = CrawlCommit()
    for commit in commits:
        joined.add(commit)
    return joined
