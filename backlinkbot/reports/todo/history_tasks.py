"""The tasks of a history: reads its links and claims, and the numbers and statuses that it remembers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from backlinkbot.reports.quality.ranks import read_ranks
from backlinkbot.reports.todo.choosing import Choice, Wanted
from backlinkbot.reports.todo.history_links import HistoryLinks
from backlinkbot.reports.todo.listing import numbered, sections

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from backlinkbot.history import History
    from backlinkbot.reports.todo.listing import Section


def tasks_of(
    history: History,
    *,
    targets: Collection[str] = (),
    against: Collection[str] = (),
    ranks: str | None = None,
    status: str = "open",
    limit: int = 10,
    is_numbered: bool = True,
) -> list[Section]:
    """Returns the tasks of a history by kind, with their numbers.

    Args:
        history: open for writing.
        targets: names; empty: all.
        against: the names of the targets that are competitors.
        ranks: a rank file.
        status: ``open``, ``done`` or ``all``.
        limit: tasks of each kind; 0: all.
        is_numbered: whether tasks that were never listed get a number, which is written into the history.

    Raises:
        OutputError: the history cannot be read or written.
        UsageError: the rank file cannot be read.
    """

    def authority(domains: Collection[str]) -> Mapping[str, float]:
        if not ranks:
            return {}
        found = read_ranks(Path(ranks), domains)
        return {name: known for name in domains if (known := found.authority(name)) is not None}

    shown = sections(
        HistoryLinks(history, frozenset(targets) | frozenset(against) if targets else None),
        claims=history.claims(),
        competitors=against,
        authority=authority,
        chosen=Choice(records=history.tasks(), wanted=Wanted(status), limit=limit),
    )
    return numbered(shown, history.number_tasks) if is_numbered else shown
