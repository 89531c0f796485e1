"""The process that crawls for a caller: takes one call from a connection, and sends what the run finds as messages.

Twisted's reactor runs once in a process, and a notebook has a running event loop of its own; so each call has a process of its
own. It ends with its caller.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import sys
import threading
from functools import partial
from queue import SimpleQueue
from time import sleep
from traceback import format_exc
from typing import TYPE_CHECKING, Any, Final

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from backlinkbot import run
from backlinkbot.api.messages import Call, Crashed, Ended, Found, Logged, Message, Refused
from backlinkbot.errors import BacklinkbotError
from backlinkbot.extensions.outcome import ExitStatus, exit_status, summary
from backlinkbot.items import Backlink, JudgedPage
from backlinkbot.items.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection

MOST_WAITING: Final = 2_000
"""Messages that wait for a slow reader, above which no further page is fetched."""
LOOK_AGAIN: Final = 1.0
"""Seconds between two checks whether the caller is still there."""
GRACE: Final = 3.0
"""Seconds that a run has to end in order when its caller is gone."""
_COLUMNS: Final = tuple(column.name for column in columns_of(Backlink))
LOGGER: Final = "backlinkbot"


def work(connection: Connection) -> None:
    """Runs the call that the connection holds; sends what it gives, and how it ended."""
    call: Call = connection.recv()
    outbox = Outbox(connection)
    sys.stdout = sys.stderr = Lines(outbox)
    threading.Thread(target=_watch, args=(connection, call.caller, outbox), daemon=True).start()
    try:
        last: Message = _run(call, outbox)
    except BacklinkbotError as error:
        last = Refused(type(error).__name__, str(error))
    except KeyboardInterrupt:
        last = Ended(ExitStatus.INTERRUPTED, "interrupted", {})
    except BaseException as error:  # noqa: BLE001 - the caller is told, whatever it is
        last = Crashed(f"{type(error).__name__}: {error}", format_exc())
    outbox.put(last)
    outbox.close()


class Outbox:
    """Sends messages in a thread of its own, in order, so that a slow reader does not hold up the crawl."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: SimpleQueue[Message | None] = SimpleQueue()
        self._pending = 0
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self.is_refused = False
        """True if the caller is gone, or has asked for the end: it has no use for rows."""
        self.sent_rows = 0
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    @property
    def pending(self) -> int:
        """The number of messages that are not sent yet."""
        return self._pending

    def put(self, message: Message) -> None:
        """Sends a message as soon as the reader takes it."""
        with self._lock:
            self._pending += 1
        self._waiting.put(message)

    def settle(self) -> None:
        """Waits until all messages are sent, or cannot be."""
        with self._settled:
            self._settled.wait_for(lambda: not self._pending)

    def close(self) -> None:
        """Sends what waits, then ends."""
        self._waiting.put(None)
        self._thread.join()
        self._connection.close()

    def _send(self) -> None:
        while (message := self._waiting.get()) is not None:
            try:
                self._connection.send(message)
            except OSError:  # the caller is gone; so nothing after it arrives either
                self.is_refused = True
            with self._settled:
                self._pending -= 1
                self._settled.notify_all()


class Lines(io.TextIOBase):
    """A text stream whose lines are sent to the caller: what a command would print."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(None, lines):
            self._outbox.put(Logged(LOGGER, logging.INFO, line.removeprefix("backlinkbot: ")))
        return len(text)


class Records(logging.Handler):
    """Sends log records to the caller, which gives them to its own logging."""

    def __init__(self, outbox: Outbox, level: int | str) -> None:
        super().__init__(level)
        self._outbox = outbox

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
        except Exception:  # noqa: BLE001 - a record with the wrong arguments; logging itself never raises
            self.handleError(record)
        else:
            self._outbox.put(Logged(record.name, record.levelno, text))


def _watch(connection: Connection, caller: int, outbox: Outbox) -> None:
    """Ends the run when the caller asks for it; ends the process when the caller is gone."""
    while os.getppid() == caller:
        try:
            if connection.poll(LOOK_AGAIN):
                connection.recv()
                outbox.is_refused = True
                os.kill(os.getpid(), signal.SIGTERM)
        except (EOFError, OSError):
            break
    outbox.is_refused = True
    os.kill(os.getpid(), signal.SIGTERM)
    sleep(GRACE)
    os._exit(ExitStatus.INTERRUPTED)


def _run(call: Call, outbox: Outbox) -> Ended:
    """Runs the spider of a call.

    Raises:
        BacklinkbotError: an argument, setting or output is wrong; nothing was fetched.
    """
    settings = run.project_settings()
    quiet = {"LOG_LEVEL": "ERROR", "BACKLINKBOT_PROGRESS": False}
    settings.setdict(quiet | {"FEEDS": {}} | dict(call.settings) | {"LOG_ENABLED": False}, priority="cmdline")
    logging.getLogger().addHandler(Records(outbox, settings["LOG_LEVEL"]))
    run.choose_loop(settings)
    crawler = Crawler(run.spider_class(call.spider), settings, init_reactor=True)
    delivery = Delivery(crawler, outbox)
    crawler.signals.connect(delivery.page, signals.item_scraped)
    crawler.signals.connect(delivery.spider_closed, signals.spider_closed)
    status = ExitStatus(run.run_checked(crawler, call.arguments, partial(AsyncCrawlerProcess, settings)))
    return _end(status, _stats_of(crawler))


def _stats_of(crawler: Crawler) -> Mapping[str, Any]:
    try:
        return crawler.stats.get_stats()
    except RuntimeError:  # the run never started
        return {}


def _end(status: ExitStatus, stats: Mapping[str, Any]) -> Ended:
    if status is ExitStatus.STOOD_DOWN:
        return Ended(status, "the same run is still at work on this history; this one did nothing", {})
    return Ended(status, exit_status(stats)[1] if stats else "interrupted", summary(stats) if stats else {})


class Delivery:
    """Gives each page's rows to the outbox; pauses the crawl while the reader is slow."""

    def __init__(self, crawler: Crawler, outbox: Outbox) -> None:
        self._crawler = crawler
        self._outbox = outbox
        self._rows = 0
        self._waiting: asyncio.Task[None] | None = None

    def page(self, item: Any) -> None:
        """Handler of the signal ``item_scraped``."""
        if not isinstance(item, JudgedPage):
            return
        rows = tuple(map(_as_backlink, item.backlinks))
        self._rows += len(rows)
        self._outbox.put(Found(rows, tuple(item.checks)))
        if self._outbox.pending > MOST_WAITING and (self._waiting is None or self._waiting.done()):
            self._waiting = asyncio.ensure_future(self._pause())

    async def _pause(self) -> None:
        self._crawler.engine.pause()
        await asyncio.to_thread(self._outbox.settle)
        self._crawler.engine.unpause()

    async def spider_closed(self) -> None:
        """Handler of the signal: waits until the caller has the rows; otherwise the history says that they were not reported."""
        await asyncio.to_thread(self._outbox.settle)
        if self._outbox.is_refused and self._rows:
            self._crawler.stats.inc_value("backlinks/outputs/unwritten_rows", self._rows)


def _as_backlink(row: Any) -> Backlink:
    """Returns a row that a pipeline of the user's own has changed as a row again; columns that it added are left out."""
    return row if isinstance(row, Backlink) else Backlink(**{name: row[name] for name in _COLUMNS})
