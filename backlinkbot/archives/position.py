"""Counts the bytes of archives that have been read, over all processes that read them."""

from __future__ import annotations

import multiprocessing
import os
from contextlib import contextmanager
from threading import Event, Thread
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.sharedctypes import Synchronized

_INTERVAL: Final = 0.5
"""Seconds between two looks at how far a file has been read."""


class Position:
    """A number of bytes that several processes add to; it can be sent to processes as they start."""

    def __init__(self) -> None:
        self._bytes: Synchronized[int] = multiprocessing.get_context("spawn").Value("q", 0)

    @property
    def read(self) -> int:
        """The bytes that have been read."""
        return self._bytes.value

    def add(self, count: int) -> None:
        """Adds bytes."""
        with self._bytes.get_lock():
            self._bytes.value += count

    @contextmanager
    def following(self, file: IO[bytes]) -> Iterator[None]:
        """A context manager that adds how far a file is read, twice a second, without slowing down who reads it.

        A file without a descriptor, such as one that is read over the network in parts, and a pipe add nothing.
        """
        try:
            descriptor = file.fileno()
            os.lseek(descriptor, 0, os.SEEK_CUR)
        except (OSError, AttributeError):  # io.UnsupportedOperation is an OSError
            yield
            return
        ended, seen = Event(), 0

        def follow() -> None:
            nonlocal seen
            while not ended.wait(_INTERVAL):
                now = os.lseek(descriptor, 0, os.SEEK_CUR)
                self.add(now - seen)
                seen = now

        thread = Thread(target=follow, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self.add(os.fstat(descriptor).st_size - seen)
