"""Item processor that gives the user's own pipelines one backlink at a time, after ours have handled its page."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from scrapy import signals
from scrapy.exceptions import DropItem
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.log import logformatter_adapter
from twisted.python.failure import Failure

from backlinkbot.extensions.outcome import RunOutcome
from backlinkbot.items import BacklinkItem, JudgedPage, Page
from backlinkbot.items.columns import with_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy import Spider
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

_OURS = __name__.rpartition(".")[0]
_LONGEST_ITEM: Final = 200
"""Characters of an item in a message."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One pipeline."""

    name: str
    """Of its class, as in ``ITEM_PIPELINES``."""
    manager: ItemPipelineManager
    """Scrapy's, of this pipeline alone."""
    takes_pages: bool
    """True if it is one of ours, or a subclass of one."""

    @property
    def is_ours(self) -> bool:
        """True if the package defines its class."""
        return _is_ours(self.name)


class PagesThenRows(ItemPipelineManager):
    """Item processor: our pipelines take each visit as a :class:`~backlinkbot.items.Page`, all others take its backlinks.

    Ours come first, whatever the numbers in ``ITEM_PIPELINES``; a subclass of one of ours is one of them. An item that is no
    page, which a spider of the user's own yields, goes to the others only. Where there are no others, this is Scrapy's
    ``ItemPipelineManager``.
    """

    def __init__(self, *middlewares: Any, crawler: Crawler) -> None:
        super().__init__(*middlewares, crawler=crawler)
        self._crawler = crawler
        steps = [
            _Step(_name_of(type(pipeline)), ItemPipelineManager(pipeline, crawler=crawler), _takes_pages(pipeline))
            for pipeline in middlewares
            if hasattr(pipeline, "process_item")
        ]
        self._has_own = not all(step.is_ours for step in steps)
        self._of_pages = [step for step in steps if step.takes_pages]
        self._of_rows = [step for step in steps if not step.takes_pages]

    async def process_item_async(self, item: Any) -> Any:
        """Returns the item as the pipelines leave it.

        Raises:
            DropItem: nothing.
        """
        if isinstance(item, Page):
            if not self._has_own:
                return await super().process_item_async(item)
            page = await self._through(self._of_pages, item)
            has_rows = self._of_rows and isinstance(page, JudgedPage) and page.backlinks
            return await self._with_rows_through(page) if has_rows else page
        return await self._through(self._of_rows, item)

    async def _with_rows_through(self, page: JudgedPage) -> JudgedPage:
        items = [BacklinkItem.of(row) for row in page.backlinks]
        rows = [left for item in items if (left := await self._left_of(item)) is not None]
        if not rows and not page.checks:
            raise DropItem("other pipelines dropped each of its backlinks", log_level="DEBUG")
        return with_values(page, backlinks=tuple(rows))

    async def _left_of(self, item: BacklinkItem) -> Any:
        """Returns the row as the other pipelines leave it; None if one of them drops it or fails, after sending the signal of that."""
        crawler = self._crawler
        told = {"item": item, "response": None, "spider": crawler.spider}
        try:
            return await self._through(self._of_rows, item)
        except DropItem as error:
            crawler.stats.inc_value("backlinks/pipelines/rows_dropped")
            said = crawler.logformatter.dropped(item, error, None, cast("Spider", crawler.spider))
            if said is not None:
                logger.log(*logformatter_adapter(said))
            await crawler.signals.send_catch_log_async(signals.item_dropped, **told, exception=error)
        except Exception as error:  # noqa: BLE001 - of whatever kind; it is told
            crawler.stats.inc_value("backlinks/pipelines/rows_failed")
            await crawler.signals.send_catch_log_async(signals.item_error, **told, failure=Failure(error))  # type: ignore[no-untyped-call]
        return None

    async def _through(self, steps: Iterable[_Step], item: Any) -> Any:
        for step in steps:
            before = item
            try:
                item = await step.manager.process_item_async(item)
            except DropItem:
                raise
            except Exception as error:
                outcome = self._crawler.get_extension(RunOutcome)
                if not step.is_ours and outcome is not None:
                    outcome.own_pipeline_failed(step.name, error, _shown(before))
                raise
        return item


def _takes_pages(pipeline: object) -> bool:
    return any(_is_ours(_name_of(kind)) for kind in type(pipeline).__mro__)


def _is_ours(name: str) -> bool:
    return name.startswith(f"{_OURS}.")


def _name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _shown(item: Any) -> str:
    """An item in a message: short, so that its page's body is not part of it."""
    if isinstance(item, Page):
        return f"the page {item.url}"
    if isinstance(item, BacklinkItem):
        return f"the link from {item.get('source_url', '?')} to {item.get('target_url', '?')}"
    text = repr(item)
    return text if len(text) <= _LONGEST_ITEM else f"{text[:_LONGEST_ITEM]}…"
