"""Visits candidates as a Spark job: a registrable domain lies in one task, which runs the crawler in a process of its own."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any, Final

from backlinkbot import urls
from backlinkbot.importers import read_candidates
from backlinkbot.importers.candidatefiles import as_line
from backlinkbot.items import Backlink, Check
from backlinkbot.items.columns import Column, Kind, columns_of
from backlinkbot.reports.exports.tables import values
from backlinkbot.spark import datasets
from backlinkbot.spark.parts import Parts
from backlinkbot.spark.visit_process import CANDIDATES, CHECKS, ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyarrow import RecordBatch
    from pyspark import Broadcast
    from pyspark.sql import DataFrame, SparkSession

    from backlinkbot.items import Candidate
    from backlinkbot.reports.exports.tables import Row
    from backlinkbot.spark.parts import Attempt

PAGES: Final = 5_000
"""Candidates of one task, about: what a lost executor has to visit again."""
_CHUNK: Final = 50_000
"""Candidates that the driver holds at once."""
_TAIL: Final = 2_000
"""Characters of what a crawl said that an error repeats."""
_OF_CHECK: Final = "check_"
"""Before the name of each column of a check, some of which rows have, too."""
PAGE: Final = "_page"
"""The identity of the page of a row, by which the same page of two tasks is known."""
CANDIDATE: Final = "_candidate"
"""A hash of a candidate as it stands in the list."""
TASK: Final = "_task"
"""The task that has found a row."""
_DOMAIN: Final = "_domain"
_LINE: Final = "_line"
_FIRST: Final = "_first"
_BACKLINK: Final = columns_of(Backlink)
_CHECK: Final = columns_of(Check)
_FOUND: Final = (
    *_BACKLINK,
    *(replace(column, name=f"{_OF_CHECK}{column.name}") for column in _CHECK),
    Column(name=PAGE, kind=Kind.TEXT),
    Column(name=CANDIDATE, kind=Kind.TEXT),
    Column(name=TASK, kind=Kind.TEXT),
)
_LISTED: Final = tuple(Column(name=name, kind=Kind.TEXT) for name in (_DOMAIN, CANDIDATE, _LINE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What every task of a job knows; broadcast, so that each executor gets it once."""

    arguments: dict[str, Any]
    """Of the spider."""
    settings: dict[str, Any]


class Visiting:
    """A run over candidates, with what earlier runs of the same command have visited."""

    def __init__(self, spark: SparkSession, work: Work, candidates: Sequence[str], output: str) -> None:
        """Takes over what an interrupted run has visited.

        Args:
            spark: the session.
            work: the crawler's arguments and settings.
            candidates: files of candidates.
            output: the dataset of rows.

        Raises:
            OutputError: that run looked for something else.
        """
        self._spark = spark
        self._work = work
        self._files = candidates
        question = [work.arguments, work.settings, [str(Path(name).absolute()) for name in candidates]]
        self.parts = Parts(spark, output, _FOUND, question)
        self._list = f"{output.rstrip('/')}.candidates"

    def visit(self) -> list[str]:
        """Visits all candidates that have no answer yet; returns why tasks were given up, if any were.

        Raises:
            CandidateFileError: a file cannot be read.
        """
        self._write_list()
        left = self._left()
        number = left.count()
        if not number:
            return []
        context = self._spark.sparkContext
        tasks = max(context.defaultParallelism, number // PAGES + 1)
        shared = context.broadcast(self._work)
        told = self.parts.add(left.repartition(tasks, _DOMAIN).select(CANDIDATE, _LINE), partial(_visit, shared))
        shared.unpersist()
        return [one["failure"] for one in told if one["failure"]]

    def _write_list(self) -> None:
        """Writes the candidates of the files as a dataset, so that each task reads its own."""
        cells = (cells_of(candidate) for name in self._files for candidate in read_candidates(name))
        for mode in chain(("overwrite",), repeat("append")):
            chunk = list(islice(cells, _CHUNK))
            if chunk or mode == "overwrite":
                frame = self._spark.createDataFrame(datasets.arrow_table(chunk, _LISTED))
                frame.write.mode(mode).parquet(datasets.location(self._list))
            if not chunk:
                return

    def _left(self) -> DataFrame:
        listed = datasets.read(self._spark, self._list, _LISTED)
        assert listed is not None  # noqa: S101 - just written
        return listed.join(self._answers().select(CANDIDATE), CANDIDATE, "left_anti")

    def _answers(self) -> DataFrame:
        return self.parts.found().where(f"{CANDIDATE} IS NOT NULL")

    def checks(self) -> DataFrame:
        """Returns a row for each candidate that was answered."""
        from pyspark.sql.functions import col  # noqa: PLC0415 - an optional package

        return self._answers().select([col(f"{_OF_CHECK}{column.name}").alias(column.name) for column in _CHECK])

    def rows(self) -> DataFrame:
        """Returns the backlinks; those of a page to which the candidates of several tasks lead from one task."""
        from pyspark.sql import Window, functions  # noqa: PLC0415 - an optional package

        rows = self.parts.found().where(f"{PAGE} IS NOT NULL")
        return rows.withColumn(_FIRST, functions.min(TASK).over(Window.partitionBy(PAGE))).where(f"{_FIRST} = {TASK}")

    def states(self) -> dict[str, int]:
        """Returns the number of candidates of each state."""
        return {str(state): int(number) for state, number in self.checks().groupBy("state").count().collect()}

    def unanswered(self) -> int:
        """Returns how many candidates have no answer."""
        return self._left().select(CANDIDATE).distinct().count()

    def remove(self) -> list[str]:
        """Deletes what the run has kept; returns the remote datasets, which are left."""
        return [name for name in (self.parts.name, self._list) if not datasets.remove(name)]


def cells_of(candidate: Candidate) -> Row:
    """Returns the registrable domain of a candidate, its hash and its line; no domain if it is no address."""
    places = urls.first_urls(candidate.url)
    url = urls.parse(places[0]) if places is not None else None
    domain = urls.registrable_domain(url.hostname) if url is not None else ""
    return [domain, key_of(candidate.url), as_line(candidate).decode()]


def key_of(candidate: str) -> str:
    """Returns a hash of a candidate as it stands in the list."""
    return hashlib.blake2b(candidate.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


# --- in the processes of the executors --------------------------------------------------------------------------------


class _CrawlError(Exception):
    """A crawl that did not answer for every candidate; Spark tries its task again."""


def _visit(work: Broadcast[Work], attempt: Attempt, batches: Iterable[RecordBatch]) -> Iterator[RecordBatch]:
    """Visits the candidates of a task."""
    with tempfile.TemporaryDirectory(prefix="backlinkbot-spark-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        asked = _write_candidates(folder / CANDIDATES, batches)
        if not asked:
            return
        said = _crawl(folder, work.value)
        answered = {key_of(row["candidate"]) for row in _lines(folder / CHECKS)}
        missing = len(asked - answered)
        if missing and not attempt.is_last:
            raise _CrawlError(f"{missing:,} of {len(asked):,} candidates have no answer: {said}")
        with attempt.spool() as spool:
            spool.write(_cells(folder, name))
            yield from spool.batches()
        failure = (
            f"{missing:,} candidates have no answer after {attempt.number + 1} attempts: {said}" if missing else ""
        )
        yield from attempt.end({"failure": failure})


def _write_candidates(path: Path, batches: Iterable[RecordBatch]) -> set[str]:
    """Writes the candidates of a task for the crawler; returns their hashes."""
    asked: set[str] = set()
    with path.open("wb") as file:
        for batch in batches:
            asked.update(batch.column(0).to_pylist())
            file.writelines(line.encode() for line in batch.column(1).to_pylist())
    return asked


def _crawl(folder: Path, work: Work) -> str:
    """Runs the crawler in a process of its own; returns the end of what it said."""
    given = json.dumps([str(folder), work.arguments, work.settings]).encode() + b"\n"
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-m", "backlinkbot.spark.visit_process"],
            stdin=subprocess.PIPE,
            stdout=errors,
            stderr=subprocess.STDOUT,
            cwd=folder,
        ) as process,
    ):
        _tell(process.stdin, given)
        status = process.wait()
        errors.seek(max(errors.tell() - _TAIL, 0))
        return f"exit status {status}; {errors.read().decode(errors='replace').strip()}"


def _tell(stdin: IO[bytes] | None, given: bytes) -> None:
    assert stdin is not None  # noqa: S101 - it is a pipe
    stdin.write(given)
    stdin.flush()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open("rb") as file:
            yield from map(json.loads, file)


def _cells(folder: Path, task: str) -> Iterator[Row]:
    """Yields rows and checks of a crawl as rows of the run's columns."""
    for row, cells in _read(folder / ROWS, _BACKLINK):
        url = urls.parse(row["source_url"])
        page = urls.identity_key(url) if url is not None else row["source_url"]
        yield [*cells, *[None] * len(_CHECK), key_of(page), None, task, None]
    for row, cells in _read(folder / CHECKS, _CHECK):
        yield [*[None] * len(_BACKLINK), *cells, None, key_of(row["candidate"]), task, None]


def _read(path: Path, columns: Sequence[Column]) -> Iterator[tuple[Mapping[str, Any], Row]]:
    for row in _lines(path):
        (cells,) = values([SimpleNamespace(**row)], columns)
        yield row, cells
