"""``backlinkbot runs``: lists the runs with their times, targets and outcomes."""

from __future__ import annotations

import dataclasses
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.output import add_format, add_history, columns_for, history_of, is_for_people, print_answer
from backlinkbot.errors import UsageError
from backlinkbot.items.columns import Column, Kind

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Mapping

    from backlinkbot.cli.parser import Commands
    from backlinkbot.history import History, Run

_NAMES: Final = (
    *("id", "command", "targets", "started_at", "finished_at", "state", "outcome", "exit_status"),
    *("changes", "arguments", "counts", "pending"),
)
_KINDS: Final = ("new", "lost", "restored", "changed")
_DETAILS: Final = frozenset({"exit_status", "arguments", "counts"})
COLUMNS: Final = tuple(Column(name=name, kind=Kind.TEXT, is_essential=name not in _DETAILS) for name in _NAMES)


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("runs", help="list the runs with their times, targets and results")
    add_history(parser)
    add_format(parser)
    parser.add_argument(
        "--forget",
        metavar="RUN",
        type=int,
        help="give up the unfinished crawl that the run with this number belongs to, so that the same command begins anew",
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Prints the runs, or forgets an unfinished crawl; returns the exit status.

    Raises:
        UsageError: there is no such column, history, or no such crawl.
        OutputError: the history cannot be read.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import

    columns = columns_for(arguments, COLUMNS)
    with History.open(history_of(arguments), create=False) as history:
        if arguments.forget is not None:
            return _forget(history, arguments.forget)
        pending = history.pending()
        as_text = arguments.format != "jsonl" and not is_for_people(arguments)
        rows = [_row(run, as_text=as_text) | {"pending": pending.get(run.id)} for run in history.runs()]
    if is_for_people(arguments):
        _print_for_people(rows)
    else:
        print_answer(arguments.format, rows, columns)
    return 0


def _print_for_people(rows: Iterable[Mapping[str, Any]]) -> None:
    """Prints the runs on a terminal: how long each took in place of its end, and one word for how it ended."""
    from backlinkbot.terminal.closing import duration  # noqa: PLC0415 - imported when runs are printed
    from backlinkbot.terminal.tables import print_rows  # noqa: PLC0415 - as above

    shown = [
        {
            "id": row["id"],
            "command": row["command"],
            "started_at": row["started_at"],
            "took": duration(_seconds(row)) if row["finished_at"] else "",
            "outcome": row["outcome"] or row["state"],
            **{kind: row["changes"].get(kind) for kind in _KINDS},
            "pending": row["pending"],
            "targets": ", ".join(row["targets"]),
        }
        for row in rows
    ]
    print_rows(shown, ("id", "command", "started_at", "took", "outcome", *_KINDS, "pending", "targets"))


def _seconds(row: Mapping[str, Any]) -> float:
    return (datetime.fromisoformat(row["finished_at"]) - datetime.fromisoformat(row["started_at"])).total_seconds()


def _forget(history: History, run: int) -> int:
    waiting = history.forget_crawl(run)
    if waiting is None:
        raise UsageError(f"run {run} belongs to no unfinished crawl; backlinkbot runs shows those with pending pages")
    sys.stdout.write(f"{waiting:,} pending pages are forgotten; what was recorded stays\n")
    return 0


def _row(run: Run, *, as_text: bool) -> dict[str, Any]:
    """Formats a run's columns; with ``as_text``, counts become ``name 1, other 2``."""
    row = {field.name: getattr(run, field.name) for field in dataclasses.fields(run)}
    if as_text:
        for name in ("changes", "arguments", "counts"):
            row[name] = [f"{key} {value}" for key, value in row[name].items()]
    return row
