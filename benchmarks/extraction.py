"""What extraction costs on a page: ours with the target absent, there, and of all links; LinkExtractor, parsel, Lexbor.

    python -m benchmarks.extraction [--quick] [--rounds N] [--every N]

On every sixth shared page. The ways take turns of a few pages, in shuffled order, garbage collection off: few enough
that a slow moment of the machine hits them all, enough that each has the processor's caches to itself as in a crawl,
which goes only one way (a turn's first page runs once before the clock does). Bytes are what each begins with, so that
decoding counts. The table has CPU microseconds, median over rounds of the mean per page.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.http import HtmlResponse
from scrapy.linkextractors import LinkExtractor
from selectolax.lexbor import LexborHTMLParser

from backlinkbot import urls
from backlinkbot.extract.html import turbo
from backlinkbot.extract.page import PageContent
from backlinkbot.prefilter import HAS_HYPERSCAN, Prefilter
from backlinkbot.targets import Targets
from benchmarks.measuring import Goal, MissingError, Row, goals, machine, shared, table
from tests.conformance.shared_data import saved_pages

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (1, 10, 1_000, 100_000)
TURN = 20
BASELINE = "LinkExtractor"

EXTRACTOR = LinkExtractor()


class Page:
    def __init__(self, body: bytes, charset: str, url: str) -> None:
        parsed = urls.parse(url)
        assert parsed is not None
        self.body, self.charset, self.url, self.text_url = body, charset, parsed, url


def response(page: Page) -> HtmlResponse:
    headers = {"Content-Type": f"text/html; charset={page.charset}" if page.charset else "text/html"}
    return HtmlResponse(page.text_url, headers=headers, body=page.body)


def link_extractor(page: Page) -> None:
    EXTRACTOR.extract_links(response(page))


def parsel(page: Page) -> None:
    """As tutorials write it."""
    for link in response(page).xpath("//a[@href] | //area[@href]"):
        link.attrib["href"], link.attrib.get("rel"), link.xpath("string()").get()


def lexbor(page: Page) -> None:
    for node in LexborHTMLParser(response(page).text).css("a[href], area[href]"):
        attributes = node.attributes
        attributes.get("href"), attributes.get("rel"), node.text()


def plain_parse(page: Page) -> None:
    """The parser that we use, and nothing looked at."""
    turbo._parse(page.body, page.charset)


def every_link(page: Page) -> None:
    """Resolved, with anchor, rel, type and flags: what a row is made of."""
    list(PageContent(page.body, page.text_url, page.charset).links())


def followed(page: Page) -> None:
    """Resolved and nothing more: what discover follows."""
    _ = PageContent(page.body, page.text_url, page.charset).linked_urls


def looked_for(prefilter: Prefilter, targets: Targets, page: Page) -> None:
    if prefilter.may_link(page.body, page.charset, page.url):
        list(PageContent(page.body, page.text_url, page.charset).links_to(targets.match))


def filtered(prefilter: Prefilter, page: Page) -> None:
    prefilter.may_link(page.body, page.charset, page.url)


def absent_names(size: int) -> list[str]:
    """So many made-up names that no page links to."""
    rng = random.Random(size)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names: set[str] = set()
    while len(names) < size:
        names.add(f"{''.join(rng.choices(letters, k=rng.randint(6, 14)))}.{rng.choice(('com', 'org', 'de', 'net'))}")
    return sorted(names)


def build(size: int) -> tuple[Targets, Prefilter]:
    targets = Targets.parse(absent_names(size))
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for _ in range(2):
            started = time.perf_counter()
            prefilter = Prefilter.for_targets(targets, Path(folder))
            times.append(time.perf_counter() - started)
        kept = sum(file.stat().st_size for file in Path(folder).iterdir())
    print(f"  {size:>7,} targets: built in {times[0]:.3f} s, again {times[1]:.3f} s, {kept / 1e6:.1f} MB on disk")
    return targets, prefilter


def linked_hosts(pages: list[Page]) -> Targets:
    """For each page the host that it links to first, other than its own."""
    hosts = set()
    for page in pages:
        found = PageContent(page.body, page.text_url, page.charset).linked_urls
        names = (url.hostname for url in found if "." in url.hostname and not url.hostname[-1].isdigit())
        host = next((name for name in names if name != page.url.hostname), None)
        if host is not None:
            hosts.add(f"domain:{host}")
    return Targets.parse(sorted(hosts))


def timed(way: Callable[[Page], None], pages: list[Page]) -> float:
    gc.collect(0)
    gc.disable()
    way(pages[0])
    started = time.thread_time()
    for page in pages:
        way(page)
    spent = time.thread_time() - started
    gc.enable()
    return spent


def measure(pages: list[Page], rounds: int) -> list[Goal]:
    built = {size: build(size) for size in SIZES}
    there = linked_hosts(pages)
    ways: dict[str, Callable[[Page], None]] = {
        **{f"ours, target absent, {n:,}": partial(filtered, prefilter) for n, (_, prefilter) in built.items()},
        f"ours, target there, {len(there):,}": partial(looked_for, Prefilter.for_targets(there), there),
        "ours, every URL, to follow": followed,
        "ours, every link": every_link,
        "plain parse": plain_parse,
        "Lexbor, every link": lexbor,
        "parsel, every link": parsel,
        BASELINE: link_extractor,
    }
    rows = {name: Row(name) for name in ways}
    rng = random.Random(0)
    for _ in range(rounds):
        totals = dict.fromkeys(ways, 0.0)
        for first in range(0, len(pages), TURN):
            for name in rng.sample(sorted(ways), len(ways)):
                totals[name] += timed(ways[name], pages[first : first + TURN])
        for name, total in totals.items():
            rows[name].values.append(total / len(pages) * 1e6)
    for size, (_, prefilter) in built.items():
        skipped = sum(not prefilter.may_link(page.body, page.charset, page.url) for page in pages)
        print(f"  {size:>7,} targets: {skipped / len(pages):.1%} of the pages skipped")
    print(f"\n### extraction, {len(pages):,} pages of {sum(len(p.body) for p in pages) / len(pages) / 1e3:.0f} KB\n")
    print(table("CPU us per page", rows.values(), rows[BASELINE], digits=0))
    baseline = rows[BASELINE].median
    return [
        Goal(
            "LinkExtractor to no target here, 1", baseline / rows["ours, target absent, 1"].median, 120, is_least=True
        ),
        Goal(
            "LinkExtractor to no target here, 100,000",
            baseline / rows["ours, target absent, 100,000"].median,
            80,
            is_least=True,
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round over fewer pages; the figures are rough")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--every", type=int, default=6, help="use every Nth page (default: 6)")
    options = parser.parse_args()
    if not HAS_HYPERSCAN:
        print("Hyperscan is missing, so nothing is filtered: pip install backlinkbot[speed]", file=sys.stderr)
        return 1
    rounds, every = (1, 40) if options.quick else (options.rounds, options.every)
    print(machine())
    try:
        saved = [page for corpus in ("pages", "little-web") for page in shared(saved_pages, corpus)][::every]
    except MissingError as missing:
        print(f"skipped: {missing}", file=sys.stderr)
        return 0
    pages = [Page(page.file.read_bytes(), page.charset, page.url) for page in saved]
    found = measure(pages, rounds)
    print("\n### goals\n")
    print(goals(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
