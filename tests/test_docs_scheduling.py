"""The examples of docs/scheduling.md work: units that systemd takes, lines that cron would run, a real Scrapyd."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
import requests
import yaml  # type: ignore[import-untyped]  # of the tools that the tests have anyway

from backlinkbot.cli import configured
from backlinkbot.cli.main import build_parser
from backlinkbot.extensions.outcome import ExitStatus
from tests.conftest import BIN, ROOT, as_quick_command, environment, link, run_command, write_program
from tests.fakeweb import FakeWeb
from tests.test_docs import read, section, table_rows

PAGE = "docs/scheduling.md"
IN_CI = os.environ.get("BACKLINKBOT_CI") == "1"


def blocks(heading: str, language: str) -> list[str]:
    """The examples below a heading, in which a line may begin with ``#`` and be none."""
    below = read(PAGE).partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", below, re.MULTILINE | re.DOTALL)


def test_every_exit_status_is_told() -> None:
    told = [row[0] for row in table_rows(section(read(PAGE), "## What a run says when it ends"))[1:]]
    assert told == [str(int(status)) for status in sorted(ExitStatus)]


# --- systemd ------------------------------------------------------------------------------------------------------------


def write_units(folder: Path) -> list[Path]:
    service, timer = blocks("## systemd", "ini")
    files = [folder / "backlinkbot@.service", folder / "backlinkbot@.timer"]
    files[0].write_text(service.replace("/opt/backlinkbot/bin/", f"{BIN}/"))
    files[1].write_text(timer)
    return files


def unit(file: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(file.read_text())
    return parser


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        assert not IN_CI, "systemd-analyze is missing"
        pytest.skip("no systemd-analyze: apt-get install systemd")
    files = write_units(tmp_path)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "backlinkbot" in line]
    assert complaints == []
    when = unit(files[1])["Timer"]["OnCalendar"]
    subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, check=True)


def test_the_command_of_the_unit_is_one_of_ours(tmp_path: Path) -> None:
    service = unit(write_units(tmp_path)[0])["Service"]
    _, *words = shlex.split(service["ExecStart"].replace("%i", "example.com"))
    arguments = build_parser().parse_args(words)
    assert (arguments.spider, arguments.targets) == ("recheck", ["example.com"])
    assert int(service["SuccessExitStatus"]) == ExitStatus.STOOD_DOWN


MOST_EXPOSED = 4.0


def test_the_service_is_confined(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        assert not IN_CI, "systemd-analyze is missing"
        pytest.skip("no systemd-analyze: apt-get install systemd")
    service = write_units(tmp_path)[0].rename(tmp_path / "backlinkbot@example.com.service")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", service],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert float(found[1]) < MOST_EXPOSED


@pytest.mark.slow
@pytest.mark.subprocess
def test_the_command_of_the_unit_works_from_its_first_night(web: FakeWeb, tmp_path: Path) -> None:
    service = unit(write_units(tmp_path)[0])["Service"]
    state = tmp_path / "state"
    state.mkdir()
    _, *words = shlex.split(service["ExecStart"].replace("%i", "example.com"))
    for _ in range(2):
        done = run_command(
            "backlinkbot", *words, web=web, cwd=state, timeout=300, env={"BACKLINKBOT_HISTORY_URL": "backlinks.db"}
        )
        assert (done.status, done.out, done.err) == (0, "", "")
    assert (state / "backlinks.csv").read_text().startswith("target,")
    assert json.loads((state / "summary.json").read_text())["exit_status"] == 0


@pytest.mark.slow
@pytest.mark.subprocess
def test_cron_lines_work_from_their_first_night(web: FakeWeb, tmp_path: Path) -> None:
    for line in cron_commands(tmp_path):
        done = run_cron(line, web, tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), line


# --- cron ---------------------------------------------------------------------------------------------------------------


def cron_commands(folder: Path) -> list[str]:
    """As cron hands them to the shell."""
    text, _configured = blocks("## cron", "crontab")
    lines = [line for line in text.splitlines() if line[:1].isdigit()]
    commands = []
    for line in lines:
        found = re.fullmatch(r"(?:[\d*/,-]+ ){5} *(.*)", line)
        assert found is not None, line
        assert not re.search(r"(?<!\\)%", found[1]), "a percent sign that cron would take for a line break"
        commands.append(found[1].replace("\\%", "%").replace("/srv/links", str(folder)))
    return commands


def run_cron(command: str, web: FakeWeb, folder: Path) -> subprocess.CompletedProcess[str]:
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    write_program(programs / "backlinkbot", shlex.join(["exec", *as_quick_command("backlinkbot")]) + ' "$@"')
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    variables = {"PATH": path, "BACKLINKBOT_HISTORY_URL": str(folder / "backlinks.db")}
    return subprocess.run(
        ["/bin/sh", "-c", command],
        env=environment(web) | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.subprocess
@pytest.mark.slow
def test_cron_has_its_lines_run(web: FakeWeb, tmp_path: Path) -> None:
    if shutil.which("flock") is None:
        assert not IN_CI, "flock is missing"
        pytest.skip("no flock: apt-get install util-linux")
    web.page("https://blog.example/", link("https://example.com/"))
    (tmp_path / "list.txt").write_text("https://blog.example/")
    history = tmp_path / "backlinks.db"
    first = ("verify", "example.com", "--candidates", tmp_path / "list.txt", "--history", history, "--delay", "0")
    assert run_command("backlinkbot", *first, web=web).status == 0
    night, week, month = cron_commands(tmp_path)

    done = run_cron(night, web, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "recheck.csv").read_text().startswith("target,")
    with subprocess.Popen(["flock", tmp_path / "nightly.lock", "sleep", "60"]) as holder:
        time.sleep(0.5)
        assert run_cron(night, web, tmp_path).returncode == 75
        holder.kill()

    done = run_cron(week, web, tmp_path)
    assert done.returncode == 0
    assert "https://blog.example/" in done.stdout
    done = run_cron(week.replace("7 days ago", "tomorrow"), web, tmp_path)
    assert (done.returncode, done.stdout) == (0, "")

    assert run_cron(month, web, tmp_path).returncode == 0
    (report,) = tmp_path.glob("report-????-??.html")
    assert "blog.example" in report.read_text()


# --- Scrapyd ------------------------------------------------------------------------------------------------------------

CONFIGURATION = """[scrapyd]
bind_address = 127.0.0.1
http_port = {port}
poll_interval = 0.2
items_dir =
"""


@contextmanager
def scrapyd(folder: Path, web: FakeWeb, port: int) -> Iterator[str]:
    """A server on loopback; yields its address."""
    (folder / "scrapyd.conf").write_text(CONFIGURATION.format(port=port))
    # Scrapyd's own imports are deprecated; a warning of its would end it.
    variables = environment(web) | {"PYTHONWARNINGS": "ignore"}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([BIN / "scrapyd"], cwd=folder, env=variables, stdout=log, stderr=log)
    try:
        wait(lambda: _answers(port), f"scrapyd: {(folder / 'log').read_text()[-2000:]}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(180)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait(holds: Any, complaint: str, seconds: float = 240) -> None:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + seconds, complaint
        time.sleep(0.1)


def project_in(folder: Path, port: int) -> Path:
    """A checkout, for deploying leaves files behind."""
    checkout = folder / "checkout"
    checkout.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "scrapy.cfg"):
        shutil.copy(ROOT / name, checkout)
    shutil.copytree(ROOT / "backlinkbot", checkout / "backlinkbot", ignore=shutil.ignore_patterns("__pycache__"))
    configuration = checkout / "scrapy.cfg"
    configuration.write_text(configuration.read_text().replace(":6800", f":{port}"))
    return checkout


@pytest.mark.subprocess
@pytest.mark.slow
def test_scrapyd_is_sent_the_project_and_runs_it(web: FakeWeb, tmp_path: Path) -> None:
    _, deploy, ask = (block.strip().splitlines() for block in blocks("## Scrapyd", "sh"))
    web.page("https://blog.example/", link("https://example.com/"))
    (tmp_path / "list.txt").write_text("https://blog.example/")
    history = tmp_path / "backlinks.db"
    first = ("verify", "example.com", "--candidates", tmp_path / "list.txt", "--history", history, "--delay", "0")
    assert run_command("backlinkbot", *first, web=web).status == 0
    (tmp_path / "server").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with scrapyd(tmp_path / "server", web, port) as address:
        done = subprocess.run(
            [sys.executable, *(str(BIN / word) if word == "scrapyd-deploy" else word for word in deploy[0].split())],
            cwd=project_in(tmp_path, port),
            env=dict(os.environ) | {"PYTHONWARNINGS": "ignore", "no_proxy": "127.0.0.1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert '"status": "ok"' in done.stdout, done.stdout + done.stderr
        assert '"spiders": 3' in done.stdout
        _, url, *words = shlex.split(ask[0].replace("http://127.0.0.1:6800", address))
        fields = dict(word.split("=", 1) for word in words if word != "-d")
        fields |= {"history": str(history), "setting": "DOWNLOAD_DELAY=0"}
        said = requests.post(url, data=fields, timeout=120, proxies={"http": ""})
        assert said.json()["status"] == "ok"
        jobs = ask[1].split()[1].replace("http://127.0.0.1:6800", address)

        def is_finished() -> bool:
            return bool(requests.get(jobs, timeout=120, proxies={"http": ""}).json()["finished"])

        wait(is_finished, "the job did not end")
    told = run_command("backlinkbot", "runs", "--history", history, "--format", "jsonl").out.splitlines()
    by_hand, by_scrapyd = map(json.loads, told)
    assert (by_scrapyd["command"], by_scrapyd["exit_status"]) == ("recheck", 0)
    assert by_scrapyd["targets"] == by_hand["targets"] == ["example.com"]


# --- GitHub Actions -----------------------------------------------------------------------------------------------------


def workflow() -> dict[Any, Any]:
    (text,) = blocks("## GitHub Actions", "yaml")
    return cast("dict[Any, Any]", yaml.safe_load(text))


def steps() -> list[dict[str, Any]]:
    (job,) = workflow()["jobs"].values()
    return cast("list[dict[str, Any]]", job["steps"])


def test_the_workflow_keeps_its_history_from_run_to_run() -> None:
    found = workflow()
    (when,) = found[True]["schedule"]  # YAML 1.1 reads the key "on" as a truth value
    assert re.fullmatch(r"(?:[\d*/,-]+ ?){5}", when["cron"])
    assert found["permissions"] == {"contents": "read"}
    uses = {step["uses"].partition("@")[0]: step for step in steps() if "uses" in step}
    assert all(re.fullmatch(r"actions/[a-z/-]+@v\d+", step["uses"]) for step in uses.values())
    restore, save = uses["actions/cache/restore"]["with"], uses["actions/cache/save"]["with"]
    assert restore["path"] == save["path"] == "backlinks.db"
    assert restore["key"] == save["key"]
    assert save["key"].startswith(restore["restore-keys"])
    (install,) = (step["run"] for step in steps() if step.get("run", "").startswith("pip "))
    extras = re.fullmatch(r'pip install "backlinkbot\[([a-z,]+)\]"', install)
    assert extras is not None
    known = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
    assert set(extras[1].split(",")) <= set(known)


@pytest.mark.subprocess
@pytest.mark.slow
def test_the_steps_of_the_workflow_work_in_their_first_run_and_in_the_next(web: FakeWeb, tmp_path: Path) -> None:
    (job,) = workflow()["jobs"].values()
    web.page(job["env"]["SEED"], link(f"https://{job['env']['TARGET']}/"))
    kept = next(step for step in steps() if "upload-artifact" in step.get("uses", ""))["with"]["path"].split()
    program = tmp_path / "bin" / "backlinkbot"
    program.parent.mkdir()
    write_program(program, shlex.join(["exec", *as_quick_command("backlinkbot")]) + ' "$@"')
    said = tmp_path / "said.md"
    variables = {
        **environment(web),
        **job["env"],
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "BACKLINKBOT_HISTORY_URL": "backlinks.db",
        "GITHUB_STEP_SUMMARY": str(said),
    }
    for _ in range(2):
        for step in steps():
            if "run" in step and not step["run"].startswith("pip "):
                subprocess.run(["bash", "-e", "-c", step["run"]], env=variables, cwd=tmp_path, check=True, timeout=300)
        assert all((tmp_path / name).is_file() for name in kept)
    assert job["env"]["SEED"] in said.read_text()


def test_the_configured_line_of_cron_runs_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file,) = blocks("## cron", "toml")
    (tmp_path / "backlinkbot.toml").write_text(file)
    monkeypatch.chdir(tmp_path)
    parser = build_parser()
    _, line = blocks("## cron", "crontab")
    words = shlex.split(line.partition("nightly.lock ")[2])[1:]
    configured.configure(parser, words, {})
    arguments = parser.parse_args(words)
    assert (arguments.quiet, arguments.output) == (True, ["recheck.csv"])
    options = {name: one.value for name, one in arguments.configuration.options("recheck").items()}
    assert (options["targets"], options["history"]) == (["example.com"], "/srv/links/backlinks.db")
