"""Limits the number of pages, counted when a page is fetched, so that blocked and unreachable pages cost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler


SPENT: Final = "budget_spent"
"""In a request's meta: its page is paid for."""


class BudgetSpentError(IgnoreRequest):
    """The page is not visited, for its bound is reached; it is no failure of the page's."""


class BudgetPolicy(Protocol):
    """What a spider must be able to say."""

    def spend(self, request: Request) -> bool:
        """Take one page from the budget; False where none is left."""
        ...


class PageBudget:
    """Downloader middleware, behind the one that waits for robots.txt."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise where the budget is spent; a redirect or a second try is still the same page."""
        meta = request.meta
        if "visit" not in meta or SPENT in meta:
            return
        if not cast("BudgetPolicy", self._crawler.spider).spend(request):
            raise BudgetSpentError("the bound on pages is reached")
        meta[SPENT] = True
