"""Detects cloaking: compares the links that a server sends to crawlers and to browsers, two responses of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from backlinkbot.extract.link import Link
    from backlinkbot.extract.page import PageContent
    from backlinkbot.urls import URL

CRAWLER_ONLY: Final = "crawler_only"
BROWSER_ONLY: Final = "browser_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One response for a URL, and the links to targets in it."""

    is_for_browser: bool
    """True if the request was sent as a browser sends it."""
    urls: frozenset[str]
    """The URLs at targets to which it links."""


def served(content: PageContent, match: Callable[[URL], object], *, is_for_browser: bool) -> Served:
    """Returns the links to targets in a response; never raises for anything on the page."""
    return Served(is_for_browser=is_for_browser, urls=frozenset(link.url for link in content.links(match)))


def flagged(answers: Sequence[Served]) -> dict[str, tuple[str, str]]:
    """Maps each URL that is in every response of one kind and in none of the other to its flag and evidence.

    A page may show other links on each visit, so both kinds of request must have been sent at least twice.
    """
    crawlers = [answer.urls for answer in answers if not answer.is_for_browser]
    browsers = [answer.urls for answer in answers if answer.is_for_browser]
    if min(len(crawlers), len(browsers)) < 2:
        return {}
    found = {}
    for flag, haves, lacks in ((CRAWLER_ONLY, crawlers, browsers), (BROWSER_ONLY, browsers, crawlers)):
        for url in frozenset.intersection(*haves) - frozenset.union(*lacks):
            seen = [sum(url in urls for urls in answered) for answered in (crawlers, browsers)]
            evidence = (
                f"in {seen[0]} of {len(crawlers)} answers to the crawler, in {seen[1]} of {len(browsers)} to a browser"
            )
            found[url] = (flag, evidence)
    return found


def marked(link: Link, found: Mapping[str, tuple[str, str]]) -> Link:
    """Returns the link with its flag, if it has one."""
    if link.url not in found or not link.has_vote:
        return link
    flag, evidence = found[link.url]
    return replace(link, flags=(*link.flags, flag), flags_by=(*link.flags_by, f"{flag}:{evidence}"))
