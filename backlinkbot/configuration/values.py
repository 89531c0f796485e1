"""Converts the values of a TOML file: to those of options, and names of files to where they lie."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.items.columns import FULL
from backlinkbot.option_table import column_words, seconds, whole_number, yes_or_no

if TYPE_CHECKING:
    from backlinkbot.option_table import Option

_WRITTEN: Final = frozenset(
    {"history", "candidates_out", "checks", "visits", "summary", "metrics", "cache_dir", "output", "bad"}
)
"""Options that name a file which is written, or a history."""
_READ: Final = frozenset(
    {
        "targets",
        "seeds",
        "candidates",
        "archives",
        "graphs",
        "browser",
        "rows",
        "ranks",
        "own_links",
        "exports",
        "graph",
    }
)
"""Options that name files which are read, or something else; a file is meant where it exists."""


class WrongTypeError(ValueError):
    """A value of another type than the option's; its text says what is expected."""


def value_of(option: Option, given: Any) -> Any:
    """Returns the value of an option.

    Raises:
        WrongTypeError: it has another type, or is outside its range.
    """
    try:
        return _converted(option, given)
    except WrongTypeError:
        raise
    except ValueError:
        raise WrongTypeError(expected(option)) from None


def expected(option: Option) -> str:
    """Returns what the value of an option must be, for messages."""
    if option.is_list:
        return "a list of texts"
    if option.choices:
        return " or ".join(f'"{choice}"' for choice in option.choices)
    if option.read is yes_or_no:
        return "true or false"
    if option.read is whole_number:
        return "a whole number from 0"
    if option.read is seconds:
        return "a number of seconds from 0"
    return f'a text ("{FULL}", "essential" or names)' if option.read is column_words else "a text"


def _converted(option: Option, given: Any) -> Any:
    if option.is_list:
        items = [given] if isinstance(given, str) else given
        return [option.read(_text(option, item)) for item in _list(option, items)]
    if option.read is yes_or_no:
        if not isinstance(given, bool):
            raise WrongTypeError(expected(option))
        return given
    if option.read in {whole_number, seconds}:
        kinds = (int,) if option.read is whole_number else (int, float)
        if isinstance(given, bool) or not isinstance(given, kinds):
            raise WrongTypeError(expected(option))
        return option.read(str(given))
    if option.read is column_words and isinstance(given, list):
        given = ",".join(_text(option, item) for item in given)
    return option.read(_text(option, given))


def _list(option: Option, given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise WrongTypeError(expected(option))
    return given


def _text(option: Option, given: Any) -> str:
    if not isinstance(given, str):
        raise WrongTypeError(expected(option))
    return given


def located(name: str, value: Any, folder: Path) -> Any:
    """Returns the value of an option with its files in the folder of the configuration, as they are meant there.

    Args:
        name: of the option, with underscores.
        value: its value.
        folder: relative to the current one.
    """
    if isinstance(value, list):
        return [located(name, item, folder) for item in value]
    if not isinstance(value, str) or folder == Path() or name not in _WRITTEN | _READ:
        return value
    if value.startswith("@"):
        return f"@{_located(value[1:], folder)}"
    if name in _WRITTEN:
        return _located(value, folder)
    there = _located(value, folder)
    return there if Path(there).exists() else value


def _located(value: str, folder: Path) -> str:
    if value in {"", "-"} or "://" in value or Path(value).is_absolute():
        return value
    return str(folder / value)
