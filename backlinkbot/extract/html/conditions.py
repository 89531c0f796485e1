"""Evaluates ``@media`` and ``@supports`` in a style sheet for a window of the usual size, and unwraps their rules."""

from __future__ import annotations

import re
from typing import Final

WIDTH: Final = 1280
HEIGHT: Final = 720
"""The window's height in pixels."""
MOST_DEPTH: Final = 5
"""The maximum nesting of conditions; deeper ones are left out."""

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CONDITION: Final = re.compile(r"@(media|supports)\b([^{};@]*)\{", re.IGNORECASE)
_BRACE: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?|[{}]", re.DOTALL)
_QUERY: Final = re.compile(r"(?:only )?(?:(?P<kind>[a-z]+)(?: and |$))?(?P<features>.*)")
_FEATURE: Final = re.compile(
    r"\( ?(?P<bound>min|max)-(?P<side>width|height) ?: ?(?P<number>[0-9.]+)(?P<unit>px|em|rem)? ?\)"
)
_ANY_FEATURE: Final = re.compile(r"\([^()]*\)")
_PIXELS: Final = {"px": 1.0, "em": 16.0, "rem": 16.0, None: 1.0}


def unpacked(sheet: str) -> str:
    """Returns the sheet with the rules of matching conditions in place, and without the others."""
    if _CONDITION.search(sheet) is None:
        return sheet
    return "".join(_parts(_COMMENT.sub(" ", sheet), MOST_DEPTH))


def _parts(sheet: str, depth: int) -> list[str]:
    parts: list[str] = []
    at = 0
    while (found := _CONDITION.search(sheet, at)) is not None:
        parts.append(sheet[at : found.start()])
        end = _end(sheet, found.end())
        holds = (
            _matches(found[2]) if found[1].lower() == "media" else not re.search(r"\bnot\b", found[2], re.IGNORECASE)
        )
        if holds and depth > 0:
            parts += _parts(sheet[found.end() : end], depth - 1)
        at = end + 1
    parts.append(sheet[at:])
    return parts


def _end(sheet: str, start: int) -> int:
    """Returns the end of the block that begins there."""
    open_braces = 1
    for found in _BRACE.finditer(sheet, start):
        open_braces += (found[0] == "{") - (found[0] == "}")
        if open_braces == 0:
            return found.start()
    return len(sheet)


def _matches(queries: str) -> bool:
    return any(_matches_one(" ".join(query.lower().split())) for query in queries.split(","))


def _matches_one(query: str) -> bool:
    """True if the query matches; an unknown query does not."""
    found = _QUERY.fullmatch(query)
    if found is None or found["kind"] not in {None, "all", "screen"}:
        return False
    features = _FEATURE.findall(found["features"])
    if len(features) != len(_ANY_FEATURE.findall(found["features"])) or (found["features"] and not features):
        return False
    for bound, side, number, unit in features:
        size = WIDTH if side == "width" else HEIGHT
        try:
            wanted = float(number) * _PIXELS[unit or None]
        except ValueError:
            return False
        if (size < wanted) if bound == "min" else (size > wanted):
            return False
    return " or " not in query and " not " not in f" {query} "
