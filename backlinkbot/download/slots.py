"""One download slot per registrable domain, so that politeness applies to a site and not to each of its hosts."""

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
"""Key of a request's meta: the slot to use instead of the domain's; ``{domain}`` in it is replaced by the domain."""


def domain_of(request: Request) -> str:
    """Returns the registrable domain of a request's host, whichever slot it uses."""
    url = urls.parse(request.url)
    return urls.registrable_domain(url.hostname) if url is not None else ""


class DomainDownloader(Downloader):
    """Scrapy's downloader with registrable domains as slots.

    It counts a request as under way as soon as the engine passes it on; Scrapy counts it only once its robots.txt is
    there. Otherwise a hundred requests of one domain would wait for that file and occupy every place.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._under_way: Counter[str] = Counter()
        self._listeners: list[Callable[[str], None]] = []
        self._held: dict[str, asyncio.TimerHandle] = {}
        self._least: dict[str, float] = {}

    def get_slot_key(self, request: Request) -> str:
        """Returns the slot of the request; Scrapy's ``download_slot`` is ignored, because it outlives redirects."""
        domain = domain_of(request)
        slot: str | None = request.meta.get(SLOT)
        return domain if slot is None else slot.format(domain=domain)

    def on_freed(self, listener: Callable[[str], None]) -> None:
        """Calls the listener with the slot's key when one of its requests has ended, or the slot is no longer held."""
        self._listeners.append(listener)

    def hold(self, slot: str, seconds: float) -> None:
        """Starts no request of a slot for so many seconds, or for as long as it is held already."""
        loop = asyncio.get_running_loop()
        held = self._held.get(slot)
        if held is not None:
            if held.when() >= loop.time() + seconds:
                return
            held.cancel()
        self._held[slot] = loop.call_later(seconds, self._wake, slot)

    def is_held(self, slot: str) -> bool:
        """True if no request of the slot may start."""
        return slot in self._held

    def _wake(self, slot: str) -> None:
        del self._held[slot]
        for listener in self._listeners:
            listener(slot)
        engine = self.crawler.engine
        # The engine looks for requests only when one ends or is added, so one of the waiting requests is added again.
        request = engine.scheduler.next_request() if engine.scheduler and not engine.needs_backout() else None
        if request is not None:
            engine.crawl(request)

    def is_busy(self, slot: str) -> bool:
        """True if the slot is held, or has as many requests under way as allowed."""
        if slot in self._held:
            return True
        configured = self.per_slot_settings.get(slot, {})
        limit = int(configured.get("concurrency", self.domain_concurrency))
        return 0 < limit <= self._under_way[slot]

    def fetch(self, request: Request, spider: Spider | None = None) -> Deferred[Response | Request]:
        """Downloads one request, middlewares included."""
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
        """Closes the downloader, before the last rows are written; requests that these rows wait for stay queued."""
        for held in self._held.values():
            held.cancel()
        self._held.clear()
        waiting = {key: self.slots.pop(key) for key, slot in list(self.slots.items()) if slot.queue}
        super().close()
        self.slots.update(waiting)

    def slow_down(self, slot: str, delay: float) -> None:
        """Sets the shortest delay in seconds between a slot's requests."""
        least = self._least[slot] = max(delay, self._least_of(slot))
        self._set_delay(slot, max(least, self.delay_of(slot)))

    def set_pace(self, slot: str, delay: float) -> None:
        """Sets the seconds between a slot's requests, but no less than configured or set by :meth:`slow_down`."""
        least = self._least[slot] = self._least_of(slot)
        self._set_delay(slot, max(least, delay))

    def delay_of(self, slot: str) -> float:
        """Returns the seconds between a slot's requests."""
        delay: float = self.per_slot_settings.get(slot, {}).get("delay", self._delay)
        return delay

    def _least_of(self, slot: str) -> float:
        return self._least[slot] if slot in self._least else self.delay_of(slot)

    def _set_delay(self, slot: str, delay: float) -> None:
        self.per_slot_settings.setdefault(slot, {})["delay"] = delay
        if slot in self.slots:
            self.slots[slot].delay = delay

    def one_at_a_time(self, slot: str) -> None:
        """Limits a slot to one request at a time."""
        self.per_slot_settings.setdefault(slot, {})["concurrency"] = 1
        if slot in self.slots:
            self.slots[slot].concurrency = 1
