"""``backlinkbot sources`` as a shell meets it."""

from __future__ import annotations

import json

import pytest

from backlinkbot.cli.main import main
from backlinkbot.cli.sources import rows
from backlinkbot.sources import SOURCES
from tests.fakeweb import FakeWeb
from tests.terminals import on_terminal


def test_every_source_is_listed_with_what_it_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--format", "jsonl"]) == 0
    listed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["source"] for row in listed] == list(SOURCES)
    for row in listed:
        assert row["words"]
        assert row["knows"]
        assert row["costs"]
        assert row["documentation"].startswith("https://")
        assert row["terms"].startswith("https://") or not SOURCES[row["source"]].is_service


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_shows_every_word_grouped_by_when_a_source_is_asked(web: FakeWeb, columns: int) -> None:
    shown = on_terminal(web, "backlinkbot", "sources", columns=columns)
    assert shown.status == 0
    assert shown.widest <= columns
    text = " ".join(shown.plain.split())
    assert "…" not in text
    for source in SOURCES.values():
        assert " ".join(f"{source.profile.knows} {source.profile.costs}".split()) in text
    assert next(line for line in shown.lines if line.startswith("Asked ")) == "Asked on each seed's site"


def test_columns_may_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "--format", "csv", "--columns", "source,needs"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header == "source,needs"
    assert "cdx,a seed" in lines
    assert main(["sources", "--columns", "colour"]) == 2
    assert "colour" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "environment", "asked"),
    [
        ("sitemaps", {}, "on each seed's site"),
        ("cdx", {}, "by name"),
        ("hackernews", {}, "without seeds"),
        ("wikis", {}, "without seeds, with --contact"),
        ("marginalia", {}, "by name"),
        ("marginalia", {"BACKLINKBOT_MARGINALIA_KEY": "k"}, "without seeds"),
        ("github", {}, "once it has its key"),
        ("github", {"BACKLINKBOT_GITHUB_TOKEN": ""}, "once it has its key"),
        ("github", {"BACKLINKBOT_GITHUB_TOKEN": "k"}, "without seeds"),
    ],
)
def test_when_a_source_is_asked(name: str, environment: dict[str, str], asked: str) -> None:
    (row,) = (row for row in rows(environment) if row.source == name)
    assert row.asked == asked
