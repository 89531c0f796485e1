"""Scrapy's feed export, one row at a time: a feed that cannot be written is reported, and the others continue."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import logging
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final, cast

from scrapy.extensions.feedexport import FeedExporter, StdoutFeedStorage
from scrapy.utils.defer import ensure_awaitable

from backlinkbot.errors import BacklinkbotError, OutputError
from backlinkbot.exporters.exporters import fields_of, rows_of, view_of, words_for_columns
from backlinkbot.exporters.feed_storage import WholeFileStorage
from backlinkbot.exporters.outputs import check_outputs, shown
from backlinkbot.extensions.outcome import SILENT, complain
from backlinkbot.files.atomic import discard_part, is_gone
from backlinkbot.items import JudgedPage, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.extensions.feedexport import FeedSlot

logger = logging.getLogger(__name__)

OUTPUT_FAILED: Final = "output_failed"
"""The reason for which a crawl ends that has no output left."""


class Output:
    """Mixed into the class of a Scrapy feed storage: notices what goes wrong, and lets nothing of it out before the end."""

    failure = ""
    """Why it cannot be written, in words; empty as long as it can."""
    left_in = ""
    """The file that the rows so far are left in, where they stand nowhere else."""
    written = 0
    """Rows that were written to their end."""
    refused = 0
    """Rows that were to be written when it could not be written any more."""
    is_reader_gone = False
    """True if it is standard output and its reader has closed the pipe, which is no error."""
    is_over = False
    """True if it was closed and stored, or that was tried."""
    is_stream: bool
    """True if its rows are delivered as soon as they are written: standard output."""
    has_part: bool
    """True if its rows are in a temporary file until they are moved to their place."""
    is_kept: bool
    """True if the temporary file is kept when it cannot be moved, because no history has its rows."""
    noticed: Callable[[Output], None]
    """Called for its first failure."""
    _file: WatchedFile | None = None

    def __init__(self, uri: str, *arguments: Any, **options: Any) -> None:
        super().__init__(uri, *arguments, **options)  # type: ignore[call-arg]
        self.uri = uri
        self.view: str = (options.get("feed_options") or {}).get("view", "backlinks")

    def open(self, spider: Spider) -> IO[bytes]:
        """The file of the storage, watched; one that swallows everything where there is none."""
        file: IO[bytes] | None = None
        try:
            file = super().open(spider)  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 - a storage is a library's, and fails in its own ways
            self.fail(error)
        self._file = WatchedFile(file, self.fail, self._is_gone)
        return cast("IO[bytes]", self._file)

    async def store(self, file: WatchedFile) -> None:
        """Have it stored.

        Raises:
            OutputError: it could not be written, now or before; it was told.
        """
        self.is_over = True
        if not self.failure and file.file is not None:
            try:
                await ensure_awaitable(super().store(file.file))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 - as above
                self.fail(error)
        if self.failure:
            raise OutputError(self.failure)

    def fail(self, error: Exception) -> None:
        """Give it up, and free the space that it takes."""
        if not self.failure:
            self.failure = _in_words(error)
            self.is_reader_gone = self.is_stream and isinstance(error, BrokenPipeError)
            if self._file is not None:
                self._discard(self._file.give_up())
            self.noticed(self)

    @property
    def missing(self) -> int:
        """The rows that were to be written and are not there: all of a file that gets no place."""
        return self.refused + (0 if self.is_stream else self.written)

    def _is_gone(self, file: IO[bytes]) -> bool:
        return self.has_part and is_gone(file)

    def _discard(self, file: IO[bytes] | None) -> None:
        if file is None or self.is_stream:
            return
        if self.has_part and (not self.is_kept or is_gone(file)):
            discard_part(file)
            return
        if self.has_part:
            self.left_in = file.name
        with contextlib.suppress(OSError):
            file.close()


class WatchedFile(io.BufferedIOBase):
    """A file that is written to until that fails, and from then on swallows what it is given."""

    def __init__(
        self, file: IO[bytes] | None, failed: Callable[[Exception], None], is_gone: Callable[[IO[bytes]], bool]
    ) -> None:
        self.file = file
        self._failed = failed
        self._is_gone = is_gone

    def give_up(self) -> IO[bytes] | None:
        """Let go of the file below."""
        file, self.file = self.file, None
        return file

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self.file is not None and self.file.seekable()

    def tell(self) -> int:
        return self.file.tell() if self.file is not None else 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self.file.seek(offset, whence) if self.file is not None else 0

    def write(self, data: Any) -> int:
        """Never raises; the first failure is told."""
        if self.file is not None:
            try:
                self.file.write(data)
            except OSError as error:
                self._failed(error)
        return len(data)

    def flush(self) -> None:
        """Never raises; the first failure is told, and where the file is gone meanwhile."""
        if self.file is not None:
            try:
                self.file.flush()
                if self._is_gone(self.file):
                    raise FileNotFoundError(errno.ENOENT, "it was removed during the run, or its folder was")
            except OSError as error:
                self._failed(error)


class Feeds(FeedExporter):
    """Extension: Scrapy's feed export, in which each row is an item and each feed stands by itself.

    A feed that fails is given up. The crawl goes on for the others; it ends where none is left.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._failed: list[Output] = []
        self._ending: asyncio.Future[None] | None = None
        self.storages = {scheme: self._watched(storage) for scheme, storage in self.storages.items()}
        for feed in self.feeds.values():
            feed["view"] = view_of(feed)
            feed["fields"] = fields_of(feed, words_for_columns(self.settings))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to Scrapy's signals.

        Raises:
            SettingError: the outputs must be named differently.
            OutputError: one cannot be written.
        """
        check_outputs(crawler, crawler.settings)
        return super().from_crawler(crawler)

    def _watched(self, storage: type) -> type:
        """A subclass under the same name, which Scrapy's stats tell."""
        known = {
            "noticed": self._noticed,
            "is_stream": issubclass(storage, StdoutFeedStorage),
            "has_part": issubclass(storage, WholeFileStorage),
            "is_kept": not self.settings["BACKLINKBOT_HISTORY_URL"],
        }
        return type(storage.__name__, (Output, storage), known)

    def item_scraped(self, item: Any, spider: Spider) -> None:
        """Give a page's rows to each feed that has not failed."""
        self.slots = [self._give(slot, item, spider) for slot in self.slots]
        if self.slots and all(cast("Output", slot.storage).failure for slot in self.slots) and self._ending is None:
            self._ending = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason=OUTPUT_FAILED))

    def _give(self, slot: FeedSlot, item: Any, spider: Spider) -> FeedSlot:
        """The slot for the next item: the same, unless its batch is full."""
        if isinstance(item, Page) and not isinstance(item, JudgedPage):  # no pipeline has judged it: it has no rows
            return slot
        if isinstance(item, JudgedPage) and item.is_reported and _appends(slot):  # an earlier run has added its rows
            return slot
        for row in rows_of(slot.feed_options, item) if isinstance(item, JudgedPage) else (item,):
            output = cast("Output", slot.storage)
            self.slots = [slot]  # all that Scrapy shall know of, so that none fails for another
            if not output.failure:
                try:
                    super().item_scraped(row, spider)
                except Exception as error:
                    logger.exception("%s: a row cannot be written", shown(slot.uri))
                    output.fail(error)
            if output.failure:
                output.refused += 1
            else:
                output.written += 1
            (slot,) = self.slots
        return slot

    async def close_spider(self, spider: Spider) -> None:
        """Store each feed; say of those that failed what is missing. Where another worker writes them, none is begun."""
        if self.crawler.stats.get_value(SILENT):
            self.slots.clear()
        with _told_by_us():
            await super().close_spider(spider)
        for slot in self.slots:
            output = cast("Output", slot.storage)
            if slot.itemcount and not output.is_over:  # Scrapy logs why, and counts nothing
                output.fail(OutputError("its exporter failed at the end"))
        stats = self.crawler.stats
        for output in self._failed:
            if not output.is_reader_gone:
                complain(stats, self._complaint(output))
        rows = sum(output.missing for output in self._failed if output.view == "backlinks")
        if rows:
            stats.set_value("backlinks/outputs/unwritten_rows", rows)

    def _noticed(self, output: Output) -> None:
        self._failed.append(output)
        if output.is_reader_gone:
            self.crawler.stats.set_value("backlinks/outputs/reader_gone", 1)
        logger.info("%s is given up: %s", shown(output.uri), output.failure)

    def _complaint(self, output: Output) -> str:
        """One line that names the output, what happened, and where its rows are."""
        said = f"{shown(output.uri)}: not written: {output.failure}"
        if not output.missing:
            return said
        rows = f"{output.missing:,} row{'s' if output.missing > 1 else ''}"
        if output.view != "backlinks":
            return f"{said}; {rows} are missing"
        if not output.is_kept:
            return (
                f"{said}; {rows} are in the history and not there: the next run gives them again, and backlinkbot export "
                "has them"
            )
        return f"{said}; {rows} are not there" + (
            f"; the rows so far are in {output.left_in}" if output.left_in else ""
        )


def _appends(slot: FeedSlot) -> bool:
    """True if rows are added to an existing output."""
    return not slot.feed_options.get("overwrite") and not cast("Output", slot.storage).is_stream


def _in_words(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    text = " ".join((said or type(error).__name__).split())
    return text if isinstance(error, OSError | BacklinkbotError) else f"{type(error).__name__}: {text}"


@contextmanager
def _told_by_us() -> Iterator[None]:
    """Scrapy logs each feed that cannot be stored with a traceback; we say so in one line."""

    def is_news(record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], OutputError))

    scrapys = logging.getLogger("scrapy.extensions.feedexport")
    scrapys.addFilter(is_news)
    try:
        yield
    finally:
        scrapys.removeFilter(is_news)
