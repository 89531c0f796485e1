"""A table for people, in which strangers' words are only words."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from backlinkbot.terminal.cells import cells
from backlinkbot.terminal.tables import print_rows
from tests.fakeweb import FakeWeb
from tests.terminals import on_terminal


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
    assert shown.splitlines() == ["a  b", "   1", "   2"]


def test_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([], ["a"])
    assert capsys.readouterr().out == "no rows\n"


def test_elsewhere_than_on_a_terminal_every_value_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"https://a.example/{'x' * 300}"
    print_rows([{"a": url, "b": "漢字"}, {"a": "1", "b": "2"}], ["a", "b"])
    header, first, second = capsys.readouterr().out.splitlines()
    assert first == f"{url}  漢字"
    assert second.index("2") == header.index("b") == len(url) + 2


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Rows of a hundred pages, as a crawl writes them."""
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ("target", "source_url", "target_url", "anchor", "follow", "nofollow_by", "flags", "external_links")
        )
        for number in range(100):
            source = f"https://blog{number % 3}.example/posts/2024/a-rather-long-title-of-a-page-{number}.html"
            anchor = "漢字の長い錨テキスト" * 4 if number % 2 else "\x1b[31mred \u202e"
            is_followed = number % 2 == 0
            rules = "" if is_followed else "rel:nofollow"
            writer.writerow(
                ("t.example", source, "https://t.example/maps", anchor, str(is_followed).lower(), rules, "", number)
            )
    return path


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_shows_twenty_rows_in_its_width(web: FakeWeb, rows: Path, columns: int) -> None:
    shown = on_terminal(web, "backlinkbot", "show", rows, columns=columns)
    assert shown.status == 0
    assert len(shown.lines) == 22
    assert shown.widest <= columns
    assert shown.lines[0].split() == ["source_url", "target_url", "anchor", "verdict"]
    assert shown.lines[-1] == "20 of 100 rows; --all shows every one"
    assert shown.lines[1].startswith("blog0.example/")
    assert "t.example/maps" in shown.lines[1]
    assert "\u202e" not in shown.text
    assert "\x1b[31m" not in shown.text


def test_a_terminal_shows_the_targets_where_there_are_several_and_flags_where_a_row_has_any(
    web: FakeWeb, rows: Path, tmp_path: Path
) -> None:
    lines = rows.read_text().splitlines()
    several = tmp_path / "several.csv"
    several.write_text("\n".join([lines[0], lines[1], lines[2].replace("t.example,", "other.example,", 1)]) + "\n")
    first = on_terminal(web, "backlinkbot", "show", several, columns=120).lines[0]
    assert first.split() == ["target", "source_url", "target_url", "anchor", "verdict"]
    with several.open(newline="") as file:
        table = list(csv.DictReader(file))
    with several.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerow(table[0] | {"flags": "hidden"})
    first = on_terminal(web, "backlinkbot", "show", several, columns=120).lines[0]
    assert first.split() == ["flags", "source_url", "target_url", "anchor", "verdict"]
    lines[-1] = lines[-1].replace("t.example,", "other.example,", 1)
    several.write_text("\n".join(lines) + "\n")
    every = on_terminal(web, "backlinkbot", "show", several, "--all", columns=120, variables={"PAGER": ""}).lines
    assert every[0].split()[0] == "target", "the hundredth row has another one"


def test_all_rows_go_through_the_pager(web: FakeWeb, rows: Path) -> None:
    shown = on_terminal(web, "backlinkbot", "show", rows, "--all", variables={"PAGER": "sed s/^/page:/"})
    assert len(shown.lines) == 101
    assert all(line.startswith("page:") for line in shown.lines)
    assert len(on_terminal(web, "backlinkbot", "show", rows, "--all", variables={"PAGER": ""}).lines) == 101
    assert (
        len(on_terminal(web, "backlinkbot", "show", rows, "--all", variables={"PAGER": "no-such-pager"}).lines) == 101
    )


def test_wide_lines_are_whole_and_few_columns_are_said(web: FakeWeb, rows: Path) -> None:
    shown = on_terminal(web, "backlinkbot", "show", rows, "--wide")
    assert "https://blog0.example/posts/2024/a-rather-long-title-of-a-page-0.html" in shown.lines[1]
    narrow = on_terminal(
        web, "backlinkbot", "show", rows, "--columns", "source_url,target,target_url,anchor,follow", columns=40
    )
    assert narrow.widest <= 40
    assert narrow.lines[-2].startswith("no room for ")
    assert all(cells(line) <= 40 for line in narrow.lines)


def test_a_terminal_shows_addresses_as_people_read_them_whole_times_and_no_empty_columns(
    web: FakeWeb, tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    address = "https://reader:secret@xn--bcher-kva.example/%D0%BA%D0%B0%D1%80%D1%82%D1%8B"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("source_url", "anchor", "via", "fetched_at"))
        for number in range(3):
            writer.writerow((f"{address}/{number}", "a long anchor text " * 9, "", f"2026-01-31T23:59:0{number}Z"))
    words = ("backlinkbot", "show", path, "--columns", "source_url,anchor,via,fetched_at")
    shown = on_terminal(web, *words, columns=60)
    assert shown.widest <= 60
    assert shown.lines[0].split() == ["source_url", "anchor", "fetched_at"]
    assert shown.lines[1].startswith("bücher.example/карты/0 ")
    assert shown.lines[1].endswith(" 2026-01-31 23:59Z")
    assert shown.lines[-1] == "nothing in via"
    assert "secret" not in shown.text
    assert address in on_terminal(web, *words, "--wide").text
