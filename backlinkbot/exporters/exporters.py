"""Item exporters that write one row per backlink, as CSV, JSONL, JSON, XML, pickle or marshal."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import IO, TYPE_CHECKING, Any, Final

from itemadapter import ItemAdapter
from scrapy.exporters import BaseItemExporter, MarshalItemExporter, PickleItemExporter, XmlItemExporter
from scrapy.utils.misc import load_object

from backlinkbot.items import Backlink, Check, JudgedPage
from backlinkbot.items.columns import FULL, Kind, named
from backlinkbot.items.columns import columns_of as schema_of
from backlinkbot.text.csv_escaping import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scrapy.settings import BaseSettings

# view -> (the row's class, which gives the columns; a page's rows)
VIEWS: Final[dict[str, tuple[type, Callable[[JudgedPage], Iterable[Backlink | Check]]]]] = {
    "backlinks": (Backlink, lambda page: page.backlinks),
    "checks": (Check, lambda page: page.checks),
}

TERMINAL: Final = "terminal"
"""The format and the scheme of the feed that shows rows on a terminal."""

logger = logging.getLogger(__name__)

_ALL_COLUMNS: Final = frozenset(frozenset(column.name for column in schema_of(row)) for row, _ in VIEWS.values())
"""The columns of each view: those of a feed that names none."""
OF_LINES: Final = frozenset(column.name for column in schema_of(Backlink) if column.kind is Kind.LINES)
"""The lists whose values may hold commas."""


def view_of(feed: Mapping[str, Any]) -> str:
    """Which rows a feed has: ``checks`` where its ``item_classes`` name ``Check``, else ``backlinks``."""
    classes = map(load_object, feed.get("item_classes") or ())
    return next((view for one in classes for view, (row, _) in VIEWS.items() if one is row), "backlinks")


def is_all_columns(columns: Iterable[str]) -> bool:
    """True if these are all columns of a view, in whatever order: nobody has chosen among them."""
    return frozenset(columns) in _ALL_COLUMNS


def rows_of(feed: Mapping[str, Any], page: JudgedPage) -> Iterable[Backlink | Check]:
    """Returns what a feed has of a page: its rows or checks; on a terminal its rows, and checks of candidates without any."""
    rows = VIEWS[feed["view"]][1](page)
    return [*rows, *(check for check in page.checks if not check.backlinks)] if feed["format"] == TERMINAL else rows


def columns_of(fields: Mapping[str, str] | Iterable[str] | None, view: str = "backlinks") -> dict[str, str]:
    """Field -> its name in the output, in order; ``fields`` as in Scrapy's feeds, None for all of the view's."""
    if not fields:
        fields = [column.name for column in schema_of(VIEWS[view][0])]
    return dict(fields) if isinstance(fields, Mapping) else {field: field for field in fields}


def words_for_columns(settings: BaseSettings) -> list[str]:
    """The words of ``--columns``; a settings module may have them as a list."""
    return settings.getlist("BACKLINKBOT_COLUMNS") or [FULL]


def fields_of(feed: Mapping[str, Any], words: Iterable[str]) -> dict[str, str]:
    """Field -> its name in the output, in order: the feed's own ``fields``, else what ``--columns`` says of backlinks."""
    view = view_of(feed)
    if feed["fields"] or view != "backlinks":
        return columns_of(feed["fields"], view)
    return columns_of(named(schema_of(Backlink), words), view)


class RowExporter(BaseItemExporter):
    """Writes rows; Scrapy's ``fields`` choose, order and rename the columns."""

    def __init__(self, file: IO[bytes], **options: Any) -> None:
        super().__init__(dont_fail=True, **options)
        self.file = file
        self._columns = columns_of(self.fields_to_export)

    @property
    def columns(self) -> list[str]:
        """The names in the output, in order."""
        return list(self._columns.values())

    def cells(self, row: Any) -> dict[str, Any]:
        """Column -> value, in order."""
        if not isinstance(row, Backlink | Check):  # what a pipeline of the user's own has made of it
            item = ItemAdapter(row)
            return {column: item.get(field, "") for field, column in self._columns.items()} | self.added(row)
        return {column: getattr(row, field, "") for field, column in self._columns.items()}

    def added(self, row: Any) -> dict[str, Any]:
        """Columns that a pipeline of the user's own has added; none where the feed names its columns."""
        return _added(row, self._columns)


def _added(row: Any, columns: Iterable[str] | None) -> dict[str, Any]:
    if isinstance(row, Backlink | Check) or frozenset(columns or ()) not in _ALL_COLUMNS:
        return {}
    return {name: value for name, value in ItemAdapter(row).items() if name not in frozenset(columns or ())}


class _AddedColumns(BaseItemExporter):
    """Mixed into Scrapy's exporters: columns that a pipeline of the user's own has added follow those of the feed."""

    def get_serialized_fields(
        self,
        item: Any,
        default_value: Any = None,
        include_empty: bool | None = None,  # noqa: FBT001 - as Scrapy has it
    ) -> Iterator[tuple[str, Any]]:
        yield from super().get_serialized_fields(item, default_value, include_empty)
        for name, value in _added(item, self.fields_to_export).items():
            yield name, self.serialize_field({}, name, value)


class JsonLinesRows(RowExporter):
    """One JSON object a line; lists stay lists, booleans booleans."""

    def export_item(self, item: Any) -> None:
        """Write a row, a whole line."""
        self.file.write(self.encode(self.cells(item)) + b"\n")
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
        """Write a row."""
        self.file.write(self._separator + self.encode(self.cells(item)))
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
        self._has_warned = False

    def start_exporting(self) -> None:
        """Write the header, unless an earlier batch of the same stream has."""
        if self._has_header:
            self._has_header = False
            self._writer.writerow(self.columns)

    def export_item(self, item: Any) -> None:
        """Write a row."""
        if not self._has_warned and (added := self.added(item)):
            self._has_warned = True
            logger.warning(
                "the CSV has no column %s, which a pipeline added; name the columns in the feed's `fields`",
                " or ".join(added),
            )
        cells = zip(self._columns, self.cells(item).values(), strict=False)  # what is added comes last
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


class PickleRows(_AddedColumns, PickleItemExporter):
    """Exports a pickled dict for each row, which can be read without this package."""

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        """The value as one of Python's own types."""
        return _plain(value)


class MarshalRows(_AddedColumns, MarshalItemExporter):
    """A marshalled dict for each row."""

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        """The value as one of Python's own types; marshal knows no others."""
        return _plain(value)


@cache
def _no_xml() -> re.Pattern[str]:
    """Returns what matches a character that XML cannot hold, neither escaped nor as it is: https://www.w3.org/TR/xml/#charsets.

    It is compiled for the first XML file, which takes several milliseconds.
    """
    return re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XmlRows(_AddedColumns, XmlItemExporter):
    """``<items><item>``, an element for each column, ``<value>`` for each of a list; what XML cannot hold is U+FFFD."""

    def serialize_field(self, field: Any, name: str, value: Any) -> Any:
        """The value as text, or as a list of texts."""
        if isinstance(value, list | tuple):
            return [_xml_text(one) for one in value]
        return _xml_text(value)


def _xml_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else _no_xml().sub("\ufffd", str(value))


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return _plain(value.value)
    return str(value) if isinstance(value, str) else value
