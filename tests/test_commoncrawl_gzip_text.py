"""Gzipped files that are read from a resume point on."""

from __future__ import annotations

import gzip
import random
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from backlinkbot.commoncrawl import gzip_text
from backlinkbot.commoncrawl.gzip_text import StaleError
from backlinkbot.commoncrawl.line_blocks import LineBlocks
from backlinkbot.commoncrawl.resume_points import ResumePoint


@pytest.fixture(params=["isal", "zlib"], autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes resume points every 60,000 bytes, with either decompressor."""
    monkeypatch.setattr(gzip_text, "BETWEEN_POINTS", 60_000)
    monkeypatch.setattr(gzip_text, "_SEARCHED", 45_000)
    if request.param == "zlib":
        monkeypatch.setattr(gzip_text, "new_decompressor", zlib.decompressobj)


@cache
def edges(seed: int, count: int = 70_000) -> bytes:
    drawn = random.Random(seed)
    return b"".join(b"%d\t%d\n" % (number // 30, drawn.randrange(2_000_000)) for number in range(count))


@cache
def compressed(text: bytes, level: int = 9) -> bytes:
    return gzip.compress(text, level)


def points_of(path: Path, start: ResumePoint | None = None) -> tuple[list[tuple[ResumePoint, int]], bytes]:
    """Returns the resume points of a file, each with the bytes of text that were used before it, and the whole text."""
    used = bytearray()
    points: list[tuple[ResumePoint, int]] = []
    blocks = LineBlocks([str(path)], lambda *_: None, save=lambda point: points.append((point, len(used))), start=start)
    for block in blocks:
        used += block
    assert not blocks.faults
    return points, bytes(used)


@pytest.mark.parametrize("level", [1, 6])
def test_reading_goes_on_from_each_place(tmp_path: Path, level: int) -> None:
    text = edges(level)
    path = tmp_path / "edges.txt.gz"
    path.write_bytes(compressed(text, level))
    points, read = points_of(path)
    assert read == text
    assert len(points) >= 2
    for number, (point, used) in enumerate(points):
        assert text[point.length - len(point.window) : point.length] == point.window
        later, rest = points_of(path, point)
        assert rest == text[used:]
        assert later or number, "no resume point after a resume point"
        for again, further in () if number else later[:1]:
            assert points_of(path, again)[1] == rest[further:]


def test_members_after_the_one_of_the_resume_point_are_read(tmp_path: Path) -> None:
    texts = [edges(seed, 40_000) for seed in range(3)]
    path = tmp_path / "edges.txt.gz"
    path.write_bytes(b"".join(map(compressed, texts)) + bytes(7))
    points, read = points_of(path)
    assert read == b"".join(texts)
    assert len(points) >= 2
    for point, used in points:
        assert points_of(path, point)[1] == read[used:]


@pytest.mark.parametrize("at", [60, 0, -1])
def test_another_file_is_not_read_on(tmp_path: Path, at: int) -> None:
    path = tmp_path / "edges.txt.gz"
    path.write_bytes(compressed(edges(1)))
    point = points_of(path)[0][0][0]
    path.write_bytes(compressed(edges(2)) if at == 60 else path.read_bytes())
    changed = {60: point, 0: replace(point, bit=(point.bit + 3) % 8), -1: replace(point, offset=10**9)}[at]
    with pytest.raises(StaleError):
        points_of(path, changed)


def test_a_file_that_is_damaged_after_the_resume_point_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    text = edges(1)
    path = tmp_path / "edges.txt.gz"
    path.write_bytes(compressed(text))
    point, used = points_of(path)[0][0]
    whole = path.read_bytes()
    for damaged, fault in (
        (whole[:-20_000], "truncated"),
        (whole[:-4] + b"\xff" * 4, "length"),
        (whole[:-6], "length"),
        (whole[:-30_000] + b"\xff" * 30_000, "damaged"),
    ):
        path.write_bytes(damaged)
        blocks = LineBlocks([str(path)], lambda *_: None, start=point)
        rest = b"".join(blocks)
        assert text[used:].startswith(rest[:1_000])
        assert fault in blocks.faults[0]
