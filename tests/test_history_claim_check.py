"""What is claimed, held against what was seen: each claim's verdict, and what rows and checks say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.history.claim_check import (
    NAMED,
    NOT_LOOKED_FOR,
    ONLY_THE_DOMAIN,
    ONLY_THE_PAGE,
    OWN_PAGE,
    SHORTEST_CUT,
    Joined,
    is_same_anchor,
    join,
    slim,
)
from backlinkbot.importers.formats import formats
from backlinkbot.items import (
    Backlink,
    Check,
    CheckedClaim,
    Claim,
    ExtractedPage,
    JudgedPage,
    Mismatch,
    State,
    Verdict,
    common_fields,
)
from backlinkbot.targets import Targets
from tests.visited import ONE, SOURCE, TARGET, TWO, day, failed, gone, nofollow, read, row

TARGETS = Targets.parse([TARGET])
TRUE, FALSE, UNCHECKED = Verdict.TRUE, Verdict.FALSE, Verdict.COULD_NOT_CHECK


def claim(origin: str = "ahrefs", **said: Any) -> Claim:
    return Claim(origin=origin, **said)


def joined(page: JudgedPage, *claims: Claim, candidate: str = SOURCE, targets: Targets = TARGETS, **how: Any) -> Joined:
    check = Check(
        candidate=candidate,
        state=State.LINKED,
        status=200,
        reason="",
        final_url=page.url,
        backlinks=len(page.backlinks),
        fetched_at=page.fetched_at,
    )
    return judged_of(replace(page, candidates=(candidate,), checks=(check,)), (claims,), targets, **how)


def judged_of(
    page: JudgedPage,
    claims: tuple[tuple[Claim, ...], ...],
    targets: Targets = TARGETS,
    *,
    recalled: tuple[CheckedClaim, ...] = (),
    is_own: bool = False,
    includes_own: bool = False,
) -> Joined:
    extracted = ExtractedPage(**common_fields(page), claims=claims, recalled=recalled, is_own=is_own)
    return join(extracted, page.backlinks, page.checks, targets, includes_own=includes_own)


def verdict(page: JudgedPage, said: Claim, **how: Any) -> tuple[Verdict, tuple[str, ...]]:
    (judged,) = joined(page, said, **how).checked_claims
    return judged.verdict, judged.reasons


LONG = "A long text about the art of finding one's way with maps, compasses and patience"

# What a claim says of a followed link to ONE with the anchor "maps" and rel="noopener"; None: it is true.
ONE_LINK: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"target_url": ONE}, None),
    ({"target_url": "http://target.example"}, None),
    ({"target_url": "HTTPS://TARGET.example:443/#top"}, None),
    ({"target_url": "target.example/"}, None),
    ({"target_url": "//target.example/"}, None),
    ({"target_url": "target.example"}, None),
    ({"target_url": "www.target.example"}, None),
    ({"target_url": "/"}, None),
    ({"target_url": "/#top"}, None),
    ({"target_url": TWO}, "target differs"),
    ({"target_url": "https://www.target.example/"}, "target differs"),
    ({"target_url": "http://target.example:8080/"}, "target differs"),
    ({"target_url": "/two"}, "target differs"),
    ({"target_url": "/?utm_source=a"}, "target differs"),
    ({"target_url": "blog.target.example"}, "target differs"),
    ({"anchor": "maps"}, None),
    ({"anchor": "  MAPS\n"}, None),
    ({"anchor": "ma..."}, None),
    ({"anchor": "ma…"}, None),
    ({"anchor": "ma"}, "anchor differs"),
    ({"anchor": "map…s"}, "anchor differs"),
    ({"anchor": "compasses"}, "anchor differs"),
    ({"anchor": "maps and more"}, "anchor differs"),
    ({"follow": True}, None),
    ({"follow": False}, "follow differs"),
    ({"rel": ("noopener",)}, None),
    ({"rel": ("NoOpener",)}, None),
    ({"rel": ("sponsored",)}, "rel differs"),
    ({"rel": ("noopener", "ugc")}, "rel differs"),
    ({"is_lost": True}, "source says lost"),
    ({"is_lost": True, "target_url": ONE, "anchor": "maps", "follow": False}, "source says lost"),
    ({"is_lost": True, "target_url": TWO}, None),
    ({"is_lost": True, "anchor": "compasses"}, None),
    ({"first_seen": "2019-01-01", "last_seen": "2020-01-01", "confidence": 0.8, "file": "a.csv", "row": 7}, None),
]


@pytest.mark.parametrize(("said", "mismatch"), ONE_LINK, ids=str)
def test_a_claim_of_one_link(said: dict[str, Any], mismatch: str | None) -> None:
    page = read(day(1), row(ONE, rel=("noopener",)))
    found = joined(page, claim(**said))
    (judged,), (link,), (check,) = found.checked_claims, found.backlinks, found.checks
    reasons = (mismatch,) if mismatch else ()
    assert (judged.verdict, judged.reasons) == (FALSE if mismatch else TRUE, reasons)
    assert (judged.candidate, judged.claim, judged.judged_at) == (SOURCE, claim(**said), day(1))
    assert check.claimed_by == ("ahrefs",)
    assert check.claim_mismatch == link.claim_mismatch == reasons
    is_about_the_link = not said.get("is_lost") or mismatch is not None
    assert link.claimed_by == (("ahrefs",) if is_about_the_link else ())


def test_every_mismatch_there_is_is_tried() -> None:
    tried = {mismatch for _, mismatch in ONE_LINK if mismatch}
    assert tried | {Mismatch.LINK_MISSING, Mismatch.PAGE_GONE} == set(Mismatch)


def test_all_that_differs_is_said_the_gravest_first() -> None:
    said = claim(target_url=TWO, anchor="compasses", rel=("nofollow",), follow=False)
    assert verdict(read(day(1), row(ONE)), said) == (
        FALSE,
        ("target differs", "follow differs", "rel differs", "anchor differs"),
    )


@pytest.mark.parametrize(
    ("page", "said", "expected"),
    [
        (read(day(1)), {}, (FALSE, ("link missing",))),
        (read(day(1)), {"target_url": TWO, "anchor": "x", "follow": True}, (FALSE, ("link missing",))),
        (read(day(1)), {"target_url": "target.example"}, (FALSE, ("link missing",))),
        (read(day(1)), {"target_url": "/two"}, (FALSE, ("link missing",))),
        (read(day(1)), {"is_lost": True}, (TRUE, ())),
        (gone(day(1)), {"target_url": ONE}, (FALSE, ("page gone",))),
        (gone(day(1)), {"is_lost": True}, (TRUE, ())),
        (read(day(1), url="https://b.example/", requested_url=SOURCE), {}, (FALSE, ("link missing",))),
        (read(day(1)), {"target_url": "https://other.example/"}, (UNCHECKED, (NOT_LOOKED_FOR,))),
        (read(day(1), row()), {"target_url": "other.example"}, (UNCHECKED, (NOT_LOOKED_FOR,))),
        (read(day(1), row()), {"target_url": "https://"}, (UNCHECKED, (NOT_LOOKED_FOR,))),
        (read(day(1), row()), {"target_url": "mailto:me@target.example"}, (UNCHECKED, (NOT_LOOKED_FOR,))),
        *(
            (failed(day(1), state), {"is_lost": is_lost, "target_url": ONE}, (UNCHECKED, (state.value,)))
            for state in list(State)[3:]
            for is_lost in (True, False)
        ),
    ],
)
def test_where_there_is_no_link(page: JudgedPage, said: dict[str, Any], expected: object) -> None:
    assert verdict(page, claim(**said)) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (read(day(1), row()), (TRUE, ())),
        (read(day(1)), (UNCHECKED, (ONLY_THE_DOMAIN,))),
        (gone(day(1)), (UNCHECKED, (ONLY_THE_DOMAIN,))),
        (failed(day(1), State.REFUSED), (UNCHECKED, ("refused",))),
    ],
)
def test_where_only_the_domain_is_claimed_its_home_page_proves_no_absence(page: JudgedPage, expected: object) -> None:
    assert verdict(page, claim(target_url="target.example"), candidate="a.example") == expected
    assert verdict(page, claim(target_url="target.example"), candidate="a.example/")[0] is not UNCHECKED or page.failure


def test_who_only_names_a_page_claims_no_link() -> None:
    assert NAMED == formats.NAMED
    named = claim("sitemap", confidence=NAMED)
    assert verdict(read(day(1)), named) == (UNCHECKED, (ONLY_THE_PAGE,))
    assert verdict(gone(day(1)), named) == (UNCHECKED, (ONLY_THE_PAGE,))
    assert verdict(read(day(1), row()), named) == (TRUE, ())
    assert verdict(read(day(1)), claim("archive", confidence=NAMED, target_url=ONE)) == (FALSE, ("link missing",))


def test_search_console_names_the_site_not_the_address() -> None:
    page = read(day(1), row(TWO))
    assert verdict(page, claim("gsc", target_url="target.example")) == (TRUE, ())
    assert verdict(page, claim("gsc", target_url="other.example")) == (UNCHECKED, (NOT_LOOKED_FOR,))
    assert verdict(read(day(1)), claim("gsc", target_url="target.example")) == (FALSE, ("link missing",))


def test_the_targets_own_pages_are_not_judged_unless_their_links_were_looked_at() -> None:
    page = read(day(1), url="https://target.example/about")
    assert verdict(page, claim(target_url=ONE), is_own=True) == (UNCHECKED, (OWN_PAGE,))
    assert verdict(page, claim(target_url=ONE), is_own=True, includes_own=True) == (FALSE, ("link missing",))
    both = Targets.parse([TARGET, "other.example"])
    assert verdict(page, claim(target_url="https://other.example/"), is_own=True, targets=both) == (
        FALSE,
        ("link missing",),
    )
    assert verdict(page, claim(target_url=ONE), is_own=True, targets=both) == (UNCHECKED, (OWN_PAGE,))


def test_with_several_targets_a_claim_is_about_its_own() -> None:
    both = Targets.parse([TARGET, "other.example"])
    page = read(day(1), row("https://other.example/", target="other.example", anchor="compasses"))
    assert verdict(page, claim(target_url=ONE), targets=both) == (FALSE, ("link missing",))
    assert verdict(page, claim(target_url="other.example"), targets=both) == (TRUE, ())
    assert verdict(page, claim(), targets=both) == (TRUE, ())


def test_a_part_of_a_domain_as_target() -> None:
    blog = Targets.parse(["https://target.example/blog/"])
    name = "https://target.example/blog/"
    page = read(day(1), row("https://target.example/blog/1", target=name))
    assert verdict(page, claim(target_url="target.example"), targets=blog) == (TRUE, ())
    assert verdict(page, claim(target_url="/blog/1"), targets=blog) == (TRUE, ())
    assert verdict(page, claim(target_url="/shop/1"), targets=blog) == (UNCHECKED, (NOT_LOOKED_FOR,))
    assert verdict(read(day(1)), claim(target_url="target.example"), targets=blog) == (UNCHECKED, (NOT_LOOKED_FOR,))
    assert verdict(read(day(1)), claim(target_url="/blog/1"), targets=blog) == (FALSE, ("link missing",))


def test_of_several_links_the_one_that_is_meant_is_claimed() -> None:
    page = read(day(1), row(ONE, anchor="maps"), nofollow(TWO, anchor="ink"), row(TWO, anchor="pens"))
    found = joined(
        page,
        claim("ahrefs", target_url=ONE, anchor="maps"),
        claim("ahrefs", target_url=TWO, anchor="ink", follow=True),
        claim("semrush", target_url=TWO, anchor="pens"),
        claim("semrush", target_url=ONE, anchor="maps"),
    )
    assert [(link.claimed_by, link.claim_mismatch) for link in found.backlinks] == [
        (("ahrefs", "semrush"), ()),
        (("ahrefs",), ("follow differs",)),
        (("semrush",), ()),
    ]
    (check,) = found.checks
    assert (check.claimed_by, check.claim_mismatch) == (("ahrefs", "semrush"), ("follow differs",))


def test_each_candidate_has_its_own_claims() -> None:
    page = read(day(1), row(ONE))
    checks = tuple(joined(page, candidate=text).checks[0] for text in ("a.example/page", SOURCE, "third"))
    texts = tuple(check.candidate for check in checks)
    claims = ((claim("gsc"),), (claim("ahrefs", follow=False), claim("ahrefs")), ())
    found = judged_of(replace(page, candidates=texts, checks=checks), claims)
    assert [(check.claimed_by, check.claim_mismatch) for check in found.checks] == [
        (("gsc",), ()),
        (("ahrefs",), ("follow differs",)),
        ((), ()),
    ]
    assert [judged.candidate for judged in found.checked_claims] == ["a.example/page", SOURCE, SOURCE]
    assert found.backlinks[0].claimed_by == ("gsc", "ahrefs")


# --- laws -------------------------------------------------------------------------------------------------------------

ANCHORS = st.text(st.sampled_from("abÄßİ \t\n…."), max_size=12)
LINKS = st.builds(
    lambda target, anchor, follow, rel: row(target, anchor=anchor, follow=follow, rel=tuple(rel)),
    st.sampled_from([ONE, TWO, "http://target.example/a?b=c#d"]),
    ANCHORS,
    st.booleans(),
    st.lists(st.sampled_from(["nofollow", "UGC", "noopener"]), unique=True),
)
PAGES = st.lists(LINKS, max_size=4).map(lambda links: read(day(1), *links))


@given(PAGES)
def test_what_is_there_is_true(page: JudgedPage) -> None:
    """A claim that repeats a link, in full or in part, is true, and the link is claimed."""
    for number, link in enumerate(page.backlinks):
        full = claim(target_url=link.target_url, anchor=link.anchor, rel=link.rel, follow=link.follow)
        for said in (full, replace(full, target_url=""), replace(full, anchor="", follow=None), claim()):
            found = joined(page, said)
            assert found.checked_claims[0].verdict is TRUE
            assert found.backlinks[number].claimed_by == ("ahrefs",)


CLAIMS = st.builds(
    Claim,
    origin=st.sampled_from(["ahrefs", "gsc"]),
    target_url=st.sampled_from(["", ONE, TWO, "/", "/a?b=c", TARGET, "other.example", "https://[", "x y"]),
    anchor=ANCHORS,
    rel=st.lists(st.sampled_from(["nofollow", "ugc"]), unique=True).map(tuple),
    follow=st.none() | st.booleans(),
    is_lost=st.booleans(),
)
ANY_PAGES = PAGES | st.sampled_from([gone(day(1)), *(failed(day(1), state) for state in list(State)[3:])])


@given(ANY_PAGES, st.lists(CLAIMS, max_size=5))
def test_every_claim_has_one_verdict_and_its_reason(page: JudgedPage, claims: list[Claim]) -> None:
    found = joined(page, *claims)
    assert [judged.claim for judged in found.checked_claims] == claims
    false = set()
    for judged in found.checked_claims:
        assert bool(judged.reasons) == (judged.verdict is not TRUE)
        if judged.verdict is FALSE:
            false |= set(judged.reasons)
            assert set(judged.reasons) <= set(Mismatch)
        else:
            assert not set(judged.reasons) & set(Mismatch)
    (check,) = found.checks
    assert set(check.claim_mismatch) == false
    assert set(check.claimed_by) == {said.origin for said in claims}
    for before, after in zip(page.backlinks, found.backlinks, strict=True):
        assert set(after.claim_mismatch) <= false
        assert after.claimed_by or not after.claim_mismatch
        assert _unclaimed(after) == before


def _unclaimed(link: Backlink) -> Backlink:
    return replace(link, claimed_by=(), claim_mismatch=())


@given(ANCHORS, st.integers(0, 12))
def test_a_cut_anchor_is_the_same(anchor: str, length: int) -> None:
    for sign in ("…", "..."):
        assert is_same_anchor(anchor[:length] + sign, anchor) or anchor[:length].endswith(".")


def test_an_anchor_that_was_cut_without_a_sign() -> None:
    assert SHORTEST_CUT == 50, "no tool that is known cuts an anchor shorter without a sign of it"
    assert is_same_anchor(LONG[:50], LONG)
    assert not is_same_anchor(LONG[:49], LONG)
    assert not is_same_anchor(LONG, LONG[:SHORTEST_CUT])


def test_lines_of_a_plain_list_share_their_claim() -> None:
    first, second = (slim(claim("list", file="a.txt", row=number, confidence=0.5)) for number in (1, 2))
    assert first is second
    assert first == claim("list", file="a.txt", confidence=0.5)
    telling = claim("gsc", file="a.csv", row=3, last_seen="2026-01-01")
    assert slim(telling) is telling
