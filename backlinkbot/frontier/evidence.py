"""Pages and domains that sources or the user name: which of them should be visited next.

A named page is worth the chance that it links to a target, times what a link of its domain is still worth: the first of a
domain counts most. The chance is what its source claims, corrected by how often the source was right, and by what the
visits of named pages of the same domain have shown. A domain that a link graph names is worth less a visit than a named
page, for its home page rarely has the link.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from backlinkbot.frontier.ranking import Ranking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.frontier.ranking import PageQueue

T = TypeVar("T")

MAX_DOMAINS: Final = 200_000
"""Domains whose record is kept: those that were named last."""
MAX_SOURCES: Final = 1_000
"""Sources whose hits are counted."""
FURTHER: Final = 0.35
"""What the second link of a domain is worth, of the first; the third half of that, and so on."""
FIRST: Final = 0.1
"""A named page that is worth at least so much comes before all turns."""
LIKELY: Final = 0.25
"""A named page that has this chance does so however many links of its domain are known."""
USUAL_PAGES: Final = 20
"""Pages of a domain of which none was visited."""
LINKING_PAGES: Final = 2
"""Pages of a referring domain that link to a target, as is usual."""

_TRUST: Final = 8.0
"""The visits of a source outweigh what it claims from this many on."""
_TRUST_IN_DOMAIN: Final = 2.0
"""The same for the named pages of one domain."""
_MOST: Final = 0.98


class NamedBy(NamedTuple):
    """Who names a page, and how likely it links to a target."""

    source: str
    chance: float
    """From 0 to 1, before anybody has looked."""
    is_domain: bool = False
    """True for the home page of a domain that is named as a whole."""


@dataclass(slots=True)
class SourceRecord:
    """The visited pages of a source."""

    expected: float = 0.0
    """The number of them that should link to a target by what the source claims."""
    hits: int = 0

    def chance(self, claimed: float) -> float:
        """Returns what a claim of the source is worth by now."""
        return min(claimed * (self.hits + _TRUST) / (self.expected + _TRUST), _MOST)


@dataclass(slots=True)
class DomainRecord:
    """What is known of a domain that was named, or of which a page was."""

    chance: float = 0.0
    """How likely some page of it links to a target, by what is claimed of the domain as a whole."""
    is_named_whole: bool = False
    """True if the domain itself was named, so that the links of its pages are followed because of that."""
    visits: int = 0
    """Visited pages that were named."""
    hits: int = 0
    """Those of them that link to a target."""


@dataclass(slots=True)
class Evidence:
    """What sources claim, and how right they were."""

    sources: dict[str, SourceRecord] = field(default_factory=dict)
    domains: OrderedDict[str, DomainRecord] = field(default_factory=OrderedDict)

    def claim(self, domain: str, named: NamedBy) -> None:
        """Notes that a page of a domain is named."""
        record = self.domains.get(domain)
        if record is None:
            record = self.domains[domain] = DomainRecord()
            if len(self.domains) > MAX_DOMAINS:
                self.domains.popitem(last=False)
        if named.is_domain:
            record.chance = max(record.chance, named.chance)
            record.is_named_whole = True

    def is_named_whole(self, domain: str) -> bool:
        """True if the domain itself was named."""
        record = self.domains.get(domain)
        return record is not None and record.is_named_whole

    def visited(self, domain: str, named: NamedBy) -> None:
        """Notes the visit of a named page."""
        if named.is_domain:
            return
        source = self._source(named.source)
        if source is not None:
            source.expected += named.chance
        if (record := self.domains.get(domain)) is not None:
            record.visits += 1

    def hit(self, domain: str, named: NamedBy) -> None:
        """Notes that a named page that was visited links to a target."""
        if named.is_domain:
            return
        source = self._source(named.source)
        if source is not None:
            source.hits += 1
        if (record := self.domains.get(domain)) is not None:
            record.hits += 1

    def worth(self, domain: str, named: NamedBy, hits: int) -> float:
        """Returns how many new referring domains a visit should bring.

        Args:
            domain: the registrable domain of the page.
            named: what is said of it.
            hits: pages of the domain that were found to link to a target.
        """
        source = self.sources.get(named.source)
        chance = source.chance(named.chance) if source is not None else named.chance
        record = self.domains.get(domain)
        if record is not None:
            chance = (chance * _TRUST_IN_DOMAIN + record.hits) / (_TRUST_IN_DOMAIN + record.visits)
        if named.is_domain:
            chance *= LINKING_PAGES / USUAL_PAGES
        if not hits:
            return chance
        return max(chance * FURTHER / hits, FIRST if chance >= LIKELY else 0.0)

    def _source(self, name: str) -> SourceRecord | None:
        if name not in self.sources and len(self.sources) >= MAX_SOURCES:
            return None
        return self.sources.setdefault(name, SourceRecord())


def worth_of_further_pages(chance: float, visited: int, waiting: int, hits: int) -> float:
    """Returns how many new referring domains a visit of a named domain's further pages should bring.

    While no page with a link is found, the chance that the domain has any falls with the share of its pages that were visited;
    small domains come first. Later pages are worth less.

    Args:
        chance: how likely some page of the domain links to a target.
        visited: its visited pages.
        waiting: its pages that are known and wait.
        hits: its visited pages that link to a target.
    """
    if hits:
        return FURTHER * (hits + 0.5) / (visited + 3) / sqrt(1 + hits)
    left = max(waiting, USUAL_PAGES - visited, 1)
    unseen = (left / (left + visited)) ** LINKING_PAGES
    still = chance * unseen / (chance * unseen + 1 - min(chance, _MOST))
    return still * min(LINKING_PAGES / left, 1.0)


class NamedPages(Generic[T]):
    """The named pages that wait, by domain."""

    def __init__(
        self,
        evidence: Evidence,
        make_page_queue: Callable[[str, str, int], PageQueue[T]],
        hits_of: Callable[[str], int],
    ) -> None:
        """Makes an empty collection.

        Args:
            evidence: what sources claim.
            make_page_queue: makes an empty queue for a domain.
            hits_of: returns the number of visited pages of a domain that link to a target.
        """
        self._evidence = evidence
        self._make_page_queue = make_page_queue
        self._hits_of = hits_of
        self._domains: dict[str, dict[NamedBy, PageQueue[T]]] = {}
        self._ranking: Ranking[str] = Ranking()
        self._busy: set[str] = set()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, item: T, domain: str, named: NamedBy) -> None:
        """Adds a page behind those of its domain and source."""
        self._length += 1
        self._evidence.claim(domain, named)
        page_queues = self._domains.setdefault(domain, {})
        page_queue = page_queues.get(named)
        if page_queue is None:
            page_queue = page_queues[named] = self._make_page_queue(domain, "", 0)
        page_queue.push(item)
        if domain not in self._busy:
            self._ranking.offer(domain, self._worth(domain, named))

    def best(self, is_busy: Callable[[str], bool]) -> tuple[str, float] | None:
        """Returns the domain that has the best page, and what that is worth; None if all that have pages are busy."""

        def measure(domain: str) -> float | None:
            page_queues = self._domains.get(domain)
            if page_queues is None:
                return None
            if is_busy(domain):
                self._busy.add(domain)
                return None
            return max(self._worth(domain, named) for named in page_queues)

        domain = self._ranking.best(measure)
        return None if domain is None else (domain, self._ranking.value_of(domain))

    def take(self, domain: str) -> T | None:
        """Takes out the best page of a domain."""
        page_queues = self._domains[domain]
        named = max(page_queues, key=lambda one: self._worth(domain, one))
        item = page_queues[named].pop()
        self._length -= 1
        if not len(page_queues[named]):
            del page_queues[named]
        if not page_queues:
            del self._domains[domain]
            self._ranking.remove(domain)
        return item

    def freed(self, domain: str) -> None:
        """Notes that a domain is busy no longer."""
        if domain in self._busy:
            self._busy.discard(domain)
            self.changed(domain)

    def changed(self, domain: str) -> None:
        """Notes that the pages of a domain may be worth more than before."""
        if domain in self._domains and domain not in self._busy:
            self._ranking.offer(domain, max(self._worth(domain, named) for named in self._domains[domain]))

    def drain(self) -> Iterator[T]:
        """Takes everything out, in no order."""
        for domain in list(self._domains):
            while domain in self._domains:
                if (item := self.take(domain)) is not None:
                    yield item

    def _worth(self, domain: str, named: NamedBy) -> float:
        return self._evidence.worth(domain, named, self._hits_of(domain))
