"""Parses feeds (RSS 0.9 to 2.0, Atom) into items with their HTML content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.documents.elements import as_html, child_text, elements, local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

    from backlinkbot.urls import URL

_ROOTS: Final = frozenset({"rss", "RDF", "feed"})
_ITEMS: Final = frozenset({"item", "entry"})
_CONTENTS: Final = frozenset({"encoded", "description", "content", "summary", "body"})
_PAGE_TYPES: Final = frozenset({"", "text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of a feed."""

    url: str
    """The item's page; empty if it names none."""
    html: str
    """The full text or a summary; empty if there is none."""
    updated: str = ""
    """As written: RFC 822 in RSS, RFC 3339 in Atom; empty if there is none."""
    title: str = ""
    written: str = ""
    """The reference to its page as written; empty if it names none."""


def read_feed(body: bytes, url: str, charset: str = "") -> Iterator[FeedItem]:
    """Yields the items of a feed in order; none if it is not a feed.

    Args:
        body: the document.
        url: the feed's URL, against which references are resolved.
        charset: the charset parameter of its ``Content-Type``.
    """
    base = urls.parse(url)
    if base is None:
        return
    for element in elements(body, _ROOTS, _ITEMS, charset):
        reference = _reference(element)
        page = urls.resolve(reference, _base_of(element, base)) if reference else None
        yield FeedItem(
            url=page.href if page is not None and urls.is_web(page) else "",
            html="\n".join(as_html(child) for child in element.iterchildren("*") if local_name(child) in _CONTENTS),
            updated=child_text(element, "updated", "pubDate", "date", "published"),
            title=child_text(element, "title"),
            written=reference,
        )


def _base_of(element: Element, base: URL) -> URL:
    """Returns the ``xml:base``, resolved against the feed's URL."""
    return (urls.resolve(element.base, base) if element.base else None) or base


def _reference(item: Element) -> str:
    """Returns the reference to an item's page: the page rather than a service's redirect, a link rather than an id."""
    original = child_text(item, "origLink")  # FeedBurner's
    return original or _atom_link(item) or child_text(item, "link") or _permalink(item)


def _atom_link(item: Element) -> str:
    for link in item.iterchildren("{*}link"):
        href = (link.get("href") or "").strip()
        is_page = (link.get("type") or "").strip().lower() in _PAGE_TYPES
        if href and is_page and (link.get("rel") or "alternate").strip().lower() == "alternate":
            return href
    return ""


def _permalink(item: Element) -> str:
    for guid in item.iterchildren("{*}guid"):
        if (guid.get("isPermaLink") or "true").strip().lower() != "false":
            text = (guid.text or "").strip()
            return text if text.lower().startswith(("http://", "https://")) else ""
    return ""
