"""Widths in cells, and what is left of a text or URL that is too long."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.terminal.cells import cells, padded, shorten, shorten_middle, shorten_url, terminal_width


@pytest.mark.parametrize(
    ("url", "width", "shown"),
    [
        ("https://a.example/x", 30, "https://a.example/x"),
        ("https://a.example/x", 11, "a.example/x"),
        ("http://a.example/x", 30, "http://a.example/x"),
        ("http://a.example/x", 17, "a.example/x"),
        ("http://blog.example/posts/2024/", 18, "blog.exampl…/2024/"),
        ("https://blog.example/posts/2024/01/harbour-walk.html", 34, "blog.example/…/harbour-walk.html"),
        ("https://blog.example/posts/2024/", 18, "blog.exampl…/2024/"),
        ("https://target.example/compasses", 20, "target.ex…/compasses"),
        ("https://a-very-long-name-of-a-host.example", 20, "a-very-lon…t.example"),
        ("https://例え.テスト/ページ/例", 14, "例え.テス…/例"),
    ],
)
def test_a_url_is_shortened_in_its_middle(url: str, width: int, shown: str) -> None:
    found = shorten_url(url, width)
    assert cells(found) <= width
    assert found == shown


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("漢字漢字", 5, "漢字…"),
        ("漢字漢字", 4, "漢…"),
        ("abc", 0, ""),
        ("a\x1bb", 9, "a�b"),
    ],
)
def test_a_text_is_shortened_at_its_end(text: str, width: int, shown: str) -> None:
    assert shorten(text, width) == shown


@given(st.text(max_size=60), st.integers(min_value=0, max_value=50))
def test_nothing_is_wider_than_it_may_be_and_nothing_is_obeyed(text: str, width: int) -> None:
    for how in (shorten, shorten_middle, shorten_url):
        found = how(text, width)
        assert cells(found) <= width
        assert found.isprintable()
        assert cells(padded(found, width)) == width


def test_a_stream_that_is_no_terminal_has_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "")
    assert terminal_width(io.StringIO()) == 80
    monkeypatch.setenv("COLUMNS", "132")
    assert terminal_width(io.StringIO()) == 132
    monkeypatch.setenv("COLUMNS", "many")
    assert terminal_width(io.StringIO()) == 80
