"""The messages between a caller and the process that crawls for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from backlinkbot.items import Backlink, Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Caller to worker, once: what to do."""

    spider: str
    arguments: Mapping[str, Any]
    """The spider's arguments, as ``scrapy crawl -a`` takes them."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """More Scrapy settings, as ``-s`` takes them."""
    caller: int
    """The number of the calling process; the worker ends when its parent is another."""


class Stop(StrEnum):
    """Caller to worker: end the run in order."""

    INTERRUPT = "interrupt"


@dataclass(frozen=True, slots=True)
class Found:
    """Worker to caller: what one visit gave."""

    rows: tuple[Backlink, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Logged:
    """Worker to caller: a log record, or a line that the run prints on a command line."""

    logger: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Worker to caller, as its last message: an error found before anything was fetched."""

    error: str
    """The name of its class in ``backlinkbot.errors``."""
    text: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """Worker to caller, as its last message: an exception that nobody expected, with its traceback."""

    text: str
    traceback: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Worker to caller, as its last message: the run is over."""

    status: int
    """One of :class:`~backlinkbot.extensions.outcome.ExitStatus`."""
    why: str
    summary: Mapping[str, Any]
    """The figures of ``--summary``; empty if the run never began."""


Message = Found | Logged | Refused | Crashed | Ended
"""What a worker sends."""
Last = Refused | Crashed | Ended
"""What it sends last."""
