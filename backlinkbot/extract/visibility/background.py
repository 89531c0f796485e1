"""Which colour a text has, and which is behind it, as far as the page itself says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from backlinkbot.extract.visibility import colours
from backlinkbot.extract.visibility.colours import Colour

if TYPE_CHECKING:
    from backlinkbot.extract.visibility.style import Style

WITH_BGCOLOR: Final = frozenset({"body", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "marquee"})
# Painted by the browser itself, or by what is no text.
PAINTED: Final = frozenset({"button", "mark", "select", "svg", "dialog", "fieldset", "input", "textarea", "option"})
_INHERITING: Final = frozenset({"inherit", "unset", "currentcolor", "revert", "revert-layer"})


class Said(NamedTuple):
    """A colour and what says so."""

    colour: Colour | None = None
    """None where only a browser knows."""
    by: str = ""


UNKNOWN: Final = Said()


def text_colour(style: Style, around: Said) -> Said:
    """Of the text in an element; a link without a colour of its own has that of links, not that around it."""
    element = style.element
    name = "-webkit-text-fill-color" if style.value("-webkit-text-fill-color") else "color"
    value = style.value(name)
    if "text" in style.value("background-clip") + style.value("-webkit-background-clip"):
        return UNKNOWN  # the letters are holes through which the background is seen
    if value in _INHERITING:
        return around
    if value:
        return Said(colours.parse(value), style.says(name, "color").removesuffix(style.on))
    if element.tag == "font" and element.attr("color"):
        return Said(colours.parse_legacy(element.attr("color") or ""), "attribute color")
    return UNKNOWN if element.tag == "a" else around


def ground(style: Style, around: Said, *, may_be_styled: bool) -> Said:
    """What text in the element is painted on.

    Args:
        style: the element's.
        around: what is behind what stands around it.
        may_be_styled: whether style sheets that nobody read may give it a background.
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
            return Said(colour.over(around.colour) if around.colour is not None else colour, by)
    elif element.tag in WITH_BGCOLOR and element.attr("background"):
        return UNKNOWN
    elif element.tag in WITH_BGCOLOR and element.attr("bgcolor") is not None:
        return Said(colours.parse_legacy(element.attr("bgcolor") or ""), by)
    is_named = bool(element.attr("class") or element.attr("id"))
    return UNKNOWN if style.is_out_of_flow or (may_be_styled and is_named) else around
