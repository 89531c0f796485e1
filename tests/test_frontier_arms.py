"""What a crawl expects of a page by what it has seen of its host, its section, its folder and its words."""

from __future__ import annotations

import pytest

from backlinkbot.frontier import arms
from backlinkbot.frontier.arms import DRY, Experience, link_to


def novelty(experience: Experience, path: str, query: str = "", host: str = "a.example") -> float:
    return experience.novelty([link_to(host, path, query)])[0]


def hit_rate(experience: Experience, path: str, host: str = "a.example") -> float:
    return experience.hit_rates([link_to(host, path)])[0]


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
    assert experience.novelty([link._replace(chance=0.01)])[0] == pytest.approx(experience.novelty([link])[0] / 100)


def test_a_host_of_endless_folders_takes_a_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arms, "MAX_ARMS_OF_HOST", 30)
    experience = Experience()
    for n in range(200):
        experience.visited(link_to("a.example", f"/s{chr(97 + n % 26)}/{'x' * n}/page"), [])
    assert len(experience._hosts["a.example"].arms) <= 32
    experience.hit(link_to("a.example", "/sa/never-seen/page"))
    assert hit_rate(experience, "/sa/never-seen/page") > 0
