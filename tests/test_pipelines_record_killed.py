"""A crawl is killed at any moment: the history opens, with whole visits only, and all that was reported or there before."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.kills import Killings

pytestmark = [pytest.mark.subprocess, pytest.mark.slow]

KILLS = 3
"""In each database; ``python -m benchmarks.kills --kills 200`` does more."""
MOST_KILLS = 10 * KILLS


def test_a_killed_crawl_leaves_whole_visits(history_url: str, tmp_path: Path) -> None:
    with Killings(tmp_path, history_url, random.Random(1)) as killings:
        # On a busy machine the first kills may all come before the first batch.
        while killings.kills < KILLS or (not killings.visits and killings.kills < MOST_KILLS):
            killings.kill()
    assert killings.visits, "every one was killed before its first batch"
