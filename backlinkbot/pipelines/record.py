"""Records each page's visit in the history before its rows are written, so that no reported row is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from scrapy import signals
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.settings import SETTINGS_PRIORITIES

from backlinkbot.errors import BacklinkbotError, OutputError
from backlinkbot.extensions.outcome import FAILED as OUTPUTS_FAILED
from backlinkbot.extensions.outcome import SILENT, UNWRITTEN, complain, exit_status, summary
from backlinkbot.frontier import CrawlSaver
from backlinkbot.frontier.identity import bounds_of, identity_of
from backlinkbot.history import visit_log
from backlinkbot.history.crawl_commit import crawl_key
from backlinkbot.items import JudgedPage
from backlinkbot.option_table import Overlap
from backlinkbot.options import extras_of, options_of
from backlinkbot.pipelines.contracts import Contract
from backlinkbot.pipelines.drop import DropDuplicates
from backlinkbot.pipelines.visits_file import VisitsFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from backlinkbot.frontier.sharing import CrawlShare
    from backlinkbot.history import History, Recorded
    from backlinkbot.history.crawl_commit import CrawlCommit, OpenCrawl
    from backlinkbot.items import JudgedPage
    from backlinkbot.spiders.base import BacklinkSpider

logger = logging.getLogger(__name__)

BATCH: Final = 100
"""Pages recorded in one transaction, at most."""
SETTLE_SECONDS: Final = 0.1
"""Seconds that a page waits for others to be recorded with."""
MOST_WAITING: Final = 2_000
"""Pages on their way into the history; with more, a page without rows waits as well."""
SAVE_SECONDS: Final = 1.0
"""Seconds, at most, that pass until what the crawl has found and settled is on the disk."""
FAILED: Final = "backlinks/remembering/failed"
MENTIONS: Final = "mentions"
"""Counts the changes of mentions, which are no backlinks."""
ANOTHERS: Final = "the page is another worker's by now"
_OF_ONE_WORKER: Final = ("backlinks/resuming/", "backlinks/sharing/buckets")
"""Stats that are not added up over the workers of a crawl."""
LOST: Final = "the history cannot be written, so the page is not reported"
OVER: Final = frozenset({"finished", "page_bound"})
"""Why a crawl was closed that has come to its end, or to its bound; of any other, the same command is the next part."""
_SECRET: Final = frozenset({"targets", "history", "notify"})
"""Not among a run's arguments, like all that is secret: the first has its own column, the others may hold passwords."""


class RecordHistory:
    """Pipeline: a page with rows or checks goes on once its visit is on the disk; the others are recorded meanwhile."""

    contract: ClassVar = Contract(
        takes=JudgedPage,
        returns=JudgedPage,
        needs=frozenset({"checks", "checked_claims"}),
        gives=frozenset({"backlinks"}),
    )

    def __init__(self, crawler: Crawler, url: str, visits: str) -> None:
        self._crawler = crawler
        self._url = url
        self._visits = VisitsFile(Path(visits)) if visits else None
        self._waiting: list[tuple[JudgedPage, asyncio.Future[JudgedPage]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._in_hand = 0
        self._is_full = asyncio.Event()
        self._closing = asyncio.Event()
        self._is_open = False
        self._is_closing = False
        self._ending: asyncio.Future[None] | None = None
        self._history: History | None = None
        self._run = 0
        self._saver = CrawlSaver.of(crawler)
        self._bounds: dict[str, int] = {}
        self._commits: list[CrawlCommit] = []  # taken, and not yet written; for the thread
        self._saving: asyncio.Task[None] | None = None
        self._last: asyncio.Future[JudgedPage] | None = None
        self._counted_before: Counter[str] = Counter()  # of a shared crawl: the stats that are written already
        # One thread, so that the crawl goes on while another writer has the database, and batches keep their order.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="history")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise NotConfigured where no history is wanted."""
        url = crawler.settings["BACKLINKBOT_HISTORY_URL"]
        if not url:
            raise NotConfigured
        remembering = cls(crawler, url, crawler.settings["BACKLINKBOT_VISITS"])
        crawler.signals.connect(remembering.spider_opened, signals.spider_opened)
        crawler.signals.connect(remembering.engine_stopped, signals.engine_stopped)
        return remembering

    async def open_spider(self) -> None:
        """Begin the run."""
        try:
            await self._begin()
        except (
            BacklinkbotError
        ) as error:  # another writer has the database for too long, or it has gone since the check
            self._fail(error)

    def spider_opened(self) -> None:
        """From here on the run can be ended."""
        self._is_open = True
        if self._crawler.stats.get_value(FAILED):
            self._end()

    async def _begin(self) -> None:
        from backlinkbot.history import History, now  # noqa: PLC0415 - SQLAlchemy, which runs without a history need not wait for

        settings = self._crawler.settings
        spider = cast("BacklinkSpider", self._crawler.spider)
        line = visit_log.RunLine(
            command=spider.name,
            targets=tuple(target.name for target in spider.targets),
            includes_own=settings.getbool("BACKLINKBOT_INCLUDE_SAME_DOMAIN"),
            started_at=now(),
            # Wherever they were written: a recheck that did not know of them would take the links to them for lost.
            aliases=tuple(f"{place}={target.name}" for target in spider.targets for place in target.places[1:]),
            extras=extras_of(settings),
        )
        self._history = await self._in_thread(History.open, self._url)
        begin = partial(
            self._history.begin_run,
            line.command,
            line.targets,
            arguments=arguments_of(settings, spider.backlinkbot_command)
            | ({"aliases": line.aliases} if line.aliases else {}),
            includes_own=line.includes_own,
            extras=line.extras,
            started_at=line.started_at,
        )
        self._run = await self._in_thread(begin)
        self._crawler.stats.set_value("backlinkbot/run", self._run)
        if not settings["JOBDIR"]:
            await self._begin_crawl(spider)
        if self._visits is not None:
            self._to_visits(partial(self._visits.begin, line))

    # --- a crawl that can be resumed ---

    async def _begin_crawl(self, spider: BacklinkSpider) -> None:
        """Resume the crawl that the same command has left unfinished, or begin one."""
        settings = self._crawler.settings
        if self._history is None:
            return
        identity = await self._in_thread(identity_of, settings, spider.backlinkbot_command)
        key = crawl_key({**identity, "spider": spider.name})
        self._bounds = bounds_of(settings, spider.backlinkbot_command)
        is_fresh = settings.getbool("BACKLINKBOT_FRESH")
        begin = partial(self._history.begin_crawl, self._run, key, self._bounds, fresh=is_fresh)
        joins = Overlap(settings["BACKLINKBOT_OVERLAP"]) is Overlap.JOIN
        crawl: OpenCrawl | None = await self._in_thread(partial(begin, joins=joins))
        if crawl is None and joins:
            raise OutputError(
                "a run without --overlap join is at work on this crawl; nobody can join in until it has ended"
            )
        if crawl is None:  # with --overlap allow
            logger.warning("the same crawl is at work on this history; this run cannot be resumed")
            return
        self._saver.begin(crawl, type(self._history).open(self._url), self._give_again)
        self._saving = asyncio.create_task(self._save_again_and_again())
        if crawl.worker:
            self._share(crawl)
        if self._saver.is_resumed:
            self._crawler.stats.set_value("backlinks/resuming/runs", len(crawl.runs))
            self._crawler.stats.set_value("backlinks/resuming/done", crawl.done)
            self._crawler.stats.set_value("backlinks/resuming/waiting", crawl.waiting)
            sys.stderr.write(
                f"backlinkbot: {'joining' if crawl.worker else 'resuming'} the crawl of {crawl.begun_at}: {crawl.done:,} pages done, {crawl.waiting:,} waiting; "
                "--fresh begins anew\n"
            )

    def _share(self, crawl: OpenCrawl) -> None:
        """Takes part in a crawl that several machines share."""
        from backlinkbot.frontier.sharing import CrawlShare  # noqa: PLC0415 - SQLAlchemy, as above

        if self._history is None:
            return
        seconds = self._crawler.settings.getfloat("CLOSESPIDER_TIMEOUT")
        share = CrawlShare(self._history.worker_of(crawl), self._crawler, max_seconds=seconds)
        share.is_settled = lambda: not (self._in_hand or self._saver.has_unsaved or self._commits)
        share.settle = self._settle
        self._saver.share = share

    async def _settle(self) -> None:
        """Waits until all pages that were handed over so far are recorded, and what was found is saved."""
        last, self._last = self._last, None
        if last is not None:
            await asyncio.wait([last])
        await self._save()

    async def _leave(self, share: CrawlShare) -> None:
        """Leaves a shared crawl; the worker that closes it gives the rows of all to its outputs."""
        stats = self._crawler.stats
        self._last = None
        await share.stop()
        try:
            if share.is_lost or stats.get_value(FAILED) or await share.call(share.worker.leave, pause=share.pause()):
                stats.set_value("backlinkbot/sharing/silent", 1)
                return
            while not await share.call(share.worker.is_alone):  # noqa: ASYNC110 - others tell of it in the database
                await asyncio.sleep(SAVE_SECONDS)
        except BacklinkbotError as error:  # its leases have expired meanwhile: another worker closes the crawl
            logger.warning("%s", error)
            share.lose()
            stats.set_value("backlinkbot/sharing/silent", 1)
            return
        share.keep()
        counted = await self._in_thread(self._counted)
        stats.set_stats({**stats.get_stats(), **counted})
        self._saver.give_all()

    def _counted(self) -> Counter[str]:
        """In the thread: the stats of all workers of the crawl, as far as their visits are recorded."""
        counted: Counter[str] = Counter()
        if self._history is not None and self._saver.crawl is not None:
            for part in self._history.crawl_parts(self._saver.crawl):
                for kind, *words, number in part.counts:
                    if kind == "stat":
                        counted[words[0]] += number
        return counted

    def _take(self) -> CrawlCommit | None:
        """Takes what the next transaction has to write; of a shared crawl, what was counted since the last one, too."""
        if self._saver.share is None:
            return self._saver.take()
        for name, value in self._crawler.stats.get_stats().items():
            if isinstance(value, int) and name.startswith("backlinks/") and not name.startswith(_OF_ONE_WORKER):
                self._saver.count_more("stat", name, number=value - self._counted_before[name])
                self._counted_before[name] = value
        return self._saver.take()

    def _give_again(self, page: JudgedPage) -> None:
        """Give the rows and checks that an earlier run of the crawl has recorded to this run's outputs."""
        with contextlib.suppress(DropItem):
            drop = self._crawler.get_item_pipeline(DropDuplicates)
            page = drop.process_item(page) if drop is not None else page
            self._crawler.stats.inc_value("backlinks/resuming/pages_given_again")
            self._crawler.signals.send_catch_log(
                signal=signals.item_scraped, item=page, response=None, spider=self._crawler.spider
            )

    async def _save_again_and_again(self) -> None:
        """Save what no visit's transaction has saved, every second."""
        while not self._is_closing:
            await _settled(self._closing, SAVE_SECONDS)
            await self._save()

    async def _save(self) -> None:
        """Save what is not saved yet, in a transaction of its own."""
        if self._crawler.stats.get_value(FAILED):
            return
        try:
            await self._in_thread(self._write_commits, self._take())
        except Exception as error:  # noqa: BLE001 - a bug of ours too: what is found from here on could not be resumed
            self._fail(error)

    def _write_commits(self, commit: CrawlCommit | None) -> None:
        """In the thread."""
        if commit is not None:
            self._commits.append(commit)
        if self._commits and self._history is not None and self._saver.crawl is not None:
            self._history.save_crawl(self._saver.crawl, self._commits)

    # --- visits ---

    async def process_item(self, page: JudgedPage) -> JudgedPage:
        """The page, its rows with what is known of each backlink.

        Raises:
            DropItem: it could not be recorded, so it is not reported.
        """
        if self._crawler.stats.get_value(FAILED):
            raise DropItem(LOST)
        is_reported = bool(page.backlinks or page.checks)
        recorded = self._hand_over(page)
        if is_reported or self._in_hand > MOST_WAITING:
            page = await recorded
        if self._saver.share is not None:
            raise DropItem("the worker that closes the crawl reports the page")
        return page

    async def close_spider(self) -> None:
        """Record what waits."""
        self._is_closing = True
        self._is_full.set()
        if self._writer is not None:
            await self._writer
        if self._saving is not None:
            self._closing.set()
            await self._saving
            await self._save()
        if self._saver.share is not None:
            await self._leave(self._saver.share)
        if self._visits is not None:
            self._to_visits(self._visits.end)

    def engine_stopped(self) -> None:
        """Every output is closed by now: say in the history how the run went."""
        stats = self._crawler.stats.get_stats()
        status, why = exit_status(stats)
        is_silent = bool(stats.get(SILENT))
        is_reported = not stats.get(UNWRITTEN) and not stats.get(FAILED) and not is_silent
        try:
            if self._history is not None and self._run:
                self._history.end_run(
                    self._run,
                    outcome=why,
                    exit_status=int(status),
                    counts=summary(stats)["counts"],
                    is_reported=is_reported,
                    crawl=None if is_silent else self._saver.crawl,
                    bounds=self._bounds,
                    is_over=is_reported and not stats.get(OUTPUTS_FAILED) and stats.get("finish_reason") in OVER,
                )
        except BacklinkbotError as error:
            self._fail(error)
        finally:
            self._thread.shutdown()
            self._saver.close()
            if self._saver.share is not None:
                self._saver.share.close()
            if self._history is not None:
                self._history.close()

    # --- batches ---

    def _hand_over(self, page: JudgedPage) -> asyncio.Future[JudgedPage]:
        recorded: asyncio.Future[JudgedPage] = asyncio.get_running_loop().create_future()
        self._waiting.append((page, recorded))
        if self._saver.share is not None:
            self._last = recorded
        self._in_hand += 1
        if len(self._waiting) >= BATCH:
            self._is_full.set()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return recorded

    async def _write(self) -> None:
        """Record batch after batch until nothing waits."""
        while self._waiting:
            if len(self._waiting) < BATCH and not self._is_closing:
                self._is_full.clear()
                await _settled(self._is_full, SETTLE_SECONDS)
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            try:
                await self._record(batch)
            finally:
                self._in_hand -= len(batch)

    async def _record(self, batch: Sequence[tuple[JudgedPage, asyncio.Future[JudgedPage]]]) -> None:
        batch = self._ours(batch)
        for page, _ in batch:
            self._saver.finish(page.entry)
        try:
            written = await self._in_thread(self._write_batch, [page for page, _ in batch], self._take())
        except Exception as error:  # noqa: BLE001 - a bug of ours too: else the page would wait for ever
            self._fail(error)
            lost = DropItem(LOST) if isinstance(error, BacklinkbotError) else error
            for _, recorded in batch:
                if not recorded.done():
                    recorded.set_exception(lost)
                    recorded.exception()  # not everybody waits, and asyncio complains of what nobody asked for
            return
        stats = self._crawler.stats
        for one, (_, recorded) in zip(written, batch, strict=True):
            if one.is_recorded:
                stats.inc_value("backlinks/remembering/recorded")
            for change in one.changes:
                kind = MENTIONS if change.is_mention else change.kind
                stats.inc_value(f"backlinks/remembering/{kind}")
            if not recorded.cancelled():
                recorded.set_result(one.page)

    def _ours(
        self, batch: Sequence[tuple[JudgedPage, asyncio.Future[JudgedPage]]]
    ) -> Sequence[tuple[JudgedPage, asyncio.Future[JudgedPage]]]:
        """Returns the pages of a batch that are still this worker's; the others are dropped."""
        if self._saver.share is None:
            return batch
        for page, recorded in batch:
            if not self._saver.is_ours(page.entry):
                self._crawler.stats.inc_value("backlinks/sharing/dropped")
                recorded.set_exception(DropItem(ANOTHERS))
                recorded.exception()
        return [(page, recorded) for page, recorded in batch if not recorded.done()]

    def _write_batch(self, pages: Sequence[JudgedPage], commit: CrawlCommit | None) -> list[Recorded]:
        """In the thread: what is in the file of visits is in the history."""
        if self._history is None:
            raise BacklinkbotError("the history is not open")
        if commit is not None:
            self._commits.append(commit)
        written = self._history.record(self._run, pages, crawl=self._saver.crawl, commits=self._commits)
        if self._visits is not None:
            self._to_visits(
                partial(self._visits.write, [page for page, one in zip(pages, written, strict=True) if one.is_recorded])
            )
        return written

    def _to_visits(self, write: Callable[[], None]) -> None:
        """Write to the file of visits; where that cannot be, it is given up, and the crawl goes on."""
        try:
            write()
        except OutputError as error:
            self._visits = None
            complain(self._crawler.stats, str(error))

    async def _in_thread(self, call: Any, *words: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *words)

    def _fail(self, error: Exception) -> None:
        """Say it once, and end the run: what is found from here on could not be remembered."""
        stats = self._crawler.stats
        if self._saver.share is not None and isinstance(error, _lease_lost()):
            self._saver.share.lose()
            return
        if not stats.get_value(FAILED):
            logger.error("%s", error, exc_info=None if isinstance(error, BacklinkbotError) else error)
            stats.inc_value("backlinks/remembering/failed")
            if self._is_open and not self._is_closing:
                self._end()

    def _end(self) -> None:
        self._ending = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="history_failed"))


def _lease_lost() -> type[BacklinkbotError]:
    from backlinkbot.history.crawl_leases import LeaseLostError  # noqa: PLC0415 - SQLAlchemy, as above

    return LeaseLostError


def arguments_of(settings: BaseSettings, spider: str) -> dict[str, Any]:
    """What a run was asked to do, other than by the project's settings."""
    least = SETTINGS_PRIORITIES["project"]
    return {
        option.name: settings[option.setting]
        for option in options_of(spider)
        if option.name not in _SECRET and not option.is_secret and (settings.getpriority(option.setting) or 0) > least
    }


async def _settled(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
