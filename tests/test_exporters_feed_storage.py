"""Files appear whole, under their name, at the end; appending adds rows and never a second header."""

from __future__ import annotations

import gzip
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from scrapy.spiders import Spider

from backlinkbot.errors import OutputError, SettingError
from backlinkbot.exporters.feed_storage import WholeFileStorage
from backlinkbot.files.atomic import check_writable, write_whole
from backlinkbot.files.row_files import read_rows
from tests.conftest import CrawlFunction, links
from tests.fakeweb import FakeWeb

pytestmark = pytest.mark.usefixtures("site")

T = "https://target.example/"


@pytest.fixture
def site(web: FakeWeb) -> FakeWeb:
    web.page("https://a.example/", links(T, "/1"))
    web.page("https://a.example/1", links(T))
    web.page("https://empty.example/", "<p>nothing")
    return web


def feed(path: Path, **options: Any) -> dict[str, Any]:
    return {str(path): {"format": "csv", "overwrite": False, **options}}


def sources(path: Path) -> list[str]:
    return [row["source_url"] for row in read_rows(path)]


PAGES = ["https://a.example/", "https://a.example/1"]
GZIP = {"postprocessing": ["scrapy.extensions.postprocessing.GzipPlugin"]}


def test_overwriting_and_appending(crawl: CrawlFunction, tmp_path: Path) -> None:
    path = tmp_path / "new" / "rows.csv"
    for overwrite, expected in ((True, PAGES), (True, PAGES), (False, PAGES * 2), (False, PAGES * 3)):
        crawl("discover", seeds="https://a.example/", FEEDS=feed(path, overwrite=overwrite))
        assert sources(path) == expected
        assert path.read_text().count("source_url") == 1
    assert [file.name for file in path.parent.iterdir()] == ["rows.csv"]


def test_appending_nothing_and_to_nothing(crawl: CrawlFunction, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    crawl("discover", seeds="https://empty.example/", FEEDS=feed(path))
    header = path.read_bytes()
    assert header.count(b"\r\n") == 1
    crawl("discover", seeds="https://empty.example/", FEEDS=feed(path))
    assert path.read_bytes() == header
    path.write_bytes(b"")
    crawl("discover", seeds="https://a.example/", FEEDS=feed(path))
    assert path.read_bytes().startswith(header)
    assert sources(path) == PAGES


def test_a_torn_last_line_stays_one_row(crawl: CrawlFunction, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    crawl("discover", seeds="https://a.example/", FEEDS=feed(path, format="jsonl"))
    path.write_bytes(path.read_bytes() + b'{"target": "tar')
    crawl("discover", seeds="https://a.example/", FEEDS=feed(path, format="jsonl"))
    lines = path.read_text().splitlines()
    assert lines[2] == '{"target": "tar'
    assert [json.loads(line)["source_url"] for line in lines[:2] + lines[3:]] == PAGES * 2


def test_other_columns_are_refused_and_nothing_is_lost(crawl: CrawlFunction, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a,b\r\n1,2\r\n")
    with pytest.raises(OutputError, match="has other columns than these rows"):
        crawl("discover", seeds="https://a.example/", FEEDS=feed(path))
    assert path.read_bytes() == b"a,b\r\n1,2\r\n"


def test_columns_that_become_others_during_the_crawl(site: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"

    def overwrite(_: object) -> str:
        path.write_bytes(b"a,b\r\n1,2\r\n")
        return links(T)

    site.page("https://a.example/1", overwrite)
    found = crawl("discover", seeds="https://a.example/", FEEDS=feed(path))
    assert path.read_bytes() == b"a,b\r\n1,2\r\n"
    assert found.stats["feedexport/failed_count/WholeFileStorage"] == 1
    (part,) = tmp_path.glob("rows.csv.*.part")
    assert sources(part) == PAGES
    assert part.name in found.stats["backlinkbot/complaints"][0]


def test_json_is_one_array_and_is_not_added_to(crawl: CrawlFunction, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    crawl("discover", seeds="https://a.example/", FEEDS=feed(path, format="json", overwrite=True))
    assert [row["source_url"] for row in json.loads(path.read_text())] == PAGES
    with pytest.raises(SettingError, match="jsonl"):
        WholeFileStorage(str(path), feed_options={"format": "json", "overwrite": False})


def test_gzip_and_gzip_added_to(crawl: CrawlFunction, tmp_path: Path) -> None:
    for name, options in (("rows.csv.gz", GZIP), ("rows.jsonl.gz", {"format": "jsonl", **GZIP})):
        path = tmp_path / name
        for times in (1, 2, 3):
            crawl("discover", seeds="https://a.example/", FEEDS=feed(path, **options))
            text = gzip.decompress(path.read_bytes()).decode()
            plain = tmp_path / name.removesuffix(".gz")
            plain.write_text(text, newline="")
            assert sources(plain) == PAGES * times


def test_batches(crawl: CrawlFunction, tmp_path: Path) -> None:
    path = tmp_path / "rows-%(batch_id)02d.csv"
    crawl("discover", seeds="https://a.example/", FEEDS=feed(path, overwrite=True, batch_item_count=1))
    batches = [sources(file) for file in sorted(tmp_path.iterdir())]
    assert batches == [[PAGES[0]], [PAGES[1]]] or batches == [[PAGES[0]], [PAGES[1]], []]


def test_fields(crawl: CrawlFunction, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    crawl("discover", seeds="https://a.example/", FEEDS=feed(path, fields={"source_url": "Page", "follow": "F"}))
    assert path.read_text().splitlines() == ["Page,F", "https://a.example/,true", "https://a.example/1,true"]
    with pytest.raises(OutputError, match="other columns"):
        crawl("discover", seeds="https://a.example/", FEEDS=feed(path, fields=["target"]), FEED_EXPORT_FIELDS=["depth"])
    assert path.read_text().splitlines()[0] == "Page,F"


def test_checks_beside_rows(crawl: CrawlFunction, tmp_path: Path) -> None:
    candidates = tmp_path / "c.txt"
    candidates.write_text("https://a.example/\nhttps://empty.example/\n")
    rows, checks, lines = tmp_path / "rows.csv", tmp_path / "checks.csv", tmp_path / "checks.jsonl"
    for file in (checks, lines):
        crawl("verify", candidates=str(candidates), checks=str(file), FEEDS=feed(rows, overwrite=True))
    assert sources(rows) == PAGES[:1]
    assert sorted((row["candidate"], row["state"]) for row in read_rows(checks)) == [
        ("https://a.example/", "linked"),
        ("https://empty.example/", "not_linked"),
    ]
    assert {row["backlinks"] for row in read_rows(lines)} == {0, 1}


def test_the_file_is_not_there_before_the_end(site: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("before")
    seen: list[tuple[str, int]] = []

    def look(_: object) -> str:
        seen.append((path.read_text(), len(list(tmp_path.glob("*.part")))))
        return links(T)

    site.page("https://a.example/1", look)
    crawl("discover", seeds="https://a.example/", FEEDS=feed(path, overwrite=True))
    assert seen == [("before", 1)]
    assert sources(path) == PAGES
    assert not list(tmp_path.glob("*.part"))


def test_rights_are_those_of_the_file_or_of_any_new_one(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.touch()
    old.chmod(0o640)
    before = os.umask(0o027)
    try:
        write_whole(old, b"x")
        write_whole(new, b"x")
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (old, new)] == [0o640, 0o640]


def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    real, linked = tmp_path / "real", tmp_path / "linked"
    real.write_text("old")
    linked.symlink_to(real)
    write_whole(linked, b"new")
    assert linked.is_symlink()
    assert real.read_text() == "new"


def test_what_cannot_be_written_is_said_before_the_crawl(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "below.csv", Path("/proc/rows.csv")):
        with pytest.raises(OutputError, match="cannot be written"):
            check_writable(path)
    check_writable(tmp_path / "deep" / "er" / "rows.csv")
    assert not list((tmp_path / "deep" / "er").iterdir())


def test_a_file_uri(tmp_path: Path) -> None:
    path = tmp_path / "rows with space.csv"
    storage = WholeFileStorage(path.as_uri(), feed_options={"overwrite": True})
    file = storage.open(Spider("any"))
    file.write(b"rows")
    storage.store(file)
    assert path.read_bytes() == b"rows"
