"""A Chromium that reads recorded pages: headless, scripts off, and nothing but the page itself ever reaches it.

Every request of a tab stops at this program: the page's own is answered with the recorded bytes, so it believes to be where
it was found; all others are refused.
"""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from backlinkbot.extract.html.conditions import HEIGHT, WIDTH
from tests.browser import HOW_TO_INSTALL, NAMES, Browser, BrowserError, find_chromium

__all__ = ["HOW_TO_INSTALL", "NAMES", "BrowserError", "Chromium", "find_chromium"]


class Chromium(Browser):
    """A browser whose tab is shown one recorded page after the other."""

    def __init__(self, executable: str) -> None:
        super().__init__(executable, "--blink-settings=imagesEnabled=false")
        self._recorded: tuple[str, str, bytes] | None = None
        self._loaded: dict[str, asyncio.Event] = {}
        self.on = {"Page.lifecycleEvent": self._take_lifecycle, "Fetch.requestPaused": self._answer_request}

    async def open_tab(self) -> None:
        await super().open_tab()
        await self.call("Page.enable")
        await self.call("Page.setLifecycleEventsEnabled", enabled=True)
        await self.call("Emulation.setScriptExecutionDisabled", value=True)
        await self.call(  # the window that our style sheets are read for
            "Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False
        )
        await self.call("Fetch.enable", patterns=[{"urlPattern": "*"}])

    async def read(self, url: str, content_type: str, body: bytes, expression: str, *, seconds: float = 60) -> Any:
        """Show the tab a page and say what the JavaScript expression is there, once its bytes are parsed.

        Raises:
            BrowserError: it could not be shown; the browser is of no further use.
        """
        self._loaded.clear()
        self._recorded = (url, content_type, body)
        try:
            async with asyncio.timeout(seconds):
                if "#" in url:  # a page at the same place would only be scrolled
                    await self.call("Page.navigate", url="about:blank")
                shown = await self.call("Page.navigate", url=url)
                if "errorText" in shown:
                    raise BrowserError(f"{url}: {shown['errorText']}")
                await self._loaded.setdefault(shown["loaderId"], asyncio.Event()).wait()
                world = await self.call("Page.createIsolatedWorld", frameId=shown["frameId"], worldName="oracle")
                result = await self.call(
                    "Runtime.evaluate",
                    contextId=world["executionContextId"],
                    expression=expression,
                    returnByValue=True,
                )
        except TimeoutError as error:
            raise BrowserError(f"{url}: no answer within {seconds} s") from error
        if "exceptionDetails" in result:
            raise BrowserError(f"{url}: {result['exceptionDetails']}")
        return result["result"]["value"]

    def _take_lifecycle(self, params: dict[str, Any]) -> None:
        if params["name"] == "DOMContentLoaded":
            self._loaded.setdefault(params["loaderId"], asyncio.Event()).set()

    def _answer_request(self, params: dict[str, Any]) -> None:
        request = params["requestId"]
        is_wanted = self._recorded is not None and params["resourceType"] == "Document"
        if is_wanted and self._recorded is not None and params["request"]["url"] == self._recorded[0].partition("#")[0]:
            _, content_type, body = self._recorded
            self._recorded = None  # a page that refreshes itself is shown once
            answer: dict[str, Any] = {
                "requestId": request,
                "responseCode": 200,
                "responseHeaders": [{"name": "Content-Type", "value": content_type}],
                "body": base64.b64encode(body).decode(),
            }
            self.tell("Fetch.fulfillRequest", **answer)
        else:
            # An aborted navigation, of a frame or by <meta http-equiv=refresh>, leaves the page as it is.
            self.tell("Fetch.failRequest", requestId=request, errorReason="Aborted")
