"""Candidates that a history knows from files: kept once, renewed, visited when they are asked for, judged whenever seen."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from backlinkbot.cli.main import main
from backlinkbot.errors import UsageError
from backlinkbot.extensions.outcome import exit_status
from backlinkbot.history import History
from backlinkbot.history.observation import VisitOutcome
from backlinkbot.history.reader import IMPORT
from backlinkbot.items import Candidate, CheckedClaim, Claim, State, Verdict
from tests.conftest import CrawlFunction, link, links
from tests.fakeweb import FakeWeb
from tests.test_spiders_recheck import later
from tests.visited import ONE, SOURCE, TARGET, day, read, row

T = "https://target.example/"
A, B, C = "https://a.example", "https://b.example", "https://c.example"
Printed = pytest.CaptureFixture[str]
AHREFS = Claim(origin="ahrefs", file="a.csv", row=2, target_url=ONE, anchor="maps", follow=True, confidence=0.8)
NAMED = Claim(origin="sitemap", file="s.xml", row=1, confidence=0.05)


def add(url: str, *candidates: Candidate) -> int:
    with History.open(url) as history:
        run = history.begin_run(IMPORT, ())
        unfit = history.add_candidates(run, candidates)
        history.end_run(run)
        return unfit


def verdicts(url: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Verdict and reasons by candidate and origin."""
    with History.open(url) as history:
        return {(c.candidate, c.claim.origin): (c.verdict.value, ",".join(c.reasons)) for c in history.claims()}


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_a_candidate_is_a_page_that_nobody_has_visited(history_url: str) -> None:
    candidates = [
        Candidate(url="http://A.example:80/page#x", claims=(NAMED,)),
        Candidate(url="b.example", claims=(AHREFS,), is_domain=True),
        Candidate(url=SOURCE, claims=(AHREFS,)),
        Candidate(url=C),
        Candidate(url="not a page", claims=(AHREFS,)),
    ]
    assert add(history_url, *candidates) == 1
    with History.open(history_url) as history:
        assert list(history.known_pages()) == []
        assert list(history.visits()) == []
        found = list(history.unvisited())
        (run,) = history.runs()
    # What is one page to a history stands together; pages that are as likely have no order.
    assert sorted((sorted(page, key=str) for page in found), key=str) == [
        [Candidate(url="b.example", claims=(AHREFS,), is_domain=True)],
        [candidates[0], candidates[2]],
        [Candidate(url=f"{C}/")],
    ]
    assert (run.command, run.targets) == ("import", ())
    assert set(verdicts(history_url).values()) == {("could_not_check", "not_visited")}


def test_the_same_claim_read_again_is_renewed_and_keeps_its_verdict(history_url: str) -> None:
    add(history_url, Candidate(url=SOURCE, claims=(AHREFS,)))
    with History.open(history_url) as history:
        run = history.begin_run("verify", [TARGET])
        (known,) = history.claims_of("a.example/page")
        judged = replace(known, verdict=Verdict.TRUE, reasons=(), judged_at=day(2))
        history.record(run, [replace(read(day(2), row()), checked_claims=(judged,))])
        history.end_run(run)
        assert list(history.unvisited()) == []
        (page,) = history.known_pages()
        assert (page.first_visit_at, page.last_visit_at, page.visits) == (day(2), day(2), 1)
    newer = replace(AHREFS, file="b.csv", row=9, last_seen="2026-11-11", confidence=0.5)
    add(history_url, Candidate(url=SOURCE, claims=(newer,)))
    with History.open(history_url) as history:
        (found,) = history.claims()
        assert found == replace(judged, claim=newer)
        # What says something else is not what was judged.
        changed = replace(newer, follow=False, rel=("nofollow",))
        add(history_url, Candidate(url=SOURCE, claims=(changed,)))
        (found,) = history.claims()
        assert (found.claim, found.verdict, found.reasons, found.judged_at) == (
            changed,
            Verdict.COULD_NOT_CHECK,
            ("not_visited",),
            "",
        )


def test_the_likeliest_comes_first(history_url: str) -> None:
    likely = {
        "https://e.example/": 0.05,
        "https://f.example/": 0.8,
        "https://d.example/": 0.5,
        "https://a.example/": 0.1,
    }
    add(history_url, *(Candidate(url=url, claims=(replace(AHREFS, confidence=how),)) for url, how in likely.items()))
    add(history_url, Candidate(url="https://e.example/", claims=(NAMED,)))
    with History.open(history_url) as history:
        found = [page[0].url[8] for page in history.unvisited()]
    assert found == ["f", "d", "a", "e"]


def test_a_run_that_looks_for_something_else_says_nothing_of_a_claim(history_url: str) -> None:
    with History.open(history_url) as history:
        run = history.begin_run("verify", [TARGET])
        for verdict, reasons in (
            (Verdict.TRUE, ()),
            (Verdict.COULD_NOT_CHECK, ("not_looked_for",)),
            (Verdict.COULD_NOT_CHECK, ("refused",)),
        ):
            judged = CheckedClaim(candidate=SOURCE, claim=AHREFS, verdict=verdict, reasons=reasons, judged_at=day(1))
            history.record(run, [replace(read(day(1), row()), checked_claims=(judged,))])
            kept = ("true", "") if "refused" not in reasons else ("could_not_check", "refused")
            assert verdicts(history_url) == {(SOURCE, "ahrefs"): kept}


def test_the_last_run_is_the_last_that_visited(history_url: str) -> None:
    with History.open(history_url) as history:
        run = history.begin_run("verify", [TARGET])
        history.end_run(run)
        add(history_url, Candidate(url=SOURCE))
        assert history.last_run() == run


# --- what later runs make of them -------------------------------------------------------------------------------------


def write_export(path: Path, rows: Iterable[tuple[str, str, str]]) -> str:
    with path.open("w", encoding="utf-16", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL)
        writer.writerow(["Referring page URL", "Domain rating", "Target URL", "Anchor"])
        writer.writerows((page, "41", target, anchor) for page, target, anchor in rows)
    return str(path)


def plant(web: FakeWeb) -> None:
    web.page(f"{A}/", links("/page", "/old", "/plain"))
    web.page(f"{A}/page", link(T, "maps"))
    web.page(f"{A}/plain", "<p>Nothing.")
    web.redirect(f"{A}/old", f"{A}/page")
    web.page(f"{B}/", link(T, "ink"))


@pytest.fixture
def url(tmp_path: Path, capsys: Printed) -> str:
    """A history that knows what an export claims."""
    rows = [
        (f"{A}/page", T, "maps"),
        (f"{A}/page", T, "Pens"),
        (f"{A}/plain", T, "maps"),
        (f"{B}/", T, "ink"),
        (f"{B}/other", "https://other.example/", "x"),
    ]
    export, url = write_export(tmp_path / "ahrefs.csv", rows), str(tmp_path / "h.db")
    assert main(["import", export, "--history", url]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "history: 4 candidates, each page and domain once"
    return url


def test_verify_visits_what_was_imported_and_only_that(web: FakeWeb, crawl: CrawlFunction, url: str) -> None:
    plant(web)
    found = crawl("verify", unvisited="yes", history=url)
    assert {name: check.state for name, check in found.checks.items()} == {
        f"{A}/page": State.LINKED,
        f"{A}/plain": State.NOT_LINKED,
        f"{B}/": State.LINKED,
    }
    assert {r.source_url: (r.claimed_by, r.claim_mismatch) for r in found.rows} == {
        f"{A}/page": (("ahrefs",), ("anchor differs",)),
        f"{B}/": (("ahrefs",), ()),
    }
    with History.open(url) as history:
        comparison = {(c.candidate, c.claim.anchor): (c.verdict.value, ",".join(c.reasons)) for c in history.claims()}
        assert comparison == {
            (f"{A}/page", "maps"): ("true", ""),
            (f"{A}/page", "Pens"): ("false", "anchor differs"),
            (f"{A}/plain", "maps"): ("false", "link missing"),
            (f"{B}/", "ink"): ("true", ""),
            (f"{B}/other", "x"): ("could_not_check", "not_visited"),
        }
        assert [[c.url for c in page] for page in history.unvisited()] == [[f"{B}/other"]]
    again = crawl("verify", unvisited="yes", history=url)
    assert (again.visited, again.stats["backlinks/candidates/unvisited"]) == ([], 0)
    assert exit_status(again.stats) == (0, "nothing is due")


def test_discover_begins_with_what_was_imported(web: FakeWeb, crawl: CrawlFunction, url: str) -> None:
    plant(web)
    found = crawl("discover", unvisited="yes", history=url)
    assert {row.source_url for row in found.rows} == {f"{A}/page", f"{B}/"}


def test_a_crawl_that_meets_a_page_judges_what_is_known_to_be_claimed(
    web: FakeWeb, crawl: CrawlFunction, url: str
) -> None:
    plant(web)
    found = crawl("discover", seeds=f"{A}/", history=url)
    assert {(r.source_url, r.claimed_by, r.claim_mismatch) for r in found.rows} == {
        (f"{A}/page", ("ahrefs",), ("anchor differs",))
    }
    assert found.stats["backlinks/claims/true"] == 1
    assert verdicts(url)[f"{A}/plain", "ahrefs"] == ("false", "link missing")
    assert verdicts(url)[f"{B}/", "ahrefs"] == ("could_not_check", "not_visited")
    # A page that is known from a file is remembered though it holds no link.
    with History.open(url) as history:
        assert (f"{A}/plain", VisitOutcome.READ) in [(visit.url, visit.outcome) for visit in history.visits()]


def test_where_a_visit_ends_counts_too(web: FakeWeb, crawl: CrawlFunction, url: str, tmp_path: Path) -> None:
    plant(web)
    file = tmp_path / "c.txt"
    file.write_text(f"{A}/old")
    visits = tmp_path / "visits.jsonl"
    found = crawl("verify", candidates=str(file), history=url, visits=str(visits))
    (check,) = found.checks.values()
    assert (check.claimed_by, check.claim_mismatch) == (("list", "ahrefs"), ("anchor differs",))
    comparison = verdicts(url)
    assert comparison[f"{A}/old", "list"] == ("true", "")
    assert comparison[f"{A}/page", "ahrefs"][0] != "could_not_check"
    # What visits have judged is rebuilt without the file.
    again = str(tmp_path / "again.db")
    assert main(["replay", str(visits), "--history", again]) == 0
    with History.open(url) as one, History.open(again) as two:
        judged = [c for c in one.claims() if c.judged_at]
        assert sorted(two.claims(), key=str) == sorted(judged, key=str)


def test_a_list_read_again_does_not_hide_what_is_known(
    web: FakeWeb, crawl: CrawlFunction, url: str, tmp_path: Path
) -> None:
    plant(web)
    file = tmp_path / "c.txt"
    file.write_text(f"{B}/\n{B}\n")
    found = crawl("verify", candidates=str(file), history=url)
    assert {name: check.claimed_by for name, check in found.checks.items()} == {
        f"{B}/": ("list", "ahrefs"),
        B: ("list",),
    }
    assert [row.claimed_by for row in found.rows] == [("list", "ahrefs")]


def test_recheck_judges_again_and_spends_what_is_left_on_what_was_imported(
    web: FakeWeb, crawl: CrawlFunction, url: str, tmp_path: Path
) -> None:
    plant(web)
    file = tmp_path / "c.txt"
    file.write_text(f"{A}/page")
    crawl("verify", candidates=str(file), history=url)
    assert verdicts(url)[f"{A}/page", "list"] == ("true", "")
    later(url, 100)
    web.page(f"{A}/page", "<p>It was here.")
    found = crawl("recheck", budget="2", history=url)
    assert found.stats["backlinks/candidates/unvisited"] == 1
    assert {name: check.state.value for name, check in found.checks.items()} == {
        f"{A}/page": "not_linked",
        f"{A}/plain": "not_linked",
    }
    assert verdicts(url)[f"{A}/page", "list"] == ("false", "link missing")
    assert verdicts(url)[f"{A}/page", "ahrefs"] == ("false", "link missing")
    assert found.checks[f"{A}/page"].claimed_by == ("ahrefs", "list")
    assert verdicts(url)[f"{B}/", "ahrefs"] == ("could_not_check", "not_visited")
    found = crawl("recheck", history=url)
    assert found.checks.keys() == {f"{B}/"}
    # Those about what nobody looks for stay where they are.
    assert crawl("recheck", history=url).visited == []


def test_an_unchanged_page_is_judged_by_what_it_had(web: FakeWeb, crawl: CrawlFunction, url: str) -> None:
    plant(web)
    crawl("verify", unvisited="yes", history=url)
    later(url, 100)
    found = crawl("recheck", history=url)
    assert found.stats["backlinks/recheck/same_bytes"] == 3
    assert {r.source_url: (r.claimed_by, r.claim_mismatch) for r in found.rows} == {
        f"{A}/page": (("ahrefs",), ("anchor differs",)),
        f"{B}/": (("ahrefs",), ()),
    }
    with History.open(url) as history:
        begun = min(visit.at for visit in history.visits(run=history.last_run()))
        assert sum(claim.judged_at >= begun for claim in history.claims()) == 4


def test_it_is_refused_where_it_cannot_work(crawl: CrawlFunction, url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs a history"):
        crawl("verify", unvisited="yes", history="")
    with pytest.raises(UsageError, match="needs no JOBDIR"):
        crawl("verify", unvisited="yes", history=url, JOBDIR=str(tmp_path / "job"))


# --- what the commands say of them ------------------------------------------------------------------------------------


def test_claims_and_gap_know_them(url: str, capsys: Printed) -> None:
    assert main(["claims", "--history", url, "--format", "jsonl"]) == 0
    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["rows"], row["could_not_check"], row["share_true"]) == (5, 5, None)
    assert (
        main(["gap", "you.example", "--against", TARGET, "other.example", "--history", url, "--format", "jsonl"]) == 0
    )
    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["domain"], row["competitors"], row["sources"]) == ("b.example", [TARGET, "other.example"], ["ahrefs"])


def test_gap_believes_visits_more_than_claims(web: FakeWeb, crawl: CrawlFunction, url: str, capsys: Printed) -> None:
    plant(web)
    crawl("verify", unvisited="yes", history=url)
    assert main(["gap", "you.example", "--against", TARGET, "--history", url, "--format", "jsonl"]) == 0
    rows = list(map(json.loads, capsys.readouterr().out.splitlines()))
    assert {row["domain"]: (row["links"], row["sources"]) for row in rows} == {
        "a.example": (1, ["history"]),  # and not the page that claims to link, and does not
        "b.example": (1, ["history"]),
    }


def test_import_keeps_in_a_history_and_a_file_at_once(tmp_path: Path, capsys: Printed) -> None:
    source, output, url = tmp_path / "l.txt", tmp_path / "c.jsonl", str(tmp_path / "h.db")
    source.write_text("a.example\nhttps://b.example/x\n")
    assert main(["import", str(source), "-o", str(output), "--history", url]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "history: 2 candidates, each page and domain once",
        f"{output}: 2 candidates, each page and domain once",
    ]
    assert len(output.read_text().splitlines()) == 2
    with History.open(url) as history:
        assert sum(1 for _ in history.unvisited()) == 2


def test_import_refuses_what_is_no_history(tmp_path: Path, capsys: Printed) -> None:
    source = tmp_path / "l.txt"
    source.write_text("a.example\n")
    assert main(["import", str(source), "--history", str(source)]) == 2
    assert "not a database" in capsys.readouterr().err
    assert source.read_text() == "a.example\n"
