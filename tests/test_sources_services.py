"""What others know: wikis and the Wayback Machine, asked by name, at their pace, and not again once they have had enough."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy.http import Response

from backlinkbot.download.backoff import retry_after
from backlinkbot.errors import SeedError, SettingError
from backlinkbot.extensions.outcome import ExitStatus, exit_status
from backlinkbot.sources import SOURCES, response_cache
from backlinkbot.sources.response_cache import ResponseCache
from backlinkbot.sources.throttle import LONGEST_WAIT
from tests.conftest import SLACK, Crawl, CrawlFunction, Sent, assert_spaced, links
from tests.fakesources import JSON, Wayback, Wiki, lagged, too_many
from tests.fakeweb import Answer, FakeWeb
from tests.test_sources import counted, found_by

T = "https://target.example/"
A = "https://a.example"
CONTACT = "https://me.example/bot"
ARTICLES = {
    "Tide table": [f"{T}tides"],
    "Map": ["http://www.target.example/map", T],
    "Elsewhere": ["https://target.example.evil.example/"],
    **{f"Place {n}": [f"{T}{n}"] for n in range(5)},
}
LINKING = sorted(
    f"https://en.wikipedia.org/wiki/{title.replace(' ', '_')}" for title in ARTICLES if title != "Elsewhere"
)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Services that bear any pace."""
    for name in ("wikis", "cdx"):
        monkeypatch.setitem(SOURCES, name, replace(SOURCES[name], delay=0.0, pause=SOURCES[name].pause and 0.1))


@pytest.fixture
def asking(crawl: CrawlFunction, tmp_path: Path) -> CrawlFunction:
    """A crawl with a contact and a cache of its own."""

    def run(spider: str = "discover", **given: object) -> Crawl:
        return crawl(spider, **({"contact": CONTACT, "BACKLINKBOT_CACHE_DIR": str(tmp_path / "cache")} | given))

    return run


def api_hits(web: FakeWeb, host: str = "en.wikipedia.org") -> list[str]:
    return [hit.target for hit in web.hits_of(host) if "api.php" in hit.target or "/cdx/" in hit.target]


# --- wikis ---


@pytest.mark.usefixtures("hasty")
def test_the_articles_of_a_wiki_that_link_to_a_target_are_visited(web: FakeWeb, asking: CrawlFunction) -> None:
    wiki = Wiki("en.wikipedia.org", ARTICLES, most=3)
    wiki.plant(web)
    web.robots("en.wikipedia.org", "User-agent: *\nDisallow: /w/\n")
    found = asking(sources="wikipedia")
    assert found.sources == LINKING
    assert set(counted(found, "wikis").items()) == {
        ("asked", 3),
        ("read", 3),
        ("named", 7),
        ("queued", 7),
        ("linking", 7),
    }
    assert all("/w/api.php?action=query" in source for source in found_by(found).values())
    first, *others = wiki.questions
    assert {name: first[name] for name in ("euquery", "eulimit", "maxlag", "eunamespace", "formatversion")} == {
        "euquery": "*.target.example",
        "eulimit": "500",
        "maxlag": "5",
        "eunamespace": "0",
        "formatversion": "2",
    }
    assert [question["eucontinue"] for question in others] == ["3", "6"]
    assert {question["continue"] for question in others} == {"-||siteinfo"}
    (agent,) = wiki.agents
    assert CONTACT in agent


@pytest.mark.usefixtures("hasty")
def test_they_are_not_followed_unless_the_wiki_is_a_seed(web: FakeWeb, asking: CrawlFunction) -> None:
    Wiki("wiki.example", {"Map": [T, "https://wiki.example/wiki/Onward", "/wiki/Onward"]}).plant(web)
    web.page("https://wiki.example/wiki/Onward", links(T))
    api = "mediawiki:https://wiki.example/w/api.php"
    assert asking(sources=api).sources == ["https://wiki.example/wiki/Map"]
    found = asking(sources=api, seeds="https://wiki.example/wiki/Main_Page")
    assert found.sources == ["https://wiki.example/wiki/Map", "https://wiki.example/wiki/Onward"]


@pytest.mark.usefixtures("hasty")
def test_their_visits_obey_robots_txt_and_bounds(web: FakeWeb, asking: CrawlFunction) -> None:
    Wiki("en.wikipedia.org", ARTICLES).plant(web)
    web.robots("en.wikipedia.org", "User-agent: *\nDisallow: /wiki/Place\n")
    assert asking(sources="wikipedia").sources == [url for url in LINKING if "Place" not in url]
    web.robots("en.wikipedia.org", 404)
    assert len(asking(sources="wikipedia", max_pages_per_domain="3").sources) == 3


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("target", "query", "titles"),
    [
        ("domain:target.example", "target.example", ["A"]),
        ("https://target.example/blog/", "target.example/blog/", ["B"]),
        ("exact:https://target.example/blog/1", "target.example/blog/1", []),
        ("target.example:8443", "*.target.example:8443", []),
    ],
)
def test_what_a_wiki_is_asked_is_what_the_target_covers(
    web: FakeWeb, asking: CrawlFunction, target: str, query: str, titles: list[str]
) -> None:
    articles = {"A": [T], "B": [f"{T}blog/12"], "C": ["https://www.target.example/"]}
    wiki = Wiki("wiki.example", articles)
    wiki.plant(web)
    found = asking(targets=target, sources="mediawiki:https://wiki.example/w/api.php")
    assert wiki.questions[0]["euquery"] == query
    wanted = titles if "domain" not in target else ["A", "B"]
    assert found.sources == [f"https://wiki.example/wiki/{title}" for title in wanted]


@pytest.mark.usefixtures("hasty")
def test_a_wiki_that_knows_no_link_is_an_answer(web: FakeWeb, asking: CrawlFunction) -> None:
    wiki = Wiki("en.wikipedia.org", {}, refusals=[Answer(status=500)])
    wiki.plant(web)
    failed, answered = (asking(sources="wikipedia").stats for _ in range(2))
    assert exit_status(failed) == (ExitStatus.FAILED, "nothing was fetched (no page was visited)")
    assert exit_status(answered) == (ExitStatus.DONE, "done")


@pytest.mark.usefixtures("hasty")
def test_several_wikis_and_several_targets(web: FakeWeb, asking: CrawlFunction) -> None:
    wikis = [Wiki(f"{language}.wikipedia.org", ARTICLES) for language in ("de", "fr")]
    for wiki in wikis:
        wiki.plant(web)
    targets = " ".join(["target.example", *(f"t{n}.example" for n in range(14))])
    found = asking(targets=targets, sources="wikipedia:de wikipedia:fr")
    assert len(found.sources) == 2 * len(LINKING)
    assert [len(wiki.questions) for wiki in wikis] == [15, 15]


def test_a_wiki_is_asked_one_question_after_the_other(
    web: FakeWeb, asking: CrawlFunction, monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    monkeypatch.setitem(SOURCES, "wikis", replace(SOURCES["wikis"], delay=0.3))
    Wiki("en.wikipedia.org", ARTICLES, most=3).plant(web)
    web.robots("en.wikipedia.org", "User-agent: *\nDisallow: /wiki/")
    asking(sources="wikipedia", CONCURRENT_REQUESTS_PER_DOMAIN=8)
    assert len(api_hits(web)) == 3
    assert_spaced(sent, 0.3, 4, "en.wikipedia.org")
    assert SOURCES["cdx"].delay >= 60 / 24, "the Wayback Machine's limit of late"


@pytest.mark.slow
@pytest.mark.usefixtures("hasty")
def test_a_wiki_whose_databases_lag_is_asked_again_when_it_says_so(
    web: FakeWeb, asking: CrawlFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[float] = []
    keep_quiet = ResponseCache.keep_quiet

    def noted(self: ResponseCache, service: str, seconds: float) -> None:
        asked_for.append(seconds)
        keep_quiet(self, service, seconds)

    monkeypatch.setattr(ResponseCache, "keep_quiet", noted)
    monkeypatch.setitem(SOURCES, "wikis", replace(SOURCES["wikis"], pause=0.4))
    wiki = Wiki("en.wikipedia.org", ARTICLES, refusals=[lagged(1), Answer(status=503), too_many(1)])
    wiki.plant(web)
    found = asking(sources="wikipedia")
    assert found.sources == LINKING
    assert counted(found, "wikis") == {"asked": 4, "put_off": 3, "read": 1, "named": 7, "queued": 7, "linking": 7}
    assert asked_for == [1, 0.8, 1.6], "as it says, but no less than its pause, twice as long each further time"
    times = [hit.at for hit in web.hits_of("en.wikipedia.org") if "api.php" in hit.target]
    for (earlier, later), least in zip(pairwise(times), asked_for, strict=True):
        assert later - earlier > least - SLACK


@pytest.mark.usefixtures("hasty")
def test_patience_ends(web: FakeWeb, asking: CrawlFunction) -> None:
    wiki = Wiki("en.wikipedia.org", ARTICLES, refusals=[Answer(status=503)] * 9)
    wiki.plant(web)
    web.page(f"{A}/", links(T))
    found = asking(sources="wikipedia", seeds=f"{A}/")
    assert found.sources == [f"{A}/"]
    assert counted(found, "wikis") == {"asked": 4, "put_off": 4, "failed": 1}


@pytest.mark.usefixtures("hasty")
def test_a_wiki_that_wants_to_be_left_alone_is_left_alone_in_the_next_run_too(
    web: FakeWeb, asking: CrawlFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiki = Wiki("en.wikipedia.org", ARTICLES, refusals=[too_many(3600)])
    wiki.plant(web)
    web.page(f"{A}/", links(T))
    found = asking(sources="wikipedia", seeds=f"{A}/", targets="target.example t2.example")
    assert counted(found, "wikis") == {"asked": 3, "put_off": 1, "left_alone": 2}
    assert len(wiki.questions) == 1
    found = asking(sources="wikipedia", seeds=f"{A}/")
    assert counted(found, "wikis") == {"asked": 1, "left_alone": 1}
    assert len(wiki.questions) == 1
    assert found.sources == [f"{A}/"]
    later = time.time() + 3601
    monkeypatch.setattr(response_cache, "time", lambda: later)
    monkeypatch.setattr("backlinkbot.sources.throttle.time", lambda: later)
    assert asking(sources="wikipedia").sources == LINKING


BROKEN = {
    "html": Answer(body="<!DOCTYPE html><title>Wikimedia Error</title>"),
    "cut": Answer(body='{"batchcomplete":true,"query":{"exturlusage":[{"ns":0,"tit', content_type=JSON),
    "empty": Answer(content_type=JSON),
    "deep": Answer(body="[" * 100_000, content_type=JSON),
    "large": Answer(body=b" " * 3_000_000, content_type=JSON),
    "server error": Answer(status=500),
    "broken off": Answer(body='{"batchcomplete":true,"query":{"exturlusage":[]}}', content_type=JSON, pace="cut"),
    "redirect": Answer(status=302, headers=(("Location", "https://victim.example/"),)),
}


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("name", BROKEN)
def test_an_answer_that_cannot_be_read_is_counted_and_not_kept(web: FakeWeb, asking: CrawlFunction, name: str) -> None:
    wiki = Wiki("en.wikipedia.org", ARTICLES, refusals=[BROKEN[name]])
    wiki.plant(web)
    web.page(f"{A}/", links(T))
    found = asking(sources="wikipedia", seeds=f"{A}/")
    assert counted(found, "wikis") == {"asked": 1, "failed": 1}
    assert found.sources == [f"{A}/"]
    assert web.hits_of("victim.example") == []
    assert asking(sources="wikipedia").sources == LINKING, "the next run asks again"


@pytest.mark.usefixtures("hasty")
def test_a_wiki_that_denies_reading_is_counted(web: FakeWeb, asking: CrawlFunction) -> None:
    denied = Answer(body='{"error":{"code":"readapidenied","info":"You need read permission"}}', content_type=JSON)
    Wiki("en.wikipedia.org", ARTICLES, refusals=[denied, Answer(status=403)]).plant(web)
    web.page(f"{A}/", links(T))
    for _ in range(2):
        assert counted(asking(sources="wikipedia", seeds=f"{A}/"), "wikis") == {"asked": 1, "refused": 1}


@pytest.mark.usefixtures("hasty")
def test_a_wiki_that_names_pages_elsewhere_or_more_and_more_of_them(web: FakeWeb, asking: CrawlFunction) -> None:
    def endless(request: object) -> Answer:
        target = str(getattr(request, "target", ""))
        n = int(target.partition("eucontinue=")[2].partition("&")[0] or 0)
        body = (
            '{"query":{"general":{"server":"http://127.0.0.1","articlepath":"/$1"},"exturlusage":[{"title":"x%d","url":""}]}'
            ',"continue":{"eucontinue":"%d","action":"edit","continue":"-||"}}'
        )
        return Answer(body=body % (n, n + 1), content_type=JSON)

    web.page("https://wiki.example/w/api.php?*", endless)
    web.page(f"{A}/", links(T))
    found = asking(sources="mediawiki:https://wiki.example/w/api.php", seeds=f"{A}/", max_pages_per_domain="2")
    assert counted(found, "wikis")["asked"] == 20
    assert counted(found, "wikis")["out_of_scope"] == 20
    assert {hit.host for hit in web.hits} == {"a.example", "wiki.example"}
    assert not any("action=edit" in hit for hit in api_hits(web, "wiki.example"))


@pytest.mark.usefixtures("hasty")
def test_what_a_wiki_answered_is_kept_for_a_day(
    web: FakeWeb, asking: CrawlFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    Wiki("en.wikipedia.org", ARTICLES, most=4).plant(web)
    first = asking(sources="wikipedia")
    web.forget()
    second = asking(sources="wikipedia")
    assert second.sources == first.sources == LINKING
    assert api_hits(web) == []
    assert counted(second, "wikis") == {"asked": 2, "from_cache": 2, "read": 2, "named": 7, "queued": 7, "linking": 7}
    later = time.time() + SOURCES["wikis"].max_age + 60
    monkeypatch.setattr(response_cache, "time", lambda: later)
    asking(sources="wikipedia")
    assert len(api_hits(web)) == 2
    web.forget()
    asking(sources="wikipedia", BACKLINKBOT_CACHE_DIR="")
    assert len(api_hits(web)) == 2


def test_whom_nobody_knows_wikimedia_does_not_serve(web: FakeWeb, asking: CrawlFunction) -> None:
    with pytest.raises(SettingError, match="--contact"):
        asking(sources="wikipedia", contact="")
    with pytest.raises(SeedError, match="place to start"):
        asking(sources="cdx")
    assert web.hits == []


# --- the Wayback Machine ---


def plant_archive(web: FakeWeb, **known: object) -> Wayback:
    """An archive of a site whose home page leads nowhere; of what it has seen, six pages are there and link."""
    seen = [(f"http://a.example:80/{n}", "text/html", "200") for n in range(4)]
    seen += [(f"https://www.a.example/{n}", "text/html", "200") for n in range(4, 6)]
    seen += [("http://a.example/0", "text/html", "200"), ("https://a.example/gone", "text/html", "200")]
    seen += [("https://a.example/i.png", "image/png", "200"), ("https://a.example/404", "text/html", "404")]
    seen += [("https://nota.example/", "text/html", "200")]
    archive = Wayback(seen, **known)  # type: ignore[arg-type]
    archive.plant(web)
    web.page(f"{A}/", "<p>no links")
    for n in range(6):
        web.page(f"https://{'www.' if n > 3 else ''}a.example/{n}", links(T))
    return archive


ARCHIVED = sorted([*(f"{A}/{n}" for n in range(4)), "https://www.a.example/4", "https://www.a.example/5"])


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("most", [10_000, 2])
def test_pages_that_the_archive_has_seen_are_visited(web: FakeWeb, asking: CrawlFunction, most: int) -> None:
    archive = plant_archive(web, most=most)
    found = asking(sources="cdx", seeds=f"{A}/")
    assert found.sources == ARCHIVED
    requests = 1 if most > 10 else 4
    assert counted(found, "cdx") == {"asked": requests, "read": requests, "named": 7, "queued": 7}
    assert {hit.host for hit in web.hits} == {"a.example", "www.a.example", "web.archive.org"}
    assert "/robots.txt" not in web.paths("web.archive.org"), "the user named the API; robots.txt is for crawlers"
    assert not [hit for hit in web.hits_of("a.example") if hit.scheme == "http"]
    expected = {"url": "a.example", "matchType": "domain", "collapse": "urlkey", "fl": "original"}
    assert archive.questions[0].items() >= expected.items()
    assert all(source.startswith("https://web.archive.org/cdx/search/cdx?") for source in found_by(found).values())


@pytest.mark.usefixtures("hasty")
def test_of_one_host_where_the_crawl_stays_there(web: FakeWeb, asking: CrawlFunction) -> None:
    archive = plant_archive(web)
    found = asking(sources="cdx", seeds="https://a.example/", follow="same-host")
    assert found.sources == ARCHIVED[:4]
    assert archive.questions[0]["matchType"] == "host"


@pytest.mark.usefixtures("hasty")
def test_the_archive_is_asked_no_more_than_the_bound_can_use(web: FakeWeb, asking: CrawlFunction) -> None:
    archive = plant_archive(web, most=50)
    archive.captures = [(f"{A}/{n:04}", "text/html", "200") for n in range(1000)]
    found = asking(sources="cdx", seeds=f"{A}/", max_pages_per_domain="10")
    assert len(archive.questions) == 2
    expected = {"asked": 2, "bound": 1, "read": 2, "named": 100}
    assert counted(found, "cdx").items() >= expected.items()
    assert len(found.visited) == 10


def test_the_archives_pace_is_kept_whatever_the_user_says(
    web: FakeWeb, asking: CrawlFunction, monkeypatch: pytest.MonkeyPatch, sent: Sent
) -> None:
    monkeypatch.setitem(SOURCES, "cdx", replace(SOURCES["cdx"], delay=0.4))
    plant_archive(web, most=2)
    asking(sources="cdx", seeds=f"{A}/", delay="0", CONCURRENT_REQUESTS_PER_DOMAIN=8)
    assert_spaced(sent, 0.4, 4, "web.archive.org")


def test_one_429_and_the_archive_is_asked_no_more(
    web: FakeWeb, asking: CrawlFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOURCES, "cdx", replace(SOURCES["cdx"], delay=0.0))
    archive = plant_archive(web, most=2, refusals=[too_many(20)])
    web.page("https://b.example/", links(T))
    found = asking(sources="cdx", seeds=[f"{A}/", "https://b.example/"])
    assert found.sources == ["https://b.example/"]
    assert counted(found, "cdx") == {"asked": 2, "put_off": 1, "failed": 1, "left_alone": 1}
    assert len(archive.questions) == 1
    assert counted(asking(sources="cdx", seeds=f"{A}/"), "cdx") == {"asked": 1, "left_alone": 1}
    assert len(archive.questions) == 1


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "answer",
    [
        Answer(body="<html><head><title>Wayback Machine</title></head></html>"),
        Answer(body="org.archive.util.io.RuntimeIOException: Blocked Site Error\n", content_type="text/plain"),
        Answer(status=504),
        Answer(body=f"{A}/1\n" * 3, content_type="text/plain", pace="cut"),
    ],
    ids=["html", "exception", "504", "cut"],
)
def test_an_archive_that_fails_costs_the_crawl_nothing(web: FakeWeb, asking: CrawlFunction, answer: Answer) -> None:
    archive = plant_archive(web, refusals=[answer])
    web.page(f"{A}/", links(T))
    found = asking(sources="cdx", seeds=f"{A}/")
    assert found.sources == [f"{A}/"]
    assert counted(found, "cdx") == {"asked": 1, "failed": 1}
    assert len(archive.questions) == 1
    assert asking(sources="cdx", seeds=f"{A}/").sources == sorted([f"{A}/", *ARCHIVED])


@pytest.mark.usefixtures("hasty")
def test_a_key_from_a_hostile_archive_stays_a_key(web: FakeWeb, asking: CrawlFunction) -> None:
    keys = iter(["x&url=victim.example&matchType=domain", "com,a)/ö 2013!", ""])
    asked = []

    def answer(request: object) -> Answer:
        asked.append(str(getattr(request, "target", "")))
        return Answer(body=f"{A}/{len(asked)}\n\n{next(keys)}\n", content_type="text/plain")

    web.page("https://web.archive.org/cdx/search/cdx?*", answer)
    web.page(f"{A}/", "<p>")
    found = asking(sources="cdx", seeds=f"{A}/")
    assert counted(found, "cdx")["named"] == 3
    assert asked[1].endswith("&resumeKey=x%26url%3Dvictim.example%26matchType%3Ddomain")
    assert asked[2].endswith("&resumeKey=com%2Ca%29%2F%C3%B6%202013%21")


def test_no_service_is_asked_unless_the_user_says_so(web: FakeWeb, asking: CrawlFunction) -> None:
    archive = plant_archive(web)
    wiki = Wiki("en.wikipedia.org", ARTICLES)
    wiki.plant(web)
    asking(seeds=f"{A}/")
    assert (archive.questions, wiki.questions) == ([], [])


# --- what is kept ---


def test_a_kept_answer_is_that_of_its_address_and_not_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ResponseCache(tmp_path / "new" / "folder")
    assert kept.get("https://a.example/", 60) is None
    kept.put("https://a.example/", b"one\ntwo")
    assert kept.get("https://a.example/", 60) == b"one\ntwo"
    assert kept.get("https://a.example/", 0) is None
    assert kept.get("https://b.example/", 60) is None
    (file,) = (tmp_path / "new" / "folder").iterdir()
    file.write_bytes(b"https://b.example/\nthree")
    assert kept.get("https://a.example/", 60) is None
    monkeypatch.setattr(response_cache, "MAX_KEPT", 3)
    for n in range(9):
        kept.put(f"https://a.example/{n}", b"")
    assert len(list((tmp_path / "new" / "folder").iterdir())) == 3


def test_a_folder_that_takes_nothing_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = ResponseCache(tmp_path / "file" / "folder")
    kept.put("https://a.example/", b"one")
    kept.keep_quiet("a.example", 60)
    assert kept.get("https://a.example/", 60) is None
    assert kept.quiet_until("a.example") > time.time() + 50


def test_a_service_is_left_alone_by_all_runs(tmp_path: Path) -> None:
    kept = ResponseCache(tmp_path)
    assert kept.quiet_until("a.example") == 0
    kept.keep_quiet("a.example", 100)
    kept.keep_quiet("a.example", 10)
    for each in (kept, ResponseCache(tmp_path)):
        assert abs(each.quiet_until("a.example") - time.time() - 100) < 5
    next(tmp_path.iterdir()).write_text("nonsense")
    assert ResponseCache(tmp_path).quiet_until("a.example") == 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        (" 5 ", 5),
        ("Fri, 02 Jan 2026 00:01:00 GMT", 60),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0),
        ("soon", 0),
        ("", 0),
        ("-5", 0),
        ("99999999999999999999", 999_999_999),
        ("Fri, 99 Jan 9999999 00:01:00 GMT", 0),
    ],
)
def test_how_long_a_service_wants_to_be_left_alone(header: str, seconds: float) -> None:
    response = Response("https://a.example/", headers={"Retry-After": header})
    assert retry_after(response, datetime(2026, 1, 2, tzinfo=UTC)) == seconds
    assert retry_after(Response("https://a.example/"), datetime(2026, 1, 2, tzinfo=UTC)) == 0
    assert LONGEST_WAIT < 300
