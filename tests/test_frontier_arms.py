"""What a crawl expects of a page by what it has seen of its host, its section, its folder and its words."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any, cast

import pytest

from backlinkbot.frontier import arms, visited_hosts
from backlinkbot.frontier.arms import EXHAUSTED_AFTER, HOSTS_EXHAUSTED_AFTER, UNPROVEN_EXHAUSTED_AFTER
from backlinkbot.frontier.experience import CLOSED_VALUE, Experience
from backlinkbot.frontier.features import PageFeatures, features_of
from backlinkbot.frontier.marks import PageMarks

if TYPE_CHECKING:
    from backlinkbot.frontier.saving import CrawlSaver


def novelties(experience: Experience, *pages: PageFeatures) -> list[float]:
    return experience.novelty(pages, [experience.factors_of(page) for page in pages])


def hit_rates(experience: Experience, *pages: PageFeatures) -> list[float]:
    return experience.novelty_and_hit_rates(pages, [experience.factors_of(page) for page in pages])[1]


def novelty(experience: Experience, path: str, query: str = "", host: str = "a.example") -> float:
    return novelties(experience, features_of(host, path, query))[0]


def hit_rate(experience: Experience, path: str, host: str = "a.example") -> float:
    return hit_rates(experience, features_of(host, path))[0]


def test_a_host_counts_once_for_each_host_that_links_to_it() -> None:
    experience = Experience()
    assert experience.visited(features_of("a.example", "/1"), ["x.example", "y.example", "x.example"]) == 2
    assert experience.visited(features_of("a.example", "/2"), ["x.example", "z.example"]) == 1
    assert experience.visited(features_of("b.example", "/1"), ["x.example"]) == 1


def test_a_folder_leans_on_its_section_and_that_on_its_host() -> None:
    experience = Experience()
    for n in range(8):
        experience.visited(features_of("a.example", f"/blog/{n}/q{n}"), [f"o{n}.example", f"p{n}.example"])
        experience.visited(features_of("a.example", f"/shop/{n}/r{n}"), [])
    same_folder = novelty(experience, "/blog/99/u")
    same_section = novelty(experience, "/blog/elsewhere/u")
    same_host = novelty(experience, "/other/u")
    other_section = novelty(experience, "/shop/elsewhere/u")
    assert same_folder > same_section > same_host > other_section


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("/2024/05/a", "/2023/11/b", True),
        ("/posts/a/", "/posts/b/", True),
        ("/posts/a", "/posts/b/", True),
        ("/posts/a", "/notes/a", False),
        ("/a", "/b", True),
        ("/", "/b", True),
    ],
)
def test_folders_are_told_apart_by_their_shape(*, one: str, other: str, is_same: bool) -> None:
    assert (features_of("a.example", one).folder == features_of("a.example", other).folder) is is_same


def test_queries_are_told_apart_by_the_names_of_their_keys() -> None:
    first = features_of("a.example", "/wiki/Start", "action=diff&rev=3")
    assert first.folder == features_of("a.example", "/wiki/Other", "rev=9&action=edit").folder
    assert first.folder != features_of("a.example", "/wiki/Other", "rev=9").folder
    assert first.trap == features_of("a.example", "/talk/Other", "rev=9&action=edit").trap
    assert first.trap != features_of("a.example", "/talk/deep/Other", "rev=9&action=edit").trap


def exhaust(experience: Experience, visits: int) -> None:
    for n in range(visits):
        experience.visited(features_of("a.example", f"/wiki/Page{n}", f"rev={n}"), ["same.example"] if n else [])


def test_an_arm_that_shows_nothing_new_waits() -> None:
    experience = Experience()
    experience.visited(features_of("a.example", "/"), ["same.example"])
    exhaust(experience, EXHAUSTED_AFTER - 1)
    before = novelty(experience, "/wiki/New", "rev=1000")
    experience.visited(features_of("a.example", "/wiki/Oncemore", "rev=x"), ["same.example"])
    assert novelty(experience, "/wiki/New", "rev=1000") < before / 10_000
    assert novelty(experience, "/wiki/New") > before / 10, "pages without the query are another arm"


def test_an_arm_that_shows_something_after_all_is_open_again() -> None:
    experience = Experience()
    experience.visited(features_of("a.example", "/"), ["same.example"])
    exhaust(experience, 3 * EXHAUSTED_AFTER)
    closed = novelty(experience, "/wiki/New", "rev=1000")
    experience.visited(features_of("a.example", "/wiki/At-last", "rev=y"), ["new.example"])
    assert novelty(experience, "/wiki/New", "rev=1000") > 10_000 * closed


def test_an_arm_with_hits_never_waits() -> None:
    experience = Experience()
    page = features_of("a.example", "/wiki/Page", "rev=0")
    experience.visited(page, ["same.example"])
    experience.hit(page)
    exhaust(experience, 3 * EXHAUSTED_AFTER)
    without = Experience()
    without.visited(page, ["same.example"])
    exhaust(without, 3 * EXHAUSTED_AFTER)
    assert novelty(experience, "/wiki/New", "rev=1000") > 10_000 * novelty(without, "/wiki/New", "rev=1000")


def test_hits_raise_the_rate_of_their_folder_most() -> None:
    experience = Experience()
    for n in range(30):
        page = features_of("a.example", f"/links/{n}")
        experience.visited(page, [])
        experience.visited(features_of("a.example", f"/else/{n}"), [])
        if n % 2:
            experience.hit(page)
    assert hit_rate(experience, "/links/new") == pytest.approx(0.5, abs=0.2)
    assert hit_rate(experience, "/links/new") > 3 * hit_rate(experience, "/else/new")


def test_before_any_hit_what_shows_more_hosts_is_the_likelier_one() -> None:
    experience = Experience()
    for n in range(9):
        experience.visited(features_of("a.example", f"/rich/{n}"), [f"o{n}.example"])
        experience.visited(features_of("a.example", f"/poor/{n}"), [])
    assert hit_rate(experience, "/rich/new") > hit_rate(experience, "/poor/new")


def test_a_chance_is_a_factor() -> None:
    experience = Experience()
    page = features_of("a.example", "/file.pdf")
    assert novelties(experience, page._replace(chance=0.01))[0] == pytest.approx(novelties(experience, page)[0] / 100)


def test_a_host_of_endless_folders_takes_a_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arms, "MAX_ARMS_OF_HOST", 30)
    experience = Experience()
    for n in range(200):
        experience.visited(features_of("a.example", f"/s{chr(97 + n % 26)}/{'x' * n}/page"), [])
    assert len(experience._hosts.visit("a.example").arms) <= 32
    experience.hit(features_of("a.example", "/sa/never-seen/page"))
    assert hit_rate(experience, "/sa/never-seen/page") > 0


# --- traps ---


def is_closed(experience: Experience, path: str, query: str = "", host: str = "a.example") -> bool:
    return experience.is_closed(features_of(host, path, query))


def test_endless_sections_are_closed_together_and_one_that_has_shown_something_is_not() -> None:
    experience = Experience()
    experience.visited(features_of("a.example", "/blog/1"), ["x.example"])
    for n in range(UNPROVEN_EXHAUSTED_AFTER):
        experience.visited(features_of("a.example", f"/s{n}/page"), [])
    assert is_closed(experience, "/another/page")
    assert not is_closed(experience, "/blog/2")
    experience.visited(features_of("a.example", "/another/page"), ["y.example"])
    assert not is_closed(experience, "/further/page")
    for n in range(UNPROVEN_EXHAUSTED_AFTER // 4):  # half as many are tried again
        experience.visited(features_of("a.example", f"/t{n}/page"), [])
    assert is_closed(experience, "/further/page")


def test_a_section_with_a_hit_is_never_closed() -> None:
    experience = Experience()
    page = features_of("a.example", "/reviews/1")
    experience.visited(page, [])
    experience.hit(page)
    for n in range(3 * UNPROVEN_EXHAUSTED_AFTER):
        experience.visited(features_of("a.example", f"/s{n}/page"), [])
        experience.visited(features_of("a.example", f"/reviews/x{n}"), [])
    assert is_closed(experience, "/another/page")
    assert not is_closed(experience, "/reviews/2")


def test_hosts_without_end_are_closed_with_their_domain_but_for_those_that_the_user_named() -> None:
    experience = Experience()
    experience.name("a.example")
    experience.visited(features_of("a.example", "/"), ["x.example"])
    for n in range(HOSTS_EXHAUSTED_AFTER):
        experience.visited(features_of(f"h{n}.a.example", "/"), [f"i{n}.a.example", "x.example"])
    assert is_closed(experience, "/", host="another.a.example")
    assert not is_closed(experience, "/some")
    assert not is_closed(experience, "/", host="b.example")


def test_what_an_endless_arm_costs_does_not_count_for_the_group_that_it_is_in() -> None:
    experience = Experience()
    for n in range(UNPROVEN_EXHAUSTED_AFTER // 2):
        experience.visited(features_of("a.example", f"/s{n}/page"), [])
    for n in range(200):
        experience.visited(features_of("a.example", "/list", f"page={n}"), [])
    of_list, of_section = novelties(
        experience, features_of("a.example", "/list", "page=x"), features_of("a.example", "/new/")
    )
    assert 0 < of_list < of_section < CLOSED_VALUE


def test_repeated_pages_close_their_arm_earlier() -> None:
    experience = Experience()
    counted: list[str] = []
    experience.count = counted.append
    for n in range(8):
        experience.visited(features_of("a.example", f"/items/{n}/x"), [], PageMarks(1, lambda: "the same words"))
    assert counted == ["duplicates"] * 5 + ["closed_arms"] + ["duplicates"]
    assert is_closed(experience, "/items/9/y")


def test_a_page_that_was_visited_under_another_session_is_deferred() -> None:
    experience = Experience()
    counted: list[str] = []
    experience.count = counted.append
    for n in range(6):
        for m in range(3):
            page = features_of("a.example", f"/{m}", f"sid={n}{m}")
            experience.visited(page, [], PageMarks(m, lambda: "words of a page"))
    assert "ignored_parameters" in counted
    assert experience.defers(features_of("a.example", "/1", "sid=new"))
    assert not experience.defers(features_of("a.example", "/9", "sid=new"))
    assert experience.defers(features_of("a.example", "/9", "sid=other")), "its address was given out before"
    assert not experience.defers(features_of("a.example", "/1", "id=1"))
    assert counted.count("same_page") == 2


class Saver:
    """What a crawl saves; lessons come back as JSON would give them."""

    def __init__(self) -> None:
        self.pairs: list[int] = []
        self.lessons: list[list[Any]] = []

    def note(self, name: str, number: int) -> None:
        assert name == "pairs"
        self.pairs.append(number)

    def learn(self, lesson: list[Any]) -> None:
        self.lessons.append(json.loads(json.dumps(lesson)))


def test_what_was_learned_of_traps_survives_a_resume() -> None:
    before, saver = Experience(), Saver()
    before.save_to(cast("CrawlSaver", saver))
    for n in range(6):
        for m in range(3):
            page = features_of("a.example", f"/{m}", f"sid={n}{m}")
            before.visited(page, [], PageMarks(m, lambda: "words of a page"))
    for n in range(UNPROVEN_EXHAUSTED_AFTER):
        before.visited(features_of("a.example", f"/s{n}/page"), [])
        before.visited(features_of("a.example", "/list", f"page={n}"), [])
        before.visited(features_of(f"h{n}.b.example", "/"), [])
    hit = features_of("a.example", "/list", "page=hit")
    before.hit(hit)
    after = Experience()
    after.restore_pairs(saver.pairs)
    after.restore(saver.lessons)
    for page in (
        features_of("a.example", "/new/page"),
        features_of("a.example", "/list", "page=9"),
        features_of("new.b.example", "/"),
        features_of("a.example", "/1", "sid=new"),
        features_of("a.example", "/9", "sid=new"),
    ):
        assert after.is_closed(page) == before.is_closed(page)
        assert after.is_repeat(page) == before.is_repeat(page)
        assert novelties(after, page) == pytest.approx(novelties(before, page))
        assert hit_rates(after, page) == pytest.approx(hit_rates(before, page))
    assert after.is_repeat(features_of("a.example", "/1", "sid=new"))


def test_features_of_pages_in_a_jobdir_of_an_earlier_version_are_read() -> None:
    page = features_of("a.example", "/blog/1", "sid=2", anchor="a blog", chance=1.2, depth=3)
    now = pickle.dumps(page, protocol=0)
    earlier = now.replace(b"backlinkbot.frontier.features\nPageFeatures", b"backlinkbot.frontier.arms\nLink")
    assert earlier != now
    assert pickle.loads(earlier) == page


def test_lessons_of_an_older_version_are_read() -> None:
    experience = Experience()
    page = features_of("a.example", "/blog/1")
    experience.restore([[2, page.host, page.section, page.folder, page.trap, list(page.words)]])
    assert novelty(experience, "/blog/2") > novelty(Experience(), "/blog/2")


def test_figures_of_no_more_hosts_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visited_hosts, "MAX_HOSTS", 50)
    experience = Experience()
    for n in range(200):
        experience.visited(features_of(f"h{n}.example", "/"), [f"o{n}.example"])
    assert len(experience._hosts) == len(experience._hosts._domains) == 50
    assert not experience.is_new("h199.example")
    assert experience.is_new("h0.example")
