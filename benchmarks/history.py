"""What remembering costs: recording a page, and the changes of a run, in a history of a million backlinks.

    python -m benchmarks.history [--backlinks N] [--postgresql | --history URL]
    python -m benchmarks.history --weeks 52 [--backlinks 10000]

Builds the history first: every backlink on a page of its own, ten visits of each page, two in a hundred of which have
changed it. Its bulk is written straight into the tables, for recording ten million visits would take most of an hour; the
visits that are measured are recorded as a crawl records them. ``--weeks`` says what so many weekly runs weigh, and what is left
after ``backlinkbot prune``.
"""

from __future__ import annotations

import argparse
import random
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Final

from sqlalchemy import Connection, text

from backlinkbot.history import History, schema
from backlinkbot.history.database import writing
from backlinkbot.history.diff import KnownBacklink
from backlinkbot.history.link_columns import link_values
from backlinkbot.history.observation import digest, observations_of
from backlinkbot.history.recording import _key, _page_columns, columns_of
from backlinkbot.history.views import VIEWS
from backlinkbot.items import Backlink, JudgedPage, LinkState
from benchmarks.measuring import machine
from tests.postgres import PostgresServer

TARGET = "target.example"
VISITS = 10
CHANGED = 50
"""One page of so many has changed at a visit."""
BATCH = 100
MEASURED = 200
"""Batches."""


def day(run: int) -> str:
    return f"2026-01-{run:02d}T04:00:00Z"


def page(number: int, run: int, *, follow: bool = True) -> JudgedPage:
    """A page with one backlink, like the mean of a list of backlinks."""
    url = f"https://host{number % 100_003}.example/articles/{number}/on-the-making-of-maps.html"
    row = Backlink(
        target=TARGET,
        source_url=url,
        source_domain=f"host{number % 100_003}.example",
        source_title=f"On the making of maps, part {number}",
        source_status=200,
        source_language="en",
        target_url=f"https://{TARGET}/maps/{number % 997}",
        raw_href=f"https://{TARGET}/maps/{number % 997}",
        anchor=f"maps of {number % 331}",
        anchor_source="text",
        link_type="text",
        rel=() if follow else ("nofollow",),
        follow=follow,
        nofollow_by=() if follow else ("rel:nofollow",),
        indexable=True,
        noindex_by=(),
        canonical_url=url,
        flags=(),
        occurrences=1,
        external_links=12,
        internal_links=140,
        discovered_from="candidate",
        depth=0,
        fetched_at=day(run),
    )
    return JudgedPage(url=url, requested_url=url, fetched_at=day(run), status=200, candidates=(url,), backlinks=(row,))


def build(history: History, backlinks: int) -> None:
    """Nine runs over every page."""
    runs = [history.begin_run("verify", [TARGET], started_at=day(run)) for run in range(1, VISITS)]
    target = history._target_ids[runs[0]][TARGET]
    with writing(history._engine) as connection:
        for first in range(0, backlinks, 10_000):
            _write_pages(connection, range(first, min(first + 10_000, backlinks)), target)
        connection.execute(text(f"UPDATE _pages SET visits = {len(runs)}, changed_visits = 1"))
        for run in runs:
            connection.execute(
                text(
                    "INSERT INTO _visits (run_id, page_id, at, outcome, status, reason) "
                    f"SELECT {run}, id, first_visit_at + {(run - 1) * 86400}, 'read', 200, '' FROM _pages"
                )
            )
            reason = "'new', 'page_found', '', ''" if run == 1 else "'changed', 'anchor_changed', 'map', 'maps'"
            some = "" if run == 1 else f"WHERE id % {CHANGED} = {run}"
            connection.execute(
                text(
                    "INSERT INTO _changes (run_id, backlink_id, at, kind, reason, before, after) "
                    f"SELECT {run}, id, first_seen + {(run - 1) * 86400}, {reason} FROM _backlinks {some}"
                )
            )
    for run in runs:
        history.end_run(run)
    _settle(history)


def _settle(history: History) -> None:
    """What PostgreSQL does by and by to a database that has grown in weeks, not in minutes."""
    if history._engine.dialect.name == "postgresql":
        with history._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))


def _write_pages(connection: Connection, numbers: Sequence[int], target: int) -> None:
    observations = [observations_of(page(number, 1))[0] for number in numbers]
    seen = {"first_visit_at": day(1), "last_visit_at": day(VISITS - 1), "last_read_at": day(VISITS - 1)}
    connection.execute(
        schema.pages.insert(),
        [
            {"key": digest(observation.key), "url": observation.url, "domain": observation.rows[0].source_domain}
            | seen
            | _page_columns(observation)
            for observation in observations
        ],
    )
    found = [
        (number + 1, key, shown)
        for number, observation in zip(numbers, observations, strict=True)
        for key, shown in observation.backlinks().items()
    ]
    connection.execute(
        schema.backlinks.insert(),
        [
            {"page_id": id_, "key": _key(key), "target_id": target}
            | columns_of(KnownBacklink(shown=shown, state=LinkState.LIVE, first_seen=day(1)))
            for id_, key, shown in found
        ],
    )
    rows = [values for id_, _, shown in found for values in link_values(id_, shown.rows)]  # one backlink a page
    connection.execute(schema.links.insert(), rows)


def known_batches(backlinks: int, chance: random.Random) -> Iterator[list[JudgedPage]]:
    """Pages in the order in which a crawl meets them: any."""
    for _ in range(MEASURED):
        numbers = chance.sample(range(backlinks), BATCH)
        yield [page(number, VISITS, follow=bool(chance.randrange(CHANGED))) for number in numbers]


def new_batches(backlinks: int) -> Iterator[list[JudgedPage]]:
    for first in range(backlinks, backlinks + MEASURED * BATCH, BATCH):
        yield [page(number, VISITS) for number in range(first, first + BATCH)]


def silent_batches(backlinks: int) -> Iterator[list[JudgedPage]]:
    """Pages of a discovery crawl without a backlink, which are only looked up."""
    for pages in new_batches(backlinks + MEASURED * BATCH):
        yield [replace(page, backlinks=(), candidates=()) for page in pages]


def cost(history: History, run: int, batches: Iterator[list[JudgedPage]]) -> str:
    """Microseconds a page."""
    taken = []
    for pages in batches:
        began = perf_counter()
        history.record(run, pages)
        taken.append((perf_counter() - began) / len(pages) * 1e6)
    return f"median {median(taken):.0f} µs a page, 95 % of the batches below {quantiles(taken, n=20)[-1]:.0f}"


def seconds_of_changes(history: History, run: int) -> str:
    began = perf_counter()
    count = sum(1 for _ in history.changes(run=run))
    return f"{perf_counter() - began:.2f} s for its {count:,} changes"


QUESTION: Final = re.compile(r"^\d+\. ([^\n]+)\n\n```sql\n(.*?)```", re.MULTILINE | re.DOTALL)


def ask(history: History) -> None:
    """The questions of ``docs/history-schema.md``, and the first rows of each view."""
    asked = QUESTION.findall(Path("docs/history-schema.md").read_text(encoding="utf-8"))
    asked += [(f"the first 100 rows of {view.name}", f"SELECT * FROM {view.name} LIMIT 100") for view in VIEWS]
    with history._engine.connect() as connection:
        for question, query in asked:
            began = perf_counter()
            rows = len(connection.execute(text(query.replace(":", r"\:"))).all())
            print(f"{question} {perf_counter() - began:.2f} s, {rows} rows")


def measure(url: str, backlinks: int) -> None:
    began = perf_counter()
    with History.open(url) as history:
        build(history, backlinks)
        print(f"built {backlinks:,} backlinks with {VISITS - 1} visits each in {perf_counter() - began:.0f} s")
    with History.open(url) as history:
        run = history.begin_run("verify", [TARGET], started_at=day(VISITS))
        print("recording known pages:", cost(history, run, known_batches(backlinks, random.Random(1))))
        print("recording new pages:", cost(history, run, new_batches(backlinks)))
        print("passing over pages without backlinks:", cost(history, run, silent_batches(backlinks)))
        history.end_run(run)
        for number, name in ((VISITS - 1, "an ordinary run"), (1, "the first run, which found everything")):
            print(f"changes of {name}:", seconds_of_changes(history, number))
        began = perf_counter()
        count = len(history.runs())
        print(f"runs: {perf_counter() - began:.2f} s for {count}")
        ask(history)


def weigh(path: Path, backlinks: int, weeks: int) -> None:
    """Records weekly runs over the same pages, of which each finds two in a hundred changed."""
    chance = random.Random(1)
    began = datetime(2026, 1, 5, 4, tzinfo=UTC)

    def size() -> str:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return f"{path.stat().st_size / 1e6:.1f} MB"

    with History.open(str(path)) as history:
        for week in range(weeks):
            at = (began + timedelta(weeks=week)).strftime("%Y-%m-%dT%H:%M:%SZ")
            run = history.begin_run("recheck", [TARGET], started_at=at)
            for first in range(0, backlinks, BATCH):
                numbers = range(first, min(first + BATCH, backlinks))
                pages = [page(number, 1, follow=bool(chance.randrange(CHANGED))) for number in numbers]
                history.record(run, [replace(one, fetched_at=at) for one in pages])
            history.end_run(run, finished_at=at)
            if week in {0, weeks - 1}:
                print(f"after {week + 1} weekly runs over {backlinks:,} pages: {size()}", flush=True)
        kept = (began + timedelta(weeks=weeks - 4)).strftime("%Y-%m-%dT%H:%M:%SZ")
        removed = history.prune(before=kept)
        print(f"pruned to the visits of the last four weeks, {removed.visits:,} removed: {size()}")


def main() -> None:
    parser = argparse.ArgumentParser(description="What remembering costs.")
    parser.add_argument("--backlinks", type=int)
    parser.add_argument("--weeks", type=int, help="instead: what so many weekly runs weigh")
    parser.add_argument("--history", help="an empty database; without it, a SQLite file that goes again")
    parser.add_argument("--postgresql", action="store_true", help="a PostgreSQL server that goes again")
    arguments = parser.parse_args()
    backlinks = arguments.backlinks or (10_000 if arguments.weeks else 1_000_000)
    print(machine())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backlinkbot-history-")))
        if arguments.weeks:
            weigh(folder / "backlinks.db", backlinks, arguments.weeks)
        elif arguments.history:
            measure(arguments.history, backlinks)
        elif arguments.postgresql:
            measure(stack.enter_context(PostgresServer(hasty=False)).database(), backlinks)
        else:
            path = folder / "backlinks.db"
            measure(str(path), backlinks)
            print(f"the file has {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
