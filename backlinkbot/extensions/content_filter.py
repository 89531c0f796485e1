"""Stops downloads of responses that cannot contain links, after their headers."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from scrapy import signals
from scrapy.exceptions import StopDownload

from backlinkbot.extract.media_type import (
    FEED_TYPES,
    HTML_TYPES,
    UNKNOWN_TYPES,
    XML_TYPES,
    PageKind,
    effective_type,
    kind_of,
    media_type,
    starts_as_feed,
)

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

WANTS_FEEDS: Final = "wants_feeds"
"""Key of a request's meta: true if a feed is accepted as well as a page."""
AT_MOST: Final = "at_most"
"""Key of a request's meta: the download stops, without failing, after so many bytes of the decompressed body."""


class ContentGuard:
    """Extension: stops the download of a response whose headers declare a type that cannot contain links."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        guard = cls(crawler)
        crawler.signals.connect(guard.headers_received, signals.headers_received)
        return guard

    def headers_received(self, headers: Headers, request: Request) -> None:
        """Handler of the signal: raises StopDownload, so that the response has headers and no body."""
        content_type = media_type(content_type_of(headers))
        if content_type in HTML_TYPES or request.meta.get("any_content"):
            return
        if content_type in XML_TYPES or (content_type in UNKNOWN_TYPES and not _forbids_sniffing(headers)):
            return
        if request.meta.get(WANTS_FEEDS) and (content_type in FEED_TYPES or content_type.endswith("+xml")):
            return
        if "Location" in headers:
            return  # a redirect is followed by its header, whatever its body is
        self._crawler.stats.inc_value("backlinks/fetching/not_html")
        request.meta["not_html"] = content_type
        raise StopDownload(fail=False)


def content_type_of(headers: Headers) -> bytes | None:
    """Returns the value of ``Content-Type``; several headers are joined with commas (RFC 9110 §5.3)."""
    values = headers.getlist("Content-Type")
    return values[0] if len(values) == 1 else b", ".join(values) or None


def _forbids_sniffing(headers: Headers) -> bool:
    """True if sniffing is off: https://fetch.spec.whatwg.org/#x-content-type-options-header."""
    return (headers.get("X-Content-Type-Options") or b"").split(b",")[0].strip().lower() == b"nosniff"


def _type_of(response: Response) -> str:
    """Returns the type that a browser would use, by the headers or else by the first bytes."""
    headers = response.headers
    return effective_type(content_type_of(headers), response.body, is_sniffed=not _forbids_sniffing(headers))


def is_feed(response: Response) -> bool:
    """True if the request accepts feeds and the response is one."""
    if response.request is None or not response.request.meta.get(WANTS_FEEDS):
        return False
    return _type_of(response) in FEED_TYPES and starts_as_feed(response.body)


def page_kind(response: Response) -> PageKind | None:
    """Returns the kind of page as which a browser would display the response; None if it is not a page with links."""
    headers = response.headers
    return kind_of(content_type_of(headers), response.body, is_sniffed=not _forbids_sniffing(headers))


def is_page(response: Response) -> bool:
    """True if a browser would display the response as a page with links: HTML, or XML that is XHTML or SVG."""
    return page_kind(response) is not None


def is_xhtml(response: Response) -> bool:
    """True if a browser would parse the response by XML's rules."""
    return page_kind(response) is PageKind.XHTML


class Beginning:
    """Collects the first bytes of a body, up to a limit, and decompresses gzip."""

    def __init__(self, content_encoding: bytes | None, at_most: int) -> None:
        self._at_most = at_most
        self._body = bytearray()
        encoding = (content_encoding or b"").strip().lower()
        self._unpacker = zlib.decompressobj(wbits=31) if encoding in {b"gzip", b"x-gzip"} else None

    @property
    def body(self) -> bytes:
        """The bytes collected so far."""
        return bytes(self._body)

    @property
    def is_packed(self) -> bool:
        """True if the body is compressed."""
        return self._unpacker is not None

    @property
    def is_enough(self) -> bool:
        """True if the limit is reached."""
        return len(self._body) >= self._at_most

    @property
    def is_whole(self) -> bool:
        """True if the compressed stream has ended; always true of an uncompressed body."""
        return self._unpacker is None or self._unpacker.eof

    def add(self, chunk: bytes) -> None:
        """Adds received bytes; raises ``zlib.error`` if a body declared as gzip is not."""
        left = self._at_most - len(self._body)
        self._body += chunk[:left] if self._unpacker is None else self._unpacker.decompress(chunk, left)
