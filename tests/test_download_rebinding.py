"""DNS rebinding: a name that answers with a public address first and with a private one later is never visited there.

The public server listens at 127.0.0.2, which counts as public here, and the private one at 127.0.0.1, on the same port. What
counts is the private server's log: no connection may reach it, whichever client, and whatever it asks for.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain, repeat
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn
from typing import Any

import pytest

from backlinkbot.download import lenient, resolver, special_addresses
from backlinkbot.download.lenient_request import NoResponseError
from backlinkbot.items import State
from tests.chromium import chromium
from tests.conftest import CrawlFunction, links, verify
from tests.fakeweb import FakeWeb

PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"
NAME = "rebind.example"
REFUSED = (State.UNREACHABLE, "private address")
PAGE = links("https://target.example/")
# Headers that each reader parses and the one before does not.
READERS = {"aiohttp": "", "libcurl": "Bad Name: x\r\n", "by hand": "Content-Length: many\r\n"}


class Server(ThreadingMixIn, TCPServer):
    """Answers each path as told, one request for each connection; keeps the targets that were asked for."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, address: str, port: int = 0) -> None:
        super().__init__((address, port), _Handler)
        self.pages: dict[str, tuple[str, str]] = {}
        """Status, further headers and body of each path."""
        self.asked: list[str] = []
        """Of each connection the target, empty if none was sent."""

    def page(self, path: str, body: str = PAGE, *, start: str = "200 OK", headers: str = "") -> None:
        self.pages[path] = (f"HTTP/1.1 {start}\r\nContent-Type: text/html\r\n{headers}Connection: close\r\n\r\n", body)

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _Handler(BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        received = b""
        while b"\r\n\r\n" not in received and (piece := self.request.recv(65536)):
            received += piece
        words = received.split(b" ")
        target = words[1].decode() if len(words) > 1 else ""
        self.server.asked.append(target)
        path = re.sub(r"https?://[^/]*", "", target)
        missing = ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "")
        self.request.sendall("".join(self.server.pages.get(path, missing)).encode())


@pytest.fixture
def servers(web: FakeWeb, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, Server]]:
    """The public and the private server; the proxy that leads into the fake web does not stand before them."""
    assert web.proxy
    for scheme in ("http", "https"):
        for name in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY"):
            monkeypatch.delenv(name, raising=False)
    really = special_addresses.is_private_address
    monkeypatch.setattr(resolver, "is_private_address", lambda text: text != PUBLIC and really(text))
    with ExitStack() as stack:
        # Next to nothing else listens at the address that counts as public, so that the port is free there.
        private = stack.enter_context(Server(PRIVATE))
        public = stack.enter_context(Server(PUBLIC, private.server_address[1]))
        for server in (public, private):
            server.page("/page")
            server.start()
            stack.callback(server.shutdown)
        yield public, private


class Names:
    """The answers to each name, one after the other; the last one is repeated."""

    def __init__(self) -> None:
        self._answers: dict[str, Iterator[list[str]]] = {}
        self.given: list[list[str]] = []

    def answer(self, name: str, *answers: list[str]) -> None:
        self._answers[name] = chain(answers, repeat(answers[-1]))

    def look_up(self, name: str) -> list[str] | None:
        if name not in self._answers:
            return None
        self.given.append(next(self._answers[name]))
        return self.given[-1]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    known = Names()
    really = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> list[Any]:
        found = known.look_up(host.decode() if isinstance(host, bytes) else str(host))
        if found is None:
            return really(host, port, *rest, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def check(crawl: CrawlFunction, tmp_path: Path) -> Callable[..., list[tuple[State, str]]]:
    """State and reason of each page; every connection looks its name up again."""

    def run(*urls: str, **given: Any) -> list[tuple[State, str]]:
        settings = {"ROBOTSTXT_OBEY": False, "RETRY_TIMES": 0, "DNSCACHE_ENABLED": False}
        found = verify(crawl, tmp_path, *urls, **settings | given)
        return [found[url] for url in urls]

    return run


Servers = tuple[Server, Server]
Check = Callable[..., list[tuple[State, str]]]


def port_of(servers: Servers) -> int:
    return int(servers[0].server_address[1])


@pytest.mark.parametrize("private", [PRIVATE, "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_a_second_page_of_the_name_is_not_visited(servers: Servers, names: Names, check: Check, private: str) -> None:
    names.answer(NAME, [PUBLIC], [private])
    servers[0].page("/other")
    url = f"http://{NAME}:{port_of(servers)}"
    assert check(f"{url}/page", f"{url}/other") == [(State.LINKED, ""), REFUSED]
    assert (servers[0].asked, servers[1].asked) == (["/page"], [])
    assert names.given == [[PUBLIC], [private]]


def test_the_name_is_visited_again_once_its_address_is_public(servers: Servers, names: Names, check: Check) -> None:
    names.answer(NAME, [PRIVATE], [PUBLIC])
    servers[0].page("/other")
    url = f"http://{NAME}:{port_of(servers)}"
    assert check(f"{url}/page", f"{url}/other") == [REFUSED, (State.LINKED, "")]
    assert servers[1].asked == []


def test_a_private_address_beside_a_public_one_that_refuses(servers: Servers, names: Names, check: Check) -> None:
    servers[0].shutdown()
    servers[0].server_close()
    names.answer(NAME, [PUBLIC, PRIVATE])
    assert check(f"http://{NAME}:{port_of(servers)}/page") == [(State.UNREACHABLE, "connection refused")]
    assert servers[1].asked == []


async def refuse(*_: object) -> None:
    raise NoResponseError("libcurl did not read the page")


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_connects_to_the_public_address(
    servers: Servers, names: Names, check: Check, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    if reader == "libcurl":  # which looks no name up itself: it would not find this one, and leave the page to the next
        monkeypatch.setattr(lenient, "fetch", refuse)
    names.answer(NAME, [PRIVATE, PUBLIC])
    servers[0].page("/page", headers=READERS[reader])
    assert check(f"http://{NAME}:{port_of(servers)}/page") == [(State.LINKED, "")]
    assert servers[0].asked == ["/page"] * (1 + list(READERS).index(reader))
    assert servers[1].asked == []


@pytest.mark.parametrize("reader", ["libcurl", "by hand"])
def test_the_next_reader_is_not_sent_to_a_private_address(
    servers: Servers, names: Names, check: Check, reader: str
) -> None:
    before = list(READERS).index(reader)
    names.answer(NAME, *([[PUBLIC]] * before), [PRIVATE])
    servers[0].page("/page", headers=READERS[reader])
    assert check(f"http://{NAME}:{port_of(servers)}/page") == [REFUSED]
    assert (servers[0].asked, servers[1].asked) == (["/page"] * before, [])


@pytest.mark.parametrize("start", ["301 Moved", "200 OK"])
def test_a_redirect_to_the_same_name(servers: Servers, names: Names, check: Check, start: str) -> None:
    names.answer(NAME, [PUBLIC], [PRIVATE])
    refresh = "<meta http-equiv=refresh content='0; url=/page'>" if start == "200 OK" else ""
    servers[0].page("/hop", refresh, start=start, headers="" if refresh else "Location: /page\r\n")
    assert check(f"http://{NAME}:{port_of(servers)}/hop") == [REFUSED]
    assert (servers[0].asked, servers[1].asked) == (["/hop"], [])


@pytest.mark.parametrize("answers", [([PUBLIC], [PRIVATE]), ([PRIVATE], [PRIVATE])])
def test_robots_txt(servers: Servers, names: Names, check: Check, answers: tuple[list[str], ...]) -> None:
    names.answer(NAME, *answers)
    (found,) = check(f"http://{NAME}:{port_of(servers)}/page", ROBOTSTXT_OBEY=True)
    assert found[0] is State.UNREACHABLE
    assert (servers[0].asked, servers[1].asked) == (["/robots.txt"] * ([PUBLIC] in answers), [])


def test_robots_txt_that_redirects(servers: Servers, names: Names, check: Check) -> None:
    names.answer(NAME, [PUBLIC], [PRIVATE])
    servers[0].page("/robots.txt", "", start="302 Found", headers="Location: /rules\r\n")
    check(f"http://{NAME}:{port_of(servers)}/page", ROBOTSTXT_OBEY=True)
    assert (servers[0].asked, servers[1].asked) == (["/robots.txt"], [])


def test_links_that_discover_follows(servers: Servers, names: Names, crawl: CrawlFunction) -> None:
    names.answer(NAME, [PUBLIC], [PRIVATE])
    servers[0].page("/start", links("/page", "https://target.example/"))
    given = {"ROBOTSTXT_OBEY": False, "RETRY_TIMES": 0, "DNSCACHE_ENABLED": False}
    found = crawl("discover", seeds=f"http://{NAME}:{port_of(servers)}/start", **given)
    assert len(found.rows) == 1
    assert (servers[0].asked, servers[1].asked) == (["/start"], [])


def test_the_address_of_a_link(servers: Servers, names: Names, crawl: CrawlFunction, tmp_path: Path) -> None:
    names.answer("page.example", [PUBLIC])
    names.answer(NAME, [PRIVATE])
    servers[0].page("/links", links(f"http://{NAME}:{port_of(servers)}/page"))
    (tmp_path / "list.txt").write_text(f"http://page.example:{port_of(servers)}/links")
    given = {"ROBOTSTXT_OBEY": False, "RETRY_TIMES": 0, "BACKLINKBOT_CHECK_TARGETS": True}
    found = crawl("verify", targets=NAME, candidates=str(tmp_path / "list.txt"), **given)
    assert [row.target_state != "ok" for row in found.rows] == [True]
    assert (servers[0].asked, servers[1].asked) == (["/links"], [])


def test_only_the_proxy_itself_may_be_private(
    servers: Servers, names: Names, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = port_of(servers)
    monkeypatch.setenv("http_proxy", f"http://proxy.example:{port}")
    monkeypatch.setenv("no_proxy", f"{NAME},proxy.example")
    names.answer("proxy.example", [PRIVATE])
    names.answer(NAME, [PUBLIC], [PRIVATE])
    servers[1].page("/hop", "", start="302 Found", headers=f"Location: http://{NAME}:{port}/other\r\n")
    hop = f"http://page.example:{port}/hop"
    urls = [f"http://{NAME}:{port}/page", hop, f"http://proxy.example:{port}/page"]
    assert check(*urls, CONCURRENT_REQUESTS=1) == [(State.LINKED, ""), REFUSED, REFUSED]
    assert (servers[0].asked, servers[1].asked) == (["/page"], [hop])  # the proxy was asked for its page alone


@pytest.mark.slow
def test_what_a_rendered_page_asks_for(servers: Servers, names: Names, check: Check) -> None:
    port = port_of(servers)
    names.answer(NAME, [PUBLIC], [PUBLIC], [PRIVATE])
    asks = f"fetch('/secret'); fetch('http://{NAME}:{port}/other'); new Image().src = 'http://{NAME}:{port}/image'"
    body = f"{PAGE}<div id=app></div><script>{asks}</script><iframe src=/frame></iframe>"
    servers[0].page("/page", body)
    check(f"http://{NAME}:{port}/page", browser=chromium(), render="always")
    assert servers[1].asked == []
    assert [PRIVATE] in names.given
