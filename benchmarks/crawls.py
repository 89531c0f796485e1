"""What a crawl costs: CPU time per page of `verify` and of `discover`, beside the crawlers that others would use.

    python -m benchmarks.crawls [verify] [discover] [--quick]

The pages are served by nginx on loopback. Every contender obeys robots.txt, has 16 requests under way, and waits
between none. Each round runs all of them, each over a long list and over a short one; what one takes is the processor
time of its process and its children, and what pages cost is the difference, so that start-up counts for nobody. What
nginx served is counted, whatever a contender says of itself.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from backlinkbot import settings
from benchmarks.contenders import CONCURRENCY, TARGET
from benchmarks.extraction import absent_names
from benchmarks.measuring import CommandError, Goal, MissingError, Row, cpu_seconds, goals, machine, table, two_sides
from benchmarks.sites import Nginx, Served

SMALL = "http://www.uvicorn.org/"
PROJECT = Path(__file__).resolve().parents[1]
TARGET_COUNTS = (1, 10, 1_000, 100_000)
OURS = (
    *("--delay", "0", "--concurrency", str(CONCURRENCY), "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={CONCURRENCY}"),
    *("-o", "rows.csv", "-s", "BACKLINKBOT_CACHE_DIR=cache"),
    *("--render", "never"),
)
FORGETFUL = ("--history", "")
PASS = (
    "-s",
    f"ITEM_PIPELINES={json.dumps({**dict.fromkeys(settings.ITEM_PIPELINES), 'benchmarks.contenders.Pass': 100})}",
)


@dataclass(slots=True)
class Contender:
    """One way to crawl."""

    name: str
    command: tuple[str, ...]
    """The word {list} is filled in, and {history} with a database that is not there yet."""
    share: float = 1.0
    """In how large a part of the rounds it runs: who takes minutes runs in fewer."""
    short: list[float] = field(default_factory=list)
    long: list[float] = field(default_factory=list)
    served: Served | None = None

    @property
    def pages(self) -> int:
        return self.served.pages if self.served is not None else 0

    def runs_in(self, number: int) -> bool:
        return int((number + 1) * self.share) > int(number * self.share) or number == 0


class Bench:
    """A folder, a server and the commands that are measured against it."""

    def __init__(self, nginx: Nginx, folder: Path, cpus: set[int]) -> None:
        self.nginx, self.folder, self.cpus = nginx, folder, cpus
        bin_folder = Path(sys.executable).parent
        # Nothing else: Python looks through all of it for each request that may need a proxy.
        self._environment = {
            "PATH": f"{bin_folder}{os.pathsep}{os.environ.get('PATH', '')}",
            "HOME": os.environ.get("HOME", str(folder)),
            "PYTHONPATH": str(PROJECT),
        }

    def run(self, contender: Contender, urls: Path, environment: dict[str, str] | None = None) -> float:
        """Processor seconds of one run."""
        for file in ("rows.csv", "checks.csv", "rows.jl", "backlinks.db", "backlinks.db-wal", "backlinks.db-shm"):
            (self.folder / file).unlink(missing_ok=True)
        filled = {"{list}": str(urls), "@{list}": f"@{urls}", "{history}": "backlinks.db"}
        words = [filled.get(word, word) for word in contender.command]
        seconds = cpu_seconds(words, self.folder, self._environment | (environment or {}), self.cpus)
        contender.served = self.nginx.served()
        return seconds

    def write(self, name: str, lines: list[str]) -> Path:
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def _module(name: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"benchmarks.{name}", *words)


def _backlinkbot(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "backlinkbot", *words)


# --- verify -------------------------------------------------------------------------------------------------------


def verify_contenders(bench: Bench) -> dict[str, Contender]:
    remembering = ("--candidates", "{list}", "--allow-private", "--checks", "checks.csv", *OURS)
    ours = (*remembering, *FORGETFUL)  # the others remember nothing either
    found = {}
    for count in TARGET_COUNTS:
        names = bench.write(f"targets-{count}.txt", [TARGET, *absent_names(count - 1)])
        label = f"ours, {count:,} target{'s' if count > 1 else ''}"
        found[f"ours-{count}"] = Contender(label, _backlinkbot("verify", f"@{names}", *ours))
    config = bench.write("linkchecker.ini", ["[checking]", "maxrequestspersecond=100000", f"threads={CONCURRENCY}"])
    return found | {
        "remembered": Contender(
            "ours, 1 target, every visit recorded",
            _backlinkbot("verify", TARGET, *remembering, "--history", "{history}"),
        ),
        "parsed": Contender("ours, every page parsed", _backlinkbot("verify", TARGET, "192.0.2.1", *ours)),
        "pass": Contender("ours, pipelines that do nothing", _backlinkbot("verify", TARGET, *ours, *PASS)),
        "bare": Contender(
            "our settings, a spider that does nothing", _module("contenders", "ours-nothing", "{list}", "")
        ),
        "stock": Contender("stock Scrapy, nothing done", _module("contenders", "stock-nothing", "{list}", "")),
        "info": Contender("the same, LOG_LEVEL=INFO", _module("contenders", "stock-nothing-info", "{list}", "")),
        "links": Contender(
            "stock Scrapy, LinkExtractor", _module("contenders", "stock-links", "{list}", "rows.jl"), 0.6
        ),
        "linkchecker": Contender(
            "linkchecker, URLs only", _module("contenders", "linkchecker", "{list}", str(config)), 0.4
        ),
        "advertools": Contender(
            "advertools", _module("contenders", "advertools-list", "{list}", "rows.jl", "127.0.0.1"), 0.1
        ),
    }


def verify(bench: Bench, rounds: int, short: int, only: list[str]) -> list[Goal]:
    nginx = bench.nginx
    lists = bench.write("short.txt", nginx.urls[:short]), bench.write("long.txt", nginx.urls)
    contenders = verify_contenders(bench)
    if only:
        contenders = {name: contender for name, contender in contenders.items() if name in only}
    for name in ("ours-100000", "bare"):  # what is compiled once and kept is there before the clock runs
        if name in contenders:
            bench.run(contenders[name], lists[0])
    for number in range(rounds):
        for contender in contenders.values():
            if contender.runs_in(number):
                contender.short.append(bench.run(contender, lists[0]))
                contender.long.append(bench.run(contender, lists[1]))
                if contender.served is None or contender.served.pages != len(nginx.urls):
                    raise CommandError(f"{contender.name} did not fetch every page: {contender.served}")
                print(f"  {contender.name}: {contender.short[-1]:.2f} s, {contender.long[-1]:.2f} s", file=sys.stderr)
    rows = {
        name: Row(c.name, [(s - statistics.median(c.short)) / (len(nginx.urls) - short) * 1e3 for s in c.long])
        for name, c in contenders.items()
    }
    print(f"\n### verify, {len(nginx.urls):,} pages ({len(nginx.urls) - short:,} counted)\n")
    print(table("CPU ms per page", rows.values(), rows.get("stock", next(iter(rows.values())))))
    if only:
        return []
    one, many = rows["ours-1"].median, rows["ours-100000"].median
    return [
        Goal("verify, 100,000 targets to 1", many / one, 1.1, is_least=False),
        Goal("verify to a do-nothing spider with stock settings", one / rows["stock"].median, 0.5, is_least=False),
        Goal("LinkExtractor spider to verify", rows["links"].median / one, 10, is_least=True),
        Goal("advertools to verify", rows["advertools"].median / one, 25, is_least=True),
        Goal("verify to our own do-nothing crawl", one / rows["pass"].median, 1.3, is_least=False),
    ]


# --- discover -----------------------------------------------------------------------------------------------------


def discover_contenders(bench: Bench, most: int) -> dict[str, Contender]:
    ours = ("--seed", "@{list}", "--follow", "same-host", "--source", "none", *OURS, *FORGETFUL)
    return {
        "ours": Contender("ours", _backlinkbot("discover", TARGET, *ours)),
        "following": Contender(
            "CrawlSpider, LinkExtractor", _module("contenders", "stock-following", "{list}", ""), 0.7
        ),
        "advertools": Contender(
            f"advertools, its first {most:,} pages",
            _module("contenders", f"advertools-following-{most}", "{list}", "rows.jl", *bench.nginx.hosts),
            0.1,
        ),
    }


def discover(bench: Bench, rounds: int, most: int) -> list[Goal]:
    seeds = bench.write("seeds.txt", bench.nginx.seeds)
    small = bench.write("seed.txt", [SMALL])
    contenders = discover_contenders(bench, most)
    proxy = {"http_proxy": bench.nginx.proxy, "https_proxy": bench.nginx.proxy}
    rows = {name: Row(contender.name) for name, contender in contenders.items()}
    for number in range(rounds):
        for name, contender in contenders.items():
            if contender.runs_in(number):
                contender.short.append(bench.run(contender, small, proxy))
                fewer = contender.pages
                contender.long.append(bench.run(contender, seeds, proxy))
                spent = contender.long[-1] - statistics.median(contender.short)
                rows[name].values.append(spent / (contender.pages - fewer) * 1e3)
                print(f"  {contender.name}: {contender.short[-1]:.2f} s, {contender.long[-1]:.2f} s", file=sys.stderr)
    print(f"\n### discover, every internal link of {len(bench.nginx.seeds)} hosts\n")
    print(table("CPU ms per page", rows.values(), rows["following"]))
    print("\n| page sets | HTML pages | requests | by status |\n|---|---:|---:|---|")
    for contender in contenders.values():
        served = contender.served
        assert served is not None
        statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(served.statuses.items()))
        print(f"| {contender.name} | {served.pages:,} | {served.requests:,} | {statuses} |")
    return [
        Goal(
            "CrawlSpider with LinkExtractor to discover",
            rows["following"].median / rows["ours"].median,
            5,
            is_least=True,
        )
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="verify|discover", help="which (default: both)")
    parser.add_argument("--quick", action="store_true", help="fewer pages and rounds; the figures are rough")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--only", nargs="+", default=[], help="names of verify's contenders")
    options = parser.parse_args()
    what = options.what or ["verify", "discover"]
    client, server = two_sides()
    pages, short, rounds, most = (600, 100, 1, 200) if options.quick else (3_000, 300, 3, 500)
    rounds = options.rounds or rounds
    print(machine())
    found: list[Goal] = []
    with tempfile.TemporaryDirectory(prefix="backlinkbot-bench-") as scratch:
        folder = Path(scratch)
        (folder / "nginx").mkdir()
        (folder / "work").mkdir()
        try:
            nginx = Nginx(folder / "nginx", server)
            nginx.lay_out(pages)
            with nginx:
                bench = Bench(nginx, folder / "work", client)
                if "verify" in what:
                    found += verify(bench, rounds, short, options.only)
                if "discover" in what:
                    found += discover(bench, rounds, most)
        except MissingError as missing:
            print(f"skipped: {missing}", file=sys.stderr)
            return 0
    if found:
        print("\n### goals\n")
        print(goals(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
