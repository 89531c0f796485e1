"""Sites that ask for patience get it: after 429 and 503 a domain is left alone, slows down, and its pages come again.

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
ASKS_FOR_PATIENCE: Final = frozenset({TOO_MANY_REQUESTS, UNAVAILABLE})
OWN_PACE: Final = "own_pace"
"""In a request's meta: whoever sends it looks to how long it waits."""
TRIES: Final = "backoff_tries"
"""In a request's meta: how often it was put off."""

MOST_TRIES: Final = {TOO_MANY_REQUESTS: 3, UNAVAILABLE: 2}
"""How often one page comes again where its answers do not say when."""
MOST_PROMISES: Final = 8
"""How often it comes again where they do."""
FIRST_WAIT: Final = {TOO_MANY_REQUESTS: 2.0, UNAVAILABLE: 2.0}
"""Seconds where the answer does not say how long; twice as many each further time."""
OUTAGE: Final = 3
"""Pages in a row that stayed unavailable; the next are taken at their first answer, until one is served."""
SLOWEST: Final = 10.0
"""Seconds between two requests to a domain that goes on asking for patience."""
FIRST_DELAY: Final = 1.0
"""Seconds between two requests to a domain, at least, once it has asked for patience."""
RECOVERY: Final = 0.8
"""What becomes of that delay with each answer that does not ask for patience."""
LONGEST_CALL: Final = 60.0
"""Seconds that a request which is no visit (of robots.txt, of a target) waits for its domain."""
_STEP: Final = 0.5
_SECONDS: Final = re.compile(r"([0-9]+)(?:\.[0-9]*)?")
LONGEST_REQUEST: Final = 999_999_999.0
"""Seconds that a ``Retry-After`` is taken to ask for; more is the same as never."""


@dataclass(slots=True)
class Patience:
    """What a domain has asked for so far."""

    waited: float = 0.0
    """Seconds that its pages have been put off, all together."""
    in_a_row: int = 0
    """Answers that asked for patience since a page was served."""
    given_up: int = 0
    """Pages in a row that stayed unavailable."""
    delay: float = 0.0
    """Seconds between two requests because it has asked for patience; 0: as is configured."""
    refused: VisitRefusedError | None = None
    """Set once it asks for more than it gets: nothing more is asked of it."""


class BackOff:
    """Downloader middleware: what is put off goes back into the queue, where it holds no place of another domain's."""

    def __init__(self, crawler: Crawler, longest: float) -> None:
        """``longest``: seconds that one domain is waited for in one run, all together."""
        self._crawler = crawler
        self._longest = longest
        self._domains: dict[str, Patience] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        longest = crawler.settings.getfloat("BACKLINKBOT_WAIT_MAX")
        if longest <= 0:
            raise NotConfigured("BACKLINKBOT_WAIT_MAX: no page waits")
        return cls(crawler, longest)

    async def process_request(self, request: Request) -> Request | None:
        """Put the request off while its domain is left alone.

        Raises:
            VisitRefusedError: the domain has asked for more patience than it gets.
        """
        if not self._domains or not _concerns(request):
            return None
        domain = domain_of(request)
        patience = self._domains.get(domain)
        if patience is None:
            return None
        if patience.refused is not None:
            self._stat("refused")
            raise VisitRefusedError(patience.refused.failure.state, patience.refused.failure.reason)
        if not self._downloader.is_held(domain):
            return None
        if "visit" in request.meta:  # on its way since before the domain has asked
            return request.replace(dont_filter=True)
        await self._wait_for(domain)
        return None

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Note what the answer says of the domain; where it asks for patience, the same request, for later."""
        if not _concerns(request):
            return response
        domain = domain_of(request)
        if response.status not in ASKS_FOR_PATIENCE:
            if domain in self._domains and response.status < 500:
                self._recover(domain)
            return response
        asked = retry_after(response, datetime.now(UTC))
        if not (asked or "visit" in request.meta):
            return response  # what else is asked for has its own idea of such an answer
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
        """Leave the domain alone for a while; False where the answer is to be taken as it is."""
        patience = self._domains.setdefault(domain, Patience())
        tries = request.meta.get(TRIES, 0)
        if not self._is_worth_waiting(patience, response.status, asked, tries):
            return False
        wait = self._wait(patience, response.status, asked, tries)
        if patience.waited + wait > self._longest:
            self._refuse(domain, patience, response, asked)
            return False
        self._hold(domain, patience, wait, is_slowed=REASON in request.meta)
        return True

    @property
    def _downloader(self) -> DomainDownloader:
        return cast("DomainDownloader", self._crawler.engine.downloader)

    def _is_worth_waiting(self, patience: Patience, status: int, asked: float, tries: int) -> bool:
        """Whether the page may come again, as far as it is not a matter of time."""
        if patience.refused is not None:
            return False
        if asked:
            return tries < MOST_PROMISES
        if status == TOO_MANY_REQUESTS:
            return tries < MOST_TRIES[status]
        if patience.given_up >= OUTAGE:
            return False
        patience.given_up += tries == MOST_TRIES[status]
        return tries < MOST_TRIES[status]

    def _wait(self, patience: Patience, status: int, asked: float, tries: int) -> float:
        """Seconds: as many as it asks for, more where it goes on asking."""
        again = min(patience.in_a_row, 20) if asked or status == TOO_MANY_REQUESTS else tries
        longer = FIRST_WAIT[status] * 2.0**again
        return max(asked, longer / 4 if again > 1 else 0.0) if asked else longer

    def _hold(self, domain: str, patience: Patience, wait: float, *, is_slowed: bool) -> None:
        """Leave a domain alone for so many seconds, and slow it down."""
        patience.waited += wait
        patience.in_a_row += 1
        self._crawler.stats.inc_value("backlinks/backoff/seconds", max(round(wait), 1))
        self._downloader.hold(domain, wait)
        if is_slowed:
            patience.delay = min(max(2 * self._downloader.delay_of(domain), FIRST_DELAY), SLOWEST)
            self._downloader.set_pace(domain, patience.delay)

    def _recover(self, domain: str) -> None:
        patience = self._domains[domain]
        patience.in_a_row = patience.given_up = 0
        if patience.delay:
            patience.delay *= RECOVERY
            self._downloader.set_pace(domain, patience.delay)

    def _refuse(self, domain: str, patience: Patience, response: Response, asked: float) -> None:
        """Ask nothing more of a domain in this run."""
        if response.status == UNAVAILABLE and not asked:
            return
        state = State.REFUSED if response.status == TOO_MANY_REQUESTS else State.SERVER_ERROR
        patience.refused = VisitRefusedError(state, _reason(response, asked))
        logger.info("%s is not asked any more in this run: %s", domain, patience.refused)
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
    """The seconds of a ``Retry-After`` header, which may also be a date; 0 where it is missing, past, or no such thing."""
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
