"""Reads archives as a Spark job, a file a task; the rows are written once all are read, each once."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from datetime import UTC
from functools import partial
from itertools import tee
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.archives.faults import MiningCounts
from backlinkbot.archives.parallel_mining import ArchiveResult, archive_key, miner_of, rows_in
from backlinkbot.archives.remote import ArchiveError
from backlinkbot.archives.rows import COLUMNS, ArchivedBacklink, identity
from backlinkbot.items import columns
from backlinkbot.items.columns import Column, Kind
from backlinkbot.reports.exports.tables import time_text, values
from backlinkbot.spark.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyarrow import RecordBatch
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    from backlinkbot.archives.mining import MiningOptions
    from backlinkbot.reports.exports.tables import Row
    from backlinkbot.spark.parts import Attempt

IDENTITY: Final = "_identity"
"""A hash by which the same rows of several archives are known."""
READ_FROM: Final = "_read_from"
"""A hash of the archive's name; the archive of a row may be a member of it."""
PLACE: Final = "_place"
"""Which of an archive's rows it is, from 0."""
_NUMBER: Final = "_number"
_NTH: Final = "_nth"
_FOUND: Final = (
    *COLUMNS,
    Column(name=IDENTITY, kind=Kind.TEXT),
    Column(name=READ_FROM, kind=Kind.TEXT),
    Column(name=PLACE, kind=Kind.NUMBER),
)
_FOR_CLAIMS: Final = frozenset(
    {"source_url", "target_url", "anchor", "rel", "follow", "archive", "archive_offset", "archived_at"}
)
"""The columns that :func:`backlinkbot.archives.rows.candidate_of` reads."""


class Mining:
    """A run over archives, with what earlier runs of the same options have read."""

    def __init__(self, spark: SparkSession, options: MiningOptions, output: str) -> None:
        """Takes over what an interrupted run has read.

        Raises:
            OutputError: that run looked for something else.
        """
        self._spark = spark
        self._options = replace(options, cache_dir="")  # each executor has its own
        self.parts = Parts(spark, output, _FOUND, asdict(self._options))
        """Where the rows of each archive lie until all are read."""
        self._done = {one["archive"]: _result_of(one) for one in self.parts.before if not one["failure"]}

    def read(self, archives: Sequence[str], tell: Callable[[ArchiveResult], None]) -> None:
        """Reads the archives that are not yet read; calls ``tell`` with each at the end."""
        for archive in archives:
            if archive in self._done:
                tell(replace(self._done[archive], was_done=True))
        left = [archive for archive in archives if archive not in self._done]
        if not left:
            return
        shared = self._spark.sparkContext.broadcast((self._options, tuple(left)))
        tasks = self._spark.range(0, len(left), 1, len(left))
        told = {one["archive"]: _result_of(one) for one in self.parts.add(tasks, partial(_read, shared))}
        shared.unpersist()
        for archive in left:
            tell(told[archive])

    def rows(self, archives: Sequence[str]) -> DataFrame:
        """Returns the rows of the archives, without those that another archive holds, too: of those, the first."""
        import pyarrow as pa  # noqa: PLC0415 - an optional package
        from pyspark.sql import Window  # noqa: PLC0415
        from pyspark.sql.functions import broadcast, col, row_number  # noqa: PLC0415

        keys = [archive_key(archive) for archive in archives]
        order = pa.table({READ_FROM: pa.array(keys, pa.string()), _NUMBER: pa.array(range(len(keys)), pa.int64())})
        numbered = self.parts.found().join(broadcast(self._spark.createDataFrame(order)), READ_FROM)
        same = Window.partitionBy(IDENTITY).orderBy(_NUMBER, PLACE)
        return numbered.withColumn(_NTH, row_number().over(same)).where(col(_NTH) == 1)

    def in_order(self, archives: Sequence[str]) -> Iterator[ArchivedBacklink]:
        """Yields the same rows, with the columns that candidates need, in the order of the archives."""
        found = self.rows(archives).orderBy(_NUMBER, PLACE).select(*sorted(_FOR_CLAIMS))
        for row in found.toLocalIterator():
            yield columns.partial(ArchivedBacklink, _facts(row.asDict()), self.parts.name)


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    at = row["archived_at"]
    return row | {"rel": tuple(row["rel"]), "archived_at": time_text(at.astimezone(UTC)) if at else ""}


def _result_of(told: dict[str, Any]) -> ArchiveResult:
    return ArchiveResult(archive=told["archive"], counts=MiningCounts.of_json(told["counts"]), failure=told["failure"])


def _read(
    work: Broadcast[tuple[MiningOptions, tuple[str, ...]]], attempt: Attempt, batches: Iterable[RecordBatch]
) -> Iterator[RecordBatch]:
    """Reads the archives whose numbers a task gets; this runs in the processes of the executors."""
    options, archives = work.value
    for batch in batches:
        for number in batch.column(0).to_pylist():
            yield from found_in(options, archives[number], attempt)


def found_in(options: MiningOptions, archive: str, attempt: Attempt) -> Iterator[RecordBatch]:
    """Yields the rows of an archive and its counts; nothing but the reason if it cannot be opened, or its tasks failed before."""
    counts, failure = MiningCounts(), ""
    if attempt.is_last:
        failure = f"the tasks that read it failed, {attempt.number} times; the logs of the executors say why"
    else:
        with attempt.spool() as spool:
            try:
                miner = miner_of(replace(options, cache_dir=_cache()))
                spool.write(_cells(rows_in(miner, archive, counts), archive))
            except ArchiveError as error:
                counts, failure = MiningCounts(), str(error)
            else:
                yield from spool.batches()
    yield from attempt.end({"archive": archive, "failure": failure, "counts": counts.as_json()})


def _cells(rows: Iterable[ArchivedBacklink], archive: str) -> Iterator[Row]:
    key = archive_key(archive)
    rows, again = tee(rows)
    for place, (row, cells) in enumerate(zip(rows, values(again, COLUMNS), strict=True)):
        yield [*cells, identity(row).hex(), key, place, None]


def _cache() -> str:
    """Returns the folder for compiled filters of this machine."""
    from backlinkbot.options import cache_folder_of  # noqa: PLC0415 - Scrapy is slow to import

    return str(cache_folder_of(os.environ.get("BACKLINKBOT_CACHE_DIR")) or "")
