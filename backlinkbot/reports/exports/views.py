"""The views of an export: the columns of each, and how they are computed from links."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.extract.link import MENTION
from backlinkbot.items import Backlink
from backlinkbot.items.columns import Kind, column, columns_of, partial, row
from backlinkbot.reports.breakdowns import top_level
from backlinkbot.reports.exports.grouping import Grouped, is_lost
from backlinkbot.reports.quality.markers import DomainMarks, Mark, marks, spam_of
from backlinkbot.reports.quality.profile import Profile, relevance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from backlinkbot.reports.anchors import AnchorReader
    from backlinkbot.reports.quality.ranks import Ranks
    from backlinkbot.reports.quality.sitewide import Sitewide


@row
class LinkRow(Backlink):
    """A link, or one that represents its group."""

    links_in_group: int = column(Kind.NUMBER, "How many links the row stands for.")
    pages_in_group: int = column(Kind.NUMBER, "On how many pages they are.")
    sitewide: bool = column(Kind.FLAG, "Whether the link, or any link of the domain, is sitewide.")
    sitewide_pages: int = column(Kind.NUMBER, "On how many pages of the domain; 0 where it is not sitewide.")
    authority: float | None = column(
        Kind.REAL,
        "The authority of the domain, from a rank file; only with `--ranks`.",
        may_lack=True,
        default=None,
        essential=True,
    )
    relevance: float | None = column(Kind.REAL, "From 0 to 1; only with `--markers`.", may_lack=True, default=None)
    markers: tuple[str, ...] = column(Kind.LIST, "Quality markers; only with `--markers`.", default=(), essential=True)
    evidence: tuple[str, ...] = column(Kind.LINES, "What was seen for each marker, in the same order.", default=())
    spam: tuple[str, ...] = column(
        Kind.LINES,
        "The markers that accuse of spam, each with its evidence; only with `--markers`.",
        default=(),
    )


@row
class DomainRow:
    """A referring domain."""

    target: str = column(Kind.TEXT, "The name of the target.", essential=True)
    source_domain: str = column(Kind.TEXT, "The referring domain.", essential=True)
    links: int = column(Kind.NUMBER, "Links, or groups of them.", essential=True)
    pages: int = column(Kind.NUMBER, "Different pages that they come from.", essential=True)
    follow_links: int = column(Kind.NUMBER, "Those that are followed.", essential=True)
    lost_links: int = column(Kind.NUMBER, "Those that are lost; only with `--state all` or `lost`.", essential=True)
    target_urls: int = column(Kind.NUMBER, "Different addresses that they lead to.")
    anchors: int = column(Kind.NUMBER, "Different anchors.")
    sitewide: bool = column(Kind.FLAG, "Whether the link, or any link of the domain, is sitewide.", essential=True)
    sitewide_pages: int = column(Kind.NUMBER, "On how many pages of the domain; 0 where it is not sitewide.")
    first_seen: str = column(Kind.TIME, "The first time that the history knows.", essential=True)
    last_seen: str = column(Kind.TIME, "The last.", essential=True)
    authority: float | None = column(
        Kind.REAL,
        "The authority of the domain, from a rank file; only with `--ranks`.",
        may_lack=True,
        default=None,
        essential=True,
    )
    markers: tuple[str, ...] = column(Kind.LIST, "Quality markers; only with `--markers`.", default=(), essential=True)
    evidence: tuple[str, ...] = column(Kind.LINES, "What was seen for each marker, in the same order.", default=())
    spam: tuple[str, ...] = column(
        Kind.LINES,
        "The markers that accuse of spam, each with its evidence; only with `--markers`.",
        default=(),
    )


@row
class AnchorRow:
    """An anchor, as written."""

    target: str = column(Kind.TEXT, "The name of the target.", essential=True)
    anchor: str = column(Kind.TEXT, "The anchor, as written.", essential=True)
    kind: str = column(
        Kind.TEXT,
        "The kind of anchor: `branded`, `exact`, `naked_url`, `generic`, `image`, `empty` or `other`.",
        essential=True,
    )
    links: int = column(Kind.NUMBER, "Links, or groups of them.", essential=True)
    pages: int = column(Kind.NUMBER, "Different pages that they come from.")
    domains: int = column(Kind.NUMBER, "Different domains that they come from.", essential=True)
    follow_links: int = column(Kind.NUMBER, "Those that are followed.", essential=True)
    lost_links: int = column(Kind.NUMBER, "Those that are lost; only with `--state all` or `lost`.", essential=True)
    target_urls: int = column(Kind.NUMBER, "Different addresses that they lead to.")
    sitewide_domains: int = column(Kind.NUMBER, "Domains on which such a link is sitewide.")
    first_seen: str = column(Kind.TIME, "The first time that the history knows.", essential=True)
    last_seen: str = column(Kind.TIME, "The last.", essential=True)


@row
class PageRow:
    """An address that links lead to."""

    target: str = column(Kind.TEXT, "The name of the target.", essential=True)
    target_url: str = column(Kind.TEXT, "The address that the links lead to.", essential=True)
    links: int = column(Kind.NUMBER, "Links, or groups of them.", essential=True)
    pages: int = column(Kind.NUMBER, "Different pages that they come from.")
    domains: int = column(Kind.NUMBER, "Different domains that they come from.", essential=True)
    follow_links: int = column(Kind.NUMBER, "Those that are followed.", essential=True)
    lost_links: int = column(Kind.NUMBER, "Those that are lost; only with `--state all` or `lost`.", essential=True)
    anchors: int = column(Kind.NUMBER, "Different anchors.")
    sitewide_domains: int = column(Kind.NUMBER, "Domains on which such a link is sitewide.")
    target_state: str = column(Kind.TEXT, "What the address answered when it was last asked.", essential=True)
    target_status: int | None = column(Kind.NUMBER, "Its HTTP status then.", may_lack=True, essential=True)
    target_final_url: str = column(Kind.TEXT, "Where it ended.")
    first_seen: str = column(Kind.TIME, "The first time that the history knows.", essential=True)
    last_seen: str = column(Kind.TIME, "The last.", essential=True)


@row
class TldRow:
    """A top-level domain of referring domains."""

    target: str = column(Kind.TEXT, "The name of the target.", essential=True)
    tld: str = column(Kind.TEXT, "The top-level domain of the referring domains.", essential=True)
    links: int = column(Kind.NUMBER, "Links, or groups of them.", essential=True)
    pages: int = column(Kind.NUMBER, "Different pages that they come from.")
    domains: int = column(Kind.NUMBER, "Different domains that they come from.", essential=True)
    follow_links: int = column(Kind.NUMBER, "Those that are followed.", essential=True)
    lost_links: int = column(Kind.NUMBER, "Those that are lost; only with `--state all` or `lost`.", essential=True)
    first_seen: str = column(Kind.TIME, "The first time that the history knows.")
    last_seen: str = column(Kind.TIME, "The last.")


class LinkCounts:
    """The counts of some links."""

    def __init__(self) -> None:
        self.links = self.follow = self.lost = self.sitewide_pages = 0
        self.seen: dict[str, set[int]] = defaultdict(set)
        """Column -> its different values, each as a number."""
        self.sitewide_domains: set[int] = set()
        self.first_seen = self.last_seen = self.asked_at = ""
        self.asked: Backlink | None = None
        """The link whose address was requested last."""
        self.marks = DomainMarks()

    def add(self, link: Backlink, sitewide_pages: int) -> None:
        """Counts a link."""
        self.links += 1
        self.follow += bool(link.follow)
        self.lost += is_lost(link)
        for name in ("source_url", "source_domain", "target_url", "anchor"):
            self.seen[name].add(hash(getattr(link, name)))
        self.sitewide_pages = max(self.sitewide_pages, sitewide_pages)
        if sitewide_pages:
            self.sitewide_domains.add(hash(link.source_domain))
        if link.first_seen:
            self.first_seen = min(self.first_seen or link.first_seen, link.first_seen)
        self.last_seen = max(self.last_seen, link.last_seen)
        if link.target_state and link.fetched_at >= self.asked_at:
            self.asked, self.asked_at = link, link.fetched_at


# column -> its value for some links.
FIGURES: Final[Mapping[str, Callable[[LinkCounts], Any]]] = {
    "links": lambda counts: counts.links,
    "pages": lambda counts: len(counts.seen["source_url"]),
    "domains": lambda counts: len(counts.seen["source_domain"]),
    "follow_links": lambda counts: counts.follow,
    "lost_links": lambda counts: counts.lost,
    "target_urls": lambda counts: len(counts.seen["target_url"]),
    "anchors": lambda counts: len(counts.seen["anchor"]),
    "sitewide": lambda counts: counts.sitewide_pages > 0,
    "sitewide_pages": lambda counts: counts.sitewide_pages,
    "sitewide_domains": lambda counts: len(counts.sitewide_domains),
    "target_state": lambda counts: counts.asked.target_state if counts.asked is not None else "",
    "target_status": lambda counts: counts.asked.target_status if counts.asked is not None else None,
    "target_final_url": lambda counts: counts.asked.target_final_url if counts.asked is not None else "",
    "first_seen": lambda counts: counts.first_seen,
    "last_seen": lambda counts: counts.last_seen,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view: links counted by what they share."""

    row: type[Any]
    by: Mapping[str, Callable[[Backlink, AnchorReader], str]]
    """Column -> what the links of a row share in it."""


def _column(name: str) -> Callable[[Backlink, AnchorReader], str]:
    get = attrgetter(name)
    return lambda link, _: str(get(link))


LINKS: Final = "links"
VIEWS: Final[Mapping[str, View]] = {
    "domains": View(row=DomainRow, by={name: _column(name) for name in ("target", "source_domain")}),
    "anchors": View(
        row=AnchorRow,
        by={"target": _column("target"), "anchor": _column("anchor"), "kind": lambda link, reader: reader.kind(link)},
    ),
    "pages": View(row=PageRow, by={name: _column(name) for name in ("target", "target_url")}),
    "tlds": View(row=TldRow, by={"target": _column("target"), "tld": lambda link, _: top_level(link.source_domain)}),
}
MARKED: Final = frozenset({LINKS, "domains"})
"""The views that can show markers and authority."""
_BACKLINK: Final = tuple(column.name for column in columns_of(Backlink))


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What rows are compared with."""

    sitewide: Sitewide
    reader: AnchorReader
    ranks: Ranks | None = None
    profile: Profile | None = None
    """None if markers are not requested."""

    def authority(self, domain: str) -> float | None:
        """Returns the authority of a domain; None if no ranks are given, or none for this domain."""
        return self.ranks.authority(domain) if self.ranks is not None else None

    def marks(self, link: Backlink) -> tuple[Mark, ...]:
        """Returns the marks of a link; empty if markers are not requested."""
        return marks(link, self.profile) if self.profile is not None else ()


def row_type(view: str) -> type[Any]:
    """Returns the dataclass of a view's rows."""
    return LinkRow if view == LINKS else VIEWS[view].row


def rows_of(view: str, links: Iterable[Grouped], context: Context) -> Iterator[Any]:
    """Yields the rows of a view: links in their order, other rows by their number of links."""
    return _link_rows(links, context) if view == LINKS else _counted(VIEWS[view], links, context)


def _link_rows(links: Iterable[Grouped], context: Context) -> Iterator[LinkRow]:
    for group in links:
        link = group.link
        found = context.marks(link)
        sitewide_pages = context.sitewide.pages(link)
        computed: dict[str, Any] = {
            "links_in_group": group.links,
            "pages_in_group": group.pages,
            "sitewide": sitewide_pages > 0,
            "sitewide_pages": sitewide_pages,
            "authority": context.authority(link.source_domain),
            "relevance": relevance(link, context.profile) if context.profile is not None else None,
            "markers": tuple(mark.marker.value for mark in found),
            "evidence": tuple(mark.evidence for mark in found),
            "spam": spam_of(found),
        }
        if type(link) is Backlink:
            yield LinkRow(**{name: getattr(link, name) for name in _BACKLINK}, **computed)
        else:  # read from a file with fewer columns
            held = {name: getattr(link, name) for name in _BACKLINK if hasattr(link, name)}
            yield partial(LinkRow, held | computed, "the file of rows")


def _counted(view: View, links: Iterable[Grouped], context: Context) -> Iterator[Any]:
    counted: dict[tuple[str, ...], LinkCounts] = defaultdict(LinkCounts)
    for group in links:
        link = group.link
        if getattr(link, "link_type", "") == MENTION:  # no backlink
            continue
        counts = counted[tuple(value(link, context.reader) for value in view.by.values())]
        counts.add(link, context.sitewide.pages(link))
        if view.row is DomainRow:
            counts.marks.add(link, context.marks(link))
    figures = [column.name for column in columns_of(view.row) if column.name in FIGURES]
    for key, counts in sorted(counted.items(), key=lambda item: (-item[1].links, item[0])):
        given: dict[str, Any] = dict(zip(view.by, key, strict=True)) | {name: FIGURES[name](counts) for name in figures}
        if view.row is DomainRow:
            found = counts.marks.marks()
            given |= {
                "authority": context.authority(given["source_domain"]),
                "markers": tuple(mark.marker.value for mark in found),
                "evidence": tuple(mark.evidence for mark in found),
                "spam": spam_of(found),
            }
        yield view.row(**given)
