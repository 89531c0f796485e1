"""Selects the referrers to disavow, with reasons: those with markers, all of a file, or those of a list."""

from __future__ import annotations

import re
from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import UsageError
from backlinkbot.files.inputs import text_of
from backlinkbot.files.row_files import read_rows
from backlinkbot.reports.disavowing.advice import Advice
from backlinkbot.reports.disavowing.disavow import Entry, Refusal, domain_entry, host_of, parse_entry
from backlinkbot.reports.quality.markers import DomainMarks, Mark, Marker, marks
from backlinkbot.reports.quality.own import domain_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from backlinkbot.items import Backlink
    from backlinkbot.reports.quality.profile import Profile


class By(StrEnum):
    """The scope of a disavow line: a domain or a URL."""

    DOMAIN = "domain"
    URL = "url"


Reasoned = tuple[Entry | Refusal, str]
"""An entry and its reason."""


class Referrers:
    """The referrers among rows, with their links and marks."""

    def __init__(self, flagged: frozenset[Marker] | None, by: By) -> None:
        """Selects referrers with any of these markers; all referrers if ``flagged`` is None."""
        self._flagged = flagged
        self._by = by
        self._domains: dict[str, DomainMarks] = defaultdict(DomainMarks)
        self._pages: dict[str, dict[str, DomainMarks]] = defaultdict(lambda: defaultdict(DomainMarks))

    def add(self, row: Backlink, found: Iterable[Mark]) -> None:
        """Counts a link and its marks."""
        chosen = [mark for mark in found if self._flagged is None or mark.marker in self._flagged]
        self._domains[row.source_domain].add(row, chosen)
        if chosen or self._flagged is None:
            self._pages[row.source_domain][row.source_url].add(row, chosen)

    def entries(self, name: str) -> Iterator[Reasoned]:
        """Yields the entries and their reasons; ``name``, the origin of the rows, is the reason if no markers are used."""
        for domain, pages in self._pages.items():
            entry = domain_entry(domain)
            of_domain = self._domains[domain]
            if self._by is By.DOMAIN and isinstance(entry, Entry) and (self._flagged is None or of_domain.most):
                yield entry, _reason(domain, of_domain, name if self._flagged is None else "")
            else:
                for url, of_page in pages.items():
                    yield parse_entry(url), _reason(url, of_page, name if self._flagged is None else "")


def _reason(referrer: str, of: DomainMarks, name: str) -> str:
    among = [f"among the rows of {name}"] if name else []
    return f"{referrer}: {'; '.join([*among, *(f'{mark.marker} ({mark.evidence})' for mark in of.marks())])}"


def referrers(
    rows: Iterable[Backlink], profile: Profile, *, by: By, flagged: frozenset[Marker] | None, name: str, advice: Advice
) -> Iterator[Reasoned]:
    """Returns the referrers among the rows, by domain or by page.

    A domain is disavowed whole if most of its links show a marker; otherwise, or if it cannot be disavowed, only its pages
    with markers are.

    Args:
        rows: without lost links and those of the targets' own pages.
        profile: what the rows are compared with.
        by: domains or pages.
        flagged: the markers; None for every referrer.
        name: the origin of the rows.
        advice: counts every row.
    """
    found = Referrers(flagged, by)
    for row in rows:
        seen = marks(row, profile)
        advice.add(row, seen)
        found.add(row, seen)
    return found.entries(name)


# Columns of a table that name a referrer, best first.
_URL_COLUMNS: Final = ("source_url", "url")
_DOMAIN_COLUMNS: Final = ("source_domain", "domain")
_REASON_COLUMNS: Final = ("reason", "evidence", "markers")
_TABLES: Final = re.compile(r"\.(csv|jsonl|jl|json)(\.gz)?$")
_BREAK: Final = re.compile(r"\r\n|\r|\n")
# Characters that some programs treat as line ends.
_ODD_BREAKS: Final = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def listed(path: Path, by: By | None) -> Iterator[Reasoned]:
    """Yields the entries of a list: URLs, domains or ``domain:`` lines, or a table with a column of them.

    ``by`` turns URLs into domains; without it, a table is read by its domains, and a plain list as it is written.

    Raises:
        UsageError: it cannot be read, or has no such column.
        OutputError: the table cannot be read.
    """
    if not _TABLES.search(path.name.lower()):
        for line in read_lines(path):
            if line and not line.startswith("#"):
                yield _entry(line, by), f"listed in {path.name}"
        return
    for number, row in enumerate(read_rows(path), start=1):
        columns = (*_URL_COLUMNS, *_DOMAIN_COLUMNS) if by is By.URL else (*_DOMAIN_COLUMNS, *_URL_COLUMNS)
        text = next((str(row[column]).strip() for column in columns if row.get(column)), "")
        if not text:
            raise UsageError(f"list {path}: row {number} has no value in a column {', '.join(columns)}")
        why = next((_joined(row[column]) for column in _REASON_COLUMNS if row.get(column)), "")
        yield _entry(text, by), f"listed in {path.name}" + (f": {text}: {why}" if why else "")


def _joined(cell: Any) -> str:
    return "; ".join(map(str, cell)) if isinstance(cell, list) else "; ".join(str(cell).splitlines())


def _entry(text: str, by: By | None) -> Entry | Refusal:
    entry = parse_entry(text, bare_domains=True)
    if isinstance(entry, Entry) and entry.url and by is By.DOMAIN:
        as_domain = domain_entry(domain_of(entry.url))
        return as_domain if isinstance(as_domain, Entry) else entry
    return entry


def read_lines(path: Path) -> list[str]:
    """Returns the lines of a text file, stripped.

    Raises:
        UsageError: it cannot be read, or is not UTF-8.
    """
    try:
        text = text_of(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: it is not UTF-8, which Google requires; save it as UTF-8") from error
    lines = [_ODD_BREAKS.sub(" ", line).strip() for line in _BREAK.split(text)]
    return lines[:-1] if not lines[-1] else lines


def read_allowed(path: Path) -> Iterator[Entry]:
    """Yields the domains and URLs of an allow-list; a public suffix allows everything below it.

    Raises:
        UsageError: it cannot be read, or a line is neither, because a protection must not fail silently.
    """
    for number, line in enumerate(read_lines(path), start=1):
        if not line or line.startswith("#"):
            continue
        entry = parse_entry(line, bare_domains=True)
        host = host_of(line.lower().removeprefix("domain:"))
        if isinstance(entry, Entry):
            yield entry
        elif host:
            yield Entry(domain=host)
        else:
            raise UsageError(f"allow-list {path}: line {number} ({line[:60]!r}) is neither a domain nor an http(s) URL")
