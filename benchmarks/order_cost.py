"""What the crawl order costs a page, at different numbers of hosts and of waiting pages: ``python -m benchmarks.order --cost``.

A visit takes out a page, teaches the order eight outside hosts, and adds three pages that wait; one page in fifty links to
a target. Waiting pages are numbers, whose features are read from them again, as the product's come from the disk.
"""

from __future__ import annotations

import gc
import time
from array import array
from dataclasses import dataclass
from random import Random

from backlinkbot.frontier.experience import Experience
from backlinkbot.frontier.features import PageFeatures, features_of
from backlinkbot.frontier.order import Order

GOAL = 200.0
"""Microseconds a page."""
HOSTS = (10, 1_000, 50_000)
NEW_LINKS = 3
OUTSIDE = 8
HIT_EVERY = 50
_READ = 20_000


class NumberPageQueue:
    """A queue of numbers that takes eight bytes for each."""

    def __init__(self) -> None:
        self._numbers = array("Q")
        self._next = 0

    def push(self, item: int, /) -> None:
        self._numbers.append(item)

    def pop(self) -> int | None:
        if self._next == len(self._numbers):
            return None
        self._next += 1
        number = self._numbers[self._next - 1]
        if self._next == len(self._numbers):
            self._numbers, self._next = array("Q"), 0
        return number

    def __len__(self) -> int:
        return len(self._numbers) - self._next


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of the processor."""

    order: float
    """A visit: choosing the page, learning from it, adding what it links to; without reading waiting pages from the disk."""
    features: float
    """Reading the features of the pages that a visit adds, which happens once for each."""


def _features(number: int, hosts: int) -> PageFeatures:
    path = f"/section-{number % 7}/folder-{number % 41}/page-{number % 1_009}-{number}.html"
    return features_of(
        f"h{number % hosts}.example", path, anchor=f"word {number % 97}", found_on=f"page {number % 5_003}"
    )


def measure(hosts: int, waiting: int, visits: int) -> Cost:
    """Returns the cost with so many pages waiting on so many hosts.

    The processor's clock is read once before and once after all visits, since on some systems a look at it takes as long as a visit.
    What reading features costs meanwhile is measured by itself, and taken off.
    """
    random = Random(1)
    experience = Experience()
    read = 0

    def page_of(number: int) -> PageFeatures:
        nonlocal read
        read += 1
        return _features(number, hosts)

    order: Order[int] = Order(experience, page_of, lambda *_: NumberPageQueue())
    for number in range(waiting):
        order.add(number, f"h{number % hosts}.example")
    outside = [[f"o{random.randrange(100_000)}.example" for _ in range(OUTSIDE)] for _ in range(visits)]
    gc.collect()
    read, next_number = 0, waiting
    before = time.process_time()
    for visit in range(visits):
        choice = order.next(_is_never_busy)
        assert choice is not None
        page = page_of(choice.item)
        experience.visited(page, outside[visit])
        for number in range(next_number, next_number + NEW_LINKS):
            order.add(number, f"h{number % hosts}.example")
        if visit % HIT_EVERY == 0:
            experience.hit(page)
            order.hit(page, page.host)
        next_number += NEW_LINKS
    spent = time.process_time() - before
    of_features = _cost_of_features(hosts)
    return Cost(order=1e6 * (spent - read * of_features) / visits, features=1e6 * NEW_LINKS * of_features)


def _cost_of_features(hosts: int) -> float:
    """Returns the seconds of the processor that it takes to read the features of one page."""
    before = time.process_time()
    for number in range(_READ):
        _features(number, hosts)
    return (time.process_time() - before) / _READ


def _is_never_busy(_domain: str) -> bool:
    return False


def show(waiting: int, visits: int) -> bool:
    """Prints the table; True if no figure is above the goal."""
    print("| hosts | pages waiting | order, us a page | reading features, us a page |\n|---:|---:|---:|---:|")
    reached = True
    for hosts in HOSTS:
        for number in (max(hosts, waiting // 10), waiting):
            cost = measure(hosts, number, visits)
            print(f"| {hosts:,} | {number:,} | {cost.order:.0f} | {cost.features:.0f} |", flush=True)
            reached &= cost.order <= GOAL
    print(f"\ngoal, at most {GOAL:.0f} us a page: {'reached' if reached else 'NOT reached'}")
    return reached
