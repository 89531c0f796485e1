"""The media types by which a page is known: parses ``Content-Type``, and sniffs where there is none."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from backlinkbot.extract.html import is_xml_page, sniffed

XHTML_TYPES: Final = frozenset({"application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
HTML_TYPES: Final = XHTML_TYPES | {"text/html"}
XML_TYPES: Final = frozenset({"application/xml", "text/xml"})
"""XML types of which only XHTML and SVG are pages; the root element decides."""
FEED_TYPES: Final = XML_TYPES | {"application/rss+xml", "application/atom+xml", "application/rdf+xml"}
_FEED_STARTS: Final = re.compile(rb"<(?:rss|rdf:RDF|feed|atom:feed)[\s>]")
# The types after which a browser sniffs the bytes: https://mimesniff.spec.whatwg.org/#mime-type-sniffing-algorithm
UNKNOWN_TYPES: Final = frozenset({"", "unknown/unknown", "application/unknown", "*/*"})
_WORD: Final = r"[-!#$%&'*+.^_`|~A-Za-z0-9]+"
_TYPE: Final = re.compile(rf"[\t\n\r ]*({_WORD}/{_WORD})[\t\n\r ]*(?:;(.*))?", re.DOTALL)
_VALUE: Final = re.compile(r"(?:[^\",]|\"(?:[^\"\\]|\\.)*\"?)+", re.DOTALL)
_PARAMETER: Final = re.compile(r"[\t\n\r ]*([^;=]*)(?:=(?:\"((?:[^\"\\]|\\.)*)\"?[^;]*|([^;]*)))?(?:;|\Z)", re.DOTALL)


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


class PageKind(StrEnum):
    """The rules by which a page is parsed."""

    HTML = "html"
    XHTML = "xhtml"


def effective_type(content_type: bytes | None, body: bytes, *, is_sniffed: bool = True) -> str:
    """Returns the type that a browser would use, by the header or else by the first bytes.

    Args:
        content_type: the value of ``Content-Type``; None where there is none.
        body: content encodings undone.
        is_sniffed: false where the server forbids sniffing (``X-Content-Type-Options: nosniff``).
    """
    named = media_type(content_type)
    return sniffed(body) if is_sniffed and named in UNKNOWN_TYPES else named


def kind_of(content_type: bytes | None, body: bytes, *, is_sniffed: bool = True) -> PageKind | None:
    """Returns the kind of page as which a browser would display a body; None if it is not a page with links.

    The arguments are those of :func:`effective_type`.
    """
    return kind_of_type(effective_type(content_type, body, is_sniffed=is_sniffed), content_type, body)


def kind_of_type(named: str, content_type: bytes | None, body: bytes) -> PageKind | None:
    """Returns the kind of page of a body whose type :func:`effective_type` told; None if it is not a page with links."""
    if named == "text/html":
        return PageKind.HTML
    if named in XHTML_TYPES:
        return PageKind.XHTML
    if named not in XML_TYPES and not named.endswith("+xml"):
        return None
    return PageKind.XHTML if is_xml_page(body, charset_of(content_type)) else None


def starts_as_feed(body: bytes) -> bool:
    """True if a body starts as RSS or Atom does."""
    start = body[:8_192].replace(b"\0", b"")  # UTF-16, of which ASCII remains
    return _FEED_STARTS.search(start, 0, 4_096) is not None
