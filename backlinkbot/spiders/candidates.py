"""Merges candidates into visits: all spellings of a URL become one visit, with all claims about it.

Millions of them do not fit into a small memory, so that they are brought together on the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from json import loads
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.errors import UsageError
from backlinkbot.history.claim_check import slim
from backlinkbot.importers import Fault, read_candidates, towards
from backlinkbot.importers.candidatefiles import as_line, candidate_of, encoded
from backlinkbot.importers.merging import Grouping
from backlinkbot.spiders.base import Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

    from backlinkbot.importers import FileReport
    from backlinkbot.items import Candidate, Claim
    from backlinkbot.targets import Targets

UNSAID: Final = 0.5
"""How likely a candidate is of which nothing is claimed: as a line of a list."""
NO_URL: Final = "not an http(s) URL"
"""Why what is no URL is not visited."""


@lru_cache(maxsize=1024)
def _only(claim: Claim) -> tuple[tuple[Claim, ...], ...]:
    """One object for all lines of a plain list, which are many, and claim the same."""
    return ((claim,),)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateVisit:
    """What a visit of candidates is, besides a visit."""

    visit: Visit
    is_fit: bool
    """Whether it is a URL of the web; else there is nothing to visit."""
    is_domain: bool
    """Whether somebody names the domain only: the link may be on any of its pages."""


class CandidateVisits:
    """Takes candidates; gives their visits: what is no URL, then the likeliest, and those as likely in their order."""

    def __init__(self, *, are_twins_one: bool) -> None:
        """``are_twins_one``: whether one visit over https is made of one address over http and over https.

        Else each has the claims of the other too, for one of them gives the rows.
        """
        self._join = _merge_twins if are_twins_one else _pair_twins
        self._grouping = Grouping()
        self.reports: list[FileReport] = []
        """What was found in each list."""

    @property
    def number(self) -> int:
        """How many visits there are; known once the first was given."""
        return self._grouping.number

    def close(self) -> None:
        """Give up what they need of the disk."""
        self._grouping.close()

    def read(self, files: Iterable[str | Path]) -> None:
        """Take the candidates of some files.

        Raises:
            CandidateFileError: one of them cannot be read.
        """
        for file in files:
            for candidate in read_candidates(file, self.reports):
                self.add(candidate)

    def recall(self, history: str, targets: Targets, most: int | None = None) -> int:
        """Take what a history knows from files, and nobody has visited; returns how many pages, at most ``most``.

        Raises:
            UsageError: there is no such history.
            OutputError: it cannot be read.
        """
        count = 0
        for candidates in islice(_unvisited(history, targets), most):
            count += 1
            for candidate in candidates:
                self.add(candidate)
        return count

    def add(self, candidate: Candidate) -> None:
        """Take one."""
        places = urls.first_urls(candidate.url)
        if places is None:
            self._grouping.add(candidate.url, as_line(candidate))
        else:
            likely = candidate.confidence if candidate.claims else UNSAID
            rank = 1 + round(100 * (1 - min(max(likely, 0), 1)))
            self._grouping.add(_address(places[0]), as_line(candidate), rank=rank)

    def note(self, stats: StatsCollector) -> None:
        """Count the rows that are no candidates; one that is no URL is answered for."""
        for report in self.reports:
            bad = report.bad.total() - report.bad[Fault.NOT_A_URL]
            if bad:
                stats.inc_value("backlinks/candidates/bad_rows", bad)
            if skipped := report.skipped.total():
                stats.inc_value("backlinks/candidates/passed_over", skipped)

    def __iter__(self) -> Iterator[CandidateVisit]:
        """The visits; once, for their memory is given back meanwhile."""
        for line in self._grouping.lines(self._join):
            row = loads(line)
            own, others = (row["own"], row["others"]) if "own" in row else ([row], [])
            yield visit_of(list(_read(own)), list(_read(others)))


def _unvisited(history: str, targets: Targets) -> Iterator[list[Candidate]]:
    """The candidates of each page that a history knows and nobody has visited, as far as they are about the targets."""
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy, which other runs need not wait for

    with History.open(history) as opened:
        for candidates in opened.unvisited():
            found = [candidate for one in candidates if (candidate := towards(one, targets)) is not None]
            if found:
                yield found


def takes_unvisited(settings: BaseSettings) -> bool:
    """Whether a run has these candidates too.

    Raises:
        UsageError: there is no history to have them from, or it would forget what it has asked for.
    """
    if not settings.getbool("BACKLINKBOT_UNVISITED"):
        return False
    if not settings["BACKLINKBOT_HISTORY_URL"]:
        raise UsageError("--unvisited are candidates that a history knows; name one (--history)")
    if settings["JOBDIR"]:
        raise UsageError("--unvisited needs no JOBDIR: what was visited is left out; run it again")
    return True


def visit_of(candidates: list[Candidate], others: Iterable[Candidate] = ()) -> CandidateVisit:
    """The visit that answers some candidates, all of one URL.

    Args:
        candidates: in order; the first says where to try.
        others: those of the same address over the other scheme, which another visit answers.
    """
    claims: dict[str, dict[Claim, None]] = {}
    for candidate in candidates:
        claims.setdefault(candidate.url, {}).update(dict.fromkeys(map(slim, candidate.claims)))
    all_claims = [tuple(said) for said in claims.values()]
    heard: dict[str, dict[Claim, None]] = {}
    for candidate in others:
        heard.setdefault(candidate.url, {}).update(dict.fromkeys(map(slim, candidate.claims)))
    all_claims += [tuple(said) for said in heard.values()]
    places = urls.first_urls(candidates[0].url)
    url, fallback = places or (candidates[0].url, "")
    is_bare = len(all_claims) == 1 and len(all_claims[0]) == 1 and not all_claims[0][0].row
    return CandidateVisit(
        visit=Visit(
            requested_url=url,
            discovered_from="candidate",
            candidates=tuple(claims),
            claims=_only(all_claims[0][0]) if is_bare else tuple(all_claims),
            is_first=places is not None,
            fallback=fallback,
        ),
        is_fit=places is not None,
        is_domain=any(candidate.is_domain for candidate in candidates),
    )


def _read(rows: Iterable[dict[str, Any]]) -> Iterator[Candidate]:
    return (candidate for row in rows if (candidate := candidate_of(row)) is not None)


def _address(url: str) -> str:
    return url.partition("://")[2]


# --- what has one address ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    number: bytes
    """The least of the candidates'."""
    rows: list[dict[str, Any]]

    def line(self, others: Iterable[dict[str, Any]] = ()) -> bytes:
        return self.number + encoded({"own": self.rows, "others": list(others)})


def _by_url(lines: Iterable[tuple[bytes, bytes]]) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for number, line in lines:
        row = loads(line)
        places = urls.first_urls(row["url"])
        url = places[0] if places is not None else row["url"]
        group = groups.setdefault(url, _Group(number, []))
        group.number = min(group.number, number)
        group.rows.append(row)
    return groups


def _twin(url: str) -> str:
    return f"https://{_address(url)}" if url.startswith("http://") else f"http://{_address(url)}"


def _pair_twins(lines: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Each visit with what is claimed of the same address over the other scheme."""
    groups = _by_url(lines)
    for url, group in groups.items():
        twin = groups.get(_twin(url))
        yield group.line(twin.rows if twin is not None else ())


def _merge_twins(lines: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """One visit of one address, over https where it was named so."""
    groups = _by_url(lines)
    for url, group in groups.items():
        twin = groups.get(_twin(url))
        if twin is None:
            yield group.line()
        elif url.startswith("https://"):
            yield _Group(min(group.number, twin.number), group.rows + twin.rows).line()
