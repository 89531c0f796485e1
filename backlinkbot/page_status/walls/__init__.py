"""Answers that look like a page and stand in place of one: which wall is it?

The tables say by what each is known (``vendors``, ``sites``, ``logins_and_consent``), and how walls speak that nobody has listed
(``phrases``). Nothing here is asked of a page that holds a link to a target.
"""

from __future__ import annotations

import html
import re
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from backlinkbot.items import State
from backlinkbot.page_status.needles import Index, alternatives, needles
from backlinkbot.page_status.unfinished import count_tags
from backlinkbot.page_status.walls import logins_and_consent, phrases, sites, vendors
from backlinkbot.page_status.walls.signs import (
    FEW,
    Answer,
    Sign,
    Wall,
    expression,
    folded,
    is_article,
    place_of,
    says,
    shows,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

__all__ = [
    "COOKIES",
    "HEADERS",
    "KNOWN",
    "UNLISTED",
    "Answer",
    "Sign",
    "Wall",
    "find",
    "is_known_cookie",
    "is_likely",
    "marks",
    "may_lead_to_wall",
]

KNOWN: Final = (
    *vendors.QUEUES,
    *vendors.FIREWALLS,
    *sites.SUSPENDED,
    *sites.PARKED,
    *sites.MAINTENANCE,
    *logins_and_consent.LOGINS_AND_CONSENT,
)
"""Every wall of the tables, in the order in which they are looked for."""

UNLISTED: Final[dict[State, Wall]] = {
    state: Wall(name=name, state=state, source="how such pages speak, in some thirty languages", signs=())
    for state, name in {
        State.SUSPENDED: "account said to be suspended",
        State.QUEUE: "waiting room",
        State.CONSENT: "question for consent or age",
        State.LOGIN: "page to log in",
        State.CHALLENGED: "bot test or refusal",
        State.MAINTENANCE: "maintenance or error notice",
        State.PARKED: "domain said to be parked",
    }.items()
}
"""Walls that nobody has listed, by what their titles and sentences say; in the order in which they are looked for."""

HEADERS: Final = frozenset(sign.header[0] for wall in KNOWN for sign in wall.signs if sign.header is not None)
"""The headers by which walls are known, in lower case."""

COOKIES: Final = tuple(sign.cookie for wall in KNOWN for sign in wall.signs if sign.cookie)
"""Regular expressions of the names of cookies by which walls are known."""

MOST_BYTES: Final = 128 * 1024
"""A larger page is looked at only if its title or its address speaks of a wall."""
FEW_TAGS: Final = 100
"""As many ``<`` has a page at most that is looked at whatever its title and its marks."""
MOST_TAGS: Final = 300
"""As many has one that is looked at because of its marks."""
_MOST_WORDS: Final = max(sign.words for wall in KNOWN for sign in wall.signs if not sign.place)
_BEGIN: Final = 8 * 1024
_LITTLE: Final = 120
"""Words of a page that may be a wall because of its title."""
_VERY_LITTLE: Final = 60
_NEXT_TO_NOTHING: Final = 8
"""Words beside its title and headings of a page that is a wall by its title alone: "Blocked" is a poem's title, too."""
_LITTLE_BESIDE_A_FORM: Final = 25
"""Words of a page that is no more than a form."""
_FEW_LINKS: Final = 12


def find(answer: Answer) -> Wall | None:
    """The wall that an answer is; None where it is a page, as far as anybody can tell."""
    if answer.words > _MOST_WORDS and not (answer.headers or answer.is_redirected):
        return None
    possible = _possible(answer.text) if answer.words <= FEW else None  # few signs are in longer ones
    is_titled = _is_listed_title(answer.title)
    given = (bool(answer.headers), bool(answer.cookies), answer.is_redirected, answer.marks != frozenset(), is_titled)
    for wall, sign in _signs(*given, is_long=answer.words > FEW):
        if possible is not None and sign.text and sign.text not in possible:
            continue  # as shows() would find, for most signs
        if shows(answer, sign, possible):
            return wall
    if answer.words > _LITTLE and not answer.is_redirected:
        return None
    for is_state, state in _UNLISTED_RULES:
        if is_state(answer):
            return UNLISTED[state]
    return None


@lru_cache(maxsize=1_000)  # the pages of a site set the same
def is_known_cookie(name: str) -> bool:
    """True if walls are known by a cookie of this name."""
    return _cookie_pattern().search(name) is not None


@cache
def _cookie_pattern() -> re.Pattern[str]:
    return expression("|".join(f"(?:{pattern})" for pattern in COOKIES))


@cache
def marks() -> frozenset[str]:
    """Texts of which one is in each page that shows a sign of markup: what :attr:`Answer.marks` is about."""
    patterns = {sign.markup for wall in KNOWN for sign in wall.signs if sign.markup}
    return frozenset(chain.from_iterable(map(needles, patterns)))


@cache
def _index() -> Index:
    listed = (sign.text for wall in KNOWN for sign in wall.signs if sign.text)
    return Index(chain(listed, *map(_sentences, phrases.SENTENCES)))


@lru_cache(maxsize=4)  # one answer is asked for several states
def _possible(text: str) -> frozenset[str]:
    """The expressions, of signs and of sentences, that may be found in a text."""
    return _index().possible(text)


def is_likely(body: bytes, marks_in: Callable[[bytes], AbstractSet[str] | None]) -> bool:
    """True if a page may be a wall, so that it is worth parsing; cheap, since it is called for every page without a link.

    Args:
        body: the page, content encodings undone.
        marks_in: which of :func:`marks` are in it.
    """
    if len(body) <= MOST_BYTES:
        tags = count_tags(body, MOST_TAGS)
        if tags <= FEW_TAGS or (tags <= MOST_TAGS and marks_in(body)):
            return True
    place = body[:_BEGIN].lower().find(b"<title")
    found = _TITLE.match(body, place) if place >= 0 else None
    return found is not None and _is_title_of_wall(found[1])


@lru_cache(maxsize=1_000)
def may_lead_to_wall(url: str, requested_url: str) -> bool:
    """True if the URL at the end of a redirect is that of a wall, and the one at its beginning is not."""
    place, asked = place_of(url), place_of(requested_url)
    return place != asked and any(
        expression(pattern).search(place) and not expression(pattern).search(asked) for pattern in _places()
    )


@cache
def _places() -> tuple[str, ...]:
    known = (sign.place for wall in KNOWN for sign in wall.signs if sign.place)
    return (*logins_and_consent.PLACES.values(), *known)


@cache
def _signs(*given: bool, is_long: bool) -> tuple[tuple[Wall, Sign], ...]:
    """The signs that an answer may show which has (headers, cookies, a redirect, marks, a title of a wall), in order."""
    least = FEW + 1 if is_long else 0
    return tuple(
        (wall, sign)
        for wall in KNOWN
        for sign in wall.signs
        if (sign.words >= least or sign.header is not None)
        and all(
            map(_is_given, (sign.header, sign.cookie, sign.place or sign.is_redirected, sign.markup, sign.title), given)
        )
    )


def _is_given(wanted: object, given: object) -> bool:
    return bool(given) or not wanted


# --- what nobody has listed -------------------------------------------------------------------------------------------

_TITLE: Final = re.compile(rb"<title[^>]{0,200}>([^<]{1,90})<", re.IGNORECASE)
_PARTS: Final = re.compile(
    r"\s[|\u2013\u2014\u00b7\u00bb\u00ab\u2022:-]+\s|[|\u2013\u2014\u00b7\u00bb\u00ab\u2022\uff5c]|[!?\uff01\uff1f\u3002](?:\s|$)|\.(?:\s|$)|:\s"
)
_NOT_FOUND: Final = re.compile(r"\b4(?:04|10)\b")
_STATUS: Final = re.compile(r"\b[45]\d\d\b")
_SENTENCE: Final = re.compile(r"(?<=[.!?\u3002\uff01\uff1f])\s*")
_EDGES: Final = (
    " .!?\u2026:;,*#-\u2013\u2014\u00a1\u00bf\uff01\uff1f\u3002\uff0c\u3001\u300c\u300d\u061f\"'()[]\t\u26a0\ufe0f"
)


@cache
def _titles(state: State) -> frozenset[str]:
    texts = {State.LOGIN: phrases.LOGIN_TITLES, State.CONSENT: phrases.CONSENT_TITLES} | phrases.TITLES
    listed = re.split(r"[;\n]", texts.get(state, ""))
    return frozenset(filter(None, (folded(text).strip(_EDGES) for text in listed)))


@cache
def _telling_titles() -> frozenset[str]:
    """Those of walls that may be large; many an ordinary page is titled "Log in"."""
    return frozenset(chain.from_iterable(map(_titles, phrases.TITLES)))


@cache
def _listed_titles() -> tuple[re.Pattern[str], tuple[str, ...]]:
    """(what a title begins with, what is in one): the first need not be looked for at every place."""
    patterns = [sign.title for wall in KNOWN for sign in wall.signs if sign.title]
    begins = [pattern for pattern in patterns if pattern.startswith("^")]
    others = chain.from_iterable(alternatives(pattern) for pattern in patterns if not pattern.startswith("^"))
    return expression("|".join(f"(?:{pattern})" for pattern in begins)), tuple(others)


@lru_cache(maxsize=1_000)
def _is_listed_title(title: str) -> bool:
    begins, others = _listed_titles()
    return begins.match(title) is not None or any(says(title, part) for part in others)


def _is_title_of_wall(raw: bytes) -> bool:
    title = folded(html.unescape(raw.decode("utf-8", "replace")))
    return not _telling_titles().isdisjoint(_parts(title)) or _is_listed_title(title)


def _parts(text: str) -> list[str]:
    """The whole of a title or a heading, and what stands in it between signs."""
    return [part.strip(_EDGES) for part in (text, *_PARTS.split(text)) if part]


@lru_cache(maxsize=16)  # each page is asked for every state
def _names(*texts: str) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(_parts, texts)))


def _is_titled(answer: Answer, state: State) -> bool:
    return not _titles(state).isdisjoint(_names(answer.title, *answer.headings))


@cache
def _sentences(state: State) -> frozenset[str]:
    """Each expression, divided where it offers a choice, so that a text is searched for few of them."""
    whole = phrases.SENTENCES.get(state, ())
    return frozenset(chain.from_iterable(map(alternatives, whole)))


def _says(answer: Answer, state: State, text: str = "") -> bool:
    text = text or answer.text
    possible = _possible(text).intersection(_sentences(state))
    return any(expression(sentence).search(text) is not None for sentence in possible)


def _says_to_log_in(answer: Answer) -> bool:
    """True if the page says so of itself, and not of its comments or attachments."""
    parts = [part for part in _SENTENCE.split(answer.text) if not expression(phrases.REPLIES).search(part)]
    return _says(answer, State.LOGIN, " ".join(parts) or " ")


def _leads_to(answer: Answer, state: State) -> bool:
    """True if a redirect leads to the URL of such a wall."""
    if not answer.is_redirected:
        return False
    pattern = expression(logins_and_consent.PLACES[state])
    return pattern.search(answer.place) is not None and not pattern.search(answer.asked)


def _is_little(answer: Answer, words: int, links: int = _FEW_LINKS) -> bool:
    return answer.words <= words and answer.links <= links


def _is_login(answer: Answer) -> bool:
    titled = _is_titled(answer, State.LOGIN)
    if _leads_to(answer, State.LOGIN):
        returns = expression(logins_and_consent.RETURNS).search(answer.place) is not None
        return answer.asks_password or titled or _says_to_log_in(answer) or (returns and answer.is_form)
    if expression(logins_and_consent.PLACES[State.LOGIN]).search(answer.asked):
        return False  # the page that was asked for is a login
    if _is_password_form(answer):
        return True
    if not _is_little(answer, _LITTLE if titled else _VERY_LITTLE):
        return False
    if is_article(answer) and not (titled and answer.asks_password):
        return False
    return _says_to_log_in(answer)


def _is_password_form(answer: Answer) -> bool:
    """True if the page asks for a password alone and shows next to nothing else, whatever it is called."""
    return answer.asks_password_alone and _is_little(answer, _LITTLE_BESIDE_A_FORM, 4) and not answer.is_in_design


def _is_consent(answer: Answer) -> bool:
    if _leads_to(answer, State.CONSENT):
        return _is_little(answer, 2 * _LITTLE, 30) or _is_titled(answer, State.CONSENT) or _says(answer, State.CONSENT)
    if not (_is_little(answer, _LITTLE, 15) and answer.is_form) or is_article(answer):
        return False
    return _is_titled(answer, State.CONSENT) or _says(answer, State.CONSENT)


def _is_parked(answer: Answer) -> bool:
    return _leads_to(answer, State.PARKED) and _is_little(answer, 2 * _LITTLE, 60)


def _is_notice(answer: Answer, state: State) -> bool:
    """A page that says no more than that: its title and its few words, or its few words alone."""
    if _leads_to(answer, state):
        return _is_titled(answer, state) or _is_little(answer, _LITTLE) or _says(answer, state)
    if not _is_little(answer, _LITTLE) or answer.asks_password or is_article(answer) or _NOT_FOUND.search(answer.title):
        return False
    if _is_titled(answer, state):
        few = _VERY_LITTLE // 2 if _STATUS.search(answer.title) else _NEXT_TO_NOTHING
        return _says(answer, state) or _words_beside_titles(answer) <= few
    return _is_little(answer, _VERY_LITTLE, 3) and _says(answer, state)


def _words_beside_titles(answer: Answer) -> int:
    return answer.words - sum(len(text.split()) for text in (answer.title, *answer.headings))


_UNLISTED_RULES: Final = (
    (lambda answer: _is_notice(answer, State.SUSPENDED), State.SUSPENDED),
    (lambda answer: _is_notice(answer, State.QUEUE), State.QUEUE),
    (_is_consent, State.CONSENT),
    (_is_login, State.LOGIN),
    (lambda answer: _is_notice(answer, State.CHALLENGED), State.CHALLENGED),
    (lambda answer: _is_notice(answer, State.MAINTENANCE), State.MAINTENANCE),
    (_is_parked, State.PARKED),
)
