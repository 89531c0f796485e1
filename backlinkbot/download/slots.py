"""One download slot for each registrable domain, so that politeness holds for a site and not for each of its hosts."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Final

from scrapy.core.downloader import Downloader

from backlinkbot import urls

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred

SLOT: Final = "slot"
"""In a request's meta: the slot that it takes instead of its domain's, in which ``{domain}`` stands for that."""


def domain_of(request: Request) -> str:
    """The registrable domain of a request's host, whichever slot it takes."""
    url = urls.parse(request.url)
    return urls.registrable_domain(url.hostname) if url is not None else ""


class DomainDownloader(Downloader):
    """Scrapy's downloader with registrable domains as slots.

    It counts a request as under way from the moment the engine hands it over, while Scrapy counts it only once its
    robots.txt is there: else a hundred requests of one domain would wait for that file in everybody's way.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._under_way: Counter[str] = Counter()
        self._listeners: list[Callable[[str], None]] = []
        self._held: dict[str, asyncio.TimerHandle] = {}
        self._least: dict[str, float] = {}

    def get_slot_key(self, request: Request) -> str:
        """The registrable domain of the request's host; never Scrapy's slot of its meta, which outlives redirects."""
        domain = domain_of(request)
        slot: str | None = request.meta.get(SLOT)
        return domain if slot is None else slot.format(domain=domain)

    def on_freed(self, listener: Callable[[str], None]) -> None:
        """Call the listener with the slot's key whenever one of its requests has ended, or the slot is held no longer."""
        self._listeners.append(listener)

    def hold(self, slot: str, seconds: float) -> None:
        """Begin no request of a slot for so long, or for as long as it is held already."""
        loop = asyncio.get_running_loop()
        held = self._held.get(slot)
        if held is not None:
            if held.when() >= loop.time() + seconds:
                return
            held.cancel()
        self._held[slot] = loop.call_later(seconds, self._wake, slot)

    def is_held(self, slot: str) -> bool:
        """Whether no request of the slot may begin."""
        return slot in self._held

    def _wake(self, slot: str) -> None:
        del self._held[slot]
        for listener in self._listeners:
            listener(slot)
        engine = self.crawler.engine
        # The engine looks for requests where one has ended or come in, so one of those that waited comes in again.
        request = engine.scheduler.next_request() if engine.scheduler and not engine.needs_backout() else None
        if request is not None:
            engine.crawl(request)

    def is_busy(self, slot: str) -> bool:
        """Whether the slot is held, or has as many requests under way as it may have."""
        if slot in self._held:
            return True
        configured = self.per_slot_settings.get(slot, {})
        limit = int(configured.get("concurrency", self.domain_concurrency))
        return 0 < limit <= self._under_way[slot]

    def fetch(self, request: Request, spider: Spider | None = None) -> Deferred[Response | Request]:
        """Download one request, middlewares included."""
        slot = self.get_slot_key(request)
        self._under_way[slot] += 1

        def ended(result: Response | Request) -> Response | Request:
            self._under_way[slot] -= 1
            if not self._under_way[slot]:
                del self._under_way[slot]
            for listener in self._listeners:
                listener(slot)
            return result

        return super().fetch(request).addBoth(ended)

    def close(self) -> None:
        """Called by the engine before the last rows are out: what they wait for keeps its turn."""
        for held in self._held.values():
            held.cancel()
        self._held.clear()
        waiting = {key: self.slots.pop(key) for key, slot in list(self.slots.items()) if slot.queue}
        super().close()
        self.slots.update(waiting)

    def slow_down(self, slot: str, delay: float) -> None:
        """Wait at least that many seconds between a slot's requests from now on."""
        least = self._least[slot] = max(delay, self._least_of(slot))
        self._set_delay(slot, max(least, self.delay_of(slot)))

    def set_pace(self, slot: str, delay: float) -> None:
        """Wait that many seconds between a slot's requests, but no less than what is configured or :meth:`slow_down` says."""
        least = self._least[slot] = self._least_of(slot)
        self._set_delay(slot, max(least, delay))

    def delay_of(self, slot: str) -> float:
        """The seconds between a slot's requests."""
        delay: float = self.per_slot_settings.get(slot, {}).get("delay", self._delay)
        return delay

    def _least_of(self, slot: str) -> float:
        return self._least[slot] if slot in self._least else self.delay_of(slot)

    def _set_delay(self, slot: str, delay: float) -> None:
        self.per_slot_settings.setdefault(slot, {})["delay"] = delay
        if slot in self.slots:
            self.slots[slot].delay = delay

    def one_at_a_time(self, slot: str) -> None:
        """Send a slot's requests in series from now on."""
        self.per_slot_settings.setdefault(slot, {})["concurrency"] = 1
        if slot in self.slots:
            self.slots[slot].concurrency = 1
