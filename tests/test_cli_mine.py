"""``backlinkbot mine``: archives in, rows and candidates out; interrupted runs go on, and what cannot be read is said."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pyarrow import parquet

from backlinkbot.archives import parallel_mining
from backlinkbot.cli.main import main
from backlinkbot.files import resumed_download
from backlinkbot.history import History
from tests.archive_files import wacz, warc, wat
from tests.test_archives import FOUND, PLANTED, TARGET, page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Archives of every kind with the same captures."""
    archives = tmp_path / "archives"
    (archives / "more").mkdir(parents=True)
    (archives / "a.warc.gz").write_bytes(warc(PLANTED))
    (archives / "more" / "b.warc.wat.gz").write_bytes(wat(PLANTED))
    wacz(archives / "c.wacz", PLANTED)
    (archives / "readme.md").write_text("no archive")
    return archives


def mine(*arguments: object) -> int:
    return main(["mine", TARGET, *map(str, arguments)])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_folder_of_archives_gives_each_link_once(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mine("--archive", folder, "-o", tmp_path / "rows.csv", "--jobs", 1) == 0
    rows = rows_of(tmp_path / "rows.csv")
    found = [(row["source_url"], row["target_url"], row["link_type"]) for row in rows]
    assert set(found) == FOUND
    of_warc = [row for row in rows if row["archive"].endswith("a.warc.gz")]
    assert len(of_warc) == len(FOUND)
    assert not [row for row in rows if "c.wacz" in row["archive"]]  # the same captures
    said = capsys.readouterr().err
    assert "all 3 archives" in said
    assert "stood in several archives" in said
    assert not (tmp_path / "rows.csv.parts").exists()


@pytest.mark.subprocess
@pytest.mark.slow
def test_processes_give_the_same_rows_as_one(folder: Path, tmp_path: Path) -> None:
    for number in range(5):
        captures = [page(n, f'<a href="https://{TARGET}/{n}">x</a>') for n in range(number, number + 3)]
        (folder / f"{number}.warc.gz").write_bytes(warc(captures))
    assert mine("--archive", folder, "-o", tmp_path / "one.jsonl", "--jobs", 1) == 0
    assert mine("--archive", folder, "-o", tmp_path / "two.jsonl", "--jobs", 2) == 0
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_rows_are_candidates_and_claims(folder: Path, tmp_path: Path) -> None:
    history = tmp_path / "history.db"
    out = tmp_path / "candidates.jsonl"
    assert mine("--archive", folder / "a.warc.gz", "--candidates-out", out, "--history", history, "--jobs", 1) == 0
    candidates = [json.loads(line) for line in out.read_text().splitlines()]
    assert {one["url"] for one in candidates} == {source for source, _, _ in FOUND}
    assert {claim["last_seen"] for one in candidates for claim in one["claims"]} == {"2026-06-01T01:02:03Z"}
    with History.open(str(history)) as opened:
        claims = list(opened.claims())
    assert {(judged.candidate, judged.claim.target_url) for judged in claims} == {(a, b) for a, b, _ in FOUND}
    assert {judged.claim.origin for judged in claims} == {"archive"}
    assert {judged.verdict for judged in claims} == {"could_not_check"}


def test_a_folder_of_parquet_has_types(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backlinkbot.cli.mine.PARTITION", 4)
    assert mine("--archive", folder / "a.warc.gz", "-o", tmp_path / "rows", "--jobs", 1) == 0
    assert sorted(path.name for path in (tmp_path / "rows").iterdir()) == ["part-00000.parquet", "part-00001.parquet"]
    table = parquet.read_table(tmp_path / "rows").to_pylist()
    assert {(row["source_url"], row["target_url"], row["link_type"]) for row in table} == FOUND
    assert {row["archived_at"].isoformat() for row in table} == {"2026-06-01T01:02:03+00:00"}


def test_an_interrupted_run_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read = parallel_mining.read_archive
    asked: list[str] = []

    def interrupted(options: object, parts: Path, archive: str) -> parallel_mining.ArchiveResult:
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(archive)
        return read(options, parts, archive)  # type: ignore[arg-type]

    arguments = ("--archive", folder, "-o", tmp_path / "rows.csv", "--jobs", 1)
    with monkeypatch.context() as patched:
        patched.setattr(parallel_mining, "read_archive", interrupted)
        assert mine(*arguments) == 130
    assert not (tmp_path / "rows.csv").exists()

    def noted(options: object, parts: Path, archive: str) -> parallel_mining.ArchiveResult:
        asked.append(archive)
        return read(options, parts, archive)  # type: ignore[arg-type]

    monkeypatch.setattr(parallel_mining, "read_archive", noted)
    assert mine(*arguments) == 0
    assert len(asked) == len(set(asked)) == 3
    assert capsys.readouterr().err.count("read before") == 2
    assert {(row["source_url"], row["target_url"], row["link_type"]) for row in rows_of(tmp_path / "rows.csv")} == FOUND


def test_another_question_does_not_take_over_a_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(parallel_mining, "read_archive", interrupt)
        assert mine("--archive", folder, "-o", tmp_path / "rows.csv", "--jobs", 1) == 130
    assert main(["mine", "other.example", "--archive", str(folder), "-o", str(tmp_path / "rows.csv")]) == 1
    assert "with other options" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--archive", "nowhere.warc"], "there is no such file or folder"),
        (["--archive", "."], "no file in this folder ends in .warc"),
        (["--archive", "list.txt"], "the list names no archive"),
        ([], "name archives to read"),
        (["--archive", "x.warc", "-o", "x.docx"], "unknown format"),
        (["--archive", "x.warc", "--candidates-out", "x.txt"], "must end in one of .jsonl"),
        (["--archive", "x.warc", "--jobs", "many"], "--jobs many: N is expected"),
    ],
)
def test_mistakes_are_said_before_anything_is_read(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text("# nothing\n\n")
    try:
        status = mine(*arguments)
    except SystemExit as error:
        status = int(error.code or 0)
    assert status == 2
    assert said in capsys.readouterr().err


# --- the network --------------------------------------------------------------------------------------------------


class _Server(BaseHTTPRequestHandler):
    files: dict[str, bytes]
    trouble: list[int | str]
    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Range", "")))
        if (data := self.files.get(self.path)) is None:
            self.send_error(404)
            return
        trouble = self.trouble.pop(0) if self.trouble else ""
        if isinstance(trouble, int):
            self.send_response(trouble)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(self.headers.get("Range", "bytes=0-")[6:].rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start : start + len(data) // 3] if trouble == "break off" else data[start:])
        self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, type[_Server]]]:
    monkeypatch.setattr(resumed_download, "FIRST_WAIT", 0.01)
    handler = type("Handler", (_Server,), {"files": {}, "trouble": [], "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = Thread(target=partial(serving.serve_forever, 0.01))
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}", handler
        serving.shutdown()
        thread.join()


def test_a_download_that_breaks_off_goes_on(server: tuple[str, type[_Server]], tmp_path: Path) -> None:
    address, handler = server
    handler.files["/a.warc.gz"] = warc(PLANTED)
    handler.trouble += [503, "break off", 502, "break off"]
    assert mine("--archive", f"{address}/a.warc.gz", "-o", tmp_path / "rows.csv", "--jobs", 1) == 0
    assert {(row["source_url"], row["target_url"], row["link_type"]) for row in rows_of(tmp_path / "rows.csv")} == FOUND
    third = len(handler.files["/a.warc.gz"]) // 3
    assert [said for _, said in handler.asked] == ["", "", f"bytes={third}-", f"bytes={third}-", f"bytes={2 * third}-"]


def test_a_list_of_paths_names_archives_beside_it(
    server: tuple[str, type[_Server]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, handler = server
    handler.files["/crawl-data/X/wat.paths.gz"] = gzip.compress(b"crawl-data/X/1.wat.gz\ncrawl-data/X/gone.wat.gz\n")
    handler.files["/crawl-data/X/1.wat.gz"] = wat(PLANTED)
    arguments = ("--archive", f"{address}/crawl-data/X/wat.paths.gz", "-o", tmp_path / "rows.csv", "--jobs", 1)
    assert mine(*arguments) == 1
    said = capsys.readouterr().err
    assert "not read: " in said
    assert "the server answered 404" in said
    assert {(row["source_url"], row["target_url"], row["link_type"]) for row in rows_of(tmp_path / "rows.csv")} == FOUND
    handler.files["/crawl-data/X/gone.wat.gz"] = wat([page(99, f'<a href="https://{TARGET}/">x</a>')])
    assert mine(*arguments) == 0
    assert len(rows_of(tmp_path / "rows.csv")) == len(FOUND) + 1
    assert [path for path, _ in handler.asked].count("/crawl-data/X/1.wat.gz") == 1


def test_a_server_that_refuses_for_good_is_given_up(
    server: tuple[str, type[_Server]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address, handler = server
    handler.files["/a.warc.gz"] = warc(PLANTED)
    handler.trouble += [503] * 99
    assert mine("--archive", f"{address}/a.warc.gz", "-o", tmp_path / "rows.csv", "--jobs", 1) == 1
    assert len(handler.asked) == resumed_download.TRIES
    assert "the server answered 503, 5 times" in capsys.readouterr().err


def test_without_pyarrow_s3_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert mine("--archive", "s3://bucket/a.warc.gz", "-o", tmp_path / "rows.csv", "--jobs", 1) == 2
    assert 'pip install "backlinkbot[parquet]"' in capsys.readouterr().err
