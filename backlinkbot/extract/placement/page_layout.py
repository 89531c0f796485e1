"""The layout of a page: computes the context of each of its links from one outline."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.placement import NOT_ON_PAGE, LinkContext, contexts
from backlinkbot.extract.placement.kinds import is_internal, kinds
from backlinkbot.extract.placement.link_facts import LinkFacts, PageFacts, page_hints
from backlinkbot.extract.placement.link_lists import LinkLists
from backlinkbot.extract.placement.outline import Outline
from backlinkbot.extract.placement.placements import Placements
from backlinkbot.extract.robots_directives import rel_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.extract.html import DocumentLike, ElementLike
    from backlinkbot.extract.placement.outline import Box
    from backlinkbot.urls import URL


class PageLayout:
    """The layout of one page; built when the first link needs it."""

    def __init__(self, document: DocumentLike, page: URL, leads: Iterable[URL | None], title: str) -> None:
        """Builds the outline and the placements.

        Args:
            document: the page.
            page: its address.
            leads: the URL of each of its links, in tree order.
            title: its title.
        """
        self.outline = Outline(document)
        self.placements = Placements(self.outline, page, tuple(islice(leads, self.outline.links)))
        self._names: dict[ElementLike, tuple[str, str | None, str | None]] = {}
        lists = LinkLists(document, self.outline, self.placements)
        self._facts = PageFacts(self.outline, page, page_hints(page, title), self.placements.leads.count_outward, lists)

    def context_of(self, element: ElementLike, position: int = 0) -> LinkContext:
        """Returns the context of an element; the cost does not grow with the page.

        Args:
            element: a link, or another that stands for one.
            position: its number among the page's links.
        """
        box = self.outline.boxes.get(element)
        if box is None:
            return NOT_ON_PAGE
        placed = self.placements.place(element)
        block = contexts.block_of(box)
        before, after = contexts.before(self.outline, block, box), contexts.after(self.outline, block, box)
        heading = contexts.heading(self.outline, box, placed)
        found: tuple[str, ...] = ()
        by: tuple[str, ...] = ()
        lead = self.placements.leads.first(box) if box.tag in {"a", "area"} else None
        if not is_internal(lead, self.placements.leads.count_outward(box)):
            found, by = kinds(
                LinkFacts(
                    box=box,
                    placed=placed,
                    before=before,
                    after=after,
                    heading=heading,
                    rel=frozenset(map(str.lower, rel_tokens(rel))) if (rel := element.attr("rel")) else _NO_REL,
                    page=self._facts,
                    lead=lead,
                )
            )
        return LinkContext(
            placement=placed.placement,
            placement_by=placed.by,
            heading=heading,
            context_before=before,
            context_after=after,
            link_density=round(block.density, 3),
            position=position,
            kinds=found,
            kinds_by=by,
            block=self._mark(box, block) if self.placements.may_be_repeated(placed, block) else 0,
            if_repeated=self.placements.if_repeated(block),
        )

    def context_between(self, box: Box, start: int, end: int) -> LinkContext:
        """Returns the context of a part of a box's own text, which is no link.

        Args:
            box: the innermost one that holds it.
            start: the offset of its first character in the page's text.
            end: the offset behind its last one.
        """
        placed = self.placements.place(box.element)
        block = next((around for around in _outward(box) if around.is_block), box)
        part = replace(box, start=start, end=end)
        return LinkContext(
            placement=placed.placement,
            placement_by=placed.by,
            heading=contexts.heading(self.outline, box, placed),
            context_before=contexts.before(self.outline, block, part),
            context_after=contexts.after(self.outline, block, part),
            link_density=round(block.density, 3),
        )

    def _mark(self, box: Box, block: Box) -> int:
        """Returns a hash of a block's text and enclosing names, equal on every page that repeats the block."""
        names = []
        at: Box | None = box
        for _ in range(_MARKED):
            if at is None:
                break
            name = self._names.get(at.element)
            if name is None:
                name = self._names[at.element] = (at.tag, at.element.attr("class"), at.element.attr("href"))
            names.append(name)
            at = at.enclosing
        text = self.outline.slice(block.start, min(block.end, block.start + _MARKED_TEXT))
        return hash((text, block.length, block.links, tuple(names))) or 1


def _outward(box: Box) -> Iterator[Box]:
    at: Box | None = box
    while at is not None:
        yield at
        at = at.enclosing


_NO_REL: Final[frozenset[str]] = frozenset()
_MARKED: Final = 4
"""The number of enclosing elements that go into the hash."""
_MARKED_TEXT: Final = 200
"""The number of characters of text that go into the hash."""
