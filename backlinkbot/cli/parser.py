"""The argument parser of all commands: it has a short and a full help, and suggests corrections of misspelt words."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.help_formatter import help_text, usage
from backlinkbot.option_table import OPTIONS
from backlinkbot.terminal.cells import terminal_width
from backlinkbot.terminal.styles import Painter
from backlinkbot.text.suggestions import did_you_mean
from backlinkbot.text.terminal_escaping import raw

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from backlinkbot.option_table import Option


_USAGE: Final = 2
"""The exit status of a command that was not understood."""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser with suggestions in its errors; like argparse, it exits with status 2.

    ``--help`` shows the options that are needed first, ``--help-all`` every one, both in groups and with examples. Where a command
    is needed and nothing is said, the help is shown as well.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"add_help": False})
        self.color = False  # Python 3.14's colour codes would be escaped on their way to the terminal
        self.commands: dict[str, Parser] = {}
        """The commands by name, if the first argument is a command."""
        self.summaries: dict[str, str] = {}
        """Command -> what it does, in one line."""
        self.options: dict[str, Option] = {}
        """The options of the option table that are flags here, by name."""
        self.add_argument("-h", "--help", action=_Help, help="show what is needed first")
        self.add_argument("--help-all", action=_Help, const=True, help="show every option")

    @property
    def flags(self) -> tuple[argparse.Action, ...]:
        """The flags and positional arguments."""
        return tuple(self._actions)  # argparse has no other way to list them

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parses the arguments; unknown words are reported here, where the command's options are known."""
        words: Sequence[str] = sys.argv[1:] if args is None else args
        if self.commands and not words:
            self.print_help(sys.stderr)
            self.exit(_USAGE)
        if self.commands and words and not words[0].startswith("-") and words[0] not in self.commands:
            known = ", ".join(self.commands)
            meant = did_you_mean(words[0], self.commands)
            self.error(f"{words[0]!r} is not a command{meant or f'; there are {known}'}")
        found, left = super().parse_known_args(args, namespace)
        if left:
            self.error(self._refusal(left[0]))
        return found, left

    def _refusal(self, word: str) -> str:
        if not word.startswith("-") or word == "-":
            return f"{word!r} is unexpected: the option before it takes one word, or it is one too many"
        option = word.partition("=")[0]
        known = [name for action in self.flags for name in action.option_strings]
        return f"there is no option {option}{did_you_mean(option, known) or f'; {self.prog} --help-all lists them'}"

    def format_usage(self) -> str:
        """Returns the usage line alone, as errors show it; the help lists the options."""
        return f"{usage(self)}\n"

    def format_help(self) -> str:
        """Returns the short help, for a line of 80 columns."""
        return help_text(self)

    def print_help(self, file: Any = None, *, is_full: bool = False) -> None:
        """Prints the short or the full help, in the width of the terminal, with headings in bold."""
        stream: TextIO = sys.stdout if file is None else file
        raw(stream).write(help_text(self, Painter.of(stream), width=terminal_width(stream), is_full=is_full))


class _Help(argparse.Action):
    """Prints the help and ends the program; the full one if ``const`` is true."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"nargs": 0, "default": argparse.SUPPRESS})

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        if isinstance(parser, Parser):
            parser.print_help(is_full=bool(self.const))
        parser.exit()


class Commands:
    """Adds commands to a parser."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add_parser(self, name: str, *, help: str, epilog: str = "") -> Parser:  # noqa: A002 - as argparse has it
        """Adds a command with its one-line help, and returns its parser, as argparse does."""
        command = self._commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.", epilog=epilog)
        self._parser.commands[name] = command
        self._parser.summaries[name] = help
        return command


CONFIGURATION: Final = ("config", "profile")


def add_configuration(parser: Parser) -> None:
    """Adds ``--config`` and ``--profile``, which every command has, and which may stand before it, too."""
    for option in OPTIONS:
        if option.name in CONFIGURATION:
            parser.add_argument(
                option.flag, dest=option.name, metavar=option.metavar, help=option.help, default=argparse.SUPPRESS
            )


def add_option(parser: Parser, option: Option) -> None:
    """Adds the flag of an option."""
    details: dict[str, Any] = {"dest": option.name, "help": option.help_text, "default": None}
    if option.is_flag:
        details |= {"action": "store_const", "const": "yes"}
    elif option.choices:
        details |= {"choices": option.choices}
    else:
        details |= {"metavar": option.metavar}
        if option.is_list:
            details |= {"action": "append"}
    parser.add_argument(option.flag, **details)
    parser.options[option.name] = option
