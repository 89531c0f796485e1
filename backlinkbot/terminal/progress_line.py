"""Shows the progress of work that is no crawl: a line at the bottom of a terminal, elsewhere a line a minute."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from backlinkbot.terminal.cells import terminal_width
from backlinkbot.terminal.run_status import Item, Speed, bar, clock, fitted, time_left
from backlinkbot.terminal.status_line import StatusLine
from backlinkbot.text.terminal_escaping import raw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

INTERVAL: Final = 0.5
"""Seconds between two updates on a terminal."""
MINUTE: Final = 60.0
"""Seconds between two lines elsewhere."""
BYTES: Final = "bytes"
"""The unit that is shown as kB, MB and GB."""
_LONGEST: Final = 200
"""Most cells of a line that goes to no terminal."""
_PREFIXES: Final = ("B", "kB", "MB", "GB", "TB")
_THOUSAND: Final = 1000
_SMALL: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkProgress:
    """The progress of work at one moment."""

    what: str
    """The activity in a word: reading."""
    elapsed: float
    """Seconds since its start."""
    done: int
    total: int
    """0 if it is not known."""
    unit: str = BYTES
    note: str = ""
    """More text: 3/12 archives, 1,204 links."""


def progress_text(progress: WorkProgress, speed: float, width: int) -> str:
    """Returns the line, in at most so many cells; what is worth least is left out first.

    Args:
        progress: what is shown.
        speed: units a second.
        width: cells.
    """
    share = min(progress.done / progress.total, 1.0) if progress.total else 0.0
    left = time_left(progress.done, progress.total, speed, progress.elapsed)
    items = [
        Item(progress.what, 3),
        Item(f"{bar(share)} {int(share * 100)}%" if progress.total else "", 0),
        Item(_amount(progress), 1),
        Item(f"{amount(int(speed))}/s" if progress.unit == BYTES else f"{speed:.1f}/s", 4),
        Item(clock(progress.elapsed) if left is None else f"{clock(progress.elapsed)}, {clock(left)} left", 2),
        Item(progress.note, 5),
    ]
    return fitted([item for item in items if item.text], width)


def _amount(progress: WorkProgress) -> str:
    if progress.unit != BYTES:
        return (
            f"{progress.done:,}/{progress.total:,} {progress.unit}"
            if progress.total
            else f"{progress.done:,} {progress.unit}"
        )
    return f"{amount(progress.done)} of {amount(progress.total)}" if progress.total else amount(progress.done)


def amount(number: int) -> str:
    """Returns a number of bytes with a decimal prefix: ``840 B``, ``1.2 GB``, ``45 MB``."""
    value, prefixes = float(number), iter(_PREFIXES)
    prefix = next(prefixes)
    for larger in prefixes:
        if value < _THOUSAND:
            break
        value, prefix = value / _THOUSAND, larger
    return f"{value:.1f} {prefix}" if value < _SMALL and prefix != "B" else f"{value:.0f} {prefix}"


class ProgressLine:
    """A context manager that shows the progress of work; a thread redraws it."""

    def __init__(
        self,
        what: str,
        total: int,
        *,
        unit: str = BYTES,
        position: Callable[[], int] | None = None,
        note: Callable[[], str] = str,
        is_quiet: bool = False,
    ) -> None:
        """Creates it; nothing is shown yet.

        Args:
            what: the activity in a word.
            total: the number of units; 0 if it is not known.
            unit: what is counted: bytes, or a word.
            position: returns how many are done; without it, :meth:`advance` counts them.
            note: returns more text for the line.
            is_quiet: nothing is shown.
        """
        self._what, self._total, self._unit = what, total, unit
        self._done = 0
        self._position = position if position is not None else lambda: self._done
        self._note = note
        is_live = raw(sys.stderr).isatty() and not is_quiet
        self._line = StatusLine(sys.stderr, (sys.stdout, sys.stderr)) if is_live else None
        self._speed = Speed()
        self._lock, self._ended = Lock(), Event()
        self._thread = None if is_quiet else Thread(target=self._draw_again, daemon=True)
        self._started = monotonic()

    def __enter__(self) -> Self:
        """Begins to show it."""
        self._started = monotonic()
        if self._line is not None:
            self._line.start()
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the line."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._line is not None:
            self._line.stop()

    def advance(self, count: int) -> None:
        """Adds units that are done."""
        self._done += count

    @contextmanager
    def printing(self) -> Iterator[None]:
        """A context manager in which other lines may be printed: the line is removed, and not drawn meanwhile."""
        with self._lock:
            if self._line is not None:
                self._line.erase()
            yield

    def text(self, width: int) -> str:
        """Returns the line."""
        elapsed, done = monotonic() - self._started, self._position()
        progress = WorkProgress(
            what=self._what, elapsed=elapsed, done=done, total=self._total, unit=self._unit, note=self._note()
        )
        return progress_text(progress, self._speed.measured(elapsed, done), width)

    def _draw_again(self) -> None:
        while not self._ended.wait(MINUTE if self._line is None else INTERVAL):
            with self._lock, suppress(OSError):  # the terminal or the pipe was closed
                if self._line is not None:
                    self._line.update(self.text(terminal_width(raw(sys.stderr)) - 1))
                else:
                    sys.stderr.write(f"backlinkbot: {self.text(_LONGEST)}\n")
                    sys.stderr.flush()
