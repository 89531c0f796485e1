"""Blocks requests to private, loopback and link-local addresses unless the user allows them.

IP addresses in URLs are refused before the request is sent (:class:`AddressGuard`, which also checks redirects). Names are
refused by the addresses that they resolve to (``resolver``): the connection uses the checked addresses, so a second
lookup cannot return others. Behind the user's own proxy, the proxy resolves the names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.download.failures import PRIVATE_ADDRESS, VisitRefusedError
from backlinkbot.download.special_addresses import is_private_host
from backlinkbot.items import State

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector


class AddressGuard:
    """Downloader middleware: refuses URLs that are not http(s) or that name a private address."""

    def __init__(self, stats: StatsCollector, *, allow_private: bool) -> None:
        self._stats = stats
        self._allow_private = allow_private

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats, allow_private=crawler.settings.getbool("BACKLINKBOT_ALLOW_PRIVATE"))

    async def process_request(self, request: Request) -> None:
        """Raises :class:`VisitRefusedError` for a URL that must not be fetched; redirects are checked, too."""
        url = urls.parse(request.url)
        if url is None or not urls.is_web(url):
            self._stats.inc_value("backlinks/fetching/not_web")
            raise VisitRefusedError(State.UNREACHABLE, "not http or https")
        if not self._allow_private and is_private_host(url.hostname):
            self._stats.inc_value("backlinks/fetching/private_address")
            raise VisitRefusedError(PRIVATE_ADDRESS.state, PRIVATE_ADDRESS.reason)
