"""Links as served beside links as rendered: which stand where, and as what they are reported."""

from __future__ import annotations

from collections import Counter

from backlinkbot.extract.page import PageContent
from backlinkbot.items import Match
from backlinkbot.items.rendered_diff import merged

TARGET = "https://target.example/"


def matches(html: str) -> Counter[Match]:
    content = PageContent(html.encode(), "https://page.example/")
    links = content.links_to(lambda url: (url,) if url.hostname == "target.example" else ())
    return Counter(Match(target="target.example", link=link) for link, _ in links)


def seen(served: str, rendered: str) -> list[tuple[str, str, str, int]]:
    """(href, anchor, where it was seen, how often) of each row."""
    found = merged(matches(served), matches(rendered))
    return [(match.link.raw_href, match.link.anchor, match.rendered, number) for match, number in found.items()]


def test_a_link_is_in_both_in_one_or_in_the_other() -> None:
    served = f"<a href={TARGET}1>one</a><a href={TARGET}2>two</a>"
    rendered = f"<a href={TARGET}3>three</a><a href={TARGET}1>one</a>"
    assert seen(served, rendered) == [
        (f"{TARGET}1", "one", "both", 1),
        (f"{TARGET}2", "two", "raw_only", 1),
        (f"{TARGET}3", "three", "rendered_only", 1),
    ]


def test_a_link_is_reported_as_its_readers_see_it_with_the_href_that_was_served() -> None:
    found = merged(matches("<a href=//target.example/ hidden>old</a>"), matches(f"<a href={TARGET}><img alt=new></a>"))
    (match,) = found
    assert (match.rendered, match.link.raw_href, match.link.anchor) == ("both", "//target.example/", "new")
    assert (match.link.link_type, match.link.flags) == ("image", ())


def test_another_rel_is_another_link() -> None:
    assert seen(f"<a href={TARGET}>t</a>", f"<a href={TARGET} rel='ugc nofollow'>t</a>") == [
        (TARGET, "t", "raw_only", 1),
        (TARGET, "t", "rendered_only", 1),
    ]
    assert seen(f"<a href={TARGET} rel='nofollow UGC'>t</a>", f"<a href={TARGET} rel='ugc nofollow'>t</a>") == [
        (TARGET, "t", "both", 1)
    ]


def test_repeats_are_counted_where_there_are_more() -> None:
    one = f"<a href={TARGET}>t</a>"
    assert seen(one * 2, one * 5) == [(TARGET, "t", "both", 5)]
    assert seen(one * 3, one) == [(TARGET, "t", "both", 3)]


def test_the_same_words_are_paired_first() -> None:
    served = f"<a href={TARGET}>a</a><a href={TARGET}>b</a>"
    rendered = f"<a href={TARGET}>b</a><a href={TARGET}>c</a>"
    assert seen(served, rendered) == [(TARGET, "c", "both", 1), (TARGET, "b", "both", 1)]


def test_what_stands_in_a_noscript_is_seen_by_no_browser() -> None:
    page = f"<p><noscript><a href={TARGET}>t</a></noscript>"
    assert seen(page, page) == [(TARGET, "t", "raw_only", 1)]


def test_a_page_that_sends_its_readers_on_shows_them_none() -> None:
    assert seen(f"<a href={TARGET}>t</a>", "") == [(TARGET, "t", "raw_only", 1)]
    assert not merged(Counter(), Counter())
