"""``backlinkbot prune``: removes old visits and unwanted targets from the history."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from backlinkbot.cli.output import add_history, history_of
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from backlinkbot.cli.parser import Commands

_MOST_DAYS: Final = 100_000


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "prune",
        help="remove old visits and unwanted targets from the history",
        epilog="states, first and last sightings, changes and runs stay; exit status: 0 done, 1 not done, 2 usage",
    )
    add_history(parser)
    parser.add_argument(
        "--visits-before",
        metavar="DATE|DAYS",
        help="visits before this day or time, UTC, or more than so many days ago",
    )
    parser.add_argument(
        "--drop-target",
        metavar="NAME",
        action="append",
        default=[],
        help="everything that is known of this target's backlinks; repeatable",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Removes what is named; returns the exit status.

    Raises:
        UsageError: nothing is named, or there is no such history, target or day.
        OutputError: the history cannot be written.
    """
    if not (arguments.visits_before or arguments.drop_target):
        raise UsageError("nothing is named to remove: --visits-before DATE or DAYS, --drop-target NAME")
    before = _moment(arguments.visits_before) if arguments.visits_before else ""
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy, which --help need not wait for

    with History.open(history_of(arguments), create=False) as history:
        found = history.prune(before=before, targets=arguments.drop_target, dry_run=arguments.dry_run)
    done = "would be removed" if arguments.dry_run else "removed"
    sys.stdout.write(
        f"{done}: {found.visits:,} visits, {found.backlinks:,} backlinks, {found.changes:,} changes, {found.pages:,} pages\n"
    )
    return 0


def _moment(text: str) -> str:
    """Parses a day, a time or a number of days; returns the time in UTC.

    Raises:
        UsageError: it is none of them.
    """
    if text.isdecimal() and int(text) <= _MOST_DAYS:
        moment = datetime.now(UTC) - timedelta(days=int(text))
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(
                f"--visits-before {text}: a day is expected (2026-01-31, 2026-01-31T12:00:00Z), or a number of days"
            ) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
