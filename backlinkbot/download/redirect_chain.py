"""An address followed to its end, answer by answer: redirects, and refreshes of pages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from backlinkbot import urls
from backlinkbot.download.failures import VisitRefusedError, doubt_of, failure_of_exception
from backlinkbot.download.fetch import answer_of
from backlinkbot.download.redirects import ONE_ANSWER, location_of
from backlinkbot.download.slots import domain_of
from backlinkbot.download.wall_check import wall_headers, wall_in
from backlinkbot.extensions.content_filter import charset_of, content_type_of, is_page, is_xhtml
from backlinkbot.extract.html import Document, parse_xhtml
from backlinkbot.extract.page import PageContent
from backlinkbot.extract.robots_directives import judge
from backlinkbot.items import Failure, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.urls import URL

MOST_BYTES: Final = 1024 * 1024
"""Of an answer; a redirect needs none, and what is said of a page stands in its first kilobytes."""
ENDING: Final = "the run is ending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One answer."""

    url: str
    status: int
    nofollow_by: tuple[str, ...] = ()
    """The rules by which the answer forbids to follow it: ``header:robots``, ``meta:robots``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The answers on the way."""

    url: str
    """Where it ended: what was not asked for any more, or what the last answer is of."""
    hops: tuple[Hop, ...] = ()
    """In order; the last is the end's own unless the way was stopped before it."""
    content: PageContent | None = None
    """The end's, if it is HTML."""
    failure: Failure | None = None
    """Why there is no last answer."""
    wall: Failure | None = None
    """What stands at the end in place of a page; None where a page does, or nothing."""

    @property
    def status(self) -> int | None:
        """The last answer's; None where nothing answered at the end."""
        return self.hops[-1].status if self.hops and self.failure is None else None


class Chains:
    """Follows addresses as the crawl would: robots.txt, slots of domains, guarded addresses, bounded answers."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._max_times = settings.getint("REDIRECT_MAX_TIMES")
        self._patience = settings.getfloat("METAREFRESH_MAXDELAY")
        self._agent: str = settings["BACKLINKBOT_AGENT"]
        self._parse = Document
        self._turns: dict[str, asyncio.Lock] = {}

    async def follow(self, url: str, *, is_end: Callable[[URL], bool] = lambda _: False) -> Chain:
        """Ask for the address and for all that it leads to.

        Args:
            url: http or https.
            is_end: whether an address that it leads to need not be asked for.
        """
        hops: list[Hop] = []
        for _ in range(self._max_times + 1):
            try:
                response = await self._ask(url)
            except Exception as error:  # noqa: BLE001 - whatever went wrong is the answer
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

    async def _ask(self, url: str) -> Response:
        """One answer; of one domain one at a time, so that none stands in a queue when the run is interrupted."""
        meta = {ONE_ANSWER: True, "verbatim_url": True, "download_maxsize": MOST_BYTES}
        request = Request(url, meta=meta, callback=NO_CALLBACK, dont_filter=True)
        async with self._turns.setdefault(domain_of(request), asyncio.Lock()):
            if not self._crawler.crawling:
                raise VisitRefusedError(State.UNREACHABLE, ENDING)
            return await answer_of(self._crawler, request)

    def _content(self, response: Response) -> PageContent | None:
        refresh = (response.headers.get("Refresh") or b"").decode("latin-1")
        if response.status >= 300 or not (response.body or refresh) or not is_page(response):
            return None
        charset = charset_of(content_type_of(response.headers))
        parse = parse_xhtml if is_xhtml(response) else self._parse
        return PageContent(response.body, response.url, charset, parse, refresh_header=refresh)

    def _wall(self, response: Response, content: PageContent | None, began: str) -> Failure | None:
        if content is None:
            is_page_due = 200 <= response.status < 300 and is_page(response)
            return doubt_of(response) if is_page_due else None
        found = wall_in(
            response.body,
            lambda: content,
            url=response.url,
            requested_url=began,
            headers=wall_headers(response.headers),
        )
        return found or doubt_of(response)

    def _hop(self, response: Response, content: PageContent | None) -> Hop:
        headers = tuple(value.decode("latin-1") for value in response.headers.getlist("X-Robots-Tag"))
        metas = content.metas if content is not None else ()
        verdict = judge(metas=metas, x_robots_tag=headers, agent=self._agent)
        return Hop(url=response.url, status=response.status, nofollow_by=verdict.nofollow_by)

    def _onward(self, response: Response, content: PageContent | None) -> URL | None:
        target = location_of(response)
        if target is not None or content is None or content.refresh is None:
            return target
        return content.refresh.url if content.refresh.seconds <= self._patience else None
