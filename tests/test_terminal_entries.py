"""Entries for people on a terminal: wrapped texts that lose nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.terminal.cells import cells
from backlinkbot.terminal.entries import Entry, entry_lines, wrapped
from backlinkbot.terminal.styles import Painter
from backlinkbot.text.terminal_escaping import replaced


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("漢字漢字漢", 5, ["漢字", "漢字", "漢"]),
        ("a 漢字漢字 b", 4, ["a", "漢字", "漢字", "b"]),
        ("abc", 0, ["ab", "c"]),
        ("漢字", -3, ["漢", "字"]),
        ("", 5, []),
    ],
)
def test_words_are_wrapped_and_long_ones_go_on_in_the_next_line(text: str, width: int, lines: list[str]) -> None:
    assert list(wrapped(text, width)) == lines


@given(st.text(max_size=60).filter(lambda text: "://" not in text), st.integers(min_value=-5, max_value=50))
def test_no_character_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = list(wrapped(text, width))
    assert "".join("".join(lines).split()) == "".join(replaced(text).split())
    assert all(cells(line) <= max(width, 2) for line in lines)


def test_paragraphs_stay_on_a_terminal_without_room() -> None:
    entry = Entry(number=1, headline="https://a.example/", paragraphs=("gone",))
    lines = [line.strip() for line in entry_lines(entry, 3, Painter(is_on=False))]
    assert lines[1:] == ["go", "ne"]
