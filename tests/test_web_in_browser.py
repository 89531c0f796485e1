"""The report and the page of a history in a real browser: accessible, by keyboard alone, at both widths, light and dark, hostile texts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pytest

from backlinkbot.cli.main import main
from backlinkbot.cli.web import _listening
from backlinkbot.history import History
from backlinkbot.reports.page import html
from backlinkbot.web.app import application
from backlinkbot.web.snapshots import Snapshots
from tests.chromium import chromium
from tests.sample_links import sample
from tests.test_reports import count, hostile_changes, hostile_rows
from tests.test_web import history_of

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

pytestmark = pytest.mark.slow

WIDTHS = (1440, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PATHS = ("/", "/links", "/changes", "/links?source_domain=hostile.example", "/link/1", "/nothing")
_STOPS = 50
"""Presses of the tabulator key."""


@dataclass
class Seen:
    """What the browser saw of one page at one width in one scheme."""

    violations: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    requests: set[str] = field(default_factory=set)
    is_hacked: bool = False
    is_wider: bool = False
    unreached: int = 0
    """Presses of the tabulator key that reached no further link, button or field."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, int, str], Seen]]:
    import uvicorn  # here, as `make test` collects these tests, too, and runs none

    executable = chromium()
    folder = tmp_path_factory.mktemp("pages")
    url = str(folder / "watch.db")
    history_of(url)
    assert main(["report", "--history", url, "-o", str(folder / "with tasks.html")]) == 0
    made = sample()
    (folder / "usual.html").write_text(html.page(count(made.rows, made.changes)), encoding="utf-8")
    (folder / "hostile.html").write_text(html.page(count(hostile_rows(), hostile_changes())), encoding="utf-8")
    with closing(_listening(0)) as listener, History.open(url, create=False) as history:
        config = uvicorn.Config(application(Snapshots(history)), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        serving.start()
        site = f"http://127.0.0.1:{listener.getsockname()[1]}"
        addresses = {f"web {path}": site + path for path in PATHS}
        addresses |= {f"report {file.stem}": file.as_uri() for file in sorted(folder.glob("*.html"))}
        try:
            with ThreadPoolExecutor(1) as thread:  # the event loop of this thread is the reactor's
                yield thread.submit(asyncio.run, look(executable, addresses)).result(600)
        finally:
            server.should_exit = True
            serving.join(30)


async def look(executable: str, addresses: dict[str, str]) -> dict[tuple[str, int, str], Seen]:
    found: dict[tuple[str, int, str], Seen] = {}
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for width in WIDTHS:
            for scheme in SCHEMES:
                context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                for name, address in addresses.items():
                    found[name, width, scheme] = await look_at(context, address, by_keyboard=scheme == "light")
                await context.close()
        await browser.close()
    return found


async def look_at(context: BrowserContext, address: str, *, by_keyboard: bool) -> Seen:
    from axe_playwright_python.async_playwright import Axe

    seen = Seen()
    page = await context.new_page()
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: seen.complaints.append(dialog.message))
    page.on("request", lambda request: seen.requests.add(request.url))
    await page.goto(address)
    seen.is_hacked = await page.evaluate("typeof window.hacked !== 'undefined'")
    seen.is_wider = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    if by_keyboard:
        seen.unreached = await unreached(page)
    complaints = list(seen.complaints)  # axe is put into the page by evaluation, past its security policy
    results = (await Axe().run(page)).response
    seen.violations = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in results["violations"]]
    seen.complaints = complaints
    await page.close()
    return seen


CONTROLS = """[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
  .filter(one => one.checkVisibility())"""


async def unreached(page: Page) -> int:
    """Presses the tabulator key; the number of presses that gave no further control a focus that can be seen."""
    total = int(await page.evaluate(f"(window.waiting = new Set({CONTROLS})).size"))
    presses = min(total, _STOPS)
    for _ in range(presses):
        await page.keyboard.press("Tab")
        await page.evaluate(FOCUSED)
    return presses - total + int(await page.evaluate("window.waiting.size"))


FOCUSED = """() => {
  const style = getComputedStyle(document.activeElement);
  if (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') window.waiting.delete(document.activeElement);
}"""


def names() -> list[str]:
    return [*(f"web {path}" for path in PATHS), "report with tasks", "report usual", "report hostile"]


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_page_in_the_browser(seen: dict[Any, Seen], name: str, width: int, scheme: str) -> None:
    found = seen[name, width, scheme]
    is_error = name == "web /nothing"
    assert found.violations == []
    assert [text for text in found.complaints if not (is_error and "404" in text)] == []  # no violation of the policy
    assert not found.is_hacked
    assert not found.is_wider
    assert found.unreached == 0
    hosts = {address.partition("://")[2].partition("/")[0].partition(":")[0] for address in found.requests}
    assert hosts <= {"127.0.0.1", ""}


def test_every_file_was_looked_at(seen: dict[Any, Seen]) -> None:
    assert set(seen) == {(name, width, scheme) for name in names() for width in WIDTHS for scheme in SCHEMES}
