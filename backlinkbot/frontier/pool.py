"""The best pages of a host, with what the words of their links are worth, which is computed anew for some of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.frontier.arms import Link, WordFactors

T = TypeVar("T")

UPDATED: Final = 8
"""Pages of a pool whose words are looked up again at each measurement; in between, their former worth counts.

Words change little from one visit to the next, and looking them up is most of what a measurement costs."""
LASTING: Final = 16
"""A measurement holds for at most so many visits of the crawl, and only until something is learned about the host itself."""
STEADY: Final = 64
"""By so many visits of the crawl, one visit less changes what is expected elsewhere: a measurement holds for one visit longer."""


class Measurement(NamedTuple):
    """The best page of a pool."""

    value: float
    place: int
    revision: int
    """What was known of the host, as a number that changes with it."""
    until: int
    """The number of visits of the crawl after which the measurement is repeated."""


def is_steady(visits: int) -> bool:
    """Returns True if a crawl has so many visits behind it that one more changes little."""
    return visits >= LASTING * STEADY


class Pool(Generic[T]):
    """Pages of one host that are measured at its turns; lists that run beside each other, since measurements walk all of them."""

    __slots__ = ("_next", "factors", "items", "links", "measured", "values")

    def __init__(self) -> None:
        self.items: list[T] = []
        self.links: list[Link] = []
        self.factors: list[WordFactors] = []
        self.values: list[float] = []
        """What the pages are expected to show, by the last measurement."""
        self.measured: dict[str, Measurement] = {}
        """By reason, the measurements that hold: none once the pool has changed."""
        self._next = 0

    def __len__(self) -> int:
        return len(self.items)

    def add(self, item: T, link: Link, factors: WordFactors, value: float) -> None:
        """Adds a page at the end."""
        self.measured.clear()
        self.items.append(item)
        self.links.append(link)
        self.factors.append(factors)
        self.values.append(value)

    def replace(self, place: int, item: T, link: Link, factors: WordFactors, value: float) -> tuple[T, Link, float]:
        """Puts a page in place of another, which is returned."""
        self.measured.clear()
        removed = self.items[place], self.links[place], self.values[place]
        self.items[place], self.links[place], self.factors[place], self.values[place] = item, link, factors, value
        return removed

    def pop(self, place: int) -> tuple[T, Link, float]:
        """Takes a page out; the others keep their order, so that of equal ones the first comes first."""
        self.measured.clear()
        del self.factors[place]
        return self.items.pop(place), self.links.pop(place), self.values.pop(place)

    def clear(self) -> Iterator[tuple[T, Link, float]]:
        """Takes all pages out."""
        removed = zip(self.items, self.links, self.values, strict=True)
        self.__init__()  # type: ignore[misc]
        return removed

    def update_factors(self, factors_of: Callable[[Link], WordFactors], number: int) -> None:
        """Computes the worth of the words anew, for the next pages in turn."""
        size = len(self.links)
        if number >= size:
            self.factors = [factors_of(link) for link in self.links]
            return
        for place in range(self._next, self._next + number):
            self.factors[place % size] = factors_of(self.links[place % size])
        self._next = (self._next + number) % size
