"""One run of a kind at a time on a history, if that is wanted: each has its turn."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from backlinkbot.errors import HistoryError
from backlinkbot.history.database import connect, read_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine


@contextmanager
def turn(url: str, job: str) -> Iterator[Callable[[], bool]]:
    """What tries to take the turn of a job, and says whether we have it; held until the block or the process ends.

    Args:
        url: the history's.
        job: what makes two runs the same one, in words.

    Raises:
        HistoryError: the history cannot be opened.
    """
    with ExitStack() as held:
        is_file = read_url(url).drivername == "sqlite"
        yield _file_turn(url, job, held) if is_file else _server_turn(url, job, held)


def _number(job: str) -> int:
    """A job as 62 bits, so that it is a file's offset and PostgreSQL's bigint."""
    return int.from_bytes(blake2b(f"turn {job}".encode(), digest_size=8).digest()) >> 2


def _file_turn(url: str, job: str, held: ExitStack) -> Callable[[], bool]:
    """One byte of the file beside the database for each job: whoever has locked it has the turn."""
    database = Path(read_url(url).database or "").resolve()
    file = database.with_name(f"{database.name}-turns")
    try:
        handle = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise HistoryError(f"history {database}: {file.name} cannot be written ({error.strerror})") from error
    held.callback(os.close, handle)

    def try_to_take() -> bool:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _number(job))
        except OSError:
            return False
        return True

    return try_to_take


def _server_turn(url: str, job: str, held: ExitStack) -> Callable[[], bool]:
    """An advisory lock on a connection of its own, which the server closes with the process."""
    engine: Engine = connect(read_url(url), create=True)
    held.callback(engine.dispose)
    connection = held.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
    held.callback(connection.invalidate)  # the session ends, and the lock with it

    def try_to_take() -> bool:
        return bool(connection.execute(text("SELECT pg_try_advisory_lock(:job)"), {"job": _number(job)}).scalar_one())

    return try_to_take
