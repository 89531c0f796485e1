"""This process's part in a crawl that several machines share: which domains are its own, and what others have to know.

The history holds the leases; see :mod:`backlinkbot.history.crawl_leases`. This module keeps them alive beside the crawl,
hands the pages of its buckets to the spider, and gives up as soon as a heartbeat is too late for it to be safe to go on.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast

from backlinkbot.errors import BacklinkbotError
from backlinkbot.frontier.known import HashSet
from backlinkbot.history.buckets import bucket_of_url
from backlinkbot.history.crawl_leases import LEASE_SECONDS, LeaseLostError
from backlinkbot.history.crawl_worker import Beat, CrawlWorker, Turn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler

    from backlinkbot.download.slots import DomainDownloader
    from backlinkbot.history.crawl_leases import Closing

logger = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
"""Seconds between two heartbeats."""
KEEP_SECONDS: Final = 5.0
"""The same while the outputs are written."""
IDLE_SECONDS: Final = 0.25
"""The same while there is nothing to do but to wait for other workers."""
MARGIN: Final = 10.0
"""Seconds before its leases expire from which on a worker sends no request: more than it takes to send one."""
MAX_ROWS: Final = 1_000
"""Pages that are read with one heartbeat."""
MAX_IN_HAND: Final = 20_000
"""With more pages waiting in this process, no more are read from the history."""
_TOKEN_SHIFT: Final = 40
"""A page's number is the worker's, shifted by so many bits, and a count: unique without asking the database."""


def elapsed_seconds() -> float:
    """Returns seconds that go on while the process is stopped and the machine is suspended, where the system has such a clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class CrawlShare:
    """One worker's share of a crawl."""

    def __init__(self, worker: CrawlWorker, crawler: Crawler, *, max_seconds: float = 0.0) -> None:
        """Creates the share of a worker that has entered the crawl; it holds no buckets yet.

        Args:
            worker: keeps the leases.
            crawler: the crawl of this process.
            max_seconds: the crawl is closed so long after its first worker began; 0: no limit.
        """
        self.worker = worker
        self.held: frozenset[int] = frozenset()
        """Buckets whose pages this worker visits."""
        self.visited = HashSet()
        """Pages whose visit is recorded, by whatever worker."""
        self.taken: dict[int, set[int]] = {}
        """By bucket, the pages that wait in this process."""
        self.reason = ""
        """Why this worker wants the whole crawl to be closed."""
        self.closing: Closing | None = None
        self.ending: asyncio.Future[None] | None = None
        """Closes this process's crawl."""
        self.is_lost = False
        self.is_listed = False
        self.is_gathering = False
        """True while pages are found elsewhere than in pages: by a source that is read beside the crawl."""
        self.is_settled: Callable[[], bool] = lambda: True
        """Returns true if all that was found and visited is in the history."""
        self.settle: Callable[[], Awaitable[None]] = _nothing
        """Returns once all pages that were handed over so far are in the history."""
        self._crawler = crawler
        self._max_seconds = max_seconds
        self._until = elapsed_seconds() + LEASE_SECONDS - MARGIN
        self._owned: frozenset[int] = frozenset()  # those that are about to be given back, too
        self._generations: dict[int, int] = {}
        self._count = 0
        self._is_hungry = False  # more pages wait than a heartbeat brings
        self._is_written = threading.Event()
        self._turns: asyncio.Queue[Turn | None] = asyncio.Queue()
        self._open_turns = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="leases")
        self._beating: asyncio.Task[None] | None = None

    # --- whose a page is ---

    def holds(self, bucket: int) -> bool:
        """True if pages of a bucket are visited here."""
        return bucket in self.held

    def owns(self, bucket: int) -> bool:
        """True if what was found in a bucket may still be recorded here."""
        return bucket in self._owned and not self.is_lost

    def lease_of(self, bucket: int) -> int:
        """Returns a number that changes whenever the bucket comes to this worker."""
        return self._generations.get(bucket, 0)

    @staticmethod
    def bucket_of_url(url: str) -> int:
        """Returns the bucket of a URL."""
        return bucket_of_url(url)

    def lease_of_url(self, url: str) -> tuple[int, int]:
        """Returns the bucket of a URL and its :meth:`lease_of`."""
        bucket = bucket_of_url(url)
        return bucket, self.lease_of(bucket)

    def may_send(self) -> bool:
        """True if the leases do not expire while a request is sent; from the first time that they may, they are given up."""
        if not self.is_lost and elapsed_seconds() >= self._until:
            self.lose()
        return not self.is_lost

    def new_row(self) -> int:
        """Returns a number for a page that waits from now on; no other worker gives the same."""
        self._count += 1
        return (self.worker.number << _TOKEN_SHIFT) + self._count

    def take(self, bucket: int, page: int) -> bool:
        """Notes that a page waits here; false if it does already, or was visited."""
        taken = self.taken.setdefault(bucket, set())
        if page in taken or page in self.visited:
            return False
        taken.add(page)
        return True

    def take_url(self, url: str, page: int) -> None:
        """Notes that a page that this worker has found waits here."""
        self.take(bucket_of_url(url), page)

    # --- heartbeats ---

    def begin(self) -> None:
        """Begins to send heartbeats."""
        self._beating = asyncio.create_task(self._beat_again_and_again())

    async def turns(self) -> AsyncIterator[Turn]:
        """Yields what each heartbeat brings that the spider has to know, until the crawl is closed."""
        while (turn := await self._turns.get()) is not None:
            yield turn
            self._open_turns -= 1

    async def list_pages(self, pages: Iterable[tuple[int, int, bytes]], counts: Sequence[Sequence[object]]) -> bool:
        """See :meth:`CrawlWorker.list_pages`; in a thread of its own."""
        return await asyncio.to_thread(self.worker.list_pages, pages, counts)

    async def stop(self) -> None:
        """Sends no more heartbeats."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])
            self._beating = None
        self._turns.put_nowait(None)

    def keep(self) -> None:
        """Extends the leases in the background until :meth:`close`: writing outputs takes as long as it takes."""
        self._thread.submit(self._keep)

    def _keep(self) -> None:
        with suppress(BacklinkbotError):
            while not self._is_written.wait(KEEP_SECONDS):
                self.worker.is_alone()

    def close(self) -> None:
        """Closes the connections."""
        self._is_written.set()
        self._thread.shutdown()
        self.worker.close()

    async def call(self, method: Callable[..., Any], *words: Any, **named: Any) -> Any:
        """Calls a method of the worker in its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: method(*words, **named))

    async def _beat_again_and_again(self) -> None:
        released: frozenset[int] = frozenset()
        while True:
            try:
                released = await self._beat(released)
            except LeaseLostError:
                self.lose()
            except BacklinkbotError as error:  # the history cannot be reached; it is tried again while there is time
                logger.warning("%s", error)
            await asyncio.sleep(IDLE_SECONDS if self._is_hungry or self._is_idle() else BEAT_SECONDS)
            if not self.may_send():  # this process was stopped, or the history cannot be reached
                return

    async def _beat(self, released: frozenset[int]) -> frozenset[int]:
        """Sends one heartbeat; returns the buckets that can be given back with the next."""
        beat = Beat(
            is_idle=self._is_idle(),
            pause=self.pause(),
            released=released,
            leaving=self._owned - self.held,
            most_rows=0 if self.closing or self._open_turns or self._in_hand() > MAX_IN_HAND else MAX_ROWS,
            reason=self.reason,
        )
        sent = elapsed_seconds()
        turn: Turn = await self.call(self.worker.beat, beat)
        self._until = sent + LEASE_SECONDS - MARGIN
        self._note(turn)
        self._is_hungry = len(turn.rows) == MAX_ROWS
        if self._max_seconds and turn.elapsed >= self._max_seconds and not self.reason:
            self.reason = "closespider_timeout"
        if turn.rows or turn.parts or not self.is_listed:
            self._open_turns += 1
            self._turns.put_nowait(turn)
        leaving = turn.surplus - self._under_way()
        if leaving:
            await self.settle()
        return leaving

    def _note(self, turn: Turn) -> None:
        owned = turn.held | turn.surplus
        for bucket in owned - self._owned:
            self._generations[bucket] = self._generations.get(bucket, 0) + 1
        for bucket in self._owned - owned:
            self.taken.pop(bucket, None)
        self.held, self._owned = turn.held, owned
        if turn.closing is not None and self.closing is None:
            self.closing = turn.closing
            self._turns.put_nowait(None)
        self._crawler.stats.set_value("backlinks/sharing/buckets", len(turn.held))

    def lose(self) -> None:
        """The leases have expired, or may have: nothing is sent or written any more."""
        if self.is_lost:
            return
        self.is_lost = True
        self.held = self._owned = frozenset()
        self._crawler.stats.set_value("backlinks/sharing/leases_lost", 1)
        self._turns.put_nowait(None)

    def _is_idle(self) -> bool:
        engine = self._crawler.engine
        return (
            self.is_listed
            and not self.is_gathering
            and not self._open_turns
            and not len(cast("Any", engine.scheduler))
            and not self._under_way()
            and self.is_settled()
        )

    def _in_hand(self) -> int:
        return len(cast("Any", self._crawler.engine.scheduler))

    def _under_way(self) -> set[int]:
        """Returns the buckets to which requests are under way, or whose pages are being read."""
        engine = self._crawler.engine
        requests: list[Request] = list(engine.downloader.active)
        slot = engine.scraper.slot
        if slot is not None:
            requests += [*slot.active, *(request for _, request, _ in slot.queue)]
        return {bucket_of_url(request.url) for request in requests}

    def pause(self) -> float:
        """Returns the longest delay between two requests to a site, in seconds."""
        downloader = cast("DomainDownloader", self._crawler.engine.downloader)
        least = self._crawler.settings.getfloat("DOWNLOAD_DELAY")
        return float(max((slot.delay for slot in downloader.slots.values()), default=least))


async def _nothing() -> None:
    pass
