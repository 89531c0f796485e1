"""Every kind of link that is neither <a> nor <area>, planted and crawled: rows, answers, claims, history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backlinkbot.cli.replay import replay
from backlinkbot.extract.html import Parser
from backlinkbot.extract.other_links.typed import elements
from backlinkbot.extract.page import PageContent
from backlinkbot.history import History, visit_log
from backlinkbot.items import Backlink, State
from backlinkbot.targets import Targets
from tests.conftest import CrawlFunction, verify
from tests.fakeweb import FakeWeb
from tests.test_spiders_recheck import later

T = "https://target.example"
A = "https://a.example"
RSS = f"""<rss><channel><title>News</title>
<item><title>The map</title><link>{T}/item</link></item>
<item><title>Ours</title><link>{A}/ours</link><description>&lt;a rel=nofollow href="{T}/said"&gt;a chart&lt;/a&gt;</description></item>
<item><title>Other</title><link>https://other.example/</link></item></channel></rss>"""

# (HTML, type, raw href, anchor)
ELEMENTS = (
    ("<iframe src='//target.example/x' title='A  map'></iframe>", "frame", "//target.example/x", "A map"),
    (f"<frameset><frame src={T}/x></frameset>", "frame", f"{T}/x", ""),
    (f"<embed src={T}/x>", "frame", f"{T}/x", ""),
    (f"<object data=' {T}/x '>Old browsers read this</object>", "frame", f" {T}/x ", ""),
    (f"<form action={T}/x aria-label=Search><button>Go</button></form>", "form", f"{T}/x", "Search"),
    (f"<form><button formaction={T}/x>Buy <b>now</b></button></form>", "form", f"{T}/x", "Buy now"),
    (f"<form><button formaction={T}/x>Buy<div>now</div><i hidden>x</i></button></form>", "form", f"{T}/x", "Buy now"),
    (f"<form><input type=submit formaction={T}/x></form>", "form", f"{T}/x", ""),
    (f"<link rel=Canonical href={T}/x>", "canonical", f"{T}/x", ""),
    (f"<link rel='alternate' hreflang=de href={T}/x>", "alternate", f"{T}/x", ""),
    (f"<link rel=alternate type=application/rss+xml title=Feed href={T}/x>", "alternate", f"{T}/x", "Feed"),
    (f"<base href={T}/y/><iframe src=../x></iframe>", "frame", "../x", ""),
)
NOTHING = (
    f"<link rel='alternate stylesheet' href={T}/x>",
    f"<link rel=preload href={T}/x>",
    f"<button type=button formaction={T}/x>",
    f"<input type=text formaction={T}/x>",
    f"<base href={T}/y/><form action=''><iframe src></iframe><embed src=' '>",
    f"<svg><link rel=canonical href={T}/x /><iframe src={T}/x></svg>".replace("<iframe", "<image"),
    f"<template><iframe src={T}/x></iframe></template>",
    f"<!--<iframe src={T}/x></iframe>-->",
    f"<p>a comment<link rel=canonical href={T}/x>",
    f"<img src={T}/x><script src={T}/x></script><video src={T}/x></video><blockquote cite={T}/x></blockquote>",
)


def found(body: str, parse: Parser) -> list[tuple[str, str, str, str]]:
    content = PageContent(body.encode(), f"{A}/page", "utf-8", parse)
    links = [
        link
        for link, _ in elements(
            content,
            Targets.parse(["target.example"]).match,
        )
    ]
    assert not any(link.has_vote for link in links)
    return [(link.link_type, link.url, link.raw_href, link.anchor) for link in links]


@pytest.mark.parametrize(("body", "link_type", "raw_href", "anchor"), ELEMENTS)
def test_an_element_is_a_link_of_its_type(
    body: str, link_type: str, raw_href: str, anchor: str, each_parser: Parser
) -> None:
    assert found(body, each_parser) == [(link_type, f"{T}/x", raw_href, anchor)]


@pytest.mark.parametrize("body", NOTHING)
def test_these_are_none(body: str, each_parser: Parser) -> None:
    assert found(body, each_parser) == []


def kinds(rows: list[Backlink]) -> list[tuple[str, str, str]]:
    assert all(row.follow is None and row.nofollow_by == () for row in rows)
    return sorted((row.link_type, row.source_url.removeprefix(A), row.target_url.removeprefix(T)) for row in rows)


def plant(web: FakeWeb) -> dict[str, State]:
    """One page of each kind; what verify answers for each."""
    web.page(f"{T}/*", "<p>ours")
    web.page(f"{A}/frame", f"<iframe src={T}/frame></iframe>")
    web.page(f"{A}/head", f"<link rel=canonical href={T}/canonical><link rel=alternate href={T}/alternate><p>Words.")
    web.page(f"{A}/header", "<p>no trace", headers=[("Link", f'<{T}/header>; rel="canonical", </x>; rel=next')])
    web.page(f"{A}/refresh", f"<meta http-equiv=refresh content='3;url={T}/refresh'>")
    web.page(f"{A}/slow", f"<meta http-equiv=refresh content='300;url={T}/slow'>")
    web.redirect(f"{A}/redirect", f"{T}/redirect", 302)
    web.redirect(f"{A}/chain", "/between", 301)
    web.redirect(f"{A}/between", "//target.example/chain", 308)
    web.page(f"{A}/onward", "<meta http-equiv=refresh content='0;between2'>")
    web.redirect(f"{A}/between2", f"{T}/onward", 307)
    web.page(f"{A}/feed", RSS, content_type="application/rss+xml")
    web.page(f"{A}/xml", RSS.replace(T, f"{T}/x"), content_type="text/xml; charset=utf-8")
    web.page(f"{A}/map", f"<urlset><url><loc>{T}/map</loc></url></urlset>", content_type="text/xml")
    return {
        **dict.fromkeys(("/frame", "/head", "/header", "/feed", "/xml"), State.NOT_LINKED),
        **dict.fromkeys(("/refresh", "/slow", "/redirect", "/chain", "/onward"), State.REDIRECTED),
        "/map": State.NOT_HTML,
    }


RIGHT = [
    ("alternate", "/head", "/alternate"),
    ("canonical", "/head", "/canonical"),
    ("feed", "/feed", "/item"),
    ("feed", "/feed", "/said"),
    ("feed", "/xml", "/x/item"),
    ("feed", "/xml", "/x/said"),
    ("frame", "/frame", "/frame"),
    ("http_link", "/header", "/header"),
    ("meta_refresh", "/onward", "/onward"),
    ("meta_refresh", "/refresh", "/refresh"),
    ("meta_refresh", "/slow", "/slow"),
    ("redirect", "/chain", "/chain"),
    ("redirect", "/redirect", "/redirect"),
]


def test_verify_finds_every_kind_and_calls_none_linked(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    states = plant(web)
    (tmp_path / "list.txt").write_text("\n".join(A + path for path in states))
    crawled = crawl("verify", candidates=str(tmp_path / "list.txt"))
    assert kinds(crawled.rows) == RIGHT
    assert {url.removeprefix(A): check.state for url, check in crawled.checks.items()} == states
    by_path = {row.source_url.removeprefix(A): row for row in crawled.rows}
    assert by_path["/chain"].via == (f"308 {A}/between",)
    assert (by_path["/chain"].source_status, by_path["/chain"].raw_href) == (301, "/between")
    assert by_path["/onward"].via == (f"307 {A}/between2",)
    assert (by_path["/header"].rel, by_path["/header"].source_status) == (("canonical",), 200)
    assert {row.anchor for row in crawled.rows if row.link_type == "feed"} == {"The map", "a chart"}
    assert crawled.checks[f"{A}/frame"].reason == "no link, but it names the target: frame"
    assert crawled.checks[f"{A}/redirect"].reason == "sends its visitors on to the target"
    assert crawled.stats["backlinks/link_types/redirect"] == 2
    assert not [url for url in crawled.asked if url.startswith((f"{T}/refresh", f"{T}/slow", f"{T}/frame"))]


def test_discover_finds_them_too_and_follows_none(web: FakeWeb, crawl: CrawlFunction) -> None:
    states = plant(web)
    web.page(f"{A}/", "".join(f"<a href={path}>x</a>" for path in [*states, "/own"]))
    web.page(f"{A}/own", f"<iframe src={A}/framed></iframe><link rel=canonical href={A}/named><form action=/asked>")
    crawled = crawl("discover", seeds=f"{A}/")
    told = [(kind, source, target) for kind, source, target in RIGHT if kind != "feed"]
    told = [
        ("redirect", "/between2", target) if source == "/onward" else (kind, source, target)
        for kind, source, target in told
    ]
    assert kinds(crawled.rows) == sorted(told)
    assert not {f"{A}/framed", f"{A}/named", f"{A}/asked"} & set(crawled.asked)
    assert not [url for url in crawled.asked if url.startswith(T)]


def test_a_link_beside_them_makes_the_page_linked(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.page(f"{A}/", f"<iframe src={T}/></iframe><a href={T}/ rel=nofollow>t</a>")
    assert verify(crawl, tmp_path, f"{A}/") == {f"{A}/": (State.LINKED, "")}


def test_own_pages_that_redirect_among_themselves_are_no_referrers(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    web.redirect("http://target.example/", f"{T}/", scheme="http")
    web.page(f"{T}/", "<p>ours", scheme="https")
    (tmp_path / "list.txt").write_text("http://target.example/")
    assert crawl("verify", candidates=str(tmp_path / "list.txt")).rows == []
    (row,) = crawl("verify", candidates=str(tmp_path / "list.txt"), include_same_domain="yes").rows
    assert (row.link_type, row.flags) == ("redirect", ("same_domain",))


def test_a_redirect_that_robots_txt_closes_to_the_search_engine(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    web.robots("a.example", "User-agent: googlebot\nDisallow: /r")
    web.redirect(f"{A}/r", f"{T}/")
    web.page(f"{T}/", "gone", 404)
    (tmp_path / "list.txt").write_text(f"{A}/r")
    (row,) = crawl("verify", candidates=str(tmp_path / "list.txt")).rows
    assert (row.indexable, row.noindex_by) == (False, ("robots.txt:googlebot",))


# --- claims and history -------------------------------------------------------------------------------------------------


def test_a_claim_may_mean_a_redirect_but_means_a_link_first(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    web.redirect(f"{A}/r", f"{T}/x")
    web.page(f"{T}/x", "<p>ours")
    web.page(f"{A}/both", f"<iframe src={T}/x></iframe><a href={T}/x rel=nofollow>the map</a>")
    (tmp_path / "claims.csv").write_text(
        f"Referring page URL,Target URL,Anchor,Nofollow\n{A}/r,{T}/x,,false\n{A}/both,{T}/x,the map,true\n"
    )
    crawled = crawl("verify", candidates=str(tmp_path / "claims.csv"))
    assert {row.link_type: bool(row.claimed_by) for row in crawled.rows} == {
        "redirect": True,
        "frame": False,
        "text": True,
    }
    assert {check.claim_mismatch for check in crawled.checks.values()} == {()}


def test_a_history_tells_a_link_from_a_frame_to_the_same_address(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    history = str(tmp_path / "h.db")
    (tmp_path / "list.txt").write_text(f"{A}/page\n{A}/moves")

    def visit(page: str, moves: str = "", to: str = "") -> list[tuple[str, str, str]]:
        web.page(f"{A}/page", page)
        if to:
            web.redirect(f"{A}/moves", to)
        else:
            web.page(f"{A}/moves", moves)
        crawl("verify", candidates=str(tmp_path / "list.txt"), BACKLINKBOT_HISTORY_URL=history)
        with History.open(history) as known:
            run = known.last_run()
            return sorted((c.kind, c.reason, c.source_url.removeprefix(A)) for c in known.changes(run=run))

    web.page(f"{T}/*", "<p>ours")
    frame = f"<iframe src={T}/></iframe>"
    assert visit(f"<a href={T}/>t</a>{frame}", f"<a href={T}/x>t</a>") == [
        ("new", "page_found", "/moves"),
        ("new", "page_found", "/page"),
        ("new", "page_found", "/page"),
    ]
    # The frame is no consolation for the link; a page that redirects has no links, and is one.
    assert visit(frame, to=f"{T}/x") == [
        ("lost", "page_redirected", "/moves"),
        ("lost", "removed_from_page", "/page"),
        ("new", "link_found", "/moves"),
    ]
    assert visit(frame, to=f"{T}/x") == []
    with History.open(history) as known:
        states = sorted((row.source_url.removeprefix(A), row.link_type, row.state) for row in known.backlinks())
    assert states == [
        ("/moves", "redirect", "live"),
        ("/moves", "text", "lost"),
        ("/page", "frame", "live"),
        ("/page", "text", "lost"),
    ]


def test_a_recheck_looks_at_redirects_and_feeds_again(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    history = str(tmp_path / "h.db")
    plant(web)
    (tmp_path / "list.txt").write_text(f"{A}/redirect\n{A}/feed\n{A}/header")
    crawl("verify", candidates=str(tmp_path / "list.txt"), BACKLINKBOT_HISTORY_URL=history)
    with History.open(history) as known:
        before = sorted((row.source_url, row.link_type, row.raw_href) for row in known.backlinks())
    later(history, 100)
    crawled = crawl("recheck", BACKLINKBOT_HISTORY_URL=history, targets=[])
    assert sorted((row.source_url, row.link_type, row.raw_href) for row in crawled.rows) == before
    assert {row.state for row in crawled.rows} == {"live"}


def test_the_journal_tells_it_again(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    plant(web)
    (tmp_path / "list.txt").write_text(f"{A}/redirect\n{A}/head")
    visits = tmp_path / "v.jsonl"
    crawl(
        "verify",
        candidates=str(tmp_path / "list.txt"),
        BACKLINKBOT_HISTORY_URL=str(tmp_path / "h.db"),
        BACKLINKBOT_VISITS=str(visits),
    )
    with History.open(str(tmp_path / "again.db")) as again, History.open(str(tmp_path / "h.db")) as first:
        replay(again, visit_log.read(visits.read_text().splitlines(), "v"), "v")
        rows = [
            sorted(map(repr, history.backlinks())) for history in (again, first)
        ]  # ids may differ: visits end in any order
        assert rows[0] == rows[1]
        assert len(rows[0]) == 3
    assert json.loads(visits.read_text().splitlines()[0])["run"]["extras"] == []
