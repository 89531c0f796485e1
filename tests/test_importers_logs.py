"""Access logs as servers write them: the site's own host, columns between any separator, headers."""

from __future__ import annotations

from pathlib import Path

import pytest

from backlinkbot.importers import Reading
from backlinkbot.importers.outcomes import FileReport
from backlinkbot.items import Candidate

PAGE = "https://blog.example/posts/tools.html"
FIELDS = {
    "date": "2026-03-04",
    "time": "10:00:00",
    "cs-method": "GET",
    "cs-uri-stem": "/shop/pens",
    "cs(User-Agent)": "Mozilla/5.0+(X11)",
    "cs(Referer)": PAGE,
    "sc-status": "200",
}


def read(folder: Path, text: str) -> tuple[list[tuple[str, str]], FileReport]:
    path = folder / "access.log"
    path.write_text(text, encoding="utf-8")
    reading = Reading([path])
    found = [outcome for outcome in reading if isinstance(outcome, Candidate)]
    return [(one.url, one.claims[0].target_url) for one in found], reading.reports[0]


@pytest.mark.parametrize(
    ("hosts", "target"),
    [
        ({"cs-host": "www.target.example"}, "https://www.target.example/shop/pens"),
        ({"cs(Host)": "www.target.example"}, "https://www.target.example/shop/pens"),
        ({"cs(Host)": "d1.cdn.example", "x-host-header": "www.target.example"}, "https://www.target.example/shop/pens"),
        ({"x-host-header": "-", "cs-host": "www.target.example"}, "https://www.target.example/shop/pens"),
        ({"cs-host": "-"}, "/shop/pens"),
        ({}, "/shop/pens"),
    ],
)
def test_w3c_logs_name_their_host_or_none(tmp_path: Path, hosts: dict[str, str], target: str) -> None:
    fields = FIELDS | hosts
    text = f"#Version: 1.0\n#Fields: {' '.join(fields)}\n{' '.join(fields.values())}\n"
    assert read(tmp_path, text)[0] == [(PAGE, target)]


LINE = [
    "192.0.2.7",
    "2026-03-04 10:00:00",
    "GET /shop/pens HTTP/1.1",
    "200",
    "512",
    PAGE,
    "Mozilla/5.0 (X11; Linux x86_64)",
]
ORDERS = [(0, 1, 2, 3, 4, 5, 6), (1, 0, 2, 3, 5), (0, 1, 2, 5, 3, 6), (2, 3, 5, 0)]


@pytest.mark.parametrize("delimiter", ["\t", "|"], ids=["tabs", "bars"])
@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("quote", ["", '"'], ids=["bare", "quoted"])
def test_columns_without_a_header_are_told_by_their_values(
    tmp_path: Path, delimiter: str, order: tuple[int, ...], quote: str
) -> None:
    lines = [LINE, [*LINE[:5], "-", LINE[6]], [*LINE[:5], "https://www.google.com/search?q=x y", LINE[6]]]
    text = "\n".join(delimiter.join(f"{quote}{line[at]}{quote}" for at in order) for line in lines)
    candidates, report = read(tmp_path, text)
    assert candidates == [(PAGE, "/shop/pens")]
    assert report.format is not None
    assert (report.format.name, report.rows, dict(report.skipped)) == (
        "log-columns",
        3,
        {"no referer": 1, "search engine": 1},
    )


@pytest.mark.parametrize("delimiter", ["\t", "|", ";", ","])
def test_columns_with_a_header_are_told_by_it(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["time", "host", "method", "path", "status", "referrer", "user_agent"],
        ["2026-03-04T10:00:00Z", "www.target.example", "GET", "/shop/pens", "200", PAGE, "Mozilla/5.0"],
        ["2026-03-04T10:00:01Z", "www.target.example", "GET", "/shop/pens", "200", "", "Mozilla/5.0"],
    ]
    candidates, report = read(tmp_path, "\n".join(delimiter.join(row) for row in rows) + "\n")
    assert candidates == [(PAGE, "https://www.target.example/shop/pens")]
    assert report.rows == report.candidates + report.skipped.total() == 2


def test_a_table_of_links_with_a_status_is_no_log(tmp_path: Path) -> None:
    text = f"referring page,target url,status\n{PAGE},https://target.example/,200\n"
    _, report = read(tmp_path, text)
    assert report.format is not None
    assert report.format.name == "table"
