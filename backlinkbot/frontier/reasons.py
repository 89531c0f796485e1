"""The reasons for which a page is chosen, and which of them has the next turn."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Reason(StrEnum):
    """Why a page was chosen."""

    EVIDENCE = "evidence"
    """Somebody named the page or its domain: the user, or a source."""
    FAIR = "fair"
    """It was its domain's turn."""
    EXPLORATION = "exploration"
    """The same, and nobody had visited a page of its host."""
    NOVEL = "novel"
    """It should show outside hosts that are new to its own."""
    HIT = "hit"
    """It should link to a target."""


RANKED: Final = (Reason.NOVEL, Reason.HIT)
"""The reasons for which hosts and domains are ranked."""

_TURNS: Final = (Reason.FAIR, Reason.NOVEL, Reason.HIT)
_LIKELY: Final = 0.6
"""A page with at least this expected rate of hits is visited at the turn of another reason, while hits are few."""
_FEW_HITS: Final = 20
"""Below this number of hits, such a page takes every turn: the first hits teach where more are."""
_MANY_HITS: Final = 100
"""Below this number it takes the turns of novelty; from then on, hosts without a hit are worth more than further hits."""


class Choice(NamedTuple, Generic[T]):
    """A page to visit, and why it."""

    item: T
    reason: Reason


class Turns:
    """The turns of the reasons, which go round."""

    def __init__(self) -> None:
        self.number = 0
        """The number of turns so far."""

    def next_reason(self, hits: int, best_rate: Callable[[], float | None]) -> Reason:
        """Returns the reason by which the next page is chosen.

        Args:
            hits: visited pages that link to a target.
            best_rate: returns the highest expected rate of hits of a page; None if no page waits.
        """
        turn = _TURNS[self.number % len(_TURNS)]
        self.number += 1
        if not hits:
            return Reason.NOVEL if turn is Reason.HIT else turn
        if hits < _FEW_HITS or (turn is Reason.NOVEL and hits < _MANY_HITS):
            rate = best_rate()
            if rate is not None and rate >= _LIKELY:
                return Reason.HIT
        return turn

    def give_back(self) -> None:
        """Gives the last turn to another page."""
        self.number -= 1
