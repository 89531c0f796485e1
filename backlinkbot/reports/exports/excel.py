"""Writes tables as Excel workbooks: filters, widths, links and formats, and no formulas; only this module imports xlsxwriter."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.errors import UsageError
from backlinkbot.items.columns import Column, Kind
from backlinkbot.reports.exports.tables import CELLS, Row
from backlinkbot.reports.page.safe_text import link_to
from backlinkbot.text.csv_escaping import guard

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
MOST_ROWS: Final = 1_048_576
"""The number of rows of a sheet, with the header."""
MOST_LINKS: Final = 65_530
"""The number of hyperlinks of a sheet."""
LONGEST_CELL: Final = 32_767
"""Most UTF-16 units of a cell."""
LONGEST_LINK: Final = 2_000
"""Characters up to which an address is a link; Excel takes 2,079, after it has escaped some of them."""

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
_ESCAPED_SIGNS: Final = frozenset('%"<>[]^`{} ')
_MEASURED: Final = 1_000
"""Rows from which the widths of columns are taken."""
_NARROWEST, _WIDEST = 8, 60
"""Characters of a column's width."""
_BUTTON: Final = 3
"""Characters that the button of the filter takes."""
_PLAIN: Final = frozenset({"id", "run", "number", "row", "depth", "backlink_id"})
"""Whole numbers that name something: they have no separator of thousands, and neither have HTTP statuses."""
_ADDRESSES: Final = frozenset({"page", "candidate", "suggestion"})
"""Columns that hold addresses, beside those whose names end in ``_url``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table of a workbook."""

    title: str
    """At most 25 characters, so that a number fits behind it."""
    columns: Sequence[Column]
    rows: Iterable[Row]


@dataclass(slots=True)
class Written:
    """What a workbook could not hold as it is."""

    cut: int = 0
    """Cells that were cut to Excel's limit."""
    unlinked: list[str] = field(default_factory=list)
    """The titles of sheets with more addresses than links."""

    @property
    def notes(self) -> list[str]:
        """Sentences for the user."""
        found = []
        if self.cut:
            found.append(
                f"{self.cut} cells were longer than Excel's 32,767 characters and are cut; .csv holds them whole"
            )
        if self.unlinked:
            sheets = ", ".join(self.unlinked)
            found.append(
                f"{sheets}: only the first {MOST_LINKS:,} addresses can be clicked, Excel allows no more on a sheet"
            )
        return found


def write_xlsx(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> Written:
    """Writes one table; see :func:`write_workbook`.

    Raises:
        UsageError: xlsxwriter is not installed.
    """
    return write_workbook(file, [Sheet(title="backlinkbot", columns=columns, rows=rows)])


def write_workbook(
    file: IO[bytes], sheets: Iterable[Sheet], *, most_rows: int = MOST_ROWS, most_links: int = MOST_LINKS
) -> Written:
    """Writes tables with times in UTC and lists as text, each with a filter and a header that stays in sight.

    A table with more rows than a sheet can hold goes on in further sheets.

    Raises:
        UsageError: xlsxwriter is not installed.
    """
    try:
        import xlsxwriter  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise UsageError('.xlsx needs xlsxwriter: pip install "backlinkbot[excel]"') from error
    written = Written()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        formats = {name: book.add_format(properties) for name, properties in _FORMATS.items()}
        shared: dict[str, Any] = {"formats": formats, "written": written, "most_links": most_links}
        for table in sheets:
            part = _Part(book, table, 1, **shared)
            for row in table.rows:
                if part.rows + 1 >= most_rows:
                    part.close()
                    part = _Part(book, table, part.number + 1, **shared)
                part.add(row)
            part.close()
    return written


_FORMATS: Final[dict[str, dict[str, Any]]] = {
    "header": {"bold": True, "bottom": 1},
    # Otherwise a spreadsheet would run the cell after it is edited, or saved as CSV.
    "inert": {"quote_prefix": True},
    "link": {"hyperlink": True},
    "count": {"num_format": "#,##0"},
    "plain": {"num_format": "0"},
    "real": {"num_format": "0.00"},
}


class _Part:
    """One sheet of a table."""

    def __init__(
        self, book: Any, table: Sheet, number: int, *, formats: dict[str, Any], written: Written, most_links: int
    ) -> None:
        self.number = number
        self.rows = 0
        """Without the header."""
        self._title = table.title if number == 1 else f"{table.title} ({number})"
        self._columns = table.columns
        self._formats = formats
        self._written = written
        self._most_links = most_links
        self._links = 0
        self._widths: defaultdict[int, int] = defaultdict(lambda: _NARROWEST)
        self._sheet = book.add_worksheet(self._title)
        self._sheet.freeze_panes(1, 0)
        for at, column in enumerate(self._columns):
            self._sheet.write_string(0, at, column.name, formats["header"])
            self._widths[at] = max(_NARROWEST, len(column.name) + _BUTTON)
        self._are_addresses = [column.name.endswith("_url") or column.name in _ADDRESSES for column in self._columns]
        self._number_formats = [formats[_number_format(column)] for column in self._columns]

    def add(self, row: Row) -> None:
        """Writes a row."""
        self.rows += 1
        for at, (column, value) in enumerate(zip(self._columns, row, strict=True)):
            if value is None:
                continue
            if column.kind in {Kind.NUMBER, Kind.REAL}:
                self._sheet.write_number(self.rows, at, value, self._number_formats[at])
            elif column.kind is Kind.FLAG:
                self._sheet.write_boolean(self.rows, at, value)
            elif column.kind is Kind.TIME:
                self._sheet.write_datetime(self.rows, at, value)
                self._widths[at] = max(self._widths[at], 19)
            elif value:
                self._add_text(at, CELLS[column.kind](value))

    def _add_text(self, at: int, text: str) -> None:
        fitting = _fitting(text)
        self._written.cut += fitting != text
        if self.rows <= _MEASURED:
            self._widths[at] = min(_WIDEST, max(self._widths[at], len(fitting) + 1))
        if self._are_addresses[at] and (address := _linkable(fitting)) is not None:
            if self._links < self._most_links:
                self._links += 1
                self._sheet.write_url(self.rows, at, address, self._formats["link"], fitting)
                return
            if self._title not in self._written.unlinked:
                self._written.unlinked.append(self._title)
        self._sheet.write_string(self.rows, at, fitting, self._formats["inert"] if guard(fitting) != fitting else None)

    def close(self) -> None:
        """Adds the filter, and the widths of the columns."""
        if self._columns:
            self._sheet.autofilter(0, 0, max(1, self.rows), len(self._columns) - 1)
        for at, width in self._widths.items():
            self._sheet.set_column(at, at, width)


def _number_format(column: Column) -> str:
    if column.kind is Kind.REAL:
        return "real"
    return "plain" if column.name in _PLAIN or column.name.endswith("status") else "count"


def _linkable(text: str) -> str | None:
    """Returns the address that a cell may lead to; None if it is none, or too long for Excel."""
    if not text.startswith(("http://", "https://")):
        return None
    address = link_to(text)
    if address is None or len(address) + 2 * sum(map(address.count, _ESCAPED_SIGNS)) > LONGEST_LINK:
        return None
    return address


def _fitting(text: str) -> str:
    """Returns the text, shortened to a cell's limit with a note if needed."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
