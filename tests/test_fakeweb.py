"""The fake web serves what is planted, logs what is asked, and the demonstration's truth is about pages that exist."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509

from tests.fakeweb import Answer, FakeWeb, Hit, Planted, Request, load_truth, read_log

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "demo"
TIMEOUT = 20


@dataclass(frozen=True)
class Got:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def connect(web: FakeWeb, url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    host, port = web.proxy.removeprefix("http://").split(":")
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, int(port), timeout=TIMEOUT)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(host, int(port), timeout=TIMEOUT, context=context)
    connection.set_tunnel(str(parts.hostname), parts.port or 443)
    return connection


def ask(connection: http.client.HTTPConnection, url: str, method: str = "GET", **headers: str) -> Got:
    """One request on an open connection, which stays open."""
    parts = urlsplit(url)
    target = url if parts.scheme == "http" else parts._replace(scheme="", netloc="").geturl() or "/"
    connection.request(method, target, headers={"Host": parts.netloc, **headers})
    response = connection.getresponse()
    return Got(response.status, response.headers, response.read())


def get(web: FakeWeb, url: str, method: str = "GET", **headers: str) -> Got:
    with closing(connect(web, url)) as connection:
        return ask(connection, url, method, **headers)


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as web:
        yield web


# Pages


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_page_is_the_same_over_http_and_https(web: FakeWeb, scheme: str) -> None:
    web.page("http://ref.example/a?b=c", body="<p>héllo")
    got = get(web, f"{scheme}://ref.example/a?b=c")
    assert (got.status, got.body.decode()) == (200, "<p>héllo")
    assert got.headers["Content-Type"] == "text/html; charset=utf-8"
    assert got.headers["Content-Length"] == "9"


def test_a_page_of_one_scheme_only(web: FakeWeb) -> None:
    web.page("https://ref.example/", body="secure", scheme="https")
    assert get(web, "https://ref.example/").body == b"secure"
    assert get(web, "http://ref.example/").status == 404


def test_a_host_of_one_scheme_only(web: FakeWeb) -> None:
    web.page("http://ref.example/", body="plain")
    web.only("ref.example", "http")
    assert get(web, "http://ref.example/").body == b"plain"
    with pytest.raises(OSError, match="502"):
        get(web, "https://ref.example/")


def test_what_is_not_planted(web: FakeWeb) -> None:
    web.page("http://ref.example/")
    assert get(web, "http://ref.example/no").status == 404
    assert get(web, "http://ref.example/robots.txt").status == 404
    assert get(web, "http://unknown.example/").status == 502
    assert get(web, "http://ref.example:8080/").status == 502
    with pytest.raises(OSError, match="502"):
        get(web, "https://unknown.example/")
    assert [(hit.method, hit.url, hit.status) for hit in web.hits_of("unknown.example")] == [
        ("GET", "http://unknown.example/", 502),
        ("CONNECT", "https://unknown.example", 502),
    ]


def test_headers_are_sent_as_given_and_may_repeat(web: FakeWeb) -> None:
    web.page(
        "http://ref.example/", status=503, headers=[("X-Robots-Tag", "a"), ("X-Robots-Tag", "b")], content_type=None
    )
    got = get(web, "http://ref.example/")
    assert got.status == 503
    assert got.headers.get_all("X-Robots-Tag") == ["a", "b"]
    assert "Content-Type" not in got.headers


def test_text_travels_in_the_declared_encoding_and_bytes_as_they_are(web: FakeWeb) -> None:
    web.page("http://ref.example/text", body="карта", content_type="text/html; charset=windows-1251")
    web.page("http://ref.example/bytes", body=b"\xff\xfe\x00", content_type="text/html; charset=utf-8")
    assert get(web, "http://ref.example/text").body == "карта".encode("windows-1251")
    assert get(web, "http://ref.example/bytes").body == b"\xff\xfe\x00"


@pytest.mark.parametrize(
    ("planted", "asked"),
    [
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://ref.example/ä b", "http://ref.example/%c3%a4%20b"),
        ("http://ref.example/~a", "http://ref.example/%7Ea"),
        ("http://ref.example", "http://REF.example.:80/"),
        ("http://ref.example/a#fragment", "http://ref.example/a"),
        ("http://ref.example:8080/", "http://ref.example:8080/"),
    ],
)
def test_equal_spellings_of_an_address_are_one_page(web: FakeWeb, planted: str, asked: str) -> None:
    web.page(planted, body="here")
    assert get(web, asked).body == b"here"


def test_an_escaped_slash_is_another_page(web: FakeWeb) -> None:
    web.page("http://ref.example/a%2Fb", body="one")
    assert get(web, "http://ref.example/a%2fb").body == b"one"
    assert get(web, "http://ref.example/a/b").status == 404


def test_a_page_may_change_while_the_web_is_served(web: FakeWeb) -> None:
    web.page("http://ref.example/", body="before")
    assert get(web, "http://ref.example/").body == b"before"
    web.page("http://ref.example/", status=410)
    assert get(web, "http://ref.example/").status == 410


def test_redirects_and_robots(web: FakeWeb) -> None:
    web.redirect("http://ref.example/old", "/new", 302)
    web.robots("ref.example", "User-agent: *\nDisallow: /private\n")
    web.robots("broken.example", 503)
    got = get(web, "https://ref.example/old")
    assert (got.status, got.headers["Location"]) == (302, "/new")
    assert get(web, "http://ref.example/robots.txt").body.startswith(b"User-agent: *")
    assert get(web, "https://broken.example/robots.txt").status == 503


def test_a_dynamic_page_sees_the_request(web: FakeWeb) -> None:
    def answer(request: Request) -> Answer:
        return Answer(body=f"{request.method} {request.url} {request.headers['x-a']}", status=418)

    web.page("http://ref.example/any/*", answer)
    web.page("http://ref.example/any/exact", "planted")
    got = get(web, "https://ref.example/any/thing?q=1", "POST", **{"X-A": "b"})
    assert (got.status, got.body) == (418, b"POST https://ref.example/any/thing?q=1 b")
    assert get(web, "http://ref.example/any/exact").body == b"planted"


def test_what_a_dynamic_page_raises_is_raised_at_the_end() -> None:
    def answer(_: Request) -> str:
        raise ZeroDivisionError

    web = FakeWeb().start()
    web.page("http://ref.example/", answer)
    assert get(web, "http://ref.example/").status == 500
    with pytest.raises(ZeroDivisionError):
        web.__exit__(None)


def test_a_calendar_goes_on_for_ever(web: FakeWeb) -> None:
    web.counter("http://ref.example/week/*", "{{previous}} {{n}} {{next}}")
    assert get(web, "http://ref.example/week/2026-41.html").body == b"40 41 42"
    assert get(web, "http://ref.example/week/").body == b"0 1 2"


# Connections


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_serves_many_requests(web: FakeWeb, scheme: str) -> None:
    web.page("http://ref.example/", body="x" * 100_000)
    with closing(connect(web, f"{scheme}://ref.example/")) as connection:
        head = ask(connection, f"{scheme}://ref.example/", "HEAD")
        assert (head.headers["Content-Length"], head.body) == ("100000", b"")
        sock = connection.sock
        assert len(ask(connection, f"{scheme}://ref.example/").body) == 100_000
        assert ask(connection, f"{scheme}://ref.example/", **{"Content-Length": "0"}).status == 200
        assert connection.sock is sock
        ask(connection, f"{scheme}://ref.example/", Connection="close")
        assert connection.sock is sock
        assert sock.recv(1) == b""


def test_one_connection_reaches_many_hosts(web: FakeWeb) -> None:
    for n in range(3):
        web.page(f"http://h{n}.example/", body=str(n))
    with closing(connect(web, "http://h0.example/")) as connection:
        assert [ask(connection, f"http://h{n}.example/").body for n in range(3)] == [b"0", b"1", b"2"]


def test_a_body_that_a_client_sends_is_skipped(web: FakeWeb) -> None:
    web.page("http://ref.example/", body="fine")
    with closing(connect(web, "http://ref.example/")) as connection:
        connection.request("POST", "http://ref.example/", body=b"GET http://ref.example/smuggled HTTP/1.1\r\n\r\n" * 99)
        assert connection.getresponse().read() == b"fine"
        assert ask(connection, "http://ref.example/").body == b"fine"
    assert web.paths("ref.example") == ["/", "/"]


def test_requests_in_one_packet_are_answered_in_order(web: FakeWeb) -> None:
    web.page("http://ref.example/slow", body="slow", delay=0.05)
    web.page("http://ref.example/fast", body="fast")
    with closing(connect(web, "http://ref.example/")) as connection:
        connection.connect()
        lines = (f"GET http://ref.example/{path} HTTP/1.1\r\n\r\n" for path in ("slow", "fast"))
        connection.sock.sendall("".join(lines).encode())
        seen = b""
        while not seen.endswith(b"fast"):
            seen += connection.sock.recv(4096)
    assert seen.index(b"slow") < seen.index(b"fast")


def test_what_is_no_request_is_refused(web: FakeWeb) -> None:
    with closing(connect(web, "http://ref.example/")) as connection:
        connection.connect()
        connection.sock.sendall(b"hello\r\n\r\n")
        assert connection.sock.recv(4096).startswith(b"HTTP/1.1 400 ")


def test_the_certificate_names_the_host(web: FakeWeb) -> None:
    for host in ("ref.example", "other.example"):
        web.page(f"https://{host}/")
        with closing(connect(web, f"https://{host}/")) as connection:
            connection.connect()
            assert isinstance(connection.sock, ssl.SSLSocket)
            certificate = x509.load_der_x509_certificate(connection.sock.getpeercert(binary_form=True) or b"")
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            assert names.get_values_for_type(x509.DNSName) == [host]


# Bad manners


def test_a_refused_host_closes_the_connection(web: FakeWeb) -> None:
    web.refuse("ref.example")
    with pytest.raises(http.client.RemoteDisconnected):
        get(web, "http://ref.example/")
    with pytest.raises(OSError, match=r"EOF|reset|closed"):
        get(web, "https://ref.example/")
    assert [hit.status for hit in web.hits_of("ref.example")] == [0, 0]


def test_a_refused_page_closes_the_connection(web: FakeWeb) -> None:
    web.page("http://ref.example/", body="fine")
    web.refuse("https://ref.example/robots.txt")
    assert get(web, "https://ref.example/").body == b"fine"
    with pytest.raises((ConnectionError, ssl.SSLError)):
        get(web, "https://ref.example/robots.txt")


def test_a_stalled_page_comes_byte_by_byte(web: FakeWeb) -> None:
    web.stall("http://ref.example/", body="abc", every=0.05)
    started = time.monotonic()
    assert get(web, "http://ref.example/").body == b"abc"
    assert time.monotonic() - started > 0.1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_endless_page_goes_on(web: FakeWeb, scheme: str) -> None:
    web.endless("http://ref.example/", body="<p>first")
    with closing(connect(web, f"{scheme}://ref.example/")) as connection:
        target = "http://ref.example/" if scheme == "http" else "/"
        connection.request("GET", target)
        with connection.getresponse() as response:
            body = response.read(3_000_000)
    assert len(body) == 3_000_000
    assert body.startswith(b"<p>first<p>And so")


def test_a_cut_page_ends_early(web: FakeWeb) -> None:
    web.cut("http://ref.example/", body="0123456789")
    with pytest.raises(http.client.IncompleteRead):
        get(web, "http://ref.example/")


def test_packed_pages(web: FakeWeb) -> None:
    web.page("http://ref.example/packed", body="<p>hello", gzip=True)
    web.bomb("http://ref.example/bomb", megabytes=3)
    packed, bomb = get(web, "http://ref.example/packed"), get(web, "http://ref.example/bomb")
    assert packed.headers["Content-Encoding"] == bomb.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == b"<p>hello"
    assert len(bomb.body) < 10_000
    assert len(gzip.decompress(bomb.body)) == 3 << 20


# The log


def test_the_log_tells_who_asked_for_what_and_when(web: FakeWeb) -> None:
    web.page("http://a.example/", delay=0.05)
    web.page("http://b.example/")
    before = time.monotonic()
    get(web, "http://a.example/", **{"User-Agent": "bot"})
    get(web, "https://b.example/x?y")
    first, second = web.hits
    assert (first.scheme, first.host, first.method, first.target, first.status) == (
        "http",
        "a.example",
        "GET",
        "/",
        200,
    )
    assert first.headers["user-agent"] == "bot"
    assert (second.url, second.status) == ("https://b.example/x?y", 404)
    assert before <= first.at <= second.at - 0.05
    assert web.paths("B.EXAMPLE.") == ["/x?y"]
    web.forget()
    assert web.hits == []


def test_a_web_may_be_served_again() -> None:
    web = FakeWeb()
    web.page("http://ref.example/", body="again")
    for _ in range(2):
        with web:
            assert get(web, "http://ref.example/").body == b"again"
    assert len(web.hits) == 2


def test_stopping_does_not_wait_for_clients() -> None:
    with FakeWeb() as web:
        web.stall("http://ref.example/", every=600)
        web.endless("https://ref.example/endless")
        slow, endless = connect(web, "http://ref.example/"), connect(web, "https://ref.example/")
        slow.request("GET", "http://ref.example/")
        endless.request("GET", "/endless")
        while len(web.hits) < 2:
            time.sleep(0.01)
        started = time.monotonic()
        web.stop()
        assert time.monotonic() - started < 300  # it writes after 600 seconds
        slow.close()
        endless.close()


def test_a_port_in_use_is_the_callers_error(web: FakeWeb) -> None:
    with pytest.raises(OSError, match="in use"):
        FakeWeb(port=int(web.proxy.rpartition(":")[2])).start()


# Folders and the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "ref.example/index.html": "<p>home",
        "ref.example/robots.txt": "User-agent: *\n",
        "ref.example/sub/index.html": "<p>sub",
        "ref.example/gone.html": "<p>was here",
        "ref.example/paper.pdf": "%PDF",
        "bücher.example/a.html": "<p>a",
        "_sources/week.html": "week {{n}}",
        "_sources/map.xml": "<urlset/>",
        "web.toml": """
            [[page]]
            url = "http://ref.example/gone.html"
            status = 410
            headers = [["X-Robots-Tag", "noindex"], ["X-Robots-Tag", "nofollow"]]
            content_type = "text/html"
            [[page]]
            url = "https://ref.example/map.xml.gz"
            file = "_sources/map.xml"
            gzip_file = true
            [[page]]
            url = "https://ref.example/search?q=1"
            file = "_sources/map.xml"
            scheme = "https"
            [[redirect]]
            from = "http://other.example/"
            to = "http://ref.example/"
            status = 308
            [[counter]]
            url = "http://ref.example/week/*"
            file = "_sources/week.html"
            [[host]]
            name = "refused.example"
            refuse = true
        """,
    }
    for name, text in files.items():
        path = tmp_path / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "web"


def test_a_folder_is_a_web(folder: Path) -> None:
    with FakeWeb.from_folder(folder) as web:
        assert web.hosts == {"ref.example", "other.example", "refused.example", "xn--bcher-kva.example"}
        assert get(web, "https://ref.example/").body == b"<p>home"
        assert get(web, "https://ref.example/sub/").body == b"<p>sub"
        assert get(web, "https://xn--bcher-kva.example/a.html").body == b"<p>a"
        assert get(web, "http://ref.example/robots.txt").headers["Content-Type"] == "text/plain; charset=utf-8"
        assert get(web, "http://ref.example/paper.pdf").headers["Content-Type"] == "application/pdf"
        gone = get(web, "http://ref.example/gone.html")
        assert (gone.status, gone.body, gone.headers["Content-Type"]) == (410, b"<p>was here", "text/html")
        assert gone.headers.get_all("X-Robots-Tag") == ["noindex", "nofollow"]
        packed = get(web, "https://ref.example/map.xml.gz")
        assert (packed.headers["Content-Encoding"], gzip.decompress(packed.body)) == (None, b"<urlset/>")
        assert get(web, "https://ref.example/search?q=1").body == b"<urlset/>"
        assert get(web, "http://ref.example/search?q=1").status == 404
        moved = get(web, "http://other.example/")
        assert (moved.status, moved.headers["Location"]) == (308, "http://ref.example/")
        assert get(web, "http://ref.example/week/7").body == b"week 7"
        with pytest.raises(http.client.RemoteDisconnected):
            get(web, "http://refused.example/")


@pytest.mark.parametrize(
    "mistake", ["[[page]]\nurl='http://a.example/'\nstatsu=404", "[[pages]]\nurl='http://a.example/'"]
)
def test_a_misspelt_exception_is_a_mistake(tmp_path: Path, mistake: str) -> None:
    (tmp_path / "web.toml").write_text(mistake, "utf-8")
    with pytest.raises(ValueError, match=r"web\.toml: .*(statsu|url)"):
        FakeWeb.from_folder(tmp_path)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "tests.fakeweb", *map(str, arguments)]


CLIENT = """
import os, sys, urllib.request
assert not {"no_proxy", "NO_PROXY"} & os.environ.keys()
assert os.environ["https_proxy"] == os.environ["HTTPS_PROXY"] == os.environ["http_proxy"]
with urllib.request.urlopen("http://ref.example/sub/") as response:
    print(response.read().decode())
sys.exit(7)
"""


def test_a_command_runs_inside_the_web(folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    environ = {**os.environ, "no_proxy": "*", "NO_PROXY": "*"}
    arguments = command(folder, "--log", log, "--", sys.executable, "-c", CLIENT)
    done = subprocess.run(arguments, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "<p>sub\n", "")
    (hit,) = read_log(log)
    assert isinstance(hit, Hit)
    assert (hit.url, hit.status) == ("http://ref.example/sub/", 200)


def test_a_command_that_is_not_there(folder: Path) -> None:
    arguments = command(folder, "--", "no-such-command-at-all")
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 127
    assert "no-such-command-at-all" in done.stderr


WAITER = """
import signal, sys, time
def leave(number, frame):
    print("got", number, flush=True)
    sys.exit(5)
signal.signal(signal.SIGINT, leave)
signal.signal(signal.SIGTERM, leave)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_passed_on_to_the_command(folder: Path, number: int) -> None:
    arguments = command(folder, "--", sys.executable, "-c", WAITER)
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.read() == f"got {int(number)}\n"
        assert process.wait(180) == 5


def test_a_command_killed_by_a_signal(folder: Path) -> None:
    arguments = command(folder, "--", sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert subprocess.run(arguments, cwd=ROOT, timeout=300, check=False).returncode == 128 + signal.SIGKILL


def test_without_a_command_it_serves_until_interrupted(folder: Path) -> None:
    with subprocess.Popen(command(folder), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        proxy = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", proxy)
        with socket.create_connection(("127.0.0.1", int(proxy.rpartition(":")[2])), timeout=TIMEOUT) as sock:
            sock.sendall(b"GET http://ref.example/ HTTP/1.0\r\n\r\n")
            assert sock.makefile("rb").read().endswith(b"<p>home")
        process.send_signal(signal.SIGINT)
        assert process.wait(180) == 0


# The demonstration


@pytest.fixture(scope="module")
def demo() -> Iterator[FakeWeb]:
    with FakeWeb.from_folder(DEMO) as web:
        yield web


TRUTH = load_truth(DEMO)


def test_the_readme_mentions_every_host(demo: FakeWeb) -> None:
    readme = (DEMO / "README.md").read_text("utf-8")
    assert [host for host in sorted(demo.hosts) if host not in readme] == []
    assert f"{len(TRUTH)} rows" in readme


VOTING = {"text", "image", "area"}
WITHOUT_VOTE = {"frame", "form", "canonical", "alternate", "redirect", "meta_refresh", "http_link", "feed", "mention"}


def test_the_truth_is_well_formed() -> None:
    targets = [line.split()[0] for line in lines("targets.txt")]
    for line in (DEMO / "truth.jsonl").read_text("utf-8").splitlines():
        assert list(json.loads(line)) == [field.name for field in fields(Planted)]
    assert len(set(TRUTH)) == len(TRUTH)
    for row in TRUTH:
        assert row.target in targets
        assert row.follow == (
            None if row.link_type not in VOTING or {"commented", "template"} & {*row.flags} else not row.nofollow_by
        )
        assert row.indexable == (not row.noindex_by)
        assert bool(row.anchor) == bool(row.anchor_source)
        assert row.anchor_source in {"", "text", "alt", "aria-label", "title"}
        assert row.link_type in VOTING | WITHOUT_VOTE
        assert row.occurrences >= 1
        assert row.target_url.startswith(("http://", "https://"))
    assert {row.target for row in TRUTH} == set(targets)


@pytest.mark.parametrize("url", sorted({row.source_url for row in TRUTH}))
def test_every_source_of_the_truth_exists(demo: FakeWeb, url: str) -> None:
    got = get(demo, url)
    assert got.status in {200, 302}
    assert got.headers["Content-Type"].startswith(("text/html", "application/xml"))


def lines(name: str) -> list[str]:
    return [line for line in (DEMO / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


def test_every_seed_and_candidate_exists_but_one(demo: FakeWeb) -> None:
    urls = lines("seeds.txt") + lines("candidates.txt")
    assert len(set(urls)) == len(urls)
    assert [url for url in urls if not demo.has(url)] == ["https://nowhere.example/"]


def test_a_row_of_an_export_compares_with_the_truth() -> None:
    line = (DEMO / "truth.jsonl").read_text("utf-8").splitlines()[0]
    row = json.loads(line) | {"source_title": "not planted", "depth": 3}
    assert Planted.from_row(row) in TRUTH
