"""What an element says of its place on the page: landmark, role, microdata, the words of its class and id."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from backlinkbot.surroundings.placewords import (
    ALONE,
    ASIDE,
    COMMENT,
    CONTENT,
    COUNTS,
    DENIALS,
    ELEMENTS,
    FOOTER,
    HEADER,
    ITEM_PROPERTIES,
    ITEM_TYPES,
    NAMES,
    NAV,
    PARTS,
    RANKS,
    RECENT,
    ROLES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backlinkbot.markup import ElementLike

_LONGEST_NAMES: Final = 400
"""Characters of a class attribute that are looked at."""
_NAME_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|[^\W\d_]+")


@lru_cache(maxsize=8192)
def named(names: str) -> tuple[str, str] | None:
    """The placement that a class or an id speaks of, and the name that does; None where none does."""
    best: tuple[int, str, str] | None = None
    for name in names[:_LONGEST_NAMES].split():
        for placement in _readings(name):
            if best is None or RANKS[placement] < best[0]:
                best = RANKS[placement], placement, name
    return best[1:] if best is not None else None


def _readings(name: str) -> Iterator[str]:
    """What the words of one name speak of."""
    name = name.removeprefix("elementor-widget-").removeprefix("elementor-widget")  # which builds every part of a page
    words = [word.lower() for word in _NAME_PARTS.findall(name)][:12]
    whole = "".join(words)
    if whole in NAMES:
        yield NAMES[whole]
        return
    for number, word in enumerate(words):
        before, behind = words[:number], words[number + 1 :]
        for joined in (word, *(word + following for following in behind[:1])):
            placement = NAMES.get(joined)
            if placement is None or joined in ALONE or DENIALS.intersection(before[-1:]):
                continue
            if placement in {HEADER, FOOTER} and PARTS.intersection(before):
                continue
            if placement == COMMENT and COUNTS.intersection(behind[:1]):
                placement = CONTENT
            if placement == COMMENT and RECENT.intersection(before):
                placement = ASIDE
            yield placement


def _item(element: ElementLike) -> tuple[str, str] | None:
    """What the microdata of an element says."""
    kind = (element.attr("itemtype") or "").strip().rpartition("/")[2]
    if kind in ITEM_TYPES:
        return ITEM_TYPES[kind], f"itemtype:{kind}"
    name = (element.attr("itemprop") or "").strip()
    return (ITEM_PROPERTIES[name], f"itemprop:{name}") if name in ITEM_PROPERTIES else None


def said(element: ElementLike) -> tuple[str, str] | None:
    """The placement that an element names, and the evidence; a role before the element, both before other names."""
    tag = element.tag
    if tag in {"html", "body", "head"}:  # their classes tell what the page has
        return None
    role = (element.attr("role") or "").strip().lower()
    if role in ROLES:
        return ROLES[role], f"role:{role}"
    names = [
        (RANKS[found[0]], found[0], f"{attribute}:{found[1]}")
        for attribute in ("id", "class")
        if (value := element.attr(attribute)) and (found := named(value)) is not None
    ]
    best = min(names, default=None, key=lambda found: found[0])
    if tag in ELEMENTS and not (best is not None and _is_finer(best[1], ELEMENTS[tag])):
        return ELEMENTS[tag], f"element:{tag}"
    item = _item(element)
    if item is not None and (best is None or RANKS[item[0]] < best[0]):
        return item
    return (best[1], best[2]) if best is not None else None


def _is_finer(name: str, landmark: str) -> bool:
    """Whether a name tells more than the landmark that bears it: ``<article class=comment>``, ``<header id=comments>``."""
    return name == COMMENT or (name == FOOTER and landmark in {NAV, ASIDE}) or (name == ASIDE and landmark == NAV)
