"""What a visit settles in the frontier of a crawl that can be resumed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierEntry:
    """What is no longer to be done once a visit is recorded; a page's journey through the pipelines carries it."""

    row: int = 0
    """The number of the waiting page; 0: the user named it, and lists are read again."""
    listed: int = 0
    """The hash of the URL as the user's lists have it; 0: it is not of a list."""
    visited: int = 0
    """The hash of the page among the known ones; 0: nobody else may lead to it."""
    admitted: tuple[int, ...] = ()
    """The hashes of the pages to which the visit was redirected."""
    domain: str = ""
    """The registrable domain that the visit counts for; empty: it counts for none."""
