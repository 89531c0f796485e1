"""``backlinkbot config``: shows the value of every option, and where it comes from."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.configured import OwnFlag, own_flags
from backlinkbot.cli.output import print_answer
from backlinkbot.configuration.masking import shown, shown_setting, without_passwords
from backlinkbot.errors import UsageError
from backlinkbot.items.columns import Kind, column, columns_of, row
from backlinkbot.option_table import PREFIX, TABLE, is_given, items_of
from backlinkbot.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Mapping

    from backlinkbot.cli.parser import Commands, Parser
    from backlinkbot.configuration import Configuration, Configured
    from backlinkbot.option_table import Option

_DEFAULT: Final = "default"
_OF_FILE: Final = frozenset({"config", "profile"})


@row
class EffectiveValue:
    """The value that an option has where the command line does not say otherwise."""

    command: str = column(Kind.TEXT, "The command whose option it is; empty: of all that have it.", essential=True)
    option: str = column(Kind.TEXT, "The option as the configuration file names it.", essential=True)
    value: Any = column(Kind.TEXT, "Its value; secrets are masked.", essential=True)
    source: str = column(Kind.TEXT, "Where it comes from: `environment`, `profile`, `file`, `default`.", essential=True)
    place: str = column(Kind.TEXT, "The variable, or the file and its line.", essential=True)


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "config",
        help="show the value of every option, and where it comes from",
        epilog="exit status: 0 done, 2 usage, or a mistake in the configuration file",
    )
    parser.add_argument(
        "command", metavar="COMMAND", nargs="?", help="only the options of this command, as it has them"
    )
    parser.add_argument("--json", action="store_true", help="a list of objects, for programs")
    parser.set_defaults(run=run)


def run(arguments: Namespace, parser: ArgumentParser) -> int:
    """Prints the values; returns the exit status.

    Raises:
        UsageError: there is no such command.
    """
    known: Mapping[str, Parser] = getattr(parser, "commands", {})
    if arguments.command is not None and arguments.command not in known:
        raise UsageError(f"{arguments.command!r} is not a command{did_you_mean(arguments.command, known)}")
    flags = {command: own_flags(command, of_command) for command, of_command in known.items()}
    values = list(_values(arguments.configuration, arguments.command or "", flags))
    if arguments.json:
        json.dump([asdict(value) for value in values], sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        rows = ({**asdict(value), "value": _as_text(value.value)} for value in values)
        print_answer("table", rows, columns_of(EffectiveValue))
    for line in _without_effect(flags):
        sys.stderr.write(f"backlinkbot: {line}\n")
    return 0


def _values(
    configuration: Configuration, command: str, flags: Mapping[str, Mapping[str, OwnFlag]]
) -> Iterator[EffectiveValue]:
    """Yields the values of a command, or of all: then its general part, and what only one command has."""
    configured = configuration.options(command)
    history = configuration.options().get("history")
    for option in TABLE:
        if (not command or command in option.spiders) and option.name not in _OF_FILE:
            yield _of_option(option, configuration, configured.get(option.name), "")
        elif option.name == "history" and "history" in flags.get(command, {}):  # where they look
            yield _of_option(option, configuration, history, "")
    commands = [command] if command else list(flags)
    for one in commands:
        if not command:
            for name, found in configuration.options(one).items():
                if one in found.keys:
                    option = next(option for option in TABLE if option.name == name)
                    yield _of_option(option, configuration, found, one)
        yield from _of_flags(configuration, one, flags[one].values())
    for name, found in configuration.settings.items():
        value = shown_setting(name, found.value)
        yield _effective("", name, value, _source(found), configuration.place_of(found))


def _of_option(option: Option, configuration: Configuration, found: Configured | None, command: str) -> EffectiveValue:
    name = option.name.replace("_", "-")
    if is_given(option, os.environ):
        value = shown(option, _typed(option, os.environ[option.variable]))
        return _effective(command, name, value, "environment", option.variable)
    if found is None:
        return _effective(command, name, shown(option, option.default), _DEFAULT, "")
    place = configuration.place_of(found)
    return _effective(command, name, shown(option, found.value), _source(found), place)


def _typed(option: Option, text: str) -> Any:
    """Returns the value of a variable; as text where it is wrong, which the commands that need it refuse."""
    if option.is_list:
        return items_of(option, text)
    try:
        return option.read(text)
    except ValueError:
        return text


def _of_flags(configuration: Configuration, command: str, flags: Iterable[OwnFlag]) -> Iterator[EffectiveValue]:
    """Yields the values of a command's own flags that are set."""
    found = configuration.flags(command)
    for flag in flags:
        name = flag.name.replace("_", "-")
        if text := os.environ.get(flag.variable):
            yield _effective(command, name, without_passwords(text), "environment", flag.variable)
        elif flag.name in found:
            one = found[flag.name]
            place = configuration.place_of(one)
            yield _effective(command, name, without_passwords(one.value), _source(one), place)


def _effective(command: str, option: str, value: Any, source: str, place: str) -> EffectiveValue:
    return EffectiveValue(command=command, option=option, value=value, source=source, place=place)


def _source(found: Configured) -> str:
    return "profile" if found.keys[0] == "profile" else "file"


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _without_effect(flags: Mapping[str, Mapping[str, OwnFlag]]) -> Iterator[str]:
    """Yields a line for each variable of the environment that looks like ours and is none."""
    known = {option.variable for option in TABLE}
    known |= {flag.variable for of_command in flags.values() for flag in of_command.values()}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            yield f"{name} in the environment is no option, and has no effect{did_you_mean(name, known)}"
