"""Follows redirects as browsers do, as far as the spider allows.

Scrapy's own middleware passes the new request to a filter that silently drops it if the page is known already. Here the
spider decides if the page is visited, and a redirect that is not followed becomes a page with a reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from backlinkbot.download.failures import VisitRefusedError
from backlinkbot.download.redirects import HOPS, MAX_REDIRECTS, ONE_ANSWER, decoded, location_of, redirected
from backlinkbot.items import Redirect, State

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.urls import URL


class RedirectPolicy(Protocol):
    """The method that a spider needs for :class:`Redirects`."""

    def refuse_redirect(self, request: Request, target: URL) -> str:
        """Returns the reason why a redirect is not followed; empty if it is."""
        ...


class Redirects:
    """Downloader middleware: a response with a redirect status and a Location becomes a request for that URL."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._max_times = crawler.settings.getint("REDIRECT_MAX_TIMES")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Returns the next request, or the response itself if it does not redirect."""
        target = location_of(response) if ONE_ANSWER not in request.meta else None
        if target is None:
            return response  # no redirect status, or no valid Location
        location = decoded(response.headers["Location"] or b"")
        here = Redirect(url=request.url, status=response.status, location=location, to=target.href)
        request.meta[HOPS] = (*request.meta.get(HOPS, ()), here)
        policy = cast("RedirectPolicy | None", self._crawler.spider) if "visit" in request.meta else None
        if policy is not None and (reason := policy.refuse_redirect(request, target)):
            self._crawler.stats.inc_value("backlinks/fetching/redirect_not_followed")
            raise VisitRefusedError(State.REDIRECTED, reason)
        most = request.meta.get(MAX_REDIRECTS, self._max_times)
        return redirected(request, target, max_times=most, status=response.status)
