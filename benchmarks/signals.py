"""How often a real page looks script-built that is not, and how often one does not that is.

    python -m benchmarks.signals [--sample N] [--browser PATH]

Over all pages of the shared data. They are archived pages of articles, forums, shops and front pages, most of them served
whole, so an alarm counts as false unless the page is one of ``SHELLS``, which people looked at. With ``--sample`` the pages that
gave an alarm, and N that gave none, are rendered by Chromium without a network: does that show links that were not served? It
is a lower bound, for scripts of other files are not to be had.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter
from typing import TYPE_CHECKING

from backlinkbot.extract.page import PageContent
from backlinkbot.rendering.browser import Browser, Command
from backlinkbot.rendering.setup import find_browser
from backlinkbot.rendering.signals import SIGNALS, looks_script_built, signals_of
from backlinkbot.rendering.subresources import Subresource
from backlinkbot.rendering.tab import Tab
from benchmarks.measuring import machine, shared
from tests.conformance.shared_data import SavedPage, saved_pages

if TYPE_CHECKING:
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
    tab = Tab(page.url, document, Nothing(), mark="data-mark", max_size=10**7, deadline=20)  # type: ignore[arg-type]
    async with browser.context(service_workers="block", accept_downloads=False) as context:
        outcome = await tab.render(context)
    if not outcome.html:
        return None
    return links_of(outcome.html.encode("utf-8", "replace"), outcome.url, "utf-8") - links_of(
        body, page.url, page.charset
    )


async def render(pages: list[SavedPage], executable: str) -> Counter[str]:
    """How many of them show more links once rendered, how many the same, how many cannot be rendered."""
    browser = Browser(Command(executable=find_browser(executable)), restart_after=200)
    found: Counter[str] = Counter()
    for page in pages:
        added = await added_links(browser, page)
        found["not rendered" if added is None else "more links" if added else "no more links"] += 1
    await browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=0, help="render the alarms and so many other pages")
    parser.add_argument("--browser", default="", help="with this Chromium")
    options = parser.parse_args()
    pages = shared(saved_pages, "pages")
    bodies = [page.file.read_bytes() for page in pages]
    began = time.process_time()
    alarms = [page for page, body in zip(pages, bodies, strict=True) if looks_script_built(body)]
    spent = time.process_time() - began
    found = {page for page in alarms if page.path in SHELLS}
    print(f"{machine()}\n")
    print(f"{len(pages):,} pages, {len(alarms)} alarms, {len(alarms) - len(found)} of them false: ", end="")
    print(f"{(len(alarms) - len(found)) / len(pages):.2%} of the pages (all alarms: {len(alarms) / len(pages):.2%})")
    print(f"{len(found)} of {len(SHELLS)} known shells found; {spent / len(pages) * 1e6:.0f} microseconds a page\n")
    counted = Counter(name for page in alarms for name in signals_of(page.file.read_bytes()))
    print("| signal | alarms in which it holds |\n|---|---:|")
    print("\n".join(f"| `{signal.name}` | {counted[signal.name]} |" for signal in SIGNALS))
    if options.sample:
        others = random.Random(1).sample([page for page in pages if page not in alarms], options.sample)
        for what, some in (("alarms", alarms), ("others", others)):
            told = asyncio.run(render(some, options.browser))
            print(f"\n{len(some)} {what}, rendered without a network: {dict(told)}")


if __name__ == "__main__":
    main()
