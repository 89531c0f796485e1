"""Which pages a browser renders: those that look script-built and show no target, or all, as far as the budget goes."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from scrapy import signals

from backlinkbot import urls
from backlinkbot.items import Page, Rendering
from backlinkbot.options import Render
from backlinkbot.rendering.signals import looks_script_built

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any, Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.rendering.renderer import Renderer
    from backlinkbot.spiders.base import BacklinkSpider

logger = logging.getLogger(__name__)


class RenderPages:
    """Spider middleware: a page that needs a browser goes on once one has rendered it.

    Meanwhile Scrapy holds its answer as one that is being looked at: so the crawl slows down where many pages wait for the
    browser, and does not end before they had their turn.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._is_always = settings["BACKLINKBOT_RENDER"] == Render.ALWAYS.value
        self._includes_own = settings.getbool("BACKLINKBOT_INCLUDE_SAME_DOMAIN")
        self._max_pages = settings.getint("BACKLINKBOT_RENDER_MAX_PAGES")
        self._max_per_domain = settings.getint("BACKLINKBOT_RENDER_MAX_PAGES_PER_DOMAIN")
        self._pages = 0
        self._pages_of: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        rendering = cls(crawler)
        crawler.signals.connect(rendering.engine_stopped, signals.engine_stopped)
        return rendering

    async def engine_stopped(self) -> None:
        """Nothing of the browser outlives the crawl."""
        if "_renderer" in self.__dict__:
            await self._renderer.close()

    @cached_property
    def _renderer(self) -> Renderer:
        from backlinkbot.rendering.renderer import Renderer  # noqa: PLC0415 - Playwright, which most crawls need not wait for

        return Renderer(self._crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """All that came of an answer; a page that is rendered comes last, for that takes its time."""
        chosen = []
        async for item in result:
            if isinstance(item, Page) and self._is_chosen(item):
                chosen.append(item)
            else:
                yield item
        for page in chosen:
            for item in self._spider.rendered(response, await self._rendered(page)):
                yield item

    def _is_chosen(self, page: Page) -> bool:
        if page.failure is not None or page.is_unchanged or page.is_feed or not page.body:
            return False
        if not self._is_always:
            if not looks_script_built(page.body):
                return False
            self._stat("looks_script_built")
        return self._is_wanted(page)

    async def _rendered(self, page: Page) -> Page:
        domain = urls.registrable_domain(url.hostname) if (url := urls.parse(page.url)) is not None else ""
        if self._is_bound_reached(domain):
            return replace(page, rendering=Rendering.NOT_DONE)
        self._pages += 1
        self._pages_of[domain] += 1
        return await self._renderer.render(page)

    def _is_wanted(self, page: Page) -> bool:
        """Whether the page is not a target's own; where only those are rendered that show none, whether it shows none."""
        url = urls.parse(page.url)
        if url is None or (
            len(self._spider.targets.owners(url)) == len(self._spider.targets) and not self._includes_own
        ):
            return False
        if self._is_always:
            return True
        content = page.content or self._spider.content_of(page)
        return not any(self._spider.targets.match(link) for link in content.linked_urls)

    def _is_bound_reached(self, domain: str) -> bool:
        if self._max_pages and self._pages >= self._max_pages:
            self._stat("page_bound")
        elif self._max_per_domain and self._pages_of[domain] >= self._max_per_domain:
            self._stat("domain_page_bound")
        elif not self._crawler.crawling:  # it is to end; what has begun ends well, but nothing more begins
            self._stat("interrupted")
        else:
            return False
        return True

    @property
    def _spider(self) -> BacklinkSpider:
        return cast("BacklinkSpider", self._crawler.spider)

    def _stat(self, reason: str) -> None:
        self._crawler.stats.inc_value(f"backlinks/rendering/{reason}")
