"""`make crawl` in the demonstration web finds what its truth says; verify answers as its README says."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections import Counter
from pathlib import Path

import pytest

from backlinkbot.files.row_files import read_rows
from tests.conftest import BIN, ROOT, run_command
from tests.fakeweb import FakeWeb, Planted, load_truth, read_log
from tests.test_spiders import assert_all_found

pytestmark = pytest.mark.subprocess
DEMO = ROOT / "demo"


def demo_command(out: Path, later: str = "") -> list[str]:
    """The very words of the Makefile."""
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    found = re.search(r"^DEMO_COMMAND = (.*)$", makefile, re.MULTILINE)
    assert found is not None
    text = found[1].replace("$(BIN)", str(BIN)).replace("$(basename $(OUT))", str(out.with_suffix("")))
    text = text.replace("$(if $(LATER),demo/_later)", later).replace("$(HISTORY)", str(out.with_name("backlinks.db")))
    return shlex.split(text.replace("$(OUT)", str(out)))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a crawl of the demonstration leaves, and the log of its web."""
    folder = tmp_path_factory.mktemp("crawled")
    python, *words = demo_command(folder / "rows.jsonl")
    words[words.index("--") : words.index("--")] = ["--log", str(folder / "log.jsonl")]
    done = run_command(python, *words, timeout=600)
    assert (done.status, done.err) == (0, "")
    return folder


@pytest.mark.slow
def test_the_demonstration_is_crawled_to_its_truth(crawled: Path) -> None:
    out, log = crawled / "rows.jsonl", crawled / "log.jsonl"
    rows = [Planted.from_row(json.loads(line)) for line in out.read_text().splitlines()]
    assert_all_found(rows, load_truth(DEMO))
    asked = {hit.host for hit in read_log(log)}
    assert asked.isdisjoint({"127.0.0.1", "10.0.0.5", "169.254.169.254", "carol.github.io", "evil.example"})
    assert [hit.target for hit in read_log(log) if hit.host == "closed.example"][-1] == "/robots.txt"
    assert json.loads((crawled / "rows.summary.json").read_text())["backlinks"] == len(rows)


@pytest.mark.slow
def test_verify_answers_as_the_readme_says(tmp_path: Path) -> None:
    checks = tmp_path / "checks.csv"
    with FakeWeb.from_folder(DEMO) as web:
        done = run_command(
            "backlinkbot", "verify", "@demo/targets.txt", "--candidates", "demo/candidates.txt", "--checks", checks,
            "-o", tmp_path / "rows.csv", "--delay", "0", web=web, timeout=600,
        )  # fmt: skip
    assert (done.status, done.err) == (0, "")
    states = {row["candidate"].partition("://")[2]: row["state"] for row in read_rows(checks)}
    assert len(states) == len((DEMO / "candidates.txt").read_text().split())
    own = {
        states.pop(name)
        for name in ("www.target.example/about.html", "brand.example/", "old-brand.example/", "alice.github.io/")
    }
    assert own == {"not_linked"}
    assert states == {
        "magazine.example/issues/spring.html": "linked",
        "short.example/spring": "linked",
        "short.example/autumn": "linked",
        "short.example/home": "redirected",
        "magazine.example/issues/winter.html": "not_linked",
        "magazine.example/feed.xml": "not_linked",
        "blog.example/posts/harbour-walk.html": "linked",
        "press.example/removed.html": "gone",
        "press.example/withdrawn.html": "gone",
        "press.example/subscribers.html": "refused",
        "press.example/busy.html": "refused",
        "press.example/maintenance.html": "server_error",
        "wiki.example/private/drafts.html": "blocked_by_robots",
        "closed.example/interview.html": "blocked_by_robots",
        "www.university.example/papers/report.pdf": "not_html",
        "nowhere.example/": "unreachable",
        "10.0.0.5/": "unreachable",
    }


# --- some time later ----------------------------------------------------------------------------------------------------

LATER = {
    ("changed", "not_canonical", "magazine.example/issues/autumn.html", "autumn"),
    ("changed", "noindex", "news.example/meta/otherbot.html", "news/meta-otherbot"),
    ("lost", "page_redirected", "blog.example/posts/lighthouse.html", "lighthouses"),
    ("new", "page_found", "blog.example/posts/lights-of-the-coast.html", "lighthouses"),
    ("changed", "nofollow_added", "blog.example/posts/tools.html", "pens"),
    ("changed", "nofollow_removed", "blog.example/posts/tools.html", "ink"),
    ("changed", "anchor_changed", "blog.example/posts/tools.html", "paper"),
    ("changed", "target_changed", "blog.example/posts/tools.html", "dividers"),
    ("changed", "hidden", "blog.example/posts/tools.html", "pencils"),
    ("new", "link_found", "blog.example/posts/tools.html", "sharpeners"),
    ("lost", "removed_from_page", "blog.example/posts/tools.html", "rulers"),
}
"""What `demo/_later` changes; a page that answers 503 and one that is gone since today lose nothing."""


@pytest.mark.slow
def test_a_second_crawl_says_what_has_changed_and_the_report_too(crawled: Path, tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert "$(BIN)/backlinkbot changes --history '$(HISTORY)'" in makefile
    shutil.copytree(crawled, tmp_path, dirs_exist_ok=True)
    python, *words = demo_command(tmp_path / "rows.jsonl", "demo/_later")
    done = run_command(python, *words, timeout=600)
    assert (done.status, done.err) == (0, "")
    history = tmp_path / "backlinks.db"
    told = run_command("backlinkbot", "changes", "--history", history, "--format", "jsonl", "--exit-code")
    assert told.status == 3
    changes = [json.loads(line) for line in told.out.splitlines()]
    found = [
        (
            c["kind"],
            c["reason"],
            c["source_url"].partition("://")[2],
            c["target_url"].removeprefix("https://target.example/"),
        )
        for c in changes
    ]
    assert len(found) == len(set(found))
    assert set(found) == LATER
    report = tmp_path / "rows.html"
    assert run_command("backlinkbot", "report", "--history", history, "-o", report).status == 0
    assert "Sharpeners" in report.read_text()
    assert_figures_agree(tmp_path, history, Counter(c["kind"] for c in changes))


def assert_figures_agree(folder: Path, history: Path, changes: Counter[str]) -> None:
    """Every view of a history counts the same things."""
    runs = [json.loads(line) for line in printed("runs", "--history", history, "--format", "jsonl").splitlines()]
    counted = [Counter[str](run["changes"]) for run in runs]
    assert counted[-1] == changes
    summary = json.loads((folder / "rows.summary.json").read_text())["counts"]
    assert {kind: summary[f"remembering/{kind}"] for kind in changes} == changes
    all_runs = sum(counted, Counter[str]())
    assert printed("export", "--history", history, "-o", folder / "exported.jsonl") == ""
    exported = (folder / "exported.jsonl").read_text().splitlines()
    assert len(exported) == all_runs["new"] - all_runs["lost"] + all_runs["restored"]
    shown = re.sub(r"<[^>]+>|\s+", " ", (folder / "rows.html").read_text())
    figures = {name: int(re.search(rf"{name}\s+(\d+)\s", shown)[1]) for name in ("Backlinks", "Lost")}  # type: ignore[index]
    assert figures == {"Backlinks": len(exported), "Lost": all_runs["lost"]}


def printed(*words: str | Path) -> str:
    done = run_command("backlinkbot", *words)
    assert (done.status, done.err) == (0, "")
    return done.out


# --- from a name alone --------------------------------------------------------------------------------------------------

NAMED = {
    "hackernews": "1 request, 3 pages named, 2 with a link, 1 without",
    "lobsters": "1 request, 3 pages named, 1 with a link, 1 without, 1 could not be checked",
    "stackexchange": "5 requests, 3 pages named, 1 with a link, 1 without, 1 could not be checked",
    "lemmy": "2 requests, 2 pages named, 1 with a link, 1 could not be checked",
    "wikis": "20 requests, 4 pages named, 2 with a link, 2 without",
}
"""What the services of the demonstration have named, and what is there."""


@pytest.mark.slow
def test_from_a_name_alone_the_services_are_asked_and_their_pages_visited(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    found = re.search(r"^NAMED_COMMAND = (.*)$", makefile, re.MULTILINE)
    assert found is not None
    text = found[1].replace("$(BIN)", str(BIN)).replace("$(NAMED)", str(tmp_path / "rows.jsonl"))
    python, *words = shlex.split(text)
    words[words.index("--") : words.index("--")] = ["--log", str(tmp_path / "log.jsonl")]
    done = run_command(python, *words, timeout=600)
    assert done.status == 0, done.err
    rows = [Planted.from_row(json.loads(line)) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert_all_found(rows, load_truth(DEMO, "named.jsonl"))
    told = dict(
        line.removeprefix("backlinkbot: ").split(": ", 1) for line in done.err.splitlines() if ": " in line[13:]
    )
    assert {name: told.get(name) for name in NAMED} == NAMED
    assert "this run ends after 10 minutes or 1,000 pages" in done.err
    visited = [hit.url for hit in read_log(tmp_path / "log.jsonl") if "another-target" in hit.url]
    assert visited == []
