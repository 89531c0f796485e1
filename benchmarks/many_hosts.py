"""Does a crawl of many hosts cost more per page than one of few? CPU time of 5,000 hosts with a page each against 10 with 500.

    python -m benchmarks.many_hosts [--pages N] [--hosts N] [--pairs N]

Both webs are served by the tests' fake web, from a process of its own, to one `backlinkbot discover` at a time, which has
every page as a seed, no delay and 16 requests under way. A pair is one crawl of each, one after the other, in turns
first; what counts is the median over the pairs of the ratio of their CPU time per page, the start-up of the command
(a crawl of one page) taken off.

The goal is about each page. With robots.txt obeyed, the many hosts cost twice the requests, one file for every page; what
each answer costs, page or robots.txt, is printed beside it and tells that share from what a long list of hosts costs.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
GOAL = 1.3
CONCURRENCY = 16
FILLER = "<p>Some words that a page has, and a <a href='https://elsewhere.example/'>link that leads away</a>.\n" * 40
PAGE = f"<!doctype html><title>Page</title>{FILLER}<a href='https://target.example/'>the one that we look for</a>"


class Measured(NamedTuple):
    seconds: float
    """User and system time of the crawling process."""
    answers: int
    """Pages and robots.txt files."""


def spread(pages: int, hosts: int) -> list[str]:
    return [f"http://h{n % hosts}-of-{hosts}.example/{n // hosts}" for n in range(pages)]


def crawl(urls: list[str], folder: Path, *, with_robots: bool) -> Measured:
    from tests.fakeweb import read_log

    log, seeds, rows = folder / "log.jsonl", folder / "seeds.txt", folder / "rows.csv"
    log.unlink(missing_ok=True)
    seeds.write_text("\n".join(urls))
    words = [
        *(
            sys.executable,
            "-m",
            "backlinkbot",
            "discover",
            "target.example",
            "--seed",
            f"@{seeds}",
            "-o",
            str(rows),
        ),
        *("--delay", "0", "--concurrency", str(CONCURRENCY), "-s", f"CONCURRENT_REQUESTS_PER_DOMAIN={CONCURRENCY}"),
        *("-s", f"ROBOTSTXT_OBEY={with_robots}"),
    ]
    server = [sys.executable, "-m", "benchmarks.many_hosts", "--serve", str(seeds), str(log)]
    with subprocess.Popen(server, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as web:
        assert web.stdout is not None
        proxy = web.stdout.readline().strip()
        # Without a history: it would lie in the checkout, and know at the second crawl what the first one found.
        changed = {"http_proxy": proxy, "https_proxy": proxy, "BACKLINKBOT_HISTORY_URL": ""}
        child = subprocess.Popen(words, cwd=ROOT, env=os.environ | changed)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        web.communicate("")
    if child.returncode or len(rows.read_text().splitlines()) != len(urls) + 1:
        raise SystemExit(f"the crawl ended with {child.returncode} and not with a row for each page")
    return Measured(used.ru_utime + used.ru_stime, sum(hit.status > 0 for hit in read_log(log)))


def serve(seeds: Path, log: Path) -> None:
    """Until standard input ends."""
    from tests.fakeweb import FakeWeb

    web = FakeWeb(log=log)
    for url in seeds.read_text().split():
        web.page(url, PAGE)
    with web:
        print(web.proxy, flush=True)
        sys.stdin.read()


def compare(pages: int, hosts: int, pairs: int, *, with_robots: bool) -> float:
    """Print the ratios; return the one for a page."""
    few = 10
    per_page, per_answer, costs = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(pairs):
            start_up = crawl(spread(1, 1), folder, with_robots=with_robots)
            order = (hosts, few) if number % 2 else (few, hosts)
            runs = {each: crawl(spread(pages, each), folder, with_robots=with_robots) for each in order}
            net = {each: run.seconds - start_up.seconds for each, run in runs.items()}
            costs.append((net[few] / pages * 1000, net[hosts] / pages * 1000))
            per_page.append(net[hosts] / net[few])
            per_answer.append(per_page[-1] * runs[few].answers / runs[hosts].answers)
    print(f"robots.txt {'obeyed' if with_robots else 'not asked for'}, {pages} pages, {pairs} pairs:")
    print(f"  {few:>5} hosts   {statistics.median(cost for cost, _ in costs):.2f} ms a page")
    print(f"  {hosts:>5} hosts   {statistics.median(cost for _, cost in costs):.2f} ms a page")
    for what, ratios in (("page", per_page), ("answer", per_answer)):
        spread_of = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"  ratio for a {what:<7} {statistics.median(ratios):.2f}   ({spread_of})")
    ratio = statistics.median(per_page)
    print(f"  goal, at most {GOAL} for a page: {'reached' if ratio <= GOAL else 'NOT reached'}")
    return ratio


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--serve"]:
        serve(Path(arguments[1]), Path(arguments[2]))
        return 0
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_hosts", description=__doc__.split("\n")[0])
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--hosts", type=int, default=5000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args(arguments)
    wanted = options.hosts + 1000  # a socket for each connection, at the worst
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    reached = [
        compare(options.pages, options.hosts, options.pairs, with_robots=with_robots) <= GOAL
        for with_robots in (False, True)
    ]
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
