"""scrapy-playwright's download handler, which starts with the first page that needs it and lets the browser fetch nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy.crawler import Crawler


class BrowserHandler(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc] # untyped
    """scrapy-playwright's handler, created after the engine has started.

    The parent starts its browser provider when the engine starts; a handler that is created later waits for :meth:`start`.
    """

    lazy = True
    abort_request: Callable[[Any], Any] | None

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.refuses = self.abort_request
        """The user's ``PLAYWRIGHT_ABORT_REQUEST``."""
        # What a tab has not answered itself (see ``Tab``) comes here.
        self.abort_request = lambda _: True

    async def start(self) -> None:
        """Starts the provider.

        Raises:
            BrowserError: it does not start.
        """
        self.browser_provider = self.browser_provider_cls(self.config)
        await self.browser_provider.start()
