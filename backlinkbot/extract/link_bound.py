"""Bounds the links of one page that are read; those beyond the bound are counted, and have one row for each target."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

MOST_OF_TARGET: Final = 2_000
"""The default for the links of one page to one target; no list that people read is longer."""
MOST_OF_PAGE: Final = 5_000
"""The default for the links of one page to all targets together."""
MORE: Final = "more"
"""The flag of a row that stands for links beyond a bound."""


class _Unread(Protocol):
    """A link of what takes no reading, see :meth:`backlinkbot.extract.link.Link.as_rest`."""

    def as_rest(self, number: int, evidence: str) -> Self: ...


@dataclass(slots=True)
class _Beyond:
    """The links of one type to a target beyond a bound: the first of them, and their number."""

    link: _Unread
    match: Any
    bound: str
    number: int = 0


@dataclass(slots=True)
class _Count:
    """The links to one target."""

    read: int = 0
    beyond: dict[str, _Beyond] = field(default_factory=dict)
    """By type."""


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
        self._bounds = per_target, per_page
        self._per_target = per_target or inf
        self._per_page = per_page or inf
        self._counts: dict[Hashable, _Count] = {}
        self._read = 0

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
        counts = [self._count(target_of(match)) for match in matches]
        if len(counts) == 1 and (known := counts[0].beyond.get(link_type)) is not None:
            known.number += 1  # nearly all links of a page with many
            return False
        if self._read < self._per_page and any(count.read < self._per_target for count in counts):
            self._read += 1
            for count in counts:
                count.read += 1
            return True
        link = None
        for count, match in zip(counts, matches, strict=True):
            beyond = count.beyond.get(link_type)
            if beyond is None:
                link = link or make()
                per_target, per_page = self._bounds
                bound = f"{per_page} of the page" if self._read >= self._per_page else str(per_target)
                beyond = count.beyond[link_type] = _Beyond(link, match, bound)
            beyond.number += 1
        return False

    def _count(self, target: Hashable) -> _Count:
        count = self._counts.get(target)
        if count is None:
            count = self._counts[target] = _Count()
        return count

    def copy(self) -> LinkBound:
        """Returns a copy that counts on its own."""
        other = LinkBound(*self._bounds)
        other.become(self)
        return other

    def become(self, other: LinkBound) -> None:
        """Takes the counts of another one."""
        self._read = other._read
        self._counts = {
            target: _Count(count.read, {kind: replace(beyond) for kind, beyond in count.beyond.items()})
            for target, count in other._counts.items()
        }

    def rest(self) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        """Yields the links beyond the bounds, one for each target and type, and forgets them."""
        for count in self._counts.values():
            all_beyond, count.beyond = count.beyond, {}
            for beyond in all_beyond.values():
                evidence = f"{MORE}:{beyond.number} links beyond the first {beyond.bound}"
                yield beyond.link.as_rest(beyond.number, evidence), (beyond.match,)
