"""Tallies links by domain, anchor and address in one pass, column by column; a few numbers of each link stay in memory."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from dataclasses import dataclass, field
from itertools import compress, count, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from backlinkbot.extract.link import MENTION, SAME_DOMAIN
from backlinkbot.items import LinkState
from backlinkbot.reports.breakdowns import BREAKDOWNS, TLDS, top_level
from backlinkbot.reports.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from backlinkbot.reports.anchors import AnchorKind, AnchorReader
    from backlinkbot.reports.page.link_batch import LinkBatch
    from backlinkbot.reports.page.timeline import Timeline

T = TypeVar("T")
K = TypeVar("K")


@dataclass(slots=True, kw_only=True)
class SharedValues:
    """The values that many links share, and how many links do."""

    row: Any
    """Has the columns :data:`~backlinkbot.reports.page.link_batch.ALIKE` as attributes."""
    is_own: bool
    is_mention: bool
    is_lost: bool
    shift: int
    """Two bits: whether the links are followed, and whether they pass a vote."""
    links: int = 0
    kinds: dict[AnchorKind, int] = field(default_factory=dict)
    """Kind of anchor -> the number of the links' bars, see :attr:`Tallies.bars`."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """Numbers of links, of followed ones, of ones that pass a vote, and of their domains."""

    links: int = 0
    follow: int = 0
    voting: int = 0
    domains: int = 0


class Newest(Generic[T]):
    """A given number of entries with the greatest keys; equal keys keep their order."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._numbers = count()
        self._heap: list[tuple[Any, int, T]] = []
        self.total = 0

    def add(self, key: Any, entry: T) -> None:
        """Adds an entry."""
        self.total += 1
        if len(self._heap) < self._limit:
            heapq.heappush(self._heap, (key, -next(self._numbers), entry))
        elif self._heap and key > self._heap[0][0]:
            heapq.heappushpop(self._heap, (key, -next(self._numbers), entry))

    def add_all(self, keys: Sequence[Any], entries: Sequence[T]) -> None:
        """Adds many entries; nearly all of a long history are older than those that stay."""
        if len(self._heap) < self._limit:
            for key, entry in zip(keys, entries, strict=True):
                self.add(key, entry)
        elif self._heap:
            least = self._heap[0][0]
            newer = [at for at, key in enumerate(keys) if key > least]
            self.total += len(keys) - len(newer)
            for at in newer:
                self.add(keys[at], entries[at])
        else:
            self.total += len(keys)

    def top(self) -> tuple[T, ...]:
        """Returns the entries, the greatest key first."""
        return tuple(entry for _, _, entry in sorted(self._heap, key=itemgetter(0, 1), reverse=True))


class Tallies:
    """The state of the pass over the links."""

    def __init__(
        self,
        reader: AnchorReader,
        timeline: Timeline,
        shared_row: Callable[[Any], Any],
        time_text: Callable[[Any], str],
        newest: int,
    ) -> None:
        """Begins the pass.

        Args:
            reader: classifies the anchors.
            timeline: counts the links by week.
            shared_row: makes an object with the columns :data:`~backlinkbot.reports.page.link_batch.ALIKE` of the key of their
                values.
            time_text: makes a text of a time.
            newest: how many of the newest links are kept.
        """
        self._reader = reader
        self._timeline = timeline
        self._shared_row = shared_row
        self.time_text = time_text
        self.shared: dict[Any, SharedValues] = {}
        """Key of the values of :data:`~backlinkbot.reports.page.link_batch.ALIKE` -> these, in the order of their appearance."""
        self.unconfirmed = 0
        self.first_visit: Any = None
        self.last_visit: Any = None
        self.newest: Newest[Any] = Newest(newest)
        self.bars: list[tuple[tuple[str, str], ...]] = []
        """By number: the breakdowns' bars of a link, each with the breakdown's name."""
        self._domains: Numbers[str] = Numbers()
        self._anchors: Numbers[tuple[str, AnchorKind]] = Numbers()
        self._urls: dict[str, int] = {}
        self._without_fragment: Numbers[str] = Numbers()
        # Of each link that is live: its numbers.
        self._of_domain, self._of_anchor, self._of_url, self._of_bars = array("q"), array("q"), array("q"), array("i")
        self._of_page = array("q")
        self._first_seen: dict[int, Any] = {}
        self._answers: dict[int, tuple[Any, str, str, int | None]] = {}

    # --- the pass ---

    def add(self, batch: LinkBatch) -> None:
        """Counts the links."""
        shared = [self.shared.get(alike) or self._new(alike) for alike in batch.alike]
        for of, number in Counter(batch.alike).items():
            self.shared[of].links += number
        if any(of.is_own or of.is_mention for of in map(self.shared.__getitem__, set(batch.alike))):
            which = [not (of.is_own or of.is_mention) for of in shared]
            batch, shared = batch.chosen(which), list(compress(shared, which))
        self._add_visits(batch.first_seen, batch.first_seconds)
        self._add_visits(batch.fetched_at, batch.fetched_seconds)
        domains = [self._domains[domain] for domain in batch.domains]
        is_lost = [of.is_lost for of in shared]
        self._timeline.add(batch, [of.row.target for of in shared], domains, is_lost)
        if any(is_lost):
            which = [not lost for lost in is_lost]
            batch, shared = batch.chosen(which), list(compress(shared, which))
            domains = list(compress(domains, which))
        self._add_live(batch, shared, domains)

    def _new(self, alike: Any) -> SharedValues:
        row = self._shared_row(alike)
        is_own = SAME_DOMAIN in row.flags
        of = SharedValues(
            row=row,
            is_own=is_own,
            is_mention=not is_own and row.link_type == MENTION,
            is_lost=row.state == LinkState.LOST,
            shift=bool(row.follow) << 1 | (row.follow is not None),
        )
        self.shared[alike] = of
        return of

    def _add_visits(self, times: Sequence[Any], seconds: Sequence[int]) -> None:
        least, most = self._timeline.earliest, self._timeline.latest
        if seconds and not (least <= min(seconds) and max(seconds) <= most):
            times = [time for time, second in zip(times, seconds, strict=True) if least <= second <= most]
        if times:
            first, last = min(times), max(times)
            self.first_visit = first if self.first_visit is None else min(first, self.first_visit)
            self.last_visit = last if self.last_visit is None else max(last, self.last_visit)

    def _add_live(self, batch: LinkBatch, shared: Sequence[SharedValues], domains: Sequence[int]) -> None:
        self.unconfirmed += sum(map(bool, batch.unconfirmed))
        self.newest.add_all(batch.first_seen, batch.links)
        self._of_page.extend(batch.pages)
        kind_of, anchors, first_seen, answers = self._reader.kind_of, self._anchors, self._first_seen, self._answers
        add_domain, add_anchor = self._of_domain.append, self._of_anchor.append
        add_url, add_bar_set = self._of_url.append, self._of_bars.append
        for of, domain, anchor, url, first, at, fetched in zip(
            shared, domains, batch.anchors, batch.target_urls, batch.first_seen, count(), batch.fetched_at, strict=False
        ):
            row, shift = of.row, of.shift
            kind = kind_of(row.target, url, anchor, row.link_type)
            bars = of.kinds.get(kind)
            add_bar_set(self._add_bars(of, kind) if bars is None else bars)
            add_domain(domain << 2 | shift)
            add_anchor(anchors[anchor, kind] << 2 | shift if shift & 1 else -1)
            number = self._urls.get(url)
            if number is None:
                number = self._urls[url] = self._without_fragment[url.partition("#")[0]]
            add_url(number << 2 | shift)
            if first and not (domain in first_seen and first_seen[domain] <= first):
                first_seen[domain] = first
            if row.target_state and (number not in answers or fetched >= answers[number][0]):
                answers[number] = (fetched, row.target_state, batch.final_urls[at], row.target_status)

    def _add_bars(self, of: SharedValues, kind: AnchorKind) -> int:
        self.bars.append(
            tuple((name, bar) for name, bars in BREAKDOWNS.items() if name != TLDS for bar in bars(of.row, kind))
        )
        of.kinds[kind] = len(self.bars) - 1
        return of.kinds[kind]

    # --- what was found ---

    def sums(self) -> LinkSums:
        """Returns the tallies, after the last link."""
        by_domain = _added(self._of_domain)
        names = list(self._domains)
        anchors, urls = _added(number for number in self._of_anchor if number >= 0), _added(self._of_url)
        of_bars = Counter(self._of_bars)
        bars: dict[tuple[str, str], Tally] = {}
        for number, found in of_bars.items():
            for bar in self.bars[number]:
                bars.setdefault(bar, Tally()).links += found
        anchor_domains: Counter[int] = Counter()
        url_domains: Counter[int] = Counter()
        bar_domains: Counter[tuple[str, str]] = Counter()
        pages: dict[int, int] = {}
        for domain, links in self._by_domain():
            pages[domain] = len({self._of_page[at] for at in links})
            anchor_domains.update({self._of_anchor[at] >> 2 for at in links})
            url_domains.update({self._of_url[at] >> 2 for at in links})
            bar_domains.update(set().union(*(self.bars[number] for number in {self._of_bars[at] for at in links})))
        _set_domains(anchors, anchor_domains)
        _set_domains(urls, url_domains)
        _set_domains(bars, bar_domains)
        for domain, tally in by_domain.items():
            bar_tally = bars.setdefault((TLDS, top_level(names[domain])), Tally())
            bar_tally.links += tally.links
            bar_tally.domains += 1
        texts, addresses = list(self._anchors), list(self._without_fragment)
        return LinkSums(
            domains={names[number]: tally for number, tally in sorted(by_domain.items())},
            pages={names[number]: found for number, found in pages.items()},
            first_seen={names[number]: self.time_text(time) for number, time in self._first_seen.items()},
            anchors={texts[number]: tally for number, tally in sorted(anchors.items())},
            linked={addresses[number]: tally for number, tally in sorted(urls.items())},
            answers={addresses[number]: answer[1:] for number, answer in self._answers.items()},
            bars=bars,
        )

    def _by_domain(self) -> Iterator[tuple[int, list[int]]]:
        """Yields each domain with the places of its links."""
        order = sorted(range(len(self._of_domain)), key=self._of_domain.__getitem__)
        of_domain = self._of_domain
        for domain, links in groupby(order, lambda at: of_domain[at] >> 2):
            yield domain, list(links)


def _set_domains(tallies: Mapping[K, Tally], domains: Mapping[K, int]) -> None:
    for key, tally in tallies.items():
        tally.domains = domains[key]


def _added(numbers: Iterable[int]) -> dict[int, Tally]:
    """Returns the tally of each number, by its number without the two bits of :attr:`SharedValues.shift`."""
    found: dict[int, Tally] = {}
    for number, links in Counter(numbers).items():
        tally = found.setdefault(number >> 2, Tally())
        tally.links += links
        tally.follow += links * (number >> 1 & 1)
        tally.voting += links * (number & 1)
    return found


@dataclass(slots=True, kw_only=True)
class LinkSums:
    """The tallies of all links that are live, in the order of their first appearance."""

    domains: dict[str, Tally]
    pages: dict[str, int]
    """Domain -> the number of its pages."""
    first_seen: dict[str, str]
    """Domain -> when the first of its links was seen."""
    anchors: dict[tuple[str, AnchorKind], Tally]
    linked: dict[str, Tally]
    """By address, without its fragment."""
    answers: dict[str, tuple[str, str, int | None]]
    """Address -> its state, final address and status, as far as it was requested."""
    bars: dict[tuple[str, str], Tally]
    """Breakdown and bar -> the tally."""
