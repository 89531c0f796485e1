"""Reads links in batches as the database stores them, without an object for each link: a million in seconds."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, text

from backlinkbot.history.link_columns import LINK_COLUMNS, LINK_NAMES
from backlinkbot.history.views import VALUES
from backlinkbot.items import LinkState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, TextClause

AT_ONCE: Final = 5_000
"""Rows fetched at a time."""
_TABLES: Final = {
    # SQLite takes the tables of a CROSS JOIN in their order: the pages' order, in which nothing needs to be sorted.
    "sqlite": (
        "_pages p CROSS JOIN _backlinks b ON b.page_id = p.id CROSS JOIN _links l ON l.backlink_id = b.id "
        "CROSS JOIN _targets t ON t.id = b.target_id"
    ),
    "postgresql": (
        "_pages p JOIN _backlinks b ON b.page_id = p.id JOIN _links l ON l.backlink_id = b.id "
        "JOIN _targets t ON t.id = b.target_id"
    ),
}
_ARRAY: Final = {"sqlite": "json_array({})", "postgresql": "CAST(json_build_array({}) AS text)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksWanted:
    """Selects links."""

    states: Sequence[LinkState]
    targets: Sequence[str] = ()
    """Names; without, all."""

    def bound(self, query: str) -> TextClause:
        """Returns a query whose end is ``WHERE`` as a statement for the links of these states and targets only."""
        conditions = ["b.state IN :states"]
        values: list[Any] = [bindparam("states", [state.value for state in self.states], expanding=True)]
        if self.targets:
            conditions.append("t.name IN :targets")
            values.append(bindparam("targets", list(self.targets), expanding=True))
        return text(query.format(where=" AND ".join(conditions))).bindparams(*values)


def read_link_batches(
    connection: Connection, wanted: LinksWanted, few: Sequence[str], many: Sequence[str]
) -> Iterator[list[Any]]:
    """Yields batches of links in the order of their pages; all links of a page are in one batch.

    A row begins with the page's number, the backlink's, the link's, and the values of ``few`` as one JSON array, which is the same
    text for many links, so that a reader converts each text once. The values of ``many`` follow. Times are seconds since 1970,
    lists are JSON arrays as text.

    Args:
        connection: for reading.
        wanted: which links.
        few: columns of a backlink's row that have few different values.
        many: other columns.
    """
    dialect = connection.dialect.name
    listed = _ARRAY[dialect].format(", ".join(VALUES[name] for name in few))
    columns = ", ".join(("b.page_id", "b.id", "l.number", listed, *(VALUES[name] for name in many)))
    # Names are those of the published schema, never a user's.
    query = f"SELECT {columns} FROM {_TABLES[dialect]} WHERE {{where}} ORDER BY p.id"  # noqa: S608
    rows = connection.execution_options(yield_per=AT_ONCE).execute(wanted.bound(query))
    kept: list[Any] = []
    for batch in rows.partitions(AT_ONCE):
        last = batch[-1][0]
        if batch[0][0] == last:  # a page of many links
            kept += batch
            continue
        end = next(at for at in range(len(batch), 0, -1) if batch[at - 1][0] != last)
        yield _in_order([*kept, *batch[:end]])
        kept = list(batch[end:])
    if kept:
        yield _in_order(kept)


def _in_order(rows: list[Any]) -> list[Any]:
    """Sorts the links of each page, as a page's links have been stored."""
    pages = [row[0] for row in rows]
    if len(set(pages)) < len(pages):
        rows.sort(key=lambda row: row[:3])
    return rows


def read_link_values(connection: Connection, backlinks: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """Returns the stored columns of each link of some backlinks, by the backlink's number, in the order of the page."""
    names = ", ".join(f'"{name}"' for name in LINK_NAMES)
    query = text(f"SELECT backlink_id, {names} FROM _links WHERE backlink_id IN :ids ORDER BY backlink_id, number")  # noqa: S608 - ours
    lists = frozenset(column.name for column in LINK_COLUMNS if column.is_list)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    wanted = list(backlinks)
    for first in range(0, len(wanted), _IDS_AT_ONCE):
        ids: Any = bindparam("ids", wanted[first : first + _IDS_AT_ONCE], expanding=True)
        for backlink_id, *values in connection.execute(query.bindparams(ids)):
            found[backlink_id].append(
                {
                    name: tuple(json.loads(value)) if name in lists else value
                    for name, value in zip(LINK_NAMES, values, strict=True)
                }
            )
    return found


_IDS_AT_ONCE: Final = 500
"""Parameters of a statement; SQLite before 3.32 allows 999."""


@dataclass(frozen=True, slots=True)
class RepeatedLink:
    """The same link in the same place on several pages of a domain."""

    target: str
    source_domain: str
    target_url: str
    anchor: str
    placement: str
    pages: int


def read_repeated_links(connection: Connection, wanted: LinksWanted, least: int) -> Iterator[RepeatedLink]:
    """Yields the links that are on at least so many pages of a domain."""
    columns = "t.name, p.domain, l.target_url, l.anchor, l.placement"
    query = (
        f"SELECT {columns}, count(DISTINCT b.page_id) FROM {_TABLES[connection.dialect.name]} WHERE {{where}} "  # noqa: S608 - ours
        f"GROUP BY {columns} HAVING count(DISTINCT b.page_id) >= {least}"
    )
    rows = connection.execution_options(yield_per=AT_ONCE).execute(wanted.bound(query))
    for row in rows:
        yield RepeatedLink(*row)


def read_linking_pages_of_domains(
    connection: Connection, wanted: LinksWanted, least: int
) -> dict[tuple[str, str], int]:
    """Returns the number of pages with links, by target and domain, of domains with at least so many."""
    query = (
        f"SELECT t.name, p.domain, count(DISTINCT b.page_id) FROM {_TABLES[connection.dialect.name]} WHERE {{where}} "  # noqa: S608 - ours
        f"GROUP BY t.name, p.domain HAVING count(DISTINCT b.page_id) >= {least}"
    )
    return {(target, domain): pages for target, domain, pages in connection.execute(wanted.bound(query))}
