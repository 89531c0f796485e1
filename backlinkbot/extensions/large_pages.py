"""Reads large pages in a thread of their own, so that the pages of other sites keep coming meanwhile."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from scrapy.statscollectors import StatsCollector

P = ParamSpec("P")
T = TypeVar("T")

LARGE: Final = 500_000
"""The number of bytes from which a page is read in the thread; a smaller one takes less than a quarter of a second, whatever it
holds, and a thread would make it slower."""
_AT_ONCE: Final = 200
"""The number of results of a large page after which others have a turn."""


class StatCounts:
    """Counts of one page, which are added to the stats on the event loop: stats are not safe for threads."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def inc_value(self, key: str, count: int = 1) -> None:
        """Adds to a count, as Scrapy's stats do."""
        self._counts[key] = self._counts.get(key, 0) + count

    def add_to(self, stats: StatsCollector) -> None:
        """Adds the counts to the stats."""
        add = stats.inc_value
        for key, count in self._counts.items():
            add(key, count)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="large-page")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls a function in the thread for large pages, one at a time; it must not touch what the event loop changes."""
    return await asyncio.get_running_loop().run_in_executor(_thread(), partial(call, *args, **kwargs))


async def in_turns(results: Iterable[T | None]) -> AsyncIterator[T]:
    """Yields the results that are not None; the event loop has a turn after every two hundred, None or not."""
    for number, result in enumerate(results, 1):
        if result is not None:
            yield result
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
