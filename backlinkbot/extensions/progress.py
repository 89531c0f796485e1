"""Shows how far a run is: a status line and a summary on a terminal, elsewhere a line a minute."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.exceptions import NotConfigured

from backlinkbot.configuration.masking import without_password
from backlinkbot.extensions.messages import JSON, tell
from backlinkbot.extensions.outcome import ExitStatus, backlinks_found, summary
from backlinkbot.items import State
from backlinkbot.text.terminal_escaping import raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

    from scrapy.core.scheduler import Scheduler
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from backlinkbot.terminal.run_status import Speed
    from backlinkbot.terminal.status_line import StatusLine

INTERVAL: Final = 0.5
"""Seconds between two updates."""
MINUTE: Final = 60.0
"""Seconds between two lines where there is no terminal."""
_LONGEST: Final = 200
"""Most characters of such a line."""
_OUTPUTS: Final = ("BACKLINKBOT_CHECKS", "BACKLINKBOT_VISITS", "BACKLINKBOT_SUMMARY")
"""The settings that name files besides those of the feeds."""
_NOT_AT_END: Final = {
    "page_bound": "the bound of pages was reached; pages are left in the queue",
    "closespider_timeout": "the time was over",
}
"""Reason for which a crawl was closed -> its words."""


class Progress:
    """Extension: shows the figures of the run on one line of a terminal, and a summary at the end; elsewhere a line a minute."""

    def __init__(self, crawler: Crawler, *, is_terminal: bool) -> None:
        self._crawler = crawler
        self._is_terminal = is_terminal
        self._line: StatusLine | None = None
        self._speed: Speed | None = None
        self._started = monotonic()
        self._ticking: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Creates the extension; raises NotConfigured with ``--quiet``, or if the log is printed on standard error."""
        settings = crawler.settings
        logs_here = (
            settings.getbool("LOG_ENABLED")
            and not settings["LOG_FILE"]
            and logging.getLevelName(settings["LOG_LEVEL"]) <= logging.INFO
        )
        if not settings.getbool("BACKLINKBOT_PROGRESS") or logs_here:
            raise NotConfigured
        progress = cls(crawler, is_terminal=raw(sys.stderr).isatty() and settings["BACKLINKBOT_LOG_FORMAT"] != JSON)
        crawler.signals.connect(progress.spider_opened, signals.spider_opened)
        crawler.signals.connect(progress.engine_stopped, signals.engine_stopped)
        return progress

    def spider_opened(self) -> None:
        """Starts the status line, or the lines."""
        if self._is_terminal:
            from backlinkbot.terminal.status_line import StatusLine  # noqa: PLC0415 - most runs have no terminal

            self._line = StatusLine(sys.stderr, (sys.stdout, sys.stderr))
            self._line.start()
        self._ticking = asyncio.get_running_loop().create_task(self._tick())

    async def _tick(self) -> None:
        while self._line is not None:
            self._line.update(self.line())
            await asyncio.sleep(INTERVAL)
        while True:
            await asyncio.sleep(MINUTE)
            tell((self.line(),), self._crawler.settings)

    def line(self) -> str:
        """Returns the current figures as one line of the terminal's width."""
        from backlinkbot.terminal.cells import terminal_width  # noqa: PLC0415 - as above
        from backlinkbot.terminal.run_status import Figures, Speed, status_text  # noqa: PLC0415 - as above

        if self._speed is None:
            self._speed = Speed()
        stats = self._crawler.stats.get_stats()
        elapsed, visited = monotonic() - self._started, stats.get("backlinks/pages/visited", 0)
        figures = Figures(
            elapsed=elapsed,
            visited=visited,
            planned=planned(stats),
            queued=len(cast("Scheduler", self._crawler.engine.scheduler)),
            links=backlinks_found(stats),
            domains=stats.get("backlinks/referring_domains", 0),
            domain=self._domain(),
            **states(stats),
        )
        width = terminal_width(raw(sys.stderr)) - 1 if self._is_terminal else _LONGEST
        return status_text(figures, self._speed.measured(elapsed, visited), width)

    def _domain(self) -> str:
        """Returns the domain to which a request was sent last; empty if none is known."""
        slots = self._crawler.engine.downloader.slots
        return str(max(slots, key=lambda name: slots[name].lastseen)) if slots else ""

    def engine_stopped(self) -> None:
        """Removes the status line and prints the summary; elsewhere than on a terminal does nothing."""
        if self._ticking is not None:
            self._ticking.cancel()
        if self._line is None:
            return
        from backlinkbot.terminal.cells import terminal_width  # noqa: PLC0415 - as above
        from backlinkbot.terminal.closing import closing_lines  # noqa: PLC0415 - as above
        from backlinkbot.terminal.styles import Painter  # noqa: PLC0415 - as above

        self._line.stop()
        stream = raw(sys.stderr)
        figures = summary(self._crawler.stats.get_stats())
        closing = closing_of(figures, self._crawler.settings, self._command())
        with suppress(OSError):  # the terminal was closed
            for line in ("", *closing_lines(figures, closing, Painter.of(stream), terminal_width(stream))):
                stream.write(f"{line}\n")
            stream.flush()

    def _command(self) -> str:
        return str(getattr(self._crawler.spider, "backlinkbot_command", ""))


def planned(stats: Mapping[str, Any]) -> int | None:
    """Returns the number of pages that the run visits; None where nobody knows it, as in a discovery."""
    if "backlinks/recheck/due" in stats:
        due = int(stats["backlinks/recheck/due"]) - int(stats.get("backlinks/recheck/left_for_later", 0))
        return due + int(stats.get("backlinks/candidates/unvisited", 0))
    if "backlinks/candidates/visits" in stats:
        return max(int(stats["backlinks/candidates/visits"]) - int(stats.get("backlinks/resuming/done", 0)), 0)
    return None


def states(stats: Mapping[str, Any]) -> dict[str, int]:
    """Returns the number of pages that are not there, as ``not_found``, and that could not be checked, as ``unchecked``."""
    from backlinkbot.terminal.words import ABSENT, CHECKED  # noqa: PLC0415 - as above

    counts = {state: int(stats.get(f"backlinks/pages/{state}", 0)) for state in State}
    return {
        "not_found": sum(counts[state] for state in ABSENT),
        "unchecked": sum(count for state, count in counts.items() if state not in CHECKED),
    }


def closing_of(figures: Mapping[str, Any], settings: BaseSettings, command: str) -> Any:
    """Returns what the summary says besides the figures: outputs, the history, and the next command."""
    from backlinkbot.terminal.closing import SummaryDetails  # noqa: PLC0415 - as above

    reason = figures["finish_reason"]
    return SummaryDetails(
        files=tuple(_written(settings)),
        history=without_password(settings["BACKLINKBOT_HISTORY_URL"] or ""),
        next_command=_next(figures, settings, command),
        notes=(_NOT_AT_END[reason],) if reason in _NOT_AT_END else (),
    )


def _written(settings: BaseSettings) -> Iterator[str]:
    """Yields the output files that exist, as the user named them."""
    for name in (*map(str, settings.getdict("FEEDS")), *(settings[name] for name in _OUTPUTS)):
        if name and (urlsplit(name).scheme not in {"", "stdout", "terminal"} or Path(name).is_file()):
            yield without_password(name)


def _next(figures: Mapping[str, Any], settings: BaseSettings, command: str) -> str:
    """Returns the one command that a user would want now; empty if there is none, or if a message says what to do."""
    url = settings["BACKLINKBOT_HISTORY_URL"]
    history = "" if url in {"backlinks.db", ""} else f" --history {without_password(url)}"
    if figures["exit_status"] != ExitStatus.DONE:
        return ""
    if not url:
        files = [str(uri) for uri in settings.getdict("FEEDS") if Path(str(uri)).is_file()]
        return f"backlinkbot show {files[0]}" if files and figures["backlinks"] else ""
    if figures["finish_reason"] in _NOT_AT_END:
        return "the same command goes on from here"
    if figures["counts"].get("remembering/lost"):
        return f"backlinkbot changes{history}"
    if figures["backlinks"]:
        return f"backlinkbot todo{history}"
    has_answers = command != "verify" or settings["BACKLINKBOT_CHECKS"]
    return "" if has_answers else "the same command with --checks checks.csv"
