"""What the page costs: pages of a history of a million links, with filters, searches and orders drawn at random.

    python -m benchmarks.web [--links N] [--requests N]

Generates the history first. Each request is asked for the first time, through the application, without a network: HTML of the rows
and of the counts beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import tempfile
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final

from sqlalchemy import text

from backlinkbot.history import History
from backlinkbot.history.database import writing
from backlinkbot.web.app import application
from backlinkbot.web.queries import TableQuery, read
from backlinkbot.web.snapshots import Snapshots
from backlinkbot.web.tables import TABLES, Table
from benchmarks.history import TARGET, _write_pages, day
from benchmarks.measuring import machine

# Values of a link by its number, so that filters have something to tell apart.
_VARIED: Final = (
    """UPDATE _links SET
         placement = CASE backlink_id % 7 WHEN 0 THEN 'footer' WHEN 1 THEN 'nav' WHEN 2 THEN 'comment' WHEN 3 THEN ''
                     ELSE 'content' END,
         follow = backlink_id % 3 > 0,
         nofollow_by = CASE WHEN backlink_id % 3 > 0 THEN '[]' WHEN backlink_id % 2 = 0 THEN '["rel:nofollow"]'
                       ELSE '["rel:ugc","meta:robots"]' END,
         indexable = backlink_id % 11 > 0,
         target_state = CASE backlink_id % 13 WHEN 0 THEN 'broken' WHEN 1 THEN '' ELSE 'ok' END,
         link_type = CASE backlink_id % 17 WHEN 0 THEN 'image' ELSE 'text' END""",
    """UPDATE _backlinks SET
         state = CASE id % 5 WHEN 0 THEN 'lost' WHEN 1 THEN 'new' ELSE 'live' END,
         lost_reason = CASE id % 5 WHEN 0 THEN 'removed_from_page' ELSE '' END,
         first_seen = first_seen + (id * 7919) % 30000000""",
    "UPDATE _pages SET external_links = (id * 31) % 300",
    """INSERT INTO _changes (run_id, backlink_id, at, kind, reason, before, after)
         SELECT 1, id, first_seen, 'new', 'page_found', '', '' FROM _backlinks WHERE id % 2 = 0""",
)
_SEARCHED: Final = ("maps", "host77", "articles/123", "making", "no such text")


def generate(history: History, links: int) -> None:
    """A history with one link on each page."""
    run = history.begin_run("verify", [TARGET], started_at=day(1))
    target = history._target_ids[run][TARGET]
    with writing(history._engine) as connection:
        for first in range(0, links, 10_000):
            _write_pages(connection, range(first, min(first + 10_000, links)), target)
        for statement in _VARIED:
            connection.execute(text(statement))
    history.end_run(run)


def requests(frames: Any, count: int, chance: random.Random) -> list[str]:
    """Different addresses of tables; half of them of the table of links."""
    found: dict[str, None] = {}
    while len(found) < count:
        table = chance.choice((TABLES[0], chance.choice(TABLES)))
        found[_request(table, frames, chance)] = None
    return list(found)


def _request(table: Table, frames: Any, chance: random.Random) -> str:
    facets = frames[table.name].page(_all(table)).facets
    words = [
        f"{facet.column}={chance.choice(facet.values).text.replace(' ', '+')}"
        for facet in facets
        if facet.values and chance.random() < 0.3
    ]
    if chance.random() < 0.3:
        words.append(f"q={chance.choice(_SEARCHED).replace(' ', '+')}")
    words.append(f"sort={chance.choice(('', '-'))}{chance.choice(table.shown)}")
    if chance.random() < 0.5 and len(frames[table.name]):
        words.append(f"after={chance.randrange(len(frames[table.name]))}")
    return f"/{table.name}?{'&'.join(words)}"


def _all(table: Table) -> TableQuery:
    return read(table, [])


async def seconds_of(app: Any, address: str) -> float:
    path, _, query = address.partition("?")
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        statuses.append(message.get("status", 200))

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "root_path": "", "query_string": query.encode(), "headers": [(b"host", b"127.0.0.1")],
        "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 9), "state": {},
    }  # fmt: skip
    began = perf_counter()
    await app(scope, receive, send)
    assert statuses[0] == 200, address
    return perf_counter() - began


def measure(url: str, count: int) -> None:
    with History.open(url, create=False) as history:
        began = perf_counter()
        snapshots = Snapshots(history)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"reading the history: {perf_counter() - began:.1f} s, at most {memory:,} MB")
        addresses = requests(snapshots.current().frames, count, random.Random(1))
        app = application(snapshots)

        async def ask() -> list[float]:
            return [await seconds_of(app, address) for address in addresses]

        times = asyncio.run(ask())
    percentile = quantiles(times, n=100)
    slowest = addresses[times.index(max(times))]
    print(f"{count} views: median {1000 * median(times):.0f} ms, 95th percentile {1000 * percentile[94]:.0f} ms")
    print(f"slowest {1000 * max(times):.0f} ms: {slowest}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--links", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--history", help="a history that is there, instead of a generated one")
    arguments = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.history or str(Path(folder) / "backlinks.db")
        if not arguments.history:
            with History.open(url) as history:
                generate(history, arguments.links)
        measure(url, arguments.requests)


if __name__ == "__main__":
    main()
