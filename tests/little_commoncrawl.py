"""A little Common Crawl: what it publishes of a web, written in its formats, for tests.

The formats are those of its genuine files: https://commoncrawl.org/web-graphs, https://commoncrawl.org/cdxj-index,
https://commoncrawl.org/columnar-index.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

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
