"""Endless sites on the fake web, crawled for real and replayed: the order finds what is planted beside an endless trap."""

from __future__ import annotations

from random import Random

import pytest

from benchmarks.traps import replay, trap_of
from tests.conftest import CrawlFunction
from tests.fakeweb import FakeWeb
from tests.traps import TRAPS, Site, Trap, Wiki

SEED = 20_261_130


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRAPS, ids=lambda kind: kind.__name__)
def test_what_is_planted_beside_an_endless_trap_is_found(web: FakeWeb, crawl: CrawlFunction, kind: type[Trap]) -> None:
    trap = kind(Site(Random(SEED)), Random(f"trap {SEED}"))
    trap.plant(web)
    found = crawl("discover", seeds="https://site.example/", max_pages=str(3 * len(trap.site.links)))
    assert trap.found(found.sources) == trap.site.planted


@pytest.mark.parametrize("kind", TRAPS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_no_planted_page_is_missed_in_a_replay(kind: type[Trap], seed: int) -> None:
    assert replay(trap_of(kind, seed)).missed == 0


@pytest.mark.slow
def test_of_8000_versions_and_differences_few_are_visited_before_all_planted_pages_are_found() -> None:
    found = replay(trap_of(Wiki, 1))
    assert found.missed == 0
    assert found.spent < found.real / 2
