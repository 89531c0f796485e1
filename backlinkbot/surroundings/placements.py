"""Where on its page a link stands, and what says so: landmarks and roles, names of class and id, else the page's structure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from backlinkbot.surroundings.names import said
from backlinkbot.surroundings.placewords import ASIDE, COMMENT, CONTENT, FOOTER, HEADER, NAV, WRAPPERS
from backlinkbot.surroundings.shapes import COPYRIGHT, PAGER, TRAIL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.markup import ElementLike
    from backlinkbot.surroundings.outline import Box, Outline


@dataclass(frozen=True, slots=True)
class Placed:
    """A placement, and what said so."""

    placement: str
    """One of :data:`~backlinkbot.surroundings.placewords.PLACEMENTS`."""
    by: str
    """``element:footer``, ``role:navigation``, ``class:sidebar``, ``id:comments``, ``itemtype:Comment``, ``structure:…``."""
    zone: Box | None = None
    """What that was said of; None where the page as a whole says it."""

    @property
    def is_said(self) -> bool:
        """Whether the page itself names the place."""
        return not self.by.startswith("structure:")

    @property
    def is_sure(self) -> bool:
        """Whether it is a landmark or a role, and no word that people use for other things as well."""
        return self.by.startswith(("element:", "role:"))


# --- from the page down to the link -----------------------------------------------------------------------------------

# Where one place holds another, the inner one counts but for these: (outer, inner). A menu in a footer is footer.
_OUTER_COUNTS: Final = frozenset(
    {(FOOTER, inner) for inner in (CONTENT, NAV, HEADER, ASIDE, COMMENT)}
    | {(COMMENT, inner) for inner in (CONTENT, HEADER, FOOTER, ASIDE)}
    | {(ASIDE, inner) for inner in (CONTENT, HEADER, FOOTER, COMMENT)}
    | {(NAV, inner) for inner in (CONTENT, HEADER, ASIDE)}
    | {(HEADER, inner) for inner in (CONTENT, ASIDE)}
)
_ARTICLES: Final = frozenset({"element:main", "role:main", "element:article", "role:article"})
_MAINS: Final = frozenset({"element:main", "role:main"})
_SECTIONS: Final = frozenset({"article", "section", "aside", "figure", "dialog", "details", "li"})
"""A ``<header>`` or ``<footer>`` in one of these is theirs: https://html.spec.whatwg.org/multipage/sections.html#the-header-element."""
_MOST: Final = 0.5
"""What holds more of the page's unlinked text is no menu, margin, head or foot, whatever its name."""
_NEARLY_ALL: Final = 0.9
"""What is called the content, and holds more of the page's text, says nothing."""
_SHORT: Final = 300
"""Characters up to which a block that is not mostly links may be a notice that pages repeat."""
_LITTLE: Final = 300
"""Characters of unlinked text below which a page has too little to say so."""
_LATEST_HEADER: Final = 0.5
_EARLIEST_FOOTER: Final = 0.5
"""Parts of a page's text before a head's beginning, and before a foot's end, beyond which the name means something else."""


class Placements:
    """The placements of one page's elements; each element is looked at once."""

    def __init__(self, outline: Outline, outward: Iterable[bool]) -> None:
        """Begin.

        Args:
            outline: the page.
            outward: of each of its links, in the outline's order, whether it leads to another registrable domain.
        """
        self._outline = outline
        self._outward = _sums(outward)
        self._known: dict[ElementLike, tuple[Placed | None, bool]] = {}

    def place(self, element: ElementLike) -> Placed:
        """Where an element of the page stands."""
        box = self._outline.boxes.get(element)
        if box is None:
            return Placed(CONTENT, "structure:unread")
        placed = self._said(box)
        if placed is not None and placed.placement != CONTENT:
            return placed
        return self._by_shape(box) or placed or self._by_region(box)

    def outward(self, box: Box) -> int:
        """How many links in the box lead to other registrable domains."""
        last = len(self._outward) - 1
        return self._outward[min(box.last_link, last)] - self._outward[min(box.first_link, last)]

    # --- blocks that other pages repeat ---

    def may_be_repeated(self, placed: Placed, block: Box) -> bool:
        """Whether other pages could say that it is no content: a page's own text is not, nor is what is placed already."""
        page = self._outline.whole
        if placed.placement != CONTENT or page is None:
            return False
        holds_all = placed.zone is None or not placed.is_said or placed.zone.length >= page.length / 2
        return holds_all and (block.density >= 0.5 or block.length <= _SHORT)

    def if_repeated(self, block: Box) -> str:
        """The placement of a block that pages repeat."""
        page = self._outline.whole
        if page is not None and block.start - page.start >= 0.8 * page.length:
            return FOOTER
        return ASIDE if 2 * self.outward(block) >= block.links else NAV

    # --- what the elements around it say ---

    def _said(self, box: Box) -> Placed | None:
        """What the box and those around it say together; from the outermost that is not known yet inwards."""
        path: list[Box] = []
        at: Box | None = box
        while at is not None and at.element not in self._known:
            path.append(at)
            at = at.around
        placed, is_part = self._known[at.element] if at is not None else (None, False)
        for inner in reversed(path):
            placed = self._within(placed, inner, is_part=is_part)
            is_part = is_part or inner.element.tag in _SECTIONS
            self._known[inner.element] = placed, is_part
        return placed

    def _within(self, outer: Placed | None, box: Box, *, is_part: bool) -> Placed | None:
        found = said(box.element)
        if found is None:
            return outer
        inner = Placed(*found, box)
        if inner.by in _MAINS:
            return inner
        if not self._is_believable(inner, outer, box, is_part=is_part):
            return outer
        if outer is None:
            return inner
        if inner.by in _ARTICLES and outer.placement in {NAV, HEADER}:
            return inner
        return outer if (outer.placement, inner.placement) in _OUTER_COUNTS else inner

    def _is_believable(self, inner: Placed, outer: Placed | None, box: Box, *, is_part: bool) -> bool:
        page = self._outline.whole
        if page is None or inner.placement == COMMENT:
            return True
        if inner.placement == CONTENT:  # "main" and "content" are often the names of what holds all of a page
            is_wrapper = inner.by.partition(":")[2].lower().replace("-", "").replace("_", "") in WRAPPERS
            return not is_wrapper or box.length <= _NEARLY_ALL * page.length
        if page.unlinked >= _LITTLE and box.unlinked > _MOST * page.unlinked:
            return False
        is_in_article = outer is not None and outer.placement == CONTENT and outer.by not in _MAINS
        if inner.placement in {HEADER, FOOTER} and (is_in_article or (is_part and inner.by.startswith("element:"))):
            return False
        if inner.placement == HEADER:
            return box.start - page.start <= _LATEST_HEADER * page.length
        return inner.placement != FOOTER or box.end - page.start >= _EARLIEST_FOOTER * page.length

    # --- what a group of links looks like ---

    def _by_shape(self, box: Box) -> Placed | None:
        """Page numbers, trails, copyright lines: what looks the same on every site, wherever it stands."""
        page = self._outline.whole
        if page is None:
            return None
        for around in _blocks_above(box, 5):
            if around.length > _LONGEST_LINE:
                break
            text = self._outline.slice(around.start, around.end)
            if around.links >= 2 and around.length <= _LONGEST_PAGER and PAGER.fullmatch(text) is not None:
                return Placed(NAV, "structure:page numbers", around)
            if around.links >= 1 and around.start - page.start <= page.length / 2 and TRAIL.match(text) is not None:
                return Placed(NAV, "structure:trail", around)
            is_late = page.end - around.end <= max(0.1 * page.length, 300)
            if is_late and COPYRIGHT.search(text) is not None:
                return Placed(FOOTER, "structure:copyright", around)
        return None

    # --- where it lies between the other parts of the page ---

    @cached_property
    def _children(self) -> dict[ElementLike, list[Box]]:
        found: dict[ElementLike, list[Box]] = {}
        for box in self._outline.boxes.values():
            if box.around is not None and (box.length or box.links):
                found.setdefault(box.around.element, []).append(box)
        return found

    @cached_property
    def _main(self) -> Box | None:
        """The smallest box that holds most of what is no link."""
        box = self._outline.whole
        while box is not None:
            inner = max(self._children.get(box.element, ()), key=lambda child: child.unlinked, default=None)
            if inner is None or inner.element.tag not in _HOLDERS:
                break
            if inner.unlinked < _MAIN * box.unlinked or inner.unlinked < _LITTLE:
                break
            box = inner
        return box

    @cached_property
    def _prose(self) -> tuple[int, int] | None:
        """Where the main box's parts of text begin and end; None where it has none."""
        if self._main is None:
            return None
        parts = [box for box in self._children.get(self._main.element, ()) if _is_prose(box)]
        return (min(box.start for box in parts), max(box.end for box in parts)) if parts else None

    def _by_region(self, box: Box) -> Placed:
        main, page = self._main, self._outline.whole
        if main is None or page is None:
            return Placed(CONTENT, "structure:alone")
        if any(_is_prose(around) for around in _blocks_above(box, 1)):
            return Placed(CONTENT, "structure:prose")
        region, inside = self._region(box)
        if not inside:
            begin, end = main.start, main.end
        elif self._prose is None or region is main or not _is_list(region):
            return Placed(CONTENT, "structure:main text")
        else:
            begin, end = self._prose
        if region.end <= begin:
            return self._before(region)
        if region.start >= end:
            is_last = page.end - region.end <= 0.05 * page.length + 50
            return Placed(FOOTER, "structure:end", region) if is_last else Placed(ASIDE, "structure:after", region)
        return Placed(CONTENT, "structure:main text")

    def _before(self, region: Box) -> Placed:
        if not _is_list(region):
            return Placed(HEADER, "structure:beginning", region)
        if 2 * self.outward(region) > region.links:
            return Placed(ASIDE, "structure:links to other sites", region)
        return Placed(NAV, "structure:links before the text", region)

    def _region(self, box: Box) -> tuple[Box, bool]:
        """The part of the page that the box belongs to, and whether that is a part of the main box."""
        main, at = self._main, box
        over = self._over_main
        while at.around is not None and at is not main and at.around.element not in over:
            at = at.around
        return at, at is main or (at.around is not None and at.around is main)

    @cached_property
    def _over_main(self) -> frozenset[ElementLike]:
        """The main box and all around it."""
        found = []
        at = self._main
        while at is not None:
            found.append(at.element)
            at = at.around
        return frozenset(found)


_MAIN: Final = 0.6
"""The part of a box's unlinked text that its child has, if the child stands for it."""
_HOLDERS: Final = frozenset(
    "article center div fieldset form main section table tbody td th tr".split()  # noqa: SIM905
)
"""What parts of a page are made of; a paragraph is a part of one."""
_PROSE: Final = 120
"""Characters without links from which on a block is text."""
_LONGEST_LINE: Final = 600
_LONGEST_PAGER: Final = 160


def _is_prose(box: Box) -> bool:
    return box.unlinked >= _PROSE and box.density < 0.5


def _is_list(box: Box) -> bool:
    return box.links >= 3 and box.density >= 0.6


def _blocks_above(box: Box, most: int) -> Iterator[Box]:
    """The nearest blocks at or above a box, so many at most."""
    at: Box | None = box
    while at is not None and most > 0:
        if at.is_block and at.element.tag not in {"body", "html"}:
            yield at
            most -= 1
        at = at.around


def _sums(flags: Iterable[bool]) -> list[int]:
    found = [0]
    for flag in flags:
        found.append(found[-1] + flag)
    return found
