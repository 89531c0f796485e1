"""The results of reading a row: a candidate, a bad row, or a row skipped for a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from backlinkbot.importers.formats import formats
from backlinkbot.items import Candidate

if TYPE_CHECKING:
    from backlinkbot.importers.formats.formats import Format


class Fault(StrEnum):
    """The reasons why a row cannot be read."""

    NO_URL = "no URL"
    NOT_A_URL = "not an http(s) URL"
    NO_SUCH_CELL = "fewer cells than the header"
    OPEN_QUOTE = "a quote that is never closed"
    TOO_LONG = "too long"
    NOT_JSON = "not JSON"
    NOT_AN_OBJECT = "not an object"
    NOT_OF_THE_FORMAT = "not of this format"
    NO_WIKI = "unknown wiki: query it with meta=siteinfo, or name the file after its host"
    BROKEN = "the file is cut off or damaged here"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that cannot be read."""

    file: str
    row: int
    """The line on which it begins, from 1; the number of the record if the file has no lines."""
    reason: Fault
    text: str = ""
    """The row's text, shortened."""


class Skip(StrEnum):
    """The reasons why a valid row yields no candidate; a format that never yields any has a reason of its own."""

    HEADER_AGAIN = "the header again"
    LINKS_ELSEWHERE = "links to none of the targets"
    NO_EXTERNAL_LINK = "links to no other site"
    RESOURCE = formats.RESOURCE
    INTERNAL = formats.INTERNAL
    START = "the page that the crawl began with"
    NO_REFERER = "no referer"
    OWN_PAGE = "own page"
    BOT = "bot"
    SEARCH_ENGINE = "search engine"
    REFERRER_SPAM = "referrer spam"
    APP = "app"
    FOLDER = "a folder of feeds"
    NOT_A_PAGE = "not a page"
    RESUME_KEY = "a continuation key"


RowResult: TypeAlias = "Candidate | BadRow | str"
"""A candidate, a bad row, or the reason why a row is skipped."""


@dataclass(slots=True, kw_only=True)
class FileReport:
    """The counts of one file, updated while it is read: candidates, skipped rows and bad rows."""

    file: str
    format: Format | None
    """None for an unknown format."""
    why: str
    """How the format was recognised, as text."""
    columns: tuple[str, ...] = ()
    """What is read from which column of a table."""
    rows: int = 0
    candidates: int = 0
    """Rows that became candidates, including domains and lost links."""
    seeds: int = 0
    """Domains without a page."""
    lost: int = 0
    """Links that the source claims are gone."""
    skipped: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)

    def count(self, outcome: RowResult, rows: int = 1) -> None:
        """Counts the result of a row."""
        self.rows += rows
        if isinstance(outcome, Candidate):
            self.candidates += rows
            self.seeds += outcome.is_domain * rows
            self.lost += outcome.is_lost * rows
        elif isinstance(outcome, BadRow):
            self.bad[outcome.reason] += rows
        else:
            self.skipped[outcome] += rows
