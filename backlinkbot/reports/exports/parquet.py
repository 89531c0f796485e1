"""Writes tables as Parquet with typed columns, and returns them as Arrow record batches."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.errors import UsageError
from backlinkbot.items.columns import Column, Kind
from backlinkbot.reports.exports.link_table import Batch, Converted, texts
from backlinkbot.reports.exports.tables import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from backlinkbot.reports.exports.link_table import LinkTable

BATCH: Final = 10_000
"""Rows held in memory at once."""
_ROWS: Final = 5_000
"""The least rows of a row group of links, but for the last."""
_KEPT: Final = 10_000
"""Most sets of few values whose conversion is kept."""


def write_parquet(file: IO[bytes], columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Writes times as UTC timestamps, lists as lists of strings, missing values as null.

    Raises:
        UsageError: pyarrow is not installed.
    """
    schema = arrow_schema(columns)
    from pyarrow import parquet  # noqa: PLC0415 - an optional package

    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in arrow_batches(rows, schema):
            writer.write_batch(batch)


def write_links(file: IO[bytes], table: LinkTable) -> None:
    """Writes the links of a history as :func:`write_parquet` does, many times as fast.

    Raises:
        UsageError: pyarrow is not installed.
    """
    schema = arrow_schema(table.columns)
    from pyarrow import parquet  # noqa: PLC0415 - an optional package

    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in _record_batches(table, schema):
            writer.write_batch(batch)


def _row_groups(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Joins batches to row groups."""
    gathered: list[Batch] = []
    rows = 0
    for batch in batches:
        gathered.append(batch)
        rows += len(batch.few)
        if rows >= _ROWS:
            yield Batch.joined(gathered)
            gathered, rows = [], 0
    if gathered:
        yield Batch.joined(gathered)


def _record_batches(table: LinkTable, schema: Any) -> Iterator[Any]:
    """Yields the links as Arrow record batches."""
    import pyarrow as pa  # noqa: PLC0415 - as below

    converted = Converted(list)
    few_values = lru_cache(maxsize=_KEPT)(table.few_values)
    many = [column.name for column in table.many]
    for batch in _row_groups(table.batches()):
        numbers = {few: number for number, few in enumerate(dict.fromkeys(batch.few))}
        different = [few_values(few) for few in numbers]
        of_links = pa.array([numbers[few] for few in batch.few], pa.int32())
        stored = {name: batch.many[name] for name in many} | _seldom(table, batch)
        arrays = [
            _stored(column, stored[column.name], converted, field.type)
            if column.name in stored
            else pa.array([values[column.name] for values in different], field.type).take(of_links)
            for column, field in zip(table.columns, schema, strict=True)
        ]
        yield pa.record_batch(arrays, schema=schema)


def _seldom(table: LinkTable, batch: Batch) -> dict[str, Sequence[Any]]:
    """Returns the stored values of the columns of ``seldom``."""
    texts_of_links = batch.seldom if batch.seldom is not None else [None] * len(batch.few)
    values = {text: table.seldom_stored(text) for text in set(texts_of_links)}
    columns = zip(*map(values.__getitem__, texts_of_links), strict=True)
    return dict(zip([column.name for column in table.seldom], columns, strict=True))


def _stored(column: Column, values: Sequence[Any], converted: Converted, kind: Any) -> Any:
    """Returns the stored values of a column as an Arrow array."""
    import pyarrow as pa  # noqa: PLC0415 - as below

    if column.kind is Kind.TIME:
        return pa.array(values, pa.int64()).cast(pa.timestamp("s", tz="UTC")).cast(kind)
    if column.is_list:
        numbers = {text: number for number, text in enumerate(dict.fromkeys(values))}
        different = pa.array(map(converted.__getitem__, numbers), kind)
        return different.take(pa.array(map(numbers.__getitem__, values), pa.int32()))
    return pa.array(texts(values) if column.kind is Kind.TEXT else values, kind)


def arrow_schema(columns: Sequence[Column]) -> Any:
    """Returns the columns as an Arrow schema.

    Raises:
        UsageError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise UsageError('.parquet needs pyarrow: pip install "backlinkbot[parquet]"') from error
    types: dict[Kind, Any] = {
        Kind.TEXT: pa.string(),
        Kind.NUMBER: pa.int64(),
        Kind.REAL: pa.float64(),
        Kind.FLAG: pa.bool_(),
        Kind.LIST: pa.list_(pa.string()),
        Kind.LINES: pa.list_(pa.string()),
        Kind.TIME: pa.timestamp("us", tz="UTC"),
    }
    return pa.schema([pa.field(column.name, types[column.kind], nullable=column.may_lack) for column in columns])


def arrow_batches(rows: Iterable[Row], schema: Any) -> Iterator[Any]:
    """Yields the rows as Arrow record batches of at most :data:`BATCH` rows."""
    import pyarrow as pa  # noqa: PLC0415 - as above

    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        arrays = [pa.array(cells, field.type) for cells, field in zip(zip(*batch, strict=True), schema, strict=True)]
        yield pa.record_batch(arrays, schema=schema)
