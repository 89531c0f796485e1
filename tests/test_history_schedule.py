"""What is due is what gains most: the law of links, what visits teach, and the rules that come before both."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlinkbot.history.schedule import DUE, SCALE, SHAPE, ChangeCounts, Past, Rates, due, earliest, roughly
from benchmarks.freshness import World, allocate, by_true_gain, evenly_spaced, freshness_of, simulate
from tests.conftest import examples

NOW = 20_000.5
LAW = Rates.of_links()


def never_changed(days: float) -> ChangeCounts:
    return ChangeCounts(intervals=1, days=days)


def page(url: str = "p", *, days_ago: float = 100, **known: object) -> Past:
    past = Past(url=url, last_visit=NOW - days_ago, last_checked=NOW - days_ago)
    return replace(past, **known)  # type: ignore[arg-type]


def urls(pages: list[Past]) -> list[str]:
    return [past.url for past in pages]


# --- the law of links -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [30, 90, 365.25, 5 * 365.25, 20 * 365.25])
def test_a_page_of_some_age_changes_as_the_weibull_law_says(age: float) -> None:
    hazard = SHAPE / SCALE * (age / SCALE) ** (SHAPE - 1)
    assert LAW.mean(never_changed(age)) == pytest.approx(hazard, rel=0.01)


@pytest.mark.parametrize(("age", "interval"), [(30, 12.8), (365.25, 34.4), (5 * 365.25, 66.8)])
def test_the_older_a_page_the_later_it_is_due(age: float, interval: float) -> None:
    expected = SCALE * ((age / SCALE) ** SHAPE - math.log(1 - DUE)) ** (1 / SHAPE) - age
    assert expected == pytest.approx(interval, abs=0.05)
    known = page(evidence=never_changed(age))
    assert due([replace(known, last_checked=NOW - expected * 0.97)], NOW, 0, LAW) == []
    assert len(due([replace(known, last_checked=NOW - expected * 1.03)], NOW, 0, LAW)) == 1


# --- what visits teach ------------------------------------------------------------------------------------------------

evidences = st.builds(
    lambda intervals, share, days: ChangeCounts(intervals=intervals, changes=round(share * intervals), days=days),
    st.integers(0, 2_000),
    st.floats(0, 1),
    st.floats(0, 40_000),
)


@given(evidences, st.floats(0, 10_000), st.floats(0, 10_000))
def test_the_longer_ago_the_likelier_a_change_and_the_more_a_visit_gains(
    evidence: ChangeCounts, one: float, other: float
) -> None:
    (chance, gain), (later_chance, later_gain) = (LAW.outlook(evidence, days) for days in sorted((one, other)))
    assert -1e-9 <= chance <= later_chance + 1e-9 <= 1 + 2e-9
    assert -1e-9 <= gain <= later_gain * (1 + 1e-6) + 1e-9


@given(evidences.filter(lambda evidence: 0 < evidence.changes < evidence.intervals))
def test_a_change_more_means_more_changes_to_expect_and_one_less_fewer(evidence: ChangeCounts) -> None:
    fewer, more = (LAW.mean(replace(evidence, changes=evidence.changes + step)) for step in (-1, 1))
    assert fewer < LAW.mean(evidence) * (1 + 1e-9)
    assert LAW.mean(evidence) < more * (1 + 1e-9)


@given(st.floats(0.002, 1.0), st.integers(0, 100))
@settings(max_examples=examples(30), deadline=None)
def test_many_visits_find_the_true_rate(rate: float, seed: int) -> None:
    random, interval = Random(seed), min(1 / rate, 100.0)
    changes = sum(random.random() < -math.expm1(-rate * interval) for _ in range(1_000))
    learnt = LAW.mean(ChangeCounts(intervals=1_000, changes=changes, days=1_000 * interval))
    assert learnt == pytest.approx(rate, rel=0.3)  # the rates are half as much again apart


def test_the_visits_of_others_say_what_to_expect_of_a_page_without_any() -> None:
    monthly = [ChangeCounts(intervals=10, changes=5, days=200) for _ in range(200)]
    assert Rates.learn(monthly).mean(ChangeCounts()) == pytest.approx(math.log(2) / 20, rel=0.5)
    assert Rates.learn([]).shares == Rates.learn([ChangeCounts()] * 50).shares == LAW.shares


@given(st.lists(evidences, max_size=20))
@settings(max_examples=examples(30), deadline=None)
def test_shares_are_shares(seen: list[ChangeCounts]) -> None:
    shares = Rates.learn(seen).shares
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0


# --- what is due, and in which order ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("past", "is_due"),
    [
        (Past(url="never visited"), True),
        (page("a hundred days ago"), True),
        (page("today", days_ago=0.25, evidence=ChangeCounts(intervals=50, changes=50, days=50)), False),
        (page("yesterday, changes daily", days_ago=1, evidence=ChangeCounts(intervals=50, changes=50, days=50)), True),
        (page("yesterday, never changed", days_ago=1, evidence=never_changed(300)), False),
        (page("gone today", days_ago=0.25, is_failing=True), False),
        (page("gone last night", days_ago=0.6, is_failing=True), True),
        (page("no answer today", days_ago=0.25, unchecked=1, last_checked=0.0), False),
        (page("no answer last night", days_ago=0.6, unchecked=1, last_checked=0.0), True),
        (page("a second time, last night", days_ago=0.6, unchecked=2, last_checked=0.0), False),
        (page("a second time, two days ago", days_ago=2, unchecked=2, last_checked=0.0), True),
        (page("gone, and no answer since", days_ago=1, unchecked=3, is_failing=True), False),
        (page("never judged", days_ago=2, unchecked=2, last_checked=None), True),
        (page("thirty times", days_ago=29, unchecked=30), False),
        (page("thirty times, a month ago", days_ago=30, unchecked=30), True),
    ],
    ids=lambda value: value.url if isinstance(value, Past) else "",
)
def test_due(past: Past, is_due: bool) -> None:  # noqa: FBT001 - a table
    assert due([past], NOW, 0, LAW) == ([past] if is_due else [])


def test_who_does_not_answer_is_asked_less_and_less_often() -> None:
    waits = [earliest(NOW, unchecked) - math.floor(NOW) for unchecked in range(1, 9)]
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
    assert earliest(NOW, 10**9) - math.floor(NOW) == 30


def test_first_the_second_look_then_the_unjudged_then_where_a_visit_gains_most() -> None:
    pages = [
        page("old and quiet", evidence=never_changed(3000)),
        page("young", evidence=never_changed(30)),
        page("young and important", evidence=never_changed(30), importance=2),
        page("no answer yet", last_checked=None, unchecked=1),
        page("changes", evidence=ChangeCounts(intervals=6, changes=3, days=180)),
        Past(url="new"),
        page("gone", is_failing=True),
    ]
    expected = ["gone", "no answer yet", "new", "changes", "young and important", "young", "old and quiet"]
    assert urls(due(pages, NOW, 0, LAW)) == expected
    assert urls(due(pages, NOW, 3, LAW)) == expected[:3]
    assert due([], NOW, 3) == []


def test_what_changes_faster_than_anybody_can_follow_waits() -> None:
    hourly = page("hourly", days_ago=10, evidence=ChangeCounts(intervals=200, changes=200, days=20))
    weekly = page("weekly", days_ago=10, evidence=ChangeCounts(intervals=50, changes=30, days=350))
    assert urls(due([hourly, weekly], NOW, 1, LAW)) == ["weekly"]
    assert urls(due([replace(hourly, importance=1_000), weekly], NOW, 1, LAW)) == ["hourly"]


@given(st.lists(evidences, max_size=12), st.integers(1, 5), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_budget_takes_the_first_and_the_order_given_does_not_matter(
    seen: list[ChangeCounts], budget: int, random: Random
) -> None:
    pages = [page(f"{n}", days_ago=1 + n * 7, evidence=evidence) for n, evidence in enumerate(seen)]
    ranked = due(pages, NOW, 0)
    assert due(pages, NOW, budget) == ranked[:budget]
    gains = [Rates.learn(seen).outlook(past.evidence, roughly(NOW - (past.last_checked or 0)))[1] for past in ranked]
    assert all(earlier >= later * (1 - 1e-9) for earlier, later in pairwise(gains))
    random.shuffle(pages)
    assert {past.url for past in due(pages, NOW, 0)} == set(urls(ranked))


# --- the simulation's own figures -------------------------------------------------------------------------------------

worlds = st.lists(st.tuples(st.floats(0.01, 100), st.floats(1e-4, 20)), min_size=1, max_size=12)


def at_random_times(importance: list[float], rates: list[float], visits: list[float]) -> float:
    return sum(m * often / (often + rate) for m, rate, often in zip(importance, rates, visits, strict=True))


@given(worlds, st.floats(0.01, 50))
def test_the_allocation_is_the_optimum(pages: list[tuple[float, float]], budget: float) -> None:
    """The conditions of Karush, Kuhn and Tucker: for a concave function under one bound they are enough."""
    importance, rates = ([pair[n] for pair in pages] for n in (0, 1))
    visits = allocate(importance, rates, budget)
    assert min(visits) >= 0
    assert sum(visits) == pytest.approx(budget)
    worth = [m * rate / (often + rate) ** 2 for m, rate, often in zip(importance, rates, visits, strict=True)]
    price = max(worth)
    for often, each in zip(visits, worth, strict=True):
        assert each == pytest.approx(price, rel=1e-6) if often > 1e-6 * budget else each <= price * (1 + 1e-9)


@given(worlds, st.floats(0.01, 50))
def test_the_allocation_agrees_with_bisection(pages: list[tuple[float, float]], budget: float) -> None:
    importance, rates = ([pair[n] for pair in pages] for n in (0, 1))

    def at(price: float) -> list[float]:
        return [max(0.0, math.sqrt(m * rate / price) - rate) for m, rate in pages]

    low, high = 1e-12, 1e12
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if sum(at(middle)) > budget else (low, middle)
    assert allocate(importance, rates, budget) == pytest.approx(at(high), rel=1e-6, abs=1e-6 * budget)


@given(worlds, st.floats(0.05, 50), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_no_other_visits_at_even_intervals_keep_more_fresh(
    pages: list[tuple[float, float]], budget: float, random: Random
) -> None:
    importance, rates = ([pair[n] for pair in pages] for n in (0, 1))
    best = evenly_spaced(importance, rates, budget)
    assert sum(best) == pytest.approx(budget)
    most = freshness_of(importance, rates, best)
    others = [random.uniform(0.01, 1) for _ in pages]
    tried = [[budget * share / sum(others) for share in others], allocate(importance, rates, budget)]
    tried.append([often * (0.9 + 0.2 * random.random()) for often in best])
    for visits in tried:
        scaled = [often * budget / sum(visits) for often in visits]
        assert freshness_of(importance, rates, scaled) <= most * (1 + 1e-6)
    # Visits at random times are worth less than the same number at even intervals.
    assert at_random_times(importance, rates, best) <= most * sum(importance) * (1 + 1e-9)


def test_a_simulation_agrees_with_the_formula() -> None:
    """Fifty pages alike, each visited every tenth day: 1 - exp(-Δt) of Δt is fresh."""
    world = World(rates=(0.1,) * 50, importance=(1.0,) * 50, budget=5, seed=7)
    measured = simulate(world, by_true_gain, 1_000, 100)
    assert measured == pytest.approx(1 - math.exp(-1), abs=0.02)
