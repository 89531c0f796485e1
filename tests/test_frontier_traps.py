"""Endless sites on the fake web, crawled for real: how many pages a crawl spends in each, and that it finds what is planted."""

from __future__ import annotations

from random import Random

import pytest

from tests.conftest import CrawlFunction
from tests.fakeweb import FakeWeb
from tests.traps import TRAPS, Site, Trap

SEED = 20_261_130


@pytest.mark.slow
@pytest.mark.parametrize("kind", TRAPS, ids=lambda kind: kind.__name__)
def test_what_is_planted_beside_an_endless_trap_is_found(web: FakeWeb, crawl: CrawlFunction, kind: type[Trap]) -> None:
    trap = kind(Site(Random(SEED)), Random(f"trap {SEED}"))
    trap.plant(web)
    found = crawl("discover", seeds="https://site.example/", max_pages=str(3 * len(trap.site.links)))
    assert trap.found(found.sources) == trap.site.planted
