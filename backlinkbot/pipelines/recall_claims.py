"""Adds the history's claims to each page, so that its visit judges them again."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from scrapy.exceptions import NotConfigured

from backlinkbot.errors import BacklinkbotError
from backlinkbot.frontier.known import HashSet
from backlinkbot.history.observation import digest, key_of
from backlinkbot.items import ExtractedPage
from backlinkbot.items.columns import with_values
from backlinkbot.pipelines.contracts import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.history import History
    from backlinkbot.items import CheckedClaim, ExtractedPage

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class RecallClaims:
    """Pipeline: a page of which something was claimed, in a file imported before or read by an earlier run, has it."""

    contract: ClassVar = Contract(
        takes=ExtractedPage,
        returns=ExtractedPage,
        gives=frozenset({"recalled"}),
    )

    def __init__(self, crawler: Crawler, url: str) -> None:
        self._crawler = crawler
        self._url = url
        self._history: History | None = None
        self._claimed = HashSet()
        # A database may be far away; the crawl goes on meanwhile.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="claims")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise NotConfigured where there is no history."""
        url = crawler.settings["BACKLINKBOT_HISTORY_URL"]
        if not url:
            raise NotConfigured
        return cls(crawler, url)

    async def open_spider(self) -> None:
        """Learn of which pages something is claimed."""
        await self._in_thread(self._open)

    def _open(self) -> None:
        from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy, which runs without a history need not wait for

        try:
            self._history = History.open(self._url)
            for key in self._history.claimed_pages():
                self._claimed.add(_number(key))
        except BacklinkbotError as error:
            self._fail(error)

    async def process_item(self, page: ExtractedPage) -> ExtractedPage:
        """The page with what is known to be claimed of it, and of the page where its visit began."""
        if not len(self._claimed):
            return page
        began = page.key if page.requested_url == page.url else key_of(page.requested_url)
        places = {page.key: page.url, began: ""}  # by key: where a visit that began elsewhere has ended
        wanted = {key: place for key, place in places.items() if key and _number(digest(key)) in self._claimed}
        if not wanted:
            return page
        recalled = await self._in_thread(self._recall, wanted)
        return with_values(page, recalled=recalled) if recalled else page

    def _recall(self, wanted: Mapping[str, str]) -> tuple[CheckedClaim, ...]:
        if self._history is None:
            return ()
        try:
            found = [(place, self._history.claims_of(key)) for key, place in wanted.items()]
        except BacklinkbotError as error:
            self._fail(error)
            return ()
        return tuple(replace(one, page=place) for place, claims in found for one in claims)

    def close_spider(self) -> None:
        """Let go of the history."""
        self._thread.shutdown()
        if self._history is not None:
            self._history.close()

    def _fail(self, error: BacklinkbotError) -> None:
        """Say it once; whether the run goes on is for those to say who write."""
        if not self._crawler.stats.get_value("backlinks/recalling/failed"):
            logger.error("%s", error)
        self._crawler.stats.inc_value("backlinks/recalling/failed")

    async def _in_thread(self, call: Callable[..., Answer], *words: Any) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *words)


def _number(key: bytes) -> int:
    return int.from_bytes(key[:8], "big")  # a page that has the same one by chance is looked up for nothing
