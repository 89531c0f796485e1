"""What holds for an element after everything around it: each look follows from the one around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.visibility import background, forms
from backlinkbot.extract.visibility.background import Said
from backlinkbot.extract.visibility.colours import LEAST_CONTRAST

if TYPE_CHECKING:
    from backlinkbot.extract.visibility.style import Style

# A page of which nothing is shown is read by nobody: a script shows it, and its links are no less shown than the rest.
_WHOLE_PAGE: Final = frozenset({"html", "body"})
# What stands in them is there for browsers that do not know them.
_FALLBACKS: Final = frozenset({"audio", "canvas", "video"})


# To others nothing happens where nothing is declared.
_SPECIAL: Final = (
    frozenset({"font", "svg", "foreignObject"})
    | _WHOLE_PAGE
    | _FALLBACKS
    | background.PAINTED
    | background.WITH_BGCOLOR
)


@dataclass(frozen=True, slots=True)
class Look:
    """Each text is the evidence, empty where it does not hold."""

    gone: str = ""
    """It has no box, or one that is not painted; nothing below can undo that."""
    moved: str = ""
    """Far off the page."""
    squeezed: str = ""
    """In a box of no size."""
    is_held: bool = False
    """Whether that box also cuts off what is positioned."""
    invisible: str = ""
    tiny: str = ""
    indent: str = ""
    """The text-indent that boxes below inherit."""
    indented: str = ""
    """That of the box that the text stands in."""
    colour: Said = background.UNKNOWN
    """Of text."""
    ground: Said = background.UNKNOWN
    is_pictured: bool = False
    """Whether more is to be seen of it than its letters: a background, a shadow."""
    is_svg: bool = False
    in_shadow: bool = False
    unsaid: str = ""
    """Why it is not read out: ``aria-hidden``."""

    @property
    def evidence_of_box(self) -> str:
        """Why nothing that stands in it is to be seen."""
        return self.gone or self.moved or self.squeezed

    @property
    def evidence(self) -> str:
        """Why a picture in it is not to be seen."""
        return self.evidence_of_box or self.invisible

    @property
    def evidence_of_text(self) -> str:
        """Why a text is not to be seen."""
        return self.evidence or ("" if self.is_pictured else self.indented or self.tiny or self._faded)

    @property
    def _faded(self) -> str:
        colour, ground = self.colour.colour, self.ground.colour
        if colour is None or (ground is None and not colour.is_transparent):
            return ""
        if ground is None or colour.is_transparent:
            return f"{self.colour.by}:transparent"
        if colour.over(ground).contrast(ground) >= LEAST_CONTRAST:
            return ""
        return f"{self.colour.by}:{colour.hexadecimal} on background {ground.hexadecimal}{self.ground.by}"


def below(around: Look, style: Style, *, in_shadow: bool, may_be_styled: bool) -> Look:
    """The look of an element.

    Args:
        around: that of its parent.
        style: what is declared of it.
        in_shadow: whether it stands in a shadow tree.
        may_be_styled: whether style sheets that nobody read may say more.
    """
    element = style.element
    if style.is_plain and element.tag not in _SPECIAL:
        is_link = element.tag == "a"
        is_named = may_be_styled and (element.attr("class") is not None or element.attr("id") is not None)
        is_same = in_shadow is around.in_shadow and not (is_named and around.ground.colour) and not around.is_pictured
        if is_same and (around.indent == around.indented or not style.is_box) and not (is_link and around.colour.by):
            return around
    is_pictured = style.has_picture or style.value("text-shadow") not in {"", "none"}
    look = replace(
        around,
        colour=background.text_colour(style, around.colour),
        ground=background.ground(style, around.ground, may_be_styled=may_be_styled),
        is_pictured=element.tag not in _WHOLE_PAGE and (is_pictured or (around.is_pictured and not style.is_box)),
        is_svg=element.tag == "svg" or (around.is_svg and element.tag != "foreignObject"),
        in_shadow=in_shadow,
        unsaid=around.unsaid or (f"attribute aria-hidden{style.on}" if _is_unsaid(style) else ""),
    )
    return look if element.tag in _WHOLE_PAGE else _hidden(look, style)


def _is_unsaid(style: Style) -> bool:
    return (style.element.attr("aria-hidden") or "").strip().lower() == "true"


def _hidden(look: Look, style: Style) -> Look:
    position = style.position
    squeezed = forms.squeezed(style) if style.declares(forms.SQUEEZING) else ""
    indent = forms.indent(style, look.indent)
    moved, held = look.moved, look.squeezed
    if position == "fixed":
        moved = held = ""
    elif position == "absolute" and not look.is_held:
        held = ""
    if not moved and style.declares(forms.MOVING):
        moved = next(filter(None, (find(style) for find in forms.MOVED)), "")
    return replace(
        look,
        gone=look.gone or _gone(look, style),
        moved=moved,
        squeezed=held or squeezed,
        is_held=look.is_held if held else bool(squeezed and position),
        invisible=forms.invisible(style, look.invisible),
        tiny=forms.tiny(style, look.tiny),
        indent=indent,
        indented=indent if style.is_box else look.indented,
    )


def _gone(look: Look, style: Style) -> str:
    if style.element.tag in _FALLBACKS:
        return f"fallback content of {style.element.tag}"
    if not style.declares(forms.ENDING) and style.element.attr("hidden") is None:
        return ""
    found = next(filter(None, (find(style) for find in forms.GONE)), "")
    return "" if look.is_svg and found.startswith("attribute") else found  # the attribute is HTML's
