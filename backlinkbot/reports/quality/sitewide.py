"""Sitewide links: the same link, in the same place, on many pages of a domain."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlinkbot.items import Backlink

FEW_PAGES: Final = 5
"""The least pages of a domain for a sitewide link."""
SHARE: Final = 0.5
"""From ``FEW_PAGES`` on: the least share of the domain's pages with links to the target that have the link."""
MANY_PAGES: Final = 25
"""The pages from which on a link is sitewide whatever else the domain links to."""

_Link = tuple[str, str, str, str, str]


def placement_of(row: Backlink) -> str:
    """Returns the placement of the link; empty if rows lack it."""
    return row.placement


def _link(row: Backlink) -> _Link:
    return row.target, row.source_domain, row.target_url, row.anchor, placement_of(row)


class Sitewide:
    """Finds sitewide links in all rows at once; stores one number per page and link."""

    def __init__(self, rows: Iterable[Backlink]) -> None:
        pages: dict[_Link, set[int]] = defaultdict(set)
        everywhere: dict[tuple[str, str], set[int]] = defaultdict(set)
        for row in rows:
            page = hash(row.source_url)
            pages[_link(row)].add(page)
            everywhere[row.target, row.source_domain].add(page)
        self._pages_of = {domain: len(found) for domain, found in everywhere.items()}
        self._pages = {
            link: len(found) for link, found in pages.items() if _is_sitewide(len(found), self._pages_of[link[:2]])
        }

    def pages(self, row: Backlink) -> int:
        """Returns the number of the domain's pages with the link if it is sitewide, else 0."""
        return self._pages.get(_link(row), 0)

    def evidence(self, row: Backlink) -> str:
        """Returns the counts in words; empty if the link is not sitewide."""
        pages = self.pages(row)
        if not pages:
            return ""
        place = f", always in the {placement_of(row)}" if placement_of(row) else ""
        whole = self._pages_of[row.target, row.source_domain]
        return f"the same link with the same anchor on {pages} of {whole} pages of the domain that link here{place}"


def _is_sitewide(pages: int, of: int) -> bool:
    return pages >= MANY_PAGES or (pages >= FEW_PAGES and pages >= SHARE * of)
