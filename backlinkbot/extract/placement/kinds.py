# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""Suggests kinds for a link (comment, forum, directory, …) with the evidence for each; hints, not verdicts."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

from backlinkbot import urls
from backlinkbot.extract.placement.kind_words import (
    AUTHOR_BOX,
    AUTHOR_HEADING,
    AUTHOR_PATHS,
    BADGE_NAMES,
    CLICK_COUNTERS,
    COMMENT_BUTTONS,
    COMMENT_SYSTEMS,
    DIRECTORY_PATHS,
    FORUM_PATHS,
    GUEST_STEMS,
    GUEST_TITLE,
    GUEST_WORDS,
    IMAGE_CREDIT,
    IMAGE_CREDIT_ENDS,
    LONGEST_LABEL,
    MADE_BY,
    MADE_BY_ENDS,
    PRESS_HOSTS,
    PRESS_PATHS,
    PRESS_SLUG,
    PRESS_TITLE,
    SPONSORED_LABEL,
    SPONSORED_NAMES,
)
from backlinkbot.extract.placement.names import declared
from backlinkbot.extract.placement.place_words import COMMENT
from backlinkbot.extract.placement.press_releases import releases_of
from backlinkbot.extract.placement.shapes import ACCOUNT, LEGAL, PROFILES, SHARING
from backlinkbot.extract.placement.stems import folded, holds_one_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.placement.outline import Box, Outline
    from backlinkbot.extract.placement.placement import Placement
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
    by_title = _found("title", PRESS_TITLE.search(title))
    is_release = domain in PRESS_HOSTS and PRESS_SLUG.search(path) is not None
    return PageHints(
        forum=_found("url", FORUM_PATHS.search(path)),
        directory=_found("url", DIRECTORY_PATHS.search(path)),
        guest_post=_found("title", GUEST_TITLE.search(title)),
        press_release=f"host:{domain}" if is_release else _found("url", PRESS_PATHS.search(path)) or by_title,
    )


class PageFacts:
    """The facts about one page's elements; what links have in common is looked for once."""

    def __init__(
        self, outline: Outline, hints: PageHints, outward: Callable[[Box], int], items: Callable[[Box], int]
    ) -> None:
        """Prepares the look-ups.

        Args:
            outline: the page.
            hints: the evidence from its URL and title.
            outward: counts the links in a box that lead to other registrable domains.
            items: counts the items of a list that link to different other sites.
        """
        self.outline = outline
        self.hints = hints
        self.outward = outward
        self.items = items
        self._author_names: dict[ElementLike, str] = {}
        self._sponsored_names: dict[ElementLike, str] = {}
        self._labels: dict[int, str] = {}
        self._counts: dict[ElementLike, Counter[str | None]] = {}

    @cached_property
    def releases(self) -> tuple[tuple[int, int, str], ...]:
        """The press releases in the page, see :func:`~backlinkbot.extract.placement.press_releases.releases_of`."""
        return releases_of(self.outline)

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

    def is_repeated(self, box: Box, zone: Box) -> bool:
        """True if a zone has several elements with the names of a box, as it has one for each comment."""
        names = box.element.attr("class")
        if not names:
            return False
        counts = self._counts.get(zone.element)
        if counts is None:
            inside = (one for one in self.outline.boxes.values() if zone.start <= one.start and one.end <= zone.end)
            counts = self._counts[zone.element] = Counter(one.element.attr("class") for one in inside if one.is_block)
        return counts[names] > 1

    def label_before(self, start: int) -> str:
        """Returns the label of sponsored links that is the last line before an offset; empty if there is none."""
        found = self._labels.get(start)
        if found is None:
            line = self.outline.slice(start - _LABEL, start).rstrip().rpartition("\n")[2]
            found = self._labels[start] = _label(line)
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
    lead: URL | None
    """Where the link leads, as written; None for elements that are no links."""
    path: list[Box] = field(init=False)
    """Its box and the boxes that enclose it, up to ``_LONGEST_LIST`` of them."""
    end_before: str = field(init=False)
    """The last ``_WORDS`` characters before it, see :func:`~backlinkbot.extract.placement.stems.folded`."""
    text: str = field(init=False)
    """The text of the link, at most ``_LABEL`` characters."""
    is_profile: bool = field(init=False)
    """True if the link leads to a profile on a social network."""

    def __post_init__(self) -> None:
        self.end_before = folded(self.before[-_WORDS:])
        self.text = self.page.outline.slice(self.box.start, min(self.box.end, self.box.start + _LABEL)).strip()
        self.is_profile = self.lead is not None and urls.registrable_domain(self.lead.hostname) in PROFILES
        self.path = []
        at: Box | None = self.box
        while at is not None and len(self.path) < _LONGEST_LIST and at.tag not in _WHOLE_PAGE:
            self.path.append(at)
            at = at.enclosing

    @property
    def is_in_sentence(self) -> bool:
        """True if the word before or after the link begins with a small letter, or the script has none."""
        words = (*self.before.split()[-1:], *self.after.split()[:1])
        return any(word[:1].isalpha() and not word[:1].isupper() for word in words)

    @property
    def is_advertisement(self) -> bool:
        """True if the link is an image, or its URL counts clicks."""
        return not self.text or (
            self.lead is not None and CLICK_COUNTERS.search(self.lead.href[:_LONGEST_NAME]) is not None
        )

    @property
    def leads_to_author_page(self) -> bool:
        """True if the link leads to a list of an author's texts, as a byline does."""
        return self.lead is not None and AUTHOR_PATHS.search(self.lead.pathname) is not None

    @property
    def enclosing_block(self) -> Box | None:
        """The nearest block that holds text outside links."""
        return next((box for box in self.path[:_NEAR] if box.is_block and box.unlinked), None)


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
    """Recognises what readers wrote; the buttons and addresses of the comment system are none of it."""
    if "ugc" in facts.rel:
        return "rel:ugc"
    if facts.placed.placement != "comment" or (
        facts.lead is not None
        and (COMMENT_SYSTEMS.search(facts.lead.href[:_LABEL]) or SHARING.search(facts.lead.href[:_LABEL]))
    ):
        return ""
    if _is_around_comments(facts):
        return ""
    text = facts.text.strip(_PUNCTUATION)
    is_of_system = COMMENT_BUTTONS.fullmatch(text) or LEGAL.search(text) or ACCOUNT.fullmatch(text)
    return "" if is_of_system else "placement:comment"


def _is_around_comments(facts: LinkFacts) -> bool:
    """True if a link stands in the only element of its id, which holds all comments, but in none of these."""
    zone = facts.placed.zone
    if zone is None or not facts.placed.by.startswith("id:") or facts.placed.by[-1].isdigit():
        return False
    at: Box | None = facts.box
    while at is not None and at is not zone:
        if at.tag in _COMMENT_ITEMS or facts.page.is_repeated(at, zone):
            return False
        found = declared(at.element)
        if found is not None and found[0] == COMMENT:
            return False
        at = at.enclosing
    return True


_COMMENT_ITEMS: Final = frozenset({"li", "article", "dd", "dt", "tr", "blockquote"})


def _forum(facts: LinkFacts) -> str:
    is_talk = facts.placed.placement in {"content", "comment"}
    return facts.page.hints.forum if is_talk else ""


def _directory(facts: LinkFacts) -> str:
    """Recognises a list of links to other sites; a short one only if the page's URL names a link list."""
    if facts.placed.placement in {"nav", "header", "footer", "comment"} or facts.is_profile:
        return ""
    fewest = MANY_LINKS // 2 if facts.page.hints.directory else MANY_LINKS
    if not facts.path or facts.page.outward(facts.path[-1]) < fewest:  # which holds the others
        return ""
    most = max((facts.page.items(box) for box in facts.path if facts.page.outward(box) >= fewest), default=0)
    if most >= MANY_LINKS:
        return f"list:{most} items that link to other sites"
    return facts.page.hints.directory if most >= fewest else ""


def _guest_post(facts: LinkFacts) -> str:
    """Recognises links of guest authors: outward links of a box about the author, or beside words for a guest's text."""
    if facts.is_profile or facts.placed.placement not in {"content", "aside"}:
        return ""
    if declared := _guest_words(f"{facts.before}\n{facts.after}"):
        return declared
    if (
        not 0 < len(facts.text.split()) <= _LONGEST_NAME_OF_AUTHOR
        or facts.leads_to_author_page
        or not facts.is_in_sentence
    ):
        return ""
    for box in facts.path[: _NEAR + 1]:
        if name := facts.page.author_name(box):
            return name if _is_bio(box) else ""
    about = AUTHOR_HEADING.fullmatch(facts.heading.strip(_PUNCTUATION))
    block = facts.enclosing_block
    if about is not None and block is not None and _is_bio(block):
        return _found("heading", about)
    return facts.page.hints.guest_post if facts.placed.placement == "content" else ""


def _is_bio(box: Box) -> bool:
    """True if a box about an author says something of him or her: a byline has a name and a date only."""
    return _SHORTEST_BIO <= box.unlinked <= _LONGEST_BIO


_LONGEST_NAME_OF_AUTHOR: Final = 12
"""The maximum number of words in the text of an author's link."""
_SHORTEST_BIO: Final = 12
"""The minimum number of characters outside links in a box about an author: with fewer, it is a byline."""
_LONGEST_BIO: Final = 1500


def _guest_words(text: str) -> str:
    return _found("text", GUEST_WORDS.search(text)) if holds_one_of(GUEST_STEMS, text) else ""


def _press_release(facts: LinkFacts) -> str:
    if facts.placed.placement != "content":
        return ""
    if found := facts.page.hints.press_release or _press_words(facts.heading):
        return found
    return next((words for start, end, words in facts.page.releases if start < facts.box.start < end), "")


@lru_cache(maxsize=256)  # many links stand below one heading
def _press_words(heading: str) -> str:
    return _found("heading", PRESS_TITLE.match(heading))


_PUNCTUATION: Final = " \t\n:.,;|()[]*–—-•·"


def _label(line: str) -> str:
    """Returns the label that a line is; empty if it is none."""
    label = line.strip(_PUNCTUATION)
    if not label or len(label) > LONGEST_LABEL or SPONSORED_LABEL.fullmatch(label) is None:
        return ""
    return label


def _sponsored_label(facts: LinkFacts) -> str:
    """Recognises ``rel=sponsored``, the names of advertisements, and labels with nothing between them and the link."""
    if "sponsored" in facts.rel:
        return "rel:sponsored"
    if facts.placed.placement == "nav":
        return ""
    for box in facts.path[:_NEAR]:
        name = facts.page.sponsored_name(box)
        if _is_list_of_sponsors(facts, box, name):
            continue
        if name and _is_slot(facts, box) and (_is_clear(name) or facts.is_advertisement) and not _is_of_footer(facts):
            return name
    if facts.placed.placement == "footer":  # "Advertising" is an entry of its menus
        return ""
    label = facts.page.label_before(facts.box.start)
    if not label:
        return ""
    holder = next((box for box in facts.path[: _NEAR + 1] if box.start < facts.box.start), None)
    return f"label:{label}" if holder is not None and _is_slot(facts, holder) else ""


_SPONSORS: Final = re.compile(r":sponsors?\b", re.IGNORECASE)
_PAID_LINKS: Final = re.compile(
    r"sponsored|sponsor[-_ ]?links?|(?:^|[\W_])ads?(?:$|[\W_])|advert|anzeige|werbung|publici|pubblicit|реклам",
    re.IGNORECASE,
)


def _is_list_of_sponsors(facts: LinkFacts, box: Box, name: str) -> bool:
    """True for one of many who support an event or a project: they paid for more than the link.

    Not if the element's names or its heading say that the links themselves are paid.
    """
    if _SPONSORS.search(name) is None or not _directory(facts).startswith("list:"):
        return False
    names = ((box.element.attr(attribute) or "")[:_LONGEST_NAME] for attribute in ("class", "id"))
    return not any(map(_PAID_LINKS.search, (*names, facts.heading[:_LABEL])))


def _is_of_footer(facts: LinkFacts) -> bool:
    """True for a footer's entry, such as one about its advertisements."""
    return facts.placed.placement == "footer" and bool(facts.text)


def _is_clear(evidence: str) -> bool:
    """True for a name that has no other meaning than advertisement: ``ad`` also stands for other words."""
    return len(evidence.partition(":")[2]) > len("ads")


def _is_slot(facts: LinkFacts, box: Box) -> bool:
    """True if an element has little but links to other sites; the place of a missing advertisement has the page's own."""
    return box.length <= _LONGEST_SLOT and 2 * facts.page.outward(box) > box.links


_LONGEST_SLOT: Final = 800
"""The maximum number of characters of the element that has a label and its link."""
_WORDS: Final = 40
"""The number of characters before a link in which such words are looked for."""
_LABEL: Final = 80
"""The number of characters before a link in which a label is looked for."""


def _badge(facts: LinkFacts) -> str:
    if facts.end_before.endswith(MADE_BY_ENDS) and (made_by := _at_the_end(MADE_BY, facts.before)):
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
    for box in facts.path[:_NEAR]:
        if box.tag == "figcaption" and facts.page.outward(facts.box):
            return "element:figcaption"
    if facts.placed.placement not in {"content", "aside"}:
        return ""
    return _at_the_end(IMAGE_CREDIT, facts.before) if facts.end_before.endswith(IMAGE_CREDIT_ENDS) else ""


def _at_the_end(what: re.Pattern[str], text: str) -> str:
    """Returns the words at the end of a text as evidence."""
    text = text[-_WORDS:]
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


def is_internal(lead: URL | None, outward: int) -> bool:
    """True if a link leads to the page's own registrable domain, and does not carry another URL: it is of no kind.

    Args:
        lead: where it leads.
        outward: the number of links in it that lead to other registrable domains.
    """
    if outward or lead is None or not urls.is_web(lead):
        return False
    return "http" not in f"{lead.pathname}{lead.search}".lower()


def kinds(facts: LinkFacts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the suggested kinds and the evidence for each."""
    found = [(kind, evidence[:LONGEST_EVIDENCE]) for kind, rule in _RULES if (evidence := rule(facts))]
    if not found:
        return _NONE
    return tuple([kind for kind, _ in found]), tuple([evidence for _, evidence in found])


_RULES: Final = tuple(KINDS.items())
_NONE: Final[tuple[tuple[str, ...], tuple[str, ...]]] = ((), ())
