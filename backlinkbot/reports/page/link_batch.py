"""Some links as columns, whether they come from a history or from a file of rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ALIKE: Final = (
    *("target", "state", "flags", "link_type", "follow", "indexable", "nofollow_by", "noindex_by"),
    *("placement", "link_kind", "source_language", "target_state", "target_status"),
)
"""Columns that many links have in common; the others of a :class:`LinkBatch` are most links' own."""


@dataclass(slots=True, kw_only=True)
class LinkBatch:
    """Some links, as columns of equal length.

    Times are given twice: as numbers of seconds since 1970, 0 if there is none, and as what :attr:`~backlinkbot.reports.page.tallies.Tallies.time_text` makes a text
    of, which sorts as the time does and is false if there is none.
    """

    alike: Sequence[Any]
    """What stands for the values of :data:`ALIKE`."""
    domains: Sequence[str]
    anchors: Sequence[str]
    target_urls: Sequence[str]
    final_urls: Sequence[str]
    unconfirmed: Sequence[Any]
    """True for links whose page could not be checked since they were seen."""
    pages: Sequence[int]
    """A number of each link's page."""
    first_seen: Sequence[Any]
    fetched_at: Sequence[Any]
    first_seconds: Sequence[int]
    fetched_seconds: Sequence[int]
    last_seconds: Sequence[int]
    source_urls: Sequence[str]
    """Read only if the timeline has gaps."""
    links: Sequence[Any]
    """What stands for each link in :attr:`~backlinkbot.reports.page.tallies.Tallies.newest`."""

    def chosen(self, which: Sequence[bool]) -> LinkBatch:
        """Returns those links for which ``which`` is true."""
        return LinkBatch(**{name: list(compress(getattr(self, name), which)) for name in self.__slots__})
