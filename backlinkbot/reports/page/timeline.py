"""Backlinks and referring domains by week, from the times when links were first seen, lost and restored."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from backlinkbot.items import ChangeKind, LinkState, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.items import Backlink, Change

_EARLIEST: Final = datetime(1995, 1, 1, tzinfo=UTC)
"""No visit can be older; an earlier time is an error and would stretch the chart."""
_TOLERANCE: Final = timedelta(days=1)
"""How far another machine's clock may be ahead."""
_WEEK: Final = timedelta(weeks=1)


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
        self._since = at - timedelta(days=recent_days)
        self._gaps: dict[tuple[str, str, str], list[tuple[datetime, ChangeKind]]] = defaultdict(list)
        self._moves: dict[date, Counter[str]] = defaultdict(Counter)
        self._new: Counter[date] = Counter()
        self._lost: Counter[date] = Counter()
        self._recent: Counter[ChangeKind] = Counter()
        self._first: datetime | None = None
        self._last = date.min

    def note(self, change: Change) -> None:
        """Records when a link was lost or restored; when it was new is taken from its row."""
        when = moment(change.at, before=self._at)
        if change.reason is Reason.TARGET_CHANGED:  # one link before and after
            before = self._gaps.pop((change.target, change.source_url, change.before.partition("#")[0]), [])
            self._gaps[_identity(change)] += before
        if when is not None and change.kind in {ChangeKind.LOST, ChangeKind.RESTORED}:
            self._gaps[_identity(change)].append((when, change.kind))

    def add(self, row: Backlink) -> None:
        """Counts one backlink, live or lost; skips one without ``first_seen``."""
        for when, kind in self._turns(row):
            week = _monday(when)
            self._first = min(self._first or when, when)
            is_loss = kind is ChangeKind.LOST
            self._moves[week][row.source_domain] += -1 if is_loss else 1
            (self._lost if is_loss else self._new)[week] += 1
            if when >= self._since:
                self._recent[kind] += 1
        visited = moment(row.fetched_at, before=self._at)
        if visited is not None:
            self._last = max(self._last, _monday(visited))

    def weeks(self) -> tuple[Week, ...]:
        """Returns every week from the first with data to that of the last visit, without gaps."""
        if not self._moves:
            return ()
        weeks: list[Week] = []
        live: Counter[str] = Counter()
        backlinks = domains = 0
        start, last = min(self._moves), max(self._last, *self._moves)
        while start <= last:
            for domain, move in self._moves.get(start, Counter()).items():
                before = live[domain]
                live[domain] += move
                domains += (live[domain] > 0) - (before > 0)
                backlinks += move
            new, lost = self._new[start], self._lost[start]
            weeks.append(Week(start=start, backlinks=backlinks, domains=domains, new=new, lost=lost))
            start += _WEEK
        return tuple(weeks)

    def recent(self) -> Period | None:
        """Returns the changes of the last days; None if no row says when it was first seen."""
        if not self._moves:
            return None
        new = self._recent[ChangeKind.NEW] + self._recent[ChangeKind.RESTORED]
        return Period(
            days=self._days,
            new=new,
            lost=self._recent[ChangeKind.LOST],
            is_everything=self._first is not None and self._first >= self._since,
        )

    def _turns(self, row: Backlink) -> Iterator[tuple[datetime, ChangeKind]]:
        """Yields when the link was found, lost and found again, alternating, and ending in the row's state."""
        first = moment(row.first_seen, before=self._at)
        if first is None:
            return
        known = sorted(self._gaps.get(_identity(row), ()))
        events = [(first, ChangeKind.NEW), *((max(when, first), kind) for when, kind in known)]
        is_live = row.state != LinkState.LOST
        if is_live and events[-1][1] is ChangeKind.LOST:
            events.pop()  # the row is newer than the changes
        elif not is_live and events[-1][1] is not ChangeKind.LOST:
            seen = moment(row.last_seen, before=self._at) or first
            events.append((max(seen, events[-1][0]), ChangeKind.LOST))
        yield events[0]
        for (_, previous), turn in pairwise(events):
            if (previous is ChangeKind.LOST) is not (turn[1] is ChangeKind.LOST):
                yield turn


def _identity(link: Backlink | Change) -> tuple[str, str, str]:
    return link.target, link.source_url, link.target_url.partition("#")[0]


def _monday(when: datetime) -> date:
    return _monday_of(when.date())


@lru_cache(maxsize=10_000)
def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
