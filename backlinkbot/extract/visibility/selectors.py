"""Matches simple CSS selectors: names, ids, classes, attributes, ``:not()`` of these, and combinators.

Other selectors match nothing. The cost of a match is bounded, unlike that of the matchers that
come with a parser: Lexbor's takes minutes for a hostile page and selector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlinkbot.extract.html import DocumentLike, ElementLike

LONGEST: Final = 500
"""The maximum number of characters of one selector."""
Specificity = tuple[int, int, int]
"""The numbers of ids, of classes and attributes, and of names; the greater one wins."""

_NAME: Final = r"-?(?:[a-z_]|[^\x00-\x7f])(?:[\w-]|[^\x00-\x7f])*"
_ATTRIBUTE: Final = (
    rf"\[ *(?P<name>{_NAME}) *(?:(?P<operator>[~|^$*]?=) *"
    rf"(?:\"(?P<double>[^\"\\]*)\"|'(?P<single>[^'\\]*)'|(?P<bare>{_NAME}|\d+)) *(?P<case>[is])? *)?\]"
)
_PARTS: Final = re.compile(
    rf"(?P<tag>\*|{_NAME})|#(?P<id>(?:[\w-]|[^\x00-\x7f])+)|\.(?P<class>{_NAME})|(?P<attribute>{_ATTRIBUTE})"
    rf"|:not\( *(?P<not>[^():]+?) *\)|(?P<link>:link|:any-link)",
    re.IGNORECASE,
)
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")
_COMBINATOR: Final = re.compile(r" *([> ]) *")
# What an element is only while somebody points at it, or has been there.
STATES: Final = re.compile(r":(?:hover|focus|focus-within|focus-visible|active|visited|target)(?![\w-])", re.IGNORECASE)
_COMPARES: Final[dict[str, Callable[[str, str], bool]]] = {
    "=": lambda value, wanted: value == wanted,
    "~=": lambda value, wanted: wanted in value.split(),
    "|=": lambda value, wanted: value == wanted or value.startswith(f"{wanted}-"),
    "^=": lambda value, wanted: bool(wanted) and value.startswith(wanted),
    "$=": lambda value, wanted: bool(wanted) and value.endswith(wanted),
    "*=": lambda value, wanted: bool(wanted) and wanted in value,
}


class Facts:
    """The facts about an element that selectors test."""

    __slots__ = ("around", "classes", "element", "id", "marks_around", "tag")

    def __init__(self, element: ElementLike, around: Facts | None) -> None:
        self.element = element
        self.around = around
        """None for the outermost."""
        self.tag = element.tag.lower()
        self.id = element.attr("id") or ""
        self.classes = frozenset((element.attr("class") or "").split())
        self.marks_around: int = around.marks_around | around.own_marks() if around is not None else 0
        """The marks of all ancestors, see ``_mark``."""

    def own_marks(self) -> int:
        """Returns the marks of the element's own name, id and classes."""
        marks = _mark(self.tag)
        if self.id:
            marks |= _mark(f"#{self.id}")
        for name in self.classes:
            marks |= _mark(f".{name}")
        return marks


@lru_cache(maxsize=10_000)
def _mark(key: str) -> int:
    """Returns one bit for a name, ``#id`` or ``.class``: a Bloom filter with one hash, as browsers keep of ancestors."""
    return 1 << (crc32(key.encode("utf-8", "surrogatepass")) & 255)


@dataclass(frozen=True, slots=True)
class _Compound:
    tag: str = ""
    ids: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    attributes: tuple[tuple[str, str, str, bool], ...] = ()
    """(name, operator, value, True if case is ignored)."""
    nots: tuple[_Compound, ...] = ()
    is_link: bool = False

    def holds(self, facts: Facts) -> bool:
        if self.tag and self.tag != facts.tag:
            return False
        if self.classes and not self.classes <= facts.classes:
            return False
        return (
            all(wanted == facts.id for wanted in self.ids)
            and all(_has(facts.element, *wanted) for wanted in self.attributes)
            and (not self.is_link or (facts.tag in {"a", "area"} and facts.element.attr("href") is not None))
            and not any(other.holds(facts) for other in self.nots)
        )

    @property
    def marks(self) -> int:
        """The marks of an element that matches."""
        keys = [*(f"#{wanted}" for wanted in self.ids), *(f".{name}" for name in self.classes)]
        marks = 0
        for key in [self.tag, *keys] if self.tag else keys:
            marks |= _mark(key)
        return marks

    @property
    def specificity(self) -> Specificity:
        inner = max((other.specificity for other in self.nots), default=(0, 0, 0))
        plain = len(self.classes) + len(self.attributes) + self.is_link
        return len(self.ids) + inner[0], plain + inner[1], bool(self.tag) + inner[2]


def _has(element: ElementLike, name: str, operator: str, wanted: str, is_loose: bool) -> bool:  # noqa: FBT001
    value = element.attr(name)
    if value is None or not operator:
        return value is not None
    return _COMPARES[operator](value.lower(), wanted.lower()) if is_loose else _COMPARES[operator](value, wanted)


@dataclass(frozen=True, slots=True)
class Selector:
    """A supported selector."""

    text: str
    compounds: tuple[_Compound, ...]
    """From the element outward."""
    are_children: tuple[bool, ...]
    """For each compound but the last, True if the next must match the parent itself."""
    specificity: Specificity
    marks_around: int
    """The marks that an element's ancestors must have."""

    @property
    def key(self) -> str:
        """``#id``, ``.class`` or a name that the element must have; empty if there is none."""
        last = self.compounds[0]
        if last.ids:
            return f"#{last.ids[0]}"
        return f".{min(last.classes)}" if last.classes else last.tag

    def looks(self, facts: Facts) -> tuple[bool, int]:
        """Returns True if it matches an element, and the number of compounds that were compared to find out."""
        spent = 1
        if self.marks_around & ~facts.marks_around or not self.compounds[0].holds(facts):
            return False, spent
        places = [facts]  # where the compounds so far may stand, the nearest first
        for compound, is_child in zip(self.compounds[1:], self.are_children, strict=True):
            found: list[Facts] = []
            if is_child:
                candidates = [place.around for place in places if place.around is not None]
            else:
                candidates, around = [], places[0].around
                while around is not None:
                    candidates.append(around)
                    around = around.around
            spent += len(candidates)
            found = [candidate for candidate in candidates if compound.holds(candidate)]
            if not found:
                return False, spent
            places = found
        return True, spent


_PLAIN: Final = re.compile(r"[A-Za-z0-9_#.* >\t\n\r\f-]+")


def key_of(text: str) -> str | None:
    """Returns the key of a selector, see ``Selector.key``; None if it is certain not to be supported.

    Most selectors of a sheet never come to be compared with an element, so that those of the plainest form are not parsed
    for it; some of these turn out to be invalid later.
    """
    if _PLAIN.fullmatch(text) is None:
        selector = parse(text)
        return selector.key if selector is not None else None
    compounds = text.replace(">", " ").split()
    if not compounds:
        return None
    before, is_id, behind = compounds[-1].partition("#")
    if is_id:
        return f"#{behind.partition('#')[0].partition('.')[0]}"
    tag, *classes = before.split(".")
    return f".{min(classes)}" if classes else tag.lower().replace("*", "")


@lru_cache(maxsize=10_000)  # the pages of a site have the same style sheets
def parse(text: str) -> Selector | None:
    """Returns the parsed selector; None if it is unsupported or invalid."""
    if len(text) > LONGEST:
        return None
    compounds: list[_Compound] = []
    children: list[bool] = []
    rest = _SPACE.sub(" ", text).strip()
    at = 0
    while True:
        read = _compound(rest, at)
        if read is None:
            return None
        compound, at = read
        compounds.append(compound)
        if at == len(rest):
            break
        combinator = _COMBINATOR.match(rest, at)
        if combinator is None:
            return None
        children.append(combinator[1] == ">")
        at = combinator.end()
    ids, classes, names = (sum(numbers) for numbers in zip(*(one.specificity for one in compounds), strict=True))
    marks = 0
    for compound in compounds[:-1]:
        marks |= compound.marks
    return Selector(rest, tuple(reversed(compounds)), tuple(reversed(children)), (ids, classes, names), marks)


def _compound(text: str, start: int) -> tuple[_Compound, int] | None:
    """Returns the compound that begins there and its end; None if none does."""
    tags: list[str] = []
    ids: list[str] = []
    classes: list[str] = []
    attributes: list[tuple[str, str, str, bool]] = []
    nots: list[_Compound] = []
    is_link, at = False, start
    while found := _PARTS.match(text, at):
        if found["attribute"] is not None:
            attributes.append(_attribute(found))
        elif found["not"] is not None:
            inner = _nots(found["not"])
            if inner is None:
                return None
            nots += inner
        else:
            for kind, names in (("tag", tags), ("id", ids), ("class", classes)):
                names.extend([found[kind]] if found[kind] is not None else [])
            is_link = is_link or found["link"] is not None
        if found["tag"] is not None and at > start:
            return None
        at = found.end()
    if at == start:
        return None
    tag = "".join(tags).lower().replace("*", "")
    return _Compound(tag, tuple(ids), frozenset(classes), tuple(attributes), tuple(nots), is_link), at


def _attribute(found: re.Match[str]) -> tuple[str, str, str, bool]:
    value = next((found[kind] for kind in ("double", "single", "bare") if found[kind] is not None), "")
    return found["name"].lower(), found["operator"] or "", value, (found["case"] or "").lower() == "i"


def _nots(written: str) -> list[_Compound] | None:
    found = []
    for text in map(str.strip, written.split(",")):
        read = _compound(text, 0)
        if read is None or read[1] != len(text):
            return None
        found.append(read[0])
    return found


class Ancestry:
    """The facts about a document's elements, each gathered once."""

    def __init__(self, document: DocumentLike) -> None:
        self._document = document
        self._known: dict[ElementLike, Facts] = {}

    def of(self, element: ElementLike) -> Facts:
        """Returns the facts about an element."""
        path: list[ElementLike] = []
        around: ElementLike | None = element
        while around is not None and around not in self._known:
            path.append(around)
            around = self._document.parent(around)
        facts = self._known[around] if around is not None else None
        for inner in reversed(path):
            facts = self._known[inner] = Facts(inner, facts)
        return self._known[element]
