"""Computes the anchor text of a link as a browser does (``innerText``), from markup and the page's style sheets.

https://html.spec.whatwg.org/multipage/dom.html#the-innertext-idl-attribute without layout: what a reader sees apart
(blocks, cells, lines) is apart, what is not displayed is left out, all white space is one space.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from backlinkbot.extract.html import DocumentLike, ElementLike
    from backlinkbot.extract.visibility.cascade import Cascade, Declared

# https://html.spec.whatwg.org/multipage/rendering.html, and what Chromium lays out as a line of its own in SVG
_BLOCKS: Final = """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure footer
    form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p plaintext
    pre search section summary table text ul xmp
"""
_UNDISPLAYED: Final = """
    area base basefont command datalist desc head link meta metadata defs noembed noframes param rp script source style
    symbol template title track
"""
_WITHOUT_TEXT: Final = frozenset({"audio", "canvas", "embed", "iframe", "meter", "progress", "textarea", "video"})
"""Their content is a fallback for browsers that do not know the element, or a value and not text."""
_DEFAULTS: Final[dict[str, str]] = {
    **dict.fromkeys(_BLOCKS.split(), "block"),
    **dict.fromkeys(_UNDISPLAYED.split(), "none"),
    **dict.fromkeys(("td", "th"), "table-cell"),
    **dict.fromkeys(("tbody", "tfoot", "thead"), "table-row-group"),
    "tr": "table-row",
    "br": "block",
}
_APART: Final = ("block", "flex", "grid", "table", "list-item", "flow-root", "-webkit-box", "-webkit-flex")
"""Prefixes of the displays whose boxes stand on lines of their own."""
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
_IN_LINE: Final = frozenset({"initial", "unset"})


class AnchorTexts:
    """The anchor texts of one page's links."""

    def __init__(self, document: DocumentLike, cascade: Cascade, is_in_shadow: Callable[[ElementLike], bool]) -> None:
        """Keeps the page; nothing is computed yet.

        Args:
            document: the page.
            cascade: the styles that its markup and style sheets declare.
            is_in_shadow: whether an element stands in a shadow tree, where the page's style sheets say nothing.
        """
        self._document = document
        self._styling = cascade
        self._is_in_shadow = is_in_shadow
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

    def _parts(self, link: ElementLike) -> Iterator[str]:
        """Yields the displayed texts, with a space wherever two of them are separated."""
        declared_of = self._styling.of_own if self._is_in_shadow(link) else self._styling.of
        display = _display(link, declared_of(link))
        levels = [_Level(self._document.nodes(link), display in _WITH_ITEMS, is_visible=True, is_apart=False)]
        end = self.visited_elements + MOST_ELEMENTS
        while levels and self.visited_elements < end:
            level = levels[-1]
            node = next(level.nodes, None)
            if node is None:
                levels.pop()
                if level.is_apart:
                    yield " "
            elif isinstance(node, str):
                if level.is_visible:
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
                if is_apart or (is_part and level.is_behind_part):
                    yield " "
                level.is_behind_part = is_part
                is_visible = _is_visible(declared, around=level.is_visible)
                levels.append(_Level(self._shown(node), display in _WITH_ITEMS, is_visible, is_apart))

    def _shown(self, element: ElementLike) -> Iterator[ElementLike | str]:
        """Yields those of an element's children that are displayed in the element's place."""
        if element.tag in _WITHOUT_TEXT:
            return iter(())
        nodes = self._document.nodes(element)
        if element.tag == "details" and element.attr("open") is None:
            summaries = (node for node in nodes if not isinstance(node, str) and node.tag == "summary")
            return islice(summaries, 1)
        return nodes


def _joined(texts: Iterable[str]) -> str:
    """Returns the texts with white space collapsed, as far as the bounds allow."""
    read, left = [], _MOST_READ
    for text in texts:
        read.append(text if len(text) <= left else text[:left])
        left -= len(text)
        if left <= 0:
            break
    return " ".join("".join(read).split())[:LONGEST]


@dataclass(slots=True)
class _Level:
    """An element that is being traversed."""

    nodes: Iterator[ElementLike | str]
    """The children that remain."""
    holds_items: bool
    """True if each child is separated from the next."""
    is_visible: bool
    is_apart: bool
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
