"""One line at the bottom of a terminal that is drawn again and again, below everything that is printed meanwhile."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TextIO

from backlinkbot.terminal.cells import shorten, terminal_width
from backlinkbot.text.terminal_escaping import EscapingStream, raw

if TYPE_CHECKING:
    from collections.abc import Iterable

_ERASE: Final = "\r\x1b[2K"
"""To the first column, and erase the line (ECMA-48: EL)."""


class StatusLine:
    """Draws the line on a terminal; what the streams print moves it down."""

    def __init__(self, terminal: TextIO, streams: Iterable[object]) -> None:
        """Creates a line that is not drawn yet.

        Args:
            terminal: what it is drawn on: a terminal.
            streams: those that print on the same terminal, each as :func:`~backlinkbot.text.terminal_escaping.escaped_streams`
                makes them; others are ignored.
        """
        self._terminal = raw(terminal)
        self._streams = [stream for stream in streams if isinstance(stream, EscapingStream) and stream.isatty()]
        self._is_dumb = os.environ.get("TERM") == "dumb"
        self._text = ""
        self._is_drawn = False

    def start(self) -> None:
        """From now on, the streams erase the line before they print."""
        for stream in self._streams:
            stream.below = self

    def update(self, text: str) -> None:
        """Draws the text in place of the last one, shortened to the terminal's width."""
        self._text = text
        self.draw()

    def draw(self) -> None:
        """Draws the line, unless a line that was printed has not ended yet."""
        if not self._text or self._is_dumb or not all(stream.is_at_line_start for stream in self._streams):
            return
        # Not the last column: some terminals wrap there.
        self._write(_ERASE + shorten(self._text, terminal_width(self._terminal) - 1))
        self._is_drawn = True

    def erase(self) -> None:
        """Erases the line if it is drawn."""
        if self._is_drawn:
            self._write(_ERASE)
            self._is_drawn = False

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the terminal was closed
            self._terminal.write(text)
            self._terminal.flush()

    def stop(self) -> None:
        """Erases the line for good."""
        self.erase()
        self._text = ""
        for stream in self._streams:
            stream.below = None
