"""Recognises lists of links to other sites: many sibling items, most of which link to a site of their own."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
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
    r"\b(?:references?|reflist|footnotes?|notes|citations?|bibliograph\w*|sources|einzelnachweise|quellen|fußnoten|références"
    r"|notas|referencias|note|przypisy|примечания|脚注|参考)\b",
    re.IGNORECASE,
)
"""Names of the lists in which a text names its sources."""
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

    def items(self, box: Box) -> int:
        """Counts the items of a list that link to different other sites; 0 if the element is no list of links.

        Lists next to each other, the columns of one list, are counted together.
        """
        known = self._known.get(box.element)
        if known is None:
            known = self._known[box.element] = self._count(box)
        return known

    def _count(self, box: Box) -> int:
        own = self._own_items(box)
        if own or self._placements.leads.count_outward(box) < _FEWEST:
            return own
        columns = [self._own_items(child) for child in self._children(box) if child.tag not in _TEXTS]
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
        items = self._children(box)
        if len(items) < _FEWEST or box.links > _MOST_LINKS * len(items) or _is_of_references(box):
            return 0
        if box.unlinked > _MOST_TEXT.get(items[0].tag, _MOST_TEXT_OF_OTHERS) * len(items):
            return 0
        sites = [site for item in items if (site := self._site(item))]
        return len(set(sites)) if 4 * len(sites) >= 3 * len(items) else 0

    def _site(self, item: Box) -> str:
        """Returns the name of the first other site that an item links to; empty for none, a profile or a share button.

        The name is that of the registrable domain without its public suffix: the sites of one firm in many countries are one.
        """
        for lead in self._placements.leads.outward(item):
            site = urls.registrable_domain(lead.hostname)
            return "" if site in PROFILES or SHARING.search(lead.href[:_LONGEST_URL]) else site.partition(".")[0]
        return ""


_LONGEST_URL: Final = 200


def _is_of_references(box: Box) -> bool:
    return any(_REFERENCES.search(box.element.attr(name) or "") for name in ("class", "id"))
