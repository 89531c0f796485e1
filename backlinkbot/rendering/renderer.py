"""Renders a page: fetches its document as a browser would, opens it, and adds the result to the page."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Protocol, cast

from backlinkbot.download.failures import failure_of_exception, failure_of_status
from backlinkbot.extensions.content_filter import is_page
from backlinkbot.extract.cloaking import Served, served
from backlinkbot.extract.media_type import charset_of
from backlinkbot.extract.page import PageContent
from backlinkbot.items import FetchedPage, RenderedPage, Rendering
from backlinkbot.items.columns import with_values
from backlinkbot.items.rendered_diff import served_content
from backlinkbot.rendering.browser import Browser
from backlinkbot.rendering.provider import BrowserError
from backlinkbot.rendering.subresources import Fetcher, Subresource, Subresources, handed_over
from backlinkbot.rendering.tab import RenderResult, Tab

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.targets import Targets

logger = logging.getLogger(__name__)


class HasTargets(Protocol):
    """What a spider must have so that its pages can be rendered."""

    targets: Targets


class Renderer:
    """Renders the pages of one crawl; no browser starts before a page needs one."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._agent: str = settings["USER_AGENT"]
        self._max_size = settings.getint("DOWNLOAD_MAXSIZE")
        self._deadline = settings.getfloat("BACKLINKBOT_RENDER_DEADLINE")
        at_once = settings.getint("BACKLINKBOT_RENDER_CONCURRENCY")
        if most := settings.getint("PLAYWRIGHT_MAX_CONTEXTS"):
            at_once = min(at_once, most)
        self._turns = asyncio.Semaphore(max(at_once, 1))
        self._browser = Browser(crawler, restart_after=settings.getint("BACKLINKBOT_RENDER_RESTART"))
        self._fetcher = Fetcher(crawler)

    async def close(self) -> None:
        """End the browser, if there is one."""
        await self._browser.close()

    async def render(self, page: FetchedPage) -> FetchedPage:
        """The page with what a browser made of it; as it was, but for ``rendering``, where that fails. Never raises."""
        try:
            response = await self._fetcher.document(page.url)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the page stays as it was served to us
            return self._failed(page, "refused", failure_of_exception(error).reason)
        if response.url != page.url:
            self._crawler.stats.inc_value("backlinks/rendering/sent_on")
            return _sent_on(page, response.url)
        failure = failure_of_status(response)
        if failure is not None or not is_page(response):
            return self._failed(page, "refused", failure.reason if failure is not None else "no HTML")
        self._crawler.stats.inc_value("backlinks/rendering/pages")
        page = with_values(page, answers=await self._answers(page, response))
        document = Subresource(status=response.status, headers=handed_over(response), body=response.body)
        # Of this page alone: another page of the same site must not learn what its own marks will be called.
        mark = f"data-{secrets.token_hex(8)}"
        tab = Tab(
            page.url,
            document,
            Subresources(self._fetcher),
            agent=self._agent,
            mark=mark,
            max_size=self._max_size,
            deadline=self._deadline,
        )
        try:
            async with self._turns:
                outcome = await self._browser.render(tab)
        except BrowserError as error:
            return self._failed(page, "no_browser", str(error))
        self._crawler.stats.set_value("backlinks/rendering/browsers", self._browser.started)
        return self._shown(page, outcome, mark)

    async def _answers(self, page: FetchedPage, response: Response) -> tuple[Served, ...]:
        """Compares what the server sends to the crawler and to browsers, each asked twice.

        Returns nothing where both get the same links, or it does not answer.
        """
        charset = charset_of(response.headers.get("Content-Type"))
        if not page.body or (response.body == page.body and charset == page.headers.charset):
            return ()
        match = cast("HasTargets", self._crawler.spider).targets.match
        for_browser = PageContent(response.body, page.parsed_url or page.url, charset)
        first = (
            served(served_content(page), match, is_for_browser=False),
            served(for_browser, match, is_for_browser=True),
        )
        if first[0].urls == first[1].urls:
            return ()
        self._crawler.stats.inc_value("backlinks/rendering/served_apart")
        again = []
        for as_browser in (True, False):  # the other way round: a page that alternates is the same to both
            try:
                response = await self._fetcher.document(page.url, as_browser=as_browser)
            except Exception as error:  # noqa: BLE001 - whatever went wrong, nobody is accused
                logger.info("%s was not looked at again: %s", page.url, failure_of_exception(error).reason)
                return ()
            if response.url != page.url or failure_of_status(response) is not None or not is_page(response):
                return ()
            charset = charset_of(response.headers.get("Content-Type"))
            content = PageContent(response.body, page.parsed_url or page.url, charset)
            again.append(served(content, match, is_for_browser=as_browser))
        return (*first, *again)

    def _shown(self, page: FetchedPage, outcome: RenderResult, mark: str) -> FetchedPage:
        if outcome.failure:
            return self._failed(page, outcome.failure, "")
        stats = self._crawler.stats
        if outcome.sent_on:
            stats.inc_value("backlinks/rendering/sent_on")
            return _sent_on(page, outcome.sent_on)
        if not outcome.is_at_rest:
            stats.inc_value("backlinks/rendering/not_at_rest")
        stats.inc_value("backlinks/rendering/rendered")
        body = outcome.html.encode("utf-8", "replace")
        shown = RenderedPage(url=outcome.url, body=body, hidden_mark=mark)
        return with_values(page, rendering=Rendering.DONE, rendered=shown)

    def _failed(self, page: FetchedPage, how: str, why: str) -> FetchedPage:
        self._crawler.stats.inc_value(f"backlinks/rendering/failed/{how}")
        level = logging.WARNING if how == "no_browser" else logging.INFO
        logger.log(level, "%s is not rendered: %s", page.url, f"{how}, {why}" if why else how)
        return with_values(page, rendering=Rendering.NOT_DONE)


def _sent_on(page: FetchedPage, url: str) -> FetchedPage:
    return with_values(page, rendering=Rendering.SENT_ON, rendered=RenderedPage(url=url))
