"""Parameters that do not change the page are told from those that do by the pages themselves."""

from __future__ import annotations

import pytest

from backlinkbot.frontier import parameters as module
from backlinkbot.frontier.features import features_of
from backlinkbot.frontier.marks import PageMarks
from backlinkbot.frontier.parameters import Parameters

HOST = "a.example"
TEXT = " ".join(f"word{chr(97 + n)}{chr(97 + m)}" for n in range(10) for m in range(6))


def visit(known: Parameters, address: str, links: int, text: str = TEXT, host: str = HOST) -> bool:
    """Visits a page; true if it is like one at an address that differs in one parameter."""
    path, _, query = address.partition("?")
    page = features_of(host, path, query)
    return known.learn(host, page.path, page.pairs, PageMarks(links, lambda: text))[0]


def name_of(name: str) -> int:
    return features_of(HOST, "/", f"{name}=1").pairs[0][0]


def address(known: Parameters, text: str) -> int:
    path, _, query = text.partition("?")
    page = features_of(HOST, path, query)
    return known.address(HOST, page.path, page.pairs)


def with_sessions(known: Parameters, pages: int = 3, visits: int = 5) -> None:
    for number in range(visits):
        for page in range(pages):
            visit(known, f"/{page}?sid={number}{page}&id={page}", links=page)


def test_the_number_of_a_session_is_ignored_and_the_number_of_a_page_is_not() -> None:
    known = Parameters()
    with_sessions(known)
    assert known.has_ignored(HOST)
    assert known.is_ignored(HOST, name_of("sid"))
    assert not known.is_ignored(HOST, name_of("id"))
    assert not known.has_ignored("b.example")
    assert address(known, "/7?sid=abc&id=7") == address(known, "/7?id=7&sid=other") == address(known, "/7?id=7")
    assert address(known, "/7?id=7") != address(known, "/7?id=8")


def test_a_parameter_of_the_path_is_one_like_any_other() -> None:
    known = Parameters()
    for number in range(5):
        for page in range(2):
            visit(known, f"/{page};s={number}", links=page)
    assert address(known, "/9;s=1") == address(known, "/9")


def test_a_list_whose_pages_differ_is_not_folded() -> None:
    known = Parameters()
    for number in range(50):
        assert not visit(known, f"/list?page={number}", links=number)
    assert not known.has_ignored(HOST)


def test_pages_with_the_same_links_and_other_words_are_not_the_same() -> None:
    known = Parameters()
    for number in range(20):
        for path in "ab":
            text = " ".join(f"{path}{chr(97 + number)}{chr(97 + n)}" for n in range(26))
            assert not visit(known, f"/{path}?id={number}", links=1, text=text)
    assert not known.has_ignored(HOST)


def test_one_address_where_every_value_shows_the_same_error_page_proves_nothing() -> None:
    known = Parameters()
    for number in range(50):
        visit(known, f"/show?id={number}", links=1)
    assert not known.has_ignored(HOST)


def test_a_parameter_that_makes_a_difference_after_all_is_heeded_again() -> None:
    known = Parameters()
    with_sessions(known)
    for number in range(20):
        visit(known, f"/{number % 3}?sid=x{number}&id={number % 3}", links=100 + number)
    assert not known.is_ignored(HOST, name_of("sid"))


def test_of_the_addresses_that_are_deferred_some_are_visited_to_see_whether_that_is_right() -> None:
    known = Parameters()
    let_through = [number for number in range(1, 1_025) if known.is_let_through(HOST)]
    assert let_through == [16, 32, 64, 128, 256, 512, 1_024]


def test_what_is_kept_of_pages_hosts_and_parameters_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_PAGES", "MAX_HOSTS", "MAX_IGNORED", "MAX_NAMES"):
        monkeypatch.setattr(module, name, 20)
    known = Parameters()
    for host in range(100):
        for number in range(5):
            for page in range(2):
                visit(known, f"/{page}?sid={number}", links=page, host=f"h{host}.example")
    for number in range(100):
        known.ignore("h0.example", number)
    assert len(known._pages) == len(known._visited) == len(known._votes) == len(known._ignored) == 20
    assert len(known._ignored["h0.example"]) == 20


def test_the_addresses_that_were_visited_are_given_by_what_is_known_now() -> None:
    known = Parameters()
    with_sessions(known, pages=2)
    assert set(known.addresses(HOST)) == {address(known, "/0?id=0"), address(known, "/1?id=1")}
