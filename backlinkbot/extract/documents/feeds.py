"""Feeds in, items out: RSS 0.9 to 2.0 and Atom, with what their items say in HTML."""

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
    """Its page; empty where it names none."""
    html: str
    """What it says, the whole text or a summary; empty where it says nothing."""
    updated: str = ""
    """As written: RFC 822 in RSS, RFC 3339 in Atom. Empty where there is none."""
    title: str = ""
    written: str = ""
    """The reference to its page as written; empty where it names none."""


def read_feed(body: bytes, url: str, charset: str = "") -> Iterator[FeedItem]:
    """The items of a feed in its order; none where it is no feed.

    Args:
        body: the document.
        url: where it was found; its relative references lead there.
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
    """What ``xml:base`` says, against where the feed was found."""
    return (urls.resolve(element.base, base) if element.base else None) or base


def _reference(item: Element) -> str:
    """Where an item's page is said to be: its own page rather than the redirect of a service, a link rather than an id."""
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
