"""What walls are known by: signs, and the answer that they are looked for in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

from backlinkbot import urls
from backlinkbot.extract.link import collapse
from backlinkbot.extract.page import PageContent
from backlinkbot.page_status.articles import is_explaining
from backlinkbot.page_status.needles import may_match, needles

if TYPE_CHECKING:
    from backlinkbot.items import State
    from backlinkbot.urls import URL

FEW: Final = 150
"""Words of a page that is no more than a wall, unless its sign says otherwise: articles about walls have more."""
FEW_LINKS: Final = 40
"""Links of such a page."""
_FEW_PAGES: Final = 3
"""Pages of one site to which a wall links at most."""
_USUAL: Final = re.compile(
    r"^/?$|/(?:index|default|home)\.\w+$|^/cdn-cgi/|log-?in|log-?on|sign-?(?:in|up|on)|regist|auth|passwor|account|session|privacy|terms|legal|imprint|impressum|datenschutz|cookie|policy|policies|conditions|agb\b|subscri",
    re.IGNORECASE,
)
"""Paths to which walls link."""
_QUOTED: Final = re.compile(
    r"[\"\u201c\u201d\u201e\u00ab\u300c\u300e]\w(?:[^\"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d\u300e\u300f/]{4,160})[\"\u201c\u201d\u00bb\u300d\u300f]"
)
_NOT_TYPED: Final = frozenset({"hidden", "submit", "button", "image", "reset", "checkbox"})
"""Types of form fields that ask for no text."""
_LONGEST_TEXT: Final = 4_000
_LONGEST_MARKUP: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Evidence of a wall: all that is given must hold. Regular expressions that are searched for, without regard to case."""

    header: tuple[str, str] | None = None
    """A header's name in lower case, and its value: one of :data:`~backlinkbot.page_status.walls.HEADERS`."""
    cookie: str = ""
    """Of the name of a cookie that the answer sets. Where ordinary pages of the same sites set it, too, other conditions must tell
    them from the wall."""
    place: str = ""
    """Of the final address's host, path and query: ``example.com/a/b?c=d``; only where the visit did not begin at such one."""
    title: str = ""
    text: str = ""
    """Of what stands on the page, title included; white space is single blanks, apostrophes are straight."""
    markup: str = ""
    """Of the bytes of the page."""
    words: int = FEW
    """How many words the page may have at most."""
    links: int = FEW_LINKS
    is_redirected: bool = False
    """True if only the end of a redirect counts."""
    is_in_design: bool = False
    """True if such a wall may stand in the site's own design, with its menu: see :attr:`Answer.is_in_design`."""

    is_scripted: bool = False
    """True if such a wall has a script."""

    is_form: bool = False
    """True if such a wall has a form with a field to type into."""

    is_without_design: bool = False
    """True if such a wall, though known by its markup, has no menu."""

    @property
    def is_by_words(self) -> bool:
        """True if the sign is no more than words, which an article about the wall may contain, too."""
        return not (self.header or self.cookie or self.place or self.markup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """Something that answers in place of a page."""

    name: str
    """As people call it; the reason of the visit."""
    state: State
    source: str
    """Where the evidence is from: the vendor's template or documentation, or a real answer."""
    signs: tuple[Sign, ...]
    """One of them is enough."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back for an address, as far as walls are known by it."""

    url: str
    """Where the visit ended."""
    requested_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """By their names in lower case."""
    cookies: Sequence[str] = ()
    """The names of those that the answer sets and by which walls are known."""
    body: bytes = b""
    content: PageContent
    """The body, parsed."""
    marks: AbstractSet[str] | None = None
    """Which of :func:`backlinkbot.page_status.walls.marks` are in the body; None where nobody has looked for all of them at once."""

    @cached_property
    def title(self) -> str:
        return folded(self.content.title)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The first few, of the highest level."""
        for level in ("h1", "h2"):
            found = [folded(element.text) for element in self.content.document.html_elements(level)]
            if any(found):
                return tuple(found[:3])
        return ()

    @cached_property
    def text(self) -> str:
        """What stands on the page, without what it quotes: an article quotes what a wall says."""
        text = folded(self._whole[:_LONGEST_TEXT])
        return _QUOTED.sub(" ", text) if self.title else text

    @cached_property
    def _whole(self) -> str:
        root = self.content.document.root
        return root.text if root is not None else ""

    @cached_property
    def markup(self) -> str:
        """The bytes of the page, a character each."""
        return self.body[:_LONGEST_MARKUP].lower().decode("latin-1")

    @cached_property
    def words(self) -> int:
        """How many words stand on the page; where they are not divided by blanks, two signs count as one."""
        return len(self._whole.split()) + len(_UNDIVIDED.findall(self._whole)) // 2

    @cached_property
    def links(self) -> int:
        return sum(element.attr("href") is not None for element in self.content.document.elements("a", "area"))

    @cached_property
    def is_in_design(self) -> bool:
        """True if the page has a menu: it links to several pages of one site, logins and legal notices aside."""
        pages: dict[str, set[str]] = {}
        for reference in self.content.references:
            url = reference.url
            if url is not None and not url.search and not _USUAL.search(url.pathname):
                pages.setdefault(url.hostname, set()).add(url.pathname)
        most = max(map(len, pages.values()), default=0)
        return most > _FEW_PAGES or (
            most > 1 and next(self.content.document.html_elements("nav", "article"), None) is not None
        )

    @cached_property
    def is_explaining(self) -> bool:
        """True if the title asks or explains something, as those of articles do and those of walls do not."""
        return is_explaining(self.title)

    @cached_property
    def place(self) -> str:
        url = self.content.url  # scripts may have changed it
        return _place(url) if url.href == self.url else place_of(self.url)

    @cached_property
    def asked(self) -> str:
        """As ``place``, of the address where the visit began."""
        return self.place if self.requested_url == self.url else place_of(self.requested_url)

    @cached_property
    def is_redirected(self) -> bool:
        return not urls.is_same_page(self.requested_url, self.url)

    @cached_property
    def asks_password(self) -> bool:
        return "password" in self._fields

    @cached_property
    def asks_password_alone(self) -> bool:
        """True if the page asks for one password and for no name, as a page does that all visitors have one password for."""
        return [field for field in self._fields if field not in _NOT_TYPED] == ["password"]

    @cached_property
    def asks_text(self) -> bool:
        """True if the page has a field to type into."""
        return any(field not in _NOT_TYPED for field in self._fields)

    @cached_property
    def is_scripted(self) -> bool:
        """True if the page has a script."""
        return "<script" in self.markup  # those of the parsed page are left out

    @cached_property
    def _fields(self) -> tuple[str, ...]:
        """The types of the form fields."""
        inputs = self.content.document.html_elements("input")
        return tuple((element.attr("type") or "text").lower() for element in inputs)

    @cached_property
    def is_form(self) -> bool:
        """True if the page has a form field or a button."""
        return next(self.content.document.html_elements("form", "button"), None) is not None

    @cached_property
    def is_blank(self) -> bool:
        """True if the page has no content."""
        if self.text:
            return False
        shown = ("a", "area", "img", "iframe", "frame", "object", "embed", "svg", "video", "canvas", "form", "input")
        return next(self.content.document.elements(*shown), None) is None


def shows(answer: Answer, sign: Sign, possible: AbstractSet[str] | None) -> bool:
    """True if a response matches a sign; cheap and rarely matching conditions are checked first.

    Args:
        answer: what is looked at.
        sign: what is looked for.
        possible: of the expressions of all signs those that may be found in the answer's text; None where
            nobody has asked for all at once.
    """
    is_said = sign.header is None or _is_said(answer.headers, *sign.header)
    if not is_said or (sign.is_redirected and not answer.is_redirected) or not _leads(answer, sign.place):
        return False
    if sign.cookie and not any(expression(sign.cookie).search(cookie) for cookie in answer.cookies):
        return False
    if sign.header is not None and not (sign.title or sign.markup or sign.text):
        return True  # a header says so, whatever the page shows
    return (
        answer.words <= sign.words
        and answer.links <= sign.links
        and not (sign.is_by_words and is_article(answer, is_in_design=sign.is_in_design))
        and not (sign.is_without_design and answer.is_in_design)
        and not (sign.is_scripted and not answer.is_scripted)
        and not (sign.is_form and not answer.asks_text)
        and (not sign.title or expression(sign.title).search(answer.title) is not None)
        and (not sign.text or ((possible is None or sign.text in possible) and says(answer.text, sign.text)))
        and (not sign.markup or _is_marked(answer, sign.markup))
    )


def is_article(answer: Answer, *, is_in_design: bool = False) -> bool:
    """True if what a page says of a wall is no more than what an article says of one.

    Args:
        answer: what is looked at.
        is_in_design: True if the wall stands in the site's design, so that a menu proves nothing.
    """
    return answer.is_explaining or (answer.is_in_design and not is_in_design)


def _is_marked(answer: Answer, pattern: str) -> bool:
    if answer.marks is not None and answer.marks.isdisjoint(needles(pattern)):
        return False
    return says(answer.markup, pattern)


def _is_said(headers: Mapping[str, str], name: str, value: str) -> bool:
    return name in headers and expression(value).search(headers[name]) is not None


def _leads(answer: Answer, place: str) -> bool:
    if not place:
        return True
    wanted = expression(place)
    return wanted.search(answer.place) is not None and wanted.search(answer.asked) is None


def says(text: str, pattern: str) -> bool:
    """True if a regular expression matches anywhere in a text."""
    return may_match(pattern, text) and expression(pattern).search(text) is not None


@cache
def expression(pattern: str) -> re.Pattern[str]:
    """A regular expression, compiled once."""
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_UNDIVIDED: Final = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_APOSTROPHES: Final = str.maketrans("\u2019\u02bc\u2018\u00b4`\u00a0\u2026", "''''' \N{HORIZONTAL ELLIPSIS}")


def folded(text: str) -> str:
    """A text as signs are written: in lower case, white space as single blanks, apostrophes straight."""
    return collapse(text.translate(_APOSTROPHES)).casefold()


def place_of(text: str) -> str:
    """Host, path and query of an address; empty where it is none."""
    url = urls.parse(text)
    return _place(url) if url is not None else ""


def _place(url: URL) -> str:
    return f"{url.hostname}{url.pathname}{url.search}"
