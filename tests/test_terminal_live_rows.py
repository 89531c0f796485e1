"""A run on a real terminal without -o: a table, a status line that never mixes with it, and a summary."""

from __future__ import annotations

from pathlib import Path

import pytest

from backlinkbot.terminal.cells import cells
from backlinkbot.terminal.live_rows import LiveRows
from backlinkbot.terminal.styles import Painter
from tests.conftest import links, run_command
from tests.fakeweb import FakeWeb
from tests.terminals import on_terminal
from tests.visited import row

A = "https://a.example/"
HOSTILE = "\x1b[2J\x1b]0;title\x07\u202eevil\u200b"


@pytest.fixture
def site(web: FakeWeb) -> FakeWeb:
    web.page(A, links("/good", "/no", "/gone"), delay=0.7)
    web.page(
        f"{A}good",
        f'<a href="https://target.example/x">{HOSTILE}</a><a rel="ugc" href="https://target.example/漢字">漢字の錨</a>',
    )
    web.page(f"{A}no", "<p>nothing")
    return web


@pytest.fixture
def candidates(tmp_path: Path) -> Path:
    path = tmp_path / "list.txt"
    path.write_text(f"{A}good\n{A}no\n{A}gone\nhttps://a.example/漢字\n")
    return path


@pytest.mark.parametrize("columns", [80, 120])
def test_rows_are_a_table_of_the_width(site: FakeWeb, candidates: Path, columns: int) -> None:
    shown = on_terminal(
        site, "backlinkbot", "verify", "target.example", "--candidates", candidates, "--delay", "0.2", columns=columns
    )
    assert shown.status == 0
    header, *lines = shown.lines
    assert header.split() == ["SOURCE", "TARGET", "ANCHOR", "VERDICT"]
    end = next(number for number, line in enumerate(lines) if line.startswith("Pages "))
    rows = lines[:end]
    assert len(rows) == 5
    verdict = header.index("VERDICT")
    found = {line.split()[0]: line for line in rows if "/good" not in line}
    assert found["a.example/no"].endswith("no link")
    assert found["a.example/gone"].endswith("404" + " " * (verdict - header.index("TARGET") - 3) + "not found")
    good = [line for line in rows if "/good" in line]
    assert [line.split()[-1] for line in good] == ["follow", "ugc"]
    assert "title" in good[0]
    assert all(bad not in shown.text for bad in ("\x1b[2J", "\x1b]0", "\u202e", "\u200b", "\x07"))
    assert shown.widest <= columns
    assert "source_url" not in shown.text


def test_the_status_line_and_the_summary(site: FakeWeb, candidates: Path, tmp_path: Path) -> None:
    command = ("backlinkbot", "verify", "target.example", "--candidates", candidates, "--delay", "0.5")
    shown = on_terminal(site, *command, "--history", "h.db", cwd=tmp_path)
    assert any("/4" in text and "a.example" in text and "━" in text for text in shown.statuses), shown.statuses
    end = "\n".join(shown.lines[-8:])
    assert "4 visited, 2 read, 2 not found" in end
    assert "2 found, 1 follow, 1 nofollow" in end
    assert "Changes            2 new" in end
    assert "History            h.db" in end
    assert "Next               backlinkbot todo --history h.db" in end
    assert "failed" not in end


def test_a_pipe_gets_csv_as_ever(site: FakeWeb, candidates: Path) -> None:
    done = run_command("backlinkbot", "verify", "target.example", "--candidates", candidates, "--delay", "0", web=site)
    assert done.out.startswith("target,source_url,")
    assert len(done.out.splitlines()) == 3
    assert done.err == ""


def test_csv_that_is_asked_for_on_a_terminal_is_not_mixed_with_the_status_line(site: FakeWeb, candidates: Path) -> None:
    command = ("backlinkbot", "verify", "target.example", "--candidates", candidates, "--delay", "0.2", "-o", "-")
    shown = on_terminal(site, *command, "--columns", "source_url,follow")
    assert shown.lines[:3] == ["source_url,follow", f"{A}good,true", f"{A}good,false"]


def test_chosen_columns_are_those_of_the_table(site: FakeWeb, candidates: Path) -> None:
    command = ("backlinkbot", "verify", "target.example", "--candidates", candidates, "--delay", "0")
    shown = on_terminal(site, *command, "--columns", "follow,source_url,rel")
    assert ["follow", "source_url", "rel"] in [line.split() for line in shown.lines]
    assert ["true", f"{A}good", "-"] in [line.split() for line in shown.lines]


def test_without_a_terminal_for_messages_the_table_stands_alone(site: FakeWeb, candidates: Path) -> None:
    command = ("backlinkbot", "verify", "target.example", "--candidates", candidates, "--delay", "0")
    shown = on_terminal(site, *command, stderr=False)
    assert shown.lines[0].startswith("SOURCE")
    assert shown.statuses == []
    assert not any(line.startswith("Pages") for line in shown.lines)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_styles_can_be_turned_off(site: FakeWeb, candidates: Path, variables: dict[str, str]) -> None:
    command = ("backlinkbot", "verify", "target.example", "--candidates", candidates, "--delay", "0")
    shown = on_terminal(site, *command, stderr=False, variables=variables)
    assert "\x1b" not in shown.text


def test_values_of_many_columns_keep_a_least_width() -> None:
    line = LiveRows(Painter(is_on=False)).values(["x" * 20, None, ("a", "b"), True], 20)
    assert line == "xxxx…xxx  -         a,b       true"
    assert cells(line) > 20


def test_addresses_are_shown_as_people_read_them_and_without_passwords() -> None:
    link = row(
        "https://reader:secret@target.example/%D0%BA%D0%B0%D1%80%D1%82%D1%8B",
        source_url="https://xn--bcher-kva.example/",
    )
    rows = LiveRows(Painter(is_on=False))
    assert rows.link(link, 100).split() == ["bücher.example/", "target.example/карты", "maps", "follow"]
    assert rows.values([link.target_url], 100) == "https://target.example/карты"
