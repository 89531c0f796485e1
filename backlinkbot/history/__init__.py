"""The history: every visit of a page with backlinks, stored in SQLite or PostgreSQL.

Only this package imports SQLAlchemy, Alembic and psycopg.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backlinkbot.history.records import KnownPage, Recorded, Run, RunState, TaskRecord, TaskStatus, TaskSubject, Visit

if TYPE_CHECKING:
    from backlinkbot.history.pruning import Pruned
    from backlinkbot.history.store import History, now

__all__ = [
    "History",
    "KnownPage",
    "Pruned",
    "Recorded",
    "Run",
    "RunState",
    "TaskRecord",
    "TaskStatus",
    "TaskSubject",
    "Visit",
    "now",
]


def __getattr__(name: str) -> Any:
    """Imports the store when it is used for the first time: SQLAlchemy takes a third of a second to import."""
    if name not in {"History", "Pruned", "now"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from backlinkbot.history import store  # noqa: PLC0415 - as the docstring says

    return getattr(store, name)
