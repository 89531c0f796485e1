"""``backlinkbot export``: views, grouping, and formats that other programs read to the same values."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from pyarrow import parquet

from backlinkbot.cli import export
from backlinkbot.cli.main import main
from backlinkbot.cli.row_source import GROUPS
from backlinkbot.history import History
from backlinkbot.history.observation import key_of
from backlinkbot.items import Backlink, Change, JudgedPage
from backlinkbot.items.columns import Column, Kind, columns_of
from backlinkbot.reports.anchors import AnchorReader
from backlinkbot.reports.exports.excel import LONGEST_CELL, Sheet, write_workbook, write_xlsx
from backlinkbot.reports.exports.grouping import KEYS, Chosen, Group, Selection, grouped
from backlinkbot.reports.exports.parquet import BATCH, write_parquet
from backlinkbot.reports.exports.tables import CELLS, Row, values, write_csv, write_jsonl
from backlinkbot.reports.exports.views import LINKS, VIEWS, Context, LinkRow, row_type, rows_of
from backlinkbot.reports.quality.profile import Profile
from backlinkbot.reports.quality.sitewide import FEW_PAGES, MANY_PAGES, Sitewide
from backlinkbot.text.csv_escaping import FORMULA_STARTS, one_line, unguard
from tests.conftest import ROOT, environment, examples, run_command
from tests.datasette_server import asked, datasette
from tests.linkrows import NASTY, backlink, backlinks, pages, write_rows
from tests.visited import TARGET, day
from tests.visited import read as read_page
from tests.visited import row as seen_row

ALL_VIEWS = [LINKS, *VIEWS]
many_backlinks = st.lists(backlinks(), max_size=25)


def table(view: str, rows: list[Backlink], how: Group = Group.ALL) -> tuple[tuple[Column, ...], list[Row]]:
    """A view with everything that it can show."""
    profile = Profile(rows)
    context = Context(sitewide=profile.sitewide, reader=AnchorReader(), profile=profile)
    columns = columns_of(row_type(view))
    return columns, list(values(rows_of(view, grouped(rows, how), context), columns))


def as_dicts(columns: tuple[Column, ...], rows: list[Row]) -> list[dict[str, Any]]:
    return [dict(zip([column.name for column in columns], row, strict=True)) for row in rows]


def read(view: str, rows: list[Backlink], how: Group = Group.ALL) -> list[dict[str, Any]]:
    return as_dicts(*table(view, rows, how))


# --- views ------------------------------------------------------------------------------------------------------------


def test_the_views_are_those_of_the_command() -> None:
    assert set(export.VIEWS) == {*ALL_VIEWS, export.ALL}
    assert set(GROUPS) == set(Group)
    assert set(export.STATES) == set(Chosen)


BY: dict[str, Callable[[Backlink], tuple[str, ...]]] = {
    "domains": lambda row: (row.target, row.source_domain),
    "anchors": lambda row: (row.target, row.anchor, AnchorReader().kind(row)),
    "pages": lambda row: (row.target, row.target_url),
    "tlds": lambda row: (row.target, "address" if row.source_domain[0] == "1" else "." + row.source_domain.rpartition(".")[2]),
}  # fmt: skip


@given(view=st.sampled_from(list(VIEWS)), rows=many_backlinks)
@settings(deadline=None, max_examples=examples(80))
def test_a_view_counts_what_is_there(view: str, rows: list[Backlink]) -> None:
    sets: dict[Any, list[Backlink]] = defaultdict(list)
    for link in rows:
        sets[BY[view](link)].append(link)
    found = read(view, rows)
    assert len(found) == len(sets)
    assert [row["links"] for row in found] == sorted((len(of) for of in sets.values()), reverse=True)
    if view in {"domains", "pages"}:
        key = "source_domain" if view == "domains" else "target_url"
        for row in found:
            of = sets[row["target"], row[key]]
            assert row["pages"] == len({link.source_url for link in of})
            assert row["follow_links"] == sum(bool(link.follow) for link in of)
            assert row["lost_links"] == sum(link.state == "lost" for link in of)
            assert row["anchors"] == len({link.anchor for link in of})
            seen = sorted(link.first_seen for link in of if link.first_seen)
            assert row["first_seen"] == (datetime.fromisoformat(seen[0]) if seen else None)


@given(many_backlinks)
@settings(deadline=None, max_examples=examples(30))
def test_every_backlink_has_its_row_with_all_its_columns(rows: list[Backlink]) -> None:
    found = read(LINKS, rows)
    for row, link in zip(found, rows, strict=True):
        assert re.sub("[\ufffd-\uffff]|[\ud800-\udfff]", "?", row["anchor"]) == re.sub(
            "[\ufffd-\uffff]|[\ud800-\udfff]", "?", link.anchor
        )
    assert [row["rel"] for row in found] == [list(row.rel) for row in rows]
    assert all(row["links_in_group"] == row["pages_in_group"] == 1 for row in found)


@given(many_backlinks, st.sampled_from(list(KEYS)), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=examples(60))
def test_a_group_counts_once_and_is_the_same_in_any_order(
    rows: list[Backlink], how: Group, chance: random.Random
) -> None:
    found = list(grouped(rows, how))
    assert sum(group.links for group in found) == len(rows)
    assert len(found) == len(set(map(KEYS[how], rows)))
    shuffled = chance.sample(rows, len(rows))
    by_key = {KEYS[how](group.link): group for group in found}
    assert {KEYS[how](group.link): group for group in grouped(shuffled, how)} == by_key
    for group in found:
        of = [row for row in rows if KEYS[how](row) == KEYS[how](group.link)]
        assert group.pages == len({row.source_url for row in of})
        assert group.link.state != "lost" or all(row.state == "lost" for row in of)


@given(many_backlinks, st.sampled_from(Group))
@settings(deadline=None, max_examples=examples(60))
def test_rows_that_come_by_page_give_the_same_groups_and_sitewide_links(rows: list[Backlink], how: Group) -> None:
    by_page = sorted((replace(row, source_url=key_of(row.source_url)) for row in rows), key=lambda row: row.source_url)
    assert list(grouped(by_page, how, is_by_page=True)) == list(grouped(by_page, how))
    repeated = [replace(row, source_url=f"{row.source_url}-{n}") for n in range(MANY_PAGES) for row in by_page]
    repeated.sort(key=lambda row: row.source_url)
    for some in (by_page, repeated, repeated[: len(rows) * FEW_PAGES]):
        one, other = Sitewide(some, is_by_page=True), Sitewide(some)
        assert list(map(one.pages, some)) == list(map(other.pages, some))
        assert list(map(one.evidence, some)) == list(map(other.evidence, some))


def test_what_stands_for_a_group_is_the_best_of_it() -> None:
    best = backlink("https://a.example/9", external_links=2)
    others = [
        backlink("https://a.example/1", state="lost"),
        backlink("https://a.example/2", follow=False),
        backlink("https://a.example/3", indexable=False),
        backlink("https://a.example/4", external_links=30),
    ]
    (group,) = grouped([*others, best], Group.ONE_PER_DOMAIN)
    assert (group.link, group.links, group.pages) == (best, 5, 5)


def test_similar_links_are_one_and_different_ones_stay() -> None:
    rows = [*pages("a.example", 30), *pages("b.example", 2), backlink("https://a.example/x", anchor="other")]
    rows += [backlink("https://a.example/y", follow=False)]
    found = {(row["source_domain"], row["anchor"], row["follow"]): row for row in read(LINKS, rows, Group.SIMILAR)}
    assert {key: row["links_in_group"] for key, row in found.items()} == {
        ("a.example", "the harbour guide", True): 30,
        ("a.example", "the harbour guide", False): 1,
        ("a.example", "other", True): 1,
        ("b.example", "the harbour guide", True): 2,
    }
    (anchor, _) = read("anchors", rows, Group.SIMILAR)
    assert (anchor["anchor"], anchor["links"], anchor["domains"]) == ("the harbour guide", 3, 2)


def test_links_in_different_places_are_not_similar() -> None:
    rows = [row for place in ("content", "footer") for row in pages("a.example", 5, placement=place)]
    found = {row["placement"]: row["links_in_group"] for row in read(LINKS, rows, Group.SIMILAR)}
    assert found == {"content": 5, "footer": 5}


def test_grouping_comes_before_counting() -> None:
    rows = [*pages("a.example", 30), *pages("b.example", 2)]
    assert [row["links"] for row in read("tlds", rows, Group.ONE_PER_DOMAIN)] == [2]
    assert [row["links"] for row in read("tlds", rows, Group.ONE_PER_PAGE)] == [32]


def test_state_target_and_own_pages_choose() -> None:
    live, lost = backlink(), backlink("https://b.example/", state="lost")
    own = backlink("https://target.example/x", flags=("same_domain",))
    other = backlink("https://c.example/", target="other.example")
    rows = [live, lost, own, other]
    assert list(Selection(rows=rows)) == [live, other]
    assert list(Selection(rows=rows, state=Chosen.LOST)) == [lost]
    assert list(Selection(rows=rows, state=Chosen.ALL, targets=frozenset({"target.example"}))) == [live, lost]
    assert list(Selection(rows=rows, own_pages=True, state=Chosen.ALL)) == rows


# --- sitewide ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("same", "others", "is_sitewide"),
    [
        (FEW_PAGES - 1, 0, False),
        (FEW_PAGES, 0, True),
        (FEW_PAGES, FEW_PAGES, True),
        (FEW_PAGES, FEW_PAGES + 1, False),
        (MANY_PAGES - 1, 100, False),
        (MANY_PAGES, 100, True),
    ],
)
def test_a_link_is_sitewide_from_some_pages_and_a_share_on(same: int, others: int, is_sitewide: bool) -> None:  # noqa: FBT001
    footer = pages("a.example", same, anchor="our partner")
    rest = [backlink(f"https://a.example/post-{n}", anchor=f"post {n}") for n in range(others)]
    found = Sitewide([*footer, *rest])
    assert found.pages(footer[0]) == (same if is_sitewide else 0)
    evidence = f"the same link with the same anchor on {same} of {same + others} pages of the domain that link here"
    assert found.evidence(footer[0]) == (evidence if is_sitewide else "")
    assert all(found.pages(row) == 0 for row in rest)


def test_what_repeats_elsewhere_or_on_one_page_is_not_sitewide() -> None:
    on_one_page = [backlink("https://a.example/", raw_href=f"{n}") for n in range(40)]
    on_many_domains = [backlink(f"https://site{n}.example/") for n in range(40)]
    found = Sitewide([*on_one_page, *on_many_domains])
    assert not any(map(found.pages, [*on_one_page, *on_many_domains]))


def test_an_address_shows_what_it_answered_last() -> None:
    asked = (
        ("ok", 200, "2026-01-01T00:00:00Z"),
        ("broken", 404, "2026-02-01T00:00:00Z"),
        ("", None, "2026-03-01T00:00:00Z"),
    )
    rows = [
        backlink(f"https://s{number}.example/", target_state=state, target_status=status, fetched_at=at)
        for number, (state, status, at) in enumerate(asked)
    ]
    (page,) = read("pages", rows)
    assert (page["target_state"], page["target_status"]) == ("broken", 404)
    (page,) = read("pages", rows[2:])
    assert (page["target_state"], page["target_status"], page["target_final_url"]) == ("", None, "")


def test_a_sitewide_link_shows_in_the_views() -> None:
    rows = [*pages("a.example", 10), backlink("https://b.example/")]
    assert [(row["sitewide"], row["sitewide_pages"]) for row in read(LINKS, rows)] == [(True, 10)] * 10 + [(False, 0)]
    assert [row["sitewide"] for row in read("domains", rows)] == [True, False]
    assert read("anchors", rows)[0]["sitewide_domains"] == read("pages", rows)[0]["sitewide_domains"] == 1
    (one, _) = read(LINKS, rows, Group.SIMILAR)
    assert (one["links_in_group"], one["pages_in_group"], one["sitewide_pages"]) == (10, 10, 10)


# --- formats ----------------------------------------------------------------------------------------------------------


def written(write: Any, columns: tuple[Column, ...], rows: list[Row]) -> bytes:
    file = io.BytesIO()
    write(file, columns, rows)
    return file.getvalue()


def plain(columns: tuple[Column, ...], rows: list[Row]) -> list[list[str]]:
    """The texts that every format has to hold."""
    return [
        ["" if cell is None else CELLS[column.kind](cell) for column, cell in zip(columns, row, strict=True)]
        for row in rows
    ]


def from_csv(data: bytes) -> list[list[str]]:
    return [list(map(unguard, row)) for row in csv.reader(io.StringIO(data.decode(), newline=""))]


def from_jsonl(columns: tuple[Column, ...], data: bytes) -> list[list[str]]:
    lines = [json.loads(line) for line in data.decode().split("\n") if line]
    for line in lines:
        assert list(line) == [column.name for column in columns]
    cells = CELLS | {Kind.TIME: str}
    return [
        ["" if value is None else cells[c.kind](value) for c, value in zip(columns, line.values(), strict=True)]
        for line in lines
    ]


def from_parquet(columns: tuple[Column, ...], data: bytes) -> list[list[str]]:
    return plain(columns, [list(row.values()) for row in parquet.read_table(io.BytesIO(data)).to_pylist()])


def from_xlsx(columns: tuple[Column, ...], data: bytes) -> list[list[str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True).active
    header, *rows = sheet.iter_rows(values_only=True)
    assert header == tuple(column.name for column in columns)
    found = []
    for row in rows:
        cells = []
        for column, value in zip(columns, row, strict=True):
            if column.kind is Kind.TIME and value is not None:
                cells.append(CELLS[Kind.TIME](value.replace(tzinfo=UTC)))
            elif column.kind in {Kind.NUMBER, Kind.REAL, Kind.FLAG} and value is not None:
                cells.append(CELLS[column.kind](float(value) if column.kind is Kind.REAL else value))
            else:
                cells.append(unescape(value or ""))
        found.append(cells)
    return found


@pytest.mark.slow
@given(view=st.sampled_from(ALL_VIEWS), rows=many_backlinks)
@settings(deadline=None, max_examples=examples(60))
def test_every_format_says_the_same(view: str, rows: list[Backlink]) -> None:
    columns, made = table(view, rows)
    told = plain(columns, made)
    header, *cells = from_csv(written(write_csv, columns, made))
    assert header == [column.name for column in columns]
    assert cells == told
    assert from_jsonl(columns, written(write_jsonl, columns, made)) == told
    assert from_parquet(columns, written(write_parquet, columns, made)) == told
    assert from_xlsx(columns, written(write_xlsx, columns, made)) == told


@pytest.mark.parametrize("text", ["\ud83c", "\ufffe", "\uffff"])
def test_what_some_format_cannot_hold_is_a_sign_for_it_in_all(text: str) -> None:
    (row,) = read(LINKS, [backlink(anchor=f"a{text}b")])
    assert row["anchor"] == "a\ufffdb"


def test_no_csv_cell_is_a_formula_and_no_workbook_cell_runs() -> None:
    rows = [backlink(anchor=text, raw_href=text, source_title=text, target_url=text) for text in NASTY]
    columns, made = table(LINKS, rows)
    for row in csv.reader(io.StringIO(written(write_csv, columns, made).decode(), newline="")):
        assert not any(cell.startswith(FORMULA_STARTS) for cell in row)
    book = openpyxl.load_workbook(io.BytesIO(written(write_xlsx, columns, made)))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n", "b", "d", "inlineStr"} & {cell.data_type for cell in cells}
    assert not any(cell.data_type == "f" for cell in cells)
    linked = {cell.hyperlink.target for cell in cells if cell.hyperlink}
    assert linked == {"https://a.example/", "https://target.example/", "http://a.example/"} & linked


PARQUET_TYPES = {
    "target": pa.string(),
    "rel": pa.list_(pa.field("element", pa.string())),
    "follow": pa.bool_(),
    "occurrences": pa.int64(),
    "fetched_at": pa.timestamp("us", tz="UTC"),
    "first_seen": pa.timestamp("us", tz="UTC"),
    "authority": pa.float64(),
    "evidence": pa.list_(pa.field("element", pa.string())),
}


def test_parquet_has_real_types_and_duckdb_reads_them(tmp_path: Path) -> None:
    import duckdb  # here, as it takes a while, and each worker collects the tests of all modules

    columns, made = table(LINKS, [backlink(rel=("nofollow", "ugc"), last_seen="2026-02-01T00:00:00Z")] * 3)
    path = tmp_path / "links.parquet"
    path.write_bytes(written(write_parquet, columns, made))
    schema = parquet.read_schema(path)
    for name, kind in PARQUET_TYPES.items():
        assert schema.field(name).type.equals(kind), name
    assert schema.field("first_seen").nullable
    assert not schema.field("anchor").nullable
    found = duckdb.execute(
        f"SELECT rel[2], follow, epoch(fetched_at), first_seen IS NULL, last_seen > fetched_at FROM '{path}'"
    ).fetchall()
    assert found == [("ugc", True, datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp(), True, True)] * 3


def test_parquet_of_many_batches_and_of_none() -> None:
    columns = (Column(name="n", kind=Kind.NUMBER),)
    count = 2 * BATCH + 1
    file = parquet.ParquetFile(io.BytesIO(written(write_parquet, columns, [[n] for n in range(count)])))
    assert file.read()["n"].to_pylist() == list(range(count))
    assert file.num_row_groups == 3
    assert parquet.read_table(io.BytesIO(written(write_parquet, columns, []))).schema.names == ["n"]


NUMBERS = (Column(name="n", kind=Kind.NUMBER),)


@pytest.mark.parametrize(("count", "parts"), [(0, [0]), (9, [9]), (10, [9, 1]), (28, [9, 9, 9, 1])])
def test_more_rows_than_a_sheet_holds_go_on_in_further_sheets(count: int, parts: list[int]) -> None:
    file = io.BytesIO()
    write_workbook(file, [Sheet(title="Links", columns=NUMBERS, rows=[[n] for n in range(count)])], most_rows=10)
    book = openpyxl.load_workbook(file)
    found = [[cell for (cell,) in sheet.iter_rows(values_only=True)] for sheet in book]
    assert [name for name, *_ in found] == ["n"] * len(parts)
    assert [len(rows) for _, *rows in found] == parts
    assert [n for _, *rows in found for n in rows] == list(range(count))
    assert book.sheetnames == ["Links", *(f"Links ({n})" for n in range(2, len(parts) + 1))]
    assert all(sheet.freeze_panes == "A2" and sheet.auto_filter.ref for sheet in book)


def test_more_addresses_than_excel_can_link_are_text_and_that_is_said() -> None:
    columns = (Column(name="source_url", kind=Kind.TEXT),)
    rows = [[f"https://a.example/{n}"] for n in range(7)]
    file = io.BytesIO()
    tables = [Sheet(title=title, columns=columns, rows=rows) for title in ("One", "Two")]
    said = write_workbook(file, tables, most_links=5).notes
    book = openpyxl.load_workbook(file)
    for sheet in book:
        assert [cell.value for (cell,) in sheet.iter_rows(min_row=2)] == [address for (address,) in rows]
        assert sum(cell.hyperlink is not None for (cell,) in sheet.iter_rows()) == 5
    assert [note.partition(":")[0] for note in said] == ["One, Two"]


@pytest.mark.parametrize(
    ("address", "is_linked"),
    [
        ("https://a.example/b c", True), ("https://bücher.example/ü#a#b", True), ("https://a.example/" + "x" * 1_900, True),
        ("https://a.example/" + "x" * 3_000, False), ("https://a.example/" + "{" * 900, False), ("javascript:alert(1)", False),
        ("https://user:secret@a.example/", False), ("file:///etc/passwd", False), ("internal:Sheet1!A1", False),
        ("mailto:a@example.com", False), ("https://", False), ("http://a.example/?q=%zz", True),
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_are_links_and_their_text_is_whole(address: str, is_linked: bool) -> None:  # noqa: FBT001
    columns = (Column(name="source_url", kind=Kind.TEXT), Column(name="anchor", kind=Kind.TEXT))
    file = io.BytesIO()
    write_xlsx(file, columns, [[address, "https://an.anchor.example/"]])
    cell, anchor = next(openpyxl.load_workbook(file).active.iter_rows(min_row=2))
    assert cell.value == address
    assert (cell.hyperlink is not None) == is_linked
    assert anchor.hyperlink is None


def test_cells_have_widths_and_formats() -> None:
    columns, made = table(
        LINKS, [backlink(source_status=200, external_links=12_345, first_seen="2026-01-31T12:00:00Z")]
    )
    file = io.BytesIO()
    write_xlsx(file, columns, made)
    sheet = openpyxl.load_workbook(file).active
    of = {column.name: cell for column, cell in zip(columns, next(sheet.iter_rows(min_row=2)), strict=True)}
    assert of["source_status"].number_format == "0"
    assert of["external_links"].number_format == "#,##0"
    assert of["first_seen"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert of["follow"].value is True
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in of.values()]
    assert min(widths) >= 8
    assert max(widths) <= 61
    assert sheet.auto_filter.ref == sheet.dimensions


@pytest.mark.parametrize(
    ("text", "is_cut"),
    [
        ("x" * LONGEST_CELL, False),
        ("x" * (LONGEST_CELL + 1), True),
        ("🎈" * (LONGEST_CELL // 2), False),
        ("🎈" * (LONGEST_CELL // 2 + 1), True),
    ],
)
def test_a_cell_longer_than_excels_is_cut_and_says_so(text: str, is_cut: bool) -> None:  # noqa: FBT001
    columns = (Column(name="t", kind=Kind.TEXT),)
    file = io.BytesIO()
    assert write_xlsx(file, columns, [[text]]).cut == is_cut
    ((found,),) = from_xlsx(columns, file.getvalue())
    assert len(found.encode("utf-16-le")) // 2 <= LONGEST_CELL
    assert found.endswith(" [cut]") if is_cut else found == text
    assert text.startswith(found.removesuffix(" [cut]"))


@given(st.text(max_size=300), st.integers(2, 50))
def test_one_line_is_one_short_line_of_what_can_be_seen(text: str, longest: int) -> None:
    line = one_line(text, longest)
    assert len(line.splitlines()) <= 1
    assert line.isprintable()
    assert len(line) <= longest
    assert one_line(line, longest) == line


# --- the command ------------------------------------------------------------------------------------------------------

ROWS = [*pages("a.example", 6), backlink("https://b.example/", anchor="=1+1", rel=("ugc",)), backlink("https://c.example/", state="lost")]  # fmt: skip


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "rows.jsonl", ROWS)


def counts(path: Path) -> int:
    if path.suffix == ".csv":
        return len(from_csv(path.read_bytes())) - 1
    if path.suffix == ".parquet":
        return int(parquet.read_metadata(path).num_rows)
    if path.suffix == ".xlsx":
        return int(openpyxl.load_workbook(path).active.max_row) - 1
    return path.read_bytes().count(b"\n")


def test_a_workbook_of_a_history_has_a_sheet_for_each_view(tmp_path: Path) -> None:
    url, output = str(tmp_path / "watch.db"), tmp_path / "all.xlsx"
    with History.open(url) as history:
        for number, anchors in enumerate((["=1+1", "maps"], ["maps"]), start=1):
            run = history.begin_run("verify", [TARGET], started_at=day(number))
            rows = [seen_row(f"https://target.example/{at}", anchor=text) for at, text in enumerate(anchors)]
            history.record(run, [read_page(day(number), *rows, url="https://a.example/")])
            history.end_run(run, finished_at=day(number, 13))
    assert main(["export", "--history", url, "--state", "all", "-o", str(output)]) == 0
    book = openpyxl.load_workbook(output)
    tables = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    assert list(tables) == [
        "Links",
        "Referring domains",
        "Anchors",
        "Linked pages",
        "Top-level domains",
        "Changes",
        "Runs",
    ]
    for view, title in (
        ("links", "Links"),
        ("domains", "Referring domains"),
        ("anchors", "Anchors"),
        ("pages", "Linked pages"),
    ):
        single = tmp_path / f"{view}.xlsx"
        assert main(["export", "--history", url, "--state", "all", "--view", view, "-o", str(single)]) == 0
        assert list(openpyxl.load_workbook(single).active.iter_rows(values_only=True)) == tables[title]
    header, *changes = tables["Changes"]
    assert header == tuple(column.name for column in columns_of(Change))
    assert [change[header.index("kind")] for change in changes] == ["new", "new", "changed", "lost"]
    header, *found = tables["Runs"]
    assert [(run[header.index("command")], run[header.index("lost")]) for run in found] == [
        ("verify", 0),
        ("verify", 1),
    ]
    assert not any(cell.data_type == "f" for sheet in book for line in sheet.iter_rows() for cell in line)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--view", "all", "-o", "a.csv"], "--view all needs sheets: -o FILE.xlsx"),
        (["--view", "all"], "--view all needs sheets"),
        (["--view", "all", "--columns", "anchor", "-o", "a.xlsx"], "--columns needs one --view"),
    ],
)
def test_all_views_need_a_workbook(
    words: list[str], message: str, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--rows", str(rows_file), *words]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("view", ALL_VIEWS)
@pytest.mark.parametrize("ending", export.ENDINGS)
def test_every_view_in_every_format(view: str, ending: str, rows_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / f"{view}{ending}"
    assert main(["export", "--rows", str(rows_file), "--view", view, "-o", str(output)]) == 0
    assert counts(output) == {LINKS: 7, "domains": 2, "anchors": 2, "pages": 1, "tlds": 1}[view]
    assert [path.name for path in output.parent.iterdir()] == [output.name]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("--state lost", 1),
        ("--state all", 8),
        ("--group one-per-domain", 2),
        ("--group one-per-page --state all", 8),
        ("--group similar", 2),
        ("--target other.example", 0),
        ("--target target.example --target other.example", 7),
        ("--markers", 7),
    ],
)
def test_flags_choose(words: str, count: int, rows_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    assert main(["export", "--rows", str(rows_file), *words.split(), "-o", str(output)]) == 0
    assert counts(output) == count


def test_columns_that_were_not_asked_for_are_not_there(rows_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    for words, extra in (
        ([], set()),
        (["--markers"], {"relevance", "markers", "evidence", "spam"}),
    ):
        assert main(["export", "--rows", str(rows_file), *words, "-o", str(output)]) == 0
        header = from_csv(output.read_bytes())[0]
        asked_for = {"authority", "relevance", "markers", "evidence", "spam"} & set(header)
        assert asked_for == extra
        assert set(header) - asked_for == {column.name for column in columns_of(LinkRow)} - {
            "authority",
            "relevance",
            "markers",
            "evidence",
            "spam",
        }


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        ("-o out.ods", 2, "unknown format; the file must end in one of .csv, .jsonl"),
        ("--view tlds --markers", 2, "--markers needs --view domains or links, not tlds"),
        ("--view pages --ranks x", 2, "--ranks needs --view domains or links, not pages"),
        ("--language de", 2, "--language needs --markers"),
        ("--own-links x.txt", 2, "--own-links needs --markers"),
        ("--markers --own-links nowhere.txt", 2, "own links nowhere.txt"),
        ("--ranks nowhere.gz", 2, "ranks nowhere.gz: "),
        ("-o /proc/nowhere/out.csv", 1, "cannot be written"),
    ],
)
def test_mistakes_are_said(
    words: str, status: int, complaint: str, rows_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--rows", str(rows_file), *words.split()]) == status
    shown = capsys.readouterr()
    assert complaint in shown.err
    assert shown.out == ""


def test_a_file_that_cannot_be_read_leaves_the_old_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = write_rows(tmp_path / "rows.csv", [*ROWS, backlink(first_seen="yesterday")])
    for ending in export.ENDINGS:
        output = tmp_path / "out" / f"links{ending}"
        output.parent.mkdir(exist_ok=True)
        output.write_text("before")
        assert main(["export", "--rows", str(rows), "-o", str(output)]) == 1
        assert "'yesterday' is not a time" in capsys.readouterr().err
        assert output.read_text() == "before"
        assert not list(output.parent.glob("*.part"))
    assert main(["export", "--rows", str(tmp_path / "nowhere.csv")]) == 1


@pytest.mark.subprocess
def test_the_installed_command_prints_csv(rows_file: Path) -> None:
    ran = run_command("backlinkbot", "export", "--rows", rows_file, "--view", "domains", installed=True)
    assert (ran.status, ran.err) == (0, "")
    assert [line.split(",")[1:3] for line in ran.out.splitlines()] == [["source_domain", "links"], ["a.example", "6"], ["b.example", "1"]]  # fmt: skip


WITHOUT = """
import sys
sys.modules[sys.argv[1]] = None  # as if it were not installed
from backlinkbot.cli.main import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("package", "ending", "extra"), [("pyarrow", ".parquet", "parquet"), ("xlsxwriter", ".xlsx", "excel")]
)
def test_a_package_that_lacks_is_named_with_its_extra(
    package: str, ending: str, extra: str, rows_file: Path, tmp_path: Path
) -> None:
    words = [
        sys.executable,
        "-c",
        WITHOUT,
        package,
        "export",
        "--rows",
        str(rows_file),
        "-o",
        str(tmp_path / f"o{ending}"),
    ]
    ran = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert f'pip install "backlinkbot[{extra}]"' in ran.stderr
    assert not list(tmp_path.glob("o*"))


def test_duckdb_counts_the_exported_csv_as_we_do(rows_file: Path, tmp_path: Path) -> None:
    import duckdb  # here, as it takes a while, and each worker collects the tests of all modules

    output = tmp_path / "links.csv"
    assert main(["export", "--rows", str(rows_file), "-o", str(output)]) == 0
    found = duckdb.execute(f"SELECT source_domain, count(*) FROM read_csv('{output}') GROUP BY ALL").fetchall()
    assert dict(found) == Counter(row.source_domain for row in ROWS if row.state != "lost")


# --- Datasette --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.subprocess
def test_datasette_serves_the_exported_links_and_the_history(
    rows_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snippets = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "export.md").read_text(), re.MULTILINE | re.DOTALL)
    (snippet,) = (text for text in snippets if "sqlite3" in text)
    monkeypatch.chdir(tmp_path)
    assert main(["export", "--rows", str(rows_file), "-o", "links.jsonl"]) == 0
    exec(compile(snippet, "docs/export.md", "exec"), {})
    with History.open("backlinks.db") as history:
        history.begin_run("discover", ["target.example"])
    with datasette(tmp_path / "links.db", tmp_path / "backlinks.db") as address:
        rows = asked(f"{address}/links/links.json?_shape=array")
        assert [row["source_url"] for row in rows] == [row.source_url for row in ROWS if row.state != "lost"]
        facets = asked(f"{address}/links/links.json?_facet=source_domain&_facet_array=rel")["facet_results"]
        counts = {
            name: {result["value"]: result["count"] for result in facet["results"]} for name, facet in facets.items()
        }
        assert counts == {"source_domain": {"a.example": 6, "b.example": 1}, "rel": {"ugc": 1}}
        views = {view["name"] for view in asked(f"{address}/backlinks.json")["views"]}
        assert {"backlinks", "referring_domains", "changes", "runs"} <= views


@pytest.mark.subprocess
def test_the_history_is_exported_as_a_file_of_rows_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = JudgedPage(url="https://a.example/", requested_url="https://a.example/", fetched_at="2026-01-31T12:00:00Z", status=200, backlinks=(backlink(),))  # fmt: skip
    with History.open("some.db") as history:
        run = history.begin_run("discover", ["target.example"])
        history.record(run, [page])
    for words in (["--history", "some.db"], []):
        monkeypatch.setenv("BACKLINKBOT_HISTORY_URL", "some.db")
        assert main(["export", *words, "-o", "links.jsonl"]) == 0
        (row,) = map(json.loads, Path("links.jsonl").read_text().splitlines())
        assert (row["anchor"], row["first_seen"], row["state"]) == ("the harbour guide", "2026-01-31T12:00:00Z", "new")
    assert main(["disavow", "--flagged", "hidden", "-o", "d.txt"]) == 0
    monkeypatch.delenv("BACKLINKBOT_HISTORY_URL")
    assert main(["export", "-o", "links.jsonl"]) == 2
