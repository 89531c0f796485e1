"""Finds the names of brands in the text of a page, linked or not."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

from backlinkbot import urls
from backlinkbot.errors import SettingError
from backlinkbot.extract.link import MENTION, Link, collapse
from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.text.csv_escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from backlinkbot.extract.page import PageContent
    from backlinkbot.extract.placement.outline import Box
    from backlinkbot.targets import Target, Targets
    from backlinkbot.urls import URL

    MatchURL = Callable[[URL], tuple[Target, ...]]

FLAG: Final = "brand"
"""The flag of a mention of a brand; its evidence is the brand as the user wrote it."""
LINKED: Final = "brand_linked"
"""The flag of a mention that stands in a link to the brand's target."""
MOST_OF_BRAND: Final = 20
"""The maximum number of mentions of one brand on one page that are read; the rest is one row with their number."""
LONGEST_BRAND: Final = 100
"""The maximum number of characters."""
SHORTEST_BRAND: Final = 2

_UNSHOWN: Final = frozenset({"datalist", "iframe", "noembed", "noframes", "option", "select", "textarea"})
"""Elements in the body whose text is no text of the page."""
# Letters and digits of scripts that put spaces between words; the others are those of Southeast and East Asia, in which a
# word ends where the reader knows that it does.
_LETTER: Final = (
    r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\uff66-\uff9f\U00020000-\U0003ffff]"
)
_ALIKE: Final = tuple(frozenset(signs) for signs in ("'\u2019\u02bc\uff07\u2018`\u00b4", "-\u2010\u2011\u2012\u2013"))
"""Apostrophes and hyphens, of which any may stand for another."""
_ASCII: Final = re.compile(r"[A-Za-z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Brand:
    """The name of a brand, and the target that it belongs to."""

    name: str
    """As the user wrote it."""
    target: Target

    @property
    def key(self) -> bytes:
        """The longest run of ASCII letters or digits in lower case, which must stand in a page's bytes; empty if it has none.

        Those are the letters that all encodings share.
        """
        runs = _ASCII.findall(self.name)
        return max(runs, key=len).lower().encode() if runs else b""

    @property
    def url(self) -> str:
        """The address of the target."""
        place = self.target.places[0]
        return f"https://{place.host}{place.port and ':'}{place.port}{place.path or '/'}"

    def pattern(self) -> re.Pattern[str]:
        """Returns the expression that finds it in a text whose case is folded."""
        forms = dict.fromkeys(unicodedata.normalize(form, self.name).casefold() for form in ("NFC", "NFD"))
        return re.compile("|".join(_bounded(form) for form in forms))


def _bounded(form: str) -> str:
    """Returns an expression for whole words; an address or the name of a mailbox is none."""
    words = r"\s+".join("".join(map(_sign, word)) for word in form.split())
    before = rf"(?<!{_LETTER})(?<!{_LETTER}\.)(?<!@)" if re.match(_LETTER, form) else ""
    behind = rf"(?!{_LETTER})(?!\.{_LETTER})(?!@)" if re.match(_LETTER, form[-1]) else ""
    return f"{before}{words}{behind}"


def _sign(sign: str) -> str:
    alike = next((signs for signs in _ALIKE if sign in signs), None)
    return f"[{''.join(map(re.escape, sorted(alike)))}]" if alike is not None else re.escape(sign)


class Brands:
    """The brands that are looked for; their expressions are compiled once."""

    def __init__(self, brands: Sequence[Brand]) -> None:
        """Takes the brands; see :meth:`parse`."""
        self.all: tuple[Brand, ...] = tuple(dict.fromkeys(brands))

    def __bool__(self) -> bool:
        """True if any is looked for."""
        return bool(self.all)

    @classmethod
    def parse(cls, names: Iterable[str], targets: Targets) -> Brands:
        """Parses names as the user wrote them: ``NAME``, or ``NAME=TARGET`` where there are several targets.

        Raises:
            SettingError: a name is too short or too long, or is of no target.
        """
        return cls([_parse(text, targets) for text in names])

    @property
    def keys(self) -> tuple[bytes, ...]:
        """What stands in the bytes of a page that names a brand; see :attr:`Brand.key`."""
        return tuple(brand.key for brand in self.all)

    @cached_property
    def patterns(self) -> tuple[tuple[Brand, bytes, re.Pattern[str]], ...]:
        """Each brand with its key and its expression."""
        return tuple((brand, brand.key, brand.pattern()) for brand in self.all)


def _parse(text: str, targets: Targets) -> Brand:
    known = {target.name: target for target in targets}
    owner = next((name for name in known if text.endswith(f"={name}")), None)
    name = collapse(text if owner is None else text.removesuffix(f"={owner}"))
    if owner is None and len(known) != 1:
        raise SettingError(f"brand {text!r}: write NAME=TARGET, where TARGET is one of {', '.join(list(known)[:5])}")
    if not SHORTEST_BRAND <= len(name) <= LONGEST_BRAND or re.search(r"\w", name) is None:
        raise SettingError(f"brand {text!r}: a name has {SHORTEST_BRAND} to {LONGEST_BRAND} characters, and a letter")
    return Brand(name, next(iter(known.values())) if owner is None else known[owner])


def brand_mentions(
    content: PageContent, body: bytes, match: MatchURL, brands: Brands
) -> Iterator[tuple[Link, tuple[Target, ...]]]:
    """Yields the mentions of brands in the text of a page, in the order of the brands and of the text.

    Args:
        content: the page.
        body: its bytes, in which the key of a brand must stand, for the prefilter looks no further.
        match: the targets that a URL belongs to.
        brands: those that are looked for.
    """
    lowered = body.lower()
    wanted = [(brand, pattern) for brand, key, pattern in brands.patterns if key in lowered]
    if not wanted:
        return
    page = _PageText(content, match)
    bound = LinkBound(per_target=MOST_OF_BRAND, per_page=0)
    for brand, pattern in wanted:
        for place in page.places_of(pattern):
            if bound.admits((brand,), MENTION, partial(page.link, brand, *place)):
                yield page.link(brand, *place), (brand.target,)
    for link, (brand,) in bound.rest():
        yield link, (brand.target,)


class _PageText:
    """The text of one page with the boxes in which it stands."""

    def __init__(self, content: PageContent, match: MatchURL) -> None:
        self._content = content
        self._match = match
        self._outline = content.layout.outline
        self._text = self._outline.text
        self._boxes = list(self._outline.boxes.values())
        self._starts = [box.start for box in self._boxes]
        self._folded = self._text.casefold()

    @cached_property
    def _offsets(self) -> list[int] | None:
        """The place of each character's folded form; None if each has one character, as nearly everywhere."""
        if len(self._folded) == len(self._text):
            return None
        return list(accumulate((len(sign.casefold()) for sign in self._text), initial=0))

    def places_of(self, pattern: re.Pattern[str]) -> Iterator[tuple[Box, int, int]]:
        """Yields where a brand stands: the innermost box, start and end in the text; its words stand in one block."""
        for found in pattern.finditer(self._folded):
            start, end = found.span()
            if self._offsets is not None:
                start, end = bisect_right(self._offsets, start) - 1, bisect_right(self._offsets, end - 1)
            first, last = self._box_at(start), self._box_at(end - 1)
            if first is None or last is None or _block_of(first) is not _block_of(last):
                continue
            if not any(box.tag in _UNSHOWN for box in _outward(first)):
                yield first, start, end

    def _box_at(self, offset: int) -> Box | None:
        """Returns the innermost box that holds a character."""
        box: Box | None = self._boxes[number - 1] if (number := bisect_right(self._starts, offset)) else None
        while box is not None and box.end <= offset:
            box = box.enclosing
        return box

    def link(self, brand: Brand, box: Box, start: int, end: int) -> Link:
        """Returns a mention, with the words around it."""
        written = self._outline.slice(start, end)
        flags = [(FLAG, brand.name)]
        link = next((around for around in _outward(box) if around.tag in {"a", "area"}), None)
        url = self._addresses.get(link.element) if link is not None else None
        if url is not None and brand.target in self._match(url):
            flags.append((LINKED, url.href))
        if hidden := self._content.remarks.hidden(box.element):
            flags.append(("hidden", hidden))
        return Link(
            raw_href=collapse(written),
            url=brand.url,
            anchor=collapse(written),
            anchor_source="text",
            link_type=MENTION,
            rel=(),
            flags=tuple(flag for flag, _ in flags),
            flags_by=tuple(f"{flag}:{one_line(evidence)}" for flag, evidence in flags),
            has_vote=False,
            context=self._content.layout.context_between(box, start, end),
        )

    @cached_property
    def _addresses(self) -> dict[object, URL]:
        return {
            reference.element: reference.url
            for reference in self._content.references
            if reference.url is not None and urls.is_web(reference.url)
        }


def _outward(box: Box) -> Iterator[Box]:
    """Yields a box and those around it."""
    at: Box | None = box
    while at is not None:
        yield at
        at = at.enclosing


def _block_of(box: Box) -> Box | None:
    return next((around for around in _outward(box) if around.is_block), None)
