# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""What kind of link it may be, and what suggests so: hints for a person who looks, and no verdicts."""

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
    from backlinkbot.extract.placement.placements import Placed
    from backlinkbot.urls import URL

LONGEST_EVIDENCE: Final = 80
"""Characters of what the page says."""
MANY_LINKS: Final = 10
"""Links to other sites in one list make it a link list."""
_NEAR: Final = 4
"""Elements outwards that are near a link."""
_LONGEST_LIST: Final = 8
"""Elements outwards within which its list is looked for."""


@dataclass(frozen=True, slots=True)
class PageHints:
    """What a page's address and title suggest of all its links; empty where they suggest nothing."""

    forum: str
    directory: str
    guest_post: str
    press_release: str


def page_hints(page: URL, title: str) -> PageHints:
    """What suggests the kinds that belong to whole pages."""
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
class Spot:
    """What is known of a link, for those who guess its kind."""

    box: Box
    placed: Placed
    before: str
    after: str
    heading: str
    rel: frozenset[str]
    outline: Outline
    page: PageHints
    outward: Callable[[Box], int]
    """How many links in a box lead to other registrable domains."""

    def around(self, most: int) -> Iterator[Box]:
        """The link, and the elements around it, so many at most."""
        at: Box | None = self.box
        while at is not None and most > 0 and at.element.tag not in {"body", "html"}:
            yield at
            at, most = at.around, most - 1

    def names(self, most: int) -> Iterator[tuple[str, str]]:
        """(attribute, value) of the class and the id of each of them."""
        for box in self.around(most):
            for attribute in ("class", "id"):
                value = box.element.attr(attribute)
                if value:
                    yield attribute, value[:_LONGEST_NAME]


_LONGEST_NAME: Final = 200


def _found(what: str, match: re.Match[str] | None) -> str:
    return f"{what}:{' '.join(match[0].split()).strip(' /_.-:|')}" if match is not None else ""


def _comment(spot: Spot) -> str:
    if spot.placed.placement == "comment":
        return "placement:comment"
    if "ugc" in spot.rel:
        return "rel:ugc"
    return ""


def _forum(spot: Spot) -> str:
    is_talk = spot.placed.placement in {"content", "comment"}
    return spot.page.forum if is_talk else ""


def _directory(spot: Spot) -> str:
    """A list of links to other sites; shorter ones where the page's address or heading speaks of links."""
    most = max((spot.outward(box) for box in spot.around(_LONGEST_LIST) if _is_list(spot, box)), default=0)
    if spot.placed.placement in {"nav", "header", "footer", "comment"}:
        return ""
    if most >= MANY_LINKS:
        return f"list:{most} links to other sites"
    return spot.page.directory if most >= MANY_LINKS // 2 else ""


def _is_list(spot: Spot, box: Box) -> bool:
    """Whether most of its links lead elsewhere, and there is little text for each."""
    outward = spot.outward(box)
    return outward >= MANY_LINKS // 2 and 2 * outward > box.links and box.unlinked < 150 * box.links


def _guest_post(spot: Spot) -> str:
    for attribute, value in spot.names(_NEAR + 1):
        if (match := AUTHOR_BOX.search(value)) is not None:
            return _found(attribute, match)
    if "author" in spot.rel and spot.outward(spot.box):
        return "rel:author"
    if spot.placed.placement not in {"content", "aside"}:
        return ""
    said = _guest_words(f"{spot.heading}\n{spot.before}\n{spot.after}")
    return said or (spot.page.guest_post if spot.placed.placement == "content" else "")


@lru_cache(maxsize=1024)
def _guest_words(text: str) -> str:
    return _found("text", GUEST_WORDS.search(text))


def _press_release(spot: Spot) -> str:
    if spot.placed.placement != "content":
        return ""
    return spot.page.press_release or _found("heading", PRESS_WORDS.search(spot.heading))


_PUNCTUATION: Final = " \t\n:.,;|()[]*–—-•·"


def _sponsored_label(spot: Spot) -> str:
    if "sponsored" in spot.rel:
        return "rel:sponsored"
    for attribute, value in spot.names(_NEAR):
        if (match := SPONSORED_NAMES.search(value)) is not None:
            return _found(attribute, match)
    for box in spot.around(_NEAR):
        lines = spot.outline.slice(max(box.start - _LABEL, 0), box.start).split("\n")
        inner = spot.outline.slice(box.start, min(box.start + _LABEL, spot.box.start)).split("\n")
        for line in (*lines[-2:], inner[0]):
            if (label := line.strip(_PUNCTUATION)) and SPONSORED_LABEL.fullmatch(label):
                return f"label:{label}"
    match = SPONSORED_LABEL.fullmatch(spot.heading.strip(_PUNCTUATION))
    return _found("heading", match)


_WORDS: Final = 40
"""Characters before a link in which such words stand."""
_LABEL: Final = 80
"""Characters before a link within which a label may stand."""


def _badge(spot: Spot) -> str:
    if made_by := _at_the_end(MADE_BY, spot.before):
        return made_by
    anchor = spot.outline.slice(spot.box.start, min(spot.box.end, spot.box.start + _LABEL))
    if (match := MADE_BY.match(anchor)) is not None and spot.placed.placement in {"footer", "aside"}:
        return _found("text", match)
    image = next(iter(spot.box.element.iter_elements("img")), None)
    if image is None:
        return ""
    for attribute in ("alt", "class", "src", "title"):
        if (match := BADGE_NAMES.search((image.attr(attribute) or "")[:_LONGEST_NAME])) is not None:
            return _found(attribute, match)
    return ""


def _image_credit(spot: Spot) -> str:
    caption = next((box for box in spot.around(_NEAR) if box.element.tag == "figcaption"), None)
    if caption is not None and spot.outward(spot.box):
        return "element:figcaption"
    if spot.placed.placement not in {"content", "aside"}:
        return ""
    return _at_the_end(IMAGE_CREDIT, spot.before)


def _at_the_end(what: re.Pattern[str], text: str) -> str:
    """The words with which a text ends, as evidence."""
    return _last_words(what, text[-_WORDS:])


@lru_cache(maxsize=1024)
def _last_words(what: re.Pattern[str], text: str) -> str:
    matches = (match for match in what.finditer(text) if match.end() == len(text))
    return _found("text", next(matches, None))


# kind -> what suggests it; empty where nothing does.
KINDS: Final[dict[str, Callable[[Spot], str]]] = {
    "comment": _comment,
    "forum": _forum,
    "directory": _directory,
    "guest_post": _guest_post,
    "press_release": _press_release,
    "sponsored_label": _sponsored_label,
    "badge": _badge,
    "image_credit": _image_credit,
}


def kinds(spot: Spot) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The kinds that something suggests, and for each what does."""
    found = [(kind, evidence[:LONGEST_EVIDENCE]) for kind, look in KINDS.items() if (evidence := look(spot))]
    return tuple(kind for kind, _ in found), tuple(evidence for _, evidence in found)
