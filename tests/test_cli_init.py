"""``backlinkbot init``: what it asks, and the file that it writes."""

from __future__ import annotations

import builtins
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backlinkbot.cli.init import CRON
from backlinkbot.cli.main import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", None)
    return tmp_path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], list[str]]:
    """A function that has these lines typed on a terminal, and returns the questions that are asked."""

    class Terminal:
        def isatty(self) -> bool:
            return True

    def start(lines: list[str]) -> list[str]:
        asked: list[str] = []
        left = iter(lines)

        def answer(question: str) -> str:
            asked.append(question)
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr(sys, "stdin", Terminal())
        monkeypatch.setattr(builtins, "input", answer)
        return asked

    return start


def written(name: str = "backlinkbot.toml") -> dict[str, Any]:
    return tomllib.loads(Path(name).read_text())


def test_flags_answer_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    words = 'init --target t.example --other rival.example https://b.example/"x @s.txt --contact me@t.example'
    assert main([*words.split(), "--history", "postgresql://me@db/x", "--every", "daily"]) == 0
    assert capsys.readouterr().out == "backlinkbot.toml is written. Next: backlinkbot discover\n"
    found = written()
    assert (found["targets"], found["contact"], found["history"]) == (
        ["t.example"],
        "me@t.example",
        "postgresql://me@db/x",
    )
    assert found["discover"]["seeds"] == ['https://b.example/"x', "@s.txt"]
    assert found["gap"] == {"against": ["rival.example"]}
    assert f"# {CRON['daily']} cd {Path.cwd()} && backlinkbot recheck" in Path("backlinkbot.toml").read_text()
    assert main(["config"]) == 0  # every key is known, and of its type


def test_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--target", "https://www.t.example/blog/", "--every", "never"]) == 0
    found = written()
    assert (found["contact"], found["history"]) == ("https://www.t.example/", "backlinks.db")
    assert "seeds" not in found["discover"]
    assert found["gap"] == {}
    assert "cron" not in Path("backlinkbot.toml").read_text()
    assert main(["config"]) == 0
    capsys.readouterr()


def test_what_is_behind_comment_signs_is_valid_too() -> None:
    assert main(["init", "--target", "t.example"]) == 0
    text = Path("backlinkbot.toml").read_text()
    examples = [line for line in text.splitlines() if line.startswith("# ") and " = " in line]
    assert len(examples) == 5
    for line in examples:
        text = text.replace(line, line.removeprefix("# "))
    Path("backlinkbot.toml").write_text(text)
    assert main(["config"]) == 0


def test_five_questions_are_asked_on_a_terminal(
    typed: Callable[[list[str]], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = typed(["", "not a domain!", "t.example", "rival.example", "nowhere", "", "x.db", "hourly", "monthly"])
    assert main(["init"]) == 0
    assert len(dict.fromkeys(asked)) == 5
    assert "[https://t.example/]" in asked[4]
    told = capsys.readouterr().out
    assert "name a domain" in told
    assert "nowhere: write a URL" in told
    assert "hourly: write one of daily, weekly" in told
    assert written()["contact"] == "https://t.example/"
    assert written()["history"] == "x.db"
    assert CRON["monthly"] in Path("backlinkbot.toml").read_text()


def test_flags_leave_fewer_questions(typed: Callable[[list[str]], list[str]]) -> None:
    asked = typed(["", ""])
    assert main(["init", "--target", "t.example", "--other", "--contact", "a@t.example"]) == 0
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "standard input is no terminal, so nothing is asked; give at least --target DOMAIN"),
        ("--target not_a_domain!", "--target: "),
        ("--target t.example --other bad!", "--other: "),
        ("--target t.example --contact nowhere", "--contact: nowhere: write a URL"),
    ],
)
def test_wrong_answers_write_nothing(words: str, said: str, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["init", *words.split()]) == 2
    assert said in capsys.readouterr().err
    assert not list(folder.iterdir())


def test_no_answer_writes_nothing(typed: Callable[[list[str]], list[str]], folder: Path) -> None:
    typed(["t.example"])
    assert main(["init"]) == 2
    assert not list(folder.iterdir())


def test_a_file_is_replaced_only_by_force(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    Path("backlinkbot.toml").write_text("broken [")
    assert main(["init", "--target", "t.example"]) == 2
    assert "--force replaces it" in capsys.readouterr().err
    assert Path("backlinkbot.toml").read_text() == "broken ["
    assert main(["init", "--target", "t.example", "-o", "other.toml"]) == 0
    assert "backlinkbot discover --config other.toml" in capsys.readouterr().out
    assert main(["init", "--target", "t.example", "--force"]) == 0
    assert written() == written("other.toml")
    assert main(["init", "--target", "t.example", "-o", "absent/x.toml"]) == 1
    assert {path.name for path in folder.iterdir()} == {"backlinkbot.toml", "other.toml"}
