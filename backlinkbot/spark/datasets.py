"""Parquet datasets that Spark reads and writes: where they lie, their columns, and the batches that tasks return."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from backlinkbot.errors import OutputError, UsageError
from backlinkbot.items.columns import Kind
from backlinkbot.reports.exports.parquet import arrow_batches, arrow_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyarrow import RecordBatch, Table
    from pyspark.sql import DataFrame, SparkSession

    from backlinkbot.items.columns import Column
    from backlinkbot.reports.exports.tables import Row

PARTITION: Final = 1_000_000
"""Most rows of one file of a dataset."""
_IN_MEMORY: Final = 8 * 1024 * 1024
_OF_SPARK: Final = ("part-", ".part-", "_SUCCESS", "._SUCCESS")
"""How the names of a dataset's files begin."""
_TYPES: Final = {
    Kind.TEXT: "STRING",
    Kind.NUMBER: "BIGINT",
    Kind.REAL: "DOUBLE",
    Kind.FLAG: "BOOLEAN",
    Kind.LIST: "ARRAY<STRING>",
    Kind.LINES: "ARRAY<STRING>",
    Kind.TIME: "TIMESTAMP",
}


def is_remote(name: str) -> bool:
    """True if a dataset is named by a URL, such as ``hdfs://…`` or ``s3a://…``, and not by a path."""
    return "://" in name


def location(name: str) -> str:
    """Returns the URL of a dataset; a path means a folder that driver and executors share."""
    return name.rstrip("/") if is_remote(name) else Path(name).absolute().as_uri()


def check_replaceable(name: str, flag: str) -> None:
    """Checks that a dataset can be written: its folder does not exist, or holds nothing but a dataset.

    Raises:
        UsageError: the name is that of a file.
        OutputError: the folder holds other files.
    """
    if is_remote(name):
        return
    path = Path(name)
    if path.suffix and not path.is_dir():
        raise UsageError(f"{flag} {name}: Spark writes a folder of Parquet files; name a folder")
    if path.exists() and (not path.is_dir() or any(not one.name.startswith(_OF_SPARK) for one in path.iterdir())):
        raise OutputError(f"{flag} {name}: this folder holds other files; name one for the rows alone")


def write(frame: DataFrame, name: str) -> None:
    """Writes a dataset in place of the one that is there; a remote one must not exist yet."""
    mode = "errorifexists" if is_remote(name) else "overwrite"
    writer = frame.write.mode(mode).option("compression", "zstd").option("maxRecordsPerFile", PARTITION)
    writer.parquet(location(name))


def read(spark: SparkSession, name: str, columns: Sequence[Column]) -> DataFrame | None:
    """Returns a dataset of the columns; None if there is none."""
    from pyspark.errors import AnalysisException  # noqa: PLC0415 - an optional package

    try:
        return spark.read.schema(schema_of(columns)).parquet(location(name))
    except AnalysisException as error:
        if error.getCondition() == "PATH_NOT_FOUND":
            return None
        raise


def remove(name: str) -> bool:
    """Deletes a dataset; returns false for a remote one, which is left."""
    if is_remote(name):
        return False
    shutil.rmtree(name, ignore_errors=True)
    return True


def schema_of(columns: Iterable[Column]) -> str:
    """Returns the columns in Spark's notation of a schema."""
    return ", ".join(f"`{column.name}` {_TYPES[column.kind]}" for column in columns)


class Spool:
    """The rows that a task found, kept apart until it has found all: in memory, or in a temporary file if they are many."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column]) -> None:
        self._file = file
        self._columns = columns
        self._schema = arrow_schema(columns)

    def write(self, rows: Iterable[Row]) -> None:
        """Writes the rows; called once."""
        from pyarrow import ipc  # noqa: PLC0415 - an optional package

        with ipc.new_stream(self._file, self._schema) as stream:
            for batch in arrow_batches(rows, self._schema):
                stream.write_batch(batch)
        self._file.seek(0)

    def batches(self) -> Iterator[RecordBatch]:
        """Yields the rows."""
        from pyarrow import ipc  # noqa: PLC0415 - as above

        with ipc.open_stream(self._file) as stream:
            yield from stream


@contextmanager
def spool(columns: Sequence[Column]) -> Iterator[Spool]:
    """Opens a spool, and deletes it at the end."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="backlinkbot-spark-") as file:
        yield Spool(cast("IO[bytes]", file), columns)


def arrow_table(rows: Sequence[Row], columns: Sequence[Column]) -> Table:
    """Returns rows as a table, from which Spark makes a frame."""
    import pyarrow as pa  # noqa: PLC0415 - an optional package

    schema = arrow_schema(columns)
    return pa.Table.from_batches(list(arrow_batches(rows, schema)), schema=schema)
