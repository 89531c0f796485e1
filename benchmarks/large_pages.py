"""What does one large hostile page cost a crawl, and do the pages of other sites keep coming meanwhile?

    python -m benchmarks.large_pages [FORM...] [--command verify] [--megabytes 10] [--history] [--targets N]

Each form is one `verify` of 250 ordinary pages of 50 hosts, each answered after a tenth of a second, and one large page, with
a history and a file of rows. CPU time and the largest gap between two requests for ordinary pages are compared with the same
run whose large page is a small one; the peak of memory is the process's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.fakeweb import FakeWeb
from tests.large_pages import FORMS

ROOT = Path(__file__).resolve().parents[1]
CPU, MEGABYTES = 5.0, 300
HOSTS, PAGES = 50, 3
SMALL = b"<!doctype html><title>t</title><a href=https://target.example/>t</a>"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost."""

    cpu: float
    peak: float
    gap: float
    wall: float
    rows: int
    status: int


def run(body: bytes, content_type: str, *, command: str, targets: list[str], extra: list[str]) -> Cost:
    """One crawl with a large page."""
    with tempfile.TemporaryDirectory() as name, FakeWeb() as web:
        folder = Path(name)
        web.page("https://large.example/page", body, content_type=content_type)
        urls = [f"https://o{n % HOSTS}.example/{n // HOSTS}" for n in range(HOSTS * PAGES)]
        for url in urls:
            web.page(url, b"<!doctype html><title>t</title><p>words<a href=https://target.example/>t</a>", delay=0.1)
        urls.insert(10, "https://large.example/page")
        (folder / "list.txt").write_text("\n".join(urls))
        (folder / "targets.txt").write_text("\n".join(targets))
        words = [command, "@targets.txt", "--candidates", "list.txt", "-o", "rows.jsonl", "--delay", "0"]
        words += ["--render", "never", "--concurrency", "5", *extra]
        if command == "discover":
            words += ["--seed", "https://large.example/page", "--source", "none", "--max-pages", "400"]
        process = subprocess.Popen(
            [sys.executable, "-m", "backlinkbot", *words],
            cwd=folder,
            env=web.environ | {"PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT))},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        _, status, used = os.wait4(process.pid, 0)
        assert process.stderr is not None
        said = process.stderr.read().decode()
        if os.environ.get("SAY"):
            print(said, file=sys.stderr)
        rows = (
            (folder / "rows.jsonl").read_bytes().count(b'"https://large.example/page"')
            if (folder / "rows.jsonl").exists()
            else -1
        )
        times = sorted(hit.at for hit in web.hits if hit.host.startswith("o") and hit.target != "/robots.txt")
    return Cost(
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
        max((later - earlier for earlier, later in pairwise(times)), default=0.0),
        times[-1] - times[0],
        rows,
        os.waitstatus_to_exitcode(status),
    )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_pages", description=__doc__.split("\n")[0])
    parser.add_argument("forms", nargs="*", default=list(FORMS))
    parser.add_argument("--command", default="verify")
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--targets", type=int, default=0, help="so many more targets, t0.example and so on")
    options, extra = parser.parse_known_args(arguments)
    targets = ["target.example", *(f"t{n}.example" for n in range(options.targets))]
    costs = {"command": options.command, "targets": targets, "extra": extra}
    plain = run(SMALL, FORMS["links"].content_type, **costs)
    print(f"{'small':>22}  CPU {plain.cpu:5.2f} s  peak {plain.peak:4.0f} MB  gap {plain.gap:5.2f} s", flush=True)
    is_good = True
    for name in options.forms:
        form = FORMS[name]
        cost = run(form.page(int(options.megabytes * 1024 * 1024)), form.content_type, **costs)
        is_good = is_good and cost.cpu - plain.cpu < CPU and cost.peak < MEGABYTES and cost.status == 0
        print(
            f"{name:>22}  CPU {cost.cpu - plain.cpu:+6.2f} s  peak {cost.peak:4.0f} MB ({cost.peak - plain.peak:+.0f})"
            f"  gap {cost.gap:5.2f} s  {cost.rows} names in rows, exit {cost.status}",
            flush=True,
        )
    print(f"goal, under {CPU} s of CPU and {MEGABYTES} MB each: {'reached' if is_good else 'NOT reached'}")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
