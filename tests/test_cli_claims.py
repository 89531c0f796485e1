"""What a history remembers of claims, and ``backlinkbot claims`` as a shell meets it."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.cli.main import main
from backlinkbot.history import History
from backlinkbot.history.claim_check import join
from backlinkbot.items import CheckedClaim, Claim, ExtractedPage, JudgedPage, Mismatch, State, Verdict, common_fields
from backlinkbot.reports.worth import count
from backlinkbot.targets import Targets
from tests.history_tables import tables
from tests.visited import ONE, OTHER, SOURCE, TARGET, TWO, day, failed, gone, read, row

TARGETS = Targets.parse([TARGET])
AHREFS = Claim(origin="ahrefs", file="a.csv", row=2, target_url=ONE, anchor="maps", follow=True, confidence=0.8)
GSC = Claim(origin="gsc", file="g.csv", row=3, last_seen="2026-01-01", confidence=0.8)
HOSTILE = '=cmd|"/c calc"!A1'


def claimed(page: JudgedPage, *claims: Claim) -> JudgedPage:
    """The visit of a candidate of which this is claimed."""
    page = replace(page, candidates=(page.requested_url,))
    joined = join(ExtractedPage(**common_fields(page), claims=(claims,)), page.backlinks, (), TARGETS)
    return replace(page, backlinks=joined.backlinks, checked_claims=joined.checked_claims)


def record(url: str, *batches: list[JudgedPage]) -> None:
    with History.open(url) as history:
        for pages in batches:
            run = history.begin_run("verify", [TARGET])
            history.record(run, pages)
            history.end_run(run)


def remembered(url: str) -> list[CheckedClaim]:
    with History.open(url) as history:
        return list(history.claims())


def test_claims_are_remembered_with_their_verdicts(history_url: str) -> None:
    full = Claim(
        origin="semrush",
        file="export.zip/s\0.csv",
        row=7,
        target_url=TWO,
        anchor="Maps \N{PILE OF POO}\ud800",
        rel=("ugc", "nofollow"),
        follow=False,
        first_seen="2019-02-03",
        last_seen="03/04/2026",
        is_lost=True,
        confidence=0.1,
    )
    page = claimed(read(day(1), row(ONE)), AHREFS, GSC, full)
    record(history_url, [page, claimed(gone(day(1), OTHER), GSC)])
    found = remembered(history_url)
    storable = replace(full, file="export.zip/s\ufffd.csv", anchor="Maps \N{PILE OF POO}\ufffd")
    of_page = {judged.claim.origin: judged for judged in found if judged.candidate == SOURCE}
    assert {origin: judged.claim for origin, judged in of_page.items()} == {
        "ahrefs": AHREFS,
        "gsc": GSC,
        "semrush": storable,
    }
    assert {judged.verdict for judged in of_page.values()} == {Verdict.TRUE}
    (other,) = (judged for judged in found if judged.candidate == OTHER)
    assert (other.verdict, other.reasons, other.judged_at) == (Verdict.FALSE, ("page gone",), day(1))


def test_the_same_claim_read_again_is_still_one(history_url: str) -> None:
    newer = replace(AHREFS, file="b.csv", row=9, anchor=" maps ", target_url="http://target.example/#x", follow=False)
    elsewhere = claimed(read(day(1), row(), url=OTHER), AHREFS)
    record(
        history_url,
        [claimed(read(day(1), row(ONE)), AHREFS, AHREFS), elsewhere],
        [claimed(read(day(2), row(ONE)), newer)],
        [claimed(failed(day(3), State.REFUSED), newer, replace(newer, anchor="other"), GSC)],
    )
    found = {
        (judged.candidate, judged.claim.origin, judged.claim.anchor): (
            judged.claim.file,
            judged.verdict,
            judged.judged_at,
        )
        for judged in remembered(history_url)
    }
    unchecked = Verdict.COULD_NOT_CHECK
    assert found == {
        (OTHER, "ahrefs", "maps"): ("a.csv", Verdict.TRUE, day(1)),
        (SOURCE, "ahrefs", " maps "): ("b.csv", unchecked, day(3)),
        (SOURCE, "ahrefs", "other"): ("b.csv", unchecked, day(3)),
        (SOURCE, "gsc", ""): ("g.csv", unchecked, day(3)),
    }


def test_claims_change_nothing_else_in_a_history(tmp_path: Path) -> None:
    urls = [str(tmp_path / "with.db"), str(tmp_path / "without.db")]
    for url, claims in zip(urls, [(replace(AHREFS, follow=False), GSC), ()], strict=True):
        visits = [read(day(1), row(ONE)), read(day(2), row(ONE)), gone(day(3))]
        record(url, *([claimed(visit, *claims) if claims else visit] for visit in visits))
    with History.open(urls[0]) as one, History.open(urls[1]) as other:
        told, plain = tables(one), tables(other)
        assert len(told.pop("claims")) == 2
        assert plain.pop("claims") == []
        for runs in (told["runs"], plain["runs"]):
            assert [run.pop("started_at") for run in runs]  # whose seconds may differ
        assert told == plain
        assert {row.claimed_by for row in one.backlinks()} == {()}


def test_what_is_no_address_is_not_remembered(tmp_path: Path) -> None:
    url = str(tmp_path / "h.db")
    record(url, [claimed(failed(day(1), State.UNREACHABLE, url="no address"), GSC)])
    assert remembered(url) == []


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Two sources, one of them in two files."""
    url = str(tmp_path / "h.db")
    june = replace(AHREFS, file="june.csv", anchor=HOSTILE)
    record(
        url,
        [
            claimed(read(day(1), row(ONE)), AHREFS, june, GSC),
            claimed(read(day(1), url=OTHER), AHREFS, GSC),
            claimed(gone(day(1), "https://c.example/"), june),
            claimed(failed(day(1), State.BLOCKED_BY_ROBOTS, url="https://d.example/"), AHREFS),
        ],
    )
    return url


def ask(capsys: pytest.CaptureFixture[str], url: str, *words: str) -> str:
    assert main(["claims", "--history", url, *words]) == 0
    return capsys.readouterr().out


def test_what_each_source_is_worth(capsys: pytest.CaptureFixture[str], url: str) -> None:
    ahrefs, gsc = map(json.loads, ask(capsys, url, "--format", "jsonl").splitlines())
    nothing = dict.fromkeys((mismatch.value.replace(" ", "_") for mismatch in Mismatch), 0)
    assert ahrefs == nothing | {
        "origin": "ahrefs",
        "rows": 5,
        "pages": 4,
        "pages_checked": 3,
        "true": 1,
        "false": 3,
        "page_gone": 1,
        "link_missing": 1,
        "anchor_differs": 1,
        "could_not_check": 1,
        "share_true": 25.0,
    }
    assert gsc == nothing | {
        "origin": "gsc",
        "rows": 2,
        "pages": 2,
        "pages_checked": 2,
        "true": 1,
        "false": 1,
        "link_missing": 1,
        "could_not_check": 0,
        "share_true": 50.0,
    }


def test_the_files_of_a_source(capsys: pytest.CaptureFixture[str], url: str) -> None:
    rows = list(
        csv.DictReader(io.StringIO(ask(capsys, url, "--format", "csv", "--view", "files", "--origin", "ahrefs")))
    )
    assert [(row["file"], row["rows"], row["true"], row["false"]) for row in rows] == [
        ("a.csv", "3", "1", "1"),
        ("june.csv", "2", "0", "2"),
    ]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_the_claims_themselves_in_a_file(
    capsys: pytest.CaptureFixture[str], url: str, tmp_path: Path, ending: str
) -> None:
    file = tmp_path / f"claims.{ending}"
    assert ask(capsys, url, "--view", "claims", "-o", str(file)) == ""
    with file.open(encoding="utf-8", newline="") as lines:
        rows: list[dict[str, Any]] = (
            list(csv.DictReader(lines)) if ending == "csv" else [json.loads(line) for line in lines]
        )
    assert len(rows) == 7
    (hostile,) = (row for row in rows if row["reasons"] in ("anchor differs", ["anchor differs"]))
    assert hostile["claimed_anchor"] == (f"'{HOSTILE}" if ending == "csv" else HOSTILE)
    assert (hostile["candidate"], hostile["claimed_target"], hostile["verdict"]) == (SOURCE, ONE, "false")
    assert hostile["claimed_follow"] == "true"


def test_a_table_for_people(capsys: pytest.CaptureFixture[str], url: str) -> None:
    table = ask(capsys, url)
    assert "could_not_check" in table
    assert "25.0" in table
    assert SOURCE in ask(capsys, url, "--view", "claims", "--format", "md")


def test_without_a_history_and_without_claims(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    url = str(tmp_path / "h.db")
    assert main(["claims", "--history", url]) == 2
    assert "it does not exist yet" in capsys.readouterr().err
    record(url, [read(day(1), row())])
    assert ask(capsys, url, "--format", "jsonl") == ""
    assert main(["claims", "--history", url, "-o", "claims.txt"]) == 2
    assert "unknown format" in capsys.readouterr().err


# --- sums -------------------------------------------------------------------------------------------------------------

JUDGED = st.builds(
    lambda origin, file, page, verdict, reason: CheckedClaim(
        candidate=f"https://{page}.example/",
        claim=Claim(origin=origin, file=file),
        verdict=verdict,
        reasons=() if verdict is Verdict.TRUE else (reason.value,),
    ),
    st.sampled_from("ab"),
    st.sampled_from("xyz"),
    st.sampled_from("pqr"),
    st.sampled_from(Verdict),
    st.sampled_from(Mismatch),
)


@given(st.lists(JUDGED))
def test_the_sums_are_right(claims: list[CheckedClaim]) -> None:
    sources, files = count(claims), count(claims, "files")
    assert sum(worth.rows for worth in sources) == len(claims)
    for worth in (*sources, *files):
        assert worth.rows == worth.true + worth.false + worth.could_not_check
        assert worth.false == sum(getattr(worth, mismatch.value.replace(" ", "_")) for mismatch in Mismatch)
        assert worth.pages_checked <= worth.pages <= worth.rows
        assert (worth.share_true is None) == (worth.true + worth.false == 0)
    for source in sources:
        of_it = [worth for worth in files if worth.origin == source.origin]
        assert sum(worth.true for worth in of_it) == source.true
        assert max(worth.pages for worth in of_it) <= source.pages
