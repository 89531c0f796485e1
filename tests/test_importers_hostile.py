"""Files that are broken, enormous or meant to do harm: what can be read is read, the rest is told, nothing is lost in silence."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backlinkbot.errors import CandidateFileError
from backlinkbot.extract.documents import xml_repair
from backlinkbot.files.json_reader import BrokenJSONError, values
from backlinkbot.importers import Reading
from backlinkbot.importers.outcomes import BadRow, Fault, FileReport
from backlinkbot.importers.readers.packed import FREE, MAX_RATIO
from backlinkbot.importers.readers.texts import MAX_LINE, Lines, encoding_of, pieces
from backlinkbot.items import Candidate
from tests.conftest import examples
from tests.test_importers_formats import SAMPLES


def read(folder: Path, data: bytes | str, name: str = "file") -> tuple[list[str], list[BadRow], FileReport]:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    reading = Reading([path])
    outcomes = list(reading)
    urls = [outcome.url for outcome in outcomes if isinstance(outcome, Candidate)]
    return urls, [outcome for outcome in outcomes if isinstance(outcome, BadRow)], reading.reports[-1]


def refused(folder: Path, data: bytes | str, name: str = "file") -> str:
    with pytest.raises(CandidateFileError) as told:
        read(folder, data, name)
    return str(told.value)


# --- enormous ---------------------------------------------------------------------------------------------------------


def test_a_line_of_100_megabytes_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    with path.open("w") as file:
        file.write("https://a.example/\nhttps://b.example/")
        for _ in range(100):
            file.write("x" * 1024 * 1024)
        file.write("\nhttps://c.example/\n")
    tracemalloc.start()
    outcomes = list(Reading([path]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [outcome.url for outcome in outcomes if isinstance(outcome, Candidate)] == [
        "https://a.example/",
        "https://c.example/",
    ]
    assert [(bad.row, bad.reason) for bad in outcomes if isinstance(bad, BadRow)] == [(2, Fault.TOO_LONG)]
    assert peak < 30e6


@pytest.mark.parametrize("quoted", [False, True])
def test_a_cell_beyond_the_bound_is_a_bad_row_and_the_next_is_read(tmp_path: Path, *, quoted: bool) -> None:
    huge = "x" * (MAX_LINE + 1)
    cell = f'"{huge}"' if quoted else huge
    urls, bad, report = read(tmp_path, f"url,note\nhttps://a.example/,{cell}\nhttps://b.example/,ok\n")
    assert urls == ["https://b.example/"]
    assert [(row.row, row.reason) for row in bad] == [(2, Fault.TOO_LONG)]
    assert report.rows == 2


def test_a_cell_of_many_lines_beyond_the_bound(tmp_path: Path) -> None:
    note = "\n".join("word " * 20 for _ in range(100))
    urls, bad, _ = read(tmp_path, f'url,note\nhttps://a.example/,"{note}"\nhttps://b.example/,ok\n')
    assert urls == ["https://b.example/"]
    assert bad[0].row == 2
    assert bad[0].reason is Fault.OPEN_QUOTE


def bomb(megabytes: int) -> bytes:
    file = io.BytesIO()
    with gzip.open(file, "wb", 9) as packed:
        packed.write(b"https://a.example/\n")
        for _ in range(megabytes):
            packed.write((b" " * 8191 + b"\n") * 128)
    return file.getvalue()


@pytest.mark.slow
def test_a_gzip_bomb_is_read_as_far_as_is_in_proportion(tmp_path: Path) -> None:
    megabytes = 100
    data = bomb(megabytes)
    assert len(data) * MAX_RATIO < megabytes * 1024 * 1024 > FREE
    urls, bad, _ = read(tmp_path, data)
    assert urls == ["https://a.example/"]
    assert bad[0].reason is Fault.BROKEN
    assert "300 times" in bad[0].text


@pytest.mark.slow
def test_a_zip_bomb_is_read_as_far_as_is_in_proportion(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"https://a.example/\n" + (b" " * 1023 + b"\n") * 200 * 1024)
        archive.writestr("b.txt", b"https://b.example/\n")
    urls, bad, _ = read(tmp_path, file.getvalue())
    assert urls == ["https://a.example/", "https://b.example/"]
    assert [row.reason for row in bad] == [Fault.BROKEN]


@pytest.mark.slow
def test_a_workbook_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/sharedStrings.xml", b"<" * 200 * 1024 * 1024)
    assert "300 times" in refused(tmp_path, file.getvalue())


# --- broken -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("left", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", ["gzip", "zip"])
def test_a_packed_file_that_breaks_off(tmp_path: Path, name: str, left: float) -> None:
    text = "".join(f"https://a.example/{number * 7919 % 10_007}\n" for number in range(100_000)).encode()
    if name == "gzip":
        whole = gzip.compress(text)
        urls, bad, _ = read(tmp_path, whole[: int(len(whole) * left)])
        assert 0 < len(urls) < 100_000
        assert [row.reason for row in bad] == [Fault.BROKEN]
    else:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.txt", text)
        assert "damaged zip archive" in refused(tmp_path, file.getvalue()[: int(len(file.getvalue()) * left)])


def test_a_zip_archive_with_a_damaged_member(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "".join(f"https://a.example/{number * 7919 % 10_007}\n" for number in range(50_000)))
        archive.writestr("b.txt", "https://b.example/\n")
    data = bytearray(file.getvalue())
    data[60_000:60_100] = bytes(100)
    urls, bad, _ = read(tmp_path, bytes(data))
    assert urls[-1] == "https://b.example/"
    assert Fault.BROKEN in {row.reason for row in bad}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.csv")), ids=lambda path: path.name)
def test_utf_16_that_ends_within_a_character(tmp_path: Path, path: Path) -> None:
    text = path.read_bytes().decode("utf-16" if path.read_bytes()[:2] == b"\xff\xfe" else "utf-8", "replace")
    data = ("\ufeff" + text.lstrip("\ufeff")).encode("utf-16-le")
    assert read(tmp_path, data[:-1])[2].rows >= read(tmp_path, data)[2].rows - 1


def test_a_byte_that_is_no_utf_8_far_into_the_file(tmp_path: Path) -> None:
    rows = b"url,anchor\n" + b"https://a.example/,x\n" * 20_000 + b"https://b.example/,caf\xe9\n"
    path = tmp_path / "file"
    path.write_bytes(rows)
    *_, last = Reading([path])
    assert isinstance(last, Candidate)
    assert last.claims[0].anchor == "café"


def test_zeros_and_control_characters(tmp_path: Path) -> None:
    urls, bad, _ = read(
        tmp_path, b"url,note\nhttps://a.ex\0ample/,\0\x01\x1b[31m\nhttps://b.example/\x07,x\n\x0c,\x0c\n\x01,x\n"
    )
    assert urls[0] == "https://a.example/"
    assert len(urls) + len(bad) == 3


@pytest.mark.parametrize("mark", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_what_is_no_end_of_a_line_ends_none(tmp_path: Path, mark: str) -> None:
    _, bad, report = read(tmp_path, f"url,anchor\nhttps://a.example/,one{mark}two\nhttps://b.example/,x\n")
    assert (report.rows, bad) == (2, [])


def test_formula_cells_are_links_again(tmp_path: Path) -> None:
    urls, _, _ = read(
        tmp_path, 'url,anchor\n"=HYPERLINK(""https://a.example/"",""click"")",\'=1+1\n\'https://b.example/,x\n'
    )
    assert urls == ["https://a.example/", "https://b.example/"]


@pytest.mark.parametrize("rows", [1, 5, 200])
def test_a_quote_that_is_never_closed_costs_one_row(tmp_path: Path, rows: int) -> None:
    good = [f'"https://a.example/{number}","note"' for number in range(rows)]
    text = "\n".join(("url,note", *good, '"https://broken.example/,x', *good, ""))
    urls, bad, report = read(tmp_path, text)
    assert len(urls) == 2 * rows
    assert [(row.row, row.reason) for row in bad] == [(rows + 2, Fault.OPEN_QUOTE)]
    assert report.rows == 2 * rows + 1


def test_an_open_quote_in_every_row_ends_in_good_time(tmp_path: Path) -> None:
    text = "url,note\n" + 'https://a.example/,"never closed\n' * 5_001
    _, bad, report = read(tmp_path, text)
    assert report.rows == report.candidates + len(bad) >= 2_500


# --- meant to do harm -------------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def test_entities_are_not_expanded_and_files_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://secret.example/")
    start = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}<!ENTITY f SYSTEM "file://{secret}">]>'
    rows = "".join(
        f"<url><loc>{text}</loc></url>" for text in ("&l9;", "&f;", "https://a.example/&l9;", "https://b.example/")
    )
    urls, bad, report = read(tmp_path, f"{start}<urlset>{rows}</urlset>")
    assert urls == ["https://a.example/&l9;", "https://b.example/"]
    assert [row.text for row in bad] == ["&l9;", "&f;"]
    assert report.rows == 4


@pytest.mark.parametrize("size", [1, 3, 7, 64 * 1024])
def test_an_ampersand_that_is_none_of_xml_stays_in_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(xml_repair, "CHUNK", size)
    addresses = {
        "https://a.example/?a=1&b=2": "https://a.example/?a=1&b=2",
        "https://a.example/?a=1&amp;b=2": "https://a.example/?a=1&b=2",
        "https://a.example/?a&copy=2": "https://a.example/?a&copy=2",
        "https://a.example/?x&#38;y": "https://a.example/?x&y",
        "<![CDATA[https://a.example/?a=1&b=2]]>": "https://a.example/?a=1&b=2",
        "<![CDATA[https://a.example/?a=<b>&c]]>": "https://a.example/?a=<b>&c",
    }
    rows = "".join(f"<url><loc>{text}</loc></url>" for text in addresses)
    urls, bad, _ = read(tmp_path, f"<urlset>{rows}</urlset>")
    assert (urls, bad) == (list(addresses.values()), [])


def test_xml_that_breaks_off_or_is_no_xml(tmp_path: Path) -> None:
    urls, bad, _ = read(tmp_path, "<urlset><url><loc>https://a.example/</loc></url><url><loc>https://b.example/")
    assert urls == ["https://a.example/"]
    assert {row.reason for row in bad} == {Fault.BROKEN}
    urls, bad, _ = read(
        tmp_path, "<urlset><url><loc>https://a.example/</loc></url><url><loc>https://b.example/</loc></url>"
    )
    assert urls == ["https://a.example/", "https://b.example/"]
    assert [(row.row, row.reason) for row in bad] == [(3, Fault.BROKEN)]
    assert "an HTML page" in refused(tmp_path, "<!doctype html><p>hello")
    assert "<gexf>" in refused(tmp_path, "<gexf><graph/></gexf>")


@pytest.mark.slow
def test_a_long_sitemap_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "sitemap.xml"
    with path.open("w") as file:
        file.write("<urlset>")
        file.writelines(f"<url><loc>https://a.example/{number}</loc></url>" for number in range(50_000))
        file.write("</urlset>")
    tracemalloc.start()
    assert sum(1 for _ in Reading([path])) == 50_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, '{"url": "https://a.example/"}\n' + '{"url":' * 50_000]
)
def test_json_within_json_without_end(tmp_path: Path, text: str) -> None:
    with suppress(CandidateFileError):
        urls, bad, report = read(tmp_path, text)
        assert report.rows == len(urls) + len(bad)


def test_a_json_array_that_breaks_off_gives_what_it_has(tmp_path: Path) -> None:
    rows = ",\n".join(json.dumps({"url": f"https://a.example/{number}"}) for number in range(1_000))
    urls, bad, _ = read(tmp_path, f"[{rows},\n" + '{"url": "https://a.exam')
    assert len(urls) == 1_000
    assert [(row.row, row.reason) for row in bad] == [(1_001, Fault.BROKEN)]


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "save it as .xlsx or CSV"),
        (b"PAR1" + bytes(100), "Parquet"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"name;age;town\nann;7;here\n", "a table of 3 columns between ';': name, age, town"),
        (b"name\tage\nann\t7\n", "between tabs: name, age"),
        (b'{"name": "ann", "age": 7}', "JSON in which no object has a key"),
        (b"Notes on maps\n\nSee\nhttps://a.example/\nfor more\nof them.\n", "line 1 ('Notes on maps') is not a URL"),
        (b'[["a", "https://a.example/"],\n"https://b.example/"]', "JSON in which no object has a key"),
        (b"no url here\n", "line 1 ('no url here') is not a URL"),
    ],
)
def test_what_is_nothing_we_know_is_refused_with_what_was_seen_and_what_would_do(
    tmp_path: Path, data: bytes, seen: str
) -> None:
    told = refused(tmp_path, data)
    assert seen in told
    assert "one URL per line, or a table with a column named" in told
    assert "backlinkbot import --formats" in told


def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", b"no xml")
    assert "openpyxl cannot read it" in refused(tmp_path, file.getvalue())


def test_a_workbook_with_cells_of_every_kind(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["url", "anchor", "nofollow", "last seen"])
    sheet.append(["https://a.example/", 7, True, 45_000.5])
    sheet.append(["https://b.example/", 1.5, False, None])
    sheet.append([None, "x", None, None])
    book.save(tmp_path / "book.xlsx")
    outcomes = list(Reading([tmp_path / "book.xlsx"]))
    first, second = (outcome for outcome in outcomes if isinstance(outcome, Candidate))
    assert (first.claims[0].anchor, first.claims[0].follow, first.claims[0].row) == ("7", False, 2)
    assert (second.claims[0].anchor, second.claims[0].follow) == ("1.5", True)
    assert [(bad.row, bad.reason) for bad in outcomes if isinstance(bad, BadRow)] == [(4, Fault.NO_URL)]


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", b"https://a.example/\n")
    data = bytearray(file.getvalue())
    for at in (6, data.rindex(b"PK\x01\x02") + 8):  # the flag that says so, in both places
        data[at] |= 1
    urls, bad, _ = read(tmp_path, bytes(data))
    assert urls == []
    assert "password" in bad[0].text


# --- laws -------------------------------------------------------------------------------------------------------------

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
GOOD = st.integers(0, 999).map(lambda number: f"https://a.example/{number}")
BAD = st.sampled_from(["", "no url", "ftp://a.example/", "mailto:x@a.example"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(200))
@given(
    rows=st.lists(st.tuples(st.one_of(GOOD, BAD), CELL, CELL), max_size=20),
    delimiter=st.sampled_from(",\t;|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_every_row_that_csv_writes_is_a_candidate_or_a_bad_row(
    tmp_path: Path, rows: list[tuple[str, str, str]], delimiter: str, encoding: str, end: str
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(("Referring page URL", "Target URL", "Domain rating"))
    writer.writerows(rows)
    urls, bad, report = read(tmp_path, file.getvalue().encode(encoding))
    written = [url for url, *others in rows if any(cell.strip() for cell in (url, *others))]
    assert urls == [url for url in written if url.startswith("https:")]
    assert (report.rows, len(bad)) == (len(written), len(written) - len(urls))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(300))
@given(
    data=st.binary(max_size=400),
    start=st.sampled_from(
        [b"", b"{", b"<urlset>", b"PK\x03\x04", b"\x1f\x8b", b"WARC/1.0\r\n", b"#Fields: ", b"url,x\n"]
    ),
)
def test_no_bytes_raise_anything_but_our_own_error(tmp_path: Path, data: bytes, start: bytes) -> None:
    with suppress(CandidateFileError):
        urls, bad, report = read(tmp_path, start + data)
        assert report.rows == report.candidates + report.skipped.total() + report.bad.total()
        assert len(urls) == report.candidates
        assert len(bad) == report.bad.total()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=examples(60))
@given(
    path=st.sampled_from(sorted(SAMPLES.iterdir())), cut=st.floats(0, 1), at=st.floats(0, 1), byte=st.binary(max_size=3)
)
def test_no_damage_to_a_sample_raises_anything_but_our_own_error(
    tmp_path: Path, path: Path, cut: float, at: float, byte: bytes
) -> None:
    data = path.read_bytes()
    place = int(len(data) * at)
    damaged = (data[:place] + byte + data[place + len(byte) :])[: int(len(data) * cut) + 1]
    with suppress(CandidateFileError):
        read(tmp_path, damaged, path.name)


@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200),
    size=st.integers(1, 7),
)
def test_lines_are_those_of_the_standard_library_however_the_text_comes(text: str, size: int) -> None:
    parts = (text[at : at + size] for at in range(0, len(text), size))
    assert list(Lines(parts)) == list(io.StringIO(text, newline=""))


@given(text=st.text(max_size=100), encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_a_text_is_read_as_it_was_written(text: str, encoding: str) -> None:
    data = text.encode(encoding, "replace")
    if encoding_of(data) in {encoding, "utf-8"}:
        assert "".join(pieces(io.BytesIO(data), encoding)) == data.decode(encoding).replace("\0", "")


# Integers beyond 64 bits become floats (tests/test_files_inputs.py), so that they do not come back as they were written.
INTEGERS = st.integers(-(2**63), 2**63 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)  # fmt: skip


@given(items=st.lists(JSON.filter(lambda value: not isinstance(value, list)), max_size=5), size=st.integers(1, 9))
def test_values_are_the_items_of_an_array_or_stand_one_a_line(items: list[object], size: int) -> None:
    def parts(text: str) -> Iterator[str]:
        return (text[at : at + size] for at in range(0, len(text), size))

    writers: tuple[Callable[[], str], ...] = (
        lambda: json.dumps(items),
        lambda: json.dumps(items, indent=2),
        lambda: "\n".join(map(json.dumps, [item for item in items if isinstance(item, dict)])),
    )
    for number, write in enumerate(writers):
        expected = [item for item in items if isinstance(item, dict)] if number == 2 else items
        assert list(values(parts(write()))) == expected


def test_values_say_where_it_breaks_off() -> None:
    found = values(iter(['[{"a": 1}, {"b"']))
    assert next(found) == {"a": 1}
    with pytest.raises(BrokenJSONError, match='"b"'):
        next(found)
