"""Visits of pages that services name, with the claims of every service that names the same page."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Final

from backlinkbot.frontier import NamedBy
from backlinkbot.spiders.candidates import UNSAID
from backlinkbot.spiders.planned_visit import PlannedVisit

if TYPE_CHECKING:
    from backlinkbot.items import Claim


EXPECTED_BY_SITE: Final = NamedBy("site", 0.7)
"""A page that the search of a site gives for a target."""


def named_by(visit: PlannedVisit) -> NamedBy:
    """Returns who names the page of a candidate's visit, and how likely it links to a target by all that is claimed."""
    claims = [claim for claims in visit.claims for claim in claims]
    best = max(claims, key=lambda claim: claim.confidence, default=None)
    if best is None:
        return NamedBy("list", UNSAID, visit.is_seed)
    of_origins: dict[str, float] = {}
    for claim in claims:
        of_origins[claim.origin] = max(of_origins.get(claim.origin, 0.0), claim.confidence)
    chance = 1 - prod(1 - min(max(confidence, 0.0), 1.0) for confidence in of_origins.values())
    return NamedBy(best.origin, round(chance, 2), visit.is_seed)


def candidate_named(url: str, found_on: str, claims: tuple[Claim, ...], *, follows: bool) -> PlannedVisit:
    """Returns the visit of a page that a service names, as of a candidate."""
    return PlannedVisit(
        requested_url=url, discovered_from=found_on, candidates=(url,), claims=(claims,), follows=follows
    )


class LateClaims:
    """Claims about pages that wait to be visited already; lost if the run is killed before the visit."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Claim, ...]] = {}

    def expect(self, url: str) -> None:
        """Notes that a page waits as a candidate."""
        self._waiting[url] = ()

    def add(self, url: str, claims: tuple[Claim, ...]) -> bool:
        """Keeps claims for a waiting page; returns false if the page does not wait."""
        if url not in self._waiting:
            return False
        self._waiting[url] += claims
        return True

    def complete(self, visit: PlannedVisit) -> PlannedVisit:
        """Returns the visit with the claims that were added since; the page does not wait any longer."""
        if not self._waiting or not visit.candidates:
            return visit
        late = self._waiting.pop(visit.candidates[0], ())
        if not late:
            return visit
        own, *others = visit.claims
        return replace(visit, claims=(tuple(dict.fromkeys((*own, *late))), *others))
