"""The arms of the crawl order: hosts, their sections and folders, with the results of their visited pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

from backlinkbot.frontier.known import HashSet
from backlinkbot.frontier.words import FORGETTING, Words, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backlinkbot.frontier.saving import CrawlSaver

DRY: Final = 20
"""So many pages of an arm in a row without an outside host new to their host, and the arm waits behind all others."""
LAST: Final = 1e-6
"""What a page of such an arm is worth, of what it would be."""
MAX_ARMS_OF_HOST: Final = 2_000
"""Arms of which a host keeps figures; pages of further ones are told by their section, then by their host."""

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
_DIGITS: Final = re.compile(r"\d+")


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


def link_to(
    host: str, path: str, query: str = "", *, anchor: str = "", found_on: str = "", chance: float = 1.0
) -> Link:
    """What the address and the anchor of a link say. ``path`` begins with a slash, ``query`` has no question mark."""
    keys = ",".join(sorted({pair.partition("=")[0] for pair in query.split("&")})) if query else ""
    folder = _DIGITS.sub("0", path.rstrip("/").rpartition("/")[0])
    section = path.split("/", 2)[1] if path.count("/") > 1 else ""
    trap = f"{path.count('/')}?{keys}" if query else folder
    words = words_of(f"{path}?{query}" if query else path, anchor, found_on)
    return Link(
        host, _hash("section", section), _hash("folder", f"{folder}?{keys}"), _hash("trap", trap), words, chance
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

    def learn(self, shown: float) -> None:
        """Note a visit."""
        self.visits = FORGETTING * self.visits + 1
        self.shown = FORGETTING * self.shown + shown
        self.hits *= FORGETTING
        self.dry = 0 if shown else self.dry + 1


_NOTHING: Final = Arm()


@dataclass(slots=True)
class HostArms:
    """A host and its arms."""

    whole: Arm = field(default_factory=Arm)
    arms: dict[int, Arm] = field(default_factory=dict)

    def of(self, link: Link) -> list[Arm]:
        """The arms to which a visited page belongs, made where there is room."""
        if len(self.arms) < MAX_ARMS_OF_HOST:
            own = [self.arms.setdefault(key, Arm()) for key in (link.section, link.folder, link.trap)]
        else:
            own = [self.arms[key] for key in (link.section, link.folder, link.trap) if key in self.arms]
        return [self.whole, *own]


_NO_ARMS: Final = HostArms()


class Experience:
    """What a crawl has learned, and what it expects of a page by it."""

    def __init__(self) -> None:
        self._hosts: dict[str, HostArms] = {}
        self._words = Words()
        self._pairs = HashSet()  # of a host and one that it links to
        self._visits = 0
        self._shown = 0.0
        self.hits = 0
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
        for new, host, section, folder, trap, words in lessons:
            link = Link(host, section, folder, trap, tuple(words))
            if new == _HIT:
                self._hit(link)
            else:
                self._learn(link, new)

    def _save(self, link: Link, new: int) -> None:
        if self._saver is not None:
            self._saver.learn([new, link.host, link.section, link.folder, link.trap, link.words])

    def is_new(self, host: str) -> bool:
        """True if no page of the host was visited."""
        return host not in self._hosts

    # --- what visits show ---

    def visited(self, link: Link, outside: Iterable[str]) -> int:
        """Note a visit and the hosts outside its own that the page links to; how many of them its host did not before.

        A visit without an answer has shown nothing, which is worth knowing too.
        """
        new = self._count_new(link.host, outside)
        self._learn(link, new)
        self._save(link, new)
        return new

    def _count_new(self, host: str, outside: Iterable[str]) -> int:
        # Not Python's hash, which is another one in the process that resumes the crawl.
        own = crc32(host.encode("utf-8", "surrogatepass")) * _SPREADING[0]
        saver = self._saver
        count = 0
        for other in outside:
            pair = (crc32(other.encode("utf-8", "surrogatepass")) * _SPREADING[1] + own) & _64_BITS
            if pair not in self._pairs:
                self._pairs.add(pair)
                count += 1
                if saver is not None:
                    saver.note("pairs", pair)
        return count

    def _learn(self, link: Link, new: int) -> None:
        shown = min(new, _MAX_NEW) ** _POWER if new else 0.0
        self._visits += 1
        self._shown += shown
        for arm in self._hosts.setdefault(link.host, HostArms()).of(link):
            arm.learn(shown)
        self._words.learn(link.words, shown, self._average, self._usual_rate)

    def hit(self, link: Link) -> None:
        """Note that a page that was visited links to a target."""
        self._hit(link)
        self._save(link, _HIT)

    def _hit(self, link: Link) -> None:
        self.hits += 1
        for arm in self._hosts.setdefault(link.host, HostArms()).of(link):
            arm.hits += 1
        self._words.hit(link.words, self._usual_rate)

    # --- what is expected ---

    @property
    def _usual_rate(self) -> float:
        """The share of visited pages that link to a target, with some visits without a hit assumed."""
        return (self.hits + 0.5) / (self._visits + _DOUBT)

    @property
    def _average(self) -> float:
        return (self._shown + 1) / (self._visits + 1)

    def usual(self, host: str) -> float:
        """What pages of a host are expected to show, whichever they are."""
        whole = self._hosts.get(host, _NO_ARMS).whole
        return (whole.shown + _LEAN * self._average) / (whole.visits + _LEAN)

    def novelty(self, links: Sequence[Link]) -> list[float]:
        """What pages of one host are expected to show: new outside hosts, damped."""
        return self._expected(links)[0]

    def hit_rates(self, links: Sequence[Link]) -> list[float]:
        """How likely pages of one host are to link to a target, by their arms and the words of their links.

        Before the first hit of an arm, novelty decides. Only good for comparing pages: the rate of a page with several words
        that hits have in common can exceed 1.
        """
        return self.novelty_and_hit_rates(links)[1]

    def novelty_and_hit_rates(self, links: Sequence[Link]) -> tuple[list[float], list[float]]:
        """Returns :meth:`novelty` and :meth:`hit_rates` of pages of one host. Called at every turn for every page of a pool."""
        values, folders = self._expected(links)
        usual = self._usual_rate
        least, most, scale = usual / _SPREAD, usual * _SPREAD, usual / self._average
        worth = self._words.hit_worth_of.__getitem__
        rates = []
        for link, value, (_, rate, share) in zip(links, values, folders, strict=True):
            prior = min(max(value * scale, least), most)
            worths = sum(map(worth, link.words))
            times = exp(worths) if -_MAX_WORTH < worths < _MAX_WORTH else _bounded(worths)
            rates.append((rate + share * prior) * times)
        return values, rates

    def _expected(self, links: Sequence[Link]) -> tuple[list[float], list[tuple[float, float, float]]]:
        """For each page of a host what it should show, and the figures of its folder."""
        host = self._hosts.get(links[0].host, _NO_ARMS)
        worth = self._words.worth_of.__getitem__
        of_folders: dict[int, tuple[float, float, float]] = {}
        values, folders = [], []
        for _, section, folder, trap, words, chance in links:
            known = of_folders.get(folder)
            if known is None:
                known = of_folders[folder] = self._of_folder(host, section, folder, trap)
            worths = sum(map(worth, words))
            values.append(known[0] * chance * (exp(worths) if -_MAX_WORTH < worths < _MAX_WORTH else _bounded(worths)))
            folders.append(known)
        return values, folders

    def _of_folder(self, host: HostArms, section: int, folder: int, trap: int) -> tuple[float, float, float]:
        """Returns the figures of a folder: its mean, its rate of hits, and the share by which that leans on what is expected.

        The mean leans on that of its section, as that does on the host's, and that on all; the rate of hits likewise.
        """
        value, rate, share = self._average, 0.0, 1.0
        for arm in (host.whole, host.arms.get(section, _NOTHING), host.arms.get(folder, _NOTHING)):
            value = (arm.shown + _LEAN * value) / (arm.visits + _LEAN)
            leaning = _LEAN_OF_HITS / (arm.visits + _LEAN_OF_HITS)
            rate = arm.hits / (arm.visits + _LEAN_OF_HITS) + leaning * rate
            share *= leaning
        dry = host.arms.get(trap, _NOTHING)
        if dry.dry >= DRY and not dry.hits:
            value *= LAST
        return value, rate, share


def _bounded(worth: float) -> float:
    return exp(_MAX_WORTH if worth > 0 else -_MAX_WORTH)
