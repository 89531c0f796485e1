"""The parts of a page that names nothing: which holds its text, and what lies before and behind it."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.placement.outline import Box, Outline

LITTLE: Final = 300
"""Characters of unlinked text below which a page has too little of it to tell anything from where that lies."""
_MOST: Final = 0.6
"""The part of a box's unlinked text that its child has, if the child stands for it."""
_HOLDERS: Final = frozenset(
    "article center div fieldset form main section table tbody td th tr".split()  # noqa: SIM905
)
"""What parts of a page are made of; a paragraph is a part of one."""
_PROSE: Final = 120
_SENTENCE: Final = 60
"""Characters without links from which on a block is text, and one with a sentence."""
_FEW: Final = 0.05
"""The part of a page's text that may stand in notices before and behind the rest."""
_MENU_TEXT: Final = 30
"""Characters that the links of a menu have on average, at most."""


class Regions:
    """The parts of one page, found when the first link asks for them."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._menus: dict[ElementLike, Box | None] = {}
        """The largest menu at or around each box that was asked about."""

    @cached_property
    def _children(self) -> dict[ElementLike, list[Box]]:
        found: dict[ElementLike, list[Box]] = {}
        for box in self._outline.boxes.values():
            if box.around is not None and (box.length or box.links):
                found.setdefault(box.around.element, []).append(box)
        return found

    @cached_property
    def main(self) -> Box | None:
        """The smallest box that holds most of what is no link."""
        box = self._outline.whole
        while box is not None:
            inner = max(self._children.get(box.element, ()), key=lambda child: child.unlinked, default=None)
            if inner is None or inner.element.tag not in _HOLDERS:
                break
            if inner.unlinked < _MOST * box.unlinked or inner.unlinked < LITTLE:
                break
            box = inner
        return box

    @cached_property
    def prose(self) -> tuple[int, int] | None:
        """Where the page's text begins and ends, a little of it on either side left out; None where it has none."""
        texts = [box for box in self._outline.boxes.values() if box.is_block and is_prose(box)]
        holders = {box.around.element for box in texts if box.around is not None}
        leaves = sorted((box for box in texts if box.element not in holders), key=lambda box: box.start)
        whole = sum(box.unlinked for box in leaves)
        if not leaves:
            return None
        begin, passed = leaves[0].start, 0
        end = leaves[-1].end
        for box in leaves:
            if passed <= _FEW * whole:
                begin = box.start
            if passed < (1 - _FEW) * whole:
                end = box.end
            passed += box.unlinked
        return begin, end

    def menu(self, box: Box) -> Box | None:
        """The largest menu that a box is part of; None where it is part of none."""
        path: list[Box] = []
        at = box.around
        while at is not None and at.element not in self._menus:
            if at.element in self._over_main or not (is_list(at) or at.links < 3):
                at = None
                break
            path.append(at)
            at = at.around
        found = self._menus[at.element] if at is not None else None
        for inner in reversed(path):
            if found is None and self.is_menu(inner):
                found = inner
            self._menus[inner.element] = found
        return found

    def region(self, box: Box) -> tuple[Box, bool]:
        """The part of the page that a box belongs to, and whether that is a part of the main box."""
        main, at = self.main, box
        over = self._over_main
        while at.around is not None and at is not main and at.around.element not in over:
            at = at.around
        return at, at is main or (at.around is not None and at.around is main)

    @cached_property
    def _over_main(self) -> frozenset[ElementLike]:
        """The main box and all around it."""
        found = []
        at = self.main
        while at is not None:
            found.append(at.element)
            at = at.around
        return frozenset(found)

    def is_menu(self, box: Box) -> bool:
        """Whether it is short links one after the other, without a heading among them."""
        if not is_list(box) or not box.links <= box.linked <= _MENU_TEXT * box.links:
            return False
        starts = self._outline.heading_starts
        number = bisect_left(starts, box.start)
        return number == len(starts) or starts[number] >= box.end


def is_prose(box: Box) -> bool:
    """Whether it is text, with links or without."""
    return box.unlinked >= _PROSE and box.density < 0.5


def is_sentence(box: Box) -> bool:
    """Whether it is long enough to be one."""
    return box.unlinked >= _SENTENCE and box.density < 0.5


def is_list(box: Box) -> bool:
    """Whether it is little but links."""
    return box.links >= 3 and box.density >= 0.6


def blocks_above(box: Box, most: int) -> Iterator[Box]:
    """The nearest blocks at or above a box, so many at most."""
    at: Box | None = box
    while at is not None and most > 0:
        if at.is_block and at.element.tag not in {"body", "html"}:
            yield at
            most -= 1
        at = at.around
