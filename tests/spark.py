"""Spark for the tests: what it needs here, and the processes of a cluster on this machine."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.processes import VARIABLE, Marked

CLUSTER = "local-cluster[2,1,1024]"
"""A master, two workers with one core each, and an executor of each, all in processes of their own."""
PATIENCE = 900
"""Seconds after which a Spark job counts as stuck."""
_EXECUTOR = "CoarseGrainedExecutorBackend"
_JVM = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # starts in half the time; nothing here runs long enough to pay for more
)
_CONFIGURED = (
    *("--driver-memory", "512m", "--driver-java-options", _JVM),
    *("--conf", "spark.executor.memory=512m", "--conf", f"spark.executor.extraJavaOptions={_JVM}"),
)


def needs_java() -> None:
    """Skips the test without Java; with BACKLINKBOT_CI, fails it."""
    if shutil.which("java") is None:
        why = "no Java here: apt-get install openjdk-17-jre-headless"
        if os.environ.get("BACKLINKBOT_CI") == "1":
            pytest.fail(why)
        pytest.skip(why)


def spark_home(folder: Path) -> Path:
    """A home of Spark with the files of pyspark, whose workers write into the folder instead of beside them."""
    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    home = folder / "spark"
    home.mkdir()
    for name in ("bin", "jars", "python"):
        (home / name).symlink_to(Path(found.origin).parent / name)
    return home


class Spark:
    """Runs commands with Spark, and knows the processes that they have started."""

    def __init__(self, folder: Path) -> None:
        self.home = spark_home(folder)
        self._marked = Marked()
        self.environment = {
            VARIABLE: self._marked.value,
            "SPARK_HOME": str(self.home),
            "SPARK_LOCAL_DIRS": str(folder),
            "PYSPARK_SUBMIT_ARGS": shlex.join([*_CONFIGURED, "pyspark-shell"]),
            "PYSPARK_PYTHON": sys.executable,
            "PYTHONWARNINGS": "ignore",
        }

    def start(self, *words: object, **environment: str) -> subprocess.Popen[str]:
        """Starts a ``backlinkbot`` command; the variables come to those of this process."""
        return self._start([sys.executable, "-m", "backlinkbot", *words], environment)

    def submit(self, master: str, *words: object) -> subprocess.Popen[str]:
        """Starts a ``backlinkbot`` command by ``spark-submit``."""
        from backlinkbot.cli import spark_job

        submit = Path(sys.executable).with_name("spark-submit")
        return self._start([submit, "--master", master, *_CONFIGURED, spark_job.__file__, *words], {})

    def _start(self, command: list[object], environment: dict[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(word) for word in command],
            env=os.environ | environment | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @staticmethod
    def end_of(process: subprocess.Popen[str]) -> tuple[int, str]:
        """Waits for the end of a command; returns its exit status and what it said."""
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            pytest.fail(f"no end after {PATIENCE} s: {said[-3000:]}")
        return process.returncode, said

    def executors(self) -> list[int]:
        """The processes of the executors."""
        return sorted(pid for pid, line in self._marked.running().items() if _EXECUTOR in line)

    def kill_an_executor(self) -> None:
        """Kills one executor, with no time to say anything."""
        os.kill(self.executors()[0], signal.SIGKILL)

    def kill_all(self) -> None:
        """Ends what is left of the test's processes."""
        for pid in self._marked.running():
            os.kill(pid, signal.SIGKILL)
