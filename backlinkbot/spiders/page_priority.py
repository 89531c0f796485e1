"""Computes the priority of a page before its visit, and its features for the best-first order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.frontier import features_of

if TYPE_CHECKING:
    from backlinkbot.frontier import PageFeatures
    from backlinkbot.urls import URL

# The order of visits within a domain. Documents that name pages, such as sitemaps, have priorities of their own, mostly higher.
EXPECTED: Final = 20
"""A page of which a source says that it links to a target."""
NAMED_BY_USER: Final = 8
"""A seed or a candidate."""
FRESH: Final = 2
"""For each degree of freshness; the highest makes less than a seed."""
DEEPER: Final = -8
"""For each link on the way from a seed: nearer pages come first, however fresh."""

_FRESHER: Final = 1.2
"""The factor of a page's worth for each degree of freshness, in best-first order."""
_SELDOM: Final = 1e-3
"""The factor of a page's worth if its URL is rarely that of a page."""

# Visited last: such a URL is rarely a page, but may be one ("/wiki/File:Cat.jpg").
_RARELY_HTML: Final = re.compile(
    r"\.(?:7z|avi|avif|bmp|bz2|css|csv|docx?|dmg|epub|exe|gif|gz|ico|iso|jar|jpe?g|js|json|m4a|mov|mp3|mp4|mpe?g|msi|odt"
    r"|ogg|pdf|png|pptx?|ps|rar|rss|svg|tar|tgz|tiff?|ttf|txt|wav|webm|webp|whl|wmv|woff2?|xlsx?|xml|xz|zip)$",
    re.IGNORECASE,
)


def is_rarely_html(url: URL | None) -> bool:
    """True if the path ends as the name of a file that is rarely a page."""
    return url is not None and _RARELY_HTML.search(url.pathname) is not None


def chance_of(sooner: int, *, is_rarely_html: bool) -> float:
    """Returns the factor by which a page's worth differs from that of another page with the same link."""
    return _SELDOM if is_rarely_html else _FRESHER ** (sooner / FRESH)


def features_of_url(
    url: URL, anchor: str = "", found_on: str = "", chance: float = 1.0, depth: int = 0
) -> PageFeatures:
    """Returns what the best-first order is told of a page before its visit."""
    query = url.search.removeprefix("?")
    return features_of(url.hostname, url.pathname, query, anchor=anchor, found_on=found_on, chance=chance, depth=depth)
