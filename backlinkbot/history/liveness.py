"""Tells whether an unfinished run is still running: its process holds a lock that is released when the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class RunLocks(Protocol):
    """The locks of one history; a lock is a number."""

    def take(self, lock: int) -> None:
        """Acquires a new lock."""

    def release(self, lock: int) -> None:
        """Releases a lock of this process."""

    def is_held(self, lock: int) -> bool:
        """True if a process holds the lock."""
        ...


class FileLocks:
    """One small file beside the database for each active run; the lock ends with the process, even if it is killed."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._handles: dict[int, int] = {}

    def _path(self, lock: int) -> Path:
        return self._database.with_name(f"{self._database.name}-run-{lock:016x}")

    def take(self, lock: int) -> None:
        """Acquires a new lock."""
        handle = os.open(self._path(lock), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
        fcntl.flock(handle, fcntl.LOCK_EX)
        self._handles[lock] = handle

    def release(self, lock: int) -> None:
        """Releases a lock of this process."""
        handle = self._handles.pop(lock, None)
        if handle is not None:
            self._path(lock).unlink(missing_ok=True)
            os.close(handle)

    def is_held(self, lock: int) -> bool:
        """True if a process holds the lock; deletes the file of a killed run."""
        if lock in self._handles:
            return True
        try:
            handle = os.open(self._path(lock), os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            self._path(lock).unlink(missing_ok=True)
            return False
        finally:
            os.close(handle)


class ServerLocks:
    """PostgreSQL's advisory locks, each on a connection of its own, which the server closes when the process ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connections: dict[int, Connection] = {}

    def take(self, lock: int) -> None:
        """Acquires a new lock."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": lock})
        self._connections[lock] = connection

    def release(self, lock: int) -> None:
        """Releases a lock of this process."""
        connection = self._connections.pop(lock, None)
        if connection is not None:
            connection.invalidate()  # the session ends, and its lock is released
            connection.close()

    def is_held(self, lock: int) -> bool:
        """True if a process holds the lock."""
        if lock in self._connections:
            return True
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            is_free = connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": lock}).scalar_one()
            if is_free:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": lock})
            return not is_free
