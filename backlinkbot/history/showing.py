"""Which state a row is given: one that no finished output has shown yet is given again.

A run records a visit before its rows are written anywhere. Where the run is killed, or its output cannot be written, nobody
has seen them: a later run must not call such a backlink ``live``, as if it had been reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backlinkbot.items import LinkState

# The stronger first: a backlink that nobody was shown is new, whatever has happened to it meanwhile.
_RANKS: Final = (LinkState.NEW, LinkState.RESTORED, LinkState.CHANGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshown:
    """A state other than ``live`` that a row was given, and by which run; shown once that run has written its outputs."""

    state: LinkState
    run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """What one run knows of the outputs of others."""

    run: int
    """The run itself."""
    unreported: frozenset[int] = frozenset()
    """The earlier runs that have not written all their outputs: killed, failed, or still at work."""

    def is_due(self, unshown: Unshown) -> bool:
        """Whether nobody is known to have seen it; so too of a run that began after this one and may yet fail."""
        return unshown.run in self.unreported or unshown.run >= self.run

    def state_of(self, now: LinkState, unshown: Unshown | None) -> LinkState:
        """The state of a row.

        Args:
            now: what the visit says of the backlink.
            unshown: the last state other than ``live`` that a row of it was given; None where there was none.
        """
        if unshown is None or not self.is_due(unshown):
            return now
        return next((state for state in _RANKS if state in {now, unshown.state}), now)
