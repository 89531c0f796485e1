"""``verify``: visits each candidate once, follows no links, and reports each."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.errors import UsageError
from backlinkbot.importers import read_candidates
from backlinkbot.items import Failure, FetchedPage, State
from backlinkbot.items.rendered_diff import served_content
from backlinkbot.prefilter import may_refresh
from backlinkbot.spiders.base import BacklinkSpider
from backlinkbot.spiders.candidates import NO_URL, CandidateVisit, CandidateVisits, takes_unvisited
from backlinkbot.spiders.planned_visit import PlannedVisit, visit_of
from backlinkbot.spiders.shared_crawl import move, request_again, start_shared
from backlinkbot.spiders.waiting_records import VisitRecord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy import Request
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from backlinkbot.frontier.sharing import CrawlShare
    from backlinkbot.spiders.waiting_records import Record


class VerifySpider(BacklinkSpider):
    """Visits each candidate once, and reports whether it links to a target."""

    name = "verify"
    backlinkbot_command = "verify"

    def configure(self, settings: BaseSettings) -> None:
        """Look whether there is a candidate; all of them are read when the crawl begins."""
        if settings["BACKLINKBOT_SPARK"]:
            raise UsageError("a spider runs in one process; on a Spark cluster: backlinkbot verify --spark MASTER")
        self._lists: list[str] = settings.getlist("BACKLINKBOT_CANDIDATES")
        first = [next(read_candidates(path), None) for path in self._lists]  # of each: what is no list is refused
        self._takes_unvisited = takes_unvisited(settings)
        if not any(first) and self._lists and not self._takes_unvisited:
            raise UsageError(
                f"{' and '.join(self._lists)}: no candidate is in it; write one URL a line below the header"
            )
        if not any(first) and not self._takes_unvisited:
            raise UsageError("verify needs candidates: name a file of URLs, --candidates FILE, or --unvisited")

    def first_requests(self) -> Iterator[Request | FetchedPage]:
        """The candidates; where a run is resumed, those that have no answer yet (with ``JOBDIR``: were not asked for yet)."""
        visits = CandidateVisits(are_twins_one=False)
        visits.read(self._lists, self.targets)
        visits.note(self.crawler.stats)
        if self._takes_unvisited:
            count = visits.recall(self.settings["BACKLINKBOT_HISTORY_URL"], self.targets)
            self.crawler.stats.set_value("backlinks/candidates/unvisited", count)
        self.restore_answered()
        state: dict[str, int] = getattr(self, "state", {})
        for one in islice(visits, state.get("asked", 0), None):
            state["asked"] = state.get("asked", 0) + 1
            if state["asked"] == 1:
                self._saver.set_listed(visits.number)
                self.crawler.stats.set_value("backlinks/candidates/visits", visits.number)
            if not self._saver.is_answered(one.visit.requested_url):
                yield self.first_of(one)
        visits.close()

    def start_shared(self, share: CrawlShare) -> AsyncIterator[Request | FetchedPage]:
        """What this worker has to visit, in a crawl that several machines share."""
        return start_shared(self, share)

    def move(self, request: Request) -> None:
        """Lets a redirected visit wait for the worker that has the domain that it was redirected to."""
        move(self, request, self.first_rules(visit_of(request)))

    def take_waiting(self, record: Record) -> Iterator[Request | FetchedPage]:
        """The request for a candidate, or its answer where it is no URL."""
        if not isinstance(record, VisitRecord):
            return
        if urls.parse(record.visit.requested_url) is None:
            yield self.first_of(CandidateVisit(visit=record.visit, is_fit=False, is_domain=False))
        else:
            yield request_again(self, record)

    def restore_answered(self) -> None:
        """Learn which URLs earlier runs of the crawl have answered for, and give their rows to this run's outputs."""
        self._saver.give_again()
        for part in self._saver.parts():
            self._saver.answered.update(part.hashes.get("answered", ()))

    def first_of(self, one: CandidateVisit) -> Request | FetchedPage:
        """The request for a candidate; one that is no URL is answered at once."""
        url = one.visit.requested_url
        if one.is_fit:
            return self.request(url, one.visit)
        failure = Failure(state=State.UNREACHABLE, reason=NO_URL)
        return self.page(url, one.visit, failure=failure, entry=self.entry_of(None, replace(one.visit, is_first=True)))

    def reads(self, page: FetchedPage, visit: PlannedVisit) -> bool:
        """True if the page may send its readers on."""
        return page.failure is None and not page.is_feed and bool(page.headers.refresh or may_refresh(page.body))

    def parse_page(self, response: Response, page: FetchedPage) -> Iterator[FetchedPage | Request]:
        """The candidate's page; where it holds no link and sends its readers on at once, the page that they see."""
        if page.content is not None or self.reads(page, visit_of(response)):
            content = served_content(page)
            sent_to = [content.refresh.url] if content.refresh is not None else []  # a referrer that sends to a target
            if not any(self.targets.match(url) for url in (*content.linked_urls, *sent_to)):
                onward = self.refreshed(response, content)
                if onward is not None:
                    yield onward
                    return
        yield page

    def rendered(self, response: Response, page: FetchedPage) -> Iterator[FetchedPage | Request]:
        """One answer for each candidate here, too: the page's own, or that of where it sends its readers."""
        onward = self.sent_on(response, page)
        is_linking = onward is None or any(map(self.targets.match, served_content(page).linked_urls))
        yield page if onward is None or is_linking else onward
