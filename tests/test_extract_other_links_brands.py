"""Brands that a page names, linked or not: whole words of its text, with the words around them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from backlinkbot import urls
from backlinkbot.errors import SettingError
from backlinkbot.extract.html import Parser
from backlinkbot.extract.link import Link
from backlinkbot.extract.other_links.brands import MOST_OF_BRAND, Brands, brand_mentions
from backlinkbot.extract.page import PageContent
from backlinkbot.prefilter import Prefilter
from backlinkbot.targets import Targets
from tests.conftest import CrawlFunction, visit_again
from tests.cost import cpu_seconds_at_most
from tests.fakeweb import FakeWeb

TARGETS = Targets.parse(["target.example"])
NAMED: tuple[tuple[str, str, list[str]], ...] = (
    ("Acme Pens", "<p>We like Acme Pens.", ["Acme Pens"]),
    ("Acme Pens", "<p>ACME pens, acme PENS", ["ACME pens", "acme PENS"]),
    ("Acme Pens", "<p>Acme&nbsp;Pens; Acme\n  Pens", ["Acme Pens", "Acme Pens"]),
    ("Acme Pens", "<p>Acme<br>Pens", ["Acme Pens"]),
    ("Acme Pens", "<p><b>Acme</b> <i>Pens</i>", ["Acme Pens"]),
    ("Acme Pens", "<p>A<b>c</b>me Pens", []),  # nowhere as it is in the bytes, so that the prefilter would not see it
    ("Acme", "<p>(Acme), “Acme” Acme's Acme-like", ["Acme"] * 4),
    ("Acme", "<p><a href=/x>Acme</a> <a href=https://target.example/>Acme</a>", ["Acme", "Acme"]),
    ("Acme", "<p>日本のAcmeは", ["Acme"]),
    ("小米", "<p>我的小米手机", ["小米"]),
    ("Яндекс", "<p>ЯНДЕКС и яндекс", ["ЯНДЕКС", "яндекс"]),
    (
        "Straßen Bau",
        "<p>ıSTRASSEN BAU STRASSEN BAU",
        ["STRASSEN BAU"],
    ),
    ("Café Noir", "<p>CAFÉ NOIR, Cafe\u0301 noir, Caf&eacute; Noir", ["CAFÉ NOIR", "Cafe\u0301 noir", "Café Noir"]),
    ("Levi's", "<p>Levi’s Levi&#39;s", ["Levi’s", "Levi's"]),
    ("Coca-Cola", "<p>Coca\u2011Cola Coca–Cola", ["Coca\u2011Cola", "Coca–Cola"]),
    ("AT&T", "<p>AT&amp;T", ["AT&T"]),
    ("C++", "<p>C++ and C++", ["C++", "C++"]),
    ("Booking.com", "<p>by Booking.com.", ["Booking.com"]),
    ("Acme", "<p>&#304;&#304; ẞ Acme", ["Acme"]),  # characters whose folded forms are longer
    ("Acme", "<div>Acme<template>Acme</template></div>", ["Acme"]),
    ("Acme", "<table><td>Acme</td><td>x Acme</td></table>", ["Acme", "Acme"]),
    ("Acme", "<div><template shadowrootmode=open><p>Acme</template></div>", ["Acme"]),
)
UNNAMED = (
    "<p>Acmes Superacme Acme1 _Acme",
    "<p>acme.com www.acme.example me@acme.example me@acme",
    "<script>'Acme'</script><style>Acme</style><title>Acme</title><!-- Acme -->",
    "<img alt=Acme title=Acme><p data-x=Acme>",
    "<textarea>Acme</textarea><select><option>Acme</select>",
    "<meta name=description content=Acme>",
    "<p>Ac&shy;me",
)
PARTED = (
    "<p>Acme<p>Pens",
    "<table><td>Acme</td><td>Pens</td></table>",
    "<div>Acme<p>Pens</p></div>",
    "<p>Acme and Pens",
)


def found(name: str, body: str, parse: Parser) -> list[Link]:
    content = PageContent(body.encode(), "https://a.example/", "utf-8", parse)
    brands = Brands.parse([name], TARGETS)
    return [link for link, _ in brand_mentions(content, body.encode(), TARGETS.match, brands)]


@pytest.mark.parametrize(("name", "body", "right"), NAMED)
def test_a_name_is_found_as_whole_words(name: str, body: str, right: list[str], each_parser: Parser) -> None:
    links = found(name, body, each_parser)
    assert [link.raw_href for link in links] == right
    assert all(link.anchor == link.raw_href and link.url == "https://target.example/" for link in links)


@pytest.mark.parametrize("body", UNNAMED)
def test_parts_of_words_and_what_is_no_text_are_none(body: str, each_parser: Parser) -> None:
    assert found("Acme", body, each_parser) == []


@pytest.mark.parametrize("body", PARTED)
def test_words_of_two_blocks_are_no_name(body: str, each_parser: Parser) -> None:
    assert found("Acme Pens", body, each_parser) == []


def test_the_evidence_is_the_words_around_it_and_where_it_stands() -> None:
    body = (
        "<h2>Shops</h2><p>The best ink is that of <b>Acme</b>, says Ann.</p>"
        "<footer><p style=display:none>Acme</p><a href='https://target.example/x'>Acme</a></footer>"
    )
    content = PageContent(body.encode(), "https://a.example/")
    brands = Brands.parse(["Acme"], TARGETS)
    first, second, third = (link for link, _ in brand_mentions(content, body.encode(), TARGETS.match, brands))
    assert (first.context.context_before, first.context.context_after) == (
        "The best ink is that of",
        ", says Ann.",
    )
    assert first.context.heading == "Shops"
    assert (first.flags, first.flags_by) == (("brand",), ("brand:Acme",))
    assert not first.has_vote
    assert second.flags == ("brand", "hidden")
    assert third.flags_by == ("brand:Acme", "brand_linked:https://target.example/x")
    assert third.context.placement == "footer"


def test_mentions_of_a_page_are_bounded_and_the_rest_is_counted() -> None:
    body = "<p>Acme" * 1_000 + "<p>Zeta"
    content = PageContent(body.encode(), "https://a.example/")
    brands = Brands.parse(["Acme", "Zeta"], TARGETS)
    links = [link for link, _ in brand_mentions(content, body.encode(), TARGETS.match, brands)]
    assert [link.number for link in links] == [1] * (MOST_OF_BRAND + 1) + [1_000 - MOST_OF_BRAND]
    assert "more" in links[-1].flags


@pytest.mark.parametrize("text", ["Acme " * 100_000, "<b>Acme" * 20_000, "<p>Acme\n" * 50_000, "Acme ẞ" * 50_000])
def test_no_page_takes_long(text: str) -> None:
    with cpu_seconds_at_most(5):
        content = PageContent(text.encode(), "https://a.example/")
        list(brand_mentions(content, text.encode(), TARGETS.match, Brands.parse(["Acme Acme Pens", "Acme"], TARGETS)))


@pytest.mark.parametrize("name", ["", "  ", "A", "!!", "x" * 101])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match="brand"):
        Brands.parse([name], TARGETS)


def test_with_several_targets_each_brand_names_its_own() -> None:
    targets = Targets.parse(["target.example", "https://other.example/shop/"])
    (brand,) = Brands.parse(["Acme = Pens=https://other.example/shop/"], targets).all
    assert (brand.name, brand.target.name, brand.url) == (
        "Acme = Pens",
        "https://other.example/shop/",
        "https://other.example/shop/",
    )
    with pytest.raises(SettingError, match="write NAME=TARGET, where TARGET is one of target"):
        Brands.parse(["Acme"], targets)


def test_the_prefilter_lets_pages_through_that_name_a_brand_and_only_then() -> None:
    url = urls.parse("https://a.example/")
    assert url is not None
    named = Prefilter.for_targets(TARGETS, also=Brands.parse(["Acme Pens"], TARGETS).keys)
    assert named.may_link(b"<p>ACME&nbsp;pens", "", url)
    if not named.is_blind:
        assert not named.may_link(b"<p>others", "", url)
        assert not Prefilter.for_targets(TARGETS).may_link(b"<p>ACME pens", "", url)
    assert Prefilter.for_targets(TARGETS, also=Brands.parse(["小米"], TARGETS).keys).is_blind


def test_verify_and_discover_have_rows_of_mentions(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    a, b, c = (f"https://{name}.example/" for name in "abc")
    web.page(a, "<p>Acme Pens and acme pens and Acme Pens")
    web.page(b, "<p>Acme Pens <a href=https://target.example/>t</a>")
    web.page(c, "<p>Acme")
    (tmp_path / "list.txt").write_text(f"{a}\n{b}\n{c}")
    crawled = crawl("verify", candidates=str(tmp_path / "list.txt"), brands=["Acme Pens"])
    told = sorted((row.source_url, row.link_type, row.raw_href, row.occurrences) for row in crawled.rows)
    assert told == [
        (a, "mention", "Acme Pens", 2),
        (a, "mention", "acme pens", 1),
        (b, "mention", "Acme Pens", 1),
        (b, "text", "https://target.example/", 1),
    ]
    assert crawled.checks[a].reason == "no link, but it names the target: mention"
    assert crawled.checks[c].reason == "the page holds no link"
    web.page(f"{a}seed", f"<a href={a}>on</a>")
    assert {row.raw_href for row in crawl("discover", seeds=f"{a}seed", brands="Acme Pens; Zeta").rows} == {
        "Acme Pens",
        "acme pens",
    }
    assert crawl("verify", candidates=str(tmp_path / "list.txt")).rows[0].link_type == "text"


def test_a_run_that_does_not_look_for_a_brand_loses_none(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    visit = partial(visit_again, web, crawl, tmp_path)
    assert visit("<p>Acme", brands="Acme") == {"new": 1, "lost": 0}
    assert visit("<p>nothing") == {"new": 0, "lost": 0}
    assert visit("<p>nothing", mentions="yes", brands="Zeta") == {"new": 0, "lost": 0}
    assert visit("<p>nothing", brands="Acme") == {"new": 0, "lost": 1}
