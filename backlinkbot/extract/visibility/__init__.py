"""Determines if a page hides a link from its readers, by the page's own markup and style sheets.

External style sheets, conditions and scripts are not evaluated (only a browser can); if they may change
a colour, no flag is set. ``docs/hidden.md`` lists the forms of hiding.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

from backlinkbot.extract.visibility import colours
from backlinkbot.extract.visibility.background import UNKNOWN, ColourEvidence
from backlinkbot.extract.visibility.cascade import Cascade
from backlinkbot.extract.visibility.forms import picture_size
from backlinkbot.extract.visibility.inherited_style import InheritedStyle, below
from backlinkbot.extract.visibility.style import Style
from backlinkbot.text.csv_escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.extract.html import DocumentLike, ElementLike
    from backlinkbot.extract.visibility.cascade import ElementStyle

__all__ = ["LONGEST_EVIDENCE", "Visibility"]

LONGEST_EVIDENCE: Final = 120
"""The maximum number of characters."""
MOST_PARTS: Final = 50
"""The maximum number of texts and images of a link examined; a link with more counts as visible unless an ancestor hides it."""
_MOST_NODES: Final = 1_000
_PICTURES: Final = frozenset(
    {"button", "canvas", "embed", "iframe", "img", "input", "object", "picture", "svg", "video"}
)


_ICON: Final = re.compile(
    r":(?:before|after)\b[^{}]{0,200}\{[^{}]{0,500}?content\s*:\s*[\"'](?![\"'\s.])", re.IGNORECASE
)
"""A rule that paints something before or behind the words of an element, as fonts of icons do."""


class Visibility:
    """Evaluates the visibility of one page's links; shared ancestors are evaluated once."""

    def __init__(self, document: DocumentLike) -> None:
        self._document = document
        self.cascade: Final = Cascade(document)
        self._inherited_styles: dict[ElementStyle, InheritedStyle] = {}
        self._text_evidence: dict[ElementStyle, str] = {}

    def evidence(self, link: ElementLike) -> str:
        """Returns the evidence that a link or frame is hidden, as ``style display:none on div``; empty if it is visible."""
        found = self._of_area(link) if link.tag == "area" else self._of_link(link)
        return one_line(found, LONGEST_EVIDENCE)

    def aria_evidence(self, link: ElementLike) -> str:
        """Returns the evidence that only assistive technology is kept from the link; empty if there is none."""
        return self._inherited(link).aria_hidden

    def _of_link(self, link: ElementLike) -> str:
        first = next(self._document.nodes(link), None)
        if isinstance(first, str) and not first.isspace() and first and not self._of_text(link):
            return ""  # as nearly all links begin with a text that is shown
        inherited = self._inherited(link)
        if inherited.evidence_of_box:
            return inherited.evidence_of_box
        found = inherited.evidence or picture_size(link)  # of a link that shows nothing, or of a frame
        for number, (around, is_text) in enumerate(self._parts(link)):
            found = self._of_text(around) if is_text else self._inherited(around).evidence or picture_size(around)
            if not found or number >= MOST_PARTS:
                return ""
        return "" if not inherited.evidence and self._may_be_icon(found) else found

    def _may_be_icon(self, evidence: str) -> bool:
        """True if a sheet hides the words otherwise than by their colour, and may paint an icon in their place."""
        return evidence.startswith("sheet") and " color:" not in evidence and self._may_have_icons

    def _of_area(self, area: ElementLike) -> str:
        """Returns the evidence for an ``<area>``: it is visible if an image that uses its ``<map>`` is."""
        around = self._document.parent(area)
        for _ in range(_MOST_NODES):
            if around is None or around.tag == "map":
                break
            around = self._document.parent(around)
        name = (around.attr("name") or "") if around is not None else ""
        return self._maps.get(name, "map without a picture")

    @cached_property
    def _maps(self) -> dict[str, str]:
        """Maps each name to the evidence that every image using the map is hidden."""
        found: dict[str, str] = {}
        for picture in self._document.elements("img"):
            name = (picture.attr("usemap") or "").partition("#")[2]
            if name and found.get(name, "?"):
                found[name] = self._inherited(picture).evidence or picture_size(picture)
        return found

    def _parts(self, link: ElementLike) -> Iterator[tuple[ElementLike, bool]]:
        """Yields what the link shows: (element, True) for a text, (image, False) for an image."""
        open_nodes = [(link, self._document.nodes(link))]
        looked_at = 0
        while open_nodes:
            around, nodes = open_nodes[-1]
            node = next(nodes, None)
            looked_at += 1
            if node is None:
                open_nodes.pop()
            elif isinstance(node, str):
                if node.strip():
                    yield around, True
            elif node.tag in _PICTURES:
                yield node, False
            else:
                open_nodes.append((node, self._document.nodes(node)))
            if looked_at > _MOST_NODES:
                yield from [(link, True)] * MOST_PARTS
                return

    def _of_text(self, element: ElementLike) -> str:
        """Returns the evidence that a text in an element is hidden."""
        style = self.cascade.style(element)
        found = self._text_evidence.get(style)
        if found is None:
            found = self._text_evidence[style] = self._inherited(element).evidence_of_text
        return found

    def _inherited(self, element: ElementLike) -> InheritedStyle:
        known = self._inherited_styles
        around: ElementStyle | None = self.cascade.style(element)
        path: list[ElementStyle] = []
        inherited = None
        while around is not None and (inherited := known.get(around)) is None:
            path.append(around)
            around = around.around
        if inherited is None:
            inherited = self._outermost
        for inner in reversed(path):
            inherited = known[inner] = below(
                inherited,
                Style(inner.element, self.cascade.of(inner.element)),
                in_shadow=inner.in_shadow,
                may_be_styled=self._may_be_styled,
            )
        return inherited

    @cached_property
    def _outermost(self) -> InheritedStyle:
        """What the outermost element inherits."""
        return InheritedStyle(
            background=UNKNOWN if self._may_be_styled else ColourEvidence(colours.WHITE),
            has_outer_sheets=self._has_outer_sheets,
        )

    @cached_property
    def _has_outer_sheets(self) -> bool:
        """True if the page names style sheets at other addresses."""
        links = self._document.html_elements("link")
        return any("stylesheet" in (link.attr("rel") or "").lower() for link in links) or any(
            "@import" in sheet for sheet in self._document.style_sheets()
        )

    @cached_property
    def _may_have_icons(self) -> bool:
        """True if rules may paint icons instead of the words of links that the page's own sheets hide."""
        return self._has_outer_sheets or any(_ICON.search(sheet) for sheet in self._document.style_sheets())

    @cached_property
    def _may_be_styled(self) -> bool:
        """True if the page has external style sheets, or rules with a condition."""
        return self._has_outer_sheets or any("@" in sheet for sheet in self._document.style_sheets())
