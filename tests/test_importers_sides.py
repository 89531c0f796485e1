"""Which column links and which is linked to, whatever the header says; and what is no claim of a backlink."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from backlinkbot.importers import Reading
from backlinkbot.importers.outcomes import FileReport, Skip
from backlinkbot.items import Candidate
from backlinkbot.targets import Targets

A, B, C = "https://a.example/1", "https://b.example/2", "https://c.example/3"
T, U = "https://t.example/", "https://t.example/x"
PAGES = [(A, T), (B, T), (C, U)]
OURS = Targets.parse(["t.example"])


def read(
    path: Path, *, hint: Targets | None = None, targets: Targets | None = None
) -> tuple[list[Candidate], FileReport]:
    reading = Reading([path], hint=hint, targets=targets)
    found = [outcome for outcome in reading if isinstance(outcome, Candidate)]
    return found, reading.reports[0]


def table(folder: Path, header: str, rows: Sequence[tuple[str, ...]]) -> Path:
    path = folder / "table.csv"
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n", encoding="utf-8")
    return path


def sides(candidates: list[Candidate]) -> list[tuple[str, str]]:
    return [(found.url, found.claims[0].target_url) for found in candidates]


@pytest.mark.parametrize(
    "header",
    [
        "link,backlink",
        "url,link",
        "page,referring page",
        "alpha,beta",
        "target url,source url",
        "address,url",
        "link to,found on",
    ],
)
@pytest.mark.parametrize("turn", [1, -1], ids=["linking first", "linked first"])
def test_a_column_on_one_site_is_the_targets(tmp_path: Path, header: str, turn: int) -> None:
    rows = [page[::turn] for page in PAGES]
    candidates, report = read(table(tmp_path, header, rows))
    assert sides(candidates) == PAGES
    assert report.rows == report.candidates == 3


def test_columns_that_fit_their_header_are_left_alone(tmp_path: Path) -> None:
    _, report = read(table(tmp_path, "source_url,target_url", list(PAGES)))
    assert report.why.startswith("a column of its header: source_url")


@pytest.mark.parametrize("hint", [OURS, None], ids=["targets known", "targets unknown"])
def test_links_from_one_page_to_the_target_keep_their_sides(tmp_path: Path, hint: Targets | None) -> None:
    rows = [(f"https://a.example/{number}", T) for number in range(3)]
    assert sides(read(table(tmp_path, "source,target", rows), hint=hint)[0]) == rows


@pytest.mark.parametrize("header", ["source,target", "target,source"])
def test_the_targets_hosts_tell_the_side_of_a_single_row(tmp_path: Path, header: str) -> None:
    assert sides(read(table(tmp_path, header, [(T, A)]), hint=OURS)[0]) == [(A, T)]


def test_links_of_one_site_to_many_are_its_links_if_the_targets_say_so(tmp_path: Path) -> None:
    rows = [("https://a.example/1", T), ("https://a.example/2", B), ("https://a.example/3", C)]
    path = table(tmp_path, "from,to", rows)
    assert sides(read(path, hint=OURS)[0]) == rows
    assert sides(read(path)[0]) == [(two, one) for one, two in rows]


@pytest.mark.parametrize(
    "header", ["link site,link page", "site,page", "website,url", "alpha,beta", "page,url", "url,link page"]
)
@pytest.mark.parametrize("home", ["https://{}.example/", "https://{}.example", "{}.example", "www.{}.example"])
def test_pages_are_read_and_not_the_home_pages_beside_them(tmp_path: Path, header: str, home: str) -> None:
    rows = [(home.format(name), f"https://{name}.example/post") for name in "abc"]
    assert [found.url for found in read(table(tmp_path, header, rows))[0]] == [row[1] for row in rows]


OWN = [(T, "12"), (U, "7"), ("https://t.example/y", "1,240")]


@pytest.mark.parametrize(
    "header",
    ["Target page,Internal links", "Page,Internal links", "Seite,Interne Links", "URL,Inlinks", "Address,Unique Inlinks",
     "Page URL,Incoming internal links", "Página de destino,Enlaces internos"],
)  # fmt: skip
def test_reports_of_internal_links_are_passed_over(tmp_path: Path, header: str) -> None:
    rows = [(page, f'"{count}"') for page, count in OWN]
    candidates, report = read(table(tmp_path, header, rows))
    assert candidates == []
    assert dict(report.skipped) == {Skip.INTERNAL: 3}


@pytest.mark.parametrize("header", ["source_url,target_url", "from,to", "Linking page,Link to"])
def test_a_table_of_links_within_a_site_is_passed_over(tmp_path: Path, header: str) -> None:
    path = table(tmp_path, header, [(T, U), (U, T), ("https://www.t.example/z", T)])
    candidates, report = read(path)
    assert (candidates, dict(report.skipped)) == ([], {Skip.INTERNAL: 3})


@pytest.mark.parametrize("kind", ["Internal", "internal", "Intern", "Interno"])
def test_rows_that_say_that_they_are_internal(tmp_path: Path, kind: str) -> None:
    candidates, report = read(
        table(tmp_path, "source_url,target_url,type", [(A, T, "external"), (T, U, kind), (B, T, "")])
    )
    assert sides(candidates) == [(A, T), (B, T)]
    assert dict(report.skipped) == {Skip.INTERNAL: 1}


RESOURCES = ["CSS", "JS", "JavaScript", "Image", "IMG", "Images", "Font", "XHR", "SWF", "Fetch/XHR", "Bild", "Imagen"]
LINKS = [
    "Hyperlink",
    "HREF",
    "AHREF",
    "Hyperlien",
    "Hipervínculo",
    "Canonical",
    "HTML Canonical",
    "Hreflang",
    "Redirect",
    "iframe",
    "",
]


@pytest.mark.parametrize("kind", [*RESOURCES, *LINKS])
def test_resources_that_a_crawler_met_are_no_links(tmp_path: Path, kind: str) -> None:
    candidates, report = read(table(tmp_path, "Type,Source,Destination,Alt Text,Anchor", [(kind, A, T, "", "x")]))
    assert sides(candidates) == ([] if kind in RESOURCES else [(A, T)])
    assert dict(report.skipped) == ({Skip.RESOURCE: 1} if kind in RESOURCES else {})


def test_pages_of_the_targets_are_passed_over_where_the_user_names_them(tmp_path: Path) -> None:
    candidates, report = read(table(tmp_path, "source,target", [(A, T), (U, T), (B, T)]), targets=OURS)
    assert sides(candidates) == [(A, T), (B, T)]
    assert dict(report.skipped) == {Skip.OWN_PAGE: 1}


@pytest.mark.parametrize(
    "name",
    ["foo.co.za", "bar.org.za", "foo.web.za", "x.co.nz", "y.co.in", "z.com.au", "a.gov.bd", "b.com.np", "c.co.ck", "d.com.kw",
     "e.er.example", "пример.рф", "f.xn--p1ai", "g.co.uk"],
)  # fmt: skip
def test_domains_under_every_ending(tmp_path: Path, name: str) -> None:
    for form in (name, f"domain:{name}"):
        path = tmp_path / "list.txt"
        path.write_text(f"{form}\n", encoding="utf-8")
        candidates, _ = read(path)
        assert [found.is_domain for found in candidates] == [True]


@pytest.mark.parametrize("name", ["report.pdf", "1.5", "page.html", "notes"])
def test_names_that_are_no_domains(tmp_path: Path, name: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"https://a.example/\n{name}\n", encoding="utf-8")
    _, report = read(path)
    assert (report.candidates, report.bad.total()) == (1, 1)
