"""What the head of a page declares: title, language, canonical URL, refresh, relations and meta names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.link import collapse

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from backlinkbot.extract.html import DocumentLike, ElementLike
    from backlinkbot.urls import URL

    Resolve = Callable[[str], URL | None]
    """Resolves a reference against the page's base; None if that fails."""

MOST_RELATIONS: Final = 1_000
"""The number of ``<link>`` elements of a page that are read."""

# What every row of a page repeats is bounded: a megabyte of links on a page with a megabyte of title, or of base, would
# fill any disk and any memory.
LONGEST_TITLE: Final = 1_000
"""The maximum number of characters; search engines show about 60."""
LONGEST_LANGUAGE: Final = 35
"""The maximum number of characters; RFC 5646 §4.4.1 asks for support of as many, and no tag needs more."""
LONGEST_CANONICAL: Final = 4_096
"""The maximum number of characters; a longer one counts as none."""

# https://html.spec.whatwg.org/multipage/semantics.html#shared-declarative-refresh-steps
_REFRESH: Final = re.compile(
    r"[ \t\n\f\r]*(?:(?P<seconds>[0-9]++)|(?=\.))[0-9.]*+(?:(?=[ \t\n\f\r;,])[ \t\n\f\r]*[;,]?[ \t\n\f\r]*(?P<rest>.*))?",
    re.DOTALL,
)
_REFRESH_URL: Final = re.compile(r"url[ \t\n\f\r]*=[ \t\n\f\r]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh that sends readers to another URL."""

    seconds: float
    url: URL
    written: str
    """The reference as written."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A ``<link>`` of a page with a web URL."""

    rel: tuple[str, ...]
    """In lower case."""
    media_type: str
    """Its ``type`` in lower case, without parameters; empty if it has none."""
    url: URL


def title_of(document: DocumentLike) -> str:
    """Returns the first ``<title>``, white space collapsed, its first ``LONGEST_TITLE`` characters."""
    title = next((element.text for element in document.html_elements("title")), "")
    return collapse(title)[:LONGEST_TITLE]


def language_of(document: DocumentLike) -> str:
    """Returns the ``lang`` of ``<html>``, else of ``<meta http-equiv=content-language>``; as written."""
    root = document.root
    lang = (root.attr("lang") or root.attr("xml:lang") or "") if root is not None else ""
    return (lang.strip() or _pragma(document, "content-language"))[:LONGEST_LANGUAGE]


def _pragma(document: DocumentLike, name: str) -> str:
    for element in document.html_elements("meta"):
        if (element.attr("http-equiv") or "").lower() == name:
            return (element.attr("content") or "").strip()
    return ""


def canonical_of(document: DocumentLike, url: URL, resolve: Resolve, *, has_structure: bool) -> str:
    """Returns the first ``<link rel=canonical>`` of the head, resolved; empty where there is none or it does not parse.

    Google takes none from the body (https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls),
    where a comment may have brought it. Of a page that writes neither ``<html>`` nor ``<head>`` nor ``<body>`` nobody
    can tell where its author's head ends, so there it must not lead to another site.

    Args:
        document: the page.
        url: its URL.
        resolve: resolves a reference against its base.
        has_structure: True if it writes one of these tags.
    """
    for element in document.html_elements("link"):
        rel = (element.attr("rel") or "").lower().split()
        href = element.attr("href")
        if "canonical" in rel and href and is_in_head(document, element):
            canonical = resolve(href)
            if canonical is None or len(canonical.href) > LONGEST_CANONICAL:
                return ""
            own = urls.registrable_domain(url.hostname)
            return canonical.href if has_structure or urls.registrable_domain(canonical.hostname) == own else ""
    return ""


def is_in_head(document: DocumentLike, element: ElementLike) -> bool:
    """True if an element is in the document's head, as a browser builds it: the first body element ends it."""
    around = document.parent(element)
    while around is not None and around.tag != "head":
        around = document.parent(around)
    root = document.root
    return around is not None and root is not None and document.parent(around) == root


def relations_of(document: DocumentLike, resolve: Resolve) -> tuple[Relation, ...]:
    """Returns the first ``MOST_RELATIONS`` ``<link rel href>``, wherever they stand: the page's feeds, API, icons."""
    found = []
    for element in islice(document.html_elements("link"), MOST_RELATIONS):
        rel, href = tuple((element.attr("rel") or "").lower().split()), element.attr("href")
        url = resolve(href) if rel and href else None
        if url is not None and urls.is_web(url):
            media_type = (element.attr("type") or "").partition(";")[0].strip().lower()
            found.append(Relation(rel, media_type, url))
    return tuple(found)


def metas_of(document: DocumentLike) -> tuple[tuple[str, str], ...]:
    """Returns name and content of every ``<meta name>``, anywhere in the document."""
    return tuple(
        (name, element.attr("content") or "")
        for element in document.html_elements("meta")
        if (name := element.attr("name"))
    )


def refresh_of(document: DocumentLike, url: URL, encoding: str, resolve: Resolve, header: str) -> Refresh | None:
    """Returns the page's refresh: from its ``Refresh`` header, else from its first ``<meta http-equiv=refresh>``.

    None where it has none, or one that leads to itself. One in ``<noscript>`` sends nobody on who reads the page in a
    browser. The header's reference is resolved against the page's own URL, whatever its ``<base>``.

    Args:
        document: the page.
        url: its URL.
        encoding: its encoding.
        resolve: resolves a reference against its base.
        header: the ``Refresh`` header; empty where there is none.
    """
    rule = _REFRESH.fullmatch(header)
    if rule is not None:
        return _refresh(rule, url, lambda reference: urls.resolve(reference, url, encoding))
    unseen: AbstractSet[ElementLike] | None = None
    for element in document.own_elements("meta"):
        if (element.attr("http-equiv") or "").lower() != "refresh":
            continue
        rule = _REFRESH.fullmatch(element.attr("content") or "")
        if rule is not None and unseen is None:
            unseen = document.elements_inside("noscript", "meta")
        if rule is not None and element not in (unseen or ()):
            return _refresh(rule, url, resolve)
    return None


def _refresh(rule: re.Match[str], url: URL, resolve: Resolve) -> Refresh | None:
    """Returns where a matching rule sends readers; None if it names no web URL, or the page itself."""
    if not rule["rest"]:
        return None
    reference = _refresh_reference(rule["rest"])
    target = resolve(reference)
    if target is None or not urls.is_web(target):
        return None
    is_elsewhere = urls.identity_key(target) != urls.identity_key(url)
    return Refresh(float(rule["seconds"] or 0), target, reference) if is_elsewhere else None


def _refresh_reference(rest: str) -> str:
    """Returns the reference after the seconds and the separator; ``url=`` and quotes are optional."""
    reference = _REFRESH_URL.sub("", rest, count=1) if _REFRESH_URL.match(rest) else rest
    quote = reference[:1]
    return reference[1:].partition(quote)[0] if quote in {"'", '"'} else reference
