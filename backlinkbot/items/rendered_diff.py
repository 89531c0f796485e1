"""What a page shows once a browser has rendered it, beside what was served: which links stand in the one, the other, in both.

A link is found again by its address, its ``rel`` and its words; where scripts have changed its words, by the first two. One
whose ``rel`` they have changed is two links: one that was served, and one that readers and search engines meet.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.html import Document, parse_xhtml
from backlinkbot.extract.page import PageContent
from backlinkbot.items import FetchedPage, Match, Rendering

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable


BOTH: Final = "both"
RENDERED_ONLY: Final = "rendered_only"
RAW_ONLY: Final = "raw_only"
_UNSEEN: Final = "noscript"
"""The flag of links that a browser which runs scripts does not show; they are still in what it writes down."""

_ANCHORS: Final = frozenset({"text", "image"})  # an icon that a script puts into a link makes no other link of it


def _kind(match: Match) -> Hashable:
    link = match.link
    rel = frozenset(token.lower() for token in link.rel)
    form = link.link_type in _ANCHORS or link.link_type
    return match.target, match.is_internal, link.url, rel, form, link.via, link.has_vote


# How a link is found again, the strictest way first.
_SAME: Final[tuple[Callable[[Match], Hashable], ...]] = (
    lambda match: (_kind(match), match.link.anchor, match.link.context),
    lambda match: (_kind(match), match.link.anchor),
    _kind,
)


def served_content(page: FetchedPage) -> PageContent:
    """Returns the page as it was served, parsed once, which the page keeps; XHTML by the rules of XML.

    Raises:
        ValueError: the page's URL is no absolute URL.
    """
    if page.content is None:
        parse = parse_xhtml if page.is_xhtml else Document
        headers = page.headers
        url = page.parsed_url or page.url
        content = PageContent(page.body, url, headers.charset, parse, refresh_header=headers.refresh)
        object.__setattr__(page, "content", content)
        return content
    return page.content


def rendered_content(page: FetchedPage) -> PageContent | None:
    """Returns the rendered page, parsed once, which the page keeps; None if it was not rendered."""
    shown = page.rendered if page.rendering is Rendering.DONE else None
    if shown is not None and page.rendered_content is None:
        # Scripts may give a page another address of its own site (history.pushState), and none that is no web address.
        url = shown.url if shown.url.startswith(("http://", "https://")) else page.url
        parsed = page.parsed_url if url == page.url else None
        content = PageContent(shown.body, parsed or url, "utf-8", hidden_mark=shown.hidden_mark)
        object.__setattr__(page, "rendered_content", content)
    return page.rendered_content if shown is not None else None


def merged(served: Counter[Match], rendered: Counter[Match]) -> Counter[Match]:
    """All links, those that were served first, each with where it was seen (``Match.rendered``).

    A link seen in both is as its readers see it, with the href as it was served; it stands there as often as in the one
    that has it more often.
    """
    left = Counter({match: number for match, number in rendered.items() if _UNSEEN not in match.link.flags})
    pairs: dict[Match, Match] = {}
    for key in _SAME:
        waiting: dict[Hashable, list[Match]] = {}
        taken = set(pairs.values())
        for match in left:
            if match not in taken:
                waiting.setdefault(key(match), []).append(match)
        for match in served:
            if match not in pairs and (twins := waiting.get(key(match))) and _UNSEEN not in match.link.flags:
                pairs[match] = twins.pop(0)
    found: Counter[Match] = Counter()
    for match, number in served.items():
        twin = pairs.get(match)
        if twin is None:
            found[replace(match, rendered=RAW_ONLY)] += number
        else:
            link = replace(twin.link, raw_href=match.link.raw_href)
            found[replace(match, link=link, rendered=BOTH)] += max(number, left[twin])
    seen = set(pairs.values())
    _add(found, ((match, number) for match, number in left.items() if match not in seen))
    return found


def _add(found: Counter[Match], only_rendered: Iterable[tuple[Match, int]]) -> None:
    for match, number in only_rendered:
        found[replace(match, rendered=RENDERED_ONLY)] += number
