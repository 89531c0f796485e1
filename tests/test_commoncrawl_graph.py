"""Web graphs of Common Crawl: who links to the targets, whatever the form of the files, as far as they go."""

from __future__ import annotations

import gzip
import random
import re
import socket
import zlib
from array import array
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from backlinkbot.commoncrawl import domain_table, edge_scanner, gzip_text, line_blocks
from backlinkbot.commoncrawl import graph as graph_room
from backlinkbot.commoncrawl.domain_table import NumberSet
from backlinkbot.commoncrawl.graph import GraphLinks, read_graph
from backlinkbot.commoncrawl.platforms import PLATFORMS, platform_of
from backlinkbot.commoncrawl.referring_domains import candidates_of, referring_domains
from backlinkbot.commoncrawl.releases import LATEST, SERVER, find_graph, period_of
from backlinkbot.commoncrawl.text_arrays import TextArrays
from backlinkbot.errors import UsageError
from backlinkbot.files import resumed_download
from backlinkbot.files.resumed_download import DownloadError
from backlinkbot.prefilter import scan
from backlinkbot.targets import Targets
from tests.little_commoncrawl import RELEASE, write_graph

LINKS = {
    "partner.example": ["target.example", "other.example"],
    "blog.example": ["target.example", "www.target.example"],
    "news.example": ["www.target.example"],
    "github.com": ["target.example"],
    "github.io": ["target.example"],
    "lonely.example": ["elsewhere.example"],
}


def told(what: str, read: int, size: int) -> None:
    assert what in {"vertices", "edges", "names", "ranks"}
    assert read > 0
    assert size >= 0


def read(folder: Path | str, *targets: str) -> GraphLinks:
    return read_graph(find_graph(str(folder)), Targets.parse(targets, {}), told)


def linking(graph: GraphLinks, target: str) -> set[str]:
    return {graph.domains[number].name for number in graph.linking.get(target, ())}


@pytest.fixture(params=["fast", "plain"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what the extra ``speed`` installs, and without."""
    if request.param == "plain":
        monkeypatch.setattr(scan, "HAS_HYPERSCAN", False)
        for room in (edge_scanner, graph_room, domain_table):
            monkeypatch.setattr(room, "HAS_NUMPY", False)
        monkeypatch.setattr(gzip_text, "new_decompressor", zlib.decompressobj)


@pytest.mark.usefixtures("engine")
def test_all_domains_that_link_to_a_target_are_found(tmp_path: Path) -> None:
    graph = read(write_graph(tmp_path, LINKS), "target.example", "other.example", "nobody.example")
    assert linking(graph, "target.example") == {
        "partner.example",
        "blog.example",
        "news.example",
        "github.com",
        "github.io",
    }
    assert linking(graph, "other.example") == {"partner.example"}
    assert "nobody.example" not in graph.linking
    assert graph.total == 10
    assert not graph.faults


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("seed", range(3))
def test_a_pass_finds_what_a_plain_reading_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    for room, name, size in (
        (line_blocks, "BLOCK", 64),
        (gzip_text, "PIECE", 7),
        (line_blocks, "_TEXT", 50),
        (gzip_text, "MOST_AT_ONCE", 100),
    ):
        monkeypatch.setattr(room, name, size)  # so that lines lie across blocks
    drawn = random.Random(seed)
    names = [f"{'x' * drawn.randrange(1, 9)}{n}.example" for n in range(120)]
    links = {name: set(drawn.choices(names, k=drawn.randrange(20))) - {name} for name in names}
    targets = drawn.sample(names, 25)
    graph = read(write_graph(tmp_path, links), *targets)
    for target in targets:
        assert linking(graph, target) == {name for name in names if target in links[name]}, target


def edges_to(text: bytes, wanted: list[int], size: int, scanner: edge_scanner.EdgeScanner) -> dict[int, list[int]]:
    at = 0
    while at < len(text):
        end = text.rfind(b"\n", at, at + size) + 1
        scanner.scan(text[at:end])
        at = end
    scanner.finish()
    return {number: list(linking) for number, linking in zip(wanted, scanner.linking, strict=True)}


@pytest.mark.parametrize("most", [9, 99, 2_000, 150_000, 121_091_933, 2**32 - 1])
def test_both_scanners_of_edges_find_what_a_dictionary_finds(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Numbers of all lengths, so that a number's last digits stand behind each number of digits of the source, or a newline."""
    monkeypatch.setattr(edge_scanner, "_MOST_TOGETHER", 700)
    drawn = random.Random(most)
    numbers = [drawn.randrange(drawn.choice([9, 120, 3_000, most]) % most + 1) for _ in range(400)]
    edges = [(drawn.choice(numbers), drawn.choice(numbers)) for _ in range(5_000)]
    wanted = sorted({0, 7, most, *drawn.sample(numbers, 40)})
    expected: dict[int, list[int]] = {number: [] for number in wanted}
    for source, number in edges:
        if number in expected:
            expected[number].append(source)
    text = b"".join(b"%d\t%d\n" % edge for edge in edges)
    for scanner in (edge_scanner.ArrayEdgeScanner(wanted), edge_scanner.LineEdgeScanner(wanted)):
        assert edges_to(text, wanted, 3_000, scanner) == expected, type(scanner)


@pytest.mark.parametrize("most", [5, 100, 10_000, 100_000, 2**32 - 1], ids=str)
def test_the_ends_of_lines_of_any_length_are_found_with_the_bytes_before_them(most: int) -> None:
    drawn = random.Random(most)
    lines = b"".join(b"%d\t%d\n" % (drawn.randint(0, most), drawn.randint(0, most)) for _ in range(500))
    for start in range(9):  # wherever the words of eight bytes begin
        block = lines[start:]
        ends, before = TextArrays(block).line_ends()
        assert ends.tolist() == [at for at, code in enumerate(block) if code == ord("\n")]
        padded = b"\n" * 8 + block
        assert before.tolist() == [int.from_bytes(padded[end : end + 8], "little") for end in ends.tolist()]


@pytest.mark.parametrize("kind", [edge_scanner.ArrayEdgeScanner, edge_scanner.LineEdgeScanner])
def test_edges_that_only_end_as_a_wanted_one_are_none(kind: type[edge_scanner.ArrayEdgeScanner]) -> None:
    assert edges_to(b"5\t377777\n6\t477777\n", [177_777], 1_000, kind([177_777])) == {177_777: []}


@pytest.mark.parametrize(
    "line", [b"x1\t77777", b"\t77777", b"4294967296\t77777", b"1\t2\t77777", b"12345678901234567\t77777"]
)
@pytest.mark.parametrize("kind", [edge_scanner.ArrayEdgeScanner, edge_scanner.LineEdgeScanner])
def test_a_line_that_is_no_edge_is_refused(line: bytes, kind: type[edge_scanner.ArrayEdgeScanner]) -> None:
    with pytest.raises(UsageError, match="no edges"):
        edges_to(b"5\t6\n" + line + b"\n", [77_777], 1_000, kind([77_777]))


@pytest.mark.usefixtures("engine")
def test_hosts_below_a_target_count_in_a_graph_of_hosts(tmp_path: Path) -> None:
    links = {
        "a.example": ["blog.target.example"],
        "b.example": ["target.example"],
        "www.c.example": ["www.target.example"],
        "d.example": ["nottarget.example", "target.example.org"],
        "shop.target.example": ["target.example"],
    }
    folder = write_graph(tmp_path, links, level="host")
    graph = read(folder, "target.example", "domain:target.example")
    assert linking(graph, "target.example") == {"a.example", "b.example", "www.c.example"}
    assert linking(graph, "domain:target.example") == {"b.example", "www.c.example", "shop.target.example"}
    targets = Targets.parse(["target.example"], {})
    rows = list(referring_domains([graph], targets))
    assert [row.domain for row in rows][:2] == ["a.example", "b.example"]
    assert all(row.authority is not None for row in rows)


def test_a_host_that_a_domain_graph_cannot_name_stands_for_its_domain(tmp_path: Path) -> None:
    graph = read(write_graph(tmp_path, LINKS), "docs.target.example")
    assert graph.wider == {"docs.target.example"}
    targets = Targets.parse(["docs.target.example"], {})
    rows = list(referring_domains([graph], targets))
    assert {row.domain for row in rows} >= {"partner.example", "blog.example"}
    assert all(row.whole_domain for row in rows)
    periods = {graph.release: graph.period}
    assert {claim.confidence for one in candidates_of(rows, periods, targets) for claim in one.claims} == {0.2}


@pytest.mark.usefixtures("engine")
def test_vertices_with_missing_numbers_and_without_hosts_are_read(tmp_path: Path) -> None:
    folder = write_graph(tmp_path, LINKS, level="host")
    vertices = next(folder.glob("*vertices.txt.gz"))
    lines = gzip.decompress(vertices.read_bytes()).splitlines(keepends=True)
    kept = [line for line in lines if b"example.lonely" not in line]
    assert len(kept) < len(lines)
    vertices.write_bytes(gzip.compress(b"".join(kept)))
    assert linking(read(folder, "target.example"), "target.example") >= {"partner.example", "github.com"}


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("form", ["plain", "members", "parts", "zeros", "no last newline"])
def test_files_of_every_form_are_read(tmp_path: Path, form: str) -> None:
    folder = write_graph(tmp_path, LINKS)
    edges = next(folder.glob("*edges.txt.gz"))
    text = gzip.decompress(edges.read_bytes())
    lines = text.splitlines(keepends=True)
    if form == "plain":
        for file in folder.glob("*.gz"):
            file.with_suffix("").write_bytes(gzip.decompress(file.read_bytes()))
            file.unlink()
    elif form == "members":
        edges.write_bytes(b"".join(map(gzip.compress, lines)))
    elif form == "zeros":
        edges.write_bytes(edges.read_bytes() + bytes(512))
    elif form == "no last newline":
        edges.write_bytes(gzip.compress(text.rstrip(b"\n")))
    else:
        edges.unlink()
        (folder / "edges").mkdir()
        for number, line in enumerate(lines):
            (folder / "edges" / f"part-{number:05}.txt.gz").write_bytes(gzip.compress(line))
    graph = read(folder, "target.example")
    assert len(linking(graph, "target.example")) == 5
    assert not graph.faults


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("how", ["truncated", "damaged"])
def test_a_broken_file_is_read_as_far_as_it_goes_and_that_is_said(tmp_path: Path, how: str) -> None:
    links = {f"site{n:05}.example": ["target.example", f"site{n * 7 % 5000:05}.example"] for n in range(5_000)}
    folder = write_graph(tmp_path, links)
    edges = next(folder.glob("*edges.txt.gz"))
    data = bytearray(edges.read_bytes())
    if how == "truncated":
        del data[len(data) // 2 :]
    else:
        data[len(data) // 2 : len(data) // 2 + 64] = b"\xff" * 64
    edges.write_bytes(data)
    graph = read(folder, "target.example")
    assert 100 < len(linking(graph, "target.example")) <= 5_000
    assert [fault for fault in graph.faults if str(edges) in fault and "before that was read" in fault]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("vertices", "com.example\t1\n", "no vertices"),
        ("vertices", "1\t2\n3\t4\n", "no vertices"),
        ("vertices", "<html>\n", "no vertices"),
        ("ranks", "rank\tdomain\n1\texample\n", "no rank file"),
        ("edges", "one\tto\t{n}\nsee\t{n}\n", "begins with"),
    ],
)
def test_what_is_no_graph_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    folder = write_graph(tmp_path, LINKS)
    vertices = gzip.decompress(next(folder.glob("*vertices.txt.gz")).read_bytes()).decode()
    number = re.search(r"(\d+)\texample\.target\t", vertices)
    assert number is not None
    next(folder.glob(f"*{name}.txt.gz")).write_bytes(gzip.compress(text.replace("{n}", number[1]).encode()))
    with pytest.raises(UsageError, match=message):
        read(folder, "target.example")


def test_a_line_without_end_takes_no_memory_without_bound(tmp_path: Path) -> None:
    folder = write_graph(tmp_path, LINKS)
    next(folder.glob("*vertices.txt.gz")).write_bytes(gzip.compress(bytes(64 * 1024 * 1024)))
    with pytest.raises(UsageError, match="a line of more than"):
        read(folder, "target.example")


# --- rows ---


def test_rows_have_authority_and_fold_platforms(tmp_path: Path) -> None:
    ranked = ["github.com", "news.example", "partner.example", "target.example", "blog.example"]
    graph = read(write_graph(tmp_path, LINKS, ranked=ranked, hosts={"github.com": 7}), "target.example")
    targets = Targets.parse(["target.example"], {})
    rows = list(referring_domains([graph], targets))
    assert [(row.domain, row.platform, row.domains) for row in rows] == [
        ("news.example", "", 1),
        ("partner.example", "", 1),
        ("blog.example", "", 1),
        ("github.com", "GitHub", 2),
    ]
    assert rows[3].authority == 100.0
    assert rows[3].hosts == 8
    assert rows[0].authority == pytest.approx(69.9)
    unfolded = list(referring_domains([graph], targets, unfold=True))
    assert {row.domain for row in unfolded} == linking(graph, "target.example")
    names = [candidate.url for candidate in candidates_of(rows, {graph.release: graph.period}, targets)]
    assert names == ["news.example", "partner.example", "blog.example"]


def test_releases_give_first_and_last_seen(tmp_path: Path) -> None:
    old = dict(LINKS, **{"gone.example": ["target.example"]})
    old.pop("news.example")
    earlier = read(write_graph(tmp_path / "a", old, release="cc-main-2025-26-nov-dec-jan"), "target.example")
    later = read(write_graph(tmp_path / "b", LINKS), "target.example")
    targets = Targets.parse(["target.example"], {})
    rows = {row.domain: row for row in referring_domains([later, earlier], targets)}
    seen = {name: (row.first_release, row.last_release) for name, row in rows.items()}
    assert seen["gone.example"] == (earlier.release, earlier.release)
    assert seen["news.example"] == (RELEASE, RELEASE)
    assert seen["blog.example"] == (earlier.release, RELEASE)
    periods = {graph.release: graph.period for graph in (earlier, later)}
    claims = {one.url: one.claims[0] for one in candidates_of(rows.values(), periods, targets)}
    assert (claims["blog.example"].first_seen, claims["blog.example"].last_seen) == ("2025-11-01", "2026-06-30")
    assert claims["gone.example"].last_seen == "2026-01-31"
    assert claims["gone.example"].target_url == "target.example"


@pytest.mark.parametrize(
    ("release", "period"),
    [
        (LATEST, ("2026-04-01", "2026-06-30")),
        ("cc-main-2025-26-dec-jan-feb", ("2025-12-01", "2026-02-28")),
        ("cc-main-2018-jan", ("2018-01-01", "2018-01-31")),
        ("my-graph", ("", "")),
    ],
)
def test_a_release_covers_the_months_of_its_name(release: str, period: tuple[str, str]) -> None:
    assert period_of(release) == period


def test_a_release_is_found_on_the_server() -> None:
    files = find_graph("cc-main-2023-may-sep-nov")
    start = f"{SERVER}/projects/hyperlinkgraph/cc-main-2023-may-sep-nov/domain/cc-main-2023-may-sep-nov-domain-"
    assert files.vertices == (f"{start}vertices.txt.gz",)
    assert files.edges == (f"{start}edges.txt.gz",)
    assert files.ranks == f"{start}ranks.txt.gz"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "no such file or folder"),
        ("x-edges.txt.gz", "there is no"),
        ("https://a.example/graph/", "name one"),
    ],
)
def test_a_graph_that_is_none_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_graph(name if name.startswith("https:") else str(tmp_path / name))


def test_each_domain_belongs_to_one_platform() -> None:
    domains = [domain for of in PLATFORMS.values() for domain in of]
    assert len(domains) == len(set(domains))
    assert platform_of("me.github.io") == "GitHub"
    assert platform_of("blogspot.co.uk") == "Blogspot"
    assert platform_of("notgithub.io") == ""


def test_the_ranks_of_very_many_domains_are_read_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_graph(tmp_path, LINKS)
    scanned = read(folder, "target.example")
    monkeypatch.setattr(graph_room, "_MOST_SCANNED", 0)
    read_by_lines = read(folder, "target.example")
    numbers = scanned.linking["target.example"]
    assert [read_by_lines.domains[number] for number in numbers] == [scanned.domains[number] for number in numbers]
    assert all(scanned.domains[number].position for number in numbers)


@pytest.mark.parametrize("seed", range(3))
def test_a_set_of_numbers_gives_them_in_order(seed: int) -> None:
    drawn = random.Random(seed)
    numbers = [drawn.randrange(1_000) for _ in range(drawn.randrange(300))]
    for numbers_of_it in ([*numbers, 10**9], array("I", [*numbers, 10**9])):
        found = NumberSet(1_000)
        found.update(numbers_of_it)
        assert list(found) == list(found.ascending()) == sorted(set(numbers))


# --- servers ---


class Server(BaseHTTPRequestHandler):
    """A server of a graph that breaks off, asks for patience, or refuses ranges."""

    folder: Path
    breaks_after = 0
    """Bytes of each answer, if there is a range still to be asked for."""
    refusals: list[int]
    ranges = True
    requests: list[tuple[str, str]]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        self.requests.append((self.path.rpartition("/")[2], asked))
        if self.refusals:
            self.send_response(self.refusals.pop(0))
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        file = self.folder / self.path.rpartition("/")[2]
        if not file.is_file():
            self.send_error(404)
            return
        data = file.read_bytes()
        start = int(asked.removeprefix("bytes=").rstrip("-") or 0) if self.ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(data[start : start + self.breaks_after] if self.breaks_after else data[start:])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(resumed_download, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(Server, "folder", write_graph(tmp_path / "served", LINKS), raising=False)
    monkeypatch.setattr(Server, "refusals", [], raising=False)
    monkeypatch.setattr(Server, "requests", [], raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as one:
        Thread(target=one.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{one.server_port}/{RELEASE}/domain/{RELEASE}-domain-edges.txt.gz"
        one.shutdown()


def test_a_graph_on_a_server_is_read_on_its_way(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "refusals", [503, 502, 503])
    graph = read(server, "target.example")
    assert graph.release == RELEASE
    assert len(linking(graph, "target.example")) == 5
    assert any(graph.domains[number].position for number in graph.linking["target.example"])
    assert not graph.faults


def test_a_download_asks_the_proxy_of_today_and_not_of_an_earlier_download(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed.getsockname()[1]}")
    closed.close()
    monkeypatch.setattr(resumed_download, "FIRST_WAIT", 0.0)
    with pytest.raises(DownloadError, match="refused"):
        read(server, "target.example")
    monkeypatch.delenv("http_proxy")
    assert read(server, "target.example").domains


def test_a_download_that_breaks_off_goes_on_at_the_same_byte(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "breaks_after", 20)
    graph = read(server, "target.example")
    assert len(linking(graph, "target.example")) == 5
    asked = [one for name, one in Server.requests if name.endswith("edges.txt.gz")]
    assert asked[:2] == ["", "bytes=20-"]


def test_a_server_without_ranges_is_read_anew_from_where_it_broke_off(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Server.do_GET
    calls: list[str] = []

    def breaks_once(self: Server) -> None:
        calls.append(self.path)
        monkeypatch.setattr(Server, "breaks_after", 0 if self.path in calls[:-1] else 40)
        full(self)

    monkeypatch.setattr(Server, "ranges", False)
    monkeypatch.setattr(Server, "do_GET", breaks_once)
    assert len(linking(read(server, "target.example"), "target.example")) == 5


def test_a_server_that_breaks_off_for_good_is_read_as_far_as_it_goes(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    edges = next(Server.folder.glob("*edges.txt.gz"))
    size = len(edges.read_bytes())
    full = Server.do_GET

    def lost(self: Server) -> None:
        if self.path.endswith("edges.txt.gz") and self.headers.get("Range"):
            self.send_error(500)
            return
        monkeypatch.setattr(Server, "breaks_after", size - 9 if self.path.endswith("edges.txt.gz") else 0)
        full(self)

    monkeypatch.setattr(Server, "do_GET", lost)
    graph = read(server, "target.example")
    assert linking(graph, "target.example")
    assert [fault for fault in graph.faults if "answered 500" in fault]


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_an_error(server: str, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setattr(Server, "refusals", [status])
    with pytest.raises(DownloadError, match=str(status)):
        read(server, "target.example")


def test_without_ranks_the_domains_are_there_without_order(server: str) -> None:
    next(Server.folder.glob("*ranks.txt.gz")).unlink()
    graph = read(server, "target.example")
    assert len(linking(graph, "target.example")) == 5
    assert [fault for fault in graph.faults if "404" in fault]
