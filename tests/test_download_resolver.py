"""Names as they resolve: several addresses, IPv6 alone, and each way in which there is no address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from backlinkbot.download import resolver
from backlinkbot.items import State
from tests.conftest import CrawlFunction, links, verify

PAGE = links("https://target.example/").encode()
Look = Callable[[], list[str]]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        """Nothing: the check says whether the page was read."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True


class _ServerIPv6(_Server):
    address_family = socket.AF_INET6


@contextmanager
def serving(address: str) -> Iterator[int]:
    """The port of a server that listens at one loopback address alone."""
    with (_ServerIPv6 if ":" in address else _Server)((address, 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Look]:
    """What the system says of names; of all others, what it really says."""
    known: dict[str, Look] = {}
    really = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in known:
            return really(host, port, *rest, **more)
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, 0, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))
            for address in known[name]()
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


@pytest.fixture
def check(crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[State, str]]:
    """State and reason of one page, visited without a proxy."""
    for scheme in ("http", "https"):
        monkeypatch.delenv(f"{scheme}_proxy")
        monkeypatch.delenv(f"{scheme.upper()}_PROXY")

    def run(url: str, **given: Any) -> tuple[State, str]:
        settings = {"BACKLINKBOT_ALLOW_PRIVATE": True, "ROBOTSTXT_OBEY": False, "RETRY_TIMES": 0}
        return verify(crawl, tmp_path, url, **settings, **given)[url]

    return run


def test_a_name_whose_first_address_refuses_is_reached_by_the_next(
    check: Callable[..., tuple[State, str]], names: dict[str, Look]
) -> None:
    names["two.example"] = lambda: ["127.0.0.3", "127.0.0.2"]
    names["dead.example"] = lambda: ["127.0.0.3"]
    with serving("127.0.0.2") as port:
        assert check(f"http://two.example:{port}/") == (State.LINKED, "")
        assert check(f"http://dead.example:{port}/") == (State.UNREACHABLE, "connection refused")


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6 on loopback")
def test_a_name_with_an_ipv6_address_alone_is_reached(
    check: Callable[..., tuple[State, str]], names: dict[str, Look]
) -> None:
    names["six.example"] = lambda: ["::1"]
    with serving("::1") as port:
        assert check(f"http://six.example:{port}/") == (State.LINKED, "")


def failing(code: int, seconds: float = 0.0) -> Look:
    def look() -> list[str]:
        sleep(seconds)
        raise socket.gaierror(code, "what the C library says")

    return look


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        pytest.param(failing(socket.EAI_NONAME), "no such host", id="NXDOMAIN"),
        pytest.param(failing(socket.EAI_AGAIN), "the DNS server failed", id="SERVFAIL"),
        pytest.param(failing(socket.EAI_FAIL), "the DNS server failed", id="a failure for good"),
    ],
)
def test_each_failure_of_a_name_has_its_own_reason(
    check: Callable[..., tuple[State, str]],
    names: dict[str, Look],
    monkeypatch: pytest.MonkeyPatch,
    look: Look,
    reason: str,
) -> None:
    monkeypatch.setattr(resolver, "SLOW", 60.0)  # a busy machine is no silent server
    names["nowhere.example"] = look
    assert check("http://nowhere.example/", DNS_TIMEOUT=120) == (State.UNREACHABLE, reason)


def test_a_server_that_says_nothing_is_told_from_one_that_fails(
    check: Callable[..., tuple[State, str]], names: dict[str, Look], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "SLOW", 0.2)
    names["silent.example"] = failing(socket.EAI_AGAIN, seconds=0.5)
    silent = (State.UNREACHABLE, "the DNS server did not answer in time")
    assert check("http://silent.example/", DNS_TIMEOUT=120) == silent
    answered = threading.Event()
    names["slow.example"] = lambda: ["127.0.0.1"] if answered.wait(60) else []
    try:
        assert check("http://slow.example/", DNS_TIMEOUT=1) == silent
    finally:
        answered.set()
