"""How many connections the machine lets a process have, and how they are shared out.

Each connection is a file descriptor, and so is each open file. Where they run out, everything fails at once: pages, name
look-ups, the history, the outputs. So the crawl keeps to a share of them.
"""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from typing import Final

ENOUGH: Final = 65_536
"""The limit is raised to this at most."""
RESERVE: Final = 64
"""Descriptors for outputs, the history, queues on disk, the browser's pipes."""
MOST_KEPT: Final = 1_000
"""Connections kept open for a next page, however many there may be."""
_FOLDERS: Final = ("/proc/self/fd", "/dev/fd")
_USUALLY_OPEN: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What each part of the crawl may use at once."""

    requests: int
    """Under way; each may try two addresses at a time."""
    kept: int
    """Connections that wait for a next page of their site."""
    lookups: int
    """Names asked for; each takes two descriptors at most."""


def raise_limit() -> int:
    """Have as many descriptors as this process may have; returns how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return ENOUGH if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):  # macOS has a lower bound of its own
        return soft
    return most


def open_now() -> int:
    """Descriptors in use; a guess where the system does not say."""
    for folder in _FOLDERS:
        try:
            return len(os.listdir(folder))  # noqa: PTH208 - names are enough
        except OSError:
            continue
    return _USUALLY_OPEN


def shares(limit: int, used: int, *, requests: int, lookups: int) -> Shares:
    """Share a limit out.

    Args:
        limit: descriptors that the process may have.
        used: those that are open.
        requests: the most that are wanted under way; 0: as many as there can be.
        lookups: the most that are wanted.
    """
    free = max(limit - used - RESERVE, 24)
    looked_up = max(2, min(lookups, free // 8))
    rest = free - 2 * looked_up
    under_way = max(1, min(requests or rest // 3, rest // 3))
    return Shares(requests=under_way, kept=max(2, min(rest - 2 * under_way, MOST_KEPT)), lookups=looked_up)
