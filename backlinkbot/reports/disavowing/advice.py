"""Advises whether a disavow file is needed, by Google's advice and the quality markers."""

from __future__ import annotations

from collections import Counter, defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from backlinkbot.reports.quality.markers import Mark, Marker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlinkbot.items import Backlink

SCHEME: Final = frozenset({Marker.NETWORK, Marker.ANCHOR_REPETITION, Marker.HIDDEN, Marker.RECIPROCAL})
"""Markers of what Google calls link schemes, as far as rows can show it
(https://developers.google.com/search/docs/essentials/spam-policies#link-spam)."""
LARGE_DOMAINS: Final = 20
LARGE_SHARE: Final = 0.25

GOOGLE: Final = (
    "Is this file needed? Google says that most sites need none: its systems leave most such links out of account by "
    "themselves. It is for a site with a manual action for unnatural links, or with so many bought or schemed links "
    "that one is likely (https://support.google.com/webmasters/answer/2648487)."
)
REPLACES: Final = "An upload replaces the whole list in use, and takes weeks to work. Read every line before."


class Need(StrEnum):
    """The conclusion from the rows."""

    PROBABLY_NOT = "probably not"
    PERHAPS = "perhaps"
    UNKNOWN = "unknown"


class Advice:
    """Counts referring domains, and those of them whose links look like a link scheme."""

    def __init__(self) -> None:
        self._domains: set[str] = set()
        self._followed: Counter[str] = Counter()
        self._schemed: Counter[str] = Counter()
        self._marked: dict[Marker, set[str]] = defaultdict(set)

    def add(self, row: Backlink, found: Iterable[Mark]) -> None:
        """Counts a link; a nofollow link is not part of a scheme."""
        self._domains.add(row.source_domain)
        if row.follow:
            markers = {mark.marker for mark in found} & SCHEME
            self._followed[row.source_domain] += 1
            self._schemed[row.source_domain] += bool(markers)
            for marker in markers:
                self._marked[marker].add(row.source_domain)

    @property
    def need(self) -> Need:
        """Returns ``perhaps`` from ``LARGE_DOMAINS`` domains and a ``LARGE_SHARE`` of the followed ones on."""
        if not self._domains:
            return Need.UNKNOWN
        return Need.PERHAPS if is_large(len(self.schemed_domains()), len(self._followed)) else Need.PROBABLY_NOT

    def lines(self) -> list[str]:
        """Returns the advice, its figures and its conclusion."""
        return [GOOGLE, self._figures(), _CONCLUSIONS[self.need], REPLACES]

    def schemed_domains(self) -> set[str]:
        """Returns the domains at least half of whose followed links show such a marker."""
        return {domain for domain, links in self._followed.items() if is_schemed(self._schemed[domain], links)}

    def _figures(self) -> str:
        if not self._domains:
            return "There are no rows to judge by."
        schemed = self.schemed_domains()
        counts = {marker: len(domains & schemed) for marker, domains in sorted(self._marked.items())}
        names = ", ".join(f"{marker} {count}" for marker, count in counts.items() if count) or "none"
        return (
            f"In these rows: {len(self._domains)} referring domains, {len(self._followed)} of them with followed links; "
            f"of {len(schemed)} of these, at least half the links show a marker of a link scheme ({names})."
        )


def is_large(schemed: int, followed: int) -> bool:
    """True if so many of the domains with followed links are a large part of them."""
    return schemed >= LARGE_DOMAINS and schemed >= LARGE_SHARE * followed


def is_schemed(schemed: int, links: int) -> bool:
    """True if so many of a domain's followed links show a marker of a link scheme that the domain counts as one."""
    return 2 * schemed >= links


_CONCLUSIONS: Final = {
    Need.PROBABLY_NOT: "Without a manual action in Search Console: probably not needed.",
    Need.PERHAPS: (
        "That is a large part. Look at these links one by one; if they were bought or built, and cannot be taken down, "
        "the file may be needed."
    ),
    Need.UNKNOWN: "Unless Search Console shows a manual action, it is probably not needed.",
}
