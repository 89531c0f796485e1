"""What of a page a reader does not see: forms of hiding by the page's own markup, held against a real browser's pixels."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from backlinkbot.hiding import Hiding
from backlinkbot.hiding.computed import SCRIPT
from backlinkbot.links import PageContent
from backlinkbot.markup import Parser
from tests.browser import HOW_TO_INSTALL, Browser, find_chromium
from tests.hidden_cases import CASES, REMNANTS

T = TypeVar("T")

MARK = "data-f3a1"
WIDTH, HEIGHT, COLUMNS = 150, 50, 10


def evidence(markup: str, parse: Parser) -> str:
    content = PageContent(f"<!doctype html>{markup}".encode(), "https://a.example/", "utf-8", parse)
    (link,) = content.document.elements("a", "area")
    return Hiding(content.document).evidence(link)


@pytest.mark.parametrize(("markup", "expected"), CASES)
def test_forms_of_hiding(markup: str, expected: str, each_parser: Parser) -> None:
    assert evidence(markup, each_parser) == expected


# --- a real browser -----------------------------------------------------------------------------------------------------

# Two pictures of all pages, one with the links and one without: what is the same in both shows no link.
_DIFFERS = """async ([before, after, width, height, columns, count]) => {
  const pixels = async (data) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + data;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return (n) => context.getImageData((n % columns) * width, Math.floor(n / columns) * height, width, height).data;
  };
  const [one, other] = [await pixels(before), await pixels(after)];
  return Array.from({length: count}, (_, n) => {
    const [a, b] = [one(n), other(n)];
    return a.some((value, i) => Math.abs(value - b[i]) > 12);
  });
}"""


class Judge(Browser):
    """A browser that shows many small pages at once."""

    async def evaluate(self, expression: str) -> Any:
        answer = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def show(self, pages: list[str]) -> None:
        rows = -(-len(pages) // COLUMNS)
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=COLUMNS * WIDTH,
            height=rows * HEIGHT,
            deviceScaleFactor=1,
            mobile=False,
        )
        await self.evaluate(
            f"""(async () => {{
              document.body.style.cssText = 'margin:0;display:grid;grid-template-columns:repeat({COLUMNS},{WIDTH}px)';
              await Promise.all({json.dumps(pages)}.map((page) => new Promise((done) => {{
                const frame = document.createElement('iframe');
                frame.style.cssText = 'border:0;width:{WIDTH}px;height:{HEIGHT}px;overflow:hidden';
                frame.onload = done;
                frame.srcdoc = '<!doctype html>' + page;
                document.body.append(frame);
              }})));
            }})()"""
        )

    async def shown(self, count: int) -> list[bool]:
        before = (await self.call("Page.captureScreenshot", format="png"))["data"]
        await self.evaluate(
            """[...document.querySelectorAll('iframe')].forEach((frame) => {
              const walk = (root) => {
                for (const element of root.querySelectorAll('*')) {
                  if (element.shadowRoot) walk(element.shadowRoot);
                  if (!element.matches('a, a *')) continue;
                  element.style.setProperty('opacity', '0', 'important');
                }
              };
              walk(frame.contentDocument);
            })"""
        )
        after = (await self.call("Page.captureScreenshot", format="png"))["data"]
        return list(await self.evaluate(f"({_DIFFERS})({json.dumps([before, after, WIDTH, HEIGHT, COLUMNS, count])})"))

    async def computed(self) -> list[str]:
        """What the script says of the link of each page."""
        return list(
            await self.evaluate(
                f"""[...document.querySelectorAll('iframe')].map((frame) => {{
                  const window = frame.contentWindow;
                  window.eval({json.dumps(SCRIPT)})({json.dumps(MARK)});
                  const find = (root) => root.querySelector('a, area') ||
                    [...root.querySelectorAll('*')].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
                  return find(frame.contentDocument).getAttribute({json.dumps(MARK)}) || '';
                }})"""
            )
        )


def _in_a_thread(work: Coroutine[Any, Any, T]) -> T:
    """The loop of this thread is the reactor's."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()


def test_a_real_browser_shows_what_we_say() -> None:
    chromium = find_chromium()
    if chromium is None:
        assert "BACKLINKBOT_CI" not in os.environ, HOW_TO_INSTALL
        pytest.skip(HOW_TO_INSTALL)

    async def look() -> tuple[list[bool], list[str]]:
        async with Judge(chromium) as browser:
            await browser.show([markup for markup, _ in CASES])
            computed = await browser.computed()
            return await browser.shown(len(CASES)), computed

    shown, computed = _in_a_thread(look())
    for (markup, expected), is_shown, said in zip(CASES, shown, computed, strict=True):
        assert is_shown == (not expected or markup in REMNANTS), (markup, expected, said)
        assert is_shown == (not said or markup in REMNANTS), (markup, expected, said)
        assert said == "" or said.startswith("computed "), (markup, said)
