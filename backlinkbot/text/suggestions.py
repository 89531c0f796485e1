"""Suggests the known word that a misspelt one resembles."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIKENESS: Final = 0.6
"""The cutoff for difflib, from 0 to 1."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Returns the known word that resembles this one most, ignoring case; empty if none does."""
    by_fold = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_fold, n=1, cutoff=_LIKENESS)
    return by_fold[found[0]] if found else ""


def known_ones(known: Iterable[str], most: int = 8) -> str:
    """Returns the first known words, for a message."""
    names = list(known)
    return ", ".join(names[:most]) + (", \u2026" if len(names) > most else "")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Returns ``; did you mean "target"?`` for the end of a message; empty if no known word resembles this one."""
    found = nearest(word, known)
    return f"; did you mean {found}?" if found else ""
