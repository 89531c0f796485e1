"""Puts tasks in order, with the numbers, statuses and notes that the history remembers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Final

from backlinkbot.history.records import TaskRecord, TaskStatus
from backlinkbot.items.columns import with_values
from backlinkbot.reports.todo.claims import false_claims
from backlinkbot.reports.todo.collecting import Collector
from backlinkbot.reports.todo.tasks import TITLES, Task, TaskKind, rank

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from backlinkbot.history.records import TaskSubject
    from backlinkbot.items import Backlink, CheckedClaim
    from backlinkbot.reports.quality.profile import Profile


class Wanted(StrEnum):
    """Which tasks are listed, by their status."""

    OPEN = "open"
    DONE = "done"
    ALL = "all"


_FOUND_AGAIN: Final = frozenset({TaskKind.LOST_LINK, TaskKind.BROKEN_TARGET})
"""The kinds whose tasks are open again if a visit after they were done found the same: a new loss, a page still broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The tasks of one kind."""

    kind: TaskKind
    tasks: tuple[Task, ...]
    """The first ones."""
    total: int
    """The number of all."""

    @property
    def title(self) -> str:
        """The heading."""
        return TITLES[self.kind]

    @property
    def groups(self) -> list[tuple[str, list[Task]]]:
        """The tasks in their order, in groups of neighbours with the same action."""
        return [(action, list(tasks)) for action, tasks in groupby(self.tasks, key=lambda task: task.action)]


def sections(
    rows: Iterable[Backlink],
    profile: Profile,
    *,
    claims: Iterable[CheckedClaim] = (),
    competitors: Collection[str] = (),
    authority: Callable[[Collection[str]], Mapping[str, float]] = lambda _: {},
) -> list[Section]:
    """Returns all tasks by kind, each kind in the order of :func:`~backlinkbot.reports.todo.tasks.rank`.

    Args:
        rows: of the targets and the competitors, lost ones too.
        profile: of the rows that are not lost.
        claims: with their verdicts.
        competitors: the names of the targets that are competitors.
        authority: returns the authority of those of some domains that have one.
    """
    collector = Collector(profile, competitors)
    for row in rows:
        collector.add(row)
    found: dict[TaskKind, list[Task]] = defaultdict(list)
    for task in collector.tasks():
        found[TaskKind(task.kind)].append(task)
    known = authority({task.domain for of_kind in found.values() for task in of_kind})
    for kind, of_kind in found.items():
        if kind is not TaskKind.BROKEN_TARGET:  # the domain is the target's own
            of_kind[:] = [with_values(task, authority=known.get(task.domain)) for task in of_kind]
        of_kind.sort(key=rank)
    lost = {(task.target, task.subject.page_key) for task in found[TaskKind.LOST_LINK]}
    found[TaskKind.FALSE_CLAIM] = list(false_claims(claims, collector.targets, lost))
    return [Section(kind=kind, tasks=tuple(found[kind]), total=len(found[kind])) for kind in TaskKind if found[kind]]


def chosen(
    every: Iterable[Section], records: Mapping[bytes, TaskRecord], wanted: Wanted = Wanted.OPEN, limit: int = 0
) -> list[Section]:
    """Returns the tasks with the wanted status, with what the history remembers of them.

    Args:
        every: all tasks.
        records: what the history remembers, by the key of the subject.
        wanted: the status.
        limit: tasks of each kind; 0: all.
    """
    shown: list[Section] = []
    for section in every:
        tasks = [_with(task, records.get(task.subject.key)) for task in section.tasks]
        kept = [task for task in tasks if wanted is Wanted.ALL or task.status == wanted]
        if kept:
            shown.append(Section(kind=section.kind, tasks=tuple(kept[: limit or None]), total=len(kept)))
    return shown


def numbered(
    shown: Iterable[Section], number: Callable[[Sequence[TaskSubject]], Sequence[TaskRecord]]
) -> list[Section]:
    """Returns the sections with a number for each task; ``number`` gives new ones to tasks that have none."""
    every = list(shown)
    records = iter(number([task.subject for section in every for task in section.tasks]))
    return [
        Section(
            kind=section.kind,
            tasks=tuple(with_values(task, number=next(records).number) for task in section.tasks),
            total=section.total,
        )
        for section in every
    ]


def _with(task: Task, record: TaskRecord | None) -> Task:
    if record is None:
        return task
    is_again = task.kind in _FOUND_AGAIN and task.since > record.changed_at
    status = TaskStatus.OPEN if is_again else record.status
    return with_values(task, number=record.number, status=status.value, note=record.note, noted_at=record.changed_at)
