"""The outline of a page: the extent of each element's text, its share of links, and the position of headings.

It is built in one pass over the page; later look-ups of an element take constant time.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.extract.html import DocumentLike, ElementLike

BLOCKS: Final = frozenset(
    """
    address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p
    pre search section select summary table tbody td textarea tfoot th thead tr ul
    """.split()  # noqa: SIM905 - as a list it fills a page
)
"""Elements that begin on a line of their own: https://html.spec.whatwg.org/multipage/rendering.html#flow-content-3."""
HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_BREAK: Final = "\n"
_UNSEEN: Final = frozenset({"head", "script", "style", "template", "title"})


@dataclass(slots=True)
class Box:
    """An element with the range of its text on the page."""

    element: ElementLike
    enclosing: Box | None
    start: int
    """The offset of its text in the page's text, white space collapsed; the same origin for all boxes of a page."""
    first_link: int
    """The number of links that begin before it."""
    linked: int
    """The number of characters of link text at and below it, without white space between elements."""
    unlinked: int
    """The number of characters outside links."""
    end: int = 0
    last_link: int = 0

    @property
    def length(self) -> int:
        """The number of characters."""
        return self.end - self.start

    @property
    def links(self) -> int:
        """The number of links at and below it."""
        return self.last_link - self.first_link

    @property
    def density(self) -> float:
        """The share of its text that is link text, from 0 to 1; 1 for links without text, 0 for no content at all."""
        whole = self.linked + self.unlinked
        return self.linked / whole if whole else float(self.links > 0)

    @property
    def is_block(self) -> bool:
        """True if it begins on a line of its own."""
        return self.element.tag in BLOCKS


MOST_BOXES: Final = 20_000
"""The number of elements after which the outline ends; few real pages have more."""
MOST_TEXT: Final = 2_000_000
"""The number of characters after which it ends likewise."""


class Outline:
    """The boxes of a page, up to its bounds; elements behind them have none."""

    def __init__(self, document: DocumentLike) -> None:
        """Builds the outline; shadow trees follow the rest of the document."""
        self._pieces: list[str] = []
        self._at = 0
        self._is_open = False
        """True if a space is due before the next word."""
        self._is_full = False
        """True if a bound is reached."""
        self._links = self._linked = self._unlinked = self._nesting = 0
        self.boxes: dict[ElementLike, Box] = {}
        self._headings: list[Box] = []
        for top in document.tops():
            if self._is_full:
                break
            host = document.parent(top)
            self._lay_out(document, top, self.boxes.get(host) if host is not None else None)

    def _lay_out(self, document: DocumentLike, top: ElementLike, host: Box | None) -> None:
        path = [self._enter(top, host)]
        rest: list[Iterator[ElementLike | str]] = [document.nodes(top)]
        while path:
            node = next(rest[-1], None) if not self._is_full else None
            if node is None:
                rest.pop()
                self._leave(path.pop())
            elif isinstance(node, str):
                self._write(node)
            elif node.tag not in _UNSEEN:
                path.append(self._enter(node, path[-1]))
                rest.append(document.nodes(node))

    def _enter(self, element: ElementLike, enclosing: Box | None) -> Box:
        tag = element.tag
        if tag in BLOCKS or tag == "br":
            self._break()
        is_link = tag in _LINKS and _is_link(element)
        if is_link and self._is_open and self._pieces and self._pieces[-1] != _BREAK:
            self._put(" ")  # it stands before the link, not in it
            self._is_open = False
        box = Box(element, enclosing, self._at, self._links, self._linked, self._unlinked)
        if is_link:
            self._links += 1
            self._nesting += 1
        self.boxes[element] = box
        self._is_full = self._is_full or len(self.boxes) >= MOST_BOXES
        return box

    def _leave(self, box: Box) -> None:
        tag = box.element.tag
        if tag in _LINKS and _is_link(box.element):
            self._nesting -= 1
        box.end, box.last_link = self._at, self._links
        box.linked, box.unlinked = (
            self._linked - box.linked,
            self._unlinked - box.unlinked,
        )  # until now: those before it
        if tag in HEADINGS:
            self._headings.append(box)
        if tag in BLOCKS:
            self._break()

    def _write(self, text: str) -> None:
        if self._at + len(text) > MOST_TEXT:
            text = text[: MOST_TEXT - self._at]
            self._is_full = True
        words = text.split()
        if not words:
            self._is_open = self._is_open or bool(text)
            return
        piece = " ".join(words)
        if (self._is_open or text[0].isspace()) and self._pieces and self._pieces[-1] != _BREAK:
            self._put(" ")
        self._put(piece)
        if self._nesting:
            self._linked += len(piece)
        else:
            self._unlinked += len(piece)
        self._is_open = text[-1].isspace()

    def _break(self) -> None:
        self._is_open = False
        if self._pieces and self._pieces[-1] != _BREAK:
            self._put(_BREAK)

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self._at += len(piece)

    @property
    def links(self) -> int:
        """The number of links that it holds."""
        return self._links

    @cached_property
    def text(self) -> str:
        """The whole text: words with single spaces, one line per block."""
        return "".join(self._pieces)

    def slice(self, start: int, end: int) -> str:
        """Returns the text between two offsets."""
        return self.text[max(start, 0) : max(end, 0)]

    @cached_property
    def whole(self) -> Box | None:
        """The body's box; None if the page has none."""
        return next((box for element, box in self.boxes.items() if element.tag in {"body", "frameset"}), None)

    @cached_property
    def headings(self) -> tuple[Box, ...]:
        """The headings that have text, in tree order."""
        return tuple(sorted((box for box in self._headings if box.length), key=lambda box: box.start))

    @cached_property
    def heading_starts(self) -> list[int]:
        """The offsets of the headings."""
        return [box.start for box in self.headings]

    def heading_above(self, box: Box) -> Box | None:
        """Returns the last heading that begins before the box ends; None if there is none."""
        number = bisect_right(self.heading_starts, box.start)
        return self.headings[number - 1] if number else None


_LINKS: Final = frozenset({"a", "area"})


def _is_link(element: ElementLike) -> bool:
    return element.attr("href") is not None or element.attr("xlink:href") is not None
