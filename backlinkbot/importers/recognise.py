"""Recognises the format of a file by its content."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from backlinkbot.archives.records import MAGIC
from backlinkbot.importers.columns import described
from backlinkbot.importers.formats.catalogue import BY_NAME
from backlinkbot.importers.formats.formats import Format, Role, Shape
from backlinkbot.importers.formats.generic import TABLE, URL_COLUMNS
from backlinkbot.importers.headers import (
    Header,
    find_header,
    guess_columns,
    guess_header,
    hints,
    known_format,
    mapped_header,
    names_target,
)
from backlinkbot.importers.outcomes import RowResult
from backlinkbot.importers.readers import gml, jsonrows, link_lines, lists, loglines, logs, readers, sql_inserts, xmls
from backlinkbot.importers.readers.delimited import DELIMITERS, ONE_COLUMN, sample_rows
from backlinkbot.importers.readers.texts import Lines, encoding_of

if TYPE_CHECKING:
    from backlinkbot.importers.readers.packed import Member
    from backlinkbot.targets import Targets

SAMPLE: Final = 60
"""Lines by which a table is recognised."""
ACCEPTED: Final = (
    "one URL per line, or a table with a column named "
    f"{', '.join(URL_COLUMNS[:5])} or url, or any format of `backlinkbot import --formats`"
)
# Files that cannot be read, by their first bytes, and what to do instead.
_REFUSED: Final = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file; save it as .xlsx or CSV"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file; write it as CSV or JSONL"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"PK\x03\x04", "a zip archive in a zip archive"),
    (b"Rar!", "a RAR archive; unpack it"),
    (b"\x04\x22M\x18", "a file compressed with lz4; decompress it"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it"),
    (b"(\xb5/\xfd", "a file compressed with zstd; decompress it"),
)
# The names of Search Console's files contain the site: https___example.com_-Latest links-2026-01-31.csv
_GSC_NAME: Final = re.compile(r"(?:https?___)?([a-z0-9.-]+\.[a-z]{2,})_?-[A-Z\u0080-\uffff]", re.ASCII)

NO_MAP: Final[Mapping[Role, str]] = MappingProxyType({})
Read: TypeAlias = Callable[[], Iterator[RowResult]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a file is read."""

    name: str
    format: Format | None
    """None for an unknown format."""
    why: str
    """How the format was recognised, or what the file seems to be."""
    columns: tuple[str, ...] = ()
    """What is read from which column of a table."""
    read: Read = field(repr=False, default=lambda: iter(()))


@dataclass(slots=True, kw_only=True)
class Sample:
    """The first bytes of a file."""

    member: Member
    head: bytes
    wanted: Format | None
    """The format that the user named."""
    targets: Targets | None
    hint: Targets | None
    """The targets, by which the columns are told apart."""
    mapping: Mapping[Role, str]
    """The columns that the user named; empty for none."""
    encoding: str = ""
    text: str = ""
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.encoding = encoding_of(self.head)
        decoded = readers.decode_head(self.head, self.encoding)
        self.text = decoded.lstrip("\ufeff \t\r\n")
        lines = list(Lines(iter((decoded.lstrip("\ufeff"),))))
        # The last line is cut off if the file is longer.
        is_cut = len(self.head) >= readers.WHOLE and len(lines) > 2 and not lines[-1].endswith(("\n", "\r"))
        self.lines = lines[:-1] if is_cut else lines

    def admits(self, entry: Format | None) -> bool:
        """True if the user has named this format or none."""
        return entry is not None and (self.wanted is None or self.wanted.name == entry.name)


def plans_of(
    member: Member,
    wanted: Format | None,
    targets: Targets | None,
    hint: Targets | None = None,
    mapping: Mapping[Role, str] = NO_MAP,
) -> list[Plan]:
    """Determines how a file is read; a workbook has one plan per sheet.

    Args:
        member: the file.
        wanted: the format that the user named.
        targets: the targets of which the user wants links only; pages of theirs in a log are the log's own.
        hint: targets that only tell which column has the linked pages; by default those.
        mapping: the columns that the user named: header cells, or numbers from 1.
    """
    if member.is_workbook:
        return _workbook(member, wanted, targets or hint, mapping)
    sample = Sample(
        member=member, head=member.head(), wanted=wanted, targets=targets, hint=targets or hint, mapping=mapping
    )
    for magic, what in _REFUSED:
        if sample.head.startswith(magic):
            return [Plan(name=member.name, format=None, why=what)]
    if mapping:
        return [_json(sample) or _mapped_table(sample)]
    for recognise in (_warc, _xml, _json, _log, _report, _special_list, _known_table, _guessed_table, _list):
        plan = recognise(sample)
        if plan is not None:
            return [plan]
    return [Plan(name=member.name, format=None, why=_seen(sample))]


def _warc(sample: Sample) -> Plan | None:
    if not sample.head.startswith(MAGIC):
        return None
    entry = BY_NAME["wat" if b'"Envelope"' in sample.head else "warc"]
    entry = sample.wanted if sample.wanted is not None and sample.wanted.shape is Shape.WARC else entry
    return _plan(sample, entry, "its first bytes: WARC/", partial(readers.warc, sample.member, entry))


def _xml(sample: Sample) -> Plan | None:
    if not sample.text.startswith("<"):
        return None
    root = xmls.root_of(readers.in_memory(sample.head))
    entry = xmls.FORMATS.get(root)
    if entry is None:
        what = "an HTML page" if root.lower() == "html" or "<!doctype html" in sample.text[:200].lower() else ""
        return Plan(name=sample.member.name, format=None, why=what or f"XML whose root element is <{root}>")
    return _plan(sample, entry, f"the root element: <{root}>", partial(readers.xml, sample.member, entry))


def _json(sample: Sample) -> Plan | None:
    if sample.text[:1] not in {"{", "["} or (sample.wanted is not None and sample.wanted.shape is Shape.LOG):
        return None
    found = jsonrows.recognise(sample.member, sample.encoding, sample.wanted, sample.hint, sample.mapping)
    if found is None or (
        found.format.name == TABLE.name and sample.wanted is None and loglines.recognise(sample.lines[:SAMPLE])
    ):
        return None
    plan = _plan(sample, found.format, found.why, partial(readers.json, sample.member, sample.encoding, found))
    return replace(plan, columns=described(found.format, found.keys, found.places))


def _log(sample: Sample) -> Plan | None:
    wanted = sample.wanted if sample.wanted is not None and sample.wanted.shape is Shape.LOG else None
    entry = wanted or loglines.recognise(sample.lines[:SAMPLE])
    if entry is None or not sample.admits(entry):
        return None
    own = logs.own_domains(entry, sample.lines)
    why = "its lines" + (f"; the log of {', '.join(sorted(own))}" if own else "")
    return _plan(sample, entry, why, partial(readers.log, sample.member, sample.encoding, entry, own, sample.targets))


def _report(sample: Sample) -> Plan | None:
    """Recognises reports of link checkers that are no tables: SQL, graphs, lines below the page that has them."""
    place = (sample.member, sample.encoding)
    columns = sql_inserts.header_of(sample.lines[:SAMPLE])
    if columns and (entry := known_format(columns)) is not None:
        return _plan(sample, entry, "its SQL statements", partial(readers.sql, *place, entry, columns))
    if gml.is_graph(sample.lines[:SAMPLE]):
        entry = BY_NAME["linkchecker-gml"]
        return _plan(sample, entry, "its lines: graph [, node [, url", partial(readers.graph, *place, entry))
    if name := link_lines.recognise(sample.lines[:SAMPLE]):
        return _plan(sample, BY_NAME[name], "its lines", partial(readers.checked_links, *place, BY_NAME[name]))
    return None


def _special_list(sample: Sample) -> Plan | None:
    wanted = sample.wanted if sample.wanted is not None and sample.wanted.shape is Shape.LINES else None
    entry = wanted or lists.recognise(sample.lines[:SAMPLE])
    if entry is None or not sample.admits(entry):
        return None
    return _plan(sample, entry, "its lines", partial(readers.lines, sample.member, sample.encoding, entry))


def _known_table(sample: Sample) -> Plan | None:
    if sample.wanted is TABLE or (sample.wanted is not None and sample.wanted.shape is not Shape.TABLE):
        return None
    among = () if sample.wanted is None else (sample.wanted.name,)
    found: list[tuple[int, int, str, Header]] = []
    for delimiter in DELIMITERS:
        rows = [row for _, row in sample_rows(sample.lines[:SAMPLE], delimiter)]
        if (header := find_header(rows, among)) is not None:
            found.append((len(header.format.needs), len(header.cells), delimiter, header))
    if not found:
        return None
    _, _, delimiter, header = max(found, key=lambda match: match[:2])
    return _table(sample, delimiter, header)


def _guessed_table(sample: Sample) -> Plan | None:
    if sample.wanted is not None and sample.wanted is not TABLE:
        return None
    # Unknown JSON is not read as a table, even if its commas could separate columns.
    for guess in (guess_header,) if sample.text[:1] in {"{", "["} else (guess_header, guess_columns):
        for delimiter in DELIMITERS:
            rows = [row for _, row in sample_rows(sample.lines[:SAMPLE], delimiter)]
            header = guess(rows, sample.hint)
            # A single line without a header is rather a URL with a comma than a table.
            if header is not None and (header.at >= 0 or len(rows) > 1):
                return _table(sample, delimiter, header)
    return None


def _mapped_table(sample: Sample) -> Plan:
    """Reads the columns that the user named; of several delimiters, the one that makes most columns."""
    found = []
    for delimiter in DELIMITERS:
        rows = [row for _, row in sample_rows(sample.lines[:SAMPLE], delimiter)]
        if (header := mapped_header(rows, sample.mapping)) is not None:
            found.append((len(header.cells), delimiter, header))
    if not found:
        return Plan(name=sample.member.name, format=None, why=f"{_missing(sample.mapping)}: {_seen(sample)}")
    _, delimiter, header = max(found, key=lambda match: match[0])
    return _table(sample, delimiter, header)


def _missing(mapping: Mapping[Role, str]) -> str:
    return f"no columns {', '.join(map(repr, mapping.values()))}, which --map names"


def _table(sample: Sample, delimiter: str, header: Header) -> Plan:
    delimiter = delimiter if len(header.cells) > 1 else ONE_COLUMN
    numbered = sample_rows(sample.lines, delimiter)
    first = numbered[header.at + 1][0] if len(numbered) > header.at + 1 else 0
    reader = readers.row_reader(
        header,
        [row for _, row in numbered[header.at + 1 :]],
        sample.member.name,
        _target_of(sample.member.name, header.format),
    )
    line = f"line {numbered[header.at][0]}, " if header.at >= 0 else ""
    why = f"{header.why} ({line}{sample.encoding})"
    place = (sample.member, sample.encoding, delimiter, first)
    read: Read = partial(readers.table, *place, reader)
    if header.format.name == "candidates-csv":
        read = partial(readers.candidates_csv, *place, header.cells)
    plan = _plan(sample, header.format, why, read)
    return replace(plan, columns=described(header.format, header.cells, header.places))


def _list(sample: Sample) -> Plan | None:
    if sample.wanted is not None or sample.text[:1] in {"{", "["} or not lists.is_list(sample.lines[:SAMPLE]):
        return None
    first = next((line for line in sample.lines if line.strip()), "")
    if "://" not in first and any(
        map(names_target, re.split(r"[,;|\t]", first))
    ):  # a table of linked pages, not of those that link
        return None
    entry = BY_NAME["list"]
    return _plan(
        sample, entry, "one URL or domain per line", partial(readers.lines, sample.member, sample.encoding, entry)
    )


def _plan(sample: Sample, entry: Format, why: str, read: Read) -> Plan:
    if not sample.admits(entry):
        return Plan(name=sample.member.name, format=None, why=f"{entry.name}, not what --as says ({why})")
    return Plan(name=sample.member.name, format=entry, why=why, read=read)


def _workbook(
    member: Member, wanted: Format | None, targets: Targets | None, mapping: Mapping[Role, str]
) -> list[Plan]:
    among = () if wanted is None or wanted is TABLE else (wanted.name,)
    plans = []
    for sheet, numbered in readers.sheets(member):
        name = f"{member.name}/{sheet}"
        rows = [row for _, row in islice(numbered, SAMPLE)]
        if mapping:
            header = mapped_header(rows, mapping)
        else:
            header = find_header(rows, among) if wanted is not TABLE else None
            if header is None and (wanted is None or wanted is TABLE):
                header = guess_header(rows, targets) or guess_columns(rows, targets)
        if header is None:
            plans.append(
                Plan(name=name, format=None, why=f"a sheet with {hints(rows[0])}" if rows else "an empty sheet")
            )
            continue
        first = numbered[header.at + 1][0] if len(numbered) > header.at + 1 else 0
        reader = readers.row_reader(header, rows[header.at + 1 :], name, _target_of(member.name, header.format))
        read = partial(readers.sheet, member, sheet, first, reader)
        columns = described(header.format, header.cells, header.places)
        plans.append(Plan(name=name, format=header.format, why=f"{header.why} (XLSX)", columns=columns, read=read))
    return plans


def _target_of(name: str, entry: Format) -> str:
    if entry.origin != "gsc" or (found := _GSC_NAME.match(PurePath(name).name)) is None:
        return ""
    return found[1]  # the domain: the site is known, not the linked page


def _seen(sample: Sample) -> str:
    if sample.text[:1] in {"{", "["}:
        return "JSON in which no object has a key that names a page"
    first = next((line for line in sample.lines if line.strip()), "")
    width, delimiter = max((len(row), d) for d in DELIMITERS for _, row in sample_rows([first], d) or [(0, [])])
    if width > 1:
        named = {"\t": "tabs"}.get(delimiter, repr(delimiter))
        cells = sample_rows([first], delimiter)[0][1]
        return f"a table of {width} columns between {named}: {hints(cells)}"
    return f"line 1 ({first.strip()[:60]!r}) is not a URL"
