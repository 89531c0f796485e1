"""Reads candidates from files of any format, and counts skipped and bad rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.errors import CandidateFileError
from backlinkbot.importers.formats.catalogue import BY_NAME
from backlinkbot.importers.outcomes import BadRow, Fault, FileReport, RowResult, Skip
from backlinkbot.importers.readers.packed import BROKEN, ignore_progress, members
from backlinkbot.importers.recognise import ACCEPTED, NO_MAP, Plan, plans_of
from backlinkbot.items import Candidate, Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from backlinkbot.importers.formats.formats import Role
    from backlinkbot.targets import Targets


class Reading:
    """Reads files of candidates one after the other while it is iterated; ``reports`` contains the counts."""

    def __init__(
        self,
        paths: Iterable[str | Path],
        *,
        as_format: str = "",
        targets: Targets | None = None,
        hint: Targets | None = None,
        mapping: Mapping[Role, str] = NO_MAP,
        tell: Callable[[int], None] = ignore_progress,
    ) -> None:
        """Recognises the format of every file.

        Args:
            paths: the files.
            as_format: the name of their format; empty recognises it by their content.
            targets: skip rows that claim links to anything else; None accepts all.
            hint: the targets, if they only help to tell which column has the linked pages; every row is kept.
            mapping: the columns to read, by header cell or number from 1, for a table that is not recognised correctly.
            tell: called with the number of bytes read since the last call.

        Raises:
            CandidateFileError: a file cannot be opened, or its format is unknown.
        """
        self.reports: list[FileReport] = []
        self._targets = targets
        wanted = BY_NAME[as_format] if as_format else None
        self._plans: list[Plan] = []
        for path in map(Path, paths):
            try:
                plans = [
                    plan for member in members(path, tell) for plan in plans_of(member, wanted, targets, hint, mapping)
                ]
            except BROKEN as error:
                raise CandidateFileError(f"candidates {path}: {error}") from error
            if not any(plan.format for plan in plans):
                seen = "; ".join(dict.fromkeys(plan.why for plan in plans[:5])) or "an archive without files"
                raise CandidateFileError(f"candidates {path}: {seen}; write {ACCEPTED}")
            self._plans.extend(plans)

    def __iter__(self) -> Iterator[Candidate | BadRow]:
        """Yields candidates and bad rows, in the order of the files."""
        for plan in self._plans:
            report = FileReport(file=plan.name, format=plan.format, why=plan.why, columns=plan.columns)
            self.reports.append(report)
            if plan.format is None:
                continue
            of_claims = plan.format.name == "candidates-csv"
            for outcome in self._outcomes(plan):
                rows = max(len(outcome.claims), 1) if of_claims and isinstance(outcome, Candidate) else 1
                report.count(outcome, rows)
                if not isinstance(outcome, str):
                    yield outcome

    def _outcomes(self, plan: Plan) -> Iterator[RowResult]:
        row = 0
        try:
            for outcome in plan.read():
                if isinstance(outcome, str):
                    yield outcome
                    continue
                row = outcome.row if isinstance(outcome, BadRow) else outcome.claims[0].row if outcome.claims else row
                yield self._towards_targets(outcome)
        except BROKEN as error:
            yield BadRow(file=plan.name, row=row + 1, reason=Fault.BROKEN, text=str(error)[:200])

    def _towards_targets(self, outcome: Candidate | BadRow) -> RowResult:
        if isinstance(outcome, BadRow) or self._targets is None:
            return outcome
        url = urls.parse(outcome.url if "://" in outcome.url else f"https://{outcome.url}")
        if url is not None and (self._targets.match(url) or self._targets.owners(url)):
            return Skip.OWN_PAGE
        return towards(outcome, self._targets) or Skip.LINKS_ELSEWHERE


def towards(candidate: Candidate, targets: Targets) -> Candidate | None:
    """Returns the candidate with the claims about the targets, or about no particular link; None if none is left."""
    if not candidate.claims:
        return candidate
    kept = tuple(claim for claim in candidate.claims if _may_lead_to(claim.target_url, targets))
    return replace(candidate, claims=kept) if kept else None


def _may_lead_to(text: str, targets: Targets) -> bool:
    if not text or text.startswith("/"):
        return True
    url = urls.parse(text) or urls.parse(f"https://{text}")
    return url is None or not urls.is_web(url) or bool(targets.match(url) or targets.owners(url))


def is_page_url(text: str) -> bool:
    """True if a word in the place of a file of candidates is itself the URL of a candidate."""
    return text.lower().startswith(("https://", "http://"))


def read_candidates(
    path: str | Path, reports: list[FileReport] | None = None, targets: Targets | None = None
) -> Iterator[Candidate]:
    """Yields the candidates of a file in its order, read while they are consumed; of an http(s) URL, that page.

    An invalid URL becomes a candidate, too, so that it gets a result. ``reports`` receives the counts at the end.
    ``targets`` help to tell which column of a table has the linked pages; candidates for others are yielded, too.

    Raises:
        CandidateFileError: the file cannot be read, or its format is unknown.
    """
    if isinstance(path, str) and is_page_url(path):
        plain = BY_NAME["list"]
        yield Candidate(url=path, claims=(Claim(origin=plain.origin, confidence=plain.confidence),))
        return
    reading = Reading([path], hint=targets)
    for outcome in reading:
        if isinstance(outcome, Candidate):
            yield outcome
        elif outcome.reason is Fault.NOT_A_URL:
            entry = reading.reports[-1].format
            claim = Claim(origin=entry.origin if entry else "", file=outcome.file, row=outcome.row)
            yield Candidate(url=outcome.text, claims=(claim,))
    if reports is not None:
        reports.extend(reading.reports)
