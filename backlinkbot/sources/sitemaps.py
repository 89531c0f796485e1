"""Sitemaps: those that robots.txt names and, for a seed, the default address."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.documents import read_feed, read_sitemap
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

USUAL_PLACE: Final = "/sitemap.xml"
# Freshness of a page by the days since its last change.
_FRESHNESS: Final = ((30, FRESHEST), (365, 2), (3 * 365, 1))


def _of_site(site: Site, context: SourceContext) -> Iterator[Query]:
    for location in site.sitemaps:
        yield Query(source="sitemaps", url=location, site=site.url.href)
    # A site may have a sitemap that it does not declare, and a page that scripts build may contain no other links. One
    # request that finds nothing is cheap for a site of many pages; only seeds' sites receive it.
    if context.guesses and not site.sitemaps and site.is_seed and site.content is not None:
        yield Query(source="sitemaps", url=USUAL_PLACE, site=site.url.href, is_guess=True)


def _read(answer: SourceResponse, context: SourceContext) -> Reading | None:
    """Sorts the newest first, so that a crawl with a page limit visits new pages."""
    entries = sorted(
        read_sitemap(answer.body, answer.charset, answer.max_bytes), key=lambda e: _date(e.lastmod), reverse=True
    )
    site, source = answer.query.site, answer.query.source
    if not entries:  # feeds are valid sitemaps
        items = tuple(item.url for item in read_feed(answer.body, answer.url.href, answer.charset) if item.url)
        return Reading(named=tuple(Named(url=url, freshness=FRESHEST) for url in items)) if items else None
    return Reading(
        named=tuple(
            Named(url=entry.location, freshness=freshness(_date(entry.lastmod), context.today))
            for entry in entries
            if not entry.is_sitemap
        ),
        onward=tuple(Query(source=source, url=entry.location, site=site) for entry in entries if entry.is_sitemap),
    )


def _date(lastmod: str) -> date:
    """Parses the day; returns the first of all days if there is none."""
    try:
        return date.fromisoformat(lastmod[:10])
    except ValueError:
        return date.min


def freshness(changed: date, today: date) -> int:
    """Returns the freshness of a page that changed on that day."""
    days = (today - changed).days
    return next((fresh for limit, fresh in _FRESHNESS if days <= limit), 0)


SITEMAPS: Final = Source(
    name="sitemaps",
    of_site=_of_site,
    read=_read,
    priority=10,
    max_documents=1_000,
    max_bytes=50 * 1024 * 1024,  # the protocol's limit; DOWNLOAD_MAXSIZE is lower by default
    stays=False,  # robots.txt may name a sitemap of another domain
    profile=SourceProfile(
        words=("sitemaps",),
        knows="pages of a seed's site, and when they changed",
        costs="1 request per sitemap",
        documentation="https://www.sitemaps.org/protocol.html",
    ),
)
