"""Answers that look like a page and stand in place of one: which wall is it?

The tables say by what each is known (``vendors``, ``sites``, ``doors``), and how walls speak that nobody has listed
(``wordings``). Nothing here is asked of a page that holds a link to a target.
"""

from __future__ import annotations

import html
import re
from functools import cache, lru_cache
from itertools import chain
from typing import Final

from backlinkbot.items import State
from backlinkbot.walls import doors, sites, vendors, wordings
from backlinkbot.walls.needles import alternatives
from backlinkbot.walls.signs import Answer, Sign, Wall, expression, folded, place_of, says, shows

__all__ = ["HEADERS", "KNOWN", "UNLISTED", "Answer", "Sign", "Wall", "find", "is_likely", "may_lead_to_wall"]

KNOWN: Final = (
    *vendors.QUEUES,
    *vendors.FIREWALLS,
    *sites.SUSPENDED,
    *sites.PARKED,
    *sites.MAINTENANCE,
    *doors.DOORS,
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

MARKS: Final = tuple(dict.fromkeys(sign.markup for wall in KNOWN for sign in wall.signs if sign.markup))
"""Regular expressions over bytes, without regard to case: what :attr:`Answer.is_marked` is about."""

MOST_BYTES: Final = 128 * 1024
"""A larger page is looked at only if its title or its address speaks of a wall."""
MOST_TAGS: Final = 300
"""As many ``<`` has a page at most that is looked at whatever its title."""
_BEGIN: Final = 16 * 1024
_LITTLE: Final = 120
"""Words of a page that may be a wall because of its title."""
_VERY_LITTLE: Final = 60
_FEW_LINKS: Final = 12


def find(answer: Answer) -> Wall | None:
    """The wall that an answer is; None where it is a page, as far as anybody can tell."""
    for wall, sign in _SIGNS:
        if shows(answer, sign):
            return wall
    for is_state, state in _UNLISTED_RULES:
        if is_state(answer):
            return UNLISTED[state]
    return None


def is_likely(body: bytes) -> bool:
    """Whether it is worth parsing a page to look for a wall: a cheap question, asked of every page without a link."""
    if len(body) <= MOST_BYTES and body.count(b"<", 0, _BEGIN) <= MOST_TAGS and body.count(b"<", _BEGIN) <= MOST_TAGS:
        return True
    found = _TITLE.search(body, 0, _BEGIN)
    return found is not None and _is_title_of_wall(found[1])


@lru_cache(maxsize=1_000)
def may_lead_to_wall(url: str, requested_url: str) -> bool:
    """Whether the address at the end of a redirect speaks of a wall, and that at its beginning does not."""
    place, asked = place_of(url), place_of(requested_url)
    return place != asked and any(
        expression(pattern).search(place) and not expression(pattern).search(asked) for pattern in _places()
    )


@cache
def _places() -> tuple[str, ...]:
    known = (sign.place for wall in KNOWN for sign in wall.signs if sign.place)
    return (*doors.PLACES.values(), *known)


_SIGNS: Final = tuple((wall, sign) for wall in KNOWN for sign in wall.signs)


# --- what nobody has listed -------------------------------------------------------------------------------------------

_TITLE: Final = re.compile(rb"<title[^>]{0,200}>([^<]{1,200})<", re.IGNORECASE)
_PARTS: Final = re.compile(
    r"\s[|\u2013\u2014\u00b7\u00bb\u00ab\u2022:-]+\s|[|\u2013\u2014\u00b7\u00bb\u00ab\u2022\uff5c]|[!?\uff01\uff1f\u3002](?:\s|$)|\.(?:\s|$)|:\s"
)
_EDGES: Final = (
    " .!?\u2026:;,*#-\u2013\u2014\u00a1\u00bf\uff01\uff1f\u3002\uff0c\u3001\u300c\u300d\u061f\"'()[]\t\u26a0\ufe0f"
)


@cache
def _titles(state: State) -> frozenset[str]:
    texts = {State.LOGIN: wordings.LOGIN_TITLES, State.CONSENT: wordings.CONSENT_TITLES} | wordings.TITLES
    listed = re.split(r"[;\n]", texts.get(state, ""))
    return frozenset(filter(None, (folded(text).strip(_EDGES) for text in listed)))


@cache
def _all_titles() -> frozenset[str]:
    return frozenset(chain.from_iterable(map(_titles, UNLISTED)))


@cache
def _listed_titles() -> re.Pattern[str]:
    patterns = (sign.title for wall in KNOWN for sign in wall.signs if sign.title)
    return expression("|".join(f"(?:{pattern})" for pattern in patterns))


def _is_title_of_wall(raw: bytes) -> bool:
    title = folded(html.unescape(raw.decode("utf-8", "replace")))
    return not _all_titles().isdisjoint(_parts(title)) or _listed_titles().search(title) is not None


def _parts(text: str) -> list[str]:
    """The whole of a title or a heading, and what stands in it between signs."""
    return [part.strip(_EDGES) for part in (text, *_PARTS.split(text)) if part]


def _is_titled(answer: Answer, state: State) -> bool:
    titles = _titles(state)
    return any(not titles.isdisjoint(_parts(text)) for text in (answer.title, *answer.headings))


@cache
def _sentences(state: State) -> tuple[str, ...]:
    """Each expression, divided where it offers a choice, so that a text is searched for few of them."""
    whole = wordings.SENTENCES.get(state, ())
    return tuple(chain.from_iterable(map(alternatives, whole)))


def _says(answer: Answer, state: State) -> bool:
    return any(says(answer.text, sentence) for sentence in _sentences(state))


def _leads_to(answer: Answer, state: State) -> bool:
    """Whether a redirect leads to an address that speaks of such a wall."""
    pattern = expression(doors.PLACES[state])
    return answer.is_redirected and pattern.search(answer.place) is not None and not pattern.search(answer.asked)


def _is_little(answer: Answer, words: int, links: int = _FEW_LINKS) -> bool:
    return answer.words <= words and answer.links <= links


def _is_login(answer: Answer) -> bool:
    titled = _is_titled(answer, State.LOGIN)
    if _leads_to(answer, State.LOGIN):
        returns = expression(doors.RETURNS).search(answer.place) is not None
        return answer.asks_password or titled or _says(answer, State.LOGIN) or (returns and answer.is_form)
    if expression(doors.PLACES[State.LOGIN]).search(answer.asked):
        return False  # the page that was asked for is a login
    if not _is_little(answer, _LITTLE if titled else _VERY_LITTLE):
        return False
    return (titled or not answer.asks_password) and _says(answer, State.LOGIN)


def _is_consent(answer: Answer) -> bool:
    if _leads_to(answer, State.CONSENT):
        return _is_little(answer, 2 * _LITTLE, 30) or _is_titled(answer, State.CONSENT) or _says(answer, State.CONSENT)
    if not (_is_little(answer, _LITTLE, 15) and answer.is_form):
        return False
    return _is_titled(answer, State.CONSENT) or _says(answer, State.CONSENT)


def _is_parked(answer: Answer) -> bool:
    return _leads_to(answer, State.PARKED) and _is_little(answer, 2 * _LITTLE, 60)


def _is_notice(answer: Answer, state: State) -> bool:
    """A page that says no more than that: its title and its few words, or its few words alone."""
    if _leads_to(answer, state):
        return _is_titled(answer, state) or _is_little(answer, _LITTLE) or _says(answer, state)
    if not _is_little(answer, _LITTLE) or answer.asks_password:
        return False
    if _is_titled(answer, state):
        return answer.words <= _VERY_LITTLE // 2 or _says(answer, state)
    return _is_little(answer, _VERY_LITTLE, 3) and _says(answer, state)


_UNLISTED_RULES: Final = (
    (lambda answer: _is_notice(answer, State.SUSPENDED), State.SUSPENDED),
    (lambda answer: _is_notice(answer, State.QUEUE), State.QUEUE),
    (_is_consent, State.CONSENT),
    (_is_login, State.LOGIN),
    (lambda answer: _is_notice(answer, State.CHALLENGED), State.CHALLENGED),
    (lambda answer: _is_notice(answer, State.MAINTENANCE), State.MAINTENANCE),
    (_is_parked, State.PARKED),
)
