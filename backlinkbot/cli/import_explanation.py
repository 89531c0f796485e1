"""Explains how files were understood: what was read from which column, and some rows as claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot.text.csv_escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlinkbot.importers.outcomes import FileReport
    from backlinkbot.items import Candidate, Claim

SHOWN: Final = 5
"""Rows of each file that are explained."""


def lines(report: FileReport, candidates: Sequence[Candidate]) -> Iterator[str]:
    """Yields the lines about one file: its format, its columns, and what its first candidates claim."""
    entry = report.format
    if entry is None:
        return
    yield entry.title
    reads = entry.reads
    if report.columns:
        yield from (one_line(column) for column in report.columns)
    elif reads:
        yield f"reads: {', '.join(reads)}"
    for candidate in candidates:
        yield from (_claim_line(candidate, claim) for claim in candidate.claims[:1])


def _claim_line(candidate: Candidate, claim: Claim) -> str:
    """Returns a claim in words: the page, what it links to, and what else the row says."""
    what = "the domain" if candidate.is_domain else "the page"
    target = f"links to {one_line(claim.target_url)}" if claim.target_url else "links somewhere"
    facts = [
        f"anchor {one_line(claim.anchor)!r}" if claim.anchor else "",
        f"rel {' '.join(map(one_line, claim.rel))}" if claim.rel else "",
        {True: "follow", False: "nofollow", None: ""}[claim.follow],
        f"first seen {claim.first_seen}" if claim.first_seen else "",
        f"last seen {claim.last_seen}" if claim.last_seen else "",
        "lost" if claim.is_lost else "",
        f"confidence {claim.confidence}",
    ]
    said = ", ".join(filter(None, (target, *facts)))
    return f"row {claim.row}: {what} {one_line(candidate.url)} {said}"
