"""The tables of a history as values to compare: numbers given by a database are replaced by what they stand for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from backlinkbot.history import History
from backlinkbot.history.schema import changes, metadata, runs, visits

OF_UNFINISHED_CRAWLS = {"_crawls", "_frontier", "_crawl_commits", "_crawl_workers", "_crawl_buckets"}
BY_CHANCE = {"id", "lock", "arguments", "finished_at", "outcome", "exit_status", "changes", "counts"}


def tables(history: History) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table: visits and changes in the order of their recording, the others sorted."""
    found: dict[str, list[dict[str, Any]]] = {}
    names: dict[tuple[str, int], Any] = {}
    with history._engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name in OF_UNFINISHED_CRAWLS:
                continue
            rows = []
            for number, row in enumerate(connection.execute(select(table).order_by(*table.primary_key)).mappings()):
                values = {name: row[name] for name in row if name not in BY_CHANCE or table is not runs}
                id_ = values.pop("id", row.get("id", number))
                for column in table.foreign_keys:
                    name = column.parent.name
                    values[name] = names[column.column.table.name, values[name]]
                names[table.name, id_] = number if table is runs else values.get("key", number)
                rows.append(values)
            found[table.name.strip("_")] = rows if table in {runs, visits, changes} else sorted(rows, key=repr)
    return found
