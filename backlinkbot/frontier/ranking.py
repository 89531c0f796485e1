"""A priority queue whose values are measured anew only at the top, and the protocol of a queue of pages."""

from __future__ import annotations

from heapq import heapify, heappop, heappush, heapreplace
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
K = TypeVar("K", bound="Hashable")

TRIES: Final = 4
"""So many are measured anew before the best of those is taken."""
NEARLY: Final = 0.95
"""The best is taken at once if it is worth this share of what was noted."""
_MOST_STALE: Final = 4
"""Entries of the heap for each member, above which those of former values are removed."""
_FEWEST: Final = 64
"""Entries of the heap that are always allowed."""


class PageQueue(Protocol[T]):
    """First in, first out; it may lie on disk."""

    def push(self, item: T, /) -> None:
        """Add at the end."""

    def pop(self) -> T | None:
        """Take from the front."""

    def __len__(self) -> int: ...


class Ranking(Generic[K]):
    """A priority queue whose values are measured anew only when they come to the top."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, K]] = []
        self._now: dict[K, float] = {}
        self._count = 0

    def offer(self, key: K, value: float) -> None:
        """Note what somebody is worth, if it is more than was noted before."""
        if value > self._now.get(key, -1.0):
            self._push(key, value)

    def remove(self, key: K) -> None:
        """Somebody takes no part any longer."""
        self._now.pop(key, None)

    def best(self, measure: Callable[[K], float | None]) -> K | None:
        """Who is best, or nearly so; None where nobody takes part. Who measures None takes no part any longer."""
        tries = TRIES
        while self._heap:
            noted, _, key = self._heap[0]
            if self._now.get(key) != -noted:
                heappop(self._heap)
                continue
            value = measure(key)
            if value is None:
                heappop(self._heap)
                self._now.pop(key, None)
                continue
            self._count += 1
            self._now[key] = value
            heapreplace(self._heap, (-value, self._count, key))
            tries -= 1
            if value >= -noted * NEARLY or tries < 0:
                return key
        return None

    def value_of(self, key: K) -> float:
        """What somebody who takes part was worth when last noted."""
        return self._now[key]

    def top(self) -> float | None:
        """The highest value that is noted."""
        while self._heap:
            noted, _, key = self._heap[0]
            if self._now.get(key) == -noted:
                return -noted
            heappop(self._heap)
        return None

    def _push(self, key: K, value: float) -> None:
        self._count += 1
        self._now[key] = value
        heappush(self._heap, (-value, self._count, key))
        # An entry of a former value is otherwise removed only at the top, which a low value may never reach.
        if len(self._heap) > _MOST_STALE * len(self._now) + _FEWEST:
            self._heap = [entry for entry in self._heap if self._now.get(entry[2]) == -entry[0]]
            heapify(self._heap)
