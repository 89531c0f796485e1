"""Named pages: the likeliest first, the first link of a domain before the second, and sources judged by their visits."""

from __future__ import annotations

from collections import Counter

import pytest

from backlinkbot.frontier.evidence import Evidence, NamedBy, NamedPages, worth_of_further_pages
from backlinkbot.frontier.experience import Experience
from backlinkbot.frontier.features import PageFeatures, features_of
from backlinkbot.frontier.order import Order
from backlinkbot.frontier.reasons import Reason
from tests.memory_queue import MemoryQueue

ARCHIVE = NamedBy("archive", 0.6)
EXPORT = NamedBy("export", 0.8)
GRAPH = NamedBy("graph", 0.4, is_domain=True)
LISTING = NamedBy("sitemap", 0.05)


class Pages:
    """Named pages without a crawl."""

    def __init__(self) -> None:
        self.evidence = Evidence()
        self.hits: Counter[str] = Counter()
        self.waiting: NamedPages[str] = NamedPages(self.evidence, lambda *_: MemoryQueue(), self.hits.__getitem__)

    def add(self, domain: str, named: NamedBy, *pages: str) -> None:
        for page in pages:
            self.waiting.add(f"{domain}/{page}", domain, named)

    def take(self, *, links: bool = False, busy: tuple[str, ...] = ()) -> str:
        best = self.waiting.best(lambda domain: domain in busy)
        assert best is not None
        item = self.waiting.take(best[0])
        assert item is not None
        named = EXPORT
        self.evidence.visited(best[0], named)
        if links:
            self.evidence.hit(best[0], named)
            self.hits[best[0]] += 1
        self.waiting.changed(best[0])
        return item


def test_the_likeliest_page_comes_first_and_domains_come_last() -> None:
    pages = Pages()
    pages.add("graph.example", GRAPH, "")
    pages.add("archive.example", ARCHIVE, "page")
    pages.add("export.example", EXPORT, "page")
    assert [pages.take() for _ in range(3)] == ["export.example/page", "archive.example/page", "graph.example/"]
    assert len(pages.waiting) == 0


def test_the_first_page_of_each_domain_comes_before_the_second() -> None:
    pages = Pages()
    pages.add("a.example", EXPORT, "1", "2", "3")
    pages.add("b.example", EXPORT, "1", "2")
    taken = [pages.take(links=True)[0] for _ in range(5)]
    assert [sorted(taken[:2]), sorted(taken[2:4]), taken[4]] == [["a", "b"], ["a", "b"], "a"]


def test_a_page_of_a_domain_without_a_hit_comes_before_one_beside_a_hit() -> None:
    pages = Pages()
    pages.add("found.example", EXPORT, "1", "2")
    assert pages.take(links=True) == "found.example/1"
    pages.add("missed.example", EXPORT, "1", "2")
    assert [pages.take(), pages.take()] == ["missed.example/1", "missed.example/2"]


def test_a_source_is_judged_by_its_visits() -> None:
    evidence = Evidence()
    for number in range(30):
        evidence.visited(f"d{number}.example", EXPORT)
        evidence.visited(f"e{number}.example", ARCHIVE)
        evidence.hit(f"e{number}.example", ARCHIVE)
    wrong, right = (evidence.worth("new.example", named, 0) for named in (EXPORT, ARCHIVE))
    assert wrong < EXPORT.chance / 3
    assert ARCHIVE.chance < right <= 1


def test_a_busy_domain_is_passed_over_until_it_is_free() -> None:
    pages = Pages()
    pages.add("a.example", EXPORT, "1")
    pages.add("b.example", ARCHIVE, "1")
    assert pages.take(busy=("a.example",)) == "b.example/1"
    assert pages.waiting.best(lambda _: False) is None, "not looked at again at every turn"
    pages.waiting.freed("a.example")
    assert pages.take() == "a.example/1"


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param((0.5, 0, 10, 0), (0.2, 0, 10, 0), id="likelier"),
        pytest.param((0.5, 1, 10, 0), (0.5, 1, 1_000, 0), id="smaller"),
        pytest.param((0.5, 2, 40, 0), (0.5, 30, 12, 0), id="fewer visits for nothing"),
        pytest.param((0.5, 4, 20, 1), (0.5, 40, 20, 1), id="hits lately"),
    ],
)
def test_a_named_domain_is_worth_a_visit(
    better: tuple[float, int, int, int], worse: tuple[float, int, int, int]
) -> None:
    assert worth_of_further_pages(*better) > worth_of_further_pages(*worse) > 0


def test_named_pages_come_before_all_turns_and_unlikely_ones_share_them() -> None:
    experience = Experience()
    features: dict[str, PageFeatures] = {}
    order: Order[str] = Order(experience, features.__getitem__, lambda *_: MemoryQueue())
    for number in range(20):
        name = f"https://met.example/{number}"
        features[name] = features_of("met.example", f"/{number}")
        order.add(name, "met.example")
        order.add_named(f"listed {number}", "listed.example", LISTING)
    order.add_named("archived", "archived.example", ARCHIVE)
    order.add_named("domain", "graph.example", GRAPH)
    chosen = [order.next(lambda _: False) for _ in range(len(order))]
    assert all(chosen)
    items = [choice.item for choice in chosen if choice]
    assert items[0] == "archived"
    assert len(items) == 42, "nothing is lost"
    first = [choice.reason for choice in chosen[1:21] if choice]
    assert first.count(Reason.EVIDENCE) == 10


def test_the_pages_of_a_named_domain_come_before_those_that_are_merely_found() -> None:
    experience = Experience()
    features: dict[str, PageFeatures] = {}
    order: Order[str] = Order(experience, features.__getitem__, lambda *_: MemoryQueue())
    experience.evidence.claim("graph.example", GRAPH)
    for host in ("met.example", "graph.example", "other.example"):
        for number in range(30):
            name = f"https://{host}/{number}"
            features[name] = features_of(host, f"/{number}")
            order.add(name, host)
    chosen = [order.next(lambda _: False) for _ in range(40)]
    of_graph = sum(choice is not None and "graph.example" in choice.item for choice in chosen)
    assert of_graph >= 20
