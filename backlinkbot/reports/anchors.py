"""Classifies anchors: branded, exact, naked URL, generic, image, empty or other.

The kinds are checked in the order of :data:`KINDS`; the first whose rule matches is the anchor's.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from backlinkbot import urls
from backlinkbot.errors import TargetError
from backlinkbot.reports.generic_anchors import GENERIC
from backlinkbot.targets import Scope, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from backlinkbot.items import Backlink


class AnchorKind(StrEnum):
    """The kinds of anchors."""

    BRANDED = "branded"
    """The anchor contains a name of the target."""
    EXACT = "exact"
    """The anchor is a keyword, or the last word of the linked address."""
    NAKED_URL = "naked_url"
    """The anchor is an address, such as the linked one."""
    GENERIC = "generic"
    """The anchor would fit any link: ``read more``, ``here``, ``[1]``."""
    IMAGE = "image"
    """The link is an image, whatever its ``alt`` is."""
    EMPTY = "empty"
    """The link has neither text nor an image."""
    OTHER = "other"
    """Any other text."""


_PICTURES: Final = frozenset({"image", "area"})
_ADDRESS: Final = re.compile(r"(?:https?://|//|www\.)\S+", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"\.[a-z]{2,5}$", re.IGNORECASE)
# Scripts without spaces between words, and combining signs: each character is a word of its own.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_DOTLESS: Final = "\u0131"
"""In upper case Turkish writes it as I, which loses the distinction from the dotted i."""
_SHORTEST_BRAND: Final = 3
"""Letters of the shortest brand; a shorter name counts only as the whole anchor."""
_LOOKED_AT: Final = 500
"""Characters of an anchor that are examined."""


@lru_cache(maxsize=10_000)
def words(text: str) -> tuple[str, ...]:
    """Returns the words of a text, without case, accents and punctuation."""
    if text.isascii():  # the same, in a tenth of the time
        return tuple(_WORD.findall(text.lower().replace("_", " ")))
    plain = unicodedata.normalize("NFKD", text).casefold().replace(_DOTLESS, "i")
    kept = "".join(c for c in plain if unicodedata.category(c) not in {"Mn", "Cf"})
    spaced = _UNSPACED.sub(r" \g<0> ", unicodedata.normalize("NFC", kept)).replace("_", " ")
    return tuple(_WORD.findall(spaced))


_WORD: Final = re.compile(r"\w+")


_GENERIC_WORDS: Final = frozenset(words(text) for texts in GENERIC.values() for text in texts.split("|"))


class AnchorReader:
    """Classifies anchors by the names of the target and the user's own names and keywords."""

    def __init__(self, brands: Iterable[str] = (), keywords: Iterable[str] = ()) -> None:
        self.brands = frozenset(filter(None, map(_joined, brands)))
        self.keywords = frozenset(filter(None, map(words, keywords)))
        self._kinds: dict[tuple[str, str, frozenset[str], str], AnchorKind | None] = {}
        """What decides all rules but the last -> the kind; None if only the last may match."""

    def kind(self, row: Backlink) -> AnchorKind:
        """Returns the first kind of :data:`KINDS` whose rule matches."""
        return self.kind_of(row.target, row.target_url, row.anchor, row.link_type)

    def kind_of(self, target: str, target_url: str, anchor: str, link_type: str) -> AnchorKind:
        """As :meth:`kind`, for a link that is given by its columns."""
        names, domain = _site(target, target_url)
        key = (link_type if link_type in _PICTURES else "", anchor, names, domain)
        if key not in self._kinds:
            if len(self._kinds) >= _KEPT:
                self._kinds.clear()
            row: Any = SimpleNamespace(target=target, target_url=target_url, anchor=anchor, link_type=link_type)
            self._kinds[key] = next((kind for kind, holds in KINDS[:-1] if holds(self, row)), None)
        return self._kinds[key] or (AnchorKind.EXACT if _is_last_segment(anchor, target_url) else AnchorKind.OTHER)


_KEPT: Final = 50_000
"""Most anchors whose kind is kept."""


@lru_cache(maxsize=10_000)
def _site(target: str, target_url: str) -> tuple[frozenset[str], str]:
    """Returns what the rules of kinds read of the linked address, but for its last segment: its names and its domain."""
    linked = urls.parse(target_url)
    return _names_of(target, target_url), urls.registrable_domain(linked.hostname) if linked is not None else ""


def _is_naked_url(_reader: AnchorReader, row: Backlink) -> bool:
    return _ADDRESS.fullmatch(row.anchor) is not None or _is_place_on(row.anchor, row.target_url)


def _is_keyword(reader: AnchorReader, row: Backlink) -> bool:
    return _said(row) in reader.keywords


def _is_branded(reader: AnchorReader, row: Backlink) -> bool:
    said = _said(row)
    return any(_holds(said, brand) for brand in reader.brands | _names_of(row.target, row.target_url))


def _said(row: Backlink) -> tuple[str, ...]:
    return words(row.anchor[:_LOOKED_AT])


def _is_generic(_reader: AnchorReader, row: Backlink) -> bool:
    said = _said(row)
    return said in _GENERIC_WORDS or not any(map(str.isalpha, "".join(said)))


def _is_slug(_reader: AnchorReader, row: Backlink) -> bool:
    return _is_last_segment(row.anchor, row.target_url)


def _is_last_segment(anchor: str, target_url: str) -> bool:
    return "".join(words(anchor[:_LOOKED_AT])) == _slug(target_url)


# The first rule that matches decides. A keyword of the user's is exact even if it contains the brand; a brand wins over
# generic words, because a brand may be called "Here".
KINDS: Final[tuple[tuple[AnchorKind, Callable[[AnchorReader, Backlink], bool]], ...]] = (
    (AnchorKind.IMAGE, lambda _, row: row.link_type in _PICTURES),
    (AnchorKind.EMPTY, lambda _, row: not _is_visible(row.anchor)),
    (AnchorKind.NAKED_URL, _is_naked_url),
    (AnchorKind.EXACT, _is_keyword),
    (AnchorKind.BRANDED, _is_branded),
    (AnchorKind.GENERIC, _is_generic),
    (AnchorKind.EXACT, _is_slug),
)


def _is_visible(text: str) -> bool:
    return any(not c.isspace() and unicodedata.category(c) not in {"Cc", "Cf"} for c in text)


def _is_place_on(anchor: str, target_url: str) -> bool:
    """True if the anchor is the linked site's host, with or without a path: ``example.com/maps``."""
    if "." not in anchor or len(anchor) > _LOOKED_AT or any(map(str.isspace, anchor)):
        return False
    written, linked = urls.parse(f"http://{anchor}"), urls.parse(target_url)
    if written is None or linked is None:
        return False
    return urls.registrable_domain(written.hostname) == urls.registrable_domain(linked.hostname)


def _joined(name: str) -> str:
    return "".join(words(name))


@lru_cache(maxsize=10_000)
def _names_of(target: str, target_url: str) -> frozenset[str]:
    """Returns the label before the public suffix, of the target and of the alias that the link leads to: ``target``.

    A target that is only a part of a site (``https://github.com/name/``) has none, because the site's name is not its own.
    """
    try:
        place = Target.parse(target).places[0]
    except TargetError:
        return frozenset()
    if place.scope not in {Scope.DOMAIN, Scope.SUBDOMAINS}:
        return frozenset()
    linked = urls.parse(target_url)
    hosts = [place.host] if linked is None else [place.host, linked.hostname]
    return frozenset(filter(None, map(_label, hosts)))


def _label(hostname: str) -> str:
    label = urls.registrable_domain(hostname).partition(".")[0]
    if label.startswith("xn--"):
        try:
            label = label[4:].encode().decode("punycode")
        except UnicodeError:
            return ""
    return _joined(label) if any(map(str.isalpha, label)) else ""


def _holds(said: tuple[str, ...], brand: str) -> bool:
    """True if consecutive words make up the name, however it is spaced: ``My Shop``, ``my-shop``, ``myshop``."""
    if len(brand) < _SHORTEST_BRAND:
        return "".join(said) == brand
    for start in range(len(said)):
        rest = brand
        for word in said[start:]:
            if not rest.startswith(word):
                break
            rest = rest[len(word) :]
            if not rest:
                return True
    return False


@lru_cache(maxsize=10_000)
def _slug(target_url: str) -> str:
    """Returns the words of the address's last path segment, joined; empty if it has no letters."""
    url = urls.parse(target_url)
    last = url.pathname.rstrip("/").rpartition("/")[2] if url is not None else ""
    joined = _joined(unquote(_EXTENSION.sub("", last)))
    return joined if any(map(str.isalpha, joined)) else ""
