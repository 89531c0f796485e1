"""No cell is a formula, whichever separator a spreadsheet assumes; the text comes back; single lines hold what can be seen."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backlinkbot.files.row_files import read_rows
from backlinkbot.importers.values import plain
from backlinkbot.items import Backlink
from backlinkbot.items.columns import columns_of
from backlinkbot.reports.exports.excel import write_xlsx
from backlinkbot.reports.exports.tables import values
from backlinkbot.text.csv_escaping import SIGNS, guard, one_line, unguard
from tests.linkrows import backlink

HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "﹦1", "﹢1", "﹣1", "﹫1", "−1", "⁼1",
    " =1", "\xa0=1", "\u3000=1", "\u200b=1", "\ufeff=1", "\u2060\u200d=1", "\x00=1", "\x1b=1", "\u202e=1", "\u3164=1",
    "\t=1", "\n=1", "\r=1", "\r\n=1", '"=1', '""=1', "' =1",
    ";=1", "a;=1", "a; =1", 'a;"=1', 'a;"=1;b', "a;\ufeff=1", "a|=1", "a\t=1", "a\n=1", "a\r\n+1", "a\n\n@x", ";;;-1",
    "a;'=1", "a;''=1", ";;=1;=2;'=3", "'=1;'=2", "=a;=b,=c", "x,\"y\";=cmd|'/C calc'!A0",
]  # fmt: skip
HARMLESS = [
    "",
    "example.com",
    "a - b",
    "a; b",
    "1 + 1 = 2",
    "mail me@x.example",
    "a|b",
    "https://x.example/?a=1;b=-1",
    "it's",
]


pieces = st.sampled_from([*SIGNS, *";|\t\r\n,'\" ", "\ufeff", "\u200b", "\xa0", "\x00", "a", "=1+1"])
texts = st.lists(pieces, max_size=8).map("".join) | st.text()


def begins_a_formula(cell: str) -> bool:
    """Whether a spreadsheet that trims generously could take a cell for a formula: said by Unicode, not by our table."""
    for sign in cell:
        if unicodedata.normalize("NFKC", sign)[:1] in set("=+-@") or sign == "\u2212":
            return True
        seen = unicodedata.category(sign)[0] not in "ZC" and sign not in '"\u3164'
        if seen:
            return False
    return False


def as_csv(*cells: str) -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(cells)
    return written.getvalue()


def cells_with(separator: str, text: str) -> list[str]:
    """Every cell that a program with this separator may see: by the rules for quotation marks, and without any."""
    read = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]
    if separator == ",":
        return read
    split = [cell for line in text.replace("\r", "\n").split("\n") for cell in line.split(separator)]
    return read + split


@given(separator=st.sampled_from(",;\t|"), text=texts)
@example(separator=";", text="a;=1")
@example(separator=";", text='a;"=1;b')
def test_no_program_sees_a_formula(separator: str, text: str) -> None:
    line = as_csv("x", guard(text), "y")
    assert [cell for cell in cells_with(separator, line) if begins_a_formula(cell)] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_each_of_these_is_guarded(text: str) -> None:
    for separator in ",;\t|":
        assert [cell for cell in cells_with(separator, as_csv("x", guard(text))) if begins_a_formula(cell)] == []
    assert guard(text) != text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_no_spreadsheet_runs_is_left_alone(text: str) -> None:
    assert guard(text) == text


@given(texts)
@example(";'=")
@example("';''=1")
def test_the_text_comes_back(text: str) -> None:
    assert unguard(guard(text)) == text


@pytest.mark.parametrize("text", [*HOSTILE, *HARMLESS])
def test_the_text_comes_back_from_a_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(as_csv("anchor", "x") + as_csv(guard(text), "x"), encoding="utf-8", newline="")
    assert [row["anchor"] for row in read_rows(path)] == [text]


@pytest.mark.parametrize(
    "text", [text for text in HOSTILE if guard(text)[0] == "'" and text.strip() == text and text[0] not in "='"]
)
def test_importers_take_the_guard_off_too(text: str) -> None:
    assert plain(guard(text)) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_a_workbook_marks_the_cell_as_text(text: str) -> None:
    file = io.BytesIO()
    columns = columns_of(Backlink)
    write_xlsx(file, columns, values([backlink(anchor=text)], columns))
    at = [column.name for column in columns].index("anchor")
    cell = openpyxl.load_workbook(file).active[2][at]
    assert cell.data_type == "s"
    assert cell.quotePrefix


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\x1b[31mb", "a [31mb"), ("a\n b\t c", "a b c"), ("a\u202eb", "a b"), ("x" * 200, "x" * 119 + "…"), ("", "")],
)
def test_one_line_is_what_can_be_seen(text: str, shown: str) -> None:
    assert one_line(text) == shown
