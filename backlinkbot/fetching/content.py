"""Only what can hold links is downloaded whole: everything else is left at its headers."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from scrapy import signals
from scrapy.exceptions import StopDownload

from backlinkbot.markup import looks_like_html

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

HTML_TYPES: Final = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
FEED_TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/xml", "text/xml"}
)
WANTS_FEEDS: Final = "wants_feeds"
"""In a request's meta: a feed is as good an answer as a page."""
AT_MOST: Final = "at_most"
"""In a request's meta: bytes of the unpacked body that are enough; the rest is not downloaded, and is no failure."""
_FEED_STARTS: Final = re.compile(rb"<(?:rss|rdf:RDF|feed|atom:feed)[\s>]")
# https://mimesniff.spec.whatwg.org/#mime-type-sniffing-algorithm: these say nothing, so the bytes are looked at.
UNKNOWN_TYPES: Final = frozenset({"", "unknown/unknown", "application/unknown", "*/*"})


class ContentGuard:
    """Extension: stops the download of an answer whose headers say that it is no HTML."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        guard = cls(crawler)
        crawler.signals.connect(guard.headers_received, signals.headers_received)
        return guard

    def headers_received(self, headers: Headers, request: Request) -> None:
        """Raise StopDownload, which keeps the headers as an answer without a body."""
        content_type = media_type(headers.get("Content-Type"))
        if content_type in HTML_TYPES or content_type in UNKNOWN_TYPES or request.meta.get("any_content"):
            return
        if content_type in FEED_TYPES and request.meta.get(WANTS_FEEDS):
            return
        if "Location" in headers:
            return  # the redirect counts, not what comes with it
        self._crawler.stats.inc_value("backlinks/fetching/not_html")
        request.meta["not_html"] = content_type
        raise StopDownload(fail=False)


@lru_cache(maxsize=1_000)  # asked three times a page, and all the web has a few hundred of them
def media_type(content_type: bytes | None) -> str:
    """The type without its parameters, lower case; empty where there is none."""
    return (content_type or b"").split(b";")[0].split(b",")[0].strip().lower().decode("latin-1")


@lru_cache(maxsize=1_000)
def charset_of(content_type: bytes | None) -> str:
    """The charset parameter, unquoted; empty where there is none."""
    for parameter in (content_type or b"").decode("latin-1").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").strip()
    return ""


def is_feed(response: Response) -> bool:
    """Whether somebody who wants feeds got one."""
    if response.request is None or not response.request.meta.get(WANTS_FEEDS):
        return False
    content_type = media_type(response.headers.get("Content-Type"))
    return content_type in FEED_TYPES and _FEED_STARTS.search(response.body, 0, 4_096) is not None


def is_html(response: Response) -> bool:
    """Whether a browser would show the answer as HTML."""
    content_type = media_type(response.headers.get("Content-Type"))
    return content_type in HTML_TYPES or (content_type in UNKNOWN_TYPES and looks_like_html(response.body))


class Beginning:
    """The first bytes of a body, unpacked where it is packed by gzip, and no more of them than are wanted."""

    def __init__(self, content_encoding: bytes | None, at_most: int) -> None:
        self._at_most = at_most
        self._body = bytearray()
        encoding = (content_encoding or b"").strip().lower()
        self._unpacker = zlib.decompressobj(wbits=31) if encoding in {b"gzip", b"x-gzip"} else None

    @property
    def body(self) -> bytes:
        """What there is so far."""
        return bytes(self._body)

    @property
    def is_packed(self) -> bool:
        """Whether the body came packed."""
        return self._unpacker is not None

    @property
    def is_enough(self) -> bool:
        """Whether nothing more is wanted."""
        return len(self._body) >= self._at_most

    @property
    def is_whole(self) -> bool:
        """Whether what is packed has come to its end; anything else has no end of its own."""
        return self._unpacker is None or self._unpacker.eof

    def add(self, chunk: bytes) -> None:
        """Take what was received; raises ``zlib.error`` where it is not packed as it says."""
        left = self._at_most - len(self._body)
        self._body += chunk[:left] if self._unpacker is None else self._unpacker.decompress(chunk, left)
