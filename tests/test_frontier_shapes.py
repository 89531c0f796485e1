"""Addresses of one trap have one shape, those of different sections have not."""

from __future__ import annotations

import pytest

from backlinkbot.frontier.shapes import (
    folder_of,
    folder_shape,
    pairs_of,
    section_of,
    trap_shape,
    without_path_parameters,
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/cart", ("/cart", "")),
        ("/cart;jsessionid=A1", ("/cart", "jsessionid=A1")),
        ("/a;x=1/b;y=2;z", ("/a/b", "x=1&y=2;z")),
        ("/;x", ("/", "x")),
    ],
)
def test_parameters_of_a_path_are_no_part_of_it(path: str, expected: tuple[str, str]) -> None:
    assert without_path_parameters(path) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        ("b=2&a=1", [("a", "1"), ("b", "2")]),
        ("a=1&a=1&&a=2", [("a", "1"), ("a", "2")]),
        ("x=1&amp;amp;y=2&AMP;z", [("x", "1"), ("y", "2"), ("z", "")]),
        ("ampere=3", [("ampere", "3")]),
    ],
)
def test_parameters_are_read_however_often_their_ampersand_was_escaped(
    query: str, expected: list[tuple[str, str]]
) -> None:
    assert pairs_of(query) == expected


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        # A path that grows, and two folders that alternate.
        ("/x/a/b/a/b/", "/x/a/b/c/b/a/", True),
        ("/a/b/a/b/", "/a/b/a/b/a/b/index.html", True),
        ("/x/a/b/a/b/", "/y/a/b/a/b/", False),
        # Deep paths differ in more than their kind.
        ("/shop/a/b/c/d/e/", "/shop/a/b/c/f/g/h/", True),
        ("/shop/a/b/", "/shop/a/c/", True),
        ("/shop/a/x", "/shop/b/x", False),
        # Days of a calendar.
        ("/events/2024/05/13", "/events/2031/12/01", True),
        ("/1/2/3", "/1/1/1", True),
    ],
)
def test_paths_of_one_trap_have_one_shape(*, one: str, other: str, is_same: bool) -> None:
    assert (trap_shape(folder_of(one), ()) == trap_shape(folder_of(other), ())) is is_same


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (("/list", ("page",)), ("/other", ("page",)), True),
        (("/list", ("page",)), ("/list", ("sort",)), False),
        (("/list", ("page",)), ("/a/list", ("page",)), False),
        (("/list", ("a", "b", "c")), ("/list", ("a", "d", "e", "f")), True),
        (("/list", ("a", "b")), ("/list", ("a", "c")), False),
        (("/a/b/c/d/e/f", ("k",)), ("/g/h/i/j/k/l/m", ("k",)), True),
    ],
)
def test_queries_of_one_trap_have_one_shape(
    *, one: tuple[str, tuple[str, ...]], other: tuple[str, tuple[str, ...]], is_same: bool
) -> None:
    shapes = [trap_shape(folder_of(path), keys) for path, keys in (one, other)]
    assert (shapes[0] == shapes[1]) is is_same


def test_the_shape_of_a_folder_has_no_digits_and_no_name_of_the_page() -> None:
    assert folder_shape(folder_of("/2024/05/a"), ()) == folder_shape(folder_of("/1999/1/b"), ())
    assert folder_shape("/blog", ("page",)) != folder_shape("/blog", ())


@pytest.mark.parametrize(("path", "section"), [("/", ""), ("/a", ""), ("/a/", "a"), ("/a/b/c", "a")])
def test_the_section_is_the_first_folder(path: str, section: str) -> None:
    assert section_of(path) == section
