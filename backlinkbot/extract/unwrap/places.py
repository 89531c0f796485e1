"""Functions that find the URL within a wrapper's URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.urls import URL


def _parameters(url: URL) -> Iterator[tuple[str, str]]:
    """(name, value as written) of each parameter, in order."""
    for piece in url.search[1:].split("&"):
        name, equals, value = piece.partition("=")
        if equals:
            yield name.lower(), value


def parameter(*names: str) -> Callable[[URL], Iterator[str]]:
    """Finds it in a parameter with one of these names."""

    def read(url: URL) -> Iterator[str]:
        return (value for name, value in _parameters(url) if name in names)

    return read


def in_path(pattern: str) -> Callable[[URL], Iterator[str]]:
    """Finds it in the group ``url`` of a match with path and query."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def read(url: URL) -> Iterator[str]:
        match = compiled.search(url.pathname + url.search)
        if match is not None:
            yield match["url"]

    return read


def whole_query(url: URL) -> Iterator[str]:
    """Finds it as the whole query."""
    if url.search:
        yield url.search[1:]


def amp(url: URL) -> Iterator[str]:
    """``/c/s/host/path``: an AMP cache's copy; ``s`` means https.

    https://developers.google.com/amp/cache/overview
    """
    match = re.match(r"/(?:amp|[acivw]|wp)/(s/)?([^/].*)", url.pathname)
    if match is not None:
        yield f"{'https' if match[1] else 'http'}://{match[2]}{url.search}"


def disqus(url: URL) -> Iterator[str]:
    """Finds the URL of a Disqus link, which has a signature after a colon."""
    for value in parameter("url")(url):
        yield re.sub(r"(?::|%3a)[A-Za-z0-9_-]{20,40}$", "", value, flags=re.IGNORECASE)


def proofpoint(url: URL) -> Iterator[str]:
    """Decodes Proofpoint version 2: ``-3A`` for a colon, ``_`` for a slash."""
    for value in parameter("u")(url):
        plain = re.sub(r"-([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), value.replace("_", "/"))
        if plain.isascii() and plain.isprintable():
            yield plain


def trade_doubler(url: URL) -> Iterator[str]:
    """Finds the URL in the brackets of TradeDoubler: ``url(https://…)``."""
    match = re.search(r"(?:\?|&)?url\((?P<url>[^)]+)\)", url.search)
    if match is not None:
        yield match["url"]
