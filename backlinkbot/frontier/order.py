"""The best-first order: selects the next host and the next page of that host.

Turns go round. One is for the registrable domain, and in it for the host, that has waited longest; one for the page of
whatever host that should show most outside hosts that are new to its own; one for the page that most likely links to a
target. A host's best pages wait in a small pool and are measured anew at each of its turns; the others wait in queues
by what they were worth when they were found. So what a turn costs does not grow with the number of pages that wait.

Pages that somebody named come before all turns, best first, as long as they are likely enough to link to a target. What is left of
them, and the pages of domains that somebody named, have every second turn; see :mod:`backlinkbot.frontier.evidence`.

Pages of closed arms, which have shown nothing new for long, wait behind everything else, and share the turns that are left:
the arm of which least was visited for nothing comes first, so that no endless arm keeps the others waiting for ever.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import StrEnum
from math import inf, log2
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from backlinkbot.frontier.arms import LAST
from backlinkbot.frontier.evidence import FIRST, NamedPages, worth_of_further_pages
from backlinkbot.frontier.pool import LASTING, STEADY, UPDATED, Measurement, Pool, is_steady
from backlinkbot.frontier.ranking import Ranking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.frontier.arms import Experience, Link, WordFactors
    from backlinkbot.frontier.evidence import NamedBy
    from backlinkbot.frontier.ranking import PageQueue

T = TypeVar("T")

MAX_POOLED: Final = 20_000
"""Pages in the pools of all hosts together; where there are more hosts, a page is taken from a queue at its host's turn."""
POOL: Final = 64
"""Pages in a host's pool, which are compared at every turn of the host."""
_DEEPEST: Final = 4
"""Pages and hosts of closed arms that are farther from the seeds have turns as one."""
_ARMS: Final = 24
"""Closed arms of a host that have queues of their own; further ones share them."""
CLOSED: Final = 1 + _DEEPEST + _ARMS
"""Queues of a host for pages of closed arms: one for repeats, then by depth, then by arm."""
LEVELS: Final = 40 + CLOSED
"""Queues of a host, these included: the pages in each of the others are worth 1.4 times as much as those in the one below."""

_LATE: Final = 1e-4
"""What is worth less waits behind everything else; between what the worst arms and the driest traps are worth."""
_STALE: Final = 2
"""A pool is changed for what is in the queues where those are so many levels better."""
_REST: Final = 8
"""Turns of a host between two such changes."""
_CLOSED_WORTH: Final = 10 * LAST
"""Only pages of closed arms, and those that were put off, are worth less."""
_MAX_MEASURED: Final = 64
"""Hosts of a domain that are measured at one of its turns."""
_MAX_EXAMINED: Final = 256
"""Pages that are looked at to fill a pool; of a trap that was found out, many wait in the better queues."""
_MIDDLE: Final = 24 + CLOSED
"""The queue of what is worth as much as is usual on its host."""


class Reason(StrEnum):
    """Why a page was chosen."""

    EVIDENCE = "evidence"
    """Somebody named the page or its domain: the user, or a source."""
    FAIR = "fair"
    """It was its domain's turn."""
    EXPLORATION = "exploration"
    """The same, and nobody had visited a page of its host."""
    NOVEL = "novel"
    """It should show outside hosts that are new to its own."""
    HIT = "hit"
    """It should link to a target."""


_TURNS: Final = (Reason.FAIR, Reason.NOVEL, Reason.HIT)
_LIKELY: Final = 0.6
"""A page with at least this expected rate of hits is visited at the turn of another reason, while hits are few."""
_FEW_HITS: Final = 20
"""Below this number of hits, such a page takes every turn: the first hits teach where more are."""
_MANY_HITS: Final = 100
"""Below this number it takes the turns of novelty; from then on, hosts without a hit are worth more than further hits."""
_RANKED: Final = (Reason.NOVEL, Reason.HIT)
_EVERY: Final = 4
"""Where all that waits is of named domains, one in so many turns is of another reason."""


class Choice(NamedTuple, Generic[T]):
    """A page to visit, and why it."""

    item: T
    reason: Reason


class _Host(Generic[T]):
    """The pages of a host that wait."""

    __slots__ = (
        "best",
        "closed",
        "depth",
        "domain",
        "name",
        "page_queues",
        "pool",
        "rests",
        "turns",
        "waiting",
    )

    def __init__(self, name: str, domain: _Domain[T], depth: int) -> None:
        self.name = name
        self.domain = domain
        self.depth = depth  # links on the way from a seed, at most _DEEPEST; 0 for a host that the user named
        self.pool: Pool[T] = Pool()
        self.page_queues: dict[int, PageQueue[T]] = {}
        self.closed: dict[int, int] = {}  # by closed arm, the queue of its pages
        self.waiting = 0
        self.best = 0  # its place in the pool, by the last measurement
        self.turns: dict[int, int] = {}  # by queue of closed arms, when a page was last taken from it
        self.rests = 0  # so many turns more the pool is not changed for what is in the queues

    def last_turn(self, level: int) -> tuple[int, int]:
        """When a page was last taken from a queue of closed arms; of equal ones, the highest comes first."""
        return self.turns.get(level, -1), -level


class _Domain(Generic[T]):
    """The hosts of a registrable domain that have pages waiting."""

    __slots__ = ("hosts", "key", "late", "rankings", "ready", "waiting")

    def __init__(self, key: str) -> None:
        self.key = key
        self.waiting = 0
        self.hosts: dict[str, _Host[T]] = {}
        self.ready: OrderedDict[str, None] = OrderedDict()  # the first is the one whose turn it is
        # Those that have nothing but pages of closed arms, by depth: a domain with a wildcard has them without end.
        self.late: dict[int, OrderedDict[str, None]] = {}
        self.rankings: dict[Reason, Ranking[_Host[T]]] = {reason: Ranking() for reason in _RANKED}

    def make_late(self, host: _Host[T]) -> None:
        """A host has its turn when the others have no pages left."""
        self.ready.pop(host.name, None)
        self.late.setdefault(host.depth, OrderedDict())[host.name] = None

    def make_ready(self, host: _Host[T]) -> None:
        """A host has its turn with the others again."""
        self._drop_late(host)
        self.ready[host.name] = None

    def forget(self, host: _Host[T]) -> None:
        """A host has no pages left."""
        del self.hosts[host.name]
        self.ready.pop(host.name, None)
        self._drop_late(host)
        for ranking in self.rankings.values():
            ranking.remove(host)

    def _drop_late(self, host: _Host[T]) -> None:
        beside = self.late.get(host.depth)
        if beside is not None and host.name in beside:
            del beside[host.name]
            if not beside:
                del self.late[host.depth]


class Order(Generic[T]):
    """The pages that wait, and which of them comes next; see the module's docstring."""

    def __init__(
        self,
        experience: Experience,
        link_of: Callable[[T], Link],
        make_page_queue: Callable[[str, str, int], PageQueue[T]],
        *,
        pages_left: Callable[[], float] = lambda: inf,
    ) -> None:
        """Makes an empty order.

        Args:
            experience: what visits have shown.
            link_of: returns what is known of a page, also of one that comes from a queue.
            make_page_queue: makes an empty queue for a domain, a host of it and a level.
            pages_left: returns the number of pages that may still be visited. If more than those wait, no page of a closed arm is
                visited while a busy domain has others.
        """
        self._experience = experience
        self._link_of = link_of
        self._make_page_queue = make_page_queue
        self._domains: dict[str, _Domain[T]] = {}
        self._ready: OrderedDict[str, None] = OrderedDict()
        self._late: OrderedDict[str, None] = OrderedDict()
        self._pages_left = pages_left
        self._aside: dict[str, bool] = {}  # domains that were busy when their turn came; True for those that were late
        self._open_aside = 0  # those that were not
        self._rankings: dict[Reason, Ranking[str]] = {reason: Ranking() for reason in _RANKED}
        self._named: NamedPages[T] = NamedPages(
            experience.evidence, make_page_queue, lambda domain: experience.of_domain(domain).hits
        )
        self._named_domains: Ranking[str] = Ranking()  # of the domains that somebody named
        self._waiting_named: set[str] = set()  # those of them that have pages here
        self._turns_of_evidence = 0
        self._length = 0
        self._hosts = 0
        self._turn = 0

    def __len__(self) -> int:
        return self._length + len(self._named)

    # --- in ---

    def add_named(self, item: T, domain_key: str, named: NamedBy) -> None:
        """Let a page wait that somebody named."""
        self._named.add(item, domain_key, named)
        if domain_key in self._domains and self._experience.evidence.is_named_whole(domain_key):
            self._offer_named_domain(domain_key)

    def add(self, item: T, domain_key: str) -> None:
        """Let a page wait."""
        link = self._link_of(item)
        host = self._host(link, domain_key)
        factors = self._experience.factors_of(link)
        (value,), (rate,) = self._experience.novelty_and_hit_rates((link,), (factors,))
        host.waiting += 1
        host.domain.waiting += 1
        self._length += 1
        self._put(host, item, link, factors, value)
        self._offer(host, Reason.NOVEL, value)
        self._offer(host, Reason.HIT, rate if self._experience.hits else 0.0)
        if value > _LATE:
            self._make_ready(host)
        if domain_key not in self._waiting_named and self._experience.evidence.is_named_whole(domain_key):
            self._offer_named_domain(domain_key)

    def _make_ready(self, host: _Host[T]) -> None:
        domain = host.domain
        if host.name not in domain.ready:
            domain.make_ready(host)
        if domain.key in self._late:
            del self._late[domain.key]
            self._ready[domain.key] = None
        elif self._aside.get(domain.key):
            self._aside[domain.key] = False
            self._open_aside += 1

    def hit(self, link: Link, domain_key: str) -> None:
        """Note that a page of a host links to a target, as the experience knows by now: what waits beside it has its turn."""
        domain = self._domains.get(domain_key)
        if domain_key in self._waiting_named:
            self._offer_named_domain(domain_key)
        host = domain.hosts.get(link.host) if domain is not None else None
        if host is not None:
            host.pool.update_factors(self._experience.factors_of, POOL)
            self._offer(host, Reason.HIT, 1.0)
            self._make_ready(host)  # its arm may have been closed

    def _put(self, host: _Host[T], item: T, link: Link, factors: WordFactors, value: float) -> None:
        """Puts a page into the pool, in place of the worst if it is full; else into a queue."""
        pool = host.pool
        is_closed = value <= _CLOSED_WORTH
        if len(pool) < self._pool_size and not is_closed:
            pool.add(item, link, factors, value)
            return
        worst = min(pool.values, default=value)
        if value > worst and not is_closed:
            item, link, value = pool.replace(pool.values.index(worst), item, link, factors, value)
        self._enqueue(host, item, link, value)

    def _host(self, link: Link, domain_key: str) -> _Host[T]:
        domain = self._domains.get(domain_key)
        if domain is None:
            domain = self._domains[domain_key] = _Domain(domain_key)
            if domain_key not in self._aside:
                self._ready[domain_key] = None
        host = domain.hosts.get(link.host)
        if host is None:
            depth = 0 if self._experience.is_named(link.host) else max(1, min(link.depth, _DEEPEST))
            host = domain.hosts[link.host] = _Host(link.host, domain, depth)
            domain.ready[link.host] = None
            self._hosts += 1
        return host

    def _offer(self, host: _Host[T], reason: Reason, value: float) -> None:
        host.domain.rankings[reason].offer(host, value)
        if host.domain.key not in self._aside:
            self._rankings[reason].offer(host.domain.key, value)

    def _offer_named_domain(self, domain_key: str) -> None:
        self._waiting_named.add(domain_key)
        if domain_key not in self._aside:
            self._named_domains.offer(domain_key, self._worth_of_further_pages(self._domains[domain_key]))

    def _worth_of_further_pages(self, domain: _Domain[T]) -> float:
        """What the pages of a named domain are worth a visit."""
        record = self._experience.evidence.domains.get(domain.key)
        known = self._experience.of_domain(domain.key)
        chance = record.chance if record is not None else 0.0
        return worth_of_further_pages(chance, known.visits, domain.waiting, known.hits)

    def _enqueue(self, host: _Host[T], item: T, link: Link, value: float) -> None:
        level = self._closed_level(host, link) if value <= _CLOSED_WORTH else self._level(host, value)
        page_queue = host.page_queues.get(level)
        if page_queue is None:
            page_queue = host.page_queues[level] = self._make_page_queue(host.domain.key, host.name, level)
        page_queue.push(item)

    @property
    def _pool_size(self) -> int:
        return min(POOL, MAX_POOLED // max(self._hosts, 1))

    # --- out ---

    def next(self, is_busy: Callable[[str], bool]) -> Choice[T] | None:
        """Take out the next page of a domain that is not busy; None where all that have pages are."""
        if len(self._named) or self._waiting_named:
            choice = self._next_by_evidence(is_busy)
            if choice is not None:
                return choice
        while True:
            turn = self._next_turn()
            host = None if turn is Reason.FAIR else self._best_host(turn, is_busy)
            if host is not None and self._experience.is_closed(host.pool.links[host.best]):
                host = None  # all that is left waits behind everything else: domains in turn
            reason = turn
            if host is None:
                host = self._fair_host(is_busy)
                if host is None:
                    return None
                reason = Reason.EXPLORATION if self._experience.is_new(host.name) else Reason.FAIR
            link = host.pool.links[host.best]
            if link.chance > LAST and self._experience.is_put_off(link):
                self._put_off(host)
                self._turn -= 1  # the turn is another page's
                continue
            return Choice(self._take(host), reason)

    def _next_by_evidence(self, is_busy: Callable[[str], bool]) -> Choice[T] | None:
        """Take out the best page that somebody named, or the best of a named domain; None where it is another reason's turn."""
        domain_key, worth = self._named.best(is_busy) or ("", -1.0)
        if worth < FIRST and self._domains:
            self._turns_of_evidence += 1
            every = _EVERY if len(self._waiting_named) == len(self._domains) else 2
            if not self._turns_of_evidence % every:
                return None
            host = self._host_of_named_domain(is_busy, worth)
            if host is not None:
                return Choice(self._take(host), Reason.EVIDENCE)
        if not domain_key:
            return None
        item = self._named.take(domain_key)
        return None if item is None else Choice(item, Reason.EVIDENCE)

    def _host_of_named_domain(self, is_busy: Callable[[str], bool], least: float) -> _Host[T] | None:
        """The host of a named domain whose next page is worth most; None where none is worth more than ``least``."""

        def measure(key: str) -> float | None:
            domain = self._domains.get(key)
            if domain is None:
                return None
            if is_busy(key):
                self._set_aside(key)
                return None
            return self._worth_of_further_pages(domain)

        key = self._named_domains.best(measure)
        if key is None or self._named_domains.value_of(key) <= least:
            return None
        ranking = self._domains[key].rankings[Reason.HIT]
        host = ranking.best(lambda host: self._measure(host, Reason.HIT))
        if host is None:
            return None
        link = host.pool.links[host.best]
        return None if self._experience.is_closed(link) or self._experience.is_put_off(link) else host

    def _put_off(self, host: _Host[T]) -> None:
        """Put a page that has its turn behind everything else: it was visited at another address."""
        item, link, _ = host.pool.pop(host.best)
        self._enqueue(host, item, link, 0.0)
        if not host.pool:
            self._refill(host)

    def _next_turn(self) -> Reason:
        """Returns the reason by which the next page is chosen."""
        turn = _TURNS[self._turn % len(_TURNS)]
        self._turn += 1
        hits = self._experience.hits
        if not hits:
            return Reason.NOVEL if turn is Reason.HIT else turn
        if hits < _FEW_HITS or (turn is Reason.NOVEL and hits < _MANY_HITS):
            likeliest = self._rankings[Reason.HIT].top()
            if likeliest is not None and likeliest >= _LIKELY:
                return Reason.HIT
        return turn

    def drain(self) -> Iterator[T]:
        """Take everything out, in no order."""
        yield from self._named.drain()
        for domain in list(self._domains.values()):
            for host in list(domain.hosts.values()):
                yield from host.pool.items
                for page_queue in host.page_queues.values():
                    while (item := page_queue.pop()) is not None:
                        yield item
                self._length -= host.waiting
                self._forget(host)

    def freed(self, domain_key: str) -> None:
        """Note that a domain is busy no longer."""
        self._named.freed(domain_key)
        was_late = self._aside.pop(domain_key, None)
        if was_late is None:
            return
        self._open_aside -= not was_late
        domain = self._domains.get(domain_key)
        if domain is None:
            return
        (self._late if was_late else self._ready)[domain_key] = None
        for reason, ranking in domain.rankings.items():
            if (top := ranking.top()) is not None:
                self._rankings[reason].offer(domain_key, top)
        if domain_key in self._waiting_named:
            self._offer_named_domain(domain_key)

    def _best_host(self, reason: Reason, is_busy: Callable[[str], bool]) -> _Host[T] | None:
        """The host whose best page is the best of all, or nearly so."""
        found: dict[str, _Host[T]] = {}

        def measure(domain_key: str) -> float | None:
            domain = self._domains.get(domain_key)
            if domain is None:
                return None
            if is_busy(domain_key):
                self._set_aside(domain_key)
                return None
            best = domain.rankings[reason].best(lambda host: self._measure(host, reason))
            if best is None:
                return None
            found[domain_key] = best
            return domain.rankings[reason].value_of(best)

        key = self._rankings[reason].best(measure)
        return None if key is None else found[key]

    def _fair_host(self, is_busy: Callable[[str], bool]) -> _Host[T] | None:
        """The host that has waited longest of the domain that has; what shows nothing new comes when all else is done."""
        for ring in (self._ready, self._late):
            if ring is self._late and self._open_aside and self._length > self._pages_left():
                return None  # what a busy domain has is worth more
            while ring:
                key, _ = ring.popitem(last=False)
                ring[key] = None
                if is_busy(key):
                    self._set_aside(key)
                    continue
                domain = self._domains[key]
                host = self._ready_host(domain)
                if host is None and ring is self._ready:
                    del ring[key]
                    self._late[key] = None
                    continue
                return host or self._late_host(domain)
        return None

    def _ready_host(self, domain: _Domain[T]) -> _Host[T] | None:
        """The host whose turn it is among those that have pages of open arms; None where none has."""
        for _ in range(_MAX_MEASURED):
            if not domain.ready:
                return None
            name = next(iter(domain.ready))
            domain.ready.move_to_end(name)
            host = domain.hosts[name]
            if not self._is_late(host):
                return host
            domain.make_late(host)
        return host

    def _late_host(self, domain: _Domain[T]) -> _Host[T] | None:
        """The best of the hosts whose turn it is, one of each depth."""
        best: _Host[T] | None = None
        value = -1.0
        for depth in list(domain.late):
            host = domain.hosts[next(iter(domain.late[depth]))]
            if not self._is_late(host):
                self._make_ready(host)
                return host
            if max(host.pool.values) > value:
                best, value = host, max(host.pool.values)
        if best is not None:
            beside = domain.late.pop(best.depth)
            beside.move_to_end(best.name)
            domain.late[best.depth] = beside  # of equal ones, the next has the next turn
        return best

    def _is_late(self, host: _Host[T]) -> bool:
        """Measures a host; true if it has nothing but pages of closed arms."""
        self._measure(host, Reason.HIT if self._experience.hits else Reason.NOVEL)
        value = max(host.pool.values, default=0.0)
        return value <= _LATE and (not host.page_queues or max(host.page_queues) <= self._level(host, _LATE))

    def _set_aside(self, domain_key: str) -> None:
        was_late = self._late.pop(domain_key, "") is None
        self._ready.pop(domain_key, None)
        self._aside[domain_key] = was_late
        self._open_aside += not was_late
        self._named_domains.remove(domain_key)
        for ranking in self._rankings.values():
            ranking.remove(domain_key)

    def _measure(self, host: _Host[T], reason: Reason) -> float | None:
        """Returns the present worth of a host's best page; None if no page waits."""
        if not host.waiting:
            return None
        pool, experience = host.pool, self._experience
        revision = experience.revision(host.name)
        held = pool.measured.get(reason)
        if held is not None and held.revision == revision and experience.visits < held.until:
            host.best = held.place
            return held.value
        if len(pool) <= self._pool_size // 2 and host.page_queues:
            self._refill(host)
        elif host.page_queues and max(pool.values) <= _CLOSED_WORTH:
            self._refill_closed(host)
        pool.update_factors(experience.factors_of, UPDATED if is_steady(experience.visits) else POOL)
        values = self._judge(pool, reason)
        if host.rests:
            host.rests -= 1
        elif self._is_stale(host, max(pool.values)):
            host.rests = _REST
            self._clear(host)
            self._refill(host)
            values = self._judge(pool, reason)
        best = max(values)
        host.best = values.index(best) if best > _CLOSED_WORTH else self._best_closed(host, values, best)
        if best > _CLOSED_WORTH:
            lasting = min(experience.visits // STEADY, LASTING)
            pool.measured[reason] = Measurement(best, host.best, revision, experience.visits + lasting)
        return best

    def _best_closed(self, host: _Host[T], values: list[float], best: float) -> int:
        """Returns the place of the best page; of equally good ones, that of the queue from which no page was taken for longest."""
        places: dict[int, int] = {}
        for place, (link, value) in enumerate(zip(host.pool.links, values, strict=True)):
            if value == best:
                places.setdefault(self._closed_level(host, link), place)
        return places[min(places, key=host.last_turn)]

    def _judge(self, pool: Pool[T], reason: Reason) -> list[float]:
        """Returns what the pages of a host's pool are worth for a reason, and notes their novelty."""
        if reason is Reason.HIT:
            pool.values, rates = self._experience.novelty_and_hit_rates(pool.links, pool.factors)
            return rates
        pool.values = self._experience.novelty(pool.links, pool.factors)
        return pool.values

    def _clear(self, host: _Host[T]) -> None:
        """Returns the pages of a host's pool to its queues, since they have lost their worth."""
        for item, link, value in host.pool.remove_all():
            self._enqueue(host, item, link, value)

    def _refill(self, host: _Host[T]) -> None:
        """Fills a host's pool from its best queues; a page that has lost its worth goes back to a lower queue."""
        size = max(self._pool_size, 1)
        for _ in range(_MAX_EXAMINED):
            if len(host.pool) >= size or not host.page_queues or max(host.page_queues) < CLOSED:
                break
            item = self._from_page_queue(host, max(host.page_queues))
            if item is None:
                continue
            link = self._read(item)
            factors = self._experience.factors_of(link)
            value = self._experience.novelty((link,), (factors,))[0]
            if self._is_stale(host, value):
                self._enqueue(host, item, link, value)
            else:
                host.pool.add(item, link, factors, value)
        if host.page_queues and (not host.pool or max(host.pool.values) <= _CLOSED_WORTH):
            self._refill_closed(host)

    def _refill_closed(self, host: _Host[T]) -> None:
        """One page from each queue of closed arms of which the pool has none: the best of them is chosen by what it is worth."""
        size = max(self._pool_size, 1)
        pooled = {self._closed_level(host, link) for link in host.pool.links}
        levels = {level for level in host.page_queues if level not in pooled and level < CLOSED} or set(
            host.page_queues
        )
        while levels and (len(host.pool) < size or not host.pool):
            level = min(levels, key=host.last_turn)
            levels.remove(level)
            item = self._from_page_queue(host, level)
            if item is not None:
                link = self._read(item)
                factors = self._experience.factors_of(link)
                host.pool.add(item, link, factors, self._experience.novelty((link,), (factors,))[0])

    def _closed_level(self, host: _Host[T], link: Link) -> int:
        """The queue of a page of a closed arm.

        Arms that are closed by their own visits have turns, and of the arms that are closed with their group, each depth has.
        """
        if self._experience.is_repeat(link):
            return 0
        if self._experience.is_closed_alone(link):
            if link.trap not in host.closed and len(host.closed) < _ARMS:
                host.closed[link.trap] = CLOSED - 1 - len(host.closed)
            return host.closed.get(link.trap, CLOSED - 1 - link.trap % _ARMS)
        return max(1, min(link.depth, _DEEPEST))

    def _is_stale(self, host: _Host[T], value: float) -> bool:
        """True if pages that are worth much more are in the host's queues; of closed arms, none is worth more than another."""
        best = max(host.page_queues, default=0)
        return best >= CLOSED and self._level(host, value) < best - _STALE

    @staticmethod
    def _from_page_queue(host: _Host[T], level: int) -> T | None:
        page_queue = host.page_queues[level]
        item = page_queue.pop()
        if len(page_queue) == 0:
            del host.page_queues[level]
        return item

    def _read(self, item: T) -> Link:
        """Returns what is known of a page from a queue now; it may have become a repeat while it waited."""
        link = self._link_of(item)
        return link._replace(chance=LAST) if self._experience.is_repeat(link) else link

    def _take(self, host: _Host[T]) -> T:
        item, link, value = host.pool.pop(host.best)
        if value <= _CLOSED_WORTH:
            host.turns[self._closed_level(host, link)] = self._turn
        host.waiting -= 1
        host.domain.waiting -= 1
        self._length -= 1
        if not host.waiting:
            self._forget(host)
        return item

    def _forget(self, host: _Host[T]) -> None:
        domain = host.domain
        self._hosts -= 1
        domain.forget(host)
        if not domain.hosts:
            del self._domains[domain.key]
            self._ready.pop(domain.key, None)
            self._late.pop(domain.key, None)
            self._named_domains.remove(domain.key)
            self._waiting_named.discard(domain.key)
            for of_all in self._rankings.values():
                of_all.remove(domain.key)

    def _level(self, host: _Host[T], value: float) -> int:
        """Against what pages of the host show by now, since that falls, for all alike, while it is visited."""
        if value <= _CLOSED_WORTH:
            return 0
        times = value / self._experience.usual(host.name)
        return min(max(round(2 * log2(max(times, 1e-9))) + _MIDDLE, CLOSED), LEVELS - 1)
