"""Tables as Excel workbooks in which nothing runs: the only room that knows xlsxwriter."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.errors import OutputError, UsageError
from backlinkbot.items.columns import Column, Kind
from backlinkbot.reports.exports.tables import CELLS, Row
from backlinkbot.text.csv_escaping import guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_ROWS: Final = 1_048_576
"""Of a sheet, the header included."""
LONGEST_CELL: Final = 32_767
"""UTF-16 units."""

# https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
_CUT: Final = " [cut]"
# What no cell turns into anything but text.
_OPTIONS: Final[dict[str, Any]] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
    "remove_timezone": True,
}


def write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row], *, most_rows: int = MOST_ROWS) -> int:
    """One sheet; times are UTC, lists are text. Returns how many cells were too long for Excel and are cut.

    Raises:
        UsageError: xlsxwriter is not installed.
        OutputError: there are more rows than a sheet holds.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise UsageError('.xlsx needs xlsxwriter: pip install "backlinkbot[excel]"') from error
    cut = 0
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        sheet = book.add_worksheet("backlinkbot")
        bold = book.add_format({"bold": True})
        inert = book.add_format({"quote_prefix": True})
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.write_string(0, at, column.name, bold)
        writers = {
            Kind.NUMBER: sheet.write_number,
            Kind.REAL: sheet.write_number,
            Kind.FLAG: sheet.write_boolean,
            Kind.TIME: sheet.write_datetime,
        }
        for number, row in enumerate(rows, start=1):
            if number >= most_rows:
                raise OutputError(
                    f"there are more rows than the {most_rows - 1:,} that an Excel sheet holds below its header; "
                    "write .csv or .parquet, or fewer rows with --group, --state or --target"
                )
            for at, (column, value) in enumerate(zip(columns, row, strict=True)):
                if value is None:
                    continue
                if (write := writers.get(column.kind)) is not None:
                    write(number, at, value)
                    continue
                text = CELLS[column.kind](value)
                fitting = _fitting(text)
                cut += fitting != text
                # Else a spreadsheet would run the cell once somebody edits it, or saves the sheet as CSV.
                sheet.write_string(number, at, fitting, inert if guard(fitting) != fitting else None)
    return cut


def _fitting(text: str) -> str:
    """The text, or what of it fits into a cell, with a word that says so."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
