"""Determines the colour of a text and of its background, as far as the page itself declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from backlinkbot.extract.visibility import colours
from backlinkbot.extract.visibility.cascade import WITH_BGCOLOR
from backlinkbot.extract.visibility.colours import Colour

if TYPE_CHECKING:
    from backlinkbot.extract.visibility.style import Style

# Painted by the browser itself, or by what is no text.
PAINTED: Final = frozenset({"button", "mark", "select", "svg", "dialog", "fieldset", "input", "textarea", "option"})
_INHERITING: Final = frozenset({"inherit", "unset", "currentcolor", "revert", "revert-layer"})


class ColourEvidence(NamedTuple):
    """A colour and its evidence."""

    colour: Colour | None = None
    """None if only a browser can tell."""
    by: str = ""


UNKNOWN: Final = ColourEvidence()


def text_colour(style: Style, around: ColourEvidence, *, has_outer_sheets: bool) -> ColourEvidence:
    """Returns the colour of an element's text; a link without its own colour has the default link colour.

    Args:
        style: the element's.
        around: the colour of the parent's text.
        has_outer_sheets: True if unread style sheets may overrule what the page's own sheets declare.
    """
    element = style.element
    name = "-webkit-text-fill-color" if style.value("-webkit-text-fill-color") else "color"
    value = style.value(name)
    clip = style.value("background-clip") + style.value("-webkit-background-clip")
    if "text" in clip or "(" in clip:
        return UNKNOWN  # the letters are holes through which the background is seen
    if value in _INHERITING:
        return around
    if value:
        by = style.says(name, "color").removesuffix(style.on)
        return UNKNOWN if has_outer_sheets and by.startswith("sheet") else ColourEvidence(colours.parse(value), by)
    if element.tag == "font" and element.attr("color"):
        return ColourEvidence(colours.parse_legacy(element.attr("color") or ""), "attribute color")
    return UNKNOWN if element.tag == "a" else around


def background_of(style: Style, around: ColourEvidence, *, may_be_styled: bool) -> ColourEvidence:
    """Returns the background of an element's text.

    Args:
        style: the element's.
        around: the parent's background.
        may_be_styled: True if unread style sheets may give it a background.
    """
    element = style.element
    value = style.value("background-color")
    by = "" if element.tag == "a" else f" of {element.tag}"
    if style.has_picture or element.tag in PAINTED:
        return UNKNOWN
    if value and value not in {"inherit", "initial", "unset"}:
        colour = colours.parse(value)
        if colour is None or (not colour.is_transparent and colour.alpha < 1 and around.colour is None):
            return UNKNOWN
        if not colour.is_transparent:
            return ColourEvidence(colour.over(around.colour) if around.colour is not None else colour, by)
    elif element.tag in WITH_BGCOLOR and element.attr("background"):
        return UNKNOWN
    elif element.tag in WITH_BGCOLOR and element.attr("bgcolor") is not None:
        return ColourEvidence(colours.parse_legacy(element.attr("bgcolor") or ""), by)
    is_named = bool(element.attr("class") or element.attr("id"))
    is_elsewhere = style.is_out_of_flow or "(" in style.value("position") + style.value("float")
    return UNKNOWN if is_elsewhere or (may_be_styled and is_named) else around
