"""What reading archives costs: ``python -m benchmarks.mine [--baseline CHECKOUT]``.

WAT: pages a second of one process with one target and with 10,000, beside libdeflate alone on the same bytes, and beside the importer of
another checkout where one is named. WARC without hits: beside FastWARC (``make .venv/.bench`` installs it), which reads the records and
their HTTP headers in compiled code, with the same prefilter on each body. CPU time, interleaved, medians.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from backlinkbot import urls
from backlinkbot.archives.faults import MiningCounts
from backlinkbot.archives.gzip_members import Members
from backlinkbot.archives.mining import Miner, MiningOptions
from tests.archive_files import Capture, warc, wat

PAGES = 600
ROUNDS = 5
MOST_BYTES = 2**26
_IMPORT = (
    "import json,sys,time;from backlinkbot.importers import read_candidates;t=time.process_time();"
    "n=sum(1 for _ in read_candidates(sys.argv[1]));print(json.dumps(time.process_time()-t))"
)


def captures() -> list[Capture]:
    """Pages of about 30 kB with 120 links, most of them to the site itself."""
    drawn = random.Random(1)
    words = ["".join(drawn.choices(string.ascii_lowercase, k=drawn.randint(3, 9))) for _ in range(2_000)]
    return [Capture(url=f"https://site{n}.example/{n}", body=_page(drawn, words, n)) for n in range(PAGES)]


def _page(drawn: random.Random, words: list[str], number: int) -> bytes:
    def said(count: int) -> str:
        return " ".join(drawn.choices(words, k=count))

    links = (
        f'<p>{said(25)} <a href="{_address(drawn, words)}" title="{said(3)}">{said(4)}</a></p>' for _ in range(120)
    )
    return f"<!doctype html><html lang=en><title>{said(6)} {number}</title>{''.join(links)}".encode()


def _address(drawn: random.Random, words: list[str]) -> str:
    path = f"/{drawn.choice(words)}/{drawn.choice(words)}.html"
    return (
        f"https://{drawn.choice(words)}.{drawn.choice(['com', 'org', 'net', 'de'])}{path}"
        if drawn.random() < 0.4
        else path
    )


def measured(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The median CPU seconds of each, in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.process_time()
            call()
            seconds[name].append(time.process_time() - start)
    return {name: median(found) for name, found in seconds.items()}


def mined(data: bytes, miner: Miner) -> int:
    return sum(1 for _ in miner.rows(io.BytesIO(data), "x", MiningCounts()))


def inflated(data: bytes) -> int:
    """Libdeflate, or zlib without it, on every member."""
    return sum(len(found) for _, found, _ in Members(io.BytesIO(data), MiningCounts(), MOST_BYTES))


def filtered_by_fastwarc(data: bytes, miner: Miner) -> int:
    """FastWARC with our prefilter: what reading pages without hits costs at the least."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    found = 0
    for record in ArchiveIterator(io.BytesIO(data), record_types=WarcRecordType.response | WarcRecordType.resource):
        url = urls.parse(record.headers.get("WARC-Target-URI", ""))
        found += url is not None and miner._prefilter.may_link(record.reader.read(), record.http_charset or "", url)
    return found


def many_targets(count: int) -> Iterable[str]:
    drawn = random.Random(2)
    return {"".join(drawn.choices(string.ascii_lowercase, k=drawn.randint(8, 14))) + ".com" for _ in range(count)}


def imported(path: Path, checkout: Path) -> float:
    """CPU seconds of the importer of another checkout on a file."""
    python = checkout / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-c", _IMPORT, path], cwd=checkout, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", type=Path, help="a checkout with .venv whose importer is measured, too")
    arguments = parser.parse_args()
    pages = captures()
    of_wat, of_warc = wat(pages), warc(pages)
    one = Miner(MiningOptions(targets=("nobody-links-here.example",)))
    many = Miner(MiningOptions(targets=tuple(sorted(many_targets(10_000)))))
    found = measured(
        {
            "wat: inflate alone": lambda: inflated(of_wat),
            "wat: mine, 1 target": lambda: mined(of_wat, one),
            "wat: mine, 10,000 targets": lambda: mined(of_wat, many),
            "warc: fastwarc and prefilter": lambda: filtered_by_fastwarc(of_warc, one),
            "warc: mine, 1 target": lambda: mined(of_warc, one),
        }
    )
    if arguments.baseline:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.warc.wat.gz"
            path.write_bytes(of_wat)
            found["wat: importer of the other checkout"] = median(
                imported(path, arguments.baseline) for _ in range(ROUNDS)
            )
    base = {"wat": found["wat: inflate alone"], "warc": found["warc: fastwarc and prefilter"]}
    for name, seconds in found.items():
        share = base[name.partition(":")[0]] / seconds
        sys.stdout.write(f"{name:40} {PAGES / seconds:9,.0f} pages/s  {share:6.3f} of the first\n")


if __name__ == "__main__":
    main()
