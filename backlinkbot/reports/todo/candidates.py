"""Links that may become tasks, by kind of task: lost links, mentions and links to competitors, each a number until its task is made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import compress
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.items.columns import with_values
from backlinkbot.reports.todo.collecting import CONTENT, LOST, Role
from backlinkbot.reports.todo.contacts import contact
from backlinkbot.reports.todo.tasks import Task, TaskKind
from backlinkbot.targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from backlinkbot.items import Backlink
    from backlinkbot.reports.todo.collecting import Collector
    from backlinkbot.reports.todo.links import LinkNumber

BRAND: Final = "brand"


class Candidates(ABC):
    """The links of one kind of task."""

    kind: TaskKind
    role: Role

    def __init__(self, collector: Collector) -> None:
        self._of = collector
        self._stored = collector.stored[self.role]
        self.numbers: Sequence[int] = self._chosen()
        """The candidates' numbers, in the order of the links; the methods below take one."""

    @abstractmethod
    def _chosen(self) -> Sequence[int]:
        """Returns the numbers of the links that are tasks."""

    @abstractmethod
    def domains(self, number: int) -> int:
        """Returns the number of referring domains that the task would gain."""

    @abstractmethod
    def make(self, number: int, row: Backlink, relevance: float | None) -> Task:
        """Makes the task."""

    def _place(self, number: int) -> int:
        """Returns the place of the candidate's link among the stored ones."""
        return number

    def link(self, number: int) -> LinkNumber:
        """Returns what identifies the link."""
        return self._stored.link(self._place(number))

    def page(self, number: int) -> int:
        """Returns the number of the link's page."""
        return self._stored.pages[self._place(number)]

    def target(self, number: int) -> str:
        """Returns the target that the task is about."""
        return self._site(number)[0]

    def domain(self, number: int) -> str:
        """Returns the domain of the link's page."""
        return self._site(number)[1]

    def target_url(self, number: int) -> str:
        """Returns the task's ``target_url``."""
        return self._of.url_names[self._stored.urls[self._place(number)]]

    def _site(self, number: int) -> tuple[str, str]:
        return self._of.site_names[self._stored.sites[self._place(number)]]

    def order(self, number: int, authority: Mapping[str, float]) -> tuple[Any, ...]:
        """Returns what :func:`~backlinkbot.reports.todo.tasks.rank` compares before relevance."""
        at = self._place(number)
        row = self._of.row_of(self._stored, at)
        return (
            -self.domains(number),
            -authority.get(self.domain(number), -1.0),
            row.follow is not True,
            row.placement != CONTENT,
            self._stored.beside[at],
        )

    def _task(
        self, row: Backlink, action: str, evidence: str, domains: int, relevance: float | None, *, since: str = ""
    ) -> Task:
        return Task(
            kind=self.kind,
            action=action,
            page=row.source_url,
            domain=row.source_domain,
            target=row.target,
            target_url=row.target_url,
            evidence=evidence,
            since=since or row.last_seen or row.fetched_at,
            domains=domains,
            follow=row.follow,
            placement=row.placement,
            links_beside=row.external_links,
            relevance=relevance,
            contact=contact(row),
        )


class LostLinks(Candidates):
    """Followed links that were lost, and stand on no other page of their domain."""

    kind = TaskKind.LOST_LINK
    role = Role.LOST

    def _chosen(self) -> Sequence[int]:
        lost, live = self._stored, self._of.stored[Role.LIVE]
        if not lost:
            return ()
        looks = list(self._of.looks_of(lost))
        # The same link on another page of the domain: the page moved, or its list went on.
        standing = set(looks).intersection(compress(self._of.looks_of(live), self._of.are_followed(live)))
        self._still = set(self._of.pages_of(lost)).intersection(self._of.pages_of(live))
        return [at for at, look in enumerate(looks) if look not in standing]

    def domains(self, number: int) -> int:
        return int(self._stored.sites[number] not in self._of.linking)

    def make(self, number: int, row: Backlink, relevance: float | None) -> Task:
        action, why = LOST[row.lost_reason]
        is_last = self.domains(number)
        evidence = f"{why}; a visit saw it last on {row.last_seen[:10]}: {quoted(row.anchor)}"
        evidence += "; the page was not indexable" if not row.indexable else ""
        evidence += "; no other page of the domain links to you" if is_last else ""
        is_still = (row.target, self.page(number)) in self._still
        evidence += "; the page still links to another address of yours" if is_still else ""
        return self._task(row, action, evidence, is_last, relevance, since=row.last_seen)

    def pages(self) -> set[tuple[str, int]]:
        """Returns the target and the page of each."""
        return {(self.target(number), self.page(number)) for number in self.numbers}


class Mentions(Candidates):
    """Pages that print an address or a name of the target and do not link it."""

    kind = TaskKind.MENTION
    role = Role.MENTION

    def _chosen(self) -> Sequence[int]:
        if not self._stored:
            return ()
        first: dict[tuple[str, int], int] = {}
        for at, page in enumerate(self._of.pages_of(self._stored)):
            first.setdefault(page, at)
        linking = first.keys() & set(self._of.pages_of(self._of.stored[Role.LIVE]))
        return [at for page, at in first.items() if page not in linking]

    def domains(self, number: int) -> int:
        return int(self._stored.sites[number] not in self._of.linking)

    def make(self, number: int, row: Backlink, relevance: float | None) -> Task:
        printed = quoted(row.anchor) if BRAND in row.flags else row.target_url
        evidence = f"the page prints {printed} without a link to you"
        return self._task(row, "Ask to link the mention", evidence, self.domains(number), relevance)


class CompetitorLinks(Candidates):
    """Pages with editorial links to competitors, of domains that do not link to a target: each once for each target."""

    kind = TaskKind.COMPETITOR_LINK
    role = Role.RIVAL

    def _chosen(self) -> Sequence[int]:
        self._targets = sorted(self._of.targets)
        if not self._stored:
            return ()
        homes = {home for name in self._of.targets | self._of.competitors for home in _homes(name)}
        linking = {self._of.site_names[site] for site in self._of.linking}
        domains = [self._of.site_names[site][1] for site in self._stored.sites]
        return [
            number * len(domains) + at
            for number, target in enumerate(self._targets)
            for at, domain in enumerate(domains)
            if (target, domain) not in linking and domain not in homes
        ]

    def _place(self, number: int) -> int:
        return number % len(self._stored)

    def target(self, number: int) -> str:
        return self._targets[number // len(self._stored)]

    def target_url(self, number: int) -> str:
        return ""

    def domains(self, number: int) -> int:
        return 1

    def make(self, number: int, row: Backlink, relevance: float | None) -> Task:
        names = sorted(self._of.rivals[self._place(number)])
        evidence = f"a followed link in its text leads to {', '.join(names)}: {quoted(row.anchor)}"
        task = self._task(row, "Offer a page that is worth a link", evidence, 1, relevance)
        return with_values(task, target=self.target(number), target_url="", links=len(names))


def _homes(target: str) -> Iterator[str]:
    """Yields the registrable domains of a target."""
    return (urls.registrable_domain(place.host) for place in Target.parse(target).places)


def quoted(anchor: str) -> str:
    """Returns the beginning of an anchor in quotation marks."""
    return f"“{anchor[:100]}”" if anchor else "without anchor text"
