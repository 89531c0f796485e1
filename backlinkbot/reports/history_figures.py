"""Computes the figures of a report of a history from its stored columns, for a million links."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.history.link_batches import LinksWanted
from backlinkbot.history.schema import time_of
from backlinkbot.items import Backlink, LinkState
from backlinkbot.items.columns import columns_of
from backlinkbot.reports.exports.link_table import LinkTable
from backlinkbot.reports.page.figures import RECENT_DAYS, ReportScope, Top, event_of, figures_of
from backlinkbot.reports.page.link_batch import ALIKE, LinkBatch
from backlinkbot.reports.page.tallies import Tallies
from backlinkbot.reports.page.timeline import Timeline
from backlinkbot.reports.quality.sitewide import Sitewide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlinkbot.history import History
    from backlinkbot.reports.exports.link_table import Batch
    from backlinkbot.reports.page.figures import Figures


def history_figures(
    history: History, *, only: Sequence[str] | None = None, is_each: bool = False, **scope: Any
) -> Figures:
    """Counts the links of a history as :func:`~backlinkbot.reports.page.figures.figures` does, without an object for each.

    Args:
        history: open.
        only: the names of the only targets; None for all.
        is_each: whether each link counts; else the links of one page to one address count once.
        scope: the fields of :class:`~backlinkbot.reports.page.figures.ReportScope`.
    """
    about = ReportScope(**scope)
    timeline = Timeline(at=about.at, recent_days=RECENT_DAYS)
    for change in history.losses_and_returns(targets=only):
        timeline.note(change)
    names = {*ALIKE, *_OWN, *(("source_url",) if timeline.has_gaps else ())}
    states = [state for state in LinkState if state is not LinkState.MOVED]
    table = LinkTable(
        [column for column in columns_of(Backlink) if column.name in names],
        Sitewide(()),
        partial(history.link_batches, LinksWanted(states=states, targets=only)),
        None if is_each else history.link_values,
        seldom=(),
    )
    tallies = Tallies(
        about.reader, timeline, lambda few: SimpleNamespace(**table.few_values(few)), _time_text, about.limit
    )
    for batch in table.batches():
        tallies.add(_stored_batch(batch))
    newest, total = history.newest_changes(about.limit, targets=only)
    links = history.links_at(tallies.newest.top())
    return figures_of(about, tallies, timeline, Top(tuple(map(event_of, newest)), total), tuple(links.values()))


_OWN: Final = (
    *("source_domain", "anchor", "target_url", "target_final_url", "unconfirmed_since", "first_seen", "fetched_at"),
)
"""Columns whose values few links share."""


def _time_text(at: int | None) -> str:
    return time_of(at) if at else ""


def _stored_batch(batch: Batch) -> LinkBatch:
    many = batch.many
    first_seen, fetched_at = ([at or 0 for at in many[name]] for name in ("first_seen", "fetched_at"))
    return LinkBatch(
        alike=batch.few,
        domains=many["source_domain"],
        anchors=many["anchor"],
        target_urls=many["target_url"],
        final_urls=many["target_final_url"],
        unconfirmed=many["unconfirmed_since"],
        pages=batch.pages,
        first_seen=first_seen,
        fetched_at=fetched_at,
        first_seconds=first_seen,
        fetched_seconds=fetched_at,
        last_seconds=fetched_at,
        source_urls=many.get("source_url", batch.pages),
        links=batch.links,
    )
