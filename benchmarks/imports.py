"""What importing costs: a million rows of an Ahrefs-shaped file, UTF-16 with tabs, to a file of candidates.

    python -m benchmarks.imports [--rows N] [--profile]

The file is written first, with the columns of a real export and rows like its mean; one page in four has a second link. Then
`backlinkbot import FILE -o candidates.jsonl` runs on one core in a process of its own. Memory is that process's peak.
"""

from __future__ import annotations

import argparse
import cProfile
import csv
import os
import pstats
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.measuring import machine

HEADER = (
    "Referring page title", "Referring page URL", "Language", "Platform", "Referring page HTTP code", "Domain rating", "UR",
    "Domain traffic", "Referring domains", "Linked domains", "External links", "Page traffic", "Keywords", "Target URL",
    "Left context", "Anchor", "Right context", "Redirect Chain URLs", "Redirect Chain status codes", "Type", "Is spam",
    "Content", "Nofollow", "UGC", "Sponsored", "Rendered", "Raw", "Lost status", "Drop reason", "Discovered status",
    "First seen", "Last seen", "Lost", "Author", "Page type", "Page category", "Links in group",
)  # fmt: skip
SECONDS = 60
MEGABYTES = 200


def row(number: int, chance: random.Random) -> list[str]:
    page = number - (number % 4 == 3)  # one page in four has a second link
    is_lost = chance.random() < 0.05
    day = f"20{chance.randrange(18, 26)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}"
    seen = f"{day} {chance.randrange(24):02d}:{chance.randrange(60):02d}:{chance.randrange(60):02d}"
    return [
        f"On the making of maps, part {page}: a “history” of paper, ink and patience",
        f"https://www.host{page % 100_003}.example/articles/2024/{page}/on-the-making-of-maps.html",
        "en", "wordpress", "200", str(page % 90), "12", "1043", "17", "204", "88", "3", "1",
        f"https://target.example/maps/{number % 997}",
        "as the old surveyors of the coast wrote in their notebooks, which are kept in", f"maps of {number % 331}",
        "and which anybody may read who asks for them on a Tuesday", "", "", "text", "false",
        "true", str(number % 3 == 0).lower(), str(number % 17 == 0).lower(), "false", "false", "true",
        "Removed from HTML" if is_lost else "", "", "linkfound", seen, "2025-11-05 06:44:01", seen if is_lost else "",
        "", "Article", "/Reference/Geographic Reference/Maps", "1",
    ]  # fmt: skip


def write(path: Path, rows: int) -> None:
    chance = random.Random(1)
    with path.open("w", encoding="utf-16", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL)
        writer.writerow(HEADER)
        writer.writerows(row(number, chance) for number in range(rows))


def one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--profile", action="store_true", help="where the time goes, instead")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="backlinkbot-imports-") as folder:
        export, output = Path(folder) / "export.csv", Path(folder) / "candidates.jsonl"
        write(export, wanted.rows)
        print(machine())
        print(f"{wanted.rows:,} rows, {export.stat().st_size / 1e6:,.0f} MB of UTF-16")
        words = ["import", str(export), "-o", str(output)]
        if wanted.profile:
            from backlinkbot.cli.main import main as command

            profile = cProfile.Profile()
            profile.runcall(command, words)
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)
            return 0
        began = perf_counter()
        command_line = [sys.executable, "-m", "backlinkbot", *words]
        subprocess.run(command_line, check=True, preexec_fn=one_core)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        print(
            f"{seconds:.1f} s of one core, {seconds / wanted.rows * 1e6:.1f} us a row; {perf_counter() - began:.1f} s by the clock"
        )
        print(f"at most {memory:.0f} MB resident")
        print(f"{output.stat().st_size / 1e6:,.0f} MB of candidates")
        return int(seconds > SECONDS or memory > MEGABYTES) if wanted.rows >= 1_000_000 else 0


if __name__ == "__main__":
    sys.exit(main())
