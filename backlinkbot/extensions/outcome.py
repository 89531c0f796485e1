"""Collects the stats of a run and determines its exit status."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scrapy import signals
from scrapy.statscollectors import MemoryStatsCollector

from backlinkbot.errors import OutputError
from backlinkbot.extract.link import MENTION
from backlinkbot.files.atomic import write_whole
from backlinkbot.items import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)


class ExitStatus(IntEnum):
    """The exit statuses of a command."""

    DONE = 0
    """The run completed, with backlinks or without."""
    FAILED = 1
    """The run failed: nothing was fetched, an output was not written, or the program has a bug."""
    USAGE = 2
    """The command line is wrong."""
    CHANGED = 3
    """``backlinkbot changes --exit-code`` found that something has changed."""
    STOOD_DOWN = 75
    """The same run is still active, so this one did nothing: ``EX_TEMPFAIL`` of sysexits.h."""
    INTERRUPTED = 130
    """SIGINT, SIGTERM or SIGHUP; all rows so far are on disk."""
    READER_GONE = 141
    """The reader of standard output closed it; shells report a process ended by SIGPIPE with the same number."""


FAILED: Final = "backlinks/outputs/failed"
"""Stat: outputs that could not be written."""
READER_GONE: Final = "backlinks/outputs/reader_gone"
"""Stat: 1 if the reader of standard output closed it."""
UNWRITTEN: Final = "backlinks/outputs/unwritten_rows"
"""Stat: rows of backlinks that were found and are missing from an output."""
SILENT: Final = "backlinkbot/sharing/silent"
"""Stat: 1 if another worker of the same crawl writes its outputs."""
COMPLAINTS: Final = "backlinkbot/complaints"
"""Stat: a list with one line for each output that could not be written; it is not among the counts of the summary."""


def complain(stats: StatsCollector, line: str) -> None:
    """Adds the message about an output that could not be written to the stats."""
    stats.inc_value("backlinks/outputs/failed")
    stats.set_value("backlinkbot/complaints", (*stats.get_value(COMPLAINTS, ()), line))


PIPELINE_FAULTS: Final = "backlinkbot/pipeline_faults"
"""Stat: a mapping of the user's pipelines that failed to their first exceptions; not among the counts either."""


def _pipeline_faults(stats: Mapping[str, Any]) -> list[str]:
    """Returns one line per pipeline of the user that failed: how often, and its first exception."""
    faults: dict[str, str] = stats.get(PIPELINE_FAULTS, {})
    counts = {name: stats.get(f"backlinks/own_pipelines_failed/{name}", 0) for name in faults}
    return [
        f"the pipeline {name} failed on {counts[name]:,} item{'s' if counts[name] != 1 else ''} (lost): {first}"
        for name, first in faults.items()
    ]


OUT_OF_MEMORY: Final = "out_of_memory"
"""The reason for closing a crawl whose process got no more memory."""


def _reason_is(reason: str | None) -> Callable[[Mapping[str, Any]], bool]:
    return lambda stats: stats.get("finish_reason") == reason


AN_OUTPUT_FAILED: Final = "an output was not written"
A_PIPELINE_FAILED: Final = "a pipeline of the project's own failed"


def _an_output_failed(stats: Mapping[str, Any]) -> bool:
    if stats.get(FAILED) or stats.get(READER_GONE):  # Scrapy counts a feed whose reader closed it as failed, too
        return bool(stats.get(FAILED))
    return any(name.startswith("feedexport/failed_count/") for name in stats)


# Kinds of failures, the first match counts: (condition, exit status, message).
_SHORTFALLS: Final[tuple[tuple[Callable[[Mapping[str, Any]], object], ExitStatus, str], ...]] = (
    (
        _reason_is(None),  # a second signal ends the process where it stands
        ExitStatus.INTERRUPTED,
        "stopped at once; the rows so far are in the .part file beside the output",
    ),
    (_an_output_failed, ExitStatus.FAILED, AN_OUTPUT_FAILED),
    (
        _reason_is("memusage_exceeded"),
        ExitStatus.FAILED,
        "out of memory as bounded by MEMUSAGE_LIMIT_MB; the rows so far are written",
    ),
    (
        lambda stats: stats.get("backlinks/remembering/failed"),
        ExitStatus.FAILED,
        "the history was not written; rows that it does not contain were not reported",
    ),
    (
        _reason_is(OUT_OF_MEMORY),
        ExitStatus.FAILED,
        "this machine has no memory left; the rows so far are written",
    ),
    (
        lambda stats: stats.get("backlinks/sharing/leases_lost"),
        ExitStatus.STOOD_DOWN,
        "the leases of this worker expired, so other workers have its pages; the same command joins in again",
    ),
    (lambda stats: stats.get("backlinks/outcome/bug"), ExitStatus.FAILED, "a bug in backlinkbot; see the log"),
    (lambda stats: stats.get(PIPELINE_FAULTS), ExitStatus.FAILED, A_PIPELINE_FAILED),
    (_reason_is("shutdown"), ExitStatus.INTERRUPTED, "interrupted"),
    (lambda stats: stats.get(READER_GONE), ExitStatus.READER_GONE, "standard output was closed by its reader"),
)


def complaints(stats: Mapping[str, Any]) -> list[str]:
    """Returns one line per output that could not be written, and per pipeline of the user that failed."""
    return [*stats.get(COMPLAINTS, ()), *_pipeline_faults(stats)]


_UNREACHABLE: Final = "backlinks/unreachable/"
MOST_REASONS: Final = 5
"""Most reasons that are listed when nothing was fetched."""
_A_SOURCE_READ: Final = re.compile(r"backlinks/sources/\w+/read")  # a source that was read, perhaps without any page
_DUE: Final = ("backlinks/recheck/due", "backlinks/candidates/unvisited")


def exit_status(stats: Mapping[str, Any]) -> tuple[ExitStatus, str]:
    """Returns the exit status of a run with these stats, and its reason as text."""
    for holds, status, why in _SHORTFALLS:
        if holds(stats):
            said = complaints(stats) if why in {AN_OUTPUT_FAILED, A_PIPELINE_FAILED} else ()
            return status, "; ".join(said) or why
    if stats.get(SILENT):
        return ExitStatus.DONE, "another worker of the crawl writes its rows"
    due = [stats[name] for name in _DUE if name in stats]
    if due and not any(due) and not stats.get("backlinks/pages/visited"):
        return ExitStatus.DONE, "nothing is due"
    if stats.get("backlinks/resuming/runs") and not stats.get("backlinks/pages/visited"):
        return ExitStatus.DONE, "done"  # earlier runs of the crawl had fetched everything
    if not stats.get("backlinks/pages/answered") and not any(map(_A_SOURCE_READ.fullmatch, stats)):
        kinds = (
            f"{stats[name]} {state}{_reasons(stats) if state is State.UNREACHABLE else ''}"
            for state in State
            if (name := f"backlinks/pages/{state}") in stats
        )
        return ExitStatus.FAILED, f"nothing was fetched ({', '.join(kinds) or 'no page was visited'})"
    return ExitStatus.DONE, "done"


def _reasons(stats: Mapping[str, Any]) -> str:
    """Lists why pages were unreachable, the most frequent reason first."""
    found = {name.removeprefix(_UNREACHABLE): number for name, number in stats.items() if name.startswith(_UNREACHABLE)}
    first = sorted(found, key=lambda reason: (-found[reason], reason))[:MOST_REASONS]
    if len(found) == 1:
        return f": {first[0]}"
    return f": {', '.join(f'{found[reason]} {reason}' for reason in first)}" if found else ""


def summary(stats: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the figures of a run under stable names, for ``--summary``."""
    status, why = exit_status(stats)
    started, finished = stats.get("start_time"), stats.get("finish_time")
    return {
        "exit_status": int(status),
        "outcome": why,
        "finish_reason": stats.get("finish_reason", ""),
        "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ") if started else None,
        "finished_at": finished.strftime("%Y-%m-%dT%H:%M:%SZ") if finished else None,
        "seconds": round((finished - started).total_seconds(), 3) if started and finished else None,
        "pages_visited": stats.get("backlinks/pages/visited", 0),
        "pages_read": stats.get("backlinks/pages/read", 0),
        "pages_failed": {state: stats[name] for state in State if (name := f"backlinks/pages/{state}") in stats},
        "backlinks": backlinks_found(stats),
        "referring_pages": stats.get("backlinks/referring_pages", 0),
        "referring_domains": stats.get("backlinks/referring_domains", 0),
        "outputs_failed": list(stats.get(COMPLAINTS, ())),
        "pipelines_failed": _pipeline_faults(stats),
        "counts": {
            name.removeprefix("backlinks/"): stats[name] for name in sorted(stats) if name.startswith("backlinks/")
        },
    }


def backlinks_found(stats: Mapping[str, Any]) -> int:
    """Returns the number of rows that are backlinks: all but mentions."""
    return int(stats.get("backlinks/rows", 0) - stats.get(f"backlinks/link_types/{MENTION}", 0))


class Stats(MemoryStatsCollector):
    """Scrapy's stats collector with plain attribute lookup.

    Scrapy's looks each attribute up twice, to warn callers of before 2.14. At ten counters per page that takes a
    twentieth of a crawl's CPU time.
    """

    __getattribute__ = object.__getattribute__


class RunOutcome:
    """Extension: counts unexpected exceptions and writes the summary file."""

    def __init__(self, crawler: Crawler, path: str) -> None:
        self._crawler = crawler
        self._path = path
        self._ending: asyncio.Future[None] | None = None
        self._known: dict[int, BaseException] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        outcome = cls(crawler, crawler.settings["BACKLINKBOT_SUMMARY"])
        crawler.signals.connect(outcome.bug, signals.spider_error)
        crawler.signals.connect(outcome.bug, signals.item_error)
        crawler.signals.connect(outcome.engine_stopped, signals.engine_stopped)
        return outcome

    def own_pipeline_failed(self, name: str, error: Exception, item: str) -> None:
        """Records an exception in a pipeline of the user; called before the signal ``item_error`` is sent.

        Args:
            name: the dotted name of the pipeline's class.
            error: the exception.
            item: a description of the item.
        """
        if isinstance(error, MemoryError):
            return
        self._known[id(error)] = error
        stats = self._crawler.stats
        stats.inc_value(f"backlinks/own_pipelines_failed/{name}")
        faults: dict[str, str] = stats.get_value(PIPELINE_FAULTS, {})
        said = " ".join(f"{type(error).__name__}: {error}".split())
        is_first = name not in faults
        if is_first:
            stats.set_value("backlinkbot/pipeline_faults", {**faults, name: f"{said}, on {item}"})
        logger.error("The pipeline %s failed on %s: %s", name, item, said, exc_info=error if is_first else None)

    def bug(self, failure: Failure) -> None:
        """Handler of the signal for an exception in a spider or a pipeline, which Scrapy only logs."""
        if self._known.pop(id(failure.value), None) is not None:
            return
        if isinstance(failure.value, MemoryError):
            if self._ending is None:  # later pages would fail for lack of memory, too
                self._ending = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=OUT_OF_MEMORY))
            return
        self._crawler.stats.inc_value("backlinks/outcome/bug")

    def engine_stopped(self) -> None:
        """Handler of the signal, sent when every output is closed."""
        if self._path and not self._crawler.stats.get_value(SILENT):
            text = json.dumps(summary(self._crawler.stats.get_stats()), indent=2)
            try:
                write_whole(Path(self._path), text.encode() + b"\n")
            except OutputError as error:
                complain(self._crawler.stats, str(error))
