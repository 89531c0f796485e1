"""A visit against what is known: every rule, case by case, and the laws that hold for any order of visits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.history.diff import PageMemory, RunScope, compare
from backlinkbot.history.observation import TELLING, observations_of
from backlinkbot.items import Change, ChangeKind, JudgedPage, LinkState, Reason, State
from tests.visited import (
    CANONICAL,
    COULD_NOT_CHECK,
    HISTORIES,
    ONE,
    OTHER,
    SOURCE,
    TARGET,
    TWO,
    day,
    failed,
    gone,
    nofollow,
    read,
    row,
    unchanged,
)


class Watch:
    """What is remembered while visits come in."""

    def __init__(self, *names: str, includes_own: bool = False, first_time: Iterable[str] = ()) -> None:
        self.scope = RunScope(
            run=1,
            targets=frozenset(names or (TARGET,)),
            includes_own=includes_own,
            first_time=frozenset(first_time),
        )
        self.pages: dict[str, PageMemory] = {}

    def see(self, *pages: JudgedPage) -> list[Change]:
        """What the last of these visits has changed."""
        found: list[Change] = []
        for page in pages:
            found = []
            for sight in observations_of(page):
                if sight.is_wanted or sight.key in self.pages:
                    self.pages[sight.key], changes = compare(sight, self.pages.get(sight.key), self.scope)
                    found += [change for _, change in changes]
        return found

    def states(self, url: str = SOURCE) -> dict[str, LinkState]:
        page = self.pages[url.partition("://")[2]]
        return {backlink.shown.target_url: backlink.state for backlink in page.backlinks.values()}

    def state(self) -> LinkState:
        (state,) = self.states().values()
        return state


def told(changes: list[Change]) -> list[tuple[str, str, str, str]]:
    return [(change.kind.value, change.reason.value, change.before, change.after) for change in changes]


LINK = row()
UNTRUSTED = {"certificate_fault": "expired"}

# (what the table calls it, the visits, what the last of them changes, the states afterwards)
CASES: list[tuple[str, list[JudgedPage], list[tuple[str, str, str, str]], dict[str, str]]] = [
    ("first visit", [read(day(1), LINK)], [("new", "page_found", "", "")], {ONE: "new"}),
    ("first visit, no link", [read(day(1))], [], {}),
    ("still there", [read(day(1), LINK), read(day(2), LINK)], [], {ONE: "live"}),
    ("not read again, as it was", [read(day(1), LINK), unchanged(day(2))], [], {ONE: "live"}),
    ("known page, new link", [read(day(1)), read(day(2), LINK)], [("new", "link_found", "", "")], {ONE: "new"}),
    (
        "never read before, though visited",
        [failed(day(1), State.REFUSED), gone(day(2)), read(day(3), LINK)],
        [("new", "page_found", "", "")],
        {ONE: "new"},
    ),
    (
        "removed",
        [read(day(1), LINK), read(day(2))],
        [("lost", "removed_from_page", "", "")],
        {ONE: "lost"},
    ),
    (
        "one of two removed",
        [read(day(1), LINK, row(TWO, anchor="two")), read(day(2), LINK)],
        [("lost", "removed_from_page", "", "")],
        {ONE: "live", TWO: "lost"},
    ),
    ("lost once", [read(day(1), LINK), read(day(2)), read(day(3))], [], {ONE: "lost"}),
    (
        "restored",
        [read(day(1), LINK), read(day(2)), read(day(3), LINK)],
        [("restored", "link_found", "", "")],
        {ONE: "restored"},
    ),
    (
        "restored, then live",
        [read(day(1), LINK), read(day(2)), read(day(3), LINK), read(day(4), LINK)],
        [],
        {ONE: "live"},
    ),
    (
        "restored otherwise",
        [read(day(1), LINK), read(day(2)), read(day(3), nofollow())],
        [("restored", "link_found", "", ""), ("changed", "nofollow_added", "", "rel:nofollow")],
        {ONE: "restored"},
    ),
    # a page that is gone
    ("gone once", [read(day(1), LINK), gone(day(2))], [], {ONE: "new"}),
    ("gone twice in less than 20 hours", [read(day(1), LINK), gone(day(2, 23)), gone(day(3, 18))], [], {ONE: "new"}),
    ("gone twice at midnight", [read(day(1), LINK), gone(day(2, 23)), gone(day(3, 0))], [], {ONE: "new"}),
    (
        "gone twice on one day, 20 hours apart",
        [read(day(1), LINK), gone(day(2, 1)), gone(day(2, 21))],
        [("lost", "page_gone", "", "")],
        {ONE: "lost"},
    ),
    (
        "gone three times, the last 20 hours after the first",
        [read(day(1), LINK), gone(day(2, 12)), gone(day(2, 23)), gone(day(3, 8))],
        [("lost", "page_gone", "", "")],
        {ONE: "lost"},
    ),
    (
        "gone on two days",
        [read(day(1), LINK), gone(day(2, 23)), gone(day(3, 19))],
        [("lost", "page_gone", "", "")],
        {ONE: "lost"},
    ),
    (
        "gone on two days, though nobody could check in between",
        [read(day(1), LINK), gone(day(2)), failed(day(3), State.SERVER_ERROR), gone(day(4))],
        [("lost", "page_gone", "", "")],
        {ONE: "lost"},
    ),
    (
        "gone, back, gone",
        [read(day(1), LINK), gone(day(2)), read(day(3), LINK), gone(day(4))],
        [],
        {ONE: "live"},
    ),
    (
        "gone, not changed, gone",
        [read(day(1), LINK), gone(day(2)), unchanged(day(3)), gone(day(4))],
        [],
        {ONE: "live"},
    ),
    (
        "back from the dead",
        [read(day(1), LINK), gone(day(2)), gone(day(3)), read(day(4), LINK)],
        [("restored", "page_found", "", "")],
        {ONE: "restored"},
    ),
    (
        "back from the dead, as it was",
        [read(day(1), LINK), gone(day(2)), gone(day(3)), unchanged(day(4))],
        [("restored", "page_found", "", "")],
        {ONE: "restored"},
    ),
    (
        "what was removed stays removed on a page that has not changed",
        [read(day(1), LINK), read(day(2)), unchanged(day(3))],
        [],
        {ONE: "lost"},
    ),
    # a server that may not be the page's
    ("no link on an untrusted page", [read(day(1), LINK), read(day(2), **UNTRUSTED)], [], {ONE: "new"}),
    ("gone twice, untrusted", [read(day(1), LINK), *(gone(day(n), **UNTRUSTED) for n in (2, 3))], [], {ONE: "new"}),
    (
        "redirected by an untrusted server",
        [read(day(1), LINK), read(day(2), url=OTHER, requested_url=SOURCE, **UNTRUSTED)],
        [],
        {ONE: "new"},
    ),
    (
        "redirected by an untrusted server to a page with the link",
        [read(day(1), LINK), read(day(2), LINK, url=OTHER, requested_url=SOURCE, **UNTRUSTED)],
        [("new", "page_found", "", "")],
        {ONE: "new"},
    ),
    (
        "an untrusted page may show links",
        [read(day(1)), read(day(2), LINK, **UNTRUSTED)],
        [("new", "link_found", "", "")],
        {ONE: "new"},
    ),
    (
        "one of two links on an untrusted page",
        [read(day(1), LINK, row(TWO, anchor="two")), read(day(2), LINK, **UNTRUSTED)],
        [],
        {ONE: "live", TWO: "new"},
    ),
    (
        "another link on an untrusted page",
        [read(day(1), LINK), read(day(2), row(TWO), **UNTRUSTED)],
        [("new", "link_found", "", "")],
        {ONE: "new", TWO: "new"},
    ),
    # redirects
    (
        "redirected to another page",
        [read(day(1), LINK), read(day(2), url=OTHER, requested_url=SOURCE)],
        [("lost", "page_redirected", "", "")],
        {ONE: "lost"},
    ),
    (
        "redirected to another page that holds the link",
        [read(day(1), LINK), read(day(2), LINK, url=OTHER, requested_url=SOURCE)],
        [("lost", "page_redirected", "", ""), ("new", "page_found", "", "")],
        {ONE: "lost"},
    ),
    (
        "redirected to the other scheme",
        [read(day(1), LINK), read(day(2), LINK, url=SOURCE.replace("https", "http"), requested_url=SOURCE)],
        [],
        {ONE: "live"},
    ),
    (
        "redirected to what is gone",
        [read(day(1), LINK), gone(day(2), OTHER, requested_url=SOURCE)],
        [],
        {ONE: "new"},
    ),
    (
        "redirected to what is gone, on two days",
        [read(day(1), LINK), gone(day(2), OTHER, requested_url=SOURCE), gone(day(3), OTHER, requested_url=SOURCE)],
        [("lost", "page_gone", "", "")],
        {ONE: "lost"},
    ),
    (
        "redirected to what could not be checked",
        [read(day(1), LINK), failed(day(2), State.REFUSED, url=OTHER, requested_url=SOURCE)],
        [],
        {ONE: "new"},
    ),
    (
        "back from a redirect",
        [read(day(1), LINK), read(day(2), url=OTHER, requested_url=SOURCE), read(day(3), LINK)],
        [("restored", "page_found", "", "")],
        {ONE: "restored"},
    ),
    # what changes
    (
        "nofollow added",
        [read(day(1), LINK), read(day(2), nofollow(nofollow_by=("rel:ugc", "meta:robots")))],
        [("changed", "nofollow_added", "", "rel:ugc,meta:robots")],
        {ONE: "changed"},
    ),
    (
        "nofollow removed",
        [read(day(1), nofollow()), read(day(2), LINK)],
        [("changed", "nofollow_removed", "rel:nofollow", "")],
        {ONE: "changed"},
    ),
    (
        "another rule, still nofollow",
        [read(day(1), nofollow()), read(day(2), nofollow(nofollow_by=("rel:ugc",)))],
        [],
        {ONE: "live"},
    ),
    (
        "noindex",
        [read(day(1), LINK), read(day(2), row(indexable=False, noindex_by=("header:robots",)))],
        [("changed", "noindex", "", "header:robots")],
        {ONE: "changed"},
    ),
    (
        "noindex removed",
        [read(day(1), row(indexable=False, noindex_by=("meta:robots",))), read(day(2), LINK)],
        [("changed", "noindex_removed", "meta:robots", "")],
        {ONE: "changed"},
    ),
    (
        "not canonical",
        [read(day(1), LINK), read(day(2), row(canonical_url=CANONICAL))],
        [("changed", "not_canonical", "", CANONICAL)],
        {ONE: "changed"},
    ),
    (
        "canonical of its own is none",
        [read(day(1), LINK), read(day(2), row(canonical_url=SOURCE.replace("https", "http") + "#top"))],
        [],
        {ONE: "live"},
    ),
    (
        "canonical again",
        [read(day(1), row(canonical_url=CANONICAL)), read(day(2), row(canonical_url=SOURCE))],
        [("changed", "canonical_again", CANONICAL, "")],
        {ONE: "changed"},
    ),
    (
        "hidden",
        [read(day(1), LINK), read(day(2), row(flags=("hidden",)))],
        [("changed", "hidden", "", "hidden")],
        {ONE: "changed"},
    ),
    (
        "shown",
        [read(day(1), row(flags=("hidden",))), read(day(2), LINK)],
        [("changed", "shown", "hidden", "")],
        {ONE: "changed"},
    ),
    (
        "one of two instances hidden",
        [read(day(1), LINK), read(day(2), LINK, row(anchor="more", flags=("hidden",)))],
        [],
        {ONE: "live"},
    ),
    (
        "anchor changed",
        [read(day(1), LINK), read(day(2), row(anchor="atlas"))],
        [("changed", "anchor_changed", "maps", "atlas")],
        {ONE: "changed"},
    ),
    (
        "several changes of one backlink",
        [read(day(1), LINK), read(day(2), nofollow(anchor="atlas", indexable=False, noindex_by=("meta:robots",)))],
        [
            ("changed", "nofollow_added", "", "rel:nofollow"),
            ("changed", "noindex", "", "meta:robots"),
            ("changed", "anchor_changed", "maps", "atlas"),
        ],
        {ONE: "changed"},
    ),
    (
        "changed, then live",
        [read(day(1), LINK), read(day(2), nofollow()), read(day(3), nofollow())],
        [],
        {ONE: "live"},
    ),
    # where it leads
    (
        "target changed",
        [read(day(1), LINK), read(day(2), row(TWO))],
        [("changed", "target_changed", ONE, TWO)],
        {ONE: "moved", TWO: "changed"},
    ),
    (
        "target and rel changed",
        [read(day(1), LINK), read(day(2), nofollow(TWO))],
        [("changed", "target_changed", ONE, TWO), ("changed", "nofollow_added", "", "rel:nofollow")],
        {ONE: "moved", TWO: "changed"},
    ),
    (
        "target changed and changed back",
        [read(day(1), LINK), read(day(2), row(TWO)), read(day(3), LINK)],
        [("changed", "target_changed", TWO, ONE)],
        {ONE: "changed", TWO: "moved"},
    ),
    (
        "another target, another anchor",
        [read(day(1), LINK), read(day(2), row(TWO, anchor="atlas"))],
        [("new", "link_found", "", ""), ("lost", "removed_from_page", "", "")],
        {ONE: "lost", TWO: "new"},
    ),
    (
        "two that may have come from one",
        [read(day(1), LINK), read(day(2), row(TWO), row(TWO + "b"))],
        [("new", "link_found", "", ""), ("new", "link_found", "", ""), ("lost", "removed_from_page", "", "")],
        {ONE: "lost", TWO: "new", TWO + "b": "new"},
    ),
    # what one backlink is
    (
        "another spelling of the target",
        [read(day(1), LINK), read(day(2), row("http://target.example/#top"))],
        [],
        {"http://target.example/#top": "live"},
    ),
    (
        "two instances, one follows",
        [read(day(1), nofollow(anchor="first"), row(anchor="second")), read(day(2), row(anchor="second"))],
        [],
        {ONE: "live"},
    ),
    (
        "the instance that follows is taken away",
        [read(day(1), nofollow(), row(anchor="second")), read(day(2), nofollow())],
        [("changed", "nofollow_added", "", "rel:nofollow"), ("changed", "anchor_changed", "second", "maps")],
        {ONE: "changed"},
    ),
]


@pytest.mark.parametrize(("visits", "changes", "states"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_visit_is_judged(
    visits: list[JudgedPage], changes: list[tuple[str, str, str, str]], states: dict[str, str]
) -> None:
    watch = Watch()
    assert told(watch.see(*visits)) == changes
    assert watch.states() == states


def test_every_reason_is_in_the_table() -> None:
    assert {change[1] for case in CASES for change in case[2]} == set(Reason)


@pytest.mark.parametrize("state", COULD_NOT_CHECK)
def test_could_not_check_is_never_a_loss(state: State) -> None:
    watch = Watch()
    watch.see(read(day(1), LINK), read(day(2), LINK))
    for number in range(3, 20):
        assert watch.see(failed(day(number), state)) == []
    assert watch.state() is LinkState.LIVE
    assert watch.pages["a.example/page"].unchecked == 17
    assert watch.see(read(day(20), LINK)) == []
    assert watch.pages["a.example/page"].unchecked == 0


def test_every_state_of_a_failed_visit_is_judged() -> None:
    assert {*COULD_NOT_CHECK, State.GONE, State.SUSPENDED, State.PARKED, State.LINKED, State.NOT_LINKED} == set(State)


def test_a_change_says_everything() -> None:
    watch = Watch()
    (change,) = watch.see(read(day(1), LINK), read(day(2), row(anchor="atlas")))
    assert change == Change(
        kind=ChangeKind.CHANGED,
        reason=Reason.ANCHOR_CHANGED,
        target=TARGET,
        source_url=SOURCE,
        source_domain="a.example",
        target_url=ONE,
        anchor="atlas",
        before="maps",
        after="atlas",
        at=day(2),
        run=1,
    )


def test_first_and_last_seen() -> None:
    watch = Watch()
    watch.see(read(day(1), LINK), read(day(3), LINK), failed(day(4), State.REFUSED), read(day(5)))
    (backlink,) = watch.pages["a.example/page"].backlinks.values()
    assert (backlink.first_seen, backlink.last_seen, backlink.lost_at) == (day(1), day(3), day(5))
    watch.see(read(day(6), LINK))
    (backlink,) = watch.pages["a.example/page"].backlinks.values()
    assert (backlink.first_seen, backlink.last_seen, backlink.lost_at) == (day(1), "", "")


def test_visits_and_changes_are_counted() -> None:
    watch = Watch()
    watch.see(
        read(day(1), LINK),
        failed(day(2), State.UNREACHABLE),
        read(day(3), nofollow()),
        read(day(4), nofollow()),
        gone(day(5)),
        gone(day(6)),
    )
    page = watch.pages["a.example/page"]
    assert (page.visits, page.changed_visits, page.unchecked, page.failing_since) == (5, 2, 0, day(5))
    assert (page.first_visit_at, page.last_visit_at, page.last_read_at) == (day(1), day(6), day(4))


# --- what a run looks for ---


def test_a_run_judges_only_what_it_looks_for() -> None:
    watch = Watch(TARGET, "other.example")
    both = (LINK, row("https://other.example/", target="other.example"))
    watch.see(read(day(1), *both), read(day(2), *both))
    watch.scope = replace(watch.scope, targets=frozenset({TARGET}))
    assert watch.see(read(day(3), LINK)) == []
    assert told(watch.see(read(day(4)))) == [("lost", "removed_from_page", "", "")]
    assert watch.see(gone(day(5)), gone(day(6))) == []
    assert watch.states() == {ONE: "lost", "https://other.example/": "live"}
    other = next(b for key, b in watch.pages["a.example/page"].backlinks.items() if key.target == "other.example")
    assert other.last_seen == day(2), "nobody has looked since"
    watch.scope = replace(watch.scope, targets=frozenset({"other.example"}))
    assert told(watch.see(gone(day(7)))) == [("lost", "page_gone", "", "")]


def test_a_target_that_nobody_looked_for_before_is_found_with_its_page() -> None:
    watch = Watch(TARGET, first_time=[TARGET])
    assert told(watch.see(read(day(1)), read(day(2), LINK))) == [("new", "page_found", "", "")]


def test_links_of_own_pages_are_judged_where_they_are_looked_for() -> None:
    own = row(flags=("same_domain",))
    watch = Watch(includes_own=True)
    watch.see(read(day(1), own))
    without = replace(watch.scope, includes_own=False)
    watch.scope, including = without, watch.scope
    assert watch.see(read(day(2))) == []
    watch.scope = including
    assert told(watch.see(read(day(3)))) == [("lost", "removed_from_page", "", "")]


# --- laws ---


@given(HISTORIES)
def test_the_changes_of_a_backlink_alternate(history: list[JudgedPage]) -> None:
    """New once and first; lost only what is there, restored only what was lost; the state agrees with the last one."""
    watch = Watch()
    there: dict[tuple[str, str], bool] = {}
    for page in sorted(history, key=lambda page: page.fetched_at):
        for change in watch.see(page):
            key = (change.source_url.partition("://")[2], change.target_url.partition("://")[2])
            if change.kind is ChangeKind.NEW:
                assert key not in there
            elif change.kind is ChangeKind.LOST:
                assert there[key]
            elif change.kind is ChangeKind.RESTORED:
                assert not there[key]
            elif change.reason is Reason.TARGET_CHANGED:
                went = (key[0], change.before.partition("://")[2])
                assert there[went]
                there[went] = False
            else:
                assert there[key]
            there[key] = change.kind is not ChangeKind.LOST
    found = {
        (key, backlink_key.url): not backlink.is_away
        for key, page in watch.pages.items()
        for backlink_key, backlink in page.backlinks.items()
    }
    assert found == there


@given(HISTORIES)
def test_a_second_look_at_the_same_finds_nothing(history: list[JudgedPage]) -> None:
    watch = Watch()
    watch.see(*history)
    for page in history[-1:]:
        if observations_of(page)[0].outcome in TELLING:
            assert watch.see(page) == []


@given(HISTORIES, st.sampled_from(COULD_NOT_CHECK), st.integers(0, 12))
def test_a_visit_that_could_not_check_makes_no_difference(history: list[JudgedPage], state: State, place: int) -> None:
    plain, disturbed = Watch(), Watch()
    place = min(place, len(history))
    at = history[place - 1].fetched_at if place else day(1)
    plain.see(*history)
    changes = disturbed.see(*history[:place], failed(at, state))
    assert changes == []
    disturbed.see(*history[place:])
    for key, page in plain.pages.items():
        assert disturbed.pages[key].backlinks == page.backlinks


@given(HISTORIES)
def test_what_a_good_visit_shows_is_what_is_there(history: list[JudgedPage]) -> None:
    watch = Watch()
    for page in history:
        watch.see(page)
        if page.failure is None and not page.is_unchanged and observations_of(page)[-1].key in watch.pages:
            sight = observations_of(page)[-1]
            known = watch.pages[sight.key].backlinks
            assert {key for key, backlink in known.items() if not backlink.is_away} == set(sight.backlinks())
