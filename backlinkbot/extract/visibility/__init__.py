"""Does a page hide a link from its readers? By its own markup, from the root down to what the link shows.

What only a browser knows (style sheets of other addresses, conditions, scripts) is not looked at; where it may decide
otherwise about a colour, nothing is said. ``docs/hidden.md`` has the forms.
"""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.visibility import colours
from backlinkbot.extract.visibility.background import UNKNOWN, Said
from backlinkbot.extract.visibility.cascade import Styling
from backlinkbot.extract.visibility.forms import picture_size
from backlinkbot.extract.visibility.inherited_style import Look, below
from backlinkbot.extract.visibility.style import Style
from backlinkbot.text.csv_escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from backlinkbot.extract.html import DocumentLike, ElementLike

__all__ = ["LONGEST_EVIDENCE", "Hiding"]

LONGEST_EVIDENCE: Final = 120
"""Characters."""
MOST_PARTS: Final = 50
"""Texts and pictures of a link that are looked at; one of more parts counts as shown, unless a box around hides it."""
_MOST_NODES: Final = 1_000
_PICTURES: Final = frozenset(
    {"button", "canvas", "embed", "iframe", "img", "input", "object", "picture", "svg", "video"}
)


class Hiding:
    """Asked about links of one page; what stands around several is looked at once."""

    def __init__(self, document: DocumentLike) -> None:
        self._document = document
        self.styling: Final = Styling(document)
        self._looks: dict[ElementLike, Look] = {}

    def evidence(self, link: ElementLike) -> str:
        """What hides the link, or a frame, as ``style display:none on div``; empty where a reader may see some of it."""
        found = self._of_area(link) if link.tag == "area" else self._of_link(link)
        return one_line(found, LONGEST_EVIDENCE)

    def aria_evidence(self, link: ElementLike) -> str:
        """What hides the link from those who have the page read out to them, and from nobody else; empty for nothing."""
        return self._look(link).unsaid

    def _of_link(self, link: ElementLike) -> str:
        look = self._look(link)
        if look.evidence_of_box:
            return look.evidence_of_box
        found = look.evidence or picture_size(link)  # of a link that shows nothing, or of a frame
        for number, (around, is_text) in enumerate(self._parts(link)):
            look = self._look(around)
            found = look.evidence_of_text if is_text else look.evidence or picture_size(around)
            if not found or number >= MOST_PARTS:
                return ""
        return found

    def _of_area(self, area: ElementLike) -> str:
        """A part of a picture is where the picture is, wherever its ``<map>`` stands and however that is hidden."""
        around = self._document.parent(area)
        for _ in range(_MOST_NODES):
            if around is None or around.tag == "map":
                break
            around = self._document.parent(around)
        name = (around.attr("name") or "") if around is not None else ""
        return self._maps.get(name, "map without a picture")

    @cached_property
    def _maps(self) -> dict[str, str]:
        """Name -> what hides every picture that uses the map."""
        found: dict[str, str] = {}
        for picture in self._document.elements("img"):
            name = (picture.attr("usemap") or "").partition("#")[2]
            if name and found.get(name, "?"):
                found[name] = self._look(picture).evidence or picture_size(picture)
        return found

    def _parts(self, link: ElementLike) -> Iterator[tuple[ElementLike, bool]]:
        """What the link shows: the element around a text, and True; a picture, and False."""
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

    def _look(self, element: ElementLike) -> Look:
        path: list[ElementLike] = []
        around: ElementLike | None = element
        while around is not None and around not in self._looks:
            path.append(around)
            around = self._document.parent(around)
        may_be_styled = self._may_be_styled
        look = (
            self._looks[around]
            if around is not None
            else Look(ground=UNKNOWN if may_be_styled else Said(colours.WHITE))
        )
        for inner in reversed(path):
            in_shadow = look.in_shadow or inner in self._shadow_tops
            style = Style(inner, self.styling.of_own(inner) if in_shadow else self.styling.of(inner))
            look = self._looks[inner] = below(look, style, in_shadow=in_shadow, may_be_styled=may_be_styled)
        return look

    @cached_property
    def _shadow_tops(self) -> AbstractSet[ElementLike]:
        """From here on down, the document's style sheets say nothing."""
        return frozenset(islice(self._document.tops(), 1, None))

    @cached_property
    def _may_be_styled(self) -> bool:
        """Whether the page has style sheets of other addresses, or rules with a condition."""
        links = self._document.html_elements("link")
        return any("stylesheet" in (link.attr("rel") or "").lower() for link in links) or any(
            "@" in sheet for sheet in self._document.style_sheets()
        )
