"""The words in which a terminal names verdicts, states of a visit and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot.items import State

if TYPE_CHECKING:
    from collections.abc import Sequence

STATES: Final = {
    State.LINKED: "linked",
    State.NOT_LINKED: "no link",
    State.GONE: "not found",
    State.REDIRECTED: "redirected",
    State.BLOCKED_BY_ROBOTS: "closed by robots.txt",
    State.REFUSED: "refused",
    State.SERVER_ERROR: "server error",
    State.UNREACHABLE: "no answer",
    State.NOT_HTML: "not HTML",
    State.INCOMPLETE: "incomplete answer",
    State.CHALLENGED: "bot check",
    State.LOGIN: "login page",
    State.CONSENT: "consent page",
    State.QUEUE: "waiting room",
    State.MAINTENANCE: "under maintenance",
    State.SUSPENDED: "site suspended",
    State.PARKED: "parked domain",
}
"""State -> its words, a count before them: "3 not found"."""
SHORT_STATES: Final = STATES | {
    State.BLOCKED_BY_ROBOTS: "robots.txt",
    State.INCOMPLETE: "incomplete",
    State.MAINTENANCE: "maintenance",
    State.SUSPENDED: "suspended",
    State.PARKED: "parked",
}
"""The same in at most 14 cells."""
ABSENT: Final = frozenset({State.GONE, State.REDIRECTED, State.SUSPENDED, State.PARKED})
"""The visit has an answer: the page is not there."""
CHECKED: Final = ABSENT | {State.LINKED, State.NOT_LINKED}
"""The visit says whether there is a link; after any other, nobody knows."""

REASONS: Final = {
    "evidence": "named by a list or a source",
    "fair": "in turn",
    "exploration": "first of a site",
    "novel": "likely to name new sites",
    "hit": "likely to link",
}
"""Why discover visited a page -> its words, a count before them: "40 in turn"."""

_NO_VOTE: Final = {"http_link": "Link header", "meta_refresh": "refresh"}


def verdict(*, follow: bool | None, nofollow_by: Sequence[str], link_type: str) -> str:
    """Returns what a link is worth, in at most 14 cells for types and rules that are known.

    That is ``follow``, the ``rel`` token that takes the vote away (``nofollow``, ``ugc``, ``sponsored``), ``nofollow page``
    where a rule of the page does, or the type of a link that has no vote.
    """
    if follow is None:
        return _NO_VOTE.get(link_type, link_type)
    if follow:
        return "follow"
    said = [rule.removeprefix("rel:") for rule in nofollow_by if rule.startswith("rel:")]
    return next((word for word in said if word != "nofollow"), "nofollow" if said else "nofollow page")
