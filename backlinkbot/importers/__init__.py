"""Candidate lists in: a plain list of URLs, or a table with a column of them."""

from __future__ import annotations

import codecs
import csv
import io
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.cells import unguard
from backlinkbot.errors import CandidateFileError
from backlinkbot.items import Candidate, Claim

if TYPE_CHECKING:
    from collections.abc import Iterator

# Header cells that name the column of referring pages, best first; compared in lower case, trimmed.
URL_COLUMNS: Final = (
    "source_url",
    "source url",
    "referring page url",
    "linking page",
    "candidate",
    "url_from",
    "source",
    "page",
    "url",
    "address",
    "link",
)
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS: Final = ",\t;|"
_NO_DELIMITER: Final = "\x1f"  # a table of one column: the commas are those of its URLs
_SAMPLE_ROWS: Final = 50
_MAX_FIELD: Final = 1024 * 1024


def read_candidates(path: str | Path) -> Iterator[Candidate]:
    """The candidates of a file, in its order, read as it is consumed.

    A plain list has one URL a line; ``#`` begins a comment. A table has a header cell of ``URL_COLUMNS``, or a column
    in which every cell is a URL.

    Raises:
        CandidateFileError: the file cannot be read, or nothing in it looks like a URL.
    """
    file = Path(path)
    try:
        with file.open("rb") as raw:
            head = raw.read(64 * 1024)
    except OSError as error:
        raise CandidateFileError(f"candidates {file}: {error.strerror}") from error
    encoding = _encoding(head)
    with file.open(encoding=encoding, errors="replace", newline="") as lines:
        sample = [line for line in islice(lines, _SAMPLE_ROWS) if line.strip()]
    table = _table(sample)
    with file.open(encoding=encoding, errors="replace", newline="") as lines:
        yield from _plain(lines, file) if table is None else _column(lines, *table)


def _encoding(head: bytes) -> str:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character cut in two at the end is no error
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _table(sample: list[str]) -> tuple[str, int, int] | None:
    """(delimiter, column, rows before the first candidate); None for a plain list."""
    for delimiter in _DELIMITERS:
        rows = _sample_rows(sample, delimiter)
        for number, row in enumerate(rows[:10]):
            cells = [cell.strip().lower() for cell in row]
            for name in URL_COLUMNS:
                if name in cells:
                    return delimiter if len(cells) > 1 else _NO_DELIMITER, cells.index(name), number + 1
    for delimiter in _DELIMITERS:
        rows = [row for row in _sample_rows(sample, delimiter) if row]
        widths = {len(row) for row in rows}
        if len(rows) > 1 and len(widths) == 1 and widths != {1}:
            for column in range(len(rows[0])):
                if all(_is_url(row[column]) for row in rows[1:]):
                    return delimiter, column, 0 if _is_url(rows[0][column]) else 1
    return None


def _sample_rows(sample: list[str], delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    with suppress(csv.Error):  # what is no table with this delimiter
        rows.extend(csv.reader(sample, delimiter=delimiter))
    return rows


def _is_url(cell: str) -> bool:
    return cell.strip().lower().startswith(("http://", "https://")) and urls.is_web(urls.parse(cell.strip()))


def _column(lines: io.TextIOWrapper, delimiter: str, column: int, skip: int) -> Iterator[Candidate]:
    csv.field_size_limit(_MAX_FIELD)
    rows = csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter)
    seen = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:  # a cell beyond the limit: no URL is that long
            continue
        if not any(cell.strip() for cell in row):
            continue
        seen += 1
        if seen > skip and len(row) > column and (text := unguard(row[column].strip())):
            yield Candidate(url=text, claims=(Claim(origin="list", row=rows.line_num),))


def _plain(lines: io.TextIOWrapper, file: Path) -> Iterator[Candidate]:
    found = False
    for number, line in enumerate(lines, start=1):
        text = line.strip().strip('"')
        if text and not text.startswith("#"):
            if not found and not _may_be_url(text):
                raise CandidateFileError(
                    f"candidates {file}: line {number} ({text[:60]!r}) is no URL; write one URL a line, or a table "
                    f"with a column named {', '.join(URL_COLUMNS[:5])} or url"
                )
            found = True
            yield Candidate(url=text, claims=(Claim(origin="list", row=number),))


def _may_be_url(text: str) -> bool:
    return ":" in text or "." in text.partition("/")[0]
