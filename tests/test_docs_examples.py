"""The examples in the documents are run, in the demonstration web, and print what the documents show.

A block ```console holds commands, each behind ``$``, and what they print; ``...`` stands for lines left out, the order of lines
and the width of white space do not count, for pages arrive in any order and tables are as wide as they like. The blocks of the
tutorial, and of a how-to guide, follow each other in one folder; on other pages each has its own. A block ```python
is run among the rows of the demonstration, and what the first example of its page made of them.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from backlinkbot.files.row_files import read_rows
from backlinkbot.items import Backlink
from backlinkbot.items.columns import Kind, columns_of
from tests.archive_files import Capture, warc
from tests.conftest import WARNINGS, as_command, as_quick_command, write_program
from tests.fakeweb import FakeWeb
from tests.test_docs import DOCUMENTS, ROOT, read

pytestmark = pytest.mark.subprocess

BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NOT_RUN = {"make test"}  # this is make test

MAKE_CRAWL = "README.md-2"
INSTALLED = {MAKE_CRAWL, "README.md-3"}
"""Examples that run the installed commands themselves; the others save the second of imports that each would take."""

# Without the delays and the waits for busy pages; everything else is as it was typed.
BACKLINKBOT = """
case "$1" in
discover | verify | recheck) exec {backlinkbot} "$@" -s DOWNLOAD_DELAY=0 -s BACKLINKBOT_WAIT_MAX=0 ;;
*) exec {backlinkbot} "$@" ;;
esac
"""
SCRAPY = """
exec {scrapy} "$@" -s DOWNLOAD_DELAY=0 -s BACKLINKBOT_WAIT_MAX=0
"""
PYTHON = """
exec {python} "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command and what is shown of its output; None where nothing is shown."""

    command: str
    shown: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One block of commands, which share a folder."""

    name: str
    steps: tuple[Step, ...]


Ran = dict[str, list[subprocess.CompletedProcess[str]]]


def blocks(kind: str) -> Iterator[tuple[str, str]]:
    """(document and number, text) of every block of a kind."""
    for path in DOCUMENTS:
        found = [text for language, text in BLOCK.findall(path.read_text(encoding="utf-8")) if language == kind]
        yield from ((f"{path.relative_to(ROOT)}-{number}", text) for number, text in enumerate(found, start=1))


def steps_of(text: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        yield Step(command=command, shown=tuple(shown) if shown else None)


def examples() -> Iterator[Example]:
    """Each block, or all blocks of a page that is read from its beginning to its end."""
    for page, group in groupby(blocks("console"), key=lambda block: block[0].rpartition("-")[0]):
        texts = list(group)
        if page == "docs/tutorial.md" or page.startswith("docs/how-to/"):
            texts = [(f"{page}-1", "".join(text for _, text in texts))]
        yield from (Example(name=name, steps=tuple(steps_of(text))) for name, text in texts)


EXAMPLES = list(examples())
CALLS = [(name, text) for name, text in blocks("python") if name.startswith("docs/python.md")]
"""Snippets that crawl; each is a script of its own, in the demonstration web."""
SNIPPETS = [snippet for snippet in blocks("python") if snippet not in CALLS]


def checkout(folder: Path, example: str) -> Path:
    """A folder that looks like a checkout in which `make crawl` has made the environment."""
    command = as_command if example in INSTALLED else as_quick_command
    words = {name: shlex.join(command(name)) for name in ("backlinkbot", "scrapy")}
    for entry in ROOT.iterdir():
        if not entry.name.startswith((".", "backlinks.db")) and entry.name != "out":
            (folder / entry.name).symlink_to(entry)
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name, script in (("backlinkbot", BACKLINKBOT), ("scrapy", SCRAPY), ("python", PYTHON)):
        write_program(programs / name, script.format(python=shlex.quote(sys.executable), **words))
    for stamp in (".made", ".run", ".dev"):
        (folder / ".venv" / stamp).touch()
    if example.startswith("docs/mine.md"):
        (folder / "crawl").mkdir()
        (folder / "crawl" / "blog.warc.gz").write_bytes(warc(archived_blog()))
    return folder


def archived_blog() -> Iterator[Capture]:
    """The pages of a site of the demonstration, as an archive has them."""
    site = ROOT / "demo" / "blog.example"
    for path in sorted(site.rglob("*.html")):
        yield Capture(url=f"https://blog.example/{path.relative_to(site)}", body=path.read_bytes())


def run_steps(example: Example, folder: Path, environ: dict[str, str]) -> list[subprocess.CompletedProcess[str]]:
    return [
        subprocess.run(
            ["sh", "-c", step.command],
            cwd=folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        for step in example.steps
        if step.command not in NOT_RUN
    ]


def environ_of(folder: Path, web: FakeWeb) -> dict[str, str]:
    # The make that runs these tests hands its own variables down, and they would win.
    made = {"MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL", "TARGETS", "SEEDS", "CANDIDATES", "OUT", "COLUMNS"}
    inherited = {name: value for name, value in web.environ.items() if name not in made}
    path = f"{folder}/.venv/bin{os.pathsep}{os.environ['PATH']}"
    rows_as_json_too = "-o out/backlinks.jsonl"
    ours = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": WARNINGS, "ARGS": rows_as_json_too}
    return inherited | ours | {"PATH": path, "BACKLINKBOT_PROGRESS": "no"}  # no line a minute on a busy machine


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {example.name: checkout(tmp_path_factory.mktemp("checkout"), example.name) for example in EXAMPLES}


@pytest.fixture(scope="module")
def ran(folders: dict[str, Path]) -> Ran:
    """Every example, run to its end: several at once, for they mostly wait."""
    with FakeWeb.from_folder(ROOT / "demo") as web, ThreadPoolExecutor(3) as pool:
        results = {
            example.name: pool.submit(run_steps, example, folders[example.name], environ_of(folders[example.name], web))
            for example in EXAMPLES
        }
        return {name: result.result() for name, result in results.items()}


def normal(lines: str) -> Counter[str]:
    """The lines, whatever their order and the widths of a table."""
    texts = (re.sub(r"([━─])+", r"\1", " ".join(line.split())) for line in lines.splitlines())
    return Counter(text for text in texts if text)


def missing(shown: tuple[str, ...], output: str) -> list[str]:
    """The shown lines that were not printed and, unless some are left out, the printed lines that are not shown."""
    told, printed = normal("\n".join(shown)), normal(output)
    ellipses = told.pop("...", 0)
    surplus = Counter[str]() if ellipses else printed - told
    return sorted(((told - printed) + surplus).elements())


def needs(command: str) -> None:
    program = shlex.split(command)[0]
    if shutil.which(program) is None and program == "flock" and not os.environ.get("BACKLINKBOT_CI"):
        pytest.skip("no flock here; on Linux it belongs to util-linux")


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_prints_what_is_shown(example: Example, ran: Ran) -> None:
    for step, result in zip((s for s in example.steps if s.command not in NOT_RUN), ran[example.name], strict=True):
        needs(step.command)
        assert result.returncode == 0, f"{step.command}\n{result.stdout}{result.stderr}"
        if step.shown is not None:
            shows_messages = any(line in result.stderr for line in step.shown if line != "...")
            output = result.stdout + result.stderr if shows_messages else result.stdout
            assert missing(step.shown, output) == [], output
        elif "backlinkbot" in step.command:
            said = [line for line in result.stderr.splitlines() if not line.startswith("backlinkbot: resuming ")]
            assert (result.stdout, said) == ("", []), f"{step.command} is not silent"


def test_the_readme_shows_a_crawl_from_a_name_and_its_two_commands_first() -> None:
    shown = {example.name: [step.command for step in example.steps] for example in EXAMPLES}
    assert shown["README.md-1"][0] == "backlinkbot discover target.example -o backlinks.csv"
    assert shown[MAKE_CRAWL] == ["make crawl", "make test"]


def test_every_command_has_an_example_in_the_readme_and_in_usage() -> None:
    for name in ("README.md", "docs/usage.md"):
        commands = {step.command for example in EXAMPLES if example.name.startswith(name) for step in example.steps}
        for start in ("backlinkbot discover ", "backlinkbot verify ", "backlinkbot show ", "scrapy crawl "):
            assert any(start in command for command in commands), f"{name}: {start}"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), SNIPPETS, ids=[name for name, _ in SNIPPETS])
def test_a_snippet_runs(
    name: str, text: str, ran: Ran, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ran[MAKE_CRAWL][0].returncode == 0
    own = folders.get(f"{name.rpartition('-')[0]}-1", folders[MAKE_CRAWL])  # the page's own example
    before = own / "out"
    rows = before if before.exists() else folders[MAKE_CRAWL] / "out"
    monkeypatch.chdir(rows)
    found: dict[str, object] = {}
    exec(compile(text, name, "exec"), found)
    planted = [json.loads(line) for line in read("demo/truth.jsonl").splitlines()]
    if "rows" in found:  # pandas and DuckDB: as many rows, and the same sums, as were planted
        assert len(found["rows"]) == len(planted)  # type: ignore[arg-type]
    if "pandas" in found and "rows" in found:
        frame = found["rows"]
        anchors = sorted(row["anchor"] for row in planted)
        assert sorted(frame["anchor"]) == anchors  # type: ignore[index]
        assert sum(value == 1 for value in frame["follow"]) == sum(bool(row["follow"]) for row in planted)  # type: ignore[index]
        assert sorted(map(list, frame["nofollow_by"])) == sorted(row["nofollow_by"] for row in planted)  # type: ignore[index]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), CALLS, ids=[name for name, _ in CALLS])
def test_a_call_from_python_finds_links(name: str, text: str) -> None:
    with FakeWeb.from_folder(ROOT / "demo") as web:
        words = [sys.executable, "-c", text]
        done = subprocess.run(
            words, cwd=ROOT, env=web.environ, capture_output=True, text=True, check=False, timeout=300
        )
    assert done.returncode == 0, f"{name}: {done.stderr}"
    assert "https://blog.example/" in done.stdout


@pytest.mark.slow
def test_the_example_of_each_column_is_a_real_row(ran: Ran, folders: dict[str, Path]) -> None:
    assert ran[MAKE_CRAWL][0].returncode == 0
    source = next(column.example for column in columns_of(Backlink) if column.name == "source_url")
    rows = [row for row in read_rows(folders[MAKE_CRAWL] / "out" / "backlinks.csv") if row["source_url"] == source]
    (row,) = rows
    for column in columns_of(Backlink):
        written = row[column.name]
        if column.kind is Kind.TIME:
            assert re.sub(r"\d", "0", written) == re.sub(r"\d", "0", column.example)
        else:
            assert written == column.example, column.name


@pytest.mark.parametrize(
    ("shown", "printed", "wrong"),
    [
        (("a   b",), "a b\n", []),
        (("...", "b"), "a\nb\nc\n", []),
        (("b", "a"), "a\nb\n", []),
        (("a",), "a\nb\n", ["b"]),
        (("...", "c"), "a\nb\n", ["c"]),
        (("...", "a", "a"), "a\n", ["a"]),
        (("┏━━┓",), "┏━━━━━┓\n", []),
    ],
)
def test_what_is_shown_is_compared(shown: tuple[str, ...], printed: str, wrong: list[str]) -> None:
    assert missing(shown, printed) == wrong
