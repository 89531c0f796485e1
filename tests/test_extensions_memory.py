"""A crawl is measured by its own memory, not by that of the program that started it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.utils.misc import load_object

from backlinkbot import settings
from backlinkbot.extensions import memory

LARGE = 200_000_000
CHILD = """
import resource
from backlinkbot.extensions.memory import peak_of_this_process
print(peak_of_this_process(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""
PARENT = f"""
import subprocess, sys
large = bytearray({LARGE})
large[::4096] = b"x" * len(large[::4096])
print(subprocess.run([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE, text=True, check=True).stdout)
"""


@pytest.mark.subprocess
@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_the_memory_of_the_program_that_started_it_does_not_count() -> None:
    told = subprocess.run([sys.executable, "-c", PARENT], capture_output=True, text=True, check=True).stdout
    ours, inherited = map(int, told.split())
    assert 5_000_000 < ours < LARGE <= inherited


def test_without_proc_nothing_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "_STATUS", tmp_path / "none")
    assert memory.peak_of_this_process() == 0


def test_it_stands_in_place_of_scrapys() -> None:
    on = {load_object(name) for name, order in settings.EXTENSIONS.items() if order is not None}
    assert memory.MemoryUsage in on
    assert settings.EXTENSIONS["scrapy.extensions.memusage.MemoryUsage"] is None
