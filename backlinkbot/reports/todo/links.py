"""What tasks are chosen from: the links of a history as columns, read in batches, and single ones as rows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Sequence

    from backlinkbot.items import Backlink

SHARED: Final = (
    *("target", "state", "lost_reason", "flags", "link_type", "follow", "indexable", "rel", "placement", "link_kind"),
    *("target_state", "target_status"),
)
"""Columns whose values many links share."""
LinkNumber = tuple[int, int]
"""Identifies a link: the number of its backlink, and its own among the backlink's."""


@dataclass(slots=True, kw_only=True)
class LinkColumns:
    """Some links, as columns of equal length; all links of a page are among the same ones."""

    shared: Sequence[Hashable]
    """A key of each link's values of :data:`SHARED`."""
    pages: Sequence[int]
    """A number of each link's page."""
    backlinks: Sequence[int]
    numbers: Sequence[int]
    """With ``backlinks`` the :data:`LinkNumber`."""
    domains: Sequence[str]
    target_urls: Sequence[str]
    anchors: Sequence[str]
    external_links: Sequence[int | None]
    fetched_at: Sequence[Any]
    """Times, which sort as the times do; :meth:`TaskLinks.time_text` makes a text of one."""
    final_urls: Sequence[str]

    def chosen(self, which: Sequence[bool]) -> LinkColumns:
        """Returns those links for which ``which`` is true."""
        return LinkColumns(**{name: list(compress(getattr(self, name), which)) for name in self.__slots__})


@dataclass(slots=True, kw_only=True)
class LinkTexts:
    """The words of some links and around them, as columns of equal length."""

    links: Sequence[LinkNumber]
    targets: Sequence[str]
    domains: Sequence[str]
    source_urls: Sequence[str]
    anchors: Sequence[str]
    titles: Sequence[str]
    before: Sequence[str]
    after: Sequence[str]


class TaskLinks(Protocol):
    """The links of the targets and of their competitors."""

    def columns(self) -> Iterator[LinkColumns]:
        """Yields all links, lost ones too."""

    def shared_row(self, key: Any) -> Any:
        """Returns an object with the columns :data:`SHARED` of a key."""

    def texts(self, targets: Collection[str]) -> Iterator[LinkTexts]:
        """Yields the texts of the links to these targets that are not lost and not on a target's own page."""

    def texts_of(self, links: Sequence[LinkNumber]) -> Iterator[LinkTexts]:
        """Yields the texts of some links, in any order."""

    def rows(self, links: Sequence[LinkNumber]) -> dict[LinkNumber, Backlink]:
        """Returns some links as rows, without those that are not there any more."""

    def page_numbers(self, keys: Collection[str]) -> dict[str, int]:
        """Returns the numbers of those pages that are known, by :func:`~backlinkbot.history.observation.key_of`."""

    def time_text(self, at: Any) -> str:
        """Returns a time of :attr:`LinkColumns.fetched_at` as a text."""
