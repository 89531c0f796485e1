"""``backlinkbot claims``: lists what each source claimed, and how much of it is true today."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.export import ENDINGS, write
from backlinkbot.cli.output import add_format, add_history, columns_for, history_of, print_answer
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from backlinkbot.cli.parser import Commands
    from backlinkbot.items import CheckedClaim

VIEWS: Final = ("sources", "files", "claims")


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser(
        "claims",
        help="count how many of each source's claimed links exist today",
        epilog="exit status: 0 done, 1 not done, 2 usage",
    )
    add_history(parser)
    parser.add_argument("--view", choices=VIEWS, default="sources", help="what a row is; default sources")
    parser.add_argument(
        "--origin", metavar="NAME", action="append", default=[], help="only this source's claims; repeatable"
    )
    add_format(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help=f"write a file instead: {', '.join(ENDINGS)}")
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Prints or writes the table; returns the exit status.

    Raises:
        UsageError: there is no such column or history, or the file's ending names no format.
        OutputError: the history cannot be read, or the file not written.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import
    from backlinkbot.items.columns import columns_of  # noqa: PLC0415 - as above
    from backlinkbot.reports.exports.tables import values  # noqa: PLC0415 - as above
    from backlinkbot.reports.worth import ClaimRow, Worth, count  # noqa: PLC0415

    if arguments.output not in {None, "-"} and Path(arguments.output).suffix.lower() not in ENDINGS:
        raise UsageError(f"-o {arguments.output}: unknown format; the file must end in one of {', '.join(ENDINGS)}")
    is_list = arguments.view == "claims"
    unasked = {"file"} if arguments.view == "sources" else set()
    known = [column for column in columns_of(ClaimRow if is_list else Worth) if column.name not in unasked]
    columns = columns_for(arguments, known)
    with History.open(history_of(arguments), create=False) as history:
        claims = _wanted(history.claims(), arguments.origin)
        rows: Any = map(ClaimRow.of, claims) if is_list else count(claims, arguments.view)
        if arguments.output:
            write(arguments.output, columns, values(rows, columns))
            return 0
        print_answer(arguments.format, map(asdict, rows), columns)
    return 0


def _wanted(claims: Iterator[CheckedClaim], origins: list[str]) -> Iterator[CheckedClaim]:
    return (judged for judged in claims if not origins or judged.claim.origin in origins)
