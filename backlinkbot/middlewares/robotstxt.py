"""Applies robots.txt (RFC 9309): which pages may be visited, how fast, and which are closed to search engines."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

from scrapy import Request
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.misc import load_object

from backlinkbot import urls
from backlinkbot.download.backoff import BACKOFF_STATUSES, UNAVAILABLE
from backlinkbot.download.failures import REASON, VisitRefusedError, failure_of_exception
from backlinkbot.download.fetch import fetch_response
from backlinkbot.download.redirects import MAX_REDIRECTS, TooManyRedirectsError
from backlinkbot.download.slots import SLOT, DomainDownloader, domain_of
from backlinkbot.errors import SettingError
from backlinkbot.extensions.content_filter import AT_MOST
from backlinkbot.extract.robots_rules import MAX_BYTES, RobotsFile, Rules
from backlinkbot.items import State

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.urls import URL

MAX_AGE: Final = 24 * 3600.0  # seconds, §2.4
MAX_REMEMBERED: Final = 50_000
MOST_REDIRECTS: Final = 5
"""The redirects followed for one robots.txt; a file that redirects more often counts as missing (RFC 9309 §2.3.1.2)."""
_GATEWAY_ERRORS: Final = frozenset({502, 504})


@dataclass(slots=True)
class SiteRules:
    """The rules in the robots.txt of one authority."""

    ours: Rules = field(default_factory=Rules)
    search_engines: Rules = field(default_factory=Rules)
    """The rules for the search engine that ``BACKLINKBOT_AGENT`` names."""
    sitemaps: tuple[str, ...] = ()
    closed: VisitRefusedError | None = None
    """Set if the file was unreachable: then every URL is disallowed."""
    is_put_off: bool = False
    """True if the domain has to wait (``Retry-After``) before its robots.txt is requested again."""
    fetched: float = field(default_factory=monotonic)


class RobotsTxt:
    """Downloader middleware: holds each request until its authority's robots.txt allows it."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        if not issubclass(load_object(settings["DOWNLOADER"]), DomainDownloader):
            raise SettingError(
                "the middleware RobotsTxt needs DOWNLOADER = 'backlinkbot.download.slots.DomainDownloader', by which it "
                "obeys Crawl-delay"
            )
        self._crawler = crawler
        self._obey = settings.getbool("ROBOTSTXT_OBEY")
        self._agent: str = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        self._search_engine: str = settings["BACKLINKBOT_AGENT"] or self._agent
        self._max_delay = settings.getfloat("BACKLINKBOT_CRAWL_DELAY_MAX")
        self._rules: OrderedDict[str, asyncio.Future[SiteRules]] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> Request | None:
        """Waits for the rules; returns the same request, to be sent later, if the domain has to wait.

        Raises:
            VisitRefusedError: robots.txt disallows the URL, or is unreachable.
        """
        if not self._obey or request.meta.get("dont_obey_robotstxt"):
            return None
        rules = await self._rules_for(request)
        if rules.is_put_off:
            return request.replace(dont_filter=True)
        if rules.closed is not None:
            self._crawler.stats.inc_value("backlinks/robotstxt/unavailable")
            raise rules.closed
        if not rules.ours.allows(request.url):
            self._crawler.stats.inc_value("backlinks/robotstxt/forbidden")
            raise VisitRefusedError(State.BLOCKED_BY_ROBOTS, "disallowed by robots.txt")
        return None

    def closed_by(self, url: str, parsed: URL | None = None) -> tuple[str, ...]:
        """Returns the rule that disallows the page for the search engine; empty if none does.

        Args:
            url: the page's.
            parsed: the same, where the caller has parsed it.
        """
        rules = self._known(parsed or urls.parse(url))
        if rules is None or rules.search_engines.allows(url):
            return ()
        return (f"robots.txt:{self._search_engine}",)

    def sitemaps(self, url: URL) -> list[str]:
        """Returns the sitemaps in the robots.txt of the URL's authority; empty if it has not been read."""
        rules = self._known(url)
        return [] if rules is None else list(rules.sitemaps)

    def _known(self, url: URL | None) -> SiteRules | None:
        rules = self._rules.get(_authority(url))
        return rules.result() if rules is not None and rules.done() else None

    async def _rules_for(self, request: Request) -> SiteRules:
        authority = _authority(urls.parse(request.url))
        waiting = self._rules.get(authority)
        if waiting is None or (waiting.done() and monotonic() - waiting.result().fetched > MAX_AGE):
            waiting = self._rules[authority] = asyncio.get_running_loop().create_future()
            rules = await self._fetch(authority, request)
            if rules.is_put_off:
                del self._rules[authority]
            waiting.set_result(rules)
            self._forget_oldest()
        return await waiting

    def _forget_oldest(self) -> None:
        while len(self._rules) > MAX_REMEMBERED:
            authority, rules = self._rules.popitem(last=False)
            if not rules.done():
                self._rules[authority] = rules
                return

    async def _fetch(self, authority: str, asker: Request) -> SiteRules:
        meta: dict[str, Any] = {
            "dont_obey_robotstxt": True,
            "any_content": True,
            AT_MOST: MAX_BYTES + 1,  # one byte more shows that the file is longer than the limit
            MAX_REDIRECTS: MOST_REDIRECTS,
        }
        if SLOT in asker.meta:  # otherwise the subresources of a page would wait for the page that waits for them
            meta[SLOT] = asker.meta[SLOT]
        headers = {"Accept-Encoding": "gzip"}  # the only encoding whose beginning can be decompressed
        request = Request(f"{authority}/robots.txt", headers=headers, meta=meta, callback=NO_CALLBACK)
        try:
            response = await fetch_response(self._crawler, request)
            if response.status == UNAVAILABLE and REASON not in request.meta:  # 503 without Retry-After
                response = await fetch_response(self._crawler, request.replace(meta=dict(meta)))
        except Exception as error:  # noqa: BLE001 - after any error the host is disallowed, for that reason
            return self._unreachable(error)
        stats = self._crawler.stats
        stats.inc_value(f"backlinks/robotstxt/status/{response.status}")
        downloader = cast("DomainDownloader", self._crawler.engine.downloader)
        if response.status in BACKOFF_STATUSES and downloader.is_held(domain_of(request)):
            return SiteRules(is_put_off=True)
        if response.status >= 500:
            via_proxy = "proxy" in request.meta and response.status in _GATEWAY_ERRORS
            state = State.UNREACHABLE if via_proxy else State.BLOCKED_BY_ROBOTS
            return SiteRules(closed=VisitRefusedError(state, f"robots.txt answered {response.status}"))
        if not 200 <= response.status < 300:
            return SiteRules()  # §2.3.1.3: unavailable, so nothing is disallowed
        return self._read(request, response.body)

    def _unreachable(self, error: Exception) -> SiteRules:
        if isinstance(error, TooManyRedirectsError):
            self._crawler.stats.inc_value("backlinks/robotstxt/redirect_loop")
            return SiteRules()  # §2.3.1.2, §2.3.1.3
        failure = failure_of_exception(error)
        self._crawler.stats.inc_value("backlinks/robotstxt/unreachable")
        return SiteRules(closed=VisitRefusedError(failure.state, failure.reason))

    def _read(self, request: Request, body: bytes) -> SiteRules:
        file = RobotsFile(body)
        ours = file.rules_for(self._agent)
        if ours.crawl_delay:
            downloader = cast("DomainDownloader", self._crawler.engine.downloader)
            downloader.slow_down(domain_of(request), min(ours.crawl_delay, self._max_delay))
        return SiteRules(ours=ours, search_engines=file.rules_for(self._search_engine), sitemaps=file.sitemaps)


def _authority(url: URL | None) -> str:
    return f"{url.protocol}//{url.host}" if url is not None else ""
