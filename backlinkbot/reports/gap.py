"""Finds the domains that link to competitors and not to the user's site."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.errors import TargetError
from backlinkbot.history.claim_check import read_claimed_target
from backlinkbot.items.columns import Kind, column, row
from backlinkbot.targets import Target, Targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EXAMPLES: Final = 3
"""The number of example pages of a prospect."""


@row
class Prospect:
    """A domain that links to competitors and not to the user's site: one row of ``backlinkbot gap``."""

    domain: str = column(Kind.TEXT, "The registrable domain that links to them.", essential=True)
    competitors: tuple[str, ...] = column(
        Kind.LIST, "To which of them, in the order in which they were named.", essential=True
    )
    count: int = column(Kind.NUMBER, "To how many.", essential=True)
    links: int = column(
        Kind.NUMBER,
        "Pages of it with a link to one of them, each counted for each; 0 where only the domain is known.",
        essential=True,
    )
    examples: tuple[str, ...] = column(Kind.LINES, "Up to three of the pages.", essential=True)
    authority: float | None = column(Kind.REAL, "From a rank file, with `--ranks`.", may_lack=True, essential=True)
    sources: tuple[str, ...] = column(Kind.LIST, "Who says so: `history`, or the origin of a claim.")


@dataclass(slots=True)
class _Seen:
    competitors: set[str] = field(default_factory=set)
    links: set[int] = field(default_factory=set)  # hashes, because the addresses would take much more memory
    examples: list[str] = field(default_factory=list)
    sources: dict[str, None] = field(default_factory=dict)


def _unranked(_domain: str) -> None:
    """Returns None, the authority of a domain without ranks."""


class Gap:
    """Collects links, then computes the prospects."""

    def __init__(self, own: str, competitors: Iterable[str]) -> None:
        """Takes the own site and the competitors, written as targets.

        Raises:
            TargetError: one of them is invalid, or the own site is among the competitors.
        """
        self._own = Target.parse(own)
        self._names = list(dict.fromkeys(name.strip() for name in competitors))
        if self._own.name in self._names:
            raise TargetError(f"{own}: is the target itself; name sites of others behind --against")
        self._targets = Targets([self._own, *map(Target.parse, self._names)])
        self._seen: dict[str, _Seen] = {}
        self._linking: set[str] = set()
        self._linked: set[str] = set()

    @property
    def competitors(self) -> tuple[str, ...]:
        """Returns the competitors, each once, in the given order."""
        return tuple(self._names)

    @property
    def linked(self) -> set[str]:
        """Returns the competitors that have links."""
        return self._linked

    def add(self, source: str, target: str, origin: str) -> None:
        """Adds a link.

        Args:
            source: the page with the link, or its domain if only that is known.
            target: a URL or a domain; a path is one of the user's site, as in the log of its server.
            origin: the source that names the link.
        """
        page, to = read_claimed_target(source).url, read_claimed_target(target)
        if page is None or "." not in page.hostname.strip("."):
            return
        domain = urls.registrable_domain(page.hostname)
        if to.path:
            self._linking.add(domain)
        for found in self._targets.match(to.url) if to.url is not None else ():
            if found is self._own:
                self._linking.add(domain)
            else:
                self._note(domain, source, found.name, origin)

    def _note(self, domain: str, source: str, competitor: str, origin: str) -> None:
        self._linked.add(competitor)
        seen = self._seen.setdefault(domain, _Seen())
        seen.competitors.add(competitor)
        seen.sources[origin] = None
        if "/" in source:
            seen.links.add(hash((source, competitor)))
            if len(seen.examples) < EXAMPLES and source not in seen.examples:
                seen.examples.append(source)

    @property
    def domains(self) -> set[str]:
        """Returns the domains that link to a competitor and not to the user's site, and are neither's own."""
        return {domain for domain in self._seen.keys() - self._linking if not self._is_own(domain)}

    def _is_own(self, domain: str) -> bool:
        home = urls.parse(f"http://{domain}/")
        return home is not None and bool(self._targets.owners(home))

    def prospects(self, at_least: int, authority: Callable[[str], float | None] = _unranked) -> list[Prospect]:
        """Returns the domains that link to at least so many competitors, the best first.

        Sorted by authority, then by the number of competitors and of links, and by name; domains without ranks come last.
        """
        found = [
            Prospect(
                domain=domain,
                competitors=tuple(name for name in self._names if name in seen.competitors),
                count=len(seen.competitors),
                links=len(seen.links),
                examples=tuple(seen.examples),
                authority=authority(domain),
                sources=tuple(sorted(seen.sources)),
            )
            for domain in self.domains
            for seen in [self._seen[domain]]
            if len(seen.competitors) >= at_least
        ]
        return sorted(found, key=_rank)


def _rank(prospect: Prospect) -> tuple[float, int, int, str]:
    authority = -1.0 if prospect.authority is None else prospect.authority
    return -authority, -prospect.count, -prospect.links, prospect.domain
