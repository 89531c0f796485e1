"""``backlinkbot replay``: records the visits of a ``--visits`` file again, in another history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot.cli.output import add_history, history_of
from backlinkbot.errors import HistoryError
from backlinkbot.items import JudgedPage

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from backlinkbot.cli.parser import Commands
    from backlinkbot.history import History
    from backlinkbot.history.visit_log import RunLine

BATCH: Final = 500
"""Visits per transaction."""


def add(commands: Commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("replay", help="record visits again that a crawl wrote with --visits")
    parser.add_argument("files", metavar="FILE", nargs="+", help="as written by --visits; the oldest first")
    add_history(parser)
    parser.set_defaults(run=run)


def run(arguments: Namespace, _parser: ArgumentParser) -> int:
    """Records the visits of each file; returns the exit status.

    Raises:
        UsageError: a file cannot be read, or the history not be opened.
        OutputError: the history cannot be written.
    """
    from backlinkbot.files.inputs import lines_of, readable  # noqa: PLC0415
    from backlinkbot.history import History, visit_log  # noqa: PLC0415

    with History.open(history_of(arguments)) as history:
        for name in arguments.files:
            try:
                with readable(name).open(encoding="utf-8") as file:
                    replay(history, visit_log.read(lines_of(file), name), name)
            except (OSError, ValueError) as error:
                raise HistoryError(f"{name}: cannot be read ({error})") from error
    return 0


def replay(history: History, lines: Iterable[RunLine | JudgedPage], name: str) -> None:
    """Records the visits of some lines, each run as a run of its own.

    Raises:
        HistoryError: a visit comes before any run.
    """
    run: _Replayed | None = None
    for line in lines:
        if not isinstance(line, JudgedPage):
            if run is not None:
                run.end()
            run = _Replayed(history, line)
        elif run is None:
            raise HistoryError(f"{name}, line 1: not the start of a run; give a file written by --visits")
        else:
            run.add(line)
    if run is not None:
        run.end()


class _Replayed:
    """One run, recorded in batches."""

    def __init__(self, history: History, line: RunLine) -> None:
        self._history = history
        self._waiting: list[JudgedPage] = []
        self._last = line.started_at
        self._run = history.begin_run(
            line.command,
            line.targets,
            arguments={"aliases": line.aliases} if line.aliases else {},
            includes_own=line.includes_own,
            extras=line.extras,
            started_at=line.started_at,
        )

    def add(self, visit: JudgedPage) -> None:
        self._waiting.append(visit)
        self._last = visit.fetched_at
        if len(self._waiting) >= BATCH:
            self._record()

    def end(self) -> None:
        self._record()
        self._history.end_run(self._run, outcome="replayed", finished_at=self._last)

    def _record(self) -> None:
        self._history.record(self._run, self._waiting)
        self._waiting = []
