"""One reader function for each file structure."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Final

from backlinkbot.importers.candidatefiles import read_csv
from backlinkbot.importers.columns import SHOWN, RowReader
from backlinkbot.importers.outcomes import BadRow, RowResult
from backlinkbot.importers.readers import excel, gml, jsonrows, link_lines, logs, sql_inserts, warcs, xmls
from backlinkbot.importers.readers.delimited import read_delimited
from backlinkbot.importers.readers.lists import LineReader
from backlinkbot.importers.readers.packed import HEAD
from backlinkbot.importers.readers.texts import Lines, decoder_of, pieces
from backlinkbot.importers.values import plain
from backlinkbot.text.csv_escaping import unguard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backlinkbot.importers.formats.formats import Format
    from backlinkbot.importers.headers import Header
    from backlinkbot.importers.readers.packed import Member
    from backlinkbot.targets import Targets

WHOLE: Final = HEAD
"""A head of fewer bytes is the whole file."""
_SHEET_SAMPLE: Final = 60


def decode_head(head: bytes, encoding: str) -> str:
    """Decodes the first bytes of a file."""
    return decoder_of(encoding).decode(head).replace("\0", "")


def in_memory(data: bytes) -> IO[bytes]:
    """Wraps bytes as a file."""
    return io.BytesIO(data)


def row_reader(header: Header, sample: Sequence[Sequence[str]], name: str, target: str) -> RowReader:
    """Creates a reader for the rows below a header."""
    clean = unguard if header.format.is_own_format else plain
    return RowReader(
        header.format, header.cells, file=name, sample=sample, target=target, clean=clean, places=header.places
    )


def table(member: Member, encoding: str, delimiter: str, first: int, reader: RowReader) -> Iterator[RowResult]:
    """Reads the rows of CSV from the line ``first`` on; 0 means no rows."""
    for number, row in _rows(member, encoding, delimiter, first, len(reader.header)):
        yield row if isinstance(row, BadRow) else reader.read(number, row)


def candidates_csv(
    member: Member, encoding: str, delimiter: str, first: int, header: Sequence[str]
) -> Iterator[RowResult]:
    """Reads candidates in this program's CSV format from the line ``first`` on."""
    return read_csv(_rows(member, encoding, delimiter, first, len(header)), header, member.name)


def _rows(
    member: Member, encoding: str, delimiter: str, first: int, width: int
) -> Iterator[tuple[int, Sequence[str] | BadRow]]:
    if not first:
        return
    with member.open() as file:
        for number, row, fault, text in read_delimited(Lines(pieces(file, encoding)), delimiter, width):
            if number < first:
                continue
            if fault is not None:
                yield number, BadRow(file=member.name, row=number, reason=fault, text=text.strip()[:SHOWN])
            elif len(row) >= width or not row[0].startswith("#"):  # otherwise a comment of another program
                yield number, row


def sheets(member: Member) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """Yields the name and the first rows of each sheet of a workbook."""
    book = excel.Workbook(member.path)
    try:
        for name in book.sheets:
            rows = book.rows(name)
            yield name, [row for _, row in zip(range(_SHEET_SAMPLE), rows, strict=False)]
    finally:
        book.close()


def sheet(member: Member, name: str, first: int, reader: RowReader) -> Iterator[RowResult]:
    """Reads the rows of a sheet from the row ``first`` on; 0 means no rows."""
    if not first:
        return
    book = excel.Workbook(member.path)
    try:
        for number, row in book.rows(name):
            if number >= first:
                yield reader.read(number, row)
    finally:
        book.close()
    member.tell(member.path.stat().st_size)


def json(member: Member, encoding: str, found: jsonrows.Rows) -> Iterator[RowResult]:
    """Reads the objects of JSON."""
    with member.open() as file:
        yield from jsonrows.read(file, encoding, found, member.name)


def lines(member: Member, encoding: str, entry: Format) -> Iterator[RowResult]:
    """Reads the lines of a list."""
    with member.open() as file:
        yield from LineReader(entry, file=member.name).read(Lines(pieces(file, encoding)))


def sql(member: Member, encoding: str, entry: Format, columns: Sequence[str]) -> Iterator[RowResult]:
    """Reads the statements of SQL."""
    reader = RowReader(entry, columns, file=member.name)
    with member.open() as file:
        yield from sql_inserts.read(Lines(pieces(file, encoding)), reader, columns, member.name)


def graph(member: Member, encoding: str, entry: Format) -> Iterator[RowResult]:
    """Reads the edges of a graph in GML."""
    reader = RowReader(entry, gml.COLUMNS, file=member.name)
    with member.open() as file:
        yield from gml.read(Lines(pieces(file, encoding)), reader, member.name)


def checked_links(member: Member, encoding: str, entry: Format) -> Iterator[RowResult]:
    """Reads the text output of a link checker."""
    reader = RowReader(entry, link_lines.COLUMNS, file=member.name)
    with member.open() as file:
        yield from link_lines.read(Lines(pieces(file, encoding)), reader, member.name)


def log(
    member: Member, encoding: str, entry: Format, own: frozenset[str], targets: Targets | None
) -> Iterator[RowResult]:
    """Reads the lines of an access log."""
    reader = logs.LogReader(entry, file=member.name, own=own, targets=targets)
    with member.open() as file:
        yield from reader.read(Lines(pieces(file, encoding)))


def xml(member: Member, entry: Format) -> Iterator[RowResult]:
    """Reads the elements of XML."""
    with member.open() as file:
        yield from xmls.read_xml(file, entry, member.name)


def warc(member: Member, entry: Format) -> Iterator[RowResult]:
    """Reads the records of a web archive."""
    with member.open() as file:
        yield from warcs.read_warc(file, entry, member.name)
