"""A request of our own, apart from the spider's, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.utils.defer import maybe_deferred_to_future

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response


async def answer_of(crawler: Crawler, request: Request) -> Response:
    """The answer, with the middlewares' help; raises what a download raises.

    Not by way of the engine: it cannot be asked any more once it has begun to close, and a run that has visited as many
    pages as it may has rows that wait.
    """
    downloader = crawler.engine.downloader
    while True:
        answer = await maybe_deferred_to_future(downloader.fetch(request))
        if not isinstance(answer, Request):
            answer.request = request
            return answer
        request = answer
