"""Gives a command's own flags their values from the environment and the configuration file, before the words are parsed."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.help_formatter import flag_name
from backlinkbot.configuration import Configuration, Configured
from backlinkbot.errors import SettingError
from backlinkbot.option_table import PREFIX, values_of, yes_or_no
from backlinkbot.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backlinkbot.cli.parser import Parser

_CHOOSING: Final = ("config", "profile")
WITHOUT: Final = frozenset({"completion", "help", "init"})
"""Commands that read no configuration."""
_NEVER: Final = frozenset({"help", "help_all", "version", "allow_verify", *_CHOOSING})
"""Flags that only the command line sets: a file in somebody else's folder must not decide what an assistant may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFlag:
    """A flag of a command that is no option of the option table."""

    command: str
    name: str
    """With underscores, as the command line writes it."""
    action: argparse.Action

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return f"{PREFIX}{self.command}_{self.name}".upper()

    @property
    def may_stand_alone(self) -> bool:
        """True if its value may be left out on the command line: ``mine --history``."""
        return self.action.nargs == "?"

    @property
    def is_list(self) -> bool:
        """True if it may have several values."""
        return self.action.nargs in {"+", "*"} or isinstance(self.action.default, list)

    @property
    def is_switch(self) -> bool:
        """True if it takes no value."""
        return self.action.nargs == 0

    def value_of(self, given: Any) -> Any:
        """Returns the value that the command gets for one of the file; raises ValueError with what is expected."""
        if self.is_switch or (self.may_stand_alone and isinstance(given, bool)):
            if not isinstance(given, bool):
                raise ValueError("true or false")
            return self.action.const if given else self.action.default
        if self.is_list:
            items = given if isinstance(given, list) else [given]
            return [self._one(item) for item in items]
        return self._one(given)

    def _one(self, given: Any) -> Any:
        kind = self.action.type or str
        if isinstance(given, bool) or not isinstance(given, kind if isinstance(kind, type) else str):
            raise ValueError("a whole number" if kind is int else "a text")  # noqa: TRY004 - as one error for all
        if self.action.choices is not None and given not in self.action.choices:
            raise ValueError(" or ".join(f'"{choice}"' for choice in self.action.choices))
        return given

    def read(self, text: str) -> Any:
        """Returns the value that the command gets for a text of the environment; raises ValueError as :meth:`value_of`."""
        if self.is_switch:
            try:
                return self.value_of(yes_or_no(text))
            except ValueError:
                raise ValueError("yes or no") from None
        words = text.split() if self.is_list else [text]
        try:
            values = [int(word) for word in words] if self.action.type is int else words
        except ValueError:
            raise ValueError("a whole number") from None
        return self.value_of(values if self.is_list else values[0])


def own_flags(command: str, parser: Parser) -> dict[str, OwnFlag]:
    """Returns name -> flag of the flags of a command that are no options of the option table."""
    flags = {}
    for action in parser.flags:
        name = flag_name(action)
        if name and name not in _NEVER and action.dest not in parser.options:
            flags[name] = OwnFlag(command=command, name=name, action=action)
    return flags


def command_of(words: Sequence[str]) -> tuple[str, argparse.Namespace]:
    """Returns the command that words name, empty for none, and their ``config`` and ``profile``."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for name in _CHOOSING:
        early.add_argument(f"--{name}", default=None)
    try:
        chosen, rest = early.parse_known_args(list(words))
    except argparse.ArgumentError:  # a word is missing, which the command's own parser reports
        return "", argparse.Namespace(config=None, profile=None)
    return (rest[0] if rest and not rest[0].startswith("-") else ""), chosen


def configure(parser: Parser, words: Sequence[str], environment: Mapping[str, str]) -> None:
    """Sets the defaults of the command's own flags; its parsed arguments get ``configuration`` and ``default_history``.

    Raises:
        SettingError: the configuration or a variable is wrong.
    """
    command, chosen = command_of(words)
    if command not in parser.commands or command in WITHOUT or {"-h", "--help", "--help-all"} & set(words):
        return
    name, profile = (
        given if given is not None else environment.get(f"{PREFIX}{key.upper()}")
        for key, given in (("config", chosen.config), ("profile", chosen.profile))
    )
    configuration = Configuration.read(name, profile)
    flags = {one: own_flags(one, of_command) for one, of_command in parser.commands.items()}
    values = _checked(configuration, flags, command)
    of_command = parser.commands[command]
    default_history = configuration.history()
    for flag in flags[command].values():
        if text := environment.get(flag.variable):
            values[flag.name] = _read(flag, text)
        if flag.name == "history" and not flag.may_stand_alone:
            default_history = values.pop("history", default_history)
        if flag.name in values:
            of_command.set_defaults(**{flag.action.dest: values[flag.name]})
            flag.action.required = False
    of_command.set_defaults(configuration=configuration, default_history=default_history)


def configured_values(command: str, arguments: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, Any]:
    """Returns option -> value of a command that is no crawl, from its words, the environment and the configuration.

    Raises:
        UsageError: a value outside its range.
    """
    found = {name: one.value for name, one in arguments.configuration.options(command).items()}
    if arguments.targets and "aliases" in found:
        del found["aliases"]  # of the file's targets, which others replace
    return values_of(command, vars(arguments), environment, found)


def _checked(configuration: Configuration, flags: Mapping[str, Mapping[str, OwnFlag]], wanted: str) -> dict[str, Any]:
    """Returns flag -> value for a command; the tables of all commands are checked; raises SettingError."""
    values = {}
    for command, name, configured in configuration.all_flags():
        value = _value(configuration, flags, command, name, configured)
        if command == wanted:
            values[name] = value
    return values


def _value(
    configuration: Configuration,
    flags: Mapping[str, Mapping[str, OwnFlag]],
    command: str,
    name: str,
    configured: Configured,
) -> Any:
    flag = flags.get(command, {}).get(name)
    key = configured.keys[-1]
    if flag is None:
        known = [one.replace("_", "-") for one in flags.get(command, {})]
        listed = ", ".join(known) or "none"
        meant = did_you_mean(key, known) or f"; its options are: {listed}"
        raise configuration.error(configured, f"{command} has no option {key}{meant}")
    try:
        return flag.value_of(configured.value)
    except ValueError as error:
        raise configuration.error(configured, f"{key}: {error} is expected ({flag.action.help})") from None


def _read(flag: OwnFlag, text: str) -> Any:
    try:
        return flag.read(text)
    except ValueError as error:
        raise SettingError(f"{flag.variable}={text}: {error} is expected ({flag.action.help})") from None
