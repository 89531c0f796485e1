"""Writes tables as Parquet with typed columns, and returns them as Arrow record batches."""

from __future__ import annotations

from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot.errors import UsageError
from backlinkbot.items.columns import Column, Kind
from backlinkbot.reports.exports.tables import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BATCH: Final = 10_000
"""Rows held in memory at once."""


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
