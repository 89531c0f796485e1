"""The page over a history: what each address shows, counts, pages, exports, and whom it refuses."""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from backlinkbot.cli.main import main
from backlinkbot.history import History
from backlinkbot.history.view_rows import columns_of_view
from backlinkbot.items import Candidate, Claim
from backlinkbot.items.columns import Kind
from backlinkbot.page_status.target_status import TargetState
from backlinkbot.reports.page.figures import BROKEN
from backlinkbot.web import queries
from backlinkbot.web.app import HEADERS, application
from backlinkbot.web.frames import Frame
from backlinkbot.web.overview import _to_do
from backlinkbot.web.pages import value_name
from backlinkbot.web.snapshots import Snapshots
from backlinkbot.web.tables import BY_NAME, LABELS, TABLES
from tests.asgi import Client
from tests.linkrows import NASTY
from tests.visited import ONE, TARGET, day, gone, nofollow, read, row

HOSTILE = (
    "<script>window.hacked=1</script>", "<img src=x onerror=alert(1)>", "\u202egnp.exe", "{{ 7 * 7 }}", "'\"><b>", "=1+1",
    "javascript:alert(1)", "a\x00b", "x" * 5_000, "",
)  # fmt: skip


def history_of(url: str) -> None:
    """Twelve pages, one of them hostile; the last run finds one gone and another without its link."""
    with History.open(url) as history:
        pages = [
            read(
                day(1),
                row(f"https://target.example/{n % 3}", anchor=f"maps {n % 2}"),
                url=f"https://d{n % 4}.example/{n}",
            )
            for n in range(10)
        ]
        words = {
            "context_before": "before <b>",
            "context_after": "after",
            "heading": "A heading",
            "placement": "content",
        }
        hostile = [row(f"https://target.example/h{n}", anchor=text, **words) for n, text in enumerate(HOSTILE)]
        address = "https://user:secret@xn--bcher-kva.example/%D0%B3%D0%BE%D1%80%D0%BE%D0%B4?a=%3Cb%3E"
        several = [row(), nofollow(anchor="the same again", placement="footer")]
        runs = [
            [*pages, read(day(1), *hostile, url="https://hostile.example/"), read(day(1), *several, url=address)],
            [gone(day(2), url="https://d0.example/0"), read(day(2), url="https://d1.example/1")],
            [gone(day(4), url="https://d0.example/0")],
        ]
        for number, visits in enumerate(runs, start=1):
            run = history.begin_run("verify", [TARGET], started_at=day(number))
            history.record(run, visits)
            history.end_run(run, finished_at=day(number, 13))
        run = history.begin_run("import", [], started_at=day(5))
        claims = (Claim(origin="ahrefs", target_url="https://target.example/", anchor="<i>claimed</i>"),)
        history.add_candidates(run, [Candidate(url="https://d2.example/2", claims=claims)])
        history.end_run(run, finished_at=day(5, 13))


@pytest.fixture(scope="module")
def client(history_url_of_module: str) -> Iterator[Client]:
    """Of one history for all tests: none of them writes to it."""
    history_of(history_url_of_module)
    with History.open(history_url_of_module) as history:
        yield Client(application(Snapshots(history)))


# --- whom it answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8642", "localhost", "LOCALHOST:1", "[::1]:8642"])
def test_it_answers_under_the_names_of_this_machine(client: Client, host: str) -> None:
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8642", "localhost.evil.example", "127.0.0.1@evil.example", "", "127.1"]
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/links", "/links.csv", "/style.css", "/nothing"])
def test_it_refuses_other_names(client: Client, host: str, path: str) -> None:
    answer = client.get(path, headers={"host": host})
    assert answer.status_code == 421
    assert "target.example" not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_can_only_be_read(client: Client, method: str) -> None:
    assert client.request(method, "/links").status_code == 405


@pytest.mark.parametrize("path", ["/", "/links", "/links.csv", "/style.css", "/link/1", "/nothing", "/links?x=1"])
def test_every_answer_has_the_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert "script-src" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "server" not in headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404), ("/link/0", 404), ("/link/999999", 404), ("/link/" + "9" * 30, 404), ("/link/x", 404),
        ("/links?nothing=1", 400), ("/links?sort=nothing", 400), ("/links?sort=backlink_id", 400), ("/links?after=x", 400),
        ("/links?after=-1", 400), ("/links?after=" + "9" * 40, 400), ("/links?q=" + "x" * 9_000, 414), ("/links?sort=", 200),
        ("/links?after=99999999", 200), ("/links?before=0", 200), ("/links?external_links=x", 200), ("/links?follow=x", 200),
        ("/links?q=" + "%00", 200), ("/links?q=(", 200), ("/../etc/passwd", 404), ("/links.csv/", 307),
    ],
)  # fmt: skip
def test_odd_addresses_get_an_answer(client: Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


# --- what it shows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_every_table_is_shown_with_its_labels(client: Client, table: str) -> None:
    text = client.get(f"/{table}").text
    for column in BY_NAME[table].shown:
        assert f">{LABELS[column]}</a>" in text


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_one_of_the_view_and_has_a_label(table: Any) -> None:
    kinds = {column.name: column.kind for column in columns_of_view(table.view)}
    assert set(table.columns) <= kinds.keys()
    assert {*table.shown, *table.facets} <= LABELS.keys()
    assert table.sort.removeprefix("-") in table.shown
    assert set(table.searched) <= {name for name, kind in kinds.items() if kind is Kind.TEXT}


def test_the_figures_agree(client: Client) -> None:
    text = client.get("/").text
    figures = [int(found.replace(",", "")) for found in re.findall(r"<dd>([\d,]+)", text)]
    rows = list(csv.DictReader(io.StringIO(client.get("/domains.csv").text)))
    live = [row for row in rows if int(row["links"])]
    assert figures == [
        sum(int(row["links"]) for row in rows), len(live),
        sum(int(row["follow_links"]) for row in rows), sum(int(row["lost_links"]) for row in rows),
    ]  # fmt: skip
    assert figures[3] == 2


def test_the_overview_begins_with_what_to_do_and_the_way_to_its_rows(client: Client) -> None:
    text = client.get("/").text
    assert text.index("What to do") < text.index("Referring domains</dt>")
    (path,) = re.findall(r'<a href="([^"]+)"><b>2</b> followed links were lost</a>', text)
    rows = list(csv.DictReader(io.StringIO(client.get(unescape(path).replace("/links", "/links.csv")).text)))
    assert [(row["state"], row["follow"]) for row in rows] == [("lost", "true")] * 2


def test_the_overview_says_nothing_that_is_not_so(history_url: str) -> None:
    with History.open(history_url) as history:
        for number, rows in ((1, [nofollow(), row(ONE)]), (2, [row(ONE)])):
            run = history.begin_run("verify", [TARGET], started_at=day(number))
            history.record(run, [read(day(number), *rows)])
            history.end_run(run, finished_at=day(number, 13))
        text = Client(application(Snapshots(history))).get("/").text
    assert "No followed link was lost" in text


def test_every_state_of_a_broken_target_is_counted_however_rare() -> None:
    states = [state.value for state in TargetState]
    rows = [
        row | {"target_state": states[n % len(states)] if n % 20 else "parked", "state": "live", "link_type": "text"}
        for n, row in enumerate(links(400))
    ]
    broken = sum(row["target_state"] in BROKEN for row in rows)
    (item,) = (one for one in _to_do(frame_of(rows), Frame(CLAIMS, CLAIM_COLUMNS, [])) if "replaced" in one.found)
    assert item.rows == broken
    words = [part.split("=") for part in item.href.partition("?")[2].split("&")]
    assert {value for name, value in words if name == "target_state"} == BROKEN
    assert frame_of(rows).page(queries.read(LINKS, [(name, value) for name, value in words])).total == broken


def test_the_title_of_a_link_is_plain_text(client: Client) -> None:
    (number,) = set(re.findall(r'"/link/(\d+)"', client.get("/links?follow=false").text))
    text = client.get(f"/link/{number}").text
    (title,) = re.findall("<title>(.*?)</title>", text)
    assert unescape(title) == "Link on bücher.example/город?a=%3Cb%3E · backlinkbot"
    assert "bücher.example/<wbr>город" in text


def test_hostile_texts_are_texts(client: Client) -> None:
    pages = [
        "/",
        "/links",
        "/anchors",
        "/changes",
        "/links?q=%3Cscript%3E",
        "/links?anchor=%3Cscript%3Ealert(1)%3C/script%3E",
    ]
    links = {
        int(found) for found in re.findall(r'"/link/(\d+)"', client.get("/links?source_domain=hostile.example").text)
    }
    assert len(links) == len(HOSTILE)
    for page in (*pages, *(f"/link/{link}" for link in links)):
        text = client.get(page).text
        assert not re.search(r"<script|<img|<b>before|onerror=(?!alert\(1\)&gt;)|\u202e|\x00", text), page
        assert 'href="javascript' not in text
        assert "49" not in re.findall(r"<bdi>(\d+)</bdi>", text)


def test_names_and_passwords_are_left_out_and_addresses_are_readable(client: Client) -> None:
    text = unescape(client.get("/links?q=xn--").text)
    assert "bücher.example/город?a=%3Cb%3E" in text
    assert "secret" not in re.sub(r'href="/[^"]*"', "", text)


def test_a_link_has_its_whole_evidence(client: Client) -> None:
    found = client.get("/links?follow=false").text
    (number,) = set(re.findall(r'"/link/(\d+)"', found))
    text = unescape(client.get(f"/link/{number}").text)
    for words in (
        "Link 1 of 2",
        "Link 2 of 2",
        "rel:nofollow",
        "the same again",
        "on a page that was not known",
        "last seen",
    ):
        assert words in text


def test_a_lost_link_tells_when_and_why(client: Client) -> None:
    (number,) = set(re.findall(r'"/link/(\d+)"', client.get("/links?lost_reason=page_gone").text))
    text = client.get(f"/link/{number}").text
    assert "the page is gone" in text
    assert '<time datetime="2026-01-04T12:00:00Z">' in text


def test_claims_about_the_page_stand_beside_the_link(client: Client) -> None:
    (number,) = set(re.findall(r'"/link/(\d+)"', client.get("/links?source_url=https://d2.example/2").text))
    text = client.get(f"/link/{number}").text
    assert "ahrefs" in text
    assert "&lt;i&gt;claimed" in text


def test_a_domain_leads_to_its_links(client: Client) -> None:
    text = client.get("/domains?q=d3").text
    (address,) = re.findall(r'<a href="(/links\?[^"]+)">Links', text)
    assert client.get(unescape(address)).text.count('class="more"') == 2


@pytest.mark.parametrize(
    ("reasons", "shown"),
    [
        ("blocked_by_robots", "closed by robots.txt"),
        ("not_html", "not HTML"),
        ("link missing, server_error", "link missing, server error"),
        ("", "–"),
    ],
)
def test_the_reasons_of_a_claim_are_words(reasons: str, shown: str) -> None:
    assert value_name(reasons, "reasons") == shown


def test_one_row_is_named_in_the_singular(history_url: str) -> None:
    with History.open(history_url) as history:
        run = history.begin_run("verify", [TARGET], started_at=day(1))
        history.record(run, [read(day(1), row())])
        history.end_run(run, finished_at=day(1, 13))
        client = Client(application(Snapshots(history)))
        for table in ("links", "domains", "runs"):
            assert f">1 {BY_NAME[table].row}<" in client.get(f"/{table}").text


def test_a_new_run_is_shown(history_url: str) -> None:
    history_of(history_url)
    with History.open(history_url) as history:
        client = Client(application(Snapshots(history)))
        assert "https://later.example/" not in client.get("/links.csv").text
        run = history.begin_run("verify", [TARGET], started_at=day(8))
        history.record(run, [read(day(8), row(), url="https://later.example/")])
        history.end_run(run, finished_at=day(8, 13))
        for _ in range(200):
            if "https://later.example/" in client.get("/links.csv").text:
                return
    pytest.fail("the page still shows the history as it was")


def test_without_backlinks_it_says_so(history_url: str) -> None:
    with History.open(history_url) as history:
        client = Client(application(Snapshots(history)))
        assert "No backlinks yet" in client.get("/").text
        for table in TABLES:
            assert "Nothing here" in client.get(f"/{table.name}").text
            assert client.get(f"/{table.name}?q=x&sort={table.shown[0]}").status_code == 200


# --- filters, orders and pages of a frame -----------------------------------------------------------------------------


LINKS, CLAIMS = BY_NAME["links"], BY_NAME["claims"]
CLAIM_COLUMNS = columns_of_view(CLAIMS.view, CLAIMS.columns)
COLUMNS = columns_of_view(LINKS.view, LINKS.columns)
NAMES = [column.name for column in COLUMNS]


def links(count: int, seed: int = 1) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [
        {
            "source_url": f"https://d{chance.randrange(40)}.example/{n}",
            "anchor": chance.choice(("maps", "Atlas", "", *NASTY[:6])),
            "target_url": f"https://target.example/{chance.randrange(9)}",
            "follow": chance.choice((True, False, None)),
            "placement": chance.choice(("content", "nav", "")),
            "state": chance.choice(("live", "lost")),
            "external_links": chance.randrange(5),
            "first_seen": chance.choice((None, day(1), day(2))),
            "last_seen": day(chance.randrange(1, 20)),
            "target": TARGET,
            "indexable": chance.random() < 0.8,
            "link_type": "text",
            "nofollow_by": chance.choice(((), ("rel:nofollow",), ("rel:ugc", "meta:robots"))),
            "target_state": "",
            "source_domain": f"d{n % 70}.example",
            "lost_reason": "",
            "backlink_id": n,
        }
        for n in range(count)
    ]


def frame_of(rows: list[dict[str, Any]]) -> Frame:
    return Frame(LINKS, COLUMNS, ([row[name] for name in NAMES] for row in rows))


ROWS = links(333)
FRAME = frame_of(ROWS)
FILTERS: dict[str, tuple[list[tuple[str, str]], Callable[[dict[str, Any]], bool]]] = {
    "none": ([], lambda _: True),
    "one": ([("placement", "content")], lambda row: row["placement"] == "content"),
    "alternatives": ([("placement", "content"), ("placement", "nav")], lambda row: row["placement"] in {"content", "nav"}),
    "empty": ([("placement", "")], lambda row: row["placement"] == ""),
    "no value": ([("follow", "")], lambda row: row["follow"] is None),
    "true": ([("follow", "true")], lambda row: row["follow"] is True),
    "number": ([("external_links", "3")], lambda row: row["external_links"] == 3),
    "list": ([("nofollow_by", "rel:ugc, meta:robots")], lambda row: len(row["nofollow_by"]) == 2),
    "kept column": ([("source_domain", "d7.example")], lambda row: row["source_domain"] == "d7.example"),
    "search": ([("q", "MAPS")], lambda row: "maps" in row["anchor"]),
    "search in addresses": ([("q", "d3.example/1")], lambda row: "d3.example/1" in row["source_url"]),
    "no expression": ([("q", "d.example")], lambda row: "d.example" in row["source_url"]),
    "several": ([("follow", "false"), ("state", "lost"), ("q", "a")], lambda row: row["follow"] is False and row["state"] == "lost"),
    "nothing": ([("state", "nothing")], lambda _: False),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(
    "sort", ["source_url", "-source_url", "external_links", "-follow", "first_seen", "-first_seen"]
)
def test_pages_forwards_and_backwards_hold_every_row_once_in_order(name: str, sort: str) -> None:
    words, is_wanted = FILTERS[name]
    wanted = [row["backlink_id"] for row in ROWS if is_wanted(row)]
    query = queries.read(LINKS, [*words, ("sort", sort)])
    pages = [FRAME.page(query)]
    while (after := pages[-1].next) is not None:
        pages.append(FRAME.page(query.page(after=after)))
    found = [row["backlink_id"] for page in pages for row in page.rows]
    assert sorted(found) == wanted
    assert {page.total for page in pages} == {len(wanted)}
    assert pages[0].previous is None
    column = sort.removeprefix("-")
    values = [(row[column] is not None, row[column]) for page in pages for row in page.rows]
    keys = [(has, value if has else 0) for has, value in values]
    for has in (True, False):
        of_kind = [value for is_there, value in keys if is_there is has]
        assert of_kind == sorted(of_kind, reverse=sort.startswith("-"))
    back = [pages[-1]]
    while (before := back[-1].previous) is not None:
        back.append(FRAME.page(query.page(before=before)))
    assert [page.rows for page in reversed(back)] == [page.rows for page in pages]
    assert [row["backlink_id"] for row in FRAME.rows(query)] == found


@pytest.mark.parametrize("name", FILTERS)
def test_facets_count_the_rows_that_a_query_finds(name: str) -> None:
    words, is_wanted = FILTERS[name]
    page = FRAME.page(queries.read(LINKS, words))
    for facet in page.facets:
        values = (row[facet.column] for row in ROWS if is_wanted(row))
        texts = Counter(
            ", ".join(v) if isinstance(v, tuple) else "" if v is None else str(v).lower() if isinstance(v, bool) else v
            for v in values
        )
        assert {value.text: value.rows for value in facet.values} == dict(texts.most_common(12))


def test_many_values_of_a_facet_are_counted_and_the_first_shown() -> None:
    rows = [row | {"nofollow_by": (f"rule:{n % 80}",)} for n, row in enumerate(links(400))]
    page = frame_of(rows).page(queries.read(LINKS, [("follow", "true")]))
    (facet,) = [facet for facet in page.facets if facet.column == "nofollow_by"]
    assert len(facet.values) == 12
    assert facet.others + 12 == len({row["nofollow_by"] for row in rows if row["follow"] is True})


def test_the_csv_is_what_is_shown_and_runs_nothing(client: Client) -> None:
    answer = client.get("/links.csv?source_domain=hostile.example&sort=anchor")
    assert answer.headers["content-disposition"] == 'attachment; filename="links.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == len(HOSTILE)
    assert list(rows[0]) == list(LINKS.shown)
    assert "'=1+1" in {row["anchor"] for row in rows}


def test_an_address_keeps_all_that_is_asked() -> None:
    words = [("follow", "true"), ("anchor", "a&b=c"), ("q", "x y"), ("sort", "anchor"), ("after", "7")]
    query = queries.read(LINKS, words)
    assert query.href == "/links?follow=true&anchor=a%26b%3Dc&q=x+y&sort=anchor&after=7"
    assert query.csv == "/links.csv?follow=true&anchor=a%26b%3Dc&q=x+y&sort=anchor"
    assert query.without("follow", "true").href == "/links?anchor=a%26b%3Dc&q=x+y&sort=anchor"
    assert query.with_filter("state", "lost").after is None
    assert query.sorted_by("anchor").is_descending
    assert not query.sorted_by("follow").is_descending
    changes = queries.read(BY_NAME["changes"], [("before-value", "x"), ("before", "3")])
    assert (changes.filters, changes.before) == ((("before", "x"),), 3)
    assert replace(changes, before=None).href == "/changes?before-value=x"


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "complaint"),
    [(["--port", "70000"], "give a number from 0 to 65535"), (["--history", "none.db"], "does not exist")],
)
def test_mistakes_are_named(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    words = [word.replace("none.db", str(tmp_path / "none.db")) for word in words]
    assert main(["web", "--port", "0", *words]) == 2
    assert complaint in capsys.readouterr().err
