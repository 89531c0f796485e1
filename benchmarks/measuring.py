"""What the benchmarks share: which machine this is, CPU time of a command with its children, and tables of ratios."""

from __future__ import annotations

import math
import os
import platform
import statistics
import subprocess
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")
PACKAGES = ("scrapy", "turbohtml", "hyperscan", "uvloop", "lxml", "selectolax", "advertools", "linkchecker")


def machine() -> str:
    """The processor, the system and the versions that the figures hold for."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    packages = ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name)))
    return (
        f"{model}, {os.cpu_count()} cores, load {load}; {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; {packages}"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def two_sides() -> tuple[set[int], set[int]]:
    """(processors for the client, processors for the server), so that neither waits for the other; empty: as it comes."""
    if not hasattr(os, "sched_getaffinity"):
        return set(), set()
    cpus = sorted(os.sched_getaffinity(0))
    return (set(cpus[:1]), set(cpus[1:])) if len(cpus) > 1 else (set(), set())


class MissingError(Exception):
    """Something that the benchmark needs is not on this machine; the message says how to get it."""


def shared(find: Callable[[str], T], name: str) -> T:
    """What ``tests.conformance.shared_data`` finds; it skips a test where there is nothing, and this is none."""
    try:
        return find(name)
    except pytest.skip.Exception as skipped:
        raise MissingError(str(skipped)) from skipped


class CommandError(Exception):
    """A command of the benchmark failed; the message holds the end of what it printed."""


def interval(some: int, of: int) -> tuple[float, float]:
    """Returns Wilson's interval of 95 % of a share, from 0 to 1: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval."""
    share, z = some / of, 1.96
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


def cpu_seconds(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], cpus: set[int]) -> float:
    """Run a command in a folder; the processor time that it and its children took."""
    log = folder / "printed.log"
    with log.open("wb") as output, Path(os.devnull).open("wb") as nowhere:
        # Standard error of a crawler is its log: stock Scrapy writes a line a page, which nobody keeps here.
        is_chatty = "benchmarks.contenders" in command
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=nowhere if is_chatty else output,
            stderr=nowhere if is_chatty else output,
        )
        if cpus:
            os.sched_setaffinity(process.pid, cpus)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
        raise CommandError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{tail}")
    return usage.ru_utime + usage.ru_stime


@dataclass(slots=True)
class Row:
    """One line of a table: what was measured, once a round."""

    name: str
    values: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.values)


def table(unit: str, rows: Iterable[Row], baseline: Row, digits: int = 2) -> str:
    """Median, spread, and how many times cheaper than the baseline each is, as Markdown."""
    lines = [
        f"| {unit} | median | lowest to highest | rounds | {baseline.name} costs |",
        "|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        if row.values:
            times = baseline.median / row.median
            spread = f"{min(row.values):.{digits}f} to {max(row.values):.{digits}f}"
            ratio = f"{times:.2f}" if times < 10 else f"{times:.1f}" if times < 100 else f"{times:.0f}"
            lines.append(f"| {row.name} | {row.median:.{digits}f} | {spread} | {len(row.values)} | {ratio} x |")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio that was promised."""

    what: str
    measured: float
    bound: float
    is_least: bool
    """Whether the bound is the least it may be, else the most."""

    @property
    def is_reached(self) -> bool:
        return self.measured >= self.bound if self.is_least else self.measured <= self.bound


def goals(found: Iterable[Goal]) -> str:
    """What was promised beside what was measured, as Markdown."""
    lines = ["| goal | bound | measured | |", "|---|---:|---:|---|"]
    for goal in found:
        bound = f"{'>=' if goal.is_least else '<='} {goal.bound:g} x"
        verdict = "reached" if goal.is_reached else "NOT reached"
        lines.append(f"| {goal.what} | {bound} | {goal.measured:.2f} x | {verdict} |")
    return "\n".join(lines)
