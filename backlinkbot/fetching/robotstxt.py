"""robots.txt by RFC 9309: who may be visited, how fast, and what is closed to the search engine."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

from protego import Protego
from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from backlinkbot import urls
from backlinkbot.fetching.asking import answer_of
from backlinkbot.fetching.downloader import SLOT, domain_of
from backlinkbot.fetching.failures import VisitRefusedError, failure_of_exception
from backlinkbot.items import State

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.fetching.downloader import DomainDownloader

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 500 * 1024  # RFC 9309 §2.5: at least as much must be parsed
MAX_AGE: Final = 24 * 3600.0  # seconds, §2.4
MAX_REMEMBERED: Final = 50_000
_GATEWAY_ERRORS: Final = frozenset({502, 504})


@dataclass(slots=True)
class Rules:
    """What one authority's robots.txt says."""

    parser: Protego = field(default_factory=lambda: Protego.parse(""))
    closed: VisitRefusedError | None = None
    """Set where the file could not be had: then everything is closed."""
    fetched: float = field(default_factory=monotonic)

    def allows(self, url: str, agent: str) -> bool:
        """Whether the agent may visit; never raises, whatever the file or the URL holds."""
        try:
            return self.parser.can_fetch(url, agent)
        except ValueError:
            return True


class RobotsTxt:
    """Downloader middleware: no request leaves before its authority's robots.txt allows it."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._obey = settings.getbool("ROBOTSTXT_OBEY")
        self._agent: str = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        self._search_engine: str = settings["BACKLINKBOT_AGENT"]
        self._max_delay = settings.getfloat("BACKLINKBOT_CRAWL_DELAY_MAX")
        self._rules: OrderedDict[str, asyncio.Future[Rules]] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait for the rules; raise where they close the page to us."""
        if not self._obey or request.meta.get("dont_obey_robotstxt"):
            return
        rules = await self._rules_for(request)
        if rules.closed is not None:
            self._crawler.stats.inc_value("backlinks/robotstxt/unavailable")
            raise rules.closed
        if not rules.allows(request.url, self._agent):
            self._crawler.stats.inc_value("backlinks/robotstxt/forbidden")
            raise VisitRefusedError(State.BLOCKED_BY_ROBOTS, "disallowed by robots.txt")

    def closed_by(self, url: str) -> tuple[str, ...]:
        """The rule that keeps the search engine from a page that we could visit."""
        rules = self._known(url)
        if rules is None or rules.allows(url, self._search_engine):
            return ()
        return (f"robots.txt:{self._search_engine}",)

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the robots.txt of the URL's authority names; empty where we have not read it."""
        rules = self._known(url)
        return [] if rules is None else list(rules.parser.sitemaps)

    def _known(self, url: str) -> Rules | None:
        rules = self._rules.get(_authority(url))
        return rules.result() if rules is not None and rules.done() else None

    async def _rules_for(self, request: Request) -> Rules:
        authority = _authority(request.url)
        waiting = self._rules.get(authority)
        if waiting is None or (waiting.done() and monotonic() - waiting.result().fetched > MAX_AGE):
            waiting = self._rules[authority] = asyncio.get_running_loop().create_future()
            waiting.set_result(await self._fetch(authority, request))
            self._forget_oldest()
        return await waiting

    def _forget_oldest(self) -> None:
        while len(self._rules) > MAX_REMEMBERED:
            authority, rules = self._rules.popitem(last=False)
            if not rules.done():
                self._rules[authority] = rules
                return

    async def _fetch(self, authority: str, asker: Request) -> Rules:
        meta: dict[str, Any] = {"dont_obey_robotstxt": True, "any_content": True}
        if SLOT in asker.meta:  # else the parts of a page would wait for the page that waits for them
            meta[SLOT] = asker.meta[SLOT]
        request = Request(f"{authority}/robots.txt", meta=meta, callback=NO_CALLBACK)
        try:
            response = await answer_of(self._crawler, request)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the host is closed and the reason kept
            return self._unreachable(error)
        stats = self._crawler.stats
        stats.inc_value(f"backlinks/robotstxt/status/{response.status}")
        if response.status >= 500:
            via_proxy = "proxy" in request.meta and response.status in _GATEWAY_ERRORS
            state = State.UNREACHABLE if via_proxy else State.BLOCKED_BY_ROBOTS
            return Rules(closed=VisitRefusedError(state, f"robots.txt answered {response.status}"))
        if not 200 <= response.status < 300:
            return Rules()  # §2.3.1.3: unavailable, so nothing is disallowed
        rules = Rules(parser=self._parse(response))
        self._slow_down(request, rules)
        return rules

    def _unreachable(self, error: Exception) -> Rules:
        failure = failure_of_exception(error)
        if failure.reason == "max redirections reached":
            return Rules()  # §2.3.1.2: after five or more redirects it may count as unavailable
        self._crawler.stats.inc_value("backlinks/robotstxt/unreachable")
        return Rules(closed=VisitRefusedError(failure.state, failure.reason))

    def _parse(self, response: Response) -> Protego:
        text = response.body[:MAX_BYTES].decode("utf-8-sig", errors="replace")
        try:
            return Protego.parse(text)
        except Exception:
            logger.info("no rules could be read from %s", response.url, exc_info=True)
            self._crawler.stats.inc_value("backlinks/robotstxt/unreadable")
            return Protego.parse("")

    def _slow_down(self, request: Request, rules: Rules) -> None:
        try:
            delay = rules.parser.crawl_delay(self._agent)
        except ValueError:
            return
        if delay:
            downloader = cast("DomainDownloader", self._crawler.engine.downloader)
            downloader.slow_down(domain_of(request), min(float(delay), self._max_delay))


def _authority(url: str) -> str:
    parsed = urls.parse(url)
    return f"{parsed.protocol}//{parsed.host}" if parsed is not None else ""
