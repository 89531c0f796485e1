"""The cheap tests before the expressions of kinds and shapes never leave out a text that an expression matches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.extract.placement import kind_words, shapes
from backlinkbot.extract.placement.stems import folded, holds_one_of


@given(st.from_regex(kind_words.GUEST_WORDS, fullmatch=True))
def test_words_of_guest_posts_hold_a_stem(text: str) -> None:
    assert holds_one_of(kind_words.GUEST_STEMS, text)


@given(st.from_regex(kind_words.GUEST_PERSONS, fullmatch=True))
def test_words_for_guests_hold_a_stem(text: str) -> None:
    assert holds_one_of(kind_words.GUEST_STEMS, text)
    assert holds_one_of(kind_words.GUEST_PERSON_STEMS, text)


@given(st.from_regex(kind_words.PRESS_LABEL, fullmatch=True))
def test_labels_of_press_releases_hold_a_stem(text: str) -> None:
    assert holds_one_of(kind_words.PRESS_STEMS, text)


@given(st.from_regex(kind_words.AD_SERVERS, fullmatch=True))
def test_servers_of_advertisements_hold_a_stem(url: str) -> None:
    assert holds_one_of(kind_words.AD_SERVER_STEMS, url)


@given(st.from_regex(shapes.SHARING, fullmatch=True))
def test_urls_that_share_a_page_hold_a_stem(url: str) -> None:
    assert holds_one_of(shapes.SHARING_STEMS, url)


def is_told(expression: re.Pattern[str], ends: tuple[str, ...], text: str) -> bool:
    text = text.rstrip()  # as no text before a link ends with white space
    matches = any(match.end() == len(text) for match in expression.finditer(text))
    return folded(text).endswith(ends) or not matches


@given(st.from_regex(kind_words.MADE_BY, fullmatch=True))
def test_texts_that_say_who_made_a_page_end_so(text: str) -> None:
    assert is_told(kind_words.MADE_BY, kind_words.MADE_BY_ENDS, text)


@given(st.from_regex(kind_words.IMAGE_CREDIT, fullmatch=True))
def test_texts_that_say_whose_an_image_is_end_so(text: str) -> None:
    assert is_told(kind_words.IMAGE_CREDIT, kind_words.IMAGE_CREDIT_ENDS, text)


@given(st.from_regex(kind_words.SPONSORED_LABEL, fullmatch=True))
def test_labels_are_short(label: str) -> None:
    assert len(label) <= kind_words.LONGEST_LABEL


@pytest.mark.parametrize(
    "text", ["GUEST", "Gue\N{LATIN SMALL LETTER LONG S}t", "guest", "gue\N{LATIN CAPITAL LETTER S}t"]
)
def test_capitals_of_every_kind_are_folded(text: str) -> None:
    assert re.search("guest", text, re.IGNORECASE)
    assert holds_one_of(("guest",), text)


@pytest.mark.parametrize(
    "letter", ["\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "\N{LATIN SMALL LETTER DOTLESS I}", "I", "\N{KELVIN SIGN}"]
)
def test_letters_that_expressions_take_for_equal_are_folded(letter: str) -> None:
    [plain] = [plain for plain in "ik" if re.fullmatch(plain, letter, re.IGNORECASE)]
    assert folded(letter) == plain
