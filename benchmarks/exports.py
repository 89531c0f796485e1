"""What exports and the report cost: CPU time, elapsed time and memory of each command, over a history of a million links.

    python -m benchmarks.exports [--links N] [--history FILE] [--only NAME ...]

Generates the history first: one link on each page, seven in eight of them live, as ``benchmarks.web`` varies them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

from sqlalchemy import Connection, Table, text

from backlinkbot.history import History, schema
from backlinkbot.history.database import writing
from benchmarks.history import TARGET, _write_pages, day
from benchmarks.measuring import machine
from benchmarks.web import _VARIED

_WRITTEN: Final = 2_000
"""Pages that are written one by one; the others are their copies under other addresses."""
_COPY: Final = "(id + n * {count})"
_COPIED: Final = {
    "_pages": {
        "id": _COPY,
        "key": "CAST('p' || (id + n * {count}) AS BLOB)",
        "url": "'https://host' || ((id + n * {count}) % 100003) || '.example/articles/' || (id + n * {count}) || '/making-maps.html'",
        "domain": "'host' || ((id + n * {count}) % 100003) || '.example'",
        "canonical_url": "''",
    },
    "_backlinks": {"id": _COPY, "page_id": "(page_id + n * {count})"},
    "_links": {"backlink_id": "(backlink_id + n * {count})"},
}
COMMANDS: Final = {
    "csv": ["export", "-o", "links.csv"],
    "jsonl": ["export", "-o", "links.jsonl"],
    "parquet": ["export", "-o", "links.parquet"],
    "essential": ["export", "--columns", "essential", "-o", "essential.csv"],
    "domains": ["export", "--view", "domains", "-o", "domains.csv"],
    "report": ["report", "-o", "report.html"],
}


def generate(history: History, links: int) -> None:
    """A history in SQLite with one link on each page."""
    run = history.begin_run("verify", [TARGET], started_at=day(1))
    target = history._target_ids[run][TARGET]
    count = min(links, _WRITTEN)
    with writing(history._engine) as connection:
        _write_pages(connection, range(count), target)
        for table in (schema.pages, schema.backlinks, schema.links):
            _multiply(connection, table, count, links // count - 1)
        for statement in _VARIED:
            connection.execute(text(statement))
    history.end_run(run)


def _multiply(connection: Connection, table: Table, count: int, copies: int) -> None:
    values = _COPIED[table.name]
    names = [column.name for column in table.columns]
    chosen = ", ".join(values.get(name, f'"{name}"').format(count=count) for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({quoted}) "
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {copies}) "
        f"SELECT {chosen} FROM numbers CROSS JOIN (SELECT * FROM {table.name}) WHERE n <= {copies}"
    )


def measure(url: str, folder: Path, names: list[str]) -> None:
    print("| command | CPU | elapsed | memory | file |\n|---|---:|---:|---:|---:|")
    for name in names:
        words = COMMANDS[name]
        began = perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "backlinkbot", *words, "--history", url], cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
        size = (folder / words[-1]).stat().st_size / 1e6
        cpu, elapsed = usage.ru_utime + usage.ru_stime, perf_counter() - began
        print(
            f"| `{' '.join(words)}` | {cpu:.1f} s | {elapsed:.1f} s | {usage.ru_maxrss / 1024:.0f} MB | {size:.0f} MB |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--links", type=int, default=1_000_000)
    parser.add_argument("--history", help="a history that is there, instead of a generated one")
    parser.add_argument("--only", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    arguments = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = str(Path(arguments.history).resolve()) if arguments.history else str(folder / "backlinks.db")
        if not arguments.history:
            with History.open(url) as history:
                generate(history, arguments.links)
        measure(url, folder, arguments.only)


if __name__ == "__main__":
    main()
