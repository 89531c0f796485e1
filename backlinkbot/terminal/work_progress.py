"""Shows how far work of a known size is: one line at the bottom of a terminal, elsewhere a line a minute."""

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
class Work:
    """How far it is at one moment."""

    what: str
    """What is done, in a word: reading."""
    elapsed: float
    """Seconds since its start."""
    done: int
    total: int
    """0 where nobody knows."""
    unit: str = BYTES
    note: str = ""
    """What else is worth saying: archives, links."""


def work_text(work: Work, speed: float, width: int) -> str:
    """Returns the line, in at most so many cells; what is worth least is left out first.

    Args:
        work: how far it is.
        speed: units a second.
        width: cells.
    """
    share = min(work.done / work.total, 1.0) if work.total else 0.0
    left = time_left(work.done, work.total, speed, work.elapsed)
    items = [
        Item(work.what, 3),
        Item(f"{bar(share)} {int(share * 100)}%" if work.total else "", 0),
        Item(_amount(work), 1),
        Item(f"{amount(int(speed))}/s" if work.unit == BYTES else f"{speed:.1f}/s", 4),
        Item(clock(work.elapsed) if left is None else f"{clock(work.elapsed)}, {clock(left)} left", 2),
        Item(work.note, 5),
    ]
    return fitted([item for item in items if item.text], width)


def _amount(work: Work) -> str:
    if work.unit != BYTES:
        return f"{work.done:,}/{work.total:,} {work.unit}" if work.total else f"{work.done:,} {work.unit}"
    return f"{amount(work.done)} of {amount(work.total)}" if work.total else amount(work.done)


def amount(number: int) -> str:
    """Returns a number of bytes with a decimal prefix: ``840 B``, ``1.2 GB``, ``45 MB``."""
    value, prefixes = float(number), iter(_PREFIXES)
    prefix = next(prefixes)
    for larger in prefixes:
        if value < _THOUSAND:
            break
        value, prefix = value / _THOUSAND, larger
    return f"{value:.1f} {prefix}" if value < _SMALL and prefix != "B" else f"{value:.0f} {prefix}"


class WorkProgress:
    """A context manager that shows how far work is; a thread of its own draws, so that the work need not."""

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
            what: what is done, in a word.
            total: of units; 0 where nobody knows.
            unit: what is counted: bytes, or a word.
            position: tells how many are done; without it, those that :meth:`advance` was told of.
            note: tells what else is worth saying.
            is_quiet: nothing is ever shown.
        """
        self._what, self._total, self._unit = what, total, unit
        self._done = 0
        self._position = position if position is not None else lambda: self._done
        self._note = note
        self._is_terminal = raw(sys.stderr).isatty()
        self._line = StatusLine(sys.stderr, (sys.stdout, sys.stderr)) if self._is_terminal else None
        self._speed = Speed()
        self._lock, self._ended = Lock(), Event()
        self._thread = None if is_quiet else Thread(target=self._draw_again, daemon=True)
        self._started = monotonic()

    def __enter__(self) -> Self:
        """Begins to show it."""
        self._started = monotonic()
        if self._thread is not None:
            if self._line is not None:
                self._line.start()
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
        work = Work(what=self._what, elapsed=elapsed, done=done, total=self._total, unit=self._unit, note=self._note())
        return work_text(work, self._speed.measured(elapsed, done), width)

    def _draw_again(self) -> None:
        while not self._ended.wait(INTERVAL if self._is_terminal else MINUTE):
            with self._lock, suppress(OSError):  # the terminal or the pipe was closed
                if self._line is not None:
                    self._line.update(self.text(terminal_width(raw(sys.stderr)) - 1))
                else:
                    sys.stderr.write(f"backlinkbot: {self.text(_LONGEST)}\n")
                    sys.stderr.flush()
