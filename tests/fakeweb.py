"""A loopback web of many hosts behind one HTTP(S) forward proxy, with a log of every request.

In a test:

    with FakeWeb() as web:
        web.page("https://ref.example/", body='<a href="https://target.example/">t</a>')
        web.robots("ref.example", "User-agent: *\\nDisallow: /private")
        ...                                     # crawl with http_proxy and https_proxy set to web.proxy
    assert web.paths("ref.example") == ["/robots.txt", "/"]

From a folder, around a command:

    python -m tests.fakeweb FOLDER... [--port N] [--log FILE] -- COMMAND ARGS...

FOLDER/<host>/<path> is a page (`index.html` stands for the folder it lies in), FOLDER/web.toml lists what a file
cannot say (status, headers, redirects, slow or endless answers), FOLDER/truth.jsonl the backlinks that are planted.
Folders that begin with `_` are no hosts: web.toml refers to files in them. Of several folders the last that has a page
is right.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import functools
import gzip
import http
import ipaddress
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal, Self, cast
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Scheme = Literal["http", "https"]
Pace = Literal["whole", "dribble", "endless", "cut", "refuse"]
"""How the body travels: at once, a byte at a time, for ever, broken off half-way, or not at all (connection closed)."""

LOOK_AGAIN = 0.02
"""Seconds between two looks at whether a page is still held."""

SCHEMES: tuple[Scheme, ...] = ("http", "https")
DEFAULT_PORTS = {"http": "80", "https": "443"}
HTML = "text/html; charset=utf-8"
CONTENT_TYPES = {
    ".html": HTML,
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".gz": "application/gzip",
    ".pdf": "application/pdf",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
"""A table of our own: what the `mimetypes` module says depends on the machine."""

MAX_HEAD = 1 << 16
DRIBBLE_SECONDS = 0.5
FILLER = b"<p>And so it goes on, and on, and on.</p>\n" * 1500
BODILESS = frozenset({204, 304})

_PLAIN_TARGET = re.compile(r"[A-Za-z0-9!$&'()*+,/:;=?@\[\]~._-]*")
_ABSOLUTE = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a dynamic page is told about the request it answers."""

    scheme: str
    host: str
    method: str
    target: str
    """Path and query, as the client sent them."""
    headers: dict[str, str]
    """Names in lower case; of a repeated header, the values joined with a comma."""

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Request):
    """One line of the server's log."""

    at: float
    """Arrival, on the monotonic clock."""
    status: int
    """0 where the connection was closed without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a page answers; a dynamic page returns one of these, or just its body."""

    body: str | bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = HTML
    """None leaves the header out."""
    delay: float = 0.0
    gzip: bool = False
    """Send the body with `Content-Encoding: gzip`."""
    pace: Pace = "whole"
    every: float = DRIBBLE_SECONDS
    """Seconds between the bytes of a dribbled body."""


Dynamic = Callable[[Request], "Answer | str | bytes"]
Body = str | bytes | Dynamic


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One row that a right crawl of the web must print; the defaults are those of the plainest link."""

    target: str
    source_url: str
    target_url: str
    raw_href: str
    via: tuple[str, ...] = ()
    anchor: str = ""
    anchor_source: str = "text"
    link_type: str = "text"
    rel: tuple[str, ...] = ()
    follow: bool | None = True
    nofollow_by: tuple[str, ...] = ()
    indexable: bool = True
    noindex_by: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    occurrences: int = 1

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """The planted part of an exported row, so that rows and truth compare as sets."""
        values: dict[str, Any] = {
            name: tuple(row[name]) if isinstance(row[name], list) else row[name]
            for name in cls.__dataclass_fields__
            if name in row
        }
        return cls(**values)


def load_truth(folder: Path, name: str = "truth.jsonl") -> list[Planted]:
    lines = (folder / name).read_text("utf-8").splitlines()
    return [Planted.from_row(json.loads(line)) for line in lines if line.strip()]


class FakeWeb:
    """Pages by URL, served by a thread of its own from `start` (or `with`) to `stop`; pages may change meanwhile."""

    def __init__(self, *, port: int = 0, log: Path | None = None) -> None:
        self.errors: list[BaseException] = []
        """What dynamic pages raised; `with` raises the first of them at its end."""
        self._port = port
        self._log_path = log
        self._log: IO[str] | None = None
        self._sites: dict[str, _Site] = {}
        self._hits: list[Hit] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self.held: set[str] = set()
        """Host and path of pages that are not answered for as long as they stand here."""

    @classmethod
    def from_folder(cls, *folders: str | os.PathLike[str], port: int = 0, log: Path | None = None) -> Self:
        """A later folder's pages take the place of an earlier one's: the same web, some time later."""
        web = cls(port=port, log=log)
        for folder in folders:
            _read_folder(web, Path(folder))
        return web

    # Running

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def environ(self) -> dict[str, str]:
        """This process's environment, with the proxy variables that lead a command into this web.

        What its services answer is not kept on the disk, where it would pass for what the real ones say.
        """
        kept = {k: v for k, v in os.environ.items() if k.lower() not in {"http_proxy", "https_proxy", "no_proxy"}}
        kept.setdefault("BACKLINKBOT_CACHE_DIR", "")
        return kept | dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), self.proxy)

    def start(self) -> Self:
        # The socket is made here so that a port in use is the caller's exception, not the thread's.
        sock = socket.create_server(("127.0.0.1", self._port))
        self._port = sock.getsockname()[1]
        if self._log_path is not None:
            self._log = self._log_path.open("a", encoding="utf-8", buffering=1)
        self._server = _Server(self, sock)
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop()
        if self.errors and kind is None:
            raise self.errors[0]

    # Planting

    def page(
        self,
        url: str,
        body: Body = b"",
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (),
        *,
        content_type: str | None = HTML,
        delay: float = 0.0,
        scheme: Scheme | None = None,
        gzip: bool = False,
        pace: Pace = "whole",
        every: float = DRIBBLE_SECONDS,
    ) -> None:
        """Serve `body` at `url`, over http and https alike unless `scheme` names one of them.

        A URL that ends with `*` stands for all that begin so; a page planted exactly comes first. The host `*.a.example` stands
        for all hosts one label below, but for those that are planted themselves.
        A callable body makes the whole answer, and the other arguments are not looked at.
        """
        served: _Rendered | Dynamic
        if callable(body):
            served = body
        else:
            answer = Answer(
                body=body,
                status=status,
                headers=tuple(headers),
                content_type=content_type,
                delay=delay,
                gzip=gzip,
                pace=pace,
                every=every,
            )
            served = _render(answer)
        _, host, target = _split(url)
        site = self._site(host)
        for each in SCHEMES if scheme is None else (scheme,):
            if target.endswith("*"):
                site.prefixes.insert(0, (each, target[:-1], served))
            else:
                site.pages[each, target] = served

    def host(self, host: str) -> None:
        """Make a host known that has no page: it answers 404 where an unknown one answers 502."""
        self._site(host)

    def redirect(self, src: str, dst: str, status: int = 301, *, scheme: Scheme | None = None) -> None:
        """`dst` is sent as written: relative, malformed or forbidden, as the test needs it."""
        body = f"<!doctype html><title>Moved</title><p>Moved to {dst}.\n"
        self.page(src, body, status, [("Location", dst)], scheme=scheme)

    def robots(self, host: str, answer: str | int) -> None:
        """The host's robots.txt: its text, or the status it fails with."""
        body, status = ("", answer) if isinstance(answer, int) else (answer, 200)
        self.page(f"http://{host}/robots.txt", body, status, content_type="text/plain; charset=utf-8")

    def refuse(self, host_or_url: str) -> None:
        """Close the connection without an answer: for one URL, or for all of a host."""
        if "://" in host_or_url:
            self.page(host_or_url, pace="refuse")
        else:
            self._site(host_or_url).refused = True

    def only(self, host: str, scheme: Scheme) -> None:
        """Let the host speak one scheme; the other answers 502, as a closed port would."""
        self._site(host).schemes = (scheme,)

    def stall(self, url: str, body: str | bytes = FILLER, every: float = DRIBBLE_SECONDS) -> None:
        self.page(url, body, pace="dribble", every=every)

    def endless(self, url: str, body: str | bytes = "<!doctype html><title>Endless</title>\n") -> None:
        """`body`, and then paragraphs for as long as the client reads."""
        self.page(url, body, pace="endless")

    def cut(self, url: str, body: str | bytes = FILLER) -> None:
        """Half of the promised body, and then the end of the connection."""
        self.page(url, body, pace="cut")

    def bomb(self, url: str, megabytes: int) -> None:
        """A small gzip answer that unpacks to so many megabytes."""
        self.page(url, _bomb(megabytes), headers=[("Content-Encoding", "gzip")])

    def counter(self, url: str, template: str, *, content_type: str | None = HTML) -> None:
        """Pages without end under `url` (`…/*`): `{{n}}`, `{{previous}}`, `{{next}}` follow the number that ends the URL."""

        def turn(request: Request) -> Answer:
            digits = re.search(r"(\d{1,9})\D*$", request.target)
            n = int(digits[1]) if digits else 1
            body = template
            for name, value in {"n": n, "previous": n - 1, "next": n + 1}.items():
                body = body.replace("{{" + name + "}}", str(value))
            return Answer(body=body, content_type=content_type)

        self.page(url, turn)

    # Asking

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset(self._sites)

    def has(self, url: str) -> bool:
        """Is anything planted at this very URL (or at a prefix of it)?"""
        scheme, host, target = _split(url)
        return host in self._sites and self._sites[host].find(scheme, target) is not None

    @property
    def hits(self) -> list[Hit]:
        """Every request so far, in order of arrival."""
        with self._lock:
            return list(self._hits)

    def hits_of(self, host: str) -> list[Hit]:
        name = _authority("http", host)
        return [hit for hit in self.hits if hit.host == name]

    def paths(self, host: str) -> list[str]:
        """Path and query of every request to the host, in order of arrival."""
        return [hit.target for hit in self.hits_of(host)]

    @property
    def connections_opened(self) -> int:
        """So far; a client that keeps one alive opens fewer than it sends requests."""
        return self._server.opened if self._server is not None else 0

    def forget(self) -> None:
        """Empty the log, between two crawls of the same web."""
        with self._lock:
            self._hits.clear()

    # The server's side

    def _site(self, host: str) -> _Site:
        return self._sites.setdefault(_authority("http", host), _Site())

    def _reach(self, scheme: str, host: str) -> _Site | _Rendered:
        """The host, or the answer of a proxy that cannot reach it."""
        site = self._sites.get(host) or self._sites.get(f"*.{host.partition('.')[2]}")
        if site is None or scheme not in site.schemes:
            return _NO_SUCH_HOST
        return _REFUSED if site.refused else site

    def _answer(self, request: Request) -> _Rendered:
        site = self._reach(request.scheme, request.host)
        if isinstance(site, _Rendered):
            return site
        page = site.find(request.scheme, _canonical(request.target))
        if page is None:
            return _NOT_FOUND
        if isinstance(page, _Rendered):
            return page
        try:
            made = page(request)
            return _render(made if isinstance(made, Answer) else Answer(body=made))
        except Exception as error:  # noqa: BLE001 - a page's bug is told to the test, and must not end the server
            self.errors.append(error)
            return _BROKEN

    def _record(self, hit: Hit) -> None:
        with self._lock:
            self._hits.append(hit)
            if self._log is not None:
                self._log.write(json.dumps(asdict(hit), ensure_ascii=False) + "\n")


def read_log(path: Path) -> list[Hit]:
    """The hits of a `--log` file."""
    return [Hit(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


# URLs


def _authority(scheme: str, raw: str) -> str:
    """The name under which a host is kept: lower case, punycode, no default port, no userinfo, no trailing dot."""
    name = raw.rpartition("@")[2].lower()
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    name = name.removesuffix(":" + DEFAULT_PORTS[scheme])
    if "." in name[-1:] or ".:" in name:
        name = name.replace(".:", ":").removesuffix(".")
    return name


def _canonical(target: str) -> str:
    """One spelling for equivalent paths (RFC 3986, 6.2.2), so that a client's way of quoting does not matter."""
    if _PLAIN_TARGET.fullmatch(target):
        return target
    quoted = quote(target, safe="!$%&'()*+,/:;=?@[]~")
    return _ESCAPE.sub(_unescape_unreserved, quoted)


def _unescape_unreserved(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if _UNRESERVED.fullmatch(character) else match[0].upper()


def _split(url: str) -> tuple[str, str, str]:
    match = _ABSOLUTE.match(url)
    if match is None:
        raise ValueError(f"{url!r} is no absolute http or https URL")
    scheme, target = match[1].lower(), match[3]
    target = target if target.startswith("/") else "/" + target
    return scheme, _authority(scheme, match[2]), _canonical(target)


# Answers


@dataclass(frozen=True, slots=True)
class _Rendered:
    """An answer as bytes: made once when it is planted, so that a request costs a look-up and a write."""

    status: int
    head: bytes
    body: bytes
    pace: Pace
    delay: float
    every: float


@dataclass(slots=True)
class _Site:
    pages: dict[tuple[str, str], _Rendered | Dynamic] = field(default_factory=dict)
    prefixes: list[tuple[str, str, _Rendered | Dynamic]] = field(default_factory=list)
    schemes: tuple[str, ...] = SCHEMES
    refused: bool = False

    def find(self, scheme: str, target: str) -> _Rendered | Dynamic | None:
        page = self.pages.get((scheme, target))
        if page is None and self.prefixes:
            matching = (page for each, prefix, page in self.prefixes if each == scheme and target.startswith(prefix))
            return next(matching, None)
        return page


def _render(answer: Answer) -> _Rendered:
    body = answer.body
    if isinstance(body, str):
        declared = re.search(r"charset=[\"']?([\w.:-]+)", answer.content_type or "", re.IGNORECASE)
        body = body.encode(declared[1] if declared else "utf-8")
    fields = list(answer.headers)
    if answer.gzip:
        body = gzip.compress(body, mtime=0)
        fields.append(("Content-Encoding", "gzip"))
    given = {name.lower() for name, _ in fields}
    if answer.content_type is not None and "content-type" not in given:
        fields.append(("Content-Type", answer.content_type))
    if answer.status in BODILESS:
        body = b""
    elif answer.pace == "endless":
        fields.append(("Transfer-Encoding", "chunked"))
    elif "content-length" not in given:
        fields.append(("Content-Length", str(len(body))))
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    head = f"HTTP/1.1 {answer.status} {_phrase(answer.status)}\r\n{lines}\r\n".encode("latin-1")
    status = 0 if answer.pace == "refuse" else answer.status
    return _Rendered(status, head, body, answer.pace, answer.delay, answer.every)


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(megabytes)), packer.flush()])


def _note(status: int, text: str) -> _Rendered:
    return _render(Answer(body=f"<!doctype html><title>{status}</title><p>{text}\n", status=status))


_NOT_FOUND = _note(404, "No such page.")
_BAD_REQUEST = _note(400, "That is no HTTP request.")
_NO_SUCH_HOST = _note(502, "No such host in this web.")
_BROKEN = _note(500, "The page that was planted here failed.")
_REFUSED = _render(Answer(pace="refuse"))
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


# Connections


class _Connection(asyncio.Protocol):
    """One connection: proxy requests, or, inside a CONNECT tunnel, the requests to one host.

    A hand-written protocol, since benchmarks run against it: no task and no stream object per request.
    """

    def __init__(self, server: _Server, tunnel: str = "") -> None:
        self.server = server
        self.web = server.web
        self.tunnel = tunnel
        self.transport: asyncio.Transport | None = None
        self.buffer = bytearray()
        self.skip = 0
        self.busy = False
        self.last = False
        self.timer: asyncio.TimerHandle | None = None
        self.can_write = True
        self.pump: Callable[[], None] | None = None

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.server.connections.add(self)
        self.server.opened += 1
        self._proceed()

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)
        self.transport = None
        self.pump = None
        if self.timer is not None:
            self.timer.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self._proceed()

    def pause_writing(self) -> None:
        self.can_write = False

    def resume_writing(self) -> None:
        self.can_write = True
        if self.pump is not None:
            self.pump()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    # Requests in

    def _proceed(self) -> None:
        # The first bytes in a tunnel may come before start_tls has handed the transport over.
        while self.transport is not None and not self.busy and not self.transport.is_closing():
            if self.skip:
                dropped = min(self.skip, len(self.buffer))
                del self.buffer[:dropped]
                self.skip -= dropped
            end = self.buffer.find(b"\r\n\r\n")
            if self.skip or end < 0:
                if len(self.buffer) > MAX_HEAD:
                    self._misunderstand()
                return
            head = self.buffer[:end].decode("latin-1")
            del self.buffer[: end + 4]
            self._request(head.lstrip("\r\n"))

    def _request(self, head: str) -> None:
        at = time.monotonic()
        first, *lines = head.split("\r\n")
        try:
            method, target, version = first.split(" ")
        except ValueError:
            self._misunderstand()
            return
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        if method == "CONNECT":
            self._connect(target, headers, at)
            return
        length = headers.get("content-length", "0")
        self.skip = int(length) if length.isdecimal() else 0
        scheme, host = "https" if self.tunnel else "http", self.tunnel
        if absolute := _ABSOLUTE.match(target):
            scheme, host, target = absolute[1].lower(), absolute[2], absolute[3]
            target = target if target.startswith("/") else "/" + target
        host = _authority(scheme, host or headers.get("host", ""))
        request = Request(scheme=scheme, host=host, method=method, target=target, headers=headers)
        answer = self.web._answer(request)
        self._record(request, at, answer.status)
        wish = headers.get("connection", "").lower()
        self.last = wish == "close" or (version == "HTTP/1.0" and wish != "keep-alive")
        place = f"{host}{target}"
        if answer.delay or place in self.web.held:
            self.busy = True
            self.timer = self.server.loop.call_later(answer.delay, self._reply_if_free, place, answer, method)
        else:
            self._reply(answer, method)

    def _reply_if_free(self, place: str, answer: _Rendered, method: str) -> None:
        if place in self.web.held:
            self.timer = self.server.loop.call_later(LOOK_AGAIN, self._reply_if_free, place, answer, method)
        else:
            self._reply(answer, method)

    def _misunderstand(self) -> None:
        self.last = True
        self._reply(_BAD_REQUEST, "GET")

    def _connect(self, target: str, headers: dict[str, str], at: float) -> None:
        host = _authority("https", target)
        self.busy = True
        site = self.web._reach("https", host)
        if not isinstance(site, _Rendered):
            self.server.spawn(self._open_tunnel(host))
            return
        # Inside a tunnel the requests are logged; a tunnel that never came about is logged itself.
        request = Request(scheme="https", host=host, method="CONNECT", target="", headers=headers)
        self._record(request, at, site.status)
        if site is _REFUSED and self.transport is not None:
            # The proxy did reach the host; it is the host that hangs up, before the TLS handshake.
            self.transport.write(_ESTABLISHED)
            self.transport.close()
        else:
            self.last = True
            self._reply(site, "CONNECT")

    async def _open_tunnel(self, host: str) -> None:
        transport = self.transport
        if transport is None:
            return
        # From here on the bytes are TLS; none of them may reach this protocol.
        transport.pause_reading()
        transport.write(_ESTABLISHED)
        inner = _Connection(self.server, host)
        try:
            with suppress(OSError):  # the client hung up, or did not like the certificate
                secure = await self.server.loop.start_tls(transport, inner, _tls_context(host), server_side=True)
                if secure is not None:
                    inner.connection_made(secure)
        finally:
            # The transport reports to the tunnel's protocol now, never again to this one.
            self.connection_lost(None)

    def _record(self, request: Request, at: float, status: int) -> None:
        hit = Hit(
            at=at,
            status=status,
            scheme=request.scheme,
            host=request.host,
            method=request.method,
            target=request.target,
            headers=request.headers,
        )
        self.web._record(hit)

    # Answers out

    def _reply(self, answer: _Rendered, method: str) -> None:
        transport = self.transport
        if transport is None:
            return
        self.timer = None
        if answer.pace == "refuse":
            transport.abort()
        elif method == "HEAD":
            transport.write(answer.head)
            self._end()
        elif answer.pace == "whole":
            transport.write(answer.head + answer.body)
            self._end()
        elif answer.pace == "cut":
            transport.write(answer.head + answer.body[: len(answer.body) // 2])
            transport.close()
        else:
            self.busy = True
            transport.write(answer.head)
            if answer.pace == "dribble":
                self._dribble(iter(answer.body), answer.every)
            else:
                self._chunk(answer.body)
                self.pump = functools.partial(self._chunk, FILLER)
                self.pump()

    def _end(self) -> None:
        if self.last and self.transport is not None:
            self.transport.close()
        elif self.busy:
            self.busy = False
            self._proceed()

    def _dribble(self, rest: Iterator[int], every: float) -> None:
        byte = next(rest, None)
        if byte is None:
            self._end()
        elif self.transport is not None and not self.transport.is_closing():
            self.transport.write(bytes((byte,)))
            self.timer = self.server.loop.call_later(every, self._dribble, rest, every)

    def _chunk(self, data: bytes) -> None:
        """Write one chunk, and if there is a pump, the next when the loop has had its turn."""
        if self.transport is None or self.transport.is_closing() or not data:
            return
        self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))
        if self.pump is not None and self.can_write:
            self.timer = self.server.loop.call_later(0, self.pump)


class _Server:
    """The thread and its loop."""

    def __init__(self, web: FakeWeb, sock: socket.socket) -> None:
        self.web = web
        self.connections: set[_Connection] = set()
        self.opened = 0
        self.loop: asyncio.AbstractEventLoop
        self._tasks: set[asyncio.Task[None]] = set()
        self._stop: asyncio.Event
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(sock)), name="fakeweb", daemon=True)
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def spawn(self, tunnel: Any) -> None:
        # The loop holds tasks weakly; this set holds them until they are done.
        task = self.loop.create_task(tunnel)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _main(self, sock: socket.socket) -> None:
        self.loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await self.loop.create_server(lambda: _Connection(self), sock=sock, backlog=4096)
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in tuple(self._tasks):
            task.cancel()
        for connection in tuple(self.connections):
            connection.abort()
        # Aborted transports close a few turns of the loop later; leaving before would leak their sockets.
        for _ in range(100):
            if not self.connections:
                break
            await asyncio.sleep(0)


# Certificates


@functools.cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@functools.lru_cache(maxsize=4096)
def _tls_context(authority: str) -> ssl.SSLContext:
    """A certificate for the very name, signed by itself: clients that compare names find nothing to warn of."""
    host = authority.rpartition(":")[0] if re.search(r":\d+$", authority) else authority
    try:
        name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        name = x509.DNSName(host)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fake web")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .sign(_key(), hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = _key().private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The ssl module reads certificates from files only.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "certificate.pem")
        path.write_bytes(private + certificate.public_bytes(pem))
        context.load_cert_chain(path)
    return context


# Folders

_ANSWER_KEYS = frozenset({"status", "headers", "content_type", "delay", "scheme", "gzip", "pace"})
_TABLES = {
    "page": _ANSWER_KEYS | {"url", "file", "gzip_file"},
    "redirect": frozenset({"from", "to", "status"}),
    "counter": frozenset({"url", "file"}),
    "bomb": frozenset({"url", "megabytes"}),
    "host": frozenset({"name", "refuse", "only"}),
}
"""The tables of web.toml and their keys: a misspelt key is a mistake, not a page served wrongly."""


def _read_folder(web: FakeWeb, folder: Path) -> None:
    for host in sorted(folder.iterdir()):
        if not host.is_dir() or host.name.startswith(("_", ".")):
            continue
        web.host(host.name)
        for file in sorted(host.rglob("*")):
            if file.is_file():
                path = PurePosixPath(file.relative_to(host).as_posix())
                target = str(path.parent / "_").removesuffix("_") if path.name == "index.html" else str(path)
                web.page(f"http://{host.name}/{target}", file.read_bytes(), content_type=_content_type(file))
    exceptions = folder / "web.toml"
    if exceptions.exists():
        _read_exceptions(web, folder, tomllib.loads(exceptions.read_text("utf-8")))


def _content_type(file: PurePosixPath | Path) -> str:
    return CONTENT_TYPES.get(file.suffix, HTML)


def _read_exceptions(web: FakeWeb, folder: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    for table, entries in tables.items():
        for entry in entries:
            if unknown := entry.keys() - _TABLES.get(table, frozenset()):
                raise ValueError(f"web.toml: [[{table}]] has no {', '.join(sorted(unknown))}")
    for entry in tables.get("host", []):
        _read_host(web, entry)
    for entry in tables.get("page", []):
        _read_page(web, folder, dict(entry))
    for entry in tables.get("redirect", []):
        web.redirect(entry["from"], entry["to"], entry.get("status", 301))
    for entry in tables.get("counter", []):
        web.counter(entry["url"], (folder / entry["file"]).read_text("utf-8"))
    for entry in tables.get("bomb", []):
        web.bomb(entry["url"], entry["megabytes"])


def _read_host(web: FakeWeb, entry: dict[str, Any]) -> None:
    web.host(entry["name"])
    if entry.get("refuse"):
        web.refuse(entry["name"])
    if "only" in entry:
        web.only(entry["name"], entry["only"])


def _read_page(web: FakeWeb, folder: Path, entry: dict[str, Any]) -> None:
    url = entry.pop("url")
    _, host, target = _split(url)
    named = entry.pop("file", None)
    file = folder / (named or (f"{host}{target}index.html" if target.endswith("/") else f"{host}{target}"))
    # A status, a refusal or an endless body needs no file; a file that was named must be there.
    body = file.read_bytes() if named or file.is_file() else b""
    if entry.pop("gzip_file", False):
        body = gzip.compress(body, mtime=0)
    if entry.get("content_type") == "":
        entry["content_type"] = None
    entry.setdefault("content_type", _content_type(PurePosixPath(target.partition("?")[0])))
    entry["headers"] = [(name, value) for name, value in entry.get("headers", [])]
    web.page(url, body, **entry)


# The command


def main(arguments: list[str]) -> int:
    own, command = arguments, None
    if "--" in arguments:
        cut = arguments.index("--")
        own, command = arguments[:cut], arguments[cut + 1 :]
    parser = argparse.ArgumentParser(
        prog="python -m tests.fakeweb",
        usage="%(prog)s FOLDER... [--port N] [--log FILE] [-- COMMAND ARGS...]",
        description="Serve a folder as a web of many hosts behind a loopback proxy, around a command or until interrupted.",
    )
    parser.add_argument("folders", metavar="FOLDER", nargs="+", type=Path)
    parser.add_argument("--port", type=int, default=0, help="the proxy's port (default: a free one)")
    parser.add_argument("--log", type=Path, help="append one JSON object per request to this file")
    options = parser.parse_args(own)
    for folder in options.folders:
        if not folder.is_dir():
            parser.error(f"{folder} is no folder")
    with FakeWeb.from_folder(*options.folders, port=options.port, log=options.log) as web:
        if command:
            return _run(command, web.environ)
        done = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: done.set())
        # Printed last: whoever reads the address may send the signal at once.
        print(web.proxy, flush=True)
        done.wait()
        return 0


def _run(command: list[str], environ: dict[str, str]) -> int:
    """Run the command to its end, pass signals on to it, and return its exit status as a shell would."""
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def forward(number: int, _: object) -> None:
        for child in children:
            _send(child, number)
        if not children:
            early.append(number)

    for passed in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(passed, forward)
    try:
        # In a process group of its own the command gets Ctrl-C from us alone, and so once: a crawler takes a second
        # one for "at once".
        child = subprocess.Popen(command, env=environ, process_group=0)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    children.append(child)
    for each in early:
        _send(child, each)
    status = child.wait()
    return 128 - status if status < 0 else status


def _send(child: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):
        if number == signal.SIGINT:
            # As a terminal does: to all that the command started.
            os.killpg(child.pid, number)
        else:
            child.send_signal(number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
