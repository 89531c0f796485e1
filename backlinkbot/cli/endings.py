"""Ends a command whose standard output is closed or full without a traceback, as ``grep`` does."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer

DONE, FAILED, INTERRUPTED, READER_GONE = 0, 1, 130, 141
"""As in :class:`backlinkbot.extensions.outcome.ExitStatus`, whose room needs Scrapy, for which ``--help`` need not wait."""
_STANDARD: Final = (("stdin", 0, os.O_WRONLY), ("stdout", 1, os.O_RDONLY), ("stderr", 2, os.O_WRONLY))
"""Name, descriptor, and how it is opened where the caller has closed it: what reads or writes there fails, errors vanish."""


def ended(command: Callable[[], int]) -> int:
    """Run a command; returns its exit status, or the one that follows from what became of standard output."""
    _open_what_is_closed()
    stdout = _watched()
    status: int | None = None
    end: SystemExit | None = None
    try:
        status = command()
    except SystemExit as raised:  # argparse's, and rich's where a pipe is closed
        end = raised
    except KeyboardInterrupt:
        status = INTERRUPTED
    except OSError as error:
        if stdout is None or error is not stdout.error:
            raise
    if stdout is not None:
        _flush()
    if stdout is None or stdout.error is None:
        if end is not None:
            raise end
        return int(status or DONE)
    _let_go(stdout)
    if stdout.error.errno == errno.EPIPE:
        return READER_GONE
    if not status:  # else the command has said so itself
        sys.stderr.write(f"backlinkbot: standard output: not written: {stdout.error.strerror}\n")
    return int(status or FAILED)


class _Stdout(io.FileIO):
    """Descriptor 1, which keeps the first error in mind: nothing else tells it from those of other files."""

    error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return cast("int", super().write(data))  # None where it would block
        except OSError as error:
            self.error = self.error or error
            raise self.error from None


def _watched() -> _Stdout | None:
    """Put a stream that remembers its error in the place of the process's own; None where a caller has put another there."""
    stream = sys.stdout
    if stream is not sys.__stdout__ or not isinstance(stream, io.TextIOWrapper):
        return None
    stream.flush()
    raw = _Stdout(1, "w", closefd=False)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
    return raw


def _open_what_is_closed() -> None:
    """Else the next file that is opened takes the descriptor, and is written to as if it were standard output."""
    for name, number, how in _STANDARD:
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, how)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            stream = os.fdopen(number, "r" if name == "stdin" else "w", closefd=False)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        return  # remembered


def _let_go(stdout: _Stdout) -> None:
    """What is still buffered goes nowhere, or Python would complain of it at the very end."""
    handle = os.open(os.devnull, os.O_WRONLY)
    os.dup2(handle, stdout.fileno())
    os.close(handle)
