"""``backlinkbot show``: prints a file of rows as a table."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.output import add_columns
from backlinkbot.errors import OutputError, UsageError
from backlinkbot.items.columns import ESSENTIAL, FULL, Column, Kind, chosen, columns_of, words_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from backlinkbot.cli import Commands

SHOWN: Final = ("target", "source_url", "target_url", "anchor", "follow", "nofollow_by", "flags")
"""The columns of a file of links that fit on a terminal."""
MOST: Final = 9
"""Columns of any other file up to which all are shown; beyond, those that are essential."""
_ENDINGS: Final = frozenset({".csv", ".jsonl", ".jl", ".json", ".gz"})


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("show", help="print a file of rows as a table")
    parser.add_argument("file", metavar="FILE", help="CSV or JSONL, as written by -o or --checks")
    add_columns(parser, "default those that fit on a terminal")
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Prints the table; returns the exit status.

    Raises:
        UsageError: it is no file of rows, or has no such column.
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
    print_rows(chain((first,), rows), [column.name for column in shown])
    return 0


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
