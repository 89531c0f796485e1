"""Decides which of the pages in its buckets a worker of a shared crawl visits; it removes known ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.frontier import page_hash
from backlinkbot.items import FrontierEntry
from backlinkbot.spiders.candidates import CandidateVisit
from backlinkbot.spiders.page_priority import EXPECTED
from backlinkbot.spiders.shared_crawl import request_again
from backlinkbot.spiders.waiting_records import QueryRecord, VisitRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy import Request

    from backlinkbot.items import FetchedPage
    from backlinkbot.spiders.base import BacklinkSpider
    from backlinkbot.spiders.crawl_state import CrawlState
    from backlinkbot.spiders.page_requests import PageRequests
    from backlinkbot.spiders.source_queries import SourceQueries
    from backlinkbot.spiders.waiting_records import Record
    from backlinkbot.urls import URL


class SharedPages:
    """The pages that wait in the buckets of one worker."""

    def __init__(
        self, spider: BacklinkSpider, state: CrawlState, requests: PageRequests, queries: SourceQueries
    ) -> None:
        self._spider = spider
        self._state = state
        self._requests = requests
        self._queries = queries

    def take(self, record: Record) -> Iterator[Request | FetchedPage]:
        """The request for a page that waits here; one that is known already, or was sent by several workers, is removed."""
        saver, scope = self._state.saver, self._state.scope
        if isinstance(record, VisitRecord):
            yield from self._take_visit(record)
            return
        url = urls.parse(record.url)
        if url is None:
            saver.drop(record.row)
        elif isinstance(record, QueryRecord):
            if (record.query.tries or self._is_taken(url)) and self._queries.sources.may_ask(record.query):
                yield self._requests.request_of(record)
            else:
                saver.drop(record.row)
        elif (not self._state.known.knows(page_hash(url)) and scope.is_crowded(url)) or not self._is_taken(
            url, is_expected=record.sooner >= EXPECTED
        ):
            saver.drop(record.row)
        else:
            scope.note_waiting(url)
            if not scope.is_beyond(url, record.depth):
                yield self._requests.page_request(record, url)

    def _take_visit(self, record: VisitRecord) -> Iterator[Request | FetchedPage]:
        visit, url, late_claims = record.visit, urls.parse(record.visit.requested_url), self._requests.late_claims
        if url is None:
            yield from self._requests.add_candidate(CandidateVisit(visit=visit, is_fit=False, is_domain=False))
            return
        claims = visit.claims[0] if visit.claims and not visit.is_first else ()
        if record.url:
            yield from self._go_on(record)
        elif (claims and late_claims.add(visit.requested_url, claims)) or not self._is_taken(url):
            self._state.saver.drop(visit.row)
        else:
            if claims:
                late_claims.expect(visit.requested_url)
            if visit.is_seed:
                self._state.begin_at(url)
            yield request_again(self._spider, record)

    def _go_on(self, record: VisitRecord) -> Iterator[Request]:
        """The request for where another worker's visit was redirected to; none if that page has been visited or waits."""
        visit, target, saver = record.visit, urls.parse(record.url), self._state.saver
        goes_anywhere = visit.is_seed or visit.candidates
        if saver.share is None or target is None:
            return
        if not goes_anywhere and not self._is_taken(target):
            began = urls.parse(visit.requested_url)
            saver.finish(FrontierEntry(row=visit.row, visited=page_hash(began) if began is not None else 0))
            return
        yield request_again(self._spider, record)

    def _is_taken(self, url: URL, *, is_expected: bool = False) -> bool:
        """True if a page that waits in a bucket of this worker is to be visited."""
        share, known, page = self._state.saver.share, self._state.known, page_hash(url)
        if share is None or page in share.visited:
            return False
        if not known.knows(page) and not known.admit(url):
            return False  # its twin over the other scheme is known
        return share.take(share.bucket_of_url(url.href), page) or (is_expected and known.hurry(url))
