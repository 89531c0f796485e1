"""Pages of archives that are not parsed, because a scan of the whole record shows no sign of a target."""

from __future__ import annotations

import gzip
import io
from itertools import product
from typing import TYPE_CHECKING

import pytest

from backlinkbot.archives.faults import MiningCounts
from backlinkbot.archives.mining import MiningOptions
from backlinkbot.archives.parallel_mining import miner_of
from backlinkbot.archives.unparsed_pages import unparsed_page
from tests.archive_files import Capture, members, record, warc_records

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = "target.example"
LINK = f'<a href="https://{TARGET}/">x</a>'.encode()
CHUNKED = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (LINK[:20], LINK[20:])) + b"0\r\n\r\n"

TYPES = (
    "text/html",
    "TEXT/HTML;charset=UTF-8",
    "text/html; charset=utf-16le",
    "text/plain",
    "application/xhtml+xml",
    "",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Content-Encoding": "gzip"},
    {"Transfer-Encoding": "chunked"},
    {"Refresh": f"0; url=https://{TARGET}/refreshed"},
    {"link": "<https://t%61rget.example/canonical>; rel=canonical"},
    {"X-Robots-Tag": "noindex,\r\n nofollow"},
    {"CONTENT-TYPE": "image/png"},
)
BODIES = (
    LINK,
    b"<p>nothing",
    gzip.compress(LINK),
    CHUNKED,
    LINK.decode().encode("utf-16le"),
    b"<a href='https://&#116;arget.example/'>x</a>",
    b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body>" + LINK + b"</body></html>",
    b"",
)


def mined(data: bytes) -> tuple[list[tuple[str, str, str]], MiningCounts]:
    counts = MiningCounts()
    rows = miner_of(MiningOptions(targets=(TARGET,))).rows(io.BytesIO(data), "x", counts)
    return [(row.source_url, row.target_url, row.link_type) for row in rows], counts


def test_rows_and_counts_are_those_of_an_archive_whose_pages_are_all_parsed() -> None:
    """Records of an archive that is not compressed are parsed before their bytes are looked at."""
    captures = [
        Capture(url=f"https://{host}/{number}", status=status, content_type=content_type, headers=headers, body=body)
        for number, (host, status, content_type, headers, body) in enumerate(
            product(("a.example", f"own.{TARGET}"), (200, 203, 206, 302, 404), TYPES, HEADERS, BODIES)
        )
    ]
    records = warc_records(captures)
    rows, counts = mined(members(records))
    parsed, parsed_counts = mined(b"".join(records))
    assert len(rows) > 100
    assert rows == parsed
    assert (counts.records, counts.read, counts.pages) == (len(records), parsed_counts.read, parsed_counts.pages)
    assert (counts.skipped, counts.faults) == (parsed_counts.skipped, parsed_counts.faults)


HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>"
_HTTP = "application/http; msgtype=response"


def of(message: bytes, url: str = "https://a.example/", kind: str = "response") -> bytes:
    return record(kind, url, message, _HTTP)


def test_a_page_that_is_stored_as_it_is_need_not_be_parsed() -> None:
    page = unparsed_page(of(HTML))
    assert page is not None
    assert (page.url.href, page.charset) == ("https://a.example/", "utf-8")


@pytest.mark.parametrize(
    "data",
    [
        of(HTML.replace(b"200", b"404")),
        of(HTML.replace(b"text/html", b"text/plain")),
        of(HTML.replace(b"\r\n\r\n", b"\r\nContent-Encoding: br\r\n\r\n")),
        of(HTML.replace(b"\r\n\r\n", b"\r\nlink : </>; rel=next\r\n\r\n")),
        of(HTML.replace(b"\r\n\r\n", b"\r\nX: y\r\n\tz\r\n\r\n")),
        of(HTML.replace(b"\r\n\r\n", b"\r\nContent-Type: text/html\r\n\r\n")),
        of(HTML, url="dns:a.example"),
        of(HTML, kind="resource"),
        of(b""),
        b"WARC/1.0\r\n",
    ],
)
def test_what_needs_more_than_a_scan_is_parsed(data: bytes) -> None:
    assert unparsed_page(data) is None


@pytest.mark.parametrize("pack", [members, b"".join], ids=["compressed", "plain"])
def test_a_page_that_speaks_of_envelopes_is_no_wat_record(pack: Callable[[list[bytes]], bytes]) -> None:
    """The prefilter for WAT records knows the escapes of JSON, not those of HTML."""
    body = b'<p class="Envelope"><a href="https://&#116;arget.example/">x</a>'
    rows, _ = mined(pack(warc_records([Capture(url="https://a.example/", body=body)])))
    assert rows == [("https://a.example/", f"https://{TARGET}/", "text")]
