"""The facts about a link and its page from which its kinds are suggested."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

from backlinkbot import urls
from backlinkbot.extract.placement.evidence import evidence_of, quoted, sponsored_label_of
from backlinkbot.extract.placement.guest_words import about_the_author, guest_words
from backlinkbot.extract.placement.kind_words import (
    AUTHOR_BOX,
    AUTHOR_PATHS,
    CLICK_COUNTERS,
    DIRECTORY_PATHS,
    FORUM_PATHS,
    GUEST_TITLE,
    PRESS_HOSTS,
    PRESS_PATHS,
    PRESS_SLUG,
    PRESS_TITLE,
    SPONSORED_NAMES,
)
from backlinkbot.extract.placement.press_releases import releases_of
from backlinkbot.extract.placement.shapes import PROFILES
from backlinkbot.extract.placement.stems import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.placement.link_lists import LinkLists
    from backlinkbot.extract.placement.outline import Box, Outline
    from backlinkbot.extract.placement.placement import Placement
    from backlinkbot.urls import URL

NEAR: Final = 4
"""The number of enclosing elements that count as near a link."""
LONGEST_NAME: Final = 200
"""The number of characters of a class, an id or a URL that are searched."""
LABEL: Final = 80
"""The number of characters before a link in which a label is looked for."""
WORDS: Final = 40
"""The number of characters before a link in which words for its kind are looked for."""
_OPENING: Final = 160
"""The number of characters at the beginning of a block in which words about a guest author are looked for."""
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
    by_title = evidence_of("title", PRESS_TITLE.search(title))
    is_release = domain in PRESS_HOSTS and PRESS_SLUG.search(path) is not None
    return PageHints(
        forum=evidence_of("url", FORUM_PATHS.search(path)),
        directory=evidence_of("url", DIRECTORY_PATHS.search(path)),
        guest_post=evidence_of("title", GUEST_TITLE.search(title)),
        press_release=f"host:{domain}" if is_release else evidence_of("url", PRESS_PATHS.search(path)) or by_title,
    )


class PageFacts:
    """The facts about one page's elements; what links have in common is looked for once."""

    def __init__(
        self,
        outline: Outline,
        page: URL,
        hints: PageHints,
        outward: Callable[[Box], int],
        lists: LinkLists,
    ) -> None:
        """Prepares the look-ups.

        Args:
            outline: the page.
            page: its URL.
            hints: the evidence from its URL and title.
            outward: counts the links in a box that lead to other registrable domains.
            lists: counts the items of its lists that link to different other sites.
        """
        self.outline = outline
        self.hints = hints
        self._own_name = _name_of(page)
        self.outward = outward
        self.items = lists.items
        self.columns = lists.columns
        self._author_names: dict[ElementLike, str] = {}
        self._sponsored_names: dict[ElementLike, str] = {}
        self._labels: dict[int, str] = {}
        self._counts: dict[ElementLike, Counter[str | None]] = {}
        self._guests: dict[ElementLike, str] = {}

    @cached_property
    def releases(self) -> tuple[tuple[int, int, str], ...]:
        """The press releases in the page, see :func:`~backlinkbot.extract.placement.press_releases.releases_of`."""
        return releases_of(self.outline)

    def shares_name(self, lead: URL) -> bool:
        """True if one of the domain names of the page and of a link holds the other: ``tower.example`` and ``tower-radio.example``."""
        shorter, longer = sorted((self._own_name, _name_of(lead)), key=len)
        return len(shorter) >= _SHORTEST_NAME and shorter in longer

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
                if value and (name := words(value[:LONGEST_NAME])):
                    found = f"{attribute}:{name}"
                    break
            known[element] = found
        return found

    def repetitions(self, box: Box, zone: Box) -> int:
        """Counts the blocks of a zone with the class names of a box, as it has one for each comment; 0 without names."""
        names = box.element.attr("class")
        if not names:
            return 0
        counts = self._counts.get(zone.element)
        if counts is None:
            counts = self._counts[zone.element] = Counter(
                one.element.attr("class") for one in self.inside(zone) if one.is_block
            )
        return counts[names]

    def repetitions_on_page(self, box: Box) -> int:
        """Counts the blocks of the page with the class names of a box; 0 without names."""
        return self.repetitions(box, self.outline.whole) if self.outline.whole is not None else 0

    def is_repeated(self, box: Box) -> bool:
        """True if the page has several blocks with the class names of a box."""
        return self.repetitions_on_page(box) > 1

    def inside(self, zone: Box) -> Iterator[Box]:
        """Yields the boxes whose text lies within that of a zone, in tree order."""
        first = bisect_left(self._starts, zone.start)
        behind = bisect_right(self._starts, zone.end)
        return (one for one in self._in_order[first:behind] if one.end <= zone.end)

    @cached_property
    def _in_order(self) -> list[Box]:
        return list(self.outline.boxes.values())

    @cached_property
    def _starts(self) -> list[int]:
        return [box.start for box in self._in_order]

    def label_before(self, start: int) -> str:
        """Returns the label of sponsored links that is the last line before an offset; empty if there is none."""
        found = self._labels.get(start)
        if found is None:
            found = self._labels[start] = sponsored_label_of(self.line_before(start))
        return found

    def line_before(self, start: int) -> str:
        """Returns the end of the last line before an offset, which is the whole line if it is short."""
        return self.outline.slice(start - LABEL, start).rstrip().rpartition("\n")[2]

    def guest_at(self, block: Box) -> str:
        """Returns the evidence that a block begins with words about a guest author; empty if it does not."""
        found = self._guests.get(block.element)
        if found is None:
            opening = self.outline.slice(block.start, min(block.end, block.start + _OPENING))
            found = guest_words(opening) or about_the_author(opening, self.line_before(block.start))
            self._guests[block.element] = found
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
    """The last ``WORDS`` characters before it, see :func:`~backlinkbot.extract.placement.stems.folded`."""
    text: str = field(init=False)
    """The text of the link, at most ``LABEL`` characters."""
    is_profile: bool = field(init=False)
    """True if the link leads to a profile on a social network."""

    def __post_init__(self) -> None:
        self.end_before = folded(self.before[-WORDS:])
        self.text = self.page.outline.slice(self.box.start, min(self.box.end, self.box.start + LABEL)).strip()
        self.is_profile = self.lead is not None and urls.registrable_domain(self.lead.hostname) in PROFILES
        self.path = []
        at: Box | None = self.box
        while at is not None and len(self.path) < _LONGEST_LIST and at.tag not in _WHOLE_PAGE:
            self.path.append(at)
            at = at.enclosing

    @property
    def is_in_sentence(self) -> bool:
        """True if the word before or after the link begins with a small letter, or the script has none."""
        for word in (*self.before.rsplit(None, 1)[-1:], *self.after.split(None, 1)[:1]):
            if word[0].isalpha() and not word[0].isupper():
                return True
        return False

    @property
    def counts_clicks(self) -> bool:
        """True if the link's URL counts clicks on advertisements."""
        return self.lead is not None and CLICK_COUNTERS.search(self.lead.href[:LONGEST_NAME]) is not None

    @property
    def is_advertisement(self) -> bool:
        """True if the link is an image, or its URL counts clicks."""
        return not self.text or self.counts_clicks

    @property
    def leads_to_author_page(self) -> bool:
        """True if the link leads to a list of an author's texts, as a byline does."""
        return self.lead is not None and AUTHOR_PATHS.search(self.lead.pathname) is not None

    @property
    def enclosing_block(self) -> Box | None:
        """The nearest block that holds text outside links."""
        return next((box for box in self.path[:NEAR] if box.is_block and box.unlinked), None)


def _name_of(url: URL) -> str:
    """Returns a registrable domain without its public suffix."""
    return urls.registrable_domain(url.hostname).partition(".")[0]


_SHORTEST_NAME: Final = 5
"""The number of letters from which a name within another is no coincidence."""
_WHOLE_PAGE: Final = frozenset({"body", "html"})


@lru_cache(maxsize=4096)  # the elements of a page, and the pages of a site, share their names
def _author_words(names: str) -> str:
    return quoted(AUTHOR_BOX.search(names))


@lru_cache(maxsize=4096)
def _sponsored_words(names: str) -> str:
    return quoted(SPONSORED_NAMES.search(names))
