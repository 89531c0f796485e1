"""The report: its figures, and a page in which nothing that strangers wrote is more than text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backlinkbot import urls
from backlinkbot.cli import report
from backlinkbot.cli.parser import Commands, Parser
from backlinkbot.errors import OutputError, UsageError
from backlinkbot.history import History
from backlinkbot.items import Backlink, Change, ChangeKind, JudgedPage, LinkState, Reason
from backlinkbot.reports.anchors import KINDS as ANCHOR_RULES
from backlinkbot.reports.anchors import AnchorKind, AnchorReader
from backlinkbot.reports.breakdowns import BREAKDOWNS, VOTES, Share, language, top_level, vote
from backlinkbot.reports.generic_anchors import GENERIC
from backlinkbot.reports.page import html
from backlinkbot.reports.page.figures import RECENT_DAYS, Figures, figures
from backlinkbot.reports.page.labels import KINDS, REASONS
from backlinkbot.reports.page.labels import VOTES as VOTE_NAMES
from backlinkbot.reports.page.line_breaks import breakable
from backlinkbot.reports.page.safe_text import LONGEST_ADDRESS, LONGEST_TEXT, cut, link_to, visible
from backlinkbot.reports.page.timeline import moment
from tests.conftest import examples
from tests.sample_links import NOW, change, row, sample, text_of

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def count(rows: Iterable[Backlink], changes: Iterable[Change] | None = None, **more: Any) -> Figures:
    return figures(rows, changes, **{"reader": AnchorReader(), "at": NOW, **more})


def day(number: int) -> str:
    return text_of(MONDAY + timedelta(days=number))


def shares(found: Figures, name: str) -> dict[str, tuple[int, int]]:
    return {share.name: (share.backlinks, share.domains) for share in found.breakdowns[name]}


# --- headline ---------------------------------------------------------------------------------------------------------

A = row(source_url="https://a.example/1", source_domain="a.example")
ROWS = [
    A,
    replace(A, anchor="other", follow=False, nofollow_by=("rel:ugc", "meta:robots")),
    replace(A, source_url="https://a.example/2", indexable=False, noindex_by=("header:googlebot",)),
    row(source_url="https://b.example/", source_domain="b.example", follow=False, nofollow_by=("meta:robots",)),
    row(source_url="https://c.example/", source_domain="c.example", state=LinkState.LOST, last_seen=day(0)),
    row(source_url="https://target.example/", source_domain="target.example", flags=("noscript", "same_domain")),
]


def test_the_headline() -> None:
    found = count(ROWS)
    assert (found.backlinks, found.domains, found.pages) == (4, 2, 3)
    assert (found.follow, found.indexable, found.passing, found.follow_domains) == (2, 3, 1, 1)
    assert (found.lost, found.own) == (1, 1)
    assert found.targets == ("target.example",)
    assert (found.first_visit, found.last_visit) == (A.fetched_at, A.fetched_at)


def test_the_pictures_of_the_first_day_agree_with_the_headline() -> None:
    varied = [
        replace(A, placement="content", link_kind=("directory", "comment")),
        replace(A, source_url="https://b.example/", source_domain="b.example", follow=False, nofollow_by=("rel:ugc",)),
        replace(A, source_url="https://c.example/", source_domain="c.example", link_kind=("comment",), indexable=False),
    ]
    found = count(varied, authority=lambda domains: dict(zip(sorted(domains), (100.0, 19.9), strict=False)))
    votes = shares(found, "votes")
    assert votes["follow"][0] + votes["not_indexable"][0] == found.follow == 2
    assert sum(links for links, _ in votes.values()) == found.backlinks == 3
    assert shares(found, "placements") == {"content": (1, 1), "none": (2, 2)}
    assert shares(found, "link_kinds") == {"comment": (2, 2), "directory": (1, 1), "none": (1, 1)}
    steps = [(share.name, share.domains) for share in found.authority]
    assert steps == [("80 to 100", 1), ("0 to 20", 1), ("not known", 1)]
    assert sum(domains for _, domains in steps) == found.domains


def test_without_a_history_nothing_is_said_of_time() -> None:
    found = count(ROWS)
    assert (found.recent, found.weeks) == (None, ())
    assert [(event.kind, event.at) for event in found.events.rows] == [("lost", day(0))]


def test_the_breakdowns() -> None:
    found = count(ROWS)
    assert shares(found, "votes") == {
        "follow": (1, 1),
        "not_indexable": (1, 1),
        "nofollow_link": (1, 1),
        "nofollow_page": (1, 1),
    }
    assert shares(found, "rules") == {"meta:robots": (2, 2), "rel:ugc": (1, 1), "header:googlebot": (1, 1)}
    assert shares(found, "tlds") == {".example": (4, 2)}
    assert shares(found, "link_types") == {"text": (4, 2)}
    assert shares(found, "placements") == shares(found, "link_kinds") == {}  # nothing is known of any
    assert found.breakdowns.keys() == BREAKDOWNS.keys()
    assert found.breakdowns["rules"][0] == Share(name="meta:robots", backlinks=2, domains=2)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("EN_us", "en"),
        ("gsw", "gsw"),
        (" fr ", "fr"),
        ("", "not said"),
        ("  ", "not said"),
        ("x-klingon", "unclear"),
        ("english", "unclear"),
        ("<b>", "unclear"),
        ("en-\n\u2028", "en"),
    ],
)
def test_the_language_of_a_tag(tag: str, expected: str) -> None:
    assert language(tag) == expected


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("a.example", ".example"),
        ("a.co.uk", ".uk"),
        ("a.xn--p1ai", ".xn--p1ai"),
        ("192.0.2.1", "address"),
        ("[2001:db8::1]", "address"),
        ("", "address"),
        ("a.<script>", "address"),
    ],
)
def test_the_top_level_domain(domain: str, expected: str) -> None:
    assert top_level(domain) == expected


def test_every_vote_has_its_name_and_its_colour() -> None:
    met = {
        vote(row(follow=f, indexable=i, nofollow_by=by))
        for f in (None, 0, 1)
        for i in (0, 1)
        for by in ((), ("rel:x",))
    }
    assert met == set(VOTES) == VOTE_NAMES.keys()


def test_every_reason_and_anchor_kind_has_words() -> None:
    assert REASONS.keys() == set(Reason)
    assert KINDS.keys() == set(AnchorKind)


def test_every_anchor_kind_is_in_the_document() -> None:
    text = (Path(__file__).parent.parent / "docs" / "reports.md").read_text(encoding="utf-8")
    kinds = re.findall(r"^\| `(\w+)` \|", text.partition("## Anchor kinds\n")[2].partition("\n## ")[0], re.MULTILINE)
    assert kinds == [*(kind.value for kind, _ in ANCHOR_RULES), "other"]
    assert f"in {len(GENERIC)} languages" in text
    assert f"the last {RECENT_DAYS} days" in text


# --- tables -----------------------------------------------------------------------------------------------------------


def test_anchors_are_counted_by_domain_first() -> None:
    rows = [
        row(anchor=text, source_domain=domain)
        for text, domain in [("x", "a"), ("x", "a"), ("x", "a"), ("y", "a"), ("y", "b")]
    ]
    found = count(rows)
    assert [(anchor.text, anchor.domains, anchor.backlinks, anchor.follow) for anchor in found.anchors.rows] == [
        ("y", 2, 2, 2),
        ("x", 1, 3, 3),
    ]
    assert {anchor.kind for anchor in found.anchors.rows} == {AnchorKind.OTHER}


def test_an_anchor_with_and_without_a_picture_is_two() -> None:
    found = count([row(anchor="x"), row(anchor="x", link_type="image")])
    assert {(anchor.text, anchor.kind.value) for anchor in found.anchors.rows} == {("x", "image"), ("x", "other")}


def test_domains_by_authority_where_it_is_known() -> None:
    rows = [
        row(source_domain=domain, source_url=f"https://{domain}/", first_seen=day(n)) for n, domain in enumerate("abbc")
    ]
    asked: list[set[str]] = []

    def authority(domains: Iterable[str]) -> dict[str, float]:
        asked.append(set(domains))
        return {"c": 12.5, "a": 70.0}

    found = count(rows, authority=authority)
    assert asked == [{"a", "b", "c"}]
    assert [(domain.name, domain.authority) for domain in found.referring.rows] == [
        ("a", 70.0),
        ("c", 12.5),
        ("b", None),
    ]
    b = found.referring.rows[-1]
    assert (b.backlinks, b.pages, b.follow, b.first_seen) == (2, 1, 2, day(1))
    assert [domain.name for domain in count(rows).referring.rows] == ["b", "a", "c"]


def test_linked_pages_are_one_whatever_the_fragment() -> None:
    rows = [row(target_url=f"https://target.example/{path}") for path in ("a", "a#top", "a?b", "c#d#e")]
    found = count(rows)
    assert {page.url.rpartition("/")[2]: page.backlinks for page in found.linked.rows} == {"a": 2, "a?b": 1, "c": 1}


def test_broken_targets_where_somebody_asked_what_they_answer() -> None:
    answers = [
        ("ok", 200),
        ("broken", 404),
        ("server_error", 503),
        ("", None),
        ("unreachable", None),
        ("redirected", 200),
    ]
    rows = [
        row(target_url=f"https://target.example/{number}", target_state=state, target_status=status)
        for number, (state, status) in enumerate(answers)
    ]
    found = count(rows)
    assert found.asked == 5
    assert [(page.url[-1], page.status) for page in found.broken.rows] == [("1", 404)]
    assert [(page.url[-1], page.status) for page in found.unchecked.rows] == [("2", 503), ("4", None)]
    assert "Targets that could not be checked" in html.page(found)
    assert "of 5 addresses that were asked" in html.page(found)
    assert "None of the 1 linked addresses" in html.page(count(rows[:1]))
    assert "Not known: nobody asked" in html.page(count([row()]))


def test_placements_have_a_chart_where_they_are_known() -> None:
    rows = [row(placement=placement) for placement in ("content", "footer", "footer", "")]
    found = count(rows)
    assert shares(found, "placements") == {"content": (1, 1), "footer": (2, 1), "none": (1, 1)}
    assert "<h3>Placement</h3>" in html.page(found)
    assert "<h3>Placement</h3>" not in html.page(count([row()]))


def test_long_tables_are_cut_and_say_so() -> None:
    rows = [
        row(anchor=f"a{n}", source_domain=f"d{n}.example", target_url=f"https://target.example/{n}", first_seen=day(n))
        for n in range(12)
    ]
    found = count(rows, limit=5)
    for top in (found.anchors, found.referring, found.linked, found.events, found.links):
        assert (len(top.rows), top.total) == (5, 12)
    assert [link.first_seen for link in found.links.rows] == [day(n) for n in (11, 10, 9, 8, 7)]
    page = html.page(found)
    for view in ("domains", "anchors", "pages", "links"):
        assert f"The first 5 of 12 are here; <code>backlinkbot export --view {view}</code> writes all." in " ".join(
            page.split()
        )


def test_links_without_dates_keep_their_order() -> None:
    found = count([row(anchor=str(n)) for n in range(5)], limit=3)
    assert [link.anchor for link in found.links.rows] == ["0", "1", "2"]


# --- time -------------------------------------------------------------------------------------------------------------


def link(name: str, first: int, *, lost: int | None = None) -> Backlink:
    made = row(source_url=f"https://{name}.example/", source_domain=f"{name}.example", first_seen=day(first))
    made = replace(made, last_seen=day(first), fetched_at=day(first), state=LinkState.LIVE)
    return made if lost is None else replace(made, state=LinkState.LOST, last_seen=day(lost), fetched_at=day(lost))


def weeks(found: Figures) -> list[tuple[int, int, int, int]]:
    return [(week.backlinks, week.domains, week.new, week.lost) for week in found.weeks]


def test_weeks_from_rows_alone() -> None:
    found = count([link("a", 0), link("b", 6), link("c", 7, lost=16), replace(link("a", 8), anchor="second")])
    assert weeks(found) == [(2, 2, 2, 0), (4, 3, 2, 0), (3, 2, 0, 1)]
    assert [week.start for week in found.weeks] == [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16)]


def test_a_loss_counts_when_it_was_noticed_and_a_link_may_come_back() -> None:
    a, b = link("a", 0), link("b", 0, lost=3)
    changes = [
        change(a, ChangeKind.NEW, Reason.PAGE_FOUND, MONDAY),
        change(a, ChangeKind.LOST, Reason.PAGE_GONE, MONDAY + timedelta(days=7)),
        change(a, ChangeKind.RESTORED, Reason.PAGE_FOUND, MONDAY + timedelta(days=21)),
        change(a, ChangeKind.CHANGED, Reason.ANCHOR_CHANGED, MONDAY + timedelta(days=22)),
        change(b, ChangeKind.LOST, Reason.REMOVED_FROM_PAGE, MONDAY + timedelta(days=14)),
    ]
    found = count([a, b], changes)
    assert weeks(found) == [(2, 2, 2, 0), (1, 1, 0, 1), (0, 0, 0, 1), (1, 1, 1, 0)]
    assert [event.kind for event in found.events.rows] == ["changed", "restored", "lost", "lost", "new"]


def test_a_row_that_is_newer_than_the_changes_wins() -> None:
    a = link("a", 0)
    found = count([a], [change(a, ChangeKind.LOST, Reason.PAGE_GONE, MONDAY + timedelta(days=7))])
    assert weeks(found) == [(1, 1, 1, 0)]
    assert found.backlinks == 1


def test_the_fragment_of_a_target_tells_no_two_links_apart() -> None:
    a = replace(link("a", 0, lost=1), target_url="https://target.example/#top")
    gone = change(
        a,
        ChangeKind.LOST,
        Reason.PAGE_GONE,
        MONDAY + timedelta(days=7),
    )
    found = count([a], [replace(gone, target_url="https://target.example/")])
    assert weeks(found) == [(1, 1, 1, 0), (0, 0, 0, 1)]


def test_the_last_days_are_counted_to_the_second() -> None:
    at = MONDAY + timedelta(days=40)
    found = count([link("a", 0), link("b", 10), link("c", 11, lost=12)], at=at)
    assert found.recent is not None
    assert (found.recent.days, found.recent.new, found.recent.lost) == (30, 2, 1)
    later = count([link("a", 0), link("b", 10)], at=at + timedelta(seconds=1))
    assert later.recent is not None
    assert later.recent.new == 0
    assert not later.recent.is_everything


def test_a_history_younger_than_that_says_so() -> None:
    found = count([link("a", 0), link("b", 3, lost=4)], at=MONDAY + timedelta(days=5))
    assert found.recent is not None
    assert (found.recent.new, found.recent.lost, found.recent.is_everything) == (2, 1, True)
    page = html.page(found)
    assert "since the first visit" in page
    assert "charts over time begin with the next" in page
    assert "Over time" not in page
    assert (
        page.count('<div class="chart"') == 5
    )  # no rule keeps these from being followed, nothing is known of their place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T12:00:00Z", MONDAY),
        ("2026-03-02T12:00:00", MONDAY),
        ("2026-03-02T14:00:00+02:00", MONDAY),
        ("2026-03-02", MONDAY.replace(hour=0)),
        ("", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2027-01-01T00:00:00Z", None),
        ("<script>", None),
    ],
)
def test_what_a_row_says_of_time(text: str, expected: datetime | None) -> None:
    assert moment(text, before=NOW) == expected


def test_times_that_cannot_be_make_no_endless_chart() -> None:
    found = count(
        [
            replace(link("a", 0), fetched_at="9999-01-01T00:00:00Z"),
            row(first_seen="0001-01-01T00:00:00Z", fetched_at=day(1)),
        ]
    )
    assert weeks(found) == [(1, 1, 1, 0)]
    assert (found.first_visit, found.last_visit) == (day(0), day(1))


TURNS = st.lists(st.integers(0, 200), min_size=1, max_size=6, unique=True).map(sorted)


@given(st.lists(st.tuples(st.sampled_from("abc"), TURNS, st.booleans()), max_size=8))
def test_each_week_is_the_last_and_what_came_and_went(histories: list[tuple[str, list[int], bool]]) -> None:
    """Links that come and go by turns; a row says the outcome, the changes when."""
    rows, changes, lives = [], [], []
    for number, (domain, turns, _) in enumerate(histories):
        is_lost = len(turns) % 2 == 0
        made = link(domain, turns[0], lost=turns[-1] if is_lost else None)
        made = replace(made, source_url=f"https://{domain}.example/{number}", fetched_at=day(200))
        rows.append(made)
        for n, turn in enumerate(turns[1:]):
            kind = ChangeKind.RESTORED if n % 2 else ChangeKind.LOST
            changes.append(change(made, kind, Reason.PAGE_GONE, MONDAY + timedelta(days=turn)))
        lives.append((domain, turns))
    found = count(rows, changes, at=MONDAY + timedelta(days=201))
    before = 0
    for week in found.weeks:
        assert week.backlinks == before + week.new - week.lost
        before = week.backlinks
        end = (week.start + timedelta(days=7) - MONDAY.date()).days
        live = [domain for domain, turns in lives if sum(turn < end for turn in turns) % 2]
        assert (week.backlinks, week.domains) == (len(live), len(set(live)))
    assert (before, len(set(found.weeks))) == (found.backlinks, len(found.weeks))


# --- what strangers wrote ---------------------------------------------------------------------------------------------

HOSTILE = (
    "<script>window.hacked = 1</script>",
    "</script><script>window.hacked = 1</script>",
    "</style><script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "' onmouseover='window.hacked = 1' x='",
    "</title></textarea></svg><svg onload=window.hacked=1>",
    "<!--<script>",
    "]]><![CDATA[",
    "javascript:window.hacked=1//",
    "java\nscript:window.hacked=1",
    "data:text/html,<script>window.hacked=1</script>",
    "vbscript:msgbox",
    "https://evil.example/\"onclick='window.hacked=1'",
    "https://user:password@evil.example/%00%0d%0a<script>",
    "https://[",
    "//evil.example/x.png",
    "\u2028window.hacked = 1\u2029",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "\x00\x01\x1b[31m\x7f\x85\ufffe\uffff",
    "\ud800 half a character \udfff",
    "{{ 7 * 7 }}{% raw %}",
    "${alert(1)} &lt;b&gt; &#60;",
    "url(https://evil.example/x)",
    '=HYPERLINK("https://evil.example")',
    "\u0489" * 300,
    "\U0001f9d1\u200d\U0001f33e mother\u200cland",
    "x" * 200_000,
    "long words " * 20_000,
)


def hostile_rows() -> Iterator[Backlink]:
    """Rows with one of these in every text and list."""
    for text in HOSTILE:
        filled = {f.name: text for f in fields(Backlink) if f.type == "str"}
        lists = {f.name: (text, text) for f in fields(Backlink) if f.type == "tuple[str, ...]"}
        yield row(**(filled | lists))
        yield row(**(filled | lists | {"follow": False, "nofollow_by": (f"rel:{text}",)}))
        real = {"first_seen": day(3), "last_seen": day(3), "fetched_at": day(3), "state": LinkState.LOST}
        yield row(**(filled | lists | real))


def hostile_changes() -> Iterator[Change]:
    for text in HOSTILE:
        filled: dict[str, Any] = {f.name: text for f in fields(Change) if f.type == "str"}
        yield Change(kind=ChangeKind.LOST, reason=Reason.PAGE_GONE, run=1, **filled)


@pytest.fixture(scope="module")
def hostile_page() -> str:
    return html.page(count(hostile_rows(), hostile_changes(), authority=lambda domains: dict.fromkeys(domains, 1.0)))


@pytest.fixture(scope="module")
def usual_page() -> str:
    made = sample(links=120)
    return html.page(count(made.rows, made.changes))


@pytest.fixture(params=["hostile_page", "usual_page"])
def tree(request: pytest.FixtureRequest) -> ET.Element:
    """The page as a browser reads it; html5lib is no parser of ours."""
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    parsed: ET.Element = parser.parse(request.getfixturevalue(request.param))
    return parsed


HTML = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "nav", "ul", "li", "a"),
    *("h1", "h2", "h3", "p", "small", "b", "bdi", "span", "code", "dl", "div", "dt", "dd", "figure", "figcaption"),
    *("table", "thead", "tbody", "tr", "th", "td", "label", "input", "output", "button", "script", "wbr"),
}
SVG = {f"{{http://www.w3.org/2000/svg}}{name}" for name in ("svg", "g", "path", "line", "text", "rect")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("target.example/issues/autumn.html", "target.example/|issues/|autumn.html"),
        ("http://target.example/?q=1", "http://|target.example/|?q=1"),
        ("a-very-long-and-still-hyphenated.html", "a-very-long-and-still-hyphenated.html"),
        ("averyveryverylongname.of.some.host.example", "averyveryverylongname.|of.|some.|host.|example"),
        ("x" * 50, f"{'x' * 24}|{'x' * 24}|xx"),
        ("two  words", "two  words"),
        ("a/<b>&c", "a/|&lt;b&gt;&amp;c"),
    ],
)
def test_lines_break_where_an_address_does(text: str, expected: str) -> None:
    assert str(breakable(text)) == expected.replace("|", "<wbr>")


def test_nothing_but_our_own_elements_and_attributes(tree: ET.Element) -> None:
    elements = list(tree.iter())
    assert {element.tag for element in elements} <= HTML | SVG
    attributes = {name for element in elements for name in element.attrib}
    assert [name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset", "action"}] == []
    assert not attributes & {"background", "poster", "data", "formaction", "ping", "manifest", "xlink:href", "id\n"}


def test_the_only_script_and_style_sheet_are_ours(tree: ET.Element) -> None:
    folder = Path(html.__file__).parent / "templates"
    (script,), (style,) = list(tree.iter("script")), list(tree.iter("style"))
    assert (script.text, style.text) == tuple((folder / f"report.{kind}").read_text() for kind in ("js", "css"))
    assert re.search(r"url\(|@import|https?:", (script.text or "") + (style.text or "")) is None


def test_the_policy_forbids_all_but_these_two(tree: ET.Element) -> None:
    (policy,) = [meta.attrib["content"] for meta in tree.iter("meta") if "http-equiv" in meta.attrib]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    def hash_of(name: str) -> str:
        text = next(tree.iter(name)).text or ""
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules == {
        "default-src": "'none'",
        "style-src": hash_of("style"),
        "script-src": hash_of("script"),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_links_lead_to_the_web_or_into_the_page(tree: ET.Element) -> None:
    ids = {element.attrib["id"] for element in tree.iter() if "id" in element.attrib}
    links = list(tree.iter("a"))
    for link in links:
        href = link.attrib["href"]
        if href.startswith("#"):
            assert href[1:] in ids
        else:
            url = urls.parse(href)
            assert urls.is_web(url), href
            assert link.attrib["rel"] == "noopener noreferrer nofollow"
    assert len(links) > 8
    assert [e.tag for e in tree.iter() if {"href", "xlink:href"} & e.attrib.keys() and e.tag != "a"] == []


def test_an_id_is_given_once(tree: ET.Element) -> None:
    ids = [element.attrib["id"] for element in tree.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))


def test_nothing_invisible_is_left(hostile_page: str) -> None:
    assert (
        re.findall(
            r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]",
            hostile_page,
        )
        == []
    )
    assert "&lt;U+202E&gt;gnp.exe&lt;U+202C&gt;" in hostile_page
    assert "mother\u200cland" in hostile_page
    hostile_page.encode()


def test_endless_texts_do_not_make_an_endless_page(hostile_page: str) -> None:
    assert len(hostile_page) < 1_000_000
    assert "x" * 2_000 not in hostile_page


@given(st.text())
def test_what_is_shown_can_be_seen_and_has_an_end(text: str) -> None:
    shown = cut(text)
    assert shown == visible(shown)
    assert len(cut(text * 50)) <= 10 * LONGEST_TEXT
    shown.encode()
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/", "https://a.example/"),
        ("HTTP://A.example", "http://a.example/"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        (" javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("ftp://a.example/", None),
        ("//a.example/", None),
        ("", None),
        ("https://", None),
        ("https://target.example@evil.example/", None),
        ("https://:password@evil.example/", None),
        ("https://a.example/" + "x" * LONGEST_ADDRESS, None),
    ],
)
def test_where_a_click_may_lead(address: str, expected: str | None) -> None:
    assert link_to(address) == expected


@settings(max_examples=examples(15), deadline=None)
@given(st.text(), st.text())
def test_any_text_makes_a_page(anchor: str, tag: str) -> None:
    page = html.page(count([row(anchor=anchor, source_language=tag, source_domain=tag, link_type=anchor, target=tag)]))
    assert page.encode().endswith(b"</html>")


# --- an empty one -----------------------------------------------------------------------------------------------------


def test_an_empty_history_says_so() -> None:
    page = html.page(count([], [], targets=["target.example"]))
    assert "No backlinks yet" in page
    assert "<title>Backlinks to target.example</title>" in page
    assert "<svg" not in page
    assert "<table" not in page


def test_only_own_pages_are_no_backlinks() -> None:
    page = html.page(count([row(flags=("same_domain",))]))
    assert "No backlinks yet" in page
    assert "there is 1 of them" in " ".join(page.split())


def test_when_all_are_lost_the_page_still_tells() -> None:
    page = html.page(count([link("a", 0, lost=9)]))
    assert "There are no backlinks now." in page
    assert "No backlinks yet" not in page
    assert 'class="lost"' in page


# --- the command ------------------------------------------------------------------------------------------------------


def make(folder: Path, *words: str) -> str:
    """The page that the command writes."""
    parser = Parser()
    report.add(Commands(parser))
    arguments = parser.parse_args(["report", *words, "-o", str(folder / "report.html")])
    assert arguments.run(arguments, parser) == 0
    return (folder / "report.html").read_text()


def write_rows(path: Path, rows: Iterable[Backlink]) -> str:
    path.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows))
    return str(path)


def test_from_a_file_of_rows(tmp_path: Path) -> None:
    page = make(tmp_path, "--rows", write_rows(tmp_path / "rows.jsonl", sample(links=40).rows))
    assert "<h1>Backlinks to <bdi>target.example</bdi>" in page
    assert page.count('<div class="chart"') == 10
    assert list(tmp_path.glob("*.part")) == []


def test_of_one_target_with_brands_and_keywords(tmp_path: Path) -> None:
    rows = [row(target="a.example", anchor="Atlas & Co"), row(target="b.example", anchor="tide tables")]
    file = write_rows(tmp_path / "rows.jsonl", rows)
    page = make(tmp_path, "--rows", file, "--target", "a.example", "--brand", "atlas")
    assert 'Atlas &amp; Co</bdi></th><td class="kind">branded' in page
    assert "tide tables" not in page
    assert 'tide tables</bdi></th><td class="kind">exact' in make(tmp_path, "--rows", file, "--keyword", "Tide tables")
    assert "No backlinks yet" in make(tmp_path, "--rows", file, "--target", "c.example")


def test_sitewide_links_count_once_where_asked(tmp_path: Path) -> None:
    rows = [row(source_url=f"https://a.example/{n}", source_domain="a.example", placement="footer") for n in range(7)]
    rows += [row(source_url="https://a.example/0", source_domain="a.example", placement="content")]
    file = write_rows(tmp_path / "rows.jsonl", rows)
    counts = {how: make(tmp_path, "--rows", file, "--group", how) for how in ("all", "similar", "one-per-domain")}
    headlines = {how: re.findall(r"<dt>Backlinks</dt><dd>(\d+)<", page) for how, page in counts.items()}
    assert headlines == {"all": ["8"], "similar": ["2"], "one-per-domain": ["1"]}


def test_with_ranks(tmp_path: Path) -> None:
    ranks = tmp_path / "domain-ranks.txt"
    ranks.write_text(
        "#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts\n"
        "1\t9\t1\t1\tcom.best\t3\n2\t8\t2\t1\texample.b\t3\n4\t7\t3\t1\texample.a\t3\n"
    )
    rows = [row(source_domain=f"{name}.example", source_url=f"https://{name}.example/") for name in "abc"]
    page = make(tmp_path, "--rows", write_rows(tmp_path / "rows.jsonl", rows), "--ranks", str(ranks))
    assert "By authority" in page
    assert re.findall(r"<bdi>(.)\.example</bdi></th>\s*<td class=\"number\" data-sort=\"[\d.]*\">(\S+)</td>", page) == [
        ("b", "50"),
        ("a", "0"),
        ("c", "\N{EN DASH}"),
    ]


def test_from_a_history(tmp_path: Path) -> None:
    database = str(tmp_path / "backlinks.db")
    a, b = (row(source_url=f"https://{name}.example/", source_domain=f"{name}.example") for name in "ab")
    with History.open(database) as history:
        for when, visits in ((day(0), ((a,), (b,))), (day(8), ((a,), ()))):
            number = history.begin_run("verify", ["target.example"], started_at=when)
            history.record(
                number,
                [
                    JudgedPage(
                        url=of.source_url, requested_url=of.source_url, fetched_at=when, status=200, backlinks=found
                    )
                    for of, found in zip((a, b), visits, strict=True)
                ],
            )
            history.end_run(number, finished_at=when)
    page = make(tmp_path, "--history", database)
    assert "1 new" not in page
    assert "0 new and 1 lost backlinks in the week from 2026-03-09" in page
    assert "removed from the page" in page
    assert "Backlinks: 2 on 2026-03-08, 1 on 2026-03-15" in page


def test_an_empty_history(tmp_path: Path) -> None:
    database = str(tmp_path / "backlinks.db")
    with History.open(database) as history:
        history.end_run(history.begin_run("verify", ["target.example"]))
    page = make(tmp_path, "--history", database)
    assert "No backlinks yet" in page
    assert "target.example" in page


def test_no_history_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        make(tmp_path, "--history", str(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_found_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OutputError, match="folder"):
        make(tmp_path, "--rows", "no-such-file.csv")


def test_without_the_extra_it_says_which_one(tmp_path: Path) -> None:
    """In a process of its own, in which these two cannot be found."""
    program = (
        "import argparse, sys\n"
        "sys.modules['vl_convert'] = None\n"
        "from backlinkbot.cli import report\n"
        "parser = argparse.ArgumentParser()\n"
        "report.add(parser.add_subparsers())\n"
        "assert not {'jinja2', 'sqlalchemy', 'scrapy'} & sys.modules.keys()\n"
        f"arguments = parser.parse_args(['report', '--rows', 'x.csv', '-o', {str(tmp_path / 'x.html')!r}])\n"
        "arguments.run(arguments, parser)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert 'a report needs vl_convert: pip install "backlinkbot[report]"' in ended.stderr
