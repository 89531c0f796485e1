"""Candidates become visits: all spellings of one URL are one, with everything that is claimed of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from backlinkbot.claims import slim
from backlinkbot.importers import Fault, read_candidates
from backlinkbot.spiders.base import Visit, first_urls

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scrapy.statscollectors import StatsCollector

    from backlinkbot.importers import FileReport
    from backlinkbot.items import Candidate, Claim


@lru_cache(maxsize=1024)
def _only(claim: Claim) -> tuple[tuple[Claim, ...], ...]:
    """One object for all lines of a plain list, which are many, and claim the same."""
    return ((claim,),)


@dataclass(slots=True)
class CandidateVisits:
    """The visits of some lists, in the order of their first candidates."""

    by_url: dict[str, Visit] = field(default_factory=dict)
    unfit: dict[str, Visit] = field(default_factory=dict)
    """Of what is no http(s) URL, by its text: there is nothing to visit."""
    domains: set[str] = field(default_factory=set)
    """The URLs of those that somebody names as a domain only: the link may be on any of its pages."""
    reports: list[FileReport] = field(default_factory=list)
    """What was found in each list."""

    @classmethod
    def read(cls, files: Iterable[str | Path]) -> CandidateVisits:
        """Those of all files.

        Raises:
            CandidateFileError: one of them cannot be read.
        """
        visits = cls()
        for file in files:
            for candidate in read_candidates(file, visits.reports):
                visits.add(candidate)
        return visits

    def note(self, stats: StatsCollector) -> None:
        """Count the rows that are no candidates; one that is no URL is answered for."""
        for report in self.reports:
            bad = report.bad.total() - report.bad[Fault.NOT_A_URL]
            if bad:
                stats.inc_value("backlinks/candidates/bad_rows", bad)
            if skipped := report.skipped.total():
                stats.inc_value("backlinks/candidates/passed_over", skipped)

    def add(self, candidate: Candidate) -> None:
        """One more candidate."""
        text = candidate.url
        claims = tuple(dict.fromkeys(map(slim, candidate.claims)))
        places = first_urls(text)
        url, fallback = places or (text, "")
        visits = self.by_url if places is not None else self.unfit
        if candidate.is_domain:
            self.domains.add(url)
        known = visits.get(url)
        if known is None:
            visits[url] = Visit(
                requested_url=url,
                discovered_from="candidate",
                candidates=(text,),
                claims=_only(claims[0]) if len(claims) == 1 and not claims[0].row else (claims,),
                is_first=places is not None,
                fallback=fallback,
            )
        elif text not in known.candidates:
            visits[url] = replace(known, candidates=(*known.candidates, text), claims=(*known.claims, claims))
        else:
            at = known.candidates.index(text)
            new = tuple(claim for claim in claims if claim not in known.claims[at])
            if new:
                merged = (*known.claims[:at], (*known.claims[at], *new), *known.claims[at + 1 :])
                visits[url] = replace(known, claims=merged)

    def pair(self) -> None:
        """Tell visits of one address over http and over https of each other's claims: one of them gives the rows."""
        for url, twin_url in self._twins():
            visit, twin = self.by_url[url], self.by_url[twin_url]
            self.by_url[url] = replace(visit, claims=(*visit.claims, *twin.claims))
            self.by_url[twin_url] = replace(twin, claims=(*twin.claims, *visit.claims))

    def merge(self) -> None:
        """Make one visit of one address over http and over https, where only one of them is to be made: over https."""
        for url, twin_url in self._twins():
            visit, twin = self.by_url.pop(url), self.by_url[twin_url]
            self.by_url[twin_url] = replace(
                twin, candidates=(*twin.candidates, *visit.candidates), claims=(*twin.claims, *visit.claims)
            )

    def _twins(self) -> list[tuple[str, str]]:
        secure = ((url, f"https://{url.removeprefix('http://')}") for url in self.by_url if url.startswith("http://"))
        return [(url, twin) for url, twin in secure if twin in self.by_url]
