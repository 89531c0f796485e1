"""Throttles requests to third-party services and caches their responses.

A request that is put off waits here, where it holds no connection.
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
"""Seconds that a run waits for a service; one that wants more is not asked again in this run."""
LONGEST_QUIET: Final = 24 * 3600.0
"""Seconds; a service that asks for more is asked again all the same."""
FROM_CACHE: Final = "from_cache"
"""The flag of an answer that was on the disk."""
_STEP: Final = 0.5


class QuietServiceError(IgnoreRequest):
    """The service has asked for more max_postponements than a run has."""


class Throttle:
    """Downloader middleware for queries of services; other requests pass."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        folder = cache_folder(crawler.settings)
        self.answers = ResponseCache(folder / "answers" if folder is not None else None)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """The answer from the disk; else wait for the service's next turn.

        Raises:
            QuietServiceError: that would take too long.
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
                raise QuietServiceError(f"{service} has asked to be left alone")
            await asyncio.sleep(min(rest, _STEP))  # a run that is interrupted meanwhile ends soon
        return None

    async def process_response(self, request: Request, response: Response) -> Response:
        """Note what a service says of its max_postponements, before its next request can leave."""
        query: Query | None = request.meta.get("source_query")
        if query is None or not SOURCES[query.source].is_service or FROM_CACHE in response.flags:
            return response
        asked = retry_after(response, datetime.now(UTC))
        if response.status in BACKOFF_STATUSES or asked:
            downloader = cast("DomainDownloader", self._crawler.engine.downloader)
            pause = SOURCES[query.source].pause * 2**query.tries
            self.answers.keep_quiet(downloader.get_slot_key(request), min(max(asked, pause), LONGEST_QUIET))
        return response
