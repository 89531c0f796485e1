"""The base of all spiders: their arguments, their requests, and the pages that responses and failures become."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from time import time
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider

from backlinkbot import options, urls
from backlinkbot.download.failures import (
    OTHER_NAME,
    TOO_LARGE,
    VisitRefusedError,
    failure_of_exception,
)
from backlinkbot.download.redirects import HOPS, redirected
from backlinkbot.extensions.content_filter import WANTS_FEEDS
from backlinkbot.extensions.large_pages import LARGE, in_thread, in_turns
from backlinkbot.extensions.outcome import OUT_OF_MEMORY
from backlinkbot.extract.page import PageContent
from backlinkbot.frontier import CrawlSaver
from backlinkbot.items import (
    Failure,
    FetchedPage,
    FrontierEntry,
    Redirect,
    Rendering,
    State,
)
from backlinkbot.items.rendered_diff import served_content
from backlinkbot.middlewares.budget import SPENT, BudgetSpentError
from backlinkbot.middlewares.robotstxt import RobotsTxt
from backlinkbot.sources import request_meta
from backlinkbot.spiders.planned_visit import (
    PlannedVisit,  # requests in a JOBDIR of an earlier version look for it in this module
    listed_hash,
    visit_of,
)
from backlinkbot.spiders.response_pages import content_of, response_headers
from backlinkbot.targets import Targets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure as TwistedFailure

    from backlinkbot.frontier.sharing import CrawlShare
    from backlinkbot.history.crawl_commit import SavedPart
    from backlinkbot.items import ExtractedPage
    from backlinkbot.urls import URL

    Answers = Iterable[FetchedPage | Request | None] | AsyncIterator[FetchedPage | Request | None]

MAX_FIRST_REQUESTS_WAITING: Final = 10_000
"""A longer list of seeds or candidates waits in its file; so many are enough to keep every host's turn fair."""
PAUSE: Final = 0.2
"""Seconds between two looks at whether the list may go on."""

ADMITTED: Final = "admitted"
"""In a request's meta: the hashes of the pages to which it was redirected."""
LEASE: Final = "lease"
"""In a request's meta, in a crawl that several machines share: the bucket where the visit waits, and under which lease of it."""
_NO_LEASE: Final = (-1, 0)
MOVED: Final = "moved"
"""The same: what robots.txt of the first URL says, where another worker was redirected to this one's domain."""
_OVER_HTTP: Final = "over_http"
"""In a request's meta: it is made because another site answered over https."""


class BacklinkSpider(Spider):
    """A spider that yields one :class:`~backlinkbot.items.FetchedPage` per visit, whatever became of it."""

    backlinkbot_command: ClassVar[str]
    """Whose options the spider has: ``discover``, ``verify`` or ``recheck``; a subclass has them whatever its name."""
    targets: Targets
    notices: tuple[str, ...] = ()
    """What the user is told before the run begins, one line each."""
    _saver = CrawlSaver()  # which saves nothing, where the spider has no crawler
    _first_waiting = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read the arguments; the crawler's spider where it has one, made when its arguments were checked.

        Raises:
            UsageError: one of them is wrong; nothing has been fetched.
        """
        if isinstance(crawler.spider, cls):
            return crawler.spider
        options.apply(crawler.settings, cls.backlinkbot_command, kwargs)
        cls.complete(crawler.settings)
        spider = super().from_crawler(crawler, *args)
        spider.targets = read_targets(crawler.settings)
        spider._saver = CrawlSaver.of(crawler)  # noqa: SLF001 - this class
        spider.configure(crawler.settings)
        return spider

    @classmethod
    def complete(cls, settings: BaseSettings) -> None:
        """Fill in what the user left out, before the targets are read; raises UsageError."""

    def configure(self, settings: BaseSettings) -> None:
        """Read what only this spider knows; raises UsageError."""

    def told_at_end(self) -> Iterable[str]:
        """What the user is told when the run has ended, one line each."""
        return ()

    async def start(self) -> AsyncIterator[Request | FetchedPage]:
        """The first requests, no faster than they are taken; in a crawl that several machines share, those of this worker."""
        if self._saver.share is not None:
            async for one in self.start_shared(self._saver.share):
                yield one
            return
        for first in self.first_requests():
            yield first
            self._first_waiting += isinstance(first, Request) and visit_of(first).is_first
            # Those only, not the whole queue: what pages lead to must not keep candidates waiting.
            while self._first_waiting > MAX_FIRST_REQUESTS_WAITING:  # noqa: ASYNC110 - no signal tells of every one
                await asyncio.sleep(PAUSE)

    def first_requests(self) -> Iterator[Request | FetchedPage]:
        """Where to begin; a page where there is an answer already."""
        raise NotImplementedError

    # --- a crawl that several machines share ---

    @property
    def saver(self) -> CrawlSaver:
        """What the crawl saves."""
        return self._saver

    def start_shared(self, share: CrawlShare) -> AsyncIterator[Request | FetchedPage]:
        """What this worker has to visit, until the crawl is closed."""
        raise NotImplementedError

    def begin_share(self) -> None:
        """Reads what a worker has to know before its first page; in a thread."""

    def listed(self) -> Iterator[Request | FetchedPage]:
        """The first requests, only to be written down: the worker that yields them need not visit them."""
        return self.first_requests()

    async def gather(self) -> None:
        """Lets pages wait that are found elsewhere than in the user's lists and on pages; by the worker that reads the lists."""

    def take_part(self, part: SavedPart) -> None:
        """Learns what another worker has recorded."""
        share = self._saver.share
        if share is not None:
            share.visited.update(part.hashes.get("visited", ()))
        self._saver.answered.update(part.hashes.get("answered", ()))

    def take_waiting(self, record: Any) -> Iterator[Request | FetchedPage]:
        """What to do for a page that waits in a bucket of this worker; see :mod:`backlinkbot.spiders.waiting_records`."""
        raise NotImplementedError

    def is_current(self, request: Request) -> bool:
        """True if the visit waited in a bucket that this worker still holds under the same lease."""
        share = self._saver.share
        if share is None:
            return True
        bucket, lease = request.meta.get(LEASE, _NO_LEASE)
        return share.holds(bucket) and lease == share.lease_of(bucket)

    def is_redirected_away(self, request: Request) -> bool:
        """True if redirects led the visit from its bucket, where it waits, into another."""
        share = self._saver.share
        return share is not None and share.bucket_of_url(request.url) != request.meta.get(LEASE, _NO_LEASE)[0]

    def move(self, request: Request) -> None:
        """Lets a redirected visit wait for the worker that has the domain that it was redirected to."""
        raise NotImplementedError

    def first_rules(self, visit: PlannedVisit) -> tuple[str, ...]:
        """What robots.txt says of the URL at which a visit began."""
        return self._robots.closed_by(visit.requested_url) if self._robots is not None else ()

    def check_sending(self) -> None:
        """Called before each request is sent; raises NotOursError where the leases may expire meanwhile."""
        share = self._saver.share
        if share is not None and not share.may_send():
            raise BudgetSpentError("the leases of this worker have expired")

    def request(self, url: str, visit: PlannedVisit, *, priority: int = 0) -> Request:
        """A request for a visit; duplicates are the spider's own business, so Scrapy filters none."""
        meta: dict[str, Any] = {
            "visit": visit,
            "verbatim_url": True,
        }  # else Scrapy would escape what a browser sends as is
        if visit.candidates:
            meta[WANTS_FEEDS] = True
        if visit.query is not None:
            meta |= request_meta(visit.query, self.settings.getint("DOWNLOAD_MAXSIZE"))
        if self._saver.share is not None:
            meta[LEASE] = self._saver.share.lease_of_url(url)
        return Request(url, callback=self.parse, errback=self.failed, meta=meta, priority=priority, dont_filter=True)

    def refuse_redirect(self, request: Request, target: URL) -> str:
        """Why a redirect is not followed; empty: it is."""
        return ""

    def spend(self, request: Request) -> bool:
        """Take a page from the budget, if this spider has one; False where none is left."""
        return True

    def links_found(self, page: ExtractedPage) -> None:
        """Called as soon as links to a target are found on a page."""

    def failed(self, failure: TwistedFailure) -> Iterator[FetchedPage | Request]:
        """No answer is a page too."""
        request = cast("Request", failure.request)  # type: ignore[attr-defined]
        visit = visit_of(request)
        error = failure.value
        self._note_answer(visit)
        if error is None or isinstance(error, BudgetSpentError):
            return
        if isinstance(error, MemoryError):  # which says nothing of the page
            raise CloseSpider(OUT_OF_MEMORY) from error
        reason = failure_of_exception(error)
        if reason == TOO_LARGE and "not_html" in request.meta:  # it would have been no page anyway
            reason = Failure(state=State.NOT_HTML, reason=request.meta["not_html"])
        if reason.state is State.UNREACHABLE and visit.fallback:
            instead = replace(visit, requested_url=visit.fallback, fallback="", listed=listed_hash(visit))
            yield self.request(visit.fallback, instead)
            return
        if reason == OTHER_NAME and HOPS not in request.meta:
            yield from self._over_http(request, visit)
            return
        if reason.state is State.UNREACHABLE and request.meta.get(_OVER_HTTP):
            reason = OTHER_NAME  # what the site's owner has to mend
        yield self.page(request.url, visit, failure=reason, **self._came_by(request, visit))

    def _over_http(self, request: Request, visit: PlannedVisit) -> Iterator[FetchedPage | Request]:
        """Another site answers over https in this one's place; over http, it may be the one that is asked for."""
        yield self.page(request.url, replace(visit, candidates=(), claims=()), failure=OTHER_NAME)
        url = request.url.replace("https:", "http:", 1)
        onward = replace(visit, requested_url=url, is_first=False, listed=listed_hash(visit))
        instead = self.request(url, onward, priority=request.priority)
        instead.meta[_OVER_HTTP] = True
        yield instead

    def rendered(self, response: Response, page: FetchedPage) -> Iterator[FetchedPage | Request]:
        """A page that a browser was to render; where its scripts send its readers on, the page that they see, too."""
        yield page
        onward = self.sent_on(response, page)
        if onward is not None:
            yield onward

    def parse(self, response: Response, **_: Any) -> Answers:
        """The page of a response, and what follows from it; a large page is read in a thread of its own."""
        if len(response.body) >= LARGE:
            return self._parse_large(response)
        return self.parse_page(response, self.page_of(response))

    async def _parse_large(self, response: Response) -> AsyncIterator[FetchedPage | Request | None]:
        page = self.page_of(response)
        if self.reads(page, visit_of(response)):
            await in_thread(self._read_ahead, page)
        found: AsyncIterator[FetchedPage | Request] = in_turns(self.parse_page(response, page))
        async for one in found:
            yield one

    def _read_ahead(self, page: FetchedPage) -> None:
        """Parses the page, and computes what the spider asks it for."""
        content = served_content(page)
        _ = content.refresh, content.linked_hosts, content.relations

    def reads(self, page: FetchedPage, visit: PlannedVisit) -> bool:
        """True if the spider itself needs the page parsed."""
        raise NotImplementedError

    def parse_page(self, response: Response, page: FetchedPage) -> Iterator[FetchedPage | Request | None]:
        """Yields the page and what follows from it; None for what takes time on a large page and yields nothing."""
        raise NotImplementedError

    def page_of(self, response: Response) -> FetchedPage:
        """Returns the page that a response is: its body, or the reason why it has none."""
        visit = visit_of(response)
        self._note_answer(visit)
        url = urls.parse(response.url)
        came_by = self._came_by(response.request, visit, url if visit.requested_url == response.url else None)
        fields = self.headers_of(response, url) | content_of(response, visit.requested_url)
        return self.page(response.url, visit, _parsed_url=url, **fields, **came_by)

    def headers_of(self, response: Response, url: URL | None = None) -> dict[str, Any]:
        """Returns what a response says of a page besides its body, and robots.txt of it; ``url`` is its own, parsed."""
        closed_by = self._robots.closed_by(response.url, url) if self._robots is not None else ()
        return response_headers(response) | {"closed_by": closed_by}

    def _came_by(self, request: Request | None, visit: PlannedVisit, url: URL | None = None) -> dict[str, Any]:
        """The redirects of a visit, what robots.txt says of the first, and what it settles in the saved frontier."""
        entry = self.entry_of(request, visit, url)
        hops: tuple[Redirect, ...] = request.meta.get(HOPS, ()) if request is not None else ()
        if not hops:
            return {"entry": entry}
        closed = self._robots.closed_by(visit.requested_url) if self._robots is not None else ()
        if request is not None and MOVED in request.meta:  # another worker has read the first URL's robots.txt
            closed = request.meta[MOVED]
        return {"redirects": hops, "redirect_closed_by": closed, "entry": entry}

    def entry_of(self, request: Request | None, visit: PlannedVisit, url: URL | None = None) -> FrontierEntry | None:
        """What a visit settles in the saved frontier; None where nothing is saved.

        Args:
            request: None where nothing was asked.
            visit: why the page was visited.
            url: the URL where the visit began, where the caller has parsed it.
        """
        if not self._saver.is_on:
            return None
        share = self._saver.share
        bucket = share.bucket_of_url(request.url if request is not None else visit.requested_url) if share else -1
        return FrontierEntry(row=visit.row, listed=listed_hash(visit), bucket=bucket)

    def _note_answer(self, visit: PlannedVisit) -> None:
        self._first_waiting -= visit.is_first

    def page(self, url: str, visit: PlannedVisit, **known: Any) -> FetchedPage:
        """A page of a visit that ended at ``url``."""
        return FetchedPage(
            url=url,
            requested_url=visit.requested_url,
            fetched_at=_written(int(time())),
            discovered_from=visit.discovered_from,
            depth=visit.depth,
            candidates=visit.candidates,
            claims=visit.claims,
            **known,
        )

    def refreshed(self, response: Response, content: PageContent) -> Request | None:
        """The request for where a page at once sends its readers by ``<meta http-equiv=refresh>`` or ``Refresh``."""
        refresh = content.refresh
        if refresh is None or refresh.seconds > self.settings.getfloat("METAREFRESH_MAXDELAY"):
            return None
        onward = self._onward(response, refresh.url)
        if onward is not None:
            here = Redirect(
                url=response.url,
                status=response.status,
                location=refresh.written,
                to=refresh.url.href,
                link_type="meta_refresh",
            )
            onward.meta[HOPS] = (*onward.meta.get(HOPS, ()), here)
        return onward

    def sent_on(self, response: Response, page: FetchedPage) -> Request | None:
        """The request for where a page's scripts send its readers."""
        shown = page.rendered if page.rendering is Rendering.SENT_ON else None
        target = urls.parse(shown.url) if shown is not None else None
        return self._onward(response, target) if target is not None and urls.is_web(target) else None

    def _onward(self, response: Response, target: URL) -> Request | None:
        if response.request is None or self.refuse_redirect(response.request, target):
            return None
        try:
            times = self.settings.getint("REDIRECT_MAX_TIMES")
            onward = redirected(response.request, target, max_times=times)
        except VisitRefusedError:
            return None
        onward.meta.pop(SPENT, None)  # two pages were visited, not one
        return onward

    @property
    def _robots(self) -> RobotsTxt | None:
        return cast("RobotsTxt | None", self.crawler.get_downloader_middleware(RobotsTxt))


@lru_cache(maxsize=1)  # many pages end in the same second
def _written(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_targets(settings: BaseSettings) -> Targets:
    """The targets and aliases of the settings.

    Raises:
        UsageError: one of them names nothing, or a brand is of none of them.
    """
    names, aliases = options.named_targets(
        settings.getlist("BACKLINKBOT_TARGETS"), settings.getlist("BACKLINKBOT_ALIASES")
    )
    options.brands_of(settings)  # so that a mistake is told before anything is fetched
    return Targets.parse(names, aliases)
