"""The exit status tells how a run went."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.statscollectors import MemoryStatsCollector

from backlinkbot.cli import endings
from backlinkbot.extensions.outcome import ExitStatus, Stats, exit_status, summary

READ = {"finish_reason": "finished", "backlinks/pages/answered": 3}


@pytest.mark.parametrize(
    ("stats", "status", "why"),
    [
        (READ, ExitStatus.DONE, "done"),
        ({**READ, "finish_reason": "page_bound"}, ExitStatus.DONE, "done"),
        ({**READ, "finish_reason": "shutdown"}, ExitStatus.INTERRUPTED, "interrupted"),
        ({"backlinks/pages/answered": 3}, ExitStatus.INTERRUPTED, "at once"),
        ({**READ, "feedexport/failed_count/WholeFileStorage": 1}, ExitStatus.FAILED, "not written"),
        ({**READ, "backlinks/outputs/failed": 1, "backlinkbot/complaints": ("a", "b")}, ExitStatus.FAILED, "a; b"),
        ({**READ, "finish_reason": "shutdown", "backlinks/outputs/failed": 1}, ExitStatus.FAILED, "not written"),
        (
            {**READ, "backlinks/outputs/reader_gone": 1, "feedexport/failed_count/StdoutStorage": 1},
            ExitStatus.READER_GONE,
            "closed by its reader",
        ),
        ({**READ, "backlinks/outputs/reader_gone": 1}, ExitStatus.READER_GONE, "closed by its reader"),
        ({**READ, "backlinks/outcome/bug": 1}, ExitStatus.FAILED, "bug"),
        ({**READ, "finish_reason": "memusage_exceeded"}, ExitStatus.FAILED, "out of memory"),
        ({**READ, "finish_reason": "out_of_memory"}, ExitStatus.FAILED, "no memory left"),
        (
            {"finish_reason": "finished", "backlinks/pages/unreachable": 3}
            | {"backlinks/unreachable/no such host": 1, "backlinks/unreachable/connection refused": 2},
            ExitStatus.FAILED,
            "nothing was fetched (3 unreachable: 2 connection refused, 1 no such host)",
        ),
        ({"finish_reason": "finished"}, ExitStatus.FAILED, "no page was visited"),
        ({"finish_reason": "finished", "backlinks/pages/unreachable": 2}, ExitStatus.FAILED, "2 unreachable"),
    ],
)
def test_exit_status(stats: dict[str, Any], status: ExitStatus, why: str) -> None:
    found = exit_status(stats)
    assert found[0] is status
    assert why in found[1]


def test_the_numbers_that_shells_see() -> None:
    assert [int(status) for status in ExitStatus] == [0, 1, 2, 3, 75, 130, 141]
    ours = (endings.DONE, endings.FAILED, endings.INTERRUPTED, endings.READER_GONE)
    assert ours == (ExitStatus.DONE, ExitStatus.FAILED, ExitStatus.INTERRUPTED, ExitStatus.READER_GONE)


def test_the_summary() -> None:
    at = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
    told = summary(
        {
            **READ,
            "start_time": at,
            "finish_time": at + dt.timedelta(seconds=1.5),
            "backlinks/pages/visited": 5,
            "backlinks/pages/read": 3,
            "backlinks/pages/gone": 2,
            "backlinks/rows": 4,
            "downloader/request_count": 9,
        }
    )
    assert (told["started_at"], told["seconds"]) == ("2026-01-31T12:00:00Z", 1.5)
    assert (told["pages_visited"], told["pages_read"], told["pages_failed"]) == (5, 3, {"gone": 2})
    assert told["counts"] == {"pages/answered": 3, "pages/gone": 2, "pages/read": 3, "pages/visited": 5, "rows": 4}
    assert summary({})["seconds"] is None


def test_stats_count_as_scrapys_do() -> None:
    crawler = Crawler(Spider)
    stats, scrapys = Stats(crawler), MemoryStatsCollector(crawler)
    for one in (stats, scrapys):
        one.inc_value("a")
        one.inc_value("a", 2)
        one.set_value("b", 1)
        one.max_value("b", 5)
        one.min_value("c", 7)
    assert stats.get_stats() == scrapys.get_stats() == {"a": 3, "b": 5, "c": 7}
    assert stats.get_value("d", 0) == 0
