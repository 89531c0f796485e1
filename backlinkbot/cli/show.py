"""``backlinkbot show``: prints a file of rows as a table."""

from __future__ import annotations

import sys
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.output import add_columns
from backlinkbot.cli.row_query import conditions, sorted_rows
from backlinkbot.errors import OutputError, UsageError
from backlinkbot.items.columns import ESSENTIAL, FULL, Column, Kind, chosen, columns_of, words_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Mapping

    from backlinkbot.cli.parser import Commands

SHOWN: Final = ("target", "source_url", "target_url", "anchor", "follow", "nofollow_by", "flags")
"""The columns of a file of links that fit on a terminal."""
MOST: Final = 9
"""Columns of any other file up to which all are shown; beyond, those that are essential."""
VERDICT: Final = "verdict"
ON_TERMINAL: Final = ("source_url", "target_url", "anchor", VERDICT)
"""The columns of a file of links on a terminal where none are chosen: those of the table that a run prints."""
ROWS: Final = 20
"""Rows that a terminal shows without ``--all``."""
_ENDINGS: Final = frozenset({".csv", ".jsonl", ".jl", ".json", ".gz"})


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("show", help="print a file of rows as a table")
    parser.add_argument("file", metavar="FILE", help="CSV or JSONL, as written by -o or --checks")
    add_columns(parser, "default those that fit on a terminal")
    parser.add_argument(
        "--where",
        metavar="CONDITION",
        action="append",
        default=[],
        help="only rows with COLUMN=VALUE; also != > >= < <=, and ~ for 'contains', !~ for 'does not'; repeatable",
    )
    parser.add_argument(
        "--sort", metavar="COLUMN", help="in this order, COLUMN:desc descends; several separated by commas"
    )
    parser.add_argument(
        "--all", action="store_true", help=f"show all rows, in a pager on a terminal, which shows {ROWS} by default"
    )
    parser.add_argument(
        "--wide", action="store_true", help="whole values on a terminal, too, in lines as long as they are"
    )
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Prints the table; returns the exit status.

    Raises:
        UsageError: it is no file of rows, has no such column, or a condition cannot be read.
        OutputError: the file cannot be read.
    """
    from backlinkbot.files.row_files import read_rows  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.terminal.tables import print_rows  # noqa: PLC0415 - imported when a table is printed

    path = Path(arguments.file)
    words = words_of(arguments.columns) if arguments.columns is not None else []
    _refuse_other_files(path)
    rows = read_rows(path)
    first = next(rows, None)
    if first is None:
        print_rows((), ())
        return 0
    columns = described(first)
    shown = chosen(columns, words or _default(columns))
    wanted = conditions(arguments.where, columns)

    def with_conditions(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        return (row for row in rows if all(one.holds(row) for one in wanted))

    found: Iterable[Mapping[str, Any]] = with_conditions(chain((first,), rows))
    if arguments.sort:
        found = sorted_rows(found, arguments.sort, columns)
    names = [column.name for column in shown]
    if sys.stdout.isatty() and not arguments.wide and not words and tuple(names) == SHOWN:
        rows_ahead = list(islice(found, ROWS))
        # All rows are not held for this: the file is read once more.
        names = [*_differing(with_conditions(read_rows(path)) if arguments.all else rows_ahead), *ON_TERMINAL]
        found = map(_with_verdict, chain(rows_ahead, found))
    print_rows(
        found,
        names,
        is_wide=arguments.wide,
        most=ROWS if sys.stdout.isatty() and not arguments.all else None,
        is_paged=arguments.all,
        way_out="--columns chooses among them, --wide shows all",
    )
    return 0


def _differing(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Returns the further columns that tell rows apart: the target if there are several, flags if a row has any."""
    targets: set[str] = set()
    has_flags = False
    for row in rows:
        targets.add(row["target"])
        has_flags = has_flags or bool(row["flags"])
        if has_flags and len(targets) > 1:
            break
    return [name for name, is_told in (("target", len(targets) > 1), ("flags", has_flags)) if is_told]


def _with_verdict(row: Mapping[str, Any]) -> Mapping[str, Any]:
    from backlinkbot.terminal.words import verdict  # noqa: PLC0415 - as above

    follow = {"true": True, "false": False}.get(str(row["follow"]).lower())
    rules = row["nofollow_by"] or ()
    rules = rules.split(",") if isinstance(rules, str) else rules
    return {**row, VERDICT: verdict(follow=follow, nofollow_by=rules, link_type=row.get("link_type") or "text")}


def described(row: Mapping[str, Any]) -> tuple[Column, ...]:
    """Returns the columns of a file's rows in its order, described as in the kind of row that has most of them.

    Where none of them is essential, all are.
    """
    kinds = [{column.name: column for column in columns_of(kind)} for kind in _kinds_of_row()]
    known = max(kinds, key=lambda columns: len(columns.keys() & row.keys()))
    columns = tuple(known.get(name, Column(name=name, kind=Kind.TEXT)) for name in row)
    if any(column.is_essential for column in columns):
        return columns
    return tuple(Column(name=column.name, kind=column.kind, is_essential=True) for column in columns)


def _kinds_of_row() -> tuple[type[Any], ...]:
    """The classes of all rows that are written to files; where two have as many columns of a file, the first counts."""
    from backlinkbot.items import Backlink, Change, Check  # noqa: PLC0415 - as above
    from backlinkbot.reports.exports.views import LINKS, VIEWS, row_type  # noqa: PLC0415
    from backlinkbot.reports.gap import Prospect  # noqa: PLC0415
    from backlinkbot.reports.worth import ClaimRow, Worth  # noqa: PLC0415

    return (Backlink, Check, Change, *map(row_type, (LINKS, *VIEWS)), Prospect, Worth, ClaimRow)


def _default(columns: tuple[Column, ...]) -> tuple[str, ...]:
    if {column.name for column in columns} >= set(SHOWN):
        return SHOWN
    return (FULL,) if len(columns) <= MOST else (ESSENTIAL,)


def _refuse_other_files(path: Path) -> None:
    """Raises for a file that is no row file by its ending nor by its header: ``--checks`` writes CSV under any name."""
    from backlinkbot.files.inputs import readable  # noqa: PLC0415 - as above

    if path.suffix.lower() in _ENDINGS:
        return
    try:
        with readable(path).open(encoding="utf-8-sig", errors="replace") as file:
            header = file.readline(4096)
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from error
    known = {column.name for kind in _kinds_of_row() for column in columns_of(kind)}
    if known.isdisjoint(header.rstrip("\r\n").split(",")):
        raise UsageError(f"{path} is not a file of rows; give a .csv, .jsonl or .json file written by -o or --checks")
