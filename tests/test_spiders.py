"""A planted web of many hosts, crawled by both spiders: every planted row is found, and no other."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from backlinkbot.files.row_files import read_rows
from backlinkbot.items import Backlink, State
from tests.conftest import Crawl, CrawlFunction, run_command
from tests.fakeweb import FakeWeb, Planted, Scheme

HOSTS = 60
TARGETS = (
    "target.example",
    "https://docs.brand.example/guide/",
    "bücher.example",
    "exact:https://one.example/page?x=1",
)
OLD_NAME = "old-target.example"
T, GUIDE, BOOKS, ONE = TARGETS


class Kind(NamedTuple):
    """A way of linking: its HTML, and how its row differs from the plainest; ``{n}`` makes each link its own."""

    html: str
    row: dict[str, Any]


def row(url: str, raw: str | None = None, **differs: Any) -> dict[str, Any]:
    return {"target": T, "target_url": url, "raw_href": url if raw is None else raw, "anchor": "text {n}"} | differs


def nofollow(*rel: str) -> dict[str, Any]:
    decides = tuple(f"rel:{token.lower()}" for token in rel if token.lower() in {"nofollow", "ugc", "sponsored"})
    return {"rel": rel, "follow": not decides, "nofollow_by": decides}


U = "https://target.example/{n}"
LINKS = (
    Kind(f'<a href="{U}">text {{n}}</a>', row(U)),
    Kind('<a href="http://target.example/{n}">text {n}</a>', row("http://target.example/{n}")),
    Kind('<a href="//target.example/{n}">text {n}</a>', row("{scheme}://target.example/{n}", "//target.example/{n}")),
    Kind('<a href="HTTPS://TARGET.example/{n}">text {n}</a>', row(U, "HTTPS://TARGET.example/{n}")),
    Kind('<a href="https://deep.www.target.example/{n}">text {n}</a>', row("https://deep.www.target.example/{n}")),
    Kind('<a href="https://target.example./{n}">text {n}</a>', row("https://target.example./{n}")),
    Kind('<a href="https://target.example:8443/{n}">text {n}</a>', row("https://target.example:8443/{n}")),
    Kind('<a href="https://me@target.example/{n}">text {n}</a>', row("https://me@target.example/{n}")),
    Kind(f'<a href="{U}?a=1&amp;b=2#part">text {{n}}</a>', row(f"{U}?a=1&b=2#part")),
    Kind('<a href=" https://tar\tget.example/{n}\n">text {n}</a>', row(U, " https://tar\tget.example/{n}\n")),
    Kind('<a href="https:\\\\target.example\\{n}">text {n}</a>', row(U, "https:\\\\target.example\\{n}")),
    Kind(f'<a href="{U}" rel="noopener NoFollow">text {{n}}</a>', row(U, **nofollow("noopener", "NoFollow"))),
    Kind(f'<a href="{U}" rel="ugc,nofollow">text {{n}}</a>', row(U, **nofollow("ugc", "nofollow"))),
    Kind(f'<a href="{U}" rel="\n\tsponsored ">text {{n}}</a>', row(U, **nofollow("sponsored"))),
    Kind(f'<a href="{U}" rel="nofollownow">text {{n}}</a>', row(U, rel=("nofollownow",))),
    Kind(f'<a href="{U}"><img src=x alt="text {{n}}"></a>', row(U, anchor_source="alt", link_type="image")),
    Kind(f'<a href="{U}" aria-label="text {{n}}"></a>', row(U, anchor_source="aria-label")),
    Kind(f'<a href="{U}" title="text {{n}}"></a>', row(U, anchor_source="title")),
    Kind(f'<a href="{U}"></a>', row(U, anchor="", anchor_source="")),
    Kind(
        f'<img usemap="#m{{n}}"><map name="m{{n}}"><area href="{U}" alt="text {{n}}"></map>',
        row(U, anchor_source="alt", link_type="area"),
    ),
    Kind(f'<a href="{U}" style="display: none">text {{n}}</a>', row(U, flags=("hidden",))),
    Kind(f'<div aria-hidden=true><a href="{U}">text {{n}}</a></div>', row(U, flags=("aria_hidden",))),
    Kind(f"<iframe srcdoc='<a href=\"{U}\">text {{n}}</a>'></iframe>", row(U, flags=("iframe",))),
    Kind(f'<noscript><a href="{U}">text {{n}}</a></noscript>', row(U, flags=("noscript",))),
    Kind(f'<a href="{U}">text {{n}}</a> <a href="{U}">text <b>{{n}}</b></a>', row(U, occurrences=2)),
    Kind(f'<a href="{U}">=text, "{{n}}"\n</a>', row(U, anchor='=text, "{n}"')),
    Kind('<a href="https://old-target.example/{n}">text {n}</a>', row("https://old-target.example/{n}")),
    Kind(
        '<a href="https://docs.brand.example/guide/{n}">text {n}</a>',
        row("https://docs.brand.example/guide/{n}", target=GUIDE),
    ),
    Kind(
        '<a href="https://bücher.example/{n}">text {n}</a>',
        row("https://xn--bcher-kva.example/{n}", "https://bücher.example/{n}", target=BOOKS),
    ),
    Kind('<a href="http://one.example/page?x=1#{n}">text {n}</a>', row("http://one.example/page?x=1#{n}", target=ONE)),
)


def typed(link_type: str, **values: Any) -> dict[str, Any]:
    return row(U, anchor="", anchor_source="", link_type=link_type, follow=None) | values


OTHERS = (
    Kind(f'<iframe src="{U}"></iframe>', typed("frame")),
    Kind(f'<embed src="{U}" title="text {{n}}">', typed("frame", anchor="text {n}", anchor_source="title")),
    Kind(f'<object data="{U}"></object>', typed("frame")),
    Kind(f'<form action="{U}"><input></form>', typed("form")),
    Kind(
        f'<form><button formaction="{U}">text {{n}}</button></form>',
        typed("form", anchor="text {n}", anchor_source="text"),
    ),
    Kind(f'<link rel=alternate hreflang=de href="{U}">', typed("alternate", rel=("alternate",))),
    Kind(f'<!-- <a href="{U}">text {{n}}</a> -->', row(U, follow=None, flags=("commented",))),
    Kind(f'<template><a href="{U}">text {{n}}</a></template>', row(U, follow=None, flags=("template",))),
)
"""They pass no vote."""
DECOYS = (
    '<a href="https://nottarget.example/{n}">target.example</a>',
    '<a href="https://target.example.evil.test/{n}">target.example</a>',
    '<a href="https://evil.test/?u=https://target.example/{n}">target.example</a>',
    '<a href="https://target.example@evil.test/{n}">target.example</a>',
    '<a href="https:/\\evil.test\\@target.example/{n}">target.example</a>',
    '<a href="target.example/{n}.pdf">target.example</a>',
    '<a href="mailto:me@target.example">target.example</a>',
    '<a href="ftp://target.example/{n}">target.example</a>',
    '<a href="https://docs.brand.example/guides/{n}">not the guide</a>',
    '<a href="https://one.example/page?x=2#{n}">not the page</a>',
    '<a href="https://bucher.example/{n}">bücher.example</a>',
    '<!-- <a href="https://nottarget.example/{n}">target.example</a> -->',
    "<script>'<a href=\"https://target.example/{n}\">code</a>'</script>",
    '<link rel=stylesheet href="https://target.example/{n}">',
    '<span href="https://target.example/{n}">no link</span> https://target.example/{n}',
)
TRAPS = (
    '<a href="file:///etc/hostname">file</a>',
    '<a href="http://10.0.0.5/{n}">private</a>',
    '<a href="http://0x7f.1/{n}">loopback</a>',
    '<a href="/calendar/1">calendar</a>',
    '<a href="/round">round</a>',
    '<a href="javascript:alert({n})">script</a>',
    '<a href="/away">away</a>',
)


class Rule(NamedTuple):
    """A rule for a whole page: in its head, in its headers, and what it decides."""

    head: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    nofollow_by: tuple[str, ...] = ()
    noindex_by: tuple[str, ...] = ()


RULES = (
    *[Rule()] * 6,
    Rule("<meta name=Robots content='NoFollow , NoArchive'>", nofollow_by=("meta:robots",)),
    Rule(
        "<meta name=robots content=index><meta name=googlebot content=none>",
        (),
        ("meta:googlebot",),
        ("meta:googlebot",),
    ),
    Rule("<meta name=bingbot content=none>"),
    Rule("", (("X-Robots-Tag", "otherbot: none"), ("X-Robots-Tag", "noindex")), (), ("header:robots",)),
    Rule("", (("X-Robots-Tag", "googlebot: nofollow"),), ("header:googlebot",)),
)


@dataclass
class Plan:
    """What was planted, and what is right."""

    seeds: list[str] = field(default_factory=list)
    truth: list[Planted] = field(default_factory=list)
    """What both spiders must print."""
    states: dict[str, State] = field(default_factory=dict)
    """What verify must answer, by candidate."""


def plant(web: FakeWeb, number: int) -> Plan:
    plan, dice, count = Plan(), random.Random(number), iter(range(10**6))
    for n in range(HOSTS):
        _plant_site(web, plan, dice, count, n)
    for host in ("10.0.0.5", "127.0.0.1", "evil.test", "nottarget.example"):
        web.page(f"http://{host}/*", '<a href="https://target.example/trapped">trapped</a>')
    return plan


def _plant_site(web: FakeWeb, plan: Plan, dice: random.Random, count: Iterator[int], n: int) -> None:
    scheme: Scheme = "http" if n % 4 == 0 else "https"
    host = f"site{n}.example" if n % 7 else f"www.site{n}.example"
    site = f"{scheme}://{host}"
    if n % 4 == 0:
        web.only(host, "http")
    plan.seeds.append(host if n % 3 == 0 else f"{site}/")
    if n % 15 == 14:  # nobody knows its rules
        web.robots(host, 503)
        web.page(f"{site}/", '<a href="https://target.example/closed">t</a>')
        plan.states[f"{site}/"] = State.BLOCKED_BY_ROBOTS
        return
    paths = ["/", *(f"/p{i}" for i in range(dice.randrange(3, 8)))]
    children: dict[str, list[str]] = {path: [] for path in paths}
    hidden = paths[-1] if n % 5 == 0 else ""  # only the sitemap leads there
    for i, path in enumerate(paths[1:], start=1):
        if path != hidden:
            children[paths[dice.randrange(i) if not hidden else 0]].append(path)
    _plant_extras(web, plan, site, hidden, children)
    for path in paths:
        found = dice.sample(LINKS, dice.choice((0, 1, 2, 5, 8)))
        others = dice.sample(OTHERS, dice.choice((0, 0, 1)))
        rule = dice.choice(RULES)
        body = [f"<!doctype html><title>{path}</title>{rule.head}<body>"]
        rows = []
        for kind in (*found, *others):
            number = next(count)
            body.append("<p>" + kind.html.replace("{n}", str(number)))
            rows.append(_expected(kind, rule, f"{site}{path}", number, scheme))
        body += [
            "<p>" + text.replace("{n}", str(next(count))) for text in dice.sample(DECOYS, 4) + dice.sample(TRAPS, 2)
        ]
        body += [f'<p><a href="{child}">on</a>' for child in children[path]]
        web.page(f"{site}{path}", "\n".join(body), headers=rule.headers, scheme=scheme, gzip=dice.random() < 0.3)
        plan.truth += rows
        plan.states[f"{site}{path}"] = State.LINKED if found else State.NOT_LINKED


def _plant_extras(web: FakeWeb, plan: Plan, site: str, hidden: str, children: dict[str, list[str]]) -> None:
    host = site.partition("//")[2]
    robots = "User-agent: *\nDisallow: /private\n"
    if hidden:
        robots += f"Sitemap: {site}/map.xml\n"
        web.page(f"{site}/map.xml", f"<urlset><url><loc>{site}{hidden}</loc></url></urlset>", content_type="text/xml")
    web.robots(host, robots)
    trapped = '<a href="https://target.example/trapped">trapped</a>'
    for path, status, state in (
        ("/private/x", 200, State.BLOCKED_BY_ROBOTS),
        ("/gone", 410, State.GONE),
        ("/members", 403, State.REFUSED),
    ):
        web.page(site + path, trapped, status)
        plan.states[site + path] = state
        children["/"].append(path)
    web.page(f"{site}/paper.pdf", trapped, content_type="application/pdf")
    plan.states[f"{site}/paper.pdf"] = State.NOT_HTML
    web.counter(f"{site}/calendar/*", '<a href="/calendar/{{next}}">next</a>')
    web.redirect(f"{site}/round", "/round", 302)
    plan.states[f"{site}/round"] = State.UNREACHABLE
    web.redirect(f"{site}/away", "https://evil.test/", 302)


def _expected(kind: Kind, rule: Rule, source: str, number: int, scheme: str) -> Planted:
    def fill(value: Any) -> Any:
        return value.replace("{n}", str(number)).replace("{scheme}", scheme) if isinstance(value, str) else value

    values = {name: fill(value) for name, value in kind.row.items()}
    values["source_url"] = source
    if values.get("follow", True) is not None:
        values["nofollow_by"] = (*values.get("nofollow_by", ()), *rule.nofollow_by)
        values["follow"] = not values["nofollow_by"]
    values["noindex_by"] = rule.noindex_by
    values["flags"] = (*values.get("flags", ()), *(("closed_to_googlebot",) if rule.noindex_by else ()))
    values["indexable"] = not rule.noindex_by
    return Planted(**values)


def planted_part(backlink: Backlink) -> Planted:
    return Planted(**{f.name: getattr(backlink, f.name) for f in fields(Planted)})


def assert_all_found(rows: list[Planted], truth: list[Planted]) -> None:
    """Recall and precision are 1.0."""
    found, planted = Counter(rows), Counter(truth)
    assert list((planted - found).elements()) == [], "missed"
    assert list((found - planted).elements()) == [], "made up"


@pytest.fixture
def plan(web: FakeWeb) -> Plan:
    return plant(web, 2026)


DISCOVER: dict[str, Any] = {"targets": list(TARGETS), "aliases": [f"{OLD_NAME}={T}"], "max_pages_per_domain": 20}


def test_the_planted_web_is_large(plan: Plan) -> None:
    assert len(plan.seeds) == HOSTS
    assert len(plan.truth) > 500
    assert (
        len({(p.raw_href.split("example")[0], p.rel, p.anchor_source, p.link_type, p.flags) for p in plan.truth}) > 20
    )


def test_discover_finds_every_planted_row_and_no_other(web: FakeWeb, crawl: CrawlFunction, plan: Plan) -> None:
    found = crawl("discover", seeds=plan.seeds, **DISCOVER)
    assert_all_found([planted_part(row) for row in found.rows], plan.truth)
    assert_nobody_trespassed(web)
    assert found.stats["backlinks/rows"] == len(plan.truth)
    visits = Counter(hit.url for hit in web.hits if hit.status == 200)
    assert [url for url, times in visits.items() if times > 1] == []


@pytest.mark.slow
def test_verify_finds_them_too_and_answers_for_every_candidate(
    web: FakeWeb, crawl: CrawlFunction, plan: Plan, tmp_path: Path
) -> None:
    candidates = tmp_path / "candidates.txt"
    candidates.write_text("\n".join(plan.states) + "\n")
    found = crawl("verify", targets=list(TARGETS), aliases=[f"{OLD_NAME}={T}"], candidates=[str(candidates)])
    assert_all_found([planted_part(row) for row in found.rows], plan.truth)
    assert {candidate: check.state for candidate, check in found.checks.items()} == plan.states
    assert sum(check.backlinks for check in found.checks.values()) == len(plan.truth)
    assert_nobody_trespassed(web)


def assert_nobody_trespassed(web: FakeWeb) -> None:
    asked = {hit.host for hit in web.hits}
    assert asked.isdisjoint({"10.0.0.5", "127.0.0.1", "evil.test", "target.example", "nottarget.example"})
    assert not [hit.url for hit in web.hits if hit.target.startswith("/private")]


@pytest.mark.slow
@pytest.mark.subprocess
def test_the_two_commands_write_the_same_rows(web: FakeWeb, plan: Plan, tmp_path: Path) -> None:
    seeds, targets = tmp_path / "seeds.txt", tmp_path / "targets.txt"
    seeds.write_text("\n".join(plan.seeds))
    targets.write_text("\n".join(f"{name} {OLD_NAME}" if name == T else name for name in TARGETS))
    ours = run_command(
        "backlinkbot", "discover", f"@{targets}", "--seed", f"@{seeds}", "-o", tmp_path / "ours.csv",
        "-o", tmp_path / "ours.jsonl", "--delay", "0", "--max-pages-per-domain", "20", web=web,
    )  # fmt: skip
    assert (ours.status, ours.out, ours.err) == (0, "", "")
    theirs = run_command(
        "scrapy", "crawl", "discover", "-a", f"targets=@{targets}", "-a", f"seeds=@{seeds}", "-O", tmp_path / "theirs.csv",
        "-a", "delay=0", "-a", "max_pages_per_domain=20", "-s", "LOG_LEVEL=WARNING", web=web,
    )  # fmt: skip
    assert (theirs.status, theirs.out, theirs.err) == (0, "", "")
    assert comparable(tmp_path / "ours.csv") == comparable(tmp_path / "theirs.csv")
    with (tmp_path / "ours.jsonl").open() as lines:
        assert_all_found([Planted.from_row(json.loads(line)) for line in lines], plan.truth)


def comparable(path: Path) -> list[tuple[str, ...]]:
    """The rows without the time, in any order, header first."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    at = header.index("fetched_at")
    assert header == [f.name for f in fields(Backlink)]
    assert len(list(read_rows(path))) == len(rows)
    return [tuple(header), *sorted(tuple(row[:at] + row[at + 1 :]) for row in rows)]


def test_the_rows_say_where_they_come_from(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page(
        "https://blog.ref.example/",
        '<html lang=de-AT><title> A\n title </title><link rel=canonical href="/c?x#y"><a href="https://target.example/">t</a>'
        '<a href="https://other.example/">o</a><a href="/x">x</a><a href="mailto:a@b.c">m</a>',
    )
    web.page(
        "https://blog.ref.example/x", "<a href='https://target.example/x'>t</a>", headers=[("Content-Language", "fr")]
    )
    first, second = crawl("discover", seeds="https://blog.ref.example/").rows
    known = {
        "target": "target.example",
        "source_url": "https://blog.ref.example/",
        "source_domain": "ref.example",
        "source_title": "A title",
        "source_status": 200,
        "source_language": "de-AT",
        "target_url": "https://target.example/",
        "raw_href": "https://target.example/",
        "anchor": "t",
        "anchor_source": "text",
        "link_type": "text",
        "rel": (),
        "follow": True,
        "nofollow_by": (),
        "indexable": True,
        "noindex_by": (),
        "canonical_url": "https://blog.ref.example/c?x#y",
        "flags": ("canonical_elsewhere",),
        "occurrences": 1,
        "external_links": 2,
        "internal_links": 1,
        "discovered_from": "seed",
        "depth": 0,
        "first_seen": "",
        "last_seen": "",
        "state": "",
        "lost_reason": "",
        "unconfirmed_since": "",
        "claimed_by": (),
        "claim_mismatch": (),
    }
    assert {name: value for name, value in asdict(first).items() if name in known} == known
    assert (second.discovered_from, second.depth, second.source_language) == ("https://blog.ref.example/", 1, "fr")


def test_a_crawl_of_nothing_new_is_still_a_crawl(web: FakeWeb, crawl: CrawlFunction) -> None:
    web.page("https://ref.example/", "<p>nothing")
    found: Crawl = crawl("discover", seeds="ref.example")
    assert found.rows == []
    assert found.stats["backlinks/pages/read"] == 1
