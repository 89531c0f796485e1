"""Collects what a crawl has to save so that the same command can resume it, until a transaction takes it."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from backlinkbot.frontier.known import HashSet
from backlinkbot.history.crawl_commit import CrawlCommit, hash_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from scrapy.crawler import Crawler

    from backlinkbot.frontier.sharing import CrawlShare
    from backlinkbot.history import History
    from backlinkbot.history.crawl_commit import OpenCrawl, SavedPart
    from backlinkbot.items import FrontierEntry, JudgedPage

MAX_LESSONS: Final = 200_000
"""Visits that a resumed crawl learns from again; older ones count for little, since each visit weakens those before it."""


class CrawlSaver:
    """Collects what a crawl has not saved yet; shared by its spider, its order and its pipelines.

    Without a history, or with ``JOBDIR``, nothing is saved: ``is_on`` is false, and all calls do nothing.
    """

    def __init__(self) -> None:
        self.is_on = False
        self.crawl: OpenCrawl | None = None
        self.share: CrawlShare | None = None
        """This worker's share, where several machines share the crawl."""
        self.answered = HashSet()
        """URLs of the user's lists that have their answer."""
        self._history: History | None = None
        self._give_again: Callable[[JudgedPage], None] | None = None
        self._next_row = 1
        self._unsaved = CrawlCommit()

    @classmethod
    def of(cls, crawler: Crawler) -> CrawlSaver:
        """Returns the saver of a crawl."""
        return _SAVERS.setdefault(crawler, cls())

    def begin(self, crawl: OpenCrawl, history: History, give_again: Callable[[JudgedPage], None]) -> None:
        """Begins to save.

        Args:
            crawl: the crawl, new or resumed.
            history: where its earlier runs are read; closed by :meth:`close`.
            give_again: gives the rows of a page to the outputs.
        """
        self.is_on = True
        self.crawl = crawl
        self._history = history
        self._give_again = give_again
        self._next_row = crawl.next_row

    def close(self) -> None:
        """Closes the history."""
        if self._history is not None:
            self._history.close()
            self._history = None

    @property
    def has_unsaved(self) -> bool:
        """True if something is not in a transaction yet."""
        return bool(self._unsaved)

    @property
    def is_resumed(self) -> bool:
        """True if an earlier run began the crawl."""
        return self.crawl is not None and bool(self.crawl.runs)

    @property
    def _earlier(self) -> tuple[History, OpenCrawl] | None:
        """The history and the crawl that earlier runs have saved in it; None for a new crawl."""
        if self.crawl is None or self._history is None or not self.is_resumed:
            return None
        return self._history, self.crawl

    # --- what was saved ---

    def parts(self) -> Iterator[SavedPart]:
        """Yields what earlier runs have saved, oldest first; nothing for a new crawl. Of a shared one, heartbeats bring it."""
        if self._earlier is not None and self.share is None:
            history, crawl = self._earlier
            yield from history.crawl_parts(crawl)

    def give_again(self, besides: Container[str] = ()) -> None:
        """Gives the rows of earlier runs to the outputs, except those of pages at these URLs, which are visited again."""
        if self._earlier is None or self._give_again is None or self.share is not None:
            return
        history, crawl = self._earlier
        for page, is_reported in history.reported_pages(crawl):
            if page.requested_url not in besides:
                self._give_again(replace(page, is_reported=is_reported))

    def give_all(self) -> None:
        """Gives the rows of all workers of a shared crawl to the outputs, in the order of their recording."""
        if self.crawl is None or self._history is None or self._give_again is None:
            return
        for page, is_reported in self._history.reported_pages(self.crawl):
            self._give_again(replace(page, is_reported=is_reported))

    def lessons(self) -> list[Any]:
        """Returns the latest visits that the crawl order has learned from, oldest first."""
        if self._earlier is None:
            return []
        history, crawl = self._earlier
        return history.crawl_lessons(crawl, MAX_LESSONS)

    @property
    def sizes(self) -> Mapping[str, int]:
        """The number of hashes that earlier runs have saved, by the name of their set."""
        return self.crawl.sizes if self.crawl is not None else {}

    def waiting(self) -> Iterator[tuple[int, bytes]]:
        """Yields the pages that waited when the last run ended; of a shared crawl, heartbeats bring them."""
        if self._earlier is not None and self.share is None:
            history, crawl = self._earlier
            yield from history.waiting_pages(crawl)

    def is_answered(self, url: str) -> bool:
        """True if a URL of the user's lists was answered."""
        return len(self.answered) > 0 and hash_of(url) in self.answered

    # --- what is to be saved ---

    def new_row(self) -> int:
        """Returns a number for a page that is about to wait; 0 if nothing is saved."""
        if not self.is_on:
            return 0
        if self.share is not None:
            return self.share.new_row()
        self._next_row += 1
        return self._next_row - 1

    def add(self, row: int, record: bytes, bucket: int = 0) -> None:
        """Adds a waiting page; :meth:`finish` removes it. In a shared crawl it waits for the worker that has its bucket."""
        if self.is_on:
            self._unsaved.rows[row] = record
            if self.share is not None:
                self._unsaved.buckets[row] = bucket
                if not self.share.holds(bucket):
                    self._unsaved.sent.add(row)

    def send(self, row: int, record: bytes, bucket: int) -> None:
        """Adds a page that waits in a shared crawl for whatever worker has its bucket, also if that is this one."""
        self.add(row, record, bucket)
        self._unsaved.sent.add(row)

    def note(self, name: str, number: int) -> None:
        """Adds to a set of hashes; see :data:`~backlinkbot.history.crawl_commit.HASHES`."""
        if self.is_on:
            numbers = self._unsaved.hashes.get(name)
            if numbers is None:
                numbers = self._unsaved.hashes[name] = array("Q")
            numbers.append(number)

    def note_all(self, name: str, numbers: Iterable[int]) -> None:
        """Adds several hashes to a set."""
        for number in numbers:
            self.note(name, number)

    def learn(self, lesson: list[Any]) -> None:
        """Adds a visit that the crawl order has learned from."""
        if self.is_on:
            self._unsaved.lessons.append(lesson)

    def count(self, kind: str, *words: str) -> None:
        """Adds one to a count of the crawl."""
        if self.is_on:
            self._unsaved.counts[kind, *words] += 1

    def count_more(self, kind: str, *words: str, number: int) -> None:
        """Adds a number to a count of the crawl."""
        if self.is_on and number:
            self._unsaved.counts[kind, *words] += number

    def drop(self, row: int) -> None:
        """Removes a page from those that wait, without a visit."""
        if self.is_on and row and self._unsaved.rows.pop(row, None) is None:
            self._unsaved.done.add(row)

    def set_listed(self, number: int) -> None:
        """Saves the number of URLs in the user's lists; in a shared crawl they wait in the frontier, where they are counted."""
        if self.is_on and self.share is None:
            self._unsaved.listed = number

    def finish(self, entry: FrontierEntry | None) -> None:
        """Removes a page from those that wait, once its visit is recorded; what the visit found was added before."""
        if entry is None or not self.is_on:
            return
        self.drop(entry.row)
        if self.share is not None:
            self._finish_shared(entry, self.share)
        if entry.listed:
            self.note("answered", entry.listed)
        if entry.visited:
            self.note("visited", entry.visited)
            self.note("known", entry.visited)
        self.note_all("known", entry.admitted)
        if entry.domain:
            self.count("page", entry.domain)

    def _finish_shared(self, entry: FrontierEntry, share: CrawlShare) -> None:
        # A redirect's target counts as visited, too: the other workers know nothing else of it.
        for number in (entry.visited, *entry.admitted):
            if number:
                share.visited.add(number)
                share.taken.get(entry.bucket, set()).discard(number)
        self.note_all("visited", entry.admitted)

    def is_ours(self, entry: FrontierEntry | None) -> bool:
        """True unless the page's visit is another worker's by now."""
        return self.share is None or (entry is not None and self.share.owns(entry.bucket))

    def take(self) -> CrawlCommit | None:
        """Returns what the next transaction has to write, and forgets it; None if there is nothing."""
        if not self._unsaved:
            return None
        taken, self._unsaved = self._unsaved, CrawlCommit()
        return taken


_SAVERS: WeakKeyDictionary[Crawler, CrawlSaver] = WeakKeyDictionary()
