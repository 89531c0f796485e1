"""Merges candidates into visits: all spellings of a URL become one visit, with all claims about it.

Millions of candidates do not fit into little memory, so they are grouped on disk.
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
from backlinkbot.importers import Fault
from backlinkbot.importers.candidatefiles import as_line, candidate_of, encoded
from backlinkbot.importers.merging import Grouping
from backlinkbot.spiders.planned_visit import PlannedVisit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

    from backlinkbot.importers import FileReport
    from backlinkbot.items import Candidate, Claim
    from backlinkbot.targets import Targets

UNSAID: Final = 0.5
"""The confidence of a candidate without claims, as from a plain list."""
NO_URL: Final = "not an http(s) URL"
"""Why a candidate that is not a URL is not visited."""


@lru_cache(maxsize=1024)
def _only(claim: Claim) -> tuple[tuple[Claim, ...], ...]:
    """Returns the same object for equal claims: a plain list repeats one claim on every line."""
    return ((claim,),)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateVisit:
    """A visit of candidates, and what kind of address they name."""

    visit: PlannedVisit
    is_fit: bool
    """True if the address is an http(s) URL; otherwise there is nothing to visit."""
    is_domain: bool
    """True if a candidate names only the domain: the link may be on any of its pages."""


class CandidateVisits:
    """Collects candidates; yields their visits: invalid URLs, then by descending confidence, then in input order."""

    def __init__(self, *, are_twins_one: bool) -> None:
        """Creates an empty collection.

        Args:
            are_twins_one: make one visit, over https, of an address named over both http and https. Otherwise each visit
                has the claims about the other, too, for one of them yields the rows.
        """
        self._join = _merge_twins if are_twins_one else _pair_twins
        self._grouping = Grouping()
        self.reports: list[FileReport] = []
        """What was read from each file."""

    @property
    def number(self) -> int:
        """How many visits there are; known once the first was given."""
        return self._grouping.number

    def close(self) -> None:
        """Deletes the temporary files."""
        self._grouping.close()

    def read(self, files: Iterable[str | Path], targets: Targets) -> None:
        """Adds the candidates of some files; the targets help to tell which column of a table has the linked pages.

        Raises:
            CandidateFileError: a file cannot be read.
        """
        for file in files:
            from backlinkbot.importers import read_candidates  # noqa: PLC0415 - only where there is a file

            for candidate in read_candidates(file, self.reports, targets):
                self.add(candidate)

    def recall(self, history: str, targets: Targets, most: int | None = None) -> int:
        """Adds candidates that a history knows and no run has visited; returns the number of pages, at most ``most``.

        Raises:
            UsageError: there is no such history.
            OutputError: the history cannot be read.
        """
        count = 0
        for candidates in islice(_unvisited(history, targets), most):
            count += 1
            for candidate in candidates:
                self.add(candidate)
        return count

    def add(self, candidate: Candidate) -> None:
        """Adds a candidate."""
        places = urls.first_urls(candidate.url)
        if places is None:
            self._grouping.add(candidate.url, as_line(candidate))
        else:
            likely = candidate.confidence if candidate.claims else UNSAID
            rank = 1 + round(100 * (1 - min(max(likely, 0), 1)))
            self._grouping.add(_address(places[0]), as_line(candidate), rank=rank)

    def note(self, stats: StatsCollector) -> None:
        """Counts in the stats the rows that are not candidates; invalid URLs are counted as visits instead."""
        for report in self.reports:
            bad = report.bad.total() - report.bad[Fault.NOT_A_URL]
            if bad:
                stats.inc_value("backlinks/candidates/bad_rows", bad)
            if skipped := report.skipped.total():
                stats.inc_value("backlinks/candidates/passed_over", skipped)

    def __iter__(self) -> Iterator[CandidateVisit]:
        """Yields the visits, once only: their memory is freed meanwhile."""
        for line in self._grouping.lines(self._join):
            row = loads(line)
            own, others = (row["own"], row["others"]) if "own" in row else ([row], [])
            yield visit_of(list(_read(own)), list(_read(others)))


def _unvisited(history: str, targets: Targets) -> Iterator[list[Candidate]]:
    """Yields the candidates of each page that a history knows and no run has visited, if they are about the targets."""
    from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import
    from backlinkbot.importers import towards  # noqa: PLC0415 - as in `read`

    with History.open(history) as opened:
        for candidates in opened.unvisited():
            found = [candidate for one in candidates if (candidate := towards(one, targets)) is not None]
            if found:
                yield found


def takes_unvisited(settings: BaseSettings) -> bool:
    """True if a run visits the unvisited candidates of its history, too.

    Raises:
        UsageError: there is no history, or a JOBDIR, which would skip pages of an earlier run.
    """
    if not settings.getbool("BACKLINKBOT_UNVISITED"):
        return False
    if not settings["BACKLINKBOT_HISTORY_URL"]:
        raise UsageError("--unvisited needs a history; name one with --history")
    if settings["JOBDIR"]:
        raise UsageError("--unvisited needs no JOBDIR: what was visited is left out; run it again")
    return True


def visit_of(candidates: list[Candidate], others: Iterable[Candidate] = ()) -> CandidateVisit:
    """Makes the visit that checks some candidates, all of one URL.

    Args:
        candidates: in order; the URL of the first is requested.
        others: the candidates of the same address in the other scheme, which another visit checks.
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
        visit=PlannedVisit(
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


# --- candidates of the same address -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    number: bytes
    """The smallest number among the candidates."""
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
    """Yields each visit, with the claims about the same address in the other scheme."""
    groups = _by_url(lines)
    for url, group in groups.items():
        twin = groups.get(_twin(url))
        yield group.line(twin.rows if twin is not None else ())


def _merge_twins(lines: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Yields one visit per address, over https if any candidate uses it."""
    groups = _by_url(lines)
    for url, group in groups.items():
        twin = groups.get(_twin(url))
        if twin is None:
            yield group.line()
        elif url.startswith("https://"):
            yield _Group(min(group.number, twin.number), group.rows + twin.rows).line()
