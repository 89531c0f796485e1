"""Suggests kinds for a link (comment, forum, directory, …) with the evidence for each; hints, not verdicts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.extract.placement.evidence import PUNCTUATION, evidence_of, sponsored_label_of
from backlinkbot.extract.placement.guest_words import author_heading, guest_words
from backlinkbot.extract.placement.kind_words import (
    AD_PAGES,
    AD_SERVER_STEMS,
    AD_SERVERS,
    BADGE_NAMES,
    BY_NAME,
    COMMENT_BUTTONS,
    COMMENT_SYSTEMS,
    IMAGE_CREDIT,
    IMAGE_CREDIT_ENDS,
    MADE_BY,
    MADE_BY_ENDS,
    PRESS_TITLE,
    SPONSORED_BEGINNING,
)
from backlinkbot.extract.placement.link_facts import LABEL, LONGEST_NAME, NEAR, WORDS
from backlinkbot.extract.placement.names import declared
from backlinkbot.extract.placement.place_words import COMMENT
from backlinkbot.extract.placement.shapes import ACCOUNT, LEGAL, SHARING
from backlinkbot.extract.placement.stems import holds_one_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlinkbot.extract.placement.link_facts import LinkFacts
    from backlinkbot.extract.placement.outline import Box
    from backlinkbot.urls import URL

LONGEST_EVIDENCE: Final = 80
"""The maximum number of characters of quoted page text."""
MANY_LINKS: Final = 10
"""The number of links to other sites from which a list is a link list."""


def _comment(facts: LinkFacts) -> str:
    """Recognises links in the comments of readers, without the buttons and addresses of the comment system."""
    if "ugc" in facts.rel:
        return "rel:ugc"
    if facts.placed.placement != "comment" or (
        facts.lead is not None
        and (COMMENT_SYSTEMS.search(facts.lead.href[:LABEL]) or SHARING.search(facts.lead.href[:LABEL]))
    ):
        return ""
    if _is_around_comments(facts):
        return ""
    text = facts.text.strip(PUNCTUATION)
    is_of_system = COMMENT_BUTTONS.fullmatch(text) or LEGAL.search(text) or ACCOUNT.fullmatch(text)
    return "" if is_of_system else "placement:comment"


def _is_around_comments(facts: LinkFacts) -> bool:
    """True if a link stands in the element that holds all comments, or the form for new ones, but in none of the comments.

    A comment is an item of a list, one of several elements with the same class, or an element with a name for one comment.
    """
    zone, by = facts.placed.zone, facts.placed.by
    if zone is None:
        return False
    is_only = by.startswith("id:") and not by[-1].isdigit()
    if not is_only and not (by.startswith("class:") and _AROUND.search(by)):
        return False
    if not is_only and (zone.tag in _COMMENT_ITEMS or facts.page.is_repeated(zone)):
        return False
    at: Box | None = facts.box
    while at is not None and at is not zone:
        if at.tag in _COMMENT_ITEMS or facts.page.repetitions(at, zone) > 1:
            return False
        found = declared(at.element)
        if found is not None and found[0] == COMMENT:
            return False
        at = at.enclosing
    return True


_AROUND: Final = re.compile(
    r"comments\b|wrapper|container|section|respond|form\b|form[-_]|policy|rules|guidelines", re.IGNORECASE
)
"""Names of elements around the comments."""
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
    most = max(map(facts.page.items, facts.path))
    if _FEWEST <= most < MANY_LINKS:
        most = max(most, *map(facts.page.columns, facts.path))
    if most >= MANY_LINKS:
        return f"list:{most} items that link to other sites"
    return facts.page.hints.directory if most >= fewest else ""


_FEWEST: Final = 3
"""The number of items of the link's own list from which it counts as one of the columns of a list, or as a list of sponsors."""


def _guest_post(facts: LinkFacts) -> str:
    """Recognises links of guest authors: outward links of a box about the author, or beside words for a guest's text."""
    if facts.is_profile or facts.placed.placement not in {"content", "aside"}:
        return ""
    if of_guest := guest_words(f"{facts.before}\n{facts.after}"):
        return of_guest
    if (
        not 0 < len(facts.text.split()) <= _LONGEST_NAME_OF_AUTHOR
        or facts.leads_to_author_page
        or not facts.is_in_sentence
    ):
        return ""
    return _about_author(facts) or (facts.page.hints.guest_post if facts.placed.placement == "content" else "")


def _about_author(facts: LinkFacts) -> str:
    """Returns the evidence that a link stands in an introduction of the text's author; empty if there is none."""
    for box in facts.path[: NEAR + 1]:
        if name := facts.page.author_name(box):
            return name if _is_bio(box) else ""
    block = facts.enclosing_block
    if block is None or not _is_bio(block):
        return ""
    return author_heading("heading", facts.heading) or facts.page.guest_at(block)


def _is_bio(box: Box) -> bool:
    """True if a box about an author says something of him or her: a byline has a name and a date only."""
    return _SHORTEST_BIO <= box.unlinked <= _LONGEST_BIO


_LONGEST_NAME_OF_AUTHOR: Final = 12
"""The maximum number of words in the text of an author's link."""
_SHORTEST_BIO: Final = 12
"""The minimum number of characters outside links in a box about an author: with fewer, it is a byline."""
_LONGEST_BIO: Final = 1500


def _press_release(facts: LinkFacts) -> str:
    if facts.placed.placement != "content":
        return ""
    if found := facts.page.hints.press_release or _press_words(facts.heading):
        return found
    return next((words for start, end, words in facts.page.releases if start < facts.box.start < end), "")


@lru_cache(maxsize=256)  # many links stand below one heading
def _press_words(heading: str) -> str:
    return evidence_of("heading", PRESS_TITLE.match(heading))


def _sponsored_label(facts: LinkFacts) -> str:
    """Recognises ``rel=sponsored``, advertisements by name or by the server that counts their clicks, and labels."""
    if "sponsored" in facts.rel:
        return "rel:sponsored"
    found = _paid_by_server(facts) or _paid_by_name(facts) or _paid_by_label(facts)
    return found if found and not _is_about_advertisements(facts) else ""


def _paid_by_server(facts: LinkFacts) -> str:
    """Returns the server of advertisements or of an affiliate network that a link leads through; empty if it is none."""
    lead = facts.lead.href[:LONGEST_NAME] if facts.lead is not None else ""
    return evidence_of("url", AD_SERVERS.search(lead)) if holds_one_of(AD_SERVER_STEMS, lead) else ""


def _paid_by_name(facts: LinkFacts) -> str:
    """Returns the name of a small element around a link that means advertisement; empty if there is none."""
    if facts.placed.placement == "nav":
        return ""
    for box in facts.path[:NEAR]:
        name = facts.page.sponsored_name(box)
        if name and _is_slot(facts, box) and _is_paid(facts, box, name):
            return name
    return ""


def _paid_by_label(facts: LinkFacts) -> str:
    """Returns the label with which a link begins, or that stands directly before it; empty if there is none."""
    if facts.placed.placement in {"nav", "footer"}:  # "Advertising" is an entry of their menus
        return ""
    return evidence_of("label", SPONSORED_BEGINNING.match(facts.text)) or _label_before(facts)


def _label_before(facts: LinkFacts) -> str:
    """Returns a label directly before a link, or before a list of links to other sites that has it as an item."""
    if label := facts.page.label_before(facts.box.start):
        holder = next((box for box in facts.path[: NEAR + 1] if box.start < facts.box.start), None)
        return f"label:{label}" if holder is not None and _is_slot(facts, holder) else ""
    around = next((box for box in facts.path[: NEAR + 1] if box.tag in _LISTS), None)
    if around is None or not _is_slot(facts, around):
        return ""
    label = facts.page.label_before(around.start)
    return f"label:{label}" if label else ""


_LISTS: Final = frozenset({"ul", "ol", "dl"})


def _is_about_advertisements(facts: LinkFacts) -> bool:
    """True if a link shares the page, leads to the advertising network, or is a label of the advertisement such as "Powered by"."""
    lead = facts.lead.href[:LONGEST_NAME] if facts.lead is not None else ""
    if AD_PAGES.search(lead) is not None or SHARING.search(lead) is not None:
        return True
    text = facts.text
    return bool(text) and (
        BY_NAME.fullmatch(text) is not None or MADE_BY.match(text) is not None or bool(sponsored_label_of(text))
    )


def _is_paid(facts: LinkFacts, box: Box, name: str) -> bool:
    """True if the name of an element that is small enough for an advertisement means that a link in it is paid for."""
    if not facts.is_advertisement and not _is_clear(name):
        return False
    is_of_foot = facts.placed.placement == "footer"
    if is_of_foot and (
        facts.text or (facts.placed.is_named and not facts.counts_clicks)
    ):  # an entry about them, a seal
        return False
    if facts.lead is not None and facts.page.shares_name(facts.lead):
        return False
    if facts.is_profile and box.links > 1:  # the site's own, one beside the other
        return False
    if _SPONSORS.search(name) is None:
        return True
    return not _is_list_of_sponsors(facts, box) and (
        facts.is_advertisement or facts.page.repetitions_on_page(box) < _MANY_SPONSORS
    )


_MANY_SPONSORS: Final = 5
"""The number of elements with the same class from which ``sponsor`` is the name of where a teaser comes from."""
_SPONSORS: Final = re.compile(r":sponsors?\b", re.IGNORECASE)
_PAID_LINKS: Final = re.compile(
    r"sponsored|sponsor[-_ ]?links?|(?:^|[\W_])ads?(?:$|[\W_])|advert|anzeige|werbung|publici|pubblicit|реклам",
    re.IGNORECASE,
)


def _is_list_of_sponsors(facts: LinkFacts, box: Box) -> bool:
    """True if a link is one of several sponsors of an event or a project, who paid for more than the link.

    False if the element's class, id or heading says that the links themselves are paid.
    """
    if max(map(facts.page.items, facts.path)) < _FEWEST:
        return False
    names = ((box.element.attr(attribute) or "")[:LONGEST_NAME] for attribute in ("class", "id"))
    return not any(map(_PAID_LINKS.search, (*names, facts.heading[:LABEL])))


def _is_clear(evidence: str) -> bool:
    """True for a name that has no other meaning than advertisement: ``ad`` also stands for other words."""
    return len(evidence.partition(":")[2]) > len("ads")


def _is_slot(facts: LinkFacts, box: Box) -> bool:
    """True if an element has little but links to other sites; the place of a missing advertisement has the page's own."""
    return box.length <= _LONGEST_SLOT and 2 * facts.page.outward(box) > box.links


_LONGEST_SLOT: Final = 800
"""The maximum number of characters of the element that has a label and its link."""


def _badge(facts: LinkFacts) -> str:
    if facts.end_before.endswith(MADE_BY_ENDS) and (made_by := _at_the_end(MADE_BY, facts.before)):
        return made_by
    if facts.placed.placement in {"footer", "aside"}:
        anchor = facts.page.outline.slice(facts.box.start, min(facts.box.end, facts.box.start + LABEL))
        if (match := MADE_BY.match(anchor)) is not None:
            return evidence_of("text", match)
    image = next(iter(facts.box.element.iter_elements("img")), None)
    if image is None:
        return ""
    for attribute in ("alt", "class", "src", "title"):
        value = image.attr(attribute)
        if value and (match := BADGE_NAMES.search(value[:LONGEST_NAME])) is not None:
            return evidence_of(attribute, match)
    return ""


def _image_credit(facts: LinkFacts) -> str:
    for box in facts.path[:NEAR]:
        if box.tag == "figcaption" and facts.page.outward(facts.box):
            return "element:figcaption"
    if facts.placed.placement not in {"content", "aside"}:
        return ""
    return _at_the_end(IMAGE_CREDIT, facts.before) if facts.end_before.endswith(IMAGE_CREDIT_ENDS) else ""


def _at_the_end(what: re.Pattern[str], text: str) -> str:
    """Returns the words at the end of a text as evidence."""
    text = text[-WORDS:]
    matches = (match for match in what.finditer(text) if match.end() == len(text))
    return evidence_of("text", next(matches, None))


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
