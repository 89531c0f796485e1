"""Computes the anchor text of a link as a browser does (``innerText``), from markup and the page's style sheets.

https://html.spec.whatwg.org/multipage/dom.html#the-innertext-idl-attribute without layout: what a reader sees apart
(blocks, cells, lines) is apart, what is not displayed is left out, all white space is one space.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from backlinkbot.extract.html import DocumentLike, ElementLike
    from backlinkbot.extract.visibility.cascade import Cascade, Declared

# https://html.spec.whatwg.org/multipage/rendering.html, and what Chromium lays out as a line of its own in SVG
_BLOCKS: Final = """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer
    form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p plaintext
    pre search section summary table text ul xmp
"""
_UNDISPLAYED: Final = """
    annotation annotation-xml area base basefont command datalist desc head link meta metadata defs noembed noframes param rp script source style
    symbol template title track
"""
_WITHOUT_TEXT: Final = frozenset({"audio", "canvas", "embed", "iframe", "meter", "progress", "textarea", "video"})
"""Their content is a fallback for browsers that do not know the element, or a value and not text."""
_TOKENS: Final = "mi mn mo ms mtext"
_MATHEMATICS: Final = f"""
    {_TOKENS} menclose merror mfrac mmultiscripts mover mpadded mphantom mroot mrow msqrt mstyle msub msubsup msup munder
    munderover semantics
"""
"""What Chromium lays out as a box of its own in MathML (https://www.w3.org/TR/mathml-core/#layout-algorithms)."""
_DEFAULTS: Final[dict[str, str]] = {
    **dict.fromkeys(_BLOCKS.split(), "block"),
    **dict.fromkeys(_UNDISPLAYED.split(), "none"),
    **dict.fromkeys(("td", "th"), "table-cell"),
    **dict.fromkeys(("tbody", "tfoot", "thead"), "table-row-group"),
    **dict.fromkeys(("button", "marquee"), "inline-block"),
    "foreignObject": "block",
    **dict.fromkeys(_MATHEMATICS.split(), "block"),
    "tr": "table-row",
    "br": "block",
}
_APART: Final = ("block", "flex", "grid", "table", "list-item", "flow-root", "-webkit-box", "-webkit-flex")
"""Prefixes of the displays whose boxes stand on lines of their own."""
_BOXES_IN_LINE: Final = ("inline-", "-webkit-inline-")
"""Prefixes of the displays whose boxes stand in a line; white space at their inner edges is not displayed."""
_PARTS: Final = ("table-cell", "table-row", "table-header-group", "table-footer-group")
_WITH_ITEMS: Final = ("flex", "grid", "inline-flex", "inline-grid", "-webkit-flex", "-webkit-inline-flex")
"""Displays whose children are separated from each other (https://www.w3.org/TR/css-flexbox-1/#flex-items)."""
LONGEST: Final = 10_000
"""The maximum number of characters of an anchor."""
_MOST_READ: Final = 10 * LONGEST
"""The maximum number of characters of markup text that are read for it; indentation is most of some."""
MOST_ELEMENTS: Final = 50_000
"""The maximum number of elements in a link that are visited."""
_UNTIL_FOUND: Final = "until-found"
_WHITE_SPACE: Final = " \t\n\r\f"
"""What CSS collapses (https://www.w3.org/TR/css-text-3/#white-space)."""
_GAP: Final = "\x1e"
"""A separator while texts are joined; ``str.split`` takes it for white space, markup hardly ever holds it."""
_SHOWS_TEXT: Final = {
    **dict.fromkeys(("svg", "math"), False),
    **dict.fromkeys(("foreignObject", "text", *_TOKENS.split()), True),
}
"""In a drawing or formula, text is displayed in certain elements only (https://www.w3.org/TR/SVG2/text.html)."""
_IN_LINE: Final = frozenset({"initial", "unset"})


class _Mark(Enum):
    """What stands between displayed texts."""

    GAP = auto()
    """Two texts are separated."""
    BOX = auto()
    """A box begins in the line."""
    END_OF_BOX = auto()


class AnchorTexts:
    """The anchor texts of one page's links."""

    def __init__(self, document: DocumentLike, cascade: Cascade) -> None:
        """Keeps the page; nothing is computed yet.

        Args:
            document: the page.
            cascade: the styles that its markup and style sheets declare.
        """
        self._document = document
        self._styling = cascade
        self.visited_elements = 0
        """Elements visited so far in links, without texts; an element in two links counts twice."""

    def text(self, link: ElementLike) -> str:
        """Returns the visible text of a link with single spaces; for a hidden link, the text that it would show."""
        texts: list[str] = []
        for node in self._document.nodes(link):
            if not isinstance(node, str):  # few links hold an element, and what nothing hides needs no style sheets
                return _joined(self._parts(link))
            texts.append(node)
        return _joined(texts)

    def _parts(self, link: ElementLike) -> Iterator[str | _Mark]:
        """Yields the displayed texts, and what stands between them."""
        declared_of = self._styling.of
        display = _display(link, declared_of(link))
        levels = [_Level(self._document.nodes(link), display in _WITH_ITEMS, is_visible=True, end=None)]
        most = self.visited_elements + MOST_ELEMENTS
        while levels and self.visited_elements < most:
            level = levels[-1]
            node = next(level.nodes, None)
            if node is None:
                levels.pop()
                if level.end is not None:
                    yield level.end
            elif isinstance(node, str):
                if level.is_visible and level.shows_text:
                    yield node
            else:
                self.visited_elements += 1
                declared = declared_of(node)
                display = _display(node, declared)
                if display == "none":
                    continue
                is_part = display.startswith(_PARTS)
                is_apart = (
                    level.holds_items or _is_out_of_flow(declared) or (not is_part and display.startswith(_APART))
                )
                if is_apart and _is_skipped(node, declared):
                    continue
                end = None
                if is_apart or (is_part and level.is_behind_part):
                    yield _Mark.GAP
                    end = _Mark.GAP if is_apart else None
                elif display.startswith(_BOXES_IN_LINE):
                    yield _Mark.BOX
                    end = _Mark.END_OF_BOX
                level.is_behind_part = is_part
                is_visible = _is_visible(declared, around=level.is_visible)
                shows_text = _SHOWS_TEXT.get(node.tag, level.shows_text)
                levels.append(_Level(self._shown(node), display in _WITH_ITEMS, is_visible, end, shows_text))

    def _shown(self, element: ElementLike) -> Iterator[ElementLike | str]:
        """Yields those of an element's children that are displayed in the element's place."""
        if element.tag in _WITHOUT_TEXT:
            return iter(())
        nodes = self._document.nodes(element)
        if element.tag == "details" and element.attr("open") is None:
            summaries = (node for node in nodes if not isinstance(node, str) and node.tag == "summary")
            return islice(summaries, 1)
        return nodes


def _joined(parts: Iterable[str | _Mark]) -> str:
    """Returns the texts with white space collapsed, as far as the bounds allow."""
    read: list[str] = []
    left, is_at_edge = _MOST_READ, False
    for part in parts:
        if not isinstance(part, str):
            if part is _Mark.END_OF_BOX:
                _strip_end(read)
            read.append(_GAP if part is _Mark.GAP else "")
            is_at_edge = part is _Mark.BOX
            continue
        text = part.lstrip(_WHITE_SPACE) if is_at_edge else part
        is_at_edge = is_at_edge and not text
        read.append(text if len(text) <= left else text[:left])
        left -= len(part)
        if left <= 0:
            break
    return " ".join("".join(read).split())[:LONGEST]


def _strip_end(read: list[str]) -> None:
    """Removes the white space that ends a box; its gaps stay."""
    for at in range(len(read) - 1, -1, -1):
        if read[at] in {"", _GAP}:
            return
        read[at] = read[at].rstrip(_WHITE_SPACE)
        if read[at]:
            return


@dataclass(slots=True)
class _Level:
    """An element that is being traversed."""

    nodes: Iterator[ElementLike | str]
    """The children that remain."""
    holds_items: bool
    """True if each child is separated from the next."""
    is_visible: bool
    end: _Mark | None
    """What stands behind it."""
    shows_text: bool = True
    """False in a drawing or formula, outside of its texts."""
    is_behind_part: bool = False
    """True if the last child was a table row or cell, which is separated from the next."""


def _display(element: ElementLike, declared: Mapping[str, Declared]) -> str:
    display = _value(declared, "display")
    if display in _IN_LINE:
        return "inline"
    if display and not display.startswith(("revert", "inherit")):
        return display
    hidden = element.attr("hidden")
    is_closed = element.tag == "dialog" and element.attr("open") is None
    if is_closed or (hidden is not None and hidden.lower() != _UNTIL_FOUND):
        return "none"
    return _DEFAULTS.get(element.tag, "inline")


def _is_skipped(element: ElementLike, declared: Mapping[str, Declared]) -> bool:
    """True if the content of a box is not displayed."""
    visibility = _value(declared, "content-visibility")
    return visibility == "hidden" or (not visibility and (element.attr("hidden") or "").lower() == _UNTIL_FOUND)


def _value(declared: Mapping[str, Declared], name: str) -> str:
    found = declared.get(name)
    return found.value if found is not None else ""


def _is_out_of_flow(declared: Mapping[str, Declared]) -> bool:
    return bool(declared) and (
        _value(declared, "position") in {"absolute", "fixed"}
        or _value(declared, "float") in {"left", "right", "inline-start", "inline-end"}
    )


def _is_visible(declared: Mapping[str, Declared], *, around: bool) -> bool:
    visibility = _value(declared, "visibility")
    if visibility in {"visible", "initial"}:
        return True
    return around and visibility not in {"hidden", "collapse"}
