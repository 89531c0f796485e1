"""Which kind of anchor is it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.reports.anchors import AnchorKind, AnchorReader, words
from backlinkbot.reports.generic_anchors import GENERIC
from tests.sample_links import row

TIDES = "https://target.example/guides/spring-tides.html"


def kind(anchor: str, reader: AnchorReader | None = None, **changed: object) -> str:
    return (reader or AnchorReader()).kind(row(anchor=anchor, **changed)).value


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        ("Target", "branded"),
        ("TARGET", "branded"),
        ("the Target atlas", "branded"),
        ("Target's maps", "branded"),
        ("visit Target", "branded"),
        ("Tárget", "branded"),
        ("Ｔａｒｇｅｔ", "branded"),
        ("targeted offers", "other"),
        ("off-target", "branded"),
        ("targetの地図", "branded"),
        ("Target을 보세요", "branded"),
        ("https://target.example/", "naked_url"),
        ("HTTP://somewhere.else/path", "naked_url"),
        ("//target.example", "naked_url"),
        ("www.target.example", "naked_url"),
        ("target.example", "naked_url"),
        ("Target.example/maps?a=b", "naked_url"),
        ("blog.target.example", "naked_url"),
        ("https://target.example/very-long...", "naked_url"),
        ("Node.js", "other"),
        ("at target.example", "branded"),
        ("here", "generic"),
        ("Click here »", "generic"),
        ("→ READ MORE …", "generic"),
        ("weiterlesen", "generic"),
        ("En savoir plus", "generic"),
        ("plus d'infos", "generic"),
        ("plus d\u2019infos", "generic"),
        ("こちら", "generic"),
        ("点击这里", "generic"),
        ("подробнее", "generic"),
        ("اقرأ المزيد", "generic"),
        ("[1]", "generic"),
        ("2026", "generic"),
        ("***", "generic"),
        ("\N{SMILING FACE WITH SUNGLASSES}", "generic"),
        ("read more about tides", "other"),
        ("", "empty"),
        ("   ", "empty"),
        ("\u200b\u00ad\ufeff", "empty"),
        ("a map of the tides", "other"),
        ("Karten der Küste", "other"),
    ],
)
def test_the_kind_of_an_anchor(anchor: str, expected: str) -> None:
    assert kind(anchor) == expected


@pytest.mark.parametrize(
    ("target_url", "anchor", "expected"),
    [
        (TIDES, "spring tides", "exact"),
        (TIDES, "Spring-Tides", "exact"),
        (TIDES, "springtides", "exact"),
        (TIDES, "the spring tides", "other"),
        (TIDES, "tides", "other"),
        (TIDES + "?a=b#c", "spring tides", "exact"),
        ("https://target.example/guides/", "Guides", "exact"),
        ("https://target.example/k%C3%BCste", "Küste", "exact"),
        ("https://target.example/target-maps", "Target maps", "branded"),
        ("https://target.example/here.html", "here", "generic"),
        ("https://target.example/2026/", "2026", "generic"),
        ("https://target.example/", "maps", "other"),
        ("http://[", "maps", "other"),
    ],
)
def test_exact_is_the_last_part_of_the_linked_address(target_url: str, anchor: str, expected: str) -> None:
    assert kind(anchor, target_url=target_url) == expected


@pytest.mark.parametrize("link_type", ["image", "area"])
@pytest.mark.parametrize("anchor", ["", "Target", "https://target.example/", "here"])
def test_a_picture_is_a_picture_whatever_its_alt_says(anchor: str, link_type: str) -> None:
    assert kind(anchor, link_type=link_type) == "image"


def test_keywords_are_exact_and_win_over_the_brand() -> None:
    reader = AnchorReader(keywords=["Target maps", "tide  tables!"])
    assert kind("target MAPS", reader) == "exact"
    assert kind("Tide Tables", reader) == "exact"
    assert kind("the tide tables", reader) == "other"


@pytest.mark.parametrize(
    ("target", "anchor", "expected"),
    [
        ("jordanmaps.com", "Jordan Maps", "branded"),
        ("jordanmaps.com", "by jordan-maps ltd", "branded"),
        ("my-shop.co.uk", "MyShop", "branded"),
        ("my-shop.co.uk", "my shopping", "other"),
        ("bücher.example", "Bücher", "branded"),
        ("xn--bcher-kva.example", "bucher", "branded"),
        ("subdomains:blog.citroen.fr", "Citroën", "branded"),
        ("https://github.com/name/", "GitHub", "other"),
        ("t.co", "t", "branded"),
        ("t.co", "a t b", "other"),
        ("192.0.2.1", "192", "generic"),
        ("not a target", "not", "other"),
    ],
)
def test_brands_come_from_the_target(target: str, anchor: str, expected: str) -> None:
    assert kind(anchor, target=target, target_url="https://elsewhere.test/") == expected


def test_an_alias_that_a_link_leads_to_is_a_brand_too() -> None:
    assert kind("Old Brand", target_url="https://www.old-brand.example/x") == "branded"
    assert kind("Old Brand") == "other"


def test_more_brands() -> None:
    reader = AnchorReader(brands=["Atlas of Harbours", "ハーバー"])
    assert kind("the ATLAS of harbours, 2nd edition", reader) == "branded"
    assert kind("新しいハーバーの本", reader) == "branded"
    assert kind("Harbours of the Atlas", reader) == "other"
    assert kind("anything", AnchorReader(brands=["", "..."])) == "other"


@pytest.mark.parametrize("language", GENERIC)
def test_generic_words_are_generic(language: str) -> None:
    said = [text.strip() for text in GENERIC[language].split("|")]
    assert [text for text in said if kind(text.upper()) != "generic"] == []
    assert len(set(said)) == len(said)


@given(st.text())
def test_every_anchor_has_a_kind(anchor: str) -> None:
    assert kind(anchor) in set(AnchorKind)


@given(st.text(), st.text())
def test_words_do_not_depend_on_case_or_signs(first: str, second: str) -> None:
    assert words(f"{first} » {second}") == words(first) + words(second)
