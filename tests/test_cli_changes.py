"""The commands that ask the history, as a shell meets them: what they print in each format, and how they end."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from backlinkbot.cli.changes import COLUMNS
from backlinkbot.cli.main import main
from backlinkbot.history import History
from backlinkbot.items import Change
from tests.fakeweb import FakeWeb
from tests.history_tables import tables
from tests.terminals import on_terminal
from tests.visited import ONE, OTHER, SOURCE, TARGET, day, gone, nofollow, read, row

HOSTILE = '=cmd|"/c calc"!A1 | *bold* <b>x</b> [a](javascript:x) \x1b[31m\n`'


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Three runs: two links new, one changed, one lost."""
    url = str(tmp_path / "watch.db")
    other = row("https://other.example/?a|b", target="other.example", anchor=HOSTILE)
    with History.open(url) as history:
        for number, pages in enumerate(
            [
                [read(day(1), row(), other), read(day(1), row(anchor="two"), url=OTHER)],
                [read(day(2), nofollow(), other), gone(day(2), OTHER)],
                [read(day(3), nofollow())],
            ],
            start=1,
        ):
            run = history.begin_run("verify", [TARGET, "other.example"], started_at=day(number), arguments={"delay": 0})
            history.record(run, pages)
            history.end_run(run, finished_at=day(number, 13), counts={"pages/read": len(pages)})
    return url


def changes(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, str]]:
    assert main(["changes", "--format", "csv", *words]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def reasons(found: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(change["run"], change["reason"]) for change in found]


# --- changes ----------------------------------------------------------------------------------------------------------

FIRST = [("1", "page_found")] * 3
SECOND = [("2", "nofollow_added")]
THIRD = [("3", "removed_from_page")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], THIRD),
        (["--since", "0"], FIRST + SECOND + THIRD),
        (["--since", "1"], SECOND + THIRD),
        (["--since", "3"], []),
        (["--since", "2026-01-02"], SECOND + THIRD),
        (["--since", "2026-01-02T12:00:00Z"], SECOND + THIRD),
        (["--since", "2026-01-02T12:00:01Z"], THIRD),
        (["--since", "2026-01-02T13:30:00+01:00"], THIRD),
        (["--since", "2026-01-02T12:30:00+01:00"], SECOND + THIRD),
        (["--since", "2027-01-01"], []),
        (["--since", "0", "--target", "other.example"], [("1", "page_found"), ("3", "removed_from_page")]),
        (["--since", "0", "--target", "other.example", "--target", TARGET], FIRST + SECOND + THIRD),
        (["--target", "nobody.example"], []),
    ],
)
def test_since_when_and_of_which_target(
    url: str, capsys: pytest.CaptureFixture[str], words: list[str], expected: list[tuple[str, str]]
) -> None:
    assert reasons(changes(capsys, "--history", url, *words)) == expected


@pytest.mark.parametrize("words", [["--since", "4"], ["--since", "yesterday"], ["--since", "2026-13-01"]])
def test_a_run_or_day_that_there_is_not(url: str, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(["changes", "--history", url, *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"backlinkbot: --since {words[1]}: ")


def test_the_exit_status_says_whether_anything_has_changed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for format_ in ("table", "csv", "jsonl", "md"):
        assert main(["changes", "--history", url, "--exit-code", "--format", format_]) == 3
        assert main(["changes", "--history", url, "--since", "3", "--exit-code", "--format", format_]) == 0
        assert main(["changes", "--history", url, "--format", format_]) == 0
    assert capsys.readouterr().err == ""


def test_jsonl_holds_everything_as_it_is(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", "--history", url, "--since", "0", "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(line) for line in lines] == [[column.name for column in COLUMNS]] * 5
    assert lines[1] == {
        "kind": "new",
        "reason": "page_found",
        "target": "other.example",
        "source_url": SOURCE,
        "source_domain": "a.example",
        "target_url": "https://other.example/?a|b",
        "anchor": HOSTILE,
        "before": "",
        "after": "",
        "at": day(1),
        "run": 1,
        "is_mention": False,
    }
    with History.open(url) as history:
        assert [Change(**line) for line in lines] == list(history.changes())


def test_csv_is_guarded(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    (lost,) = changes(capsys, "--history", url)
    assert lost["anchor"] == f"'{HOSTILE}"


def test_markdown_shows_what_strangers_wrote_and_runs_none_of_it(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", "--history", url, "--format", "md"]) == 0
    head, dashes, line = capsys.readouterr().out.splitlines()
    assert head.count("|") == dashes.count("|") == 8
    cells = line.replace("\\|", "").split("|")
    assert len(cells) == 9, "a bar in an anchor or an address is no border"
    assert cells[3:5] == [f" <{SOURCE}> ", " <https://other.example/?a%7Cb> "]
    assert r"\*bold\* \<b\>x\</b\> \[a\](javascript:x)" in line
    assert "\x1b" not in line


def test_a_table_holds_no_terminal_codes(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", "--history", url]) == 0
    printed = capsys.readouterr().out
    assert "removed_from_page" in printed
    assert "\x1b" not in printed


def test_a_terminal_shows_sentences_below_pages_what_was_lost_first(web: FakeWeb, url: str) -> None:
    words = ("changes", "--since", "0", "--history", "watch.db")
    shown = on_terminal(web, "backlinkbot", *words, cwd=Path(url).parent)
    assert shown.status == 0
    assert shown.widest <= 80
    headings = [line for line in shown.lines if not line.startswith(" ")]
    assert headings == [
        "Lost (1)",
        "Changed (1)",
        "New (3)",
        "What to do about it: backlinkbot todo --history watch.db",
    ]
    text = " ".join(shown.plain.split())
    assert f'"maps" to {row().target_url}: nofollow added, rel:nofollow' in text
    assert shown.lines.count(f"  {SOURCE}") == 3, "a page stands once above all that happened to it"
    assert "\x1b[31m\n" not in shown.text.replace("\x1b[1;31m", "")


def test_a_terminal_shows_ten_of_each_kind_and_all_when_asked(web: FakeWeb, tmp_path: Path) -> None:
    url = str(tmp_path / "many.db")
    with History.open(url) as history:
        run = history.begin_run("verify", [TARGET], started_at=day(1))
        history.record(run, [read(day(1), *(row(f"https://target.example/{number}") for number in range(12)))])
        history.end_run(run, finished_at=day(1, 13))
    few = on_terminal(web, "backlinkbot", "changes", "--history", url).lines
    assert few[0] == "New (10 of 12)"
    assert few[-1] == "--all shows every change"
    assert sum(" to https://target.example/" in line for line in few) == 10
    every = on_terminal(web, "backlinkbot", "changes", "--all", "--history", url, variables={"PAGER": ""}).lines
    assert every[0] == "New (12)"
    assert sum(" to https://target.example/" in line for line in every) == 12


def test_a_page_stands_once_above_the_changes_of_several_runs(web: FakeWeb, tmp_path: Path) -> None:
    url = str(tmp_path / "runs.db")
    with History.open(url) as history:
        for number in (1, 2):
            run = history.begin_run("verify", [TARGET], started_at=day(number))
            rows = [row(f"https://target.example/{one}") for one in range(number)]
            pages = [read(day(number), *rows), read(day(number), *rows, url="https://other.example/")]
            history.record(run, pages)
            history.end_run(run, finished_at=day(number, 13))
    lines = on_terminal(web, "backlinkbot", "changes", "--since", "0", "--history", url).lines
    assert lines[0] == "New (4)"
    assert lines.count(f"  {SOURCE}") == lines.count("  https://other.example/") == 1


def test_runs_on_a_terminal_say_how_long_each_took(web: FakeWeb, url: str) -> None:
    header, *runs = on_terminal(web, "backlinkbot", "runs", "--history", url, columns=120).lines
    assert header.split() == ["id", "command", "started_at", "took", "outcome", "new", "lost", "changed", "targets"]
    assert runs[0].split()[:8] == ["1", "verify", "2026-01-01", "12:00Z", "1:00:00", "h", "done", "3"]


def test_nothing_has_changed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["changes", "--history", url, "--since", "3"]) == 0
    assert capsys.readouterr().out == "no rows\n"


# --- runs -------------------------------------------------------------------------------------------------------------


def test_runs_say_what_ran_and_how_it_ended(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with History.open(url) as history:
        history.begin_run("discover", [TARGET], started_at=day(4))
    assert main(["runs", "--history", url, "--format", "jsonl"]) == 0
    first, *_, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first == {
        "id": 1,
        "command": "verify",
        "targets": [TARGET, "other.example"],
        "started_at": day(1),
        "finished_at": day(1, 13),
        "state": "ended",
        "outcome": "done",
        "exit_status": 0,
        "changes": {"new": 3},
        "arguments": {"delay": 0},
        "counts": {"pages/read": 2},
        "pending": None,
    }
    assert (last["state"], last["exit_status"], last["finished_at"]) == ("killed", None, "")


@pytest.mark.parametrize("format_", ["table", "csv", "md"])
def test_runs_in_every_format(url: str, capsys: pytest.CaptureFixture[str], format_: str) -> None:
    assert main(["runs", "--history", url, "--format", format_]) == 0
    printed = capsys.readouterr().out
    for words in ("verify", "target.example, other.example", "ended", "new 3", "changed 1", "lost 1"):
        assert words.replace(" ", "") in printed.replace(" ", ""), printed


# --- replay -----------------------------------------------------------------------------------------------------------

RUN = '{"run": {"command": "verify", "targets": ["target.example"], "includes_own": false, "started_at": "2026-01-01T00:00:00Z"}}\n'


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read"),
        ("source_url,target_url\n", "line 1: not a visit as --visits writes them"),
        (RUN + "{}\n", "line 2: not a visit as --visits writes them"),
        ('{"url": "https://a.example/"}\n', "line 1: not a visit as --visits writes them"),
    ],
)
def test_what_cannot_be_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, complaint: str
) -> None:
    file = tmp_path / "visits.jsonl"
    if content is not None:
        file.write_text(content)
    assert main(["replay", str(file), "--history", str(tmp_path / "h.db")]) == 2
    printed = capsys.readouterr()
    assert f"backlinkbot: {file}" in printed.err
    assert complaint in printed.err


def test_a_visit_before_any_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from backlinkbot.history.visit_log import write_visit

    file = tmp_path / "visits.jsonl"
    file.write_text(write_visit(read(day(1), row())) + "\n")
    assert main(["replay", str(file), "--history", str(tmp_path / "h.db")]) == 2
    assert "not the start of a run" in capsys.readouterr().err


def test_several_runs_in_one_file_are_several_runs(tmp_path: Path) -> None:
    from backlinkbot.history.visit_log import write_visit

    file = tmp_path / "visits.jsonl"
    pages = [read(day(1), row(f"{ONE}{number}"), url=f"https://a.example/{number}") for number in range(1_200)]
    file.write_text(RUN + "".join(write_visit(page) + "\n" for page in pages) + RUN + write_visit(read(day(2))) + "\n")
    assert main(["replay", str(file), "--history", str(tmp_path / "h.db")]) == 0
    with History.open(str(tmp_path / "h.db")) as history:
        assert [len(list(history.visits(run=run.id))) for run in history.runs()] == [1_200, 1]
        assert [(run.state, run.outcome, run.finished_at) for run in history.runs()] == [
            ("ended", "replayed", day(1)),
            ("ended", "replayed", day(2)),
        ]
        assert len(tables(history)["pages"]) == 1_201


# --- where the history is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["changes", "runs"])
def test_where_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKLINKBOT_HISTORY_URL", raising=False)
    assert main([command]) == 2
    assert capsys.readouterr().err == (
        "backlinkbot: history backlinks.db: it does not exist yet; discover and verify create one (--history)\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_variable_says_where(url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKLINKBOT_HISTORY_URL", url)
    assert reasons(changes(capsys)) == THIRD


def test_a_history_without_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = str(tmp_path / "h.db")
    History.open(url).close()
    assert main(["runs", "--history", url]) == 0
    assert capsys.readouterr().out == "no rows\n"
    assert main(["changes", "--history", url]) == 2
    assert capsys.readouterr().err == "backlinkbot: the history has no runs yet\n"
