"""What the tests of the crawl share: a fake web, a real crawl of it in this process, and the command in one of its own."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, cast
from urllib.parse import urlsplit

import hypothesis
import pytest
import pytest_twisted
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.settings import Settings
from scrapy.utils.defer import deferred_from_coro

import backlinkbot
from backlinkbot.download.handler import Client
from backlinkbot.extract.html import Parser
from backlinkbot.extract.page import PageContent
from backlinkbot.items import Backlink, Check, JudgedPage, State
from backlinkbot.run import spider_class
from tests import preloaded
from tests.fakeweb import FakeWeb
from tests.postgres import database_url, history_url, history_url_of_module, postgres
from tests.reference_parsers import PARSERS

__all__ = ["database_url", "history_url", "history_url_of_module", "postgres"]  # fixtures of all tests

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

# How long an example takes says more about the machine, and what else it does, than about us.
STEADY: dict[str, Any] = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
# The same examples in every run, so that a change is judged by itself; `make fuzz` tries others, and `make test` only the first.
hypothesis.settings.register_profile("suite", derandomize=True, **STEADY)
hypothesis.settings.register_profile("quick", max_examples=20, derandomize=True, **STEADY)
hypothesis.settings.register_profile("explore", max_examples=1000, print_blob=True, **STEADY)
hypothesis.settings.load_profile("suite")
ALL_EXAMPLES = 100
"""Of a property test that says no number, in `make test-all`."""


def examples(number: int) -> int:
    """The number of examples of a test that wants more or fewer than others: in `make test` the same share of it."""
    return max(5, min(number, number * hypothesis.settings().max_examples // ALL_EXAMPLES))


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks tests as slow that others stand for, and sorts the files.

    Reports and the web page read PostgreSQL by the queries that they read SQLite by, so that in `make test` one test of each of their
    files on PostgreSQL stands for all; `make test-all` runs all. Files that run commands come first, then those that
    crawl: none that takes long shall be left alone at the end.
    """
    seen: set[Path] = set()
    for item in items:
        is_of_reader = item.path.name.startswith(("test_reports", "test_web")) and not item.get_closest_marker("slow")
        if is_of_reader and "postgresql" in _parameters(item):
            if item.path in seen:
                item.add_marker("slow")
            seen.add(item.path)
    commands = {item.path for item in items if item.get_closest_marker("subprocess")}
    crawls = {item.path for item in items if "crawl" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (item.path not in commands, item.path not in crawls))


def _parameters(item: pytest.Item) -> list[Any]:
    """The values of a test's parameters."""
    return (
        list(item.callspec.params.values()) if isinstance(item, pytest.Function) and hasattr(item, "callspec") else []
    )


def pytest_collection_finish() -> None:
    """All modules are there to stay: each search for garbage would go through them anew, pytest's own at its end, too."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # else libraries complain at the end that somebody still has what is theirs


@dataclass
class Crawl:
    """What a crawl in this process gave."""

    pages: list[JudgedPage] = field(default_factory=list)
    """Those that went to the exporters: with rows or checks."""
    visited: list[JudgedPage] = field(default_factory=list)
    """All, as the spider yielded the silent ones."""
    stats: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Every URL that the web has been asked for so far, robots.txt apart."""

    @property
    def rows(self) -> list[Backlink]:
        return [row for page in self.pages for row in page.backlinks]

    @property
    def sources(self) -> list[str]:
        """The pages with rows, sorted; a page that gave its rows twice stands here twice."""
        return sorted(page.url for page in self.pages if page.backlinks)

    @property
    def checks(self) -> dict[str, Check]:
        """By candidate; a second answer for one is a failure."""
        found = [check for page in self.pages for check in page.checks]
        assert len({check.candidate for check in found}) == len(found), "a candidate has two answers"
        return {check.candidate: check for check in found}


CrawlFunction = Callable[..., Crawl]
Sent = list[tuple[str, float]]
"""Host and time, on the monotonic clock, of each request."""


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWeb]:
    """An empty fake web, with the proxy variables of this process leading into it."""
    with FakeWeb() as web:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, web.proxy)
        for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield web


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that takes ``crawl`` outside the reactor's greenlet, so that it waits for a crawl as for any call."""
    if "crawl" not in pyfuncitem.fixturenames:
        return None
    pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames})
    return True


class OwnSettings(Settings):
    """Settings that are made for one crawler, which need not copy them: that takes longer than many of our crawls."""

    def copy(self) -> OwnSettings:
        return self


def crawl_settings(**changed: Any) -> Settings:
    """The project's settings without its delay, and quiet."""
    settings = OwnSettings()
    settings.setmodule("backlinkbot.settings", priority="project")
    quiet = {"LOG_ENABLED": False, "BACKLINKBOT_PROGRESS": False}
    quiet["MEMUSAGE_ENABLED"] = False  # it measures this process's highest use, which is that of all tests before
    hasty = {"DOWNLOAD_DELAY": 0, "DOWNLOAD_DELAY_JITTER": 0, "BACKLINKBOT_WAIT_MAX": 0}
    hasty["DOWNLOAD_TIMEOUT"] = 180  # no page times out because the machine does something else, too
    alone = {"ASYNCIO_EVENT_LOOP": None, "BACKLINKBOT_HISTORY_URL": "", "BACKLINKBOT_RENDER": "never"}
    counted = {"BACKLINKBOT_SOURCES": "no-guess"}  # only what the test has planted is asked for
    counted["BACKLINKBOT_CACHE_DIR"] = ""  # the user's folder is shared with tests that run beside this one
    settings.setdict({**quiet, **hasty, **alone, **counted, **changed}, priority="cmdline")
    return settings


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """When the crawls of this process have sent each request: it may arrive late where the machine does something else, too."""
    noted: Sent = []
    send = Client.download_request

    async def note(client: Client, request: Request) -> Response:
        noted.append((urlsplit(request.url).hostname or "", time.monotonic()))
        return await send(client, request)

    monkeypatch.setattr(Client, "download_request", note)
    return noted


@pytest.fixture
def crawl(web: FakeWeb) -> CrawlFunction:
    """Run a spider to its end: ``crawl("discover", targets="target.example", seeds="https://a.example/")``.

    Arguments in upper case are settings.
    """

    def run(spider: str, **given: Any) -> Crawl:
        arguments = {name: value for name, value in given.items() if name.islower()}
        arguments.setdefault("targets", "target.example")
        # Without a runner, which would copy the settings once more and look for spiders, for each crawl.
        crawler = Crawler(spider_class(spider), crawl_settings(**{n: v for n, v in given.items() if n.isupper()}))
        crawl = Crawl()

        def scraped(item: JudgedPage) -> None:
            crawl.pages.append(item)
            crawl.visited.append(item)

        def dropped(item: JudgedPage) -> None:
            crawl.visited.append(item)

        crawler.signals.connect(scraped, signals.item_scraped)
        crawler.signals.connect(dropped, signals.item_dropped)
        pytest_twisted.blockon(deferred_from_coro(crawler.crawl_async(**arguments)))
        crawl.stats = dict(crawler.stats.get_stats())
        crawl.asked = [hit.url for hit in web.hits if hit.target != "/robots.txt"]
        assert "backlinks/outcome/bug" not in crawl.stats
        assert crawl.stats["finish_reason"] in {"finished", "page_bound"}
        return crawl

    return run


def verify(crawl: CrawlFunction, folder: Path, *candidates: str, **given: Any) -> dict[str, tuple[State, str]]:
    """State and reason of each candidate."""
    file = folder / "candidates.txt"
    file.write_text("\n".join(candidates))
    found = crawl("verify", candidates=str(file), **given)
    return {candidate: (check.state, check.reason) for candidate, check in found.checks.items()}


ANEW = "without a history (--history) the same command begins anew"
"""What an interrupted run says of the next."""
SLACK = 0.2
"""Seconds that a crawl may be kept waiting between its decision to send and its sending: the machine may be busy."""


def visit_again(
    web: FakeWeb, crawl: CrawlFunction, folder: Path, body: str, url: str = "https://a.example/", **given: Any
) -> dict[str, int]:
    """Verify a page that shows this now, with a history in the folder; returns how many of its links and mentions are new, and lost."""
    candidates, history = folder / "list.txt", folder / "h.db"
    candidates.write_text(url)
    web.page(url, body)
    crawl("verify", candidates=str(candidates), BACKLINKBOT_HISTORY_URL=str(history), **given)
    found = Counter(change.kind.value for change in backlinkbot.changes(history=history))
    return {kind: found[kind] for kind in ("new", "lost")}


def gaps(sent: Sent, *hosts: str) -> list[float]:
    """Seconds between one request to any of the hosts and the next."""
    times = sorted(at for host, at in sent if host in hosts)
    return [later - earlier for earlier, later in pairwise(times)]


def assert_spaced(sent: Sent, delay: float, requests: int, *hosts: str) -> None:
    """So many requests to these hosts, the delay between them.

    One that is sent late makes the next gap short, but neither the whole nor the median.
    """
    between = gaps(sent, *hosts)
    total = (requests - 1) * delay
    assert len(between) == requests - 1
    assert sum(between) > total - max(SLACK, total / 4), between
    assert median(between) > 0.7 * delay, between


# With uvloop, Python's own event loop is made and never closed, which it says at the very end of the process.
WARNINGS = "error,ignore::ResourceWarning"


def as_command(*words: str | Path) -> list[str]:
    """``backlinkbot …`` or ``scrapy …`` as installed in the environment that runs the tests."""
    return [str(BIN / words[0]), *map(str, words[1:])]


PRELOADED = "BACKLINKBOT_TEST_PRELOADED"
"""Names the address of the process that all workers of a run share."""


def pytest_configure(config: pytest.Config) -> None:
    """Without workers each would import everything for itself, and with them each worker."""
    is_worker = hasattr(config, "workerinput")
    if getattr(config.option, "numprocesses", None) and not is_worker and preloaded.POSSIBLE:
        os.environ[PRELOADED] = preloaded.shared(PYTHONWARNINGS=WARNINGS).address


def as_quick_command(*words: str | Path) -> list[str]:
    """The same without the second of imports, where that can be: for what a command does, not for how it starts or dies."""
    if words[0] not in {"backlinkbot", "scrapy"} or not preloaded.POSSIBLE:
        return as_command(*words)
    address = os.environ.get(PRELOADED) or preloaded.shared(PYTHONWARNINGS=WARNINGS).address
    return preloaded.command(address, *words)


KILL = signal.SIGUSR1 if preloaded.POSSIBLE else signal.SIGKILL
"""For a quick command; who began it hands it on as SIGKILL, which nobody can see coming, and ends as it ended."""


def write_program(path: Path, script: str) -> None:
    """A program for a shell to find."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    yield
    if preloaded.shared.cache_info().currsize:
        preloaded.shared(PYTHONWARNINGS=WARNINGS).__exit__()


def environment(web: FakeWeb | None = None) -> dict[str, str]:
    """The variables of a command: in the fake web, with warnings as errors as in the tests themselves."""
    base = web.environ if web is not None else dict(os.environ)
    base.pop(
        "SCRAPY_SETTINGS_MODULE", None
    )  # Scrapy sets it in this process once a test has read the project's settings
    return base | {"PYTHONWARNINGS": WARNINGS, "COLUMNS": "200", "BACKLINKBOT_HISTORY_URL": ""}


@dataclass
class Ran:
    status: int
    out: str
    err: str


def run_command(
    *words: str | Path,
    web: FakeWeb | None = None,
    cwd: Path | None = None,
    timeout: float = 300,
    installed: bool = False,
    **options: Any,
) -> Ran:
    """Run a command to its end; ``installed`` is for tests of the installed script itself."""
    done = subprocess.run(
        as_command(*words) if installed else as_quick_command(*words),
        # No line a minute: what a command prints shall not depend on how busy the machine is.
        env=environment(web) | {"BACKLINKBOT_PROGRESS": "no"} | options.pop("env", {}),
        cwd=cwd or ROOT,
        capture_output=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
        **options,
    )
    return Ran(done.returncode, cast("bytes", done.stdout).decode(), cast("bytes", done.stderr).decode())


def link(href: str = "https://target.example/", text: str = "t", rel: str = "") -> str:
    attribute = f' rel="{rel}"' if rel else ""
    return f'<a href="{href}"{attribute}>{text}</a>'


def links(*hrefs: str) -> str:
    """The body of a page that leads to these."""
    return "<!doctype html><title>links</title>" + "\n".join(f'<p><a href="{href}">{href}</a>' for href in hrefs)


@pytest.fixture(scope="module", params=PARSERS)
def each_parser(request: pytest.FixtureRequest) -> Iterator[Parser]:
    """Runs a module's tests once with each HTML parser: pages are read by it, unless a test says by which."""
    parse = PARSERS[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PageContent.__init__, "__defaults__", ("", parse))
        yield parse
