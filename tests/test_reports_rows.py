"""Files of rows, read back as the backlinks that they were."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlinkbot.errors import MissingColumnError, OutputError
from backlinkbot.items import Backlink
from backlinkbot.reports.rows import columns_in, read_backlinks, typed
from tests.conftest import examples
from tests.linkrows import backlink, backlinks, write_rows


def without_surrogates(row: Backlink) -> bool:
    return all(not any("\ud800" <= c <= "\udfff" for c in str(getattr(row, f.name))) for f in fields(row))


@given(st.lists(backlinks().filter(without_surrogates), max_size=5))
@settings(deadline=None, max_examples=examples(50))
def test_a_row_comes_back_from_csv_and_json_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Backlink]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    for name in ("rows.csv", "rows.jsonl"):
        assert list(read_backlinks(write_rows(folder / name, rows))) == rows


def test_a_packed_file_and_an_array(tmp_path: Path) -> None:
    row = backlink(rel=("nofollow", "ugc"), flags=("hidden",))
    plain = write_rows(tmp_path / "rows.csv", [row])
    packed = tmp_path / "rows.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    array = tmp_path / "rows.json"
    array.write_text(json.dumps([asdict(row)]))
    assert list(read_backlinks(packed)) == list(read_backlinks(array)) == [row]


def test_columns_of_a_later_version_may_lack_and_others_are_passed_over() -> None:
    row = asdict(backlink())
    for name in ("first_seen", "last_seen", "state", "lost_reason"):
        del row[name]
    assert list(typed([row | {"markers": "x", "elsewhere": 1}])) == [backlink()]


def test_a_file_with_fewer_columns_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text(
        'anchor,source_url,target_url,rel\n\'=1,https://www.a.co.uk/x,https://target.example/,"ugc,nofollow"\n'
    )
    (row,) = read_backlinks(path)
    assert (row.anchor, row.rel, row.source_domain, row.placement) == ("=1", ("ugc", "nofollow"), "a.co.uk", "")
    assert columns_in(path) == frozenset({"anchor", "source_url", "source_domain", "target_url", "rel"})
    for name in ("follow", "target", "indexable"):
        with pytest.raises(MissingColumnError, match=rf"few\.csv has no column {name}, which is needed here"):
            getattr(row, name)
    path.write_text("source_url,target_url\n")
    assert columns_in(path) is None
    assert list(read_backlinks(path)) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"follow": "perhaps"}, r"row 1: 'perhaps' is not a value of the column follow"),
        ({"occurrences": "many"}, r"is not a value of the column occurrences"),
        ({"occurrences": 1.5}, r"1.5 is not a value of the column occurrences"),
        ({"depth": True}, r"True is not a value of the column depth"),
        ({"rel": 7}, r"7 is not a value of the column rel"),
    ],
)
def test_a_cell_that_is_none_of_its_column(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(OutputError, match=complaint):
        list(typed([asdict(backlink()) | change]))


def test_other_files_are_refused_with_what_they_lack(tmp_path: Path) -> None:
    for name, content, complaint in (
        ("checks.csv", "candidate,state\nx,linked\n", "has no source_url and no target_url"),
        ("rows.jsonl", "[1]\n", "is not a row"),
        ("rows.jsonl", "{\n", "rows.jsonl"),
        ("rows.json", "7", "rows.json"),
        ("rows.csv.gz", "no gzip", "rows.csv.gz"),
    ):
        path = tmp_path / name
        path.write_text(content)
        with pytest.raises(OutputError, match=complaint):
            list(read_backlinks(path))


def test_a_cell_as_long_as_a_page_comes_back(tmp_path: Path) -> None:
    row = backlink(raw_href="x" * 300_000)
    assert list(read_backlinks(write_rows(tmp_path / "rows.csv", [row]))) == [row]
