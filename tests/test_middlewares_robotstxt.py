"""robots.txt by RFC 9309, as the server's own log tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backlinkbot.items import State
from tests.conftest import CrawlFunction, Sent, assert_spaced, gaps, links, verify
from tests.fakeweb import HTML, Answer, FakeWeb, Request

PAGE = links("https://target.example/")
CLOSED = "User-agent: *\nDisallow: /\n"


def plant_robots(web: FakeWeb, body: str | bytes, status: int = 200, content_type: str = "text/plain") -> None:
    web.page("https://a.example/robots.txt", body, status, content_type=content_type)
    web.page("https://a.example/page", PAGE)


@pytest.mark.parametrize(
    ("body", "status", "state"),
    [
        pytest.param(CLOSED, 200, State.BLOCKED_BY_ROBOTS, id="closed"),
        pytest.param("User-agent: backlinkbot\nDisallow: /p\n", 200, State.BLOCKED_BY_ROBOTS, id="closed to us"),
        pytest.param("User-agent: BackLinkBot\nDisallow: /p\n", 200, State.BLOCKED_BY_ROBOTS, id="names have no case"),
        pytest.param("User-agent: backlinkbot/1.0\nDisallow: /\n", 200, State.BLOCKED_BY_ROBOTS, id="with a version"),
        pytest.param("User-agent: back\nDisallow: /\n", 200, State.LINKED, id="closed to whose name begins as ours"),
        pytest.param(
            "User-agent: *\nCrawl-delay: 0.1\n\nUser-agent: x\nDisallow: /p\n",
            200,
            State.BLOCKED_BY_ROBOTS,
            id="a delay ends no group",
        ),
        pytest.param("User-agent: otherbot\nDisallow: /\n", 200, State.LINKED, id="closed to another"),
        pytest.param("User-agent: *\nDisallow: /\nAllow: /page\n", 200, State.LINKED, id="the longest rule wins"),
        pytest.param(CLOSED + "User-agent: backlinkbot\nDisallow:\n", 200, State.LINKED, id="our group wins"),
        pytest.param("User-agent: *\nDisallow: /*ge$\n", 200, State.BLOCKED_BY_ROBOTS, id="wildcards"),
        pytest.param("", 200, State.LINKED, id="empty"),
        pytest.param(CLOSED, 404, State.LINKED, id="404 opens, whatever its body"),
        pytest.param(CLOSED, 410, State.LINKED, id="410 opens"),
        pytest.param(CLOSED, 401, State.LINKED, id="401 opens"),
        pytest.param(CLOSED, 403, State.LINKED, id="403 opens"),
        pytest.param(CLOSED, 429, State.LINKED, id="429 opens"),
        pytest.param("User-agent: *\nAllow: /\n", 500, State.BLOCKED_BY_ROBOTS, id="500 closes"),
        pytest.param("User-agent: *\nAllow: /\n", 503, State.BLOCKED_BY_ROBOTS, id="503 closes"),
        pytest.param("", 304, State.LINKED, id="an odd status opens"),
    ],
)
def test_what_an_answer_means(
    *, web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, body: str, status: int, state: State
) -> None:
    plant_robots(web, body, status)
    found = verify(crawl, tmp_path, "https://a.example/page")
    assert found["https://a.example/page"][0] is state
    asked = [path for path in web.paths("a.example") if path != "/robots.txt"]
    assert asked == (["/page"] if state is State.LINKED else [])


def test_reasons_are_told(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.robots("closed.example", CLOSED)
    web.robots("broken.example", 503)
    web.refuse("silent.example")
    web.refuse("https://mute.example/robots.txt")
    web.page("https://mute.example/", PAGE)
    found = verify(
        crawl, tmp_path, *(f"https://{host}.example/" for host in ("closed", "broken", "silent", "mute", "no"))
    )
    assert found == {
        "https://closed.example/": (State.BLOCKED_BY_ROBOTS, "disallowed by robots.txt"),
        "https://broken.example/": (State.BLOCKED_BY_ROBOTS, "robots.txt answered 503"),
        "https://silent.example/": (State.UNREACHABLE, "TLS: connection reset during the handshake"),
        "https://mute.example/": (State.UNREACHABLE, "connection closed without an answer"),
        "https://no.example/": (State.UNREACHABLE, found["https://no.example/"][1]),
    }
    assert set(web.paths("mute.example")) == {"/robots.txt"}
    assert set(web.paths("silent.example")) == {""}


def test_a_network_failure_of_robots_txt_closes_the_host(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.cut("https://cut.example/robots.txt")
    web.stall("https://slow.example/robots.txt", "User-agent: *\nAllow: /\n" * 20)
    for host in ("cut", "slow"):
        web.page(f"https://{host}.example/", PAGE)
    found = verify(
        crawl, tmp_path, "https://cut.example/", "https://slow.example/", DOWNLOAD_TIMEOUT=0.4, RETRY_TIMES=0
    )
    assert {state for state, _ in found.values()} == {State.UNREACHABLE}
    assert {hit.target for hit in web.hits} == {"/robots.txt"}


@pytest.mark.parametrize("gzip", [False, True])
def test_of_a_huge_file_the_beginning_is_read(
    *, web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, gzip: bool
) -> None:
    body = "User-agent: *\nDisallow: /closed\n" + "# filler\n" * 2_000_000
    web.page("https://a.example/robots.txt", body, content_type="text/plain", gzip=gzip)
    web.endless("https://b.example/robots.txt", "User-agent: *\nDisallow: /closed\n")
    urls = [f"https://{host}.example/{name}" for host in "ab" for name in ("open", "closed")]
    for url in urls:
        web.page(url, PAGE)
    found = verify(crawl, tmp_path, *urls)
    assert [found[url][0] for url in urls] == [State.LINKED, State.BLOCKED_BY_ROBOTS] * 2


@pytest.mark.parametrize("hops", [5, 6])
def test_more_than_five_redirects_are_no_robots_txt(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, hops: int
) -> None:
    web.redirect("https://a.example/robots.txt", "/1")
    for n in range(1, hops):
        web.redirect(f"https://a.example/{n}", f"/{n + 1}")
    web.page(f"https://a.example/{hops}", CLOSED, content_type="text/plain")
    web.page("https://a.example/page", PAGE)
    found = verify(crawl, tmp_path, "https://a.example/page")
    assert found["https://a.example/page"][0] is (State.BLOCKED_BY_ROBOTS if hops == 5 else State.LINKED)


def test_a_redirect_loop_is_no_robots_txt(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.redirect("https://a.example/robots.txt", "/robots.txt", 302)
    web.page("https://a.example/page", PAGE)
    assert verify(crawl, tmp_path, "https://a.example/page")["https://a.example/page"][0] is State.LINKED
    assert web.paths("a.example") == ["/robots.txt"] * 6 + ["/page"]


def test_redirects_of_robots_txt_are_followed(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.redirect("https://a.example/robots.txt", "https://www.a.example/robots.txt")
    web.redirect("https://www.a.example/robots.txt", "https://rules.test/r.txt", 302)
    web.page("https://rules.test/r.txt", "User-agent: *\nDisallow: /closed\n", content_type="text/plain")
    web.page("https://a.example/open", PAGE)
    web.page("https://a.example/closed", PAGE)
    found = verify(crawl, tmp_path, "https://a.example/open", "https://a.example/closed")
    assert {candidate: state for candidate, (state, _) in found.items()} == {
        "https://a.example/open": State.LINKED,
        "https://a.example/closed": State.BLOCKED_BY_ROBOTS,
    }
    assert web.paths("rules.test") == ["/r.txt"]


@pytest.mark.parametrize("location", ["/robots.txt", "file:///etc/hostname", "http://10.0.0.5/robots.txt", "//[bad/"])
def test_a_redirect_of_robots_txt_that_leads_nowhere(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, location: str
) -> None:
    web.page("http://10.0.0.5/robots.txt", "User-agent: *\nAllow: /\n")
    web.redirect("https://a.example/robots.txt", location, 302)
    web.page("https://a.example/", PAGE)
    found = verify(crawl, tmp_path, "https://a.example/")
    assert web.paths("10.0.0.5") == []
    assert found["https://a.example/"][0] in {State.LINKED, State.UNREACHABLE}
    assert len(web.paths("a.example")) <= 12


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"\xef\xbb\xbf" + CLOSED.encode(), id="byte order mark"),
        pytest.param(CLOSED.replace("\n", "\r").encode(), id="old line ends"),
        pytest.param(b"\xff\xfe\x00nonsense\n" + CLOSED.encode(), id="bytes of no encoding"),
        pytest.param(b"# " + b"x" * 400 * 1024 + b"\n" + CLOSED.encode(), id="rules before 500 KiB"),
    ],
)
def test_a_file_in_an_odd_form_is_still_obeyed(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, body: bytes) -> None:
    plant_robots(web, body)
    assert verify(crawl, tmp_path, "https://a.example/page")["https://a.example/page"][0] is State.BLOCKED_BY_ROBOTS


def test_what_stands_behind_500_kib_does_not_count_and_what_stands_before_does(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    plant_robots(web, "User-agent: *\nDisallow: /private\n" + "# filler\n" * 60_000 + "Disallow: /page\n")
    web.page("https://a.example/private", PAGE)
    found = verify(crawl, tmp_path, "https://a.example/page", "https://a.example/private")
    assert {candidate: state for candidate, (state, _) in found.items()} == {
        "https://a.example/page": State.LINKED,
        "https://a.example/private": State.BLOCKED_BY_ROBOTS,
    }


def test_an_html_page_in_its_place_says_nothing(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant_robots(web, "<!doctype html><title>Not found</title><p>Disallow: / is what we never wrote", content_type=HTML)
    assert verify(crawl, tmp_path, "https://a.example/page")["https://a.example/page"][0] is State.LINKED


def test_each_authority_has_its_own_file_and_is_asked_once(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.robots("a.example", CLOSED)
    for n in range(5):
        web.page(f"https://b.a.example/{n}", PAGE)
        web.page(f"https://a.example:8443/{n}", PAGE)
    found = verify(
        crawl,
        tmp_path,
        *(f"https://{host}/{n}" for n in range(5) for host in ("a.example", "b.a.example", "a.example:8443")),
    )
    closed = {candidate for candidate, (state, _) in found.items() if state is State.BLOCKED_BY_ROBOTS}
    assert closed == {f"https://a.example/{n}" for n in range(5)}
    for host in ("a.example", "b.a.example", "a.example:8443"):
        assert web.paths(host).count("/robots.txt") == 1


def test_rules_apply_to_where_a_redirect_leads(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.redirect("https://open.example/", "https://closed.example/page")
    web.robots("closed.example", CLOSED)
    web.page("https://closed.example/page", PAGE)
    assert verify(crawl, tmp_path, "https://open.example/")["https://open.example/"][0] is State.BLOCKED_BY_ROBOTS
    assert web.paths("closed.example") == ["/robots.txt"]


def test_pages_closed_to_the_search_engine_are_read_and_not_indexable(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    plant_robots(web, "User-agent: googlebot\nDisallow: /page\n\nUser-agent: bingbot\nDisallow: /\n")
    file = tmp_path / "candidates.txt"
    file.write_text("https://a.example/page")
    (row,) = crawl("verify", candidates=str(file)).rows
    assert (row.follow, row.indexable, row.noindex_by) == (True, False, ("robots.txt:googlebot",))
    plant_robots(web, "User-agent: Googlebot/2.1\nDisallow: /page\n\nUser-agent: bingbot\nDisallow: /\n")
    (row,) = crawl("verify", candidates=str(file)).rows
    assert row.noindex_by == ("robots.txt:googlebot",)
    plant_robots(web, "User-agent: Google\nDisallow: /page\n\nUser-agent: bingbot\nDisallow: /\n")
    (row,) = crawl("verify", candidates=str(file)).rows
    assert (row.indexable, row.noindex_by) == (True, ())
    (row,) = crawl("verify", candidates=str(file), agent="bingbot").rows
    assert row.noindex_by == ("robots.txt:bingbot",)


def test_it_can_be_turned_off(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant_robots(web, CLOSED)
    found = verify(crawl, tmp_path, "https://a.example/page", ROBOTSTXT_OBEY=False)
    assert found["https://a.example/page"][0] is State.LINKED
    assert web.paths("a.example") == ["/page"]


# --- how fast ---------------------------------------------------------------------------------------------------------


def test_crawl_delay_is_obeyed_for_all_hosts_of_the_domain(web: FakeWeb, crawl: CrawlFunction, sent: Sent) -> None:
    web.robots("a.example", "User-agent: *\nCrawl-delay: 0.2\n")
    web.page("https://a.example/", links("https://b.a.example/", "/1"))
    web.page("https://a.example/1", PAGE)
    web.page("https://b.a.example/", PAGE)
    assert len(crawl("discover", seeds="https://a.example/").rows) == 2
    assert_spaced(sent, 0.2, 5, "a.example", "b.a.example")


def test_crawl_delay_has_a_ceiling(web: FakeWeb, crawl: CrawlFunction, sent: Sent) -> None:
    web.robots("a.example", "User-agent: *\nCrawl-delay: 86400\n")
    web.page("https://a.example/", links("/1", "/2", "/3", "/4"))
    for number in range(1, 5):
        web.page(f"https://a.example/{number}", PAGE)
    crawl("discover", seeds="https://a.example/", BACKLINKBOT_CRAWL_DELAY_MAX=0.2)
    assert_spaced(sent, 0.2, 6, "a.example")
    assert max(gaps(sent, "a.example")) < 600  # and not a day


def test_crawl_delay_never_hurries_us(web: FakeWeb, crawl: CrawlFunction, sent: Sent) -> None:
    web.robots("a.example", "User-agent: *\nCrawl-delay: 0.01\n")
    web.page("https://a.example/", PAGE)
    crawl("discover", seeds="https://a.example/", delay="2")
    assert_spaced(sent, 2, 2, "a.example")


@pytest.mark.parametrize("nonsense", ["soon", "-5", "nan", "inf", "1e999", "0"])
def test_a_crawl_delay_that_is_no_number_of_seconds(web: FakeWeb, crawl: CrawlFunction, nonsense: str) -> None:
    web.robots("a.example", f"User-agent: *\nCrawl-delay: {nonsense}\nDisallow: /closed\n")
    web.page("https://a.example/", links("/1", "/closed"))
    web.page("https://a.example/1", PAGE)
    crawl("discover", seeds="https://a.example/", BACKLINKBOT_CRAWL_DELAY_MAX=0.1)
    assert web.paths("a.example") == ["/robots.txt", "/", "/1"]


def test_robots_txt_is_asked_for_with_our_name(web: FakeWeb, crawl: CrawlFunction) -> None:
    agents = []

    def answer(request: Request) -> Answer:
        agents.append(request.headers["user-agent"])
        return Answer(body="")

    web.page("https://a.example/*", answer)
    crawl("discover", seeds="https://a.example/", contact="https://me.example/bot")
    assert agents == ["backlinkbot/0.1.0 (+https://me.example/bot)"] * 2
