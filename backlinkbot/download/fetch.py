"""Sends a request that is not a spider's, and returns its response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.utils.defer import maybe_deferred_to_future

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response


async def fetch_response(crawler: Crawler, request: Request) -> Response:
    """Returns the response, by way of the downloader middlewares; raises what a download raises.

    The engine is not used: it accepts no requests once it has begun to close, and a run that has reached its limit of
    pages still has rows that wait for responses.
    """
    downloader = crawler.engine.downloader
    while True:
        answer = await maybe_deferred_to_future(downloader.fetch(request))
        if not isinstance(answer, Request):
            answer.request = request
            return answer
        request = answer
