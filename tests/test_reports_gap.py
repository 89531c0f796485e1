"""Who links to competitors and not to you: by links made up, and ``backlinkbot gap`` by files and a history."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.cli.main import main
from backlinkbot.errors import TargetError
from backlinkbot.history import History
from backlinkbot.items import State
from backlinkbot.reports.gap import EXAMPLES, Gap, Prospect
from tests.little_commoncrawl import write_graph
from tests.visited import TARGET, day, failed, read, row

ONE, TWO, THREE = "one.example", "two.example", "three.example"


def prospects(
    *links: tuple[str, str], at_least: int = 1, against: tuple[str, ...] = (ONE, TWO, THREE)
) -> list[Prospect]:
    gap = Gap(TARGET, against)
    for source, target in links:
        gap.add(source, target, "x")
    return gap.prospects(at_least)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("https://a.example/p", "https://one.example/", ("a.example", (ONE,), 1)),
        ("https://blog.a.example/p", "http://shop.one.example/x?y#z", ("a.example", (ONE,), 1)),
        ("https://user.github.io/p", "one.example", ("user.github.io", (ONE,), 1)),
        ("a.example", "two.example", ("a.example", (TWO,), 0)),
        ("a.example/p", "two.example/x", ("a.example", (TWO,), 1)),
        ("https://a.example/p", "https://notone.example/", None),
        ("https://a.example/p", "https://target.example/", None),
        ("https://a.example/p", "/blog/", None),
        ("https://a.example/p", "", None),
        ("https://a.example/p", "mailto:me@one.example", None),
        ("no address", "https://one.example/", None),
        ("", "https://one.example/", None),
        ("https://two.example/p", "https://one.example/", None),
        ("https://blog.target.example/p", "https://one.example/", None),
    ],
)
def test_one_link(source: str, target: str, expected: tuple[str, tuple[str, ...], int] | None) -> None:
    found = [(one.domain, one.competitors, one.links) for one in prospects((source, target))]
    assert found == ([expected] if expected else [])


def test_who_links_to_you_is_no_prospect() -> None:
    to_one = ("https://www.a.example/p", "https://one.example/")
    assert prospects(to_one, ("https://blog.a.example/", "https://www.target.example/x")) == []
    assert prospects(("a.example", "/x"), to_one) == []
    assert prospects(("a.example", "target.example"), to_one) == []
    assert len(prospects(to_one, ("https://b.example/", "https://target.example/"))) == 1


def test_links_and_examples() -> None:
    links = [(f"https://a.example/{n % 5}", f"https://{site}/{n}") for n in range(10) for site in (ONE, TWO)]
    (found,) = prospects(*links)
    assert (found.count, found.links, found.competitors) == (2, 10, (ONE, TWO))
    assert found.examples == tuple(f"https://a.example/{n}" for n in range(EXAMPLES))


def test_the_order() -> None:
    gap = Gap(TARGET, [ONE, TWO])
    for domain, sites in {"a.example": 1, "b.example": 2, "c.example": 1, "d.example": 2, "e.example": 1}.items():
        for site in (ONE, TWO)[:sites]:
            gap.add(f"https://{domain}/", f"https://{site}/", "x")
    gap.add("https://e.example/2", "https://one.example/", "x")
    assert [one.domain for one in gap.prospects(1)] == ["b.example", "d.example", "e.example", "a.example", "c.example"]
    ranked = gap.prospects(1, {"a.example": 90.0, "c.example": 0.0}.get)
    assert [one.domain for one in ranked] == ["a.example", "c.example", "b.example", "d.example", "e.example"]
    assert [one.authority for one in ranked][:3] == [90.0, 0.0, None]


def test_you_are_no_competitor_of_yours() -> None:
    with pytest.raises(TargetError, match="name sites of others"):
        Gap(TARGET, [ONE, TARGET])


DOMAINS = st.sampled_from("abcdef")
SITES = st.sampled_from([ONE, TWO, THREE, TARGET])


@given(st.lists(st.tuples(DOMAINS, st.integers(0, 3), SITES)), st.integers(1, 3))
def test_against_what_it_means(links: list[tuple[str, int, str]], at_least: int) -> None:
    found = prospects(*((f"https://{a}.example/{n}", f"http://{site}/") for a, n, site in links), at_least=at_least)
    expected = {}
    for name in "abcdef":
        of_it = {(n, site) for a, n, site in links if a == name}
        sites = {site for _, site in of_it}
        if TARGET not in sites and len(sites) >= at_least:
            expected[f"{name}.example"] = (sites, len(of_it))
    assert {one.domain: (set(one.competitors), one.links) for one in found} == expected


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKLINKBOT_HISTORY_URL", raising=False)


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    assert main(["gap", TARGET, "--format", "jsonl", *words]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def write_history(url: str) -> None:
    """a links to both competitors, b to one, c to one and you, d linked to one; e was never reached."""
    with History.open(url) as history:
        run = history.begin_run("verify", [TARGET, ONE, TWO])
        one, two, own = (row(f"https://{site}/", target=site) for site in (ONE, TWO, TARGET))
        d = "https://d.example/p"
        visits = [read(day(1), one, two, url="https://a.example/p"), read(day(1), one, url="https://b.example/p")]
        visits += [read(day(1), one, own, url="https://c.example/p"), read(day(1), one, url=d), read(day(2), url=d)]
        history.record(run, [*visits, failed(day(1), State.UNREACHABLE, url="https://e.example/")])
        history.end_run(run)


def test_from_a_history(capsys: pytest.CaptureFixture[str]) -> None:
    write_history("backlinks.db")
    (only,) = ask(capsys, "--against", ONE, TWO)
    assert only == asdict(
        Prospect(
            domain="a.example",
            competitors=(ONE, TWO),
            count=2,
            links=2,
            examples=("https://a.example/p",),
            authority=None,
            sources=("history",),
        )
    ) | {"competitors": [ONE, TWO], "examples": ["https://a.example/p"], "sources": ["history"]}
    assert [row["domain"] for row in ask(capsys, "--against", ONE)] == ["a.example", "b.example"]
    assert [row["domain"] for row in ask(capsys, "--against", ONE, TWO, "--at-least", "1")] == [
        "a.example",
        "b.example",
    ]


AHREFS = (
    "Referring page URL\tDomain rating\tUR\tTarget URL\tAnchor\tNofollow\tLost status\n"
    "https://b.example/x\t40\t12\thttps://two.example/\tt\tfalse\t\n"
    "https://f.example/x\t40\t12\thttps://two.example/\tt\tfalse\t\n"
    "https://f.example/y\t40\t12\thttps://one.example/\tt\tfalse\t\n"
    "https://g.example/x\t40\t12\thttps://one.example/\tt\tfalse\t\n"
    "https://g.example/x\t40\t12\thttps://two.example/\tt\tfalse\tLink removed\n"
)
GAP = (
    "Domain,Domain ascore,target.example,one.example,two.example\n"
    "h.example,40,0,3,1\n"
    "i.example,50,2,1,1\n"
    "g.example,30,0,0,7\n"
    "j.example,30,0,0,7\n"
)


def test_from_exports_and_a_gap_file_and_a_history(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_history("known.db")
    (tmp_path / "ahrefs.csv").write_text(AHREFS, encoding="utf-16")
    (tmp_path / "gap.csv").write_text(GAP)
    exports = ("--exports", "ahrefs.csv", "gap.csv")
    alone = {row["domain"]: row for row in ask(capsys, "--against", ONE, TWO, *exports)}
    assert set(alone) == {"f.example", "g.example", "h.example"}
    assert (alone["f.example"]["links"], alone["f.example"]["sources"]) == (2, ["ahrefs"])
    assert alone["g.example"]["competitors"] == [ONE, TWO]
    assert len(alone["g.example"]["sources"]) == 2
    assert (alone["h.example"]["links"], alone["h.example"]["examples"]) == (0, [])
    with_history = ask(capsys, "--against", ONE, TWO, *exports, "--history", "known.db")
    assert {row["domain"] for row in with_history} == {*alone, "a.example", "b.example"}


def test_a_list_of_a_competitors_links(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("https://k.example/1\nhttps://k.example/2\n")
    assert ask(capsys, "--against", ONE, "--exports", "one.txt") == []
    (found,) = ask(capsys, "--against", ONE, "--exports", f"{ONE}=one.txt")
    assert (found["domain"], found["links"]) == ("k.example", 2)


def test_ranks_and_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_history("backlinks.db")
    (tmp_path / "ranks.txt").write_text(
        "#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\n1\t9\t1\t9\texample.b\n2\t8\t2\t8\texample.a\n"
    )
    assert main(["gap", TARGET, "--against", ONE, "--ranks", "ranks.txt", "-o", "gap.csv"]) == 0
    assert capsys.readouterr().out == ""
    rows = list(csv.DictReader(io.StringIO((tmp_path / "gap.csv").read_text())))
    assert [(row["domain"], row["authority"]) for row in rows] == [("b.example", "100.0"), ("a.example", "0.0")]
    assert main(["gap", TARGET, "--against", ONE]) == 0
    assert "b.example" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--against", ONE], "it does not exist yet"),
        (["--against", ONE, "--history", "no.db", "--exports", "x.csv"], "it does not exist yet"),
        (["--against", ONE, "--exports", "x.csv"], "x.csv"),
        (["--against", ONE, "--at-least", "2", "--exports", "x.csv"], "--at-least 2: 1 competitors are named"),
        (["--against", ONE, "--at-least", "0", "--exports", "x.csv"], "--at-least 0"),
        (["--against", "com"], "whole top-level domain"),
        (["--against", TARGET], "name sites of others"),
        (["--against", ONE, "-o", "gap.txt"], "unknown format"),
    ],
)
def test_what_is_refused(capsys: pytest.CaptureFixture[str], words: list[str], complaint: str) -> None:
    assert main(["gap", TARGET, *words]) == 2
    assert complaint in capsys.readouterr().err


def test_a_web_graph_says_who_links_to_competitors_in_one_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    links = {
        "a.example": [ONE, TWO],
        "b.example": [ONE, TWO, TARGET],
        "c.example": [ONE],
        "d.example": [f"www.{ONE}", TWO],
        "github.io": [ONE, TWO],
    }
    folder = write_graph(tmp_path / "graph", links, ranked=["d.example", "c.example", "a.example", ONE])
    found = ask(capsys, "--against", ONE, TWO, "--graph", str(folder))
    assert [(one["domain"], one["count"], one["sources"]) for one in found] == [
        ("d.example", 2, ["commoncrawl"]),
        ("a.example", 2, ["commoncrawl"]),
    ]
    assert found[0]["authority"] == 100.0
    again = ask(capsys, "--against", ONE, TWO, "--graph", str(folder), "--at-least", "1")
    assert {one["domain"] for one in again} == {"a.example", "c.example", "d.example"}


def test_a_graph_without_the_competitors_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_graph(tmp_path / "graph", {"a.example": [TARGET]})
    assert main(["gap", TARGET, "--against", ONE, "--graph", str(folder)]) == 0
    assert f"no link to {ONE} is known" in capsys.readouterr().err
