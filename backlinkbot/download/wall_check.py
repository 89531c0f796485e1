"""Recognises walls: responses served in place of a page. Checked for pages without links and for failures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot.items import Failure, State
from backlinkbot.page_status import unfinished, walls
from backlinkbot.prefilter import marks_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scrapy.http import Headers

    from backlinkbot.extract.page import PageContent

WALLED: Final = frozenset({State.REFUSED, State.SERVER_ERROR})
"""States of failures that a wall may explain; a page that is gone is gone, whatever it shows."""
EXPLAINING: Final = frozenset(wall.name for wall in walls.KNOWN if wall.state is not State.MAINTENANCE)
"""Walls that are more specific than the status of a failure: all but "out of order"."""
BLANK: Final = Failure(state=State.INCOMPLETE, reason="the page is blank")
CUT: Final = Failure(state=State.INCOMPLETE, reason="the page breaks off within a tag")
BINARY: Final = Failure(state=State.INCOMPLETE, reason="the body is no text: an encoding that no header names")
MISREAD: Final = Failure(state=State.INCOMPLETE, reason="the body is not in the encoding that its header names")
SHELL: Final = Failure(state=State.INCOMPLETE, reason="the page shows nothing before its scripts have run")
_TEXT: Final = re.compile(rb"<script|>[^<]*[^<\s]|^[^<]*[^<\s]", re.IGNORECASE)
"""What a blank page lacks: text, or scripts that might write some."""
_NAMES: Final = {name.title().encode(): name for name in walls.HEADERS}  # as Scrapy writes them
_SET_COOKIE: Final = b"Set-Cookie"
_COOKIE: Final = re.compile(rb"\s*([^=;\s]+)\s*=\s*[^;\s]")  # RFC 6265, section 5.2; one without a value is deleted
_DELETED: Final = re.compile(rb";\s*max-age\s*=\s*(?:0\b|-)", re.IGNORECASE)
COOKIE: Final = "set-cookie"
"""The name under which :func:`wall_headers` gives the name of a cookie."""


def wall_headers(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Returns the headers by which walls are recognised, and names of cookies under :data:`COOKIE`; most responses have none."""
    cookies = _known_cookies(headers) if _SET_COOKIE in headers else []
    if not cookies and _NAMES.keys().isdisjoint(headers):
        return ()
    named = (
        (name, (headers.get(written) or b"").decode("latin-1"))
        for written, name in _NAMES.items()
        if written in headers
    )
    return (*named, *((COOKIE, cookie) for cookie in cookies))


def _known_cookies(headers: Headers) -> list[str]:
    """Returns the names of the cookies that are set and by which walls are known; values are not kept."""
    found = []
    for header in headers.getlist(_SET_COOKIE):
        cookie = _COOKIE.match(header)
        if (
            cookie is not None
            and walls.is_known_cookie(name := cookie[1].decode("latin-1"))
            and not _DELETED.search(header)
        ):
            found.append(name)
    return found


def wall_in(
    body: bytes,
    parse: Callable[[], PageContent],
    *,
    url: str,
    requested_url: str,
    headers: Sequence[tuple[str, str]] = (),
) -> Failure | None:
    """Returns the wall that a response is, as a failure; None if it seems to be a page.

    Args:
        body: the body, with content encodings decoded.
        parse: parses the body; called only if a wall is likely.
        url: the URL after redirects.
        requested_url: the URL before redirects.
        headers: the result of :func:`wall_headers`.
    """
    cookies = [value for name, value in headers if name == COOKIE]
    known = {name: value for name, value in headers if name != COOKIE}
    if not (  # a cookie alone is no reason to parse: it comes with every page of some sites, and walls that it shows are small
        known
        or walls.is_likely(body, marks_in)
        or (url != requested_url and walls.may_lead_to_wall(url, requested_url))
    ):
        return None
    content = parse()
    answer = walls.Answer(
        url=url,
        requested_url=requested_url,
        headers=known,
        cookies=cookies,
        body=body,
        content=content,
        marks=marks_in(body[: walls.MOST_BYTES]),
    )
    wall = walls.find(answer)
    if wall is not None:
        return Failure(state=wall.state, reason=wall.name)
    return BLANK if answer.is_blank and _TEXT.search(body) is None else None


def part_of_page(body: bytes, parse: Callable[[], PageContent], charset: str = "") -> Failure | None:
    """Returns why a response shows no more than a part of a page, as a failure; None if it seems to be whole.

    Args:
        body: the body, with content encodings decoded.
        parse: parses the body; called only if it may be no text, or a page that scripts fill.
        charset: the charset parameter of its ``Content-Type``.
    """
    broken = damage_of(body, parse, charset)
    if broken is not None:
        return broken
    return SHELL if unfinished.may_be_shell(body) and unfinished.is_shell(parse()) else None


def damage_of(body: bytes, parse: Callable[[], PageContent], charset: str = "") -> Failure | None:
    """Returns why a response is no whole page even for a browser that runs scripts, as a failure; None if it seems to be one.

    Args:
        body: the body, with content encodings decoded.
        parse: parses the body; called only if it may be no text.
        charset: the charset parameter of its ``Content-Type``.
    """
    if unfinished.may_be_misread(body, charset) and not unfinished.has_elements(parse()):
        return MISREAD
    if unfinished.may_be_binary(body) and not unfinished.has_elements(parse()):
        return BINARY
    return CUT if unfinished.ends_in_a_tag(body) else None
