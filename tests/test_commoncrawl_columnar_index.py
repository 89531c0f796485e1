"""The columnar index: the same captures as the index server's, from the row groups of a domain alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from backlinkbot.commoncrawl import client as client_room
from backlinkbot.commoncrawl.captures import Capture as Place
from backlinkbot.commoncrawl.captures import captures_of
from backlinkbot.commoncrawl.client import ArchiveClient, Budget, NotAskedError
from backlinkbot.commoncrawl.columnar_index import COLUMNAR, ColumnarIndex
from backlinkbot.errors import UsageError
from backlinkbot.files.resumed_download import DownloadError
from tests.archive_files import Capture
from tests.little_commoncrawl import CRAWL, LittleCommonCrawl, served, write_crawl

DOMAINS = [
    "blog.example",
    "shop.blog.example",
    "notblog.example",
    "blog-two.example",
    "blog.example.org",
    "www.other.example",
    "8080.example:8080",
]


def planted() -> list[Capture]:
    drawn = random.Random(1)
    pages = [Capture(url=f"https://{domain}/{n}", body=b"<p>x") for domain in DOMAINS for n in range(9)]
    others = [Capture(url=f"https://site{n:03}.example/{n}", body=b"<p>x") for n in range(300)]
    odd = [
        Capture(url="https://blog.example/gone", body=b"x", status=404),
        Capture(url="https://blog.example/image.png", body=b"x", content_type="image/png"),
        Capture(url="https://blog.example/1", body=b"later", date="2026-06-09T01:02:03Z"),
    ]
    drawn.shuffle(pages)
    return [*pages, *others, *odd]


@pytest.fixture
def crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleCommonCrawl]:
    monkeypatch.setattr(client_room, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(client_room, "PACE", 0.0)
    folder = tmp_path / "served"
    with served(folder, write_crawl(folder, planted())) as little:
        yield little


def new_client(cache: Path | None = None, **bounds: int) -> ArchiveClient:
    return ArchiveClient(Budget(**{"most_requests": 1_000, "most_bytes": 10**9} | bounds), cache)


def index_of(little: LittleCommonCrawl, client: ArchiveClient, name: str = COLUMNAR) -> ColumnarIndex:
    return ColumnarIndex(client, name, crawl=CRAWL, server=little.address)


def table_folder(little: LittleCommonCrawl) -> Path:
    return next(little.folder.rglob("*.parquet")).parent


@pytest.mark.parametrize("form", [COLUMNAR, "list", "folder", "bucket"])
def test_it_gives_the_captures_that_the_index_server_gives(crawl: LittleCommonCrawl, form: str) -> None:
    names = {
        COLUMNAR: COLUMNAR,
        "list": str(crawl.folder / f"crawl-data/{CRAWL}/cc-index-table.paths.gz"),
        "folder": str(table_folder(crawl)),
        "bucket": f"s3://commoncrawl/crawl-data/{CRAWL}/cc-index-table.paths.gz",
    }
    client = new_client()
    index = index_of(crawl, client, names[form])

    def key(one: Place) -> tuple[str, str, str, int, int]:
        return one.url, one.timestamp, one.filename, one.offset, one.length

    for domain in ("blog.example", "notblog.example", "other.example", "8080.example", "example.org", "absent.example"):
        expected = captures_of(new_client(), crawl.address, CRAWL, domain)
        assert sorted(map(key, index.captures_of(domain))) == sorted(map(key, expected)), domain
    assert bool(client.budget.requests) == (form != "folder")


def test_of_a_domain_only_its_row_groups_are_read_and_footers_once(crawl: LittleCommonCrawl) -> None:
    client = new_client()
    index = index_of(crawl, client)
    index.captures_of("absent.example")
    sizes = {path.name: path.stat().st_size for path in table_folder(crawl).glob("*.parquet")}
    footers = [path for path, part in crawl.asked if path.endswith(".parquet") and part == "bytes=0-0"]
    assert len(footers) == len(set(footers)) == len(sizes) == 3
    del crawl.asked[:]
    index.captures_of("notblog.example")
    assert {path for path, _ in crawl.asked} < set(footers), "the other files cannot hold it"
    assert "bytes=0-0" not in {part for _, part in crawl.asked}


def test_what_was_read_is_kept(crawl: LittleCommonCrawl, tmp_path: Path) -> None:
    found = index_of(crawl, new_client(tmp_path / "cache")).captures_of("blog.example")
    again = new_client(tmp_path / "cache")
    assert index_of(crawl, again).captures_of("blog.example") == found
    assert (again.budget.requests, again.budget.bytes) == (0, 0)
    assert again.budget.cached > 0


@pytest.mark.parametrize("refusals", [[503], [502, 503], [0], [1]])
def test_passing_trouble_is_waited_out(crawl: LittleCommonCrawl, refusals: list[int]) -> None:
    crawl.refusals = [*refusals]
    assert len(index_of(crawl, new_client()).captures_of("blog.example")) == 18


def test_a_part_that_is_not_read_is_no_absence_of_captures(crawl: LittleCommonCrawl) -> None:
    part = sorted(table_folder(crawl).glob("*.parquet"))[1]
    part.write_bytes(part.read_bytes()[:-100])
    with pytest.raises(DownloadError, match=part.name):
        index_of(crawl, new_client()).captures_of("absent.example")
    with pytest.raises(NotAskedError, match="bound of 2 requests"):
        index_of(crawl, new_client(most_requests=2)).captures_of("blog.example")


def test_what_is_no_index_is_refused(crawl: LittleCommonCrawl, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        index_of(crawl, new_client(), str(tmp_path / "nowhere"))
    (tmp_path / "x.parquet").write_bytes(b"no parquet")
    with pytest.raises(DownloadError, match=r"x\.parquet"):
        index_of(crawl, new_client(), str(tmp_path / "x.parquet")).captures_of("blog.example")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DownloadError, match="no Parquet file"):
        index_of(crawl, new_client(), str(tmp_path / "empty")).captures_of("blog.example")
