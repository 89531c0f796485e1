"""A run that overlaps itself on one history waits for its turn or stands down; other runs do neither."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from backlinkbot.history.run_lock import run_lock
from tests.conftest import KILL, ROOT, Ran, as_quick_command, environment, link, run_command
from tests.fakeweb import FakeWeb

SLOW = "https://slow.example/"
VERIFY = ("verify", "target.example", "--delay", "0")


@contextmanager
def started(web: FakeWeb, *words: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run in a process of its own."""
    run = subprocess.Popen(
        as_quick_command("backlinkbot", *words),
        env=environment(web),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


@contextmanager
def under_way(web: FakeWeb, *words: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """The same, from when it has asked for the slow page."""
    with started(web, *words) as run:
        wait_for_visits(web, 1)
        yield run


def wait_for_visits(web: FakeWeb, number: int) -> None:
    began = monotonic()
    while web.paths("slow.example").count("/") < number:
        assert monotonic() < began + 180
        sleep(0.02)


def slow_run(web: FakeWeb, folder: Path, url: str | Path) -> tuple[str | Path, ...]:
    """The words of a run that lasts until its page is let go."""
    web.page(SLOW, link())
    web.held.add("slow.example/")
    (folder / "slow.txt").write_text(SLOW)
    return (*VERIFY, "--candidates", folder / "slow.txt", "--history", url)


def again(web: FakeWeb, *words: str | Path) -> Ran:
    return run_command("backlinkbot", *words, web=web)


@pytest.mark.slow
@pytest.mark.subprocess
def test_the_same_run_waits_or_stands_down_and_others_do_not(web: FakeWeb, history_url: str, tmp_path: Path) -> None:
    words = slow_run(web, tmp_path, history_url)
    web.page("https://quick.example/", link())
    (tmp_path / "quick.txt").write_text("https://quick.example/")
    other = [tmp_path / "quick.txt" if word == tmp_path / "slow.txt" else word for word in words]
    with under_way(web, *words) as first:
        assert again(web, *other).status == 0
        assert first.poll() is None, "another list is another run: it waited for nobody"
        stood_down = again(web, *words, "--overlap", "stand-down", "-o", tmp_path / "rows.csv")
        assert stood_down.status == 75
        assert "still at work on this history; standing down" in stood_down.err
        assert not (tmp_path / "rows.csv").exists()
        assert first.poll() is None
        with started(web, *words) as waiting:
            assert waiting.stderr is not None
            assert b"still at work on this history; waiting for its end" in waiting.stderr.readline()
            assert first.poll() is None
            web.held.clear()
            assert (first.wait(180), waiting.wait(180)) == (0, 0)
    assert len(web.hits_of("slow.example")) == 4, "two runs, a page and a robots.txt each"
    assert again(web, *words, "--overlap", "stand-down").status == 0


@pytest.mark.slow
@pytest.mark.subprocess
def test_overlaps_may_be_allowed_and_the_turn_of_a_killed_run_is_free(web: FakeWeb, tmp_path: Path) -> None:
    words = slow_run(web, tmp_path, tmp_path / "backlinks.db")
    with under_way(web, *words) as first, started(web, *words, "--overlap", "allow") as second:
        wait_for_visits(web, 2)
        assert (first.poll(), second.poll()) == (None, None)
        first.send_signal(KILL)
        first.wait(180)
        web.held.clear()
        third = again(web, *words, "--overlap", "stand-down")
        assert (second.wait(180), third.status) == (0, 0)
        assert third.err.endswith("--fresh begins anew\n"), "it resumes the crawl of the first"


@pytest.mark.subprocess
def test_scrapy_crawl_has_its_turn_too(web: FakeWeb, tmp_path: Path) -> None:
    history = tmp_path / "backlinks.db"
    words = slow_run(web, tmp_path, history)
    arguments = (
        "targets=target.example",
        f"candidates={tmp_path / 'slow.txt'}",
        f"history={history}",
        "overlap=stand-down",
    )
    with under_way(web, *words):
        done = run_command("scrapy", "crawl", "verify", *(word for pair in arguments for word in ("-a", pair)), web=web)
    assert done.status == 75
    assert "standing down" in done.err


def test_a_job_has_one_turn(history_url: str) -> None:
    with run_lock(history_url, "verify a") as take, run_lock(history_url, "verify b") as take_another:
        assert take()
        assert take_another()


IMPORTED = """
import sys
from backlinkbot.cli.main import main
status = main(sys.argv[1:])
switched_off = ("scrapy.extensions.telnet", "scrapy.extensions.remote_control", "scrapy.downloadermiddlewares.cookies")
unused = ("scrapy.core.downloader.handlers.http11", "rich", "playwright", "curl_cffi", "alembic")
print([name for name in (*switched_off, *unused, *wanted) if name in sys.modules], status)
"""


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_run_imports_neither_what_is_switched_off_nor_what_it_does_not_use(web: FakeWeb, tmp_path: Path) -> None:
    web.page("https://page.example/", link())
    (tmp_path / "list.txt").write_text("https://page.example/")
    words = (*VERIFY, "--candidates", tmp_path / "list.txt", "-o", tmp_path / "rows.csv", "--render", "never")
    without, with_history = ("sqlalchemy",), ()
    for wanted, history in ((without, ""), (with_history, f"sqlite:///{tmp_path / 'h.db'}")):
        script = f"wanted = {wanted}\n{IMPORTED}"
        ran = run_command("python", "-c", script, *words, "--history", history, web=web, installed=True)
        assert ran.out.startswith("[] "), (ran.out, ran.err)


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_crawl_from_seeds_imports_no_other_spider_and_no_reader_of_files_or_archives(
    web: FakeWeb, tmp_path: Path
) -> None:
    web.page("https://page.example/", link())
    words = ("discover", "target.example", "--seed", "https://page.example/", "--delay", "0", "--source", "none")
    wanted = (
        *("backlinkbot.spiders.verify", "backlinkbot.spiders.recheck", "backlinkbot.spiders.commoncrawl_evidence"),
        *("backlinkbot.importers.reading", "backlinkbot.archives"),
    )
    script = f"wanted = {wanted}\n{IMPORTED}"
    ran = run_command("python", "-c", script, *words, "-o", tmp_path / "rows.csv", web=web, installed=True)
    assert ran.out.startswith("[] "), (ran.out, ran.err)
