"""A fake web that hides its links in every way we know, crawled for real: each is found, flagged, and by the right evidence."""

from __future__ import annotations

from itertools import count

import pytest

from backlinkbot.extract.cloaking import Served, flagged
from tests.chromium import chromium
from tests.conftest import CrawlFunction
from tests.fakeweb import FakeWeb, Request
from tests.hidden_cases import CASES
from tests.processes import marked

__all__ = ["marked"]

T = "https://target.example"
HOME = "https://hiding.example"


def plant(web: FakeWeb) -> None:
    """A page for each case, its link to an address of its own."""
    for number, (markup, _) in enumerate(CASES):
        web.page(f"{HOME}/{number}", f"<!doctype html>{markup.replace(f'{T}/', f'{T}/{number}')}")
    web.page(f"{HOME}/", "".join(f"<a href=/{number}>.</a>" for number in range(len(CASES))))


def test_every_form_of_hiding_is_reported_with_its_evidence(crawl: CrawlFunction, web: FakeWeb) -> None:
    plant(web)
    web.page(f"{HOME}/a", f"<!-- <a href={T}/commented>t</a> --><template><a href={T}/template>t</a></template>")
    web.page(
        f"{HOME}/b", f"<p><noscript><a href={T}/noscript>t</a></noscript><iframe srcdoc='<a href={T}/iframe>t</a>'>"
    )
    web.page(f"{HOME}/c", f"<link rel=canonical href=/c2><a href={T}/canonical>t</a>")
    web.page(f"{HOME}/d", f"<meta name=googlebot content=noindex><a href={T}/meta>t</a>")
    web.page(f"{HOME}/e", f"<a href={T}/header>t</a>", headers=[("X-Robots-Tag", "noindex"), ("X-Robots-Tag", "none")])
    web.page(f"{HOME}/f", f"<a href={T}/closed>t</a>")
    web.page(f"{HOME}/g", f"<link rel=canonical href=http://hiding.example/g><a href={T}/itself>t</a>")
    web.robots("hiding.example", "User-agent: googlebot\nDisallow: /f\n")
    seeds = [f"{HOME}/", *(f"{HOME}/{name}" for name in "abcdefg")]
    rows = crawl("discover", seeds=seeds, max_pages_per_domain=1000).rows
    found = {row.target_url.removeprefix(f"{T}/"): row for row in rows}
    for number, (markup, evidence) in enumerate(CASES):
        said = [by.removeprefix("hidden:") for by in found[str(number)].flags_by if by.startswith("hidden:")]
        assert said == ([evidence] if evidence else []), markup
        assert ("hidden" in found[str(number)].flags) is bool(evidence), markup
    others = {name: (row.follow, row.flags_by) for name, row in found.items() if not name.isdigit()}
    assert others == {
        "commented": (None, ("commented:comment",)),
        "template": (None, ("template:element template",)),
        "noscript": (True, ("noscript:element noscript",)),
        "iframe": (True, ("iframe:srcdoc",)),
        "canonical": (True, (f"canonical_elsewhere:{HOME}/c2",)),
        "meta": (True, ("closed_to_googlebot:meta:googlebot",)),
        "header": (False, ("closed_to_googlebot:header:robots",)),
        "closed": (True, ("closed_to_googlebot:robots.txt:googlebot",)),
        "itself": (True, ()),
    }
    assert found["closed"].flags == ("closed_to_googlebot",)


def test_evidence_is_one_line_whatever_the_page_writes(crawl: CrawlFunction, web: FakeWeb) -> None:
    sheet = (
        "#x[title='=1+1,\u2028'], .odd\n,\n.x\t:not(.a\n,.b),\n{display:none} #x\n > [href*='\u202e']{opacity:0}"
        + "b" * 200
    )
    web.page(f"{HOME}/", f"<style>{sheet}</style><div id=x><a href='{T}/\u202e'>t</a></div>")
    (row,) = crawl("discover", seeds=f"{HOME}/").rows
    assert row.flags_by == ("hidden:sheet #x > [href*=' '] opacity:0",)


# --- in a browser -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.usefixtures("marked")
def test_a_browsers_word_takes_the_place_of_ours(crawl: CrawlFunction, web: FakeWeb) -> None:
    def page(body: str) -> str:
        return f"<!doctype html><link rel=stylesheet href=/s.css><body>{body}"

    pages = {
        "sheet": (page(f"<div class=away><a href={T}/sheet>t</a></div>"), "computed display:none on div"),
        "shown": (page(f"<div style=display:none class=back><a href={T}/shown>t</a></div>"), ""),
        "script": (
            page(f"<div id=d><a href={T}/script>t</a></div><script>d.style.opacity = 0</script>"),
            "computed opacity:0 on div",
        ),
        "condition": (
            page(f"<style>@media (min-width: 1px) {{ a {{ visibility: hidden }} }}</style><a href={T}/condition>t</a>"),
            "computed visibility:hidden",
        ),
        "far": (
            page(f"<a href={T}/far style='position:absolute;left:-400px;top:8px'>t</a>"),
            "computed off-screen at -400,8",
        ),
        "mark": (page(f"<a href={T}/mark data-1='computed x' hidden style=display:inline>t</a>"), ""),
        "empty": (page(f"<a href={T}/empty></a>"), "computed size 0x0"),
        "image": (page(f"<a href={T}/image><img src=/i.png></a>"), ""),
        "dot": (page(f"<a href={T}/dot><img src=/i.png width=1 height=1></a>"), "computed size 1x1 on img"),
        "unseen": (page(f"<a href={T}/unseen style=opacity:0><img src=/i.png></a>"), "computed opacity:0"),
        "plain": (page(f"<a href={T}/plain>t</a>"), ""),
    }
    for name, (body, _) in pages.items():
        web.page(f"{HOME}/{name}", body)
    web.page(f"{HOME}/s.css", ".away{display:none} .back{display:block!important}", content_type="text/css")
    web.page(f"{HOME}/", "".join(f"<a href=/{name}>.</a>" for name in pages))
    rows = crawl("discover", seeds=f"{HOME}/", browser=chromium(), render="always").rows
    found = {row.target_url.removeprefix(f"{T}/"): row for row in rows}
    assert {name: row.rendered for name, row in found.items()} == dict.fromkeys(pages, "both")
    said = {name: "".join(by.removeprefix("hidden:") for by in row.flags_by) for name, row in found.items()}
    assert {name: by.partition(" overflow")[0] for name, by in said.items()} == {n: by for n, (_, by) in pages.items()}


@pytest.mark.slow
@pytest.mark.usefixtures("marked")
def test_a_link_that_is_served_to_one_kind_of_visitor_only(crawl: CrawlFunction, web: FakeWeb) -> None:
    def is_browser(asked: Request) -> bool:
        return "sec-fetch-dest" in asked.headers

    def link(name: str) -> str:
        return f"<a href={T}/{name}>{name}</a>"

    web.page(f"{HOME}/crawlers", lambda asked: link("both") + ("" if is_browser(asked) else link("for-crawlers")))
    web.page(f"{HOME}/browsers", lambda asked: link("for-browsers") if is_browser(asked) else "<p>nothing</p>")
    web.page(f"{HOME}/scripts", f"<p id=p></p><script>p.innerHTML = '{link('by-script')}'</script>{link('same')}")
    turns = {name: count() for name in ("rotating", "new", "once")}
    web.page(f"{HOME}/rotating", lambda _: link(f"rotating-{next(turns['rotating']) % 2}"))
    web.page(f"{HOME}/new", lambda _: link(f"new-{next(turns['new'])}"))
    web.page(f"{HOME}/once", lambda _: link("once") if next(turns["once"]) == 0 else "<p>gone</p>")
    names = ("crawlers", "browsers", "scripts", "rotating", "new", "once")
    web.page(f"{HOME}/", "".join(f"<a href=/{name}>.</a>" for name in names))
    crawled = crawl("discover", seeds=f"{HOME}/", browser=chromium(), render="always")
    found = {row.target_url.removeprefix(f"{T}/"): row for row in crawled.rows}
    flags = {name: row.flags_by for name, row in found.items() if row.flags_by}
    assert flags == {
        "for-crawlers": ("crawler_only:in 2 of 2 answers to the crawler, in 0 of 2 to a browser",),
        "for-browsers": ("browser_only:in 0 of 2 answers to the crawler, in 2 of 2 to a browser",),
    }
    assert found["by-script"].rendered == "rendered_only"
    assert found["same"].rendered == "both"
    assert crawled.stats["backlinks/rendering/served_apart"] == 5
    asked = [hit.target for hit in web.hits if hit.host == "hiding.example"]
    assert [asked.count(f"/{name}") for name in names] == [4, 4, 2, 4, 4, 4]


def test_nobody_is_accused_by_a_single_answer() -> None:
    def answer(*urls: str, browser: bool = False) -> Served:
        return Served(is_for_browser=browser, urls=frozenset(urls))

    assert flagged(()) == {}
    assert flagged((answer("a"), answer(browser=True))) == {}
    assert flagged((answer("a"), answer("a"), answer(browser=True))) == {}
    assert flagged((answer("a"), answer(browser=True), answer(), answer(browser=True))) == {}
    assert flagged((answer("a"), answer(browser=True), answer("a"), answer("a", browser=True))) == {}
    assert [*flagged((answer("a", "b"), answer("b", browser=True), answer("a", "b"), answer("b", browser=True)))] == [
        "a"
    ]
