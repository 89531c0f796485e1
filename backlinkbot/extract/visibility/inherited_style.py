"""Computes the inherited style of an element from its parent's and its own declarations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.visibility import forms
from backlinkbot.extract.visibility.background import (
    PAINTED,
    UNKNOWN,
    ColourEvidence,
    background_of,
    text_colour,
)
from backlinkbot.extract.visibility.cascade import WITH_BGCOLOR
from backlinkbot.extract.visibility.colours import LEAST_CONTRAST

if TYPE_CHECKING:
    from backlinkbot.extract.visibility.style import Style

# A page of which nothing is shown is read by nobody: a script shows it, and its links are no less shown than the rest.
_WHOLE_PAGE: Final = frozenset({"html", "body"})
# What stands in them is there for browsers that do not know them.
_FALLBACKS: Final = frozenset({"audio", "canvas", "video"})


# To others nothing happens where nothing is declared.
_SPECIAL: Final = frozenset({"font", "svg", "foreignObject"}) | _WHOLE_PAGE | _FALLBACKS | PAINTED | WITH_BGCOLOR


@dataclass(frozen=True, slots=True)
class InheritedStyle:
    """The inherited style of an element; each text is evidence, empty if it does not apply."""

    gone: str = ""
    """It has no box, or one that is not painted; descendants cannot undo that."""
    moved: str = ""
    """It lies far off the page."""
    squeezed: str = ""
    """It is in a box of no size."""
    is_held: bool = False
    """True if that box also cuts off positioned descendants."""
    invisible: str = ""
    tiny: str = ""
    indent: str = ""
    """The text-indent that boxes below inherit."""
    indented: str = ""
    """The text-indent of the box that holds the text."""
    colour: ColourEvidence = UNKNOWN
    """The text colour."""
    background: ColourEvidence = UNKNOWN
    is_pictured: bool = False
    """True if more than its letters is visible: a background, a shadow."""
    is_svg: bool = False
    in_shadow: bool = False
    has_outer_sheets: bool = False
    """True if style sheets at other addresses may overrule the page's own."""
    aria_hidden: str = ""
    """Evidence of ``aria-hidden``."""

    @property
    def evidence_of_box(self) -> str:
        """The evidence that nothing in it is visible."""
        return self.gone or self.moved or self.squeezed

    @property
    def evidence(self) -> str:
        """The evidence that an image in it is not visible."""
        return self.evidence_of_box or self.invisible

    @property
    def evidence_of_text(self) -> str:
        """The evidence that a text in it is not visible."""
        return self.evidence or ("" if self.is_pictured else self.indented or self.tiny or self._faded)

    @property
    def _faded(self) -> str:
        colour, background = self.colour.colour, self.background.colour
        if colour is None or (background is None and not colour.is_transparent):
            return ""
        if background is None or colour.is_transparent:
            return f"{self.colour.by}:transparent"
        if colour.over(background).contrast(background) >= LEAST_CONTRAST:
            return ""
        return f"{self.colour.by}:{colour.hexadecimal} on background {background.hexadecimal}{self.background.by}"


def below(around: InheritedStyle, style: Style, *, in_shadow: bool, may_be_styled: bool) -> InheritedStyle:
    """Returns the inherited style of an element.

    Args:
        around: the style of its parent.
        style: its declarations.
        in_shadow: True if it is in a shadow tree.
        may_be_styled: True if unread style sheets may apply.
    """
    element = style.element
    if style.is_plain and element.tag not in _SPECIAL:
        is_link = element.tag == "a"
        is_named = may_be_styled and (element.attr("class") is not None or element.attr("id") is not None)
        is_same = (
            in_shadow is around.in_shadow and not (is_named and around.background.colour) and not around.is_pictured
        )
        if is_same and (around.indent == around.indented or not style.is_box) and not (is_link and around.colour.by):
            return around
    is_pictured = style.has_picture or style.value("text-shadow") not in {"", "none"}
    inherited = replace(
        around,
        colour=text_colour(style, around.colour, has_outer_sheets=around.has_outer_sheets),
        background=background_of(style, around.background, may_be_styled=may_be_styled),
        is_pictured=element.tag not in _WHOLE_PAGE and (is_pictured or (around.is_pictured and not style.is_box)),
        is_svg=element.tag == "svg" or (around.is_svg and element.tag != "foreignObject"),
        in_shadow=in_shadow,
        aria_hidden=around.aria_hidden or (f"attribute aria-hidden{style.on}" if _is_aria_hidden(style) else ""),
    )
    return inherited if element.tag in _WHOLE_PAGE else _hidden(inherited, style)


def _is_aria_hidden(style: Style) -> bool:
    return (style.element.attr("aria-hidden") or "").strip().lower() == "true"


def _hidden(inherited: InheritedStyle, style: Style) -> InheritedStyle:
    position = style.position
    squeezed = forms.squeezed(style) if style.declares(forms.SQUEEZING) else ""
    indent = forms.indent(style, inherited.indent)
    moved, held = inherited.moved, inherited.squeezed
    if position == "fixed":
        moved = held = ""
    elif position == "absolute" and not inherited.is_held:
        held = ""
    if not moved and style.declares(forms.MOVING):
        moved = next(filter(None, (find(style) for find in forms.MOVED)), "")
    return replace(
        inherited,
        gone=inherited.gone or _gone(inherited, style),
        moved=moved,
        squeezed=held or squeezed,
        is_held=inherited.is_held if held else bool(squeezed and position),
        invisible=forms.invisible(style, inherited.invisible),
        tiny=forms.tiny(style, inherited.tiny),
        indent=indent,
        indented=indent if style.is_box else inherited.indented,
    )


def _gone(inherited: InheritedStyle, style: Style) -> str:
    if style.element.tag in _FALLBACKS:
        return f"fallback content of {style.element.tag}"
    if not style.declares(forms.ENDING) and style.element.attr("hidden") is None:
        return ""
    found = next(filter(None, (find(style) for find in forms.GONE)), "")
    return "" if inherited.is_svg and found.startswith("attribute") else found  # the attribute is HTML's
