"""``mine --spark``: the rows of one process, whatever becomes of executors; what is missing is said."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import pytest
from pyarrow import parquet

from backlinkbot.archives.mining import MiningOptions
from backlinkbot.cli.main import main
from backlinkbot.spark import datasets, mining, session
from tests.archive_files import wacz, warc, wat
from tests.spark import CLUSTER, PATIENCE, Spark, needs_java
from tests.test_archives import PLANTED, TARGET, page

FILES = 8


def linking(numbers: range) -> bytes:
    return warc([page(n, f'<a href="https://{TARGET}/{n}">x</a>') for n in numbers])


def rows_of(dataset: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(dataset).to_pylist()
    return sorted(rows, key=repr)


def mine(*arguments: object) -> int:
    return main(["mine", TARGET, *map(str, arguments)])


@pytest.fixture
def spark(tmp_path: Path) -> Iterator[Spark]:
    needs_java()
    spark = Spark(tmp_path)
    yield spark
    spark.kill_all()


class _Slow(BaseHTTPRequestHandler):
    """Serves archives; from some request on it holds back the answers, until it is told to go on."""

    files: dict[str, bytes]
    asked: list[str]
    held: Condition
    hold_after: int
    in_flight = 0
    is_released = False

    def do_GET(self) -> None:
        kind: Any = type(self)
        with self.held:
            self.asked.append(self.path)
            if len(self.asked) > self.hold_after and not kind.is_released:
                kind.in_flight += 1
                self.held.notify_all()
                self.held.wait_for(lambda: kind.is_released, PATIENCE)
        data = self.files[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_arguments: object) -> None:
        """The connection of a killed process breaks."""


@pytest.fixture
def server() -> Iterator[tuple[str, type[_Slow]]]:
    members = {"files": {}, "asked": [], "held": Condition(), "hold_after": FILES // 2}
    handler = type("Handler", (_Slow,), members)
    with _Server(("127.0.0.1", 0), handler) as serving:
        thread = Thread(target=partial(serving.serve_forever, 0.01))
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}", handler
        serving.shutdown()
        thread.join()


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_cluster_of_which_an_executor_is_killed_gives_the_rows_of_one_process(
    spark: Spark, server: tuple[str, type[_Slow]], tmp_path: Path
) -> None:
    address, handler = server
    for number in range(FILES - 1):  # each page stands in up to three archives
        handler.files[f"/{number}.warc.gz"] = linking(range(number, number + 3))
    handler.files[f"/{FILES - 1}.wat.gz"] = wat(PLANTED)
    archives = tmp_path / "all.paths"
    archives.write_text("".join(f"{address}{path}\n" for path in handler.files))
    run = spark.start("mine", TARGET, "--archive", archives, "--spark", CLUSTER, "-o", tmp_path / "rows")
    with handler.held:
        reached = handler.held.wait_for(lambda: handler.in_flight >= 2, PATIENCE)
        assert reached, run.poll()
        assert len(spark.executors()) == 2
        spark.kill_an_executor()
        handler.is_released = True
        handler.held.notify_all()
    status, said = spark.end_of(run)
    assert status == 0, said
    again = [path for path, times in Counter(handler.asked).items() if times > 1]
    assert len(again) == 1, handler.asked
    assert mine("--archive", archives, "-o", tmp_path / "one", "--jobs", 1) == 0
    assert rows_of(tmp_path / "rows") == rows_of(tmp_path / "one")
    assert len(rows_of(tmp_path / "rows")) > FILES
    types = [
        {field.name: field.type for field in parquet.read_table(tmp_path / name).schema} for name in ("rows", "one")
    ]
    assert types[0] == types[1]
    assert f"all {FILES} archives: " in said
    assert not (tmp_path / "rows.parts").exists()


@pytest.mark.slow
@pytest.mark.subprocess
def test_what_failed_is_read_by_the_next_run_which_spark_submit_starts(spark: Spark, tmp_path: Path) -> None:
    folder = tmp_path / "archives"
    folder.mkdir()
    (folder / "a.warc.gz").write_bytes(linking(range(5))[:-40])
    (folder / "b.wacz").write_bytes(b"PK is no archive")
    output, candidates = tmp_path / "rows", tmp_path / "candidates.jsonl"
    words = ("mine", TARGET, "--archive", folder, "-o", output, "--candidates-out", candidates)
    status, said = spark.end_of(spark.start(*words, "--spark", "local"))
    assert status == 1, said
    assert "a damaged WACZ file" in said
    assert "faults: 1 truncated, 1 not read" in said
    assert len(rows_of(output)) == 4  # the last page is cut off
    wacz(folder / "b.wacz", PLANTED)
    status, said = spark.end_of(spark.submit("local[1]", *words, "--spark", session.SUBMITTED))
    assert status == 0, said
    assert said.count("read before: ") == 1
    assert mine("--archive", folder, "-o", tmp_path / "one", "--candidates-out", tmp_path / "one.jsonl") == 0
    assert rows_of(output) == rows_of(tmp_path / "one")
    assert candidates.read_bytes() == (tmp_path / "one.jsonl").read_bytes()


# --- tasks, without a cluster -----------------------------------------------------------------------------------------

OPTIONS = MiningOptions(targets=(TARGET,))


def found(archive: Path, attempt: int = 0) -> list[dict[str, Any]]:
    work = mining._Work(options=OPTIONS, archives=(str(archive),), started="2026-01-01")
    batches = mining._found(work, str(archive), {"key": "k", "started": work.started}, attempt)
    return [row for batch in batches for row in batch.to_pylist()]


def test_a_task_gives_rows_and_then_its_counts(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(linking(range(3)))
    *rows, last = found(tmp_path / "a.warc.gz")
    assert [row[mining.PLACE] for row in rows] == [0, 1, 2]
    assert {row[mining.COUNTS] for row in rows} == {None}
    assert len({row[mining.IDENTITY] for row in rows}) == 3
    said = json.loads(last[mining.COUNTS])
    assert (said["failure"], said["counts"]["rows"]) == ("", 3)


def test_a_task_that_fails_within_an_archive_gives_no_row(tmp_path: Path) -> None:
    wacz(tmp_path / "a.wacz", PLANTED)
    whole = (tmp_path / "a.wacz").read_bytes()
    assert len(found(tmp_path / "a.wacz")) > 1
    cut = whole.replace(b"archive/data.warc.gz", b"archive/data.warc.xx", 1)  # the directory names another file
    (tmp_path / "a.wacz").write_bytes(cut)
    (last,) = found(tmp_path / "a.wacz")
    assert "a damaged WACZ file" in json.loads(last[mining.COUNTS])["failure"]


def test_an_archive_that_ends_its_task_again_and_again_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(linking(range(3)))
    assert len(found(tmp_path / "a.warc.gz", attempt=session.TRIES - 2)) == 4
    (last,) = found(tmp_path / "a.warc.gz", attempt=session.TRIES - 1)
    assert "failed, 3 times" in json.loads(last[mining.COUNTS])["failure"]


# --- what is missing, and what is wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("-", "name its folder, -o FOLDER"),
        ("rows.csv", "Spark writes a folder of Parquet files"),
        ("others", "this folder holds other files"),
    ],
)
def test_the_output_is_a_folder_of_its_own(
    output: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "notes.txt").write_text("mine")
    (tmp_path / "a.warc.gz").write_bytes(linking(range(1)))
    assert mine("--archive", "a.warc.gz", "--spark", "local", "-o", output) in {1, 2}
    assert said in capsys.readouterr().err


def without_spark(monkeypatch: pytest.MonkeyPatch, _folder: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)


def without_java(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(folder))


def with_a_wrong_home(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(folder))


@pytest.mark.parametrize(
    ("lack", "said"),
    [
        (without_spark, 'pip install "backlinkbot[spark]"'),
        (without_java, "Spark needs Java 17 or later"),
        (with_a_wrong_home, "there is no bin/java in JAVA_HOME"),
    ],
)
def test_what_is_missing_is_said(
    lack: Any, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.warc.gz").write_bytes(linking(range(1)))
    lack(monkeypatch, tmp_path)
    assert mine("--archive", tmp_path / "a.warc.gz", "--spark", "local", "-o", tmp_path / "rows") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "rows").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Job aborted due to stage failure: Task 0 failed 4 times\n  File x\nModuleNotFoundError: No module named 'backlinkbot'\n",
            "name it in PYSPARK_PYTHON",
        ),
        ("[JAVA_GATEWAY_EXITED] Java gateway process exited", "is too old"),
        (
            "Job aborted due to stage failure: Task 0\n\tat org.x\nValueError: what\n",
            "Task 0; ValueError: what",
        ),
        ("", "RuntimeError"),
    ],
)
def test_the_reason_of_a_failed_job_is_one_line(text: str, said: str) -> None:
    reason = session._reason(RuntimeError(text))
    assert said in reason
    assert "\n" not in reason


@pytest.mark.parametrize(
    ("master", "used"),
    [
        ("local", "local[1,4]"),
        ("local[3]", "local[3,4]"),
        ("local[*]", "local[*,4]"),
        ("yarn", "yarn"),
        (CLUSTER, CLUSTER),
    ],
)
def test_local_masters_try_tasks_again(master: str, used: str) -> None:
    assert session._with_retries(master) == used


def test_datasets_are_named_by_paths_and_urls(tmp_path: Path) -> None:
    assert datasets.location(str(tmp_path / "rows")) == f"file://{tmp_path}/rows"
    assert datasets.location("s3a://bucket/rows/") == "s3a://bucket/rows"
    assert datasets.schema_of(mining._PARTS[-1:]) == "`_counts` STRING"
