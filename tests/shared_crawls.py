"""Crawls that several worker processes share, on PostgreSQL, of a web with known answers; the server's log is the judge."""

from __future__ import annotations

import csv
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Self

from sqlalchemy import text

from backlinkbot.history import History
from tests.conftest import as_command, environment, link
from tests.fakeweb import Answer, FakeWeb, Hit, Request
from tests.resuming import settled_urls

TARGET = "target.example"
PAGES = 8
"""Pages of each host."""
DELAY = 0.15
"""Seconds between two requests to a domain."""
SLOWNESS = 0.05
"""Seconds that each page takes."""
WAIT = 240
"""Seconds, at most, that a test waits for anything."""
OF_THE_VISIT = {"fetched_at", "first_seen", "last_seen", "discovered_from", "depth"}
"""Columns that say when a page was visited, and by which of several links it was found first."""


def url_of(host: int, page: int) -> str:
    return f"https://host{host}.example/{page}"


@dataclass
class SharedCrawl:
    """A web of hosts that link to each other and to the target, and the workers that crawl it."""

    folder: Path
    history_url: str
    spider: str = "discover"
    hosts: int = 24
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.urls = [url_of(host, page) for host in range(self.hosts) for page in range(PAGES)]
        self.web = FakeWeb()
        for host in range(self.hosts):
            for page in range(PAGES):
                self.web.page(url_of(host, page), self._page)
        (self.folder / "candidates.txt").write_text("\n".join(self.urls))

    def __enter__(self) -> Self:
        self.web.start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()
        self.web.stop()

    def _page(self, request: Request) -> Answer:
        """A tree on each host; the first page links to the next hosts; every third to the target; page 5 redirects to another host's."""
        host, page = map(int, request.url.removeprefix("https://host").split(".example/"))
        if page == 5:
            there = url_of((host + 7) % self.hosts, 6)
            return Answer(status=302, headers=(("Location", there),), delay=SLOWNESS)
        hrefs = [url_of(host, child) for child in (2 * page + 1, 2 * page + 2) if child < PAGES]
        hrefs += [url_of((host + step) % self.hosts, 0) for step in (1, 5)] if page == 0 else []
        hrefs += [url_of((host + 3) % self.hosts, 3)]
        body = "".join(f"<p>{link(href, text=f'page {href}')}</p>" for href in hrefs)
        body += link(f"https://{TARGET}/{host}/{page}", text=f"target {page}") if page % 3 == 0 else ""
        return Answer(body=f"<!doctype html>{body}", delay=SLOWNESS)

    def start(self, *more: str, history: str = "", name: str = "shared") -> subprocess.Popen[bytes]:
        """Starts a worker; the last of ``more`` win."""
        words = ["backlinkbot", self.spider, TARGET, "--delay", str(DELAY), "--concurrency", "8"]
        if self.spider == "discover":
            words += ["--seed", url_of(0, 0), "--follow", "all", "--max-hops", str(self.hosts), "--sitemaps", "no"]
            words += ["--source", "none"]
        elif self.spider == "verify":
            words += ["--candidates", "candidates.txt"]
        words += ["--checks", f"{name}-checks.csv"] if self.spider != "discover" else []
        words += [
            "--history",
            history or self.history_url,
            "-o",
            f"{name}.csv",
            "-s",
            f"DOWNLOAD_TIMEOUT={WAIT}",
            *more,
        ]
        number = len(self.workers)
        with (self.folder / f"log-{number}").open("wb") as log:
            worker = subprocess.Popen(
                as_command(*words), cwd=self.folder, env=environment(self.web), stderr=log, stdout=log
            )
        self.workers.append(worker)
        return worker

    def join(self, *more: str) -> subprocess.Popen[bytes]:
        """Starts a worker that shares the crawl."""
        return self.start("--overlap", "join", *more)

    def wait(self, *workers: subprocess.Popen[bytes]) -> list[int]:
        """Waits for the end of workers; returns their statuses."""
        return [worker.wait(WAIT) for worker in workers]

    def wait_for_pages(self, count: int) -> None:
        """Waits until so many pages were asked for."""
        until = time.monotonic() + WAIT
        while len(self.pages()) < count:
            assert time.monotonic() < until, f"the crawl does not go on: {self.logs()}"
            time.sleep(0.02)

    def wait_until_left(self, count: int, *, of: int) -> None:
        """Waits until so many workers of more have lost their leases."""
        until, tokens = time.monotonic() + WAIT, set()
        while True:
            with History.open(self.history_url) as history, history._engine.connect() as connection:
                alive = set(connection.execute(text("SELECT id FROM _crawl_workers")).scalars())
            tokens |= alive
            if len(tokens) == of and len(alive) <= of - count:
                return
            assert time.monotonic() < until, self.logs()
            time.sleep(0.1)

    def logs(self) -> str:
        return "\n".join(path.read_text()[-1500:] for path in sorted(self.folder.glob("log-*")))

    def pages(self) -> list[Hit]:
        """Every request for a page, in order."""
        known = set(self.urls)
        return [hit for hit in self.web.hits if hit.url in known]

    def settled(self) -> set[str]:
        """The pages whose visit is in a committed transaction of the unfinished crawl."""
        with History.open(self.history_url) as history, history._engine.connect() as connection:
            return settled_urls(connection, self.urls)

    def unbroken(self) -> list[dict[str, str]]:
        """The rows of one run that nobody joins and nothing breaks."""
        assert self.start(history=str(self.folder / "unbroken.db"), name="unbroken").wait(WAIT) == 0, self.logs()
        self.web.forget()
        return self.rows("unbroken")

    def rows(self, name: str = "shared") -> list[dict[str, str]]:
        """The rows and checks of an output, without the times of the visits, sorted."""
        found = []
        for path in (self.folder / f"{name}.csv", self.folder / f"{name}-checks.csv"):
            if path.exists():
                with path.open(encoding="utf-8", newline="") as file:
                    found += [{k: v for k, v in row.items() if k not in OF_THE_VISIT} for row in csv.DictReader(file)]
        return sorted(found, key=repr)

    def asked_twice(self) -> set[str]:
        """The pages that were asked for more than once."""
        return {url for url, number in Counter(hit.url for hit in self.pages()).items() if number > 1}

    def gaps(self) -> list[float]:
        """Seconds between each request for a page of a host and the one before it."""
        found: list[float] = []
        for host in range(self.hosts):
            of_host = [hit for hit in self.pages() if hit.host == f"host{host}.example"]
            times = sorted(hit.at for hit in of_host)
            found += [later - earlier for earlier, later in pairwise(times)]
        return found

    def nothing_is_left(self) -> bool:
        """True if the history holds nothing of an unfinished crawl."""
        tables = ("_crawls", "_frontier", "_crawl_commits", "_crawl_workers", "_crawl_buckets")
        with History.open(self.history_url) as history, history._engine.connect() as connection:
            return not any(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables)


STOP, CONTINUE, KILL = signal.SIGSTOP, signal.SIGCONT, signal.SIGKILL
