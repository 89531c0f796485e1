"""Tasks about link schemes: the domains that the advice on disavowing names, from a few numbers of each link.

The same as :class:`~backlinkbot.reports.disavowing.advice.Advice` from the marks of all links; texts are read of the domains that
are shown only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import chain, compress, groupby
from typing import TYPE_CHECKING, Final

from backlinkbot.items.columns import with_values
from backlinkbot.reports.anchors import AnchorReader
from backlinkbot.reports.disavowing.advice import SCHEME, is_large, is_schemed
from backlinkbot.reports.disavowing.disavow import Entry, domain_entry
from backlinkbot.reports.quality.markers import NETWORK_DOMAINS, NETWORK_LINKS, UNSEEN, DomainMarks, is_repeated, marks
from backlinkbot.reports.quality.profile import KEYWORDS, Profile, TargetProfile
from backlinkbot.reports.todo.collecting import Role
from backlinkbot.reports.todo.tasks import Task, TaskKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from backlinkbot.reports.todo.collecting import Collector, StoredLinks
    from backlinkbot.reports.todo.links import LinkNumber

_AT_ONCE: Final = 5_000
"""Rows that are read at a time."""


@dataclass(slots=True)
class _Target:
    """What the links to a target have in common."""

    domains: int = 0
    alike: Counter[int] = field(default_factory=Counter)
    """Hash of a domain's links -> the domains with exactly these."""
    anchors: Counter[int] = field(default_factory=Counter)
    """Hash of an anchor -> the domains with a link that has it."""
    repeated: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Hash of an anchor that is repeated -> the anchor, and the domains that use it as a keyword."""


class Schemes:
    """The domains in what looks like a link scheme."""

    def __init__(self, collector: Collector) -> None:
        self._of = collector
        self._live = collector.stored[Role.LIVE]
        self._counted = [self._live, collector.stored[Role.MENTION]]
        self._reader = AnchorReader()
        self._targets: dict[str, _Target] = defaultdict(_Target)
        self._bundles: dict[int, int] = {}
        """Site -> the hash of its links, if they are as many as a network's."""

    def sites(self) -> list[tuple[str, str]]:
        """Returns the target and the domain of each task, in no particular order."""
        if not self._live:
            return []
        self._count()
        found = self._schemed()
        targets = dict.fromkeys(target for target, _ in self._of.pages_of(self._live))
        return [
            (target, domain)
            for target in targets
            for domain in sorted(found.get(target, ()))
            if isinstance(domain_entry(domain), Entry)
        ]

    @staticmethod
    def task(target: str, domain: str, authority: float | None) -> Task:
        """Makes a task, without its evidence."""
        return Task(
            kind=TaskKind.DISAVOW,
            action="Read its pages; disavow it only if the links were bought or built",
            page=domain,
            domain=domain,
            target=target,
            evidence="",
            authority=authority,
            follow=True,
            contact="",
        )

    def _count(self) -> None:
        for site, links in self._by_site():
            of = self._targets[self._of.site_names[site][0]]
            of.domains += 1
            of.anchors.update({anchor for _, anchor in links})
            if len(links) >= NETWORK_LINKS:
                self._bundles[site] = bundle = hash(links)
                of.alike[bundle] += 1
        self._find_repeated()
        for of in self._targets.values():
            of.anchors.clear()

    def _by_site(self) -> Iterator[tuple[int, frozenset[tuple[int, int]]]]:
        """Yields each target and domain, as their number, with its different links, as address and anchor."""
        live, mentions = self._counted
        sites, urls, anchors = live.sites + mentions.sites, live.urls + mentions.urls, live.anchors + mentions.anchors
        order = sorted(range(len(sites)), key=sites.__getitem__)
        for site, places in groupby(order, sites.__getitem__):
            yield site, frozenset([(urls[at], anchors[at]) for at in places])

    # --- repeated anchors ---

    def _find_repeated(self) -> None:
        """Finds the anchors that are repeated; only of those that many domains have is it asked whether they are keywords."""
        many = {
            target: {anchor for anchor, domains in of.anchors.items() if is_repeated(domains, of.domains)}
            for target, of in self._targets.items()
        }
        texts = self._texts_of(many)
        sites: dict[tuple[str, int], set[int]] = defaultdict(set)
        for stored in self._counted:
            for at, anchor, target in self._places(stored, many):
                if self._is_keyword(stored, at, texts.get(anchor, "")):
                    sites[target, anchor].add(stored.sites[at])
        for (target, anchor), found in sites.items():
            of = self._targets[target]
            if is_repeated(len(found), of.domains):
                of.repeated[anchor] = (texts[anchor], len(found))

    def _places(self, stored: StoredLinks, wanted: Mapping[str, Collection[int]]) -> Iterator[tuple[int, int, str]]:
        """Yields the place of each link with one of its target's anchors, the anchor and the target: all targets in one pass."""
        of_any = frozenset(chain.from_iterable(wanted.values()))
        for at, anchor in enumerate(stored.anchors):
            if anchor in of_any:
                target = self._of.row_of(stored, at).target
                if anchor in wanted.get(target, ()):
                    yield at, anchor, target

    def _texts_of(self, anchors: Mapping[str, Collection[int]]) -> dict[int, str]:
        first: dict[int, LinkNumber] = {}
        for stored in self._counted:
            for at, anchor, _ in self._places(stored, anchors):
                first.setdefault(anchor, stored.link(at))
        return {hash(text): text for batch in self._of.links.texts_of(list(first.values())) for text in batch.anchors}

    def _is_keyword(self, stored: StoredLinks, at: int, anchor: str) -> bool:
        row = self._of.row_of(stored, at)
        url = self._of.url_names[stored.urls[at]]
        return self._reader.kind_of(row.target, url, anchor, row.link_type) in KEYWORDS

    # --- the advice ---

    def _schemed(self) -> dict[str, set[str]]:
        """Returns the domains of large link schemes, by target."""
        followed = Counter(compress(self._live.sites, self._of.are_followed(self._live)))
        marked = Counter(self._live.sites[at] for at in self._marked_places())
        schemed: dict[str, set[str]] = defaultdict(set)
        followed_domains: Counter[str] = Counter()
        for site, links in followed.items():
            target, domain = self._of.site_names[site]
            followed_domains[target] += 1
            if is_schemed(links if self._is_network(site) else marked[site], links):
                schemed[target].add(domain)
        return {target: found for target, found in schemed.items() if is_large(len(found), followed_domains[target])}

    def _is_network(self, site: int) -> bool:
        alike = self._targets[self._of.site_names[site][0]].alike
        return site in self._bundles and alike[self._bundles[site]] >= NETWORK_DOMAINS

    def _marked_places(self) -> set[int]:
        """Returns the places of followed links that are hidden, or whose anchor is repeated."""
        live = self._live
        hidden = [not UNSEEN.keys().isdisjoint(of.row.flags) for of in self._of.shared]
        found = {at for at, shared in enumerate(live.shared) if hidden[shared]} if any(hidden) else set()
        repeated = {target: of.repeated for target, of in self._targets.items()}
        found |= {
            at
            for at, anchor, target in self._places(live, repeated)
            if self._is_keyword(live, at, repeated[target][anchor][0])
        }
        followed = list(self._of.are_followed(live))
        return {at for at in found if followed[at]}

    # --- evidence ---

    def with_evidence(self, tasks: Sequence[Task]) -> list[Task]:
        """Returns the tasks with their evidence."""
        wanted = {self._of.sites[task.target, task.domain]: DomainMarks() for task in tasks}
        profile = self._profile(wanted)
        live = self._live
        links = [live.link(at) for at, site in enumerate(live.sites) if site in wanted]
        for first in range(0, len(links), _AT_ONCE):
            for row in self._of.links.rows(links[first : first + _AT_ONCE]).values():
                if found := marks(row, profile, SCHEME):
                    wanted[self._of.sites[row.target, row.source_domain]].add(row, found)
        return [
            with_values(task, evidence=_evidence(wanted[self._of.sites[task.target, task.domain]])) for task in tasks
        ]

    def _profile(self, sites: Iterable[int]) -> Profile:
        """Returns a profile that knows what the markers of link schemes compare the links of some sites with."""
        targets: dict[str, TargetProfile] = {}
        for target, of in self._targets.items():
            targets[target] = TargetProfile()
            targets[target].domains = self._of.referring[target]
            targets[target].anchors = Counter(dict(of.repeated.values()))
        known = self._links_of_networks(sites)
        for site, bundle in self._bundles.items():
            if bundle in known:
                target, domain = self._of.site_names[site]
                targets[target].bundles[domain] = known[bundle]
                targets[target].alike[known[bundle]].append(domain)
        return Profile.given(targets)

    def _links_of_networks(self, sites: Iterable[int]) -> dict[int, frozenset[int]]:
        """Returns the links of those of some sites that are a network's, by their hash, each as a number."""
        wanted = {site: set[int]() for site in sites if self._is_network(site)}
        for stored in self._counted:
            for site, url, anchor in zip(stored.sites, stored.urls, stored.anchors, strict=True):
                if site in wanted:
                    wanted[site].add(hash((url, anchor)))
        return {self._bundles[site]: frozenset(links) for site, links in wanted.items()}


def _evidence(found: DomainMarks) -> str:
    return "; ".join(f"{mark.marker} ({mark.evidence})" for mark in found.marks())
