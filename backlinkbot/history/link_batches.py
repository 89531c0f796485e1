"""Reads links in batches as the database stores them, without an object for each link: a million in seconds."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, text

from backlinkbot.history.link_columns import CLAIM_COLUMNS, FEW_VALUES, LINK_COLUMNS, LINK_NAMES
from backlinkbot.history.observation import digest, key_of
from backlinkbot.history.schema import times_of
from backlinkbot.history.views import VALUES
from backlinkbot.items import Backlink, LinkState
from backlinkbot.items.columns import Kind, columns_of, slots_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Connection, TextClause

    from backlinkbot.items.columns import Column

AT_ONCE: Final = 500
"""Rows fetched at a time: few enough to stay in the processor's cache while their columns are made of them."""
_TABLES: Final = {
    # SQLite takes the tables of a CROSS JOIN in their order; the index of backlinks by page then makes sorting unnecessary.
    "sqlite": (
        "_backlinks b CROSS JOIN _pages p ON p.id = b.page_id CROSS JOIN _links l ON l.backlink_id = b.id "
        "CROSS JOIN _targets t ON t.id = b.target_id"
    ),
    "postgresql": (
        "_backlinks b JOIN _pages p ON p.id = b.page_id JOIN _links l ON l.backlink_id = b.id "
        "JOIN _targets t ON t.id = b.target_id"
    ),
}
_ARRAY: Final = {"sqlite": "json_array({})", "postgresql": "CAST(json_build_array({}) AS text)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksWanted:
    """Selects links."""

    states: Sequence[LinkState]
    targets: Sequence[str] | None = None
    """Names; None for all."""
    page: bytes | None = None
    """The key of the only page; None for all."""
    own_pages: bool = True
    """Whether links from a target's own pages are among them."""
    backlinks: Sequence[int] | None = None
    """The numbers of the only backlinks; None for all."""

    def bound(self, query: str) -> TextClause:
        """Returns a query whose end is ``WHERE`` as a statement for the links of these states and targets only."""
        conditions = ["b.state IN :states"]
        values: list[Any] = [bindparam("states", [state.value for state in self.states], expanding=True)]
        if self.page is not None:
            conditions.append("b.page_id = (SELECT id FROM _pages WHERE key = :page)")
            values.append(bindparam("page", self.page))
        if self.backlinks is not None:
            conditions.append("b.id IN :backlinks")
            values.append(bindparam("backlinks", list(self.backlinks), expanding=True))
        if not self.own_pages:
            conditions.append("l.flags NOT LIKE :own")  # a JSON array
            values.append(bindparam("own", '%"same_domain"%'))
        if self.targets is not None:
            conditions.append("t.name IN :targets")
            values.append(bindparam("targets", list(self.targets), expanding=True))
        return text(query.format(where=" AND ".join(conditions))).bindparams(*values)


def read_link_batches(
    connection: Connection, wanted: LinksWanted, few: Sequence[str], many: Sequence[str], seldom: Sequence[str] = ()
) -> Iterator[list[Any]]:
    """Yields batches of links in the order of their pages; all links of a page are in one batch.

    A row begins with the page's number, the backlink's, the link's, and the values of ``few`` as one JSON array, which is the same
    text for many links, so that a reader converts each text once. With ``seldom``, its values follow as one JSON array, or NULL
    if all of them are empty. The values of ``many`` come last. Times are seconds since 1970, lists are JSON arrays as text.

    Args:
        connection: for reading.
        wanted: which links.
        few: columns of a backlink's row that have few different values.
        many: other columns.
        seldom: columns of :data:`~backlinkbot.history.link_columns.SELDOM`.
    """
    dialect = connection.dialect.name
    listed = [_array(dialect, few)]
    if seldom:
        is_empty = " AND ".join(f"{VALUES[name]} {_EMPTY.get(name, _IS_EMPTY_LIST)}" for name in seldom)
        listed.append(f"CASE WHEN {is_empty} THEN NULL ELSE {_array(dialect, seldom)} END")
    columns = ", ".join(("b.page_id", "b.id", "l.number", *listed, *(VALUES[name] for name in many)))
    # Names are those of the published schema, never a user's.
    query = f"SELECT {columns} FROM {_TABLES[dialect]} WHERE {{where}} ORDER BY b.page_id"  # noqa: S608
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


def _array(dialect: str, names: Sequence[str]) -> str:
    return _ARRAY[dialect].format(", ".join(VALUES[name] for name in names))


_IS_EMPTY_LIST: Final = "= '[]'"
_EMPTY: Final = {"target_final_url": "= ''", "unconfirmed_since": "IS NULL"}
"""Column of :data:`~backlinkbot.history.link_columns.SELDOM` -> SQL for its emptiness, unless it is a list."""


def _in_order(rows: list[Any]) -> list[Any]:
    """Sorts the links of each page, as a page's links have been stored."""
    pages = [row[0] for row in rows]
    if len(set(pages)) < len(pages):
        rows.sort(key=lambda row: row[:3])
    return rows


def read_backlinks(
    connection: Connection,
    names: Iterable[str] | None = None,
    states: Iterable[LinkState] | None = None,
    page: str | None = None,
) -> Iterator[Backlink]:
    """Yields every link as a row, as the last visit that saw it found it; the rows of a page are adjacent.

    The former address of a moved link gives a row only if ``states`` select it, because the link has a row already.
    """
    wanted = LinksWanted(
        states=list(states) if states is not None else [state for state in LinkState if state is not LinkState.MOVED],
        targets=list(names) if names is not None else None,
        page=digest(key_of(page)) if page is not None else None,
    )
    return (row for _, row in _read_rows(connection, wanted))


def read_links(connection: Connection, links: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Backlink]:
    """Returns links as rows, in this order, without those that are not there any more.

    Args:
        connection: for reading.
        links: the number of each one's backlink, and its own among the backlink's.
    """
    numbers = list(dict.fromkeys(backlink for backlink, _ in links))
    found: dict[tuple[int, int], Backlink] = {}
    for first in range(0, len(numbers), _IDS_AT_ONCE):
        wanted = LinksWanted(states=list(LinkState), backlinks=numbers[first : first + _IDS_AT_ONCE])
        found.update(_read_rows(connection, wanted))
    return {link: found[link] for link in links if link in found}


def _read_rows(connection: Connection, wanted: LinksWanted) -> Iterator[tuple[tuple[int, int], Backlink]]:
    """Yields links as rows, each with the number of its backlink and its own."""
    stored = [column for column in columns_of(Backlink) if column.name not in CLAIM_COLUMNS]
    few = [column for column in stored if column.name in FEW_VALUES]
    many = [column for column in stored if column.name not in FEW_VALUES]
    write_few, write_many = (slots_of(Backlink, [column.name for column in columns]) for columns in (few, many))
    unclaimed = [(write, ()) for write in slots_of(Backlink, CLAIM_COLUMNS)]
    known: dict[str, list[tuple[Callable[[Any, Any], None], Any]]] = {}
    lists: dict[str, tuple[str, ...]] = {"[]": ()}
    for batch in read_link_batches(
        connection, wanted, [column.name for column in few], [column.name for column in many]
    ):
        _, backlinks, numbers, texts, *values = zip(*batch, strict=True)
        columns = [_typed(column, of_column, lists) for column, of_column in zip(many, values, strict=True)]
        of_links = zip(*columns, strict=True)
        for backlink, number, text_, of_link in zip(backlinks, numbers, texts, of_links, strict=True):
            if text_ not in known:
                if len(known) >= _KEPT:
                    known.clear()
                found = (
                    _typed(column, [value], lists)[0] for column, value in zip(few, json.loads(text_), strict=True)
                )
                known[text_] = [*zip(write_few, found, strict=True), *unclaimed]
            made = object.__new__(Backlink)
            for write, value in known[text_]:
                write(made, value)
            for write, value in zip(write_many, of_link, strict=True):
                write(made, value)
            yield (backlink, number), made


_KEPT: Final = 10_000
"""Most texts whose conversion is kept."""


def _typed(column: Column, values: Sequence[Any], lists: dict[str, tuple[str, ...]]) -> Sequence[Any]:
    """Converts stored values to those of a row; ``lists`` keeps what was converted."""
    if column.kind is Kind.TIME:
        return times_of(values)
    if column.kind is Kind.FLAG:
        return [None if value is None else bool(value) for value in values]
    if column.is_list:
        if len(lists) > _KEPT:
            lists.clear()
        for value in set(values) - lists.keys():
            lists[value] = tuple(json.loads(value))
        return [lists[value] for value in values]
    return values


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
    columns = ("t.name", "p.domain", "l.target_url", "l.anchor", "l.placement")
    by = ", ".join((*columns[1:], columns[0]))  # what differs most first: rows are sorted by it
    query = (
        f"SELECT {', '.join(columns)}, count(DISTINCT b.page_id) FROM {_TABLES[connection.dialect.name]} WHERE {{where}} "  # noqa: S608 - ours
        f"GROUP BY {by} HAVING count(DISTINCT b.page_id) >= {least}"
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
