"""Recognises blocks that a domain repeats on many pages, which are not content; remembers a bounded number."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from backlinkbot.extract.placement import LinkContext

FEW_PAGES: Final = 5
"""The number of pages from which a block counts as repeated."""
MOST_DOMAINS: Final = 1_000
"""The maximum number of domains remembered; the least recently seen is dropped first."""
MOST_BLOCKS: Final = 200
"""The maximum number of blocks remembered per domain, likewise."""

_Pages = tuple[int, int]
"""The number of pages, and a hash of the last one."""


class RepeatedBlocks:
    """Counts blocks over the pages of a crawl, in the order of visits."""

    def __init__(self, few: int = FEW_PAGES, domains: int = MOST_DOMAINS, blocks: int = MOST_BLOCKS) -> None:
        self._few = few
        self._domains = domains
        self._blocks = blocks
        self._known: OrderedDict[str, OrderedDict[int, _Pages]] = OrderedDict()

    def resolve(self, domain: str, page: str, context: LinkContext) -> LinkContext:
        """Returns the context of a link, with the placement of a repeated block if its block is repeated.

        Args:
            domain: the page's registrable domain.
            page: the page's address; several links of a page's block count it once.
            context: the context according to the page alone.
        """
        if not context.block:
            return context
        pages = self._count(domain, hash(page), context.block)
        if pages < self._few:
            return context
        return replace(context, placement=context.if_repeated, placement_by=f"repeated:{pages} pages")

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
