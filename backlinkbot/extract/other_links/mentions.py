"""Finds mentions: a target's URL or domain in the text of a page, without a link."""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.link import MENTION, Link, collapse
from backlinkbot.extract.link_bound import LinkBound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.extract.html import DocumentLike
    from backlinkbot.extract.page import PageContent
    from backlinkbot.targets import Target
    from backlinkbot.urls import URL

    MatchURL = Callable[[URL], tuple[Target, ...]]

LONGEST: Final = 2_048
"""The maximum number of characters of a printed URL."""
_NO_TEXT: Final = frozenset({"a", "area", "head", "iframe", "noframes", "noembed", "select", "textarea", "title"})
"""Elements whose text is not displayed, or is linked."""
# An address or a name; the name of a mailbox's host is none. It has to begin a word, so that no text is read twice.
_PRINTED: Final = re.compile(
    r"(?<![\w@.%+-])(?:https?://)?(?:[^\W_][\w-]*+\.)++[^\W\d_][\w-]*+(?![\w@])(?::\d{1,5})?+(?:[/?#][^\s<>\"'`]*+)?+",
    re.IGNORECASE,
)
_AFTER: Final = ".,;:!?)]}*_~\u2026\u2019\u201d\u00bb"
"""Characters that end a sentence rather than a URL."""


def mentions(
    content: PageContent, body: bytes, match: MatchURL, bound: LinkBound | None = None
) -> Iterator[tuple[Link, tuple[Target, ...]]]:
    """Yields the mentions of targets outside of links, in tree order.

    Args:
        content: the page.
        body: its bytes, in which the target's host must stand as it is, for the prefilter looks no further.
        match: the targets that a URL belongs to.
        bound: of the links that are read; None: the default.
    """
    lowered: bytes | None = None
    bound = LinkBound() if bound is None else bound
    for text in _texts(content.document):
        if "." not in text:
            continue
        for found in _PRINTED.finditer(text):
            written = _trimmed(found[0])
            url = urls.parse(written if "://" in written else f"http://{written}")
            targets = match(url) if url is not None and len(written) <= LONGEST else ()
            if url is None or not targets:
                continue
            lowered = body.lower() if lowered is None else lowered
            is_in_bytes = any(spelling in lowered for name in _names(targets) for spelling in spellings(name))
            if is_in_bytes and bound.admits(targets, MENTION, partial(_mention, written, url)):
                yield _mention(written, url), targets
    yield from bound.rest()


def _trimmed(written: str) -> str:
    """Returns the URL without the sentence's punctuation; a bracket that it opened stays."""
    while written and written[-1] in _AFTER and not (written[-1] == ")" and "(" in written):
        written = written[:-1]
    return written


def _names(targets: tuple[Target, ...]) -> Iterator[str]:
    return (place.host for target in targets for place in target.places)


def _texts(document: DocumentLike) -> Iterator[str]:
    """Yields the visible texts outside of links; adjacent texts are joined."""
    for top in document.tops():
        waiting = [document.nodes(top)]
        while waiting:
            node = next(waiting[-1], None)
            if node is None:
                waiting.pop()
            elif isinstance(node, str):
                yield node
            elif node.tag not in _NO_TEXT:
                waiting.append(document.nodes(node))


def _mention(written: str, url: URL) -> Link:
    return Link(
        raw_href=written,
        url=url.href,
        anchor=collapse(written),
        anchor_source="text",
        link_type=MENTION,
        rel=(),
        has_vote=False,
    )


@lru_cache(maxsize=100_000)
def spellings(host: str) -> tuple[bytes, ...]:
    """Returns the spellings of a host as bytes in lower case: punycode, and UTF-8."""
    labels = (
        label[4:].encode().decode("punycode", "replace") if label.startswith("xn--") else label
        for label in host.split(".")
    )
    return tuple(dict.fromkeys((host.encode(), ".".join(labels).encode("utf-8", "replace"))))
