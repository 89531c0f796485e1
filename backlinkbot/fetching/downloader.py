"""One download slot for each registrable domain, so that politeness holds for a site and not for each of its hosts."""

from __future__ import annotations

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

    def get_slot_key(self, request: Request) -> str:
        """The registrable domain of the request's host; never Scrapy's slot of its meta, which outlives redirects."""
        domain = domain_of(request)
        slot: str | None = request.meta.get(SLOT)
        return domain if slot is None else slot.format(domain=domain)

    def on_freed(self, listener: Callable[[str], None]) -> None:
        """Call the listener with the slot's key whenever one of its requests has ended."""
        self._listeners.append(listener)

    def is_busy(self, slot: str) -> bool:
        """Whether the slot has as many requests under way as it may have."""
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
        waiting = {key: self.slots.pop(key) for key, slot in list(self.slots.items()) if slot.queue}
        super().close()
        self.slots.update(waiting)

    def slow_down(self, slot: str, delay: float) -> None:
        """Wait at least that many seconds between a slot's requests from now on."""
        configured = self.per_slot_settings.setdefault(slot, {})
        configured["delay"] = max(delay, configured.get("delay", self._delay))
        if slot in self.slots:
            self.slots[slot].delay = configured["delay"]

    def one_at_a_time(self, slot: str) -> None:
        """Send a slot's requests in series from now on."""
        self.per_slot_settings.setdefault(slot, {})["concurrency"] = 1
        if slot in self.slots:
            self.slots[slot].concurrency = 1
