"""Reads the values of options: from the command line, the environment, the configuration file and the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlinkbot.errors import UsageError
from backlinkbot.option_table.table import TABLE
from backlinkbot.option_table.values import yes_or_no

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backlinkbot.option_table.option import Option


def is_given(option: Option, environment: Mapping[str, str]) -> bool:
    """True if an environment variable gives an option its value: an empty one only where an empty text is a value."""
    text = environment.get(option.variable)
    return text is not None and (text != "" or option.may_be_empty)


def defaults(environment: Mapping[str, str]) -> dict[str, Any]:
    """Setting -> its value where nobody sets it: that of its environment variable, as text, else the option's default."""
    return {
        option.setting: _known_truth(option, environment.get(option.variable))
        if is_given(option, environment)
        else option.default
        for option in TABLE
    }


def _known_truth(option: Option, text: str | None) -> Any:
    """Returns the value of a ``yes`` or ``no``, which Scrapy's ``getbool`` does not know; any other text as it is."""
    if option.read is not yes_or_no or text is None:
        return text
    try:
        return yes_or_no(text)
    except ValueError:
        return text  # refused where all settings are read, with the name of the variable


def values_of(
    command: str, given: Mapping[str, Any], environment: Mapping[str, str], configured: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns option -> value for a command that is no crawl.

    Args:
        command: its name.
        given: option -> value on the command line, as text; None or no text where it is not given.
        environment: the environment variables, which come next.
        configured: option -> value of the configuration file, which comes before the default.

    Raises:
        UsageError: a value outside its range.
    """
    values = {}
    for option in TABLE:
        if command in option.spiders:
            text = given.get(option.name)
            if text is None or text == []:
                text = environment.get(option.variable) or None
            values[option.name] = configured.get(option.name, option.default) if text is None else _read(option, text)
    return values


def items_of(option: Option, text: str) -> list[str]:
    """Returns the items of a list that is written as one text."""
    if option.is_lines:
        return [line for line in map(str.strip, text.splitlines()) if line]
    if option.has_phrases:
        return [item for item in map(str.strip, text.split(";")) if item]
    return text.split()


def _read(option: Option, text: Any) -> Any:
    try:
        if option.is_list:
            return tuple(option.read(item) for item in (items_of(option, text) if isinstance(text, str) else text))
        return option.read(str(text))
    except ValueError:
        expected = " or ".join(option.choices) if option.choices else option.metavar
        raise UsageError(f"{option.given(text)}: {expected} is expected ({option.help_text})") from None
