"""Finds the running text of an article and tells what stands in it from boxes between, before and after its paragraphs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

from backlinkbot.extract.placement.outline import HEADINGS
from backlinkbot.extract.placement.place_words import EDITOR_BLOCKS
from backlinkbot.extract.placement.regions import SENTENCE, blocks_above, is_sentence

if TYPE_CHECKING:
    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.placement.outline import Box, Outline

_LEAST: Final = 800
"""The minimum number of characters outside links of a running text; with less, the page may be a list of teasers."""
_FEWEST: Final = 3
"""The minimum number of paragraphs of a running text."""
_PARAGRAPHS: Final = 2
"""The minimum number of paragraphs in an element that is a part of the running text."""
_PART: Final = 0.3
"""The share of the largest part of the running text that another one must have, unless both have the same names."""
_IN_TEXT: Final = HEADINGS | frozenset("p ul ol dl table blockquote pre figure details address".split())  # noqa: SIM905
"""Elements that authors put between paragraphs; other blocks between them are boxes."""
_IN_SECTION: Final = _IN_TEXT | {"section"}
_ORDERED: Final = frozenset({"ol", "dl", "table"})
"""Those of them that lists of sources and tables of a text consist of."""
_QUOTED: Final = frozenset({"blockquote", "figure", "figcaption", "pre"})
_ARTICLES: Final = frozenset({"article", "section", "main"})
_LINES: Final = HEADINGS | {"p"}
"""Elements of lines that belong to the title below them."""
_ITEMS_OF_TEXT: Final = 3
"""The number of boxes with the same names from which they are parts of the text between which they stand."""
_SHARE_OF_PARAGRAPHS: Final = 0.25
"""The share of the text's paragraphs from which their names are names of paragraphs."""
_DENSE: Final = 0.5
"""The share of link text from which a block is more links than text."""
_NEARLY_ALL: Final = 0.9
"""The share of link text from which a block is nothing but links."""
_END: Final = 0.1
"""The share of the running text, at its end, that may be notes about the author."""
_LONGEST_NOTE: Final = 600
"""The maximum number of characters of a note about the author."""
_ITEMS: Final = frozenset({"li", "dd", "dt", "td", "th", "tr"})


_Names = tuple[str, str | None]
"""An element's name and its class."""


@dataclass(slots=True)
class _Part:
    """An element that holds paragraphs of the running text."""

    box: Box
    start: int
    """The offset of its first paragraph."""
    end: int = 0
    """The offset behind its last paragraph."""
    paragraphs: int = 0
    length: int = 0
    """The number of characters outside links of its paragraphs."""
    names: Counter[_Names] = field(default_factory=Counter)
    """The names of its paragraphs."""

    def is_like(self, largest: _Part) -> bool:
        """True if it belongs to the same text as the largest part."""
        if _names(self.box) == _names(largest.box):
            return True
        return self.paragraphs >= _PARAGRAPHS and self.length >= _PART * largest.length


@dataclass(slots=True)
class _Contents:
    """The children of a box that authors put into their text."""

    length: int = 0
    """The number of characters of these children, without white space between elements."""
    tags: set[str] = field(default_factory=set)


class TextFlow:
    """The paragraphs of a page's running text and the elements that hold them; computed on first use."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline

    @cached_property
    def _parts(self) -> dict[ElementLike, _Part]:
        """The elements that hold paragraphs of the running text; empty if there is none."""
        boxes = self._outline.boxes.values()
        sentences = [box for box in boxes if box.is_block and box.unlinked >= SENTENCE and is_sentence(box)]
        parts: dict[ElementLike, _Part] = {}
        for box, following in zip_longest(sentences, sentences[1:]):
            holder = box.enclosing
            if holder is None or box.tag in _ITEMS or (following is not None and following.start < box.end):
                continue
            part = parts.get(holder.element)
            if part is None:
                part = parts[holder.element] = _Part(holder, box.start)
            part.paragraphs += 1
            part.length += box.unlinked
            part.end = box.end
            part.names[_names(box)] += 1
        if not parts:
            return {}
        largest = max(parts.values(), key=lambda part: part.length)
        found = {element: part for element, part in parts.items() if part.is_like(largest)}
        is_text = sum(part.length for part in found.values()) >= _LEAST
        return found if is_text and sum(part.paragraphs for part in found.values()) >= _FEWEST else {}

    @cached_property
    def _extent(self) -> tuple[int, int]:
        parts = self._parts.values()
        return min(part.start for part in parts), max(part.end for part in parts)

    def box_beside(self, box: Box) -> tuple[str, Box] | None:
        """Returns where a link's box stands that is not in the running text: ``before``, ``within`` or ``after`` it.

        The second value is the largest element around the link that holds none of the text. None if the link is in the text,
        or the page has no running text.
        """
        block = next(blocks_above(box, 1), None)
        if block is None or is_sentence(block) or not self._parts:
            return None
        begin, end = self._extent
        if self._is_paragraph(block):
            is_line = block.start >= end and block.density >= _NEARLY_ALL
            return ("after", block) if is_line else None
        at, child = box.enclosing, box
        is_text = False
        while at is not None and not self._is_part(at) and not at.start <= begin < end <= at.end:
            if at.is_block:
                is_text = is_text or is_sentence(at) or at.tag in _QUOTED or (at.tag == "p" and at.density < _DENSE)
            child, at = at, at.enclosing
        if at is not None and self._is_part(at):
            is_line = child.start >= end and child.density >= _NEARLY_ALL
            if is_line and (child.tag == "p" or self._is_item(child)):
                return "after", child
            is_in_text = is_text or not child.is_block or child.tag in _IN_TEXT or self._is_written_block(child)
            return None if is_in_text or self._is_item(child) else ("within", child)
        if box.start >= end:
            return "after", child
        return ("before" if box.end <= begin else "within"), child

    def above_title(self, box: Box) -> Box | None:
        """Returns the block of a link that stands before the page's title, if the running text follows below that title.

        There, sites put notices, advertisements and their own accounts. None for captions, because a picture may stand above the
        title, and for sentences, lines directly above the title and all that stands in an article, a section or the main element.
        """
        if not self._parts:
            return None
        block = next(blocks_above(box, 1), None)
        title = self._title
        if block is None or title is None or block.end > title.start or is_sentence(block):
            return None
        if block.tag in _LINES and block.enclosing is title.enclosing:
            return None
        at: Box | None = block
        while at is not None:
            if at.tag in _ARTICLES or at.tag in _QUOTED:
                return None
            at = at.enclosing
        return block

    @cached_property
    def _title(self) -> Box | None:
        """The page's first ``<h1>``; None if the running text does not follow below it."""
        title = next((one for one in self._outline.headings if one.tag == "h1"), None)
        return title if title is not None and title.start <= self._extent[0] else None

    def is_sentence_of_text(self, block: Box) -> bool:
        """True if a block is a quotation, or a sentence between the first and the last paragraph of the running text."""
        if any(at.tag in _QUOTED for at in blocks_above(block, 3)):
            return True
        if not self._parts or not is_sentence(block):
            return False
        begin, end = self._extent
        return begin <= block.start and block.end <= end

    def note(self, box: Box) -> tuple[Box, bool] | None:
        """Returns the block of a link at either end of the running text, and True if it is not between its paragraphs.

        There, articles name their author's accounts. None for quotations, such as posts of social networks.
        """
        if not self._parts:
            return None
        begin, end = self._extent
        block = next(blocks_above(box, 1), None)
        if block is None or block.length > _LONGEST_NOTE or any(at.tag in _QUOTED for at in blocks_above(box, 4)):
            return None
        if block.end <= begin or block.end >= end:
            return block, True
        return (block, False) if block.start >= end - _END * (end - begin) else None

    def _is_part(self, box: Box) -> bool:
        """True if an element holds paragraphs of the running text, or lies among those that do and has their names."""
        return box.element in self._parts or (_names(box) in self._names_of_parts and box.start < self._extent[1])

    def _is_paragraph(self, box: Box) -> bool:
        """True if a box of any length has the names of the text's paragraphs and stands where one may stand."""
        holder = box.enclosing
        if holder is None or _names(box) not in self._names_of_paragraphs:
            return False
        if self._is_part(holder):
            return True
        # The last of several posts or replies may be too short for a sentence.
        around = holder.enclosing
        return (
            _names(holder) in self._names_of_parts and around is not None and _names(around) in self._names_around_parts
        )

    @cached_property
    def _names_around_parts(self) -> frozenset[_Names]:
        """The names of the elements directly around the parts."""
        around = (part.box.enclosing for part in self._parts.values())
        return frozenset(_names(box) for box in around if box is not None)

    @cached_property
    def _names_of_paragraphs(self) -> frozenset[_Names]:
        """The names that many paragraphs of the text have; a single sentence may stand in a box of another sort."""
        found: Counter[_Names] = Counter()
        for part in self._parts.values():
            found.update(part.names)
        least = max(_FEWEST, _SHARE_OF_PARAGRAPHS * found.total())
        return frozenset(names for names, count in found.items() if count >= least)

    def _is_written_block(self, box: Box) -> bool:
        """True if a box between paragraphs is a block of the author's editor, or holds only what authors write.

        That is a section with a heading, or lists of sources and tables in a box of their own. Lists of links with a heading
        in other elements may be titles of other articles.
        """
        if not EDITOR_BLOCKS.isdisjoint((box.element.attr("class") or "").split()):
            return True
        found = self._contents.get(box.element)
        if found is None or found.length != box.linked + box.unlinked:
            return False
        if not found.tags.isdisjoint(_ORDERED):
            return True
        return not found.tags.isdisjoint(HEADINGS) and (box.tag == "section" or box.density < _DENSE)

    @cached_property
    def _contents(self) -> dict[ElementLike, _Contents]:
        """What the boxes next to the paragraphs hold of what authors write."""
        found: dict[ElementLike, _Contents] = {}
        for box in self._outline.boxes.values():
            holder = box.enclosing
            if box.tag not in _IN_SECTION or holder is None or holder.enclosing is None:
                continue
            if self._is_part(holder.enclosing):
                contents = found.setdefault(holder.element, _Contents())
                contents.length += box.linked + box.unlinked
                contents.tags.add(box.tag)
        return found

    @cached_property
    def _names_of_parts(self) -> frozenset[_Names]:
        """The names of the elements that hold the text, where several with the same names do."""
        found = Counter(_names(part.box) for part in self._parts.values())
        return frozenset(names for names, count in found.items() if count > 1 and names[1])

    def _is_item(self, box: Box) -> bool:
        """True if a text has several such boxes between its paragraphs: products that it compares, questions with answers."""
        holder = box.enclosing
        return holder is not None and self._boxes[holder.element, _names(box)] >= _ITEMS_OF_TEXT

    @cached_property
    def _boxes(self) -> Counter[tuple[ElementLike, _Names]]:
        """Counts the elements with links, by names, in each element that holds a part of the running text."""
        found: Counter[tuple[ElementLike, _Names]] = Counter()
        for box in self._outline.boxes.values():
            if box.links and box.enclosing is not None and self._is_part(box.enclosing):
                found[box.enclosing.element, _names(box)] += 1
        return found


def _names(box: Box) -> _Names:
    return box.tag, box.element.attr("class")
