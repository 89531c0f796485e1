"""In a crawl that several machines share, keeps each worker to the domains that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from scrapy.exceptions import NotConfigured

from backlinkbot.frontier import CrawlSaver
from backlinkbot.middlewares.budget import BudgetSpentError

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler


class SharingPolicy(Protocol):
    """The methods that a spider needs for :class:`LeaseGuard`."""

    def is_current(self, request: Request) -> bool:
        """Returns true if the request was made under a lease that this worker still holds."""
        ...

    def is_redirected_away(self, request: Request) -> bool:
        """Returns true if redirects led the visit into another bucket."""
        ...

    def move(self, request: Request) -> None:
        """Hands a redirected visit over to the worker of its domain."""
        ...


class LeaseGuard:
    """Downloader middleware: sends no request to another worker's domain; placed before robots.txt is asked for."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._saver = CrawlSaver.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises NotConfigured without a history that machines can share."""
        if not crawler.settings["BACKLINKBOT_HISTORY_URL"].startswith("postgres"):
            raise NotConfigured
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises for a request that is not this worker's; the worker that holds the domain finds the page in the history."""
        share = self._saver.share
        if share is None or "visit" not in request.meta:
            return
        policy = cast("SharingPolicy", self._crawler.spider)
        if not share.may_send():
            raise BudgetSpentError("the leases of this worker have expired")
        if not policy.is_current(request):
            raise BudgetSpentError("the visit is another worker's by now")
        if policy.is_redirected_away(request):
            # Also to a domain of this worker's: the worker that has its bucket then makes the visit.
            policy.move(request)
            raise BudgetSpentError("the redirect leads to a domain whose pages wait elsewhere")
