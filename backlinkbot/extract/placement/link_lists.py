"""Recognises lists of links to other sites: many sibling items, most of which link to a site of their own."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

from backlinkbot import urls
from backlinkbot.extract.placement.kind_words import CLICK_COUNTERS
from backlinkbot.extract.placement.shapes import PROFILES, SHARING

if TYPE_CHECKING:
    from backlinkbot.extract.html import DocumentLike, ElementLike
    from backlinkbot.extract.placement.outline import Box, Outline
    from backlinkbot.extract.placement.placements import Placements

MOST_ITEMS: Final = 300
"""The number of children of an element that are looked at."""
_MOST_LINKS: Final = 4
"""The average number of links of an item; a teaser of an article has more."""
_MOST_TEXT: Final = {"li": 160, "tr": 160, "dd": 160, "dt": 160, "td": 160}
"""The average number of characters of an item outside its links, by its element; a paragraph of a text has more."""
_MOST_TEXT_OF_OTHERS: Final = 40
_TEXTS: Final = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "article"})
"""Elements of running text, whose links are no list."""
_REFERENCES: Final = re.compile(
    r"\b(?:references?|reflist|footnotes?|notes|citations?|bibliograph\w*|papers|publications|sources|einzelnachweise|quellen|fußnoten|références"
    r"|notas|referencias|note|przypisy|примечания|脚注|参考)\b",
    re.IGNORECASE,
)
"""Names, and headings, of the lists in which a text names its sources."""
_FEWEST: Final = 3
"""The number of items from which a list counts as one of several columns."""


class LinkLists:
    """Counts the items of the lists of one page; each list is counted once."""

    def __init__(self, document: DocumentLike, outline: Outline, placements: Placements) -> None:
        """Creates the counter; nothing is counted yet."""
        self._document = document
        self._outline = outline
        self._placements = placements
        self._known: dict[ElementLike, int] = {}
        self._columns: dict[ElementLike, int] = {}

    def items(self, box: Box) -> int:
        """Counts the items of a list that link to different other sites; 0 if the element is no list of links."""
        known = self._known.get(box.element)
        if known is None:
            known = self._known[box.element] = self._own_items(box)
        return known

    def columns(self, box: Box) -> int:
        """Counts the items of all lists next to each other in an element, the columns of one list; 0 unless there are several."""
        known = self._columns.get(box.element)
        if known is None:
            known = self._columns[box.element] = self._of_columns(box)
        return known

    def _of_columns(self, box: Box) -> int:
        if self._placements.leads.count_outward(box) < _FEWEST:
            return 0
        columns = [self.items(child) for child in self._children(box) if child.tag not in _TEXTS]
        counted = [items for items in columns if items >= _FEWEST]
        return sum(counted) if len(counted) > 1 else 0

    def _children(self, box: Box) -> list[Box]:
        """Returns the children with links, of their most frequent name."""
        nodes = islice(self._document.nodes(box.element), MOST_ITEMS)
        boxes = [self._outline.boxes.get(node) for node in nodes if not isinstance(node, str)]
        linked = [child for child in boxes if child is not None and child.links]
        tags = Counter(child.tag for child in linked)
        usual = max(tags, key=tags.__getitem__, default="")
        return [child for child in linked if child.tag == usual]

    def _own_items(self, box: Box) -> int:
        if (
            self._placements.leads.count_outward(box) < _FEWEST
        ):  # most elements around a link, which need no look at their children
            return 0
        items = self._children(box)
        if (
            len(items) < _FEWEST
            or box.links > _MOST_LINKS * len(items)
            or self._is_of_references(box)
            or self._is_bar(box)
        ):
            return 0
        if box.unlinked > _MOST_TEXT.get(items[0].tag, _MOST_TEXT_OF_OTHERS) * len(items):
            return 0
        sites = [site for item in items if (site := self._site(item))]
        if 4 * len(sites) < 3 * len(items) or self._is_of_advertisements(box) or not self._is_of_names(items):
            return 0
        return len(set(sites))

    def _is_of_names(self, items: list[Box]) -> bool:
        """True if most items begin with their link, as entries of a directory do; other items are sentences with links."""
        begin = sum(self._link_starts[item.first_link] - item.start <= _LONGEST_SIGN for item in items)
        return 4 * begin >= 3 * len(items)

    @cached_property
    def _link_starts(self) -> list[int]:
        """The offsets of the page's links, in the outline's order."""
        links = (box for box in self._outline.boxes.values() if box.tag in {"a", "area"} and box.links)
        return [box.start for box in links]

    def _is_of_references(self, box: Box) -> bool:
        """True if a list's class or id, or the heading above it, marks it as the references of a text."""
        if any(_REFERENCES.search(box.element.attr(name) or "") for name in ("class", "id")):
            return True
        above = self._outline.heading_above(box)
        return (
            above is not None
            and _REFERENCES.search(self._outline.slice(above.start, above.end)[:_LONGEST_NAME]) is not None
        )

    def _is_of_advertisements(self, box: Box) -> bool:
        """True if at least half of a list's links to other sites go through a server that counts clicks on advertisements."""
        leads = self._placements.leads
        counting = sum(CLICK_COUNTERS.search(lead.href[:_LONGEST_URL]) is not None for lead in leads.outward(box))
        return 2 * counting >= leads.count_outward(box)

    def _is_bar(self, box: Box) -> bool:
        """True if a list begins the page and is a small part of it, like a bar with the sites of one publisher."""
        page = self._outline.whole
        if page is None or box.start - page.start > _LONGEST_NAME:
            return False
        return box.length * _PAGE_TO_BAR < page.length and not any(
            heading.start < box.end for heading in self._outline.headings[:1]
        )

    def _site(self, item: Box) -> str:
        """Returns the name of the first other site that an item links to; empty for none, a profile or a share button.

        An item that begins with a link to the page's own site, and has mostly such links, is a teaser that names its source. The name
        is that of the registrable domain without its public suffix: the sites of one firm in many countries are one.
        """
        leads = self._placements.leads
        for lead in leads.outward(item):
            if lead is not leads.first(item) and 2 * leads.count_outward(item) < item.links:
                return ""
            site = urls.registrable_domain(lead.hostname)
            return "" if site in PROFILES or SHARING.search(lead.href[:_LONGEST_URL]) else site.partition(".")[0]
        return ""


_LONGEST_URL: Final = 200
_LONGEST_NAME: Final = 40
"""The number of characters before a bar of sites, such as the name of the page's own."""
_LONGEST_SIGN: Final = 4
"""The number of characters before the link of an item, such as a dash or a number."""
_PAGE_TO_BAR: Final = 10
"""The number of times that a page is longer than such a bar, at least."""
