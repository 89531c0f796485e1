"""Sitemaps in, entries out: XML, indexes of sitemaps, plain lists, packed or not (https://www.sitemaps.org/protocol.html)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.documents.elements import child_text, elements, local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOTS: Final = frozenset({"urlset", "sitemapindex"})
_ENTRIES: Final = frozenset({"url", "sitemap"})
_GZIP: Final = b"\x1f\x8b"
_ANY_HEADER: Final = zlib.MAX_WBITS | 32
_BEFORE_TEXT: Final = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """One line of a sitemap."""

    location: str
    """As written, white space trimmed."""
    lastmod: str = ""
    """As written; a W3C date or time, if its author keeps to the protocol. Empty where there is none."""
    is_sitemap: bool = False
    """Whether it is another sitemap's."""


def read_sitemap(body: bytes, charset: str = "", max_size: int = 50 * 1024 * 1024) -> Iterator[SitemapEntry]:
    """The entries of a sitemap in its order; none where it is no sitemap.

    Args:
        body: the document; with gzip if its address ends so, whatever its headers say.
        charset: the charset parameter of its ``Content-Type``.
        max_size: bytes that it may have when it is unpacked; a larger one has no entries.
    """
    if body.startswith(_GZIP):
        body = _unpacked(body, max_size)
    if body.lstrip(_BEFORE_TEXT)[:4].lower() == b"http":
        for line in body.decode("utf-8-sig", errors="replace").split():
            yield SitemapEntry(line)
        return
    for element in elements(body, _ROOTS, _ENTRIES, charset):
        if location := child_text(element, "loc"):
            yield SitemapEntry(location, child_text(element, "lastmod"), local_name(element) == "sitemap")


def _unpacked(body: bytes, max_size: int) -> bytes:
    """As much as can be unpacked; nothing where that is too much."""
    unpacker = zlib.decompressobj(_ANY_HEADER)
    try:
        unpacked = unpacker.decompress(body, max_size + 1)
    except zlib.error:
        return b""
    return unpacked if len(unpacked) <= max_size else b""
