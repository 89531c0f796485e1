"""One answer for every candidate, always; "could not check" is never "no link"."""

from __future__ import annotations

from pathlib import Path

import pytest

from backlinkbot.items import State
from tests.conftest import CrawlFunction, links, verify
from tests.fakeweb import FakeWeb

T = "https://target.example/"
A = "https://a.example"
LINKED = links(T, T + "2")


def test_every_state_with_its_columns(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.robots("closed.example", "User-agent: *\nDisallow: /")
    web.page(f"{A}/linked", LINKED)
    web.page(f"{A}/plain", links("/x"))
    web.redirect(f"{A}/home", "/plain")
    web.redirect(f"{A}/moved", "/linked")
    for path, status in (
        ("404", 404),
        ("410", 410),
        ("401", 401),
        ("403", 403),
        ("429", 429),
        ("500", 500),
        ("503", 503),
    ):
        web.page(f"{A}/{path}", LINKED, status)
    web.refuse(f"{A}/silent")
    web.page(f"{A}/pdf", LINKED, content_type="application/pdf")
    file = tmp_path / "c.txt"
    paths = ["linked", "plain", "home", "moved", "404", "410", "401", "403", "429", "500", "503", "silent", "pdf"]
    file.write_text("\n".join([*(f"{A}/{path}" for path in paths), "https://closed.example/", "https://no.example/"]))
    checks = crawl("verify", candidates=str(file), RETRY_TIMES=0).checks
    told = {
        name.removeprefix(f"{A}/"): (c.state.value, c.status, c.reason, c.final_url.removeprefix(f"{A}/"), c.backlinks)
        for name, c in checks.items()
    }
    assert told.pop("https://no.example/")[:2] == ("unreachable", None)
    assert told == {
        "linked": ("linked", 200, "", "linked", 2),
        "plain": ("not_linked", 200, "the page holds no link", "plain", 0),
        "home": ("redirected", 200, "ended on another page, which holds no link", "plain", 0),
        "moved": ("linked", 200, "", "linked", 2),
        "404": ("gone", 404, "404", "404", 0),
        "410": ("gone", 410, "410", "410", 0),
        "401": ("refused", 401, "401", "401", 0),
        "403": ("refused", 403, "403", "403", 0),
        "429": ("refused", 429, "429", "429", 0),
        "500": ("server_error", 500, "500", "500", 0),
        "503": ("server_error", 503, "503", "503", 0),
        "silent": ("unreachable", None, "connection closed without an answer", "silent", 0),
        "pdf": ("not_html", 200, "application/pdf", "pdf", 0),
        "https://closed.example/": (
            "blocked_by_robots",
            None,
            "disallowed by robots.txt",
            "https://closed.example/",
            0,
        ),
    }
    assert {check.fetched_at[-1] for check in checks.values()} == {"Z"}


def test_one_answer_for_every_way_of_writing_a_candidate(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page(f"{A}/p", LINKED)
    same = [f"{A}/p", "HTTPS://A.example:443/p#x", "a.example/p", "https://me@a.example/p", " https://a.example/./p"]
    unfit = ["not a url", "http://", "mailto:me@a.example", "file:///etc/hostname", "/p", "https://[::1/", "p"]
    file = tmp_path / "c.csv"
    file.write_text("url\n" + "\n".join([*same, *unfit, same[0]]))
    found = crawl("verify", candidates=str(file))
    assert {name: check.state for name, check in found.checks.items()} == {
        **{text.strip(): State.LINKED for text in same},
        **dict.fromkeys(unfit, State.UNREACHABLE),
    }
    assert web.paths("a.example") == ["/robots.txt", "/p"]
    assert len(found.rows) == 2


def test_candidates_that_end_on_one_page_give_its_rows_once(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page(f"{A}/p", LINKED)
    for n in range(3):
        web.redirect(f"https://short.example/{n}", f"{A}/p")
    found = verify(crawl, tmp_path, *(f"https://short.example/{n}" for n in range(3)), f"{A}/p")
    assert found == dict.fromkeys([*(f"https://short.example/{n}" for n in range(3)), f"{A}/p"], (State.LINKED, ""))
    again = crawl("verify", candidates=str(tmp_path / "candidates.txt"))
    assert len(again.rows) == 2
    assert {check.backlinks for check in again.checks.values()} == {2}


def test_nothing_is_followed(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.robots("a.example", f"Sitemap: {A}/map.xml")
    web.page(f"{A}/p", links("/x", T))
    verify(crawl, tmp_path, f"{A}/p")
    assert web.paths("a.example") == ["/robots.txt", "/p"]


@pytest.mark.parametrize(
    ("src", "dst"),
    [
        ("http://a.example/p", "https://a.example/p"),
        ("https://a.example/p", "https://www.a.example/p"),
        ("https://www.a.example/p", "https://a.example/p"),
        ("https://a.example/p", "https://a.example/p/"),
    ],
)
def test_another_spelling_of_the_page_is_no_other_page(
    *, web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, src: str, dst: str
) -> None:
    web.page(dst, "<p>nothing")
    web.redirect(src, dst, scheme="http" if src.startswith("http:") else "https")
    assert verify(crawl, tmp_path, src)[src][0] is State.NOT_LINKED


def test_a_refresh_is_a_redirect_where_the_page_holds_no_link(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    refresh = "<meta http-equiv=refresh content='0; url={}'>"
    web.page(f"{A}/to-link", refresh.format("/linked"))
    web.page(f"{A}/to-plain", refresh.format("/plain"))
    web.page(f"{A}/with-link", refresh.format("/plain") + LINKED)
    web.page(f"{A}/round", refresh.format("/round2"))
    web.page(f"{A}/round2", refresh.format("/round"))
    web.page(f"{A}/private", refresh.format("http://127.0.0.1/"))
    web.page(f"{A}/linked", LINKED)
    web.page(f"{A}/plain", "<p>nothing")
    found = verify(crawl, tmp_path, *(f"{A}/{p}" for p in ("to-link", "to-plain", "with-link", "round", "private")))
    states = {url.rpartition("/")[2]: state for url, (state, _) in found.items()}
    assert states.pop("round") in {State.NOT_LINKED, State.REDIRECTED, State.UNREACHABLE, State.INCOMPLETE}
    assert states == {
        "to-link": State.LINKED,
        "to-plain": State.REDIRECTED,
        "with-link": State.LINKED,
        "private": State.UNREACHABLE,
    }


def test_candidates_inside_the_target(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page("https://www.target.example/about", LINKED)
    assert verify(crawl, tmp_path, "https://www.target.example/about") == {
        "https://www.target.example/about": (State.NOT_LINKED, "the target's own page, whose links are internal")
    }
    found = verify(crawl, tmp_path, "https://www.target.example/about", include_same_domain="yes")
    assert found["https://www.target.example/about"][0] is State.LINKED


def test_a_bare_domain_is_tried_over_http_too(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page("http://a.example/p", LINKED)
    web.only("a.example", "http")
    assert verify(crawl, tmp_path, "a.example/p", RETRY_TIMES=0) == {"a.example/p": (State.LINKED, "")}


def test_the_same_list_twice_and_two_lists(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    one, two = tmp_path / "one.txt", tmp_path / "two.csv"
    one.write_text(f"{A}/1\n{A}/2\n")
    two.write_text(f"Name;URL\nx;{A}/2\ny;{A}/3\n")
    found = crawl("verify", candidates=[str(one), str(two), str(one)])
    assert sorted(found.checks) == [f"{A}/1", f"{A}/2", f"{A}/3"]
    assert len(web.paths("a.example")) == 0 or web.paths("a.example").count("/2") <= 1


def test_a_refresh_header_sends_on_as_the_element_does(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page("https://a.example/at-once", "<p>moving", headers=[("Refresh", "0; url=/good")])
    web.page("https://a.example/empty", "", headers=[("Refresh", "0; url=/good")])
    web.page("https://a.example/slow", "<p>ticker", headers=[("Refresh", "600; url=/good")])
    web.page("https://a.example/to-target", "<p>moving", headers=[("Refresh", "600; url=https://target.example/x")])
    web.page("https://a.example/good", "<a href=https://target.example/>t</a>")
    names = ("at-once", "empty", "slow", "to-target")
    (tmp_path / "c.txt").write_text("\n".join(f"{A}/{name}" for name in names))
    found = crawl("verify", candidates=str(tmp_path / "c.txt"))
    states = {candidate.rpartition("/")[2]: check.state for candidate, check in found.checks.items()}
    assert states == {"at-once": "linked", "empty": "linked", "slow": "not_linked", "to-target": "redirected"}
    assert [row.link_type for row in found.rows if row.source_url == f"{A}/to-target"] == ["meta_refresh"]
