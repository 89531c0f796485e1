"""The outline of a page: the extent of each element's text, its share of links, and the position of headings.

It is built in one pass over the page; later look-ups of an element take constant time.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import chain
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
HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BREAK: Final = "\n"
_END: Final = (None, None)
_UNSEEN: Final = 1
_LINK: Final = 2
_BREAKING: Final = 4
_BLOCK: Final = 12
_FORMS: Final = {
    **dict.fromkeys(BLOCKS, _BLOCK),
    "br": _BREAKING,
    **dict.fromkeys(("a", "area"), _LINK),
    **dict.fromkeys(("head", "script", "style", "template", "title"), _UNSEEN),
}
"""What an element does to the text around it; other elements do nothing."""


@dataclass(slots=True)
class Box:
    """An element with the range of its text on the page."""

    element: ElementLike
    tag: str
    """The element's name."""
    enclosing: Box | None
    start: int
    """The offset of its text in the page's text, white space collapsed; the same origin for all boxes of a page."""
    first_link: int
    """The number of links that begin before it."""
    linked: int
    """The number of characters of link text at and below it, without white space between elements."""
    unlinked: int
    """The number of characters outside links."""
    is_block: bool
    """True if it begins on a line of its own."""
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
        self._links = self._linked = self._unlinked = 0
        self.boxes: dict[ElementLike, Box] = {}
        self._headings: list[Box] = []
        for top in document.tops():
            if self._is_full:
                break
            host = document.parent(top)
            self._lay_out(document, top, self.boxes.get(host) if host is not None else None)

    def _lay_out(self, document: DocumentLike, top: ElementLike, host: Box | None) -> None:  # noqa: C901, PLR0912, PLR0915
        """Adds the boxes and the text of a tree.

        Every node of every page with a link to a target passes here. The state is in local variables, and the steps are no
        methods, because calls and attributes would take more time than all else.
        """
        pieces, boxes, headings, forms = self._pieces, self.boxes, self._headings, _FORMS
        at, links, linked, unlinked = self._at, self._links, self._linked, self._unlinked
        is_open, is_full = self._is_open, self._is_full
        is_line_start = not pieces or pieces[-1] == _BREAK
        path: list[ElementLike] = []
        around: list[Box | None] = [host]
        """The host, then a box for each element of the path; None: unseen."""
        open_links: list[Box] = []
        nodes: Iterator[tuple[ElementLike | str | None, ElementLike | None]]
        nodes = chain(((top, None),), document.below(top), (_END,))
        current: ElementLike | None = None
        """The innermost element of the path."""
        for node, parent in nodes:
            if is_full:
                node = parent = None  # noqa: PLW2901 - the rest of the page is left out
            while current is not parent and path:
                path.pop()
                current = path[-1] if path else None
                box = around.pop()
                if box is None:
                    continue
                if open_links and open_links[-1] is box:
                    open_links.pop()
                box.end, box.last_link = at, links
                # Until now, these were the numbers before it.
                box.linked, box.unlinked = linked - box.linked, unlinked - box.unlinked
                if box.is_block:
                    if box.tag in HEADINGS:
                        headings.append(box)
                    is_open = False
                    if not is_line_start:
                        is_line_start = True
                        pieces.append(_BREAK)
                        at += 1
            if node is None:
                break
            enclosing = around[-1]
            if isinstance(node, str):
                if enclosing is None or not node:
                    continue
                if at + len(node) > MOST_TEXT:
                    node, is_full = node[: MOST_TEXT - at], True  # noqa: PLW2901
                if not node or node.isspace():  # as most texts of most pages
                    is_open = is_open or bool(node)
                    continue
                piece = " ".join(node.split())
                if (is_open or node[0].isspace()) and not is_line_start:
                    pieces.append(" ")
                    at += 1
                pieces.append(piece)
                length = len(piece)
                at += length
                if open_links:
                    linked += length
                else:
                    unlinked += length
                is_open, is_line_start = node[-1].isspace(), False
                continue
            tag = node.tag
            form = forms.get(tag, 0)
            path.append(node)
            current = node
            if node is not top and (enclosing is None or form == _UNSEEN):
                around.append(None)
                continue
            is_link = form == _LINK and _is_link(node)
            if form & _BREAKING:
                is_open = False
                if not is_line_start:
                    is_line_start = True
                    pieces.append(_BREAK)
                    at += 1
            elif is_link and is_open and not is_line_start:
                pieces.append(" ")  # it stands before the link, not in it
                at += 1
                is_open = False
            box = boxes[node] = Box(node, tag, enclosing, at, links, linked, unlinked, form == _BLOCK)
            around.append(box)
            if is_link:
                links += 1
                open_links.append(box)
            is_full = is_full or len(boxes) >= MOST_BOXES
        self._at, self._links, self._linked, self._unlinked = at, links, linked, unlinked
        self._is_open, self._is_full = is_open, is_full

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
        if start < 0 or end < 0:  # seldom; two calls of max() would take most of the time
            start, end = max(start, 0), max(end, 0)
        return self.text[start:end]

    @cached_property
    def whole(self) -> Box | None:
        """The body's box; None if the page has none."""
        return next((box for box in self.boxes.values() if box.tag in {"body", "frameset"}), None)

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


def _is_link(element: ElementLike) -> bool:
    return element.attr("href") is not None or element.attr("xlink:href") is not None
