"""Runs one browser at a time: starts it on demand, renews it before it grows, ends it if it hangs."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlinkbot.rendering.handler import BrowserHandler
from backlinkbot.rendering.provider import TO_CLOSE, BrowserError, ends, first_line

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from backlinkbot.rendering.tab import RenderResult, Tab

logger = logging.getLogger(__name__)

MAX_FAILURES = 3
"""Starts that fail in a row, before no more are tried."""


@dataclass(eq=False, slots=True)
class _Running:
    """A handler with its browser."""

    handler: BrowserHandler
    pages: int = 0
    users: int = 0
    is_retired: bool = False

    @property
    def is_alive(self) -> bool:
        return bool(getattr(self.handler.browser_provider, "is_alive", True))

    def kill(self) -> None:
        """Ends the browser now, where its provider can: another than ours need not."""
        self.is_retired = True
        kill = getattr(self.handler.browser_provider, "kill", None)
        if kill is not None:
            kill()

    async def close(self) -> None:
        if not await ends(2 * TO_CLOSE, self.handler.close()):
            self.kill()
            await ends(2 * TO_CLOSE, self.handler.browser_provider.close())


class Browser:
    """Renders tabs, each in a context of its own: nothing is left of one for the next."""

    def __init__(self, crawler: Crawler, *, restart_after: int) -> None:
        """Starts nothing yet.

        Args:
            crawler: whose settings say what is started.
            restart_after: pages that one browser opens; 0: no bound.
        """
        self._crawler = crawler
        self._restart_after = restart_after
        self._current: _Running | None = None
        self._starting = asyncio.Lock()
        self._failures = 0
        self.started = 0
        """How often one was started."""

    async def render(self, tab: Tab) -> RenderResult:
        """Renders a tab and closes it; the browser goes with it where it cannot be closed.

        Raises:
            BrowserError: there is none to be had.
        """
        running = await self._running()
        running.users += 1
        try:
            try:
                return await tab.render(running.handler)
            except BrowserError:
                running.kill()
                raise
            finally:
                if not await ends(TO_CLOSE, tab.close()):
                    logger.warning("the browser cannot close a page, and is killed")
                    running.kill()
        finally:
            running.users -= 1
            if running.is_retired and not running.users:
                await self._end(running)

    async def _running(self) -> _Running:
        async with self._starting:
            running = self._current
            if running is not None and (
                running.is_retired
                or not running.is_alive
                or (self._restart_after and running.pages >= self._restart_after)
            ):
                running.is_retired = True
                if not running.users:
                    await self._end(running)
                running = self._current = None
            if running is None:
                running = self._current = await self._start()
            running.pages += 1
            return running

    async def _start(self) -> _Running:
        if self._failures >= MAX_FAILURES:
            raise BrowserError("it did not start")
        handler = None
        try:
            handler = BrowserHandler(self._crawler)
            await handler.start()
        except Exception as error:
            self._failures += 1
            if handler is not None:
                await ends(TO_CLOSE, handler.close())
            raise error if isinstance(error, BrowserError) else BrowserError(first_line(error)) from error
        self._failures = 0
        self.started += 1
        return _Running(handler)

    async def _end(self, running: _Running) -> None:
        if self._current is running:
            self._current = None
        await running.close()

    async def close(self) -> None:
        """Ends everything; may be called twice."""
        async with self._starting:
            if self._current is not None:
                await self._end(self._current)
