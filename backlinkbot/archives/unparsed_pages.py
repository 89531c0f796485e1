"""Finds out what must be known of a stored page to scan its record as it is, before anything of it is parsed.

Most pages of an archive link to no target. Where a page is stored without any encoding, one scan of the whole record, headers and
body, says so, and parsing its headers would take longer than all the rest that is not decompression.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from backlinkbot import urls
from backlinkbot.extract.media_type import charset_of, media_type

if TYPE_CHECKING:
    from backlinkbot.urls import URL

_END: Final = b"\r\n\r\n"
_RESPONSE: Final = b"\nWARC-Type: response\r\n"
_URI: Final = re.compile(rb"\nWARC-Target-URI:[ \t]*<?(https?://[^\r\n>]*)", re.IGNORECASE)
_WHOLE: Final = re.compile(rb"HTTP/\d(?:\.\d)? +20[03]\b")
_HEADERS: Final = re.compile(
    rb"\n(?:Content-Type[ \t]*:([^\r\n]*)|(?:Content-Encoding|Transfer-Encoding|Refresh|Link)[ \t]*:|[ \t])",
    re.IGNORECASE,
)
"""The type; and headers that need more than a scan, with lines that go on with the one before."""


class UnparsedPage(NamedTuple):
    """What the prefilter asks of a page."""

    url: URL
    charset: str
    """Of its ``Content-Type``; empty where it names none."""


def unparsed_page(record: bytes) -> UnparsedPage | None:
    """Returns what the prefilter asks of a record's page; None for one that must be parsed to know it.

    It is known of an HTML page of status 200 or 203 that is stored without encodings, if its headers hold no link and no redirect.

    Args:
        record: a WARC record with its headers.
    """
    end = record.find(_END)
    if record.find(_RESPONSE, 0, end + 2) < 0 or not _WHOLE.match(record, end + len(_END)):
        return None
    written = _URI.search(record, 0, end + 2)
    told = _HEADERS.findall(record, end + len(_END), record.find(_END, end + len(_END)) + 2)
    if written is None or len(told) != 1 or media_type(told[0]) != "text/html":
        return None
    url = urls.parse(written[1].decode("utf-8", "replace"))
    return UnparsedPage(url, charset_of(told[0])) if url is not None else None
