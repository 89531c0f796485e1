"""The status line of a crawl: its figures in the order of their worth, as many as the width has room for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from backlinkbot.terminal.cells import cells, shorten, shorten_middle

_BAR: Final = 10
"""Cells of the bar."""
_GAP: Final = "  "
_WINDOW: Final = 30.0
"""Seconds over which the current speed is measured."""
_LEAST_DOMAIN: Final = 10
"""The least cells in which a domain is shown."""
_SOON: Final = 2.0
"""Seconds before which nothing is said about the time that is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The state of a crawl at one moment."""

    elapsed: float
    """Seconds since its start."""
    visited: int
    planned: int | None = None
    """The number of pages that the run visits; None if nobody knows."""
    queued: int = 0
    links: int = 0
    domains: int = 0
    not_found: int = 0
    unchecked: int = 0
    """Pages that could not be checked."""
    domain: str = ""
    """A domain that is being visited."""


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a status line."""

    text: str
    rank: int
    """Its place in the order of worth, from 0."""
    is_flexible: bool = False
    """True if it may be shortened."""


class Speed:
    """Measures pages per second over the last half minute."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def measured(self, elapsed: float, visited: int) -> float:
        """Adds a measurement; returns pages per second."""
        self._seen.append((elapsed, visited))
        while len(self._seen) > 2 and self._seen[1][0] < elapsed - _WINDOW:
            self._seen.popleft()
        before, then = self._seen[0] if len(self._seen) > 1 else (0.0, 0)
        return max(visited - then, 0) / max(elapsed - before, 0.1)


def status_text(figures: Figures, speed: float, width: int) -> str:
    """Returns the line, in at most so many cells; what is worth least is left out first."""
    return fitted(_items(figures, speed), width)


def fitted(said: list[Item], width: int) -> str:
    """Returns a line of the items that fit into so many cells; those that are worth least are left out first."""
    while cells(line := _GAP.join(item.text for item in said)) > width and len(said) > 1:
        least = max(said, key=lambda item: item.rank)
        excess = cells(line) - width
        if least.is_flexible and cells(least.text) - excess >= _LEAST_DOMAIN:
            said = [_shortened(item, excess) if item is least else item for item in said]
        else:
            said = [item for item in said if item is not least]
    return shorten(line, width)


def _shortened(item: Item, excess: int) -> Item:
    return Item(shorten_middle(item.text, cells(item.text) - excess), item.rank, is_flexible=True)


def _items(figures: Figures, speed: float) -> list[Item]:
    """Returns what the line says, in its order."""
    known = bool(figures.planned)
    share = min(figures.visited / figures.planned, 1.0) if figures.planned else 0.0
    left = time_left(figures.visited, figures.planned, speed, figures.elapsed)
    pages = f"{figures.visited:,}/{figures.planned:,}" if known else _counted(figures.visited, "page")
    percent = f"{bar(share)} {int(share * 100)}%" if known else ""
    elapsed = clock(figures.elapsed) if left is None else f"{clock(figures.elapsed)}, {clock(left)} left"
    every = [
        Item(percent, 0),
        Item(pages, 1),
        Item(f"{speed:.1f}/s", 4),
        Item(elapsed, 2),
        Item(_counted(figures.links, "link"), 3),
        Item(f"from {_counted(figures.domains, 'domain')}" if figures.links else "", 9),
        Item(f"{figures.unchecked:,} unchecked" if figures.unchecked else "", 6),
        Item(f"{figures.not_found:,} not found" if figures.not_found else "", 8),
        Item(f"{figures.queued:,} queued" if figures.queued and not known else "", 7),
        Item(figures.domain, 5, is_flexible=True),
    ]
    return [item for item in every if item.text]


def time_left(done: int, total: int | None, speed: float, elapsed: float) -> float | None:
    """Returns the seconds that are left at this speed; None if they cannot be estimated, as in the first moments."""
    if not total or not speed or elapsed < _SOON:
        return None
    return max(total - done, 0) / speed


def bar(share: float) -> str:
    """Returns a bar of ten cells of which this share, from 0 to 1, is filled."""
    filled = int(share * _BAR)
    return "━" * filled + "─" * (_BAR - filled)


def clock(seconds: float) -> str:
    """Returns ``0:42``, ``3:07`` or ``2:05:59``."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
