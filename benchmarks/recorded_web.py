"""Reads a folder of recorded pages as a graph of links in which a crawl order can be replayed.

A recorded web is a folder, or an archive of one (``.tar.xz``), with an ``index.tsv``: URL, path below the folder, content
type and charset of each page. A graph that was made of one before is read too (``.pkl``): a pickled mapping with the
lists ``pages`` (addresses without scheme), ``hosts``, ``host`` (of each page, by number), ``links`` (of each page:
``(page, anchor)``, or ``(page, anchor, tag path)``) and ``out`` (the other hosts that each page links to). Pickles run
code when they are read; read only your own.
"""

from __future__ import annotations

import pickle
import tarfile
import tempfile
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from backlinkbot import urls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from selectolax.lexbor import LexborNode

LONGEST_ANCHOR = 60
DEEPEST_PATH = 8
"""Elements of a tag path, from the link upwards."""


class RecordedLink(NamedTuple):
    """A link to another page of the web."""

    page: int
    anchor: str
    tag_path: str = ""
    """The elements around the link with their classes, outermost first; empty where the graph has none."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One page, as it was read."""

    key: str
    host: str
    links: tuple[tuple[str, str, str, str], ...]
    """Key, host, anchor and tag path of each page that it links to."""


@dataclass
class RecordedWeb:
    """Pages by number, and the links among them."""

    pages: list[str]
    """Addresses without scheme."""
    host: list[str]
    """The host of each page."""
    links: list[list[RecordedLink]]
    """Links of each page to others, in document order, one for each page linked to."""
    outside: list[frozenset[str]]
    """The other hosts that each page links to, recorded or not."""
    by_registrable_domain: bool = True
    """True if hosts of one registrable domain take turns as one."""
    domains: dict[str, str] = field(default_factory=dict)

    @cached_property
    def seeds(self) -> list[int]:
        """The root of each host: the page with the shortest address."""
        roots: dict[str, int] = {}
        for page, (host, address) in enumerate(zip(self.host, self.pages, strict=True)):
            best = roots.get(host)
            if best is None or (len(address), address) < (len(self.pages[best]), self.pages[best]):
                roots[host] = page
        return [roots[host] for host in sorted(roots)]

    @cached_property
    def reachable(self) -> list[int]:
        """The pages that links from the seeds lead to."""
        return self.reached_from(self.seeds)

    def reached_from(self, start: Iterable[int]) -> list[int]:
        """Returns the pages that links lead to, nearest first."""
        found = dict.fromkeys(start)
        waiting = deque(found)
        while waiting:
            for link in self.links[waiting.popleft()]:
                if link.page not in found:
                    found[link.page] = None
                    waiting.append(link.page)
        return list(found)

    @cached_property
    def linking(self) -> list[list[int]]:
        """The reachable pages that link to each page."""
        linking: list[list[int]] = [[] for _ in self.pages]
        for page in self.reachable:
            for link in self.links[page]:
                linking[link.page].append(page)
        return linking

    @cached_property
    def referrers(self) -> dict[str, set[int]]:
        """Of each host the reachable pages of other hosts that link to it."""
        referrers: dict[str, set[int]] = {}
        for page in self.reachable:
            for host in self.outside[page]:
                referrers.setdefault(host, set()).add(page)
        return referrers

    @cached_property
    def size(self) -> Counter[str]:
        """The number of reachable pages of each host."""
        return Counter(self.host[page] for page in self.reachable)

    def domain(self, page: int) -> str:
        """Returns what takes turns: the registrable domain of a page's host, or the host."""
        host = self.host[page]
        if not self.by_registrable_domain:
            return host
        domain = self.domains.get(host)
        if domain is None:
            domain = self.domains[host] = urls.registrable_domain(host)
        return domain

    @property
    def has_tag_paths(self) -> bool:
        """True if the graph says where on its page each link is."""
        return any(link.tag_path for links in self.links for link in links)


def load(path: Path, *, by_registrable_domain: bool) -> RecordedWeb:
    """Reads a recorded web: a folder, an archive of one, or a graph; see the module's docstring."""
    if path.suffix == ".pkl":
        with path.open("rb") as file:
            return _of_graph(pickle.load(file), by_registrable_domain=by_registrable_domain)
    if path.is_dir():
        return _read_folder(path, by_registrable_domain=by_registrable_domain)
    with tempfile.TemporaryDirectory() as name, tarfile.open(path) as archive:
        archive.extractall(name, filter="data")
        (index,) = Path(name).rglob("index.tsv")
        return _read_folder(index.parent, by_registrable_domain=by_registrable_domain)


def _of_graph(graph: dict[str, Any], *, by_registrable_domain: bool) -> RecordedWeb:
    return RecordedWeb(
        pages=graph["pages"],
        host=[graph["hosts"][number] for number in graph["host"]],
        links=[[RecordedLink(*link) for link in links] for links in graph["links"]],
        outside=[frozenset(hosts) for hosts in graph["out"]],
        by_registrable_domain=by_registrable_domain,
    )


def _read_folder(folder: Path, *, by_registrable_domain: bool) -> RecordedWeb:
    jobs = []
    for line in (folder / "index.tsv").read_text("utf-8").splitlines():
        url, name, kind, charset = [*line.split("\t"), "", ""][:4]
        if kind.startswith("text/html"):
            jobs.append((url, folder / name, charset))
    with ProcessPoolExecutor() as pool:
        found: dict[str, Recorded] = {}
        for one in pool.map(_read, jobs, chunksize=64):
            if one is not None:
                found.setdefault(one.key, one)
    return of_pages(list(found.values()), by_registrable_domain=by_registrable_domain)


def of_pages(recorded: list[Recorded], *, by_registrable_domain: bool) -> RecordedWeb:
    """Makes a web of pages; links to pages that are not among them only name their host."""
    number = {one.key: position for position, one in enumerate(recorded)}
    others = dict(_spellings(number))
    links: list[list[RecordedLink]] = []
    for one in recorded:
        own: dict[int, RecordedLink] = {}
        for key, _, anchor, tag_path in one.links:
            page = number.get(key, others.get(key))
            if page is not None and recorded[page] is not one:
                own.setdefault(page, RecordedLink(page, anchor, tag_path))
        links.append(list(own.values()))
    return RecordedWeb(
        pages=[one.key for one in recorded],
        host=[one.host for one in recorded],
        links=links,
        outside=[frozenset(host for _, host, _, _ in one.links if host != one.host) for one in recorded],
        by_registrable_domain=by_registrable_domain,
    )


def _spellings(number: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Yields the other addresses at which static hosts serve a page, or from which they redirect to it."""
    for key, page in reversed(number.items()):
        if key.endswith("/"):
            yield key[:-1], page
        for tail in ("/index.html", "/index.php"):
            if key.endswith(tail):
                yield key[: 1 - len(tail)], page
        if key.endswith(".html"):
            yield key[:-5], page


def _key(url: urls.URL) -> str:
    """http and https are one page."""
    return urls.identity_key(url).partition("://")[2]


def _read(job: tuple[str, Path, str]) -> Recorded | None:
    address, path, charset = job
    page = urls.parse(address)
    if page is None:
        return None
    try:
        document = LexborHTMLParser(path.read_bytes().decode(charset or "utf-8", "replace"))
    except LookupError:
        return None
    base = page
    for element in document.css("base[href]"):
        base = urls.resolve(element.attributes.get("href") or "", page) or page
        break
    links: dict[str, tuple[str, str, str, str]] = {}
    for element in document.css("a[href], area[href]"):
        reference = element.attributes.get("href")
        url = urls.resolve(reference, base) if reference and not reference.startswith("#") else None
        if url is not None and urls.is_web(url) and (key := _key(url)) not in links:
            anchor = " ".join(element.text().split())[:LONGEST_ANCHOR]
            links[key] = key, url.hostname, anchor, _tag_path(element)
    return Recorded(_key(page), page.hostname, tuple(links.values()))


def _tag_path(element: LexborNode) -> str:
    names: list[str] = []
    node: LexborNode | None = element
    while node is not None and len(names) < DEEPEST_PATH and node.tag not in {"-undef", "-document"}:
        classes = ".".join(sorted((node.attributes.get("class") or "").split()))
        names.append(f"{node.tag}.{classes}" if classes else node.tag or "")
        node = node.parent
    return " ".join(reversed(names))
