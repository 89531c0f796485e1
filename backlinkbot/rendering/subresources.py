"""Fetches a rendered page's subresources with the crawl's own client, under its robots.txt, address and size rules.

The browser itself reaches no network. So whatever the crawler may not fetch, no script of a page can have fetched.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from backlinkbot import urls
from backlinkbot.configuration.site_headers import FOREIGN, PART
from backlinkbot.download.redirects import SAFE
from backlinkbot.download.slots import SLOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.download.slots import DomainDownloader

logger = logging.getLogger(__name__)

KINDS: Final = frozenset({"script", "stylesheet", "xhr", "fetch"})
"""What is fetched for a page, in Playwright's words: what may write links, and what may hide them."""
KEPT: Final = frozenset({"script", "stylesheet"})
"""What other pages of the site ask for, too."""
MAX_PARTS: Final = 200
"""Requests of one page."""
MAX_BYTES: Final = 30 * 1024 * 1024
"""Of all parts of one page together."""
MAX_KEPT: Final = 64 * 1024 * 1024
"""Bytes of scripts and style sheets that are kept for the pages to come."""
AT_ONCE: Final = 4
"""Requests to one registrable domain for parts of pages; a reader's browser has six to one host."""

# As a browser asks for a page; the user agent and what can be unpacked are the crawler's.
_AS_A_DOCUMENT: Final = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Upgrade-Insecure-Requests": "1",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-User": "?1",
}
_NOT_PASSED_ON: Final = frozenset({"user-agent", "accept-encoding", "cookie", "host", "connection", "content-length"})
# Undone by the crawler, about its connection, or for a store that a rendering does not have.
_NOT_HANDED_OVER: Final = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie", "alt-svc"}
    | {"strict-transport-security", "report-to", "nel", "link"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubresourceRequest:
    """One request of a page's."""

    kind: str
    """Playwright's ``resource_type``."""
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    is_frame: bool
    """True if it is for a frame in the page or for another page, whose links are not the page's."""
    domain: str
    """The page's registrable domain."""
    page_is_secure: bool = True
    """False if the page came over http, where anybody on the way may have written its scripts."""

    @property
    def goes_to(self) -> str:
        """The registrable domain asked; empty for what is no web address."""
        url = urls.parse(self.url)
        return urls.registrable_domain(url.hostname) if url is not None and urls.is_web(url) else ""

    @property
    def is_foreign(self) -> bool:
        """True if the page belongs to another site, or came over http: its scripts must not see what passwords open."""
        return self.goes_to != self.domain or (self.url.startswith("https:") and not self.page_is_secure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subresource:
    """What a page gets."""

    status: int
    headers: dict[str, str]
    body: bytes


# reason -> what is not even asked for; the first that holds.
REFUSED: Final[tuple[tuple[str, Callable[[SubresourceRequest], bool]], ...]] = (
    ("frame", lambda request: request.is_frame),
    ("kind", lambda request: request.kind not in KINDS),
    ("not_web", lambda request: not request.goes_to),
    # A script must not make us write to whom its page does not belong to; redirects keep to that, too (``redirected``).
    (
        "method",
        lambda request: request.method not in SAFE and (request.method != "POST" or request.goes_to != request.domain),
    ),
)


class Subresources:
    """The parts of one page, counted."""

    def __init__(self, fetcher: Fetcher, max_parts: int = MAX_PARTS, max_bytes: int = MAX_BYTES) -> None:
        self._fetcher = fetcher
        self._parts_left = max_parts
        self._bytes_left = max_bytes

    async def get(self, request: SubresourceRequest) -> Subresource | None:
        """The answer; None for what the page does not get, whatever the reason. Never raises for anything the web does."""
        reason = next((reason for reason, holds in REFUSED if holds(request)), "")
        if not reason and (self._parts_left <= 0 or self._bytes_left <= 0):
            reason = "too_much"
        if reason:
            self.refuse(reason)
            return None
        self._parts_left -= 1
        part = await self._fetcher.part(request)
        self._bytes_left -= len(part.body) if part is not None else 0
        return part

    def refuse(self, why: str) -> None:
        """Counts what is not fetched."""
        self._fetcher.refuse(why)


_Key = tuple[str, bool]
"""The URL of a part, and whether it is for a page of another site."""


class Fetcher:
    """Fetches for all pages of a crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._kept: OrderedDict[_Key, Subresource] = OrderedDict()
        self._kept_bytes = 0
        self._under_way: dict[_Key, asyncio.Future[Subresource | None]] = {}

    async def document(self, url: str, *, as_browser: bool = True) -> Response:
        """The page itself, as a browser asks for it, in its turn and after its domain's delay; raises what Scrapy raises.

        Args:
            url: the page's.
            as_browser: whether to ask as a browser does, not as the crawler.
        """
        headers = _AS_A_DOCUMENT if as_browser else None
        return await self._crawler.engine.download_async(
            Request(url, headers=headers, meta={"verbatim_url": True}, callback=NO_CALLBACK)
        )

    def refuse(self, why: str) -> None:
        """Count what is not fetched."""
        self._crawler.stats.inc_value(f"backlinks/rendering/refused/{why}")

    async def part(self, request: SubresourceRequest) -> Subresource | None:
        """One part; those that other pages have asked for are kept."""
        if request.kind not in KEPT or request.method != "GET":
            return await self._fetch(request)
        key = (request.url, request.is_foreign)
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        if (waiting := self._under_way.get(key)) is not None:
            return await asyncio.shield(waiting)
        self._under_way[key] = asyncio.get_running_loop().create_future()
        part = None
        try:
            part = await self._fetch(request)
        finally:
            self._under_way.pop(key).set_result(part)
        if part is not None and part.status == 200:
            self._keep(key, part)
        return part

    def _keep(self, key: _Key, part: Subresource) -> None:
        self._kept[key] = part
        self._kept_bytes += len(part.body)
        while self._kept_bytes > MAX_KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest.body)

    async def _fetch(self, request: SubresourceRequest) -> Subresource | None:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_PASSED_ON}
        # Not behind the delay between pages: who opens a page in a browser asks for its parts at once, too.
        slot = f"parts of {request.goes_to}"
        downloader = cast("DomainDownloader", self._crawler.engine.downloader)
        downloader.per_slot_settings.setdefault(slot, {"concurrency": AT_ONCE, "delay": 0.0})
        meta: dict[str, Any] = {
            SLOT: "parts of {domain}",
            "any_content": True,
            "verbatim_url": True,
            "dont_retry": True,
            PART: True,
        }
        if request.is_foreign:
            meta[FOREIGN] = True
        try:
            outgoing = Request(
                request.url,
                method=request.method,
                headers=headers,
                body=None if request.method in SAFE else request.body,
                meta=meta,
                callback=NO_CALLBACK,
            )
            response = await self._crawler.engine.download_async(outgoing)
        except Exception as error:  # noqa: BLE001 - a part that is not to be had is the page's matter
            logger.debug("no part %s: %s", request.url, error)
            self.refuse("not_had")
            return None
        self._crawler.stats.inc_value("backlinks/rendering/parts")
        return Subresource(status=response.status, headers=handed_over(response), body=response.body)


def handed_over(response: Response) -> dict[str, str]:
    """An answer's headers as the browser gets them."""
    found = ((raw.decode("latin-1").lower(), response.headers.getlist(raw)) for raw in response.headers)
    return {
        name: ", ".join(value.decode("latin-1") for value in values)
        for name, values in found
        if name not in _NOT_HANDED_OVER
    }
