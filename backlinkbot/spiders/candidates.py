"""Candidates become visits: all spellings of one URL are one, with everything that is claimed of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from backlinkbot.claims import slim
from backlinkbot.importers import read_candidates
from backlinkbot.spiders.base import Visit, first_urls

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from backlinkbot.items import Candidate


@dataclass(slots=True)
class CandidateVisits:
    """The visits of some lists, in the order of their first candidates."""

    by_url: dict[str, Visit] = field(default_factory=dict)
    unfit: dict[str, Visit] = field(default_factory=dict)
    """Of what is no http(s) URL, by its text: there is nothing to visit."""

    @classmethod
    def read(cls, files: Iterable[str | Path]) -> CandidateVisits:
        """Those of all files.

        Raises:
            CandidateFileError: one of them cannot be read.
        """
        visits = cls()
        for file in files:
            for candidate in read_candidates(file):
                visits.add(candidate)
        return visits

    def add(self, candidate: Candidate) -> None:
        """One more candidate."""
        text = candidate.url
        claims = tuple(dict.fromkeys(map(slim, candidate.claims)))
        places = first_urls(text)
        url, fallback = places or (text, "")
        visits = self.by_url if places is not None else self.unfit
        known = visits.get(url)
        if known is None:
            visits[url] = Visit(
                requested_url=url,
                discovered_from="candidate",
                candidates=(text,),
                claims=(claims,),
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
