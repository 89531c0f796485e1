"""Puts tasks in order, with the numbers, statuses and notes that the history remembers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from backlinkbot.items.columns import with_values
from backlinkbot.reports.todo.broken import broken_targets
from backlinkbot.reports.todo.candidates import CompetitorLinks, LostLinks, Mentions
from backlinkbot.reports.todo.choosing import EVERY, of_kinds
from backlinkbot.reports.todo.claims import false_claims
from backlinkbot.reports.todo.collecting import Collector
from backlinkbot.reports.todo.schemes import Schemes
from backlinkbot.reports.todo.tasks import TITLES, Task, TaskKind, heading, rank

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from backlinkbot.history.records import TaskRecord, TaskSubject
    from backlinkbot.items import CheckedClaim
    from backlinkbot.reports.todo.choosing import Choice
    from backlinkbot.reports.todo.links import TaskLinks


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
        """The tasks in their order, in groups of neighbours with the same action, each group below its heading."""
        groups = [(action, list(tasks)) for action, tasks in groupby(self.tasks, key=lambda task: task.action)]
        return [(heading(action, len(tasks)), tasks) for action, tasks in groups]


def sections(
    links: TaskLinks,
    *,
    claims: Iterable[CheckedClaim] = (),
    competitors: Collection[str] = (),
    authority: Callable[[Collection[str]], Mapping[str, float]] = lambda _: {},
    chosen: Choice = EVERY,
) -> list[Section]:
    """Returns tasks by kind, each kind in the order of :func:`~backlinkbot.reports.todo.tasks.rank`.

    Args:
        links: of the targets and the competitors.
        claims: with their verdicts.
        competitors: the names of the targets that are competitors.
        authority: returns the authority of those of some domains that have one.
        chosen: which tasks.
    """
    collector = Collector(links, competitors)
    lost = LostLinks(collector)
    of_links = (lost, Mentions(collector), CompetitorLinks(collector))
    schemes = Schemes(collector)
    schemed = schemes.sites()
    domains = {domain for _, domain in schemed}
    known = authority(domains.union(*(map(of_kind.domain, of_kind.numbers) for of_kind in of_links)))

    def are_lost(pages: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        numbers, found = links.page_numbers({page for _, page in pages}), lost.pages()
        return {(target, page) for target, page in pages if (target, numbers.get(page)) in found}

    kinds = of_kinds(links, collector, of_links, known, chosen)
    kinds[TaskKind.BROKEN_TARGET] = chosen.of(sorted(broken_targets(collector), key=rank))
    kinds[TaskKind.FALSE_CLAIM] = chosen.of(list(false_claims(claims, collector.targets, are_lost)))
    schemed.sort(key=lambda site: (-known.get(site[1], -1.0), site[1]))  # as rank does
    shown, total = chosen.of_many(
        schemed, lambda site: site[1], lambda site: schemes.task(*site, known.get(site[1])), TaskKind.DISAVOW
    )
    kinds[TaskKind.DISAVOW] = schemes.with_evidence(shown), total
    return [
        Section(kind=kind, tasks=tuple(kinds[kind][0]), total=kinds[kind][1]) for kind in TaskKind if kinds[kind][1]
    ]


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
