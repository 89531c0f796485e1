"""The best-first order: selects the next host and the next page of that host.

Turns go round. One is for the registrable domain, and in it for the host, that has waited longest; one for the page of
whatever host that should show most outside hosts that are new to its own; one for the page that most likely links to a
target. A host's best pages wait in a small pool and are measured anew at each of its turns; the others wait in queues
by what they were worth when they were found. So what a turn costs does not grow with the number of pages that wait.

Pages that somebody named come before all turns, best first, as long as they are likely enough to link to a target. What is left of
them, and the pages of domains that somebody named, have every second turn; see :mod:`backlinkbot.frontier.evidence`.

Pages of closed arms, which have shown nothing new for long, are deferred until nothing else waits, and share the turns that
are left: the arm of which least was visited for nothing comes first, so that no endless arm keeps the others waiting for ever.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from backlinkbot.frontier.domain_hosts import DomainHosts
from backlinkbot.frontier.domain_turns import DomainTurns
from backlinkbot.frontier.evidence import FIRST, NamedPages, worth_of_further_pages
from backlinkbot.frontier.experience import CLOSED_VALUE
from backlinkbot.frontier.host_pages import DEFERRED_VALUE, MAX_DEPTH, HostPages, OrderContext
from backlinkbot.frontier.ranking import Ranking
from backlinkbot.frontier.reasons import RANKED, Choice, Reason, Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.frontier.evidence import NamedBy
    from backlinkbot.frontier.experience import Experience
    from backlinkbot.frontier.features import PageFeatures
    from backlinkbot.frontier.ranking import PageQueue

T = TypeVar("T")

_EVERY: Final = 4
"""Where all that waits is of named domains, one in so many turns is of another reason."""


class Order(Generic[T]):
    """The pages that wait, and which of them comes next; see the module's docstring."""

    def __init__(
        self,
        experience: Experience,
        features_of: Callable[[T], PageFeatures],
        make_page_queue: Callable[[str, str, int], PageQueue[T]],
        *,
        pages_left: Callable[[], float] = lambda: inf,
    ) -> None:
        """Makes an empty order.

        Args:
            experience: what visits have shown.
            features_of: returns what is known of a page, also of one that comes from a queue.
            make_page_queue: makes an empty queue for a domain, a host of it and a level.
            pages_left: returns the number of pages that may still be visited. If more than those wait, no page of a closed arm is
                visited while a busy domain has others.
        """
        self._experience = experience
        self._context = OrderContext(experience, features_of, make_page_queue)
        self._pages_left = pages_left
        self._turns = Turns()
        self._domains: dict[str, DomainHosts[T]] = {}
        self._domain_turns = DomainTurns()
        self._rankings: dict[Reason, Ranking[str]] = {reason: Ranking() for reason in RANKED}
        self._named: NamedPages[T] = NamedPages(
            experience.evidence, make_page_queue, lambda domain: experience.of_domain(domain).hits
        )
        self._named_domains: Ranking[str] = Ranking()  # of the domains that somebody named
        self._waiting_named: set[str] = set()  # those of them that have pages here
        self._turns_of_evidence = 0
        self._length = 0

    def __len__(self) -> int:
        return self._length + len(self._named)

    # --- in ---

    def add_named(self, item: T, domain_key: str, named: NamedBy) -> None:
        """Adds a page that somebody named."""
        self._named.add(item, domain_key, named)
        if domain_key in self._domains and self._experience.evidence.is_named_whole(domain_key):
            self._offer_named_domain(domain_key)

    def add(self, item: T, domain_key: str) -> None:
        """Adds a page."""
        page = self._context.features_of(item)
        domain, host = self._host(page, domain_key)
        factors = self._experience.factors_of(page)
        value, rate = self._experience.expected(page, factors)
        domain.waiting += 1
        self._length += 1
        host.add(item, page, factors, value)
        self._offer(domain, host, {Reason.NOVEL: value, Reason.HIT: rate if self._experience.hits else 0.0})
        if value > DEFERRED_VALUE:
            self._make_ready(domain, host)
        if domain_key not in self._waiting_named and self._experience.evidence.is_named_whole(domain_key):
            self._offer_named_domain(domain_key)

    def hit(self, page: PageFeatures, domain_key: str) -> None:
        """Notes that a page of a host links to a target, as the experience knows by now: what waits beside it has its turn."""
        domain = self._domains.get(domain_key)
        if domain_key in self._waiting_named:
            self._offer_named_domain(domain_key)
        if domain is not None and (host := domain.hosts.get(page.host)) is not None:
            host.update_factors()
            self._offer(domain, host, {Reason.HIT: 1.0})
            self._make_ready(domain, host)  # its arm may have been closed

    def _host(self, page: PageFeatures, domain_key: str) -> tuple[DomainHosts[T], HostPages[T]]:
        domain = self._domains.get(domain_key)
        if domain is None:
            domain = self._domains[domain_key] = DomainHosts(domain_key)
            self._domain_turns.add(domain_key)
        host = domain.hosts.get(page.host)
        if host is None:
            depth = 0 if self._experience.is_named(page.host) else max(1, min(page.depth, MAX_DEPTH))
            host = HostPages(self._context, page.host, domain_key, depth)
            domain.add(host)
            self._context.hosts += 1
        return domain, host

    def _make_ready(self, domain: DomainHosts[T], host: HostPages[T]) -> None:
        domain.make_ready(host)
        self._domain_turns.make_ready(domain.key)

    def _offer(self, domain: DomainHosts[T], host: HostPages[T], values: dict[Reason, float]) -> None:
        is_busy = self._domain_turns.is_busy(domain.key)
        for reason, value in values.items():
            domain.rankings[reason].offer(host, value)
            if not is_busy:
                self._rankings[reason].offer(domain.key, value)

    def _offer_named_domain(self, domain_key: str) -> None:
        self._waiting_named.add(domain_key)
        if not self._domain_turns.is_busy(domain_key):
            self._named_domains.offer(domain_key, self._worth_of_further_pages(self._domains[domain_key]))

    def _worth_of_further_pages(self, domain: DomainHosts[T]) -> float:
        """What the pages of a named domain are worth a visit."""
        record = self._experience.evidence.domains.get(domain.key)
        known = self._experience.of_domain(domain.key)
        chance = record.chance if record is not None else 0.0
        return worth_of_further_pages(chance, known.visits, domain.waiting, known.hits)

    # --- out ---

    def next(self, is_busy: Callable[[str], bool]) -> Choice[T] | None:
        """Takes out the next page of a domain that is not busy; None where all that have pages are."""
        if len(self._named) or self._waiting_named:
            choice = self._next_by_evidence(is_busy)
            if choice is not None:
                return choice
        while True:
            turn = self._turns.next_reason(self._experience.hits, self._rankings[Reason.HIT].top)
            host = None if turn is Reason.FAIR else self._best_host(turn, is_busy)
            if host is not None and self._experience.is_closed(host.best_page):
                host = None  # all that is left is deferred: domains in turn
            reason = turn
            if host is None:
                host = self._fair_host(is_busy)
                if host is None:
                    return None
                reason = Reason.EXPLORATION if self._experience.is_new(host.name) else Reason.FAIR
            page = host.best_page
            if page.chance > CLOSED_VALUE and self._experience.defers(page):
                host.defer_best()
                self._turns.give_back()
                continue
            return Choice(self._take(host), reason)

    def _next_by_evidence(self, is_busy: Callable[[str], bool]) -> Choice[T] | None:
        """Takes out the best page that somebody named, or the best of a named domain; None where it is another reason's turn."""
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

    def _host_of_named_domain(self, is_busy: Callable[[str], bool], least: float) -> HostPages[T] | None:
        """The host of a named domain whose next page is worth most; None where none is worth more than ``least``."""

        def measure(key: str) -> float | None:
            domain = self._domains.get(key)
            if domain is None:
                return None
            if is_busy(key):
                self._set_busy(key)
                return None
            return self._worth_of_further_pages(domain)

        key = self._named_domains.best(measure)
        if key is None or self._named_domains.value_of(key) <= least:
            return None
        host = self._domains[key].rankings[Reason.HIT].best(lambda host: host.measure(Reason.HIT))
        if host is None:
            return None
        page = host.best_page
        return None if self._experience.is_closed(page) or self._experience.defers(page) else host

    def drain(self) -> Iterator[T]:
        """Takes everything out, in no order."""
        yield from self._named.drain()
        for domain in list(self._domains.values()):
            for host in list(domain.hosts.values()):
                yield from host.drain()
                self._length -= host.waiting
                self._remove(domain, host)

    def freed(self, domain_key: str) -> None:
        """Notes that a domain is busy no longer."""
        self._named.freed(domain_key)
        domain = self._domains.get(domain_key)
        if not self._domain_turns.free(domain_key, has_pages=domain is not None) or domain is None:
            return
        for reason, ranking in domain.rankings.items():
            if (top := ranking.top()) is not None:
                self._rankings[reason].offer(domain_key, top)
        if domain_key in self._waiting_named:
            self._offer_named_domain(domain_key)

    def _best_host(self, reason: Reason, is_busy: Callable[[str], bool]) -> HostPages[T] | None:
        """The host whose best page is the best of all, or nearly so."""
        found: dict[str, HostPages[T]] = {}

        def measure(domain_key: str) -> float | None:
            domain = self._domains.get(domain_key)
            if domain is None:
                return None
            if is_busy(domain_key):
                self._set_busy(domain_key)
                return None
            best = domain.rankings[reason].best(lambda host: host.measure(reason))
            if best is None:
                return None
            found[domain_key] = best
            return domain.rankings[reason].value_of(best)

        key = self._rankings[reason].best(measure)
        return None if key is None else found[key]

    def _fair_host(self, is_busy: Callable[[str], bool]) -> HostPages[T] | None:
        """The host that has waited longest of the domain that has; what shows nothing new comes when all else is done."""
        turns = self._domain_turns
        for deferred in (False, True):
            if deferred and turns.busy_ready and self._length > self._pages_left():
                return None  # what a busy domain has is worth more
            while (key := turns.next(deferred=deferred)) is not None:
                if is_busy(key):
                    self._set_busy(key)
                    continue
                domain = self._domains[key]
                host = domain.next_ready()
                if host is None and not deferred:
                    turns.defer(key)
                    continue
                return host or self._next_deferred(domain)
        return None

    def _next_deferred(self, domain: DomainHosts[T]) -> HostPages[T] | None:
        host = domain.next_deferred()
        if domain.ready:
            self._domain_turns.make_ready(domain.key)
        return host

    def _set_busy(self, domain_key: str) -> None:
        self._domain_turns.set_busy(domain_key)
        self._named_domains.remove(domain_key)
        for ranking in self._rankings.values():
            ranking.remove(domain_key)

    def _take(self, host: HostPages[T]) -> T:
        domain = self._domains[host.domain_key]
        item = host.take(self._turns.number)
        domain.waiting -= 1
        self._length -= 1
        if not host.waiting:
            self._remove(domain, host)
        return item

    def _remove(self, domain: DomainHosts[T], host: HostPages[T]) -> None:
        """Removes a host that has no pages left, and its domain with the last one."""
        self._context.hosts -= 1
        domain.remove(host)
        if not domain.hosts:
            del self._domains[domain.key]
            self._domain_turns.remove(domain.key)
            self._named_domains.remove(domain.key)
            self._waiting_named.discard(domain.key)
            for of_all in self._rankings.values():
                of_all.remove(domain.key)
