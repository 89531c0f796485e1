"""Limits the number of pages, counted when a page is fetched, so that blocked and unreachable pages cost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler


SPENT: Final = "budget_spent"
"""Key of a request's meta: true once its page has been counted."""


class BudgetSpentError(IgnoreRequest):
    """Raised instead of a visit when the limit of pages is reached; it is no failure of the page."""


class BudgetPolicy(Protocol):
    """The method that a spider needs for :class:`PageBudget`."""

    def spend(self, request: Request) -> bool:
        """Takes one page from the budget; returns False if none is left."""
        ...


class PageBudget:
    """Downloader middleware: limits the pages of a run; placed after robots.txt is checked."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises if the budget is used up; a redirect or a retry is not counted again."""
        meta = request.meta
        if "visit" not in meta or SPENT in meta:
            return
        if not cast("BudgetPolicy", self._crawler.spider).spend(request):
            raise BudgetSpentError("the limit of pages is reached")
        meta[SPENT] = True
