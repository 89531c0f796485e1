"""Throttles requests to third-party services and caches their responses.

A postponed request waits here, where it occupies no connection.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Final, cast

from scrapy.exceptions import IgnoreRequest
from scrapy.http import TextResponse

from backlinkbot.download.backoff import BACKOFF_STATUSES, retry_after
from backlinkbot.options import cache_folder
from backlinkbot.sources.response_cache import ResponseCache
from backlinkbot.sources.table import SOURCES

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.download.slots import DomainDownloader
    from backlinkbot.sources.queries import Query

LONGEST_WAIT: Final = 60.0
"""Most seconds that a run waits for a service; a service that demands more gets no more queries in this run."""
LONGEST_QUIET: Final = 24 * 3600.0
"""Most seconds for which a service gets no requests, even if it demands more."""
FROM_CACHE: Final = "from_cache"
"""The flag of a response from the cache."""
_STEP: Final = 0.5


class QuietServiceError(IgnoreRequest):
    """Raised if a service demands a longer pause than a run waits."""


class Throttle:
    """Downloader middleware for queries to services; other requests pass."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        folder = cache_folder(crawler.settings)
        self.answers = ResponseCache(folder / "answers" if folder is not None else None)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Returns the cached response, or waits until the service may get the next request.

        Raises:
            QuietServiceError: the pause is longer than ``LONGEST_WAIT``.
        """
        query: Query | None = request.meta.get("source_query")
        if query is None or not SOURCES[query.source].is_service:
            return None
        source = SOURCES[query.source]
        kept = self.answers.get(request.url, source.max_age)
        if kept is not None:
            return TextResponse(request.url, body=kept, flags=[FROM_CACHE])
        downloader = cast("DomainDownloader", self._crawler.engine.downloader)
        service = downloader.get_slot_key(request)
        downloader.slow_down(service, source.delay)
        downloader.one_at_a_time(service)
        while (rest := self.answers.quiet_until(service) - time()) > 0:
            if rest > LONGEST_WAIT or not self._crawler.crawling:
                raise QuietServiceError(f"{service} has asked for a longer pause than {LONGEST_WAIT:.0f} s")
            await asyncio.sleep(min(rest, _STEP))  # short steps, so that an interrupted run ends soon
        return None

    async def process_response(self, request: Request, response: Response) -> Response:
        """Records a pause that the service demands, before its next request is sent."""
        query: Query | None = request.meta.get("source_query")
        if query is None or not SOURCES[query.source].is_service or FROM_CACHE in response.flags:
            return response
        asked = retry_after(response, datetime.now(UTC))
        if response.status in BACKOFF_STATUSES or asked:
            downloader = cast("DomainDownloader", self._crawler.engine.downloader)
            pause = SOURCES[query.source].pause * 2**query.tries
            self.answers.keep_quiet(downloader.get_slot_key(request), min(max(asked, pause), LONGEST_QUIET))
        return response
