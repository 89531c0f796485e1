"""Candidates as files of ours: merged by page, in little memory, and read back as they were."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace
from itertools import islice
from json import loads
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backlinkbot.importers import Reading, merging
from backlinkbot.importers.candidatefiles import as_line, candidate_of, csv_rows
from backlinkbot.importers.merging import Merger, identity
from backlinkbot.items import Candidate, Claim

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=20).map(str.strip)
CLAIMS = st.builds(
    Claim,
    origin=st.sampled_from(["ahrefs", "gsc", "list"]),
    file=TEXT,
    row=st.integers(0, 10**7),
    target_url=TEXT,
    anchor=TEXT,
    rel=st.lists(st.sampled_from(["nofollow", "ugc", "noopener"]), unique=True).map(tuple),
    follow=st.sampled_from([None, True, False]),
    first_seen=st.sampled_from(["", "2024-01-02", "2024-01-02T03:04:05Z"]),
    last_seen=st.sampled_from(["", "2025-01-02"]),
    is_lost=st.booleans(),
    confidence=st.sampled_from([0.0, 0.1, 0.5, 0.75, 0.8]),
)
URLS = st.sampled_from(
    ["https://a.example/", "https://a.example/?x=1,2", "http://b.example/ü", "=cmd", "'c.example/x", "d.example/y z"]
)
CANDIDATES = st.builds(Candidate, url=URLS, claims=st.lists(CLAIMS, max_size=3).map(tuple), is_domain=st.booleans())


def merged(candidates: list[Candidate]) -> list[Candidate]:
    with Merger() as merger:
        for candidate in candidates:
            merger.add(candidate)
        found = [candidate_of(loads(line)) for line in merger.lines()]
    return [candidate for candidate in found if candidate is not None]


def read_back(path: Path) -> list[Candidate]:
    outcomes = list(Reading([path]))
    assert all(isinstance(outcome, Candidate) for outcome in outcomes)
    return [outcome for outcome in outcomes if isinstance(outcome, Candidate)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(candidates=st.lists(CANDIDATES, min_size=1, max_size=6))
def test_what_is_written_is_read_back_without_loss(tmp_path: Path, candidates: list[Candidate]) -> None:
    lines, table = tmp_path / "candidates.jsonl", tmp_path / "candidates.csv"
    lines.write_bytes(b"".join(map(as_line, candidates)))
    assert read_back(lines) == candidates
    # CSV tells two candidates apart by their URL or by the number of the claim, and these start anew.
    table.write_bytes(b"".join(csv_rows(candidates)))
    assert read_back(table) == candidates


@pytest.mark.parametrize("suffix", [".jsonl", ".csv"])
def test_no_candidates_are_a_file_too(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"candidates{suffix}"
    path.write_bytes(b"".join(csv_rows([])) if suffix == ".csv" else b"")
    assert read_back(path) == []


def test_a_cell_is_no_formula_in_the_table() -> None:
    claim = Claim(origin="x", file="=f", anchor="@cmd", target_url="+1")
    text = b"".join(csv_rows([Candidate(url="=1+1", claims=(claim,))])).decode()
    assert text.splitlines()[1].startswith("'=1+1,false,1,x,'=f,0,'+1,'@cmd,")


# --- merging ----------------------------------------------------------------------------------------------------------


def claim(origin: str, row: int = 1, **said: str) -> Claim:
    return Claim(origin=origin, file="f", row=row, confidence=0.5, **said)  # type: ignore[arg-type]


def test_several_origins_for_one_page_merge_with_all_their_claims() -> None:
    first = Candidate(url="https://a.example/x?b=%7e", claims=(claim("ahrefs"), claim("ahrefs", 2)))
    second = Candidate(url="https://b.example/", claims=(claim("gsc"),))
    third = Candidate(url="HTTPS://user@A.example:443/x?b=~#part", claims=(claim("gsc", 9), claim("ahrefs", 2)))
    (a, b) = merged([first, second, third])
    assert (a.url, b.url) == (first.url, second.url)
    assert a.claims == (claim("ahrefs"), claim("ahrefs", 2), claim("gsc", 9))
    assert a.origins == ("ahrefs", "gsc")


def test_a_domain_is_no_page() -> None:
    domain = Candidate(url="a.example", claims=(claim("bing"),), is_domain=True)
    page = Candidate(url="https://a.example/", claims=(claim("gsc"),))
    assert merged([domain, page, domain, page]) == [domain, page]
    assert identity(page) == identity(Candidate(url="a.example/"))


def test_a_log_that_says_the_same_again_and_again_is_one_claim() -> None:
    def line(row: int, target: str, at: str) -> Candidate:
        return Candidate(url="https://a.example/x", claims=(claim("access-log", row, target_url=target, last_seen=at),))

    (found,) = merged(
        [
            line(1, "/", "2025-01-02"),
            line(2, "/", "2025-01-01"),
            line(3, "/x", "2025-01-05"),
            line(4, "/", "2025-01-09"),
        ]
    )
    assert [(said.row, said.target_url, said.first_seen, said.last_seen) for said in found.claims] == [
        (1, "/", "2025-01-01", "2025-01-09"),
        (3, "/x", "", "2025-01-05"),
    ]


def test_a_log_is_brought_together_however_little_is_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "MAX_RECENT", 2)
    lines = [
        Candidate(
            url=f"https://a.example/{number % 5}",
            claims=(claim("access-log", number, last_seen=f"2025-01-{number:02d}"),),
        )
        for number in range(1, 26)
    ]
    assert [(found.claims[0].first_seen, found.claims[0].last_seen, len(found.claims)) for found in merged(lines)] == [
        (f"2025-01-{day:02d}", f"2025-01-{day + 20}", 1) for day in range(1, 6)
    ]


@given(st.lists(CANDIDATES, max_size=12))
def test_merging_keeps_every_claim_and_the_order_and_twice_is_once(candidates: list[Candidate]) -> None:
    once = merged(candidates)
    assert merged(once) == once
    assert [identity(found) for found in once] == list(dict.fromkeys(map(identity, candidates)))
    for found in once:
        wanted = [said for other in candidates if identity(other) == identity(found) for said in other.claims]
        assert set(found.claims) <= set(wanted)
        # A file that says the same of a page in two of its rows says it once.
        assert {replace(said, row=0) for said in found.claims} == {replace(said, row=0) for said in wanted}


def test_two_pages_with_one_hash_stay_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "hash", lambda _key: 7, raising=False)
    pages = [
        Candidate(url=f"https://a.example/{number % 3}", claims=(claim("x", anchor=str(number)),))
        for number in range(9)
    ]
    found = merged(pages)
    assert [(page.url, [said.anchor for said in page.claims]) for page in found] == [
        (f"https://a.example/{number}", [str(number), str(number + 3), str(number + 6)]) for number in range(3)
    ]


@pytest.mark.slow
def test_many_pages_are_merged_in_little_memory() -> None:
    claims = 25_000
    tracemalloc.start()
    with Merger() as merger:
        for number in range(claims):
            url = f"https://a.example/{number % (claims * 4 // 5)}/a-path-of-usual-length"
            merger.add(Candidate(url=url, claims=(claim("x", number, anchor=str(number)),)))
        first = next(iter(islice(merger.lines(), 1)))
        assert len(loads(first)["claims"]) == 2
        assert sum(1 for _ in io.BytesIO(first)) == 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 450 * claims


def test_a_page_that_a_file_names_again_and_again_takes_little_memory() -> None:
    claim = Claim(origin="list", file="l.txt", confidence=0.5)
    with Merger() as merger:
        for row in range(1, 20_001):
            merger.add(Candidate(url="https://a.example/x", claims=(replace(claim, row=row),)))
        tracemalloc.start()
        lines = list(merger.lines())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert [loads(line)["claims"] for line in lines] == [
        [{"origin": "list", "file": "l.txt", "row": 1, "confidence": 0.5}]
    ]
    assert peak < 1_000_000


def test_a_page_of_very_many_claims_comes_in_parts_and_loses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "MOST_TOGETHER", 10)
    with Merger() as merger:
        for number in range(25):
            merger.add(Candidate(url="https://a.example/x", claims=(Claim(origin="ahrefs", anchor=str(number)),)))
        parts = [[claim["anchor"] for claim in loads(line)["claims"]] for line in merger.lines()]
    assert list(map(len, parts)) == [10, 10, 5]
    assert [anchor for part in parts for anchor in part] == [str(number) for number in range(25)]
