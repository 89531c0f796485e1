"""A crawl from a target's name alone: its bounds, what the user is told, and what each service was worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from backlinkbot.errors import SeedError
from backlinkbot.history import History
from backlinkbot.reports.worth import count
from backlinkbot.sources import chosen
from backlinkbot.spiders.from_name import COMMON_CRAWL, bound_by_default, told_at_end
from tests.conftest import CrawlFunction, crawl_settings, links, run_command
from tests.fakesources import HackerNews, Lobsters, StackExchange, Wiki
from tests.fakeweb import FakeWeb

T = "https://target.example/"
ITEM = "https://news.ycombinator.com/item?id="
STORY = "https://lobste.rs/s/s0/a_title"


def plant(web: FakeWeb) -> None:
    """Two services that know four pages, of which two link to the target; the others answer nothing."""
    items = [{"objectID": str(n), "created_at_i": n, "url": f"{T}{n}"} for n in range(1, 4)]
    HackerNews(items=items).plant(web)
    Lobsters(stories={"target.example": [f"{T}1"]}).plant(web)
    StackExchange().plant(web)
    web.page(f"{ITEM}1", links(f"{T}1"))
    web.page(f"{ITEM}2", "<p>edited")
    web.robots("news.ycombinator.com", "User-agent: *\nDisallow: /item?id=3")
    web.page(STORY, f'<a href="{T}1">Story 0</a>')


def bounds(**given: object) -> tuple[str, int, float]:
    """(the line about the bounds, pages, seconds)."""
    settings = crawl_settings(**given)
    *_, said = bound_by_default(settings, chosen([], is_from_name=True))
    return said, settings.getint("BACKLINKBOT_MAX_PAGES"), settings.getfloat("CLOSESPIDER_TIMEOUT")


@pytest.mark.parametrize(
    ("given", "said", "pages", "seconds"),
    [
        ({}, "this run ends after 10 minutes or 1,000 pages", 1000, 600),
        ({"BACKLINKBOT_MAX_PAGES": 50}, "this run ends after 50 pages", 50, 0),
        ({"BACKLINKBOT_MAX_PAGES": 5000}, "this run ends after 5,000 pages", 5000, 0),
        ({"BACKLINKBOT_MAX_PAGES": 0}, "this run has no bound", 0, 0),
        ({"CLOSESPIDER_TIMEOUT": 90}, "this run ends after 90 seconds or 100,000 pages", 100_000, 90),
        (
            {"CLOSESPIDER_TIMEOUT": 7200, "BACKLINKBOT_MAX_PAGES": 10},
            "this run ends after 120 minutes or 10 pages",
            10,
            7200,
        ),
    ],
)
def test_a_run_from_a_name_has_bounds_unless_the_user_gives_one(
    given: dict[str, object], said: str, pages: int, seconds: float
) -> None:
    line, *found = bounds(**given)
    assert line.startswith(said)
    assert found == [pages, seconds]


def test_what_is_said_at_the_start() -> None:
    asking, wikipedia, others, crawl, _ = bound_by_default(crawl_settings(), chosen([], is_from_name=True))
    assert asking == "asking hackernews, lobsters, stackexchange, lemmy for pages that link to the targets"
    assert wikipedia.startswith("Wikipedia is not asked: it requires a contact")
    assert "10 largest Wikipedias" in wikipedia or "articles" in wikipedia
    assert others == "marginalia, github, bing, yandex are not asked; backlinkbot sources says what they need"
    assert crawl == COMMON_CRAWL
    with_contact = bound_by_default(crawl_settings(), chosen([], is_from_name=True, contact="https://me.example"))
    assert with_contact[0].endswith("lemmy, wikis for pages that link to the targets")
    assert not [line for line in with_contact if "Wikipedia" in line]


def test_what_services_name_is_visited_and_judged(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant(web)
    history = str(tmp_path / "history.db")
    found = crawl("discover", BACKLINKBOT_HISTORY_URL=history, BACKLINKBOT_CACHE_DIR="", sources="no-lemmy")
    assert found.sources == [STORY, f"{ITEM}1"]
    assert {row.claimed_by for row in found.rows} == {("hackernews",), ("lobsters",)}
    with History.open(history) as opened:
        rows = {row.origin: (row.true, row.false, row.could_not_check) for row in count(opened.claims(), "sources")}
    assert rows == {"hackernews": (1, 1, 1), "lobsters": (1, 0, 0)}
    lines = list(told_at_end(found.stats, chosen(["no-lemmy"], is_from_name=True)))
    assert lines == [
        "hackernews: 1 request, 3 pages named, 1 with a link, 1 without, 1 could not be checked",
        "lobsters: 1 request, 1 page named, 1 with a link",
        "stackexchange: 5 requests, 0 pages named",
    ]


def test_a_page_that_several_sources_name_is_visited_once_with_all_claims(web: FakeWeb, crawl: CrawlFunction) -> None:
    articles = {"Both": [f"{T}1", "https://other.example/"]}
    Wiki("en.wikipedia.org", articles).plant(web)
    targets = ["target.example", "other.example"]
    found = crawl(
        "discover", targets=targets, sources="wikipedia", contact="https://me.example", BACKLINKBOT_CACHE_DIR=""
    )
    assert found.asked.count("https://en.wikipedia.org/wiki/Both") == 1
    (page,) = [page for page in found.pages if page.backlinks]
    assert sorted(judged.claim.target_url for judged in page.checked_claims) == ["https://other.example/", f"{T}1"]
    assert {judged.verdict.value for judged in page.checked_claims} == {"true"}


def test_nothing_to_start_from_and_nobody_to_ask(web: FakeWeb, crawl: CrawlFunction) -> None:
    for sources in ("none", "cdx", "no-hackernews,none"):
        with pytest.raises(SeedError, match="place to start"):
            crawl("discover", sources=sources)
    assert web.hits == []


def test_with_a_seed_no_service_is_asked(web: FakeWeb, crawl: CrawlFunction) -> None:
    plant(web)
    web.page("https://a.example/", links(T))
    assert crawl("discover", seeds="https://a.example/").sources == ["https://a.example/"]
    assert {hit.host for hit in web.hits} == {"a.example"}


def test_a_run_that_is_resumed_asks_nothing_again(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant(web)
    given = {
        "BACKLINKBOT_HISTORY_URL": str(tmp_path / "history.db"),
        "BACKLINKBOT_CACHE_DIR": "",
        "sources": "no-lemmy",
    }
    first = crawl("discover", max_pages="1", **given)
    web.forget()
    second = crawl("discover", max_pages="100", **given)
    asked = [hit.url for hit in web.hits if "api" in hit.url or "/domains/" in hit.url]
    assert len(first.sources) <= 1
    assert {page.url for page in (*first.pages, *second.pages) if page.backlinks} == {STORY, f"{ITEM}1"}
    assert len(asked) < 7, "what was answered is not asked again"
    assert {claim.claim.origin for page in second.pages for claim in page.checked_claims} <= {"hackernews", "lobsters"}


@pytest.mark.subprocess
def test_the_command_says_what_it_does_and_what_came_of_it(web: FakeWeb, tmp_path: Path) -> None:
    plant(web)
    done = run_command(
        *("backlinkbot", "discover", "target.example", "-o", tmp_path / "rows.csv", "--history", "", "--delay", "0"),
        *("--source", "no-lemmy", "--source", "no-stackexchange", "-s", f"BACKLINKBOT_CACHE_DIR={tmp_path / 'cache'}"),
        *("-s", "DOWNLOAD_DELAY_JITTER=0"),
        web=web,
    )
    assert done.status == 0, done.err
    lines = [line.removeprefix("backlinkbot: ") for line in done.err.splitlines()]
    assert lines[0] == "asking hackernews, lobsters for pages that link to the targets"
    assert "this run ends after 10 minutes or 1,000 pages; --max-time and --max-pages set other bounds" in lines
    assert lines[-1] == "lobsters: 1 request, 1 page named, 1 with a link"
    assert (tmp_path / "rows.csv").read_text().count("\n") == 3
