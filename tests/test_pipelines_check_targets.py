"""What stands where links lead: every state planted, each address asked once, nobody harmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from backlinkbot import urls
from backlinkbot.history import History
from backlinkbot.items import Backlink
from backlinkbot.page_status.target_status import Standing, TargetState, state_of
from tests.conftest import CrawlFunction, Sent, assert_spaced, link
from tests.fakeweb import Answer, FakeWeb, Request
from tests.wall_pages import WALL_PAGES

A, T = "https://a.example", "https://target.example"
WALLS = list({page.state: page for page in WALL_PAGES if page.status == 200 and page.body}.values())
GONE = (
    "<title>Shop</title><h1>Sorry</h1><p>" + "There is nothing of that name in our shop. Look at our other things. " * 5
)


def plant(web: FakeWeb) -> dict[str, tuple[str, int | None, str]]:
    """path -> (state, status, where it ends)."""
    web.page(f"{T}/", "<title>Home</title>welcome to our home")
    web.page(f"{T}/fine", "<title>Fine</title>a fine page of its own words")
    web.page(f"{T}/paper.pdf", b"%PDF", content_type="application/pdf")
    web.page(f"{T}/how-to-mend-404", "<title>How to mend a 404 | Blog</title><h1>Error 404: what to do</h1>many words")
    web.redirect(f"{T}/slash", "/slash/")
    web.page(f"{T}/slash/", "<title>Slash</title>slash words")
    web.page(f"{T}/gone", "no", 404)
    web.page(f"{T}/withdrawn", "no", 410)
    web.page(f"{T}/teapot", "no", 418)
    web.page(f"{T}/members", "no", 403)
    web.page(f"{T}/maintenance", "no", 503)
    web.redirect(f"{T}/moved", "/new", 301)
    web.page(f"{T}/new", "<title>New</title>the new place")
    web.redirect(f"{T}/elsewhere", "https://other.example/x", 302)
    web.page("https://other.example/x", "<title>X</title>elsewhere")
    web.redirect(f"{T}/sent-home", "/", 302)
    web.redirect(f"{T}/home-de", "/de/", 302)
    web.page(f"{T}/de/", "<title>Heim</title>willkommen")
    web.redirect(f"{T}/to-gone", "/gone")
    web.page(f"{T}/refreshed", "<meta http-equiv=refresh content='0;/new'>")
    web.page(f"{T}/said", "<title>Page not found | Shop</title><h1>Oops!</h1>words")
    web.redirect(f"{T}/to-said", "/error-page")
    web.page(f"{T}/error-page", "<title>Shop - 404 Not Found</title>words")
    web.robots("closed.target.example", "User-agent: *\nDisallow: /")
    web.page("https://closed.target.example/x", "closed")
    web.refuse("https://refused.target.example/x")
    web.redirect(f"{T}/round", "/round")
    web.page("http://10.0.0.5/", "private")
    web.redirect(f"{T}/private", "http://10.0.0.5/")
    web.page("https://soft.target.example/*", lambda request: GONE + request.target)
    web.page("https://soft.target.example/real", "<title>Real</title>a real thing with other words")
    return {
        f"{T}/": ("ok", 200, f"{T}/"),
        f"{T}/fine": ("ok", 200, f"{T}/fine"),
        f"{T}/fine#part": ("ok", 200, f"{T}/fine"),
        f"{T}/paper.pdf": ("ok", 200, f"{T}/paper.pdf"),
        f"{T}/how-to-mend-404": ("ok", 200, f"{T}/how-to-mend-404"),
        f"{T}/slash": ("ok", 200, f"{T}/slash/"),
        f"{T}/gone": ("broken", 404, f"{T}/gone"),
        f"{T}/withdrawn": ("broken", 410, f"{T}/withdrawn"),
        f"{T}/teapot": ("broken", 418, f"{T}/teapot"),
        f"{T}/members": ("refused", 403, f"{T}/members"),
        f"{T}/maintenance": ("server_error", 503, f"{T}/maintenance"),
        **{f"{T}/{page.kind}": (page.state.value, 200, f"{T}{page.at or f'/{page.kind}'}") for page in WALLS},
        f"{T}/moved": ("redirected", 200, f"{T}/new"),
        f"{T}/refreshed": ("redirected", 200, f"{T}/new"),
        f"{T}/elsewhere": ("redirected", 200, "https://other.example/x"),
        f"{T}/sent-home": ("redirected_home", 200, f"{T}/"),
        f"{T}/home-de": ("redirected_home", 200, f"{T}/de/"),
        f"{T}/to-gone": ("broken", 404, f"{T}/gone"),
        f"{T}/said": ("soft_404", 200, f"{T}/said"),
        f"{T}/to-said": ("soft_404", 200, f"{T}/error-page"),
        "https://closed.target.example/x": ("blocked_by_robots", None, "https://closed.target.example/x"),
        "https://refused.target.example/x": ("unreachable", None, "https://refused.target.example/x"),
        "https://nowhere.target.example/": ("unreachable", None, "https://nowhere.target.example/"),
        f"{T}/round": ("unreachable", None, f"{T}/round"),
        f"{T}/private": ("unreachable", None, "http://10.0.0.5/"),
        "https://soft.target.example/lost": ("soft_404", 200, "https://soft.target.example/lost"),
        "https://soft.target.example/real": ("ok", 200, "https://soft.target.example/real"),
        "https://soft.target.example/": ("ok", 200, "https://soft.target.example/"),
    }


def plant_walls(web: FakeWeb) -> None:
    for page in WALLS:
        if page.at:
            web.redirect(f"{T}/{page.kind}", page.at, 302)
        web.page(f"{T}{page.at or f'/{page.kind}'}", page.body, headers=page.headers)


def verify(crawl: CrawlFunction, folder: Path, *pages: str, **given: str) -> list[Backlink]:
    (folder / "list.txt").write_text("\n".join(pages))
    return crawl("verify", candidates=str(folder / "list.txt"), **given).rows


def test_every_state(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    right = plant(web)
    plant_walls(web)
    web.page(f"{A}/one", "".join(map(link, right)))
    web.page(f"{A}/two", "".join(map(link, right)))
    rows = verify(crawl, tmp_path, f"{A}/one", f"{A}/two", check_targets="yes")
    assert len(rows) == 2 * len(right)
    assert {r.target_url: (r.target_state, r.target_status, r.target_final_url) for r in rows} == right
    asked = [hit.target for hit in web.hits_of("target.example")]
    assert asked.count("/fine") == 1
    assert sum("no-such-page" in path for path in asked) == 1
    assert not web.hits_of("10.0.0.5")
    assert {state for state, *_ in right.values()} == {state.value for state in TargetState}


def test_nobody_is_asked_unless_somebody_wants_to_know(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant(web)
    web.page(f"{A}/", link(f"{T}/gone"))
    (row,) = verify(crawl, tmp_path, f"{A}/")
    assert (row.target_state, row.target_status, row.target_final_url) == ("", None, "")
    assert web.hits_of("target.example") == []


def test_the_stats_say_what_was_found(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant(web)
    web.page(f"{A}/", link(f"{T}/gone") + link(f"{T}/fine"))
    (tmp_path / "list.txt").write_text(f"{A}/")
    stats = crawl("verify", candidates=str(tmp_path / "list.txt"), check_targets="yes").stats
    assert (stats["backlinks/checking/broken"], stats["backlinks/checking/ok"]) == (1, 1)
    assert stats["backlinks/checking/nonsense"] == 1


def test_the_target_is_asked_as_politely_as_anybody(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, sent: Sent
) -> None:
    for number in range(4):
        web.page(f"{T}/{number}", "gone", 404)
    web.page(f"{A}/", "".join(link(f"{T}/{number}") for number in range(4)))
    verify(crawl, tmp_path, f"{A}/", check_targets="yes", delay="0.2")
    assert_spaced(sent, 0.2, 5, "target.example")


@pytest.mark.parametrize("delay", ["0", "0.1"])
def test_a_run_that_has_visited_as_many_pages_as_it_may_still_asks(
    web: FakeWeb, crawl: CrawlFunction, delay: str
) -> None:
    for number in range(6):
        web.page(f"{T}/{number}", "gone", 404, delay=0.05)
        web.page(f"{A}/{number}", link(f"{T}/{number}") + link(f"{A}/{number + 1}"))
    crawled = crawl("discover", seeds=f"{A}/0", max_pages="3", check_targets="yes", delay=delay)
    assert crawled.stats["finish_reason"] == "page_bound"
    assert sorted(row.target_state for row in crawled.rows) == ["broken"] * 3


def test_a_history_remembers_what_was_asked(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant(web)
    web.page(f"{A}/", link(f"{T}/gone"))
    history = str(tmp_path / "h.db")
    verify(crawl, tmp_path, f"{A}/", check_targets="yes", BACKLINKBOT_HISTORY_URL=history)
    with History.open(history) as known:
        (row,) = known.backlinks()
        assert (row.target_state, row.target_status) == ("broken", 404)


# --- what is judged -----------------------------------------------------------------------------------------------------


def test_a_page_is_compared_with_what_its_host_says_of_nonsense() -> None:
    asked = urls.parse(f"{T}/x")
    assert asked is not None
    words = frozenset(f"w{n}" for n in range(100))

    def state(end: frozenset[str], nonsense: frozenset[str], title: str = "Shop", status: int = 200) -> TargetState:
        page = Standing(status=200, url=f"{T}/x", title="Shop", words=end)
        return state_of(asked, page, Standing(status=status, url=f"{T}/n", title=title, words=nonsense))

    assert state(words, words) is TargetState.SOFT_404
    assert state(words, words | {"x"}) is TargetState.SOFT_404
    assert state(words, words | {f"v{n}" for n in range(11)}) is TargetState.SOFT_404  # they share 100 words of 111
    assert state(words, words | {f"v{n}" for n in range(12)}) is TargetState.OK  # of 112: less than nine in ten
    assert state(words, words, title="Other") is TargetState.OK
    assert state(words, words, status=404) is TargetState.OK
    assert state(words, frozenset(f"v{n}" for n in range(100))) is TargetState.OK
    assert state(frozenset(), frozenset()) is TargetState.OK


def test_a_page_of_endless_refreshes_ends(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    def onward(request: Request) -> Answer:
        return Answer(body=f"<meta http-equiv=refresh content='0;{request.target}x'>")

    web.page(f"{T}/on*", onward)
    web.page(f"{A}/", link(f"{T}/on"))
    (row,) = verify(crawl, tmp_path, f"{A}/", check_targets="yes")
    assert row.target_state == "unreachable"
    assert len(web.hits_of("target.example")) < 15
