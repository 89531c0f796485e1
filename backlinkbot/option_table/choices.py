"""The values of options that have a fixed set of them."""

from __future__ import annotations

from enum import StrEnum


class Follow(StrEnum):
    """The values of ``--follow``: which links discover follows."""

    SAME_DOMAIN = "same-domain"
    """Those to the registrable domain of any seed."""
    SAME_HOST = "same-host"
    """Those to the host of any seed."""
    ALL = "all"
    """All, up to ``max_hops`` changes of registrable domain."""


class CrawlOrder(StrEnum):
    """The values of ``--order``: which page discover visits next."""

    BEST_FIRST = "best-first"
    """The page with the highest expected worth, learned from the pages before it; each domain also gets turns."""
    BREADTH_FIRST = "breadth-first"
    """The page nearest to a seed; domains take turns."""


class Overlap(StrEnum):
    """The values of ``--overlap``: what a run does while an earlier run of the same command uses its history."""

    WAIT = "wait"
    """Wait until that run has ended."""
    STAND_DOWN = "stand-down"
    """End at once, with an exit status of its own."""
    ALLOW = "allow"
    """Start; both runs visit each page."""
    JOIN = "join"
    """Share the crawl with that run, if it also has ``join``; needs PostgreSQL."""


class Render(StrEnum):
    """The values of ``--render``: which pages a browser renders."""

    NEVER = "never"
    AUTO = "auto"
    """Those that look script-built and show no target."""
    ALWAYS = "always"


class LogFormat(StrEnum):
    """The values of ``--log-format``: how log records and messages are printed."""

    TEXT = "text"
    JSON = "json"
    """One object a line."""
