"""Numbers different values in the order of their first appearance, so that a pass over a million links keeps numbers only."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")


class Numbers(dict[K, int], Generic[K]):
    """Value -> its number; a new value gets the next one."""

    def __missing__(self, value: K) -> int:
        self[value] = len(self)
        return self[value]
