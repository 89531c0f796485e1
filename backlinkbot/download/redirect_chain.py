"""Follows a URL to its end: HTTP redirects, and refreshes declared by pages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from backlinkbot import urls
from backlinkbot.download.failures import VisitRefusedError, failure_of_content, failure_of_exception
from backlinkbot.download.fetch import fetch_response
from backlinkbot.download.redirects import ONE_ANSWER, location_of
from backlinkbot.download.slots import domain_of
from backlinkbot.download.wall_check import damage_of, wall_headers, wall_in
from backlinkbot.extensions.content_filter import content_type_of, is_page, is_xhtml
from backlinkbot.extract.html import Document, parse_xhtml
from backlinkbot.extract.media_type import charset_of
from backlinkbot.extract.page import PageContent
from backlinkbot.extract.robots_directives import judge
from backlinkbot.items import Failure, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.urls import URL

MOST_BYTES: Final = 1024 * 1024
"""Most bytes of a response; redirects need none, and a page's declarations are in its first kilobytes."""
ENDING: Final = "the run is ending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One response of a redirect chain."""

    url: str
    status: int
    nofollow_by: tuple[str, ...] = ()
    """The rules by which the response forbids following: ``header:robots``, ``meta:robots``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The responses on the way, and where the chain ended."""

    url: str
    """The URL where the chain ended; it was requested unless ``follow`` was told to stop there."""
    hops: tuple[Hop, ...] = ()
    """In order; the last is that of ``url`` unless the chain stopped before requesting it."""
    content: PageContent | None = None
    """The content of the last response, if it is HTML."""
    failure: Failure | None = None
    """Why there is no last response."""
    wall: Failure | None = None
    """The wall that was served in place of a page; None if there is none."""

    @property
    def status(self) -> int | None:
        """The status of the last response; None if there is no response at the end."""
        return self.hops[-1].status if self.hops and self.failure is None else None


class Chains:
    """Follows URLs under the crawl's own rules: robots.txt, slots of domains, checked addresses, size limits."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._max_times = settings.getint("REDIRECT_MAX_TIMES")
        self._longest_refresh = settings.getfloat("METAREFRESH_MAXDELAY")
        self._agent: str = settings["BACKLINKBOT_AGENT"]
        self._locks: dict[str, asyncio.Lock] = {}

    async def follow(self, url: str, *, is_end: Callable[[URL], bool] = lambda _: False) -> Chain:
        """Requests the URL and all URLs that it leads to.

        Args:
            url: http or https.
            is_end: returns true for a URL that need not be requested.
        """
        hops: list[Hop] = []
        for _ in range(self._max_times + 1):
            try:
                response = await self._fetch(url)
            except Exception as error:  # noqa: BLE001 - every failure is a result
                return Chain(url=url, hops=tuple(hops), failure=failure_of_exception(error))
            content = self._content(response)
            hops.append(self._hop(response, content))
            onward = self._onward(response, content)
            if onward is None:
                wall = self._wall(response, content, hops[0].url)
                return Chain(url=url, hops=tuple(hops), content=content, wall=wall)
            url = urls.as_requested(onward)
            if is_end(onward):
                return Chain(url=onward.href, hops=tuple(hops))
        reason = f"more than {self._max_times} redirects"
        return Chain(url=url, hops=tuple(hops), failure=Failure(state=State.UNREACHABLE, reason=reason))

    async def _fetch(self, url: str) -> Response:
        """Sends one request; one at a time per domain, so that none is left in a queue when the run is interrupted."""
        meta = {ONE_ANSWER: True, "verbatim_url": True, "download_maxsize": MOST_BYTES}
        request = Request(url, meta=meta, callback=NO_CALLBACK, dont_filter=True)
        async with self._locks.setdefault(domain_of(request), asyncio.Lock()):
            if not self._crawler.crawling:
                raise VisitRefusedError(State.UNREACHABLE, ENDING)
            return await fetch_response(self._crawler, request)

    def _content(self, response: Response) -> PageContent | None:
        refresh = (response.headers.get("Refresh") or b"").decode("latin-1")
        if response.status >= 300 or not (response.body or refresh) or not is_page(response):
            return None
        charset = charset_of(content_type_of(response.headers))
        parse = parse_xhtml if is_xhtml(response) else Document
        return PageContent(response.body, response.url, charset, parse, refresh_header=refresh)

    def _wall(self, response: Response, content: PageContent | None, began: str) -> Failure | None:
        if content is None:
            is_page_due = 200 <= response.status < 300 and is_page(response)
            return failure_of_content(response) if is_page_due else None
        found = wall_in(
            response.body,
            lambda: content,
            url=response.url,
            requested_url=began,
            headers=wall_headers(response.headers),
        )
        if found is None and response.status < 300:
            found = damage_of(response.body, lambda: content)
        return found or failure_of_content(response)

    def _hop(self, response: Response, content: PageContent | None) -> Hop:
        headers = tuple(value.decode("latin-1") for value in response.headers.getlist("X-Robots-Tag"))
        metas = content.metas if content is not None else ()
        verdict = judge(metas=metas, x_robots_tag=headers, agent=self._agent)
        return Hop(url=response.url, status=response.status, nofollow_by=verdict.nofollow_by)

    def _onward(self, response: Response, content: PageContent | None) -> URL | None:
        target = location_of(response)
        if target is not None or content is None or content.refresh is None:
            return target
        return content.refresh.url if content.refresh.seconds <= self._longest_refresh else None
