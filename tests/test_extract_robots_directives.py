"""Robots directives: does the link count, may its page be indexed, and which rules said so.

The rules: Google on robots meta tags and on qualifying outbound links; the HTML standard on `rel`.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.extract.robots_directives import RobotsVerdict, judge, rel_tokens

# --- rel ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rel", "tokens"),
    [
        pytest.param("", (), id="empty"),
        pytest.param(" \t\n\f\r ", (), id="white space"),
        pytest.param(",, ,", (), id="commas"),
        pytest.param("nofollow", ("nofollow",), id="one"),
        pytest.param("NoFollow", ("NoFollow",), id="case as written"),
        pytest.param("ugc nofollow", ("ugc", "nofollow"), id="space"),
        pytest.param("ugc,nofollow", ("ugc", "nofollow"), id="comma"),
        pytest.param("ugc, nofollow ,sponsored", ("ugc", "nofollow", "sponsored"), id="commas and spaces"),
        pytest.param(
            "ugc\tnofollow\nsponsored\fnoopener\rme", ("ugc", "nofollow", "sponsored", "noopener", "me"), id="ws"
        ),
        pytest.param("nofollow nofollow", ("nofollow", "nofollow"), id="twice, as written"),
    ],
)
def test_rel_tokens(rel: str, tokens: tuple[str, ...]) -> None:
    assert rel_tokens(rel) == tokens


@pytest.mark.parametrize(
    ("rel", "nofollow_by"),
    [
        # followed
        ("", ()),
        ("noopener noreferrer", ()),
        ("follow", ()),
        ("dofollow", ()),
        ("external", ()),
        ("nofollownow", ()),
        ("no-follow", ()),
        ("nofollow2", ()),
        ("xnofollow", ()),
        ("nofollow;ugc", ()),  # a semicolon separates nothing in rel
        ("none", ()),  # none is a word for pages
        ("noindex", ()),
        ("nofoll\u00f6w", ()),
        ("nofo\u017flow", ()),
        # not followed
        ("nofollow", ("rel:nofollow",)),
        ("NOFOLLOW", ("rel:nofollow",)),
        ("NoFollow", ("rel:nofollow",)),
        ("ugc", ("rel:ugc",)),
        ("UGC", ("rel:ugc",)),
        ("sponsored", ("rel:sponsored",)),
        ("noopener nofollow", ("rel:nofollow",)),
        ("nofollow noopener", ("rel:nofollow",)),
        ("ugc,nofollow", ("rel:ugc", "rel:nofollow")),
        ("ugc, nofollow", ("rel:ugc", "rel:nofollow")),
        ("nofollow,ugc,sponsored", ("rel:nofollow", "rel:ugc", "rel:sponsored")),
        ("\tnofollow\n", ("rel:nofollow",)),
        ("external\tnofollow", ("rel:nofollow",)),
        ("external\nugc", ("rel:ugc",)),
        ("nofollow NOFOLLOW", ("rel:nofollow",)),
        ("follow nofollow", ("rel:nofollow",)),
    ],
)
def test_rel(rel: str, nofollow_by: tuple[str, ...]) -> None:
    verdict = judge(rel=rel)
    assert verdict.nofollow_by == nofollow_by
    assert verdict.follow is (not nofollow_by)
    assert verdict.indexable


# --- metas --------------------------------------------------------------------------------------------------------------

META_ROBOTS, META_GOOGLEBOT = ("meta:robots",), ("meta:googlebot",)


@pytest.mark.parametrize(
    ("name", "content", "nofollow_by", "noindex_by"),
    [
        ("robots", "nofollow", META_ROBOTS, ()),
        ("robots", "noindex", (), META_ROBOTS),
        ("robots", "noindex, nofollow", META_ROBOTS, META_ROBOTS),
        ("robots", "noindex,nofollow", META_ROBOTS, META_ROBOTS),
        ("robots", "NoFollow , NoIndex", META_ROBOTS, META_ROBOTS),
        ("robots", "none", META_ROBOTS, META_ROBOTS),
        ("robots", "NONE", META_ROBOTS, META_ROBOTS),
        ("robots", "follow, none", META_ROBOTS, META_ROBOTS),
        ("robots", "noindex nofollow", META_ROBOTS, META_ROBOTS),  # spaces alone
        ("robots", "noindex;nofollow", META_ROBOTS, META_ROBOTS),
        ("robots", "\n noindex ,\t nofollow \n", META_ROBOTS, META_ROBOTS),
        ("ROBOTS", "NOFOLLOW", META_ROBOTS, ()),
        (" Robots ", "nofollow", META_ROBOTS, ()),
        ("googlebot", "nofollow", META_GOOGLEBOT, ()),
        ("GoogleBot", "NOINDEX", (), META_GOOGLEBOT),
        ("robots", "index, nofollow", META_ROBOTS, ()),
        ("robots", "nofollow, follow", META_ROBOTS, ()),
        ("robots", "max-snippet:-1, nofollow", META_ROBOTS, ()),
        ("robots", "unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow", META_ROBOTS, ()),
        # nothing
        ("robots", "", (), ()),
        ("robots", "all", (), ()),
        ("robots", "index, follow", (), ()),
        ("robots", "noarchive, nosnippet, noimageindex, notranslate", (), ()),
        ("robots", "nofollownow", (), ()),
        ("robots", "no follow", (), ()),
        ("robots", "data-nosnippet, max-image-preview:none", (), ()),
        ("bingbot", "nofollow", (), ()),
        ("googlebot-news", "nofollow", (), ()),
        ("slurp", "none", (), ()),
        ("robot", "nofollow", (), ()),
        ("description", "nofollow", (), ()),
        ("", "nofollow", (), ()),
    ],
)
def test_a_meta(name: str, content: str, nofollow_by: tuple[str, ...], noindex_by: tuple[str, ...]) -> None:
    assert judge(metas=[(name, content)]) == RobotsVerdict(nofollow_by=nofollow_by, noindex_by=noindex_by)


# --- headers --------------------------------------------------------------------------------------------------------------

HEADER, FOR_GOOGLEBOT = ("header:robots",), ("header:googlebot",)


@pytest.mark.parametrize(
    ("values", "nofollow_by", "noindex_by"),
    [
        # without a user agent
        (["nofollow"], HEADER, ()),
        (["noindex"], (), HEADER),
        (["noindex, nofollow"], HEADER, HEADER),
        (["NOINDEX,NOFOLLOW"], HEADER, HEADER),
        (["none"], HEADER, HEADER),
        (["None"], HEADER, HEADER),
        (["noindex nofollow"], HEADER, HEADER),
        (["all"], (), ()),
        ([""], (), ()),
        ([" , ,"], (), ()),
        (["nofollownow"], (), ()),
        # two headers
        (["noindex", "nofollow"], HEADER, HEADER),
        (["follow", "nofollow"], HEADER, ()),
        (["otherbot: nofollow", "noindex"], (), HEADER),
        (["googlebot: nofollow", "noindex"], FOR_GOOGLEBOT, HEADER),
        # a user agent in front
        (["googlebot: nofollow"], FOR_GOOGLEBOT, ()),
        (["GoogleBot:NoFollow"], FOR_GOOGLEBOT, ()),
        (["googlebot : nofollow"], FOR_GOOGLEBOT, ()),
        (["googlebot: none"], FOR_GOOGLEBOT, FOR_GOOGLEBOT),
        (["*: nofollow"], HEADER, ()),
        (["robots: nofollow"], HEADER, ()),
        (["otherbot: nofollow"], (), ()),
        (["otherbot: none"], (), ()),
        (["googlebot-news: nofollow"], (), ()),
        (["googlebot-image: noindex"], (), ()),
        (["notgooglebot: nofollow"], (), ()),
        (["bot/2.1: nofollow"], (), ()),
        # it covers the rules behind it
        (["googlebot: noindex, nofollow"], FOR_GOOGLEBOT, FOR_GOOGLEBOT),
        (["otherbot: noindex, nofollow"], (), ()),
        (["otherbot: noarchive, noindex, nofollow"], (), ()),
        # up to the next one
        (["noindex, googlebot: nofollow"], FOR_GOOGLEBOT, HEADER),
        (["nofollow, otherbot: noindex"], HEADER, ()),
        (["otherbot: noindex, googlebot: nofollow"], FOR_GOOGLEBOT, ()),
        (["googlebot: nofollow, otherbot: noindex"], FOR_GOOGLEBOT, ()),
        (["otherbot: noindex, *: nofollow"], HEADER, ()),
        (["otherbot: googlebot: nofollow"], FOR_GOOGLEBOT, ()),
        (["otherbot:, nofollow"], (), ()),
        # not across headers
        (["otherbot: noindex", "nofollow"], HEADER, ()),
        # dates hold commas and colons
        (["unavailable_after: 25 Jun 2010 15:00:00 PST"], (), ()),
        (["unavailable_after: Friday, 25-Jun-2010 15:00:00 GMT"], (), ()),
        (["unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow"], HEADER, ()),
        (["unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow"], HEADER, ()),
        (["nofollow, unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT"], HEADER, ()),
        (["googlebot: unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow"], FOR_GOOGLEBOT, ()),
        (["otherbot: unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, nofollow"], (), ()),
        (["unavailable_after: 2010-06-25T15:00:00+00:00, noindex"], (), HEADER),
        (["unavailable_after: Fri, 25 Jun 2010 15:00:00 GMT, otherbot: nofollow"], (), ()),
        # other rules with a value
        (["max-snippet:20, nofollow"], HEADER, ()),
        (["max-image-preview: none"], (), ()),
        (["max-video-preview:-1, max-image-preview:large, noindex"], (), HEADER),
        (["otherbot: max-snippet: 20, nofollow"], (), ()),
    ],
)
def test_headers(values: list[str], nofollow_by: tuple[str, ...], noindex_by: tuple[str, ...]) -> None:
    assert judge(x_robots_tag=values) == RobotsVerdict(nofollow_by=nofollow_by, noindex_by=noindex_by)


# --- together: the most restrictive wins --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_rules", "nofollow_by", "noindex_by"),
    [
        pytest.param(
            {"metas": [("robots", "index, follow"), ("googlebot", "nofollow")]}, META_GOOGLEBOT, (), id="two metas"
        ),
        pytest.param(
            {"metas": [("googlebot", "index, follow"), ("robots", "none")]},
            META_ROBOTS,
            META_ROBOTS,
            id="a kinder rule for us does not lift the one for all",
        ),
        pytest.param({"metas": [("robots", "nofollow"), ("robots", "nofollow")]}, META_ROBOTS, (), id="twice the same"),
        pytest.param(
            {"metas": [("robots", "follow")], "x_robots_tag": ["nofollow"]}, HEADER, (), id="header against meta"
        ),
        pytest.param(
            {"metas": [("robots", "nofollow")], "x_robots_tag": ["all"]}, META_ROBOTS, (), id="meta against header"
        ),
        pytest.param(
            {
                "rel": "ugc nofollow",
                "metas": [("robots", "none"), ("googlebot", "nofollow")],
                "x_robots_tag": ["nofollow", "googlebot: noindex"],
            },
            ("rel:ugc", "rel:nofollow", "meta:robots", "meta:googlebot", "header:robots"),
            ("meta:robots", "header:googlebot"),
            id="every rule is named",
        ),
        pytest.param({"rel": "nofollow", "metas": [("robots", "noindex")]}, ("rel:nofollow",), META_ROBOTS, id="rel"),
        pytest.param({"closed_by": ["robots.txt:googlebot"]}, (), ("robots.txt:googlebot",), id="closed"),
        pytest.param(
            {"closed_by": ["robots.txt:googlebot"], "metas": [("robots", "none")]},
            META_ROBOTS,
            ("meta:robots", "robots.txt:googlebot"),
            id="closed, and rules on the page",
        ),
        pytest.param({}, (), (), id="nothing said"),
    ],
)
def test_rules_together(given_rules: dict[str, Any], nofollow_by: tuple[str, ...], noindex_by: tuple[str, ...]) -> None:
    verdict = judge(**given_rules)
    assert verdict == RobotsVerdict(nofollow_by=nofollow_by, noindex_by=noindex_by)
    assert (verdict.follow, verdict.indexable) == (not nofollow_by, not noindex_by)


@pytest.mark.parametrize(
    ("agent", "given_rules", "nofollow_by"),
    [
        ("bingbot", {"metas": [("bingbot", "nofollow")]}, ("meta:bingbot",)),
        ("bingbot", {"metas": [("googlebot", "nofollow")]}, ()),
        ("bingbot", {"metas": [("robots", "nofollow")]}, META_ROBOTS),
        ("bingbot", {"x_robots_tag": ["bingbot: nofollow"]}, ("header:bingbot",)),
        ("bingbot", {"x_robots_tag": ["googlebot: nofollow"]}, ()),
        ("bingbot", {"x_robots_tag": ["googlebot: noindex, bingbot: nofollow"]}, ("header:bingbot",)),
        ("bingbot", {"x_robots_tag": ["nofollow"]}, HEADER),
        ("bingbot", {"rel": "nofollow"}, ("rel:nofollow",)),
        ("googlebot-news", {"metas": [("googlebot-news", "nofollow")]}, ("meta:googlebot-news",)),
    ],
)
def test_the_agent_is_a_setting(agent: str, given_rules: dict[str, Any], nofollow_by: tuple[str, ...]) -> None:
    assert judge(agent=agent, **given_rules).nofollow_by == nofollow_by


def test_a_pages_verdict_serves_each_of_its_links() -> None:
    page = judge(metas=[("robots", "nofollow")], x_robots_tag=["noindex"])
    assert page.with_rel(()) == page
    assert page.with_rel(["noopener"]) == page
    assert page.with_rel(["UGC", "ugc"]) == RobotsVerdict(nofollow_by=("rel:ugc", "meta:robots"), noindex_by=HEADER)


# --- laws ---------------------------------------------------------------------------------------------------------------

RULES = st.lists(st.sampled_from(["nofollow", "noindex", "none", "all", "follow", "noarchive", "max-snippet:5"]))
WORDS = RULES.map(", ".join)


@given(rel=st.text(max_size=20), metas=st.lists(st.tuples(st.text(max_size=9), st.text())), header=st.lists(st.text()))
def test_nothing_that_a_page_says_raises(rel: str, metas: list[tuple[str, str]], header: list[str]) -> None:
    judge(rel=rel, metas=metas, x_robots_tag=header)


@given(first=WORDS, second=WORDS)
def test_another_rule_never_lifts_one(first: str, second: str) -> None:
    one, both = judge(metas=[("robots", first)]), judge(metas=[("robots", first)], x_robots_tag=[second])
    assert set(one.nofollow_by) <= set(both.nofollow_by)
    assert set(one.noindex_by) <= set(both.noindex_by)


@given(rules=RULES, others=RULES)
def test_rules_for_another_bot_change_nothing(rules: list[str], others: list[str]) -> None:
    ours = ", ".join(rules)
    theirs = "".join(f", otherbot: {rule}" for rule in others)
    assert judge(x_robots_tag=[ours + theirs]) == judge(x_robots_tag=[ours])


@given(rules=RULES)
def test_a_meta_and_a_header_say_the_same(rules: list[str]) -> None:
    text = ", ".join(rules)
    meta, header = judge(metas=[("robots", text)]), judge(x_robots_tag=[text])
    assert (meta.follow, meta.indexable) == (header.follow, header.indexable)
