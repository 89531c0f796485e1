"""What a crawl has learned from its visits, and what it expects of a page by it."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from backlinkbot.frontier.arms import UNVISITED
from backlinkbot.frontier.evidence import Evidence
from backlinkbot.frontier.features import PageFeatures
from backlinkbot.frontier.linked_hosts import SavedHashes, count_new
from backlinkbot.frontier.repeats import Repeats
from backlinkbot.frontier.visited_hosts import VisitedHosts
from backlinkbot.frontier.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backlinkbot.frontier.arms import DomainArms, HostArms
    from backlinkbot.frontier.marks import PageMarks
    from backlinkbot.frontier.saving import CrawlSaver

DUPLICATE_WEIGHT: Final = 4
"""A page that repeats another counts as so many that show nothing new."""
CLOSED_VALUE: Final = 1e-9
"""What a page of an arm that just closed is worth; less, the more pages of it have shown nothing new."""
REPEAT_VALUE: Final = CLOSED_VALUE / 1_000
"""What a page is worth that was visited at an address that differs in nothing but parameters that do not change it."""

_PRIOR_VISITS: Final = 5.0
"""An arm's own visits outweigh those of the arm above from this many on."""
_PRIOR_VISITS_OF_HITS: Final = 4.0
_ASSUMED_MISSES: Final = 50
"""Visits without a hit that are assumed before the first, so that one early hit is not taken for the rule."""
_MAX_NEW: Final = 30
_POWER: Final = 0.4
"""A page that shows thirty new hosts is worth four that show one, not thirty."""
_MAX_LOG_FACTOR: Final = 5.0
_MAX_RATIO: Final = 50.0
"""Before the first hit of an arm, its rate of hits differs from the usual one by no more than this factor."""
_HIT: Final = -1
"""In a saved lesson, in place of the number of new hosts: the page links to a target."""
_IGNORED: Final = -2
"""The same: a parameter does not change the host's pages; its name stands in place of the section."""
_NOT_IGNORED: Final = -3
"""The same: it does after all."""


WordFactors: TypeAlias = tuple[float, float]
"""The factors by which the words of a page, and its chance, change its expected novelty and its expected rate of hits; both 0 for a
repeat. A plain tuple, since so many are made."""
_REPEAT_FACTORS: Final[WordFactors] = (0.0, 0.0)


def _ignore(_: str) -> None:
    """Counts nothing."""


class Experience:
    """What the visits of a crawl have shown, and what it expects of a page by that."""

    def __init__(self) -> None:
        self._hosts = VisitedHosts()
        self._words = Words()
        self._hashes = SavedHashes()
        self._repeats = Repeats(self._hashes, lambda what: self.count(what))  # noqa: PLW0108 - `count` is set later
        self._shown = 0.0
        self.visits = 0
        """The number of visits."""
        self.hits = 0
        """Those of them whose pages link to a target."""
        self.evidence = Evidence()
        """What sources and the user claim, and how right they were."""
        self.count: Callable[[str], object] = _ignore
        """Called with the name of what is to be counted, as the documentation of the stats lists them."""
        self._saver: CrawlSaver | None = None

    # --- for a crawl that can be resumed ---

    def save_to(self, saver: CrawlSaver) -> None:
        """Saves from here on what is learned."""
        self._saver = saver
        self._hashes.save_to(saver)

    def restore_pairs(self, pairs: Iterable[int]) -> None:
        """Restores which hosts link to which, as an earlier run of the crawl has saved it."""
        self._hashes.restore(pairs)

    def restore(self, lessons: Iterable[Sequence[Any]]) -> None:
        """Learns again what visits of earlier runs have shown, in their order."""
        parameters = self._repeats.parameters
        for new, host, section, folder, trap, words, *rest in lessons:
            kind, added, weight = rest or (0, new, 1)  # a crawl that began with an older version saved six words
            page = PageFeatures(host, section, folder, trap, tuple(words), kind=kind)
            if new == _HIT:
                self._hit(page)
            elif new == _IGNORED:
                parameters.ignore(host, section)
            elif new == _NOT_IGNORED:
                parameters.heed(host, section)
            else:
                self._learn(page, new, added, weight)

    def _save(self, page: PageFeatures, new: int, added: int = 0, weight: int = 1) -> None:
        if self._saver is not None:
            lesson = [new, page.host, page.section, page.folder, page.trap, page.words, page.kind, added, weight]
            self._saver.learn(lesson)

    # --- hosts and domains ---

    def name(self, host: str) -> None:
        """Notes a host that the user named: it is not closed with the other hosts of its domain."""
        self._hosts.name(host)

    def is_named(self, host: str) -> bool:
        """True if the user named the host."""
        return self._hosts.is_named(host)

    def is_new(self, host: str) -> bool:
        """True if no page of the host was visited."""
        return host not in self._hosts

    def of_domain(self, domain: str) -> DomainArms:
        """Returns what the visits of a registrable domain have shown."""
        return self._hosts.domain(domain)

    # --- what visits show ---

    def visited(self, page: PageFeatures, outside: Iterable[str], marks: PageMarks | None = None) -> int:
        """Notes a visit and the hosts outside its own that the page links to.

        A visit without an answer has shown nothing, which is worth knowing too.

        Args:
            page: what was known of the page.
            outside: the hosts.
            marks: what the page is compared with others by; None for a visit without an answer.

        Returns:
            How many of the hosts no page of its own host has linked to before.
        """
        host = self._hosts.visit(page.host)
        new, added = count_new(self._hashes, page.host, outside, host.domain)
        self._repeats.note_address(page)
        weight = 1
        if marks is not None and self._is_duplicate(page, marks):
            self.count("duplicates")
            weight = DUPLICATE_WEIGHT
        self._learn(page, new, added, weight)
        self._save(page, new, added, weight)
        return new

    def _is_duplicate(self, page: PageFeatures, marks: PageMarks) -> bool:
        is_duplicate, changed = self._repeats.compare(page, marks)
        for name in changed:
            is_ignored = self._repeats.parameters.is_ignored(page.host, name)
            self._save(page._replace(section=name), _IGNORED if is_ignored else _NOT_IGNORED)
        return is_duplicate

    def _learn(self, page: PageFeatures, new: int, added: int, weight: int = 1) -> None:
        shown = min(new, _MAX_NEW) ** _POWER if new else 0.0
        self.visits += 1
        self._shown += shown
        host = self._hosts.visit(page.host)
        host.domain.visits += 1
        host.revision += 1
        for unproven, times in host.unproven_of(page):
            unproven.learn(added if unproven is host.domain.unproven else shown, weight * times)
        host.adds |= added > 0
        arms = host.of(page)
        was_exhausted = arms[-1].is_exhausted
        for arm in arms:
            arm.learn(shown, weight)
        if arms[-1].is_exhausted and not was_exhausted and len(arms) > 1 and not arms[-1].hits:
            self.count("closed_arms")
        self._words.learn(page.words, shown, self._average, self._usual_rate)

    def hit(self, page: PageFeatures) -> None:
        """Notes that a page that was visited links to a target."""
        self._hit(page)
        self._save(page, _HIT)

    def _hit(self, page: PageFeatures) -> None:
        self.hits += 1
        host = self._hosts.visit(page.host)
        host.domain.hits += 1
        host.revision += 1
        arms = host.of(page)
        for unproven in (host.unproven_sections, host.domain.unproven, host.unproven_by_kind.get(page.kind)):
            if unproven is not None:
                unproven.reopen()
        for arm in arms:
            arm.hits += 1
        self._words.hit(page.words, self._usual_rate)

    # --- what is expected ---

    def is_repeat(self, page: PageFeatures) -> bool:
        """True if the page was visited at an address that differs in nothing but parameters that do not change it."""
        return self._repeats.is_repeat(page)

    def defers(self, page: PageFeatures) -> bool:
        """True if a page that has its turn is deferred as a repeat; if not, its address counts as visited."""
        return self._repeats.defers(page)

    @property
    def _usual_rate(self) -> float:
        """The share of visited pages that link to a target, with some visits without a hit assumed."""
        return (self.hits + 0.5) / (self.visits + _ASSUMED_MISSES)

    @property
    def _average(self) -> float:
        return (self._shown + 1) / (self.visits + 1)

    def usual(self, host: str) -> float:
        """What pages of a host are expected to show, whichever they are."""
        known = self._hosts.get(host)
        whole = known.whole if known is not None else UNVISITED
        return (whole.shown + _PRIOR_VISITS * self._average) / (whole.visits + _PRIOR_VISITS)

    def revision(self, host: str) -> int:
        """Returns a number that changes when something is learned about a host itself."""
        known = self._hosts.expected(host)
        return 2 * known.revision + known.domain.unproven.are_exhausted

    def factors_of(self, page: PageFeatures) -> WordFactors:
        """Returns the factors by which the words of a page, and its chance, change what is expected of it."""
        return self.factors_of_all((page,))[0]

    def factors_of_all(self, pages: Sequence[PageFeatures]) -> list[WordFactors]:
        """Returns :meth:`factors_of` of several pages. Called at every turn for some pages of a pool."""
        of_word, of_word_for_hits = self._words.log_factor_of.__getitem__, self._words.log_hit_factor_of.__getitem__
        found = []
        for page in pages:
            chance = page.chance
            if chance <= CLOSED_VALUE:
                found.append(_REPEAT_FACTORS)
                continue
            words = page.words
            novelty, hits = sum(map(of_word, words)), sum(map(of_word_for_hits, words))
            found.append(
                (
                    chance * (exp(novelty) if -_MAX_LOG_FACTOR < novelty < _MAX_LOG_FACTOR else _bounded(novelty)),
                    exp(hits) if -_MAX_LOG_FACTOR < hits < _MAX_LOG_FACTOR else _bounded(hits),
                )
            )
        return found

    def expected(self, page: PageFeatures, factors: WordFactors) -> tuple[float, float]:
        """Returns what :meth:`novelty_and_hit_rates` returns for a page alone."""
        host = self._hosts.expected(page.host)
        mean, rate, share = self._of_folder(host, page.section, page.folder, page.trap, page.kind)
        times, times_hits = factors
        value = (mean * times if share else mean) if times else REPEAT_VALUE
        if not share or not times_hits:
            return value, value
        usual = self._usual_rate
        prior = min(max(value * (usual / self._average), usual / _MAX_RATIO), usual * _MAX_RATIO)
        return value, (rate + share * prior) * times_hits

    def novelty(self, pages: Sequence[PageFeatures], factors: Sequence[WordFactors]) -> list[float]:
        """Returns what pages of one host are expected to show: new outside hosts, damped.

        Args:
            pages: what is known of the pages.
            factors: the result of :meth:`factors_of` for each, perhaps of some visits ago.
        """
        return self._expected(pages, factors)[0]

    def novelty_and_hit_rates(
        self, pages: Sequence[PageFeatures], factors: Sequence[WordFactors]
    ) -> tuple[list[float], list[float]]:
        """Returns :meth:`novelty` of pages of one host, and how likely they are to link to a target.

        Before the first hit of an arm, novelty decides. The rates are only good for comparing pages: that of a page with several
        words that hits have in common can exceed 1. Called at every turn for every page of a pool.
        """
        values, folders = self._expected(pages, factors)
        usual = self._usual_rate
        least, most, scale = usual / _MAX_RATIO, usual * _MAX_RATIO, usual / self._average
        rates = []
        for value, (_, times), (_, rate, share) in zip(values, factors, folders, strict=True):
            if not share or not times:
                rates.append(value)
                continue
            prior = value * scale
            if prior > most:
                prior = most
            elif prior < least:
                prior = least
            rates.append((rate + share * prior) * times)
        return values, rates

    def _expected(
        self, pages: Sequence[PageFeatures], factors: Sequence[WordFactors]
    ) -> tuple[list[float], list[tuple[float, float, float]]]:
        """For each page of a host what it should show, and the figures of its folder."""
        host = self._hosts.expected(pages[0].host)
        of_folders: dict[int, tuple[float, float, float]] = {}
        folders = []
        for page in pages:
            folder = page.folder
            known = of_folders.get(folder)
            if known is None:
                known = of_folders[folder] = self._of_folder(host, page.section, folder, page.trap, page.kind)
            folders.append(known)
        values = [
            (mean * times if share else mean) if times else REPEAT_VALUE
            for (mean, _, share), (times, _) in zip(folders, factors, strict=True)
        ]
        return values, folders

    def is_closed(self, page: PageFeatures) -> bool:
        """True if the page is visited after everything else."""
        return (
            page.chance <= CLOSED_VALUE
            or self._hosts.expected(page.host).unproductive_visits(page.section, page.trap, page.kind) > 0
        )

    def is_closed_alone(self, page: PageFeatures) -> bool:
        """True if the page's arm is closed by visits of its own, not with the arms, sections or hosts beside it."""
        host = self._hosts.get(page.host)
        return host is not None and host.arms.get(page.trap, UNVISITED).is_exhausted

    def _of_folder(self, host: HostArms, section: int, folder: int, trap: int, kind: int) -> tuple[float, float, float]:
        """Returns the figures of a folder: its mean, its rate of hits, and the share by which that leans on what is expected.

        The share is 0 for a folder that is closed, whose pages have one value.
        The mean leans on that of its section, as that does on the host's, and that on all; the rate of hits likewise.
        """
        value, rate, share = self._average, 0.0, 1.0
        for arm in (host.whole, host.arms.get(section, UNVISITED), host.arms.get(folder, UNVISITED)):
            value = (arm.shown + _PRIOR_VISITS * value) / (arm.visits + _PRIOR_VISITS)
            leaning = _PRIOR_VISITS_OF_HITS / (arm.visits + _PRIOR_VISITS_OF_HITS)
            rate = arm.hits / (arm.visits + _PRIOR_VISITS_OF_HITS) + leaning * rate
            share *= leaning
        wasted = host.unproductive_visits(section, trap, kind)
        if wasted:  # the group of which least was visited for nothing comes first
            return CLOSED_VALUE / wasted, CLOSED_VALUE / wasted, 0.0
        return value, rate, share


def _bounded(value: float) -> float:
    return exp(_MAX_LOG_FACTOR if value > 0 else -_MAX_LOG_FACTOR)
