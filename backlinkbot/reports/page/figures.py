"""The numbers of a report: backlinks and changes in, figures out, in one pass over the rows.

A backlink counts while nothing says that it is lost; a link from a target's own page is none. Days and weeks are UTC's,
and weeks begin on Monday.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from backlinkbot.items import ChangeKind, LinkState
from backlinkbot.reports.breakdowns import BREAKDOWNS, Share
from backlinkbot.reports.page.timeline import Period, Timeline, Week, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from backlinkbot.items import Backlink, Change
    from backlinkbot.reports.anchors import AnchorKind, AnchorReader

T = TypeVar("T")

LONGEST_TABLE: Final = 1_000
"""Rows; a page with more is slow, and nobody reads them."""
RECENT_DAYS: Final = 30
SAME_DOMAIN: Final = "same_domain"
"""The flag of a link from a target's own page."""
MENTION: Final = "mention"
"""The type of what is printed and not linked."""
BROKEN: Final = frozenset({"broken", "soft_404", "redirected_home", "suspended", "parked"})
"""What the answer of a linked address may be where a link to it leads nowhere, or not to its page."""
STANDING: Final = frozenset({"ok", "redirected"})
"""What it may be where it leads to a page. All else could not be checked, and is neither."""


@dataclass(frozen=True, slots=True)
class Top(Generic[T]):
    """The first rows of a table, and how many there are in all."""

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
    """Of the links, those of a kind that passes a vote; ``follow`` is a part of them."""


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
    """None where no ranks are given, or none for this domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPage:
    """One address that backlinks lead to, without its fragment."""

    url: str
    backlinks: int
    domains: int
    follow: int
    voting: int
    status: int | None
    """What the address answers; None where nobody asked, or nothing answered."""
    state: str
    """The same in a word (``target_state``); empty where nobody asked."""
    final_url: str
    """Where it ends; empty where nobody asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a backlink."""

    at: str
    kind: str
    """A :class:`ChangeKind`."""
    reason: str
    """Empty where the rows do not say."""
    source_url: str
    target_url: str
    anchor: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that a report says."""

    at: datetime
    """When it was made."""
    targets: tuple[str, ...]
    backlinks: int
    domains: int
    pages: int
    follow: int
    voting: int
    """Those of a kind that passes a vote: no frames, redirects, canonicals."""
    indexable: int
    passing: int
    """Followed, on an indexable page."""
    lost: int
    """Rows that are lost; they count in the weeks and events, and nowhere else."""
    unconfirmed: int
    """Those of the backlinks whose page could not be checked since a visit showed them."""
    own: int
    """Rows from the targets' own pages, left out."""
    mentions: int
    """Rows of what is printed and not linked, left out."""
    first_visit: str
    last_visit: str
    recent: Period | None
    """None without a history."""
    weeks: tuple[Week, ...]
    """Empty without a history."""
    breakdowns: Mapping[str, tuple[Share, ...]]
    """Name in :data:`BREAKDOWNS` -> its bars, the largest first; none where no row says anything."""
    anchors: Top[Anchor]
    referring: Top[Domain]
    linked: Top[LinkedPage]
    broken: Top[LinkedPage]
    unchecked: Top[LinkedPage]
    """Those that somebody asked, and of which nobody knows what stands there."""
    asked: int
    """How many of the linked addresses somebody asked."""
    events: Top[Event]
    links: Top[Backlink]
    """The newest first."""


# --- one pass ---------------------------------------------------------------------------------------------------------


class _LinkCounts:
    """Some backlinks counted: how many, how many followed, from which domains and pages."""

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


class _Newest(Generic[T]):
    """The entries with the greatest keys, of any number; of equal ones those that came first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._numbers = count()
        self._heap: list[tuple[str, int, T]] = []
        self._total = 0

    def add(self, key: str, entry: T) -> None:
        self._total += 1
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
    """Count the rows, each once.

    Args:
        rows: in any order, lost ones too.
        changes: what the history says has happened; None where there is none, so that the rows have to do.
        reader: tells the kinds of anchors.
        at: now, to which "lately" refers.
        targets: those that were looked for, also if there is no row of theirs.
        authority: takes the referring domains, gives the authority of those that it knows.
        limit: the longest table.
    """
    counting = _Counting(reader, at, targets, limit)
    for change in changes or ():
        counting.note(change)
    for row in rows:
        counting.add(row, has_changes=changes is not None)
    return counting.figures(authority(counting.domains))


class _Counting:
    """What :func:`figures` holds while the rows pass."""

    def __init__(self, reader: AnchorReader, at: datetime, targets: Iterable[str], limit: int) -> None:
        self._reader = reader
        self._at = at
        self._timeline = Timeline(at=at, recent_days=RECENT_DAYS)
        self._limit = limit
        self._all = _LinkCounts()
        self._indexable = self._passing = self._unconfirmed = self._lost = self._own = self._mentions = 0
        self._targets: dict[str, None] = dict.fromkeys(targets)
        self._first = self._last = ""
        self._bars: dict[str, dict[str, _LinkCounts]] = {name: defaultdict(_LinkCounts) for name in BREAKDOWNS}
        self._anchors: dict[tuple[str, AnchorKind], _LinkCounts] = defaultdict(_LinkCounts)
        self.domains: dict[str, _LinkCounts] = defaultdict(_LinkCounts)
        self._linked: dict[str, _LinkCounts] = defaultdict(_LinkCounts)
        self._links: _Newest[Backlink] = _Newest(limit)
        self._events: _Newest[Event] = _Newest(limit)

    def note(self, change: Change) -> None:
        """Remember a change; all come before the rows."""
        self._timeline.note(change)
        self._events.add(change.at, _event(change))

    def add(self, row: Backlink, *, has_changes: bool) -> None:
        """Count a row where it belongs."""
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
                self._events.add(event.at, event)
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
        for name, bars_of in BREAKDOWNS.items():
            for bar in bars_of(row, kind):
                self._bars[name][bar].add(row)
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
        self._links.add(row.first_seen, row)

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
            breakdowns={name: _shares(bars) for name, bars in self._bars.items()},
            anchors=self._cut(self._anchor_rows()),
            referring=self._cut(self._domain_rows(authority)),
            linked=self._cut(linked),
            broken=self._cut(page for page in linked if page.state in BROKEN),
            unchecked=self._cut(page for page in linked if page.state and page.state not in BROKEN | STANDING),
            asked=sum(bool(page.state) for page in linked),
            events=self._events.top(),
            links=self._links.top(),
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
    """What a row tells of its past by itself: when it came and, if so, that it went after it was last seen."""
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
