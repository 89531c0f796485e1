"""Which rows count: those of a state and of some targets, each link once or each group of links once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.history.observation import key_of, key_of_row
from backlinkbot.items import Backlink, LinkState
from backlinkbot.items.columns import columns_of
from backlinkbot.reports.page.figures import SAME_DOMAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator


class Chosen(StrEnum):
    """Which links are wanted, by what the last visit said of them."""

    LIVE = "live"
    """Those that are not lost; without a history, all."""
    LOST = "lost"
    ALL = "all"


class Group(StrEnum):
    """What counts once."""

    BACKLINK = "backlink"
    """Links of one page to one address: what the history judges, and ``changes`` and ``runs`` count."""
    ALL = "all"
    """Every link."""
    SIMILAR = "similar"
    """Links from one domain to one URL with the same anchor in the same place, followed alike: a sitewide link is one."""
    ONE_PER_PAGE = "one-per-page"
    ONE_PER_DOMAIN = "one-per-domain"


def _backlink(row: Backlink) -> Hashable:
    return key_of(row.source_url) or row.source_url, key_of_row(row)


# What the links of a group share.
KEYS: Final[dict[Group, Callable[[Backlink], Hashable]]] = {
    Group.BACKLINK: _backlink,
    Group.SIMILAR: attrgetter("target", "source_domain", "target_url", "anchor", "placement", "follow"),
    Group.ONE_PER_PAGE: attrgetter("target", "source_url"),
    Group.ONE_PER_DOMAIN: attrgetter("target", "source_domain"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows that are asked for; every iteration reads them anew."""

    rows: Iterable[Backlink]
    """Iterated as often as the selection is."""
    state: Chosen = Chosen.LIVE
    targets: frozenset[str] = frozenset()
    """Names as in the column ``target``; none: all."""
    own_pages: bool = False
    """Whether links from a target's own pages count, where the rows hold such."""

    def __iter__(self) -> Iterator[Backlink]:
        for row in self.rows:
            is_wanted = self.state is Chosen.ALL or is_lost(row) == (self.state is Chosen.LOST)
            is_ours = self.own_pages or SAME_DOMAIN not in row.flags
            if is_wanted and is_ours and (not self.targets or row.target in self.targets):
                yield row


def is_lost(row: Backlink) -> bool:
    """Whether the last visit that could tell did not find the link."""
    return row.state == LinkState.LOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """A link that stands for its group."""

    link: Backlink
    links: int = 1
    """Rows in the group, this one included."""
    pages: int = 1
    """Pages that they stand on."""


def grouped(rows: Iterable[Backlink], how: Group) -> Iterator[Grouped]:
    """Each group by one of its links: a live one before a lost one, a followed one before others, and so on.

    ``Group.ALL`` takes no memory, and ``Group.BACKLINK`` that of a number for each group where the rows of a page stand
    together; the others take that of one row for each group and a number for each page.
    """
    if how is Group.BACKLINK:
        yield from _grouped_by_page(rows)
        return
    if how is Group.ALL:
        for row in rows:
            yield Grouped(link=row)
        return
    best: dict[Hashable, Backlink] = {}
    counts: dict[Hashable, int] = {}
    pages: dict[Hashable, set[int]] = {}
    key_of = KEYS[how]
    for row in rows:
        key = key_of(row)
        counts[key] = counts.get(key, 0) + 1
        pages.setdefault(key, set()).add(hash(row.source_url))
        if key not in best or _preference(row) < _preference(best[key]):
            best[key] = row
    for key, row in best.items():
        yield Grouped(link=row, links=counts[key], pages=len(pages[key]))


def _grouped_by_page(rows: Iterable[Backlink]) -> Iterator[Grouped]:
    """The backlinks, page by page; one that comes again on a page further down counts no more."""
    seen: set[int] = set()
    for _, of_page in groupby(rows, attrgetter("source_url")):
        groups: dict[Hashable, list[Backlink]] = {}
        for row in of_page:
            groups.setdefault(_backlink(row), []).append(row)
        for key, links in groups.items():
            if hash(key) not in seen:
                seen.add(hash(key))
                yield Grouped(link=min(links, key=_preference), links=len(links))


_all_columns: Final[Callable[[Backlink], tuple[Any, ...]]] = attrgetter(
    *(column.name for column in columns_of(Backlink))
)


def _preference(row: Backlink) -> tuple[Any, ...]:
    """The smallest is the best; the rest of it only makes the choice the same whatever the order of the rows."""
    return (
        is_lost(row),
        row.follow is None,
        not row.follow,
        not row.indexable,
        row.external_links,
        row.source_url,
        tuple((value is not None, value) for value in _all_columns(row)),
    )
