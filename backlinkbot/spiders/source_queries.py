"""Makes the requests to the sources of a crawl, and passes on the pages that their answers name."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, cast

from backlinkbot import urls
from backlinkbot.middlewares.robotstxt import RobotsTxt
from backlinkbot.option_table import Follow
from backlinkbot.sources import SOURCES, Query, Site, Sources, addresses_in
from backlinkbot.sources.queries import SourceContext
from backlinkbot.sources.throttle import Throttle
from backlinkbot.spiders.page_priority import EXPECTED, FRESH
from backlinkbot.spiders.planned_visit import PlannedVisit
from backlinkbot.spiders.waiting_records import QueryRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scrapy import Request
    from scrapy.http import Response

    from backlinkbot.extract.page import PageContent
    from backlinkbot.sources import Named, SourceChoice
    from backlinkbot.spiders.base import BacklinkSpider
    from backlinkbot.spiders.crawl_state import CrawlState
    from backlinkbot.spiders.page_requests import PageRequests
    from backlinkbot.urls import URL


class SourceQueries:
    """The requests to the sources of a crawl, and those for the pages that they name."""

    def __init__(self, spider: BacklinkSpider, state: CrawlState, requests: PageRequests, choice: SourceChoice) -> None:
        self._spider = spider
        self._state = state
        self._requests = requests
        self._choice = choice

    @cached_property
    def sources(self) -> Sources:
        """The chosen sources; made when the crawler has its middlewares."""
        crawler, scope = self._spider.crawler, self._state.scope
        throttle = cast("Throttle", crawler.get_downloader_middleware(Throttle))
        context = SourceContext(
            targets=self._spider.targets,
            today=datetime.now(UTC).date(),
            is_one_host=scope.follow is Follow.SAME_HOST,
            wikis=self._choice.wikis,
            guesses=self._choice.guesses,
            addresses=addresses_in(crawler.settings.getlist("BACKLINKBOT_SOURCE_ADDRESSES")),
        )
        return Sources(
            self._choice.sources,
            context,
            crawler.stats,
            throttle.answers,
            max_pages=min(filter(None, (scope.max_pages, scope.max_pages_per_domain)), default=0),
            max_size=crawler.settings.getint("DOWNLOAD_MAXSIZE"),
        )

    def use_counts(self) -> None:
        """Counts on from what the crawl has counted before."""
        self.sources.counts = self._state.memory.counts

    def ask_of_user(self) -> Iterator[Request]:
        """Yields the requests that follow from the user's words, before any page is visited."""
        for query in self.sources.of_user():
            yield from self._ask(query, is_first=True)

    def ask_of_site(
        self,
        url: URL | None,
        visit: PlannedVisit,
        content: PageContent | None = None,
        link_headers: Iterable[bytes] = (),
    ) -> Iterator[Request]:
        """Yields the requests for what is to be asked of the site of a page, where the site is the seeds' own."""
        scope = self._state.scope
        if url is None or not visit.follows or self.sources.is_introduced(url.host) or not scope.is_home(url):
            return
        robots = cast("RobotsTxt | None", self._spider.crawler.get_downloader_middleware(RobotsTxt))
        site = Site(
            url=url,
            is_seed=visit.is_seed,
            content=content,
            link_headers=tuple(header.decode("latin-1") for header in link_headers),
            sitemaps=tuple(robots.sitemaps(url)) if robots is not None else (),
        )
        for query in self.sources.of_site(site):
            yield from self._ask(query)

    def take(self, response: Response, query: Query) -> Iterator[Request]:
        """Yields the requests for the pages that a response names, and for what is to be asked next."""
        for said in self.sources.heard(response, query):
            if isinstance(said, Query):
                yield from self._ask(said)
            else:
                yield from self._add(said, query, response.url)

    def _ask(self, query: Query, *, is_first: bool = False) -> Iterator[Request]:
        url, saver = self.sources.where(query), self._state.saver
        if url is None or (is_first and saver.is_answered(urls.as_requested(url))):
            return
        if not is_first and saver.share is not None and self._requests.send(url, partial(_query_record, url, query)):
            return
        is_new = query.tries or self._state.known.admit(url, held=[] if is_first else None)
        if not is_new or not self.sources.may_ask(query):
            return
        location = urls.as_requested(url)
        if is_first:  # the user's words are read again
            visit = PlannedVisit(
                requested_url=location, discovered_from=query.site, is_first=True, follows=True, query=query
            )
            yield self._spider.request(location, visit, priority=SOURCES[query.source].priority)
        else:
            yield self._requests.request_of(self._requests.saved(_query_record(url, query)))

    def _add(self, named: Named, query: Query, found_on: str) -> Iterator[Request]:
        url, site = urls.parse(named.url), urls.parse(query.site)
        if url is None or site is None:
            return
        source, scope = SOURCES[query.source], self._state.scope
        if source.names_candidates:
            is_of_service = urls.registrable_domain(url.hostname) == urls.registrable_domain(site.hostname)
            is_wanted, follows = source.names_anywhere or is_of_service, scope.is_home(url)
        else:
            is_wanted = follows = scope.is_in_scope(site, url, 0)
        if not is_wanted:
            self.sources.out_of_scope(query.source)
            return
        sooner = EXPECTED if named.is_expected else FRESH * named.freshness
        for request in self._requests.add(url, found_on, follows=follows, sooner=sooner, claims=named.claims):
            self.sources.queued(query.source)
            yield request


def _query_record(url: URL, query: Query) -> QueryRecord:
    return QueryRecord(url=urls.as_requested(url), query=query)
