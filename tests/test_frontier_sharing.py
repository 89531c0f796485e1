"""Several worker processes share one crawl on PostgreSQL: rows once, no page twice, one owner a domain, whatever breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from backlinkbot.items import Claim, Redirect
from backlinkbot.spiders.planned_visit import PlannedVisit
from backlinkbot.spiders.waiting_records import VisitRecord, read_record, written_record
from tests.conftest import run_command
from tests.fakeweb import FakeWeb
from tests.postgres import PostgresServer
from tests.shared_crawls import CONTINUE, DELAY, KILL, STOP, SharedCrawl

REDIRECTED = 12
"""Candidates that redirect to another candidate, which is asked for twice then, in an unbroken run, too."""


@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--history", ""], "there is no history"),
        (["--history", "backlinks.db"], "backlinks.db is a file of one machine"),
        (["--history", "postgresql://127.0.0.1:1/x", "-s", "JOBDIR=job"], "needs no JOBDIR"),
        (["--history", "postgresql://127.0.0.1:1/x", "--visits", "visits.jsonl"], "writes no file of --visits"),
    ],
)
def test_what_cannot_be_shared_is_refused_before_anything_is_fetched(
    web: FakeWeb, tmp_path: Path, more: list[str], why: str
) -> None:
    words = ["backlinkbot", "discover", "target.example", "--seed", "https://a.example/", "--overlap", "join", *more]
    ran = run_command(*words, web=web, cwd=tmp_path)
    assert (ran.status, why in ran.err) == (2, True), ran.err
    assert web.hits == []
    assert not (tmp_path / "backlinks.db").exists()


def test_a_redirected_visit_is_written_with_its_redirects() -> None:
    visit = PlannedVisit(
        requested_url="https://a.example/", discovered_from="candidate", candidates=("a.example",), row=7
    )
    hop = Redirect(url="https://a.example/", status=301, location="//b.example/", to="https://b.example/")
    record = VisitRecord(
        visit=visit,
        url="https://b.example/",
        redirects=(hop,),
        admitted=(5,),
        closed_by=("robots.txt:Googlebot",),
        is_spent=True,
    )
    assert read_record(7, written_record(record)) == record
    plain = VisitRecord(
        visit=PlannedVisit(requested_url="x", discovered_from="y", claims=((Claim(origin="gsc"),),), row=1)
    )
    assert read_record(1, written_record(plain)) == plain


@pytest.mark.slow
@pytest.mark.subprocess
def test_two_workers_give_the_rows_of_one(postgres: PostgresServer, tmp_path: Path) -> None:
    with SharedCrawl(tmp_path, postgres.history(), "verify", hosts=REDIRECTED) as shared:
        expected = shared.unbroken()
        assert shared.wait(shared.join(), shared.join()) == [0, 0], shared.logs()
        assert shared.rows() == expected
        assert len(shared.pages()) == len(shared.urls) + REDIRECTED
        assert shared.nothing_is_left()


@pytest.mark.slow
@pytest.mark.subprocess
def test_four_workers_of_which_one_is_killed_one_stopped_and_one_late(postgres: PostgresServer, tmp_path: Path) -> None:
    with SharedCrawl(tmp_path, postgres.history()) as shared:
        expected = shared.unbroken()
        shared.web.held.add("host5.example/7")  # the crawl lasts until it is let go
        killed, stopped, steady = shared.join(), shared.join(), shared.join()
        shared.wait_for_pages(20)
        before = shared.settled()
        killed.send_signal(KILL)
        stopped.send_signal(STOP)
        late = shared.join()
        shared.wait_until_left(2, of=4)
        shared.web.held.clear()
        stopped.send_signal(CONTINUE)
        assert shared.wait(steady, late) == [0, 0], shared.logs()
        assert shared.wait(stopped) == [75], shared.logs()
        assert "the leases of this worker expired" in shared.logs()
        assert shared.rows() == expected
        assert shared.asked_twice().isdisjoint(before), "a page was asked for again though its visit was committed"
        assert min(shared.gaps()) >= DELAY * 0.5  # Scrapy varies each delay between a half and one and a half
        assert shared.nothing_is_left()
