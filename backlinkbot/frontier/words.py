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
FORGETTING: Final = 0.95
"""What a visit counts for after the next one: the first pages of a site show more new hosts than later ones."""

_CAUTION: Final = 6.0
"""A word's own visits outweigh what is expected of it from this many on."""
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
    return tuple(map(_place, said))


def _distinct(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text.lower())))


def _place(said: str) -> int:
    return crc32(said.encode("utf-8", "surrogatepass")) % PLACES


class Words:
    """How much more, or less, than the average page the pages behind a word have shown."""

    def __init__(self) -> None:
        self._visits = array("d", bytes(8 * PLACES))
        self._shown = array("d", bytes(8 * PLACES))
        self._expected: dict[int, float] = {}
        self.worth_of = [0.0] * PLACES
        """By hash, the logarithm of what a page behind the word is worth, against one of which nothing is known."""
        for times, words in EXPECTATIONS:
            for word in words.split():
                for place in (_place(f"address {word}"), _place(f"anchor {word}")):
                    self._expected[place] = times
                    self.worth_of[place] = _EXPONENT * log(times)

    def learn(self, words: Iterable[int], shown: float, average: float) -> None:
        """Note what a page behind a link with these words has shown, and what the average page shows by now."""
        for word in words:
            visits = self._visits[word] = FORGETTING * self._visits[word] + 1
            total = self._shown[word] = FORGETTING * self._shown[word] + shown
            expected = _CAUTION * self._expected.get(word, 1.0)
            self.worth_of[word] = _EXPONENT * log((total / average + expected) / (visits + _CAUTION))
