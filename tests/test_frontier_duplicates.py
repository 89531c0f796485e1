"""A page repeats another only where both its links and its words do."""

from __future__ import annotations

from functools import partial

import pytest

from backlinkbot.frontier import duplicates
from backlinkbot.frontier.duplicates import Duplicates
from backlinkbot.frontier.marks import PageMarks

TEXT = " ".join(f"word{chr(97 + n)}{chr(97 + m)}" for n in range(10) for m in range(6))


def marks(links: int, text: str = TEXT) -> PageMarks:
    return PageMarks(links, lambda: text)


def test_the_third_page_with_the_same_links_and_words_is_a_duplicate() -> None:
    pages = Duplicates()
    assert [pages.is_duplicate("a.example", marks(1)) for _ in range(4)] == [False, False, True, True]


def test_pages_with_other_links_or_other_words_are_not() -> None:
    pages = Duplicates()
    for _ in range(2):
        pages.is_duplicate("a.example", marks(1))
    assert not pages.is_duplicate("a.example", marks(2))
    assert not pages.is_duplicate("a.example", marks(1, TEXT.replace("word", "term")))
    assert not pages.is_duplicate("b.example", marks(1))


def test_the_words_of_articles_that_link_to_a_menu_only_are_read_of_the_first() -> None:
    pages = Duplicates()
    read: list[int] = []

    def text_of(number: int) -> str:
        read.append(number)
        return f"{chr(97 + number % 26)}bc"

    for number in range(50):
        assert not pages.is_duplicate("a.example", PageMarks(1, partial(text_of, number)))
    assert len(read) < 5


def test_no_more_groups_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MAX_GROUPS", 10)
    pages = Duplicates()
    for number in range(100):
        pages.is_duplicate("a.example", marks(number))
    for number in range(3):
        assert not pages.is_duplicate("a.example", marks(1)), number  # forgotten, so it is the first of its kind again
        if number == 1:
            break
    assert len(pages._groups) == 10
