"""The browser provider for scrapy-playwright: starts one browser, kills it if it hangs, and leaves no process behind.

The browser outlives nobody. Playwright's driver ends it when the pipe to us closes; should the driver fail to, a shell that
waits at a pipe of its own kills it: the system closes that pipe however we end, by SIGKILL too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any, Final, TypeVar

from scrapy.exceptions import NotSupported
from scrapy_playwright.provider import PlaywrightBrowserProvider

from backlinkbot.rendering.driver import in_a_session_of_its_own
from backlinkbot.rendering.launch import CHROMIUM, TO_START

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from playwright.async_api import Browser as PlaywrightBrowser
    from playwright.async_api import BrowserContext
    from scrapy_playwright.handler import Config

T = TypeVar("T")
logger = logging.getLogger(__name__)

TO_CLOSE: Final = 5.0
"""Seconds for a page or a browser to close, before it is killed."""

# Reads a line: the browser has been closed. Reads the end: we are gone, and a second later so is the browser.
_WATCH: Final = 'read -r word && exit; sleep 1; kill -s KILL -- "$1" 2>/dev/null'


class BrowserError(Exception):
    """There is no browser, or it does not answer; says why."""


class GuardedProvider(PlaywrightBrowserProvider):  # type: ignore[misc] # untyped
    """Provides one browser, started at once; another takes another provider.

    A remote browser (``PLAYWRIGHT_CDP_URL``, ``PLAYWRIGHT_CONNECT_URL``) is connected to, and never killed.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._browser: PlaywrightBrowser | None = None
        self._watch: _Watch | None = None
        self._is_killed = False

    async def start(self) -> None:
        """Starts the driver and the browser.

        Raises:
            BrowserError: one of them does not start.
        """
        try:
            with in_a_session_of_its_own():
                await within(TO_START, super().start())
            self._browser = browser = await within(TO_START, super().launch_browser())
            if self.config.browser_type_name == CHROMIUM and not (self.config.cdp_url or self.config.connect_url):
                self._watch = _Watch(await within(TO_START, _process_id(browser)))
        except Exception as error:  # Playwright's; or the loop's, where its driver is gone: a signal to the group
            await self.close()
            raise BrowserError(f"it does not start: {first_line(error)}") from error

    async def launch_browser(self) -> PlaywrightBrowser:
        """Returns the browser that was started.

        Raises:
            BrowserError: it has ended.
        """
        if self._browser is None or not self.is_alive:
            raise BrowserError("it has ended")
        return self._browser

    async def launch_persistent_context(self, context_kwargs: dict[str, Any]) -> BrowserContext:
        """Refuses: every page has a context of its own, of which nothing is kept."""
        raise NotSupported(
            "PLAYWRIGHT_CONTEXTS: a context with a user_data_dir, of which the next page would see something"
        )

    @property
    def is_alive(self) -> bool:
        """True if the browser runs and is connected to."""
        return self._browser is not None and not self._is_killed and self._browser.is_connected()

    def kill(self) -> None:
        """Ends all processes of the browser now; of a remote one, nothing is used any more."""
        self._is_killed = True
        if self._watch is not None:
            self._watch.kill()

    async def close(self) -> None:
        """Ends the browser and its driver, by force where they do not end in time."""
        if self._browser is not None and self.is_alive and not await ends(TO_CLOSE, self._browser.close()):
            self.kill()
        self._is_killed = True
        if self._watch is not None:
            await self._watch.close()
        await ends(TO_CLOSE, super().close())


async def _process_id(browser: PlaywrightBrowser) -> int:
    session = await browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    return next(int(one["id"]) for one in processes if one["type"] == "browser")


class _Watch:
    """The process group of a running Chromium, which Playwright starts as the head of one, and the shell that ends it."""

    def __init__(self, pid: int) -> None:
        self._group: int | None = pid
        self._shell = subprocess.Popen(  # noqa: S603 - our own words
            ("/bin/sh", "-c", _WATCH, "sh", f"-{pid}"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is not for it
        )

    def kill(self) -> None:
        if self._group is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
            self._group = None  # whose number may soon be another's

    async def close(self) -> None:
        self._group = None
        if self._shell.stdin is not None:
            with contextlib.suppress(OSError, ValueError):  # ValueError: closed before
                self._shell.stdin.write(b"done\n")
                self._shell.stdin.close()
        await asyncio.get_running_loop().run_in_executor(None, self._shell.wait)


async def within(seconds: float, asked: Coroutine[Any, Any, T]) -> T:
    """Returns what is asked of the browser; cancels it if it does not answer in time.

    Raises:
        TimeoutError: it does not.
    """
    task = asyncio.ensure_future(asked)
    task.add_done_callback(_look_at)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            raise TimeoutError(f"no answer within {seconds:.0f} s")
        return task.result()
    finally:
        task.cancel()


async def ends(seconds: float, asked: Coroutine[Any, Any, Any]) -> bool:
    """True if it ends in time; an error is an end."""
    try:
        await within(seconds, asked)
    except TimeoutError:
        return False
    except Exception as error:  # noqa: BLE001 - Playwright's of many kinds, where the other side is gone already
        logger.debug("the browser: %s", error)
    return True


def _look_at(task: asyncio.Future[Any]) -> None:
    """Retrieves the error of a task that nobody waits for any more; asyncio logs one that nobody has retrieved."""
    if not task.cancelled():
        task.exception()


def first_line(error: BaseException) -> str:
    """Returns what an error says, in one line."""
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
