"""``make oracle``: does our reading of every real page equal a browser's? Exits 1 where a difference has no cause."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from backlinkbot import urls
from tests.conformance.shared_data import SavedPage, saved_pages
from tests.oracle.browser import HOW_TO_INSTALL, BrowserError, Chromium, find_chromium
from tests.oracle.compare import CAUSES, Comparison, compare
from tests.oracle.readings import EXPRESSION, read_browsers

CORPORA = ("pages", "little-web")
BROWSERS = 2
PAGES_PER_BROWSER = 400  # then a new one: it grows
ATTEMPTS = 3
SHOWN = 20


async def ask(browser: Chromium, page: SavedPage) -> Comparison:
    url = urls.parse(page.url)
    if url is None:
        return Comparison(page, 0, unexplained=("its URL cannot be parsed",))
    body = page.file.read_bytes()
    content_type = f"text/html; charset={page.charset}" if page.charset else "text/html"
    answer = await browser.read(url.href, content_type, body, EXPRESSION)
    if answer["url"] != url.href:
        return Comparison(page, 0, unexplained=(f"the browser is at {answer['url']}",))
    return compare(page, body, read_browsers(answer))


@dataclass(slots=True)
class Run:
    """The pages that are left, and what was found on the others."""

    executable: str
    waiting: deque[tuple[SavedPage, int]]
    """With how often the browser has given up on it."""
    results: list[Comparison]
    version: str = ""

    async def work(self) -> None:
        while self.waiting:
            async with Chromium(self.executable) as browser:
                self.version = browser.version
                for _ in range(PAGES_PER_BROWSER):
                    if not self.waiting or not await self._next(browser):
                        break

    async def _next(self, browser: Chromium) -> bool:
        """Compare one page; whether the browser can go on."""
        page, failures = self.waiting.popleft()
        try:
            self.results.append(await ask(browser, page))
        except BrowserError as error:
            if failures + 1 < ATTEMPTS:
                self.waiting.append((page, failures + 1))
            else:
                self.results.append(Comparison(page, 0, unexplained=(str(error),)))
            return False
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{len(self.results):,} pages compared, {len(self.waiting):,} to come ")
        return True


def table(results: Iterable[Comparison], version: str, seconds: float) -> str:
    rows: list[tuple[str, str]] = []
    found = sorted(results, key=lambda result: (CORPORA.index(result.page.corpus), result.page.path))
    for corpus in CORPORA:
        of_corpus = [result for result in found if result.page.corpus == corpus]
        rows.append((f"{corpus}: pages", f"{len(of_corpus):,}"))
        rows.append((f"{corpus}: links", f"{sum(result.links for result in of_corpus):,}"))
    differing = [result for result in found if result.causes or result.unexplained]
    rows.append(("pages with differences", f"{len(differing):,}"))
    by_cause: Counter[str] = Counter()
    pages: Counter[str] = Counter()
    for result in differing:
        by_cause += result.causes
        pages.update(result.causes.keys())
    rows += [
        (f"  {cause.name}", f"{by_cause[cause.name]:,} on {pages[cause.name]:,} pages")
        for cause in CAUSES
        if by_cause[cause.name]
    ]
    rows.append(("unexplained differences", f"{sum(len(result.unexplained) for result in found):,}"))
    rows.append(("seconds", f"{seconds:,.0f}"))
    width = max(len(name) for name, _ in rows)
    lines = [
        f"Compared with {version}: the http(s) links (URL, rel, text) in order, base URL, encoding, meta robots",
        "",
    ]
    lines += [f"{name:{width}}  {value:>18}" for name, value in rows]
    for result in [result for result in found if result.unexplained][:SHOWN]:
        lines += ["", f"{result.page.corpus}/{result.page.path} ({result.page.url})"]
        lines += [f"  {difference}" for difference in result.unexplained[:SHOWN]]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--sample", type=int, metavar="N", help="only about N pages, evenly taken")
    parser.add_argument("--browsers", type=int, default=BROWSERS, metavar="N", help="so many at a time (default: 2)")
    args = parser.parse_args()
    executable = find_chromium()
    if executable is None:
        print(f"skipped: {HOW_TO_INSTALL}")
        return 0
    try:
        pages = [page for corpus in CORPORA for page in saved_pages(corpus)]
    except pytest.skip.Exception as skipped:
        print(f"skipped: {skipped}")
        return 0
    if args.sample:
        pages = pages[:: max(1, len(pages) // args.sample)]
    started = time.monotonic()
    run = Run(executable, deque((page, 0) for page in pages), [])

    async def work_together() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(args.browsers):
                group.create_task(run.work())

    asyncio.run(work_together())
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    print(table(run.results, run.version, time.monotonic() - started))
    return 1 if any(result.unexplained for result in run.results) else 0


if __name__ == "__main__":
    sys.exit(main())
