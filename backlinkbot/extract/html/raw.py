"""Reads declarations from the bytes of a page before it is parsed."""

from __future__ import annotations

import re
from typing import Final

FALLBACK_ENCODING: Final = "windows-1252"
"""The fallback of the HTML standard and of browsers in most locales."""

# https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding, its third step
_UTF_16_STARTS: Final = {b"<\x00?\x00x\x00": "UTF-16LE", b"\x00<\x00?\x00x": "UTF-16BE"}
# https://html.spec.whatwg.org/multipage/parsing.html#concept-get-xml-encoding-when-sniffing
_XML_ENCODING: Final = re.compile(
    rb"<\?xml(?:(?!encoding)[^>])*+encoding[\x00-\x20]*=[\x00-\x20]*([\"'])(?P<label>[^\x00-\x20>]*?)\1[^>]*>"
)
# https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type, the rows that say text/html
_HTML_STARTS: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?[\t\n\x0c\r ]*"
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >]",
    re.IGNORECASE,
)
_XML_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?[\t\n\x0c\r ]*<\?xml")
REFRESH: Final = re.compile(rb"http-equiv[\t\n\f\r ]*=[\t\n\f\r ]*[\"']?(?:refresh|&)")  # & may be a reference to its r


def utf_16_of(body: bytes) -> str:
    """Returns the kind of UTF-16 in which the page begins with ``<?x``; empty if it does not."""
    return _UTF_16_STARTS.get(body[:6], "")


def xml_label(body: bytes) -> str:
    """Returns the encoding label of the XML declaration; empty if there is none."""
    declaration = _XML_ENCODING.match(body)
    return declaration["label"].decode("latin-1") if declaration is not None else ""


def sniffed(body: bytes) -> str:
    """Returns the type that a browser sniffs from the bytes: ``text/html``, ``text/xml``; empty for others.

    https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type
    """
    if _HTML_STARTS.match(body) is not None:
        return "text/html"
    return "text/xml" if _XML_START.match(body) is not None else ""


def may_refresh(body: bytes) -> bool:
    """True if the page may have a ``<meta http-equiv=refresh>``; False is never wrong, and costs a scan of the bytes."""
    lowered = body.lower()
    return REFRESH.search(lowered) is not None or b"\0" in body or b"\x1b" in body  # encodings that are not ASCII
