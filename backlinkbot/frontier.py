"""What to fetch next: which pages are already known, and whose turn it is."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from scrapy.pqueues import DownloaderAwarePriorityQueue

from backlinkbot import urls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.pqueues import QueueProtocol

    from backlinkbot.fetching.downloader import DomainDownloader
    from backlinkbot.urls import URL


class KnownPages:
    """The pages that a crawl has met, so that each is visited once.

    http and https show the same page nearly everywhere, so one visit stands for both; where it fails for want of an
    answer, the other may be tried. Pages are kept as 63-bit hashes: at 100 million pages, one false "known" is expected
    in about 2,000 crawls.
    """

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._twins: set[int] = set()  # pages also linked over the scheme that is not visited
        self._failed: set[int] = set()

    def __len__(self) -> int:
        return len(self._known)

    def admit(self, url: URL, *, instead_of: URL | None = None) -> bool:
        """Note a URL; whether it is to be visited. ``instead_of``: the URL that redirects to it."""
        page = _page_hash(url)
        twin = page ^ 1
        if instead_of is not None and _page_hash(instead_of) == twin:
            self._known.add(page)
            return True
        if page in self._known:
            return False
        if twin in self._known and twin not in self._failed:
            self._twins.add(page)
            return False
        self._known.add(page)
        return True

    def twin_of_failed(self, url: URL) -> str | None:
        """Note that nothing answered; the other scheme's URL where a page linked to that too, once."""
        page = _page_hash(url)
        self._failed.add(page)
        if page ^ 1 not in self._twins:
            return None
        self._twins.discard(page ^ 1)
        self._known.add(page ^ 1)
        rest = urls.without_fragment(url).partition(":")[2]
        return ("http:" if url.protocol == "https:" else "https:") + rest


def _page_hash(url: URL) -> int:
    """63 bits for the page, the last for the scheme."""
    scheme, _, page = urls.identity_key(url).partition(":")
    digest = blake2b(page.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") & ~1 | (scheme == "https")


class HostFairQueue(DownloaderAwarePriorityQueue):
    """A priority queue for each registrable domain, served in turn; what a pop costs does not grow with their number.

    A domain that already has as many requests under way as it may have waits aside until the downloader says that one
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
