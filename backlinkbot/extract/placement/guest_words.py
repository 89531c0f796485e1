# ruff: noqa: RUF001 - letters of other alphabets are the subject
"""Recognises what a text says of its author: that a guest wrote it, or who that is."""

from __future__ import annotations

import re
from typing import Final

from backlinkbot.extract.placement.evidence import PUNCTUATION, evidence_of
from backlinkbot.extract.placement.kind_words import (
    AUTHOR_HEADING,
    GUEST_PERSON_STEMS,
    GUEST_PERSONS,
    GUEST_STEMS,
    GUEST_WORDS,
)
from backlinkbot.extract.placement.stems import holds_one_of

_SENTENCE_START: Final = re.compile(r"[.:!?…\n(*|–—]")
_WORD: Final = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_OF_THIS_TEXT: Final = frozenset(
    """
    in this the following below here is was has been an a another our special today today's today’s week week's article post text
    essay story column piece by from written contributed and editor's editor’s note
    dies dieser dieses diese ist war ein eine der die das folgende folgender hier heute heutiger unser von
    ceci cet cette est un une voici notre el la este esta es una nuestro nuestra aquí o um uma é nosso
    il questo questa è dit deze een onze to jest nasz этот это наш
    """.split()  # noqa: SIM905
)
"""The words that may stand in a sentence before words for a guest's text, if it is about the text itself."""
_IS: Final = re.compile(
    r"\b(?:is|was|i’m|i'm|ist|est|es|é|è) (?:an?|our|the|ein|eine|un|une|una|um|uma)?\s*$", re.IGNORECASE
)
_BY: Final = re.compile(r"(?:^|\b(?:by|from|our|von|par|por|da|di))\s*$", re.IGNORECASE)


def guest_words(text: str) -> str:
    """Returns the words by which a text says of itself that a guest wrote it; empty if there are none.

    What is said of another text does not count: "Reddit's guest post by …", "we published a guest post by …".
    """
    if not holds_one_of(GUEST_STEMS, text):
        return ""
    for match in GUEST_WORDS.finditer(text):
        words = _WORD.findall(_of_sentence(text, match.start()).lower())
        if _OF_THIS_TEXT.issuperset(words):
            return evidence_of("text", match)
    if holds_one_of(GUEST_PERSON_STEMS, text):
        for match in GUEST_PERSONS.finditer(text):
            before = _of_sentence(text, match.start())
            if _IS.search(before) is not None or _BY.search(before) is not None:
                return evidence_of("text", match)
    return ""


def _of_sentence(text: str, end: int) -> str:
    """Returns the part of a sentence before an offset."""
    return _SENTENCE_START.split(text[:end])[-1].strip()


def about_the_author(opening: str, line_before: str) -> str:
    """Returns the words for an author's introduction with which a block begins, or that are the line before it."""
    label, colon, _ = opening.partition(":")
    for line in (label if colon else "", line_before):
        if found := author_heading("text", line):
            return found
    return ""


def author_heading(where: str, line: str) -> str:
    """Returns the evidence that a whole line says that the text's author follows; empty if it does not."""
    line = line.strip(PUNCTUATION)
    if not line or len(line) > _LONGEST_AUTHOR_HEADING:  # as nearly all lines
        return ""
    return evidence_of(where, AUTHOR_HEADING.fullmatch(line))


_LONGEST_AUTHOR_HEADING: Final = 40
"""The number of characters that no match of ``AUTHOR_HEADING`` has."""
