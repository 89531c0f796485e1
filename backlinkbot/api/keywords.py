"""The keyword arguments of the calls: the options of the command line, with their types.

``option_table`` says what each means; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Literal, TypedDict

Word = str | PathLike[str]
Words = Word | Iterable[Word]
"""One word, or several."""


class CrawlOptions(TypedDict, total=False):
    """The options of every run; docs/settings.md has their meanings and defaults."""

    aliases: Words
    max_time: float
    include_same_domain: bool
    mentions: bool
    brands: Words
    columns: str | Iterable[str]
    resolve: bool
    redirectors: Words
    check_targets: bool
    agent: str
    contact: str
    headers: Words
    allow_private: bool
    delay: float
    concurrency: int
    render: Literal["never", "auto", "always"]
    render_max_pages: int
    render_max_pages_per_domain: int
    render_concurrency: int
    browser: Word
    history: Word
    fresh: bool
    overlap: Literal["wait", "stand-down", "allow", "join"]
    visits: Word
    summary: Word
    log_format: Literal["text", "json"]
    config: Word
    profile: str
    notify: Words
    metrics: Word


class DiscoverOptions(CrawlOptions, total=False):
    """The options of :func:`backlinkbot.discover`."""

    seeds: Words
    candidates: Words
    unvisited: bool
    follow: Literal["same-domain", "same-host", "all"]
    order: Literal["best-first", "breadth-first"]
    max_pages: int
    max_pages_per_domain: int
    max_depth: int
    max_hops: int
    sitemaps: bool
    sources: Words
    graphs: Words
    graph_index: str
    crawl: str
    archived_only: bool
    crawl_index: str
    archive_requests: int
    archive_megabytes: int


class VerifyOptions(CrawlOptions, total=False):
    """The options of :func:`backlinkbot.verify`."""

    candidates: Words
    unvisited: bool
    checks: Word


class RecheckOptions(CrawlOptions, total=False):
    """The options of :func:`backlinkbot.recheck`."""

    budget: int
    checks: Word
