"""``mine --spark`` and ``verify --spark``: the rows of one process, whatever becomes of executors; what is missing is said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any

import pytest
from pyarrow import parquet

from backlinkbot.archives.mining import MiningOptions
from backlinkbot.cli.main import main
from backlinkbot.items import Backlink, Candidate, Check
from backlinkbot.items.columns import Column, Kind, columns_of
from backlinkbot.reports.exports.tables import values
from backlinkbot.spark import datasets, mining, session, visit_process, visiting
from backlinkbot.spark.parts import TOLD, Attempt
from tests.archive_files import wacz, warc, wat
from tests.conftest import run_command
from tests.fakeweb import FakeWeb
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


# --- verify -----------------------------------------------------------------------------------------------------------

DOMAINS = 10
AT = ("fetched_at",)


def plant(web: FakeWeb) -> list[str]:
    """Domains with two hosts each, whose pages link or do not; and what cannot be visited. Returns the candidates."""
    candidates = ["no address at all", "https://nowhere.example/"]
    for domain in range(DOMAINS):
        for host in ("www", "blog"):
            for number in range(3):
                url = f"https://{host}.site{domain}.example/{number}"
                candidates.append(url)
                web.page(url, f'<p>We read <a href="https://{TARGET}/{domain}">it</a>' if number else "<p>Nothing.")
    web.redirect("https://moved.example/", "https://www.site1.example/1")
    return [*candidates, "https://moved.example/"]


def cells(file: Path, row_type: type[Any], by: str) -> list[dict[str, Any]]:
    """The rows of a JSONL file as a dataset holds them."""
    columns = columns_of(row_type)
    names = [column.name for column in columns]
    lines = [SimpleNamespace(**json.loads(line)) for line in file.read_text().splitlines()]
    return ordered([dict(zip(names, row, strict=True)) for row in values(lines, columns)], by)


def ordered(rows: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    return sorted(({name: row[name] for name in row if name not in AT} for row in rows), key=lambda row: str(row[by]))


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_lost_executor_costs_no_answer(spark: Spark, tmp_path: Path) -> None:
    with FakeWeb() as web:
        listed = tmp_path / "candidates.txt"
        candidates = plant(web)
        listed.write_text("\n".join(candidates))
        web.held |= {url.partition("://")[2] for url in candidates if ".site" in url}  # no task ends before
        words = ("verify", TARGET, "--candidates", listed, "--delay", "0", "-s", "DOWNLOAD_TIMEOUT=900")
        outputs = ("-o", tmp_path / "rows", "--checks", tmp_path / "checks")
        run = spark.start(*words, *outputs, "--spark", CLUSTER, **web.environ)
        end = monotonic() + PATIENCE
        while len(early := asked_for_robots(web)) < DOMAINS and monotonic() < end and run.poll() is None:
            sleep(0.1)
        assert len(spark.executors()) == 2, run.poll()
        spark.kill_an_executor()
        web.held.clear()
        status, said = spark.end_of(run)
        assert status == 0, said
        asked = asked_for_robots(web)
        one = run_command(
            "backlinkbot",
            *words,
            "-o",
            tmp_path / "one.jsonl",
            "--checks",
            tmp_path / "one-checks.jsonl",
            "--history",
            "",
            web=web,
        )
        assert one.status == 0, one.err
    # A task asks a host once for its robots.txt: the hosts of the lost task were visited again, the others by one task.
    assert set(early.values()) == {1}
    assert {asked[host] for host in early} == {1, 2}
    assert {asked[host] for host in asked.keys() - early.keys()} == {1}
    checks = ordered(parquet.read_table(tmp_path / "checks").to_pylist(), "candidate")
    assert checks == cells(tmp_path / "one-checks.jsonl", Check, "candidate")
    rows = ordered(parquet.read_table(tmp_path / "rows").to_pylist(), "source_url")
    expected = cells(tmp_path / "one.jsonl", Backlink, "source_url")
    of_moved = "https://www.site1.example/1"  # two candidates lead there; either may be the one that gives its rows
    assert [row["source_url"] for row in rows] == [row["source_url"] for row in expected]
    assert [row for row in rows if row["source_url"] != of_moved] == [
        row for row in expected if row["source_url"] != of_moved
    ]
    assert f"{len(checks)} candidates: " in said
    assert not list(tmp_path.glob("rows.*"))


def asked_for_robots(web: FakeWeb) -> Counter[str]:
    """Host -> how often it was asked, of the sites that have pages."""
    return Counter(hit.host for hit in web.hits if hit.target == "/robots.txt" and ".site" in hit.host)


@pytest.mark.slow
@pytest.mark.subprocess
def test_a_task_that_ends_takes_its_crawl_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "task"
    folder.mkdir()
    with FakeWeb() as web:
        web.page("https://slow.example/", "<p>late")
        web.held.add("slow.example/")
        (folder / visit_process.CANDIDATES).write_text('{"url": "https://slow.example/", "claims": []}\n')
        with subprocess.Popen(
            [sys.executable, "-m", "backlinkbot.spark.visit_process"], stdin=subprocess.PIPE, env=web.environ
        ) as process:
            assert process.stdin is not None
            process.stdin.write(json.dumps([str(folder), {"targets": [TARGET]}, {}]).encode() + b"\n")
            process.stdin.flush()
            while not web.hits and process.poll() is None:
                sleep(0.05)
            assert process.poll() is None
            process.stdin.close()
            assert process.wait(PATIENCE) == 1
    assert not folder.exists()


def test_all_hosts_of_a_registrable_domain_lie_in_one_task() -> None:
    domains = [
        visiting.cells_of(Candidate(url=url, claims=()))[0]
        for url in ("https://www.a.co.uk/x", "blog.a.co.uk", "http://a.co.uk:8080/", "https://b.co.uk/", "no address")
    ]
    assert domains == ["a.co.uk", "a.co.uk", "a.co.uk", "b.co.uk", ""]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "rows", "--history", "h.db"), "--history has no meaning with --spark"),
        (("-o", "rows", "--max-time", "9"), "--max-time has no meaning with --spark"),
        (("-o", "rows", "--append"), "--append has no meaning with --spark"),
        ((), "name its folder, -o FOLDER"),
        (("-o", "rows.csv"), "Spark writes a folder of Parquet files"),
        (("-o", "rows", "--checks", "rows"), "need a folder each"),
        (("-o", "rows", "--candidates", "none.txt"), "none.txt"),
        (("-o", "rows", "--delay", "soon"), "--delay soon"),
    ],
)
def test_mistakes_are_said_before_spark_starts(
    words: tuple[str, ...],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list.txt").write_text("https://a.example/\n")
    assert main(["verify", TARGET, "--candidates", "list.txt", "--spark", "local", *words]) in {1, 2}
    assert said in capsys.readouterr().err
    assert not (tmp_path / "rows").exists()


# --- tasks, without a cluster -----------------------------------------------------------------------------------------

OPTIONS = MiningOptions(targets=(TARGET,))


def found(archive: Path, number: int = 0) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of a task, and what it told."""
    columns = (*mining._FOUND, Column(name=TOLD, kind=Kind.TEXT, may_lack=True))
    attempt = Attempt([replace(column, may_lack=True) for column in columns], {"key": "k"}, number)
    batches = mining.found_in(OPTIONS, str(archive), attempt)
    *rows, last = [row for batch in batches for row in batch.to_pylist()]
    assert {row[TOLD] for row in rows} <= {None}
    return rows, json.loads(last[TOLD])


def test_a_task_gives_rows_and_then_its_counts(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(linking(range(3)))
    rows, told = found(tmp_path / "a.warc.gz")
    assert [row[mining.PLACE] for row in rows] == [0, 1, 2]
    assert len({row[mining.IDENTITY] for row in rows}) == 3
    assert (told["failure"], told["counts"]["rows"], told["key"]) == ("", 3, "k")


def test_a_task_that_fails_within_an_archive_gives_no_row(tmp_path: Path) -> None:
    wacz(tmp_path / "a.wacz", PLANTED)
    whole = (tmp_path / "a.wacz").read_bytes()
    assert found(tmp_path / "a.wacz")[0]
    cut = whole.replace(b"archive/data.warc.gz", b"archive/data.warc.xx", 1)  # the directory names another file
    (tmp_path / "a.wacz").write_bytes(cut)
    rows, told = found(tmp_path / "a.wacz")
    assert not rows
    assert "a damaged WACZ file" in told["failure"]


def test_an_archive_that_ends_its_task_again_and_again_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(linking(range(3)))
    assert len(found(tmp_path / "a.warc.gz", session.TRIES - 2)[0]) == 3
    rows, told = found(tmp_path / "a.warc.gz", session.TRIES - 1)
    assert not rows
    assert "failed, 3 times" in told["failure"]


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
    assert datasets.schema_of(mining._FOUND[-1:]) == "`_place` BIGINT"
