"""A pool of the best pages of a host: measurements compare its pages, and recompute the factors of a few at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlinkbot.frontier.experience import WordFactors
    from backlinkbot.frontier.features import PageFeatures

T = TypeVar("T")

UPDATED: Final = 8
"""Pages of a pool whose factors are recomputed at each measurement; the others keep theirs.

The factors change little from one visit to the next, and recomputing them is most of the cost of a measurement."""
LASTING: Final = 16
"""Visits of the crawl for which a measurement holds at most; it also ends when something is learned about the host itself."""
STEADY: Final = 64
"""Visits of the crawl after which a measurement holds for one visit longer: the more visits, the less each changes."""


class Measurement(NamedTuple):
    """The best page of a pool."""

    value: float
    place: int
    revision: int
    """The value of ``Experience.revision`` at the measurement."""
    until: int
    """The number of visits of the crawl after which the measurement is repeated."""


def is_steady(visits: int) -> bool:
    """True if a crawl has had so many visits that one more changes little."""
    return visits >= LASTING * STEADY


class Pool(Generic[T]):
    """Pages of one host that are measured at its turns.

    Each attribute is a list with an entry for each page, since a measurement reads all entries of few attributes.
    """

    __slots__ = ("_next", "factors", "items", "measured", "pages", "values")

    def __init__(self) -> None:
        self.items: list[T] = []
        self.pages: list[PageFeatures] = []
        self.factors: list[WordFactors] = []
        self.values: list[float] = []
        """What the pages are expected to show, by the last measurement."""
        self.measured: dict[str, Measurement] = {}
        """Reason -> the measurement that holds; empty once the pool has changed."""
        self._next = 0

    def __len__(self) -> int:
        return len(self.items)

    def add(self, item: T, page: PageFeatures, factors: WordFactors, value: float) -> None:
        """Adds a page at the end."""
        self.measured.clear()
        self.items.append(item)
        self.pages.append(page)
        self.factors.append(factors)
        self.values.append(value)

    def replace(
        self, place: int, item: T, page: PageFeatures, factors: WordFactors, value: float
    ) -> tuple[T, PageFeatures, float]:
        """Replaces a page by another; returns the former one."""
        self.measured.clear()
        removed = self.items[place], self.pages[place], self.values[place]
        self.items[place], self.pages[place], self.factors[place], self.values[place] = item, page, factors, value
        return removed

    def pop(self, place: int) -> tuple[T, PageFeatures, float]:
        """Removes and returns a page; the others keep their order, so that of equal ones the first comes first."""
        self.measured.clear()
        del self.factors[place]
        return self.items.pop(place), self.pages.pop(place), self.values.pop(place)

    def remove_all(self) -> list[tuple[T, PageFeatures, float]]:
        """Removes all pages, and returns them."""
        removed = list(zip(self.items, self.pages, self.values, strict=True))
        self.items, self.pages, self.factors, self.values = [], [], [], []
        self.measured.clear()
        self._next = 0
        return removed

    def update_factors(self, factors_of_all: Callable[[list[PageFeatures]], list[WordFactors]], number: int) -> None:
        """Recomputes the factors of so many pages, and of the next ones at the next call."""
        size = len(self.pages)
        if number >= size:
            self.factors = factors_of_all(self.pages)
            return
        first = self._next % size
        end = first + number
        self.factors[first:end] = factors_of_all(self.pages[first:end])
        if end > size:
            self.factors[: end - size] = factors_of_all(self.pages[: end - size])
        self._next = end % size
