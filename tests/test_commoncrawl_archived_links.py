"""Captures by the index and their records: what links, what it costs, and what could not be asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from backlinkbot.archives.mining import Miner, MiningOptions
from backlinkbot.commoncrawl import client as client_room
from backlinkbot.commoncrawl.archived_links import ArchivedLinks, Crawl, candidates_of
from backlinkbot.commoncrawl.captures import Capture as Place
from backlinkbot.commoncrawl.captures import captures_of, latest
from backlinkbot.commoncrawl.client import ArchiveClient, Budget
from backlinkbot.commoncrawl.records import GAP, MOST_OF_RECORD, MOST_TOGETHER, parts_of
from backlinkbot.files.resumed_download import DownloadError
from tests.archive_files import Capture
from tests.little_commoncrawl import CRAWL, LittleCommonCrawl, served, write_crawl

TARGET = "target.example"
LINK = f'<a href="https://{TARGET}/page" rel="nofollow">Anchor</a>'


def page(url: str, body: str = LINK, **facts: object) -> Capture:
    return Capture(url=url, body=f"<!doctype html><title>t</title><p>{body}</p>".encode(), **facts)  # type: ignore[arg-type]


PLANTED = [
    page("https://blog.example/one"),
    page("https://blog.example/none", "nothing"),
    page("https://blog.example/gone", status=404),
    page("https://blog.example/image.png", content_type="image/png"),
    page("https://shop.blog.example/two"),
    page("https://notblog.example/three"),
    page("https://big.example/", "nothing" * 100),
    *(page(f"https://big.example/{n}", "nothing" if n % 7 else LINK) for n in range(40)),
]


@pytest.fixture
def crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleCommonCrawl]:
    monkeypatch.setattr(client_room, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(client_room, "PACE", 0.0)
    folder = tmp_path / "served"
    with served(folder, write_crawl(folder, PLANTED, per_file=10)) as little:
        yield little


@pytest.fixture(scope="module")
def miner() -> Miner:
    return Miner(MiningOptions(targets=(TARGET,)))


def links_of(little: LittleCommonCrawl, miner: Miner, client: ArchiveClient | None = None) -> ArchivedLinks:
    where = Crawl(index_server=little.address, data_server=little.address)
    return ArchivedLinks(client or new_client(), where, miner)


def new_client(cache: Path | None = None, **bounds: int) -> ArchiveClient:
    return ArchiveClient(Budget(**{"most_requests": 1_000, "most_bytes": 10**9} | bounds), cache)


def test_the_archived_pages_of_domains_that_link_are_found(crawl: LittleCommonCrawl, miner: Miner) -> None:
    links = links_of(crawl, miner)
    rows = list(links.rows(["blog.example", "big.example", "absent.example"]))
    assert {row.source_url for row in rows} == {
        "https://blog.example/one",
        "https://shop.blog.example/two",
        *(f"https://big.example/{n}" for n in range(0, 40, 7)),
    }
    assert {(row.target_url, row.anchor, row.rel, row.archived_at) for row in rows} == {
        (f"https://{TARGET}/page", "Anchor", ("nofollow",), "2026-06-01T01:02:03Z")
    }
    counts = links.counts
    assert (counts.domains, counts.without_captures, counts.linking, counts.captures) == (3, 1, 2, 44)
    assert not counts.not_asked
    assert not counts.unread


def test_a_row_names_the_place_of_its_record(crawl: LittleCommonCrawl, miner: Miner) -> None:
    places = {(one.capture.url): (one.filename, one.offset) for one in crawl.indexed}
    for row in links_of(crawl, miner).rows(["blog.example", "big.example"]):
        assert (row.archive, row.archive_offset) == places[row.source_url]


def test_the_index_is_asked_once_for_each_domain_and_the_records_of_neighbours_together(
    crawl: LittleCommonCrawl, miner: Miner
) -> None:
    list(links_of(crawl, miner).rows(["big.example"]))
    index = [path for path, _ in crawl.asked if "-index?" in path]
    parts = [(path, part) for path, part in crawl.asked if path.startswith("/crawl-data/")]
    assert len(index) == 1
    query = dict(parse_qsl(urlsplit(index[0]).query))
    assert query["url"] == "big.example"
    assert query["matchType"] == "domain"
    assert len(parts) == len({path for path, _ in parts}) == 5  # of 41 records in five files
    assert all(part.startswith("bytes=") for _, part in parts)


def test_pages_are_candidates_with_anchor_rel_and_day(crawl: LittleCommonCrawl, miner: Miner) -> None:
    found = list(candidates_of(links_of(crawl, miner).rows(["blog.example"])))
    assert [one.url for one in found] == ["https://blog.example/one", "https://shop.blog.example/two"]
    claim = found[0].claims[0]
    assert (claim.origin, claim.anchor, claim.rel) == ("commoncrawl", "Anchor", ("nofollow",))
    assert claim.last_seen == "2026-06-01T01:02:03Z"
    assert claim.confidence > 0.5


def test_a_crawl_that_is_not_there_is_no_absence_of_captures(crawl: LittleCommonCrawl) -> None:
    with pytest.raises(DownloadError, match="404"):
        captures_of(new_client(), crawl.address, "CC-MAIN-1999-01", "blog.example")


@pytest.mark.parametrize("refusals", [[503], [502, 503], [0], [1], [504, 0]])
def test_passing_trouble_is_waited_out(crawl: LittleCommonCrawl, miner: Miner, refusals: list[int]) -> None:
    crawl.refusals = [*refusals]
    links = links_of(crawl, miner)
    assert len(list(links.rows(["blog.example"]))) == 2
    assert not links.counts.not_asked


def test_a_server_that_does_not_answer_is_left_alone_and_that_is_said(crawl: LittleCommonCrawl, miner: Miner) -> None:
    crawl.always = 503
    links = links_of(crawl, miner)
    assert not list(links.rows([f"site{n}.example" for n in range(50)]))
    assert len(crawl.asked) == client_room.TRIES * client_room.MOST_FAILURES
    assert sum(links.counts.not_asked.values()) == 50
    assert links.counts.not_asked["the server answered 503, 3 times"] == 3
    assert [said for said in links.counts.not_asked if "failed 3 times in a row" in said]
    assert links.counts.without_captures == 0  # nobody knows


def test_records_that_cannot_be_read_are_counted(crawl: LittleCommonCrawl, miner: Miner) -> None:
    first = crawl.indexed[0].filename
    (crawl.folder / first).unlink()
    links = links_of(crawl, miner)
    assert {row.source_url for row in links.rows(["blog.example", "big.example"])} == {
        f"https://big.example/{n}" for n in range(7, 40, 7)
    }
    assert links.counts.unread == {"the server answered 404": 7}


def test_a_budget_ends_the_requests_and_that_is_said(crawl: LittleCommonCrawl, miner: Miner) -> None:
    client = new_client(most_requests=2)
    links = links_of(crawl, miner, client)
    list(links.rows(["blog.example", "big.example", "notblog.example"]))
    assert len(crawl.asked) == 2
    assert links.counts.not_asked == {"the bound of 2 requests is reached": 2}
    client = new_client(most_bytes=1)
    links = links_of(crawl, miner, client)
    list(links.rows(["blog.example"]))
    assert sum(links.counts.unread.values()) == 3
    assert client.budget.bytes > 1


def test_what_was_answered_is_not_asked_again(crawl: LittleCommonCrawl, miner: Miner, tmp_path: Path) -> None:
    first = list(links_of(crawl, miner, new_client(tmp_path / "cache" / CRAWL)).rows(["blog.example", "big.example"]))
    asked = len(crawl.asked)
    client = new_client(tmp_path / "cache" / CRAWL)
    assert list(links_of(crawl, miner, client).rows(["blog.example", "big.example"])) == first
    assert len(crawl.asked) == asked
    assert (client.budget.requests, client.budget.bytes) == (0, 0)
    assert client.budget.cached == asked
    for file in (tmp_path / "cache" / CRAWL).iterdir():  # a damaged cache is not believed
        file.write_bytes(file.read_bytes()[:-3])
    assert (
        list(links_of(crawl, miner, new_client(tmp_path / "cache" / CRAWL)).rows(["blog.example", "big.example"]))
        == first
    )
    assert len(crawl.asked) == 2 * asked


def test_two_clients_share_a_pace(crawl: LittleCommonCrawl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    for number in range(2):
        client = ArchiveClient(Budget(10, 10**9), tmp_path / "cache" / CRAWL, {crawl.address: 1_000.0})
        captures_of(client, crawl.address, CRAWL, f"blog{number}.example")
    assert len(slept) == 1
    assert 500 < slept[0] <= 1_000


@pytest.mark.parametrize("body", [b"<html>an error page</html>", b'{"message": "x"}\n', b"[1]\n"])
def test_an_answer_that_is_none_is_no_absence_of_captures(
    body: bytes, monkeypatch: pytest.MonkeyPatch, crawl: LittleCommonCrawl
) -> None:
    monkeypatch.setattr(ArchiveClient, "get", lambda *_: body)
    with pytest.raises(DownloadError, match="no list of captures"):
        captures_of(new_client(), crawl.address, CRAWL, "blog.example")


def place(offset: int, length: int, filename: str = "a", url: str = "u", timestamp: str = "1") -> Place:
    return Place(url=url, timestamp=timestamp, filename=filename, offset=offset, length=length)


def test_neighbours_are_read_together_and_others_apart() -> None:
    some = [
        place(0, 10),
        place(10 + GAP, 10),
        place(20 + 2 * GAP + 1, 10),
        place(0, 10, "b"),
        place(100, 0),
        place(200, MOST_OF_RECORD + 1),
    ]
    assert [(part.filename, part.start, part.length, len(part.captures)) for part in parts_of(reversed(some))] == [
        ("a", 0, 20 + GAP, 2),
        ("a", 21 + 2 * GAP, 10, 1),
        ("b", 0, 10, 1),
    ]
    many = [place(n * 1_000_000, 1_000_000) for n in range(20)]
    parts = list(parts_of(many))
    assert sum(len(part.captures) for part in parts) == 20
    assert all(part.length <= MOST_TOGETHER for part in parts)


def test_the_last_capture_of_an_address_counts() -> None:
    some = [place(0, 1, timestamp="2026"), place(5, 1, timestamp="2027"), place(9, 1, url="v")]
    assert [one.offset for one in latest(some)] == [5, 9]
