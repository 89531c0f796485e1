"""Computes the numbers of a report in one pass over the rows.

Backlinks are rows that are not lost and not from a target's own page. Days and weeks are in UTC, and weeks begin on
Monday.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from operator import attrgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from backlinkbot.extract.link import MENTION, SAME_DOMAIN
from backlinkbot.items import ChangeKind, LinkState
from backlinkbot.reports.breakdowns import BREAKDOWNS, NO_KIND, Share
from backlinkbot.reports.page.link_batch import ALIKE, LinkBatch
from backlinkbot.reports.page.tallies import Newest, Tallies
from backlinkbot.reports.page.timeline import Period, Timeline, Week, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from backlinkbot.items import Backlink, Change
    from backlinkbot.reports.anchors import AnchorKind, AnchorReader
    from backlinkbot.reports.page.tallies import LinkSums, Tally

T = TypeVar("T")

LONGEST_TABLE: Final = 1_000
"""Most rows of a table; a longer one makes the page slow."""
RECENT_DAYS: Final = 30
_STEP, _STEPS = 20, 5
"""The width and number of the steps of authority, which is from 0 to 100."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportScope:
    """The scope of a report, and how it is computed."""

    reader: AnchorReader
    """Classifies the anchors."""
    at: datetime
    """The current time."""
    targets: Iterable[str] = ()
    """Those of the report, even without links."""
    authority: Callable[[Iterable[str]], Mapping[str, float]] = lambda _: {}
    """Maps referring domains to their authority, as far as known."""
    limit: int = LONGEST_TABLE
    """The rows of the longest table."""


def figures(rows: Iterable[Backlink], changes: Iterable[Change] | None = None, **scope: Any) -> Figures:
    """Counts the rows, each once.

    Args:
        rows: in any order, with lost ones.
        changes: from the history; None without a history, so that the rows alone are used.
        scope: the fields of :class:`ReportScope`.
    """
    about = ReportScope(**scope)
    timeline = Timeline(at=about.at, recent_days=RECENT_DAYS)
    events: Newest[Event] = Newest(about.limit)
    for change in changes or ():
        if not change.is_mention:
            timeline.note(change)
            events.add(change.at, event_of(change))
    tallies = Tallies(about.reader, timeline, _shared_row, str, about.limit)
    remaining = iter(rows)
    while chunk := list(islice(remaining, _AT_ONCE)):
        tallies.add(_batch(chunk))
        if changes is None:
            for row in chunk:
                for event in _events_of(row):
                    events.add(event.at, event)
    return figures_of(about, tallies, timeline, Top(events.top(), events.total), tallies.newest.top())


_AT_ONCE: Final = 5_000
"""Rows that are counted at a time."""
_shared_values_of: Final = attrgetter(*ALIKE)


def _shared_row(values: Sequence[Any]) -> Any:
    return SimpleNamespace(**dict(zip(ALIKE, values, strict=True)))


def _batch(rows: Sequence[Backlink]) -> LinkBatch:
    first_seen, fetched_at = [row.first_seen for row in rows], [row.fetched_at for row in rows]
    return LinkBatch(
        alike=list(map(_shared_values_of, rows)),
        domains=[row.source_domain for row in rows],
        anchors=[row.anchor for row in rows],
        target_urls=[row.target_url for row in rows],
        final_urls=[row.target_final_url for row in rows],
        unconfirmed=[row.unconfirmed_since for row in rows],
        pages=[hash(row.source_url) for row in rows],
        first_seen=first_seen,
        fetched_at=fetched_at,
        first_seconds=list(map(seconds, first_seen)),
        fetched_seconds=list(map(seconds, fetched_at)),
        last_seconds=[seconds(row.last_seen) for row in rows],
        source_urls=[row.source_url for row in rows],
        links=rows,
    )


# --- the figures ------------------------------------------------------------------------------------------------------


def figures_of(
    about: ReportScope, tallies: Tallies, timeline: Timeline, events: Top[Event], links: tuple[Backlink, ...]
) -> Figures:
    """Returns the figures of the links that were tallied."""
    sums = tallies.sums()
    authority = about.authority(sums.domains)
    counted = [of for of in tallies.shared.values() if not (of.is_own or of.is_mention)]
    live = [of for of in counted if not of.is_lost]
    return Figures(
        at=about.at,
        targets=tuple(dict.fromkeys((*about.targets, *(of.row.target for of in counted)))),
        backlinks=sum(of.links for of in live),
        domains=len(sums.domains),
        follow_domains=sum(domain.follow > 0 for domain in sums.domains.values()),
        pages=sum(sums.pages.values()),
        follow=sum(of.links for of in live if of.row.follow),
        voting=sum(of.links for of in live if of.row.follow is not None),
        indexable=sum(of.links for of in live if of.row.indexable),
        passing=sum(of.links for of in live if of.row.follow and of.row.indexable),
        lost=sum(of.links for of in counted if of.is_lost),
        unconfirmed=tallies.unconfirmed,
        own=sum(of.links for of in tallies.shared.values() if of.is_own),
        mentions=sum(of.links for of in tallies.shared.values() if of.is_mention),
        first_visit=tallies.time_text(tallies.first_visit or ""),
        last_visit=tallies.time_text(tallies.last_visit or ""),
        recent=timeline.recent(),
        weeks=timeline.weeks(),
        breakdowns={name: _shares(name, sums) for name in BREAKDOWNS},
        authority=_authority_shares(sums, authority),
        anchors=_anchors(sums, about.limit),
        referring=_referring(sums, authority, about.limit),
        linked=_linked(sums, about.limit),
        broken=_linked(sums, about.limit, lambda state: state in BROKEN),
        unchecked=_linked(sums, about.limit, lambda state: bool(state) and state not in BROKEN | STANDING),
        asked=len(sums.answers),
        events=events,
        links=Top(links, tallies.newest.total),
    )


def _authority_shares(sums: LinkSums, authority: Mapping[str, float]) -> tuple[Share, ...]:
    """Returns the domains by steps of authority, the highest first, and then those whose authority is not known."""
    found: dict[int, list[Tally]] = defaultdict(list)
    for name, of in sums.domains.items():
        known = authority.get(name)
        found[-1 if known is None else min(int(known // _STEP), _STEPS - 1)].append(of)
    if found.keys() <= {-1}:
        return ()
    names = {-1: "not known"} | {step: f"{step * _STEP} to {(step + 1) * _STEP}" for step in range(_STEPS)}
    return tuple(
        Share(name=names[step], backlinks=sum(of.links for of in found[step]), domains=len(found[step]))
        for step in sorted(found, reverse=True)
    )


def _anchors(sums: LinkSums, limit: int) -> Top[Anchor]:
    first = nsmallest(limit, sums.anchors.items(), key=lambda one: (-one[1].domains, -one[1].links, one[0][0]))
    rows = (
        Anchor(text=text, kind=kind, backlinks=of.links, domains=of.domains, follow=of.follow, voting=of.voting)
        for (text, kind), of in first
    )
    return Top(tuple(rows), len(sums.anchors))


def _referring(sums: LinkSums, authority: Mapping[str, float], limit: int) -> Top[Domain]:
    first = nsmallest(
        limit, sums.domains.items(), key=lambda one: (-(authority.get(one[0]) or 0), -one[1].links, one[0])
    )
    rows = (
        Domain(
            name=name,
            backlinks=of.links,
            pages=sums.pages[name],
            follow=of.follow,
            voting=of.voting,
            first_seen=sums.first_seen.get(name, ""),
            authority=authority.get(name),
        )
        for name, of in first
    )
    return Top(tuple(rows), len(sums.domains))


def _linked(sums: LinkSums, limit: int, is_wanted: Callable[[str], bool] = lambda _: True) -> Top[LinkedPage]:
    """Returns the linked addresses whose state is wanted."""
    wanted = {url: of for url, of in sums.linked.items() if is_wanted(sums.answers.get(url, _NO_ANSWER)[0])}
    first = nsmallest(limit, wanted.items(), key=lambda one: (-one[1].domains, -one[1].links, one[0]))
    return Top(tuple(_linked_page(url, of, sums.answers.get(url, _NO_ANSWER)) for url, of in first), len(wanted))


_NO_ANSWER: Final = ("", "", None)


def _linked_page(url: str, of: Tally, answer: tuple[str, str, int | None]) -> LinkedPage:
    state, final_url, status = answer
    return LinkedPage(
        url=url,
        backlinks=of.links,
        domains=of.domains,
        follow=of.follow,
        voting=of.voting,
        status=status,
        state=state,
        final_url=final_url,
    )


def _shares(name: str, sums: LinkSums) -> tuple[Share, ...]:
    bars = {bar: of for (breakdown, bar), of in sums.bars.items() if breakdown == name}
    if bars.keys() <= {NO_KIND}:
        return ()
    shares = (Share(name=bar, backlinks=of.links, domains=of.domains) for bar, of in bars.items())
    return tuple(sorted(shares, key=lambda share: (-share.backlinks, share.name)))


def event_of(change: Change) -> Event:
    """Returns a change as an event."""
    names = ("at", "kind", "reason", "source_url", "target_url", "anchor", "before", "after")
    return Event(**{name: str(getattr(change, name)) for name in names})


def _events_of(row: Backlink) -> Iterator[Event]:
    """Yields the events that a row implies: when it was first seen and, if it is lost, when it was last seen."""
    if SAME_DOMAIN in row.flags or row.link_type == MENTION:
        return
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
