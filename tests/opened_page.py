"""A file opened in a real browser, as a reader opens it: scripts on; what it complains about and asks for is written down."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

from tests.browser import Browser


class OpenedPage(Browser):
    """The tab with the file in it."""

    def __init__(self, executable: str) -> None:
        super().__init__(executable)
        self.complaints: list[str] = []
        """Of the console: errors, warnings, what the security policy kept from running."""
        self._asked: dict[str, str] = {}
        self._loaded = asyncio.Event()
        self.on = {
            "Page.loadEventFired": lambda _: self._loaded.set(),
            "Network.requestWillBeSent": lambda params: self._asked.update(
                {params["requestId"]: params["request"]["url"]}
            ),
            "Network.loadingFailed": self._take_failure,
            "Log.entryAdded": lambda params: self.complaints.append(params["entry"]["text"]),
            "Runtime.consoleAPICalled": lambda params: self.complaints.append(json.dumps(params["args"])),
            "Runtime.exceptionThrown": lambda params: self.complaints.append(json.dumps(params["exceptionDetails"])),
        }

    @property
    def requests(self) -> list[str]:
        """Every URL that was asked for, the file's own included; what the security policy stopped never set out."""
        return list(self._asked.values())

    def _take_failure(self, params: dict[str, Any]) -> None:
        if params.get("blockedReason") == "csp":
            del self._asked[params["requestId"]]

    async def open_tab(self) -> None:
        await super().open_tab()
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.call(f"{domain}.enable")

    async def open(self, path: Path) -> None:
        """Open the file; what was complained about before is forgotten."""
        await self.value("0")  # what still comes of the last page has come
        self.complaints.clear()
        self._asked.clear()
        self._loaded.clear()
        await self.call("Page.navigate", url=path.as_uri())
        async with asyncio.timeout(60):
            await self._loaded.wait()

    async def value(self, expression: str) -> Any:
        """What the JavaScript expression is, in the page."""
        result = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def click(self, selector: str) -> None:
        """Click in the middle of an element, as a mouse does."""
        element = f"document.querySelector({json.dumps(selector)})"
        await self.value(f"{element}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        box = await self.value(f"{element}.getBoundingClientRect().toJSON()")
        where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, **where)

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        await self.call("Input.insertText", text=text)

    async def screen(self, width: int, height: int, *, scheme: str = "light", media: str = "screen") -> None:
        """Look at it on a screen of that size, or as it would be printed."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.call("Emulation.setEmulatedMedia", media=media, features=features)

    async def picture(self) -> bytes:
        """All of the page, as PNG."""
        shot = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    async def print(self) -> bytes:
        """The page on paper, as PDF."""
        printed = await self.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
        return base64.b64decode(printed["data"])
