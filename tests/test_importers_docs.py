"""docs/importers.md agrees with the tables: every format, column, claim, spelling, reason and figure, and none besides."""

from __future__ import annotations

import re

import pytest

from backlinkbot.importers.formats import formats
from backlinkbot.importers.formats.catalogue import FORMATS
from backlinkbot.importers.formats.formats import Format
from backlinkbot.importers.formats.generic import TABLE
from backlinkbot.importers.formats.header_aliases import SPELLINGS, fold
from backlinkbot.importers.headers import MAX_PREAMBLE
from backlinkbot.importers.outcomes import Fault, Skip
from backlinkbot.importers.readers import texts
from backlinkbot.importers.readers.packed import FREE, MAX_RATIO
from backlinkbot.items import Claim
from tests.test_docs import CODE, read, section, table_rows

TEXT = read("docs/importers.md")


def rows(heading: str) -> list[list[str]]:
    return [[cell.replace("\\|", "|") for cell in row] for row in table_rows(section(TEXT, heading))[1:]]


DESCRIBED = {CODE.findall(row[0])[0]: row for row in rows("## Every format")}


def test_every_format_is_described_once_in_its_order() -> None:
    assert list(DESCRIBED) == [entry.name for entry in FORMATS]
    assert len(rows("## Every format")) == len(FORMATS)


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.name)
def test_a_format_is_described_as_it_is(entry: Format) -> None:
    _, title, recognised, reads, claims = DESCRIBED[entry.name]
    assert title == entry.title
    if entry is not TABLE:
        assert CODE.findall(recognised) == list(entry.needs)
        assert recognised.endswith(", and no other") == entry.is_whole_header
        assert CODE.findall(reads) == ([] if entry.skip else list(entry.reads))
    if entry.skip:
        assert (reads, claims) == ("none", f"none: {entry.skip}")
    else:
        assert CODE.findall(claims) == list(entry.claims)
    assert set(entry.claims) <= set(Claim.__dataclass_fields__)


def test_names_of_columns_and_their_spellings() -> None:
    assert {row[0].strip("`"): CODE.findall(row[1]) for row in rows("### Any other table")} == {
        role.value: list(names) for role, names in TABLE.columns.items()
    }
    assert {row[0].strip("`"): CODE.findall(row[1]) for row in rows("### Other languages")} == {
        name: list(spellings) for name, spellings in SPELLINGS.items()
    }


def test_a_spelling_stands_for_one_name_only() -> None:
    known: dict[str, str] = {}
    for name, spellings in SPELLINGS.items():
        for spelling in spellings:
            assert fold(spelling), spelling
            assert known.setdefault(fold(spelling), name) == name, spelling
    assert len(set(map(fold, SPELLINGS))) == len(SPELLINGS)


def test_every_reason_is_described() -> None:
    told = CODE.findall(section(TEXT, "## What becomes of a row"))
    assert {reason.value for reason in (*Fault, *Skip)} <= set(told)


def test_the_confidences_are_those_of_the_table() -> None:
    told = {float(row[0]) for row in rows("### How likely is a link?")}
    assert told == {
        formats.REPORTED, formats.ARCHIVED, formats.LISTED, formats.COMPETITORS, formats.LOST, formats.NAMED, formats.DISAVOWED,
    }  # fmt: skip
    assert {entry.confidence for entry in FORMATS} <= told


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"more than {MAX_RATIO} times its size" in TEXT
    assert f"{FREE >> 20} MiB are free" in TEXT
    assert f"more than {texts.MAX_LINE:,} characters" in TEXT
    assert MAX_PREAMBLE == 10
    assert re.search(r"one of its first eleven rows, so after\nup to ten lines of preamble", TEXT)
