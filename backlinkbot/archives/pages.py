"""Makes pages of the records of a WARC file: what a visit on the day of the capture would have fetched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.archives import http_message
from backlinkbot.archives.faults import Fault
from backlinkbot.extract import content_encoding
from backlinkbot.extract.media_type import (
    FEED_TYPES,
    PageKind,
    charset_of,
    effective_type,
    kind_of_type,
    starts_as_feed,
)
from backlinkbot.items import FetchedPage, PageHeaders, Redirect

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from backlinkbot.archives.faults import MiningCounts
    from backlinkbot.archives.records import Record

    MayMatter: TypeAlias = Callable[[urls.URL, PageHeaders, bytes, bool], bool]
    """False for a page that need not be parsed, by its address, headers, body, and true for a feed or XHTML."""

NOT_A_PAGE: Final = "not a page"
NOT_HTML: Final = "not HTML"
IN_PART: Final = "read in part"
PAGES: Final = frozenset({"response", "resource"})
"""The types of records that hold pages: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/#record-types."""
WHOLE: Final = frozenset({200, 203})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_LONGEST_REFRESH: Final = 8_192
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z?")


def time_of(text: str) -> str:
    """Returns ``WARC-Date`` with whole seconds, as rows have it; empty if it is no such time."""
    found = _TIME.fullmatch(text.strip())
    return f"{found[1]}T{found[2]}Z" if found is not None else ""


def page_of(record: Record, counts: MiningCounts, may_matter: MayMatter) -> FetchedPage | None:
    """Returns the page that a record holds; None if it holds none, which is counted, or one that does not matter.

    A redirect is a page without a body; one of ``Refresh`` or ``<meta>`` is a link of its page.

    Args:
        record: any record.
        counts: counts what is passed over, and faults.
        may_matter: asked of each page but redirects, before it is made: for most pages of an archive the answer is no.
    """
    if record.kind not in PAGES:
        counts.skip(NOT_A_PAGE)
        return None
    url = _url_of(record, counts)
    response = _response_of(record) if url is not None else None
    if url is None:
        return None
    if response is None:
        if not record.is_cut:
            counts.fault(Fault.NOT_HTTP, record.offset, repr(record.content[:40]))
        return None
    if response.status in _REDIRECTS:
        page = _redirect(record, response, url, counts)
        if page is not None and record.is_cut:
            counts.skip(IN_PART)
        return page
    if response.status not in WHOLE:
        counts.skip(f"status {response.status // 100}xx" if response.status != 206 else "status 206")
        return None
    return _page(record, response, url, counts, may_matter)


def _url_of(record: Record, counts: MiningCounts) -> urls.URL | None:
    """Returns the address of a page; None for records of another kind, such as ``dns:``, and faults."""
    url = urls.parse(record.uri)
    if url is not None and urls.is_web(url):
        return url
    if not record.uri or record.uri.lower().startswith(("http:", "https:")):
        counts.fault(Fault.NO_URL, record.offset, record.uri)
    else:
        counts.skip(NOT_A_PAGE)
    return None


def _response_of(record: Record) -> http_message.Response | None:
    """Returns the response that a record holds; a ``resource`` has no HTTP headers but a type in its own."""
    if record.kind == "response" and record.headers.get("content-type", "").lower().startswith("text/dns"):
        return None
    response = http_message.parse(record.data, record.start, record.end)
    if response is None and record.kind == "resource":
        content_type = record.headers.get("content-type", "").encode("latin-1", "replace")
        return http_message.Response(200, {"content-type": (content_type,)}, record.content)
    return response


def _page(
    record: Record, response: http_message.Response, url: urls.URL, counts: MiningCounts, may_matter: MayMatter
) -> FetchedPage | None:
    try:
        body = http_message.body_of(response)
    except (content_encoding.DecodingError, content_encoding.TooLargeError) as error:
        counts.fault(Fault.NOT_DECODED, record.offset, str(error))
        return None
    content_type = b", ".join(response.headers.get("content-type", ())) or None
    is_sniffed = response.first("x-content-type-options").split(b",")[0].strip().lower() != b"nosniff"
    media_type = effective_type(content_type, body, is_sniffed=is_sniffed)
    is_feed = media_type in FEED_TYPES and starts_as_feed(body)
    kind = None if is_feed else kind_of_type(media_type, content_type, body)
    if not is_feed and kind is None:
        counts.skip(NOT_HTML)
        return None
    if record.is_cut:
        counts.skip(IN_PART)
    headers = PageHeaders(
        charset=charset_of(content_type),
        language=_text(response.first("content-language")),
        x_robots_tag=tuple(map(_text, response.headers.get("x-robots-tag", ()))),
        links=tuple(value.decode("utf-8", "replace") for value in response.headers.get("link", ())),
        refresh=_text(response.first("refresh"))[:_LONGEST_REFRESH],
    )
    if not may_matter(url, headers, body, is_feed or kind is PageKind.XHTML):
        return None
    return FetchedPage(
        url=url.href,
        requested_url=url.href,
        fetched_at=time_of(record.headers.get("warc-date", "")),
        status=response.status,
        discovered_from="archive",
        headers=headers,
        is_feed=is_feed,
        is_xhtml=kind is PageKind.XHTML,
        body=body,
        _parsed_url=url,
    )


def _redirect(
    record: Record, response: http_message.Response, url: urls.URL, counts: MiningCounts
) -> FetchedPage | None:
    location = response.first("location").decode("utf-8", "replace")
    to = urls.resolve(location, url) if location.strip() else None
    if to is None or not urls.is_web(to):
        counts.skip("a redirect to no web address")
        return None
    return redirected(url, response.status, location, to, time_of(record.headers.get("warc-date", "")))


def redirected(url: urls.URL, status: int, location: str, to: urls.URL, at: str) -> FetchedPage:
    """Returns the visit of an address that redirected when it was captured."""
    hop = Redirect(url=url.href, status=status, location=location, to=to.href)
    return FetchedPage(
        url=url.href,
        requested_url=url.href,
        fetched_at=at,
        status=status,
        discovered_from="archive",
        redirects=(hop,),
        _parsed_url=url,
    )


def _text(value: bytes) -> str:
    return value.decode("latin-1").strip()
