"""Authority from rank files: the formula, the names, and what is no rank file."""

from __future__ import annotations

import gzip
import json
import math
import tracemalloc
from pathlib import Path

import pytest

from backlinkbot.cli.main import main
from backlinkbot.errors import UsageError
from backlinkbot.reports.quality.ranks import Ranks, read_ranks, reversed_name
from tests.conformance.shared_data import unpacked
from tests.linkrows import backlink, write_rows

HEADER = ["#harmonicc_pos", "#harmonicc_val", "#pr_pos", "#pr_val", "#host_rev", "#n_hosts"]
ROWS = [
    ["1", "2.6E7", "2", "0.013", "com.facebook", "8527"],
    ["2", "2.5E7", "1", "0.016", "com.googleapis", "2691"],
    ["3", "2.3E7", "3", "0.009", "com.example.www", "4344"],
    ["4", "2.2E7", "4", "0.008", "com.example", "4344"],
    ["5", "2.1E7", "9", "0.001", "uk.co.shop", "12"],
    ["6", "2.0E7", "5", "0.002", "io.github.alice", "1"],
]  # fmt: skip


def write_ranks(path: Path, rows: list[list[str]], header: list[str] = HEADER) -> Path:
    text = "".join("\t".join(row) + "\n" for row in [header, *rows]).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.mark.parametrize("name", ["ranks.txt", "ranks.txt.gz"])
def test_the_positions_of_the_wanted_domains(name: str, tmp_path: Path) -> None:
    path = write_ranks(tmp_path / name, ROWS)
    ranks = read_ranks(path, ["example.com", "shop.co.uk", "alice.github.io", "github.io", "nowhere.example"])
    assert ranks == Ranks(positions={"example.com": 3, "shop.co.uk": 5, "alice.github.io": 6}, total=6)


def test_authority_is_one_minus_the_logarithms_share() -> None:
    ranks = Ranks(positions={"first": 1, "some": 1_000, "last": 121_000_000}, total=121_000_000)
    assert ranks.authority("first") == 100.0
    assert ranks.authority("some") == round(100 * (1 - math.log(1_000) / math.log(121_000_000)), 1) == 62.9
    assert ranks.authority("last") == 0.0
    assert ranks.authority("other") is None
    assert Ranks(positions={"only": 1}, total=1).authority("only") == 100.0


def test_host_ranks_have_no_count_and_other_orders_of_columns_are_read(tmp_path: Path) -> None:
    path = write_ranks(tmp_path / "host.txt", [row[:5] for row in ROWS], HEADER[:5])
    assert read_ranks(path, ["shop.co.uk"]).positions == {"shop.co.uk": 5}
    turned = write_ranks(tmp_path / "turned.txt", [[row[4], row[0]] for row in ROWS], ["#host_rev", "#harmonicc_pos"])
    assert read_ranks(turned, ["shop.co.uk"]).positions == {"shop.co.uk": 5}


def test_the_number_of_all_is_that_of_the_file_also_where_it_is_cut_from_a_larger_one(tmp_path: Path) -> None:
    assert read_ranks(write_ranks(tmp_path / "a", ROWS), []).total == 6
    assert (
        read_ranks(write_ranks(tmp_path / "b", [ROWS[0], ["900", "", "", "", "com.late"]]), ["late.com"]).total == 900
    )
    assert read_ranks(write_ranks(tmp_path / "c", []), ["x"]) == Ranks(positions={}, total=1)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no header with #harmonicc_pos"),
        (b"com.example\t1\n", "no header with #harmonicc_pos"),
        (b"#harmonicc_pos\t#host_rev\nfirst\tcom.example\n", "invalid literal"),
        (b"\x1f\x8bno gzip", "ranks "),
        (gzip.compress(b"#harmonicc_pos\t#host_rev\n1\tcom.example\n" * 99, mtime=0)[:-20], "ended before"),
    ],
)
def test_what_is_no_rank_file_is_refused(content: bytes, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "ranks"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        read_ranks(path, ["example.com"])


def test_names_are_turned_round() -> None:
    assert reversed_name("blog.example.co.uk") == "uk.co.example.blog"


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ranks.txt"
    with path.open("w") as file:
        file.write("\t".join(HEADER) + "\n")
        file.writelines(f"{n}\t2.0E7\t{n}\t0.1\tcom.domain-number-{n}\t1\n" for n in range(1, 100_001))
    tracemalloc.start()
    ranks = read_ranks(path, ["domain-number-100000.com"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ranks == Ranks(positions={"domain-number-100000.com": 100_000}, total=100_000)
    assert peak < 500_000


def test_the_command_fills_in_authority(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "rows.csv", [backlink("https://www.example.com/"), backlink("https://n.example/")])
    ranks = write_ranks(tmp_path / "ranks.txt.gz", ROWS)
    for view in ("domains", "links"):
        output = tmp_path / "out.jsonl"
        assert main(["export", "--rows", str(rows), "--ranks", str(ranks), "--view", view, "-o", str(output)]) == 0
        found = [json.loads(line) for line in output.read_text().splitlines()]
        expected = round(100 * (1 - math.log(3) / math.log(6)), 1)
        assert {row["source_domain"]: row["authority"] for row in found} == {"example.com": expected, "n.example": None}


@pytest.mark.conformance
def test_the_real_rank_files(tmp_path: Path) -> None:
    folder = unpacked("graphs") / "cc-webgraph-statistics" / "docs" / "ranks"
    contents = {file.name: json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))}
    full = {
        name: content for name, content in contents.items() if content["rows"]
    }  # the first three releases have none
    assert len(full) > 90
    for name, content in full.items():
        path = write_ranks(tmp_path / "ranks.txt.gz", content["rows"], content["header"])
        at = content["header"].index("#host_rev")
        positions = {row[at]: int(row[0]) for row in content["rows"]}
        wanted = ["wikipedia.org", "facebook.com", "nowhere.example"]
        ranks = read_ranks(path, wanted)
        for domain in wanted:
            hosts = [reversed_name(host) for host in (domain, f"www.{domain}")]
            best = min((positions[host] for host in hosts if host in positions), default=None)
            assert ranks.positions.get(domain) == best, (name, domain)
        assert ranks.total >= len(content["rows"])
