"""Compares claims, what sources say of a page's links, with the links that a visit found.

A pure function: takes what was extracted, with its rows, and returns a verdict on each claim.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.history.observation import key_of
from backlinkbot.items import Backlink, Check, CheckedClaim, Claim, ExtractedPage, Mismatch, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from backlinkbot.targets import Targets
    from backlinkbot.urls import URL

# Why a claim could not be checked, besides the states of a visit that failed.
NOT_VISITED: Final = "not_visited"
"""The page has not been visited since the source was read."""
NOT_LOOKED_FOR: Final = "not_looked_for"
"""The claimed link leads to no target of the run."""
OWN_PAGE: Final = "own_page"
"""The page is the target's own, whose links were not examined."""
ONLY_THE_DOMAIN: Final = "only_the_domain"
"""The claim names a domain and no page, and the visited page has no link."""
ONLY_THE_PAGE: Final = "only_the_page"
"""The source lists the page without claiming a link, as a sitemap does, and the page has no link."""

NAMED: Final = 0.05
"""The confidence of a source that only lists pages: a sitemap, a feed, the index of an archive."""
SHORTEST_CUT: Final = 50
"""The least characters of an anchor that may be cut off without an ellipsis; no known tool cuts a shorter one."""
_CUT_SIGNS: Final = ("…", "...")
_OTHER_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*:(?!//|\d)", re.IGNORECASE)
"""Matches ``mailto:`` and the like; text with a dot before the colon is a host and its port."""
_GRAVITY: Final = {mismatch.value: number for number, mismatch in enumerate(Mismatch)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The rows and checks of a page with the sources and differences, and the claims with their verdicts."""

    backlinks: tuple[Backlink, ...]
    checks: tuple[Check, ...]
    checked_claims: tuple[CheckedClaim, ...] = ()


def join(
    page: ExtractedPage,
    rows: Sequence[Backlink],
    checks: Iterable[Check],
    targets: Targets,
    *,
    includes_own: bool = False,
) -> Joined:
    """Compares the claims about a page with its rows.

    Args:
        page: with the claims about its candidates, and the claims that the history knows.
        rows: its rows.
        checks: the answers to its candidates.
        targets: the targets of the run.
        includes_own: whether links from a target's own pages were examined.
    """
    observation = _PageObservation.of(page, rows, targets, includes_own=includes_own)
    marks = _Marks()
    checked: list[CheckedClaim] = []
    answers: dict[str, list[CheckedClaim]] = {candidate: [] for candidate in page.candidates}
    for candidate, claims in zip_longest(page.candidates, page.claims, fillvalue=()):
        for claim in claims:
            finding = observation.check(candidate or page.requested_url, claim)
            marks.add(claim.origin, finding)
            if not candidate:  # its own visit judges it
                continue
            one = CheckedClaim(
                candidate=candidate,
                claim=claim,
                verdict=finding.verdict,
                reasons=finding.reasons,
                judged_at=page.fetched_at,
            )
            checked.append(one)
            answers[candidate].append(one)
    for recalled in _not_read_again(page):
        finding = observation.check(recalled.candidate, recalled.claim)
        marks.add(recalled.claim.origin, finding)
        one = replace(recalled, verdict=finding.verdict, reasons=finding.reasons, judged_at=page.fetched_at)
        checked.append(one)
        for found in [answers[one.candidate]] if one.candidate in answers else answers.values():
            found.append(one)
    answered = (
        replace(
            check,
            claimed_by=_once(one.claim.origin for one in found),
            claim_mismatch=_in_order(reason for one in found if one.verdict is Verdict.FALSE for reason in one.reasons),
        )
        for check in checks
        for found in [answers.get(check.candidate, [])]
    )
    return Joined(backlinks=marks.on(rows), checks=tuple(answered), checked_claims=tuple(checked))


def key_of_claim(claim: Claim) -> tuple[str, str, str]:
    """Returns the identity of a claim about a page: its source, the link's address, and the anchor."""
    return claim.origin, key_of(claim.target_url) or claim.target_url, " ".join(claim.anchor.split())


def _not_read_again(page: ExtractedPage) -> Iterable[CheckedClaim]:
    """Returns the claims of the history that no candidate repeats today."""
    if not page.recalled:
        return ()
    read = {key_of_claim(claim) for said in page.claims for claim in said}
    return [recalled for recalled in page.recalled if recalled.page or key_of_claim(recalled.claim) not in read]


@dataclass(slots=True)
class _Marks:
    """The sources and differences of each row, by the row's number."""

    origins: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    mismatches: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, origin: str, finding: _Finding) -> None:
        for number in finding.rows:
            self.origins[number].append(origin)
            self.mismatches[number] += finding.reasons

    def on(self, rows: Sequence[Backlink]) -> tuple[Backlink, ...]:
        return tuple(
            replace(row, claimed_by=_once(self.origins[number]), claim_mismatch=_in_order(self.mismatches[number]))
            if number in self.origins
            else row
            for number, row in enumerate(rows)
        )


def slim(claim: Claim) -> Claim:
    """Returns the claim; equal claims of one plain list become the same object, which saves memory."""
    bare = _bare(claim.origin, claim.file, claim.confidence)
    return bare if replace(claim, row=0) == bare else claim


@lru_cache(maxsize=1024)
def _bare(origin: str, file: str, confidence: float) -> Claim:
    return Claim(origin=origin, file=file, confidence=confidence)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _in_order(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(reasons), key=lambda reason: _GRAVITY.get(reason, 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    """The numbers of the rows that match the claim."""


def _unchecked(why: str) -> _Finding:
    return _Finding(verdict=Verdict.COULD_NOT_CHECK, reasons=(why,))


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageObservation:
    """What a visit found on a page, prepared for comparison with claims."""

    rows: Sequence[Backlink]
    targets: Targets
    failure: str
    """Why claims cannot be checked; empty if they can."""
    is_gone: bool
    owners: frozenset[str]
    """The targets whose links on this page were not examined."""

    @classmethod
    def of(
        cls, page: ExtractedPage, rows: Sequence[Backlink], targets: Targets, *, includes_own: bool
    ) -> _PageObservation:
        state = page.failure.state if page.failure is not None else None
        url = page.parsed_url if page.is_own and not includes_own else None
        return cls(
            rows=rows,
            targets=targets,
            failure=state.value if state is not None and state is not State.GONE and not rows else "",
            is_gone=state is State.GONE,
            owners=frozenset(target.name for target in targets.owners(url)) if url is not None else frozenset(),
        )

    def check(self, candidate: str, claim: Claim) -> _Finding:
        """Returns the verdict on one claim."""
        place = read_claimed_target(claim.target_url)
        names = self._meant(place)
        rows = [(number, row) for number, row in enumerate(self.rows) if row.target in names]
        # A claim is of a link. Where the page has none, the source may mean a redirect or a frame.
        rows = [(number, row) for number, row in rows if row.follow is not None] or rows
        is_own = names <= self.owners and not rows
        unchecked = self.failure or ("" if names else NOT_LOOKED_FOR) or (OWN_PAGE if is_own else "")
        if unchecked:
            return _unchecked(unchecked)
        if rows:
            return (_check_lost if claim.is_lost else _check_live)(claim, place, rows)
        if _is_domain(candidate):
            return _unchecked(ONLY_THE_DOMAIN)
        if 0 < claim.confidence <= NAMED and not claim.target_url:
            return _unchecked(ONLY_THE_PAGE)
        if claim.is_lost:
            return _Finding(verdict=Verdict.TRUE)
        missing = Mismatch.PAGE_GONE if self.is_gone else Mismatch.LINK_MISSING
        return _Finding(verdict=Verdict.FALSE, reasons=(missing.value,))

    def _meant(self, place: ClaimedTarget) -> frozenset[str]:
        """Returns the names of the targets that the claimed place may belong to; empty if the run did not look for it."""
        if place.url is not None:
            found = frozenset(target.name for target in self.targets.match(place.url))
            if place.is_domain and not found:  # a target that covers a part of the domain
                found = frozenset(row.target for row in self.rows if place.holds(row.target_url))
            return found
        every = self.targets.names
        if not place.path:
            return every if not place.is_unreadable else frozenset()
        on_hosts = (urls.parse(f"http://{host}{place.path}") for host in self.targets.hosts)
        return every if any(url is not None and self.targets.match(url) for url in on_hosts) else frozenset()


def _check_live(claim: Claim, place: ClaimedTarget, rows: Sequence[tuple[int, Backlink]]) -> _Finding:
    """Checks a claim against the live rows: first those that match address and anchor, then those that differ least."""
    differences = [(number, _differences(claim, place, row)) for number, row in rows]
    least = min((reasons for _, reasons in differences), key=_distance)
    meant = tuple(number for number, reasons in differences if reasons == least)
    return _Finding(verdict=Verdict.FALSE if least else Verdict.TRUE, reasons=least, rows=meant)


def _distance(reasons: tuple[str, ...]) -> tuple[bool, bool, int]:
    return Mismatch.TARGET_DIFFERS in reasons, Mismatch.ANCHOR_DIFFERS in reasons, len(reasons)


def _check_lost(claim: Claim, place: ClaimedTarget, rows: Sequence[tuple[int, Backlink]]) -> _Finding:
    there = tuple(
        number for number, row in rows if place.holds(row.target_url) and is_same_anchor(claim.anchor, row.anchor)
    )
    if not there:
        return _Finding(verdict=Verdict.TRUE)
    return _Finding(verdict=Verdict.FALSE, reasons=(Mismatch.SOURCE_SAYS_LOST.value,), rows=there)


def _differences(claim: Claim, place: ClaimedTarget, row: Backlink) -> tuple[str, ...]:
    differs = {
        Mismatch.TARGET_DIFFERS: not place.holds(row.target_url),
        Mismatch.FOLLOW_DIFFERS: None not in {claim.follow, row.follow} and claim.follow != row.follow,
        Mismatch.REL_DIFFERS: not {token.lower() for token in claim.rel} <= {token.lower() for token in row.rel},
        Mismatch.ANCHOR_DIFFERS: not is_same_anchor(claim.anchor, row.anchor),
    }
    return tuple(mismatch.value for mismatch, is_so in differs.items() if is_so)


def is_same_anchor(claimed: str, seen: str) -> bool:
    """True if a source means this anchor: white space and case are ignored, and it may be cut off.

    An empty claimed anchor matches nothing.
    """
    said, real = _fold(claimed), _fold(seen)
    if not said or said == real:
        return True
    for sign in _CUT_SIGNS:
        if said.endswith(sign):
            return real.startswith(said.removesuffix(sign).rstrip())
    return len(said) >= SHORTEST_CUT and real.startswith(said)


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()


def _is_domain(candidate: str) -> bool:
    """True if the claim names a domain and no page."""
    return "/" not in candidate.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTarget:
    """The address that a claimed link leads to."""

    url: URL | None = None
    path: str = ""
    """The path, if the claim names nothing else."""
    is_domain: bool = False
    """True if any page of the URL's host or its subdomains matches."""
    is_unreadable: bool = False

    def holds(self, target_url: str) -> bool:
        """True if a link to this URL matches."""
        if self.url is not None and not self.is_domain:
            return key_of(self.url.href) == key_of(target_url)
        seen = urls.parse(target_url)
        if seen is None:
            return not (self.url or self.path)
        if self.url is not None:
            return f".{urls.bare_host(seen.hostname)}".endswith(f".{_without_www(self.url.hostname)}")
        return not self.path or urls.normal_path(seen.pathname + seen.search) == self.path


def _without_www(hostname: str) -> str:
    return urls.bare_host(hostname).removeprefix("www.")


@lru_cache(maxsize=10_000)
def read_claimed_target(text: str) -> ClaimedTarget:
    """Parses a claimed address: a URL with or without scheme, a path of the target, a domain, or nothing."""
    written = text.strip()
    if not written:
        return ClaimedTarget()
    if written.startswith("/") and not written.startswith("//"):
        on_any = urls.parse(f"http://any.example{written}")
        path = urls.normal_path(on_any.pathname + on_any.search) if on_any is not None else ""
        return ClaimedTarget(path=path, is_unreadable=not path)
    is_whole = "://" in written or written.startswith("//")
    if _OTHER_SCHEME.match(written):
        return ClaimedTarget(is_unreadable=True)
    url = urls.parse(written if "://" in written else f"http://{written.removeprefix('//')}")
    if not urls.is_web(url):
        return ClaimedTarget(is_unreadable=True)
    return ClaimedTarget(url=url, is_domain=not is_whole and not any(sign in written for sign in "/?#"))
