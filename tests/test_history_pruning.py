"""Pruning a history: old visits and unwanted targets go, and nothing that tells a link's state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backlinkbot.cli.main import main
from backlinkbot.errors import HistoryError
from backlinkbot.history import History, Pruned
from backlinkbot.items import Candidate, Claim
from tests.history_tables import tables
from tests.visited import ONE, OTHER, SOURCE, TARGET, TWO, day, gone, read, row

UNWANTED = "unwanted.example"
THERE = "https://unwanted.example/"


@pytest.fixture
def history(history_url: str) -> Iterator[History]:
    with History.open(history_url) as history:
        yield history


@pytest.fixture
def watched(history: History) -> History:
    """Three runs on three days for two targets; one page links to both, one to the unwanted only, one is claimed to."""
    unwanted = row(THERE, target=UNWANTED)
    only, claimed = "https://only.example/", "https://claimed.example/"
    pages = [
        [read(day(1), row(ONE), unwanted), read(day(1), unwanted, url=only), read(day(1), unwanted, url=claimed)],
        [read(day(2), row(ONE, anchor="atlas"), unwanted), gone(day(2), url=only), read(day(2), row(TWO), url=OTHER)],
        [read(day(3), row(ONE, anchor="atlas")), gone(day(3), url=only), gone(day(3), url=OTHER)],
    ]
    for number, visits in enumerate(pages, start=1):
        run = history.begin_run("verify", [TARGET, UNWANTED], started_at=day(number))
        history.record(run, visits)
        history.end_run(run, finished_at=day(number, 13))
    run = history.begin_run("import", [], started_at=day(3))
    history.add_candidates(run, [Candidate(url=claimed, claims=(Claim(origin="gsc"),))])
    history.end_run(run)
    return history


def told(history: History) -> dict[str, Any]:
    """What a history says, without its list of visits."""
    return {name: rows for name, rows in tables(history).items() if name != "visits"}


def test_old_visits_go_and_everything_else_stays(watched: History) -> None:
    before, rows, pages = told(watched), list(watched.backlinks()), list(watched.known_pages())
    assert watched.prune(before=day(3)) == Pruned(visits=6)
    assert [visit.at for visit in watched.visits()] == [day(3)] * 3
    assert (told(watched), list(watched.backlinks()), list(watched.known_pages())) == (before, rows, pages)
    run = watched.begin_run("verify", [TARGET], started_at=day(5))
    (recorded,) = watched.record(run, [gone(day(5), url=OTHER)])
    assert [(change.kind, change.reason) for change in recorded.changes] == [("lost", "page_gone")]


def test_an_unwanted_target_goes_with_all_that_only_it_needs(watched: History) -> None:
    rows = [one for one in watched.backlinks() if one.target == TARGET]
    wanted = [list(watched.changes(run=run, targets=[TARGET])) for run in (1, 2, 3)]
    assert watched.prune(targets=[UNWANTED]) == Pruned(visits=3, backlinks=3, changes=5, pages=1)
    assert list(watched.backlinks()) == rows
    assert [list(watched.changes(run=run)) for run in (1, 2, 3)] == wanted
    assert {page.url for page in watched.known_pages()} == {SOURCE, OTHER, "https://claimed.example/"}
    assert [judged.claim.origin for judged in watched.claims()] == ["gsc"]
    run = watched.begin_run("verify", [TARGET, UNWANTED], started_at=day(4))
    (recorded,) = watched.record(run, [read(day(4), row(ONE, anchor="atlas"), row(THERE, target=UNWANTED))])
    assert [(change.target, change.reason) for change in recorded.changes] == [(UNWANTED, "page_found")]


def test_both_are_counted_together_and_a_dry_run_removes_nothing(watched: History) -> None:
    before = tables(watched)
    found = watched.prune(before=day(2), targets=[UNWANTED], dry_run=True)
    assert tables(watched) == before
    assert watched.prune(before=day(2), targets=[UNWANTED, UNWANTED]) == found
    assert found == Pruned(visits=5, backlinks=3, changes=5, pages=1)
    assert watched.prune(before=day(2)) == Pruned()


def test_the_database_is_sound_afterwards(watched: History) -> None:
    watched.prune(before=day(3), targets=[UNWANTED])
    with watched._engine.connect() as connection:
        names = {"sqlite": "SELECT name FROM sqlite_master", "postgresql": "SELECT indexname FROM pg_indexes"}
        found = connection.exec_driver_sql(names[connection.dialect.name]).scalars().all()
        assert [name for name in found if name.startswith("ix_prune")] == []
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_nothing_is_pruned_while_a_run_is_at_work(watched: History, history_url: str) -> None:
    before = told(watched)
    with History.open(history_url) as other:
        run = other.begin_run("verify", [TARGET], started_at=day(4))
        with pytest.raises(HistoryError, match=rf"run {run} is at work in this history"):
            watched.prune(before=day(3))
        other.end_run(run)
    assert {**told(watched), "runs": []} == {**before, "runs": []}
    assert watched.prune(before=day(3)) == Pruned(visits=6)


def test_a_killed_run_does_not_stand_in_the_way(watched: History, history_url: str) -> None:
    with History.open(history_url) as killed:
        killed.begin_run("verify", [TARGET], started_at=day(4))
    assert watched.prune(before=day(3)) == Pruned(visits=6)


def test_an_unknown_target_removes_nothing(watched: History) -> None:
    before = tables(watched)
    with pytest.raises(HistoryError, match=r"no target 'x.example'; it knows target.example, unwanted.example"):
        watched.prune(before=day(3), targets=["x.example"])
    assert tables(watched) == before


@pytest.mark.slow
def test_the_file_gets_smaller(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    with History.open(str(path)) as history:
        for number in range(1, 15):
            run = history.begin_run("verify", [TARGET], started_at=day(number))
            history.record(run, [read(day(number), row(), url=f"https://a.example/{n}") for n in range(300)])
            history.end_run(run)
    size = path.stat().st_size
    with History.open(str(path)) as history:
        assert history.prune(before=day(14)) == Pruned(visits=13 * 300)
    assert path.stat().st_size < size * 0.7


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_removed(
    watched: History, history_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    watched.close()
    history = ["--history", history_url]
    assert main(["prune", *history, "--visits-before", "2026-01-03", "--dry-run"]) == 0
    assert main(["prune", *history, "--visits-before", day(3)]) == 0
    assert main(["prune", *history, "--visits-before", "0", "--drop-target", UNWANTED]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "would be removed: 6 visits, 0 backlinks, 0 changes, 0 pages",
        "removed: 6 visits, 0 backlinks, 0 changes, 0 pages",
        "removed: 3 visits, 3 backlinks, 5 changes, 1 pages",
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "nothing is named to remove: --visits-before DATE or DAYS, --drop-target NAME"),
        (["--visits-before", "yesterday"], "--visits-before yesterday: a day is expected"),
        (["--visits-before", "9999999"], "--visits-before 9999999: a day is expected"),
        (["--drop-target", "x.example"], "the history knows no target 'x.example'; it knows none"),
    ],
)
def test_what_cannot_be_pruned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], complaint: str
) -> None:
    path = str(tmp_path / "h.db")
    History.open(path).close()
    assert main(["prune", "--history", path, *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_there_must_be_a_history(tmp_path: Path) -> None:
    assert main(["prune", "--history", str(tmp_path / "none.db"), "--visits-before", "1"]) == 2
    assert list(tmp_path.iterdir()) == []


def test_pages_that_never_had_a_link_stay(history: History) -> None:
    run = history.begin_run("verify", [TARGET], started_at=day(1))
    history.record(run, [read(day(1), url=SOURCE), replace(read(day(1), row(), url=OTHER))])
    history.end_run(run)
    assert history.prune(targets=[TARGET]) == Pruned(visits=1, backlinks=1, changes=1, pages=1)
    assert [page.url for page in history.known_pages()] == [SOURCE]
