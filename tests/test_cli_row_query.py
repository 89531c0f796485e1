"""--where and --sort of show."""

from __future__ import annotations

from typing import Any

import pytest

from backlinkbot.cli.row_query import conditions, sorted_rows
from backlinkbot.errors import UsageError
from backlinkbot.items import Backlink
from backlinkbot.items.columns import columns_of
from tests.conftest import run_command

COLUMNS = columns_of(Backlink)
ROWS: list[dict[str, Any]] = [
    {
        "anchor": "Maps",
        "follow": True,
        "external_links": 9,
        "rel": [],
        "source_status": 200,
        "first_seen": "2026-01-02",
    },
    {
        "anchor": "a map",
        "follow": "false",
        "external_links": "10",
        "rel": "ugc,nofollow",
        "source_status": "404",
        "first_seen": "",
    },
    {
        "anchor": "Ink",
        "follow": False,
        "external_links": None,
        "rel": ["ugc"],
        "source_status": 200,
        "first_seen": "2025-12-31",
    },
]


def found(*words: str) -> list[int]:
    wanted = conditions(words, COLUMNS)
    return [number for number, row in enumerate(ROWS) if all(one.holds(row) for one in wanted)]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ((), [0, 1, 2]),
        (("follow=false",), [1, 2]),
        (("follow!=false",), [0]),
        (("anchor~MAP",), [0, 1]),
        (("anchor!~map",), [2]),
        (("anchor=ink",), [2]),
        (("rel=ugc",), [1, 2]),
        (("rel!=nofollow",), [0, 2]),
        (("rel=",), [0]),
        (("external_links=10",), [1]),
        (("external_links>9",), [1]),
        (("external_links>=9", "follow=true"), [0]),
        (("external_links<10",), [0]),
        (("external_links<=10.0",), [0, 1]),
        (("external_links=",), [2]),
        (("first_seen>2026",), [0]),
        (("source_status=200", "follow=false"), [2]),
    ],
)
def test_conditions(words: tuple[str, ...], numbers: list[int]) -> None:
    assert found(*words) == numbers


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        ("external_links", [0, 1, 2]),
        ("external_links:desc", [1, 0, 2]),
        ("anchor", [1, 2, 0]),
        ("anchor:desc", [0, 2, 1]),
        ("first_seen", [2, 0, 1]),
        ("source_status,anchor:desc", [0, 2, 1]),
    ],
)
def test_orders(names: str, numbers: list[int]) -> None:
    assert [ROWS.index(dict(row)) for row in sorted_rows(ROWS, names, COLUMNS)] == numbers


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("folow=true",), "did you mean follow?"),
        (("follow",), "expected COLUMN=VALUE"),
        (("external_links>many",), "external_links is a number; 'many' is none"),
    ],
)
def test_mistakes(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("?", r"\?")):
        conditions(words, COLUMNS)
    with pytest.raises(UsageError, match=r"--sort: no column 'ancor'; did you mean anchor\?"):
        sorted_rows(ROWS, "ancor", COLUMNS)


def test_show_selects_and_sorts(tmp_path: Any) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("source_url,follow,external_links\nhttps://a/,true,9\nhttps://b/,false,10\nhttps://c/,true,100\n")
    done = run_command("backlinkbot", "show", path, "--where", "follow=true", "--sort", "external_links:desc")
    assert [line.split()[0] for line in done.out.splitlines()] == ["source_url", "https://c/", "https://a/"]
    done = run_command("backlinkbot", "show", path, "--where", "folow=true")
    assert (done.status, done.out) == (2, "")
    assert "did you mean follow?" in done.err
