"""The project keeps its own rules: layers, sizes, lock files, docstrings, and nothing that happens on import."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import backlinkbot
from tests.generated_docs import parsed

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "backlinkbot"
MODULES = sorted(PACKAGE.rglob("*.py"))
ROOMS = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} - {"__init__"}
LOCKS = ("run", "speed", "build", "dev", "bench", "container")
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())

# Test files that look at the whole instead of at one room.
ACROSS_ROOMS = {
    "house": "this file",
    "fakeweb": "the web that the other tests crawl",
    "docs": "documents agree with the code",
    "container": "the build file of the container and the release workflow",
    "demo": "the demonstration that `make crawl` shows",
    "mistakes": "what a careless user writes, through every command",
    "preloaded": "how the other tests run a command",
    "scrapy_project": "Scrapy's own commands, and what others add to a crawl",
}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def every_module() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", MODULES, ids=module_name)


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


# --- layers and sizes -------------------------------------------------------------------------------------------------


@pytest.mark.subprocess
def test_imports_only_go_down() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = run(linter, "--no-logo", "--no-cache", cwd=ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_median_module_is_short() -> None:
    lengths = {module_name(path): len(path.read_text().splitlines()) for path in MODULES}
    assert median(lengths.values()) < 200, lengths


def test_test_data_is_small() -> None:
    large = {
        str(path.relative_to(ROOT)): path.stat().st_size
        for path in (ROOT / "tests" / "data").rglob("*")
        if path.is_file() and path.stat().st_size > 200_000
    }
    assert not large


@pytest.mark.parametrize("path", sorted((ROOT / "tests").glob("test_*.py")), ids=lambda path: path.stem)
def test_a_test_file_belongs_to_a_room(path: Path) -> None:
    subject = path.stem.removeprefix("test_")
    owners = {name for name in ROOMS | ACROSS_ROOMS.keys() if subject == name or subject.startswith(f"{name}_")}
    assert owners, f"{path.name}: no room is called {subject}; either rename it or say in ACROSS_ROOMS what it looks at"


@every_module()
def test_a_module_says_its_job_in_a_sentence(path: Path) -> None:
    docstring = ast.get_docstring(parsed(path)) or ""
    sentence = docstring.partition("\n\n")[0]
    assert re.fullmatch(r"\S+(\s\S+){3,}[.?]", sentence), f"{module_name(path)}: {sentence!r}"


def test_the_version_is_said_once() -> None:
    assert backlinkbot.__version__ == PYPROJECT["project"]["version"]


# --- importing --------------------------------------------------------------------------------------------------------

# Runs in a process of its own, where an audit hook sees what Python does for the imported code, whoever asks for it.
IMPORT_AND_WATCH = """
import importlib, logging, os, sys

# Not socket.bind: urllib3 binds ::1 for a moment to learn whether the machine has IPv6.
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
ALWAYS = {"os.mkdir", "os.rename", "os.remove", "socket.connect", "socket.getaddrinfo", "sqlite3.connect",
          "subprocess.Popen", "os.posix_spawn", "os.system"}

def watch(event, arguments):
    if event in ALWAYS or (event == "open" and arguments[2] & WRITES and arguments[0] != os.devnull):
        sys.exit(f"on import: {event} {arguments}")

sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
reactor = sys.modules.get("twisted.internet.reactor")
assert reactor is None, "an import chose Twisted's reactor"
assert not logging.root.handlers, logging.root.handlers
"""


@pytest.mark.slow
@pytest.mark.subprocess
def _private_imports(tree: ast.Module) -> set[str]:
    """The names with a leading underscore that a module imports from libraries, types alone left out."""
    only_types = {
        statement
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if node in only_types:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name for name in found if any(part.startswith("_") and not part.endswith("__") for part in name.split("."))}


def test_nothing_private_of_a_library_is_imported() -> None:
    found = {module_name(path): _private_imports(parsed(path)) for path in MODULES}
    assert {name: names for name, names in found.items() if names} == {}
    assert _private_imports(ast.parse("from a._b import c\nfrom d import _e\nimport f._g")) == {
        "a._b.c",
        "d._e",
        "f._g",
    }


@pytest.mark.slow
def test_nothing_happens_on_import(tmp_path: Path) -> None:
    names = [module_name(path) for path in MODULES if path.stem != "__main__"]
    result = run(
        sys.executable, "-B", "-c", IMPORT_AND_WATCH, *names, cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)}
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


# --- lock files -------------------------------------------------------------------------------------------------------

# One entry: a name, an exact version, perhaps a marker, one hash or more. Nothing else may stand in a lock file.
ENTRY = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9a-z.!+]+)(?: ; (?P<marker>[a-z_]+ [^\\]+?))?"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n"
)


def read_lock(name: str) -> dict[str, list[re.Match[str]]]:
    """The entries of a lock file by package: more than one where the version depends on the Python."""
    entries: dict[str, list[re.Match[str]]] = {}
    for entry in ENTRY.finditer((ROOT / "requirements" / f"{name}.lock").read_text()):
        entries.setdefault(entry["name"], []).append(entry)
    return entries


def assert_locked(requirements: list[str], lock: str) -> None:
    entries = read_lock(lock)
    for requirement in map(Requirement, requirements):
        pins = [entry["version"] for entry in entries.get(canonicalize_name(requirement.name), [])]
        assert pins, f"{requirement} is not in {lock}.lock: make lock"
        assert all(requirement.specifier.contains(pin) for pin in pins), f"{requirement} against {pins}: make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_pins_and_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    assert ENTRY.search(text)
    assert ENTRY.sub("", text) == ""
    assert "://" not in text


def test_every_lock_file_is_known() -> None:
    assert {path.name for path in (ROOT / "requirements").iterdir()} == {f"{name}.lock" for name in LOCKS}


@pytest.mark.parametrize("name", ["run", "speed", "build", "container"])
def test_the_development_lock_holds_the_others(name: str) -> None:
    whole = read_lock("dev")
    for package, entries in read_lock(name).items():
        assert [without_marker(entry[0]) for entry in whole[package]] == [without_marker(entry[0]) for entry in entries]


def without_marker(entry: str) -> str:
    """The version and the hashes alone: what asks for more packages may need one on more systems."""
    return re.sub(r" ;[^\\]*(?= )", "", entry)


@pytest.mark.parametrize(
    ("requirements", "lock"),
    [
        (PYPROJECT["project"]["dependencies"], "run"),
        (PYPROJECT["project"]["optional-dependencies"]["speed"], "speed"),
        (PYPROJECT["dependency-groups"]["build"], "build"),
        (PYPROJECT["dependency-groups"]["bench"], "bench"),
        ([entry for entry in PYPROJECT["dependency-groups"]["dev"] if isinstance(entry, str)], "dev"),
    ],
    ids=["dependencies", "speed", "build", "bench", "dev"],
)
def test_what_the_project_names_is_locked(requirements: list[str], lock: str) -> None:
    assert requirements
    assert_locked(requirements, lock)


# --- changelog --------------------------------------------------------------------------------------------------------


def test_a_fragment_is_named_for_its_kind_of_news() -> None:
    known = "|".join(kind["directory"] for kind in PYPROJECT["tool"]["towncrier"]["type"])
    names = [path.name for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md"]
    assert [name for name in names if not re.fullmatch(rf"(\d+|\+[a-z0-9-]+)\.({known})\.md", name)] == []


# --- make crawl -------------------------------------------------------------------------------------------------------


def make_crawl(venv: Path, *words: str) -> subprocess.CompletedProcess[str]:
    # The make that runs these tests hands its own variables down, and they would win.
    inherited = {"MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL", "TARGETS", "SEEDS", "CANDIDATES", "OUT", "ARGS"}
    environment = {name: value for name, value in os.environ.items() if name not in inherited}
    return run("make", "--silent", "crawl", f"VENV={venv}", *words, cwd=ROOT, env=environment)


@pytest.fixture
def venv_of_echoes(tmp_path: Path) -> Path:
    """An environment that passes for finished, whose `backlinkbot` prints the words it is given."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "backlinkbot"
    command.write_text("#!/bin/sh\nprintf '<%s>' \"$@\"\necho\n")
    command.chmod(0o755)
    for stamp in (".made", ".run"):
        (tmp_path / stamp).touch()
    return tmp_path


@pytest.mark.subprocess
def test_make_crawl_hands_over_every_word_as_it_was_typed(venv_of_echoes: Path) -> None:
    result = make_crawl(
        venv_of_echoes,
        "TARGETS=example.com exact:https://example.com/?a=$b",
        "SEEDS=https://a.example/?x=1&y=%20;z https://b.example/it's",
        "CANDIDATES=pages.csv",
        f"OUT={venv_of_echoes}/rows.csv",
        "ARGS=--max-pages 5",
    )
    discover, show, where, later, report, whose = result.stdout.splitlines()
    assert discover == (
        "<discover><example.com><exact:https://example.com/?a=$b>"
        "<--seed><https://a.example/?x=1&y=%20;z><--seed><https://b.example/it's>"
        f"<--candidates><pages.csv><-o><{venv_of_echoes}/rows.csv><--history><{venv_of_echoes}/backlinks.db>"
        "<--max-pages><5>"
    )
    assert show == f"<show><{venv_of_echoes}/rows.csv>"
    assert where.endswith(f"{venv_of_echoes}/rows.csv")
    assert later == "Run it again another day, and it says what has changed"
    assert report == f"<report><--history><{venv_of_echoes}/backlinks.db><-o><{venv_of_echoes}/rows.html>"
    assert whose.endswith(f"{venv_of_echoes}/rows.html")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.subprocess
def test_make_crawl_needs_no_seed(venv_of_echoes: Path) -> None:
    result = make_crawl(venv_of_echoes, "TARGETS=example.com", f"OUT={venv_of_echoes}/rows.csv")
    first, *_ = result.stdout.splitlines()
    assert first.startswith("<discover><example.com><-o>")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["SEEDS=https://a.example"], "SEEDS or CANDIDATES without TARGETS"),
        (["CANDIDATES=pages.csv"], "SEEDS or CANDIDATES without TARGETS"),
    ],
)
def test_make_crawl_refuses_half_a_question_before_it_installs(
    tmp_path: Path, words: list[str], complaint: str
) -> None:
    result = make_crawl(tmp_path / "venv", *words)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert not (tmp_path / "venv").exists()


# --- no state of the process ------------------------------------------------------------------------------------------

# What a module keeps beyond a call, in variables of its own, and why it may. A crawl's state belongs to its objects.
KEPT = {
    "backlinkbot.download.tls._made": "TLS contexts by their settings: loading all authorities takes a tenth of a second",
    "backlinkbot.files.inputs._kept": "copies of pipes, which can be read only once; removed when the process ends",
    "backlinkbot.frontier.best._LESSONS": "one for each crawl, freed with it: Scrapy makes a queue for each download slot",
    "backlinkbot.frontier.saving._SAVERS": "one for each crawl, freed with it: the spider exists before any component",
    "backlinkbot.frontier.waiting._OVERFLOWS": "one for each crawl, freed with it: Scrapy makes a queue for each priority",
}
# Functions with arguments whose results are all kept, and why there are few.
UNBOUNDED = {
    "backlinkbot.extract.visibility.cascade._values_of": "the properties of our table",
    "backlinkbot.page_status.needles.needles": "the patterns of our tables",
    "backlinkbot.page_status.soft_404._expression": "the patterns of our tables",
    "backlinkbot.page_status.walls._sentences": "the states of a visit",
    "backlinkbot.page_status.walls._signs": "truth values",
    "backlinkbot.page_status.walls._titles": "the states of a visit",
    "backlinkbot.page_status.walls.signs.expression": "the patterns of our tables",
    "backlinkbot.extract.accounts._expression": "the expressions of our services",
    "backlinkbot.prefilter.page_signs.finder": "the patterns of our modules",
}
CHANGING = {
    *(
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "move_to_end",
        "pop",
        "popitem",
        "popleft",
    ),
    *("remove", "setdefault", "sort", "update"),
}


def _changed_names(function: ast.AST) -> set[str]:
    """The names outside it whose values a function changes."""
    own = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    changed: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            changed |= set(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own.add(node.id)
        elif (
            isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name)
        ):
            changed.add(node.value.id)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in CHANGING
            and isinstance(node.func.value, ast.Name)
        ):
            changed.add(node.func.value.id)
    declared = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    return changed - (own - declared)


def _kept_by(tree: ast.Module) -> set[str]:
    """The variables of a module that its functions change."""
    variables = {
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }
    functions = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]
    return variables & {name for function in functions for name in _changed_names(function)}


def _unbounded_in(tree: ast.Module) -> set[str]:
    """The functions with arguments whose results are cached without a bound."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = {ast.unparse(decorator).removeprefix("functools.") for decorator in node.decorator_list}
            is_unbounded = not decorators.isdisjoint({"cache", "lru_cache(maxsize=None)", "lru_cache(None)"})
            arguments = node.args
            if is_unbounded and (arguments.args or arguments.kwonlyargs or arguments.vararg or arguments.kwarg):
                found.add(node.name)
    return found


def test_modules_keep_no_state() -> None:
    kept = {f"{module_name(path)}.{name}" for path in MODULES for name in _kept_by(parsed(path))}
    assert kept == KEPT.keys()


def test_caches_have_a_bound() -> None:
    cached = {f"{module_name(path)}.{name}" for path in MODULES for name in _unbounded_in(parsed(path))}
    assert cached == UNBOUNDED.keys()


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("a = {}\ndef f(): a[1] = 2", {"a"}),
        ("a: dict = {}\ndef f(): del a[1]", {"a"}),
        ("a = []\nclass C:\n    def f(self): a.append(1)", {"a"}),
        ("a = {1}\nf = lambda: a.discard(1)", {"a"}),
        ("a = 1\ndef f():\n    global a\n    a = 2", {"a"}),
        ("a = {}\ndef f(a): a[1] = 2", set()),
        ("a = {}\ndef f():\n    a = {}\n    a[1] = 2", set()),
        ("a = {1: 2}\na[3] = 4\ndef f(): return a[1]", set()),
    ],
)
def test_state_of_a_module_is_seen(code: str, names: set[str]) -> None:
    assert _kept_by(ast.parse(code)) == names


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("@cache\ndef f(a): ...", {"f"}),
        ("@functools.lru_cache(maxsize=None)\ndef f(*, a): ...", {"f"}),
        ("@cache\ndef f(): ...", set()),
        ("@lru_cache(maxsize=9)\ndef f(a): ...", set()),
    ],
)
def test_a_cache_without_a_bound_is_seen(code: str, names: set[str]) -> None:
    assert _unbounded_in(ast.parse(code)) == names
