"""``--columns`` of a crawl: every exporter, as flag, argument, setting and variable, beside Scrapy's own ``fields``."""

from __future__ import annotations

import csv
import io
import json
import marshal
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from backlinkbot.items import Backlink, Check
from backlinkbot.items.columns import columns_of
from tests.conftest import CrawlFunction, run_command
from tests.fakeweb import FakeWeb

T = "https://target.example/"
FULL = [column.name for column in columns_of(Backlink)]
ESSENTIAL = [column.name for column in columns_of(Backlink) if column.is_essential]
FORMS = ("csv", "jsonl", "jsonlines", "jl", "json", "xml", "pickle", "marshal")


def of_xml(path: Path) -> list[dict[str, Any]]:
    return [
        {cell.tag: [one.text for one in cell] if len(cell) else cell.text or "" for cell in item}
        for item in ET.parse(path).getroot()
    ]


def of_objects(load: Callable[[Any], Any]) -> Callable[[Path], list[dict[str, Any]]]:
    def read(path: Path) -> list[dict[str, Any]]:
        with path.open("rb") as file:
            return [load(file), load(file)]

    return read


def of_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


READ: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    "csv": lambda path: list(csv.DictReader(io.StringIO(path.read_text(), newline=""))),
    **dict.fromkeys(("jsonl", "jsonlines", "jl"), of_lines),
    "json": lambda path: list(json.loads(path.read_text())),
    "xml": of_xml,
    "pickle": of_objects(pickle.load),
    "marshal": of_objects(marshal.load),
}


@pytest.fixture
def site(web: FakeWeb) -> FakeWeb:
    """One page with two rows, whose lists hold several values and values with commas."""
    hidden = f'<div style="display:none"><a href="{T}b,c" rel="nofollow ugc">two</a></div>'
    web.page("https://a.example/", f"<!doctype html><title>=A page</title><p><a href='{T}'>one</a>{hidden}")
    return web


@pytest.mark.slow
@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("full", FULL),
        ("essential", ESSENTIAL),
        ("rel,flags_by, anchor,source_title,rel", ["rel", "flags_by", "anchor", "source_title"]),
        ("anchor essential,raw_href", ["anchor", *(n for n in ESSENTIAL if n != "anchor"), "raw_href"]),
    ],
)
def test_every_format_has_the_columns_in_this_order(
    words: str, expected: list[str], crawl: CrawlFunction, tmp_path: Path
) -> None:
    outputs = {str(tmp_path / f"rows.{form}"): {"format": form, "overwrite": True} for form in FORMS}
    crawl("discover", seeds="https://a.example/", columns=words, FEEDS=outputs)
    for form in FORMS:
        found = READ[form](tmp_path / f"rows.{form}")
        assert [list(row) for row in found] == [expected, expected], form
        assert {row["anchor"] for row in found} == {"one", "two"}
        (row,) = (row for row in found if row["anchor"] == "two")
        if "rel" in expected:
            assert row["rel"] == ("nofollow,ugc" if form == "csv" else ["nofollow", "ugc"])
        if "flags_by" in expected:
            assert len(row["flags_by"].split("\n") if form == "csv" else row["flags_by"]) == 1
        assert row["source_title"] == ("'=A page" if form == "csv" else "=A page")


@pytest.mark.usefixtures("site")
def test_fields_of_a_feed_win_and_checks_keep_their_columns(crawl: CrawlFunction, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("https://a.example/\n")
    named = {"format": "csv", "overwrite": True, "fields": {"target_url": "To", "anchor": "Text"}}
    outputs = {str(tmp_path / "named.csv"): named, str(tmp_path / "rows.csv"): {"format": "csv", "overwrite": True}}
    words = {"candidates": str(tmp_path / "list.txt"), "checks": str(tmp_path / "checks.csv"), "columns": "rel,depth"}
    crawl("verify", FEEDS=outputs, **words)
    for name, expected in (
        ("named", ["To", "Text"]),
        ("rows", ["rel", "depth"]),
        ("checks", [column.name for column in columns_of(Check)]),
    ):
        assert list(READ["csv"](tmp_path / f"{name}.csv")[0]) == expected
    crawl("verify", FEEDS={str(tmp_path / "rows.csv"): outputs[str(tmp_path / "rows.csv")]}, **words, FEED_EXPORT_FIELDS=["via"])  # fmt: skip
    assert list(READ["csv"](tmp_path / "rows.csv")[0]) == ["via"]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("value", ["target_url,anchor", ["target_url", "anchor"], " target_url, anchor "])
def test_a_setting_is_text_or_a_list(value: Any, crawl: CrawlFunction, tmp_path: Path) -> None:
    outputs = {str(tmp_path / "rows.jsonl"): {"format": "jsonl", "overwrite": True}}
    crawl("discover", seeds="https://a.example/", FEEDS=outputs, BACKLINKBOT_COLUMNS=value)
    assert list(READ["jsonl"](tmp_path / "rows.jsonl")[0]) == ["target_url", "anchor"]


WRONG = {
    "anchr": "--columns anchr: there is no column anchr; did you mean anchor?",
    "essential,xyzzy": "--columns essential,xyzzy: there is no column xyzzy; there are target, source_url, ",
    ",": "--columns ,: NAMES is expected",
}


@pytest.mark.subprocess
@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_name_is_told_before_anything_is_fetched(words: str, site: FakeWeb, tmp_path: Path) -> None:
    seed = ("--seed", "https://a.example/", "--delay", "0")
    ran = run_command("backlinkbot", "discover", "target.example", *seed, "--columns", words, web=site, cwd=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert WRONG[words] in ran.err
    assert not site.hits
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.subprocess
def test_flag_argument_setting_and_variable(site: FakeWeb, tmp_path: Path) -> None:
    words = ("discover", "target.example", "--seed", "https://a.example/", "--delay", "0")
    variable = {"BACKLINKBOT_COLUMNS": "depth"}
    for more, header in (
        ((), "depth"),
        (("-s", "BACKLINKBOT_COLUMNS=rel"), "rel"),
        (("-s", "BACKLINKBOT_COLUMNS=rel", "--columns", "anchor,follow"), "anchor,follow"),
    ):
        ran = run_command("backlinkbot", *words, *more, web=site, cwd=tmp_path, env=variable)
        assert (ran.status, ran.out.splitlines()[0]) == (0, header), ran.err
    arguments = ("-a", "targets=target.example", "-a", "seeds=https://a.example/", "-a", "delay=0", "-a", "columns=essential")  # fmt: skip
    ran = run_command(
        "scrapy", "crawl", "discover", *arguments, "-a", "history=", "-O", tmp_path / "rows.xml", web=site
    )
    assert ran.status == 0, ran.err
    assert list(of_xml(tmp_path / "rows.xml")[0]) == ESSENTIAL


@pytest.mark.slow
@pytest.mark.subprocess
def test_rows_are_added_to_a_file_with_the_same_columns_only(site: FakeWeb, tmp_path: Path) -> None:
    words = ("discover", "target.example", "--seed", "https://a.example/", "--delay", "0", "-o", "rows.csv")
    for columns, status in (("essential", 0), ("essential", 0), ("full", 1)):
        ran = run_command("backlinkbot", *words, "--append", "--columns", columns, web=site, cwd=tmp_path)
        assert ran.status == status, ran.err
    assert "rows.csv has other columns than these rows" in ran.err
    assert [list(row) for row in READ["csv"](tmp_path / "rows.csv")] == [ESSENTIAL] * 4
