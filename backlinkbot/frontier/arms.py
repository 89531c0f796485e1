"""The arms of the crawl order: hosts, their sections and folders, with the results of their visited pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from backlinkbot.frontier.features import PageFeatures
from backlinkbot.frontier.words import DISCOUNT

EXHAUSTED_AFTER: Final = 20
"""So many pages of an arm in a row without an outside host new to their host, and the arm is visited after all others."""
UNPROVEN_EXHAUSTED_AFTER: Final = 40
"""Visits in a row of arms that have never shown anything, and all such arms of their section are visited after all others; the
first visit of an arm counts twice. The same for the sections of a host."""
HOSTS_EXHAUSTED_AFTER: Final = 20
"""The same for the hosts of a domain, each of which costs a robots.txt besides."""
MIN_HOSTS: Final = 5
"""Hosts of a domain that were visited before it is taken for one that has them without end."""
MAX_ARMS_OF_HOST: Final = 2_000
"""Arms of which a host keeps figures; pages of further ones are told by their section, then by their host."""

Link = PageFeatures  # its name in requests that a JOBDIR of an earlier version holds


@dataclass(slots=True)
class Arm:
    """The visits of a host, a section or a folder; the latest count most."""

    visits: float = 0.0
    shown: float = 0.0
    """What the pages have shown: outside hosts that no earlier page of their host linked to, damped."""
    hits: float = 0.0
    unproductive: int = 0
    """Visits in a row that showed nothing new."""

    def learn(self, shown: float, weight: int = 1) -> None:
        """Notes a visit; ``weight`` is what one that shows nothing new counts for."""
        self.visits = DISCOUNT * self.visits + 1
        self.shown = DISCOUNT * self.shown + shown
        self.hits *= DISCOUNT
        self.unproductive = 0 if shown else self.unproductive + weight

    @property
    def is_exhausted(self) -> bool:
        """True if too many pages in a row have shown nothing new."""
        return self.unproductive >= EXHAUSTED_AFTER


UNVISITED: Final = Arm()
"""An arm without visits; not to be changed."""


@dataclass(slots=True)
class UnprovenArms:
    """The arms of a section, the sections of a host or the hosts of a domain that have never shown anything."""

    most: int = UNPROVEN_EXHAUSTED_AFTER
    unproductive: int = 0
    """So many visits of them in a row showed nothing new and did not link to a target."""

    def learn(self, new: float, weight: int) -> None:
        """Notes a visit of one of them."""
        if new:
            self.reopen()
        else:
            self.unproductive += weight

    def reopen(self) -> None:
        """Notes that one of them is worth visiting; the others are tried again, half as often as before."""
        self.unproductive = min(self.unproductive, self.most) // 2

    @property
    def are_exhausted(self) -> bool:
        """True if all of them are visited after everything else."""
        return self.unproductive >= self.most


@dataclass(slots=True)
class DomainArms:
    """The hosts of a registrable domain."""

    hosts: int = 0
    siblings: int = 0
    """Hosts of the domain to which pages of others linked."""
    visits: int = 0
    """Visited pages of all its hosts."""
    hits: int = 0
    """Those of them that link to a target."""
    unproven: UnprovenArms = field(default_factory=lambda: UnprovenArms(HOSTS_EXHAUSTED_AFTER))


_NO_UNPROVEN: Final = UnprovenArms()


@dataclass(slots=True)
class HostArms:
    """A host and its arms."""

    domain: DomainArms
    whole: Arm = field(default_factory=Arm)
    arms: dict[int, Arm] = field(default_factory=dict)
    unproven_by_kind: dict[int, UnprovenArms] = field(default_factory=dict)
    """By section, with and without a query: the unproven arms in it."""
    unproven_sections: UnprovenArms = field(default_factory=UnprovenArms)
    adds: bool = False
    """True if any page has shown a host to which no page of the domain had linked."""
    is_named: bool = False
    """True if the user named the host."""
    revision: int = 0
    """The number of visits and hits."""

    def of(self, page: PageFeatures) -> list[Arm]:
        """Returns the arms to which a visited page belongs, made where there is room: host, section, folder, trap."""
        keys = (page.section, page.folder, page.trap)
        if len(self.arms) < MAX_ARMS_OF_HOST:
            return [self.whole, *[self.arms.setdefault(key, Arm()) for key in keys]]
        return [self.whole, *[self.arms[key] for key in keys if key in self.arms]]

    def unproven_of(self, page: PageFeatures) -> list[tuple[UnprovenArms, int]]:
        """Returns the groups for which a visit counts, and how much; to be called before :meth:`of`."""
        found = []
        arm, section = self.arms.get(page.trap), self.arms.get(page.section)
        beside = self.unproven_by_kind.get(page.kind)
        if beside is None and len(self.unproven_by_kind) < MAX_ARMS_OF_HOST:
            beside = self.unproven_by_kind[page.kind] = UnprovenArms()
        # What is closed does not count for the groups above it, which would never have their turn.
        if arm is None or not arm.is_exhausted:
            if (section is None or not section.shown) and not (beside is not None and beside.are_exhausted):
                found.append((self.unproven_sections, 2 if section is None else 1))
            if beside is not None and (arm is None or not arm.shown):
                found.append((beside, 2 if arm is None else 1))
        if not self.adds:
            found.append((self.domain.unproven, 1 if self.whole.visits else 2))
        return found

    def unproductive_visits(self, section: int, trap: int, kind: int) -> int:
        """Returns how many visits of an arm, or of the group that closes it, showed nothing new; 0 for an arm that is open."""
        own = self._own_unproductive_visits(section, trap, kind)
        return own + self.domain.unproven.unproductive if self.is_closed else own

    def _own_unproductive_visits(self, section: int, trap: int, kind: int) -> int:
        arm = self.arms.get(trap, UNVISITED)
        if arm.hits:
            return 0
        if arm.is_exhausted:
            return arm.unproductive
        if arm.shown:
            return 0
        beside = self.unproven_by_kind.get(kind, _NO_UNPROVEN)
        if beside.are_exhausted:
            return beside.unproductive
        if not self.unproven_sections.are_exhausted:
            return 0
        of_section = self.arms.get(section, UNVISITED)
        return 0 if of_section.shown or of_section.hits else self.unproven_sections.unproductive

    @property
    def is_closed(self) -> bool:
        """True if all pages of the host are visited after everything else: it adds nothing to a domain of exhausted hosts."""
        domain = self.domain
        is_exhausted = domain.unproven.are_exhausted and domain.hosts >= MIN_HOSTS
        return is_exhausted and not self.adds and not self.is_named and not self.whole.hits
