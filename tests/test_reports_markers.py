"""Quality markers: each with rows that show it, rows that just do not, and what it says was seen."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlinkbot.cli.main import main
from backlinkbot.errors import OutputError, UsageError
from backlinkbot.items import Backlink
from backlinkbot.reports.quality import markers
from backlinkbot.reports.quality.markers import RULES, DomainMarks, Marker, marks, parse_markers
from backlinkbot.reports.quality.own import NO_LINKS, OwnLinks, read_own_links
from backlinkbot.reports.quality.profile import Profile, relevance
from tests.conformance.shared_data import unpacked
from tests.conftest import examples
from tests.linkrows import backlink, backlinks, pages, write_rows

ROOT = Path(__file__).parent.parent


def owned(domain: str, *accounts: str) -> Backlink:
    return backlink(f"https://{domain}/", source_accounts=accounts or ("pub-1",))


def placed(row: Backlink, placement: str) -> Backlink:
    return replace(row, placement=placement)


def seen(row: Backlink, among: Sequence[Backlink] = (), **options: object) -> dict[Marker, str]:
    profile = Profile([row, *among], **options)  # type: ignore[arg-type]
    return {mark.marker: mark.evidence for mark in marks(row, profile)}


def others(count: int, **given: object) -> list[Backlink]:
    """Domains with nothing in common but what is given."""
    tlds = ("com", "net", "org", "info")
    return [
        backlink(f"https://other{n}.{tlds[n % 4]}/", **{"anchor": f"words number{n}"} | given) for n in range(count)
    ]


NETWORK = [
    backlink(f"https://net{n}.example/", target_url=f"https://target.example/{page}", anchor=f"cheap {page}")
    for n in range(5)
    for page in ("pills", "loans")
]
LINKED = OwnLinks(links={("target.example", "a.example"): "https://target.example/x links to https://a.example/"})

# (marker, the row, the other rows, options, what it says; None: nothing)
CASES: list[tuple[Marker, Backlink, list[Backlink], dict[str, object], str | None]] = [
    (Marker.NETWORK, NETWORK[0], NETWORK[1:], {}, "4 other domains have the same 2 links (URL and anchor): net1.example, net2.example, net3.example, ..."),
    (Marker.NETWORK, NETWORK[0], NETWORK[1:6], {}, "2 other domains have the same 2 links (URL and anchor): net1.example, net2.example"),
    (Marker.NETWORK, NETWORK[0], NETWORK[1:4], {}, None),
    (Marker.NETWORK, NETWORK[0], [*NETWORK[1:], backlink("https://net0.example/y", anchor="one more")], {}, None),
    (Marker.NETWORK, NETWORK[0], NETWORK[2::2], {}, None),
    (Marker.ANCHOR_REPETITION, backlink(anchor="cheap pills"), others(4, anchor="cheap pills"), {}, "5 of 5 referring domains use the anchor 'cheap pills'"),
    (Marker.ANCHOR_REPETITION, backlink(anchor="cheap pills"), others(3, anchor="cheap pills"), {}, None),
    (Marker.ANCHOR_REPETITION, backlink(anchor="cheap pills"), [*pages("b.example", 90, anchor="cheap pills")], {}, None),
    (Marker.ANCHOR_REPETITION, backlink(anchor="x pills"), [*others(33), *(backlink(f"https://p{n}.de/", anchor="x pills") for n in range(5))], {}, "6 of 39 referring domains use the anchor 'x pills'"),
    (Marker.ANCHOR_REPETITION, backlink(anchor="x pills"), [*others(35), *(backlink(f"https://p{n}.de/", anchor="x pills") for n in range(5))], {}, None),
    (Marker.ANCHOR_REPETITION, backlink(anchor="Target"), others(9, anchor="Target"), {}, None),
    (Marker.ANCHOR_REPETITION, backlink(anchor="https://target.example/"), others(9, anchor="https://target.example/"), {}, None),
    (Marker.ANCHOR_REPETITION, backlink(anchor="read more"), others(9, anchor="read more"), {}, None),
    (Marker.ANCHOR_REPETITION, backlink(anchor="", link_type="image"), others(9, anchor="", link_type="image"), {}, None),
    (Marker.SAME_OWNER, owned("a.example"), [owned("b.example"), owned("c.example")], {}, "2 other domains have the account pub-1: b.example, c.example"),
    (Marker.SAME_OWNER, backlink(), [owned("a.example"), owned("b.example"), owned("c.example")], {}, "2 other domains have the account pub-1: b.example, c.example"),
    (Marker.SAME_OWNER, owned("a.example"), [owned("b.example"), owned("b.example"), owned("www.b.example")], {}, None),
    (Marker.SAME_OWNER, owned("a.example"), [owned("b.example"), owned("c.example", "pub-2")], {}, None),
    (Marker.SAME_OWNER, owned("a.github.io"), [owned("b.github.io"), owned("c.github.io")], {}, None),
    (Marker.SAME_OWNER, owned("a.github.io"), [owned("b.example"), owned("c.example")], {}, "2 other domains have the account pub-1: b.example, c.example"),
    (Marker.SAME_OWNER, owned("a.example", "UA-24232453"), [owned("b.example", "UA-24232453"), owned("c.example", "UA-24232453")], {}, None),
    (Marker.SAME_OWNER, owned("a.example"), [owned(f"p{n}.example") for n in range(99)], {}, "99 other domains have the account pub-1: p0.example, p1.example, p10.example, ..."),
    (Marker.SAME_OWNER, owned("a.example"), [owned(f"p{n}.example") for n in range(100)], {}, None),
    (Marker.HIDDEN, backlink(flags=("hidden",)), [], {}, "the page hides the link from readers"),
    (
        Marker.HIDDEN,
        backlink(flags=("iframe", "hidden"), flags_by=("iframe:srcdoc", "hidden:style opacity:0 on div")),
        [],
        {},
        "the page hides the link from readers: style opacity:0 on div",
    ),
    (
        Marker.HIDDEN,
        backlink(flags=("crawler_only",), flags_by=("crawler_only:not served to a browser",)),
        [],
        {},
        "browsers are not served this link: not served to a browser",
    ),
    (Marker.HIDDEN, backlink(flags=("shadow", "noscript")), [], {}, None),
    (Marker.LINK_TRADE, backlink(source_title="Free Web Directory: submit your site"), [], {}, "the page's title says 'free web directory': 'Free Web Directory: submit your site'"),
    (Marker.LINK_TRADE, backlink(heading="Free automatic backlinks exchange"), [], {}, "the heading above the link says 'free automatic backlinks': 'Free automatic backlinks exchange'"),
    (Marker.LINK_TRADE, backlink(source_title="Backlinks and link building"), [], {}, None),
    (Marker.LINK_TRADE, backlink(context_before="Of link building,", context_after="and backlinks"), [], {}, None),
    (Marker.LINK_TRADE, backlink("https://link-exchange.example/"), [], {}, "the domain's name offers links: link-exchange.example"),
    (Marker.LINK_TRADE, backlink("https://backlinko.example/", source_title="What are backlinks? A beginner's guide"), [], {}, None),
    (Marker.LINK_TRADE, backlink(source_title="Link exchange - Wikipedia"), [], {}, None),
    (Marker.LINK_TRADE, backlink(heading="Backlinks to us"), [], {}, None),
    (Marker.LINK_TRADE, backlink(heading="Link exchange", target_url="https://backlink-checker.example/"), [], {}, None),
    (Marker.LINK_TRADE, backlink(anchor="lighthouse", context_before="Buy links and", context_after="or expired domains"), [], {}, "the text around the link says 'buy links', 'expired domains'"),
    (Marker.LINK_TRADE, backlink(context_before="We tell how backlinks work"), [], {}, None),
    (Marker.LINK_TRADE, backlink(source_title="Links, friends and the director's cut"), [], {}, None),
    (Marker.SPAM_TRADE, backlink(source_title="Online Casino and Poker bonus"), [], {}, "title and domain of the page say 'online casino', 'poker'"),
    (Marker.SPAM_TRADE, backlink("https://bestcasino24.example/", source_title="The casino"), [], {}, None),
    (Marker.SPAM_TRADE, backlink("https://bestcasino24.example/", source_title="Play poker"), [], {}, "title and domain of the page say 'poker', 'casino'"),
    (Marker.SPAM_TRADE, backlink(source_title="Casino bonus"), [], {}, None),
    (Marker.TRADE_ANCHOR, backlink(source_title="Rowing", context_before="Payday loans, buy essays", context_after="and kamagra"), [], {}, "the text around the link says 'payday loans', 'buy essays', 'kamagra'; the page's title, 'Rowing', says nothing like it"),
    (Marker.TRADE_ANCHOR, backlink(source_title="Rowing club", anchor="cheap pharmacy"), [], {}, "the anchor 'cheap pharmacy' says 'cheap pharmacy'; the page's title, 'Rowing club', says nothing like it"),
    (Marker.TRADE_ANCHOR, backlink(anchor="cheap pharmacy", follow=False), [], {}, None),
    (Marker.TRADE_ANCHOR, backlink(anchor="FDA approves diet pill Belviq after years"), [], {}, None),
    (Marker.TRADE_ANCHOR, backlink(source_title="Rowing club", anchor="judi slot"), [], {}, "the anchor 'judi slot' says 'judi slot'; the page's title, 'Rowing club', says nothing like it"),
    (Marker.TRADE_ANCHOR, backlink(source_title="Actors of the Royal Shakespeare Company", anchor="Judi Dench"), [], {}, None),
    (Marker.TRADE_ANCHOR, backlink(source_title="Cars of the 1970s", anchor="Ford Escort"), [], {}, None),
    (Marker.TRADE_ANCHOR, backlink(source_title="Magazines", anchor="Cracked"), [], {}, None),
    (Marker.TRADE_ANCHOR, backlink(source_title="Monaco travel guide", anchor="casino"), [], {}, None),
    (Marker.TRADE_ANCHOR, backlink(source_title="Monaco travel guide", anchor="online casino", target_url="https://grand-casino.example/"), [], {}, None),
    (Marker.TRADE_ANCHOR, backlink(source_title="Casino fire kills many", anchor="the casino"), [], {}, None),
    (Marker.SPAM_TRADE, backlink(source_title="A specialist of the socialist press"), [], {}, None),
    (Marker.OFF_SCREEN, backlink(flags=("hidden",), flags_by=("hidden:style left:-9999px on div",)), [], {}, "a style attribute hides the link: left:-9999px on div"),
    (Marker.OFF_SCREEN, backlink(flags=("hidden",), flags_by=("hidden:style font-size:0 on span",)), [], {}, "a style attribute hides the link: font-size:0 on span"),
    (Marker.OFF_SCREEN, backlink(flags=("hidden",), flags_by=("hidden:style color:#fff on a",)), [], {}, "a style attribute hides the link: color:#fff on a"),
    (Marker.OFF_SCREEN, backlink(flags=("hidden",), flags_by=("hidden:style left:-9999px on div",), follow=False), [], {}, None),
    (Marker.OFF_SCREEN, backlink(flags=("hidden",), flags_by=("hidden:style display:none on div",)), [], {}, None),
    (Marker.OFF_SCREEN, backlink(flags=("hidden",), flags_by=("hidden:sheet .skip left:-9999px on div",)), [], {}, None),
    (Marker.RECIPROCAL, backlink(), [], {"own_links": LINKED}, "https://target.example/x links to https://a.example/"),
    (Marker.RECIPROCAL, backlink("https://b.example/"), [], {"own_links": LINKED}, None),
    (Marker.RECIPROCAL, backlink(target_url="https://other.example/"), [], {"own_links": LINKED}, None),
    (Marker.RECIPROCAL, backlink(), [], {}, None),
    (Marker.SITEWIDE, backlink("https://a.example/9"), pages("a.example", 5), {}, "the same link with the same anchor on 6 of 6 pages of the domain that link here"),
    (Marker.SITEWIDE, backlink("https://a.example/9"), pages("a.example", 3), {}, None),
    (Marker.SITEWIDE, placed(backlink("https://a.example/9"), "footer"), [placed(row, "footer") for row in pages("a.example", 5)], {}, "the same link with the same anchor on 6 of 6 pages of the domain that link here, always in the footer"),
    (Marker.SITEWIDE, placed(backlink("https://a.example/9"), "content"), [placed(row, "footer") for row in pages("a.example", 5)], {}, None),
    (Marker.FOOTER, placed(backlink(), "footer"), [], {}, "the link is in the page's footer"),
    (Marker.FOOTER, placed(backlink(), "content"), [], {}, None),
    (Marker.FOOTER, backlink(), [], {}, None),
    (Marker.PARKED, backlink(source_title="A.example - Domain for Sale"), [], {}, "the page's title contains 'Domain for Sale'"),
    (Marker.PARKED, backlink(source_title="Buy this domain now"), [], {}, "the page's title contains 'Buy this domain'"),
    (Marker.PARKED, backlink(source_title="Diese Domain steht zum Verkauf"), [], {}, "the page's title contains 'Diese Domain steht zum Verkauf'"),
    (Marker.PARKED, backlink(source_title="Welcome to nginx!"), [], {}, "the page's title contains 'Welcome to nginx'"),
    (Marker.PARKED, backlink("https://www.sedo.com/search"), [], {}, "the page belongs to sedo.com, where domains are parked"),
    (Marker.PARKED, backlink(canonical_url="https://x.parkingcrew.net/"), [], {}, "the page belongs to parkingcrew.net, where domains are parked"),
    (Marker.PARKED, backlink(source_title="How we parked the car; a domain of its own"), [], {}, None),
    (Marker.PARKED, backlink(canonical_url="no url"), [], {}, None),
    (Marker.THIN_PAGE, backlink(source_title="", internal_links=1), [], {}, "the page has no title, and 1 links to its own site"),
    (Marker.THIN_PAGE, backlink(source_title="", internal_links=2), [], {}, None),
    (Marker.THIN_PAGE, backlink(source_title="Links", internal_links=0), [], {}, None),
    (Marker.LINK_DENSITY, backlink(external_links=40, internal_links=10), [], {}, "40 of the page's 50 links lead to other domains"),
    (Marker.LINK_DENSITY, backlink(external_links=40, internal_links=11), [], {}, None),
    (Marker.LINK_DENSITY, backlink(external_links=29, internal_links=0), [], {}, None),
    (Marker.OUTLINKS, backlink(external_links=101, internal_links=900), [], {}, "101 links of the page lead to other domains"),
    (Marker.OUTLINKS, backlink(external_links=100), [], {}, None),
    (Marker.TLD_SHARE, backlink("https://a.xyz/"), [*others(40), *(backlink(f"https://x{n}.xyz/") for n in range(9))], {}, "10 of 50 referring domains end in .xyz"),
    (Marker.TLD_SHARE, backlink("https://a.xyz/"), [*others(41), *(backlink(f"https://x{n}.xyz/") for n in range(9))], {}, None),
    (Marker.TLD_SHARE, backlink("https://a.xyz/"), [backlink(f"https://x{n}.xyz/") for n in range(8)], {}, None),
    (Marker.TLD_SHARE, backlink("https://a.com/"), [backlink(f"https://x{n}.com/") for n in range(90)], {}, None),
    (Marker.TLD_SHARE, backlink("https://a.de/", target_url="https://t.de/"), [backlink(f"https://x{n}.de/") for n in range(90)], {}, None),
    (Marker.LANGUAGE_MISMATCH, backlink(source_language="ru"), [*others(9), *others(1, source_language="")], {}, "the page declares ru; of 10 referring domains that declare a language, 9 declare en"),
    (Marker.LANGUAGE_MISMATCH, backlink(source_language="ru"), others(8), {}, None),
    (Marker.LANGUAGE_MISMATCH, backlink(source_language="en-GB"), others(20), {}, None),
    (Marker.LANGUAGE_MISMATCH, backlink(source_language=""), others(20), {}, None),
    (Marker.LANGUAGE_MISMATCH, backlink(source_language="ru"), [*others(5), *(backlink(f"https://d{n}.de/", source_language="de") for n in range(5))], {}, None),
    (Marker.LANGUAGE_MISMATCH, backlink(source_language="ru"), [], {"own_language": "de-AT"}, "the page declares ru, the target is de"),
    (Marker.LANGUAGE_MISMATCH, backlink(source_language="de"), others(20), {"own_language": "de-AT"}, None),
    (Marker.SPONSORED, backlink(rel=("Sponsored",)), [], {}, 'the page declares rel="sponsored"'),
    (Marker.SPONSORED, backlink(rel=("nofollow",)), [], {}, None),
    (Marker.UGC, backlink(rel=("nofollow", "ugc")), [], {}, 'the page declares rel="ugc"'),
    (Marker.UGC, backlink(rel=("ugcx",)), [], {}, None),
    (Marker.OFF_TOPIC, backlink(source_title="Casino bonus roulette", anchor="jackpot"), others(60, source_title="harbour tides"), {}, "no word of title and anchor is about the target: 'Casino bonus roulette'"),
    (Marker.OFF_TOPIC, backlink(source_title="Casino bonus words", anchor="jackpot"), others(60), {}, None),
    (Marker.OFF_TOPIC, backlink(source_title="Casino bonus roulette", anchor="Target"), others(60), {}, None),
    (Marker.OFF_TOPIC, backlink(source_title="Casino bonus", anchor="jackpot"), others(60), {}, None),
    (Marker.OFF_TOPIC, backlink(source_title="Casino bonus roulette", anchor="jackpot"), others(40), {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("marker", "row", "among", "options", "evidence"), CASES)
def test_a_marker_says_what_was_seen_or_nothing(
    marker: Marker, row: Backlink, among: list[Backlink], options: dict[str, object], evidence: str | None
) -> None:
    assert seen(row, among, **options).get(marker) == evidence


def test_every_marker_has_a_case_each_way() -> None:
    assert (
        {case[0] for case in CASES if case[4]}
        == {case[0] for case in CASES if not case[4]}
        == set(RULES)
        == set(Marker)
    )


def test_a_plain_link_has_none() -> None:
    assert seen(backlink(anchor="some words"), others(60)) == {}


@given(st.lists(backlinks(), min_size=1, max_size=20))
@settings(deadline=None, max_examples=examples(50))
def test_evidence_is_one_short_line_and_the_order_of_rows_does_not_count(rows: list[Backlink]) -> None:
    profile, turned = Profile(rows), Profile(rows[::-1])
    for row in rows:
        found = marks(row, profile)
        assert found == marks(row, turned)
        for mark in found:
            assert mark.evidence.isprintable()
            assert 0 < len(mark.evidence) <= 300


def test_a_targets_figures_are_its_own() -> None:
    rows = [backlink(f"https://d{n}.com/", target=f"t{n % 2}.example", anchor="cheap pills") for n in range(8)]
    assert Marker.ANCHOR_REPETITION not in seen(rows[0], rows[1:])


def test_the_marks_of_a_domain_are_counted_with_an_example() -> None:
    rows = [backlink(f"https://a.example/{n}", flags=("hidden",) if n else ()) for n in range(4)]
    both, turned = DomainMarks(), DomainMarks()
    for row in rows:
        both.add(row, marks(row, Profile(rows)))
    for row in rows[::-1]:
        turned.add(row, marks(row, Profile(rows)))
    assert [(mark.marker, mark.evidence) for mark in both.marks()] == [
        (Marker.HIDDEN, "3 of 4 links: the page hides the link from readers")
    ]
    assert both.marks() == turned.marks()
    assert both.most


# --- relevance --------------------------------------------------------------------------------------------------------


def test_relevance_is_the_part_of_the_words_that_is_about_the_target() -> None:
    guide = {"target_url": "https://target.example/harbour-guide"}
    rows = [
        backlink("https://a.com/", source_title="Harbour guide", anchor="harbour", **guide),
        backlink("https://b.com/", source_title="Harbour casino", anchor="here", **guide),
        backlink("https://c.com/", source_title="Casino roulette", anchor="jackpot", **guide),
        backlink("https://d.com/", source_title="", anchor="", **guide),
    ]
    found = [relevance(row, Profile(rows)) for row in rows]
    assert found[0] == 1.0
    assert found[1] is not None
    assert 0 < found[1] < 1
    assert found[2:] == [0.0, None]


def test_a_domains_own_anchors_do_not_make_it_relevant_but_others_do() -> None:
    row = backlink("https://a.com/", source_title="jackpot", anchor="jackpot")
    assert relevance(row, Profile([row, backlink("https://a.com/2", anchor="jackpot")])) == 0.0
    assert relevance(row, Profile([row, backlink("https://b.com/", anchor="jackpot")])) == 1.0


# --- what the target links to -----------------------------------------------------------------------------------------


def test_own_links_from_a_list_and_from_rows(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("# partners\nhttps://www.a.example/x\nb.example\n\nhttp://\n")
    listed = read_own_links(tmp_path / "own.txt")
    assert listed.evidence(backlink()) == "https://www.a.example/x is linked, according to own.txt"
    assert listed.evidence(backlink("https://sub.b.example/")) == "b.example is linked, according to own.txt"
    assert listed.evidence(backlink("https://c.example/")) == ""
    own = backlink("https://www.target.example/links", target="a.example", target_url="https://a.example/y")
    crawled = read_own_links(write_rows(tmp_path / "own.csv", [own]))
    assert crawled.evidence(backlink()) == "https://www.target.example/links links to https://a.example/y"
    assert crawled.evidence(backlink(target_url="https://other.example/")) == ""
    assert NO_LINKS.evidence(backlink()) == ""
    with pytest.raises(UsageError, match="own links"):
        read_own_links(tmp_path / "nowhere.txt")
    with pytest.raises(OutputError):
        read_own_links(tmp_path / "nowhere.csv")


# --- the command and its page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["links", "domains"])
def test_the_export_shows_markers_beside_their_evidence(view: str, tmp_path: Path) -> None:
    rows = write_rows(
        tmp_path / "rows.csv", [backlink(flags=("hidden",), rel=("ugc",)), backlink("https://b.example/")]
    )
    (tmp_path / "own.txt").write_text("b.example\n")
    output = tmp_path / "out.jsonl"
    words = ["--view", view, "--markers", "--own-links", str(tmp_path / "own.txt"), "-o", str(output)]
    assert main(["export", "--rows", str(rows), *words]) == 0
    found = {row["source_domain"]: row for row in map(json.loads, output.read_text().splitlines())}
    assert found["a.example"]["markers"] == ["hidden", "rel_ugc"]
    assert found["a.example"]["evidence"] == ["the page hides the link from readers", 'the page declares rel="ugc"']  # fmt: skip
    assert found["b.example"]["markers"] == ["reciprocal"]


@pytest.mark.parametrize("view", ["links", "domains"])
def test_the_column_spam_has_the_markers_that_accuse_with_their_evidence(view: str, tmp_path: Path) -> None:
    described = backlink("https://b.example/", placement="footer", external_links=101, flags=("hidden",))
    rows = write_rows(tmp_path / "rows.csv", [backlink(heading="Link exchange", placement="footer"), described])
    output = tmp_path / "out.jsonl"
    assert main(["export", "--rows", str(rows), "--view", view, "--markers", "-o", str(output)]) == 0
    found = {row["source_domain"]: row for row in map(json.loads, output.read_text().splitlines())}
    assert found["a.example"]["spam"] == [
        "link_trade: the heading above the link says 'link exchange': 'Link exchange'"
    ]
    assert found["b.example"]["spam"] == []
    assert found["b.example"]["markers"] == ["hidden", "footer", "link_density", "outlinks"]


def test_names_of_markers_are_read() -> None:
    assert parse_markers("hidden, network") == {Marker.HIDDEN, Marker.NETWORK}


def test_the_page_describes_every_marker_and_bound() -> None:
    text = (ROOT / "docs" / "quality.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert rows == [marker.value for marker in RULES]
    for bound in ("ANCHOR_DOMAINS", "DENSE_LINKS", "MANY_OUTLINKS", "LANGUAGE_DOMAINS", "TLD_DOMAINS"):
        assert re.search(rf"\b{getattr(markers, bound)}\b", text), bound
    for share in ("ANCHOR_SHARE", "DENSE_SHARE", "LANGUAGE_SHARE", "TLD_SHARE"):
        assert f"{getattr(markers, share):.0%}".replace("%", " %") in text, share


@pytest.mark.conformance
def test_titles_of_real_pages_are_seldom_parked() -> None:
    index = unpacked("pages") / "index.tsv"
    titles = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
    found = []
    for line in index.read_text(encoding="utf-8").splitlines()[:400]:
        path = line.split("\t")[1]
        if match := titles.search((index.parent / path).read_bytes()[:20_000]):
            title = match[1].decode("utf-8", "replace")
            found.append(Marker.PARKED in seen(backlink(source_title=title)))
    assert len(found) > 100
    assert sum(found) <= len(found) // 50
