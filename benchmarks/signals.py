"""How often a real page looks script-built that is not, and how often one does not that is.

    python -m benchmarks.signals [--sample N] [--browser PATH]

Over all pages of the shared data. They are archived pages of articles, forums, shops and front pages, most of them served
whole, so an alarm counts as false unless the page is one of ``SHELLS``, which people looked at. With ``--sample`` the pages that
gave an alarm, and N that gave none, are rendered by Chromium without a network: does that show links that were not served? It
is a lower bound, for scripts of other files are not to be had.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from backlinkbot.extract.page import PageContent
from backlinkbot.rendering.browser import Browser
from backlinkbot.rendering.scripted_parts import has_scripted_part
from backlinkbot.rendering.setup import turn_on
from backlinkbot.rendering.signals import SIGNALS, has_scripted_sidebar, looks_script_built, signals_of
from backlinkbot.rendering.subresources import Subresource
from backlinkbot.rendering.tab import Tab
from benchmarks.measuring import machine, shared
from tests.conformance.shared_data import SavedPage, saved_pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from backlinkbot.rendering.subresources import SubresourceRequest

SHELLS = frozenset(
    {
        "scrapy-bench/sites/61.html",  # a video site: an empty root, templates not filled in
        "scrapy-bench/sites/86.html",  # an image site: an empty root, a notice that asks for JavaScript
        "scrapy-bench/sites/99.html",  # a video site: the same
        "scrapy-bench/sites/107.html",  # an image board: its boards are data in a script
        "scrapy-bench/sites/117.html",  # a picture site: its pictures are data in a script
    }
)
"""Pages that are served without what they are for."""
PARTS = frozenset(
    {
        "autopager/autopager/data/html/56.html",  # a travel site: hotels like this one
        "formasaurus/formasaurus/data/html/524.html",  # classified advertisements: the newest ones
        "formasaurus/formasaurus/data/html/545.html",  # a maker's shop: the products of a search
        "formasaurus/formasaurus/data/html/72.html",  # a newspaper: today's games
        "formasaurus/formasaurus/data/html/770.html",  # a price comparison: its graph
        "readability/test/test-pages/article-author-tag/source.html",  # a magazine: what is read most
        "scrapy-bench/sites/103.html",  # a shop: recommendations
    }
)
"""Pages of which scripts fill a part by themselves, as their source says; whether with links, only their servers knew."""


class Nothing:
    """No part of any page is to be had."""

    async def get(self, _: SubresourceRequest) -> None:
        """What a page without a network gets."""


def links_of(body: bytes, url: str, charset: str = "") -> set[str]:
    return {link.url for link in PageContent(body, url, charset).links() if "noscript" not in link.flags}


async def added_links(browser: Browser, page: SavedPage) -> set[str] | None:
    """The links that are not there before scripts have run; None where the page cannot be rendered."""
    body = page.file.read_bytes()
    charset = f"; charset={page.charset}" if page.charset else ""
    document = Subresource(status=200, headers={"content-type": f"text/html{charset}"}, body=body)
    tab = Tab(
        page.url,
        document,
        Nothing(),  # type: ignore[arg-type]
        agent="backlinkbot",
        mark="data-mark",
        max_size=10**7,
        deadline=20,
    )
    outcome = await browser.render(tab)
    if not outcome.html:
        return None
    return links_of(outcome.html.encode("utf-8", "replace"), outcome.url, "utf-8") - links_of(
        body, page.url, page.charset
    )


class Sample(Spider):
    """Renders pages, and counts how many show more links once rendered, how many the same, how many cannot be rendered."""

    name = "sample"

    async def start(self) -> AsyncIterator[Any]:
        browser = Browser(self.crawler, restart_after=200)
        for page in self.pages:  # type: ignore[attr-defined]
            added = await added_links(browser, page)
            self.found["not rendered" if added is None else "more links" if added else "no more links"] += 1  # type: ignore[attr-defined]
        await browser.close()
        nothing: tuple[Any, ...] = ()
        for item in nothing:
            yield item


def render(groups: dict[str, list[SavedPage]], executable: str) -> dict[str, Counter[str]]:
    """What became of each group's pages; one crawl, for a process has but one."""
    settings = Settings({"LOG_ENABLED": False, "BACKLINKBOT_BROWSER": executable})
    turn_on(settings, is_asked_for=True)
    settings.set("SPIDER_MIDDLEWARES", {})
    found: dict[str, Counter[str]] = {name: Counter() for name in groups}
    process = AsyncCrawlerProcess(settings)
    for name, pages in groups.items():
        process.crawl(Sample, pages=pages, found=found[name])
    process.start()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=0, help="render the alarms and so many other pages")
    parser.add_argument("--browser", default="", help="with this Chromium")
    options = parser.parse_args()
    pages = shared(saved_pages, "pages")
    bodies = [page.file.read_bytes() for page in pages]
    began = time.process_time()
    alarms = [
        page
        for page, body in zip(pages, bodies, strict=True)
        if looks_script_built(body) or has_scripted_sidebar(body) or has_scripted_part(body)
    ]
    spent = time.process_time() - began
    found = {page for page in alarms if page.path in SHELLS | PARTS}
    print(f"{machine()}\n")
    print(f"{len(pages):,} pages, {len(alarms)} alarms, {len(alarms) - len(found)} of them false: ", end="")
    print(f"{(len(alarms) - len(found)) / len(pages):.2%} of the pages (all alarms: {len(alarms) / len(pages):.2%})")
    print(
        f"{len(found)} of {len(SHELLS | PARTS)} known shells and parts found; {spent / len(pages) * 1e6:.0f} microseconds a page\n"
    )
    counted = Counter(name for page in alarms for name in signals_of(page.file.read_bytes()))
    print("| signal | alarms in which it holds |\n|---|---:|")
    print("\n".join(f"| `{signal.name}` | {counted[signal.name]} |" for signal in SIGNALS))
    if options.sample:
        others = random.Random(1).sample([page for page in pages if page not in alarms], options.sample)
        for what, told in render({"alarms": alarms, "others": others}, options.browser).items():
            print(f"\n{what}, rendered without a network: {dict(told)}")


if __name__ == "__main__":
    main()
