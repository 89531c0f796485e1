"""``scrapy crawl``, with the start and end of a ``backlinkbot`` crawl.

Scrapy's own exits with 0 when every request failed and when the output could not be written.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError as ScrapyUsageError

from backlinkbot import run
from backlinkbot.cli import endings
from backlinkbot.spiders.base import BacklinkSpider
from backlinkbot.text.terminal_escaping import escaped_streams

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import AsyncCrawlerProcess, CrawlerProcess


class Command(ScrapyCrawl):
    """Run a spider of the project, by name."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read the options; the event loop is chosen before Scrapy makes the process that runs on it.

        From here on, before it logs anything, nothing hostile reaches a terminal.
        """
        super().process_options(args, opts)
        if self.settings is not None:
            run.choose_loop(self.settings)
        self._streams = ExitStack()
        self._streams.enter_context(escaped_streams())  # to the end of the process

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, crawl, set ``exitcode``."""
        process = cast("AsyncCrawlerProcess | CrawlerProcess | None", self.crawler_process)
        if len(args) != 1 or process is None:
            raise ScrapyUsageError
        crawler = process.create_crawler(args[0])
        if issubclass(crawler.spidercls, BacklinkSpider):
            self.exitcode = endings.ended(lambda: run.checked_crawl(crawler, opts.spargs, lambda: process))
        else:
            process.crawl(crawler, **opts.spargs)
            process.start()
