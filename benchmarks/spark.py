"""What Spark adds to mining: ``python -m benchmarks.spark [--pages N] [--rounds N]``.

The same archives are read by two processes and by Spark with two threads of tasks (``local[2]``), in turns. CPU time, user and system, of the
command and all its descendants, the Java machine too. A long run less a short one is what pages cost; what is left is the start.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks.mine import captures
from tests.archive_files import Capture, members, wat_records
from tests.fakeweb import HTML

TARGET = "target.example"
LINKING = 100
"""One page of so many links to the target."""
SHORT, LONG = 2, 10
"""Archives of the two runs."""
_COUNTED = """
import ctypes, os, resource, subprocess, sys, json
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: whatever loses its parent becomes ours
started = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
said = started.stderr.read()
status = started.wait()
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, used.ru_utime + used.ru_stime, said.decode(errors="replace")[-2000:]]))
"""
"""Runs a command, waits for all that it leaves behind, and prints what all of them used."""


def cpu_seconds(command: Iterable[str | Path]) -> float:
    """CPU seconds of a command and all its descendants."""
    done = subprocess.run(
        [sys.executable, "-c", _COUNTED, *map(str, command)], capture_output=True, text=True, check=True
    )
    status, used, said = json.loads(done.stdout)
    if status:
        sys.exit(f"{' '.join(map(str, command))} ended with {status}:\n{said}")
    return float(used)


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
    for way, (page, start) in each.items():
        ratio = page / each["processes"][0]
        sys.stdout.write(f"{way:10} {page * 1e6:8.1f} us a page ({ratio:.2f} of processes), {start:6.2f} s to start\n")


if __name__ == "__main__":
    main()
