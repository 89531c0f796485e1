"""A pass over a graph that is killed while it reads the edges: the next pass downloads only the rest of them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backlinkbot.commoncrawl import gzip_text
from backlinkbot.commoncrawl.graph import GraphLinks, read_graph
from backlinkbot.commoncrawl.releases import find_graph
from backlinkbot.targets import Targets
from tests.little_commoncrawl import RELEASE, served, write_graph

PROGRAM = """
import sys, time
from pathlib import Path
from backlinkbot.commoncrawl import gzip_text
from backlinkbot.commoncrawl.graph import read_graph
from backlinkbot.commoncrawl.releases import find_graph
from backlinkbot.targets import Targets
gzip_text.BETWEEN_POINTS, gzip_text._SEARCHED = 60_000, 45_000
def tell(what, read, size):
    if what == "edges" and list(Path(sys.argv[2]).rglob("*.pass")):
        print("half", flush=True)
        time.sleep(600)
read_graph(find_graph(sys.argv[1]), Targets.parse(["target.example", "other.example"], {}), tell, Path(sys.argv[2]))
"""
TARGETS = Targets.parse(["target.example", "other.example"], {})


def graph_of(folder: Path) -> Path:
    drawn = random.Random(4)
    names = [f"site{number}.example" for number in range(6_000)]
    links = {name: drawn.sample(names, 20) + ["target.example"] * (drawn.random() < 0.1) for name in names}
    links["site17.example"] = ["other.example"]
    return write_graph(folder, links)


def linking(graph: GraphLinks) -> dict[str, list[str]]:
    return {target: [graph.domains[number].name for number in numbers] for target, numbers in graph.linking.items()}


@pytest.mark.slow
def test_the_next_pass_continues_a_killed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gzip_text, "BETWEEN_POINTS", 60_000)
    monkeypatch.setattr(gzip_text, "_SEARCHED", 45_000)
    folder, cache = graph_of(tmp_path / "served"), tmp_path / "cache"
    expected = linking(read_graph(find_graph(str(folder)), TARGETS, lambda *_: None))
    edges = f"{RELEASE}-domain-edges.txt.gz"
    size = (folder / edges).stat().st_size
    with served(folder) as server:
        url = f"{server.address}/{edges}"
        environment = os.environ | {"no_proxy": "127.0.0.1"}
        words = [sys.executable, "-c", PROGRAM, url, str(cache)]
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "half\n"
            process.send_signal(signal.SIGKILL)
        assert len(list(cache.rglob("*.pass"))) == 1
        before = len(server.asked)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        read = {"vertices": 0, "edges": 0, "names": 0, "ranks": 0}

        def tell(what: str, count: int, _: int) -> None:
            read[what] += count

        found = read_graph(find_graph(url), TARGETS, tell, cache)
        asked = dict(server.asked[before:])
    assert linking(found) == expected
    assert not found.faults
    assert 0 < found.resumed_at < size
    assert read["edges"] == size - found.resumed_at
    assert asked[f"/{edges}"] == f"bytes={found.resumed_at}-"
    assert read["vertices"] == 0, "the numbers of the targets are known"
    assert not list(cache.rglob("*.pass")), "a complete pass deletes its state"


def test_a_state_of_another_graph_or_of_other_targets_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gzip_text, "BETWEEN_POINTS", 60_000)
    monkeypatch.setattr(gzip_text, "_SEARCHED", 45_000)
    folder, cache = graph_of(tmp_path / "graph"), tmp_path / "cache"

    def interrupt(what: str, _: int, __: int) -> None:
        if what == "names":
            raise KeyboardInterrupt

    files = find_graph(str(folder))
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    with pytest.raises(KeyboardInterrupt):
        read_graph(files, TARGETS, interrupt, cache)
    monkeypatch.undo()
    state = next(cache.rglob("*.pass"))
    other = read_graph(files, Targets.parse(["target.example"], {}), lambda *_: None, cache)
    assert not other.resumed_at
    expected = linking(read_graph(files, TARGETS, lambda *_: None))
    whole = state.read_bytes()
    state.write_bytes(whole[:-7])
    assert not read_graph(files, TARGETS, lambda *_: None, cache).resumed_at
    state.write_bytes(whole)
    again = read_graph(files, TARGETS, lambda *_: None, cache)
    assert again.resumed_at
    assert linking(again) == expected
    time_before = (folder / f"{RELEASE}-domain-edges.txt.gz").stat().st_mtime_ns
    state.write_bytes(whole)
    os.utime(folder / f"{RELEASE}-domain-edges.txt.gz", ns=(time.time_ns(), time_before + 10**9))
    assert not read_graph(find_graph(str(folder)), TARGETS, lambda *_: None, cache).resumed_at
