"""Pages that say that there is none: the templates of many systems in many languages, and articles that speak of them."""

from __future__ import annotations

import csv
import tomllib
from html import escape
from pathlib import Path

import pytest

from backlinkbot.extract.page import PageContent
from backlinkbot.page_status import soft_404
from backlinkbot.prefilter import tags_in
from tests.cost import cpu_seconds_at_most

DATA = Path(__file__).parent / "data" / "notfound" / "pages.tsv"
PROSE = (
    "The old harbour was closed for the winter, and the fishermen who had mended their nets on its quay since anybody could "
    "remember moved to the new one, where the wind comes from the sea and nobody sells tea. They came back in spring, "
    "one after the other, and said that they had never left. "
)


def pages() -> list[dict[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def html(page: dict[str, str], filling: str = "") -> bytes:
    body = page["body"].replace("PROSE", PROSE * 2)
    head = f'<meta charset="utf-8"><title>{escape(page["title"])}</title>'
    return f'<!doctype html><html lang="{page["language"]}"><head>{head}{filling}</head>{body}</html>'.encode()


def evidence(body: bytes) -> str:
    return soft_404.evidence(PageContent(body, "https://a.example/some/page", "utf-8"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: f"{page['system']}, {page['language']}: {page['title']}")
def test_what_a_page_says(page: dict[str, str]) -> None:
    assert bool(evidence(html(page))) == (page["says"] == "yes")


@pytest.mark.parametrize(
    "page",
    [page for page in pages() if page["says"] == "yes" and page["system"] not in {"squarespace", "mediawiki", "phpbb"}],
    ids=lambda page: f"{page['system']}, {page['language']}",
)
def test_no_large_page_that_says_so_in_its_title_or_headings_is_passed_over(page: dict[str, str]) -> None:
    assert soft_404.may_say(html(page, f"<style>{'p {color: red} ' * 400}</style>"), "")


def test_most_pages_are_told_by_their_bytes() -> None:
    styled = f"<style>{'p {color: red} ' * 400}</style>"
    doubtful = [page["title"] for page in pages() if page["says"] == "no" and soft_404.may_say(html(page, styled))]
    speak_of_it = {
        'How to fix a "Page not found" error',
        "Image not found in my gallery - Sailors",
        "Brass lantern | Sails & Ropes",
    }
    assert set(doubtful) <= {"Page Not Found", "404 - Almanac", "HTTP 404 - Harbourpedia"} | speak_of_it


def test_many_languages_are_in_the_table() -> None:
    assert len({page["language"] for page in pages() if page["says"] == "yes"}) >= 25


SAYS_SO = (
    "404", "Error 404", "404 Not Found", "404 - Page not found", "Page not found | Shop", "Not Found", "Shop - 404",
    "Oops! Page not found", "Sorry, page not found", "The requested URL was not found on this server", "Nothing found",
    "This page doesn't exist", "Seite nicht gefunden - Laden", "Fehler 404", "Page introuvable", "Página no encontrada",
    "Pagina non trovata", "Страница не найдена", "页面不存在", "HTTP 404", "404 error", "That page can't be found.",
    "U.S. Coast: 404 Error Page", "404: Page not found", "PAGE NOT FOUND", "Sorry, there is no page at this URL.",
)  # fmt: skip
SAYS_SOMETHING_ELSE = (
    "", "How to fix a 404 error", "Error 404: what to do about it", "Peugeot 404", "Room 404 Hotel", "The lost and found",
    "Things not found in shops", "Home", "404 Coffee Shop", "Not found in translation: a blog", "Found", "Page 404 of 500",
    "nothing", "missing", "Page moved", "A page", "Nothing here.", "The link is gone.", "The link was removed.", "No link here",
    "There is no link on this page", "This page has no links", "No longer a link",
)  # fmt: skip


@pytest.mark.parametrize("text", SAYS_SO)
def test_a_text_says_that_there_is_no_page(text: str) -> None:
    assert soft_404.says(text)


@pytest.mark.parametrize("text", SAYS_SOMETHING_ELSE)
def test_a_text_says_something_else(text: str) -> None:
    assert not soft_404.says(text)


def test_a_title_in_another_encoding_is_read() -> None:
    body = "<title>Страница не найдена</title>".encode("cp1251") + b"<p>" + b"x" * 4_000
    assert soft_404.may_say(body, "windows-1251")
    assert soft_404.may_say(b'<meta charset="windows-1251">' + body)
    assert not soft_404.may_say(body, "utf-8")


def test_hostile_texts_cost_little() -> None:
    words = ("not ", "the page is ", "404 ", "| ", "a", "leider ", "page not ", ": ", "strona nie ", "抱歉，", "la ")
    with cpu_seconds_at_most(20):
        for word in words:
            soft_404.says(word * 50_000)
            soft_404.may_say(f"<title>{word * 200}".encode() * 50)
            evidence(f"<title>{word * 1_000}</title><h1>{word * 1_000}</h1><p>{word * 1_000}".encode())


@pytest.mark.parametrize(
    "heading",
    [
        b"<title>Page not found</title>",
        b"<title>Shop</title><h1 class=x><a href='/'>Page</a> not found</H1>",
        b"<H1>Page not found</H1>",
        b"<title>Shop</title><h1>Our shop</h1><h2>x</h2><h1>Page not found</h1>",
        b"<title>Shop</title><h1>Page not found</h2>",
    ],
)
def test_title_or_heading_is_read_however_it_is_written(heading: bytes) -> None:
    assert soft_404.may_say(b"<!doctype html>" + heading + b"<p>word</p>" * 4_000)


@pytest.mark.parametrize(
    "heading",
    [
        b"",
        b"<title>Page not found",
        b"<title>Shop</title><h1 " + b"x" * 1_001 + b">Page not found</h1>",
        b"<title>Shop</title><h1>Page not found" + b" " * 1_000 + b"</h1>",
        b"<title>Shop</title><h1>Our shop</h1><h2>News</h2>",
    ],
)
def test_what_ends_too_late_is_no_title_or_heading(heading: bytes) -> None:
    assert not soft_404.may_say(b"<!doctype html>" + heading + b"<p>word</p>" * 4_000)


@pytest.mark.parametrize("name", ["h1", "h2", "H1", "H2"])
@pytest.mark.parametrize("title", [b"<title>Shop</title>", b"<TITLE>Shop</TITLE>", b""])
@pytest.mark.parametrize("gap", [0, 40_000, 63_990, 64_010, 130_000])
def test_one_scan_for_headings_finds_what_searches_find(name: str, title: bytes, gap: int) -> None:
    other = "h2" if name.lower() == "h1" else "h1"
    for headings in ((name,), (other, name), (name, name, name), (name, other, name)):
        parts = [f"<{one} id={n}>{n}</{one}>".encode() for n, one in enumerate(headings)]
        body = (b" " * gap).join([title, *parts, b"<p>word</p>" * 4_000])
        assert list(soft_404._texts(body, tags_in(body))) == list(soft_404._texts(body))


def test_a_page_of_headings_is_searched_as_without_a_scan() -> None:
    body = b"<title>Shop</title>" + b"<h3>x</h3><h2>Shop</h2>" * 2_000 + b"<h1>Page not found</h1>"
    assert tags_in(body) is None
    assert soft_404.may_say(body, "", tags_in)


# --- in a site's design -----------------------------------------------------------------------------------------------

IN_DESIGN = tomllib.loads((DATA.parents[1] / "soft_404.toml").read_text(encoding="utf-8"))
MENU = "".join(f"<li><a href=/{name}/>{name.title()}</a>" for name in ("shop", "blog", "about", "contact"))


def designed(title: str, own: str) -> bytes:
    head = f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head>'
    return f"{head}<body><nav><ul>{MENU}</ul></nav><main>{own}</main><footer><p>\u00a9 2024 Harbour</footer>".encode()


@pytest.mark.parametrize(("title", "own"), IN_DESIGN["errors"])
def test_an_error_page_in_a_site_s_design(title: str, own: str) -> None:
    body = designed(title, own)
    assert soft_404.may_say(body, "utf-8")
    assert evidence(body)


@pytest.mark.parametrize(("title", "text"), IN_DESIGN["articles"])
def test_an_article_with_the_words_of_an_error_page(title: str, text: str) -> None:
    assert not evidence(designed(f"{title} | Harbour", f"<article><h1>{title}</h1>{text}</article>"))
    assert not evidence(f'<meta charset="utf-8"><title>{title}</title><h1>{title}</h1>{text}'.encode())


@pytest.mark.parametrize("paragraphs", [1, 2, 4, 8])
@pytest.mark.parametrize(
    "title", ["Not found", "Page not found", "404", "Error 404", "File not found", "Nothing found"]
)
def test_a_story_with_the_title_of_an_error_page(title: str, paragraphs: int) -> None:
    assert not evidence(designed(f"{title} | Harbour", f"<h1>{title}</h1>" + f"<p>{PROSE}</p>" * paragraphs))


def test_an_error_page_with_the_latest_stories_below() -> None:
    stories = "".join(f"<div><a href=/{at}>Story {at}</a><p>{PROSE}</p></div>" for at in range(3))
    assert evidence(designed("Page not found", f"<h1>Page not found</h1><p>Sorry, we could not find it.</p>{stories}"))


ABOUT_LINKS = "The song has several links to the harbour, and each verse names another. "
LONG_ABOUT_LINKS = "The harbour's page of links lists boats, tides, chandlers, maps, pilots, lights and much more for sailors who look for it. "


def test_a_number_alone_is_too_little_for_an_error_page() -> None:
    text = "".join(f"<p>{ABOUT_LINKS}</p>" for _ in range(12))
    assert not evidence(f'<meta charset="utf-8"><title>404</title><h1>A song</h1>{text}'.encode())


def test_a_long_text_is_an_article_whatever_its_title() -> None:
    error = '<meta charset="utf-8"><title>Page not found</title><h1>Harbour</h1>'
    assert evidence(f"{error}<p>{LONG_ABOUT_LINKS}".encode())
    assert not evidence(f"{error}<p>{LONG_ABOUT_LINKS * 10}".encode())
