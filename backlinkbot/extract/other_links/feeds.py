"""Finds links in feeds: the pages of the items, and the links in their content."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.extract.documents import read_feed
from backlinkbot.extract.link import Link, collapse
from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.extract.page import PageContent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.extract.documents import FeedItem
    from backlinkbot.extract.other_links.typed import MatchURL
    from backlinkbot.targets import Target

LINK_TYPE = "feed"
LONGEST_ANCHOR = 1_000
"""The maximum number of characters of an item's title."""


def feed_links(
    body: bytes,
    url: str,
    charset: str,
    match: MatchURL,
    *,
    bound: LinkBound | None = None,
) -> Iterator[tuple[Link, tuple[Target, ...]]]:
    """Yields the links to targets in a feed's items, in order.

    Args:
        body: the feed.
        url: where it was found.
        charset: the charset parameter of its ``Content-Type``.
        match: the targets that a URL belongs to.
        bound: of the links that are read; None: the default.
    """
    bound = LinkBound() if bound is None else bound
    for item in read_feed(body, url, charset):
        page = urls.parse(item.url) if item.url else None
        targets = match(page) if page is not None else ()
        if targets and bound.admits(targets, LINK_TYPE, partial(_to_page, item)):
            yield _to_page(item), targets
        if "href" in item.html.lower():
            content = PageContent(item.html.encode("utf-8", "replace"), item.url or url, "utf-8")
            for link, found in content.links_to(match, bound):
                yield replace(link, link_type=LINK_TYPE, has_vote=False), found
    for link, found in bound.rest():
        yield replace(link, link_type=LINK_TYPE, has_vote=False), found


def _to_page(item: FeedItem) -> Link:
    title = collapse(item.title)[:LONGEST_ANCHOR]
    return Link(
        raw_href=item.written,
        url=item.url,
        anchor=title,
        anchor_source="text" if title else "",
        link_type=LINK_TYPE,
        rel=(),
        has_vote=False,
    )
