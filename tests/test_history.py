"""What a history remembers, in SQLite and in PostgreSQL alike."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from backlinkbot.cli.replay import replay
from backlinkbot.errors import HistoryError, OutputError
from backlinkbot.history import History, RunState
from backlinkbot.history.observation import VisitOutcome, storable
from backlinkbot.history.visit_log import RunLine, write_run, write_visit
from backlinkbot.history.visit_log import read as read_lines
from backlinkbot.items import Backlink, JudgedPage, LinkState, State
from tests.conftest import examples
from tests.history_tables import tables
from tests.visited import (
    HISTORIES,
    ONE,
    OTHER,
    SOURCE,
    TARGET,
    TWO,
    day,
    failed,
    gone,
    nofollow,
    read,
    row,
    unchanged,
)


@pytest.fixture
def history(history_url: str) -> Iterator[History]:
    with History.open(history_url) as history:
        yield history


def remember(history: History, *pages: JudgedPage, names: tuple[str, ...] = (TARGET,)) -> int:
    """A run with these visits; returns its number."""
    run = history.begin_run("verify", names)
    history.record(run, pages)
    history.end_run(run)
    return run


def states(history: History) -> dict[str, str]:
    return {backlink.target_url: backlink.state for backlink in history.backlinks()}


# --- rows -------------------------------------------------------------------------------------------------------------


def test_rows_say_since_when(history: History) -> None:
    remember(history, read(day(1), row()))
    run = history.begin_run("verify", [TARGET])
    (recorded,) = history.record(run, [read(day(2), row(), nofollow(TWO, anchor="two"))])
    assert recorded.is_recorded
    assert [(one.first_seen, one.last_seen, one.state, one.lost_reason) for one in recorded.page.backlinks] == [
        (day(1), day(2), "live", ""),
        (day(2), day(2), "new", ""),
    ]
    assert [(change.kind, change.reason, change.run) for change in recorded.changes] == [("new", "link_found", run)]


HOSTILE = "\0 \ud800 = ' \" ; DROP TABLE pages; -- 😀 \x1b[31m"


def test_a_backlink_comes_back_as_the_row_that_it_was(history: History) -> None:
    rows = [
        nofollow(
            TWO, anchor=HOSTILE, raw_href=HOSTILE, rel=("nofollow", "ugc"), nofollow_by=("rel:nofollow", "rel:ugc")
        ),
        row("https://target.example/" + "long/" * 3_000, flags=("hidden", "noscript"), occurrences=7, link_type="area"),
        row("http://target.example/#top", anchor=""),
        row("https://target.example/#end", anchor="end"),
    ]
    page_says: dict[str, Any] = {
        "source_title": "A title",
        "source_language": "de",
        "source_status": 203,
        "indexable": False,
        "noindex_by": ("meta:robots", "robots.txt:googlebot"),
        "canonical_url": "https://elsewhere.example/",
        "external_links": 17,
        "internal_links": 4,
        "discovered_from": "https://hub.example/",
        "depth": 3,
    }
    page = read(day(1), *(replace(one, **page_says) for one in rows))
    run = history.begin_run("discover", [TARGET])
    (recorded,) = history.record(run, [page])
    found = sorted(history.backlinks(), key=lambda one: (one.target_url, one.anchor))
    kept = [
        replace(one, anchor=storable(one.anchor), raw_href=storable(one.raw_href)) for one in recorded.page.backlinks
    ]
    assert found == sorted(kept, key=lambda one: (one.target_url, one.anchor))


def test_what_no_database_holds_is_no_change(history: History) -> None:
    page = read(day(1), row(anchor=HOSTILE, source_title=HOSTILE))
    remember(history, page)
    remember(history, replace(page, fetched_at=day(2)))
    assert states(history) == {ONE: "live"}
    (found,) = history.backlinks()
    assert found.source_title == storable(HOSTILE)


def test_a_lost_backlink_says_since_when_and_why(history: History) -> None:
    remember(history, read(day(1), row()))
    remember(history, read(day(2), row()))
    remember(history, gone(day(3)))
    remember(history, gone(day(4)))
    (lost,) = history.backlinks()
    assert (lost.first_seen, lost.last_seen, lost.state, lost.lost_reason) == (day(1), day(2), "lost", "page_gone")
    assert lost.fetched_at == day(2)


def test_backlinks_by_target_and_state(history: History) -> None:
    both = (row(), row("https://other.example/", target="other.example"))
    remember(history, read(day(1), *both), names=(TARGET, "other.example"))
    remember(history, read(day(2)), names=(TARGET,))
    assert [one.target for one in history.backlinks(targets=["other.example"])] == ["other.example"]
    assert [one.target for one in history.backlinks(states=[LinkState.LOST])] == [TARGET]
    assert [one.target for one in history.backlinks(states=[LinkState.NEW, LinkState.LOST])] == [
        TARGET,
        "other.example",
    ]
    assert list(history.backlinks(targets=["nobody.example"])) == []


def test_every_column_of_a_row_is_kept_somewhere(history: History) -> None:
    """A column that is added to rows must not come back as its default."""
    remember(history, read(day(1), row()))
    (found,) = history.backlinks()
    expected = replace(
        row(), source_url=SOURCE, first_seen=day(1), last_seen=day(1), fetched_at=day(1), state="new", lost_reason=""
    )
    assert {f.name: getattr(found, f.name) for f in fields(Backlink)} == {
        f.name: getattr(expected, f.name) for f in fields(Backlink)
    }


# --- which pages ------------------------------------------------------------------------------------------------------


def test_pages_that_say_nothing_are_not_remembered(history: History) -> None:
    run = history.begin_run("discover", [TARGET])
    silent = [read(day(1), url=f"https://a.example/{number}", candidates=()) for number in range(5)]
    recorded = history.record(run, [*silent, gone(day(1), candidates=()), read(day(1), row(), url=OTHER)])
    assert [one.is_recorded for one in recorded] == [False] * 6 + [True]
    assert [page.url for page in history.known_pages()] == [OTHER]
    assert [one.is_recorded for one in history.record(run, [read(day(2), url=OTHER, candidates=())])] == [True]
    assert states(history) == {ONE: "lost"}


def test_what_is_no_address_is_not_remembered(history: History) -> None:
    run = history.begin_run("verify", [TARGET])
    (recorded,) = history.record(run, [failed(day(1), State.UNREACHABLE, url="no address")])
    assert not recorded.is_recorded
    assert history.record(run, []) == []


def test_known_pages(history: History) -> None:
    remember(history, read(day(1), row(), etag='"1"', last_modified="Thu", fingerprint="f"))
    remember(history, read(day(2), row(TWO, anchor="a"), row(), etag='"2"'), gone(day(2), url=OTHER))
    remember(history, unchanged(day(3)), failed(day(3), State.REFUSED, url=OTHER))
    one, other = history.known_pages()
    assert (one.url, one.domain, one.live_backlinks, one.visits, one.changed_visits) == (SOURCE, "a.example", 2, 3, 1)
    assert (one.first_visit_at, one.last_visit_at, one.last_read_at) == (day(1), day(3), day(3))
    assert (one.etag, one.last_modified, one.fingerprint) == ('"2"', "", "")
    assert (other.last_read_at, other.failing_since, other.unchecked, other.live_backlinks) == ("", day(2), 1, 0)
    assert [page.url for page in history.known_pages(targets=[TARGET])] == [SOURCE]
    assert list(history.known_pages(targets=["nobody.example"])) == []


def test_visits(history: History) -> None:
    first = remember(history, read(day(1), row()), failed(day(1), State.REFUSED, "403", url=OTHER, status=403))
    second = remember(history, read(day(2), url=OTHER, requested_url=SOURCE))
    found = [(visit.run, visit.outcome, visit.status, visit.reason) for visit in history.visits()]
    assert found == [
        (first, VisitOutcome.READ, 200, ""),
        (first, VisitOutcome.REFUSED, 403, "403"),
        (second, VisitOutcome.REDIRECTED, 200, OTHER),
        (second, VisitOutcome.READ, 200, ""),
    ]
    assert [visit.outcome for visit in history.visits(run=second)] == [VisitOutcome.REDIRECTED, VisitOutcome.READ]


# --- runs and changes -------------------------------------------------------------------------------------------------


def test_changes_of_a_run_since_a_run_since_a_day_and_of_a_target(history: History) -> None:
    both = (row(), row("https://other.example/", target="other.example"))
    first = remember(history, read(day(1), *both), names=(TARGET, "other.example"))
    second = remember(history, read(day(2), row(anchor="atlas")))
    third = remember(history, read(day(3)))
    assert [change.reason for change in history.changes(run=first)] == ["page_found", "page_found"]
    assert [change.reason for change in history.changes(run=third)] == ["removed_from_page"]
    assert [change.run for change in history.changes(after_run=first)] == [second, third]
    assert [change.run for change in history.changes(since=day(3, 0))] == [third]
    assert [change.run for change in history.changes(since=day(2))] == [second, third]
    assert [change.target for change in history.changes(targets=["other.example"])] == ["other.example"]
    assert len(list(history.changes())) == 4
    assert history.last_run() == third


def test_what_is_recorded_is_what_is_answered(history: History) -> None:
    run = history.begin_run("verify", [TARGET])
    recorded = history.record(run, [read(day(1), row()), read(day(2), nofollow()), read(day(3))])
    assert [change for one in recorded for change in one.changes] == list(history.changes(run=run))


def test_runs(history: History) -> None:
    with pytest.raises(HistoryError, match="no run"):
        history.last_run()
    done = history.begin_run("verify", [TARGET, "other.example"], arguments={"delay": 0.5}, started_at=day(1))
    history.record(done, [read(day(1), row(), row(TWO, anchor="two"))])
    history.end_run(done, outcome="interrupted", exit_status=130, counts={"pages/read": 1}, finished_at=day(2))
    running = history.begin_run("discover", [TARGET])
    history.record(running, [read(day(3), row())])
    first, second = history.runs()
    assert (first.id, first.command, first.targets) == (done, "verify", (TARGET, "other.example"))
    assert (first.started_at, first.finished_at, first.state) == (day(1), day(2), RunState.ENDED)
    assert (first.outcome, first.exit_status, first.changes) == ("interrupted", 130, {"new": 2})
    assert (first.arguments, first.counts) == ({"delay": 0.5}, {"pages/read": 1})
    assert (second.id, second.state, second.outcome, second.exit_status) == (running, RunState.RUNNING, "", None)
    assert second.changes == {"lost": 1}


def test_a_run_without_an_end_is_running_or_killed(history_url: str) -> None:
    with History.open(history_url) as reader:
        with History.open(history_url) as writer:
            writer.begin_run("verify", [TARGET])
            assert [run.state for run in reader.runs()] == [RunState.RUNNING]
        assert [run.state for run in reader.runs()] == [RunState.KILLED]
        assert [run.state for run in reader.runs()] == [RunState.KILLED]
    if "://" not in history_url:
        assert [path.name for path in Path(history_url).parent.iterdir()] == ["backlinks.db"]


def test_an_ended_run_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    with History.open(str(tmp_path / "backlinks.db")) as history:
        remember(history, read(day(1), row()))
    assert [path.name for path in tmp_path.iterdir()] == ["backlinks.db"]


# --- transactions -----------------------------------------------------------------------------------------------------


def test_a_batch_is_recorded_whole_or_not_at_all(history: History) -> None:
    remember(history, read(day(1), row()))
    before = tables(history)
    run = history.begin_run("verify", [TARGET])
    good = [read(day(2), url=OTHER), read(day(2)), read(day(2), row(), url="https://c.example/")]
    with pytest.raises(KeyError):
        history.record(run, [*good, read(day(2), row(target="not of this run"), url="https://d.example/")])
    after = tables(history)
    assert {name: rows for name, rows in after.items() if name != "runs"} == {
        name: rows for name, rows in before.items() if name != "runs"
    }
    history.record(run, good)
    assert states(history) == {ONE: "new"}
    assert len(list(history.visits(run=run))) == 3


def test_an_unchanged_page_costs_one_visit_and_one_update(history: History) -> None:
    pages = [read(day(1), row(), row(TWO, anchor="two"), url=f"https://a.example/{number}") for number in range(3)]
    remember(history, *pages)
    remember(history, *(replace(page, fetched_at=day(2)) for page in pages))
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if not statement.startswith(("SELECT", "BEGIN")):
            rows = json.loads(parameters["rows"]) if isinstance(parameters, dict) else parameters  # PostgreSQL, SQLite
            written.extend([" ".join(statement.replace('"', "").split()[:3])] * len(rows))

    run = history.begin_run("verify", [TARGET])
    event.listen(history._engine, "before_cursor_execute", note)
    history.record(run, [replace(page, fetched_at=day(3)) for page in pages])
    event.remove(history._engine, "before_cursor_execute", note)
    assert sorted(written) == ["INSERT INTO _visits"] * 3 + ["UPDATE _pages SET"] * 3


def test_one_page_twice_in_a_batch(history: History) -> None:
    run = history.begin_run("verify", [TARGET])
    found = history.record(run, [read(day(1), row()), read(day(2), nofollow()), read(day(3), row(TWO, anchor="two"))])
    reasons = [change.reason.value for one in found for change in one.changes]
    assert reasons == ["page_found", "nofollow_added", "link_found", "removed_from_page"]
    assert states(history) == {ONE: "lost", TWO: "new"}


@pytest.mark.slow
def test_many_pages_at_once(history: History) -> None:
    run = history.begin_run("verify", [TARGET])
    pages = [read(day(1), row(f"https://target.example/{n}"), url=f"https://a.example/{n}") for n in range(1_500)]
    assert all(one.is_recorded for one in history.record(run, pages))
    assert len(list(history.backlinks())) == 1_500


# --- two at a time ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_crawls_write_at_the_same_time(history_url: str) -> None:
    History.open(history_url).close()
    urls = [f"https://a.example/{number}" for number in range(40)]
    errors: list[BaseException] = []

    def crawl(number: int) -> None:
        try:
            with History.open(history_url) as history:
                run = history.begin_run("verify", [TARGET])
                for turn in range(10):
                    turned = urls if (number + turn) % 2 else urls[::-1]
                    rows = (row(),) if turn % 2 else (row(), row(TWO, anchor="two"))
                    history.record(run, [read(day(turn + 1), *rows, url=url) for url in turned])
                history.end_run(run)
        except BaseException as error:  # noqa: BLE001 - for the other thread to tell
            errors.append(error)

    threads = [threading.Thread(target=crawl, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with History.open(history_url) as history:
        assert len(list(history.visits())) == 3 * 10 * 40
        pages = list(history.known_pages())
        assert sorted(page.url for page in pages) == sorted(urls)
        assert {page.visits for page in pages} == {30}
        assert len(list(history.backlinks())) == 80
        kinds = [change.kind.value for change in history.changes()]
        assert kinds.count("new") == 80
        assert [run.state for run in history.runs()] == [RunState.ENDED] * 3


# --- any order of visits ----------------------------------------------------------------------------------------------

SHARED = settings(max_examples=examples(25), deadline=None)


def empty(history: History) -> None:
    with history._engine.begin() as connection:
        for table in ("_changes", "_links", "_backlinks", "_visits", "_pages", "_targets", "_runs"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


@pytest.fixture
def twin(request: pytest.FixtureRequest, history_url: str, tmp_path: Path) -> Iterator[History]:
    """A second history of the same kind."""
    url = str(tmp_path / "twin.db")
    if "://" in history_url:
        url = request.getfixturevalue("postgres").history()
    with History.open(url) as history:
        yield history


# `given` is inside these tests, for pytest-twisted wraps a function of hypothesis anew for each of its parameters.


@pytest.mark.slow
def test_how_visits_are_batched_makes_no_difference(history: History, twin: History) -> None:
    @SHARED
    @given(st.lists(HISTORIES, max_size=3), st.lists(st.integers(1, 5), min_size=1))
    def holds(runs: list[list[JudgedPage]], sizes: list[int]) -> None:
        for one in (history, twin):
            empty(one)
        for number, pages in enumerate(runs, 1):
            run = history.begin_run("verify", [TARGET], started_at=day(number))
            history.record(run, pages)
            history.end_run(run)
            run = twin.begin_run("verify", [TARGET], started_at=day(number))
            rest = list(pages)
            for turn in range(len(pages)):
                size = sizes[turn % len(sizes)]
                twin.record(run, rest[:size])
                rest = rest[size:]
            twin.end_run(run)
        assert tables(twin) == tables(history)

    holds()


@pytest.mark.slow
def test_replaying_exported_visits_rebuilds_the_history(history: History, twin: History) -> None:
    @SHARED
    @given(st.lists(HISTORIES, min_size=1, max_size=3))
    def holds(runs: list[list[JudgedPage]]) -> None:
        for one in (history, twin):
            empty(one)
        lines = []
        for number, pages in enumerate(runs, 1):
            run = history.begin_run("discover", [TARGET], started_at=day(number))
            recorded = history.record(run, pages)
            history.end_run(run)
            lines.append(write_run(RunLine(command="discover", targets=(TARGET,), started_at=day(number))))
            lines += [write_visit(one.page) for one in recorded if one.is_recorded]
        replay(twin, read_lines(lines, "visits.jsonl"), "visits.jsonl")
        assert tables(twin) == tables(history)
        assert [replace(change, run=0) for change in twin.changes()] == [
            replace(change, run=0) for change in history.changes()
        ]

    holds()


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_database_that_fails_says_so(history: History) -> None:
    run = history.begin_run("verify", [TARGET])
    with history._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE _changes RENAME TO gone")
    with pytest.raises(OutputError, match=r"history .*changes"):
        history.record(run, [read(day(1), row())])
    with pytest.raises(OutputError, match=r"history .*changes"):
        list(history.changes())
