"""The changes and the runs of a history as tables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from backlinkbot.history import History
from backlinkbot.history.view_rows import columns_of_view
from backlinkbot.items import Change
from backlinkbot.items.columns import Column, columns_of
from backlinkbot.reports.exports.tables import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.reports.exports.tables import Row

_RUN: Final = (
    *("id", "command", "targets", "started_at", "finished_at", "outcome", "exit_status"),
    *("new", "lost", "restored", "changed"),
)
"""Without the arguments, which may hold passwords."""


def changes_table(url: str, targets: Sequence[str]) -> tuple[Sequence[Column], Iterable[Row]]:
    """Returns the columns and rows of all changes of these targets, or of all, in the order of their recording.

    Reading the rows raises OutputError if the history cannot be read.
    """
    columns = columns_of(Change)

    def rows() -> Iterator[Row]:
        with History.open(url, create=False) as history:
            yield from values(history.changes(targets=targets or None), columns)

    return columns, rows()


def runs_table(url: str) -> tuple[Sequence[Column], Iterable[Row]]:
    """Returns the columns and rows of all runs, oldest first.

    Reading the rows raises OutputError if the history cannot be read.
    """
    columns = [
        Column(name=column.name, kind=column.kind, meaning=column.meaning, may_lack=column.may_lack)
        for column in columns_of_view("runs", _RUN)
    ]

    def rows() -> Iterator[Row]:
        with History.open(url, create=False) as history:
            yield from values(
                (SimpleNamespace(**dict(zip(_RUN, run, strict=True))) for run in history.view("runs", _RUN)), columns
            )

    return columns, rows()
