"""Fair turns at a cost that does not grow with the number of pending domains."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.squeues import FifoMemoryQueue

from backlinkbot import urls
from backlinkbot.download.slots import DomainDownloader
from backlinkbot.frontier import DomainFairQueue


class Downloads:
    """A downloader as the queue sees one; counts what it is asked."""

    def __init__(self, limit: int = 1) -> None:
        self.limit = limit
        self.under_way: Counter[str] = Counter()
        self.looks = 0
        self.listeners: list[Any] = []
        self.slots: dict[str, Any] = {}

    def get_slot_key(self, request: Request) -> str:
        url = urls.parse(request.url)
        assert url is not None
        return urls.registrable_domain(url.hostname)

    def on_freed(self, listener: Any) -> None:
        self.listeners.append(listener)

    def is_busy(self, slot: str) -> bool:
        self.looks += 1
        return self.under_way[slot] >= self.limit

    def begin(self, request: Request | None) -> str:
        assert request is not None
        slot = self.get_slot_key(request)
        self.under_way[slot] += 1
        return slot

    def end(self, slot: str) -> None:
        self.under_way[slot] -= 1
        for listener in self.listeners:
            listener(slot)


def make_queue(downloads: Downloads) -> DomainFairQueue:
    crawler = SimpleNamespace(settings=Settings(), engine=SimpleNamespace(downloader=downloads))
    return DomainFairQueue(cast("Crawler", crawler), cast("Any", FifoMemoryQueue), "")


def fill(queue: DomainFairQueue, hosts: int, pages: int) -> None:
    for page in range(pages):
        for host in range(hosts):
            queue.push(Request(f"https://h{host}.example/{page}"))


@pytest.mark.slow
@pytest.mark.parametrize("hosts", [10, 20_000])
def test_a_pop_looks_at_one_domain_however_many_wait(hosts: int) -> None:
    downloads = Downloads()
    queue = make_queue(downloads)
    fill(queue, hosts, 1)
    for _ in range(10):
        downloads.begin(queue.pop())
    assert downloads.looks == 10


@pytest.mark.slow
@pytest.mark.parametrize("hosts", [10, 2_000])
def test_busy_domains_are_looked_at_once_and_not_at_every_pop(hosts: int) -> None:
    downloads = Downloads()
    queue = make_queue(downloads)
    fill(queue, hosts, 3)
    for _ in range(hosts):
        downloads.begin(queue.pop())
    assert queue.pop() is None
    downloads.looks = 0
    for _ in range(100):
        assert queue.pop() is None
    assert downloads.looks == 0
    downloads.end("h3.example")
    assert downloads.begin(queue.pop()) == "h3.example"
    assert downloads.looks == 1


def test_every_domain_has_its_turn() -> None:
    downloads = Downloads(limit=100)
    queue = make_queue(downloads)
    for page in range(50):
        queue.push(Request(f"https://large.example/{page}"))
    fill(queue, 5, 2)
    turns = [downloads.begin(queue.pop()) for _ in range(12)]
    assert Counter(turns[:6]) == Counter(turns[6:]) == Counter(["large.example", *(f"h{n}.example" for n in range(5))])


def test_a_domain_is_served_in_the_order_of_its_priorities() -> None:
    queue = make_queue(Downloads(limit=100))
    for n, priority in enumerate((0, -2, 5, 0, -2)):
        queue.push(Request(f"https://www{n}.a.example/{n}", priority=priority))
    popped = [cast("Request", queue.pop()).url[-1] for _ in range(5)]
    assert popped == ["2", "0", "3", "1", "4"]


def test_none_while_all_are_busy_and_on_it_goes() -> None:
    downloads = Downloads()
    queue = make_queue(downloads)
    fill(queue, 2, 2)
    first, second = downloads.begin(queue.pop()), downloads.begin(queue.pop())
    assert (queue.pop(), queue.peek(), len(queue)) == (None, None, 2)
    downloads.end(second)
    peeked = queue.peek()
    assert peeked is not None
    assert queue.pop() is peeked
    downloads.end(first)
    assert queue.pop() is not None
    assert (queue.pop(), len(queue)) == (None, 0)


def test_a_request_for_a_waiting_domain_waits_with_the_others() -> None:
    downloads = Downloads()
    queue = make_queue(downloads)
    fill(queue, 1, 2)
    slot = downloads.begin(queue.pop())
    assert queue.pop() is None
    queue.push(Request("https://h0.example/later"))
    downloads.looks = 0
    assert queue.pop() is None
    assert downloads.looks == 0
    downloads.end(slot)
    assert [cast("Request", queue.pop()).url[-1], len(queue)] == ["1", 1]


def test_length_and_contents_always_agree() -> None:
    downloads = Downloads(limit=2)
    queue = make_queue(downloads)
    pushed, popped, running = 0, 0, []
    for n in range(500):
        queue.push(Request(f"https://h{n % 7}.example/{n}"))
        pushed += 1
        if n % 3 == 0 and (request := queue.pop()) is not None:
            running.append(downloads.begin(request))
            popped += 1
        if n % 5 == 0 and running:
            downloads.end(running.pop(0))
        assert len(queue) == pushed - popped == sum(map(len, queue.pqueues.values()))
    while running or len(queue):
        while (request := queue.pop()) is not None:
            running.append(downloads.begin(request))
            popped += 1
        downloads.end(running.pop(0))
    assert popped == pushed


def test_the_slot_is_the_registrable_domain() -> None:
    key = DomainDownloader.get_slot_key
    slots = {
        "https://a.b.example.co.uk/x": "example.co.uk",
        "http://EXAMPLE.co.uk:8080/": "example.co.uk",
        "https://me.github.io/": "me.github.io",
        "http://93.184.216.34/": "93.184.216.34",
        "https://bücher.example./": "xn--bcher-kva.example",
    }
    for url, slot in slots.items():
        request = Request(url, meta={"download_slot": "stale.example"})
        assert key(cast("Any", None), request) == slot
