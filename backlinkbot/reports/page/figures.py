"""Computes the numbers of a report in one pass over the rows.

Backlinks are rows that are not lost and not from a target's own page. Days and weeks are in UTC, and weeks begin on
Monday.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from backlinkbot.items import ChangeKind, LinkState
from backlinkbot.reports.breakdowns import ALIKE, BREAKDOWNS, NO_KIND, TLDS, Share, top_level
from backlinkbot.reports.page.timeline import Period, Timeline, Week, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from backlinkbot.items import Backlink, Change
    from backlinkbot.reports.anchors import AnchorKind, AnchorReader

T = TypeVar("T")

LONGEST_TABLE: Final = 1_000
"""Most rows of a table; a longer one makes the page slow."""
RECENT_DAYS: Final = 30
_STEP, _STEPS = 20, 5
"""The width and number of the steps of authority, which is from 0 to 100."""
SAME_DOMAIN: Final = "same_domain"
"""The flag of a link from a target's own page."""
MENTION: Final = "mention"
"""The link type of an address that is printed and not linked."""
BROKEN: Final = frozenset({"broken", "soft_404", "redirected_home", "suspended", "parked"})
"""The target states of links to missing or replaced pages."""
STANDING: Final = frozenset({"ok", "redirected"})
"""The target states of links to pages. All other states could not be checked."""


@dataclass(frozen=True, slots=True)
class Top(Generic[T]):
    """The first rows of a table, and the number of all."""

    rows: tuple[T, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One anchor, as written."""

    text: str
    kind: AnchorKind
    backlinks: int
    domains: int
    follow: int
    voting: int
    """The number of links of a kind that passes a vote; ``follow`` counts a part of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One referring domain."""

    name: str
    backlinks: int
    pages: int
    follow: int
    voting: int
    first_seen: str
    """Empty without a history."""
    authority: float | None
    """None if no ranks are given, or none for this domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPage:
    """One address that backlinks lead to, without its fragment."""

    url: str
    backlinks: int
    domains: int
    follow: int
    voting: int
    status: int | None
    """The status of the address; None if it was not requested or did not answer."""
    state: str
    """The ``target_state``; empty if the address was not requested."""
    final_url: str
    """The address after redirects; empty if it was not requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change of a backlink."""

    at: str
    kind: str
    """A :class:`ChangeKind`."""
    reason: str
    """Empty if the rows do not say."""
    source_url: str
    target_url: str
    anchor: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that a report shows."""

    at: datetime
    """When it was made."""
    targets: tuple[str, ...]
    backlinks: int
    domains: int
    follow_domains: int
    """The number of domains with a followed backlink."""
    pages: int
    follow: int
    voting: int
    """The number of links that pass a vote, without frames, redirects, canonicals."""
    indexable: int
    passing: int
    """The number of followed links on indexable pages."""
    lost: int
    """The number of lost rows, which count only in the weeks and events."""
    unconfirmed: int
    """The number of backlinks whose page could not be checked since they were seen."""
    own: int
    """The number of rows from the targets' own pages, left out."""
    mentions: int
    """The number of rows of addresses that are printed and not linked, left out."""
    first_visit: str
    last_visit: str
    recent: Period | None
    """None without a history."""
    weeks: tuple[Week, ...]
    """Empty without a history."""
    breakdowns: Mapping[str, tuple[Share, ...]]
    """Name in :data:`BREAKDOWNS` -> its bars, the largest first; empty if no row has a value."""
    authority: tuple[Share, ...]
    """Referring domains by authority, the highest first; empty if none is known."""
    anchors: Top[Anchor]
    referring: Top[Domain]
    linked: Top[LinkedPage]
    broken: Top[LinkedPage]
    unchecked: Top[LinkedPage]
    """Requested addresses whose state could not be determined."""
    asked: int
    """The number of linked addresses that were requested."""
    events: Top[Event]
    links: Top[Backlink]
    """The newest first."""


# --- one pass ---------------------------------------------------------------------------------------------------------


class _LinkCounts:
    """Counts of some backlinks: all, followed, their domains and pages."""

    __slots__ = ("answer", "asked_at", "backlinks", "domains", "first_seen", "follow", "pages", "voting")

    def __init__(self) -> None:
        self.backlinks = self.follow = self.voting = 0
        self.domains: set[str] = set()
        self.pages: set[int] = set()
        self.first_seen = ""
        self.asked_at = ""
        self.answer: tuple[str, str, int | None] = ("", "", None)

    def add(self, row: Backlink) -> None:
        self.backlinks += 1
        self.follow += bool(row.follow)
        self.voting += row.follow is not None
        self.domains.add(row.source_domain)

    def add_all(self, others: _LinkCounts) -> None:
        """Adds other links: their number and their domains."""
        self.backlinks += others.backlinks
        self.domains |= others.domains


def _itself(entry: T) -> T:
    return entry


class _Newest(Generic[T]):
    """A given number of entries with the greatest keys; equal keys keep their order."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._numbers = count()
        self._heap: list[tuple[str, int, T]] = []
        self._total = 0

    def add(self, key: str, make: Callable[..., T], of: Any) -> None:
        """Adds an entry, which is made only if it is among the newest."""
        self._total += 1
        if len(self._heap) >= self._limit and (not self._heap or key <= self._heap[0][0]):
            return
        entry = make(of)
        push = heapq.heappush if len(self._heap) < self._limit else heapq.heappushpop
        push(self._heap, (key, -next(self._numbers), entry))

    def top(self) -> Top[T]:
        return Top(tuple(entry for _, _, entry in sorted(self._heap, reverse=True)), self._total)


def figures(
    rows: Iterable[Backlink],
    changes: Iterable[Change] | None = None,
    *,
    reader: AnchorReader,
    at: datetime,
    targets: Iterable[str] = (),
    authority: Callable[[Iterable[str]], Mapping[str, float]] = lambda _: {},
    limit: int = LONGEST_TABLE,
) -> Figures:
    """Counts the rows, each once.

    Args:
        rows: in any order, with lost ones.
        changes: from the history; None without a history, so that the rows alone are used.
        reader: classifies the anchors.
        at: the current time.
        targets: those of the report, even without rows.
        authority: maps referring domains to their authority, as far as known.
        limit: the rows of the longest table.
    """
    counting = _Counting(reader, at, targets, limit)
    for change in changes or ():
        counting.note(change)
    for row in rows:
        counting.add(row, has_changes=changes is not None)
    return counting.figures(authority(counting.domains))


class _Counting:
    """The state of :func:`figures` during the pass over the rows."""

    def __init__(self, reader: AnchorReader, at: datetime, targets: Iterable[str], limit: int) -> None:
        self._reader = reader
        self._at = at
        self._timeline = Timeline(at=at, recent_days=RECENT_DAYS)
        self._limit = limit
        self._all = _LinkCounts()
        self._indexable = self._passing = self._unconfirmed = self._lost = self._own = self._mentions = 0
        self._targets: dict[str, None] = dict.fromkeys(targets)
        self._first = self._last = ""
        self._alike: dict[tuple[Any, ...], tuple[Backlink, AnchorKind, _LinkCounts]] = {}
        """What the bars of a link follow from -> one such link, the kind of its anchor, and the counts of all such links."""
        self._anchors: dict[tuple[str, AnchorKind], _LinkCounts] = defaultdict(_LinkCounts)
        self.domains: dict[str, _LinkCounts] = defaultdict(_LinkCounts)
        self._linked: dict[str, _LinkCounts] = defaultdict(_LinkCounts)
        self._links: _Newest[Backlink] = _Newest(limit)
        self._events: _Newest[Event] = _Newest(limit)

    def note(self, change: Change) -> None:
        """Adds a change; all changes come before the rows."""
        self._timeline.note(change)
        self._events.add(change.at, _event, change)

    def add(self, row: Backlink, *, has_changes: bool) -> None:
        """Counts a row."""
        if SAME_DOMAIN in row.flags:
            self._own += 1
            return
        if row.link_type == MENTION:
            self._mentions += 1
            return
        self._targets[row.target] = None
        for visit in (row.first_seen, row.fetched_at):
            if moment(visit, before=self._at) is not None:
                self._first = min(self._first or visit, visit)
                self._last = max(self._last, visit)
        self._timeline.add(row)
        if not has_changes:
            for event in _events_of(row):
                self._events.add(event.at, _itself, event)
        if row.state == LinkState.LOST:
            self._lost += 1
        else:
            self._add_live(row)

    def _add_live(self, row: Backlink) -> None:
        self._all.add(row)
        self._indexable += row.indexable
        self._passing += bool(row.follow) and row.indexable
        self._unconfirmed += bool(row.unconfirmed_since)
        kind = self._reader.kind(row)
        alike = (*ALIKE(row), kind)
        if alike not in self._alike:
            self._alike[alike] = (row, kind, _LinkCounts())
        self._alike[alike][2].add(row)
        if row.follow is not None:
            self._anchors[row.anchor, kind].add(row)
        domain = self.domains[row.source_domain]
        domain.add(row)
        domain.pages.add(hash(row.source_url))
        domain.first_seen = min(filter(None, (domain.first_seen, row.first_seen)), default="")
        linked = self._linked[_without_fragment(row.target_url)]
        linked.add(row)
        if row.target_state and row.fetched_at >= linked.asked_at:
            linked.asked_at = row.fetched_at
            linked.answer = (row.target_state, row.target_final_url, row.target_status)
        self._links.add(row.first_seen, _itself, row)

    def figures(self, authority: Mapping[str, float]) -> Figures:
        linked = sorted(
            (_linked(url, of) for url, of in self._linked.items()),
            key=lambda page: (-page.domains, -page.backlinks, page.url),
        )
        return Figures(
            at=self._at,
            targets=tuple(self._targets),
            backlinks=self._all.backlinks,
            domains=len(self.domains),
            follow_domains=sum(domain.follow > 0 for domain in self.domains.values()),
            pages=sum(len(domain.pages) for domain in self.domains.values()),
            follow=self._all.follow,
            voting=self._all.voting,
            indexable=self._indexable,
            passing=self._passing,
            lost=self._lost,
            unconfirmed=self._unconfirmed,
            own=self._own,
            mentions=self._mentions,
            first_visit=self._first,
            last_visit=self._last,
            recent=self._timeline.recent(),
            weeks=self._timeline.weeks(),
            breakdowns={name: _shares(self._bars(name)) for name in BREAKDOWNS},
            authority=self._authority_shares(authority),
            anchors=self._cut(self._anchor_rows()),
            referring=self._cut(self._domain_rows(authority)),
            linked=self._cut(linked),
            broken=self._cut(page for page in linked if page.state in BROKEN),
            unchecked=self._cut(page for page in linked if page.state and page.state not in BROKEN | STANDING),
            asked=sum(bool(page.state) for page in linked),
            events=self._events.top(),
            links=self._links.top(),
        )

    def _bars(self, name: str) -> dict[str, _LinkCounts]:
        """Returns the counts of each bar of a breakdown."""
        bars: dict[str, _LinkCounts] = defaultdict(_LinkCounts)
        if name == TLDS:
            for domain, of in self.domains.items():
                bars[top_level(domain)].add_all(of)
            return bars
        for row, kind, of in self._alike.values():
            for bar in BREAKDOWNS[name](row, kind):
                bars[bar].add_all(of)
        return bars

    def _authority_shares(self, authority: Mapping[str, float]) -> tuple[Share, ...]:
        """Returns the domains by steps of authority, the highest first, and then those whose authority is not known."""
        found: dict[int, list[_LinkCounts]] = defaultdict(list)
        for name, of in self.domains.items():
            known = authority.get(name)
            found[-1 if known is None else min(int(known // _STEP), _STEPS - 1)].append(of)
        if found.keys() <= {-1}:
            return ()
        names = {-1: "not known"} | {step: f"{step * _STEP} to {(step + 1) * _STEP}" for step in range(_STEPS)}
        return tuple(
            Share(name=names[step], backlinks=sum(of.backlinks for of in found[step]), domains=len(found[step]))
            for step in sorted(found, reverse=True)
        )

    def _cut(self, rows: Iterable[T]) -> Top[T]:
        found = tuple(rows)
        return Top(found[: self._limit], len(found))

    def _anchor_rows(self) -> list[Anchor]:
        rows = (
            Anchor(
                text=text,
                kind=kind,
                backlinks=of.backlinks,
                domains=len(of.domains),
                follow=of.follow,
                voting=of.voting,
            )
            for (text, kind), of in self._anchors.items()
        )
        return sorted(rows, key=lambda anchor: (-anchor.domains, -anchor.backlinks, anchor.text))

    def _domain_rows(self, authority: Mapping[str, float]) -> list[Domain]:
        rows = (
            Domain(
                name=name,
                backlinks=of.backlinks,
                pages=len(of.pages),
                follow=of.follow,
                voting=of.voting,
                first_seen=of.first_seen,
                authority=authority.get(name),
            )
            for name, of in self.domains.items()
        )
        return sorted(rows, key=lambda domain: (-(domain.authority or 0), -domain.backlinks, domain.name))


def _shares(bars: Mapping[str, _LinkCounts]) -> tuple[Share, ...]:
    if bars.keys() <= {NO_KIND}:
        return ()
    shares = (Share(name=name, backlinks=of.backlinks, domains=len(of.domains)) for name, of in bars.items())
    return tuple(sorted(shares, key=lambda share: (-share.backlinks, share.name)))


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


def _linked(url: str, of: _LinkCounts) -> LinkedPage:
    state, final_url, status = of.answer
    return LinkedPage(
        url=url,
        backlinks=of.backlinks,
        domains=len(of.domains),
        follow=of.follow,
        voting=of.voting,
        status=status,
        state=state,
        final_url=final_url,
    )


def _event(change: Change) -> Event:
    names = ("at", "kind", "reason", "source_url", "target_url", "anchor", "before", "after")
    return Event(**{name: str(getattr(change, name)) for name in names})


def _events_of(row: Backlink) -> Iterator[Event]:
    """Yields the events that a row implies: when it was first seen and, if it is lost, when it was last seen."""
    told = [(row.first_seen, ChangeKind.NEW, "")]
    if row.state == LinkState.LOST:
        told.append((row.last_seen, ChangeKind.LOST, row.lost_reason))
    for when, kind, reason in told:
        if when:
            yield Event(
                at=when,
                kind=kind.value,
                reason=reason,
                source_url=row.source_url,
                target_url=row.target_url,
                anchor=row.anchor,
            )
