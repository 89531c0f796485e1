"""A Chromium that reads recorded pages: headless, scripts off, and nothing but the page itself ever reaches it.

Spoken to over the Chrome DevTools Protocol through a pair of pipes. Every request of a tab stops at this program: the
page's own is answered with the recorded bytes, so it believes to be where it was found; all others are refused. Were
one to slip through, it would meet a proxy that is not there.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import shutil
import tempfile
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
    # The first would turn a recorded http:// into https://, the others keep pages that were read.
    "--disable-features=HttpsUpgrades,BackForwardCache,ProactivelySwapBrowsingInstance",
    "--blink-settings=imagesEnabled=false",
    "--lang=en-US",  # the fallback encoding depends on it
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


class Chromium:
    """One browser with one tab; ``async with`` starts and ends it."""

    def __init__(self, executable: str) -> None:
        self._executable = executable
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._commands = 0
        self._session = ""
        self._recorded: tuple[str, str, bytes] | None = None
        self._loaded: dict[str, asyncio.Event] = {}

    async def __aenter__(self) -> Self:
        self._profile = tempfile.mkdtemp(prefix="backlinkbot-oracle-")
        self._process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", _WITH_PIPES, "sh"),
            *(self._executable, *_FLAGS, f"--user-data-dir={self._profile}", "about:blank"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=2**30,
            start_new_session=True,
        )
        self._listener = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(60):
                await self._open_tab()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(BrowserError, TimeoutError):
            async with asyncio.timeout(5):
                await self._call("Browser.close", session="")
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

    async def _open_tab(self) -> None:
        version = await self._call("Browser.getVersion")
        self.version: str = version["product"].replace("HeadlessChrome", "Chrome")
        target = await self._call("Target.createTarget", url="about:blank")
        attached = await self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        await self._call("Page.enable")
        await self._call("Page.setLifecycleEventsEnabled", enabled=True)
        await self._call("Emulation.setScriptExecutionDisabled", value=True)
        await self._call("Fetch.enable", patterns=[{"urlPattern": "*"}])

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
                    await self._call("Page.navigate", url="about:blank")
                shown = await self._call("Page.navigate", url=url)
                if "errorText" in shown:
                    raise BrowserError(f"{url}: {shown['errorText']}")
                await self._loaded.setdefault(shown["loaderId"], asyncio.Event()).wait()
                world = await self._call("Page.createIsolatedWorld", frameId=shown["frameId"], worldName="oracle")
                result = await self._call(
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

    # --- the protocol -------------------------------------------------------------------------------------------

    def _send(self, method: str, session: str, params: dict[str, Any]) -> int:
        self._commands += 1
        message = {"id": self._commands, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\0")
        return self._commands

    async def _call(self, method: str, *, session: str | None = None, **params: Any) -> dict[str, Any]:
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
                    self._take_event(message["method"], message["params"])
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

    def _take_event(self, event: str, params: dict[str, Any]) -> None:
        if event == "Page.lifecycleEvent" and params["name"] == "DOMContentLoaded":
            self._loaded.setdefault(params["loaderId"], asyncio.Event()).set()
        elif event == "Fetch.requestPaused":
            self._answer_request(params)

    def _answer_request(self, params: dict[str, Any]) -> None:
        request = params["requestId"]
        is_wanted = self._recorded is not None and params["resourceType"] == "Document"
        if is_wanted and self._recorded is not None and params["request"]["url"] == self._recorded[0].partition("#")[0]:
            _, content_type, body = self._recorded
            self._recorded = None  # a page that refreshes itself is shown once
            answer = {
                "requestId": request,
                "responseCode": 200,
                "responseHeaders": [{"name": "Content-Type", "value": content_type}],
                "body": base64.b64encode(body).decode(),
            }
            self._send("Fetch.fulfillRequest", self._session, answer)
        else:
            # An aborted navigation, of a frame or by <meta http-equiv=refresh>, leaves the page as it is.
            self._send("Fetch.failRequest", self._session, {"requestId": request, "errorReason": "Aborted"})
