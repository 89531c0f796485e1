"""Finds links in comments, templates and ``srcdoc`` frames, which browsers do not list among the page's links."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract import flags
from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.text.csv_escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.link import Link
    from backlinkbot.extract.page import PageContent
    from backlinkbot.targets import Target
    from backlinkbot.urls import URL

    Found = tuple[Link, tuple[Target, ...]]
    MatchURL = Callable[[URL], tuple[Target, ...]]

MOST_PARTS: Final = 500
"""The maximum number of comments or frames with a target's name that are parsed; more of them are a trap."""
MOST_DEPTH: Final = 3
"""The maximum nesting of frames."""

# The address of a link in text that nobody has parsed: enough to tell whether parsing is worth it.
_HREF: Final = re.compile(r"href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE)
# https://learn.microsoft.com/previous-versions/windows/internet-explorer/ie-developer/compatibility/ms537512(v=vs.85)
_CONDITION: Final = re.compile(r"\s*\[if ([^\]]{1,40})\]>", re.IGNORECASE)

_SRCDOC: Final = (("iframe", "srcdoc"),)


def comments(content: PageContent, match: MatchURL, bound: LinkBound | None = None) -> Iterator[Found]:
    """Yields commented-out links, which are not visible and pass no PageRank."""
    bound = LinkBound() if bound is None else bound
    asked: dict[str, bool] = {}

    def is_wanted(reference: str) -> bool:
        if reference not in asked:
            url = urls.resolve(html.unescape(reference), content.base_url, content.encoding)
            asked[reference] = url is not None and bool(match(url))
        return asked[reference]

    wanted = (
        comment
        for comment in content.document.comments()
        if any(is_wanted(next(filter(None, found), "")) for found in _HREF.findall(comment))
    )
    for comment in islice(wanted, MOST_PARTS):
        condition = _CONDITION.match(comment)
        evidence = f"comment for browsers that are {condition[1]}" if condition is not None else "comment"
        part = content.part(comment[condition.end() :] if condition is not None else comment)
        for link, targets in part.links_among(part.document.elements("a", "area"), match, bound):
            yield _marked(link, "commented", one_line(evidence), has_vote=False), targets
    for link, targets in bound.rest():
        yield _remarked(link, (("commented", "comment"),), has_vote=False), targets


def templates(content: PageContent, match: MatchURL, bound: LinkBound | None = None) -> Iterator[Found]:
    """Yields links in ``<template>``, which are on no page until a script inserts them."""
    bound = LinkBound() if bound is None else bound
    for link, targets in content.links_among(content.document.template_elements("a", "area"), match, bound):
        yield _marked(link, "template", "element template", has_vote=False), targets
    for link, targets in bound.rest():
        yield _remarked(link, (("template", "element template"),), has_vote=False), targets


def frames(content: PageContent, match: MatchURL, bound: LinkBound | None = None) -> Iterator[Found]:
    """Yields links in ``<iframe srcdoc>``, which readers see and Google counts as the page's."""
    bound = LinkBound() if bound is None else bound
    yield from _framed(content, match, bound, MOST_DEPTH)
    for link, targets in bound.rest():
        yield _remarked(link, _SRCDOC), targets


def _framed(content: PageContent, match: MatchURL, bound: LinkBound, depth: int) -> Iterator[Found]:
    holding = (frame for frame in content.document.html_elements("iframe") if frame.attr("srcdoc"))
    for frame in islice(holding, MOST_PARTS):
        part = content.part(frame.attr("srcdoc") or "")
        for link, targets in part.links_among(part.document.elements("a", "area"), match, bound):
            yield _in_frame(link, content, frame), targets
        if depth > 1:
            for link, targets in _framed(part, match, bound, depth - 1):
                yield _in_frame(link, content, frame, names=()), targets


def _in_frame(
    link: Link, content: PageContent, frame: ElementLike, names: tuple[tuple[str, str], ...] = _SRCDOC
) -> Link:
    """Returns the link with the evidence that hides its frame, unless the frame's own document hides it."""
    around = tuple((flag, evidence) for flag, evidence in content.remarks.of(frame) if flag not in link.flags)
    return replace(
        link,
        flags=(*link.flags, *flags.named(around), *flags.named(names)),
        flags_by=(*link.flags_by, *flags.shown(around), *flags.shown(names)),
    )


def _marked(link: Link, flag: str, evidence: str, *, has_vote: bool) -> Link:
    return replace(link, flags=(flag,), flags_by=(f"{flag}:{evidence}",), has_vote=has_vote)


def _remarked(link: Link, flagged: flags.Flagged, *, has_vote: bool = True) -> Link:
    """Returns a link that stands for those beyond a bound with more flags."""
    return replace(
        link,
        flags=(*link.flags, *flags.named(flagged)),
        flags_by=(*link.flags_by, *flags.shown(flagged)),
        has_vote=has_vote,
    )
