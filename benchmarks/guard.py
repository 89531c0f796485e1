"""Five ratios of what a page costs, each with a bound, in about a minute: has a change made pages dearer?

    python -m benchmarks.guard [--every N] [--rounds N]

In one process, on every 24th real page: what ``benchmarks.extraction`` measures on more of them, and what one more link to a
target costs on a made page. The bounds leave a fifth to what was measured last, for machines differ and are busy; a ratio
behind its bound is printed as such and the program ends with 1.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from functools import partial
from typing import TYPE_CHECKING

from backlinkbot.prefilter import HAS_HYPERSCAN, Prefilter
from backlinkbot.targets import Targets
from benchmarks.extraction import (
    TURN,
    Page,
    absent_names,
    every_link,
    filtered,
    followed,
    link_extractor,
    linked_hosts,
    looked_for,
    timed,
)
from benchmarks.measuring import Goal, MissingError, goals, machine, shared
from tests.conformance.shared_data import saved_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BOUNDS = {
    "LinkExtractor to no target here, 1 target": 90.0,
    "LinkExtractor to a page with targets, all columns": 0.8,
    "LinkExtractor to every URL, to follow": 6.5,
    "LinkExtractor to every link": 1.9,
    "its cost of one more link to ours of one more row": 0.4,
}
"""The least that each may be."""
FEW, MANY = 100, 1_000


def costs(ways: dict[str, Callable[[Page], None]], pages: Sequence[Page], rounds: int) -> dict[str, float]:
    """The seconds that each way takes for all pages: the median of the rounds, in which they take turns."""
    dice, found = random.Random(0), {name: [0.0] * rounds for name in ways}
    for number in range(rounds):
        for first in range(0, len(pages), TURN):
            for name in dice.sample(sorted(ways), len(ways)):
                found[name][number] += timed(ways[name], list(pages[first : first + TURN]))
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def made_page(links: int) -> Page:
    """A page with so many paragraphs, each with a link to another page of the target."""
    paragraph = "<p>Some words before <a href=https://target.example/{}>the {}th link</a>, and some more after it.</p>"
    body = "".join(paragraph.format(number, number) for number in range(links))
    return Page(f"<title>Links</title><main>{body}</main>".encode(), "utf-8", "https://page.example/")


def ratios(pages: Sequence[Page], rounds: int) -> list[Goal]:
    """The ratios beside their bounds."""
    absent, there, made = Targets.parse(absent_names(1)), linked_hosts(list(pages)), Targets.parse(["target.example"])
    seconds = costs(
        {
            "LinkExtractor": link_extractor,
            "absent": partial(filtered, Prefilter.for_targets(absent)),
            "there": partial(looked_for, Prefilter.for_targets(there), there),
            "follow": followed,
            "links": every_link,
        },
        pages,
        rounds,
    )
    more = {}
    for size in (FEW, MANY):
        row = partial(looked_for, Prefilter.for_targets(made), made)
        more[size] = costs({"LinkExtractor": link_extractor, "row": row}, [made_page(size)] * 3, rounds)
    theirs, ours = (more[MANY][name] - more[FEW][name] for name in ("LinkExtractor", "row"))
    measured = (
        *(seconds["LinkExtractor"] / seconds[name] for name in ("absent", "there", "follow", "links")),
        theirs / ours,
    )
    return [Goal(what, ratio, BOUNDS[what], is_least=True) for what, ratio in zip(BOUNDS, measured, strict=True)]


def main(words: Sequence[str] | None = None) -> int:
    """The command; the words of the command line are read unless others are given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=24, help="use every Nth page (default: 24)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(words)
    if not HAS_HYPERSCAN:
        print("skipped: Hyperscan is missing (pip install backlinkbot[speed])", file=sys.stderr)
        return 0
    try:
        saved = [page for corpus in ("pages", "little-web") for page in shared(saved_pages, corpus)][:: options.every]
    except MissingError as missing:
        print(f"skipped: {missing}", file=sys.stderr)
        return 0
    found = ratios([Page(page.file.read_bytes(), page.charset, page.url) for page in saved], options.rounds)
    print(machine(), goals(found), sep="\n\n")
    return 0 if all(goal.is_reached for goal in found) else 1


if __name__ == "__main__":
    sys.exit(main())
