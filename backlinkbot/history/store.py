"""A history, opened: runs write into it batch by batch, and it answers what was seen when."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, update

from backlinkbot.errors import HistoryError
from backlinkbot.history import claims_table, queries, recording
from backlinkbot.history.bulk_sql import insert_missing
from backlinkbot.history.database import asking, connect, read_url, said_plainly, writing
from backlinkbot.history.diff import Scope
from backlinkbot.history.liveness import FileLocks, RunLocks, ServerLocks
from backlinkbot.history.schema import digest, runs, targets
from backlinkbot.history.showing import Showing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Self

    from sqlalchemy import Engine

    from backlinkbot.history.page_sketch import Known
    from backlinkbot.history.records import KnownPage, Recorded, Run, Visit
    from backlinkbot.items import Backlink, Candidate, Change, JudgedClaim, LinkState, Page

IMPORT: Final = "import"
"""The command of a run that reads files, and visits nothing."""


def now() -> str:
    """This second, as all times are written."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class History:
    """One database; a process may hold several, and several processes one. Not for two threads at the same time."""

    def __init__(self, engine: Engine, locks: RunLocks) -> None:
        self._engine = engine
        self._locks = locks
        self._scopes: dict[int, Scope] = {}
        self._target_ids: dict[int, dict[str, int]] = {}
        self._run_locks: dict[int, int] = {}
        self._showings: dict[int, Showing] = {}

    @classmethod
    def open(cls, url: str, *, create: bool = True) -> Self:
        """Open the history of a URL, ``backlinks.db`` or ``postgresql://user@host/name``; an older one is migrated.

        Raises:
            HistoryError: it is of a newer version, or none, or cannot be opened, or is not there though ``create`` is
                false.
        """
        read = read_url(url)
        engine = connect(read, create=create)
        is_file = read.drivername == "sqlite"
        return cls(engine, FileLocks(Path(read.database or "").resolve()) if is_file else ServerLocks(engine))

    def close(self) -> None:
        """Let go of the database; a run that was not ended counts as killed."""
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
        """Begin a run that looks for these targets; returns its number.

        Args:
            command: ``discover``, ``verify``, …
            names: the targets by name: only their backlinks are judged.
            arguments: what it was asked to do, for ``backlinkbot runs``; anything that JSON can hold.
            includes_own: whether links from a target's own pages count.
            extras: which links are looked for that not every run looks for, of :data:`~backlinkbot.history.observation.EXTRAS`.
            started_at: now, unless said otherwise.
        """
        lock = secrets.randbits(63)
        self._locks.take(lock)  # before anybody can know of the run
        try:
            with said_plainly(self._engine), writing(self._engine) as connection:
                values = {
                    "command": command,
                    "targets": json.dumps(list(names)),
                    "arguments": json.dumps(dict(arguments or {})),
                    "includes_own": includes_own,
                    "lock": lock,
                    "started_at": started_at or now(),
                    "is_reported": False,  # until it says so
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
        self._scopes[run] = Scope(
            run=run,
            targets=frozenset(names),
            includes_own=includes_own,
            first_time=frozenset(first_time),
            extras=frozenset(extras),
        )
        return run

    def record(self, run: int, pages: Sequence[Page]) -> list[Recorded]:
        """Record visits, in order, in one transaction: when this returns they are there, when it raises none is.

        Pages with backlinks are remembered, those that answer a candidate, and whatever becomes of these later.

        Raises:
            OutputError: the database cannot be written.
        """
        if not pages:
            return []
        with said_plainly(self._engine):
            return recording.record(self._engine, self._scopes[run], pages, self._target_ids[run], self._showings[run])

    def add_candidates(self, run: int, candidates: Iterable[Candidate]) -> int:
        """Add candidates of files, with what is claimed of them, in one transaction; returns how many are no page.

        A page that is known stays what it is; a claim that is known is renewed, and keeps its verdict if it says the same.

        Raises:
            OutputError: the database cannot be written.
        """
        with said_plainly(self._engine), writing(self._engine) as connection:
            return claims_table.add(connection, run, candidates, now())

    def end_run(
        self,
        run: int,
        *,
        outcome: str = "done",
        exit_status: int = 0,
        counts: Mapping[str, Any] | None = None,
        finished_at: str = "",
        is_reported: bool = True,
    ) -> None:
        """Say how a run ended.

        Args:
            run: its number.
            outcome: in words.
            exit_status: of its process.
            counts: its figures; anything that JSON can hold.
            finished_at: now, unless said otherwise.
            is_reported: whether its rows are written wherever they were to be. Where they are not, and for a run that
                never ends, the states that it gave its backlinks are given again by the next run that sees them.
        """
        with said_plainly(self._engine), writing(self._engine) as connection:
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
        self._forget(run)

    def _forget(self, run: int) -> None:
        self._scopes.pop(run, None)
        self._target_ids.pop(run, None)
        self._showings.pop(run, None)
        self._locks.release(self._run_locks.pop(run))

    # --- reading ---

    def runs(self) -> list[Run]:
        """Every run, the first first."""
        with asking(self._engine) as connection:
            return queries.read_runs(connection, self._locks)

    def last_run(self) -> int:
        """The number of the run that began last, and visited pages.

        Raises:
            HistoryError: there has been none.
        """
        last = select(runs.c.id).where(runs.c.command != IMPORT).order_by(runs.c.id.desc()).limit(1)
        with asking(self._engine) as connection:
            found = connection.execute(last).scalar()
        if found is None:
            raise HistoryError("the history holds no run yet")
        return int(found)

    def changes(
        self,
        *,
        run: int | None = None,
        after_run: int | None = None,
        since: str = "",
        targets: Sequence[str] | None = None,
    ) -> Iterator[Change]:
        """The changes of a run, of the runs after one, or of visits since a time; in the order of their recording."""
        wanted = queries.Wanted(run=run, after_run=after_run, since=since, targets=targets)
        with asking(self._engine) as connection:
            yield from queries.read_changes(connection, wanted)

    def backlinks(
        self,
        *,
        targets: Iterable[str] | None = None,
        states: Iterable[LinkState] | None = None,
        page: str | None = None,
    ) -> Iterator[Backlink]:
        """Every link that was ever seen, as a row with ``first_seen``, ``last_seen``, ``state``, ``lost_reason``, ``unconfirmed_since``.

        Those to some targets, in some states, on the page of a URL; None: all.
        """
        with asking(self._engine) as connection:
            yield from queries.read_backlinks(connection, targets, states, page)

    def known_pages(self, *, targets: Iterable[str] | None = None) -> Iterator[KnownPage]:
        """Every page that was ever visited; with targets, those that have or had a backlink to one of these."""
        with asking(self._engine) as connection:
            yield from queries.read_known_pages(connection, targets)

    def linking_pages(self) -> Iterator[bytes]:
        """The key of every page with a backlink that is not lost, as :func:`~backlinkbot.history.schema.digest` makes it."""
        with asking(self._engine) as connection:
            yield from queries.read_linking_keys(connection)

    def known_look(self, page: str) -> Known | None:
        """By what a page is known again, by its :func:`~backlinkbot.history.observation.key_of`; None where it was never visited."""
        with asking(self._engine) as connection:
            return queries.read_known(connection, digest(page))

    def visits(self, *, run: int | None = None) -> Iterator[Visit]:
        """Every visit, or those of one run, in the order of their recording."""
        with asking(self._engine) as connection:
            yield from queries.read_visits(connection, run)

    def claims(self) -> Iterator[JudgedClaim]:
        """Every claim with its last verdict, in the order in which they were first known."""
        with asking(self._engine) as connection:
            yield from claims_table.read(connection)

    def claimed_pages(self) -> Iterator[bytes]:
        """The key of every page of which something is claimed, as :func:`~backlinkbot.history.schema.digest` makes it."""
        with asking(self._engine) as connection:
            yield from claims_table.read_keys(connection)

    def claims_of(self, page: str) -> list[JudgedClaim]:
        """What is claimed of a page, by its :func:`~backlinkbot.history.observation.key_of`, each with its last verdict."""
        with asking(self._engine) as connection:
            return claims_table.read_of(connection, digest(page))

    def unvisited(self) -> Iterator[list[Candidate]]:
        """The candidates of each page that is known from files and was never visited; the likeliest pages first."""
        with asking(self._engine) as connection:
            yield from claims_table.read_unvisited(connection)
