"""Blocks requests to private, loopback and link-local addresses unless the user allows them.

Literal addresses are refused before a request leaves (:class:`AddressGuard`, which also sees what redirects lead to);
names are refused by what they resolve to (``resolver``, whose answers are the addresses connected to, so a name cannot
change its mind in between). Behind a proxy of the user's, names are the proxy's to resolve.
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
    """Downloader middleware: refuses what is no http(s) URL or names a private address."""

    def __init__(self, stats: StatsCollector, *, allow_private: bool) -> None:
        self._stats = stats
        self._allow_private = allow_private

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats, allow_private=crawler.settings.getbool("BACKLINKBOT_ALLOW_PRIVATE"))

    async def process_request(self, request: Request) -> None:
        """Raise for what is not to be fetched; redirects come by here too."""
        url = urls.parse(request.url)
        if url is None or not urls.is_web(url):
            self._stats.inc_value("backlinks/fetching/not_web")
            raise VisitRefusedError(State.UNREACHABLE, "not http or https")
        if not self._allow_private and is_private_host(url.hostname):
            self._stats.inc_value("backlinks/fetching/private_address")
            raise VisitRefusedError(PRIVATE_ADDRESS.state, PRIVATE_ADDRESS.reason)
