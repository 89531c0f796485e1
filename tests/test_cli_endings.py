"""A closed or full standard output ends a command as it ends grep; a good run says nothing of its own on standard error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import backlinkbot
from backlinkbot.history import History
from tests.conftest import as_command, environment, links, run_command
from tests.fakeweb import FakeWeb
from tests.visited import day, read, row

pytestmark = pytest.mark.subprocess

T = "https://target.example/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history, a file of rows and a list of candidates, each too large for a pipe's buffer once printed."""
    folder = tmp_path_factory.mktemp("endings")
    names = [f"https://h{number}.example/{'x' * 200}" for number in range(600)]
    (folder / "candidates.txt").write_text("\n".join(names))
    with History.open(str(folder / "backlinks.db")) as history:
        run = history.begin_run("verify", ["target.example", "rival.example"])
        history.record(run, [read(day(1), row(T, source_url=name), url=name) for name in names])
        history.end_run(run)
    table = run_command("backlinkbot", "export", "--history", "backlinks.db", "-o", "rows.csv", cwd=folder)
    assert table.status == 0, table.err
    return folder


COMMANDS = {
    "show": ("show", "rows.csv"),
    "changes": ("changes",),
    "changes as CSV": ("changes", "--format", "csv"),
    "runs": ("runs",),
    "export": ("export", "-o", "-"),
    "claims": ("claims", "--view", "claims"),
    "gap": ("gap", "rival.example", "--against", "target.example"),
    "import": ("import", "candidates.txt"),
    "help": ("--help",),
    "help of a command": ("discover", "--help"),
    "version": ("--version",),
}


def ended(folder: Path, words: tuple[str, ...], stdout: object) -> tuple[int, str]:
    done = subprocess.run(
        as_command("backlinkbot", *words),
        cwd=folder,
        env=environment() | {"BACKLINKBOT_HISTORY_URL": "backlinks.db"},
        stdout=stdout,  # type: ignore[call-overload]
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_standard_output_is_one_line(folder: Path, name: str) -> None:
    with Path("/dev/full").open("wb") as full:
        assert ended(folder, COMMANDS[name], full) == (
            1,
            "backlinkbot: standard output: not written: No space left on device\n",
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_has_gone_ends_a_command_without_a_word(folder: Path, name: str) -> None:
    with subprocess.Popen(["true"], stdin=subprocess.PIPE) as reader:
        reader.wait()
        assert ended(folder, COMMANDS[name], reader.stdin) == (141, "")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["show", "export", "changes", "help"])
def test_a_closed_standard_output_is_one_line_too(folder: Path, name: str) -> None:
    words = ["sh", "-c", '"$@" >&-', "sh", *as_command("backlinkbot", *COMMANDS[name])]
    environ = environment() | {"BACKLINKBOT_HISTORY_URL": "backlinks.db"}
    done = subprocess.run(words, cwd=folder, env=environ, stderr=subprocess.PIPE, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        b"backlinkbot: standard output: not written: Bad file descriptor\n",
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_good_run_says_only_what_is_ours(folder: Path, name: str) -> None:
    status, said = ended(folder, COMMANDS[name], subprocess.DEVNULL)
    assert status == 0
    assert all(line.startswith("backlinkbot: ") or name == "import" for line in said.splitlines()), said
    assert "nanobind" not in said


@pytest.mark.slow
@pytest.mark.parametrize("start", ["backlinkbot", "scrapy"])
@pytest.mark.parametrize("spider", ["discover", "verify"])
def test_a_good_crawl_says_nothing(web: FakeWeb, tmp_path: Path, start: str, spider: str) -> None:
    web.page("https://a.example/", links(T, "/2"))
    web.page("https://a.example/2", links(T))
    (tmp_path / "c.txt").write_text("https://a.example/")
    first = ("seeds", "https://a.example/") if spider == "discover" else ("candidates", str(tmp_path / "c.txt"))
    given = {"targets": "target.example", first[0]: first[1], "delay": "0", "history": str(tmp_path / "b.db")}
    if start == "backlinkbot":
        flags = [word for name, value in given.items() if name != "targets" for word in (f"--{name}", value)]
        flags = ["--seed" if flag == "--seeds" else flag for flag in flags]
        words: tuple[str, ...] = ("backlinkbot", spider, "target.example", *flags, "-o", str(tmp_path / "r.csv"))
    else:
        pairs = [word for pair in given.items() for word in ("-a", "=".join(pair))]
        words = ("scrapy", "crawl", spider, "-L", "ERROR", *pairs, "-O", str(tmp_path / "r.csv"))
    done = run_command(*words, web=web, installed=True)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert (tmp_path / "r.csv").read_text().count("\n") > 1


INTERRUPTED_IMPORT = """
import sys
class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from backlinkbot.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("module", ["backlinkbot.cli.main", "backlinkbot.items", "backlinkbot.option_table"])
def test_an_interrupt_during_the_imports_ends_the_command_quietly(module: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED_IMPORT, module]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    assert (found.returncode, found.stdout, found.stderr) == (130, "", "")


def test_every_public_name_is_imported_when_it_is_asked_for() -> None:
    assert all(getattr(backlinkbot, name) is not None for name in vars(backlinkbot)["__all__"])
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(backlinkbot, "nothing")  # noqa: B009 - the name is no attribute for a type checker either
