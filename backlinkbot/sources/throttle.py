"""Throttles requests to third-party services and caches their responses.

A postponed request waits here, where it occupies no connection.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlencode

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import TextResponse
from scrapy.http.request import NO_CALLBACK

from backlinkbot.download.backoff import BACKOFF_STATUSES, retry_after
from backlinkbot.download.fetch import fetch_response
from backlinkbot.download.redirects import ONE_ANSWER
from backlinkbot.options import cache_folder
from backlinkbot.sources.queries import ServiceError
from backlinkbot.sources.response_cache import ResponseCache
from backlinkbot.sources.table import SOURCES

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.download.slots import DomainDownloader
    from backlinkbot.sources.queries import Query, Source

LONGEST_WAIT: Final = 60.0
"""Most seconds that a run waits for a service; a service that demands more gets no more queries in this run."""
LONGEST_QUIET: Final = 24 * 3600.0
"""Most seconds for which a service gets no requests, even if it demands more."""
CACHE_NAME: Final = "cache_name"
"""Key of a request's meta: the name of its response in the cache."""
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
        """Returns the cached response, or waits until the service may get the next request, and adds the user's key to it.

        Raises:
            QuietServiceError: the pause is longer than ``LONGEST_WAIT``.
        """
        query: Query | None = request.meta.get("source_query")
        if query is None or not SOURCES[query.source].is_service:
            return None
        source = SOURCES[query.source]
        key = self._key_of(source)
        request.meta[CACHE_NAME] = _cache_name(request.url, key)
        kept = self.answers.get(request.meta[CACHE_NAME], source.max_age)
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
        for name, value in source.headers.items():
            request.headers[name] = value
        if source.key is None or not key:
            return None
        if source.key.header:
            request.headers[source.key.header] = f"{source.key.prefix}{key}"
            return None
        return await self._with_parameter(request, source.key.parameter, key)

    async def _with_parameter(self, request: Request, name: str, key: str) -> Response:
        """Sends the request with the key in its URL, and returns the response to it without: URLs are stored and logged."""
        mark = "&" if "?" in request.url else "?"
        meta = {name: value for name, value in request.meta.items() if name not in {"visit", "source_query"}}
        meta[ONE_ANSWER] = True  # a redirect might show the key to another server
        url = f"{request.url}{mark}{urlencode({name: key})}"
        answer = await fetch_response(
            self._crawler, Request(url, headers=request.headers, meta=meta, callback=NO_CALLBACK)
        )
        return answer.replace(url=request.url, request=None)

    def _key_of(self, source: Source) -> str:
        if source.key is None:
            return ""
        return str(self._crawler.settings[source.key.setting] or source.key.public)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Records a pause that the service demands, before its next request is sent."""
        query: Query | None = request.meta.get("source_query")
        if query is None or not SOURCES[query.source].is_service or FROM_CACHE in response.flags:
            return response
        source, headers = SOURCES[query.source], headers_of(response)
        asked = retry_after(response, datetime.now(UTC))
        pause = source.pause_of(headers, response.body)
        if response.status in BACKOFF_STATUSES or asked or _puts_off(source, response, headers):
            pause = max(asked, pause, source.pause * 2**query.tries)
        if pause:
            downloader = cast("DomainDownloader", self._crawler.engine.downloader)
            self.answers.keep_quiet(downloader.get_slot_key(request), min(pause, LONGEST_QUIET))
        return response


def _puts_off(source: Source, response: Response, headers: dict[str, str]) -> bool:
    """True if an error's body asks for a later retry."""
    if response.status == 200:
        return False
    said = source.read_error(ServiceError(status=response.status, headers=headers, body=response.body))
    return said is not None and said.is_put_off


def headers_of(response: Response) -> dict[str, str]:
    """Returns the header values of a response by lower-case name."""
    return {
        name.decode("latin-1").lower(): b",".join(values).decode("latin-1") for name, values in response.headers.items()
    }


def _cache_name(url: str, key: str) -> str:
    """Returns the name of a response in the cache: what one key may read, another may not."""
    return f"{url}#{hashlib.sha256(key.encode()).hexdigest()[:16]}" if key else url
