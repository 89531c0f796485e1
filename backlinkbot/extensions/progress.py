"""Shows a live line during a run and a table at its end, on a terminal only.

Only this module imports rich, and only when it draws: most runs have no terminal, and rich takes 4 MB and a tenth of a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from scrapy import signals
from scrapy.exceptions import NotConfigured

from backlinkbot.extensions.outcome import summary
from backlinkbot.text.terminal_escaping import raw, replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Self

    from rich.console import Console
    from rich.table import Table
    from scrapy.core.scheduler import Scheduler
    from scrapy.crawler import Crawler

INTERVAL = 0.5  # seconds between two updates


class Progress:
    """Extension: shows pages, pages per second, queue, domains, backlinks and failures on one line of a terminal."""

    def __init__(self, crawler: Crawler, console: Console) -> None:
        self._crawler = crawler
        self._console = console
        self._status = console.status("starting")
        self._started = monotonic()
        self._ticking: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Creates the extension; raises NotConfigured without a terminal, or if the log is printed on the same one."""
        settings = crawler.settings
        logs_here = (
            settings.getbool("LOG_ENABLED")
            and not settings["LOG_FILE"]
            and logging.getLevelName(settings["LOG_LEVEL"]) <= logging.INFO
        )
        stream = raw(sys.stderr)
        if not settings.getbool("BACKLINKBOT_PROGRESS") or not stream.isatty() or logs_here:
            raise NotConfigured
        from rich.console import Console  # noqa: PLC0415 - as the module says

        progress = cls(crawler, Console(file=stream))
        crawler.signals.connect(progress.spider_opened, signals.spider_opened)
        crawler.signals.connect(progress.engine_stopped, signals.engine_stopped)
        return progress

    def spider_opened(self) -> None:
        """Starts the live line."""
        self._status.start()
        self._ticking = asyncio.get_running_loop().create_task(self._tick())

    async def _tick(self) -> None:
        while True:
            self._status.update(self.line())
            await asyncio.sleep(INTERVAL)

    def line(self) -> str:
        """Returns the current figures as one line."""
        stats = self._crawler.stats
        visited = stats.get_value("backlinks/pages/visited", 0)
        read = stats.get_value("backlinks/pages/read", 0)
        waiting = len(cast("Scheduler", self._crawler.engine.scheduler))
        return (
            f"{visited} pages ({visited / max(monotonic() - self._started, 0.1):.1f}/s), {waiting} in the queue, "
            f"{len(self._crawler.engine.downloader.slots)} domains busy, "
            f"{stats.get_value('backlinks/rows', 0)} backlinks "
            f"from {stats.get_value('backlinks/referring_domains', 0)} domains, {visited - read} failed"
        )

    def engine_stopped(self) -> None:
        """Removes the live line and prints the table of results."""
        if self._ticking is not None:
            self._ticking.cancel()
        self._status.stop()
        self._console.print(summary_table(summary(self._crawler.stats.get_stats())))


def summary_table(figures: Mapping[str, Any]) -> Table:
    """Returns a table of a run's figures, one per line."""
    from rich.table import Table  # noqa: PLC0415 - as the module says

    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_row(str(figures["backlinks"]), "backlinks")
    table.add_row(str(figures["referring_domains"]), "referring domains")
    table.add_row(str(figures["pages_read"]), f"pages read, of {figures['pages_visited']} visited")
    for state, count in figures["pages_failed"].items():
        table.add_row(str(count), state.replace("_", " "))
    if figures["seconds"] is not None:
        table.add_row(f"{figures['seconds']:.1f}", "seconds")
    return table


@contextlib.contextmanager
def reading_bar(total: int) -> Iterator[Callable[[int], None]]:
    """Shows a progress bar of the bytes read on standard error; the yielded function takes the number of new bytes."""
    from rich.console import Console  # noqa: PLC0415 - as the module says
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - as above
    from rich.progress import Progress as Bar  # noqa: PLC0415 - as above

    with Bar(
        TextColumn("reading"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(file=raw(sys.stderr)),
        transient=True,
    ) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda count: bar.advance(task, count)


@contextlib.contextmanager
def counting_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows a progress bar of counted things on standard error; the yielded function takes the number of new ones."""
    from rich.console import Console  # noqa: PLC0415 - as the module says
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415 - as above
    from rich.progress import Progress as Bar  # noqa: PLC0415 - as above

    with Bar(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=raw(sys.stderr)),
        transient=True,
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Prints rows as a table on standard output; untrusted text is never interpreted as markup or terminal codes."""
    from rich.console import Console  # noqa: PLC0415 - as the module says
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    wide = sys.stdout.isatty()
    console = Console(file=raw(sys.stdout), width=None if wide else 200, soft_wrap=False)
    table = Table()
    for name in columns:
        table.add_column(Text(replaced(name)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_printable(row.get(name))) for name in columns))
    console.print(table if table.row_count else "no rows")
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()


def _printable(value: Any) -> str:
    if value is None:
        return ""
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return replaced(text)
