"""The CSS cascade of a page: ``style`` attributes, presentational attributes and ``<style>`` sheets.

Implements https://www.w3.org/TR/css-cascade-4/ without what needs a browser: external style sheets, layers,
conditions on the reader's device. A property that a rule may set of which only a browser can tell is unknown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, lru_cache
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from propcache.api import cached_property

from backlinkbot.extract.html import styles
from backlinkbot.extract.visibility.longhands import longhands
from backlinkbot.extract.visibility.selectors import Ancestry, key_of, parse

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from backlinkbot.extract.html import DocumentLike, ElementLike
    from backlinkbot.extract.visibility.selectors import Selector, Specificity

MOST_CHARACTERS: Final = 1_000_000
"""The maximum number of characters of all style sheets of a page; the rest is not read."""
LONGEST_VALUE: Final = 1_000
"""The maximum length in characters; embedded images make longer values, whose rest is not needed."""
MOST_RULES: Final = 20_000
UNKNOWN: Final = "unknown()"
"""The value of a property if only a browser can tell which declaration wins."""

_LENGTH: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?:%|[a-z]+)|[+-]?0*\.?0+"
_SIZE: Final = rf"{_LENGTH}|auto|none|(?:min|max|fit)-content|-webkit-fill-available|stretch"
_NUMBER: Final = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?%?"
_OVERFLOW: Final = r"visible|hidden|clip|scroll|auto|overlay"
_COLOUR: Final = r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|[a-z-]+(?:\(.*\))?"
_ANY: Final = r".+"

# Property -> its values in Chromium; a declaration with another value does not count. Those of `_ANY` are
# judged by the caller, for which an unknown value says nothing.
VALID: Final[dict[str, str]] = {
    "display": r"none|contents|(?:block|inline|run-in|flow|flow-root|table|flex|grid|ruby|math|list-item)(?: [a-z-]+){0,2}"
    r"|(?:inline|table)-[a-z-]+|-webkit-(?:inline-)?(?:box|flex)|ruby-text|ruby-base",
    "visibility": r"visible|hidden|collapse",
    "content-visibility": r"visible|hidden|auto",
    "opacity": _NUMBER,
    "filter": _ANY,
    "position": r"static|relative|absolute|fixed|sticky|-webkit-sticky",
    **dict.fromkeys(("left", "right", "top", "bottom", "margin-left", "text-indent"), _SIZE),
    **dict.fromkeys(("width", "height", "max-width", "max-height", "min-width", "min-height"), _SIZE),
    **dict.fromkeys(("padding", "padding-top", "padding-bottom", "padding-left", "padding-right"), _ANY),
    **dict.fromkeys(("transform", "scale", "clip", "clip-path", "-webkit-clip-path"), _ANY),
    "overflow": rf"(?:{_OVERFLOW})(?: (?:{_OVERFLOW}))?",
    **dict.fromkeys(("overflow-x", "overflow-y"), _OVERFLOW),
    "float": r"none|left|right|inline-start|inline-end",
    "font-size": rf"{_LENGTH}|(?:xx?-)?small|medium|(?:x{{1,3}}-)?large|smaller|larger|math",
    **dict.fromkeys(("color", "background-color", "-webkit-text-fill-color"), _COLOUR),
    **dict.fromkeys(("background", "background-image", "font", "text-shadow"), _ANY),
    **dict.fromkeys(("background-clip", "-webkit-background-clip"), _ANY),
    **dict.fromkeys(("animation", "animation-name", "-webkit-animation", "-webkit-animation-name"), _ANY),
}
_UNKNOWN: Final = re.compile(r"\b(?:var|calc|min|max|clamp|env|attr)\(")
_WIDE: Final = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})


class Declared(NamedTuple):
    """The winning value of a property and its evidence."""

    value: str
    """Lower case, white space collapsed."""
    by: str
    """``style``, ``attribute``, or ``sheet`` and the selector."""


_Weight = tuple[bool, bool, "Specificity", int]
"""Importance, origin in the element's own ``style``, specificity, order."""
_Found = dict[str, tuple[_Weight, Declared]]
_Sheet = dict[str, "_Rules"]
"""The rules of a sheet by what their element must have, see ``key_of``."""


class _Block:
    """A rule of a sheet with what it declares; both are read once, when the first selector of the rule matches an element."""

    def __init__(self, rule: styles.Rule) -> None:
        self._rule = rule
        self.is_certain: Final = rule.is_certain

    @cached_property
    def values(self) -> tuple[tuple[str, str, bool], ...]:
        """(property, value, is important) of each valid declaration; none if the selector list is invalid."""
        return tuple(_valued(self._rule.declarations)) if styles.is_valid(self._rule.selectors) else ()


class _Rule:
    """One selector of a rule, parsed when it is compared for the first time."""

    __slots__ = ("_selector", "_text", "block", "number")

    def __init__(self, text: str, number: int, block: _Block) -> None:
        self._text = text
        self._selector: Selector | None = None
        self.number = number
        """Its place among the selectors of the sheet, from 1."""
        self.block = block

    @property
    def selector(self) -> Selector | None:
        """The selector; None if it is not supported."""
        if self._text:
            self._selector, self._text = parse(self._text), ""
        return self._selector


class _Rules(list[_Rule]):
    """The rules of a sheet for one key, in the sheet's order."""

    @cached_property
    def is_shared(self) -> bool:
        """False if one of them may tell apart elements of the same name, id and classes."""
        return all(selector is None or selector.is_shared for selector in (rule.selector for rule in self))


class _Keyed(NamedTuple):
    """The rules of a page for one key."""

    lists: tuple[tuple[int, _Rules], ...]
    """Those of each sheet, with the number of selectors in the sheets before it."""
    is_shared: bool
    """See :attr:`_Rules.is_shared`."""


def _keys(element: ElementLike) -> tuple[str, ...]:
    """Returns the keys of the rules whose last compound may match an element, see ``key_of``."""
    identity, names = element.attr("id"), element.attr("class")
    classes = (f".{name}" for name in sorted(frozenset(names.split()))) if names else ()
    return ("", element.tag.lower(), f"#{identity or ''}", *classes)


def _is_valid(declaration: styles.Declaration, value: str) -> bool:
    if value in _WIDE or _UNKNOWN.search(value) is not None:
        return True
    return _values_of(declaration.name).fullmatch(value) is not None


@cache
def _values_of(name: str) -> re.Pattern[str]:
    """Returns the expression of a property's values; a page declares few of all, and compiling takes a while."""
    return re.compile(VALID[name])


def _valued(stated: Iterable[styles.Declaration]) -> Iterator[tuple[str, str, bool]]:
    """Yields (property, value, is important) of valid declarations; shorthands are expanded."""
    for declaration in stated:
        if declaration.name in VALID:
            value = " ".join(declaration.value[:LONGEST_VALUE].lower().split())
            if _is_valid(declaration, value):
                for name, part in longhands(declaration.name, value):
                    yield name, part, declaration.is_important


class ElementStyle:
    """The style of an element, and of all others that no rule of the page can tell from it.

    Browsers share the styles of elements likewise: of the same name, id, classes and declarations, within elements that share
    theirs. Where a rule looks at more of an element than that, each such element has a style of its own.
    """

    __slots__ = ("around", "declared", "element", "in_shadow", "is_shared")

    def __init__(self, element: ElementLike, around: ElementStyle | None, *, in_shadow: bool) -> None:
        self.element = element
        """The first one that has it."""
        self.around = around
        """The style of its parent."""
        self.in_shadow = in_shadow
        self.is_shared = True
        """False if a rule may tell the element from others."""
        self.declared: dict[str, Declared] | None = None
        """What is declared for it; None until it is asked for."""


WITH_BGCOLOR: Final = frozenset({"body", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "marquee"})
_LEGACY: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(WITH_BGCOLOR, ("bgcolor", "background")),
    "font": ("color",),
}
"""The attributes by which an element of an old page declares colours."""


class Cascade:
    """The declared styles of a page's elements; style sheets are parsed on first use."""

    def __init__(self, document: DocumentLike) -> None:
        self._document = document
        self._ancestry = Ancestry(document)
        self._styles: dict[ElementLike, ElementStyle] = {}
        self._shared: dict[Hashable, ElementStyle] = {}
        self._by_key: dict[str, _Keyed] = {}

    @cached_property
    def _sheets(self) -> list[tuple[int, _Sheet]]:
        """The style sheets, each with the number of selectors in those before it."""
        return list(_read(self._document.style_sheets()))

    @cached_property
    def _shadow_tops(self) -> AbstractSet[ElementLike]:
        """The roots of shadow trees, to which the document's style sheets do not apply."""
        return frozenset(islice(self._document.tops(), 1, None))

    def style(self, element: ElementLike) -> ElementStyle:
        """Returns the style of an element; what is declared for it is found when :meth:`of` asks for it."""
        styles_of = self._styles
        found = styles_of.get(element)
        if found is not None:
            return found
        path: list[ElementLike] = []
        around: ElementLike | None = element
        while around is not None and (found := styles_of.get(around)) is None:
            path.append(around)
            around = self._document.parent(around)
        for inner in reversed(path):
            found = styles_of[inner] = self._below(found, inner)
        return styles_of[element]

    def _below(self, around: ElementStyle | None, element: ElementLike) -> ElementStyle:
        attr, tag = element.attr, element.tag
        in_shadow = (around is not None and around.in_shadow) or element in self._shadow_tops
        names, identity = attr("class"), attr("id")
        key: tuple[Hashable, ...] = (
            *(around, tag, names, identity, in_shadow, attr("style"), attr("hidden"), attr("aria-hidden")),
            tag in {"a", "area"} and attr("href") is not None,
        )
        if tag in _LEGACY:
            key += tuple(map(attr, _LEGACY[tag]))
        known = self._shared.get(key)
        if known is not None and known.is_shared:
            return known
        found = ElementStyle(element, around, in_shadow=in_shadow)
        if known is not None:
            found.is_shared = False
            return found
        self._shared[key] = found
        if self._sheets and not in_shadow:
            found.is_shared = all(self._keyed(rule_key).is_shared for rule_key in _keys(element))
        return found

    def _keyed(self, key: str) -> _Keyed:
        found = self._by_key.get(key)
        if found is None:
            lists = tuple((before, sheet[key]) for before, sheet in self._sheets if key in sheet)
            found = self._by_key[key] = _Keyed(lists, all(rules.is_shared for _, rules in lists))
        return found

    def _candidates(self, style: ElementStyle) -> list[tuple[int, _Rules]]:
        """Returns the rules that may match an element, by sheet; the page's elements would take too much memory to keep them."""
        if style.in_shadow or not self._sheets or self._ancestry.looks_left < 0:
            return []
        found = [rules for key in _keys(style.element) for rules in self._keyed(key).lists]
        found.sort(key=itemgetter(0))  # the order of the keys remains within a sheet
        return found

    def of(self, element: ElementLike) -> dict[str, Declared]:
        """Maps each property declared for an element to its winning value."""
        style = self.style(element)
        if style.declared is None:
            style.declared = self._declared(style)
        return style.declared

    def _declared(self, style: ElementStyle) -> dict[str, Declared]:
        found: _Found = {}
        for rule, selector, number, is_certain in self._matching(style):
            for name, value, is_important in rule.block.values:
                weight = (is_important, False, selector.specificity, number)
                declared = Declared(value if is_certain else UNKNOWN, f"sheet {selector.text}")
                if is_certain or name not in found or found[name][1].value != value:
                    _put(found, name, weight, declared)
        if self._ancestry.looks_left < 0:
            found.clear()
        return self._with_own(style.element, found)

    @staticmethod
    def _with_own(element: ElementLike, found: _Found) -> dict[str, Declared]:
        style = element.attr("style")
        if style:
            for number, (name, value, is_important) in enumerate(_valued(styles.declarations(style))):
                _put(found, name, (is_important, True, (0, 0, 0), number), Declared(value, "style"))
        return {name: declared for name, (_, declared) in found.items()} if found else {}

    def _matching(self, style: ElementStyle) -> Iterator[tuple[_Rule, Selector, int, bool]]:
        """Yields the rules that match an element, each with its selector, its number on the page, and True if it is certain."""
        candidates = self._candidates(style)
        if not candidates:
            return
        facts = self._ancestry.of(style.element)
        for before, rules in candidates:
            for rule in rules:
                number = before + rule.number
                if self._ancestry.looks_left < 0 or number > MOST_RULES:
                    return
                selector = rule.selector
                if selector is not None:
                    answer = selector.looks(facts)
                    if answer is not False:
                        yield rule, selector, number, answer is True and rule.block.is_certain


def _put(found: _Found, name: str, weight: _Weight, declared: Declared) -> None:
    if name not in found or weight >= found[name][0]:
        found[name] = weight, declared


def _read(sheets: Iterable[str]) -> Iterator[tuple[int, _Sheet]]:
    """Yields each sheet, up to the limits, with the number of selectors before it."""
    left, number = MOST_CHARACTERS, 0
    for sheet in sheets:
        text = sheet[:left]
        read = _indexed
        if len(text) <= _LONGEST_KEPT:
            read = _short_indexed if len(text) <= _SHORT else _long_indexed
        count, index = read(text)
        if index:
            yield number, index
        number += count
        left = max(left - len(sheet), 0)
        if number >= MOST_RULES or not left:
            return


def _indexed(sheet: str) -> tuple[int, _Sheet]:
    """Returns the number of selectors, and the rules with known properties by what their element must have."""
    index: defaultdict[str, _Rules] = defaultdict(_Rules)
    number = 0
    for rule in styles.rules(sheet, VALID.keys()):
        block = _Block(rule)
        for text in styles.selectors_of(rule.selectors):
            if number >= MOST_RULES:
                return number, dict(index)
            key = key_of(text)
            if key is not None:
                number += 1
                index[key].append(_Rule(text, number, block))
    return number, dict(index)


# The pages of a site have the same style sheets. What is kept is bounded by the sheets' lengths.
_SHORT: Final = 10_000
_LONGEST_KEPT: Final = 100_000
"""The number of characters up to which a sheet is kept for the next page."""
_short_indexed: Final = lru_cache(maxsize=200)(_indexed)
_long_indexed: Final = lru_cache(maxsize=20)(_indexed)
