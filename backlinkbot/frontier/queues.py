"""A scheduler queue that takes registrable domains in turn."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from scrapy.pqueues import DownloaderAwarePriorityQueue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.pqueues import QueueProtocol

    from backlinkbot.download.slots import DomainDownloader


class DomainFairQueue(DownloaderAwarePriorityQueue):
    """A priority queue for each registrable domain, served in turn; what a pop costs does not grow with their number.

    A domain that already has as many requests under way as it may have has no turn until the downloader says that one
    has ended, so that no request of a busy domain takes a place in the downloader from an idle one.
    """

    def __init__(
        self,
        crawler: Crawler,
        downstream_queue_cls: type[QueueProtocol],
        key: str,
        slot_startprios: dict[str, Iterable[int]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(crawler, downstream_queue_cls, key, slot_startprios, **kwargs)
        self._downloader = cast("DomainDownloader", crawler.engine.downloader)
        self._ready: OrderedDict[str, None] = OrderedDict.fromkeys(self.pqueues)
        self._waiting: set[str] = set()
        self._length = sum(map(len, self.pqueues.values()))
        self._downloader.on_freed(self._freed)

    def push(self, request: Request) -> None:
        """Add a request behind the others of its priority and domain."""
        super().push(request)
        self._length += 1
        slot = self._downloader.get_slot_key(request)
        if slot not in self._waiting:
            self._ready.setdefault(slot)

    def pop(self) -> Request | None:
        """The next domain's next request; None where every pending domain is busy."""
        while self._ready:
            slot, _ = self._ready.popitem(last=False)
            if self._downloader.is_busy(slot):
                self._waiting.add(slot)
                continue
            queue = self.pqueues[slot]
            request = queue.pop()
            if len(queue) == 0:
                self._forget(slot)
            else:
                self._ready[slot] = None
            if request is not None:
                self._length -= 1
                return request
        return None

    def peek(self) -> Request | None:
        """What the next pop would return, left in its place."""
        slot = next((slot for slot in self._ready if not self._downloader.is_busy(slot)), None)
        return None if slot is None else self.pqueues[slot].peek()

    def __len__(self) -> int:
        return self._length

    def _forget(self, slot: str) -> None:
        queue = self.pqueues.pop(slot)
        queue.close()
        if self.key:  # with JOBDIR each domain has a folder
            with suppress(OSError):
                Path(queue.key).rmdir()

    def _freed(self, slot: str) -> None:
        if slot in self._waiting:
            self._waiting.discard(slot)
            self._ready[slot] = None
