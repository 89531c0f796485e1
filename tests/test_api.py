"""Calls from Python: rows and errors as the command gives them, in scripts and running loops, and no process left behind."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import pytest

import backlinkbot
from backlinkbot import errors
from backlinkbot.api.keywords import DiscoverOptions, RecheckOptions, VerifyOptions
from backlinkbot.api.process import Worker
from backlinkbot.api.tables import Rows
from backlinkbot.errors import BacklinkbotError, RunError, UsageError
from backlinkbot.history import History, RunState
from backlinkbot.items import Backlink, Change, ChangeKind, Check, State
from backlinkbot.option_table import Option, whole_number, yes_or_no
from backlinkbot.options import options_of
from tests.conftest import ROOT, link, links
from tests.fakeweb import FakeWeb

pytestmark = pytest.mark.subprocess
T = "https://target.example/"
QUICK: dict[str, Any] = {"BACKLINKBOT_WAIT_MAX": 0, "DOWNLOAD_DELAY": 0, "DOWNLOAD_TIMEOUT": 180}
Found = TypeVar("Found")
PATIENCE = 180
"""Seconds that a test waits for what must happen."""


def until(holds: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def in_a_loop(work: Coroutine[Any, Any, Found]) -> Found:
    """Run in an event loop of its own, in a thread: the one of this thread is running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def children(pid: int) -> set[int]:
    found: set[int] = set()
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found |= set(map(int, tasks.read_text().split()))
    return found


def is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


@pytest.fixture
def three(web: FakeWeb) -> FakeWeb:
    """One page with a link, one without, and one that is gone."""
    web.page("https://a.example/", link(T, "hello", rel="nofollow"))
    web.page("https://b.example/", "<p>nothing")
    web.page("https://c.example/", status=410)
    return web


THREE = ["https://a.example/", "https://b.example/", "https://c.example/"]


@pytest.mark.usefixtures("three")
def test_one_call_gives_typed_rows_and_an_answer_for_each_candidate(tmp_path: Path) -> None:
    rows = backlinkbot.verify("target.example", candidates=THREE, history=tmp_path / "h.db", settings=QUICK)
    assert [type(row) for row in rows] == [Backlink]
    assert (rows[0].source_url, rows[0].anchor, rows[0].follow) == ("https://a.example/", "hello", False)
    assert rows[0].state == "new"
    states = {check.candidate: check.state for check in rows.checks}
    assert states == dict(zip(THREE, (State.LINKED, State.NOT_LINKED, State.GONE), strict=True))
    assert all(type(check) is Check for check in rows.checks)
    assert rows.summary["pages_visited"] == 3
    assert rows.summary["exit_status"] == 0
    assert repr(rows) == "<CrawlRows: 1 Backlink row>"
    with History.open(str(tmp_path / "h.db"), create=False) as history:
        assert [(run.command, run.exit_status) for run in history.runs()] == [("verify", 0)]


@pytest.mark.slow
def test_rows_come_while_the_run_goes_on_and_calls_work_in_a_running_loop(web: FakeWeb) -> None:
    web.page("https://a.example/", link(T))
    web.page("https://slow.example/", link(T))
    web.held.add("slow.example/")
    pages = ["https://a.example/", "https://slow.example/"]

    async def read() -> list[str]:
        found = []
        async for row in backlinkbot.aio.verify("target.example", candidates=pages, history="", settings=QUICK):
            found.append(row.source_url)
            web.held.clear()  # only now the other page is answered, so this row came before the end
        again = backlinkbot.verify("target.example", candidates=pages[0], history="", settings=QUICK)
        return [*found, *(row.source_url for row in again)]

    assert in_a_loop(read()) == [*pages, pages[0]]


# Options -> the error, and what its message says; nothing is fetched.
REFUSED: list[tuple[dict[str, Any], type[BacklinkbotError], str]] = [
    ({"candidates": "nowhere.txt"}, errors.CandidateFileError, "nowhere.txt"),
    ({"candidates": THREE, "max_time": "soon"}, errors.SettingError, "--max-time soon"),
    ({"candidates": THREE, "max_tim": 3}, errors.SettingError, "did you mean max_time"),
    ({"candidates": THREE, "history": "no/such/folder/h.db"}, errors.HistoryError, "no/such/folder/h.db"),
    ({"candidates": THREE, "checks": "/proc/checks.csv"}, errors.OutputError, "/proc/checks.csv"),
    ({}, UsageError, "verify needs candidates"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("options", "kind", "text"), REFUSED)
def test_a_mistake_is_an_exception_of_ours(
    options: dict[str, Any], kind: type[BacklinkbotError], text: str, three: FakeWeb
) -> None:
    with pytest.raises(BacklinkbotError) as raised:
        backlinkbot.verify("target.example", **({"history": ""} | options), settings=QUICK)
    assert isinstance(raised.value, kind)
    assert text in str(raised.value)
    assert three.hits == []


@pytest.mark.parametrize(
    "options",
    [
        {"candidates": [3]},
        {"candidates": 3},
        {"columns": []},
        {"spark": "local[2]"},
        {"max_time": object()},
        {"candidates": [b"x"]},
    ],
)
def test_a_value_of_no_fitting_type_is_refused_before_a_process_starts(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(UsageError):
        backlinkbot.verify("target.example", **options)


@pytest.mark.slow
@pytest.mark.usefixtures("web")
def test_a_failed_run_is_an_exception_with_what_it_found() -> None:
    with pytest.raises(RunError, match="nothing was fetched") as raised:
        backlinkbot.verify("target.example", candidates="https://closed.example/", history="", settings=QUICK)
    assert raised.value.exit_status == 1
    assert len(raised.value.rows) == 0
    assert [check.state for check in raised.value.rows.checks] == [State.UNREACHABLE]
    assert raised.value.rows.summary["pages_visited"] == 1


@pytest.mark.slow
def test_a_worker_that_is_killed_is_an_error(web: FakeWeb) -> None:
    web.page("https://slow.example/", link(T))
    web.held.add("slow.example/")
    before = children(os.getpid())

    async def read() -> None:
        rows = backlinkbot.aio.verify("target.example", candidates="https://slow.example/", history="", settings=QUICK)
        reading = asyncio.ensure_future(anext(rows))
        await asyncio.to_thread(until, lambda: web.paths("slow.example"))
        (worker,) = children(os.getpid()) - before
        os.kill(worker, signal.SIGKILL)
        await reading

    with pytest.raises(RunError, match="was ended by signal 9"):
        in_a_loop(read())
    web.held.clear()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["closed", "cancelled", "forgotten"])
def test_leaving_early_ends_the_run_in_order(web: FakeWeb, tmp_path: Path, way: str) -> None:
    url = str(tmp_path / "h.db")
    for number in range(20):
        web.page(f"https://a.example/{number}", link(T))
    pages = [f"https://a.example/{number}" for number in range(20)]
    slow = QUICK | {"DOWNLOAD_DELAY": 3, "DOWNLOAD_DELAY_JITTER": 0}
    before = children(os.getpid())

    async def first(rows: AsyncGenerator[Backlink, None]) -> None:
        async for _ in rows:
            return

    async def read() -> None:
        rows = backlinkbot.aio.verify("target.example", candidates=pages, history=url, settings=slow)
        if way == "cancelled":
            await anext(rows)
            task = asyncio.ensure_future(anext(rows))
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            await first(rows)
        if way == "closed":
            await rows.aclose()
            assert not children(os.getpid()) - before

    in_a_loop(read())
    assert until(lambda: statuses(url)) == [130]
    until(lambda: not children(os.getpid()) - before)
    again = backlinkbot.verify("target.example", candidates=pages, history=url, settings=QUICK)
    assert sorted(row.source_url for row in again) == sorted(pages)  # it goes on from there
    assert {row.state for row in again} == {"new"}  # for nobody kept what the first run found


def statuses(url: str) -> list[int | None]:
    """Of the runs of a history, once all have ended in order."""
    with History.open(url, create=False) as history:
        runs = history.runs()
        return [run.exit_status for run in runs] if all(run.state is RunState.ENDED for run in runs) else []


# A script as people write it, without `if __name__ == "__main__"`.
SCRIPT = """
import backlinkbot
print("begun", flush=True)
try:
    rows = backlinkbot.verify("target.example", candidates=["https://a.example/", "https://slow.example/"], history="h.db",
                              settings={"BACKLINKBOT_WAIT_MAX": 0, "DOWNLOAD_TIMEOUT": 5})
finally:
    print("ended", flush=True)
print(len(rows))
"""


@contextlib.contextmanager
def script(web: FakeWeb, folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The script at work on a page that is not answered, and its worker."""
    web.page("https://a.example/", link(T))
    web.page("https://slow.example/", link(T))
    web.held.add("slow.example/")
    (folder / "script.py").write_text(SCRIPT)
    words = [sys.executable, "script.py"]
    environ = web.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, cwd=folder, env=environ, stdout=-1, stderr=-1, text=True) as caller:
        try:
            until(lambda: web.paths("slow.example"))
            (worker,) = children(caller.pid)
            yield caller, worker
        finally:
            caller.kill()
            web.held.clear()


@pytest.mark.slow
def test_a_killed_caller_leaves_no_worker(web: FakeWeb, tmp_path: Path) -> None:
    with script(web, tmp_path) as (caller, worker):
        assert is_running(worker)
        caller.kill()
        until(lambda: not is_running(worker))


@pytest.mark.slow
def test_an_interrupt_ends_the_run_in_order(web: FakeWeb, tmp_path: Path) -> None:
    with script(web, tmp_path) as (caller, worker):
        caller.send_signal(signal.SIGINT)
        out, err = caller.communicate(timeout=PATIENCE)
        assert caller.returncode == -signal.SIGINT
        assert out.split() == ["begun", "ended"]
        assert "KeyboardInterrupt" in err
        assert not is_running(worker)
    with History.open(str(tmp_path / "h.db"), create=False) as history:
        (run,) = history.runs()
        assert (run.state, run.exit_status) == (RunState.ENDED, 130)
        assert [row.source_url for row in history.backlinks()] == ["https://a.example/"]


@pytest.mark.slow
def test_a_second_interrupt_kills_the_run(web: FakeWeb, tmp_path: Path) -> None:
    with script(web, tmp_path) as (caller, worker):
        caller.send_signal(signal.SIGINT)
        time.sleep(0.3)
        caller.send_signal(signal.SIGINT)
        caller.communicate(timeout=PATIENCE)
        assert caller.returncode == -signal.SIGINT
        until(lambda: not is_running(worker))


@pytest.mark.slow
def test_a_slow_reader_gets_every_row(web: FakeWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    web.page("https://a.example/", links(*(f"/{number}" for number in range(300))))
    for number in range(300):
        web.page(f"https://a.example/{number}", links(*(f"{T}{number}/{other}" for other in range(20))))
    monkeypatch.setattr("backlinkbot.api.process.MOST_UNREAD", 1)
    given = QUICK | {"BACKLINKBOT_SOURCES": "none"}

    async def read() -> int:
        count = 0
        rows = backlinkbot.aio.discover("target.example", seeds="https://a.example/", history="", settings=given)
        async for _ in rows:
            count += 1
            if not count % 500:
                await asyncio.sleep(0.1)
        return count

    assert in_a_loop(read()) == 6_000


@pytest.mark.slow
def test_what_a_command_prints_is_logged(web: FakeWeb, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    web.page("https://a.example/", "")
    with caplog.at_level(logging.INFO, "backlinkbot"), pytest.raises(RunError):
        backlinkbot.verify("target.example", candidates="https://closed.example/", history="", settings=QUICK)
    assert [record.getMessage()[:19] for record in caplog.records if record.name == "backlinkbot"] == [
        "nothing was fetched"
    ]
    assert capfd.readouterr().out == ""


@pytest.mark.slow
def test_recheck_changes_and_gap_ask_the_same_history(web: FakeWeb, tmp_path: Path) -> None:
    url = tmp_path / "h.db"
    web.page("https://a.example/", links(T, "https://rival.example/"))
    web.page("https://b.example/", links("https://rival.example/"))
    both = ["target.example", "rival.example"]
    backlinkbot.verify(both, candidates=["https://a.example/", "https://b.example/"], history=url, settings=QUICK)
    web.page("https://a.example/", "<title>links</title><p>Nothing to see here any more.")
    assert len(backlinkbot.recheck(history=url, settings=QUICK)) == 0  # nothing is due so soon
    first = backlinkbot.changes(history=url, since=0)
    assert {(change.source_url, change.kind) for change in first} == {
        ("https://a.example/", ChangeKind.NEW),
        ("https://b.example/", ChangeKind.NEW),
    }
    assert type(first[0]) is Change
    assert len(backlinkbot.changes(history=url)) == 0  # of the last run
    assert {change.target for change in backlinkbot.changes("rival.example", history=url, since="2020-01-01")} == {
        "rival.example"
    }
    (prospect,) = backlinkbot.gap("target.example", "rival.example", history=url)
    assert (prospect.domain, prospect.competitors) == ("b.example", ("rival.example",))
    with pytest.raises(errors.HistoryError, match="no such run"):
        backlinkbot.changes(history=url, since=77)
    with pytest.raises(errors.HistoryError):
        backlinkbot.changes(history=tmp_path / "none.db")


# --- tables -----------------------------------------------------------------------------------------------------------


CHECKS = (
    Check(
        candidate="https://a.example/",
        state=State.LINKED,
        status=200,
        reason="",
        final_url="https://a.example/",
        backlinks=2,
        fetched_at="2026-01-31T12:00:00Z",
        claimed_by=("ahrefs", "list"),
    ),
    Check(
        candidate="<b>b",
        state=State.UNREACHABLE,
        status=None,
        reason="\udcff",
        final_url="b",
        backlinks=0,
        fetched_at="",
    ),
)


def test_tables_have_the_same_cells_in_every_library() -> None:
    # Imported here, as that takes a second, and each worker collects the tests of all modules.
    import pandas as pd
    import polars as pl

    rows = Rows(CHECKS, Check)
    arrow, pandas, polars = rows.to_arrow(), rows.to_pandas(), rows.to_polars()
    assert list(pandas.columns) == polars.columns == arrow.column_names == list(rows.columns)
    assert arrow.to_pylist() == polars.to_dicts()
    assert polars.schema["fetched_at"] == pl.Datetime("us", "UTC")
    assert polars["status"].to_list() == [200, None]
    assert polars["claimed_by"].to_list() == [["ahrefs", "list"], []]
    assert polars["reason"].to_list() == ["", "\ufffd"]  # what no encoding has
    assert pandas["status"].isna().tolist() == [False, True]
    assert str(pandas["status"].dtype) == "Int64"
    assert pandas["fetched_at"][0] == pd.Timestamp("2026-01-31T12:00:00Z")
    assert pandas["fetched_at"].isna().tolist() == [False, True]
    assert pandas["claimed_by"].tolist() == [["ahrefs", "list"], []]


@pytest.mark.parametrize("row_type", [Backlink, Change, Check])
def test_tables_without_rows_keep_columns_and_types(row_type: type[Any]) -> None:
    rows: Rows[Any] = Rows((), row_type)
    assert rows.to_arrow().num_rows == len(rows.to_pandas()) == rows.to_polars().height == 0
    assert list(rows.to_pandas().columns) == rows.to_polars().columns == list(rows.columns)


def test_columns_are_chosen_and_ordered() -> None:
    rows = Rows(CHECKS, Check, ["state", "candidate"])
    assert rows.columns == ("state", "candidate")
    assert rows.to_dicts() == [
        {"state": "linked", "candidate": "https://a.example/"},
        {"state": "unreachable", "candidate": "<b>b"},
    ]
    assert rows[:1].columns == rows.columns
    with pytest.raises(UsageError, match="did you mean state"):
        Rows(CHECKS, Check, ["stat"])


def test_a_notebook_shows_a_table_in_which_text_is_escaped() -> None:
    html = Rows(CHECKS * 20, Check)._repr_html_()
    assert "&lt;b&gt;b" in html
    assert "<b>" not in html
    assert html.count("<tr>") == 21
    assert "40 rows" in html


@pytest.mark.parametrize(
    ("module", "method", "extra"),
    [("pandas", "to_pandas", "pandas"), ("polars", "to_polars", "polars"), ("pyarrow", "to_arrow", "parquet")],
)
def test_a_missing_library_is_named_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, module: str, method: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf'pip install "backlinkbot\[{extra}\]"'):
        getattr(Rows(CHECKS, Check), method)()


# --- options ----------------------------------------------------------------------------------------------------------


def expected_type(option: Option) -> Any:
    word: Any = str | PathLike[str]
    if option.is_list or option.name == "columns":
        return word | Iterable[word] if option.is_list else str | Iterable[str]
    if option.choices:
        return Literal[option.choices]
    if option.read in {yes_or_no, whole_number}:
        return bool if option.read is yes_or_no else int
    if option.read is str and (option.metavar in {"FILE", "PATH"} or option.name == "history"):
        return word
    return str if isinstance(option.default, str) else float


@pytest.mark.parametrize(
    ("command", "keywords"), [("discover", DiscoverOptions), ("verify", VerifyOptions), ("recheck", RecheckOptions)]
)
def test_keyword_arguments_are_the_options_of_the_command(command: str, keywords: type[Any]) -> None:
    hints = get_type_hints(keywords)
    assert hints == {
        option.name: expected_type(option) for option in options_of(command) if option.name not in {"targets", "spark"}
    }
    assert all(get_args(hint) for hint in hints.values() if get_origin(hint) is Literal)


def test_type_checkers_know_every_public_name() -> None:
    stub = ast.parse((ROOT / "backlinkbot" / "__init__.pyi").read_text())
    names = {
        alias.asname: node.module for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert names.keys() | {"__version__"} == set(vars(backlinkbot)["__all__"])
    for name, module in names.items():
        assert getattr(backlinkbot, str(name)) is getattr(import_module(str(module)), str(name))


def test_a_program_that_is_no_interpreter_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(RunError, match="/no/such/python"):
        Worker("verify", {}, {}, print)
