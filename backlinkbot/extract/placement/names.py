"""Reads the placement that an element declares: landmark, role, microdata, words in class and id."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.placement.place_words import (
    ALONE,
    ASIDE,
    COLUMNS,
    COMMENT,
    CONTENT,
    COUNTS,
    DENIALS,
    ELEMENTS,
    EMBEDS,
    FOOTER,
    HEADER,
    ITEM_PROPERTIES,
    ITEM_TYPES,
    LOGOS,
    MOST_WORDS,
    NAMES,
    NAV,
    PARTS,
    RANKS,
    RECENT,
    ROLES,
    SHOWS,
    STEMS,
    UTILITIES,
    WHOLE,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.extract.html import ElementLike

_LONGEST_NAMES: Final = 400
"""The maximum number of characters of a class attribute that are read."""
_LONGEST_NAME: Final = 12
"""The maximum number of words in a name."""
_LONGEST_SLUG: Final = 4
"""The maximum number of words in a slug."""
_NAME_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|[^\W\d_]+")


@lru_cache(maxsize=8192)
def named(names: str) -> tuple[str, str] | None:
    """Returns the placement that a class or an id names, and that name; None if there is none."""
    best: tuple[int, str, str] | None = None
    for name in names[:_LONGEST_NAMES].split():
        for placement in _readings(name):
            if best is None or RANKS[placement] < best[0]:
                best = RANKS[placement], placement, name
    return best[1:] if best is not None else None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _NAME_PARTS.findall(name)][:_LONGEST_NAME]


def _readings(name: str) -> Iterator[str]:
    """Yields the placements that the words of one name refer to."""
    name = name.removeprefix("elementor-widget-").removeprefix("elementor-widget")  # which builds every part of a page
    words = _words(name)
    if words[:1] == ["js"]:  # what scripts look for
        return
    for number, word in enumerate(words):
        before = words[:number]
        if DENIALS.intersection(before[-1:]):
            continue
        for end in range(number + 1, min(number + MOST_WORDS, len(words)) + 1):
            phrase = tuple(words[number:end])
            placement = NAMES.get(phrase)
            if placement is None or (len(phrase) < len(words) and phrase[0] in ALONE and len(phrase) == 1):
                placement = _stem(word) if len(phrase) == 1 and phrase not in NAMES else None
            if placement is not None and not (WHOLE.intersection(phrase) and PARTS.intersection(before)):
                yield _refined(placement, words, end)


def _stem(word: str) -> str | None:
    """Returns the placement of a word that joins two words."""
    for stem, placement in STEMS.items():
        if (word.endswith(stem) and word.removesuffix(stem) not in PARTS) or (
            len(stem) > _SHORT_STEM and word.startswith(stem)
        ):
            return placement
    return None


_SHORT_STEM: Final = 5


def _refined(placement: str, words: list[str], end: int) -> str:
    """Returns the placement, corrected by the other words of the name."""
    if placement in {NAV, HEADER} and SHOWS.intersection(words):
        return CONTENT
    if placement == NAV and UTILITIES.intersection(words):
        return HEADER
    if placement == ASIDE and (
        len(words) > _LONGEST_SLUG or not EMBEDS.isdisjoint(words[end:])
    ):  # a heading that became an id
        return CONTENT
    return _refined_comment(words, end) if placement == COMMENT else placement


def _refined_comment(words: list[str], end: int) -> str:
    """Returns the placement of a name with a word for comments before the index ``end``."""
    if any(NAMES.get((word,), _stem(word)) == NAV for word in words[end:]):  # a menu beside comments
        return NAV
    if COUNTS.intersection(words[end : end + 1]):
        return CONTENT
    return ASIDE if RECENT.intersection(words[: end - 1]) else COMMENT


def _item(item_type: str, item_property: str) -> tuple[str, str] | None:
    """Returns the placement that microdata declares."""
    kind = item_type.strip().rpartition("/")[2]
    if kind in ITEM_TYPES:
        return ITEM_TYPES[kind], f"itemtype:{kind}"
    name = item_property.strip()
    return (ITEM_PROPERTIES[name], f"itemprop:{name}") if name in ITEM_PROPERTIES else None


def declared(element: ElementLike) -> tuple[str, str] | None:
    """Returns the placement that an element declares, and the evidence; a role wins over an element, both over names."""
    tag, attr = element.tag, element.attr
    if tag in {"html", "body", "head"}:  # their classes tell what the page has
        return None
    # A link's own names say what it looks like.
    names = (None, None) if tag in {"a", "area"} else (_short(attr("id")), _short(attr("class")))
    return _declared(tag, _short(attr("role")), *names, (_short(attr("itemtype")), _short(attr("itemprop"))))


def _short(value: str | None) -> str | None:
    """Cuts an attribute that is longer than what is looked at, so that the cache stays small."""
    return value if value is None or len(value) <= _LONGEST_NAMES else value[:_LONGEST_NAMES]


@lru_cache(maxsize=8192)  # the elements of a page, and the pages of a site, share their names
def _declared(
    tag: str,
    role: str | None,
    identity: str | None,
    names: str | None,
    item: tuple[str | None, str | None],
) -> tuple[str, str] | None:
    """Returns the same for the values of the attributes that count."""
    role = (role or "").strip().lower()
    if role in ROLES:
        return ROLES[role], f"role:{role}"
    best = _named(identity or "", names or "")
    if tag in ELEMENTS and not (best is not None and _is_finer(best[0], ELEMENTS[tag])):
        return ELEMENTS[tag], f"element:{tag}"
    found = _item(item[0] or "", item[1] or "")
    return found if found is not None and (best is None or RANKS[found[0]] < RANKS[best[0]]) else best


def _named(identity: str, names: str) -> tuple[str, str] | None:
    """Returns the placement that an id and a class name."""
    if identity.strip().lower() in COLUMNS:
        return ASIDE, f"id:{identity}"
    found = [
        (place[0], f"{attribute}:{place[1]}")
        for attribute, value in (("id", identity), ("class", names))
        if value and (place := named(value)) is not None
    ]
    return min(found, default=None, key=lambda place: RANKS[place[0]])


def _is_finer(name: str, landmark: str) -> bool:
    """True if a name is more specific than its landmark: ``<article class=comment>``, ``<header id=comments>``."""
    return name == COMMENT or (name == FOOTER and landmark in {NAV, ASIDE}) or (name == ASIDE and landmark == NAV)


def is_utility(evidence: str) -> bool:
    """True if the evidence names a part of the site's header, such as languages or the basket."""
    return not UTILITIES.isdisjoint(_words(evidence.partition(":")[2]))


def is_logo(element: ElementLike) -> bool:
    """True if an element's names mark the site's name or logo."""
    names = f"{element.attr('id') or ''} {element.attr('class') or ''}"[:_LONGEST_NAMES].split()
    return any("".join(words) in LOGOS or not LOGOS.isdisjoint(words) for words in map(_words, names))
