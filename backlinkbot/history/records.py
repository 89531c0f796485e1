"""The records that a history returns: runs, pages, visits."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backlinkbot.history.observation import VisitOutcome
    from backlinkbot.items import Change, JudgedPage


class RunState(StrEnum):
    """The state of a run: at work, ended or killed."""

    RUNNING = "running"
    ENDED = "ended"
    KILLED = "killed"
    """Its process ended without recording the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run that wrote into the history."""

    id: int
    command: str
    targets: tuple[str, ...]
    """The names of its targets."""
    arguments: Mapping[str, Any]
    started_at: str
    """UTC, ISO 8601, as all times here."""
    finished_at: str
    """Empty while it runs, and if it was killed."""
    state: RunState
    outcome: str
    """In words; empty until it ends."""
    exit_status: int | None
    """None until it ends."""
    changes: Mapping[str, int] = field(default_factory=dict)
    """The number of changes, by kind."""
    counts: Mapping[str, Any] = field(default_factory=dict)
    """Its stats; empty until it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPage:
    """What decides when a page is visited next."""

    url: str
    """As last visited."""
    domain: str
    first_visit_at: str
    last_visit_at: str
    last_read_at: str
    """The last good visit; empty if there is none."""
    visits: int
    """The number of visits that could check the page."""
    changed_visits: int
    """The number of visits after the first that found at least one change."""
    unchecked: int
    """The number of visits in a row, up to the last, that could not check."""
    failing_since: str
    """The first visit that found the page gone, with no good visit since."""
    discovered_from: str
    """As in the rows of the last visit with links; empty if there is none; ``depth`` is then 0."""
    depth: int
    live_backlinks: int
    """The number of backlinks that are not lost."""
    etag: str
    last_modified: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One recorded visit."""

    run: int
    url: str
    at: str
    outcome: VisitOutcome
    status: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A page that was passed to the history."""

    page: JudgedPage
    """Its rows with ``first_seen``, ``last_seen``, ``state``."""
    changes: tuple[Change, ...] = ()
    is_recorded: bool = False
    """False for a page without backlinks that is neither known nor a candidate."""
