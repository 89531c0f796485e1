"""Finds the regions of a page without landmarks: the main text, and the parts before and after it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.placement.outline import Box, Outline

LITTLE: Final = 300
"""The number of characters of unlinked text below which positions on the page say nothing."""
_MOST: Final = 0.6
"""The share of a box's unlinked text that a child must have to stand for the box."""
_HOLDERS: Final = frozenset(
    "article center div fieldset form main section table tbody td th tr".split()  # noqa: SIM905
)
"""Elements that parts of a page consist of; a paragraph is within a part."""
_PROSE: Final = 120
SENTENCE: Final = 60
"""The minimum number of unlinked characters of a text block, and of one with a sentence."""
_FEW: Final = 0.05
"""The share of a page's text that may be notices before and after the rest."""
_MENU_TEXT: Final = 30
"""The maximum average number of characters of a menu's links."""


class Regions:
    """The regions of one page, computed on first use."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._menus: dict[ElementLike, Box | None] = {}
        """The largest menu at or around each box that was asked about."""

    @cached_property
    def _children(self) -> dict[ElementLike, list[Box]]:
        found: dict[ElementLike, list[Box]] = {}
        for box in self._outline.boxes.values():
            if box.enclosing is not None and (box.length or box.links):
                found.setdefault(box.enclosing.element, []).append(box)
        return found

    @cached_property
    def main(self) -> Box | None:
        """The smallest box that holds most of the unlinked text."""
        box = self._outline.whole
        while box is not None:
            inner = max(self._children.get(box.element, ()), key=lambda child: child.unlinked, default=None)
            if inner is None or inner.tag not in _HOLDERS:
                break
            if inner.unlinked < _MOST * box.unlinked or inner.unlinked < LITTLE:
                break
            box = inner
        return box

    @cached_property
    def prose(self) -> tuple[int, int] | None:
        """The start and end of the page's text, with a small share left out on either side; None if it has none."""
        texts = [box for box in self._outline.boxes.values() if box.is_block and is_prose(box)]
        holders = {box.enclosing.element for box in texts if box.enclosing is not None}
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
        """Returns the largest menu that contains a box; None if there is none."""
        path: list[Box] = []
        at = box.enclosing
        while at is not None and at.element not in self._menus:
            if at.element in self._over_main or not (is_list(at) or at.links < 3):
                at = None
                break
            path.append(at)
            at = at.enclosing
        found = self._menus[at.element] if at is not None else None
        for inner in reversed(path):
            if found is None and self.is_menu(inner):
                found = inner
            self._menus[inner.element] = found
        return found

    def region(self, box: Box) -> tuple[Box, bool]:
        """Returns the part of the page that contains a box, and True if that is within the main box."""
        main, at = self.main, box
        over = self._over_main
        while at.enclosing is not None and at is not main and at.enclosing.element not in over:
            at = at.enclosing
        return at, at is main or (at.enclosing is not None and at.enclosing is main)

    @cached_property
    def _over_main(self) -> frozenset[ElementLike]:
        """The main box and all its ancestors."""
        found = []
        at = self.main
        while at is not None:
            found.append(at.element)
            at = at.enclosing
        return frozenset(found)

    def is_menu(self, box: Box) -> bool:
        """True if the box is a sequence of short links without a heading among them."""
        if not is_list(box) or not box.links <= box.linked <= _MENU_TEXT * box.links:
            return False
        starts = self._outline.heading_starts
        number = bisect_left(starts, box.start)
        return number == len(starts) or starts[number] >= box.end


def is_prose(box: Box) -> bool:
    """True if the box is text, with or without links."""
    return box.unlinked >= _PROSE and box.density < 0.5


def is_sentence(box: Box) -> bool:
    """True if the box is long enough to be a sentence."""
    return box.unlinked >= SENTENCE and box.density < 0.5


def is_list(box: Box) -> bool:
    """True if the box is little more than links."""
    return box.links >= 3 and box.density >= 0.6


def blocks_above(box: Box, most: int) -> Iterator[Box]:
    """Yields the nearest blocks at or above a box, at most ``most`` of them."""
    at: Box | None = box
    while at is not None and most > 0:
        if at.is_block and at.tag not in {"body", "html"}:
            yield at
            most -= 1
        at = at.enclosing
