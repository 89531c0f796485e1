"""A link of a page: what its element says, as written and as a browser resolves it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.link_bound import MORE
from backlinkbot.extract.placement import NOT_ON_PAGE, LinkContext

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlinkbot.extract.html import ElementLike


MENTION: Final = "mention"
"""The link type of an address or a name that stands in the text and is no link."""
SAME_DOMAIN: Final = "same_domain"
"""The flag of a link from a page of its target's own domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One ``<a href>`` or ``<area href>`` of a page: as written, and as a browser resolves it."""

    raw_href: str
    """The attribute's value, with character references decoded and nothing else changed."""
    url: str
    """The resolved URL, fragment kept."""
    anchor: str
    """The visible text, white space collapsed; empty if there is none."""
    anchor_source: str
    """``text``, ``alt``, ``aria-label``, ``title``; empty if the anchor is empty."""
    link_type: str
    """``text``, ``image`` or ``area``."""
    rel: tuple[str, ...]
    """The tokens as written, split on white space and commas."""
    flags: tuple[str, ...] = ()
    flags_by: tuple[str, ...] = field(default=(), compare=False)
    """The evidence for the flags: ``flag:evidence``."""
    via: tuple[str, ...] = ()
    """The URLs that it passes through before ``url``, in order; one that was fetched is preceded by its status."""
    nofollow_by: tuple[str, ...] = ()
    """The rules at those URLs that make the link nofollow: ``via:meta:robots``."""
    has_vote: bool = True
    """True if links of its kind pass a vote, unless a rule makes them nofollow."""
    context: LinkContext = NOT_ON_PAGE
    number: int = field(default=1, compare=False)
    """The number of links on the page that it stands for."""

    def as_rest(self, number: int, evidence: str) -> Link:
        """Returns the link as one that stands for so many links beyond a bound."""
        return replace(self, flags=(*self.flags, MORE), flags_by=(*self.flags_by, evidence), number=number)


def collapse(text: str) -> str:
    """Returns the text with white space collapsed to single spaces and trimmed."""
    return " ".join(text.split())


def tag_type(element: ElementLike) -> str:
    """Returns the type of a link as its tag alone says it."""
    return "area" if element.tag == "area" else "text"


def _alt(element: ElementLike) -> str:
    if element.tag == "area":
        return element.attr("alt") or ""
    return next((alt for image in element.iter_elements("img") if (alt := (image.attr("alt") or "").strip())), "")


def _drawn_title(element: ElementLike) -> str:
    """Returns the ``<title>`` of an SVG in the link, which browsers show like an element's title."""
    titles = (title.text for drawing in element.iter_elements("svg") for title in drawing.iter_elements("title"))
    return next(filter(str.strip, titles), "")


# Where a link without text gets its anchor from, first non-empty wins.
_ANCHOR_FALLBACKS: Final[tuple[tuple[str, Callable[[ElementLike], str]], ...]] = (
    ("alt", _alt),
    ("aria-label", lambda element: element.attr("aria-label") or ""),
    ("title", lambda element: element.attr("title") or _drawn_title(element)),
)


def anchor_of_attributes(element: ElementLike) -> tuple[str, str]:
    """Returns the anchor of a link without text and what it comes from: its image, else its attributes; empty if none."""
    for source, read in _ANCHOR_FALLBACKS:
        anchor = collapse(read(element))
        if anchor:
            return anchor, source
    return "", ""


def link_type(element: ElementLike, anchor_source: str) -> str:
    """Returns ``text``, ``image`` or ``area``: an image where the link's text is not its anchor."""
    if element.tag == "area":
        return "area"
    has_image = anchor_source != "text" and next(element.iter_elements(("img", "svg", "picture")), None) is not None
    return "image" if has_image else "text"
