"""A command that is forked runs as the installed one does: its words, streams, folder, variables, end and death."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import ANEW, KILL, WARNINGS, as_command, environment, links
from tests.fakeweb import FakeWeb
from tests.preloaded import POSSIBLE, Preloaded, shared

pytestmark = [
    pytest.mark.slow,
    pytest.mark.subprocess,
    pytest.mark.skipif(not POSSIBLE, reason="nothing is forked here"),
]
A = "https://a.example/"


@pytest.fixture
def preloaded() -> Preloaded:
    return shared(PYTHONWARNINGS=WARNINGS)


def run(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **options)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    "words",
    [
        ("backlinkbot", "verify", "target.example"),
        ("backlinkbot", "show", "räksmörgås.csv", "--columns", "follow"),
        ("scrapy", "list"),
        ("scrapy", "crawl", "discover", "-a", "targets=word", "-s", "LOG_LEVEL=ERROR"),
    ],
)
def test_it_says_what_the_installed_command_says(preloaded: Preloaded, words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "räksmörgås.csv").write_text("source_url,follow\nhttps://a.example/,true\n")
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = backlinkbot.settings\n")
    options = {"cwd": tmp_path, "env": environment() | {"COLUMNS": "60"}}
    installed = run(*as_command(*words), **options)
    forked = run(*preloaded.command(*words), **options)
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        installed.returncode,
        installed.stdout,
        installed.stderr,
    )
    assert forked.stdout + forked.stderr


@pytest.fixture
def endless(web: FakeWeb) -> FakeWeb:
    """A web that holds its only page back."""
    web.page(A, links("https://target.example/"))
    web.robots("a.example", 404)
    web.held.add("a.example/")
    return web


def begin(preloaded: Preloaded, web: FakeWeb, folder: Path) -> subprocess.Popen[bytes]:
    """A crawl that has asked for the page that is held back."""
    words = preloaded.command(
        "backlinkbot", "discover", "target.example", "--seed", A, "--delay", "0", "-o", "rows.csv"
    )
    caller = subprocess.Popen(words, cwd=folder, env=environment(web), stderr=subprocess.PIPE)
    until = time.monotonic() + 180
    while "/" not in web.paths("a.example"):
        assert time.monotonic() < until
        time.sleep(0.02)
    return caller


def test_a_signal_is_the_commands(preloaded: Preloaded, endless: FakeWeb, tmp_path: Path) -> None:
    with begin(preloaded, endless, tmp_path) as caller:
        caller.send_signal(signal.SIGINT)
        endless.held.clear()
        assert caller.communicate(timeout=180)[1] == f"backlinkbot: interrupted; {ANEW}\n".encode()
    assert caller.returncode == 130


def forked_by(preloaded: Preloaded) -> list[int]:
    assert preloaded.process is not None
    pid = preloaded.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_command_dies_of_the_signal_that_killed_it(preloaded: Preloaded, endless: FakeWeb, tmp_path: Path) -> None:
    with begin(preloaded, endless, tmp_path) as caller:
        (command,) = forked_by(preloaded)
        os.kill(command, signal.SIGKILL)
        assert caller.wait(180) == -signal.SIGKILL


def test_a_command_can_be_killed_through_its_caller(preloaded: Preloaded, endless: FakeWeb, tmp_path: Path) -> None:
    with begin(preloaded, endless, tmp_path) as caller:
        caller.send_signal(KILL)
        assert caller.wait(180) == -signal.SIGKILL
        assert forked_by(preloaded) == [], "who waited for it finds it dead"


def test_no_command_outlives_its_caller(preloaded: Preloaded, endless: FakeWeb, tmp_path: Path) -> None:
    with begin(preloaded, endless, tmp_path) as caller:
        (command,) = forked_by(preloaded)
        caller.kill()
        assert caller.stderr is not None
        assert caller.stderr.read() == b"", "which ends when nobody holds it any more"
    until = time.monotonic() + 180
    while command in forked_by(preloaded):  # dead, and not yet taken note of
        assert time.monotonic() < until
        time.sleep(0.02)


def test_no_command_outlives_the_tests(endless: FakeWeb, tmp_path: Path) -> None:
    with Preloaded(PYTHONWARNINGS=WARNINGS) as preloaded:
        caller = begin(preloaded, endless, tmp_path)
        (command,) = forked_by(preloaded)
    assert not Path(f"/proc/{command}").exists()
    assert b"is gone" in caller.communicate(timeout=180)[1]
    assert caller.returncode == 1


def test_a_variable_that_comes_too_late_is_refused(preloaded: Preloaded) -> None:
    refused = run(*preloaded.command("backlinkbot", "--version"), env=environment() | {"PYTHONDEVMODE": "1"})
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "PYTHONDEVMODE" in refused.stderr


@pytest.mark.parametrize("said", [b"", b"\0" * 7 + b"\x09half"], ids=["nothing", "half"])
def test_a_caller_that_goes_before_it_has_said_all_is_forgotten(preloaded: Preloaded, said: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(preloaded.address)
        caller.sendall(said)
    assert run(*preloaded.command("backlinkbot", "--version"), env=environment()).returncode == 0
