# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""Suggests kinds for a link (comment, forum, directory, …) with the evidence for each; hints, not verdicts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.placement.kind_words import (
    AUTHOR_BOX,
    BADGE_NAMES,
    DIRECTORY_PATHS,
    FORUM_PATHS,
    GUEST_WORDS,
    IMAGE_CREDIT,
    MADE_BY,
    PRESS_HOSTS,
    PRESS_PATHS,
    PRESS_WORDS,
    SPONSORED_LABEL,
    SPONSORED_NAMES,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.extract.placement.outline import Box, Outline
    from backlinkbot.extract.placement.placements import Placement
    from backlinkbot.urls import URL

LONGEST_EVIDENCE: Final = 80
"""The maximum number of characters of quoted page text."""
MANY_LINKS: Final = 10
"""The number of links to other sites from which a list is a link list."""
_NEAR: Final = 4
"""The number of enclosing elements that count as near a link."""
_LONGEST_LIST: Final = 8
"""The number of enclosing elements within which a link's list is looked for."""


@dataclass(frozen=True, slots=True)
class PageHints:
    """The evidence from a page's URL and title, for all of its links; empty fields mean no evidence."""

    forum: str
    directory: str
    guest_post: str
    press_release: str


def page_hints(page: URL, title: str) -> PageHints:
    """Returns the evidence for the kinds that apply to whole pages."""
    path = page.pathname + page.search
    domain = urls.registrable_domain(page.hostname)
    by_title = _found("title", PRESS_WORDS.search(title))
    return PageHints(
        forum=_found("url", FORUM_PATHS.search(path)),
        directory=_found("url", DIRECTORY_PATHS.search(path)),
        guest_post=_found("title", GUEST_WORDS.search(title)),
        press_release=f"host:{domain}"
        if domain in PRESS_HOSTS
        else _found("url", PRESS_PATHS.search(path)) or by_title,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFacts:
    """The facts about a link from which its kinds are suggested."""

    box: Box
    placed: Placement
    before: str
    after: str
    heading: str
    rel: frozenset[str]
    outline: Outline
    page: PageHints
    outward: Callable[[Box], int]
    """Counts the links in a box that lead to other registrable domains."""

    def enclosing(self, most: int) -> Iterator[Box]:
        """Yields the link's box and the boxes that enclose it, at most ``most`` of them."""
        at: Box | None = self.box
        while at is not None and most > 0 and at.element.tag not in {"body", "html"}:
            yield at
            at, most = at.enclosing, most - 1

    def names(self, most: int) -> Iterator[tuple[str, str]]:
        """Yields (attribute, value) for the class and the id of each of these elements."""
        for box in self.enclosing(most):
            for attribute in ("class", "id"):
                value = box.element.attr(attribute)
                if value:
                    yield attribute, value[:_LONGEST_NAME]


_LONGEST_NAME: Final = 200


def _found(what: str, match: re.Match[str] | None) -> str:
    return f"{what}:{' '.join(match[0].split()).strip(' /_.-:|')}" if match is not None else ""


def _comment(facts: LinkFacts) -> str:
    if facts.placed.placement == "comment":
        return "placement:comment"
    if "ugc" in facts.rel:
        return "rel:ugc"
    return ""


def _forum(facts: LinkFacts) -> str:
    is_talk = facts.placed.placement in {"content", "comment"}
    return facts.page.forum if is_talk else ""


def _directory(facts: LinkFacts) -> str:
    """Recognises a list of links to other sites; a short one only if the page's URL or heading names a link list."""
    most = max((facts.outward(box) for box in facts.enclosing(_LONGEST_LIST) if _is_list(facts, box)), default=0)
    if facts.placed.placement in {"nav", "header", "footer", "comment"}:
        return ""
    if most >= MANY_LINKS:
        return f"list:{most} links to other sites"
    return facts.page.directory if most >= MANY_LINKS // 2 else ""


def _is_list(facts: LinkFacts, box: Box) -> bool:
    """True if most of the box's links lead to other sites and there is little text per link."""
    outward = facts.outward(box)
    return outward >= MANY_LINKS // 2 and 2 * outward > box.links and box.unlinked < 150 * box.links


def _guest_post(facts: LinkFacts) -> str:
    for attribute, value in facts.names(_NEAR + 1):
        if (match := AUTHOR_BOX.search(value)) is not None:
            return _found(attribute, match)
    if "author" in facts.rel and facts.outward(facts.box):
        return "rel:author"
    if facts.placed.placement not in {"content", "aside"}:
        return ""
    declared = _guest_words(f"{facts.heading}\n{facts.before}\n{facts.after}")
    return declared or (facts.page.guest_post if facts.placed.placement == "content" else "")


@lru_cache(maxsize=1024)
def _guest_words(text: str) -> str:
    return _found("text", GUEST_WORDS.search(text))


def _press_release(facts: LinkFacts) -> str:
    if facts.placed.placement != "content":
        return ""
    return facts.page.press_release or _found("heading", PRESS_WORDS.search(facts.heading))


_PUNCTUATION: Final = " \t\n:.,;|()[]*–—-•·"


def _sponsored_label(facts: LinkFacts) -> str:
    if "sponsored" in facts.rel:
        return "rel:sponsored"
    for attribute, value in facts.names(_NEAR):
        if (match := SPONSORED_NAMES.search(value)) is not None:
            return _found(attribute, match)
    for box in facts.enclosing(_NEAR):
        lines = facts.outline.slice(max(box.start - _LABEL, 0), box.start).split("\n")
        inner = facts.outline.slice(box.start, min(box.start + _LABEL, facts.box.start)).split("\n")
        for line in (*lines[-2:], inner[0]):
            if (label := line.strip(_PUNCTUATION)) and SPONSORED_LABEL.fullmatch(label):
                return f"label:{label}"
    match = SPONSORED_LABEL.fullmatch(facts.heading.strip(_PUNCTUATION))
    return _found("heading", match)


_WORDS: Final = 40
"""The number of characters before a link in which such words are looked for."""
_LABEL: Final = 80
"""The number of characters before a link in which a label is looked for."""


def _badge(facts: LinkFacts) -> str:
    if made_by := _at_the_end(MADE_BY, facts.before):
        return made_by
    anchor = facts.outline.slice(facts.box.start, min(facts.box.end, facts.box.start + _LABEL))
    if (match := MADE_BY.match(anchor)) is not None and facts.placed.placement in {"footer", "aside"}:
        return _found("text", match)
    image = next(iter(facts.box.element.iter_elements("img")), None)
    if image is None:
        return ""
    for attribute in ("alt", "class", "src", "title"):
        if (match := BADGE_NAMES.search((image.attr(attribute) or "")[:_LONGEST_NAME])) is not None:
            return _found(attribute, match)
    return ""


def _image_credit(facts: LinkFacts) -> str:
    caption = next((box for box in facts.enclosing(_NEAR) if box.element.tag == "figcaption"), None)
    if caption is not None and facts.outward(facts.box):
        return "element:figcaption"
    if facts.placed.placement not in {"content", "aside"}:
        return ""
    return _at_the_end(IMAGE_CREDIT, facts.before)


def _at_the_end(what: re.Pattern[str], text: str) -> str:
    """Returns the words at the end of a text as evidence."""
    return _last_words(what, text[-_WORDS:])


@lru_cache(maxsize=1024)
def _last_words(what: re.Pattern[str], text: str) -> str:
    matches = (match for match in what.finditer(text) if match.end() == len(text))
    return _found("text", next(matches, None))


# kind -> rule that returns its evidence, empty if there is none.
KINDS: Final[dict[str, Callable[[LinkFacts], str]]] = {
    "comment": _comment,
    "forum": _forum,
    "directory": _directory,
    "guest_post": _guest_post,
    "press_release": _press_release,
    "sponsored_label": _sponsored_label,
    "badge": _badge,
    "image_credit": _image_credit,
}


def kinds(facts: LinkFacts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the suggested kinds and the evidence for each."""
    found = [(kind, evidence[:LONGEST_EVIDENCE]) for kind, rule in KINDS.items() if (evidence := rule(facts))]
    return tuple(kind for kind, _ in found), tuple(evidence for _, evidence in found)
