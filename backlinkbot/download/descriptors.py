"""Shares the file descriptors that a process may have among connections, name lookups and files.

Each connection is a file descriptor, and so is each open file. Where they run out, everything fails at once: pages,
name lookups, the history, the outputs. So the crawl keeps to a share of them.
"""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from typing import Final

ENOUGH: Final = 65_536
"""The limit is raised to this value at most."""
RESERVE: Final = 64
"""Descriptors reserved for outputs, the history, queues on disk and the browser's pipes."""
MOST_KEPT: Final = 1_000
"""Most idle connections that are kept open, however many descriptors there are."""
_FOLDERS: Final = ("/proc/self/fd", "/dev/fd")
_USUALLY_OPEN: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The most that each part of the crawl may use at once."""

    requests: int
    """Requests under way; each may try two addresses at a time."""
    kept: int
    """Idle connections, kept for a next page of their site."""
    lookups: int
    """Name lookups; each takes two descriptors at most."""


def raise_limit() -> int:
    """Raises the limit of descriptors as far as the process may; returns the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return ENOUGH if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):  # macOS has a lower limit of its own
        return soft
    return most


def open_now() -> int:
    """Returns the number of open descriptors; a guess if the system does not tell."""
    for folder in _FOLDERS:
        try:
            return len(os.listdir(folder))  # noqa: PTH208 - names are enough
        except OSError:
            continue
    return _USUALLY_OPEN


def shares(limit: int, used: int, *, requests: int, lookups: int) -> Shares:
    """Divides a limit of descriptors into shares.

    Args:
        limit: descriptors that the process may have.
        used: those that are open.
        requests: the most requests under way that are configured; 0 means as many as possible.
        lookups: the most lookups under way that are configured.
    """
    free = max(limit - used - RESERVE, 24)
    looked_up = max(2, min(lookups, free // 8))
    rest = free - 2 * looked_up
    under_way = max(1, min(requests or rest // 3, rest // 3))
    return Shares(requests=under_way, kept=max(2, min(rest - 2 * under_way, MOST_KEPT)), lookups=looked_up)
