"""Parses responses of MediaWiki's ``list=exturlusage``: the wiki pages that contain an external link.

https://www.mediawiki.org/wiki/API:Exturlusage, https://www.mediawiki.org/wiki/API:Errors_and_warnings
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from backlinkbot.extract.documents.values import json_value, text_at


@dataclass(frozen=True, slots=True)
class LinkUse:
    """A wiki page and a link on it."""

    title: str
    """With spaces, with its namespace."""
    url: str
    """The URL that the link leads to; empty if the response does not name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkUses:
    """One response."""

    uses: tuple[LinkUse, ...] = ()
    onward: tuple[tuple[str, str], ...] = ()
    """The additional parameters of the next request; empty if there is no more."""
    pages_at: str = ""
    """The pattern of page URLs, ``https://wiki.example/wiki/$1``; empty if the response lacks it (``meta=siteinfo``)."""
    error: str = ""
    """An error code, ``maxlag`` or ``readapidenied``; empty if there is no error."""


def read_link_uses(body: bytes) -> LinkUses | None:
    """Returns the parsed response of a wiki; None if it is not one."""
    answer = json_value(body)
    if not isinstance(answer, dict):
        return None
    if "error" in answer:
        return LinkUses(error=text_at(answer, "error", "code") or "unknown")
    if "query" not in answer and "batchcomplete" not in answer:
        return None
    query = answer.get("query")
    listed = query.get("exturlusage") if isinstance(query, dict) else None
    return LinkUses(
        uses=tuple(
            LinkUse(title, text_at(entry, "url"))
            for entry in (listed if isinstance(listed, list) else [])
            if (title := text_at(entry, "title"))
        ),
        onward=_onward(answer),
        pages_at=_pages_at(text_at(query, "general", "server"), text_at(query, "general", "articlepath")),
    )


def _onward(answer: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    following = answer.get("continue")
    if not isinstance(following, dict):
        return ()
    return tuple((str(name), str(value)) for name, value in following.items() if isinstance(value, str | int))


def _pages_at(server: str, path: str) -> str:
    return f"{server}{path}" if server and "$1" in path else ""


def page_url(pages_at: str, title: str) -> str:
    """Returns a page's URL as MediaWiki writes it: spaces become underscores, most punctuation stays."""
    return pages_at.replace("$1", quote(title.replace(" ", "_"), safe=";@$!*(),/~:"))
