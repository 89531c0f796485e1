"""Repeats a request with a more lenient HTTP reader if its response could not be parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot.download.failures import MalformedAnswerError

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

READINGS: Final = "readings"
"""Key of a request's meta: the URL whose response could not be parsed, and how often."""
MOST_READINGS: Final = 3
"""Most attempts: one for each of the client's readers."""
_SAFE: Final = frozenset({"GET", "HEAD"})
"""Methods that may be repeated: RFC 9110 §9.2.1."""


class Rereading:
    """Downloader middleware: repeats a request after a malformed response; placed before the retry middleware."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Returns the same request, for the client's next reader; None for other exceptions."""
        if isinstance(exception, MalformedAnswerError):
            return self._again(request, exception)
        return None

    def _again(self, request: Request, error: MalformedAnswerError) -> Request | None:
        url, before = request.meta.get(READINGS, ("", 0))
        times = before + 1 if url == request.url else 1  # a redirect starts the count again
        if error.is_last or times >= MOST_READINGS or request.method not in _SAFE:
            return None
        self._stats.inc_value("backlinks/fetching/malformed")
        sooner = request.priority + 2  # pages under way come before new pages of the domain
        return request.replace(meta={**request.meta, READINGS: (request.url, times)}, priority=sooner, dont_filter=True)
