"""The best-first order: selects the next host and the next page of that host.

Turns go round. One is for the registrable domain, and in it for the host, that has waited longest; one for the page of
whatever host that should show most outside hosts that are new to its own; one for the page that most likely links to a
target. A host's best pages wait in a small pool and are measured anew at each of its turns; the others wait on shelves
by what they were worth when they were found. So what a turn costs does not grow with the number of pages that wait.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import StrEnum
from heapq import heappop, heappush, heapreplace
from math import log2
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from backlinkbot.frontier.arms import Experience, Link

T = TypeVar("T")
K = TypeVar("K", bound="Hashable")

MAX_POOLED: Final = 20_000
"""Pages in the pools of all hosts together; where there are more hosts, a page is taken from a shelf at its host's turn."""
POOL: Final = 64
"""Pages in a host's pool: each is measured at every turn of the host."""
LEVELS: Final = 40
"""Shelves of a host: the next holds what is worth 1.4 times as much."""

_TRIES: Final = 4
"""So many are measured anew before the best of those is taken."""
_NEARLY: Final = 0.95
_LATE: Final = 1e-4
"""What is worth less waits behind everything else; between what the worst arms and the driest traps are worth."""
_STALE: Final = 2
"""A pool is changed for what is on the shelves where those are so many levels better."""
_REST: Final = 8
"""Turns of a host between two such changes."""
_MAX_RESHELVED: Final = 256
"""Pages that are looked at to fill a pool; of a trap that was found out, many wait on the better shelves."""
_MIDDLE: Final = 24
"""The shelf of what is worth as much as is usual on its host."""


class Reason(StrEnum):
    """Why a page was chosen."""

    EVIDENCE = "evidence"
    """Somebody named the page: the user, or a source."""
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


class Shelf(Protocol[T]):
    """First in, first out; it may lie on disk."""

    def push(self, item: T, /) -> None:
        """Add at the end."""

    def pop(self) -> T | None:
        """Take from the front."""

    def __len__(self) -> int: ...


class Choice(NamedTuple, Generic[T]):
    """A page to visit, and why it."""

    item: T
    reason: Reason


class Ranking(Generic[K]):
    """Who is best, by values that are measured anew only when they come to the top."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, K]] = []
        self._now: dict[K, float] = {}
        self._count = 0

    def offer(self, key: K, value: float) -> None:
        """Note what somebody is worth, if it is more than was noted before."""
        if value > self._now.get(key, -1.0):
            self._push(key, value)

    def remove(self, key: K) -> None:
        """Somebody takes no part any longer."""
        self._now.pop(key, None)

    def best(self, measure: Callable[[K], float | None]) -> K | None:
        """Who is best, or nearly so; None where nobody takes part. Who measures None takes no part any longer."""
        tries = _TRIES
        while self._heap:
            noted, _, key = self._heap[0]
            if self._now.get(key) != -noted:
                heappop(self._heap)
                continue
            value = measure(key)
            if value is None:
                heappop(self._heap)
                self._now.pop(key, None)
                continue
            self._count += 1
            self._now[key] = value
            heapreplace(self._heap, (-value, self._count, key))
            tries -= 1
            if value >= -noted * _NEARLY or tries < 0:
                return key
        return None

    def value_of(self, key: K) -> float:
        """What somebody who takes part was worth when last noted."""
        return self._now[key]

    def top(self) -> float | None:
        """The highest value that is noted."""
        while self._heap:
            noted, _, key = self._heap[0]
            if self._now.get(key) == -noted:
                return -noted
            heappop(self._heap)
        return None

    def _push(self, key: K, value: float) -> None:
        self._count += 1
        self._now[key] = value
        heappush(self._heap, (-value, self._count, key))


class _Host(Generic[T]):
    """The pages of a host that wait."""

    __slots__ = ("best", "domain", "name", "pool", "rests", "shelves", "values", "waiting")

    def __init__(self, name: str, domain: _Domain[T]) -> None:
        self.name = name
        self.domain = domain
        self.pool: list[tuple[T, Link]] = []
        self.values: list[float] = []  # what the pages of the pool are expected to show, by the last measurement
        self.shelves: dict[int, Shelf[T]] = {}
        self.waiting = 0
        self.best = 0  # its place in the pool, by the last measurement
        self.rests = 0  # so many turns more the pool is not changed for what is on the shelves


class _Domain(Generic[T]):
    """The hosts of a registrable domain that have pages waiting; the first is the one whose turn it is."""

    __slots__ = ("hosts", "key", "late", "rankings")

    def __init__(self, key: str) -> None:
        self.key = key
        self.hosts: OrderedDict[str, _Host[T]] = OrderedDict()
        self.rankings: dict[Reason, Ranking[_Host[T]]] = {reason: Ranking() for reason in _RANKED}
        self.late = 0  # so many of its hosts in a row had nothing but what shows nothing new


class Order(Generic[T]):
    """The pages that wait, and which of them comes next; see the module's docstring."""

    def __init__(
        self, experience: Experience, link_of: Callable[[T], Link], make_shelf: Callable[[str, str, int], Shelf[T]]
    ) -> None:
        """Begin with nothing.

        ``link_of`` says what is known of a page, also of one that comes from a shelf; ``make_shelf`` makes an empty shelf for a
        domain, a host of it and a level.
        """
        self._experience = experience
        self._link_of = link_of
        self._make_shelf = make_shelf
        self._domains: dict[str, _Domain[T]] = {}
        self._ready: OrderedDict[str, None] = OrderedDict()
        self._late: OrderedDict[str, None] = OrderedDict()
        self._aside: set[str] = set()  # domains that were busy when their turn came
        self._rankings: dict[Reason, Ranking[str]] = {reason: Ranking() for reason in _RANKED}
        self._length = 0
        self._hosts = 0
        self._turn = 0

    def __len__(self) -> int:
        return self._length

    # --- in ---

    def add(self, item: T, domain_key: str) -> None:
        """Let a page wait."""
        link = self._link_of(item)
        host = self._host(link.host, domain_key)
        (value,), (rate,) = self._experience.novelty_and_hit_rates((link,))
        host.waiting += 1
        self._length += 1
        self._put(host, item, link, value)
        self._offer(host, Reason.NOVEL, value)
        self._offer(host, Reason.HIT, rate if self._experience.hits else 0.0)
        if value > _LATE and domain_key in self._late:
            del self._late[domain_key]
            self._ready[domain_key] = None

    def hit(self, link: Link, domain_key: str) -> None:
        """Note that a page of a host links to a target, as the experience knows by now: what waits beside it has its turn."""
        domain = self._domains.get(domain_key)
        host = domain.hosts.get(link.host) if domain is not None else None
        if host is not None:
            self._offer(host, Reason.HIT, 1.0)

    def _put(self, host: _Host[T], item: T, link: Link, value: float) -> None:
        """Into the pool, for the worst that is there where it is full; else on a shelf."""
        if len(host.pool) < self._pool_size:
            host.pool.append((item, link))
            host.values.append(value)
            return
        worst = min(host.values, default=value)
        if value > worst:
            place = host.values.index(worst)
            (item, _), host.pool[place] = host.pool[place], (item, link)
            value, host.values[place] = worst, value
        self._shelve(host, item, value)

    def _host(self, name: str, domain_key: str) -> _Host[T]:
        domain = self._domains.get(domain_key)
        if domain is None:
            domain = self._domains[domain_key] = _Domain(domain_key)
            if domain_key not in self._aside:
                self._ready[domain_key] = None
        host = domain.hosts.get(name)
        if host is None:
            host = domain.hosts[name] = _Host(name, domain)
            self._hosts += 1
        return host

    def _offer(self, host: _Host[T], reason: Reason, value: float) -> None:
        host.domain.rankings[reason].offer(host, value)
        if host.domain.key not in self._aside:
            self._rankings[reason].offer(host.domain.key, value)

    def _shelve(self, host: _Host[T], item: T, value: float) -> None:
        level = self._level(host, value)
        shelf = host.shelves.get(level)
        if shelf is None:
            shelf = host.shelves[level] = self._make_shelf(host.domain.key, host.name, level)
        shelf.push(item)

    @property
    def _pool_size(self) -> int:
        return min(POOL, MAX_POOLED // max(self._hosts, 1))

    # --- out ---

    def next(self, is_busy: Callable[[str], bool]) -> Choice[T] | None:
        """Take out the next page of a domain that is not busy; None where all that have pages are."""
        reason = self._next_turn()
        host = None if reason is Reason.FAIR else self._best_host(reason, is_busy)
        if host is None:
            host = self._fair_host(is_busy)
            if host is None:
                return None
            reason = Reason.EXPLORATION if self._experience.is_new(host.name) else Reason.FAIR
        return Choice(self._take(host), reason)

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
        for domain in list(self._domains.values()):
            for host in list(domain.hosts.values()):
                yield from (item for item, _ in host.pool)
                for shelf in host.shelves.values():
                    while (item := shelf.pop()) is not None:
                        yield item
                self._length -= host.waiting
                self._forget(host)

    def freed(self, domain_key: str) -> None:
        """Note that a domain is busy no longer."""
        if domain_key not in self._aside:
            return
        self._aside.discard(domain_key)
        domain = self._domains.get(domain_key)
        if domain is None:
            return
        self._ready[domain_key] = None
        for reason, ranking in domain.rankings.items():
            if (top := ranking.top()) is not None:
                self._rankings[reason].offer(domain_key, top)

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
        tries = _TRIES
        for ring in (self._ready, self._late):
            while ring:
                key, _ = ring.popitem(last=False)
                if is_busy(key):
                    self._set_aside(key)
                    continue
                domain = self._domains[key]
                host = next(iter(domain.hosts.values()))
                domain.hosts.move_to_end(host.name)
                self._measure(host, Reason.HIT if self._experience.hits else Reason.NOVEL)
                value = max(host.values, default=0.0)
                is_late = value <= _LATE and (not host.shelves or max(host.shelves) <= self._level(host, _LATE))
                domain.late = domain.late + 1 if is_late else 0
                if domain.late >= len(domain.hosts) and ring is self._ready:
                    self._late[key] = None
                    continue
                ring[key] = None
                tries -= 1
                if value > _LATE or ring is self._late or tries < 0:
                    return host
        return None

    def _set_aside(self, domain_key: str) -> None:
        self._aside.add(domain_key)
        self._ready.pop(domain_key, None)
        self._late.pop(domain_key, None)
        for ranking in self._rankings.values():
            ranking.remove(domain_key)

    def _measure(self, host: _Host[T], reason: Reason) -> float | None:
        """What the host's best page is worth now; None where none waits."""
        if not host.waiting:
            return None
        if len(host.pool) <= self._pool_size // 2 and host.shelves:
            self._refill(host)
        values = self._judge(host, reason)
        if host.rests:
            host.rests -= 1
        elif host.shelves and self._level(host, max(host.values)) < max(host.shelves) - _STALE:
            host.rests = _REST
            self._clear(host)
            self._refill(host)
            values = self._judge(host, reason)
        best = max(values)
        host.best = values.index(best)
        return best

    def _judge(self, host: _Host[T], reason: Reason) -> list[float]:
        """Returns what the pages of a host's pool are worth for a reason, and notes their novelty."""
        links = [link for _, link in host.pool]
        if reason is Reason.HIT:
            host.values, rates = self._experience.novelty_and_hit_rates(links)
            return rates
        host.values = self._experience.novelty(links)
        return host.values

    def _clear(self, host: _Host[T]) -> None:
        """Back to the shelves: what the pool holds has lost its worth."""
        pool, values, host.pool, host.values = host.pool, host.values, [], []
        for (item, _), value in zip(pool, values, strict=True):
            self._shelve(host, item, value)

    def _refill(self, host: _Host[T]) -> None:
        """From the best shelves; what has lost its worth meanwhile goes back to where it belongs."""
        size = max(self._pool_size, 1)
        for _ in range(_MAX_RESHELVED):
            if len(host.pool) >= size or not host.shelves:
                return
            level = max(host.shelves)
            shelf = host.shelves[level]
            item = shelf.pop()
            if len(shelf) == 0:
                del host.shelves[level]
            if item is None:
                continue
            link = self._link_of(item)
            value = self._experience.novelty((link,))[0]
            if host.shelves and self._level(host, value) < max(host.shelves) - _STALE:
                self._shelve(host, item, value)
            else:
                host.pool.append((item, link))
                host.values.append(value)
        if not host.pool:  # the next best, however little it is worth
            level = max(host.shelves)
            item = host.shelves[level].pop()
            if len(host.shelves[level]) == 0:
                del host.shelves[level]
            if item is not None:
                host.pool.append((item, self._link_of(item)))
                host.values.append(0.0)

    def _take(self, host: _Host[T]) -> T:
        item, _ = host.pool.pop(host.best)  # the others keep their order: of equal ones the first comes first
        host.values.pop(host.best)
        host.waiting -= 1
        self._length -= 1
        if not host.waiting:
            self._forget(host)
        return item

    def _forget(self, host: _Host[T]) -> None:
        domain = host.domain
        self._hosts -= 1
        del domain.hosts[host.name]
        for ranking in domain.rankings.values():
            ranking.remove(host)
        if not domain.hosts:
            del self._domains[domain.key]
            self._ready.pop(domain.key, None)
            self._late.pop(domain.key, None)
            for of_all in self._rankings.values():
                of_all.remove(domain.key)

    def _level(self, host: _Host[T], value: float) -> int:
        """Against what pages of the host show by now, since that falls, for all alike, while it is visited."""
        times = value / self._experience.usual(host.name)
        return min(max(round(2 * log2(max(times, 1e-9))) + _MIDDLE, 0), LEVELS - 1)
