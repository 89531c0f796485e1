"""The records that a history returns: runs, pages, visits."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from backlinkbot.history.observation import digest, key_of

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


class TaskStatus(StrEnum):
    """The status that the user gives a task."""

    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSubject:
    """What identifies a task: the same subject has the same number in every listing."""

    kind: str
    """One of the kinds of ``reports.todo``."""
    target: str
    page: str
    target_url: str = ""
    """Empty if the task is about the whole page or domain."""

    @property
    def key(self) -> bytes:
        """The digest under which the task is stored; the scheme and the fragment of addresses do not count."""
        linked = key_of(self.target_url) or self.target_url
        return digest(f"{self.kind}\n{self.target}\n{self.page_key}\n{linked}")

    @property
    def page_key(self) -> str:
        """The identity of the page; the page itself if it is no address."""
        return key_of(self.page) or self.page


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """A task that was listed, with its number and its status."""

    number: int
    subject: TaskSubject
    status: TaskStatus
    note: str
    """The user's."""
    changed_at: str
    """When its status was changed last; empty if never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A page that was passed to the history."""

    page: JudgedPage
    """Its rows with ``first_seen``, ``last_seen``, ``state``."""
    changes: tuple[Change, ...] = ()
    is_recorded: bool = False
    """False for a page without backlinks that is neither known nor a candidate."""
