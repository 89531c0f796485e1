"""Finds links that pass no PageRank: frames, forms, ``<link>`` relations, refreshes, headers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.link import Link, collapse
from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.extract.other_links import link_headers
from backlinkbot.extract.page import MOST_KEPT
from backlinkbot.extract.robots_directives import rel_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.page import PageContent
    from backlinkbot.targets import Target
    from backlinkbot.urls import URL

    Found = tuple[Link, tuple[Target, ...]]
    MatchURL = Callable[[URL], tuple[Target, ...]]

LONGEST_ANCHOR: Final = 1_000
"""The maximum number of characters of a button's text."""


@dataclass(frozen=True, slots=True)
class Typed:
    """An attribute by which an element links."""

    element: str
    attribute: str
    link_type: str
    holds: Callable[[ElementLike], bool] = lambda _: True
    has_text: bool = False
    """True if the element's text is the link's text."""
    is_of_head: bool = False
    """True if it counts only in the page's head."""


def _relation(wanted: str) -> Callable[[ElementLike], bool]:
    """``<link rel=alternate stylesheet>`` is another style of this page, not another page."""

    def holds(element: ElementLike) -> bool:
        rel = (element.attr("rel") or "").lower().split()
        return wanted in rel and "stylesheet" not in rel

    return holds


def _submits(element: ElementLike) -> bool:
    kind = (element.attr("type") or "").lower()
    return kind in {"submit", "image"} if element.tag == "input" else kind not in {"button", "reset"}


TYPED: Final = (
    Typed("iframe", "src", "frame"),
    Typed("frame", "src", "frame"),
    Typed("embed", "src", "frame"),
    Typed("object", "data", "frame"),
    Typed("form", "action", "form"),
    Typed("button", "formaction", "form", _submits, has_text=True),
    Typed("input", "formaction", "form", _submits),
    Typed("link", "href", "canonical", _relation("canonical"), is_of_head=True),
    Typed("link", "href", "alternate", _relation("alternate")),
)
_BY_ELEMENT: Final = {name: [typed for typed in TYPED if typed.element == name] for name in {t.element for t in TYPED}}


def elements(content: PageContent, match: MatchURL, bound: LinkBound | None = None) -> Iterator[Found]:
    """Yields the page's elements that link to a target by one of these attributes; not those of SVG and MathML."""
    bound = LinkBound() if bound is None else bound
    resolved: dict[str, URL | None] = {}
    for element in content.document.html_elements(*_BY_ELEMENT):
        for typed in _BY_ELEMENT[element.tag]:
            written = element.attr(typed.attribute)
            if written is None or not written.strip():
                continue  # the page itself, or nothing at all
            url = resolved.get(written)  # not the page's own table: what is in there, a crawl follows
            if url is None and written not in resolved:
                url = urls.resolve(written, content.base_url, content.encoding)
                if len(resolved) < MOST_KEPT:
                    resolved[written] = url
            targets = match(url) if url is not None else ()
            if (
                url is not None
                and targets
                and typed.holds(element)
                and (not typed.is_of_head or content.is_in_head(element))
            ):
                unread = partial(_unread, element, written, url, typed.link_type)
                if bound.admits(targets, typed.link_type, unread):
                    anchor, source = _anchor(element, typed, content)
                    yield replace(unread(), anchor=anchor, anchor_source=source), targets
    yield from bound.rest()


def _unread(element: ElementLike, written: str, url: URL, link_type: str) -> Link:
    return _link(written, url, link_type, rel=rel_tokens(element.attr("rel") or ""))


def _anchor(element: ElementLike, typed: Typed, content: PageContent) -> tuple[str, str]:
    said = (
        ("text", content.words_of(element) if typed.has_text else ""),
        *((name, element.attr(name) or "") for name in ("aria-label", "title")),
    )
    return next(((text[:LONGEST_ANCHOR], source) for source, words in said if (text := collapse(words))), ("", ""))


def refresh(content: PageContent, match: MatchURL, bound: LinkBound | None = None) -> Iterator[Found]:
    """Yields the link of ``<meta http-equiv=refresh>``, whatever its delay."""
    found = content.refresh
    if found is not None and (targets := match(found.url)):
        link = _link(found.written, found.url, "meta_refresh")
        if bound is None or bound.admits(targets, link.link_type, lambda: link):
            yield link, targets
        else:
            yield from bound.rest()


def header_links(
    written: tuple[str, ...], page: URL, match: MatchURL, bound: LinkBound | None = None
) -> Iterator[Found]:
    """Yields the links of ``Link`` headers, resolved against the page's URL, whatever its ``<base>``.

    Args:
        written: the values of every header.
        page: the page's URL.
        match: the targets that a URL belongs to.
        bound: of the links that are read; None: all are, as ``link_headers.LONGEST`` bounds them.
    """
    for said in link_headers.read(written, page):
        url = urls.resolve(said.reference, page)
        targets = match(url) if url is not None else ()
        if url is not None and targets:
            title = collapse(said.title)[:LONGEST_ANCHOR]
            source = "title" if title else ""
            link = _link(said.reference, url, "http_link", rel=said.rel, anchor=title, source=source)
            if bound is None or bound.admits(
                targets, link.link_type, partial(replace, link, anchor="", anchor_source="")
            ):
                yield link, targets
    if bound is not None:
        yield from bound.rest()


def _link(
    written: str, url: URL, link_type: str, *, rel: tuple[str, ...] = (), anchor: str = "", source: str = ""
) -> Link:
    return Link(
        raw_href=written,
        url=url.href,
        anchor=anchor,
        anchor_source=source,
        link_type=link_type,
        rel=rel,
        has_vote=False,
    )
