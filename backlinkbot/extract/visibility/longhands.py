"""Expands CSS shorthands into the properties that the forms of hiding read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.visibility import colours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FONT_SIZE: Final = re.compile(r"(?:^|\s)([+-]?[\d.]+(?:[a-z]+|%)?)(?:\s*/\s*\S+)?\s+\S")
_WORDS: Final = re.compile(r"[a-z-]+\([^()]*\)|[^\s()]+")
_WIDE: Final = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})
# How many values there are -> which of them are of the top, the right, the bottom and the left.
SIDES: Final = {1: (0, 0, 0, 0), 2: (0, 1, 0, 1), 3: (0, 1, 2, 1), 4: (0, 1, 2, 3)}


def _font(value: str) -> Iterator[tuple[str, str]]:
    found = _FONT_SIZE.search(value)
    yield "font-size", found[1] if found is not None else "medium"


def _overflow(value: str) -> Iterator[tuple[str, str]]:
    words = value.split()
    yield "overflow-x", words[0]
    yield "overflow-y", words[-1]


def _padding(value: str) -> Iterator[tuple[str, str]]:
    words = value.split()
    for side, number in zip(("top", "right", "bottom", "left"), SIDES.get(len(words), (0, 0, 0, 0)), strict=True):
        yield f"padding-{side}", words[number]


def _background(value: str) -> Iterator[tuple[str, str]]:
    words = _WORDS.findall(value)
    colour = next((word for word in words if colours.parse(word) is not None), "")
    # What is left out is set back to nothing; what is not understood may be a colour.
    yield "background-color", colour or ("transparent" if "(" not in value else value)
    yield "background-image", value if "(" in value else "none"


_SHORTHANDS: Final[dict[str, Callable[[str], Iterator[tuple[str, str]]]]] = {
    "font": _font,
    "overflow": _overflow,
    "padding": _padding,
    "background": _background,
}
_PARTS: Final = {
    "font": ("font-size",),
    "overflow": ("overflow-x", "overflow-y"),
    "padding": ("padding-top", "padding-right", "padding-bottom", "padding-left"),
    "background": ("background-color", "background-image"),
}


def longhands(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Yields (property, value) in lower case; for a shorthand, the properties that it sets."""
    if name not in _SHORTHANDS or not value:
        yield name, value
    elif value in _WIDE:
        yield from ((part, value) for part in _PARTS[name])
    else:
        yield from _SHORTHANDS[name](value)
