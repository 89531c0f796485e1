"""Queries the sources of a crawl and processes their responses, within limits and each document once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.download.backoff import BACKOFF_STATUSES
from backlinkbot.download.failures import CUT_OFF, VisitRefusedError
from backlinkbot.extract.media_type import charset_of
from backlinkbot.items import State
from backlinkbot.sources.queries import (
    Named,
    Query,
    Reading,
    ServiceError,
    Site,
    Source,
    SourceContext,
    SourceResponse,
)
from backlinkbot.sources.table import SOURCES
from backlinkbot.sources.throttle import CACHE_NAME, FROM_CACHE, QuietServiceError, headers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scrapy.http import Response
    from scrapy.statscollectors import StatsCollector

    from backlinkbot.sources.response_cache import ResponseCache
    from backlinkbot.urls import URL

PAGES_PER_DOCUMENT: Final = 20
"""One document is requested per so many pages of a site's page limit,"""
FEWEST_DOCUMENTS: Final = 10
"""but at least so many."""
NAMED_PER_PAGE: Final = 10
"""Most pages that are taken from a source, for each page of the limit; more would never be visited."""
_REFUSALS: Final = frozenset({401, 403})


@dataclass(slots=True)
class SourceCounts:
    """Documents requested and pages named so far, by source and domain; saved when a crawl is stopped."""

    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    named: Counter[tuple[str, str]] = field(default_factory=Counter)
    introduced: set[str] = field(default_factory=set)
    """Hosts whose first page was checked for sources."""
    saver: Callable[[str, str, str], None] | None = None
    """Called with each count of a crawl that can be resumed: ``asked``, ``named`` or ``introduced``, source, domain or host."""

    def count(self, kind: str, source: str, of: str) -> None:
        """Adds one to a count and saves that."""
        self.restore(kind, source, of)
        if self.saver is not None:
            self.saver(kind, source, of)

    def restore(self, kind: str, source: str, of: str, number: int = 1) -> None:
        """Adds what an earlier run of the crawl has saved to a count."""
        if kind == "introduced":
            self.introduced.add(of)
        else:
            (self.asked if kind == "asked" else self.named)[source, of] += number


class Sources:
    """The sources of one crawl."""

    def __init__(
        self,
        sources: Iterable[Source],
        context: SourceContext,
        stats: StatsCollector,
        answers: ResponseCache,
        *,
        max_pages: int,
        max_size: int,
    ) -> None:
        """Creates the sources of a crawl.

        Args:
            sources: the chosen sources.
            context: what the sources need to know of the crawl.
            stats: counts queries and named pages.
            answers: the cache of services' responses.
            max_pages: most pages per domain; 0 means no limit.
            max_size: most bytes of a response; 0 means no limit.
        """
        self._sources = tuple(sources)
        self._context = context
        self._stats = stats
        self._answers = answers
        self._max_pages = max_pages
        self._max_size = max_size
        self.counts = SourceCounts()

    def of_user(self) -> Iterator[Query]:
        """Yields the queries before any page is visited."""
        for source in self._sources:
            yield from source.of_user(self._context)

    def is_introduced(self, host: str) -> bool:
        """True if a page of the host was checked for sources."""
        return host in self.counts.introduced

    def of_site(self, site: Site) -> Iterator[Query]:
        """Yields the queries about a site; its host is recorded once one of its pages could be read."""
        if site.content is not None:
            self.counts.count("introduced", "", site.url.host)
        for source in self._sources:
            yield from source.of_site(site, self._context)

    def where(self, query: Query) -> URL | None:
        """Returns the URL of a query; None if it is not http(s), or not on the domain where the source must be."""
        source, site = SOURCES[query.source], urls.parse(query.site)
        url = urls.resolve(query.url.strip(), site) if site is not None else None
        if url is None or site is None or not urls.is_web(url):
            self._stat("bad_url", source.name)
            return None
        if source.stays and urls.registrable_domain(url.hostname) != urls.registrable_domain(site.hostname):
            self._stat("elsewhere", source.name)
            return None
        return url

    def may_ask(self, query: Query) -> bool:
        """Counts one document; returns false if the limit of the site or source is reached."""
        source, key = SOURCES[query.source], _key(query)
        is_too_small = query.is_guess and 0 < self._max_pages < PAGES_PER_DOCUMENT
        if is_too_small or self.counts.asked[key] >= self._most_documents(source) or self._has_enough(key):
            self._stat("bound", source.name)
            return False
        self.counts.count("asked", *key)
        self._stat("asked", source.name)
        return True

    def refuse_redirect(self, query: Query, target: URL) -> str:
        """Returns why a document's redirect is not followed; empty if it is."""
        source, asked = SOURCES[query.source], urls.parse(query.url)
        stays = source.stays or source.is_service
        if not stays or asked is None:
            return ""
        is_same = urls.registrable_domain(asked.hostname) == urls.registrable_domain(target.hostname)
        return "" if is_same else "redirects to another site"

    def _most_documents(self, source: Source) -> int:
        if not self._max_pages or source.is_service:
            return source.max_documents
        return min(source.max_documents, max(FEWEST_DOCUMENTS, self._max_pages // PAGES_PER_DOCUMENT))

    def _has_enough(self, key: tuple[str, str]) -> bool:
        return bool(self._max_pages) and self.counts.named[key] >= NAMED_PER_PAGE * self._max_pages

    def heard(self, response: Response, query: Query) -> Iterator[Named | Query]:
        """Yields the pages that a document names, as absolute URLs, and further queries; accepts any content."""
        source = SOURCES[query.source]
        if FROM_CACHE in response.flags:
            self._stat("from_cache", source.name)
        is_whole = response.status == 200 and CUT_OFF not in response.meta
        reading = self._read(response, query) if is_whole else _reading_of_error(response, source)
        if reading is None:
            self._not_had(query)
        elif reading.is_put_off:
            yield from self._put_off(query)
        elif reading.is_refused:
            self._stat("refused", source.name)
        else:
            self._stat("read", source.name)
            if source.max_age and is_whole and FROM_CACHE not in response.flags:
                self._answers.put(response.meta.get(CACHE_NAME, response.url), response.body)
            yield from self._within_bounds(reading, query)

    def _read(self, response: Response, query: Query) -> Reading | None:
        url = urls.parse(response.url)
        if url is None:
            return None
        source = SOURCES[query.source]
        answer = SourceResponse(
            query=query,
            url=url,
            body=response.body,
            charset=charset_of(response.headers.get("Content-Type")),
            headers=headers_of(response),
            max_bytes=min(source.max_bytes, self._max_size) if self._max_size else source.max_bytes,
        )
        return source.read(answer, self._context)

    def _within_bounds(self, reading: Reading, query: Query) -> Iterator[Named | Query]:
        site, key = urls.parse(query.site), _key(query)
        for page in reading.named:
            url = urls.resolve(page.url.strip(), site) if site is not None else None
            if url is None or not urls.is_web(url):
                self._stat("bad_url", query.source)
            elif self._has_enough(key):
                self._stat("too_many", query.source)
            else:
                self.counts.count("named", *key)
                self._stat("named", query.source)
                yield replace(page, url=url.href)
        yield from reading.onward

    def _put_off(self, query: Query) -> Iterator[Query]:
        self._stat("put_off", query.source)
        if query.tries < SOURCES[query.source].max_postponements:
            yield replace(query, tries=query.tries + 1)
        else:
            self._stat("failed", query.source)

    def failed(self, error: BaseException | None, query: Query) -> None:
        """Counts a document that could not be fetched."""
        if isinstance(error, QuietServiceError):
            self._stat("left_alone", query.source)
        elif isinstance(error, VisitRefusedError) and error.failure.state is State.BLOCKED_BY_ROBOTS:
            self._stat("refused", query.source)
        else:
            self._not_had(query)

    def _not_had(self, query: Query) -> None:
        if query.is_guess:
            self._stat("guessed_wrong", query.source)
        else:
            self._stat("failed", query.source)

    def queued(self, source: str) -> None:
        """Counts a page that is queued, or moved ahead in the queue, because a source names it."""
        self._stat("queued", source)

    def out_of_scope(self, source: str) -> None:
        """Counts a named page that is outside the scope of links."""
        self._stat("out_of_scope", source)

    def _stat(self, reason: str, name: str) -> None:
        self._stats.inc_value(f"backlinks/sources/{name}/{reason}")


def _reading_of_error(response: Response, source: Source) -> Reading | None:
    """Parses a response that is not whole or not of status 200; None if it says nothing."""
    if not source.is_service or response.status == 200:
        return Reading(is_refused=True) if response.status in _REFUSALS else None
    error = ServiceError(status=response.status, headers=headers_of(response), body=response.body)
    said = source.read_error(error)
    if said is None and response.status in BACKOFF_STATUSES:
        return Reading(is_put_off=True)
    return said or (Reading(is_refused=True) if response.status in _REFUSALS else None)


def _key(query: Query) -> tuple[str, str]:
    site = urls.parse(query.site)
    return query.source, urls.registrable_domain(site.hostname) if site is not None else ""
