"""Opens the source of rows for a command: the history, or a file of rows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backlinkbot.reports.rows import columns_in, read_backlinks

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _MutuallyExclusiveGroup
    from collections.abc import Iterator

    from backlinkbot.items import Backlink

HISTORY_VARIABLE = "BACKLINKBOT_HISTORY_URL"
HISTORY = "backlinks.db"
GROUPS: Final = ("backlink", "all", "similar", "one-per-page", "one-per-domain")
"""The choices of ``--group``; the first is the default, and how a history counts."""


def add_source(parser: ArgumentParser) -> _MutuallyExclusiveGroup:
    """Adds the mutually exclusive options ``--history`` and ``--rows``; returns their group."""
    parser.set_defaults(default_history=None)  # that of the configuration file, where the command reads one
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--history",
        metavar="URL",
        default=None,
        help=f"file or database of the history; default {HISTORY_VARIABLE}, else {HISTORY}",
    )
    group.add_argument("--rows", metavar="FILE", help="a file of rows instead: .csv, .jsonl or .json, also .gz")
    return group


def history_of(arguments: Namespace) -> str:
    """Returns the history's URL: of the flag, else of the environment, else of the configuration file, else the default."""
    return str(arguments.history or os.environ.get(HISTORY_VARIABLE) or arguments.default_history or HISTORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """An iterable of rows, read again at each iteration."""

    history: str
    rows: Path | None = None
    """The file that is read instead of the history."""

    @classmethod
    def of(cls, arguments: Namespace) -> RowSource:
        """Creates the source from the options of :func:`add_source`."""
        return cls(history=history_of(arguments), rows=Path(arguments.rows) if arguments.rows else None)

    @property
    def columns(self) -> frozenset[str] | None:
        """The columns that a file of rows holds; None if it is a history, or a file without rows: all.

        Raises:
            OutputError: the file cannot be read.
        """
        return columns_in(self.rows) if self.rows is not None else None

    @property
    def is_by_page(self) -> bool:
        """True if the rows of a page follow each other, as those of a history do."""
        return self.rows is None

    def __iter__(self) -> Iterator[Backlink]:
        """Yields every row, lost ones too.

        Raises:
            UsageError: there is no such history.
            OutputError: the file cannot be read.
        """
        if self.rows is not None:
            yield from read_backlinks(self.rows)
            return
        from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import

        with History.open(self.history, create=False) as history:
            yield from history.backlinks()
