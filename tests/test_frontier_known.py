"""Each page once, over http or https; the small set behind it is a set."""

from __future__ import annotations

import pickle
import random

from hypothesis import given
from hypothesis import strategies as st

from backlinkbot import urls
from backlinkbot.frontier import KnownPages
from backlinkbot.frontier.known import HashSet
from backlinkbot.urls import URL


def url(text: str) -> URL:
    parsed = urls.parse(text)
    assert parsed is not None
    return parsed


@given(st.lists(st.integers(min_value=0, max_value=2**64 - 1) | st.integers(min_value=0, max_value=300), max_size=2000))
def test_a_set_of_hashes_is_a_set(numbers: list[int]) -> None:
    small, plain = HashSet(), set()
    for number in numbers:
        assert (number in small) == ((number or 1) in plain)
        small.add(number)
        plain.add(number or 1)
        assert len(small) == len(plain)
    assert all(number in small for number in plain)


def test_it_grows() -> None:
    small = HashSet()
    dice = random.Random(7)
    numbers = [dice.getrandbits(64) for _ in range(100_000)]
    for number in numbers:
        small.add(number)
    assert len(small) == 100_000
    assert all(number in small for number in numbers)
    assert not any(number ^ 1 in small for number in numbers)


def test_a_page_is_admitted_once() -> None:
    known = KnownPages()
    assert known.admit(url("https://a.example/x#1"))
    assert not known.admit(url("https://me@A.example:443/x#2"))
    assert not known.admit(url("https://a.example/x?"))
    assert known.admit(url("https://a.example/X"))


def test_twins() -> None:
    known = KnownPages()
    assert known.admit(url("https://a.example/"))
    assert not known.admit(url("http://a.example/"))
    assert known.twin_of_failed(url("https://a.example/")) == "http://a.example/"
    assert known.twin_of_failed(url("https://a.example/")) is None
    assert known.twin_of_failed(url("http://a.example/")) is None
    assert known.admit(url("https://b.example/"))
    assert known.twin_of_failed(url("https://b.example/")) is None
    assert known.admit(url("http://b.example/"))


def test_a_redirect_to_the_twin_is_admitted() -> None:
    known = KnownPages()
    assert known.admit(url("http://a.example/"))
    assert known.admit(url("https://a.example/"), instead_of=url("http://a.example/"))
    assert not known.admit(url("https://a.example/"))


def test_a_stopped_crawl_remembers() -> None:
    known = KnownPages()
    known.admit(url("https://a.example/"))
    again: KnownPages = pickle.loads(pickle.dumps(known))
    assert not again.admit(url("https://a.example/"))
    assert again.admit(url("https://a.example/2"))


def test_a_page_that_waits_is_hurried_once_and_visited_once() -> None:
    known = KnownPages()
    page, other = url("https://a.example/1"), url("https://a.example/2")
    assert not known.hurry(page), "nobody knows it"
    known.admit(page)
    assert known.hurry(page)
    assert not known.hurry(url("https://a.example/1#top")), "once is enough"
    assert [known.begin(page), known.begin(page)] == [True, False]
    known.admit(other)
    assert [known.begin(other), known.begin(other)] == [True, True], "who was not hurried is asked for twice on purpose"
    assert not known.hurry(other), "its visit has begun"
