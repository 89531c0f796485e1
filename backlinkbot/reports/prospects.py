"""Collects the links of several sites from a history and files of other tools, and finds the domains that link to competitors only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backlinkbot.errors import UsageError
from backlinkbot.history import History
from backlinkbot.importers import read_candidates
from backlinkbot.items import AWAY, LinkState, Verdict
from backlinkbot.reports.gap import Gap
from backlinkbot.reports.quality.ranks import read_ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from backlinkbot.reports.gap import Prospect

AT_LEAST: Final = 2
"""Competitors that a domain links to, unless the user says otherwise."""
_HOW: Final = "visit its referrers (discover, verify) or give a file of its links (--exports) or a web graph (--graph)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospects:
    """What was found."""

    prospects: list[Prospect]
    warnings: tuple[str, ...]
    """Lines for the user: sites of which nothing is known."""


def find_prospects(
    own: str,
    competitors: Iterable[str],
    *,
    history: str | None,
    exports: Iterable[str] = (),
    at_least: int | None = None,
    ranks: str | None = None,
    links: Iterable[tuple[str, str, str]] = (),
    authority: Callable[[str], float | None] | None = None,
) -> Prospects:
    """Returns the domains that link to competitors and not to the user's site, the best first.

    Args:
        own: the user's site, as a target.
        competitors: the others, likewise.
        history: a file or database; None reads no history.
        exports: files of other tools; ``COMPETITOR=FILE`` where a file does not say whose links it lists.
        at_least: to how many competitors a domain links; None for two, or all if there are fewer.
        ranks: a rank file, or None.
        links: more links, each as source, target and who says so.
        authority: returns the authority of a domain where no rank file is given.

    Raises:
        UsageError: a target names nothing, a number is out of range, or there is nothing to read.
        OutputError: the history cannot be read.
    """
    gap = Gap(own, competitors)
    if at_least is None:
        at_least = min(AT_LEAST, len(gap.competitors))
    if not 1 <= at_least <= len(gap.competitors):
        raise UsageError(
            f"--at-least {at_least}: {len(gap.competitors)} competitors are named; give a number from 1 to that"
        )
    files = [_read_name(text, gap) for text in exports]
    if history is not None:
        _add_history(gap, history)
    for whose, file in files:
        for source, target, origin in _links_of(file, whose):
            gap.add(source, target, origin)
    has_links = False
    for source, target, origin in links:
        has_links = True
        gap.add(source, target, origin)
    positions = read_ranks(Path(ranks), gap.domains) if ranks else None
    warnings = _unknown(gap, has_files=bool(files) or has_links)
    ranked = positions.authority if positions is not None else authority
    found = gap.prospects(at_least, ranked) if ranked is not None else gap.prospects(at_least)
    return Prospects(prospects=found, warnings=warnings)


def _unknown(gap: Gap, *, has_files: bool) -> tuple[str, ...]:
    """Returns a warning about sites without any known link: they may never have been checked.

    Raises:
        UsageError: that is so of all of them, and no files were given.
    """
    unknown = [name for name in gap.competitors if name not in gap.linked]
    if not unknown:
        return ()
    if len(unknown) == len(gap.competitors) and not has_files:
        raise UsageError(f"no link to {', '.join(unknown)} is known, so there is nothing to compare; {_HOW}")
    return (f"no link to {', '.join(unknown)} is known, so it counts for nothing here; {_HOW}",)


def _add_history(gap: Gap, url: str) -> None:
    with History.open(url, create=False) as history:
        for judged in history.claims():  # judged claims are already among the links, or refuted
            if judged.verdict is Verdict.COULD_NOT_CHECK and not judged.claim.is_lost and judged.claim.target_url:
                gap.add(judged.candidate, judged.claim.target_url, judged.claim.origin)
        for row in history.backlinks(states=[state for state in LinkState if state not in AWAY]):
            gap.add(row.source_url, row.target_url, "history")


def _read_name(text: str, gap: Gap) -> tuple[str, str]:
    """Splits ``SITE=FILE`` into the site and the file; the site is empty if it is not given."""
    name, equals, file = text.partition("=")
    return (name, file) if equals and name in gap.competitors and not Path(text).exists() else ("", text)


def _links_of(file: str, whose: str) -> Iterator[tuple[str, str, str]]:
    """Yields source, target and origin of the links that a file claims to exist."""
    for candidate in read_candidates(file):
        for claim in candidate.claims:
            target = claim.target_url or whose
            if target and not claim.is_lost:
                yield candidate.url, target, claim.origin
