"""What stands where a link leads: the answer of the target's address, in one word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.page_status import soft_404

if TYPE_CHECKING:
    from backlinkbot.extract.page import PageContent
    from backlinkbot.urls import URL


class TargetState(StrEnum):
    """What became of the address that a link leads to."""

    OK = "ok"
    REDIRECTED = "redirected"
    """Another page stands there."""
    REDIRECTED_HOME = "redirected_home"
    """The site's first page does, in place of the one that is gone."""
    SOFT_404 = "soft_404"
    """A page that says that there is none, with a status that says there is."""
    BROKEN = "broken"
    """4xx."""
    SERVER_ERROR = "server_error"
    SUSPENDED = "suspended"
    """The host has closed the account."""
    PARKED = "parked"
    """Nobody uses the domain."""
    # from here on: could not be asked, or something else answers in the page's place
    CHALLENGED = "challenged"
    LOGIN = "login"
    CONSENT = "consent"
    QUEUE = "queue"
    MAINTENANCE = "maintenance"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    """A status by which servers keep programs out, or those that have not logged in."""
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    UNREACHABLE = "unreachable"


REFUSALS: Final = frozenset({401, 402, 403, 405, 406, 407, 429, 451})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The end of a target's address."""

    status: int | None
    url: str
    title: str = ""
    says_none: str = ""
    """What says that there is no such page, see ``notfound``; empty where nothing does."""
    words: frozenset[str] = frozenset()
    """All words of the page; none where it is no HTML."""


MOST_WORDS: Final = 5_000


def read_standing(status: int, content: PageContent) -> Standing:
    """What is compared of a page."""
    body = next(content.document.html_elements("body"), None)
    words = _WORD.findall(body.text.lower() if body is not None else "")
    return Standing(
        status=status,
        url=content.url.href,
        title=content.title,
        says_none=soft_404.evidence(content),
        words=frozenset(words[:MOST_WORDS]),
    )


def state_of(asked: URL, end: Standing, nonsense: Standing | None = None) -> TargetState:
    """The state of an address that answered.

    Args:
        asked: the address.
        end: what stands at its end.
        nonsense: what the same host answers for a page that it cannot have; None where nobody asked, or nothing answered.
    """
    status = end.status or 0
    if status >= 500:
        return TargetState.SERVER_ERROR
    if status >= 400:
        return TargetState.REFUSED if status in REFUSALS else TargetState.BROKEN
    if not urls.is_same_page(asked.href, end.url):
        if _is_home(end.url) and not _is_home(asked.href):
            return TargetState.REDIRECTED_HOME
        return TargetState.SOFT_404 if end.says_none else TargetState.REDIRECTED
    if not _is_home(asked.href) and (end.says_none or (nonsense is not None and _is_alike(end, nonsense))):
        return TargetState.SOFT_404
    return TargetState.OK


# --- soft 404 -----------------------------------------------------------------------------------------------------------

_HOME: Final = re.compile(r"/(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|default|home)(?:\.\w{2,5})?)?", re.IGNORECASE)


def _is_home(text: str) -> bool:
    """True if a URL is that of a site's home page, or of its home page in one language."""
    url = urls.parse(text)
    return url is not None and not url.search and _HOME.fullmatch(url.pathname) is not None


ALIKE: Final = 0.9
"""The share of the words of both pages that both have, from which on they say the same."""


def _is_alike(page: Standing, nonsense: Standing) -> bool:
    """True if a page is what its host answers for any URL; where both are redirected, their destinations are compared."""
    if nonsense.status is None or nonsense.status >= 400 or not page.words or page.title != nonsense.title:
        return False
    one, other = (of.words - _words_of(of.url) for of in (page, nonsense))  # some repeat what they were asked for
    return len(one & other) >= ALIKE * len(one | other)


def _words_of(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


_WORD: Final = re.compile(r"\w+")
