"""Manages one Chromium process: starts it on demand, restarts it before it grows, kills it if it hangs.

It outlives nobody. Playwright's driver ends it when the pipe to us closes; should the driver fail to, a shell that waits at a
pipe of its own kills it: the system closes that pipe however we end, by SIGKILL too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from backlinkbot.rendering.driver import start_driver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from playwright.async_api import Browser as PlaywrightBrowser
    from playwright.async_api import BrowserContext, Playwright

T = TypeVar("T")
logger = logging.getLogger(__name__)

TO_START: Final = 60.0
"""Seconds; a machine under load takes ten."""
TO_OPEN: Final = 20.0
"""Seconds for a page to open."""
TO_CLOSE: Final = 5.0
"""Seconds for a page or a browser to close, before it is killed."""
MAX_FAILURES: Final = 3
"""Starts that fail in a row, before no more are tried."""

# The browser reaches no network: what a page asks for is answered by the crawl's own client, and what slips through meets
# a proxy whose name nobody knows, loopback and addresses included.
ARGUMENTS: Final = (
    "--proxy-server=socks5://nowhere.invalid:1",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--js-flags=--max-old-space-size=512",  # MB of one page's objects
    "--disable-crash-reporter",
    "--mute-audio",
)
# Playwright lets pages open others unasked; left out, no page does that without a reader's click.
_NOT_WANTED: Final = ("--disable-popup-blocking",)

# Reads a line: we end it well. Reads the end: we are gone, and a second later so is the browser.
_WATCH: Final = 'read -r word && exit; sleep 1; kill -s KILL -- "$1" 2>/dev/null'


class BrowserError(Exception):
    """There is no browser, or it does not do as it is told; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How the browser is started."""

    executable: str
    """Empty for the one that Playwright has installed."""
    arguments: tuple[str, ...] = ()
    """More than ours, the user's."""


class Browser:
    """Opens contexts, each a browser of its own to the page in it: nothing is left of one for the next."""

    def __init__(self, command: Command, *, restart_after: int) -> None:
        """Start nothing yet.

        Args:
            command: what to start.
            restart_after: pages that one process opens; 0: no bound.
        """
        self._command = command
        self._restart_after = restart_after
        self._playwright: Playwright | None = None
        self._chromium: _Chromium | None = None
        self._starting = asyncio.Lock()
        self._failures = 0
        self.started = 0
        """How often one was started."""

    @asynccontextmanager
    async def context(self, **options: Any) -> AsyncIterator[BrowserContext]:
        """A context, closed in the end; the browser goes with it where it cannot be closed.

        Raises:
            BrowserError: there is none to be had.
        """
        chromium = await self._running()
        chromium.users += 1
        context = None
        try:
            try:
                context = await within(TO_OPEN, chromium.browser.new_context(**options))
            except Exception as error:  # Playwright's; or the loop's, where its driver is gone: a signal to the group
                chromium.kill()
                raise BrowserError(f"it opens no page: {_line(error)}") from error
            yield context
        finally:
            if context is not None and not await ends(TO_CLOSE, context.close()):
                logger.warning("the browser cannot close a page, and is killed")
                chromium.kill()
            chromium.users -= 1
            if chromium.is_retired and not chromium.users:
                await chromium.close()

    async def _running(self) -> _Chromium:
        async with self._starting:
            chromium = self._chromium
            if chromium is not None and (
                not chromium.is_alive or (self._restart_after and chromium.pages >= self._restart_after)
            ):
                chromium.is_retired = True
                if not chromium.users:
                    await chromium.close()
                chromium = self._chromium = None
            if chromium is None:
                chromium = self._chromium = await self._start()
            chromium.pages += 1
            return chromium

    async def _start(self) -> _Chromium:
        if self._failures >= MAX_FAILURES:
            raise BrowserError("it did not start")
        try:
            if self._playwright is None:
                self._playwright = await within(TO_START, start_driver())
            chromium = await _launch(self._playwright, self._command)
        except Exception as error:  # as above
            self._failures += 1
            await self._stop_driver()
            raise BrowserError(f"it does not start: {_line(error)}") from error
        self._failures = 0
        self.started += 1
        return chromium

    async def close(self) -> None:
        """End everything; may be called twice."""
        async with self._starting:
            if self._chromium is not None:
                await self._chromium.close()
                self._chromium = None
            await self._stop_driver()

    async def _stop_driver(self) -> None:
        if self._playwright is not None:
            playwright, self._playwright = self._playwright, None
            await ends(TO_CLOSE, playwright.stop())


async def _launch(playwright: Playwright, command: Command) -> _Chromium:
    browser = await within(
        TO_START,
        playwright.chromium.launch(
            executable_path=command.executable or None,
            args=[*ARGUMENTS, *command.arguments],
            ignore_default_args=list(_NOT_WANTED),
            # As root Chromium does not start in its sandbox; everybody else's stays in it.
            chromium_sandbox=os.geteuid() != 0,
            handle_sigint=False,  # when to end is the crawl's to say
            handle_sigterm=False,
            handle_sighup=False,
            timeout=TO_START * 1000,
        ),
    )
    session = await within(TO_OPEN, browser.new_browser_cdp_session())
    processes = (await within(TO_OPEN, session.send("SystemInfo.getProcessInfo")))["processInfo"]
    return _Chromium(browser, next(int(one["id"]) for one in processes if one["type"] == "browser"))


class _Chromium:
    """A running Chromium: the head of a process group of its own, as Playwright starts it."""

    def __init__(self, browser: PlaywrightBrowser, pid: int) -> None:
        self.browser = browser
        self.pages = 0
        self.users = 0
        self.is_retired = False
        self._is_killed = False
        self._group = pid
        self._watch = subprocess.Popen(  # noqa: S603 - our own words
            ("/bin/sh", "-c", _WATCH, "sh", f"-{pid}"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is not for it
        )

    @property
    def is_alive(self) -> bool:
        return not self._is_killed and self.browser.is_connected()

    def kill(self) -> None:
        """End all its processes now."""
        if not self._is_killed:
            self._is_killed = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)

    async def close(self) -> None:
        if self.is_alive and not await ends(TO_CLOSE, self.browser.close()):
            self.kill()
        self._is_killed = True
        if self._watch.stdin is not None:
            with contextlib.suppress(OSError):
                self._watch.stdin.write(b"done\n")
                self._watch.stdin.close()
        await asyncio.get_running_loop().run_in_executor(None, self._watch.wait)


async def within(seconds: float, asked: Coroutine[Any, Any, T]) -> T:
    """What is asked of Playwright, if it answers in time; it is left to end by itself, for Playwright cannot be cancelled.

    Raises:
        TimeoutError: it does not.
    """
    task = asyncio.ensure_future(asked)
    task.add_done_callback(_hear)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        raise TimeoutError(f"no answer within {seconds:.0f} s")
    return task.result()


async def ends(seconds: float, asked: Coroutine[Any, Any, Any]) -> bool:
    """Whether it ends in time; an error is an end."""
    try:
        await within(seconds, asked)
    except TimeoutError:
        return False
    except Exception as error:  # noqa: BLE001 - Playwright's of many kinds, where the other side is gone already
        logger.debug("the browser: %s", error)
    return True


def _hear(task: asyncio.Future[Any]) -> None:
    """Look at what became of it, or asyncio complains that nobody did."""
    if not task.cancelled():
        task.exception()


def _line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
