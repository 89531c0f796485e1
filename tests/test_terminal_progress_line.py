"""The bar of work whose size is known: what it says, that it never wraps, and that other lines do not break it."""

from __future__ import annotations

import io
import multiprocessing
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot.archives.position import Position
from backlinkbot.terminal import progress_line
from backlinkbot.terminal.cells import cells
from backlinkbot.terminal.progress_line import ProgressLine, WorkProgress, amount, progress_text
from tests.archive_files import Capture, warc
from tests.fakeweb import FakeWeb
from tests.terminals import on_terminal


def until(holds: Callable[[], bool]) -> None:
    """Wait up to three minutes for what must happen."""
    end = time.monotonic() + 180
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)


READING = WorkProgress(
    what="reading", elapsed=30.0, done=1_250_000_000, total=5_000_000_000, note="3/12 archives, 1,204 links"
)


@pytest.mark.parametrize(
    ("progress", "width", "shown"),
    [
        (READING, 100, "reading  ━━──────── 25%  1.2 GB of 5.0 GB  42 MB/s  0:30, 1:29 left  3/12 archives, 1,204 links"),
        (READING, 79, "reading  ━━──────── 25%  1.2 GB of 5.0 GB  42 MB/s  0:30, 1:29 left"),
        (READING, 50, "━━──────── 25%  1.2 GB of 5.0 GB  0:30, 1:29 left"),
        (READING, 30, "━━──────── 25%"),
        (WorkProgress(what="keeping", elapsed=1.0, done=20, total=100, unit="candidates"), 79, "keeping  ━━──────── 20%  20/100 candidates  42000000.0/s  0:01"),
        (WorkProgress(what="reading", elapsed=3.0, done=840, total=0), 79, "reading  840 B  42 MB/s  0:03"),
        (WorkProgress(what="reading", elapsed=3.0, done=9, total=5), 79, "reading  ━━━━━━━━━━ 100%  9 B of 5 B  42 MB/s  0:03, 0:00 left"),
    ],
)  # fmt: skip
def test_the_line_says_what_is_worth_most(progress: WorkProgress, width: int, shown: str) -> None:
    assert progress_text(progress, 42e6, width) == shown


@given(
    st.builds(
        WorkProgress,
        what=st.just("reading"),
        elapsed=st.floats(0, 1e6),
        done=st.integers(0, 10**13),
        total=st.integers(0, 10**13),
        unit=st.sampled_from(["bytes", "archives"]),
        note=st.text(max_size=60),
    ),
    st.floats(0, 1e9),
    st.integers(1, 200),
)
def test_it_never_wraps(progress: WorkProgress, speed: float, width: int) -> None:
    line = progress_text(progress, speed, width)
    assert cells(line) <= width
    assert line.isprintable()


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (45_600_000, "46 MB"), (7 * 10**15, "7000 TB")]
)
def test_amounts(number: int, shown: str) -> None:
    assert amount(number) == shown


def test_without_a_terminal_there_is_a_line_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress_line, "MINUTE", 0.01)
    with ProgressLine("reading", 10) as progress:
        progress.advance(5)
        until(lambda: stream.getvalue().count("\n") > 1)
        with progress.printing():
            stream.write("an answer\n")
    lines = stream.getvalue().splitlines()
    assert lines.count("an answer") == 1
    assert all(re.fullmatch(r"backlinkbot: reading  ━━━━━───── 50%  5 B of 10 B  .*|an answer", line) for line in lines)
    quiet = io.StringIO()
    monkeypatch.setattr(sys, "stderr", quiet)
    with ProgressLine("reading", 10, is_quiet=True) as progress:
        progress.advance(5)
    assert quiet.getvalue() == ""


def test_a_position_follows_a_file_and_ends_at_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backlinkbot.archives.position._INTERVAL", 0.001)
    path = tmp_path / "archive"
    path.write_bytes(b"x" * 1_000_000)
    position = Position()
    with path.open("rb") as file, position.following(file):
        file.read(400_000)
        until(lambda: 400_000 <= position.read < 1_000_000)
    assert position.read == 1_000_000
    with position.following(io.BytesIO(b"no descriptor")):
        pass
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe, position.following(pipe):
        assert pipe.read() == b""
    worker = multiprocessing.get_context("spawn").Process(target=position.add, args=(5,))
    worker.start()
    worker.join(180)
    assert position.read == 1_000_005


@pytest.mark.subprocess
@pytest.mark.slow
def test_commands_that_read_files_show_a_bar_that_stays_in_its_line(web: FakeWeb, tmp_path: Path) -> None:
    columns = 80
    rows = "".join(f"https://a{n}.example/{n},https://target.example/{n}\n" for n in range(20_000))
    (tmp_path / "export.csv").write_text(f"source,target\n{rows}")
    shown = on_terminal(web, "backlinkbot", "import", "export.csv", "-o", "c.jsonl", cwd=tmp_path, columns=columns)
    drawn = [piece.partition("\n")[0] for piece in re.split(r"\r\x1b\[2K", shown.plain) if "%" in piece]
    assert shown.status == 0, shown.text
    assert any("━" in piece and "%" in piece for piece in drawn)
    assert max(map(cells, drawn)) < columns
    assert "20,000 rows" in shown.plain
    capture = Capture(url="https://a.example/", body=b'<a href="https://target.example/">x</a>')
    for name in ("1.warc", "2.warc"):
        (tmp_path / name).write_bytes(warc([capture] * 200))
    words = ("mine", "target.example", "--archive", tmp_path, "-o", "rows.csv", "--jobs", "2")
    shown = on_terminal(web, "backlinkbot", *words, cwd=tmp_path, columns=columns)
    assert shown.status == 0, shown.text
    drawn = [piece.partition("\n")[0] for piece in re.split(r"\r\x1b\[2K", shown.plain) if "%" in piece]
    assert len(drawn) > 1
    assert max(map(cells, drawn)) < columns
    assert [line[:4] for line in shown.lines if "records" in line] == ["1/2 ", "2/2 ", "all "]
