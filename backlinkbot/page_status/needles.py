"""Finds texts of which one is in every match of a regular expression: looking for them first spares most searches."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST: Final = 3
"""Characters; a shorter text is in nearly all others. Of scripts in which a sign is a word, one is enough."""
_TOKEN: Final = re.compile(
    r"""
    (?: (?P<text> [^\\\[(){}|?*+.^$]+ (?![?*+{]) | [^\\\[()|?*+.^$] )
      | (?P<any> \[\^?\]?(?:\\.|[^\]\\])*\] | \\(?:[a-zA-Z0-9]|(?P<escaped>.)) | [.^$] )
      | (?P<close> \) ) )
    (?P<quantifier> (?: (?P<optional> [?*] | \{0*,\d*\} | \{0+\} ) | \+ | \{\d+(?:,\d*)?\} ) [?+]? )?
    | (?P<open> \( (?: \?: | (?P<around> \? ) )? )
    | (?P<bar> \| )
    """,
    re.DOTALL | re.VERBOSE,
)
_ATOM: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]", re.DOTALL)
_WIDE: Final = "\u2e80"
"""Signs from here on are words, or syllables at least."""


@cache
def needles(pattern: str) -> tuple[str, ...]:
    """Returns texts of which one is in every text in which the expression is found; empty where there are no such.

    Args:
        pattern: for a search in text in lower case; groups do not capture, nothing looks around or back.
    """
    levels = [_Level()]
    for token in _TOKEN.finditer(pattern):
        text, _, escaped, close, quantifier, optional, begin, around, bar = token.groups()
        level = levels[-1]
        if begin:
            levels.append(_Level(is_free=around is not None))
        elif bar:
            level.end_alternative()
        elif close:
            level.end_alternative()
            del levels[-1]
            levels[-1].end_run()
            if not optional:
                levels[-1].require(level.texts())
        else:
            literal = text or escaped
            if literal and not optional:
                level.run += literal
            if quantifier or not literal:
                level.end_run()
    levels[0].end_alternative()
    return levels[0].texts()


@dataclass(slots=True)
class _Level:
    """An expression or a group in it, read up to some place."""

    is_free: bool = False
    """True if it may match a text that contains none of :attr:`found`."""
    found: list[str] = field(default_factory=list)
    """The best texts of each alternative that is read."""
    run: str = ""
    """The characters that stand in a row up to here."""
    best: tuple[str, ...] = ()
    """The best texts of this alternative."""
    worth: int = 0

    def end_run(self) -> None:
        if self.run:
            self.require((self.run,))
            self.run = ""

    def require(self, texts: tuple[str, ...]) -> None:
        """Notes that one of these texts must be there."""
        worth = min(map(_worth, texts), default=0)
        if worth > self.worth:
            self.best, self.worth = texts, worth

    def end_alternative(self) -> None:
        self.end_run()
        if self.worth < SHORTEST:
            self.is_free = True
        self.found += self.best
        self.best, self.worth = (), 0

    def texts(self) -> tuple[str, ...]:
        return () if self.is_free else tuple(dict.fromkeys(self.found))


def _worth(text: str) -> int:
    """Returns its length; a sign beyond the alphabets counts three."""
    if max(text) < _WIDE:
        return len(text)
    return sum(3 if sign >= _WIDE else 1 for sign in text)


def may_match(pattern: str, text: str) -> bool:
    """True if it is worth searching."""
    wanted = needles(pattern)
    return not wanted or any(needle in text for needle in wanted)


def alternatives(pattern: str) -> list[str]:
    """Returns what stands between the bars that are in no group."""
    parts, depth, start = [], 0, 0
    for match in _ATOM.finditer(pattern):
        sign = match[0]
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth -= 1
        elif sign == "|" and not depth:
            parts.append(pattern[start : match.start()])
            start = match.end()
    return [*parts, pattern[start:]]


class Index:
    """Many regular expressions, of which those are wanted that may be found in a text."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._always: set[str] = set()
        self._by_begin: dict[str, set[tuple[str, str]]] = {}
        for pattern in patterns:
            wanted = needles(pattern)
            if not wanted:
                self._always.add(pattern)
            for needle in wanted:
                self._by_begin.setdefault(needle[:SHORTEST], set()).add((needle, pattern))
        self._short = tuple(begin for begin in self._by_begin if len(begin) < SHORTEST)

    def possible(self, text: str) -> frozenset[str]:
        """Returns those that may be found in the text; no other is."""
        found = set(self._always)
        begins = {text[place : place + SHORTEST] for place in range(len(text) - SHORTEST + 1)} & self._by_begin.keys()
        if not text.isascii():  # shorter ones are of scripts in which a sign is a word
            begins.update(begin for begin in self._short if begin in text)
        for begin in begins:
            found.update(pattern for needle, pattern in self._by_begin[begin] if needle in text)
        return frozenset(found)
