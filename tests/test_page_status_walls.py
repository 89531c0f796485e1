"""Walls: each is told from a page, none is a loss on the first visit, and real pages are no walls."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import brotli
import pytest
from scrapy.http import Headers

from backlinkbot.download.wall_check import part_of_page, wall_headers, wall_in
from backlinkbot.extract.page import PageContent
from backlinkbot.history import History
from backlinkbot.history.observation import AWAY
from backlinkbot.items import Failure, State
from backlinkbot.page_status import soft_404, unfinished, walls
from backlinkbot.page_status.needles import Index, may_match, needles
from backlinkbot.page_status.walls.signs import expression
from tests.conftest import CrawlFunction, link
from tests.fakeweb import FakeWeb
from tests.wall_pages import ORDINARY_PAGES, WALL_PAGES, WallPage

ASKED: Final = "https://blog.example/page"
WORDS: Final = (
    "The harbour has two moles, a light at the end of each, and a chandler who sells maps of the tides. " * 30
)
ARTICLE: Final = f"<!doctype html><title>A walk around the harbour</title><h1>The harbour</h1><p>{WORDS}</p>"


def looked_at(page: WallPage) -> Failure | None:
    body, url = page.body.encode(), f"https://blog.example{page.at}" if page.at else ASKED
    headers = wall_headers(Headers(page.headers))
    return wall_in(body, lambda: PageContent(body, url, "utf-8"), url=url, requested_url=ASKED, headers=headers)


BY_ITS_BODY: Final = [page for page in WALL_PAGES if page.state is not State.INCOMPLETE or page.kind == "blank"]
PARTS: Final = {page.kind: page.body.encode() for page in WALL_PAGES if page.is_part}


@pytest.mark.parametrize("page", BY_ITS_BODY, ids=[page.kind for page in BY_ITS_BODY])
def test_a_wall_is_known(page: WallPage) -> None:
    found = looked_at(page)
    assert found is not None
    assert found.state is page.state
    assert found.reason


BY_COOKIE: Final = [page for page in BY_ITS_BODY if any(name == "set-cookie" for name, _ in page.headers)]


@pytest.mark.parametrize("page", BY_COOKIE, ids=[page.kind for page in BY_COOKIE])
def test_a_cookie_of_a_wall_is_evidence_where_the_page_is_next_to_empty(page: WallPage) -> None:
    """Vendors set most of these cookies on every page of a site, beside cookies of the site itself."""
    unnamed = looked_at(replace(page, headers=()))
    found = looked_at(page)
    assert found is not None
    assert unnamed is None or unnamed.reason != found.reason
    if page.kind in {"akamai-sec-cpt", "anubis-cookie"}:
        return  # which come with the test alone
    short = f"{page.body}<h1>Harbour</h1><p>The light on the north mole is green, that on the south mole red, and no ship goes out tonight.</p>"
    assert looked_at(replace(page, body=short, at="")) is None


SHORT: Final = [
    (
        "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>",
        "acw_tc=1",
    ),
    (
        "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
        "visid_incap_12=x",
    ),
    ("<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>", "__ddg1_=Jk"),
    ("<p>This post was deleted.</p>", "ak_bmsc=1~2"),
    ("<title>Harbour</title><p>The light is green.</p><script>count()</script>", "datadome=; Max-Age=0"),
    ("<title>Harbour</title><p>The light is green.</p><script>count()</script>", "datadome=deleted; Path=/; Max-Age=0"),
    (
        f"<title>Lines</title><p>The main line between two cities, in line with our values.</p>{'<p>A train. </p>' * 20}",
        "__cfwaitingroom=1",
    ),
]


@pytest.mark.parametrize(("body", "cookie"), SHORT, ids=range(len(SHORT)))
def test_a_cookie_that_every_page_of_a_site_sets_makes_no_wall_of_a_short_page(body: str, cookie: str) -> None:
    page = WallPage(kind="short", state=State.CHALLENGED, body=body, headers=(("set-cookie", cookie),))
    bare = looked_at(replace(page, headers=()))
    assert looked_at(page) == bare


def test_an_article_behind_a_redirect_with_the_cookie_of_a_login_is_a_page() -> None:
    menu = "".join(f'<a href="/{number}">Part {number}</a>' for number in range(6))
    body = f"<title>Harbour</title><nav>{menu}</nav><p>{'The harbour has two moles. ' * 20}</p>"
    headers = (("set-cookie", "wordpress_test_cookie=WP%20Cookie%20check; path=/"),)
    assert looked_at(WallPage(kind="new", state=State.LOGIN, body=body, at="/new", headers=headers)) is None


@pytest.mark.parametrize(("count", "state"), [(12, State.LOGIN), (13, None)])
def test_a_page_of_few_words_that_asks_to_log_in_is_no_wall_if_it_has_many_links(
    count: int, state: State | None
) -> None:
    links = " ".join(f'<a href="https://site{number}.example/">Harbour</a>' for number in range(count))
    body = f"<title>Friends</title><p>You must be logged in to view this page.</p>{links}"
    found = looked_at(WallPage(kind="login", state=State.LOGIN, body=body))
    assert (found.state if found is not None else None) is state


def test_a_page_at_the_address_of_a_wall_is_no_wall_if_the_visit_began_at_such_one() -> None:
    url = "https://news.queue-it.net/harbour"
    body = f"<title>Harbour</title><h1>The harbour</h1><p>{'The harbour has two moles. ' * 20}</p>".encode()

    def look(requested_url: str) -> Failure | None:
        return wall_in(body, lambda: PageContent(body, url, "utf-8"), url=url, requested_url=requested_url, headers=())

    assert look("https://queue-it.net/harbour") is None
    redirected = look(ASKED)
    assert redirected is not None
    assert redirected.state is State.QUEUE


def test_every_cookie_by_which_walls_are_known_is_found_beside_those_of_the_site() -> None:
    headers = Headers()
    for cookie in ("PHPSESSID=1; Path=/", "datadome=a~b; Max-Age=31536000; Secure", "lang=en", "incap_ses_12_3=x=="):
        headers.appendlist("Set-Cookie", cookie)
    headers["X-Sucuri-Block"] = "1"
    assert wall_headers(headers) == (
        ("x-sucuri-block", "1"),
        ("set-cookie", "datadome"),
        ("set-cookie", "incap_ses_12_3"),
    )
    assert wall_headers(Headers({"Set-Cookie": "PHPSESSID=1"})) == ()


def test_every_state_of_a_wall_has_pages() -> None:
    known = {wall.state for wall in (*walls.KNOWN, *walls.UNLISTED.values())}
    assert known == {page.state for page in WALL_PAGES} - {State.INCOMPLETE}


@pytest.mark.parametrize("page", BY_ITS_BODY, ids=[page.kind for page in BY_ITS_BODY])
def test_an_article_that_speaks_of_a_wall_is_a_page(page: WallPage) -> None:
    """What the wall says, quoted in a long page at the address that was asked for; headers say it of no such page."""
    text = PageContent(page.body.encode(), ASKED, "utf-8").document.root
    quoted = text.text.replace("<", "&lt;") if text is not None else ""
    assert looked_at(replace(page, body=f"{ARTICLE}<blockquote>{quoted}</blockquote>", headers=(), at="")) is None


@pytest.mark.parametrize("body", PARTS.values(), ids=PARTS)
def test_a_part_of_a_page_is_incomplete(body: bytes) -> None:
    found = part_of_page(body, lambda: PageContent(body, ASKED, "utf-8"))
    assert found is not None
    assert found.state is State.INCOMPLETE


@pytest.mark.parametrize(
    ("body", "is_text"),
    [
        (gzip.compress(ARTICLE.encode()), False),
        (brotli.compress(ARTICLE.encode()), False),
        (ARTICLE.encode("utf-32"), False),
        (b"\xff\xfe" + ARTICLE.encode("utf-16-le"), True),
        (ARTICLE.replace("harbour", "har\0bour").encode(), True),
        (ARTICLE.encode(), True),
    ],
    ids=["gzip", "br", "utf-32", "utf-16", "NUL", "text"],
)
def test_a_body_in_an_encoding_that_no_header_names_is_incomplete(body: bytes, *, is_text: bool) -> None:
    found = part_of_page(body, lambda: PageContent(body, ASKED))
    assert (found is None) == is_text


@pytest.mark.parametrize(
    ("charset", "is_read"),
    [("utf-16", False), ("UTF-16BE", False), ("iso-2022-kr", False), ("utf-8", True), ("koi8-r", True), ("none", True)],
)
def test_a_body_in_another_encoding_than_its_header_names_is_incomplete(charset: str, *, is_read: bool) -> None:
    body = ARTICLE.encode()
    found = part_of_page(body, lambda: PageContent(body, ASKED, charset), charset)
    assert (found is None) == is_read
    wide = b"\xff\xfe" + ARTICLE.encode("utf-16-le")
    assert part_of_page(wide, lambda: PageContent(wide, ASKED, charset), charset) is None


@pytest.mark.parametrize("html", ORDINARY_PAGES.values(), ids=ORDINARY_PAGES)
def test_an_ordinary_page_about_a_wall_is_a_page(html: str) -> None:
    body = html.encode()
    content = PageContent(body, ASKED, "utf-8")
    assert wall_in(body, lambda: content, url=ASKED, requested_url=ASKED) is None
    assert part_of_page(body, lambda: content) is None
    assert not unfinished.may_break_off(body)
    assert not soft_404.evidence(content)


@pytest.mark.parametrize(
    "body",
    [
        "<html><body><div id=page><h1>The harbour</h1><p>The first",
        "<html><body><main><article><p>The harbour has two moles.</p>",
        "<html><body><p>The harbour<script>var a = 1;",
    ],
)
def test_a_page_may_break_off(body: str) -> None:
    assert unfinished.may_break_off(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        "<title>Without end tags</title><body><p>The harbour<p>has two moles.",
        "<html><body><div><p>The harbour</div></body>",
        "<p>The harbour <b>has",
    ],
)
def test_a_page_without_optional_end_tags_is_whole(body: str) -> None:
    assert not unfinished.may_break_off(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        ARTICLE,
        "<!doctype html><title>Notes</title><p>A short note about a boat.</p>",
        "<!doctype html><title>Links</title><a href='https://one.example/'>one</a> <a href='https://two.example/'>two</a>",
        "<!doctype html><title>Gallery</title><img src=boat.jpg alt=''>",
        "<!doctype html><title>Contact</title><form><input name=email><textarea></textarea><div class='g-recaptcha'></div></form>",
        "<!doctype html><title>App</title><div id=root></div><script src=/app.js></script>",  # see part_of_page
    ],
)
def test_a_small_page_is_a_page(body: str) -> None:
    assert wall_in(body.encode(), lambda: PageContent(body.encode(), ASKED), url=ASKED, requested_url=ASKED) is None


def test_the_login_page_that_was_asked_for_is_a_page() -> None:
    body = b"<title>Log in</title><h1>Log in</h1><p>Please log in.</p><form><input type=password></form>"
    url = "https://blog.example/login"
    assert wall_in(body, lambda: PageContent(body, url), url=url, requested_url=url) is None


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (r"too many requests", {"too many requests"}),
        (r"too (?:many|few) requests?", {" request"}),
        (r"colou?r of (?:the )?light", {"r of "}),
        (r"(?:unusual|suspicious) \w+", {"unusual", "suspicious"}),
        (r"queue|waiting", {"queue", "waiting"}),
        (r"\d+|queue", set()),
        (r"(?:maybe)?", set()),
        (r"ab{2}c{0,3}def", {"def"}),
        (r"安全", {"安全"}),
    ],
)
def test_what_a_text_must_hold_for_an_expression_to_be_found_in_it(pattern: str, wanted: set[str]) -> None:
    assert set(needles(pattern)) == wanted


def test_no_needle_hides_a_sign() -> None:
    patterns = {sign.text for wall in walls.KNOWN for sign in wall.signs if sign.text}
    index = Index(patterns)
    for page in BY_ITS_BODY:
        content = PageContent(page.body.encode(), ASKED, "utf-8")
        answer = walls.Answer(url=ASKED, requested_url=ASKED, body=page.body.encode(), content=content)
        found = {pattern for pattern in patterns if expression(pattern).search(answer.text)}
        assert found <= index.possible(answer.text), page.kind
        assert all(may_match(pattern, answer.text) for pattern in found), page.kind


# --- two visits -------------------------------------------------------------------------------------------------------


def half(pack: Callable[[bytes], bytes]) -> bytes:
    body = pack(f"{ARTICLE}{''.join(f'<p>{n * 7919 % 10007}</p>' for n in range(3_000))}{link()}".encode())
    return body[: len(body) // 2]


HALVES: Final = {
    "gzip": half(gzip.compress),
    "deflate": half(zlib.compress),
    "br": half(lambda data: brotli.compress(data, quality=3)),
}
REMOVALS: Final[dict[str, str]] = {
    "link-removed": ARTICLE,
    "title-changed": ARTICLE.replace("A walk around the harbour", "Two moles and a light"),
    "half-of-the-text": ARTICLE[: len(ARTICLE) // 2],
    "no-links-of-its-own": "<!doctype html><title>A walk around the harbour</title><p>The harbour is closed for the winter.</p>",
    "another-link": f"{ARTICLE}<a href='https://other.example/'>elsewhere</a>",
}
WITH_LINK: Final = dict.fromkeys(REMOVALS, f"{ARTICLE}{link()}")
"""Each page before its link was removed."""
for _title in ("Page not found", "404", "Nicht gefunden"):
    _name = f"called-{_title.lower().replace(' ', '-')}"
    REMOVALS[_name] = (
        f"<!doctype html><title>{_title}</title><h1>{_title}</h1><p>This page is a poem that Ida wrote in March when big waves broke on pier nine.</p>"
    )
    WITH_LINK[_name] = REMOVALS[_name].replace("</p>", f" {link()}</p>")
for _name, _page in ORDINARY_PAGES.items():
    if "</article>" in _page:
        REMOVALS[f"about-{_name}"] = _page
        WITH_LINK[f"about-{_name}"] = _page.replace("</article>", f"<p>{link()}</p></article>")


def set_now(monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    seconds = datetime.fromisoformat(now).timestamp()
    monkeypatch.setattr("backlinkbot.spiders.base.time", lambda: seconds)


def put_up(web: FakeWeb) -> None:
    """Each page as its second visit finds it."""
    for page in WALL_PAGES:
        url = f"https://{page.kind}.example/page"
        if page.at:
            web.redirect(url, page.at, 302)
            url = f"https://{page.kind}.example{page.at}"
        web.page(url, page.body, page.status, page.headers)
    for name, body in HALVES.items():
        web.page(f"https://half-{name}.example/page", body, headers=[("Content-Encoding", name)])
    web.page("https://half-plain.example/page", f"{ARTICLE * 20}{link()}", pace="cut")
    web.page(
        "https://unknown-encoding.example/page",
        gzip.compress(ARTICLE.encode()),
        headers=[("Content-Encoding", "gzip, utf-8")],
    )
    web.refuse("https://outage.example/page")
    web.page("https://failing.example/page", "failing", 500)
    for name, text in REMOVALS.items():
        web.page(f"https://{name}.example/page", text)


@pytest.mark.slow
def test_no_wall_is_a_loss_on_the_first_visit_and_every_removal_is(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen = {page.kind: page.state for page in WALL_PAGES}
    unseen |= dict.fromkeys((f"half-{name}" for name in (*HALVES, "plain")), State.INCOMPLETE)
    unseen |= {"unknown-encoding": State.INCOMPLETE, "outage": State.UNREACHABLE, "failing": State.SERVER_ERROR}
    candidates = tmp_path / "candidates.txt"
    candidates.write_text("\n".join(f"https://{name}.example/page" for name in (*unseen, *REMOVALS)))
    history = str(tmp_path / "h.db")

    def lost() -> dict[str, str]:
        with History.open(history) as opened:
            changes = list(opened.changes(run=opened.last_run()))
        assert all(change.kind.value in {"new", "lost"} for change in changes)
        return {
            c.source_url.split("/")[2].removesuffix(".example"): c.reason.value
            for c in changes
            if c.kind.value == "lost"
        }

    for name in unseen:
        web.page(f"https://{name}.example/page", f"{ARTICLE}{link()}")
    for name, text in WITH_LINK.items():
        web.page(f"https://{name}.example/page", text)
    set_now(monkeypatch, "2026-01-01T12:00:00Z")
    first = crawl("verify", candidates=str(candidates), history=history, RETRY_TIMES=0)
    assert len(first.rows) == len(unseen) + len(REMOVALS)

    put_up(web)
    set_now(monkeypatch, "2026-01-02T12:00:00Z")
    second = crawl("verify", candidates=str(candidates), history=history, RETRY_TIMES=0)
    states = {url.split("/")[2].removesuffix(".example"): check.state for url, check in second.checks.items()}
    assert {name: states[name] for name in unseen} == unseen
    assert lost() == dict.fromkeys(REMOVALS, "removed_from_page")
    for state in State:
        pages = sum(of == state for of in states.values())
        if state in {State.INCOMPLETE, State.CHALLENGED, State.PARKED}:
            assert second.stats[f"backlinks/pages/{state}"] == pages > 0

    set_now(monkeypatch, "2026-01-03T12:00:00Z")
    crawl("verify", candidates=str(candidates), history=history, RETRY_TIMES=0)
    away = {name for name, state in unseen.items() if state.value in AWAY}
    assert lost() == dict.fromkeys(away, "page_gone")


def test_half_a_page_shows_its_links_and_loses_none(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = link("https://target.example/one"), link("https://target.example/two")
    noise = "".join(f"<p>{n * 7919 % 10007}</p>" for n in range(4_000))
    whole = f"<!doctype html><title>Both</title>{one}{noise}{two}".encode()
    packed = gzip.compress(whole)
    history = str(tmp_path / "h.db")
    url = "https://both.example/page"
    seen = []
    for day, body in enumerate((packed, packed[: len(packed) // 2], packed), 1):
        web.page(url, body, headers=[("Content-Encoding", "gzip")])
        set_now(monkeypatch, f"2026-01-0{day}T12:00:00Z")
        (tmp_path / "c.txt").write_text(url)
        found = crawl("verify", candidates=str(tmp_path / "c.txt"), history=history, RETRY_TIMES=0)
        with History.open(history) as opened:
            changes = [change.kind.value for change in opened.changes(run=opened.last_run())]
        seen.append((found.checks[url].state, sorted(row.target_url[-3:] for row in found.rows), changes))
    assert seen == [
        (State.LINKED, ["one", "two"], ["new", "new"]),
        (State.LINKED, ["one"], []),
        (State.LINKED, ["one", "two"], []),
    ]


def looked_at_as(url: str, requested_url: str, body: str) -> Failure | None:
    page = body.encode()
    return wall_in(page, lambda: PageContent(page, url), url=url, requested_url=requested_url)


def test_a_place_that_was_asked_for_is_no_wall() -> None:
    body = "<!doctype html><title>Accounts</title><h1>Accounts</h1><p>One of your accounts.</p><a href=/help>Help</a>"
    login = "https://accounts.google.com/signin/v2?continue=x"
    assert looked_at_as(login, ASKED, body) is not None
    assert looked_at_as(login, login, body) is None


@pytest.mark.parametrize(("links", "is_wall"), [(3, True), (40, False)])
def test_a_page_of_many_links_is_no_login(links: int, *, is_wall: bool) -> None:
    menu = "".join(f"<a href=/{number}>{number}</a> " for number in range(links))
    body = f"<!doctype html><title>Harbour</title><p>Please log in to continue.</p>{menu}"
    assert (looked_at_as(ASKED, ASKED, body) is not None) is is_wall
