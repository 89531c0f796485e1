"""A queue in memory for tests and benchmarks of the crawl order, whose queues are on disk in a crawl."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class MemoryQueue(Generic[T]):
    """A first-in, first-out queue; implements :class:`backlinkbot.frontier.ranking.PageQueue`."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()

    def push(self, item: T, /) -> None:
        """Adds an item at the end."""
        self._items.append(item)

    def pop(self) -> T | None:
        """Removes and returns the first item; None if there is none."""
        return self._items.popleft() if self._items else None

    def __len__(self) -> int:
        return len(self._items)
