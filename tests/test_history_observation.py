"""What a visit says of which page, and links of a page as one backlink."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.history.link_columns import digest_of
from backlinkbot.history.observation import VisitOutcome, key_of, observations_of, storable
from backlinkbot.items import JudgedPage, State
from tests.visited import SOURCE, day, failed, gone, nofollow, read, row, unchanged

OTHER = "https://b.example/other"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/", "http://a.example/"),
        ("https://a.example/#top", "https://a.example/"),
        ("https://user:secret@A.example./%61", "https://a.example/a"),
        ("https://a.example:443/", "https://a.example/"),
    ],
)
def test_one_page(one: str, other: str) -> None:
    assert key_of(one) == key_of(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/", "https://www.a.example/"),
        ("https://a.example/a", "https://a.example/a/"),
        ("https://a.example/?a", "https://a.example/?b"),
        ("https://a.example:8443/", "https://a.example/"),
    ],
)
def test_two_pages(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize("text", ["", "no URL", "mailto:a@a.example", "a.example/page", "https://"])
def test_what_is_no_web_address_has_no_key(text: str) -> None:
    assert key_of(text) == ""
    assert observations_of(failed(day(1), State.UNREACHABLE, url=text)) == ()


@pytest.mark.parametrize(
    ("page", "outcomes"),
    [
        (read(day(1)), [VisitOutcome.READ]),
        (unchanged(day(1)), [VisitOutcome.UNCHANGED]),
        (gone(day(1)), [VisitOutcome.GONE]),
        (failed(day(1), State.REDIRECTED), [VisitOutcome.NOT_FOLLOWED]),
        *((failed(day(1), state), [VisitOutcome(state)]) for state in list(State)[4:]),
        (read(day(1), requested_url=OTHER), [VisitOutcome.REDIRECTED, VisitOutcome.READ]),
        (read(day(1), requested_url=SOURCE.replace("https", "http")), [VisitOutcome.READ]),
        (gone(day(1), requested_url=OTHER), [VisitOutcome.GONE, VisitOutcome.GONE]),
        (failed(day(1), State.REFUSED, requested_url=OTHER), [VisitOutcome.REFUSED, VisitOutcome.REFUSED]),
    ],
)
def test_what_became_of_a_visit(page: JudgedPage, outcomes: list[VisitOutcome]) -> None:
    assert [observation.outcome for observation in observations_of(page)] == outcomes


def test_a_redirect_is_a_sight_of_two_pages() -> None:
    start, end = observations_of(read(day(1), row(), url=OTHER, requested_url=SOURCE))
    assert (start.url, start.reason, start.rows, start.is_wanted) == (SOURCE, OTHER, (), True)
    assert (end.url, end.reason, len(end.rows), end.is_wanted) == (OTHER, "", 1, True)
    start, end = observations_of(gone(day(1), OTHER, requested_url=SOURCE))
    assert (start.reason, end.reason) == (f"404 at {OTHER}", "404")


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        (read(day(1), row(), candidates=()), [True]),
        (read(day(1), candidates=()), [False]),
        (read(day(1)), [True]),
        (gone(day(1)), [True]),
        (gone(day(1), candidates=()), [False]),
        (read(day(1), url=OTHER, requested_url=SOURCE), [True, False]),
        (read(day(1), row(), url=OTHER, requested_url=SOURCE, candidates=()), [False, True]),
    ],
)
def test_which_pages_are_remembered(page: JudgedPage, wanted: list[bool]) -> None:
    assert [observation.is_wanted for observation in observations_of(page)] == wanted


def test_links_to_one_address_are_one_backlink() -> None:
    page = read(
        day(1),
        nofollow("https://target.example/#a", anchor="first", flags=("hidden",)),
        row("http://target.example/", anchor="second"),
        row("https://target.example/", target="other"),
    )
    (observation,) = observations_of(page)
    backlinks = observation.backlinks()
    assert [(key.target, key.url) for key in backlinks] == [
        ("target.example", "target.example/"),
        ("other", "target.example/"),
    ]
    shown = next(iter(backlinks.values()))
    assert (shown.anchor, shown.nofollow_by, shown.target_url) == ("second", "", "http://target.example/")
    assert not shown.is_hidden
    assert [one.anchor for one in shown.rows] == ["first", "second"]


TEXTS = st.text(st.characters(), max_size=20)


@given(TEXTS, st.lists(st.text("abc:-", max_size=5), max_size=3), st.booleans(), st.integers(1, 5))
def test_links_that_differ_in_a_column_have_another_digest(
    anchor: str,
    rel: list[str],
    follow: bool,  # noqa: FBT001
    occurrences: int,
) -> None:
    values: dict[str, Any] = {"raw_href": anchor, "rel": tuple(rel), "follow": follow, "occurrences": occurrences}
    one = row(**values)
    assert digest_of([one]) == digest_of([row(**values)])
    assert (digest_of([one]) == digest_of([row()])) == (one == row())
    assert digest_of([one, one]) != digest_of([one])


@given(TEXTS)
def test_what_is_stored_can_be_stored(text: str) -> None:
    stored = storable(text)
    assert "\0" not in stored
    stored.encode()
    assert storable(stored) == stored
    assert len(stored) <= len(text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [("plain", "plain"), ("a\0b", "a�b"), ("\ud800", "�"), ("\ud83d\ude00", "😀"), ("größe", "größe")],
)
def test_what_no_database_holds(text: str, stored: str) -> None:
    assert storable(text) == stored
