"""``scrapy crawl``, with the start and end of a ``backlinkbot`` crawl.

Scrapy's own command exits with 0 even if every request failed or the output could not be written.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, cast

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError as ScrapyUsageError

from backlinkbot import run
from backlinkbot.cli import endings
from backlinkbot.configuration import Configuration
from backlinkbot.errors import BacklinkbotError
from backlinkbot.options import set_scrapys
from backlinkbot.spiders.base import BacklinkSpider
from backlinkbot.text.terminal_escaping import escaped_streams

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import AsyncCrawlerProcess, CrawlerProcess


class Command(ScrapyCrawl):
    """Runs a spider of the project, by name."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Reads the options, and chooses the event loop before Scrapy creates the process that runs on it.

        From here on, untrusted text in log messages is escaped on a terminal.
        """
        super().process_options(args, opts)
        if self.settings is not None:
            with suppress(BacklinkbotError):  # which is told when the spider's arguments are checked
                self._configure_log(opts)
            run.choose_loop(self.settings)
        self._streams = ExitStack()
        self._streams.enter_context(escaped_streams())  # until the process ends

    def _configure_log(self, opts: argparse.Namespace) -> None:
        """Sets Scrapy's settings of the configuration file, among them those of the log, which begins before the spider is made."""
        settings = self.settings
        if settings is not None:
            name, profile = (
                opts.spargs.get(key) or settings[f"BACKLINKBOT_{key.upper()}"] for key in ("config", "profile")
            )
            set_scrapys(settings, Configuration.read(name, profile))

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Checks the arguments, runs the crawl, and sets ``exitcode``."""
        process = cast("AsyncCrawlerProcess | CrawlerProcess | None", self.crawler_process)
        if len(args) != 1 or process is None:
            raise ScrapyUsageError
        crawler = process.create_crawler(args[0])
        if issubclass(crawler.spidercls, BacklinkSpider):
            self.exitcode = endings.ended(lambda: run.checked_crawl(crawler, opts.spargs, lambda: process))
        else:
            process.crawl(crawler, **opts.spargs)
            process.start()
