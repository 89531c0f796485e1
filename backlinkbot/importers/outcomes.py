"""The results of reading a row: a candidate, a bad row, or a row skipped for a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from backlinkbot.items import Candidate

if TYPE_CHECKING:
    from backlinkbot.importers.formats.formats import Format


class Fault(StrEnum):
    """Why a row cannot be read."""

    NO_URL = "no URL"
    NOT_A_URL = "not a URL of the web"
    NO_SUCH_CELL = "fewer cells than the header"
    OPEN_QUOTE = "a quote that is never closed"
    TOO_LONG = "too long"
    NOT_JSON = "not JSON"
    NOT_AN_OBJECT = "not an object"
    NOT_OF_THE_FORMAT = "not of this format"
    NO_WIKI = "no word of which wiki: ask with meta=siteinfo, or name the file after its host"
    BROKEN = "the file breaks off here"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that cannot be read."""

    file: str
    row: int
    """The line on which it begins, from 1; the number of the record where a file has no lines."""
    reason: Fault
    text: str = ""
    """What stands there, cut."""


class Skip(StrEnum):
    """Why a row that can be read gives no candidate; a format that never gives any says so itself."""

    HEADER_AGAIN = "the header again"
    LINKS_ELSEWHERE = "links to none of the targets"
    NO_EXTERNAL_LINK = "links to no other site"
    NO_REFERER = "no referer"
    OWN_PAGE = "own page"
    BOT = "bot"
    SEARCH_ENGINE = "search engine"
    REFERRER_SPAM = "referrer spam"
    APP = "app"
    FOLDER = "a folder of feeds"
    NOT_A_PAGE = "not a page"
    RESUME_KEY = "where the answer goes on"


RowResult: TypeAlias = "Candidate | BadRow | str"
"""A candidate, a bad row, or why a row is passed over."""


@dataclass(slots=True, kw_only=True)
class FileReport:
    """What was found in one file, counted while it is read: rows are candidates, rows passed over and bad rows."""

    file: str
    format: Format | None
    """None: the file is nothing we know."""
    why: str
    """What it was recognised by, in words."""
    rows: int = 0
    candidates: int = 0
    """Rows that gave one, seeds and lost links among them."""
    seeds: int = 0
    """Domains only."""
    lost: int = 0
    """Links that the source itself says are gone."""
    skipped: Counter[str] = field(default_factory=Counter)
    bad: Counter[str] = field(default_factory=Counter)

    def count(self, outcome: RowResult, rows: int = 1) -> None:
        """Count what became of a row."""
        self.rows += rows
        if isinstance(outcome, Candidate):
            self.candidates += rows
            self.seeds += outcome.is_domain * rows
            self.lost += outcome.is_lost * rows
        elif isinstance(outcome, BadRow):
            self.bad[outcome.reason] += rows
        else:
            self.skipped[outcome] += rows
