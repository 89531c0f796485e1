"""Runs a spider for a caller: waits for all its rows, or gives them one by one while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from os import PathLike, fspath
from queue import SimpleQueue
from typing import Any, Final

from backlinkbot import errors
from backlinkbot.api.keywords import Words
from backlinkbot.api.messages import Crashed, Ended, Found, Last, Logged, Message, Refused
from backlinkbot.api.process import Worker
from backlinkbot.api.tables import CrawlRows
from backlinkbot.errors import BacklinkbotError, RunError, UsageError
from backlinkbot.items import Backlink, Check
from backlinkbot.items.columns import FULL, words_of
from backlinkbot.option_table import OPTIONS

_LISTS: Final = frozenset(option.name for option in OPTIONS if option.is_list)


def rows_of(spider: str, targets: Words, settings: Mapping[str, Any] | None, options: Mapping[str, Any]) -> CrawlRows:
    """Runs a spider to its end; returns its rows.

    Raises:
        UsageError: an argument is wrong; nothing was fetched.
        OutputError: a file or history cannot be written; nothing was fetched.
        RunError: the run failed, was ended from outside or stood down.
        KeyboardInterrupt: the caller was interrupted; the run has ended in order.
    """
    inbox: SimpleQueue[Message | None] = SimpleQueue()
    arguments = arguments_of(targets, options)
    columns = words_of(str(arguments.get("columns", FULL)))
    worker = Worker(spider, arguments, settings or {}, inbox.put)
    rows: list[Backlink] = []
    checks: list[Check] = []
    last: Last | None = None
    try:
        while (message := inbox.get()) is not None:
            worker.taken()
            if isinstance(message, Found):
                rows += message.rows
                checks += message.checks
            else:
                last = _take(message) or last
    except BaseException:
        worker.stop()
        _drain(worker, inbox)
        raise
    summary = last.summary if isinstance(last, Ended) else {}
    error = _error(last, worker)
    if error is None or isinstance(error, RunError):
        found = CrawlRows(rows, checks, summary, columns)
        if error is None:
            return found
        error.rows = found
    raise error


def _drain(worker: Worker, inbox: SimpleQueue[Message | None]) -> None:
    """Waits until the run has ended; a second interrupt kills it."""
    try:
        while inbox.get() is not None:
            pass
    except BaseException:
        worker.kill()
        raise


async def rows_while_running(
    spider: str, targets: Words, settings: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> AsyncGenerator[Backlink, None]:
    """Yields the rows of a spider as it finds them; the run ends when the generator is closed or its task is cancelled.

    Raises:
        UsageError: an argument is wrong; nothing was fetched.
        OutputError: a file or history cannot be written; nothing was fetched.
        RunError: the run failed, was ended from outside or stood down.
    """
    async with aclosing(found_while_running(spider, targets, settings, options)) as visits:
        async for found in visits:
            for row in found.rows:
                yield row


async def found_while_running(
    spider: str, targets: Words, settings: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> AsyncGenerator[Found, None]:
    """As :func:`rows_while_running`, but yields what each visit gave: rows and checks."""
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[Message | None] = asyncio.Queue()

    def deliver(message: Message | None) -> None:
        loop.call_soon_threadsafe(inbox.put_nowait, message)

    worker = Worker(spider, arguments_of(targets, options), settings or {}, deliver)
    last: Last | None = None
    is_over = False
    try:
        while (message := await inbox.get()) is not None:
            worker.taken()
            if isinstance(message, Found):
                yield message
            else:
                last = _take(message) or last
        is_over = True
    finally:
        if not is_over:
            await _stopped(worker, inbox)
    if (error := _error(last, worker)) is not None:
        raise error


async def _stopped(worker: Worker, inbox: asyncio.Queue[Message | None]) -> None:
    """Waits until the run has ended; it also ends, in order, where nobody waits."""
    worker.stop()
    while await inbox.get() is not None:
        pass


def arguments_of(targets: Words, options: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the spider's arguments: None is left out, a single word of a list becomes a list.

    Raises:
        UsageError: a value is no text, number, truth value or list of texts, or the option is the command line's only.
    """
    if options.get("spark"):
        raise UsageError(
            "spark is an option of the command line; a call from Python crawls in a process of this machine"
        )
    arguments: dict[str, Any] = {}
    for name, value in {"targets": targets, **options}.items():
        if value is None:
            continue
        if isinstance(value, PathLike):
            value = fspath(value)  # noqa: PLW2901 - the same value
        if name in _LISTS:
            arguments[name] = words_of_argument(name, value)
        elif name == "columns" and not isinstance(value, str):
            arguments[name] = ",".join(words_of_argument(name, value))
        elif isinstance(value, str | int | float):
            arguments[name] = value
        else:
            raise UsageError(f"{name}={value!r}: a text, a number, True or False is expected")
    if not arguments["targets"]:
        del arguments["targets"]
    return arguments


def words_of_argument(name: str, value: Any) -> list[str]:
    """Returns one or several words as a list.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(value, PathLike):
        value = fspath(value)
    if isinstance(value, str):
        return [value]
    with suppress(TypeError):
        words = [fspath(word) for word in value]
        if all(isinstance(word, str) for word in words):
            return words
    raise UsageError(f"{name}={value!r:.200}: a text or a list of texts is expected")


def _take(message: Message) -> Last | None:
    """Logs what is to be logged; returns the message if it is the last."""
    if isinstance(message, Logged):
        logging.getLogger(message.logger).log(message.level, "%s", message.text)
        return None
    return None if isinstance(message, Found) else message


def _error(last: Last | None, worker: Worker) -> BacklinkbotError | None:
    """Returns the exception for how a run has ended; None if it is done."""
    if isinstance(last, Refused):
        kind: type[BacklinkbotError] = getattr(errors, last.error)
        return kind(last.text)
    if isinstance(last, Crashed):
        error = RunError(f"a bug in backlinkbot: {last.text}")
        error.add_note(last.traceback)
        return error
    if last is None:
        code = worker.returncode
        how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with status {code}"
        return RunError(f"the process that crawls {how}")
    return RunError(last.why, exit_status=last.status) if last.status else None
