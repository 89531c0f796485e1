"""A crawl from a target's name alone: its sources, its bounds, and what the user is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scrapy import signals
from scrapy.settings import SETTINGS_PRIORITIES

from backlinkbot.commoncrawl.releases import cost
from backlinkbot.items import JudgedPage, Verdict
from backlinkbot.option_table import TABLE
from backlinkbot.sources import SOURCES, SourceChoice, addresses_in, chosen, keys_in
from backlinkbot.sources.commoncrawl import NAME as COMMONCRAWL
from backlinkbot.sources.table import ALL_WIKIMEDIA, LINKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

MOST_PAGES: Final = 1_000
MOST_SECONDS: Final = 600.0
_BOUNDS: Final[Mapping[str, float]] = {"BACKLINKBOT_MAX_PAGES": MOST_PAGES, "CLOSESPIDER_TIMEOUT": MOST_SECONDS}
"""The bounds of such a run, unless the user gives one of them."""
_DEFAULTS: Final = {option.setting: option.default for option in TABLE}
COMMON_CRAWL: Final = (
    "Common Crawl is not asked: --source commoncrawl would add most of the referring domains that it has crawled, "
    f"and their archived pages; {cost()}"
)

_PAGES: Final = {"linking": "with a link", "stale": "without", "unchecked": "could not be checked"}
"""What became of the pages that a service named: stat -> words."""
_REQUESTS: Final = {"failed": "failed", "refused": "refused", "left_alone": "not sent, as the service asked"}
"""What became of requests to a service that were not answered: stat -> words."""


def choice_of(settings: BaseSettings, *, is_from_name: bool) -> SourceChoice:
    """Returns the sources of a run; raises SettingError, also for the address of a service that is none."""
    addresses_in(settings.getlist("BACKLINKBOT_SOURCE_ADDRESSES"))
    left_out = () if settings.getbool("BACKLINKBOT_SITEMAPS") else ("no-sitemaps",)
    words = [*settings.getlist("BACKLINKBOT_SOURCES"), *left_out]
    if settings.getlist("BACKLINKBOT_GRAPHS"):
        words += [COMMONCRAWL] if set(words) & SOURCES.keys() else [COMMONCRAWL, *([LINKS] if is_from_name else [])]
    contact = settings["BACKLINKBOT_CONTACT"]
    return chosen(words, contact=contact, keys=keys_in(settings), is_from_name=is_from_name)


def bound_by_default(settings: BaseSettings, choice: SourceChoice) -> tuple[str, ...]:
    """Bounds a run that has no seeds, unless the user has bounded it; returns what the user is told at its start."""
    if not any(_is_given(settings, name) for name in _BOUNDS):
        for name, bound in _BOUNDS.items():
            settings.set(name, bound, priority=settings.getpriority(name) or 0)
    return tuple(_notices(settings, choice))


def _is_given(settings: BaseSettings, name: str) -> bool:
    is_prior = (settings.getpriority(name) or 0) > SETTINGS_PRIORITIES["project"]
    return is_prior or settings[name] != _DEFAULTS[name]


def _notices(settings: BaseSettings, choice: SourceChoice) -> Iterator[str]:
    asked = [source.name for source in choice.sources if source.finds_links]
    yield f"asking {', '.join(asked)} for pages that link to the targets"
    if need := choice.left_out.get(ALL_WIKIMEDIA):
        knows = SOURCES["wikis"].profile.knows.partition(" (")[0]
        yield f"Wikipedia is not asked: it {need}; that would add {knows}"
    others = [name for name in choice.left_out if name not in {ALL_WIKIMEDIA, COMMONCRAWL}]
    if others:
        yield f"{', '.join(others)} {_are(others)} not asked; backlinkbot sources says what they need"
    if COMMONCRAWL not in asked:
        yield COMMON_CRAWL
    yield _bounds(settings.getint("BACKLINKBOT_MAX_PAGES"), settings.getfloat("CLOSESPIDER_TIMEOUT"))


def _are(names: list[str]) -> str:
    return "are" if len(names) > 1 else "is"


def _bounds(pages: int, seconds: float) -> str:
    time = f"{seconds / 60:,g} minutes" if seconds >= 120 and not seconds % 60 else f"{seconds:,g} seconds"
    bounds = [*([time] if seconds else []), *([f"{pages:,} pages"] if pages else [])]
    if not bounds:
        return "this run has no bound"
    return f"this run ends after {' or '.join(bounds)}; --max-time and --max-pages set other bounds"


class NamedPageCounts:
    """Counts in the stats what became of the pages that each service has named."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Returns a counter that listens to the crawler's pages for as long as it is referred to."""
        counts = cls(crawler)
        crawler.signals.connect(counts.note, signals.item_scraped)
        crawler.signals.connect(counts.note, signals.item_dropped)
        return counts

    def note(self, item: object) -> None:
        """Counts one page for each service that claims something of it."""
        if not isinstance(item, JudgedPage) or not item.checked_claims:
            return
        false = {judged.claim.origin for judged in item.checked_claims if judged.verdict is Verdict.FALSE}
        for name in {judged.claim.origin for judged in item.checked_claims}:
            source = SOURCES.get(name)
            if source is not None and source.is_service:
                if item.backlinks:
                    self._stat("linking", name)
                elif name in false:
                    self._stat("stale", name)
                else:
                    self._stat("unchecked", name)

    def _stat(self, reason: str, name: str) -> None:
        self._crawler.stats.inc_value(f"backlinks/sources/{name}/{reason}")


def told_at_end(stats: Mapping[str, Any], choice: SourceChoice) -> Iterator[str]:
    """Yields one line per service: what it was asked, what it named, and what became of that."""
    for source in choice.sources:
        if not source.finds_links:
            continue
        counts = {
            kind: stats.get(f"backlinks/sources/{source.name}/{kind}", 0)
            for kind in ("asked", "named", "linking", "stale", "unchecked", "failed", "refused", "left_alone")
        }
        checked = counts["linking"] + counts["stale"] + counts["unchecked"]
        said = [f"{_number(counts['asked'], 'request')}, {_number(counts['named'], 'page')} named"]
        said += [f"{counts[kind]:,} {words}" for kind, words in _PAGES.items() if counts[kind]]
        if counts["named"] > checked:
            said.append(f"{counts['named'] - checked:,} named twice or not visited")
        said += [f"{_number(counts[kind], 'request')} {words}" for kind, words in _REQUESTS.items() if counts[kind]]
        yield f"{source.name}: {', '.join(said)}"


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
