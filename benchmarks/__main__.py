"""`make bench`: every benchmark, one after the other; each can be run alone, with more to choose.

python -m benchmarks [--quick | --guard]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import guard

PROJECT = Path(__file__).resolve().parents[1]
# module, what it shows, words for a whole run, words for a quick one
PARTS = (
    ("extraction", "what a page costs without its fetching", (), ("--quick",)),
    (
        "page_cost",
        "what a page costs by its rows and by its size",
        (),
        ("--rounds", "1", "--most-rows", "1000", "--most-kilobytes", "1000"),
    ),
    ("crawls", "what a crawl costs, beside others, and how it grows with the targets", (), ("--quick",)),
    ("many_hosts", "hosts: 10 and 1,000", ("--pages", "3000", "--hosts", "1000", "--pairs", "3"), None),
    (
        "many_hosts",
        "hosts: 10 and 10,000",
        ("--pages", "10000", "--hosts", "10000", "--pairs", "1"),
        ("--pages", "500", "--hosts", "500", "--pairs", "1"),
    ),
    ("freshness", "how fresh a history stays under a budget, beside the optimum", (), ("--quick",)),
    ("history", "remembering: a page, and the changes of a run", (), ("--backlinks", "20000")),
    ("imports", "a million rows of an export, made into candidates", (), ("--rows", "100000")),
    ("notfound", 'how often a page that says "not found" is told', (), ()),
    ("signals", "how often a page looks script-built that is not", (), ()),
    (
        "rendering",
        "a browser for some pages, for all, for none",
        ("--always", "100"),
        ("--pages", "100", "--always", "10", "--rounds", "1"),
    ),
    ("memory", "known pages and waiting requests", (), ("--known", "1000000", "--waiting", "100000")),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a minute or two instead of twenty; the figures are rough")
    parser.add_argument("--guard", action="store_true", help="only five ratios beside their bounds, in half a minute")
    options = parser.parse_args()
    if options.guard:
        return guard.main([])
    started = time.monotonic()
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    failed = []
    for module, what, whole, quick in PARTS:
        words = quick if options.quick else whole
        if words is None:
            continue
        command = ["python", "-m", f"benchmarks.{module}", *words]
        print(f"\n## {what}\n\n    {' '.join(command)}\n", flush=True)
        if subprocess.run([sys.executable, *command[1:]], cwd=PROJECT, env=environment, check=False).returncode:
            failed.append(module)
    print(f"\n{time.monotonic() - started:.0f} s" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
