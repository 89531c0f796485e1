"""The declarations of one element, as the forms of hiding read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.visibility.cascade import Declared

# Elements that are boxes unless their style says otherwise: to words in a line, width and overflow do not apply.
_BLOCK_NAMES: Final = """
    address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main marquee menu nav ol optgroup option p
    plaintext pre search section summary table td th ul xmp
"""
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
_INLINE: Final = frozenset({"inline", "contents", "ruby", "initial", "unset"})
_TABLE_PARTS: Final = frozenset({"table", "td", "th", "tr", "tbody", "thead", "tfoot", "caption", "body", "html"})
_POSITIONS: Final = frozenset({"relative", "absolute", "fixed", "sticky"})
_FLOATS: Final = frozenset({"left", "right", "inline-start", "inline-end"})

_ANIMATIONS: Final = ("animation", "animation-name", "-webkit-animation", "-webkit-animation-name")
# What is not known may be one.
_PICTURE: Final = re.compile(r"(?:url|gradient|image-set|element|cross-fade|paint|var|env|unknown)\(")
_LENGTH: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?)([a-z]+|%)?")
# Of letters of the usual size and a window of 1280 by 720: what is far or tiny is so by much.
_PIXELS: Final = (
    {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "q": 0.945}
    | {"em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0, "lh": 20.0, "rlh": 20.0}
    | {"vw": 12.8, "vh": 7.2, "vmin": 7.2, "vmax": 12.8, "%": 12.8}
)


def pixels(value: str) -> float | None:
    """Returns a CSS length in pixels, roughly; None if it is not a length."""
    found = _LENGTH.fullmatch(value)
    if found is None:
        return None
    number, unit = float(found[1]), found[2]
    if unit is None:
        return 0.0 if number == 0 else None
    return number * _PIXELS[unit] if unit in _PIXELS else None


def fraction(value: str) -> float | None:
    """Returns a number or a percentage as a fraction; None if it is neither."""
    found = _LENGTH.fullmatch(value)
    if found is None or found[2] not in {None, "%"}:
        return None
    return float(found[1]) / (100 if found[2] else 1)


class Style:
    """The winning declarations of an element, with its tag's defaults."""

    __slots__ = ("_declared", "element")

    def __init__(self, element: ElementLike, declared: Mapping[str, Declared]) -> None:
        self.element = element
        self._declared = declared

    def value(self, name: str) -> str:
        """Returns a value in lower case; empty if the property is not declared."""
        declared = self._declared.get(name)
        return declared.value if declared is not None else ""

    def declares(self, names: AbstractSet[str]) -> bool:
        """True if one of these properties is declared."""
        return not names.isdisjoint(self._declared)

    def pixels(self, name: str) -> float | None:
        """Returns a length, roughly; None if there is none."""
        return pixels(self.value(name))

    def says(self, name: str, shown: str = "") -> str:
        """Returns the evidence: the source of a declaration, what it declares, and the element's name if it is not a link."""
        declared = self._declared[name]
        return f"{declared.by} {shown or f'{name}:{declared.value}'}{self.on}"

    @property
    def is_plain(self) -> bool:
        """True if nothing is declared and no attribute hides it."""
        return not self._declared and self.element.attr("hidden") is None and self.element.attr("aria-hidden") is None

    @property
    def on(self) -> str:
        """The element's name as it stands in evidence; empty for a link."""
        return "" if self.element.tag in {"a", "area"} else f" on {self.element.tag}"

    @property
    def position(self) -> str:
        """``relative``, ``absolute``, ``fixed``, ``sticky``; empty if it is in normal flow."""
        position = self.value("position").removeprefix("-webkit-")
        return position if position in _POSITIONS else ""

    @property
    def is_out_of_flow(self) -> bool:
        """True if it may stand elsewhere than its parent."""
        return self.position in {"absolute", "fixed"} or self.value("float") in _FLOATS

    @property
    def is_box(self) -> bool:
        """True if it is a box of its own, to which text-indent and overflow apply."""
        display = self.value("display")
        if self.is_out_of_flow:
            return True
        if display and not display.startswith("revert"):
            return display not in _INLINE and not display.startswith("table-") and "(" not in display
        return self.element.tag in _BLOCKS

    @property
    def may_be_squeezed(self) -> bool:
        """True if width and height bound it; parts of a table are as large as their content."""
        is_part = self.element.tag in _TABLE_PARTS and not self.value("display") and not self.is_out_of_flow
        return self.is_box and not is_part

    @property
    def is_animated(self) -> bool:
        """True if an animation may change its opacity and its place, as those do that fade a box in."""
        return any(self.value(name) not in {"", "none"} for name in _ANIMATIONS)

    @property
    def has_picture(self) -> bool:
        """True if more than a colour is painted behind it."""
        return _PICTURE.search(self.value("background-image")) is not None
