"""``backlinkbot runs``: lists the runs with their times, targets and outcomes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.output import add_format, add_history, history_of, print_answer

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from backlinkbot.cli import Commands
    from backlinkbot.history import Run

COLUMNS: Final = (
    *("id", "command", "targets", "started_at", "finished_at", "state", "outcome", "exit_status"),
    *("changes", "arguments", "counts"),
)
SHOWN: Final = ("id", "command", "targets", "started_at", "finished_at", "state", "outcome", "changes")


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("runs", help="print what ran when, for which targets, and how it ended")
    add_history(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Print the runs; returns the exit status.

    Raises:
        UsageError: there is no such history.
        OutputError: the history cannot be read.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy, which --help need not wait for

    with History.open(history_of(arguments), create=False) as history:
        rows = [_row(run, as_text=arguments.format != "jsonl") for run in history.runs()]
    print_answer(arguments.format, rows, COLUMNS, SHOWN)
    return 0


def _row(run: Run, *, as_text: bool) -> dict[str, Any]:
    """A run's columns; as text, what counts by name is ``name 1, other 2``."""
    row = {field.name: getattr(run, field.name) for field in dataclasses.fields(run)}
    if as_text:
        for name in ("changes", "arguments", "counts"):
            row[name] = [f"{key} {value}" for key, value in row[name].items()]
    return row
