"""Reads a response into the fields of a page: its headers, its body, or why it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from backlinkbot.download.failures import (
    CERTIFICATE_FAULT,
    PAGES,
    failure_of_content,
    failure_of_encoding,
    failure_of_status,
)
from backlinkbot.download.redirects import decoded
from backlinkbot.download.wall_check import EXPLAINING, WALLED, wall_headers, wall_in
from backlinkbot.extensions.content_filter import content_type_of, is_feed, is_page, page_kind
from backlinkbot.extract.media_type import PageKind, charset_of
from backlinkbot.extract.page import PageContent
from backlinkbot.items import Failure, PageHeaders, State

if TYPE_CHECKING:
    from scrapy.http import Response

LONGEST_VALIDATOR: Final = 500
"""Characters of an ``ETag`` or ``Last-Modified``; a longer one is left alone."""
LONGEST_REFRESH: Final = 8_192
"""Characters of a ``Refresh`` header that are read."""


def content_of(response: Response, requested_url: str) -> dict[str, Any]:
    """Returns the fields of a page that come from its body, among them the failure that makes it no page.

    Args:
        response: the response.
        requested_url: where the visit began, before redirects.

    Returns:
        Fields of :class:`~backlinkbot.items.FetchedPage`. They include empty validators where the body may be incomplete, so
        that nothing is compared with half a page at the next visit.
    """
    failure = failure_of_status(response) or failure_of_encoding(response)
    doubt = failure_of_content(response) if failure is None else None
    if failure is None and not response.body and response.status not in PAGES:
        failure = doubt  # 204 and the like, of whatever type
    feed = failure is None and is_feed(response)
    kind = page_kind(response) if failure is None and not feed else None
    if failure is None and not feed and kind is None:
        content_type = (response.headers.get("Content-Type") or b"no content type").decode("latin-1")
        failure = Failure(state=State.NOT_HTML, reason=content_type)
    body = b"" if failure else response.body
    if failure is not None and failure.state in WALLED and is_page(response):
        failure = _wall(response, requested_url) or failure
    fields = {"failure": failure, "body": body, "doubt": doubt, "is_feed": feed, "is_xhtml": kind is PageKind.XHTML}
    return fields if doubt is None else fields | {"etag": "", "last_modified": ""}


def _wall(response: Response, requested_url: str) -> Failure | None:
    """Returns the wall that stands in place of a page which is none anyway."""
    charset = charset_of(content_type_of(response.headers))
    found = wall_in(
        response.body,
        lambda: PageContent(response.body, response.url, charset),
        url=response.url,
        requested_url=requested_url,
        headers=wall_headers(response.headers),
    )
    return found if found is not None and found.reason in EXPLAINING else None


def response_headers(response: Response) -> dict[str, Any]:
    """Returns the fields of a page that come from its status line and headers."""
    headers = response.headers
    return {
        "status": response.status,
        "headers": PageHeaders(
            charset=charset_of(content_type_of(headers)),
            language=(headers.get("Content-Language") or b"").decode("latin-1").strip(),
            x_robots_tag=tuple(value.decode("latin-1") for value in headers.getlist("X-Robots-Tag")),
            links=tuple(map(decoded, headers.getlist("Link"))),
            refresh=(headers.get("Refresh") or b"").decode("latin-1")[:LONGEST_REFRESH],
            walls=wall_headers(headers),
        ),
        "etag": _validator(headers.get("ETag")),
        "last_modified": _validator(headers.get("Last-Modified")),
        "certificate_fault": response.meta.get(CERTIFICATE_FAULT, ""),
    }


def _validator(header: bytes | None) -> str:
    """Returns a header that is sent back as it came; empty where it is longer than anybody needs."""
    text = (header or b"").decode("latin-1").strip()
    return text if len(text) <= LONGEST_VALIDATOR else ""
