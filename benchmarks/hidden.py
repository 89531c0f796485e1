"""Are the links that we call hidden by their page's own markup hidden in a real browser, too?

``python -m benchmarks.hidden [--step N]``: of the real pages of the shared data every N-th is opened in Chromium, without scripts
and without the style sheets of other addresses, so that both judge the same; a link is hidden if the computed style, the size or
the place of all that it shows says so. Prints how many links each calls hidden, and samples of where they differ.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from backlinkbot.extract.page import PageContent
from backlinkbot.extract.visibility.computed import SCRIPT
from tests.browser import HOW_TO_INSTALL, Browser, BrowserError, find_chromium
from tests.conformance.shared_data import SavedPage, saved_pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlinkbot.extract.html import ElementLike

MARK = "data-hidden"
SECONDS = 20
SHOWN = 20
MENU = re.compile("nav|menu|drop|flyout|mega", re.IGNORECASE)
READ = f"""(() => {{
  ({SCRIPT})('{MARK}');
  return [...document.querySelectorAll('a, area')]
    .filter((link) => link.hasAttribute('href') || link.hasAttribute('xlink:href'))
    .map((link) => link.getAttribute('{MARK}') || '');
}})()"""


def ours(page: SavedPage) -> list[tuple[str, str, bool]]:
    """(href, evidence, whether in a menu) of each link; those in shadow trees, which the browser lists apart, are left out."""
    content = PageContent(page.file.read_bytes(), page.url, page.charset)
    found = []
    for reference in content.references:
        if reference.element not in content.remarks.in_shadow:
            evidence = content.remarks.hiding.evidence(reference.element)
            found.append((reference.raw_href, evidence, bool(evidence) and _is_in_menu(content, reference.element)))
    return found


def _is_in_menu(content: PageContent, element: ElementLike) -> bool:
    around: ElementLike | None = element
    while around is not None and around.tag != "body":
        if MENU.search(" ".join((around.tag, *(around.attr(name) or "" for name in ("class", "id", "role"))))):
            return True
        around = content.document.parent(around)
    return False


async def theirs(browser: Browser, page: SavedPage) -> list[str]:
    """What the script in the browser says of each."""
    loaded = asyncio.Event()
    browser.on["Page.loadEventFired"] = lambda _: loaded.set()
    async with asyncio.timeout(SECONDS):
        await browser.call("Page.navigate", url=page.file.resolve().as_uri())
        await loaded.wait()
        answer = await browser.call("Runtime.evaluate", expression=READ, returnByValue=True)
    return list(answer["result"].get("value") or ())


async def compare(chromium: str, pages: Sequence[SavedPage]) -> None:
    counts: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    alarms, missed = [], []
    async with Browser(chromium) as browser:
        await browser.call("Page.enable")
        await browser.call("Emulation.setScriptExecutionDisabled", value=True)
        await browser.call(
            "Emulation.setDeviceMetricsOverride", width=1280, height=720, deviceScaleFactor=1, mobile=False
        )
        for page in pages:
            mine = ours(page)
            try:
                other = await theirs(browser, page)
            except (TimeoutError, BrowserError):
                other = []
            if len(mine) != len(other):
                counts["pages that the browser reads otherwise, or leaves"] += 1
                continue
            counts["pages"] += 1
            for (href, evidence, is_in_menu), computed in zip(mine, other, strict=True):
                counts["links"] += 1
                counts["hidden, we say"] += bool(evidence)
                counts["hidden, the browser says"] += bool(computed)
                counts["hidden, both say"] += bool(evidence and computed)
                counts["hidden, we say, in what is named a menu"] += is_in_menu
                forms[evidence.partition(":")[0].split(" ")[-1]] += bool(evidence)
                if evidence and not computed:
                    alarms.append(f"{page.path} {href[:80]} {evidence}")
                elif computed and not evidence:
                    missed.append(f"{page.path} {href[:80]} {computed}")
    for name, number in counts.items():
        print(f"{number:>8,} {name}")
    print("by", ", ".join(f"{form} {number:,}" for form, number in forms.most_common(8) if number))
    dice = random.Random(1)
    for title, found in (("false alarms", alarms), ("missed", missed)):
        print(f"{len(found):,} {title}", *dice.sample(found, min(SHOWN, len(found))), sep="\n    ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", type=int, default=6)
    chosen = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        sys.exit(HOW_TO_INSTALL)
    asyncio.run(compare(chromium, saved_pages("pages")[:: chosen.step]))


if __name__ == "__main__":
    main()
