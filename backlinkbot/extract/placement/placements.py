"""Determines the placement of links: from landmarks, roles, class and id names, else from the page's structure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.placement.beside_text import LATEST_BEGINNING, BesideText
from backlinkbot.extract.placement.names import declared, is_logo, is_utility
from backlinkbot.extract.placement.page_leads import PageLeads
from backlinkbot.extract.placement.place_words import (
    ASIDE,
    COMMENT,
    CONTENT,
    FOOTER,
    HEADER,
    NAV,
    STEADY,
)
from backlinkbot.extract.placement.placement import MAINS, Placement
from backlinkbot.extract.placement.regions import LITTLE, Regions, blocks_above, is_list, is_sentence
from backlinkbot.extract.placement.shapes import (
    ACCOUNT,
    COPYRIGHT,
    LANGUAGE_NAMES,
    LEGAL,
    PAGER,
    PROFILES,
    RELATED,
    SHARING,
    SHARING_STEMS,
    TRAIL,
)
from backlinkbot.extract.placement.stems import holds_one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlinkbot.extract.html import ElementLike
    from backlinkbot.extract.placement.outline import Box, Outline
    from backlinkbot.urls import URL


# Where one place holds another, the inner one counts but for these: (outer, inner). A menu in a footer is footer.
_OUTER_COUNTS: Final = frozenset(
    {(FOOTER, inner) for inner in (CONTENT, NAV, HEADER, ASIDE, COMMENT)}
    | {(COMMENT, inner) for inner in (CONTENT, NAV, HEADER, FOOTER, ASIDE)}
    | {(ASIDE, inner) for inner in (CONTENT, HEADER, FOOTER, COMMENT)}
    | {(NAV, inner) for inner in (CONTENT, HEADER, ASIDE)}
    | {(HEADER, inner) for inner in (CONTENT, ASIDE)}
)
_ARTICLES: Final = MAINS | {"element:article", "role:article"}
_SECTIONS: Final = frozenset({"article", "section", "aside", "figure", "dialog", "details", "li"})
"""A ``<header>`` or ``<footer>`` in one of these belongs to it: https://html.spec.whatwg.org/multipage/sections.html#the-header-element."""
_MOST: Final = 0.5
"""The share of the page's unlinked text above which an element is no menu, sidebar, header or footer, whatever its name."""
_MOST_OF_LANDMARK: Final = 0.75
"""The same share for an element or a role."""
_LONGEST_BODY: Final = 0.25
"""The share of a page's text after which a footer may be of any length."""
_NEARLY_ALL: Final = 0.9
"""The share of the page's text above which a content element says nothing about placement."""
_LATEST_HEADER: Final = 0.5
_EARLIEST_FOOTER: Final = 0.5
"""Parts of a page's text before a head's beginning, and before a foot's end, beyond which the name means something else."""
_HEAD: Final = 0.4
"""The share of a page's text that may hold its header."""
_SHORT: Final = 300
"""The length in characters up to which a block that is not mostly links may be a repeated notice."""
_SHORTEST_COMMENT: Final = 25
_NOTICE: Final = 0.02
"""The share of the page's text at whose beginning a message is the site's, not a reader's."""
_LONGEST_LINE: Final = 600
_LONGEST_PAGER: Final = 160
_LONGEST_WORD: Final = 40
"""The maximum length in characters of the text of an account or language link."""
_HEADINGS: Final = 12
"""The number of previous headings among which a "related" heading is looked for."""
_CONTENTS: Final = 20
"""The number of links from which a sidebar without headings is the contents of a manual."""
_FEW_LINKS: Final = 4
"""The number of links up to which a bar may be the site's head."""
_LONGEST_BUTTON: Final = 60
"""The maximum number of characters of a share button; a longer one is a sentence of the text, to be shared."""
_LONGEST_RELATED: Final = 60
"""The maximum number of characters of a heading of links to related pages."""
_MENU: Final = 4
"""The minimum number of links."""
_MANY_LINKS: Final = 50
_MOSTLY_LINKS: Final = 0.6
"""The share of link text from which a large element is not an article, whatever its name."""
_LARGE: Final = 0.25
"""The share of the page above which the part after the text is not only its footer."""


def _counts(inner: Placement, outer: Placement) -> bool:
    """True if the inner of two nested placements is the link's."""
    if inner.by in _ARTICLES and outer.placement in {NAV, HEADER}:
        return True
    if {outer.placement, inner.placement} == {NAV, HEADER}:  # a menu of languages, a basket in a menu
        return not is_utility(outer.by) and (outer.placement == HEADER or is_utility(inner.by))
    return (outer.placement, inner.placement) not in _OUTER_COUNTS


class Placements:
    """The placements of one page's elements; each element is examined once."""

    def __init__(self, outline: Outline, page: URL, leads: Sequence[URL | None]) -> None:
        """Prepares the look-ups.

        Args:
            outline: the page.
            page: its address.
            leads: the URL of each of its links, in the outline's order.
        """
        self._outline = outline
        self._host = page.hostname
        self.leads: Final = PageLeads(leads, page, outline.links)
        self._regions = Regions(outline)
        self._beside_text = BesideText(outline, self.leads)
        self._known: dict[ElementLike, tuple[Placement | None, bool]] = {}
        self._lines: dict[ElementLike, Placement | None] = {}
        self._related: dict[int, str] = {}

    def place(self, element: ElementLike) -> Placement:
        """Returns the placement of an element of the page."""
        box, page = self._outline.boxes.get(element), self._outline.whole
        if box is None or page is None:
            return Placement(CONTENT, "structure:alone")
        placed = self._declared(box)
        if placed is None or placed.placement == CONTENT:
            placed = self._by_appearance(box, page) or placed or self._by_region(box, page)
        elif placed.placement == NAV:
            placed = self._not_of_menu(placed, box, page) or placed
        if placed.placement == ASIDE and self._is_contents_menu(placed, page):
            placed = Placement(NAV, "structure:menu beside the text", placed.zone)
        if placed.placement == NAV and placed.zone is not None and self._is_bar(placed.zone):
            return Placement(HEADER, "structure:bar with the title", placed.zone)
        if placed.placement in {NAV, ASIDE} and self._is_of_head(placed, box, page):
            return Placement(HEADER, "structure:head", placed.zone)
        if placed.placement == HEADER and self._is_of_menu(placed, box):
            return Placement(NAV, "structure:menu in the head", placed.zone)
        if placed.placement == CONTENT and box.tag in {"a", "area"} and self.leads.count_outward(box):
            return self._beside_text.place(box, page) or placed
        return placed

    def _not_of_menu(self, placed: Placement, box: Box, page: Box) -> Placement | None:
        """Recognises share buttons in a menu, and a menu by name that is the page's last line, mostly words of its copyright."""
        lead = self.leads.first(box)
        if lead is not None and self.leads.count_outward(box) and self._is_sharing(lead, box):
            return Placement(ASIDE, "structure:share link", box)
        zone = placed.zone
        if zone is None or placed.is_landmark or zone.length > _LONGEST_LINE or page.end - zone.end > _LONGEST_BUTTON:
            return None
        if zone.linked >= zone.unlinked:
            return None
        is_late = zone.start - page.start > _EARLIEST_FOOTER * page.length
        if is_late and COPYRIGHT.search(self._outline.slice(zone.start, zone.end)) is not None:
            return Placement(FOOTER, "structure:copyright", zone)
        return None

    # --- blocks that other pages repeat ---

    def may_be_repeated(self, placed: Placement, block: Box) -> bool:
        """True if other pages could show that the block is not content: not for the page's own text or placed blocks."""
        page = self._outline.whole
        if placed.placement != CONTENT or page is None:
            return False
        holds_all = placed.zone is None or not placed.is_named or placed.zone.length >= page.length / 2
        return holds_all and (block.density >= 0.5 or block.length <= _SHORT)

    def if_repeated(self, block: Box) -> str:
        """Returns the placement of a block that pages repeat."""
        page = self._outline.whole
        if page is not None and block.start - page.start >= 0.8 * page.length:
            return FOOTER
        return ASIDE if 2 * self.leads.count_outward(block) >= block.links else NAV

    # --- placements that the enclosing elements declare ---

    def _declared(self, box: Box) -> Placement | None:
        """Returns the placement that the box and its ancestors declare, starting at the outermost unknown one."""
        path: list[Box] = []
        at: Box | None = box
        while at is not None and at.element not in self._known:
            path.append(at)
            at = at.enclosing
        placed, is_part = self._known[at.element] if at is not None else (None, False)
        for inner in reversed(path):
            placed = self._within(placed, inner, is_part=is_part)
            is_part = is_part or inner.tag in _SECTIONS
            self._known[inner.element] = placed, is_part
        return placed

    def _within(self, outer: Placement | None, box: Box, *, is_part: bool) -> Placement | None:
        found = declared(box.element)
        if found is None:
            return outer
        inner = Placement(*found, box)
        if inner.by in MAINS:
            return inner
        if not self._is_believable(inner, outer, box, is_part=is_part):
            return outer
        return inner if outer is None or _counts(inner, outer) else outer

    def _is_believable(self, inner: Placement, outer: Placement | None, box: Box, *, is_part: bool) -> bool:
        page = self._outline.whole
        if page is None:
            return True
        is_in_article = outer is not None and outer.placement == CONTENT and not outer.is_wrapper
        is_theirs = is_in_article or (is_part and inner.by.startswith("element:"))
        believed = {
            COMMENT: (not is_in_article or box.length >= _SHORTEST_COMMENT)  # shorter ones count comments
            and not (inner.name.startswith("message") and box.end - page.start <= _NOTICE * page.length),
            CONTENT: not self._is_too_wide(inner, box, page),
            NAV: not is_in_article or inner.is_landmark or inner.name.startswith(STEADY),
            ASIDE: True,
            HEADER: not is_theirs and box.start - page.start <= _LATEST_HEADER * page.length,
            FOOTER: not is_theirs and box.end - page.start >= _EARLIEST_FOOTER * page.length,
        }
        return believed[inner.placement] and not self._is_too_much(inner, box, page)

    def _is_too_wide(self, inner: Placement, box: Box, page: Box) -> bool:
        """True if an element that is named as content holds nearly all of the page, or more of its menus than of its text."""
        is_all = box.length > _NEARLY_ALL * page.length
        if inner.is_wrapper or inner.is_landmark:
            return inner.is_wrapper and is_all
        is_mostly_links = box.length > page.length / 2 and box.density >= _MOSTLY_LINKS
        return box.links >= _MANY_LINKS and (is_all or is_mostly_links)

    def _is_too_much(self, inner: Placement, box: Box, page: Box) -> bool:
        """True if a menu, sidebar, header or footer holds more of the page's text than is plausible."""
        if inner.placement in {CONTENT, COMMENT} or page.unlinked < LITTLE:
            return False
        if inner.placement == FOOTER and box.start - page.start >= _LONGEST_BODY * page.length:
            return False
        return box.unlinked > (_MOST_OF_LANDMARK if inner.is_landmark else _MOST) * page.unlinked

    # --- by appearance ---

    def _by_appearance(self, box: Box, page: Box) -> Placement | None:
        """Recognises elements that look alike on every site, wherever they stand."""
        lead = self.leads.first(box)
        if lead is not None and self._is_sharing(lead, box):
            return Placement(ASIDE, "structure:share link", box)
        if box.start <= page.start and not box.length:
            return Placement(HEADER, "structure:first", box)
        for enclosing in () if _is_in_label(box) else blocks_above(box, 5):
            if enclosing.length > _LONGEST_LINE:
                break
            if (found := self._by_line(enclosing, page)) is not None:
                return found
        return self._by_heading(box)

    def _by_line(self, line: Box, page: Box) -> Placement | None:
        """Recognises the placement of a short block by its text."""
        try:
            return self._lines[line.element]
        except KeyError:
            by = next(self._line_forms(line, page), None)
            found = self._lines[line.element] = Placement(by[0], f"structure:{by[1]}", line) if by else None
            return found

    def _line_forms(self, line: Box, page: Box) -> Iterator[tuple[str, str]]:
        """Yields (placement, name of the form) for each form that a block's text has."""
        text = self._outline.slice(line.start, line.end)
        begin, rest = line.start - page.start, page.end - line.end
        is_late = rest <= max(0.1 * page.length, 300) and line.length <= page.length / 2
        if line.links > 1 and line.length <= _LONGEST_PAGER and PAGER.fullmatch(text):
            yield NAV, "page numbers"
        if line.links and begin <= page.length / 2 and TRAIL.match(text):
            yield NAV, "trail"
        if is_late and COPYRIGHT.search(text):
            yield FOOTER, "copyright"
        is_dense = line.links > 1 and line.density >= 0.5
        is_line = line.unlinked <= _LONGEST_WORD or is_late  # not a sentence by which a form's user agrees
        if is_dense and is_line and begin >= page.length / 2 and len(LEGAL.findall(text)) > 1:
            yield FOOTER, "legal line"

    def _is_sharing(self, lead: URL, box: Box) -> bool:
        """True if a link shares the page: a known share URL, or the page's own URL in its query."""
        href = lead.href[:_LONGEST_LINE]
        if holds_one_of(SHARING_STEMS, href) and SHARING.search(href) is not None:
            return box.length <= _LONGEST_BUTTON
        query = lead.search
        return (
            bool(query)
            and bool(self.leads.count_outward(box))
            and f"%2F%2F{self._host}" in query.replace("://", "%3A%2F%2F")[:_LONGEST_LINE]
        )

    def _by_heading(self, box: Box) -> Placement | None:
        """Recognises text below a "related" heading, up to the next heading of the same rank."""
        starts, headings = self._outline.heading_starts, self._outline.headings
        number = bisect_right(starts, box.start)
        least = "h7"
        if not number or any(is_sentence(enclosing) for enclosing in blocks_above(box, 1)):
            return None
        for at in range(number - 1, max(number - _HEADINGS, 0) - 1, -1):
            tag = headings[at].tag
            if "h1" < tag < least:
                least = tag
                if words := self._related_words(at):
                    return Placement(ASIDE, f"heading:{words}", None)
        return None

    def _related_words(self, number: int) -> str:
        """Returns what a heading says of links to related pages; empty if it says nothing of the kind."""
        found = self._related.get(number)
        if found is None:
            heading = self._outline.headings[number]
            text = self._outline.slice(heading.start, min(heading.end, heading.start + _LONGEST_PAGER))
            is_title = heading.length > _LONGEST_RELATED or heading.density >= 0.5  # of one page, not of a list of them
            match = RELATED.search(text) if not is_title else None
            found = self._related[number] = " ".join(match[0].split()) if match is not None else ""
        return found

    def _is_of_head(self, placed: Placement, box: Box, page: Box) -> bool:
        """True if a link in a menu or sidebar is the logo, or is in a menu and leads to an account, profile or language."""
        if box.start - page.start > _HEAD * page.length:
            return False
        lead = self.leads.first(box)
        if lead is not None and lead.pathname in {"", "/"} and not self.leads.count_outward(box):
            enclosing = list(islice(_upwards(box), 4))
            if any(is_logo(at.element) for at in enclosing):
                return True
            tags = {at.tag for at in enclosing}
            if not box.length and ("h1" in tags or "li" not in tags):
                return placed.placement == NAV
        if placed.placement != NAV:
            return False
        if lead is not None and self.leads.count_outward(box) and urls.registrable_domain(lead.hostname) in PROFILES:
            return True
        text = " ".join(self._outline.slice(box.start, min(box.end, box.start + _LONGEST_WORD + 1)).split())
        return any(words.fullmatch(text) is not None for words in (ACCOUNT, LANGUAGE_NAMES))

    def _is_contents_menu(self, placed: Placement, page: Box) -> bool:
        """True if a sidebar by name is one list of links into the site, without headings: the contents of a manual."""
        zone = placed.zone
        if (
            zone is None
            or zone.links < _CONTENTS
            or zone.density < _NEARLY_ALL
            or 4 * self.leads.count_outward(zone) > zone.links
        ):
            return False
        if zone.start - page.start > LATEST_BEGINNING * page.length:
            return False
        number = bisect_left(self._outline.heading_starts, zone.start)
        return number == len(self._outline.heading_starts) or self._outline.heading_starts[number] >= zone.end

    def _is_bar(self, zone: Box) -> bool:
        """True if an element that is named as a menu is the site's head: it has few links, and a title or a header around it."""
        if zone.links > _FEW_LINKS:
            return False
        if zone.enclosing is not None and zone.enclosing.tag == "header" and zone.density < _NEARLY_ALL:
            return zone.enclosing.links == zone.links
        number = bisect_left(self._outline.heading_starts, zone.start)
        heading = next(iter(self._outline.headings[number : number + 1]), None)
        return heading is not None and heading.tag == "h1" and heading.end <= zone.end

    def _is_of_menu(self, placed: Placement, box: Box) -> bool:
        """True if a header link stands in a list of internal links, none of which leads to an account."""
        if placed.zone is None or is_utility(placed.by) or not box.length or self.leads.count_outward(box):
            return False
        for enclosing in blocks_above(box, 3):
            if enclosing is placed.zone or enclosing.tag not in {"ul", "ol", "dl", "tr"}:
                continue
            texts = [
                line.strip()
                for line in self._outline.slice(enclosing.start, enclosing.start + _LONGEST_LINE).split("\n")
            ]
            is_into = enclosing.links >= _MENU and 2 * self.leads.count_outward(enclosing) < enclosing.links
            return is_into and not any(words.fullmatch(text) for text in texts for words in (ACCOUNT, LANGUAGE_NAMES))
        return False

    # --- by position among the other parts of the page ---

    def _by_region(self, box: Box, page: Box) -> Placement:
        main = self._regions.main
        if main is None:
            return Placement(CONTENT, "structure:alone")
        if any(is_sentence(enclosing) for enclosing in blocks_above(box, 1)):
            return Placement(CONTENT, "structure:prose")
        region, inside = self._regions.region(box)
        if inside:
            return self._inside(box, page)
        if region.end <= main.start:
            return self._before(region, page)
        if region.length <= _LARGE * page.length and (is_list(region) or region.length <= _LONGEST_LINE):
            return self._behind(region, page)
        return Placement(CONTENT, "structure:main text")

    def _inside(self, box: Box, page: Box) -> Placement:
        """Returns the placement in the part with the main text: menus before and after the text, and the rest."""
        menu, prose = self._regions.menu(box), self._regions.prose
        if menu is not None and prose is not None:
            if menu.end <= prose[0]:
                return self._before(menu, page)
            if menu.start >= prose[1]:
                return self._behind(menu, page)
        return Placement(CONTENT, "structure:main text")

    def _before(self, region: Box, page: Box) -> Placement:
        where = (region.start - page.start) / max(page.length, 1)
        if self._regions.is_menu(region) and where <= _LATEST_HEADER:
            if 2 * self.leads.count_outward(region) > region.links:
                return Placement(ASIDE, "structure:links to other sites", region)
            return Placement(NAV, "structure:links before the text", region)
        if not is_list(region) and where <= LATEST_BEGINNING:
            return Placement(HEADER, "structure:beginning", region)
        return Placement(CONTENT, "structure:main text")

    def _behind(self, region: Box, page: Box) -> Placement:
        is_last = page.end - region.end <= 0.05 * page.length + 50
        return Placement(FOOTER, "structure:end", region) if is_last else Placement(ASIDE, "structure:after", region)


def _is_in_label(box: Box) -> bool:
    """True if a link stands in the label of a form's field, by which the form's user agrees."""
    at: Box | None = box
    for _ in range(4):
        if at is None:
            return False
        if at.tag == "label":
            return True
        at = at.enclosing
    return False


def _upwards(box: Box) -> Iterator[Box]:
    at: Box | None = box
    while at is not None:
        yield at
        at = at.enclosing
