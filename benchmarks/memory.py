"""What a large crawl keeps in memory: 10,000,000 known pages and 1,000,000 waiting requests, in one process.

    python -m benchmarks.memory [--known N] [--waiting N]

Bytes are resident set growth; the same numbers in Python's own set and in a deque of Requests stand beside them, measured
on a tenth and scaled.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from scrapy import Request

from backlinkbot.frontier.known import HashSet
from backlinkbot.frontier.waiting import MAX_IN_MEMORY, Overflow, WaitingQueue
from backlinkbot.spiders.discover import DiscoverSpider
from backlinkbot.spiders.planned_visit import PlannedVisit


def resident() -> int:
    """Bytes of this process that are in memory now (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def measured(what: str, count: int, fill: Callable[[int], object]) -> None:
    """Fill something with ``count`` things; print what one of them took."""
    before, started = resident(), time.process_time()
    kept = fill(count)
    spent, grown = time.process_time() - started, resident() - before
    print(f"{what:44} {count:>11,} {grown / 1e6:>9.1f} MB {grown / count:>9.1f} B {spent / count * 1e6:>8.2f} us")
    del kept


def fill_hashes(count: int) -> HashSet:
    numbers, known = random.Random(1), HashSet()
    for _ in range(count):
        known.add(numbers.getrandbits(64))
    return known


def fill_set(count: int) -> set[int]:
    numbers = random.Random(1)
    return {numbers.getrandbits(64) for _ in range(count)}


def requests(count: int) -> list[Request]:
    spider = DiscoverSpider()
    return [_request(spider, number) for number in range(count)]


def _request(spider: DiscoverSpider, number: int) -> Request:
    url = f"https://host{number % 1000}.example/a/path/of/usual/length/{number}/index.html"
    visit = PlannedVisit(
        requested_url=url, discovered_from="https://host.example/from/page.html", depth=3, follows=True
    )
    return spider.request(url, visit, priority=-6)


def fill_queues(count: int) -> list[WaitingQueue]:
    spider = DiscoverSpider()
    overflow = Overflow(spider, MAX_IN_MEMORY)
    queues = [WaitingQueue(overflow) for _ in range(1000)]
    for number in range(count):
        queues[number % 1000].push(_request(spider, number))
    return queues


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--known", type=int, default=10_000_000)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    wanted = parser.parse_args()
    print(f"{'':44} {'number':>11} {'memory':>12} {'each':>11} {'CPU each':>11}")
    known = fill_hashes(1)  # the modules' own memory is not the structures'
    measured("known pages: HashSet", wanted.known, fill_hashes)
    measured("known pages: Python's set", wanted.known // 10, fill_set)
    measured("waiting requests: WaitingQueue", wanted.waiting, fill_queues)
    measured("waiting requests: a deque of Requests", wanted.waiting // 10, lambda count: deque(requests(count)))
    kept = (known, fill_hashes(wanted.known), fill_queues(wanted.waiting))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"\nboth at once: {resident() / 1e6:.0f} MB resident, {peak / 1e6:.0f} MB at the peak of the whole run")
    del kept


if __name__ == "__main__":
    main()
