"""What a careless user writes is answered, not passed over: exit status 2, or a line that says what had no effect."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backlinkbot.cli.main import main
from backlinkbot.history import History


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with what the mistakes name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKLINKBOT_HISTORY_URL", raising=False)
    (tmp_path / "header.csv").write_text("url,anchor\n")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "remarks.txt").write_text("# nothing\n\n")
    (tmp_path / "list.txt").write_text("https://blog.example/\n")
    (tmp_path / "README.md").write_text("# About\n\nWords, and more words.\n")
    row = {"target": "t.example", "source_url": "https://a.example/", "anchor": "x"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "rows.csv").write_text("target,source_url,anchor\nt.example,https://a.example/,x\n")
    History.open(str(tmp_path / "h.db")).close()
    return tmp_path


MISTAKES: dict[str, tuple[str, str]] = {
    "columns that no row has": ("show rows.csv --columns source", "did you mean source_url?"),
    "columns in other words": ("show rows.jsonl --columns anchor,Traget", "did you mean target?"),
    "columns like none": ("show rows.csv --columns xyzzy", "there are target, source_url, anchor"),
    "a file of no rows": ("show README.md", "README.md is not a file of rows"),
    "a page among the targets": ("discover example.com https://a.example --source none", "--seed https://a.example"),
    "a list with a header only": ("verify example.com --candidates header.csv", "header.csv: no candidate is in it"),
    "the same, to discover": ("discover example.com --candidates header.csv", "header.csv: no candidate is in it"),
    "an empty file of targets": ("verify @empty.txt --candidates list.txt", "@empty.txt: the file holds nothing"),
    "remarks for targets": ("verify @remarks.txt --candidates list.txt", "@remarks.txt: the file holds nothing"),
    "an empty file of seeds": ("discover example.com --seed @empty.txt", "@empty.txt: the file holds nothing"),
    "competitors never looked for": (
        "gap example.com --against b.example --history h.db",
        "no link to b.example is known",
    ),
    "a misspelt setting of ours": (
        "verify example.com --candidates list.txt -s BACKLINKBOT_MAX_PAGE=3",
        "did you mean BACKLINKBOT_MAX_PAGES?",
    ),
    "a misspelt setting of Scrapy": (
        "verify example.com --candidates list.txt -s DOWNLOAD_DELAI=3",
        "did you mean DOWNLOAD_DELAY?",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_said_before_anything_is_fetched(
    mistake: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line, said = MISTAKES[mistake]
    try:
        status = main(line.split())
    except SystemExit as stopped:
        status = int(str(stopped.code))
    told = capsys.readouterr()
    assert said in told.err
    assert (status, told.out) == (2, "")
    assert not list(here.glob("*.part"))


def test_files_of_rows_are_shown_by_any_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "checks.txt").write_text((here / "rows.csv").read_text())
    for name in ("checks.txt", "rows.csv", "rows.jsonl"):
        assert main(["show", name, "--columns", "anchor,target"]) == 0
        assert "t.example" in capsys.readouterr().out


def test_one_unknown_competitor_of_two_is_a_warning(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "links.csv").write_text("Referring page URL,Target URL,Anchor\nhttps://a.example/x,https://b.example/,t\n")
    words = ["gap", "example.com", "--against", "b.example", "c.example", "--exports", "links.csv", "--at-least", "1"]
    assert main([*words, "--format", "csv"]) == 0
    told = capsys.readouterr()
    assert "no link to c.example is known" in told.err
    assert "a.example" in told.out


def test_a_command_without_words_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "discover" in shown.err
    assert "Examples:" in shown.err
