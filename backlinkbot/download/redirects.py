"""Where a response redirects to, and the request that follows it, as browsers make it (https://fetch.spec.whatwg.org/#http-redirect-fetch)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.download.failures import VisitRefusedError
from backlinkbot.items import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy import Request
    from scrapy.http import Response

    from backlinkbot.urls import URL

REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
HOPS: Final = "redirects"
"""In a request's meta: the redirects by which it came, and the one that it met."""
SAFE: Final = frozenset({"GET", "HEAD"})
"""Methods that ask, and send nothing."""
ONE_ANSWER: Final = "one_answer"
"""In a request's meta: whoever asks wants the redirect, not what it leads to."""
MAX_REDIRECTS: Final = "max_redirects"
"""In a request's meta: redirects that are followed, instead of ``REDIRECT_MAX_TIMES``."""
CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
"""What asks for a page only if it has changed: true of one address, not of another."""


BODY_HEADERS: Final = ("Content-Encoding", "Content-Language", "Content-Location", "Content-Type")
"""https://fetch.spec.whatwg.org/#request-body-header-name"""
SECRETS: Final = ("Authorization",)
"""Headers that are for one origin: https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name"""


class TooManyRedirectsError(VisitRefusedError):
    """A request was sent on more often than it may be."""

    def __init__(self, most: int) -> None:
        super().__init__(State.UNREACHABLE, f"more than {most} redirects")


def location_of(response: Response) -> URL | None:
    """Where an answer redirects to; None where it does not, or not to anything on the web."""
    location = response.headers.get("Location")
    if response.status not in REDIRECT_STATUSES or location is None:
        return None
    base = urls.parse(response.url)
    target = urls.resolve(decoded(location), base) if base is not None else None
    return target if urls.is_web(target) else None


def redirected(request: Request, target: URL, *, max_times: int, status: int = 302) -> Request:
    """The same visit at another URL, as https://fetch.spec.whatwg.org/#http-redirect-fetch has it.

    Args:
        request: what was answered.
        target: where it is sent.
        max_times: how often it may be sent on.
        status: of the answer; only 307 and 308 keep a method with its body.

    Raises:
        TooManyRedirectsError: it was sent on ``max_times`` times already.
        VisitRefusedError: it has a body, which would go to another registrable domain.
    """
    times = request.meta.get("redirect_times", 0) + 1
    if times > max_times:
        raise TooManyRedirectsError(max_times)
    visited = [*request.meta.get("redirect_urls", []), request.url]
    meta = {**request.meta, "redirect_times": times, "redirect_urls": visited}
    for key in ("proxy", "_auth_proxy", "download_slot"):  # decided anew for the new host and scheme
        meta.pop(key, None)
    sooner = request.priority + 2  # a visit that has begun ends before the domain's next begins
    onward = request.replace(url=urls.as_requested(target), meta=meta, priority=sooner, dont_filter=True)
    if _becomes_get(request.method, status):
        onward = onward.replace(method="GET", body=b"")
        _remove(onward, BODY_HEADERS)
    elif (onward.body or onward.method not in SAFE) and not _is_same_domain(request, target):
        raise VisitRefusedError(State.UNREACHABLE, "a body is not sent on to another domain")
    if not _is_same_origin(request, target):
        _remove(onward, SECRETS)
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
    """As browsers do: UTF-8 where it is, else one character a byte."""
    try:
        return location.decode("utf-8")
    except UnicodeDecodeError:
        return location.decode("latin-1")
