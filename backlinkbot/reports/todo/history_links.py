"""The links of a history, for tasks: read as the database stores them, column by column."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.history.link_batches import LinksWanted
from backlinkbot.history.schema import time_of
from backlinkbot.items import AWAY, Backlink, LinkState
from backlinkbot.items.columns import columns_of
from backlinkbot.reports.exports.link_table import value_of
from backlinkbot.reports.todo.links import SHARED, LinkColumns, LinkTexts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from backlinkbot.history import History
    from backlinkbot.reports.todo.links import LinkNumber

_COLUMNS: Final = {column.name: column for column in columns_of(Backlink)}
_COMPARED: Final = ("source_domain", "target_url", "anchor", "external_links", "fetched_at", "target_final_url")
_TEXTS: Final = ("source_domain", "anchor", "source_title", "context_before", "context_after")
_KNOWN: Final = [state for state in LinkState if state is not LinkState.MOVED]
_LIVE: Final = [state for state in LinkState if state not in AWAY]
_AT_ONCE: Final = 500
"""Links that are read by their numbers at a time."""


class HistoryLinks:
    """The links of a history to some targets, or to all."""

    def __init__(self, history: History, targets: Collection[str] | None = None) -> None:
        """Takes a history, and the names of targets; None for all."""
        self._history = history
        self._targets = list(targets) if targets is not None else None

    def columns(self) -> Iterator[LinkColumns]:
        """Yields all links, lost ones too."""
        wanted = LinksWanted(states=_KNOWN, targets=self._targets)
        for batch in self._history.link_batches(wanted, SHARED, _COMPARED):
            pages, backlinks, numbers, shared, domains, urls, anchors, beside, fetched_at, final_urls = zip(
                *batch, strict=True
            )
            yield LinkColumns(
                shared=shared,
                pages=pages,
                backlinks=backlinks,
                numbers=numbers,
                domains=domains,
                target_urls=urls,
                anchors=anchors,
                external_links=beside,
                fetched_at=[at or 0 for at in fetched_at],
                final_urls=final_urls,
            )

    def shared_row(self, key: str) -> Any:
        """Returns an object with the columns :data:`~backlinkbot.reports.todo.links.SHARED` of a key."""
        stored = zip(SHARED, json.loads(key), strict=True)
        return SimpleNamespace(**{name: value_of(_COLUMNS[name], value) for name, value in stored})

    def texts(self, targets: Collection[str]) -> Iterator[LinkTexts]:
        """Yields the texts of the links to these targets that are not lost and not on a target's own page."""
        wanted = LinksWanted(states=_LIVE, targets=list(targets), own_pages=False)
        for batch in self._history.link_batches(wanted, ("target",), _TEXTS):
            yield _texts(batch)

    def texts_of(self, links: Sequence[LinkNumber]) -> Iterator[LinkTexts]:
        """Yields the texts of some links, in any order."""
        chosen = set(links)
        for backlinks in _parts(sorted({backlink for backlink, _ in links})):
            wanted = LinksWanted(states=_KNOWN, backlinks=backlinks)
            for batch in self._history.link_batches(wanted, ("target",), (*_TEXTS, "source_url")):
                if some := [row for row in batch if (row[1], row[2]) in chosen]:
                    yield _texts(some)

    def rows(self, links: Sequence[LinkNumber]) -> dict[LinkNumber, Backlink]:
        """Returns some links as rows, without those that are not there any more."""
        return self._history.links_at(links)

    def page_numbers(self, keys: Collection[str]) -> dict[str, int]:
        """Returns the numbers of those pages that are known, by :func:`~backlinkbot.history.observation.key_of`."""
        return self._history.page_numbers(keys)

    def time_text(self, at: int) -> str:
        """Returns seconds since 1970 as a text; empty for 0."""
        return time_of(at) if at else ""


def _texts(batch: Sequence[Any]) -> LinkTexts:
    _, backlinks, numbers, targets, domains, anchors, titles, before, after, *source_urls = zip(*batch, strict=True)
    names = {text: json.loads(text)[0] for text in set(targets)}
    return LinkTexts(
        links=list(zip(backlinks, numbers, strict=True)),
        targets=list(map(names.__getitem__, targets)),
        domains=domains,
        source_urls=source_urls[0] if source_urls else (),
        anchors=anchors,
        titles=titles,
        before=before,
        after=after,
    )


def _parts(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[first : first + _AT_ONCE] for first in range(0, len(numbers), _AT_ONCE))
