"""A lock that keeps two runs of the same command from using a history at once."""

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
def run_lock(url: str, job: str, *, is_shared: bool = False) -> Iterator[Callable[[], bool]]:
    """Yields a function that tries to take the lock of a job and returns whether it is held; released at the end.

    Args:
        url: the history's.
        job: the description that two runs of the same kind share.
        is_shared: whether others may hold the lock at the same time, if they share it, too; PostgreSQL only.

    Raises:
        HistoryError: the history cannot be opened.
    """
    with ExitStack() as held:
        is_file = read_url(url).drivername == "sqlite"
        yield _file_lock(url, job, held) if is_file else _server_lock(url, job, held, is_shared=is_shared)


def _number(job: str) -> int:
    """Returns a 62-bit hash of a job, which fits a file's offset and PostgreSQL's bigint."""
    return int.from_bytes(blake2b(f"turn {job}".encode(), digest_size=8).digest()) >> 2


def _file_lock(url: str, job: str, held: ExitStack) -> Callable[[], bool]:
    """Locks one byte of a file beside the database for each job."""
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


def _server_lock(url: str, job: str, held: ExitStack, *, is_shared: bool) -> Callable[[], bool]:
    """Takes an advisory lock on a connection of its own, which the server closes when the process ends."""
    engine: Engine = connect(read_url(url), create=True)
    held.callback(engine.dispose)
    connection = held.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
    held.callback(connection.invalidate)  # the session ends, and its lock is released

    attempt = text(f"SELECT pg_try_advisory_lock{'_shared' if is_shared else ''}(:job)")

    def try_to_take() -> bool:
        return bool(connection.execute(attempt, {"job": _number(job)}).scalar_one())

    return try_to_take
