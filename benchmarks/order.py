"""Replays the crawl order of ``discover`` in a recorded web: which share of the referring hosts and pages is found by when?

    python -m benchmarks.order --web FILE [--targets 32] [--seeds 1..5] [--evidence 0.1] [--registrable]
    python -m benchmarks.order --cost [--waiting 200000]

Nothing is fetched. A visit of a recorded page shows its links; the order is ``backlinkbot.frontier``'s own, driven with the
events of a crawl. Beside it: breadth first, the published in-host learner SB-CLASSIFIER, *tri* (the order that the product's
began from, without regard to its cost) and an oracle that knows the graph. FILE is described in ``benchmarks.recorded_web``.

Every host's root is a seed. Targets are hosts that at least two hosts link to, as many of each of four classes of popularity;
each number of ``--seeds`` draws others. With ``--evidence 0.1``, 10 % of the referring pages and a third as many wrong ones are
known beforehand. A cell is "% of referring hosts / % of referring pages" when so many of the reachable pages are visited,
as the mean over the seeds, and in the worst seed in parentheses.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from statistics import fmean

from benchmarks import order_cost
from benchmarks.crawl_orders import BREADTH_FIRST, ORACLE, ORDERS, PRODUCT, SB_CLASSIFIER, TRI, Crawl, NamedOrder
from benchmarks.generated_web import generated_web
from benchmarks.recorded_web import RecordedWeb, load

SHARES = (0.05, 0.10, 0.25)
"""Of the reachable pages."""
CLASSES = ((3, 10), (11, 40), (41, 200), (201, 10**9))
"""Referring pages of a target, lowest and highest."""
MOST_COMMON = 0.4
"""A target that more than this share of all pages link to is none."""
WRONG = 0.25
"""The share of the evidence that is wrong."""
GOALS = ((1 / 3, 1 / 4), (1 / 3, 1 / 4), (1 / 2, 1 / 3))
"""At each share: of the gap between breadth first and the oracle, how much the product closes, in hosts and in pages."""
GOALS_WITH_EVIDENCE = (0.75, 0.45)
"""Hosts and pages at the first share."""


@dataclass(frozen=True, slots=True)
class Recall:
    """What was found at one share of the pages."""

    hosts: float
    pages: float


@dataclass(slots=True)
class Replayed:
    """The results of one seed: the means over its targets, and processor seconds a target."""

    recalls: dict[str, list[Recall]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def targets_of(web: RecordedWeb, number: int, random: Random) -> list[str]:
    """Draws targets: a like number from each class of popularity."""
    of_classes = []
    for lowest, highest in CLASSES:
        names = sorted(
            host
            for host, pages in web.referrers.items()
            if lowest <= len(pages) <= highest
            and len({web.host[page] for page in pages}) >= 2
            and len(pages) < MOST_COMMON * len(web.pages)
        )
        random.shuffle(names)
        of_classes.append(names[: number // len(CLASSES)])
    return [name for names in of_classes for name in names]


def replay(web: RecordedWeb, orders: tuple[NamedOrder, ...], targets: int, evidence: float, seed: int) -> Replayed:
    """Replays all orders for the targets of one seed."""
    result = Replayed()
    budget = round(SHARES[-1] * len(web.reachable))
    recalls: dict[str, list[list[Recall]]] = {order.name: [] for order in orders}
    names = targets_of(web, targets, Random(seed))
    for number, name in enumerate(names):
        crawl = _crawl(web, name, evidence, budget, seed * 1000 + number)
        for order in orders:
            before = time.process_time()
            visited = order.function(crawl)
            spent = time.process_time() - before
            result.seconds[order.name] = result.seconds.get(order.name, 0.0) + spent / len(names)
            recalls[order.name].append([_recall(crawl, visited, share) for share in SHARES])
    for name, rows in recalls.items():
        result.recalls[name] = [
            Recall(fmean(row[at].hosts for row in rows), fmean(row[at].pages for row in rows))
            for at in range(len(SHARES))
        ]
    return result


def _crawl(web: RecordedWeb, target: str, evidence: float, budget: int, seed: int) -> Crawl:
    hits = web.referrers[target]
    random = Random(seed)
    known: list[int] = []
    if evidence:
        known = random.sample(sorted(hits), max(1, round(evidence * len(hits))))
        known += random.sample(sorted(web.reachable), round(len(known) * WRONG / (1 - WRONG)))
    start = list(dict.fromkeys([*known, *web.seeds]))
    return Crawl(web, hits, start, budget, seed, frozenset(known))


def _recall(crawl: Crawl, visited: list[int], share: float) -> Recall:
    host = crawl.web.host
    found = [page for page in visited[: round(share * len(crawl.web.reachable))] if page in crawl.hits]
    hosts = {host[page] for page in crawl.hits}
    return Recall(len({host[page] for page in found}) / len(hosts), len(found) / len(crawl.hits))


# --- tables ---


def show(results: list[Replayed], *, has_evidence: bool) -> bool:
    """Prints the table and the goals; True if all are reached."""
    names = list(results[0].recalls)
    print("| order | " + " | ".join(f"{share:.0%} hosts / pages" for share in SHARES) + " | seconds a target |")
    print("|---|" + "---|" * (len(SHARES) + 1))
    for name in names:
        cells = []
        for at in range(len(SHARES)):
            hosts = [100 * one.recalls[name][at].hosts for one in results]
            pages = [100 * one.recalls[name][at].pages for one in results]
            cells.append(f"{fmean(hosts):.1f} ({min(hosts):.1f}) / {fmean(pages):.1f} ({min(pages):.1f})")
        print(f"| {name} | " + " | ".join(cells) + f" | {fmean(one.seconds[name] for one in results):.2f} |")
    print()
    if has_evidence:
        return _show_goal_with_evidence(results)
    if {PRODUCT.name, TRI.name, BREADTH_FIRST.name, ORACLE.name} <= set(names):
        return _show_goals(results)
    return True


def _show_goals(results: list[Replayed]) -> bool:
    reached = True
    for at, share in enumerate(SHARES):
        for what, goal in zip(("hosts", "pages"), GOALS[at], strict=True):
            values = {name: [getattr(row[at], what) for row in rows] for name, rows in _by_order(results).items()}
            low, high, tri = (fmean(values[order.name]) for order in (BREADTH_FIRST, ORACLE, TRI))
            closed = (fmean(values[PRODUCT.name]) - low) / (high - low)
            pairs = list(zip(values[PRODUCT.name], values[TRI.name], strict=True))
            better = sum(ours > theirs for ours, theirs in pairs)
            is_better = min(values[PRODUCT.name]) > min(values[TRI.name]) and fmean(values[PRODUCT.name]) > tri
            is_reached = closed >= goal and is_better
            reached &= is_reached
            print(
                f"{what} at {share:.0%}: {closed:.2f} of the gap closed (goal {goal:.2f}; tri {(tri - low) / (high - low):.2f}), "
                f"better than tri in {better} of {len(pairs)} seeds, worst seeds {min(values[PRODUCT.name]):.1%} against "
                f"{min(values[TRI.name]):.1%}: {'reached' if is_reached else 'NOT reached'}"
            )
    return reached


def _show_goal_with_evidence(results: list[Replayed]) -> bool:
    rows = _by_order(results)[PRODUCT.name]
    hosts, pages = fmean(row[0].hosts for row in rows), fmean(row[0].pages for row in rows)
    is_reached = hosts >= GOALS_WITH_EVIDENCE[0] and pages >= GOALS_WITH_EVIDENCE[1]
    print(
        f"with evidence, at {SHARES[0]:.0%}: {hosts:.1%} / {pages:.1%} (goal {GOALS_WITH_EVIDENCE[0]:.0%} / "
        f"{GOALS_WITH_EVIDENCE[1]:.0%}): {'reached' if is_reached else 'NOT reached'}"
    )
    return is_reached


def _by_order(results: list[Replayed]) -> dict[str, list[list[Recall]]]:
    return {name: [one.recalls[name] for one in results] for name in results[0].recalls}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.order", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--web", default="generated:1", help="a recorded web; generated:1 is one made up by that number"
    )
    parser.add_argument("--targets", type=int, default=32)
    parser.add_argument("--seeds", type=_numbers, default=range(1, 6), help="of the targets: 3, or 1..5")
    parser.add_argument("--evidence", type=float, default=0.0, help="share of the referring pages known beforehand")
    parser.add_argument("--registrable", action="store_true", help="registrable domains take turns, not hosts")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cost", action="store_true", help="measure what the order costs a page instead")
    parser.add_argument("--waiting", type=int, default=200_000, help="with --cost, the pages that wait")
    options = parser.parse_args(arguments)
    if options.cost:
        return 0 if order_cost.show(options.waiting, visits=4_000) else 1
    web = _web(options.web, by_registrable_domain=options.registrable)
    if web is None:
        print(f"skipped: {options.web} is not on this machine")
        return 0
    orders = ORDERS if web.has_tag_paths else tuple(order for order in ORDERS if order is not SB_CLASSIFIER)
    hosts = len(set(web.host))
    print(f"{len(web.pages)} pages of {hosts} hosts, {len(web.reachable)} reachable from {len(web.seeds)} seeds")
    if not web.has_tag_paths:
        print(f"{SB_CLASSIFIER.name} is left out: the graph does not say where on its page a link is")
    run = partial(replay, web, orders, options.targets, options.evidence)
    with ProcessPoolExecutor(options.processes) as pool:
        results = list(pool.map(run, options.seeds))
    return 0 if show(results, has_evidence=options.evidence > 0) else 1


def _web(name: str, *, by_registrable_domain: bool) -> RecordedWeb | None:
    kind, _, number = name.partition(":")
    if kind == "generated":
        return generated_web(int(number or 1), by_registrable_domain=by_registrable_domain)
    return load(Path(name), by_registrable_domain=by_registrable_domain) if Path(name).exists() else None


def _numbers(text: str) -> range:
    first, _, last = text.partition("..")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
