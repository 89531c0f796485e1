"""``backlinkbot mcp``: serves a history to assistants by the Model Context Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlinkbot.cli.output import add_history, history_of
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from backlinkbot.cli.parser import Commands


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "mcp",
        help="serve the history to assistants, as tools of the Model Context Protocol",
        epilog="exit status: 0 done, 1 not done, 2 usage",
    )
    add_history(parser)
    parser.add_argument(
        "--allow-verify", action="store_true", help="let assistants visit pages; the visits are recorded in the history"
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Serves on standard input and output until the client ends it; returns the exit status.

    Raises:
        UsageError: there is no such history, or a package is missing.
        OutputError: the history cannot be read.
    """
    try:
        from backlinkbot.mcp.server import server  # noqa: PLC0415 - an optional package
    except ModuleNotFoundError as error:
        raise UsageError(f'the tools for assistants need {error.name}: pip install "backlinkbot[mcp]"') from error
    server(history_of(arguments), allow_verify=arguments.allow_verify).run("stdio")
    return 0
