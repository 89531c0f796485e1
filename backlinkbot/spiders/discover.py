"""``discover``: crawls outward from seeds, within limits, to find pages with backlinks."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from scrapy import Request, signals
from scrapy.http import Response

from backlinkbot import options, urls
from backlinkbot.commoncrawl.releases import SERVER
from backlinkbot.download.redirects import HOPS
from backlinkbot.errors import SeedError, UsageError
from backlinkbot.extensions.large_pages import LARGE
from backlinkbot.extract.page import PageContent
from backlinkbot.frontier import (
    LINK,
    NAMED,
    REASON,
    KnownPages,
    Lessons,
    PageMarks,
    Reason,
    link_to,
    links_fingerprint,
    page_hash,
)
from backlinkbot.frontier.known import HashSet
from backlinkbot.frontier.marks import MAX_TEXT
from backlinkbot.importers import read_candidates
from backlinkbot.items import Failure, FetchedPage, FrontierEntry, JudgedPage, State
from backlinkbot.items.rendered_diff import rendered_content, served_content
from backlinkbot.middlewares.budget import SPENT, BudgetSpentError
from backlinkbot.option_table import CrawlOrder, Follow
from backlinkbot.prefilter import may_refresh
from backlinkbot.sources import SOURCES, Named, Query, Site, SourceCounts, Sources, addresses_in
from backlinkbot.sources.commoncrawl import NAME as COMMONCRAWL
from backlinkbot.sources.queries import SourceContext
from backlinkbot.sources.throttle import Throttle
from backlinkbot.spiders.base import ADMITTED, LEASE, BacklinkSpider, Visit, visit_of
from backlinkbot.spiders.candidates import NO_URL, CandidateVisit, CandidateVisits, takes_unvisited
from backlinkbot.spiders.candidates import visit_of as visit_of_candidates
from backlinkbot.spiders.commoncrawl_evidence import CommonCrawlEvidence, evidence_of, note_evidence
from backlinkbot.spiders.crawl_scope import CrawlProgress, CrawlScope
from backlinkbot.spiders.from_name import NamedPageCounts, bound_by_default, choice_of, told_at_end
from backlinkbot.spiders.named_candidates import EXPECTED_BY_SITE, LateClaims, candidate_named, named_by
from backlinkbot.spiders.shared_crawl import move, request_again, send, start_shared
from backlinkbot.spiders.waiting_records import PageRecord, QueryRecord, VisitRecord, read_record, written_record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure as TwistedFailure

    from backlinkbot.archives.rows import ArchivedBacklink
    from backlinkbot.frontier import Link, NamedBy
    from backlinkbot.frontier.sharing import CrawlShare
    from backlinkbot.history.crawl_commit import SavedPart
    from backlinkbot.items import Candidate, Claim, ExtractedPage
    from backlinkbot.spiders.base import Answers
    from backlinkbot.spiders.waiting_records import Record
    from backlinkbot.urls import URL

FRESHER: Final = 1.2
"""What a page is worth more for each degree of freshness, where the best come first."""
SELDOM: Final = 1e-3
"""What an address that is rarely a page is worth, of what it would be."""
LONGEST_ANCHOR: Final = 200
"""Characters of an anchor whose words are read."""
MAX_MET: Final = 50_000
"""Hashes of links lately found known, kept at hand: most links of a page stand on every page of its site."""
MAX_LATEST: Final = 1_000
"""Links of the latest visits, kept until it is known whether their pages link to a target."""

# What is visited first, of one domain: documents that name pages have priorities of their own, most of them higher.
EXPECTED: Final = 20
"""A page of which a source says that it links to a target."""
NAMED_BY_USER: Final = 8
"""A seed or a candidate."""
FRESH: Final = 2
"""For each degree of freshness; the highest makes less than a seed."""
DEEPER: Final = -8
"""For each link on the way from a seed: nearer pages come first, however fresh."""

# Visited last: such a URL is rarely a page, but may be one ("/wiki/File:Cat.jpg").
_RARELY_HTML: Final = re.compile(
    r"\.(?:7z|avi|avif|bmp|bz2|css|csv|docx?|dmg|epub|exe|gif|gz|ico|iso|jar|jpe?g|js|json|m4a|mov|mp3|mp4|mpe?g|msi|odt"
    r"|ogg|pdf|png|pptx?|ps|rar|rss|svg|tar|tgz|tiff?|ttf|txt|wav|webm|webp|whl|wmv|woff2?|xlsx?|xml|xz|zip)$",
    re.IGNORECASE,
)


RecordT = TypeVar("RecordT", bound=PageRecord | QueryRecord | VisitRecord)


@dataclass(slots=True)
class CrawlMemory:
    """What a crawl has to remember where it is stopped and resumed."""

    known: KnownPages = field(default_factory=KnownPages)
    progress: CrawlProgress = field(default_factory=CrawlProgress)
    counts: SourceCounts = field(default_factory=SourceCounts)


def _check_archived_only(settings: BaseSettings, evidence: CommonCrawlEvidence | None) -> None:
    """Raises UsageError where archived pages cannot be reported alone."""
    if evidence is None:
        raise UsageError("--archived-only needs Common Crawl: --graph GRAPH, or --source commoncrawl")
    if not settings.getint("BACKLINKBOT_ARCHIVE_REQUESTS"):
        raise UsageError("--archived-only needs archived pages, which --archive-requests 0 forbids")
    if settings["BACKLINKBOT_HISTORY_URL"]:
        raise UsageError("--archived-only visits nothing, so there is nothing for a history: leave out --history")


def _archived_page(rows: Sequence[ArchivedBacklink]) -> FetchedPage:
    """Returns a page as an archive holds it: its rows are known, and nothing was fetched."""
    first = rows[0]
    return FetchedPage(
        url=first.source_url,
        requested_url=first.source_url,
        fetched_at=first.archived_at,
        discovered_from=f"{SERVER}/{first.archive}",
        is_unchanged=True,
        known_rows=tuple(replace(row, discovered_from=f"{SERVER}/{row.archive}") for row in rows),
    )


class DiscoverSpider(BacklinkSpider):
    """Which pages of these sites link to a target?"""

    name = "discover"
    backlinkbot_command = "discover"

    def configure(self, settings: BaseSettings) -> None:
        """Read the seeds, the candidates and the bounds."""
        self._seeds = [_read_seed(text) for text in options.listed(settings.getlist("BACKLINKBOT_SEEDS"))]
        self._candidates = settings.getlist("BACKLINKBOT_CANDIDATES")
        # A list that cannot be read is refused before anything is fetched.
        first = [next(read_candidates(path), None) for path in self._candidates]
        self._takes_unvisited = takes_unvisited(settings)
        self._is_archived_only = settings.getbool("BACKLINKBOT_ARCHIVED_ONLY")
        has_start = bool(self._seeds or self._candidates or self._takes_unvisited)
        self._choice = choice_of(settings, is_from_name=not has_start)
        self._evidence = evidence_of(settings, self.targets, self._choice)
        if self._is_archived_only:
            _check_archived_only(settings, self._evidence)
        if self._evidence is not None:
            self.crawler.signals.connect(self._evidence.stop, signals.spider_closed)
        if not has_start and self._choice.finds_links:
            meant = self._meant_as_seed(settings)
            self.notices = (*bound_by_default(settings, self._choice), *([meant] if meant else []))
        if not (has_start or self._choice.finds_links):
            raise SeedError(
                "discover needs a place to start: name a seed (--seed https://a.example) or a file of candidates"
                + "".join(f"; {meant}" for meant in [self._meant_as_seed(settings)] if meant)
            )
        if (
            self._candidates
            and not any(first)
            and not (self._seeds or self._choice.finds_links or self._takes_unvisited)
        ):
            raise SeedError(f"{' and '.join(self._candidates)}: no candidate is in it; write one URL a line")
        self._met: set[int] = set()
        self._sent = HashSet()  # of a crawl that several machines share: pages that wait for other workers
        self._late_claims = LateClaims()
        self._named_page_counts = NamedPageCounts.of(self.crawler)
        self._lessons: Lessons | None = None
        self._latest_links: OrderedDict[str, tuple[Link, NamedBy | None]] = OrderedDict()
        if CrawlOrder(settings["BACKLINKBOT_ORDER"]) is CrawlOrder.BEST_FIRST:
            self._lessons = Lessons.of(self.crawler)
            self.crawler.signals.connect(self._note_referrer, signals.item_scraped)
        self._scope = CrawlScope.from_crawler(self.crawler)
        if self._lessons is not None:
            self._lessons.pages_left = self._scope.pages_left
        self._memory = CrawlMemory(progress=self._scope.progress)
        for url, _ in self._seeds:
            self._begin_at(urls.parse(url))

    def _begin_at(self, url: URL | None) -> None:
        """Adds a seed's host and domain to the scope, and tells the order of the crawl that the user named the host."""
        self._scope.begin_at(url)
        if self._lessons is not None and url is not None:
            self._lessons.experience.name(url.hostname)

    def told_at_end(self) -> Iterable[str]:
        """What each service was asked and named, where nothing else was named to start from."""
        if self.notices:
            yield from told_at_end(self.crawler.stats.get_stats(), self._choice)
        if self._evidence is not None:
            yield from self._evidence.told_at_end()

    @staticmethod
    def _meant_as_seed(settings: BaseSettings) -> str:
        """What to say of a target that looks like a page to start from."""
        names = settings.getlist("BACKLINKBOT_TARGETS")
        pages = [name for name in names[1:] if name.startswith(("http://", "https://"))]
        return f"{pages[0]} stands among the targets: a page to start from is --seed {pages[0]}" if pages else ""

    def first_requests(self) -> Iterator[Request | FetchedPage]:
        """What to ask, seeds, then candidates; where a crawl is resumed (``JOBDIR``), those that it does not know yet."""
        state: dict[str, CrawlMemory] = getattr(self, "state", {})
        self._memory = state.setdefault("memory", self._memory)
        self._scope.progress, self._sources.counts = self._memory.progress, self._memory.counts
        self._begin_saving()
        if self._scope.is_over:
            return
        for query in self._sources.of_user():
            yield from self._ask(query, is_first=True)
        for url, fallback in self._seeds:
            parsed = urls.parse(url)
            if parsed is not None and self._admit_first(parsed, url):
                visit = Visit(
                    requested_url=url,
                    discovered_from="seed",
                    follows=True,
                    is_first=True,
                    is_seed=True,
                    fallback=fallback,
                )
                yield self.request(url, visit, priority=NAMED_BY_USER)
        yield from self._waiting()
        visits = CandidateVisits(are_twins_one=True)
        visits.read(self._candidates, self.targets)
        visits.note(self.crawler.stats)
        if self._takes_unvisited:
            count = visits.recall(self.settings["BACKLINKBOT_HISTORY_URL"], self.targets)
            self.crawler.stats.set_value("backlinks/candidates/unvisited", count)
        for one in visits:
            yield from self._visit_candidate(one)
        visits.close()

    async def start(self) -> AsyncIterator[Request | FetchedPage]:
        """The first requests, then what Common Crawl knows; that is read in a thread meanwhile."""
        if self._is_archived_only and self._evidence is not None:
            pages = self._evidence.archived_pages()
            while (rows := await asyncio.to_thread(next, pages, None)) is not None:
                yield _archived_page(rows)
            note_evidence(self.crawler.stats, self._evidence)
            return
        async for first in super().start():
            yield first
        if self._evidence is None or self._scope.is_over or self._saver.share is not None:
            return
        candidates = self._evidence.candidates()
        while (candidate := await asyncio.to_thread(next, candidates, None)) is not None:
            for request in self._visit_evidence(candidate):
                yield request
        note_evidence(self.crawler.stats, self._evidence)

    def _visit_evidence(self, candidate: Candidate) -> Iterator[Request | FetchedPage]:
        name, url = COMMONCRAWL, urls.parse(candidate.url)
        self.crawler.stats.inc_value(f"backlinks/sources/{name}/named")
        if candidate.is_domain:
            yield from self._visit_candidate(visit_of_candidates([candidate]))
        elif url is not None:
            found_on = f"{SERVER}/{candidate.claims[0].file}"
            follows = self._scope.is_home(url)
            yield from self._visit(url, found_on, follows=follows, sooner=EXPECTED, claims=candidate.claims)

    # --- what is saved, and resumed ---

    def _begin_saving(self) -> None:
        """Restore what earlier runs of the crawl have saved, and save from here on; nothing without a history."""
        saver, known = self._saver, self._memory.known
        if not saver.is_on or saver.share is not None:  # which has begun
            return
        saver.give_again()
        known.reserve(saver.sizes)
        for part in saver.parts():
            known.restore(part.hashes)
            saver.answered.update(part.hashes.get("answered", ()))
            for kind, *words, number in part.counts:
                self._restore_count(kind, words, number)
            if self._lessons is not None:
                self._lessons.experience.restore_pairs(part.hashes.get("pairs", ()))
        self._save_from_here_on()

    def _save_from_here_on(self) -> None:
        saver = self._saver
        if self._lessons is not None:
            self._lessons.experience.restore(saver.lessons())
        self._memory.known.save_to(saver.note)
        self._memory.counts.saver = partial(saver.count, "source")
        if self._lessons is not None:
            self._lessons.experience.save_to(saver)

    # --- a crawl that several machines share ---

    def start_shared(self, share: CrawlShare) -> AsyncIterator[Request | FetchedPage]:
        """What this worker has to visit, in a crawl that several machines share."""
        return start_shared(self, share)

    def move(self, request: Request) -> None:
        """Lets a redirected visit wait for the worker that has the domain that it was redirected to."""
        move(self, request, self.first_rules(visit_of(request)))

    def begin_share(self) -> None:
        """Learns what the visits of earlier runs have taught the order of the crawl."""
        self._sources.counts = self._memory.counts
        self._save_from_here_on()

    async def gather(self) -> None:
        """Lets the pages wait that Common Crawl knows."""
        if self._evidence is None:
            return
        candidates = self._evidence.candidates()
        while (candidate := await asyncio.to_thread(next, candidates, None)) is not None:
            for one in self._visit_evidence(candidate):
                if isinstance(one, Request) and visit_of(one).row:
                    self.crawler.engine.crawl(one)
                else:
                    send(self, one)
        note_evidence(self.crawler.stats, self._evidence)

    def listed(self) -> Iterator[Request | FetchedPage]:
        """As :meth:`first_requests`; the pages are admitted again by the workers that visit them."""
        known, self._memory.known = self._memory.known, KnownPages()
        try:
            yield from super().listed()
        finally:
            self._memory.known = known

    def take_part(self, part: SavedPart) -> None:
        """Learns the pages that another worker knows, and what it has counted."""
        super().take_part(part)
        self._memory.known.restore(part.hashes)
        for kind, *words, number in part.counts:
            self._restore_count(kind, words, number)
        if self._lessons is not None:
            self._lessons.experience.restore_pairs(part.hashes.get("pairs", ()))
        share = self._saver.share
        if share is not None and self._scope.is_over:
            share.reason = "page_bound"

    def take_waiting(self, record: Record) -> Iterator[Request | FetchedPage]:
        """The request for a page that waits here; one that is known already, or was sent by several workers, is removed."""
        if isinstance(record, VisitRecord):
            yield from self._take_visit(record)
            return
        url = urls.parse(record.url)
        if url is None:
            self._saver.drop(record.row)
        elif isinstance(record, QueryRecord):
            if (record.query.tries or self._take(url)) and self._sources.may_ask(record.query):
                yield self._request_of(record)
            else:
                self._saver.drop(record.row)
        elif (not self._memory.known.knows(page_hash(url)) and self._scope.is_crowded(url)) or not self._take(
            url, is_expected=record.sooner >= EXPECTED
        ):
            self._saver.drop(record.row)
        else:
            self._scope.note_waiting(url)
            if not self._scope.is_beyond(url, record.depth):
                yield self._page_request(record, url)

    def _take_visit(self, record: VisitRecord) -> Iterator[Request | FetchedPage]:
        visit, url = record.visit, urls.parse(record.visit.requested_url)
        if url is None:
            yield from self._visit_candidate(CandidateVisit(visit=visit, is_fit=False, is_domain=False))
            return
        claims = visit.claims[0] if visit.claims and not visit.is_first else ()
        if record.url:
            yield from self._go_on(record)
        elif (claims and self._late_claims.add(visit.requested_url, claims)) or not self._take(url):
            self._saver.drop(visit.row)
        else:
            if claims:
                self._late_claims.expect(visit.requested_url)
            if visit.is_seed:
                self._begin_at(url)
            yield request_again(self, record)

    def _go_on(self, record: VisitRecord) -> Iterator[Request]:
        """The request for where another worker's visit was redirected to; none if that page has been visited or waits."""
        visit, target, share = record.visit, urls.parse(record.url), self._saver.share
        goes_anywhere = visit.is_seed or visit.candidates
        if share is None or target is None:
            return
        if not goes_anywhere and not self._take(target):
            began = urls.parse(visit.requested_url)
            self._saver.finish(FrontierEntry(row=visit.row, visited=page_hash(began) if began is not None else 0))
            return
        yield request_again(self, record)

    def _take(self, url: URL, *, is_expected: bool = False) -> bool:
        """True if a page that waits in a bucket of this worker is to be visited."""
        share, known, page = self._saver.share, self._memory.known, page_hash(url)
        if share is None or page in share.visited:
            return False
        if not known.knows(page) and not known.admit(url):
            return False  # its twin over the other scheme is known
        return share.take(share.bucket_of_url(url.href), page) or (is_expected and known.hurry(url))

    def _send(self, url: URL, found: Callable[[], PageRecord | QueryRecord | VisitRecord]) -> bool:
        """Lets a page wait for the worker of its domain, unless it is known; false if that is this worker."""
        share = self._saver.share
        if share is None or share.holds(bucket := share.bucket_of_url(url.href)):
            return False
        page, record = page_hash(url), found()
        is_plain = isinstance(record, PageRecord) and record.sooner < EXPECTED
        if not (is_plain and (page in self._sent or self._memory.known.knows(page))):
            self._sent.add(page)
            self._saver.add(self._saver.new_row(), written_record(record), bucket)
        return True

    def _restore_count(self, kind: str, words: list[Any], number: int) -> None:
        if kind == "page":
            self._scope.restore_visits(words[0], number)
        elif kind == "home":
            self._begin_at(urls.parse(words[0]))
        elif kind == "source":
            self._memory.counts.restore(words[0], words[1], words[2], number)

    def _admit_first(self, url: URL, named: str) -> bool:
        """True if a page that the user names is to be visited. Lists are read again by each run, so it need not be saved."""
        return not self._saver.is_answered(named) and self._memory.known.admit(url, held=[])

    def _waiting(self) -> Iterator[Request]:
        """The pages that waited when the last run of the crawl ended, but for those beyond a bound."""
        for row, data in self._saver.waiting():
            record = read_record(row, data)
            if isinstance(record, PageRecord):
                url = urls.parse(record.url)
                if url is None:
                    continue
                self._scope.note_waiting(url)
                if self._scope.is_beyond(url, record.depth):
                    continue
            yield self._request_of(record)

    def _saved(self, record: RecordT) -> RecordT:
        """The record with its number, saved; as it is where nothing is saved."""
        row = self._saver.new_row()
        if not row:
            return record
        if isinstance(record, VisitRecord):
            numbered: Any = replace(record, visit=replace(record.visit, row=row))
        else:
            numbered = replace(record, row=row)
        share = self._saver.share
        self._saver.add(
            row, written_record(numbered), share.bucket_of_url(_url_of(numbered)) if share is not None else 0
        )
        return cast("RecordT", numbered)

    def _request_of(self, record: PageRecord | QueryRecord | VisitRecord) -> Request:
        if isinstance(record, VisitRecord):
            return self.request(record.visit.requested_url, record.visit, priority=record.priority)
        if isinstance(record, QueryRecord):
            site, source = record.query.site, record.query.source
            visit = Visit(
                requested_url=record.url, discovered_from=site, follows=True, query=record.query, row=record.row
            )
            return self.request(record.url, visit, priority=SOURCES[source].priority)
        return self._page_request(record)

    def entry_of(self, request: Request | None, visit: Visit, url: URL | None = None) -> FrontierEntry | None:
        """What a visit settles; a page that it was paid for counts for its domain."""
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

    def _visit_candidate(self, one: CandidateVisit) -> Iterator[Request | FetchedPage]:
        visit, url = one.visit, urls.parse(one.visit.requested_url)
        if not one.is_fit:
            if not self._saver.is_answered(visit.requested_url):
                failure = Failure(state=State.UNREACHABLE, reason=NO_URL)
                entry = super().entry_of(None, replace(visit, is_first=True))
                yield self.page(visit.requested_url, visit, failure=failure, entry=entry)
            return
        if url is not None and one.is_domain and self._saver.is_answered(visit.requested_url):
            self._begin_at(url)
        if url is not None and self._admit_first(url, visit.requested_url):
            if one.is_domain:
                self._begin_at(url)
            # One on a seed's own domain is a page of the crawl like any other: its links may lead on.
            follows = one.is_domain or self._scope.is_home(url)
            visit = replace(visit, follows=follows, is_seed=one.is_domain)
            yield self.request(visit.requested_url, visit, priority=NAMED_BY_USER)

    def request(self, url: str, visit: Visit, *, priority: int = 0) -> Request:
        """A request for a visit; the order of the crawl is told who named the page."""
        request = super().request(url, visit, priority=priority)
        if self._lessons is not None and visit.candidates:
            request.meta[NAMED] = named_by(visit)
        return request

    # --- answers ---

    def parse(self, response: Response, **words: Any) -> Answers:
        """The page, its links, and what its site says of itself; or what a source says."""
        visit = visit_of(response)
        if visit.query is not None:
            self._note_answer(visit)
            return self._heard(response, visit)
        return super().parse(response, **words)

    def _heard(self, response: Response, visit: Visit) -> Iterator[Request]:
        """What a document names; it is settled once all of it waits."""
        if visit.query is not None:
            yield from self._hear(response, visit.query)
        self._saver.finish(self.entry_of(response.request, visit))

    def reads(self, page: FetchedPage, visit: Visit) -> bool:
        """True if the page's links are followed, or if it may send its readers on."""
        if page.failure is not None or page.is_feed:
            return False
        return bool(visit.follows or page.headers.refresh or may_refresh(page.body))

    def parse_page(self, response: Response, page: FetchedPage) -> Iterator[FetchedPage | Request | None]:
        """The page, its links, and what its site says of itself."""
        visit = visit_of(response)
        if visit.is_seed:
            self._begin_at(page.parsed_url)  # a seed that redirects names where it redirects to
            self._saver.count("home", response.url)
        if page.content is None and not self.reads(page, visit):
            yield from self._ask_about(page.parsed_url, visit)
            yield page
            return
        content = served_content(page)
        self._note_visit(content.url, response.meta, content)
        # What it leads to comes first: the transaction that records the page shall save that, too.
        yield from self._ask_about(content.url, visit, content, response.headers.getlist("Link"))
        onward = self.refreshed(response, content)
        if onward is not None:  # a visit of its own: this page has been answered for
            onward.meta.pop(HOPS)
            onward.meta.pop(LINK, None)  # it goes on at once
            yield self._as_visit_of_its_own(onward, visit)
        if visit.follows:
            yield from self._follow_links(content, visit)
        yield page

    def rendered(self, response: Response, page: FetchedPage) -> Iterator[FetchedPage | Request]:
        """The page, and what only its readers find links to."""
        visit = visit_of(response)
        shown = rendered_content(page)
        if visit.follows and shown is not None:
            yield from filter(None, self._follow_links(shown, visit))
        onward = self.sent_on(response, page)
        if onward is not None:
            yield self._as_visit_of_its_own(onward, visit)
        yield page

    def _as_visit_of_its_own(self, onward: Request, visit: Visit) -> Request:
        """The request for where a page sends its readers; it waits for itself, since the page is settled."""
        record = VisitRecord(visit=replace(visit, requested_url=onward.url), priority=onward.priority)
        onward.meta["visit"] = self._saved(record).visit
        if self._saver.share is not None:
            onward.meta[LEASE] = self._saver.share.lease_of_url(onward.url)
        onward.meta.pop(ADMITTED, None)
        return onward

    def failed(self, failure: TwistedFailure) -> Iterator[FetchedPage | Request]:
        """No answer: the same page over the other scheme where somebody linked to that."""
        request: Request = failure.request  # type: ignore[attr-defined]
        visit = visit_of(request)
        if isinstance(failure.value, BudgetSpentError) and self._saver.share is not None:
            self._note_answer(visit)
            return  # it waits for a worker that may visit it
        if visit.query is not None:
            self._note_answer(visit)
            self._sources.failed(failure.value, visit.query)
            self._saver.finish(self.entry_of(request, visit))
            return
        url = urls.parse(request.url)
        if SPENT not in request.meta and url is not None and self._is_second_visit(url, visit):
            self._saver.finish(super().entry_of(request, visit))
            return  # closed to us, the second time
        for item in super().failed(failure):
            if isinstance(item, FetchedPage) and item.failure is not None and url is not None:
                self._note_visit(url, request.meta)
                yield from self._ask_about(url, visit)
                if item.failure.state is State.UNREACHABLE and (twin := self._memory.known.twin_of_failed(url)):
                    visit_of_twin = replace(visit, requested_url=twin, is_first=False, listed=0)
                    yield self._request_of(self._saved(VisitRecord(visit=visit_of_twin)))
            yield item

    def refuse_redirect(self, request: Request, target: URL) -> str:
        """Redirects of seeds and candidates are followed wherever they lead; others within the crawl's scope."""
        visit = visit_of(request)
        if visit.query is not None:
            return self._sources.refuse_redirect(visit.query, target)
        source = urls.parse(request.url)
        goes_anywhere = visit.is_seed or visit.candidates
        if not goes_anywhere and source is not None and not self._scope.is_in_scope(source, target, visit.hops):
            return "redirects out of the crawl's scope"
        admitted: list[int] = []  # saved once the visit is recorded: another try shall not find its own way barred
        is_new = self._memory.known.admit(target, instead_of=source, held=admitted)
        request.meta[ADMITTED] = (*request.meta.get(ADMITTED, ()), *admitted)
        return "" if is_new or goes_anywhere else "redirects to a page already visited"

    # --- links ---

    def _follow_links(self, content: PageContent, visit: Visit) -> Iterator[Request | None]:
        """Yields requests for the links of a page; of a large one, None for each link that is not followed."""
        if self._scope.is_too_deep(visit.depth) and not self._saver.is_on:
            return
        source = content.url
        found_on, depth = urls.without_fragment(source), visit.depth + 1
        is_large = content.size >= LARGE
        for url, element in content.leads:
            if hash(url.href) not in self._met and self._scope.is_in_scope(source, url, visit.hops):
                hops = self._scope.hops_to(source, url, visit.hops)
                anchor = content.first_words_of(element, LONGEST_ANCHOR) if self._lessons is not None else ""
                yield from self._visit(url, found_on, depth=depth, hops=hops, anchor=anchor)
            if is_large:
                yield None

    def _visit(
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
        """The request for a page that somebody names, unless it is known or beyond a bound."""
        if claims and self._late_claims.add(urls.as_requested(url), claims):
            return  # it waits already, with the claims of another source
        if self._scope.is_trap(url) or self._scope.is_crowded(url):
            return
        found = partial(self._record_of, url, found_on, depth, hops, follows, sooner, anchor, claims)
        if self._saver.share is not None and self._send(url, found):
            return
        is_new = self._memory.known.admit(url)
        if len(self._met) >= MAX_MET:
            self._met.clear()
        self._met.add(hash(url.href))
        is_hurried = sooner >= EXPECTED and self._memory.known.hurry(url)
        if not (is_new or is_hurried):
            return
        is_beyond = self._scope.is_beyond(url, depth)
        if is_beyond and not self._saver.is_on:
            return
        self._scope.note_waiting(url)
        if self._saver.share is not None:
            self._saver.share.take_url(url.href, page_hash(url))
        record = self._saved(found())
        if claims:
            self._late_claims.expect(urls.as_requested(url))
        if is_beyond:  # it waits for a run with a higher bound
            return
        yield self._page_request(record, url) if isinstance(record, PageRecord) else self._request_of(record)

    @staticmethod
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
        """The record of a page that is about to wait."""
        location = urls.as_requested(url)
        if claims:
            return VisitRecord(visit=candidate_named(location, found_on, claims, follows=follows), priority=sooner)
        return PageRecord(
            url=location, found_on=found_on, depth=depth, hops=hops, follows=follows, sooner=sooner, anchor=anchor
        )

    def page(self, url: str, visit: Visit, **known: Any) -> FetchedPage:
        """A page of a visit, with what sources have claimed of it since it began to wait."""
        return super().page(url, self._late_claims.complete(visit), **known)

    def _page_request(self, record: PageRecord, parsed: URL | None = None) -> Request:
        url = parsed or urls.parse(record.url)
        visit = Visit(
            requested_url=record.url,
            discovered_from=record.found_on,
            depth=record.depth,
            hops=record.hops,
            follows=record.follows,
            row=record.row,
        )
        later = 1 if url is not None and _RARELY_HTML.search(url.pathname) else 0
        request = self.request(record.url, visit, priority=DEEPER * record.depth + record.sooner - later)
        if url is not None and self._lessons is not None and record.sooner < EXPECTED:
            chance = SELDOM if later else FRESHER ** (record.sooner / FRESH)
            request.meta[LINK] = _link(url, record.anchor, record.found_on, chance, record.depth)
        elif self._lessons is not None and record.sooner >= EXPECTED:
            request.meta[NAMED] = EXPECTED_BY_SITE
        return request

    # --- lessons ---

    def _note_visit(self, url: URL | None, meta: dict[str, Any], content: PageContent | None = None) -> None:
        """Let the order of the crawl learn what a visit has shown; none without an answer."""
        if self._lessons is None or url is None:
            return
        outside = set(content.linked_hosts) if content is not None else set()
        outside.discard(url.hostname)
        link = _link_of(url, meta)
        named: NamedBy | None = meta.get(NAMED)
        self._lessons.visited(link, outside, _marks_of(content) if content is not None else None, named)
        self._latest_links[url.href] = link, named
        if len(self._latest_links) > MAX_LATEST:
            self._latest_links.popitem(last=False)
        why = meta.get(REASON, Reason.EVIDENCE)
        self.crawler.stats.inc_value(f"backlinks/order/pages/{why}")

    def links_found(self, page: ExtractedPage) -> None:
        """Let the order of the crawl learn of it."""
        url = page.parsed_url if self._lessons is not None else None
        if self._lessons is not None and url is not None:
            self._lessons.hit(*(self._latest_links.pop(url.href, None) or (_link(url), None)))

    def _note_referrer(self, item: object, response: object) -> None:
        """Called for every page with rows or checks; without a response where the visit failed, as a redirect's row has."""
        if isinstance(response, Response) and isinstance(item, JudgedPage) and item.backlinks:
            why = response.meta.get(REASON, Reason.EVIDENCE)
            self.crawler.stats.inc_value(f"backlinks/order/referrers/{why}")

    # --- bounds ---

    def spend(self, request: Request) -> bool:
        """Take a page from the run's budget and from its domain's; a run without budget ends."""
        visit = visit_of(request)
        url = urls.parse(request.url)
        if visit.query is not None or url is None:
            return True
        if self._scope.is_spent(url) or self._is_second_visit(url, visit):
            return False
        if self._scope.count(url):
            self.logger.info("%d pages are visited, as many as were asked for", self._scope.max_pages)
            if self._saver.share is not None:
                self._saver.share.reason = "page_bound"
                return True
            self._ending = asyncio.ensure_future(self._end())
        return True

    def _is_second_visit(self, url: URL, visit: Visit) -> bool:
        """True if the page was visited already, earlier than planned, and no candidate waits for its answer."""
        return not (self._memory.known.begin(url) or visit.is_seed or visit.candidates)

    async def _end(self) -> None:
        await self.crawler.engine.close_spider_async(reason="page_bound")

    # --- sources ---

    @cached_property
    def _sources(self) -> Sources:
        courtesy = cast("Throttle", self.crawler.get_downloader_middleware(Throttle))
        context = SourceContext(
            targets=self.targets,
            today=datetime.now(UTC).date(),
            is_one_host=self._scope.follow is Follow.SAME_HOST,
            wikis=self._choice.wikis,
            guesses=self._choice.guesses,
            addresses=addresses_in(self.settings.getlist("BACKLINKBOT_SOURCE_ADDRESSES")),
        )
        return Sources(
            self._choice.sources,
            context,
            self.crawler.stats,
            courtesy.answers,
            max_pages=min(filter(None, (self._scope.max_pages, self._scope.max_pages_per_domain)), default=0),
            max_size=self.settings.getint("DOWNLOAD_MAXSIZE"),
        )

    def _ask_about(
        self, url: URL | None, visit: Visit, content: PageContent | None = None, link_headers: Iterable[bytes] = ()
    ) -> Iterator[Request]:
        """Ask what is to be asked of the site of a page, where the site is the seeds' own."""
        if url is None or not visit.follows or self._sources.is_introduced(url.host) or not self._scope.is_home(url):
            return
        site = Site(
            url=url,
            is_seed=visit.is_seed,
            content=content,
            link_headers=tuple(header.decode("latin-1") for header in link_headers),
            sitemaps=tuple(self._robots.sitemaps(url)) if self._robots is not None else (),
        )
        for query in self._sources.of_site(site):
            yield from self._ask(query)

    def _ask(self, query: Query, *, is_first: bool = False) -> Iterator[Request]:
        url = self._sources.where(query)
        if url is None or (is_first and self._saver.is_answered(urls.as_requested(url))):
            return
        if not is_first and self._saver.share is not None and self._send(url, partial(_query_record, url, query)):
            return
        is_new = query.tries or self._memory.known.admit(url, held=[] if is_first else None)
        if not is_new or not self._sources.may_ask(query):
            return
        location = urls.as_requested(url)
        if is_first:  # the user's words are read again
            visit = Visit(requested_url=location, discovered_from=query.site, is_first=True, follows=True, query=query)
            yield self.request(location, visit, priority=SOURCES[query.source].priority)
        else:
            yield self._request_of(self._saved(_query_record(url, query)))

    def _hear(self, response: Response, query: Query) -> Iterator[Request]:
        """The pages that a document names, and what to ask next."""
        for said in self._sources.heard(response, query):
            if isinstance(said, Query):
                yield from self._ask(said)
            else:
                yield from self._visit_named(said, query, response.url)

    def _visit_named(self, named: Named, query: Query, found_on: str) -> Iterator[Request]:
        url, site = urls.parse(named.url), urls.parse(query.site)
        if url is None or site is None:
            return
        source = SOURCES[query.source]
        if source.names_candidates:
            is_of_service = urls.registrable_domain(url.hostname) == urls.registrable_domain(site.hostname)
            is_wanted, follows = source.names_anywhere or is_of_service, self._scope.is_home(url)
        else:
            is_wanted = follows = self._scope.is_in_scope(site, url, 0)
        if not is_wanted:
            self._sources.out_of_scope(query.source)
            return
        sooner = EXPECTED if named.is_expected else FRESH * named.freshness
        for request in self._visit(url, found_on, follows=follows, sooner=sooner, claims=named.claims):
            self._sources.queued(query.source)
            yield request


def _query_record(url: URL, query: Query) -> QueryRecord:
    return QueryRecord(url=urls.as_requested(url), query=query)


def _url_of(record: PageRecord | QueryRecord | VisitRecord) -> str:
    return record.visit.requested_url if isinstance(record, VisitRecord) else record.url


def _link(url: URL, anchor: str = "", found_on: str = "", chance: float = 1.0, depth: int = 0) -> Link:
    query = url.search.removeprefix("?")
    return link_to(url.hostname, url.pathname, query, anchor=anchor, found_on=found_on, chance=chance, depth=depth)


def _marks_of(content: PageContent) -> PageMarks:
    """Returns what a page is compared with others by."""
    url = content.url
    links = links_fingerprint(
        urls.without_fragment(url), f"{url.protocol}//{url.host}", (link.href for link in content.linked_urls)
    )
    return PageMarks(links, partial(_beginning_of, content))


def _beginning_of(content: PageContent) -> str:
    """Returns the text of a page; of a large one, its beginning."""
    body = next(content.document.html_elements("body"), None)
    if body is None:
        return ""
    return body.text if content.size < LARGE else content.first_words_of(body, MAX_TEXT)


def _link_of(url: URL, meta: dict[str, Any]) -> Link:
    """What was known of a page by the link to it; of one that nobody linked to, or that a redirect showed, by its address."""
    link: Link | None = meta.get(LINK)
    return link if link is not None and link.host == url.hostname else _link(url)


def _read_seed(text: str) -> tuple[str, str]:
    places = urls.first_urls(text)
    if places is None:
        raise SeedError(f"seed {text!r} is no place to start; write a URL (https://a.example/) or a domain (a.example)")
    return places
