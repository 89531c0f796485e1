"""Reads candidates from WARC and WAT files: archived pages, and WAT's lists of their links."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.extract.robots_directives import NOFOLLOW_RELS, rel_tokens
from backlinkbot.importers.dates import iso
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult, Skip
from backlinkbot.importers.values import place
from backlinkbot.items import Candidate, Claim
from backlinkbot.text.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from backlinkbot.importers.formats.formats import Format

MAGIC: Final = b"WARC/"
_MAX_HEADER: Final = 64 * 1024
_MAX_RECORD: Final = 64 * 1024 * 1024
_PAGES: Final = frozenset({"response", "resource"})
_WEB: Final = ("http://", "https://")
_ENVELOPE: Final = ("Envelope", "Payload-Metadata", "HTTP-Response-Metadata", "HTML-Metadata")


class _BrokenRecordError(ValueError):
    pass


def read_warc(file: IO[bytes], entry: Format, name: str) -> Iterator[RowResult]:
    """Yields the results of each record."""
    number = 0
    while True:
        number += 1
        try:
            headers = _headers(file)
            if headers is None:
                return
            length = int(headers.get("content-length", ""))
            wants_content = entry.name == "wat" and headers.get("warc-type") == "metadata" and length <= _MAX_RECORD
            content = _content(file, length, keeps=wants_content)
        except ValueError as error:  # also an invalid length
            yield BadRow(file=name, row=number, reason=Fault.BROKEN, text=str(error)[:200])
            return
        yield _read_wat(content, number, entry, name) if wants_content else _read(headers, number, entry, name)


def _headers(file: IO[bytes]) -> dict[str, str] | None:
    """Reads the headers of the next record, names in lower case; returns None at the end."""
    start = file.readline(_MAX_HEADER)
    while start and not start.strip():
        start = file.readline(_MAX_HEADER)
    if not start:
        return None
    if not start.startswith(MAGIC):
        raise _BrokenRecordError(f"not the start of a record: {start[:60]!r}")
    headers: dict[str, str] = {}
    while (line := file.readline(_MAX_HEADER)).strip():
        key, _, value = line.decode("utf-8", "replace").partition(":")
        headers.setdefault(key.strip().lower(), value.strip())
    return headers


def _content(file: IO[bytes], length: int, *, keeps: bool) -> bytes:
    kept: list[bytes] = []
    left = length
    while left > 0:
        part = file.read(min(left, 256 * 1024))
        if not part:
            raise _BrokenRecordError(f"{left:,} bytes of a record are missing")
        left -= len(part)
        if keeps:
            kept.append(part)
    return b"".join(kept)


def _read(headers: Mapping[str, str], number: int, entry: Format, name: str) -> RowResult:
    uri = headers.get("warc-target-uri", "").strip("<>")
    if entry.name == "wat" or headers.get("warc-type") not in _PAGES or not uri.lower().startswith(_WEB):
        return Skip.NOT_A_PAGE
    found = place(uri)
    if isinstance(found, Fault):
        return BadRow(file=name, row=number, reason=found, text=uri[:200])
    claim = Claim(origin=entry.origin, file=name, row=number, confidence=entry.confidence)
    return Candidate(url=uri, claims=(claim,))


def _read_wat(content: bytes, number: int, entry: Format, name: str) -> RowResult:
    try:
        record = loads(content)
    except ValueError:
        return BadRow(file=name, row=number, reason=Fault.NOT_JSON, text=content[:200].decode("utf-8", "replace"))
    about = _within(record, ("Envelope", "WARC-Header-Metadata"))
    if about.get("WARC-Type") != "response":
        return Skip.NOT_A_PAGE
    uri = str(about.get("WARC-Target-URI", ""))
    page = urls.parse(uri)
    if page is None or not urls.is_web(page):
        return BadRow(file=name, row=number, reason=Fault.NOT_A_URL, text=uri[:200])
    html = _within(record, _ENVELOPE)
    base = page
    if isinstance(written := _within(html, ("Head",)).get("Base"), str):
        base = urls.resolve(written, page) or page
    own = urls.registrable_domain(page.hostname)
    seen = iso(str(about.get("WARC-Date", "")))
    claims = []
    for link in html.get("Links") or ():
        if not isinstance(link, dict) or not str(link.get("path", "")).upper().startswith(("A@/HREF", "AREA@/HREF")):
            continue
        url = urls.resolve(str(link.get("url", "")), base)
        if url is None or not urls.is_web(url) or urls.registrable_domain(url.hostname) == own:
            continue
        rel = tuple(dict.fromkeys(map(str.lower, rel_tokens(str(link.get("rel") or "")))))
        claims.append(
            Claim(
                origin=entry.origin,
                file=name,
                row=number,
                target_url=url.href,
                anchor=str(link.get("text") or ""),
                rel=rel,
                follow=NOFOLLOW_RELS.isdisjoint(rel),
                last_seen=seen,
                confidence=entry.confidence,
            )
        )
    return Candidate(url=uri, claims=tuple(claims)) if claims else Skip.NO_EXTERNAL_LINK


def _within(value: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
