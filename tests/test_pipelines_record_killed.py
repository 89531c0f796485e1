"""A crawl is killed at any moment: the history opens, with whole visits only, and all that was reported or there before."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.killed_at import POINTS
from tests.kills import Killings
from tests.resuming import Resumptions

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


@pytest.mark.parametrize("spider", ["discover", "verify"])
def test_a_kill_at_each_boundary_of_a_transaction_loses_nothing(history_url: str, tmp_path: Path, spider: str) -> None:
    """The begin, the marking of pages as done, the appending of what was found, the commit: before each and after it."""
    with Resumptions(tmp_path, history_url, spider) as resumptions:
        for point in POINTS:
            if spider == "verify" and "mark" in point:
                continue  # pages of a list are no rows of the frontier
            kills = resumptions.kills
            resumptions.crawl(killed_at=(point, 4))
            assert resumptions.kills == kills + 1, f"{point} was not reached"
    assert resumptions.recorded_twice == 0
