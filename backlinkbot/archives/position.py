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
"""Seconds after which the position of a file is queried again."""


class Position:
    """A number of bytes to which several processes add; it can be passed to a process only when that is started."""

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
        """A context manager that adds the bytes that are read of a file, twice a second, from a thread: reading gets no slower.

        Adds nothing for a pipe, or a file without a descriptor, such as one that is downloaded in parts.
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
