"""What the crawl order costs a page, at different numbers of hosts and of waiting pages: ``python -m benchmarks.order --cost``.

A visit takes out a page, teaches the order eight outside hosts, and adds three pages that wait; one page in fifty links to
a target. Waiting pages are numbers, whose links are made from them again, as the product's come from the disk.
"""

from __future__ import annotations

import gc
import time
from array import array
from dataclasses import dataclass
from random import Random

from backlinkbot.frontier.arms import Experience, Link, link_to
from backlinkbot.frontier.order import Order

GOAL = 200.0
"""Microseconds a page."""
HOSTS = (10, 1_000, 50_000)
NEW_LINKS = 3
OUTSIDE = 8
HIT_EVERY = 50
_LINKS = 20_000


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
    links: float
    """Reading the words and the folder of the addresses that a visit adds, which happens once for each."""


def _link(number: int, hosts: int) -> Link:
    path = f"/section-{number % 7}/folder-{number % 41}/page-{number % 1_009}-{number}.html"
    return link_to(f"h{number % hosts}.example", path, anchor=f"word {number % 97}", found_on=f"page {number % 5_003}")


def measure(hosts: int, waiting: int, visits: int) -> Cost:
    """Returns the cost with so many pages waiting on so many hosts.

    The processor's clock is read once before and once after all visits, since on some systems a look at it takes as long as a visit.
    What the links that are read meanwhile cost is measured by itself, and taken off.
    """
    random = Random(1)
    experience = Experience()
    read = 0

    def link_of(number: int) -> Link:
        nonlocal read
        read += 1
        return _link(number, hosts)

    order: Order[int] = Order(experience, link_of, lambda *_: NumberPageQueue())
    for number in range(waiting):
        order.add(number, f"h{number % hosts}.example")
    outside = [[f"o{random.randrange(100_000)}.example" for _ in range(OUTSIDE)] for _ in range(visits)]
    gc.collect()
    read, next_number = 0, waiting
    before = time.process_time()
    for visit in range(visits):
        choice = order.next(_is_never_busy)
        assert choice is not None
        link = link_of(choice.item)
        experience.visited(link, outside[visit])
        for number in range(next_number, next_number + NEW_LINKS):
            order.add(number, f"h{number % hosts}.example")
        if visit % HIT_EVERY == 0:
            experience.hit(link)
            order.hit(link, link.host)
        next_number += NEW_LINKS
    spent = time.process_time() - before
    of_link = _cost_of_link(hosts)
    return Cost(order=1e6 * (spent - read * of_link) / visits, links=1e6 * NEW_LINKS * of_link)


def _cost_of_link(hosts: int) -> float:
    """Returns the seconds of the processor that it takes to read one address."""
    before = time.process_time()
    for number in range(_LINKS):
        _link(number, hosts)
    return (time.process_time() - before) / _LINKS


def _is_never_busy(_domain: str) -> bool:
    return False


def show(waiting: int, visits: int) -> bool:
    """Prints the table; True if no figure is above the goal."""
    print("| hosts | pages waiting | order, us a page | reading links, us a page |\n|---:|---:|---:|---:|")
    reached = True
    for hosts in HOSTS:
        for number in (max(hosts, waiting // 10), waiting):
            cost = measure(hosts, number, visits)
            print(f"| {hosts:,} | {number:,} | {cost.order:.0f} | {cost.links:.0f} |", flush=True)
            reached &= cost.order <= GOAL
    print(f"\ngoal, at most {GOAL:.0f} us a page: {'reached' if reached else 'NOT reached'}")
    return reached
