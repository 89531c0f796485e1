"""The schema: every kind of row described once, and what follows from it."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

import pytest

from backlinkbot.errors import MissingColumnError, UsageError
from backlinkbot.items import Backlink, Change, Check, FetchedPage
from backlinkbot.items.columns import Column, Kind, chosen, column, columns_of, partial, row, with_values, words_of
from backlinkbot.reports.exports.views import LINKS, VIEWS, row_type
from backlinkbot.reports.gap import Prospect
from backlinkbot.reports.worth import ClaimRow, Worth

ROWS = (Backlink, Change, Check, Prospect, Worth, ClaimRow, *map(row_type, (*VIEWS, LINKS)))
PYTHON_TYPES: dict[Kind, type[Any]] = {
    Kind.TEXT: str,
    Kind.TIME: str,
    Kind.NUMBER: int,
    Kind.REAL: float,
    Kind.FLAG: bool,
    Kind.LIST: tuple,
    Kind.LINES: tuple,
}


@pytest.mark.parametrize("row_class", ROWS)
def test_a_column_s_kind_is_its_field_s_type(row_class: type[Any]) -> None:
    hints = typing.get_type_hints(row_class)
    for described in columns_of(row_class):
        parts = typing.get_args(hints[described.name]) if described.nothing is None else (hints[described.name],)
        kept = [part for part in parts if part is not type(None)]
        (kept_type,) = kept
        assert issubclass(typing.get_origin(kept_type) or kept_type, PYTHON_TYPES[described.kind]), described.name
        assert (described.nothing is None) == (type(None) in parts), described.name


@pytest.mark.parametrize("row_class", ROWS)
def test_every_field_is_a_column_with_a_meaning(row_class: type[Any]) -> None:
    assert [described.name for described in columns_of(row_class)] == [f.name for f in dataclasses.fields(row_class)]
    assert all(described.meaning.endswith(".") or row_class is Check for described in columns_of(row_class))


def test_groups_stand_together() -> None:
    groups = [described.group for described in columns_of(Backlink)]
    assert groups == sorted(groups, key=groups.index)


def test_essential_is_about_fifteen() -> None:
    assert 12 <= len(chosen(columns_of(Backlink), ["essential"])) <= 18


def test_columns_are_chosen_by_name_and_by_word() -> None:
    @row
    class Two:
        """Two columns."""

        first: str = column(Kind.TEXT, "One.", essential=True)
        second: int = column(Kind.NUMBER, "Two.", default=0)

    def names(*words: str) -> list[str]:
        return [described.name for described in chosen(columns_of(Two), words)]

    assert names("essential") == ["first"]
    assert names("full") == ["first", "second"]
    assert names("second", "essential") == ["second", "first"]
    assert names("second", "second") == ["second"]
    assert names("essential", "second", "first") == ["first", "second"]
    for word, said in (
        ("third", "there are first, second, and essential or full"),
        ("frist", "did you mean first"),
        ("esential", "did you mean essential"),
    ):
        with pytest.raises(UsageError, match=f"there is no column {word}; {said}"):
            names("second", word)


@pytest.mark.parametrize("text", ["a,b", " a , b ", "a,,b,", "a b", "a,\nb"])
def test_words_of_columns_are_split(text: str) -> None:
    assert words_of(text) == ["a", "b"]


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_no_word_is_no_choice_of_columns(text: str) -> None:
    with pytest.raises(UsageError, match="names no column; give essential, full or names"):
        words_of(text)


@pytest.mark.parametrize("row_class", ROWS)
def test_every_kind_of_row_has_essential_columns(row_class: type[Any]) -> None:
    columns = columns_of(row_class)
    assert 2 <= len(chosen(columns, ["essential"])) < len(columns)


def test_a_row_with_some_of_its_columns_has_no_others() -> None:
    one = partial(Check, {"candidate": "https://a.example/", "status": None}, "few.csv")
    assert isinstance(one, Check)
    assert (one.candidate, one.status) == ("https://a.example/", None)
    assert "few" not in repr(one)
    assert "candidate='https://a.example/'" in repr(one)
    assert not hasattr(one, "reason")
    assert getattr(one, "backlinks", "nothing") == "nothing"
    with pytest.raises(MissingColumnError, match=r"few\.csv has no column reason, which is needed here"):
        one.reason  # noqa: B018 - reading it is the test
    with pytest.raises(AttributeError, match="raisin"):
        one.raisin  # type: ignore[attr-defined]  # noqa: B018


def test_nothing_of_a_column() -> None:
    assert Column(name="a", kind=Kind.NUMBER).nothing == 0
    assert Column(name="a", kind=Kind.NUMBER, may_lack=True).nothing is None
    assert Column(name="a", kind=Kind.TIME, may_lack=True).nothing == ""


def test_a_page_is_copied_with_other_values() -> None:
    page = FetchedPage(
        url="https://a.example/", requested_url="https://a.example/", fetched_at="2026-01-01T00:00:00Z", body=b"x"
    )
    copy = with_values(page, body=b"", depth=2)
    assert copy == dataclasses.replace(page, body=b"", depth=2)
    assert (page.body, page.depth) == (b"x", 0)
    with pytest.raises(AttributeError, match="bodies"):
        with_values(page, bodies=b"")
