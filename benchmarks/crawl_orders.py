"""Crawl orders to compare with each other in a recorded web: the product's own, an upper bound, and three baselines.

Each order is a function of a :class:`Crawl` and returns page numbers, in the order of their visits. It knows of the web
only what a crawl does: the links of the pages visited so far, and which of those pages link to a target.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import exp, log, sqrt
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from zlib import crc32

import numpy as np

from backlinkbot.frontier.evidence import NamedBy
from backlinkbot.frontier.experience import Experience
from backlinkbot.frontier.features import PageFeatures, features_of
from backlinkbot.frontier.order import Order
from backlinkbot.frontier.reasons import Reason
from tests.memory_queue import MemoryQueue

if TYPE_CHECKING:
    from benchmarks.recorded_web import RecordedLink, RecordedWeb

T = TypeVar("T")


@dataclass
class Crawl:
    """A crawl to replay."""

    web: RecordedWeb
    hits: set[int]
    """The pages that link to the target."""
    start: list[int]
    """Pages that are known beforehand, in their order: evidence, then seeds."""
    budget: int
    """Pages to visit."""
    seed: int = 1
    evidence: frozenset[int] = frozenset()
    """Those of the start that are said to link to the target."""

    @cached_property
    def reasons(self) -> Counter[Reason]:
        """The product's visits, by reason."""
        return Counter()

    @cached_property
    def found(self) -> Counter[Reason]:
        """The product's visits of pages that link to the target, by reason."""
        return Counter()


LISTED = NamedBy("list", 0.5)
"""What the product assumes of a candidate of a plain list."""


# --- the product's ---


def product(crawl: Crawl) -> list[int]:
    """The product's best-first order, with one request at a time: the events are those that its spider reports."""
    web, experience = crawl.web, Experience()
    features: dict[int, PageFeatures] = {page: page_features(web, page) for page in crawl.start}
    waiting: Order[int] = Order(experience, features.__getitem__, lambda *_: MemoryQueue())
    first, visited = deque(page for page in crawl.start if page not in crawl.evidence), list[int]()
    for page in web.seeds:
        experience.name(web.host[page])
    for page in crawl.start:
        if page in crawl.evidence:
            waiting.add_named(page, web.domain(page), LISTED)
    while len(visited) < crawl.budget and (first or len(waiting)):
        if first:
            page, reason = first.popleft(), Reason.EVIDENCE
        else:
            choice = waiting.next(_is_never_busy)
            assert choice is not None
            page, reason = choice
        visited.append(page)
        crawl.reasons[reason] += 1
        experience.visited(features[page], web.outside[page])
        _note_claim(crawl, page, experience)
        for link in web.links[page]:
            if link.page not in features:
                described = page_features(web, link.page, link, page)
                features[link.page] = described._replace(depth=features[page].depth + 1)
                waiting.add(link.page, web.domain(link.page))
        if page in crawl.hits:
            crawl.found[reason] += 1
            experience.hit(features[page])
            waiting.hit(features[page], web.domain(page))
    return visited


def _note_claim(crawl: Crawl, page: int, experience: Experience) -> None:
    """Tells the order whether a page that was named links to the target."""
    domain = crawl.web.domain(page)
    if page in crawl.evidence:
        experience.evidence.visited(domain, LISTED)
        if page in crawl.hits:
            experience.evidence.hit(domain, LISTED)


def _is_never_busy(_domain: str) -> bool:
    return False


def page_features(web: RecordedWeb, page: int, link: RecordedLink | None = None, found_on: int = 0) -> PageFeatures:
    """Returns what the product knows of a page before its visit."""
    _, slash, rest = web.pages[page].partition("/")
    path, _, query = rest.partition("?")
    if link is None:
        return features_of(web.host[page], slash + path, query)
    return features_of(
        web.host[page], slash + path, query, anchor=link.anchor, found_on=f"https://{web.pages[found_on]}"
    )


# --- baselines without learning ---


def breadth_first(crawl: Crawl) -> list[int]:
    """First in, first out, over all hosts."""
    return crawl.web.reached_from(crawl.start)[: crawl.budget]


def oracle(crawl: Crawl) -> list[int]:
    """Knows the graph: the page from which the nearest page with a link is fewest links away. Greedy, so no strict bound."""
    left, known, visited = set(crawl.hits), set(crawl.start), dict[int, None]()
    away = _distances(crawl.web, left)
    far = len(crawl.web.pages)
    heap = [(away.get(page, far), number, page) for number, page in enumerate(crawl.start)]
    heapify(heap)
    is_stale = False
    while heap and left and len(visited) < crawl.budget:
        distance, number, page = heappop(heap)
        if page in visited:
            continue
        if distance and is_stale:
            away, is_stale = _distances(crawl.web, left), False
            heap = [(away.get(other, far), n, other) for _, n, other in [*heap, (0, number, page)]]
            heapify(heap)
            continue
        visited[page] = None
        if page in left:
            left.discard(page)
            is_stale = True
        for link in crawl.web.links[page]:
            if link.page not in known:
                known.add(link.page)
                heappush(heap, (away.get(link.page, far), len(known), link.page))
    return list(visited)


def _distances(web: RecordedWeb, wanted: set[int]) -> dict[int, int]:
    """The number of links from each page to the nearest wanted one."""
    away = dict.fromkeys(wanted, 0)
    waiting = deque(away)
    while waiting:
        page = waiting.popleft()
        for other in web.linking[page]:
            if other not in away:
                away[other] = away[page] + 1
                waiting.append(other)
    return away


# --- tri: thirds by turns, by novelty and by hits, every waiting page measured anew ---

_WORD = re.compile(r"[a-z]{3,20}")
_DIGITS = re.compile(r"\d+")
_ARMS, _SLOTS = 3, 12
_LEAN, _LEAN_OF_WORDS, _EXPONENT = 4.0, 8.0, 0.3


class _Features:
    """Numbers of the arms and words of links; 0 stands for none."""

    def __init__(self, web: RecordedWeb) -> None:
        self.web = web
        self.number: dict[str, int] = {}
        self.of_page = np.zeros((len(web.pages), _SLOTS), dtype=np.int64)

    def describe(self, page: int, anchor: str, found_on: int | None) -> None:
        """Note the first link to a page."""
        address = self.web.pages[page]
        path, _, query = address.partition("?")
        parts = path.split("/")
        keys = ",".join(sorted({pair.partition("=")[0] for pair in query.split("&")})) if query else ""
        names = [
            "host " + parts[0],
            "section " + ("/".join(parts[:2]) if len(parts) > 2 else parts[0] + "/"),
            "folder " + _DIGITS.sub("0", path.rpartition("/")[0]) + "?" + keys,
            *("address " + word for word in list(dict.fromkeys(_WORD.findall("/".join(parts[1:]).lower())))[-5:]),
        ]
        of_anchor = ["anchor " + word for word in list(dict.fromkeys(_WORD.findall(anchor.lower())))[:3]]
        row = [self.number.setdefault(name, len(self.number) + 1) for name in names]
        row += [0] * (8 - len(row))
        row += [self.number.setdefault(name, len(self.number) + 1) for name in of_anchor]
        row += [0] * (11 - len(row))
        row.append(0 if found_on is None else self.number.setdefault(f"page {found_on}", len(self.number) + 1))
        self.of_page[page] = row


class _Figures:
    """What visits have shown, by feature."""

    def __init__(self, features: _Features) -> None:
        self.features = features
        size = 16 * len(features.web.pages) + 1
        self.visits, self.shown, self.hits = np.zeros(size), np.zeros(size), np.zeros(size)
        self.all_visits = self.all_hits = 0
        self.all_shown = 0.0
        self._seen: dict[str, set[str]] = defaultdict(set)

    def learn(self, page: int, *, is_hit: bool) -> None:
        """Note a visit."""
        own = self.features.of_page[page]
        own = own[own > 0]
        web = self.features.web
        new = web.outside[page] - self._seen[web.host[page]]
        self._seen[web.host[page]] |= new
        shown = min(len(new), 30)
        self.visits[own] += 1
        self.shown[own] += shown
        self.hits[own] += is_hit
        self.all_visits += 1
        self.all_shown += shown
        self.all_hits += is_hit

    def values(self, pages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The expected novelty of pages, and their expected rate of hits."""
        rows = self.features.of_page[pages]
        usual = (self.all_shown + 1) / (self.all_visits + 1)
        value = np.full(len(pages), usual)
        for slot in range(_ARMS):
            arm = rows[:, slot]
            value = (self.shown[arm] + _LEAN * value) / (self.visits[arm] + _LEAN)
        words = rows[:, _ARMS:]
        times = np.log((self.shown[words] + _LEAN_OF_WORDS * usual) / (self.visits[words] + _LEAN_OF_WORDS) / usual)
        value = value * np.exp(np.clip(_EXPONENT * (times * (words > 0)).sum(1), -5, 5))
        usual_rate = (self.all_hits + 0.5) / (self.all_visits + 50)
        rate = usual_rate * np.clip(value / usual, 0.02, 50)
        for slot in range(_ARMS):
            arm = rows[:, slot]
            rate = (self.hits[arm] + _LEAN * rate) / (self.visits[arm] + _LEAN)
        return value, rate


def tri(crawl: Crawl) -> list[int]:
    """The researched order to beat: every waiting page is measured anew for each batch of 20, later 60, visits."""
    web = crawl.web
    features = _Features(web)
    figures = _Figures(features)
    unit = {name: number for number, name in enumerate(dict.fromkeys(map(web.domain, range(len(web.pages)))))}
    is_one = len(unit) == 1
    hosts = {name: number for number, name in enumerate(dict.fromkeys(web.host))}
    turn_of = np.array([hosts[web.host[p]] if is_one else unit[web.domain(p)] for p in range(len(web.pages))])
    known, visited = set(crawl.start), list[int]()
    served: Counter[int] = Counter()
    for page in crawl.start:
        features.describe(page, "", None)
    front, batch = np.array([], dtype=np.int64), list(crawl.start)
    while batch and len(visited) < crawl.budget:
        met = []
        for page in batch[: crawl.budget - len(visited)]:
            visited.append(page)
            figures.learn(page, is_hit=page in crawl.hits)
            for link in web.links[page]:
                if link.page not in known:
                    known.add(link.page)
                    features.describe(link.page, link.anchor, page)
                    met.append(link.page)
        front = np.concatenate([front, np.array(met, dtype=np.int64)])
        number = min(20 if len(visited) < 0.03 * len(web.reachable) else 60, len(front))
        places = _thirds(figures.values(front), turn_of[front], served, number, len(visited))
        batch = front[places].tolist()
        front = np.delete(front, places)
    return visited


def _thirds(
    values: tuple[np.ndarray, np.ndarray], turns: np.ndarray, served: Counter[int], number: int, now: int
) -> list[int]:
    """The places of the next batch: a third by hits, a third by turns, the rest by novelty."""
    if not number:
        return []
    novelty, rate = values
    earlier = np.arange(len(turns)) * -1e-12
    chosen = dict.fromkeys(np.argsort(-(rate + earlier), kind="stable")[: int(0.33 * number)].tolist())
    by_novelty = np.argsort(-(novelty + earlier), kind="stable").tolist()
    best: dict[int, int] = {}
    for place in by_novelty:
        if place not in chosen:
            best.setdefault(int(turns[place]), place)
    longest = sorted(best, key=lambda turn: served[turn])[: int(0.34 * number)]
    for turn in longest:
        served[turn] = now + 1
        chosen[best[turn]] = None
    for place in by_novelty:
        if len(chosen) >= number:
            break
        chosen[place] = None
    return list(chosen)


# --- SB-CLASSIFIER: a sleeping bandit whose arms are groups of similar tag paths ---

_SIMILAR = 0.75
_SIZE_OF_PATHS = 1 << 9
_SIZE_OF_ADDRESSES = 1 << 14
_EXPLORATION = 2 * sqrt(2)
_STEP = 0.1


class _TagPathArm:
    """Similar tag paths, and the links under them that wait."""

    def __init__(self) -> None:
        self.paths = 1
        self.waiting: list[int] = []
        self.visits = 0
        self.reward = 0.0


class _TagPathArms:
    """Groups tag paths: one joins the arm whose centre it resembles most, or makes a new one."""

    def __init__(self) -> None:
        self.arms: list[_TagPathArm] = []
        self._centers = np.zeros((64, _SIZE_OF_PATHS))
        self._of_path: dict[str, _TagPathArm] = {}

    def of(self, path: str) -> _TagPathArm:
        """Returns the arm of a tag path."""
        arm = self._of_path.get(path)
        if arm is None:
            arm = self._of_path[path] = self._group(path)
        return arm

    def _group(self, path: str) -> _TagPathArm:
        vector = np.zeros(_SIZE_OF_PATHS)
        names = ["", *path.split(), ""]
        for one, other in pairwise(names):
            vector[crc32(f"{one} {other}".encode()) % _SIZE_OF_PATHS] += 1
        vector /= np.linalg.norm(vector)
        number = len(self.arms)
        if number:
            likeness = self._centers[:number] @ vector
            best = int(likeness.argmax())
            arm = self.arms[best]
            if likeness[best] >= _SIMILAR:
                center = self._centers[best] * arm.paths + vector
                self._centers[best] = center / np.linalg.norm(center)
                arm.paths += 1
                return arm
        if number == len(self._centers):
            self._centers = np.concatenate([self._centers, np.zeros_like(self._centers)])
        self._centers[number] = vector
        self.arms.append(_TagPathArm())
        return self.arms[-1]


class _AddressClassifier:
    """Logistic regression on pairs of characters of an address, learned one page at a time."""

    def __init__(self) -> None:
        self.weights = np.zeros(_SIZE_OF_ADDRESSES)

    @staticmethod
    def _places(address: str) -> list[int]:
        return list({crc32((one + other).encode()) % _SIZE_OF_ADDRESSES for one, other in pairwise(address)})

    def chance(self, address: str) -> float:
        """Returns how likely a page is to link to the target."""
        places = self._places(address)
        return 1 / (1 + exp(-max(min(self.weights[places].sum(), 30.0), -30.0)))

    def learn(self, address: str, *, is_hit: bool) -> None:
        """Note a visit."""
        self.weights[self._places(address)] -= _STEP * (self.chance(address) - is_hit)


def sb_classifier(crawl: Crawl) -> list[int]:
    """The published in-host learner, for pages that link in place of files.

    Gauquier, Manolescu and Senellart, "Efficient Crawling for Scalable Web Data Acquisition" (2026): links are arms by the tag
    path at which they were found; the awake arm with the highest upper confidence bound is drawn from at random. A link
    whose address an online classifier takes for a wanted page is followed at once. The reward of a draw is the number of
    wanted pages that it brought.
    """
    web, random = crawl.web, Random(crawl.seed)
    arms, classifier = _TagPathArms(), _AddressClassifier()
    known, visited = set(crawl.start), list[int]()

    def visit(page: int) -> int:
        """Visit a page and those on it that look wanted; returns the number that are."""
        wanted, at_once = 0, deque([page])
        while at_once and len(visited) < crawl.budget:
            one = at_once.popleft()
            visited.append(one)
            wanted += one in crawl.hits
            classifier.learn(web.pages[one], is_hit=one in crawl.hits)
            for link in web.links[one]:
                if link.page not in known:
                    known.add(link.page)
                    if classifier.chance(web.pages[link.page]) > 0.5:
                        at_once.append(link.page)
                    else:
                        arms.of(link.tag_path).waiting.append(link.page)
        return wanted

    for page in crawl.start:
        visit(page)
    draws = 1
    while len(visited) < crawl.budget and (awake := [arm for arm in arms.arms if arm.waiting]):
        draws += 1
        arm = max(awake, key=lambda arm: _upper_bound(arm, draws))
        place = random.randrange(len(arm.waiting))
        arm.waiting[place], arm.waiting[-1] = arm.waiting[-1], arm.waiting[place]
        arm.visits += 1
        arm.reward += visit(arm.waiting.pop())
    return visited


def _upper_bound(arm: _TagPathArm, draws: int) -> float:
    if not arm.visits:
        return float("inf")
    return arm.reward / arm.visits + _EXPLORATION * sqrt(log(draws) / arm.visits)


class NamedOrder(NamedTuple):
    """An order, and what it is called in tables."""

    name: str
    function: Callable[[Crawl], list[int]]


BREADTH_FIRST = NamedOrder("breadth first", breadth_first)
SB_CLASSIFIER = NamedOrder("SB-CLASSIFIER", sb_classifier)
TRI = NamedOrder("tri", tri)
PRODUCT = NamedOrder("product", product)
ORACLE = NamedOrder("oracle", oracle)
ORDERS: tuple[NamedOrder, ...] = (BREADTH_FIRST, SB_CLASSIFIER, TRI, PRODUCT, ORACLE)
