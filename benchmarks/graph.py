"""What a pass over a domain graph costs: ``python -m benchmarks.graph [--scale 50] [--folder DIR]``.

A graph of 1/SCALE of the size of Common Crawl's (121 million domains, 3.9 billion edges) is generated, as gzipped text; then 1,000
targets of all popularities are looked for by ``backlinkbot``, DuckDB and Polars, each in a process of its own. CPU time of the process
with its children, and its peak memory. All must find the same number of edges. Last comes the local index: what making it costs, and what
a target costs after that.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

DOMAINS, EDGES = 121_091_933, 3_902_808_757
"""Of the release cc-main-2026-apr-may-jun: https://commoncrawl.github.io/cc-webgraph-statistics/."""
PREFIX = "cc-main-2026-apr-may-jun-domain-"
TARGETS = 1_000
CHUNK = 2_000_000

OURS = """
import sys
from backlinkbot.commoncrawl.graph import read_graph
from backlinkbot.commoncrawl.releases import find_graph
from backlinkbot.targets import Targets
names = open(sys.argv[2]).read().split()
found = read_graph(find_graph(sys.argv[1]), Targets.parse(names, {}), lambda *_: None)
print(sum(map(len, found.linking.values())))
"""
INDEXED = """
import sys
from pathlib import Path
from backlinkbot.commoncrawl.graph_index import read_indexed
from backlinkbot.commoncrawl.releases import find_graph
from backlinkbot.targets import Targets
names = open(sys.argv[2]).read().split()[: int(sys.argv[4])]
found = read_indexed(find_graph(sys.argv[1]), Path(sys.argv[1]) / "index", Targets.parse(names, {}), lambda *_: None)
print(sum(map(len, found.linking.values())))
"""
DUCKDB = """
import sys, duckdb
numbers = [int(line) for line in open(sys.argv[3])]
db = duckdb.connect()
db.execute("set threads = 1")
db.execute("set enable_progress_bar = false")
db.execute("create table t as select unnest(?::bigint[]) as id", [numbers])
edges = f"read_csv('{sys.argv[1]}/*edges.txt.gz', delim='\\t', header=false, columns={{'a': 'BIGINT', 'b': 'BIGINT'}})"
print(db.execute(f"select count(*) from (select e.a, e.b from {edges} e join t on e.b = t.id)").fetchone()[0])
"""
POLARS = """
import glob, sys, polars as pl
numbers = [int(line) for line in open(sys.argv[3])]
edges = pl.scan_csv(glob.glob(sys.argv[1] + "/*edges.txt.gz")[0], separator="\\t", has_header=False,
                    schema={"a": pl.Int64, "b": pl.Int64})
print(edges.filter(pl.col("b").is_in(numbers)).select(pl.len()).collect(engine="streaming").item())
"""


def name_of(number: int) -> str:
    return f"com.site{number:09}"


def edges_of(domains: int, count: int) -> Iterator[bytes]:
    """Lines sorted by the domain that links, 32 for each on average; what they lead to is as unevenly popular as in reality."""
    drawn = np.random.default_rng(1)
    for start in range(0, count, CHUNK):
        number = min(CHUNK, count - start)
        low, high = start * domains // count, (start + number) * domains // count
        linking = drawn.integers(low, max(high, low + 1), max(1, number // 90))
        sources = drawn.choice(linking, number)
        # The most popular one has 0.4 % of all links, as in reality.
        linked = (domains * drawn.random(number) ** 2.7).astype(np.int64) * 2_654_435_761 % domains
        pairs = np.unique(sources.astype(np.uint64) << np.uint64(32) | linked.astype(np.uint64))
        columns = {"from": pairs >> np.uint64(32), "to": pairs & np.uint64(0xFFFFFFFF)}
        text = pa.BufferOutputStream()
        csv.write_csv(pa.table(columns), text, csv.WriteOptions(include_header=False, delimiter="\t"))
        yield text.getvalue().to_pybytes()


def packed(path: Path, pieces: Iterator[bytes]) -> None:
    stream = zlib.compressobj(6, zlib.DEFLATED, 31)
    with path.open("wb") as file:
        for piece in pieces:
            file.write(stream.compress(piece))
        file.write(stream.flush())


def generate(folder: Path, scale: float, first: int) -> None:
    domains, edges = round(DOMAINS / scale), round(EDGES / scale)
    lines = (
        "".join(f"{n}\t{name_of(n)}\t1\n" for n in range(start, min(start + CHUNK, domains))).encode()
        for start in range(0, domains, CHUNK)
    )
    packed(folder / f"{PREFIX}vertices.txt.gz", lines)
    packed(folder / f"{PREFIX}edges.txt.gz", edges_of(domains, edges))
    drawn = np.random.default_rng(2)
    # From this one by popularity to the last, as many of each order of magnitude.
    ranks = [int(first * (domains / first) ** share) for share in drawn.random(TARGETS * 2)]
    chosen = sorted(list(dict.fromkeys(rank * 2_654_435_761 % domains for rank in ranks))[:TARGETS])
    (folder / "numbers").write_text("".join(f"{n}\n" for n in chosen))
    (folder / "targets").write_text("".join(".".join(reversed(name_of(n).split("."))) + "\n" for n in chosen))


def measured(program: str, folder: Path, targets: int = TARGETS) -> tuple[float, float, int]:
    """CPU seconds, MB and the edges that were found."""
    code = (
        "import resource,subprocess,sys\n"
        "done = subprocess.run([sys.executable, '-c', sys.argv[1], *sys.argv[2:]], stdout=subprocess.PIPE, text=True)\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, done.stdout.strip() or -1)\n"
    )
    words = [sys.executable, "-c", code, program, str(folder), str(folder / "targets"), str(folder / "numbers")]
    words.append(str(targets))
    seconds, memory, found, *_ = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    return float(seconds), float(memory), int(found)


def tell_index(folder: Path, edges: float) -> None:
    """The local index: what making it costs, its size, and what one target and all of them cost after that."""
    for what, targets in (("made", 1), ("one target", 1), ("all targets", TARGETS)):
        began = time.monotonic()
        seconds, memory, found = measured(INDEXED, folder, targets)
        print(
            f"index, {what}: {seconds:.2f} CPU-s, {time.monotonic() - began:.2f} s, {memory:,.0f} MB, {found:,} edges found",
            flush=True,
        )
    size = sum(file.stat().st_size for file in (folder / "index").rglob("*") if file.is_file())
    print(f"index: {size / 1e6:,.0f} MB, {size / edges:.2f} bytes an edge", flush=True)
    shutil.rmtree(folder / "index")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=50, help="the graph is 1/SCALE of the real one")
    parser.add_argument("--first", type=int, default=100, help="the most popular target's rank among all domains")
    parser.add_argument("--folder", type=Path, help="where the graph is, or is kept for the next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "numbers").exists():
            began = time.monotonic()
            generate(folder, options.scale, options.first)
            print(f"generated in {time.monotonic() - began:.0f} s")
        edges = EDGES / options.scale
        size = next(folder.glob("*edges.txt.gz")).stat().st_size
        print(f"{edges / 1e6:,.1f} million edges, {size / 1e6:,.0f} MB gzipped, {TARGETS:,} targets")
        for name, program in (("backlinkbot", OURS), ("duckdb", DUCKDB), ("polars", POLARS)):
            seconds, memory, found = measured(program, folder)
            print(
                f"{name:12} {seconds:7.2f} CPU-s, {seconds * 20e6 / edges:5.2f} for 20 million edges, {memory:5,.0f} MB, "
                f"{found:,} edges found, the whole graph would take {seconds * EDGES / edges:,.0f} CPU-s",
                flush=True,
            )
    tell_index(folder, edges)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{used.ru_utime + used.ru_stime:.0f} CPU-s in all")


if __name__ == "__main__":
    main()
