"""Finds the row objects in a JSON file and reads them."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias

from backlinkbot.files.json_reader import (
    MAX_VALUE,
    SAMPLE,
    BrokenJSONError,
    Path,
    as_text,
    at_path,
    flat,
    paths,
    values,
)
from backlinkbot.importers.candidatefiles import candidate_of
from backlinkbot.importers.columns import SHOWN, RowReader
from backlinkbot.importers.formats.catalogue import BY_NAME
from backlinkbot.importers.formats.formats import Format, Role
from backlinkbot.importers.headers import find_header, guess_header, mapped_header
from backlinkbot.importers.outcomes import BadRow, Fault, RowResult, Skip
from backlinkbot.importers.readers.lists import LineReader
from backlinkbot.importers.readers.nested_links import NESTED, NestedLinks
from backlinkbot.importers.readers.texts import Lines, pieces
from backlinkbot.text.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from backlinkbot.importers.readers.packed import Member
    from backlinkbot.targets import Targets

WIKI: Final = "wiki"
"""A column that MediaWiki's responses lack: the address of a page, with ``$1`` for its title."""
_HOST: Final = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)

Numbered: TypeAlias = "tuple[int, Any]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Where the rows of a JSON file are."""

    format: Format
    why: str
    path: Path = ()
    keys: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    is_lines: bool = False
    """True if each line is a value."""
    are_lists: bool = False
    """True if the rows are lists below a list of names."""
    nested: NestedLinks | None = None
    """How the rows are nested in each value, for a report of a link checker."""
    places: Mapping[Role, int] = field(default_factory=dict)
    """The columns that have these roles whatever their names are."""


def recognise(
    member: Member,
    encoding: str,
    wanted: Format | None,
    targets: Targets | None = None,
    mapping: Mapping[Role, str] | None = None,
) -> Rows | None:
    """Finds the rows by the first values; returns None if no key names a page.

    Args:
        member: the file.
        encoding: its encoding.
        wanted: the format that the user named.
        targets: the targets, by which the keys of linking and linked pages are told apart.
        mapping: the keys that the user named.
    """
    first: list[Any] = []
    with member.open(counts=False) as file, suppress(BrokenJSONError):
        first.extend(islice(values(pieces(file, encoding)), SAMPLE))
    among = () if wanted is None else (wanted.name,)
    if first and all(isinstance(value, list) for value in first):
        header = find_header([[as_text(cell) for cell in first[0]]], among)
        if header is None:
            return None
        return Rows(format=header.format, why=header.why, keys=header.cells, are_lists=True)
    if first and all(isinstance(value, str) for value in first) and not among:
        return Rows(format=BY_NAME["list"], why="an array of strings")
    is_lines = _is_lines(member, encoding)
    if not mapping and (nested := _nested(first, among)) is not None:
        return replace(nested, is_lines=is_lines)
    found = []
    for path, objects in paths(first):
        cells = [flat(row) for row in objects[:SAMPLE]]
        keys = tuple(dict.fromkeys(key for row in cells for key in row))
        sample = tuple(tuple(row.get(key, "") for key in keys) for row in cells)
        if mapping:
            header = mapped_header([keys], mapping)
        else:
            header = find_header([keys], among) or (None if among else guess_header([keys, *sample], targets))
        if header is not None:
            where = f" within {'.'.join(path)}" if path else ""
            why = f"keys{where}: {', '.join(header.format.needs or keys[:5])}"
            if header.places:
                why = header.why
            rows = Rows(
                format=header.format,
                why=why,
                path=path,
                keys=keys,
                sample=sample,
                is_lines=is_lines,
                places=header.places,
            )
            found.append((len(header.format.needs), len(objects), rows))
    return max(found, key=lambda match: match[:2])[2] if found else None


def _nested(first: list[Any], among: tuple[str, ...]) -> Rows | None:
    """Recognises the reports whose links are below their pages."""
    for nested in NESTED:
        if (not among or nested.format in among) and any(map(nested.is_report, first)):
            entry = BY_NAME[nested.format]
            why = f"keys: {', '.join(entry.needs)}"
            keys = tuple(dict.fromkeys(name for names in entry.columns.values() for name in names))
            return Rows(format=entry, why=why, keys=keys, nested=nested)
    return None


def _is_lines(member: Member, encoding: str) -> bool:
    with member.open(counts=False) as file:
        line = next((line for line in Lines(pieces(file, encoding), MAX_VALUE) if line.strip()), "")
    with suppress(ValueError):
        return isinstance(loads(line), dict)
    return False


def read(file: IO[bytes], encoding: str, rows: Rows, name: str) -> Iterator[RowResult]:
    """Yields the result of each row."""
    reader = _RowsReader(rows, name)
    text = pieces(file, encoding)
    for number, value in _lines(text) if rows.is_lines else _values(text):
        yield from reader.read(number, value)


def _lines(text: Iterator[str]) -> Iterator[Numbered]:
    lines = Lines(text, MAX_VALUE)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield number, loads(line.lstrip("\ufeff"))
            except ValueError:
                yield number, BrokenJSONError(line.strip()[:SHOWN])


def _values(text: Iterator[str]) -> Iterator[Numbered]:
    number = 0
    try:
        for number, value in enumerate(values(text), start=1):
            yield number, value
    except BrokenJSONError as error:
        yield number + 1, error


class _RowsReader:
    def __init__(self, rows: Rows, name: str) -> None:
        self._rows = rows
        self._name = name
        self._keys = (*rows.keys, WIKI) if rows.format.name == "mediawiki-exturlusage" else rows.keys
        self._reader = RowReader(
            rows.format, self._keys, file=name, sample=rows.sample, clean=str.strip, places=rows.places
        )
        self._listed = LineReader(rows.format, file=name)
        self._count = 0

    def read(self, number: int, value: Any) -> Iterator[RowResult]:
        """Yields the results of the rows in one value."""
        if isinstance(value, BrokenJSONError):
            reason = Fault.NOT_JSON if self._rows.is_lines else Fault.BROKEN
            yield BadRow(file=self._name, row=number, reason=reason, text=str(value)[:SHOWN])
        elif self._rows.are_lists:
            if number > 1 and value != []:
                yield self._of_list(number, value)
        elif self._rows.nested is not None:
            for row in self._rows.nested.links(value):
                self._count += 1
                yield self._of_row(self._count, row, "")
        elif self._rows.path:
            wiki = _wiki_of(value, self._name)
            for row in at_path(value, self._rows.path):
                self._count += 1
                yield self._of_row(self._count, row, wiki)
        else:
            yield self._of_row(number, value, "")

    def _of_list(self, number: int, value: Any) -> RowResult:
        if not isinstance(value, list):
            return self._bad(number, value)
        if len(value) == 1 and len(self._keys) > 1:
            return Skip.RESUME_KEY
        return self._reader.read(number, [as_text(cell) for cell in value])

    def _of_row(self, number: int, row: Any, wiki: str) -> RowResult:
        if isinstance(row, str) and self._rows.format.name == "list":
            return self._listed.read_text(number, row)
        if not isinstance(row, dict):
            return self._bad(number, row)
        if self._rows.format.name == "candidates":
            return candidate_of(row) or self._bad(number, row)
        cells = flat(row)
        cells.setdefault(WIKI, wiki)
        return self._reader.read(number, [cells.get(key, "") for key in self._keys])

    def _bad(self, number: int, row: Any) -> BadRow:
        return BadRow(file=self._name, row=number, reason=Fault.NOT_AN_OBJECT, text=as_text(row)[:SHOWN])


def _wiki_of(value: Any, name: str) -> str:
    """Returns the address of a wiki's pages: from the response to ``meta=siteinfo``, else from the file's name."""
    general = next(at_path(value, ("query", "general")), None)
    if isinstance(general, dict) and general.get("server") and general.get("articlepath"):
        server = str(general["server"])
        return f"{'https:' if server.startswith('//') else ''}{server}{general['articlepath']}"
    host = _HOST.match(PurePath(name).name.removesuffix(".gz").removesuffix(".json"))
    return f"https://{host[0]}/wiki/$1" if host else ""
