"""Selects and groups rows: by state and target, each link once or each group of links once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.extract.link import SAME_DOMAIN
from backlinkbot.history.observation import key_of, key_of_row
from backlinkbot.items import Backlink, LinkState
from backlinkbot.items.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator


class Chosen(StrEnum):
    """The selection of links by their state at the last visit."""

    LIVE = "live"
    """Links that are not lost; without a history, all links."""
    LOST = "lost"
    ALL = "all"


class Group(StrEnum):
    """The unit that is counted once."""

    BACKLINK = "backlink"
    """The links of one page to one address: the unit of the history, ``changes`` and ``runs``."""
    ALL = "all"
    """Every link."""
    SIMILAR = "similar"
    """Links from one domain to one URL with the same anchor, placement and follow, such as a sitewide link."""
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
    """The selected rows; every iteration reads them again."""

    rows: Iterable[Backlink]
    """The rows; each iteration of the selection reads them again."""
    state: Chosen = Chosen.LIVE
    targets: frozenset[str] = frozenset()
    """Names as in the column ``target``; empty means all."""
    own_pages: bool = False
    """True if links from a target's own pages count, if the rows have any."""

    def __iter__(self) -> Iterator[Backlink]:
        for row in self.rows:
            is_wanted = self.state is Chosen.ALL or is_lost(row) == (self.state is Chosen.LOST)
            is_ours = self.own_pages or SAME_DOMAIN not in row.flags
            if is_wanted and is_ours and (not self.targets or row.target in self.targets):
                yield row


def is_lost(row: Backlink) -> bool:
    """True if the last visit that could check did not find the link."""
    return row.state == LinkState.LOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """A link that represents its group."""

    link: Backlink
    links: int = 1
    """The number of rows in the group, with this one."""
    pages: int = 1
    """The number of their pages."""


def grouped(rows: Iterable[Backlink], how: Group, *, is_by_page: bool = False) -> Iterator[Grouped]:
    """Yields each group as one of its links: a live one before a lost one, a followed one before others, and so on.

    ``Group.ALL`` takes no memory, and neither do groups within a page if the rows come by page; the others take one row per group
    and one number per page.

    Args:
        rows: in any order.
        how: what counts once.
        is_by_page: whether the rows of a page follow each other, as those of a history do.
    """
    if how is Group.ALL:
        for row in rows:
            yield Grouped(link=row)
    elif is_by_page and how in _WITHIN_A_PAGE:
        for _, of_page in groupby(rows, _page):
            first, *others = of_page
            yield from _grouped([first, *others], how) if others else (Grouped(link=first),)
    else:
        yield from _grouped(rows, how)


_WITHIN_A_PAGE: Final = frozenset({Group.BACKLINK, Group.ONE_PER_PAGE})
_page: Final = attrgetter("source_url")


def _grouped(rows: Iterable[Backlink], how: Group) -> Iterator[Grouped]:
    best: dict[Hashable, Backlink] = {}
    counts: dict[Hashable, int] = {}
    pages: dict[Hashable, set[int]] = {}
    key_of = KEYS[how]
    for row in rows:
        key = key_of(row)
        counts[key] = counts.get(key, 0) + 1
        pages.setdefault(key, set()).add(hash(row.source_url))
        if key not in best or preference(row) < preference(best[key]):
            best[key] = row
    for key, row in best.items():
        yield Grouped(link=row, links=counts[key], pages=len(pages[key]))


_NAMES: Final = tuple(column.name for column in columns_of(Backlink))


def preference(row: Any) -> tuple[Any, ...]:
    """Returns a sort key, smallest first; its end makes the choice independent of the order of the rows.

    Columns that the rows' file does not hold do not count.
    """
    follow = getattr(row, "follow", None)
    return (
        is_lost(row),
        follow is None,
        not follow,
        not getattr(row, "indexable", True),
        getattr(row, "external_links", 0),
        row.source_url,
        tuple((value is not None, value) for value in (getattr(row, name, None) for name in _NAMES)),
    )
