"""Reads the links of a history column by column, for exports of a million links.

The rows are those of ``views.rows_of`` for the view ``links``; their values stay as the database stores them until a format
writes them.
"""

from __future__ import annotations

import json
from itertools import chain, groupby, repeat
from operator import itemgetter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.history.link_columns import CLAIM_COLUMNS, FEW_VALUES, SELDOM
from backlinkbot.history.views import VALUES
from backlinkbot.items.columns import Kind
from backlinkbot.reports.exports.grouping import preference
from backlinkbot.reports.exports.tables import replace_characters

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from backlinkbot.items.columns import Column
    from backlinkbot.reports.quality.sitewide import Sitewide

_PLACE: Final = ("target", "source_domain", "target_url", "anchor", "placement")
"""What tells sitewide links apart."""
_COMPUTED: Final = frozenset({"links_in_group", "pages_in_group", "sitewide", "sitewide_pages"})
_STORED_EMPTY: Final = {Kind.TEXT: "", Kind.TIME: None}
"""How the database stores that there is none; of other kinds, ``seldom`` has lists only."""


class Batch:
    """Some links: the texts of ``few`` and ``seldom``, and a list of values for each column of ``many``."""

    __slots__ = ("_backlinks", "_numbers", "few", "many", "pages", "seldom")

    def __init__(
        self,
        few: Sequence[str],
        seldom: Sequence[str | None] | None,
        many: dict[str, Sequence[Any]],
        *,
        pages: Sequence[int],
        backlinks: Sequence[int],
        numbers: Sequence[int],
    ) -> None:
        self.few = few
        self.seldom = seldom
        """None if all columns of ``seldom`` are empty for all of the links."""
        self.many = many
        self.pages = pages
        """The number of each link's page."""
        self._backlinks = backlinks
        self._numbers = numbers

    @classmethod
    def joined(cls, batches: Sequence[Batch]) -> Batch:
        """Returns the links of several batches of one table as one."""
        seldom = None
        if any(batch.seldom is not None for batch in batches):
            seldom = [text for batch in batches for text in batch.seldom or repeat(None, len(batch.few))]
        return cls(
            list(chain.from_iterable(batch.few for batch in batches)),
            seldom,
            {name: list(chain.from_iterable(batch.many[name] for batch in batches)) for name in batches[0].many},
            pages=list(chain.from_iterable(batch.pages for batch in batches)),
            backlinks=[backlink for batch in batches for backlink, _ in batch.links],
            numbers=[number for batch in batches for _, number in batch.links],
        )

    @property
    def links(self) -> list[tuple[int, int]]:
        """The number of each link's backlink, and the link's own among the backlink's."""
        return list(zip(self._backlinks, self._numbers, strict=True))


class LinkTable:
    """The links of a history as a table; each iteration of :meth:`batches` reads them again.

    A column is constant, or one of ``few``, whose values of a link are one JSON array, or one of ``seldom``, whose values of a link
    are one JSON array or None, or one of ``many``.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        sitewide: Sitewide,
        read: Callable[[Sequence[str], Sequence[str], Sequence[str]], Iterator[list[Any]]],
        link_values: Callable[[Iterable[int]], dict[int, list[dict[str, Any]]]] | None = None,
        *,
        seldom: Collection[str] = SELDOM,
    ) -> None:
        """Prepares the table.

        Args:
            columns: of :class:`~backlinkbot.reports.exports.views.LinkRow`, without those that need ranks or markers.
            sitewide: the sitewide links.
            read: see :func:`~backlinkbot.history.link_batches.read_link_batches`.
            link_values: see :func:`~backlinkbot.history.link_batches.read_link_values`, to choose one link of each backlink;
                None: every link is a row.
            seldom: the columns that are empty for most links, which are read together.
        """
        self.columns = tuple(columns)
        self._sitewide = sitewide
        self._read = read
        self._link_values = link_values
        self.constants: dict[str, Any] = {name: [] for name in CLAIM_COLUMNS} | {"pages_in_group": 1}
        if link_values is None:
            self.constants["links_in_group"] = 1
        if not sitewide:
            self.constants |= {"sitewide": False, "sitewide_pages": 0}
        self.few = tuple(column for column in self.columns if column.name in FEW_VALUES)
        self.seldom = tuple(column for column in self.columns if column.name in seldom)
        together = FEW_VALUES | frozenset(seldom) | self.constants.keys()
        self.many = tuple(column for column in self.columns if column.name not in together)
        self._few_read = tuple(column.name for column in self.few) or ("target",)
        self._seldom_read = tuple(column.name for column in self.seldom)
        place = _PLACE if sitewide and {"sitewide", "sitewide_pages"} & {column.name for column in self.many} else ()
        stored = (column.name for column in self.many if column.name not in _COMPUTED)
        wanted = tuple(dict.fromkeys((*stored, *place)))
        same: dict[str, str] = {}
        """Value in SQL -> the column that is read for all columns with this value."""
        self._read_for = {name: same.setdefault(VALUES[name], name) for name in wanted}
        self._many_read = tuple(same.values())
        self._place_at = [self._many_read.index(self._read_for[name]) for name in place]

    def batches(self) -> Iterator[Batch]:
        """Yields the rows."""
        for rows in self._read(self._few_read, self._many_read, self._seldom_read):
            chosen, counts = (rows, None) if self._link_values is None else self._one_of_each(rows)
            pages, backlinks, numbers, few, *many = zip(*chosen, strict=True)
            seldom = many.pop(0) if self._seldom_read else None
            if seldom is not None and not any(seldom):
                seldom = None
            read = dict(zip(self._many_read, many, strict=True))
            columns = {name: read[same] for name, same in self._read_for.items()} | self._computed(many, counts)
            yield Batch(few, seldom, columns, pages=pages, backlinks=backlinks, numbers=numbers)

    def few_values(self, text: str) -> dict[str, Any]:
        """Returns the values of the columns that are constant or of ``few``, as :func:`tables.values` does."""
        stored = dict(zip(self._few_read, json.loads(text), strict=True))
        values = dict(self.constants)
        for column in self.few:
            values[column.name] = value_of(column, stored[column.name])
        return {column.name: values[column.name] for column in self.columns if column.name in values}

    def seldom_stored(self, text: str | None) -> list[Any]:
        """Returns the values of the columns of ``seldom`` as the database stores them."""
        if text is None:
            return [_STORED_EMPTY.get(column.kind, "[]") for column in self.seldom]
        found: list[Any] = json.loads(text)
        return found

    def _one_of_each(self, rows: list[Any]) -> tuple[list[Any], list[int]]:
        """Returns one link of each backlink, and the number of its links."""
        by_backlink = itemgetter(1)
        if len({row[1] for row in rows}) == len(rows):
            return rows, [1] * len(rows)
        groups = [list(of) for _, of in groupby(rows, by_backlink)]
        several = [of[0][1] for of in groups if len(of) > 1]
        values = self._link_values(several) if self._link_values is not None else {}
        chosen = []
        for of in groups:
            links = values.get(of[0][1], []) if len(of) > 1 else []
            # A crawl that writes meanwhile may have stored other links of a page since the batch was read.
            chosen.append(of[_best(links)] if links and len(links) == len(of) else of[0])
        return chosen, [len(of) for of in groups]

    def _computed(self, many: Sequence[Sequence[Any]], counts: list[int] | None) -> dict[str, Sequence[Any]]:
        computed: dict[str, Sequence[Any]] = {} if counts is None else {"links_in_group": counts}
        if self._place_at:
            pages = [self._sitewide.pages_by_key(key) for key in zip(*(many[at] for at in self._place_at), strict=True)]
            computed |= {"sitewide_pages": pages, "sitewide": [number > 0 for number in pages]}
        return computed


def _best(links: Sequence[dict[str, Any]]) -> int:
    """Returns the number of the link that represents its backlink: what all have in common does not count."""
    keys = [preference(SimpleNamespace(state="", source_url="", **link)) for link in links]
    return keys.index(min(keys))


def value_of(column: Column, stored: Any) -> Any:
    """Converts a stored value as :func:`tables.values` does; a time is left in seconds."""
    if stored is None:
        return None
    if column.kind is Kind.FLAG:
        return bool(stored)
    if column.is_list:
        return [replace_characters(text) for text in json.loads(stored)]
    return replace_characters(stored) if column.kind is Kind.TEXT else stored


# --- values of a batch ------------------------------------------------------------------------------------------------


def texts(values: Sequence[str]) -> Sequence[str]:
    """Replaces characters that some format cannot hold."""
    return values if "".join(values).isascii() else [replace_characters(value) for value in values]


class Converted(dict[str, Any]):
    """JSON array as text -> what it was converted to, so that each text is converted once."""

    def __init__(self, write: Callable[[list[str]], Any]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, text: str) -> Any:
        if len(self) >= _KEPT:
            self.clear()
        self[text] = self._write([replace_characters(value) for value in json.loads(text)])
        return self[text]


_KEPT: Final = 10_000
"""Most texts whose conversion is kept."""
