"""The schema: every kind of row described once, and what follows from it."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

import pytest

from backlinkbot.errors import UsageError
from backlinkbot.items import Backlink, Change, Check, FetchedPage
from backlinkbot.items.columns import Column, Kind, chosen, column, columns_of, row, with_values
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
    with pytest.raises(UsageError, match="no column 'third'; there are first, second"):
        names("third")


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
