"""Checks a page without links: whether it is a soft 404, or a different page than the one in the history."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from backlinkbot.errors import BacklinkbotError
from backlinkbot.extensions.large_pages import LARGE, in_thread
from backlinkbot.frontier.known import HashSet
from backlinkbot.history import page_sketch
from backlinkbot.history.observation import digest, key_of
from backlinkbot.items import ExtractedPage, Failure, State
from backlinkbot.items.columns import with_values
from backlinkbot.items.rendered_diff import served_content
from backlinkbot.page_status import soft_404, unfinished
from backlinkbot.pipelines.contracts import Contract
from backlinkbot.prefilter import tags_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.extract.page import PageContent
    from backlinkbot.history import History
    from backlinkbot.history.page_sketch import Known
    from backlinkbot.items import FetchedPage

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
FAILED: Final = "backlinks/missing/failed"


class JudgeAbsence:
    """Pipeline: an absent link is no more than what the page in which it is absent can show."""

    contract: ClassVar = Contract(
        takes=ExtractedPage,
        returns=ExtractedPage,
        needs=frozenset({"matches", "rows"}),
        gives=frozenset({"failure", "is_another"}),
    )

    def __init__(self, crawler: Crawler, url: str) -> None:
        self._crawler = crawler
        self._url = url
        self._history: History | None = None
        self._linking = HashSet()
        # A database may be far away; the crawl goes on meanwhile.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="missing")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, crawler.settings["BACKLINKBOT_HISTORY_URL"])

    async def open_spider(self) -> None:
        """Learn which pages have links to lose."""
        if self._url:
            await self._in_thread(self._open)

    def _open(self) -> None:
        from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy, which runs without a history need not wait for

        try:
            self._history = History.open(self._url)
            for key in self._history.linking_pages():
                self._linking.add(_number(key))
        except BacklinkbotError as error:
            self._fail(error)

    async def process_item(self, page: ExtractedPage) -> ExtractedPage:
        """The page, without what it was read from."""
        source = page.source
        if source is None or page.matches or page.failure is not None or page.is_own or page.rows:
            return _emptied(page)
        linking = self._linking_of(page)
        if not (page.candidates or linking):  # nobody wants to know
            return _emptied(page)
        content = page.rendered_content or (None if source.body else source.content)
        is_large = len(source.body) >= LARGE or (content is not None and content.size >= LARGE)
        known: Known | None = None
        if content is not None or soft_404.may_say(source.body, source.headers.charset, tags_in):
            said = await in_thread(_said, source, content) if is_large else _said(source, content)
            known = await self._in_thread(self._look, linking) if said and linking else None
            if said and not (known is not None and page_sketch.is_same(known, content or served_content(source))):
                self._crawler.stats.inc_value("backlinks/missing/says_none")
                reason = f"answered {page.status}, and says: {said}"
                return with_values(_emptied(page), failure=Failure(state=State.GONE, reason=reason))
        if known is None and linking:
            known = await self._in_thread(self._look, linking)
        if known is None:
            return _emptied(page)
        if await in_thread(_is_another, source, content, known) if is_large else _is_another(source, content, known):
            self._crawler.stats.inc_value("backlinks/missing/replaced")
            page = with_values(page, is_another=True)
        return _emptied(page)

    def _linking_of(self, page: ExtractedPage) -> str:
        """The key of the page if it has links to lose, else of the one where its visit began if that has; else empty."""
        if not len(self._linking):
            return ""
        began = page.key if page.requested_url == page.url else key_of(page.requested_url)
        keys = dict.fromkeys((page.key, began))
        return next((key for key in keys if key and _number(digest(key)) in self._linking), "")

    def _look(self, key: str) -> Known | None:
        if self._history is None:
            return None
        try:
            return self._history.known_look(key)
        except BacklinkbotError as error:
            self._fail(error)
            return None

    def close_spider(self) -> None:
        """Let go of the history."""
        self._thread.shutdown()
        if self._history is not None:
            self._history.close()

    def _fail(self, error: BacklinkbotError) -> None:
        """Say it once; whether the run goes on is for those to say who write."""
        if not self._crawler.stats.get_value(FAILED):
            logger.error("%s", error)
        self._crawler.stats.inc_value("backlinks/missing/failed")

    async def _in_thread(self, call: Callable[..., Answer], *words: Any) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *words)


def _said(source: FetchedPage, content: PageContent | None) -> str:
    return soft_404.evidence(content or served_content(source))


def _is_another(source: FetchedPage, content: PageContent | None, known: Known) -> bool:
    """True if the page is another one, or perhaps only the beginning of the known one."""
    if source.rendered_content is None and unfinished.may_break_off(source.body):
        return True
    return page_sketch.is_another(known, content or served_content(source))


def _emptied(page: ExtractedPage) -> ExtractedPage:
    """Returns the page without what no later step reads: its source, and the parsed page if it has no link."""
    if page.matches:
        return page if page.source is None else with_values(page, source=None)
    if page.source is None and page.content is None:
        return page
    return with_values(page, source=None, content=None, rendered_content=None)


def _number(key: bytes) -> int:
    return int.from_bytes(key[:8], "big")  # a page that has the same one by chance is looked up for nothing
