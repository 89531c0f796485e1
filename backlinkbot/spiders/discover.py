"""``discover``: crawls outward from seeds, within limits, to find pages with backlinks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals

from backlinkbot import urls
from backlinkbot.download.redirects import HOPS
from backlinkbot.extensions.large_pages import LARGE
from backlinkbot.frontier import FEATURES, KnownPages, page_hash
from backlinkbot.items import FetchedPage, State
from backlinkbot.items.rendered_diff import rendered_content, served_content
from backlinkbot.middlewares.budget import SPENT, BudgetSpentError
from backlinkbot.prefilter import may_refresh
from backlinkbot.spiders.base import ADMITTED, LEASE, BacklinkSpider
from backlinkbot.spiders.candidates import CandidateVisits
from backlinkbot.spiders.commoncrawl_pages import archived_pages, evidence_of, pages_to_visit
from backlinkbot.spiders.crawl_state import CrawlMemory, CrawlState
from backlinkbot.spiders.from_name import NamedPageCounts, bound_by_default, choice_of, told_at_end
from backlinkbot.spiders.page_priority import NAMED_BY_USER
from backlinkbot.spiders.page_requests import PageRequests
from backlinkbot.spiders.planned_visit import PlannedVisit, visit_of
from backlinkbot.spiders.seeds import CrawlStart, check_archived_only, meant_as_seed
from backlinkbot.spiders.shared_crawl import move, send, start_shared
from backlinkbot.spiders.shared_pages import SharedPages
from backlinkbot.spiders.source_queries import SourceQueries
from backlinkbot.spiders.waiting_records import VisitRecord

__all__ = ["CrawlMemory", "DiscoverSpider"]  # a JOBDIR of an earlier version names the memory here

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure as TwistedFailure

    from backlinkbot.extract.page import PageContent
    from backlinkbot.frontier.sharing import CrawlShare
    from backlinkbot.history.crawl_commit import SavedPart
    from backlinkbot.items import ExtractedPage, FrontierEntry
    from backlinkbot.spiders.base import Answers
    from backlinkbot.spiders.waiting_records import Record
    from backlinkbot.urls import URL


class DiscoverSpider(BacklinkSpider):
    """Crawls sites from seeds, and reports the pages that link to a target."""

    name = "discover"
    backlinkbot_command = "discover"

    def configure(self, settings: BaseSettings) -> None:
        """Read the seeds, the candidates and the bounds."""
        self._start = CrawlStart.of(settings)  # a list that cannot be read is refused before anything is fetched
        self._is_archived_only = settings.getbool("BACKLINKBOT_ARCHIVED_ONLY")
        self._choice = choice_of(settings, is_from_name=not self._start.is_named)
        self._evidence = evidence_of(settings, self.targets, self._choice)
        if self._is_archived_only:
            check_archived_only(settings, reads_commoncrawl=self._evidence is not None)
        if self._evidence is not None:
            self.crawler.signals.connect(self._evidence.stop, signals.spider_closed)
        if not self._start.is_named and self._choice.finds_links:
            meant = meant_as_seed(settings)
            self.notices = (*bound_by_default(settings, self._choice), *([meant] if meant else []))
        self._start.check(settings, self._choice)
        self._named_page_counts = NamedPageCounts.of(self.crawler)
        self._crawl = CrawlState.of(self.crawler)
        self._requests = PageRequests(self, self._crawl)
        self._queries = SourceQueries(self, self._crawl, self._requests, self._choice)
        self._shared_pages = SharedPages(self, self._crawl, self._requests, self._queries)
        for url, _ in self._start.seeds:
            self._crawl.begin_at(urls.parse(url))

    def told_at_end(self) -> Iterable[str]:
        """Yields what each service was asked and what it named, in a crawl without seeds and candidates."""
        if self.notices:
            yield from told_at_end(self.crawler.stats.get_stats(), self._choice)
        if self._evidence is not None:
            yield from self._evidence.told_at_end()

    # --- the first requests ---

    def first_requests(self) -> Iterator[Request | FetchedPage]:
        """Yields queries, seeds, then candidates; in a resumed crawl (``JOBDIR``), those that it does not know yet."""
        state: dict[str, CrawlMemory] = getattr(self, "state", {})
        self._crawl.take_memory(state.setdefault("memory", self._crawl.memory))
        self._queries.use_counts()
        self._crawl.begin_saving()
        if self._crawl.scope.is_over:
            return
        yield from self._queries.ask_of_user()
        yield from self._first_of_seeds()
        yield from self._requests.waiting()
        yield from self._first_of_candidates()

    def _first_of_seeds(self) -> Iterator[Request]:
        for url, fallback in self._start.seeds:
            parsed = urls.parse(url)
            if parsed is not None and self._requests.admit_first(parsed, url):
                visit = PlannedVisit(
                    requested_url=url,
                    discovered_from="seed",
                    follows=True,
                    is_first=True,
                    is_seed=True,
                    fallback=fallback,
                )
                yield self.request(url, visit, priority=NAMED_BY_USER)

    def _first_of_candidates(self) -> Iterator[Request | FetchedPage]:
        visits = CandidateVisits(are_twins_one=True)
        visits.read(self._start.candidates, self.targets)
        visits.note(self.crawler.stats)
        if self._start.takes_unvisited:
            count = visits.recall(self.settings["BACKLINKBOT_HISTORY_URL"], self.targets)
            self.crawler.stats.set_value("backlinks/candidates/unvisited", count)
        for one in visits:
            yield from self._requests.add_candidate(one)
        visits.close()

    async def start(self) -> AsyncIterator[Request | FetchedPage]:
        """Yields the first requests, then the pages that Common Crawl knows, which a thread reads meanwhile."""
        if self._is_archived_only and self._evidence is not None:
            async for page in archived_pages(self._evidence, self.crawler.stats):
                yield page
            return
        async for first in super().start():
            yield first
        if self._evidence is None or self._crawl.scope.is_over or self._saver.share is not None:
            return
        async for one in pages_to_visit(self._evidence, self.crawler.stats, self._crawl, self._requests):
            yield one

    def request(self, url: str, visit: PlannedVisit, *, priority: int = 0) -> Request:
        """A request for a visit; the order of the crawl is told who named the page."""
        request = super().request(url, visit, priority=priority)
        self._crawl.lessons.describe_candidate(request, visit)
        return request

    # --- a crawl that several machines share ---

    def start_shared(self, share: CrawlShare) -> AsyncIterator[Request | FetchedPage]:
        """What this worker has to visit, in a crawl that several machines share."""
        return start_shared(self, share)

    def move(self, request: Request) -> None:
        """Lets a redirected visit wait for the worker that has the domain that it was redirected to."""
        move(self, request, self.first_rules(visit_of(request)))

    def begin_share(self) -> None:
        """Restores what the order of the crawl has learned in earlier runs."""
        self._queries.use_counts()
        self._crawl.save_from_here_on()

    async def gather(self) -> None:
        """Saves the pages that Common Crawl knows, so that the workers visit them."""
        if self._evidence is None:
            return
        async for one in pages_to_visit(self._evidence, self.crawler.stats, self._crawl, self._requests):
            if isinstance(one, Request) and visit_of(one).row:
                self.crawler.engine.crawl(one)
            else:
                send(self, one)

    def listed(self) -> Iterator[Request | FetchedPage]:
        """As :meth:`first_requests`; the pages are admitted again by the workers that visit them."""
        memory = self._crawl.memory
        known, memory.known = memory.known, KnownPages()
        try:
            yield from super().listed()
        finally:
            self._crawl.memory.known = known

    def take_part(self, part: SavedPart) -> None:
        """Learns the pages that another worker knows, and what it has counted."""
        super().take_part(part)
        self._crawl.restore(part)
        share = self._saver.share
        if share is not None and self._crawl.scope.is_over:
            share.reason = "page_bound"

    def take_waiting(self, record: Record) -> Iterator[Request | FetchedPage]:
        """The request for a page that waits here; one that is known already, or was sent by several workers, is removed."""
        return self._shared_pages.take(record)

    # --- answers ---

    def parse(self, response: Response, **words: Any) -> Answers:
        """Yields the page, its links, and queries to its site; or what the answer of a source names."""
        visit = visit_of(response)
        if visit.query is not None:
            self._note_answer(visit)
            return self._heard(response, visit)
        return super().parse(response, **words)

    def _heard(self, response: Response, visit: PlannedVisit) -> Iterator[Request]:
        """Yields requests for what a document names; the query is finished once all of them are saved."""
        if visit.query is not None:
            yield from self._queries.take(response, visit.query)
        self._saver.finish(self.entry_of(response.request, visit))

    def page(self, url: str, visit: PlannedVisit, **known: Any) -> FetchedPage:
        """A page of a visit, with what sources have claimed of it since it began to wait."""
        return super().page(url, self._requests.late_claims.complete(visit), **known)

    def reads(self, page: FetchedPage, visit: PlannedVisit) -> bool:
        """True if the page's links are followed, or if it may send its readers on."""
        if page.failure is not None or page.is_feed:
            return False
        return bool(visit.follows or page.headers.refresh or may_refresh(page.body))

    def parse_page(self, response: Response, page: FetchedPage) -> Iterator[FetchedPage | Request | None]:
        """Yields the page, its links, and queries to its site."""
        visit = visit_of(response)
        if visit.is_seed:
            self._crawl.begin_at(page.parsed_url)  # a seed that redirects names where it redirects to
            self._saver.count("home", response.url)
        if page.content is None and not self.reads(page, visit):
            yield from self._queries.ask_of_site(page.parsed_url, visit)
            yield page
            return
        content = served_content(page)
        self._crawl.lessons.note_visit(content.url, response.meta, content)
        # What it leads to comes first: the transaction that records the page shall save that, too.
        yield from self._queries.ask_of_site(content.url, visit, content, response.headers.getlist("Link"))
        onward = self.refreshed(response, content)
        if onward is not None:  # a visit of its own: this page has been answered for
            onward.meta.pop(HOPS)
            onward.meta.pop(FEATURES, None)  # it goes on at once
            yield self._as_visit_of_its_own(onward, visit)
        if visit.follows:
            yield from self._follow_links(content, visit)
        yield page

    def _follow_links(self, content: PageContent, visit: PlannedVisit) -> Iterator[Request | None]:
        """Yields requests for the links of a page; of a large one, None for each link that is not followed."""
        scope, lessons, requests = self._crawl.scope, self._crawl.lessons, self._requests
        if scope.is_too_deep(visit.depth) and not self._saver.is_on:
            return
        source = content.url
        found_on, depth = urls.without_fragment(source), visit.depth + 1
        is_large = content.size >= LARGE
        for url, element in content.leads:
            if not requests.is_met(url) and scope.is_in_scope(source, url, visit.hops):
                hops = scope.hops_to(source, url, visit.hops)
                yield from requests.add(url, found_on, depth=depth, hops=hops, anchor=lessons.anchor(content, element))
            if is_large:
                yield None

    def rendered(self, response: Response, page: FetchedPage) -> Iterator[FetchedPage | Request]:
        """Yields the page, and requests for the links that only its rendered content has."""
        visit = visit_of(response)
        shown = rendered_content(page)
        if visit.follows and shown is not None:
            yield from filter(None, self._follow_links(shown, visit))
        onward = self.sent_on(response, page)
        if onward is not None:
            yield self._as_visit_of_its_own(onward, visit)
        yield page

    def _as_visit_of_its_own(self, onward: Request, visit: PlannedVisit) -> Request:
        """Saves the request for the page that a page refreshes to; it is a visit of its own, since that of the page is finished."""
        record = VisitRecord(visit=replace(visit, requested_url=onward.url), priority=onward.priority)
        onward.meta["visit"] = self._requests.saved(record).visit
        if self._saver.share is not None:
            onward.meta[LEASE] = self._saver.share.lease_of_url(onward.url)
        onward.meta.pop(ADMITTED, None)
        return onward

    def failed(self, failure: TwistedFailure) -> Iterator[FetchedPage | Request]:
        """Yields the page that did not answer, and a request for its URL with the other scheme if a link had that."""
        request: Request = failure.request  # type: ignore[attr-defined]
        visit = visit_of(request)
        if isinstance(failure.value, BudgetSpentError) and self._saver.share is not None:
            self._note_answer(visit)
            return  # it waits for a worker that may visit it
        if visit.query is not None:
            self._note_answer(visit)
            self._queries.sources.failed(failure.value, visit.query)
            self._saver.finish(self.entry_of(request, visit))
            return
        url = urls.parse(request.url)
        if SPENT not in request.meta and url is not None and self._is_second_visit(url, visit):
            self._saver.finish(super().entry_of(request, visit))
            return  # closed to us, the second time
        for item in super().failed(failure):
            if isinstance(item, FetchedPage) and item.failure is not None and url is not None:
                self._crawl.lessons.note_visit(url, request.meta)
                yield from self._queries.ask_of_site(url, visit)
                if item.failure.state is State.UNREACHABLE and (twin := self._crawl.known.twin_of_failed(url)):
                    visit_of_twin = replace(visit, requested_url=twin, is_first=False, listed=0)
                    yield self._requests.request_of(self._requests.saved(VisitRecord(visit=visit_of_twin)))
            yield item

    def links_found(self, page: ExtractedPage) -> None:
        """Tells the order of the crawl that a page links to a target."""
        self._crawl.lessons.note_links(page)

    def entry_of(self, request: Request | None, visit: PlannedVisit, url: URL | None = None) -> FrontierEntry | None:
        """Returns what a finished visit removes from the frontier; a page counts for its domain if it was taken from the budget."""
        entry = super().entry_of(request, visit)
        if entry is None or request is None:
            return entry
        began = url or urls.parse(visit.requested_url)
        if began is None:
            return entry
        return replace(
            entry,
            visited=page_hash(began),
            admitted=request.meta.get(ADMITTED, ()),
            domain=urls.registrable_domain(began.hostname) if SPENT in request.meta else "",
        )

    # --- bounds ---

    def refuse_redirect(self, request: Request, target: URL) -> str:
        """Redirects of seeds and candidates are followed wherever they lead; others within the crawl's scope."""
        visit = visit_of(request)
        if visit.query is not None:
            return self._queries.sources.refuse_redirect(visit.query, target)
        source = urls.parse(request.url)
        goes_anywhere = visit.is_seed or visit.candidates
        if not goes_anywhere and source is not None and not self._crawl.scope.is_in_scope(source, target, visit.hops):
            return "redirects out of the crawl's scope"
        admitted: list[int] = []  # saved once the visit is recorded: another try shall not find its own way barred
        is_new = self._crawl.known.admit(target, instead_of=source, held=admitted)
        request.meta[ADMITTED] = (*request.meta.get(ADMITTED, ()), *admitted)
        return "" if is_new or goes_anywhere else "redirects to a page already visited"

    def spend(self, request: Request) -> bool:
        """Take a page from the run's budget and from its domain's; a run without budget ends."""
        visit, scope = visit_of(request), self._crawl.scope
        url = urls.parse(request.url)
        if visit.query is not None or url is None:
            return True
        if scope.is_spent(url) or self._is_second_visit(url, visit):
            return False
        if scope.count(url):
            self.logger.info("%d pages are visited, as many as were asked for", scope.max_pages)
            if self._saver.share is not None:
                self._saver.share.reason = "page_bound"
                return True
            self._ending = asyncio.ensure_future(self._end())
        return True

    def _is_second_visit(self, url: URL, visit: PlannedVisit) -> bool:
        """True if the page was visited already, earlier than planned, and no candidate waits for its answer."""
        return not (self._crawl.known.begin(url) or visit.is_seed or visit.candidates)

    async def _end(self) -> None:
        await self.crawler.engine.close_spider_async(reason="page_bound")
