"""`backlinkbot import`: what it prints, writes and refuses, and that crawls read what it wrote."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from backlinkbot.cli.main import main
from backlinkbot.importers import read_candidates
from backlinkbot.importers.formats.catalogue import FORMATS
from tests.conftest import CrawlFunction, links
from tests.fakeweb import FakeWeb
from tests.test_importers_formats import SAMPLES

Printed = pytest.CaptureFixture[str]


def test_it_says_what_it_found_and_why(tmp_path: Path, capsys: Printed) -> None:
    output = tmp_path / "out" / "candidates.jsonl"
    files = [str(SAMPLES / name) for name in ("ahrefs-backlinks.csv", "log-combined.log")]
    assert main(["import", *files, "-o", str(output)]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    skipped = "10 passed over (3 own page, 2 search engine, 2 app, 1 no referer, 1 referrer spam, 1 bot)"
    assert said.out.splitlines() == [
        f"{files[0]}: ahrefs-backlinks, by its header: Referring page URL, Target URL, Domain rating (line 1, utf-16)",
        "  5 rows: 4 candidates (0 domains, 1 lost links), 0 passed over, 1 bad (1 no URL)",
        "  row 6: no URL: 'Nothing en wordpress 200 54 11 1830 41 77 63 12 4 https://target.example/ as we wrote in maps last…'",
        f"{files[1]}: log-combined, by its lines; the log of target.example",
        f"  17 rows: 5 candidates (1 domains, 0 lost links), {skipped}, 2 bad (1 not an http(s) URL, 1 not of this format)",
        "  row 16: not an http(s) URL: 'no url'",
        "  row 17: not of this format: 'what is this'",
        (
            f"all 2 files: 22 rows: 9 candidates (1 domains, 1 lost links), {skipped}, "
            f"3 bad (1 no URL, 1 not an http(s) URL, 1 not of this format)"
        ),
        f"{output}: 7 candidates, each page and domain once",
    ]
    coast = next(found for found in read_candidates(output) if found.url == "https://blog.maps.example/coast/")
    assert coast.origins == ("ahrefs", "access-log")


def test_candidates_to_standard_output_and_words_beside_them(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["import", str(SAMPLES / "bing-domains.csv"), "-o", "-"]) == 0
    out, err = capfdbinary.readouterr()
    assert [json.loads(line)["url"] for line in out.splitlines()] == ["maps.example", "www.boats.example"]
    assert b"2 rows: 2 candidates (2 domains" in err


def test_bad_rows_are_a_file_that_no_spreadsheet_runs(tmp_path: Path, capsys: Printed) -> None:
    source, bad = tmp_path / "links.csv", tmp_path / "bad.csv"
    source.write_text("url,note\nhttps://a.example/,x\n=cmd|x,x\n\x1b[31mred,y\n,z\n")
    assert main(["import", str(source), "--bad", str(bad)]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert bad.read_bytes().decode().splitlines()[0] == "file,row,reason,text"
    rows = list(csv.reader(bad.read_text().splitlines()))[1:]
    assert rows == [
        [str(source), "3", "not an http(s) URL", "'=cmd|x"],
        [str(source), "4", "not an http(s) URL", "[31mred"],
        [str(source), "5", "no URL", "z"],
    ]


@pytest.mark.parametrize("suffix", [".jsonl", ".jl", ".csv"])
def test_what_is_written_is_a_list_of_candidates_again(tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    everything = [str(path) for path in sorted(SAMPLES.iterdir())]
    assert main(["import", *everything, "-o", str(first)]) == 0
    assert main(["import", str(first), "-o", str(second)]) == 0
    assert first.read_bytes() == second.read_bytes()
    assert len(list(read_candidates(first))) > 40


def test_the_formats_are_listed(capsys: Printed) -> None:
    assert main(["import", "--formats"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [entry.name for entry in FORMATS]


def test_it_explains_how_a_file_was_understood(capsys: Printed) -> None:
    file = str(SAMPLES / "screaming-frog.csv")
    first = "links to https://target.example/maps/, anchor 'old maps', follow, confidence 0.8"
    second = "links to https://target.example/, anchor 'a map', rel sponsored noopener, nofollow, confidence 0.8"
    assert main(["import", "--explain", file]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{file}: screaming-frog, by its header: Type, Source, Destination, Anchor (line 1, utf-8-sig)",
        "  Screaming Frog, All inlinks and All outlinks",
        "  element: column 1, 'Type'",
        "  source: column 2, 'Source'",
        "  target_url: column 3, 'Destination'",
        "  anchor: column 5, 'Alt Text'",
        "  anchor: column 6, 'Anchor'",
        "  follow: column 10, 'Follow'",
        "  rel: column 12, 'Rel'",
        f"  row 2: the page https://blog.maps.example/coast/ {first}",
        f"  row 3: the page https://blog.maps.example/ads {second}",
        "  2 rows: 2 candidates (0 domains, 0 lost links), 0 passed over, 0 bad",
    ]


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_every_file_is_explained_in_few_lines(path: Path, capsys: Printed) -> None:
    assert main(["import", "--explain", str(path)]) == 0
    said = capsys.readouterr().out
    assert 3 <= said.count("\n") <= 40
    assert said.count("  row ") <= 5 + 3
    assert "\x1b" not in said


MAPPED = {
    "by name": "source=Where,target=Whither,anchor=What, exactly",
    "by number": "source=2,target=3,anchor=1",
    "by both": "source=where,target=3,anchor=What, exactly",
}


@pytest.mark.parametrize("given", MAPPED.values(), ids=MAPPED)
@pytest.mark.parametrize("form", ["csv", "csv without header", "json", "xlsx"])
def test_columns_that_the_user_names(tmp_path: Path, given: str, form: str) -> None:
    header, row = ["What, exactly", "Where", "Whither"], ["old maps", "https://t.example/", "https://a.example/x"]
    source, output = tmp_path / "table", tmp_path / "out.jsonl"
    if form == "json":
        source.write_text(json.dumps([dict(zip(header, row, strict=True))]))
    elif form == "xlsx":
        book = openpyxl.Workbook()
        for cells in (header, row):
            book.active.append(cells)
        book.save(source)
    else:
        with source.open("w", newline="") as file:
            csv.writer(file).writerows([header, row] if form == "csv" else [row])
    is_nameless = form == "csv without header" and given != MAPPED["by number"]
    assert main(["import", str(source), "--map", given, "-o", str(output)]) == (2 if is_nameless else 0)
    if not is_nameless:
        (candidate,) = read_candidates(output)
        assert candidate.url == "https://t.example/"
        assert (candidate.claims[0].target_url, candidate.claims[0].anchor) == ("https://a.example/x", "old maps")


def test_an_archive_names_what_it_leaves_out(tmp_path: Path, capsys: Printed) -> None:
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("Chart.csv", "Date,Clicks\n2025-01-01,7\n")
        packed.write(SAMPLES / "gsc-latest-links.csv", "Latest links.csv")
    assert main(["import", str(archive)]) == 0
    assert f"{archive}/Chart.csv: skipped, unknown format" in capsys.readouterr().out


def words(*given: str) -> Callable[[Path], list[str]]:
    return lambda folder: [word.replace("FOLDER", str(folder)) for word in given]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (words("FOLDER/none.csv"), "No such file"),
        (words("FOLDER"), "it is a folder; name a file"),
        (words("FOLDER/words.csv"), "is not a URL; write one URL per line"),
        (words("FOLDER/list.txt", "--as", "nothing"), "no such format"),
        (words("FOLDER/list.txt", "--as", "rss"), "list"),
        (words("FOLDER/list.txt", "--map", "where=1"), "NAME is one of source, domain"),
        (words("FOLDER/list.txt", "--map", "target=1"), "name the column of the pages that link"),
        (words("FOLDER/list.txt", "--map", "source=Page"), "no columns 'Page', which --map names"),
        (words("FOLDER/list.txt", "-o", "FOLDER/out.xlsx"), "unknown format"),
        (words("FOLDER/list.txt", "--bad", "FOLDER/out.txt"), "unknown format"),
        (words("FOLDER/list.txt", "--target", "not a target/"), "target"),
    ],
)
def test_a_mistake_is_refused_before_anything_is_written(
    tmp_path: Path, capsys: Printed, given: Callable[[Path], list[str]], told: str
) -> None:
    (tmp_path / "words.csv").write_text("no url here\n")
    (tmp_path / "list.txt").write_text("https://a.example/\n")
    assert main(["import", "-o", str(tmp_path / "first.jsonl"), *given(tmp_path)]) == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "first.jsonl").exists()


def test_a_file_is_asked_for(capsys: Printed) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["import"])
    assert "--formats" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_no_usage(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "out.csv").mkdir()
    assert main(["import", str(SAMPLES / "list.txt"), "-o", str(tmp_path / "out.csv")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_crawl_reads_exports_as_they_are(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    target = "https://target.example/"
    web.page("https://blog.maps.example/coast/", links(target))
    web.page("https://boats.example/links", "nothing")
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(SAMPLES / "yandex-links.json", "a.json")
        packed.write(SAMPLES / "gsc-latest-links.xlsx", "not read.xlsx")
    found = crawl("verify", candidates=[str(archive), str(SAMPLES / "gsc-latest-links.xlsx")])
    assert found.sources == ["https://blog.maps.example/coast/"]
    assert found.checks["https://boats.example/links"].state == "not_linked"
    assert found.checks["see notes"].reason == "not an http(s) URL"
    assert found.rows[0].claimed_by == ("yandex", "gsc")


@pytest.mark.parametrize("spider", ["verify", "discover"])
def test_a_crawl_counts_what_it_could_not_read(web: FakeWeb, crawl: CrawlFunction, spider: str) -> None:
    web.page("https://boats.example/links", "nothing")
    found = crawl(
        spider, candidates=[str(SAMPLES / name) for name in ("disavow.txt", "gsc-target-pages.csv", "list.txt")]
    )
    assert found.stats["backlinks/candidates/bad_rows"] == 1
    assert found.stats["backlinks/candidates/passed_over"] == 2
    assert "see notes" in found.checks
