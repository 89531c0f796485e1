"""One page in the browser, from its bytes to the document after scripts, within a deadline."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.defer import ensure_awaitable
from scrapy_playwright.page import PageMethod

from backlinkbot import urls
from backlinkbot.download.redirects import SAFE
from backlinkbot.rendering.launch import CHROMIUM, NO_NETWORK
from backlinkbot.rendering.provider import BrowserError, first_line, within
from backlinkbot.rendering.scripts import BEFORE, reading
from backlinkbot.rendering.subresources import SubresourceRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.async_api import CDPSession, Route
    from playwright.async_api import Page as PlaywrightPage
    from playwright.async_api import Request as PlaywrightRequest
    from scrapy.http import Response
    from scrapy_playwright.handler import Config

    from backlinkbot.rendering.handler import BrowserHandler
    from backlinkbot.rendering.subresources import Subresource, Subresources

logger = logging.getLogger(__name__)

TO_OPEN: Final = 40.0
"""Seconds for a page to open, before anything is loaded."""
LIFE: Final = 5.0
"""Seconds of a page's own clock that it is given after it has begun to load; nobody waits for them (see :meth:`Tab._rest`)."""
MAX_RELOADS: Final = 2
"""Times that a page may load itself again."""
SHARE_FOR_REST: Final = 0.7
"""Of the deadline; a page that has not come to rest by then is taken as it is."""
TO_READ: Final = 5.0
"""Seconds for a page to be written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderResult:
    """What became of a rendering."""

    html: str = ""
    """The page after its scripts; empty where it could not be had."""
    url: str = ""
    """Its address then, which scripts may have changed."""
    sent_on: str = ""
    """Where the page sends its readers instead; nothing of that was fetched."""
    failure: str = ""
    """Why it could not be had: ``deadline``, ``crashed``, ``browser_gone``, ``too_large``, ``broken``."""
    is_at_rest: bool = True
    """True if the page had nothing left to load or run."""


class PageReadError(Exception):
    """Ends scrapy-playwright's download once a tab has its result.

    What the handler would do next has no bound: wait for the page's ``load`` event, and fetch all that the page holds by then.
    """


class Tab:
    """One rendering, as a request to scrapy-playwright."""

    def __init__(
        self,
        url: str,
        document: Subresource,
        parts: Subresources,
        *,
        agent: str,
        mark: str,
        max_size: int,
        deadline: float,
    ) -> None:
        """Take what is to be rendered.

        Args:
            url: the page's.
            document: what the server sent to the browser.
            parts: what it may ask for.
            agent: the user agent that its scripts see.
            mark: see ``PAGE_SCRIPTS``.
            max_size: characters of the page written down.
            deadline: seconds for all of it.
        """
        self._url, self._document, self._parts = url, document, parts
        self._agent, self._mark, self._max_size, self._deadline = agent, mark, max_size, deadline
        parsed = urls.parse(url)
        self._domain = urls.registrable_domain(parsed.hostname) if parsed is not None else ""
        self._page: PlaywrightPage | None = None
        self._session: CDPSession | None = None
        self._has_virtual_time = True
        self._refuses: Callable[[Any], Any] | None = None
        self._is_open = asyncio.Event()
        self._loads = 0
        self._sent_on = ""
        self._is_over = asyncio.Event()
        self._failure = ""
        self._result: RenderResult | None = None

    async def render(self, handler: BrowserHandler) -> RenderResult:
        """Renders; never raises for anything a page does. The caller closes the tab, whatever came of it.

        Raises:
            BrowserError: the browser opens no page.
        """
        self._refuses = handler.refuses
        self._has_virtual_time = handler.config.browser_type_name == CHROMIUM
        download = asyncio.ensure_future(handler.download_request(self._request(handler.config)))
        is_open = asyncio.ensure_future(self._is_open.wait())
        try:
            await asyncio.wait({download, is_open}, timeout=TO_OPEN, return_when=asyncio.FIRST_COMPLETED)
            if not self._is_open.is_set():
                raise BrowserError("it opens no page" + (f": {_why(download)}" if download.done() else ""))
            done, _ = await asyncio.wait({download}, timeout=self._deadline)
            return self._outcome(download) if done else RenderResult(failure="deadline")
        finally:
            is_open.cancel()
            download.cancel()
            download.add_done_callback(_why)

    def _outcome(self, download: asyncio.Future[Response]) -> RenderResult:
        if self._result is not None:
            return self._result
        if self._sent_on:  # a page that leaves at once: it has said where to
            return RenderResult(sent_on=self._sent_on)
        logger.info("%s cannot be rendered: %s", self._url, _why(download))
        return RenderResult(failure=self._failure or "broken")

    async def close(self) -> None:
        """Closes the page with all that it has opened."""
        if self._page is not None:
            await self._page.context.close()

    # --- what scrapy-playwright is asked for ---

    def _request(self, config: Config) -> Request:
        options = {
            **config.startup_context_kwargs.get("default", {}),
            "user_agent": self._agent,
            "proxy": NO_NETWORK,
            "service_workers": "block",
            "accept_downloads": False,
        }
        meta = {
            "verbatim_url": True,
            "playwright": True,
            "playwright_context": f"page {id(self)}",  # nothing of one page is left to the next
            "playwright_context_kwargs": options,
            "playwright_include_page": True,  # closed here, with its context
            "playwright_page_event_handlers": {
                "crash": lambda _: self._fail("crashed"),
                "close": lambda _: self._fail("browser_gone"),
            },
            "playwright_page_init_callback": self._prepare,
            "playwright_page_goto_kwargs": {"wait_until": "commit"},
            "playwright_page_methods": [PageMethod(self._show)],
        }
        return Request(self._url, meta=meta, callback=NO_CALLBACK)

    async def _prepare(self, page: PlaywrightPage, _: Request) -> None:
        """Called once the page is there, before it asks for anything."""
        self._page = page
        await page.context.add_init_script(BEFORE)
        # The handler has a route of its own, which this one answers before; pages that the page opens have the context's only.
        await page.context.route("**/*", self._answer)
        await page.route("**/*", self._answer)
        if self._has_virtual_time:
            self._session = session = await page.context.new_cdp_session(page)
            session.on("Emulation.virtualTimeBudgetExpired", lambda _: self._is_over.set())
        self._is_open.set()

    async def _show(self, page: PlaywrightPage) -> None:
        """The page method: waits until the page is at rest, and reads it."""
        self._result = await self._shown(page)
        raise PageReadError

    async def _shown(self, page: PlaywrightPage) -> RenderResult:
        is_at_rest = await self._rest(page)
        if self._sent_on or self._failure:
            return RenderResult(sent_on=self._sent_on, failure=self._failure)
        written = await self._read(page)
        if "html" not in written:
            return RenderResult(failure="too_large" if "size" in written else "broken")
        return RenderResult(html=written["html"], url=written["url"], is_at_rest=is_at_rest)

    async def _rest(self, page: PlaywrightPage) -> bool:
        """Waits until the page has lived for ``LIFE``; True if it has, in time.

        In Chromium by the page's own clock, which stands still while the page waits for an answer, and leaps to the next timer
        where nothing else is to be done: a timer of three seconds takes none, and whether a link is found does not depend on the
        load of the machine. https://chromedevtools.github.io/devtools-protocol/tot/Emulation/#method-setVirtualTimePolicy
        Other browsers have no such clock.
        """
        seconds = self._deadline * SHARE_FOR_REST
        if self._session is None:
            return await self._rest_in_real_time(page, seconds)
        if not self._is_over.is_set():
            await self._session.send(
                "Emulation.setVirtualTimePolicy",
                {
                    "policy": "pauseIfNetworkFetchesPending",
                    "budget": LIFE * 1000,
                    "maxVirtualTimeTaskStarvationCount": 10_000,
                },
            )
        return await self._is_over_within(seconds)

    async def _rest_in_real_time(self, page: PlaywrightPage, seconds: float) -> bool:
        if await self._is_over_within(min(LIFE, seconds)):
            return True
        try:
            await page.wait_for_load_state("networkidle", timeout=max(seconds - LIFE, 0.001) * 1000)
        except PlaywrightError:
            return False
        return True

    async def _is_over_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await within(seconds, self._is_over.wait())
        return self._is_over.is_set()

    async def _read(self, page: PlaywrightPage) -> Mapping[str, Any]:
        expression = reading(self._max_size, self._mark)
        if self._session is None:
            value: Mapping[str, Any] = await within(TO_READ, page.evaluate(expression))
            return value
        tree = await self._session.send("Page.getFrameTree")
        world = await self._session.send("Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"]})
        answer = await self._session.send(
            "Runtime.evaluate",
            {
                "contextId": world["executionContextId"],
                "expression": expression,
                "returnByValue": True,
                "timeout": TO_READ * 1000,
            },
        )
        return answer["result"].get("value") or {}

    def _fail(self, why: str) -> None:
        self._failure = self._failure or why
        self._is_over.set()

    # --- what the page asks for ---

    async def _answer(self, route: Route, request: PlaywrightRequest) -> None:
        """Called for every request of the context; whatever is not answered here meets the wall."""
        with suppress(PlaywrightError):  # the page is gone meanwhile
            if self._is_navigation(request):
                await self._navigate(route, request)
                return
            if self._refuses is not None and await ensure_awaitable(self._refuses(request)):
                self._parts.refuse("by_setting")
                await route.abort("blockedbyclient")
                return
            part = await asyncio.shield(asyncio.ensure_future(self._parts.get(self._subresource_request(request))))
            if part is None:
                await route.abort("blockedbyclient")
            else:
                await route.fulfill(status=part.status, headers=part.headers, body=part.body)

    def _is_navigation(self, request: PlaywrightRequest) -> bool:
        """True if a request would replace the page itself, and not a frame in it."""
        if not request.is_navigation_request():
            return False
        return request.frame.parent_frame is None and (self._page is None or request.frame.page is self._page)

    async def _navigate(self, route: Route, request: PlaywrightRequest) -> None:
        is_itself = request.method in SAFE and (not self._loads or _is_same(request.url, self._url))
        if is_itself and self._loads <= MAX_RELOADS:
            self._loads += 1
            await route.fulfill(status=self._document.status, headers=self._document.headers, body=self._document.body)
            return
        if not is_itself and request.method == "GET" and not self._sent_on:
            self._sent_on = request.url
            self._is_over.set()
        await route.abort("aborted")  # which leaves the page where it is

    def _subresource_request(self, request: PlaywrightRequest) -> SubresourceRequest:
        return SubresourceRequest(
            kind=request.resource_type,
            method=request.method,
            url=request.url,
            headers=request.headers,
            body=request.post_data_buffer,
            is_frame=request.is_navigation_request(),
            domain=self._domain,
            page_is_secure=self._url.startswith("https:"),
        )


def _is_same(first: str, second: str) -> bool:
    return first.partition("#")[0] == second.partition("#")[0]


def _why(task: asyncio.Future[Any]) -> str:
    """Returns what a task that is done failed with; empty if it was cancelled or did not fail."""
    error = None if task.cancelled() else task.exception()
    return first_line(error) if error is not None else ""
