"""The local index of a web graph, which gives the same links as a pass over the graph."""

from __future__ import annotations

import gzip
import random
import shutil
from pathlib import Path

import pytest

from backlinkbot.commoncrawl import graph_index, graph_index_builder
from backlinkbot.commoncrawl.graph import GraphLinks, read_graph
from backlinkbot.commoncrawl.graph_index import has_index, index_folder, read_indexed
from backlinkbot.commoncrawl.graph_index_builder import estimated_size
from backlinkbot.commoncrawl.releases import LATEST, find_graph
from backlinkbot.errors import UsageError
from backlinkbot.targets import Targets
from tests.little_commoncrawl import write_graph


def check_progress(what: str, read: int, size: int) -> None:
    assert what in {"vertices", "edges", "names", "ranks", "sorted edges"}
    assert read > 0
    assert size >= 0


def nothing_is_read(*_: object) -> None:
    pytest.fail("the graph is read again")


def contents(graph: GraphLinks) -> object:
    linking = {
        target: [graph.domains[number] for number in numbers] for target, numbers in sorted(graph.linking.items())
    }
    return graph.release, graph.period, graph.total, linking, graph.wider, graph.faults


def web(seed: int, *, hosts: bool = False) -> dict[str, set[str]]:
    drawn = random.Random(seed)
    names = ["a.example", "a-b.example", "a.co.example", "www.a.example"]
    names += [f"{'-' if n % 9 == 0 else ''}{'x' * drawn.randrange(1, 9)}{n}.example" for n in range(150)]
    names += [f"{drawn.choice('abc')}.{name}" for name in names[:40]] if hosts else []
    popular = drawn.choices(names, k=12)
    return {name: set(drawn.choices([*names, *popular * 9], k=drawn.randrange(20))) - {name} for name in names}


@pytest.mark.parametrize("level", ["domain", "host"])
@pytest.mark.parametrize("seed", range(3))
def test_the_index_answers_what_a_pass_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, level: str
) -> None:
    monkeypatch.setattr(graph_index_builder, "_LOW_BITS", 5)  # so that there are many partitions,
    monkeypatch.setattr(
        graph_index_builder, "_SORTED_AT_ONCE", 40
    )  # many sorted runs, domains with more edges than that,
    monkeypatch.setattr(graph_index, "_DESCRIBED_AT_ONCE", 5)  # and many portions of names
    links = web(seed, hosts=level == "host")
    folder = write_graph(tmp_path / "graph", links, level=level, ranked=sorted(links)[:-7])
    files, indexes = find_graph(str(folder)), tmp_path / "indexes"
    first = Targets.parse(["nobody.example", "domain:a.example"], {})
    assert not has_index(files, indexes)
    assert contents(read_indexed(files, indexes, first, check_progress)) == contents(
        read_graph(files, first, check_progress)
    )
    assert has_index(files, indexes)
    assert [one.name for one in indexes.iterdir()] == [index_folder(files, indexes).name], "nothing else is left there"
    names = random.Random(seed).sample(sorted(links), 25)
    for targets in (
        Targets.parse(names, {}),
        Targets.parse([f"domain:{name}" for name in names], {}),
        Targets.parse([f"sub.{names[0]}", "a.example"], {}),
    ):
        assert contents(read_indexed(files, indexes, targets, nothing_is_read)) == contents(
            read_graph(files, targets, check_progress)
        )


def test_names_may_be_sorted_as_if_a_dot_stood_behind_each(tmp_path: Path) -> None:
    """https://github.com/commoncrawl/cc-webgraph/blob/main/src/script/host2domaingraph.sh: as Common Crawl sorts domains."""
    names = ["com.a-b", "com.a", "com.a.c", "com.b"]
    for part, text in (
        ("vertices", "".join(f"{number}\t{name}\t1\n" for number, name in enumerate(names))),
        ("edges", "0\t1\n0\t2\n3\t0\n3\t1\n"),
    ):
        (tmp_path / f"x-{part}.txt.gz").write_bytes(gzip.compress(text.encode()))
    found = read_indexed(
        find_graph(str(tmp_path)), tmp_path / "i", Targets.parse(["a.com", "b.com", "a-b.com"], {}), check_progress
    )
    linking = {name: {found.domains[one].name for one in numbers} for name, numbers in found.linking.items()}
    assert linking == {"a.com": {"a-b.com", "b.com"}, "b.com": set(), "a-b.com": {"b.com"}}


@pytest.mark.parametrize(
    ("vertices", "edges", "why"),
    [
        ("0\tcom.b\t1\n1\tcom.a\t1\n", "0\t1\n", "sorted"),
        ("0\tcom.a\t1\n2\tcom.b\t1\n", "0\t1\n", "numbered"),
        ("0\tcom.a\t1\n1\tcom.b\n", "0\t1\n", "numbered"),
        ("0\tcom.a\t1\n1\tcom.b\t1\n", "0\t2\n", "no domain"),
        ("", "", "name no domain"),
        ("0\tcom.a\t1\n1\tcom.b\t1\n", "0\t1\nx\ty\n", "no edges"),
    ],
)
def test_what_cannot_be_indexed_is_refused_and_leaves_nothing(
    tmp_path: Path, vertices: str, edges: str, why: str
) -> None:
    (tmp_path / "x-vertices.txt").write_text(vertices)
    (tmp_path / "x-edges.txt").write_text(edges)
    with pytest.raises(UsageError, match=why):
        read_indexed(find_graph(str(tmp_path)), tmp_path / "i", Targets.parse(["a.com"], {}), check_progress)
    assert not list((tmp_path / "i").iterdir())


@pytest.mark.parametrize("damage", ["missing", "short", "empty"])
@pytest.mark.parametrize("name", ["names", "name-ends", "sources", "source-ends", "hosts", "ranks"])
def test_a_damaged_index_is_told_and_says_what_helps(tmp_path: Path, name: str, damage: str) -> None:
    targets = Targets.parse(["target.example"], {})
    files = find_graph(str(write_graph(tmp_path / "graph", {"a.example": ["target.example"], "b.example": []})))
    read_indexed(files, tmp_path / "i", targets, check_progress)
    file = index_folder(files, tmp_path / "i") / name
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-4] if damage == "short" else b"")
    with pytest.raises(UsageError, match="delete the folder"):
        read_indexed(files, tmp_path / "i", targets, nothing_is_read)


def test_a_rank_without_a_name_is_passed_over(tmp_path: Path) -> None:
    folder = write_graph(tmp_path / "graph", {"a.example": ["target.example"]})
    ranks = next(folder.glob("*ranks.txt.gz"))
    lines = gzip.decompress(ranks.read_bytes()).decode()
    nameless = "\t".join(["" if number == 3 else "9" for number in range(len(lines.split("\n")[0].split("\t")))])
    ranks.write_bytes(gzip.compress(f"{lines}{nameless}\n".encode()))
    targets = Targets.parse(["target.example"], {})
    files = find_graph(str(folder))
    assert contents(read_indexed(files, tmp_path / "i", targets, check_progress)) == contents(
        read_graph(files, targets, check_progress)
    )


def test_no_index_is_made_of_a_part_of_a_graph(tmp_path: Path) -> None:
    folder = write_graph(tmp_path / "graph", web(1))
    edges = next(folder.glob("*edges.txt.gz"))
    edges.write_bytes(edges.read_bytes()[:-20])
    with pytest.raises(UsageError, match="truncated"):
        read_indexed(find_graph(str(folder)), tmp_path / "i", Targets.parse(["a.example"], {}), check_progress)
    assert not list((tmp_path / "i").iterdir())


def test_a_graph_that_has_changed_gets_an_index_of_its_own(tmp_path: Path) -> None:
    targets = Targets.parse(["target.example"], {})
    folder = write_graph(tmp_path / "graph", {"a.example": ["target.example"]})
    read_indexed(find_graph(str(folder)), tmp_path / "i", targets, check_progress)
    write_graph(tmp_path / "graph", {"long-name.example": ["target.example"]})
    found = read_indexed(find_graph(str(folder)), tmp_path / "i", targets, check_progress)
    assert [found.domains[one].name for one in found.linking["target.example"]] == ["long-name.example"]


def test_a_full_disk_is_told_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_graph(tmp_path / "graph", web(1))
    usage = type("Usage", (), {"free": 100})()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(UsageError, match=r"needs about .* GB while it is made; 0\.0 GB are free"):
        read_indexed(find_graph(str(folder)), tmp_path / "i", Targets.parse(["a.example"], {}), nothing_is_read)


def test_the_size_of_a_release_is_estimated() -> None:
    size = estimated_size(find_graph(LATEST))
    assert 15e9 < size.index < 25e9  # 3.9 billion edges in four bytes each, and 121 million domains
    assert size.index + size.partitions < 50e9
