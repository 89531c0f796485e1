"""Copies a SQLite history before a migration rewrites its tables."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from backlinkbot.errors import HistoryError

REWRITING: Final = ("0007",)
"""The migrations that rewrite tables. The others need no copy: they add to the data, or correct counts that can be made again (0012)."""
_SPACE: Final = 3
"""Free space needed, in sizes of the file: one for the copy, the others for what the migration writes."""
_PAGES: Final = 4_096
"""Pages copied at a time."""


def rewriting_after(revision: str) -> str:
    """Returns the first migration after a revision that rewrites data; empty if there is none."""
    return next((later for later in REWRITING if later > revision), "")


def back_up(database: Path, migration: str) -> Path:
    """Copies the file beside itself as ``NAME.before-MIGRATION``; returns the copy's path.

    An older copy of that name, left by a migration that failed, is replaced. Readers may use the file meanwhile; the caller
    keeps writers away.

    Raises:
        HistoryError: there is not enough space for the copy and the migration.
    """
    copy = database.with_name(f"{database.name}.before-{migration}")
    size = sum(path.stat().st_size for path in (database, Path(f"{database}-wal")) if path.exists())
    free = shutil.disk_usage(database.parent).free
    if free < _SPACE * size:
        raise HistoryError(
            f"history {database}: to bring it up to date, {_megabytes(_SPACE * size)} MB must be free beside it, for a copy and "
            f"for what is rewritten; there are {_megabytes(free)}"
        )
    unfinished = copy.with_name(f"{copy.name}.tmp")
    try:
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(unfinished)) as target:
            source.backup(target, pages=_PAGES)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a -wal of its own
        unfinished.replace(copy)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise HistoryError(f"history {database}: its copy {copy.name} cannot be written: {error}") from error
    return copy


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f}"
