"""Best first: the pages that link come before the others, turns are fair, and nothing is lost or put before a busy domain."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from backlinkbot.frontier import host_pages
from backlinkbot.frontier.arms import EXHAUSTED_AFTER, HOSTS_EXHAUSTED_AFTER, UNPROVEN_EXHAUSTED_AFTER
from backlinkbot.frontier.experience import Experience
from backlinkbot.frontier.features import PageFeatures, features_of
from backlinkbot.frontier.marks import PageMarks
from backlinkbot.frontier.order import Order
from backlinkbot.frontier.pool import LASTING, STEADY
from backlinkbot.frontier.ranking import Ranking
from backlinkbot.frontier.reasons import Reason
from tests.memory_queue import MemoryQueue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlinkbot.frontier.experience import WordFactors

T = TypeVar("T")


def make_order(experience: Experience | None = None) -> Order[PageFeatures]:
    return Order(experience or Experience(), lambda page: page, lambda *_: MemoryQueue())


never_busy = frozenset[str]().__contains__


def drain(order: Order[PageFeatures], busy: frozenset[str] = frozenset()) -> list[PageFeatures]:
    pages = []
    while (choice := order.next(busy.__contains__)) is not None:
        pages.append(choice.item)
    return pages


def test_every_page_comes_out_once() -> None:
    order, random_number = make_order(), random.Random(1)
    pages = [
        features_of(f"h{random_number.randrange(7)}.example", f"/{'x' * random_number.randrange(5)}/{n}/page-{n}")
        for n in range(2_000)
    ]
    for page in pages:
        order.add(page, page.host)
    assert len(order) == 2_000
    assert Counter(drain(order)) == Counter(pages)
    assert len(order) == 0
    assert order.next(never_busy) is None


def test_hosts_with_more_pages_than_a_pool_lose_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_pages, "MAX_POOLED", 40)
    experience = Experience()
    order = make_order(experience)
    pages = [features_of(f"h{n % 10}.example", f"/a/{n}") for n in range(1_000)]
    for page in pages:
        order.add(page, page.host)
    seen = []
    while (choice := order.next(never_busy)) is not None:
        experience.visited(choice.item, ["other.example"])
        seen.append(choice.item)
    assert Counter(seen) == Counter(pages)


def test_no_page_of_a_busy_domain_and_after_it_is_freed_all_of_them() -> None:
    order = make_order()
    for n in range(6):
        order.add(features_of(f"a{n % 2}.example", f"/{n}"), "busy.example")
        order.add(features_of("b.example", f"/{n}"), "idle.example")
    assert {page.host for page in drain(order, frozenset({"busy.example"}))} == {"b.example"}
    assert len(order) == 6
    order.add(features_of("a0.example", "/later"), "busy.example")  # it waits as well
    assert drain(order, frozenset({"busy.example"})) == []
    order.freed("busy.example")
    assert len(drain(order)) == 7


def test_a_domain_that_is_busy_at_every_kind_of_turn_waits_until_it_is_freed() -> None:
    experience = Experience()
    order = make_order(experience)
    for turn in range(12):
        page = features_of(f"a{turn}.example", "/")
        experience.visited(page, ["x.example"])
        experience.hit(page)
        order.add(page, "busy.example")
        assert order.next(frozenset({"busy.example"}).__contains__) is None
    order.freed("busy.example")
    assert len(drain(order)) == 12


def test_of_equal_pages_the_first_comes_first() -> None:
    order = make_order()
    pages = [features_of("a.example", f"/{n}") for n in range(200)]
    for page in pages:
        order.add(page, "a.example")
    assert drain(order) == pages


def test_everything_can_be_taken_out_at_once() -> None:
    order = make_order()
    pages = [features_of(f"h{n % 3}.example", f"/{n}") for n in range(500)]
    for page in pages:
        order.add(page, page.host)
    assert Counter(order.drain()) == Counter(pages)
    assert len(order) == 0
    assert order.next(never_busy) is None
    order.add(pages[0], "h0.example")
    assert drain(order) == pages[:1]


def test_domains_have_a_third_of_the_turns_each_in_turn() -> None:
    experience = Experience()
    order = make_order(experience)
    rich = features_of("rich.example", "/")
    experience.visited(rich, [f"o{n}.example" for n in range(30)])
    for n in range(100):
        order.add(features_of("rich.example", f"/{n}"), "rich.example")
    for n in range(10):
        order.add(features_of(f"poor{n}.example", "/"), f"poor{n}.example")
        experience.visited(features_of(f"poor{n}.example", "/start"), [])
    hosts = Counter(order.next(never_busy).item.host for _ in range(33))  # type: ignore[union-attr]
    assert sum(hosts[f"poor{n}.example"] for n in range(10)) == 10
    assert hosts["rich.example"] == 23


def test_hosts_of_one_domain_have_its_turn_one_after_the_other() -> None:
    order = make_order()
    for n in range(300):
        order.add(features_of("big.wiki.example", f"/{n}"), "wiki.example")
    for n in range(5):
        order.add(features_of(f"small{n}.wiki.example", "/"), "wiki.example")
    first = [choice.item.host for _ in range(18) if (choice := order.next(never_busy))]
    assert {f"small{n}.wiki.example" for n in range(5)} <= set(first)


def test_a_section_that_shows_new_hosts_comes_before_one_that_does_not() -> None:
    experience = Experience()
    order = make_order(experience)
    for n in range(6):
        experience.visited(features_of("a.example", f"/rich/{n}"), [f"r{n}-{m}.example" for m in range(5)])
        experience.visited(features_of("a.example", f"/poor/{n}"), ["r0-0.example"])
    for n in range(10, 40):
        order.add(features_of("a.example", f"/poor/{n}"), "a.example")
        order.add(features_of("a.example", f"/rich/{n}"), "a.example")
    assert all(page.section == features_of("a.example", "/rich/0").section for page in drain(order)[:30])


def test_a_page_named_for_its_links_comes_first_on_a_host_that_nobody_knows() -> None:
    order = make_order()
    for name in ("login", "archive", "products", "blogroll", "imprint"):
        order.add(features_of("a.example", f"/{name}"), "a.example")
    assert drain(order)[0] == features_of("a.example", "/blogroll")


def test_pages_beside_hits_have_the_turns_of_hits() -> None:
    experience = Experience()
    order = make_order(experience)
    for n in range(4):
        page = features_of("a.example", f"/reviews/{n}")
        experience.visited(page, [])
        experience.hit(page)
        order.hit(page, "a.example")
        experience.visited(features_of("a.example", f"/shop/{n}"), [f"shop{n}.example"])
    for n in range(10, 30):
        order.add(features_of("a.example", f"/shop/{n}"), "a.example")
        order.add(features_of("a.example", f"/reviews/{n}"), "a.example")
    choices = [choice for _ in range(12) if (choice := order.next(never_busy))]
    by_hit = [choice.item for choice in choices if choice.reason is Reason.HIT]
    assert len(by_hit) >= 4
    assert all(page.section == features_of("a.example", "/reviews/1").section for page in by_hit)


@pytest.mark.parametrize(("hits", "expected"), [(5, 12), (50, 8), (150, 4)])
def test_likely_pages_take_the_turns_of_other_reasons_while_hits_are_few(hits: int, expected: int) -> None:
    experience = Experience()
    order = make_order(experience)
    for n in range(hits):
        page = features_of("a.example", f"/reviews/{n}")
        experience.visited(page, [])
        experience.hit(page)
    for n in range(1_000, 1_100):
        order.add(features_of("a.example", f"/reviews/{n}"), "a.example")
        order.add(features_of(f"b{n}.example", "/"), f"b{n}.example")
    reasons = []
    for _ in range(12):
        choice = order.next(never_busy)
        assert choice is not None
        reasons.append(choice.reason)
        experience.visited(choice.item, [])
        if choice.item.host == "a.example":
            experience.hit(choice.item)
    assert reasons.count(Reason.HIT) == expected


def test_a_turn_of_a_domain_goes_to_the_page_that_resembles_hits_elsewhere() -> None:
    experience = Experience()
    order = make_order(experience)
    for n in range(24):
        for name in ("licenses", "screenshots", "downloads", "team", "news", "manual"):
            page = features_of(f"h{n}.example", f"/software/{name}")
            experience.visited(page, [f"{name}{n}.example"])
            if name == "licenses":
                experience.hit(page)
    for name in ("screenshots", "downloads", "licenses", "team"):
        order.add(features_of("new.example", f"/software/{name}"), "new.example")
    choice = order.next(never_busy)
    assert choice is not None
    assert choice.reason is Reason.EXPLORATION
    assert choice.item == features_of("new.example", "/software/licenses")


def test_reasons_are_told() -> None:
    experience = Experience()
    order = make_order(experience)
    for n in range(20):
        order.add(features_of("a.example", f"/{n}"), "a.example")
    first = order.next(never_busy)
    assert first is not None
    assert first.reason is Reason.EXPLORATION
    experience.visited(first.item, ["b.example"])
    reasons = [choice.reason for _ in range(5) if (choice := order.next(never_busy))]
    assert reasons == [Reason.NOVEL, Reason.NOVEL, Reason.FAIR, Reason.NOVEL, Reason.NOVEL]
    experience.hit(first.item)
    order.hit(first.item, "a.example")
    reasons = []
    while (choice := order.next(never_busy)) is not None:
        reasons.append(choice.reason)
        experience.visited(choice.item, [])
    assert reasons[0] is Reason.HIT  # what stands beside a hit comes at once
    assert set(reasons) == {Reason.FAIR, Reason.NOVEL, Reason.HIT}


def test_a_trap_waits_behind_everything_else_and_comes_at_last() -> None:
    """A calendar without end on one host, pages that show nothing new on others: those come first all the same."""
    experience = Experience()
    order = make_order(experience)
    days = iter(range(10_000))

    def a_day() -> PageFeatures:
        return features_of("trap.example", "/calendar", f"day={next(days)}", anchor="next")

    plain = [features_of(f"h{n % 5}.example", f"/page/{n}/{chr(97 + n % 26)}") for n in range(200)]
    for page in [a_day(), a_day(), *plain]:
        order.add(page, page.host)
    spent = others = 0
    while others < len(plain):
        choice = order.next(never_busy)
        assert choice is not None
        is_day = choice.item.host == "trap.example"
        spent, others = spent + is_day, others + (not is_day)
        experience.visited(choice.item, [] if is_day else [f"o{others}.example"])
        if is_day:  # each day links to two more
            for page in (a_day(), a_day()):
                order.add(page, page.host)
    assert spent <= EXHAUSTED_AFTER + 4
    last = order.next(never_busy)
    assert last is not None
    assert last.item.host == "trap.example"


@pytest.mark.slow
def test_what_a_turn_costs_does_not_grow_with_the_pages_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in pages that are measured and whose words are looked up, not in seconds."""
    measured: list[int] = []
    looked_up: list[PageFeatures] = []
    expected, of_all = Experience.expected, Experience._expected
    factors_of_all = Experience.factors_of_all

    def counted(self: Experience, page: PageFeatures, factors: WordFactors) -> Any:
        measured.append(1)
        return expected(self, page, factors)

    def counted_all(self: Experience, pages: Sequence[PageFeatures], factors: Sequence[WordFactors]) -> Any:
        measured.append(len(pages))
        return of_all(self, pages, factors)

    def counted_words(self: Experience, pages: Sequence[PageFeatures]) -> list[WordFactors]:
        looked_up.extend(pages)
        return factors_of_all(self, pages)

    monkeypatch.setattr(Experience, "expected", counted)
    monkeypatch.setattr(Experience, "_expected", counted_all)
    monkeypatch.setattr(Experience, "factors_of_all", counted_words)
    costs, words = [], []
    for pages, hosts in ((1_000, 10), (20_000, 10), (20_000, 2_000)):
        experience = Experience()
        order = make_order(experience)
        for n in range(pages):
            order.add(features_of(f"h{n % hosts}.example", f"/s{n % 50}/{n}/page"), f"h{n % hosts}.example")
        measured.clear()
        looked_up.clear()
        for n in range(300):
            choice = order.next(never_busy)
            assert choice is not None
            experience.visited(choice.item, [f"o{n % 7}.example"])
        costs.append(sum(measured) / 300)
        words.append(len(looked_up) / 300)
    assert max(costs) < 3 * host_pages.POOL
    assert costs[1] < 2 * costs[0]
    assert words[1] < 2 * words[0]


def test_a_measurement_holds_until_something_is_learned_about_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    experience = Experience()
    for n in range(LASTING * STEADY):  # one visit changes little by now
        experience.visited(features_of("c.example", f"/c/{n}"), [])
    order = make_order(experience)
    for n in range(20):
        order.add(features_of("a.example", f"/a/{n}"), "a.example")
        order.add(features_of("b.example", f"/b/{n}"), "b.example")
    measured: list[str] = []
    expected = Experience._expected

    def noted(self: Experience, pages: Sequence[PageFeatures], factors: Sequence[WordFactors]) -> Any:
        measured.append(pages[0].host)
        return expected(self, pages, factors)

    monkeypatch.setattr(Experience, "_expected", noted)
    host = order._domains["b.example"].hosts["b.example"]
    value = host.measure(Reason.NOVEL)
    assert host.measure(Reason.NOVEL) == value
    assert measured == ["b.example"]
    experience.visited(features_of("a.example", "/a/x"), ["o.example"])
    host.measure(Reason.NOVEL)
    assert measured == ["b.example"]
    experience.visited(features_of("b.example", "/b/x"), ["o.example"])
    host.measure(Reason.NOVEL)
    assert measured == ["b.example"] * 2
    order.add(features_of("b.example", "/b/y"), "b.example")  # a page more
    measured.clear()
    host.measure(Reason.NOVEL)
    assert measured == ["b.example"]
    for _ in range(LASTING):
        experience.visited(features_of("a.example", "/a/x"), [])
    measured.clear()
    host.measure(Reason.NOVEL)
    assert measured == ["b.example"]  # words and the average change with visits of other hosts, too


def test_words_that_a_hit_taught_count_for_all_pages_of_its_host_at_once() -> None:
    """Also where a measurement recomputes some only, after many visits."""
    experience = Experience()
    for number in range(LASTING * STEADY):
        experience.visited(features_of("b.example", f"/{number}"), [])
    order = make_order(experience)
    pages = [features_of("a.example", f"/f{n}/{name}") for n in range(25) for name in ("links", "other")]
    for page in pages:
        order.add(page, "a.example")
    experience.visited(features_of("a.example", "/y/links"), ["o.example"])
    experience.hit(features_of("a.example", "/y/links"))
    order.hit(features_of("a.example", "/y/links"), "a.example")
    pool = order._domains["a.example"].hosts["a.example"].pool
    assert pool.factors == [experience.factors_of(page) for page in pool.pages]
    factors = {page.words: hits for page, (_, hits) in zip(pool.pages, pool.factors, strict=True)}
    assert min(factors[page.words] for page in pages[::2]) > max(factors[page.words] for page in pages[1::2])


def test_words_that_the_first_hit_taught_count_at_the_next_turn() -> None:
    experience = Experience()
    order = make_order(experience)
    for n in range(25):
        for name in ("other", "links"):
            order.add(features_of("a.example", f"/f{n}/{name}"), "a.example")
    experience.visited(features_of("a.example", "/y/links"), ["o.example"])
    experience.hit(features_of("a.example", "/y/links"))
    order.hit(features_of("a.example", "/y/links"), "a.example")
    link_words = features_of("a.example", "/f0/links").words
    chosen = [order.next(lambda _: False) for _ in range(6)]
    hits = [one.item for one in chosen if one is not None and one.reason is Reason.HIT]
    assert hits
    assert all(set(page.words) & set(link_words) >= set(features_of("a.example", "/links").words) for page in hits)


def test_a_ranking_keeps_no_former_values() -> None:
    ranking: Ranking[str] = Ranking()
    for value in range(100_000):
        ranking.offer("a", value)
        ranking.offer("b", value / 2)
    assert len(ranking._heap) < 100
    assert ranking.best({"a": 99_999.0, "b": 49_999.5}.get) == "a"


def test_a_ranking_finds_who_is_best_now() -> None:
    ranking: Ranking[str] = Ranking()
    now = {"a": 3.0, "b": 2.0, "c": 1.0}
    for key, value in now.items():
        ranking.offer(key, value)
    now["a"] = 0.5  # it has lost its worth since
    assert ranking.best(now.get) == "b"
    assert ranking.value_of("b") == 2.0
    ranking.remove("b")
    assert ranking.best(now.get) == "c"
    assert ranking.top() == 1.0
    del now["c"]
    assert ranking.best(now.get) == "a"
    del now["a"]
    assert ranking.best(now.get) is None
    assert ranking.top() is None


def close(experience: Experience, host: str, folder: str, visits: int = EXHAUSTED_AFTER) -> None:
    """Lets an arm show nothing new for so many visits."""
    for n in range(visits):
        experience.visited(features_of(host, f"/{folder}/done-{n}"), [])


def test_closed_arms_share_the_turns_by_what_was_visited_for_nothing() -> None:
    experience = Experience()
    order = make_order(experience)
    close(experience, "a.example", "endless", EXHAUSTED_AFTER + 10)
    close(experience, "a.example", "archive", EXHAUSTED_AFTER)
    for n in range(200):
        order.add(features_of("a.example", f"/endless/{n}"), "a.example")
    for n in range(30):
        order.add(features_of("a.example", f"/archive/{n}"), "a.example")
    seen = []
    for _ in range(60):
        choice = order.next(never_busy)
        assert choice is not None
        seen.append(choice.item.section)
        experience.visited(choice.item, [])
    archive = features_of("a.example", "/archive/").section
    assert seen[:10] == [archive] * 10
    assert seen.count(archive) == 30


def test_pages_of_closed_arms_near_the_seeds_are_not_behind_an_endless_trap() -> None:
    experience = Experience()
    order = make_order(experience)
    for n in range(UNPROVEN_EXHAUSTED_AFTER):
        experience.visited(features_of("a.example", f"/s{n}/page"), [])
    for n in range(500):
        order.add(features_of("a.example", f"/t{n}/page", depth=9), "a.example")
    near = [features_of("a.example", f"/near{n}/page", depth=2) for n in range(10)]
    for page in near:
        order.add(page, "a.example")
    first = [choice.item for _ in range(24) if (choice := order.next(never_busy))]
    assert set(near) <= set(first)


@pytest.mark.parametrize(("pages_left", "is_short"), [(1, True), (2, False)])
def test_a_crawl_that_runs_out_of_pages_spends_none_on_closed_arms_while_a_busy_domain_has_others(
    *, pages_left: int, is_short: bool
) -> None:
    experience = Experience()
    order: Order[PageFeatures] = Order(
        experience, lambda page: page, lambda *_: MemoryQueue(), pages_left=lambda: pages_left
    )
    close(experience, "a.example", "archive")
    order.add(features_of("a.example", "/archive/1"), "a.example")
    order.add(features_of("b.example", "/"), "b.example")
    for _ in range(6):
        choice = order.next(frozenset({"b.example"}).__contains__)
        if choice is not None:
            break
    assert (choice is None) is is_short
    order.freed("b.example")
    assert {page.host for page in drain(order)} == ({"a.example", "b.example"} if is_short else {"b.example"})


def test_a_host_of_closed_arms_has_no_turn_before_the_others_of_its_domain() -> None:
    experience = Experience()
    order = make_order(experience)
    for n in range(HOSTS_EXHAUSTED_AFTER):
        experience.visited(features_of(f"h{n}.a.example", "/"), [])
    for n in range(50):
        order.add(features_of(f"i{n}.a.example", "/", depth=3), "a.example")
    experience.name("www.a.example")
    for n in range(40):
        order.add(features_of("www.a.example", f"/{n}", depth=1), "a.example")
    assert {page.host for page in drain(order)[:40]} == {"www.a.example"}


def test_an_arm_is_open_again_once_a_page_of_it_links_to_a_target() -> None:
    experience = Experience()
    order = make_order(experience)
    close(experience, "a.example", "archive")
    for n in range(5):
        order.add(features_of("a.example", f"/archive/{n}"), "a.example")
        order.add(features_of("b.example", f"/{n}"), "b.example")
    assert [order.next(never_busy).item.host for _ in range(3)] == ["b.example"] * 3  # type: ignore[union-attr]
    page = features_of("a.example", "/archive/done-3")
    experience.hit(page)
    order.hit(page, "a.example")
    assert "a.example" in [order.next(never_busy).item.host for _ in range(2)]  # type: ignore[union-attr]
    assert len(drain(order)) == 5


def test_a_page_that_was_visited_at_another_address_comes_last() -> None:
    experience = Experience()
    order = make_order(experience)
    for n in range(6):
        for m in range(3):
            page = features_of("a.example", f"/{m}", f"sid={n}{m}")
            experience.visited(page, [], PageMarks(m, lambda: "words of a page"))
    again = [features_of("a.example", f"/{n}", "sid=new") for n in range(3)]
    other = [features_of("a.example", f"/{n}") for n in range(3, 103)]
    for page in again + other:
        order.add(page, "a.example")
    assert set(drain(order)[-3:]) == set(again)
