"""Politeness, safety and guards, as the server's own log tells them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy import exceptions as scrapy_errors

from backlinkbot.download.failures import VisitRefusedError, failure_of_exception
from backlinkbot.download.special_addresses import is_private_address, is_private_host
from backlinkbot.extract.media_type import charset_of, media_type
from backlinkbot.items import State
from tests.conftest import SLACK, WARNINGS, CrawlFunction, Sent, assert_spaced, gaps, link, links, verify
from tests.fakeweb import Answer, FakeWeb, Request

NS = "http://www.w3.org/1999/xhtml"
XHTML = f'<html xmlns="{NS}"><body><script/><a href="https://target.example/">t</a></body></html>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><a href="https://target.example/">t</a></svg>'
PAGE = links("https://target.example/")

# --- one request at a time for each registrable domain ------------------------------------------------------------------


def plant_domain(web: FakeWeb, domain: str, pages: int, delay: float = 0.0) -> list[str]:
    """A page that leads to others, over several hosts of one domain; the hosts."""
    hosts = [f"www.{domain}", domain, f"a.b.{domain}"]
    inner = [f"https://{hosts[n % 3]}/{n}" for n in range(pages)]
    web.page(f"https://www.{domain}/", links(*inner), delay=delay)
    for url in inner:
        web.page(url, PAGE, delay=delay)
    return hosts


def test_the_delay_holds_for_a_domain_and_not_for_each_of_its_hosts(
    web: FakeWeb, crawl: CrawlFunction, sent: Sent
) -> None:
    domains = {name: plant_domain(web, name, 3) for name in ("one.example", "two.co.uk", "me.github.io")}
    found = crawl("discover", seeds=[f"https://www.{name}/" for name in domains], delay="0.5")
    assert len(found.rows) == 9
    for hosts in domains.values():
        assert_spaced(sent, 0.5, 7, *hosts)  # a robots.txt for each of three hosts, four pages
    asked = {name: [hit.at for hit in web.hits if hit.host in hosts] for name, hosts in domains.items()}
    first_to_end = min(times[-1] for times in asked.values())
    assert all(times[0] < first_to_end for times in asked.values()), "domains wait for each other"


def most_at_once(web: FakeWeb, hosts: list[str], delay: float) -> int:
    """The most requests that the server had not answered at one time, where it answers after so many seconds.

    Without the first page. By the server's clock: it answers no sooner, whatever else the machine does, and takes the next request of a client that
    waits only once it has answered.
    """
    arrivals = [hit.at for hit in web.hits if hit.host in hosts and hit.target not in {"/robots.txt", "/"}]
    return max(sum(begin <= at < begin + delay for begin in arrivals) for at in arrivals)


def test_one_request_at_a_time(web: FakeWeb, crawl: CrawlFunction) -> None:
    hosts = plant_domain(web, "a.example", 6, delay=0.3)
    assert len(crawl("discover", seeds="https://www.a.example/").rows) == 6
    assert most_at_once(web, hosts, 0.3) == 1


def test_more_at_a_time_where_the_user_says_so(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("https://a.example/", links(*(f"/{n}" for n in range(8))))
    for n in range(8):
        web.page(f"https://a.example/{n}", PAGE, delay=2)
    crawl("discover", seeds="https://a.example/", CONCURRENT_REQUESTS_PER_DOMAIN=8)
    assert 2 <= most_at_once(web, ["a.example"], 2) <= 8


def test_jitter_varies_the_delay(web: FakeWeb, crawl: CrawlFunction, sent: Sent) -> None:
    hosts = plant_domain(web, "a.example", 5)
    crawl("discover", seeds="https://www.a.example/", delay="0.2", DOWNLOAD_DELAY_JITTER=0.5)
    between = gaps(sent, *hosts)
    assert sum(between) > len(between) * 0.1 - SLACK
    assert max(between) - min(between) > 0.01


def test_the_user_agent_names_us_and_a_contact(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("https://a.example/", PAGE)
    crawl("discover", seeds="https://a.example/")
    crawl("discover", seeds="https://a.example/", contact="mailto:me@x.example")
    agents = [hit.headers["user-agent"] for hit in web.hits]
    assert agents == ["backlinkbot/0.1.0"] * 2 + ["backlinkbot/0.1.0 (+mailto:me@x.example)"] * 2


def test_sites_are_not_told_how_we_came_and_get_no_cookies(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("https://a.example/", links("/1"), headers=[("Set-Cookie", "a=b")])
    web.page("https://a.example/1", PAGE)
    crawl("discover", seeds="https://a.example/")
    assert not [hit for hit in web.hits if "referer" in hit.headers or "cookie" in hit.headers]


# --- addresses ----------------------------------------------------------------------------------------------------------

PRIVATE = [
    "127.0.0.1", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0", "0.0.0.0", "10.0.0.5", "10.5", "172.16.0.1",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "[::1]", "[::]", "[::ffff:10.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]",
    "[fc00::1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "[::127.0.0.1]", "224.0.0.1", "255.255.255.255", "localhost", "LOCALHOST",
    "localhost.", "x.localhost", "１２７.0.0.1", "127.0.0.1.", "0x7f000001", "017700000001", "%31%32%37.0.0.1",
]  # fmt: skip
PUBLIC = ["93.184.216.34", "[2606:4700::1111]", "localhost.example", "10.0.0.5.example", "xlocalhost.example"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "[::1]", "::ffff:10.0.0.1", "2001:0:a00:1::", "::127.0.0.1"])
def test_private_addresses(address: str) -> None:
    assert is_private_address(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "example.com", "", "64:ff9b::5db8:d822"])
def test_public_addresses(address: str) -> None:
    assert not is_private_address(address)


@pytest.mark.parametrize("host", ["localhost", "x.localhost", "localhost.", "10.0.0.1"])
def test_private_hosts(host: str) -> None:
    assert is_private_host(host)


def test_no_private_address_is_asked_in_whatever_spelling(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    for host in PUBLIC:
        web.page(f"http://{host}/x", PAGE)
    found = verify(crawl, tmp_path, *(f"http://{host}/x" for host in PRIVATE + PUBLIC))
    assert {candidate for candidate, (state, _) in found.items() if state is State.LINKED} == {
        f"http://{host}/x" for host in PUBLIC
    }
    refused = {candidate: reason for candidate, (state, reason) in found.items() if state is State.UNREACHABLE}
    assert set(refused) == {f"http://{host}/x" for host in PRIVATE}
    assert set(refused.values()) <= {"private address", "not an http(s) URL"}
    assert {hit.host for hit in web.hits} == set(PUBLIC)


def test_nor_by_a_link_a_redirect_or_a_refresh(web: FakeWeb, crawl: CrawlFunction) -> None:
    ways = []
    for n, host in enumerate(PRIVATE):
        web.redirect(f"https://a.example/r{n}", f"http://{host}/r".encode().decode("latin-1"), 302)
        web.page(f"https://a.example/m{n}", f'<meta http-equiv=refresh content="0; url=http://{host}/m">')
        ways += [f"/r{n}", f"/m{n}", f"http://{host}/l"]
    web.page("https://a.example/", links(*ways))
    crawl("discover", seeds="https://a.example/", follow="all", max_hops="5")
    assert {hit.host for hit in web.hits} == {"a.example"}
    assert len(web.paths("a.example")) == 2 + 2 * len(PRIVATE)


def test_unless_the_user_allows_it(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("http://127.0.0.1/", links("http://10.0.0.5/", "https://target.example/"))
    web.page("http://10.0.0.5/", PAGE)
    found = crawl("discover", seeds="http://127.1/", follow="all", allow_private="yes")
    assert found.sources == ["http://10.0.0.5/", "http://127.0.0.1/"]


@pytest.mark.parametrize("spider", ["discover", "verify"])
def test_only_http_and_https_are_followed(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, spider: str) -> None:
    secret = tmp_path / "secret.html"
    secret.write_text(PAGE)
    elsewhere = [
        secret.as_uri(), f"file://localhost{secret}", "data:text/html,%3Ca href='https://target.example/'%3Et%3C/a%3E",
        "ftp://a.example/", "javascript:location='/x'", "mailto:a@a.example", "s3://a/b", "ws://a.example/", "about:blank",
        "view-source:http://a.example/x", "blob:https://a.example/x", "gopher://a.example/", "http:", "https://", "http://[",
    ]  # fmt: skip
    web.page("https://a.example/", links(*elsewhere))
    for n, url in enumerate(elsewhere):
        web.redirect(f"https://a.example/r{n}", url, 302)
        web.page(f"https://a.example/m{n}", f'<meta http-equiv=refresh content="0; url={url}">')
    inner = [f"https://a.example/{kind}{n}" for kind in "rm" for n in range(len(elsewhere))]
    candidates = tmp_path / "candidates.txt"
    candidates.write_text("\n".join(["https://a.example/", *inner, *elsewhere]))
    found = crawl(spider, candidates=str(candidates), **({"follow": "all"} if spider == "discover" else {}))
    assert found.rows == []
    assert {hit.host for hit in web.hits} == {"a.example"}
    assert set(web.paths("a.example")) - {"/robots.txt", "/"} == {url[len("https://a.example") :] for url in inner}


# The resolver belongs to a process, so these run in one of their own, in which names resolve to what the test says. The
# web is reached without a proxy: the pages are those of host and port.
NAMES = """
import socket, sys
from backlinkbot.cli.main import main

NAMES = {"inside.example": "127.0.0.1", "cloud.example": "169.254.169.254", "proxy.example": "127.0.0.1"}

def getaddrinfo(name, *_, **__):
    if name.decode() not in NAMES:
        raise socket.gaierror(-2, "Name or service not known")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (NAMES[name.decode()], 0))]

if __name__ == "__main__":
    socket.getaddrinfo = getaddrinfo
    sys.exit(main())
"""


def run_with_names(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    script = folder / "names.py"
    script.write_text(NAMES)
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, script, *words],
        env=kept | {"PYTHONWARNINGS": WARNINGS} | environ,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=folder,  # where a history may lie
    )


def plant_inside(web: FakeWeb) -> str:
    """A page of a name that resolves to this machine, with the port of the fake web; returns its URL."""
    url = f"http://inside.example:{web.proxy.rpartition(':')[2]}/"
    web.page(url, PAGE)
    return url


@pytest.mark.subprocess
@pytest.mark.slow
def test_a_name_of_a_private_address_is_refused(tmp_path: Path) -> None:
    with FakeWeb() as web:
        url = plant_inside(web)
        candidates = tmp_path / "candidates.txt"
        candidates.write_text(f"{url}\nhttp://cloud.example/latest/\nhttp://nowhere.example/\n")
        checks = tmp_path / "checks.csv"
        words = ("verify", "target.example", "--candidates", str(candidates), "--checks", str(checks), "--delay", "0")
        refused = run_with_names(tmp_path, *words)
        assert refused.returncode == 1, refused.stderr
        assert web.hits == []
        reasons = [line.split(",")[1:4:2] for line in checks.read_text().splitlines()[1:]]
        assert sorted(reasons) == [["unreachable", "no such host"], *[["unreachable", "private address"]] * 2]
        candidates.write_text(url)
        allowed = run_with_names(tmp_path, *words, "--allow-private")
        assert (allowed.returncode, allowed.stderr) == (0, "")
        assert [hit.target for hit in web.hits] == ["/robots.txt", "/"]


@pytest.mark.subprocess
@pytest.mark.slow
def test_names_are_the_proxys_to_resolve_where_the_user_has_one(tmp_path: Path) -> None:
    with FakeWeb() as web:
        web.page("http://public.example/", PAGE)
        words = (
            "discover",
            "target.example",
            "--seed",
            "http://public.example/",
            "--seed",
            "http://10.0.0.5/",
            "--delay",
            "0",
        )
        port = web.proxy.rpartition(":")[2]
        done = run_with_names(tmp_path, *words, http_proxy=f"http://proxy.example:{port}")
        assert (done.returncode, done.stderr) == (0, "")
        assert "http://public.example/" in done.stdout
        assert {hit.host for hit in web.hits} == {"public.example"}


# --- answers without end ------------------------------------------------------------------------------------------------


def test_no_answer_is_without_end(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    a = "https://a{}.example/"
    web.endless(a.format(1), PAGE)
    web.stall(a.format(2), PAGE * 20, every=0.1)
    web.bomb(a.format(3), 30)
    web.cut(a.format(4), PAGE * 100)
    web.refuse(a.format(5))
    web.page(a.format(6), PAGE, delay=30)
    web.page(a.format(7), PAGE + "x" * 200_000)
    web.page(a.format(8), PAGE + "x" * 90_000)
    candidates = [a.format(n) for n in range(1, 9)]
    found = verify(crawl, tmp_path, *candidates, DOWNLOAD_MAXSIZE=100_000, DOWNLOAD_TIMEOUT=4, RETRY_TIMES=0)
    assert [found[candidate] for candidate in candidates] == [
        (State.UNREACHABLE, "larger than the size limit"),
        (State.INCOMPLETE, "timed out while reading the body"),
        (State.UNREACHABLE, "larger than the size limit"),
        (State.LINKED, ""),  # in the half that came
        (State.UNREACHABLE, "connection closed without an answer"),
        (State.UNREACHABLE, "timed out waiting for the answer"),
        (State.UNREACHABLE, "larger than the size limit"),
        (State.LINKED, ""),
    ]


@pytest.mark.parametrize(
    ("content_type", "body", "state"),
    [
        ("text/html", PAGE, State.LINKED),
        ("TEXT/HTML ; charset=utf-8", PAGE, State.LINKED),
        ("application/xhtml+xml", XHTML, State.LINKED),
        ("application/xhtml+xml", PAGE, State.NOT_LINKED),  # of no namespace
        ("application/xml", XHTML, State.LINKED),
        ("text/xml; charset=utf-8", XHTML, State.LINKED),
        ("text/xml", "<urlset/>", State.NOT_HTML),
        ("image/svg+xml", SVG, State.LINKED),
        (None, PAGE, State.LINKED),
        (None, f"<?xml version='1.0'?>{XHTML}", State.LINKED),
        (None, "<?xml version='1.0'?><x/>", State.NOT_HTML),
        ("text/html charset=utf-8", PAGE, State.LINKED),
        ("charset=utf-8", PAGE, State.LINKED),
        ("html", PAGE, State.LINKED),
        ("*/*", PAGE, State.LINKED),
        ("unknown/unknown", PAGE, State.LINKED),
        ("text/plain; charset=ISO-8859-1", PAGE, State.NOT_HTML),
        ("application/octet-stream", PAGE, State.NOT_HTML),
        (None, "\x00\x01\x02", State.NOT_HTML),
        ("text/plain", PAGE, State.NOT_HTML),
        ("application/pdf", PAGE, State.NOT_HTML),
        ("image/png", PAGE, State.NOT_HTML),
        ("application/json", PAGE, State.NOT_HTML),
        ("nonsense", PAGE, State.LINKED),  # no type, so that the bytes are looked at
        ("nonsense", "text", State.NOT_HTML),
        ("text/html", "", State.INCOMPLETE),
    ],
)
def test_what_is_html(
    *, web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, content_type: str | None, body: str, state: State
) -> None:
    web.page("https://a.example/", body, content_type=content_type)
    assert verify(crawl, tmp_path, "https://a.example/")["https://a.example/"][0] is state


@pytest.mark.parametrize("content_type", [None, "nonsense"])
def test_who_forbids_sniffing_is_obeyed(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, content_type: str | None
) -> None:
    headers = [("X-Content-Type-Options", "NoSniff")]
    web.page("https://a.example/", PAGE, content_type=content_type, headers=headers)
    web.page("https://b.example/", PAGE, content_type="text/html", headers=headers)
    found = verify(crawl, tmp_path, "https://a.example/", "https://b.example/")
    assert [found[f"https://{host}.example/"][0] for host in "ab"] == [State.NOT_HTML, State.LINKED]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_only_the_headers_of_what_is_not_html_are_read(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, scheme: str
) -> None:
    film, song = f"{scheme}://a.example/film", f"{scheme}://a.example/song"
    web.page(film, "x", content_type="video/mp4", pace="endless")
    web.page(song, "x" * 100_000, content_type="audio/ogg")
    found = verify(crawl, tmp_path, film, song, DOWNLOAD_TIMEOUT=5)
    assert found == {film: (State.NOT_HTML, "video/mp4"), song: (State.NOT_HTML, "audio/ogg")}


@pytest.mark.parametrize(
    ("header", "kind", "charset"),
    [
        (b"text/html; charset=UTF-8", "text/html", "UTF-8"),
        (b" Text/HTML ;Charset='windows-1251' ", "text/html", "windows-1251"),
        (b'text/html; x=y; charset="utf-16"', "text/html", "utf-16"),
        (b"text/html;charset", "text/html", ""),
        (b'text/html; x="a;charset=b"; charset=utf-8', "text/html", "utf-8"),
        (b'text/html; charset="utf\\-8', "text/html", "utf-8"),
        # several: the last that parses
        (b"text/html, text/plain", "text/plain", ""),
        (b"text/html; charset=utf-8, text/html", "text/html", "utf-8"),
        (b"text/html; charset=utf-8, text/plain", "text/plain", ""),
        (b"text/html, nonsense, */*", "text/html", ""),
        (b'text/html; x="a,b/c"', "text/html", ""),
        # none that parses
        (b"text/html charset=utf-8", "", ""),
        (b"text/html\tcharset=utf-8", "", ""),
        (b"charset=utf-8", "", ""),
        (b"text", "", ""),
        (b"text/", "", ""),
        (b"/html", "", ""),
        (b"text/html\0", "", ""),
        (b"\xff\xfe", "", ""),
        (b"", "", ""),
        (None, "", ""),
    ],
)
def test_content_types(header: bytes | None, kind: str, charset: str) -> None:
    assert (media_type(header), charset_of(header)) == (kind, charset)


# --- redirects ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "https://b.example/x",
        "//b.example/x",
        "HTTPS://B.example\\x",
        " https://b.example/x ",
        "https://b.example/x#part",
    ],
)
def test_redirects_lead_where_a_browser_goes(
    *, web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, status: int, location: str
) -> None:
    web.redirect("https://a.example/", location, status)
    web.page("https://b.example/x", PAGE)
    file = tmp_path / "candidates.txt"
    file.write_text("https://a.example/")
    found = crawl("verify", candidates=str(file))
    assert found.sources == ["https://b.example/x"]
    assert found.checks["https://a.example/"].final_url == "https://b.example/x"


@pytest.mark.parametrize("location", ["/päge", "/p%C3%A4ge"])
def test_a_location_in_utf_8(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, location: str) -> None:
    header = location.encode().decode("latin-1")
    web.page("https://a.example/", status=302, headers=[("Location", header)])
    web.page("https://a.example/p%C3%A4ge", PAGE)
    assert verify(crawl, tmp_path, "https://a.example/")["https://a.example/"][0] is State.LINKED


def test_redirects_end(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.redirect("https://a.example/round", "/round", 302)
    web.redirect("https://a.example/one", "/two")
    web.redirect("https://a.example/two", "/one")

    def onward(request: Request) -> Answer:
        return Answer(status=302, headers=(("Location", f"{request.target}x"),))

    web.page("https://b.example/*", onward)
    web.robots("b.example", 404)
    found = verify(crawl, tmp_path, "https://a.example/round", "https://a.example/one", "https://b.example/")
    assert set(found.values()) == {(State.UNREACHABLE, "more than 10 redirects")}
    assert len(web.hits) == 2 + 3 * 11


def test_a_user_s_name_in_an_address_is_not_sent(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("https://a.example/", links("https://me:secret@a.example/1", "//me@a.example/2"))
    web.page("https://a.example/1", PAGE)
    web.redirect("https://a.example/2", "https://me@a.example/3")
    web.page("https://a.example/3", PAGE)
    found = crawl("discover", seeds="https://you@a.example/")
    assert found.sources == ["https://a.example/1", "https://a.example/3"]
    assert not [hit for hit in web.hits if "authorization" in hit.headers]


def test_a_redirect_status_without_a_place_is_told(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page("https://a.example/", PAGE, 301)
    web.page("https://b.example/", PAGE, 300)
    web.page("https://c.example/", PAGE, 302, [("Location", " ")])
    web.page("https://d.example/", PAGE, 302, [("Location", "mailto:a@d.example")])
    found = verify(crawl, tmp_path, *(f"https://{name}.example/" for name in "abcd"))
    assert found == {
        "https://a.example/": (State.UNREACHABLE, "301: a redirect without a Location"),
        "https://b.example/": (State.UNREACHABLE, "300: no page"),
        "https://c.example/": (State.UNREACHABLE, "302: a redirect without a Location"),
        "https://d.example/": (State.UNREACHABLE, "302: a redirect to no web address"),
    }


def test_a_second_try_for_what_may_pass(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    asked: list[str] = []

    def at_first(request: Request) -> Answer:
        asked.append(request.target)
        return Answer(status=502) if asked.count(request.target) == 1 else Answer(body=link())

    web.page("https://a.example/once", at_first)
    web.page("https://a.example/busy", PAGE, 429)
    web.page("https://a.example/down", PAGE, 500)
    base = "https://a.example"
    found = verify(crawl, tmp_path, f"{base}/once", f"{base}/busy", f"{base}/down")
    assert found == {
        f"{base}/once": (State.LINKED, ""),
        f"{base}/busy": (State.REFUSED, "429"),
        f"{base}/down": (State.SERVER_ERROR, "500"),
    }
    paths = web.paths("a.example")
    assert [paths.count(path) for path in ("/once", "/busy", "/down")] == [2, 1, 2]


# --- failures -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (scrapy_errors.CannotResolveHostError("x"), "no such host"),
        (scrapy_errors.DownloadTimeoutError("x"), "no whole answer in time"),
        (scrapy_errors.DownloadConnectionRefusedError("x"), "connection refused"),
        (scrapy_errors.DownloadFailedError("[<Failure>]"), "connection lost"),
        (scrapy_errors.ResponseDataLossError("x"), "the answer broke off"),
        (scrapy_errors.UnsupportedURLSchemeError("x"), "not http or https"),
        (scrapy_errors.IgnoreRequest("said so"), "said so"),
        (RuntimeError("a\n b"), "a b"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_an_exception_is_a_reason(error: Exception, reason: str) -> None:
    assert failure_of_exception(error).reason == reason
    is_cut = isinstance(error, scrapy_errors.ResponseDataLossError)
    assert failure_of_exception(error).state is (State.INCOMPLETE if is_cut else State.UNREACHABLE)


def test_our_own_refusals_keep_theirs() -> None:
    failure = failure_of_exception(VisitRefusedError(State.BLOCKED_BY_ROBOTS, "why"))
    assert (failure.state, failure.reason) == (State.BLOCKED_BY_ROBOTS, "why")
