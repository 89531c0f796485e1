"""Finds the living page of a site that resembles a broken address of it most."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.reports.anchors import words
from backlinkbot.reports.quality.profile import url_words

if TYPE_CHECKING:
    from collections.abc import Iterable

ENOUGH: Final = 0.4
"""Share of a broken address's words, by weight, that a living page must have."""
_COMMON: Final = frozenset({"html", "htm", "php", "aspx", "asp", "index", "www", "http", "https"})
_MOST_ANCHORS: Final = 20
"""Different anchors of an address that are read."""


@dataclass(slots=True)
class LinkedAddress:
    """What links tell of an address: its words."""

    url: str
    anchors: set[str] = field(default_factory=set)

    def add(self, anchor: str) -> None:
        """Adds the anchor of a link to it."""
        if len(self.anchors) < _MOST_ANCHORS:
            self.anchors.add(anchor)

    def words(self) -> frozenset[str]:
        """Returns the words of its path and of the anchors that lead to it."""
        name = set(url_words(_root(self.url)))
        of_path = set(url_words(self.url)) - name
        of_anchors = {word for anchor in self.anchors for word in words(anchor) if not word.isdigit()}
        return frozenset(word for word in (of_path | of_anchors) - name - _COMMON if not _is_letter(word))


def _is_letter(word: str) -> bool:
    """True for a single letter of a script with spaces between its words, such as the name of a parameter."""
    return len(word) == 1 and word.isascii()


def _root(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"


class LivingPages:
    """The pages of a site that answered when they were asked."""

    def __init__(self, pages: Iterable[LinkedAddress]) -> None:
        self._words = {page.url: page.words() for page in pages if not _is_home(page.url)}
        self._with: dict[str, list[str]] = defaultdict(list)
        for url, found in self._words.items():
            for word in found:
                self._with[word].append(url)

    def nearest(self, broken: LinkedAddress) -> str:
        """Returns the page that shares most words with the broken address; empty if none shares enough.

        Words that many of the pages have weigh little (inverse document frequency), and a word of more than half of them alone
        is no resemblance. The home page is never the answer: search engines take a redirect to it for a missing page
        (https://developers.google.com/search/docs/crawling-indexing/http-network-errors#soft-404-errors).
        """
        wanted = broken.words()
        weights = {word: self._weight(word) for word in wanted}
        telling = (url for word in wanted if self._is_telling(word) for url in self._with.get(word, ()))
        found = {url: sum(weights[word] for word in wanted & self._words[url]) for url in telling}
        # Of pages that share the same words, the one with fewer others is nearer.
        best = min(found, key=lambda url: (-found[url], len(self._words[url]), url), default="")
        return best if best and found[best] >= ENOUGH * sum(weights.values()) else ""

    def _is_telling(self, word: str) -> bool:
        return len(self._with.get(word, ())) <= max(1, len(self._words) // 2)

    def _weight(self, word: str) -> float:
        return 1 + math.log((1 + len(self._words)) / (1 + len(self._with.get(word, ()))))


def _is_home(url: str) -> bool:
    parsed = urls.parse(url)
    return parsed is None or (parsed.pathname == "/" and not parsed.search)
