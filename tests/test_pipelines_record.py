"""Real crawls, one after the other, with the web changed between them: what each says has changed, and what it keeps."""

from __future__ import annotations

import csv
import json
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from scrapy import signals
from scrapy.exceptions import NotConfigured

from backlinkbot.history import History, RunState
from backlinkbot.history.observation import TELLING, VisitOutcome
from backlinkbot.items import Reason
from backlinkbot.pipelines.record import RecordHistory
from tests.conftest import CrawlFunction, as_command, crawl_settings, environment, link, links, run_command
from tests.fakeweb import Answer, FakeWeb
from tests.history_tables import tables
from tests.postgres import PostgresServer

TARGET = "target.example"
Change = tuple[str, str]
Serve = Callable[[FakeWeb, str], None]
"""Puts something at a URL."""


def page(body: str = "<p>Nothing to see.", status: int = 200, *headers: tuple[str, str], **details: object) -> Serve:
    return lambda web, url: web.page(url, f"<!doctype html>{body}", status, headers, **details)  # type: ignore[arg-type]


def onward(to: str) -> Serve:
    return lambda web, url: web.redirect(url, to)


def robots(answer: str | int) -> Serve:
    return lambda web, url: web.robots(url.split("/")[2], answer)


def as_it_was(_web: FakeWeb, _url: str) -> None:
    """Nothing is changed."""


def set_today(monkeypatch: pytest.MonkeyPatch, day: int) -> None:
    now = datetime.fromisoformat(f"2026-01-{day:02d}T12:00:00Z").timestamp()
    monkeypatch.setattr("backlinkbot.spiders.base.time", lambda: now)


LINKED = page(link())
NOFOLLOW = page(link(rel="nofollow"))
NEW: list[Change] = [("new", "page_found")]
NOTHING: list[Change] = []

ARTICLE = (
    "<p>The old harbour was closed for the winter, and the fishermen moved to the new quay.</p>",
    "<p>In spring they came back, one after the other, and said that they had never left.</p>",
)
MENU = "<ul class=menu><li><a href=/boats>boats</a><li><a href=/nets>nets</a><li><a href=/fish>fish</a></ul>"
WHOLE = page(f"<title>The old harbour</title>{MENU}<div class=post>{''.join(ARTICLE)}{link()}</div>")
WITHOUT_LINKS = page(f"<title>The old harbour</title>{''.join(ARTICLE)}{link()}")
WALL = page("<title>One moment</title><div class=box>Are you a person? Press and hold the button to go on.</div>")
SAYS_GONE = page("<title>Page not found</title><h1>Page not found</h1><p>Nothing was found at this address.</p>")

# host -> what stands there each day, and what the visit of that day changes
WEB: dict[str, list[tuple[Serve, list[Change]]]] = {
    # every reason
    "link-found": [(page(), NOTHING), (LINKED, [("new", "link_found")]), (as_it_was, NOTHING)],
    "removed": [(LINKED, NEW), (page(), [("lost", "removed_from_page")]), (LINKED, [("restored", "link_found")])],
    "gone": [
        (LINKED, NEW),
        (page(status=404), NOTHING),
        (page(status=410), [("lost", "page_gone")]),
        (LINKED, [("restored", "page_found")]),
    ],
    "gone-once": [(LINKED, NEW), (page(status=404), NOTHING), (LINKED, NOTHING), (page(status=404), NOTHING)],
    "redirected": [
        (LINKED, NEW),
        (onward("https://elsewhere.example/"), [("lost", "page_redirected")]),
        (LINKED, [("restored", "page_found")]),
    ],
    "redirected-to-a-gone-page": [
        (LINKED, NEW),
        (onward("https://elsewhere.example/no-such-page"), NOTHING),
        (as_it_was, [("lost", "page_gone")]),
    ],
    # another page altogether: a second visit has to say the same
    "another": [
        (WHOLE, NEW),
        (WALL, NOTHING),
        (as_it_was, [("lost", "removed_from_page")]),
        (WHOLE, [("restored", "link_found")]),
    ],
    "another-once": [(WHOLE, NEW), (WALL, NOTHING), (WHOLE, NOTHING), (WALL, NOTHING)],
    "says-gone": [(WHOLE, NEW), (SAYS_GONE, NOTHING), (as_it_was, [("lost", "page_gone")])],
    "says-gone-and-links": [(WHOLE, NEW), (page(f"<title>Page not found</title>{link()}"), NOTHING)],
    # the same page: one visit is enough
    "removed-with-its-title": [
        (WHOLE, NEW),
        (page(f"<title>Winter</title>{MENU}<div class=post>{''.join(ARTICLE)}</div>"), [("lost", "removed_from_page")]),
    ],
    "removed-with-half-its-text": [
        (WHOLE, NEW),
        (page(f"<title>Winter</title>{MENU}<div class=post>{ARTICLE[0]}</div>"), [("lost", "removed_from_page")]),
    ],
    "removed-without-links-of-its-own": [
        (WITHOUT_LINKS, NEW),
        (page(f"<title>Winter</title>{''.join(ARTICLE)}"), [("lost", "removed_from_page")]),
    ],
    "removed-in-a-new-design": [
        (WHOLE, NEW),
        (page(f"<title>Winter</title><main class=neu>{''.join(ARTICLE)}</main>"), [("lost", "removed_from_page")]),
    ],
    "nofollow": [
        (LINKED, NEW),
        (NOFOLLOW, [("changed", "nofollow_added")]),
        (LINKED, [("changed", "nofollow_removed")]),
    ],
    "nofollow-by-the-page": [
        (LINKED, NEW),
        (page('<meta name="robots" content="nofollow">' + link()), [("changed", "nofollow_added")]),
        (page(link(), 200, ("X-Robots-Tag", "nofollow")), NOTHING),
    ],
    "noindex": [
        (LINKED, NEW),
        (page(link(), 200, ("X-Robots-Tag", "noindex")), [("changed", "noindex")]),
        (LINKED, [("changed", "noindex_removed")]),
    ],
    "not-canonical": [
        (LINKED, NEW),
        (
            page('<head><link rel="canonical" href="https://elsewhere.example/"></head>' + link()),
            [("changed", "not_canonical")],
        ),
        (page('<link rel="canonical" href="/">' + link()), [("changed", "canonical_again")]),
    ],
    "anchor": [(LINKED, NEW), (page(link(text="other")), [("changed", "anchor_changed")])],
    "target-changed": [(LINKED, NEW), (page(link("https://target.example/new")), [("changed", "target_changed")])],
    "hidden": [
        (LINKED, NEW),
        (page(link().replace("<a ", '<a style="display:none" ')), [("changed", "hidden")]),
        (LINKED, [("changed", "shown")]),
    ],
    # every way in which nobody can check: the link stands there all the time
    "robots-forbid": [(LINKED, NEW), (robots("User-agent: *\nDisallow: /"), NOTHING), (robots(""), NOTHING)],
    "robots-fail": [(LINKED, NEW), (robots(503), NOTHING), (robots(404), NOTHING)],
    "forbidden": [(LINKED, NEW), (page(status=403), NOTHING), (as_it_was, NOTHING), (LINKED, NOTHING)],
    "unauthorized": [(LINKED, NEW), (page(status=401), NOTHING), (as_it_was, NOTHING), (LINKED, NOTHING)],
    "too-many-requests": [(LINKED, NEW), (page(status=429), NOTHING), (as_it_was, NOTHING), (LINKED, NOTHING)],
    "server-error": [(LINKED, NEW), (page(status=500), NOTHING), (as_it_was, NOTHING), (LINKED, NOTHING)],
    "unavailable": [(LINKED, NEW), (page(status=503), NOTHING), (as_it_was, NOTHING), (LINKED, NOTHING)],
    "no-connection": [
        (LINKED, NEW),
        (lambda web, url: web.refuse(url), NOTHING),
        (as_it_was, NOTHING),
        (LINKED, NOTHING),
    ],
    "broken-off": [(LINKED, NEW), (lambda web, url: web.cut(url), NOTHING), (LINKED, NOTHING)],
    "too-slow": [(LINKED, NEW), (lambda web, url: web.stall(url), NOTHING), (LINKED, NOTHING)],
    "too-large": [(LINKED, NEW), (page("x" * 200_000), NOTHING), (LINKED, NOTHING)],
    "bomb": [(LINKED, NEW), (lambda web, url: web.bomb(url, 1), NOTHING), (LINKED, NOTHING)],
    "no-html": [(LINKED, NEW), (page("%PDF", content_type="application/pdf"), NOTHING), (LINKED, NOTHING)],
    "endless-redirects": [(LINKED, NEW), (lambda web, url: web.redirect(url, url), NOTHING), (LINKED, NOTHING)],
    "private": [(LINKED, NEW), (onward("http://127.0.0.1/"), NOTHING), (LINKED, NOTHING)],
    "redirected-to-a-refusal": [(LINKED, NEW), (onward("https://members.example/"), NOTHING), (LINKED, NOTHING)],
}
COULD_NOT_CHECK = [host for host in WEB if list(WEB).index(host) >= list(WEB).index("robots-forbid")]
DAYS = max(map(len, WEB.values()))


@pytest.fixture
def plain_page(web: FakeWeb) -> None:
    """Where redirects lead."""
    web.page("https://elsewhere.example/", "<!doctype html><p>Nothing here.")
    web.page("https://members.example/", status=403)


@pytest.mark.slow
@pytest.mark.usefixtures("plain_page")
def test_what_each_crawl_says_has_changed(
    web: FakeWeb, crawl: CrawlFunction, history_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates = tmp_path / "candidates.txt"
    candidates.write_text("\n".join(f"https://{host}.example/" for host in WEB))
    unchecked = set()
    for day in range(DAYS):
        set_today(monkeypatch, day + 1)
        expected = {}
        for host, stages in WEB.items():
            serve, changes = stages[day] if day < len(stages) else (as_it_was, NOTHING)
            serve(web, f"https://{host}.example/")
            if changes:
                expected[host] = changes
        crawl(
            "verify",
            candidates=str(candidates),
            history=history_url,
            RETRY_TIMES=0,
            DOWNLOAD_TIMEOUT=20,  # one page never answers; all others must, on a busy machine too
            DOWNLOAD_MAXSIZE=100_000,
        )
        found: dict[str, list[Change]] = {}
        with History.open(history_url) as history:
            for change in history.changes(run=history.last_run()):
                host = change.source_url.split("/")[2].removesuffix(".example")
                found.setdefault(host, []).append((change.kind.value, change.reason.value))
            if day == 1:
                visits = list(history.visits(run=history.last_run()))
                unchecked = {visit.url.split("/")[2].removesuffix(".example") for visit in visits} - {
                    visit.url.split("/")[2].removesuffix(".example") for visit in visits if visit.outcome in TELLING
                }
        assert found == expected, f"day {day + 1}"
    # They say nothing because nobody could check, not because nobody looked.
    assert unchecked == set(COULD_NOT_CHECK)


@pytest.mark.slow
def test_rows_of_a_page_that_could_not_be_checked_are_unconfirmed(
    web: FakeWeb, crawl: CrawlFunction, history_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates = tmp_path / "candidates.txt"
    candidates.write_text("https://refused.example/\nhttps://gone.example/\nhttps://live.example/")
    stages = [
        {"refused": LINKED, "gone": LINKED, "live": LINKED},
        {"refused": page(status=403), "gone": page(status=404)},
        {},
        {"refused": LINKED},
    ]
    found = []
    for day, stage in enumerate(stages, 1):
        set_today(monkeypatch, day)
        for host, serve in stage.items():
            serve(web, f"https://{host}.example/")
        crawl("verify", candidates=str(candidates), history=history_url, RETRY_TIMES=0)
        with History.open(history_url) as history:
            rows = list(history.backlinks())
        found.append({row.source_domain.removesuffix(".example"): row.unconfirmed_since for row in rows})
    first = "2026-01-01T12:00:00Z"
    assert found == [
        {"refused": "", "gone": "", "live": ""},
        {"refused": first, "gone": first, "live": ""},
        {"refused": first, "gone": "", "live": ""},
        {"refused": "", "gone": "", "live": ""},
    ]


def test_every_reason_and_every_failure_is_crawled() -> None:
    assert {reason for stages in WEB.values() for _, changes in stages for _, reason in changes} == set(Reason)


def test_every_cause_is_recorded_as_what_it_is(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    causes: dict[VisitOutcome, Serve] = {
        VisitOutcome.READ: page(),
        VisitOutcome.GONE: page(status=404),
        VisitOutcome.REDIRECTED: onward("https://read.example/"),
        VisitOutcome.BLOCKED_BY_ROBOTS: robots("User-agent: *\nDisallow: /"),
        VisitOutcome.REFUSED: page(status=403),
        VisitOutcome.SERVER_ERROR: page(status=500),
        VisitOutcome.UNREACHABLE: lambda web, url: web.refuse(url),
        VisitOutcome.NOT_HTML: page(content_type="text/plain"),
    }
    urls = {outcome: f"https://{outcome.value.replace('_', '-')}.example/" for outcome in causes}
    for outcome, serve in causes.items():
        serve(web, urls[outcome])
    candidates = tmp_path / "candidates.txt"
    candidates.write_text("\n".join(urls.values()))
    crawl("verify", candidates=str(candidates), history=str(tmp_path / "h.db"), RETRY_TIMES=0)
    with History.open(str(tmp_path / "h.db")) as history:
        found = {visit.url: visit.outcome for visit in history.visits()}
    assert found == {url: outcome for outcome, url in urls.items()}


def test_a_redirect_that_discover_does_not_follow_is_no_loss(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    url = str(tmp_path / "h.db")
    web.page("https://a.example/", links("/page"))
    web.page("https://a.example/page", link())
    crawl("discover", seeds="https://a.example/", history=url)
    web.redirect("https://a.example/page", "https://out-of-scope.example/")
    crawl("discover", seeds="https://a.example/", history=url)
    with History.open(url) as history:
        assert list(history.changes(run=history.last_run())) == []
        assert [visit.outcome for visit in history.visits(run=history.last_run())] == [VisitOutcome.NOT_FOLLOWED]


def test_discover_remembers_what_it_found_and_what_became_of_it(
    web: FakeWeb, crawl: CrawlFunction, history_url: str
) -> None:
    web.page("https://a.example/", links(*(f"/{number}" for number in range(30))))
    for number in range(30):
        web.page(f"https://a.example/{number}", link() if number % 3 == 0 else "nothing")
    found = crawl("discover", seeds="https://a.example/", history=history_url)
    assert {row.state for row in found.rows} == {"new"}
    assert {row.first_seen for row in found.rows} == {row.fetched_at for row in found.rows}
    web.page("https://a.example/3", "nothing")
    web.page("https://a.example/4", link())
    found = crawl("discover", seeds="https://a.example/", history=history_url)
    states = {row.source_url: row.state for row in found.rows}
    assert states == {"https://a.example/4": "new"} | {
        f"https://a.example/{number}": "live" for number in range(0, 30, 3) if number != 3
    }
    assert found.stats["backlinks/remembering/recorded"] == 11
    assert found.stats["backlinks/remembering/lost"] == found.stats["backlinks/remembering/new"] == 1
    with History.open(history_url) as history:
        assert len(list(history.known_pages())) == 11
        assert [(run.state, run.outcome, run.exit_status) for run in history.runs()] == [
            (RunState.ENDED, "done", 0)
        ] * 2
        assert history.runs()[1].counts["rows"] == 10


# --- before it is reported --------------------------------------------------------------------------------------------


def test_what_is_reported_is_remembered(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the moment when a row goes to the output, somebody else can read it in the history."""
    path = tmp_path / "h.db"
    web.page("https://a.example/", links(*(f"/{number}" for number in range(40))))
    for number in range(40):
        web.page(f"https://a.example/{number}", link())
    missing: list[str] = []
    seen: list[str] = []
    connected = RecordHistory.from_crawler.__func__  # type: ignore[attr-defined]

    def from_crawler(cls: type[RecordHistory], crawler: object) -> RecordHistory:
        def scraped(item: object) -> None:
            with sqlite3.connect(path) as connection:
                known = {
                    url for (url,) in connection.execute("SELECT url FROM _pages p JOIN _backlinks ON page_id = p.id")
                }
            connection.close()
            seen.append(item.url)  # type: ignore[attr-defined]
            if item.url not in known:  # type: ignore[attr-defined]
                missing.append(item.url)  # type: ignore[attr-defined]

        crawler.signals.connect(scraped, signals.item_scraped, weak=False)  # type: ignore[attr-defined]
        return connected(cls, crawler)  # type: ignore[no-any-return]

    monkeypatch.setattr(RecordHistory, "from_crawler", classmethod(from_crawler))
    crawl("discover", seeds="https://a.example/", history=str(path))
    assert missing == []
    assert len(seen) == 40


def test_another_writer_is_waited_for_while_the_crawl_goes_on(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    path = tmp_path / "h.db"
    History.open(str(path)).close()
    web.page("https://a.example/", links(*(f"/{number}" for number in range(20))))
    for number in range(20):
        web.page(f"https://a.example/{number}", "nothing" if number else link())
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    began = threading.Event()
    released: list[float] = []

    def hold(_request: object) -> Answer:
        """The first page is asked for: the run has begun."""
        if not began.is_set():
            began.set()
            other.execute("BEGIN IMMEDIATE")
            threading.Thread(target=release, daemon=True).start()
        return Answer(body=links(*(f"/{number}" for number in range(20))) + link())

    def release() -> None:
        """Gives back the lock a second later, or when the pages that need not wait for it have been visited."""
        latest = time.monotonic() + 60
        time.sleep(1)
        while time.monotonic() < latest and "https://b.example/2" not in {hit.url for hit in web.hits}:
            time.sleep(0.02)
        released.append(time.monotonic())
        other.execute("COMMIT")

    web.page("https://a.example/", hold)
    # One page more that is reached over pages without a link: these must not wait for the lock.
    web.page("https://a.example/1", links("/deep"))
    web.page("https://a.example/deep", "nothing")
    web.page("https://b.example/", links("/1"))
    web.page("https://b.example/1", links("/2"))
    web.page("https://b.example/2", "nothing")
    found = crawl("discover", seeds="https://a.example/ https://b.example/", history=str(path))
    other.close()
    assert len(found.rows) == 2
    (until,) = released
    assert {hit.url for hit in web.hits if hit.at < until} >= {"https://b.example/1", "https://b.example/2"}


# --- with and without -------------------------------------------------------------------------------------------------


def test_without_a_history_nothing_is_remembered(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    web.page("https://a.example/", link())
    found = crawl("discover", seeds="https://a.example/")
    assert [(row.first_seen, row.last_seen, row.state) for row in found.rows] == [("", "", "")]
    assert list(tmp_path.iterdir()) == []


def test_the_pipeline_stands_down_without_a_history() -> None:
    class Stub:
        settings = crawl_settings()

    with pytest.raises(NotConfigured):
        RecordHistory.from_crawler(Stub())  # type: ignore[arg-type]


@pytest.mark.subprocess
def test_by_default_the_history_lies_where_the_command_was_given(web: FakeWeb, tmp_path: Path) -> None:
    web.page("https://a.example/", link())
    for state in ("new", "live"):
        ran = run_command(
            *("backlinkbot", "discover", TARGET, "--seed", "https://a.example/", "--delay", "0", "-o", "rows.csv"),
            web=web,
            cwd=tmp_path,
            env={"BACKLINKBOT_HISTORY_URL": "backlinks.db"},
        )
        assert (ran.status, ran.out, ran.err) == (0, "", "")
        with (tmp_path / "rows.csv").open() as file:
            (row,) = csv.DictReader(file)
        assert (row["state"], row["lost_reason"]) == (state, "")
        assert row["first_seen"] <= row["last_seen"] == row["fetched_at"]
    assert {path.name for path in tmp_path.iterdir()} == {"rows.csv", "backlinks.db", "backlinks.db-turns"}


@pytest.mark.subprocess
@pytest.mark.parametrize(
    "words",
    [
        ("backlinkbot", "verify", TARGET, "--candidates", "c.txt", "--history", "h.db", "-o", "r.csv"),
        (
            *("scrapy", "crawl", "verify", "-a", f"targets={TARGET}", "-a", "candidates=c.txt"),
            *("-s", "BACKLINKBOT_HISTORY_URL=h.db"),
        ),
    ],
)
def test_a_history_that_cannot_be_used_is_refused_before_anything_is_fetched(
    web: FakeWeb, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "c.txt").write_text("https://a.example/")
    (tmp_path / "h.db").write_text("no database at all\n" * 100)
    ran = run_command(*words, web=web, cwd=tmp_path, env={"SCRAPY_SETTINGS_MODULE": "backlinkbot.settings"})
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.splitlines()[-1] == "backlinkbot: history h.db: file is not a database"
    assert web.hits == []
    assert {path.name for path in tmp_path.iterdir()} == {"c.txt", "h.db"}


@pytest.mark.subprocess
def test_a_history_that_fails_under_way_ends_the_run(web: FakeWeb, tmp_path: Path) -> None:
    path = tmp_path / "h.db"

    def spoil(_request: object) -> Answer:
        with sqlite3.connect(path) as connection:
            connection.execute("DROP TABLE IF EXISTS _visits")
        connection.close()
        return Answer(body=link() + links("/next"))

    web.page("https://a.example/", spoil)
    web.page("https://a.example/next", link())
    ran = run_command(
        *("backlinkbot", "discover", TARGET, "--seed", "https://a.example/", "--delay", "0"),
        *("--history", path, "-o", "rows.csv"),
        web=web,
        cwd=tmp_path,
    )
    assert ran.status == 1
    assert "no such table: main._visits" in ran.err or "no such table: _visits" in ran.err
    assert ran.err.endswith(
        "backlinkbot: the history was not written; rows that it does not contain were not reported\n"
    )
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 1, "nothing is reported that is not remembered"


@pytest.mark.subprocess
def test_a_run_that_the_history_does_not_take_fetches_nothing(web: FakeWeb, tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    History.open(str(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON _runs BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    connection.close()
    web.page("https://a.example/", link())
    words = ("backlinkbot", "discover", TARGET, "--seed", "https://a.example/", "--history", "h.db", "-o", "rows.csv")
    ran = run_command(*words, web=web, cwd=tmp_path)
    assert (ran.status, ran.out, web.hits) == (1, "", [])
    assert f"history {path.name}: database or disk is full" in ran.err


@pytest.mark.slow
@pytest.mark.subprocess
def test_an_interrupted_run_says_so_in_the_history(web: FakeWeb, tmp_path: Path) -> None:
    asked = threading.Event()

    def slow(_request: object) -> Answer:
        asked.set()
        time.sleep(0.05)
        return Answer(body=link())

    for number in range(2000):  # more than any machine visits before the signal arrives
        web.page(f"https://a.example/{number}", slow)
    (tmp_path / "c.txt").write_text("\n".join(f"https://a.example/{number}" for number in range(2000)))
    words = as_command("backlinkbot", "verify", TARGET, "--candidates", "c.txt", "--delay", "0", "-o", "r.csv")
    with subprocess.Popen([*words, "--history", "h.db"], cwd=tmp_path, env=environment(web)) as command:
        assert asked.wait(180)
        command.send_signal(signal.SIGINT)
        assert command.wait(180) == 130
    with History.open(str(tmp_path / "h.db")) as history:
        (run,) = history.runs()
        assert (run.state, run.outcome, run.exit_status) == (RunState.ENDED, "interrupted", 130)
        with (tmp_path / "r.csv").open() as file:
            reported = {row["source_url"] for row in csv.DictReader(file)}
        assert reported == {row.source_url for row in history.backlinks()}


@pytest.mark.subprocess
def test_the_password_of_a_history_is_in_no_run(web: FakeWeb, tmp_path: Path, postgres: PostgresServer) -> None:
    web.page("https://a.example/", link())
    url = postgres.database().replace("backlinkbot@", "backlinkbot:secret@")
    ran = run_command(
        *("backlinkbot", "discover", TARGET, "--seed", "https://a.example/", "--delay", "0"),
        *("--history", url, "-o", "rows.csv", "--summary", "run.json", "--verbose"),
        web=web,
        cwd=tmp_path,
    )
    assert ran.status == 0
    with History.open(url) as history:
        (run,) = history.runs()
        assert run.arguments["seeds"] == ["https://a.example/"]
        assert "secret" not in repr(run)
    assert "secret" not in (tmp_path / "run.json").read_text()


# --- visits written and replayed --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_visits_that_were_written_rebuild_the_history(
    web: FakeWeb, crawl: CrawlFunction, history_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates = tmp_path / "candidates.txt"
    hosts = ["removed", "gone", "redirected", "nofollow", "target-changed", "forbidden", "no-html"]
    web.page("https://elsewhere.example/", "<!doctype html><p>Nothing here.")
    candidates.write_text("\n".join([*(f"https://{host}.example/" for host in hosts), "no address at all"]))
    files = []
    for day in range(3):
        set_today(monkeypatch, day + 1)
        for host in hosts:
            if day < len(WEB[host]):
                WEB[host][day][0](web, f"https://{host}.example/")
        files.append(tmp_path / f"visits-{day}.jsonl")
        crawl("verify", candidates=str(candidates), history=history_url, visits=str(files[-1]))
    lines = files[0].read_text().splitlines()
    assert json.loads(lines[0])["run"]["targets"] == [TARGET]
    assert len(lines) == 1 + len(hosts), "what is no address is no visit"
    ran = run_command("backlinkbot", "replay", *files, "--history", tmp_path / "again.db")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    with History.open(history_url) as live, History.open(str(tmp_path / "again.db")) as again:
        assert tables(again) == tables(live)
        assert [run.outcome for run in again.runs()] == ["replayed"] * 3


@pytest.mark.subprocess
def test_visits_need_a_history(web: FakeWeb, tmp_path: Path) -> None:
    words = ("backlinkbot", "discover", TARGET, "--seed", "https://a.example/", "--visits", "v.jsonl", "--history", "")
    ran = run_command(*words, web=web, cwd=tmp_path)
    assert (ran.status, web.hits, list(tmp_path.iterdir())) == (2, [], [])
    assert "--visits writes what the history records" in ran.err


def test_a_bug_in_recording_ends_the_run_instead_of_keeping_it_waiting(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.page("https://a.example/", link())
    (tmp_path / "candidates.txt").write_text("https://a.example/")
    monkeypatch.setattr(History, "record", lambda *_: 1 // 0)
    with pytest.raises(AssertionError, match="backlinks/outcome/bug"):  # which no other crawl of the tests may count
        crawl("verify", candidates=str(tmp_path / "candidates.txt"), history=str(tmp_path / "h.db"))
