"""``scrapy crawl``, with arguments checked before anything is fetched and an exit status that tells how it went.

Scrapy's own exits with 0 when every request failed and when the output could not be written.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError as ScrapyUsageError

from backlinkbot import run
from backlinkbot.errors import OutputError, UsageError
from backlinkbot.outcome import ExitStatus
from backlinkbot.spiders.base import BacklinkSpider
from backlinkbot.terminal import escaped_streams

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import Crawler


class Command(ScrapyCrawl):
    """Run a spider of the project, by name."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """As Scrapy does; from here on, before it logs anything, nothing hostile reaches a terminal."""
        super().process_options(args, opts)
        self._streams = ExitStack()
        self._streams.enter_context(escaped_streams())  # to the end of the process

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, crawl, set ``exitcode``."""
        if len(args) != 1:
            raise ScrapyUsageError
        process = self.crawler_process
        if process is None or self.settings is None:
            raise ScrapyUsageError
        crawler = process.create_crawler(args[0])
        if not issubclass(crawler.spidercls, BacklinkSpider):
            self._crawl(crawler, opts)
            return
        try:
            checked = run.check(crawler.spidercls, self.settings, opts.spargs)
        except (UsageError, OutputError) as error:
            self.exitcode = run.refuse(error)
            return
        with run.turn_of(args[0], checked) as has_turn:
            if has_turn:
                self._crawl(crawler, opts)
            else:
                self.exitcode = ExitStatus.STOOD_DOWN

    def _crawl(self, crawler: Crawler, opts: argparse.Namespace) -> None:
        process = self.crawler_process
        if process is not None:
            process.crawl(crawler, **opts.spargs)
            process.start()
            self.exitcode = run.finish(crawler)
