"""Chooses which tasks are shown, by their status and their order; makes no task that is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from heapq import nsmallest
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from backlinkbot.history.records import TaskStatus
from backlinkbot.items.columns import with_values
from backlinkbot.reports.todo.tasks import TaskKind
from backlinkbot.reports.todo.topics import Topics

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from backlinkbot.history.records import TaskRecord
    from backlinkbot.items import Backlink
    from backlinkbot.reports.todo.candidates import Candidates
    from backlinkbot.reports.todo.collecting import Collector
    from backlinkbot.reports.todo.links import TaskLinks
    from backlinkbot.reports.todo.tasks import Task

T = TypeVar("T", bound="Hashable")
_AT_ONCE: Final = 5_000
"""Rows that are read at a time."""


class Wanted(StrEnum):
    """Which tasks are listed, by their status."""

    OPEN = "open"
    DONE = "done"
    ALL = "all"


_FOUND_AGAIN: Final = frozenset({TaskKind.LOST_LINK, TaskKind.BROKEN_TARGET})
"""The kinds whose tasks are open again if a visit after they were done found the same: a new loss, a page still broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which tasks are shown, and what the history remembers of them."""

    records: Mapping[bytes, TaskRecord] = field(default_factory=dict)
    """By the key of the subject."""
    wanted: Wanted = Wanted.ALL
    limit: int = 0
    """Tasks of each kind; 0: all."""

    def of(self, tasks: Iterable[Task]) -> tuple[list[Task], int]:
        """Returns the tasks that are shown of those of one kind, which are in order, and the number of all with their status."""
        kept = [task for task in map(self.remembered, tasks) if self.is_wanted(task)]
        return kept[: self.limit or None], len(kept)

    def of_many(
        self, found: Sequence[T], page: Callable[[T], str], make: Callable[[T], Task], kind: TaskKind
    ) -> tuple[list[Task], int]:
        """Returns the same as :meth:`of`, and makes only the tasks that are shown, or whose page has a finished one.

        Args:
            found: what tasks of one kind are made of, in order.
            page: returns the page of a task, as its subject's ``page_key``.
            make: makes a task.
            kind: of the tasks.
        """
        pages = self.done_pages(kind) if self.wanted is not Wanted.ALL else set()
        done = {one for one in found if page(one) in pages and self.remembered(make(one)).status == TaskStatus.DONE}
        kept = found if self.wanted is Wanted.ALL else [one for one in found if (one in done) == self.is_done_wanted]
        return [self.remembered(make(one)) for one in kept[: self.limit or None]], len(kept)

    @property
    def is_done_wanted(self) -> bool:
        """True if the tasks that were done are wanted alone."""
        return self.wanted is Wanted.DONE

    def is_wanted(self, task: Task) -> bool:
        """True if the task has the wanted status."""
        return self.wanted is Wanted.ALL or task.status == self.wanted

    def remembered(self, task: Task) -> Task:
        """Returns the task with what the history remembers of it."""
        record = self.records.get(task.subject.key) if self.records else None
        if record is None:
            return task
        is_again = task.kind in _FOUND_AGAIN and task.since > record.changed_at
        status = TaskStatus.OPEN if is_again else record.status
        return with_values(
            task, number=record.number, status=status.value, note=record.note, noted_at=record.changed_at
        )

    def done_pages(self, kind: TaskKind) -> set[str]:
        """Returns the keys of the pages of the tasks of a kind that were done."""
        records = self.records.values()
        return {of.subject.page_key for of in records if of.status is TaskStatus.DONE and of.subject.kind == kind}


EVERY: Final = Choice()


def of_kinds(
    links: TaskLinks,
    collector: Collector,
    of_links: Sequence[Candidates],
    authority: Mapping[str, float],
    choice: Choice,
) -> dict[TaskKind, tuple[list[Task], int]]:
    """Returns of each kind the tasks about links that are shown, in order, and the number of all with the wanted status."""
    chosen = [_Chosen(links, candidates, authority, choice) for candidates in of_links]
    topics = Topics(links, list({link: None for of in chosen for link in of.links()}))
    targets = {of.candidates.target(number) for of in chosen for number in of.numbers}
    topics.compare(*collector.compared_with(targets))
    return {of.candidates.kind: (of.tasks(topics), of.total) for of in chosen}


class _Chosen:
    """The candidates of one kind that may be shown: as many as are shown, and those that are behind them by relevance alone."""

    def __init__(
        self, links: TaskLinks, candidates: Candidates, authority: Mapping[str, float], choice: Choice
    ) -> None:
        self.candidates = candidates
        self._links = links
        self._authority = authority
        self._choice = choice
        wanted = self._wanted()
        self.total = len(wanted)
        self.numbers = self._first(wanted)

    def _wanted(self) -> Sequence[int]:
        """Returns the candidates with the wanted status; rows are read only of those on pages that have a finished task."""
        of, choice = self.candidates, self._choice
        if choice.wanted is Wanted.ALL:
            return of.numbers
        pages = set(self._links.page_numbers(choice.done_pages(of.kind)).values())
        asked = [number for number in of.numbers if of.page(number) in pages] if pages else []
        done = {
            number
            for number, row in self._rows(asked)
            if choice.remembered(of.make(number, row, None)).status == TaskStatus.DONE
        }
        return [number for number in of.numbers if (number in done) == choice.is_done_wanted]

    def _first(self, numbers: Sequence[int]) -> Sequence[int]:
        limit = self._choice.limit
        if not limit or len(numbers) <= limit:
            return numbers
        order = self._order
        last = nsmallest(limit, map(order, numbers))[-1]
        return [number for number in numbers if order(number) <= last]

    def _order(self, number: int) -> tuple[Any, ...]:
        return self.candidates.order(number, self._authority)

    def links(self) -> Iterator[Any]:
        """Yields what identifies the links."""
        return map(self.candidates.link, self.numbers)

    def tasks(self, topics: Topics) -> list[Task]:
        """Returns the tasks that are shown, in the order of :func:`~backlinkbot.reports.todo.tasks.rank`."""
        of = self.candidates
        ranked: list[tuple[Any, ...]] = []
        for number in self.numbers:
            link = of.link(number)
            if link in topics.pages:  # else a crawl that writes meanwhile has stored other links
                relevance = topics.relevance(of.target(number), of.domain(number), link)
                place = (*self._order(number), -(relevance or 0.0), topics.pages[link], of.target_url(number))
                ranked.append((place, number, relevance))
        ranked.sort(key=itemgetter(0))
        shown = ranked[: self._choice.limit or None]
        relevance_of = {number: relevance for _, number, relevance in shown}
        found = []
        for number, row in self._rows([number for _, number, _ in shown]):
            task = of.make(number, row, relevance_of[number])
            found.append(self._choice.remembered(with_values(task, authority=self._authority.get(task.domain))))
        return found

    def _rows(self, numbers: Sequence[int]) -> Iterator[tuple[int, Backlink]]:
        for first in range(0, len(numbers), _AT_ONCE):
            some = numbers[first : first + _AT_ONCE]
            rows = self._links.rows(list(map(self.candidates.link, some)))
            for number in some:
                if (row := rows.get(self.candidates.link(number))) is not None:
                    yield number, row
