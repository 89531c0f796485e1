"""Stops downloads of responses that cannot contain links, after their headers."""

from __future__ import annotations

import re
import zlib
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from scrapy import signals
from scrapy.exceptions import StopDownload

from backlinkbot.extract.html import is_xml_page, sniffed

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Headers, Response

XHTML_TYPES: Final = frozenset({"application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
HTML_TYPES: Final = XHTML_TYPES | {"text/html"}
XML_TYPES: Final = frozenset({"application/xml", "text/xml"})
"""XML types of which only XHTML and SVG are pages; the root element decides."""
FEED_TYPES: Final = XML_TYPES | {"application/rss+xml", "application/atom+xml", "application/rdf+xml"}
WANTS_FEEDS: Final = "wants_feeds"
"""Key of a request's meta: true if a feed is accepted as well as a page."""
AT_MOST: Final = "at_most"
"""Key of a request's meta: the download stops, without failing, after so many bytes of the decompressed body."""
_FEED_STARTS: Final = re.compile(rb"<(?:rss|rdf:RDF|feed|atom:feed)[\s>]")
# The types after which a browser sniffs the bytes: https://mimesniff.spec.whatwg.org/#mime-type-sniffing-algorithm
UNKNOWN_TYPES: Final = frozenset({"", "unknown/unknown", "application/unknown", "*/*"})
_WORD: Final = r"[-!#$%&'*+.^_`|~A-Za-z0-9]+"
_TYPE: Final = re.compile(rf"[\t\n\r ]*({_WORD}/{_WORD})[\t\n\r ]*(?:;(.*))?", re.DOTALL)
_VALUE: Final = re.compile(r"(?:[^\",]|\"(?:[^\"\\]|\\.)*\"?)+", re.DOTALL)
_PARAMETER: Final = re.compile(r"[\t\n\r ]*([^;=]*)(?:=(?:\"((?:[^\"\\]|\\.)*)\"?[^;]*|([^;]*)))?(?:;|\Z)", re.DOTALL)


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


def media_type(content_type: bytes | None) -> str:
    """Returns the media type in lower case, without its parameters; empty if there is none or it is malformed."""
    return _described(content_type)[0]


def charset_of(content_type: bytes | None) -> str:
    """Returns the value of the charset parameter, unquoted; empty if there is none."""
    return _described(content_type)[1]


@lru_cache(maxsize=1_000)  # called three times a page; the web uses a few hundred values
def _described(content_type: bytes | None) -> tuple[str, str]:
    """Returns media type and charset: of several types, the last well-formed one.

    https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
    """
    essence = charset = ""
    for value in _VALUE.findall((content_type or b"").decode("latin-1")):
        found = _TYPE.fullmatch(value)
        if found is None or found[1] == "*/*":
            continue
        said = _charset(found[2] or "")
        if found[1].lower() != essence or said:
            charset = said
        essence = found[1].lower()
    return essence, charset


def _charset(parameters: str) -> str:
    for name, quoted, plain in _PARAMETER.findall(parameters):
        if name.strip().lower() == "charset":
            value = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) or plain.strip().strip("'\"")
            return value.strip()
    return ""


def _forbids_sniffing(headers: Headers) -> bool:
    """True if sniffing is off: https://fetch.spec.whatwg.org/#x-content-type-options-header."""
    return (headers.get("X-Content-Type-Options") or b"").split(b",")[0].strip().lower() == b"nosniff"


def _type_of(response: Response) -> str:
    """Returns the type that a browser would use, by the headers or else by the first bytes."""
    content_type = media_type(content_type_of(response.headers))
    if content_type not in UNKNOWN_TYPES or _forbids_sniffing(response.headers):
        return content_type
    return sniffed(response.body)


def is_feed(response: Response) -> bool:
    """True if the request accepts feeds and the response is one."""
    if response.request is None or not response.request.meta.get(WANTS_FEEDS):
        return False
    start = response.body[:8_192].replace(b"\0", b"")  # UTF-16, of which ASCII remains
    return _type_of(response) in FEED_TYPES and _FEED_STARTS.search(start, 0, 4_096) is not None


class PageKind(StrEnum):
    """The rules by which a page is parsed."""

    HTML = "html"
    XHTML = "xhtml"


def page_kind(response: Response) -> PageKind | None:
    """Returns the kind of page as which a browser would display the response; None if it is not a page with links."""
    content_type = _type_of(response)
    if content_type == "text/html":
        return PageKind.HTML
    if content_type in XHTML_TYPES:
        return PageKind.XHTML
    if content_type not in XML_TYPES and not content_type.endswith("+xml"):
        return None
    is_xml = is_xml_page(response.body, charset_of(content_type_of(response.headers)))
    return PageKind.XHTML if is_xml else None


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
