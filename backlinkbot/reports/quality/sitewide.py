"""Sitewide links: the same link, in the same place, on many pages of a domain."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from backlinkbot.history.link_batches import RepeatedLink
    from backlinkbot.items import Backlink

FEW_PAGES: Final = 5
"""The least pages of a domain for a sitewide link."""
SHARE: Final = 0.5
"""From ``FEW_PAGES`` on: the least share of the domain's pages with links to the target that have the link."""
MANY_PAGES: Final = 25
"""The pages from which on a link is sitewide whatever else the domain links to."""

LinkKey = tuple[str, str, str, str, str]
"""Target, source domain, target URL, anchor, placement."""


def placement_of(row: Backlink) -> str:
    """Returns the placement of the link; empty if rows lack it."""
    return row.placement


def _link(row: Backlink) -> LinkKey:
    return row.target, row.source_domain, row.target_url, row.anchor, placement_of(row)


class Sitewide:
    """Finds sitewide links in all rows at once.

    Links and pages are told apart by the hashes of what they are, so that a million of them take little memory.
    """

    def __init__(self, rows: Iterable[Backlink], *, is_by_page: bool = False) -> None:
        """Reads the rows.

        Args:
            rows: in any order.
            is_by_page: whether the rows of a page follow each other, as those of a history do; takes a fifth of the memory.
        """
        counts, domains, self._pages_of = _counted_by_page(rows) if is_by_page else _counted(rows)
        self._pages = {
            link: counts[link] for link, domain in domains.items() if _is_sitewide(counts[link], self._pages_of[domain])
        }

    @classmethod
    def counted(cls, repeated: Iterable[RepeatedLink], pages_of: Mapping[tuple[str, str], int]) -> Self:
        """Takes the counts from a history, which has counted the links itself.

        Args:
            repeated: the links on at least :data:`FEW_PAGES` pages of a domain.
            pages_of: target and domain -> the domain's pages with links to the target.
        """
        made = cls(())
        made._pages_of = {hash(domain): pages for domain, pages in pages_of.items()}
        for link in repeated:
            if _is_sitewide(link.pages, pages_of[link.target, link.source_domain]):
                key = (link.target, link.source_domain, link.target_url, link.anchor, link.placement)
                made._pages[hash(key)] = link.pages
        return made

    def __bool__(self) -> bool:
        """True if any link is sitewide."""
        return bool(self._pages)

    def pages_by_key(self, key: LinkKey) -> int:
        """As :meth:`pages`, for a link that is given by what tells it apart."""
        return self._pages.get(hash(key), 0)

    def pages(self, row: Backlink) -> int:
        """Returns the number of the domain's pages with the link if it is sitewide, else 0."""
        return self._pages.get(hash(_link(row)), 0) if self._pages else 0

    def evidence(self, row: Backlink) -> str:
        """Returns the counts in words; empty if the link is not sitewide."""
        pages = self.pages(row)
        if not pages:
            return ""
        place = f", always in the {placement_of(row)}" if placement_of(row) else ""
        whole = self._pages_of[hash((row.target, row.source_domain))]
        return f"the same link with the same anchor on {pages} of {whole} pages of the domain that link here{place}"


_Counts = tuple[dict[int, int], dict[int, int], dict[int, int]]
"""Hash of a link -> its pages; the same -> hash of its target and domain, of links on some pages; that hash -> its pages."""


def _counted(rows: Iterable[Backlink]) -> _Counts:
    pages: dict[int, set[int]] = defaultdict(set)
    everywhere: dict[int, set[int]] = defaultdict(set)
    domains: dict[int, int] = {}
    for row in rows:
        link, page = _link(row), hash(row.source_url)
        domains[hash(link)] = hash(link[:2])
        pages[hash(link)].add(page)
        everywhere[hash(link[:2])].add(page)
    return _lengths(pages), domains, _lengths(everywhere)


def _lengths(sets: Mapping[int, set[int]]) -> dict[int, int]:
    return {key: len(found) for key, found in sets.items()}


def _counted_by_page(rows: Iterable[Backlink]) -> _Counts:
    """As :func:`_counted`, with a number in place of each set of pages."""
    counts: dict[int, int] = defaultdict(int)
    domains: dict[int, int] = {}
    pages_of: dict[int, int] = defaultdict(int)
    for _, of_page in groupby(rows, attrgetter("source_url")):
        links = {_link(row) for row in of_page}
        for domain in {link[:2] for link in links}:
            pages_of[hash(domain)] += 1
        for link in links:
            counts[hash(link)] += 1
            if counts[hash(link)] == FEW_PAGES:  # no link on fewer pages is sitewide
                domains[hash(link)] = hash(link[:2])
    return counts, domains, pages_of


def _is_sitewide(pages: int, of: int) -> bool:
    return pages >= MANY_PAGES or (pages >= FEW_PAGES and pages >= SHARE * of)
