"""How fresh a history stays under one budget: re-checking by turns, by the true rates, and by what visits have shown.

python -m benchmarks.freshness [--quick] [--pages N] [--seeds N]

A simulation. Pages change as Poisson processes whose rates differ; a policy visits so many of them a day. A page is
fresh while it has not changed since its last visit; the figure is the share of time, weighted by importance, after a
time to learn in: eight visits a page on average. Every policy meets the same changes. Ours is ``backlinkbot.history.schedule``
itself: it begins with the general law of links, which is far from every population here, and sees what its own visits
show and nothing else.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from random import Random
from statistics import fmean

from backlinkbot.history.schedule import ChangeCounts, Past, Rates, due

GOAL = 0.95
# Changes a day of one page: a few that change hourly and many that change once in years.
POPULATIONS: dict[str, Callable[[Random], float]] = {
    "gamma": lambda random: 1e-5 + random.gammavariate(0.5, 0.06),
    "Weibull": lambda random: 1e-5 + random.weibullvariate(0.02, 0.58),
    "log-normal": lambda random: math.exp(random.gauss(-4.6, 1.8)),
    "two kinds": lambda random: random.choice((0.002, 1.0)),
}
TURNS = (5, 20, 60)
"""Days that one round through all the pages takes: so tight is the budget."""
LEARNING, MEASURED = 8, 10
"""Rounds."""
FITS_EVERY = 14
"""Days between two looks at the whole population; each page's own history counts at once."""


def allocate(importance: Sequence[float], rates: Sequence[float], budget: float) -> list[float]:
    """Visits a day of each page where visits come at random times: the most of Σ μρ/(ρ+Δ) under Σ ρ = budget.

    Azar et al. (2018): ρ = max(0, √(μΔ/λ) - Δ). A page has a share if μ/Δ > λ, so those with one are the first of the
    pages by μ/Δ, and λ follows from the sums over them: exact, in O(n log n).
    """
    order = sorted(range(len(rates)), key=lambda page: importance[page] / rates[page], reverse=True)
    root, sum_of_rates, sum_of_roots = 0.0, 0.0, 0.0  # root: 1 / √λ
    for page in order:
        ratio = importance[page] / rates[page]
        if root and root * math.sqrt(ratio) <= 1:
            break
        sum_of_rates += rates[page]
        sum_of_roots += math.sqrt(importance[page] * rates[page])
        root = (budget + sum_of_rates) / sum_of_roots
    return [max(0.0, math.sqrt(m * rate) * root - rate) for m, rate in zip(importance, rates, strict=True)]


def evenly_spaced(importance: Sequence[float], rates: Sequence[float], budget: float) -> list[float]:
    """Visits a day of each page where visits come at even intervals, by bisection: no policy keeps more fresh.

    Cho and Garcia-Molina (2003): the most of Σ μρ/Δ·(1 - exp(-Δ/ρ)) under Σ ρ = budget.
    """
    low, high = 1e-12, 1e12  # of λ, what one more visit is worth
    for _ in range(100):
        middle = math.sqrt(low * high)
        if sum(_spaced(m, rate, middle) for m, rate in zip(importance, rates, strict=True)) > budget:
            low = middle
        else:
            high = middle
    more, less = ([_spaced(m, rate, worth) for m, rate in zip(importance, rates, strict=True)] for worth in (low, high))
    # Where a page is on the brink of having no visit at all, the two differ, and the budget lies between them.
    part = (budget - sum(less)) / (sum(more) - sum(less)) if sum(more) > sum(less) else 0.0
    return [few + part * (many - few) for few, many in zip(less, more, strict=True)]


def _spaced(importance: float, rate: float, worth: float) -> float:
    """ρ = Δ/x where 1 - (1 + x)·exp(-x) = λΔ/μ; 0 where there is no such x."""
    share = worth * rate / importance
    if share >= 1:
        return 0.0
    low, high = 1e-9, 50.0
    for _ in range(50):
        x = math.sqrt(low * high)
        low, high = (x, high) if -math.expm1(-x) - x * math.exp(-x) < share else (low, x)
    return rate / high


def freshness_of(importance: Sequence[float], rates: Sequence[float], visits: Sequence[float]) -> float:
    """The share of time that pages visited so often, at even intervals, are fresh."""
    parts = zip(importance, rates, visits, strict=True)
    return sum(m * often / rate * -math.expm1(-rate / often) for m, rate, often in parts if often) / sum(importance)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Pages, and what may be spent on them."""

    rates: tuple[float, ...]
    importance: tuple[float, ...]
    budget: int
    """Visits a day."""
    seed: int

    @classmethod
    def of(cls, population: str, pages: int, turn: int, seed: int) -> World:
        random = Random(f"{population} {seed}")
        return cls(
            rates=tuple(POPULATIONS[population](random) for _ in range(pages)),
            importance=tuple(0.3 + random.paretovariate(1.5) for _ in range(pages)),
            budget=max(1, pages // turn),
            seed=seed,
        )


class Changes:
    """When a page changes; the same times for every policy."""

    def __init__(self, rate: float, seed: str) -> None:
        self._random = Random(seed)
        self._rate = rate
        self._next = self._random.expovariate(rate)

    def first_after(self, day: float) -> float:
        """Days only go forward."""
        while self._next <= day:
            self._next += self._random.expovariate(self._rate)
        return self._next


Policy = Callable[[World, list[Past], int], Sequence[int]]
"""The pages to visit on a day."""


def by_turns(world: World, known: list[Past], _day: int) -> Sequence[int]:
    """Each page as often as every other."""
    return sorted(range(len(known)), key=lambda page: known[page].last_visit or 0)[: world.budget]


class ByAllocation:
    """With the true rates: the optimum for visits at random times, each page at intervals of 1/ρ."""

    def __init__(self, world: World) -> None:
        self._visits = allocate(world.importance, world.rates, world.budget)

    def __call__(self, world: World, known: list[Past], day: int) -> Sequence[int]:
        late = [(day - (page.last_visit or 0)) * often for page, often in zip(known, self._visits, strict=True)]
        waiting = [page for page in range(len(known)) if late[page] >= 1]
        return sorted(waiting, key=late.__getitem__, reverse=True)[: world.budget]


def by_true_gain(world: World, known: list[Past], day: int) -> Sequence[int]:
    """With the true rates: where a visit gains most."""

    def gain(page: int) -> float:
        x = world.rates[page] * (day - (known[page].last_visit or 0))
        return world.importance[page] / world.rates[page] * (-math.expm1(-x) - x * math.exp(-x))

    return sorted(range(len(known)), key=gain, reverse=True)[: world.budget]


class Ours:
    """``backlinkbot.history.schedule``, with what its own visits have shown."""

    def __init__(self, world: World, *, learns: bool = True) -> None:
        self._rates = Rates.of_links()
        self._learns = learns

    def __call__(self, world: World, known: list[Past], day: int) -> Sequence[int]:
        if self._learns and day % FITS_EVERY == 0:
            self._rates = Rates.learn(page.evidence for page in known)
        pages = known if self._learns else [replace(page, evidence=ChangeCounts()) for page in known]
        return [int(page.url) for page in due(pages, float(day), world.budget, self._rates)]


POLICIES: dict[str, Callable[[World], Policy]] = {
    "by turns": lambda _: by_turns,
    "1/ρ, true rates": ByAllocation,
    "optimum": lambda _: by_true_gain,
    "ours, not learning": partial(Ours, learns=False),
    "ours": Ours,
}


def simulate(world: World, policy: Policy, days: int, learning: int) -> float:
    """The share of time after the learning that pages are fresh."""
    changes = [Changes(rate, f"{world.seed} {page}") for page, rate in enumerate(world.rates)]
    next_change = [changing.first_after(0) for changing in changes]
    fresh = [0.0] * len(changes)
    known = [
        Past(url=str(page), last_visit=0.0, last_checked=0.0, importance=importance)
        for page, importance in enumerate(world.importance)
    ]

    def credit(page: int, until: float) -> None:
        begin = max(known[page].last_visit or 0, learning)
        fresh[page] += max(0.0, min(next_change[page], until) - begin)

    for day in range(1, days + 1):
        visited = policy(world, known, day)
        assert len(set(visited)) == len(visited) <= world.budget
        for page in visited:
            before = known[page]
            credit(page, day)
            seen = replace(
                before.evidence,
                intervals=before.evidence.intervals + 1,
                changes=before.evidence.changes + (next_change[page] <= day),
                days=float(day),
            )
            known[page] = replace(before, last_visit=float(day), last_checked=float(day), evidence=seen)
            next_change[page] = changes[page].first_after(day)
    for page in range(len(known)):
        credit(page, days)
    weighted = sum(part * share for part, share in zip(world.importance, fresh, strict=True))
    return weighted / sum(world.importance) / (days - learning)


def measure(case: tuple[str, int, int], pages: int) -> tuple[float, dict[str, float]]:
    """(what no policy can exceed in the long run, the freshness that each policy reached)."""
    population, turn, seed = case
    world = World.of(population, pages, turn, seed)
    bound = freshness_of(
        world.importance, world.rates, evenly_spaced(world.importance, world.rates, float(world.budget))
    )
    return bound, {
        name: simulate(world, make(world), turn * (LEARNING + MEASURED), turn * LEARNING)
        for name, make in POLICIES.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--pages", type=int, default=250)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    started = time.monotonic()
    seeds = 1 if options.quick else options.seeds
    cases = list(product(POPULATIONS, TURNS, range(seeds)))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(partial(measure, pages=options.pages), cases))
    print(f"{options.pages} pages, {seeds} seeds; share of time that pages are fresh\n")
    print("| population | a round takes | bound | " + " | ".join(POLICIES) + " | ours of the optimum | of the gap |")
    print("|---|---:|---:|" + "---:|" * len(POLICIES) + "---:|---:|")
    every, rows = [], []
    for population, turn in product(POPULATIONS, TURNS):
        these = [result for case, result in zip(cases, found, strict=True) if case[:2] == (population, turn)]
        # The greater of the two: a bound holds in the long run, and these days are one draw of it.
        ratios = [values["ours"] / max(bound, values["optimum"]) for bound, values in these]
        every += ratios
        rows.append(fmean(ratios))
        means = [fmean(values[name] for _, values in these) for name in POLICIES]
        cells = " | ".join(f"{value:.3f}" for value in (fmean(bound for bound, _ in these), *means))
        gap = fmean(_gap(bound, values) for bound, values in these)
        print(f"| {population} | {turn} days | {cells} | {fmean(ratios):.1%} | {gap:.0%} |")
    verdict = "reached" if min(rows) >= GOAL else "NOT reached"
    print(f"\nours of the optimum: {fmean(every):.1%}, in the worst row {min(rows):.1%}; goal {GOAL:.0%}: {verdict}")
    print(f"in the worst of {len(every)} simulations: {min(every):.1%}; {time.monotonic() - started:.0f} s")
    return 0 if min(rows) >= GOAL else 1


def _gap(bound: float, values: dict[str, float]) -> float:
    """How much of what the optimum gains over turns ours does."""
    turns = values["by turns"]
    return (values["ours"] - turns) / (max(bound, values["optimum"]) - turns)


if __name__ == "__main__":
    sys.exit(main())
