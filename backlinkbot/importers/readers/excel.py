"""Reads the rows of XLSX workbooks; only this module imports openpyxl."""

from __future__ import annotations

import warnings
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import CandidateFileError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_ROWS: Final = 1_048_576
"""Most rows of a sheet in Excel."""
MAX_COLUMNS: Final = 256
"""Most columns that are read."""
_LOOKED_AT: Final = 100
"""Rows by which the width of a sheet is determined."""


class Workbook:
    """A workbook, read sheet by sheet and row by row."""

    def __init__(self, path: Path) -> None:
        """Opens the file.

        Raises:
            UsageError: openpyxl is not installed.
            CandidateFileError: openpyxl cannot read the file.
        """
        try:
            import openpyxl  # noqa: PLC0415 - optional
        except ImportError as error:
            raise UsageError(f'{path}: to read Excel, pip install "backlinkbot[excel]"') from error
        self._path = path
        self._file = path.open("rb")  # a path must end in .xlsx
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # warnings about styles and drawings
                self._book = openpyxl.load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # openpyxl raises many kinds of errors for a broken file
            self._file.close()
            raise CandidateFileError(f"candidates {path}: openpyxl cannot read it ({error})") from error

    @property
    def sheets(self) -> list[str]:
        """The names of the sheets."""
        return list(self._book.sheetnames)

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str]]]:
        """Yields the number, from 1, and the cells of each row; blank rows are skipped."""
        cells = self._book[sheet]
        if not hasattr(cells, "iter_rows"):  # a chart sheet
            return
        if hasattr(cells, "reset_dimensions"):
            cells.reset_dimensions()  # the size in the file is often wrong
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # A cell may claim any column of any row, and openpyxl fills up the cells before it.
            first = cells.iter_rows(max_row=_LOOKED_AT, values_only=True)
            width = max((min(len(row), MAX_COLUMNS) for row in first), default=1)
            rows = cells.iter_rows(max_row=MAX_ROWS, max_col=max(width, 1), values_only=True)
            for number, row in enumerate(rows, start=1):
                if row.count(None) < len(row) and any(texts := [as_cell(value) for value in row]):
                    yield number, texts

    def close(self) -> None:
        """Closes the file."""
        self._book.close()
        self._file.close()


def as_cell(value: Any) -> str:
    """Formats a value as in CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return (
            value.date().isoformat()
            if value == datetime.combine(value, datetime.min.time())
            else value.isoformat(" ", "seconds")
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
