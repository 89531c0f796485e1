"""A headless Chromium, spoken to over the Chrome DevTools Protocol through a pair of pipes; nothing of it reaches a network."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW_TO_INSTALL = (
    "no Chromium here: install it (Debian: apt-get install chromium), or name one with BACKLINKBOT_CHROMIUM=/path/to/it"
)

_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-sync",
    "--disable-quic",
    "--disable-extensions",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-background-networking",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-site-isolation-trials",
    # The first would turn an http:// into https://, the others keep pages that were read.
    "--disable-features=HttpsUpgrades,BackForwardCache,ProactivelySwapBrowsingInstance",
    "--lang=en-US",  # the fallback encoding depends on it
    # Were a request to slip through, it would meet a proxy that is not there.
    "--proxy-server=127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# Chromium takes file descriptor 3 for what it is told and 4 for what it says.
_WITH_PIPES = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null'


class BrowserError(Exception):
    """The browser did not do as it was told, or is gone."""


def find_chromium() -> str | None:
    named = os.environ.get("BACKLINKBOT_CHROMIUM")
    return next((path for name in ([named] if named else NAMES) if (path := shutil.which(name))), None)


class Browser:
    """One browser with one tab; ``async with`` starts and ends it."""

    def __init__(self, executable: str, *flags: str) -> None:
        self._command = (executable, *_FLAGS, *flags)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._commands = 0
        self._session = ""
        self.on: dict[str, Callable[[dict[str, Any]], None]] = {}
        """Event of the tab -> what takes its parameters."""

    async def __aenter__(self) -> Self:
        self._profile = tempfile.mkdtemp(prefix="backlinkbot-browser-")
        self._process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", _WITH_PIPES, "sh"),
            *(*self._command, f"--user-data-dir={self._profile}", "about:blank"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=2**30,
            start_new_session=True,
        )
        self._listener = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(60):
                await self.open_tab()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(BrowserError, TimeoutError):
            async with asyncio.timeout(5):
                await self.call("Browser.close", session="")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._process.wait()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)
            await self._process.wait()
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)
        shutil.rmtree(self._profile, ignore_errors=True)

    async def open_tab(self) -> None:
        """Open the tab; who needs more of it adds that here."""
        version = await self.call("Browser.getVersion")
        self.version: str = version["product"].replace("HeadlessChrome", "Chrome")
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]

    # --- the protocol -------------------------------------------------------------------------------------------

    def _send(self, method: str, session: str, params: dict[str, Any]) -> int:
        self._commands += 1
        message = {"id": self._commands, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\0")
        return self._commands

    async def call(self, method: str, *, session: str | None = None, **params: Any) -> dict[str, Any]:
        if self._listener.done():
            raise BrowserError("the browser is gone")
        number = self._send(method, self._session if session is None else session, params)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        return await answer

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                message = json.loads((await self._process.stdout.readuntil(b"\0"))[:-1])
                if "id" in message:
                    self._take_answer(message)
                elif message.get("sessionId") == self._session:
                    self.on.get(message["method"], _ignore)(message["params"])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(BrowserError("the browser is gone"))

    def _take_answer(self, message: dict[str, Any]) -> None:
        answer = self._answers.pop(message["id"], None)
        if answer is None or answer.done():
            return  # nobody waits: a request that was refused after its page had gone
        if "error" in message:
            answer.set_exception(BrowserError(str(message["error"])))
        else:
            answer.set_result(message["result"])

    def tell(self, method: str, **params: Any) -> None:
        """Tell the tab something, and wait for no answer."""
        self._send(method, self._session, params)


def _ignore(_params: dict[str, Any]) -> None:
    pass
