"""Which pages of a domain a crawl has captured, and where their records lie: by the index server, or by the columnar index."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from backlinkbot.commoncrawl.client import RefusedError
from backlinkbot.files.resumed_download import DownloadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.commoncrawl.client import ArchiveClient

INDEX_SERVER: Final = "https://index.commoncrawl.org"
MOST_OF_DOMAIN: Final = 1_000
"""Captures of one domain that are asked for."""
HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
"""The detected types of captures that may be pages with links."""
_FIELDS: Final = ("url", "timestamp", "filename", "offset", "length")
_NO_CAPTURES: Final = b"no captures"
"""What the index server says, with status 404, where it knows none; in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A page as it was captured: where its record lies."""

    url: str
    timestamp: str
    """The time of capture, ``YYYYMMDDhhmmss``."""
    filename: str
    """The WARC file below the server's address."""
    offset: int
    length: int


def captures_of(client: ArchiveClient, server: str, crawl: str, domain: str) -> list[Capture]:
    """Asks the index server for the HTML pages of a domain and its subdomains that were captured with status 200.

    The API is that of pywb: https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html.

    Args:
        client: sends the request.
        server: the address of the index server.
        crawl: the crawl, as ``CC-MAIN-2026-30``.
        domain: the domain.

    Raises:
        NotAskedError: the request was not sent.
        DownloadError: there is no answer, or one that is none.
    """
    parameters = [
        ("url", domain),
        ("matchType", "domain"),
        ("output", "json"),
        ("filter", "=status:200"),
        ("filter", "~mime-detected:(text/html|application/xhtml.xml)"),
        ("fl", ",".join(_FIELDS)),
        ("limit", str(MOST_OF_DOMAIN)),
    ]
    url = f"{server}/{crawl}-index?{urlencode(parameters)}"
    try:
        body = client.get(url)
    except RefusedError as error:
        if error.status != 404 or _NO_CAPTURES not in error.body.lower():
            raise
        client.keep(url, None, b"")
        return []
    return list(latest(_read(body, url)))


def _read(body: bytes, url: str) -> Iterator[Capture]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    found = [capture for line in lines if (capture := _capture_of(line)) is not None]
    if lines and not found:
        raise DownloadError(f"{url}: the answer is no list of captures: {lines[0][:80]!r}")
    yield from found


def _capture_of(line: bytes) -> Capture | None:
    try:
        value: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    url, timestamp, filename, offset, length = (str(value.get(name, "")) for name in _FIELDS)
    if not (url and filename and offset.isdecimal() and length.isdecimal()) or ".." in filename.split("/"):
        return None
    return Capture(url=url, timestamp=timestamp, filename=filename.lstrip("/"), offset=int(offset), length=int(length))


def latest(captures: Iterable[Capture]) -> Iterator[Capture]:
    """Yields the last capture of each address, in the order of the first."""
    found: dict[str, Capture] = {}
    for capture in captures:
        known = found.get(capture.url)
        if known is None or known.timestamp < capture.timestamp:
            found[capture.url] = capture
    yield from found.values()
