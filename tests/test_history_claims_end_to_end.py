"""Exports, a log and a sitemap in, a verdict on every row of them out: a real crawl of pages that are known."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from backlinkbot.cli.main import main
from backlinkbot.history import History
from backlinkbot.importers import read_candidates
from backlinkbot.items import Claim
from tests.conftest import Crawl, CrawlFunction, link
from tests.fakeweb import FakeWeb

T = "https://target.example/"
BLOG, FORUM, GONE, CLOSED = (
    "https://blog.example",
    "https://forum.example",
    "https://gone.example",
    "https://closed.example",
)
LONG = "How to find one's way with nothing but a map, a compass and a great deal of patience"


def plant(web: FakeWeb) -> None:
    """What the web holds today."""
    web.robots("closed.example", "User-agent: *\nDisallow: /")
    web.page(f"{BLOG}/maps", link(T, "Maps") + link(f"{T}pens", "Pens"))
    web.page(f"{BLOG}/ink", link(f"{T}ink", "Ink", "nofollow"))
    web.redirect(f"{BLOG}/ink", f"{BLOG}/ink", scheme="http")
    web.page(f"{BLOG}/removed", "<p>There was a link here.")
    web.page(f"{BLOG}/plain", "<p>There never was one.")
    web.page(f"{FORUM}/", "<p>Welcome.")
    web.page(f"{FORUM}/t/1", link(f"{T}compasses", LONG, "ugc nofollow"))
    web.page(f"{GONE}/x", "", 404)


Said = list[tuple[tuple[str, ...], tuple[str, str]]]

# What each source says, and what is to be found out about it: (verdict, reasons) by line.
AHREFS: Said = [
    # page, target, anchor, nofollow, ugc, lost
    ((f"{BLOG}/maps", T, "maps", "false", "false", ""), ("true", "")),
    ((f"{BLOG}/maps", f"{T}old", "Maps", "false", "false", ""), ("false", "target differs")),
    ((f"{BLOG}/ink", f"{T}ink", "Ink", "false", "false", ""), ("false", "follow differs")),
    ((f"{BLOG}/removed", T, "Maps", "false", "false", ""), ("false", "link missing")),
    ((f"{BLOG}/removed", T, "An old map", "false", "false", "Link removed"), ("true", "")),
    ((f"{FORUM}/t/1", f"{T}compasses", LONG, "true", "true", "Not found"), ("false", "source says lost")),
    ((f"{GONE}/x", T, "x", "false", "false", ""), ("false", "page gone")),
    ((f"{CLOSED}/", T, "x", "false", "false", ""), ("could_not_check", "blocked_by_robots")),
    ((f"{BLOG}/maps", "https://other.example/", "Other", "false", "false", ""), ("could_not_check", "not_looked_for")),
]
SEMRUSH: Said = [
    # page, target, anchor, nofollow
    ((f"{BLOG}/maps", f"{T}pens", "Pencils", "false"), ("false", "anchor differs")),
    ((f"{BLOG}/ink", f"{T}ink", "Ink", "true"), ("true", "")),
    ((f"{FORUM}/t/1", f"{T}compasses", f"{LONG[:40]}...", "true"), ("true", "")),
    ((f"{FORUM}/t/1", f"{T}compasses", LONG, "false"), ("false", "follow differs")),
]
GSC: Said = [
    ((f"{BLOG}/maps", "2026-01-02"), ("true", "")),
    (("http://blog.example/ink", "2026-01-03"), ("true", "")),
    ((f"{BLOG}/removed", "2024-05-06"), ("false", "link missing")),
]
LOG: Said = [
    # referer, what was asked for
    ((f"{BLOG}/maps", "/pens"), ("true", "")),
    ((f"{BLOG}/ink", "/nowhere"), ("false", "target differs")),
    ((f"{FORUM}/", "/"), ("could_not_check", "only_the_domain")),
]
SITEMAP: Said = [
    ((f"{BLOG}/maps",), ("true", "")),
    ((f"{BLOG}/removed",), ("could_not_check", "only_the_page")),
    ((f"{BLOG}/plain",), ("could_not_check", "only_the_page")),
]
SOURCES: dict[str, Said] = {"ahrefs": AHREFS, "semrush": SEMRUSH, "gsc": GSC, "access-log": LOG, "sitemap": SITEMAP}


def write_sources(folder: Path) -> list[str]:
    """The files, in the shapes that the tools give them."""
    ahrefs = folder / "target.example-backlinks-subdomains_2026-01-31_12-00-00.csv"
    with ahrefs.open("w", encoding="utf-16", newline="") as file:
        rows = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL)
        rows.writerow(
            [
                *(
                    "Referring page title",
                    "Referring page URL",
                    "Referring page HTTP code",
                    "Domain rating",
                    "Target URL",
                ),
                *("Left context", "Anchor", "Right context", "Type", "Nofollow", "UGC", "Sponsored", "Rendered"),
                *("First seen", "Last seen", "Lost status"),
            ]
        )
        for (page, target, anchor, nofollow, ugc, lost), _ in AHREFS:
            when = ["2019-02-03 04:05:06", "2026-01-30 01:02:03"]
            rows.writerow(
                [
                    "A page",
                    page,
                    "200",
                    "41",
                    target,
                    "",
                    anchor,
                    "",
                    "text",
                    nofollow,
                    ugc,
                    "false",
                    "false",
                    *when,
                    lost,
                ]
            )
    semrush = folder / "target.example-backlinks.csv"
    with semrush.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            [
                *(
                    "Page ascore",
                    "Source title",
                    "Source url",
                    "Target url",
                    "Anchor",
                    "External links",
                    "Internal links",
                ),
                *(
                    "Nofollow",
                    "Sponsored",
                    "Ugc",
                    "Text",
                    "Frame",
                    "Form",
                    "Image",
                    "Sitewide",
                    "First seen",
                    "Last seen",
                ),
                *("New link", "Lost link"),
            ]
        )
        for (page, target, anchor, nofollow), _ in SEMRUSH:
            kinds = ["false", "false", "true", "false", "false", "false", "false"]
            when = ["2019-02-03 04:05:06", "2026-01-30 01:02:03"]
            rows.writerow(["30", "A page", page, target, anchor, "3", "5", nofollow, *kinds, *when, "false", "false"])
    gsc = folder / "https___target.example_-Latest links-2026-01-31.csv"
    gsc.write_text("\n".join(["Linking page,Last crawled", *(",".join(row) for row, _ in GSC)]) + "\n")
    log = folder / "access.log"
    browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    log.write_text(
        "".join(
            f'203.0.113.9 - - [31/Jan/2026:12:00:0{n} +0000] "GET {path} HTTP/1.1" 200 99 "{referer}" "{browser}"\n'
            for n, ((referer, path), _) in enumerate(LOG)
        )
    )
    sitemap = folder / "sitemap.xml"
    entries = "".join(f"<url><loc>{page}</loc></url>\n" for (page,), _ in SITEMAP)
    sitemap.write_text(
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>'
    )
    return [str(file) for file in (ahrefs, semrush, gsc, log, sitemap)]


def crawl_all(web: FakeWeb, crawl: CrawlFunction, folder: Path, spider: str) -> tuple[Crawl, str]:
    plant(web)
    history = str(folder / "h.db")
    return crawl(spider, candidates=write_sources(folder), history=history, RETRY_TIMES=0), history


@pytest.mark.parametrize("spider", ["verify", "discover"])
def test_every_claim_is_judged_right(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, spider: str) -> None:
    _, url = crawl_all(web, crawl, tmp_path, spider)
    with History.open(url) as history:
        judged = list(history.claims())
    told = {
        origin: Counter(
            (one.candidate, _target_of(one.claim), one.claim.anchor, one.verdict.value, ",".join(one.reasons))
            for one in judged
            if one.claim.origin == origin
        )
        for origin in SOURCES
    }
    assert told == {
        origin: Counter((*_as_claimed(origin, said), *expected) for said, expected in rows)
        for origin, rows in SOURCES.items()
    }


def _target_of(claim: Claim) -> str:
    """The address that is claimed; Search Console claims none, but its files are named for the site."""
    return "" if claim.origin == "gsc" else claim.target_url


def _as_claimed(origin: str, said: tuple[str, ...]) -> tuple[str, str, str]:
    """The page, the target and the anchor that a row of a source names."""
    if origin in {"gsc", "sitemap"}:
        return said[0], "", ""
    if origin == "access-log":
        return said[0] if said[0] != f"{FORUM}/" else "forum.example", said[1], ""
    return said[0], said[1], said[2]


def test_rows_and_checks_say_who_claims_them(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    found, _ = crawl_all(web, crawl, tmp_path, "verify")
    rows = {(row.source_url, row.target_url): (set(row.claimed_by), row.claim_mismatch) for row in found.rows}
    assert rows == {
        (f"{BLOG}/maps", T): ({"ahrefs", "gsc", "sitemap"}, ("target differs",)),
        (f"{BLOG}/maps", f"{T}pens"): ({"semrush", "gsc", "access-log", "sitemap"}, ("anchor differs",)),
        (f"{BLOG}/ink", f"{T}ink"): (
            {"ahrefs", "semrush", "gsc", "access-log"},
            ("target differs", "follow differs"),
        ),
        (f"{FORUM}/t/1", f"{T}compasses"): (
            {"ahrefs", "semrush"},
            ("source says lost", "follow differs"),
        ),
    }
    checks = {name: (set(check.claimed_by), check.claim_mismatch) for name, check in found.checks.items()}
    assert checks == {
        f"{BLOG}/maps": (set(SOURCES), ("target differs", "anchor differs")),
        f"{BLOG}/ink": ({"ahrefs", "semrush", "access-log"}, ("target differs", "follow differs")),
        "http://blog.example/ink": ({"gsc"}, ()),
        f"{BLOG}/removed": ({"ahrefs", "gsc", "sitemap"}, ("link missing",)),
        f"{BLOG}/plain": ({"sitemap"}, ()),
        f"{FORUM}/t/1": ({"ahrefs", "semrush"}, ("source says lost", "follow differs")),
        "forum.example": ({"access-log"}, ()),
        f"{GONE}/x": ({"ahrefs"}, ("page gone",)),
        f"{CLOSED}/": ({"ahrefs"}, ()),
    }
    wanted = {claim.origin for file in write_sources(tmp_path) for c in read_candidates(file) for claim in c.claims}
    assert wanted == set(SOURCES)


def test_the_sums_of_each_source_are_right(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, url = crawl_all(web, crawl, tmp_path, "verify")
    assert main(["claims", "--history", url, "--format", "jsonl"]) == 0
    printed = {row["origin"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert printed.keys() == SOURCES.keys()
    for origin, rows in SOURCES.items():
        row, verdicts = printed[origin], Counter(verdict for _, (verdict, _) in rows)
        assert {name: row[name] for name in ("true", "false", "could_not_check")} == {
            name: verdicts[name] for name in ("true", "false", "could_not_check")
        }
        gravest = Counter(reasons.partition(",")[0] for _, (verdict, reasons) in rows if verdict == "false")
        assert {reason: row[reason.replace(" ", "_")] for reason in gravest} == gravest
        assert (row["rows"], row["pages"]) == (len(rows), len({said[0] for said, _ in rows}))
        told = verdicts["true"] + verdicts["false"]
        assert row["share_true"] == round(100 * verdicts["true"] / told, 1)
