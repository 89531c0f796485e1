"""The commands as a user, a shell and a cron job meet them: words, output, exit status, signals."""

from __future__ import annotations

import csv
import json
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
from scrapy.crawler import Crawler

from backlinkbot import run
from backlinkbot.cli.main import build_parser, main
from backlinkbot.errors import UsageError
from backlinkbot.files.row_files import read_rows
from backlinkbot.option_table import OPTIONS
from backlinkbot.run import project_settings
from backlinkbot.spiders.discover import DiscoverSpider
from tests.conftest import ANEW, Ran, as_command, as_quick_command, environment, links, run_command
from tests.fakeweb import FakeWeb
from tests.terminals import everything_sent_to

pytestmark = pytest.mark.subprocess
T = "https://target.example/"
A = "https://a.example/"


@pytest.fixture
def site(web: FakeWeb) -> FakeWeb:
    web.page(A, links(T, "/1"))
    web.page(f"{A}1", links(T))
    web.page("https://empty.example/", "<p>nothing")
    return web


def discover(*words: str | Path, **options: Any) -> Ran:
    return run_command("backlinkbot", "discover", *words, "--delay", "0", **options)


def scrapy(*words: str | Path, **options: Any) -> Ran:
    return run_command("scrapy", "crawl", *words, "-a", "delay=0", "-s", "LOG_LEVEL=ERROR", **options)


# --- words ------------------------------------------------------------------------------------------------------------


def test_every_option_is_a_flag_and_an_argument(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("discover", "verify"):
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help-all"])
        text = capsys.readouterr().out
        assert stopped.value.code == 0
        for option in OPTIONS:
            is_shown = option.name == "targets" or f"{option.flag} " in text or f"{option.flag}\n" in text
            assert is_shown == (command in option.spiders), option.name
        assert "exit status: 0 done, 1 not done, 2 usage, 130 interrupted" in text


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == "backlinkbot 0.1.0\n"
    assert build_parser().prog == "backlinkbot"


# What is wrong -> how each command is told, and what its message must show. Neither may fetch anything.
MISTAKES = {
    "no target": (["http://", "--seed", "a.example"], ["targets=http://", "seeds=a.example"], "http://"),
    "a target that is a word": (["word", "--seed", "a.example"], ["targets=word", "seeds=a.example"], "word"),
    "a target of no scheme of ours": (["ftp://t.example", "--seed", "a.example"], ["targets=ftp://t.example", "seeds=a.example"], "ftp"),
    "no seed and nobody to ask": (["t.example", "--source", "none"], ["targets=t.example", "sources=none"], "seed"),
    "a seed that is a word": (["t.example", "--seed", "word"], ["targets=t.example", "seeds=word"], "word"),
    "a seed of no scheme of ours": (["t.example", "--seed", "ftp://a.example"], ["targets=t.example", "seeds=ftp://a.example"], "ftp"),
    "no such file": (["@none.txt", "--seed", "a.example"], ["targets=@none.txt", "seeds=a.example"], "none.txt"),
    "a number that is none": (["t.example", "--seed", "a.example", "--max-pages", "few"], ["targets=t.example", "seeds=a.example", "max_pages=few"], "few"),
    "a number below zero": (["t.example", "--seed", "a.example", "--max-depth=-1"], ["targets=t.example", "seeds=a.example", "max_depth=-1"], "-1"),
    "a choice that is none": (["t.example", "--seed", "a.example", "--follow", "some"], ["targets=t.example", "seeds=a.example", "follow=some"], "same-domain"),
    "an alias of nobody": (["t.example", "--seed", "a.example", "--alias", "x=y"], ["targets=t.example", "seeds=a.example", "aliases=x=y"], "ALIAS=TARGET"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_by_both_commands(mistake: str, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs, shown = MISTAKES[mistake]
    try:
        status = main(["discover", *ours])
    except SystemExit as stopped:  # argparse knows the choices
        status = cast("int", stopped.code)
    told = capsys.readouterr()
    assert (status, told.out) == (2, "")
    assert shown in told.err
    with pytest.raises(UsageError) as refused:
        run.check(Crawler(DiscoverSpider, project_settings()), dict(pair.split("=", 1) for pair in theirs))
    assert shown in str(refused.value)


def test_other_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("name\nno url here\n")
    for words in (
        [],
        ["dig"],
        ["discover", "t.example", "--seed", A, "-o", "rows.xlsx"],
        ["discover", "t.example", "--seed", A, "-s", "NAME"],
        ["verify", "t.example"],
        ["verify", "t.example", "--candidates", "none.csv"],
        ["verify", "t.example", "--candidates", str(empty)],
        ["verify", "t.example", "--candidates", str(empty), "--seed", A],
    ):
        try:
            status = main(words)
        except SystemExit as stopped:
            status = cast("int", stopped.code)
        assert status == 2, words
        assert capsys.readouterr().err


def test_nothing_is_fetched_for_a_mistake(site: FakeWeb) -> None:
    for done in (
        discover("t.example", "--seed", A, "--max-pages", "few", web=site),
        scrapy("discover", "-a", "targets=t.example", "-a", f"seeds={A}", "-a", "max_page=3", web=site),
    ):
        assert done.status == 2, done
        assert "Traceback" not in done.err
        assert "max" in done.err
    assert site.hits == []


# --- output and exit status ---------------------------------------------------------------------------------------------


def test_rows_go_to_standard_output_unless_a_file_is_named(site: FakeWeb, tmp_path: Path) -> None:
    done = discover("target.example", "--seed", A, web=site, cwd=tmp_path, installed=True)
    assert (done.status, done.err) == (0, "")
    rows = list(csv.DictReader(done.out.splitlines()))
    assert sorted(row["source_url"] for row in rows) == [A, f"{A}1"]
    assert list(tmp_path.iterdir()) == []
    done = discover("target.example", "--seed", A, "-o", "-", "-o", tmp_path / "rows.json", web=site)
    assert len(done.out.splitlines()) == 3
    assert len(json.loads((tmp_path / "rows.json").read_text())) == 2


def test_append_adds_and_the_default_replaces(site: FakeWeb, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    for words, count in ((), 2), (("--append",), 4):
        assert discover("target.example", "--seed", A, "-o", path, *words, web=site).status == 0
        assert len(list(read_rows(path))) == count
    done = scrapy("discover", "-a", "targets=target.example", "-a", f"seeds={A}", "-o", path, web=site)
    assert (done.status, done.err) == (0, "")
    assert len(list(read_rows(path))) == 6
    assert path.read_text().count("source_url,") == 1


def test_no_backlinks_is_an_answer(site: FakeWeb, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    done = discover("target.example", "--seed", "https://empty.example/", "-o", path, web=site)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert path.read_text().startswith("target,source_url,")


@pytest.mark.slow
def test_nothing_fetched_is_a_failure(site: FakeWeb, tmp_path: Path) -> None:
    ours = ("target.example", "--seed", "https://nowhere.example/", "-o", tmp_path / "rows.csv")
    done = discover(*ours, web=site, installed=True)
    assert done.status == 1
    assert done.err == "backlinkbot: nothing was fetched (1 unreachable: the proxy could not reach the host)\n"
    theirs = ("discover", "-a", "targets=target.example", "-a", "seeds=https://nowhere.example/")
    done = scrapy(*theirs, web=site, installed=True)
    assert (done.status, done.err) == (
        1,
        "backlinkbot: nothing was fetched (1 unreachable: the proxy could not reach the host)\n",
    )


def test_an_output_that_cannot_be_written_is_told_before_anything_is_fetched(
    site: FakeWeb, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    below = tmp_path / "file" / "rows.csv"
    for words in (["-o", str(below)], ["--summary", str(below)]):
        assert main(["discover", "target.example", "--seed", A, *words]) == 1
        assert "cannot be written" in capsys.readouterr().err
    done = scrapy("discover", "-a", "targets=target.example", "-a", f"seeds={A}", "-O", below, web=site)
    assert done.status == 1
    assert site.hits == []


def test_the_summary_is_for_machines(site: FakeWeb, tmp_path: Path) -> None:
    site.page(A, links(T, "/1", "/gone"))
    path = tmp_path / "summary.json"
    assert discover("target.example", "--seed", A, "--summary", path, web=site).status == 0
    told = json.loads(path.read_text())
    assert (told["exit_status"], told["outcome"], told["pages_visited"], told["pages_read"]) == (0, "done", 3, 2)
    assert (told["pages_failed"], told["backlinks"], told["referring_domains"]) == ({"gone": 1}, 2, 1)
    assert told["started_at"].endswith("Z")
    assert told["counts"]["rows"] == 2


def test_rows_are_shown_as_a_table(site: FakeWeb, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    site.page(f"{A}1", '<a href="https://target.example/">[bold]\x1b[31mred</a>')
    discover("target.example", "--seed", A, "-o", path, web=site)
    shown = run_command("backlinkbot", "show", path)
    assert shown.status == 0
    assert "[bold]" in shown.out
    assert "\x1b" not in shown.out
    assert run_command("backlinkbot", "show", path, "--columns", "follow,anchor").out.count("true") == 2
    assert run_command("backlinkbot", "show", tmp_path / "none.csv").status == 1


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(site: FakeWeb, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    discover("target.example", "--seed", A, "-o", path, web=site)
    row = path.read_text().splitlines()[1]
    with path.open("a") as file:
        file.writelines([row + "\n"] * 3000)
    shell = subprocess.run(
        ["sh", "-c", '"$@" | head -1', "sh", *as_command("backlinkbot", "show", path)],
        env=environment(), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert (shell.returncode, shell.stderr) == (0, "")


# --- signals ------------------------------------------------------------------------------------------------------------


def wait_for(ready: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


@pytest.mark.slow
def test_a_terminal_that_is_closed_ends_the_run_with_all_rows_so_far(web: FakeWeb, tmp_path: Path) -> None:
    web.counter(f"{A}*", f'<a href="{T}{{{{n}}}}">t</a><a href="/{{{{next}}}}">next</a>')
    web.robots("a.example", 404)
    rows = tmp_path / "rows.csv"
    words = ("backlinkbot", "discover", "target.example", "--seed", f"{A}1", "-o", rows, "--delay", "0.02")
    terminal, inner = pty.openpty()
    child = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *as_command(*words)],
        env=environment(web),
        stdin=inner,
        stdout=inner,
        stderr=inner,
    )
    os.close(inner)
    reader = Thread(target=_drain, args=(terminal, lambda: len(web.hits) > 20))
    reader.start()
    reader.join(180)
    os.close(terminal)
    assert child.wait(180) == 130
    assert len(list(read_rows(rows))) >= 10


def _drain(terminal: int, ready: Callable[[], bool]) -> None:
    """Reads what a command prints, which would wait for a reader otherwise, until it has come so far."""
    while not ready():
        if select.select([terminal], [], [], 0.1)[0]:
            os.read(terminal, 65_536)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_the_run_with_all_rows_so_far(web: FakeWeb, tmp_path: Path, number: signal.Signals) -> None:
    web.counter(f"{A}*", f'<a href="{T}{{{{n}}}}">t</a><a href="/{{{{next}}}}">next</a>')
    web.robots("a.example", 404)
    rows, summary = tmp_path / "rows.csv", tmp_path / "summary.json"
    words = (
        "backlinkbot",
        "discover",
        "target.example",
        "--seed",
        f"{A}1",
        "-o",
        rows,
        "--summary",
        summary,
        "--delay",
        "0.02",
    )
    child = subprocess.Popen(
        as_command(*words), env=environment(web), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: len(web.hits) > 10)
    assert not rows.exists()
    child.send_signal(number)
    out, err = child.communicate(timeout=180)
    assert (child.returncode, out, err) == (130, "", f"backlinkbot: interrupted; {ANEW}\n")
    served = len([hit for hit in web.hits if hit.target != "/robots.txt"])
    found = list(read_rows(rows))
    assert served - 1 <= len(found) <= served
    assert [row["source_url"] for row in found] == [f"{A}{n}" for n in range(1, len(found) + 1)]
    told = json.loads(summary.read_text())
    assert (told["exit_status"], told["outcome"], told["backlinks"]) == (130, "interrupted", len(found))
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.slow
def test_a_run_that_is_stopped_goes_on_where_it_was(web: FakeWeb, tmp_path: Path) -> None:
    pages = [f"https://h{n % 4}.example/{n}" for n in range(60)]
    for host in range(4):
        web.page(f"https://h{host}.example/", links(T, *(url for url in pages if f"h{host}." in url)))
    for url in pages:
        web.page(url, links(T, "/", *pages[:8]))
    rows = tmp_path / "rows.csv"
    seeds = [word for host in range(4) for word in ("--seed", f"https://h{host}.example/")]
    words: list[str | Path] = [
        "backlinkbot",
        "discover",
        "target.example",
        *seeds,
        "-o",
        rows,
        "--append",
        "--delay",
        "0.03",
    ]
    command = as_quick_command(*words, "-s", f"JOBDIR={tmp_path / 'job'}")
    child = subprocess.Popen(command, env=environment(web))
    wait_for(lambda: len(web.hits) > 30)
    child.terminate()
    assert child.wait(timeout=180) == 130
    before = len(list(read_rows(rows)))
    assert 0 < before < 64
    assert subprocess.run(command, env=environment(web), timeout=300, check=False).returncode == 0
    found = sorted(row["source_url"] for row in read_rows(rows))
    assert found == sorted([*pages, *(f"https://h{host}.example/" for host in range(4))])
    visits = [hit.url for hit in web.hits if hit.target != "/robots.txt"]
    assert len(visits) == len(set(visits))


# --- what a person sees -------------------------------------------------------------------------------------------------


def on_a_terminal(web: FakeWeb, *words: str | Path) -> tuple[int, str]:
    """Exit status and what a terminal would show of standard error."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        as_quick_command(*words),
        env=environment(web) | {"TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        stdin=theirs,
    )
    os.close(theirs)
    shown = everything_sent_to(ours)
    return child.wait(timeout=180), shown.decode()


def test_a_terminal_shows_a_live_line_and_a_table(web: FakeWeb, tmp_path: Path) -> None:
    web.page(A, links(T, "/1", "/gone"), delay=0.8)
    web.page(f"{A}1", links(T), delay=0.8)
    words = ("backlinkbot", "discover", "target.example", "--seed", A, "-o", tmp_path / "rows.csv", "--delay", "0")
    status, shown = on_a_terminal(web, *words)
    assert status == 0
    assert "pages  " in shown
    assert "Referring domains" in shown
    assert "3 visited, 2 read, 1 not found" in shown
