"""Renders pages in a browser: those that may be script-built and show no target, or all, within a budget."""

from __future__ import annotations

import logging
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, cast

from scrapy import signals

from backlinkbot.history.observation import domain_of
from backlinkbot.items import FetchedPage, Rendering
from backlinkbot.items.columns import with_values
from backlinkbot.items.rendered_diff import served_content
from backlinkbot.option_table import Render
from backlinkbot.options import cache_folder
from backlinkbot.prefilter import Prefilter
from backlinkbot.rendering.scripted_parts import has_scripted_part
from backlinkbot.rendering.signals import has_scripted_sidebar, looks_script_built, names_in_script

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from typing import Any, Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.rendering.renderer import Renderer
    from backlinkbot.targets import Targets
    from backlinkbot.urls import URL

logger = logging.getLogger(__name__)


class RenderingSpider(Protocol):
    """What a spider must offer so that a browser renders its pages."""

    targets: Targets

    def rendered(self, response: Response, page: FetchedPage) -> Iterator[Any]:
        """What comes of a page that was rendered."""
        ...


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
            if not (isinstance(item, FetchedPage) and self._may_need_a_browser(item)):
                yield item
                continue
            if self._is_always or not self._shows_a_target(item):
                chosen.append(item)
            else:
                yield item
        for page in chosen:
            for item in self._spider.rendered(response, await self._rendered(page)):
                yield item

    def _may_need_a_browser(self, page: FetchedPage) -> bool:
        """True for a page that is not a target's own and, unless all pages are rendered, looks script-built."""
        if page.failure is not None or page.is_unchanged or page.is_feed or page.is_xhtml or not page.body:
            return False
        url = page.parsed_url
        if url is None or not (self._is_always or self._may_be_script_built(page, url)):
            return False
        is_own = len(self._spider.targets.owners(url)) == len(self._spider.targets)
        return self._includes_own or not is_own

    def _may_be_script_built(self, page: FetchedPage, url: URL) -> bool:
        """True if, by its bytes, scripts may write links to targets into it."""
        if looks_script_built(page.body):
            self._stat("looks_script_built")
        elif self._prefilter.may_link(page.body, page.headers.charset, url) and names_in_script(
            page.body, self._spider.targets.hosts
        ):
            self._stat("target_in_script")
        elif has_scripted_sidebar(page.body):
            self._stat("scripted_sidebar")
        elif has_scripted_part(page.body):
            self._stat("scripted_part")
        else:
            return False
        return True

    @cached_property
    def _prefilter(self) -> Prefilter:
        return Prefilter.for_targets(self._spider.targets, cache_folder(self._crawler.settings))

    def _shows_a_target(self, page: FetchedPage) -> bool:
        return any(map(self._spider.targets.match, served_content(page).linked_urls))

    async def _rendered(self, page: FetchedPage) -> FetchedPage:
        domain = domain_of(page.url)
        if self._is_bound_reached(domain):
            return with_values(page, rendering=Rendering.NOT_DONE)
        self._pages += 1
        self._pages_of[domain] += 1
        return await self._renderer.render(page)

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
    def _spider(self) -> RenderingSpider:
        return cast("RenderingSpider", self._crawler.spider)

    def _stat(self, reason: str) -> None:
        self._crawler.stats.inc_value(f"backlinks/rendering/{reason}")
