"""Converts what services say of links into named pages with claims."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.extract.page import PageContent
from backlinkbot.items import Claim
from backlinkbot.sources.queries import Named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.targets import Targets

_URL: Final = re.compile(r"https?://[^\s<>\"'()\[\]]+", re.IGNORECASE)
_AFTER: Final = ".,;:!?*_`"
"""Characters after a URL in running text that do not belong to it."""


def named(
    origin: str, page: str, links: Iterable[str], *, confidence: float, file: str = "", anchor: str = "", seen: str = ""
) -> Named:
    """Returns a page with one claim per link.

    Args:
        origin: the source's name.
        page: the page's URL.
        links: the addresses that its links are said to lead to: URLs, or a domain where the source says no more.
        confidence: how likely such a claim is to be true, from 0 to 1.
        file: the part of the source that names the page.
        anchor: the anchor that is claimed.
        seen: when the source first saw the link, ISO 8601.
    """
    claims = tuple(
        Claim(origin=origin, file=file, target_url=link, anchor=anchor, first_seen=seen, confidence=confidence)
        for link in dict.fromkeys(links)
    )
    return Named(url=page, is_expected=True, claims=claims)


def is_of_target(address: str, targets: Targets) -> bool:
    """True if a URL as written leads to a target."""
    url = urls.parse(f"https:{address}" if address.startswith("//") else address)
    return url is not None and bool(targets.match(url))


def links_in_text(text: str, targets: Targets) -> Iterator[str]:
    """Yields the URLs of targets in plain text or Markdown."""
    for found in _URL.findall(text):
        url = found.rstrip(_AFTER)
        if is_of_target(url, targets):
            yield url


def links_in_html(html: str, page: str, targets: Targets) -> Iterator[str]:
    """Yields the URLs of targets that a piece of HTML links to."""
    if "href" not in html.lower():
        return
    content = PageContent(html.encode("utf-8", "replace"), page, "utf-8")
    yield from (url.href for url in content.linked_urls if targets.match(url))


def day_of(seconds: Any) -> str:
    """Returns the day of a time in seconds since 1970, ISO 8601; empty if it is none."""
    if not isinstance(seconds, int | float) or not 0 < seconds < 1e11:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
