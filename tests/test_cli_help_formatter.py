"""The help of the commands: groups, the options that people need first, examples that the commands accept."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from backlinkbot.cli.help_formatter import group_of, help_text, is_common
from backlinkbot.cli.help_table import COMMANDS, COMMON_TASKS, FLAGS, FULL_HELP_ONLY, FlagGroup
from backlinkbot.cli.main import build_parser, main
from backlinkbot.terminal.styles import Painter

PARSER = build_parser()
DOCS = Path(__file__).parent.parent / "docs"


def test_the_tables_name_each_command_and_each_flag_once() -> None:
    assert set(COMMANDS) == set(PARSER.commands)
    assert all(described.examples for described in COMMANDS.values())
    assert all((DOCS / f"{described.document}.md").is_file() for described in COMMANDS.values())
    own = {
        next(word for word in action.option_strings if word.startswith("--"))[2:].replace("-", "_")
        for parser in (PARSER, *PARSER.commands.values())
        for action in parser.flags
        if action.option_strings and action.dest not in parser.options
    }
    named = [name for names in FLAGS.values() for name in names.split()]
    assert sorted(named) == sorted({*named}), "a flag has one group"
    assert {*named} == own
    assert own >= FULL_HELP_ONLY


@pytest.mark.parametrize("command", PARSER.commands)
@pytest.mark.parametrize("width", [80, 120])
def test_the_help_fits_the_width_and_shows_every_flag_in_its_group(command: str, width: int) -> None:
    parser = PARSER.commands[command]
    short, full = (help_text(parser, width=width, is_full=is_full).splitlines() for is_full in (False, True))
    for line in (*short, *full):
        assert len(line) < width
    for action in parser.flags:
        start = "  " + (", ".join(action.option_strings) or str(action.metavar or action.dest))
        where = {is_full: next((n for n, line in enumerate(lines) if f"{line} ".startswith((f"{start} ", f"  [{start[2:]}"))), None)
                 for is_full, lines in ((False, short), (True, full))}  # fmt: skip
        assert (where[False] is not None) == is_common(parser, action), start
        assert where[True] is not None, start
        headings = [line for line in full[: where[True]] if line.endswith(":") and not line.startswith(" ")]
        assert headings[-1] == f"{group_of(parser, action)}:"


@pytest.mark.parametrize("command", ["discover", "verify", "recheck"])
def test_the_short_help_of_a_crawl_has_about_ten_options(command: str) -> None:
    parser = PARSER.commands[command]
    shown = [a for a in parser.flags if is_common(parser, a) and group_of(parser, a) not in {FlagGroup.GENERAL, "Arguments"}]  # fmt: skip
    assert 6 <= len(shown) <= 10
    assert len(help_text(parser).splitlines()) < 75 < len(help_text(parser, is_full=True).splitlines())


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, id=words)
        for examples in (*(one.examples for one in COMMANDS.values()), COMMON_TASKS)
        for _, words in examples
    ],
)
def test_the_examples_are_accepted(words: str) -> None:
    for part in words.removeprefix('eval "$(').removesuffix(')"').partition(" > ")[0].split("; "):
        name, *rest = shlex.split(part)
        assert name == "backlinkbot"
        assert callable(PARSER.parse_args(rest).run)


def test_long_examples_are_lines_that_a_shell_reads_as_one() -> None:
    lines = help_text(PARSER.commands["import"], width=60).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("  backlinkbot import ahrefs"))
    joined = "\n".join(lines[first:]).replace("\\\n", "").strip().splitlines()[0]
    assert shlex.split(joined) == shlex.split(COMMANDS["import"].examples[1].command)


def test_what_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    for words, is_full in ((["gap", "-h"], False), (["gap", "--help-all"], True)):
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code == 0
        assert capsys.readouterr().out == help_text(PARSER.commands["gap"], width=90, is_full=is_full)
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    for name, summary in PARSER.summaries.items():
        assert f"\n  {name} " in said
        assert summary.split()[0] in said
    assert "\x1b[1mVisit pages:\x1b[0m\n" in help_text(PARSER, Painter(is_on=True))


def test_mistakes_show_a_short_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["gap", "target.example", "--agianst", "rival.example"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.splitlines() == [
        "usage: backlinkbot gap [OPTIONS] --against COMPETITOR [COMPETITOR ...] TARGET",
        "backlinkbot gap: error: the following arguments are required: --against",
    ]
    with pytest.raises(SystemExit):
        main(["runs", "--formt", "csv"])
    assert "did you mean --format?" in capsys.readouterr().err


def test_an_argument_that_may_be_repeated_keeps_its_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["replay", "--help"])
    assert "FILE [FILE ...]" in capsys.readouterr().out
