"""What the tests name in scrapy-playwright's settings: browser providers, and a predicate of requests."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser
from scrapy_playwright.provider import PlaywrightBrowserProvider

from tests.chromium import chromium


class Own(PlaywrightBrowserProvider):  # type: ignore[misc] # untyped
    """As scrapy-playwright has it, without anything of ours."""


class AsFirefox(PlaywrightBrowserProvider):  # type: ignore[misc] # untyped
    """Says that it starts a Firefox, and starts Chromium."""

    async def launch_browser(self) -> Browser:
        assert self.config.browser_type_name == "firefox"
        assert self.config.launch_options["proxy"]["server"].startswith("socks5://nowhere.")
        browser: Browser = await self.playwright.chromium.launch(executable_path=chromium(), chromium_sandbox=False)
        return browser


def is_tracker(request: Any) -> bool:
    """True if the page asks a tracker."""
    return str(request.url).endswith("/tracker")
