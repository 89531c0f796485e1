"""Runs ``backlinkbot`` in a process that kills itself at one boundary of a transaction of the history.

    python -m tests.killed_at POINT COUNT WORDS...

The points are listed in :data:`POINTS`; the process sends itself SIGKILL when one is reached for the COUNTth time. Nothing in
the product knows of it: SQLAlchemy's events, and the functions that begin a transaction, are replaced here.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from backlinkbot.__main__ import main
from backlinkbot.history import database, recording, store

STATEMENTS = {"mark": ("DELETE FROM _frontier",), "append": ('INSERT INTO "_frontier"', "INSERT INTO _crawl_commits")}
"""Boundary -> how the statements begin that mark pages as done, or append what was found."""
POINTS = [f"{when}-{what}" for what in ("begin", *STATEMENTS, "commit") for when in ("before", "after")]


class Killer:
    """Counts how often a point was reached."""

    def __init__(self, point: str, count: int) -> None:
        self._point = point
        self._left = count

    def reached(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, when: str, statement: str) -> None:
        for what, beginnings in STATEMENTS.items():
            if statement.lstrip().startswith(beginnings):
                self.reached(f"{when}-{what}")

    @contextmanager
    def writing(self, engine: Engine) -> Iterator[Connection]:
        """In place of :func:`backlinkbot.history.database.writing`."""
        self.reached("before-begin")
        with WRITING(engine) as connection:
            self.reached("after-begin")
            yield connection
            self.reached("before-commit")
        self.reached("after-commit")

    def install(self) -> None:
        for module in (database, recording, store):
            vars(module)["writing"] = self.writing

        def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            self.statement("before", statement)

        def after(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            self.statement("after", statement)

        event.listen(Engine, "before_cursor_execute", before)
        event.listen(Engine, "after_cursor_execute", after)


WRITING = database.writing

if __name__ == "__main__":
    point, count, *words = sys.argv[1:]
    Killer(point, int(count)).install()
    sys.argv = ["backlinkbot", *words]
    sys.exit(main())
