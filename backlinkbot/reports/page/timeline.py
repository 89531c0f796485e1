"""Backlinks and referring domains by week, from the times when links were first seen, lost and restored."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from math import inf
from typing import TYPE_CHECKING, Final

from backlinkbot.items import ChangeKind, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.items import Change
    from backlinkbot.reports.page.link_batch import LinkBatch

_EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
"""No visit can be older; an earlier time is an error and would stretch the chart."""
_TOLERANCE: Final = timedelta(days=1)
"""How far another machine's clock may be ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The state at the end of a week, and the changes in it."""

    start: date
    """Its Monday."""
    backlinks: int
    domains: int
    new: int
    """The number of links found for the first time, or again."""
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The changes in a number of days."""

    days: int
    new: int
    lost: int
    is_everything: bool
    """True if the history does not reach further back."""


def moment(text: str, *, before: datetime) -> datetime | None:
    """Parses a time of a row, as UTC; None if it is empty or impossible."""
    found = _parsed(text)
    return found if found is not None and _EARLIEST <= found <= before + _TOLERANCE else None


def seconds(text: str) -> int:
    """Returns the seconds since 1970 of a time of a row; 0 if it is empty or impossible."""
    found = _parsed(text)
    return int(found.timestamp()) if found is not None else 0


@lru_cache(maxsize=10_000)  # the rows of a run have few times
def _parsed(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class Timeline:
    """Computes the number of backlinks over time from the changes and then from each backlink, once."""

    def __init__(self, *, at: datetime, recent_days: int) -> None:
        self._at = at
        self._days = recent_days
        self._since = (at - timedelta(days=recent_days)).timestamp()
        self.earliest: Final = _EARLIEST.timestamp()
        """The seconds since 1970 of the earliest possible time."""
        self.latest: Final = (at + _TOLERANCE).timestamp()
        self._gaps: dict[int, list[tuple[int, ChangeKind]]] = defaultdict(list)
        """Hash of a link's identity -> when it was lost and restored."""
        self._events = array("q")
        """Week, domain, and 1 for a loss, in one number each."""
        self._recent: Counter[bool] = Counter()
        """True, for losses, and False -> their number in the last days."""
        self._first: float = inf
        self._last = 0

    @property
    def has_gaps(self) -> bool:
        """True if links were lost or restored."""
        return bool(self._gaps)

    def note(self, change: Change) -> None:
        """Records when a link was lost or restored; when it was new is taken from its row."""
        when = moment(change.at, before=self._at)
        if change.reason is Reason.TARGET_CHANGED:  # one link before and after
            before = self._gaps.pop(_identity(change.target, change.source_url, change.before), [])
            self._gaps[_identity(change.target, change.source_url, change.target_url)] += before
        if when is not None and change.kind in {ChangeKind.LOST, ChangeKind.RESTORED}:
            link = _identity(change.target, change.source_url, change.target_url)
            self._gaps[link].append((int(when.timestamp()), change.kind))

    def add(self, batch: LinkBatch, targets: Sequence[str], domains: Sequence[int], is_lost: Sequence[bool]) -> None:
        """Counts backlinks, live or lost; skips those without ``first_seen``.

        Args:
            batch: the links.
            targets: the target of each.
            domains: the number of each link's domain.
            is_lost: whether each is lost.
        """
        earliest, latest, since, gaps, add = self.earliest, self.latest, self._since, self._gaps, self._events.append
        self._last = max(self._last, max((at for at in batch.fetched_seconds if earliest <= at <= latest), default=0))
        found = zip(domains, batch.first_seconds, batch.last_seconds, is_lost, strict=True)
        for at, (domain, first, last, lost) in enumerate(found):
            if not earliest <= first <= latest:
                continue
            seen = last if earliest <= last <= latest else first
            known: Iterable[tuple[int, ChangeKind]] = ()
            if gaps:
                known = gaps.get(_identity(targets[at], batch.source_urls[at], batch.target_urls[at]), ())
            events = _events_in_time(first, seen, known, is_lost=lost) if known or lost else ((first, False),)
            for when, is_loss in events:
                add((when // _DAY + _THURSDAY) // 7 << _WEEK_BITS | domain << 1 | is_loss)
                if when >= since:
                    self._recent[is_loss] += 1
            self._first = min(self._first, first)

    def weeks(self) -> tuple[Week, ...]:
        """Returns every week from the first with data to that of the last visit, without gaps."""
        if not self._events:
            return ()
        weeks: list[Week] = []
        live: Counter[int] = Counter()
        backlinks = domains = 0
        last = (self._last // _DAY + _THURSDAY) // 7
        following = None
        for week, of_week in groupby(sorted(self._events), lambda event: event >> _WEEK_BITS):
            while following is not None and following < week:
                weeks.append(Week(start=_day_of(following), backlinks=backlinks, domains=domains, new=0, lost=0))
                following += 1
            new = lost = 0
            for domain, of_domain in groupby(of_week, lambda event: (event & _REST) >> 1):
                was_live = live[domain] > 0
                for event in of_domain:
                    if event & 1:
                        lost += 1
                        live[domain] -= 1
                    else:
                        new += 1
                        live[domain] += 1
                domains += (live[domain] > 0) - was_live
            backlinks += new - lost
            weeks.append(Week(start=_day_of(week), backlinks=backlinks, domains=domains, new=new, lost=lost))
            following = week + 1
        while following is not None and following <= last:
            weeks.append(Week(start=_day_of(following), backlinks=backlinks, domains=domains, new=0, lost=0))
            following += 1
        return tuple(weeks)

    def recent(self) -> Period | None:
        """Returns the changes of the last days; None if no row says when it was first seen."""
        if not self._events:
            return None
        return Period(
            days=self._days,
            new=self._recent[False],
            lost=self._recent[True],
            is_everything=self._first >= self._since,
        )


_DAY: Final = 24 * 60 * 60
"""Seconds."""
_THURSDAY: Final = 3
"""The weekday of the first day of 1970, from Monday on."""
_WEEK_BITS: Final = 41
"""Where the number of a week begins in such a number."""
_REST: Final = (1 << _WEEK_BITS) - 1


def _day_of(week: int) -> date:
    """Returns the Monday of a week, which is numbered from that of 1970 on."""
    return date(1970, 1, 1) + timedelta(days=7 * week - _THURSDAY)


def _events_in_time(
    first: int, seen: int, known: Iterable[tuple[int, ChangeKind]], *, is_lost: bool
) -> Iterator[tuple[int, bool]]:
    """Yields when the link was found (False), lost (True) and found again, alternating, and ending in the row's state."""
    events = [(first, False), *((max(when, first), kind is ChangeKind.LOST) for when, kind in sorted(known))]
    if not is_lost and events[-1][1]:
        events.pop()  # the row is newer than the changes
    elif is_lost and not events[-1][1]:
        events.append((max(seen, events[-1][0]), True))
    yield events[0]
    for (_, previous), event in pairwise(events):
        if previous is not event[1]:
            yield event


def _identity(target: str, source_url: str, target_url: str) -> int:
    return hash((target, source_url, target_url.partition("#")[0]))
