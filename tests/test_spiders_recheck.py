"""What the history knows is visited again when it is due, cheaply where nothing has changed, and judged all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backlinkbot.errors import UsageError
from backlinkbot.extract.page import PageContent
from backlinkbot.history import History
from backlinkbot.history.database import connect, read_url, writing
from backlinkbot.history.observation import VisitOutcome
from backlinkbot.items import Backlink, State
from backlinkbot.items.columns import columns_of
from tests.conftest import Crawl, CrawlFunction, links, run_command, verify
from tests.fakeweb import Answer, FakeWeb, Request
from tests.postgres import PostgresServer

A = "https://a.example"
T = "https://target.example/"
LINKED = links(T)
PADDED = LINKED + "<p>words</p>" * 5_000


@contextmanager
def nothing_parsed() -> Iterator[None]:
    """Fails if a page is parsed meanwhile."""
    parsed: list[str] = []

    def parse(*args: Any, **_: Any) -> None:
        parsed.append(str(args[2]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PageContent, "__init__", parse)
        yield
    assert parsed == []


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A history: a file, or where the test asks for it a database of a PostgreSQL server."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return str(tmp_path / "history.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.history()


on_both = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)


def change(url: str, *statements: str) -> None:
    engine = connect(read_url(url), create=False)
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def later(url: str, days: int) -> None:
    """Make everything in the history so many days older."""
    columns = {
        "pages": ("first_visit_at", "last_visit_at", "last_read_at", "failing_since"),
        "visits": ("at",),
        "changes": ("at",),
        "backlinks": ("first_seen", "last_seen", "lost_at"),
        "runs": ("started_at", "finished_at"),
    }
    moved = {
        table: ", ".join(f"{name} = {name} - {days * 86_400}" for name in names) for table, names in columns.items()
    }
    change(url, *(f"UPDATE _{table} SET {columns}" for table, columns in moved.items()))


def changes(url: str) -> list[tuple[str, str, str]]:
    """Kind, reason and page of the last run's changes."""
    with History.open(url) as history:
        found = history.changes(run=history.last_run())
        return [(change.kind.value, change.reason.value, change.source_url) for change in found]


def outcomes(url: str) -> list[tuple[str, VisitOutcome]]:
    """Page and outcome of the last run's visits."""
    with History.open(url) as history:
        return [(visit.url, visit.outcome) for visit in history.visits(run=history.last_run())]


_NAMES = [column.name for column in columns_of(Backlink)]


def essence(rows: Iterable[Backlink]) -> list[dict[str, Any]]:
    """All of the rows that a visit of an unchanged page may not change."""
    moving = {"fetched_at", "first_seen", "last_seen", "state", "claimed_by"}  # a history holds no candidates
    return [{name: getattr(row, name) for name in _NAMES if name not in moving} for row in rows]


def first_visit(crawl: CrawlFunction, folder: Path, url: str, *pages: str, days: int = 100, **given: Any) -> Crawl:
    """Verify these pages, so many days ago."""
    file = folder / "candidates.txt"
    file.write_text("\n".join(pages))
    found = crawl("verify", candidates=str(file), history=url, **given)
    later(url, days)
    return found


def recheck(crawl: CrawlFunction, url: str, **given: Any) -> Crawl:
    return crawl("recheck", history=url, **{"targets": [], **given})


def served(web: FakeWeb, url: str, body: str, **validators: str) -> list[Request]:
    """Serve a page that honours conditional requests; returns those that came."""
    asked: list[Request] = []
    names = {"if-none-match": "ETag", "if-modified-since": "Last-Modified"}
    headers = tuple((name, validators[name.lower().replace("-", "_")]) for name in names.values())

    def turn(request: Request) -> Answer:
        asked.append(request)
        holds = [request.headers.get(sent) == dict(headers)[kept] for sent, kept in names.items()]
        return (
            Answer(status=304, headers=headers, content_type=None) if any(holds) else Answer(body=body, headers=headers)
        )

    web.page(url, turn)
    return asked


VALIDATORS = {"etag": '"v1"', "last_modified": "Sat, 03 Jan 2026 10:00:00 GMT"}

# --- cheap where nothing has changed ----------------------------------------------------------------------------------


@pytest.mark.slow
@on_both
def test_not_modified_is_a_good_visit_without_a_body(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str
) -> None:
    asked = served(web, f"{A}/p", PADDED, **VALIDATORS)
    before = first_visit(crawl, tmp_path, url, f"{A}/p", DOWNLOADER_STATS=True)
    with nothing_parsed():
        after = recheck(crawl, url, DOWNLOADER_STATS=True)
    assert "if-none-match" not in asked[0].headers
    assert asked[1].headers["if-none-match"] == VALIDATORS["etag"]
    assert asked[1].headers["if-modified-since"] == VALIDATORS["last_modified"]
    assert after.stats["backlinks/recheck/not_modified"] == 1
    assert after.stats["downloader/response_bytes"] < before.stats["downloader/response_bytes"] / 20
    assert essence(after.rows) == essence(before.rows)
    assert [row.state for row in after.rows] == ["live"]
    assert after.rows[0].fetched_at == after.rows[0].last_seen > before.rows[0].fetched_at[:10]
    assert after.rows[0].first_seen < before.rows[0].first_seen
    assert after.checks[f"{A}/p"].state is State.LINKED
    assert changes(url) == []
    assert outcomes(url) == [(f"{A}/p", VisitOutcome.UNCHANGED)]


@pytest.mark.parametrize("keep", ["etag", "last_modified"])
def test_one_validator_is_enough(*, web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str, keep: str) -> None:
    served(web, f"{A}/p", LINKED, **{"etag": "", "last_modified": "", keep: VALIDATORS[keep]})
    first_visit(crawl, tmp_path, url, f"{A}/p")
    for _ in range(2):  # also after a visit that was comparison nothing new
        assert recheck(crawl, url).stats["backlinks/recheck/not_modified"] == 1
        later(url, 100)


def test_same_bytes_are_not_parsed(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str) -> None:
    web.page(f"{A}/p", LINKED)
    before = first_visit(crawl, tmp_path, url, f"{A}/p")
    with nothing_parsed():
        after = recheck(crawl, url)
    assert after.stats["backlinks/recheck/same_bytes"] == 1
    assert "backlinks/recheck/not_modified" not in after.stats
    assert essence(after.rows) == essence(before.rows)
    assert outcomes(url) == [(f"{A}/p", VisitOutcome.UNCHANGED)]


def test_a_page_that_has_changed_is_read(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str) -> None:
    served(web, f"{A}/p", LINKED, **VALIDATORS)
    first_visit(crawl, tmp_path, url, f"{A}/p")
    asked = served(web, f"{A}/p", links("/x"), etag='"v2"', last_modified="Sun, 04 Jan 2026 10:00:00 GMT")
    after = recheck(crawl, url)
    assert after.rows == []
    assert changes(url) == [("lost", "removed_from_page", f"{A}/p")]
    later(url, 100)
    recheck(crawl, url)
    assert asked[1].headers["if-none-match"] == '"v2"'
    assert changes(url) == []


@pytest.mark.parametrize("sent", [{"charset": "x"}, {"robots": "noindex"}, {"targets": True}])
def test_same_bytes_under_other_conditions_are_read_again(
    *, web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str, sent: dict[str, Any]
) -> None:
    web.page(f"{A}/p", links(T, "https://other.example/"))
    first_visit(crawl, tmp_path, url, f"{A}/p")
    if "charset" in sent:
        web.page(f"{A}/p", links(T, "https://other.example/"), content_type="text/html; charset=windows-1252")
    elif "robots" in sent:
        web.page(f"{A}/p", links(T, "https://other.example/"), headers=[("X-Robots-Tag", "noindex")])
    else:
        crawl("verify", targets="other.example", candidates=str(tmp_path / "candidates.txt"), history=url)
        later(url, 100)
    after = recheck(crawl, url)
    assert "backlinks/recheck/same_bytes" not in after.stats
    assert len(after.rows) == (2 if "targets" in sent else 1)
    assert changes(url) == ([("changed", "noindex", f"{A}/p")] if "robots" in sent else [])


def test_what_discover_found_is_asked_for_conditionally_too(web: FakeWeb, crawl: CrawlFunction, url: str) -> None:
    served(web, f"{A}/p", LINKED, **VALIDATORS)
    web.page(f"{A}/", links("/p", "/q"))
    web.page(f"{A}/q", LINKED)
    before = crawl("discover", seeds=f"{A}/", history=url)
    later(url, 100)
    after = recheck(crawl, url)
    assert sorted(after.checks) == [f"{A}/p", f"{A}/q"]
    assert after.stats["backlinks/recheck/not_modified"] == after.stats["backlinks/recheck/same_bytes"] == 1
    assert sorted(map(str, essence(after.rows))) == sorted(map(str, essence(before.rows)))
    assert {row.discovered_from for row in after.rows} == {f"{A}/"}


def test_the_same_page_over_https_is_the_same(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str) -> None:
    web.page("http://a.example/p", LINKED, scheme="http")
    first_visit(crawl, tmp_path, url, "http://a.example/p")
    web.redirect("http://a.example/p", f"{A}/p", scheme="http")
    web.page(f"{A}/p", LINKED, scheme="https")
    after = recheck(crawl, url)
    assert after.stats["backlinks/recheck/same_bytes"] == 1
    assert after.sources == [f"{A}/p"]
    assert changes(url) == []


# --- "not modified" says nothing of the verdict -----------------------------------------------------------------------


def test_robots_txt_may_close_a_page_that_was_not_modified(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str
) -> None:
    asked = served(web, f"{A}/p", LINKED, **VALIDATORS)
    first_visit(crawl, tmp_path, url, f"{A}/p")
    web.robots("a.example", "User-agent: googlebot\nDisallow: /p")
    after = recheck(crawl, url)
    assert [row.noindex_by for row in after.rows] == [("robots.txt:googlebot",)]
    assert changes(url) == [("changed", "noindex", f"{A}/p")]
    assert len(asked) == 3
    assert "if-none-match" not in asked[2].headers
    later(url, 100)
    assert recheck(crawl, url).stats["backlinks/recheck/not_modified"] == 1
    assert changes(url) == []
    web.robots("a.example", "")
    later(url, 100)
    assert recheck(crawl, url).rows[0].indexable
    assert changes(url) == [("changed", "noindex_removed", f"{A}/p")]


def test_a_header_of_the_server_may_close_it_too(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str) -> None:
    served(web, f"{A}/p", LINKED, **VALIDATORS)
    first_visit(crawl, tmp_path, url, f"{A}/p")
    headers = (("ETag", VALIDATORS["etag"]), ("X-Robots-Tag", "noindex"))

    def turn(request: Request) -> Answer:
        has_it = request.headers.get("if-none-match") == VALIDATORS["etag"]
        return Answer(body="" if has_it else LINKED, status=304 if has_it else 200, headers=headers)

    web.page(f"{A}/p", turn)
    recheck(crawl, url)
    assert changes(url) == [("changed", "noindex", f"{A}/p")]


def test_a_condition_is_not_taken_along_to_another_page(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str
) -> None:
    served(web, f"{A}/p", LINKED, **VALIDATORS)
    first_visit(crawl, tmp_path, url, f"{A}/p")
    web.redirect(f"{A}/p", "/elsewhere")
    asked = served(web, f"{A}/elsewhere", links("/x"), **VALIDATORS)
    after = recheck(crawl, url)
    assert "if-none-match" not in asked[0].headers
    assert "if-modified-since" not in asked[0].headers
    assert after.checks[f"{A}/p"].state is State.REDIRECTED
    assert changes(url) == [("lost", "page_redirected", f"{A}/p")]


# --- lost, and back ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@on_both
def test_a_page_is_gone_at_the_second_look_the_next_day_and_may_come_back_as_it_was(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str
) -> None:
    served(web, f"{A}/p", LINKED, **VALIDATORS)
    first_visit(crawl, tmp_path, url, f"{A}/p")
    web.page(f"{A}/p", "", 404)
    recheck(crawl, url)
    assert changes(url) == []
    assert recheck(crawl, url).stats["backlinks/recheck/due"] == 0
    later(url, 1)
    recheck(crawl, url)
    assert changes(url) == [("lost", "page_gone", f"{A}/p")]
    served(web, f"{A}/p", LINKED, **VALIDATORS)
    later(url, 100)
    back = recheck(crawl, url)
    assert back.stats["backlinks/recheck/not_modified"] == 1
    assert [row.state for row in back.rows] == ["restored"]
    assert changes(url) == [("restored", "page_found", f"{A}/p")]


def test_what_could_not_be_checked_is_no_loss_and_waits_longer_each_time(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str
) -> None:
    web.page(f"{A}/p", LINKED)
    first_visit(crawl, tmp_path, url, f"{A}/p")
    web.page(f"{A}/p", "", 503)
    waits: list[int] = []
    days = 0
    recheck(crawl, url, RETRY_TIMES=0)
    while len(waits) < 3:
        later(url, 1)
        days += 1
        if recheck(crawl, url, RETRY_TIMES=0).stats["backlinks/recheck/due"]:
            assert outcomes(url) == [(f"{A}/p", VisitOutcome.SERVER_ERROR)]
            waits.append(days)
            days = 0
        assert changes(url) == []
    assert waits == [1, 2, 4]


# --- what is due ------------------------------------------------------------------------------------------------------


def test_nothing_is_due_the_same_day(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str) -> None:
    web.page(f"{A}/p", LINKED)
    first_visit(crawl, tmp_path, url, f"{A}/p", days=0)
    asked = len(web.paths("a.example"))
    found = recheck(crawl, url)
    assert (found.stats["backlinks/recheck/due"], found.pages) == (0, [])
    assert len(web.paths("a.example")) == asked


@on_both
def test_the_budget_takes_the_most_urgent_in_order(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str
) -> None:
    for n in range(6):
        web.page(f"{A}/{n}", LINKED)
    web.page(f"{A}/none", links("/x"))
    first_visit(crawl, tmp_path, url, *(f"{A}/{n}" for n in range(6)), f"{A}/none")
    ages = {n: (n * 5) % 6 * 40 * 86_400 for n in range(6)}  # longer ago is more urgent
    change(url, *(f"UPDATE _pages SET last_visit_at = last_visit_at - {ages[n]} WHERE url = '{A}/{n}'" for n in ages))
    asked = len(web.paths("a.example"))
    found = recheck(crawl, url, budget=4, CONCURRENT_REQUESTS=1)
    assert [path for path in web.paths("a.example")[asked:] if path != "/robots.txt"] == ["/1", "/2", "/3", "/4"]
    assert (found.stats["backlinks/recheck/due"], found.stats["backlinks/recheck/left_for_later"]) == (7, 3)
    rest = recheck(crawl, url, budget=0)
    assert sorted(rest.checks) == [f"{A}/0", f"{A}/5", f"{A}/none"]


# --- targets ----------------------------------------------------------------------------------------------------------


def test_targets_and_their_aliases_are_those_of_the_history(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str
) -> None:
    web.page(f"{A}/old", links("https://old.example/"))
    web.page(f"{A}/p", LINKED)
    web.page(f"{A}/other", links("https://other.example/"))
    named = tmp_path / "targets.txt"
    named.write_text("target.example old.example\n")
    first_visit(crawl, tmp_path, url, f"{A}/p", f"{A}/old", targets=f"@{named}")
    first_visit(crawl, tmp_path, url, f"{A}/other", targets="other.example")
    one = recheck(crawl, url, targets="other.example")
    assert one.sources == [f"{A}/other"]
    web.page(f"{A}/old", links("https://old.example/") + "<p>news")  # so that it is read
    rest = recheck(crawl, url)
    assert rest.sources == [f"{A}/old", f"{A}/p"]
    assert changes(url) == []


@pytest.mark.subprocess
def test_a_replayed_history_knows_the_aliases_too(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str) -> None:
    web.page(f"{A}/old", links("https://old.example/"))
    visits = tmp_path / "visits.jsonl"
    first_visit(crawl, tmp_path, url, f"{A}/old", aliases="old.example=target.example", visits=str(visits), days=0)
    again = str(tmp_path / "again.db")
    done = run_command("backlinkbot", "replay", str(visits), "--history", again)
    assert done.status == 0
    later(again, 100)
    web.page(f"{A}/old", links("https://old.example/") + "<p>news")
    assert recheck(crawl, again).sources == [f"{A}/old"]
    assert changes(again) == []


def test_mistakes_are_told(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="it does not exist yet"):
        recheck(crawl, url)
    with pytest.raises(UsageError, match="name one"):
        recheck(crawl, "")
    with History.open(url), pytest.raises(UsageError, match="has no runs yet"):
        recheck(crawl, url)
    web.page(f"{A}/p", LINKED)
    first_visit(crawl, tmp_path, url, f"{A}/p")
    with pytest.raises(UsageError, match=r"knows no target 'b\.example'; it knows target\.example"):
        recheck(crawl, url, targets="b.example")
    with pytest.raises(UsageError, match="JOBDIR"):
        recheck(crawl, url, JOBDIR=str(tmp_path / "job"))


@pytest.mark.subprocess
def test_the_command(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, url: str) -> None:
    web.page(f"{A}/p", LINKED)
    verify(crawl, tmp_path, f"{A}/p", history=url)
    done = run_command("backlinkbot", "recheck", "--history", url, "-o", "rows.csv", web=web, cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    later(url, 100)
    web.page(f"{A}/p", links("/x"))
    words = ("recheck", "target.example", "--history", url, "--budget", "5", "--delay", "0", "--checks", "checks.csv")
    done = run_command("backlinkbot", *words, web=web, cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert f"{A}/p,not_linked,200" in (tmp_path / "checks.csv").read_text()
    assert changes(url) == [("lost", "removed_from_page", f"{A}/p")]
