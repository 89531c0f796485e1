"""Rows and candidates of the domains that link to targets by the graphs of one or several releases."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.commoncrawl.platforms import platform_of
from backlinkbot.items import Candidate, Claim
from backlinkbot.items.columns import Kind, column, columns_of, row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.commoncrawl.domain_table import Domain
    from backlinkbot.commoncrawl.graph import GraphLinks
    from backlinkbot.targets import Targets

ORIGIN: Final = "commoncrawl"
CONFIDENCE: Final = 0.4
"""Of the claim that a domain links to a target: an edge may be an image, and months old."""


@row
class ReferringDomain:
    """A domain that links to a target by a web graph: one row of ``backlinkbot domains``."""

    target: str = column(Kind.TEXT, "The target, as you wrote it.", essential=True)
    domain: str = column(
        Kind.TEXT,
        "The linking domain, or host of a host graph; of a platform the one of most authority.",
        essential=True,
    )
    platform: str = column(
        Kind.TEXT,
        "The platform for sites or pages of others, or the kind of service, to which the domain belongs; one row for each.",
        empty="the domain is of none",
        essential=True,
    )
    domains: int = column(Kind.NUMBER, "The domains, or hosts, for which the row stands.", essential=True)
    authority: float | None = column(
        Kind.REAL,
        "From the ranks: 100 for the first of all domains by harmonic centrality, 0 for the last.",
        may_lack=True,
        essential=True,
    )
    hosts: int = column(Kind.NUMBER, "The hosts of the domain in the graph; 0 where it does not say.")
    first_release: str = column(Kind.TEXT, "The earliest of the graphs that have the link.")
    last_release: str = column(Kind.TEXT, "The latest of them.", essential=True)
    whole_domain: bool = column(
        Kind.FLAG,
        "True if the graph knows only the target's registrable domain, so that the link may lead to another host of it.",
    )


COLUMNS: Final = columns_of(ReferringDomain)


def authority_of(domain: Domain, total: int) -> float | None:
    """Returns ``100 * (1 - ln(position) / ln(total))``; None without a position."""
    if not domain.position:
        return None
    if domain.position == 1:
        return 100.0
    return round(max(0.0, 100 * (1 - math.log(domain.position) / math.log(max(total, domain.position)))), 1)


def referring_domains(
    graphs: Sequence[GraphLinks], targets: Targets, *, unfold: bool = False
) -> Iterator[ReferringDomain]:
    """Yields the domains that link to each target, the targets in order, of each the domains of most authority first.

    A target's own domains are none of them. Platforms come last.

    Args:
        graphs: what was read of each release, in any order.
        targets: the targets.
        unfold: yield a row for each domain of a platform, too, in its place among the others.
    """
    in_order = sorted(graphs, key=lambda graph: (graph.period[1], graph.release))
    for target in targets:
        rows: dict[str, ReferringDomain] = {}
        for graph in in_order:
            for number in graph.linking.get(target.name, ()):
                _add(rows, graph, graph.domains[number], target.name)
        found = [row for row in rows.values() if not _is_own(row.domain, targets, target.name)]
        yield from sorted(found if unfold else _folded(found), key=_place)


def _add(rows: dict[str, ReferringDomain], graph: GraphLinks, domain: Domain, target: str) -> None:
    known = rows.get(domain.name)
    is_wider = target in graph.wider
    rows[domain.name] = ReferringDomain(
        target=target,
        domain=domain.name,
        platform=platform_of(domain.name),
        domains=1,
        authority=authority_of(domain, graph.total),
        hosts=domain.hosts,
        first_release=known.first_release if known is not None else graph.release,
        last_release=graph.release,
        whole_domain=is_wider and (known is None or known.whole_domain),
    )


def _is_own(host: str, targets: Targets, target: str) -> bool:
    home = urls.parse(f"http://{host}/")
    return home is not None and any(owner.name == target for owner in targets.owners(home))


def _folded(rows: Iterable[ReferringDomain]) -> Iterator[ReferringDomain]:
    """Yields one row for each platform, and those of other domains as they are."""
    of_platforms: dict[str, list[ReferringDomain]] = {}
    for one in rows:
        if one.platform:
            of_platforms.setdefault(one.platform, []).append(one)
        else:
            yield one
    for together in of_platforms.values():
        best = min(together, key=_place)
        yield replace(
            best,
            domains=len(together),
            hosts=sum(one.hosts for one in together),
            whole_domain=all(one.whole_domain for one in together),
        )


_MOST_NAMED: Final = 5
"""Targets that a message names."""


def unlinked_targets(rows: Iterable[ReferringDomain], graphs: Sequence[GraphLinks], targets: Targets) -> Iterator[str]:
    """Yields messages about targets without linking domains that can be visited: one for each reason.

    Yields none if a graph could not be read completely.

    Args:
        rows: of all targets, as :func:`referring_domains` yields them.
        graphs: what was read of each release.
        targets: the targets.
    """
    if not graphs or any(graph.faults for graph in graphs):
        return
    releases = " and ".join(graph.release for graph in graphs)
    linked: dict[str, bool] = {}  # target -> true if a domain that belongs to no platform links to it
    for one in rows:
        linked[one.target] = linked.get(one.target, False) or not one.platform
    absent, unlinked, only_by_platforms = [], [], []
    for target in targets:
        if not any(target.name in graph.linking for graph in graphs):
            absent.append(target.name)
        elif target.name not in linked:
            unlinked.append(target.name)
        elif not linked[target.name]:
            only_by_platforms.append(target.name)
    if absent:
        yield f"not in {releases}, so nothing is known of links to them: {_listed(absent)}"
    if unlinked:
        yield f"no domain of {releases} links to {_listed(unlinked)}"
    if only_by_platforms:
        yield f"no domain of {releases} but those of platforms links to {_listed(only_by_platforms)}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _place(one: ReferringDomain) -> tuple[bool, float, int, str]:
    return bool(one.platform), -1.0 if one.authority is None else -one.authority, -one.hosts, one.domain


def candidates_of(
    rows: Iterable[ReferringDomain], periods: dict[str, tuple[str, str]], targets: Targets
) -> Iterator[Candidate]:
    """Yields each domain as a candidate with a claim for each target that it links to; platforms are left out.

    Args:
        rows: of all targets.
        periods: release -> its first and last day.
        targets: the targets; a claim names the first place of one.
    """
    places = {target.name: target.places[0].host for target in targets}
    claims: dict[str, list[Claim]] = {}
    for one in rows:
        if not one.platform:
            claims.setdefault(one.domain, []).append(
                Claim(
                    origin=ORIGIN,
                    file=one.last_release,
                    target_url=places[one.target],
                    first_seen=periods.get(one.first_release, ("", ""))[0],
                    last_seen=periods.get(one.last_release, ("", ""))[1],
                    confidence=CONFIDENCE / 2 if one.whole_domain else CONFIDENCE,
                )
            )
    for domain, own in claims.items():
        yield Candidate(url=domain, claims=tuple(own), is_domain=True)
