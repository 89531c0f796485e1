"""Crawls that are killed at random moments and given again with the same words until they are finished."""

from __future__ import annotations

import contextlib
import csv
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, text

from backlinkbot import urls
from backlinkbot.frontier import page_hash
from backlinkbot.history import History
from backlinkbot.history.crawl_commit import hash_of, unpacked_hashes
from tests.conftest import KILL, ROOT, as_quick_command, environment, link
from tests.fakeweb import Answer, FakeWeb, Request

TARGET = "target.example"
HOSTS, PAGES = 8, 12
SLOWNESS = 0.03
"""Seconds that each page takes, so that a crawl commits several times."""
UNDER_WAY = 12
"""Requests at once."""
# What of a row says when the page was visited, and not what is on it.
OF_THE_VISIT = {"fetched_at", "first_seen", "last_seen"}


def settled_urls(connection: Connection, known: Iterable[str]) -> set[str]:
    """The pages whose visit is in a committed transaction of the one unfinished crawl."""
    parts = connection.execute(text("SELECT visited, answered FROM _crawl_commits")).all()
    visited = {number for part in parts for number in unpacked_hashes(part.visited)}
    answered = {number for part in parts for number in unpacked_hashes(part.answered)}
    parsed = {url: urls.parse(url) for url in known}
    return {
        url
        for url, one in parsed.items()
        if hash_of(url) in answered or (one is not None and page_hash(one) in visited)
    }


def url_of(host: int, page: int) -> str:
    return f"https://host{host}.example/{page}"


def body_of(host: int, page: int) -> str:
    """A tree of pages on each host; every third links to the target, and the first to the next host."""
    hrefs = [url_of(host, child) for child in (2 * page + 1, 2 * page + 2) if child < PAGES]
    hrefs += [url_of((host + 1) % HOSTS, 0)] if page == 0 else []
    links = [link(href, text=f"page {href}") for href in hrefs]
    links += [link(f"https://{TARGET}/{host}/{page}", text=f"target {page}")] if page % 3 == 0 else []
    return "<!doctype html>" + "".join(f"<p>{one}</p>" for one in links)


@dataclass
class Resumptions:
    """Crawl after crawl of one web, each killed again and again until the same command finishes it."""

    folder: Path
    history_url: str
    spider: str = "discover"
    chance: random.Random = field(default_factory=random.Random)
    kills: int = 0
    crawls: int = 0
    fetched_again: int = 0
    recorded_twice: int = 0

    def __post_init__(self) -> None:
        self.urls = [url_of(host, page) for host in range(HOSTS) for page in range(PAGES)]
        self._web = FakeWeb()
        (self.folder / "candidates.txt").write_text("\n".join(self.urls))
        for host in range(HOSTS):
            for page in range(PAGES):
                self._web.page(url_of(host, page), self._page)
        self.expected: list[dict[str, str]] = []

    def __enter__(self) -> Self:
        self._web.start()
        assert self._start("unbroken.db", "unbroken").wait(180) == 0, self._log()
        self.expected = self.rows("unbroken")
        checks = len(self.urls) if self.spider == "verify" else 0
        assert len(self.expected) == HOSTS * len(range(0, PAGES, 3)) + checks
        return self

    def __exit__(self, *_: object) -> None:
        self._web.stop()

    def _page(self, request: Request) -> Answer:
        host, page = request.url.removeprefix("https://host").split(".example/")
        return Answer(body=body_of(int(host), int(page)), delay=SLOWNESS)

    def _start(self, history: str, name: str, killed_at: tuple[str, int] | None = None) -> subprocess.Popen[bytes]:
        words = ["backlinkbot", self.spider, TARGET, "--delay", "0", "--concurrency", str(UNDER_WAY)]
        if self.spider == "discover":
            words += ["--seed", url_of(0, 0), "--follow", "all", "--max-hops", str(HOSTS), "--sitemaps", "no"]
            words += ["--source", "none"]
        else:
            words += ["--candidates", "candidates.txt", "--checks", f"{name}-checks.csv"]
        words += ["--history", history, "-o", f"{name}.csv"]
        command = as_quick_command(*words)
        if killed_at is not None:
            command = [sys.executable, "-m", "tests.killed_at", killed_at[0], str(killed_at[1]), *words[1:]]
        variables = environment(self._web) | ({"PYTHONPATH": str(ROOT)} if killed_at is not None else {})
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=variables, process_group=0, stderr=log, stdout=log)

    def _log(self) -> str:
        return (self.folder / "log").read_text()[-2000:]

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of an output, and of its checks, without the times of the visits, sorted."""
        found = []
        for path in (self.folder / f"{name}.csv", self.folder / f"{name}-checks.csv"):
            if path.exists() and not (path.name == f"{name}-checks.csv" and self.spider == "discover"):
                with path.open(encoding="utf-8", newline="") as file:
                    found += [{k: v for k, v in row.items() if k not in OF_THE_VISIT} for row in csv.DictReader(file)]
        return sorted(found, key=repr)

    def kill(self) -> None:
        """One crawl, which is killed several times."""
        self.crawl()

    def crawl(self, most_kills: int = 1_000, killed_at: tuple[str, int] | None = None) -> None:
        """One crawl: killed, given again, killed, … until it is finished; then everything is looked at.

        With ``killed_at``, its first part kills itself at a boundary of a transaction, see :mod:`tests.killed_at`, and the
        second finishes it.
        """
        self._web.forget()
        self.crawls += 1
        fetched: Counter[str] = Counter()
        for part in range(1_000):
            before = self._settled()
            self._web.forget()
            process = self._start(self.history_url, "killed", killed_at if part == 0 else None)
            if part < most_kills and killed_at is None:
                self._wait_for_pages(self.chance.randint(0, 25), process)
                time.sleep(self.chance.uniform(0, 0.3))
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(KILL)
            status = process.wait(180)
            asked = {hit.url for hit in self._web.hits} & set(self.urls)
            again = asked & before
            self.recorded_twice += len(again)
            assert not again, f"fetched again though their visit was committed: {sorted(again)[:5]}"
            fetched.update(asked)
            if status == 0:
                break
            assert status in {-9, -10, 137}, self._log()
            self.kills += 1
            for path in self.folder.glob("killed*.part"):
                path.unlink()
        self.fetched_again += sum(fetched.values()) - len(fetched)
        self.check(set(fetched))

    def _wait_for_pages(self, count: int, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + 180
        while sum(hit.target != "/robots.txt" for hit in self._web.hits) < count and process.poll() is None:
            assert time.monotonic() < until, "the crawl does not go on"
            time.sleep(0.005)

    def _settled(self) -> set[str]:
        """The pages of the unfinished crawl whose visit is in a committed transaction."""
        with History.open(self.history_url) as history, history._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                assert connection.execute(text("PRAGMA integrity_check")).all() == [("ok",)]
            return settled_urls(connection, self.urls)

    def check(self, fetched: set[str]) -> None:
        """All was fetched, the output is that of an unbroken run, and nothing is left of the crawl."""
        assert fetched == set(self.urls), sorted(fetched ^ set(self.urls))[:9]
        found, expected = _shown(self.rows("killed"), self.crawls), _shown(self.expected, self.crawls)
        assert [row for row in found if row not in expected] == [], "rows that an unbroken run does not give"
        assert [row for row in expected if row not in found] == [], "rows that only an unbroken run gives"
        assert len(found) == len(expected)
        with History.open(self.history_url, create=False) as history:
            assert history.pending() == {}
            with history._engine.connect() as connection:
                for table in ("_crawls", "_frontier", "_crawl_commits"):
                    assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0

    def __str__(self) -> str:
        return (
            f"{self.crawls} crawls of {len(self.urls)} pages each, killed {self.kills} times; every output that of an unbroken "
            f"run; {self.fetched_again} pages fetched again whose visit was not committed, {self.recorded_twice} whose was"
        )


def _shown(rows: list[dict[str, str]], crawl: int) -> list[dict[str, str]]:
    """Of a later crawl into the same history, without what is new the first time only."""
    return rows if crawl == 1 else [{name: value for name, value in row.items() if name != "state"} for row in rows]
