"""The crawlers that ours is compared with, each as its own manual would write it; one process runs one of them.

python -m benchmarks.contenders NAME FILE_OF_URLS OUTPUT [HOST ...]
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.linkextractors import LinkExtractor
from scrapy.settings import Settings
from scrapy.spiders import CrawlSpider, Rule

from backlinkbot import run
from backlinkbot.items import FetchedPage
from backlinkbot.pipelines.contracts import Contract
from backlinkbot.pipelines.drop import DropDuplicates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from scrapy.http import Response, TextResponse


TARGET = "wikipedia.org"
CONCURRENCY = 16
SAME_FOR_ALL = {
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS": CONCURRENCY,
    "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY,
    "DOWNLOAD_DELAY": 0,
}


def is_target(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == TARGET or host.endswith(f".{TARGET}")


class Pass(DropDuplicates):
    """A pipeline of pages that does nothing; it counts what the exit status asks for."""

    contract = Contract(takes=FetchedPage, returns=FetchedPage)

    def process_item(self, page: Any) -> Any:
        self._stats.inc_value("backlinks/pages/answered")
        return page


class Nothing(Spider):
    """Visits each page and looks at none."""

    name = "nothing"
    where: tuple[str, ...] = ()

    async def start(self) -> AsyncIterator[Request]:
        for url in self.where:
            yield Request(url, dont_filter=True)

    def parse(self, response: Response, **_: Any) -> None:
        return None


class Links(Nothing):
    """Looks for the target with Scrapy's own means."""

    name = "links"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extractor = LinkExtractor()

    def parse(self, response: TextResponse, **_: Any) -> Iterable[dict[str, Any]]:  # type: ignore[override]
        for link in self.extractor.extract_links(response):
            if is_target(link.url):
                yield {"source": response.url, "target": link.url, "anchor": link.text, "nofollow": link.nofollow}


class Following(CrawlSpider):
    """Follows every link inside the seeds' hosts; it does not even look for the target."""

    name = "following"
    where: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        hosts = sorted({urlsplit(url).hostname or "" for url in self.where})
        self.rules = (Rule(LinkExtractor(allow=r"^http:", allow_domains=hosts), follow=True),)
        super().__init__(*args, **kwargs)

    async def start(self) -> AsyncIterator[Request]:
        for url in self.where:
            yield Request(url)


def stock(spider: type[Spider], output: str = "", **settings: Any) -> None:
    """A process as `scrapy crawl` starts it."""
    feeds = {output: {"format": "jsonlines"}} if output else {}
    process = AsyncCrawlerProcess(Settings({**SAME_FOR_ALL, "FEEDS": feeds, **settings}))
    process.crawl(spider)
    process.start()


def ours(spider: type[Spider]) -> None:
    """A process as our command starts it, with our settings and middlewares; nothing is done with a page."""
    settings = run.project_settings()
    settings.set("LOG_LEVEL", "ERROR", priority="project")
    settings.setdict({**SAME_FOR_ALL, "BACKLINKBOT_ALLOW_PRIVATE": True, "ITEM_PIPELINES": {}}, priority="cmdline")
    run.choose_loop(settings)
    process = AsyncCrawlerProcess(settings)
    logging.getLogger("scrapy").setLevel(settings["LOG_LEVEL"])
    crawler = process.create_crawler(spider)
    crawler.signals.connect(run._collect_garbage_less, signals.spider_opened)
    process.crawl(crawler)
    process.start()


def advertools(urls: list[str], output: str, hosts: list[str], *, follow: bool, most: int) -> None:
    import advertools as adv

    settings = SAME_FOR_ALL | {"CLOSESPIDER_PAGECOUNT": most}
    adv.crawl(urls, output, follow_links=follow, allowed_domains=hosts, custom_settings=settings)


def linkchecker(urls: list[str], config: str) -> None:
    from linkcheck.command.linkchecker import linkchecker as command
    from linkcheck.director.aggregator import Aggregate

    # It pauses for up to half a second between two requests to a host, whatever its configuration allows.
    Aggregate.wait_for_host = lambda *_: None
    sys.argv = ["linkchecker", "-f", config, "-r", "0", "--no-status", *urls]
    command()


CONTENDERS: dict[str, Callable[[str], None]] = {
    "stock-nothing": lambda _: stock(Nothing),
    "stock-nothing-info": lambda _: stock(Nothing, LOG_LEVEL="INFO"),
    "stock-links": lambda output: stock(Links, output),
    "stock-following": lambda _: stock(Following),
    "ours-nothing": lambda _: ours(Nothing),
}


def main() -> None:
    name, file, output, *hosts = sys.argv[1:]
    urls = Path(file).read_text(encoding="utf-8").split()
    if name.startswith("advertools"):
        _, kind, most = f"{name}-0".split("-")[:3]
        advertools(urls, output, hosts, follow=kind == "following", most=int(most))
        return
    if name == "linkchecker":
        linkchecker(urls, output)
        return
    Nothing.where = Following.where = tuple(urls)
    CONTENDERS[name](output)


if __name__ == "__main__":
    main()
