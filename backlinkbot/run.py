"""Runs a crawl from beginning to end: checks the user's input, crawls, and reports the outcome."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from time import sleep
from typing import TYPE_CHECKING, Any, Final, cast

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler, CrawlerProcess
from scrapy.settings import Settings
from scrapy.spiderloader import DummySpiderLoader
from scrapy.utils.misc import load_object
from scrapy.utils.project import get_project_settings

from backlinkbot.addon import Addon
from backlinkbot.errors import BacklinkbotError, OutputError, UsageError
from backlinkbot.exporters.outputs import check_outputs
from backlinkbot.extensions.messages import log_as_json, tell
from backlinkbot.extensions.outcome import SILENT, ExitStatus, complaints, exit_status, summary
from backlinkbot.option_table import Overlap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scrapy.settings import BaseSettings

    from backlinkbot.spiders.base import BacklinkSpider

SPIDERS: Final = {
    "discover": "backlinkbot.spiders.discover.DiscoverSpider",
    "verify": "backlinkbot.spiders.verify.VerifySpider",
    "recheck": "backlinkbot.spiders.recheck.RecheckSpider",
}
"""The class of each spider, by name; a run imports its own alone."""
LOOK_AGAIN: Final = 0.5
"""Seconds between two checks whether the same run has ended."""
_WORK: Final = ("BACKLINKBOT_TARGETS", "BACKLINKBOT_SEEDS", "BACKLINKBOT_CANDIDATES")
"""The settings that identify a run: two runs of a spider with equal values are the same run."""


def spider_class(name: str) -> type[BacklinkSpider]:
    """Imports and returns the spider with a name of :data:`SPIDERS`."""
    return cast("type[BacklinkSpider]", load_object(SPIDERS[name]))


def check(crawler: Crawler, arguments: Mapping[str, Any]) -> BaseSettings:
    """Checks every argument and output before anything is fetched, and creates the crawl's spider.

    Returns:
        The settings that the run will have.

    Raises:
        UsageError: an argument is wrong.
        OutputError: an output cannot be written.
    """
    crawler.spider = crawler.spidercls.from_crawler(crawler, **arguments)
    settings = crawler.settings.copy()
    Addon.from_crawler(crawler).update_settings(settings)
    check_outputs(crawler, settings)
    if settings["BACKLINKBOT_NOTIFY"]:
        from backlinkbot.alerts.channels import channels_of  # noqa: PLC0415 - most runs tell nobody

        channels_of(settings.getlist("BACKLINKBOT_NOTIFY"), settings["BACKLINKBOT_NOTIFY_SECRET"])
    _check_joining(settings)
    if settings["BACKLINKBOT_HISTORY_URL"]:
        from backlinkbot.history import History  # noqa: PLC0415 - SQLAlchemy is slow to import

        History.open(settings["BACKLINKBOT_HISTORY_URL"]).close()
    return settings


def _check_joining(settings: BaseSettings) -> None:
    """Raises a UsageError for ``--overlap join`` without what workers share a crawl by."""
    if Overlap(settings["BACKLINKBOT_OVERLAP"]) is not Overlap.JOIN:
        return
    url = settings["BACKLINKBOT_HISTORY_URL"]
    if not url.startswith(("postgresql:", "postgresql+", "postgres:")):
        found = f"{url} is a file of one machine" if url else "there is no history"
        raise UsageError(f"--overlap join needs a history that machines share: --history postgresql://…; {found}")
    if settings["JOBDIR"]:
        raise UsageError("--overlap join needs no JOBDIR: what waits is in the history")
    if settings["BACKLINKBOT_VISITS"]:
        raise UsageError("--overlap join writes no file of --visits: each worker would write its own part alone")


@contextmanager
def turn_of(spider: str, settings: BaseSettings) -> Iterator[bool]:
    """A context manager that waits while the same run is active, or yields false, as configured."""
    url, overlap = settings["BACKLINKBOT_HISTORY_URL"], Overlap(settings["BACKLINKBOT_OVERLAP"])
    if not url or overlap is Overlap.ALLOW:
        yield True
        return
    from backlinkbot.history.run_lock import run_lock  # noqa: PLC0415 - as above

    work = [word for name in _WORK for word in settings.getlist(name)]
    with run_lock(url, " ".join([spider, *work]), is_shared=overlap is Overlap.JOIN) as take:
        has_turn = take()
        if not has_turn:
            then = "standing down" if overlap is Overlap.STAND_DOWN else "waiting for its end"
            sys.stderr.write(f"backlinkbot: the same {spider} is still at work on this history; {then}\n")
        while not has_turn and overlap is not Overlap.STAND_DOWN:
            sleep(LOOK_AGAIN)
            has_turn = take()
        yield has_turn


def crawl(name: str, arguments: Mapping[str, Any], settings: Settings) -> int:
    """Runs one spider in this process; returns the exit status."""
    choose_loop(settings)
    crawler = Crawler(spider_class(name), settings, init_reactor=True)
    return checked_crawl(crawler, arguments, partial(_process, settings, crawler))


def _process(settings: Settings, crawler: Crawler) -> AsyncCrawlerProcess:
    """Creates the process of a crawl; its log is JSON from the first line on where that is configured."""
    settings = settings.copy()  # what follows is the process's alone
    # Others import all spiders there are.
    settings.set("SPIDER_LOADER_CLASS", DummySpiderLoader, priority="cmdline")
    if log_as_json(crawler.settings):
        settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    return AsyncCrawlerProcess(settings)


def checked_crawl(
    crawler: Crawler, arguments: Mapping[str, Any], process: Callable[[], AsyncCrawlerProcess | CrawlerProcess]
) -> int:
    """Checks a crawl, waits for the same run to end, runs it, and reports the outcome; used by both commands.

    Args:
        crawler: a crawler of one of the project's spiders, not started.
        arguments: the spider's arguments.
        process: creates the process that runs it; called after all checks.
    """
    try:
        return run_checked(crawler, arguments, process)
    except (UsageError, OutputError) as error:
        return refuse(error)


def run_checked(
    crawler: Crawler, arguments: Mapping[str, Any], process: Callable[[], AsyncCrawlerProcess | CrawlerProcess]
) -> int:
    """As :func:`checked_crawl`, for callers that handle errors themselves.

    Raises:
        UsageError: an argument is wrong; nothing was fetched.
        OutputError: an output cannot be written; nothing was fetched.
    """
    try:
        settings = check(crawler, arguments)
    except (UsageError, OutputError) as error:
        _report_end(crawler, _status_of(error), str(error))
        raise
    try:
        with turn_of(crawler.spidercls.name, settings) as has_turn:
            if not has_turn:
                return ExitStatus.STOOD_DOWN
            status = _crawl(process(), crawler, arguments)
    except KeyboardInterrupt:  # while waiting; a crawl under way handles it itself
        return ExitStatus.INTERRUPTED
    _report_end(crawler, status, "")
    return status


def _report_end(crawler: Crawler, status: int, why: str) -> None:
    """Notifies the user's channels and writes the file of metrics; what fails there is printed and changes nothing else."""
    settings = crawler.settings
    if _stats_of(crawler).get(SILENT):
        return
    urls, metrics = settings.getlist("BACKLINKBOT_NOTIFY"), settings["BACKLINKBOT_METRICS"]
    if not (urls or metrics):
        return
    from backlinkbot.alerts import ending  # noqa: PLC0415 - most runs tell nobody
    from backlinkbot.alerts.event import RunEnd  # noqa: PLC0415 - as above

    stats = _stats_of(crawler)
    targets = getattr(crawler.spider, "targets", None)
    run, changes = stats.get("backlinkbot/run"), ending.NO_CHANGES
    try:
        if urls and run:
            changes = ending.changes_of(settings["BACKLINKBOT_HISTORY_URL"], run)
    except BacklinkbotError as error:
        tell([f"the changes of this run cannot be told: {error}"], settings, "error")
    end = RunEnd(
        command=crawler.spidercls.name,
        targets=tuple(target.name for target in targets) if targets else tuple(settings.getlist("BACKLINKBOT_TARGETS")),
        exit_status=int(status),
        outcome=why or (exit_status(stats)[1] if stats else "it never started"),
        is_failed=status in {ExitStatus.FAILED, ExitStatus.USAGE},
        run=run,
        changes=changes,
        summary=summary(stats) if stats else None,
    )
    secret = settings["BACKLINKBOT_NOTIFY_SECRET"]
    tell(ending.tell(end, urls=urls, secret=secret), settings, "error")
    tell(ending.write_metrics_file(metrics, end) if metrics else (), settings, "error")


def _stats_of(crawler: Crawler) -> dict[str, Any]:
    try:
        return crawler.stats.get_stats()
    except RuntimeError:  # it never started
        return {}


def _crawl(process: AsyncCrawlerProcess | CrawlerProcess, crawler: Crawler, arguments: Mapping[str, Any]) -> int:
    # Otherwise Scrapy creates two log records per page that are never printed.
    logging.getLogger("scrapy").setLevel(crawler.settings["LOG_LEVEL"])
    crawler.signals.connect(_collect_garbage_less, signals.spider_opened)
    crawler.signals.connect(_end_in_order_on_hangup, signals.spider_opened)
    spider = cast("BacklinkSpider", crawler.spider)
    tell(spider.notices, crawler.settings)
    process.crawl(crawler, **arguments)
    process.start()
    tell(spider.told_at_end(), crawler.settings)
    status = finish(crawler)
    if status == ExitStatus.DONE and _stats_of(crawler).get(SILENT):
        tell(("this worker has left the crawl; the one that closes it writes the rows of all",), crawler.settings)
    if status != ExitStatus.DONE:
        # An exception refers to frozen objects, which would never be freed; libraries complain about that at exit.
        gc.unfreeze()
    return status


def _end_in_order_on_hangup() -> None:
    """Makes SIGHUP end the crawl as SIGTERM does: a terminal that was closed sends it. ``nohup`` ignores it, and that stays."""
    hangup = getattr(signal, "SIGHUP", None)  # not on Windows
    if hangup is not None and signal.getsignal(hangup) == signal.SIG_DFL:
        signal.signal(hangup, signal.getsignal(signal.SIGTERM))


def _collect_garbage_less() -> None:
    """Excludes all objects so far, the targets among them, from garbage collection, and collects less often.

    A page has a few hundred objects, of which reference counts alone free almost all.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20)


def choose_loop(settings: BaseSettings) -> None:
    """Uses uvloop if the extra ``speed`` is installed and no other loop is configured.

    The loop is created here; otherwise Scrapy first creates a loop that it never closes.
    """
    if find_spec("uvloop") and not settings["ASYNCIO_EVENT_LOOP"]:
        loop: type[asyncio.AbstractEventLoop] = load_object("uvloop.Loop")
        asyncio.set_event_loop(loop())
        settings.set("ASYNCIO_EVENT_LOOP", "uvloop.Loop", priority="project")


def refuse(error: UsageError | OutputError) -> int:
    """Prints an error that was found before anything was fetched; returns the exit status."""
    sys.stderr.write(f"backlinkbot: {error}\n")
    return _status_of(error)


def _status_of(error: UsageError | OutputError) -> ExitStatus:
    return ExitStatus.USAGE if isinstance(error, UsageError) else ExitStatus.FAILED


def finish(crawler: Crawler) -> int:
    """Returns the exit status of a crawl that has ended; prints the reason if it is not 0."""
    try:
        stats = crawler.stats.get_stats()
    except RuntimeError:  # it never started
        return ExitStatus.FAILED
    status, why = exit_status(stats)
    if status is ExitStatus.INTERRUPTED:
        why = f"{why}; {_resumable(crawler.settings)}"
    if status is not ExitStatus.DONE and status is not ExitStatus.READER_GONE:
        tell(complaints(stats) or (why,), crawler.settings, "error")
    return status


def _resumable(settings: BaseSettings) -> str:
    if settings["JOBDIR"]:
        return "the same command, with the same JOBDIR, goes on from here"
    if settings["BACKLINKBOT_HISTORY_URL"]:
        return "the same command goes on from here"
    return "without a history (--history) the same command begins anew"


def project_settings() -> Settings:
    """Returns the settings of ``backlinkbot.settings``, or of the scrapy.cfg of the current folder."""
    settings = get_project_settings()
    if not settings.get("BACKLINKBOT_FOLLOW"):
        settings.setmodule("backlinkbot.settings", priority="project")
    return settings


__all__ = [
    "SPIDERS",
    "check",
    "checked_crawl",
    "choose_loop",
    "crawl",
    "finish",
    "project_settings",
    "refuse",
    "run_checked",
    "spider_class",
]
