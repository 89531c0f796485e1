"""The little web, crawled for real through its proxy: every page within reach is fetched, and the rows are the truth.

The truth is read from the files by the second reading, for every page that the server says it gave.
"""

from __future__ import annotations

import json
import multiprocessing
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from protego import Protego

from backlinkbot.urls import registrable_domain
from tests.conformance.conftest import Numbers
from tests.conformance.independent import Reading, Row, read_independently
from tests.conformance.shared_data import SavedPage, saved_pages, shared_folder, unpacked
from tests.conformance.test_real_pages import is_same_link
from tests.conftest import run_command

TARGETS = ("rust-lang.org", "github.com", "en.wikipedia.org")
HYPERLINKS = frozenset({"text", "image", "area"})
"""The types of links that the second reading reads; redirects of pages, for instance, are rows, too."""


@dataclass(frozen=True, slots=True)
class Fetched:
    url: str
    page: SavedPage


@contextmanager
def served(folder: Path, log: Path) -> Iterator[str]:
    """The address of the proxy behind which the recorded hosts are."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command: list[str | Path] = [
        sys.executable,
        shared_folder() / "web" / "serve.py",
        folder,
        "--port",
        str(port),
        "--log",
        log,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the little web does not answer")


def place(url: str) -> str:
    """What the server goes by: host, path without escapes, query; the scheme and its port do not count."""
    parts = urlsplit(url)
    return f"{parts.hostname}{unquote(parts.path) or '/'}" + (f"?{parts.query}" if parts.query else "")


def fetched_pages(log: Path, pages: dict[str, SavedPage]) -> dict[str, SavedPage]:
    """URL -> page, of every answer 200 with a page; the server also gives ``/page.html`` for ``/page``."""
    found = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        _, url, status = line.split("\t")
        page = pages.get(place(url)) or pages.get(f"{place(url)}.html")
        is_whole = urlsplit(url).path  # the server takes the path "//index.xml", which a page announces, for a host
        if status == "200" and page is not None and is_whole:
            found[url.replace(":443/", "/", 1).replace(":80/", "/", 1)] = page
    return found


def read(fetched: Fetched) -> tuple[str, Reading]:
    return fetched.url, read_independently(fetched.page.file.read_bytes(), fetched.url, fetched.page.charset)


def rows_to_targets(url: str, reading: Reading) -> Iterator[tuple[str, str, Row]]:
    own = registrable_domain(urlsplit(url).hostname or "")
    for row in reading.rows:
        host = (urlsplit(row.url).hostname or "").removesuffix(".")
        for target in TARGETS:
            if (host == target or host.endswith(f".{target}")) and own != registrable_domain(target):
                yield target, url, row


def within_reach(start: Iterable[str], readings: dict[str, Reading], pages: dict[str, SavedPage]) -> set[str]:
    """The recorded pages that links lead to from the start, by the second reading."""
    links = {place(url): [row.url for row in reading.rows] for url, reading in readings.items()}
    domains = {registrable_domain(urlsplit(url).hostname or "") for url in start}
    reached: set[str] = set()
    queue = deque(start)
    seen = set(queue)
    while queue:
        here = place(queue.popleft())
        for spelling in (here, f"{here}/", f"{here}.html"):
            if spelling in pages:
                reached.add(spelling)
        for url in (url for spelling in (here, f"{here}/") for url in links.get(spelling, ())):
            if url not in seen and registrable_domain(urlsplit(url).hostname or "") in domains:
                seen.add(url)
                queue.append(url)
    return reached


def is_closed(spelling: str, folder: Path) -> bool:
    host = spelling.partition("/")[0]
    robots = folder / host / "robots.txt"
    text = robots.read_text(encoding="utf-8") if robots.is_file() else ""
    return not Protego.parse(text).can_fetch(f"https://{spelling}", "backlinkbot")


Found = tuple[str, str, Row]
"""A link to a target: the target, the page, the link."""


def rows_of(file: Path) -> Counter[Found]:
    """The rows of a crawl that a plain reading of the pages has, too.

    Not those of other types, of links in comments (``commented``), and of addresses that stand in another (``via``).
    """
    rows: Counter[Found] = Counter()
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["link_type"] in HYPERLINKS and "commented" not in row["flags"] and not row["via"]:
            link = Row(row["target_url"], tuple(row["rel"]), row["anchor"], row["anchor_source"])
            rows[row["target"], row["source_url"], link] += row["occurrences"]
    return rows


def differences_of(rows: Counter[Found], truth: Counter[Found]) -> tuple[list[Found], list[Found]]:
    """What only one side has: target, page, URL, rel and number must be equal, and each anchor the innerText of its pair's text."""
    only_rows, only_truth = list((rows - truth).elements()), list((truth - rows).elements())
    waiting: dict[tuple[object, ...], list[Found]] = {}
    for found in sorted(only_truth, key=lambda found: len(found[2].anchor)):
        waiting.setdefault((*found[:2], found[2].url, found[2].rel), []).append(found)
    for found in sorted(only_rows, key=lambda found: -len(found[2].anchor)):
        others = waiting.get((*found[:2], found[2].url, found[2].rel), [])
        pair = next((other for other in others if is_same_link(found[2], other[2])), None)
        if pair is not None:
            others.remove(pair)
            only_truth.remove(pair)
            only_rows.remove(found)
    return only_rows, only_truth


@pytest.mark.conformance
def test_the_rows_of_the_little_web_are_its_truth(tmp_path: Path, numbers: Numbers) -> None:
    pages = {place(page.url): page for page in saved_pages("little-web")}
    seeds = [f"https://{host}/" for host in sorted({spelling.partition("/")[0] for spelling in pages})]
    seed_file, rows_file, log = tmp_path / "seeds.txt", tmp_path / "rows.jsonl", tmp_path / "log.tsv"
    seed_file.write_text("\n".join(seeds), encoding="utf-8")
    words = ("discover", *TARGETS, "--seed", f"@{seed_file}", "-o", rows_file, "--delay", "0")
    with served(unpacked("little-web"), log) as proxy:
        ran = run_command(
            "backlinkbot", *words, env={"http_proxy": proxy, "https_proxy": proxy, "no_proxy": ""}, timeout=900
        )
    assert ran.status == 0, ran.err

    fetched = fetched_pages(log, pages)
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        readings = dict(pool.map(read, [Fetched(url, page) for url, page in fetched.items()], chunksize=8))
    truth = Counter(row for url, reading in readings.items() for row in rows_to_targets(url, reading))
    rows = rows_of(rows_file)
    missing = within_reach(seeds, readings, pages) - {place(url) for url in fetched}
    lost = {spelling for spelling in missing if not is_closed(spelling, unpacked("little-web"))}

    only_rows, only_truth = differences_of(rows, truth)
    differences = len(only_rows) + len(only_truth)
    numbers.add(
        "little web: pages fetched", compared=len(fetched), differences=len(missing), explained=len(missing - lost)
    )
    numbers.add(
        "little web: links to the targets",
        compared=sum(rows.values()),
        differences=differences,
        unexplained=differences,
    )
    assert len(fetched) > 3_000
    assert not lost, f"within reach, open to us, and not fetched: {sorted(lost)[:20]}"
    assert not differences, f"only rows: {only_rows[:5]}; only truth: {only_truth[:5]}"
