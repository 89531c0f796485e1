"""Makes the requests for the pages that links and sources name, each once and within the limits, and saves them as records."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from backlinkbot import urls
from backlinkbot.frontier import page_hash
from backlinkbot.frontier.known import HashSet
from backlinkbot.items import Failure, State
from backlinkbot.sources import SOURCES
from backlinkbot.spiders.candidates import NO_URL
from backlinkbot.spiders.named_candidates import LateClaims, candidate_named
from backlinkbot.spiders.page_priority import DEEPER, EXPECTED, NAMED_BY_USER, is_rarely_html
from backlinkbot.spiders.planned_visit import PlannedVisit
from backlinkbot.spiders.waiting_records import (
    PageRecord,
    QueryRecord,
    VisitRecord,
    read_record,
    url_of,
    written_record,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy import Request

    from backlinkbot.items import Claim, FetchedPage
    from backlinkbot.spiders.base import BacklinkSpider
    from backlinkbot.spiders.candidates import CandidateVisit
    from backlinkbot.spiders.crawl_state import CrawlState
    from backlinkbot.spiders.waiting_records import Record
    from backlinkbot.urls import URL

MAX_MET: Final = 50_000
"""Hashes of links that were found lately: most links of a page are on every page of its site."""

RecordT = TypeVar("RecordT", bound=PageRecord | QueryRecord | VisitRecord)


class PageRequests:
    """Makes the requests of a crawl, and saves a record of each page that waits to be visited."""

    def __init__(self, spider: BacklinkSpider, state: CrawlState) -> None:
        self._spider = spider
        self._state = state
        self._met: set[int] = set()
        self._sent = HashSet()  # of a crawl that several machines share: pages that wait for other workers
        self.late_claims = LateClaims()
        """Claims of sources about pages that already wait."""

    # --- pages that links and sources name ---

    def is_met(self, url: URL) -> bool:
        """True if a link to the URL was found lately, so that its page is known; cheaper than asking :class:`KnownPages`."""
        return hash(url.href) in self._met

    def add(
        self,
        url: URL,
        found_on: str,
        *,
        depth: int = 0,
        hops: int = 0,
        follows: bool = True,
        sooner: int = 0,
        anchor: str = "",
        claims: tuple[Claim, ...] = (),
    ) -> Iterator[Request]:
        """Yields the request for a page that a link or a source names, unless it is known or beyond a bound."""
        saver, scope, known = self._state.saver, self._state.scope, self._state.known
        if claims and self.late_claims.add(urls.as_requested(url), claims):
            return  # it waits already, with the claims of another source
        if scope.is_trap(url) or scope.is_crowded(url):
            return
        found = partial(_record_of, url, found_on, depth, hops, follows, sooner, anchor, claims)
        if saver.share is not None and self.send(url, found):
            return
        is_new = known.admit(url)
        if len(self._met) >= MAX_MET:
            self._met.clear()
        self._met.add(hash(url.href))
        is_hurried = sooner >= EXPECTED and known.hurry(url)
        if not (is_new or is_hurried):
            return
        is_beyond = scope.is_beyond(url, depth)
        if is_beyond and not saver.is_on:
            return
        scope.note_waiting(url)
        if saver.share is not None:
            saver.share.take_url(url.href, page_hash(url))
        record = self.saved(found())
        if claims:
            self.late_claims.expect(urls.as_requested(url))
        if is_beyond:  # it waits for a run with a higher bound
            return
        yield self.page_request(record, url) if isinstance(record, PageRecord) else self.request_of(record)

    def send(self, url: URL, found: Callable[[], Record]) -> bool:
        """Saves a page for the worker that has its domain, unless it is known; returns False if this worker has it."""
        saver = self._state.saver
        share = saver.share
        if share is None or share.holds(bucket := share.bucket_of_url(url.href)):
            return False
        page, record = page_hash(url), found()
        is_plain = isinstance(record, PageRecord) and record.sooner < EXPECTED
        if not (is_plain and (page in self._sent or self._state.known.knows(page))):
            self._sent.add(page)
            saver.add(saver.new_row(), written_record(record), bucket)
        return True

    # --- pages that the user names ---

    def add_candidate(self, one: CandidateVisit) -> Iterator[Request | FetchedPage]:
        """Yields the request for a candidate, or the answer where it is no URL; nothing if it has its answer."""
        saver, state = self._state.saver, self._state
        visit, url = one.visit, urls.parse(one.visit.requested_url)
        if not one.is_fit:
            if not saver.is_answered(visit.requested_url):
                failure = Failure(state=State.UNREACHABLE, reason=NO_URL)
                entry = self._spider.entry_of(None, replace(visit, is_first=True))
                yield self._spider.page(visit.requested_url, visit, failure=failure, entry=entry)
            return
        if url is not None and one.is_domain and saver.is_answered(visit.requested_url):
            state.begin_at(url)
        if url is not None and self.admit_first(url, visit.requested_url):
            if one.is_domain:
                state.begin_at(url)
            # One on a seed's own domain is a page of the crawl like any other: its links may lead on.
            follows = one.is_domain or state.scope.is_home(url)
            visit = replace(visit, follows=follows, is_seed=one.is_domain)
            yield self._spider.request(visit.requested_url, visit, priority=NAMED_BY_USER)

    def admit_first(self, url: URL, named: str) -> bool:
        """True if a page that the user names is to be visited. Lists are read again by each run, so it need not be saved."""
        return not self._state.saver.is_answered(named) and self._state.known.admit(url, held=[])

    # --- records ---

    def waiting(self) -> Iterator[Request]:
        """Yields requests for the pages that waited when the last run of the crawl ended, but for those beyond a bound."""
        scope = self._state.scope
        for row, data in self._state.saver.waiting():
            record = read_record(row, data)
            if isinstance(record, PageRecord):
                url = urls.parse(record.url)
                if url is None:
                    continue
                scope.note_waiting(url)
                if scope.is_beyond(url, record.depth):
                    continue
            yield self.request_of(record)

    def saved(self, record: RecordT) -> RecordT:
        """Returns the record with its number, saved; as it is where nothing is saved."""
        saver = self._state.saver
        row = saver.new_row()
        if not row:
            return record
        if isinstance(record, VisitRecord):
            numbered: Any = replace(record, visit=replace(record.visit, row=row))
        else:
            numbered = replace(record, row=row)
        share = saver.share
        bucket = share.bucket_of_url(url_of(numbered)) if share is not None else 0
        saver.add(row, written_record(numbered), bucket)
        return cast("RecordT", numbered)

    def request_of(self, record: Record) -> Request:
        """Returns the request for a record."""
        if isinstance(record, VisitRecord):
            return self._spider.request(record.visit.requested_url, record.visit, priority=record.priority)
        if isinstance(record, QueryRecord):
            site, source = record.query.site, record.query.source
            visit = PlannedVisit(
                requested_url=record.url, discovered_from=site, follows=True, query=record.query, row=record.row
            )
            return self._spider.request(record.url, visit, priority=SOURCES[source].priority)
        return self.page_request(record)

    def page_request(self, record: PageRecord, parsed: URL | None = None) -> Request:
        """Returns the request for a page; ``parsed`` is its URL, where the caller has parsed it."""
        url = parsed or urls.parse(record.url)
        visit = PlannedVisit(
            requested_url=record.url,
            discovered_from=record.found_on,
            depth=record.depth,
            hops=record.hops,
            follows=record.follows,
            row=record.row,
        )
        is_rare = is_rarely_html(url)
        request = self._spider.request(record.url, visit, priority=DEEPER * record.depth + record.sooner - is_rare)
        self._state.lessons.describe_page(request, record, url, is_rarely_html=is_rare)
        return request


def _record_of(  # noqa: PLR0917 - what is known of a page
    url: URL,
    found_on: str,
    depth: int,
    hops: int,
    follows: bool,  # noqa: FBT001
    sooner: int,
    anchor: str,
    claims: tuple[Claim, ...],
) -> PageRecord | VisitRecord:
    """Returns the record of a page that a link or a source names."""
    location = urls.as_requested(url)
    if claims:
        return VisitRecord(visit=candidate_named(location, found_on, claims, follows=follows), priority=sooner)
    return PageRecord(
        url=location, found_on=found_on, depth=depth, hops=hops, follows=follows, sooner=sooner, anchor=anchor
    )
