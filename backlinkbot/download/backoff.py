"""Backs off from a domain after 429 and 503: waits as long as Retry-After declares, slows down, and retries its pages.

RFC 9110 §10.2.3 (Retry-After) and §15.6.4 (503), RFC 6585 §4 (429).
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Final, cast

from scrapy.exceptions import NotConfigured

from backlinkbot.download.failures import REASON, VisitRefusedError
from backlinkbot.download.slots import SLOT, domain_of
from backlinkbot.items import State

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.download.slots import DomainDownloader

logger = logging.getLogger(__name__)

TOO_MANY_REQUESTS: Final = 429
UNAVAILABLE: Final = 503
BACKOFF_STATUSES: Final = frozenset({TOO_MANY_REQUESTS, UNAVAILABLE})
OWN_PACE: Final = "own_pace"
"""Key of a request's meta: true if its sender limits the waiting itself."""
TRIES: Final = "backoff_tries"
"""Key of a request's meta: how often the request was postponed."""

MOST_TRIES: Final = {TOO_MANY_REQUESTS: 3, UNAVAILABLE: 2}
"""Most retries of one page whose responses have no Retry-After."""
MOST_ANNOUNCED_TRIES: Final = 8
"""Most retries of one page whose responses have a Retry-After."""
FIRST_WAIT: Final = {TOO_MANY_REQUESTS: 2.0, UNAVAILABLE: 2.0}
"""Seconds to wait without a Retry-After, by status; doubled at each retry."""
OUTAGE: Final = 3
"""Pages in a row that stayed unavailable; after that, pages are not retried until one succeeds."""
SLOWEST: Final = 10.0
"""Longest delay in seconds between two requests to a domain that keeps answering 429 or 503."""
FIRST_DELAY: Final = 1.0
"""Shortest delay in seconds between two requests to a domain that has answered 429 or 503."""
RECOVERY: Final = 0.8
"""The factor that shortens this delay after each other response."""
LONGEST_CALL: Final = 60.0
"""Longest wait in seconds for a held domain by a request other than a visit (a robots.txt, a target)."""
_STEP: Final = 0.5
_SECONDS: Final = re.compile(r"([0-9]+)(?:\.[0-9]*)?")
LONGEST_REQUEST: Final = 999_999_999.0
"""The largest ``Retry-After`` in seconds; more is equivalent to never."""


@dataclass(slots=True)
class DomainBackoff:
    """How often a domain has answered 429 or 503, and how long the run has waited for it."""

    waited: float = 0.0
    """Total seconds of waiting for this domain."""
    in_a_row: int = 0
    """Responses with 429 or 503 since the last success."""
    given_up: int = 0
    """Pages in a row that stayed unavailable."""
    delay: float = 0.0
    """Seconds between two requests, set after 429 or 503; 0 means as configured."""
    refused: VisitRefusedError | None = None
    """Set once the domain demands longer waits than allowed: then the run sends it no more requests."""


class BackOff:
    """Downloader middleware: puts postponed requests back into the queue, where they occupy no slot."""

    def __init__(self, crawler: Crawler, longest: float) -> None:
        """Creates the middleware; ``longest`` is the total of seconds that a run waits for one domain."""
        self._crawler = crawler
        self._longest = longest
        self._domains: dict[str, DomainBackoff] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        longest = crawler.settings.getfloat("BACKLINKBOT_WAIT_MAX")
        if longest <= 0:
            raise NotConfigured("BACKLINKBOT_WAIT_MAX is 0: no page waits")
        return cls(crawler, longest)

    async def process_request(self, request: Request) -> Request | None:
        """Postpones the request while its domain is held.

        Raises:
            VisitRefusedError: the domain has asked for more backoff than it gets.
        """
        if not self._domains or not _concerns(request):
            return None
        domain = domain_of(request)
        backoff = self._domains.get(domain)
        if backoff is None:
            return None
        if backoff.refused is not None:
            self._stat("refused")
            raise VisitRefusedError(backoff.refused.failure.state, backoff.refused.failure.reason)
        if not self._downloader.is_held(domain):
            return None
        if "visit" in request.meta:  # already under way when the domain answered
            return request.replace(dont_filter=True)
        await self._wait_for(domain)
        return None

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Records 429 and 503 for the domain; returns the same request, for later, if the domain has to wait."""
        if not _concerns(request):
            return response
        domain = domain_of(request)
        if response.status not in BACKOFF_STATUSES:
            if domain in self._domains and response.status < 500:
                self._recover(domain)
            return response
        asked = retry_after(response, datetime.now(UTC))
        if not (asked or "visit" in request.meta):
            return response  # other requests handle such a response themselves
        self._stat("asked")
        if asked or response.status == TOO_MANY_REQUESTS:
            request.meta[REASON] = _reason(response, asked)
        is_put_off = self._put_off(domain, request, response, asked)
        if not is_put_off or "visit" not in request.meta:
            return response
        self._stat("put_off")
        meta = {**request.meta, TRIES: request.meta.get(TRIES, 0) + 1}
        meta.pop(REASON, None)
        return request.replace(meta=meta, priority=request.priority + 1, dont_filter=True)

    def _put_off(self, domain: str, request: Request, response: Response, asked: float) -> bool:
        """Holds the domain for a while; returns false if the response is final."""
        backoff = self._domains.setdefault(domain, DomainBackoff())
        tries = request.meta.get(TRIES, 0)
        if not self._is_worth_waiting(backoff, response.status, asked, tries):
            return False
        wait = self._wait(backoff, response.status, asked, tries)
        if backoff.waited + wait > self._longest:
            self._refuse(domain, backoff, response, asked)
            return False
        self._hold(domain, backoff, wait, is_slowed=REASON in request.meta)
        return True

    @property
    def _downloader(self) -> DomainDownloader:
        return cast("DomainDownloader", self._crawler.engine.downloader)

    def _is_worth_waiting(self, backoff: DomainBackoff, status: int, asked: float, tries: int) -> bool:
        """True if the page has retries left, however long they take."""
        if backoff.refused is not None:
            return False
        if asked:
            return tries < MOST_ANNOUNCED_TRIES
        if status == TOO_MANY_REQUESTS:
            return tries < MOST_TRIES[status]
        if backoff.given_up >= OUTAGE:
            return False
        backoff.given_up += tries == MOST_TRIES[status]
        return tries < MOST_TRIES[status]

    def _wait(self, backoff: DomainBackoff, status: int, asked: float, tries: int) -> float:
        """Returns the seconds to wait: the Retry-After, or more for a domain that repeats it."""
        again = min(backoff.in_a_row, 20) if asked or status == TOO_MANY_REQUESTS else tries
        longer = FIRST_WAIT[status] * 2.0**again
        return max(asked, longer / 4 if again > 1 else 0.0) if asked else longer

    def _hold(self, domain: str, backoff: DomainBackoff, wait: float, *, is_slowed: bool) -> None:
        """Holds a domain for so many seconds, and slows it down."""
        backoff.waited += wait
        backoff.in_a_row += 1
        self._crawler.stats.inc_value("backlinks/backoff/seconds", max(round(wait), 1))
        self._downloader.hold(domain, wait)
        if is_slowed:
            backoff.delay = min(max(2 * self._downloader.delay_of(domain), FIRST_DELAY), SLOWEST)
            self._downloader.set_pace(domain, backoff.delay)

    def _recover(self, domain: str) -> None:
        backoff = self._domains[domain]
        backoff.in_a_row = backoff.given_up = 0
        if backoff.delay:
            backoff.delay *= RECOVERY
            self._downloader.set_pace(domain, backoff.delay)

    def _refuse(self, domain: str, backoff: DomainBackoff, response: Response, asked: float) -> None:
        """Sends a domain no more requests in this run."""
        if response.status == UNAVAILABLE and not asked:
            return
        state = State.REFUSED if response.status == TOO_MANY_REQUESTS else State.SERVER_ERROR
        backoff.refused = VisitRefusedError(state, _reason(response, asked))
        logger.info("%s gets no more requests in this run: %s", domain, backoff.refused)
        self._stat("domains_refused")

    async def _wait_for(self, domain: str) -> None:
        begin = monotonic()
        while self._downloader.is_held(domain):
            if monotonic() - begin > LONGEST_CALL or not self._crawler.crawling:
                raise VisitRefusedError(State.UNREACHABLE, "asked to wait")
            await asyncio.sleep(_STEP)

    def _stat(self, reason: str) -> None:
        self._crawler.stats.inc_value(f"backlinks/backoff/{reason}")


def retry_after(response: Response, now: datetime) -> float:
    """Returns the seconds of a ``Retry-After`` header, number or date; 0 if it is missing, past or malformed."""
    text = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if seconds := _SECONDS.fullmatch(text):
        return min(float(seconds[1][:18]), LONGEST_REQUEST)
    try:
        at = parsedate_to_datetime(text)
        return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _concerns(request: Request) -> bool:
    return OWN_PACE not in request.meta and SLOT not in request.meta


def _reason(response: Response, asked: float) -> str:
    said = f", Retry-After {asked:.0f}" if asked else ""
    return f"asked to wait: {response.status}{said}"
