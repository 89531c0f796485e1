"""Evaluates the conditions of a style sheet for a desktop browser with a window of the usual size, and unwraps their rules.

``@media``: https://www.w3.org/TR/mediaqueries-5/. Where only a browser knows the answer, the rules are uncertain; those of
cascade layers (https://www.w3.org/TR/css-cascade-5/#layering), containers and scopes always are.
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WIDTH: Final = 1280
HEIGHT: Final = 720
"""The window's height in pixels."""
MOST_DEPTH: Final = 5
"""The maximum nesting of conditions; deeper ones are left out."""


class Part(NamedTuple):
    """Rules of a style sheet that stand under the same conditions."""

    text: str
    is_certain: bool
    """False if only a browser knows whether the conditions hold."""


_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CONDITION: Final = re.compile(r"@(media|supports|layer|container|scope)\b([^{};@]*)\{", re.IGNORECASE)
_BRACE: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?|[{}]", re.DOTALL)
_QUERY: Final = re.compile(r"(?P<negation>not |only )?(?:(?P<kind>[a-z]+)(?: and |$))?(?P<features>.*)")
_FEATURE: Final = re.compile(
    r"\( ?(?P<bound>min|max)-(?P<side>width|height) ?: ?(?P<number>[0-9.]+)(?P<unit>px|em|rem)? ?\)"
    r"|\( ?(?P<ranged>width|height) ?(?P<operator>[<>]=?) ?(?P<least>[0-9.]+)(?P<of>px|em|rem)? ?\)"
    r"|\( ?(?P<name>[a-z-]+)(?: ?: ?(?P<value>[a-z-]+))? ?\)"
)
_ANY_FEATURE: Final = re.compile(r"\([^()]*\)")
_PIXELS: Final = {"px": 1.0, "em": 16.0, "rem": 16.0, None: 1.0}
_SCREENS: Final = frozenset({"all", "screen"})
_OTHER_MEDIA: Final = frozenset(
    {"print", "speech", "aural", "braille", "embossed", "handheld", "projection", "tty", "tv"}
)
# Of a desktop browser whose user changed no settings; what it is pointed with differs. A feature without a value holds unless its value is none.
_DESKTOP: Final = {
    "orientation": "landscape",
    "prefers-color-scheme": "light",
    "prefers-reduced-motion": "no-preference",
    "prefers-reduced-transparency": "no-preference",
    "prefers-contrast": "no-preference",
    "forced-colors": "none",
    "inverted-colors": "none",
    "update": "fast",
    "display-mode": "browser",
}
_COMPARES: Final[dict[str, Callable[[float, float], bool]]] = {">": gt, ">=": ge, "<": lt, "<=": le}
_NONE: Final = frozenset({"none", "no-preference"})


def parts(sheet: str) -> list[Part]:
    """Returns the rules of the sheet in order, without those of conditions that do not hold."""
    if _CONDITION.search(sheet) is None:
        return [Part(sheet, is_certain=True)]
    sheet = _COMMENT.sub(" ", sheet)
    found = _parts(sheet, MOST_DEPTH, is_certain=True)
    if _may_reach_over_rules(sheet):
        return [Part("".join(part.text for part in found), all(part.is_certain for part in found))]
    return _merged(found)


def _may_reach_over_rules(sheet: str) -> bool:
    """True if a bracket may be open where a rule ends, so that the rules behind it are part of it: what is apart would survive.

    ``<![CDATA[`` opens two: https://www.w3.org/TR/css-syntax-3/#consume-simple-block.
    """
    return "<![CDATA[" in sheet or any(sheet.count(first) != sheet.count(last) for first, last in ("[]", "()"))


def _merged(found: list[Part]) -> list[Part]:
    """Joins neighbours of the same certainty, which are parsed at once."""
    merged: list[Part] = []
    for is_certain, group in groupby(found, key=lambda part: part.is_certain):
        merged.append(Part("".join(part.text for part in group), is_certain))
    return merged


def _parts(sheet: str, depth: int, *, is_certain: bool) -> list[Part]:
    found: list[Part] = []
    at = 0
    while (condition := _CONDITION.search(sheet, at)) is not None:
        found.append(Part(sheet[at : condition.start()], is_certain))
        end = _end(sheet, condition.end())
        holds = _holds(condition[1].lower(), condition[2])
        if holds is not False and depth > 0:
            found += _parts(sheet[condition.end() : end], depth - 1, is_certain=is_certain and holds is True)
        at = end + 1
    found.append(Part(sheet[at:], is_certain))
    return found


def _holds(rule: str, condition: str) -> bool | None:
    if rule == "media":
        return any_of(_matches_one(" ".join(query.lower().split())) for query in condition.split(","))
    if rule == "supports":
        return not re.search(r"\bnot\b", condition, re.IGNORECASE)
    return None


def _end(sheet: str, start: int) -> int:
    """Returns the end of the block that begins there."""
    open_braces = 1
    for found in _BRACE.finditer(sheet, start):
        open_braces += (found[0] == "{") - (found[0] == "}")
        if open_braces == 0:
            return found.start()
    return len(sheet)


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """True if one answer is True; else None if one is None; else False."""
    found: bool | None = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            found = None
    return found


def _matches_one(query: str) -> bool | None:
    """True if the query matches; None if only a browser can tell."""
    found = _QUERY.fullmatch(query)
    if found is None:
        return None
    holds: bool | None = None
    if found["kind"] in _OTHER_MEDIA:
        holds = False
    elif found["kind"] is None or found["kind"] in _SCREENS:
        holds = _all_hold(found["features"])
    return not holds if found["negation"] == "not " and holds is not None else holds


def _all_hold(features: str) -> bool | None:
    """True if all features do; None if one is unknown, or if they are joined otherwise than by ``and``."""
    if not features:
        return True
    answers = [_feature_holds(text) for text in _ANY_FEATURE.findall(features)]
    rest = _ANY_FEATURE.sub("", features).split()
    if not answers or any(word != "and" for word in rest):
        return None
    return False if False in answers else (None if None in answers else True)


def _feature_holds(text: str) -> bool | None:
    found = _FEATURE.fullmatch(text)
    if found is None:
        return None
    if found["name"] is not None:
        known = _DESKTOP.get(found["name"])
        if known is None:
            return None
        return known == found["value"] if found["value"] is not None else known not in _NONE
    side = found["side"] or found["ranged"]
    try:
        wanted = float(found["number"] or found["least"]) * _PIXELS[found["unit"] or found["of"]]
    except ValueError:
        return None
    size = WIDTH if side == "width" else HEIGHT
    operator = found["operator"] or {"min": ">=", "max": "<="}[found["bound"]]
    return _COMPARES[operator](size, wanted)
