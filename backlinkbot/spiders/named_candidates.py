"""Visits of pages that services name, with the claims of every service that names the same page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backlinkbot.spiders.base import Visit

if TYPE_CHECKING:
    from backlinkbot.items import Claim


def candidate_named(url: str, found_on: str, claims: tuple[Claim, ...], *, follows: bool) -> Visit:
    """Returns the visit of a page that a service names, as of a candidate."""
    return Visit(requested_url=url, discovered_from=found_on, candidates=(url,), claims=(claims,), follows=follows)


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

    def complete(self, visit: Visit) -> Visit:
        """Returns the visit with the claims that were added since; the page does not wait any longer."""
        if not self._waiting or not visit.candidates:
            return visit
        late = self._waiting.pop(visit.candidates[0], ())
        if not late:
            return visit
        own, *others = visit.claims
        return replace(visit, claims=(tuple(dict.fromkeys((*own, *late))), *others))
