"""The bound on the links of one page: counted for each target and for the page, whatever the links' types."""

from __future__ import annotations

import itertools

import pytest

from backlinkbot.extract import unwrap
from backlinkbot.extract.link import Link
from backlinkbot.extract.link_bound import LinkBound
from backlinkbot.extract.other_links import OTHER_LINKS
from backlinkbot.extract.other_links.feeds import feed_links
from backlinkbot.extract.other_links.mentions import mentions
from backlinkbot.extract.other_links.typed import header_links
from backlinkbot.extract.page import PageContent
from backlinkbot.targets import Targets

from .large_pages import FORMS

URL = "https://page.example/"
TARGETS = Targets.parse(["target.example", "b.example"])
NUMBER = 40
OF_PAGES = (
    """
links|links on hosts|nested links|nested tables|areas|iframes|embeds|frames of markup|forms|buttons|canonicals|alternates
comments|templates|mentions|wrapped links
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


def found_in(body: str, bound: LinkBound, *headers: str) -> list[tuple[Link, str]]:
    """Each link of a page with its target's name."""
    match = TARGETS.match
    content = PageContent(body.encode(), URL)
    found = itertools.chain(
        unwrap.links(content, match, bound),
        *(find(content, match, bound) for find in OTHER_LINKS),
        header_links(headers, content.url, match, bound),
        mentions(content, body.encode(), match, bound),
    )
    return [(link, target.name) for link, targets in found for target in targets]


def summary(found: list[tuple[Link, str]]) -> list[tuple[str, str, int, str]]:
    """(link type, target, number, evidence of the bound) of the rows that stand for links beyond a bound."""
    return [
        (link.link_type, target, link.number, next(by for by in link.flags_by if by.startswith("more:")))
        for link, target in found
        if "more" in link.flags
    ]


@pytest.mark.parametrize("form", OF_PAGES)
def test_links_of_every_type_are_bounded(form: str) -> None:
    body = FORMS[form].head + "".join(map(FORMS[form].piece, range(NUMBER)))
    everything = [one for one in found_in(body, LinkBound(0, 0)) if one[0].link_type == FORMS[form].link_type]
    count = len(everything)
    found = found_in(body, LinkBound(10, 0))
    of_type = [one for one in found if one[0].link_type == FORMS[form].link_type]
    assert count == NUMBER
    assert of_type[:10] == everything[:10]
    ((_, target, number, evidence),) = summary(of_type)
    assert (target, number, evidence) == ("target.example", count - 10, f"more:{count - 10} links beyond the first 10")
    assert of_type[-1][0].has_vote is everything[0][0].has_vote
    assert set(everything[0][0].flags) <= set(of_type[-1][0].flags)
    assert len(of_type) == 11


@pytest.mark.parametrize("form", ["feed items", "links in feed items"])
def test_links_of_feeds_are_bounded(form: str) -> None:
    body = FORMS[form].head + "".join(map(FORMS[form].piece, range(NUMBER))) + "</channel></rss>"
    found = list(feed_links(body.encode(), URL, "", TARGETS.match, bound=LinkBound(10, 0)))
    assert [link.link_type for link, _ in found] == ["feed"] * 11
    assert found[-1][0].number == NUMBER - 10
    assert not found[-1][0].has_vote


def test_links_of_headers_are_bounded() -> None:
    headers = tuple(f"<https://target.example/{n}>; rel=alternate" for n in range(NUMBER))
    found = found_in("<p>", LinkBound(10, 0), *headers)
    assert [link.link_type for link, _ in found] == ["http_link"] * 11
    assert summary(found) == [("http_link", "target.example", 30, "more:30 links beyond the first 10")]


def test_one_bound_holds_for_all_types_of_links_to_a_target_together() -> None:
    kinds = (
        "<a href=//target.example/{0}>x</a>",
        "<iframe src=//target.example/{0}></iframe>",
        "<p>target.example/{0}",
    )
    body = "".join(kind.format(n) for n in range(6) for kind in kinds)
    found = found_in(body, LinkBound(10, 0))
    assert [link.link_type for link, _ in found] == ["text"] * 6 + ["frame"] * 5 + ["mention"]
    assert summary(found) == [
        ("frame", "target.example", 2, "more:2 links beyond the first 10"),
        ("mention", "target.example", 6, "more:6 links beyond the first 10"),
    ]


def test_targets_are_bounded_apart() -> None:
    body = "".join(f"<a href=//target.example/{n}>x</a><a href=//b.example/{n}>x</a>" for n in range(NUMBER))
    found = found_in(body, LinkBound(10, 0))
    assert summary(found) == [
        ("text", "target.example", 30, "more:30 links beyond the first 10"),
        ("text", "b.example", 30, "more:30 links beyond the first 10"),
    ]
    assert len(found) == 22


def test_a_target_has_a_row_also_beyond_the_bound_of_the_page() -> None:
    body = "<a href=//target.example/>x</a>" * NUMBER + "<a href=//b.example/ rel=nofollow>x</a>"
    found = found_in(body, LinkBound(0, 10))
    assert summary(found) == [
        ("text", "target.example", 30, "more:30 links beyond the first 10 of the page"),
        ("text", "b.example", 1, "more:1 links beyond the first 10 of the page"),
    ]
    assert found[-1][0].rel == ("nofollow",)


def test_a_link_to_two_targets_is_read_while_either_has_room() -> None:
    targets = Targets.parse(["target.example", "prefix:target.example/x/"])
    body = "".join(f"<a href=//target.example/{n}>x</a>" for n in range(10)) + "<a href=//target.example/x/>x</a>" * 12
    content = PageContent(body.encode(), URL)
    found = list(unwrap.links(content, targets.match, LinkBound(10, 0)))
    assert sum("more" not in link.flags for link, _ in found) == 20
    assert [(link.number, len(found)) for link, found in found[20:]] == [(2, 1), (2, 1)]


@pytest.mark.parametrize("depth", [0, 600])
def test_a_deep_page_is_counted_once(depth: int) -> None:
    body = "<div>" * depth + "".join(f"<a href=//target.example/{n}>x</a>" for n in range(NUMBER))
    assert summary(found_in(body, LinkBound(10, 0))) == [
        ("text", "target.example", 30, "more:30 links beyond the first 10")
    ]


def test_without_a_bound_every_link_is_read() -> None:
    found = found_in("<a href=//target.example/>x</a>" * 6_000, LinkBound(0, 0))
    assert (len(found), summary(found)) == (6_000, [])
