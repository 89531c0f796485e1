"""What a site says about itself: sitemaps, feeds, and the search endpoints of WordPress and MediaWiki."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from backlinkbot.errors import SettingError
from backlinkbot.extract.documents.elements import MAX_ELEMENTS
from backlinkbot.frontier import waiting
from backlinkbot.sources import SOURCES, chosen
from backlinkbot.sources.feeds import FEED_TYPES
from backlinkbot.sources.places import address_of, places_of
from backlinkbot.sources.sources import PAGES_PER_DOCUMENT
from backlinkbot.targets import Targets
from tests.conftest import Crawl, CrawlFunction, links
from tests.fakesources import JSON, XML, Blog, Wiki
from tests.fakeweb import Answer, FakeWeb
from tests.test_docs import first_codes, read, section, table_rows

T = "https://target.example/"
A = "https://a.example"
RSS = "application/rss+xml"


def counted(found: Crawl, name: str) -> dict[str, int]:
    """What is counted of one source."""
    prefix = f"backlinks/sources/{name}/"
    return {stat.removeprefix(prefix): n for stat, n in found.stats.items() if stat.startswith(prefix)}


def found_by(found: Crawl) -> dict[str, str]:
    """Page with rows -> what named it."""
    return {row.source_url: row.discovered_from for row in found.rows}


# --- sitemaps ---


def urlset(*entries: tuple[str, str]) -> str:
    inner = "".join(
        f"<url><loc>{url}</loc>{lastmod and f'<lastmod>{lastmod}</lastmod>'}</url>" for url, lastmod in entries
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</urlset>'


def index(*entries: tuple[str, str]) -> str:
    return (
        urlset(*entries).replace("urlset", "sitemapindex").replace("<url>", "<sitemap>").replace("</url>", "</sitemap>")
    )


def plant_pages(web: FakeWeb, numbers: Iterable[int]) -> None:
    for n in numbers:
        web.page(f"{A}/{n}", links(T))


def test_where_the_bound_is_smaller_than_the_site_the_newest_pages_are_visited(
    web: FakeWeb, crawl: CrawlFunction
) -> None:
    web.page(f"{A}/", "<p>no links")
    web.robots("a.example", f"Sitemap: {A}/sitemap.xml")
    years = {n: 2000 + n * 7 % 20 for n in range(20)}
    web.page(
        f"{A}/sitemap.xml", urlset(*((f"{A}/{n}", f"{year}-05-01") for n, year in years.items())), content_type=XML
    )
    plant_pages(web, years)
    found = crawl("discover", seeds=f"{A}/", max_pages="6")
    newest = sorted(years, key=lambda n: -years[n])[:5]
    assert [url.rpartition("/")[2] for url in found.asked] == ["", "sitemap.xml", *map(str, newest)]


def test_of_several_sitemaps_too(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", "<p>no links")
    web.robots("a.example", f"Sitemap: {A}/index.xml\nSitemap: /late.xml")
    maps = [("/old.xml", "2001-01-01"), ("/undated.xml", ""), ("/new.xml", "2099-01-01")]
    web.page(f"{A}/index.xml", index(*maps), content_type=XML)
    web.page(f"{A}/old.xml", urlset((f"{A}/1", "2001-01-01"), (f"{A}/2", "")), content_type=XML)
    web.page(f"{A}/undated.xml", urlset((f"{A}/3", "soon"), (f"{A}/4", "2099-01-01T10:00:00+02:00")), content_type=XML)
    web.page(f"{A}/new.xml", urlset((f"{A}/5", "2098"), (f"{A}/6", "2099-01-02")), content_type=XML)
    web.page(f"{A}/late.xml", urlset((f"{A}/7", "2099-02-01")), content_type=XML)
    plant_pages(web, range(1, 8))
    found = crawl("discover", seeds=f"{A}/", max_pages="4")
    asked = [url.removeprefix(f"{A}/") for url in found.asked]
    assert asked[:6] == ["", "index.xml", "late.xml", "new.xml", "old.xml", "undated.xml"]
    assert sorted(asked[6:]) == ["4", "6", "7"]


def test_a_seed_whose_robots_txt_names_no_sitemap_is_asked_for_one(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", links("https://www.a.example/", "https://shop.a.example/"))
    web.page("https://www.a.example/", links(T))
    web.page("https://shop.a.example/", links(T))
    web.redirect(f"{A}/sitemap.xml", "/sitemap_index.xml")
    web.page(f"{A}/sitemap_index.xml", index(("/posts.xml", "")), content_type=XML)
    web.page(f"{A}/posts.xml", urlset(("/1", "")), content_type=XML)
    web.page(f"{A}/1", links(T))
    found = crawl("discover", seeds=f"{A}/", BACKLINKBOT_SOURCES=())
    assert found_by(found)[f"{A}/1"] == f"{A}/posts.xml"
    assert [hit.host for hit in web.hits if hit.target == "/sitemap.xml"] == ["a.example"]
    assert counted(found, "sitemaps") == {"asked": 2, "read": 2, "named": 1, "queued": 1}


@pytest.mark.parametrize(
    ("given", "robots", "requests"),
    [
        ({}, "", 1),
        ({"sources": "no-guess"}, "", 0),
        ({"sources": "none"}, "", 0),
        ({"sitemaps": "no"}, "", 0),
        ({"max_pages": "19"}, "", 0),
        ({"max_pages_per_domain": "19"}, "", 0),
        ({}, f"Sitemap: {A}/other.xml", 0),
        ({}, "User-agent: *\nDisallow: /*.xml", 0),
    ],
    ids=str,
)
def test_when_nobody_guesses(
    web: FakeWeb, crawl: CrawlFunction, given: dict[str, str], robots: str, requests: int
) -> None:
    web.page(f"{A}/", links(T))
    web.robots("a.example", robots)
    found = crawl("discover", seeds=f"{A}/", **({"BACKLINKBOT_SOURCES": ()} | given))
    assert web.paths("a.example").count("/sitemap.xml") == requests
    assert counted(found, "sitemaps").get("guessed_wrong", 0) == requests
    assert counted(found, "sitemaps").get("refused", 0) == ("Disallow" in robots)


def test_a_seed_that_fails_has_its_sitemaps_read_and_no_guess_made(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", "", 500)
    web.page("https://b.example/", "", 404)
    web.robots("a.example", f"Sitemap: {A}/s.xml")
    web.page(f"{A}/s.xml", urlset((f"{A}/1", "")), content_type=XML)
    web.page(f"{A}/1", links(T))
    found = crawl("discover", seeds=[f"{A}/", "https://b.example/"], BACKLINKBOT_SOURCES=(), RETRY_TIMES=0)
    assert found.sources == [f"{A}/1"]
    assert "/sitemap.xml" not in web.paths("b.example")


def test_a_feed_may_be_named_as_a_sitemap(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", "<p>no links")
    web.robots("a.example", f"Sitemap: {A}/feed")
    web.page(f"{A}/feed", feed(item("/1")), content_type=RSS)
    web.page(f"{A}/1", links(T))
    assert crawl("discover", seeds=f"{A}/").sources == [f"{A}/1"]


def test_what_sitemaps_name_waits_within_bounds(
    web: FakeWeb, crawl: CrawlFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOURCES, "sitemaps", replace(SOURCES["sitemaps"], max_documents=30))
    web.page(f"{A}/", "<p>no links")
    web.robots("a.example", "\n".join(f"Sitemap: {A}/s{n}.xml" for n in range(40)))
    for n in range(40):
        web.page(f"{A}/s{n}.xml", urlset(*((f"{A}/{n}/{m}", "") for m in range(4))), content_type=XML)
    found = crawl("discover", seeds=f"{A}/", max_pages="5")
    assert counted(found, "sitemaps") == {"asked": 10, "bound": 30, "read": 10, "named": 40, "queued": 40}
    web.forget()
    found = crawl("discover", seeds=f"{A}/", max_pages="3")
    assert counted(found, "sitemaps")["named"] == 30
    assert counted(found, "sitemaps")["too_many"] == 10
    found = crawl("discover", seeds=f"{A}/", max_pages="0", max_pages_per_domain="0")
    assert counted(found, "sitemaps")["asked"] == 30
    assert len(found.visited) == 1 + 30 * 4


# --- feeds ---


def item(url: str, html: str = "") -> str:
    escaped = html.replace("&", "&amp;").replace("<", "&lt;")
    return f"<item><link>{url}</link><description>{escaped}</description></item>"


def feed(*items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>A feed</title>{"".join(items)}</channel></rss>'


def announcing(*hrefs: str, media_type: str = RSS, rel: str = "alternate") -> str:
    return "<!doctype html>" + "".join(f"<link rel='{rel}' type='{media_type}' href='{href}'>" for href in hrefs)


def test_the_feeds_that_a_seed_announces_are_read(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", announcing("/feed") + announcing("/atom", media_type="Application/Atom+XML; charset=utf-8"))
    web.page(
        f"{A}/feed", feed(item("/1"), item("https://www.a.example/2"), item("https://b.example/3")), content_type=RSS
    )
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="{A}/4"/></entry><entry/></feed>'
    web.page(f"{A}/atom", atom, content_type="application/atom+xml")
    for url in (f"{A}/1", "https://www.a.example/2", "https://b.example/3", f"{A}/4"):
        web.page(url, links(T))
    found = crawl("discover", seeds=f"{A}/")
    named_by = {f"{A}/1": f"{A}/feed", "https://www.a.example/2": f"{A}/feed", f"{A}/4": f"{A}/atom"}
    assert found_by(found) == named_by
    assert {row.depth for row in found.rows} == {0}
    assert counted(found, "feeds") == {"asked": 2, "read": 2, "named": 4, "queued": 3, "out_of_scope": 1}
    assert web.hits_of("b.example") == []


def test_an_item_whose_text_links_to_a_target_is_visited_first(web: FakeWeb, crawl: CrawlFunction) -> None:
    texts = {n: f"<p>See <a href='{T if n == 7 else '/x'}'>this</a>" for n in range(9)}
    web.page(f"{A}/", announcing("/feed"))
    web.page(f"{A}/feed", feed(*(item(f"{A}/{n}", text) for n, text in texts.items())), content_type=RSS)
    plant_pages(web, range(9))
    assert crawl("discover", seeds=f"{A}/", max_pages="2").sources == [f"{A}/7"]


def test_a_page_that_waits_already_is_put_before_others_and_visited_once(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", announcing("/feed") + links(*(f"/{n}" for n in range(9))))
    web.page(f"{A}/feed", feed(item(f"{A}/7", links(T)), item(f"{A}/", links(T))), content_type=RSS)
    plant_pages(web, range(9))
    found = crawl("discover", seeds=f"{A}/")
    asked = [url.removeprefix(A) for url in found.asked]
    assert asked[:2] == ["/", "/feed"]
    assert "/7" in asked[2:4], "one page may be on its way before the feed is read"
    assert sorted(asked) == sorted(["/", "/feed", *(f"/{n}" for n in range(9))])
    assert counted(found, "feeds") == {"asked": 1, "read": 1, "named": 2, "queued": 1}


def test_nor_is_its_failure_counted_twice(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.robots("a.example", "User-agent: *\nDisallow: /closed")
    names = ["/closed", "/gone", "/refused"]
    web.page(f"{A}/", announcing("/feed") + links("/1", "/2", *names))
    web.page(f"{A}/feed", feed(*(item(A + name, links(T)) for name in names)), content_type=RSS)
    web.refuse(f"{A}/refused")
    found = crawl("discover", seeds=f"{A}/", RETRY_TIMES=0)
    assert sorted(page.url.removeprefix(A) for page in found.visited) == sorted(["/", "/1", "/2", *names])
    assert counted(found, "feeds")["queued"] == 3


def test_feeds_are_asked_for_once_for_each_host_and_on_its_first_page_only(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", announcing("/feed") + links("/1", "https://blog.a.example/"))
    web.page(f"{A}/1", announcing("/1/feed") + links(T))
    web.page("https://blog.a.example/", announcing("/feed"))
    web.page("https://blog.a.example/feed", feed(item("/2")), content_type=RSS)
    web.page("https://blog.a.example/2", links(T))
    found = crawl("discover", seeds=f"{A}/")
    assert found.sources == [f"{A}/1", "https://blog.a.example/2"]
    assert "/1/feed" not in web.paths("a.example")


@pytest.mark.parametrize(
    "page",
    [
        announcing("/feed", media_type="application/json"),
        announcing("/feed", rel="stylesheet"),
        announcing("javascript:void(0)", "data:,x", ""),
        "<template><link rel=alternate type=application/rss+xml href=/feed></template>",
    ],
)
def test_what_announces_no_feed(web: FakeWeb, crawl: CrawlFunction, page: str) -> None:
    web.page(f"{A}/", page)
    assert counted(crawl("discover", seeds=f"{A}/"), "feeds") == {}


BROKEN_FEEDS = {
    "gone": Answer(status=404),
    "error": Answer(status=500),
    "forbidden": Answer(status=403),
    "login": Answer(status=401),
    "html": Answer(body="<!doctype html><p>No feed."),
    "cut": Answer(body="<rss><channel><item><link>/1</li", content_type=RSS),
    "entity": Answer(body="<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss>&a;</rss>", content_type=RSS),
    "large": Answer(body=b"x" * 300_000, content_type=RSS),
    "bomb": Answer(body=b"x" * 300_000, content_type=RSS, gzip=True),
    "hung up": Answer(pace="refuse"),
    "loop": Answer(status=302, headers=(("Location", "/feed"),)),
}


@pytest.mark.parametrize("name", BROKEN_FEEDS)
def test_a_feed_that_cannot_be_had_is_counted(
    web: FakeWeb, crawl: CrawlFunction, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(SOURCES, "feeds", replace(SOURCES["feeds"], max_bytes=200_000))
    web.page(f"{A}/", announcing("/feed") + links(T))
    web.page(f"{A}/feed", lambda _: BROKEN_FEEDS[name])
    found = crawl("discover", seeds=f"{A}/", RETRY_TIMES=0)
    assert counted(found, "feeds") == {"asked": 1, "refused" if name in {"forbidden", "login"} else "failed": 1}
    assert found.sources == [f"{A}/"]


# --- WordPress ---


def blog(**known: str) -> Blog:
    posts = {
        "/hello": links("https://other.example/"),
        "/tides": links(f"{T}tides"),
        "/maps": links(T, "https://www.target.example/maps"),
        "/named": "<p>target.example is only named here.",
    }
    return Blog(A, posts, **known)  # type: ignore[arg-type]


LINKING = [f"{A}/maps", f"{A}/tides"]


@pytest.mark.parametrize(
    "known",
    [{}, {"says_in": "link"}, {"root": "/index.php?rest_route=/"}, {"says_in": "link", "root": "/?rest_route=/"}],
)
def test_the_posts_that_a_search_finds_are_visited(web: FakeWeb, crawl: CrawlFunction, known: dict[str, str]) -> None:
    blog(**known).plant(web)
    found = crawl("discover", seeds=f"{A}/")
    assert found.sources == LINKING
    (search,) = {row.discovered_from for row in found.rows}
    assert "/wp/v2/search" in search
    assert "search=target.example" in search
    assert counted(found, "wordpress") == {"asked": 1, "read": 1, "named": 3, "queued": 3}
    assert f"{A}/hello" not in found.asked


def test_they_come_before_everything_that_pages_lead_to(web: FakeWeb, crawl: CrawlFunction) -> None:
    blog().plant(web, home="<p>Welcome.")
    web.robots("a.example", f"Sitemap: {A}/s.xml")
    web.page(f"{A}/s.xml", urlset(*((f"{A}/{n}", "2099-01-01") for n in range(50))), content_type=XML)
    found = crawl("discover", seeds=f"{A}/", max_pages="4")
    assert found.sources == LINKING


def test_a_search_with_more_pages_is_read_to_its_end(web: FakeWeb, crawl: CrawlFunction) -> None:
    posts = {f"/{n}": links(T) for n in range(230)}
    Blog(A, posts).plant(web)
    found = crawl("discover", seeds=f"{A}/")
    assert len(found.sources) == 230
    assert counted(found, "wordpress") == {"asked": 3, "read": 3, "named": 230, "queued": 230}


def test_a_search_that_robots_txt_closes_is_not_asked(web: FakeWeb, crawl: CrawlFunction) -> None:
    blog().plant(web)
    web.robots("a.example", "User-agent: *\nDisallow: /wp-json/")
    found = crawl("discover", seeds=f"{A}/")
    assert counted(found, "wordpress") == {"asked": 1, "refused": 1}
    assert not [path for path in web.paths("a.example") if path.startswith("/wp-json")]


REFUSALS = {
    "login": Answer(body='{"code":"rest_not_logged_in"}', status=401, content_type=JSON),
    "forbidden": Answer(body="<h1>Forbidden</h1>", status=403),
    "no route": Answer(body='{"code":"rest_no_route","data":{"status":404}}', status=404, content_type=JSON),
    "no list": Answer(body='{"code":"rest_disabled"}', content_type=JSON),
    "cut": Answer(body='[{"url":"https://a.exa', content_type=JSON),
    "challenge": Answer(body="<!doctype html><title>Just a moment...</title>"),
    "deep": Answer(body="[" * 200_000, content_type=JSON),
    "large": Answer(body=json.dumps([{"url": "x" * 2_000_000}]), content_type=JSON),
    "too many": Answer(status=429, headers=(("Retry-After", "3600"),)),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_search_that_is_closed_or_broken_is_counted(web: FakeWeb, crawl: CrawlFunction, name: str) -> None:
    home = blog()
    home.refusal = REFUSALS[name]
    home.plant(web, home=links("/maps"))
    found = crawl("discover", seeds=f"{A}/")
    assert found.sources == [f"{A}/maps"]
    assert counted(found, "wordpress") == {"asked": 1, "refused" if name in {"forbidden", "login"} else "failed": 1}


def test_what_a_search_names_obeys_scope_bounds_and_guards(web: FakeWeb, crawl: CrawlFunction) -> None:
    urls = [
        "https://b.example/1",
        "http://127.0.0.1/admin",
        "file:///etc/passwd",
        "//[",
        f"{A}/closed",
        f"{A}/x/x/x/x",
        f"{A}/1#top",
        "/2",
        f"{A}/1",
    ]
    found_there = Answer(body=json.dumps([{"url": url} for url in urls]), content_type=JSON)
    web.page(f"{A}/", announcing("/wp-json/", rel="https://api.w.org/"))
    web.page(f"{A}/wp-json/wp/v2/search?*", lambda _: found_there)
    web.robots("a.example", "User-agent: *\nDisallow: /closed")
    plant_pages(web, (1, 2))
    found = crawl("discover", seeds=f"{A}/")
    assert found.sources == [f"{A}/1", f"{A}/2"]
    assert sorted(set(web.paths("a.example"))) == sorted(
        {"/robots.txt", "/", "/1", "/2", next(p for p in web.paths("a.example") if p.startswith("/wp-json"))}
    )
    assert {hit.host for hit in web.hits} == {"a.example"}
    assert counted(found, "wordpress") == {
        "asked": 1,
        "read": 1,
        "named": 7,
        "bad_url": 2,
        "out_of_scope": 2,
        "queued": 3,
    }


def test_an_api_on_another_site_is_not_asked(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", announcing("https://victim.example/wp-json/", rel="https://api.w.org/"))
    web.page("https://b.example/", "<p>", headers=[("Link", '<https://victim.example/>; rel="https://api.w.org/"')])
    web.redirect("https://b.example/wp-json/wp/v2/search?*", "https://victim.example/")
    found = crawl("discover", seeds=[f"{A}/", "https://b.example/"])
    assert counted(found, "wordpress") == {"elsewhere": 2}
    assert web.hits_of("victim.example") == []


def test_an_answer_that_leads_to_another_site_is_not_followed(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", announcing("/wp-json/", rel="https://api.w.org/"))
    web.page(
        f"{A}/wp-json/wp/v2/search?*", lambda _: Answer(status=302, headers=(("Location", "https://victim.example/"),))
    )
    found = crawl("discover", seeds=f"{A}/")
    assert counted(found, "wordpress") == {"asked": 1, "failed": 1}
    assert web.hits_of("victim.example") == []


def test_many_targets_are_not_all_searched_for(web: FakeWeb, crawl: CrawlFunction) -> None:
    blog().plant(web)
    targets = " ".join(["target.example", *(f"t{n}.example" for n in range(50))])
    found = crawl("discover", targets=targets, seeds=f"{A}/")
    assert counted(found, "wordpress")["asked"] == 10
    assert found.sources == LINKING


def test_a_blog_on_another_host_of_the_seeds_domain_is_searched_too(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", links("https://blog.a.example/"))
    Blog("https://blog.a.example", {"/tides": links(T)}).plant(web)
    assert crawl("discover", seeds=f"{A}/").sources == ["https://blog.a.example/tides"]
    web.forget()
    assert crawl("discover", seeds=f"{A}/", follow="same-host").sources == []
    assert crawl("discover", seeds=f"{A}/", sources="no-wordpress").sources == []


# --- MediaWiki, a seed's own ---

ARTICLES = {
    "Tide table": [T, "https://www.target.example/tides"],
    "Öl/Fuß (1991)": ["http://sub.target.example/x"],
    "Elsewhere": ["https://nottarget.example/", "https://target.example.evil.example/"],
}
LINKING_ARTICLES = ["https://wiki.example/wiki/%C3%96l/Fu%C3%9F_(1991)", "https://wiki.example/wiki/Tide_table"]


@pytest.mark.parametrize("announced", [True, False], ids=["EditURI", "generator"])
def test_a_seeds_own_wiki_says_which_articles_link_to_a_target(
    web: FakeWeb, crawl: CrawlFunction, *, announced: bool
) -> None:
    wiki = Wiki("wiki.example", ARTICLES, announced=announced)
    wiki.plant(web)
    found = crawl("discover", seeds="https://wiki.example/wiki/Main_Page")
    assert found.sources == LINKING_ARTICLES
    assert [question["euquery"] for question in wiki.questions] == ["*.target.example"]
    assert counted(found, "mediawiki") == {"asked": 1, "read": 1, "named": 2, "queued": 2}
    assert all("api.php" in row.discovered_from for row in found.rows)


def test_a_wiki_whose_robots_txt_closes_the_api_is_not_asked(web: FakeWeb, crawl: CrawlFunction) -> None:
    wiki = Wiki("wiki.example", ARTICLES)
    wiki.plant(web)
    web.robots("wiki.example", "User-agent: *\nDisallow: /w/")
    found = crawl("discover", seeds="https://wiki.example/wiki/Main_Page")
    assert counted(found, "mediawiki") == {"asked": 1, "refused": 1}
    assert wiki.questions == []


def test_a_blogs_rsd_is_no_wikis(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(f"{A}/", announcing("/xmlrpc.php?rsd", rel="EditURI", media_type="application/rsd+xml"))
    assert counted(crawl("discover", seeds=f"{A}/"), "mediawiki") == {}


# --- all together ---


def test_recall_and_precision_of_a_site_that_nothing_leads_through(web: FakeWeb, crawl: CrawlFunction) -> None:
    home = Blog(A, {f"/post{n}": links(T if n % 5 == 0 else "https://other.example/") for n in range(40)})
    home.plant(web, home=announcing("/feed"))
    web.page(f"{A}/feed", feed(*(item(f"/news{n}", links(T) if n == 3 else "") for n in range(10))), content_type=RSS)
    web.robots("a.example", f"Sitemap: {A}/s.xml")
    web.page(f"{A}/s.xml", urlset(*((f"{A}/page{n}", "") for n in range(20))), content_type=XML)
    for n in range(10):
        web.page(f"{A}/news{n}", links(T) if n == 3 else "<p>")
    for n in range(20):
        web.page(f"{A}/page{n}", links(T) if n == 9 else "<p>")
    planted = sorted([f"{A}/news3", f"{A}/page9", *(f"{A}/post{n}" for n in range(0, 40, 5))])
    found = crawl("discover", seeds=f"{A}/", max_pages="12")
    assert found.sources == [url for url in planted if "page9" not in url], "evidence comes first"
    web.forget()
    found = crawl("discover", seeds=f"{A}/")
    assert found.sources == planted
    assert len(found.visited) == 1 + 8 + 10 + 20
    named_by = {page: source.partition("?")[0] for page, source in found_by(found).items()}
    assert named_by[f"{A}/news3"] == f"{A}/feed"
    assert named_by[f"{A}/page9"] == f"{A}/s.xml"
    assert named_by[f"{A}/post0"] == f"{A}/wp-json/wp/v2/search"


def test_none_leaves_all_of_it_out(web: FakeWeb, crawl: CrawlFunction) -> None:
    blog().plant(web, home=announcing("/feed"))
    web.robots("a.example", f"Sitemap: {A}/s.xml")
    found = crawl("discover", seeds=f"{A}/", sources="none")
    assert found.asked == [f"{A}/"]
    assert not [name for name in found.stats if name.startswith("backlinks/sources/")]


def test_what_is_asked_waits_on_disk_as_pages_do(
    web: FakeWeb, crawl: CrawlFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MAX_IN_MEMORY", 1)
    blog().plant(web, home=announcing("/feed"))
    web.page(f"{A}/feed", feed(item("/1", links(T))), content_type=RSS)
    plant_pages(web, (1,))
    assert crawl("discover", seeds=f"{A}/").sources == [f"{A}/1", *LINKING]


def test_a_resumed_crawl_asks_nothing_twice(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    blog().plant(web, home=announcing("/feed"))
    web.page(f"{A}/feed", feed(item("/1", links(T))), content_type=RSS)
    plant_pages(web, (1,))
    first = crawl("discover", seeds=f"{A}/", JOBDIR=str(tmp_path), CLOSESPIDER_ERRORCOUNT=0)
    asked = len(first.asked)
    again = crawl("discover", seeds=f"{A}/", JOBDIR=str(tmp_path))
    assert len(again.asked) == asked
    assert first.sources == [f"{A}/1", *LINKING]


# --- words and places ---

STANDARD = ["sitemaps", "feeds", "wordpress", "mediawiki"]


@pytest.mark.parametrize(
    ("words", "names", "wikis"),
    [
        ([], STANDARD, []),
        (["cdx"], [*STANDARD, "cdx"], []),
        (["no-feeds", "no-mediawiki"], ["sitemaps", "wordpress"], []),
        (["none"], [], []),
        (["none", "feeds"], ["feeds"], []),
        (["none", "cdx"], ["cdx"], []),
        (["wikipedia"], [*STANDARD, "wikis"], ["https://en.wikipedia.org/w/api.php"]),
        (
            ["none", "wikipedia:de", "wikipedia:zh-min-nan", "wikipedia:de"],
            ["wikis"],
            ["https://de.wikipedia.org/w/api.php", "https://zh-min-nan.wikipedia.org/w/api.php"],
        ),
        (
            ["mediawiki:https://Wiki.example:443/w/api.php?action=help", "mediawiki"],
            [*STANDARD, "wikis"],
            ["https://wiki.example/w/api.php"],
        ),
    ],
)
def test_the_users_words(words: list[str], names: list[str], wikis: list[str]) -> None:
    choice = chosen(words, contact="https://me.example/")
    assert [source.name for source in choice.sources] == names
    assert list(choice.wikis) == wikis


@pytest.mark.parametrize(
    "word",
    [
        "",
        "wayback",
        "no-cdx",
        "no-",
        "wikipedia:../x",
        "wikipedia:a.b",
        "mediawiki:",
        "mediawiki:wiki.example",
        "mediawiki:ftp://wiki.example/api.php",
        "mediawiki:https://wiki.example/",
        "wikis",
    ],
)
def test_words_that_mean_nothing(word: str) -> None:
    with pytest.raises(SettingError, match="--source"):
        chosen([word], contact="https://me.example/")


@pytest.mark.parametrize("word", ["wikipedia", "wikipedia:fr", "mediawiki:https://commons.wikimedia.org/w/api.php"])
def test_wikimedia_wants_to_know_who_asks(word: str) -> None:
    with pytest.raises(SettingError, match="--contact"):
        chosen([word])


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (["target.example"], ["subdomains:target.example"]),
        (["target.example", "www.target.example", "https://target.example/blog/"], ["subdomains:target.example"]),
        (["domain:target.example", "domain:target.example"], ["domain:target.example"]),
        (["target.example:8443", "target.example"], ["subdomains:target.example"]),
        (["https://github.com/me/project"], ["prefix:github.com/me/project"]),
    ],
)
def test_what_is_searched_for(targets: list[str], expected: list[str]) -> None:
    assert [str(place) for place in places_of(Targets.parse(targets))] == expected


def test_how_it_is_written() -> None:
    targets = Targets.parse(["target.example", "exact:https://t.example:8443/a?b"])
    assert [address_of(place) for place in places_of(targets)] == ["target.example", "t.example:8443/a?b"]


# --- docs/sources.md ---


def bound(value: float) -> str:
    return f"{value:g}" if value else ""


def test_every_source_and_its_limits_are_described() -> None:
    text = read("docs/sources.md")
    described = [row for row in table_rows(section(text, "## Bounds")) if row[0].startswith("`")]
    assert described == [
        [
            f"`{source.name}`",
            str(source.max_documents),
            str(source.max_bytes >> 20),
            bound(source.delay),
            bound(source.max_age / 3600),
        ]
        for source in SOURCES.values()
    ]
    assert first_codes(section(text, "## What a site says of itself")) == STANDARD
    words = [word for code in first_codes(section(text, "## What others know")) for word in code.split()[1:]]
    first = [word for source in SOURCES.values() if source.is_service for word in source.profile.words]
    assert set(words) == {"links", *first} - {"wikipedia:LANGUAGE"}
    assert all(f"`{media_type}`" in text for media_type in FEED_TYPES)
    assert f"{MAX_ELEMENTS:,} entries" in text
    assert f"each {PAGES_PER_DOCUMENT} pages" in text
