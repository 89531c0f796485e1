"""The feed that shows rows as a table on a terminal, where no output is named: exporter and storage."""

from __future__ import annotations

import sys
from typing import IO, Any

from scrapy.extensions.feedexport import StdoutFeedStorage

from backlinkbot.exporters.exporters import RowExporter, is_all_columns
from backlinkbot.items import Backlink, Check
from backlinkbot.terminal.cells import terminal_width
from backlinkbot.terminal.live_rows import LiveRows
from backlinkbot.terminal.styles import Painter
from backlinkbot.text.terminal_escaping import EscapedBytes


class TerminalRows(RowExporter):
    """Writes one line per link, and per candidate without one, each as wide as the terminal at that moment.

    With ``--columns``, each line has the values of these columns.
    """

    def __init__(self, file: IO[bytes], **options: Any) -> None:
        super().__init__(file, **options)
        self._rows = LiveRows(Painter.of(sys.stdout))
        self._is_chosen = not is_all_columns(self._columns)
        self._has_header = True

    def export_item(self, item: Any) -> None:
        """Writes a row; before the first one, the header."""
        width = terminal_width(sys.stdout)
        if self._has_header:
            self._has_header = False
            self._write(self._rows.header(width, self.columns if self._is_chosen else ()))
        if isinstance(item, Check):
            self._write(self._rows.unlinked(item, width))
        elif isinstance(item, Backlink) and not self._is_chosen:
            self._write(self._rows.link(item, width))
        else:
            self._write(self._rows.values(self.cells(item).values(), width))

    def _write(self, line: str) -> None:
        self.file.write(f"{line}\n".encode(errors="replace"))
        self.file.flush()


class TerminalStorage(StdoutFeedStorage):
    """Scrapy's feed storage for standard output, for text that is escaped already and may have styles."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        super().__init__(uri, EscapedBytes(sys.stdout), feed_options=feed_options)  # type: ignore[arg-type]

    def store(self, file: IO[bytes]) -> None:
        """Writes what is buffered."""
        file.flush()
