"""Rows: a page fans out into its backlinks (or its checks), as CSV, JSONL or JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any, Final

from scrapy.exporters import BaseItemExporter

from backlinkbot.cells import guard
from backlinkbot.columns import Kind
from backlinkbot.columns import columns_of as schema_of
from backlinkbot.items import Backlink, Check, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# view -> (the row's class, which gives the columns; a page's rows)
VIEWS: Final[dict[str, tuple[type, Callable[[Page], Iterable[Backlink | Check]]]]] = {
    "backlinks": (Backlink, lambda page: page.backlinks),
    "checks": (Check, lambda page: page.checks),
}

OF_LINES: Final = frozenset(column.name for column in schema_of(Backlink) if column.kind is Kind.LINES)
"""The lists whose values may hold commas."""


def columns_of(fields: Mapping[str, str] | Iterable[str] | None, view: str = "backlinks") -> dict[str, str]:
    """Field -> its name in the output, in order; ``fields`` as in Scrapy's feeds, None for all of the view's."""
    if fields is None:
        fields = [column.name for column in schema_of(VIEWS[view][0])]
    return dict(fields) if isinstance(fields, Mapping) else {field: field for field in fields}


class RowExporter(BaseItemExporter):
    """Fans a page out into the rows of one view; Scrapy's ``fields`` choose, order and rename the columns."""

    def __init__(self, file: IO[bytes], *, view: str = "backlinks", **options: Any) -> None:
        super().__init__(dont_fail=True, **options)
        self.file = file
        self._rows_of = VIEWS[view][1]
        self._columns = columns_of(self.fields_to_export, view)

    @property
    def columns(self) -> list[str]:
        """The names in the output, in order."""
        return list(self._columns.values())

    def rows(self, item: Any) -> Iterator[dict[str, Any]]:
        """The fields of each row, in order; an item that is no page gives none."""
        for row in self._rows_of(item) if isinstance(item, Page) else ():
            yield {column: getattr(row, field, "") for field, column in self._columns.items()}


class JsonLinesRows(RowExporter):
    """One JSON object a line; lists stay lists, booleans booleans."""

    def export_item(self, item: Any) -> None:
        """Write a page's rows, each a whole line."""
        for row in self.rows(item):
            self.file.write(self.encode(row) + b"\n")
        self.file.flush()  # a run that is killed leaves whole rows

    def encode(self, row: dict[str, Any]) -> bytes:
        """One row as JSON, in the feed's encoding; a lone surrogate, which has none, is escaped."""
        text = json.dumps(row, ensure_ascii=not self.encoding)
        try:
            return text.encode((self.encoding or "ascii").removesuffix("-sig"))  # a mark a line would be none
        except UnicodeEncodeError:
            return json.dumps(row).encode("ascii")


class JsonRows(JsonLinesRows):
    """One JSON array of objects."""

    _separator = b"\n"

    def start_exporting(self) -> None:
        """Open the array."""
        self.file.write(b"[")

    def export_item(self, item: Any) -> None:
        """Write a page's rows."""
        for row in self.rows(item):
            self.file.write(self._separator + self.encode(row))
            self._separator = b",\n"

    def finish_exporting(self) -> None:
        """Close the array."""
        self.file.write(b"\n]\n")


class CsvRows(RowExporter):
    """RFC 4180 CSV with a header, even where there are no rows, and never a second one.

    Booleans are ``true`` and ``false``, lists are joined by commas or, as ``OF_LINES``, by line breaks, and no cell is a
    formula.
    """

    def __init__(
        self,
        file: IO[bytes],
        *,
        include_headers_line: bool = True,
        join_multivalued: str = ",",
        errors: str = "replace",
        **options: Any,
    ) -> None:
        super().__init__(file, **options)
        self._stream = io.TextIOWrapper(
            file, encoding=self.encoding or "utf-8", errors=errors, newline="", write_through=True
        )
        self._writer = csv.writer(self._stream, **self._kwargs)
        self._has_header = include_headers_line
        self._join = join_multivalued

    def start_exporting(self) -> None:
        """Write the header, unless an earlier batch of the same stream has."""
        if self._has_header:
            self._has_header = False
            self._writer.writerow(self.columns)

    def export_item(self, item: Any) -> None:
        """Write a page's rows."""
        for row in self.rows(item):
            cells = zip(self._columns, row.values(), strict=True)
            self._writer.writerow([self._cell(value, field=field) for field, value in cells])
        self.file.flush()  # a run that is killed leaves whole rows

    def finish_exporting(self) -> None:
        """Leave the file open: it is the storage's to close."""
        self._stream.detach()

    def _cell(self, value: Any, *, field: str) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, list | tuple):
            return guard(("\n" if field in OF_LINES else self._join).join(map(str, value)))
        return "" if value is None else guard(str(value))
