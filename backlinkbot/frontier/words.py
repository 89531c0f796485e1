"""Learns from the words of links which words lead to pages with backlinks, on any host."""

from __future__ import annotations

import re
from array import array
from math import log
from typing import TYPE_CHECKING, Final
from zlib import crc32

from backlinkbot.frontier.names import EXPECTATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACES: Final = 1 << 17
"""Words are told apart by a hash of 17 bits, so that memory stays the same however many there are."""
DISCOUNT: Final = 0.95
"""What a visit counts for after the next one: the first pages of a site show more new hosts than later ones."""

_PRIOR_VISITS: Final = 6.0
"""A word's own visits outweigh what is expected of it from this many on."""
_PRIOR_VISITS_OF_HITS: Final = 8.0
"""The same for hits, which are rare: a word has to lead to several before it counts."""
_EXPONENT_OF_HITS: Final = 0.3
_EXPONENT: Final = 0.7
"""Words of one link mostly say the same thing, so they are not simply multiplied."""
_WORD: Final = re.compile(r"[^\W\d_]{3,20}")
_DIGITS: Final = re.compile(r"\d+")
_MAX_OF_ADDRESS: Final = 5
_MAX_OF_ANCHOR: Final = 3
_LONGEST_ANCHOR: Final = 200
_LONGEST_NAME: Final = 30


def words_of(path: str, anchor: str, found_on: str = "") -> tuple[int, ...]:
    """Hashes of what a link says: words of its path and query, its anchor, its last segment, the page that it is on."""
    tail = path.partition("?")[0].rstrip("/").rpartition("/")[2]
    said = [f"address {word}" for word in _distinct(path)[-_MAX_OF_ADDRESS:]]
    said += [f"anchor {word}" for word in _distinct(anchor[:_LONGEST_ANCHOR])[:_MAX_OF_ANCHOR]]
    said.append("name " + _DIGITS.sub("0", tail)[:_LONGEST_NAME])
    if found_on:
        said.append("page " + found_on)
    return tuple([crc32(word.encode("utf-8", "surrogatepass")) % PLACES for word in said])  # as _place, at less cost


def _distinct(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text.lower())))


def _place(said: str) -> int:
    return crc32(said.encode("utf-8", "surrogatepass")) % PLACES


class Words:
    """By word, how much more than the average page the pages behind it have shown, and how often they linked to a target."""

    def __init__(self) -> None:
        self._visits = array("d", bytes(8 * PLACES))
        self._shown = array("d", bytes(8 * PLACES))
        self._hits = array("d", bytes(8 * PLACES))
        self._expected: dict[int, float] = {}
        self.log_factor_of = [0.0] * PLACES
        """By hash, the logarithm of what a page behind the word is worth, against one of which nothing is known."""
        self.log_hit_factor_of = [0.0] * PLACES
        """By hash, the logarithm of how much likelier than usual a page behind the word is to link to a target."""
        for times, words in EXPECTATIONS:
            for word in words.split():
                for place in (_place(f"address {word}"), _place(f"anchor {word}")):
                    self._expected[place] = times
                    self.log_factor_of[place] = _EXPONENT * log(times)

    def learn(self, words: Iterable[int], shown: float, average: float, usual_rate: float) -> None:
        """Adds a visit.

        Args:
            words: the words of the link to the visited page.
            shown: what the page has shown.
            average: what the average page has shown by now.
            usual_rate: the share of all visited pages that link to a target.
        """
        all_visits, all_shown, all_hits = self._visits, self._shown, self._hits
        expected_hits = _PRIOR_VISITS_OF_HITS * usual_rate
        for word in words:
            visits = all_visits[word] = DISCOUNT * all_visits[word] + 1
            total = all_shown[word] = DISCOUNT * all_shown[word] + shown
            expected = _PRIOR_VISITS * self._expected.get(word, 1.0)
            self.log_factor_of[word] = _EXPONENT * log((total / average + expected) / (visits + _PRIOR_VISITS))
            hits = all_hits[word] = all_hits[word] * DISCOUNT
            rate = (hits + expected_hits) / (visits + _PRIOR_VISITS_OF_HITS)
            self.log_hit_factor_of[word] = _EXPONENT_OF_HITS * log(rate / usual_rate)

    def hit(self, words: Iterable[int], usual_rate: float) -> None:
        """Adds a hit: the page behind a link with these words, whose visit was added before, links to a target."""
        expected = _PRIOR_VISITS_OF_HITS * usual_rate
        for word in words:
            self._hits[word] += 1
            rate = (self._hits[word] + expected) / (self._visits[word] + _PRIOR_VISITS_OF_HITS)
            self.log_hit_factor_of[word] = _EXPONENT_OF_HITS * log(rate / usual_rate)
