"""Tasks from an object for each link: the simple way, with which the one that reads columns is compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from backlinkbot import urls
from backlinkbot.extract.link import MENTION, SAME_DOMAIN
from backlinkbot.history.observation import key_of
from backlinkbot.items import Backlink, CheckedClaim, LinkState, Reason
from backlinkbot.items.columns import with_values
from backlinkbot.reports.disavowing.advice import SCHEME, Advice, Need
from backlinkbot.reports.disavowing.disavow import Entry, domain_entry
from backlinkbot.reports.page.figures import BROKEN, STANDING
from backlinkbot.reports.page.labels import ANSWERS
from backlinkbot.reports.quality.markers import DomainMarks, marks
from backlinkbot.reports.quality.profile import Profile, relevance
from backlinkbot.reports.todo.choosing import Choice
from backlinkbot.reports.todo.claims import false_claims
from backlinkbot.reports.todo.contacts import contact
from backlinkbot.reports.todo.redirects import LinkedAddress, LivingPages
from backlinkbot.reports.todo.tasks import Task, TaskKind, rank
from backlinkbot.targets import Target

_LOST: Final = {
    Reason.REMOVED_FROM_PAGE.value: ("Ask for the link back", "the link was removed from the page"),
    Reason.PAGE_GONE.value: ("Ask for a link from the page that took its place", "the page is gone"),
    Reason.PAGE_REDIRECTED.value: ("Ask for the link on the page that it redirects to", "the page redirects elsewhere"),
}
"""Reason of a loss -> what to do, and what was found."""
_PAID_OR_WRITTEN_BY_VISITORS: Final = frozenset({"sponsored", "ugc"})
_NOT_EDITORIAL: Final = frozenset(
    {"comment", "forum", "directory", "guest_post", "press_release", "sponsored_label", "badge"}
)
"""The kinds of links that no editor has set (``link_kind``)."""
BRAND: Final = "brand"
_UNSEEN: Final = frozenset({"hidden", "crawler_only"})


@dataclass(slots=True)
class _Linked:
    """What is known of one linked address of the target."""

    words: LinkedAddress
    links: int = 0
    followed: int = 0
    domains: set[str] = field(default_factory=set)
    asked_at: str = ""
    state: str = ""
    status: int | None = None
    final_url: str = ""


class Collector:
    """Collects tasks from rows; all rows are added before the tasks are read."""

    def __init__(self, profile: Profile, competitors: Collection[str] = ()) -> None:
        """Takes what rows are compared with, and the names of the targets that are competitors."""
        self._profile = profile
        self._competitors = frozenset(competitors)
        self._lost: dict[tuple[str, str, str], tuple[Task, str]] = {}
        """Target, page and linked address -> the task and the link's anchor."""
        self._mentions: dict[tuple[str, str], Task] = {}
        self._rivals: dict[str, tuple[Backlink, set[str]]] = {}
        self._linked: dict[tuple[str, str], _Linked] = defaultdict(lambda: _Linked(LinkedAddress("")))
        self._advice: dict[str, Advice] = defaultdict(Advice)
        self._marks: dict[tuple[str, str], DomainMarks] = defaultdict(DomainMarks)
        self._linking: set[tuple[str, str]] = set()
        """Target and domain of every link that is not lost."""
        self._pages: set[int] = set()
        """Hashes of target and page of every link that is not lost."""
        self._standing: set[int] = set()
        """Hashes of target, domain, linked address and anchor of every followed link that is not lost."""
        self._targets: set[str] = set()

    def add(self, row: Backlink) -> None:
        """Adds a row."""
        if SAME_DOMAIN in row.flags:
            return
        if row.target in self._competitors:
            self._add_rival(row)
            return
        self._targets.add(row.target)
        if row.state == LinkState.LOST:
            self._add_lost(row)
        elif row.link_type == MENTION:
            key = (row.target, key_of(row.source_url))
            if key not in self._mentions:
                self._mentions[key] = self._mention(row)
        else:
            self._add_live(row)

    def _add_live(self, row: Backlink) -> None:
        page, address = key_of(row.source_url), row.target_url.partition("#")[0]
        self._linking.add((row.target, row.source_domain))
        self._pages.add(hash((row.target, page)))
        if row.follow:
            self._standing.add(hash((row.target, row.source_domain, key_of(row.target_url), row.anchor)))
        linked = self._linked[row.target, address]
        linked.words.url = address
        linked.words.add(row.anchor)
        linked.links += 1
        linked.followed += bool(row.follow)
        linked.domains.add(row.source_domain)
        if row.target_state and row.fetched_at >= linked.asked_at:
            linked.asked_at, linked.state = row.fetched_at, row.target_state
            linked.status, linked.final_url = row.target_status, row.target_final_url
        found = marks(row, self._profile, SCHEME)
        self._advice[row.target].add(row, found)
        if found:
            self._marks[row.target, row.source_domain].add(row, found)

    # --- lost links ---

    def _add_lost(self, row: Backlink) -> None:
        if not row.follow or row.lost_reason not in _LOST:
            return
        key = (row.target, key_of(row.source_url), key_of(row.target_url))
        if key not in self._lost or row.placement == "content" != self._lost[key][0].placement:
            self._lost[key] = (self._lost_link(row), row.anchor)

    def _lost_link(self, row: Backlink) -> Task:
        action, why = _LOST[row.lost_reason]
        evidence = f"{why}; a visit saw it last on {row.last_seen[:10]}: {_quoted(row.anchor)}"
        if not row.indexable:
            evidence += "; the page was not indexable"
        return self._of_link(row, TaskKind.LOST_LINK, action, evidence, since=row.last_seen)

    def _lost_links(self) -> Iterator[Task]:
        for (target, page, address), (task, anchor) in self._lost.items():
            if hash((target, task.domain, address, anchor)) in self._standing:
                continue  # it stands on another page of the domain: the page moved, or its list went on
            is_last = (target, task.domain) not in self._linking
            still = hash((target, page)) in self._pages
            evidence = task.evidence + ("; no other page of the domain links to you" if is_last else "")
            evidence += "; the page still links to another address of yours" if still else ""
            yield with_values(task, domains=int(is_last), evidence=evidence)

    # --- broken targets ---

    def _broken_targets(self) -> Iterator[Task]:
        living: dict[str, LivingPages] = {}
        for (target, address), linked in self._linked.items():
            if linked.state not in BROKEN:
                continue
            if target not in living:
                living[target] = LivingPages(self._living(target))
            nearest = living[target].nearest(linked.words)
            yield self._broken(target, address, linked, nearest)

    def _living(self, target: str) -> Iterator[LinkedAddress]:
        """Yields the addresses of a target that answered with a page; of a redirect, the address that it leads to."""
        found: dict[str, LinkedAddress] = {}
        for (of, address), linked in self._linked.items():
            if of != target or linked.state not in STANDING:
                continue
            url = (linked.final_url or address).partition("#")[0]
            if _domain(url) == _domain(address):
                one = found.setdefault(url, LinkedAddress(url))
                one.anchors |= linked.words.anchors
        yield from found.values()

    @staticmethod
    def _broken(target: str, address: str, linked: _Linked, nearest: str) -> Task:
        status = f" (status {linked.status})" if linked.status else ""
        many = f"{_count(linked.links, 'link')} from {_count(len(linked.domains), 'domain')}"
        return Task(
            kind=TaskKind.BROKEN_TARGET,
            action=f"Redirect it to {nearest}" if nearest else "Redirect it to the page that took its place",
            page=address,
            domain=_domain(address),
            target=target,
            suggestion=nearest,
            evidence=f"it answers: {ANSWERS[linked.state]}{status}; {many}, {linked.followed} followed",
            since=linked.asked_at,
            domains=len(linked.domains),
            links=linked.links,
            follow=linked.followed > 0,
            contact="you",
        )

    # --- mentions and competitors ---

    def _mention(self, row: Backlink) -> Task:
        printed = _quoted(row.anchor) if BRAND in row.flags else row.target_url
        return self._of_link(
            row, TaskKind.MENTION, "Ask to link the mention", f"the page prints {printed} without a link to you"
        )

    def _unlinked(self) -> Iterator[Task]:
        for (target, page), task in self._mentions.items():
            if hash((target, page)) not in self._pages:
                yield with_values(task, domains=int((target, task.domain) not in self._linking))

    def _add_rival(self, row: Backlink) -> None:
        if row.state == LinkState.LOST or not _is_editorial(row):
            return
        _, names = self._rivals.setdefault(key_of(row.source_url), (row, set()))
        names.add(row.target)

    def _competitor_links(self) -> Iterator[Task]:
        homes = {home for name in self._targets | self._competitors for home in _homes(name)}
        for target in sorted(self._targets):
            for row, names in self._rivals.values():
                if (target, row.source_domain) in self._linking or row.source_domain in homes:
                    continue
                evidence = f"a followed link in its text leads to {', '.join(sorted(names))}: {_quoted(row.anchor)}"
                ours = with_values(row, target=target)
                task = self._of_link(ours, TaskKind.COMPETITOR_LINK, "Offer a page that is worth a link", evidence)
                yield with_values(task, domains=1, target_url="", links=len(names))

    # --- link schemes ---

    def _disavowals(self) -> Iterator[Task]:
        for target, advice in self._advice.items():
            if advice.need is not Need.PERHAPS:
                continue
            for domain in sorted(advice.schemed_domains()):
                if not isinstance(domain_entry(domain), Entry):
                    continue
                found = self._marks[target, domain].marks()
                yield Task(
                    kind=TaskKind.DISAVOW,
                    action="Read its pages; disavow it only if the links were bought or built",
                    page=domain,
                    domain=domain,
                    target=target,
                    evidence="; ".join(f"{mark.marker} ({mark.evidence})" for mark in found),
                    follow=True,
                    contact="",
                )

    # --- all ---

    def tasks(self) -> Iterator[Task]:
        """Yields the tasks in no particular order, without their authority."""
        yield from self._lost_links()
        yield from self._broken_targets()
        yield from self._unlinked()
        yield from self._competitor_links()
        yield from self._disavowals()

    @property
    def targets(self) -> frozenset[str]:
        """The targets of the rows, without the competitors."""
        return frozenset(self._targets)

    def _of_link(self, row: Backlink, kind: TaskKind, action: str, evidence: str, *, since: str = "") -> Task:
        return Task(
            kind=kind,
            action=action,
            page=row.source_url,
            domain=row.source_domain,
            target=row.target,
            target_url=row.target_url,
            evidence=evidence,
            since=since or row.last_seen or row.fetched_at,
            follow=row.follow,
            placement=row.placement,
            links_beside=row.external_links,
            relevance=relevance(row, self._profile),
            contact=contact(row),
        )


def _is_editorial(row: Backlink) -> bool:
    """True if an editor seems to have set the link: followed, on an indexable page, in its text, seen by its readers."""
    return (
        bool(row.follow)
        and row.indexable
        and row.placement == "content"
        and _PAID_OR_WRITTEN_BY_VISITORS.isdisjoint(map(str.lower, row.rel))
        and _NOT_EDITORIAL.isdisjoint(row.link_kind)
        and _UNSEEN.isdisjoint(row.flags)
    )


def _homes(target: str) -> Iterator[str]:
    """Yields the registrable domains of a target."""
    return (urls.registrable_domain(place.host) for place in Target.parse(target).places)


def _domain(address: str) -> str:
    url = urls.parse(address)
    return urls.registrable_domain(url.hostname) if url is not None else ""


def _quoted(anchor: str) -> str:
    return f"“{anchor[:100]}”" if anchor else "without anchor text"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def reference_tasks(
    rows: Collection[Backlink],
    *,
    claims: Iterable[CheckedClaim] = (),
    competitors: Collection[str] = (),
    authority: Callable[[Collection[str]], Mapping[str, float]] = lambda _: {},
    chosen: Choice,
) -> list[tuple[TaskKind, list[Task], int]]:
    """Of each kind the tasks that are shown, and the number of all with the wanted status."""
    profile = Profile([row for row in rows if row.state != LinkState.LOST and SAME_DOMAIN not in row.flags])
    collector = Collector(profile, competitors)
    for row in rows:
        collector.add(row)
    found: dict[TaskKind, list[Task]] = defaultdict(list)
    for task in collector.tasks():
        found[TaskKind(task.kind)].append(task)
    known = authority({task.domain for of_kind in found.values() for task in of_kind})
    for kind, of_kind in found.items():
        if kind is not TaskKind.BROKEN_TARGET:
            of_kind[:] = [with_values(task, authority=known.get(task.domain)) for task in of_kind]
        of_kind.sort(key=rank)
    lost = {(task.target, task.subject.page_key) for task in found[TaskKind.LOST_LINK]}
    found[TaskKind.FALSE_CLAIM] = list(false_claims(claims, collector.targets, lambda _: lost))
    shown = {kind: chosen.of(found[kind]) for kind in TaskKind}
    return [(kind, *shown[kind]) for kind in TaskKind if shown[kind][1]]
