"""The HTTP client: a Scrapy download handler on aiohttp, which uses a fifth less CPU time per crawl than Twisted's.

Scrapy's own handler for aiohttp is experimental: it rewrites URLs before they are sent, fails on headers that are not
UTF-8, and resolves names without checking the addresses.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import zlib
from collections import OrderedDict
from enum import Enum, auto
from functools import cached_property, lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import aiohttp
import yarl
from aiohttp.http_exceptions import ContentLengthError, TransferEncodingError
from scrapy import exceptions, signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import StopDownload
from scrapy.http import Headers, HtmlResponse
from scrapy.responsetypes import responsetypes
from twisted.python.failure import Failure

from backlinkbot.configuration.site_headers import FOREIGN, SiteHeaders
from backlinkbot.download import lenient
from backlinkbot.download.connection_pool import ConnectionPool
from backlinkbot.download.descriptors import open_now, raise_limit, shares
from backlinkbot.download.failures import (
    BROKE_OFF,
    CERTIFICATE_FAULT,
    OUT_OF_DESCRIPTORS,
    BrokenOffError,
    CertificateNameError,
    MalformedAnswerError,
    UnansweredError,
)
from backlinkbot.download.lenient_request import (
    BodyTooLargeError,
    LenientRequest,
    NoResponseError,
    UnreadableResponseError,
)
from backlinkbot.download.network_errors import CONNECTING, HANDSHAKING, READING, WAITING, reason_of
from backlinkbot.download.proxies import set_proxy
from backlinkbot.download.resolver import Resolver, ResolvingError
from backlinkbot.download.tls import (
    PROGRESS,
    CertificateFault,
    ConnectionProgress,
    Contexts,
    FaultyCertificateError,
    contexts,
)
from backlinkbot.extensions.content_filter import AT_MOST, Beginning
from backlinkbot.extensions.messages import tell
from backlinkbot.extract.media_type import HTML_TYPES, media_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from backlinkbot.configuration.site_headers import Origin
    from backlinkbot.download.libcurl import Libcurl

MAX_REMEMBERED: Final = 50_000
"""Most sites whose certificate fault, or whose reader, is remembered."""
DESCRIPTOR_WAITS: Final = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds to wait, attempt by attempt, when the process is out of descriptors."""
REPEATABLE: Final = frozenset({"GET", "HEAD"})
"""Methods that may be repeated: RFC 9110 §9.2.1."""
MOST_WITHHELD_TOLD: Final = 20
"""Most messages about headers for single sites that are not sent."""

_PROXY_SECRET: Final = b"Proxy-Authorization"


class _Reader(Enum):
    """The reader for the responses of a site that aiohttp cannot parse."""

    LIBCURL = auto()
    BY_HAND = auto()


_AFTER: Final[dict[_Reader | None, _Reader | None]] = {
    None: _Reader.LIBCURL,
    _Reader.LIBCURL: _Reader.BY_HAND,
    _Reader.BY_HAND: None,
}
"""The next, more lenient reader of each reader."""
# Causes of aiohttp's error for a body that ends too soon; any other cause is a malformed body.
_BROKEN_OFF: Final = (ContentLengthError, TransferEncodingError, OSError, aiohttp.ClientConnectionError, type(None))


class Client(BaseDownloadHandler):
    """Scrapy download handler for http and https."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._max_size = settings.getint("DOWNLOAD_MAXSIZE")
        self._timeout = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._connections_per_host = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self._shares = shares(
            raise_limit(),
            open_now(),
            requests=settings.getint("CONCURRENT_REQUESTS"),
            lookups=settings.getint("REACTOR_THREADPOOL_MAXSIZE"),
        )
        self._resolver = Resolver.from_crawler(crawler, threads=self._shares.lookups)
        self._site_headers = SiteHeaders.parse(settings.getlist("BACKLINKBOT_HEADERS"), os.environ)
        self._withheld: set[str] = set()
        self._pool: ConnectionPool | None = None
        self._retiring: dict[ConnectionPool, asyncio.Task[None]] = {}
        self._readers: OrderedDict[str, _Reader] = OrderedDict()
        self._faults: OrderedDict[str, CertificateFault] = OrderedDict()

    @cached_property
    def _tls(self) -> Contexts:
        return contexts(self.crawler.settings)  # loads all authorities, which many crawls do not need

    @cached_property
    def _libcurl(self) -> Libcurl:
        from backlinkbot.download.libcurl import Libcurl  # noqa: PLC0415 - curl_cffi, which few crawls need

        return Libcurl()

    async def download_request(self, request: Request) -> Response:
        """Returns the response, whatever its status; redirects are left to the middleware."""
        check = getattr(self.crawler.spider, "check_sending", None)
        if check is not None:
            check()  # the request has waited for its turn since the middlewares saw it
        if not request.url.startswith("https:"):
            request.meta.pop(CERTIFICATE_FAULT, None)
            return await self._fetch(request, None)
        site = _authority(request.url)
        fault = self._faults.get(site)
        if fault is None:
            try:
                response = await self._fetch(request, self._tls.strict)
            except FaultyCertificateError as error:
                fault = self._tolerated(error)
                self._note_fault(site, fault)
                response = await self._fetch(request, self._tls.lenient)
        else:
            response = await self._fetch(request, self._tls.lenient)
        request.meta[CERTIFICATE_FAULT] = fault or ""
        return response

    def _tolerated(self, error: FaultyCertificateError) -> CertificateFault:
        if error.fault is None or not self._tls.reads_faulty:
            raise UnansweredError(f"TLS: the certificate is faulty: {error.fault}") from error
        return error.fault

    async def _fetch(self, request: Request, tls: ssl.SSLContext | None) -> Response:
        set_proxy(request.meta.get("proxy"))
        reader = self._readers.get(_authority(request.url)) if self._readers else None
        if reader is not None and request.method in REPEATABLE:
            return await self._fetch_leniently(request, tls, reader)
        try:
            return await self._fetch_fast(request, tls)
        except UnansweredError as error:
            if error.failure != OUT_OF_DESCRIPTORS:
                raise
        return await self._retry_when_out_of_descriptors(request, tls)

    async def _retry_when_out_of_descriptors(self, request: Request, tls: ssl.SSLContext | None) -> Response:
        """Retries while the machine is out of descriptors, which is no fault of the site."""
        for seconds in DESCRIPTOR_WAITS:
            self.crawler.stats.inc_value("backlinks/fetching/out_of_descriptors")
            self._retire()
            await asyncio.sleep(seconds)
            try:
                return await self._fetch_fast(request, tls)
            except UnansweredError as error:
                if error.failure != OUT_OF_DESCRIPTORS:
                    raise
        raise UnansweredError(OUT_OF_DESCRIPTORS.reason)

    async def _fetch_leniently(self, request: Request, tls: ssl.SSLContext | None, reader: _Reader) -> Response:
        """Fetches with a lenient reader, for a site whose responses aiohttp could not parse."""
        try:
            lenient_request = await self._lenient_request(request, tls)
            if reader is _Reader.LIBCURL:
                reply = await self._libcurl.fetch(lenient_request)
            else:
                reply = await lenient.fetch(lenient_request, tls)
        except UnreadableResponseError as error:
            raise self._malformed(request, str(error), reader) from error
        except BodyTooLargeError as error:
            raise exceptions.DownloadCancelledError(f"{request}: larger than DOWNLOAD_MAXSIZE") from error
        except NoResponseError as error:
            raise UnansweredError(str(error)) from error
        except (ResolvingError, ssl.CertificateError) as error:
            raise UnansweredError(reason_of(error, CONNECTING)) from error
        headers = Headers(reply.headers)
        if self._is_stopped(request, headers, None):
            return _response(request, reply.status, headers, b"", ["download_stopped"])
        response = _response(request, reply.status, headers, reply.body, ["dataloss"] if reply.fault else None)
        if reply.fault:
            raise BrokenOffError(reply.fault, response)
        return response

    async def _lenient_request(self, request: Request, tls: ssl.SSLContext | None) -> LenientRequest:
        """Builds the request for a lenient reader, with the addresses that it may connect to."""
        url = urlsplit(request.url)
        is_https = url.scheme == "https"
        port = url.port or (443 if is_https else 80)
        proxy = urlsplit(request.meta.get("proxy") or "")
        host, where = (proxy.hostname, proxy.port or 80) if proxy.hostname else (url.hostname or "", port)
        secret = request.headers.get(_PROXY_SECRET) if proxy.hostname else None
        headers = _headers(request)
        own = self._headers_of_site(request, (url.scheme, url.hostname or "", port), tls)
        return LenientRequest(
            method=request.method,
            url=request.url.partition("#")[0],
            is_https=is_https,
            host=url.hostname or "",
            port=port,
            target=(url.path or "/") + (f"?{url.query}" if url.query else ""),
            headers=tuple(pair for pair in _with(headers, own) if pair[0].encode() != _PROXY_SECRET),
            addresses=await self._resolver.addresses(host, where),
            proxy=f"http://{proxy.hostname}:{proxy.port or 80}" if proxy.hostname else "",
            proxy_secret=secret.decode("latin-1") if secret else "",
            checks_certificates=is_https and (bool(own) or not self._tls.reads_faulty),
            seconds=request.meta.get("download_timeout", self._timeout),
            max_size=request.meta.get("download_maxsize", self._max_size),
        )

    def _malformed(self, request: Request, reason: str, reader: _Reader | None) -> MalformedAnswerError:
        """Notes the next reader for the site, and returns the error to raise."""
        following = _AFTER[reader]
        if following is not None:
            self._readers[_authority(request.url)] = following
            while len(self._readers) > MAX_REMEMBERED:
                self._readers.popitem(last=False)
        return MalformedAnswerError(reason, is_last=following is None)

    async def _fetch_fast(self, request: Request, tls: ssl.SSLContext | None) -> Response:
        timeout: float = request.meta.get("download_timeout", self._timeout)
        progress = ConnectionProgress()
        PROGRESS.set(progress)
        begin = monotonic()
        try:
            url = yarl.URL(request.url, encoded=True)  # sent as the URL parser wrote it
            headers = _headers(request)
            if self._site_headers:
                own = self._headers_of_site(request, (url.scheme, url.raw_host or "", url.port or 0), tls)
                headers = _with(headers, own)
            async with (
                self._open_pool() as session,
                session.request(
                    request.method,
                    url,
                    data=request.body or None,
                    headers=headers,
                    timeout=_within(timeout),
                    ssl=tls or True,
                    allow_redirects=False,
                    **_proxy(request),
                ) as answer,
            ):
                request.meta["download_latency"] = monotonic() - begin
                return await self._read(answer, request)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise self._translated(error, request, progress) from error

    def _headers_of_site(self, request: Request, origin: Origin, tls: ssl.SSLContext | None) -> Mapping[str, str]:
        """Returns the user's headers for the site that is connected to.

        They are added here, and not to Scrapy's request, which is logged, saved, and copied for redirects. They are not sent
        to a site whose certificate is faulty: anybody may be that.
        """
        scheme, host, port = origin
        site = self._site_headers.named(host)
        if not site or FOREIGN in request.meta:
            return {}
        found = self._site_headers.of(scheme, host, port)
        is_faulty = bool(found) and scheme == "https" and tls is not self._tls.strict
        is_readable = scheme == "http" and bool(request.meta.get("proxy")) and not site.startswith("http://")
        if found and not is_faulty and not is_readable:
            self.crawler.stats.inc_value("backlinks/fetching/site_headers/sent")
            return found
        self.crawler.stats.inc_value("backlinks/fetching/site_headers/withheld")
        place = f"{scheme}://{host}{'' if port in {0, 80, 443} else f':{port}'}"
        if place not in self._withheld and len(self._withheld) < MOST_WITHHELD_TOLD:
            self._withheld.add(place)
            why = f"they are for {site}"
            if is_faulty:
                why = "its certificate is faulty"
            elif found:
                why = "a proxy would read them"
            tell([f"the headers of --header are not sent to {place}: {why}"], self.crawler.settings, "warning")
        return {}

    def _note_fault(self, site: str, fault: CertificateFault) -> None:
        self._faults[site] = fault
        while len(self._faults) > MAX_REMEMBERED:
            self._faults.popitem(last=False)

    def _open_pool(self) -> ConnectionPool:
        """Returns the pool of connections for one more request.

        Idle connections cannot be closed one by one. So at most two pools keep any, and the older one is closed once its
        last request has ended; meanwhile new connections are closed after their response.
        """
        pool = self._pool
        if pool is not None and (pool.opened >= self._shares.kept // 2 if pool.keeps else not self._retiring):
            self._retire()
        if self._pool is None:  # needs a running event loop, so it is created at the first request
            keeps = not any(elder.keeps for elder in self._retiring)
            self._pool = ConnectionPool(self._resolver, self._shares.requests, self._connections_per_host, keeps=keeps)
        return self._pool

    def _retire(self) -> None:
        """Admits no more requests to the current pool, and closes it after its last one."""
        if self._pool is None:
            return
        retired, self._pool = self._pool, None
        closing = self._retiring[retired] = asyncio.ensure_future(retired.retire())
        closing.add_done_callback(lambda _: self._retiring.pop(retired))

    async def _read(self, answer: aiohttp.ClientResponse, request: Request) -> Response:
        headers = Headers(answer.raw_headers)
        if AT_MOST in request.meta:
            return await self._read_beginning(answer, request, headers)
        length = answer.content_length
        self._refuse_larger(length or 0, request)
        if self._is_stopped(request, headers, length):
            return _response(request, answer.status, headers, b"", ["download_stopped"])
        received = bytearray()
        try:
            async for chunk in answer.content.iter_any():
                received += chunk
                self._refuse_larger(len(received), request)
        except aiohttp.ClientPayloadError as error:
            if not isinstance(error.__cause__, _BROKEN_OFF):
                raise self._malformed(request, "a body that cannot be read", None) from error
            partial = _response(request, answer.status, headers, bytes(received), ["dataloss"])
            raise BrokenOffError(BROKE_OFF, partial) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = f"timed out {READING}" if isinstance(error, TimeoutError) else BROKE_OFF
            partial = _response(request, answer.status, headers, bytes(received), ["dataloss"])
            raise BrokenOffError(reason, partial) from error
        return _response(request, answer.status, headers, bytes(received), None)

    async def _read_beginning(self, answer: aiohttp.ClientResponse, request: Request, headers: Headers) -> Response:
        """Reads and decompresses the first bytes of a body; the connection is closed if there are more."""
        beginning = Beginning(headers.get("Content-Encoding"), request.meta[AT_MOST])
        try:
            async for chunk in answer.content.iter_any():
                beginning.add(chunk)
                if beginning.is_enough:
                    break
        except zlib.error as error:
            raise exceptions.ResponseDataLossError(f"{request.url}: {error}") from error
        if not beginning.is_enough and not beginning.is_whole:
            raise exceptions.ResponseDataLossError(f"{request.url}: the compressed body has no end")
        if beginning.is_packed:
            del headers["Content-Encoding"]
        return _response(request, answer.status, headers, beginning.body, None)

    def _refuse_larger(self, size: int, request: Request) -> None:
        maximum = request.meta.get("download_maxsize", self._max_size)
        if maximum and size > maximum:
            raise exceptions.DownloadCancelledError(f"{request}: {size} bytes or more, DOWNLOAD_MAXSIZE is {maximum}")

    def _is_stopped(self, request: Request, headers: Headers, length: int | None) -> bool:
        """True if a handler of the signal ``headers_received`` stops the download."""
        answers = self.crawler.signals.send_catch_log(
            signals.headers_received, request=request, headers=headers, body_length=length, spider=self.crawler.spider
        )
        return any(isinstance(said, Failure) and isinstance(said.value, StopDownload) for _, said in answers)

    def _translated(self, error: Exception, request: Request, progress: ConnectionProgress) -> Exception:
        """Translates an error of aiohttp."""
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            faulty = FaultyCertificateError(cast("ssl.CertificateError", error.certificate_error))
            return faulty if faulty.fault is not None else CertificateNameError()
        if isinstance(error, (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)):
            return exceptions.UnsupportedURLSchemeError(str(error))
        if isinstance(error, aiohttp.ClientResponseError) and not isinstance(error, aiohttp.ClientHttpProxyError):
            return self._malformed(request, " ".join(error.message.split())[:100], None)
        if isinstance(error, aiohttp.ClientConnectorError) and "proxy" not in request.meta:
            self._resolver.forget(urlsplit(request.url).hostname or "")
        phase = CONNECTING if isinstance(error, aiohttp.ConnectionTimeoutError) else WAITING
        return UnansweredError(reason_of(error, HANDSHAKING if progress.is_handshaking else phase))

    async def close(self) -> None:
        """Closes all connections."""
        self._retire()
        await asyncio.gather(*self._retiring.values())
        await self._resolver.close()
        if "_libcurl" in vars(self):
            self._libcurl.close()


def _authority(url: str) -> str:
    return url.split("/", 3)[2]


def _headers(request: Request) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in request.headers.items()
        for value in values
        if name != _PROXY_SECRET or not request.url.startswith("https:")  # else the site would receive it
    ]


def _with(headers: list[tuple[str, str]], own: Mapping[str, str]) -> list[tuple[str, str]]:
    """Returns the headers of a request with those of the site, which replace others of their name."""
    if not own:
        return headers
    names = {name.lower() for name in own}
    return [*(pair for pair in headers if pair[0].lower() not in names), *own.items()]


def _proxy(request: Request) -> dict[str, Any]:
    """Returns aiohttp's arguments for the proxy that Scrapy's middleware chose."""
    proxy: str | None = request.meta.get("proxy")
    if not proxy:
        return {}
    secret = request.headers.get(_PROXY_SECRET)
    return {"proxy": proxy, "proxy_headers": {"Proxy-Authorization": secret.decode("latin-1")} if secret else None}


@lru_cache(maxsize=100)
def _within(seconds: float) -> aiohttp.ClientTimeout:
    # Both end at the same time; the connection's is just early enough to be the one reported.
    return aiohttp.ClientTimeout(total=seconds, sock_connect=seconds - min(0.1, seconds / 10))


def _response(request: Request, status: int, headers: Headers, body: bytes, flags: list[str] | None) -> Response:
    is_html = media_type(headers.get("Content-Type")) in HTML_TYPES  # the common case, which Scrapy detects more slowly
    kind = HtmlResponse if is_html else responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(url=request.url, status=status, headers=headers, body=body, flags=flags)
