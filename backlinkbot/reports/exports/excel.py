"""Writes tables as Excel workbooks without formulas; only this module imports xlsxwriter."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.errors import OutputError, UsageError
from backlinkbot.items.columns import Column, Kind
from backlinkbot.reports.exports.tables import CELLS, Row
from backlinkbot.text.csv_escaping import guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_ROWS: Final = 1_048_576
"""The number of rows of a sheet, with the header."""
LONGEST_CELL: Final = 32_767
"""Most UTF-16 units of a cell."""

# https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
_CUT: Final = " [cut]"
# Prevents Excel from converting text to links, numbers or formulas.
_OPTIONS: Final[dict[str, Any]] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd hh:mm:ss",
    "remove_timezone": True,
}


def write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row], *, most_rows: int = MOST_ROWS) -> int:
    """Writes one sheet, with times in UTC and lists as text; returns the number of cells cut to Excel's limit.

    Raises:
        UsageError: xlsxwriter is not installed.
        OutputError: there are more rows than a sheet can hold.
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
                # Otherwise a spreadsheet would run the cell after it is edited, or saved as CSV.
                sheet.write_string(number, at, fitting, inert if guard(fitting) != fitting else None)
    return cut


def _fitting(text: str) -> str:
    """Returns the text, shortened to a cell's limit with a note if needed."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
