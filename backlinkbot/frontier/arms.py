"""The arms of the crawl order: hosts, their sections and folders, with the results of their visited pages."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from backlinkbot import urls
from backlinkbot.frontier.duplicates import Duplicates
from backlinkbot.frontier.evidence import Evidence
from backlinkbot.frontier.known import HashSet
from backlinkbot.frontier.parameters import Parameters
from backlinkbot.frontier.shapes import folder_shape, pairs_of, section_of, trap_shape, without_path_parameters
from backlinkbot.frontier.words import FORGETTING, Words, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backlinkbot.frontier.marks import PageMarks
    from backlinkbot.frontier.parameters import Pairs
    from backlinkbot.frontier.saving import CrawlSaver

DRY: Final = 20
"""So many pages of an arm in a row without an outside host new to their host, and the arm waits behind all others."""
BARREN: Final = 40
"""Visits in a row of arms that have never shown anything, and all such arms of their section wait behind all others; the first
visit of an arm counts twice. The same for the sections of a host."""
BARREN_HOSTS: Final = 20
"""The same for the hosts of a domain, each of which costs a robots.txt besides."""
MIN_HOSTS: Final = 5
"""Hosts of a domain that were visited before it is taken for one that has them without end."""
REPEATED: Final = 4
"""A page that repeats another counts as so many that show nothing new."""
MAX_SIBLINGS: Final = 30
"""Other hosts of its own domain that count as new for a host; a domain with a wildcard in its DNS has them without end."""
LAST: Final = 1e-9
"""What a page of an arm that just closed is worth; less, the more pages of it have shown nothing new."""
REPEAT: Final = LAST / 1_000
"""What a page is worth that was visited at an address that differs in nothing but parameters that do not change it."""
MAX_ARMS_OF_HOST: Final = 2_000
"""Arms of which a host keeps figures; pages of further ones are told by their section, then by their host."""
MAX_HOSTS: Final = 200_000
"""Hosts of which figures are kept, and as many domains; the latest visited."""

_LEAN: Final = 5.0
"""An arm's own visits outweigh those of the arm above from this many on."""
_LEAN_OF_HITS: Final = 4.0
_DOUBT: Final = 50
"""Visits without a hit that are assumed before the first, so that one early hit is not taken for the rule."""
_MAX_NEW: Final = 30
_POWER: Final = 0.4
"""A page that shows thirty new hosts is worth four that show one, not thirty."""
_MAX_WORTH: Final = 5.0
_SPREAD: Final = 50.0
_64_BITS: Final = (1 << 64) - 1
_SPREADING: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
"""Odd numbers that spread 32 bits over 64: https://en.wikipedia.org/wiki/Hash_function#Fibonacci_hashing"""
_HIT: Final = -1
"""In a saved lesson, in place of the number of new hosts: the page links to a target."""
_IGNORED: Final = -2
"""The same: a parameter does not change the host's pages; its name stands in place of the section."""
_HEEDED: Final = -3
"""The same: it does after all."""


class Link(NamedTuple):
    """What is known of a page before it is visited; small, since a page's request carries it while it waits."""

    host: str
    section: int
    """A hash of the first folder."""
    folder: int
    """A hash of the folder, digits folded, with the names of the query's keys."""
    trap: int
    """A hash of what pages of one trap have in common: depth and names of keys, or the folder."""
    words: tuple[int, ...]
    chance: float = 1.0
    """How much likelier than others this page is to be worth a visit, for a reason that neither arm nor words know."""
    kind: int = 0
    """A hash of the section, and whether there is a query: what new arms are counted by."""
    path: int = 0
    """A hash of the path without parameters."""
    pairs: Pairs = ()
    """The parameters, see :mod:`backlinkbot.frontier.parameters`."""
    depth: int = 0
    """Links on the way from a seed."""


def link_to(
    host: str,
    path: str,
    query: str = "",
    *,
    anchor: str = "",
    found_on: str = "",
    chance: float = 1.0,
    depth: int = 0,
) -> Link:
    """What the address and the anchor of a link say. ``path`` begins with a slash, ``query`` has no question mark."""
    bare, parameters = without_path_parameters(path)
    pairs: list[tuple[str, str]] = []
    if query or parameters:
        pairs = pairs_of(query) + [(f";{name}", value) for name, value in pairs_of(parameters)]
    keys = tuple(dict.fromkeys(name for name, _ in pairs if not name.startswith(";")))
    section = section_of(bare)
    return Link(
        host,
        _hash("section", section),
        _hash("folder", folder_shape(bare, keys)),
        _hash("trap", trap_shape(bare, keys)),
        words_of(f"{path}?{query}" if query else path, anchor, found_on),
        chance,
        _hash("kind", f"{section}?{bool(keys)}"),
        _hash("path", bare),
        tuple([(_hash("name", name), _hash("value", value)) for name, value in pairs]),
        depth,
    )


def _hash(kind: str, text: str) -> int:
    """The same in every process, so that a request on disk still means the same arm; arms of one host are few enough."""
    return crc32(f"{kind} {text}".encode("utf-8", "surrogatepass"))


@dataclass(slots=True)
class Arm:
    """The visits of a host, a section or a folder; the latest count most."""

    visits: float = 0.0
    shown: float = 0.0
    """What the pages have shown: outside hosts that no earlier page of their host linked to, damped."""
    hits: float = 0.0
    dry: int = 0
    """Visits in a row that showed nothing new."""

    def learn(self, shown: float, weight: int = 1) -> None:
        """Notes a visit; ``weight`` is what one that shows nothing new counts for."""
        self.visits = FORGETTING * self.visits + 1
        self.shown = FORGETTING * self.shown + shown
        self.hits *= FORGETTING
        self.dry = 0 if shown else self.dry + weight


_NOTHING: Final = Arm()


class WordFactors(NamedTuple):
    """The factors by which a link's words, and its chance, change the expected worth of its page; both 0 for a repeat."""

    novelty: float
    hits: float


_REPEAT_FACTORS: Final = WordFactors(0.0, 0.0)


@dataclass(slots=True)
class Newcomers:
    """The arms of a section, the sections of a host or the hosts of a domain that have never shown anything."""

    most: int = BARREN
    dry: int = 0
    """So many in a row showed nothing new and did not link to a target."""

    def learn(self, new: float, weight: int) -> None:
        """Notes a visit of one of them."""
        if new:
            self.open()
        else:
            self.dry += weight

    def open(self) -> None:
        """Notes that one of them is worth visiting; the others are tried again, half as often as before."""
        self.dry = min(self.dry, self.most) // 2

    @property
    def are_barren(self) -> bool:
        """True if all of them wait behind everything else."""
        return self.dry >= self.most


@dataclass(slots=True)
class DomainArms:
    """The hosts of a registrable domain."""

    hosts: int = 0
    siblings: int = 0
    """Hosts of the domain to which pages of others linked."""
    visits: int = 0
    """Visited pages of all its hosts."""
    hits: int = 0
    """Those of them that link to a target."""
    newcomers: Newcomers = field(default_factory=lambda: Newcomers(BARREN_HOSTS))


_NO_DOMAIN: Final = DomainArms()


@dataclass(slots=True)
class HostArms:
    """A host and its arms."""

    domain: DomainArms
    whole: Arm = field(default_factory=Arm)
    arms: dict[int, Arm] = field(default_factory=dict)
    kinds: dict[int, Newcomers] = field(default_factory=dict)
    """By section, with and without a query: the new arms in it."""
    sections: Newcomers = field(default_factory=Newcomers)
    adds: bool = False
    """True if any page has shown a host to which no page of the domain had linked."""
    is_named: bool = False
    """True if the user named the host."""
    lessons: int = 0
    """The number of visits and hits."""

    def of(self, link: Link) -> list[Arm]:
        """The arms to which a visited page belongs, made where there is room."""
        if len(self.arms) < MAX_ARMS_OF_HOST:
            own = [self.arms.setdefault(key, Arm()) for key in (link.section, link.folder, link.trap)]
        else:
            own = [self.arms[key] for key in (link.section, link.folder, link.trap) if key in self.arms]
        return [self.whole, *own]

    def newcomers_of(self, link: Link) -> list[tuple[Newcomers, int]]:
        """The groups for which a visit counts, and how much; called before :meth:`of`."""
        found = []
        arm, section = self.arms.get(link.trap), self.arms.get(link.section)
        kind = self.kinds.get(link.kind)
        if kind is None and len(self.kinds) < MAX_ARMS_OF_HOST:
            kind = self.kinds[link.kind] = Newcomers()
        # What is closed does not count for the groups above it, which would never have their turn.
        if arm is None or arm.dry < DRY:
            if (section is None or not section.shown) and not (kind is not None and kind.are_barren):
                found.append((self.sections, 2 if section is None else 1))
            if kind is not None and (arm is None or not arm.shown):
                found.append((kind, 2 if arm is None else 1))
        if not self.adds:
            found.append((self.domain.newcomers, 1 if self.whole.visits else 2))
        return found

    def dryness(self, section: int, trap: int, kind: int) -> int:
        """Returns by how many visits the group of an arm has shown nothing new, if it is closed; else 0."""
        own = self._own_dryness(section, trap, kind)
        return own + self.domain.newcomers.dry if self.is_closed else own

    def _own_dryness(self, section: int, trap: int, kind: int) -> int:
        arm = self.arms.get(trap, _NOTHING)
        if arm.hits:
            return 0
        if arm.dry >= DRY:
            return arm.dry
        if arm.shown:
            return 0
        beside = self.kinds.get(kind, _NO_NEWCOMERS)
        if beside.are_barren:
            return beside.dry
        of_section = self.arms.get(section, _NOTHING)
        return self.sections.dry if self.sections.are_barren and not of_section.shown and not of_section.hits else 0

    @property
    def is_closed(self) -> bool:
        """True if all pages of the host wait behind everything else: it adds nothing to a domain of barren hosts."""
        domain = self.domain
        is_barren = domain.newcomers.are_barren and domain.hosts >= MIN_HOSTS
        return is_barren and not self.adds and not self.is_named and not self.whole.hits


_NO_NEWCOMERS: Final = Newcomers()
_NEW_HOST: Final = HostArms(_NO_DOMAIN)


def _ignore(_: str) -> None:
    """Counts nothing."""


class Experience:
    """What a crawl has learned, and what it expects of a page by it."""

    def __init__(self) -> None:
        self._hosts: OrderedDict[str, HostArms] = OrderedDict()
        self._domains: OrderedDict[str, DomainArms] = OrderedDict()
        self._named: set[str] = set()
        self._words = Words()
        # Of a host and one that it links to; and addresses that were visited, without ignored parameters.
        self._pairs = HashSet()
        self._parameters = Parameters()
        self._duplicates = Duplicates()
        self._visits = 0
        self._shown = 0.0
        self.hits = 0
        self.evidence = Evidence()
        """What sources and the user claim, and how right they were."""
        self.count: Callable[[str], object] = _ignore
        """Called with the name of what is to be counted, as the documentation of the stats lists them."""
        self._saver: CrawlSaver | None = None

    # --- for a crawl that can be resumed ---

    def save_to(self, saver: CrawlSaver) -> None:
        """From here on, save what is learned."""
        self._saver = saver

    def restore_pairs(self, pairs: Iterable[int]) -> None:
        """Know again which hosts link to which, as an earlier run of the crawl has saved it."""
        self._pairs.update(pairs)

    def restore(self, lessons: Iterable[Sequence[Any]]) -> None:
        """Learn again what visits of earlier runs have shown, in their order."""
        for new, host, section, folder, trap, words, *rest in lessons:
            kind, added, weight = rest or (0, new, 1)  # a crawl that began with an older version saved six words
            link = Link(host, section, folder, trap, tuple(words), kind=kind)
            if new == _HIT:
                self._hit(link)
            elif new == _IGNORED:
                self._parameters.ignore(host, section)
            elif new == _HEEDED:
                self._parameters.heed(host, section)
            else:
                self._learn(link, new, added, weight)

    def _save(self, link: Link, new: int, added: int = 0, weight: int = 1) -> None:
        if self._saver is not None:
            lesson = [new, link.host, link.section, link.folder, link.trap, link.words, link.kind, added, weight]
            self._saver.learn(lesson)

    def name(self, host: str) -> None:
        """Notes a host that the user named: it is not closed with the other hosts of its domain."""
        self._named.add(host)
        known = self._hosts.get(host)
        if known is not None:
            known.is_named = True

    def is_named(self, host: str) -> bool:
        """True if the user named the host."""
        return host in self._named

    def is_new(self, host: str) -> bool:
        """True if no page of the host was visited."""
        return host not in self._hosts

    # --- what visits show ---

    def visited(self, link: Link, outside: Iterable[str], marks: PageMarks | None = None) -> int:
        """Notes a visit and the hosts outside its own that the page links to.

        A visit without an answer has shown nothing, which is worth knowing too.

        Args:
            link: what was known of the page.
            outside: the hosts.
            marks: what the page is compared with others by; None for a visit without an answer.

        Returns:
            How many of the hosts no page of its own host has linked to before.
        """
        host = self._visited_host(link.host)
        new, added = self._count_new(link.host, outside, host.domain)
        self._claim(link)
        weight = 1
        if marks is not None and self._is_repeated(link, marks):
            self.count("duplicates")
            weight = REPEATED
        self._learn(link, new, added, weight)
        self._save(link, new, added, weight)
        return new

    def _visited_host(self, name: str) -> HostArms:
        host = self._hosts.get(name)
        if host is not None:
            self._hosts.move_to_end(name)
            return host
        of_domain = urls.registrable_domain(name)
        domain = self._domains.get(of_domain)
        if domain is None:
            domain = self._domains[of_domain] = DomainArms()
            if len(self._domains) > MAX_HOSTS:
                self._domains.popitem(last=False)
        self._domains.move_to_end(of_domain)
        domain.hosts += 1
        host = self._hosts[name] = HostArms(domain, is_named=name in self._named)
        if len(self._hosts) > MAX_HOSTS:
            self._hosts.popitem(last=False)
        return host

    def _count_new(self, host: str, outside: Iterable[str], domain: DomainArms) -> tuple[int, int]:
        """Returns how many of the hosts are new to the host, and how many to its domain."""
        # Not Python's hash, which is another one in the process that resumes the crawl.
        own = crc32(host.encode("utf-8", "surrogatepass")) * _SPREADING[0]
        name = urls.registrable_domain(host)
        of_domain = crc32(f"*.{name}".encode("utf-8", "surrogatepass")) * _SPREADING[0]
        count = added = 0
        for other in outside:
            number = crc32(other.encode("utf-8", "surrogatepass")) * _SPREADING[1]
            is_sibling = other.endswith(name) and other.removesuffix(name)[-1:] in {"", "."}
            if is_sibling and (domain.siblings >= MAX_SIBLINGS or domain.newcomers.are_barren):
                continue
            if not self._note_pair(number + own):
                continue
            count += 1
            is_added = domain.hosts < 2
            if is_sibling or domain.hosts > 1:
                is_added = self._note_pair(number + of_domain) or is_added
            domain.siblings += is_sibling and is_added
            added += is_added and not is_sibling
        return count, added

    def _know(self, number: int) -> None:
        self._pairs.add(number)
        if self._saver is not None:
            self._saver.note("pairs", number)

    def _note_pair(self, number: int) -> bool:
        """Notes that two hosts are linked; returns True if it was not known."""
        number &= _64_BITS
        if not self._pairs.add(number):
            return False
        if self._saver is not None:
            self._saver.note("pairs", number)
        return True

    def _learn(self, link: Link, new: int, added: int, weight: int = 1) -> None:
        shown = min(new, _MAX_NEW) ** _POWER if new else 0.0
        self._visits += 1
        self._shown += shown
        host = self._visited_host(link.host)
        host.domain.visits += 1
        host.lessons += 1
        for newcomers, times in host.newcomers_of(link):
            newcomers.learn(added if newcomers is host.domain.newcomers else shown, weight * times)
        host.adds |= added > 0
        arms = host.of(link)
        was_closed = arms[-1].dry >= DRY
        for arm in arms:
            arm.learn(shown, weight)
        if arms[-1].dry >= DRY and not was_closed and len(arms) > 1 and not arms[-1].hits:
            self.count("closed_arms")
        self._words.learn(link.words, shown, self._average, self._usual_rate)

    # --- pages that repeat others ---

    def _is_repeated(self, link: Link, marks: PageMarks) -> bool:
        """True if the page repeats one at an address of another kind than its own but for a parameter."""
        if link.pairs:
            is_alike, changed = self._parameters.learn(link.host, link.path, link.pairs, marks)
            for name in changed:
                self._change(link, name)
            if is_alike:
                return False
        return self._duplicates.is_duplicate(urls.registrable_domain(link.host), marks)

    def _change(self, link: Link, name: int) -> None:
        """Notes that a parameter of the host is ignored from now on, or no longer."""
        is_ignored = self._parameters.is_ignored(link.host, name)
        if is_ignored:
            self.count("ignored_parameters")
        self._save(link._replace(section=name), _IGNORED if is_ignored else _HEEDED)
        for address in self._parameters.addresses(link.host):
            self._know(address)

    def _claim(self, link: Link) -> None:
        """Notes that an address is visited."""
        address = self._parameters.address(link.host, link.path, link.pairs)
        if link.pairs or self._parameters.has_ignored(link.host):
            self._know(address)
        else:
            self._pairs.add(address)

    def is_repeat(self, link: Link) -> bool:
        """True if the page was visited at an address that differs in nothing but parameters that do not change it."""
        if not link.pairs or not self._parameters.has_ignored(link.host):
            return False
        return self._parameters.address(link.host, link.path, link.pairs) in self._pairs

    def is_put_off(self, link: Link) -> bool:
        """True if a page that has its turn has to wait for that reason; if not, its address counts as visited."""
        if link.pairs and self.is_repeat(link) and not self._parameters.is_let_through(link.host):
            self.count("same_page")
            return True
        if link.pairs:
            self._claim(link)
        return False

    def hit(self, link: Link) -> None:
        """Note that a page that was visited links to a target."""
        self._hit(link)
        self._save(link, _HIT)

    def _hit(self, link: Link) -> None:
        self.hits += 1
        host = self._visited_host(link.host)
        host.domain.hits += 1
        host.lessons += 1
        arms = host.of(link)
        for newcomers in (host.sections, host.domain.newcomers, host.kinds.get(link.kind)):
            if newcomers is not None:
                newcomers.open()
        for arm in arms:
            arm.hits += 1
        self._words.hit(link.words, self._usual_rate)

    # --- what is expected ---

    def of_domain(self, domain: str) -> DomainArms:
        """Returns what the visits of a registrable domain have shown."""
        return self._domains.get(domain, _NO_DOMAIN)

    @property
    def _usual_rate(self) -> float:
        """The share of visited pages that link to a target, with some visits without a hit assumed."""
        return (self.hits + 0.5) / (self._visits + _DOUBT)

    @property
    def _average(self) -> float:
        return (self._shown + 1) / (self._visits + 1)

    def usual(self, host: str) -> float:
        """What pages of a host are expected to show, whichever they are."""
        known = self._hosts.get(host)
        whole = known.whole if known is not None else _NOTHING
        return (whole.shown + _LEAN * self._average) / (whole.visits + _LEAN)

    @property
    def visits(self) -> int:
        """The number of visits."""
        return self._visits

    def revision(self, host: str) -> int:
        """Returns a number that changes when something is learned about a host itself."""
        known = self._hosts.get(host)
        if known is None:
            known = self._host_of(host)
        return 2 * known.lessons + known.domain.newcomers.are_barren

    def factors_of(self, link: Link) -> WordFactors:
        """Returns the factors by which a link changes the expected worth of its page."""
        if link.chance <= LAST:
            return _REPEAT_FACTORS
        words = self._words
        novelty = sum(map(words.worth_of.__getitem__, link.words))
        hits = sum(map(words.hit_worth_of.__getitem__, link.words))
        return WordFactors(
            link.chance * (exp(novelty) if -_MAX_WORTH < novelty < _MAX_WORTH else _bounded(novelty)),
            exp(hits) if -_MAX_WORTH < hits < _MAX_WORTH else _bounded(hits),
        )

    def novelty(self, links: Sequence[Link], factors: Sequence[WordFactors]) -> list[float]:
        """Returns what pages of one host are expected to show: new outside hosts, damped.

        Args:
            links: what is known of the pages.
            factors: the result of :meth:`factors_of` for each, perhaps of some visits ago.
        """
        return self._expected(links, factors)[0]

    def novelty_and_hit_rates(
        self, links: Sequence[Link], factors: Sequence[WordFactors]
    ) -> tuple[list[float], list[float]]:
        """Returns :meth:`novelty` of pages of one host, and how likely they are to link to a target.

        Before the first hit of an arm, novelty decides. The rates are only good for comparing pages: that of a page with several
        words that hits have in common can exceed 1. Called at every turn for every page of a pool.
        """
        values, folders = self._expected(links, factors)
        usual = self._usual_rate
        least, most, scale = usual / _SPREAD, usual * _SPREAD, usual / self._average
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
        self, links: Sequence[Link], factors: Sequence[WordFactors]
    ) -> tuple[list[float], list[tuple[float, float, float]]]:
        """For each page of a host what it should show, and the figures of its folder."""
        host = self._host_of(links[0].host)
        of_folders: dict[int, tuple[float, float, float]] = {}
        values, folders = [], []
        for link, (times, _) in zip(links, factors, strict=True):
            folder = link.folder
            known = of_folders.get(folder)
            if known is None:
                known = of_folders[folder] = self._of_folder(host, link.section, folder, link.trap, link.kind)
            folders.append(known)
            if not times:
                values.append(REPEAT)
            elif known[2]:
                values.append(known[0] * times)
            else:
                values.append(known[0])
        return values, folders

    def _host_of(self, name: str) -> HostArms:
        """What is known of a host; of one that was not visited, what is known of its domain."""
        known = self._hosts.get(name)
        if known is not None:
            return known
        domain = self._domains.get(urls.registrable_domain(name))
        return _NEW_HOST if domain is None else HostArms(domain, is_named=name in self._named)

    def is_closed(self, link: Link) -> bool:
        """True if the page waits behind everything else."""
        return link.chance <= LAST or self._host_of(link.host).dryness(link.section, link.trap, link.kind) > 0

    def is_closed_alone(self, link: Link) -> bool:
        """True if the page's arm is closed by visits of its own, not with the arms, sections or hosts beside it."""
        host = self._hosts.get(link.host)
        return host is not None and host.arms.get(link.trap, _NOTHING).dry >= DRY

    def _of_folder(self, host: HostArms, section: int, folder: int, trap: int, kind: int) -> tuple[float, float, float]:
        """Returns the figures of a folder: its mean, its rate of hits, and the share by which that leans on what is expected.

        The share is 0 for a folder that is closed, whose pages have one value.
        The mean leans on that of its section, as that does on the host's, and that on all; the rate of hits likewise.
        """
        value, rate, share = self._average, 0.0, 1.0
        for arm in (host.whole, host.arms.get(section, _NOTHING), host.arms.get(folder, _NOTHING)):
            value = (arm.shown + _LEAN * value) / (arm.visits + _LEAN)
            leaning = _LEAN_OF_HITS / (arm.visits + _LEAN_OF_HITS)
            rate = arm.hits / (arm.visits + _LEAN_OF_HITS) + leaning * rate
            share *= leaning
        dryness = host.dryness(section, trap, kind)
        if dryness:  # the group of which least was visited for nothing comes first
            return LAST / dryness, LAST / dryness, 0.0
        return value, rate, share


def _bounded(worth: float) -> float:
    return exp(_MAX_WORTH if worth > 0 else -_MAX_WORTH)
