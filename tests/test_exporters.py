"""Rows as CSV and JSONL: columns, types, the guard against formulas, and what others read from them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backlinkbot.errors import OutputError
from backlinkbot.exporters.exporters import VIEWS, CsvRows, JsonLinesRows, JsonRows, RowExporter, columns_of
from backlinkbot.files.row_files import read_rows
from backlinkbot.items import Backlink, Check, JudgedPage, State
from backlinkbot.text.csv_escaping import FORMULA_STARTS, guard, unguard

COLUMNS = [
    "target",
    "source_url",
    "source_domain",
    "source_title",
    "target_url",
    "anchor",
    "link_type",
    "follow",
    "nofollow_by",
    "rel",
    "indexable",
    "noindex_by",
    "flags",
    "placement",
    "heading",
    "context_before",
    "context_after",
    "link_kind",
    "link_density",
    "position",
    "occurrences",
    "state",
    "first_seen",
    "last_seen",
    "lost_reason",
    "unconfirmed_since",
    "claimed_by",
    "claim_mismatch",
    "target_state",
    "target_status",
    "target_final_url",
    "source_status",
    "source_language",
    "canonical_url",
    "external_links",
    "internal_links",
    "discovered_from",
    "depth",
    "fetched_at",
    "raw_href",
    "via",
    "anchor_source",
    "placement_by",
    "link_kind_by",
    "flags_by",
    "source_accounts",
    "rendered",
]

ROW = Backlink(
    target="target.example",
    source_url="https://a.example/",
    source_domain="a.example",
    source_title='Title, "quoted"',
    source_status=200,
    source_language="de",
    target_url="https://target.example/",
    raw_href="//target.example",
    anchor="Überschrift\nzwei",
    anchor_source="text",
    link_type="text",
    rel=("NoFollow", "ugc"),
    follow=False,
    nofollow_by=("rel:nofollow", "rel:ugc"),
    indexable=True,
    noindex_by=(),
    canonical_url="",
    flags=("noscript",),
    occurrences=2,
    external_links=3,
    internal_links=4,
    discovered_from="seed",
    depth=0,
    fetched_at="2026-01-31T12:00:00Z",
)
CHECK = Check(
    candidate="https://a.example/",
    state=State.UNREACHABLE,
    status=None,
    reason="no such host",
    final_url="https://a.example/",
    backlinks=0,
    fetched_at="2026-01-31T12:00:00Z",
)


def page(*rows: Backlink, checks: tuple[Check, ...] = ()) -> JudgedPage:
    return JudgedPage(url="https://a.example/", requested_url="x", fetched_at="", backlinks=rows, checks=checks)


def export(exporter: type[RowExporter], *pages: JudgedPage, view: str = "backlinks", **options: Any) -> bytes:
    file = io.BytesIO()
    fields = columns_of(options.pop("fields_to_export", None), view)
    made = exporter(file, encoding="utf-8", fields_to_export=fields, **options)
    made.start_exporting()
    for each in pages:
        for row in VIEWS[view][1](each):
            made.export_item(row)
    made.finish_exporting()
    return file.getvalue()


def cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def test_the_columns_are_those_of_the_documents_in_their_order() -> None:
    assert [field.name for field in fields(Backlink)] == COLUMNS
    assert cells(export(CsvRows))[0] == COLUMNS
    assert list(json.loads(export(JsonLinesRows, page(ROW)))) == COLUMNS
    checks = ["candidate", "state", "status", "reason", "final_url", "backlinks", "fetched_at"]
    checks += ["claimed_by", "claim_mismatch"]
    assert cells(export(CsvRows, view="checks")) == [checks]


def test_a_page_is_as_many_rows_as_it_has_backlinks() -> None:
    pages = (page(ROW, replace(ROW, anchor="second")), page(), page(replace(ROW, anchor="third")))
    assert [row[COLUMNS.index("anchor")] for row in cells(export(CsvRows, *pages))] == [
        "anchor",
        ROW.anchor,
        "second",
        "third",
    ]
    assert export(JsonLinesRows, *pages).count(b"\n") == 3
    assert len(json.loads(export(JsonRows, *pages))) == 3
    assert json.loads(export(JsonRows)) == []


def test_csv_cells() -> None:
    (_, row) = cells(export(CsvRows, page(ROW)))
    found = dict(zip(COLUMNS, row, strict=True))
    assert found["source_title"] == 'Title, "quoted"'
    assert (found["rel"], found["follow"], found["indexable"], found["noindex_by"]) == (
        "NoFollow,ugc",
        "false",
        "true",
        "",
    )
    assert (found["source_status"], found["occurrences"]) == ("200", "2")
    assert export(CsvRows, page(ROW)).count(b"\r\n") == 2


def test_json_keeps_types() -> None:
    found = json.loads(export(JsonLinesRows, page(ROW)))
    assert (found["rel"], found["noindex_by"], found["follow"], found["depth"]) == (["NoFollow", "ugc"], [], False, 0)
    assert "Überschrift".encode() in export(JsonLinesRows, page(ROW))
    check = json.loads(export(JsonLinesRows, page(checks=(CHECK,)), view="checks"))
    assert (check["state"], check["status"], check["backlinks"]) == ("unreachable", None, 0)
    assert cells(export(CsvRows, page(checks=(CHECK,)), view="checks"))[1][1:3] == ["unreachable", ""]


def test_scrapys_fields_choose_order_and_rename() -> None:
    assert cells(export(CsvRows, page(ROW), fields_to_export=["follow", "target"])) == [
        ["follow", "target"],
        ["false", "target.example"],
    ]
    renamed = {"source_url": "Page", "follow": "Dofollow"}
    assert cells(export(CsvRows, page(ROW), fields_to_export=renamed))[0] == ["Page", "Dofollow"]
    assert list(json.loads(export(JsonLinesRows, page(ROW), fields_to_export=renamed))) == ["Page", "Dofollow"]


texts = st.text() | st.sampled_from(FORMULA_STARTS).flatmap(lambda start: st.text().map(start.__add__))
unicode_texts = texts.filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))


@given(st.text())
@example("'=1+1")
@example("''")
@example("\u2019")
def test_the_guard_can_be_undone(text: str) -> None:
    assert unguard(guard(text)) == text


@given(texts)
def test_no_cell_is_a_formula(text: str) -> None:
    assert not guard(text).startswith(FORMULA_STARTS)


@given(unicode_texts, st.lists(st.text(alphabet="abc:=-'", min_size=1), max_size=3))
def test_any_text_comes_back_from_csv(text: str, rel: list[str]) -> None:
    row = replace(ROW, anchor=text, raw_href=text, rel=tuple(rel))
    (_, found) = cells(export(CsvRows, page(row)))
    assert [unguard(found[COLUMNS.index(name)]) for name in ("anchor", "raw_href", "rel")] == [
        text,
        text,
        ",".join(rel),
    ]


@given(st.text())
def test_any_text_comes_back_from_json(text: str) -> None:
    assert json.loads(export(JsonLinesRows, page(replace(ROW, anchor=text))))["anchor"] == text


NASTY = (
    '=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\t=1", "'quoted", 'a "b" c', "a,b;c", "line\nbreak", "line\r\nbreak",
    "@@", "ｆull", "＝1", "Ünïcödé 漢字 🎈", " spaces ", "", "null", "NaN", "007", "true",
)  # fmt: skip


@pytest.fixture
def nasty_file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_bytes(export(CsvRows, page(*(replace(ROW, anchor=text) for text in NASTY))))
    return path


def test_our_own_reader_undoes_the_guard(nasty_file: Path, tmp_path: Path) -> None:
    assert [row["anchor"] for row in read_rows(nasty_file)] == list(NASTY)
    lines = tmp_path / "rows.jsonl"
    lines.write_bytes(export(JsonLinesRows, page(*(replace(ROW, anchor=text) for text in NASTY))))
    assert [row["anchor"] for row in read_rows(lines)] == list(NASTY)
    with pytest.raises(OutputError):
        list(read_rows(tmp_path / "nowhere.csv"))


def test_pandas_reads_it(nasty_file: Path) -> None:
    # Imported here, as that takes time, and each worker collects the tests of all modules.
    import pandas as pd

    frame = pd.read_csv(nasty_file, dtype=str, keep_default_na=False)
    assert list(frame.columns) == COLUMNS
    assert list(frame["anchor"].map(unguard)) == list(NASTY)
    typed = pd.read_csv(nasty_file)
    assert typed["follow"].dtype == bool
    assert typed["occurrences"].tolist() == [2] * len(NASTY)


def test_duckdb_reads_it(nasty_file: Path) -> None:
    import duckdb

    with duckdb.connect() as database:
        query = f"select anchor, follow from read_csv('{nasty_file}', header=true, all_varchar=true)"
        found = database.execute(query).fetchall()
    assert [unguard(anchor or "") for anchor, _ in found] == list(NASTY)
    assert {follow for _, follow in found} == {"false"}


def test_a_lone_surrogate_spoils_no_file() -> None:
    row = replace(ROW, anchor="a\ud800b")
    assert cells(export(CsvRows, page(row)))[1][COLUMNS.index("anchor")] == "a?b"
    assert json.loads(export(JsonLinesRows, page(row)))["anchor"] == "a\ud800b"
