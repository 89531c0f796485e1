"""scrapy-playwright's settings work, and none of them gives a page more than the crawl's own client fetches."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import chromium
from tests.conftest import Crawl, CrawlFunction
from tests.fakeweb import FakeWeb, Request
from tests.processes import Marked, marked

__all__ = ["marked"]

ADD = "document.body.insertAdjacentHTML('beforeend', `<a href=https://target.example/${%s}>t</a>`)"
PROVIDERS = "tests.rendering_providers"


def plant(web: FakeWeb, word: str, *more: str, url: str = "https://page.example/") -> None:
    """A page whose script writes a link to the target, with the value of a JavaScript expression in its path."""
    web.page(
        url,
        f"<!doctype html><title>page</title><body><div id=root></div><script>{';'.join(more)};{ADD % word}</script>",
    )


def render(crawl: CrawlFunction, *seeds: str, **given: Any) -> Crawl:
    given.setdefault("browser", chromium())
    return crawl("discover", seeds=" ".join(seeds or ["https://page.example/"]), render="always", **given)


def seen(found: Crawl) -> set[str]:
    return {row.target_url.rpartition("/")[2] for row in found.rows if row.rendered == "rendered_only"}


def browsers(lines: Iterable[str]) -> list[str]:
    """The command lines of browsers, without those of the processes that they have started."""
    return [
        line for line in lines if "chrom" in line.partition(" ")[0] and "--headless" in line and "--type=" not in line
    ]


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        one.settimeout(0.1)
        yield one


def assert_nobody_came(listener: socket.socket) -> None:
    with pytest.raises(TimeoutError):
        listener.accept()


@pytest.mark.slow
def test_one_driver_and_one_browser_serve_both_schemes(crawl: CrawlFunction, web: FakeWeb, marked: Marked) -> None:
    counted: list[tuple[int, int]] = []

    def count(_: Request) -> str:
        lines = marked.running().values()
        counted.append((sum("run-driver" in line for line in lines), len(browsers(lines))))
        return ""

    pages = ["http://one.example/", "https://two.example/", "http://three.example/", "https://four.example/"]
    for page in pages:
        plant(web, "location.protocol", f"fetch('{page}count')", url=page)
        web.page(f"{page}count", count)
    found = render(crawl, *pages)
    assert len(found.rows) == 4
    assert counted == [(1, 1)] * 4
    assert found.stats["playwright/browser_count"] == found.stats["backlinks/rendering/browsers"] == 1
    assert found.stats["playwright/context_count"] == 4


@pytest.mark.slow
@pytest.mark.usefixtures("marked")
def test_launch_options_reach_the_browser_and_open_no_network_to_it(crawl: CrawlFunction, web: FakeWeb) -> None:
    with listening() as listener:
        port = listener.getsockname()[1]
        plant(web, "typeof gc", f"fetch('http://127.0.0.1:{port}/').catch(() => 0)")
        options = {
            "executable_path": chromium(),
            "args": ["--js-flags=--expose-gc", "--host-resolver-rules=", "--proxy-server=direct://"],
            "proxy": {"server": f"http://127.0.0.1:{port}"},
        }
        found = render(crawl, browser="", PLAYWRIGHT_LAUNCH_OPTIONS=options)
        assert_nobody_came(listener)
    assert seen(found) == {"function"}
    assert found.stats["backlinks/fetching/private_address"] == 1


@pytest.mark.slow
@pytest.mark.usefixtures("marked")
def test_the_default_context_is_every_page_s(crawl: CrawlFunction, web: FakeWeb) -> None:
    plant(web, "navigator.language + innerWidth + navigator.userAgent.split('/')[0]")
    contexts = {"default": {"locale": "pt-BR", "viewport": {"width": 777, "height": 500}, "user_agent": "other/1"}}
    assert seen(render(crawl, PLAYWRIGHT_CONTEXTS=contexts)) == {"pt-BR777backlinkbot"}


@pytest.mark.slow
@pytest.mark.usefixtures("marked")
def test_requests_that_a_setting_aborts_are_not_fetched(crawl: CrawlFunction, web: FakeWeb) -> None:
    plant(web, "1", *(f"fetch('/{name}').catch(() => 0)" for name in ("tracker", "data")))
    web.page("https://page.example/data", "")
    found = render(crawl, PLAYWRIGHT_ABORT_REQUEST=f"{PROVIDERS}.is_tracker")
    assert seen(found) == {"1"}
    assert web.paths("page.example").count("/data") == 1
    assert "/tracker" not in web.paths("page.example")
    assert found.stats["backlinks/rendering/refused/by_setting"] == 1


@pytest.mark.slow
@pytest.mark.usefixtures("marked")
def test_a_page_that_is_not_answered_by_the_crawl_is_answered_by_nobody(
    crawl: CrawlFunction, web: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """scrapy-playwright logs an init callback that fails, and goes on."""
    monkeypatch.setattr("backlinkbot.rendering.tab.BEFORE", None)  # which Playwright refuses
    plant(web, "1")
    found = render(crawl)
    assert seen(found) == set()
    assert found.stats["playwright/request_count/aborted"] == 1
    assert found.stats["backlinks/rendering/failed/no_browser"] == 1
    assert (
        web.paths("page.example").count("/") == 2
    )  # the crawler's own, and the document that the browser was to be given


@contextmanager
def running_chromium(folder: Path, marked: Marked) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A browser that listens for debuggers, and its address."""
    words = (
        "--headless",
        "--no-sandbox",
        "--no-first-run",
        "--disable-gpu",
        "--remote-debugging-port=0",
        "about:blank",
    )
    with subprocess.Popen(
        [chromium(), *words, f"--user-data-dir={folder}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | marked.environ,
        start_new_session=True,
    ) as process:
        try:
            file, until = folder / "DevToolsActivePort", time.monotonic() + 120
            while not file.exists() or not file.read_text():
                assert time.monotonic() < until
                time.sleep(0.05)
            yield f"http://127.0.0.1:{file.read_text().splitlines()[0]}", process
        finally:
            os.killpg(process.pid, 9)


@pytest.mark.slow
def test_a_remote_browser_renders_and_is_left_running(
    crawl: CrawlFunction, web: FakeWeb, marked: Marked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")  # Playwright connects as any program does
    with running_chromium(tmp_path / "profile", marked) as (url, process), listening() as listener:
        port = listener.getsockname()[1]
        tries = f"fetch('http://127.0.0.1:{port}/').catch(() => 0); new WebSocket('ws://127.0.0.1:{port}/')"
        plant(web, "'remote'", tries)
        web.page("https://stuck.example/", "<!doctype html><title>stuck</title><script>while (true) {}</script>")
        found = render(
            crawl,
            "https://page.example/",
            "https://stuck.example/",
            browser="",
            PLAYWRIGHT_CDP_URL=url,
            BACKLINKBOT_RENDER_DEADLINE=8,
        )
        assert_nobody_came(listener)
        assert seen(found) == {"remote"}
        assert found.stats["playwright/context_count/remote/True"] >= 2
        assert found.stats["backlinks/rendering/failed/deadline"] == 1
        assert process.poll() is None
        started = browsers(marked.running().values())
        assert len(started) == 1, started


@pytest.mark.slow
@pytest.mark.usefixtures("marked")
def test_a_provider_of_the_user_s_own_starts_the_browser(crawl: CrawlFunction, web: FakeWeb) -> None:
    plant(web, "'own'")
    found = render(crawl, PLAYWRIGHT_BROWSER_PROVIDER=f"{PROVIDERS}.Own")
    assert seen(found) == {"own"}
    assert found.stats["playwright/browser_count"] == 1


@pytest.mark.slow
@pytest.mark.usefixtures("marked")
def test_a_browser_without_virtual_time_is_given_real_time(crawl: CrawlFunction, web: FakeWeb) -> None:
    """A Chromium in the part of a Firefox, of which only the debugging protocol is not used."""
    plant(web, "'now'", f"setTimeout(() => {ADD % repr('later')}, 1500)", "fetch('/data')")
    web.page("https://page.example/data", "")
    web.page("https://stuck.example/", "<!doctype html><title>stuck</title><script>while (true) {}</script>")
    provider = {"PLAYWRIGHT_BROWSER_TYPE": "firefox", "PLAYWRIGHT_BROWSER_PROVIDER": f"{PROVIDERS}.AsFirefox"}
    found = render(crawl, "https://page.example/", "https://stuck.example/", BACKLINKBOT_RENDER_DEADLINE=15, **provider)
    assert seen(found) == {"now", "later"}
    assert found.stats["backlinks/rendering/failed/deadline"] == 1
