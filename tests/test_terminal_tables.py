"""A table for people, in which strangers' words are only words."""

from __future__ import annotations

import pytest

from backlinkbot.terminal.tables import print_rows


def test_rows_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(
        [
            {
                "target": "t",
                "source_url": "https://a.example/",
                "anchor": "[red]x[/red]\x1b[2J",
                "follow": True,
                "extra": 1,
            }
        ],
        ["source_url", "anchor", "follow"],
    )
    shown = capsys.readouterr().out
    assert "[red]x[/red]�[2J" in shown
    assert "\x1b" not in shown
    assert "extra" not in shown


def test_columns_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"a": ["x", "y"], "b": 2}], ["b", "a"])
    shown = capsys.readouterr().out
    assert shown.index("b") < shown.index("x,y")


def test_what_a_row_lacks_is_an_empty_cell(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"a": None, "b": 1}, {"b": 2}], ["a", "b"])
    shown = capsys.readouterr().out
    assert "None" not in shown
    assert [line.split("│")[1:3] for line in shown.splitlines() if "│" in line] == [["   ", " 1 "], ["   ", " 2 "]]


def test_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([], ["a"])
    assert capsys.readouterr().out == "no rows\n"
