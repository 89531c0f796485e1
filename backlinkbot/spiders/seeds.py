"""The start of a discovery crawl: its seeds and candidates as the user named them, checked before anything is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backlinkbot import options, urls
from backlinkbot.errors import SeedError, UsageError
from backlinkbot.spiders.candidates import takes_unvisited

if TYPE_CHECKING:
    from typing import Self

    from scrapy.settings import BaseSettings

    from backlinkbot.items import Candidate
    from backlinkbot.sources import SourceChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlStart:
    """The seeds and candidates from which a crawl starts."""

    seeds: list[tuple[str, str]]
    """URLs, each with the URL to try if it does not answer."""
    candidates: list[str]
    """Paths of lists."""
    has_candidates: bool
    """True if a list has an entry."""
    takes_unvisited: bool
    """True if candidates of the history that were never visited are taken."""

    @classmethod
    def of(cls, settings: BaseSettings) -> Self:
        """Reads the start from the settings, and the first entry of each list.

        Raises:
            SeedError: a seed is no URL or domain.
            BacklinkbotError: a list cannot be read.
        """
        seeds = [_read_seed(text) for text in options.listed(settings.getlist("BACKLINKBOT_SEEDS"))]
        candidates = settings.getlist("BACKLINKBOT_CANDIDATES")
        first = [_first_of(path) for path in candidates]
        return cls(
            seeds=seeds,
            candidates=candidates,
            has_candidates=any(first),
            takes_unvisited=takes_unvisited(settings),
        )

    @property
    def is_named(self) -> bool:
        """True if there is something to start from besides the targets' names."""
        return bool(self.seeds or self.candidates or self.takes_unvisited)

    def check(self, settings: BaseSettings, choice: SourceChoice) -> None:
        """Raises SeedError where there is nothing to start from."""
        if choice.finds_links or self.seeds or self.takes_unvisited:
            return
        if not self.candidates:
            needed = "discover needs a place to start: name a seed (--seed https://a.example) or a file of candidates"
            raise SeedError("; ".join(filter(None, (needed, meant_as_seed(settings)))))
        if not self.has_candidates:
            raise SeedError(f"{' and '.join(self.candidates)}: no candidate is in it; write one URL a line")


def meant_as_seed(settings: BaseSettings) -> str:
    """Returns a message about a target that looks like a seed; empty if none does."""
    names = settings.getlist("BACKLINKBOT_TARGETS")
    pages = [name for name in names[1:] if name.startswith(("http://", "https://"))]
    return f"{pages[0]} stands among the targets: a page to start from is --seed {pages[0]}" if pages else ""


def check_archived_only(settings: BaseSettings, *, reads_commoncrawl: bool) -> None:
    """Raises UsageError where archived pages cannot be reported alone."""
    if not reads_commoncrawl:
        raise UsageError("--archived-only needs Common Crawl: --graph GRAPH, or --source commoncrawl")
    if not settings.getint("BACKLINKBOT_ARCHIVE_REQUESTS"):
        raise UsageError("--archived-only needs archived pages, which --archive-requests 0 forbids")
    if settings["BACKLINKBOT_HISTORY_URL"]:
        raise UsageError("--archived-only visits nothing, so there is nothing for a history: leave out --history")


def _first_of(path: str) -> Candidate | None:
    """Returns the first candidate of a file; None if there is none."""
    from backlinkbot.importers import read_candidates  # noqa: PLC0415 - most crawls have no candidates

    return next(read_candidates(path), None)


def _read_seed(text: str) -> tuple[str, str]:
    places = urls.first_urls(text)
    if places is None:
        raise SeedError(f"seed {text!r} is no place to start; write a URL (https://a.example/) or a domain (a.example)")
    return places
