"""Reads archives as a Spark job, a file a task.

What a task found of an archive becomes one file of a dataset beside the result, with its counts in a last row; Spark's commit protocol
keeps the files of one attempt of each task. The result is written from them once all are there, each row once.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import tee
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.archives.faults import MiningCounts
from backlinkbot.archives.remote import ArchiveError
from backlinkbot.archives.rows import COLUMNS, ArchivedBacklink, identity
from backlinkbot.archives.tasks import Task, archive_key, miner_of, rows_in
from backlinkbot.errors import OutputError
from backlinkbot.items import columns
from backlinkbot.items.columns import Column, Kind
from backlinkbot.reports.exports.tables import time_text, values
from backlinkbot.spark import datasets
from backlinkbot.spark.session import TRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyarrow import RecordBatch
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    from backlinkbot.archives.mining import MiningOptions
    from backlinkbot.reports.exports.tables import Row

IDENTITY: Final = "_identity"
"""A hash by which the same rows of several archives are known."""
READ_FROM: Final = "_read_from"
"""A hash of the archive's name; the archive of a row may be a member of it."""
PLACE: Final = "_place"
"""Which of an archive's rows it is, from 0."""
COUNTS: Final = "_counts"
"""What was counted of an archive, as JSON; null in rows of links."""
_NUMBER: Final = "_number"
_NTH: Final = "_nth"
_PARTS: Final = (
    *(replace(column, may_lack=True) for column in COLUMNS),
    Column(name=IDENTITY, kind=Kind.TEXT, may_lack=True),
    Column(name=READ_FROM, kind=Kind.TEXT, may_lack=True),
    Column(name=PLACE, kind=Kind.NUMBER, may_lack=True),
    Column(name=COUNTS, kind=Kind.TEXT, may_lack=True),
)
_EMPTY: Final[Row] = [None] * len(COLUMNS)
_FOR_CLAIMS: Final = frozenset(
    {"source_url", "target_url", "anchor", "rel", "follow", "archive", "archive_offset", "archived_at"}
)
"""The columns that :func:`backlinkbot.archives.rows.candidate_of` reads."""
BATCH: Final = 1_000
"""Least archives of one Spark job, of which an interrupted run reads all again."""
_WAVES: Final = 20
"""Tasks of one Spark job for each core of the cluster, if there are so many archives: cores wait at the end of each job only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What every task of a job knows; broadcast, so that each executor gets it once."""

    options: MiningOptions
    archives: tuple[str, ...]
    started: str


class Mining:
    """A run over archives, with what earlier runs of the same options have read."""

    def __init__(self, spark: SparkSession, options: MiningOptions, output: str) -> None:
        """Takes over what an interrupted run has read.

        Raises:
            OutputError: that run looked for something else.
        """
        self._spark = spark
        self._options = replace(options, cache_dir="")  # each executor has its own
        self.parts = f"{output.rstrip('/')}.parts"
        """Where the rows of each archive lie until all are read."""
        self._key = hashlib.blake2b(json.dumps(asdict(self._options)).encode(), digest_size=12).hexdigest()
        self._done: dict[str, MiningCounts] = {}
        for task, key in self._tasks():
            if key != self._key:
                raise OutputError(
                    f"{self.parts} holds what an interrupted run with other options has read; "
                    "repeat that command, or delete the folder"
                )
            if not task.failure:
                self._done[task.archive] = task.counts

    def read(self, archives: Sequence[str], tell: Callable[[Task], None]) -> None:
        """Reads the archives that are not yet read; calls ``tell`` with each when its job is done."""
        for archive, counts in self._done.items():
            if archive in set(archives):
                tell(Task(archive=archive, counts=counts, was_done=True))
        left = [archive for archive in archives if archive not in self._done]
        size = max(BATCH, _WAVES * self._spark.sparkContext.defaultParallelism)
        for some in datasets.batched(left, size):
            for task in self._read(some):
                tell(task)

    def _read(self, archives: Sequence[str]) -> list[Task]:
        started = datetime.now(UTC).isoformat()
        work = _Work(options=self._options, archives=tuple(archives), started=started)
        shared = self._spark.sparkContext.broadcast(work)
        numbers = self._spark.range(0, len(archives), 1, len(archives))
        found = numbers.mapInArrow(partial(_read, shared, self._key), datasets.schema_of(_PARTS))
        found.write.mode("append").option("compression", "zstd").parquet(datasets.location(self.parts))
        shared.unpersist()
        now = {task.archive: task for task, _ in self._tasks(since=started)}
        return [now[archive] for archive in archives]

    def _tasks(self, since: str = "") -> Iterator[tuple[Task, str]]:
        """Yields what became of each archive, with the key of the options; the later ones last."""
        parts = datasets.read(self._spark, self.parts, _PARTS)
        if parts is None:
            return
        told = [json.loads(row[0]) for row in parts.where(f"{COUNTS} IS NOT NULL").select(COUNTS).collect()]
        for one in sorted(told, key=lambda one: str(one["started"])):
            if one["started"] >= since:
                counts = MiningCounts.of_json(one["counts"])
                yield Task(archive=one["archive"], counts=counts, failure=one["failure"]), one["key"]

    def rows(self, archives: Sequence[str]) -> DataFrame:
        """Returns the rows of the archives, without those that another archive holds, too: of those, the first."""
        import pyarrow as pa  # noqa: PLC0415 - an optional package
        from pyspark.sql import Window  # noqa: PLC0415
        from pyspark.sql.functions import broadcast, col, row_number  # noqa: PLC0415

        parts = datasets.read(self._spark, self.parts, _PARTS)
        if parts is None:
            parts = self._spark.createDataFrame([], datasets.schema_of(_PARTS))
        keys = [archive_key(archive) for archive in archives]
        order = pa.table({READ_FROM: pa.array(keys, pa.string()), _NUMBER: pa.array(range(len(keys)), pa.int64())})
        numbered = parts.where(f"{COUNTS} IS NULL").join(broadcast(self._spark.createDataFrame(order)), READ_FROM)
        same = Window.partitionBy(IDENTITY).orderBy(_NUMBER, PLACE)
        return numbered.withColumn(_NTH, row_number().over(same)).where(col(_NTH) == 1)

    def in_order(self, archives: Sequence[str]) -> Iterator[ArchivedBacklink]:
        """Yields the same rows, with the columns that candidates need, in the order of the archives."""
        found = self.rows(archives).orderBy(_NUMBER, PLACE).select(*sorted(_FOR_CLAIMS))
        for row in found.toLocalIterator():
            facts = row.asDict() | {"rel": tuple(row["rel"])}
            facts["archived_at"] = time_text(row["archived_at"].astimezone(UTC)) if row["archived_at"] else ""
            yield columns.partial(ArchivedBacklink, facts, self.parts)


def _read(work: Broadcast[_Work], key: str, batches: Iterable[RecordBatch]) -> Iterator[RecordBatch]:
    """Reads the archives whose numbers a task gets; this runs in the processes of the executors."""
    from pyspark import TaskContext  # noqa: PLC0415 - an optional package

    context = TaskContext.get()
    attempt = context.attemptNumber() if context is not None else 0
    for batch in batches:
        for number in batch.column(0).to_pylist():
            archive = work.value.archives[number]
            yield from _found(work.value, archive, {"key": key, "started": work.value.started}, attempt)


def _found(work: _Work, archive: str, said: dict[str, Any], attempt: int) -> Iterator[RecordBatch]:
    """Yields the rows of an archive and its counts; nothing but the reason if it cannot be opened, or ended the processes before."""
    counts, failure = MiningCounts(), ""
    if attempt + 1 >= TRIES:
        failure = f"the tasks that read it failed, {attempt} times; the logs of the executors say why"
    else:
        with datasets.spool(_PARTS) as spool:
            try:
                options = replace(work.options, cache_dir=_cache())
                spool.write(_cells(rows_in(miner_of(options), archive, counts), archive))
            except ArchiveError as error:
                counts, failure = MiningCounts(), str(error)
            else:
                yield from spool.batches()
    told = said | {"archive": archive, "failure": failure, "counts": counts.as_json()}
    with datasets.spool(_PARTS) as last:
        last.write([[*_EMPTY, None, archive_key(archive), None, json.dumps(told)]])
        yield from last.batches()


def _cells(rows: Iterable[ArchivedBacklink], archive: str) -> Iterator[Row]:
    key = archive_key(archive)
    rows, again = tee(rows)
    for place, (row, cells) in enumerate(zip(rows, values(again, COLUMNS), strict=True)):
        yield [*cells, identity(row).hex(), key, place, None]


def _cache() -> str:
    """Returns the folder for compiled filters of this machine."""
    from backlinkbot.options import cache_folder_of  # noqa: PLC0415 - Scrapy is slow to import

    return str(cache_folder_of(os.environ.get("BACKLINKBOT_CACHE_DIR")) or "")
