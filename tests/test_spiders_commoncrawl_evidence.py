"""``discover --source commoncrawl``: graph, index and records of a little Common Crawl, and a live visit of all they name."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from backlinkbot.commoncrawl import client as client_room
from backlinkbot.commoncrawl import line_blocks
from backlinkbot.errors import SettingError, UsageError
from backlinkbot.extensions.outcome import ExitStatus, exit_status
from backlinkbot.spiders import commoncrawl_evidence
from backlinkbot.spiders.commoncrawl_evidence import CommonCrawlEvidence
from backlinkbot.spiders.from_name import COMMON_CRAWL, bound_by_default, choice_of
from backlinkbot.targets import Targets
from tests.archive_files import Capture
from tests.conftest import Crawl, CrawlFunction, crawl_settings, links
from tests.fakesources import HackerNews
from tests.fakeweb import FakeWeb
from tests.little_commoncrawl import CRAWL, RELEASE, LittleCommonCrawl, served, write_crawl, write_graph
from tests.referrer_web import generate

T = "https://target.example/"
LINK = links(T)
GRAPH = {
    "still.example": ["target.example"],
    "lost.example": ["target.example"],
    "uncaptured.example": ["target.example"],
    "other.example": ["elsewhere.example"],
    "github.io": ["target.example"],
}
CAPTURED = [
    Capture(url="https://still.example/deep/page", body=LINK.encode()),
    Capture(url="https://still.example/other", body=b"<p>nothing"),
    Capture(url="https://lost.example/old", body=LINK.encode()),
    Capture(url="https://other.example/", body=b"<p>nothing"),
]


@pytest.fixture
def little(web: FakeWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleCommonCrawl]:
    monkeypatch.setattr(client_room, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(client_room, "PACE", 0.0)
    monkeypatch.setattr(commoncrawl_evidence, "INDEX_PACE", 0.0)
    assert web.proxy
    monkeypatch.setenv("no_proxy", "127.0.0.1")  # its servers are no part of the fake web
    folder = tmp_path / "served"
    write_graph(folder / "graph", GRAPH)
    with served(folder, write_crawl(folder, CAPTURED)) as one:
        yield one
    urllib.request.install_opener(None)  # the next one reads the environment again


def plant(web: FakeWeb) -> None:
    web.page("https://still.example/", "<p>home")
    web.page("https://still.example/deep/page", LINK)
    web.page("https://lost.example/old", "<p>edited")
    web.page("https://lost.example/", "<p>home")
    web.page("https://uncaptured.example/", links("/inside"))
    web.page("https://uncaptured.example/inside", LINK)


def discovered(crawl: CrawlFunction, little: LittleCommonCrawl, **given: object) -> Crawl:
    facts = {
        "sources": ["commoncrawl"],
        "graphs": [str(little.folder / "graph")],
        "BACKLINKBOT_SOURCE_ADDRESSES": [f"commoncrawl={little.address}"],
        "BACKLINKBOT_CACHE_DIR": "",
    }
    return crawl("discover", **(facts | given))


@pytest.mark.parametrize("index", ["", "columnar"])
def test_archived_pages_and_uncaptured_domains_are_visited(
    web: FakeWeb, crawl: CrawlFunction, little: LittleCommonCrawl, index: str
) -> None:
    plant(web)
    found = discovered(crawl, little, CONCURRENT_REQUESTS=1, crawl_index=index)
    assert any("-index?" in path for path, _ in little.asked) == (not index)
    assert sorted(found.sources) == ["https://still.example/deep/page", "https://uncaptured.example/inside"]
    by_source = {row.source_url: row for row in found.rows}
    assert by_source["https://still.example/deep/page"].claimed_by == ("commoncrawl",)
    assert "/warc/" in by_source["https://still.example/deep/page"].discovered_from
    pages = ["https://lost.example/old", "https://still.example/deep/page"]
    assert sorted(found.asked[:2]) == pages, "archived pages come first"
    assert not [url for url in found.asked if "github" in url or "other.example" in url]
    stats = {name.rpartition("/")[2]: value for name, value in found.stats.items() if "commoncrawl" in name}
    assert stats["domains"] == 3
    assert stats["captures"] == 3
    assert stats["bytes"] == little.bytes > 0
    assert stats["linking"] == 1
    assert stats["stale"] == 1


def test_archived_pages_are_reported_as_of_their_capture_without_a_visit(
    web: FakeWeb, crawl: CrawlFunction, little: LittleCommonCrawl
) -> None:
    plant(web)
    found = discovered(crawl, little, archived_only=True)
    assert not found.asked, "nothing is visited"
    rows = {row.source_url: row for row in found.rows}
    assert set(rows) == {"https://still.example/deep/page", "https://lost.example/old"}, "also what is gone today"
    for row in rows.values():
        assert row.fetched_at == "2026-06-01T01:02:03Z"
        assert "/warc/" in row.discovered_from
        assert not row.claimed_by
    assert found.stats["backlinks/commoncrawl/domains"] == 3
    assert found.stats["backlinks/commoncrawl/bytes"] == little.bytes > 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"archive_requests": 0}, "archive-requests"),
        ({"sources": ["hackernews"], "graphs": []}, "--graph"),
        ({"history": "history.db"}, "history"),
    ],
)
def test_archived_pages_alone_need_an_archive_and_no_history(
    crawl: CrawlFunction, little: LittleCommonCrawl, tmp_path: Path, given: dict[str, object], said: str
) -> None:
    if "history" in given:
        given = {"history": str(tmp_path / "history.db")}
    with pytest.raises(UsageError, match=said):
        discovered(crawl, little, archived_only=True, **given)


def test_what_the_index_does_not_answer_is_said_and_the_domains_are_visited(
    web: FakeWeb, crawl: CrawlFunction, little: LittleCommonCrawl
) -> None:
    plant(web)
    little.always = 503
    found = discovered(crawl, little)
    assert found.sources == ["https://uncaptured.example/inside"]
    assert "https://still.example/" in found.asked
    assert found.stats["backlinks/commoncrawl/domains_not_asked"] == 3


def test_without_requests_to_the_archive_the_graph_alone_is_read(
    web: FakeWeb, crawl: CrawlFunction, little: LittleCommonCrawl
) -> None:
    plant(web)
    found = discovered(crawl, little, archive_requests=0)
    assert found.sources == ["https://uncaptured.example/inside"]
    assert not little.asked


def test_a_graph_is_read_beside_the_services(web: FakeWeb, crawl: CrawlFunction, little: LittleCommonCrawl) -> None:
    plant(web)
    items = [{"objectID": "1", "created_at_i": 1, "url": T}]
    HackerNews(items=items).plant(web)
    web.page("https://news.ycombinator.com/item?id=1", LINK)
    found = discovered(crawl, little, sources=["hackernews"], archive_requests=0)
    assert sorted(found.sources) == ["https://news.ycombinator.com/item?id=1", "https://uncaptured.example/inside"]


def test_an_index_of_the_graph_answers_the_next_run(
    web: FakeWeb, crawl: CrawlFunction, little: LittleCommonCrawl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(web)
    first = discovered(crawl, little, archive_requests=0, graph_index=str(tmp_path / "index"))
    monkeypatch.setattr(line_blocks.LineBlocks, "__iter__", lambda _: pytest.fail("the graph is read again"))
    again = discovered(crawl, little, archive_requests=0, graph_index=str(tmp_path / "index"))
    assert first.sources == again.sources == ["https://uncaptured.example/inside"]


def test_a_damaged_graph_does_not_end_the_crawl(web: FakeWeb, crawl: CrawlFunction, little: LittleCommonCrawl) -> None:
    plant(web)
    edges = next((little.folder / "graph").glob("*edges.txt.gz"))
    edges.write_bytes(b"no graph\n" * 9)
    found = discovered(crawl, little)
    assert not found.rows
    assert found.stats["backlinks/commoncrawl/domains"] == 0


def told(little: LittleCommonCrawl, target: str) -> list[str]:
    """What is said at the end of the graph alone."""
    settings = crawl_settings(BACKLINKBOT_GRAPHS=[str(little.folder / "graph")], BACKLINKBOT_ARCHIVE_REQUESTS=0)
    evidence = CommonCrawlEvidence.of(settings, Targets.parse([target], {}), ())
    assert not list(evidence.candidates())
    return list(evidence.told_at_end())


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("other.example", f"commoncrawl: no domain of {RELEASE} links to other.example"),
        ("absent.example", f"commoncrawl: not in {RELEASE}, so nothing is known of links to them: absent.example"),
        ("liked.example", f"commoncrawl: no domain of {RELEASE} but those of platforms links to liked.example"),
    ],
)
@pytest.mark.parametrize("given", [{}, {"archived_only": True}])
def test_a_graph_that_names_no_domain_has_answered(
    crawl: CrawlFunction, little: LittleCommonCrawl, target: str, said: str, given: dict[str, bool]
) -> None:
    write_graph(little.folder / "graph", {**GRAPH, "github.io": ["target.example", "liked.example"]})
    found = discovered(crawl, little, targets=target, **given)
    assert not found.asked
    assert exit_status(found.stats) == (ExitStatus.DONE, "done")
    assert said in told(little, target)


@pytest.mark.parametrize("part", ["edges", "vertices"])
def test_a_graph_that_is_not_whole_has_not_answered(crawl: CrawlFunction, little: LittleCommonCrawl, part: str) -> None:
    file = next((little.folder / "graph").glob(f"*{part}.txt.gz"))
    file.write_bytes(file.read_bytes()[:-20])
    found = discovered(crawl, little, targets="other.example")
    assert exit_status(found.stats)[0] is ExitStatus.FAILED
    lines = told(little, "other.example")
    assert not [line for line in lines if "no domain of" in line or "not in cc" in line]
    assert any("truncated" in line for line in lines)


def test_domains_of_which_neither_the_index_nor_a_server_answers_are_no_answer(
    crawl: CrawlFunction, little: LittleCommonCrawl
) -> None:
    little.always = 503
    found = discovered(crawl, little)
    assert found.stats["backlinks/commoncrawl/domains"] == 3
    assert exit_status(found.stats)[0] is ExitStatus.FAILED


def test_a_second_run_asks_nothing_again(
    web: FakeWeb, crawl: CrawlFunction, little: LittleCommonCrawl, tmp_path: Path
) -> None:
    plant(web)
    first = discovered(crawl, little, BACKLINKBOT_CACHE_DIR=str(tmp_path / "cache"))
    asked = len(little.asked)
    assert asked == 3 + 2  # the index for each domain, and the records of two of them
    again = discovered(crawl, little, BACKLINKBOT_CACHE_DIR=str(tmp_path / "cache"))
    assert again.sources == first.sources
    assert len(little.asked) == asked


def test_what_is_said_at_the_start(little: LittleCommonCrawl) -> None:
    settings = crawl_settings(BACKLINKBOT_SOURCES=["commoncrawl"])
    lines = bound_by_default(settings, choice_of(settings, is_from_name=True))
    assert lines[0] == "asking commoncrawl for pages that link to the targets"
    assert COMMON_CRAWL not in lines
    assert "GB to download" in COMMON_CRAWL
    with_graph = crawl_settings(BACKLINKBOT_GRAPHS=[str(little.folder / "graph")])
    asked = bound_by_default(with_graph, choice_of(with_graph, is_from_name=True))[0]
    assert "hackernews" in asked
    assert "commoncrawl" in asked


def test_a_release_is_named_with_the_source() -> None:
    settings = crawl_settings(BACKLINKBOT_SOURCES=[f"commoncrawl:{RELEASE}"])
    assert choice_of(settings, is_from_name=True).graphs == (RELEASE,)
    assert CRAWL.startswith("CC-MAIN-")


def test_a_graph_that_is_not_there_is_told_before_anything_is_asked(web: FakeWeb, crawl: CrawlFunction) -> None:
    with pytest.raises((UsageError, SettingError), match="no such file or folder"):
        crawl("discover", sources=["commoncrawl"], graphs=["/nowhere/graph"])
    assert web.hits == []


@pytest.mark.slow
@pytest.mark.usefixtures("little")
def test_archived_pages_that_still_link_are_all_found_with_few_visits(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    of = generate(hosts=60, targets=3)
    for url, body in of.pages.items():
        web.page(url, body)
    write_graph(tmp_path / "graph", of.graph)
    folder = tmp_path / "crawl"
    with served(folder, write_crawl(folder, of.captures)) as archive:
        for target in of.targets[1:]:
            found = discovered(
                crawl, archive, targets=target, graphs=[str(tmp_path / "graph")], max_pages=round(len(of.pages) * 0.1)
            )
            assert set(found.sources) <= of.linking[target], "no false rows"
            archived = {capture.url for capture in of.captures if target.encode() in capture.body}
            assert archived & of.linking[target] <= set(found.sources)
