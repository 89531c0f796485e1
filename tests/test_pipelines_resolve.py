"""Shorteners and redirectors asked where they lead: each once, politely, and the vote of the whole chain."""

from __future__ import annotations

from pathlib import Path

import pytest

from backlinkbot import urls
from backlinkbot.errors import SettingError
from backlinkbot.extract.unwrap.shorteners import Redirectors
from backlinkbot.history import History
from backlinkbot.items import Backlink
from backlinkbot.prefilter import Prefilter
from backlinkbot.targets import Targets
from tests.conftest import Crawl, CrawlFunction, link
from tests.fakeweb import FakeWeb

A, T = "https://a.example", "https://target.example"


def verify(crawl: CrawlFunction, folder: Path, *pages: str, **given: str) -> Crawl:
    (folder / "list.txt").write_text("\n".join(pages))
    return crawl("verify", candidates=str(folder / "list.txt"), **{"resolve": "yes", **given})


def by_anchor(rows: list[Backlink]) -> dict[str, tuple[str, tuple[str, ...], bool | None, tuple[str, ...]]]:
    assert len({row.anchor for row in rows}) == len(rows)
    return {row.anchor: (row.target_url, row.via, row.follow, row.nofollow_by) for row in rows}


def plant(web: FakeWeb) -> None:
    web.page(f"{T}/*", "<p>ours")
    web.redirect("https://bit.ly/one", f"{T}/one", 301)
    web.redirect("https://t.co/two", "https://bit.ly/two", 302)
    web.redirect("https://bit.ly/two", f"{T}/two", 307)
    web.page("https://ow.ly/refresh", f"<meta http-equiv=refresh content='0;url={T}/refresh'>")
    web.redirect("https://is.gd/wrapped", "https://www.google.com/url?q=https%3A%2F%2Ftarget.example%2Fwrapped")
    web.page(
        "https://tinyurl.com/header", "", 302, [("Location", f"{T}/header"), ("X-Robots-Tag", "googlebot: nofollow")]
    )
    web.page(
        "https://tinyurl.com/meta", f"<meta name=robots content=nofollow><meta http-equiv=refresh content=0;{T}/meta>"
    )
    web.redirect(f"{A}/go/5", f"{T}/own")
    web.redirect(f"{A}/out.php?id=5", f"{T}/php")
    web.redirect(f"{A}/closed/go/5", f"{T}/closed")
    web.robots("a.example", "User-agent: googlebot\nDisallow: /closed")
    web.robots("rb.gy", "User-agent: *\nDisallow: /")
    web.redirect("https://rb.gy/x", f"{T}/x")
    web.redirect("https://bit.ly/other", "https://other.example/")
    web.page("https://other.example/*", "<p>theirs")
    web.page("https://bit.ly/gone", "no", 404)
    web.page("https://bit.ly/down", "no", 503)
    web.redirect("https://bit.ly/round", "https://bit.ly/round")
    web.redirect("https://bit.ly/private", "http://10.0.0.5/")
    web.page("http://10.0.0.5/", link(T))
    web.redirect("https://go.partner.example/r/7", f"{T}/named")


RIGHT = {
    "one": (f"{T}/one", ("301 https://bit.ly/one",), True, ()),
    "two": (f"{T}/two", ("302 https://t.co/two", "307 https://bit.ly/two"), True, ()),
    "refresh": (f"{T}/refresh", ("200 https://ow.ly/refresh",), True, ()),
    "wrapped": (
        f"{T}/wrapped",
        ("301 https://is.gd/wrapped", "https://www.google.com/url?q=https%3A%2F%2Ftarget.example%2Fwrapped"),
        True,
        (),
    ),
    "header": (f"{T}/header", ("302 https://tinyurl.com/header",), False, ("via:header:googlebot",)),
    "meta": (f"{T}/meta", ("200 https://tinyurl.com/meta",), False, ("via:meta:robots",)),
    "rel": (f"{T}/one", ("301 https://bit.ly/one",), False, ("rel:nofollow",)),
    "own": (f"{T}/own", (f"301 {A}/go/5",), True, ()),
    "php": (f"{T}/php", (f"301 {A}/out.php?id=5",), True, ()),
    "closed": (f"{T}/closed", (f"301 {A}/closed/go/5",), False, ("via:robots.txt:googlebot",)),
}
PAGE = (
    link("https://bit.ly/one", "one")
    + link("https://t.co/two", "two")
    + link("https://ow.ly/refresh", "refresh")
    + link("https://is.gd/wrapped", "wrapped")
    + link("https://tinyurl.com/header", "header")
    + link("https://tinyurl.com/meta", "meta")
    + link("https://bit.ly/one", "rel", "nofollow")
    + link("/go/5", "own")
    + link("out.php?id=5", "php")
    + link("/closed/go/5", "closed")
    + "".join(link(f"https://bit.ly/{name}", name) for name in ("other", "gone", "down", "round", "private"))
    + link("https://rb.gy/x", "robots")
    + link("https://bit.ly/", "home")
    + link("https://unknown.example/x", "unknown")
    + link("/gone-fishing/", "text")
    + link("https://elsewhere.example/go/5", "theirs")
    + link("https://go.partner.example/r/7", "named")
)


def test_every_way_to_a_target_and_no_other(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant(web)
    web.page(f"{A}/", PAGE)
    web.page(f"{A}/again", PAGE)
    crawled = verify(crawl, tmp_path, f"{A}/", f"{A}/again")
    assert by_anchor([row for row in crawled.rows if row.source_url == f"{A}/"]) == RIGHT
    assert len(crawled.rows) == 2 * len(RIGHT)
    asked = [hit.url for hit in web.hits]
    assert asked.count("https://bit.ly/one") == 1
    assert not [
        url for url in asked if url.startswith((T, "https://unknown", "https://elsewhere", "http://10.", "https://go."))
    ]
    assert [hit.target for hit in web.hits_of("rb.gy")] == ["/robots.txt"]
    stats = crawled.stats
    assert stats["backlinks/resolving/resolved"] == 9
    assert stats["backlinks/resolving/elsewhere"] == 3
    assert stats["backlinks/resolving/blocked_by_robots"] == 1
    assert stats["backlinks/resolving/unreachable"] == 2
    assert stats["backlinks/resolving/asked"] == 15


def test_nothing_is_asked_unless_somebody_wants_it(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant(web)
    web.page(f"{A}/", PAGE)
    assert verify(crawl, tmp_path, f"{A}/", resolve="no").rows == []
    assert {hit.host for hit in web.hits} == {"a.example"}


def test_a_redirector_that_the_user_names(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant(web)
    web.page(f"{A}/", link("https://go.partner.example/r/7", "named") + link("https://go.partner.example/x", "not"))
    rows = verify(crawl, tmp_path, f"{A}/", redirectors="go.partner.example/r/").rows
    assert by_anchor(rows) == {"named": (f"{T}/named", ("301 https://go.partner.example/r/7",), True, ())}
    for wrong in ("", "a b", "https://x.example/?q", "ftp://x.example/"):
        with pytest.raises(SettingError):
            Redirectors.parse([wrong])


def test_discover_resolves_too(web: FakeWeb, crawl: CrawlFunction) -> None:
    plant(web)
    web.page(f"{A}/", link("/page"))
    web.page(f"{A}/page", link("https://bit.ly/one", "one"))
    crawled = crawl("discover", seeds=f"{A}/", resolve="yes")
    assert by_anchor(crawled.rows) == {"one": RIGHT["one"]}


def test_a_page_of_a_thousand_short_links_is_bounded(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page("https://bit.ly/*", "no", 404)
    web.page(f"{A}/", "".join(link(f"https://bit.ly/{number}") for number in range(300)))
    stats = verify(crawl, tmp_path, f"{A}/").stats
    assert (stats["backlinks/resolving/asked"], stats["backlinks/resolving/page_bound"]) == (100, 200)


@pytest.mark.slow
def test_what_could_not_be_asked_is_not_lost(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    history = str(tmp_path / "h.db")

    def visit(body: str, **given: str) -> dict[str, int]:
        web.page(f"{A}/", body)
        stats = verify(crawl, tmp_path, f"{A}/", BACKLINKBOT_HISTORY_URL=history, **given).stats
        return {kind: stats.get(f"backlinks/remembering/{kind}", 0) for kind in ("new", "lost")}

    plant(web)
    short = link("https://bit.ly/one")
    assert visit(short + link(f"{T}/one")) == {"new": 2, "lost": 0}
    assert visit(short + "<p>") == {"new": 0, "lost": 1}  # the plain link
    assert visit("<p>", resolve="no") == {"new": 0, "lost": 0}  # nobody looked
    web.page("https://bit.ly/one", "down", 503)
    assert visit(short) == {"new": 0, "lost": 0}  # nobody can tell
    web.redirect("https://bit.ly/one", "https://other.example/")
    assert visit(short) == {"new": 0, "lost": 1}
    with History.open(history) as known:
        assert {row.state for row in known.backlinks()} == {"lost"}


def test_the_prefilter_lets_pages_with_redirectors_through() -> None:
    page = urls.parse(f"{A}/")
    assert page is not None
    redirectors = Redirectors.parse(["go.partner.example/r/"])
    asking = Prefilter.for_targets(Targets.parse(["target.example"]), redirectors=redirectors)
    silent = Prefilter.for_targets(Targets.parse(["target.example"]))
    for href in (
        "https://bit.ly/x",
        "//BIT.LY/x",
        "/go/5",
        "out?id=5",
        "../redirect/x",
        "https://go.partner.example/r/7",
    ):
        for body in (f"<a href='{href}'>", f"<a href={href}>"):
            url = urls.resolve(href, page)
            assert url is not None
            assert redirectors.leads_on(url, href, page)
            assert asking.may_link(body.encode(), "", page)
            assert silent.is_blind or not silent.may_link(body.encode(), "", page)
    for href in ("/gone/", "/logout", "/about/go", "https://habit.ly/x", "https://other.example/go/5"):
        url = urls.resolve(href, page)
        assert url is not None
        assert not redirectors.leads_on(url, href, page)
