"""Unfinished crawls in the history: begun, added to, resumed, finished, forgotten; the same in both databases."""

from __future__ import annotations

from array import array
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from backlinkbot.history import History
from backlinkbot.history.crawl_commit import (
    CrawlCommit,
    OpenCrawl,
    crawl_key,
    packed_hashes,
    packed_pages,
    unpacked_hashes,
    unpacked_pages,
)
from backlinkbot.items import Backlink, Check, JudgedPage, State

KEY = crawl_key({"spider": "discover"})
TARGET = "target.example"
PAGE = "https://a.example/page"


def begin(history: History, *, key: bytes = KEY, fresh: bool = False, **bounds: int) -> OpenCrawl:
    run = history.begin_run("discover", [TARGET])
    crawl = history.begin_crawl(run, key, bounds, fresh=fresh)
    assert crawl is not None
    return crawl


def commit(*rows: int, done: tuple[int, ...] = (), **sets: list[int]) -> CrawlCommit:
    return CrawlCommit(
        rows={row: f"record {row}".encode() for row in rows},
        done=set(done),
        hashes={name: array("Q", numbers) for name, numbers in sets.items()},
    )


def row(**changed: Any) -> Backlink:
    columns = {"target": TARGET, "source_url": PAGE, "source_domain": "a.example", "source_title": "A \ud800 page"}
    columns |= {"target_url": f"https://{TARGET}/", "raw_href": f"https://{TARGET}/", "anchor": "a, b"}
    return Backlink(**(required() | columns | changed))


def required() -> dict[str, Any]:
    from dataclasses import MISSING, fields

    of_type: dict[str, Any] = {"str": "", "int": 0, "bool": False, "bool | None": None}
    lacking = [one for one in fields(Backlink) if one.default is MISSING and one.default_factory is MISSING]
    return {one.name: of_type.get(str(one.type), ()) for one in lacking}


def counts(url: str) -> list[int]:
    with History.open(url) as history, history._engine.connect() as connection:
        return [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("_crawls", "_frontier", "_crawl_commits")
        ]


def test_a_killed_crawl_is_resumed_with_all_that_was_committed(history_url: str) -> None:
    with History.open(history_url) as history:
        crawl = begin(history)
        assert (crawl.runs, crawl.next_row, crawl.waiting) == ((), 1, 0)
        history.save_crawl(
            crawl, [commit(1, 2, 3, known=[5, 6, 7]), commit(4, done=(2,), known=[2**64 - 1], visited=[6])]
        )
        history.save_crawl(crawl, [CrawlCommit(lessons=[[3, "a.example", 1, 2, 3, [4]]])])
    with History.open(history_url) as history:
        again = begin(history)
        assert (again.id, again.runs, again.next_row, again.waiting, again.done) == (crawl.id, (crawl.run,), 5, 3, 1)
        assert again.sizes["known"] == 4
        assert list(history.waiting_pages(again)) == [(1, b"record 1"), (3, b"record 3"), (4, b"record 4")]
        parts = list(history.crawl_parts(again))
        assert [list(part.hashes.get("known", ())) for part in parts] == [[5, 6, 7, 2**64 - 1], []]
        assert list(parts[0].hashes["visited"]) == [6]
        assert history.crawl_lessons(again, 10) == [[3, "a.example", 1, 2, 3, [4]]]
        assert history.pending() == {again.run: 3}


def test_a_page_that_came_and_went_within_a_commit_leaves_no_row(history_url: str) -> None:
    with History.open(history_url) as history:
        crawl = begin(history)
        history.save_crawl(crawl, [commit(1, 2), commit(3, done=(1, 3))])
        history.save_crawl(crawl, [commit(4, done=(2, 4))])
        assert history.pending() == {crawl.run: 0}


def test_what_a_transaction_has_taken_is_taken_from_the_list_and_what_fails_is_not(history_url: str) -> None:
    with History.open(history_url) as history:
        crawl = begin(history)
        commits = [commit(1)]
        history.save_crawl(crawl, commits)
        assert commits == []
        commits = [commit(1)]
        with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
            history.save_crawl(crawl, commits)
        assert len(commits) == 1


def test_a_crawl_that_another_process_is_at_work_on_is_not_resumed(history_url: str) -> None:
    with History.open(history_url) as history, History.open(history_url) as other:
        begin(history)
        run = other.begin_run("discover", [TARGET])
        assert other.begin_crawl(run, KEY, {}) is None
        assert begin(other, key=crawl_key({"spider": "verify"})).runs == ()


def test_a_finished_crawl_leaves_nothing_and_the_next_begins(history_url: str) -> None:
    with History.open(history_url) as history:
        crawl = begin(history)
        history.save_crawl(crawl, [commit(1, known=[1])])
        history.save_crawl(crawl, [commit(done=(1,), visited=[1])])
        history.end_run(crawl.run, crawl=crawl, is_over=True)
    assert counts(history_url) == [0, 0, 0]
    with History.open(history_url) as history:
        assert begin(history).runs == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "bound", "is_resumed"),
    [(10, 10, False), (10, 5, False), (10, 11, True), (10, 0, True), (0, 10, False), (0, 0, False)],
)
def test_a_crawl_that_its_bound_has_ended_is_resumed_with_a_higher_one(
    history_url: str,
    before: int,
    bound: int,
    is_resumed: bool,  # noqa: FBT001 - of the table
) -> None:
    with History.open(history_url) as history:
        crawl = begin(history, max_pages=before, max_depth=0)
        history.save_crawl(crawl, [commit(1)])
        history.end_run(crawl.run, crawl=crawl, bounds={"max_pages": before, "max_depth": 0}, is_over=True)
        again = begin(history, max_pages=bound, max_depth=0)
        assert again.runs == ((crawl.run,) if is_resumed else ())
        assert again.waiting == int(is_resumed)


def test_an_interrupted_crawl_is_resumed_whatever_its_bounds(history_url: str) -> None:
    with History.open(history_url) as history:
        crawl = begin(history, max_pages=10)
        history.save_crawl(crawl, [commit(1)])
        history.end_run(crawl.run, crawl=crawl, bounds={"max_pages": 10}, exit_status=130)
        assert begin(history, max_pages=5).runs == (crawl.run,)


def test_a_fresh_crawl_gives_the_unfinished_one_up(history_url: str) -> None:
    with History.open(history_url) as history:
        history.save_crawl(begin(history), [commit(1)])
    with History.open(history_url) as history:
        fresh = begin(history, fresh=True)
        assert (fresh.runs, fresh.waiting) == ((), 0)
    assert counts(history_url) == [1, 0, 0]


def test_a_crawl_is_forgotten_by_the_number_of_any_of_its_runs(history_url: str) -> None:
    with History.open(history_url) as history:
        first = begin(history)
        history.save_crawl(first, [commit(1, 2)])
    with History.open(history_url) as history:
        second = begin(history)
        assert history.forget_crawl(99) is None
        assert history.forget_crawl(first.run) == 2
        assert history.forget_crawl(second.run) is None
    assert counts(history_url) == [0, 0, 0]


def test_pending_counts_candidates_that_have_no_answer(history_url: str) -> None:
    with History.open(history_url) as history:
        crawl = begin(history)
        history.save_crawl(crawl, [CrawlCommit(listed=5), commit(answered=[1, 2])])
        assert history.pending() == {crawl.run: 3}


def test_rows_are_given_again_as_they_were_with_the_state_of_their_run(history_url: str) -> None:
    page = JudgedPage(url=PAGE, requested_url=PAGE, fetched_at="2026-01-01T12:00:00Z", candidates=(PAGE,))
    check = Check(
        candidate=PAGE,
        state=State.LINKED,
        status=200,
        reason="",
        final_url=PAGE,
        backlinks=1,
        fetched_at=page.fetched_at,
    )
    with History.open(history_url) as history:
        crawl = begin(history)
        commits = [commit(1)]
        given = JudgedPage(**{**_fields(page), "backlinks": (row(),), "checks": (check,)})
        (recorded,) = history.record(crawl.run, [given], crawl=crawl, commits=commits)
        assert commits == []
        history.end_run(crawl.run, crawl=crawl, is_reported=False, exit_status=1)
        again = begin(history)
        ((read, is_reported),) = history.reported_pages(again)
        assert not is_reported
        assert (read.backlinks, read.checks) == (recorded.page.backlinks, recorded.page.checks)
        assert read.backlinks[0].state == "new"
        history.end_run(again.run, crawl=again, is_reported=True)
        last = begin(history)
        assert [is_reported for _, is_reported in history.reported_pages(last)] == [True]


def _fields(page: JudgedPage) -> dict[str, Any]:
    return {name: getattr(page, name) for name in JudgedPage.__dataclass_fields__}


def test_visits_that_need_no_transaction_leave_their_commit_for_the_next(history_url: str) -> None:
    with History.open(history_url) as history:
        crawl = begin(history)
        commits = [commit(1)]
        silent = JudgedPage(url=PAGE, requested_url=PAGE, fetched_at="2026-01-01T12:00:00Z")
        history.record(crawl.run, [silent], crawl=crawl, commits=commits)
        assert len(commits) == 1
        assert history.pending() == {crawl.run: 0}


@given(st.lists(st.integers(min_value=0, max_value=2**64 - 1)))
def test_hashes_are_read_as_they_were_written(numbers: list[int]) -> None:
    assert list(unpacked_hashes(packed_hashes(array("Q", numbers)))) == numbers
    assert len(packed_hashes(array("Q", numbers))) == 8 * len(numbers)


def test_pages_without_rows_and_checks_are_not_written() -> None:
    silent = JudgedPage(url=PAGE, requested_url=PAGE, fetched_at="2026-01-01T12:00:00Z")
    assert packed_pages([silent]) is None
    linking = JudgedPage(**{**_fields(silent), "backlinks": (row(),)})
    (read,) = unpacked_pages(packed_pages([silent, linking]) or b"")
    assert read.backlinks == linking.backlinks
