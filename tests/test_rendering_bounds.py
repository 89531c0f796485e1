"""The budget of renderings, the browser that is started anew, and what a history makes of pages that scripts build."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.chromium import chromium
from tests.conftest import Crawl, CrawlFunction, link
from tests.fakeweb import FakeWeb, Request
from tests.processes import Marked, marked
from tests.test_spiders_recheck import later

__all__ = ["marked"]

WRITTEN = "https://target.example/written"


def shell(script: str) -> str:
    return f"<!doctype html><title>shell</title><body><div id=root></div><script>{script}</script>"


WRITES = shell(f'root.innerHTML = "{link(WRITTEN).replace(chr(34), "")}"')


def renderings(found: Crawl) -> dict[str, int]:
    return {name.partition("rendering/")[2]: n for name, n in found.stats.items() if "/rendering/" in name}


@pytest.mark.slow
def test_what_the_budget_leaves_out_is_counted_and_not_lost(crawl: CrawlFunction, web: FakeWeb, tmp_path: Path) -> None:
    pages = [f"https://{host}.example/{n}" for host in ("one", "two") for n in range(4)]
    for page in pages:
        web.page(page, WRITES)
    file = tmp_path / "candidates.txt"
    file.write_text("\n".join(pages))
    words = {"candidates": str(file), "render": "auto", "browser": chromium()}
    found = crawl("verify", **words, render_max_pages_per_domain=1, BACKLINKBOT_RENDER_RESTART=1)
    told = renderings(found)
    assert told["pages"] == told["rendered"] == told["browsers"] == len(found.rows) == 2
    assert (told["looks_script_built"], told["domain_page_bound"]) == (8, 6)
    assert found.checks.keys() == set(pages)
    reasons = [check.reason for check in found.checks.values() if check.state == "not_linked"]
    assert reasons == ["the page holds no link as it was served; it was not rendered"] * 6
    told = renderings(crawl("verify", **words, render_max_pages=3))
    assert (told["pages"], told["browsers"], told["page_bound"]) == (3, 1, 5)


@pytest.mark.slow
def test_a_crawl_goes_on_where_its_browser_is_gone(
    crawl: CrawlFunction, web: FakeWeb, marked: Marked, tmp_path: Path
) -> None:
    """Killed from outside in the middle of a page, as by a system that is short of memory."""

    def kill(_: Request) -> str:
        for pid, line in marked.running().items():
            if "--type=" not in line and "chromium" in line.partition(" ")[0]:
                os.kill(pid, signal.SIGKILL)
        web.held.clear()
        return ""

    web.page("https://killer.example/", shell("fetch('/kill')"))
    web.page("https://killer.example/kill", kill)
    web.page("https://later.example/", WRITES)
    web.held.add("later.example/")
    file = tmp_path / "candidates.txt"
    file.write_text("https://killer.example/\nhttps://later.example/")
    found = crawl("verify", candidates=str(file), render="always", browser=chromium(), render_concurrency=1)
    told = renderings(found)
    assert [row.source_url for row in found.rows] == ["https://later.example/"]
    assert (told["failed/browser_gone"], told["rendered"], told["browsers"]) == (1, 1, 2)


@pytest.mark.slow
def test_a_browser_that_does_not_start_costs_no_page(crawl: CrawlFunction, web: FakeWeb, tmp_path: Path) -> None:
    chromium()  # and Playwright with it
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    for n in range(6):
        web.page(f"https://page.example/{n}", shell("") + link())
    file = tmp_path / "candidates.txt"
    file.write_text("\n".join(f"https://page.example/{n}" for n in range(6)))
    found = crawl("verify", candidates=str(file), render="always", browser=str(broken), render_concurrency=1)
    assert {row.rendered for row in found.rows} == {""}
    assert len(found.rows) == 6
    assert renderings(found)["failed/no_browser"] == 6


@pytest.mark.slow
def test_a_link_that_scripts_write_is_lost_only_where_they_ran(
    crawl: CrawlFunction, web: FakeWeb, tmp_path: Path
) -> None:
    history = str(tmp_path / "backlinks.db")
    file = tmp_path / "candidates.txt"
    file.write_text("https://page.example/")
    web.page("https://page.example/", WRITES, headers=[("ETag", '"same"')])

    def visit(**words: str) -> list[tuple[str, str]]:
        found = crawl("verify", candidates=str(file), history=history, **words)
        return [(row.state, row.rendered) for row in found.rows] + [
            (name.rpartition("/")[2], str(n)) for name, n in found.stats.items() if name.endswith("remembering/lost")
        ]

    browser = {"render": "auto", "browser": chromium()}
    assert visit(**browser) == [("new", "rendered_only")]
    assert visit(render="never") == []
    later(history, days=60)
    found = crawl("recheck", history=history, **browser)  # by the same bytes, which were looked at without a browser
    assert [(row.state, row.rendered) for row in found.rows] == [("live", "rendered_only")]
    later(history, days=60)
    found = crawl("recheck", history=history, **browser)  # by the same bytes, which say nothing here
    assert renderings(found)["rendered"] == 1
    web.page("https://page.example/", shell("root.innerHTML = 'gone'"))
    assert visit(**browser) == [("lost", "1")]
