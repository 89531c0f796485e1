"""Prints the results of the history's commands as a table, CSV, JSONL or Markdown."""

from __future__ import annotations

import csv
import json
import re
import shlex
import sys
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.cli.row_source import HISTORY, HISTORY_VARIABLE, history_of
from backlinkbot.items.columns import ESSENTIAL, FULL, Column, chosen, words_of
from backlinkbot.text.csv_escaping import guard, one_line
from backlinkbot.text.terminal_escaping import replaced

__all__ = [
    "add_columns",
    "add_format",
    "add_history",
    "columns_for",
    "history_command",
    "history_of",
    "is_for_people",
    "print_answer",
]

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Mapping, Sequence


def add_history(parser: ArgumentParser) -> None:
    """Adds the option ``--history``."""
    parser.add_argument(
        "--history",
        metavar="URL",
        help=f"file or database of the history; default {HISTORY_VARIABLE}, else {HISTORY}",
    )


def add_format(parser: ArgumentParser) -> None:
    """Adds the options ``--format`` and ``--columns``."""
    parser.add_argument("--format", choices=tuple(_PRINTERS), default="table", help="default table")
    add_columns(parser, f"default {ESSENTIAL} for table and md, else {FULL}")


def add_columns(parser: ArgumentParser, default: str) -> None:
    """Adds the option ``--columns``; ``default`` ends its help."""
    parser.add_argument(
        "--columns",
        metavar="NAMES",
        help=f"{ESSENTIAL}, {FULL}, or names separated by commas, in this order; {default}",
    )


def columns_for(arguments: Namespace, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Returns the columns of an answer: those of ``--columns``; without it, the essential ones of a table, all of a file.

    Raises:
        UsageError: there is no such column.
    """
    if arguments.columns is not None:
        return chosen(columns, words_of(arguments.columns))
    is_file = getattr(arguments, "output", None) or arguments.format not in _FOR_READERS
    return chosen(columns, [FULL if is_file else ESSENTIAL])


def is_for_people(arguments: Namespace) -> bool:
    """True if an answer goes to a terminal as a table of which no columns were chosen: it may be told in sentences."""
    return arguments.format == "table" and arguments.columns is None and sys.stdout.isatty()


def history_command(arguments: Namespace, *words: str) -> str:
    """Returns a shell command on the same history, without its password.

    It is one line, which a terminal may break and still copies whole.
    """
    from backlinkbot.configuration.masking import without_password  # noqa: PLC0415 - imported when a command is printed

    history = ("--history", without_password(arguments.history)) if arguments.history else ()
    return replaced(shlex.join(("backlinkbot", *words, *history)))


def print_answer(kind: str, rows: Iterable[Mapping[str, Any]], columns: Iterable[Column]) -> None:
    """Prints rows on standard output.

    Args:
        kind: one of the choices of ``--format``.
        rows: mappings of columns to text, numbers, lists or None.
        columns: the columns, in order.
    """
    _PRINTERS[kind](rows, [column.name for column in columns])


def _print_table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from backlinkbot.terminal.tables import print_rows  # noqa: PLC0415 - imported when a table is printed

    print_rows(({name: _as_text(row[name]) for name in columns} for row in rows), columns)


def _print_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    writer.writerows([guard(_as_text(row[name])) for name in columns] for row in rows)


def _print_jsonl(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    for row in rows:
        sys.stdout.write(json.dumps({name: row[name] for name in columns}) + "\n")


_SPECIAL: Final = re.compile(r"[\\`*_\[\]<>|~&!$@#]")


def _print_markdown(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n")
    for row in rows:
        sys.stdout.write(f"| {' | '.join(_as_markdown(_as_text(row[name])) for name in columns)} |\n")


def _as_markdown(text: str) -> str:
    """Escapes untrusted text for Markdown; a URL becomes a link."""
    if text.startswith(("https://", "http://")) and not re.search(r"[\s<>]", text):
        return f"<{text.replace('|', '%7C')}>"
    return _SPECIAL.sub(r"\\\g<0>", one_line(text))


def _as_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


_PRINTERS: Final[dict[str, Callable[[Iterable[Mapping[str, Any]], Sequence[str]], None]]] = {
    "table": _print_table,
    "csv": _print_csv,
    "jsonl": _print_jsonl,
    "md": _print_markdown,
}
_FOR_READERS: Final = frozenset({"table", "md"})
"""The formats for people, which have the essential columns."""
