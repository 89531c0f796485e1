"""The pages of a host that wait: the best in a pool, where each turn compares them, the others in queues by their value."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from backlinkbot.frontier.experience import CLOSED_VALUE
from backlinkbot.frontier.pool import LASTING, STEADY, UPDATED, Measurement, Pool, is_steady
from backlinkbot.frontier.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.frontier.experience import Experience, WordFactors
    from backlinkbot.frontier.features import PageFeatures
    from backlinkbot.frontier.ranking import PageQueue

T = TypeVar("T")

MAX_POOLED: Final = 20_000
"""Pages in the pools of all hosts together; where there are more hosts, a page is taken from a queue at its host's turn."""
POOL: Final = 64
"""Pages in a host's pool, which are compared at every turn of the host."""
MAX_DEPTH: Final = 4
"""Pages and hosts of closed arms that are farther from the seeds have turns as one."""
_ARMS: Final = 24
"""Closed arms of a host that have queues of their own; further ones share them."""
CLOSED: Final = 1 + MAX_DEPTH + _ARMS
"""Queues of a host for pages of closed arms: one for repeats, then by depth, then by arm."""
LEVELS: Final = 40 + CLOSED
"""Queues of a host, these included: the pages in each of the others are worth 1.4 times as much as those in the one below."""
DEFERRED_VALUE: Final = 1e-4
"""What is worth no more is visited after everything else; between the values of the worst open arms and of closed ones."""

_STALE: Final = 2
"""A pool is changed for what is in the queues where those are so many levels better."""
_COOLDOWN: Final = 8
"""Turns of a host between two such changes."""
_MAX_CLOSED_VALUE: Final = 10 * CLOSED_VALUE
"""Only pages of closed arms, and repeats, are worth no more."""
_MAX_EXAMINED: Final = 256
"""Pages that are looked at to fill a pool; of a trap that was found out, many wait in the better queues."""
_MIDDLE: Final = 24 + CLOSED
"""The queue of what is worth as much as is usual on its host."""


@dataclass(slots=True)
class OrderContext(Generic[T]):
    """What all hosts of an order share."""

    experience: Experience
    """What visits have shown."""
    features_of: Callable[[T], PageFeatures]
    """Returns what is known of a page, also of one that comes from a queue."""
    make_page_queue: Callable[[str, str, int], PageQueue[T]]
    """Makes an empty queue for a domain, a host of it and a level."""
    hosts: int = 0
    """The number of hosts that have pages waiting."""

    @property
    def pool_size(self) -> int:
        """Pages in the pool of a host, at most; 0 where there are too many hosts."""
        return min(POOL, MAX_POOLED // max(self.hosts, 1))


class HostPages(Generic[T]):
    """The pages of a host that wait."""

    __slots__ = (
        "best",
        "closed_levels",
        "context",
        "cooldown",
        "depth",
        "domain_key",
        "last_turns",
        "name",
        "pool",
        "queues",
        "waiting",
    )

    def __init__(self, context: OrderContext[T], name: str, domain_key: str, depth: int) -> None:
        self.context = context
        self.name = name
        self.domain_key = domain_key
        self.depth = depth  # links on the way from a seed, at most MAX_DEPTH; 0 for a host that the user named
        self.waiting = 0  # the number of pages
        self.pool: Pool[T] = Pool()
        self.best = 0  # the place in the pool of the best page, by the last measurement
        self.cooldown = 0  # so many turns more the pool is not changed for what is in the queues
        self.queues: dict[int, PageQueue[T]] = {}  # by level: what their pages were worth
        self.closed_levels: dict[int, int] = {}  # by closed arm, the level of its pages
        self.last_turns: dict[int, int] = {}  # by level of closed arms, when a page was last taken from its queue

    @property
    def best_page(self) -> PageFeatures:
        """What is known of the best page, by the last measurement."""
        return self.pool.pages[self.best]

    # --- pages come and go ---

    def add(self, item: T, page: PageFeatures, factors: WordFactors, value: float) -> None:
        """Adds a page to the pool, in place of the worst if it is full; else to a queue."""
        self.waiting += 1
        pool = self.pool
        is_closed = value <= _MAX_CLOSED_VALUE
        if len(pool) < self.context.pool_size and not is_closed:
            pool.add(item, page, factors, value)
            return
        worst = min(pool.values, default=value)
        if value > worst and not is_closed:
            item, page, value = pool.replace(pool.values.index(worst), item, page, factors, value)
        self._enqueue(item, page, value)

    def take(self, turn: int) -> T:
        """Takes out the best page at the turn of that number."""
        item, page, value = self.pool.pop(self.best)
        if value <= _MAX_CLOSED_VALUE:
            self.last_turns[self._closed_level(page)] = turn
        self.waiting -= 1
        return item

    def defer_best(self) -> None:
        """Moves the best page behind everything else: it was visited at another address."""
        item, page, _ = self.pool.pop(self.best)
        self._enqueue(item, page, 0.0)
        if not self.pool:
            self._refill()

    def drain(self) -> Iterator[T]:
        """Yields all pages, in no order; afterwards the host is not to be used."""
        yield from self.pool.items
        for queue in self.queues.values():
            while (item := queue.pop()) is not None:
                yield item

    # --- what they are worth ---

    def measure(self, reason: Reason) -> float | None:
        """Returns the present value of the best page; None if no page waits."""
        if not self.waiting:
            return None
        pool, experience = self.pool, self.context.experience
        revision = experience.revision(self.name)
        held = pool.measured.get(reason)
        if held is not None and held.revision == revision and experience.visits < held.until:
            self.best = held.place
            return held.value
        if len(pool) <= self.context.pool_size // 2 and self.queues:
            self._refill()
        elif self.queues and max(pool.values) <= _MAX_CLOSED_VALUE:
            self._refill_closed()
        pool.update_factors(experience.factors_of_all, UPDATED if is_steady(experience.visits) else POOL)
        values = self._judge(reason)
        if self.cooldown:
            self.cooldown -= 1
        elif self._is_stale(max(pool.values)):
            self.cooldown = _COOLDOWN
            self._clear()
            self._refill()
            values = self._judge(reason)
        best = max(values)
        self.best = values.index(best) if best > _MAX_CLOSED_VALUE else self._best_closed(values, best)
        if best > _MAX_CLOSED_VALUE:
            lasting = min(experience.visits // STEADY, LASTING)
            pool.measured[reason] = Measurement(best, self.best, revision, experience.visits + lasting)
        return best

    def is_deferred(self) -> bool:
        """Measures the pages; true if all are of closed arms."""
        self.measure(Reason.HIT if self.context.experience.hits else Reason.NOVEL)
        if self.value > DEFERRED_VALUE:
            return False
        return not self.queues or max(self.queues) <= self._level(DEFERRED_VALUE)

    @property
    def value(self) -> float:
        """The highest novelty of a page in the pool, by the last measurement."""
        return max(self.pool.values, default=0.0)

    def update_factors(self) -> None:
        """Recomputes the factors of all pages in the pool, if the next measurement would recompute some of them only."""
        if is_steady(self.context.experience.visits):
            self.pool.update_factors(self.context.experience.factors_of_all, POOL)

    def _best_closed(self, values: list[float], best: float) -> int:
        """Returns the place of the best page; of equally good ones, that of the queue from which no page was taken for longest."""
        places: dict[int, int] = {}
        for place, (page, value) in enumerate(zip(self.pool.pages, values, strict=True)):
            if value == best:
                places.setdefault(self._closed_level(page), place)
        return places[min(places, key=self._last_turn)]

    def _judge(self, reason: Reason) -> list[float]:
        """Returns what the pages of the pool are worth for a reason, and notes their novelty."""
        pool, experience = self.pool, self.context.experience
        if reason is Reason.HIT:
            pool.values, rates = experience.novelty_and_hit_rates(pool.pages, pool.factors)
            return rates
        pool.values = experience.novelty(pool.pages, pool.factors)
        return pool.values

    # --- between the pool and the queues ---

    def _clear(self) -> None:
        """Returns the pages of the pool to the queues, since they have lost their value."""
        for item, page, value in self.pool.remove_all():
            self._enqueue(item, page, value)

    def _refill(self) -> None:
        """Fills the pool from the best queues; a page that has lost its value goes back to a lower queue."""
        experience, size = self.context.experience, max(self.context.pool_size, 1)
        for _ in range(_MAX_EXAMINED):
            if len(self.pool) >= size or not self.queues or max(self.queues) < CLOSED:
                break
            item = self._dequeue(max(self.queues))
            if item is None:
                continue
            page = self._features_of(item)
            factors = experience.factors_of(page)
            value, _ = experience.expected(page, factors)
            if self._is_stale(value):
                self._enqueue(item, page, value)
            else:
                self.pool.add(item, page, factors, value)
        if self.queues and (not self.pool or max(self.pool.values) <= _MAX_CLOSED_VALUE):
            self._refill_closed()

    def _refill_closed(self) -> None:
        """Adds one page from each queue of closed arms of which the pool has none: their present values tell the best."""
        experience, size = self.context.experience, max(self.context.pool_size, 1)
        pooled = {self._closed_level(page) for page in self.pool.pages}
        levels = {level for level in self.queues if level not in pooled and level < CLOSED} or set(self.queues)
        while levels and (len(self.pool) < size or not self.pool):
            level = min(levels, key=self._last_turn)
            levels.remove(level)
            item = self._dequeue(level)
            if item is not None:
                page = self._features_of(item)
                factors = experience.factors_of(page)
                self.pool.add(item, page, factors, experience.expected(page, factors)[0])

    def _is_stale(self, value: float) -> bool:
        """True if pages that are worth much more are in the queues; of closed arms, none is worth more than another."""
        best = max(self.queues, default=0)
        return best >= CLOSED and self._level(value) < best - _STALE

    def _enqueue(self, item: T, page: PageFeatures, value: float) -> None:
        level = self._closed_level(page) if value <= _MAX_CLOSED_VALUE else self._level(value)
        queue = self.queues.get(level)
        if queue is None:
            queue = self.queues[level] = self.context.make_page_queue(self.domain_key, self.name, level)
        queue.push(item)

    def _dequeue(self, level: int) -> T | None:
        queue = self.queues[level]
        item = queue.pop()
        if len(queue) == 0:
            del self.queues[level]
        return item

    def _features_of(self, item: T) -> PageFeatures:
        """Returns what is known of a page from a queue now; it may have become a repeat while it waited."""
        page = self.context.features_of(item)
        return page._replace(chance=CLOSED_VALUE) if self.context.experience.is_repeat(page) else page

    # --- the levels of the queues ---

    def _level(self, value: float) -> int:
        """Against what pages of the host show by now, since that falls, for all alike, while it is visited."""
        if value <= _MAX_CLOSED_VALUE:
            return 0
        times = value / self.context.experience.usual(self.name)
        return min(max(round(2 * log2(max(times, 1e-9))) + _MIDDLE, CLOSED), LEVELS - 1)

    def _closed_level(self, page: PageFeatures) -> int:
        """The level of a page of a closed arm.

        Arms that are closed by their own visits have turns, and of the arms that are closed with their group, each depth has.
        """
        experience, levels = self.context.experience, self.closed_levels
        if experience.is_repeat(page):
            return 0
        if experience.is_closed_alone(page):
            if page.trap not in levels and len(levels) < _ARMS:
                levels[page.trap] = CLOSED - 1 - len(levels)
            return levels.get(page.trap, CLOSED - 1 - page.trap % _ARMS)
        return max(1, min(page.depth, MAX_DEPTH))

    def _last_turn(self, level: int) -> tuple[int, int]:
        """When a page was last taken from a queue of closed arms; of equal ones, the highest comes first."""
        return self.last_turns.get(level, -1), -level
