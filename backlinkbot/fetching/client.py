"""The HTTP client: aiohttp, which costs a crawl a fifth less than Twisted's, behind the rules of this room.

Scrapy has a handler for aiohttp too, which it calls experimental; it has URLs rewritten on their way out, stumbles over a
header that is not UTF-8, and resolves names where nobody looks at the addresses.
"""

from __future__ import annotations

import errno
import socket
import zlib
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult
from scrapy import exceptions, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import StopDownload
from scrapy.http import Headers, HtmlResponse
from scrapy.responsetypes import responsetypes
from scrapy.utils.defer import maybe_deferred_to_future
from scrapy.utils.ssl import _make_ssl_context
from twisted.python.failure import Failure

from backlinkbot.fetching.content import AT_MOST, HTML_TYPES, Beginning, media_type

if TYPE_CHECKING:
    import ssl

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

KEEP_ALIVE: Final = 60.0
"""Seconds that an idle connection stays open: longer than the delay between two pages of one site."""
LONGEST_HEADER: Final = 64 * 1024
"""Bytes of one header line; some sites' Content-Security-Policy is longer than aiohttp's own bound of 8 KB."""

_PROXY_SECRET: Final = b"Proxy-Authorization"

# What aiohttp raises -> what Scrapy calls it; the first that fits.
_MEANINGS: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], type[Exception]], ...]] = (
    (TimeoutError, exceptions.DownloadTimeoutError),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), exceptions.UnsupportedURLSchemeError),
    (aiohttp.ClientConnectorDNSError, exceptions.CannotResolveHostError),
    (aiohttp.ClientPayloadError, exceptions.ResponseDataLossError),
    (aiohttp.ClientError, exceptions.DownloadFailedError),
)


class Client(BaseDownloadHandler):
    """Scrapy download handler for http and https."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._max_size = settings.getint("DOWNLOAD_MAXSIZE")
        self._timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._connections = settings.getint("CONCURRENT_REQUESTS")
        self._connections_per_host = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._tls: ssl.SSLContext = _make_ssl_context(settings)
        self._session: aiohttp.ClientSession | None = None

    async def download_request(self, request: Request) -> Response:
        """The answer, whatever its status; redirects are the middleware's."""
        timeout: float = request.meta.get("download_timeout", self._timeout)
        begin = monotonic()
        try:
            async with self._open_session().request(
                request.method,
                yarl.URL(request.url, encoded=True),  # sent as our own parser wrote it
                data=request.body or None,
                headers=_headers(request),
                timeout=_within(timeout),
                ssl=self._tls,
                allow_redirects=False,
                **_proxy(request),
            ) as answer:
                request.meta["download_latency"] = monotonic() - begin
                return await self._read(answer, request)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise _meant(error, request) from error

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:  # which wants a running event loop, so not before the first request
            connector = aiohttp.TCPConnector(
                resolver=_Resolver(),
                use_dns_cache=False,  # the resolver has one
                limit=self._connections,
                limit_per_host=self._connections_per_host,
                keepalive_timeout=KEEP_ALIVE,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # Scrapy's middleware keeps to the size limit while it inflates
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
            )
        return self._session

    async def _read(self, answer: aiohttp.ClientResponse, request: Request) -> Response:
        headers = Headers(answer.raw_headers)
        if AT_MOST in request.meta:
            return await self._read_beginning(answer, request, headers)
        length = answer.content_length
        self._refuse_larger(length or 0, request)
        if self._is_stopped(request, headers, length):
            return _response(request, answer.status, headers, b"", ["download_stopped"])
        received = bytearray()
        async for chunk in answer.content.iter_any():
            received += chunk
            self._refuse_larger(len(received), request)
        return _response(request, answer.status, headers, bytes(received), None)

    async def _read_beginning(self, answer: aiohttp.ClientResponse, request: Request, headers: Headers) -> Response:
        """As much of the answer as is wanted, unpacked; the connection is closed where there is more."""
        beginning = Beginning(headers.get("Content-Encoding"), request.meta[AT_MOST])
        try:
            async for chunk in answer.content.iter_any():
                beginning.add(chunk)
                if beginning.is_enough:
                    break
        except zlib.error as error:
            raise exceptions.ResponseDataLossError(f"{request.url}: {error}") from error
        if not beginning.is_enough and not beginning.is_whole:
            raise exceptions.ResponseDataLossError(f"{request.url}: what is packed has no end")
        if beginning.is_packed:
            del headers["Content-Encoding"]
        return _response(request, answer.status, headers, beginning.body, None)

    def _refuse_larger(self, size: int, request: Request) -> None:
        maximum = request.meta.get("download_maxsize", self._max_size)
        if maximum and size > maximum:
            raise exceptions.DownloadCancelledError(f"{request}: {size} bytes or more, DOWNLOAD_MAXSIZE is {maximum}")

    def _is_stopped(self, request: Request, headers: Headers, length: int | None) -> bool:
        """Whether somebody who was shown the headers wants no body."""
        answers = self.crawler.signals.send_catch_log(
            signals.headers_received, request=request, headers=headers, body_length=length, spider=self.crawler.spider
        )
        return any(isinstance(said, Failure) and isinstance(said.value, StopDownload) for _, said in answers)

    async def close(self) -> None:
        """Close what connections are open."""
        if self._session is not None:
            await self._session.close()


class _Resolver(AbstractResolver):
    """Asks Scrapy's resolver (``TWISTED_DNS_RESOLVER``), which remembers answers and refuses private addresses."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        from twisted.internet import reactor  # noqa: PLC0415 - importing it chooses one

        try:
            address: str = await maybe_deferred_to_future(reactor.resolve(host))  # type: ignore[arg-type]
        except Exception as error:
            raise OSError(None, f"{host}: {error}") from error
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        """There is nothing to close."""


def _headers(request: Request) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in request.headers.items()
        for value in values
        if name != _PROXY_SECRET or not request.url.startswith("https:")  # there the site would be the one to read it
    ]


def _proxy(request: Request) -> dict[str, Any]:
    """What aiohttp wants to know of the proxy that Scrapy's middleware chose."""
    proxy: str | None = request.meta.get("proxy")
    if not proxy:
        return {}
    secret = request.headers.get(_PROXY_SECRET)
    return {"proxy": proxy, "proxy_headers": {"Proxy-Authorization": secret.decode("latin-1")} if secret else None}


@lru_cache(maxsize=100)
def _within(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds)


def _response(request: Request, status: int, headers: Headers, body: bytes, flags: list[str] | None) -> Response:
    is_html = media_type(headers.get("Content-Type")) in HTML_TYPES  # the common case, which Scrapy takes longer to see
    kind = HtmlResponse if is_html else responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(url=request.url, status=status, headers=headers, body=body, flags=flags)


def _meant(error: BaseException, request: Request) -> Exception:
    # The last resort is for the ValueErrors that are no aiohttp.InvalidURL: a header that cannot be written, say.
    kind = next((meaning for raised, meaning in _MEANINGS if isinstance(error, raised)), exceptions.DownloadFailedError)
    if isinstance(error, OSError) and error.errno == errno.ECONNREFUSED:
        kind = exceptions.DownloadConnectionRefusedError
    return kind(f"{request.url}: {error}")
