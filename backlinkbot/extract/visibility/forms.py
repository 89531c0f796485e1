"""The forms of hiding: each takes an element's declarations and returns evidence, empty if it does not apply."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.visibility.colours import LEAST_ALPHA
from backlinkbot.extract.visibility.longhands import SIDES
from backlinkbot.extract.visibility.style import Style, fraction, pixels

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlinkbot.extract.html import ElementLike

FAR: Final = 500
"""The distance in pixels left of or above the page from which nothing of a link is visible."""
TINY: Final = 1
"""The size in pixels at which a letter or a box shows nothing."""

_INHERITING: Final = frozenset({"", "inherit", "unset", "revert", "revert-layer"})


# --- gone: nothing below can undo it ------------------------------------------------------------------------------------


def _no_display(style: Style) -> str:
    display = style.value("display")
    if display and not display.startswith("revert"):
        return style.says("display") if display == "none" else ""
    hidden = style.element.attr("hidden")
    return f"attribute hidden{style.on}" if hidden is not None and hidden.lower() != "until-found" else ""


def _no_content(style: Style) -> str:
    if not style.is_box:
        return ""
    visibility = style.value("content-visibility")
    if visibility:
        return style.says("content-visibility") if visibility == "hidden" else ""
    is_hidden = (style.element.attr("hidden") or "").lower() == "until-found"
    return f"attribute hidden=until-found{style.on}" if is_hidden else ""


_OPACITY: Final = re.compile(r"\bopacity\( ?([^() ]+) ?\)")


def _transparent(style: Style) -> str:
    if style.is_animated:
        return ""
    found = _OPACITY.search(style.value("filter"))
    for name, value in (("opacity", style.value("opacity")), ("filter", found[1] if found is not None else "")):
        share = fraction(value)
        if share is not None and share < LEAST_ALPHA:
            return style.says(name)
    return ""


_SCALED: Final = re.compile(r"\bscale(?:x|y|3d)?\(([^()]*)\)")


def _shrunk(style: Style) -> str:
    if not style.is_box or style.is_animated:
        return ""
    for found in _SCALED.finditer(style.value("transform")):
        if any(fraction(part.strip()) == 0 for part in found[1].split(",")[:2]):
            return style.says("transform")
    is_nought = any(fraction(part) == 0 for part in style.value("scale").split()[:2])
    return style.says("scale") if is_nought else ""


def _clipped(style: Style) -> str:
    found = re.fullmatch(r"rect\(([^()]*)\)", style.value("clip"))
    if found is not None and style.position in {"absolute", "fixed"}:
        sides = [pixels(side) for side in re.split(r"[ ,]+", found[1].strip())]
        if len(sides) == 4 and (_is_narrow(sides[3], sides[1]) or _is_narrow(sides[0], sides[2])):
            return style.says("clip")
    for name in ("clip-path", "-webkit-clip-path"):
        if _is_nothing(style.value(name)) and style.value("display") != "contents":
            return style.says(name)
    return ""


def _is_narrow(start: float | None, end: float | None) -> bool:
    return start is not None and end is not None and end - start <= TINY


_SHAPE: Final = re.compile(r"(inset|circle|ellipse|polygon)\(([^()]*)\)")


def _is_nothing(shape: str) -> bool:
    """True if a clip-path leaves nothing: a full inset, a circle of no size, a polygon of one point."""
    found = _SHAPE.match(shape)
    if found is None:
        return False
    kind, arguments = found[1], found[2].partition("round")[0].strip()
    if kind == "polygon":
        points = {" ".join(point.split()) for point in arguments.split(",")}
        return len(points) == 1 and len(arguments.split()) >= 2
    if kind in {"circle", "ellipse"}:
        return any(pixels(radius) == 0 for radius in arguments.partition("at ")[0].split())
    sides = [fraction(side) if side.endswith("%") or pixels(side) == 0 else None for side in arguments.split()]
    if len(sides) not in SIDES or None in sides:
        return False
    top, right, bottom, left = ((sides[number] or 0.0) for number in SIDES[len(sides)])
    return top + bottom >= 1 or left + right >= 1


_TRANSLATED: Final = re.compile(r"\btranslate(?:x|y|3d)?\(([^()]*)\)")


def _translated(style: Style) -> str:
    if style.is_box and not style.is_animated:
        for found in _TRANSLATED.finditer(style.value("transform")):
            for part in map(str.strip, found[1].split(",")[:2]):
                offset = pixels(part) if not part.endswith("%") else None  # of its own size
                if offset is not None and offset <= -FAR:
                    return style.says("transform")
    return ""


GONE: Final[tuple[Callable[[Style], str], ...]] = (
    _no_display,
    _no_content,
    _transparent,
    _shrunk,
    _clipped,
    _translated,
)

ENDING: Final = frozenset(
    {
        "display",
        "content-visibility",
        "opacity",
        "filter",
        "transform",
        "scale",
        "clip",
        "clip-path",
        "-webkit-clip-path",
    }
)
"""The properties that these forms read, besides the attribute ``hidden``."""

# --- moved: undone where something below is fixed to the window ---------------------------------------------------------


def _displaced(style: Style) -> str:
    if style.position in {"", "sticky"}:
        return ""
    for near, opposite in (("left", "right"), ("top", "bottom")):
        offset, other = style.pixels(near), style.pixels(opposite)
        if offset is not None and offset <= -FAR:
            return style.says(near)
        if offset is None and style.value(near) in {"", "auto"} and other is not None and other >= 2 * FAR:
            return style.says(opposite)
    return ""


def _pulled(style: Style) -> str:
    margin = style.pixels("margin-left")
    is_pulled = margin is not None and margin <= -FAR and (style.is_box or style.element.tag == "a")
    return style.says("margin-left") if is_pulled else ""


MOVED: Final[tuple[Callable[[Style], str], ...]] = (_displaced, _pulled)

MOVING: Final = frozenset({"left", "right", "top", "bottom", "margin-left"})

# --- squeezed: in a box of no size that cuts off what hangs over --------------------------------------------------------

_AXES: Final = (
    ("height", "max-height", "min-height", "overflow-y", ("padding-top", "padding-bottom")),
    ("width", "max-width", "min-width", "overflow-x", ("padding-left", "padding-right")),
)
_CUTTING: Final = frozenset({"hidden", "clip", "scroll", "auto", "overlay"})
SQUEEZING: Final = frozenset({"height", "width", "max-height", "max-width"})


def squeezed(style: Style) -> str:
    """Returns evidence that the element has no height or width and cuts off its overflow."""
    if not style.may_be_squeezed:
        return ""
    for name, most, least, overflow, paddings in _AXES:
        size = next((side for side in (most, name) if _is_nought(style.value(side), TINY)), "")
        cuts = style.value(overflow) or "visible"
        if not size or cuts not in _CUTTING or not _is_nought(style.value(least) or "0", TINY):
            continue
        if all(_is_nought(style.value(padding) or "0", 0) for padding in paddings):
            return style.says(size, f"{size}:{style.value(size)} overflow:{cuts}")
    return ""


def _is_nought(value: str, most: float) -> bool:
    """True if a length is at most ``most`` pixels; a percentage of an unknown size only if it is 0."""
    length = pixels(value)
    return length is not None and 0 <= length <= (0 if value.endswith("%") else most)


# --- of text, inherited -------------------------------------------------------------------------------------------------


def invisible(style: Style, around: str) -> str:
    """Returns evidence that the element's content is not painted; ``around`` is the parent's."""
    visibility = style.value("visibility")
    if visibility in _INHERITING:
        return around
    return style.says("visibility") if visibility in {"hidden", "collapse"} else ""


_RELATIVE: Final = ("%", "em", "ex", "ch", "lh")


def tiny(style: Style, around: str) -> str:
    """Returns evidence that the letters have no size."""
    size = style.value("font-size")
    if size in _INHERITING or size in {"smaller", "larger"}:
        return around
    length = pixels(size)
    if length is None:
        return ""
    if length > 0 and size.endswith(_RELATIVE) and not size.endswith("rem"):
        return around
    return style.says("font-size") if 0 <= length <= TINY else ""


def indent(style: Style, around: str) -> str:
    """Returns evidence that the first line of its boxes begins far to the left."""
    value = style.value("text-indent")
    if value in _INHERITING:
        return around
    length = pixels(value)
    return style.says("text-indent") if length is not None and length <= -FAR else ""


def picture_size(picture: ElementLike) -> str:
    """Returns evidence that an image is one pixel in size; empty for a larger one."""
    for name in ("width", "height") if picture.tag in {"img", "iframe"} else ():
        if re.fullmatch(r"\s*\+?0*[01](?:\.\d*)?(?:px)?\s*", picture.attr(name) or ""):
            return f"attribute {name}={(picture.attr(name) or '').strip()} on {picture.tag}"
    return ""
