"""``--columns`` of every command that prints or writes rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from pyarrow import parquet

from backlinkbot.cli import export
from backlinkbot.cli.main import main
from backlinkbot.cli.show import SHOWN
from backlinkbot.history import History
from backlinkbot.history.claim_check import join
from backlinkbot.importers import read_candidates
from backlinkbot.items import Backlink, Change, Check, Claim, ExtractedPage, JudgedPage, common_fields
from backlinkbot.items.columns import columns_of
from backlinkbot.reports.exports.views import LINKS, VIEWS, row_type
from backlinkbot.reports.gap import Prospect
from backlinkbot.reports.worth import ClaimRow, Worth
from backlinkbot.targets import Targets
from tests.linkrows import backlink, pages, write_rows
from tests.visited import ONE, SOURCE, TARGET, day, read, row

ROWS = [
    *pages("a.example", 3),
    backlink("https://b.example/", anchor="=1,x", rel=("ugc", "nofollow"), follow=False, nofollow_by=("rel:ugc",), via=("302 https://s.example/1,2", "301 https://s.example/")),
]  # fmt: skip


def essential(kind: type[Any]) -> list[str]:
    return [column.name for column in columns_of(kind) if column.is_essential]


def full(kind: type[Any]) -> list[str]:
    return [column.name for column in columns_of(kind)]


def with_claim(page: JudgedPage, claim: Claim) -> JudgedPage:
    """The visit of a candidate of which this is claimed."""
    page = replace(page, candidates=(page.requested_url,))
    extracted = ExtractedPage(**common_fields(page), claims=((claim,),))
    joined = join(extracted, page.backlinks, (), Targets.parse([TARGET]))
    return replace(page, backlinks=joined.backlinks, checked_claims=joined.checked_claims)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Two runs, with a change and a claim."""
    url = str(tmp_path / "watch.db")
    claim = Claim(origin="ahrefs", file="a.csv", row=2, target_url=ONE, anchor="maps", follow=True, confidence=0.8)
    with History.open(url) as history:
        for number in (1, 2):
            page = read(day(number), row(anchor=f"anchor {number}"), url=SOURCE)
            claimed = with_claim(page, claim)
            run = history.begin_run("verify", [TARGET], started_at=day(number))
            history.record(run, [claimed])
            history.end_run(run, finished_at=day(number, 13))
    return url


def narrowed(path: Path, *columns: str) -> Path:
    """A file of the rows with these columns, as ``-o`` with ``--columns`` writes it."""
    whole = write_rows(path.with_name("whole.csv"), ROWS)
    assert (
        main(["export", "--rows", str(whole), "--group", "all", "--columns", ",".join(columns), "-o", str(path)]) == 0
    )
    return path


# --- what is written ---


def sheet(path: Path) -> list[dict[str, Any]]:
    header, *rows = openpyxl.load_workbook(path).active.values
    return [dict(zip(header, row, strict=True)) for row in rows]


READ: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    ".csv": lambda path: list(csv.DictReader(io.StringIO(path.read_text(), newline=""))),
    ".jsonl": lambda path: [json.loads(line) for line in path.read_text().splitlines()],
    ".jl": lambda path: [json.loads(line) for line in path.read_text().splitlines()],
    ".parquet": lambda path: list(parquet.read_table(path).to_pylist()),
    ".xlsx": sheet,
}


@pytest.mark.parametrize("ending", export.ENDINGS)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("essential", essential(Backlink)),
        ("via,anchor,rel,source_url,anchor", ["via", "anchor", "rel", "source_url"]),
        ("rel, essential,links_in_group", ["rel", *essential(Backlink), "links_in_group"]),
        ("full", [name for name in full(row_type(LINKS)) if name not in {"authority", "relevance", "markers", "evidence", "spam"}]),
    ],
)  # fmt: skip
def test_export_in_every_format(ending: str, words: str, expected: list[str], tmp_path: Path) -> None:
    output = tmp_path / f"out{ending}"
    rows = write_rows(tmp_path / "rows.csv", ROWS)
    assert main(["export", "--rows", str(rows), "--group", "all", "--columns", words, "-o", str(output)]) == 0
    found = READ[ending](output)
    assert [list(one) for one in found] == [expected] * len(ROWS)
    lists = {".csv": "ugc,nofollow", ".xlsx": "ugc,nofollow"}
    if "rel" in expected:
        assert found[-1]["rel"] == lists.get(ending, ["ugc", "nofollow"])
    if "via" in expected:
        via = ["302 https://s.example/1,2", "301 https://s.example/"]
        assert found[-1]["via"] == ("\n".join(via) if ending in lists else via)


@pytest.mark.parametrize("view", [LINKS, *VIEWS])
def test_every_view_has_essential_columns(view: str, tmp_path: Path) -> None:
    output, rows = tmp_path / "out.csv", write_rows(tmp_path / "rows.csv", ROWS)
    assert main(["export", "--rows", str(rows), "--view", view, "--columns", "essential", "-o", str(output)]) == 0
    assert list(READ[".csv"](output)[0]) == [n for n in essential(row_type(view)) if n not in {"authority", "markers"}]


def test_what_an_option_adds_is_essential_where_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = str(write_rows(tmp_path / "rows.csv", ROWS))
    assert main(["export", "--rows", rows, "--markers", "--columns", "essential,evidence"]) == 0
    header = capsys.readouterr().out.splitlines()[0].split(",")
    assert header == [*essential(Backlink), "markers", "evidence"]
    assert main(["export", "--rows", rows, "--columns", "essential,evidence"]) == 2
    assert "the column evidence needs --markers" in capsys.readouterr().err


def test_export_of_a_history(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--history", url, "--columns", "state,anchor"]) == 0
    assert capsys.readouterr().out.split() == ["state,anchor", "changed,anchor", "2"]


COMMANDS: dict[str, tuple[str, type[Any]]] = {
    "changes": ("changes --history {url}", Change),
    "claims by source": ("claims --history {url}", Worth),
    "claims": ("claims --history {url} --view claims", ClaimRow),
    "gap": (f"gap other.example --against {TARGET} --history {{url}}", Prospect),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_history_is_asked(command: str, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words, kind = COMMANDS[command]
    line = words.format(url=url).split()
    unasked = {"file"} if command == "claims by source" else set()
    last, first = [column for column in full(kind) if column not in unasked][-1:-3:-1]

    def header(*more: str) -> list[str]:
        assert main([*line, *more]) == 0
        out = capsys.readouterr().out
        if "jsonl" in more:
            return list(json.loads(out.splitlines()[0]))
        return [cell.strip() for cell in out.splitlines()[0].replace("|", ",").strip(", ").split(",")]

    assert header("--format", "md") == [name for name in essential(kind) if name not in unasked]
    for form in ("csv", "jsonl"):
        assert header("--format", form) == [name for name in full(kind) if name not in unasked]
    for form in ("md", "csv", "jsonl"):
        assert header("--format", form, "--columns", f"{last},{first},{last}") == [last, first]
        assert header("--format", form, "--columns", "full")[0] == full(kind)[0]
    assert main([*line, "--columns", f"{last},{first}"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[0].split() == [last, first]
    if command != "changes":
        for ending in export.ENDINGS:
            output = tmp_path / f"out{ending}"
            assert main([*line, "--columns", f"{last},{first}", "-o", str(output)]) == 0
            assert list(READ[ending](output)[0]) == [last, first]


def test_runs(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "--history", url, "--format", "csv", "--columns", "finished_at,id"]) == 0
    assert capsys.readouterr().out.split() == ["finished_at,id", f"{day(1, 13)},1", f"{day(2, 13)},2"]


# --- what is refused ---


WRONG = {
    "changes": ("reson", "reason"),
    "claims --view claims": ("candidates", "candidate"),
    "gap a.example --against b.example": ("domains", "domain"),
    "runs": ("target", "targets"),
    "export": ("anchr", "anchor"),
    "show rows.csv": ("Anchor", "anchor"),
}


@pytest.mark.parametrize("command", WRONG)
def test_a_wrong_name_is_told_before_anything_is_read(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKLINKBOT_HISTORY_URL", raising=False)
    write_rows(tmp_path / "rows.csv", ROWS)
    misspelt, meant = WRONG[command]
    for words, said in (
        (misspelt, f"there is no column {misspelt}; did you mean {meant}?"),
        (f"essential,{misspelt}", f"there is no column {misspelt}; did you mean {meant}?"),
        ("xyzzy", "there is no column xyzzy; there are "),
        ("", "--columns names no column; give essential, full or names"),
        (" ,", "--columns names no column"),
    ):
        assert main([*command.split(), "--columns", words]) == 2
        told = capsys.readouterr()
        assert (said in told.err, told.out) == (True, ""), told.err
    assert list(tmp_path.iterdir()) == [tmp_path / "rows.csv"]


# --- what is read back ---


def shown_columns(*words: str) -> list[str]:
    """The columns of the table that ``show`` prints, which would wrap on a narrow terminal."""
    with patch("backlinkbot.terminal.tables.print_rows") as print_rows:
        assert main(["show", *words]) == 0
    return list(print_rows.call_args.args[1])


def test_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = str(write_rows(tmp_path / "rows.csv", ROWS))
    assert shown_columns(rows) == list(SHOWN)
    assert shown_columns(rows, "--columns", "rel,essential") == ["rel", *essential(Backlink)]
    assert len(shown_columns(rows, "--columns", "full")) == len(columns_of(Backlink))
    assert main(["show", rows, "--columns", "rel,via"]) == 0
    assert "ugc,nofollow  302" in capsys.readouterr().out
    few = str(narrowed(tmp_path / "few.jsonl", "rel", "source_url", "target_url", "anchor"))
    assert shown_columns(few) == ["rel", "source_url", "target_url", "anchor"]
    assert shown_columns(few, "--columns", "essential") == ["source_url", "target_url", "anchor"]
    assert main(["show", few, "--columns", "follow"]) == 2
    assert "there is no column follow; there are rel, source_url" in capsys.readouterr().err


def test_show_of_other_rows(tmp_path: Path) -> None:
    rows, domains = write_rows(tmp_path / "rows.csv", ROWS), tmp_path / "domains.csv"
    assert main(["export", "--rows", str(rows), "--view", "domains", "-o", str(domains)]) == 0
    assert shown_columns(str(domains)) == [n for n in essential(row_type("domains")) if n not in {"authority", "markers"}]  # fmt: skip
    checks = tmp_path / "checks.csv"
    checks.write_text(",".join(full(Check)) + "\n" + "," * (len(full(Check)) - 1) + "\n")
    assert shown_columns(str(checks)) == full(Check)
    assert shown_columns(str(checks), "--columns", "essential") == essential(Check)
    other = tmp_path / "other.jsonl"
    other.write_text('{"a": 1, "b": [1, 2], "c": null}\n')
    assert shown_columns(str(other), "--columns", "essential") == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["few.csv", "few.jsonl"])
def test_export_reads_the_essential_columns_back(name: str, tmp_path: Path) -> None:
    few, output = narrowed(tmp_path / name, "essential"), tmp_path / "out.jsonl"
    assert main(["export", "--rows", str(few), "-o", str(output)]) == 0
    (*_, last) = READ[".jsonl"](output)
    computed = ["links_in_group", "pages_in_group", "sitewide", "sitewide_pages"]
    assert list(last) == [*essential(Backlink), *computed]  # nothing is made up of what the file does not hold
    assert (last["anchor"], last["follow"], last["nofollow_by"]) == ("=1,x", False, ["rel:ugc"])
    for view in VIEWS:
        assert main(["export", "--rows", str(few), "--view", view, "-o", str(output)]) == 0
        whole = tmp_path / "whole.jsonl"
        assert main(["export", "--rows", str(tmp_path / "whole.csv"), "--view", view, "-o", str(whole)]) == 0
        assert output.read_text() == whole.read_text()


LACKING = {
    ("source_url,target_url", "--view domains"): (1, "few.csv has no column flags, which is needed here"),
    ("essential", "--markers"): (1, "few.csv has no column source_language, which is needed here"),
    ("essential", "--columns rel"): (2, "few.csv has no column rel; it was written with fewer columns"),
    ("source_url,anchor", ""): (1, "few.csv: row 1 has no target_url; give rows of links"),
}


@pytest.mark.parametrize("lacking", LACKING)
def test_what_a_file_does_not_hold_is_said(lacking: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    columns, words = lacking
    status, said = LACKING[lacking]
    few = narrowed(tmp_path / "few.csv", columns)
    capsys.readouterr()
    assert main(["export", "--rows", str(few), *words.split(), "-o", str(tmp_path / "out.csv")]) == status
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def test_a_report_says_which_column_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = narrowed(tmp_path / "few.csv", "essential")
    assert main(["report", "--rows", str(few), "-o", str(tmp_path / "out.html")]) == 1
    assert "has no column fetched_at, which is needed here; write the rows with it, or with --columns full" in capsys.readouterr().err  # fmt: skip


@pytest.mark.parametrize("name", ["few.csv", "few.jsonl"])
@pytest.mark.parametrize("columns", ["essential", "anchor,target_url,source_url", "follow,essential,rel", "source_url"])
def test_candidates_of_a_file_with_fewer_columns(name: str, columns: str, tmp_path: Path) -> None:
    few = narrowed(tmp_path / name, columns)
    candidates = list(read_candidates(few))
    assert [candidate.url for candidate in candidates] == [row.source_url for row in ROWS]
    (claim,) = candidates[-1].claims
    if "," in columns or columns == "essential":
        assert (claim.target_url, claim.anchor) == ("https://target.example/", "=1,x")
        assert claim.origin == ("backlinkbot" if "essential" in columns else "table")


@pytest.mark.parametrize("columns", ["target_url", "target_url,anchor", "target,target_url,follow", "anchor,rel"])
def test_a_file_without_the_linking_page_holds_no_candidates(columns: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    few = narrowed(tmp_path / "few.csv", columns)
    capsys.readouterr()
    assert (
        main(["verify", "target.example", "--candidates", str(few), "--history", "", "-o", str(tmp_path / "o.csv")])
        == 2
    )
    assert "or a table with a column named source_url" in capsys.readouterr().err
