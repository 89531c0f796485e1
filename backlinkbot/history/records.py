"""What the history answers with: runs, pages, visits, and what a recorded page has become."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backlinkbot.history.observation import Outcome
    from backlinkbot.items import Change, Page


class RunState(StrEnum):
    """Whether a run is over."""

    RUNNING = "running"
    ENDED = "ended"
    KILLED = "killed"
    """Its process is gone and never said how it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run that wrote into the history."""

    id: int
    command: str
    targets: tuple[str, ...]
    """The names of the targets that it looked for."""
    arguments: Mapping[str, Any]
    started_at: str
    """UTC, ISO 8601, as all times here."""
    finished_at: str
    """Empty while it runs, and where it was killed."""
    state: RunState
    outcome: str
    """In words; empty until it ends."""
    exit_status: int | None
    """None until it ends."""
    changes: Mapping[str, int] = field(default_factory=dict)
    """How many, by kind."""
    counts: Mapping[str, Any] = field(default_factory=dict)
    """Its figures, as the run gave them; empty until it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPage:
    """What is known of a page, to decide when it is visited next."""

    url: str
    """As last visited."""
    domain: str
    first_visit_at: str
    last_visit_at: str
    last_read_at: str
    """The last good visit; empty where there has been none."""
    visits: int
    """Those that could tell."""
    changed_visits: int
    """Those after the first that gave at least one change."""
    unchecked: int
    """Visits in a row, up to the last, that could not check."""
    failing_since: str
    """The first visit that found it gone, where no good one lies behind that."""
    discovered_from: str
    """As in the rows of the last visit with links; empty where there was none, as the next is 0."""
    depth: int
    live_backlinks: int
    """Those that are not lost."""
    etag: str
    last_modified: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit, as recorded."""

    run: int
    url: str
    at: str
    outcome: Outcome
    status: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A page that was handed to the history."""

    page: Page
    """Its rows with ``first_seen``, ``last_seen``, ``state``."""
    changes: tuple[Change, ...] = ()
    is_recorded: bool = False
    """False for a page without backlinks that is neither known nor answers a candidate."""
