"""libcurl, for answers that the fast client refuses; as the bot itself, never as a browser.

It runs on threads that are started when first needed: nothing of it touches the event loop.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from curl_cffi import Curl, CurlECode, CurlError, CurlHttpVersion, CurlInfo, CurlOpt

from backlinkbot.download.failures import BROKE_OFF
from backlinkbot.download.http1 import Headers, headers_of
from backlinkbot.download.lenient_request import NoReplyError, NotUnderstoodError, Reply, TooMuchError

if TYPE_CHECKING:
    from backlinkbot.download.lenient_request import Question

THREADS: Final = 4
"""Pages asked for at once; there are few that need it."""
_STOP: Final = 0
"""What a callback returns for libcurl to end: it has written less than it was given."""

# https://curl.se/libcurl/c/libcurl-errors.html; what is none of these, another reader may understand.
_REASONS: Final = {
    CurlECode.COULDNT_CONNECT: "connection refused",
    CurlECode.GOT_NOTHING: "connection closed without an answer",
    CurlECode.OPERATION_TIMEDOUT: "timed out waiting for the answer",
    CurlECode.SEND_ERROR: "connection reset",
    CurlECode.SSL_CONNECT_ERROR: "TLS: the handshake failed",
    CurlECode.PEER_FAILED_VERIFICATION: "TLS: the certificate is faulty",
}


class Libcurl:
    """A reader of answers."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    async def ask(self, question: Question) -> Reply:
        """Send the request, and read the answer.

        Raises:
            NotUnderstoodError: it is malformed.
            TooMuchError: its body is too large.
            NoReplyError: there is none.
        """
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="libcurl")
        return await asyncio.get_running_loop().run_in_executor(self._pool, _Transfer(question).run)

    def close(self) -> None:
        """No more questions; what is under way ends within its time."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


class _Transfer:
    """One question, on one thread."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._body = bytearray()
        self._lines: list[bytes] = []
        self._is_too_much = False

    def run(self) -> Reply:
        curl = Curl()
        try:
            self._prepare(curl)
            curl.perform()
            return self._reply(curl, "")
        except CurlError as error:
            return self._of_error(curl, error)
        finally:
            curl.close()

    def _prepare(self, curl: Curl) -> None:
        question = self._question
        for option, value in _options(question).items():
            curl.setopt(option, value)
        headers = [f"{name}: {value}" if value else f"{name};" for name, value in question.headers]
        curl.setopt(CurlOpt.HTTPHEADER, [line.encode("latin-1") for line in [*headers, "Expect:"]])
        curl.setopt(CurlOpt.HEADERFUNCTION, self._take_line)
        curl.setopt(CurlOpt.WRITEFUNCTION, self._take_body)

    def _take_line(self, line: bytes) -> int:
        if self._body:
            return len(line)  # a trailer
        if self._lines and not self._lines[-1].strip():
            self._lines.clear()  # what stood before was informational (1xx), or a proxy's
        self._lines.append(line)
        return len(line)

    def _take_body(self, data: bytes) -> int:
        self._body += data
        self._is_too_much = 0 < self._question.max_size < len(self._body)
        return _STOP if self._is_too_much else len(data)

    def _reply(self, curl: Curl, fault: str) -> Reply:
        status = curl.getinfo(CurlInfo.RESPONSE_CODE)
        return Reply(status=int(status), headers=self._headers(), body=bytes(self._body), fault=fault)  # type: ignore[arg-type]

    def _headers(self) -> Headers:
        return headers_of([line.rstrip(b"\r\n") for line in self._lines[1:]])

    def _of_error(self, curl: Curl, error: CurlError) -> Reply:
        if self._is_too_much:
            raise TooMuchError from error
        if error.code == CurlECode.PARTIAL_FILE and self._body:
            return self._reply(curl, BROKE_OFF)
        if error.code == CurlECode.OPERATION_TIMEDOUT and self._body:
            return self._reply(curl, "timed out while reading the body")
        reason = _REASONS.get(CurlECode(error.code))
        if reason is not None:
            raise NoReplyError(reason) from error
        raise NotUnderstoodError(f"libcurl's error {int(error.code)}") from error


def _options(question: Question) -> dict[CurlOpt, object]:
    pinned = ",".join(f"[{address}]" if ":" in address else address for address, _ in question.addresses)
    options: dict[CurlOpt, object] = {
        CurlOpt.URL: question.url,
        CurlOpt.CUSTOMREQUEST: question.method,
        CurlOpt.PATH_AS_IS: 1,
        CurlOpt.HTTP_VERSION: CurlHttpVersion.V1_1,
        CurlOpt.HTTP_CONTENT_DECODING: 0,
        CurlOpt.FOLLOWLOCATION: 0,
        CurlOpt.NOSIGNAL: 1,
        CurlOpt.TIMEOUT_MS: int(question.seconds * 1000),
        CurlOpt.SSL_VERIFYPEER: int(question.checks_certificates),
        CurlOpt.SSL_VERIFYHOST: 2,
        CurlOpt.SSL_ENABLE_ALPN: 0,
        CurlOpt.FORBID_REUSE: 1,
        CurlOpt.SUPPRESS_CONNECT_HEADERS: 1,
        CurlOpt.PROXY: question.proxy,  # empty: none, whatever the environment says
        CurlOpt.NOPROXY: "",
    }
    if question.method == "HEAD":
        options[CurlOpt.NOBODY] = 1
    if question.proxy_secret:
        options[CurlOpt.PROXYHEADER] = [f"Proxy-Authorization: {question.proxy_secret}".encode("latin-1")]
    if not question.proxy and question.host not in dict(question.addresses):
        options[CurlOpt.RESOLVE] = [f"{question.host}:{question.port}:{pinned}"]  # to no other than was looked at
    is_for_proxy = question.proxy and not question.is_https
    options[CurlOpt.REQUEST_TARGET] = question.url if is_for_proxy else question.target
    return options
