"""What a text must hold for a regular expression to be found in it: asking for that first spares most texts the search."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST: Final = 3
"""Characters; a shorter text is in nearly all others. Of scripts in which a sign is a word, one is enough."""
_ATOM: Final = re.compile(r"\\[wWdDsSbBAZ]|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_QUANTIFIER: Final = re.compile(r"[?*]|\+|\{(\d+)(?:,\d*)?\}")
_ANY: Final = frozenset({".", "^", "$"})


@cache
def needles(pattern: str) -> tuple[str, ...]:
    """Texts of which one is in every text in which the expression is found; empty where there are no such.

    Args:
        pattern: for a search in text in lower case; groups do not capture, nothing looks around or back.
    """
    found: list[str] = []
    for alternative in alternatives(pattern):
        best = max(_required(alternative), key=_worth, default=())
        if not best or _worth(best) < SHORTEST:
            return ()
        found += best
    return tuple(dict.fromkeys(found))


def may_match(pattern: str, text: str) -> bool:
    """Whether it is worth searching."""
    wanted = needles(pattern)
    return not wanted or any(needle in text for needle in wanted)


class Index:
    """Many regular expressions: which of them are worth searching for in a text?"""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._always: set[str] = set()
        self._by_begin: dict[str, set[tuple[str, str]]] = {}
        for pattern in patterns:
            wanted = needles(pattern)
            if not wanted:
                self._always.add(pattern)
            for needle in wanted:
                self._by_begin.setdefault(needle[:SHORTEST], set()).add((needle, pattern))
        self._sizes = {len(begin) for begin in self._by_begin}

    def possible(self, text: str) -> frozenset[str]:
        """Those that may be found in the text; no other is."""
        found = set(self._always)
        for size in self._sizes:
            begins = {text[place : place + size] for place in range(len(text) - size + 1)}
            for begin in self._by_begin.keys() & begins:
                found.update(pattern for needle, pattern in self._by_begin[begin] if needle in text)
        return frozenset(found)


def _worth(texts: tuple[str, ...]) -> int:
    """The length of the shortest; a sign beyond the alphabets counts three."""
    return min((sum(3 if sign >= "\u2e80" else 1 for sign in text) for text in texts), default=0)


def alternatives(pattern: str) -> list[str]:
    """What stands between the bars that are in no group."""
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


def _required(alternative: str) -> list[tuple[str, ...]]:
    """Every set of texts of which one must be there."""
    found: list[tuple[str, ...]] = []
    run = ""
    place = 0
    while place < len(alternative):
        sign = alternative[place]
        if sign == "(":
            end = _end_of_group(alternative, place)
            inside = alternative[place + 1 : end].removeprefix("?:")
            literal, options = "", needles(inside) if not inside.startswith("?") else ()
        else:
            atom = _ATOM.match(alternative, place)
            assert atom is not None  # noqa: S101 - the last branch takes any character
            end = atom.end() - 1
            literal, options = _literal(atom[0]), ()
        quantifier = _QUANTIFIER.match(alternative, end + 1)
        place = quantifier.end() if quantifier is not None else end + 1
        if quantifier is not None and (quantifier[0][0] in "?*" or quantifier[1] == "0"):
            literal, options = "", ()
        run += literal
        if not literal or quantifier is not None:
            found.append((run,))
            run = ""
        if options:
            found.append(options)
    return [texts for texts in (*found, (run,)) if all(texts)]


def _literal(atom: str) -> str:
    if len(atom) == 2 and atom[0] == "\\":
        return "" if atom[1].isalnum() else atom[1]
    return atom if len(atom) == 1 and atom not in _ANY else ""


def _end_of_group(pattern: str, start: int) -> int:
    depth = 0
    for match in _ATOM.finditer(pattern, start):
        depth += (match[0] == "(") - (match[0] == ")")
        if not depth:
            return match.start()
    raise ValueError(f"a group has no end: {pattern[start:]!r}")
