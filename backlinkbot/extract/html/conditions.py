"""Style sheets without their conditions: what ``@media`` and ``@supports`` hold back, unpacked for a window as people have it."""

from __future__ import annotations

import re
from typing import Final

WIDTH: Final = 1280
HEIGHT: Final = 720
"""Pixels of the window."""
MOST_DEPTH: Final = 5
"""Conditions in one another; what is deeper is left out."""

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
    """The sheet with the rules of those conditions that hold, in their places, and without the others."""
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
    """Where the block that begins there ends."""
    open_braces = 1
    for found in _BRACE.finditer(sheet, start):
        open_braces += (found[0] == "{") - (found[0] == "}")
        if open_braces == 0:
            return found.start()
    return len(sheet)


def _matches(queries: str) -> bool:
    return any(_matches_one(" ".join(query.lower().split())) for query in queries.split(","))


def _matches_one(query: str) -> bool:
    """Whether it holds; what is not understood does not."""
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
