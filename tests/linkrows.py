"""Backlinks by the dozen, for the tests of what is made of them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from backlinkbot.exporters.exporters import CsvRows
from backlinkbot.items import Backlink, LinkState, Reason
from backlinkbot.urls import parse, registrable_domain

NASTY = (
    '=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\t=1", "'quoted", 'a "b" c', "a,b;c", "line\nbreak",
    "line\r\nbreak", "＝1", "Ünïcödé 漢字 🎈", " spaces ", "", "null", "NaN", "007", "true", "<script>alert(1)</script>",
    "http://a.example/", "mailto:a@example.com", "\x00\x01", "\u202eevil", "_x0041_", "\ud83c", "\ufffe\uffff",
)  # fmt: skip


def backlink(source: str = "https://a.example/", **given: Any) -> Backlink:
    """A plain, live, followed link from a page."""
    url = parse(source)
    assert url is not None
    plain = Backlink(
        target="target.example",
        source_url=source,
        source_domain=registrable_domain(url.hostname),
        source_title="A page about harbours",
        source_status=200,
        source_language="en",
        target_url="https://target.example/",
        raw_href="https://target.example/",
        anchor="the harbour guide",
        anchor_source="text",
        link_type="text",
        rel=(),
        follow=True,
        nofollow_by=(),
        indexable=True,
        noindex_by=(),
        canonical_url="",
        flags=(),
        occurrences=1,
        external_links=3,
        internal_links=12,
        discovered_from="seed",
        depth=0,
        fetched_at="2026-01-31T12:00:00Z",
    )
    return replace(plain, **given)


def pages(domain: str, count: int, **given: Any) -> list[Backlink]:
    """One link from each of some pages of a domain."""
    return [backlink(f"https://{domain}/{number}", **given) for number in range(count)]


def write_rows(path: Path, rows: Iterable[Backlink]) -> Path:
    """A file of rows as a crawl writes it."""
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows))
        return path
    file = io.BytesIO()
    exporter = CsvRows(file, encoding="utf-8")
    exporter.start_exporting()
    for row in rows:
        exporter.export_item(row)
    exporter.finish_exporting()
    path.write_bytes(file.getvalue())
    return path


texts = st.sampled_from(NASTY) | st.text(max_size=20)
_times = st.integers(631152000, 4102444800).map(lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}")
_few = st.sampled_from
_tokens = st.lists(_few(("nofollow", "ugc", "sponsored", "=1", "noopener")), max_size=3).map(tuple)


@st.composite
def backlinks(draw: st.DrawFn) -> Backlink:
    """Links from few domains and pages, so that they meet; what strangers write in them is anything."""
    host = draw(_few(("a.example", "www.a.example", "b.example", "alice.github.io", "c.co.uk", "192.0.2.7")))
    is_lost = draw(st.booleans())
    return backlink(
        f"https://{host}/{draw(st.integers(0, 3))}",
        target=draw(_few(("target.example", "other.example"))),
        source_title=draw(texts),
        source_language=draw(_few(("", "en", "de-AT", "=x"))),
        target_url=draw(_few(("https://target.example/", "https://target.example/maps"))),
        raw_href=draw(texts),
        anchor=draw(texts),
        rel=draw(_tokens),
        follow=draw(st.booleans()),
        flags=draw(_few(((), ("hidden",), ("noscript", "same_domain")))),
        external_links=draw(st.integers(0, 300)),
        internal_links=draw(st.integers(0, 300)),
        first_seen=draw(st.just("") | _times),
        last_seen=draw(st.just("") | _times),
        state=LinkState.LOST.value if is_lost else draw(_few(("", "live", "new"))),
        lost_reason=Reason.PAGE_GONE.value if is_lost else "",
    )
