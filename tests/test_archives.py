"""Archives with known links: every one is found, whatever the file is packed in, and damage costs only what it hits."""

from __future__ import annotations

import gzip
import io
import json
import random
import string
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlinkbot.archives import http_message, pages
from backlinkbot.archives.faults import Fault, MiningCounts
from backlinkbot.archives.mining import MiningOptions
from backlinkbot.archives.parallel_mining import as_line, miner_of, row_of
from backlinkbot.archives.records import read_records
from backlinkbot.archives.rows import ArchivedBacklink
from backlinkbot.extract.placement.repeats import RepeatedBlocks
from backlinkbot.prefilter import WatPrefilter
from backlinkbot.targets import Targets
from tests.archive_files import DATE, Capture, members, record, warc, warc_records, wat, wat_record, wat_records
from tests.conftest import examples

TARGET = "target.example"
GENUINE = Path(__file__).parent.parent / "../shared/data/warc.tar.xz"


def page(number: int, inside: str) -> Capture:
    html = f"<!doctype html><html lang=en><title>Page {number}</title><main><p>Words before {inside} words after</p></main>"
    return Capture(url=f"https://blog{number}.example/post", body=html.encode())


PLANTED = [
    page(1, f'<a href="https://{TARGET}/a">one</a>'),
    page(2, '<a href="https://elsewhere.example/">nothing</a>'),
    page(3, f'<a href="//www.{TARGET}/b" rel="nofollow ugc">two</a>'),
    page(4, f'<a href="https://redirect.example/out?url=https%3A%2F%2F{TARGET}%2Fc">three</a>'),
    page(5, f'<base href="https://{TARGET}/d/"><a href="e">four</a>'),
    page(6, f'<iframe src="https://{TARGET}/frame"></iframe>'),
    Capture(url="https://old.example/", status=301, headers={"Location": f"https://{TARGET}/moved"}),
    Capture(url="https://gone.example/", status=404, body=f'<a href="https://{TARGET}/">not a page</a>'.encode()),
    Capture(url=f"https://{TARGET}/own", body=f'<a href="https://{TARGET}/">own</a>'.encode()),
]
FOUND = {
    ("https://blog1.example/post", f"https://{TARGET}/a", "text"),
    ("https://blog3.example/post", f"https://www.{TARGET}/b", "text"),
    ("https://blog4.example/post", f"https://{TARGET}/c", "text"),
    ("https://blog5.example/post", f"https://{TARGET}/d/e", "text"),
    ("https://blog6.example/post", f"https://{TARGET}/frame", "frame"),
    ("https://old.example/", f"https://{TARGET}/moved", "redirect"),
}


def mined(data: bytes, *targets: str) -> tuple[list[ArchivedBacklink], MiningCounts]:
    counts = MiningCounts()
    miner = miner_of(MiningOptions(targets=targets or (TARGET,)))
    return list(miner.rows(io.BytesIO(data), "x.warc.gz", counts)), counts


def links(rows: list[ArchivedBacklink]) -> set[tuple[str, str, str]]:
    return {(row.source_url, row.target_url, row.link_type) for row in rows}


PACKED: dict[str, Callable[[list[bytes]], bytes]] = {
    "a member each": members,
    "plain": b"".join,
    "one member": lambda records: gzip.compress(b"".join(records)),
    "two records a member": lambda records: b"".join(
        gzip.compress(b"".join(records[at : at + 2])) for at in range(0, len(records), 2)
    ),
    "with names and times": lambda records: b"".join(_with_name(one) for one in records),
}


def _with_name(data: bytes) -> bytes:
    file = io.BytesIO()
    with gzip.GzipFile("a name.warc", "wb", fileobj=file, mtime=len(data)) as packed:
        packed.write(data)
    return file.getvalue()


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("of", [warc_records, wat_records], ids=["warc", "wat"])
def test_every_planted_link_is_found(
    of: Callable[[list[Capture]], list[bytes]], pack: Callable[[list[bytes]], bytes]
) -> None:
    rows, counts = mined(pack(of(PLANTED)))
    assert links(rows) == FOUND
    assert not counts.faults
    assert counts.records == 1 + 2 * len(PLANTED)
    assert {row.archived_at for row in rows} == {DATE}
    assert {row.fetched_at for row in rows} == {DATE}


def test_a_row_of_a_warc_file_has_what_extraction_knows() -> None:
    row = next(row for row in mined(warc(PLANTED))[0] if row.source_url == "https://blog3.example/post")
    assert (row.anchor, row.rel, row.follow, row.nofollow_by) == (
        "two",
        ("nofollow", "ugc"),
        False,
        ("rel:nofollow", "rel:ugc"),
    )
    assert (row.placement, row.context_before, row.context_after) == ("content", "Words before", "words after")
    assert (row.source_title, row.source_language, row.source_status) == ("Page 3", "en", 200)
    assert (row.archive, row.discovered_from) == ("x.warc.gz", "archive")
    assert row.archive_offset == len(members(warc_records(PLANTED[:3])[:-1]))


def test_a_row_of_a_wat_file_has_the_verdicts() -> None:
    capture = Capture(
        url="https://blog.example/",
        headers={"X-Robots-Tag": "noindex"},
        body=f'<title>T</title><meta name=robots content=nofollow><link rel=canonical href="/c">'
        f'<a href="https://{TARGET}/" rel=sponsored title=t>text</a><a href="/in">i</a>'.encode(),
    )
    (row,) = mined(wat([capture]))[0]
    assert (row.anchor, row.anchor_source, row.rel) == ("text", "text", ("sponsored",))
    assert row.nofollow_by == ("rel:sponsored", "meta:robots")
    assert (row.indexable, row.noindex_by) == (False, ("header:robots",))
    assert (row.canonical_url, row.external_links, row.internal_links, row.position) == (
        "https://blog.example/c",
        1,
        1,
        1,
    )
    assert (row.placement, row.source_title) == ("", "T")


def test_headers_that_are_repeated_are_lists() -> None:
    value = {
        "Envelope": {
            "WARC-Header-Metadata": {
                "WARC-Type": "response",
                "WARC-Target-URI": "https://a.example/",
                "WARC-Date": DATE,
            },
            "Payload-Metadata": {
                "HTTP-Response-Metadata": {
                    "Response-Message": {"Status": "200"},
                    "Headers": {"x-robots-tag": ["noarchive", "nofollow"], "Link": [f"<https://{TARGET}/l>; rel=next"]},
                    "HTML-Metadata": {"Links": [{"path": "A@/href", "url": f"https://{TARGET}/"}]},
                }
            },
        }
    }
    rows, _ = mined(members([wat_record("https://a.example/", value)]))
    assert [(row.link_type, row.nofollow_by) for row in rows] == [("text", ("header:robots",)), ("http_link", ())]


# --- damage -------------------------------------------------------------------------------------------------------


def test_a_truncated_archive_is_read_as_far_as_it_goes() -> None:
    data = warc([page(n, f'<a href="https://{TARGET}/{n}">x</a>') for n in range(20)])
    whole = len(mined(data)[0])
    assert whole == 20
    before, ends = 0, _ends(data)
    for end in range(0, len(data), 97):
        rows, counts = mined(data[:end])
        assert before <= len(rows) <= whole
        before = len(rows)
        is_between = end in ends
        assert counts.faults.keys() <= {Fault.TRUNCATED}
        assert counts.faults[Fault.TRUNCATED] == (0 if is_between else 1), end
    assert before >= whole - 1


def _ends(data: bytes) -> set[int]:
    """Where the members of a gzip file end, and its beginning."""
    ends, rest = {0}, data
    while rest:
        stream = zlib.decompressobj(31)
        stream.decompress(rest)
        rest = stream.unused_data
        ends.add(len(data) - len(rest))
    return ends


def test_a_damaged_record_costs_only_itself() -> None:
    captures = [page(n, f'<a href="https://{TARGET}/{n}">x</a>') for n in range(9)]
    records = warc_records(captures)
    for hit in (2, 8, 16):  # responses
        packed = [gzip.compress(one, mtime=0) for one in records]
        damaged = bytearray(packed[hit])
        damaged[len(damaged) // 2] ^= 0xFF
        packed[hit] = bytes(damaged)
        rows, counts = mined(b"".join(packed))
        assert len(rows) == len(captures) - 1
        assert counts.faults == {Fault.DAMAGED: 1}
        assert len(counts.examples) == 1


def test_bytes_between_members_are_passed_over() -> None:
    records = [gzip.compress(one, mtime=0) for one in warc_records(PLANTED)]
    rows, counts = mined(records[0] + b"no member at all" + b"".join(records[1:]) + bytes(5_000))
    assert links(rows) == FOUND
    assert counts.faults == {Fault.DAMAGED: 1}


def test_the_first_bytes_of_a_member_may_stand_within_one() -> None:
    noise = random.Random(1).randbytes(3_000)
    body = b"<!--" + b"\x1f\x8b\x08".join([noise] * 5) + f'--><a href="https://{TARGET}/">x</a>'.encode()
    records = warc_records([Capture(url="https://a.example/", body=body), PLANTED[0]])
    stored = b"".join(gzip.compress(one, compresslevel=0) for one in records)  # as it is
    assert stored.count(b"\x1f\x8b\x08") > len(records)
    rows, counts = mined(stored)
    assert len(rows) == 2
    assert not counts.faults


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda data: data.replace(b"Content-Length: ", b"Content-Lengthy: ", 1), Fault.BAD_LENGTH),
        (lambda data: data[:9] + b"\0\0\0" + data[9:], None),
        (lambda data: b"<!doctype html>\n" + data, Fault.NOT_AN_ARCHIVE),
    ],
    ids=["no length", "a broken header line", "text before"],
)
def test_a_plain_archive_goes_on_behind_damage(damage: Callable[[bytes], bytes], fault: Fault | None) -> None:
    rows, counts = mined(damage(b"".join(warc_records(PLANTED))))
    assert links(rows) == FOUND
    assert set(counts.faults) <= ({fault, Fault.NOT_AN_ARCHIVE} if fault else {Fault.NOT_AN_ARCHIVE})
    assert fault is None or counts.faults[fault] == 1


@pytest.mark.parametrize("data", [b"", b"\n\n", bytes(100)], ids=["empty", "blank", "zeros"])
def test_a_file_without_records_gives_none(data: bytes) -> None:
    assert mined(data)[0] == []


def test_what_is_no_archive_is_said() -> None:
    for data in (b"<html>", b"PK\x03\x04 something", gzip.compress(b"<html>no archive")):
        rows, counts = mined(data)
        assert not rows
        assert counts.faults == {Fault.NOT_AN_ARCHIVE: 1}


def test_broken_json_is_a_fault_of_its_record() -> None:
    broken = record("metadata", "https://a.example/", f'{{"Envelope": "https://{TARGET}/'.encode(), "application/json")
    rows, counts = mined(members([broken, *wat_records(PLANTED)]))
    assert links(rows) == FOUND
    assert counts.faults == {Fault.NOT_JSON: 1}


# --- HTTP ---------------------------------------------------------------------------------------------------------

PAGE = b"<p>a page</p>" * 30


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Encoding: gzip", gzip.compress(PAGE)),
        (b"Content-Encoding: gzip", PAGE),
        (b"Content-Encoding: br", PAGE),
        (
            b"Transfer-Encoding: chunked",
            b"%x\r\n" % 100 + PAGE[:100] + b"\r\n%X;x=y\r\n" % (len(PAGE) - 100) + PAGE[100:] + b"\r\n0\r\n\r\n",
        ),
        (b"Transfer-Encoding: chunked", PAGE),
        (
            b"transfer-encoding: Chunked\r\nContent-Encoding: deflate",
            b"%x\r\n" % len(zlib.compress(PAGE)) + zlib.compress(PAGE) + b"\r\n0\r\n\r\n",
        ),
    ],
    ids=["gzip", "gzip undone", "br undone", "chunked", "chunks undone", "both"],
)
def test_a_body_is_read_with_its_encodings_or_without(headers: bytes, body: bytes) -> None:
    response = http_message.parse(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n" + body)
    assert response is not None
    assert http_message.body_of(response) == PAGE


@pytest.mark.parametrize("message", [b"", b"HTTP/1.1\r\n\r\n", b"<html>", b"HTTPX/1.1 200 OK\r\n\r\n"])
def test_what_is_no_response_is_none(message: bytes) -> None:
    assert http_message.parse(message) is None


# --- the prefilter ------------------------------------------------------------------------------------------------

_HIDDEN = (
    "https://TARGET.example/",
    "https://targ%65t.example/",
    "ht\ntps://target.example/",
    "https:/\t/targ\tet.example/",
    "\\\\target.example\\a",
    "//t\u00adarget.example/",
    "https://ｔａｒｇｅｔ.example/",
    "https://target。example/",
    " \n https:\\\\user@target.example:443/",
    "http:target.example",
    "https://l.facebook.com/l.php?u=https%3A%2F%2Ftarget.example%2F",
    "https://redirect.example/out?url=aHR0cHM6Ly90YXJnZXQuZXhhbXBsZS8=",
)


def _of(url: str, ascii_only: bool) -> bytes:  # noqa: FBT001 - a dimension of the test
    value = {
        "Envelope": {
            "WARC-Header-Metadata": {
                "WARC-Type": "response",
                "WARC-Target-URI": "https://a.example/",
                "WARC-Date": DATE,
            },
            "Payload-Metadata": {
                "HTTP-Response-Metadata": {
                    "Response-Message": {"Status": "200"},
                    "HTML-Metadata": {"Links": [{"path": "A@/href", "url": url, "text": "x"}]},
                }
            },
        }
    }
    content = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":") if ascii_only else (", ", ": "))
    return record("metadata", "https://a.example/", content.encode("utf-8", "surrogatepass"), "application/json")


@pytest.mark.parametrize("ascii_only", [True, False], ids=["ascii", "utf-8"])
@pytest.mark.parametrize("url", _HIDDEN)
def test_hidden_spellings_reach_the_parser(url: str, ascii_only: bool) -> None:  # noqa: FBT001
    rows, _ = mined(members([_of(url, ascii_only)]))
    assert len(rows) == 1


_SPLIT = st.sampled_from(
    [
        "\t",
        "\n",
        "\r",
        "%65",
        "%74",
        "\u00ad",
        "。",
        "ａ",
        "@",
        ":",
        "/",
        "\\",
        ".",
        "https://",
        "//",
        " ",
        "&amp;",
        '"',
        "u:p@",
    ]
)
_PIECES = st.lists(
    st.one_of(_SPLIT, st.sampled_from(["target.example", "target", ".example", "www.", "http:", "x"])), max_size=7
)


@settings(max_examples=examples(400))
@given(_PIECES, st.booleans())
def test_the_prefilter_hides_no_link(pieces: list[str], ascii_only: bool) -> None:  # noqa: FBT001
    data = _of("".join(pieces), ascii_only)
    miner = miner_of(MiningOptions(targets=(TARGET,)))
    (one,) = read_records(io.BytesIO(data), MiningCounts())
    rows = miner._rows_of(one, RepeatedBlocks(), MiningCounts())
    assert not rows or miner._wat_prefilter.may_link(data)


def test_records_without_a_target_are_not_parsed() -> None:
    filtered = WatPrefilter(Targets.parse([TARGET]))
    records = wat_records(
        [page(n, '<a href="https://other.example/a%20b?x=%65">x</a><a href="/rel">y</a>') for n in range(9)]
    )
    assert filtered.is_blind or not any(map(filtered.may_link, records))


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_requests_are_counted_without_being_parsed(pack: Callable[[list[bytes]], bytes]) -> None:
    quoting = b'<pre>WARC/1.0\r\nWARC-Type: request\r\n</pre><a href="https://%b/">x</a>' % TARGET.encode()
    records = warc_records([Capture(url="https://a.example/", body=quoting)])
    rows, counts = mined(pack(records))
    assert [row.source_url for row in rows] == ["https://a.example/"]
    assert counts.skipped == {pages.NOT_A_PAGE: 2}  # the request, and what says who wrote the archive
    assert counts.records == len(records)


def test_a_response_behind_a_request_in_one_member_is_read() -> None:
    rows, counts = mined(gzip.compress(b"".join(warc_records(PLANTED)[1:])))
    assert links(rows) == FOUND
    assert counts.records == 2 * len(PLANTED)


def test_many_targets_are_found_among_each_other() -> None:
    names = ["".join(random.Random(n).choices(string.ascii_lowercase, k=9)) + ".example" for n in range(600)]
    captures = [page(n, f'<a href="https://{names[n * 7]}/">x</a>') for n in range(50)]
    for data in (wat(captures), warc(captures)):
        rows, _ = mined(data, *names)
        assert [row.target for row in rows] == [names[n * 7] for n in range(50)]


def test_a_row_survives_its_line() -> None:
    rows, _ = mined(warc(PLANTED))
    assert [row_of(as_line(row)) for row in rows] == rows


# --- real archives ------------------------------------------------------------------------------------------------


@pytest.mark.conformance
@pytest.mark.skipif(not GENUINE.exists(), reason="the genuine archives are not here")
def test_genuine_archives_are_read_as_other_readers_read_them(tmp_path: Path) -> None:
    import tarfile

    with tarfile.open(GENUINE) as packed:
        packed.extractall(tmp_path, filter="data")
    # name -> (records, faults), as its publisher's own tests say, and damage seen by looking
    known = {
        "chatnoir-resiliparse/tests/data/warcfile.warc.gz": (50, 0),
        "chatnoir-resiliparse/tests/data/warcfile.warc": (50, 0),
        "chatnoir-resiliparse/tests/data/clueweb-quirk.warc.gz": (30, 0),
        "chatnoir-resiliparse/tests/data/clipped.warc.gz": (1, 1),
        "warcio/test/data/example.warc.gz": (6, 0),
        "warcio/test/data/example-bad-non-chunked.warc.gz": (6, 0),
        "warcio/test/data/example-trunc.warc": (4, 1),
        "pywb/sample_archive/warcs/iana.warc.gz": (343, 0),
        "whirlwind-python/whirlwind.warc.wat.gz": (2, 0),
    }
    for name, expected in known.items():
        counts = MiningCounts()
        with (tmp_path / "warc" / name).open("rb") as file:
            list(read_records(file, counts))
        assert (counts.records, counts.faults.total()) == expected, (name, counts.examples)
