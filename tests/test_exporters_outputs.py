"""Outputs that cannot be written: told before the crawl where that can be known, else one line, and no row becomes old."""

from __future__ import annotations

import json
import marshal
import os
import pickle
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from scrapy.exporters import BaseItemExporter

from backlinkbot.exporters.exporters import columns_of
from backlinkbot.files.row_files import read_rows
from backlinkbot.history import History
from tests.conftest import KILL, CrawlFunction, Ran, as_quick_command, environment, links, run_command
from tests.fakeweb import Answer, FakeWeb, Request

T = "https://target.example/"
PAGES = 40
LONG = "word " * 200
"""An anchor of a kilobyte, so that a small disk is full after some pages."""


@pytest.fixture
def site(web: FakeWeb) -> FakeWeb:
    for number in range(PAGES):
        web.page(f"https://h{number}.example/", f"<!doctype html><p><a href='{T}{number}'>{LONG}</a>")
    return web


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder whose candidates are the site's pages."""
    (tmp_path / "candidates.txt").write_text("\n".join(f"https://h{number}.example/" for number in range(PAGES)))
    return tmp_path


def verify(web: FakeWeb, folder: Path, *words: str | Path, history: str = "", **options: Any) -> Ran:
    command = ("backlinkbot", "verify", "target.example", "--candidates", "candidates.txt", "--delay", "0")
    return run_command(*command, "--history", history, *words, web=web, cwd=folder, **options)


def scrapy_verify(web: FakeWeb, folder: Path, *words: str | Path, history: str = "", **options: Any) -> Ran:
    arguments = ("targets=target.example", f"candidates={folder / 'candidates.txt'}", "delay=0", f"history={history}")
    flags = (word for pair in arguments for word in ("-a", pair))
    return run_command("scrapy", "crawl", "verify", "-L", "ERROR", *flags, *words, web=web, **options)


def states(path: Path) -> list[str]:
    return [str(row["state"]) for row in read_rows(path)]


# --- known before anything is fetched -----------------------------------------------------------------------------------


def feeds(*uris: str, form: str = "csv") -> tuple[str, str]:
    return "-s", "FEEDS=" + json.dumps({uri: {"format": form, "overwrite": True} for uri in uris})


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("s3://bucket/rows.csv", "the library boto3 is not installed"),
        ("gs://bucket/rows.csv", "the library google.cloud.storage is not installed"),
        ("nowhere://host/rows.csv", "unknown scheme nowhere:"),
        ("ftp:///rows.csv", "hostname"),
        ("/proc/rows.csv", "cannot be written"),
        ("there/candidates.txt/rows.csv", "Not a directory"),
        ("there", "is a folder"),
    ],
)
@pytest.mark.parametrize("start", [verify, scrapy_verify])
def test_what_is_known_before_the_crawl_is_said_before_it(
    site: FakeWeb, folder: Path, uri: str, said: str, start: Any
) -> None:
    (folder / "there").mkdir()
    shutil.copy(folder / "candidates.txt", folder / "there")
    uri = str(folder / uri) if uri.startswith("there") else uri
    done = start(site, folder, *feeds(str(folder / "good.csv"), uri))
    assert (done.status, site.hits, done.out) == (1, [], "")
    assert done.err.count("\n") == 1
    assert uri in done.err
    assert said in done.err


@pytest.mark.subprocess
def test_passwords_in_addresses_are_not_printed(site: FakeWeb, folder: Path) -> None:
    done = verify(site, folder, *feeds("s3://key:secret@bucket/rows.csv"))
    assert "s3://bucket/rows.csv" in done.err
    assert "secret" not in done.err


@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "rows.csv", "-o", "./rows.csv"), "two outputs cannot be one file"),
        (("-o", "rows.csv", "--checks", "rows.csv"), "two outputs cannot be one file"),
        (("-o", "rows.csv", "--summary", "rows.csv"), "two outputs cannot be one file"),
        (feeds("rows.odt", form="odt"), "unknown format 'odt'"),
        (("-s", 'FEEDS={"rows.csv": {"format": "csv", "batch_item_count": 5}}'), "batches need"),
        (("-s", 'FEEDS={"rows.xml": {"format": "xml", "overwrite": false}}'), "cannot be added to a XML document"),
    ],
)
def test_outputs_that_make_no_sense_are_the_commands_fault(
    site: FakeWeb, folder: Path, words: tuple[str, ...], said: str
) -> None:
    done = verify(site, folder, *words)
    assert (done.status, site.hits) == (2, [])
    assert said in done.err


@pytest.mark.usefixtures("site")
def test_a_device_is_written_to_and_stays_one(crawl: CrawlFunction, tmp_path: Path) -> None:
    pipe = tmp_path / "rows.jsonl"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        crawl("discover", seeds="https://h1.example/", FEEDS={str(pipe): {"format": "jsonl", "overwrite": True}})
        assert json.loads(os.read(reader, 1 << 16))["source_url"] == "https://h1.example/"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert [file.name for file in tmp_path.iterdir()] == ["rows.jsonl"]


# --- a disk that fills up -----------------------------------------------------------------------------------------------


class Disk:
    """A file system of a few megabytes in memory, or where nobody may mount one, nothing."""

    def __init__(self, place: Path, kilobytes: int) -> None:
        self.place = place
        place.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
        mounted = subprocess.run(words, capture_output=True, text=True, check=False)
        if mounted.returncode:
            message = f"no small disk can be mounted here, which takes root: {mounted.stderr.strip()}"
            if os.environ.get("BACKLINKBOT_CI"):
                pytest.fail(message)
            pytest.skip(message)

    def fill(self, *, leave: int = 0) -> None:
        """Fill it up, but for so many bytes."""
        free = os.statvfs(self.place)
        with (self.place / "filler").open("wb") as file:
            file.write(bytes(free.f_bavail * free.f_frsize - leave))

    def free(self) -> None:
        (self.place / "filler").unlink()

    def parts(self) -> list[str]:
        return [file.name for file in self.place.glob("*.part")]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "disk", 4096)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk.place)], check=True)


@pytest.mark.subprocess
def test_a_full_disk_is_found_before_the_crawl(site: FakeWeb, folder: Path, disk: Disk) -> None:
    disk.fill()
    done = verify(site, folder, "-o", "disk/rows.csv")
    assert (done.status, site.hits) == (1, [])
    assert done.err == "backlinkbot: disk/rows.csv: cannot be written (No space left on device)\n"
    assert not disk.parts()


@pytest.mark.subprocess
@pytest.mark.parametrize("start", [verify, scrapy_verify])
@pytest.mark.slow
def test_a_disk_that_fills_up_ends_the_crawl_and_its_rows_are_new_again(
    site: FakeWeb, folder: Path, disk: Disk, start: Any
) -> None:
    history = str(folder / "backlinks.db")
    rows = disk.place / "rows.csv"
    rows.write_text("of the last run")
    disk.fill(leave=20_000)
    one_by_one = ("-s", "CONCURRENT_REQUESTS=1")
    done = start(site, folder, *feeds(str(rows)), *one_by_one, history=history)
    assert done.status == 1
    with History.open(history, create=False) as known:
        found = len(list(known.backlinks()))
        assert known.runs()[-1].exit_status == 1
        assert "No space left on device" in known.runs()[-1].outcome
    assert done.err == (
        f"backlinkbot: {rows}: not written: No space left on device; {found} rows are in the history and not there: "
        "the next run gives them again, and backlinkbot export has them\n"
    )
    assert 0 < found < PAGES, "the crawl went on for nobody"
    assert rows.read_text() == "of the last run"
    assert not disk.parts(), "what no run needs takes the space that is lacking"
    disk.free()
    assert start(site, folder, *feeds(str(rows)), history=history).status == 0
    assert states(rows) == ["new"] * PAGES
    assert start(site, folder, *feeds(str(rows)), history=history).status == 0
    assert states(rows) == ["live"] * PAGES


@pytest.mark.subprocess
def test_without_a_history_the_rows_so_far_are_left(site: FakeWeb, folder: Path, disk: Disk) -> None:
    disk.fill(leave=20_000)
    done = verify(site, folder, "-o", "disk/rows.jsonl", "-s", "CONCURRENT_REQUESTS=1")
    (part,) = disk.parts()
    assert done.status == 1
    assert done.err.endswith(f"; the rows so far are in {disk.place / part}\n")
    lines = (disk.place / part).read_text().splitlines()
    assert json.loads(lines[0])["target"] == "target.example"


@pytest.mark.subprocess
def test_one_of_two_outputs_fails_and_the_other_is_whole(site: FakeWeb, folder: Path, disk: Disk) -> None:
    history = str(folder / "backlinks.db")
    disk.fill(leave=20_000)
    done = verify(site, folder, "-o", "disk/bad.csv", "-o", "good.jsonl", "--checks", "checks.csv", history=history)
    assert done.status == 1
    assert done.err.count("\n") == 1
    assert f"disk/bad.csv: not written: No space left on device; {PAGES} rows are in the history" in done.err
    assert len(list(read_rows(folder / "good.jsonl"))) == PAGES
    assert len(list(read_rows(folder / "checks.csv"))) == PAGES
    disk.free()
    assert verify(site, folder, "-o", "disk/bad.csv", history=history).status == 0
    assert states(disk.place / "bad.csv") == ["new"] * PAGES


@pytest.mark.subprocess
def test_each_bad_output_has_its_line(site: FakeWeb, folder: Path, disk: Disk) -> None:
    disk.fill(leave=30_000)
    outputs = ("-o", "disk/a.csv", "-o", "disk/b.jsonl", "--summary", "disk/summary.json", "-o", "good.csv")
    history = str(folder / "backlinks.db")
    done = verify(site, folder, *outputs, "--visits", "disk/visits.jsonl", history=history)
    named = {line.split(": ")[1] for line in done.err.splitlines()}
    assert done.status == 1
    assert {"disk/a.csv", "disk/b.jsonl"} <= named, done.err
    assert len(list(read_rows(folder / "good.csv"))) == PAGES


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_history_on_a_full_disk_is_loud(site: FakeWeb, folder: Path, disk: Disk) -> None:
    history = disk.place / "backlinks.db"
    with History.open(str(history)):
        pass
    disk.fill(leave=40_000)
    done = verify(site, folder, "-o", "rows.csv", "-s", "CONCURRENT_REQUESTS=1", history=str(history))
    assert done.status == 1
    assert "full" in done.err
    assert str(history) in done.err
    assert "Traceback" not in done.err
    disk.free()
    assert verify(site, folder, "-o", "rows.csv", history=str(history)).status == 0
    assert states(folder / "rows.csv") == ["new"] * PAGES


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.parametrize(("command", "name"), [("export", "disk/t.csv"), ("report", "disk/t.html")])
def test_other_commands_name_the_file_that_they_cannot_write(
    site: FakeWeb, folder: Path, disk: Disk, command: str, name: str
) -> None:
    history = str(folder / "backlinks.db")
    assert verify(site, folder, "-o", "rows.csv", history=history).status == 0
    disk.fill(leave=8192)
    done = run_command("backlinkbot", command, "--history", history, "-o", name, cwd=folder)
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert done.err.startswith(f"backlinkbot: {name}: cannot be written (No space left on device)")


# --- whatever else happens meanwhile --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.subprocess
def test_the_folder_is_removed_meanwhile(site: FakeWeb, folder: Path) -> None:
    history = str(folder / "backlinks.db")

    def remove(_: Request) -> str:
        shutil.rmtree(folder / "out")
        return links(T)

    site.page("https://h9.example/", remove)
    done = verify(site, folder, "-o", "out/rows.csv", "-s", "CONCURRENT_REQUESTS=1", history=history)
    assert done.status == 1
    assert done.err.startswith(
        "backlinkbot: out/rows.csv: not written: it was removed during the run, or its folder was; "
    )
    assert done.err.count("\n") == 1
    site.page("https://h9.example/", links(T))
    assert verify(site, folder, "-o", "rows.csv", history=history).status == 0
    assert states(folder / "rows.csv") == ["new"] * PAGES


@pytest.mark.subprocess
@pytest.mark.slow
def test_a_file_that_may_grow_no_further(site: FakeWeb, folder: Path) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))

    command = ("backlinkbot", "verify", "target.example", "--candidates", "candidates.txt", "--delay", "0")
    words = (*command, "-o", "rows.csv")
    done = run_command(*words, web=site, cwd=folder, installed=True, preexec_fn=limited)
    assert done.status == 1
    assert "rows.csv: not written: File too large" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.subprocess
@pytest.mark.slow
def test_rows_of_a_killed_run_are_new_again(web: FakeWeb, folder: Path) -> None:
    history = str(folder / "backlinks.db")

    def slow(request: Request) -> Answer:
        return Answer(body=links(T), delay=0.1 * int(request.url.partition("//h")[2].partition(".")[0]))

    for number in range(PAGES):
        web.page(f"https://h{number}.example/", slow)
    command = ("backlinkbot", "verify", "target.example", "--candidates", "candidates.txt", "--delay", "0")
    words = as_quick_command(*command, "--history", history, "-o", "rows.csv")
    child = subprocess.Popen(words, cwd=folder, env=environment(web))
    with History.open(history) as known:
        while child.poll() is None and len(list(known.visits())) < 5:
            pass
        child.send_signal(KILL)
        child.wait(180)
        recorded = len(list(known.backlinks()))
    assert 5 <= recorded < PAGES
    for number in range(PAGES):
        web.page(f"https://h{number}.example/", links(T))
    for expected in ("new", "live"):
        assert verify(web, folder, "-o", "rows.csv", history=history).status == 0
        assert states(folder / "rows.csv") == [expected] * PAGES


# --- standard output ------------------------------------------------------------------------------------------------------


@pytest.mark.subprocess
def test_a_full_standard_output(site: FakeWeb, folder: Path) -> None:
    history = str(folder / "backlinks.db")
    command = ("backlinkbot", "verify", "target.example", "--candidates", "candidates.txt", "--delay", "0")
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        words = as_quick_command(*command, "--history", history)
        done = subprocess.run(words, cwd=folder, env=environment(site), stdout=full, stderr=-1, check=False)
    assert done.returncode == 1
    said = done.stderr.decode()
    assert said.startswith("backlinkbot: standard output: not written: No space left on device; ")
    assert said.count("\n") == 1
    again = verify(site, folder, history=history)
    (folder / "rows.csv").write_text(again.out)
    assert states(folder / "rows.csv") == ["new"] * PAGES


@pytest.mark.slow
@pytest.mark.subprocess
@pytest.mark.parametrize("start", ["backlinkbot", "scrapy"])
def test_a_reader_that_has_gone_ends_a_crawl_without_a_word(site: FakeWeb, folder: Path, start: str) -> None:
    history = str(folder / "backlinks.db")
    if start == "backlinkbot":
        command = ["backlinkbot", "verify", "target.example", "--candidates", "candidates.txt", "--delay", "0"]
        words = as_quick_command(*command, "--history", history)
    else:
        given = ("targets=target.example", "candidates=candidates.txt", "delay=0", f"history={history}")
        flags = [word for pair in given for word in ("-a", pair)]
        words = as_quick_command("scrapy", "crawl", "verify", "-L", "ERROR", *flags, "-o", "-:csv")
    environ = environment(site) | {"SCRAPY_SETTINGS_MODULE": "backlinkbot.settings"}
    with subprocess.Popen(["true"], stdin=subprocess.PIPE) as reader:
        reader.wait()
        done = subprocess.run(words, cwd=folder, env=environ, stdout=reader.stdin, stderr=-1, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (141, b"")
    with History.open(history, create=False) as known:
        assert known.runs()[-1].exit_status == 141
    assert verify(site, folder, "-o", "rows.csv", history=history).status == 0
    assert states(folder / "rows.csv") == ["new"] * PAGES


# --- formats ----------------------------------------------------------------------------------------------------------------


class Ends(BaseItemExporter):
    """Somebody's exporter that has a bug."""

    def __init__(self, file: Any, **options: Any) -> None:
        super().__init__(dont_fail=True, **options)

    def export_item(self, item: Any) -> None:
        raise TypeError("no such thing")


def test_every_format_has_one_row_a_backlink(crawl: CrawlFunction, web: FakeWeb, tmp_path: Path) -> None:
    web.page(
        "https://a.example/", f"<!doctype html><p><a href='{T}1' rel='nofollow ugc'>one &amp; two</a><a href='{T}2'>"
    )
    forms = ("csv", "jsonl", "json", "xml", "pickle", "marshal")
    outputs = {str(tmp_path / f"rows.{form}"): {"format": form, "overwrite": True} for form in forms}
    crawl("discover", seeds="https://a.example/", FEEDS=outputs)
    columns = list(columns_of(None))
    expected = json.loads((tmp_path / "rows.json").read_text())
    assert [row["target_url"] for row in expected] == [f"{T}1", f"{T}2"]
    assert list(expected[0]) == columns
    for form, load in (("pickle", pickle.load), ("marshal", marshal.load)):
        with (tmp_path / f"rows.{form}").open("rb") as file:
            assert [load(file), load(file)] == expected
            assert not file.read()
    for found, row in zip(ET.parse(tmp_path / "rows.xml").getroot(), expected, strict=True):
        assert [column.tag for column in found] == columns
        for column in found:
            value = row[column.tag]
            if isinstance(value, list):
                assert [one.text for one in column] == value
            elif isinstance(value, bool):
                assert column.text == str(value).lower()
            else:
                assert (column.text or "") == ("" if value is None else str(value))


def test_xml_holds_whatever_stands_on_a_page(crawl: CrawlFunction, web: FakeWeb, tmp_path: Path) -> None:
    web.page("https://a.example/", f"<!doctype html><p><a href='{T}'>\x0b\x1b &#x202e; &lt;b&gt; ]]&gt; &#xfffe;</a>")
    path = tmp_path / "rows.xml"
    crawl("discover", seeds="https://a.example/", FEEDS={str(path): {"format": "xml", "overwrite": True}})
    (row,) = ET.parse(path).getroot()
    assert "<b> ]]>" in str(row.findtext("anchor"))


def test_an_exporter_with_a_bug_spoils_no_other_feed(crawl: CrawlFunction, web: FakeWeb, tmp_path: Path) -> None:
    for number in (1, 2):
        web.page(f"https://a.example/{number}", links(T, "/2"))
    outputs = {
        str(tmp_path / "bad"): {"format": "ends", "overwrite": True},
        str(tmp_path / "good.csv"): {"format": "csv", "overwrite": True},
    }
    exporters = {"csv": "backlinkbot.exporters.exporters.CsvRows", "ends": Ends}
    found = crawl("discover", seeds="https://a.example/1", FEEDS=outputs, FEED_EXPORTERS=exporters)
    assert len(list(read_rows(tmp_path / "good.csv"))) == 2
    assert not (tmp_path / "bad").exists()
    assert found.stats["backlinks/outputs/failed"] == 1
    assert found.stats["feedexport/failed_count/WholeFileStorage"] == 1
    assert found.stats["feedexport/success_count/WholeFileStorage"] == 1
    (complaint,) = found.stats["backlinkbot/complaints"]
    assert "bad: not written: TypeError: no such thing; 2 rows are not there" in complaint


@pytest.mark.slow
@pytest.mark.subprocess
def test_an_interrupted_run_has_reported_what_it_has_written(web: FakeWeb, folder: Path) -> None:
    history = str(folder / "backlinks.db")
    for number in range(PAGES):
        web.page(f"https://h{number}.example/", lambda _: Answer(body=links(T), delay=0.05))
    command = ("backlinkbot", "verify", "target.example", "--candidates", "candidates.txt", "--delay", "0")
    words = as_quick_command(*command, "--history", history, "-o", "rows.csv", "-s", "CONCURRENT_REQUESTS=2")
    child = subprocess.Popen(words, cwd=folder, env=environment(web), stderr=-1)
    while len(web.hits) < 10:
        pass
    child.send_signal(signal.SIGTERM)
    _, said = child.communicate(timeout=180)
    assert (child.returncode, said) == (130, b"backlinkbot: interrupted; the same command goes on from here\n")
    shown = {str(row["source_url"]) for row in read_rows(folder / "rows.csv")}
    assert shown
    assert verify(web, folder, "-o", "rows.csv", "--fresh", history=history).status == 0
    for row in read_rows(folder / "rows.csv"):
        assert row["state"] == ("live" if row["source_url"] in shown else "new")
