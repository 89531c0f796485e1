"""Unwraps links through redirectors whose URL contains the target's URL; fetches nothing.

A wrapper is known by its host (:data:`~table.KNOWN`), or is any address whose path is called as redirectors are
(:data:`~shapes.REDIRECTORS`). Share buttons lead nowhere, and archives, translations and caches show a copy: neither carries on.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from backlinkbot import urls
from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.extract.unwrap.shapes import COPIES, carried_texts, is_redirector
from backlinkbot.extract.unwrap.table import ENCODERS, KNOWN, Wrapper
from backlinkbot.extract.unwrap.texts import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from backlinkbot.extract.link import Link
    from backlinkbot.extract.page import PageContent
    from backlinkbot.targets import Target
    from backlinkbot.urls import URL

    MatchURL = Callable[[URL], tuple[Target, ...]]

MOST_WRAPPERS: Final = 5
"""The maximum nesting of wrappers; Google's results about Facebook's links have two."""
LONGEST: Final = 8_192
"""The maximum number of characters of a URL that is searched."""

_SIGNS: Final = re.compile(rf"ahr0c(?:dovl|hm6l)|[./\\@:](?:{'|'.join(map(re.escape, ENCODERS))})")
_GOOGLES: Final = r"(?:www\.|m\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?"
_BY_HOST: Final = {host: [w for w in KNOWN if host in w.hosts] for known in KNOWN for host in known.hosts}
_CARRIES: Final = ("http", "ahr0c", "url(", *(f"/{name}/" for name in ("a", "c", "i", "v", "w", "amp", "wp")))
"""One of these is in every URL that contains another, in lower case, after its host."""


def _may_carry(href: str) -> bool:
    """False for nearly all links, which contain no other: a quick test of the whole URL, its host included."""
    text = href[1 : LONGEST + 1].lower()  # without the beginning of its own scheme
    for sign in _CARRIES:  # noqa: SIM110 - half the time of any()
        if sign in text:
            return True
    return False


def carried(url: URL) -> URL | None:
    """Returns the URL that a wrapper contains; None if it is not a known wrapper, or contains none."""
    if not _may_carry(url.href):
        return None
    behind_host = url.href[len(url.protocol) + len(url.host) : LONGEST + 1].lower()
    if not any(sign in behind_host for sign in _CARRIES) or len(url.href) > LONGEST:
        return None  # nearly all links
    for wrapper in _wrappers_of(url):
        if re.match(wrapper.path, url.pathname, re.IGNORECASE):
            found = _first(wrapper.read(url))
            if found is not None:
                return found
    if not COPIES.isdisjoint(urls.labels_up(urls.bare_host(url.hostname))) or not is_redirector(url):
        return None
    return _first(carried_texts(url))


def _is_visible(inner: URL, written: str) -> bool:
    """True if the prefilter recognises the inner URL: by its host, or by a sign of encoding."""
    host = re.escape(urls.bare_host(inner.hostname))
    return re.search(rf"[./\\@:fc0]{host}(?![a-z0-9-])", written) is not None or _SIGNS.search(written) is not None


def _first(texts: Iterable[str]) -> URL | None:
    return next((found for found in map(read_text, texts) if found is not None), None)


def _wrappers_of(url: URL) -> Iterator[Wrapper]:
    host = urls.bare_host(url.hostname)
    if re.fullmatch(_GOOGLES, host):
        yield from _BY_HOST["google"]
    for name in urls.labels_up(host):
        yield from _BY_HOST.get(name, ())


def chain(url: URL) -> Iterator[tuple[URL, tuple[str, ...]]]:
    """Yields each URL that a link contains, from the outside in, with the wrappers before it."""
    via: tuple[str, ...] = ()
    outermost = url.href
    for _ in range(MOST_WRAPPERS):
        inner = carried(url)
        if inner is None or not _is_visible(inner, outermost.lower()):
            return
        via = (*via, url.href)
        url = inner
        yield url, via


class ReachedTarget(NamedTuple):
    """A target that a link leads to, directly or through wrappers."""

    target: Target
    url: URL
    """Its address."""
    via: tuple[str, ...] = ()
    """The wrappers before it."""


def targets_reached(match: MatchURL) -> Callable[[URL], tuple[ReachedTarget, ...]]:
    """Returns a function from a URL to the targets that it is, or else contains.

    Args:
        match: the targets that a URL belongs to.
    """

    def lead(url: URL) -> tuple[ReachedTarget, ...]:
        targets = match(url)
        if targets:
            return tuple([ReachedTarget(target, url) for target in targets])
        if not _may_carry(url.href):
            return ()
        for inner, via in chain(url):
            if targets := match(inner):
                return tuple(ReachedTarget(target, inner, via) for target in targets)
        return ()

    return lead


def links(
    content: PageContent, match: MatchURL, bound: LinkBound | None = None
) -> Iterator[tuple[Link, tuple[Target, ...]]]:
    """Yields the links of a page to targets; those through wrappers with the address that they carry.

    Args:
        content: the page.
        match: the targets that a URL belongs to.
        bound: of the links that are read; None: the default.
    """
    bound = LinkBound() if bound is None else bound
    read = content.links_to(targets_reached(match), bound, lambda passage: passage.target)
    for link, passages in itertools.chain(read, bound.rest()):
        first = passages[0]
        if not first.via:
            yield link, tuple(passage.target for passage in passages)
        elif not _BREAKS.search(link.raw_href.strip()):  # what the prefilter does not look for
            carried_link = replace(link, url=first.url.href, via=first.via)
            yield carried_link, tuple(passage.target for passage in passages)


_BREAKS: Final = re.compile(r"[\t\n\r]")
