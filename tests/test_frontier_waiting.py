"""A long queue waits on disk, in the same order, and comes back as it was."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.spiders import Spider

from backlinkbot.frontier.waiting import Overflow, WaitingQueue
from backlinkbot.spiders.planned_visit import PlannedVisit
from tests.conftest import CrawlFunction, links
from tests.fakeweb import FakeWeb


class Spiderling(Spider):
    name = "spiderling"

    def parse(self, response: Any) -> None:
        raise NotImplementedError


def request(spider: Spider, number: int) -> Request:
    visit = PlannedVisit(requested_url=f"https://a.example/{number}", discovered_from="seed", depth=number)
    return Request(f"https://a.example/{number}", callback=spider.parse, meta={"visit": visit}, priority=-number)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=120))
def test_queues_that_share_a_file_keep_their_order(steps: list[tuple[int, bool]]) -> None:
    spider = Spiderling()
    overflow = Overflow(spider, max_in_memory=5)
    queues = [WaitingQueue(overflow) for _ in range(3)]
    plain: list[deque[int]] = [deque() for _ in range(3)]
    for number, (which, is_push) in enumerate(steps):
        if is_push:
            queues[which].push(request(spider, number))
            plain[which].append(number)
        else:
            peeked, popped = queues[which].peek(), queues[which].pop()
            expected = plain[which].popleft() if plain[which] else None
            assert (popped.priority if popped else None) == (None if expected is None else -expected)
            assert (peeked.url if peeked else None) == (popped.url if popped else None)
        assert [len(queue) for queue in queues] == [len(each) for each in plain]
        assert overflow.in_memory <= 5
    for queue in queues:
        queue.close()
    assert overflow.in_memory == 0
    overflow.close()


def test_a_request_comes_back_whole() -> None:
    spider = Spiderling()
    overflow = Overflow(spider, max_in_memory=0)
    queue = WaitingQueue(overflow)
    queue.push(request(spider, 3))
    back = queue.pop()
    assert back is not None
    assert (back.url, back.callback, back.priority) == ("https://a.example/3", spider.parse, -3)
    assert back.meta["visit"] == PlannedVisit(requested_url="https://a.example/3", discovered_from="seed", depth=3)
    overflow.close()


def test_a_crawl_whose_queue_is_on_disk(web: FakeWeb, crawl: CrawlFunction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backlinkbot.frontier.waiting.MAX_IN_MEMORY", 2)
    web.page("https://a.example/", links(*(f"/{n}" for n in range(40))))
    for n in range(40):
        web.page(f"https://a.example/{n}", links("https://target.example/"))
    found = crawl("discover", seeds="https://a.example/")
    assert len(found.rows) == 40
    assert web.paths("a.example")[2:] == [f"/{n}" for n in range(40)]
