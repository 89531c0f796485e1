"""Every format by a sample of its own: recognised without a flag, each row accounted for, each claim as the file has it."""

from __future__ import annotations

import bz2
import codecs
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.errors import CandidateFileError
from backlinkbot.importers import Reading
from backlinkbot.importers.formats.catalogue import BY_NAME, FORMATS
from backlinkbot.importers.formats.formats import LOST, Shape
from backlinkbot.importers.outcomes import FileReport
from backlinkbot.items import Candidate, Claim
from backlinkbot.targets import Targets

SAMPLES = Path(__file__).parent / "data" / "importers"

# file, format; rows as counted by hand; candidates among them, and of these domains and lost links; passed over, bad
FIGURES = (
    ("advertools.jsonl", "advertools", 3, 2, 0, 0, 1, 0),
    ("ahrefs-anchors.csv", "ahrefs-anchors", 2, 0, 0, 0, 2, 0),
    ("ahrefs-api.json", "ahrefs-api", 2, 2, 0, 1, 0, 0),
    ("ahrefs-backlinks-legacy.csv", "ahrefs-backlinks-legacy", 2, 2, 0, 1, 0, 0),
    ("ahrefs-backlinks.csv", "ahrefs-backlinks", 5, 4, 0, 1, 0, 1),
    ("ahrefs-broken-backlinks.csv", "ahrefs-broken-backlinks", 2, 2, 0, 0, 0, 0),
    ("ahrefs-link-intersect.csv", "ahrefs-link-intersect", 2, 2, 0, 0, 0, 0),
    ("ahrefs-referring-domains.csv", "ahrefs-referring-domains", 2, 2, 2, 1, 0, 0),
    ("atom.xml", "atom", 2, 2, 0, 0, 0, 0),
    ("backlink-finder.csv", "backlink-finder", 2, 2, 0, 0, 0, 0),
    ("bing-anchors.csv", "bing-anchors", 2, 0, 0, 0, 2, 0),
    ("bing-domains.csv", "bing-domains", 2, 2, 2, 0, 0, 0),
    ("bing-pages.csv", "bing-pages", 2, 2, 0, 0, 0, 0),
    ("broken-link-checker.json", "broken-link-checker-json", 3, 1, 0, 0, 2, 0),
    ("broken-link-checker.txt", "broken-link-checker", 3, 2, 0, 0, 1, 0),
    ("candidates.csv", "candidates-csv", 4, 3, 1, 1, 0, 1),
    ("candidates.jsonl", "candidates", 3, 2, 1, 1, 0, 1),
    ("cc-edges.txt", "cc-edges", 3, 0, 0, 0, 3, 0),
    ("cc-index.jsonl", "cc-index", 2, 2, 0, 0, 0, 0),
    ("cc-ranks.txt", "cc-ranks", 2, 0, 0, 0, 2, 0),
    ("cc-vertices.txt", "cc-vertices", 3, 3, 3, 0, 0, 0),
    ("cdx-json.json", "cdx-json", 3, 2, 0, 0, 1, 0),
    ("cdx.cdx", "cdx", 3, 2, 0, 0, 1, 0),
    ("cdx.cdxj", "cdx", 2, 1, 0, 0, 0, 1),
    ("changes.csv", "changes", 2, 2, 0, 1, 0, 0),
    ("checks.csv", "checks", 3, 3, 1, 1, 0, 0),
    ("dataforseo-backlinks.json", "dataforseo-backlinks", 2, 2, 0, 1, 0, 0),
    ("disavow.txt", "disavow", 4, 3, 2, 0, 0, 1),
    ("en.wikipedia.example.json", "mediawiki-exturlusage", 1, 1, 0, 0, 0, 0),
    ("globallinks.csv", "globallinks", 2, 2, 0, 0, 0, 0),
    ("gsc-internal-links.csv", "gsc-internal-links", 2, 0, 0, 0, 2, 0),
    ("gsc-latest-links.csv", "gsc-latest-links", 3, 3, 0, 0, 0, 0),
    ("gsc-latest-links.es.csv", "gsc-latest-links", 2, 2, 0, 0, 0, 0),
    ("gsc-latest-links.he.csv", "gsc-latest-links", 2, 2, 0, 0, 0, 0),
    ("gsc-latest-links.xlsx", "gsc-latest-links", 3, 2, 0, 0, 0, 1),
    ("gsc-linking-sites.csv", "gsc-linking-sites", 3, 2, 2, 0, 0, 1),
    ("gsc-sample-links.csv", "gsc-sample-links", 2, 2, 0, 0, 0, 0),
    ("gsc-target-pages.csv", "gsc-target-pages", 2, 0, 0, 0, 2, 0),
    ("hacker-news.json", "hacker-news", 2, 2, 0, 0, 0, 0),
    ("httpx.jsonl", "httpx", 2, 2, 0, 0, 0, 0),
    ("httpx.txt", "httpx-list", 2, 2, 0, 0, 0, 0),
    ("katana.jsonl", "katana", 4, 1, 0, 0, 3, 0),
    ("librecrawl.csv", "librecrawl", 2, 1, 0, 0, 1, 0),
    ("link-backlink.csv", "table", 3, 3, 0, 0, 0, 0),
    ("linkchecker.csv", "linkchecker", 2, 1, 0, 0, 1, 0),
    ("linkchecker.gml", "linkchecker-gml", 3, 1, 0, 0, 1, 1),
    ("linkchecker.json", "linkchecker-json", 2, 1, 0, 0, 1, 0),
    ("linkchecker.sql", "linkchecker", 3, 1, 0, 0, 1, 1),
    ("linkchecker.xml", "linkchecker-xml", 3, 1, 0, 0, 2, 0),
    ("linkinator.csv", "linkinator", 4, 2, 0, 0, 2, 0),
    ("linkinator.json", "linkinator", 3, 2, 0, 0, 1, 0),
    ("list.txt", "list", 4, 3, 1, 0, 0, 1),
    ("log-columns.log", "log-columns", 5, 1, 0, 0, 3, 1),
    ("log-combined.log", "log-combined", 17, 5, 1, 0, 10, 2),
    ("log-common.log", "log-common", 2, 0, 0, 0, 2, 0),
    ("log-iis.log", "log-w3c", 2, 1, 0, 0, 1, 0),
    ("log-json.log", "log-json", 4, 2, 0, 0, 2, 0),
    ("log-vhost.log", "log-combined", 3, 2, 0, 0, 1, 0),
    ("log-w3c.log", "log-w3c", 5, 1, 0, 0, 3, 1),
    ("lychee.json", "lychee", 5, 2, 0, 0, 3, 0),
    ("majestic-backlinks.csv", "majestic-backlinks", 4, 3, 0, 0, 0, 1),
    ("majestic-links.csv", "majestic-links", 1, 1, 0, 0, 0, 0),
    ("majestic-million.csv", "majestic-million", 2, 0, 0, 0, 2, 0),
    ("mediawiki-exturlusage.json", "mediawiki-exturlusage", 2, 2, 0, 0, 0, 0),
    ("moz-api.json", "moz-api", 2, 2, 0, 1, 0, 0),
    ("moz-backlinks.csv", "moz-backlinks", 2, 2, 0, 0, 0, 0),
    ("moz-top-pages.csv", "moz-top-pages", 2, 0, 0, 0, 2, 0),
    ("muffet.json", "muffet", 3, 2, 0, 0, 1, 0),
    ("muffet.txt", "muffet-text", 3, 2, 0, 0, 1, 0),
    ("muffet.xml", "junit", 3, 2, 0, 0, 1, 0),
    ("opml.opml", "opml", 4, 3, 2, 0, 1, 0),
    ("rows.csv", "rows", 2, 2, 0, 1, 0, 0),
    ("rows.json", "rows", 2, 2, 0, 1, 0, 0),
    ("rows.jsonl", "rows", 3, 2, 0, 1, 0, 1),
    ("rss.xml", "rss", 2, 2, 0, 0, 0, 0),
    ("screaming-frog-pages.csv", "screaming-frog-pages", 2, 1, 0, 0, 1, 0),
    ("screaming-frog.csv", "screaming-frog", 2, 2, 0, 0, 0, 0),
    ("screaming-frog.fr.csv", "screaming-frog", 1, 1, 0, 0, 0, 0),
    ("se-ranking-backlinks.json", "se-ranking-backlinks", 1, 1, 0, 0, 0, 0),
    ("semrush-api.csv", "semrush-api", 1, 1, 0, 0, 0, 0),
    ("semrush-audit.csv", "semrush-audit", 2, 2, 0, 0, 0, 0),
    ("semrush-backlinks-legacy.csv", "semrush-backlinks-legacy", 1, 1, 0, 0, 0, 0),
    ("semrush-backlinks.csv", "semrush-backlinks", 3, 2, 0, 1, 0, 1),
    ("semrush-gap.csv", "semrush-gap", 2, 2, 2, 0, 0, 0),
    ("semrush-referring-domains.csv", "semrush-referring-domains", 2, 2, 2, 0, 0, 0),
    ("seo-backlink-checker.json", "seo-backlink-checker", 4, 4, 0, 1, 0, 0),
    ("seonaut-images.csv", "seonaut-images", 1, 0, 0, 0, 1, 0),
    ("seonaut.csv", "seonaut", 2, 1, 0, 0, 1, 0),
    ("sitebulb.csv", "sitebulb", 3, 2, 0, 0, 1, 0),
    ("sitemap-index.xml", "sitemap-index", 2, 0, 0, 0, 2, 0),
    ("sitemap.xml", "sitemap", 3, 2, 0, 0, 0, 1),
    ("stack-exchange.json", "stack-exchange", 1, 1, 0, 0, 0, 0),
    ("table-without-header.tsv", "table", 3, 3, 0, 0, 0, 0),
    ("table.csv", "table", 3, 2, 1, 0, 0, 1),
    ("warc.warc", "warc", 5, 2, 0, 0, 3, 0),
    ("wat.warc.wat.gz", "wat", 4, 1, 0, 0, 3, 0),
    ("yandex-links.json", "yandex-links", 2, 2, 0, 0, 0, 0),
)

# The candidate of a sample that says most, and its first claim.
FULLEST: dict[str, dict[str, Any]] = json.loads((SAMPLES.parent / "importers-claims.json").read_text(encoding="utf-8"))


def read(*paths: Path, **options: Any) -> tuple[list[Candidate], list[FileReport]]:
    reading = Reading(paths, **options)
    return [outcome for outcome in reading if isinstance(outcome, Candidate)], reading.reports


def facts(claim: Claim) -> dict[str, Any]:
    """What a claim says, without the name of the file."""
    said = {field.name: getattr(claim, field.name) for field in fields(Claim) if field.name != "file"}
    written = {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}
    return {name: written[name] for name, value in said.items() if value != Claim.__dataclass_fields__[name].default}


def content(path: Path, **options: Any) -> list[tuple[str, bool, list[dict[str, Any]]]]:
    """What is in a file, whatever it is called."""
    return [(found.url, found.is_domain, list(map(facts, found.claims))) for found in read(path, **options)[0]]


def every_sample() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)


def test_every_format_has_a_sample_and_every_sample_its_figures() -> None:
    assert {row[1] for row in FIGURES} == set(BY_NAME)
    assert sorted(row[0] for row in FIGURES) == sorted(path.name for path in SAMPLES.iterdir())
    assert len(BY_NAME) == len(FORMATS)


@pytest.mark.parametrize("expected", FIGURES, ids=lambda row: row[0])
def test_a_sample_is_recognised_and_every_row_is_accounted_for(
    expected: tuple[str, str, int, int, int, int, int, int],
) -> None:
    file, name, *figures = expected
    candidates, reports = read(SAMPLES / file)
    (report,) = [report for report in reports if report.format is not None]
    assert report.format is not None
    assert report.format.name == name
    found = [report.rows, report.candidates, report.seeds, report.lost, report.skipped.total(), report.bad.total()]
    assert found == figures
    assert report.rows == report.candidates + report.skipped.total() + report.bad.total()
    assert len(candidates) <= report.candidates


@pytest.mark.parametrize("file", FULLEST)
def test_a_claim_says_what_its_row_says(file: str) -> None:
    expected = FULLEST[file]
    claims = [claims for url, _, claims in content(SAMPLES / file) if url == expected["url"]]
    assert expected["claim"] in [said[0] for said in claims]


def test_a_claim_names_its_file_as_the_user_does() -> None:
    (first, *_), _ = read(SAMPLES / "bing-pages.csv")
    assert first.claims[0].file == str(SAMPLES / "bing-pages.csv")
    assert (first.confidence, first.is_lost) == (0.8, False)
    assert first.expected_targets == ("https://target.example/maps/",)


@every_sample()
def test_a_lost_link_is_kept_marked_and_of_little_confidence(path: Path) -> None:
    for candidate in read(path)[0]:
        for claim in candidate.claims:
            assert not claim.is_lost or claim.confidence <= LOST


@every_sample()
def test_a_format_fills_in_no_claim_that_it_does_not_name(path: Path) -> None:
    candidates, reports = read(path)
    entry = next(report.format for report in reports if report.format is not None)
    told = {"origin", "row", "confidence", *entry.claims}
    for candidate in candidates:
        for claim in candidate.claims:
            assert facts(claim).keys() <= told


# Samples whose rows are lines, each of its own: any rows of theirs in any order make a file of the same format.
ROWS_OF_LINES = {
    "ahrefs-backlinks-legacy.csv": 1, "bing-pages.csv": 1, "gsc-linking-sites.csv": 1, "gsc-internal-links.csv": 1, "librecrawl.csv": 1,
    "linkinator.csv": 1, "log-columns.log": 0, "log-combined.log": 0, "log-iis.log": 3, "linkchecker.sql": 2,
    "majestic-links.csv": 1, "screaming-frog-pages.csv": 1, "seonaut.csv": 1, "sitebulb.csv": 1, "katana.jsonl": 0, "httpx.txt": 0,
    "disavow.txt": 0, "link-backlink.csv": 1, "cc-vertices.txt": 0,
}  # fmt: skip


@given(data=st.data())
def test_every_row_of_a_file_is_a_candidate_or_passed_over_or_bad(data: st.DataObject, tmp_path_factory: Any) -> None:
    name = data.draw(st.sampled_from(sorted(ROWS_OF_LINES)))
    lines = (SAMPLES / name).read_text(encoding="utf-8").splitlines()
    header, rows = lines[: ROWS_OF_LINES[name]], lines[ROWS_OF_LINES[name] :]
    rows = [row for row in rows if row.strip() and not row.startswith(("#", "--"))]
    more = data.draw(st.lists(st.sampled_from([*rows, "what is this", "", "   "]), max_size=30))
    path = tmp_path_factory.mktemp("rows") / name
    path.write_text("\n".join([*header, *rows, *more]) + "\n", encoding="utf-8")
    _, (report,) = read(path, as_format=next(figures[1] for figures in FIGURES if figures[0] == name))
    assert report.rows == len(rows) + sum(bool(row.strip()) for row in more)
    assert report.rows == report.candidates + report.skipped.total() + report.bad.total()


# --- as people have them ----------------------------------------------------------------------------------------------

TEXTS = [
    path for path in sorted(SAMPLES.iterdir()) if path.suffix in {".csv", ".tsv", ".txt", ".json", ".jsonl", ".log"}
]
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-8-sig": lambda text: text.encode("utf-8-sig"),
    "utf-16 with mark": lambda text: text.encode("utf-16"),
    "utf-16-be with mark": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-32": lambda text: text.encode("utf-32"),
}


def text_of(path: Path) -> str:
    data = path.read_bytes()
    for encoding in ("utf-16",) if data[:2] == codecs.BOM_UTF16_LE else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError(path)


@pytest.mark.slow
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_text_in_every_encoding(tmp_path: Path, path: Path, encoding: str) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(ENCODINGS[encoding](text_of(path)))
    assert content(copy) == content(path)


@pytest.mark.parametrize("path", [path for path in TEXTS if path.suffix == ".csv"], ids=lambda path: path.name)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CR LF", "CR"])
def test_every_table_with_every_end_of_line(tmp_path: Path, path: Path, end: str) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(text_of(path).replace("\r\n", "\n").replace("\n", end).encode())
    assert content(copy) == content(path)


PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


# Those that are packed already, and the one whose name says which wiki it is of.
NOT_PACKED = {"gsc-latest-links.xlsx", "wat.warc.wat.gz", "en.wikipedia.example.json"}
PACKABLE = [path for path in sorted(SAMPLES.iterdir()) if path.name not in NOT_PACKED]


@pytest.mark.slow
@pytest.mark.parametrize("path", PACKABLE, ids=lambda path: path.name)
@pytest.mark.parametrize("packer", PACKERS)
def test_every_sample_packed_and_under_any_name(tmp_path: Path, path: Path, packer: str) -> None:
    copy = tmp_path / "some file"
    copy.write_bytes(PACKERS[packer](path.read_bytes()))
    assert content(copy) == content(path)


def test_many_files_in_one_archive_beside_what_is_none_of_ours(tmp_path: Path) -> None:
    archive = tmp_path / "everything.zip"
    wanted = [path for path in sorted(SAMPLES.iterdir()) if path.suffix != ".xlsx"]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in wanted:
            packed.write(path, f"folder/{path.name}")
        packed.writestr("readme.pdf", b"%PDF-1.7")
        packed.writestr("__MACOSX/._x.csv", b"x")
        packed.writestr("empty/", b"")
    candidates, reports = read(archive)
    assert [(found.url, list(map(facts, found.claims))) for found in candidates] == [
        (url, claims) for path in wanted for url, _, claims in content(path)
    ]
    assert [report.file for report in reports if report.format is None] == [f"{archive}/readme.pdf"]
    assert {claim.file for found in candidates for claim in found.claims} >= {f"{archive}/folder/list.txt"}


def test_several_files_one_after_the_other() -> None:
    candidates, reports = read(SAMPLES / "list.txt", SAMPLES / "bing-pages.csv")
    assert [report.rows for report in reports] == [4, 2]
    assert [found.origins for found in candidates] == [("list",)] * 3 + [("bing",)] * 2


# --- headers ----------------------------------------------------------------------------------------------------------


def write(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def origins(path: Path) -> set[str]:
    return {origin for candidate in read(path)[0] for origin in candidate.origins}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("lines", range(11))
def test_up_to_ten_lines_before_the_header(tmp_path: Path, delimiter: str, lines: int) -> None:
    header = delimiter.join(("LINKING  PAGE", "Last Crawled"))
    path = write(tmp_path, "Links of, for; example\n" * lines + f"{header}\nhttps://a.example/x{delimiter}2025-10-02\n")
    assert origins(path) == {"gsc"}


def test_an_eleventh_line_is_no_preamble(tmp_path: Path) -> None:
    path = write(tmp_path, "Links of example\n" * 11 + "Linking page,Last crawled\nhttps://a.example/x,2025-10-02\n")
    with pytest.raises(CandidateFileError, match="Links of example"):
        read(path)


@pytest.mark.parametrize(
    "header",
    ["Página de enlace,Último rastreo", "PAGINA DE ENLACE,ultimo rastreo", "דף מקשר,נסרק לאחרונה", '"Linking page","Last crawled"',
     "\u200fLinking page\u200f, Last crawled ", "linking_page,last-crawled"],
)  # fmt: skip
def test_a_header_is_compared_as_people_read_it(tmp_path: Path, header: str) -> None:
    assert origins(write(tmp_path, f"{header}\nhttps://a.example/x,2025-10-02\n")) == {"gsc"}


def test_the_names_of_search_consoles_files_say_whose_links_they_are(tmp_path: Path) -> None:
    text = "Linking page\nhttps://a.example/x\n"
    for name, target in (
        ("https___target.example_-Latest links-2025-10-02.csv", "target.example"),
        ("http___www.target.example_-Latest links-2025-10-02.csv", "www.target.example"),
        ("target.example-More sample links-2025-10-02.csv", "target.example"),
        ("links.csv", ""),
    ):
        (candidate,) = read(write(tmp_path, text, name))[0]
        assert candidate.claims[0].target_url == target


def test_a_header_in_the_middle_is_passed_over(tmp_path: Path) -> None:
    text = "Linking page,Last crawled\nhttps://a.example/x,2025-10-02\n"
    _, (report,) = read(write(tmp_path, text + text))
    assert (report.rows, report.candidates, dict(report.skipped)) == (3, 2, {"the header again": 1})


def tables_without_names() -> Iterator[Any]:
    rows = [
        ("https://a.example/1", "https://t.example/", "old maps", "2023-01-02", "2025-01-02"),
        ("https://b.example/2", "https://t.example/x", "more maps", "2022-01-02", "2025-02-02"),
        ("https://c.example/3", "https://t.example/", "the maps", "2021-01-02", "2025-03-02"),
    ]
    for order in ((0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 1, 0, 4, 3)):
        for header in ([], ["alpha,beta,gamma,delta,epsilon"]):
            lines = [*header, *(",".join(row[column] for column in order) for row in rows)]
            yield pytest.param("\n".join(lines), id=f"{order} {bool(header)}")


@pytest.mark.parametrize("text", list(tables_without_names()))
def test_columns_are_told_by_what_they_hold(tmp_path: Path, text: str) -> None:
    first = read(write(tmp_path, text))[0][0]
    assert first.url == "https://a.example/1"
    claim = first.claims[0]
    assert (claim.target_url, claim.anchor) == ("https://t.example/", "old maps")
    assert (claim.first_seen, claim.last_seen) == ("2023-01-02", "2025-01-02")


UNKNOWN = [
    ("Source Url,Anchor text,Target Url,Link Type,First Indexed\nhttps://a.example/x,maps,https://t.example/,NoFollow,2024-01-02\n",
     {"target_url": "https://t.example/", "anchor": "maps", "rel": ["nofollow"], "follow": False, "first_seen": "2024-01-02"}),
    ("Linking page;Link to;Link text\nhttps://a.example/x;https://t.example/;maps\n", {"target_url": "https://t.example/", "anchor": "maps"}),
    ("From\tTo\tAnchor Text\tRel\nhttps://a.example/x\thttps://t.example/\tmaps\tugc sponsored\n",
     {"target_url": "https://t.example/", "anchor": "maps", "rel": ["ugc", "sponsored"], "follow": False}),
    ("Referring page URL,Target URL,Anchor,Nofollow,Lost\nhttps://a.example/x,https://t.example/,maps,FAUX,\n",
     {"target_url": "https://t.example/", "anchor": "maps", "follow": True}),
    ("Source,URL,Target\nNewsletter,https://a.example/x,https://t.example/\n", {"target_url": "https://t.example/"}),
    ("Backlink,Landing page,Type\nhttps://a.example/x,https://t.example/,DF\n", {"target_url": "https://t.example/", "follow": True}),
    ('{"source_url": "https://a.example/x", "target_url": "https://t.example/", "is_nofollow": true, "first_seen_at": "2024-01-02"}',
     {"target_url": "https://t.example/", "rel": ["nofollow"], "follow": False, "first_seen": "2024-01-02"}),
    ('{"data": {"links": [{"urlFrom": "https://a.example/x", "urlTo": "https://t.example/", "anchorText": "maps", "noFollow": false}]}}',
     {"target_url": "https://t.example/", "anchor": "maps", "follow": True}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), UNKNOWN)
def test_tables_of_tools_that_nobody_knows(tmp_path: Path, text: str, said: dict[str, Any]) -> None:
    ((url, is_domain, (claim,)),) = content(write(tmp_path, text))
    assert (url, is_domain) == ("https://a.example/x", False)
    assert claim.pop("origin") == "table"
    assert {name: value for name, value in claim.items() if name not in {"row", "confidence"}} == said


@pytest.mark.parametrize(
    "line",
    [
        "20230411081500 https://a.example/x",
        "https://a.example/x 20230411081500 200",
        "example,a)/x 20230411081500 https://a.example/x text/html 200 AAAA 1024",
        'example,a)/x 20230411081500 {"url": "https://a.example/x"}',
    ],
)
def test_parts_of_cdx(tmp_path: Path, line: str) -> None:
    ((url, _, (claim,)),) = content(write(tmp_path, f"{line}\n"))
    assert (url, claim["origin"]) == ("https://a.example/x", "archive")


LOGGED = [
    {"ClientRequestHost": "t.example", "ClientRequestURI": "/x", "ClientRequestReferer": "https://a.example/x",
     "ClientRequestUserAgent": "Mozilla/5.0", "EdgeResponseStatus": 200, "EdgeStartTimestamp": "2025-10-02T09:20:44Z"},
    {"RequestHost": "t.example", "RequestPath": "/x", "request_Referer": "https://a.example/x", "request_User-Agent": "Mozilla/5.0",
     "DownstreamStatus": 200, "time": "2025-10-02T09:20:44Z"},
    {"httpRequest": {"requestUrl": "https://t.example/x", "referer": "https://a.example/x", "userAgent": "Mozilla/5.0", "status": 200},
     "timestamp": "2025-10-02T09:20:44.1234Z"},
]  # fmt: skip


@pytest.mark.parametrize("row", LOGGED, ids=["Cloudflare", "Traefik", "Google Cloud"])
def test_json_logs_of_other_servers(tmp_path: Path, row: dict[str, Any]) -> None:
    ((url, _, (claim,)),) = content(write(tmp_path, json.dumps(row) + "\n"))
    assert (url, claim["origin"], claim["target_url"]) == ("https://a.example/x", "access-log", "https://t.example/x")
    assert claim["last_seen"] == "2025-10-02T09:20:44Z"


LINES = [
    '192.0.2.7 - - [02/Oct/2025:11:20:44 +0200] "GET /x HTTP/1.1" 200 1024 "https://a.example/x" "Mozilla/5.0"',
    '192.0.2.7 - - [02/Oct/2025:11:20:44 +0200] "GET /x HTTP/1.1" 200 1024 "https://a.example/x" "Mozilla/5.0" "192.0.2.8" rt=0.01',
    '2001:db8::7 - ann lee [02/Oct/2025:11:20:44 +0200] "GET /x HTTP/2.0" 304 - "https://a.example/x" "Mozilla/5.0 \\"x\\""',
]


@pytest.mark.parametrize("line", LINES)
def test_lines_of_logs_with_more_or_less(tmp_path: Path, line: str) -> None:
    ((url, _, (claim,)),) = content(write(tmp_path, f"{line}\n"))
    assert (url, claim["target_url"], claim["last_seen"]) == ("https://a.example/x", "/x", "2025-10-02T09:20:44Z")


def test_domains_without_a_header_are_seeds(tmp_path: Path) -> None:
    found = read(write(tmp_path, "1,a.example,12\n2,b.example,7\n3,sub.c.example,5\n"))[0]
    assert [(candidate.url, candidate.is_domain) for candidate in found] == [
        ("a.example", True),
        ("b.example", True),
        ("sub.c.example", True),
    ]


# --- what the user says -----------------------------------------------------------------------------------------------


def test_a_format_that_is_named_is_the_one_that_is_read() -> None:
    path = SAMPLES / "semrush-api.csv"
    assert read(path, as_format="table")[0][0].origins == ("table",)
    assert content(SAMPLES / "list.txt", as_format="disavow")[1][:2] == ("boats.example", True)
    with pytest.raises(CandidateFileError, match="a table of 12 columns"):
        read(path, as_format="majestic-backlinks")
    with pytest.raises(CandidateFileError, match="sitemap, not what --as says"):
        read(SAMPLES / "sitemap.xml", as_format="rss")


@pytest.mark.parametrize(
    "entry", [entry for entry in FORMATS if entry.shape is not Shape.TABLE], ids=lambda entry: entry.name
)
def test_a_file_of_nothing_is_read_as_any_list_or_log(tmp_path: Path, entry: Any) -> None:
    path = write(tmp_path, "")
    if entry.shape in {Shape.LINES, Shape.LOG}:
        assert read(path, as_format=entry.name)[0] == []


def test_with_targets_only_what_may_lead_to_them_is_kept() -> None:
    targets = Targets.parse(["rival.example"])
    found, (report,) = read(SAMPLES / "semrush-gap.csv", targets=targets)
    assert [[claim.target_url for claim in candidate.claims] for candidate in found] == [["rival.example"]] * 2
    found, (report,) = read(SAMPLES / "bing-pages.csv", targets=targets)
    assert (found, dict(report.skipped)) == ([], {"links to none of the targets": 2})
    found, (report,) = read(SAMPLES / "log-combined.log", targets=Targets.parse(["target.example"]))
    assert report.candidates == 5


def test_a_log_without_pages_of_its_own_is_told_whose_it_is(tmp_path: Path) -> None:
    line = '192.0.2.7 - - [02/Oct/2025:11:20:00 +0200] "GET /{} HTTP/1.1" 200 1 "{}" "Mozilla/5.0"\n'
    path = write(
        tmp_path, line.format("", "https://target.example/x") + line.format("", "https://a.example/x"), "access.log"
    )
    assert [candidate.url for candidate in read(path)[0]] == ["https://target.example/x", "https://a.example/x"]
    known = read(path, targets=Targets.parse(["target.example"]))[0]
    assert [candidate.url for candidate in known] == ["https://a.example/x"]
