"""Calls backlinkbot from Python: one call starts a run, or asks the history, and returns rows.

A crawl runs in a process of its own, so a call works in a notebook, in a running event loop, and as often as wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from backlinkbot.api import aio
from backlinkbot.api.answers import changes, gap
from backlinkbot.api.calls import rows_of
from backlinkbot.api.keywords import DiscoverOptions, RecheckOptions, VerifyOptions, Words
from backlinkbot.api.tables import CrawlRows, Rows

__all__ = ["CrawlRows", "Rows", "aio", "changes", "discover", "gap", "recheck", "verify"]


def discover(
    targets: Words, *, settings: Mapping[str, Any] | None = None, **options: Unpack[DiscoverOptions]
) -> CrawlRows:
    """Finds pages that link to the targets, as ``backlinkbot discover`` does; returns a row for each link.

    Args:
        targets: one target or several: ``"example.com"``.
        settings: more settings, as ``-s NAME=VALUE``.
        options: the options of the command, with underscores: ``seeds``, ``max_pages``; docs/settings.md.

    Raises:
        UsageError: an argument is wrong; nothing was fetched.
        OutputError: a file or history cannot be written; nothing was fetched.
        RunError: the run failed, was ended from outside or stood down; ``rows`` holds what it found until then.
        KeyboardInterrupt: the run has ended in order; with a history, the same call goes on from here.
    """
    return rows_of("discover", targets, settings, options)


def verify(targets: Words, *, settings: Mapping[str, Any] | None = None, **options: Unpack[VerifyOptions]) -> CrawlRows:
    """Visits each candidate once, as ``backlinkbot verify`` does; returns a row for each link.

    ``checks`` of what it returns says for each candidate what became of it, also where there is no link or no answer.

    Args:
        targets: one target or several.
        settings: more settings, as ``-s NAME=VALUE``.
        options: the options of the command, with underscores. ``candidates`` are files or URLs of pages.

    Raises:
        UsageError: an argument is wrong; nothing was fetched.
        OutputError: a file or history cannot be written; nothing was fetched.
        RunError: the run failed, was ended from outside or stood down; ``rows`` holds what it found until then.
        KeyboardInterrupt: the run has ended in order; with a history, the same call goes on from here.
    """
    return rows_of("verify", targets, settings, options)


def recheck(
    targets: Words = (), *, settings: Mapping[str, Any] | None = None, **options: Unpack[RecheckOptions]
) -> CrawlRows:
    """Visits the pages of the history that are due, as ``backlinkbot recheck`` does; returns a row for each link.

    Args:
        targets: one target or several; all of the history's if none is named.
        settings: more settings, as ``-s NAME=VALUE``.
        options: the options of the command, with underscores.

    Raises:
        UsageError: an argument is wrong; nothing was fetched.
        OutputError: a file or history cannot be written; nothing was fetched.
        RunError: the run failed, was ended from outside or stood down; ``rows`` holds what it found until then.
        KeyboardInterrupt: the run has ended in order; what it did not visit is still due.
    """
    return rows_of("recheck", targets, settings, options)
