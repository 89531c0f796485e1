"""Determines where a response redirects to, and builds the request that follows it, as browsers do.

https://fetch.spec.whatwg.org/#http-redirect-fetch
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.configuration.site_headers import FOREIGN, PART
from backlinkbot.download.failures import REDIRECT_STATUSES, VisitRefusedError
from backlinkbot.items import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy import Request
    from scrapy.http import Response

    from backlinkbot.urls import URL

HOPS: Final = "redirects"
"""Key of a request's meta: the redirects on the way to it, and the one in its response."""
SAFE: Final = frozenset({"GET", "HEAD"})
"""Methods that only retrieve."""
ONE_ANSWER: Final = "one_answer"
"""Key of a request's meta: true if redirects are returned, not followed."""
MAX_REDIRECTS: Final = "max_redirects"
"""Key of a request's meta: most redirects to follow, instead of ``REDIRECT_MAX_TIMES``."""
CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
"""Headers of conditional requests; they are valid for one URL only."""


BODY_HEADERS: Final = ("Content-Encoding", "Content-Language", "Content-Location", "Content-Type")
"""https://fetch.spec.whatwg.org/#request-body-header-name"""
SECRETS: Final = ("Authorization",)
"""Headers for one origin only: https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name"""


class TooManyRedirectsError(VisitRefusedError):
    """Raised if a request is redirected more often than allowed."""

    def __init__(self, most: int) -> None:
        super().__init__(State.UNREACHABLE, f"more than {most} redirects")


def location_of(response: Response) -> URL | None:
    """Returns where a response redirects to; None if it does not, or not to an http(s) URL."""
    location = response.headers.get("Location")
    if response.status not in REDIRECT_STATUSES or location is None or not location.strip():
        return None
    base = urls.parse(response.url)
    target = urls.resolve(decoded(location), base) if base is not None else None
    return target if urls.is_web(target) else None


def redirected(request: Request, target: URL, *, max_times: int, status: int = 302) -> Request:
    """Builds the request for a redirect, as https://fetch.spec.whatwg.org/#http-redirect-fetch requires.

    Args:
        request: the request whose response is a redirect.
        target: the URL of the redirect.
        max_times: most redirects in a row.
        status: the status of the response; only 307 and 308 keep a method and its body.

    Raises:
        TooManyRedirectsError: there were ``max_times`` redirects already.
        VisitRefusedError: the request has a body, and the redirect leads to another registrable domain.
    """
    times = request.meta.get("redirect_times", 0) + 1
    if times > max_times:
        raise TooManyRedirectsError(max_times)
    visited = [*request.meta.get("redirect_urls", []), request.url]
    meta = {**request.meta, "redirect_times": times, "redirect_urls": visited}
    for key in ("proxy", "_auth_proxy", "download_slot"):  # chosen again for the new host and scheme
        meta.pop(key, None)
    sooner = request.priority + 2  # pages under way come before new pages of the domain
    onward = request.replace(url=urls.as_requested(target), meta=meta, priority=sooner, dont_filter=True)
    if _becomes_get(request.method, status):
        onward = onward.replace(method="GET", body=b"")
        _remove(onward, BODY_HEADERS)
    elif (onward.body or onward.method not in SAFE) and not _is_same_domain(request, target):
        raise VisitRefusedError(State.UNREACHABLE, "a request body is not sent to another domain")
    if not _is_same_origin(request, target):
        _remove(onward, SECRETS)
    if PART in meta and not _is_same_domain(request, target):
        onward.meta[FOREIGN] = True  # the page's scripts read the answer, wherever it is from
    _remove(onward, CONDITIONS)
    return onward


def _becomes_get(method: str, status: int) -> bool:
    return (status in {301, 302} and method == "POST") or (status == 303 and method not in SAFE)


def _remove(request: Request, names: Iterable[str]) -> None:
    for name in names:
        request.headers.pop(name, None)


def _is_same_domain(request: Request, target: URL) -> bool:
    here = urls.parse(request.url)
    return here is not None and urls.registrable_domain(here.hostname) == urls.registrable_domain(target.hostname)


def _is_same_origin(request: Request, target: URL) -> bool:
    here = urls.parse(request.url)
    return here is not None and (here.protocol, here.host) == (target.protocol, target.host)


def decoded(location: bytes) -> str:
    """Decodes a Location header as browsers do: UTF-8 if valid, else Latin-1."""
    try:
        return location.decode("utf-8")
    except UnicodeDecodeError:
        return location.decode("latin-1")
