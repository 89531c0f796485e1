"""A queue that keeps its first requests in memory and the rest in one temporary file."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections import deque
from typing import IO, TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.utils.request import request_from_dict

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler

MAX_IN_MEMORY: Final = 20_000
"""Requests of all queues of a crawl together; each takes 1 to 2 KB."""


class Overflow:
    """The requests of one crawl that wait on disk, in a file without a name; its space is used again once it is empty."""

    def __init__(self, spider: Spider, max_in_memory: int) -> None:
        self._spider = spider
        self._max_in_memory = max_in_memory
        self._file: IO[bytes] | None = None
        self._end = 0
        self._waiting = 0
        self.in_memory = 0

    @property
    def is_memory_full(self) -> bool:
        """True if the next request is stored on disk until its turn."""
        return self.in_memory >= self._max_in_memory

    def put(self, request: Request) -> int:
        """Write a request down; returns where."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="backlinkbot-queue-")  # noqa: SIM115 - lives as long as the crawl
        record = pickle.dumps(request.to_dict(spider=self._spider), protocol=pickle.HIGHEST_PROTOCOL)
        where = self._end
        self._file.seek(where)
        self._end += self._file.write(len(record).to_bytes(4, "little") + record)
        self._waiting += 1
        return where

    def read(self, where: int) -> Request:
        """The request that was written there."""
        if self._file is None:
            raise LookupError(where)
        self._file.seek(where)
        record = self._file.read(int.from_bytes(self._file.read(4), "little"))
        return request_from_dict(pickle.loads(record), spider=self._spider)  # noqa: S301 - our own, unnamed file

    def forget(self, number: int = 1) -> None:
        """So many requests wait here no longer."""
        self._waiting -= number
        if not self._waiting and self._file is not None:
            self._end = 0
            self._file.truncate(0)

    def close(self) -> None:
        """Give the file up."""
        if self._file is not None:
            self._file.close()
            self._file = None


_OVERFLOWS: WeakKeyDictionary[Crawler, Overflow] = WeakKeyDictionary()


class WaitingQueue:
    """First in, first out; in Scrapy's words a memory queue, for ``SCHEDULER_MEMORY_QUEUE``."""

    def __init__(self, overflow: Overflow) -> None:
        self._overflow = overflow
        self._first: deque[Request] = deque()
        self._rest = array("Q")
        self._next = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_: Any) -> Self:
        """All queues of a crawl share one file and one limit."""
        overflow = _OVERFLOWS.get(crawler)
        if overflow is None:
            if crawler.spider is None:
                raise RuntimeError("a queue is opened with its spider")
            overflow = _OVERFLOWS[crawler] = Overflow(crawler.spider, MAX_IN_MEMORY)
            crawler.signals.connect(overflow.close, signals.spider_closed)
        return cls(overflow)

    def push(self, request: Request) -> None:
        """Add at the end; behind requests on disk, on disk."""
        if self._next < len(self._rest) or self._overflow.is_memory_full:
            self._rest.append(self._overflow.put(request))
        else:
            self._first.append(request)
            self._overflow.in_memory += 1

    def pop(self) -> Request | None:
        """Take from the front."""
        if self._first:
            self._overflow.in_memory -= 1
            return self._first.popleft()
        if self._next == len(self._rest):
            return None
        request = self._overflow.read(self._rest[self._next])
        self._overflow.forget()
        self._next += 1
        if self._next == len(self._rest):
            self._rest, self._next = array("Q"), 0
        return request

    def peek(self) -> Request | None:
        """The front, left in its place."""
        if self._first:
            return self._first[0]
        return self._overflow.read(self._rest[self._next]) if self._next < len(self._rest) else None

    def close(self) -> None:
        """What still waits is given up."""
        self._overflow.in_memory -= len(self._first)
        self._overflow.forget(len(self._rest) - self._next)
        self._first.clear()
        self._rest, self._next = array("Q"), 0

    def __len__(self) -> int:
        return len(self._first) + len(self._rest) - self._next
