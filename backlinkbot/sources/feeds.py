"""Feeds that a site's first page declares; pages whose items link to a target are visited first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot.extract.documents import FeedItem, read_feed
from backlinkbot.extract.page import PageContent
from backlinkbot.sources.queries import (
    FRESHEST,
    Named,
    Query,
    Reading,
    Site,
    Source,
    SourceContext,
    SourceProfile,
    SourceResponse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.targets import Targets

FEED_TYPES: Final = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})


def _of_site(site: Site, _: SourceContext) -> Iterator[Query]:
    for relation in site.content.relations if site.content is not None else ():
        if "alternate" in relation.rel and relation.media_type in FEED_TYPES:
            yield Query(source="feeds", url=relation.url.href, site=site.url.href)


def _read(answer: SourceResponse, context: SourceContext) -> Reading | None:
    items = list(read_feed(answer.body, answer.url.href, answer.charset))
    if not items:
        return None
    named = [
        Named(url=item.url, is_expected=_links_to(item, context.targets), freshness=FRESHEST)
        for item in items
        if item.url
    ]
    return Reading(named=tuple(sorted(named, key=lambda page: not page.is_expected)))


def _links_to(item: FeedItem, targets: Targets) -> bool:
    """True if an item's text links to a target; a summary often omits links of the page."""
    if "href" not in item.html.lower():
        return False
    content = PageContent(item.html.encode("utf-8", "replace"), item.url, "utf-8")
    return any(targets.match(url) for url in content.linked_urls)


FEEDS: Final = Source(
    name="feeds",
    of_site=_of_site,
    read=_read,
    priority=30,
    max_documents=10,
    max_bytes=4 * 1024 * 1024,
    stays=False,
    profile=SourceProfile(
        words=("feeds",),
        knows="recent pages of a seed's site; those whose text links to a target come first",
        costs="1 request per feed that the first page declares",
        documentation="https://www.rssboard.org/rss-specification",
    ),
)
