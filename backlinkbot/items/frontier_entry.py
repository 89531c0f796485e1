"""The entry of a visit in the saved frontier: what is no longer to be done once the visit is recorded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierEntry:
    """What is removed from the saved frontier when a visit is recorded; its page carries it through the pipelines."""

    row: int = 0
    """The number of the waiting page; 0: the user named it, and lists are read again."""
    listed: int = 0
    """The hash of the URL as the user's lists have it; 0: it is not of a list."""
    visited: int = 0
    """The hash of the page among the known ones; 0: the page is not among them."""
    admitted: tuple[int, ...] = ()
    """The hashes of the pages to which the visit was redirected."""
    domain: str = ""
    """The registrable domain that the visit counts for; empty: it counts for none."""
    bucket: int = -1
    """The bucket of the domain at which the visit ended, in a crawl that several machines share."""
