"""429 and 503 on pages: the domain is left alone, its pages come again, and others' keep coming."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from scrapy.http import Response

from backlinkbot.download import backoff
from backlinkbot.download.backoff import retry_after
from backlinkbot.items import State
from tests.conftest import CrawlFunction, links, verify
from tests.fakeweb import Answer, FakeWeb, Request

PAGE = links("https://target.example/")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that a test can wait for."""
    monkeypatch.setattr(backoff, "FIRST_WAIT", {429: 0.2, 503: 0.1})
    monkeypatch.setattr(backoff, "FIRST_DELAY", 0.1)


class Bucket:
    """A server that serves one page in ``every`` seconds, and ``burst`` at once."""

    def __init__(self, status: int, *, every: float, burst: int, retry: str = "") -> None:
        self._status, self._every, self._burst, self._retry = status, every, burst, retry
        self._tokens, self._at = float(burst), time.monotonic()
        self.refused: list[float] = []
        self.served: list[float] = []

    def page(self, body: str) -> Callable[[Request], Answer]:
        def answer(_: Request) -> Answer:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._at) / self._every)
            self._at = now
            if self._tokens >= 1:
                self._tokens -= 1
                self.served.append(now)
                return Answer(body=body)
            self.refused.append(now)
            return Answer(status=self._status, headers=(("Retry-After", self._retry),) if self._retry else ())

        return answer


@pytest.mark.slow
@pytest.mark.parametrize("spider", ["discover", "verify"])
@pytest.mark.parametrize(("status", "retry"), [(429, "1"), (503, "1"), (429, "")])
def test_all_pages_of_a_site_that_limits_its_rate_are_fetched(
    *, web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, spider: str, status: int, retry: str
) -> None:
    bucket = Bucket(status, every=0.3, burst=5, retry=retry)
    inner = [f"https://a.example/{n}" for n in range(12)]
    web.page("https://a.example/*", bucket.page(links(*inner, "https://target.example/")))
    web.robots("a.example", 404)
    listed = tmp_path / "candidates.txt"
    listed.write_text("\n".join(inner))
    given = {"seeds": "https://a.example/"} if spider == "discover" else {"candidates": str(listed)}
    found = crawl(spider, BACKLINKBOT_WAIT_MAX=60, **given)
    assert set(found.sources) >= set(inner)
    assert len(bucket.refused) == found.stats["backlinks/backoff/put_off"] > 0
    assert len(bucket.served) == len(found.sources)
    if retry:  # nothing is asked before it is time
        for refused in bucket.refused:
            assert not [at for at in (*bucket.served, *bucket.refused) if refused < at < refused + 0.9]


def test_other_domains_pages_keep_coming(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    bucket = Bucket(429, every=1.5, burst=1, retry="2")
    web.page("https://www.a.example/*", bucket.page(PAGE))
    web.page("https://b.a.example/*", bucket.page(PAGE))  # the same domain
    for host in ("www.a.example", "b.a.example"):
        web.robots(host, 404)
    others = [f"https://o{n}.example/" for n in range(30)]
    for url in others:
        web.page(url, PAGE)
    urls = ["https://www.a.example/1", "https://b.a.example/2", *others]
    found = verify(crawl, tmp_path, *urls, BACKLINKBOT_WAIT_MAX=60, CONCURRENT_REQUESTS=2)
    assert {state for state, _ in found.values()} == {State.LINKED}
    assert len(bucket.refused) == 1
    asked = [hit.at for hit in web.hits if hit.host.startswith("o")]
    meanwhile = [at for at in asked if bucket.refused[0] < at < max(bucket.served)]
    assert (
        len(meanwhile) > 2
    )  # as many may have been on their way, and a wait that holds all up would let no more through


@pytest.mark.parametrize(
    ("status", "retry", "state", "reason"),
    [
        (429, "3600", State.REFUSED, "asked to wait: 429, Retry-After 3600"),
        (503, "3600", State.SERVER_ERROR, "asked to wait: 503, Retry-After 3600"),
        (429, "9" * 15, State.REFUSED, "asked to wait: 429, Retry-After 999999999"),
    ],
)
def test_whoever_asks_for_more_than_there_is_is_left_alone(
    *, web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, status: int, retry: str, state: State, reason: str
) -> None:
    web.page("https://a.example/*", PAGE, status, [("Retry-After", retry)])
    web.robots("a.example", 404)
    web.page("https://b.example/", PAGE)
    urls = [f"https://a.example/{n}" for n in range(9)]
    found = verify(crawl, tmp_path, *urls, "https://b.example/", BACKLINKBOT_WAIT_MAX=600)
    assert {found[url] for url in urls} == {(state, reason)}
    assert found["https://b.example/"] == (State.LINKED, "")
    assert len(web.paths("a.example")) == 2


@pytest.mark.slow
def test_waiting_has_an_end(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page("https://a.example/*", PAGE, 429)
    web.robots("a.example", 404)
    urls = [f"https://a.example/{n}" for n in range(400)]
    file = tmp_path / "candidates.txt"
    file.write_text("\n".join(urls))
    begin = time.monotonic()
    found = crawl("verify", candidates=str(file), BACKLINKBOT_WAIT_MAX=3)
    assert time.monotonic() - begin < 600  # three seconds for each page would be 1,200
    assert {(check.state, check.reason) for check in found.checks.values()} == {(State.REFUSED, "asked to wait: 429")}
    assert len(found.checks) == 400
    assert len(web.paths("a.example")) < 15
    assert found.stats["backlinks/backoff/domains_refused"] == 1
    assert found.stats["backlinks/pages/refused"] == 400


def test_a_503_without_a_word_is_tried_twice_more_and_an_outage_does_not_hold_up(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    asked: list[str] = []

    def at_last(request: Request) -> Answer:
        asked.append(request.target)
        return Answer(status=503) if asked.count(request.target) < 3 else Answer(body=PAGE)

    web.page("https://a.example/once", at_last)
    web.page("https://b.example/*", PAGE, 503)
    web.robots("b.example", 404)
    urls = [f"https://b.example/{n}" for n in range(20)]
    found = verify(crawl, tmp_path, "https://a.example/once", *urls, BACKLINKBOT_WAIT_MAX=60)
    assert found.pop("https://a.example/once") == (State.LINKED, "")
    assert set(found.values()) == {(State.SERVER_ERROR, "503")}
    assert len(asked) == 3
    tries = [web.paths("b.example").count(f"/{n}") for n in range(20)]
    assert (max(tries), sum(tries)) == (3, 20 + 2 * backoff.OUTAGE)


@pytest.mark.parametrize("status", [429, 503])
def test_a_robots_txt_that_asks_for_patience_is_asked_again(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, status: int
) -> None:
    asked: list[str] = []

    def rules(request: Request) -> Answer:
        asked.append(request.target)
        if len(asked) == 1:
            return Answer(status=status, headers=(("Retry-After", "1"),))
        return Answer(body="User-agent: *\nDisallow: /closed\n", content_type="text/plain")

    web.page("https://a.example/robots.txt", rules)
    urls = ["https://a.example/open", "https://a.example/closed"]
    for url in urls:
        web.page(url, PAGE)
    found = verify(crawl, tmp_path, *urls, BACKLINKBOT_WAIT_MAX=60)
    assert [found[url][0] for url in urls] == [State.LINKED, State.BLOCKED_BY_ROBOTS]
    assert len(asked) == 2


def test_the_pace_recovers(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "RECOVERY", 0.5)
    bucket = Bucket(429, every=0.01, burst=1, retry="1")
    bucket._tokens = 0.0
    bucket._at = time.monotonic() + 3600  # refuses the first, and no other
    answers = bucket.page(PAGE)

    def page(request: Request) -> Answer:
        if bucket.refused:
            bucket._tokens, bucket._at = 1.0, time.monotonic()
        return answers(request)

    web.page("https://a.example/*", page)
    web.robots("a.example", 404)
    monkeypatch.setattr(backoff, "FIRST_DELAY", 0.8)
    found = verify(crawl, tmp_path, *(f"https://a.example/{n}" for n in range(12)), BACKLINKBOT_WAIT_MAX=60)
    assert {state for state, _ in found.values()} == {State.LINKED}
    between = [later - earlier for earlier, later in zip(bucket.served, bucket.served[1:], strict=False)]
    assert sum(between[:2]) > 0.5
    assert sum(between[-4:]) < 0.5 * sum(between[:2]) + 0.2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        (" 3 ", 3.0),
        ("3.7", 3.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("1e9", 0.0),
        ("٣", 0.0),
        ("9" * 5_000, 999_999_999.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        ("Fri, 99 Foo 2026 00:00:00 GMT", 0.0),
        ("Fri, 02 Jan 99999 00:00:00 GMT", 0.0),
    ],
)
def test_what_a_header_asks_for(header: str, seconds: float) -> None:
    response = Response("https://a.example/", headers={"Retry-After": header.encode()})
    assert retry_after(response, NOW) == seconds
