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
"""Columns whose values many links share."""


@dataclass(slots=True, kw_only=True)
class LinkBatch:
    """Some links, as columns of equal length.

    Times are given twice: as seconds since 1970, 0 if there is none, and as values that sort as the times do, are false if
    there is none, and are made a text by :attr:`~backlinkbot.reports.page.tallies.Tallies.time_text`.
    """

    alike: Sequence[Any]
    """A key of each link's values of :data:`ALIKE`."""
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
    """A key of each link, by which the newest are read again."""

    def chosen(self, which: Sequence[bool]) -> LinkBatch:
        """Returns those links for which ``which`` is true."""
        return LinkBatch(**{name: list(compress(getattr(self, name), which)) for name in self.__slots__})
