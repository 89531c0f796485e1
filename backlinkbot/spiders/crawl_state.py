"""The state of a crawl that its parts share, and how it is restored where the crawl was stopped or other workers take part."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from backlinkbot import urls
from backlinkbot.frontier import CrawlSaver, KnownPages
from backlinkbot.sources import SourceCounts
from backlinkbot.spiders.crawl_lessons import CrawlLessons
from backlinkbot.spiders.crawl_scope import CrawlProgress, CrawlScope

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from backlinkbot.history.crawl_commit import SavedPart
    from backlinkbot.urls import URL


@dataclass(slots=True)
class CrawlMemory:
    """What a crawl has to remember where it is stopped and resumed."""

    known: KnownPages = field(default_factory=KnownPages)
    progress: CrawlProgress = field(default_factory=CrawlProgress)
    counts: SourceCounts = field(default_factory=SourceCounts)


@dataclass(slots=True)
class CrawlState:
    """The scope of a crawl, the pages that it knows, what it saves, and what its order has learnt."""

    scope: CrawlScope
    lessons: CrawlLessons
    saver: CrawlSaver
    memory: CrawlMemory

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Returns the state of a crawl that begins."""
        scope = CrawlScope.from_crawler(crawler)
        memory = CrawlMemory(progress=scope.progress)
        return cls(scope, CrawlLessons.of(crawler, scope), CrawlSaver.of(crawler), memory)

    @property
    def known(self) -> KnownPages:
        """The pages that wait or have been visited."""
        return self.memory.known

    def begin_at(self, url: URL | None) -> None:
        """Adds a seed's host and domain to the scope, and tells the order of the crawl that the user named the host."""
        self.scope.begin_at(url)
        if url is not None:
            self.lessons.name(url)

    def take_memory(self, memory: CrawlMemory) -> None:
        """Goes on with the memory of an earlier run that had the same ``JOBDIR``."""
        self.memory = memory
        self.scope.progress = memory.progress

    def begin_saving(self) -> None:
        """Restores what earlier runs of the crawl have saved, and saves from here on; does nothing without a history."""
        saver = self.saver
        if not saver.is_on or saver.share is not None:  # which has begun
            return
        saver.give_again()
        self.known.reserve(saver.sizes)
        for part in saver.parts():
            saver.answered.update(part.hashes.get("answered", ()))
            self.restore(part)
        self.save_from_here_on()

    def save_from_here_on(self) -> None:
        """Restores what the order has learnt, and saves what is known, counted and learnt from here on."""
        self.known.save_to(self.saver.note)
        self.memory.counts.saver = partial(self.saver.count, "source")
        self.lessons.resume(self.saver)

    def restore(self, part: SavedPart) -> None:
        """Adds what an earlier run or another worker has saved."""
        self.known.restore(part.hashes)
        for kind, *words, number in part.counts:
            self._restore_count(kind, words, number)
        self.lessons.restore_pairs(part.hashes.get("pairs", ()))

    def _restore_count(self, kind: str, words: list[Any], number: int) -> None:
        if kind == "page":
            self.scope.restore_visits(words[0], number)
        elif kind == "home":
            self.begin_at(urls.parse(words[0]))
        elif kind == "source":
            self.memory.counts.restore(words[0], words[1], words[2], number)
