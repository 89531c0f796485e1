"""The processes of a test, listed: all that were started, however far down, by a mark of the test's in their environment.

Chromium writes over the environment of its renderers, so whoever is in the process group of a marked one counts, too.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

VARIABLE = "BACKLINKBOT_TEST_MARK"


class Marked:
    """The processes that inherit the mark; Linux only, which can be asked for the environment of a process."""

    def __init__(self) -> None:
        if not Path("/proc/self/environ").exists():
            pytest.skip("no /proc here, from which to list the processes of a test")
        self.value = uuid.uuid4().hex
        self.environ = {VARIABLE: self.value}
        self._wanted = f"{VARIABLE}={self.value}".encode()
        self._groups: set[int] = set()
        self.most = 0

    def running(self) -> dict[int, str]:
        """Process id -> command line; what has ended and waits for init to notice is not there."""
        found = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    state, group = (folder / "stat").read_text().rpartition(")")[2].split()[0:3:2]
                    is_marked = self._wanted in (folder / "environ").read_bytes().split(b"\0")
                    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:
                    continue  # it has ended meanwhile, or is somebody else's
                if is_marked and int(group) != os.getpgrp():
                    self._groups.add(int(group))
                if state != "Z" and (is_marked or int(group) in self._groups):
                    found[int(folder.name)] = line
        self.most = max(self.most, len(found))
        return found

    def left(self, within: float) -> dict[int, str]:
        """Those that still run after so many seconds; empty as soon as there are none."""
        end = time.monotonic() + within
        while (found := self.running()) and time.monotonic() < end:
            time.sleep(0.05)
        return found

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look again and again, so that no group is missed whose first process has ended."""
        is_over = threading.Event()

        def look() -> None:
            while not is_over.wait(0.3):
                self.running()

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Marked]:
    """All that this process starts during a test; at its end, nothing of it may be left."""
    mark = Marked()
    monkeypatch.setenv(VARIABLE, mark.value)
    with mark.watched():
        yield mark
    assert mark.most > 4, "no browser was seen"
    assert not mark.left(within=60)
