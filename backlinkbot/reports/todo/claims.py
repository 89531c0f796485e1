"""Turns claims that are not true into tasks: one for each page that sources are wrong about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.history.claim_check import read_claimed_target
from backlinkbot.history.observation import key_of
from backlinkbot.items import CheckedClaim, Mismatch, Verdict
from backlinkbot.reports.todo.tasks import Task, TaskKind
from backlinkbot.targets import Target, Targets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

_IS_FOLLOWED: Final = "is followed"
"""The reason in place of ``FOLLOW_DIFFERS`` where the source says that the link is not followed, and it is."""
_ANSWERS: Final = {
    Mismatch.FOLLOW_DIFFERS.value: (
        "Ask for a followed link if nobody paid for it, or correct your list",
        "the link is not followed",
    ),
    Mismatch.LINK_MISSING.value: (
        "Ask for the link if it was there before; else strike it from your list",
        "the page does not link there",
    ),
    Mismatch.PAGE_GONE.value: (
        "Ask for a link from another page if it was there before; else strike it from your list",
        "the page is gone",
    ),
    Mismatch.TARGET_DIFFERS.value: (
        "Correct the address in your list, or ask to correct the link",
        "the link leads to another address of yours",
    ),
    Mismatch.SOURCE_SAYS_LOST.value: ("Keep it in your list: the link is there", "the link is there, and not lost"),
    _IS_FOLLOWED: ("Correct your list: the link is followed", "the link is followed"),
    Mismatch.REL_DIFFERS.value: ("Correct your list", "the link has another rel"),
    Mismatch.ANCHOR_DIFFERS.value: ("Correct your list", "the anchor text is another"),
}
"""The reason that a claim is false -> what to do, and what a visit found; those that may win something first."""
_ORDER: Final = {reason: number for number, reason in enumerate(_ANSWERS)}


@dataclass(slots=True)
class _Claimed:
    """What sources are wrong about on one page."""

    page: str
    target_url: str
    judged_at: str = ""
    origins: dict[str, None] = field(default_factory=dict)
    reasons: dict[str, None] = field(default_factory=dict)


def false_claims(
    claims: Iterable[CheckedClaim],
    targets: Collection[str],
    lost: Callable[[Collection[tuple[str, str]]], Collection[tuple[str, str]]],
) -> Iterator[Task]:
    """Yields a task for each page with false claims about links to these targets, those that may win something first.

    Args:
        claims: all claims.
        targets: names.
        lost: returns those of some pairs of target and page about which there is a task to win a lost link back; a claim about
            the same link needs no second task.
    """
    if not targets:
        return
    ours = Targets(map(Target.parse, targets))
    found: dict[tuple[str, str], _Claimed] = {}
    for judged in claims:
        page = read_claimed_target(judged.candidate).url
        if judged.verdict is not Verdict.FALSE or page is None:
            continue
        for target in _targets_of(judged.claim.target_url, ours):  # "": it may be about each of them
            claimed = found.setdefault((target, key_of(page.href)), _Claimed(page.href, judged.claim.target_url))
            claimed.judged_at = max(claimed.judged_at, judged.judged_at)
            claimed.origins[judged.claim.origin] = None
            claimed.reasons.update(dict.fromkeys(_reasons(judged)))
    named = {page for target, page in found if target}
    found = {(target, page): of for (target, page), of in found.items() if target or page not in named}
    about = {(of, page): [(target, page) for target in ([of] if of else targets)] for of, page in found}
    known = set(lost({pair for pairs in about.values() for pair in pairs})) if found else ()
    tasks = (_task(key[0], of) for key, of in found.items() if not any(pair in known for pair in about[key]))
    yield from (task for _, task in sorted(tasks, key=lambda one: (one[0], one[1].page)))


def _targets_of(claimed: str, targets: Targets) -> list[str]:
    """Returns the targets that a claim is about; a path or nothing is about the only one, or of several about an empty name: any."""
    place = read_claimed_target(claimed)
    if place.url is not None:
        return [target.name for target in targets.match(place.url)]
    return [targets.all[0].name if len(targets) == 1 else ""]


def _reasons(judged: CheckedClaim) -> Iterator[str]:
    for reason in judged.reasons:
        is_followed = reason == Mismatch.FOLLOW_DIFFERS and judged.claim.follow is False
        yield _IS_FOLLOWED if is_followed else reason


def _task(target: str, of: _Claimed) -> tuple[int, Task]:
    reasons = sorted(of.reasons, key=lambda reason: _ORDER.get(reason, len(_ORDER)))
    url = urls.parse(of.page)
    who = ", ".join(of.origins) or "a source"
    found = [_ANSWERS[reason][1] if reason in _ANSWERS else reason for reason in reasons]
    return _ORDER.get(reasons[0], len(_ORDER)) if reasons else len(_ORDER), Task(
        kind=TaskKind.FALSE_CLAIM,
        action=_ANSWERS[reasons[0]][0] if reasons and reasons[0] in _ANSWERS else "Correct your list",
        page=of.page,
        domain=urls.registrable_domain(url.hostname) if url is not None else "",
        target=target,
        target_url=of.target_url,
        evidence=f"claimed by {who}; a visit found: {', '.join(found)}",
        since=of.judged_at,
    )
