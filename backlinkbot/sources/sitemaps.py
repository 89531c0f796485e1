"""Sitemaps: those that robots.txt names and, for a seed, the default address."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.documents import read_feed, read_sitemap
from backlinkbot.sources.queries import FRESHEST, Named, Query, Reading, Site, Source, SourceContext, SourceResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL_PLACE: Final = "/sitemap.xml"
# Days since the last change -> how fresh a page counts.
_FRESHNESS: Final = ((30, FRESHEST), (365, 2), (3 * 365, 1))


def _of_site(site: Site, context: SourceContext) -> Iterator[Query]:
    for location in site.sitemaps:
        yield Query(source="sitemaps", url=location, site=site.url.href)
    # A site that names none may have one all the same, and a page that browsers build may lead nowhere without it. A
    # request that finds nothing is a small price for a site of many pages; but only seeds are asked to pay it.
    if context.guesses and not site.sitemaps and site.is_seed and site.content is not None:
        yield Query(source="sitemaps", url=USUAL_PLACE, site=site.url.href, is_guess=True)


def _read(answer: SourceResponse, context: SourceContext) -> Reading | None:
    """Newest first, so that a crawl whose bound is smaller than the site sees what is new."""
    entries = sorted(
        read_sitemap(answer.body, answer.charset, answer.max_bytes), key=lambda e: _date(e.lastmod), reverse=True
    )
    site, source = answer.query.site, answer.query.source
    if not entries:  # a feed is a sitemap too
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
    """The day; the first of all days where there is none."""
    try:
        return date.fromisoformat(lastmod[:10])
    except ValueError:
        return date.min


def freshness(changed: date, today: date) -> int:
    """How fresh a page is that changed on a day."""
    days = (today - changed).days
    return next((fresh for limit, fresh in _FRESHNESS if days <= limit), 0)


SITEMAPS: Final = Source(
    name="sitemaps",
    of_site=_of_site,
    read=_read,
    priority=10,
    max_documents=1_000,
    max_bytes=50 * 1024 * 1024,  # by the protocol; DOWNLOAD_MAXSIZE is less, unless somebody asks for more
    stays=False,  # robots.txt may name one that lies elsewhere
)
