"""Links that ``export`` reads column by column: the same bytes as from an object for each link."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from backlinkbot.cli.main import main
from backlinkbot.cli.row_source import RowSource
from backlinkbot.history import History, link_batches
from backlinkbot.items import AWAY, JudgedPage
from backlinkbot.items.columns import Column, chosen, columns_of
from backlinkbot.reports.anchors import AnchorReader
from backlinkbot.reports.exports import link_text
from backlinkbot.reports.exports.grouping import Chosen, Group, Selection, grouped
from backlinkbot.reports.exports.parquet import write_parquet
from backlinkbot.reports.exports.tables import Row, values, write_csv, write_jsonl
from backlinkbot.reports.exports.views import LINKS, VIEWS, Context, LinkRow, row_type, rows_of
from backlinkbot.reports.quality.sitewide import MANY_PAGES, Sitewide
from backlinkbot.text.csv_escaping import guard, needs_guard
from tests.linkrows import NASTY, backlink
from tests.visited import day

TARGETS = ["target.example", "other.example"]
FROM_RANKS_AND_MARKERS = {"authority", "relevance", "markers", "evidence", "spam"}


def visits(at: str, seed: int) -> Iterator[JudgedPage]:
    """Pages with untrusted texts: some with many links, some with the same link as the whole domain, some with none."""
    chance = random.Random(seed)
    for number in range(2 * MANY_PAGES):
        domain = ("a.example", "b.example", "c.co.uk", "alice.github.io")[number % 4]
        url = f"https://{domain}/{number // 4}"
        footer = backlink(url, source_domain=domain, anchor="=the footer", placement="footer", fetched_at=at)
        rows = [footer] if domain == "b.example" else []
        for _ in range(chance.choice((0, 1, 1, 2, 9))):
            text = chance.choice(NASTY)
            rows.append(
                backlink(
                    url,
                    source_domain=domain,
                    target=chance.choice(TARGETS),
                    source_title=text,
                    target_url=f"https://target.example/{chance.randrange(3)}#{chance.randrange(2)}",
                    raw_href=chance.choice(NASTY),
                    anchor=chance.choice(NASTY),
                    context_before=text * 3,
                    follow=chance.choice((True, True, False, None)),
                    rel=chance.choice(((), ("nofollow", "=1"), ("ugc",))),
                    flags_by=chance.choice(((), ("display:none, in a style", '=1"\\'))),
                    link_density=chance.choice((None, 0.5, 1.0)),
                    target_status=chance.choice((None, 200, 404)),
                    indexable=chance.choice((True, False)),
                    flags=chance.choice(((), (), ("same_domain",))),
                    fetched_at=at,
                )
            )
        yield JudgedPage(
            url=url, requested_url=url, fetched_at=at, status=200, candidates=(url,), backlinks=tuple(rows)
        )


@pytest.fixture(scope="module")
def written(history_url_of_module: str) -> str:
    """A history of two runs, of which the second finds other links."""
    with History.open(history_url_of_module) as opened:
        for number in (1, 2):
            run = opened.begin_run("verify", TARGETS, includes_own=True, started_at=day(number))
            opened.record(run, list(visits(day(number), number)))
            opened.end_run(run)
    return history_url_of_module


@pytest.fixture
def history(written: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """It is read in small batches."""
    monkeypatch.setattr(link_batches, "AT_ONCE", 13)
    monkeypatch.setattr(link_text, "_KEPT", 5)
    return written


def by_objects(url: str, words: list[str], how: Group, state: Chosen) -> tuple[tuple[Column, ...], list[Row]]:
    """What ``export`` writes, from an object for each link."""
    known = [column for column in columns_of(LinkRow) if column.name not in FROM_RANKS_AND_MARKERS]
    selection = Selection(rows=RowSource(history=url), state=state, own_pages=True)
    context = Context(sitewide=Sitewide(selection, is_by_page=True), reader=AnchorReader())
    columns = chosen(known, words)
    links = grouped(selection, how, is_by_page=True)
    return columns, list(values(rows_of(LINKS, links, context), columns))


CASES = (
    (["full"], Group.BACKLINK, Chosen.LIVE),
    (["full"], Group.ALL, Chosen.ALL),
    (["essential"], Group.BACKLINK, Chosen.LOST),
    (["anchor"], Group.BACKLINK, Chosen.ALL),
    (["first_seen"], Group.BACKLINK, Chosen.LIVE),
    (["rel"], Group.ALL, Chosen.LIVE),
    (["sitewide_pages", "follow", "claimed_by"], Group.BACKLINK, Chosen.ALL),
)


def test_files_are_those_of_an_object_for_each_link(history: str, tmp_path: Path) -> None:
    for words, how, state in CASES:
        columns, rows = by_objects(history, words, how, state)
        assert len(rows) > 10
        for ending, write in {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}.items():
            expected, path = io.BytesIO(), tmp_path / f"links.{ending}"
            write(expected, columns, rows)
            options = ["--history", history, "--group", how, "--state", state, "--columns", ",".join(words)]
            assert main(["export", *options, "-o", str(path)]) == 0
            if ending == "parquet":
                table = parquet.read_table(path)
                assert table.equals(parquet.read_table(pa.BufferReader(expected.getvalue())), check_metadata=True)
            else:
                assert path.read_bytes() == expected.getvalue(), (words, how, state)


def test_the_views_count_sitewide_links_as_from_an_object_for_each_link(history: str, tmp_path: Path) -> None:
    for view in VIEWS:
        selection = Selection(rows=RowSource(history=history), state=Chosen.ALL)
        context = Context(sitewide=Sitewide(selection, is_by_page=True), reader=AnchorReader())
        columns = [column for column in columns_of(row_type(view)) if column.name not in FROM_RANKS_AND_MARKERS]
        links = grouped(selection, Group.ALL, is_by_page=True)
        expected, path = io.BytesIO(), tmp_path / f"{view}.csv"
        write_csv(expected, columns, values(rows_of(view, links, context), columns))
        options = ["--history", history, "--view", view, "--group", "all", "--state", "all"]
        assert main(["export", *options, "-o", str(path)]) == 0
        assert path.read_bytes() == expected.getvalue(), view


def test_the_history_has_what_could_go_wrong(history: str) -> None:
    columns, rows = by_objects(history, ["full"], Group.BACKLINK, Chosen.ALL)
    found = [dict(zip([column.name for column in columns], row, strict=True)) for row in rows]
    assert {row["sitewide_pages"] for row in found} == {0, (2 * MANY_PAGES + 2) // 4}
    assert max(row["links_in_group"] for row in found) > 1
    assert {row["target"] for row in found} == set(TARGETS)
    assert {row["follow"] for row in found} == {True, False, None}
    assert any("same_domain" in row["flags"] for row in found)
    with History.open(history) as opened:
        assert {state in AWAY for state in (row.state for row in opened.backlinks())} == {True, False}


def test_only_links_of_the_named_target_are_exported(history: str, capfdbinary: Any) -> None:
    assert main(["export", "--history", history, "--target", "other.example", "--columns", "target,anchor"]) == 0
    lines = list(csv.reader(io.StringIO(capfdbinary.readouterr().out.decode(), newline="")))
    assert lines[0] == ["target", "anchor"]
    assert {target for target, _ in lines[1:]} == {"other.example"}


def test_a_history_without_links_gives_a_table_without_rows(history_url: str, tmp_path: Path) -> None:
    with History.open(history_url) as opened:
        opened.end_run(opened.begin_run("verify", TARGETS))
    for ending in ("csv", "jsonl", "parquet"):
        assert main(["export", "--history", history_url, "-o", str(tmp_path / f"links.{ending}")]) == 0
    assert parquet.read_table(tmp_path / "links.parquet").num_rows == 0
    assert (tmp_path / "links.jsonl").read_bytes() == b""
    assert len((tmp_path / "links.csv").read_text().splitlines()) == 1


def test_texts_are_searched_together_for_what_must_be_escaped() -> None:
    for text in NASTY:
        assert needs_guard(["plain", text, "", "plain"]) or guard(text) == text, text
    assert not needs_guard(["https://a.example/x-y?z=1", "", "", "plain words"])


def test_values_of_a_column_are_encoded_as_json_together() -> None:
    texts = ['"\0', "ü,", "", "\\"]
    assert [json.loads(cell) for cell in link_text._encoded(texts)] == texts
    assert link_text._encoded([1, None, 0.5, True]) == ["1", "null", "0.5", "true"]
