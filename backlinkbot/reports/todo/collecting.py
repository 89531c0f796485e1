"""Collects from the links of a history what tasks are chosen from: one pass over columns, a few numbers of each link."""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import cached_property
from itertools import compress, count
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.extract.link import MENTION, SAME_DOMAIN
from backlinkbot.history.observation import key_of
from backlinkbot.items import LinkState, Reason
from backlinkbot.reports.numbers import Numbers
from backlinkbot.reports.todo.redirects import LinkedAddress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from backlinkbot.reports.todo.links import LinkColumns, LinkNumber, TaskLinks

LOST: Final = {
    Reason.REMOVED_FROM_PAGE.value: ("Ask for the link back", "the link was removed from the page"),
    Reason.PAGE_GONE.value: ("Ask for a link from the page that took its place", "the page is gone"),
    Reason.PAGE_REDIRECTED.value: ("Ask for the link on the page that it redirects to", "the page redirects elsewhere"),
}
"""Reason of a loss -> what to do, and what was found."""
CONTENT: Final = "content"
_PAID_OR_WRITTEN_BY_VISITORS: Final = frozenset({"sponsored", "ugc"})
_NOT_EDITORIAL: Final = frozenset(
    {"comment", "forum", "directory", "guest_post", "press_release", "sponsored_label", "badge"}
)
"""The kinds of links that no editor has set (``link_kind``)."""
_UNSEEN: Final = frozenset({"hidden", "crawler_only"})
_NOT_KNOWN: Final = 1_000_000
"""The number of links beside one whose page was not counted; see :func:`~backlinkbot.reports.todo.tasks.rank`."""


class Role(Enum):
    """What a link may be part of a task as."""

    LIVE = "live"
    LOST = "lost"
    """A followed link that is to be won back."""
    MENTION = "mention"
    RIVAL = "rival"
    """An editorial link to a competitor."""


@dataclass(slots=True, kw_only=True)
class Shared:
    """The values that many links share."""

    row: Any
    """Has the columns :data:`~backlinkbot.reports.todo.links.SHARED` as attributes."""
    role: Role | None
    """None: no task depends on the links."""
    number: int


@dataclass(slots=True)
class StoredLinks:
    """Some links: the numbers by which they are compared and read again."""

    shared: array[int] = field(default_factory=lambda: array("i"))
    """The number of each one's :class:`Shared`."""
    sites: array[int] = field(default_factory=lambda: array("i"))
    """The number of each one's target and domain."""
    urls: array[int] = field(default_factory=lambda: array("i"))
    """The number of each one's linked address."""
    anchors: array[int] = field(default_factory=lambda: array("q"))
    """The hash of each one's anchor."""
    pages: array[int] = field(default_factory=lambda: array("q"))
    beside: array[int] = field(default_factory=lambda: array("q"))
    """Links of the page to other domains."""
    backlinks: array[int] = field(default_factory=lambda: array("q"))
    numbers: array[int] = field(default_factory=lambda: array("i"))

    def __len__(self) -> int:
        return len(self.shared)

    def link(self, at: int) -> LinkNumber:
        """Returns what identifies a link."""
        return self.backlinks[at], self.numbers[at]

    def add(self, columns: Sequence[Sequence[int]]) -> None:
        """Adds links, given in the order of the fields."""
        for one, values in zip(fields(self), columns, strict=True):
            getattr(self, one.name).extend(values)


_URLS: Final = 2
"""The place of the linked addresses among the fields of :class:`StoredLinks`."""


@dataclass(slots=True)
class Linked:
    """What is known of one linked address of a target."""

    words: LinkedAddress
    asked_at: Any = None
    state: str = ""
    status: int | None = None
    final_url: str = ""

    def answered(self, row: Any, at: Any, final_url: str) -> None:
        """Takes an answer, unless a later one is known."""
        if self.asked_at is None or at >= self.asked_at:
            self.asked_at, self.state, self.status, self.final_url = at, row.target_state, row.target_status, final_url


class Collector:
    """The links that tasks are chosen from."""

    def __init__(self, links: TaskLinks, competitors: Collection[str] = ()) -> None:
        """Reads all links.

        Args:
            links: of the targets and the competitors.
            competitors: the names of the targets that are competitors.
        """
        self.links = links
        self.competitors = frozenset(competitors)
        self.targets: set[str] = set()
        """The targets of the links, without the competitors."""
        self.shared: list[Shared] = []
        """By their numbers."""
        self.sites: Numbers[tuple[str, str]] = Numbers()
        """Target and domain -> their number."""
        self.urls: Numbers[str] = Numbers()
        """Linked address -> its number."""
        self.stored: dict[Role, StoredLinks] = {role: StoredLinks() for role in Role}
        self.rivals: list[frozenset[str]] = []
        """The competitors that the page of each of the stored links to competitors links to."""
        self.linked: dict[tuple[str, str], Linked] = {}
        """Target and linked address without its fragment -> what is known of it."""
        self._linked: dict[tuple[str, int], Linked] = {}
        """Target and number of a linked address -> the same."""
        self._by_key: dict[Any, Shared] = {}
        self._keys: dict[str, str] = {}
        """Linked address -> its identity."""
        for batch in links.columns():
            self._add(batch)

    # --- the pass ---

    def _add(self, batch: LinkColumns) -> None:
        for key in set(batch.shared) - self._by_key.keys():
            self._by_key[key] = self._shared(key)
        shared = list(map(self._by_key.__getitem__, batch.shared))
        roles = [of.role for of in shared]
        for role in Role:
            which = [of is role for of in roles]
            if all(which):
                self._add_role(role, batch, shared)
            elif any(which):
                self._add_role(role, batch.chosen(which), list(compress(shared, which)))

    def _shared(self, key: Any) -> Shared:
        row = self.links.shared_row(key)
        shared = Shared(row=row, role=self._role(row), number=len(self.shared))
        if SAME_DOMAIN not in row.flags and row.target not in self.competitors:
            self.targets.add(row.target)
        self.shared.append(shared)
        return shared

    def _role(self, row: Any) -> Role | None:
        if SAME_DOMAIN in row.flags:
            return None
        is_lost = row.state == LinkState.LOST
        if row.target in self.competitors:
            return Role.RIVAL if not is_lost and _is_editorial(row) else None
        if is_lost:
            return Role.LOST if row.follow and row.lost_reason in LOST else None
        return Role.MENTION if row.link_type == MENTION else Role.LIVE

    def _add_role(self, role: Role, batch: LinkColumns, shared: Sequence[Shared]) -> None:
        domains = zip([of.row.target for of in shared], batch.domains, strict=True)
        columns: Sequence[Sequence[int]] = (
            [of.number for of in shared],
            list(map(self.sites.__getitem__, domains)),
            list(map(self.urls.__getitem__, batch.target_urls)),
            list(map(hash, batch.anchors)),
            batch.pages,
            [_NOT_KNOWN if beside is None else beside for beside in batch.external_links],
            batch.backlinks,
            batch.numbers,
        )
        if role is Role.LIVE:
            self._add_linked(shared, batch, columns[_URLS])
        elif role is Role.LOST:
            columns = _at(self._different(shared, batch), columns)
        elif role is Role.RIVAL:
            columns = _at(self._different_rivals(shared, batch), columns)
        self.stored[role].add(columns)

    def _add_linked(self, shared: Sequence[Shared], batch: LinkColumns, urls: Sequence[int]) -> None:
        known = self._linked
        for of, url, anchor, fetched, at in zip(shared, urls, batch.anchors, batch.fetched_at, count(), strict=False):
            row = of.row
            linked = known.get((row.target, url)) or self._new_linked(row.target, url, batch.target_urls[at])
            linked.words.add(anchor)
            if row.target_state:
                linked.answered(row, fetched, batch.final_urls[at])

    def _new_linked(self, target: str, number: int, url: str) -> Linked:
        address = url.partition("#")[0]
        linked = self.linked.setdefault((target, address), Linked(LinkedAddress(address)))
        self._linked[target, number] = linked
        return linked

    def _different(self, shared: Sequence[Shared], batch: LinkColumns) -> Iterable[int]:
        """Returns the places of the different links of each page; of several to one address, the one in the text counts."""
        found: dict[tuple[str, int, str], int] = {}
        for at, (of, page, url) in enumerate(zip(shared, batch.pages, batch.target_urls, strict=True)):
            key = (of.row.target, page, self._key_of(url))
            if key not in found or of.row.placement == CONTENT != shared[found[key]].row.placement:
                found[key] = at
        return found.values()

    def _different_rivals(self, shared: Sequence[Shared], batch: LinkColumns) -> Iterable[int]:
        """Returns the place of the first link of each page."""
        found: dict[int, tuple[int, set[str]]] = {}
        for at, (of, page) in enumerate(zip(shared, batch.pages, strict=True)):
            found.setdefault(page, (at, set()))[1].add(of.row.target)
        self.rivals += [frozenset(names) for _, names in found.values()]
        return [at for at, _ in found.values()]

    def _key_of(self, url: str) -> str:
        if url not in self._keys:
            self._keys[url] = key_of(url)
        return self._keys[url]

    # --- what was found ---

    @cached_property
    def site_names(self) -> list[tuple[str, str]]:
        """Target and domain, by their number."""
        return list(self.sites)

    @cached_property
    def url_names(self) -> list[str]:
        """Linked addresses, by their number."""
        return list(self.urls)

    @cached_property
    def linking(self) -> frozenset[int]:
        """The numbers of the sites with a link that is live; mentions are none."""
        return frozenset(self.stored[Role.LIVE].sites)

    @cached_property
    def referring(self) -> dict[str, set[str]]:
        """Target -> the domains with a link that is live, or a mention."""
        found: dict[str, set[str]] = defaultdict(set)
        for number in self.linking.union(self.stored[Role.MENTION].sites):
            target, domain = self.site_names[number]
            found[target].add(domain)
        return found

    def compared_with(self, targets: Collection[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Returns the referring domains of each of some targets, and the addresses that its links lead to."""
        linked: dict[str, set[str]] = {target: set() for target in targets}
        for stored in (self.stored[Role.LIVE], self.stored[Role.MENTION]):
            for shared, url in set(zip(stored.shared, stored.urls, strict=True)):
                if (target := self.shared[shared].row.target) in linked:
                    linked[target].add(self.url_names[url])
        return {target: self.referring.get(target, set()) for target in targets}, linked

    def row_of(self, stored: StoredLinks, at: int) -> Any:
        """Returns the columns of a link that many links share."""
        return self.shared[stored.shared[at]].row

    def pages_of(self, stored: StoredLinks) -> Iterator[tuple[str, int]]:
        """Yields the target and the page of each link."""
        targets = [of.row.target for of in self.shared]
        return zip(map(targets.__getitem__, stored.shared), stored.pages, strict=True)

    def looks_of(self, stored: StoredLinks) -> Iterator[tuple[int, str, int]]:
        """Yields what tells links apart that are on different pages of a site: site, linked address and anchor."""
        keys = list(map(self._key_of, self.url_names))
        return zip(stored.sites, map(keys.__getitem__, stored.urls), stored.anchors, strict=True)

    def are_followed(self, stored: StoredLinks) -> Iterator[bool]:
        """Yields whether each link is followed."""
        followed = [bool(of.row.follow) for of in self.shared]
        return map(followed.__getitem__, stored.shared)


def _at(places: Iterable[int], columns: Sequence[Sequence[int]]) -> Sequence[Sequence[int]]:
    chosen = list(places)
    return [[values[at] for at in chosen] for values in columns]


def _is_editorial(row: Any) -> bool:
    """True if an editor seems to have set the link: followed, on an indexable page, in its text, seen by its readers."""
    return (
        bool(row.follow)
        and row.indexable
        and row.placement == CONTENT
        and _PAID_OR_WRITTEN_BY_VISITORS.isdisjoint(map(str.lower, row.rel))
        and _NOT_EDITORIAL.isdisjoint(row.link_kind)
        and _UNSEEN.isdisjoint(row.flags)
    )
