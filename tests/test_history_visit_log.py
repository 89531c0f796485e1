"""Visits as lines of JSON: what is read is what was written, and what is no visit is said to be none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.errors import HistoryError
from backlinkbot.history.visit_log import RunLine, read, write_run, write_visit
from backlinkbot.items import CheckedClaim, Claim, JudgedPage, State, Verdict
from tests import visited
from tests.visited import day, failed, row

TEXTS = st.text(st.characters(), max_size=20)


@given(st.lists(TEXTS, min_size=4, max_size=4), st.lists(TEXTS), st.sampled_from(list(State)))
def test_what_is_read_is_what_was_written(texts: list[str], rel: list[str], state: State) -> None:
    title, anchor, reason, href = texts
    follow = not rel
    run = RunLine(command="verify", targets=(title, anchor), includes_own=follow, started_at=day(1))
    pages = [
        visited.read(
            day(1), row(source_title=title, anchor=anchor, raw_href=href, rel=tuple(rel), follow=follow), etag=anchor
        ),
        failed(day(2), state, reason),
    ]
    lines = [write_run(run), *map(write_visit, pages)]
    assert all(line.isascii() and "\n" not in line for line in lines)
    assert list(read(lines, "visits.jsonl")) == [run, *pages]


def test_what_a_recording_adds_is_not_written() -> None:
    page = visited.read(day(1), row(first_seen=day(1), last_seen=day(1), state="live"))
    (again,) = read([write_visit(page)], "visits.jsonl")
    assert isinstance(again, JudgedPage)
    assert again == visited.read(day(1), row())


@pytest.mark.parametrize(
    "line",
    ["", "{}", "[]", "null", "{", '{"run": {}}', '{"url": "https://a.example/"}', '{"run": {"targets": []}}', "3"],
)
def test_what_is_no_visit(line: str) -> None:
    good = write_run(RunLine(command="verify", targets=()))
    with pytest.raises(HistoryError, match=r"v\.jsonl, line 2: not a visit as --visits writes them"):
        list(read([good, line], "v.jsonl"))


@given(st.lists(TEXTS, min_size=6, max_size=6), st.booleans() | st.none(), st.sampled_from(list(Verdict)))
def test_judged_claims_are_read_as_they_were_written(texts: list[str], follow: bool | None, verdict: Verdict) -> None:  # noqa: FBT001 - hypothesis names none
    origin, file, target_url, anchor, token, candidate = texts
    claim = Claim(origin=origin, file=file, row=3, target_url=target_url, anchor=anchor, rel=(token,), follow=follow)
    judged = (
        CheckedClaim(candidate=candidate, claim=claim, verdict=verdict, reasons=("follow differs",), judged_at=day(1)),
        CheckedClaim(candidate=candidate, claim=Claim(origin="list"), verdict=verdict),
    )
    page = visited.read(day(1), row(), checked_claims=judged)
    assert list(read([write_visit(page)], "visits.jsonl")) == [page]


def test_visits_of_before_there_were_claims_are_read() -> None:
    page = visited.read(day(1), row())
    assert "judged" not in write_visit(page)
