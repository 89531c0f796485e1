"""Decodes a URL within a URL: percent-encoded or in Base64."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from backlinkbot import urls

if TYPE_CHECKING:
    from backlinkbot.urls import URL

_MOST_ESCAPED: Final = 3
"""The maximum number of times that it may be percent-encoded."""
# The host must stand there as it is, or the prefilter would not see it (docs of `prefilter`): its neighbours may be
# escaped, any number of times, it may not.
COLON: Final = r"(?::|%(?:25)*3a)"
SLASH: Final = r"(?:[/\\]|%(?:25)*(?:2f|5c))"
_HOST: Final = r"[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9_-]))*"
_ABSOLUTE: Final = re.compile(rf"https?{COLON}{SLASH}+(?P<host>{_HOST})(?P<end>$|[^a-z0-9_-])", re.IGNORECASE)
_PLAIN: Final = re.compile(r"https?:[/\\]", re.IGNORECASE)
_ESCAPES: Final = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)


def _read_address(text: str) -> URL | None:
    """Returns the absolute URL at the start of a text, however often it is escaped."""
    match = _ABSOLUTE.match(text)
    if match is None:
        return None
    text = _unescape(text)  # once a server does, and once each wrapper that this one was wrapped in
    for _ in range(_MOST_ESCAPED - 1):
        if _PLAIN.match(text):
            break
        text = _unescape(text)
    scheme, _, rest = text.partition(":")
    url = urls.parse(f"{scheme}://{rest.lstrip('/' + chr(92))}")  # a server in between may have made one slash of two
    is_it = url is not None and urls.is_web(url) and urls.bare_host(url.hostname) == match["host"].lower()
    return url if is_it else None


def _unescape(text: str) -> str:
    return _ESCAPES.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    """What a URL parser would have to escape again stays escaped, and so does what is no ASCII."""
    code = int(match[1], 16)
    return chr(code) if 0x21 <= code <= 0x7E else match[0]


_BASE64: Final = re.compile(r"(?:a1)?(?P<data>aHR0c(?:DovL|HM6Ly)[A-Za-z0-9+/_-]*)")
"""``http://`` or ``https://`` in Base64, of either alphabet; Bing writes ``a1`` before it."""


def _read_base64(text: str) -> URL | None:
    match = _BASE64.match(text)
    if match is None:
        return None
    data = match["data"].translate(str.maketrans("-_", "+/"))
    try:
        plain = base64.b64decode(data + "=" * (-len(data) % 4)).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    url = urls.parse(plain)
    return url if urls.is_web(url) else None


def read_text(text: str) -> URL | None:
    """Returns the absolute URL at the start of a text, escaped or in Base64."""
    return _read_address(text) or _read_base64(text)
