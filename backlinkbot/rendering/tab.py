"""One page in the browser, from its bytes to the document after scripts, within a deadline."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from playwright.async_api import Error as PlaywrightError

from backlinkbot import urls
from backlinkbot.download.redirects import SAFE
from backlinkbot.rendering.browser import TO_OPEN, within
from backlinkbot.rendering.scripts import BEFORE, reading
from backlinkbot.rendering.subresources import SubresourceRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.async_api import BrowserContext, CDPSession, Request, Route
    from playwright.async_api import Page as PlaywrightPage

    from backlinkbot.rendering.subresources import Subresource, Subresources

logger = logging.getLogger(__name__)

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
    """Whether it had nothing more to do."""


class Tab:
    """One rendering."""

    def __init__(
        self, url: str, document: Subresource, parts: Subresources, *, mark: str, max_size: int, deadline: float
    ) -> None:
        """Take what is to be rendered.

        Args:
            url: the page's.
            document: what the server sent to the browser.
            parts: what it may ask for.
            mark: see ``PAGE_SCRIPTS``.
            max_size: characters of the page written down.
            deadline: seconds for all of it.
        """
        self._url, self._document, self._parts = url, document, parts
        self._mark, self._max_size, self._deadline = mark, max_size, deadline
        parsed = urls.parse(url)
        self._domain = urls.registrable_domain(parsed.hostname) if parsed is not None else ""
        self._page: PlaywrightPage | None = None
        self._loads = 0
        self._sent_on = ""
        self._is_over = asyncio.Event()
        self._failure = ""

    async def render(self, context: BrowserContext) -> RenderResult:
        """Render; the caller closes the context, whatever came of it. Never raises for anything a page does."""
        try:
            return await within(self._deadline, self._render(context))
        except TimeoutError:
            return RenderResult(failure="deadline")
        except Exception as error:  # noqa: BLE001 - Playwright's; or the loop's, where its driver is gone
            logger.info("%s cannot be rendered: %s", self._url, error)
            return RenderResult(failure=self._failure or "broken")

    async def _render(self, context: BrowserContext) -> RenderResult:
        await context.add_init_script(BEFORE)
        await context.route("**/*", self._answer)
        page = self._page = await context.new_page()
        page.on("crash", lambda _: self._fail("crashed"))
        page.on("close", lambda _: self._fail("browser_gone"))
        session = await context.new_cdp_session(page)
        session.on("Emulation.virtualTimeBudgetExpired", lambda _: self._is_over.set())
        with suppress(PlaywrightError):  # a page that leaves at once: it has said where to
            await page.goto(self._url, wait_until="commit", timeout=TO_OPEN * 1000)
        is_at_rest = await self._rest(session)
        if self._sent_on or self._failure:
            return RenderResult(sent_on=self._sent_on, failure=self._failure)
        written = await self._read(session)
        if "html" not in written:
            return RenderResult(failure="too_large" if "size" in written else "broken")
        return RenderResult(html=written["html"], url=written["url"], is_at_rest=is_at_rest)

    async def _rest(self, session: CDPSession) -> bool:
        """Wait until the page has lived for ``LIFE`` by its own clock; whether it has, in time.

        That clock stands still while the page waits for an answer, and leaps to the next timer where nothing else is to
        be done: a timer of three seconds takes none, and whether a link is found does not depend on the load of the
        machine. https://chromedevtools.github.io/devtools-protocol/tot/Emulation/#method-setVirtualTimePolicy
        """
        if not self._is_over.is_set():
            await session.send(
                "Emulation.setVirtualTimePolicy",
                {
                    "policy": "pauseIfNetworkFetchesPending",
                    "budget": LIFE * 1000,
                    "maxVirtualTimeTaskStarvationCount": 10_000,
                },
            )
        try:
            await asyncio.wait_for(self._is_over.wait(), self._deadline * SHARE_FOR_REST)
        except TimeoutError:
            return False
        return True

    async def _read(self, session: CDPSession) -> Mapping[str, Any]:
        tree = await session.send("Page.getFrameTree")
        world = await session.send("Page.createIsolatedWorld", {"frameId": tree["frameTree"]["frame"]["id"]})
        answer = await session.send(
            "Runtime.evaluate",
            {
                "contextId": world["executionContextId"],
                "expression": reading(self._max_size, self._mark),
                "returnByValue": True,
                "timeout": TO_READ * 1000,
            },
        )
        value: Mapping[str, Any] = answer["result"].get("value") or {}
        return value

    def _fail(self, why: str) -> None:
        self._failure = self._failure or why
        self._is_over.set()

    # --- what the page asks for ---

    async def _answer(self, route: Route, request: Request) -> None:
        """Called for every request of the context; whatever is not answered here meets the wall."""
        with suppress(PlaywrightError):  # the page is gone meanwhile
            if self._is_navigation(request):
                await self._navigate(route, request)
                return
            part = await asyncio.shield(asyncio.ensure_future(self._parts.get(self._subresource_request(request))))
            if part is None:
                await route.abort("blockedbyclient")
            else:
                await route.fulfill(status=part.status, headers=part.headers, body=part.body)

    def _is_navigation(self, request: Request) -> bool:
        """Whether the page itself, not a frame in it, is to be another."""
        if not request.is_navigation_request():
            return False
        return request.frame.parent_frame is None and (self._page is None or request.frame.page is self._page)

    async def _navigate(self, route: Route, request: Request) -> None:
        is_itself = request.method in SAFE and (not self._loads or _is_same(request.url, self._url))
        if is_itself and self._loads <= MAX_RELOADS:
            self._loads += 1
            await route.fulfill(status=self._document.status, headers=self._document.headers, body=self._document.body)
            return
        if not is_itself and request.method == "GET" and not self._sent_on:
            self._sent_on = request.url
            self._is_over.set()
        await route.abort("aborted")  # which leaves the page where it is

    def _subresource_request(self, request: Request) -> SubresourceRequest:
        return SubresourceRequest(
            kind=request.resource_type,
            method=request.method,
            url=request.url,
            headers=request.headers,
            body=request.post_data_buffer,
            is_frame=request.is_navigation_request(),
            domain=self._domain,
        )


def _is_same(first: str, second: str) -> bool:
    return first.partition("#")[0] == second.partition("#")[0]
