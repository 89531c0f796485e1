"""Readers of the values of options: from the text that a user writes to the value of the setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlinkbot.errors import UsageError
from backlinkbot.items.columns import words_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import StrEnum


def whole_number(text: str) -> int:
    """Returns a number from 0; raises ValueError."""
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def seconds(text: str) -> float:
    """Returns a finite number from 0; raises ValueError."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise ValueError
    return number


def yes_or_no(text: str) -> bool:
    """Returns a truth value; raises ValueError."""
    try:
        return {"1": True, "true": True, "yes": True, "": True, "0": False, "false": False, "no": False}[text.lower()]
    except KeyError:
        raise ValueError from None


def column_words(text: str) -> str:
    """Returns the words of ``--columns``, separated by commas; raises ValueError if there is none."""
    try:
        return ",".join(words_of(text))
    except UsageError as error:
        raise ValueError(text) from error


def one_of(kind: type[StrEnum]) -> Callable[[str], str]:
    """Returns a reader of the values of an enumeration, in any case; it raises ValueError."""
    return lambda text: kind(text.lower()).value


def values_in(kind: type[StrEnum]) -> tuple[str, ...]:
    """Returns the values of an enumeration, in their order."""
    return tuple(one.value for one in kind)
