"""The reading half of a history: what was recorded, as runs, links, changes, pages, visits and claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from backlinkbot.errors import HistoryError
from backlinkbot.history import claims_table, link_batches, queries, view_rows
from backlinkbot.history.database import reading
from backlinkbot.history.observation import digest
from backlinkbot.history.schema import runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import Engine

    from backlinkbot.history.link_batches import LinksWanted, RepeatedLink
    from backlinkbot.history.liveness import RunLocks
    from backlinkbot.history.page_sketch import Known
    from backlinkbot.history.records import KnownPage, Run, Visit
    from backlinkbot.items import Backlink, Candidate, Change, CheckedClaim, LinkState

IMPORT: Final = "import"
"""The command of a run that imports files and visits nothing."""


class HistoryReader:
    """Reads a history; each method opens a transaction of its own. The base of :class:`~backlinkbot.history.store.History`."""

    def __init__(self, engine: Engine, locks: RunLocks) -> None:
        self._engine = engine
        self._locks = locks

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
        """Yields the changes by which links, not mentions, were lost, restored or moved, in the order of their recording."""
        wanted = queries.ChangeFilter(targets=targets, is_loss_or_return=True, is_without_mentions=True)
        with reading(self._engine) as connection:
            yield from queries.read_changes(connection, wanted)

    def newest_changes(self, limit: int, *, targets: Sequence[str] | None = None) -> tuple[list[Change], int]:
        """Returns the newest changes of links, not of mentions, the newest first, and the number of all such.

        Those of one time come in the order of their recording.
        """
        with reading(self._engine) as connection:
            wanted = queries.ChangeFilter(targets=targets, newest=limit, is_without_mentions=True)
            newest = queries.read_changes(connection, wanted)
            return list(newest), queries.count_all_changes(connection, targets)

    def links_at(self, links: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Backlink]:
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

    def link_batches(
        self, wanted: LinksWanted, few: Sequence[str], many: Sequence[str], seldom: Sequence[str] = ()
    ) -> Iterator[list[Any]]:
        """Yields links in batches as stored; see :func:`~backlinkbot.history.link_batches.read_link_batches`."""
        with reading(self._engine) as connection:
            yield from link_batches.read_link_batches(connection, wanted, few, many, seldom)

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

    def page_numbers(self, keys: Collection[str]) -> dict[str, int]:
        """Returns the numbers of those pages that are known, by :func:`~backlinkbot.history.observation.key_of`."""
        by_digest = {digest(key): key for key in keys}
        with reading(self._engine) as connection:
            return {
                by_digest[found]: number for found, number in queries.read_page_numbers(connection, list(by_digest))
            }

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
