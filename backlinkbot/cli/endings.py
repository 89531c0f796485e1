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
"""The values of :class:`backlinkbot.extensions.outcome.ExitStatus`, whose module imports Scrapy, which is slow."""
_STANDARD: Final = (("stdin", 0, os.O_WRONLY), ("stdout", 1, os.O_RDONLY), ("stderr", 2, os.O_WRONLY))
"""Name, descriptor and flags of each standard stream; one that the caller has closed is opened with them."""


def ended(command: Callable[[], int]) -> int:
    """Runs a command; returns its exit status, or the status for a closed or full standard output."""
    _open_what_is_closed()
    stdout = _watched()
    status: int | None = None
    end: SystemExit | None = None
    try:
        status = command()
    except SystemExit as raised:  # raised by argparse, and by rich for a closed pipe
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
    if not status:  # otherwise the command has printed its own error
        sys.stderr.write(f"backlinkbot: standard output: not written: {stdout.error.strerror}\n")
    return int(status or FAILED)


class _Stdout(io.FileIO):
    """Descriptor 1 with a record of its first error, which distinguishes it from errors of other files."""

    error: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return cast("int", super().write(data))  # None if it would block
        except OSError as error:
            self.error = self.error or error
            raise self.error from None


def _watched() -> _Stdout | None:
    """Replaces ``sys.stdout`` by a stream that records its first error; returns its raw stream.

    Returns None if a caller has replaced ``sys.stdout`` itself.
    """
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
    """Opens closed standard streams; otherwise the next opened file would get the descriptor of one."""
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
        return  # recorded by the stream


def _let_go(stdout: _Stdout) -> None:
    """Discards what is still buffered, or Python would report an error at exit."""
    handle = os.open(os.devnull, os.O_WRONLY)
    os.dup2(handle, stdout.fileno())
    os.close(handle)
