"""``backlinkbot domains``: graphs in; rows, candidates and what is missing out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from backlinkbot.cli.main import main
from backlinkbot.importers import read_candidates
from tests.little_commoncrawl import RELEASE, write_graph

LINKS = {
    "partner.example": ["target.example", "rival.example"],
    "blog.example": ["target.example"],
    "fan.example": ["rival.example"],
    "github.io": ["target.example"],
    "vercel.app": ["target.example"],
    "now.sh": ["target.example"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_graph(tmp_path / "graph", LINKS)


def test_rows_and_candidates_of_several_targets(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, candidates = tmp_path / "domains.csv", tmp_path / "candidates.jsonl"
    words = [
        "domains",
        "target.example",
        "rival.example",
        "--graph",
        folder,
        "-o",
        output,
        "--candidates-out",
        candidates,
    ]
    assert main(list(map(str, words))) == 0
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["target"], row["domain"], row["platform"], row["domains"]) for row in rows] == [
        ("target.example", "blog.example", "", "1"),
        ("target.example", "partner.example", "", "1"),
        ("target.example", "github.io", "GitHub", "1"),
        ("target.example", "now.sh", "Vercel", "2"),
        ("rival.example", "fan.example", "", "1"),
        ("rival.example", "partner.example", "", "1"),
    ]
    assert {row["last_release"] for row in rows} == {RELEASE}
    found = {one.url: one.expected_targets for one in read_candidates(str(candidates))}
    assert found == {
        "blog.example": ("target.example",),
        "partner.example": ("target.example", "rival.example"),
        "fan.example": ("rival.example",),
    }
    assert all(one.is_domain for one in read_candidates(str(candidates)))
    said = capsys.readouterr().err
    assert f"{RELEASE}: edges: " in said
    assert "6 of 8 domains link to the targets" in said
    assert "3 candidates" in said


def test_a_second_target_is_answered_by_the_index(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # gap reads the history of the folder that it is run in
    indexed = ["--graph", str(folder), "--graph-index", str(tmp_path / "index"), "--format", "jsonl"]
    assert main(["domains", "target.example", *indexed]) == 0
    said = capsys.readouterr().err
    assert f"{RELEASE}: an index of it is made in {tmp_path / 'index'}: about 0.0 GB" in said
    assert "edges" in said
    assert main(["domains", "rival.example", *indexed]) == 0
    answered = capsys.readouterr()
    assert [json.loads(line)["domain"] for line in answered.out.splitlines()] == ["fan.example", "partner.example"]
    assert "edges" not in answered.err
    assert main(["gap", "rival.example", "--against", "target.example", "--at-least", "1", *indexed]) == 0
    answered = capsys.readouterr()
    assert [json.loads(line)["domain"] for line in answered.out.splitlines()] == ["blog.example"]
    assert "edges" not in answered.err


def test_the_screen_has_the_essential_columns(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["domains", "target.example", "--graph", str(folder), "--format", "md"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("| target | domain | platform | domains | authority | last_release |")
    assert "blog.example" in said


def test_a_row_for_each_domain_of_a_platform(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["domains", "target.example", "--graph", str(folder), "--unfold", "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 5
    assert {row["domains"] for row in rows} == {1}


def test_targets_that_are_not_in_the_graph_are_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["domains", "nobody.example", "docs.target.example", "--graph", str(folder)]) == 0
    said = capsys.readouterr().err
    assert "not in the graph, so nothing is known of links to them: nobody.example" in said
    assert "by their registrable domain only: docs.target.example" in said


def test_a_truncated_graph_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edges = next(folder.glob("*edges.txt.gz"))
    edges.write_bytes(edges.read_bytes()[:-8])
    assert main(["domains", "target.example", "--graph", str(folder)]) == 0
    assert "the file is truncated" in capsys.readouterr().err


def test_nothing_is_downloaded_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["domains", "target.example"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "GB to download" in said
    assert "minutes" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "rows.xml"], "unknown format"),
        (["--candidates-out", "candidates.txt"], "must end in"),
        (["--columns", "domian"], "did you mean"),
    ],
)
def test_mistakes_are_told_before_anything_is_read(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["domains", "target.example", "--graph", "nowhere", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_graph_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["domains", "target.example", "--graph", str(tmp_path / "nowhere")]) == 2
    assert "no such file or folder" in capsys.readouterr().err
