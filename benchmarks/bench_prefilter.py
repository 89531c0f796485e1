"""What the question "no target here?" costs on a page: the prefilter, our own parse, and Scrapy's LinkExtractor.

On every sixth shared page, with targets that none of them links to. The ways take turns of a few pages, in shuffled
order, garbage collection off: few enough that a slow moment of the machine hits them all, enough that each has the
processor's caches to itself as in a crawl, which goes only one way (a turn's first page runs once before the clock
does). The table has CPU microseconds, median over rounds of the mean per page, and how many times faster than the
parse and than LinkExtractor that is.
"""

from __future__ import annotations

import argparse
import gc
import platform
import random
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scrapy.http import HtmlResponse
from scrapy.linkextractors import LinkExtractor

from backlinkbot import urls
from backlinkbot.links import PageContent
from backlinkbot.markup import Document
from backlinkbot.prefilter import Prefilter
from backlinkbot.targets import Targets
from tests.conformance.shared_data import saved_pages

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (1, 10, 1_000, 100_000)
TURN = 20
BASELINE = "decode + LinkExtractor"

EXTRACTOR = LinkExtractor()


class Page:
    def __init__(self, body: bytes, charset: str, url: str) -> None:
        parsed = urls.parse(url)
        assert parsed is not None
        self.body, self.charset, self.url, self.text_url = body, charset, parsed, url


def hrefs(page: Page) -> None:
    for element in Document(page.body, page.charset).elements("a", "area"):
        element.attr("href")


def look_for(targets: Targets, page: Page) -> None:
    next(PageContent(page.body, page.text_url, page.charset).links(targets.match), None)


def link_extractor(page: Page) -> None:
    headers = {"Content-Type": f"text/html; charset={page.charset}" if page.charset else "text/html"}
    EXTRACTOR.extract_links(HtmlResponse(page.text_url, headers=headers, body=page.body))


def filtered(prefilter: Prefilter, page: Page) -> None:
    prefilter.may_link(page.body, page.charset, page.url)


def absent_targets(size: int) -> Targets:
    rng = random.Random(size)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names: set[str] = set()
    while len(names) < size:
        names.add(f"{''.join(rng.choices(letters, k=rng.randint(6, 14)))}.{rng.choice(('com', 'org', 'de', 'net'))}")
    return Targets.parse(sorted(names))


def build(size: int) -> tuple[Targets, Prefilter]:
    targets = absent_targets(size)
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for _ in range(2):
            started = time.perf_counter()
            prefilter = Prefilter.for_targets(targets, Path(folder))
            times.append(time.perf_counter() - started)
        kept = sum(file.stat().st_size for file in Path(folder).iterdir())
    print(f"  {size:>7,} targets: built in {times[0]:.3f} s, again {times[1]:.3f} s, {kept / 1e6:.1f} MB on disk")
    return targets, prefilter


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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--every", type=int, default=6, help="use every Nth page (default: 6)")
    parser.add_argument("--corpus", nargs="+", default=["pages", "little-web"])
    options = parser.parse_args()

    saved = [page for corpus in options.corpus for page in saved_pages(corpus)][:: options.every]
    pages = [Page(page.file.read_bytes(), page.charset, page.url) for page in saved]
    size = sum(len(page.body) for page in pages)
    print(f"{len(pages)} pages, {size / 1e6:.0f} MB; Python {platform.python_version()}, {platform.platform()}")
    built = {size: build(size) for size in SIZES}
    if built[1][1].is_blind:
        print("Hyperscan is missing, so nothing is filtered: pip install backlinkbot[speed]", file=sys.stderr)
        return 1
    for size, (_, prefilter) in built.items():
        skipped = sum(not prefilter.may_link(page.body, page.charset, page.url) for page in pages)
        print(f"  {size:>7,} targets: {skipped / len(pages):.1%} of the pages skipped")

    ways: dict[str, Callable[[Page], None]] = {
        **{f"prefilter, {size:,} targets": partial(filtered, prefilter) for size, (_, prefilter) in built.items()},
        "decode + parse + hrefs": hrefs,
        "PageContent.links, no target": partial(look_for, built[1][0]),
        BASELINE: link_extractor,
    }
    results: dict[str, list[float]] = {name: [] for name in ways}
    rng = random.Random(0)
    for _ in range(options.rounds):
        totals = dict.fromkeys(ways, 0.0)
        for first in range(0, len(pages), TURN):
            for name in rng.sample(sorted(ways), len(ways)):
                totals[name] += timed(ways[name], pages[first : first + TURN])
        for name, total in totals.items():
            results[name].append(total / len(pages) * 1e6)
    baseline = statistics.median(results[BASELINE])
    parse = statistics.median(results["decode + parse + hrefs"])
    print(f"  {'CPU us/page':32} {'median':>8} {'spread':>15} {'x vs parse':>11} {'x vs LinkExtractor':>19}")
    for name, times in results.items():
        middle = statistics.median(times)
        spread = f"{min(times):.0f}-{max(times):.0f}"
        print(f"  {name:32} {middle:>8.0f} {spread:>15} {parse / middle:>11.1f} {baseline / middle:>19.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
