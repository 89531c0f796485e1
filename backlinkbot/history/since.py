"""Reads what a user means by "since": a run, a day or a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import HistoryError, UsageError

if TYPE_CHECKING:
    from backlinkbot.history.store import History

_LONGEST: Final = 18
"""Most digits of a run's number."""


def changes_since(history: History, since: str | None) -> dict[str, Any]:
    """Returns the arguments of :meth:`History.changes` that select the changes since a run or a day.

    Args:
        history: an open history.
        since: a run's number, a day or a time in ISO 8601, UTC; None for the changes of the last run.

    Raises:
        HistoryError: there is no such run.
        UsageError: it is neither a number nor a time.
    """
    if since is None:
        return {"run": history.last_run()}
    if since.isdecimal():
        if len(since) > _LONGEST or int(since) not in {run.id for run in history.runs()} | {0}:
            raise HistoryError(f"--since {since}: no such run; `backlinkbot runs` lists them")
        return {"after_run": int(since)}
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise UsageError(
            f"--since {since}: expected a number of `backlinkbot runs`, or a day: 2026-01-31, 2026-01-31T12:00:00Z"
        ) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return {"since": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
