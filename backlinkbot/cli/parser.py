"""An argument parser that suggests corrections of misspelt words."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.option_table import OPTIONS
from backlinkbot.text.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlinkbot.option_table import Option

_OPTION: Final = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


class Parser(argparse.ArgumentParser):
    """An ArgumentParser with suggestions in its errors; like argparse, it exits with status 2."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.color = False  # Python 3.14's colour codes would be escaped on their way to the terminal
        self.commands: dict[str, argparse.ArgumentParser] = {}
        """The commands by name, if the first argument is a command."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parses the arguments; unknown words are reported here, where the command's options are known."""
        words: Sequence[str] = sys.argv[1:] if args is None else args
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
        meant = did_you_mean(option, [*_OPTION.findall(self.format_usage()), "--help", "--version"])
        return f"there is no option {option}{meant or f'; {self.prog} --help lists them'}"


CONFIGURATION: Final = ("config", "profile")


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Adds ``--config`` and ``--profile``, which every command has, and which may stand before it, too."""
    for option in OPTIONS:
        if option.name in CONFIGURATION:
            parser.add_argument(
                option.flag, dest=option.name, metavar=option.metavar, help=option.help, default=argparse.SUPPRESS
            )


def add_option(parser: argparse.ArgumentParser, option: Option) -> None:
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
