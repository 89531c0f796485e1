"""What a crawl asks its sources, and what it makes of their answers: within bounds, each document once, everything counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.download.backoff import ASKS_FOR_PATIENCE
from backlinkbot.download.failures import CUT_OFF, VisitRefusedError
from backlinkbot.extensions.content_filter import charset_of
from backlinkbot.items import State
from backlinkbot.sources.queries import Answer, Inquiry, Named, Reading, Site, Source, Wanted
from backlinkbot.sources.table import SOURCES
from backlinkbot.sources.throttle import FROM_CACHE, QuietServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy.http import Response
    from scrapy.statscollectors import StatsCollector

    from backlinkbot.sources.response_cache import Answers
    from backlinkbot.urls import URL

PAGES_PER_DOCUMENT: Final = 20
"""A source of its own may cost a site one request for so many pages of its bound,"""
FEWEST_DOCUMENTS: Final = 10
"""or so many requests in any case."""
NAMED_PER_PAGE: Final = 10
"""A source may name so many pages for each that may be visited; the rest would only wait."""
_REFUSALS: Final = frozenset({401, 403})


@dataclass(slots=True)
class Tally:
    """What has been asked and named so far, by source and domain; kept with a crawl that is stopped and resumed."""

    asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    named: Counter[tuple[str, str]] = field(default_factory=Counter)
    introduced: set[str] = field(default_factory=set)
    """Hosts whose first page has been looked at."""


class Sources:
    """The sources of one crawl."""

    def __init__(
        self,
        sources: Iterable[Source],
        wanted: Wanted,
        stats: StatsCollector,
        answers: Answers,
        *,
        max_pages: int,
        max_size: int,
    ) -> None:
        """``max_pages``: the bound for one domain, 0 for none; ``max_size``: the bytes of an answer."""
        self._sources = tuple(sources)
        self._wanted = wanted
        self._stats = stats
        self._answers = answers
        self._max_pages = max_pages
        self._max_size = max_size
        self.tally = Tally()

    def of_user(self) -> Iterator[Inquiry]:
        """What to ask before any page is visited."""
        for source in self._sources:
            yield from source.of_user(self._wanted)

    def is_introduced(self, host: str) -> bool:
        """Whether a page of the host has been looked at for what it announces."""
        return host in self.tally.introduced

    def of_site(self, site: Site) -> Iterator[Inquiry]:
        """What to ask of a site, or about it; a host is introduced by the first page of it that can be read."""
        if site.content is not None:
            self.tally.introduced.add(site.url.host)
        for source in self._sources:
            yield from source.of_site(site, self._wanted)

    def where(self, inquiry: Inquiry) -> URL | None:
        """Where to ask; None where that is nowhere on the web, or not where the source has to be."""
        source, site = SOURCES[inquiry.source], urls.parse(inquiry.site)
        url = urls.resolve(inquiry.url.strip(), site) if site is not None else None
        if url is None or site is None or not urls.is_web(url):
            self._stat("bad_url", source.name)
            return None
        if source.stays and urls.registrable_domain(url.hostname) != urls.registrable_domain(site.hostname):
            self._stat("elsewhere", source.name)
            return None
        return url

    def may_ask(self, inquiry: Inquiry) -> bool:
        """Take one document from what the source may cost the site; False where none is left."""
        source, key = SOURCES[inquiry.source], _key(inquiry)
        is_too_small = inquiry.is_guess and 0 < self._max_pages < PAGES_PER_DOCUMENT
        if is_too_small or self.tally.asked[key] >= self._most_documents(source) or self._has_enough(key):
            self._stat("bound", source.name)
            return False
        self.tally.asked[key] += 1
        self._stat("asked", source.name)
        return True

    def refuse_redirect(self, inquiry: Inquiry, target: URL) -> str:
        """Why a document's redirect is not followed; empty: it is."""
        source, asked = SOURCES[inquiry.source], urls.parse(inquiry.url)
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
        return bool(self._max_pages) and self.tally.named[key] >= NAMED_PER_PAGE * self._max_pages

    def heard(self, response: Response, inquiry: Inquiry) -> Iterator[Named | Inquiry]:
        """The pages that a document names, as absolute URLs, and what to ask next; never raises for what it holds."""
        source = SOURCES[inquiry.source]
        if FROM_CACHE in response.flags:
            self._stat("from_cache", source.name)
        if response.status in ASKS_FOR_PATIENCE and source.is_service:
            yield from self._put_off(inquiry)
            return
        if response.status in _REFUSALS:
            self._stat("refused", source.name)
            return
        is_whole = response.status == 200 and CUT_OFF not in response.meta
        reading = self._read(response, inquiry) if is_whole else None
        if reading is None:
            self._not_had(inquiry)
        elif reading.is_put_off:
            yield from self._put_off(inquiry)
        elif reading.is_refused:
            self._stat("refused", source.name)
        else:
            self._stat("read", source.name)
            if source.max_age and FROM_CACHE not in response.flags:
                self._answers.put(response.url, response.body)
            yield from self._within_bounds(reading, inquiry)

    def _read(self, response: Response, inquiry: Inquiry) -> Reading | None:
        url = urls.parse(response.url)
        if url is None:
            return None
        source = SOURCES[inquiry.source]
        answer = Answer(
            inquiry=inquiry,
            url=url,
            body=response.body,
            charset=charset_of(response.headers.get("Content-Type")),
            headers={
                name.decode("latin-1").lower(): b",".join(values).decode("latin-1")
                for name, values in response.headers.items()
            },
            max_bytes=min(source.max_bytes, self._max_size) if self._max_size else source.max_bytes,
        )
        return source.read(answer, self._wanted)

    def _within_bounds(self, reading: Reading, inquiry: Inquiry) -> Iterator[Named | Inquiry]:
        site, key = urls.parse(inquiry.site), _key(inquiry)
        for page in reading.named:
            url = urls.resolve(page.url.strip(), site) if site is not None else None
            if url is None or not urls.is_web(url):
                self._stat("bad_url", inquiry.source)
            elif self._has_enough(key):
                self._stat("too_many", inquiry.source)
            else:
                self.tally.named[key] += 1
                self._stat("named", inquiry.source)
                yield replace(page, url=url.href)
        yield from reading.onward

    def _put_off(self, inquiry: Inquiry) -> Iterator[Inquiry]:
        self._stat("put_off", inquiry.source)
        if inquiry.tries < SOURCES[inquiry.source].patience:
            yield replace(inquiry, tries=inquiry.tries + 1)
        else:
            self._stat("failed", inquiry.source)

    def failed(self, error: BaseException | None, inquiry: Inquiry) -> None:
        """Count a document that did not come."""
        if isinstance(error, QuietServiceError):
            self._stat("left_alone", inquiry.source)
        elif isinstance(error, VisitRefusedError) and error.failure.state is State.BLOCKED_BY_ROBOTS:
            self._stat("refused", inquiry.source)
        else:
            self._not_had(inquiry)

    def _not_had(self, inquiry: Inquiry) -> None:
        if inquiry.is_guess:
            self._stat("guessed_wrong", inquiry.source)
        else:
            self._stat("failed", inquiry.source)

    def queued(self, source: str) -> None:
        """Count a page that will be visited, or visited before its turn, because a source names it."""
        self._stat("queued", source)

    def out_of_scope(self, source: str) -> None:
        """Count a page that no link would be followed to."""
        self._stat("out_of_scope", source)

    def _stat(self, reason: str, name: str) -> None:
        self._stats.inc_value(f"backlinks/sources/{name}/{reason}")


def _key(inquiry: Inquiry) -> tuple[str, str]:
    site = urls.parse(inquiry.site)
    return inquiry.source, urls.registrable_domain(site.hostname) if site is not None else ""
