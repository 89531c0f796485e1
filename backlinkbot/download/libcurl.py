"""Fetches with libcurl what aiohttp cannot parse; sends the bot's own user agent, never a browser's.

It runs on threads that are started when first needed; it does not use the event loop.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from curl_cffi import Curl, CurlECode, CurlError, CurlHttpVersion, CurlInfo, CurlOpt

from backlinkbot.download.failures import BROKE_OFF
from backlinkbot.download.http1 import Headers, headers_of
from backlinkbot.download.lenient_request import (
    BodyTooLargeError,
    LenientResponse,
    NoResponseError,
    UnreadableResponseError,
)

if TYPE_CHECKING:
    from backlinkbot.download.lenient_request import LenientRequest

THREADS: Final = 4
"""Most pages fetched at once; few pages need this reader."""
_STOP: Final = 0
"""Returned by a callback to make libcurl stop: fewer bytes than it was given."""

# https://curl.se/libcurl/c/libcurl-errors.html; after any other error, the next reader is tried.
_REASONS: Final = {
    CurlECode.COULDNT_CONNECT: "connection refused",
    CurlECode.GOT_NOTHING: "connection closed without an answer",
    CurlECode.OPERATION_TIMEDOUT: "timed out waiting for the answer",
    CurlECode.SEND_ERROR: "connection reset",
    CurlECode.SSL_CONNECT_ERROR: "TLS: the handshake failed",
    CurlECode.PEER_FAILED_VERIFICATION: "TLS: the certificate is faulty",
}


class Libcurl:
    """A lenient HTTP reader on libcurl."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    async def fetch(self, request: LenientRequest) -> LenientResponse:
        """Sends the request and reads the response.

        Raises:
            UnreadableResponseError: the response is malformed.
            BodyTooLargeError: the body is too large.
            NoResponseError: no response came.
        """
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="libcurl")
        return await asyncio.get_running_loop().run_in_executor(self._pool, _Transfer(request).run)

    def close(self) -> None:
        """Accepts no more requests; those under way end within their timeout."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


class _Transfer:
    """One request, on one thread."""

    def __init__(self, request: LenientRequest) -> None:
        self._request = request
        self._body = bytearray()
        self._lines: list[bytes] = []
        self._is_too_much = False

    def run(self) -> LenientResponse:
        curl = Curl()
        try:
            self._prepare(curl)
            curl.perform()
            return self._response(curl, "")
        except CurlError as error:
            return self._of_error(curl, error)
        finally:
            curl.close()

    def _prepare(self, curl: Curl) -> None:
        request = self._request
        for option, value in _options(request).items():
            curl.setopt(option, value)
        headers = [f"{name}: {value}" if value else f"{name};" for name, value in request.headers]
        curl.setopt(CurlOpt.HTTPHEADER, [line.encode("latin-1") for line in [*headers, "Expect:"]])
        curl.setopt(CurlOpt.HEADERFUNCTION, self._take_line)
        curl.setopt(CurlOpt.WRITEFUNCTION, self._take_body)

    def _take_line(self, line: bytes) -> int:
        if self._body:
            return len(line)  # a trailer
        if self._lines and not self._lines[-1].strip():
            self._lines.clear()  # an informational response (1xx), or a proxy's
        self._lines.append(line)
        return len(line)

    def _take_body(self, data: bytes) -> int:
        self._body += data
        self._is_too_much = 0 < self._request.max_size < len(self._body)
        return _STOP if self._is_too_much else len(data)

    def _response(self, curl: Curl, fault: str) -> LenientResponse:
        status = curl.getinfo(CurlInfo.RESPONSE_CODE)
        return LenientResponse(status=int(status), headers=self._headers(), body=bytes(self._body), fault=fault)  # type: ignore[arg-type]

    def _headers(self) -> Headers:
        return headers_of([line.rstrip(b"\r\n") for line in self._lines[1:]])

    def _of_error(self, curl: Curl, error: CurlError) -> LenientResponse:
        if self._is_too_much:
            raise BodyTooLargeError from error
        if error.code == CurlECode.PARTIAL_FILE and self._body:
            return self._response(curl, BROKE_OFF)
        if error.code == CurlECode.OPERATION_TIMEDOUT and self._body:
            return self._response(curl, "timed out while reading the body")
        reason = _REASONS.get(CurlECode(error.code))
        if reason is not None:
            raise NoResponseError(reason) from error
        raise UnreadableResponseError(f"libcurl's error {int(error.code)}") from error


def _options(request: LenientRequest) -> dict[CurlOpt, object]:
    pinned = ",".join(f"[{address}]" if ":" in address else address for address, _ in request.addresses)
    options: dict[CurlOpt, object] = {
        CurlOpt.URL: request.url,
        CurlOpt.CUSTOMREQUEST: request.method,
        CurlOpt.PATH_AS_IS: 1,
        CurlOpt.HTTP_VERSION: CurlHttpVersion.V1_1,
        CurlOpt.HTTP_CONTENT_DECODING: 0,
        CurlOpt.FOLLOWLOCATION: 0,
        CurlOpt.NOSIGNAL: 1,
        CurlOpt.TIMEOUT_MS: int(request.seconds * 1000),
        CurlOpt.SSL_VERIFYPEER: int(request.checks_certificates),
        CurlOpt.SSL_VERIFYHOST: 2,
        CurlOpt.SSL_ENABLE_ALPN: 0,
        CurlOpt.FORBID_REUSE: 1,
        CurlOpt.SUPPRESS_CONNECT_HEADERS: 1,
        CurlOpt.PROXY: request.proxy,  # empty: none, even if the environment names one
        CurlOpt.NOPROXY: "",
    }
    if request.method == "HEAD":
        options[CurlOpt.NOBODY] = 1
    if request.proxy_secret:
        options[CurlOpt.PROXYHEADER] = [f"Proxy-Authorization: {request.proxy_secret}".encode("latin-1")]
    if not request.proxy and request.host not in dict(request.addresses):
        options[CurlOpt.RESOLVE] = [f"{request.host}:{request.port}:{pinned}"]  # connects to the checked address only
    is_for_proxy = request.proxy and not request.is_https
    options[CurlOpt.REQUEST_TARGET] = request.url if is_for_proxy else request.target
    return options
