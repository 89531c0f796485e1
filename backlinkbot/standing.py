"""What stands where a link leads: the answer of the target's address, in one word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.links import collapse

if TYPE_CHECKING:
    from backlinkbot.links import PageContent
    from backlinkbot.urls import URL


class TargetState(StrEnum):
    """What became of the address that a link leads to."""

    OK = "ok"
    REDIRECTED = "redirected"
    """Another page stands there."""
    REDIRECTED_HOME = "redirected_home"
    """The site's first page does, in place of the one that is gone."""
    SOFT_404 = "soft_404"
    """A page that says that there is none, with a status that says there is."""
    BROKEN = "broken"
    """4xx."""
    SERVER_ERROR = "server_error"
    # from here on: could not be asked
    REFUSED = "refused"
    """A status by which servers keep programs out, or those that have not logged in."""
    BLOCKED_BY_ROBOTS = "blocked_by_robots"
    UNREACHABLE = "unreachable"


REFUSALS: Final = frozenset({401, 402, 403, 405, 406, 407, 429, 451})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The end of a target's address."""

    status: int | None
    url: str
    title: str = ""
    heading: str = ""
    """The first ``<h1>``."""
    words: frozenset[str] = frozenset()
    """All words of the page; none where it is no HTML."""


MOST_WORDS: Final = 5_000


def read_standing(status: int, content: PageContent) -> Standing:
    """What is compared of a page."""
    body = next(content.document.html_elements("body"), None)
    heading = next(content.document.html_elements("h1"), None)
    words = _WORD.findall(body.text.lower() if body is not None else "")
    return Standing(
        status=status,
        url=content.url.href,
        title=content.title,
        heading=collapse(heading.text)[:200] if heading is not None else "",
        words=frozenset(words[:MOST_WORDS]),
    )


def state_of(asked: URL, end: Standing, nonsense: Standing | None = None) -> TargetState:
    """The state of an address that answered.

    Args:
        asked: the address.
        end: what stands at its end.
        nonsense: what the same host answers for a page that it cannot have; None where nobody asked, or nothing answered.
    """
    status = end.status or 0
    if status >= 500:
        return TargetState.SERVER_ERROR
    if status >= 400:
        return TargetState.REFUSED if status in REFUSALS else TargetState.BROKEN
    if not urls.is_same_page(asked.href, end.url):
        if _is_home(end.url) and not _is_home(asked.href):
            return TargetState.REDIRECTED_HOME
        return TargetState.SOFT_404 if says_not_found(end) else TargetState.REDIRECTED
    if not _is_home(asked.href) and (says_not_found(end) or (nonsense is not None and _is_alike(end, nonsense))):
        return TargetState.SOFT_404
    return TargetState.OK


# --- soft 404 -----------------------------------------------------------------------------------------------------------

_HOME: Final = re.compile(r"/(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|default|home)(?:\.\w{2,5})?)?", re.IGNORECASE)


def _is_home(text: str) -> bool:
    """Whether an address is a site's first page, in one of its languages perhaps."""
    url = urls.parse(text)
    return url is not None and not url.search and _HOME.fullmatch(url.pathname) is not None


_PARTS: Final = re.compile(r"\s[|\u2013\u2014\u00b7\u00bb\u00ab-]+\s|[|\u2013\u2014\u00b7\u00bb\u00ab]|[.!?](?:\s|$)")
_THING: Final = (
    r"(?:the |this |that |your )?(?:requested )?(?:page|file|url|document|content|article|post|product|item|nothing)"
)
_NOT: Final = r"(?:(?:was |is |could |can )?not|cannot|can['\u2019]?t|couldn['\u2019]?t|wasn['\u2019]?t|isn['\u2019]?t)"
# The whole of a part of a title or a heading; "How to mend a 404" is none of these.
_NOT_FOUND: Final = re.compile(
    r"(?:(?:oops|ooops|whoops|sorry|ups|hoppla)[\s,:]*)?(?:"
    r"(?:(?:error|erreur|fehler|errore|fout|fel|http|status)[\s:]*){0,2}404(?:[\s:-]*(?:error|fehler|"
    rf"(?:{_THING} )?not found|seite nicht gefunden|nicht gefunden|page introuvable))?"
    rf"|(?:error:? )?(?:{_THING} )?{_NOT} (?:be )?found(?: on this server)?"
    rf"|nothing found|no such page|{_THING} (?:does not|doesn['\u2019]?t|no longer) exists?"
    rf"|{_THING} {_NOT} (?:available|here)"
    r"|(?:die |diese )?(?:angeforderte )?seite (?:wurde )?(?:leider )?nicht gefunden|(?:leider )?nichts gefunden"
    r"|(?:cette )?page (?:non trouv\u00e9e|introuvable|inexistante)|p\u00e1gina no encontrada|p\u00e1gina n\u00e3o encontrada"
    r"|pagina non trovata|pagina niet gevonden|sidan (?:hittades inte|finns inte)|siden (?:ble )?ikke funnet|sivua ei l\u00f6ydy"
    r"|strona nie (?:zosta\u0142a )?znaleziona|nie znaleziono strony|str\u00e1nka nenalezena|az oldal nem tal\u00e1lhat\u00f3"
    r"|sayfa bulunamad\u0131|\u0441\u0442\u0440\u0430\u043d\u0438\u0446\u0430 \u043d\u0435 \u043d\u0430\u0439\u0434\u0435\u043d\u0430"
    r"|\u9875\u9762\u4e0d\u5b58\u5728|\u627e\u4e0d\u5230(?:\u9875\u9762|\u7db2\u9801)|\u30da\u30fc\u30b8\u304c\u898b\u3064\u304b\u308a\u307e\u305b\u3093"
    r")",
    re.IGNORECASE,
)
_LONGEST_SAYING: Final = 200
ALIKE: Final = 0.9
"""The share of the words of both pages that both have, from which on they say the same."""


def says_not_found(page: Standing) -> bool:
    """Whether a page's title or first heading says in so many words that there is none."""
    for text in (page.title[:_LONGEST_SAYING], page.heading):
        if any(_NOT_FOUND.fullmatch(part.strip(" .!?\u2026\t")) for part in _PARTS.split(text) if part):
            return True
    return False


def _is_alike(page: Standing, nonsense: Standing) -> bool:
    """Whether a page is what its host says of any page; one that sends both elsewhere is compared there."""
    if nonsense.status is None or nonsense.status >= 400 or not page.words or page.title != nonsense.title:
        return False
    one, other = (of.words - _words_of(of.url) for of in (page, nonsense))  # some repeat what they were asked for
    return len(one & other) >= ALIKE * len(one | other)


def _words_of(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


_WORD: Final = re.compile(r"\w+")
