"""Pages are alike only if they link to the same addresses and have nearly the same words."""

from __future__ import annotations

import pytest

from backlinkbot.frontier.marks import MAX_LINKS, MAX_TEXT, PageMarks, are_alike, links_fingerprint, sketch_of

ORIGIN = "https://a.example"
TEXT = " ".join(f"word{chr(97 + n)}{chr(97 + m)}" for n in range(10) for m in range(6))


def fingerprint(*hrefs: str, own: str = f"{ORIGIN}/page", origin: str = ORIGIN) -> int:
    return links_fingerprint(own, origin, hrefs)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ((f"{ORIGIN}/x", f"{ORIGIN}/y"), (f"{ORIGIN}/y", f"{ORIGIN}/x", f"{ORIGIN}/x"), True),
        ((f"{ORIGIN}/x",), (f"{ORIGIN}/x#part",), True),
        ((f"{ORIGIN}/x",), (f"{ORIGIN}/z",), False),
        ((f"{ORIGIN}/x",), ("https://b.example/x",), False),
        # The number of a session: one value on the whole page.
        (
            (f"{ORIGIN}/x?s=1", f"{ORIGIN}/y?s=1"),
            (f"{ORIGIN}/x?s=2", f"{ORIGIN}/y?s=2"),
            True,
        ),
        ((f"{ORIGIN}/x;s=1", f"{ORIGIN}/y;s=1"), (f"{ORIGIN}/x;s=2", f"{ORIGIN}/y;s=2"), True),
        # A list: each link has another value.
        (
            (f"{ORIGIN}/x?n=1", f"{ORIGIN}/x?n=2"),
            (f"{ORIGIN}/x?n=3", f"{ORIGIN}/x?n=4"),
            False,
        ),
        # A page that links to itself under its own address.
        ((f"{ORIGIN}/page", f"{ORIGIN}/x"), (f"{ORIGIN}/x",), True),
        ((), (f"{ORIGIN}/page",), True),
    ],
)
def test_the_links_of_two_pages_are_compared_as_sets(
    *, one: tuple[str, ...], other: tuple[str, ...], is_same: bool
) -> None:
    assert (fingerprint(*one) == fingerprint(*other)) is is_same


def test_links_to_the_own_host_are_alike_on_two_hosts() -> None:
    of_other = fingerprint("https://b.example/x", own="https://b.example/", origin="https://b.example")
    assert of_other == fingerprint(f"{ORIGIN}/x")


def test_links_beyond_a_number_are_not_read() -> None:
    many = [f"{ORIGIN}/{n}" for n in range(MAX_LINKS)]
    assert fingerprint(*many) == fingerprint(*many, f"{ORIGIN}/more")
    assert fingerprint(*many[:-1]) != fingerprint(*many)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (TEXT, TEXT.upper(), True),
        (f"{TEXT} 12 May 2024", f"{TEXT} 13 June 2025", True),
        (TEXT, TEXT.replace("wordaa", "term"), True),
        (TEXT, TEXT.replace("word", "term"), False),
        (TEXT, TEXT[: len(TEXT) // 2], False),
        ("", "", True),
        ("", TEXT, False),
        ("1 2 3", "4 5 6", True),
    ],
)
def test_texts_are_alike_but_for_a_few_words(*, one: str, other: str, expected: bool) -> None:
    assert are_alike(sketch_of(one), sketch_of(other)) is expected


def test_a_sketch_takes_no_more_room_for_a_longer_text() -> None:
    long = " ".join(f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676 % 26)}q" for n in range(10_000))
    assert len(sketch_of(long)) == len(sketch_of(TEXT)) == 48
    assert sketch_of("x" * 10 + " " * MAX_TEXT + TEXT) == sketch_of("x" * 10)


def test_the_words_of_a_page_are_read_once_and_only_where_they_are_asked_for() -> None:
    read: list[str] = []

    def text() -> str:
        read.append("read")
        return TEXT

    marks = PageMarks(1, text)
    assert not read
    assert marks.sketch == marks.sketch == sketch_of(TEXT)
    assert read == ["read"]
