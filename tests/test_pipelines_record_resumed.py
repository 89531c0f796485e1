"""The same command resumes a crawl that a bound or a kill has ended; its output is that of an unbroken run."""

from __future__ import annotations

import csv
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from backlinkbot.frontier.experience import Experience
from backlinkbot.frontier.saving import CrawlSaver
from backlinkbot.history import History
from tests.conftest import Crawl, CrawlFunction, link, run_command
from tests.fakeweb import FakeWeb
from tests.resuming import Resumptions

A = "https://a.example"
B = "https://b.example"
PAGES = 12


@pytest.fixture(autouse=True)
def site(web: FakeWeb) -> FakeWeb:
    """A chain of pages on one host, each with a link to the target, and to a page that has none."""
    for page in range(PAGES):
        links = [link(f"{A}/{page + 1}", text=f"page {page + 1}")] if page + 1 < PAGES else []
        links += [link(f"https://target.example/{page}", text=f"target {page}"), link(f"{A}/leaf{page}", text="leaf")]
        web.page(f"{A}/{page}", "<!doctype html>" + "".join(links))
        web.page(f"{A}/leaf{page}", "<!doctype html><title>leaf</title>")
    return web


def discover(crawl: CrawlFunction, history: str, **given: Any) -> Crawl:
    return crawl("discover", seeds=f"{A}/0", sitemaps="no", sources="none", history=history, **given)


def targets(crawl: Crawl) -> list[str]:
    return sorted(row.target_url for row in crawl.rows)


EVERYTHING = sorted(f"https://target.example/{page}" for page in range(PAGES))


@pytest.mark.slow
@pytest.mark.parametrize("order", ["best-first", "breadth-first"])
def test_a_bound_that_is_raised_resumes_the_crawl(crawl: CrawlFunction, history_url: str, order: str) -> None:
    first = discover(crawl, history_url, max_pages="7", order=order)
    assert first.stats["finish_reason"] == "page_bound"
    rest = discover(crawl, history_url, max_pages="0", order=order)
    assert Counter(rest.asked).most_common(1)[0][1] == 1, "a page was fetched twice"
    assert len(rest.asked) == 2 * PAGES
    assert targets(rest) == EVERYTHING
    assert {row.state for row in rest.rows} == {"new"}
    assert rest.stats["backlinks/resuming/done"] == 7
    assert rest.stats["backlinks/rows"] == PAGES
    with History.open(history_url) as history:
        assert history.pending() == {}


def test_the_same_bound_again_begins_a_new_crawl(crawl: CrawlFunction, history_url: str) -> None:
    first = discover(crawl, history_url, max_pages="7")
    again = discover(crawl, history_url, max_pages="7")
    assert len(again.asked) == 14
    assert "backlinks/resuming/runs" not in again.stats
    assert targets(first) == targets(again)


def test_a_crawl_that_has_visited_everything_begins_anew(crawl: CrawlFunction, tmp_path: Path) -> None:
    discover(crawl, str(tmp_path / "h.db"))
    again = discover(crawl, str(tmp_path / "h.db"))
    assert len(again.asked) == 4 * PAGES
    assert {row.state for row in again.rows} == {"live"}


@pytest.mark.parametrize(
    ("bounds", "raised"),
    [({"max_depth": "3"}, {"max_depth": "0"}), ({"max_pages_per_domain": "5"}, {"max_pages_per_domain": "100"})],
)
def test_what_lay_beyond_a_bound_waits_for_a_higher_one(
    crawl: CrawlFunction, tmp_path: Path, bounds: dict[str, str], raised: dict[str, str]
) -> None:
    history = str(tmp_path / "h.db")
    first = discover(crawl, history, **bounds)
    assert first.stats["finish_reason"] == "finished"
    assert len(first.asked) < 2 * PAGES
    rest = discover(crawl, history, **raised)
    assert len(rest.asked) == 2 * PAGES
    assert targets(rest) == EVERYTHING


def test_fresh_gives_an_unfinished_crawl_up(crawl: CrawlFunction, tmp_path: Path) -> None:
    discover(crawl, str(tmp_path / "h.db"), max_pages="7")
    fresh = discover(crawl, str(tmp_path / "h.db"), max_pages="0", fresh="yes")
    assert len(fresh.asked) == 7 + 2 * PAGES
    assert targets(fresh) == EVERYTHING


@pytest.mark.slow
@pytest.mark.parametrize(
    "other",
    [
        {"targets": "other.example"},
        {"follow": "all"},
        {"max_hops": "2"},
        {"mentions": "yes"},
        {"aliases": "t.example=target.example"},
    ],
)
def test_other_targets_or_another_scope_are_another_crawl(
    crawl: CrawlFunction, tmp_path: Path, other: dict[str, str]
) -> None:
    discover(crawl, str(tmp_path / "h.db"), max_pages="7")
    assert "backlinks/resuming/runs" not in discover(crawl, str(tmp_path / "h.db"), max_pages="8", **other).stats
    with History.open(str(tmp_path / "h.db")) as history:
        assert len(history.pending()) == 2


def test_a_list_with_other_candidates_is_another_crawl(crawl: CrawlFunction, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text(f"{A}/leaf11\n")
    given = {"candidates": str(tmp_path / "list.txt")}
    discover(crawl, str(tmp_path / "h.db"), max_pages="7", **given)
    (tmp_path / "list.txt").write_text(f"{A}/leaf10\n")
    assert "backlinks/resuming/runs" not in discover(crawl, str(tmp_path / "h.db"), max_pages="8", **given).stats
    (tmp_path / "same.txt").write_text(f"{A}/leaf10\n")
    given = {"candidates": str(tmp_path / "same.txt")}
    assert "backlinks/resuming/runs" in discover(crawl, str(tmp_path / "h.db"), max_pages="9", **given).stats


def test_without_a_history_and_with_a_jobdir_nothing_is_saved(crawl: CrawlFunction, tmp_path: Path) -> None:
    discover(crawl, "", max_pages="7")
    assert len(discover(crawl, "", max_pages="0").asked) == 7 + 2 * PAGES
    discover(crawl, str(tmp_path / "h.db"), max_pages="7", JOBDIR=str(tmp_path / "job"))
    with History.open(str(tmp_path / "h.db")) as history:
        assert history.pending() == {}


def test_a_flood_of_links_is_bounded_and_counted(crawl: CrawlFunction, web: FakeWeb, tmp_path: Path) -> None:
    flood = "".join(link(f"{A}/{number}") for number in range(500))
    web.page(f"{A}/0", f"<!doctype html>{flood}{link(B + '/')}")
    web.page(f"{B}/", link())
    history = str(tmp_path / "h.db")
    found = discover(crawl, history, follow="all", max_pages="1", BACKLINKBOT_MAX_WAITING_PER_DOMAIN=100)
    assert found.stats["backlinks/discover/waiting_bound"] == 398
    with History.open(history) as opened:
        (waiting,) = opened.pending().values()
    assert waiting == 102  # of the flood as many as may wait beside the one visited, and the other domain's page


def test_the_order_knows_again_what_earlier_runs_have_learned(
    crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Experience] = []
    begin = Experience.__init__

    def noted(self: Experience) -> None:
        begin(self)
        made.append(self)

    known: list[int] = []
    note = CrawlSaver.note

    def saved(self: CrawlSaver, name: str, number: int) -> None:
        if name == "pairs":
            known.append(number)
        note(self, name, number)

    monkeypatch.setattr(Experience, "__init__", noted)
    monkeypatch.setattr(CrawlSaver, "note", saved)
    discover(crawl, str(tmp_path / "h.db"), max_pages="7")
    learned = max(made, key=lambda one: one.visits)
    made.clear()
    before = set(known)
    known.clear()
    discover(crawl, str(tmp_path / "h.db"), max_pages="8")
    again = max(made, key=lambda one: one.visits)
    assert (learned.visits, again.visits) == (7, 8)
    assert before
    assert all(number in again._hashes for number in before)
    assert before.isdisjoint(known), "what is known is not learned twice"
    assert again.hits in {learned.hits, learned.hits + 1}
    assert again._hosts._hosts.keys() == learned._hosts._hosts.keys()


def rows_of(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return sorted(row["target_url"] for row in csv.DictReader(file))


@pytest.mark.slow
@pytest.mark.subprocess
def test_the_command_writes_the_whole_output_shows_what_waits_and_forgets(site: FakeWeb, tmp_path: Path) -> None:
    words = ["backlinkbot", "discover", "target.example", "--seed", f"{A}/0", "--sitemaps", "no", "--source", "none"]
    words += ["--delay", "0", "--history", "h.db", "-o", "rows.csv"]
    assert run_command(*words, "--max-pages", "7", web=site, cwd=tmp_path).status == 0
    some = rows_of(tmp_path / "rows.csv")
    runs = run_command("backlinkbot", "runs", "--history", "h.db", "--format", "csv", cwd=tmp_path)
    (run,) = csv.DictReader(runs.out.splitlines())
    assert int(run["pending"]) > 0
    second = run_command(*words, "--max-pages", "9", web=site, cwd=tmp_path)
    assert "resuming the crawl of" in second.err
    assert "--fresh begins anew" in second.err
    assert len(rows_of(tmp_path / "rows.csv")) >= len(some)
    forgotten = run_command("backlinkbot", "runs", "--history", "h.db", "--forget", "1", cwd=tmp_path)
    assert (forgotten.status, "pending pages are forgotten" in forgotten.out) == (0, True)
    again = run_command("backlinkbot", "runs", "--history", "h.db", "--forget", "1", cwd=tmp_path)
    assert (again.status, "run 1 belongs to no unfinished crawl" in again.err) == (2, True)
    appending = [*words, "--append", "-o", "more.csv"]
    assert run_command(*appending, "--max-pages", "7", web=site, cwd=tmp_path).status == 0
    assert run_command(*appending, "--max-pages", "0", web=site, cwd=tmp_path).status == 0
    assert rows_of(tmp_path / "more.csv") == EVERYTHING


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.parametrize("spider", ["discover", "verify"])
def test_a_crawl_that_is_killed_again_and_again_ends_as_an_unbroken_one(
    history_url: str, tmp_path: Path, spider: str
) -> None:
    with Resumptions(tmp_path, history_url, spider, random.Random(spider)) as resumptions:
        resumptions.crawl(most_kills=3)
    assert resumptions.kills >= 1
    assert resumptions.recorded_twice == 0
