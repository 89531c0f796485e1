"""Parses sitemaps: XML, sitemap indexes, plain text, gzip (https://www.sitemaps.org/protocol.html)."""

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
    """One entry of a sitemap."""

    location: str
    """As written, white space trimmed."""
    lastmod: str = ""
    """As written; a W3C date or time if valid; empty if there is none."""
    is_sitemap: bool = False
    """True if the entry is another sitemap."""


def read_sitemap(body: bytes, charset: str = "", max_size: int = 50 * 1024 * 1024) -> Iterator[SitemapEntry]:
    """Yields the entries of a sitemap in order; none if it is not a sitemap.

    Args:
        body: the document; with gzip if its address ends so, whatever its headers say.
        charset: the charset parameter of its ``Content-Type``.
        max_size: the maximum size in bytes after decompression; a larger one has no entries.
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
    """Returns the decompressed bytes, as many as are readable; none if they exceed ``max_size``."""
    unpacker = zlib.decompressobj(_ANY_HEADER)
    try:
        unpacked = unpacker.decompress(body, max_size + 1)
    except zlib.error:
        return b""
    return unpacked if len(unpacked) <= max_size else b""
