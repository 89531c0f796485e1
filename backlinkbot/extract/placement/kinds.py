# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""Suggests kinds for a link (comment, forum, directory, …) with the evidence for each; hints, not verdicts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.placement.kind_words import (
    AUTHOR_BOX,
    BADGE_NAMES,
    DIRECTORY_PATHS,
    FORUM_PATHS,
    GUEST_STEMS,
    GUEST_WORDS,
    IMAGE_CREDIT,
    IMAGE_CREDIT_ENDS,
    LONGEST_LABEL,
    MADE_BY,
    MADE_BY_ENDS,
    PRESS_HOSTS,
    PRESS_PATHS,
    PRESS_WORDS,
    SPONSORED_LABEL,
    SPONSORED_NAMES,
)
from backlinkbot.extract.placement.stems import folded, holds_one_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlinkbot.extract.html import ElementLike
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


class PageFacts:
    """The facts about one page's elements; what links have in common is looked for once."""

    def __init__(self, outline: Outline, hints: PageHints, outward: Callable[[Box], int]) -> None:
        """Prepares the look-ups.

        Args:
            outline: the page.
            hints: the evidence from its URL and title.
            outward: counts the links in a box that lead to other registrable domains.
        """
        self.outline = outline
        self.hints = hints
        self.outward = outward
        self._author_names: dict[ElementLike, str] = {}
        self._sponsored_names: dict[ElementLike, str] = {}
        self._lists: dict[ElementLike, int] = {}
        self._labels: dict[int, str] = {}

    def author_name(self, box: Box) -> str:
        """Returns the class or id that marks an element as an author box; empty if none does."""
        return self._name(self._author_names, box.element, _author_words)

    def sponsored_name(self, box: Box) -> str:
        """Returns the class or id that marks an element as sponsored; empty if none does."""
        return self._name(self._sponsored_names, box.element, _sponsored_words)

    @staticmethod
    def _name(known: dict[ElementLike, str], element: ElementLike, words: Callable[[str], str]) -> str:
        found = known.get(element)
        if found is None:
            found = ""
            for attribute in ("class", "id"):
                value = element.attr(attribute)
                if value and (name := words(value[:_LONGEST_NAME])):
                    found = f"{attribute}:{name}"
                    break
            known[element] = found
        return found

    def listed(self, box: Box) -> int:
        """Counts the links to other sites in a list of such links, with little text per link; 0 for another box."""
        found = self._lists.get(box.element)
        if found is None:
            outward = self.outward(box)
            is_list = outward >= MANY_LINKS // 2 and 2 * outward > box.links and box.unlinked < 150 * box.links
            found = self._lists[box.element] = outward if is_list else 0
        return found

    def label_before(self, start: int) -> str:
        """Returns the label of sponsored links in the last two lines before an offset; empty if there is none."""
        found = self._labels.get(start)
        if found is None:
            lines = self.outline.slice(start - _LABEL, start).split("\n")
            found = self._labels[start] = next(filter(None, map(_label, lines[-2:])), "")
        return found


@dataclass(slots=True, kw_only=True)
class LinkFacts:
    """The facts about a link from which its kinds are suggested."""

    box: Box
    placed: Placement
    before: str
    after: str
    heading: str
    rel: frozenset[str]
    page: PageFacts
    path: list[Box] = field(init=False)
    """Its box and the boxes that enclose it, up to ``_LONGEST_LIST`` of them."""

    def __post_init__(self) -> None:
        self.path = []
        at: Box | None = self.box
        while at is not None and len(self.path) < _LONGEST_LIST and at.tag not in _WHOLE_PAGE:
            self.path.append(at)
            at = at.enclosing


_WHOLE_PAGE: Final = frozenset({"body", "html"})
_LONGEST_NAME: Final = 200


def _quoted(match: re.Match[str] | None) -> str:
    return " ".join(match[0].split()).strip(" /_.-:|") if match is not None else ""


def _found(what: str, match: re.Match[str] | None) -> str:
    return f"{what}:{_quoted(match)}" if match is not None else ""


@lru_cache(maxsize=4096)  # the elements of a page, and the pages of a site, share their names
def _author_words(names: str) -> str:
    return _quoted(AUTHOR_BOX.search(names))


@lru_cache(maxsize=4096)
def _sponsored_words(names: str) -> str:
    return _quoted(SPONSORED_NAMES.search(names))


def _comment(facts: LinkFacts) -> str:
    if facts.placed.placement == "comment":
        return "placement:comment"
    if "ugc" in facts.rel:
        return "rel:ugc"
    return ""


def _forum(facts: LinkFacts) -> str:
    is_talk = facts.placed.placement in {"content", "comment"}
    return facts.page.hints.forum if is_talk else ""


def _directory(facts: LinkFacts) -> str:
    """Recognises a list of links to other sites; a short one only if the page's URL or heading names a link list."""
    if facts.placed.placement in {"nav", "header", "footer", "comment"}:
        return ""
    most = max(map(facts.page.listed, facts.path), default=0)
    if most >= MANY_LINKS:
        return f"list:{most} links to other sites"
    return facts.page.hints.directory if most >= MANY_LINKS // 2 else ""


def _guest_post(facts: LinkFacts) -> str:
    if name := next(filter(None, map(facts.page.author_name, facts.path[: _NEAR + 1])), ""):
        return name
    if "author" in facts.rel and facts.page.outward(facts.box):
        return "rel:author"
    if facts.placed.placement not in {"content", "aside"}:
        return ""
    declared = _guest_words(f"{facts.heading}\n{facts.before}\n{facts.after}")
    return declared or (facts.page.hints.guest_post if facts.placed.placement == "content" else "")


def _guest_words(text: str) -> str:
    return _found("text", GUEST_WORDS.search(text)) if holds_one_of(GUEST_STEMS, text) else ""


def _press_release(facts: LinkFacts) -> str:
    if facts.placed.placement != "content":
        return ""
    return facts.page.hints.press_release or _press_words(facts.heading)


@lru_cache(maxsize=256)  # many links stand below one heading
def _press_words(heading: str) -> str:
    return _found("heading", PRESS_WORDS.search(heading))


_PUNCTUATION: Final = " \t\n:.,;|()[]*–—-•·"


def _label(line: str) -> str:
    """Returns the label that a line is; empty if it is none."""
    label = line.strip(_PUNCTUATION)
    if not label or len(label) > LONGEST_LABEL or SPONSORED_LABEL.fullmatch(label) is None:
        return ""
    return label


def _sponsored_label(facts: LinkFacts) -> str:
    if "sponsored" in facts.rel:
        return "rel:sponsored"
    near = facts.path[:_NEAR]
    if name := next(filter(None, map(facts.page.sponsored_name, near)), ""):
        return name
    last = -1
    for box in near:
        if box.start == last:  # as far as the text goes, the same box
            continue
        last = box.start
        label = facts.page.label_before(last)
        if not label and last < facts.box.start:
            inner = facts.page.outline.slice(last, min(last + _LABEL, facts.box.start))
            label = _label(inner.partition("\n")[0])
        if label:
            return f"label:{label}"
    heading = facts.heading.strip(_PUNCTUATION)
    return _found("heading", SPONSORED_LABEL.fullmatch(heading)) if len(heading) <= LONGEST_LABEL else ""


_WORDS: Final = 40
"""The number of characters before a link in which such words are looked for."""
_LABEL: Final = 80
"""The number of characters before a link in which a label is looked for."""


def _badge(facts: LinkFacts) -> str:
    if made_by := _at_the_end(MADE_BY, MADE_BY_ENDS, facts.before):
        return made_by
    if facts.placed.placement in {"footer", "aside"}:
        anchor = facts.page.outline.slice(facts.box.start, min(facts.box.end, facts.box.start + _LABEL))
        if (match := MADE_BY.match(anchor)) is not None:
            return _found("text", match)
    image = next(iter(facts.box.element.iter_elements("img")), None)
    if image is None:
        return ""
    for attribute in ("alt", "class", "src", "title"):
        value = image.attr(attribute)
        if value and (match := BADGE_NAMES.search(value[:_LONGEST_NAME])) is not None:
            return _found(attribute, match)
    return ""


def _image_credit(facts: LinkFacts) -> str:
    if facts.page.outward(facts.box) and any(box.tag == "figcaption" for box in facts.path[:_NEAR]):
        return "element:figcaption"
    if facts.placed.placement not in {"content", "aside"}:
        return ""
    return _at_the_end(IMAGE_CREDIT, IMAGE_CREDIT_ENDS, facts.before)


def _at_the_end(what: re.Pattern[str], ends: tuple[str, ...], text: str) -> str:
    """Returns the words at the end of a text as evidence.

    Args:
        what: the words.
        ends: one of these ends a text that ends with such words.
        text: in which they are looked for.
    """
    text = text[-_WORDS:]
    if not folded(text).endswith(ends):
        return ""
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
