"""Sends notifications and writes the file of metrics at the end of a run."""

from __future__ import annotations

from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Final

from backlinkbot.alerts.channels import channels_of
from backlinkbot.alerts.event import NotifiedChange, RunEnd, in_order
from backlinkbot.alerts.metrics import write_metrics
from backlinkbot.errors import BacklinkbotError, OutputError
from backlinkbot.items import ChangeKind, LinkState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.history import History
    from backlinkbot.items import Change

NO_CHANGES: Final[tuple[NotifiedChange, ...]] = ()


def changes_of(url: str, run: int) -> tuple[NotifiedChange, ...]:
    """Returns the changes that a run has recorded, the most serious first.

    A link is lost here only as the history says it: by a visit that read the page, or by a second visit that confirms the first
    (docs/history.md).

    Raises:
        BacklinkbotError: the history cannot be read.
    """
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import

    with History.open(url, create=False) as history:
        changes = list(history.changes(run=run))
        return in_order(_with_follow(history, changes))


def _with_follow(history: History, changes: Iterable[Change]) -> Iterator[NotifiedChange]:
    known: dict[str, dict[tuple[str, str, str], bool | None]] = {}
    for change in changes:
        if change.kind is not ChangeKind.LOST:
            yield NotifiedChange(change=change)
            continue
        page = change.source_url
        if page not in known:
            rows = history.backlinks(states=[LinkState.LOST], page=page)
            known[page] = {(row.target, row.target_url, row.anchor): row.follow for row in rows}
        key = (change.target, change.target_url, change.anchor)
        of_url = [follow for (target, url, _), follow in known[page].items() if (target, url) == key[:2]]
        yield NotifiedChange(change=change, follow=known[page].get(key, any(of_url) if of_url else None))


def tell(end: RunEnd, *, urls: Iterable[str], secret: str) -> list[str]:
    """Sends one message to each address if there is news; returns a line for each that could not be sent."""
    if not end.is_news:
        return []
    try:
        channels = channels_of(urls, secret)
    except BacklinkbotError as error:
        return [] if str(error) == end.outcome else [str(error)]  # a run that was refused for it has said so
    failures = ((channel.name, channel.send(end)) for channel in channels)
    return [f"the notification to {name} was not sent: {why}" for name, why in failures if why]


def write_metrics_file(path: str, end: RunEnd) -> list[str]:
    """Writes the file of metrics; returns a line if it could not be written."""
    try:
        write_metrics(Path(path), end, time())
    except OutputError as error:
        return [f"--metrics: {error}"]
    return []
