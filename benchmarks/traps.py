"""Replays the crawl order of ``discover`` in endless sites: how many pages does each cost, and is a planted page missed?

    python -m benchmarks.traps [--seeds 1..3]

Nothing is fetched. Each site has real pages, six of which link to the target, and a trap of one kind; names of parameters and
folders are drawn by the seed. The wiki has 500 pages with eight versions and eight differences of each, and 25 planted pages.
A replay ends after three visits for each real page.
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from collections import deque
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from backlinkbot import urls
from backlinkbot.frontier import PageMarks, features_of, links_fingerprint
from backlinkbot.frontier.experience import Experience
from backlinkbot.frontier.order import Order
from tests.memory_queue import MemoryQueue
from tests.traps import TARGET, TRAPS, Site, Trap, Wiki

if TYPE_CHECKING:
    from backlinkbot.frontier import PageFeatures

VISITS: Final = 3
"""Visits for each real page, at most."""
_HREF: Final = re.compile(r'href="([^"]*)"')
_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one site."""

    real: int
    """Real pages of the site."""
    visits: int
    """Visits until the last planted page was found, or all of them if one was missed."""
    spent: int
    """Those of them that showed a page of the trap, or a real page once more."""
    missed: int
    """Planted pages that were not found."""


def trap_of(kind: type[Trap], seed: int) -> Trap:
    """Makes a site with a trap, or the wiki."""
    return Wiki.of(Random(seed)) if kind is Wiki else kind(Site(Random(seed)), Random(f"trap {seed}"))


def replay(trap: Trap) -> Replayed:
    """Visits a site in the order of ``discover``, one request at a time."""
    site, experience = trap.site, Experience()
    experience.name(site.host)
    start = f"https://{site.host}/"
    features: dict[str, PageFeatures] = {start: features_of(site.host, "/")}
    waiting: Order[str] = Order(experience, features.__getitem__, lambda *_: MemoryQueue())
    first, visited, left = deque([start]), list[str](), set(site.planted)
    while len(visited) < VISITS * len(site.links) and left:
        choice = None if first else waiting.next(_is_never_busy)
        if choice is None and not first:
            break
        url = choice.item if choice is not None else first.popleft()
        visited.append(url)
        left -= trap.found([url])
        for found in _visit(trap, url, features, experience, waiting):
            waiting.add(found, site.host)
    return Replayed(len(site.links), len(visited), trap.spent(visited), len(left))


def _visit(
    trap: Trap, url: str, features: dict[str, PageFeatures], experience: Experience, waiting: Order[str]
) -> list[str]:
    """Reads a page, tells the order of it, and returns the addresses that it is the first to link to."""
    page = urls.parse(url)
    assert page is not None
    body = trap.page(page.hostname, page.pathname + page.search)
    parsed = [urls.parse(urljoin(url, html.unescape(href))) for href in _HREF.findall(body)]
    linked = [one for one in parsed if one is not None]
    fingerprint = links_fingerprint(url, f"https://{page.host}", [one.href for one in linked])
    marks = PageMarks(fingerprint, partial(_TAG.sub, " ", body))
    experience.visited(features[url], {one.hostname for one in linked} - {page.hostname}, marks)
    if TARGET in [one.href for one in linked]:
        experience.hit(features[url])
        waiting.hit(features[url], trap.site.host)
    new = []
    for one in linked:
        if one.href not in features and urls.is_below(one.hostname, (trap.site.host,)):
            query, depth = one.search.removeprefix("?"), features[url].depth + 1
            features[one.href] = features_of(one.hostname, one.pathname, query, found_on=url, depth=depth)
            new.append(one.href)
    return new


def _is_never_busy(_domain: str) -> bool:
    return False


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.traps", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seeds", default="1..3", help="of the names and of the planted pages: 3, or 1..5")
    first, _, last = parser.parse_args(arguments).seeds.partition("..")
    seeds = range(int(first), int(last or first) + 1)
    print("| site | real pages | visits until all is found | spent in the trap, mean (worst) | planted pages missed |")
    print("|---|---:|---:|---:|---:|")
    missed = 0
    for kind in (*TRAPS, Wiki):
        results = [replay(trap_of(kind, seed)) for seed in seeds]
        spent = [one.spent for one in results]
        missed += sum(one.missed for one in results)
        print(
            f"| {kind.__name__} | {fmean(one.real for one in results):.0f} | {fmean(one.visits for one in results):.0f} "
            f"| {fmean(spent):.0f} ({max(spent)}) | {sum(one.missed for one in results)} |",
            flush=True,
        )
    print(f"\nno planted page missed: {'NOT ' if missed else ''}reached")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
