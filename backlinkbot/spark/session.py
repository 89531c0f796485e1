"""Starts Spark sessions, and says in plain words what Spark needs and why a job failed."""

from __future__ import annotations

import os
import re
import shutil
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from backlinkbot.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import SparkSession

SUBMITTED: Final = "submit"
"""The master's name for a job that ``spark-submit`` starts, which names the master itself."""
TRIES: Final = 4
"""Times that a task is tried; Spark's own default for clusters."""
_THREADS: Final = re.compile(r"local(?:\[(\d+|\*)\])?")
_LOOPBACK: Final = "127.0.0.1"
_EXCEPTION: Final = re.compile(r"^(?:[\w.]+\.)?\w*(?:Error|Exception)\b.*", re.MULTILINE)
_NOT_INSTALLED: Final = "No module named 'backlinkbot'"
_INSTALL: Final = "install backlinkbot in the Python of the executors, and name it in PYSPARK_PYTHON (docs/spark.md)"
_JAVA: Final = "Spark needs Java 17 or later: apt-get install openjdk-17-jre-headless, or set JAVA_HOME"


@contextmanager
def session(master: str, name: str, more: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """Starts a session, and stops it at the end.

    Args:
        master: a master URL as in Spark's documentation, https://spark.apache.org/docs/latest/submitting-applications.html,
            or :data:`SUBMITTED`.
        name: what the cluster's pages call the job.
        more: settings of Spark that the job needs.

    Raises:
        UsageError: pyspark or Java is missing, or the master's URL is invalid.
        OutputError: a job failed within the context.
    """
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415 - an optional package
        from pyspark.errors import PySparkException  # noqa: PLC0415
    except ImportError as error:
        raise UsageError('--spark needs pyspark: pip install "backlinkbot[spark]"') from error
    _check_java()
    # pyspark checks the version of pandas; no function of pandas is used here.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    try:
        started = _start(master, name, more or {})
    except (PySparkException, Py4JError, RuntimeError, OSError) as error:
        raise UsageError(f"--spark {master}: {_reason(error)}") from error
    try:
        yield started
    except (PySparkException, Py4JError) as error:
        raise OutputError(f"the Spark job failed: {_reason(error)}") from error
    finally:
        started.stop()


def _start(master: str, name: str, more: Mapping[str, str]) -> SparkSession:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional package

    builder = SparkSession.builder.appName(name)
    settings: dict[str, bool | float | int | str | None] = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower(),
        **more,
    }
    if master != SUBMITTED:
        builder = builder.master(_with_retries(master))
    if master.startswith("local"):  # nothing of it needs to be reached from elsewhere
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", _LOOPBACK)
        settings |= {"spark.driver.bindAddress": _LOOPBACK, "spark.driver.host": _LOOPBACK, "spark.ui.enabled": "false"}
    started = builder.config(map=settings).getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    return started


def _with_retries(master: str) -> str:
    """Returns ``local[N]`` with a number of tries; without it the first failed task would end the job."""
    found = _THREADS.fullmatch(master)
    return f"local[{found[1] or 1},{TRIES}]" if found else master


def _check_java() -> None:
    if "PYSPARK_GATEWAY_PORT" in os.environ:  # started by spark-submit, which is Java
        return
    home = os.environ.get("JAVA_HOME")
    if home and not (Path(home) / "bin" / "java").exists():
        raise UsageError(f"there is no bin/java in JAVA_HOME={home}; {_JAVA}")
    if not home and shutil.which("java") is None:
        raise UsageError(_JAVA)


def _reason(error: Exception) -> str:
    """Returns the first line of an error, and the exception of the Python task that lies at its bottom."""
    text = str(error)
    if _NOT_INSTALLED in text:
        return f"{_NOT_INSTALLED}; {_INSTALL}"
    if "JAVA_GATEWAY_EXITED" in text:
        return f"Java could not be started, or is too old; {_JAVA}"
    first = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    exceptions = [line.strip() for line in _EXCEPTION.findall(text)]
    last = exceptions[-1] if exceptions and exceptions[-1] not in first else ""
    return f"{first[:400]}; {last[:400]}" if last else first[:400]
