"""``backlinkbot mine --spark``: reads the archives on a Spark cluster."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from backlinkbot.cli import mine_common
from backlinkbot.cli.mine_progress import MiningProgress
from backlinkbot.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from backlinkbot.items.columns import Column


def run(arguments: Namespace, values: dict[str, Any], columns: Sequence[Column]) -> int:
    """Reads the archives in tasks of a Spark job, and writes a Parquet dataset and the candidates; returns the exit status.

    Raises:
        UsageError: an option is wrong, or pyspark or Java is missing.
        OutputError: the job failed, or something cannot be written.
    """
    from backlinkbot.archives.locations import listed  # noqa: PLC0415 - imported when the command runs
    from backlinkbot.spark import datasets  # noqa: PLC0415
    from backlinkbot.spark.mining import Mining  # noqa: PLC0415
    from backlinkbot.spark.session import session  # noqa: PLC0415

    output = str(arguments.output)
    if not output or output == "-":
        raise UsageError("--spark writes a dataset: name its folder, -o FOLDER")
    datasets.check_replaceable(output, "-o")
    mine_common.check_candidates(arguments, values["candidates_out"])
    options = mine_common.options_of(values)
    archives = listed(values["archives"])
    progress = MiningProgress(archives)
    with session(values["spark"], "backlinkbot mine") as spark:
        mining = Mining(spark, options, output)
        mining.read(archives, progress.tell)
        rows = mining.rows(archives).select([column.name for column in columns])
        datasets.write(rows, output)
        mine_common.keep_candidates(arguments, values, lambda: mining.in_order(archives))
        progress.end(spark.read.parquet(datasets.location(output)).count())
    if progress.failed:
        sys.stderr.write(
            f"backlinkbot: repeat the command to try those again; {mining.parts.name} holds what was read\n"
        )
        return 1
    if not mining.parts.remove():
        sys.stderr.write(f"{mining.parts.name} is no longer needed, and can be deleted\n")
    return 0
