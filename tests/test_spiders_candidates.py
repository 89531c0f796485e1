"""Candidates as visits: spellings, schemes, claims and order, whatever their number."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot import urls
from backlinkbot.importers import merging
from backlinkbot.items import Candidate, Claim
from backlinkbot.spiders.candidates import CandidateVisit, CandidateVisits
from backlinkbot.targets import Targets

A = "https://a.example/p"


def visits(*candidates: Candidate | str, are_twins_one: bool = False) -> list[CandidateVisit]:
    taken = CandidateVisits(are_twins_one=are_twins_one)
    for candidate in candidates:
        taken.add(Candidate(url=candidate) if isinstance(candidate, str) else candidate)
    found = list(taken)
    taken.close()
    return found


def said(url: str, *claims: Claim) -> Candidate:
    return Candidate(url=url, claims=claims)


def claim(origin: str, anchor: str = "") -> Claim:
    return Claim(origin=origin, row=7, anchor=anchor, follow=True, confidence=0.5)


def test_all_spellings_of_one_url_are_one_visit_that_answers_each() -> None:
    spellings = ["HTTPS://A.example:443/p#x", A, "a.example/p", "https://me@a.example/./p", A]
    (one,) = visits(*spellings)
    assert one.visit.requested_url == A
    assert one.visit.candidates == tuple(spellings[:4])
    assert one.visit.fallback == ""  # the first says where to try
    (bare,) = visits("a.example/p", A)
    assert bare.visit.fallback == "http://a.example/p"


def test_each_candidate_has_its_own_claims_each_once() -> None:
    one, two, three = claim("ahrefs"), claim("semrush"), claim("ahrefs", "maps")
    (both,) = visits(said(A, one, two), said("a.example/p", one), said(A, two, three))
    assert both.visit.candidates == (A, "a.example/p")
    assert both.visit.claims == ((one, two, three), (one,))


def test_lines_of_a_list_claim_the_same() -> None:
    lines = [Claim(origin="list", file="l.txt", row=row) for row in (1, 2)]
    (one,) = visits(said(A, lines[0]), said(A, lines[1]))
    assert one.visit.claims == ((Claim(origin="list", file="l.txt"),),)


def test_over_both_schemes_two_visits_hear_of_each_other_or_are_one() -> None:
    plain, secure = claim("ahrefs"), claim("semrush")
    pair = said("http://a.example/p", plain), said("https://b.example/"), said(A, secure)
    first, other, second = visits(*pair)
    assert (first.visit.requested_url, other.visit.requested_url) == ("http://a.example/p", "https://b.example/")
    assert (first.visit.candidates, first.visit.claims) == (("http://a.example/p",), ((plain,), (secure,)))
    assert (second.visit.candidates, second.visit.claims) == ((A,), ((secure,), (plain,)))
    one, other = visits(*pair, are_twins_one=True)
    assert (one.visit.requested_url, one.visit.candidates) == (A, (A, "http://a.example/p"))
    assert one.visit.claims == ((secure,), (plain,))


def test_what_is_no_url_comes_first_and_is_answered_for() -> None:
    found = visits(A, "not a url", Candidate(url="b.example", is_domain=True), "http://", "not a url")
    assert [(one.visit.requested_url, one.is_fit, one.is_domain) for one in found] == [
        ("not a url", False, False),
        ("http://", False, False),
        (A, True, False),
        ("https://b.example/", True, True),
    ]
    assert [one.visit.is_first for one in found] == [False, False, True, True]


def test_the_likeliest_come_first() -> None:
    by_confidence = {
        "https://lost.example/": 0.1,
        "https://a.example/": 0.8,
        "https://b.example/": 0.5,
        "c.example": 0.8,
    }
    candidates = [said(url, Claim(origin="x", confidence=how)) for url, how in by_confidence.items()]
    again = said("https://lost.example/", Claim(origin="y", confidence=0.75))
    for are_twins_one in (False, True):
        found = visits(*candidates, Candidate(url="https://nobody.example/"), again, are_twins_one=are_twins_one)
        hosts = [urls.parse(one.visit.requested_url).hostname[:-8] for one in found]  # type: ignore[union-attr]
        assert hosts == ["a", "c", "lost", "b", "nobody"]


WORDS = st.sampled_from(
    [
        *("a.example", "http://a.example/", "https://a.example/", "HTTP://A.EXAMPLE", "https://a.example/#x"),
        *("b.example/p", "http://b.example/p", "https://b.example:443/p", "https://b.example/q", "nonsense", "http://"),
    ]
)
ORIGINS = st.sampled_from(["ahrefs", "gsc", "list"])


@given(st.lists(st.tuples(WORDS, ORIGINS), max_size=30), st.booleans())
def test_nothing_is_lost_and_nothing_is_asked_for_twice(
    pairs: list[tuple[str, str]],
    are_twins_one: bool,  # noqa: FBT001 - hypothesis names it
) -> None:
    found = visits(*(said(url, claim(origin)) for url, origin in pairs), are_twins_one=are_twins_one)
    own = [
        (text, c.origin)
        for one in found
        for text, cs in zip(one.visit.candidates, one.visit.claims, strict=False)
        for c in cs
    ]
    assert Counter(own) == Counter(set(pairs))
    asked = [one.visit.requested_url for one in found]
    assert len(asked) == len(set(asked))
    addresses = [url.partition("://")[2] for url in asked if urls.parse(url) is not None]
    assert len(addresses) == len(set(addresses)) or not are_twins_one
    # In the order of their first candidates, what is no URL before.
    texts = [text for text, _ in pairs]
    if not are_twins_one:
        firsts = [(one.is_fit, min(map(texts.index, one.visit.candidates))) for one in found]
        assert firsts == sorted(firsts)


def test_a_long_list_waits_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "IN_MEMORY", 16)
    file = tmp_path / "list.txt"
    pages = [f"https://site{number % 99}.example/a/page/{number % 1500}" for number in range(2000)]
    file.write_text("\n".join(pages))
    taken = CandidateVisits(are_twins_one=False)
    taken.read([file], Targets.parse(["target.example"]))
    assert [one.visit.requested_url for one in taken] == list(dict.fromkeys(pages))
    taken.close()
