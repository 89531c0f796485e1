"""Evaluates sources: how many of their claimed links exist today, and why the others do not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.history.observation import key_of
from backlinkbot.items import CheckedClaim, Mismatch, Verdict
from backlinkbot.items.columns import Kind, column, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@row
class Worth:
    """The claims of one source, or of one of its files, counted by their last verdict."""

    origin: str = column(Kind.TEXT, "Who claims it.", essential=True)
    file: str = column(Kind.TEXT, "The file; only with `--view files`.", default="", essential=True)
    rows: int = column(Kind.NUMBER, "Different claims.", essential=True)
    pages: int = column(Kind.NUMBER, "Pages that they name.")
    pages_checked: int = column(Kind.NUMBER, "Pages of which at least one claim could be checked.")
    true: int = column(Kind.NUMBER, "Claims that are true.", essential=True)
    false: int = column(Kind.NUMBER, "Claims that are false.", essential=True)
    page_gone: int = column(Kind.NUMBER, "False: the page is gone.")
    link_missing: int = column(Kind.NUMBER, "False: the page has no such link.")
    source_says_lost: int = column(Kind.NUMBER, "False: the source says that the link is gone, and it is there.")
    target_differs: int = column(Kind.NUMBER, "False: the link leads to another address.")
    follow_differs: int = column(Kind.NUMBER, "False: the source says otherwise whether it is followed.")
    rel_differs: int = column(Kind.NUMBER, "False: a token of `rel` that is claimed is not there.")
    anchor_differs: int = column(Kind.NUMBER, "False: the anchor is another.")
    could_not_check: int = column(Kind.NUMBER, "Claims that could not be checked.", essential=True)
    share_true: float | None = column(
        Kind.REAL, "Percent of those that could be checked.", may_lack=True, essential=True
    )


@row
class ClaimRow:
    """One claim as a row."""

    origin: str = column(Kind.TEXT, "Who claims it.", essential=True)
    file: str = column(Kind.TEXT, "The file; only with `--view files`.")
    row: int = column(Kind.NUMBER, "The line or record of the file, from 1; 0 where it has none.")
    candidate: str = column(Kind.TEXT, "The page, as written in the source.", essential=True)
    claimed_target: str = column(Kind.TEXT, "What the link is said to lead to.", essential=True)
    claimed_anchor: str = column(Kind.TEXT, "The anchor that is claimed.", essential=True)
    claimed_rel: tuple[str, ...] = column(Kind.LIST, "The tokens of `rel` that are claimed.")
    claimed_follow: str = column(Kind.TEXT, "`true`, `false`, or empty where the source does not say.")
    claimed_first_seen: str = column(Kind.TEXT, "As written in the source.")
    claimed_last_seen: str = column(Kind.TEXT, "As written in the source.")
    is_lost: bool = column(Kind.FLAG, "Whether the source says that the link is gone.")
    verdict: str = column(Kind.TEXT, "`true`, `false` or `could_not_check`.", essential=True)
    reasons: tuple[str, ...] = column(Kind.LIST, "Why.", essential=True)
    judged_at: str = column(Kind.TIME, "When the page was visited last.")

    @classmethod
    def of(cls, judged: CheckedClaim) -> ClaimRow:
        """Returns the row of a claim."""
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


# view -> the key of the claims counted together: (origin, file)
GROUPS: Final[dict[str, Callable[[CheckedClaim], tuple[str, str]]]] = {
    "sources": lambda judged: (judged.claim.origin, ""),
    "files": lambda judged: (judged.claim.origin, judged.claim.file),
}
_REASON_COLUMNS: Final = {mismatch.value: mismatch.value.replace(" ", "_") for mismatch in Mismatch}


def count(claims: Iterable[CheckedClaim], view: str = "sources") -> list[Worth]:
    """Returns the counts of each source, or of each file, by name."""
    group_of = GROUPS[view]
    groups: dict[tuple[str, str], _Counts] = {}
    for judged in claims:
        groups.setdefault(group_of(judged), _Counts()).add(judged)
    return [groups[group].worth(*group) for group in sorted(groups)]


class _Counts:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._pages: set[int] = set()  # hashes, because a million addresses would need much memory
        self._checked: set[int] = set()

    def add(self, judged: CheckedClaim) -> None:
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
