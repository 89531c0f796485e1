"""Bounds the links of one page that are read; those beyond the bound are counted, and have one row for each target."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

MOST_OF_TARGET: Final = 2_000
"""The default for the links of one page to one target; no list that people read is longer."""
MOST_OF_PAGE: Final = 5_000
"""The default for the links of one page to all targets together."""
MORE: Final = "more"
"""The flag of a row that stands for links beyond a bound."""


class _Unread(Protocol):
    """A link of what takes no reading, see :meth:`backlinkbot.extract.page.Link.as_rest`."""

    def as_rest(self, number: int, evidence: str) -> Self: ...


class _Beyond(NamedTuple):
    """The first link of its type to a target beyond a bound."""

    link: _Unread
    match: Any
    bound: str


def _itself(found: Hashable) -> Hashable:
    return found


class LinkBound:
    """Counts the links of one page to each target, of whatever type they are.

    Beyond the bound of the page, too, each target has a row: otherwise it would count as not linked.
    """

    def __init__(self, per_target: int = MOST_OF_TARGET, per_page: int = MOST_OF_PAGE) -> None:
        """Begins a page.

        Args:
            per_target: the links to one target that are read; 0: all.
            per_page: the links to all targets together that are read; 0: all.
        """
        self._per_target = per_target
        self._per_page = per_page
        self._read: Counter[Hashable] = Counter()
        self._read_of_page = 0
        self._beyond: dict[tuple[Hashable, str], _Beyond] = {}
        self._numbers: Counter[tuple[Hashable, str]] = Counter()

    def admits(
        self,
        matches: tuple[Any, ...],
        link_type: str,
        make: Callable[[], _Unread],
        target_of: Callable[[Any], Hashable] = _itself,
    ) -> bool:
        """Counts a link; returns True if it is within the bounds and is to be read.

        Args:
            matches: what it leads to.
            link_type: its type; each has a row of its own for what is beyond the bound.
            make: makes a link of what takes no reading; called for the first link beyond the bound only.
            target_of: the target of a match.
        """
        targets = tuple(map(target_of, matches))
        is_page_full = 0 < self._per_page <= self._read_of_page
        if not is_page_full and any(not 0 < self._per_target <= self._read[target] for target in targets):
            self._read_of_page += 1
            for target in targets:
                self._read[target] += 1
            return True
        link = None
        for target, match in zip(targets, matches, strict=True):
            key = target, link_type
            self._numbers[key] += 1
            if key not in self._beyond:
                link = link or make()
                bound = f"{self._per_page} of the page" if is_page_full else str(self._per_target)
                self._beyond[key] = _Beyond(link, match, bound)
        return False

    def copy(self) -> LinkBound:
        """Returns a copy that counts on its own."""
        other = LinkBound(self._per_target, self._per_page)
        other.become(self)
        return other

    def become(self, other: LinkBound) -> None:
        """Takes the counts of another one."""
        self._read, self._read_of_page = other._read.copy(), other._read_of_page
        self._beyond, self._numbers = other._beyond.copy(), other._numbers.copy()

    def rest(self) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        """Yields the links beyond the bounds, one for each target and type, and forgets them."""
        beyond, numbers = self._beyond, self._numbers
        self._beyond, self._numbers = {}, Counter()
        for key, one in beyond.items():
            evidence = f"{MORE}:{numbers[key]} links beyond the first {one.bound}"
            yield one.link.as_rest(numbers[key], evidence), (one.match,)
