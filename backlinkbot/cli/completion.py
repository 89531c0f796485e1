"""``backlinkbot completion``: prints the script that lets a shell complete commands, options, choices and files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from backlinkbot.text.terminal_escaping import raw

if TYPE_CHECKING:
    from argparse import Action, Namespace

    from backlinkbot.cli.parser import Commands, Parser

SHELLS: Final = ("bash", "zsh", "fish")
_FILES: Final = frozenset({"FILE", "PATH", "ARCHIVE", "GRAPH", "INDEX"})
"""The metavars of values that may be files."""


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "completion",
        help="print the script that completes commands, options and files in a shell",
        epilog="exit status: 0 done, 2 usage",
    )
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    parser.set_defaults(run=run)


def run(arguments: Namespace, parser: Parser) -> int:
    """Prints the script; returns the exit status."""
    raw(sys.stdout).write(f"{script(parser, arguments.shell).rstrip()}\n")
    return 0


def script(parser: Parser, shell: str) -> str:
    """Returns the script for a shell; changes the parser's actions, which shtab reads."""
    import shtab  # noqa: PLC0415 - imported when the command runs

    from backlinkbot.cli.documentation import topics  # noqa: PLC0415 - as above

    for command in parser.commands.values():
        for action in command.flags:
            if _is_file(action):
                action.complete = shtab.FILE  # type: ignore[attr-defined] # shtab's own attribute of an action
    names = {("help", "topic"): tuple(topics()), ("config", "command"): tuple(parser.commands)}
    for (command_name, dest), choices in names.items():
        action = next(one for one in parser.commands[command_name].flags if one.dest == dest)
        action.choices = choices
    text: str = shtab.complete(parser, shell=shell)
    return text


def _is_file(action: Action) -> bool:
    return action.choices is None and (action.metavar in _FILES or action.dest == "history")
