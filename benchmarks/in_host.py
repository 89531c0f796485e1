"""How many requests inside one large host find its pages that link to a target: ``python -m benchmarks.in_host [--web FILE]``.

Each host with at least 200 pages, of recorded and of generated webs, is replayed alone. A tenth of the pages that link to the
target are known beforehand, and a third as many wrong ones. A cell is the number of requests until 90 % of the pages with a link are found,
as a share of those that breadth first needs: the median over hosts and targets, and in parentheses the quartiles. The
evidence is visited by all orders. FILE is described in ``benchmarks.recorded_web``.

Three rows, in italics, are no orders of a crawl: they know the addresses of all pages from the beginning, and of each page the number
of outside hosts that it links to, or of each folder the share of its pages that link to the target, or both. They say how much
is to be won by better expectations of that kind, and are no strict bounds.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from math import ceil
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import TYPE_CHECKING

from benchmarks.crawl_orders import BREADTH_FIRST, ORACLE, PRODUCT, SB_CLASSIFIER, Crawl, NamedOrder, page_features
from benchmarks.generated_web import generated_web
from benchmarks.recorded_web import RecordedLink, RecordedWeb, load

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL = 0.2
PAGES = 200
"""The least number of pages of a host."""
LINKING = (5, 0.2)
"""The least number of pages that link to a target, and the highest share of the host's pages."""
TARGETS = 4
"""Targets of each host."""
FOUND = 0.9
EVIDENCE, WRONG = 0.1, 1 / 3


def by_outside_hosts(crawl: Crawl) -> list[int]:
    """Visits all pages, those that link to most outside hosts first."""
    return _ranked(crawl, lambda page: len(crawl.web.outside[page]))


def by_folder(crawl: Crawl) -> list[int]:
    """Visits all pages, those of the folders in which most pages link to the target first."""
    return _ranked(crawl, _shares_of_folders(crawl).__getitem__)


def by_both(crawl: Crawl) -> list[int]:
    """Visits all pages by the share of their folder, times the outside hosts that they link to."""
    shares = _shares_of_folders(crawl)
    return _ranked(crawl, lambda page: shares[page] * (1 + len(crawl.web.outside[page])))


def _ranked(crawl: Crawl, value: Callable[[int], float]) -> list[int]:
    known = set(crawl.start)
    return crawl.start + sorted((page for page in crawl.web.reachable if page not in known), key=value, reverse=True)


def _shares_of_folders(crawl: Crawl) -> dict[int, float]:
    """Returns for each page the share of the pages in its folder, digits folded, that link to the target."""
    folders = {page: page_features(crawl.web, page).folder for page in crawl.web.reachable}
    pages = Counter(folders.values())
    hits = Counter(folders[page] for page in crawl.hits)
    return {page: hits[folder] / pages[folder] for page, folder in folders.items()}


ORDERS = (
    BREADTH_FIRST,
    SB_CLASSIFIER,
    PRODUCT,
    NamedOrder("*known: shares of folders*", by_folder),
    NamedOrder("*known: numbers of outside hosts*", by_outside_hosts),
    NamedOrder("*known: both*", by_both),
    ORACLE,
)


def host_alone(web: RecordedWeb, name: str) -> RecordedWeb:
    """Returns the pages of one host and the links among them."""
    own = [page for page in web.reachable if web.host[page] == name]
    number = {page: place for place, page in enumerate(own)}
    return RecordedWeb(
        pages=[web.pages[page] for page in own],
        host=[name] * len(own),
        links=[
            [RecordedLink(number[link.page], *link[1:]) for link in web.links[page] if link.page in number]
            for page in own
        ],
        outside=[web.outside[page] for page in own],
    )


def targets_of(web: RecordedWeb, random: Random) -> list[str]:
    """Draws targets that some pages of the host link to, but not most."""
    least, most = LINKING
    names = [name for name, pages in web.referrers.items() if least <= len(pages) <= most * len(web.reachable)]
    return random.sample(sorted(names), min(TARGETS, len(names)))


def requests_to_find(crawl: Crawl, order: NamedOrder) -> int:
    """Returns the number of requests until enough of the pages with a link are found."""
    left = ceil(FOUND * len(crawl.hits))
    for number, page in enumerate(order.function(crawl), 1):
        left -= page in crawl.hits
        if not left:
            return number
    return crawl.budget


def replay(web: RecordedWeb, seed: int) -> list[dict[str, float]]:
    """Returns for each target of a host the requests of each order, as a share of those of breadth first."""
    random = Random(seed)
    found = []
    for target in targets_of(web, random):
        hits = web.referrers[target]
        known = random.sample(sorted(hits), max(1, round(EVIDENCE * len(hits))))
        known += random.sample(sorted(web.reachable), round(WRONG * len(known)))
        start = list(dict.fromkeys([*known, *web.seeds]))
        crawl = Crawl(web, hits, start, len(web.reachable), seed, frozenset(known))
        requests = {order.name: requests_to_find(crawl, order) for order in ORDERS}
        found.append({name: number / requests[BREADTH_FIRST.name] for name, number in requests.items()})
    return found


def hosts_of(web: RecordedWeb) -> list[RecordedWeb]:
    """Returns the large hosts of a web, each alone, as far as its own links lead."""
    alone = [host_alone(web, name) for name, size in sorted(web.size.items()) if size >= PAGES]
    return [host for host in alone if len(host.reachable) >= PAGES]


def show(found: list[dict[str, float]]) -> bool:
    """Prints the table; True if the goal is reached."""
    print("| order | requests, of those of breadth first |\n|---|---|")
    for order in ORDERS:
        shares = [one[order.name] for one in found]
        low, _, high = quantiles(shares, n=4)
        print(f"| {order.name} | {median(shares):.2f} ({low:.2f} to {high:.2f}) |")
    ours = median(one[PRODUCT.name] for one in found)
    print(f"\ngoal, at most {GOAL}: {'reached' if ours <= GOAL else 'NOT reached'}")
    return ours <= GOAL


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.in_host", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--web", action="append", default=[], help="a recorded web beside the generated ones")
    parser.add_argument("--generated", type=int, default=3, help="number of generated webs")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args(arguments)
    hosts: list[RecordedWeb] = []
    for name in options.web:
        if Path(name).exists():
            hosts += hosts_of(load(Path(name), by_registrable_domain=True))
        else:
            print(f"skipped: {name} is not on this machine")
    for number in range(1, options.generated + 1):
        hosts += hosts_of(generated_web(number, by_registrable_domain=True))
    with ProcessPoolExecutor(options.processes) as pool:
        found = [one for of_host in pool.map(replay, hosts, range(len(hosts))) for one in of_host]
    print(f"{len(hosts)} hosts, {len(found)} targets")
    return 0 if show(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
