"""Crawls that are killed at random moments, and what has to be true of the history afterwards."""

from __future__ import annotations

import contextlib
import csv
import io
import random
import subprocess
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy import text

from backlinkbot.history import History, RunState
from backlinkbot.items import LinkState
from tests.conftest import KILL, as_quick_command, environment
from tests.fakeweb import Answer, FakeWeb, Request

TARGET = "target.example"
HOSTS, PAGES = 40, 8
SLOWNESS = 0.1
"""Seconds that each page takes, so that a crawl records batch after batch, not all in one."""
LATER = 0.2
"""Seconds, at most, from the page at which a crawl shall be killed to its end: a batch is recorded meanwhile."""
LINKS = 3
"""On each page: one that stays, and others that are different ones at the next crawl."""


def planted(url: str, generation: int) -> set[str]:
    """Where a page links to in a crawl."""
    stays = f"https://{TARGET}/stays{url.rpartition('/')[2]}"
    return {stays, *(f"https://{TARGET}/{generation % 3}/{number}" for number in range(1, LINKS))}


@dataclass
class Killings:
    """Crawl after crawl of one web into one history, each killed, with what was found out."""

    folder: Path
    history_url: str
    chance: random.Random = field(default_factory=random.Random)
    kills: int = 0
    under_way: int = 0
    """Kills of a crawl that had recorded some of its pages, and not all."""
    after_the_last: int = 0
    """Kills of one that had recorded all."""
    visits: int = 0
    """Recorded by the crawls that were killed."""
    reported: int = 0
    """Rows found in the output of the crawls that were killed."""

    def __post_init__(self) -> None:
        self.urls = [f"https://host{host}.example/{page}" for host in range(HOSTS) for page in range(PAGES)]
        self._generation = 0
        self._web = FakeWeb()
        self._visited: dict[str, int] = {}
        """URL -> the generation that its last recorded visit saw."""
        (self.folder / "candidates.txt").write_text("\n".join(self.urls))
        for url in self.urls:
            self._web.page(url, self._page)

    def __enter__(self) -> Self:
        self._web.start()
        self._crawl_to_the_end()
        return self

    def __exit__(self, *_: object) -> None:
        self._web.stop()

    def _page(self, request: Request) -> Answer:
        hrefs = sorted(planted(request.url, self._generation))
        body = "<!doctype html>" + "".join(f'<p><a href="{href}">{href}</a>' for href in hrefs)
        return Answer(body=body, delay=SLOWNESS)

    def _start(self) -> subprocess.Popen[bytes]:
        self._generation += 1
        self._web.forget()
        words = as_quick_command("backlinkbot", "verify", TARGET, "--candidates", "candidates.txt", "--delay", "0")
        words += ["--fresh"]  # each is a crawl of its own; tests.resuming has those that go on
        words += ["--history", self.history_url, "-o", "rows.csv"]
        return subprocess.Popen(words, cwd=self.folder, env=environment(self._web), process_group=0)

    def _crawl_to_the_end(self) -> None:
        crawl = self._start()
        assert crawl.wait(180) == 0
        self.check(RunState.ENDED)

    def _wait_for_pages(self, count: int) -> None:
        until = time.monotonic() + 180
        while sum(hit.target != "/robots.txt" for hit in self._web.hits) < count:
            assert time.monotonic() < until, "the crawl does not go on"
            time.sleep(0.005)

    def kill(self) -> None:
        """Begin a crawl, kill it somewhere between its first page and its end, and look at what is left."""
        crawl = self._start()
        self._wait_for_pages(self.chance.randint(1, len(self.urls)))
        time.sleep(self.chance.uniform(0, LATER))
        with contextlib.suppress(ProcessLookupError):
            crawl.send_signal(KILL)
        if crawl.wait(180) == 0:  # it was quicker
            self.check(RunState.ENDED)
            return
        self.kills += 1
        self.check(RunState.KILLED)

    def check(self, state: RunState) -> None:
        """The history opens and holds whole visits, all that were there before, and all that was reported."""
        with History.open(self.history_url, create=False) as history:
            run = history.runs()[-1]
            visited = [visit.url for visit in history.visits(run=run.id)]
            is_over = len(visited) == len(self.urls)  # a process may be killed between its last word and its end
            assert run.state in {state, RunState.ENDED if is_over else state}, f"{run.state} instead of {state}"
            self._check_the_file(history)
            assert len(visited) == len(set(visited))
            expected = {url: self._differences(url) for url in visited}
            self._visited |= dict.fromkeys(visited, self._generation)
            there: defaultdict[str, set[str]] = defaultdict(set)
            lost: defaultdict[str, set[str]] = defaultdict(set)
            for row in history.backlinks():
                (lost if row.state == LinkState.LOST else there)[row.source_url].add(row.target_url)
            pages = {page.url: page for page in history.known_pages()}
            changes = [change.source_url for change in history.changes(run=run.id)]
        assert pages.keys() == self._visited.keys()
        for url, generation in self._visited.items():  # a visit of any run, whole
            assert there[url] == planted(url, generation), f"{url}: half a visit, or a visit that was lost"
            assert there[url].isdisjoint(lost[url])
            assert pages[url].live_backlinks == LINKS
        assert {url: count for url, count in expected.items() if count} == Counter(changes)
        reported = self._reported(run.state)
        assert reported <= {(url, link) for url in visited for link in there[url]}, "a row was reported and not kept"
        if state is RunState.KILLED:
            self.visits += len(visited)
            self.reported += len(reported)
            self.under_way += bool(visited) and not is_over
            self.after_the_last += is_over

    def _differences(self, url: str) -> int:
        """How many links of a page are new or gone since its last recorded visit."""
        before = planted(url, self._visited[url]) if url in self._visited else set()
        return len(before ^ planted(url, self._generation))

    @staticmethod
    def _check_the_file(history: History) -> None:
        with history._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                assert connection.execute(text("PRAGMA integrity_check")).all() == [("ok",)]
                assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            total = connection.execute(text("SELECT count(*) FROM _visits")).scalar_one()
            counted = connection.execute(text("SELECT sum(visits) FROM _pages")).scalar_one()
            assert total == counted, "a visit without its page's share"

    def _reported(self, state: RunState) -> set[tuple[str, str]]:
        """(page, target URL) of every whole row of the last crawl's output; the output goes."""
        rows = set()
        for path in self.folder.glob("rows.csv*"):
            if path.name == "rows.csv" and state is RunState.KILLED:
                continue  # an earlier crawl's
            whole = path.read_bytes().rpartition(b"\r\n")[0].decode()
            rows |= {(row["source_url"], row["target_url"]) for row in csv.DictReader(io.StringIO(whole))}
            path.unlink()
        return rows

    def __str__(self) -> str:
        return (
            f"{self.kills} kills: {self.under_way} among the visits, {self.after_the_last} after the last; "
            f"{self.visits} visits recorded and {self.reported} rows reported by then, none half, none lost"
        )
