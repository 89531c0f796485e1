"""What `--render auto` costs beside `never` and `always`, and beside `auto` of another checkout.

    python -m benchmarks.rendering [--pages N] [--always N] [--rounds N] [--against FOLDER]

Real pages, served by nginx on loopback, visited by `verify`, which finds no target on them. The time is that of all processes of
a run, the browser's among them, as the system counts it, asked five times a second; without a browser, at its end. What the pages ask of other hosts is not to
be had here: on the web a page that is rendered waits longer, and its scripts do more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import CONCURRENCY, TARGET
from benchmarks.measuring import Row, machine, table
from benchmarks.sites import Nginx

PROJECT = Path(__file__).resolve().parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
MARK = "BACKLINKBOT_BENCHMARK_MARK"
OURS = (
    *("--delay", "0", "--concurrency", str(CONCURRENCY), "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={CONCURRENCY}"),
    *("-o", "rows.csv", "--checks", "checks.csv", "--allow-private", "--history", "", "-s", "BACKLINKBOT_CACHE_DIR="),
)
# Where the command is has changed once.
START = """
import sys
try:
    from backlinkbot.__main__ import main
except ImportError:
    from backlinkbot.cli import main
sys.exit(main())
"""
UNBOUND = ("--render-max-pages", "0", "--render-max-pages-per-domain", "0")


@dataclass(slots=True)
class Used:
    """What the processes of one run have used."""

    seconds: dict[int, float] = field(default_factory=dict)
    """By process; the last that was seen of each."""
    memory: float = 0.0
    """Megabytes of all of them together (PSS), at their most."""
    groups: set[int] = field(default_factory=set)

    def look(self, mark: bytes) -> None:
        """Ask the system. Chromium writes over its renderers' environment, so whoever is in a known group counts, too."""
        memory = 0
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                words = (folder / "stat").read_text().rpartition(")")[2].split()
                group = int(words[2])
                if group in self.groups or mark in (folder / "environ").read_bytes():
                    self.groups.add(group)
                    self.seconds[int(folder.name)] = (int(words[11]) + int(words[12])) / TICKS
                    rollup = (folder / "smaps_rollup").read_text().splitlines()
                    memory += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
            except (OSError, StopIteration):
                continue
        self.memory = max(self.memory, memory / 1024)


def python_of(project: Path) -> str:
    """A checkout's own interpreter, so that it has the libraries that it was locked with."""
    own = project / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def crawl(nginx: Nginx, folder: Path, project: Path, pages: int, *words: str) -> tuple[Used, float]:
    """One run of so many pages."""
    candidates = folder / "list.txt"
    candidates.write_text("\n".join(nginx.urls[:pages]) + "\n", encoding="utf-8")
    mark = uuid.uuid4().hex
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "PYTHONPATH": str(project),
        MARK: mark,
        "http_proxy": nginx.proxy,
        "https_proxy": nginx.proxy,
        "no_proxy": "127.0.0.1",  # the pages; every other host has nothing to say
    }
    command = (
        python_of(project),
        "-c",
        START,
        "verify",
        TARGET,
        "--candidates",
        str(candidates),
        *OURS,
        *words,
    )
    used, began = Used(), time.monotonic()
    with (folder / "printed.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
        )
    while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
        used.look(mark.encode())
        time.sleep(0.2)
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    if process.returncode:
        sys.exit((folder / "printed.log").read_text(errors="replace")[-2_000:])
    if len(used.seconds) == 1:  # no browser: the system says it to the microsecond
        used.seconds[process.pid] = ended[2].ru_utime + ended[2].ru_stime
    return used, time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument(
        "--always", type=int, default=1_000, help="pages of always, which takes a hundred times as long"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, help="another checkout, for pairs of auto")
    options = parser.parse_args()
    print(f"{machine()}\n")
    with tempfile.TemporaryDirectory(prefix="backlinkbot-rendering-") as name:
        folder = Path(name)
        nginx = Nginx(folder, set())
        nginx.lay_out(options.pages)
        with nginx:
            measure(nginx, folder, options)


def measure(nginx: Nginx, folder: Path, options: argparse.Namespace) -> None:
    never = ("never", PROJECT, options.pages, ("--render", "never"))
    variants = [never, ("auto", PROJECT, options.pages, ("--render", "auto", *UNBOUND))]
    if options.against:
        variants.insert(1, ("auto, before", options.against, options.pages, ("--render", "auto", *UNBOUND)))
    rows = {name: Row(name) for name, *_ in variants} | {"always": Row("always")}
    memory = dict.fromkeys(rows, 0.0)
    asked: dict[str, int] = {}
    for number in range(options.rounds):
        # In turn, forwards and backwards, so that a machine that grows slower is nobody's.
        runs = [*(variants if number % 2 else variants[::-1])]
        if options.always and not number:
            runs.append(("always", PROJECT, options.always, ("--render", "always", *UNBOUND)))
        for variant, project, pages, words in runs:
            used, _ = crawl(nginx, folder, project, pages, *words)
            rows[variant].values.append(sum(used.seconds.values()) / pages * 1_000)
            memory[variant] = max(memory[variant], used.memory)
            asked[variant] = nginx.served().requests
    print(f"{options.pages:,} pages, always {options.always:,}\n")
    if options.against:
        pairs = zip(rows["auto"].values, rows["auto, before"].values, strict=True)
        ratios = sorted(now / before for now, before in pairs)
        print(
            f"auto to auto before, in pairs: median {statistics.median(ratios):.3f}, all {[round(one, 3) for one in ratios]}\n"
        )
    print(table("CPU milliseconds a page", rows.values(), rows["never"]), "\n")
    print("| | memory at its most, MB | requests |\n|---|---:|---:|")
    print("\n".join(f"| {name} | {memory[name]:.0f} | {asked.get(name, 0):,} |" for name in rows))


if __name__ == "__main__":
    main()
