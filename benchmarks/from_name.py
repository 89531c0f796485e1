"""Who links to a target, from its name alone, over a little Common Crawl: ``python -m benchmarks.from_name [--targets 30]``.

A web is generated of which an archive holds 60 % of the hosts and 30 % of their pages; a third of the archived links are gone since. For each target
``backlinkbot discover`` runs with a bound of 1 % and of 5 % of the web's pages. Recall of referring domains, false rows, live visits,
requests and bytes of the archive.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from tests.fakeweb import FakeWeb
from tests.little_commoncrawl import LittleCommonCrawl, served, write_crawl, write_graph
from tests.referrer_web import ReferrerWeb, generate

SHARES = (0.01, 0.05)
PROGRAM = """
import sys
from backlinkbot.spiders import commoncrawl_evidence
from backlinkbot.commoncrawl import client
commoncrawl_evidence.INDEX_PACE = client.PACE = 0.0  # the servers are ours
from backlinkbot.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass
class Run:
    """One target under one bound."""

    target: str
    domains: set[str]
    pages: set[str]
    visits: int
    requests: int
    bytes: int


def run(web: FakeWeb, little: LittleCommonCrawl, target: str, most: int, folder: Path) -> Run:
    rows = folder / "rows.csv"
    asked, read = len(little.asked), little.bytes
    words = ["discover", target, "--source", "commoncrawl", "--graph", str(little.folder / "graph"), "-o", str(rows)]
    words += ["--max-pages", str(most), "--history", "", "--delay", "0"]
    environment = web.environ | {
        "BACKLINKBOT_SOURCE_ADDRESSES": f"commoncrawl={little.address}",
        "BACKLINKBOT_PROGRESS": "false",
        "no_proxy": "127.0.0.1",
    }
    rows.write_text("source_url\n")
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], env=environment, check=False, capture_output=True, text=True
    )
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    with rows.open(newline="") as file:
        pages = {row["source_url"] for row in csv.DictReader(file)}
    domains = {page.split("/")[2] for page in pages}
    return Run(target, domains, pages, most, len(little.asked) - asked, little.bytes - read)


def tell(of: ReferrerWeb, runs: list[Run], share: float) -> None:
    found = sum(len(one.domains & of.referring.get(one.target, set())) for one in runs)
    of_archive = sum(len(one.domains & of.held(one.target)) for one in runs)
    held = sum(len(of.held(one.target)) for one in runs)
    referring = sum(len(of.referring.get(one.target, ())) for one in runs)
    false = sum(len(one.pages - of.linking.get(one.target, set())) for one in runs)
    mean = fmean(len(one.domains & of.referring[one.target]) / len(of.referring[one.target]) for one in runs)
    pages = sum(len(one.pages) for one in runs)
    linking = sum(len(of.linking.get(one.target, ())) for one in runs)
    print(
        f"{share:.0%} of the pages ({runs[0].visits} visits a target): referring domains {found}/{referring} = {found / referring:.0%} "
        f"({mean:.0%} as the mean of the targets), "
        f"of those that the archive holds {of_archive}/{held} = {of_archive / held:.0%}; pages {pages}/{linking} = {pages / linking:.0%}; "
        f"{false} false rows; archive {sum(one.requests for one in runs) / len(runs):.0f} requests and "
        f"{sum(one.bytes for one in runs) / len(runs) / 1e6:.2f} MB a target",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=30)
    parser.add_argument("--hosts", type=int, default=300)
    options = parser.parse_args()
    of = generate(hosts=options.hosts, targets=options.targets)
    print(
        f"{options.hosts} hosts, {len(of.pages):,} pages, {len(of.captures):,} captures, {options.targets} targets",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as temporary, FakeWeb() as web:
        folder = Path(temporary)
        for url, body in of.pages.items():
            web.page(url, body)
        write_graph(folder / "served" / "graph", of.graph)
        with served(folder / "served", write_crawl(folder / "served", of.captures)) as little:
            for share in SHARES:
                most = round(len(of.pages) * share)
                tell(
                    of,
                    [run(web, little, target, most, folder) for target in of.targets if of.referring.get(target)],
                    share,
                )


if __name__ == "__main__":
    main()
