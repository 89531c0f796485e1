"""Judging is a pure function of what was extracted and a context: no crawl, no settings, no stats."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backlinkbot.extract.page import PageContent
from backlinkbot.items import (
    Claim,
    ExtractedPage,
    Failure,
    JudgedPage,
    Match,
    PageHeaders,
    State,
    TargetAnswer,
    Verdict,
)
from backlinkbot.pipelines.judge import JudgingContext, judge
from backlinkbot.targets import Targets

URL = "https://a.example/page"
TARGET = "https://target.example/x"
TARGETS = Targets.parse(["target.example"])
CONTEXT = JudgingContext(targets=TARGETS, agent="googlebot", closed_by=lambda _: ())
CLAIM = Claim(origin="ahrefs", target_url=TARGET, anchor="words", follow=True)


def extracted(body: str = f'<a href="{TARGET}">words</a>', **known: Any) -> ExtractedPage:
    content = PageContent(body.encode(), URL)
    found = content.links_to(TARGETS.match)
    matches = tuple((Match(target="target.example", link=link), 1) for link, _ in found)
    facts: dict[str, Any] = {
        "url": URL,
        "requested_url": URL,
        "fetched_at": "2026-01-31T12:00:00Z",
        "status": 200,
        "candidates": (URL,),
    }
    return ExtractedPage(**facts | {"matches": matches, "content": content} | known)


def judged(context: JudgingContext = CONTEXT, **known: Any) -> JudgedPage:
    page = extracted(**known)
    first = judge(page, context)
    assert judge(page, context) == first  # nothing is kept from one to the next
    return first


def test_a_link_is_judged_answered_and_held_against_its_claim() -> None:
    page = judged(claims=((CLAIM,),))
    (row,), (check,), (claim,) = page.backlinks, page.checks, page.checked_claims
    assert (row.follow, row.claimed_by, row.claim_mismatch) == (True, ("ahrefs",), ())
    assert (check.state, check.backlinks, check.claimed_by) == (State.LINKED, 1, ("ahrefs",))
    assert (claim.verdict, claim.judged_at) == (Verdict.TRUE, page.fetched_at)


@pytest.mark.parametrize(
    ("known", "nofollow_by"),
    [
        ({}, ()),
        ({"body": f'<a rel="ugc" href="{TARGET}">w</a>'}, ("rel:ugc",)),
        ({"headers": PageHeaders(x_robots_tag=("nofollow",))}, ("header:robots",)),
        ({"closed_by": ("robots.txt:googlebot",)}, ()),  # that keeps the page out of the index
    ],
)
def test_what_takes_the_vote(known: dict[str, Any], nofollow_by: tuple[str, ...]) -> None:
    (row,) = judged(**known).backlinks
    assert (row.follow, row.nofollow_by) == (not nofollow_by, nofollow_by)


def test_robots_txt_of_an_address_on_the_way_counts() -> None:
    page = extracted()
    ((match, number),) = page.matches
    via = replace(match, link=replace(match.link, via=("301 https://short.example/x",)))
    page = replace(page, matches=((via, number),))
    closed = {"https://short.example/x": ("robots.txt:googlebot",)}
    (row,) = judge(page, replace(CONTEXT, closed_by=lambda url: closed.get(url, ()))).backlinks
    assert row.nofollow_by == ("via:robots.txt:googlebot",)


def test_rows_have_what_their_targets_answered() -> None:
    answer = TargetAnswer(status=404, final_url=TARGET, state="broken")
    (row,) = judged(target_answers={TARGET: answer}).backlinks
    assert (row.target_status, row.target_final_url, row.target_state) == (404, TARGET, "broken")
    (row,) = judged(target_answers={}).backlinks
    assert (row.target_status, row.target_state) == (None, "")


@pytest.mark.parametrize("state", [State.UNREACHABLE, State.CHALLENGED, State.INCOMPLETE])
def test_could_not_check_is_never_no_link(state: State) -> None:
    failure = Failure(state=state, reason="why")
    page = judged(body="<p>nothing", content=None, failure=failure, claims=((CLAIM,),))
    assert page.backlinks == ()
    assert [check.state for check in page.checks] == [state]
    assert [(claim.verdict, claim.reasons) for claim in page.checked_claims] == [
        (Verdict.COULD_NOT_CHECK, (state.value,))
    ]


def test_nothing_that_it_was_read_from_is_kept() -> None:
    assert not {"content", "rendered_content", "source", "matches", "body", "headers"} & set(dir(judged()))
