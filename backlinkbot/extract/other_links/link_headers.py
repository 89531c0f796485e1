"""Parses ``Link`` response headers (RFC 8288)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from backlinkbot import urls
from backlinkbot.extract.robots_directives import rel_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.urls import URL

LONGEST: Final = 16_384
"""The maximum number of characters of a response's ``Link`` headers that are read."""

# https://www.rfc-editor.org/rfc/rfc8288#section-3 and its appendix B.2, which says how broken ones are read.
_TARGET: Final = re.compile(r"[\s,]*+<([^<>]*)>")
_PARAMETER: Final = re.compile(
    r"[\s;]*+([^\s=;,\"<>]++)(?:\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"|([^\s;,]*+)))?+", re.DOTALL
)
_QUOTED_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)
_EXTENDED: Final = re.compile(r"([\w-]+)'[^']*'(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class HeaderLink:
    """One link of a header, as written."""

    reference: str
    rel: tuple[str, ...]
    title: str = ""


def read(headers: Iterable[str], page: URL) -> Iterator[HeaderLink]:
    """Yields the links whose context is the page, in order; invalid ones are skipped.

    Args:
        headers: the values of every ``Link`` header.
        page: the answer's address; a link about another one (``anchor``) is none of its own.
    """
    left = LONGEST
    for header in headers:
        for reference, parameters in _values(header[:left]):
            if _is_about(parameters.get("anchor", ""), page):
                title = _title(parameters)
                yield HeaderLink(reference, rel_tokens(parameters.get("rel", "")), title)
        left = max(left - len(header), 0)


def _values(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    at = 0
    while match := _TARGET.match(header, at):
        at = match.end()
        parameters: dict[str, str] = {}
        while (found := _PARAMETER.match(header, at)) and header[at : found.start(1)].strip().startswith(";"):
            value = _QUOTED_PAIR.sub(r"\1", found[2]) if found[2] is not None else found[3] or ""
            parameters.setdefault(found[1].lower(), value)  # §3.3: a second "rel" counts for nothing
            at = found.end()
        yield match[1], parameters
        comma = header.find(",", at)
        at = len(header) if comma < 0 else comma


def _is_about(anchor: str, page: URL) -> bool:
    if not anchor:
        return True
    context = urls.resolve(anchor, page)
    return context is not None and urls.without_fragment(context) == urls.without_fragment(page)


def _title(parameters: dict[str, str]) -> str:
    """Returns ``title*``, which may hold any character (RFC 8187), else ``title``."""
    extended = _EXTENDED.fullmatch(parameters.get("title*", ""))
    if extended is not None:
        try:
            return unquote(extended[2], encoding=extended[1], errors="strict")
        except (LookupError, ValueError):
            pass
    return parameters.get("title", "")
