"""Rows as what tasks are chosen from, for tests without a history."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from typing import Any

from backlinkbot.extract.link import SAME_DOMAIN
from backlinkbot.history.observation import key_of
from backlinkbot.items import Backlink, LinkState
from backlinkbot.reports.todo.links import SHARED, LinkColumns, LinkNumber, LinkTexts


class RowLinks:
    """Rows, each with its place as its number."""

    def __init__(self, rows: Sequence[Backlink]) -> None:
        self._rows = rows
        self._shared = {attrgetter(*SHARED)(row): row for row in rows}
        keys = dict.fromkeys(key_of(row.source_url) for row in rows)
        self._pages = {key: number for number, key in enumerate(keys)}

    def columns(self) -> Iterator[LinkColumns]:
        if self._rows:
            yield LinkColumns(
                shared=self._values(*SHARED),
                pages=[self._pages[key_of(row.source_url)] for row in self._rows],
                backlinks=list(range(len(self._rows))),
                numbers=[0] * len(self._rows),
                domains=self._values("source_domain"),
                target_urls=self._values("target_url"),
                anchors=self._values("anchor"),
                external_links=self._values("external_links"),
                fetched_at=self._values("fetched_at"),
                final_urls=self._values("target_final_url"),
            )

    def _values(self, *names: str) -> list[Any]:
        return list(map(attrgetter(*names), self._rows))

    def shared_row(self, key: Any) -> Any:
        return self._shared[key]

    def texts(self, targets: Collection[str]) -> Iterator[LinkTexts]:
        yield self._texts(
            [
                at
                for at, row in enumerate(self._rows)
                if row.target in targets and row.state != LinkState.LOST and SAME_DOMAIN not in row.flags
            ]
        )

    def texts_of(self, links: Sequence[LinkNumber]) -> Iterator[LinkTexts]:
        yield self._texts([at for at, _ in links])

    def _texts(self, places: Sequence[int]) -> LinkTexts:
        rows = [self._rows[at] for at in places]
        return LinkTexts(
            links=[(at, 0) for at in places],
            targets=[row.target for row in rows],
            domains=[row.source_domain for row in rows],
            source_urls=[row.source_url for row in rows],
            anchors=[row.anchor for row in rows],
            titles=[row.source_title for row in rows],
            before=[row.context_before for row in rows],
            after=[row.context_after for row in rows],
        )

    def rows(self, links: Sequence[LinkNumber]) -> dict[LinkNumber, Backlink]:
        return {(at, number): self._rows[at] for at, number in links}

    def page_numbers(self, keys: Collection[str]) -> dict[str, int]:
        return {key: self._pages[key] for key in keys if key in self._pages}

    def time_text(self, at: str) -> str:
        return at
