"""Reads the links of pages from WAT records: the metadata that Common Crawl extracts of each page, as JSON.

WAT has URLs, anchors (their first 128 characters), ``rel``, robots directives and headers, but not where on the page a link
stands. Field names: https://github.com/commoncrawl/ia-web-commons, ``ExtractingParseObserver.java``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.extract.link import Link, collapse
from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.extract.other_links.typed import header_links
from backlinkbot.extract.page_metadata import LONGEST_CANONICAL, LONGEST_LANGUAGE, LONGEST_TITLE
from backlinkbot.extract.placement import NOT_ON_PAGE
from backlinkbot.extract.robots_directives import rel_tokens
from backlinkbot.extract.unwrap import targets_reached
from backlinkbot.text.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from backlinkbot.extract.unwrap import ReachedTarget
    from backlinkbot.targets import Target
    from backlinkbot.urls import URL

    Found = tuple[Link, tuple[Target, ...]]
    MatchURL = Callable[[URL], tuple[Target, ...]]


@dataclass(frozen=True, slots=True)
class WatLink:
    """An entry of ``Links`` or ``Head.Link``, resolved."""

    path: str
    """Element and attribute, in upper case: ``A@/HREF``."""
    raw: str
    url: URL | None
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatPage:
    """The page that a WAT record describes."""

    url: URL
    uri: str
    """``WARC-Target-URI``: the same, as written."""
    date: str
    """``WARC-Date``, as written."""
    status: int | None
    headers: dict[str, tuple[str, ...]]
    """Names in lower case; values as written."""
    base: URL
    head: dict[str, Any]
    links: Sequence[dict[str, Any]]


class NotAPageError(ValueError):
    """Raised for a record that describes something else than a response: a request, metadata."""


class NoURLError(ValueError):
    """Raised for a response without an http(s) URL; the message is what stands there."""


def parse(content: bytes) -> WatPage:
    """Parses the content of a WAT record.

    Raises:
        NotAPageError: it describes no response.
        NoURLError: its response has no http(s) URL.
        ValueError: it is not JSON.
    """
    record = loads(content)
    about = within(record, "Envelope", "WARC-Header-Metadata")
    if about.get("WARC-Type") != "response":
        raise NotAPageError
    uri = str(about.get("WARC-Target-URI", ""))
    url = urls.parse(uri)
    if url is None or not urls.is_web(url):
        raise NoURLError(uri)
    response = within(record, "Envelope", "Payload-Metadata", "HTTP-Response-Metadata")
    html = within(response, "HTML-Metadata")
    head = within(html, "Head")
    base = url
    if isinstance(written := head.get("Base"), str):
        base = urls.resolve(written, url) or url
    status = str(within(response, "Response-Message").get("Status", ""))
    links = html.get("Links")
    return WatPage(
        url=url,
        uri=uri,
        date=str(about.get("WARC-Date", "")),
        status=int(status) if status.isdecimal() and len(status) == 3 else None,
        headers={name.lower(): _texts(value) for name, value in within(response, "Headers").items()},
        base=base,
        head=head,
        links=[link for link in links if isinstance(link, dict)] if isinstance(links, list) else (),
    )


def within(value: Any, *keys: str) -> dict[str, Any]:
    """Returns the object below some keys; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> tuple[str, ...]:
    """Returns the values of a header: a text, or since CC-MAIN-2024-51 a list where the header is repeated."""
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)


# --- every link, for the list of candidates -----------------------------------------------------------------------


def anchors(page: WatPage) -> Iterator[WatLink]:
    """Yields the page's ``<a>`` and ``<area>``, resolved."""
    for fields in page.links:
        path = str(fields.get("path", "")).upper()
        if path.startswith(("A@/HREF", "AREA@/HREF")):
            raw = str(fields.get("url", ""))
            yield WatLink(path, raw, urls.resolve(raw, page.base), fields)


# --- the links to targets -----------------------------------------------------------------------------------------

_VOTING: Final = {"A@/HREF": "text", "AREA@/HREF": "area"}
_TYPES: Final = {
    "IFRAME@/SRC": "frame",
    "FRAME@/SRC": "frame",
    "EMBED@/SRC": "frame",
    "OBJECT@/DATA": "frame",
    "FORM@/ACTION": "form",
    "BUTTON@/FORMACTION": "form",
    "INPUT@/FORMACTION": "form",
}
"""The types of links that pass no vote, as :data:`backlinkbot.extract.other_links.typed.TYPED` names them."""
_RELATIONS: Final = ("canonical", "alternate")
_BREAKS: Final = re.compile(r"[\t\n\r]")
_REFRESH: Final = re.compile(r"\s*[0-9.]+\s*[;,]?\s*(?:url\s*=\s*)?(['\"]?)(?P<url>.*)", re.IGNORECASE | re.DOTALL)


def links_to(page: WatPage, match: MatchURL, bounds: tuple[int, int]) -> Iterator[Found]:
    """Yields the links of a page to targets, of every type that WAT has; as :func:`backlinkbot.judging.finding.links_of`.

    Args:
        page: the page.
        match: the targets that a URL belongs to.
        bounds: most links that are read: to one target, and to all.
    """
    bound = LinkBound(*bounds)
    yield from _voting(page, match, bound)
    for link, targets in _typed(page, match):
        if bound.admits(targets, link.link_type, partial(_itself, link)):
            yield link, targets
    yield from bound.rest()
    yield from header_links(page.headers.get("link", ()), page.url, match, bound)


def _itself(link: Link) -> Link:
    return link


def _voting(page: WatPage, match: MatchURL, bound: LinkBound) -> Iterator[Found]:
    reached = targets_reached(match)
    asked: dict[str, tuple[URL | None, tuple[ReachedTarget, ...]]] = {}
    position = 0
    for fields in page.links:
        link_type = _VOTING.get(str(fields.get("path", "")).upper())
        raw = fields.get("url")
        if link_type is None or not isinstance(raw, str):
            continue
        position += 1
        known = asked.get(raw)
        if known is None:
            url = urls.resolve(raw, page.base)
            known = asked[raw] = url, reached(url) if url is not None else ()
        url, passages = known
        if url is None or not passages or (passages[0].via and _BREAKS.search(raw.strip())):
            continue
        link = _link(fields, raw, passages[0].url, link_type, position, via=passages[0].via)
        targets = tuple(passage.target for passage in passages)
        if bound.admits(targets, link_type, partial(_itself, link)):
            yield link, targets
    yield from bound.rest()


def _link(
    fields: dict[str, Any], raw: str, url: URL, link_type: str, position: int, *, via: tuple[str, ...] = ()
) -> Link:
    said = (("text", fields.get("text")), ("alt", fields.get("alt")), ("title", fields.get("title")))
    source, anchor = next(((name, words) for name, text in said if (words := collapse(str(text or "")))), ("", ""))
    return Link(
        raw_href=raw,
        url=url.href,
        anchor=anchor,
        anchor_source=source,
        link_type=link_type,
        rel=rel_tokens(str(fields.get("rel") or "")),
        via=via,
        has_vote=link_type in _VOTING.values(),
        context=replace(NOT_ON_PAGE, position=position),
    )


def _typed(page: WatPage, match: MatchURL) -> Iterator[Found]:
    """Yields frames, forms, relations and the refresh; none of them passes a vote."""
    for fields in page.links:
        link_type = _TYPES.get(str(fields.get("path", "")).upper())
        if link_type is not None:
            yield from _found(fields, fields.get("url"), link_type, page, match)
    for fields in _objects(page.head.get("Link")):
        rel = str(fields.get("rel") or "").lower().split()
        for link_type in _RELATIONS:
            if link_type in rel and "stylesheet" not in rel:
                yield from _found(fields, fields.get("url"), link_type, page, match)
    for fields in _objects(page.head.get("Metas")):
        if str(fields.get("http-equiv", "")).lower() == "refresh":
            found = _REFRESH.fullmatch(str(fields.get("content") or ""))
            written = found["url"].partition(found[1])[0] if found is not None and found[1] else found and found["url"]
            yield from _found({}, written, "meta_refresh", page, match)
            return


def _found(fields: dict[str, Any], raw: Any, link_type: str, page: WatPage, match: MatchURL) -> Iterator[Found]:
    if not isinstance(raw, str) or not raw.strip():
        return
    url = urls.resolve(raw, page.base)
    targets = match(url) if url is not None else ()
    if url is not None and targets and not (link_type == "meta_refresh" and urls.is_same_page(url.href, page.url.href)):
        yield _link(fields, raw, url, link_type, 0), targets


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


# --- what the page says of itself ---------------------------------------------------------------------------------


def title_of(page: WatPage) -> str:
    """Returns the title, white space collapsed."""
    return collapse(str(page.head.get("Title") or ""))[:LONGEST_TITLE]


def metas_of(page: WatPage) -> tuple[tuple[str, str], ...]:
    """Returns (name, content) of every ``<meta name>``."""
    return tuple(
        (meta["name"], str(meta.get("content") or ""))
        for meta in _objects(page.head.get("Metas"))
        if isinstance(meta.get("name"), str)
    )


def language_of(page: WatPage) -> str:
    """Returns the language: of ``<html lang>``, which WAT has since 2024 as a meta of its own, else of the headers."""
    found = next((content for name, content in metas_of(page) if name.lower() == "html@/lang"), "").strip()
    if not found:
        pragmas = (meta for meta in _objects(page.head.get("Metas")) if meta.get("http-equiv"))
        found = next(
            (
                str(meta.get("content") or "")
                for meta in pragmas
                if str(meta["http-equiv"]).lower() == "content-language"
            ),
            "",
        ).strip()
    return (found or ", ".join(page.headers.get("content-language", ())).strip())[:LONGEST_LANGUAGE]


def canonical_of(page: WatPage) -> str:
    """Returns the canonical URL that the head names, resolved; empty where it names none."""
    for fields in _objects(page.head.get("Link")):
        if "canonical" in str(fields.get("rel") or "").lower().split() and (raw := str(fields.get("url") or "")):
            url = urls.resolve(raw, page.base)
            return url.href if url is not None and len(url.href) <= LONGEST_CANONICAL else ""
    return ""


def count_links(page: WatPage) -> tuple[int, int]:
    """Counts the http(s) links to other registrable domains, and those to the page's own."""
    own = urls.registrable_domain(page.url.hostname)
    external = internal = 0
    for link in anchors(page):
        if link.url is not None and urls.is_web(link.url):
            if urls.registrable_domain(link.url.hostname) == own:
                internal += 1
            else:
                external += 1
    return external, internal
