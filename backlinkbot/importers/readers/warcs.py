"""Reads candidates from WARC and WAT files: archived pages, and WAT's lists of their links."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.archives import records, wat
from backlinkbot.archives.pages import PAGES
from backlinkbot.extract.robots_directives import NOFOLLOW_RELS, rel_tokens
from backlinkbot.importers.dates import iso
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult, Skip
from backlinkbot.importers.values import place
from backlinkbot.items import Candidate, Claim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from backlinkbot.importers.formats.formats import Format

_MAX_RECORD: Final = 64 * 1024 * 1024
_WEB: Final = ("http://", "https://")


def read_warc(file: IO[bytes], entry: Format, name: str) -> Iterator[RowResult]:
    """Yields the results of each record."""
    number = 0
    while True:
        number += 1
        try:
            headers = records.read_headers(file)
            if headers is None:
                return
            length = int(headers.get("content-length", ""))
            wants_content = entry.name == "wat" and headers.get("warc-type") == "metadata" and length <= _MAX_RECORD
            content = records.read_content(file, length, keeps=wants_content)
        except ValueError as error:  # also an invalid length
            yield BadRow(file=name, row=number, reason=Fault.BROKEN, text=str(error)[:200])
            return
        yield _read_wat(content, number, entry, name) if wants_content else _read(headers, number, entry, name)


def _read(headers: Mapping[str, str], number: int, entry: Format, name: str) -> RowResult:
    uri = headers.get("warc-target-uri", "").strip("<>")
    if entry.name == "wat" or headers.get("warc-type") not in PAGES or not uri.lower().startswith(_WEB):
        return Skip.NOT_A_PAGE
    found = place(uri)
    if isinstance(found, Fault):
        return BadRow(file=name, row=number, reason=found, text=uri[:200])
    claim = Claim(origin=entry.origin, file=name, row=number, confidence=entry.confidence)
    return Candidate(url=uri, claims=(claim,))


def _read_wat(content: bytes, number: int, entry: Format, name: str) -> RowResult:
    try:
        page = wat.parse(content)
    except wat.NotAPageError:
        return Skip.NOT_A_PAGE
    except wat.NoURLError as error:
        return BadRow(file=name, row=number, reason=Fault.NOT_A_URL, text=str(error)[:200])
    except ValueError:
        return BadRow(file=name, row=number, reason=Fault.NOT_JSON, text=content[:200].decode("utf-8", "replace"))
    own = urls.registrable_domain(page.url.hostname)
    seen = iso(page.date)
    claims = []
    for link in wat.anchors(page):
        url = link.url
        if url is None or not urls.is_web(url) or urls.registrable_domain(url.hostname) == own:
            continue
        rel = tuple(dict.fromkeys(map(str.lower, rel_tokens(str(link.fields.get("rel") or "")))))
        claims.append(
            Claim(
                origin=entry.origin,
                file=name,
                row=number,
                target_url=url.href,
                anchor=str(link.fields.get("text") or ""),
                rel=rel,
                follow=NOFOLLOW_RELS.isdisjoint(rel),
                last_seen=seen,
                confidence=entry.confidence,
            )
        )
    return Candidate(url=page.uri, claims=tuple(claims)) if claims else Skip.NO_EXTERNAL_LINK
