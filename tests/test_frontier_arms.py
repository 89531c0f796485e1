"""What a crawl expects of a page by what it has seen of its host, its section, its folder and its words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from backlinkbot.frontier import arms
from backlinkbot.frontier.arms import BARREN, BARREN_HOSTS, DRY, Experience, Link, link_to
from backlinkbot.frontier.marks import PageMarks

if TYPE_CHECKING:
    from backlinkbot.frontier.saving import CrawlSaver


def novelties(experience: Experience, *links: Link) -> list[float]:
    return experience.novelty(links, [experience.factors_of(link) for link in links])


def hit_rates(experience: Experience, *links: Link) -> list[float]:
    return experience.novelty_and_hit_rates(links, [experience.factors_of(link) for link in links])[1]


def novelty(experience: Experience, path: str, query: str = "", host: str = "a.example") -> float:
    return novelties(experience, link_to(host, path, query))[0]


def hit_rate(experience: Experience, path: str, host: str = "a.example") -> float:
    return hit_rates(experience, link_to(host, path))[0]


def test_a_host_counts_once_for_each_host_that_links_to_it() -> None:
    experience = Experience()
    assert experience.visited(link_to("a.example", "/1"), ["x.example", "y.example", "x.example"]) == 2
    assert experience.visited(link_to("a.example", "/2"), ["x.example", "z.example"]) == 1
    assert experience.visited(link_to("b.example", "/1"), ["x.example"]) == 1


def test_a_folder_leans_on_its_section_and_that_on_its_host() -> None:
    experience = Experience()
    for n in range(8):
        experience.visited(link_to("a.example", f"/blog/{n}/q{n}"), [f"o{n}.example", f"p{n}.example"])
        experience.visited(link_to("a.example", f"/shop/{n}/r{n}"), [])
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
    assert (link_to("a.example", one).folder == link_to("a.example", other).folder) is is_same


def test_queries_are_told_apart_by_the_names_of_their_keys() -> None:
    first = link_to("a.example", "/wiki/Start", "action=diff&rev=3")
    assert first.folder == link_to("a.example", "/wiki/Other", "rev=9&action=edit").folder
    assert first.folder != link_to("a.example", "/wiki/Other", "rev=9").folder
    assert first.trap == link_to("a.example", "/talk/Other", "rev=9&action=edit").trap
    assert first.trap != link_to("a.example", "/talk/deep/Other", "rev=9&action=edit").trap


def dry_up(experience: Experience, visits: int) -> None:
    for n in range(visits):
        experience.visited(link_to("a.example", f"/wiki/Page{n}", f"rev={n}"), ["same.example"] if n else [])


def test_an_arm_that_shows_nothing_new_waits() -> None:
    experience = Experience()
    experience.visited(link_to("a.example", "/"), ["same.example"])
    dry_up(experience, DRY - 1)
    before = novelty(experience, "/wiki/New", "rev=1000")
    experience.visited(link_to("a.example", "/wiki/Oncemore", "rev=x"), ["same.example"])
    assert novelty(experience, "/wiki/New", "rev=1000") < before / 10_000
    assert novelty(experience, "/wiki/New") > before / 10, "pages without the query are another arm"


def test_an_arm_that_shows_something_after_all_is_open_again() -> None:
    experience = Experience()
    experience.visited(link_to("a.example", "/"), ["same.example"])
    dry_up(experience, 3 * DRY)
    closed = novelty(experience, "/wiki/New", "rev=1000")
    experience.visited(link_to("a.example", "/wiki/At-last", "rev=y"), ["new.example"])
    assert novelty(experience, "/wiki/New", "rev=1000") > 10_000 * closed


def test_an_arm_with_hits_never_waits() -> None:
    experience = Experience()
    link = link_to("a.example", "/wiki/Page", "rev=0")
    experience.visited(link, ["same.example"])
    experience.hit(link)
    dry_up(experience, 3 * DRY)
    without = Experience()
    without.visited(link, ["same.example"])
    dry_up(without, 3 * DRY)
    assert novelty(experience, "/wiki/New", "rev=1000") > 10_000 * novelty(without, "/wiki/New", "rev=1000")


def test_hits_raise_the_rate_of_their_folder_most() -> None:
    experience = Experience()
    for n in range(30):
        link = link_to("a.example", f"/links/{n}")
        experience.visited(link, [])
        experience.visited(link_to("a.example", f"/else/{n}"), [])
        if n % 2:
            experience.hit(link)
    assert hit_rate(experience, "/links/new") == pytest.approx(0.5, abs=0.2)
    assert hit_rate(experience, "/links/new") > 3 * hit_rate(experience, "/else/new")


def test_before_any_hit_what_shows_more_hosts_is_the_likelier_one() -> None:
    experience = Experience()
    for n in range(9):
        experience.visited(link_to("a.example", f"/rich/{n}"), [f"o{n}.example"])
        experience.visited(link_to("a.example", f"/poor/{n}"), [])
    assert hit_rate(experience, "/rich/new") > hit_rate(experience, "/poor/new")


def test_a_chance_is_a_factor() -> None:
    experience = Experience()
    link = link_to("a.example", "/file.pdf")
    assert novelties(experience, link._replace(chance=0.01))[0] == pytest.approx(novelties(experience, link)[0] / 100)


def test_a_host_of_endless_folders_takes_a_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arms, "MAX_ARMS_OF_HOST", 30)
    experience = Experience()
    for n in range(200):
        experience.visited(link_to("a.example", f"/s{chr(97 + n % 26)}/{'x' * n}/page"), [])
    assert len(experience._hosts["a.example"].arms) <= 32
    experience.hit(link_to("a.example", "/sa/never-seen/page"))
    assert hit_rate(experience, "/sa/never-seen/page") > 0


# --- traps ---


def is_closed(experience: Experience, path: str, query: str = "", host: str = "a.example") -> bool:
    return experience.is_closed(link_to(host, path, query))


def test_endless_sections_are_closed_together_and_one_that_has_shown_something_is_not() -> None:
    experience = Experience()
    experience.visited(link_to("a.example", "/blog/1"), ["x.example"])
    for n in range(BARREN):
        experience.visited(link_to("a.example", f"/s{n}/page"), [])
    assert is_closed(experience, "/another/page")
    assert not is_closed(experience, "/blog/2")
    experience.visited(link_to("a.example", "/another/page"), ["y.example"])
    assert not is_closed(experience, "/further/page")
    for n in range(BARREN // 4):  # half as many are tried again
        experience.visited(link_to("a.example", f"/t{n}/page"), [])
    assert is_closed(experience, "/further/page")


def test_a_section_with_a_hit_is_never_closed() -> None:
    experience = Experience()
    link = link_to("a.example", "/reviews/1")
    experience.visited(link, [])
    experience.hit(link)
    for n in range(3 * BARREN):
        experience.visited(link_to("a.example", f"/s{n}/page"), [])
        experience.visited(link_to("a.example", f"/reviews/x{n}"), [])
    assert is_closed(experience, "/another/page")
    assert not is_closed(experience, "/reviews/2")


def test_hosts_without_end_are_closed_with_their_domain_but_for_those_that_the_user_named() -> None:
    experience = Experience()
    experience.name("a.example")
    experience.visited(link_to("a.example", "/"), ["x.example"])
    for n in range(BARREN_HOSTS):
        experience.visited(link_to(f"h{n}.a.example", "/"), [f"i{n}.a.example", "x.example"])
    assert is_closed(experience, "/", host="another.a.example")
    assert not is_closed(experience, "/some")
    assert not is_closed(experience, "/", host="b.example")


def test_what_an_endless_arm_costs_does_not_count_for_the_group_that_it_is_in() -> None:
    experience = Experience()
    for n in range(BARREN // 2):
        experience.visited(link_to("a.example", f"/s{n}/page"), [])
    for n in range(200):
        experience.visited(link_to("a.example", "/list", f"page={n}"), [])
    of_list, of_section = novelties(experience, link_to("a.example", "/list", "page=x"), link_to("a.example", "/new/"))
    assert 0 < of_list < of_section < arms.LAST


def test_repeated_pages_close_their_arm_earlier() -> None:
    experience = Experience()
    counted: list[str] = []
    experience.count = counted.append
    for n in range(8):
        experience.visited(link_to("a.example", f"/items/{n}/x"), [], PageMarks(1, lambda: "the same words"))
    assert counted == ["duplicates"] * 5 + ["closed_arms"] + ["duplicates"]
    assert is_closed(experience, "/items/9/y")


def test_a_page_that_was_visited_under_another_session_is_put_off() -> None:
    experience = Experience()
    counted: list[str] = []
    experience.count = counted.append
    for n in range(6):
        for page in range(3):
            link = link_to("a.example", f"/{page}", f"sid={n}{page}")
            experience.visited(link, [], PageMarks(page, lambda: "words of a page"))
    assert "ignored_parameters" in counted
    assert experience.is_put_off(link_to("a.example", "/1", "sid=new"))
    assert not experience.is_put_off(link_to("a.example", "/9", "sid=new"))
    assert experience.is_put_off(link_to("a.example", "/9", "sid=other")), "its address was given out before"
    assert not experience.is_put_off(link_to("a.example", "/1", "id=1"))
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
        for page in range(3):
            link = link_to("a.example", f"/{page}", f"sid={n}{page}")
            before.visited(link, [], PageMarks(page, lambda: "words of a page"))
    for n in range(BARREN):
        before.visited(link_to("a.example", f"/s{n}/page"), [])
        before.visited(link_to("a.example", "/list", f"page={n}"), [])
        before.visited(link_to(f"h{n}.b.example", "/"), [])
    hit = link_to("a.example", "/list", "page=hit")
    before.hit(hit)
    after = Experience()
    after.restore_pairs(saver.pairs)
    after.restore(saver.lessons)
    for link in (
        link_to("a.example", "/new/page"),
        link_to("a.example", "/list", "page=9"),
        link_to("new.b.example", "/"),
        link_to("a.example", "/1", "sid=new"),
        link_to("a.example", "/9", "sid=new"),
    ):
        assert after.is_closed(link) == before.is_closed(link)
        assert after.is_repeat(link) == before.is_repeat(link)
        assert novelties(after, link) == pytest.approx(novelties(before, link))
        assert hit_rates(after, link) == pytest.approx(hit_rates(before, link))
    assert after.is_repeat(link_to("a.example", "/1", "sid=new"))


def test_lessons_of_an_older_version_are_read() -> None:
    experience = Experience()
    link = link_to("a.example", "/blog/1")
    experience.restore([[2, link.host, link.section, link.folder, link.trap, list(link.words)]])
    assert novelty(experience, "/blog/2") > novelty(Experience(), "/blog/2")


def test_figures_of_no_more_hosts_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arms, "MAX_HOSTS", 50)
    experience = Experience()
    for n in range(200):
        experience.visited(link_to(f"h{n}.example", "/"), [f"o{n}.example"])
    assert len(experience._hosts) == len(experience._domains) == 50
    assert not experience.is_new("h199.example")
    assert experience.is_new("h0.example")
