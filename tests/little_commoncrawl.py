"""A little Common Crawl: what it publishes of a web, written in its formats, for tests.

The formats are those of its genuine files: https://commoncrawl.org/web-graphs, https://commoncrawl.org/cdxj-index,
https://commoncrawl.org/columnar-index.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from base64 import b32encode
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow as pa
from pyarrow import parquet

from tests.archive_files import Capture, members, warc_records, wat_records

CRAWL = "CC-MAIN-2026-30"
RELEASE = "cc-main-2026-apr-may-jun"
RANKS_HEADER = "#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts\n"


def reversed_name(host: str) -> str:
    return ".".join(reversed(host.split(".")))


def write_graph(
    folder: Path,
    links: Mapping[str, Iterable[str]],
    *,
    release: str = RELEASE,
    level: str = "domain",
    hosts: Mapping[str, int] | None = None,
    ranked: Collection[str] | None = None,
) -> Path:
    """Writes the graph of a release into a folder, and returns that.

    Args:
        folder: where its files go.
        links: domain -> the domains to which it links.
        release: the release's name.
        level: ``domain``, or ``host``, whose files do not say how many hosts there are.
        hosts: domain -> the number of its hosts; 1 where it is not said.
        ranked: the domains in the order of their centrality; by default those with most links to them first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pairs = {(one, other) for one, others in links.items() for other in others if one != other}
    names = sorted({reversed_name(name) for name in {*links, *(other for _, other in pairs)}})
    numbers = {reversed_name(name): number for number, name in enumerate(names)}
    count = hosts or {}
    of_domain = level == "domain"

    def vertex(name: str) -> str:
        return f"{name}\t{count.get(reversed_name(name), 1)}" if of_domain else name

    vertices = "".join(f"{number}\t{vertex(name)}\n" for number, name in enumerate(names))
    edges = "".join(f"{one}\t{other}\n" for one, other in sorted((numbers[a], numbers[b]) for a, b in pairs))
    linked = Counter(other for _, other in pairs)
    order = list(ranked) if ranked is not None else sorted(numbers, key=lambda name: (-linked[name], name))
    header = RANKS_HEADER if of_domain else RANKS_HEADER.replace("\t#n_hosts", "")
    ranks = "".join(
        f"{place}\t{2.9799486e7 / place!r}\t{place}\t{0.0163 / place!r}\t{vertex(reversed_name(name))}\n"
        for place, name in enumerate(order, 1)
    )
    start = f"{release}-{level}-"
    for part, text in (("vertices", vertices), ("edges", edges), ("ranks", header + ranks)):
        (folder / f"{start}{part}.txt.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    return folder


# --- the crawl: WARC, WAT, index ---


def surt(url: str) -> str:
    """The sort key of a URL: host reversed, path and query in lower case, no ``www.``, no scheme."""
    parts = urlsplit(url)
    host = re.sub(r"^www\d*\.", "", (parts.hostname or "").lower())
    port = f":{parts.port}" if parts.port else ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}{port}){parts.path or '/'}{query}".lower()


@dataclass(frozen=True)
class Indexed:
    """A capture with the place of its record: a line of the index."""

    capture: Capture
    filename: str
    offset: int
    length: int

    @property
    def timestamp(self) -> str:
        return re.sub(r"\D", "", self.capture.date)

    @property
    def digest(self) -> str:
        return b32encode(hashlib.sha1(self.capture.body).digest()).decode()

    def cdxj(self) -> dict[str, str]:
        """What the index server says of it."""
        mime = self.capture.content_type.partition(";")[0]
        return {
            "urlkey": surt(self.capture.url),
            "timestamp": self.timestamp,
            "url": self.capture.url,
            "mime": mime,
            "mime-detected": mime,
            "status": str(self.capture.status),
            "digest": self.digest,
            "length": str(self.length),
            "offset": str(self.offset),
            "filename": self.filename,
            "languages": "eng",
            "encoding": "UTF-8",
        }


def write_crawl(folder: Path, captures: Iterable[Capture], *, crawl: str = CRAWL, per_file: int = 200) -> list[Indexed]:
    """Writes the WARC and WAT files, the lists of their paths and the columnar index; returns the lines of the index."""
    found: list[Indexed] = []
    listed = list(captures)
    warcs, wats = [], []
    for number, start in enumerate(range(0, len(listed), per_file)):
        some = listed[start : start + per_file]
        name = f"crawl-data/{crawl}/segments/1700000000.{number}/warc/{crawl}-2026-{number:05}.warc.gz"
        data = b""
        responses = iter(some)
        for one in warc_records(some):
            packed = members([one])
            if b"WARC-Type: response" in one[:64]:
                found.append(Indexed(next(responses), name, len(data), len(packed)))
            data += packed
        of_wat = name.replace("/warc/", "/wat/").replace(".warc.gz", ".warc.wat.gz")
        for path, content in ((name, data), (of_wat, members(wat_records(some)))):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        warcs.append(name)
        wats.append(of_wat)
    tables = write_columnar(folder, found, crawl=crawl)
    for kind, names in (("warc", warcs), ("wat", wats), ("cc-index-table", tables)):
        file = folder / f"crawl-data/{crawl}/{kind}.paths.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress("".join(f"{name}\n" for name in names).encode(), mtime=0))
    return found


def write_columnar(
    folder: Path, indexed: Sequence[Indexed], *, crawl: str = CRAWL, parts: int = 3, rows_of_group: int = 50
) -> list[str]:
    """Writes the columnar index in some parts, each sorted by its key; returns their paths."""
    in_order = sorted(indexed, key=lambda one: (surt(one.capture.url), one.timestamp))
    size = -(-len(in_order) // parts) or 1
    names = []
    for number in range(parts):
        some = in_order[number * size : (number + 1) * size]
        name = f"cc-index/table/cc-main/warc/crawl={crawl}/subset=warc/part-{number:05}-0.c000.gz.parquet"
        hosts = [urlsplit(one.capture.url).hostname or "" for one in some]
        table = pa.table(
            {
                "url_surtkey": [surt(one.capture.url) for one in some],
                "url": [one.capture.url for one in some],
                "url_host_name": hosts,
                "url_host_registered_domain": [".".join(host.split(".")[-2:]) for host in hosts],
                "fetch_time": pa.array([f"{one.capture.date[:19]}" for one in some]).cast(pa.timestamp("ms")),
                "fetch_status": pa.array([one.capture.status for one in some], pa.int16()),
                "content_digest": [one.digest for one in some],
                "content_mime_detected": [one.capture.content_type.partition(";")[0] for one in some],
                "content_languages": ["eng" for _ in some],
                "warc_filename": [one.filename for one in some],
                "warc_record_offset": pa.array([one.offset for one in some], pa.int32()),
                "warc_record_length": pa.array([one.length for one in some], pa.int32()),
                "warc_segment": [one.filename.split("/")[3] for one in some],
            }
        )
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, folder / name, row_group_size=rows_of_group, compression="gzip")
        names.append(name)
    return names


# --- the servers ---


@dataclass
class LittleCommonCrawl:
    """The servers of data and index: ranges, 503 "Slow Down", 502, answers that break off, and what was asked of them."""

    folder: Path
    indexed: list[Indexed] = field(default_factory=list)
    crawl: str = CRAWL
    refusals: list[int] = field(default_factory=list)
    """Statuses of the next answers, one each; 0: the connection is closed without an answer, 1: half of the answer is sent."""
    always: int = 0
    """The status of every answer; 0: no refusal."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path with query, and range, of each request."""
    bytes: int = 0
    """Of all answers."""
    address: str = ""
    _lock: Lock = field(default_factory=Lock)

    def refusal(self) -> int | None:
        with self._lock:
            return self.refusals.pop(0) if self.refusals else self.always or None

    def captures(self, query: Mapping[str, str], filters: Sequence[str]) -> list[dict[str, str]]:
        """What the index server says: https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html."""
        domain = query["url"].removeprefix("*.").removesuffix("/*")
        found = []
        for one in sorted(self.indexed, key=lambda one: (surt(one.capture.url), one.timestamp)):
            line = one.cdxj()
            host = (urlsplit(one.capture.url).hostname or "").lower()
            if not (host == domain or host.endswith(f".{domain}")) or not all(_passes(line, text) for text in filters):
                continue
            found.append({name: line[name] for name in query["fl"].split(",")} if "fl" in query else line)
        return found[: int(query.get("limit", len(found)))]


def _passes(line: Mapping[str, str], text: str) -> bool:
    """``=field:value`` is the whole value, ``~field:expression`` a regular one, ``!`` before them its contrary."""
    is_not = text.startswith("!")
    kind = text.lstrip("!")[:1]
    name, _, value = text.lstrip("!=~").partition(":")
    said = line.get(name, "")
    is_so = said == value if kind == "=" else bool(re.fullmatch(value, said)) if kind == "~" else value in said
    return is_so != is_not


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        of = self.server.of
        asked = self.headers.get("Range", "")
        of.asked.append((self.path, asked))
        refusal = of.refusal()
        if refusal == 0:
            self.close_connection = True
            return
        if refusal is not None and refusal > 1:
            said = b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
            self._answer(refusal, said, "application/xml", ("Retry-After", "0"))
            return
        parts = urlsplit(self.path)
        if parts.path == f"/{of.crawl}-index":
            self._index(parts.query, is_cut=refusal == 1)
            return
        file = of.folder / unquote(parts.path).lstrip("/")
        if ".." in file.parts or not file.is_file():
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", "application/xml")
            return
        self._part(file.read_bytes(), asked, is_cut=refusal == 1)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _index(self, query: str, *, is_cut: bool) -> None:
        of = self.server.of
        pairs = parse_qsl(query)
        values = dict(pairs)
        found = of.captures(values, [value for name, value in pairs if name == "filter"])
        if not found:
            said = json.dumps({"message": f"No Captures found for: {values['url']}"}).encode()
            self._answer(404, said, "application/json")
            return
        lines = "".join(json.dumps(line) + "\n" for line in found).encode()
        self._answer(200, lines, "text/x-ndjson", is_cut=is_cut)

    def _part(self, data: bytes, asked: str, *, is_cut: bool) -> None:
        match = re.fullmatch(r"bytes=(\d*)-(\d*)", asked)
        if match is None:
            self._answer(200, data, "application/octet-stream", is_cut=is_cut)
            return
        if match[1]:
            start, end = int(match[1]), min(int(match[2] or len(data)), len(data) - 1)
        else:
            start, end = max(0, len(data) - int(match[2])), len(data) - 1
        if start >= len(data):
            self._answer(416, b"", "text/plain")
            return
        of_all = ("Content-Range", f"bytes {start}-{end}/{len(data)}")
        self._answer(206, data[start : end + 1], "application/octet-stream", of_all, is_cut=is_cut)

    def _answer(self, status: int, body: bytes, kind: str, *headers: tuple[str, str], is_cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        if is_cut:
            self.close_connection = True
            body = body[: len(body) // 2]
        self.end_headers()
        if self.command != "HEAD":
            self.server.of.bytes += len(body)  # before they are read, or a test may count too few
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    of: LittleCommonCrawl


@contextmanager
def served(folder: Path, indexed: Iterable[Indexed] = (), crawl: str = CRAWL) -> Iterator[LittleCommonCrawl]:
    """Serves a folder as both servers of Common Crawl, on one loopback address."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.of = LittleCommonCrawl(folder, list(indexed), crawl)
        server.of.address = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.of
        finally:
            server.shutdown()
