"""Keeps what the page shows in memory, and reads it anew when a run has ended."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import BacklinkbotError
from backlinkbot.history import History
from backlinkbot.history.view_rows import Rows, columns_of_view
from backlinkbot.web.frames import Frame
from backlinkbot.web.tables import TABLES

if TYPE_CHECKING:
    from backlinkbot.items import CheckedClaim

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All tables, as the history was at one moment."""

    version: tuple[int, str]
    """The number of the last run, and when a run ended last."""
    frames: dict[str, Frame]


class Snapshots:
    """The newest snapshot of a history; safe to use from several threads."""

    def __init__(self, history: History) -> None:
        """Reads the whole history once.

        Raises:
            OutputError: it cannot be read.
        """
        self._history = history
        self._lock = Lock()
        self._is_loading = False
        self._snapshot = self._load()

    def current(self) -> Snapshot:
        """Returns the newest snapshot; if a run has ended since, a new one is read meanwhile for later calls."""
        with self._lock:
            is_old = not self._is_loading and self._history.last_change() != self._snapshot.version
            self._is_loading = self._is_loading or is_old
        if is_old:
            Thread(target=self._reload, daemon=True, name="snapshot").start()
        return self._snapshot

    def link(self, backlink_id: int) -> list[dict[str, Any]]:
        """Returns every link of a backlink, with all columns of the published view."""
        names = [column.name for column in columns_of_view("backlinks")]
        wanted = Rows(equal={"backlink_id": backlink_id})
        return [dict(zip(names, row, strict=True)) for row in self._history.view("backlinks", rows=wanted)]

    def claims(self, page_key: str) -> list[CheckedClaim]:
        """Returns the claims about a page."""
        return self._history.claims_of(page_key)

    def _load(self) -> Snapshot:
        version = self._history.last_change()
        frames = {
            table.name: Frame(
                table, columns_of_view(table.view, table.columns), self._history.view(table.view, table.columns)
            )
            for table in TABLES
        }
        return Snapshot(version=version, frames=frames)

    def _reload(self) -> None:
        try:
            self._snapshot = self._load()
        except BacklinkbotError as error:  # the old one is still shown, and the next request tries again
            _log.warning("%s", error)
        finally:
            self._is_loading = False
