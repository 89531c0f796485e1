"""The published views of a history: their columns, what they count, and the questions of the documentation."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import inspect, text

from backlinkbot.history import History
from backlinkbot.history.link_columns import CLAIM_COLUMNS
from backlinkbot.history.observation import key_of_row
from backlinkbot.history.views import VIEWS
from backlinkbot.items import Backlink, Candidate, Claim, JudgedPage, State
from backlinkbot.items.columns import Kind, columns_of
from tests.conftest import ROOT, run_command
from tests.datasette_server import asked, datasette
from tests.fakeweb import FakeWeb
from tests.postgres import PostgresServer
from tests.visited import ONE, OTHER, SOURCE, TARGET, TWO, day, failed, gone, nofollow, read, row

# Views only grow: a line may be added here, none may go or change.
PUBLISHED = {
    "backlinks": """
        target:text source_url:text source_domain:text source_title:text target_url:text anchor:text link_type:text
        follow:true/false nofollow_by:list rel:list indexable:true/false noindex_by:list flags:list
        placement:text heading:text context_before:text context_after:text link_kind:list link_density:real
        position:number occurrences:number
        state:text first_seen:time last_seen:time lost_reason:text unconfirmed_since:time
        target_state:text target_status:number target_final_url:text
        source_status:number source_language:text canonical_url:text external_links:number internal_links:number
        discovered_from:text depth:number fetched_at:time
        raw_href:text via:lines anchor_source:text placement_by:text link_kind_by:lines flags_by:lines
        source_accounts:list rendered:text
        lost_at:time backlink_id:number
    """,
    "referring_domains": """
        target:text source_domain:text links:number follow_links:number lost_links:number pages:number
        first_seen:time last_seen:time
    """,
    "anchors": """
        target:text anchor:text links:number follow_links:number lost_links:number domains:number first_seen:time
    """,
    "linked_pages": """
        target:text target_url:text links:number follow_links:number lost_links:number domains:number first_seen:time
    """,
    "changes": """
        kind:text reason:text target:text source_url:text source_domain:text target_url:text anchor:text
        before:text after:text at:time run:number is_mention:true/false backlink_id:number
    """,
    "claims": """
        origin:text file:text row:number candidate:text source_url:text source_domain:text
        claimed_target:text claimed_anchor:text claimed_rel:list claimed_follow:true/false
        claimed_first_seen:text claimed_last_seen:text is_lost:true/false confidence:real
        verdict:text reasons:list judged_at:time run:number
    """,
    "runs": """
        id:number command:text targets:list arguments:text started_at:time finished_at:time outcome:text
        exit_status:number new:number lost:number restored:number changed:number counts:text
    """,
    "visits": "run:number source_url:text source_domain:text at:time outcome:text status:number reason:text",
}


@pytest.fixture
def history(history_url: str) -> Iterator[History]:
    with History.open(history_url) as history:
        yield history


def ask(history: History, query: str) -> list[dict[str, Any]]:
    """The rows, with times, lists and truth values as rows of files have them, whatever the database."""
    with history._engine.connect() as connection:
        return [dict(found) for found in connection.execute(text(query.replace(":", r"\:"))).mappings()]


def as_of(kind: Kind, value: Any) -> Any:
    """A value of a view as the rows of the crawl have it."""
    if kind is Kind.TIME:
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return value or ""
    if kind in {Kind.LIST, Kind.LINES}:
        return tuple(json.loads(value))
    return bool(value) if kind is Kind.FLAG and value is not None else value


def rows_of(history: History, name: str, order: str = "") -> list[dict[str, Any]]:
    """All of a view."""
    (view,) = (view for view in VIEWS if view.name == name)
    kinds = {column.name: column.kind for column in view.columns}
    found = ask(history, f"SELECT * FROM {name} {order}")
    return [{column: as_of(kinds[column], value) for column, value in one.items()} for one in found]


# --- the schema -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PUBLISHED)
def test_views_only_grow(name: str) -> None:
    columns = {view.name: [f"{column.name}:{column.kind}" for column in view.columns] for view in VIEWS}
    assert set(PUBLISHED[name].split()) <= set(columns[name])
    assert set(columns[name]) <= set(PUBLISHED[name].split()), "what is published from now on belongs into PUBLISHED"


def test_the_published_views_are_those_of_a_database(history: History) -> None:
    found = inspect(history._engine)
    assert sorted(found.get_view_names()) == sorted(PUBLISHED)
    for name, columns in PUBLISHED.items():
        assert {column["name"] for column in found.get_columns(name)} == {
            column.partition(":")[0] for column in columns.split()
        }


def test_every_column_of_rows_is_in_the_view_of_backlinks() -> None:
    (view,) = (view for view in VIEWS if view.name == "backlinks")
    published = {column.name: column.kind for column in view.columns}
    assert [(name, kind) for name, kind in published.items() if name not in {"lost_at", "backlink_id"}] == [
        (column.name, column.kind) for column in columns_of(Backlink) if column.name not in CLAIM_COLUMNS
    ]


# --- what they show ---------------------------------------------------------------------------------------------------


@pytest.fixture
def watched(history: History) -> History:
    """Three pages of two domains, seen twice; what became of their links is told below."""
    hostile = "'; DROP VIEW runs; -- \0 \" ü"
    first = [
        read(
            day(1),
            row(
                ONE,
                rel=("ugc",),
                flags=("hidden",),
                placement="content",
                link_density=0.5,
                via=("https://x.example/a,b",),
            ),
            nofollow(ONE, anchor="again", raw_href=hostile),
            nofollow(TWO, anchor="two"),
            row(ONE, link_type="canonical", follow=None, anchor=""),
        ),
        read(day(1), row(ONE), row(TWO, anchor="two"), url=OTHER),
        read(day(1), row(TWO, anchor="own", flags=("same_domain",)), url="https://b.example/third"),
    ]
    second = [
        read(
            day(2),
            row(ONE, anchor="atlas"),
            nofollow(ONE, anchor="again", raw_href=hostile),
            row(ONE, link_type="canonical", follow=None, anchor=""),
        ),
        read(day(2), row(ONE), row("https://target.example/three", anchor="two"), url=OTHER),
        failed(day(2), State.REFUSED, "403", url="https://b.example/third"),
    ]
    for number, pages in enumerate((first, second), start=1):
        run = history.begin_run("verify", [TARGET], includes_own=True, started_at=day(number))
        history.record(run, [_with_domains(page) for page in pages])
        history.end_run(run, finished_at=day(number, 13), counts={"pages": 3})
    return history


def _with_domains(page: JudgedPage) -> JudgedPage:
    domain = page.url.split("/")[2]
    return replace(page, backlinks=tuple(replace(one, source_domain=domain) for one in page.backlinks))


def test_the_rows_of_the_view_are_those_of_the_history(watched: History) -> None:
    found = rows_of(watched, "backlinks")
    expected = [
        {column.name: getattr(one, column.name) for column in columns_of(Backlink) if column.name not in CLAIM_COLUMNS}
        for one in watched.backlinks()
    ]
    extra = [(one.pop("lost_at"), one.pop("backlink_id"), one["state"]) for one in found]
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert len(found) == 7
    assert {state: {at for at, _, of in extra if of == state} for _, _, state in extra} == {
        "changed": {""},
        "lost": {day(2)},
        "live": {""},
        "new": {""},
    }
    assert len({id_ for _, id_, _ in extra}) == 6


def test_domains_anchors_and_addresses_are_counted_as_backlinks(watched: History) -> None:
    def figures(name: str, *columns: str) -> dict[Any, tuple[Any, ...]]:
        return {one[columns[0]]: tuple(one[column] for column in columns[1:]) for one in rows_of(watched, name)}

    counted = ("links", "follow_links", "lost_links")
    assert figures("referring_domains", "source_domain", *counted, "pages", "first_seen", "last_seen") == {
        "a.example": (2, 1, 1, 1, day(1), day(2)),
        "b.example": (2, 2, 0, 1, day(1), day(2)),
    }
    assert figures("anchors", "anchor", *counted, "domains") == {
        "atlas": (1, 1, 0, 1),
        "maps": (1, 1, 0, 1),
        "two": (1, 1, 1, 1),
        "": (1, 0, 0, 1),
    }
    assert figures("linked_pages", "target_url", *counted, "domains") == {
        ONE: (3, 2, 0, 2),
        TWO: (0, 0, 1, 0),
        "https://target.example/three": (1, 1, 0, 1),
    }


@pytest.mark.parametrize(
    "mention",
    [
        row(ONE, link_type="mention", follow=None, anchor="target.example"),
        row(ONE, link_type="mention", follow=None, anchor="Acme", flags=("brand",), flags_by=("brand:Acme",)),
    ],
)
def test_a_mention_counts_as_no_backlink(history: History, mention: Backlink) -> None:
    pages = [read(day(1), row(ONE), mention), read(day(1), mention, url=OTHER)]
    run = history.begin_run("verify", [TARGET], extras=[key_of_row(mention).kind], started_at=day(1))
    history.record(run, [_with_domains(page) for page in pages])
    for has_ended in (False, True):
        if has_ended:
            history.end_run(run)
        (told,) = rows_of(history, "runs")
        assert (told["new"], history.runs()[0].changes) == (1, {"new": 1})
    assert [(one["source_domain"], one["links"]) for one in rows_of(history, "referring_domains")] == [("a.example", 1)]
    assert [(one["anchor"], one["links"]) for one in rows_of(history, "anchors")] == [("maps", 1)]
    assert [(one["target_url"], one["links"], one["domains"]) for one in rows_of(history, "linked_pages")] == [
        (ONE, 1, 1)
    ]
    changes = sorted((one["source_url"], bool(one["is_mention"])) for one in rows_of(history, "changes"))
    assert changes == [(SOURCE, False), (SOURCE, True), (OTHER, True)]
    assert sorted((change.source_url, change.is_mention) for change in history.changes(run=run)) == changes
    newest, total = history.newest_changes(10)
    assert ([change.is_mention for change in newest], total) == ([False], 1)
    assert history.newest_changes(10, targets=[TARGET])[1] == 1


def test_changes_runs_and_visits_are_those_of_the_history(watched: History) -> None:
    found = rows_of(watched, "changes", "ORDER BY run, backlink_id")
    names = [column for column in found[0] if column != "backlink_id"]
    for one in found:
        one["is_mention"] = bool(one["is_mention"])  # the query of all columns knows no types
    assert sorted(([one[name] for name in names] for one in found), key=repr) == sorted(
        ([getattr(change, name) for name in names] for run in (1, 2) for change in watched.changes(run=run)), key=repr
    )
    runs = rows_of(watched, "runs", "ORDER BY id")
    assert [(one["id"], one["targets"], one["new"], one["lost"], one["restored"], one["changed"]) for one in runs] == [
        (1, (TARGET,), 6, 0, 0, 0),
        (2, (TARGET,), 0, 1, 0, 2),
    ]
    assert [(one["started_at"], one["finished_at"], one["counts"]) for one in runs] == [
        (day(1), day(1, 13), '{"pages": 3}'),
        (day(2), day(2, 13), '{"pages": 3}'),
    ]
    visits = rows_of(watched, "visits", "ORDER BY run, source_url")
    assert [(one["run"], one["source_url"], one["at"], one["outcome"], one["status"]) for one in visits] == [
        (1, SOURCE, day(1), "read", 200),
        (1, OTHER, day(1), "read", 200),
        (1, "https://b.example/third", day(1), "read", 200),
        (2, SOURCE, day(2), "read", 200),
        (2, OTHER, day(2), "read", 200),
        (2, "https://b.example/third", day(2), "refused", None),
    ]


def test_claims_are_those_of_the_history(history: History) -> None:
    run = history.begin_run("import", [])
    claims = (
        Claim(origin="ahrefs", file="a.csv", row=2, target_url=ONE, anchor='"maps"', rel=('a"b\\', "ugc"), follow=True),
        Claim(origin="gsc", file="b.csv", row=3, is_lost=True, confidence=0.5),
    )
    history.add_candidates(run, [Candidate(url=SOURCE, claims=claims)])
    history.end_run(run)
    assert sorted((judged.claim for judged in history.claims()), key=repr) == list(claims)
    found = rows_of(history, "claims", "ORDER BY origin")
    assert [(one["origin"], one["claimed_rel"], one["claimed_follow"], one["is_lost"]) for one in found] == [
        ("ahrefs", ('a"b\\', "ugc"), True, False),
        ("gsc", (), None, True),
    ]
    assert [(one["verdict"], one["reasons"], one["judged_at"], one["run"]) for one in found] == [
        ("could_not_check", ("not_visited",), "", run)
    ] * 2


def test_links_are_found_by_a_value_of_a_list(watched: History) -> None:
    found = ask(watched, """SELECT source_url FROM backlinks WHERE nofollow_by LIKE '%"rel:nofollow"%'""")
    assert [one["source_url"] for one in found] == [SOURCE] * 2
    each = {
        "sqlite": "SELECT value FROM backlinks, json_each(nofollow_by)",
        "postgresql": "SELECT value FROM backlinks, json_array_elements_text(nofollow_by::json) AS value",
    }
    assert ask(watched, each[watched._engine.dialect.name]) == [{"value": "rel:nofollow"}] * 2


def test_a_page_that_could_not_be_checked_leaves_its_links_unconfirmed(history: History) -> None:
    for number, page in enumerate((read(day(1), row()), gone(day(2))), start=1):
        run = history.begin_run("verify", [TARGET], started_at=day(number))
        history.record(run, [page])
        history.end_run(run)
    (found,) = rows_of(history, "backlinks")
    assert (found["state"], found["last_seen"], found["unconfirmed_since"]) == ("new", day(1), day(1))


# --- the questions of the documentation -------------------------------------------------------------------------------

QUESTIONS = re.findall(
    r"^\d+\. ([^\n]+)\n\n```sql\n(.*?)```", (ROOT / "docs/history-schema.md").read_text(), re.MULTILINE | re.DOTALL
)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a crawl of the demonstration leaves: a history, and its visits to record elsewhere."""
    folder = tmp_path_factory.mktemp("demonstration")
    with FakeWeb.from_folder(ROOT / "demo") as web:
        done = run_command(
            "backlinkbot", "discover", "@demo/targets.txt", "--seed", "@demo/seeds.txt", "--candidates", "demo/candidates.txt",
            "--max-pages-per-domain", "100", "--delay", "0", "-s", "BACKLINKBOT_WAIT_MAX=0",
            "--history", folder / "watch.db", "--visits", folder / "visits.jsonl", "-o", folder / "rows.csv",
            web=web, timeout=600,
        )  # fmt: skip
    assert (done.status, done.err) == (0, "")
    return folder


@pytest.mark.slow
@pytest.mark.subprocess
def test_ten_questions_have_the_same_answers_in_both_databases(demonstration: Path, postgres: PostgresServer) -> None:
    assert len(QUESTIONS) == 10
    server = postgres.database()
    done = run_command("backlinkbot", "replay", demonstration / "visits.jsonl", "--history", server)
    assert done.status == 0, done.err
    with History.open(str(demonstration / "watch.db")) as one, History.open(server) as other:
        for question, query in QUESTIONS:
            answers = [[tuple(row.values()) for row in ask(history, query)] for history in (one, other)]
            assert answers[0] == answers[1], question
            assert answers[0], f"{question} has no answer"


def answers_of(history: Path, query: str) -> list[list[Any]]:
    """What SQLite itself answers."""
    with closing(sqlite3.connect(f"file:{history}?mode=ro", uri=True)) as connection:
        return [list(found) for found in connection.execute(query)]


@pytest.mark.slow
@pytest.mark.subprocess
def test_datasette_answers_the_ten_questions(demonstration: Path) -> None:
    history = demonstration / "watch.db"
    with datasette(history) as address:
        for question, query in QUESTIONS:
            words = urlencode({"sql": query, "_shape": "arrays"})
            answer = asked(f"{address}/watch.json?{words}")
            assert (answer["ok"], answer["truncated"]) == (True, False), question
            assert answer["rows"] == answers_of(history, query) != [], question
