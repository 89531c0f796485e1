"""Files that are none, or that have no end: a clear error at once, or work in constant memory."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import socket
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from backlinkbot.errors import BacklinkbotError, CandidateFileError, OutputError, TargetError, UsageError
from backlinkbot.files import inputs
from backlinkbot.files.inputs import InputError, lines_of, readable, text_of
from backlinkbot.files.row_files import read_rows
from backlinkbot.importers import Reading
from backlinkbot.importers.readers import packed
from backlinkbot.items import Candidate
from backlinkbot.options import listed
from backlinkbot.targets import MAX_TARGETS, Targets
from backlinkbot.text.json_text import loads
from tests.conftest import as_command, environment

DIGITS = "9" * 5000
CPU = 30
"""Seconds of CPU that a child may use: what has no end does not end within them."""


# --- no files ---------------------------------------------------------------------------------------------------------


def make_fifo(folder: Path) -> Path:
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def make_socket(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "s"))
    return folder / "s"


NO_FILES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "folder": (lambda folder: folder, "folder"),
    "pipe": (make_fifo, "named pipe"),
    "socket": (make_socket, "socket"),
    "endless device": (lambda _: Path("/dev/zero"), "device"),
    "empty device": (lambda _: Path("/dev/null"), "device"),
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_file_is_refused_before_it_is_opened(kind: str, tmp_path: Path) -> None:
    make, said = NO_FILES[kind]
    path = make(tmp_path)
    with pytest.raises(InputError, match=said):
        readable(path)
    with pytest.raises(CandidateFileError, match=said):
        Reading([path])
    with pytest.raises(OutputError, match=said):
        list(read_rows(path))
    with pytest.raises(UsageError, match=said):
        listed([f"@{path}"])


@pytest.mark.subprocess
@pytest.mark.slow
def test_a_pipe_that_is_open_is_read_as_often_as_it_takes(tmp_path: Path) -> None:
    history = ("--history", str(tmp_path / "h.db"))
    for name in ("-", "/dev/stdin", "/dev/fd/0"):
        done = subprocess.run(
            as_command("backlinkbot", "import", name, *history),
            input="url,anchor\nhttps://a.example/,x\n",
            env=environment(None),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "1 rows: 1 candidates" in done.stdout


@pytest.mark.subprocess
@pytest.mark.parametrize(
    "words", [("show", "/dev/zero"), ("import", "-"), ("verify", "@/dev/zero", "--candidates", "x")]
)
@pytest.mark.slow
def test_a_command_does_not_read_what_has_no_end(words: tuple[str, ...]) -> None:
    with Path("/dev/zero").open("rb") as endless:
        done = subprocess.run(
            as_command("backlinkbot", *words),
            stdin=endless,
            env=environment(None),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU)),
        )
    assert done.returncode in {1, 2}
    assert "it is a device" in done.stderr


def test_an_endless_pipe_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MAX_PIPED", 1024)
    reading, writing = os.pipe()
    os.write(writing, b"x" * 4096)
    os.close(writing)
    with pytest.raises(InputError, match="in this pipe"):
        readable(f"/dev/fd/{reading}")
    os.close(reading)


def test_lists_and_lines_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.txt"
    path.write_text("a" * 100)
    monkeypatch.setattr(inputs, "MAX_LIST", 100)
    assert text_of(path) == "a" * 100
    monkeypatch.setattr(inputs, "MAX_LIST", 99)
    with pytest.raises(InputError, match="the limit for a list"):
        text_of(path)
    monkeypatch.setattr(inputs, "MAX_LINE", 10)
    assert list(lines_of(io.StringIO("0123456789"))) == ["0123456789"]
    with pytest.raises(ValueError, match="line 2 has more than"):
        list(lines_of(io.StringIO("x\n0123456789\n")))
    rows = tmp_path / "rows.csv"
    rows.write_text("a\n" + "x" * 20)
    with pytest.raises(OutputError, match="line 2 has more than"):
        list(read_rows(rows))


def test_a_million_targets_are_refused_before_they_are_read() -> None:
    with pytest.raises(TargetError, match=f"at most {MAX_TARGETS}"):
        Targets.parse(f"no target at all {number}" for number in range(1_000_000))


def test_a_target_named_a_million_times_is_one() -> None:
    assert len(Targets.parse(["a.example"] * 1_000_000)) == 1


# --- numbers and nesting ------------------------------------------------------------------------------------------------


def test_whole_numbers_of_any_length_are_read() -> None:
    assert loads(str(2**63 - 1)) == 2**63 - 1
    assert loads(str(-(2**63))) == -(2**63)
    assert isinstance(loads(str(2**63)), float)
    assert loads(DIGITS) == float("inf")
    assert loads(f"-{DIGITS}".encode()) == float("-inf")
    with pytest.raises(ValueError, match="nested too deeply"):
        loads("[" * 100_000 + "]" * 100_000)


NUMBERS = {
    "rows.json": f'[{{"url": "https://a.example/", "x": {DIGITS}}}]',
    "rows.jsonl": f'{{"url": "https://a.example/", "x": {DIGITS}}}\n',
    "ours.jsonl": f'{{"url": "https://a.example/", "is_domain": false, "claims": [{{"origin": "x", "confidence": 0.5}}], "x": {DIGITS}}}',
    "log.jsonl": f'{{"referer": "https://a.example/", "request": "GET / HTTP/1.1", "status": {DIGITS}}}\n' * 3,
    "captures.cdxj": f'com,a)/ 20240101000000 {{"url": "https://a.example/", "status": {DIGITS}}}\n',
    "deep.json": f'[{{"url": "https://a.example/", "x": {"[" * 900}{"]" * 900}}}]',
    "objects.json": '[{"url": "https://a.example/", "x": ' + '{"a":' * 900 + "1" + "}" * 900 + "}]",
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_nobody_asked_for_costs_no_row(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(NUMBERS[name])
    found = {outcome.url for outcome in Reading([path]) if isinstance(outcome, Candidate)}
    assert {url.rstrip("/") for url in found} == {"https://a.example"} or found == {"a.example"}


@pytest.mark.parametrize(
    "content", ["[" * 200_000, "[" * 200_000 + "]" * 200_000, '{"a":' * 200_000, DIGITS * 100, "-", "[1e999999]"]
)
def test_json_of_any_shape_ends_in_our_own_error(content: str, tmp_path: Path) -> None:
    for name in ("x.json", "x.jsonl"):
        (tmp_path / name).write_text(content)
        with pytest.raises(BacklinkbotError):
            list(read_rows(tmp_path / name))
        with pytest.raises(BacklinkbotError):
            list(Reading([tmp_path / name]))


@pytest.mark.parametrize(
    "claim",
    ['"confidence": NaN', '"confidence": Infinity', f'"confidence": {DIGITS}', f'"row": {DIGITS}', f'"row": {2**63}'],
)
def test_a_claim_with_a_number_that_we_do_not_write_is_a_bad_row(claim: str, tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    good = '{"url": "https://b.example/", "is_domain": false, "claims": [{"origin": "x"}]}\n'
    path.write_text(
        good + f'{{"url": "https://a.example/", "is_domain": false, "claims": [{{"origin": "x", {claim}}}]}}\n'
    )
    reading = Reading([path])
    assert [outcome.url for outcome in reading if isinstance(outcome, Candidate)] == ["https://b.example/"]
    assert reading.reports[0].bad.total() == 1


def test_a_row_with_a_number_that_no_column_holds_is_refused(tmp_path: Path) -> None:
    from backlinkbot.reports.rows import read_backlinks

    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"target": "t"})[:-1] + f', "source_url": {DIGITS}}}\n')
    with pytest.raises(OutputError):
        list(read_backlinks(path))


# --- bombs ----------------------------------------------------------------------------------------------------------------


def zeros(count: int) -> bytes:
    made = io.BytesIO()
    with gzip.open(made, "wb") as file:
        for _ in range(count):
            file.write(bytes(1024 * 1024))
    return made.getvalue()


def test_a_bomb_is_left_once_it_is_out_of_proportion_however_large_it_is(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(zeros(100) + os.urandom(8 * 1024 * 1024))  # what lies behind does not count
    reading = Reading([tmp_path / "bomb.gz"])
    assert [outcome.text for outcome in reading if not isinstance(outcome, Candidate)] == [
        "it decompresses to more than 300 times its size"
    ]


def test_the_files_of_an_archive_are_in_proportion_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "FREE_TOGETHER", packed.FREE)
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(8):
            archive.writestr(f"{number}.csv", b"https://a.example/\n" * 500_000)
    with pytest.raises(CandidateFileError, match="300 times"):
        Reading([path])


def workbook(path: Path, rows: bytes) -> None:
    """A workbook with a header and a row, and what is written behind them."""
    book = openpyxl.Workbook()
    book.active.append(["url", "anchor"])
    book.active.append(["https://a.example/", "x"])
    plain = io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry).replace(b"</sheetData>", rows + b"</sheetData>")
            new.writestr(entry.filename, data)


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
        b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (at, at) for at in range(3, 5000)),
    ],
    ids=["far below", "far to the right"],
)
def test_cells_far_away_in_a_workbook_do_not_fill_it_up(rows: bytes, tmp_path: Path) -> None:
    workbook(tmp_path / "x.xlsx", rows)
    found = [outcome for outcome in Reading([tmp_path / "x.xlsx"]) if isinstance(outcome, Candidate)]
    assert [candidate.url for candidate in found] == ["https://a.example/"]
