"""``backlinkbot changes``: lists new, lost, restored and changed backlinks with reasons, since a run or a day."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Final

from backlinkbot.cli.output import add_format, add_history, columns_for, history_of, is_for_people, print_answer
from backlinkbot.items import Change
from backlinkbot.items.columns import columns_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from backlinkbot.cli.parser import Commands

COLUMNS: Final = columns_of(Change)


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "changes",
        help="list new, lost, restored and changed backlinks, with reasons",
        epilog="exit status: 0 done, 1 not done, 2 usage, 3 with --exit-code: something has changed",
    )
    add_history(parser)
    parser.add_argument(
        "--since",
        metavar="RUN|DATE",
        help="changes after this run (a number of backlinkbot runs), or since this day or time, UTC; default: the last run's",
    )
    parser.add_argument("--target", metavar="NAME", action="append", default=[], help="only this target's; repeatable")
    add_format(parser)
    parser.add_argument(
        "--all",
        action="store_true",
        help="show every change, in a pager on a terminal, which shows 10 of each kind by default",
    )
    parser.add_argument("--exit-code", action="store_true", help="exit with 3 if something has changed")
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Prints the changes; returns the exit status.

    Raises:
        UsageError: there is no such column, history, run or day.
        OutputError: the history cannot be read.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import
    from backlinkbot.history.since import changes_since  # noqa: PLC0415 - as above

    columns = columns_for(arguments, COLUMNS)
    with History.open(history_of(arguments), create=False) as history:
        changes = _Counted(history.changes(targets=arguments.target or None, **changes_since(history, arguments.since)))
        if is_for_people(arguments):
            _print_for_people(changes, arguments)
        else:
            print_answer(arguments.format, map(dataclasses.asdict, changes), columns)
        sys.stdout.flush()
        if not (changes.count and arguments.exit_code):
            return 0
    from backlinkbot.extensions.outcome import ExitStatus  # noqa: PLC0415 - Scrapy is slow to import

    return ExitStatus.CHANGED


def _print_for_people(changes: Iterable[Change], arguments: Namespace) -> None:
    from backlinkbot.cli.grouped_changes import print_grouped  # noqa: PLC0415 - imported when changes are printed
    from backlinkbot.cli.output import history_command  # noqa: PLC0415 - as above

    print_grouped(changes, is_all=arguments.all, next_command=history_command(arguments, "todo"))


class _Counted:
    """Counts the items of an iterable as they pass."""

    def __init__(self, changes: Iterator[Change]) -> None:
        self._changes = changes
        self.count = 0

    def __iter__(self) -> Iterator[Change]:
        for change in self._changes:
            self.count += 1
            yield change
