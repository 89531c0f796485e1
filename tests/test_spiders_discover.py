"""Where discover looks: scope, bounds, seeds, sitemaps, and each page once."""

from __future__ import annotations

import gzip
import pickle
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from backlinkbot.sources import SOURCES
from backlinkbot.spiders import base
from backlinkbot.spiders.crawl_state import CrawlMemory
from backlinkbot.spiders.planned_visit import PlannedVisit
from tests.conftest import CrawlFunction, links
from tests.fakeweb import Answer, FakeWeb, Request

T = "https://target.example/"
A = "https://a.example"


def plant_scopes(web: FakeWeb) -> None:
    """a.example leads to its own host, to another of its domain, to b.example; b on to c, and c to d."""
    web.page(f"{A}/", links("/in", "https://www.a.example/", "https://b.example/", T))
    web.page(f"{A}/in", links(T))
    web.page("https://www.a.example/", links(T, f"{A}/"))
    for here, there in ("bc", "cd", "de"):
        web.page(f"https://{here}.example/", links(T, "/in", f"https://{there}.example/"))
        web.page(f"https://{here}.example/in", links(T))


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({}, ["a.example", "www.a.example"]),
        ({"follow": "same-domain"}, ["a.example", "www.a.example"]),
        ({"follow": "same-host"}, ["a.example"]),
        ({"follow": "all"}, ["a.example", "b.example", "www.a.example"]),
        ({"follow": "all", "max_hops": "0"}, ["a.example", "www.a.example"]),
        ({"follow": "all", "max_hops": "2"}, ["a.example", "b.example", "c.example", "www.a.example"]),
    ],
    ids=str,
)
def test_which_links_are_followed(
    web: FakeWeb, crawl: CrawlFunction, scope: dict[str, str], expected: list[str]
) -> None:
    plant_scopes(web)
    found = crawl("discover", seeds=f"{A}/", **scope)
    assert sorted({row.source_url.split("/")[2] for row in found.rows}) == expected
    assert sorted({hit.host for hit in web.hits} - {"target.example"}) == expected
    assert [page.url for page in found.visited if page.url.endswith(".example/in")]


def test_seeds_that_link_to_each_other_are_one_crawl(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", links("https://b.example/x", T))
    web.page("https://b.example/", links(f"{A}/y", T))
    web.page("https://b.example/x", links(T))
    web.page(f"{A}/y", links(T))
    found = crawl("discover", seeds=[f"{A}/", "b.example"])
    assert found.sources == [f"{A}/", f"{A}/y", "https://b.example/", "https://b.example/x"]


def plant_tree(web: FakeWeb, *hosts: str) -> None:
    """Every page leads to ten more, without end."""

    def page(request: Request) -> Answer:
        here = request.target.rstrip("/")
        return Answer(body=links(T, *(f"{here}/{n}x{here.count('/')}" for n in range(10))))

    for host in hosts:
        web.page(f"https://{host}/*", page)
        web.robots(host, 404)


@pytest.mark.parametrize("bound", [1, 2, 17])
def test_max_pages_is_exact(web: FakeWeb, crawl: CrawlFunction, bound: int) -> None:
    plant_tree(web, "a.example", "b.example")
    found = crawl("discover", seeds=[f"{A}/", "https://b.example/"], max_pages=str(bound))
    assert len(found.asked) == bound
    assert found.stats["backlinks/pages/visited"] == bound
    assert len(found.rows) == bound


def test_max_pages_per_domain_is_exact(web: FakeWeb, crawl: CrawlFunction) -> None:
    plant_tree(web, "a.example", "www.a.example", "b.example")
    web.page(f"{A}/", links("/1", "https://www.a.example/"))
    crawl("discover", seeds=[f"{A}/", "https://b.example/"], max_pages_per_domain="12", max_pages="0")
    asked = Counter(hit.host.removeprefix("www.") for hit in web.hits if hit.target != "/robots.txt")
    assert asked == {"a.example": 12, "b.example": 12}


@pytest.mark.parametrize(("bound", "pages"), [("1", 11), ("2", 111)])
def test_max_depth_is_exact(web: FakeWeb, crawl: CrawlFunction, bound: str, pages: int) -> None:
    plant_tree(web, "a.example")
    found = crawl("discover", seeds=f"{A}/", max_depth=bound)
    assert len(found.asked) == pages
    assert max(row.depth for row in found.rows) == int(bound)


def test_nothing_of_the_budget_goes_to_pages_that_are_closed_or_sent_on(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.robots("a.example", "User-agent: *\nDisallow: /closed")
    web.page(f"{A}/", links(*(f"/closed{n}" for n in range(9)), "/old", "/1"))
    web.redirect(f"{A}/old", "/2")
    for n in (1, 2):
        web.page(f"{A}/{n}", links(T))
    assert crawl("discover", seeds=f"{A}/", max_pages="3").sources == [f"{A}/1", f"{A}/2"]


def test_a_refresh_is_a_page_more(web: FakeWeb, crawl: CrawlFunction) -> None:
    def onward(request: Request) -> Answer:
        return Answer(body=f"<meta http-equiv=refresh content='0;{request.target}x'>{links(T)}")

    web.page(f"{A}/*", onward)
    web.robots("a.example", 404)
    found = crawl("discover", seeds=f"{A}/", max_pages="4")
    assert len(found.asked) == 4


def test_breadth_first_the_nearest_pages_come_first(web: FakeWeb, crawl: CrawlFunction) -> None:
    plant_tree(web, "a.example")
    crawl("discover", seeds=f"{A}/", max_pages="30", order="breadth-first")
    depths = [path.rstrip("/").count("/") for path in web.paths("a.example") if path != "/robots.txt"]
    assert depths == sorted(depths)


def plant_sections(web: FakeWeb) -> None:
    """A shop of pages that name nobody, and between them a section whose pages name others, one of them the target."""
    shop = [f"/shop/{n}" for n in range(60)]
    letters = [f"/letters/{n}" for n in range(30)]
    web.page(f"{A}/", links(*(path for pair in zip(shop, letters, strict=False) for path in pair), *shop[30:]))
    for path in shop:
        web.page(A + path, links("/"))
    for n, path in enumerate(letters):
        web.page(A + path, links(f"http://o{n}.example/", *([T] if n % 3 == 0 else [])))


def test_best_first_a_section_that_links_out_is_visited_before_one_that_does_not(
    web: FakeWeb, crawl: CrawlFunction
) -> None:
    plant_sections(web)
    found = crawl("discover", seeds=f"{A}/", max_pages="46")
    assert len(found.sources) >= 9, "of 10, where breadth first finds 8"
    assert sum("/shop/" in path for path in web.paths("a.example")) <= 18
    reasons = {name.rpartition("/")[2] for name in found.stats if name.startswith("backlinks/order/pages/")}
    assert {"evidence", "fair", "novel"} <= reasons <= {"evidence", "exploration", "fair", "novel", "hit"}
    pages = sum(count for name, count in found.stats.items() if name.startswith("backlinks/order/pages/"))
    referrers = sum(count for name, count in found.stats.items() if name.startswith("backlinks/order/referrers/"))
    assert (pages, referrers) == (46, len(found.sources))


@pytest.mark.parametrize("order", ["best-first", "breadth-first"])
def test_nothing_is_left_out_in_any_order(web: FakeWeb, crawl: CrawlFunction, order: str) -> None:
    plant_sections(web)
    found = crawl("discover", seeds=f"{A}/", order=order)
    assert len(found.asked) == len(set(found.asked)) == 91
    assert len(found.sources) == 10


# --- traps --------------------------------------------------------------------------------------------------------------


def test_a_calendar_ends_with_the_domains_budget(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.counter(f"{A}/calendar?day=*", '<a href="/calendar?day={{next}}">next</a>')
    web.page(f"{A}/", links("/calendar?day=1", "/1"))
    web.page(f"{A}/1", links(T))
    found = crawl("discover", seeds=f"{A}/", max_pages_per_domain="20")
    assert len(found.asked) == 20
    assert found.sources == [f"{A}/1"]


def test_a_path_that_deepens_ends(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/*", links("more/", "other/", T))
    web.robots("a.example", 404)
    found = crawl("discover", seeds=f"{A}/", max_depth="5", max_pages="500")
    assert found.stats["backlinks/discover/endless_url"] > 0
    assert not [url for url in found.asked if "/more/more/more" in url]


def test_a_long_url_is_not_followed(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", links("/" + "x" * 2100, "/" + "y" * 2000))
    web.page(f"{A}/" + "y" * 2000, links(T))
    found = crawl("discover", seeds=f"{A}/")
    assert len(found.asked) == 2
    assert found.stats["backlinks/discover/endless_url"] == 1


def test_files_that_are_rarely_pages_come_last(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", links("/first", "/report.pdf", "/File:Cat.jpg", "/page"))
    web.page(f"{A}/File:Cat.jpg", links(T))
    web.page(f"{A}/page", links(T))
    found = crawl("discover", seeds=f"{A}/")
    assert web.paths("a.example")[1:4] == ["/", "/first", "/page"]
    assert found.sources == [f"{A}/File:Cat.jpg", f"{A}/page"]


# --- each page once -----------------------------------------------------------------------------------------------------


def test_spellings_of_a_page_are_one_visit(web: FakeWeb, crawl: CrawlFunction) -> None:
    same = [
        "/p",
        "/p#x",
        "p",
        "./p",
        "/x/../p",
        "//a.example/p",
        "https://A.EXAMPLE:443/p",
        "/%70",
        "https://a.example./p",
    ]
    web.page(f"{A}/", links(*same, "/p?", "/P"))
    web.page(f"{A}/p", links(T))
    crawl("discover", seeds=f"{A}/")
    assert Counter(web.paths("a.example"))["/p"] == 1


def test_twins_of_http_and_https_are_visited_once(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", links("http://a.example/", "http://a.example/1", "https://a.example/1", "https://a.example/2"))
    web.page(f"{A}/1", links(T, "http://a.example/2"))
    web.page(f"{A}/2", links(T))
    found = crawl("discover", seeds=f"{A}/")
    assert len(found.sources) == 2
    assert sorted(web.paths("a.example")) == ["/", "/1", "/2", "/robots.txt", "/robots.txt"]


def test_the_twin_is_tried_where_the_first_fails(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("http://a.example/", links("https://a.example/1", "http://a.example/1", "https://a.example/2"))
    web.page("http://a.example/1", links(T))
    web.only("a.example", "http")
    found = crawl("discover", seeds="http://a.example/", RETRY_TIMES=0)
    assert found.sources == ["http://a.example/1"]


def test_a_redirect_from_http_to_https_is_the_same_page(web: FakeWeb, crawl: CrawlFunction) -> None:
    for path in ("/", "/1"):
        web.page(f"{A}{path}", links(T, "http://a.example/1", "http://a.example/"), scheme="https")
        web.redirect(f"http://a.example{path}", f"{A}{path}", scheme="http")
    found = crawl("discover", seeds="http://a.example/")
    assert found.sources == [f"{A}/", f"{A}/1"]


def test_a_page_with_two_ways_gives_its_rows_once(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", links("/old", "/new", "/refresh"))
    web.redirect(f"{A}/old", "/new")
    web.page(f"{A}/refresh", f"<meta http-equiv=refresh content='0; /new'>{links(T)}")
    web.page(f"{A}/new", links(T))
    assert crawl("discover", seeds=f"{A}/").sources == [f"{A}/new", f"{A}/refresh"]


def test_a_redirect_out_of_scope_is_a_page_with_a_reason(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", links("/out", "/in"))
    web.redirect(f"{A}/out", "https://b.example/")
    web.redirect(f"{A}/in", "/")
    found = crawl("discover", seeds=f"{A}/")
    reasons = {page.url: page.failure.reason for page in found.visited if page.failure}
    assert reasons == {
        f"{A}/out": "redirects out of the crawl's scope",
        f"{A}/in": "redirects to a page already visited",
    }
    assert web.hits_of("b.example") == []


# --- seeds --------------------------------------------------------------------------------------------------------------


def test_a_bare_domain_is_tried_over_https_and_then_http(web: FakeWeb, crawl: CrawlFunction) -> None:
    for host, scheme in (("a.example", "https"), ("b.example", "http")):
        web.page(f"{scheme}://{host}/", links(T))
    web.only("a.example", "https")
    web.only("b.example", "http")
    found = crawl("discover", seeds="a.example b.example nowhere.example", RETRY_TIMES=0)
    assert found.sources == ["http://b.example/", f"{A}/"]
    assert [page.url for page in found.visited if page.failure] == ["http://nowhere.example/"]


def test_a_seed_that_redirects_to_another_domain_takes_the_crawl_there(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.redirect(f"{A}/", "https://www.b.example/start", 302)
    web.page("https://www.b.example/start", links(T, "/1", "https://b.example/2", f"{A}/3", "https://c.example/"))
    for url in ("https://www.b.example/1", "https://b.example/2", f"{A}/3"):
        web.page(url, links(T))
    found = crawl("discover", seeds=f"{A}/")
    assert found.sources == [f"{A}/3", "https://b.example/2", "https://www.b.example/1", "https://www.b.example/start"]


def test_a_seed_that_refreshes_elsewhere_is_followed_too(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", "<META HTTP-EQUIV=Refresh CONTENT=\"0;URL='https://b.example/x'\">")
    web.page("https://b.example/x", links(T, "/y"))
    web.page("https://b.example/y", links(T))
    assert crawl("discover", seeds=f"{A}/").sources == ["https://b.example/x", "https://b.example/y"]


def test_a_slow_refresh_is_no_redirect(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", "<meta http-equiv=refresh content='60; /x'>")
    web.page(f"{A}/x", links(T))
    assert crawl("discover", seeds=f"{A}/").rows == []


def test_seeds_in_all_their_spellings(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    file = tmp_path / "seeds.txt"
    file.write_text(
        "\ufeffhttps://A.example:443/#top\n# no seed\n\nbücher.example/x y # two\n".replace(" y", ""), "utf-8"
    )
    web.page(f"{A}/", links(T))
    web.page("https://xn--bcher-kva.example/x", links(T))
    found = crawl("discover", seeds=[f"@{file}", f"{A}/"])
    assert found.sources == [f"{A}/", "https://xn--bcher-kva.example/x"]


def test_candidates_are_looked_at_and_not_followed(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page(f"{A}/", links("/1", T))
    web.page(f"{A}/1", links(T))
    web.page("https://b.example/", links("/1", T))
    web.redirect("https://c.example/", "https://d.example/")
    web.page("https://d.example/", links("/1", T))
    file = tmp_path / "candidates.csv"
    file.write_text("https://b.example/\nhttps://c.example/\nhttps://a.example/1\nnot a url\nhttps://B.example\n")
    found = crawl("discover", seeds=f"{A}/", candidates=str(file))
    assert found.sources == [f"{A}/", f"{A}/1", "https://b.example/", "https://d.example/"]
    assert {row.discovered_from for row in found.rows if "b.example" in row.source_url} == {"candidate"}
    only = crawl("discover", candidates=str(file))
    assert only.sources == [f"{A}/1", "https://b.example/", "https://d.example/"]


def test_a_candidate_that_is_a_domain_only_is_a_seed(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    for host in ("b.example", "c.example"):
        web.page(f"https://{host}/", links("/1"))
        web.page(f"https://{host}/1", links(T, "/2"))
        web.page(f"https://{host}/2", links(T))
    file = tmp_path / "domains.csv"
    file.write_text("Domain,Backlinks Count\nb.example,2\n")
    pages = tmp_path / "pages.txt"
    pages.write_text("https://c.example/\n")
    found = crawl("discover", candidates=[str(file), str(pages)])
    assert found.sources == ["https://b.example/1", "https://b.example/2"]
    assert crawl("verify", candidates=str(file)).sources == []


def test_a_long_list_waits_in_its_file_and_is_finished(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "MAX_FIRST_REQUESTS_WAITING", 5)
    web.robots("closed.example", "User-agent: *\nDisallow: /")
    web.page(f"{A}/", links(T), delay=0.2)
    file = tmp_path / "candidates.txt"
    closed = [f"https://closed.example/{n}" for n in range(30)]
    private = [f"http://10.0.0.{n}/" for n in range(30)]
    file.write_text("\n".join([*closed, *private, f"{A}/"]))
    found = crawl("discover", candidates=str(file))
    assert found.sources == [f"{A}/"]
    assert found.stats["backlinks/pages/visited"] == 61


# --- sitemaps -----------------------------------------------------------------------------------------------------------


def plant_sitemaps(web: FakeWeb) -> None:
    def urlset(*locations: str) -> str:
        inner = "".join(f"<url><loc> {url} </loc><lastmod>2026-01-01</lastmod></url>" for url in locations)
        return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</urlset>'

    web.robots(
        "a.example", f"Sitemap: {A}/index.xml\nsitemap: {A}/list.txt\nSitemap: {A}/broken.xml\nSitemap: {A}/gone.xml\n"
    )
    maps = "".join(f"<sitemap><loc>{A}/{name}</loc></sitemap>" for name in ("one.xml", "two.xml.gz", "index.xml"))
    web.page(f"{A}/index.xml", f"<sitemapindex>{maps}</sitemapindex>", content_type="application/xml")
    web.page(
        f"{A}/one.xml", urlset(f"{A}/1", "https://www.a.example/2", "https://b.example/x", "file:///etc/x", "http://[")
    )
    web.page(f"{A}/two.xml.gz", gzip.compress(urlset(f"{A}/3").encode()), content_type="application/gzip")
    web.page(f"{A}/list.txt", f"\ufeff{A}/4\r\n{A}/5\n", content_type="text/plain; charset=utf-8")
    web.page(f"{A}/broken.xml", f"<urlset><url><loc>{A}/6</loc></url", content_type="text/xml")
    web.page(f"{A}/", "<p>no links")
    for n in range(1, 7):
        web.page(f"https://{'www.' if n == 2 else ''}a.example/{n}", links(T, "/deeper"))
    web.page(f"{A}/deeper", links(T))


def test_sitemaps_that_robots_txt_names_are_read(web: FakeWeb, crawl: CrawlFunction) -> None:
    plant_sitemaps(web)
    found = crawl("discover", seeds=f"{A}/")
    expected = {f"{A}/1", "https://www.a.example/2", *(f"{A}/{n}" for n in (3, 4, 5)), f"{A}/deeper"}
    assert set(found.sources) - {f"{A}/6"} == expected
    assert {row.discovered_from for row in found.rows if row.source_url == f"{A}/3"} == {f"{A}/two.xml.gz"}
    assert {row.depth for row in found.rows if row.source_url == f"{A}/3"} == {0}
    assert {hit.host for hit in web.hits} == {"a.example", "www.a.example"}
    assert found.stats["backlinks/sources/sitemaps/failed"] >= 1


def test_sitemaps_can_be_left_unread(web: FakeWeb, crawl: CrawlFunction) -> None:
    plant_sitemaps(web)
    assert crawl("discover", seeds=f"{A}/", sitemaps="no").rows == []
    assert web.paths("a.example") == ["/robots.txt", "/"]


def test_sitemaps_that_are_traps(web: FakeWeb, crawl: CrawlFunction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, "sitemaps", replace(SOURCES["sitemaps"], max_documents=20))
    web.robots("a.example", f"Sitemap: {A}/loop0.xml\nSitemap: {A}/bomb.gz\nSitemap: {A}/html\n")
    web.counter(f"{A}/loop*", f"<sitemapindex><sitemap><loc>{A}/loop{{{{next}}}}.xml</loc></sitemap></sitemapindex>")
    web.page(f"{A}/bomb.gz", gzip.compress(bytes(20_000_000)), content_type="application/gzip")
    web.page(f"{A}/html", links(T, "/x"))
    web.page(f"{A}/", links(T))
    found = crawl("discover", seeds=f"{A}/", DOWNLOAD_MAXSIZE=1_000_000)
    assert found.sources == [f"{A}/"]
    assert found.stats["backlinks/sources/sitemaps/bound"] == 1
    assert len(web.paths("a.example")) < 30


# --- what is a backlink -------------------------------------------------------------------------------------------------


def test_a_targets_own_pages_are_no_referrers_unless_asked_for(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("https://shop.target.example/", links(T, "https://b.github.io/"))
    web.page("https://a.github.io/", links("https://b.github.io/", "https://a.github.io/x"))
    arguments = {"targets": "https://target.example/blog/ domain:target.example b.github.io", "max_depth": "1"}
    seeds = "https://shop.target.example/ https://a.github.io/"
    found = crawl("discover", seeds=seeds, **arguments)
    assert sorted((row.source_url, row.target) for row in found.rows) == [
        ("https://a.github.io/", "b.github.io"),
        ("https://shop.target.example/", "b.github.io"),
    ]
    found = crawl("discover", seeds=seeds, include_same_domain="yes", **arguments)
    flags = {(row.source_url, row.target): row.flags for row in found.rows}
    assert flags["https://shop.target.example/", "domain:target.example"] == ("same_domain",)
    assert flags["https://a.github.io/", "b.github.io"] == ()


def test_a_failed_visit_counts_under_its_state(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", links("/gone", "/forbidden", "/broken", "/file", T))
    for path, status in (("/gone", 404), ("/forbidden", 403), ("/broken", 500)):
        web.page(f"{A}{path}", links(T), status)
    web.page(f"{A}/file", "x", content_type="image/png")
    found = crawl("discover", seeds=f"{A}/")
    counted = {name: found.stats[f"backlinks/pages/{name}"] for name in ("gone", "refused", "server_error", "not_html")}
    assert set(counted.values()) == {1}
    assert found.stats["backlinks/pages/visited"] == 5
    assert found.stats["backlinks/pages/read"] == 1


def test_a_folder_of_an_earlier_version_names_the_memory_of_its_crawl_here() -> None:
    """``JOBDIR`` keeps it pickled, under the module where it was defined."""
    kept = b"cbacklinkbot.spiders.discover\nCrawlMemory\n."
    assert pickle.loads(kept) is CrawlMemory


def test_requests_of_an_earlier_version_name_their_planned_visit_here() -> None:
    """As above."""
    assert pickle.loads(b"cbacklinkbot.spiders.base\nPlannedVisit\n.") is PlannedVisit
