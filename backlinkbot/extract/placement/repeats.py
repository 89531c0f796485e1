"""Blocks that a domain repeats on page after page are no content, whatever they look like: a bounded memory of them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from backlinkbot.extract.placement import Surroundings

FEW_PAGES: Final = 5
"""From so many pages on, a block is one that the domain repeats."""
MOST_DOMAINS: Final = 1_000
"""Domains remembered at a time; who was met longest ago is forgotten first."""
MOST_BLOCKS: Final = 200
"""Blocks of a domain, likewise."""

_Pages = tuple[int, int]
"""How many, and which was the last."""


class Repeats:
    """Learns from the pages of a crawl, in the order in which they come."""

    def __init__(self, few: int = FEW_PAGES, domains: int = MOST_DOMAINS, blocks: int = MOST_BLOCKS) -> None:
        self._few = few
        self._domains = domains
        self._blocks = blocks
        self._known: OrderedDict[str, OrderedDict[int, _Pages]] = OrderedDict()

    def look(self, domain: str, page: str, around: Surroundings) -> Surroundings:
        """The surroundings of a link, with the place of a block that the domain repeats.

        Args:
            domain: the page's registrable domain.
            page: the page's address; several links of a page's block count it once.
            around: what the page by itself shows.
        """
        if not around.block:
            return around
        pages = self._count(domain, hash(page), around.block)
        if pages < self._few:
            return around
        return replace(around, placement=around.if_repeated, placement_by=f"repeated:{pages} pages")

    def _count(self, domain: str, page: int, block: int) -> int:
        blocks = self._known.setdefault(domain, OrderedDict())
        self._known.move_to_end(domain)
        if len(self._known) > self._domains:
            self._known.popitem(last=False)
        pages, last = blocks.pop(block, (0, None))
        if last != page:
            pages += 1
        blocks[block] = pages, page
        if len(blocks) > self._blocks:
            blocks.popitem(last=False)
        return pages
