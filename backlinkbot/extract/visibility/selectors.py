"""Matches CSS selectors against elements, with three answers: True, False, or None if only a browser can tell.

Names, ids, classes, attributes, combinators and selector lists are compared here, at a bounded cost; what depends on the
siblings of an element (``:nth-child()`` and the like) is asked of the parser, a bounded number of times for each page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final
from weakref import proxy
from zlib import crc32

from backlinkbot.extract.html import styles
from backlinkbot.extract.html.conditions import any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from backlinkbot.extract.html import DocumentLike, ElementLike

LONGEST: Final = 500
"""The maximum number of characters of one selector."""
MOST_LOOKS: Final = 500_000
"""The maximum number of selector parts matched against a page's elements (0.2 seconds)."""
_LOOKS_OF_PARSER: Final = 1_000
"""What a question to the parser counts for; it may walk over all siblings of an element."""
_LOOKS_OF_HAS: Final = 10_000
"""What ``:has()`` counts for; it may walk over the whole page."""
_DEEPEST: Final = 3
"""The maximum nesting of ``:is()`` and ``:not()``; deeper ones are not told."""
Specificity = tuple[int, int, int]
"""The numbers of ids, of classes and attributes, and of names; the greater one wins."""

_NAME: Final = r"-?(?:[a-z_]|[^\x00-\x7f])(?:[\w-]|[^\x00-\x7f])*"
_ATTRIBUTE: Final = (
    rf"\[ *(?P<name>{_NAME}) *(?:(?P<operator>[~|^$*]?=) *"
    rf"(?:\"(?P<double>[^\"\\]*)\"|'(?P<single>[^'\\]*)'|(?P<bare>{_NAME}|\d+)) *(?P<case>[is])? *)?\]"
)
_PARTS: Final = re.compile(
    rf"(?P<tag>\*|{_NAME})|#(?P<id>(?:[\w-]|[^\x00-\x7f])+)|\.(?P<class>{_NAME})|(?P<attribute>{_ATTRIBUTE})"
    r"|:(?P<pseudo>[a-z-]+)(?:\((?P<argument>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\))?",
    re.IGNORECASE,
)
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")
_COMBINATOR: Final = re.compile(r" *([>+~ ]) *")
# Pseudo-classes, by who can tell: https://www.w3.org/TR/selectors-4/. Those that are not listed are left to a browser.
_LISTS: Final = frozenset({"is", "where", "matches", "-webkit-any"})
_LINKS: Final = frozenset({"link", "any-link", "-webkit-any-link"})
_OF_PARSER_NAMES: Final = """
    root empty first-child last-child only-child first-of-type last-of-type only-of-type nth-child nth-last-child
    nth-of-type nth-last-of-type lang checked disabled enabled required optional
"""
_OF_PARSER: Final = frozenset(_OF_PARSER_NAMES.split())
# What an element is only while somebody points at it, plays or opens it, or has been there.
_STATE_NAMES: Final = """
    hover focus focus-within focus-visible active visited target target-within modal fullscreen popover-open
    picture-in-picture autofill -webkit-autofill user-valid user-invalid playing buffering seeking stalled current past
    future host host-context state active-view-transition
"""
_STATES: Final = frozenset(_STATE_NAMES.split())
# What the parsed page no longer has, see ``DocumentLike``.
_REMOVED: Final = frozenset({"script", "style", "template"})
_SIMPLE_HAS: Final = re.compile(r"[>+~ ]? *[^:>+~ ]+")
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

    __slots__ = ("around", "classes", "element", "id", "marks_around", "page", "tag")

    def __init__(self, element: ElementLike, around: Facts | None, page: Ancestry) -> None:
        self.element = element
        self.page: Ancestry = proxy(
            page
        )  # which holds the facts: else the page would be freed by the garbage collector alone
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
class _Asked:
    """What the parser is asked of an element."""

    text: str
    cost: int


@dataclass(frozen=True, slots=True)
class _Compound:
    tag: str = ""
    ids: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    attributes: tuple[tuple[str, str, str, bool], ...] = ()
    """(name, operator, value, True if case is ignored)."""
    is_link: bool = False
    lists: tuple[tuple[tuple[Selector, ...], bool], ...] = ()
    """The selectors of each ``:is()`` or ``:not()``, with True if one of them must match, False if none may."""
    asked: tuple[_Asked, ...] = ()
    is_unknown: bool = False
    """True if it has a part of which only a browser can tell."""
    is_state: bool = False
    """True if it matches nothing on a page that nobody touches."""
    specificity: Specificity = (0, 0, 0)

    def holds(self, facts: Facts) -> bool | None:
        if self.tag and self.tag != facts.tag:
            return False
        if self.classes and not self.classes <= facts.classes:
            return False
        if not (
            all(wanted == facts.id for wanted in self.ids)
            and all(_has(facts.element, *wanted) for wanted in self.attributes)
            and (not self.is_link or (facts.tag in {"a", "area"} and facts.element.attr("href") is not None))
        ):
            return False
        return (
            self._holds_pseudo_classes(facts) if self.lists or self.asked or self.is_unknown or self.is_state else True
        )

    def _holds_pseudo_classes(self, facts: Facts) -> bool | None:
        if self.is_state:
            return False
        found: bool | None = None if self.is_unknown else True
        for answer in self._answers(facts):
            if answer is False:
                return False
            found = found and answer
        return found

    def _answers(self, facts: Facts) -> Iterator[bool | None]:
        for selectors, is_wanted in self.lists:
            answer = any_of(selector.looks(facts) for selector in selectors)
            yield answer if is_wanted or answer is None else not answer
        for question in self.asked:
            yield facts.page.ask(facts.element, question.text, question.cost)

    @property
    def is_shared(self) -> bool:
        """True if it cannot tell elements apart that have the same name, id and classes."""
        inner = (selector.is_shared for selectors, _ in self.lists for selector in selectors)
        return self.is_state or (not self.attributes and not self.asked and all(inner))

    @property
    def may_be_removed(self) -> bool:
        """True if a script or style sheet matches, which the parsed page no longer has."""
        return not self.ids and not self.classes and (not self.tag or self.tag in _REMOVED)

    @property
    def marks(self) -> int:
        """The marks of an element that matches."""
        keys = [*(f"#{wanted}" for wanted in self.ids), *(f".{name}" for name in self.classes)]
        marks = 0
        for key in [self.tag, *keys] if self.tag else keys:
            marks |= _mark(key)
        return marks


def _has(element: ElementLike, name: str, operator: str, wanted: str, is_loose: bool) -> bool:  # noqa: FBT001
    value = element.attr(name)
    if value is None or not operator:
        return value is not None
    return _COMPARES[operator](value.lower(), wanted.lower()) if is_loose else _COMPARES[operator](value, wanted)


_Place = tuple[Facts, bool | None]
"""Where a compound may stand, with True if it does."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A parsed selector."""

    text: str
    compounds: tuple[_Compound, ...]
    """From the element outward."""
    combinators: tuple[str, ...]
    """For each compound but the last, how the next stands to it: `` ``, ``>``, ``+`` or ``~``."""
    specificity: Specificity
    marks_around: int
    """The marks that an element's ancestors must have."""

    @property
    def is_shared(self) -> bool:
        """True if it cannot tell elements apart that have the same name, id and classes, and ancestors of the same."""
        return not {"+", "~"}.intersection(self.combinators) and all(part.is_shared for part in self.compounds)

    @property
    def key(self) -> str:
        """``#id``, ``.class`` or a name that the element must have; empty if there is none."""
        last = self.compounds[0]
        if last.ids:
            return f"#{last.ids[0]}"
        return f".{min(last.classes)}" if last.classes else last.tag

    def looks(self, facts: Facts) -> bool | None:
        """Returns True if it matches an element, None if only a browser can tell; counts the compounds it compares."""
        page = facts.page
        page.looks_left -= 1
        if self.marks_around & ~facts.marks_around:
            return False
        found = self.compounds[0].holds(facts)
        if found is False or not self.combinators:
            return found
        places: list[_Place] = [(facts, found)]  # where the compounds so far may stand, the nearest first
        for compound, combinator in zip(self.compounds[1:], self.combinators, strict=True):
            places = list(_outward(places, combinator, compound, page))
            if not places or page.looks_left < 0:
                return False
        return any_of(certainty for _, certainty in places)


def _outward(places: list[_Place], combinator: str, compound: _Compound, page: Ancestry) -> Iterator[_Place]:
    """Yields where the next compound may stand, seen from the places of the one before it."""
    siblings = combinator in {"+", "~"}
    for candidate, certainty in _siblings(places, combinator, page) if siblings else _ancestors(places, combinator):
        page.looks_left -= 1
        answer = compound.holds(candidate)
        if answer is not False:
            yield candidate, answer and certainty
    if siblings and compound.may_be_removed:
        yield from ((place, None) for place, _ in places if page.is_thinned(place))


def _ancestors(places: list[_Place], combinator: str) -> Iterator[_Place]:
    if combinator == ">":
        yield from ((place.around, certainty) for place, certainty in places if place.around is not None)
        return
    certain = next((place for place, certainty in places if certainty), None)
    place, is_certain = places[0][0], None
    while place.around is not None:
        if certain is not None and place.around is certain.around:
            is_certain = True
        place = place.around
        yield place, is_certain


def _siblings(places: list[_Place], combinator: str, page: Ancestry) -> Iterator[_Place]:
    seen: dict[Facts | None, bool | None] = {}
    for place, certainty in places:
        if combinator == "+":
            for sibling in islice(page.before(place), 1):
                yield sibling, None if page.is_thinned(place) else certainty
        elif seen.get(place.around, False) in {False, certainty and None}:
            seen[place.around] = certainty
            yield from ((sibling, certainty) for sibling in page.before(place))


_PLAIN: Final = re.compile(r"[A-Za-z0-9_#.* >\t\n\r\f-]+")


def key_of(text: str) -> str | None:
    """Returns the key of a selector, see :attr:`Selector.key`; None if it is invalid.

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
def parse(text: str, depth: int = 0) -> Selector | None:
    """Returns the parsed selector; None if it is invalid or too long."""
    if len(text) > LONGEST:
        return None
    compounds: list[_Compound] = []
    combinators: list[str] = []
    rest = _SPACE.sub(" ", text).strip()
    at = 0
    while True:
        read = _compound(rest, at, depth)
        if read is None:
            return None
        compound, at = read
        compounds.append(compound)
        if at == len(rest):
            break
        combinator = _COMBINATOR.match(rest, at)
        if combinator is None:
            return None
        combinators.append(combinator[1])
        at = combinator.end()
    marks = 0
    for compound, combinator_behind in zip(compounds, combinators, strict=False):
        if combinator_behind in {" ", ">"}:
            marks |= compound.marks
    specificity = _sum(compound.specificity for compound in compounds)
    return Selector(rest, tuple(reversed(compounds)), tuple(reversed(combinators)), specificity, marks)


def _sum(parts: Iterable[Specificity]) -> Specificity:
    ids, classes, names = (sum(numbers) for numbers in zip((0, 0, 0), *parts, strict=True))
    return ids, classes, names


class _Reading:
    """A compound while it is read."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.tag = ""
        self.ids: list[str] = []
        self.classes: list[str] = []
        self.attributes: list[tuple[str, str, str, bool]] = []
        self.lists: list[tuple[tuple[Selector, ...], bool]] = []
        self.asked: list[_Asked] = []
        self.is_link = self.is_unknown = self.is_state = False
        self.of_lists: list[Specificity] = []

    def add(self, found: re.Match[str]) -> None:
        if found["pseudo"] is not None:
            self._add_pseudo_class(found[0], found["pseudo"].lower(), found["argument"])
        elif found["attribute"] is not None:
            self.attributes.append(_attribute(found))
        elif found["tag"] is not None:
            self.tag = found["tag"].lower().replace("*", "")
        elif found["id"] is not None:
            self.ids.append(found["id"])
        else:
            self.classes.append(found["class"])

    def _add_pseudo_class(self, text: str, name: str, argument: str | None) -> None:
        if name in _LISTS or name == "not":
            self._add_list(name, argument or "")
            return
        self.of_lists.append((0, 1, 0))
        if name in _LINKS:
            self.is_link = True
        elif name in _STATES:
            self.is_state = True
        elif name in _OF_PARSER and (argument is None or ":" not in argument):
            self.asked.append(_Asked(text, _LOOKS_OF_PARSER))
        elif name == "has" and _SIMPLE_HAS.fullmatch((argument or "").strip()):
            self.asked.append(_Asked(text, _LOOKS_OF_HAS))
        else:
            self.is_unknown = True

    def _add_list(self, name: str, argument: str) -> None:
        inner = [parse(text, self.depth + 1) for text in styles.selectors_of(argument)]
        selectors = tuple(selector for selector in inner if selector is not None)
        if len(selectors) < len(inner) or not inner or self.depth >= _DEEPEST:
            self.is_unknown = True
        else:
            self.lists.append((selectors, name != "not"))
        if name != "where":
            self.of_lists.append(max((selector.specificity for selector in selectors), default=(0, 0, 0)))

    def result(self) -> _Compound:
        own = len(self.ids), len(self.classes) + len(self.attributes), int(bool(self.tag))
        return _Compound(
            tag=self.tag,
            ids=tuple(self.ids),
            classes=frozenset(self.classes),
            attributes=tuple(self.attributes),
            is_link=self.is_link,
            lists=tuple(self.lists),
            asked=tuple(self.asked),
            is_unknown=self.is_unknown,
            is_state=self.is_state,
            specificity=_sum([own, *self.of_lists]),
        )


def _compound(text: str, start: int, depth: int) -> tuple[_Compound, int] | None:
    """Returns the compound that begins there and its end; None if none does."""
    reading, at = _Reading(depth), start
    while found := _PARTS.match(text, at):
        if found["tag"] is not None and at > start:
            return None
        reading.add(found)
        at = found.end()
    return (reading.result(), at) if at > start else None


def _attribute(found: re.Match[str]) -> tuple[str, str, str, bool]:
    value = next((found[kind] for kind in ("double", "single", "bare") if found[kind] is not None), "")
    return found["name"].lower(), found["operator"] or "", value, (found["case"] or "").lower() == "i"


class Ancestry:
    """The facts about a document's elements, each gathered once, and what may still be spent on comparing them."""

    def __init__(self, document: DocumentLike) -> None:
        self._document = document
        self._known: dict[ElementLike, Facts] = {}
        self._places: dict[ElementLike, dict[ElementLike, int]] = {}
        self._answers: dict[tuple[ElementLike, str], bool | None] = {}
        self.looks_left = MOST_LOOKS

    def of(self, element: ElementLike) -> Facts:
        """Returns the facts about an element."""
        path: list[ElementLike] = []
        around: ElementLike | None = element
        while around is not None and around not in self._known:
            path.append(around)
            around = self._document.parent(around)
        facts = self._known[around] if around is not None else None
        for inner in reversed(path):
            facts = self._known[inner] = Facts(inner, facts, self)
        return self._known[element]

    def before(self, facts: Facts) -> Iterator[Facts]:
        """Yields the facts about the siblings before an element, the nearest first."""
        if facts.around is None:
            return
        parent = facts.around.element
        if parent not in self._places:
            children = (node for node in self._document.nodes(parent) if not isinstance(node, str))
            self._places[parent] = {child: number for number, child in enumerate(children)}
        places = self._places[parent]
        siblings = list(islice(places, places.get(facts.element, 0)))
        self.looks_left -= len(siblings) // 10
        for sibling in reversed(siblings):
            if sibling not in self._known:
                self._known[sibling] = Facts(sibling, facts.around, self)
            yield self._known[sibling]

    def is_thinned(self, facts: Facts) -> bool:
        """True if siblings of an element were removed from the parsed page."""
        return facts.around is not None and self._document.is_thinned(facts.around.element)

    def ask(self, element: ElementLike, selector: str, cost: int) -> bool | None:
        """Returns the parser's answer if an element matches; None if the parsed page is not complete enough to tell."""
        key = element, selector
        if key not in self._answers:
            self.looks_left -= cost
            self._answers[key] = self._document.matches(element, selector) if self.looks_left >= 0 else None
        return self._answers[key]
