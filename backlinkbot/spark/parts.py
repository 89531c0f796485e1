"""What the tasks of a run have found, kept in a dataset beside the result until the run is complete.

Each task that succeeds adds one file, whole or not at all: its rows, and a last one that tells in JSON what became of the task. So
a task that is tried again leaves nothing twice, and an interrupted run goes on with the tasks that are left.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from backlinkbot.errors import OutputError
from backlinkbot.items.columns import Column, Kind
from backlinkbot.spark import datasets
from backlinkbot.spark.session import TRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyarrow import RecordBatch
    from pyspark.sql import DataFrame, SparkSession

    from backlinkbot.reports.exports.tables import Row

    Work = Callable[["Attempt", Iterable[RecordBatch]], Iterator[RecordBatch]]
    """What a task does: takes its share of the rows of the tasks' frame, and yields batches of an attempt."""

TOLD: Final = "_told"
"""What became of a task, as JSON; null in all rows but its last."""
_V2: Final = "mapreduce.fileoutputcommitter.algorithm.version"
"""Version 2 of Hadoop's commit protocol keeps the file of a finished task also where the job fails or is killed."""


class Attempt:
    """One attempt of a task, in a process of an executor."""

    def __init__(self, columns: Sequence[Column], said: dict[str, str], number: int) -> None:
        self._columns = columns
        self._said = said
        self.number = number
        """How many attempts of the task failed before."""

    @property
    def is_last(self) -> bool:
        """True if Spark ends the job if this attempt fails, too."""
        return self.number + 1 >= TRIES

    def spool(self) -> Any:
        """Opens a spool for rows of the run's columns."""
        return datasets.spool(self._columns)

    def end(self, told: dict[str, Any]) -> Iterator[RecordBatch]:
        """Yields the last row of the task, which tells what became of it."""
        row: Row = [None] * (len(self._columns) - 1)
        with datasets.spool(self._columns) as spool:
            spool.write([[*row, json.dumps(told | self._said)]])
            yield from spool.batches()


class Parts:
    """What the tasks of a run have found so far."""

    def __init__(self, spark: SparkSession, output: str, columns: Sequence[Column], question: Any) -> None:
        """Takes over what an interrupted run has found.

        Args:
            spark: the session.
            output: the result's dataset.
            columns: of what tasks find.
            question: what is looked for; as JSON can hold it.

        Raises:
            OutputError: that run looked for something else.
        """
        self._spark = spark
        self.name = f"{output.rstrip('/')}.parts"
        self._columns = (
            *(replace(column, may_lack=True) for column in columns),
            Column(name=TOLD, kind=Kind.TEXT, may_lack=True),
        )
        self._key = hashlib.blake2b(json.dumps(question).encode(), digest_size=12).hexdigest()
        self.before = self._told()
        """What the tasks of earlier runs have told, the later ones last."""
        if any(told["key"] != self._key for told in self.before):
            raise OutputError(
                f"{self.name} holds what an interrupted run with other options has found; "
                "repeat that command, or delete the folder"
            )

    def add(self, tasks: DataFrame, work: Work) -> list[dict[str, Any]]:
        """Does the work in one task for each partition of a frame; returns what the tasks told."""
        started = datetime.now(UTC).isoformat()
        act = partial(_act, work, self._columns, {"key": self._key, "started": started})
        found = tasks.mapInArrow(act, datasets.schema_of(self._columns))
        writer = found.write.mode("append").option("compression", "zstd").option(_V2, "2")
        writer.parquet(datasets.location(self.name))
        return self._told(since=started)

    def _told(self, since: str = "") -> list[dict[str, Any]]:
        parts = datasets.read(self._spark, self.name, self._columns)
        if parts is None:
            return []
        told = [json.loads(row[0]) for row in parts.where(f"{TOLD} IS NOT NULL").select(TOLD).collect()]
        return sorted((one for one in told if one["started"] >= since), key=lambda one: str(one["started"]))

    def found(self) -> DataFrame:
        """Returns all rows that tasks have found."""
        parts = datasets.read(self._spark, self.name, self._columns)
        if parts is None:
            parts = self._spark.createDataFrame([], datasets.schema_of(self._columns))
        return parts.where(f"{TOLD} IS NULL").drop(TOLD)

    def remove(self) -> bool:
        """Deletes the dataset; returns false for a remote one, which is left."""
        return datasets.remove(self.name)


def _act(
    work: Work, columns: Sequence[Column], said: dict[str, str], batches: Iterable[RecordBatch]
) -> Iterator[RecordBatch]:
    from pyspark import TaskContext  # noqa: PLC0415 - an optional package

    context = TaskContext.get()
    yield from work(Attempt(columns, said, context.attemptNumber() if context is not None else 0), batches)
