"""What a ``style`` attribute or a style sheet says, as a browser splits it: turbohtml's parser, whoever parsed the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

# Its public classes keep only the last declaration of a property, valid or not; where that one is not, a browser goes
# by the one before it.
from turbohtml._html import _css_parse_declarations, _css_parse_rules, _css_specificity

from backlinkbot.extract.html.conditions import unpacked

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from backlinkbot.extract.html.protocols import ElementLike

_COMMENT_MARKS: Final = re.compile(r"<!--|-->")
_PIECE: Final = re.compile(r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[()\[\],]|\\.|[^()\[\],\"'\\]+|.)", re.DOTALL)
# They make a box of their own, and say nothing of the element.
_PSEUDO_ELEMENT: Final = re.compile(r"::|:(?:before|after|first-line|first-letter)\b", re.IGNORECASE)
_IS_PLAIN: Final = re.compile(r"[^()\[\]\"'\\]{0,500}").fullmatch


@dataclass(frozen=True, slots=True)
class Declaration:
    """One ``property: value``, valid or not, comments gone."""

    name: str
    """In lower case, unless it is a custom property."""
    value: str
    """As written, without ``!important``."""
    is_important: bool


_APPLIED: Final = frozenset({"", "all", "screen"})


def applies(element: ElementLike) -> bool:
    """Whether a ``<style>`` is CSS, and for every screen."""
    media = (element.attr("media") or "").strip().lower()
    return (element.attr("type") or "text/css").strip().lower() in {"", "text/css"} and media in _APPLIED


def declarations(text: str) -> tuple[Declaration, ...]:
    """Those of a ``style`` attribute, in order."""
    return tuple(Declaration(name, value, important) for name, value, important, *_ in _css_parse_declarations(text))


def rules(sheet: str, names: Container[str]) -> Iterator[tuple[str, tuple[Declaration, ...]]]:
    """(selectors, declarations) of each rule that declares one of these properties and holds in a window of the usual size.

    What stands in ``@import``, ``@layer``, ``@container`` and the like is left out.
    """
    for selectors, stated in _css_parse_rules(unpacked(_COMMENT_MARKS.sub(" ", sheet))):
        kept = [one for one in stated if one[0] in names]
        if kept:
            yield selectors, tuple(Declaration(name, value, important) for name, value, important, *_ in kept)


def selectors_of(text: str) -> tuple[str, ...]:
    """The selectors of a list, valid or not, but for those of what is no element: ``::before``."""
    found = text.split(",") if _IS_PLAIN(text) else _split(text)
    return tuple(one.strip() for one in found if _PSEUDO_ELEMENT.search(one) is None)


@lru_cache(maxsize=1_000)  # the pages of a site have the same style sheets
def is_valid(selectors: str) -> bool:
    """Whether a browser takes a list of selectors: with a wrong one in it, none of them counts."""
    try:
        for one in selectors_of(selectors):
            _css_specificity(one)
    except ValueError:
        return False
    return True


def _split(text: str) -> Iterator[str]:
    """At the commas that stand in no brackets."""
    depth, part = 0, ""
    for piece in _PIECE.findall(text):
        depth += (piece in {"(", "["}) - (piece in {")", "]"})
        if piece == "," and depth <= 0:
            yield part
            part = ""
        else:
            part += piece
    yield part
