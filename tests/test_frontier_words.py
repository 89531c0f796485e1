"""What the words of a link say."""

from __future__ import annotations

import pytest

from backlinkbot.frontier.names import EXPECTATIONS
from backlinkbot.frontier.words import PLACES, Words, words_of


def worth(words: Words, path: str, anchor: str = "") -> float:
    return sum(words.log_factor_of[place] for place in words_of(path, anchor))


@pytest.mark.parametrize("text", ["/links.html", "/en/blogroll", "/PARTNER/", "/a?show=sponsors"])
def test_pages_that_are_named_for_their_links_are_expected_to_have_some(text: str) -> None:
    assert worth(Words(), text) > 1.0


def test_anchors_say_as_much_as_addresses() -> None:
    assert worth(Words(), "/p/17", "Our friends") == pytest.approx(worth(Words(), "/friends/17", ""))
    assert worth(Words(), "/p/17", "Log in, or search") < 0
    assert worth(Words(), "/p/17", "Bücher über Fische") == 0


def test_no_word_is_expected_to_be_two_things() -> None:
    words = [word for _, line in EXPECTATIONS for word in line.split()]
    assert len(words) == len(set(words))
    assert all(word == word.lower() and 3 <= len(word) <= 20 for word in words)


def test_what_is_seen_outweighs_what_was_expected() -> None:
    words = Words()
    before = worth(words, "/links/b")
    for _ in range(40):
        words.learn(words_of("/links/a", ""), 0.0, 1.0, 0.01)
        words.learn(words_of("/login/c", ""), 4.0, 1.0, 0.01)
    assert worth(words, "/links/b") < before / 4
    assert worth(words, "/login/b") > 0.5


def test_words_are_learned_for_every_host_and_names_with_their_digits_folded() -> None:
    words = Words()
    words.learn(words_of("/2024/rundschau-17.html", ""), 5.0, 1.0, 0.01)
    assert worth(words, "/archiv/rundschau-18.html") > worth(words, "/archiv/rundschau.html") > 0


def test_words_of_hits_make_other_pages_likelier_on_any_host() -> None:
    words = Words()

    def likeliness(path: str) -> float:
        return sum(words.log_hit_factor_of[place] for place in words_of(path, ""))

    for n in range(5):
        for path in (f"/licence-{n}", f"/imprint-{n}"):
            words.learn(words_of(path, ""), 0.0, 1.0, 0.05)
        words.hit(words_of(f"/licence-{n}", ""), 0.05)
    assert likeliness("/docs/licence") > 0 > likeliness("/docs/imprint")
    for n in range(60):
        words.learn(words_of(f"/licence-{n}", ""), 0.0, 1.0, 0.05)
    assert likeliness("/docs/licence") < 0.1  # what has not led to hits lately is like other words again


def test_memory_is_the_same_whatever_is_met() -> None:
    assert all(0 <= place < PLACES for place in words_of("/\udc80/ü/%F0?x=\U0001f600", "\ud800 word" * 1_000))
    assert len(words_of("/abc/def/ghi/jkl/mno/pqr" * 99, "a few more words than three", "p")) == 10
