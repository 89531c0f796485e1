"""Determines by their values which column of a table has the linking pages and which the linked ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.importers.formats.header_aliases import canonical
from backlinkbot.importers.outcomes import Fault
from backlinkbot.importers.values import domain, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backlinkbot.targets import Targets

MOST: Final = 0.8
"""The share of a column's values that must be addresses."""
NEARLY_ALL: Final = 0.95
"""The share of a column's values that must be on the targets' hosts, or on one host."""
_INTERNAL: Final = frozenset(
    map(
        canonical,
        (
            "Internal links",
            "Internal inlinks",
            "Incoming internal links",
            "Internal link count",
            "Unique inlinks",
            "Inlinks",
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressColumn:
    """The addresses in a column."""

    at: int
    hosts: tuple[str, ...]
    """The host of each row, without ``www.``; empty for a value that is no address."""
    depth: int
    """How many values name a page other than a home page."""
    has_schemes: bool
    """True if most values are URLs, not names of domains."""
    on_targets: float
    """The share of values on the targets' hosts; 0 if no targets are known."""

    @property
    def sites(self) -> frozenset[str]:
        """The registrable domains."""
        return frozenset(map(urls.registrable_domain, filter(None, self.hosts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The positions of the two columns, and the reason if it is not the header; -1 for a missing column."""

    source: int
    target: int
    why: str = ""


def columns(rows: Sequence[Sequence[str]], targets: Targets | None) -> dict[int, AddressColumn]:
    """Returns the columns that hold addresses, by position."""
    found: dict[int, AddressColumn] = {}
    for at in range(max(map(len, rows), default=0)):
        values = [plain(row[at]) if at < len(row) else "" for row in rows]
        said = [value for value in values if value]
        parsed = [None if isinstance(domain(value), Fault) else _parse(value) for value in values]
        pages = [url for url in parsed if url is not None]
        if not pages or len(pages) < MOST * len(said):
            continue
        matched = sum(bool(targets.match(url) or targets.owners(url)) for url in pages) if targets is not None else 0
        found[at] = AddressColumn(
            at=at,
            hosts=tuple("" if url is None else url.hostname.removeprefix("www.") for url in parsed),
            depth=sum(url.pathname != "/" or url.search != "" for url in pages),
            has_schemes=sum("://" in value[:10] for value in said) >= MOST * len(said),
            on_targets=matched / len(pages),
        )
    return found


def _parse(value: str) -> urls.URL | None:
    return urls.parse(value if "://" in value[:10] else f"https://{value}")


def corrected(source: int, target: int, found: dict[int, AddressColumn]) -> Sides:
    """Corrects what a header says where the values contradict it.

    A column on the targets' hosts, or on one site while another column is on many, has the linked pages. Of two columns
    on the same hosts, the one with paths has the pages that link.
    """
    if source not in found:
        return Sides(source=source, target=target)
    others = [column for at, column in found.items() if at != source and column.has_schemes]
    column = found[source]
    linking = [other for other in others if _is_target_side(column, other)]
    if linking:
        best = max(linking, key=lambda other: (len(other.sites), other.depth, -other.at))
        where = "the targets' hosts" if column.on_targets >= NEARLY_ALL else f"{min(column.sites, default='')} only"
        why = f"column {source + 1} is on {where}, column {best.at + 1} on {len(best.sites)} sites"
        return Sides(source=best.at, target=source, why=why)
    pages = [
        other for other in others if other.at != target and other.hosts == column.hosts and other.depth > column.depth
    ]
    if pages and (column.depth == 0 or not column.has_schemes):
        best = max(pages, key=lambda other: other.depth)
        why = f"column {source + 1} has the home pages of those in column {best.at + 1}"
        return Sides(source=best.at, target=target, why=why)
    linked = [other for other in others if _is_target_side(other, column)]
    if target not in found and linked:
        why = f"column {linked[0].at + 1} has the linked pages of those in column {source + 1}"
        return Sides(source=source, target=linked[0].at, why=why)
    return Sides(source=source, target=target)


def _is_target_side(column: AddressColumn, other: AddressColumn) -> bool:
    """True if a column has the linked pages, and the other one those that link."""
    if column.on_targets or other.on_targets:
        return column.on_targets >= NEARLY_ALL and other.on_targets < NEARLY_ALL
    rows = sum(map(bool, other.hosts))
    return len(column.sites) == 1 and len(other.sites) >= min(3, rows) > 1


def is_internal_report(cells: Sequence[str], found: dict[int, AddressColumn]) -> bool:
    """True for a report of a site's own pages with the number of internal links to each."""
    has_counts = any(canonical(cell) in _INTERNAL for cell in cells)
    return has_counts and len(found) == 1 and all(len(column.sites) == 1 for column in found.values())


def is_internal(source: int, target: int, found: dict[int, AddressColumn]) -> bool:
    """True if each row is a link within one site, and all rows are of the same site."""
    if source not in found or target not in found or len(found[source].hosts) < 2:
        return False
    return found[source].hosts == found[target].hosts and len(found[source].sites) == 1
