"""Parses ``style`` attributes and style sheets as a browser does, with turbohtml's tokenizer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

import turbohtml
from turbohtml.cssom import StyleDeclaration, StyleSheet

from backlinkbot.extract.html.conditions import parts

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from backlinkbot.extract.html.protocols import ElementLike

_COMMENT_MARKS: Final = re.compile(r"<!--|-->")
_PIECE: Final = re.compile(
    r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[()\[\]{},;]|\\.|[^()\[\]{},;\"'\\]+|.)", re.DOTALL
)
# They make a box of their own, and say nothing of the element.
_PSEUDO_ELEMENT: Final = re.compile(r"::|:(?:before|after|first-line|first-letter)\b", re.IGNORECASE)
_IS_PLAIN: Final = re.compile(r"[^()\[\]\"'\\]{0,500}").fullmatch


@dataclass(frozen=True, slots=True)
class Declaration:
    """One ``property: value``, valid or not, without comments."""

    name: str
    """In lower case, except for custom properties."""
    value: str
    """As written, without ``!important``."""
    is_important: bool


_ELEMENT: Final = cast("turbohtml.Element", turbohtml.parse("<p>").find("p"))
"""Selectors are compiled when they are matched."""
_APPLIED: Final = frozenset({"", "all", "screen"})


def applies(element: ElementLike) -> bool:
    """True if a ``<style>`` is CSS that applies to every screen."""
    media = (element.attr("media") or "").strip().lower()
    return (element.attr("type") or "text/css").strip().lower() in {"", "text/css"} and media in _APPLIED


def declarations(text: str) -> tuple[Declaration, ...]:
    """Returns the declarations of a ``style`` attribute in order."""
    block = StyleDeclaration.parse(text)
    return tuple(_stated(block, block.properties()))


class Rule:
    """A style rule; its declarations are read when they are asked for, as few rules of a sheet match any link."""

    __slots__ = ("_block", "_wanted", "is_certain", "selectors")

    def __init__(self, selectors: str, block: StyleDeclaration, wanted: Container[str], *, is_certain: bool) -> None:
        self.selectors = selectors
        """The selector list as written."""
        self.is_certain = is_certain
        """False if it stands under a condition of which only a browser can tell."""
        self._block = block
        self._wanted = wanted

    @property
    def declarations(self) -> Iterator[Declaration]:
        """Yields the declarations of the wanted properties in order."""
        return _stated(self._block, [name for name in self._block.properties() if name in self._wanted])


def rules(sheet: str, names: AbstractSet[str]) -> Iterator[Rule]:
    """Yields the rules that declare one of these properties and apply in the usual window.

    What stands in ``@import`` and in other rules is left out.
    """
    for text, is_certain in parts(_COMMENT_MARKS.sub(" ", sheet)):
        for rule in StyleSheet(text).rules:
            if not names.isdisjoint(rule.style.properties()):
                yield Rule(rule.selector_text, rule.style, names, is_certain=is_certain)


def _stated(block: StyleDeclaration, wanted: Sequence[str]) -> Iterator[Declaration]:
    """Yields every declaration of the wanted properties in order.

    The library's mapping keeps the last declaration of a property, valid or not; where that one is not, a browser goes
    by the one before it. So a block that declares a property twice is parsed again, declaration by declaration.
    """
    text = block.text
    if text.count(";") < len(block):
        for name in wanted:
            yield Declaration(name, block[name], block.important(name))
        return
    for part in _split(text, ";"):
        one = StyleDeclaration.parse(part)
        for name in one:
            if name in wanted:
                yield Declaration(name, one[name], one.important(name))


def selectors_of(text: str) -> tuple[str, ...]:
    """Returns the selectors of a list, valid or not, without those of pseudo-elements such as ``::before``."""
    found = text.split(",") if _IS_PLAIN(text) else _split(text, ",")
    return tuple(one.strip() for one in found if _PSEUDO_ELEMENT.search(one) is None)


# Known to browsers, and not to the parser.
_KNOWN_TO_BROWSERS: Final = re.compile(
    r":(?:open|popover-open|host(?:-context)?|state|-webkit-any|-webkit-any-link|-webkit-autofill|active-view-transition)"
    r"(?![\w-])(?:\([^()]*\))?",
    re.IGNORECASE,
)


@lru_cache(maxsize=1_000)  # the pages of a site have the same style sheets
def is_valid(selectors: str) -> bool:
    """True if a browser accepts a list of selectors; one invalid selector invalidates the list."""
    try:
        for one in selectors_of(_KNOWN_TO_BROWSERS.sub(":hover", selectors)):
            _ELEMENT.matches(one)
    except turbohtml.SelectorSyntaxError:
        return False
    return True


def _split(text: str, separator: str) -> Iterator[str]:
    """Splits at the separators outside brackets and quotes."""
    depth, part = 0, ""
    for piece in _PIECE.findall(text):
        depth += (piece in {"(", "[", "{"}) - (piece in {")", "]", "}"})
        if piece == separator and depth <= 0:
            yield part
            part = ""
        else:
            part += piece
    yield part
