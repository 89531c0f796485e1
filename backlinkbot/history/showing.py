"""Keeps the state of a backlink until it is reported, in case a run ends before its output is written.

A run records a visit before it writes the rows. If the run is killed or its output fails, the states were not reported: a
later run must repeat them and not call such a backlink ``live``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backlinkbot.items import LinkState

# The first that applies wins: a backlink that was never reported is new, whatever has happened to it since.
_RANKS: Final = (LinkState.NEW, LinkState.RESTORED, LinkState.CHANGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshown:
    """A state other than ``live``, and the run that set it; reported once that run has written its outputs."""

    state: LinkState
    run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """Which runs have not written their outputs, as one run knows it."""

    run: int
    """The run itself."""
    unreported: frozenset[int] = frozenset()
    """The earlier runs that have not written all their outputs: killed, failed, or still running."""

    def is_due(self, unshown: Unshown) -> bool:
        """True if the state may be unreported; also for a run that began after this one and may fail."""
        return unshown.run in self.unreported or unshown.run >= self.run

    def state_of(self, now: LinkState, unshown: Unshown | None) -> LinkState:
        """Returns the state of a row.

        Args:
            now: the state by the visit.
            unshown: the last state other than ``live`` that was set; None if there is none.
        """
        if unshown is None or not self.is_due(unshown):
            return now
        return next((state for state in _RANKS if state in {now, unshown.state}), now)
