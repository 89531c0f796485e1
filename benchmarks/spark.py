"""What Spark adds to mining: ``python -m benchmarks.spark [--pages N] [--rounds N]``.

The same archives are read by two processes and by Spark with two threads of tasks (``local[2]``), in turns. CPU time, user and system, of the
command and all its descendants, the Java machine too. A long run less a short one is what pages cost; what is left is the start.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks.mine import captures
from tests.archive_files import Capture, members, wat_records
from tests.fakeweb import HTML
from tests.processes import VARIABLE

TARGET = "target.example"
LINKING = 100
"""One page of so many links to the target."""
SHORT, LONG = 2, 10
"""Archives of the two runs."""
LOOK_EVERY = 0.1
"""Seconds between two looks at the processes; what one uses after the last look is lost, for either way alike."""
_TICKS = os.sysconf("SC_CLK_TCK")


class Used:
    """CPU seconds of all processes that have inherited a mark in their environment; Linux only.

    The kernel's sum over children leaves out Spark's workers: pyspark's daemon ignores SIGCHLD, and so their time is added to nobody's.
    """

    def __init__(self) -> None:
        self.environ = {VARIABLE: uuid.uuid4().hex}
        self._wanted = f"{VARIABLE}={self.environ[VARIABLE]}".encode()
        self._of: dict[tuple[int, int], float] = {}

    def look(self) -> bool:
        """Notes what each process has used so far; returns true if any is running."""
        is_running = False
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if self._wanted not in (folder / "environ").read_bytes().split(b"\0"):
                    continue
            except OSError:
                continue  # it has ended meanwhile, or is another user's
            # Fields 3, 14, 15 and 22 of proc(5): state, user and system time, start, which tells apart processes of one number.
            self._of[int(folder.name), int(fields[19])] = (int(fields[11]) + int(fields[12])) / _TICKS
            is_running = is_running or fields[0] != "Z"
        return is_running

    @property
    def seconds(self) -> float:
        return sum(self._of.values())


def cpu_seconds(command: Iterable[str | Path]) -> float:
    """CPU seconds of a command and all its descendants, also of those that outlive it."""
    used = Used()
    words = list(map(str, command))
    with tempfile.TemporaryFile() as said:
        started = subprocess.Popen(words, stdout=said, stderr=said, env=os.environ | used.environ)
        while used.look() or started.poll() is None:
            time.sleep(LOOK_EVERY)
        if started.wait():
            said.seek(0)
            sys.exit(
                f"{' '.join(words)} ended with {started.returncode}:\n{said.read().decode(errors='replace')[-2000:]}"
            )
    return used.seconds


def write_archives(folder: Path, pages: int) -> int:
    """Writes the archives of a long run; returns how many pages each of them has."""
    linking = f'<p>See <a href="https://{TARGET}/">this</a>.'.encode()
    some = [
        Capture(url=one.url, body=one.body + linking, content_type=HTML) if number % LINKING == 0 else one
        for number, one in enumerate(captures())
    ]
    info, *records = wat_records(some)
    times = max(pages // len(some), 1)
    whole = members([info]) + members(records) * times
    for number in range(LONG):
        (folder / f"{number:02}.warc.wat.gz").write_bytes(whole)
    return times * len(some)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--pages", type=int, default=12_000, help="pages of each archive; Common Crawl's have 25,000 to 60,000"
    )
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = write_archives(folder, arguments.pages)
        found: dict[tuple[str, int], list[float]] = {}
        for _ in range(arguments.rounds):
            for files in (SHORT, LONG):
                for way, words in (("processes", ("--jobs", "2")), ("Spark", ("--spark", "local[2]"))):
                    output = folder / "rows"
                    archives = [word for n in range(files) for word in ("--archive", folder / f"{n:02}.warc.wat.gz")]
                    command = [sys.executable, "-m", "backlinkbot", "mine", TARGET, *archives, "-o", output, *words]
                    found.setdefault((way, files), []).append(cpu_seconds(command))
                    shutil.rmtree(output)
        report(found, pages)


def report(found: dict[tuple[str, int], list[float]], pages: int) -> None:
    """Prints what pages and the start cost, each beside the other way."""
    counted = pages * (LONG - SHORT)
    sys.stdout.write(
        f"WAT, {SHORT} and {LONG} archives of {pages:,} pages, of which 1 in {LINKING} links; CPU time, medians\n\n"
    )
    each = {}
    for way in ("processes", "Spark"):
        short, long = median(found[way, SHORT]), median(found[way, LONG])
        each[way] = ((long - short) / counted, short - (long - short) / (LONG - SHORT) * SHORT)
    if any(page <= 0 for page, _ in each.values()):
        sys.exit(f"what a page costs is lost in what a start costs: take more --pages or --rounds ({found})")
    for way, (page, start) in each.items():
        ratio = page / each["processes"][0]
        sys.stdout.write(f"{way:10} {page * 1e6:8.1f} us a page ({ratio:.2f} of processes), {start:6.2f} s to start\n")


if __name__ == "__main__":
    main()
