"""What a run says of itself: on a terminal, without one, quietly, and as JSON."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from backlinkbot.extensions import progress
from backlinkbot.extensions.messages import JsonRecords, tell
from backlinkbot.extensions.progress import closing_of, planned, states
from tests.conftest import environment, links, run_command
from tests.fakeweb import FakeWeb
from tests.terminals import on_terminal

A = "https://a.example/"
WORDS = ("backlinkbot", "discover", "target.example", "--seed", A, "--delay", "0")


@pytest.fixture
def site(web: FakeWeb) -> FakeWeb:
    web.page(A, links("https://target.example/", "/gone"))
    return web


def test_quiet_is_quiet(site: FakeWeb, tmp_path: Path) -> None:
    shown = on_terminal(site, *WORDS, "--quiet", "-o", "rows.csv", cwd=tmp_path)
    assert (shown.status, shown.text) == (0, "")
    assert (tmp_path / "rows.csv").read_text().count("target.example") > 0


def test_errors_are_said_quietly_and_as_json(site: FakeWeb) -> None:
    words = ("backlinkbot", "discover", "t.example", "--seed", "https://nowhere.example", "--delay", "0", "--quiet")
    done = run_command(*words, "--log-format", "json", web=site)
    (said,) = map(json.loads, done.err.splitlines())
    assert (done.status, said["level"], said["logger"]) == (1, "error", "backlinkbot")
    assert said["message"].startswith("nothing was fetched")
    assert said["time"].endswith("Z")
    assert run_command(*words, web=site).err.startswith("backlinkbot: nothing was fetched")


def test_a_log_is_json(site: FakeWeb, tmp_path: Path) -> None:
    done = run_command(*WORDS, "-v", "--log-format", "json", "-o", tmp_path / "rows.csv", web=site)
    assert done.status == 0, done.err
    logged = [json.loads(line) for line in done.err.splitlines()]
    assert {"time", "level", "logger", "message"} <= logged[-1].keys()
    assert any(line["logger"].startswith("scrapy") for line in logged)


def test_an_exception_is_part_of_the_record() -> None:
    try:
        int("a\nb")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "%s failed", ("it",), sys.exc_info())
    said = json.loads(JsonRecords().format(record))
    assert (said["message"], said["level"]) == ("it failed", "error")
    assert said["exception"].endswith("'a\\nb'")


def test_messages_are_text_unless_json_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    tell(["a", "b"], Settings({"BACKLINKBOT_LOG_FORMAT": "text"}))
    assert capsys.readouterr().err == "backlinkbot: a\nbacklinkbot: b\n"


def test_without_a_terminal_there_is_a_line_a_minute(site: FakeWeb, tmp_path: Path) -> None:
    program = tmp_path / "often.py"
    program.write_text(
        "import sys\nfrom backlinkbot.extensions import progress\nprogress.MINUTE = 0.05\n"
        "from backlinkbot.cli.main import main\nsys.exit(main())\n"
    )
    words = [sys.executable, str(program), *WORDS[1:], "-o", str(tmp_path / "rows.csv"), "--delay", "0.3"]
    done = subprocess.run(words, env=environment(site), capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert lines
    assert all(line.startswith("backlinkbot: ") and "pages" in line.replace("1 page ", "1 pages ") for line in lines)
    assert progress.MINUTE == 60


@pytest.mark.parametrize(
    ("stats", "number"),
    [
        ({}, None),
        ({"backlinks/candidates/visits": 20, "backlinks/resuming/done": 5}, 15),
        (
            {"backlinks/recheck/due": 9, "backlinks/recheck/left_for_later": 4, "backlinks/candidates/unvisited": 2},
            7,
        ),
    ],
)
def test_the_number_of_pages_that_a_run_visits(stats: dict[str, Any], number: int | None) -> None:
    assert planned(stats) == number


def test_not_found_is_not_failed() -> None:
    stats = {"backlinks/pages/gone": 3, "backlinks/pages/redirected": 1, "backlinks/pages/refused": 2}
    assert states(stats) == {"not_found": 4, "unchecked": 2}


@pytest.mark.parametrize(
    ("figures", "settings", "command"),
    [
        ({"backlinks": 3}, {}, "backlinkbot todo"),
        (
            {"backlinks": 3, "counts": {"remembering/lost": 1}},
            {"BACKLINKBOT_HISTORY_URL": "postgresql://u:secret@h/d"},
            "backlinkbot changes --history postgresql://u@h/d",
        ),
        ({"finish_reason": "page_bound", "backlinks": 3}, {}, "the same command goes on from here"),
        ({"exit_status": 1}, {}, ""),
        ({}, {}, "the same command with --checks checks.csv"),
        ({}, {"BACKLINKBOT_CHECKS": "checks.csv"}, ""),
    ],
)
def test_the_next_command(figures: dict[str, Any], settings: dict[str, Any], command: str) -> None:
    whole = {"exit_status": 0, "finish_reason": "finished", "backlinks": 0, "counts": {}} | figures
    given = Settings({"BACKLINKBOT_HISTORY_URL": "backlinks.db"} | settings)
    closing = closing_of(whole, given, "verify")
    assert closing.next_command == command
    assert "secret" not in repr(closing)
