"""What a source is worth: how many of the links that it claims are there today, and why the others are not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.items import JudgedClaim, Mismatch, Verdict
from backlinkbot.sights import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """The claims of one source, or of one file of it, counted by what their last visits say."""

    origin: str
    file: str = ""
    """Empty where all files of the source are counted."""
    rows: int
    pages: int
    pages_checked: int
    """Pages of which at least one claim could be checked."""
    true: int
    false: int
    # false, each by the gravest reason: their sum is that number
    page_gone: int
    link_missing: int
    source_says_lost: int
    target_differs: int
    follow_differs: int
    rel_differs: int
    anchor_differs: int
    could_not_check: int
    share_true: float | None
    """Percent of those that could be checked; None where none could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One claim as a row."""

    origin: str
    file: str
    row: int
    candidate: str
    claimed_target: str
    claimed_anchor: str
    claimed_rel: tuple[str, ...]
    claimed_follow: str
    """``true``, ``false``, or empty where the source does not say."""
    claimed_first_seen: str
    claimed_last_seen: str
    is_lost: bool
    verdict: str
    reasons: tuple[str, ...]
    judged_at: str

    @classmethod
    def of(cls, judged: JudgedClaim) -> ClaimRow:
        """The row of a claim."""
        claim = judged.claim
        return cls(
            origin=claim.origin,
            file=claim.file,
            row=claim.row,
            candidate=judged.candidate,
            claimed_target=claim.target_url,
            claimed_anchor=claim.anchor,
            claimed_rel=claim.rel,
            claimed_follow="" if claim.follow is None else str(claim.follow).lower(),
            claimed_first_seen=claim.first_seen,
            claimed_last_seen=claim.last_seen,
            is_lost=claim.is_lost,
            verdict=judged.verdict.value,
            reasons=judged.reasons,
            judged_at=judged.judged_at,
        )


# view -> what is counted together: (origin, file)
GROUPS: Final[dict[str, Callable[[JudgedClaim], tuple[str, str]]]] = {
    "sources": lambda judged: (judged.claim.origin, ""),
    "files": lambda judged: (judged.claim.origin, judged.claim.file),
}
_REASON_COLUMNS: Final = {mismatch.value: mismatch.value.replace(" ", "_") for mismatch in Mismatch}


def count(claims: Iterable[JudgedClaim], view: str = "sources") -> list[Worth]:
    """What each source, or each file, is worth, by name."""
    group_of = GROUPS[view]
    groups: dict[tuple[str, str], _Counts] = {}
    for judged in claims:
        groups.setdefault(group_of(judged), _Counts()).add(judged)
    return [groups[group].worth(*group) for group in sorted(groups)]


class _Counts:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._pages: set[int] = set()  # hashes: a million addresses would be a lot
        self._checked: set[int] = set()

    def add(self, judged: JudgedClaim) -> None:
        page = hash(key_of(judged.candidate) or judged.candidate)
        self._pages.add(page)
        self._counts["rows"] += 1
        self._counts[judged.verdict.value] += 1
        if judged.verdict is not Verdict.COULD_NOT_CHECK:
            self._checked.add(page)
        if judged.verdict is Verdict.FALSE and judged.reasons:
            self._counts[_REASON_COLUMNS[judged.reasons[0]]] += 1

    def worth(self, origin: str, file: str) -> Worth:
        counts = self._counts
        checked = counts["true"] + counts["false"]
        columns: dict[str, Any] = {name: counts[name] for name in ("rows", *Verdict, *_REASON_COLUMNS.values())}
        return Worth(
            origin=origin,
            file=file,
            pages=len(self._pages),
            pages_checked=len(self._checked),
            share_true=round(100 * counts["true"] / checked, 1) if checked else None,
            **columns,
        )
