"""A scheduler queue that serves named pages first, then discovered pages by their expected value."""

from __future__ import annotations

from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary, ref

from scrapy.utils.misc import build_from_crawler, load_object

from backlinkbot.download.redirects import HOPS
from backlinkbot.frontier.experience import Experience
from backlinkbot.frontier.order import Order
from backlinkbot.frontier.queues import DomainFairQueue
from backlinkbot.frontier.reasons import Reason
from backlinkbot.urls import registrable_domain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.pqueues import QueueProtocol

    from backlinkbot.frontier.evidence import NamedBy
    from backlinkbot.frontier.features import PageFeatures
    from backlinkbot.frontier.marks import PageMarks
    from backlinkbot.frontier.ranking import PageQueue

FEATURES: Final = "order_link"  # the name by which requests of a JOBDIR have it
"""In a request's meta: what is known of the page before its visit; only such requests are put in order."""
NAMED: Final = "order_named"
"""The same: who names the page; such requests are put in order, too."""
REASON: Final = "order_reason"
"""In a request's meta: why it was chosen."""

_LEFT: Final = "best-first"
"""The folder of a ``JOBDIR``, and the name in its state, for what was left in order when the crawl was stopped."""


class Lessons:
    """What the visits of a crawl have shown, and to whom that is told."""

    def __init__(self) -> None:
        self.experience = Experience()
        self.orders: list[Order[Request]] = []
        self.pages_left: Callable[[], float] = lambda: inf
        """Returns the number of pages that may still be visited."""

    @classmethod
    def of(cls, crawler: Crawler) -> Lessons:
        """Those of a crawl, which its spider and its queues share."""
        lessons = _LESSONS.get(crawler)
        if lessons is None:
            lessons = _LESSONS[crawler] = cls()
            lessons.experience.count = partial(_count, ref(crawler))
        return lessons

    def visited(
        self, page: PageFeatures, outside: Iterable[str], marks: PageMarks | None = None, named: NamedBy | None = None
    ) -> None:
        """Notes a visit, the hosts outside its own that the page links to, what it is compared by, and who named it."""
        self.experience.visited(page, outside, marks)
        if named is not None:
            self.experience.evidence.visited(registrable_domain(page.host), named)

    def hit(self, page: PageFeatures, named: NamedBy | None = None) -> None:
        """Notes that a page that was visited links to a target."""
        domain = registrable_domain(page.host)
        self.experience.hit(page)
        if named is not None:
            self.experience.evidence.hit(domain, named)
        for order in self.orders:
            order.hit(page, domain)


def _count(crawler: ref[Crawler], what: str) -> None:
    one = crawler()  # weak, since what is kept for a crawler must not keep it
    if one is not None:
        one.stats.inc_value(f"backlinks/order/traps/{what}")


_LESSONS: WeakKeyDictionary[Crawler, Lessons] = WeakKeyDictionary()


class BestFirstQueue(DomainFairQueue):
    """The queue of a scheduler: first requests that nothing is known of, as in :class:`DomainFairQueue`, the others best first.

    With ``JOBDIR`` the others are written down when the crawl is stopped, and put in order again when it goes on.
    """

    def __init__(
        self,
        crawler: Crawler,
        downstream_queue_cls: type[QueueProtocol],
        key: str,
        slot_startprios: dict[str, Iterable[int]] | None = None,
        **kwargs: Any,
    ) -> None:
        was_left = (slot_startprios or {}).pop(_LEFT, None) is not None if slot_startprios else False
        super().__init__(crawler, downstream_queue_cls, key, slot_startprios, **kwargs)
        self._page_queue_class = load_object(crawler.settings["SCHEDULER_MEMORY_QUEUE"])
        lessons = Lessons.of(crawler)
        self._order: Order[Request] = Order(
            lessons.experience,
            lambda request: request.meta[FEATURES],
            self._page_queue,
            pages_left=lambda: lessons.pages_left(),  # noqa: PLW0108  # the spider sets it later
        )
        lessons.orders.append(self._order)
        self._downloader.on_freed(self._order.freed)
        if was_left:
            self._restore()

    def push(self, request: Request) -> None:
        """Add a request; one that was sent on has begun, and is not put in order again."""
        named: NamedBy | None = request.meta.get(NAMED)
        if HOPS in request.meta or (named is None and FEATURES not in request.meta):
            super().push(request)
        elif named is not None:
            self._order.add_named(request, self._downloader.get_slot_key(request), named)
        else:
            self._order.add(request, self._downloader.get_slot_key(request))

    def pop(self) -> Request | None:
        """The next request; None where every pending domain is busy."""
        request = super().pop()
        if request is not None:
            request.meta.setdefault(REASON, Reason.EVIDENCE)
            return request
        choice = self._order.next(self._downloader.is_busy)
        if choice is None:
            return None
        choice.item.meta[REASON] = choice.reason
        return choice.item

    def __len__(self) -> int:
        return super().__len__() + len(self._order)

    def close(self) -> dict[str, list[int]]:
        """What is to be known to go on."""
        state = super().close()
        if self.key and len(self._order):
            left = self._left()
            for request in self._order.drain():
                left.push(request)
            left.close()
            state[_LEFT] = []
        return state

    def _restore(self) -> None:
        left = self._left()
        while (request := left.pop()) is not None:
            self.push(request)
        left.close()

    def _left(self) -> QueueProtocol:
        return build_from_crawler(self.downstream_queue_cls, self.crawler, str(Path(self.key, _LEFT)))

    def _page_queue(self, _domain: str, _host: str, _level: int) -> PageQueue[Request]:
        return cast("PageQueue[Request]", build_from_crawler(self._page_queue_class, self.crawler, ""))
